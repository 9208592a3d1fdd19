/* A member that says more than the charter grants it spends its own share, and nobody else's: what
 * others say goes in, at once, whatever it sends. */
#include "group/log.h"
#include "world.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define QUOTAS "{\"live_cases\":9,\"events\":8,\"events_day\":2}"
#define DAY ((uint64_t)86400000)
#define CASE "case:%032u"
#define LINES_BYTES ((size_t)64 << 20)

static void fill(void *ctx, void *p, size_t n)
{
    (void)ctx;
    memset(p, 7, n);
}

static const struct group_random drawn = {fill, NULL};

static struct group_log *home_of(const struct world *w)
{
    static unsigned n;
    static const char *base;
    char path[4096];
    struct group_log *l;
    struct err err;

    if (!base)
        base = test_dir();
    snprintf(path, sizeof(path), "%s/%u", base, n++);
    CHECK_OK(group_log_open(path, STORE_WRITE, &drawn, &l, &err), err);
    CHECK_OK(group_log_join(l, &w->group, &err), err);
    CHECK_OK(group_log_commit(l, &err), err);
    group_log_close(l);
    CHECK_OK(group_log_keep(path, &drawn, &l, &err), err);
    return l;
}

static void line_put(struct text *to, const struct event *e, struct bytes body)
{
    struct event_line line = {.event = *e, .has_body = body.n > 0, .body = body};

    event_line_put(to, &line);
    text_char(to, '\n');
}

static void lines_of(struct text *to, const struct world *w, size_t from)
{
    for (size_t i = from; i < w->n; i++)
        line_put(to, &w->events[i].e, (struct bytes){NULL, 0});
}

static struct group_log_counts taken(struct group_log *l, struct group_sender *from,
                                     const struct text *text, const struct hash32 *group)
{
    struct arena *a = arena_new(NULL, LINES_BYTES);
    struct group_log_counts counts;
    struct group_line *lines;
    struct err err;
    size_t n;

    CHECK_OK(group_lines_read(a, (struct bytes){(const uint8_t *)text->p, text->n}, group, &lines,
                              &n, &err),
             err);
    CHECK_OK(group_log_begin(l, &err), err);
    CHECK_OK(group_log_take_lines(l, from, lines, n, &counts, &err), err);
    CHECK_OK(group_log_commit(l, &err), err);
    arena_free(a);
    return counts;
}

/* The three of founding, whose proposal goes without its body: the home has the charter. */
static void founded_in(struct group_log *l, const struct world *w)
{
    struct group_sender *from = calloc(1, sizeof(*from));
    struct arena *a = arena_new(NULL, LINES_BYTES);
    struct group_line lines[3] = {{.reason = NULL}};
    struct group_log_counts counts;
    struct err err;

    for (size_t i = 0; i < 3; i++)
        lines[i].line.event = w->events[i].e;
    lines[0].line.has_body = true;
    lines[0].line.body = w->charter.text;
    CHECK_OK(group_log_begin(l, &err), err);
    CHECK_OK(group_log_take_lines(l, from, lines, 3, &counts, &err), err);
    CHECK_U(counts.taken, 3);
    CHECK_OK(group_log_commit(l, &err), err);
    arena_free(a);
    free(from);
}

static const char *object(struct world *w, unsigned i)
{
    char name[OBJECT_NAME_MAX];
    int n = snprintf(name, sizeof(name), CASE, i);

    return arena_string(w->arena, name, (size_t)n);
}

/* What was said before there was a charter is nobody's share. */
static void beyond_the_share(void **state)
{
    struct group_sender *from = calloc(1, sizeof(*from));
    struct text many = text_new(LINES_BYTES), other = text_new(LINES_BYTES);
    const struct world_event *prev = NULL;
    struct group_log_counts counts;
    struct group_log *l;
    struct world w;

    (void)state;
    world_start_with(&w, QUOTAS);
    world_found(&w);
    l = home_of(&w);
    founded_in(l, &w);
    for (unsigned i = 0; i < 20; i++)
        prev = world_say(&w, (struct world_say){0, WORLD_INV, 0, object(&w, i), "case.report",
                                                .ms = 10 + i, .prev = prev});
    lines_of(&many, &w, 3);
    from->now_ms = 1 + DAY / 2;
    counts = taken(l, from, &many, &w.group);
    CHECK_U(counts.taken, 8);
    CHECK_U(counts.over, 12);
    CHECK_U(from->over_ms, from->now_ms);
    CHECK_U(counts.apart, 0);
    /* what the others say goes in */
    world_say(&w, (struct world_say){1, WORLD_INV, 0, object(&w, 90), "case.report", .ms = 40});
    lines_of(&other, &w, w.n - 1);
    counts = taken(l, from, &other, &w.group);
    CHECK_U(counts.taken, 1);
    /* two more a day, whenever they were said, and by whoever they come */
    from->now_ms = 1 + 2 * DAY;
    counts = taken(l, from, &many, &w.group);
    CHECK_U(counts.taken, 4);
    CHECK_U(counts.doubled, 8);
    from->now_ms = 1 + 100 * DAY;
    counts = taken(l, from, &many, &w.group);
    CHECK_U(counts.taken, 8);
    CHECK_U(fold_standing_n(group_log_fold(l), STANDING_GOOD), 3 + 20 + 1);
    group_log_close(l);
    text_free(&many);
    text_free(&other);
    free(from);
    world_end(&w);
}

