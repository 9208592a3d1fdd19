/* Deposit addresses of exchanges: worlds worked out by hand, and random ones against a naive judge
 * that replays all transfers. */
#include "../ledger/files.h"
#include "support.h"

#include "entity/deposit.h"
#include "ledger/account_writer.h"

#include <stdio.h>

#define MILLI ((uint64_t)1000000000000000) /* of a native coin: 10^15 wei */

struct row { /* a transaction of one transfer, in a block of its own */
    uint64_t time;
    const char *from, *to; /* a letter and a digit; NULL: nobody */
    uint64_t amount;
    char kind; /* 0: v */
    bool token;
};

static struct bytes key_of(const char *name)
{
    static uint8_t keys[256][10][20];
    uint8_t *key;

    if (!name)
        return (struct bytes){(const uint8_t *)"", 0};
    key = keys[(uint8_t)name[0]][name[1] - '0'];
    key[0] = (uint8_t)name[0];
    key[19] = (uint8_t)name[1];
    return (struct bytes){key, 20};
}

static struct account_ledger *ledger_of(const struct row *rows, size_t n, const char *chain)
{
    char *dir = test_dir_sub();
    struct ledger_options small = {.memory = LEDGER_MEMORY_MIN, .threads = 1};
    struct account_ledger_writer *w;
    struct account_ledger *l;
    struct err err;

    CHECK_OK(account_ledger_writer_open(dir, chain_by_name(chain), small, &w, &err), err);
    for (size_t i = 0; i < n; i++) {
        struct fact_transfer t = {.kind = rows[i].kind    ? (enum transfer_kind)rows[i].kind
                                          : rows[i].token ? TRANSFER_LOG
                                                          : TRANSFER_VALUE,
                                  .from = key_of(rows[i].from),
                                  .to = key_of(rows[i].to),
                                  .asset = key_of(rows[i].token ? "T0" : NULL),
                                  .amount = u256_of(rows[i].amount)};
        struct fact_tx tx = {.transfers = &t, .transfers_n = 1};
        struct transfer_block b = {
            .height = (uint32_t)i + 1, .time = 1600000000 + rows[i].time, .txs = &tx, .txs_n = 1};

        t.credit = t.kind == TRANSFER_FEE ? u256_of(0) : t.amount;
        store_le64(tx.hash.b, i + 1);
        store_le64(b.hash.b, i + 1);
        store_le64(b.prev.b, i);
        CHECK_OK(account_ledger_take(w, &b, &err), err);
    }
    CHECK_OK(account_ledger_finish(w, &err), err);
    account_ledger_writer_close(w);
    CHECK_OK(account_ledger_open(dir, &l, &err), err);
    return l;
}

static uint64_t id(const struct account_ledger *l, const char *name)
{
    return account_ledger_find(l, key_of(name));
}

static struct deposit_rule rule_of(struct arena *a, const struct account_ledger *l)
{
    static const char *const names[] = {"W0", "W1", "V0"};
    struct deposit_wallet wallets[3];
    struct deposit_rule rule;
    struct err err;
    size_t n = 0;

    for (size_t i = 0; i < 3; i++)
        if (id(l, names[i]) != ACCOUNTS_NONE)
            wallets[n++] = (struct deposit_wallet){id(l, names[i]), *names[i] == 'W' ? "X" : "Y"};
    CHECK_OK(deposit_rule_make(a, l, wallets, n, &rule, &err), err);
    return rule;
}

