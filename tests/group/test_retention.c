/* Terms of bodies: what is erased when, what stops it, and that what was erased cannot be read
 * again, not even out of the file's free pages, while the log still proves itself. */
#include "group/retention.h"
#include "serve/live_group.h"
#include "support.h"
#include "world.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY ((uint64_t)86400000)
#define START ((uint64_t)1795000000000)
#define CASE_A "case:000000000000000000000000000000aa"
#define CASE_B "case:000000000000000000000000000000bb"
#define PRESERVE_A "preserve:000000000000000000000000000000aa"
#define ALERT_A "alert:0000000000000000000000000000000000000000000000000000000000000001"
#define TERMS "{\"case\":30,\"own\":10}"

static struct test_random numbers = {1};
static const struct group_random drawn = {world_fill, &numbers};

struct home {
    struct world w;
    const char *path;
    struct group_log *log;
};

static void say(struct home *h, unsigned member, enum world_key key, struct group_log_act act)
{
    struct signer by = world_signer(member, key);
    struct hash32 id;
    struct err err;

    act.author = world_members[member];
    act.by = &by;
    if (!act.audience)
        act.audience = AUDIENCE_ALL;
    CHECK_OK(group_log_begin(h->log, &err), err);
    CHECK_OK(group_log_say(h->log, &act, &id, &err), err);
    CHECK_OK(group_log_commit(h->log, &err), err);
}

static void start(struct home *h, const char *terms)
{
    struct group_log_act act = {.type = "charter.propose", .retention = "keep", .now_ms = START};
    struct group_log *l;
    struct hash32 id;
    struct err err;

    world_start_retention(&h->w, terms);
    h->path = test_dir();
    CHECK_OK(group_log_open(h->path, STORE_WRITE, &drawn, &l, &err), err);
    CHECK_OK(group_log_join(l, &h->w.group, &err), err);
    CHECK_OK(group_log_commit(l, &err), err);
    group_log_close(l);
    CHECK_OK(group_log_keep(h->path, &drawn, &h->log, &err), err);
    act.object = world_object(&h->w, &h->w.group);
    act.body = h->w.charter.text;
    act.charter = &h->w.group;
    say(h, 0, WORLD_HEAD, act);
    id = fold_event_at(group_log_fold(h->log), 0)->e.id;
    act = (struct group_log_act){.type = "charter.sign",
                                 .object = act.object,
                                 .charter = &h->w.group,
                                 .after = &id,
                                 .after_n = 1,
                                 .now_ms = START};
    say(h, 0, WORLD_HEAD, act);
    say(h, 1, WORLD_HEAD, act);
}

static void end(struct home *h)
{
    group_log_close(h->log);
    world_end(&h->w);
}

#define SECRET "the victim is Kim of Seoul"

static struct bytes body_of(const char *s)
{
    return (struct bytes){(const uint8_t *)s, strlen(s)};
}

/* kr's case, and what us holds of it: with words that stay at home. */
static void report(struct home *h, const char *object, uint64_t ms)
{
    say(h, 1, WORLD_INV,
        (struct group_log_act){.type = "case.report",
                               .object = object,
                               .retention = "case",
                               .body = body_of("{\"note\":\"" SECRET "\"}"),
                               .now_ms = ms});
}

static void on_case(struct home *h, unsigned member, enum world_key key, const char *type,
                    uint64_t ms)
{
    struct hash32 revision = fold_object(group_log_fold(h->log), CASE_A, AUDIENCE_ALL)->revision;

    say(h, member, key,
        (struct group_log_act){
            .type = type, .object = CASE_A, .after = &revision, .after_n = 1, .now_ms = ms});
}

static void alert(struct home *h, uint64_t ms)
{
    struct event_facts told = world_alert(CASE_A, "us");

    say(h, 0, WORLD_NODE,
        (struct group_log_act){.type = "alert.detect",
                               .object = ALERT_A,
                               .retention = RETENTION_OWN,
                               .body = body_of("{\"account\":\"" SECRET "\"}"),
                               .facts = &told,
                               .now_ms = ms});
}

static const struct retention *row_of(struct home *h, struct arena *a, const char *object,
                                      uint64_t ms)
{
    struct retention *rows;
    struct err err;
    size_t n;

    CHECK_OK(retention_of(h->log, a, "us", ms, &rows, &n, &err), err);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(rows[i].object, object))
            return &rows[i];
    return NULL;
}

