/* Where cases meet: worlds of accounts, of coins and of both, worked out by hand; ways against the
 * plain search for them; a case alone and with others; every allocation failed in turn. */
#include "support.h"

#include "chainlet.h"
#include "route_world.h"
#include "trace/account_world.h"
#include "trace/confluence.h"
#include "trace/ways.h"

#include <stdio.h>

#define ARENA_BYTES ((size_t)256 << 20)
#define CASES_MAX 8

struct scene {
    struct route_world w;
    struct ledger *coins;
    struct trace_ledger set[3];
    size_t set_n;
};

struct found {
    struct ledgers_doc docs[CASES_MAX];
    struct confluences c;
};

static void scene_accounts(struct scene *s, const char *text)
{
    route_world_accounts(&s->w, "evm:sim", text);
    s->set[s->set_n++].accounts = s->w.accounts[s->w.n - 1];
}

static void scene_coins(struct scene *s)
{
    struct err err;

    CHECK_OK(ledger_open(chainlet_ledger(0x7f), &s->coins, &err), err);
    s->set[s->set_n++].coins = s->coins;
}

static void scene_end(struct scene *s)
{
    route_world_free(&s->w);
    ledger_close(s->coins);
}

/* Case texts with ' for ": as JSON. */
static bool find(struct arena *a, const struct scene *s, const char *const *texts,
                 struct found *ret, struct err *err)
{
    struct case_file cases[CASES_MAX];
    size_t n = 0;

    for (; texts[n]; n++) {
        char *json = arena_string(a, texts[n], strlen(texts[n]));

        if (!json)
            return err_fail(err, ERR_NOMEM, "case");
        for (char *at = json; *at; at++)
            *at = *at == '\'' ? '"' : *at;
        if (!case_read(a, (struct bytes){(const uint8_t *)json, strlen(json)}, &cases[n], err))
            return false;
    }
    return ledgers_run(a, s->set, s->set_n, NULL, cases, n, NULL, 0, ret->docs, err) &&
           confluence_find(a, ret->docs, n, &ret->c, err);
}

static void account_letter(const struct scene *s, size_t ledger, uint64_t account, char *to)
{
    struct bytes key = account_ledger_key(s->set[ledger].accounts, account);

    to[0] = key.n ? (char)key.p[0] : '-';
    to[1] = '\0';
}

/* An output's address as its letter of the chainlet. */
static void address_letter(const struct scene *s, uint64_t output, char *to)
{
    const struct trace_doc names = {.ledger = s->coins};
    char address[ADDRESS_BYTES_MAX];

    to[1] = '\0';
    CHECK(trace_doc_address(&names, output, address));
    for (to[0] = 'A'; strcmp(chainlet_address(to[0]), address) != 0; to[0]++)
        CHECK(to[0] < 'Z');
}

static void put_name(const struct scene *s, const struct confluence *p, char *to, size_t room)
{
    char name[2];

    switch (p->kind) {
    case CONFLUENCE_ACCOUNT:
        account_letter(s, p->ledger, p->id, name);
        snprintf(to, room, "%s", name);
        return;
    case CONFLUENCE_ADDRESS:
        address_letter(s, p->id, name);
        snprintf(to, room, "%s", name);
        return;
    case CONFLUENCE_OUTPUT:
        snprintf(to, room, "output %d", (int)p->id);
        return;
    case CONFLUENCE_TRANSACTION:
        snprintf(to, room, "tx %d", (int)p->id);
        return;
    }
}

#define PUT(...) snprintf(to + strlen(to), room - strlen(to), __VA_ARGS__)

