/* A watched ledger of coins: found deposits counted by hand over the chainlet
 * (tests/trace/chainlet.h), and at every block of a simulated world the sums that a trace over the
 * ledger cut there has. */
#include "support.h"

#include "base/mem.h"
#include "ledger/ingest.h"
#include "screen/screen_cases.h"
#include "screen/told.h"
#include "sim/sim.h"
#include "trace/chainlet.h"
#include "trace/run.h"
#include "watch/coins.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_MAX ((size_t)1 << 30)

/* ---- by hand ---- */

#define FOUND_MAX 64

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

static struct own *own_text(const char *text)
{
    struct own *o;
    struct err err;

    CHECK_OK(own_read("own.txt", (struct bytes){(const uint8_t *)text, strlen(text)}, &o, &err),
             err);
    return o;
}

static struct own_set *own_of(const struct own *o)
{
    struct own_set *s;
    struct err err;

    CHECK_OK(own_set_make(o, chainlet_chain(), &s, &err), err);
    return s;
}

/* V's 50 of block 1 are stolen. */
static const char *case_text(const char *policy, const char *more)
{
    static char text[2048];
    struct text id = text_new(200);

    text_hex_reversed(&id, chainlet()->t[0].b, 32);
    snprintf(text, sizeof(text),
             "{\"id\":\"C\",\"chain\":\"bitcoin:sim\",\"origins\":[{\"output\":\"%s:0\"}],"
             "\"policy\":\"%s\"%s}",
             text_string(&id), policy, more);
    text_free(&id);
    return text;
}

static void take_case(struct watch_coins *w, const char *id, const char *text)
{
    struct err err;

    CHECK_OK(watch_coins_case(w, id, (struct bytes){(const uint8_t *)text, strlen(text)}, &err),
             err);
}

static struct watch_coins *watch_new(uint32_t back_max)
{
    struct watch_coins *w;
    struct err err;

    CHECK_OK(
        watch_coins_new(chainlet_chain(), (struct watch_limits){.back_max = back_max}, &w, &err),
        err);
    return w;
}

static struct ledger *ledger_of(unsigned which)
{
    struct ledger *l;
    struct err err;

    CHECK_OK(ledger_open(chainlet_ledger(which), &l, &err), err);
    return l;
}

static void turn(struct watch_coins *w, const struct ledger *l, uint32_t blocks,
                 struct listener *to)
{
    struct err err;

    to->n = 0;
    CHECK_OK(watch_coins_turn(w, l, blocks, listen, to, &err), err);
}

static void is_found(const struct watch_found *f, unsigned t, uint32_t vout, uint64_t amount,
                     uint64_t tainted, uint32_t share_ppm, uint32_t hop)
{
    struct text place = text_new(200);

    text_hex_reversed(&place, chainlet()->t[t].b, 32);
    text_printf(&place, ":%u", vout);
    CHECK_S(f->place, text_string(&place));
    text_free(&place);
    CHECK_U(f->amount.w[0], amount);
    CHECK_U(f->tainted.w[0], tainted);
    CHECK_U(f->share_ppm, share_ppm);
    CHECK_U(f->hop, hop);
}

static const char *own_lines(void)
{
    static char text[512];

    snprintf(text, sizeof(text), "%s customer-1\n%s customer-2\n%s hot role=hot\n",
             chainlet_address('X'), chainlet_address('E'), chainlet_address('A'));
    return text;
}

/* fifo: t1 gives 30 to A; t2's line is W's 20, then A's 30: X gets 20 of its 40, C 9; t3: E 3; t4:
 * A 2. */