static const char *state_at(struct home *h, const char *object, uint64_t ms)
{
    struct arena *a = arena_new(NULL, SIZE_MAX);
    const struct retention *r = row_of(h, a, object, ms);
    const char *name = r ? retention_state_name(r->state) : "erased";

    arena_free(a);
    return name;
}

static uint64_t expire(struct home *h, uint64_t ms)
{
    struct err err;
    uint64_t n;
    bool done;

    CHECK_OK(group_log_begin(h->log, &err), err);
    CHECK_OK(retention_expire(h->log, "us", ms, &n, &err), err);
    CHECK_OK(group_log_commit(h->log, &err), err);
    CHECK_OK(group_log_scrub(h->log, &done, &err), err);
    CHECK(done);
    return n;
}

/* What of an object is due when: by hand. */
static void when_it_is_due(void **state)
{
    uint64_t closed = START + 5 * DAY;
    struct home h;

    (void)state;
    start(&h, TERMS);
    report(&h, CASE_A, START + DAY);
    alert(&h, START + 2 * DAY);
    CHECK_S(state_at(&h, CASE_A, START + 400 * DAY), "live"); /* however long */
    CHECK_S(state_at(&h, ALERT_A, START + 400 * DAY), "live");
    say(&h, 0, WORLD_DESK,
        (struct group_log_act){
            .type = "alert.acknowledge", .object = ALERT_A, .now_ms = START + 3 * DAY});
    say(&h, 0, WORLD_DESK,
        (struct group_log_act){
            .type = "alert.release", .object = ALERT_A, .now_ms = START + 4 * DAY});
    CHECK_S(state_at(&h, ALERT_A, START + 14 * DAY - 1), "runs");
    CHECK_S(state_at(&h, ALERT_A, START + 14 * DAY), "due");
    CHECK_S(state_at(&h, CASE_A, START + 14 * DAY), "live");
    on_case(&h, 1, WORLD_INV, "case.retract", closed);
    CHECK_S(state_at(&h, CASE_A, closed + 30 * DAY - 1), "runs");
    CHECK_S(state_at(&h, CASE_A, closed + 30 * DAY), "due");
    /* on time: not a moment before */
    CHECK_U(expire(&h, START + 14 * DAY - 1), 0);
    CHECK_U(expire(&h, START + 14 * DAY), 1);
    CHECK_S(state_at(&h, ALERT_A, START + 14 * DAY), "erased");
    CHECK_U(expire(&h, closed + 30 * DAY - 1), 0);
    CHECK_U(expire(&h, closed + 30 * DAY), 1);
    CHECK_U(expire(&h, closed + 300 * DAY), 0);
    end(&h);
}

static void on_alert(struct home *h, enum world_key key, const char *type, uint64_t ms,
                     struct event_facts facts, const struct hash32 *after)
{
    bool said = facts_of_type(type) != 0;

    say(h, 0, key,
        (struct group_log_act){.type = type,
                               .object = ALERT_A,
                               .facts = said ? &facts : NULL,
                               .after = after,
                               .after_n = after ? 1 : 0,
                               .now_ms = ms});
}

/* A paper whose words stay at home is there as long as something is held by it. */
static void a_paper_in_use(void **state)
{
    static const char paper[] = "instrument:"
                                "00000000000000000000000000000000000000000000000000000000000000ff";
    struct event_facts hold = {.amount = u256_of(600), .expires = START + 3 * DAY};
    struct hash32 stated;
    struct home h;

    (void)state;
    start(&h, TERMS);
    report(&h, CASE_A, START);
    alert(&h, START + 1000);
    on_alert(&h, WORLD_DESK, "alert.acknowledge", START + 2000, hold, NULL);
    hold.basis = "court-order";
    hold.kind = "withdrawal-limit";
    hold.reason = "theft";
    on_alert(&h, WORLD_DESK, "alert.order", START + 3000, hold, NULL);
    hold.basis = hold.kind = hold.reason = NULL;
    on_alert(&h, WORLD_NODE, "alert.enforce", START + 4000, hold, NULL);
    say(&h, 0, WORLD_DESK,
        (struct group_log_act){.type = "instrument.state",
                               .object = paper,
                               .retention = RETENTION_OWN,
                               .body = body_of("{\"note\":\"" SECRET "\"}"),
                               .now_ms = START + 5000});
    stated = fold_object(group_log_fold(h.log), paper, AUDIENCE_ALL)->revision;
    CHECK_S(state_at(&h, paper, START + 9 * DAY), "runs"); /* by none yet */
    hold.basis = "court-order";
    hold.expires = START + 100 * DAY;
    on_alert(&h, WORLD_DESK, "alert.legal", START + 6000, hold, &stated);
    CHECK_S(state_at(&h, paper, START + 100 * DAY - 1), "live");
    CHECK_U(expire(&h, START + 100 * DAY - 1), 0);
    CHECK_S(state_at(&h, paper, START + 100 * DAY), "due"); /* with the hold */
    end(&h);
}

