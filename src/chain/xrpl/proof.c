#include "chain/xrpl/proof.h"

#include "base/mem.h"
#include "chain/proof_nodes.h"
#include "chain/xrpl/codec.h"
#include "chain/xrpl/form.h"
#include "chain/xrpl/ledger.h"
#include "chain/xrpl/source.h"
#include "chain/xrpl/wire.h"

#include <stdio.h>
#include <stdlib.h>

#define PROVER_MEMORY_MAX ((size_t)1 << 30)
#define FORMS_MEMORY ((size_t)2 << 30) /* of one ledger's transactions, as bytes */
#define LEVELS 64u                     /* half bytes of a name */

/* ---- reading ---- */

struct block_prover {
    struct arena *a; /* of the proof last read */
};

static struct block_prover *prover_open(const struct chain *chain)
{
    (void)chain;
    return mem_zero(sizeof(struct block_prover));
}

static struct block_prover *prover_close(struct block_prover *p)
{
    if (!p)
        return NULL;
    arena_free(p->a);
    return mem_free(p);
}

struct level { /* an inner node whose children are gone through */
    const uint8_t *children;
    unsigned next;
};

struct walk {
    struct arena *a;
    struct proof_nodes *nodes;
    const uint32_t *index; /* [n] the places that are asked */
    struct xrpl_tx *txs;   /* [n] at them */
    bool *found;           /* [n] */
    size_t n, found_n;
    struct level levels[LEVELS];
    unsigned depth;
    struct err *err;
};

static bool bad(struct walk *w, const char *what)
{
    return err_fail(w->err, ERR_INPUT, "%s", what);
}

/* Does the way to it go by its name? */
static bool is_at(const struct walk *w, const struct hash32 *id)
{
    for (unsigned i = 0; i < w->depth; i++)
        if (xrpl_nibble(id, i) != w->levels[i].next - 1)
            return false;
    return true;
}

static int by_index(const void *pa, const void *pb)
{
    const uint32_t *a = pa, *b = pb;

    return (*a > *b) - (*a < *b);
}

static bool tx_place(struct walk *w, const struct xrpl_tx *tx)
{
    uint32_t index =
        tx->has_index && tx->index < TX_INDEX_NONE ? (uint32_t)tx->index : TX_INDEX_NONE;
    const uint32_t *at = w->n ? bsearch(&index, w->index, w->n, sizeof(index), by_index) : NULL;
    size_t i = at ? (size_t)(at - w->index) : 0;

    if (!at || w->found[i])
        return bad(w, "a transaction at another place than one of those");
    w->found[i] = true;
    w->found_n++;
    w->txs[i] = *tx;
    return true;
}

static bool leaf_read(struct walk *w, struct bytes node)
{
    struct xrpl_form f = {.checked = true};
    struct bytes tx, meta;
    struct xrpl_tx fact;

    if (!xrpl_leaf_read(node, &tx, &meta, &f.id))
        return bad(w, "a node that is neither a transaction nor leads to some");
    if (!w->depth || !is_at(w, &f.id))
        return bad(w, "a transaction where its name does not lead");
    return xrpl_decode(w->a, tx, &f.tx, w->err) && xrpl_decode(w->a, meta, &f.meta, w->err) &&
           xrpl_tx_of(w->a, &f, &fact, w->err) && tx_place(w, &fact);
}

/* A node, if it is there: what leads to others is not. */
static bool come_to(struct walk *w, const uint8_t hash[32])
{
    bool again;
    const struct bytes *node = proof_nodes_find(w->nodes, hash, &again);
    const uint8_t *children = node ? xrpl_inner_read(*node) : NULL;

    if (!node)
        return true;
    if (again) /* or the way could be as long as one likes */
        return bad(w, "a node that is come to twice");
    if (!children)
        return leaf_read(w, *node);
    if (w->depth == LEVELS)
        return bad(w, "a tree deeper than a name is long");
    w->levels[w->depth++] = (struct level){.children = children};
    return true;
}