static void block_by_block(void **state)
{
    struct own *o = own_text(own_lines());
    struct own_set *own = own_of(o);
    struct watch_coins *w = watch_new(4);
    struct ledger *l = ledger_of(0x7f);
    struct listener got;

    (void)state;
    watch_coins_own(w, own);
    take_case(w, "case:1", case_text("fifo", ""));
    turn(w, l, 2, &got); /* the theft's own block */
    CHECK_U(got.n, 0);
    turn(w, l, 4, &got);
    CHECK_U(got.n, 1);
    is_found(&got.found[0], 1, 0, 30, 30, 1000000, 1);
    CHECK_U(got.found[0].own.role, OWN_HOT);
    CHECK_U(got.found[0].height, 3);
    turn(w, l, 5, &got);
    CHECK_U(got.n, 1);
    is_found(&got.found[0], 2, 0, 40, 20, 500000, 2);
    CHECK_S(got.found[0].own.account, "customer-1");
    CHECK_S(got.found[0].case_id, "case:1");
    CHECK_S(got.found[0].address, chainlet_address('X'));
    CHECK(!got.found[0].spent);
    turn(w, l, 5, &got); /* nothing new */
    CHECK_U(got.n, 0);
    turn(w, l, 7, &got);
    CHECK_U(got.n, 2);
    is_found(&got.found[0], 3, 1, 3, 3, 1000000, 3); /* to the bare key */
    CHECK_S(got.found[0].own.account, "customer-2");
    is_found(&got.found[1], 4, 0, 2, 2, 1000000, 4);
    watch_coins_free(w);
    own_set_free(own);
    own_free(o);
    ledger_close(l);
}

/* A is known as a service, and so is X. */
static const char *known_service(void *ctx, const struct chain *chain, struct bytes script)
{
    uint8_t form[SCRIPT_FORM_MAX], buffer[SCRIPT_FORM_MAX];
    size_t n;
    struct err err;

    CHECK(chain == chainlet_chain());
    (void)ctx;
    for (const char *who = "AX"; *who; who++) {
        CHECK_OK(address_read(chain, chainlet_address(*who), form, &n, &err), err);
        if (bytes_equal(script_address_form(script, buffer), (struct bytes){form, n}))
            return *who == 'A' ? "service A" : "service X";
    }
    return NULL;
}

/* The 30 at A are at a service, not past it; X's 40, which A's 30 pay, and E's 3 and A's 2 behind,
 * are. Undone to block 3 and followed again it is the same; without services nobody says so. */
static void past_a_service(void **state)
{
    struct own *o = own_text(own_lines());
    struct own_set *own = own_of(o);
    struct watch_coins *w = watch_new(6);
    struct ledger *l = ledger_of(0x7f), *less = ledger_of(0x0f);
    struct listener got;

    (void)state;
    watch_coins_own(w, own);
    watch_coins_services(w, known_service, NULL);
    take_case(w, "case:1", case_text("fifo", ""));
    turn(w, l, 4, &got);
    CHECK_U(got.n, 1);
    CHECK(!got.found[0].service);
    for (int again = 0; again < 2; again++) {
        turn(w, l, 7, &got);
        CHECK_U(got.n, 3);
        for (size_t i = 0; i < 3; i++)
            CHECK_S(got.found[i].service, "service A");
        turn(w, less, 4, &got);
    }
    watch_coins_services(w, NULL, NULL);
    turn(w, l, 7, &got);
    for (size_t i = 0; i < got.n; i++)
        CHECK(!got.found[i].service);
    watch_coins_free(w);
    own_set_free(own);
    own_free(o);
    ledger_close(l);
    ledger_close(less);
}

/* Reported late: what arrived is found at once, and what nobody has spent comes first. */
static void late(void **state)
{
    struct own *o = own_text(own_lines());
    struct own_set *own = own_of(o);
    struct watch_coins *w = watch_new(4);
    struct ledger *l = ledger_of(0x7f);
    struct listener got;

    (void)state;
    turn(w, l, 7, &got);
    watch_coins_own(w, own);
    take_case(w, "case:1", case_text("fifo", ""));
    turn(w, l, 7, &got);
    CHECK_U(got.n, 4);
    is_found(&got.found[0], 2, 0, 40, 20, 500000, 2);
    is_found(&got.found[1], 4, 0, 2, 2, 1000000, 4);
    is_found(&got.found[2], 1, 0, 30, 30, 1000000, 1);
    is_found(&got.found[3], 3, 1, 3, 3, 1000000, 3);
    CHECK(got.found[3].spent);
    watch_coins_own(w, NULL); /* and none */
    turn(w, l, 7, &got);
    CHECK_U(got.n, 0);
    watch_coins_free(w);
    own_set_free(own);
    own_free(o);
    ledger_close(l);
}

static struct trace_live_case case_of(const struct watch_coins *w, const char *id,
                                      enum watch_state wanted)
{
    struct trace_live_case is;
    enum watch_state state;
    const char *text;

