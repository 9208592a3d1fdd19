/* Live traces in a node: what a case of the home reaches at own addresses is found, and what a case
 * of the group reaches there becomes this member's alert, once, and a soft hold where charter and
 * policy let it. The world is the chainlet (tests/trace/chainlet.h); its figures are worked out in
 * tests/watch/test_watch.c. */
#include "serve/live_watch_parts.h"

#include "../group/world.h"
#include "../trace/chainlet.h"
#include "base/mem.h"
#include "group/alert_log.h"
#include "group/report.h"
#include "serve/clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 120000 /* of a millisecond, until something must have happened */
#define CASE_NAME "case:00000000000000000000000000000001"

static struct log *log_of_test;
static int log_fd;

static struct test_random numbers = {7};
static const struct group_random drawn = {world_fill, &numbers};

/* ---- a home ---- */

static void put_file(const char *home, const char *folder, const char *name, const char *text)
{
    char path[4200];

    snprintf(path, sizeof(path), "%s/%s", home, folder);
    mkdir(path, 0700);
    snprintf(path, sizeof(path), "%s/%s/%s", home, folder, name);
    test_write(path, text, strlen(text));
}

static const char *case_before = "", *case_more = ""; /* more origins, more members of the case */

static const char *case_text(const char *policy)
{
    static char text[1024];
    struct text id = text_new(200);

    text_hex_reversed(&id, chainlet()->t[0].b, 32);
    snprintf(text, sizeof(text),
             "{\"id\":\"C\",\"title\":\"A theft\",\"kind\":\"theft\",\"chain\":\"bitcoin:sim\","
             "\"origins\":[%s{\"output\":\"%s:0\"}],\"policy\":\"%s\"%s}",
             case_before, text_string(&id), policy, case_more);
    text_free(&id);
    return text;
}

static void own_put(const char *home)
{
    char text[300];

    snprintf(text, sizeof(text), "%s customer-1\n%s customer-2\n", chainlet_address('X'),
             chainlet_address('E'));
    put_file(home, "own", "own.txt", text);
}

/* Holds softly from that tainted share on, in millionths; 0: there is no policy. */
static void policy_put(const char *home, uint64_t ppm)
{
    char text[80];

    snprintf(text, sizeof(text), "soft_holds: {mode: active, share_ppm_min: %u}\n", (unsigned)ppm);
    if (ppm)
        put_file(home, ".", "group.yaml", text);
}

static void log_begin(void)
{
    struct err err;

    log_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    CHECK(log_fd >= 0);
    CHECK_OK(log_open(log_fd, false, &log_of_test, &err), err);
}

static void log_end(void)
{
    log_close(log_of_test);
    close(log_fd);
}

static struct live_ledgers *ledgers_in(const char *dir)
{
    const char *dirs[] = {dir};
    struct live_ledgers *l = NULL;
    struct err err;

    CHECK_OK(live_ledgers_open(dirs, 1, &l, &err), err);
    return l;
}

static struct live_ledgers *ledgers_of(unsigned which)
{
    return ledgers_in(chainlet_ledger(which));
}

static void wait_found(struct live_watch *x, uint64_t found)
{
    const struct timespec pause = {0, 1000000};

    for (unsigned i = 0; i < ROUNDS && live_watch_totals(x).found < found; i++)
        nanosleep(&pause, NULL);
    CHECK_U(live_watch_totals(x).found, found);
}

/* ---- a case of the home ---- */

static void of_the_home(void **state)
{
    const char *home = test_dir();
    struct live_ledgers *ledgers = ledgers_of(0x7f);
    struct live_watch_one one;
    struct live_watch *x;
    struct err err;

    (void)state;
    log_begin();
    put_file(home, "cases", "theft.json", case_text("fifo"));
    CHECK_OK(live_watch_open(home, ledgers, NULL, &(struct live_watch_options){.self_ms = 0},
                             log_of_test, &x, &err),
             err);
    own_put(home);    /* it comes later */
    wait_found(x, 2); /* X's 40, E's 3 */
    CHECK_U(live_watch_all(x, &one, 1), 1);
    CHECK_U(one.counts.blocks, 7);
    CHECK_U(one.counts.followed, 1);
    CHECK_U(one.counts.held, 4); /* B, X, D, A */
    CHECK_U(one.counts.own, 2);
    CHECK_U(live_watch_totals(x).alerts, 0);
    CHECK(live_watch_totals(x).turns >= 1);
    live_watch_close(x);
    live_ledgers_close(ledgers);
    log_end();
}

/* ---- of the group ---- */

static void node_key_put(const char *home, unsigned member)
{
    struct signer s = world_signer(member, WORLD_NODE);
    struct text t = text_new(4096);
    char path[4200];
    uint8_t secret[32];
    struct err err;

    snprintf(path, sizeof(path), "%s/" KEYS_FOLDER, home);
    CHECK(!mkdir(path, 0700));
    CHECK_OK(store_key(path, &drawn, secret, &err), err);
    snprintf(path, sizeof(path), "%s/" KEYS_FOLDER "/node.json", home);
    text_str(&t, "{\"key\":\"");
    text_hex(&t, s.key.b, 32);
    text_str(&t, "\",\"kind\":\"node\",\"schema\":\"cordon.key/1\",\"seed\":\"");
    text_hex(&t, s.secret, 32);
    text_str(&t, "\"}");
    test_write(path, t.p, t.n);
    CHECK(!chmod(path, 0600));
    text_free(&t);
}

static void say(struct group_log *l, struct group_log_act act, struct hash32 *ret)
{
    struct err err;

    CHECK_OK(group_log_say(l, &act, ret, &err), err);
}

/* us and kr adopt the charter; us reports the theft. */
static void found(const char *home, const struct world *w, const char *policy)
{
    struct group_log_act act = {.audience = AUDIENCE_ALL, .charter = &w->group, .now_ms = 1};
    struct signer us = world_signer(0, WORLD_HEAD), kr = world_signer(1, WORLD_HEAD);
    struct signer inv = world_signer(0, WORLD_INV);
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    const char *text = case_text(policy);
    struct group_log *l = NULL;
    struct report report;
    struct hash32 proposed, id;
    struct err err;

    CHECK_OK(group_log_open(home, STORE_WRITE, &drawn, &l, &err), err);
    CHECK_OK(group_log_join(l, &w->group, &err), err);
    act.object = world_object((struct world *)w, &w->group);
    act.author = "us";
    act.by = &us;
    act.type = "charter.propose";
    act.retention = "keep";
    act.body = w->charter.text;
    say(l, act, &proposed);
    act.type = "charter.sign";
    act.retention = NULL;
    act.after = &proposed;
    act.after_n = 1;
    say(l, act, &id);
    act.author = "kr";
    act.by = &kr;
    say(l, act, &id);
    CHECK_OK(report_make(a, (struct bytes){(const uint8_t *)text, strlen(text)}, &report, &err),
             err);
    say(l,
        (struct group_log_act){.author = "us",
                               .type = "case.report",
                               .object = CASE_NAME,
                               .audience = AUDIENCE_ALL,
                               .retention = "case",
                               .body = report.body,
                               .by = &inv,
                               .now_ms = 2},
        &id);
    CHECK_OK(group_log_commit(l, &err), err);
    group_log_close(l);
    arena_free(a);
}

