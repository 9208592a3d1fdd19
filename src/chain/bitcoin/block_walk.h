/* What the readers of transactions share: the arrays that a walk fills, and the parts that all
 * forms of a transaction have. Nobody else sees it.
 *
 * A function of the walk returns what is wrong, or NULL.
 *
 * Threads:   a walk and its scratch belong to one. */
#ifndef CORDON_CHAIN_BITCOIN_BLOCK_WALK_H
#define CORDON_CHAIN_BITCOIN_BLOCK_WALK_H

#include "base/cursor.h"
#include "chain/bitcoin/block.h"
#include "chain/bitcoin/pool.h"

#define INPUT_BYTES_MIN 41
#define OUTPUT_BYTES_MIN 9

struct pool_input { /* what came out of a pool: its outpoint stands in no block */
    size_t input;
    uint8_t outpoint[OUTPOINT_BYTES];
};

struct block_scratch {
    struct hash32 *txids, *tree; /* tree has room for one more */
    struct hash_parts *parts;
    uint32_t *tx_inputs_n, *tx_outputs_n;
    size_t txs_max;
    const uint8_t **inputs;
    size_t inputs_max;
    struct fact_output *outputs;
    size_t outputs_max;
    struct pool_input *pool_inputs;
    size_t pool_inputs_max;
};

/* Where a walk over transactions is, and what it has noted so far. */
struct walk {
    struct cursor c;
    struct block_scratch *s;
    const struct chain *chain;
    size_t inputs_n, outputs_n, pool_inputs_n;
};

/* Where the parts of one transaction lie. */
struct shape {
    /* body: counts, inputs and outputs */
    const uint8_t *start, *body, *body_end, *locktime, *end;
    size_t inputs_n, outputs_n, nulls_n; /* nulls: inputs that spend nothing */
    bool extended;                       /* more than body between version and locktime */
    bool witness, hogex;
};

extern const char block_no_memory[];

bool block_inputs_room(struct block_scratch *s, size_t n);
bool block_outputs_room(struct block_scratch *s, size_t n);

static inline bool outpoint_is_null(const uint8_t *outpoint)
{
    static const uint8_t zero[32];

    return load_le32(outpoint + 32) == UINT32_MAX && !memcmp(outpoint, zero, 32);
}

static inline const char *walk_inputs(struct walk *w, struct shape *t)
{
    struct cursor c = w->c;
    size_t n = cursor_count(&c, INPUT_BYTES_MIN);
    uint64_t value;

    if (n > w->s->inputs_max - w->inputs_n && !block_inputs_room(w->s, w->inputs_n + n))
        return block_no_memory;
    for (size_t i = 0; i < n && !c.bad; i++) {
        const uint8_t *outpoint = c.at;

        cursor_skip(&c, OUTPOINT_BYTES);
        cursor_skip(&c, cursor_compact(&c));
        cursor_skip(&c, 4);
        w->s->inputs[w->inputs_n + i] = outpoint;
        if (!c.bad && __builtin_expect(load_le32(outpoint + 32) >= POOL_VOUT, 0)) {
            t->nulls_n += outpoint_is_null(outpoint);
            if (pool_of_outpoint(outpoint, &value) != POOL_NONE)
                return "an input that spends no output";
        }
    }
    w->c = c;
    w->inputs_n += n;
    t->inputs_n = n;
    return c.bad ? "inputs end early" : NULL;
}

static inline const char *walk_outputs(struct walk *w, struct shape *t)
{
    struct cursor c = w->c;
    size_t n = cursor_count(&c, OUTPUT_BYTES_MIN);
    uint64_t left = w->chain->money_max;

    if (n > w->s->outputs_max - w->outputs_n && !block_outputs_room(w->s, w->outputs_n + n))
        return block_no_memory;
    for (size_t i = 0; i < n && !c.bad; i++) {
        struct fact_output *o = &w->s->outputs[w->outputs_n + i];

        o->value = cursor_le64(&c);
        o->script = cursor_take(&c, cursor_compact(&c));
        if (__builtin_expect(o->value > left, 0)) {
            w->c = c;
            return "outputs worth more than can exist";
        }
        left -= o->value;
    }
    w->c = c;
    w->outputs_n += n;
    t->outputs_n = n;
    return c.bad ? "outputs end early" : NULL;
}

/* zcash.c: one transaction with all its parts; what goes into and out of pools is put after its
 * inputs and outputs. The inputs' outpoints stand in pool_inputs. */
const char *zcash_walk_tx(struct walk *w, struct shape *t);
/* The txid by ZIP 244 of a transaction of version 5 that was walked; false: of another version,
 * whose txid is its double SHA-256. */
bool zcash_txid(struct bytes raw, struct hash32 *ret);

/* mweb.c: the extension block, with the byte before it that says if there is one. */
const char *mweb_walk(struct cursor *c);
/* Outputs to a HogAddr and those that peg in are the pool's. */
struct bytes mweb_script(const struct chain *chain, struct bytes script);

/* auxpow.c: how far it goes; 0: it ends early. */
size_t auxpow_bytes(struct bytes raw);
/* Does it stand for the work of the block of that hash? Fills in the header that was worked on. */
bool auxpow_binds(const struct chain *chain, struct bytes raw, const struct hash32 *hash,
                  const uint8_t **ret_parent);

/* equihash.c: header is 140 bytes. */
bool equihash_valid(unsigned n, unsigned k, const uint8_t *header, struct bytes solution);
size_t equihash_bytes(unsigned n, unsigned k); /* of a solution */

#endif
