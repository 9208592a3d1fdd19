/* Was an account paid out since a deposit? On a chain with accounts by what was registered; at a
 * bank by its book. */
#include "support.h"

#include "chain/bank/bank.h"
#include "chain/list.h"
#include "ledger/account_ingest.h"
#include "serve/paid_out.h"
#include "trace/account_show.h"

#include <stdio.h>

#define HASH(n) "0x00000000000000000000000000000000000000000000000000000000000000" #n
#define ADDRESS(n) "0x00000000000000000000000000000000000000" #n
#define OTHER_TOKEN "0x00000000000000000000000000000000000000f0"

/* 10 come to a customer's address, are swept to the hot wallet (cc), which pays 6 and 4 to others.
 */
static const char chain_list[] =
    "time,tx,from,to,amount\n"
    "2024-01-01T00:00:00Z," HASH(a0) "," ADDRESS(cc) "," ADDRESS(
        11) ",9\n"
            "2024-01-01T00:01:00Z," HASH(a1) "," ADDRESS(aa) "," ADDRESS(
                dd) ",10\n"
                    "2024-01-01T00:02:00Z," HASH(a2) "," ADDRESS(dd) "," ADDRESS(
                        cc) ",10\n"
                            "2024-01-01T00:03:00Z," HASH(a3) "," ADDRESS(cc) "," ADDRESS(
                                11) ",6\n"
                                    "2024-01-01T00:04:00Z," HASH(a4) "," ADDRESS(cc) "," ADDRESS(
                                        22) ",4\n";

static const char book[] = "time,from,to,amount,currency\n"
                           "2024-01-01T00:00:00,901,1,8,USD\n"
                           "2024-01-01T00:01:00,666,901,10,USD\n" /* the deposit */
                           "2024-01-01T00:02:00,901,2,5,USD\n"
                           "2024-01-01T00:03:00,2,901,2,USD\n"
                           "2024-01-01T00:04:00,901,3,4,USD\n";

static struct account_ledger *ledger_of(const char *chain_name, const char *columns,
                                        const char *list, size_t rows)
{
    const struct chain *chain = chain_by_name(chain_name);
    struct account_ingest_options o = {.stop = NULL};
    bool bank = !strncmp(chain_name, "bank:", 5);
    struct list_file file = {"list.csv", {(const uint8_t *)list, 0}};
    struct bank_file payments;
    struct account_ledger *l = NULL;
    struct account_ingest_result r;
    struct transfer_source s;
    const char *end = list;
    char path[4200];
    struct err err;

    for (size_t i = 0; i <= rows; i++)
        end = strchr(end, '\n') + 1;
    file.in.n = (size_t)(end - list);
    snprintf(path, sizeof(path), "%s/ledger", test_dir());
    payments = (struct bank_file){file.name, file.in};
    CHECK_OK(bank ? bank_from(&payments, 1, NULL, &s, &err)
                  : list_from(&file, 1, columns, chain, &s, &err),
             err);
    CHECK_OK(account_ingest(path, chain, &s, &o, &r, &err), err);
    s.free(s.self);
    CHECK_OK(account_ledger_open(path, &l, &err), err);
    return l;
}

static struct watch_alert deposit_of(const struct account_ledger *l, uint64_t transfer,
                                     const char *asset)
{
    struct watch_alert at = {.chain = account_ledger_chain(l)->caip2, .received = u256_of(10)};
    char name[TRANSFER_NAME_MAX];

    transfer_name(l, transfer, name);
    CHECK(strlen(name) < sizeof(at.output));
    memcpy(at.output, name, strlen(name) + 1);
    snprintf(at.asset, sizeof(at.asset), "%s", asset);
    snprintf(at.account, sizeof(at.account), "cust-1");
    return at;
}

/* As POST /v1/transfers leaves it, as far as it is asked for. */
static struct store *store_of(void)
{
    static const char *const tables[] = {
        "CREATE TABLE transfer (id INTEGER PRIMARY KEY, direction TEXT NOT NULL, chain TEXT NOT "
        "NULL, asset TEXT NOT NULL, amount TEXT NOT NULL, address TEXT NOT NULL, tx TEXT, account "
        "TEXT);"};
    static const struct store_schema schema = {"transfer", tables, 1};
    const struct store_schema *schemas = &schema;
    struct store *s;
    char path[4200];
    struct err err;

