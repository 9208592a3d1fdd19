#include "ledger/account_batch_parts.h"

#include "base/mem.h"

#include <stdlib.h>

#define TABLE_MIN ((size_t)1024)
#define CACHE_SLOTS 4096u /* a power of two */
#define AHEAD 32u         /* transfers that are looked up together */

/* Bytes of batch memory that one of each takes, the sum of the arrays below; a holding's and an
 * account's with what the join sorts. */
#define TX_COST (32 + 4 + 1 + 2 * sizeof(struct keyed))
#define TRANSFER_COST                                                                              \
    (sizeof(struct batch_transfer) + TRANSFER_BYTES + 2 * LINKS_BYTES + sizeof(struct keyed) / 2)
#define ACCOUNT_COST (8 + 8 + 8 + 8 + 16 + 4 * sizeof(struct keyed))
#define HOLDING_COST                                                                               \
    (sizeof(struct batch_holding) + HOLDING_BYTES + FAR_BYTES + 16 + 4 * sizeof(struct keyed))
#define EVENT_COST sizeof(struct batch_event)

static bool reserve(void *ret, size_t n, size_t size)
{
    void *p = mem_reserve(n * size);

    memcpy(ret, &p, sizeof(p));
    return p != NULL;
}

/* Every array with its capacity, for making and ending. Wides: two a fee. Marks: one for every 256
 * events and one for a holding that had 255 already. */
#define BATCH_ARRAYS(b, X)                                                                         \
    X((b)->blocks, (b)->cap_blocks)                                                                \
    X((b)->tx_hash, (b)->cap_tx)                                                                   \
    X((b)->tx_first, (b)->cap_tx + 1)                                                              \
    X((b)->tx_flags, (b)->cap_tx)                                                                  \
    X((b)->transfers, (b)->cap_transfer)                                                           \
    X((b)->assets, ACCOUNT_BLOCK_PARTS_MAX)                                                        \
    X((b)->events, (b)->cap_event)                                                                 \
    X((b)->wide, (b)->cap_transfer * 2 * U256_BYTES)                                               \
    X((b)->path_data, (b)->cap_heap)                                                               \
    X((b)->event_data, (b)->cap_heap)                                                              \
    X((b)->keys, (b)->cap_heap)                                                                    \
    X((b)->path_n, (b)->cap_transfer)                                                              \
    X((b)->account_hash, (b)->cap_account)                                                         \
    X((b)->account_key, (b)->cap_account)                                                          \
    X((b)->holdings, (b)->cap_holding)                                                             \
    X((b)->cache, CACHE_SLOTS)                                                                     \
    X((b)->account_id, (b)->cap_account)                                                           \
    X((b)->account_last, (b)->cap_account)                                                         \
    X((b)->new_txs, (b)->cap_tx)                                                                   \
    X((b)->tx_scratch, (b)->cap_tx)                                                                \
    X((b)->new_blocks, (b)->cap_blocks)                                                            \
    X((b)->new_accounts, (b)->cap_account)                                                         \
    X((b)->new_holdings, (b)->cap_holding)                                                         \
    X((b)->sorted, (b)->maybe_cap)                                                                 \
    X((b)->scratch, (b)->maybe_cap)                                                                \
    X((b)->maybe, (b)->maybe_cap)                                                                  \
    X((b)->tail, INDEX_GRID)                                                                       \
    X((b)->tail_scratch, INDEX_GRID)                                                               \
    X((b)->holding_records, (b)->cap_holding *HOLDING_BYTES)                                       \
    X((b)->records, (b)->cap_transfer *TRANSFER_BYTES)                                             \
    X((b)->prev, (b)->cap_transfer *LINKS_BYTES)                                                   \
    X((b)->next, (b)->cap_transfer *LINKS_BYTES)                                                   \
    X((b)->far, (b)->cap_holding *FAR_BYTES)                                                       \
    X((b)->marks, (b)->marks_cap *MARK_BYTES)                                                      \
    X((b)->sums, (b)->sums_cap)                                                                    \
    X((b)->old_next, (b)->cap_holding)