static bool tree_walk(struct walk *w, const struct hash32 *root)
{
    if (!come_to(w, root->b))
        return false;
    while (w->depth) {
        struct level *l = &w->levels[w->depth - 1];

        if (l->next == XRPL_CHILDREN)
            w->depth--;
        else if (!come_to(w, l->children + sizeof(root->b) * l->next++))
            return false;
    }
    if (w->found_n != w->n)
        return bad(w, "a node is missing");
    return proof_nodes_used(w->nodes, w->err);
}

static bool header_read(struct bytes in, struct xrpl_header *ret, struct err *err)
{
    return xrpl_header_read(in, ret, err) &&
           ((ret->close <= UINT32_MAX - XRPL_EPOCH && ret->index < HEIGHT_UNKNOWN) ||
            err_fail(err, ERR_INPUT, "a ledger's number or time is too much"));
}

static bool prover_read(struct block_prover *p, const struct block_proof *proof,
                        const uint32_t *index, size_t n, struct transfer_block *ret,
                        struct err *err)
{
    struct walk w = {.index = index, .n = n, .err = err};
    struct xrpl_ledger l = {.txs_n = n};
    struct xrpl_header h;

    p->a = arena_free(p->a);
    w.a = p->a = arena_new(NULL, PROVER_MEMORY_MAX);
    l.txs = w.txs = w.a ? ARENA_ARRAY(w.a, struct xrpl_tx, n + 1) : NULL;
    w.found = w.a ? ARENA_ARRAY(w.a, bool, n + 1) : NULL;
    if (!w.txs || !w.found)
        return err_fail(err, ERR_NOMEM, "a proof");
    memset(w.found, 0, n + 1);
    for (size_t i = 1; i < n; i++)
        if (index[i] <= index[i - 1])
            return bad(&w, "transactions that do not ascend");
    if (proof->outside.n)
        return bad(&w, "nothing moves outside of transactions");
    if (!header_read(proof->header, &h, err) ||
        !proof_nodes_open(w.a, proof->nodes, proof->nodes_n, xrpl_node_hash, &w.nodes, err) ||
        !tree_walk(&w, &h.txs))
        return false;
    l.hash = xrpl_header_hash(&h);
    l.parent = h.parent;
    l.number = h.index;
    l.time = (uint64_t)h.close + XRPL_EPOCH;
    return xrpl_ledger_block(w.a, &l, ret, err);
}

/* ---- making ---- */

struct making {
    struct wanted_block *blocks; /* [n] by hash */
    size_t n;
    struct arena *a;
};

struct told_leaves {
    struct arena *a;
    struct xrpl_leaf *leaves; /* [n] */
    struct proof_kept keep;
    size_t n;
};

static int by_hash(const void *hash, const void *block)
{
    return memcmp(hash, ((const struct wanted_block *)block)->hash.b, sizeof(struct hash32));
}

static struct wanted_tx *tx_find(const struct wanted_block *want, const struct hash32 *id)
{
    for (size_t i = 0; i < want->txs_n; i++)
        if (hash32_equal(&want->txs[i].hash, id))
            return &want->txs[i];
    return NULL;
}

static bool why_not(struct wanted_block *want, const char *why)
{
    want->proof = (struct block_proof){.nodes_n = 0};
    for (size_t i = 0; i < want->txs_n; i++)
        want->txs[i].index = TX_INDEX_NONE;
    snprintf(want->why, sizeof(want->why), "%s", why);
    return true;
}

/* Where it stands, if that is told. */
static uint32_t place_of(const struct json *meta)
{
    const struct json *index = json_get(meta, "TransactionIndex");
    uint64_t v;

    return index && index->type == JSON_NUMBER && u64_from_text(index->text, index->text_n, &v) &&
                   v < TX_INDEX_NONE
               ? (uint32_t)v
               : TX_INDEX_NONE;
}

static bool leaf_add(struct told_leaves *t, const struct xrpl_form *f, struct wanted_tx *tx,
                     struct err *err)
{
    struct xrpl_leaf *leaf = &t->leaves[t->n++];
    struct bytes node;