    snprintf(path, sizeof(path), "%s/store.sqlite", test_dir());
    CHECK_OK(store_open(path, STORE_WRITE, &schemas, 1, &s, &err), err);
    return s;
}

#define OUT(account, asset, amount, address, tx)                                                   \
    "INSERT INTO transfer (direction, chain, asset, amount, address, tx, account) VALUES "         \
    "('outbound', 'ethereum', '" asset "', '" amount "', '" address "', '" tx "', '" account "');"
#define SIX OUT("cust-1", "ETH", "6", ADDRESS(11), HASH(a3))
#define FOUR OUT("cust-1", "ETH", "4", ADDRESS(22), HASH(a4))

static const struct {
    const char *name, *sql[2];
    bool out;
} rows[] = {
    {"nothing is registered", {"", ""}, false},
    {"six of ten", {SIX, ""}, false},
    {"all ten", {SIX, FOUR}, true},
    {"nine of ten: the rest may be fees",
     {OUT("cust-1", "ETH", "9", ADDRESS(11), HASH(a3)), ""},
     true},
    {"a transfer of the transaction",
     {OUT("cust-1", "ETH", "10", ADDRESS(11), HASH(a3) ":s0"), ""},
     true},
    {"before the deposit came", {OUT("cust-1", "ETH", "9", ADDRESS(11), HASH(a0)), FOUR}, false},
    {"of the deposit's own transaction",
     {OUT("cust-1", "ETH", "9", ADDRESS(11), HASH(a1)), ""},
     false},
    {"on no chain", {OUT("cust-1", "ETH", "10", ADDRESS(11), HASH(ff)), ""}, false},
    {"of another account", {OUT("cust-2", "ETH", "10", ADDRESS(11), HASH(a3)), ""}, false},
    {"of a token", {OUT("cust-1", OTHER_TOKEN, "10", ADDRESS(11), HASH(a3)), ""}, false},
    {"no transaction", {OUT("cust-1", "ETH", "10", ADDRESS(11), "soon"), ""}, false},
    {"more than there is in the world",
     {OUT("cust-1", "ETH",
          "115792089237316195423570985008687907853269984665640564039457584007913129639935",
          ADDRESS(11), HASH(a3)),
      FOUR},
     true},
};

static void as_registered(void **state)
{
    struct account_ledger *l = ledger_of(
        "ethereum", "time=time,tx=tx,from=from,to=to,amount=amount,decimals=0", chain_list, 5);
    struct live_ledgers_one one = {.chain = account_ledger_chain(l), .accounts = l};
    struct store *s = store_of();
    char name[TRANSFER_NAME_MAX];
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct watch_alert at = deposit_of(l, 1, "ETH");

        test_row("%s", rows[i].name);
        CHECK_OK(store_run(s, "DELETE FROM transfer", &err), err);
        for (size_t k = 0; k < 2; k++)
            CHECK_OK(!*rows[i].sql[k] || store_run(s, rows[i].sql[k], &err), err);
        CHECK_OK(paid_out(s, &one, &at, &err), err);
        CHECK_U(at.paid_out, rows[i].out);
        CHECK_U(at.paid[0][0] != 0, rows[i].out);
        if (i != 2) /* all ten */
            continue;
        transfer_name(l, 4, name); /* what was registered last comes first */
        CHECK_S(at.paid[0], name);
        transfer_name(l, 3, name);
        CHECK_S(at.paid[1], name);
    }
    store_close(s);
    account_ledger_close(l);
}

/* Of 10 that came, 5 and 4 have left: nine tenths. What it was paid besides does not count. */
static void by_the_book(void **state)
{
    (void)state;
    for (size_t n = 2; n <= 5; n++) {
        struct account_ledger *l = ledger_of("bank:rcbc", NULL, book, n);
        struct live_ledgers_one one = {.chain = account_ledger_chain(l), .accounts = l};
        struct watch_alert at = deposit_of(l, 1, "USD");
        char name[TRANSFER_NAME_MAX];
        struct err err;

        test_row("%zu rows", n);
        at.received = u256_of(1000); /* cents */
        *at.account = 0;             /* no reference of the member's own is needed */
        CHECK_OK(paid_out(NULL, &one, &at, &err), err);
        CHECK_U(at.paid_out, n == 5);
        if (n == 5) {
            transfer_name(l, 4, name);
            CHECK_S(at.paid[1], name);
        }
        account_ledger_close(l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_registered),
        cmocka_unit_test(by_the_book),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