static size_t power_of_two(size_t n)
{
    size_t p = 1;

    while (p < n)
        p *= 2;
    return p;
}

static bool table_reserve(struct table *t, size_t entries)
{
    t->cap = power_of_two(2 * entries + TABLE_MIN);
    t->size = TABLE_MIN;
    return reserve(&t->slots, t->cap, sizeof(*t->slots));
}

static void table_free(struct table *t)
{
    mem_unreserve(t->slots, t->cap * sizeof(*t->slots));
}

static void table_clear(struct table *t)
{
    t->size = TABLE_MIN;
    memset(t->slots, 0, t->size * sizeof(*t->slots));
}

struct account_batch *account_batch_new(uint64_t memory)
{
    struct account_batch *b = mem_zero(sizeof(*b));
    struct hash32 empty;

    if (!b)
        return NULL;
    b->memory = memory;
    empty = sha256("", 0);
    b->nobody = key_of_hash(empty.b);
    /* Room for what memory allows and for any one block: only what is touched is used. */
    b->cap_blocks = memory / sizeof(struct batch_account_block) + 16;
    b->cap_tx = memory / TX_COST + ACCOUNT_BLOCK_PARTS_MAX;
    b->cap_transfer = memory / TRANSFER_COST + ACCOUNT_BLOCK_PARTS_MAX;
    b->cap_event = memory / EVENT_COST + ACCOUNT_BLOCK_PARTS_MAX;
    b->cap_account = memory / ACCOUNT_COST + (size_t)4 * ACCOUNT_BLOCK_PARTS_MAX;
    b->cap_holding = memory / HOLDING_COST + (size_t)2 * ACCOUNT_BLOCK_PARTS_MAX;
    b->cap_heap = memory + ACCOUNT_BLOCK_HEAP_MAX;
    b->maybe_cap = b->cap_account > b->cap_holding ? b->cap_account : b->cap_holding;
    b->marks_cap = b->cap_transfer / (MARK_EVENTS / 2) + b->cap_holding;
    b->sums_cap = b->cap_holding;
    if (!table_reserve(&b->accounts_table, b->cap_account) ||
        !table_reserve(&b->holdings_table, b->cap_holding))
        return account_batch_free(b);
#define MAKE(array, n)                                                                             \
    if (!reserve(&(array), (n), sizeof(*(array))))                                                 \
        return account_batch_free(b);
    BATCH_ARRAYS(b, MAKE)
#undef MAKE
    account_batch_clear(b);
    return b;
}

struct account_batch *account_batch_free(struct account_batch *b)
{
    if (!b)
        return NULL;
    table_free(&b->accounts_table);
    table_free(&b->holdings_table);
#define END(array, n) mem_unreserve((array), (n) * sizeof(*(array)));
    BATCH_ARRAYS(b, END)
#undef END
    return mem_free(b);
}

size_t account_batch_blocks(const struct account_batch *b)
{
    return b->blocks_n;
}

/* ---- accounts and holdings ---- */

static size_t slot_of(const struct table *t, uint64_t hash)
{
    return (size_t)(hash * 0x9e3779b97f4a7c15 >> 20) & (t->size - 1);
}

/* Twice as large; hash_of tells an entry's hash again. */
static void table_grow(struct table *t, size_t n, uint64_t (*hash_of)(const void *ctx, size_t i),
                       const void *ctx)
{
    t->size *= 2;
    memset(t->slots, 0, t->size * sizeof(*t->slots));
    for (size_t i = 0; i < n; i++) {
        uint64_t hash = hash_of(ctx, i);
        size_t at = slot_of(t, hash);

        while (t->slots[at])
            at = (at + 1) & (t->size - 1);
        t->slots[at] = (hash & ~(uint64_t)UINT32_MAX) | (uint32_t)(i + 1);
    }
}

static uint64_t account_hash_of(const void *ctx, size_t i)
{
    return ((const struct account_batch *)ctx)->account_hash[i];
}