struct seen { /* of the alerts in the log */
    size_t alerts, held;
    uint64_t amounts, received;
    struct hash32 revision; /* of the case */
};

static void look(void *ctx, struct group_log *l, const struct fold *f)
{
    struct seen *s = ctx;
    const struct fold_object *o;

    (void)l;
    *s = (struct seen){0};
    for (size_t i = 0; f && (o = fold_object_at(f, i)) != NULL; i++) {
        if (!strcmp(o->object, CASE_NAME))
            s->revision = o->revision;
        if (strncmp(o->object, "alert:", 6) != 0)
            continue;
        CHECK_S(o->first->e.author, "us");
        CHECK_S(o->told->e.facts->case_object, CASE_NAME);
        CHECK_S(o->told->e.facts->holder, "us");
        s->alerts++;
        s->held += o->state == ALERT_SOFT_HELD;
        s->amounts += o->told->e.facts->amount.w[0];
        s->received += o->told->e.facts->received.w[0];
    }
}

static struct seen seen_in(struct live_group *g)
{
    struct seen s;

    live_group_read(g, look, &s);
    return s;
}

static void verify(struct live_group *g)
{
    struct signer inv = world_signer(1, WORLD_INV);
    struct seen s = seen_in(g);
    struct hash32 id;
    struct err err;

    CHECK_OK(live_group_say(g,
                            &(struct group_log_act){.type = "case.verify",
                                                    .object = CASE_NAME,
                                                    .audience = AUDIENCE_ALL,
                                                    .by = &inv,
                                                    .after = &s.revision,
                                                    .after_n = 1},
                            &id, &err),
             err);
}

static void wait_said(struct live_watch *x, uint64_t alerts)
{
    const struct timespec pause = {0, 1000000};

    for (unsigned i = 0; i < ROUNDS && live_watch_totals(x).alerts < alerts; i++)
        nanosleep(&pause, NULL);
    CHECK_U(live_watch_totals(x).alerts, alerts);
}

static const struct {
    const char *name, *policy;
    bool verified;
    uint64_t ppm; /* that the node wants; 0: no file */
    size_t held;
} hold_rows[] = {
    {"held", "fifo", true, 1, 2},
    {"no policy of the node", "fifo", true, 0, 0},
    {"nobody has verified the case", "fifo", false, 1, 0},
    {"poison", "poison", true, 1, 0},
    {"half of X's 40 is less than the node wants", "fifo", true, 600000, 1},
};

static void of_the_group(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hold_rows) / sizeof(hold_rows[0]); i++) {
        const char *home = test_dir();
        struct live_ledgers *ledgers = ledgers_of(0x7f);
        struct live_watch_options options = {0};
        struct live_group *g = NULL;
        struct live_watch *x;
        struct world w;
        struct seen s;
        struct err err;

        test_row("%s", hold_rows[i].name);
        log_begin();
        world_start(&w);
        node_key_put(home, 0);
        policy_put(home, hold_rows[i].ppm);
        found(home, &w, hold_rows[i].policy);
        own_put(home);
        CHECK_OK(live_group_open(home, log_of_test, &g, &err), err);
        if (hold_rows[i].verified)
            verify(g);
        for (unsigned start = 0; start < 2; start++) { /* a second start says nothing anew */
            CHECK_OK(live_watch_open(home, ledgers, g, &options, log_of_test, &x, &err), err);
            wait_found(x, 2);
            wait_said(x, start ? 0 : 2);
            CHECK_U(live_watch_totals(x).holds, start ? 0 : hold_rows[i].held);
            live_watch_close(x);
        }
        s = seen_in(g);
        CHECK_U(s.alerts, 2);
        CHECK_U(s.held, hold_rows[i].held);
        CHECK_U(s.received, 40 + 3);
        CHECK_U(s.amounts, !strcmp(hold_rows[i].policy, "poison") ? 43 : 20 + 3);
        live_group_close(g);
        live_ledgers_close(ledgers);
        world_end(&w);
        log_end();
    }
}

/* Nobody has verified it when its deposits are found; once somebody does, they are held. */
static void verified_later(void **state)
{
    const struct timespec pause = {0, 1000000};
    const char *home = test_dir();
    struct live_ledgers *ledgers = ledgers_of(0x7f);
    struct live_watch_options options = {0};
    struct live_group *g = NULL;
    struct live_watch *x;
    struct world w;
    struct err err;

    (void)state;
    log_begin();
    world_start(&w);
    node_key_put(home, 0);
    policy_put(home, 1);
    found(home, &w, "fifo");
    own_put(home);
    CHECK_OK(live_group_open(home, log_of_test, &g, &err), err);
    CHECK_OK(live_watch_open(home, ledgers, g, &options, log_of_test, &x, &err), err);
    wait_said(x, 2);
    CHECK_U(seen_in(g).held, 0);
    verify(g);
    for (unsigned i = 0; i < ROUNDS && live_watch_totals(x).holds < 2; i++)
        nanosleep(&pause, NULL);
    CHECK_U(seen_in(g).alerts, 2);
    CHECK_U(seen_in(g).held, 2);
    live_watch_close(x);
    live_group_close(g);
    live_ledgers_close(ledgers);
    world_end(&w);
    log_end();
}

/* ---- a controlled delivery ---- */

static void handle(struct live_group *g, const char *word)
{
    struct signer head = world_signer(1, WORLD_HEAD);
    struct event_facts f = {.handling = word};
    char object[OBJECT_NAME_MAX];
    struct hash32 id;
    struct err err;

    handling_object(CASE_NAME, object);
    CHECK_OK(live_group_say(g,
                            &(struct group_log_act){.type = "handling.set",
                                                    .object = object,
                                                    .audience = "two",
                                                    .facts = &f,
                                                    .by = &head},
                            &id, &err),
             err);
}

struct told_to { /* alerts, and those that are held or too late, by audience */
    size_t all, two, all_held, two_held, late;
};

static void count_told(void *ctx, struct group_log *l, const struct fold *f)
{
    struct told_to *t = ctx;
    const struct fold_object *o;

    (void)l;
    *t = (struct told_to){0};
    for (size_t i = 0; (o = fold_object_at(f, i)) != NULL; i++) {
        bool all = !strcmp(o->audience, AUDIENCE_ALL);

        if (strncmp(o->object, "alert:", 6) != 0)
            continue;
        *(all ? &t->all : &t->two) += 1;
        *(all ? &t->all_held : &t->two_held) += o->state == ALERT_SOFT_HELD;
        t->late += o->state == ALERT_TOO_LATE;
    }
}

static struct told_to told_in(struct live_group *g)
{
    struct told_to t;

    live_group_read(g, count_told, &t);
    return t;
}

static bool gone_again(void *ctx, const struct live_ledgers_one *one, struct watch_alert *at,
                       struct err *err)
{
    (void)ctx;
    (void)one;
    (void)err;
    at->paid_out = true;
    return true;
}

/* Of "two", with an authority that has the case observed: what is found is told to two alone and
 * held by no machine, and that it went on is no "too late". Left alone, nothing is told. Then it is
 * to be held: told to all, and held. */