#define ROWS_MAX 6
static const struct {
    const char *name;
    struct row rows[ROWS_MAX];
    const char *owner, *why; /* of D0 */
} judged_rows[] = {
    {"what came goes on",
     {{0, "U0", "D0", 5000 * MILLI}, {600, "D0", "W0", 4999 * MILLI}},
     "X",
     NULL},
    {"0.01 is left, just not more",
     {{0, "U0", "D0", 5000 * MILLI}, {600, "D0", "W0", 4990 * MILLI}},
     "X",
     NULL},
    {"more than 0.01 is left",
     {{0, "U0", "D0", 5000 * MILLI}, {600, "D0", "W0", 4990 * MILLI - 1}},
     NULL,
     "what goes on is not what came"},
    {"a fee is no part of what is left",
     {{0, "U0", "D0", 5000 * MILLI},
      {600, "D0", NULL, 100 * MILLI, 'f'},
      {601, "D0", "W0", 4895 * MILLI}},
     "X",
     NULL},
    {"more than came",
     {{0, "U0", "D0", 5000 * MILLI}, {600, "D0", "W0", 5000 * MILLI + 1}},
     NULL,
     "what goes on is not what came"},
    {"at the last second",
     {{0, "U0", "D0", 5000 * MILLI}, {DEPOSIT_WITHIN, "D0", "W0", 5000 * MILLI}},
     "X",
     NULL},
    {"a second late",
     {{0, "U0", "D0", 5000 * MILLI}, {DEPOSIT_WITHIN + 1, "D0", "W0", 5000 * MILLI}},
     NULL,
     "what goes on is not what came"},
    {"two deposits, one sweep",
     {{0, "U0", "D0", 5000 * MILLI},
      {10, "U1", "D0", 1000 * MILLI},
      {600, "D0", "W1", 6000 * MILLI}},
     "X",
     NULL},
    {"one of two sweeps fits",
     {{0, "U0", "D0", 5000 * MILLI},
      {600, "D0", "W0", 5000 * MILLI},
      {700, "U0", "D0", 5000 * MILLI},
      {800, "D0", "W0", 1000 * MILLI}},
     "X",
     NULL},
    {"one of three",
     {{0, "U0", "D0", 5000 * MILLI},
      {600, "D0", "W0", 5000 * MILLI},
      {700, "U0", "D0", 5000 * MILLI},
      {800, "D0", "W0", 1000 * MILLI},
      {900, "D0", "W0", 1000 * MILLI}},
     NULL,
     "what goes on is not what came"},
    {"it pays somebody else",
     {{0, "U0", "D0", 5000 * MILLI}, {600, "D0", "W0", 4999 * MILLI}, {700, "D0", "Z0", 1}},
     NULL,
     "it pays others, too"},
    {"two exchanges",
     {{0, "U0", "D0", 5000 * MILLI},
      {600, "D0", "W0", 5000 * MILLI},
      {700, "U0", "D0", 5000 * MILLI},
      {800, "D0", "V0", 5000 * MILLI}},
     NULL,
     "it pays wallets of two exchanges"},
    {"nothing goes on",
     {{0, "U0", "D0", 5000 * MILLI}, {1, "U0", "W0", 1}},
     NULL,
     "nothing goes on to a known wallet"},
    {"a withdrawal that comes back was no deposit",
     {{0, "W0", "D0", 5000 * MILLI}, {600, "D0", "W0", 5000 * MILLI}},
     NULL,
     "what goes on is not what came"},
    {"a token, whole, with gas from elsewhere",
     {{0, "U0", "D0", 100, 0, true},
      {1, "G0", "D0", 20 * MILLI},
      {2, "D0", NULL, MILLI, 'f'},
      {3, "D0", "W0", 100, 0, true}},
     "X",
     NULL},
    {"a token, but for one unit",
     {{0, "U0", "D0", 100, 0, true}, {3, "D0", "W0", 99, 0, true}},
     NULL,
     "what goes on is not what came"},
    {"another token that never leaves",
     {{0, "Z0", "D0", 7, 0, true}, {1, "U0", "D0", 5000 * MILLI}, {2, "D0", "W0", 5000 * MILLI}},
     "X",
     NULL},
};

static size_t rows_n(const struct row *rows)
{
    size_t n = 0;

    while (n < ROWS_MAX && (rows[n].from || rows[n].to))
        n++;
    return n;
}

static void judged_by_hand(void **state)
{
    for (size_t i = 0; i < sizeof(judged_rows) / sizeof(judged_rows[0]); i++) {
        struct arena *a = arena_new(NULL, (size_t)1 << 24);
        struct account_ledger *l =
            ledger_of(judged_rows[i].rows, rows_n(judged_rows[i].rows), "ethereum");
        struct deposit_rule rule = rule_of(a, l);
        const struct deposit *all;
        struct deposit d;
        struct err err;
        size_t n;

        test_row("%s", judged_rows[i].name);
        CHECK_OK(deposit_judge(l, &rule, id(l, "D0"), &d, &err), err);
        if (judged_rows[i].owner) {
            CHECK_S(d.owner, judged_rows[i].owner);
            CHECK(!d.why && d.sweep < ACCOUNTS_NONE);
        } else {
            CHECK(!d.owner);
            CHECK_S(d.why, judged_rows[i].why);
        }
        CHECK_OK(deposits_find(l, &rule, a, &all, &n, &err), err);
        CHECK_U(n, judged_rows[i].owner != NULL);
        CHECK(!n || all[0].account == id(l, "D0"));
        account_ledger_close(l);
        arena_free(a);
    }
}