static uint64_t holding_hash(const struct account_batch *b, uint32_t account, uint32_t asset)
{
    return column_mix(b->account_hash[account], b->account_hash[asset]);
}

static uint64_t holding_hash_of(const void *ctx, size_t i)
{
    const struct account_batch *b = ctx;

    return holding_hash(b, b->holdings[i].account, b->holdings[i].asset);
}

static uint32_t intern_account(struct account_batch *b, struct bytes key, uint64_t hash)
{
    struct table *t = &b->accounts_table;
    size_t at = slot_of(t, hash), n = b->accounts_n;

    for (; t->slots[at]; at = (at + 1) & (t->size - 1)) {
        uint32_t account = (uint32_t)t->slots[at] - 1;

        if (t->slots[at] >> 32 == hash >> 32 && bytes_equal(batch_key(b, account), key))
            return account;
    }
    t->slots[at] = (hash & ~(uint64_t)UINT32_MAX) | (uint32_t)(n + 1);
    b->account_hash[n] = hash;
    b->account_key[n] = (uint64_t)b->keys_n << 8 | key.n;
    memcpy(b->keys + b->keys_n, key.p, key.n);
    b->keys_n += key.n;
    b->accounts_n++;
    if (2 * b->accounts_n > t->size)
        table_grow(t, b->accounts_n, account_hash_of, b);
    return (uint32_t)n;
}

static uint32_t intern_holding(struct account_batch *b, uint32_t account, uint32_t asset)
{
    struct table *t = &b->holdings_table;
    uint64_t hash = holding_hash(b, account, asset);
    size_t at = slot_of(t, hash), n = b->holdings_n;

    for (; t->slots[at]; at = (at + 1) & (t->size - 1)) {
        uint32_t holding = (uint32_t)t->slots[at] - 1;

        if (t->slots[at] >> 32 == hash >> 32 && b->holdings[holding].account == account &&
            b->holdings[holding].asset == asset)
            return holding;
    }
    t->slots[at] = (hash & ~(uint64_t)UINT32_MAX) | (uint32_t)(n + 1);
    b->holdings[n] = (struct batch_holding){.account = account, .asset = asset};
    b->holdings_n++;
    if (2 * b->holdings_n > t->size)
        table_grow(t, b->holdings_n, holding_hash_of, b);
    return (uint32_t)n;
}

void account_batch_clear(struct account_batch *b)
{
    b->blocks_n = b->txs_n = b->transfers_n = b->accounts_n = b->holdings_n = 0;
    b->wides_n = b->paths_n = b->events_n = b->keys_n = b->path_bytes = b->event_bytes = 0;
    table_clear(&b->accounts_table);
    table_clear(&b->holdings_table);
    memset(b->cache, 0, CACHE_SLOTS * sizeof(*b->cache));
    /* account 0 of the ledger is number 0 of every batch */
    intern_account(b, (struct bytes){(const uint8_t *)"", 0}, b->nobody);
}

/* Keys that are looked up together: the processor fetches for the later ones while it compares the
 * earlier. */
struct looking {
    struct bytes key[3 * AHEAD];
    uint32_t *ret[3 * AHEAD];
    struct hash32 hash[3 * AHEAD];
    size_t n;
};

static size_t cache_slot(struct bytes key)
{
    uint64_t head = 0, tail = 0;

    memcpy(&head, key.p, key.n < 8 ? key.n : 8);
    if (key.n > 8)
        memcpy(&tail, key.p + key.n - 8, 8);
    return (size_t)((head ^ tail * 3 ^ key.n) * 0x9e3779b97f4a7c15 >> 52) & (CACHE_SLOTS - 1);
}

static void look_up(struct account_batch *b, struct looking *l)
{
    sha256_many(l->key, l->n, l->hash);
    for (size_t i = 0; i < l->n; i++)
        __builtin_prefetch(
            &b->accounts_table.slots[slot_of(&b->accounts_table, key_of_hash(l->hash[i].b))]);
    for (size_t i = 0; i < l->n; i++) {
        *l->ret[i] = intern_account(b, l->key[i], key_of_hash(l->hash[i].b));
        b->cache[cache_slot(l->key[i])] = *l->ret[i];
    }
    l->n = 0;
}

