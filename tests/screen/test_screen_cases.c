/* What cases of the group say of an address: both ways by hand over the chainlet
 * (tests/trace/chainlet.h); block by block as a look at the whole has it; and past questions, of
 * which a change of cases asks only some, to the answers that asking all of them gives. */
#include "screen/screen_cases.h"

#include "base/mem.h"
#include "chain/list.h"
#include "ledger/account_ingest.h"
#include "ledger/ingest.h"
#include "screen/again.h"
#include "screen/screen_ledger.h"
#include "screen/told.h"
#include "sim/sim.h"
#include "support.h"
#include "trace/chainlet.h"
#include "watch/accounts.h"
#include "watch/coins.h"

#include <stdio.h>
#include <stdlib.h>

#define PARTS_MAX 64
#define WAY_MAX 32
#define ID "case:1 all"

/* ---- a case, followed ---- */

struct followed {
    struct screen_cases *told;
    struct watch_coins *watch;
};

static struct followed followed_new(void)
{
    struct followed f = {screen_cases_new(true), NULL};
    struct watch_reach to = told_reach(f.told);
    struct err err;

    CHECK(f.told);
    CHECK_OK(
        watch_coins_new(chainlet_chain(), (struct watch_limits){.back_max = 8}, &f.watch, &err),
        err);
    watch_coins_reach(f.watch, &to);
    return f;
}

static void followed_end(struct followed *f)
{
    watch_coins_free(f->watch);
    screen_cases_free(f->told);
}

