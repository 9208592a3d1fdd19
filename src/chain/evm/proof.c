#include "chain/evm/proof.h"

#include "base/keccak.h"
#include "base/mem.h"
#include "chain/evm/source.h"

#include <stdio.h>

#define KEY_BYTES_MAX 9 /* of a list: a length and 8 bytes */
#define PROVER_MEMORY_MAX ((size_t)1 << 30)

/* ---- nodes ---- */

struct hash32 evm_node_hash(struct bytes node)
{
    return keccak256(node.p, node.n);
}

static bool node_of(struct proof_nodes *s, const uint8_t hash[32], struct bytes *ret,
                    struct err *err)
{
    const struct bytes *node = proof_nodes_find(s, hash, NULL);

    if (!node)
        return err_fail(err, ERR_INPUT, "a node is missing");
    *ret = *node;
    return true;
}

/* The next node, of which ref is the item that stands for it: its hash, or, if shorter than 32
 * bytes, itself. Empty: there is nothing. */
static bool node_next(struct proof_nodes *s, struct bytes ref, struct bytes *ret, struct err *err)
{
    struct rlp r = rlp_over(ref);
    struct bytes hash;

    if (rlp_next_is_list(&r)) {
        *ret = ref;
        return ref.n < 32 || err_fail(err, ERR_INPUT, "a node of 32 bytes or more within another");
    }
    hash = rlp_string(&r);
    if (!hash.n)
        return err_fail(err, ERR_NOT_FOUND, "nothing is there");
    if (hash.n != 32)
        return err_fail(err, ERR_INPUT, "a node named by other than 32 bytes");
    return node_of(s, hash.p, ret, err);
}

struct path {
    const uint8_t *key;
    size_t nibbles, at;
};

static unsigned nibble(struct bytes b, size_t i)
{
    return b.p[i / 2] >> (i % 2 ? 0 : 4) & 15;
}

/* Yellow Paper, appendix C: hex prefix. Does the key go on as the node says? */
static bool path_follow(struct path *p, struct bytes hp, bool *ret_leaf, struct err *err)
{
    unsigned flags = hp.n ? hp.p[0] >> 4 : 4;
    size_t n;

    if (flags > 3 || (!(flags & 1) && (hp.p[0] & 15)))
        return err_fail(err, ERR_INPUT, "a path that is not in hex prefix");
    *ret_leaf = flags & 2;
    n = 2 * hp.n - (flags & 1 ? 1 : 2);
    if (!n && !*ret_leaf)
        return err_fail(err, ERR_INPUT, "an extension by nothing");
    if (n > p->nibbles - p->at || (*ret_leaf && n != p->nibbles - p->at))
        return err_fail(err, ERR_NOT_FOUND, "nothing is there");
    for (size_t i = 0; i < n; i++)
        if (nibble(hp, 2 * hp.n - n + i) != nibble((struct bytes){p->key, 0}, p->at + i))
            return err_fail(err, ERR_NOT_FOUND, "nothing is there");
    p->at += n;
    return true;
}

/* One node on the way: either the value, or the item that stands for the next. */
static bool node_step(struct path *p, struct bytes node, bool *ret_end, struct bytes *ret,
                      struct err *err)
{
    struct rlp whole = rlp_over(node), f = rlp_list(&whole);
    struct bytes items[17];
    size_t n = 0;
    bool leaf;

    while (rlp_more(&f) && n < 17)
        items[n++] = rlp_item(&f);
    if (!rlp_end(&f) || !rlp_end(&whole) || (n != 2 && n != 17))
        return err_fail(err, ERR_INPUT, "a node that is neither of 2 nor of 17");
    if (n == 17) {
        *ret_end = p->at == p->nibbles;
        *ret = items[*ret_end ? 16 : nibble((struct bytes){p->key, 0}, p->at++)];
    } else {
        struct rlp path = rlp_over(items[0]);

        if (!path_follow(p, rlp_string(&path), &leaf, err))
            return false;
        *ret_end = leaf;
        *ret = items[1];
    }
    if (*ret_end) {
        struct rlp value = rlp_over(*ret);

        *ret = rlp_string(&value);
        if (value.bad)
            return err_fail(err, ERR_INPUT, "a value that is a list");
    }
    return true;
}