static void account_of(struct account_batch *b, struct looking *l, struct bytes key, uint32_t *ret)
{
    uint32_t lately;

    *ret = 0;
    if (!key.n)
        return;
    lately = b->cache[cache_slot(key)];
    if (lately && bytes_equal(batch_key(b, lately), key)) {
        *ret = lately;
        return;
    }
    l->key[l->n] = key;
    l->ret[l->n++] = ret;
    if (l->n == sizeof(l->key) / sizeof(l->key[0]))
        look_up(b, l);
}

/* Accounts of transfers [first, end), known by now, become holdings. */
static void holdings_of(struct account_batch *b, size_t first, size_t end)
{
    const uint32_t *assets = b->assets - first;

    for (size_t at = first, stop; at < end; at = stop) {
        stop = end - at < AHEAD ? end : at + AHEAD;
        for (size_t i = at; i < stop; i++) {
            const struct batch_transfer *t = &b->transfers[i];

            __builtin_prefetch(
                &b->holdings_table
                     .slots[slot_of(&b->holdings_table, holding_hash(b, t->from, assets[i]))]);
            __builtin_prefetch(
                &b->holdings_table
                     .slots[slot_of(&b->holdings_table, holding_hash(b, t->to, assets[i]))]);
        }
        for (size_t i = at; i < stop; i++) {
            struct batch_transfer *t = &b->transfers[i];
            uint32_t from = t->from, to = t->to;

            t->from = from ? intern_holding(b, from, assets[i]) : NUMBER_NONE;
            t->to = to ? intern_holding(b, to, assets[i]) : NUMBER_NONE;
            if (from)
                b->holdings[t->from].n++;
            if (to && t->to != t->from)
                b->holdings[t->to].n++;
        }
    }
}

/* ---- what a block must be ---- */

/* Where a kind stands among the transfers of a transaction. */
static int rank_of(enum transfer_kind kind)
{
    switch (kind) {
    case TRANSFER_FEE:
        return 0;
    case TRANSFER_VALUE:
        return 1;
    case TRANSFER_INTERNAL:
        return 2;
    case TRANSFER_LOG:
    case TRANSFER_FREEZE:
    case TRANSFER_UNFREEZE:
    case TRANSFER_WIPE:
        return 3;
    case TRANSFER_WITHDRAWAL:
    case TRANSFER_REWARD:
    case TRANSFER_STAKING:
    case TRANSFER_VOTING:
    case TRANSFER_RENT:
    case TRANSFER_STATED:
    case TRANSFER_PAYMENT:
    case TRANSFER_BALANCE:
    case TRANSFER_PAIRED:
    case TRANSFER_NOTE:
        return 4;
    }
    return -1;
}

static int path_order(struct bytes a, struct bytes b)
{
    for (size_t i = 0; i < a.n && i < b.n; i += 4)
        if (load_le32(a.p + i) != load_le32(b.p + i))
            return load_le32(a.p + i) < load_le32(b.p + i) ? -1 : 1;
    return a.n < b.n ? -1 : a.n > b.n;
}

