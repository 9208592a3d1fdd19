/* A batch's own numbers become the ledger's ids. Candidates of the index are verified in order of
 * their ids, so that columns are read in one direction. */
#include "ledger/account_batch_parts.h"
#include "ledger/account_link.h"

#include <stdlib.h>

#define AHEAD 12u

/* ---- looking many keys up ---- */

struct asking {
    struct account_batch *b;
    size_t asked_n; /* of sorted */
    /* whether an id is what a number of the batch stands for; if so it is kept */
    bool (*try)(struct account_batch *b, uint32_t number, uint64_t id);
};

static void hit(void *ctx, size_t i, uint64_t id)
{
    struct asking *a = ctx;
    struct account_batch *b = a->b;

    if (b->maybe_n < b->maybe_cap)
        b->maybe[b->maybe_n++] = (struct keyed){id, b->sorted[i].index, 0};
    else
        a->try(b, b->sorted[i].index, id);
}

/* The tail's keys, sorted, against sorted keys. */
static void join_tail(struct asking *a, unsigned which)
{
    struct account_batch *b = a->b;
    const struct index *x = &b->c->index[which];
    uint64_t n = b->c->n.n[b->c->shape->indexes[which].by] - x->covered;
    size_t low = 0;

    for (uint64_t i = 0; i < n; i++)
        b->tail[i] =
            (struct keyed){b->c->shape->key_of(b->c, which, x->covered + i), (uint32_t)i, 0};
    sort_keyed(b->tail, n, b->tail_scratch);
    for (size_t i = 0; i < a->asked_n && low < n; i++) {
        while (low < n && b->tail[low].key < b->sorted[i].key)
            low++;
        for (size_t same = low; same < n && b->tail[same].key == b->sorted[i].key; same++)
            hit(a, i, x->covered + b->tail[same].index);
    }
}

/* sorted holds the keys that are asked for, in any order. */
static void ask(struct asking *a, unsigned which, unsigned column, unsigned second)
{
    struct account_batch *b = a->b;
    const struct index *x = &b->c->index[which];
    const struct column_form *form = &b->c->shape->columns[column],
                             *more = &b->c->shape->columns[second];

    b->maybe_n = 0;
    sort_keyed(b->sorted, a->asked_n, b->scratch);
    for (unsigned r = 0; r < x->runs_n; r++)
        index_join(&x->runs[r], b->sorted, a->asked_n, hit, a);
    join_tail(a, which);
    sort_keyed(b->maybe, b->maybe_n, b->scratch);
    for (size_t i = 0; i < b->maybe_n; i++) {
        if (i + AHEAD < b->maybe_n) {
            __builtin_prefetch(b->c->at[column] + b->maybe[i + AHEAD].key * form->width);
            __builtin_prefetch(b->c->at[second] + b->maybe[i + AHEAD].key * more->width);
        }
        a->try(b, b->maybe[i].index, b->maybe[i].key);
    }
}

/* ---- accounts ---- */

static bool try_account(struct account_batch *b, uint32_t number, uint64_t id)
{
    if (b->account_id[number] != ACCOUNTS_NONE || id >= b->c->n.n[COUNT_ACCOUNT] ||
        !bytes_equal(columns_account_key(b->c, id), batch_key(b, number)))
        return false;
    b->account_id[number] = id;
    return true;
}

static uint64_t key_of_number(const struct account_batch *b, size_t account)
{
    return index_key(b->account_hash[account], INDEX_KEY_SHORT);
}

static void resolve_accounts(struct account_batch *b)
{
    struct asking a = {.b = b, .asked_n = b->accounts_n, .try = try_account};
    uint64_t first = b->c->n.n[COUNT_ACCOUNT];
    size_t block = 0, bytes = 0;

    for (size_t i = 0; i < b->accounts_n; i++) {
        b->account_id[i] = ACCOUNTS_NONE;
        b->account_last[i] = ACCOUNTS_NONE;
        b->sorted[i] = (struct keyed){key_of_number(b, i), (uint32_t)i, 0};
    }
    ask(&a, INDEX_ACCOUNT, COLUMN_ACCOUNT_START, COLUMN_ACCOUNT_LAST);
    b->new_accounts_n = 0;
    for (size_t i = 0;; i++) {
        /* before a block's first own account; the first block's own begin after the empty key */
        for (; block < b->blocks_n && (!block || b->blocks[block].counts[COUNT_ACCOUNT] <= i);
             block++) {
            b->blocks[block].counts[COUNT_ACCOUNT] = b->new_accounts_n;
            b->blocks[block].counts[COUNT_KEY_BYTE] = bytes;
        }
        if (i == b->accounts_n)
            break;
        if (b->account_id[i] != ACCOUNTS_NONE)
            continue;
        b->account_id[i] = first + b->new_accounts_n;
        b->new_accounts[b->new_accounts_n] =
            (struct keyed){key_of_number(b, i), (uint32_t)b->new_accounts_n, 0};
        b->new_accounts_n++;
        bytes += batch_key(b, (uint32_t)i).n;
    }
    b->added.n[COUNT_ACCOUNT] = b->new_accounts_n;
    b->added.n[COUNT_KEY_BYTE] = bytes;
}