/* U0 and U1 share D0, whose gas is G0's; U0 pays to D1 as well; W0 is nobody's deposit address. */
static void depositors(void **state)
{
    static const struct row rows[] = {
        {0, "U0", "D0", 100, 0, true}, {1, "U1", "D0", 50, 0, true},  {2, "G0", "D0", 20 * MILLI},
        {3, "D0", "W0", 150, 0, true}, {4, "U0", "D1", 3000 * MILLI}, {5, "D1", "W1", 3000 * MILLI},
        {6, "U0", "Z0", 1 * MILLI},    {7, "W0", "D1", 5 * MILLI},
    };
    struct arena *a = arena_new(NULL, (size_t)1 << 24);
    struct account_ledger *l = ledger_of(rows, sizeof(rows) / sizeof(rows[0]), "ethereum");
    struct deposit_rule rule = rule_of(a, l);
    const struct deposit *all;
    const uint64_t *who;
    struct deposit d;
    struct err err;
    size_t n;

    CHECK_OK(deposit_depositors(l, &rule, id(l, "D0"), a, &who, &n, &err), err);
    CHECK_U(n, 2);
    CHECK_U(who[0], id(l, "U0"));
    CHECK_U(who[1], id(l, "U1"));
    CHECK_OK(deposit_depositors(l, &rule, id(l, "D1"), a, &who, &n, &err), err);
    CHECK_U(n, 1);
    CHECK_OK(deposits_of(l, &rule, id(l, "U0"), a, &all, &n, &err), err);
    CHECK_U(n, 2);
    CHECK_U(all[0].account, id(l, "D0"));
    CHECK_U(all[1].account, id(l, "D1"));
    CHECK_OK(deposits_of(l, &rule, id(l, "U1"), a, &all, &n, &err), err);
    CHECK_U(n, 1);
    CHECK_OK(deposits_find(l, &rule, a, &all, &n, &err), err);
    CHECK_U(n, 2);
    CHECK_OK(deposit_judge(l, &rule, id(l, "W0"), &d, &err), err);
    CHECK_S(d.why, "it is a known wallet");
    CHECK_S(deposit_wallet_owner(&rule, id(l, "W1")), "X");
    CHECK(!deposit_wallet_owner(&rule, id(l, "U1")));
    account_ledger_close(l);
    arena_free(a);
}

/* A wallet of two exchanges is nobody's. */
static void wallets_that_contradict(void **state)
{
    static const struct row rows[] = {{0, "U0", "D0", 5000 * MILLI}, {1, "D0", "W0", 5000 * MILLI}};
    struct arena *a = arena_new(NULL, (size_t)1 << 24);
    struct account_ledger *l = ledger_of(rows, 2, "tron");
    struct deposit_wallet wallets[] = {
        {id(l, "W0"), "X"}, {id(l, "D0"), "Y"}, {id(l, "W0"), "Y"}, {id(l, "D0"), "Y"}};
    struct deposit_rule rule;
    struct err err;

    CHECK_OK(deposit_rule_make(a, l, wallets, 4, &rule, &err), err);
    CHECK_U(rule.wallets_n, 1);
    CHECK(!deposit_wallet_owner(&rule, id(l, "W0")));
    CHECK_S(deposit_wallet_owner(&rule, id(l, "D0")), "Y");
    CHECK(u256_equal(rule.left_max, u256_of(2000000))); /* 2 TRX */
    account_ledger_close(l);
    arena_free(a);
}

/* Replays all rows for one account, asset by asset; sums are small here. */
static const char *naive(const struct row *rows, size_t n, const char *who)
{
    const char *owner = NULL;
    unsigned sweeps = 0, fitting = 0;

    for (unsigned token = 0; token < 2; token++) {
        uint64_t came = 0, since = 0;

        for (size_t i = 0; i < n; i++) {
            const struct row *r = &rows[i];
            bool out = r->from && !strcmp(r->from, who), in = r->to && !strcmp(r->to, who);
            const char *other = out ? r->to : r->from;

            other = other ? other : ""; /* nobody */
            if (r->token != token || out == in)
                continue;
            if (in) {
                if (*other == 'W' || *other == 'V')
                    continue;
                since = came ? since : r->time;
                came += r->amount;
                continue;
            }
            if (r->kind == 'f') {
                came -= came < r->amount ? came : r->amount;
                continue;
            }
            if ((*other != 'W' && *other != 'V') ||
                (owner && strcmp(owner, *other == 'W' ? "X" : "Y")))
                return NULL;
            owner = *other == 'W' ? "X" : "Y";
            sweeps++;
            fitting += came >= r->amount && came - r->amount <= (token ? 0 : 10 * MILLI) && came &&
                       r->time - since <= DEPOSIT_WITHIN;
            came -= came < r->amount ? came : r->amount;
        }
    }
    return sweeps && 2 * fitting >= sweeps ? owner : NULL;
}