/* What is wrong with a transfer that comes after another (or NULL); NULL: nothing. */
static const char *transfer_wrong(const struct fact_tx *tx, const struct fact_transfer *before,
                                  const struct fact_transfer *t)
{
    bool note = t->kind == TRANSFER_NOTE;
    bool word = note || t->kind == TRANSFER_FREEZE || t->kind == TRANSFER_UNFREEZE;
    bool issues = transfer_issues(t->kind);
    int rank = rank_of(t->kind);

    if (rank < 0)
        return "is of no known kind";
    if (before && rank_of(before->kind) > rank)
        return "stands after one of a later kind";
    if (before && rank == 3 && before->position > t->position && rank_of(before->kind) == 3)
        return "stands after one of a later log";
    if (before && rank == 2 && before->kind == t->kind && path_order(before->path, t->path) > 0)
        return "stands after one of a later path";
    if (before && rank == 4 && before->kind == t->kind && before->position >= t->position)
        return "stands after one of a later position";
    if (t->from.n > ACCOUNT_KEY_MAX || t->to.n > ACCOUNT_KEY_MAX || t->asset.n > ACCOUNT_KEY_MAX)
        return "names an account by a longer key than can be";
    if (t->path.n % 4 || t->path.n > (size_t)TRACE_PATH_MAX * 4 ||
        (t->path.n && t->kind != TRANSFER_INTERNAL))
        return "has a path that cannot be";
    if (!t->from.n && (!t->to.n || t->kind == TRANSFER_FEE || t->kind == TRANSFER_WIPE || word))
        return "comes from nobody";
    if (issues && (t->from.n || !t->to.n))
        return "is newly issued, but from somebody or to nobody";
    if (word && !u256_zero(t->amount))
        return note ? "is a note, but of an amount" : "freezes an amount and not an account";
    if (note && t->to.n)
        return "is a note, but to somebody";
    if (t->kind == TRANSFER_FEE && u256_less(t->amount, t->credit))
        return "credits more than the fee";
    if (tx->failed && t->kind != TRANSFER_FEE && (t->kind != TRANSFER_VALUE || t->from.n))
        return "moves value, but its transaction failed";
    return NULL;
}

static bool tx_right(const struct fact_tx *tx, size_t number, struct err *err)
{
    const char *wrong;

    for (size_t i = 0; i < tx->transfers_n; i++)
        if ((wrong = transfer_wrong(tx, i ? &tx->transfers[i - 1] : NULL, &tx->transfers[i])))
            return err_fail(err, ERR_INPUT, "transaction %zu: transfer %zu %s", number, i, wrong);
    for (size_t i = 0; i < tx->events_n; i++)
        if (tx->events[i].subject.n > ACCOUNT_KEY_MAX || tx->events[i].data.n > EVENT_DATA_MAX ||
            (i && tx->events[i].log < tx->events[i - 1].log))
            return err_fail(err, ERR_INPUT,
                            "transaction %zu: event %zu is not in order or too long", number, i);
    return true;
}

static int by_hash(const void *a, const void *b, void *txs)
{
    const struct fact_tx *at = txs;

    return memcmp(at[((const struct keyed *)a)->index].hash.b,
                  at[((const struct keyed *)b)->index].hash.b, 32);
}

/* One hash twice in a block would be two transactions that nobody can tell apart. Sorted by prefix,
 * then where prefixes are the same by all of it; new_txs and its scratch are free until the
 * join. */
static bool hashes_differ(struct account_batch *b, const struct transfer_block *block,
                          struct err *err)
{
    struct keyed *at = b->new_txs;
    size_t n = block->txs_n;
    void *txs = (void *)(uintptr_t)block->txs;

    for (size_t i = 0; i < n; i++)
        at[i] = (struct keyed){key_of_hash(block->txs[i].hash.b), (uint32_t)i, 0};
    sort_keyed(at, n, b->tx_scratch);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && at[end].key == at[i].key; end++)
            ;
        if (end - i == 1)
            continue;
        qsort_r(at + i, end - i, sizeof(*at), by_hash, txs);
        for (size_t k = i + 1; k < end; k++)
            if (!by_hash(&at[k - 1], &at[k], txs))
                return err_fail(err, ERR_INPUT, "transactions %u and %u have one hash",
                                at[k - 1].index, at[k].index);
    }
    return true;
}

struct block_size {
    size_t txs, transfers, events, heap;
};

static bool block_right(struct account_batch *b, const struct transfer_block *block,
                        struct block_size *ret, struct err *err)
{
    struct block_size n = {.txs = block->txs_n};

