#include "account_facts.h"

#include <stdlib.h>

/* Room for one more, twice as much whenever n is a power of two. */
static void *grown(void *p, size_t n, size_t size)
{
    return n & (n - 1) ? p : realloc(p, (n ? 2 * n : 1) * size);
}

static void *own(struct account_maker *m, size_t n)
{
    m->blobs = grown(m->blobs, m->blobs_n, sizeof(*m->blobs));
    return m->blobs[m->blobs_n++] = calloc(1, n ? n : 1);
}

void account_maker_start(struct account_maker *m, uint64_t seed)
{
    memset(m, 0, sizeof(*m));
    m->r.s = seed;
    m->new_in_1000 = 100;
    m->hashes = true;
}

static struct bytes new_key(struct account_maker *m)
{
    /* addresses; now and then a bank's text, or the zero address, which is an account as others */
    size_t n = test_below(&m->r, 10) ? 20 : 1 + test_below(&m->r, ACCOUNT_KEY_MAX);
    uint8_t *p = own(m, n);

    if (m->keys_n != 3)
        for (size_t i = 0; i < n; i++)
            p[i] = (uint8_t)test_random(&m->r);
    m->keys = grown(m->keys, m->keys_n, sizeof(*m->keys));
    return m->keys[m->keys_n++] = (struct bytes){p, n};
}

/* A few accounts are in most transfers. */
static struct bytes any_key(struct account_maker *m)
{
    if (!m->keys_n || test_below(&m->r, 1000) < m->new_in_1000)
        return new_key(m);
    return m->keys[test_below(&m->r,
                              test_below(&m->r, 3) ? (m->keys_n < 4 ? m->keys_n : 4) : m->keys_n)];
}

static struct u256 any_amount(struct account_maker *m)
{
    struct u256 v = u256_of(test_below(&m->r, 1000));

    switch (test_below(&m->r, 12)) {
    case 0: /* just too large for a fee's field, or just not */
        return u256_of((1ULL << 57) - 2 + test_below(&m->r, 4));
    case 1: /* for any field: of a fee that is credited whole, and of others */
        return (struct u256){{test_random(&m->r),
                              (1ULL << (46 + test_below(&m->r, 2))) - 1 + test_below(&m->r, 2), 0,
                              0}};
    case 2: /* sums of these go over */
        return test_below(&m->r, 40) ? v : (struct u256){{1, 2, 3, UINT64_MAX}};
    default:
        return v;
    }
}

static void make_path(struct account_maker *m, struct fact_transfer *t,
                      const struct fact_transfer *before)
{
    size_t n = before && before->kind == TRANSFER_INTERNAL ? before->path.n / 4 : 0;
    uint8_t *p = own(m, 4 * (n + 1));

    /* the next child of the same caller, or the first of the one before: later in the trace */
    if (n)
        memcpy(p, before->path.p, 4 * n);
    if (n && test_below(&m->r, 2))
        store_le32(p + 4 * (n - 1), load_le32(p + 4 * (n - 1)) + 1);
    else
        n++;
    t->path = (struct bytes){p, 4 * n};
}

static struct fact_transfer make_transfer(struct account_maker *m, enum transfer_kind kind,
                                          uint32_t position, const struct fact_transfer *before)
{
    struct fact_transfer t = {.kind = kind, .position = position, .amount = any_amount(m)};

    t.from = any_key(m);
    t.to = test_below(&m->r, 30) ? any_key(m) : t.from;
    if (kind == TRANSFER_LOG || kind == TRANSFER_PAYMENT)
        t.asset = m->keys[test_below(&m->r, m->keys_n < 3 ? m->keys_n : 3)];
    switch (kind) {
    case TRANSFER_FEE:
        t.credit = u256_of(test_below(&m->r, 3) ? test_below(&m->r, 100)
                                                : (1ULL << 53) - 2 + test_below(&m->r, 4));
        t.credit = u256_min(t.credit, t.amount);
        if (!test_below(&m->r, 3))
            t.credit = t.amount;
        break;
    case TRANSFER_INTERNAL:
        make_path(m, &t, before);
        break;
    case TRANSFER_FREEZE:
    case TRANSFER_UNFREEZE:
    case TRANSFER_NOTE:
        t.amount = u256_of(0);
        t.to = (struct bytes){NULL, 0};
        break;
    case TRANSFER_WITHDRAWAL:
    case TRANSFER_REWARD:
    case TRANSFER_STAKING:
    case TRANSFER_VOTING:
    case TRANSFER_RENT:
        t.from = (struct bytes){NULL, 0};
        if (!t.to.n)
            t.to = m->keys[0];
        break;
    case TRANSFER_LOG:
    case TRANSFER_PAYMENT:
    case TRANSFER_BALANCE:
    case TRANSFER_PAIRED:
    case TRANSFER_VALUE:
    case TRANSFER_STATED:
        if (!test_below(&m->r, 8))
            t.from = (struct bytes){NULL, 0};
        else if (!test_below(&m->r, 8))
            t.to = (struct bytes){NULL, 0};
        break;
    case TRANSFER_WIPE:
        break;
    }
    return t;
}