static void observed(void **state)
{
    static const char *const words[] = {"observe", "none"};
    const struct timespec pause = {0, 1000000};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const char *home = test_dir();
        struct live_ledgers *ledgers = ledgers_of(0x7f);
        struct live_watch_options options = {.paid = gone_again};
        size_t alerts = i ? 0 : 2;
        struct live_group *g = NULL;
        struct live_watch *x;
        struct told_to t;
        struct world w;
        struct err err;

        test_row("%s", words[i]);
        log_begin();
        world_start(&w);
        node_key_put(home, 0);
        policy_put(home, 1);
        found(home, &w, "fifo");
        own_put(home);
        CHECK_OK(live_group_open(home, log_of_test, &g, &err), err);
        verify(g);
        handle(g, words[i]);
        CHECK_OK(live_watch_open(home, ledgers, g, &options, log_of_test, &x, &err), err);
        wait_found(x, 2);
        wait_said(x, alerts);
        CHECK(live_watch_left_alone(x, CASE_NAME));
        t = told_in(g);
        CHECK_U(t.two, alerts);
        CHECK_U(t.all + t.all_held + t.two_held + t.late, 0);
        live_watch_close(x);
        options.paid = NULL;
        CHECK_OK(live_watch_open(home, ledgers, g, &options, log_of_test, &x, &err), err);
        wait_found(x, 2);
        CHECK_U(told_in(g).all, 0);
        handle(g, "hold");
        for (unsigned k = 0; k < ROUNDS && live_watch_totals(x).holds < 2; k++)
            nanosleep(&pause, NULL);
        CHECK(!live_watch_left_alone(x, CASE_NAME));
        t = told_in(g);
        CHECK_U(t.all, 2);
        CHECK_U(t.all_held, 2);
        CHECK_U(t.two, alerts);
        CHECK_U(t.two_held + t.late, 0);
        live_watch_close(x);
        live_group_close(g);
        live_ledgers_close(ledgers);
        world_end(&w);
        log_end();
    }
}

/* The blocks of the chainlet behind those that are there. */
static void append(const char *dir, unsigned from)
{
    chainlet_append(dir, chainlet()->blocks + from, CHAINLET_BLOCKS - from);
}

/* ---- a node of us, in a group whose charter has these quotas ---- */

struct node_of_us {
    struct world w;
    const char *home, *dir; /* dir: of the ledger */
    struct live_ledgers *ledgers;
    struct live_group *g;
    struct live_watch *x;
};

static live_watch_paid_fn *paid_of_test;

static void node_begin_with(struct node_of_us *n, const char *quotas, unsigned blocks,
                            const char *policy)
{
    struct live_watch_options options = {.paid = paid_of_test};
    struct err err;

    *n = (struct node_of_us){.home = test_dir(), .dir = chainlet_ledger(blocks)};
    n->ledgers = ledgers_in(n->dir);
    log_begin();
    world_start_with(&n->w, quotas);
    node_key_put(n->home, 0);
    put_file(n->home, ".", "group.yaml", policy);
    found(n->home, &n->w, "fifo");
    own_put(n->home);
    CHECK_OK(live_group_open(n->home, log_of_test, &n->g, &err), err);
    CHECK_OK(live_watch_open(n->home, n->ledgers, n->g, &options, log_of_test, &n->x, &err), err);
}

static void node_begin(struct node_of_us *n, const char *quotas, unsigned blocks)
{
    node_begin_with(n, quotas, blocks, "soft_holds: {mode: active, share_ppm_min: 1}\n");
}

static void renew(struct node_of_us *n)
{
    size_t changed;
    struct err err;

    CHECK_OK(live_ledgers_renew(n->ledgers, &changed, &err), err);
}

static void grow(struct node_of_us *n, unsigned from)
{
    append(n->dir, from);
    renew(n);
}

static void node_end(struct node_of_us *n)
{
    live_watch_close(n->x);
    live_group_close(n->g);
    live_ledgers_close(n->ledgers);
    world_end(&n->w);
    log_end();
}

static void act_on_case(struct node_of_us *n, unsigned member, const char *type)
{
    struct signer inv = world_signer(member, WORLD_INV);
    struct hash32 id;
    struct err err;

    CHECK_OK(
        live_group_say(n->g,
                       &(struct group_log_act){
                           .type = type, .object = CASE_NAME, .audience = AUDIENCE_ALL, .by = &inv},
                       &id, &err),
        err);
}

static void wait_holds(struct live_watch *x, uint64_t holds)
{
    const struct timespec pause = {0, 1000000};

    for (unsigned i = 0; i < ROUNDS && live_watch_totals(x).holds < holds; i++)
        nanosleep(&pause, NULL);
    CHECK_U(live_watch_totals(x).holds, holds);
}

/* How many of the soft holds that were said are in force. */
static void count_in_force(void *ctx, struct group_log *l, const struct fold *f)
{
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    const struct alert_book *b = alert_book(a, f);
    size_t *n = ctx;

    (void)l;
    CHECK(b);
    for (size_t i = *n = 0; i < alert_book_n(b); i++)
        *n += !u256_zero(alert_at(b, i, clock_ms()).amount);
    arena_free(a);
}

static size_t in_force(struct live_group *g)
{
    size_t n;

    live_group_read(g, count_in_force, &n);
    return n;
}

/* The charter grants one soft hold on a case that nobody has verified: no second is said, which
 * would be read as none. Once it is verified the other deposit is held, too. */
static void as_many_as_are_granted(void **state)
{
    struct node_of_us n;

    (void)state;
    node_begin(&n, "{\"live_cases\":9,\"soft_unverified\":1}", 0x7f);
    wait_said(n.x, 2);
    wait_holds(n.x, 1);
    CHECK_U(seen_in(n.g).held, 1);
    CHECK_U(in_force(n.g), 1);
    verify(n.g);
    wait_holds(n.x, 2);
    CHECK_U(seen_in(n.g).held, 2);
    CHECK_U(in_force(n.g), 2);
    node_end(&n);
}

/* What a disputed case reaches is told and not held, whatever is granted; verified again, it is. */
static void disputed(void **state)
{
    struct node_of_us n;

    (void)state;
    node_begin(&n, "{\"live_cases\":9,\"soft_unverified\":9}", 0x03);
    act_on_case(&n, 2, "case.dispute");
    grow(&n, 2);
    wait_said(n.x, 2);
    CHECK_U(live_watch_totals(n.x).holds, 0);
    CHECK_U(seen_in(n.g).held, 0);
    verify(n.g);
    wait_holds(n.x, 2);
    CHECK_U(in_force(n.g), 2);
    node_end(&n);
}

/* A member that comes to hold softly holds what it was told of before. */
static void another_policy(void **state)
{
    struct node_of_us n;

    (void)state;
    node_begin_with(&n, "{\"live_cases\":9}", 0x7f, "soft_holds: {mode: off}\n");
    verify(n.g);
    wait_said(n.x, 2);
    CHECK_U(seen_in(n.g).held, 0);
    policy_put(n.home, 600000);
    wait_holds(n.x, 1);
    node_end(&n);
}

/* X's deposit is in block 4, E's in block 5: the one is three blocks deep with block 6, the other
 * is not. */
static void held_once_it_is_deep(void **state)
{
    struct node_of_us n;

    (void)state;
    node_begin_with(&n, "{\"live_cases\":9}", 0x3f,
                    "soft_holds: {mode: active, share_ppm_min: 1, depth_min: 3}\n");
    wait_said(n.x, 2);
    verify(n.g);
    wait_found(n.x, 4); /* once more, since it was verified */
    CHECK_U(seen_in(n.g).held, 0);
    grow(&n, 6);
    wait_holds(n.x, 1);
    CHECK_U(seen_in(n.g).alerts, 2);
    CHECK_U(seen_in(n.g).amounts, 20 + 3);
    node_end(&n);
}