    for (size_t i = 0; i < block->txs_n && n.txs <= ACCOUNT_BLOCK_PARTS_MAX; i++) {
        const struct fact_tx *tx = &block->txs[i];

        if (!tx_right(tx, i, err))
            return false;
        n.transfers += tx->transfers_n;
        n.events += tx->events_n;
        for (size_t k = 0; k < tx->transfers_n; k++)
            n.heap += tx->transfers[k].from.n + tx->transfers[k].to.n + tx->transfers[k].asset.n +
                      tx->transfers[k].path.n;
        for (size_t k = 0; k < tx->events_n; k++)
            n.heap += tx->events[k].subject.n + tx->events[k].data.n;
    }
    if (n.txs > ACCOUNT_BLOCK_PARTS_MAX || n.transfers > ACCOUNT_BLOCK_PARTS_MAX ||
        n.events > ACCOUNT_BLOCK_PARTS_MAX || n.heap > ACCOUNT_BLOCK_HEAP_MAX)
        return err_fail(err, ERR_LIMIT, "more than %u transactions, transfers or events",
                        ACCOUNT_BLOCK_PARTS_MAX);
    if (b->txs_n + n.txs > b->cap_tx || b->transfers_n + n.transfers > b->cap_transfer ||
        b->events_n + n.events > b->cap_event ||
        b->accounts_n + 3 * n.transfers + n.events > b->cap_account ||
        b->holdings_n + 2 * n.transfers > b->cap_holding || b->blocks_n >= b->cap_blocks ||
        b->keys_n + b->path_bytes + b->event_bytes + n.heap > b->cap_heap)
        return err_fail(err, ERR_LIMIT, "more blocks than the memory of a batch");
    *ret = n;
    return hashes_differ(b, block, err);
}

/* ---- taking ---- */

static void put_wide(struct account_batch *b, struct u256 v)
{
    u256_store_le(b->wide + b->wides_n++ * U256_BYTES, v);
}

/* The form of accounts.h: what fits stands in the record, the rest in wide, of which the number is
 * within the batch until the join. */
static void put_amount(struct account_batch *b, struct batch_transfer *to,
                       const struct fact_transfer *t)
{
    const uint64_t *w = t->amount.w, *credit = t->credit.w;
    bool fee = t->kind == TRANSFER_FEE, whole = fee && u256_equal(t->amount, t->credit);

    if (!w[2] && !w[3] && (!fee || whole) && w[1] < (fee ? AMOUNT_WHOLE : AMOUNT_WIDE)) {
        to->low = w[0];
        to->high = w[1] | (fee ? AMOUNT_WHOLE : 0);
        return;
    }
    /* the credit is not above the fee */
    if (fee && !(w[1] | w[2] | w[3] | w[0] >> AMOUNT_FEE_BITS) &&
        !(*credit >> AMOUNT_CREDIT_BITS)) {
        to->low = w[0] | *credit << AMOUNT_FEE_BITS;
        to->high = *credit >> (64 - AMOUNT_FEE_BITS);
        return;
    }
    to->low = b->wides_n;
    to->high = AMOUNT_WIDE;
    put_wide(b, t->amount);
    if (fee)
        put_wide(b, t->credit);
}

static void take_transfer(struct account_batch *b, const struct fact_transfer *t, struct looking *l,
                          size_t first)
{
    struct batch_transfer *to = &b->transfers[b->transfers_n];

    to->kind = (uint8_t)t->kind;
    to->position = t->position;
    put_amount(b, to, t);
    if (t->kind == TRANSFER_INTERNAL) {
        to->position = (uint32_t)(b->paths_n - b->blocks[b->blocks_n].counts[COUNT_PATH]);
        if (t->path.n)
            memcpy(b->path_data + b->path_bytes, t->path.p, t->path.n);
        b->path_bytes += t->path.n;
        b->path_n[b->paths_n++] = (uint32_t)t->path.n;
    }
    account_of(b, l, t->from, &to->from);
    account_of(b, l, t->to, &to->to);
    account_of(b, l, t->asset, &b->assets[b->transfers_n - first]);
    b->transfers_n++;
}