static void make_events(struct account_maker *m, struct fact_tx *tx)
{
    struct fact_event *e;

    tx->events_n = test_below(&m->r, 4) ? 0 : 1 + test_below(&m->r, 3);
    tx->events = e = own(m, tx->events_n * sizeof(*e));
    for (size_t i = 0; i < tx->events_n; i++) {
        size_t n = test_below(&m->r, 3) ? test_below(&m->r, 40) : 0;
        uint8_t *data = own(m, n);

        for (size_t k = 0; k < n; k++)
            data[k] = (uint8_t)test_random(&m->r);
        e[i] = (struct fact_event){.kind = EVENT_MEMO + (unsigned)test_below(&m->r, 10),
                                   .log = (uint32_t)i,
                                   .subject = any_key(m),
                                   .data = {data, n}};
    }
}

static void make_tx(struct account_maker *m, struct fact_tx *tx, bool last)
{
    static const enum transfer_kind logs[] = {TRANSFER_LOG,    TRANSFER_LOG,      TRANSFER_LOG,
                                              TRANSFER_FREEZE, TRANSFER_UNFREEZE, TRANSFER_WIPE};
    static const enum transfer_kind rewards[] = {TRANSFER_REWARD, TRANSFER_STAKING, TRANSFER_VOTING,
                                                 TRANSFER_RENT};
    struct fact_transfer *t = own(m, 13 * sizeof(*t));
    size_t n = 0;
    uint32_t log = 0;

    for (size_t i = 0; i < 4; i++)
        store_le64(tx->hash.b + 8 * i, test_random(&m->r));
    tx->failed = !test_below(&m->r, 10);
    tx->transfers = t;
    if (last) {
        for (uint32_t i = (uint32_t)test_below(&m->r, 4); i; i--, n++)
            t[n] = make_transfer(m, TRANSFER_WITHDRAWAL, (uint32_t)n, NULL);
        for (uint32_t i = 0; i <= test_below(&m->r, 3); i++, n++)
            t[n] = make_transfer(m, rewards[test_below(&m->r, 4)], i, NULL);
        tx->failed = false;
        tx->transfers_n = n;
        return;
    }
    t[n++] = make_transfer(m, TRANSFER_FEE, 0, NULL);
    if (!tx->failed) {
        if (test_below(&m->r, 2))
            t[n++] = make_transfer(m, TRANSFER_VALUE, 0, NULL);
        for (size_t i = test_below(&m->r, 3); i; i--, n++)
            t[n] = make_transfer(m, TRANSFER_INTERNAL, 0, &t[n - 1]);
        for (size_t i = test_below(&m->r, 4); i; i--, n++) {
            log += (uint32_t)test_below(&m->r, 3);
            t[n] = make_transfer(m, logs[test_below(&m->r, 6)], log, NULL);
        }
        if (!test_below(&m->r, 3))
            t[n++] = make_transfer(m, TRANSFER_NOTE, 1, NULL);
        make_events(m, tx);
    }
    tx->transfers_n = n;
}

void account_maker_blocks(struct account_maker *m, size_t blocks, size_t txs_max)
{
    for (size_t i = 0; i < blocks; i++) {
        struct transfer_block b = {.internals = true, .height = HEIGHT_UNKNOWN};
        struct fact_tx *txs;

        b.time = (m->blocks_n ? m->blocks[m->blocks_n - 1].time : 1000) + 1 + test_below(&m->r, 3);
        if (m->hashes) {
            b.height = (uint32_t)m->blocks_n;
            b.prev = m->blocks_n ? m->blocks[m->blocks_n - 1].hash : b.prev;
            for (size_t k = 0; k < 4; k++)
                store_le64(b.hash.b + 8 * k, test_random(&m->r));
            b.hash.b[31] = m->branch;
        } else {
            b.grade = GRADE_STATED;
            b.internals = false;
        }
        b.txs_n = test_below(&m->r, txs_max + 1);
        b.txs = txs = own(m, (b.txs_n + 1) * sizeof(*txs));
        for (size_t k = 0; k < b.txs_n; k++)
            make_tx(m, &txs[k], k + 1 == b.txs_n);
        if (m->blocks_n == m->blocks_room)
            m->blocks = realloc(m->blocks, (m->blocks_room = 2 * m->blocks_n + 16) * sizeof(b));
        m->blocks[m->blocks_n++] = b;
    }
}

void account_maker_drop(struct account_maker *m, size_t blocks_n)
{
    m->blocks_n = blocks_n;
    m->branch++;
}

void account_maker_end(struct account_maker *m)
{
    for (size_t i = 0; i < m->blobs_n; i++)
        free(m->blobs[i]);
    free(m->blobs);
    free(m->keys);
    free(m->blocks);
}