/* An event that is far ahead of the clock here does not keep a body for ever. */
static void a_clock_that_is_ahead(void **state)
{
    struct home h;

    (void)state;
    start(&h, TERMS);
    report(&h, CASE_A, START);
    on_case(&h, 1, WORLD_INV, "case.retract", START + 9000 * DAY);
    CHECK_S(state_at(&h, CASE_A, START + 30 * DAY), "due");
    end(&h);
}

/* Nor does another's case of that name, told to fewer. */
static void another_of_that_name(void **state)
{
    struct home h;

    (void)state;
    start(&h, TERMS);
    report(&h, CASE_A, START);
    on_case(&h, 1, WORLD_INV, "case.retract", START + 1);
    say(&h, 0, WORLD_INV,
        (struct group_log_act){
            .type = "case.draft", .object = CASE_A, .audience = "two", .now_ms = START + 20 * DAY});
    CHECK_S(state_at(&h, CASE_A, START + 30 * DAY), "runs");
    CHECK_S(state_at(&h, CASE_A, START + 30 * DAY + 1), "due");
    end(&h);
}

static void without_terms(void **state)
{
    struct home h;

    (void)state;
    start(&h, NULL);
    report(&h, CASE_A, START);
    on_case(&h, 1, WORLD_INV, "case.retract", START + 1);
    CHECK_S(state_at(&h, CASE_A, START + 9000 * DAY), "no term");
    CHECK_U(expire(&h, START + 9000 * DAY), 0);
    end(&h);
}

static void preserve(struct home *h, unsigned member, const char *type, uint64_t ms)
{
    say(h, member, WORLD_HEAD,
        (struct group_log_act){.type = type, .object = PRESERVE_A, .now_ms = ms});
}

/* A legal hold stops the clock's work, of the case and of its alerts; each member lifts its own. */
static void legal_holds(void **state)
{
    uint64_t late = START + 300 * DAY, n;
    struct arena *a = arena_new(NULL, SIZE_MAX);
    struct home h;

    (void)state;
    start(&h, TERMS);
    report(&h, CASE_A, START);
    alert(&h, START + 1);
    report(&h, CASE_B, START + 2);
    on_case(&h, 1, WORLD_INV, "case.retract", START + 3);
    say(&h, 0, WORLD_DESK,
        (struct group_log_act){
            .type = "alert.acknowledge", .object = ALERT_A, .now_ms = START + 4});
    say(&h, 0, WORLD_DESK,
        (struct group_log_act){.type = "alert.release", .object = ALERT_A, .now_ms = START + 5});
    preserve(&h, 2, "preserve.order", START + 6);
    CHECK_S(state_at(&h, CASE_A, late), "preserved");
    CHECK_S(state_at(&h, ALERT_A, late), "preserved");
    CHECK_S(row_of(&h, a, ALERT_A, late)->preserved_by, "jp");
    CHECK_U(expire(&h, late), 0);
    preserve(&h, 0, "preserve.order", START + 7);
    preserve(&h, 2, "preserve.lift", START + 8);
    CHECK_S(row_of(&h, a, CASE_A, late)->preserved_by, "us");
    CHECK_U(expire(&h, late), 0);
    preserve(&h, 0, "preserve.lift", START + 9);
    CHECK(!retention_preserved(group_log_fold(h.log), CASE_A, "us"));
    CHECK_S(state_at(&h, CASE_B, late), "live");
    n = expire(&h, late);
    CHECK_U(n, 2);
    arena_free(a);
    end(&h);
}

/* ---- what was erased cannot be read ---- */

struct blobs { /* sealed bodies and keys, as they rest */
    uint8_t at[8][32];
    size_t n;
};