bool evm_nodes_find(struct proof_nodes *s, const struct hash32 *root, struct bytes key,
                    struct bytes *ret, struct err *err)
{
    struct path p = {.key = key.p, .nibbles = 2 * key.n};
    struct bytes node, at;
    bool end;

    if (!node_of(s, root->b, &node, err))
        return false;
    for (;;) { /* each step is a nibble at least, but for the last */
        if (!node_step(&p, node, &end, &at, err))
            return false;
        if (end)
            break;
        if (!node_next(s, at, &node, err))
            return false;
    }
    *ret = at;
    return at.n || err_fail(err, ERR_NOT_FOUND, "nothing is there");
}

/* The RLP of an index, which is its key. */
static bool list_find(struct proof_nodes *s, const struct hash32 *root, uint32_t index,
                      struct bytes *ret, struct err *err)
{
    uint8_t key[KEY_BYTES_MAX];
    size_t n = 0;

    if (index > 0 && index < 0x80) {
        key[n++] = (uint8_t)index;
    } else {
        unsigned bytes = !index ? 0 : index < 0x100 ? 1 : index < 0x10000 ? 2 : index >> 24 ? 4 : 3;

        key[n++] = (uint8_t)(0x80 + bytes);
        for (unsigned i = bytes; i--;)
            key[n++] = (uint8_t)(index >> 8 * i);
    }
    if (evm_nodes_find(s, root, (struct bytes){key, n}, ret, err))
        return true;
    if (err->class == ERR_NOT_FOUND)
        err->class = ERR_INPUT; /* of a proof, it is wrong */
    return false;
}

/* ---- reading ---- */

struct block_prover {
    struct evm_block *b;
    const struct chain *chain;
    struct arena *nodes; /* of the proof last read */
};

static struct block_prover *prover_close(struct block_prover *p)
{
    if (!p)
        return NULL;
    evm_block_free(p->b);
    arena_free(p->nodes);
    return mem_free(p);
}

static struct block_prover *prover_open(const struct chain *chain)
{
    struct block_prover *p = mem_zero(sizeof(*p));

    if (!p)
        return NULL;
    p->chain = chain;
    p->b = evm_block_new(chain);
    return p->b ? p : prover_close(p);
}

/* Is all of a fee in the header and the receipt? */
static bool fees_proven(const struct evm_rules *rules)
{
    return rules->header_checked && !rules->l1_vault && rules->base_fee != EVM_FEE_UNTOLD;
}

static bool read_one(struct block_prover *p, struct proof_nodes *s, uint32_t index, struct err *err)
{
    struct evm_block *b = p->b;
    const struct evm_header *h = &b->header;
    struct evm_tx *t = evm_tx_add(b, err);
    struct bytes wire = {NULL, 0}, receipt = {NULL, 0}, other;
    uint64_t before = 0;

    if (!t)
        return false;
    if (!list_find(s, &h->txs_root, index, &wire, err) ||
        !evm_tx_read(p->chain, wire, &b->scratch, t, err))
        return err_in(err, "transaction %u", index);
    if ((index && (!list_find(s, &h->receipts_root, index - 1, &other, err) ||
                   !evm_receipt_cumulative(other, &before, err))) ||
        !list_find(s, &h->receipts_root, index, &receipt, err) ||
        !evm_receipt_read(b, t, receipt, before, err))
        return err_in(err, "receipt %u", index);
    evm_tx_price(t, h);
    return true;
}

/* What facts.c has not found out is not proven. */
static bool all_known(struct block_prover *p, const uint32_t *index, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (p->b->txs[i].status == EVM_UNKNOWN)
            return err_fail(err, ERR_INPUT,
                            "transaction %u: its receipt does not say whether it failed", index[i]);
    return true;
}

