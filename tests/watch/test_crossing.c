/* Cases that go from ledger to ledger: two small lists of different chains, a conversion that the
 * case asserts between them, figures counted by hand. */
#include "support.h"

#include "chain/list.h"
#include "ledger/account_ingest.h"
#include "watch/accounts.h"
#include "watch/crossing.h"

#include <stdio.h>

#define A "0x00000000000000000000000000000000000000aa"
#define B "0x00000000000000000000000000000000000000bb"
#define C "0x00000000000000000000000000000000000000cc"
#define D "0x00000000000000000000000000000000000000dd"
#define K "0x00000000000000000000000000000000000000b0"

static const char here[] = "time,from,to,amount\n"
                           "2024-01-01T00:00:00Z," A "," B ",10\n" /* the theft */
                           "2024-01-01T00:01:00Z," B "," K ",10\n";
static const char there[] = "time,from,to,amount\n"
                            "2024-01-01T00:02:00Z," K "," C ",8\n"
                            "2024-01-01T00:03:00Z," C "," D ",8\n";

static struct account_ledger *ledger_of(const char *chain_name, const char *list, size_t rows)
{
    static const char columns[] = "time=time,from=from,to=to,amount=amount,decimals=0";
    const struct chain *chain = chain_by_name(chain_name);
    struct account_ingest_options o = {.stop = NULL};
    struct list_file file = {"list.csv", {(const uint8_t *)list, 0}};
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
    CHECK_OK(list_from(&file, 1, columns, chain, &s, &err), err);
    CHECK_OK(account_ingest(path, chain, &s, &o, &r, &err), err);
    s.free(s.self);
    CHECK_OK(account_ledger_open(path, &l, &err), err);
    return l;
}

struct listener {
    struct watch_found last;
    size_t n;
};

static void listen(void *ctx, const struct watch_found *found)
{
    struct listener *l = ctx;

    l->last = *found;
    l->n++;
}

struct scene {
    struct account_ledger *here, *few, *all; /* few, all: of the other chain */
    struct own *own;
    struct own_set *own_here, *own_there;
    struct watch_crossing *w;
    char text[3 * TRANSFER_NAME_MAX + 400];
};

static struct bytes text_of(const char *s)
{
    return (struct bytes){(const uint8_t *)s, strlen(s)};
}

static struct scene begun(void)
{
    struct scene s = {.here = ledger_of("ethereum", here, 2),
                      .few = ledger_of("polygon", there, 1),
                      .all = ledger_of("polygon", there, 2)};
    char theft[TRANSFER_NAME_MAX], out[TRANSFER_NAME_MAX], in[TRANSFER_NAME_MAX];
    struct err err;

    transfer_name(s.here, 0, theft);
    transfer_name(s.here, 1, out);
    transfer_name(s.few, 0, in);
    snprintf(s.text, sizeof(s.text),
             "{\"id\":\"c\",\"origins\":[{\"chain\":\"ethereum\",\"transfer\":\"%s\"}],"
             "\"conversions\":[{\"from\":[{\"chain\":\"ethereum\",\"transfer\":\"%s\"}],"
             "\"to\":[{\"chain\":\"polygon\",\"transfer\":\"%s\"}],\"source\":\"t\"}]}",
             theft, out, in);
    CHECK_OK(own_read("own.txt", text_of(D " customer-1\n"), &s.own, &err), err);
    CHECK_OK(own_set_make(s.own, chain_by_name("ethereum"), &s.own_here, &err), err);
    CHECK_OK(own_set_make(s.own, chain_by_name("polygon"), &s.own_there, &err), err);
    CHECK_OK(watch_crossing_new(0, &s.w, &err), err);
    CHECK_OK(watch_crossing_case(s.w, "c", text_of(s.text), &err), err);
    return s;
}

