/* The coins shape, as a trace sees it: flat columns of whole numbers, borrowed, read-only.
 *
 * Dense ids in ledger order: transactions, outputs and inputs count from 0; an id of a later one is
 * larger, and an input only ever names an earlier output. A coinbase is a transaction without
 * inputs. The columns are those on disk (docs/ledger-format.md), so a test can build a small world
 * from plain arrays, and a whole chain is mapped. The counts are a snapshot: what is at or past
 * them does not exist for this reader. Corrupt files may hold any number: every accessor that
 * follows an id says what it does with one out of range.
 *
 * Threads:   safe for readers. */
#ifndef CORDON_LEDGER_COINS_H
#define CORDON_LEDGER_COINS_H

#include "base/bytes.h"

#define COINS_OUTSIDE ((uint64_t)1 << 39) /* in.source: the rest is an index into the ext columns */
#define COINS_NONE UINT64_MAX
#define COINS_TX_NONE UINT32_MAX
#define TX_FIRST_BYTES 10
#define ID_BYTES 5

struct coins {
    uint64_t txs_n, outputs_n, inputs_n, ext_n;
    const uint8_t *tx_first;  /* [txs_n] 10 bytes: first output id, first input id, le40 each */
    const uint8_t *out_value; /* [outputs_n] le64 */
    const uint8_t *out_spent; /* [outputs_n] le32: spending transaction's id + 1; 0 is unspent */
    const uint8_t *in_source; /* [inputs_n] le40: output id, or COINS_OUTSIDE | index into ext */
    /* [ext_n] le64: value of an output outside the ledger; UINT64_MAX is unknown */
    const uint8_t *ext_value;
};

struct coins_range {
    uint64_t first, n;
};

static inline struct coins_range coins_range(const struct coins *c, uint32_t tx, unsigned at,
                                             uint64_t all)
{
    const uint8_t *p = c->tx_first + (uint64_t)tx * TX_FIRST_BYTES + at;
    uint64_t first = load_le40(p),
             end = (uint64_t)tx + 1 < c->txs_n ? load_le40(p + TX_FIRST_BYTES) : all;

    if (first > end || end > all) /* damaged: as if it had none */
        return (struct coins_range){0, 0};
    return (struct coins_range){first, end - first};
}

static inline struct coins_range coins_outputs(const struct coins *c, uint32_t tx) /* tx < txs_n */
{
    return coins_range(c, tx, 0, c->outputs_n);
}

static inline struct coins_range coins_inputs(const struct coins *c, uint32_t tx) /* tx < txs_n */
{
    return coins_range(c, tx, ID_BYTES, c->inputs_n);
}

static inline uint64_t coins_value(const struct coins *c, uint64_t output) /* output < outputs_n */
{
    return load_le64(c->out_value + output * 8);
}

/* The transaction that spends an output, or COINS_TX_NONE: unspent as of this snapshot. */
/* output < outputs_n */
static inline uint32_t coins_spender(const struct coins *c, uint64_t output)
{
    uint32_t tx = load_le32(c->out_spent + output * 4);

    return tx && tx <= c->txs_n ? tx - 1 : COINS_TX_NONE;
}

/* What an input spends: an output id; or COINS_NONE where that is outside the ledger (or damaged),
 * with the value in *ret_value if undo data told it, else UINT64_MAX. For an output id *ret_value
 * is its value. */
/* input < inputs_n */
static inline uint64_t coins_source(const struct coins *c, uint64_t input, uint64_t *ret_value)
{
    uint64_t id = load_le40(c->in_source + input * ID_BYTES);

    *ret_value = UINT64_MAX;
    if (id & COINS_OUTSIDE) {
        id &= ~COINS_OUTSIDE;
        if (id < c->ext_n)
            *ret_value = load_le64(c->ext_value + id * 8);
        return COINS_NONE;
    }
    if (id >= c->outputs_n)
        return COINS_NONE;
    *ret_value = coins_value(c, id);
    return id;
}

/* The last transaction whose first output (at 0) or input (at ID_BYTES) is not past an id: binary
 * search over tx_first. */
static inline uint32_t coins_tx_at(const struct coins *c, unsigned at, uint64_t id)
{
    uint64_t low = 0, high = c->txs_n;

    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;

        if (load_le40(c->tx_first + middle * TX_FIRST_BYTES + at) <= id)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

/* The transaction that made an output. */
static inline uint32_t coins_maker(const struct coins *c, uint64_t output) /* output < outputs_n */
{
    return coins_tx_at(c, 0, output);
}

/* The transaction that an input belongs to. */
static inline uint32_t coins_taker(const struct coins *c, uint64_t input) /* input < inputs_n */
{
    return coins_tx_at(c, ID_BYTES, input);
}

#endif
