/* What the files of a batch share: its arrays, and how they are sorted. Nobody else includes
 * this. */
#ifndef CORDON_LEDGER_BATCH_PARTS_H
#define CORDON_LEDGER_BATCH_PARTS_H

#include "chain/bitcoin/block.h"
#include "ledger/batch.h"

#include <pthread.h>

#define SLICES 64u
#define BUCKET_BITS_MAX 10u
#define NOT_FOUND UINT32_MAX

struct sorted { /* keyed entries in buckets by their leading bits, each bucket sorted */
    struct keyed *at, *scratch;
    size_t start[(1u << BUCKET_BITS_MAX) + 1];
    unsigned bits, lead;
};

#define BATCH_LATER_MAX 16u

struct batch {
    struct pool *pool;
    uint64_t memory, used;
    size_t cap_blocks, cap_tx, cap_in, cap_out, cap_heap;
    size_t blocks_n, txs_n, ins_n, outs_n, heap_n, ext_n, occ_n;

    struct batch_block *blocks;
    struct hash32 *txids;
    uint32_t *tx_out, *tx_in;
    uint8_t *outpoints;
    uint32_t *in_tx;
    uint64_t *values, *out_key, *out_packed; /* out_packed: packed_at */
    uint8_t *heap;

    /* the join of inputs */
    const struct columns *c;
    struct sorted txs, ins, found;
    struct keyed *tail; /* ids of the ledger that no run covers */
    size_t tail_n;
    struct keyed *maybe; /* candidates: key is a transaction of the ledger, index an input */
    size_t missed[1u << BUCKET_BITS_MAX], maybe_n[1u << BUCKET_BITS_MAX];
    uint64_t *in_source;
    uint32_t *out_spent;
    size_t old_spends_n, unknown_n;
    /* Inputs that name a transaction behind their own, as far as there is room. */
    uint32_t later[BATCH_LATER_MAX];
    size_t later_n;
    uint8_t *ext_outpoint;
    uint64_t *ext_value;
    uint32_t *ext_script;

    /* the join of scripts: occurrences are outputs and, where undo data told them, scripts outside,
     * in ledger order */
    uint64_t *occ_key, *occ_packed;
    uint32_t *occ_of; /* occ_of: output, or ext with the top bit; NULL: the outputs themselves */
    bool occ_own;
    struct sorted occs;
    struct keyed *script_tail, *script_maybe;
    size_t script_tail_n;
    size_t groups_n[1u << BUCKET_BITS_MAX], script_maybe_n[1u << BUCKET_BITS_MAX];
    uint32_t *occ_group, *group_id;
    uint64_t *group_last, *group_old;
    /* 1: first of a new script; 2: of one that shares its address with an earlier */
    uint8_t *occ_new;
    uint32_t *out_script;
    uint64_t *out_prev;
    uint64_t *script_start, *script_last;
    uint8_t *script_data;
    size_t scripts_n, addresses_n;
    struct keyed *new_scripts, *old_lasts;
    size_t old_lasts_n;
    uint64_t *block_counts, *block_occ;

    pthread_mutex_t failed_lock;
    bool failed;
    struct err failure;
};

/* Where a packed script lies in the heap and how long it is, in one word: they are always looked at
 * together, and all over. */
static inline uint64_t packed_at(uint64_t at, uint64_t n)
{
    return at << 26 | n;
}

static inline struct bytes packed_in(const struct batch *b, uint64_t packed)
{
    return (struct bytes){b->heap + (packed >> 26), packed & ((1u << 26) - 1)};
}

_Static_assert(BLOCK_BYTES_MAX + 10 < 1u << 26, "a packed script's length fits");

/* The i-th entry to be sorted; false: leave it out. */
typedef bool entry_fn(const struct batch *b, size_t i, struct keyed *ret);

/* batch_sort.c: work is cut into SLICES of things in order, or into the buckets of a sort. */
static inline size_t slice_start(size_t n, size_t slice)
{
    return n * slice / SLICES;
}

/* Sorts what entry makes of 0 .. n-1 into to, by buckets of that many bits after lead leading zero
 * bits of the keys. */
bool batch_sort(struct batch *b, struct sorted *to, entry_fn *entry, size_t n, unsigned bits,
                unsigned lead, struct err *err);
unsigned batch_bits(size_t n);   /* bits that make buckets of n entries fit a cache */
unsigned batch_lead(uint64_t n); /* leading zero bits of all numbers below n */
/* Sorted keys against a sorted tail: both are walked. */
void batch_tail_join(const struct keyed *tail, size_t tail_n, const struct keyed *keys,
                     size_t keys_n, void (*hit)(void *ctx, size_t i, uint64_t id), void *ctx);
struct bucket_hits { /* what a hit needs to know */
    struct batch *b;
    size_t bucket;
};

/* batch_inputs.c */
bool batch_resolve_inputs(struct batch *b, struct err *err);
bool batch_resolve_outside(struct batch *b, spent_fn *spent, void *ctx, struct err *err);
/* batch_scripts.c */
bool batch_resolve_scripts(struct batch *b, struct err *err);

#endif