/* How many alerts are in a state. */
struct in_state {
    enum state state;
    size_t n;
};

static void count_state(void *ctx, struct group_log *l, const struct fold *f)
{
    struct in_state *s = ctx;
    const struct fold_object *o;

    (void)l;
    for (size_t i = s->n = 0; (o = fold_object_at(f, i)) != NULL; i++)
        s->n += o->told && o->state == s->state;
}

static size_t in_state(struct live_group *g, enum state state)
{
    struct in_state s = {.state = state};

    live_group_read(g, count_state, &s);
    return s.n;
}

/* ---- quotas, and cases that are one ---- */

/* The charter grants one origin: of two the first of the report counts, E's 3, and X is not reached
 * by it. What is cut short is told and not held. */
static void more_origins_than_granted(void **state)
{
    struct node_of_us n;
    struct text first = text_new(200);
    struct seen s;

    (void)state;
    text_str(&first, "{\"output\":\"");
    text_hex_reversed(&first, chainlet()->t[3].b, 32);
    text_str(&first, ":1\"},");
    case_before = text_string(&first);
    node_begin(&n, "{\"live_cases\":9,\"origins\":1}", 0x7f);
    case_before = "";
    wait_said(n.x, 1);
    verify(n.g);
    wait_found(n.x, 2); /* and once more, since it was verified */
    s = seen_in(n.g);
    CHECK_U(s.alerts, 1);
    CHECK_U(s.amounts, 3);
    CHECK_U(s.held, 0);
    node_end(&n);
    text_free(&first);
}

#define CASE_TWIN "case:00000000000000000000000000000002"

/* kr reports the same theft. */
static void report_twin(struct node_of_us *n, struct hash32 *ret)
{
    struct signer inv = world_signer(1, WORLD_INV);
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    const char *text = case_text("fifo");
    struct report report;
    struct err err;

    CHECK_OK(report_make(a, (struct bytes){(const uint8_t *)text, strlen(text)}, &report, &err),
             err);
    CHECK_OK(live_group_say(n->g,
                            &(struct group_log_act){.type = "case.report",
                                                    .object = CASE_TWIN,
                                                    .audience = AUDIENCE_ALL,
                                                    .retention = "case",
                                                    .body = report.body,
                                                    .by = &inv},
                            ret, &err),
             err);
    arena_free(a);
}

static void sum_in_force(void *ctx, struct group_log *l, const struct fold *f)
{
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    const struct alert_book *b = alert_book(a, f);
    uint64_t *sum = ctx;

    (void)l;
    for (size_t i = *sum = 0; i < alert_book_n(b); i++)
        *sum += alert_at(b, i, clock_ms()).amount.w[0];
    arena_free(a);
}

static uint64_t held_in_all(struct live_group *g)
{
    uint64_t sum;

    live_group_read(g, sum_in_force, &sum);
    return sum;
}

static void wait_followed(struct node_of_us *n, size_t cases)
{
    const struct timespec pause = {0, 1000000};
    struct live_watch_one one = {.counts = {.followed = SIZE_MAX}};

    for (unsigned i = 0; i < ROUNDS && one.counts.followed != cases; i++) {
        nanosleep(&pause, NULL);
        (void)live_watch_all(n->x, &one, 1);
    }
    CHECK_U(one.counts.followed, cases);
}

/* us reports a theft, and kr the same. Both are verified, and followed; each deposit has an alert
 * of each, and no more is held than came. us merges its case into kr's: one is followed, the alerts
 * of the other stand while kr's case does. kr retracts: nothing is held. */
static void merged(void **state)
{
    struct signer inv = world_signer(0, WORLD_INV);
    struct node_of_us n;
    struct hash32 twin, id;
    struct err err;

    (void)state;
    node_begin(&n, "{\"live_cases\":9}", 0x7f);
    verify(n.g);
    wait_holds(n.x, 2);
    report_twin(&n, &twin);
    CHECK_OK(live_group_say(n.g,
                            &(struct group_log_act){.type = "case.verify",
                                                    .object = CASE_TWIN,
                                                    .audience = AUDIENCE_ALL,
                                                    .by = &inv,
                                                    .after = &twin,
                                                    .after_n = 1},
                            &id, &err),
             err);
    wait_holds(n.x, 4);
    wait_followed(&n, 2);
    CHECK_U(in_force(n.g), 3);              /* of E's 3 the first has all */
    CHECK_U(held_in_all(n.g), 20 + 20 + 3); /* 20 of X's 40 each */
    CHECK_OK(live_group_say(n.g,
                            &(struct group_log_act){.type = "case.merge",
                                                    .object = CASE_NAME,
                                                    .into = CASE_TWIN,
                                                    .audience = AUDIENCE_ALL,
                                                    .by = &inv},
                            &id, &err),
             err);
    wait_followed(&n, 1);
    CHECK_U(in_force(n.g), 3);
    CHECK_U(held_in_all(n.g), 20 + 20 + 3);
    inv = world_signer(1, WORLD_INV);
    CHECK_OK(live_group_say(n.g,
                            &(struct group_log_act){.type = "case.retract",
                                                    .object = CASE_TWIN,
                                                    .audience = AUDIENCE_ALL,
                                                    .by = &inv},
                            &id, &err),
             err);
    CHECK_U(held_in_all(n.g), 0); /* at once: it is worked out when it is asked for */
    wait_followed(&n, 0);
    node_end(&n);
}

/* ---- too late ---- */

/* customer-1 was paid out. */
static bool paid_out(void *ctx, const struct live_ledgers_one *one, struct watch_alert *at,
                     struct err *err)
{
    (void)ctx;
    (void)err;
    CHECK(one->coins && one->chain == chainlet_chain());
    at->paid_out = !strcmp(at->account, "customer-1");
    if (at->paid_out)
        snprintf(at->paid[0], sizeof(at->paid[0]), "%064d:0", 7);
    return true;
}

static void read_paid(void *ctx, struct group_log *l, const struct fold *f)
{
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    const struct fold_object *o;
    struct alert_body b;
    char *to = ctx;
    struct err err;

    for (size_t i = 0; (o = fold_object_at(f, i)) != NULL; i++)
        if (o->told && o->state == ALERT_TOO_LATE) {
            CHECK_OK(alert_paid_out(l, a, o, &b, &err), err);
            CHECK_U(b.withdrawals_n, 1);
            snprintf(to, 100, "%s", b.withdrawals[0]);
        }
    arena_free(a);
}

/* X's account was paid out before: it is told, and that it is too late, and is not held; what paid
 * it out is kept at home. E's is held. */
static void too_late(void **state)
{
    struct node_of_us n;
    char paid[100] = "", want[100];

    (void)state;
    paid_of_test = paid_out;
    node_begin(&n, "{\"live_cases\":9}", 0x7f);
    paid_of_test = NULL;
    verify(n.g);
    wait_holds(n.x, 1);
    wait_said(n.x, 2);
    CHECK_U(in_state(n.g, ALERT_TOO_LATE), 1);
    CHECK_U(in_state(n.g, ALERT_SOFT_HELD), 1);
    CHECK_U(live_watch_totals(n.x).late, 1);
    live_group_read(n.g, read_paid, paid);
    snprintf(want, sizeof(want), "%064d:0", 7);
    CHECK_S(paid, want);
    node_end(&n);
}