static void end(struct scene *s)
{
    watch_crossing_free(s->w);
    own_set_free(s->own_here);
    own_set_free(s->own_there);
    own_free(s->own);
    account_ledger_close(s->here);
    account_ledger_close(s->few);
    account_ledger_close(s->all);
}

/* other NULL: there is one ledger alone. */
static size_t turn(struct scene *s, const struct account_ledger *other, struct listener *to)
{
    const struct watch_crossing_ledger ledgers[2] = {
        {.ledger = {.accounts = s->here}, .own = s->own_here},
        {.ledger = {.accounts = other}, .own = s->own_there}};
    struct err err;

    to->n = 0;
    CHECK_OK(watch_crossing_turn(s->w, ledgers, other ? 2 : 1, listen, to, &err), err);
    return to->n;
}

static enum watch_state state_of(const struct scene *s)
{
    enum watch_state state;
    const char *text;

    CHECK(watch_crossing_state(s->w, "c", &state, &text));
    return state;
}

/* 10 went over the bridge, 8 came: all of these are tainted, and the next transfer is the third
 * from the theft, the way over counted. */
static void from_one_to_another(void **state)
{
    struct scene s = begun();
    struct listener got;

    (void)state;
    CHECK_U(turn(&s, NULL, &got), 0);
    CHECK_U(state_of(&s), WATCH_WAITS);
    CHECK_U(turn(&s, s.few, &got), 0);
    CHECK_U(state_of(&s), WATCH_FOLLOWED);
    CHECK_U(turn(&s, s.all, &got), 1);
    CHECK_S(got.last.case_id, "c");
    CHECK(got.last.chain == chain_by_name("polygon"));
    CHECK_S(got.last.own.account, "customer-1");
    CHECK_U(got.last.tainted.w[0], 8);
    CHECK_U(got.last.amount.w[0], 8);
    CHECK_U(got.last.hop, 3);
    CHECK_U(got.last.grade, MOVE_STATED);
    CHECK_U(turn(&s, s.all, &got), 0);      /* told */
    CHECK_U(watch_crossing_traces(s.w), 2); /* of one ledger, of two: the rest went on */
    CHECK_U(watch_crossing_counts(s.w, chain_by_name("polygon")).held, 1); /* D has them */
    CHECK_U(watch_crossing_counts(s.w, chain_by_name("polygon")).followed, 1);
    CHECK_U(watch_crossing_counts(s.w, chain_by_name("ethereum")).held, 0);
    CHECK_U(watch_crossing_counts(s.w, chain_by_name("bitcoin")).followed, 0);
    CHECK_U(turn(&s, s.few, &got), 0); /* undone */
    CHECK_U(turn(&s, s.all, &got), 1);
    watch_crossing_again(s.w);
    CHECK_U(turn(&s, s.all, &got), 1);
    watch_crossing_drop(s.w, "c");
    CHECK_U(turn(&s, s.few, &got), 0);
    CHECK_U(watch_crossing_followed(s.w), 0);
    end(&s);
}

/* ---- whom the case reaches ---- */

struct reached { /* on each chain */
    struct reach *here, *there;
};

static struct reach **reached_on(struct reached *r, const struct chain *chain)
{
    return chain == chain_by_name("ethereum") ? &r->here : &r->there;
}

static void on_whole(void *ctx, const struct chain *chain, const char *id, struct reach *r)
{
    struct reach **to = reached_on(ctx, chain);

    CHECK_S(id, "c");
    reach_free(*to);
    *to = r;
}

static void on_more(void *ctx, const struct chain *chain, const char *id,
                    const struct reach_move *moves, size_t n)
{
    struct err err;

    (void)id;
    for (size_t i = 0; i < n; i++)
        CHECK_OK(reach_put(*reached_on(ctx, chain), &moves[i], &err), err);
}