/* Withdrawals, where there are some. */
static bool read_outside(struct evm_block *b, struct bytes list, struct err *err)
{
    if (!list.n)
        return true;
    if (!u256_zero(b->header.difficulty)) /* its reward would come with them */
        return err_fail(err, ERR_INPUT, "withdrawals of a block that was worked for");
    return evm_withdrawals_read(b, list, err) &&
           (b->withdrawals_n || err_fail(err, ERR_INPUT, "withdrawals: none"));
}

static bool prover_read(struct block_prover *p, const struct block_proof *proof,
                        const uint32_t *index, size_t n, struct transfer_block *ret,
                        struct err *err)
{
    struct evm_block *b = p->b;
    struct proof_nodes *s;

    p->nodes = arena_free(p->nodes);
    p->nodes = arena_new(NULL, PROVER_MEMORY_MAX);
    if (!p->nodes)
        return err_fail(err, ERR_NOMEM, "a proof");
    if (!evm_block_clear(b, err) || !evm_header_read(proof->header, &b->header, err) ||
        !proof_nodes_open(p->nodes, proof->nodes, proof->nodes_n, evm_node_hash, &s, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (i && index[i] <= index[i - 1])
            return err_fail(err, ERR_INPUT, "transactions that do not ascend");
        if (!read_one(p, s, index[i], err))
            return false;
    }
    if (!proof_nodes_used(s, err) || !read_outside(b, proof->outside, err) ||
        !evm_block_finish(b, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!fees_proven(b->rules) && b->txs[i].status != EVM_UNKNOWN)
            b->txs[i].received = false;
    if (!evm_block_facts(b, ret, err) || !all_known(p, index, n, err))
        return false;
    if (!proof->outside.n)
        ret->txs_n = n; /* and no rewards */
    return ret->txs_n == n + (proof->outside.n > 0) ||
           err_fail(err, ERR_INPUT, "withdrawals of nothing");
}

/* ---- a block's lists ---- */

struct evm_lists *evm_lists_clear(struct evm_lists *l)
{
    l->txs_n = l->receipts_n = 0;
    l->withdrawals = (struct bytes){NULL, 0};
    rlp_out_clear(&l->txs);
    rlp_out_clear(&l->receipts);
    return l;
}

void evm_lists_free(struct evm_lists *l)
{
    rlp_out_free(&l->txs);
    rlp_out_free(&l->receipts);
    mem_free(l->tx_ends);
    mem_free(l->receipt_ends);
    *l = (struct evm_lists){{0}};
}

static bool end_add(const struct rlp_out *o, size_t **ends, size_t *n, size_t *max, struct err *err)
{
    if (*n == *max) {
        size_t more = *max * 2 + 64, *p = mem_grow(*ends, more * sizeof(*p));

        if (!p)
            return err_fail(err, ERR_NOMEM, "a block");
        *ends = p;
        *max = more;
    }
    (*ends)[(*n)++] = o->n;
    return !o->bad || err_fail(err, ERR_NOMEM, "a block");
}

bool evm_lists_tx_end(struct evm_lists *l, struct err *err)
{
    return end_add(&l->txs, &l->tx_ends, &l->txs_n, &l->txs_max, err);
}

bool evm_lists_receipt_end(struct evm_lists *l, struct err *err)
{
    return end_add(&l->receipts, &l->receipt_ends, &l->receipts_n, &l->receipts_max, err);
}

static struct bytes typed_item(struct rlp *list)
{
    return rlp_next_is_list(list) ? rlp_item(list) : rlp_string(list);
}

bool evm_lists_read(struct evm_lists *l, struct bytes header, struct bytes body,
                    struct bytes receipts, struct err *err)
{
    struct rlp whole = rlp_over(body), f = rlp_list(&whole), txs = rlp_list(&f), list;

    evm_lists_clear(l)->header = header;
    while (rlp_more(&txs)) {
        struct bytes wire = typed_item(&txs);

        rlp_put_raw(&l->txs, wire.p, wire.n);
        if (!evm_lists_tx_end(l, err))
            return false;
    }
    rlp_item(&f); /* uncles */
    if (rlp_more(&f))
        l->withdrawals = rlp_item(&f);
    whole = rlp_over(receipts);
    list = rlp_list(&whole);
    while (rlp_more(&list)) {
        if (!evm_receipt_put(&l->receipts, typed_item(&list), err))
            return err_in(err, "receipt %zu", l->receipts_n);
        if (!evm_lists_receipt_end(l, err))
            return false;
    }
    return (!txs.bad && !f.bad && !list.bad) ||
           err_fail(err, ERR_INPUT, "transactions or receipts are no list of them");
}

/* ---- making ---- */

struct making {
    const struct chain *chain;
    const struct evm_lists *l;
    struct wanted_block *want;
    struct arena *a;
    struct evm_header header;
    bool *txs, *receipts; /* [txs_n], [txs_n + 1] which are wanted */
    struct rlp_out scratch;
};

static bool differs(struct wanted_block *want, const char *what)
{
    want->proof = (struct block_proof){.nodes_n = 0};
    for (size_t i = 0; i < want->txs_n; i++)
        want->txs[i].index = TX_INDEX_NONE;
    snprintf(want->why, sizeof(want->why), "%s", what);
    return true;
}

static bool nodes_make(struct making *m, struct err *err)
{
    const struct evm_lists *l = m->l;
    struct proof_kept keep = {.a = m->a};
    struct hash32 root;

    root =
        evm_list_prove(l->txs.p, l->tx_ends, l->txs_n, m->txs, rlp_out_clear(&m->scratch), &keep);
    if (m->scratch.bad)
        return proof_no_memory(m->a, err);
    if (!hash32_equal(&root, &m->header.txs_root))
        return differs(m->want, "its transactions have another root than its header names");
    root = evm_list_prove(l->receipts.p, l->receipt_ends, l->receipts_n, m->receipts,
                          rlp_out_clear(&m->scratch), &keep);
    if (m->scratch.bad)
        return proof_no_memory(m->a, err);
    if (!hash32_equal(&root, &m->header.receipts_root))
        return differs(m->want, "its receipts have another root than its header names");
    return proof_kept_put(&keep, evm_node_hash, &m->want->proof, err);
}

/* Where each wanted one stands; of the receipt before it the gas is needed, too. */
static void places_find(struct making *m)
{
    const struct evm_lists *l = m->l;

    for (size_t k = 0; k < m->want->txs_n; k++)
        m->want->txs[k].index = TX_INDEX_NONE;
    for (size_t i = 0; i < l->txs_n; i++) {
        size_t start = i ? l->tx_ends[i - 1] : 0;
        struct hash32 hash = keccak256(l->txs.p + start, l->tx_ends[i] - start);

        for (size_t k = 0; k < m->want->txs_n; k++)
            if (hash32_equal(&m->want->txs[k].hash, &hash))
                m->want->txs[k].index = (uint32_t)i;
    }
}

static void places_mark(struct making *m)
{
    memset(m->txs, 0, m->l->txs_n + 1);
    memset(m->receipts, 0, m->l->txs_n + 1);
    for (size_t k = 0; k < m->want->txs_n; k++) {
        uint32_t i = m->want->txs[k].index;

        if (i == TX_INDEX_NONE)
            continue;
        m->txs[i] = m->receipts[i] = true;
        if (i)
            m->receipts[i - 1] = true;
    }
}

/* One that its own bytes do not prove is left out: what its type is, or whether it failed, may not
 * be known. */
static bool one_proves(struct making *m, size_t k, struct block_prover *p, bool *ret,
                       struct err *err)
{
    struct wanted_tx *tx = &m->want->txs[k], *all = m->want->txs;
    const size_t n = m->want->txs_n;
    struct transfer_block block;
    uint32_t index = tx->index;

    m->want->txs = tx;
    m->want->txs_n = 1;
    places_mark(m);
    *ret = nodes_make(m, err);
    m->want->txs = all;
    m->want->txs_n = n;
    if (!*ret)
        return false;
    *ret = p->b && evm_proofs.read(p, &m->want->proof, &index, 1, &block, err);
    return *ret || err->class == ERR_INPUT;
}

static bool unproven_drop(struct making *m, struct block_prover *p, struct err *err)
{
    for (size_t k = 0; k < m->want->txs_n; k++) {
        bool proves;

        if (m->want->txs[k].index == TX_INDEX_NONE)
            continue;
        if (!one_proves(m, k, p, &proves, err))
            return false;
        if (!proves)
            m->want->txs[k].index = TX_INDEX_NONE;
    }
    places_mark(m);
    return nodes_make(m, err);
}

static bool outside_wanted(const struct wanted_block *want)
{
    for (size_t k = 0; k < want->txs_n; k++)
        if (hash32_equal(&want->txs[k].hash, &want->hash))
            return true;
    return false;
}

/* All of a block's withdrawals; others than those of its root are not proven. */
static bool outside_prove(struct making *m, struct block_prover *p, struct err *err)
{
    struct block_proof alone = {.header = m->want->proof.header, .outside = m->l->withdrawals};
    struct transfer_block block;

    if (!alone.outside.n || !outside_wanted(m->want))
        return true;
    if (!evm_proofs.read(p, &alone, NULL, 0, &block, err))
        return err->class == ERR_INPUT;
    m->want->proof.outside = (struct bytes){
        arena_copy(m->a, m->l->withdrawals.p, m->l->withdrawals.n), m->l->withdrawals.n};
    return m->want->proof.outside.p || proof_no_memory(m->a, err);
}

static bool lists_prove(struct making *m, struct block_prover *p, struct err *err)
{
    uint32_t *index = ARENA_ARRAY(m->a, uint32_t, m->want->txs_n + 1);
    struct transfer_block block;
    size_t n = 0;

    m->txs = ARENA_ARRAY(m->a, bool, m->l->txs_n + 1);
    m->receipts = ARENA_ARRAY(m->a, bool, m->l->txs_n + 1);
    m->want->proof.header.p = arena_copy(m->a, m->l->header.p, m->l->header.n);
    m->want->proof.header.n = m->l->header.n;
    if (!index || !m->txs || !m->receipts || !m->want->proof.header.p)
        return proof_no_memory(m->a, err);
    if (!outside_prove(m, p, err))
        return false;
    places_find(m);
    places_mark(m);
    if (!nodes_make(m, err))
        return false;
    for (size_t k = 0; k < m->want->txs_n; k++)
        if (m->want->txs[k].index != TX_INDEX_NONE)
            index[n++] = m->want->txs[k].index;
    if (m->want->why[0] || evm_proofs.read(p, &m->want->proof, index, n, &block, err))
        return true;
    return err->class == ERR_INPUT && unproven_drop(m, p, err);
}

bool evm_lists_prove(const struct chain *chain, const struct evm_lists *l,
                     struct wanted_block *want, struct arena *a, struct err *err)
{
    struct making m = {.chain = chain, .l = l, .want = want, .a = a};
    struct block_prover *p;
    bool ok;

    want->why[0] = '\0';
    if (!evm_header_read(l->header, &m.header, err))
        return false;
    if (!hash32_equal(&m.header.hash, &want->hash))
        return differs(want, "its header cannot be written from what is told of it");
    if (l->txs_n != l->receipts_n)
        return differs(want, "its receipts are not told");
    p = prover_open(chain);
    ok = p ? lists_prove(&m, p, err) : err_fail(err, ERR_NOMEM, "a proof");
    prover_close(p);
    rlp_out_free(&m.scratch);
    return ok;
}

const struct block_proofs evm_proofs = {
    .form = "blocks",
    .by = "headers, roots and signatures",
    .untold = "i",
    .untold_one = "internal transfer",
    .untold_by = "a trace",
    .untold_all = "internal transfers, which only a node's trace tells, and rewards of blocks that "
                  "were worked for: how many there are stands under acquisition, by_roots",
    .make = evm_blocks_prove,
    .open = prover_open,
    .close = prover_close,
    .read = prover_read,
};