/* A line a place: "H meet 10 any 24; a@1 10 held 4 share 4 by 0:0 0:1; ..." */
static void show(const struct scene *s, const struct found *f, char *to, size_t room)
{
    *to = '\0';
    for (size_t i = 0; i < f->c.places_n; i++) {
        const struct confluence *p = &f->c.places[i];
        char name[40];

        put_name(s, p, name, sizeof(name));
        PUT("%s", name);
        for (size_t k = 0; k < p->assets_n; k++)
            PUT(" meet %d any %d", (int)p->assets[k].meeting.w[0], (int)p->assets[k].held.w[0]);
        for (size_t k = 0; k < p->cases_n; k++) {
            const struct confluence_case *c = &p->cases[k];

            PUT("; %s@%u", f->docs[c->doc].case_id, c->hop);
            for (size_t m = 0; m < c->amounts_n; m++)
                PUT(" %d held %d share %d", (int)c->amounts[m].taint.w[0],
                    (int)c->amounts[m].held.w[0], (int)c->amounts[m].share.w[0]);
            PUT(" by%s", c->path_whole ? "" : " ..");
            for (size_t m = 0; m < c->path_n; m++)
                PUT(" %u:%d", c->path[m].ledger, (int)c->path[m].id);
        }
        PUT("\n");
    }
    if (f->c.all_n != f->c.places_n)
        PUT("of %zu\n", f->c.all_n);
}

#define S20 "5353535353535353535353535353535353535353"
/* the transfer at the front of the n-th transaction */
#define TX(n) "0x" n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n
#define CASE(id, policy, origin)                                                                   \
    "{'id':'" id "','chain':'evm:sim','policy':'" policy "','origins':[{'transfer':'" origin "'}]" \
    "}"
/* from's v goes on as to's, as somebody says */
#define BURNS(id, origin, from, to)                                                                \
    "{'id':'" id "','chain':'evm:sim','origins':[{'transfer':'" TX(                                \
        origin) ":v'}],"                                                                           \
                "'conversions':[{'from':{'transfer':'" TX(from) ":v'},'to':{'transfer':'" TX(      \
                    to) ":v'},"                                                                    \
                        "'source':'said'}]}"

/* Ten come to S and twenty to T; both pay H, which pays K six: by fifo the first six of S's. */
#define TWO_PAY_ONE "v ->S 10\nv ->T 20\nv S>H 10\nv T>H 20\nv H>K 6"

