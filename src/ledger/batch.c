#include "ledger/batch_parts.h"

#include "base/mem.h"

/* bytes of a batch: below, half-used pages would count */
#define LARGE_PAGES_FROM ((uint64_t)256 << 20)

/* Bytes of batch memory that one of each takes: the sum of the arrays below. The last 32 of an
 * output are its script's: of a new one key, start and newest output, of a known one candidate and
 * newest output. */
#define TX_COST (32 + 4 + 4 + 2 * sizeof(struct keyed))
#define IN_COST (36 + 4 + 8 + 3 * sizeof(struct keyed) + 36 + 8 + 4)
#define OUT_COST (8 + 8 + 8 + 2 * sizeof(struct keyed) + 4 + 4 + 4 + 8 + 8 + 1 + 4 + 8 + 32)

static bool reserve(void *ret, size_t n, size_t size)
{
    void *p = mem_reserve(n * size);

    memcpy(ret, &p, sizeof(p));
    return p != NULL;
}

/* Every array with its capacity, for making and ending. */
#define BATCH_ARRAYS(b, X)                                                                         \
    X((b)->blocks, (b)->cap_blocks)                                                                \
    X((b)->txids, (b)->cap_tx)                                                                     \
    X((b)->tx_out, (b)->cap_tx + 1)                                                                \
    X((b)->tx_in, (b)->cap_tx + 1)                                                                 \
    X((b)->outpoints, (b)->cap_in *OUTPOINT_BYTES)                                                 \
    X((b)->in_tx, (b)->cap_in)                                                                     \
    X((b)->values, (b)->cap_out)                                                                   \
    X((b)->out_key, (b)->cap_out + (b)->cap_in)                                                    \
    X((b)->out_packed, (b)->cap_out + (b)->cap_in)                                                 \
    X((b)->heap, (b)->cap_heap)                                                                    \
    X((b)->txs.at, (b)->cap_tx)                                                                    \
    X((b)->txs.scratch, (b)->cap_tx)                                                               \
    X((b)->ins.at, (b)->cap_in)                                                                    \
    X((b)->ins.scratch, (b)->cap_in)                                                               \
    X((b)->tail, INDEX_GRID)                                                                       \
    X((b)->maybe, (b)->cap_in)                                                                     \
    X((b)->in_source, (b)->cap_in)                                                                 \
    X((b)->out_spent, (b)->cap_out)                                                                \
    X((b)->ext_outpoint, (b)->cap_in *OUTPOINT_BYTES)                                              \
    X((b)->ext_value, (b)->cap_in)                                                                 \
    X((b)->ext_script, (b)->cap_in)                                                                \
    X((b)->occ_key, (b)->cap_out + (b)->cap_in)                                                    \
    X((b)->occ_packed, (b)->cap_out + (b)->cap_in)                                                 \
    X((b)->occ_of, (b)->cap_out + (b)->cap_in)                                                     \
    X((b)->occs.at, (b)->cap_out + (b)->cap_in)                                                    \
    X((b)->occs.scratch, (b)->cap_out + (b)->cap_in)                                               \
    X((b)->script_tail, INDEX_GRID)                                                                \
    X((b)->script_maybe, (b)->cap_out + (b)->cap_in)                                               \
    X((b)->occ_group, (b)->cap_out + (b)->cap_in)                                                  \
    X((b)->group_id, (b)->cap_out + (b)->cap_in)                                                   \
    X((b)->group_last, (b)->cap_out + (b)->cap_in)                                                 \
    X((b)->group_old, (b)->cap_out + (b)->cap_in)                                                  \
    X((b)->occ_new, (b)->cap_out + (b)->cap_in)                                                    \
    X((b)->out_script, (b)->cap_out)                                                               \
    X((b)->out_prev, (b)->cap_out)                                                                 \
    X((b)->script_start, (b)->cap_out + (b)->cap_in)                                               \
    X((b)->script_last, (b)->cap_out + (b)->cap_in)                                                \
    X((b)->script_data, (b)->cap_heap)                                                             \
    X((b)->new_scripts, (b)->cap_out + (b)->cap_in)                                                \
    X((b)->old_lasts, (b)->cap_out)                                                                \
    X((b)->block_counts, ((b)->cap_blocks + 1) * COUNTS_N)                                         \
    X((b)->block_occ, (b)->cap_blocks + 1)