static struct bytes text_bytes(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static struct screen_case_is case_is(const char *id, const char *state)
{
    struct screen_case_is is = {.state = state, .counts = !strcmp(state, "verified")};

    snprintf(is.id, sizeof(is.id), "%s", id);
    snprintf(is.object, sizeof(is.object), "%s", id);
    snprintf(is.member, sizeof(is.member), "harbor");
    return is;
}

static void give(struct followed *f, const char *id, const char *state, const char *text)
{
    struct screen_case_is is = case_is(id, state);
    bool fresh;
    struct err err;

    CHECK_OK(screen_cases_give(f->told, &is, text_bytes(text), &fresh, &err), err);
    CHECK_OK(watch_coins_case(f->watch, id, text_bytes(text), &err), err);
}

static void come(struct followed *f, const struct ledger *l, uint32_t blocks_n)
{
    struct err err;

    CHECK_OK(watch_coins_turn(f->watch, l, blocks_n, NULL, NULL, &err), err);
    screen_cases_come(f->told, &(struct trace_ledger){.coins = l}, blocks_n);
    screen_cases_settle(f->told);
}

/* ---- by hand ---- */

static struct ledger *whole(void)
{
    struct ledger *l;
    struct err err;

    CHECK_OK(ledger_open(chainlet_ledger(0x7f), &l, &err), err);
    return l;
}

static uint64_t owner_of(const struct ledger *l, char who)
{
    uint32_t twins[LEDGER_TWINS_MAX];
    uint8_t script[SCRIPT_FORM_MAX];
    size_t n;
    struct err err;

    CHECK_OK(address_read(chainlet_chain(), chainlet_address(who), script, &n, &err), err);
    CHECK(ledger_find_address(l, (struct bytes){script, n}, twins));
    return twins[0];
}

static const char *txid(unsigned t)
{
    static char text[5][65];
    struct text id = text_new(100);

    text_hex_reversed(&id, chainlet()->t[t].b, 32);
    snprintf(text[t], sizeof(text[t]), "%s", text_string(&id));
    text_free(&id);
    return text[t];
}

static const char *case_text(const char *origin, const char *more)
{
    static char text[2048];

    snprintf(text, sizeof(text),
             "{\"id\":\"C\",\"chain\":\"bitcoin:sim\",\"policy\":\"haircut\",\"origins\":[%s]%s}",
             origin, more);
    return text;
}

static const char *of_output(unsigned t, unsigned vout)
{
    static char text[200];

    snprintf(text, sizeof(text), "{\"output\":\"%s:%u\"}", txid(t), vout);
    return text;
}

static size_t parts_of(struct screen_cases *told, const struct ledger *l, uint64_t owner,
                       struct screen_case_part ret[PARTS_MAX])
{
    bool more;
    size_t n = screen_cases_owners(told, &(struct trace_ledger){.coins = l}, &owner, 1, ret,
                                   PARTS_MAX, &more);

    CHECK(!more);
    return n;
}

/* The one part of a flow and distance; its way is of those of the chainlet's transactions. */
static void is_part(struct screen_cases *told, const struct ledger *l, char who, bool received,
                    uint64_t amount, uint32_t hops, const char *way)
{
    struct screen_case_part parts[PARTS_MAX];
    size_t n = parts_of(told, l, owner_of(l, who), parts), found = 0;
    const struct trace_ledger at = {.coins = l};

    test_row("%c %s", who, received ? "received" : "sent");
    for (size_t i = 0; i < n; i++) {
        uint64_t txs[WAY_MAX];
        size_t txs_n;

        if (parts[i].received != received || (hops <= 1) != parts[i].direct)
            continue;
        found++;
        CHECK_U(parts[i].amount.w[0], amount);
        CHECK_U(parts[i].hops, hops);
        CHECK_S(parts[i].is.policy, "haircut");
        txs_n = screen_cases_way(told, &at, &parts[i], false, txs, WAY_MAX);
        CHECK_U(txs_n, strlen(way));
        for (size_t k = 0; k < txs_n; k++)
            CHECK_U(txs[k], ledger_find_tx(l, &chainlet()->t[way[k] - '0']));
    }
    CHECK_U(found, amount != 0);
}

/* A's 30 of t1 are stolen: V has paid them. A got 2 of E's 3 in t4, of C's 9 in t3, of which by
 * haircut 1 was W's (2 * 20 / 50, and the larger remainder) and 1 A's own, in t2. */
static void both_ways(void **state)
{
    struct followed f = followed_new();
    struct ledger *l = whole();

    (void)state;
    come(&f, l, 7);
    give(&f, ID, "verified", case_text(of_output(1, 0), ""));
    come(&f, l, 7);
    CHECK_U(screen_cases_lack(f.told, &(struct trace_ledger){.coins = l}), CASES_ALL);
    is_part(f.told, l, 'V', false, 30, 1, "1");
    is_part(f.told, l, 'E', false, 2, 1, "4");
    is_part(f.told, l, 'C', false, 2, 2, "34");
    is_part(f.told, l, 'W', false, 1, 3, "234");
    is_part(f.told, l, 'A', false, 0, 1, "");
    is_part(f.told, l, 'B', false, 0, 1, "");
    is_part(f.told, l, 'X', false, 0, 2, "");
    /* of t2's 50 A's are 30: X has 24 of 40, C 5 of 9 (and 1 is the fee's), of which E 2, D 3 */
    is_part(f.told, l, 'A', true, 30, 0, "1");
    is_part(f.told, l, 'X', true, 24, 1, "2");
    is_part(f.told, l, 'V', true, 0, 1, "");
    followed_end(&f);
    ledger_close(l);
}

/* Longer ways of what was received: V's 50 are stolen. */
static void the_whole_way(void **state)
{
    struct followed f = followed_new();
    struct ledger *l = whole();
    struct screen_case_part parts[PARTS_MAX];
    const struct trace_ledger at = {.coins = l};
    uint64_t txs[WAY_MAX];

    (void)state;
    come(&f, l, 7);
    give(&f, ID, "verified", case_text(of_output(0, 0), ""));
    come(&f, l, 7);
    CHECK_U(parts_of(f.told, l, owner_of(l, 'E'), parts), 1);
    CHECK_U(parts[0].hops, 4 - 1);
    CHECK_U(screen_cases_way(f.told, &at, &parts[0], false, txs, WAY_MAX), 3);
    for (unsigned i = 0; i < 3; i++)
        CHECK_U(txs[i], ledger_find_tx(l, &chainlet()->t[1 + i]));
    CHECK_U(screen_cases_way(f.told, &at, &parts[0], false, txs, 2), 2); /* the last ones */
    CHECK_U(txs[0], ledger_find_tx(l, &chainlet()->t[2]));
    followed_end(&f);
    ledger_close(l);
}

/* An address is named, with what it got before the theft; a stop ends the way back. */
static void named_and_stopped(void **state)
{
    static char origin[200], stop[200];
    struct followed f = followed_new();
    struct ledger *l = whole();
    struct screen_case_is is[4];
    struct address_key key;
    struct err err;

    (void)state;
    snprintf(origin, sizeof(origin), "{\"address\":\"%s\"}", chainlet_address('A'));
    snprintf(stop, sizeof(stop),
             ",\"stops\":[{\"address\":\"%s\",\"name\":\"C\",\"category\":\"exchange\"}]",
             chainlet_address('C'));
    come(&f, l, 7);
    give(&f, ID, "verified", case_text(origin, stop));
    come(&f, l, 7);
    is_part(f.told, l, 'V', false, 30, 1, "1");
    is_part(f.told, l, 'E', false, 2, 1, "4");
    is_part(f.told, l, 'C', false, 2, 2, "34");
    is_part(f.told, l, 'W', false, 0, 3, "");
    CHECK_OK(address_key_read(chainlet_address('A'), strlen(chainlet_address('A')), "bitcoin:sim",
                              &key, &err),
             err);
    CHECK_U(screen_cases_origins(f.told, &key, is, 4), 1);
    followed_end(&f);
    ledger_close(l);
}

static void is_move(struct screen_cases *told, const struct ledger *l, unsigned t, unsigned vout,
                    uint64_t amount, uint32_t hops, const char *way)
{
    uint32_t tx = ledger_find_tx(l, &chainlet()->t[t]);
    uint64_t move = coins_outputs(ledger_coins(l), tx).first + vout, txs[WAY_MAX];
    const struct trace_ledger at = {.coins = l};
    struct screen_case_part parts[PARTS_MAX];
    bool more;
    size_t n = screen_cases_moves(told, &at, &move, 1, parts, PARTS_MAX, &more), found = 0;

    test_row("t%u:%u", t, vout);
    for (size_t i = 0; i < n; i++) {
        size_t txs_n;

        if (parts[i].received)
            continue;
        found++;
        CHECK_U(parts[i].amount.w[0], amount);
        CHECK_U(parts[i].hops, hops);
        CHECK_U(parts[i].direct, hops <= 1);
        txs_n = screen_cases_way(told, &at, &parts[i], true, txs, WAY_MAX);
        CHECK_U(txs_n, strlen(way));
        for (size_t k = 0; k < txs_n; k++)
            CHECK_U(txs[k], ledger_find_tx(l, &chainlet()->t[way[k] - '0']));
    }
    CHECK_U(found, amount != 0);
}

/* Transfers are a hop further than whom they paid. */
static void of_transfers(void **state)
{
    struct followed f = followed_new();
    struct ledger *l = whole();

    (void)state;
    come(&f, l, 7);
    give(&f, ID, "verified", case_text(of_output(1, 0), ""));
    come(&f, l, 7);
    is_move(f.told, l, 1, 0, 30, 1, "1");
    is_move(f.told, l, 4, 0, 2, 1, "4");
    is_move(f.told, l, 3, 1, 2, 2, "34");
    is_move(f.told, l, 2, 1, 2, 3, "234");
    is_move(f.told, l, 2, 0, 0, 0, "");
    is_move(f.told, l, 3, 0, 0, 0, "");
    followed_end(&f);
    ledger_close(l);
}

/* ---- over accounts ---- */

#define A "0x00000000000000000000000000000000000000aa"
#define B "0x00000000000000000000000000000000000000bb"
#define C "0x00000000000000000000000000000000000000cc"
#define D "0x00000000000000000000000000000000000000dd"
#define X "0x0000000000000000000000000000000000000011"
#define Y "0x0000000000000000000000000000000000000022"

static const char list[] = "time,from,to,amount\n"
                           "2024-01-01T00:00:00Z," A "," B ",10\n" /* the theft */
                           "2024-01-01T00:01:00Z," X "," B ",5\n"
                           "2024-01-01T00:02:00Z," B "," C ",4\n"
                           "2024-01-01T00:03:00Z," Y "," C ",2\n"
                           "2024-01-01T00:04:00Z," C "," D ",6\n";

static struct account_ledger *listed(void)
{
    const struct chain *chain = chain_by_name("ethereum");
    struct list_file file = {"list.csv", {(const uint8_t *)list, sizeof(list) - 1}};
    struct account_ingest_options o = {.stop = NULL};
    struct account_ingest_result r;
    struct transfer_source s;
    struct account_ledger *l;
    char path[4200];
    struct err err;

    snprintf(path, sizeof(path), "%s/ledger", test_dir());
    CHECK_OK(
        list_from(&file, 1, "time=time,from=from,to=to,amount=amount,decimals=0", chain, &s, &err),
        err);
    CHECK_OK(account_ingest(path, chain, &s, &o, &r, &err), err);
    s.free(s.self);
    CHECK_OK(account_ledger_open(path, &l, &err), err);
    return l;
}

static void is_account(struct screen_cases *told, const struct account_ledger *l, const char *who,
                       bool received, uint64_t amount, uint32_t hops, const char *way)
{
    struct screen_case_part parts[PARTS_MAX];
    const struct trace_ledger at = {.accounts = l};
    uint8_t key[ACCOUNT_KEY_MAX];
    uint64_t account, moves[WAY_MAX];
    size_t key_n, n, found = 0;
    bool more;
    struct err err;

    test_row("%s %s", who, received ? "received" : "sent");
    CHECK_OK(account_read(account_ledger_chain(l), who, key, &key_n, &err), err);
    account = account_ledger_find(l, (struct bytes){key, key_n});
    n = screen_cases_owners(told, &at, &account, 1, parts, PARTS_MAX, &more);
    for (size_t i = 0; i < n; i++) {
        if (parts[i].received != received)
            continue;
        found++;
        CHECK_U(parts[i].amount.w[0], amount);
        CHECK_U(parts[i].hops, hops);
        CHECK_U(screen_cases_way(told, &at, &parts[i], false, moves, WAY_MAX), strlen(way));
        for (size_t k = 0; way[k]; k++)
            CHECK_U(moves[k], (uint64_t)(way[k] - '0'));
    }
    CHECK_U(found, amount != 0);
}

/* The 10 that B got of A are stolen, 2 of B's 4 by haircut (10 * 4 / 15), and so of C's 6; X has
 * paid the thief, too. */
static void over_accounts(void **state)
{
    struct account_ledger *l = listed();
    const struct trace_ledger at = {.accounts = l};
    struct screen_cases *told = screen_cases_new(true);
    struct watch_reach to = told_reach(told);
    struct screen_case_is is = case_is(ID, "verified");
    char name[TRANSFER_NAME_MAX], text[TRANSFER_NAME_MAX + 200];
    struct watch_accounts *w;
    bool fresh;
    struct err err;

    (void)state;
    transfer_name(l, 0, name);
    snprintf(text, sizeof(text),
             "{\"id\":\"c\",\"chain\":\"ethereum\",\"policy\":\"haircut\","
             "\"origins\":[{\"transfer\":\"%s\"}]}",
             name);
    CHECK_OK(watch_accounts_new(account_ledger_chain(l), (struct watch_limits){0}, &w, &err), err);
    watch_accounts_reach(w, &to);
    CHECK_OK(screen_cases_give(told, &is, text_bytes(text), &fresh, &err), err);
    CHECK_OK(watch_accounts_case(w, ID, text_bytes(text), &err), err);
    CHECK_OK(watch_accounts_turn(w, l, UINT32_MAX, NULL, NULL, &err), err);
    screen_cases_come(told, &at, (uint32_t)account_ledger_counts(l).blocks);
    CHECK_U(screen_cases_lack(told, &at), CASES_ALL);
    is_account(told, l, A, false, 10, 1, "0");
    is_account(told, l, X, false, 5, 1, "1");
    is_account(told, l, B, false, 0, 1, "");
    is_account(told, l, Y, false, 0, 1, "");
    is_account(told, l, B, true, 10, 0, "0");
    is_account(told, l, C, true, 2, 1, "2");
    is_account(told, l, D, true, 2, 2, "24");
    watch_accounts_free(w);
    screen_cases_free(told);
    account_ledger_close(l);
}

/* ---- blocks come, and are undone ---- */

static void same_parts(struct screen_cases *a, const struct ledger *at, struct screen_cases *b)
{
    for (uint64_t owner = 0; owner < ledger_counts(at).scripts; owner++) {
        struct screen_case_part one[PARTS_MAX], other[PARTS_MAX];
        size_t n = parts_of(a, at, owner, one);

        CHECK_U(parts_of(b, at, owner, other), n);
        for (size_t i = 0; i < n; i++) {
            CHECK_U(one[i].received, other[i].received);
            CHECK_U(one[i].direct, other[i].direct);
            CHECK(u256_equal(one[i].amount, other[i].amount));
            CHECK_U(one[i].best, other[i].best);
            CHECK_U(one[i].hops, other[i].hops);
        }
    }
}

static void block_by_block(void **state)
{
    static const unsigned steps[] = {0x03, 0x07, 0x0f, 0x1f, 0x7f, 0x1f, 0x5f, 0x7f, 0x03, 0x7f};
    const char *text = case_text(of_output(1, 0), "");
    struct followed f = followed_new();

    (void)state;
    give(&f, ID, "verified", text);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct followed once = followed_new();
        struct ledger *l;
        struct err err;

        test_row("step %zu", i);
        CHECK_OK(ledger_open(chainlet_ledger(steps[i]), &l, &err), err);
        come(&f, l, (uint32_t)ledger_counts(l).blocks);
        come(&once, l, (uint32_t)ledger_counts(l).blocks);
        give(&once, ID, "verified", text);
        come(&once, l, (uint32_t)ledger_counts(l).blocks);
        CHECK_U(screen_cases_lack(f.told, &(struct trace_ledger){.coins = l}),
                screen_cases_lack(once.told, &(struct trace_ledger){.coins = l}));
        same_parts(f.told, l, once.told);
        followed_end(&once);
        ledger_close(l);
    }
    followed_end(&f);
}

