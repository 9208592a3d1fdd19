/* The log that a running node keeps open: others write to the same home, readers read while it is
 * written, and what fails leaves nothing behind. */
#include "serve/live_group.h"

#include "../group/world.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CASE_OF "case:%032x"
#define SAID 60

static struct log *quiet(void)
{
    struct log *log = NULL;
    struct err err;

    CHECK_OK(log_open(STDERR_FILENO, false, &log, &err), err);
    return log;
}

static struct test_random numbers = {99};
static const struct group_random drawn = {world_fill, &numbers};

/* ---- homes ---- */

static void node_key_put(const char *home, unsigned member)
{
    struct signer s = world_signer(member, WORLD_NODE);
    struct text t = text_new(4096);
    char path[4096];

    snprintf(path, sizeof(path), "%s/" KEYS_FOLDER, home);
    CHECK(!mkdir(path, 0700));
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

/* The group is founded in the home by whoever has all keys. */
static void found(const char *home, const struct world *w)
{
    struct group_log_act act = {.audience = AUDIENCE_ALL, .charter = &w->group, .now_ms = 1};
    struct signer heads[] = {world_signer(0, WORLD_HEAD), world_signer(1, WORLD_HEAD)};
    struct group_log *l = NULL;
    struct hash32 proposed, id;
    struct err err;

    CHECK_OK(group_log_open(home, STORE_WRITE, &drawn, &l, &err), err);
    CHECK_OK(group_log_join(l, &w->group, &err), err);
    act.object = world_object((struct world *)w, &w->group);
    act.author = "us";
    act.by = &heads[0];
    act.type = "charter.propose";
    act.retention = "keep";
    act.body = w->charter.text;
    CHECK_OK(group_log_say(l, &act, &proposed, &err), err);
    act.type = "charter.sign";
    act.retention = NULL;
    act.after = &proposed;
    act.after_n = 1;
    CHECK_OK(group_log_say(l, &act, &id, &err), err);
    act.author = "kr";
    act.by = &heads[1];
    CHECK_OK(group_log_say(l, &act, &id, &err), err);
    CHECK_OK(group_log_commit(l, &err), err);
    group_log_close(l);
}

static struct live_group *opened(const char *home, struct log *log)
{
    struct live_group *g = NULL;
    struct err err;

    CHECK_OK(live_group_open(home, log, &g, &err), err);
    return g;
}

static bool report(struct live_group *g, unsigned number, struct err *err)
{
    struct signer by = world_signer(0, WORLD_INV);
    char object[64];
    struct hash32 id;

    snprintf(object, sizeof(object), CASE_OF, number);
    return live_group_say(g,
                          &(struct group_log_act){.type = "case.report",
                                                  .object = object,
                                                  .audience = AUDIENCE_ALL,
                                                  .retention = "case",
                                                  .body = {(const uint8_t *)"{}", 2},
                                                  .by = &by},
                          &id, err);
}

static bool verify_by(struct live_group *g, unsigned member, unsigned number, struct err *err);

/* ---- what readers see ---- */

struct seen {
    size_t events, rows, bodies;
    bool any, group, bad;
    char state[32];
    unsigned number;
    struct hash32 revision;
};

static void look(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct seen *s = ctx;
    const struct fold_object *o;
    char object[64];

    s->any = l != NULL;
    s->group = fold != NULL;
    s->state[0] = 0;
    if (!fold)
        return;
    s->events = fold_events_n(fold);
    s->rows = group_log_rows(l);
    snprintf(object, sizeof(object), CASE_OF, s->number);
    o = fold_object(fold, object, AUDIENCE_ALL);
    if (o) {
        snprintf(s->state, sizeof(s->state), "%s", state_name(o->state));
        s->revision = o->revision;
    }
}

static struct seen seen_in(struct live_group *g, unsigned number)
{
    struct seen s = {.number = number};

    live_group_read(g, look, &s);
    return s;
}

static bool verify_by(struct live_group *g, unsigned member, unsigned number, struct err *err)
{
    struct signer by = world_signer(member, WORLD_INV);
    struct seen s = seen_in(g, number);
    char object[64];
    struct hash32 id;

    snprintf(object, sizeof(object), CASE_OF, number);
    return live_group_say(g,
                          &(struct group_log_act){.type = "case.verify",
                                                  .object = object,
                                                  .audience = AUDIENCE_ALL,
                                                  .after = &s.revision,
                                                  .after_n = 1,
                                                  .by = &by},
                          &id, err);
}

static void heard(void *ctx, uint64_t version)
{
    atomic_store((_Atomic(uint64_t) *)ctx, version);
}

/* ---- tests ---- */

static void a_home_gets_its_group_later(void **state)
{
    const char *home = test_dir();
    struct log *log = quiet();
    struct live_group *g = opened(home, log);
    _Atomic(uint64_t) told = 0;
    struct world w;
    struct err err;

    (void)state;
    world_start(&w);
    CHECK_OK(live_group_listen(g, heard, &told, &err), err);
    CHECK(!seen_in(g, 1).any);
    CHECK(!report(g, 1, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    CHECK_OK(live_group_renew(g, &err), err);
    CHECK(!seen_in(g, 1).any);
    CHECK_U(live_group_version(g), 0);
    found(home, &w);
    CHECK_U(atomic_load(&told), 0);
    CHECK_OK(live_group_renew(g, &err), err);
    CHECK(seen_in(g, 1).group);
    CHECK_U(live_group_version(g), 3);
    CHECK_U(atomic_load(&told), 3);
    CHECK_OK(report(g, 1, &err), err);
    CHECK_U(atomic_load(&told), 4);
    live_group_deafen(g, heard, &told);
    CHECK_OK(report(g, 2, &err), err);
    CHECK_U(atomic_load(&told), 4);
    CHECK_U(live_group_version(g), 5);
    live_group_close(g);
    log_close(log);
    world_end(&w);
}

/* One writes behind the other's back, in this process and in another one. */
static void two_write_to_one_home(void **state)
{
    const char *home = test_dir();
    struct log *log = quiet();
    struct live_group *a, *b;
    struct group_log_checked checked;
    struct group_log *l = NULL;
    struct world w;
    struct err err;
    pid_t child;
    int status;

    (void)state;
    world_start(&w);
    found(home, &w);
    child = fork();
    CHECK(child >= 0);
    if (!child) {
        struct live_group *g = opened(home, log);

        for (unsigned i = 1000; i < 1020; i++)
            CHECK_OK(report(g, i, &err), err);
        live_group_close(g);
        _exit(0);
    }
    a = opened(home, log);
    b = opened(home, log);
    for (unsigned i = 0; i < 20; i++) {
        CHECK_OK(report(i % 2 ? a : b, i, &err), err);
        CHECK_OK(live_group_renew(a, &err), err);
        CHECK_S(seen_in(a, i).state, "reported");
        CHECK_OK(verify_by(a, 1, i, &err), err);
    }
    CHECK_U(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status) && !WEXITSTATUS(status));
    CHECK_OK(live_group_renew(a, &err), err);
    CHECK_OK(live_group_renew(b, &err), err);
    CHECK_U(seen_in(a, 0).rows, 3 + 20 + 40);
    CHECK_U(seen_in(b, 0).rows, 3 + 20 + 40);
    CHECK_S(seen_in(b, 7).state, "verified");
    CHECK_S(seen_in(a, 1007).state, "reported");
    live_group_close(a);
    live_group_close(b);
    CHECK_OK(group_log_open(home, STORE_READ, &drawn, &l, &err), err);
    CHECK_OK(group_log_check(l, &checked, &err), err);
    CHECK_U(checked.events, 63);
    CHECK_U(fold_standing_n(group_log_fold(l), STANDING_GOOD), 63);
    group_log_close(l);
    log_close(log);
    world_end(&w);
}

static bool say_and_fail(void *ctx, struct group_log *l, struct err *err)
{
    struct signer by = world_signer(0, WORLD_INV);
    struct hash32 id;

    (void)ctx;
    CHECK(group_log_say(l,
                        &(struct group_log_act){.author = "us",
                                                .type = "case.report",
                                                .object = "case:00000000000000000000000000000005",
                                                .audience = AUDIENCE_ALL,
                                                .by = &by,
                                                .now_ms = 1000},
                        &id, err));
    return err_fail(err, ERR_INPUT, "not this one");
}

static void what_fails_leaves_nothing(void **state)
{
    const char *home = test_dir();
    struct log *log = quiet();
    struct live_group *g;
    struct world w;
    struct err err;

    (void)state;
    world_start(&w);
    found(home, &w);
    g = opened(home, log);
    CHECK_OK(report(g, 1, &err), err);
    CHECK(!verify_by(g, 0, 1, &err)); /* one's own */
    CHECK_U(err.class, ERR_INPUT);
    CHECK_U(seen_in(g, 1).events, 4);
    CHECK_S(seen_in(g, 1).state, "reported");
    CHECK(!live_group_write(g, say_and_fail, NULL, &err));
    CHECK_S(err.text, "not this one");
    CHECK_U(seen_in(g, 5).events, 4);
    CHECK_S(seen_in(g, 5).state, "");
    CHECK_OK(verify_by(g, 1, 1, &err), err);
    CHECK_S(seen_in(g, 1).state, "verified");
    CHECK_U(seen_in(g, 1).rows, 5);
    CHECK(!live_group_failed(g));
    live_group_close(g);
    log_close(log);
    world_end(&w);
}

static void the_node_says_something(void **state)
{
    const char *home = test_dir();
    struct log *log = quiet();
    struct live_group *g;
    struct hash32 id;
    struct world w;
    struct err err;
    struct group_log_act act = {.type = "case.draft",
                                .object = "case:00000000000000000000000000000009",
                                .audience = AUDIENCE_ALL,
                                .retention = "case",
                                .body = {(const uint8_t *)"{}", 2}};

    (void)state;
    world_start(&w);
    node_key_put(home, 2);
    found(home, &w);
    g = opened(home, log);
    CHECK_OK(live_group_say(g, &act, &id, &err), err);
    CHECK_S(seen_in(g, 9).state, "draft");
    live_group_close(g);
    log_close(log);
    world_end(&w);
}

struct reading {
    struct live_group *g;
    atomic_bool ends;
    _Atomic(uint64_t) rounds, bad;
};

static void look_whole(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct reading *r = ctx;
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    const struct fold_event *e = fold_event_at(fold, fold_events_n(fold) - 1);
    enum body_state state;
    struct salt32 salt;
    struct bytes body;
    struct err err;

    if (fold_events_n(fold) != group_log_rows(l) ||
        fold_standing_n(fold, STANDING_GOOD) != fold_events_n(fold) ||
        !group_log_body(l, a, e, &state, &salt, &body, &err) || state == BODY_WITHHELD)
        atomic_fetch_add(&r->bad, 1);
    arena_free(a);
    atomic_fetch_add(&r->rounds, 1);
}

static void *read_on(void *ctx)
{
    struct reading *r = ctx;

    while (!atomic_load(&r->ends))
        live_group_read(r->g, look_whole, r);
    return NULL;
}

static void readers_while_it_is_written(void **state)
{
    const char *home = test_dir();
    struct log *log = quiet();
    struct reading r = {.ends = false};
    pthread_t threads[3];
    struct world w;
    struct err err;

    (void)state;
    world_start(&w);
    found(home, &w);
    r.g = opened(home, log);
    for (unsigned i = 0; i < 3; i++)
        CHECK(!pthread_create(&threads[i], NULL, read_on, &r));
    for (unsigned i = 0; i < SAID; i++) {
        CHECK_OK(report(r.g, i, &err), err);
        if (i % 20 == 0)
            CHECK(!verify_by(r.g, 0, i, &err)); /* the fold is made anew beneath the readers */
    }
    atomic_store(&r.ends, true);
    for (unsigned i = 0; i < 3; i++)
        CHECK(!pthread_join(threads[i], NULL));
    CHECK(atomic_load(&r.rounds) > 0);
    CHECK_U(atomic_load(&r.bad), 0);
    CHECK_U(live_group_version(r.g), 3 + SAID);
    live_group_close(r.g);
    log_close(log);
    world_end(&w);
}

/* ---- what a sender may use ---- */

#define WAITING 1005

struct sending {
    struct group_line lines[WAITING + 1];
    struct group_sender *from;
    size_t first, n;
    struct group_log_counts counts;
};

static bool send_lines(void *ctx, struct group_log *l, struct err *err)
{
    struct sending *s = ctx;

    return group_log_take_lines(l, s->from, s->lines + s->first, s->n, &s->counts, err);
}

static struct group_log_counts sent(struct live_group *g, struct sending *s,
                                    struct group_sender *from, size_t first, size_t n)
{
    struct err err;

    s->from = from;
    s->first = first;
    s->n = n;
    CHECK_OK(live_group_write(g, send_lines, s, &err), err);
    return s->counts;
}

/* A stream of reports by a member's investigator. */
static void stream_make(struct world *w, unsigned member, struct group_line *lines, size_t n)
{
    struct signer by = world_signer(member, WORLD_INV);
    struct hash32 prev = {{0}};
    struct err err;

    memset(lines, 0, n * sizeof(*lines));
    for (size_t i = 0; i < n; i++) {
        struct event *e = &lines[i].line.event;
        struct text object = text_new(OBJECT_NAME_MAX);

        text_printf(&object, CASE_OF, (unsigned)(member * 100000 + i));
        *e = (struct event){.author = world_members[member],
                            .audience = AUDIENCE_ALL,
                            .object = arena_string(w->arena, text_string(&object), object.n),
                            .type = "case.report",
                            .retention = "none",
                            .charter = w->group,
                            .prev = prev,
                            .key = by.key,
                            .stream = {{(uint8_t)(70 + member)}},
                            .seq = i + 1,
                            .ms = 1000 + i};
        CHECK_OK(event_make(w->arena, &w->group, e, &err), err);
        CHECK_OK(group_sign(&by, EVENT_TAG, &w->group, e->text, &e->signature, &err), err);
        lines[i].text = e->text;
        prev = e->id;
        text_free(&object);
    }
}

static void apart_count(void *ctx, const char *reason)
{
    (void)reason;
    ++*(size_t *)ctx;
}

static void apart_look(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct err err;

    (void)fold;
    CHECK_OK(group_log_apart(l, apart_count, ctx, &err), err);
}

/* Beyond its share a sender's events that do not stand are left out; what stands goes in, and the
 * others have theirs. When what was missing comes, there is room again. */
static void a_senders_share(void **state)
{
    static struct sending s, other;
    static struct group_sender first, second;
    const char *home = test_dir();
    struct log *log = quiet();
    struct group_log_counts c;
    struct live_group *g;
    size_t apart = 0;
    struct world w;

    (void)state;
    world_start(&w);
    found(home, &w);
    g = opened(home, log);
    stream_make(&w, 0, s.lines, WAITING + 1);
    stream_make(&w, 1, other.lines, 3);
    c = sent(g, &s, &first, 1, WAITING);
    CHECK_U(c.taken, GROUP_SENDER_WAITING_MAX);
    CHECK_U(c.over, WAITING - GROUP_SENDER_WAITING_MAX);
    CHECK(first.missed);
    CHECK_U(sent(g, &other, &first, 0, 1).taken, 1);  /* it stands */
    CHECK_U(sent(g, &other, &first, 2, 1).over, 1);   /* it would wait */
    CHECK_U(sent(g, &other, &second, 2, 1).taken, 1); /* within another's share */
    CHECK_U(sent(g, &s, &first, 0, 1).taken, 1);
    c = sent(g, &s, &first, 0, WAITING + 1);
    CHECK_U(c.taken, WAITING - GROUP_SENDER_WAITING_MAX);
    CHECK_U(c.doubled, GROUP_SENDER_WAITING_MAX + 1);
    CHECK_U(c.over, 0);
    CHECK_U(first.waiting_n, 0);
    CHECK_U(seen_in(g, 0).rows, 3 + WAITING + 1 + 2);
    for (size_t i = 0; i < 150; i++)
        s.lines[i].reason = "none";
    CHECK_U(sent(g, &s, &first, 0, 150).apart, 150);
    live_group_read(g, apart_look, &apart);
    CHECK_U(apart, GROUP_SENDER_APART_MAX);
    live_group_close(g);
    log_close(log);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_home_gets_its_group_later), cmocka_unit_test(two_write_to_one_home),
        cmocka_unit_test(what_fails_leaves_nothing),   cmocka_unit_test(the_node_says_something),
        cmocka_unit_test(readers_while_it_is_written), cmocka_unit_test(a_senders_share),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
