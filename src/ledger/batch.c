#include "ledger/batch.h"

#include "base/mem.h"
#include "chain/bitcoin/block.h"

#include <pthread.h>
#include <stdlib.h>

#define LARGE_PAGES_FROM ((uint64_t)256 << 20) /* bytes of a batch: below, half-used pages would count */
#define SLICES 64u
#define BUCKET_BITS_MAX 10u
#define BUCKET_ENTRIES 4096u
#define NOT_FOUND UINT32_MAX

/* Bytes of batch memory that one of each takes: the sum of the arrays below. */
#define TX_COST (32 + 4 + 4 + 2 * sizeof(struct keyed))
#define IN_COST (36 + 4 + 8 + 3 * sizeof(struct keyed) + 36 + 8 + 4)
#define OUT_COST (8 + 8 + 8 + 4 + 2 * sizeof(struct keyed) + 4 + 4 + 4 + 8 + 4 + 8 + 8 + 1 + 8 + 8)

/* ---- one block, prepared ---- */

static void *cut(uint8_t **at, size_t n)
{
    void *p = *at;

    *at += (n + 15) & ~(size_t)15;
    return p;
}

static size_t segment_bytes(const struct block_facts *f, size_t heap_max)
{
    return f->txs_n * (32 + 4 + 4) + f->inputs_n * OUTPOINT_BYTES + f->outputs_n * (8 + 8 + 4) + heap_max + 8 * 16;
}

bool segment_fill(struct segment *s, const struct block_facts *f, struct err *err)
{
    enum { MANY = 64 };
    size_t heap_max = 0;
    uint8_t *at, forms[MANY][SCRIPT_FORM_MAX];

    for (size_t i = 0; i < f->outputs_n; i++)
        heap_max += f->outputs[i].script.n + 10;
    if (segment_bytes(f, heap_max) > s->room) {
        segment_free(s);
        s->room = segment_bytes(f, heap_max);
        s->p = mem_alloc(s->room);
        if (!s->p) {
            s->room = 0;
            return err_fail(err, ERR_NOMEM, "block of %zu outputs", f->outputs_n);
        }
    }
    at = s->p;
    s->heap_n = 0;
    memcpy(s->header, f->header, 80);
    s->hash = f->hash;
    s->height = f->height;
    s->size = f->size;
    s->txs_n = f->txs_n;
    s->inputs_n = f->inputs_n;
    s->outputs_n = f->outputs_n;
    s->spent = f->spent;
    s->txids = cut(&at, f->txs_n * 32);
    s->tx_inputs_n = cut(&at, f->txs_n * 4);
    s->tx_outputs_n = cut(&at, f->txs_n * 4);
    s->outpoints = cut(&at, f->inputs_n * OUTPOINT_BYTES);
    s->values = cut(&at, f->outputs_n * 8);
    s->script_keys = cut(&at, f->outputs_n * 8);
    s->script_n = cut(&at, f->outputs_n * 4);
    s->heap = at;
    memcpy(s->txids, f->txids, f->txs_n * 32);
    memcpy(s->tx_inputs_n, f->tx_inputs_n, f->txs_n * 4);
    memcpy(s->tx_outputs_n, f->tx_outputs_n, f->txs_n * 4);
    for (size_t i = 0; i < f->inputs_n; i++)
        memcpy(s->outpoints + i * OUTPOINT_BYTES, f->inputs[i], OUTPOINT_BYTES);
    for (size_t i = 0; i < f->outputs_n; i += MANY) {
        size_t n = f->outputs_n - i < MANY ? f->outputs_n - i : MANY;
        struct bytes form[MANY];
        struct hash32 hash[MANY];

        for (size_t k = 0; k < n; k++) {
            s->values[i + k] = f->outputs[i + k].value;
            s->script_n[i + k] = (uint32_t)script_pack(f->outputs[i + k].script, s->heap + s->heap_n);
            s->heap_n += s->script_n[i + k];
            form[k] = script_address_form(f->outputs[i + k].script, forms[k]);
        }
        sha256_many(form, n, hash);
        for (size_t k = 0; k < n; k++)
            s->script_keys[i + k] = key_of_hash(hash[k].b);
    }
    return true;
}

void segment_free(struct segment *s)
{
    s->p = mem_free(s->p);
    s->room = 0;
}

/* ---- the batch ---- */

struct sorted { /* keyed entries in buckets by their leading bits, each bucket sorted */
    struct keyed *at, *scratch;
    size_t start[(1u << BUCKET_BITS_MAX) + 1];
    unsigned bits, lead;
};

struct batch {
    struct pool *pool;
    uint64_t memory, used;
    size_t cap_blocks, cap_tx, cap_in, cap_out, cap_heap;
    size_t blocks_n, txs_n, ins_n, outs_n, heap_n, ext_n, occ_n;
    bool joined;

    struct batch_block *blocks;
    struct hash32 *txids;
    uint32_t *tx_out, *tx_in;
    uint8_t *outpoints;
    uint32_t *in_tx;
    uint64_t *values, *out_key, *out_at;
    uint32_t *out_n;
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
    uint8_t *ext_outpoint;
    uint64_t *ext_value;
    uint32_t *ext_script;