static void blobs_read(const char *home, const char *sql, struct blobs *to)
{
    char path[4200];
    struct store *s;
    struct store_query *q = NULL;
    struct err err;
    bool row;

    snprintf(path, sizeof(path), "%s/" LOG_FILE, home);
    CHECK_OK(store_open(path, STORE_READ, NULL, 0, &s, &err), err);
    CHECK_OK(store_prepare(s, sql, &q, &err), err);
    for (;;) {
        CHECK_OK(store_step(q, &row, &err), err);
        if (!row)
            break;
        CHECK(to->n < 8 && store_blob(q, 0).n >= 32);
        memcpy(to->at[to->n++], store_blob(q, 0).p, 32);
    }
    store_finish(q);
    store_close(s);
}

static size_t found_in(struct bytes all, const void *what, size_t n)
{
    size_t found = 0;

    for (const uint8_t *at = all.p; (at = memmem(at, all.n - (size_t)(at - all.p), what, n)); at++)
        found++;
    return found;
}

/* In all files of the home, whatever they are: the database, its log, what is left of it. */
static size_t found_at_home(const char *home, const void *what, size_t n)
{
    DIR *d = opendir(home);
    struct dirent *entry;
    size_t found = 0;

    CHECK(d);
    while ((entry = readdir(d)) != NULL) {
        char path[4600];

        snprintf(path, sizeof(path), "%s/%s", home, entry->d_name);
        if (entry->d_type == DT_REG)
            found += found_in(test_read(path), what, n);
    }
    closedir(d);
    return found;
}

static void nothing_is_left(void **state)
{
    struct blobs sealed = {.n = 0};
    struct group_log_checked checked;
    enum body_state body_state;
    struct arena *a = arena_new(NULL, SIZE_MAX);
    struct salt32 salt;
    struct bytes body;
    struct home h;
    struct err err;

    (void)state;
    start(&h, TERMS);
    report(&h, CASE_A, START);
    alert(&h, START + 1);
    for (unsigned i = 0; i < 40; i++) { /* pages that move, and become free */
        char object[OBJECT_NAME_MAX];

        snprintf(object, sizeof(object), "case:%030u%02x", 0, i);
        report(&h, object, START + 2);
    }
    on_case(&h, 1, WORLD_INV, "case.retract", START + 3);
    say(&h, 0, WORLD_DESK,
        (struct group_log_act){
            .type = "alert.acknowledge", .object = ALERT_A, .now_ms = START + 4});
    say(&h, 0, WORLD_DESK,
        (struct group_log_act){.type = "alert.release", .object = ALERT_A, .now_ms = START + 5});
    blobs_read(h.path,
               "SELECT key FROM group_key WHERE object IN ('" CASE_A "','" ALERT_A
               "') AND retention IN ('case','own')",
               &sealed);
    CHECK_U(sealed.n, 2);
    blobs_read(h.path,
               "SELECT body FROM group_event WHERE body IS NOT NULL AND (instr(event, '" CASE_A
               "') OR instr(event, '" ALERT_A "'))",
               &sealed);
    CHECK_U(sealed.n, 4);
    for (size_t i = 0; i < sealed.n; i++)
        CHECK(found_at_home(h.path, sealed.at[i], 32) > 0);
    CHECK_U(found_at_home(h.path, SECRET, strlen(SECRET)), 0); /* never in the open */
    CHECK_U(expire(&h, START + 40 * DAY), 2);
    for (size_t i = 0; i < sealed.n; i++) {
        test_row("%zu", i);
        CHECK_U(found_at_home(h.path, sealed.at[i], 32), 0);
    }
    /* the log proves itself as before, by a reader of its own, too */
    CHECK_OK(group_log_check(h.log, &checked, &err), err);
    CHECK_U(checked.erased, 2);
    for (size_t i = 0; fold_event_at(group_log_fold(h.log), i); i++) {
        const struct fold_event *e = fold_event_at(group_log_fold(h.log), i);
        bool gone = event_has_body(&e->e) &&
                    (!strcmp(e->e.object, CASE_A) || !strcmp(e->e.object, ALERT_A));

        CHECK_OK(group_log_body(h.log, a, e, &body_state, &salt, &body, &err), err);
        CHECK((body_state == BODY_ERASED) == gone);
    }
    arena_free(a);
    end(&h);
}