static void came(const struct reach *r, const struct account_ledger *l, const char *to,
                 uint64_t amount, uint32_t hop)
{
    struct reach_sum sums[4];
    uint8_t key[ACCOUNT_KEY_MAX];
    uint64_t account;
    size_t n;
    struct err err;

    CHECK_OK(account_read(account_ledger_chain(l), to, key, &n, &err), err);
    account = account_ledger_find(l, (struct bytes){key, n});
    n = account == ACCOUNTS_NONE ? 0 : reach_of(r, account, sums, 4);
    CHECK_U(n, amount ? 1 : 0);
    if (n) {
        CHECK_U(sums[0].amount.w[0], amount);
        CHECK_U(sums[0].hop, hop);
        CHECK_U(sums[0].direct, hop <= 1);
    }
}

/* On both sides of the bridge, as it goes on, and as it is undone. */
static void whom_it_reaches(void **state)
{
    struct scene s = begun();
    struct reached r = {NULL, NULL};
    struct listener got;

    (void)state;
    watch_crossing_reach(s.w, &(struct watch_reach){on_whole, on_more, NULL, &r});
    turn(&s, s.few, &got);
    CHECK(r.here && r.there);
    came(r.here, s.here, B, 10, 0);
    came(r.here, s.here, K, 10, 1);
    came(r.here, s.here, A, 0, 0);
    came(r.there, s.few, C, 8, 2);
    CHECK_U(reach_n(r.here), 2);
    CHECK_U(reach_n(r.there), 1);
    turn(&s, s.all, &got);
    came(r.there, s.all, D, 8, 3);
    CHECK_U(reach_n(r.there), 2);
    turn(&s, s.few, &got); /* undone */
    CHECK_U(reach_n(r.there), 1);
    came(r.there, s.few, C, 8, 2);
    reach_free(r.here);
    reach_free(r.there);
    end(&s);
}

static void on_crosser(void *ctx, const char *id)
{
    CHECK_S(id, "c");
    ++*(size_t *)ctx;
}

/* A watch of one ledger leaves such a case alone, and says which it is. */
static void is_left_alone(void **state)
{
    struct scene s = begun();
    enum watch_state is;
    struct watch_accounts *w;
    const char *text;
    size_t traces, n = 0;
    struct err err;

    (void)state;
    CHECK_OK(watch_accounts_new(chain_by_name("ethereum"), (struct watch_limits){0}, &w, &err),
             err);
    watch_accounts_crossing(w);
    CHECK_OK(watch_accounts_case(w, "c", text_of(s.text), &err), err);
    CHECK_OK(watch_accounts_turn(w, s.here, UINT32_MAX, NULL, NULL, &err), err);
    CHECK(watch_accounts_state(w, "c", &is, &text, &traces));
    CHECK_U(is, WATCH_CROSSES);
    CHECK_U(traces, 0);
    watch_accounts_crossers(w, on_crosser, &n);
    CHECK_U(n, 1);
    CHECK_U(account_ledger_counts(s.here).blocks, 2);
    watch_accounts_free(w);
    end(&s);
}

/* One of a single chain is followed here from when somebody says that it crosses. */
static void woken(void **state)
{
    struct scene s = begun();
    char name[TRANSFER_NAME_MAX], text[TRANSFER_NAME_MAX + 200];
    struct listener got;
    enum watch_state is;
    const char *why;
    struct err err;

    (void)state;
    transfer_name(s.all, 0, name);
    snprintf(text, sizeof(text),
             "{\"id\":\"c\",\"chain\":\"polygon\",\"origins\":[{\"transfer\":\"%s\"}]}", name);
    CHECK_OK(watch_crossing_case(s.w, "c", text_of(text), &err), err); /* in place of the other */
    CHECK_U(turn(&s, s.all, &got), 0);
    CHECK(!watch_crossing_state(s.w, "c", &is, &why));
    watch_crossing_wake(s.w, "c");
    CHECK_U(turn(&s, s.all, &got), 1);
    CHECK_U(got.last.hop, 1);
    CHECK_OK(watch_crossing_case(s.w, "c", text_of("{\"id\":1}"), &err), err);
    watch_crossing_wake(s.w, "c");
    CHECK_U(turn(&s, s.all, &got), 0);
    CHECK_U(state_of(&s), WATCH_REFUSED);
    end(&s);
}

