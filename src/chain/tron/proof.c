#include "chain/tron/proof.h"

#include "base/mem.h"
#include "chain/evm/block.h"
#include "chain/proof_nodes.h"
#include "chain/tron/source.h"

#include <stdlib.h>
#include <string.h>

#define PROVER_MEMORY_MAX ((size_t)1 << 30)
#define HEADER_PART_MAX ((1u << 14) - 1) /* whose length is two bytes */
#define HASHES_BYTES 64u                 /* of two hashes, as the tree joins them */

/* ---- the header ---- */

/* BlockHeader: raw_data 1, witness_signature 2. */
static bool header_split(struct bytes header, struct bytes *ret_raw, struct bytes *ret_signature,
                         struct err *err)
{
    struct cursor c = cursor_over(header.p, header.n);
    struct bytes *const parts[] = {ret_raw, ret_signature};
    struct tron_field f;
    uint64_t n = 0;

    *ret_raw = *ret_signature = (struct bytes){NULL, 0};
    while (tron_field_next(&c, &f)) {
        if (n == 2 || f.number != n + 1 || !f.bytes.n || f.bytes.n > HEADER_PART_MAX)
            return tron_bad("block_header", "raw_data and a signature are wanted", err);
        *parts[n++] = f.bytes;
    }
    return (!c.bad && n) || tron_bad("block_header", "damaged", err);
}

static uint8_t *part_put(uint8_t *to, unsigned field, struct bytes b)
{
    *to++ = (uint8_t)(field << 3 | 2);
    if (b.n > 0x7f)
        *to++ = (uint8_t)(b.n | 0x80);
    *to++ = (uint8_t)(b.n > 0x7f ? b.n >> 7 : b.n);
    if (b.n)
        memcpy(to, b.p, b.n);
    return to + b.n;
}

/* n 0: no memory. */
static struct bytes header_join(struct arena *a, struct bytes raw, struct bytes signature)
{
    uint8_t *p = arena_alloc(a, raw.n + signature.n + 6), *end;

    if (!p)
        return (struct bytes){NULL, 0};
    end = part_put(p, 1, raw);
    if (signature.n)
        end = part_put(end, 2, signature);
    return (struct bytes){p, (size_t)(end - p)};
}

bool tron_signer(const struct tron_head *h, struct bytes signature, uint8_t ret[TRON_KEY_BYTES],
                 struct err *err)
{
    unsigned y = signature.n == TRON_SIGNATURE_BYTES ? signature.p[64] : 2;

    if (y >= 27) /* as old nodes write it */
        y -= 27;
    return (y < 2 && evm_signer(&h->signed_hash, signature.p, y, ret)) ||
           tron_bad("witness_signature", "of nobody", err);
}

/* ---- reading ---- */

struct block_prover {
    const struct chain *chain;
    struct arena *a; /* of the proof last read */
};

static struct block_prover *prover_open(const struct chain *chain)
{
    struct block_prover *p = mem_zero(sizeof(*p));

    if (p)
        p->chain = chain;
    return p;
}

static struct block_prover *prover_close(struct block_prover *p)
{
    if (!p)
        return NULL;
    arena_free(p->a);
    return mem_free(p);
}

static struct hash32 node_hash(struct bytes node)
{
    return sha256(node.p, node.n);
}

/* What the header says, and that it has that signer. */
static bool header_read(struct arena *a, const struct block_proof *proof, struct tron_head *ret,
                        struct err *err)
{
    uint8_t signer[TRON_KEY_BYTES];
    struct bytes raw, signature, again;

    if (!header_split(proof->header, &raw, &signature, err) || !tron_head_parse(raw, ret, err))
        return false;
    again = header_join(a, raw, signature);
    if (!again.n)
        return proof_no_memory(a, err);
    if (!bytes_equal(again, proof->header))
        return tron_bad("block_header", "not in its one form", err);
    if (!signature.n)
        return !proof->signer.n || tron_bad("signer", "of a header without a signature", err);
    return tron_signer(ret, signature, signer, err) &&
           ((proof->signer.n == sizeof(signer) &&
             !memcmp(proof->signer.p, signer, sizeof(signer))) ||
            tron_bad("signer", "another key than the signature's", err));
}

/* Leaves are given where transactions are asked for. */
static bool leaves_read(struct arena *a, const struct block_proof *proof, size_t n,
                        const struct tron_head *h, struct err *err)
{
    const size_t leaves_n = proof->leaves.n / sizeof(struct hash32);
    struct hash32 *leaves, root;

    if (!n)
        return !proof->leaves.n || tron_bad("leaves", "that nothing asks for", err);
    if (proof->leaves.n % sizeof(struct hash32) || leaves_n > TRON_BLOCK_TXS_MAX)
        return tron_bad("leaves", "hashes are wanted", err);
    leaves = arena_copy(a, proof->leaves.p, proof->leaves.n);
    if (!leaves)
        return proof_no_memory(a, err);
    root = tron_root(leaves, leaves_n);
    return hash32_equal(&root, &h->root) ||
           tron_bad("txTrieRoot", "is not the root over the leaves", err);
}

