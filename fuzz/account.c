/* Columns of accounts of any bytes: traces and walks end, keep within what is there, and what they
 * give keeps its promises.
 *
 * The first bytes say how many transactions, transfers, holdings, wide amounts and marks there are,
 * and what is asked; the columns follow, cut or filled with zeros. */
#include "base/cursor.h"
#include "base/mem.h"
#include "trace/account.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)
#define CASES 6
#define COUNTS_BYTES 6
#define ASK_BYTES (2 + CASES * 5)
#define COLUMNS 9

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct asked {
    uint8_t stop, legs;
    const struct accounts *accounts;
    struct account_conversion leg[6];
};

/* A block of exactly n bytes, so that a sanitizer sees one too many read. */
static uint8_t *column(struct cursor *c, size_t n)
{
    struct bytes have = cursor_take(c, n < cursor_left(c) ? n : cursor_left(c));
    uint8_t *p = mem_zero(n);

    if (p && have.n)
        memcpy(p, have.p, have.n);
    return p;
}

static int32_t stop_of(void *ctx, uint64_t account)
{
    return account % 7 == ((const struct asked *)ctx)->stop ? 3 : STOP_NONE;
}

/* Every second transaction has some, of two groups. */
static size_t conversions_of(void *ctx, uint64_t tx, const struct account_conversion **ret)
{
    struct asked *asked = ctx;
    struct accounts_range range = accounts_tx(asked->accounts, tx);
    size_t n = asked->legs % 7;

    if (tx % 2 || !range.n)
        return 0;
    for (size_t i = 0; i < n; i++)
        asked->leg[i] =
            (struct account_conversion){.transfer = range.first + (asked->legs >> i) % range.n,
                                        .group = i >= n / 2,
                                        .out = (asked->legs >> i) & 1,
                                        .collateral = asked->legs % 5 == 0};
    *ret = asked->leg;
    return n;
}

static void check(const struct accounts *accounts, const struct account_case *ask,
                  const struct account_trace *t)
{
    for (size_t i = 0; i < t->moves_n; i++) {
        assert(t->moves[i].transfer < accounts->transfers_n);
        assert(!i || t->moves[i - 1].transfer < t->moves[i].transfer);
        assert(!u256_less(accounts_transfer(accounts, t->moves[i].transfer).amount,
                          t->moves[i].taint));
        assert(ask->hops_max == TRACE_HOPS_NONE || t->moves[i].hop <= ask->hops_max ||
               t->moves[i].origin);
    }
    for (size_t i = 1; i < t->balances_n; i++)
        assert(t->balances[i - 1].holding <= t->balances[i].holding);
}

static void follow(struct arena *a, const struct accounts *accounts, struct cursor *c)
{
    struct asked asked = {.stop = cursor_u8(c), .legs = cursor_u8(c), .accounts = accounts};
    struct account_origin origins[CASES];
    struct account_case ask[CASES];
    struct account_trace got[CASES];
    struct err err;

    for (size_t i = 0; i < CASES; i++) {
        origins[i] = (struct account_origin){.transfer = cursor_u8(c) % (accounts->transfers_n + 1),
                                             .taint = u256_of(cursor_u8(c))};
        if (origins[i].transfer < accounts->transfers_n)
            origins[i].taint =
                u256_min(origins[i].taint, accounts_transfer(accounts, origins[i].transfer).credit);
        ask[i] = (struct account_case){.origins = &origins[i],
                                       .origins_n = 1,
                                       .policy = (enum trace_policy)i,
                                       .dust = u256_of(cursor_u8(c)),
                                       .hops_max = cursor_u8(c) % 2 ? TRACE_HOPS_NONE : 3,
                                       .hub_spends_max = cursor_u8(c),
                                       .stop_of = stop_of,
                                       .stop_ctx = &asked,
                                       .conversions_of = conversions_of,
                                       .conversions_ctx = &asked};
    }
    if (account_trace_forward(a, accounts, ask, CASES, got, &err))
        for (size_t i = 0; i < CASES; i++)
            check(accounts, &ask[i], &got[i]);
}

static void walk(const struct accounts *accounts)
{
    for (uint64_t h = 0; h < accounts->holdings_n; h++) {
        struct accounts_point at = {.event = accounts_holding(accounts, h).first}, got;
        struct err err;
        bool frozen;

        if (at.event >= accounts->transfers_n)
            continue;
        if (accounts_leaves(accounts, h, &at, u256_of(h), &got, &err) && got.event != ACCOUNTS_NONE)
            at = got;
        if (accounts_sums_before(accounts, h, at.event, NULL, &at.sums, &err) &&
            accounts_frozen(accounts, h, &at, &frozen, &err))
            assert(!frozen || at.sums.freezes);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a;
    struct cursor c, ask;
    struct accounts accounts = {0};
    uint8_t *columns[COLUMNS];
    bool ok = true;

    if (size < COUNTS_BYTES + ASK_BYTES)
        return 0;
    a = arena_new(NULL, ARENA_BYTES);
    accounts.txs_n = data[0];
    accounts.transfers_n = data[1] | (data[2] & 7) << 8;
    accounts.holdings_n = data[3];
    accounts.accounts_n = accounts.holdings_n + 1;
    accounts.wide_n = data[4];
    accounts.marks_n = data[5];
    accounts.far_n = data[2] >> 3;
    ask = cursor_over(data + COUNTS_BYTES, ASK_BYTES);
    c = cursor_over(data + COUNTS_BYTES + ASK_BYTES, size - COUNTS_BYTES - ASK_BYTES);
    accounts.tx = columns[0] = column(&c, accounts.txs_n * TX_RECORD_BYTES);
    accounts.transfer = columns[1] = column(&c, accounts.transfers_n * TRANSFER_BYTES);
    accounts.links_prev = columns[2] = column(&c, accounts.transfers_n * LINKS_BYTES);
    accounts.links_next = columns[3] = column(&c, accounts.transfers_n * LINKS_BYTES);
    accounts.wide = columns[4] = column(&c, accounts.wide_n * U256_BYTES);
    accounts.holding = columns[5] = column(&c, accounts.holdings_n * HOLDING_BYTES);
    accounts.holding_last = columns[6] = column(&c, accounts.holdings_n * ACCOUNTS_ID_BYTES);
    accounts.mark = columns[7] = column(&c, accounts.marks_n * MARK_BYTES);
    accounts.far = columns[8] = column(&c, accounts.far_n * FAR_BYTES);
    for (size_t i = 0; i < COLUMNS; i++)
        ok = ok && columns[i];
    if (a && ok) {
        follow(a, &accounts, &ask);
        walk(&accounts);
    }
    for (size_t i = 0; i < COLUMNS; i++)
        mem_free(columns[i]);
    arena_free(a);
    return 0;
}