/* ---- hostile texts, and no memory ---- */

static bool text_taken(struct bytes in, void *ctx)
{
    struct followed *f = ctx;
    struct screen_case_is is = case_is(ID, "verified");
    bool fresh;
    struct err err;

    if (screen_cases_give(f->told, &is, in, &fresh, &err))
        return true;
    CHECK_U(err.class, ERR_INPUT);
    CHECK(!screen_cases_any(f->told)); /* nothing of the one before is told either */
    return false;
}

static void truncated(void **state)
{
    struct followed f = followed_new();

    (void)state;
    test_truncations(text_bytes(case_text(of_output(1, 0), "")), text_taken, &f);
    followed_end(&f);
}

/* One that could not even be given is in no answer, and asking says so until it could. */
static void some_are_missing(void **state)
{
    struct ledger *l = whole();
    const struct trace_ledger at = {.coins = l};
    struct followed f = followed_new();
    uint64_t changes;

    (void)state;
    come(&f, l, 7);
    CHECK_U(screen_cases_lack(f.told, &at), CASES_ALL);
    changes = screen_cases_counts(f.told).changes;
    screen_cases_short(f.told, true);
    CHECK(!screen_cases_any(f.told));
    CHECK_U(screen_cases_lack(f.told, &at), CASES_SOME);
    CHECK_U(screen_cases_counts(f.told).changes, changes + 1); /* past questions are asked again */
    screen_cases_short(f.told, false);
    CHECK_U(screen_cases_lack(f.told, &at), CASES_ALL);
    followed_end(&f);
    ledger_close(l);
}