/* Bodies count by their bytes; what was used is known again by a home that is opened anew. */
static void bodies_count(void **state)
{
    struct group_sender *from = calloc(1, sizeof(*from));
    struct text large = text_new(LINES_BYTES), body = text_new(LINES_BYTES);
    const struct salt32 salt = {{0}};
    struct group_log_counts counts;
    struct world_event *e;
    struct group_log *l;
    struct world w;
    struct err err;
    struct signer inv = world_signer(1, WORLD_INV);

    (void)state;
    world_start_with(&w, QUOTAS);
    world_found(&w);
    l = home_of(&w);
    founded_in(l, &w);
    text_str(&body, "{\"note\":\"");
    for (size_t i = 0; i < 7 * 16384; i++)
        text_char(&body, 'x');
    text_str(&body, "\"}");
    e = world_say(&w, (struct world_say){1, WORLD_INV, 0, object(&w, 1), "case.report", .ms = 10});
    e->e.retention = "case";
    e->e.body = body_commitment(&salt, (struct bytes){(const uint8_t *)body.p, body.n});
    CHECK_OK(event_make(w.arena, &w.group, &e->e, &err), err);
    CHECK_OK(group_sign(&inv, EVENT_TAG, &w.group, e->e.text, &e->e.signature, &err), err);
    line_put(&large, &e->e, (struct bytes){(const uint8_t *)body.p, body.n});
    from->now_ms = 2;
    /* one was said; seven and one are wanted: nine */
    counts = taken(l, from, &large, &w.group);
    CHECK_U(counts.over, 1);
    /* the event alone fits, and its body does not come after it */
    large.n = 0;
    line_put(&large, &e->e, (struct bytes){NULL, 0});
    counts = taken(l, from, &large, &w.group);
    CHECK_U(counts.taken, 1);
    large.n = 0;
    line_put(&large, &e->e, (struct bytes){(const uint8_t *)body.p, body.n});
    counts = taken(l, from, &large, &w.group);
    CHECK_U(counts.doubled, 1);
    group_log_close(l);
    text_free(&large);
    text_free(&body);
    free(from);
    world_end(&w);
}

/* With another's name and one's own key only one's own room for such lines is used. */
static void in_anothers_name(void **state)
{
    struct group_sender *from = calloc(1, sizeof(*from));
    struct text forged = text_new(LINES_BYTES), good = text_new(LINES_BYTES);
    struct group_log_counts counts;
    struct group_log *l;
    struct world w;

    (void)state;
    world_start_with(&w, QUOTAS);
    world_found(&w);
    l = home_of(&w);
    founded_in(l, &w);
    for (unsigned i = 0; i < 30; i++) {
        struct world_event *e = world_say(
            &w, (struct world_say){0, WORLD_INV, i, object(&w, i), "case.report", .ms = 10});
        struct signer jp = world_signer(2, WORLD_INV);
        struct err err;

        e->e.key = jp.key;
        CHECK_OK(event_make(w.arena, &w.group, &e->e, &err), err);
        CHECK_OK(group_sign(&jp, EVENT_TAG, &w.group, e->e.text, &e->e.signature, &err), err);
    }
    lines_of(&forged, &w, 3);
    from->now_ms = 2;
    counts = taken(l, from, &forged, &w.group);
    CHECK_U(counts.taken, 30);
    CHECK_U(from->waiting_n, 30);
    world_say(&w, (struct world_say){0, WORLD_INV, 50, object(&w, 90), "case.report", .ms = 40});
    lines_of(&good, &w, w.n - 1);
    counts = taken(l, from, &good, &w.group);
    CHECK_U(counts.taken, 1);
    CHECK_U(fold_standing_n(group_log_fold(l), STANDING_GOOD), 3 + 1);
    group_log_close(l);
    text_free(&forged);
    text_free(&good);
    free(from);
    world_end(&w);
}