/* A node with one ledger: the other side may never be there, and new blocks are gone on through. */
static void over_one_ledger(void **state)
{
    struct scene s = begun();
    char name[TRANSFER_NAME_MAX], text[TRANSFER_NAME_MAX + 200];
    struct watch_crossing_ledger one = {.ledger = {.accounts = s.few}, .own = s.own_there};
    struct listener got = {.n = 0};
    struct err err;

    (void)state;
    transfer_name(s.all, 0, name);
    snprintf(text, sizeof(text),
             "{\"id\":\"c\",\"chain\":\"polygon\",\"origins\":[{\"transfer\":\"%s\"}]}", name);
    CHECK_OK(watch_crossing_case(s.w, "c", text_of(text), &err), err);
    watch_crossing_wake(s.w, "c");
    CHECK_OK(watch_crossing_turn(s.w, &one, 1, listen, &got, &err), err);
    CHECK_U(got.n, 0);
    one.ledger.accounts = s.all;
    CHECK_OK(watch_crossing_turn(s.w, &one, 1, listen, &got, &err), err);
    CHECK_U(got.n, 1);
    CHECK_U(got.last.tainted.w[0], 8);
    CHECK_U(watch_crossing_traces(s.w), 1);
    end(&s);
}

/* C, where the bridge pays, is a service: what it pays D came past it. Undone and followed again it
 * is the same; without services nobody says so. */
static const char *service_c(void *ctx, const struct chain *chain, struct bytes script)
{
    (void)ctx;
    return chain == chain_by_name("polygon") && script.p[script.n - 1] == 0xcc ? "C's" : NULL;
}

static void past_a_service(void **state)
{
    struct scene s = begun();
    struct listener got;

    (void)state;
    watch_crossing_services(s.w, service_c, NULL);
    for (int i = 0; i < 2; i++) {
        CHECK_U(turn(&s, s.few, &got), 0);
        CHECK_U(turn(&s, s.all, &got), 1);
        CHECK_S(got.last.service, "C's");
    }
    watch_crossing_services(s.w, NULL, NULL);
    CHECK_U(turn(&s, s.all, &got), 1);
    CHECK(!got.last.service);
    end(&s);
}

/* Followed over one block of the other ledger, and on through the second. */
static bool whole(void *ctx)
{
    struct scene *s = ctx;
    struct watch_crossing_ledger ledgers[2] = {
        {.ledger = {.accounts = s->here}, .own = s->own_here},
        {.ledger = {.accounts = s->all}, .own = s->own_there, .blocks_max = 1}};
    struct watch_crossing *w;
    struct listener got = {.n = 0};
    struct err err;
    bool ok;

    if (!watch_crossing_new(0, &w, &err))
        return false;
    watch_crossing_services(w, service_c, NULL);
    ok = watch_crossing_case(w, "c", text_of(s->text), &err) &&
         watch_crossing_turn(w, ledgers, 2, listen, &got, &err) && !got.n;
    ledgers[1].blocks_max = 2;
    ok = ok && watch_crossing_turn(w, ledgers, 2, listen, &got, &err) && got.n == 1 &&
         got.last.service && watch_crossing_traces(w) == 1;
    watch_crossing_free(w);
    return ok;
}

static void every_allocation(void **state)
{
    struct scene s = begun();

    (void)state;
    test_failed_allocations(whole, &s);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_one_to_another), cmocka_unit_test(whom_it_reaches),
        cmocka_unit_test(is_left_alone),       cmocka_unit_test(woken),
        cmocka_unit_test(over_one_ledger),     cmocka_unit_test(past_a_service),
        cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