static void equals_a_naive_judge(void **state)
{
    static const char *const names[] = {"U0", "U1", "D0", "D1", "D2", "W0", "W1", "V0", "Z0"};
    enum { NAMES_N = 9, ROWS = 40 };
    struct test_random r = {test_seed()};
    unsigned found = 0;

    for (unsigned round = 0; round < 60; round++) {
        struct arena *a = arena_new(NULL, (size_t)1 << 24);
        struct row rows[ROWS];
        struct account_ledger *l;
        struct deposit_rule rule;
        const struct deposit *all;
        struct err err;
        size_t n, at = 0;

        test_row("round %u", round);
        for (size_t i = 0; i < ROWS; i++) {
            size_t from = test_below(&r, NAMES_N), to = test_below(&r, NAMES_N);
            bool settle = test_below(&r, 20) != 0;

            if (settle) { /* mostly people to D, and D to a wallet */
                bool on = test_below(&r, 2);

                from = on ? 2 + test_below(&r, 3) : test_below(&r, 2);
                to = !on ? 2 + test_below(&r, 3) : from == 4 ? 7 : 5 + test_below(&r, 2);
            }
            rows[i] = (struct row){i * test_below(&r, 2000),
                                   names[from],
                                   names[to],
                                   (1 + test_below(&r, 2)) * 8 * MILLI,
                                   0,
                                   test_below(&r, 2)};
            if (i && rows[i].time < rows[i - 1].time)
                rows[i].time = rows[i - 1].time;
        }
        l = ledger_of(rows, ROWS, "ethereum");
        rule = rule_of(a, l);
        CHECK_OK(deposits_find(l, &rule, a, &all, &n, &err), err);
        for (uint64_t account = 1; account < account_ledger_counts(l).accounts; account++)
            for (size_t i = 0; i < NAMES_N; i++) {
                const char *want;
                struct deposit d;

                if (id(l, names[i]) != account)
                    continue;
                want = *names[i] == 'W' || *names[i] == 'V' ? NULL : naive(rows, ROWS, names[i]);
                CHECK_OK(deposit_judge(l, &rule, account, &d, &err), err);
                CHECK(!d.owner == !want && (!want || !strcmp(d.owner, want)));
                if (want) {
                    CHECK(at < n && all[at].account == account);
                    at++;
                    found++;
                }
            }
        CHECK_U(at, n);
        account_ledger_close(l);
        arena_free(a);
    }
    CHECK(found > 10);
}

static struct account_ledger *torture;

static bool all_of_it(void *ctx)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 24);
    struct deposit_wallet wallets[] = {{id(torture, "W0"), "X"}};
    const struct deposit *all;
    struct deposit_rule rule;
    const uint64_t *who;
    struct err err;
    size_t n;
    bool ok = a && deposit_rule_make(a, torture, wallets, 1, &rule, &err) &&
              deposits_find(torture, &rule, a, &all, &n, &err) &&
              deposit_depositors(torture, &rule, id(torture, "D0"), a, &who, &n, &err) &&
              deposits_of(torture, &rule, id(torture, "U0"), a, &all, &n, &err);

    arena_free(a);
    return ok;
}

static void every_failed_allocation(void **state)
{
    static const struct row rows[] = {{0, "U0", "D0", 5000 * MILLI}, {1, "D0", "W0", 5000 * MILLI}};

    torture = ledger_of(rows, 2, "ethereum");
    test_failed_allocations(all_of_it, NULL);
    account_ledger_close(torture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judged_by_hand),          cmocka_unit_test(depositors),
        cmocka_unit_test(wallets_that_contradict), cmocka_unit_test(equals_a_naive_judge),
        cmocka_unit_test(every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