struct batch *batch_new(uint64_t memory, struct pool *pool)
{
    struct batch *b = mem_zero(sizeof(*b));

    if (!b)
        return NULL;
    pthread_mutex_init(&b->failed_lock, NULL);
    b->pool = pool;
    b->memory = memory;
    /* Room for what memory allows and for any one block: only what is touched is used. */
    b->cap_blocks = memory / 256 + 16;
    b->cap_tx = memory / TX_COST + BLOCK_BYTES_MAX / 60 + 16;
    b->cap_in = memory / IN_COST + BLOCK_BYTES_MAX / 41 + 16;
    b->cap_out = memory / OUT_COST + BLOCK_BYTES_MAX / 9 + 16;
    b->cap_heap = memory + 4 * BLOCK_BYTES_MAX;
#define MAKE(array, n)                                                                             \
    if (!reserve(&(array), (n), sizeof(*(array))))                                                 \
        return batch_free(b);
    BATCH_ARRAYS(b, MAKE)
#undef MAKE
#define LARGE(array, n) mem_large_pages((array), (n) * sizeof(*(array)));
    if (memory >= LARGE_PAGES_FROM) {
        BATCH_ARRAYS(b, LARGE)
    }
#undef LARGE
    return b;
}

struct batch *batch_free(struct batch *b)
{
    if (!b)
        return NULL;
#define END(array, n) mem_unreserve((array), (n) * sizeof(*(array)));
    BATCH_ARRAYS(b, END)
#undef END
    pthread_mutex_destroy(&b->failed_lock);
    return mem_free(b);
}

void batch_clear(struct batch *b)
{
    b->blocks_n = b->txs_n = b->ins_n = b->outs_n = b->heap_n = b->ext_n = 0;
    b->used = 0;
}

static uint64_t cost(const struct segment *s)
{
    /* What undo data may add to the heap is bounded by what an input's script may be on average in
     * a batch. */
    return sizeof(struct batch_block) + COUNTS_N * 8 + s->txs_n * TX_COST +
           s->inputs_n * (IN_COST + 40) + s->outputs_n * OUT_COST + 2 * s->heap_n;
}

bool batch_fits(const struct batch *b, const struct segment *s, size_t n)
{
    uint64_t more = 0;

    if (!b->blocks_n && n <= 1)
        return true;
    for (size_t i = 0; i < n; i++)
        more += cost(&s[i]);
    return b->used + more <= b->memory;
}

size_t batch_blocks(const struct batch *b)
{
    return b->blocks_n;
}

struct taking {
    struct batch *b;
    const struct segment *s;
    size_t block_first;
    uint64_t *heap_at; /* per segment */
};

static void take_one(void *ctx, size_t i, unsigned worker)
{
    const struct taking *t = ctx;
    struct batch *b = t->b;
    const struct segment *s = &t->s[i];
    const struct batch_block *to = &b->blocks[t->block_first + i];
    uint32_t in = to->in, out = to->out;
    uint64_t at = t->heap_at[i];

    memcpy(b->txids + to->tx, s->txids, s->txs_n * 32);
    memcpy(b->outpoints + (size_t)to->in * OUTPOINT_BYTES, s->outpoints,
           s->inputs_n * OUTPOINT_BYTES);
    memcpy(b->values + to->out, s->values, s->outputs_n * 8);
    memcpy(b->out_key + to->out, s->script_keys, s->outputs_n * 8);
    memcpy(b->heap + at, s->heap, s->heap_n);
    for (size_t k = 0; k < s->txs_n; k++) {
        b->tx_in[to->tx + k] = in;
        b->tx_out[to->tx + k] = out;
        for (uint32_t n = 0; n < s->tx_inputs_n[k]; n++)
            b->in_tx[in++] = (uint32_t)(to->tx + k);
        out += s->tx_outputs_n[k];
    }
    for (size_t k = 0; k < s->outputs_n; k++) {
        b->out_packed[to->out + k] = packed_at(at, s->script_n[k]);
        at += s->script_n[k];
    }
}