/* Of what cannot be had it is said that it is not told; what is told is right. */
static void no_memory(void **state)
{
    const char *text = case_text(of_output(1, 0), "");
    struct ledger *l = whole();
    const struct trace_ledger at = {.coins = l};
    struct followed right = followed_new();

    (void)state;
    come(&right, l, 7);
    give(&right, ID, "verified", text);
    come(&right, l, 7);
    for (int64_t fail = 0;; fail++) {
        struct screen_case_is is = case_is(ID, "verified");
        struct screen_cases *told;
        struct reach *r = reach_new();
        bool fresh, ok = true;
        struct err err;

        CHECK(r);
        CHECK_OK(reach_put(r,
                           &(struct reach_move){coins_outputs(ledger_coins(l), 0).first,
                                                owner_of(l, 'A'), 0, u256_of(1), 0},
                           &err),
                 err);
        mem_fail_from(fail);
        told = screen_cases_new(false);
        ok = told && screen_cases_give(told, &is, text_bytes(text), &fresh, &err);
        CHECK(!told || ok || err.class == ERR_NOMEM);
        if (told) {
            screen_cases_whole(told, chainlet_chain(), ID, r);
            for (int i = 0; i < 2; i++) {
                screen_cases_come(told, &at, 7);
                screen_cases_more(
                    told, chainlet_chain(), ID,
                    &(struct reach_move){10 + (uint64_t)i, owner_of(l, 'X'), 0, u256_of(5), 2}, 1);
            }
            screen_cases_come(told, &at, 7);
        } else {
            reach_free(r);
        }
        ok = !mem_fail_hit();
        mem_fail_from(-1);
        if (told && screen_cases_any(told) && screen_cases_lack(told, &at) == CASES_ALL) {
            struct screen_case_part parts[PARTS_MAX];

            CHECK_U(parts_of(told, l, owner_of(l, 'X'), parts), 1);
            CHECK_U(parts[0].amount.w[0], 10);
            CHECK_U(parts_of(told, l, owner_of(l, 'V'), parts), 1);
            CHECK(!parts[0].received);
        } else {
            CHECK(!ok);
        }
        if (told && screen_cases_any(told)) { /* and with memory again it is as it should be */
            screen_cases_come(told, &at, 7);
            if (screen_cases_lack(told, &at) == CASES_ALL)
                is_part(told, l, 'E', false, 2, 1, "4");
        }
        screen_cases_free(told);
        if (ok)
            break;
    }
    followed_end(&right);
    ledger_close(l);
}