/* kr's alert, of whatever deposit; it was too late, and kr's officer tells "two" that C's 9 in t2
 * are where it went. */
static void disclose(struct node_of_us *n)
{
    struct signer node = world_signer(1, WORLD_NODE), desk = world_signer(1, WORLD_DESK);
    struct alert_key k = {
        .case_object = CASE_NAME, .chain = "bip122:0", .output = "aa:0", .member = "kr"};
    struct event_facts told = {.asset = "BTC",
                               .case_object = CASE_NAME,
                               .holder = "kr",
                               .policy = "fifo",
                               .amount = u256_of(9),
                               .received = u256_of(9),
                               .deposit = alert_deposit(&k)};
    struct event_facts basis = {.basis = "le-request"};
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct text out = text_new(200);
    struct alert_body b = {.withdrawals_n = 1};
    struct group_log_act act = {.type = "alert.detect", .audience = AUDIENCE_ALL, .by = &node};
    char name[OBJECT_NAME_MAX];
    const char *where;
    struct hash32 id;
    struct err err;

    text_hex_reversed(&out, chainlet()->t[2].b, 32);
    text_str(&out, ":1");
    where = text_string(&out);
    b.withdrawals = &where;
    alert_object(&k, name);
    act.object = name;
    act.facts = &told;
    CHECK_OK(live_group_say(n->g, &act, &id, &err), err);
    act.type = "alert.too-late";
    act.facts = NULL;
    CHECK_OK(live_group_say(n->g, &act, &id, &err), err);
    act.type = "alert.disclose";
    act.audience = "two";
    act.by = &desk;
    act.facts = &basis;
    act.retention = "case";
    CHECK_OK(alert_body_make(a, &b, &act.body, &err), err);
    CHECK_OK(live_group_say(n->g, &act, &id, &err), err);
    text_free(&out);
    arena_free(a);
}

struct heard { /* events that somebody may see */
    size_t alerts, events, two;
};

static void hear(void *ctx, struct group_log *l, const struct fold *f)
{
    struct heard *h = ctx;
    const struct fold_event *e;

    (void)l;
    *h = (struct heard){0};
    for (size_t i = 0; (e = fold_event_at(f, i)) != NULL; i++) {
        h->events++;
        h->two += !strcmp(e->e.audience, "two");
        h->alerts += !strcmp(e->e.type, "alert.detect") && !strcmp(e->e.audience, AUDIENCE_ALL);
    }
}

/* The trace of all ends at A, an exchange: neither X nor E is reached. From the withdrawal that kr
 * discloses to "two", us finds E's 3, and tells "two" alone; X was not paid from there. */
static void disclosed(void **state)
{
    struct node_of_us n;
    struct heard h;
    char stops[300];

    (void)state;
    snprintf(stops, sizeof(stops),
             ",\"stops\":[{\"address\":\"%s\",\"name\":\"kr\",\"category\":\"exchange\"}]",
             chainlet_address('A'));
    case_more = stops;
    node_begin(&n, "{\"live_cases\":9}", 0x7f);
    case_more = "";
    verify(n.g);
    disclose(&n);
    wait_said(n.x, 1);
    wait_holds(n.x, 1);
    live_group_read(n.g, hear, &h);
    CHECK_U(h.alerts, 1);  /* kr's */
    CHECK_U(h.two, 1 + 2); /* disclosed, found, held */
    node_end(&n);
}

/* ---- early warnings ---- */

static void wait_warned(struct live_watch *x, uint64_t warned, size_t now)
{
    const struct timespec pause = {0, 1000000};
    struct early_counts c = {0};

    for (unsigned i = 0; i < ROUNDS && (c.warned != warned || c.now != now); i++) {
        nanosleep(&pause, NULL);
        c = early_counts(live_watch_early(x));
    }
    CHECK_U(c.warned, warned);
    CHECK_U(c.now, now);
}

static void is_warned(const struct early_warning *w, unsigned t, uint64_t amount, uint64_t tainted,
                      const char *account)
{
    CHECK(hash32_equal(&w->txid, &chainlet()->t[t]));
    CHECK(!strncmp(w->case_id, CASE_NAME " ", strlen(CASE_NAME) + 1));
    CHECK(w->arrives);
    CHECK_U(w->amount.w[0], amount);
    CHECK_U(w->amount_tainted_max.w[0], tainted);
    CHECK_S(w->account, account);
}

/* A's 30 are held at block 3. t2 spends them and pays X, t3 spends what t2 pays C and pays E,
 * before either is in a block: 30 of X's 40 may be tainted, and all of E's 3 (it turns out to be 20
 * and 3). What is cut short, of another chain, in a block, or known is nothing. No event is said,
 * and with their blocks the warnings are over. */
static void early(void **state)
{
    struct node_of_us n;
    struct early_warning w[4];
    struct bytes t2 = chainlet_tx(2);

    (void)state;
    node_begin(&n, "{\"live_cases\":9}", 0x0f);
    wait_followed(&n, 1);
    for (size_t i = 0; i < t2.n; i++)
        live_watch_tx(n.x, chainlet_chain(), (struct bytes){t2.p, i});
    live_watch_tx(n.x, chain_by_name("bitcoin"), t2);
    live_watch_tx(n.x, chainlet_chain(), chainlet_tx(1));
    live_watch_tx(n.x, chainlet_chain(), t2);
    live_watch_tx(n.x, chainlet_chain(), chainlet_tx(3));
    live_watch_tx(n.x, chainlet_chain(), t2);
    wait_warned(n.x, 2, 2);
    CHECK_U(early_all(live_watch_early(n.x), 0, w, 4), 2);
    is_warned(&w[0], 2, 40, 30, "customer-1");
    is_warned(&w[1], 3, 3, 3, "customer-2");
    CHECK_U(early_all(live_watch_early(n.x), w[0].number, w, 4), 1);
    CHECK_U(seen_in(n.g).alerts, 0);
    grow(&n, 4);
    wait_said(n.x, 2);
    live_watch_tx(n.x, chainlet_chain(), t2); /* a node tells those of a new block, too */
    wait_warned(n.x, 2, 0);
    node_end(&n);
}

/* The same of a case that goes from ledger to ledger: A's 30 of the theft are held at block 3, and
 * t2 spends them. Once its block is there the warning is over, and X holds 20 of them. */