/* ---- holdings ---- */

static uint64_t holding_account(const struct account_batch *b, uint32_t number)
{
    return b->account_id[b->holdings[number].account];
}

static uint64_t holding_asset(const struct account_batch *b, uint32_t number)
{
    return b->account_id[b->holdings[number].asset];
}

static bool try_holding(struct account_batch *b, uint32_t number, uint64_t id)
{
    const uint8_t *p = b->c->at[COLUMN_HOLDING] + id * HOLDING_BYTES;

    if (id >= b->c->n.n[COUNT_HOLDING] || load_le40(p) != holding_account(b, number) ||
        load_le40(p + ACCOUNTS_ID_BYTES) != holding_asset(b, number))
        return false;
    b->holdings[number].id = id;
    b->holdings[number].last = load_le40(b->c->at[COLUMN_HOLDING_LAST] + id * ACCOUNTS_ID_BYTES);
    return true;
}

/* The newest holding of an account before the one that is being made. */
static uint64_t account_last(struct account_batch *b, uint32_t account)
{
    uint64_t id = b->account_id[account];

    if (b->account_last[account] == ACCOUNTS_NONE && id < b->c->n.n[COUNT_ACCOUNT])
        return load_le40(b->c->at[COLUMN_ACCOUNT_LAST] + id * ACCOUNTS_ID_BYTES);
    return b->account_last[account];
}

static void resolve_holdings(struct account_batch *b)
{
    struct asking a = {.b = b, .try = try_holding};
    uint64_t first = b->c->n.n[COUNT_HOLDING], old_accounts = b->c->n.n[COUNT_ACCOUNT];
    size_t block = 0;

    for (size_t i = 0; i < b->holdings_n; i++) {
        b->holdings[i].id = b->holdings[i].last = ACCOUNTS_NONE;
        b->holdings[i].sums = NUMBER_NONE;
        if (holding_account(b, (uint32_t)i) < old_accounts &&
            holding_asset(b, (uint32_t)i) < old_accounts)
            b->sorted[a.asked_n++] = (struct keyed){
                key_of_holding(holding_account(b, (uint32_t)i), holding_asset(b, (uint32_t)i)),
                (uint32_t)i, 0};
    }
    ask(&a, INDEX_HOLDING, COLUMN_HOLDING, COLUMN_HOLDING_LAST);
    b->new_holdings_n = 0;
    for (size_t i = 0;; i++) {
        struct batch_holding *h = &b->holdings[i];
        uint8_t *p = b->holding_records + b->new_holdings_n * HOLDING_BYTES;

        for (; block < b->blocks_n && b->blocks[block].counts[COUNT_HOLDING] <= i; block++)
            b->blocks[block].counts[COUNT_HOLDING] = b->new_holdings_n;
        if (i == b->holdings_n)
            break;
        if (h->id != ACCOUNTS_NONE)
            continue;
        h->id = first + b->new_holdings_n;
        store_le40(p, holding_account(b, (uint32_t)i));
        store_le40(p + 5, holding_asset(b, (uint32_t)i));
        store_le40(p + 10, account_last(b, h->account));
        store_le40(p + 15, ACCOUNTS_NONE); /* its first event comes with the links */
        b->account_last[h->account] = h->id;
        b->new_holdings[b->new_holdings_n] = (struct keyed){
            key_of_holding(load_le40(p), load_le40(p + 5)), (uint32_t)b->new_holdings_n, 0};
        b->new_holdings_n++;
    }
    b->added.n[COUNT_HOLDING] = b->new_holdings_n;
}

/* ---- all ---- */

/* Counts before each block, within the batch so far, become the ledger's. */
static void count_blocks(struct account_batch *b)
{
    for (size_t i = 0; i < b->blocks_n; i++)
        for (unsigned k = 0; k < ACCOUNT_COUNTS_N; k++)
            b->blocks[i].counts[k] += b->c->n.n[k];
}