/* ---- past questions ---- */

#define SIM_BLOCKS 200
#define CASES 5
#define QUESTIONS 400
#define ROUNDS 40
#define NOW 2000000000u

static const char rules[] =
    "rules:\n"
    "  - {id: near, mode: active, when: {evidence: exposed, state: [verified], share_min: 5 %},"
    " then: {inbound: REVIEW, outbound: HOLD}}\n"
    "  - {id: sent, mode: active, when: {evidence: exposed, flow: sent, hops_max: 2},"
    " then: {inbound: REVIEW, outbound: BLOCK}}\n"
    "  - {id: origin, mode: active, when: {evidence: tagged}, then: {inbound: BLOCK, outbound: "
    "BLOCK}}\n"
    "outage: {inbound: CREDIT, outbound: ALLOW}\n"
    "old_data: {after: 1h, inbound: CREDIT, outbound: ALLOW}\n"
    "no_ledger: {inbound: UNKNOWN, outbound: UNKNOWN}\n"
    "otherwise: {inbound: CREDIT, outbound: ALLOW}\n";

struct world {
    struct ledger *l;
    char *texts[CASES];
    size_t cases_n;
    struct screener *screener;
    struct screen_labels *labels;
    struct screen_ledger *exposure;
    struct screen_ledgers ledgers;
    struct followed f;
    struct store *some, *all; /* of which the one is asked in part */
    struct arena *arena;
};

