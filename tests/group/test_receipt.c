/* Receipts: cut short or altered they are refused; kept they say since when a member has an event,
 * and nothing of what it may not see, what is not here, and what it has said already. */
#include "group/log.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

#define CASE "case:0000000000000000000000000000000%d"
#define LINES_BYTES ((size_t)64 << 20)
#define CURSOR                                                                                     \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899aabbcc"   \
    "ddeeff00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0011223344556677"

_Static_assert(sizeof(CURSOR) == RECEIPT_CURSOR_N + 1, "a cursor");

static void fill(void *ctx, void *p, size_t n)
{
    (void)ctx;
    memset(p, 7, n);
}

static const struct group_random drawn = {fill, NULL};
static const struct hash32 stranger = {{0x99}};

/* ---- as they travel ---- */

struct reading {
    struct hash32 group;
    struct receipt got;
};

static bool reads(struct bytes in, void *ctx)
{
    struct reading *r = ctx;
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct err err;
    bool ok = receipt_read(a, in, &r->group, &r->got, &err);

    arena_free(a);
    return ok;
}

static void as_it_travels(void **state)
{
    struct signer by = world_signer(2, WORLD_NODE);
    struct receipt r = {.cursor = CURSOR, .ms = 1795000000000};
    struct reading as = {.group = {{0x13}}};
    struct text t = text_new(RECEIPT_BYTES_MAX), few = text_new(RECEIPT_BYTES_MAX);
    struct err err;

    (void)state;
    CHECK_OK(receipt_put(&few, &by, &as.group, &r, &err), err);
    for (size_t i = 0; i < RECEIPT_EVENTS_N; i++)
        memset(r.events[i].b, (int)(RECEIPT_EVENTS_N - i), sizeof(r.events[i].b));
    CHECK_OK(receipt_put(&t, &by, &as.group, &r, &err), err);
    CHECK_U(few.n, t.n); /* how much it says does not show */
    test_truncations((struct bytes){(uint8_t *)t.p, t.n}, reads, &as);
    CHECK_U(as.got.ms, r.ms);
    CHECK_S(as.got.cursor, CURSOR);
    CHECK(!memcmp(as.got.key.b, by.key.b, sizeof(by.key.b)));
    for (size_t i = 0; i < RECEIPT_EVENTS_N; i++)
        CHECK_U(as.got.events[i].b[31], i + 1); /* ascending */
    as.group.b[0] ^= 1;
    CHECK(!reads((struct bytes){(uint8_t *)t.p, t.n}, &as));
    as.group.b[0] ^= 1;
    for (size_t i = 0; i < t.n; i++) {
        t.p[i] ^= 1;
        test_row("byte %zu", i);
        CHECK(!reads((struct bytes){(uint8_t *)t.p, t.n}, &as));
        t.p[i] ^= 1;
    }
    text_free(&t);
    text_free(&few);
}

/* ---- kept ---- */

static const char *object(struct world *w, int i)
{
    char name[OBJECT_NAME_MAX];
    int n = snprintf(name, sizeof(name), CASE, i);

    return arena_string(w->arena, name, (size_t)n);
}

static struct group_log *home_with(const struct world *w, const char *path)
{
    struct group_line *lines = calloc(w->n, sizeof(*lines));
    struct group_sender *from = calloc(1, sizeof(*from));
    struct group_log_counts counts;
    struct group_log *l;
    struct err err;

    CHECK_OK(group_log_open(path, STORE_WRITE, &drawn, &l, &err), err);
    CHECK_OK(group_log_join(l, &w->group, &err), err);
    CHECK_OK(group_log_commit(l, &err), err);
    group_log_close(l);
    CHECK_OK(group_log_keep(path, &drawn, &l, &err), err);
    for (size_t i = 0; i < w->n; i++) {
        lines[i].line.event = w->events[i].e;
        lines[i].line.has_body = w->events[i].charter.n > 0;
        lines[i].line.body = w->events[i].charter;
    }
    CHECK_OK(group_log_begin(l, &err), err);
    CHECK_OK(group_log_take_lines(l, from, lines, w->n, &counts, &err), err);
    CHECK_U(counts.taken, w->n);
    CHECK_OK(group_log_commit(l, &err), err);
    free(lines);
    free(from);
    return l;
}

/* Is it kept? */
static bool takes(struct group_log *l, const struct world *w, unsigned member, uint64_t ms,
                  const struct hash32 *first, const struct hash32 *second)
{
    struct signer by = world_signer(member, WORLD_NODE);
    struct receipt r = {.cursor = CURSOR, .ms = ms, .events = {*first}};
    struct text t = text_new(RECEIPT_BYTES_MAX);
    struct err err;
    bool kept;

    if (second)
        r.events[1] = *second;
    CHECK_OK(receipt_put(&t, &by, &w->group, &r, &err), err);
    CHECK_OK(group_log_begin(l, &err), err);
    CHECK_OK(group_log_take_receipt(l, world_members[member],
                                    (struct bytes){(const uint8_t *)t.p, t.n}, &r, &kept, &err),
             err);
    CHECK_OK(group_log_commit(l, &err), err);
    CHECK(!kept || group_log_receipt_says(l, world_members[member], &r));
    text_free(&t);
    return kept;
}