    CHECK(watch_coins_state(w, id, &state, &text, &is));
    CHECK_U(state, wanted);
    return is;
}

/* Blocks are undone, within what is kept and beyond it, and come again. */
static void undone(void **state)
{
    struct own *o = own_text(own_lines());
    struct own_set *own = own_of(o);
    struct ledger *all = ledger_of(0x7f), *most = ledger_of(0x1f), *few = ledger_of(0x03);
    struct listener got;

    (void)state;
    for (uint32_t back_max = 1; back_max < 6; back_max++) {
        struct watch_coins *w = watch_new(back_max);

        watch_coins_own(w, own);
        take_case(w, "case:1", case_text("fifo", ""));
        for (uint32_t n = 1; n <= 7; n++)
            turn(w, all, n, &got);
        CHECK_U(case_of(w, "case:1", WATCH_FOLLOWED).totals.held, 46); /* 19 + 20 + 5 + 2 */
        turn(w, most, 5, &got);
        CHECK_U(watch_coins_counts(w).blocks, 5);
        CHECK_U(case_of(w, "case:1", WATCH_FOLLOWED).totals.held, 48); /* 19 + 20 + 9 */
        turn(w, few, 2, &got);
        CHECK_U(case_of(w, "case:1", WATCH_FOLLOWED).totals.held, 50);
        turn(w, all, 7, &got);
        CHECK_U(case_of(w, "case:1", WATCH_FOLLOWED).totals.held, 46);
        CHECK_U(case_of(w, "case:1", WATCH_FOLLOWED).totals.fees, 4);
        CHECK(got.n >= 4);
        watch_coins_free(w);
    }
    own_set_free(own);
    own_free(o);
    ledger_close(all);
    ledger_close(most);
    ledger_close(few);
}

/* A case waits for its origins; one that cannot be followed says why; one may be dropped. */
static void waits_and_refused(void **state)
{
    struct watch_coins *w = watch_new(4);
    struct ledger *l = ledger_of(0x7f);
    struct trace_live_case is;
    enum watch_state at;
    struct listener got;
    const char *text;

    (void)state;
    take_case(w, "a", case_text("fifo", ""));
    take_case(w, "b", case_text("libr", ""));
    take_case(w, "c", "{");
    take_case(w, "d", case_text("fifo", ",\"limits\":{\"until\":3}"));
    turn(w, l, 1, &got);
    CHECK(watch_coins_state(w, "a", &at, &text, &is));
    CHECK_U(at, WATCH_WAITS);
    turn(w, l, 7, &got);
    (void)case_of(w, "a", WATCH_FOLLOWED);
    (void)case_of(w, "b", WATCH_REFUSED);
    (void)case_of(w, "c", WATCH_REFUSED);
    (void)case_of(w, "d", WATCH_REFUSED);
    take_case(w, "b", case_text("poison", "")); /* another text */
    turn(w, l, 7, &got);
    CHECK_U(case_of(w, "b", WATCH_FOLLOWED).held_n, 4); /* B, X, D, A */
    watch_coins_drop(w, "b");
    CHECK(!watch_coins_state(w, "b", &at, &text, &is));
    watch_coins_free(w);
    ledger_close(l);
}

/* ---- a simulated world ---- */

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = calloc(1, 1 << 20);

    CHECK(f && text);
    CHECK(fread(text, 1, (1 << 20) - 1, f) > 0);
    fclose(f);
    return text;
}

static const char *const policies[] = {"fifo", "lifo", "haircut", "tiho", "poison"};
#define POLICIES (sizeof(policies) / sizeof(policies[0]))
#define SIM_BLOCKS 200

struct sim_world {
    struct ledger *l;
    char *texts[5 * POLICIES];
    size_t n;
};