static char *read_text(const char *path)
{
    struct bytes in = test_read(path);
    char *text = calloc(1, in.n + 1);

    CHECK(text);
    memcpy(text, in.p, in.n);
    return text;
}

static struct store *records(void)
{
    const struct store_schema *schemas[] = {&question_schema, &match_schema};
    char path[4200];
    struct store *s;
    struct err err;

    snprintf(path, sizeof(path), "%s/records.sqlite", test_dir());
    CHECK_OK(store_open(path, STORE_WRITE, schemas, 2, &s, &err), err);
    return s;
}

static void ledger_make(struct world *w)
{
    struct sim_options o = {.seed = 7, .blocks = SIM_BLOCKS, .dir = test_dir()};
    struct sim_shape shape;
    char path[4200], dir[4200];
    const char *paths = path;
    struct ingest_options in = {.paths = &paths, .paths_n = 1, .chain = chainlet_chain()};
    struct ingest_result result;
    struct err err;

    CHECK_OK(sim_run(&o, &shape, &err), err);
    snprintf(path, sizeof(path), "%s/blocks", o.dir);
    snprintf(dir, sizeof(dir), "%s/ledger", o.dir);
    CHECK_OK(ingest(dir, &in, &result, &err), err);
    CHECK_OK(ledger_open(dir, &w->l, &err), err);
    w->cases_n = shape.thefts < CASES ? shape.thefts : CASES;
    CHECK(w->cases_n > 1);
    for (unsigned i = 0; i < w->cases_n; i++) {
        snprintf(path, sizeof(path), "%s/cases/THEFT-%u.json", o.dir, i + 1);
        w->texts[i] = read_text(path);
    }
}