/* A stream that forks at its start takes all of its author's events along, and nothing else. */
static void a_fork_at_the_start(void **state)
{
    struct group_sender *from = calloc(1, sizeof(*from));
    struct text lines = text_new(LINES_BYTES);
    const struct world_event *prev = NULL;
    struct group_log_counts counts;
    struct group_log *l;
    struct world w;

    (void)state;
    world_start(&w);
    world_found(&w);
    l = home_of(&w);
    founded_in(l, &w);
    for (unsigned i = 0; i < 30; i++)
        prev = world_say(&w, (struct world_say){0, WORLD_INV, 0, object(&w, i), "case.report",
                                                .ms = 10 + i, .prev = prev});
    for (unsigned i = 0; i < 20; i++)
        world_say(&w, (struct world_say){0, WORLD_INV, 0, object(&w, 40 + i), "case.report",
                                         .ms = 10 + i});
    world_say(&w, (struct world_say){1, WORLD_INV, 0, object(&w, 90), "case.report", .ms = 40});
    lines_of(&lines, &w, 3);
    from->now_ms = 2;
    counts = taken(l, from, &lines, &w.group);
    CHECK_U(counts.taken, 51);
    CHECK_U(counts.over, 0);
    CHECK_U(from->waiting_n, 0);
    CHECK_U(fold_standing_n(group_log_fold(l), STANDING_FORKED), 50);
    CHECK_U(fold_standing_n(group_log_fold(l), STANDING_GOOD), 4);
    CHECK_U(fold_split_n(group_log_fold(l)), 1);
    group_log_close(l);
    text_free(&lines);
    free(from);
    world_end(&w);
}

/* Of many lines, whose signatures are checked by all processors, the one that is not its key's is
 * kept apart. */
static void one_of_many(void **state)
{
    struct group_sender *from = calloc(1, sizeof(*from));
    struct text lines = text_new(LINES_BYTES);
    struct group_log_counts counts;
    struct group_log *l;
    struct world w;

    (void)state;
    world_start(&w);
    world_found(&w);
    l = home_of(&w);
    founded_in(l, &w);
    for (unsigned i = 0; i < 90; i++)
        world_say(&w,
                  (struct world_say){1, WORLD_INV, i, object(&w, i), "case.report", .ms = 10 + i});
    w.events[3 + 70].e.signature.b[5] ^= 1;
    lines_of(&lines, &w, 3);
    counts = taken(l, from, &lines, &w.group);
    CHECK_U(counts.apart, 1);
    CHECK_U(from->apart, 1);
    CHECK(!fold_find(group_log_fold(l), &w.events[3 + 70].e.id));
    CHECK(fold_find(group_log_fold(l), &w.events[3 + 71].e.id));
    group_log_close(l);
    text_free(&lines);
    free(from);
    world_end(&w);
}

/* An author's own home refuses to say what nobody would take in. */
static void said_at_home(void **state)
{
    struct signer inv = world_signer(2, WORLD_INV);
    struct group_log_act act = {
        .author = "jp", .type = "case.report", .audience = AUDIENCE_ALL, .by = &inv, .now_ms = 5};
    struct group_log *l;
    struct world w;
    struct err err;
    struct hash32 id;

    (void)state;
    world_start_with(&w, QUOTAS);
    world_found(&w);
    l = home_of(&w);
    founded_in(l, &w);
    for (unsigned i = 0; i < 9; i++) {
        act.object = object(&w, i);
        CHECK_OK(group_log_begin(l, &err), err);
        CHECK_U(group_log_say(l, &act, &id, &err), i < 8);
        if (i < 8)
            CHECK_OK(group_log_commit(l, &err), err);
    }
    CHECK_U(err.class, ERR_LIMIT);
    CHECK(strstr(err.text, "jp has said as much"));
    group_log_close(l);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beyond_the_share), cmocka_unit_test(bodies_count),
        cmocka_unit_test(in_anothers_name), cmocka_unit_test(a_fork_at_the_start),
        cmocka_unit_test(said_at_home),     cmocka_unit_test(one_of_many),
    };

    return sodium_init() < 0 || cmocka_run_group_tests(tests, NULL, NULL);
}