static void sim_make(struct sim_world *s)
{
    struct sim_options o = {.seed = 7, .blocks = SIM_BLOCKS, .dir = test_dir()};
    struct sim_shape shape;
    char path[4200], dir[4200];
    const char *paths = path;
    struct ingest_options in = {
        .paths = &paths, .paths_n = 1, .chain = chain_by_name("bitcoin:sim")};
    struct ingest_result result;
    struct err err;

    CHECK_OK(sim_run(&o, &shape, &err), err);
    snprintf(path, sizeof(path), "%s/blocks", o.dir);
    snprintf(dir, sizeof(dir), "%s/ledger", o.dir);
    CHECK_OK(ingest(dir, &in, &result, &err), err);
    CHECK_OK(ledger_open(dir, &s->l, &err), err);
    for (unsigned t = 1; t <= shape.thefts && t <= 5; t++) {
        char *text;

        snprintf(path, sizeof(path), "%s/cases/THEFT-%u.json", o.dir, t);
        text = read_file(path);
        for (size_t p = 0; p < POLICIES; p++) {
            char *at = strstr(text, "\"policy\": \"fifo\""), *with = calloc(1, 1 << 20);

            CHECK(at && with);
            snprintf(with, 1 << 20, "%.*s\"policy\": \"%s\"%s", (int)(at - text), text, policies[p],
                     at + strlen("\"policy\": \"fifo\""));
            s->texts[s->n++] = with;
        }
        free(text);
    }
}

/* All stops are own: each exit is a deposit. */
static struct own *stops_own(const struct sim_world *s)
{
    struct text lines = text_new((size_t)16 << 20);
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct own *o;

    for (size_t i = 0; i < s->n; i += POLICIES) {
        struct case_file c;
        struct err err;

        CHECK_OK(
            case_read(a, (struct bytes){(uint8_t *)s->texts[i], strlen(s->texts[i])}, &c, &err),
            err);
        for (size_t k = 0; k < c.stops_n; k++)
            text_printf(&lines, "%s\n", c.stops[k].address);
    }
    o = own_text(text_string(&lines));
    text_free(&lines);
    arena_free(a);
    return o;
}

struct sums { /* of a case's found deposits */
    uint64_t n, tainted;
};

static void add_up(void *ctx, const struct watch_found *found)
{
    struct sums *s = (struct sums *)ctx + atoi(found->case_id);

    CHECK(found->share_ppm <= 1000000);
    s->n++;
    s->tainted += found->tainted.w[0];
}

/* ---- whom cases reach, as screening is told it ---- */

static struct screen_cases *told_by(struct watch_coins *w)
{
    struct screen_cases *told = screen_cases_new(true);
    struct watch_reach to = told_reach(told);

    CHECK(told);
    watch_coins_reach(w, &to);
    return told;
}

static struct screen_case_is told_case(const char *id, const char *state)
{
    struct screen_case_is is = {.state = state, .counts = !strcmp(state, "verified")};

    snprintf(is.id, sizeof(is.id), "%s", id);
    snprintf(is.object, sizeof(is.object), "case:%s", id);
    snprintf(is.member, sizeof(is.member), "us");
    return is;
}

static void tell_case(struct screen_cases *told, const char *id, const char *state,
                      const char *text)
{
    struct screen_case_is is = told_case(id, state);
    bool fresh;
    struct err err;

    CHECK_OK(screen_cases_give(told, &is, (struct bytes){(const uint8_t *)text, strlen(text)},
                               &fresh, &err),
             err);
    CHECK(fresh);
}

#define PARTS_MAX 128

/* What a case has brought one owner, of all that is told of him. */
static struct screen_case_part part_of(struct screen_cases *told, const struct ledger *l,
                                       uint64_t owner, const char *id, bool direct)
{
    static struct screen_case_part parts[PARTS_MAX];
    struct screen_case_part none = {.amount = u256_of(0)};
    bool more;
    size_t n = screen_cases_owners(told, &(struct trace_ledger){.coins = l}, &owner, 1, parts,
                                   PARTS_MAX, &more);

    CHECK(!more);
    for (size_t i = 1; i < n; i++) /* those that others vouch for first */
        CHECK(parts[i - 1].is.counts >= parts[i].is.counts);
    for (size_t i = 0; i < n; i++)
        if (parts[i].received && !strcmp(parts[i].is.id, id) && parts[i].direct == direct)
            return parts[i];
    return none;
}

