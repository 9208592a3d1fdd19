/* Inputs: which output each one spends. First among the batch itself, then in the ledger, and what
 * is found in neither lies outside. Candidates from the ledger are verified in order of their ids,
 * so that its columns are read in one direction. */
#include "ledger/batch_parts.h"

#include "base/text.h"
#include "chain/bitcoin/pool.h"

#include <stdlib.h>

static void fail(struct batch *b, const struct err *err)
{
    pthread_mutex_lock(&b->failed_lock);
    if (!b->failed)
        b->failure = *err;
    b->failed = true;
    pthread_mutex_unlock(&b->failed_lock);
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
    while (was < id && !__atomic_compare_exchange_n(&b->in_source[in], &was, id, true,
                                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
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

static void input_hit(void *ctx, size_t i, uint64_t id)
{
    const struct bucket_hits *h = ctx;
    struct batch *b = h->b;
    size_t first = b->ins.start[h->bucket], room = b->ins.start[h->bucket + 1] - first;
    uint32_t in = b->ins.at[first + i].index;

    if (b->maybe_n[h->bucket] < room)
        b->maybe[first + b->maybe_n[h->bucket]++] = (struct keyed){id, in, 0};
    else
        source_try(b, in, (uint32_t)id);
}

static void note_later(struct batch *b, uint32_t in)
{
    size_t at = __atomic_fetch_add(&b->later_n, 1, __ATOMIC_RELAXED);

    if (at < BATCH_LATER_MAX)
        b->later[at] = in;
}

/* What is made behind its spender, and nowhere before. In Bitcoin's blocks nothing is; were it
 * taken for an output of outside, its taint would stay where it was. */
static void check_later(struct batch *b)
{
    for (size_t i = 0; i < b->later_n && i < BATCH_LATER_MAX; i++)
        if (!b->in_source[b->later[i]])
            fail_input(b, b->later[i],
                       "which comes behind it: blocks of this chain are in order of spending");
}

static void join_inputs(void *ctx, size_t bucket, unsigned worker)
{
    struct batch *b = ctx;
    struct keyed *in = b->ins.at + b->ins.start[bucket];
    const struct keyed *tx = b->txs.at + b->txs.start[bucket];
    size_t in_n = b->ins.start[bucket + 1] - b->ins.start[bucket], missed = 0;
    size_t tx_n = b->txs.start[bucket + 1] - b->txs.start[bucket], t = 0;
    uint64_t out0 = b->c->n.n[COUNT_OUT];
    struct bucket_hits hits = {b, bucket};

    for (size_t i = 0; i < in_n; i++) {
        uint32_t from = NOT_FOUND;
        bool later = false;

        if (i + 8 < in_n) {
            __builtin_prefetch(b->outpoints + (size_t)in[i + 8].index * OUTPOINT_BYTES);
            __builtin_prefetch(&b->in_source[in[i + 8].index], 1);
        }
        while (t < tx_n && tx[t].key < in[i].key)
            t++;
        if (t + 4 < tx_n)
            __builtin_prefetch(&b->txids[tx[t + 4].index]);
        for (size_t k = t; k < tx_n && tx[k].key == in[i].key; k++)
            if (same_txid(b->txids[tx[k].index].b,
                          b->outpoints + (size_t)in[i].index * OUTPOINT_BYTES)) {
                if (tx[k].index < in[i].with)
                    from = tx[k].index;
                else
                    later = true;
            }
        if (from == NOT_FOUND && later)
            note_later(b, in[i].index);
        if (from == NOT_FOUND)
            in[missed++] = in[i];
        else
            source_set(b, in[i].index, out0 + b->tx_out[from],
                       b->tx_out[from + 1] - b->tx_out[from]);
    }
    b->missed[bucket] = missed;
    b->maybe_n[bucket] = 0;
    for (unsigned r = 0; r < b->c->index[INDEX_TX].runs_n; r++)
        index_join(&b->c->index[INDEX_TX].runs[r], in, missed, input_hit, &hits);
    batch_tail_join(b->tail, b->tail_n, in, missed, input_hit, &hits);
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
    *ret =
        (struct keyed){source - 1, (uint32_t)i, (uint32_t)(b->c->n.n[COUNT_TX] + b->in_tx[i] + 1)};
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
        if (source > out0 && __atomic_exchange_n(&b->out_spent[source - 1 - out0],
                                                 (uint32_t)(b->c->n.n[COUNT_TX] + b->in_tx[i] + 1),
                                                 __ATOMIC_RELAXED))
            fail_input(b, (uint32_t)i, "which is spent already: these blocks are not of one chain");
    }
    __atomic_fetch_add(&b->unknown_n, unknown, __ATOMIC_RELAXED);
}

static void tx_tail(struct batch *b)
{
    uint64_t first = b->c->index[INDEX_TX].covered, n = b->c->n.n[COUNT_TX] - first;

    b->tail_n = (size_t)n;
    for (uint64_t i = 0; i < n; i++)
        b->tail[i] = (struct keyed){key_of_hash(b->c->at[COLUMN_TX_ID] + (first + i) * 32),
                                    (uint32_t)(first + i), 0};
    qsort(b->tail, b->tail_n, sizeof(*b->tail), keyed_order);
}

bool batch_resolve_inputs(struct batch *b, struct err *err)
{
    unsigned bits = batch_bits(b->ins_n > b->txs_n ? b->ins_n : b->txs_n);
    size_t maybe_n = 0;

    tx_tail(b);
    b->unknown_n = b->later_n = 0;
    pool_run(b->pool, SLICES, clear_inputs, b);
    if (!batch_sort(b, &b->txs, tx_entry, b->txs_n, bits, 0, err) ||
        !batch_sort(b, &b->ins, in_entry, b->ins_n, bits, 0, err))
        return false;
    pool_run(b->pool, (size_t)1 << bits, join_inputs, b);
    for (size_t bucket = 0; bucket < (size_t)1 << bits; bucket++) {
        memmove(b->maybe + maybe_n, b->maybe + b->ins.start[bucket],
                b->maybe_n[bucket] * sizeof(*b->maybe));
        maybe_n += b->maybe_n[bucket];
    }
    if (!batch_sort(b, &b->ins, maybe_entry, maybe_n, batch_bits(maybe_n),
                    batch_lead(b->c->n.n[COUNT_TX]), err))
        return false;
    pool_run(b->pool, (size_t)1 << b->ins.bits, verify_inputs, b);
    pool_run(b->pool, SLICES, settle_inputs, b);
    check_later(b);
    if (!batch_sort(b, &b->ins, old_spend_entry, b->ins_n, batch_bits(b->ins_n),
                    batch_lead(b->c->n.n[COUNT_OUT]), err))
        return false;
    b->old_spends_n = b->ins.start[(size_t)1 << b->ins.bits];
    pool_run(b->pool, (size_t)1 << b->ins.bits, check_old_spends, b);
    return !b->failed || (*err = b->failure, false);
}

static bool outside_script(struct batch *b, struct bytes script, struct err *err)
{
    size_t occ = b->outs_n + b->occ_n, n;

    if (b->cap_heap - b->heap_n < script.n + 10 || occ >= b->cap_out + b->cap_in)
        return err_fail(err, ERR_LIMIT, "more undo data than the memory of a batch");
    b->out_key[occ] = key_of_script(script);
    n = script_pack(script, b->heap + b->heap_n);
    b->out_packed[occ] = packed_at(b->heap_n, n);
    b->heap_n += n;
    b->occ_n++;
    return true;
}

static bool outside_block(struct batch *b, size_t block, spent_fn *spent, void *ctx,
                          struct err *err)
{
    size_t in = b->blocks[block].in,
           end = block + 1 < b->blocks_n ? b->blocks[block + 1].in : b->ins_n;
    const struct fact_spent *told = b->blocks[block].spent;
    bool asked = told || !spent;

    for (size_t i = in; i < end; i++) {
        const uint8_t *outpoint = b->outpoints + i * OUTPOINT_BYTES;
        size_t ext = b->ext_n;

        if (b->in_source[i]) {
            b->in_source[i]--;
            continue;
        }
        b->in_source[i] = COINS_OUTSIDE | (b->c->n.n[COUNT_EXT] + ext);
        b->ext_n++;
        memcpy(b->ext_outpoint + ext * OUTPOINT_BYTES, outpoint, OUTPOINT_BYTES);
        b->ext_script[ext] = 0;
        if (pool_of_outpoint(outpoint, &b->ext_value[ext]) != POOL_NONE)
            continue;
        if (!asked && !spent(ctx, block, &told, err))
            return false;
        asked = true;
        b->ext_value[ext] = told ? told[i - in].value : UINT64_MAX;
        if (told) {
            if (!outside_script(b, told[i - in].script, err))
                return false;
            /* until ids are known: number among these + 1 */
            b->ext_script[ext] = (uint32_t)b->occ_n;
        }
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
                b->occ_packed[occ] = b->out_packed[b->outs_n + b->ext_script[ext] - 1];
                b->occ_of[occ++] = (uint32_t)ext | 1u << 31;
            }
        for (size_t o = b->tx_out[tx]; o < b->tx_out[tx + 1]; o++) {
            b->occ_key[occ] = b->out_key[o];
            b->occ_packed[occ] = b->out_packed[o];
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

bool batch_resolve_outside(struct batch *b, spent_fn *spent, void *ctx, struct err *err)
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