    /* the join of scripts: occurrences are outputs and, where undo data told them, scripts outside, in ledger order */
    uint64_t *occ_key, *occ_at;
    uint32_t *occ_n32, *occ_of; /* occ_of: output, or ext with the top bit; NULL: the outputs themselves */
    bool occ_own;
    struct sorted occs;
    struct keyed *script_tail, *script_maybe;
    size_t script_tail_n;
    size_t groups_n[1u << BUCKET_BITS_MAX], script_maybe_n[1u << BUCKET_BITS_MAX];
    uint32_t *occ_group, *group_id;
    uint64_t *group_last, *group_old;
    uint8_t *occ_new; /* 1: first of a new script; 2: of one that shares its address with an earlier */
    uint32_t *out_script;
    uint64_t *out_prev;
    uint64_t *script_start, *script_last;
    uint8_t *script_data;
    size_t scripts_n, script_bytes, addresses_n;
    struct keyed *new_scripts, *old_lasts;
    size_t old_lasts_n;
    uint64_t *block_counts, *block_occ;

    pthread_mutex_t failed_lock;
    bool failed;
    struct err failure;
};

static bool reserve(void *ret, size_t n, size_t size)
{
    void *p = mem_reserve(n * size);

    memcpy(ret, &p, sizeof(p));
    return p != NULL;
}

/* Every array with its capacity, for making and ending. */
#define BATCH_ARRAYS(b, X)                                                                          \
    X((b)->blocks, (b)->cap_blocks)                                                                 \
    X((b)->txids, (b)->cap_tx)                                                                      \
    X((b)->tx_out, (b)->cap_tx + 1)                                                                 \
    X((b)->tx_in, (b)->cap_tx + 1)                                                                  \
    X((b)->outpoints, (b)->cap_in *OUTPOINT_BYTES)                                                  \
    X((b)->in_tx, (b)->cap_in)                                                                      \
    X((b)->values, (b)->cap_out)                                                                    \
    X((b)->out_key, (b)->cap_out + (b)->cap_in)                                                     \
    X((b)->out_at, (b)->cap_out + (b)->cap_in)                                                      \
    X((b)->out_n, (b)->cap_out + (b)->cap_in)                                                       \
    X((b)->heap, (b)->cap_heap)                                                                     \
    X((b)->txs.at, (b)->cap_tx)                                                                     \
    X((b)->txs.scratch, (b)->cap_tx)                                                                \
    X((b)->ins.at, (b)->cap_in)                                                                     \
    X((b)->ins.scratch, (b)->cap_in)                                                                \
    X((b)->tail, INDEX_GRID)                                                                        \
    X((b)->maybe, (b)->cap_in)                                                                      \
    X((b)->in_source, (b)->cap_in)                                                                  \
    X((b)->out_spent, (b)->cap_out)                                                                 \
    X((b)->ext_outpoint, (b)->cap_in *OUTPOINT_BYTES)                                               \
    X((b)->ext_value, (b)->cap_in)                                                                  \
    X((b)->ext_script, (b)->cap_in)                                                                 \
    X((b)->occ_key, (b)->cap_out + (b)->cap_in)                                                     \
    X((b)->occ_at, (b)->cap_out + (b)->cap_in)                                                      \
    X((b)->occ_n32, (b)->cap_out + (b)->cap_in)                                                     \
    X((b)->occ_of, (b)->cap_out + (b)->cap_in)                                                      \
    X((b)->occs.at, (b)->cap_out + (b)->cap_in)                                                     \
    X((b)->occs.scratch, (b)->cap_out + (b)->cap_in)                                                \
    X((b)->script_tail, INDEX_GRID)                                                                 \
    X((b)->script_maybe, (b)->cap_out + (b)->cap_in)                                                \
    X((b)->occ_group, (b)->cap_out + (b)->cap_in)                                                   \
    X((b)->group_id, (b)->cap_out + (b)->cap_in)                                                    \
    X((b)->group_last, (b)->cap_out + (b)->cap_in)                                                  \
    X((b)->group_old, (b)->cap_out + (b)->cap_in)                                                   \
    X((b)->occ_new, (b)->cap_out + (b)->cap_in)                                                     \
    X((b)->out_script, (b)->cap_out)                                                                \
    X((b)->out_prev, (b)->cap_out)                                                                  \
    X((b)->script_start, (b)->cap_out + (b)->cap_in)                                                \
    X((b)->script_last, (b)->cap_out + (b)->cap_in)                                                 \
    X((b)->script_data, (b)->cap_heap)                                                              \
    X((b)->new_scripts, (b)->cap_out + (b)->cap_in)                                                 \
    X((b)->old_lasts, (b)->cap_out)                                                                 \
    X((b)->block_counts, ((b)->cap_blocks + 1) * COUNTS_N)                                          \
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
#define MAKE(array, n)                                                                              \
    if (!reserve(&(array), (n), sizeof(*(array))))                                                  \
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
    b->joined = false;
}