/* Summed up from all that a trace has reached, by looking at all of it for each. */
static void same_reach(struct screen_cases *told, const struct ledger *l, const char *id,
                       const struct trace *t)
{
    for (size_t i = 0; i < t->reached_n; i++) {
        uint32_t owner = ledger_script_of(l, t->reached[i].output);
        bool direct = t->reached[i].hop <= 1;
        uint64_t amount = 0, most = 0, best = 0;
        struct screen_case_part is;

        if (owner == SCRIPT_NONE)
            continue;
        for (size_t k = 0; k < t->reached_n; k++) {
            const struct trace_reached *r = &t->reached[k];

            if (ledger_script_of(l, r->output) != owner || (r->hop <= 1) != direct || !r->taint)
                continue;
            amount += r->taint;
            if (r->taint > most) {
                most = r->taint;
                best = r->output;
            }
        }
        is = part_of(told, l, owner, id, direct);
        CHECK_U(is.amount.w[0], amount);
        if (amount)
            CHECK_U(is.best, best);
        if (amount)
            CHECK(is.hops <= 1 ? direct : !direct);
    }
}

/* Of nobody else is anything told. */
static void no_more_reach(struct screen_cases *told, const struct ledger *l, const char *id,
                          const struct trace *t)
{
    for (uint32_t owner = 0; owner < ledger_counts(l).scripts; owner += 13) {
        bool reached = false;

        for (size_t k = 0; k < t->reached_n && !reached; k++)
            reached = t->reached[k].taint && ledger_script_of(l, t->reached[k].output) == owner;
        if (!reached)
            CHECK(u256_zero(part_of(told, l, owner, id, true).amount) &&
                  u256_zero(part_of(told, l, owner, id, false).amount));
    }
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

/* As found deposits are: X 20 of its 40, two hops away, E 3, three hops away. */
static void told_is(struct screen_cases *told, const struct ledger *l, char who, bool direct,
                    uint64_t amount, uint32_t hops)
{
    struct screen_case_part is = part_of(told, l, owner_of(l, who), "a", direct);

    CHECK_U(is.amount.w[0], amount);
    CHECK_U(is.hops, hops);
}

/* A case is given, followed, verified, undone, and leaves; at each step it is said what cannot be
 * told. */
static void told_to_screening(void **state)
{
    struct watch_coins *w = watch_new(4);
    struct ledger *all = ledger_of(0x7f), *most = ledger_of(0x1f), *other = ledger_of(0x5f);
    const struct trace_ledger at = {.coins = all}, at_most = {.coins = most},
                              at_other = {.coins = other};
    struct screen_cases *told = told_by(w);
    struct screen_case_is is = told_case("a", "verified");
    uint64_t changes;
    bool fresh;
    struct listener got;
    struct err err;

    (void)state;
    CHECK(screen_cases_busy(told));
    CHECK_U(screen_cases_lack(told, &at), CASES_BEHIND); /* nobody has looked yet */
    CHECK(!screen_cases_any(told));
    turn(w, all, 7, &got);
    screen_cases_come(told, &at, 7);
    screen_cases_settle(told);
    CHECK_U(screen_cases_lack(told, &at), CASES_ALL);
    tell_case(told, "a", "reported", case_text("fifo", ""));
    take_case(w, "a", case_text("fifo", ""));
    CHECK(screen_cases_busy(told));
    CHECK_U(screen_cases_lack(told, &at), CASES_SOME);
    told_is(told, all, 'X', false, 0, 0);
    turn(w, all, 7, &got);
    CHECK_U(screen_cases_lack(told, &at), CASES_SOME); /* who has paid it is not known yet */
    screen_cases_come(told, &at, 7);
    screen_cases_settle(told);
    CHECK(!screen_cases_busy(told));
    CHECK_U(screen_cases_lack(told, &at), CASES_ALL);
    told_is(told, all, 'X', false, 20, 2);
    told_is(told, all, 'E', false, 3, 3);
    CHECK(!part_of(told, all, owner_of(all, 'X'), "a", false).is.counts);
    changes = screen_cases_counts(told).changes;
    screen_cases_keep(told, &is, 1); /* verified: at once, and not followed anew */
    CHECK(part_of(told, all, owner_of(all, 'X'), "a", false).is.counts);
    CHECK_S(part_of(told, all, owner_of(all, 'X'), "a", false).is.state, "verified");
    CHECK_U(screen_cases_counts(told).changes, changes + 1);
    screen_cases_keep(told, &is, 1);
    CHECK_U(screen_cases_counts(told).changes, changes + 1);
    told_is(told, most, 'X', false, 20, 2); /* of the same blocks, and fewer */
    CHECK_U(screen_cases_lack(told, &at_most), CASES_ALL);
    told_is(told, other, 'X', false, 0, 0); /* of others: nothing of it is told */
    CHECK_U(screen_cases_lack(told, &at_other), CASES_BEHIND);
    turn(w, most, 5, &got);
    screen_cases_come(told, &at_most, 5);
    CHECK_U(screen_cases_lack(told, &at), CASES_BEHIND);
    told_is(told, all, 'E', false, 0, 0); /* not come by, and that is said */
    told_is(told, all, 'X', false, 20, 2);
    turn(w, all, 7, &got);
    screen_cases_come(told, &at, 7);
    told_is(told, all, 'E', false, 3, 3);
    CHECK(!screen_cases_give(told, &is, (struct bytes){(const uint8_t *)"{", 1}, &fresh, &err));
    CHECK_U(err.class, ERR_INPUT);
    told_is(told, all, 'X', false, 0, 0); /* a revision that cannot be read */
    tell_case(told, "a", "verified", case_text("fifo", ""));
    CHECK_U(screen_cases_lack(told, &at), CASES_SOME);
    screen_cases_keep(told, NULL, 0);
    CHECK_U(screen_cases_lack(told, &at), CASES_ALL);
    CHECK(!screen_cases_any(told));
    watch_coins_free(w);
    screen_cases_free(told);
    ledger_close(all);
    ledger_close(most);
    ledger_close(other);
}

/* ---- whatever cannot be had ---- */

struct life {
    struct ledger *all, *most;
    struct own_set *own;
    const char *text;
    uint64_t x, e; /* owners */
};

static bool comes(struct watch_coins *w, const struct ledger *l, uint32_t blocks,
                  struct screen_cases *told, struct listener *got, struct err *err)
{
    const struct trace_ledger at = {.coins = l};

    got->n = 0;
    if (!watch_coins_turn(w, l, blocks, listen, got, err)) {
        CHECK_U(err->class, ERR_NOMEM);
        return false;
    }
    screen_cases_come(told, &at, blocks);
    screen_cases_settle(told);
    return true;
}

/* Nothing that is told is wrong for want of memory: it is whole, or it is said that it is not. */
static bool is_told_whole(struct screen_cases *told, const struct life *x)
{
    const struct trace_ledger at = {.coins = x->all};
    uint64_t at_x = part_of(told, x->all, x->x, "a", false).amount.w[0],
             at_e = part_of(told, x->all, x->e, "a", false).amount.w[0];
    bool all = screen_cases_lack(told, &at) == CASES_ALL;

    CHECK(all ? at_x == 20 && at_e == 3 : !at_x && !at_e);
    return all;
}

static bool lives(void *ctx)
{
    const struct life *x = ctx;
    struct screen_cases *told = screen_cases_new(true);
    struct watch_reach to = told_reach(told);
    struct screen_case_is is = told_case("a", "reported");
    struct bytes text = {(const uint8_t *)x->text, strlen(x->text)};
    struct watch_coins *w = NULL;
    struct listener got;
    struct err err;
    bool fresh, ok;

    ok = told &&
         watch_coins_new(chainlet_chain(), (struct watch_limits){.back_max = 4}, &w, &err) &&
         screen_cases_give(told, &is, text, &fresh, &err) && watch_coins_case(w, "a", text, &err);
    if (ok) {
        watch_coins_own(w, x->own);
        watch_coins_services(w, known_service, NULL);
        watch_coins_reach(w, &to);
        watch_coins_crossing(w);
    }
    ok = ok && comes(w, x->all, 4, told, &got, &err) && comes(w, x->all, 7, told, &got, &err) &&
         comes(w, x->most, 5, told, &got, &err) && comes(w, x->all, 7, told, &got, &err) &&
         is_told_whole(told, x);
    watch_coins_free(w);
    screen_cases_free(told);
    return ok;
}

static void every_allocation(void **state)
{
    struct own *own = own_text(own_lines());
    struct life x = {.all = ledger_of(0x7f),
                     .most = ledger_of(0x1f),
                     .own = own_of(own),
                     .text = case_text("fifo", "")};

    (void)state;
    x.x = owner_of(x.all, 'X');
    x.e = owner_of(x.all, 'E');
    test_failed_allocations(lives, &x);
    own_set_free(x.own);
    own_free(own);
    ledger_close(x.all);
    ledger_close(x.most);
}

static void same_as_trace(const struct sim_world *s, const struct watch_coins *w,
                          struct screen_cases *told, size_t i, uint32_t blocks_n,
                          const struct sums *sums)
{
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct trace_live_case is;
    enum watch_state state;
    struct trace_request r;
    struct trace_doc doc;
    struct case_file c;
    const char *why;
    char id[24];
    struct err err;

    snprintf(id, sizeof(id), "%zu", i);
    test_row("case %zu, %u blocks", i, blocks_n);
    CHECK_OK(case_read(a, (struct bytes){(uint8_t *)s->texts[i], strlen(s->texts[i])}, &c, &err),
             err);
    CHECK_OK(trace_request_from_case(a, s->l, &c, NULL, 0, &r, &err), err);
    r.blocks_n = blocks_n;
    CHECK(watch_coins_state(w, id, &state, &why, &is));
    if (!trace_run(a, s->l, &r, 1, &doc, &err)) {
        CHECK_U(err.class, ERR_NOT_FOUND);
        CHECK_U(state, WATCH_WAITS);
    } else {
        struct sums want = {0, 0};

        CHECK_U(state, WATCH_FOLLOWED);
        CHECK_U(is.totals.held, doc.trace->totals.held);
        CHECK_U(is.totals.exits, doc.trace->totals.exits);
        CHECK_U(is.totals.fees, doc.trace->totals.fees);
        CHECK_U(is.totals.unresolved, doc.trace->totals.unresolved);
        CHECK_U(is.totals.origin, doc.trace->totals.origin);
        CHECK_U(is.reached_n, doc.trace->reached_n);
        for (size_t k = 0; k < doc.trace->reached_n; k++)
            if (doc.trace->reached[k].stop >= 0) {
                want.n++;
                want.tainted += doc.trace->reached[k].taint;
            }
        CHECK(sums->n >= want.n); /* an origin may be paid to an exchange, too */
        CHECK(sums->tainted >= want.tainted);
        same_reach(told, s->l, id, doc.trace);
        if (blocks_n == SIM_BLOCKS)
            no_more_reach(told, s->l, id, doc.trace);
    }
    arena_free(a);
}

static void as_traces_are(void **state)
{
    static struct sim_world s;
    struct sums sums[5 * POLICIES] = {{0, 0}};
    struct watch_coins *w = watch_new(8);
    struct screen_cases *told = told_by(w);
    struct own_set *own;
    struct own *o;
    uint64_t found = 0;
    struct err err;

    (void)state;
    sim_make(&s);
    o = stops_own(&s);
    own = own_of(o);
    watch_coins_own(w, own);
    for (size_t i = 0; i < s.n; i++) {
        char id[24];

        snprintf(id, sizeof(id), "%zu", i);
        tell_case(told, id, i % 2 ? "reported" : "verified", s.texts[i]);
        take_case(w, id, s.texts[i]);
    }
    for (uint32_t n = 1; n <= SIM_BLOCKS; n++) {
        CHECK_OK(watch_coins_turn(w, s.l, n, add_up, sums, &err), err);
        screen_cases_come(told, &(struct trace_ledger){.coins = s.l}, n);
        for (size_t i = 0; i < s.n; i++)
            if (n % 7 == i % 7 || n == SIM_BLOCKS)
                same_as_trace(&s, w, told, i, n, &sums[i]);
    }
    for (size_t i = 0; i < s.n; i++)
        found += sums[i].n;
    CHECK(found > 0);
    print_message("%zu cases over %d blocks, %llu deposits found\n", s.n, SIM_BLOCKS,
                  (unsigned long long)found);
    watch_coins_free(w);
    screen_cases_free(told);
    own_set_free(own);
    own_free(o);
    for (size_t i = 0; i < s.n; i++)
        free(s.texts[i]);
    ledger_close(s.l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_by_block),    cmocka_unit_test(late),
        cmocka_unit_test(past_a_service),    cmocka_unit_test(undone),
        cmocka_unit_test(waits_and_refused), cmocka_unit_test(as_traces_are),
        cmocka_unit_test(told_to_screening), cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