static void take_event(struct account_batch *b, const struct fact_event *e, struct looking *l)
{
    struct batch_event *to = &b->events[b->events_n++];

    to->tx = (uint32_t)b->txs_n;
    to->log = e->log;
    to->kind = (uint8_t)e->kind;
    to->data_n = (uint32_t)e->data.n;
    if (e->data.n)
        memcpy(b->event_data + b->event_bytes, e->data.p, e->data.n);
    b->event_bytes += e->data.n;
    account_of(b, l, e->subject, &to->subject);
}

static void count_before(struct account_batch *b, struct batch_account_block *block, bool run_start)
{
    const struct batch_account_block *was = b->blocks_n ? block - 1 : NULL;
    uint64_t *n = block->counts;

    n[COUNT_BLOCK] = b->blocks_n;
    n[COUNT_RUN] = was ? was->counts[COUNT_RUN] + was->run_start : 0;
    n[COUNT_TX] = b->txs_n;
    n[COUNT_TRANSFER] = b->transfers_n;
    n[COUNT_ACCOUNT] = b->accounts_n;
    n[COUNT_KEY_BYTE] = 0;
    n[COUNT_HOLDING] = b->holdings_n;
    n[COUNT_WIDE] = b->wides_n;
    n[COUNT_MARK] = 0;
    n[COUNT_PATH] = b->paths_n;
    n[COUNT_PATH_BYTE] = b->path_bytes;
    n[COUNT_EVENT] = b->events_n;
    n[COUNT_EVENT_BYTE] = b->event_bytes;
    n[COUNT_FAR] = 0;
    block->run_start = run_start;
}

static uint64_t cost_of(const struct account_batch *b)
{
    return b->blocks_n * sizeof(struct batch_account_block) + b->txs_n * TX_COST +
           b->transfers_n * TRANSFER_COST + b->events_n * EVENT_COST +
           b->accounts_n * ACCOUNT_COST + b->holdings_n * HOLDING_COST + b->wides_n * U256_BYTES +
           b->keys_n + b->path_bytes + b->event_bytes;
}

bool account_batch_fits(const struct account_batch *b, const struct transfer_block *block)
{
    uint64_t more = sizeof(struct batch_account_block);

    if (!b->blocks_n)
        return true;
    /* as much as it can be */
    for (size_t i = 0; i < block->txs_n; i++)
        more += TX_COST +
                block->txs[i].transfers_n *
                    (TRANSFER_COST + 2 * ACCOUNT_COST + 2 * HOLDING_COST + 3 * (size_t)20) +
                block->txs[i].events_n * (EVENT_COST + ACCOUNT_COST + 64);
    return cost_of(b) + more <= b->memory;
}

bool account_batch_take(struct account_batch *b, const struct transfer_block *block,
                        const struct hash32 *hash, bool run_start, struct err *err)
{
    struct batch_account_block *to = &b->blocks[b->blocks_n];
    struct looking looking = {.n = 0};
    size_t first = b->transfers_n;
    struct block_size size;

    if (!block_right(b, block, &size, err))
        return false;
    to->hash = *hash;
    to->prev = block->prev;
    to->time = block->time;
    to->height = block->height;
    to->flags = (uint8_t)((block->grade == GRADE_STATED ? ACCOUNT_BLOCK_STATED : 0) |
                          (block->internals ? ACCOUNT_BLOCK_INTERNALS : 0) |
                          (hash32_equal(hash, &block->hash) ? 0 : ACCOUNT_BLOCK_DIGEST));
    count_before(b, to, run_start);
    for (size_t i = 0; i < block->txs_n; i++) {
        const struct fact_tx *tx = &block->txs[i];

        b->tx_hash[b->txs_n] = tx->hash;
        b->tx_first[b->txs_n] = (uint32_t)b->transfers_n;
        b->tx_flags[b->txs_n] = tx->failed ? TX_FAILED : 0;
        for (size_t k = 0; k < tx->transfers_n; k++)
            take_transfer(b, &tx->transfers[k], &looking, first);
        for (size_t k = 0; k < tx->events_n; k++)
            take_event(b, &tx->events[k], &looking);
        b->txs_n++;
    }
    look_up(b, &looking);
    holdings_of(b, first, b->transfers_n);
    b->blocks_n++;
    return true;
}