static const struct {
    const char *name, *world;
    bool coins;
    const char *cases[4], *want;
} rows[] = {
    {"fifo: units of their own",
     TWO_PAY_ONE,
     false,
     {CASE("a", "fifo", TX("01") ":v"), CASE("b", "fifo", TX("02") ":v")},
     "H meet 10 any 24; a@1 10 held 4 share 4 by 0:0 0:2; b@1 20 held 20 share 20 by 0:1 0:3\n"},
    {"lifo: K gets of T's alone, and so do not meet there",
     TWO_PAY_ONE,
     false,
     {CASE("a", "lifo", TX("01") ":v"), CASE("b", "lifo", TX("02") ":v")},
     "H meet 10 any 24; a@1 10 held 10 share 10 by 0:0 0:2; b@1 20 held 14 share 14 by 0:1 0:3\n"},
    {"haircut: 10 of 30 and 20 of 30 are in what K gets",
     TWO_PAY_ONE,
     false,
     {CASE("a", "haircut", TX("01") ":v"), CASE("b", "haircut", TX("02") ":v")},
     "H meet 10 any 24; a@1 10 held 8 share 8 by 0:0 0:2; b@1 20 held 16 share 16 by 0:1 0:3\n"
     "K meet 2 any 6; a@2 2 held 2 share 2 by 0:0 0:2 0:4; b@2 4 held 4 share 4 by 0:1 0:3 0:4\n"},
    {"poison: all of it for each, which is more than there is",
     TWO_PAY_ONE,
     false,
     {CASE("a", "poison", TX("01") ":v"), CASE("b", "poison", TX("02") ":v")},
     "H meet 10 any 24; a@1 10 held 24 share 12 by 0:0 0:2; b@1 20 held 24 share 12 by 0:1 0:3\n"
     "K meet 6 any 6; a@2 6 held 6 share 3 by 0:0 0:2 0:4; b@2 6 held 6 share 3 by 0:1 0:3 0:4\n"},
    {"policies differ: min(24, 4 + 16), in proportion",
     TWO_PAY_ONE,
     false,
     {CASE("a", "fifo", TX("01") ":v"), CASE("b", "haircut", TX("02") ":v")},
     "H meet 10 any 20; a@1 10 held 4 share 4 by 0:0 0:2; b@1 20 held 16 share 16 by 0:1 0:3\n"
     "K meet 4 any 6; a@2 6 held 6 share 4 by 0:0 0:2 0:4; b@2 4 held 4 share 2 by 0:1 0:3 0:4\n"},
    {"the same units twice: the union is not their sum",
     "v ->S 10\nv S>H 10\nv H>K 7",
     false,
     {CASE("z", "fifo", TX("01") ":v"), CASE("a", "fifo", TX("02") ":v")},
     /* three are left, of both: one each, and the third to the lower case id */
     "H meet 10 any 3; z@1 10 held 3 share 1 by 0:0 0:1; a@0 10 held 3 share 2 by 0:1\n"
     "K meet 7 any 7; z@2 7 held 7 share 3 by 0:0 0:1 0:2; a@1 7 held 7 share 4 by 0:1 0:2\n"},
    {"units that overlap in part: 0 to 9, and 4 to 9 with 10 and 11",
     "v ->S 4\nv ->S 6\nv ->T 2\nv S>H 10\nv T>H 2",
     false,
     {"{'id':'a','chain':'evm:sim','origins':[{'transfer':'" TX("01") ":v'},"
                                                                      "{'transfer':'" TX(
                                                                          "02") ":v'}]}",
      "{'id':'b','chain':'evm:sim','origins':[{'transfer':'" TX("02") ":v'},"
                                                                      "{'transfer':'" TX(
                                                                          "03") ":v'}]}"},
     /* 12 * 10 / 18 = 6 and 12 / 18; 12 * 8 / 18 = 5 and 6 / 18 */
     "H meet 8 any 12; a@1 10 held 10 share 7 by 0:1 0:3; b@1 8 held 8 share 5 by 0:1 0:3\n"
     "S meet 6 any 0; a@0 10 held 0 share 0 by 0:0; b@0 6 held 0 share 0 by 0:1\n"},
    {"most cases first, then the largest of each asset, then the seconds; no asset shared, last",
     "v ->A 100; l ->A 50 T 0\nv ->B 100; l ->B 50 T 0\nv A>X 20\nv B>X 30\nv A>Y 5\nv B>Y 6\n"
     "l A>Z 7 T 0; l B>Z 9 T 1\nv B>W 1; l A>W 1 T 0\nv ->C 9\nv C>Y 3",
     false,
     {"{'id':'a','chain':'evm:sim','origins':[{'tx':'" TX("01") "'}]}",
      "{'id':'b','chain':'evm:sim','origins':[{'tx':'" TX("02") "'}]}",
      CASE("c", "fifo", TX("09") ":v")},
     "Y meet 3 any 14; a@1 5 held 5 share 5 by 0:0 0:6; b@1 6 held 6 share 6 by 0:2 0:7; "
     "c@1 3 held 3 share 3 by 0:12 0:13\n"
     "X meet 20 any 50; a@1 20 held 20 share 20 by 0:0 0:4; b@1 30 held 30 share 30 by 0:2 0:5\n"
     "Z meet 7 any 16; a@1 7 held 7 share 7 by 0:1 0:8; b@1 9 held 9 share 9 by 0:3 0:9\n"
     "W meet 0 any 1 meet 0 any 1; a@1 1 held 1 share 1 by 0:1 0:11; "
     "b@1 1 held 1 share 1 by 0:2 0:10\n"},
    {"what goes on from the zero address does not meet there",
     "v ->A 9\nv ->B 9\nv A>0 5\nv B>0 6\nv ->C 7\nv ->C 8",
     false,
     {BURNS("a", "01", "03", "05"), BURNS("b", "02", "04", "06")},
     "C meet 7 any 15; a@2 7 held 7 share 7 by 0:0 0:2 0:4; b@2 8 held 8 share 8 by 0:1 0:3 0:5\n"},
    /* X has 20 of W's and 20 of V's: the two stand side by side */
    {"coins, fifo",
     NULL,
     true,
     {"v fifo", "w fifo"},
     "X meet 20 any 40; v@2 20 held 20 share 20 by 0:1 0:4 0:7; "
     "w@1 20 held 20 share 20 by 0:2 0:7\n"
     "tx 6 meet 20 any 0; v@1 30 held 0 share 0 by 0:1 0:4; w@0 20 held 0 share 0 by 0:2\n"},
    /* Of 30 and 20 in 50: 24 and 16 of 40, 5 and 4 of 9 (by remainder), and so on; the last two
     * places have 1 each, and A was paid before E. A's unspent 2 are one of each. */
    {"coins, haircut",
     NULL,
     true,
     {"v haircut", "w haircut"},
     "tx 6 meet 20 any 0; v@1 30 held 0 share 0 by 0:1 0:4; w@0 20 held 0 share 0 by 0:2\n"
     "X meet 16 any 40; v@2 24 held 24 share 24 by 0:1 0:4 0:7; "
     "w@1 16 held 16 share 16 by 0:2 0:7\n"
     "C meet 4 any 0; v@2 5 held 0 share 0 by 0:1 0:4 0:8; w@1 4 held 0 share 0 by 0:2 0:8\n"
     "D meet 2 any 5; v@3 3 held 3 share 3 by 0:1 0:4 0:8 0:10; "
     "w@2 2 held 2 share 2 by 0:2 0:8 0:10\n"
     "A meet 1 any 2; v@1 31 held 1 share 1 by 0:1 0:4; w@3 1 held 1 share 1 by 0:2 0:8 0:11 0:13\n"
     "E meet 1 any 0; v@3 2 held 0 share 0 by 0:1 0:4 0:8 0:11; "
     "w@2 1 held 0 share 0 by 0:2 0:8 0:11\n"},
};