static bool tx_read(struct block_prover *p, struct bytes whole, struct fact_tx *ret,
                    struct err *err)
{
    struct tron_tx *tx = ARENA_NEW(p->a, struct tron_tx);

    if (!tx)
        return proof_no_memory(p->a, err);
    if (whole.n == HASHES_BYTES)
        return tron_bad("a transaction", "of 64 bytes, as two hashes have", err);
    if (!tron_tx_parse(whole, tx, err))
        return false;
    if (!tx->told)
        return tron_bad("a transaction", "does not say whether it failed", err);
    return tron_tx_alone(p->a, p->chain, tx, ret, err);
}

static bool leaf_find(struct proof_nodes *s, const struct block_proof *proof, uint32_t index,
                      struct bytes *ret, struct err *err)
{
    const size_t at = (size_t)index * sizeof(struct hash32);
    const struct bytes *node;
    bool again;

    if (at >= proof->leaves.n)
        return tron_bad("leaves", "fewer than that", err);
    node = proof_nodes_find(s, proof->leaves.p + at, &again);
    if (!node)
        return err_fail(err, ERR_INPUT, "a node is missing");
    *ret = *node;
    return !again || err_fail(err, ERR_INPUT, "a node that is come to twice");
}

static bool txs_read(struct block_prover *p, const struct block_proof *proof, const uint32_t *index,
                     size_t n, struct fact_tx *txs, struct err *err)
{
    struct proof_nodes *s;

    if (!proof_nodes_open(p->a, proof->nodes, proof->nodes_n, node_hash, &s, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct bytes whole = {NULL, 0};

        if (i && index[i] <= index[i - 1])
            return err_fail(err, ERR_INPUT, "transactions that do not ascend");
        if (!leaf_find(s, proof, index[i], &whole, err) || !tx_read(p, whole, &txs[i], err))
            return err_in(err, "transaction %u", index[i]);
    }
    return proof_nodes_used(s, err);
}

static bool prover_read(struct block_prover *p, const struct block_proof *proof,
                        const uint32_t *index, size_t n, struct transfer_block *ret,
                        struct err *err)
{
    struct fact_tx *txs;
    struct tron_head h;

    p->a = arena_free(p->a);
    p->a = arena_new(NULL, PROVER_MEMORY_MAX);
    txs = p->a ? ARENA_ARRAY(p->a, struct fact_tx, n + 1) : NULL;
    if (!txs)
        return err_fail(err, ERR_NOMEM, "a proof");
    if (proof->outside.n)
        return err_fail(err, ERR_INPUT, "nothing moves outside of transactions");
    if (!header_read(p->a, proof, &h, err) || !leaves_read(p->a, proof, n, &h, err) ||
        !txs_read(p, proof, index, n, txs, err))
        return false;
    *ret = (struct transfer_block){.hash = h.id,
                                   .prev = h.parent,
                                   .height = h.height,
                                   .time = h.time_ms / 1000,
                                   .grade = GRADE_PROVEN,
                                   .txs = txs,
                                   .txs_n = n};
    return true;
}

static bool signed_as_named(const struct block_proof *proof)
{
    struct bytes raw, signature;
    struct tron_head h;
    struct err err;

    return proof->signer.n == TRON_KEY_BYTES &&
           header_split(proof->header, &raw, &signature, &err) && tron_head_parse(raw, &h, &err) &&
           !memcmp(h.witness, proof->signer.p, TRON_KEY_BYTES);
}

/* ---- making ---- */

struct making {
    const struct chain *chain;
    struct wanted_block *blocks; /* [n] by hash */
    size_t n;
    struct arena *a;
    struct block_prover *prover;
};

static int by_hash(const void *hash, const void *block)
{
    return memcmp(hash, ((const struct wanted_block *)block)->hash.b, sizeof(struct hash32));
}

static bool header_make(struct making *m, struct arena *trees, const struct json *block,
                        const struct tron_head *h, struct bytes raw, struct wanted_block *want,
                        struct err *err)
{
    uint8_t signer[TRON_KEY_BYTES];
    struct bytes signature;

    if (!tron_hex(trees, json_get(json_get(block, "block_header"), "witness_signature"),
                  "witness_signature", &signature, err) ||
        (signature.n && !tron_signer(h, signature, signer, err)))
        return false;
    if (raw.n > HEADER_PART_MAX)
        return tron_bad("block_header", "too long", err);
    want->proof.header = header_join(m->a, raw, signature);
    if (!want->proof.header.n)
        return proof_no_memory(m->a, err);
    if (!signature.n)
        return true;
    want->proof.signer = (struct bytes){arena_copy(m->a, signer, sizeof(signer)), sizeof(signer)};
    return want->proof.signer.p || proof_no_memory(m->a, err);
}

/* One whose own bytes do not tell all that a proof has to is left out. */
static bool tx_keep(struct making *m, struct wanted_tx *tx, struct bytes whole, uint32_t index,
                    struct proof_kept *keep, struct err *err)
{
    struct fact_tx fact;

    m->prover->a = arena_free(m->prover->a);
    m->prover->a = arena_new(NULL, PROVER_MEMORY_MAX);
    if (!m->prover->a)
        return err_fail(err, ERR_NOMEM, "a proof");
    if (!tx_read(m->prover, whole, &fact, err))
        return err->class == ERR_INPUT;
    tx->index = index;
    return proof_keep(keep, whole) || proof_no_memory(m->a, err);
}

static struct wanted_tx *tx_find(const struct wanted_block *want, const struct json *row)
{
    const struct json *id = json_get(row, "txID");
    struct hash32 hash;

    if (!id || id->type != JSON_STRING || !hex_decode(id->text, id->text_n, hash.b, 32))
        return NULL;
    for (size_t i = 0; i < want->txs_n; i++)
        if (hash32_equal(&want->txs[i].hash, &hash))
            return &want->txs[i];
    return NULL;
}

static bool txs_make(struct making *m, struct arena *trees, const struct json *list,
                     const struct tron_head *h, struct wanted_block *want, struct err *err)
{
    struct proof_kept keep = {.a = m->a};
    struct hash32 *leaves, root;
    size_t n = list && list->type == JSON_ARRAY ? list->children_n : 0, i = 0;

    leaves = n <= TRON_BLOCK_TXS_MAX ? ARENA_ARRAY(m->a, struct hash32, n + 1) : NULL;
    if (!leaves)
        return proof_no_memory(m->a, err);
    for (const struct json *j = n ? list->child : NULL; j; j = j->next, i++) {
        struct wanted_tx *tx = tx_find(want, j);
        struct bytes whole;

        if (!tron_tx_told(trees, j, &whole, err) ||
            (tx && !tx_keep(m, tx, whole, (uint32_t)i, &keep, err)))
            return err_in(err, "transaction %zu", i);
        leaves[i] = sha256(whole.p, whole.n);
    }
    if (keep.n)
        want->proof.leaves = (struct bytes){arena_copy(m->a, leaves, n * 32), n * 32};
    if (keep.n && !want->proof.leaves.p)
        return proof_no_memory(m->a, err);
    root = tron_root(leaves, n);
    return (hash32_equal(&root, &h->root) ||
            tron_bad("txTrieRoot", "is not the root over its transactions", err)) &&
           proof_kept_put(&keep, node_hash, &want->proof, err);
}

static bool answer_prove(void *ctx, struct bytes answer, struct err *err)
{
    struct making *m = ctx;
    struct arena *trees = arena_new(NULL, TRON_BLOCK_MEMORY);
    struct wanted_block *want = NULL;
    const struct json *block;
    struct tron_head h;
    struct bytes raw;
    bool ok;

    if (!trees)
        return err_fail(err, ERR_NOMEM, "a proof");
    ok =
        tron_answer_read(trees, answer, &block, err) && tron_head_told(trees, block, &h, &raw, err);
    if (ok && m->n)
        want = bsearch(h.id.b, m->blocks, m->n, sizeof(*want), by_hash);
    if (want && !want->proof.header.n)
        ok = header_make(m, trees, block, &h, raw, want, err) &&
             txs_make(m, trees, json_get(block, "transactions"), &h, want, err);
    arena_free(trees);
    return ok;
}

static bool make(const struct chain *chain, const char *const *paths, size_t paths_n,
                 struct wanted_block *blocks, size_t n, struct arena *a, struct err *err)
{
    struct making m = {.chain = chain, .blocks = blocks, .n = n, .a = a};
    bool ok;

    m.prover = prover_open(chain);
    ok = m.prover ? tron_blocks_each(paths, paths_n, answer_prove, &m, err)
                  : err_fail(err, ERR_NOMEM, "a proof");
    prover_close(m.prover);
    return ok;
}

const struct block_proofs tron_proofs = {
    .form = "blocks",
    .by = "headers, trees and signatures",
    .untold = "filrxuz",
    .untold_one = "transfer",
    .untold_by = "a node",
    .untold_all = "fees, rewards and what contracts moved (tokens, internal transfers), which only "
                  "a node tells: how many there are stands under acquisition, by_roots",
    .unproven = "that the keys which have signed these blocks were representatives' then",
    .no_events = true,
    .make = make,
    .open = prover_open,
    .close = prover_close,
    .read = prover_read,
    .signed_as_named = signed_as_named,
};