static void early_of_crossing(void **state)
{
    char *dir = chainlet_ledger(0x0f);
    char txid[65], text[300];
    struct watch_crossing_ledger at = {.own = NULL};
    struct early *e = early_new();
    struct early_watch who = {.coins = NULL};
    struct watch_crossing *w;
    struct early_warning got[2];
    struct crossing_hold held[2];
    struct ledger *l;
    uint64_t paid;
    struct err err;

    (void)state;
    CHECK(e);
    for (size_t i = 0; i < 32; i++)
        snprintf(txid + 2 * i, 3, "%02x", chainlet()->t[1].b[31 - i]);
    snprintf(text, sizeof(text),
             "{\"id\":\"c\",\"chain\":\"%s\",\"origins\":[{\"output\":\"%s:0\"}]}",
             chainlet_chain()->name, txid);
    CHECK_OK(ledger_open(dir, &l, &err), err);
    CHECK_OK(watch_crossing_new(0, &w, &err), err);
    CHECK_OK(watch_crossing_case(w, "c", (struct bytes){(const uint8_t *)text, strlen(text)}, &err),
             err);
    watch_crossing_wake(w, "c");
    at.ledger.coins = l;
    CHECK_OK(watch_crossing_turn(w, &at, 1, NULL, NULL, &err), err);
    who.crossing = w;
    early_take(e, chainlet_chain(), chainlet_tx(2));
    CHECK(early_turn(e, &who, l, 1));
    CHECK_U(early_all(e, 0, got, 2), 1);
    CHECK_S(got[0].case_id, "c");
    CHECK(!got[0].arrives && hash32_equal(&got[0].txid, &chainlet()->t[2]));
    CHECK_U(got[0].tainted_max.w[0], 30);
    ledger_close(l);
    chainlet_append(dir, &chainlet()->blocks[4], 1);
    CHECK_OK(ledger_open(dir, &l, &err), err);
    at.ledger.coins = l;
    CHECK_OK(watch_crossing_turn(w, &at, 1, NULL, NULL, &err), err);
    CHECK_U(watch_crossing_traces(w), 1);
    early_take(e, chainlet_chain(), chainlet_tx(3));
    CHECK(early_turn(e, &who, l, 2)); /* C's 9 are tainted */
    CHECK_U(early_all(e, 0, got, 2), 1);
    CHECK(hash32_equal(&got[0].txid, &chainlet()->t[3]));
    CHECK_U(got[0].tainted_max.w[0], 9);
    paid = coins_outputs(ledger_coins(l), ledger_find_tx(l, &chainlet()->t[2])).first;
    CHECK_U(watch_crossing_tainted(w, chainlet_chain(), paid, held, 2), 1);
    CHECK_U(held[0].taint.w[0], 20);
    watch_crossing_free(w);
    early_free(e);
    ledger_close(l);
}

/* More than there is room for is dropped, and counted; so is what is too long. */
static void too_many_early(void **state)
{
    struct early *e = early_new();
    uint8_t *big = calloc(1, EARLY_TX_BYTES_MAX + 1);
    struct early_counts c;

    (void)state;
    CHECK(e && big);
    early_take(e, chainlet_chain(), (struct bytes){big, EARLY_TX_BYTES_MAX + 1});
    for (unsigned i = 0; i < EARLY_WAITING_MAX + 5; i++)
        early_take(e, chainlet_chain(), chainlet_tx(2));
    c = early_counts(e);
    CHECK_U(c.seen, EARLY_WAITING_MAX + 6);
    CHECK_U(c.dropped, 6);
    early_free(e);
    e = early_new();
    for (unsigned i = 0; i < 100; i++) /* by bytes, too */
        early_take(e, chainlet_chain(), (struct bytes){big, EARLY_TX_BYTES_MAX});
    c = early_counts(e);
    CHECK_U(c.seen - c.dropped, EARLY_WAITING_BYTES_MAX / EARLY_TX_BYTES_MAX);
    early_free(e);
    free(big);
}

/* ---- a deposit leaves the chain ---- */

/* The node is started anew over a ledger of the chainlet's first 4 blocks and another branch, in
 * whose blocks from 4 on these transactions are. */
static void start_over(struct node_of_us *n, struct bytes *branch, const unsigned *txs,
                       size_t txs_n)
{
    struct live_watch_options options = {0};
    struct err err;

    live_watch_close(n->x);
    live_ledgers_close(n->ledgers);
    n->dir = chainlet_ledger(0x0f);
    branch[3] = chainlet()->blocks[3];
    for (unsigned i = 0; i < txs_n; i++)
        branch[4 + i] = chainlet_block(4 + i, branch[3 + i], txs[i]);
    if (txs_n)
        chainlet_append(n->dir, branch + 4, txs_n);
    n->ledgers = ledgers_in(n->dir);
    CHECK_OK(live_watch_open(n->home, n->ledgers, n->g, &options, log_of_test, &n->x, &err), err);
}

/* Further blocks of that branch. */
static void branch_on(struct node_of_us *n, struct bytes *branch, unsigned from, unsigned to,
                      unsigned tx)
{
    for (unsigned i = from; i <= to; i++)
        branch[i] = chainlet_block(i, branch[i - 1], tx);
    chainlet_append(n->dir, branch + from, to - from + 1);
    renew(n);
}

static void wait_gone(struct live_watch *x, uint64_t gone, uint64_t voided)
{
    const struct timespec pause = {0, 1000000};
    struct undone_counts is = {.gone = SIZE_MAX};

    for (unsigned i = 0; i < ROUNDS && (is.gone != gone || is.voided != voided); i++) {
        nanosleep(&pause, NULL);
        is = live_watch_totals(x).undone;
    }
    CHECK_U(is.gone, gone);
    CHECK_U(is.voided, voided);
}

/* Blocks 4 to 6 are undone. In the new branch, X's deposit is in block 5, E's in none: seen gone at
 * block 6, void at 12. In block 13 it is there after all, and told anew, and held. */
static void a_reorganisation(void **state)
{
    static const unsigned txs[] = {0, 2, 0};
    struct bytes branch[16];
    struct node_of_us n;

    (void)state;
    node_begin(&n, "{\"live_cases\":9}", 0x7f);
    verify(n.g);
    wait_holds(n.x, 2);
    start_over(&n, branch, txs, 3);
    wait_gone(n.x, 1, 0);
    CHECK_U(in_state(n.g, ALERT_SOFT_HELD), 2); /* it is held still */
    branch_on(&n, branch, 7, 11, 0);
    wait_gone(n.x, 1, 0);
    branch_on(&n, branch, 12, 12, 0);
    wait_gone(n.x, 0, 1);
    CHECK_U(in_state(n.g, ALERT_SOFT_HELD), 1);
    CHECK_U(in_state(n.g, ALERT_VOID), 1);
    CHECK_U(in_force(n.g), 1);
    CHECK_U(live_watch_totals(n.x).alerts, 0); /* X's, found again, is the same */
    branch_on(&n, branch, 13, 13, 3);
    wait_holds(n.x, 1);
    CHECK_U(live_watch_totals(n.x).alerts, 1);
    CHECK_U(in_state(n.g, ALERT_SOFT_HELD), 2);
    CHECK_U(seen_in(n.g).alerts, 2);
    node_end(&n);
}

/* It is back before the wait is over: nothing is said. */
static void a_deposit_comes_back(void **state)
{
    static const unsigned txs[] = {2, 0, 0};
    struct bytes branch[16];
    struct node_of_us n;

    (void)state;
    node_begin(&n, "{\"live_cases\":9}", 0x7f);
    verify(n.g);
    wait_holds(n.x, 2);
    start_over(&n, branch, txs, 3);
    wait_gone(n.x, 1, 0);
    branch_on(&n, branch, 7, 7, 3);
    wait_gone(n.x, 0, 0);
    branch_on(&n, branch, 8, 14, 0);
    wait_found(n.x, 2);
    wait_gone(n.x, 0, 0);
    CHECK_U(live_watch_totals(n.x).alerts, 0);
    CHECK_U(in_state(n.g, ALERT_SOFT_HELD), 2);
    CHECK_U(in_force(n.g), 2);
    node_end(&n);
}