/* "v fifo": of the chainlet, from V's or W's coinbase. */
static const char *coin_case(struct arena *a, const char *s)
{
    char text[300];

    snprintf(text, sizeof(text),
             "{'id':'%c','chain':'bitcoin:sim','policy':'%s','origins':[{'address':'%s'}]}", *s,
             s + 2, chainlet_address((char)(*s - 'a' + 'A')));
    return arena_string(a, text, strlen(text));
}

static void by_hand(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        const char *cases[5] = {NULL};
        struct scene s = {.set_n = 0};
        struct found f;
        char text[4096];
        struct err err;

        test_row("%s", rows[i].name);
        if (rows[i].coins)
            scene_coins(&s);
        else
            scene_accounts(&s, rows[i].world);
        for (size_t k = 0; k < 4 && rows[i].cases[k]; k++)
            cases[k] = rows[i].coins ? coin_case(a, rows[i].cases[k]) : rows[i].cases[k];
        CHECK_OK(find(a, &s, cases, &f, &err), err);
        show(&s, &f, text, sizeof(text));
        CHECK_S(text, rows[i].want);
        scene_end(&s);
        arena_free(a);
    }
}

/* Ten come to S, which hands them to R; somebody says that W's coinbase of 20 is what they became.
 * So they are in X with V's, by a way through both ledgers. */
static void mixed_begin(struct arena *a, struct scene *s, const char **cases)
{
    char text[1200];

    scene_accounts(s, "v ->S 10\nv S>R 10");
    scene_coins(s);
    snprintf(text, sizeof(text),
             "{'id':'m','origins':[{'transfer':'" TX(
                 "01") ":v','chain':'evm:sim'}],"
                       "'conversions':[{'from':{'transfer':'" TX(
                           "02") ":v','chain':'evm:sim'},"
                                 "'to':{'address':'%s','chain':'bitcoin:sim'},'source':'said'}]}",
             chainlet_address('W'));
    cases[0] = arena_string(a, text, strlen(text));
    cases[1] = coin_case(a, "v fifo");
    cases[2] = NULL;
}