bool batch_take(struct batch *b, const struct segment *s, size_t n, struct err *err)
{
    struct taking t = {.b = b, .s = s, .block_first = b->blocks_n};
    uint64_t *heap_at = mem_array(n, sizeof(*heap_at));

    if (!heap_at)
        return err_fail(err, ERR_NOMEM, "%zu blocks", n);
    for (size_t i = 0; i < n; i++) {
        struct batch_block *to = &b->blocks[b->blocks_n];

        if (b->blocks_n >= b->cap_blocks || b->txs_n + s[i].txs_n > b->cap_tx ||
            b->ins_n + s[i].inputs_n > b->cap_in || b->outs_n + s[i].outputs_n > b->cap_out ||
            b->heap_n + s[i].heap_n > b->cap_heap) {
            mem_free(heap_at);
            return err_fail(err, ERR_LIMIT, "more blocks than the memory of a batch");
        }
        memcpy(to->header, s[i].header, HEADER_BYTES);
        to->hash = s[i].hash;
        to->height = s[i].height;
        to->size = s[i].size;
        to->run_start = s[i].run_start;
        to->spent = s[i].spent;
        to->tx = (uint32_t)b->txs_n;
        to->in = (uint32_t)b->ins_n;
        to->out = (uint32_t)b->outs_n;
        heap_at[i] = b->heap_n;
        b->blocks_n++;
        b->txs_n += s[i].txs_n;
        b->ins_n += s[i].inputs_n;
        b->outs_n += s[i].outputs_n;
        b->heap_n += s[i].heap_n;
        b->used += cost(&s[i]);
    }
    t.heap_at = heap_at;
    pool_run(b->pool, n, take_one, &t);
    mem_free(heap_at);
    b->tx_in[b->txs_n] = (uint32_t)b->ins_n;
    b->tx_out[b->txs_n] = (uint32_t)b->outs_n;
    return true;
}

bool batch_join(struct batch *b, const struct columns *c, spent_fn *spent, void *ctx,
                struct err *err)
{
    b->c = c;
    b->failed = false;
    if (!batch_resolve_inputs(b, err) || !batch_resolve_outside(b, spent, ctx, err) ||
        !batch_resolve_scripts(b, err))
        return false;
    return true;
}

struct batch_view batch_view(const struct batch *b)
{
    const uint64_t *before = b->block_counts, *after = b->block_counts + b->blocks_n * COUNTS_N;
    struct batch_view v = {
        .blocks = b->blocks,
        .txids = b->txids,
        .tx_out = b->tx_out,
        .tx_in = b->tx_in,
        .values = b->values,
        .out_script = b->out_script,
        .out_spent = b->out_spent,
        .out_prev = b->out_prev,
        .in_source = b->in_source,
        .ext_outpoint = b->ext_outpoint,
        .ext_value = b->ext_value,
        .ext_script = b->ext_script,
        .script_start = b->script_start,
        .script_last = b->script_last,
        .script_data = b->script_data,
        .new_txs = b->txs.at,
        .new_scripts = b->new_scripts,
        .old_spends = b->ins.at,
        .old_spends_n = b->old_spends_n,
        .old_lasts = b->old_lasts,
        .old_lasts_n = b->old_lasts_n,
        .block_counts = b->block_counts,
    };

    for (unsigned k = 0; k < COUNTS_N; k++)
        v.n.n[k] = after[k] - before[k];
    return v;
}