static uint64_t cost(const struct segment *s)
{
    /* What undo data may add to the heap is bounded by what an input's script may be on average in a batch. */
    return sizeof(struct batch_block) + COUNTS_N * 8 + s->txs_n * TX_COST + s->inputs_n * (IN_COST + 40) +
           s->outputs_n * OUT_COST + 2 * s->heap_n;
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
    memcpy(b->outpoints + (size_t)to->in * OUTPOINT_BYTES, s->outpoints, s->inputs_n * OUTPOINT_BYTES);
    memcpy(b->values + to->out, s->values, s->outputs_n * 8);
    memcpy(b->out_key + to->out, s->script_keys, s->outputs_n * 8);
    memcpy(b->out_n + to->out, s->script_n, s->outputs_n * 4);
    memcpy(b->heap + at, s->heap, s->heap_n);
    for (size_t k = 0; k < s->txs_n; k++) {
        b->tx_in[to->tx + k] = in;
        b->tx_out[to->tx + k] = out;
        for (uint32_t n = 0; n < s->tx_inputs_n[k]; n++)
            b->in_tx[in++] = (uint32_t)(to->tx + k);
        out += s->tx_outputs_n[k];
    }
    for (size_t k = 0; k < s->outputs_n; k++) {
        b->out_at[to->out + k] = at;
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
        memcpy(to->header, s[i].header, 80);
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

/* ---- helpers of the join ---- */

static void fail(struct batch *b, const struct err *err)
{
    pthread_mutex_lock(&b->failed_lock);
    if (!b->failed)
        b->failure = *err;
    b->failed = true;
    pthread_mutex_unlock(&b->failed_lock);
}

static size_t slice_start(size_t n, size_t slice)
{
    return n * slice / SLICES;
}

static uint32_t block_of_tx(const struct batch *b, uint32_t tx)
{
    size_t low = 0, high = b->blocks_n;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (b->blocks[middle].tx <= tx)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

/* "block 00..: transaction ..: " and what is wrong with its input. */
static void fail_input(struct batch *b, uint32_t in, const char *what)
{
    struct text t = text_new(ERR_TEXT_MAX * 4);
    const uint8_t *outpoint = b->outpoints + (size_t)in * OUTPOINT_BYTES;
    struct err err;

    text_str(&t, "block ");
    text_hex_reversed(&t, b->blocks[block_of_tx(b, b->in_tx[in])].hash.b, 32);
    text_str(&t, ": transaction ");
    text_hex_reversed(&t, b->txids[b->in_tx[in]].b, 32);
    text_str(&t, " spends ");
    text_hex_reversed(&t, outpoint, 32);
    text_printf(&t, ":%u, %s", load_le32(outpoint + 32), what);
    err_fail(&err, ERR_INPUT, "%s", text_string(&t) ? text_string(&t) : what);
    text_free(&t);
    fail(b, &err);
}

typedef bool entry_fn(const struct batch *b, size_t i, struct keyed *ret); /* false: leave out */

struct sorting {
    struct batch *b;
    struct sorted *to;
    entry_fn *entry;
    size_t n;
    uint32_t *counts; /* [SLICES][buckets] */
};

static size_t bucket_of(const struct sorted *s, uint64_t key)
{
    return s->bits ? (size_t)(key << s->lead >> (64 - s->bits)) : 0;
}

static void count_slice(void *ctx, size_t slice, unsigned worker)
{
    const struct sorting *s = ctx;
    uint32_t *counts = s->counts + (slice << s->to->bits);
    struct keyed e;

    for (size_t i = slice_start(s->n, slice); i < slice_start(s->n, slice + 1); i++)
        if (s->entry(s->b, i, &e))
            counts[bucket_of(s->to, e.key)]++;
}

static void scatter_slice(void *ctx, size_t slice, unsigned worker)
{
    const struct sorting *s = ctx;
    uint32_t *put = s->counts + (slice << s->to->bits);
    struct keyed e;

    for (size_t i = slice_start(s->n, slice); i < slice_start(s->n, slice + 1); i++)
        if (s->entry(s->b, i, &e))
            s->to->at[put[bucket_of(s->to, e.key)]++] = e;
}

static void sort_bucket(void *ctx, size_t bucket, unsigned worker)
{
    const struct sorting *s = ctx;
    size_t first = s->to->start[bucket], n = s->to->start[bucket + 1] - first;

    sort_keyed(s->to->at + first, n, s->to->scratch + first);
}

static unsigned bits_for(size_t n)
{
    unsigned bits = 0;

    while (bits < BUCKET_BITS_MAX && n >> bits > BUCKET_ENTRIES)
        bits++;
    return bits;
}

/* Sorts what entry makes of 0 .. n-1 into to, by bits and after lead leading zero bits of the keys. */
static bool sort_into(struct batch *b, struct sorted *to, entry_fn *entry, size_t n, unsigned bits,
                      unsigned lead, bool sort, struct err *err)
{
    struct sorting s = {b, to, entry, n, NULL};
    size_t buckets = (size_t)1 << bits, at = 0;

    to->bits = bits;
    to->lead = lead;
    s.counts = mem_array(SLICES << bits, sizeof(*s.counts));
    if (!s.counts)
        return err_fail(err, ERR_NOMEM, "sorting %zu entries", n);
    pool_run(b->pool, SLICES, count_slice, &s);
    for (size_t bucket = 0; bucket < buckets; bucket++) {
        to->start[bucket] = at;
        for (size_t slice = 0; slice < SLICES; slice++) {
            uint32_t here = s.counts[(slice << bits) + bucket];

            s.counts[(slice << bits) + bucket] = (uint32_t)at;
            at += here;
        }
    }
    to->start[buckets] = at;
    pool_run(b->pool, SLICES, scatter_slice, &s);
    if (sort)
        pool_run(b->pool, buckets, sort_bucket, &s);
    mem_free(s.counts);
    return true;
}

static size_t sorted_n(const struct sorted *s)
{
    return s->start[(size_t)1 << s->bits];
}

static int keyed_order(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    return x->key != y->key ? (x->key < y->key ? -1 : 1) : x->index < y->index ? -1 : x->index > y->index;
}

/* Sorted keys against a sorted tail: both are walked. */
static void tail_join(const struct keyed *tail, size_t tail_n, const struct keyed *keys, size_t keys_n,
                      void (*hit)(void *ctx, size_t i, uint32_t id), void *ctx)
{
    size_t low = 0, high = tail_n;

    if (!keys_n)
        return;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (tail[middle].key < keys[0].key)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = 0; i < keys_n && low < tail_n; i++) {
        while (low < tail_n && tail[low].key < keys[i].key)
            low++;
        for (size_t same = low; same < tail_n && tail[same].key == keys[i].key; same++)
            hit(ctx, i, tail[same].index);
    }
}

/* ---- inputs ---- */

static bool tx_entry(const struct batch *b, size_t i, struct keyed *ret)
{
    *ret = (struct keyed){key_of_hash(b->txids[i].b), (uint32_t)i, 0};
    return true;
}

static bool in_entry(const struct batch *b, size_t i, struct keyed *ret)
{
    *ret = (struct keyed){key_of_hash(b->outpoints + i * OUTPOINT_BYTES), (uint32_t)i, b->in_tx[i]};
    return true;
}

/* On the way of every input, so without a call. */
static bool same_txid(const uint8_t *a, const uint8_t *b)
{
    return !((load_le64(a) ^ load_le64(b)) | (load_le64(a + 8) ^ load_le64(b + 8)) |
             (load_le64(a + 16) ^ load_le64(b + 16)) | (load_le64(a + 24) ^ load_le64(b + 24)));
}

static void source_set(struct batch *b, uint32_t in, uint64_t first, uint64_t n)
{
    uint32_t vout = load_le32(b->outpoints + (size_t)in * OUTPOINT_BYTES + 32);
    uint64_t id, was;

    if (vout >= n) {
        fail_input(b, in, "an output that it does not have");
        return;
    }
    /* Of several transactions with one txid the newest counts (BIP 30's two duplicates). */
    id = first + vout + 1;
    was = __atomic_load_n(&b->in_source[in], __ATOMIC_RELAXED);
    while (was < id && !__atomic_compare_exchange_n(&b->in_source[in], &was, id, true, __ATOMIC_RELAXED,
                                                    __ATOMIC_RELAXED))
        ;
}

static void source_try(struct batch *b, uint32_t in, uint32_t tx)
{
    struct coins coins;
    struct coins_range out;

    if (tx >= b->c->n.n[COUNT_TX] || !same_txid(b->c->at[COLUMN_TX_ID] + (uint64_t)tx * 32,
                                                b->outpoints + (size_t)in * OUTPOINT_BYTES))
        return;
    coins = columns_coins(b->c, &b->c->n);
    out = coins_outputs(&coins, tx);
    source_set(b, in, out.first, out.n);
}

struct input_hits {
    struct batch *b;
    size_t bucket;
};

static void input_hit(void *ctx, size_t i, uint32_t id)
{
    const struct input_hits *h = ctx;
    struct batch *b = h->b;
    size_t first = b->ins.start[h->bucket], room = b->ins.start[h->bucket + 1] - first;
    uint32_t in = b->ins.at[first + i].index;

    if (b->maybe_n[h->bucket] < room)
        b->maybe[first + b->maybe_n[h->bucket]++] = (struct keyed){id, in, 0};
    else
        source_try(b, in, id);
}

static void join_inputs(void *ctx, size_t bucket, unsigned worker)
{
    struct batch *b = ctx;
    struct keyed *in = b->ins.at + b->ins.start[bucket];
    const struct keyed *tx = b->txs.at + b->txs.start[bucket];
    size_t in_n = b->ins.start[bucket + 1] - b->ins.start[bucket], missed = 0;
    size_t tx_n = b->txs.start[bucket + 1] - b->txs.start[bucket], t = 0;
    uint64_t out0 = b->c->n.n[COUNT_OUT];
    struct input_hits hits = {b, bucket};

    for (size_t i = 0; i < in_n; i++) {
        uint32_t from = NOT_FOUND;

        if (i + 8 < in_n)
            __builtin_prefetch(b->outpoints + (size_t)in[i + 8].index * OUTPOINT_BYTES);
        while (t < tx_n && tx[t].key < in[i].key)
            t++;
        if (t + 4 < tx_n)
            __builtin_prefetch(&b->txids[tx[t + 4].index]);
        for (size_t k = t; k < tx_n && tx[k].key == in[i].key; k++)
            if (tx[k].index < in[i].with &&
                same_txid(b->txids[tx[k].index].b, b->outpoints + (size_t)in[i].index * OUTPOINT_BYTES))
                from = tx[k].index;
        if (from == NOT_FOUND)
            in[missed++] = in[i];
        else
            source_set(b, in[i].index, out0 + b->tx_out[from], b->tx_out[from + 1] - b->tx_out[from]);
    }
    b->missed[bucket] = missed;
    b->maybe_n[bucket] = 0;
    for (unsigned r = 0; r < b->c->txs.runs_n; r++)
        index_join(&b->c->txs.runs[r], in, missed, input_hit, &hits);
    tail_join(b->tail, b->tail_n, in, missed, input_hit, &hits);
}

static bool maybe_entry(const struct batch *b, size_t i, struct keyed *ret)
{
    *ret = b->maybe[i];
    return true;
}

/* Candidates in order of their transactions: the ledger's columns are read in one direction. */
static void verify_inputs(void *ctx, size_t bucket, unsigned worker)
{
    struct batch *b = ctx;
    const struct keyed *at = b->ins.at + b->ins.start[bucket];
    size_t n = b->ins.start[bucket + 1] - b->ins.start[bucket];
    uint64_t txs_n = b->c->n.n[COUNT_TX];

    for (size_t i = 0; i < n; i++) {
        if (i + 8 < n && at[i + 8].key < txs_n) {
            __builtin_prefetch(b->c->at[COLUMN_TX_ID] + at[i + 8].key * 32);
            __builtin_prefetch(b->c->at[COLUMN_TX_FIRST] + at[i + 8].key * TX_FIRST_BYTES);
            __builtin_prefetch(b->outpoints + (size_t)at[i + 8].index * OUTPOINT_BYTES);
        }
        source_try(b, at[i].index, (uint32_t)at[i].key);
    }
}

static unsigned lead_of(uint64_t n) /* leading zero bits of all numbers below n */
{
    return n > 1 ? (unsigned)__builtin_clzll(n - 1) : 63;
}

static void clear_inputs(void *ctx, size_t slice, unsigned worker)
{
    struct batch *b = ctx;
    size_t in = slice_start(b->ins_n, slice), out = slice_start(b->outs_n, slice);

    memset(b->in_source + in, 0, (slice_start(b->ins_n, slice + 1) - in) * 8);
    memset(b->out_spent + out, 0, (slice_start(b->outs_n, slice + 1) - out) * 4);
}

static bool old_spend_entry(const struct batch *b, size_t i, struct keyed *ret)
{
    uint64_t source = b->in_source[i];

    if (!source || source > b->c->n.n[COUNT_OUT])
        return false;
    *ret = (struct keyed){source - 1, (uint32_t)i, (uint32_t)(b->c->n.n[COUNT_TX] + b->in_tx[i] + 1)};
    return true;
}

static void check_old_spends(void *ctx, size_t bucket, unsigned worker)
{
    struct batch *b = ctx;
    const struct keyed *at = b->ins.at + b->ins.start[bucket];
    size_t n = b->ins.start[bucket + 1] - b->ins.start[bucket];

    for (size_t i = 0; i < n; i++)
        if ((i && at[i].key == at[i - 1].key) ||
            load_le32(b->c->at[COLUMN_OUT_SPENT] + at[i].key * 4))
            fail_input(b, at[i].index, "which is spent already: these blocks are not of one chain");
}

/* Spends of the batch's own outputs; counts what is outside. */
static void settle_inputs(void *ctx, size_t slice, unsigned worker)
{
    struct batch *b = ctx;
    uint64_t out0 = b->c->n.n[COUNT_OUT];
    size_t unknown = 0;

    for (size_t i = slice_start(b->ins_n, slice); i < slice_start(b->ins_n, slice + 1); i++) {
        uint64_t source = b->in_source[i];

        unknown += !source;
        if (source > out0 &&
            __atomic_exchange_n(&b->out_spent[source - 1 - out0],
                                (uint32_t)(b->c->n.n[COUNT_TX] + b->in_tx[i] + 1), __ATOMIC_RELAXED))
            fail_input(b, (uint32_t)i, "which is spent already: these blocks are not of one chain");
    }
    __atomic_fetch_add(&b->unknown_n, unknown, __ATOMIC_RELAXED);
}

static void tx_tail(struct batch *b)
{
    uint64_t first = b->c->txs.covered, n = b->c->n.n[COUNT_TX] - first;

    b->tail_n = (size_t)n;
    for (uint64_t i = 0; i < n; i++)
        b->tail[i] = (struct keyed){key_of_hash(b->c->at[COLUMN_TX_ID] + (first + i) * 32),
                                    (uint32_t)(first + i), 0};
    qsort(b->tail, b->tail_n, sizeof(*b->tail), keyed_order);
}

static bool resolve_inputs(struct batch *b, struct err *err)
{
    unsigned bits = bits_for(b->ins_n > b->txs_n ? b->ins_n : b->txs_n);
    size_t maybe_n = 0;

    tx_tail(b);
    b->unknown_n = 0;
    pool_run(b->pool, SLICES, clear_inputs, b);
    if (!sort_into(b, &b->txs, tx_entry, b->txs_n, bits, 0, true, err) ||
        !sort_into(b, &b->ins, in_entry, b->ins_n, bits, 0, true, err))
        return false;
    pool_run(b->pool, (size_t)1 << bits, join_inputs, b);
    for (size_t bucket = 0; bucket < (size_t)1 << bits; bucket++) {
        memmove(b->maybe + maybe_n, b->maybe + b->ins.start[bucket], b->maybe_n[bucket] * sizeof(*b->maybe));
        maybe_n += b->maybe_n[bucket];
    }
    if (!sort_into(b, &b->ins, maybe_entry, maybe_n, bits_for(maybe_n), lead_of(b->c->n.n[COUNT_TX]), true,
                   err))
        return false;
    pool_run(b->pool, (size_t)1 << b->ins.bits, verify_inputs, b);
    pool_run(b->pool, SLICES, settle_inputs, b);
    if (!sort_into(b, &b->ins, old_spend_entry, b->ins_n, bits_for(b->ins_n), lead_of(b->c->n.n[COUNT_OUT]),
                   true, err))
        return false;
    b->old_spends_n = sorted_n(&b->ins);
    pool_run(b->pool, (size_t)1 << b->ins.bits, check_old_spends, b);
    return !b->failed || (*err = b->failure, false);
}

/* ---- what lies outside ---- */

static bool outside_script(struct batch *b, struct bytes script, struct err *err)
{
    size_t occ = b->outs_n + b->occ_n;

    if (b->cap_heap - b->heap_n < script.n + 10 || occ >= b->cap_out + b->cap_in)
        return err_fail(err, ERR_LIMIT, "more undo data than the memory of a batch");
    b->out_key[occ] = key_of_script(script);
    b->out_at[occ] = b->heap_n;
    b->out_n[occ] = (uint32_t)script_pack(script, b->heap + b->heap_n);
    b->heap_n += b->out_n[occ];
    b->occ_n++;
    return true;
}

static bool outside_block(struct batch *b, size_t block, spent_fn *spent, void *ctx, struct err *err)
{
    size_t in = b->blocks[block].in, end = block + 1 < b->blocks_n ? b->blocks[block + 1].in : b->ins_n;
    const struct fact_spent *told = b->blocks[block].spent;
    bool asked = told || !spent;

    for (size_t i = in; i < end; i++) {
        size_t ext = b->ext_n;

        if (b->in_source[i]) {
            b->in_source[i]--;
            continue;
        }
        if (!asked && !spent(ctx, block, &told, err))
            return false;
        asked = true;
        memcpy(b->ext_outpoint + ext * OUTPOINT_BYTES, b->outpoints + i * OUTPOINT_BYTES, OUTPOINT_BYTES);
        b->ext_value[ext] = told ? told[i - in].value : UINT64_MAX;
        b->ext_script[ext] = 0;
        if (told) {
            if (!outside_script(b, told[i - in].script, err))
                return false;
            b->ext_script[ext] = (uint32_t)b->occ_n; /* until ids are known: number among these + 1 */
        }
        b->in_source[i] = COINS_OUTSIDE | (b->c->n.n[COUNT_EXT] + ext);
        b->ext_n++;
    }
    return true;
}

/* Scripts in ledger order: a transaction's outside inputs, then its outputs. */
static void occurrences(struct batch *b)
{
    uint64_t ext0 = b->c->n.n[COUNT_EXT];
    size_t occ = 0, block = 0;

    for (size_t tx = 0; tx < b->txs_n; tx++) {
        while (block < b->blocks_n && b->blocks[block].tx == tx)
            b->block_occ[block++] = occ;
        for (size_t i = b->tx_in[tx]; i < b->tx_in[tx + 1]; i++)
            if (b->in_source[i] & COINS_OUTSIDE) {
                size_t ext = (size_t)((b->in_source[i] & ~COINS_OUTSIDE) - ext0);

                if (!b->ext_script[ext])
                    continue;
                b->occ_key[occ] = b->out_key[b->outs_n + b->ext_script[ext] - 1];
                b->occ_at[occ] = b->out_at[b->outs_n + b->ext_script[ext] - 1];
                b->occ_n32[occ] = b->out_n[b->outs_n + b->ext_script[ext] - 1];
                b->occ_of[occ++] = (uint32_t)ext | 1u << 31;
            }
        for (size_t o = b->tx_out[tx]; o < b->tx_out[tx + 1]; o++) {
            b->occ_key[occ] = b->out_key[o];
            b->occ_at[occ] = b->out_at[o];
            b->occ_n32[occ] = b->out_n[o];
            b->occ_of[occ++] = (uint32_t)o;
        }
    }
    b->block_occ[b->blocks_n] = b->occ_n = occ;
}

static void source_from_one(void *ctx, size_t slice, unsigned worker)
{
    struct batch *b = ctx;

    for (size_t i = slice_start(b->ins_n, slice); i < slice_start(b->ins_n, slice + 1); i++)
        b->in_source[i]--;
}

static bool resolve_outside(struct batch *b, spent_fn *spent, void *ctx, struct err *err)
{
    b->occ_n = 0;
    b->ext_n = 0;
    b->occ_own = b->unknown_n > 0;
    if (!b->occ_own) { /* the usual case: every occurrence is an output */
        pool_run(b->pool, SLICES, source_from_one, b);
        b->occ_n = b->outs_n;
        for (size_t i = 0; i < b->blocks_n; i++)
            b->block_occ[i] = b->blocks[i].out;
        b->block_occ[b->blocks_n] = b->outs_n;
        return true;
    }
    for (size_t i = 0; i < b->blocks_n; i++)
        if (!outside_block(b, i, spent, ctx, err)) {
            struct text t = text_new(256);

            text_hex_reversed(&t, b->blocks[i].hash.b, 32);
            err_in(err, "block %s", text_string(&t) ? text_string(&t) : "");
            text_free(&t);
            return false;
        }
    occurrences(b);
    return true;
}

/* ---- scripts ---- */

static uint64_t occ_key(const struct batch *b, size_t occ)
{
    return b->occ_own ? b->occ_key[occ] : b->out_key[occ];
}

static struct bytes occ_packed(const struct batch *b, size_t occ)
{
    if (b->occ_own)
        return (struct bytes){b->heap + b->occ_at[occ], b->occ_n32[occ]};
    return (struct bytes){b->heap + b->out_at[occ], b->out_n[occ]};
}

static uint32_t occ_output(const struct batch *b, size_t occ)
{
    return b->occ_own ? b->occ_of[occ] : (uint32_t)occ;
}

static bool occ_entry(const struct batch *b, size_t i, struct keyed *ret)
{
    *ret = (struct keyed){occ_key(b, i), (uint32_t)i, 0};
    return true;
}

static bool script_is(const struct batch *b, uint32_t script, uint32_t occ)
{
    return bytes_equal(columns_packed(b->c, script), occ_packed(b, occ));
}

static void script_try(struct batch *b, size_t group, uint32_t script)
{
    if (script_is(b, script, b->occs.at[group].index)) {
        b->group_id[group] = script;
        b->group_old[group] = load_le64(b->c->at[COLUMN_SCRIPT_LAST] + (uint64_t)script * 8);
    } else {
        b->occs.at[group].with = 1; /* another script of that address is known already */
    }
}

static void script_hit(void *ctx, size_t i, uint32_t id)
{
    const struct input_hits *h = ctx;
    struct batch *b = h->b;
    size_t first = b->occs.start[h->bucket];

    if (b->script_maybe_n[h->bucket] < b->groups_n[h->bucket])
        b->script_maybe[first + b->script_maybe_n[h->bucket]++] = (struct keyed){id, (uint32_t)(first + i), 0};
    else
        script_try(b, first + i, id);
}

/* Entries of one key: [at, end). Their groups go to the front of the bucket, where entries are used up already. */
static size_t group_run(struct batch *b, size_t bucket, size_t at, size_t end, size_t groups)
{
    struct keyed *e = b->occs.at + b->occs.start[bucket];
    size_t first = groups, base = b->occs.start[bucket];
    uint64_t out0 = b->c->n.n[COUNT_OUT];

    for (; at < end; at++) {
        struct keyed one = e[at];
        size_t g = first;
        uint32_t out = occ_output(b, one.index);

        while (g < groups && !bytes_equal(occ_packed(b, e[g].index), occ_packed(b, one.index)))
            g++;
        if (g == groups) {
            e[groups++] = (struct keyed){one.key, one.index, g > first};
            b->group_last[base + g] = 0;
            b->group_old[base + g] = 0;
            b->group_id[base + g] = NOT_FOUND;
        }
        b->occ_group[one.index] = (uint32_t)(base + g);
        if (out >> 31)
            continue;
        b->out_prev[out] = b->group_last[base + g];
        b->group_last[base + g] = out0 + out + 1;
    }
    return groups;
}

static void join_scripts(void *ctx, size_t bucket, unsigned worker)
{
    struct batch *b = ctx;
    const struct keyed *e = b->occs.at + b->occs.start[bucket];
    size_t n = b->occs.start[bucket + 1] - b->occs.start[bucket], groups = 0;
    struct input_hits hits = {b, bucket};

    for (size_t at = 0, end; at < n; at = end) {
        uint64_t key = e[at].key;

        for (end = at + 1; end < n && e[end].key == key; end++)
            ;
        if (end + 24 < n) {
            size_t far = e[end + 24].index;

            __builtin_prefetch(b->occ_own ? &b->occ_at[far] : &b->out_at[far]);
            __builtin_prefetch(b->occ_own ? &b->occ_n32[far] : &b->out_n[far]);
            __builtin_prefetch(&b->occ_group[far], 1);
            __builtin_prefetch(occ_packed(b, e[end + 12].index).p);
        }
        groups = group_run(b, bucket, at, end, groups);
    }
    b->groups_n[bucket] = groups;
    b->script_maybe_n[bucket] = 0;
    for (unsigned r = 0; r < b->c->scripts.runs_n; r++)
        index_join(&b->c->scripts.runs[r], e, groups, script_hit, &hits);
    tail_join(b->script_tail, b->script_tail_n, e, groups, script_hit, &hits);
}

static bool script_maybe_entry(const struct batch *b, size_t i, struct keyed *ret)
{
    *ret = b->script_maybe[i];
    return true;
}

static void verify_scripts(void *ctx, size_t bucket, unsigned worker)
{
    struct batch *b = ctx;
    const struct keyed *at = b->found.at + b->found.start[bucket];
    size_t n = b->found.start[bucket + 1] - b->found.start[bucket];

    for (size_t i = 0; i < n; i++) {
        if (i + 8 < n && at[i + 8].key < b->c->n.n[COUNT_SCRIPT]) {
            __builtin_prefetch(b->c->at[COLUMN_SCRIPT_START] + at[i + 8].key * ID_BYTES);
            __builtin_prefetch(b->c->at[COLUMN_SCRIPT_LAST] + at[i + 8].key * 8);
        }
        script_try(b, at[i].index, (uint32_t)at[i].key);
    }
}

static void mark_new(void *ctx, size_t bucket, unsigned worker)
{
    struct batch *b = ctx;

    for (size_t g = b->occs.start[bucket]; g < b->occs.start[bucket] + b->groups_n[bucket]; g++)
        if (b->group_id[g] == NOT_FOUND)
            b->occ_new[b->occs.at[g].index] = b->occs.at[g].with ? 2 : 1;
}

static bool has_address(struct bytes packed)
{
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes script, payload;
    size_t used;

    return script_unpack(packed, form, &script, &used) &&
           script_has_address(script_classify(script, &payload));
}

/* How many new scripts a block has, and their bytes; then (second) their ids and bytes in place. */
static void count_new(void *ctx, size_t block, unsigned worker)
{
    struct batch *b = ctx;
    uint64_t *counts = b->block_counts + (block + 1) * COUNTS_N;

    counts[COUNT_SCRIPT] = counts[COUNT_SCRIPT_BYTE] = counts[COUNT_ADDRESS] = 0;
    for (size_t occ = b->block_occ[block]; occ < b->block_occ[block + 1]; occ++)
        if (b->occ_new[occ]) {
            struct bytes packed = occ_packed(b, occ);

            counts[COUNT_SCRIPT]++;
            counts[COUNT_SCRIPT_BYTE] += packed.n;
            counts[COUNT_ADDRESS] += b->occ_new[occ] == 1 && has_address(packed);
        }
}

static void place_new(void *ctx, size_t block, unsigned worker)
{
    struct batch *b = ctx;
    const uint64_t *counts = b->block_counts + block * COUNTS_N;
    uint64_t script0 = b->c->n.n[COUNT_SCRIPT], id = counts[COUNT_SCRIPT];
    uint64_t at = counts[COUNT_SCRIPT_BYTE] - b->c->n.n[COUNT_SCRIPT_BYTE];

    for (size_t occ = b->block_occ[block]; occ < b->block_occ[block + 1]; occ++)
        if (b->occ_new[occ]) {
            struct bytes packed = occ_packed(b, occ);
            uint32_t group = b->occ_group[occ];

            b->group_id[group] = (uint32_t)id;
            b->script_start[id - script0] = at;
            b->script_last[id - script0] = b->group_last[group];
            memcpy(b->script_data + at, packed.p, packed.n);
            at += packed.n;
            id++;
        }
}

static void place_outputs(void *ctx, size_t slice, unsigned worker)
{
    struct batch *b = ctx;

    for (size_t occ = slice_start(b->occ_n, slice); occ < slice_start(b->occ_n, slice + 1); occ++) {
        uint32_t group = b->occ_group[occ], out = occ_output(b, occ);

        if (out >> 31) {
            b->ext_script[out & ~(1u << 31)] = b->group_id[group] + 1;
            continue;
        }
        b->out_script[out] = b->group_id[group];
        if (!b->out_prev[out])
            b->out_prev[out] = b->group_old[group];
    }
}

static void clear_new(void *ctx, size_t slice, unsigned worker)
{
    struct batch *b = ctx;
    size_t first = slice_start(b->occ_n, slice);

    memset(b->occ_new + first, 0, slice_start(b->occ_n, slice + 1) - first);
}

static void script_tail(struct batch *b)
{
    uint64_t first = b->c->scripts.covered, n = b->c->n.n[COUNT_SCRIPT] - first;

    b->script_tail_n = 0;
    for (uint64_t i = first; i < first + n; i++) {
        uint8_t form[SCRIPT_FORM_MAX];
        struct bytes script;
        size_t used;

        if (script_unpack(columns_packed(b->c, (uint32_t)i), form, &script, &used))
            b->script_tail[b->script_tail_n++] = (struct keyed){key_of_script(script), (uint32_t)i, 0};
    }
    qsort(b->script_tail, b->script_tail_n, sizeof(*b->script_tail), keyed_order);
}

/* The counts before each block, for its record; the sums of the new scripts stand there already, one block each. */
static void count_blocks(struct batch *b)
{
    uint64_t ext = 0, runs = 0;

    for (size_t i = 0; i <= b->blocks_n; i++) {
        uint64_t *n = b->block_counts + i * COUNTS_N;
        bool last = i == b->blocks_n;

        n[COUNT_BLOCK] = b->c->n.n[COUNT_BLOCK] + i;
        n[COUNT_RUN] = b->c->n.n[COUNT_RUN] + runs;
        n[COUNT_TX] = b->c->n.n[COUNT_TX] + (last ? b->txs_n : b->blocks[i].tx);
        n[COUNT_IN] = b->c->n.n[COUNT_IN] + (last ? b->ins_n : b->blocks[i].in);
        n[COUNT_OUT] = b->c->n.n[COUNT_OUT] + (last ? b->outs_n : b->blocks[i].out);
        n[COUNT_EXT] = b->c->n.n[COUNT_EXT] + ext;
        if (last)
            break;
        runs += b->blocks[i].run_start;
        if (b->occ_own)
            for (size_t in = b->blocks[i].in;
                 in < (i + 1 < b->blocks_n ? b->blocks[i + 1].in : b->ins_n); in++)
                ext += (b->in_source[in] & COINS_OUTSIDE) != 0;
    }
    for (unsigned k = COUNT_SCRIPT; k < COUNTS_N; k++) {
        b->block_counts[k] = b->c->n.n[k];
        for (size_t i = 1; i <= b->blocks_n; i++)
            b->block_counts[i * COUNTS_N + k] += b->block_counts[(i - 1) * COUNTS_N + k];
    }
}

static void list_scripts(struct batch *b)
{
    uint32_t script0 = (uint32_t)b->c->n.n[COUNT_SCRIPT];

    b->scripts_n = 0;
    b->old_lasts_n = 0;
    for (size_t bucket = 0; bucket < (size_t)1 << b->occs.bits; bucket++)
        for (size_t g = b->occs.start[bucket]; g < b->occs.start[bucket] + b->groups_n[bucket]; g++)
            if (b->group_id[g] >= script0)
                b->new_scripts[b->scripts_n++] = (struct keyed){b->occs.at[g].key, b->group_id[g], 0};
            else if (b->group_last[g])
                b->old_lasts[b->old_lasts_n++] = (struct keyed){b->group_last[g], b->group_id[g], 0};
}

static bool resolve_scripts(struct batch *b, struct err *err)
{
    size_t maybe_n = 0;

    script_tail(b);
    if (!sort_into(b, &b->occs, occ_entry, b->occ_n, bits_for(b->occ_n), 0, true, err))
        return false;
    pool_run(b->pool, (size_t)1 << b->occs.bits, join_scripts, b);
    for (size_t bucket = 0; bucket < (size_t)1 << b->occs.bits; bucket++) {
        memmove(b->script_maybe + maybe_n, b->script_maybe + b->occs.start[bucket],
                b->script_maybe_n[bucket] * sizeof(*b->script_maybe));
        maybe_n += b->script_maybe_n[bucket];
    }
    /* The scratch of both sorts is free by now and lends its room. */
    b->found.at = b->occs.scratch;
    b->found.scratch = b->new_scripts;
    if (!sort_into(b, &b->found, script_maybe_entry, maybe_n, bits_for(maybe_n),
                   lead_of(b->c->n.n[COUNT_SCRIPT]), true, err))
        return false;
    pool_run(b->pool, (size_t)1 << b->found.bits, verify_scripts, b);
    pool_run(b->pool, SLICES, clear_new, b);
    pool_run(b->pool, (size_t)1 << b->occs.bits, mark_new, b);
    pool_run(b->pool, b->blocks_n, count_new, b);
    count_blocks(b);
    pool_run(b->pool, b->blocks_n, place_new, b);
    pool_run(b->pool, SLICES, place_outputs, b);
    list_scripts(b);
    return true;
}

bool batch_join(struct batch *b, const struct columns *c, spent_fn *spent, void *ctx, struct err *err)
{
    b->c = c;
    b->failed = false;
    if (!resolve_inputs(b, err) || !resolve_outside(b, spent, ctx, err) || !resolve_scripts(b, err))
        return false;
    for (size_t i = 0; i < b->txs_n; i++)
        b->txs.at[i].index += (uint32_t)c->n.n[COUNT_TX];
    b->joined = true;
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