static void through_ledgers(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct scene s = {.set_n = 0};
    const char *cases[3];
    struct found f;
    char text[4096];
    struct err err;

    mixed_begin(a, &s, cases);
    CHECK_OK(find(a, &s, cases, &f, &err), err);
    show(&s, &f, text, sizeof(text));
    CHECK_S(text, "X meet 20 any 40; m@3 20 held 20 share 20 by 0:0 0:1 1:2 1:7; "
                  "v@2 20 held 20 share 20 by 1:1 1:4 1:7\n"
                  "tx 6 meet 20 any 0; m@2 20 held 0 share 0 by 0:0 0:1 1:2; "
                  "v@1 30 held 0 share 0 by 1:1 1:4\n");
    scene_end(&s);
    arena_free(a);
}

/* Value goes to and fro a hundred times before it is where the other case's is. */
static void long_ways(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const char *const cases[] = {CASE("a", "fifo", TX("01") ":i1"),
                                 CASE("b", "fifo", TX("01") ":i2"), NULL};
    struct scene s = {.set_n = 0};
    struct text world = text_new(4096);
    struct found f;
    struct err err;

    text_str(&world, "i ->S 1; i ->T 1");
    for (unsigned i = 0; i < 60; i++)
        text_str(&world, i % 2 ? "\nv R>S 1" : "\nv S>R 1");
    text_str(&world, "\nv S>R 1; i R>Q 1; i Q>R 1; i R>Q 1; i Q>R 1; i R>H 1; i T>H 1");
    scene_accounts(&s, text_string(&world));
    text_free(&world);
    CHECK_OK(find(a, &s, cases, &f, &err), err);
    CHECK_U(f.c.places_n, 1);
    CHECK_U(f.c.places[0].cases[0].hop, 66);
    CHECK_U(f.c.places[0].cases[0].path_n, CONFLUENCE_PATH_MAX);
    CHECK(!f.c.places[0].cases[0].path_whole);
    CHECK_U(f.c.places[0].cases[1].path_n, 2);
    CHECK(f.c.places[0].cases[1].path_whole);
    scene_end(&s);
    arena_free(a);
}

/* ---- ways against the plain search ---- */

static const struct account_world *random_world(struct account_world *w, struct test_random *r)
{
    account_world_clear(w);
    for (uint64_t i = 0, n = 5 + test_below(r, 60); i < n; i++) {
        int from = i < 3 ? AW_NOBODY : (int)test_below(r, 6), to = (int)test_below(r, 6);

        account_world_tx(w);
        account_world_add(w, TRANSFER_VALUE, from, to, 0, 1 + test_below(r, 9));
    }
    return w;
}

/* The newest before it that came to its sender, a hop nearer to an origin. */
static uint32_t plainly(const struct account_world *w, const struct account_trace *t, uint32_t i)
{
    for (uint32_t k = i; k-- > 0 && t->moves[i].hop;)
        if (t->moves[k].hop + 1 == t->moves[i].hop && t->moves[k].stop == STOP_NONE &&
            !u256_zero(t->moves[k].taint) &&
            w->at[t->moves[k].transfer].to == w->at[t->moves[i].transfer].from)
            return k;
    return WAY_BEGINS;
}

static int32_t stop_at_five(void *ctx, uint64_t account)
{
    (void)ctx;
    return account == aw_account(5) ? 0 : STOP_NONE;
}

static void ways_by_search(void **state)
{
    static struct account_world w;
    struct test_random r = {test_seed()};

    for (unsigned i = 0; i < 3000; i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        const struct account_world *world = random_world(&w, &r);
        struct account_doc d = {.accounts = account_world_build(&w)};
        struct account_origin origins[2] = {{.transfer = 0, .taint = w.at[0].credit},
                                            {.transfer = 4, .taint = w.at[4].credit}};
        struct account_case ask = {.origins = origins,
                                   .origins_n = 1 + i % 2,
                                   .policy = (enum trace_policy)(i % 6),
                                   .hops_max = TRACE_HOPS_NONE,
                                   .stop_of = stop_at_five};
        const struct trace_part part = {.accounts = &d};
        const struct ledgers_doc doc = {.parts = &part, .ledgers_n = 1};
        struct account_trace t;
        struct ways ways;
        struct err err;

        CHECK_OK(account_trace_forward(a, &d.accounts, &ask, 1, &t, &err), err);
        d.trace = &t;
        CHECK_OK(ways_make(a, &doc, &ways, &err), err);
        CHECK_U(ways.steps_n, t.moves_n);
        for (uint32_t k = 0; k < t.moves_n; k++)
            CHECK_U(ways.before[k], plainly(world, &t, k));
        arena_free(a);
    }
    account_world_free(&w);
}