static void world_make(struct world *w)
{
    struct screener_options o = {.rules = rules, .rules_n = strlen(rules)};
    struct trace_ledger at;
    bool more = true;
    struct err err;

    *w = (struct world){.f = followed_new(), .arena = arena_new(NULL, (size_t)1 << 30)};
    ledger_make(w);
    at = (struct trace_ledger){.coins = w->l};
    w->some = records();
    w->all = records();
    CHECK_OK(screener_open(&o, &w->screener, &err), err);
    CHECK_OK(screen_labels_make(w->screener, NULL, "none", &w->labels, &err), err);
    CHECK_OK(screen_ledger_new(w->labels, &at, &w->exposure, &err), err);
    while (more)
        CHECK_OK(screen_ledger_add(w->exposure, &at, 4096, &more, &err), err);
    w->ledgers = (struct screen_ledgers){
        .at = {{chainlet_chain(), SCREEN_READY, w->exposure, at, NULL, NULL}},
        .n = 1,
        .labels = w->labels,
        .cases = w->f.told};
}

static void world_end(struct world *w)
{
    store_close(w->some);
    store_close(w->all);
    followed_end(&w->f);
    screen_ledger_free(w->exposure);
    screen_labels_free(w->labels);
    screener_close(w->screener);
    ledger_close(w->l);
    for (size_t i = 0; i < CASES; i++)
        free(w->texts[i]);
    arena_free(w->arena);
}

static void keep(struct store *s, struct arena *a, const struct question_asked *asked)
{
    struct question_writer *writer;
    struct err err;

    CHECK_OK(question_writer_new(s, &writer, &err), err);
    CHECK_OK(store_begin(s, &err), err);
    CHECK_OK(question_keep(writer, a, asked, &err), err);
    CHECK_OK(store_commit(s, &err), err);
    question_writer_free(writer);
}

/* About an address, or now and then an output. */
static bool question_draw(struct world *w, struct test_random *r, struct screen_question *ret)
{
    static char address[ADDRESS_BYTES_MAX], tx[100];
    uint8_t buffer[SCRIPT_FORM_MAX];
    const struct coins *c = ledger_coins(w->l);
    uint64_t output = test_below(r, c->outputs_n);
    uint32_t maker = coins_maker(c, output);
    struct hash32 id = ledger_txid(w->l, maker);
    struct bytes script;
    struct text t = text_new(100);

    if (!ledger_script(w->l, ledger_script_of(w->l, output), buffer, &script) ||
        !address_of_script(chainlet_chain(), script, address))
        return false;
    text_hex_reversed(&t, id.b, 32);
    snprintf(tx, sizeof(tx), "%s:%u", text_string(&t),
             (unsigned)(output - coins_outputs(c, maker).first));
    text_free(&t);
    *ret = (struct screen_question){
        .direction = test_below(r, 2) ? SCREEN_OUTBOUND : SCREEN_INBOUND,
        .subject = test_below(r, 6) ? SCREEN_OF_ADDRESS : SCREEN_OF_TRANSFER,
        .address = address,
        .tx = tx,
        .name = "",
        .kind = NAME_UNKNOWN,
        .chain = "bitcoin:sim",
        .now = NOW,
        .ledgers = &w->ledgers};
    if (ret->subject == SCREEN_OF_TRANSFER)
        ret->address = "";
    return true;
}

static void question_ask(struct world *w, struct test_random *r)
{
    struct screen_question q;
    struct question_asked asked;
    struct screen_answer answer;
    struct err err;

    if (!question_draw(w, r, &q))
        return;
    CHECK_OK(screen_ask(w->screener, w->arena, &q, &answer, &err), err);
    CHECK_OK(question_asked_of(w->arena, w->screener, &q, &answer, NULL, &asked, &err), err);
    asked.outcome.rule = asked.outcome.rule ? asked.outcome.rule : "";
    keep(w->some, w->arena, &asked);
    keep(w->all, w->arena, &asked);
}