/* The blocks of both deposits are undone, and of their heights there are no others yet: where they
 * are is not known. In what comes they are not. */
static void a_branch_comes_later(void **state)
{
    const struct timespec pause = {0, 1000000};
    struct bytes branch[16];
    struct node_of_us n;

    (void)state;
    node_begin(&n, "{\"live_cases\":9}", 0x7f);
    verify(n.g);
    wait_holds(n.x, 2);
    start_over(&n, branch, NULL, 0);
    for (unsigned i = 0; i < ROUNDS && live_watch_totals(n.x).undone.deposits < 2; i++)
        nanosleep(&pause, NULL);
    CHECK_U(live_watch_totals(n.x).undone.deposits, 2);
    wait_gone(n.x, 0, 0);
    branch_on(&n, branch, 4, 6, 0);
    wait_gone(n.x, 2, 0);
    branch_on(&n, branch, 7, 12, 0);
    wait_gone(n.x, 0, 2);
    CHECK_U(in_state(n.g, ALERT_VOID), 2);
    node_end(&n);
}

/* It is retracted: nothing is followed any more. */
static void retracted(void **state)
{
    const struct timespec pause = {0, 1000000};
    const char *home = test_dir();
    struct live_ledgers *ledgers = ledgers_of(0x7f);
    struct signer inv = world_signer(0, WORLD_INV);
    struct live_group *g = NULL;
    struct live_watch_one one = {.failed = false};
    struct live_watch *x;
    struct world w;
    struct hash32 id;
    struct err err;

    (void)state;
    log_begin();
    world_start(&w);
    node_key_put(home, 0);
    found(home, &w, "fifo");
    CHECK_OK(live_group_open(home, log_of_test, &g, &err), err);
    CHECK_OK(live_watch_open(home, ledgers, g, &(struct live_watch_options){.self_ms = 0},
                             log_of_test, &x, &err),
             err);
    for (unsigned i = 0; i < ROUNDS && one.counts.followed != 1; i++) {
        nanosleep(&pause, NULL);
        (void)live_watch_all(x, &one, 1);
    }
    CHECK_U(one.counts.followed, 1);
    CHECK_OK(live_group_say(g,
                            &(struct group_log_act){.type = "case.retract",
                                                    .object = CASE_NAME,
                                                    .audience = AUDIENCE_ALL,
                                                    .by = &inv},
                            &id, &err),
             err);
    for (unsigned i = 0; i < ROUNDS && one.counts.followed; i++) {
        nanosleep(&pause, NULL);
        (void)live_watch_all(x, &one, 1);
    }
    CHECK_U(one.counts.followed, 0);
    live_watch_close(x);
    live_group_close(g);
    live_ledgers_close(ledgers);
    world_end(&w);
    log_end();
}

/* ---- self-watch ---- */

struct known {
    atomic_uint asked;
    char tx[65];
};

/* t1 is a registered withdrawal. */
static bool is_known(void *ctx, const char *tx, const struct outflow *o, bool *ret, struct err *err)
{
    struct known *k = ctx;
    struct text id = text_new(100);

    (void)o;
    (void)err;
    text_hex_reversed(&id, chainlet()->t[1].b, 32);
    *ret = !strcmp(text_string(&id), tx);
    if (!*ret)
        snprintf(k->tx, sizeof(k->tx), "%s", tx);
    text_free(&id);
    atomic_fetch_add(&k->asked, 1);
    return true;
}

/* V is a hot wallet, A a cold one. t1 pays V's 50 to A and B: known. t2 spends A's 30 with W's 20
 * and pays X and C: nobody has registered that. t4 pays A, and is none of ours. */
static void an_outflow_is_drafted(void **state)
{
    const struct timespec pause = {0, 1000000};
    char *dir = chainlet_ledger(0x07);
    const char *dirs[] = {dir}, *home = test_dir();
    struct known known = {.asked = 0};
    struct live_watch_options options = {.self_ms = 1, .known = is_known, .known_ctx = &known};
    struct live_ledgers *ledgers = NULL;
    struct live_watch *x;
    char text[300], path[4300], draft[1024] = "";
    size_t changed;
    FILE *f;
    struct err err;

    (void)state;
    log_begin();
    snprintf(text, sizeof(text), "%s role=hot\n%s role=cold\n", chainlet_address('V'),
             chainlet_address('A'));
    put_file(home, "own", "own.txt", text);
    CHECK_OK(live_ledgers_open(dirs, 1, &ledgers, &err), err);
    CHECK_OK(live_watch_open(home, ledgers, NULL, &options, log_of_test, &x, &err), err);
    for (unsigned i = 0; i < ROUNDS && !live_watch_totals(x).turns; i++)
        nanosleep(&pause, NULL);
    append(dir, 3);
    CHECK_OK(live_ledgers_renew(ledgers, &changed, &err), err);
    for (unsigned i = 0; i < ROUNDS && atomic_load(&known.asked) < 2; i++)
        nanosleep(&pause, NULL);
    for (unsigned i = 0; i < ROUNDS && !live_watch_totals(x).self.drafts; i++)
        nanosleep(&pause, NULL);
    CHECK_U(live_watch_totals(x).self.outflows, 2);
    CHECK_U(live_watch_totals(x).self.drafts, 1);
    live_watch_close(x);
    snprintf(path, sizeof(path), "%s/" DRAFTS_FOLDER "/SELF-%s.json", home, known.tx);
    f = fopen(path, "r");
    CHECK(f);
    CHECK(fread(draft, 1, sizeof(draft) - 1, f) > 0);
    fclose(f);
    snprintf(text, sizeof(text), "\"%s:0\"", known.tx);
    CHECK(strstr(draft, text)); /* X */
    snprintf(text, sizeof(text), "\"%s:1\"", known.tx);
    CHECK(strstr(draft, text)); /* C */
    live_ledgers_close(ledgers);
    log_end();
}

/* ---- without memory ---- */

struct whole { /* what a watch knows that wants nothing */
    struct screen_cases_counts told;
    struct watch_counts counts;
    uint64_t early_ms, found;
    size_t deposits; /* that are looked at, lest they are undone */
};

static struct whole whole_of(struct live_watch *x, struct screen_cases *told)
{
    struct whole w = {.told = screen_cases_counts(told),
                      .early_ms = live_watch_early_ms(x),
                      .found = live_watch_totals(x).found,
                      .deposits = live_watch_totals(x).undone.deposits};
    struct live_watch_one one;

    CHECK_U(live_watch_all(x, &one, 1), 1);
    CHECK(!one.failed);
    w.counts = one.counts;
    CHECK(!screen_cases_busy(told));
    return w;
}

/* A turn in which the files of the home are looked at, and what is to be tried again is. */
static void turn_again(struct live_watch *x)
{
    uint64_t *const due[] = {&x->home_again_ms, &x->cases_again_ms, &x->crossing_again_ms,
                             &x->again_ms,      &x->say_again_ms,   &x->places[0].again_ms};

    x->turns = 20;
    for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++)
        if (*due[i])
            *due[i] = 1;
    live_watch_look(x);
}