static uint64_t since(struct group_log *l, const char *member, const struct world_event *e)
{
    struct arena *a = arena_new(NULL, LINES_BYTES);
    struct receipts all;
    uint64_t ms = 0;
    struct err err;

    CHECK_OK(group_log_receipts(l, a, &all, &err), err);
    if (!receipts_find(&all, member, &e->e, &ms))
        ms = 0;
    arena_free(a);
    return ms;
}

static void what_it_says(void **state)
{
    struct world_event *a, *b, *c, *other, *secret;
    struct group_log_checked checked;
    struct group_log *l;
    struct world w;
    struct err err;

    (void)state;
    world_start(&w);
    world_found(&w);
    a = world_say(&w, (struct world_say){0, WORLD_INV, 0, object(&w, 1), "case.report", .ms = 10});
    b = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, object(&w, 2), "case.report", .ms = 11, .prev = a});
    c = world_say(
        &w, (struct world_say){0, WORLD_INV, 0, object(&w, 3), "case.report", .ms = 12, .prev = b});
    other =
        world_say(&w, (struct world_say){1, WORLD_INV, 1, object(&w, 4), "case.report", .ms = 13});
    secret = world_say(&w, (struct world_say){0, WORLD_INV, 2, object(&w, 5), "case.report", "two",
                                              .ms = 14}); /* jp is not of it */
    l = home_with(&w, test_dir());
    CHECK(!takes(l, &w, 2, 90, &stranger, NULL));
    CHECK(!takes(l, &w, 2, 90, &secret->e.id, NULL));
    CHECK_U(since(l, "jp", a), 0);
    CHECK(takes(l, &w, 2, 100, &b->e.id, &secret->e.id));
    CHECK_U(since(l, "jp", a), 100);
    CHECK_U(since(l, "jp", b), 100);
    CHECK_U(since(l, "jp", c), 0);
    CHECK_U(since(l, "jp", other), 0);
    CHECK_U(since(l, "jp", secret), 0);
    CHECK_U(since(l, "kr", a), 0);
    CHECK(!takes(l, &w, 2, 110, &a->e.id, &b->e.id));   /* said already */
    CHECK(takes(l, &w, 2, 50, &c->e.id, &other->e.id)); /* its clock was set back */
    CHECK_U(since(l, "jp", b), 100);
    CHECK_U(since(l, "jp", c), 50);
    CHECK_U(since(l, "jp", other), 50);
    CHECK(takes(l, &w, 1, 120, &secret->e.id, NULL));
    CHECK_U(since(l, "kr", secret), 120);
    CHECK_OK(group_log_check(l, &checked, &err), err);
    CHECK_U(checked.receipts, 3);
    group_log_close(l);
    world_end(&w);
}

/* ---- altered at rest ---- */

static void altered(void **state)
{
    static const struct {
        const char *name, *sql;
    } rows[] = {
        {"a time", "UPDATE receipt_head SET ms = ms - 1"},
        {"a number", "UPDATE receipt_head SET seq = seq + 1"},
        {"whose it is", "UPDATE receipt_head SET member = 'kr'; UPDATE receipt SET member = 'kr'"},
        {"an event that it does not say", "UPDATE receipt_head SET event = zeroblob(32)"},
        {"its text", "UPDATE receipt SET receipt = replace(receipt, '100', '101')"},
        {"its end", "UPDATE receipt SET receipt = substr(receipt, 1, 900)"},
        {"it is gone", "DELETE FROM receipt"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct group_log_checked checked;
        const struct world_event *a;
        const char *home = test_dir();
        struct group_log *l;
        struct store *store;
        struct world w;
        char path[4096];
        struct err err;

        test_row("%s", rows[i].name);
        world_start(&w);
        world_found(&w);
        a = world_say(&w,
                      (struct world_say){0, WORLD_INV, 0, object(&w, 1), "case.report", .ms = 10});
        l = home_with(&w, home);
        CHECK(takes(l, &w, 2, 100, &a->e.id, NULL));
        CHECK_OK(group_log_check(l, &checked, &err), err);
        snprintf(path, sizeof(path), "%s/" LOG_FILE, home);
        CHECK_OK(store_open(path, STORE_WRITE, NULL, 0, &store, &err), err);
        CHECK_OK(store_run(store, rows[i].sql, &err), err);
        store_close(store);
        CHECK(!group_log_check(l, &checked, &err));
        CHECK_U(err.class, ERR_DIFFERS);
        group_log_close(l);
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_it_travels),
        cmocka_unit_test(what_it_says),
        cmocka_unit_test(altered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