/* Whoever brings the body again, nothing of it is kept. */
static void what_comes_again(void **state)
{
    struct group_sender *from = calloc(1, sizeof(*from));
    struct arena *a = arena_new(NULL, SIZE_MAX);
    struct text line = text_new((size_t)1 << 20);
    struct group_log_counts counts;
    const struct fold_event *e;
    enum body_state body_state;
    struct group_line *lines;
    struct salt32 salt;
    struct bytes body;
    struct home h;
    struct err err;
    size_t n;

    (void)state;
    start(&h, TERMS);
    report(&h, CASE_A, START);
    e = fold_object(group_log_fold(h.log), CASE_A, AUDIENCE_ALL)->first;
    CHECK_OK(group_log_line_put(h.log, e, &line, &err), err);
    CHECK(strstr(text_string(&line), SECRET));
    on_case(&h, 1, WORLD_INV, "case.retract", START + 1);
    CHECK_U(expire(&h, START + 40 * DAY), 1);
    CHECK_OK(group_lines_read(a, (struct bytes){(const uint8_t *)line.p, line.n}, &h.w.group,
                              &lines, &n, &err),
             err);
    CHECK_OK(group_log_begin(h.log, &err), err);
    CHECK_OK(group_log_take_lines(h.log, from, lines, n, &counts, &err), err);
    CHECK_OK(group_log_commit(h.log, &err), err);
    e = fold_object(group_log_fold(h.log), CASE_A, AUDIENCE_ALL)->first;
    CHECK_OK(group_log_body(h.log, a, e, &body_state, &salt, &body, &err), err);
    CHECK_U(body_state, BODY_ERASED);
    CHECK_U(found_at_home(h.path, SECRET, strlen(SECRET)), 0);
    text_free(&line);
    arena_free(a);
    free(from);
    end(&h);
}

/* A node does it by itself, once what it looks at is over. */
static void a_node_erases(void **state)
{
    struct live_group *g = NULL;
    struct log *log;
    struct home h;
    uint64_t n;
    struct err err;
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

    (void)state;
    start(&h, "{\"case\":1}"); /* more than a day ago, by any clock that runs */
    report(&h, CASE_A, START);
    on_case(&h, 1, WORLD_INV, "case.retract", START + 1);
    group_log_close(h.log);
    h.log = NULL;
    CHECK_OK(log_open(fd, false, &log, &err), err);
    CHECK_OK(live_group_open(h.path, log, &g, &err), err);
    CHECK_OK(live_group_expire(g, &n, &err), err);
    CHECK_U(n, 1);
    CHECK_OK(live_group_expire(g, &n, &err), err);
    CHECK_U(n, 0);
    live_group_close(g);
    log_close(log);
    close(fd);
    world_end(&h.w);
}

static void charters_have_terms(void **state)
{
    static const struct {
        const char *terms, *complaint;
    } rows[] = {
        {"{}", NULL},
        {"{\"case\":1}", NULL},
        {"{\"keep\":1}", "retention: \"keep\": no class that has a term"},
        {"{\"none\":1}", "retention: \"none\": no class that has a term"},
        {"{\"Case\":1}", "retention: \"Case\": no class that has a term"},
        {"{\"case\":0}", "retention: case: 1 to 36600 days are wanted"},
        {"{\"case\":36601}", "retention: case: 1 to 36600 days are wanted"},
        {"{\"case\":\"1\"}", "retention: case: days are wanted"},
        {"[]", "retention: an object of at most 16 is wanted"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, SIZE_MAX);
        struct err err = {.class = ERR_NONE};
        struct text t = text_new(10000);
        struct charter c;

        text_printf(&t,
                    "{\"name\":\"A\",\"groups\":[],\"quotas\":{\"live_cases\":1},\"members\":[{"
                    "\"id\":\"us\",\"name\":\"U\",\"country\":\"US\",\"kind\":\"agency\","
                    "\"government\":true,\"state\":\"active\",\"keys\":[],\"persons\":[]}],"
                    "\"retention\":%s}",
                    rows[i].terms);
        test_row("%s", rows[i].terms);
        CHECK_U(charter_make(a, body_of(text_string(&t)), NULL, &c, &err), !rows[i].complaint);
        if (rows[i].complaint)
            CHECK_S(err.text, rows[i].complaint);
        text_free(&t);
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(when_it_is_due),       cmocka_unit_test(a_clock_that_is_ahead),
        cmocka_unit_test(another_of_that_name), cmocka_unit_test(without_terms),
        cmocka_unit_test(legal_holds),          cmocka_unit_test(nothing_is_left),
        cmocka_unit_test(what_comes_again),     cmocka_unit_test(a_paper_in_use),
        cmocka_unit_test(a_node_erases),        cmocka_unit_test(charters_have_terms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