/* ---- alone and with others ---- */

static void same_alone(void **state)
{
    static const char *const more[] = {
        "'policy':'fifo'",
        ("'policy':'lifo','stops':[{'address':'0x" S20 "','name':'E','category':'exchange'}]"),
        "'policy':'haircut','limits':{'dust':2}",
        "'policy':'tiho','limits':{'hops_max':2}",
        "'policy':'libr','limits':{'until':6}",
        "'policy':'poison','limits':{'until':6}",
    };
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct ledgers_doc together[6], alone;
    struct case_file cases[6];
    struct scene s = {.set_n = 0};
    struct err err;

    scene_accounts(&s, "v ->S 10\nv ->T 20\nv S>H 10\nv T>H 20\nv H>S 7\nv H>K 6; i K>T 3\n"
                       "v T>S 2\nv S>K 4\nv K>H 9\nv H>T 3");
    for (unsigned i = 0; i < 6; i++) {
        char text[400];
        int n = snprintf(text, sizeof(text),
                         "{'id':'%u','chain':'evm:sim','origins':[{'transfer':'%s:v'}],%s}", i,
                         i % 2 ? TX("02") : TX("01"), more[i]);

        for (char *at = text; *at; at++)
            *at = *at == '\'' ? '"' : *at;
        CHECK_OK(case_read(a, (struct bytes){(const uint8_t *)text, (size_t)n}, &cases[i], &err),
                 err);
    }
    CHECK_OK(ledgers_run(a, s.set, 1, NULL, cases, 6, NULL, 0, together, &err), err);
    for (unsigned i = 0; i < 6; i++) {
        struct text one = text_new((size_t)1 << 20), other = text_new((size_t)1 << 20);

        test_row("case %u", i);
        CHECK_OK(ledgers_run(a, s.set, 1, NULL, &cases[i], 1, NULL, 0, &alone, &err), err);
        CHECK_OK(ledgers_write(a, &one, &together[i], "json", &err), err);
        CHECK_OK(ledgers_write(a, &other, &alone, "json", &err), err);
        CHECK_S(text_string(&one), text_string(&other));
        text_free(&one);
        text_free(&other);
    }
    scene_end(&s);
    arena_free(a);
}

/* ---- failed allocations ---- */

static bool with_allocations(void *ctx)
{
    const struct scene *s = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const char *cases[3] = {NULL};
    struct text json = text_new((size_t)1 << 20);
    struct found f;
    struct err err;
    bool ok = a && (cases[0] = coin_case(a, "v fifo")) && (cases[1] = coin_case(a, "w haircut")) &&
              find(a, s, cases, &f, &err);

    if (ok) {
        confluence_write_json(&json, f.docs, &f.c);
        confluence_write_text(&json, f.docs, &f.c);
        ok = text_end(&json, &err);
    }
    text_free(&json);
    arena_free(a);
    return ok;
}

static bool with_ledgers(void *ctx)
{
    const struct scene *s = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const char *const cases[] = {CASE("a", "fifo", TX("01") ":v"), CASE("b", "fifo", TX("02") ":v"),
                                 NULL};
    struct found f;
    struct err err;
    bool ok = a && find(a, s, cases, &f, &err);

    arena_free(a);
    return ok;
}

static void failed_allocations(void **state)
{
    struct scene s = {.set_n = 0}, accounts = {.set_n = 0};

    scene_coins(&s);
    test_failed_allocations(with_allocations, &s);
    scene_end(&s);
    scene_accounts(&accounts, TWO_PAY_ONE);
    test_failed_allocations(with_ledgers, &accounts);
    scene_end(&accounts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),    cmocka_unit_test(through_ledgers),
        cmocka_unit_test(long_ways),  cmocka_unit_test(ways_by_search),
        cmocka_unit_test(same_alone), cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
