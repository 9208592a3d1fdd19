/* A watched ledger of accounts: a small list, whose figures are counted by hand. */
#include "support.h"

#include "chain/list.h"
#include "ledger/account_ingest.h"
#include "watch/accounts.h"

#include <stdio.h>
#include <string.h>

#define A "0x00000000000000000000000000000000000000aa"
#define B "0x00000000000000000000000000000000000000bb"
#define C "0x00000000000000000000000000000000000000cc"
#define D "0x00000000000000000000000000000000000000dd"
#define E "0x00000000000000000000000000000000000000ee"
#define X "0x0000000000000000000000000000000000000011"
#define Y "0x0000000000000000000000000000000000000022"
#define ROWS 6u
#define FOUND_MAX 16

static const char list[] = "time,from,to,amount\n"
                           "2024-01-01T00:00:00Z," A "," B ",10\n" /* the theft */
                           "2024-01-01T00:01:00Z," X "," Y ",5\n"
                           "2024-01-01T00:02:00Z," B "," C ",4\n"
                           "2024-01-01T00:03:00Z," Y "," X ",1\n"
                           "2024-01-01T00:04:00Z," C "," D ",6\n"
                           "2024-01-01T00:05:00Z," B "," E ",6\n";

static struct account_ledger *ledger_of(size_t rows)
{
    static const char columns[] = "time=time,from=from,to=to,amount=amount,decimals=0";
    const struct chain *chain = chain_by_name("ethereum");
    struct account_ingest_options o = {.stop = NULL};
    struct account_ledger *l = NULL;
    struct account_ingest_result r;
    struct list_file file = {"list.csv", {(const uint8_t *)list, 0}};
    struct transfer_source s;
    const char *end = list;
    char path[4200];
    struct err err;

    for (size_t i = 0; i <= rows; i++)
        end = strchr(end, '\n') + 1;
    file.in.n = (size_t)(end - list);
    snprintf(path, sizeof(path), "%s/ledger", test_dir());
    CHECK_OK(list_from(&file, 1, columns, chain, &s, &err), err);
    CHECK_OK(account_ingest(path, chain, &s, &o, &r, &err), err);
    s.free(s.self);
    CHECK_OK(account_ledger_open(path, &l, &err), err);
    return l;
}

struct listener {
    struct watch_found found[FOUND_MAX];
    size_t n;
};

static void listen(void *ctx, const struct watch_found *found)
{
    struct listener *l = ctx;

    CHECK(l->n < FOUND_MAX);
    l->found[l->n++] = *found;
}

static void turn(struct watch_accounts *w, const struct account_ledger *l, uint32_t blocks,
                 struct listener *to)
{
    struct err err;

    to->n = 0;
    CHECK_OK(watch_accounts_turn(w, l, blocks, listen, to, &err), err);
}

static size_t traces_of(const struct watch_accounts *w, enum watch_state wanted)
{
    enum watch_state state;
    const char *text;
    size_t traces;

    CHECK(watch_accounts_state(w, "c", &state, &text, &traces));
    CHECK_U(state, wanted);
    return traces;
}

struct scene {
    struct watch_accounts *w;
    struct own *own;
    struct own_set *set;
};

static struct scene begun(const struct account_ledger *l)
{
    static const char own[] = D " customer-1 chain=ethereum\n" E "\n";
    const struct chain *chain = chain_by_name("ethereum");
    char name[TRANSFER_NAME_MAX], text[TRANSFER_NAME_MAX + 200];
    struct scene s;
    struct err err;

    transfer_name(l, 0, name);
    snprintf(text, sizeof(text),
             "{\"id\":\"c\",\"chain\":\"ethereum\",\"origins\":[{\"transfer\":\"%s\"}]}", name);
    CHECK_OK(
        own_read("own.txt", (struct bytes){(const uint8_t *)own, sizeof(own) - 1}, &s.own, &err),
        err);
    CHECK_OK(own_set_make(s.own, chain, &s.set, &err), err);
    CHECK_OK(watch_accounts_new(chain, &s.w, &err), err);
    watch_accounts_own(s.w, s.set);
    CHECK_OK(
        watch_accounts_case(s.w, "c", (struct bytes){(const uint8_t *)text, strlen(text)}, &err),
        err);
    return s;
}

static void end(struct scene *s)
{
    watch_accounts_free(s->w);
    own_set_free(s->set);
    own_free(s->own);
}

static void is_found(const struct watch_found *f, const char *address, uint64_t amount,
                     uint64_t tainted, uint32_t share_ppm, uint32_t hop)
{
    uint8_t key[ACCOUNT_KEY_MAX], want[ACCOUNT_KEY_MAX];
    size_t n, want_n;
    struct err err;

    CHECK_OK(account_read(f->chain, f->address, key, &n, &err), err);
    CHECK_OK(account_read(f->chain, address, want, &want_n, &err), err);
    CHECK(n == want_n && !memcmp(key, want, n));
    CHECK_U(f->amount.w[0], amount);
    CHECK_U(f->tainted.w[0], tainted);
    CHECK_U(f->share_ppm, share_ppm);
    CHECK_U(f->hop, hop);
    CHECK_S(f->asset, "ETH");
    CHECK(!strncmp(f->place, "0x", 2));
}

/* Rows are grown one by one. fifo: C gets 4 of the 10, and pays 6 with them; E gets the other 6. A
 * row that spends nothing tainted costs no trace. */
static void row_by_row(void **state)
{
    static const size_t found[ROWS] = {0, 0, 0, 0, 1, 1}, traces[ROWS] = {1, 1, 2, 2, 3, 4};
    struct account_ledger *l = ledger_of(1);
    struct scene s = begun(l);
    struct listener got;

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        account_ledger_close(l);
        l = ledger_of(i + 1);
        test_row("row %zu", i);
        turn(s.w, l, UINT32_MAX, &got);
        CHECK_U(got.n, found[i]);
        CHECK_U(traces_of(s.w, WATCH_FOLLOWED), traces[i]);
        if (i == 4) {
            is_found(&got.found[0], D, 6, 4, 666666, 2);
            CHECK_S(got.found[0].own.account, "customer-1");
            CHECK(!got.found[0].exact); /* C pays more than it has */
        }
    }
    is_found(&got.found[0], E, 6, 6, 1000000, 1);
    turn(s.w, l, UINT32_MAX, &got);
    CHECK_U(got.n, 0);
    CHECK_U(watch_accounts_counts(s.w).own, 2);
    end(&s);
    account_ledger_close(l);
}

/* All at once, and again after blocks were undone. */
static void at_once(void **state)
{
    struct account_ledger *all = ledger_of(ROWS), *few = ledger_of(2);
    struct scene s = begun(all);
    struct listener got;

    (void)state;
    turn(s.w, all, UINT32_MAX, &got);
    CHECK_U(got.n, 2);
    CHECK_U(watch_accounts_counts(s.w).held, 2); /* at D and at E */
    turn(s.w, few, UINT32_MAX, &got);
    CHECK_U(got.n, 0);
    CHECK_U(watch_accounts_counts(s.w).held, 1); /* at B */
    turn(s.w, all, UINT32_MAX, &got);
    CHECK_U(got.n, 2);
    end(&s);
    account_ledger_close(all);
    account_ledger_close(few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_by_row),
        cmocka_unit_test(at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