    *leaf = f->leaf;
    if (tx)
        tx->index = place_of(f->meta);
    leaf->wanted = tx && tx->index != TX_INDEX_NONE;
    if (!leaf->wanted)
        return true;
    node = xrpl_leaf_write(t->a, f->tx_bytes, f->meta_bytes);
    return (node.n && proof_keep(&t->keep, node)) || proof_no_memory(t->keep.a, err);
}

/* False: an error, or one has no bytes, which *ret_whole says. */
static bool leaves_read(struct told_leaves *t, const struct xrpl_told *told,
                        const struct wanted_block *want, bool *ret_whole, struct err *err)
{
    *ret_whole = true;
    for (const struct json *j = told->txs ? told->txs->child : NULL; j; j = j->next) {
        struct xrpl_form f;

        if (!xrpl_form_find(t->a, j, true, &f, err))
            return err_in(err, "transaction %zu", t->n);
        *ret_whole =
            f.has_leaf && f.tx_bytes.n <= XRPL_LENGTH_MAX && f.meta_bytes.n <= XRPL_LENGTH_MAX;
        if (!*ret_whole)
            return true;
        if (!leaf_add(t, &f, tx_find(want, &f.id), err))
            return false;
    }
    return true;
}

static bool told_prove(struct making *m, struct told_leaves *t, const struct xrpl_told *told,
                       struct wanted_block *want, struct err *err)
{
    uint8_t header[XRPL_HEADER_BYTES];
    struct hash32 root;
    bool whole;

    t->leaves = ARENA_ARRAY(t->a, struct xrpl_leaf, (told->txs ? told->txs->children_n : 0) + 1);
    if (!t->leaves)
        return proof_no_memory(t->a, err);
    if (!leaves_read(t, told, want, &whole, err))
        return false;
    if (!whole)
        return why_not(want, "a transaction cannot be written as it was hashed");
    if (!xrpl_tree_prove(t->leaves, t->n, &t->keep, &root, err))
        return false;
    if (!hash32_equal(&root, &told->h.txs))
        return why_not(want, "its transactions have another root than its header names");
    xrpl_header_write(&told->h, header);
    want->proof.header = (struct bytes){arena_copy(m->a, header, sizeof(header)), sizeof(header)};
    want->why[0] = '\0';
    return want->proof.header.p ? proof_kept_put(&t->keep, xrpl_node_hash, &want->proof, err)
                                : proof_no_memory(m->a, err);
}

static bool answer_prove(void *ctx, const struct json *j, struct err *err)
{
    struct making *m = ctx;
    struct told_leaves t = {.keep.a = m->a};
    struct wanted_block *want;
    struct xrpl_told told;
    bool ok;

    if (!xrpl_ledger_is(j))
        return true;
    if (!xrpl_told_header(j, &told, err))
        return false;
    want = m->n ? bsearch(told.hash.b, m->blocks, m->n, sizeof(*want), by_hash) : NULL;
    if (!want || want->proof.header.n)
        return true;
    if (!told.whole)
        return why_not(want, "not all of its header is told");
    if (!xrpl_told_txs(&told, err))
        return false;
    t.a = arena_new(NULL, FORMS_MEMORY);
    ok = t.a ? told_prove(m, &t, &told, want, err) : err_fail(err, ERR_NOMEM, "a proof");
    arena_free(t.a);
    return ok || err_in(err, "ledger %u", told.h.index);
}

static bool make(const struct chain *chain, const char *const *paths, size_t paths_n,
                 struct wanted_block *blocks, size_t n, struct arena *a, struct err *err)
{
    struct making m = {.blocks = blocks, .n = n, .a = a};

    (void)chain;
    return xrpl_answers_each(paths, paths_n, answer_prove, &m, err);
}

const struct block_proofs xrpl_proofs = {
    .form = "answers",
    .by = "headers and trees",
    .unproven = "that validators of the network have signed these ledgers (compare their hashes "
                "with a server that you trust), nor whose signatures their transactions have",
    .make = make,
    .open = prover_open,
    .close = prover_close,
    .read = prover_read,
};