static struct again_counts again(struct world *w, struct store *s, bool all)
{
    struct again_options o = {
        .screener = w->screener, .store = s, .now = NOW, .all = all, .cases = w->f.told};
    struct again_counts n;
    struct again *run;
    bool more = true;
    struct err err;

    CHECK_OK(again_new(&o, &run, &err), err);
    again_ledgers(run, &w->ledgers);
    while (more)
        CHECK_OK(again_step(run, &more, &err), err);
    n = again_counts(run);
    again_free(run);
    CHECK_U(n.failed, 0);
    return n;
}

static void same_answers(struct world *w)
{
    struct question_filter f = {.after = 0};
    const struct question *some, *all;
    size_t n, all_n;
    struct err err;

    CHECK_OK(question_list(w->some, w->arena, &f, 10000, &some, &n, &err), err);
    CHECK_OK(question_list(w->all, w->arena, &f, 10000, &all, &all_n, &err), err);
    CHECK_U(n, all_n);
    for (size_t i = 0; i < n; i++) {
        CHECK_S(some[i].form, all[i].form);
        CHECK_U(some[i].outcome.decision, all[i].outcome.decision);
        CHECK_S(some[i].outcome.reasons, all[i].outcome.reasons);
        CHECK(hash32_equal(&some[i].outcome.stands, &all[i].outcome.stands));
    }
}

/* A case comes, is verified, disputed or gone, or blocks have come. */
static void cases_change(struct world *w, struct test_random *r, const char *state[CASES],
                         uint32_t *blocks_n)
{
    static const char *const states[] = {"reported", "verified", "disputed", NULL};
    struct screen_case_is is[CASES];
    size_t at = test_below(r, w->cases_n), n = 0;
    char id[40];

    if (!test_below(r, 4) && *blocks_n < SIM_BLOCKS)
        *blocks_n += 1 + (uint32_t)test_below(r, SIM_BLOCKS - *blocks_n);
    else
        state[at] = states[test_below(r, 4)];
    for (size_t i = 0; i < w->cases_n; i++) {
        snprintf(id, sizeof(id), "case:%zu all", i);
        if (!state[i]) {
            watch_coins_drop(w->f.watch, id);
            continue;
        }
        is[n++] = case_is(id, state[i]);
        if (!screen_cases_has(w->f.told, id)) {
            watch_coins_drop(w->f.watch, id);
            give(&w->f, id, state[i], w->texts[i]);
        }
    }
    screen_cases_keep(w->f.told, is, n);
    come(&w->f, w->l, *blocks_n);
}

static void only_whom_it_touches(void **unused)
{
    struct test_random r = {test_seed()};
    const char *state[CASES] = {NULL};
    uint64_t asked = 0, asked_all = 0, changed = 0;
    uint32_t blocks_n = SIM_BLOCKS / 2;
    struct world w;

    (void)unused;
    world_make(&w);
    come(&w.f, w.l, blocks_n);
    for (unsigned i = 0; i < QUESTIONS; i++)
        question_ask(&w, &r);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct again_counts some, all;

        test_row("round %u", round);
        cases_change(&w, &r, state, &blocks_n);
        some = again(&w, w.some, false);
        all = again(&w, w.all, true);
        same_answers(&w);
        CHECK_U(some.changed, all.changed);
        CHECK_U(again(&w, w.some, false).asked, 0);
        asked += some.asked;
        asked_all += all.asked;
        changed += some.changed;
        question_ask(&w, &r);
    }
    CHECK(changed > 20 && asked >= changed);
    CHECK(asked * 3 < asked_all);
    print_message("%llu of %llu asked again, %llu changed\n", (unsigned long long)asked,
                  (unsigned long long)asked_all, (unsigned long long)changed);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),         cmocka_unit_test(the_whole_way),
        cmocka_unit_test(named_and_stopped), cmocka_unit_test(of_transfers),
        cmocka_unit_test(over_accounts),     cmocka_unit_test(block_by_block),
        cmocka_unit_test(truncated),         cmocka_unit_test(some_are_missing),
        cmocka_unit_test(no_memory),         cmocka_unit_test(only_whom_it_touches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