static void list_hashes(struct account_batch *b)
{
    for (size_t i = 0; i < b->txs_n; i++)
        b->new_txs[i] =
            (struct keyed){columns_key_of_hash(b->c, INDEX_TX, b->tx_hash[i].b), (uint32_t)i, 0};
    sort_keyed(b->new_txs, b->txs_n, b->tx_scratch);
    for (size_t i = 0; i < b->blocks_n; i++)
        b->new_blocks[i] = (struct keyed){
            columns_key_of_hash(b->c, INDEX_BLOCK, b->blocks[i].hash.b), (uint32_t)i, 0};
    qsort(b->new_blocks, b->blocks_n, sizeof(*b->new_blocks), keyed_order);
    sort_keyed(b->new_accounts, b->new_accounts_n, b->scratch);
    sort_keyed(b->new_holdings, b->new_holdings_n, b->scratch);
}

bool account_batch_join(struct account_batch *b, const struct columns *c, struct err *err)
{
    const struct batch_account_block *last = &b->blocks[b->blocks_n - 1];

    b->c = c;
    memset(&b->added, 0, sizeof(b->added));
    b->added.n[COUNT_BLOCK] = b->blocks_n;
    b->added.n[COUNT_RUN] = last->counts[COUNT_RUN] + last->run_start;
    b->added.n[COUNT_TX] = b->txs_n;
    b->added.n[COUNT_TRANSFER] = b->transfers_n;
    b->added.n[COUNT_WIDE] = b->wides_n;
    b->added.n[COUNT_PATH] = b->paths_n;
    b->added.n[COUNT_PATH_BYTE] = b->path_bytes;
    b->added.n[COUNT_EVENT] = b->events_n;
    b->added.n[COUNT_EVENT_BYTE] = b->event_bytes;
    resolve_accounts(b);
    resolve_holdings(b);
    if (!account_link(b, err))
        return false;
    count_blocks(b);
    list_hashes(b);
    return true;
}

/* ---- what the batch adds, as the columns want it ---- */

static void put_block(struct put *u, const struct batch_account_block *b)
{
    uint8_t p[ACCOUNT_BLOCK_BYTES] = {0};

    memcpy(p, b->hash.b, 32);
    memcpy(p + ACCOUNT_BLOCK_AT_PREV, b->prev.b, 32);
    store_le64(p + ACCOUNT_BLOCK_AT_TIME, b->time);
    store_le32(p + ACCOUNT_BLOCK_AT_HEIGHT, b->height);
    p[ACCOUNT_BLOCK_AT_FLAGS] = b->flags;
    for (unsigned k = 0; k < ACCOUNT_COUNTS_N; k++)
        store_le64(p + ACCOUNT_BLOCK_AT_COUNTS + 8 * k, b->counts[k]);
    put_bytes(u, p, sizeof(p));
}

static void put_runs(struct put *u, const struct account_batch *b)
{
    for (size_t i = 0; i < b->blocks_n; i++)
        if (b->blocks[i].run_start) {
            uint8_t block[4];

            store_le32(block, (uint32_t)b->blocks[i].counts[COUNT_BLOCK]);
            put_bytes(u, block, 4);
        }
}

static void put_keys(struct put *u, const struct account_batch *b, uint64_t first, bool starts)
{
    uint64_t at = b->blocks[0].counts[COUNT_KEY_BYTE];

    for (size_t i = 0; i < b->accounts_n; i++) {
        struct bytes key = batch_key(b, (uint32_t)i);

        if (b->account_id[i] < first)
            continue;
        if (starts)
            put_id(u, at);
        else
            put_bytes(u, key.p, key.n);
        at += key.n;
    }
}

static void put_events(struct put *u, const struct account_batch *b, const uint64_t *first)
{
    uint64_t at = first[COUNT_EVENT_BYTE];

    for (size_t i = 0; i < b->events_n; i++) {
        const struct batch_event *e = &b->events[i];
        uint8_t kind_log[5] = {e->kind};

        store_le32(kind_log + 1, e->log);
        put_id(u, first[COUNT_TX] + e->tx);
        put_bytes(u, kind_log, 5);
        put_id(u, b->account_id[e->subject]);
        put_id(u, at);
        at += e->data_n;
    }
}