static void is_whole(struct live_watch *x, struct screen_cases *told, const struct whole *right)
{
    struct whole w = whole_of(x, told);

    CHECK_U(w.told.cases, right->told.cases);
    CHECK_U(w.told.counted, right->told.counted);
    CHECK_U(w.told.moves, right->told.moves);
    CHECK_U(w.counts.blocks, right->counts.blocks);
    CHECK_U(w.counts.cases, right->counts.cases);
    CHECK_U(w.counts.followed, right->counts.followed);
    CHECK_U(w.counts.held, right->counts.held);
    CHECK_U(w.counts.own, right->counts.own);
    CHECK_U(w.early_ms, right->early_ms);
    CHECK_U(w.deposits, right->deposits);
    CHECK(w.found >= right->found); /* some are found again where all is looked at once more */
    CHECK_U(live_watch_totals(x).lost, 0);
}

/* A turn without memory: screening says that cases are missing, or has all of them; and once there
 * is memory again nothing is missing, though nothing else has changed. */
static bool turn_without(struct node_of_us *n, void (*how)(int64_t), int64_t nth,
                         const struct whole *right)
{
    struct screen_cases *told = screen_cases_new(true);
    struct live_watch_options options = {.cases = told};
    struct live_ledgers_view *v = live_ledgers_take(n->ledgers);
    const struct trace_ledger at = {.coins = live_ledgers_at(v, 0).coins};
    struct live_watch *x = NULL;
    bool hit, ok;
    struct err err;

    CHECK(told);
    how(nth);
    ok = live_watch_new(n->home, n->ledgers, n->g, &options, log_of_test, &x, &err);
    if (ok)
        live_watch_look(x);
    hit = mem_fail_hit();
    mem_fail_from(-1);
    CHECK(ok || err.class == ERR_NOMEM);
    CHECK(screen_cases_counts(told).cases <= right->told.cases); /* nothing that is observed */
    if (ok && screen_cases_lack(told, &at) == CASES_ALL) {
        struct screen_cases_counts now = screen_cases_counts(told);

        CHECK_U(now.cases, right->told.cases);
        CHECK_U(now.counted, right->told.counted);
        CHECK_U(now.moves, right->told.moves);
    }
    for (unsigned i = 0; ok && i < 3; i++)
        turn_again(x);
    if (ok) {
        CHECK_U(screen_cases_lack(told, &at), CASES_ALL);
        is_whole(x, told, right);
    }
    live_ledgers_drop(n->ledgers, v);
    live_watch_close(x);
    screen_cases_free(told);
    return hit;
}

static void fail_all(struct node_of_us *n, const char *name, const struct whole *right)
{
    static void (*const fails[])(int64_t) = {mem_fail_from, mem_fail_at};

    for (size_t f = 0; f < sizeof(fails) / sizeof(fails[0]); f++)
        for (int64_t i = 0; i >= 0; i++) {
            test_row("%s: allocation %lld %s", name, (long long)i,
                     f ? "alone" : "and all after it");
            if (!turn_without(n, fails[f], i, right))
                break;
        }
}

/* Of a watch that begins, and wants nothing. */
static struct whole right_of(struct node_of_us *n)
{
    struct screen_cases *told = screen_cases_new(true);
    struct live_watch_options options = {.cases = told};
    struct whole right;
    struct err err;

    CHECK_OK(live_watch_new(n->home, n->ledgers, n->g, &options, log_of_test, &n->x, &err), err);
    for (unsigned i = 0; i < 3; i++)
        live_watch_look(n->x);
    right = whole_of(n->x, told);
    n->x = live_watch_close(n->x);
    screen_cases_free(told);
    return right;
}

static void without_memory(void **state)
{
    struct node_of_us n;
    struct whole right;

    (void)state;
    node_begin_with(&n, "{\"live_cases\":9}", 0x7f,
                    "soft_holds: {mode: active, share_ppm_min: 1}\n"
                    "early: {mode: active, minutes: 7}\n");
    put_file(n.home, "cases", "theft.json", case_text("poison"));
    verify(n.g);
    disclose(&n);
    wait_said(n.x, 3);
    n.x = live_watch_close(n.x);
    right = right_of(&n);
    CHECK_U(right.told.cases, 1);
    CHECK_U(right.told.counted, 1);
    CHECK_U(right.counts.cases, 3);
    CHECK_U(right.counts.own, 2);
    CHECK_U(right.early_ms, 7 * 60000);
    CHECK_U(right.deposits, 3);
    fail_all(&n, "told", &right);
    handle(n.g, "observe");
    right = right_of(&n);
    CHECK_U(right.told.cases, 0);
    fail_all(&n, "observed", &right);
    node_end(&n);
}

/* Of two transactions in no block each is warned of, or counted as dropped; the second spends what
 * the first pays. */
static bool early_without(struct node_of_us *n, void (*how)(int64_t), int64_t nth)
{
    struct live_watch_options options = {0};
    struct early_warning w[4];
    struct early_counts counts;
    struct live_watch *x;
    struct err err;
    size_t all;
    bool hit;

    CHECK_OK(live_watch_new(n->home, n->ledgers, n->g, &options, log_of_test, &x, &err), err);
    live_watch_look(x);
    how(nth);
    live_watch_tx(x, chainlet_chain(), chainlet_tx(2));
    live_watch_tx(x, chainlet_chain(), chainlet_tx(3));
    live_watch_look(x);
    hit = mem_fail_hit();
    mem_fail_from(-1);
    turn_again(x);
    counts = early_counts(live_watch_early(x));
    CHECK_U(counts.seen, 2);
    CHECK(hit || !counts.dropped);
    all = early_all(live_watch_early(x), 0, w, 4);
    CHECK(counts.dropped || all == 2);
    for (size_t i = 0; i < all; i++)
        if (hash32_equal(&w[i].txid, &chainlet()->t[2]))
            is_warned(&w[i], 2, 40, 30, "customer-1");
        else if (!counts.dropped)
            is_warned(&w[i], 3, 3, 3, "customer-2");
    live_watch_close(x);
    return hit;
}

static void early_without_memory(void **state)
{
    static void (*const fails[])(int64_t) = {mem_fail_from, mem_fail_at};
    struct node_of_us n;

    (void)state;
    node_begin(&n, "{\"live_cases\":9}", 0x0f);
    n.x = live_watch_close(n.x);
    for (size_t f = 0; f < sizeof(fails) / sizeof(fails[0]); f++)
        for (int64_t i = 0; i >= 0; i++) {
            test_row("allocation %lld %s", (long long)i, f ? "alone" : "and all after it");
            if (!early_without(&n, fails[f], i))
                break;
        }
    node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_the_home),
        cmocka_unit_test(of_the_group),
        cmocka_unit_test(verified_later),
        cmocka_unit_test(observed),
        cmocka_unit_test(retracted),
        cmocka_unit_test(as_many_as_are_granted),
        cmocka_unit_test(disputed),
        cmocka_unit_test(another_policy),
        cmocka_unit_test(held_once_it_is_deep),
        cmocka_unit_test(more_origins_than_granted),
        cmocka_unit_test(merged),
        cmocka_unit_test(early),
        cmocka_unit_test(early_of_crossing),
        cmocka_unit_test(too_many_early),
        cmocka_unit_test(too_late),
        cmocka_unit_test(disclosed),
        cmocka_unit_test(a_reorganisation),
        cmocka_unit_test(a_deposit_comes_back),
        cmocka_unit_test(a_branch_comes_later),
        cmocka_unit_test(an_outflow_is_drafted),
        cmocka_unit_test(without_memory),
        cmocka_unit_test(early_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