static void put_column(void *ctx, struct put *u, unsigned which)
{
    const struct account_batch *b = ctx;
    const uint64_t *first = b->blocks[0].counts; /* before the batch */
    uint64_t at = first[COUNT_PATH_BYTE];

    if (which == COLUMN_BLOCK)
        for (size_t i = 0; i < b->blocks_n; i++)
            put_block(u, &b->blocks[i]);
    else if (which == COLUMN_RUN)
        put_runs(u, b);
    else
        switch ((enum account_column)which) {
        case COLUMN_TX:
            for (size_t i = 0; i < b->txs_n; i++) {
                put_id(u, first[COUNT_TRANSFER] + b->tx_first[i]);
                put_bytes(u, &b->tx_flags[i], 1);
            }
            break;
        case COLUMN_TX_HASH:
            put_bytes(u, b->tx_hash, b->txs_n * sizeof(*b->tx_hash));
            break;
        case COLUMN_TRANSFER:
            put_bytes(u, b->records, b->transfers_n * TRANSFER_BYTES);
            break;
        case COLUMN_TRANSFER_PREV:
            put_bytes(u, b->prev, b->transfers_n * LINKS_BYTES);
            break;
        case COLUMN_TRANSFER_NEXT:
            put_bytes(u, b->next, b->transfers_n * LINKS_BYTES);
            break;
        case COLUMN_TRANSFER_FAR:
            put_bytes(u, b->far, b->far_n * FAR_BYTES);
            break;
        case COLUMN_WIDE:
            put_bytes(u, b->wide, b->wides_n * U256_BYTES);
            break;
        case COLUMN_ACCOUNT_START:
        case COLUMN_ACCOUNT_DATA:
            put_keys(u, b, first[COUNT_ACCOUNT], which == COLUMN_ACCOUNT_START);
            break;
        case COLUMN_ACCOUNT_LAST:
            for (size_t i = 0; i < b->accounts_n; i++)
                if (b->account_id[i] >= first[COUNT_ACCOUNT])
                    put_id(u, b->account_last[i]);
            break;
        case COLUMN_HOLDING:
            put_bytes(u, b->holding_records, b->new_holdings_n * HOLDING_BYTES);
            break;
        case COLUMN_HOLDING_LAST:
            for (size_t i = 0; i < b->holdings_n; i++)
                if (b->holdings[i].id >= first[COUNT_HOLDING])
                    put_id(u, b->holdings[i].last);
            break;
        case COLUMN_MARK:
            put_bytes(u, b->marks, b->marks_n * MARK_BYTES);
            break;
        case COLUMN_PATH_START:
            for (size_t i = 0; i < b->paths_n; at += b->path_n[i++])
                put_id(u, at);
            break;
        case COLUMN_PATH_DATA:
            put_bytes(u, b->path_data, b->path_bytes);
            break;
        case COLUMN_EVENT:
            put_events(u, b, first);
            break;
        case COLUMN_EVENT_DATA:
            put_bytes(u, b->event_data, b->event_bytes);
            break;
        case ACCOUNT_COLUMNS_N:
            break;
        }
}

/* Step 3, from the batch: links out of what was there, newest events, newest holdings. */
static void apply(void *ctx, const struct columns *c)
{
    const struct account_batch *b = ctx;
    const uint64_t *first = b->blocks[0].counts;
    uint8_t *next = columns_in_place(c, COLUMN_TRANSFER_NEXT),
            *last = columns_in_place(c, COLUMN_HOLDING_LAST),
            *account_last_at = columns_in_place(c, COLUMN_ACCOUNT_LAST);

    for (size_t i = 0; i < b->old_next_n; i++)
        store_le32(next + b->old_next[i].key * LINK_BYTES, b->old_next[i].index);
    for (size_t i = 0; i < b->holdings_n; i++)
        if (b->holdings[i].id < first[COUNT_HOLDING])
            store_le40(last + b->holdings[i].id * ACCOUNTS_ID_BYTES, b->holdings[i].last);
    for (size_t i = 0; i < b->accounts_n; i++)
        if (b->account_id[i] < first[COUNT_ACCOUNT] && b->account_last[i] != ACCOUNTS_NONE)
            store_le40(account_last_at + b->account_id[i] * ACCOUNTS_ID_BYTES, b->account_last[i]);
}

struct addition account_batch_addition(struct account_batch *b)
{
    return (struct addition){
        .n = b->added,
        .tip = b->blocks[b->blocks_n - 1].hash,
        .fresh = {[INDEX_TX] = b->new_txs,
                  [INDEX_BLOCK] = b->new_blocks,
                  [INDEX_ACCOUNT] = b->new_accounts,
                  [INDEX_HOLDING] = b->new_holdings},
        .put = put_column,
        .apply = apply,
        .ctx = b,
    };
}
