#include "entity/list_diff.h"
#include "entity/list_store.h"
#include "lists.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMORY ((size_t)256 << 20)
#define UN_HEAD(day) "<CONSOLIDATED_LIST dateGenerated=\"" day "T00:00:00Z\">"
#define ENTITY(id, name, alias)                                                                    \
    "<ENTITY><DATAID>" id "</DATAID><FIRST_NAME>" name                                             \
    "</FIRST_NAME><ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>" alias                       \
    "</ALIAS_NAME></ENTITY_ALIAS></ENTITY>"
#define UN_END "</CONSOLIDATED_LIST>"

static const char monday[] = UN_HEAD("2024-01-01") ENTITY("1", "ONE", "UNO")
    ENTITY("2", "TWO", "DUE") ENTITY("3", "THREE", "TRE") ENTITY("4", "FOUR", "QUATTRO")
        ENTITY("5", "FIVE", "CINQUE") UN_END;
static const char tuesday[] = UN_HEAD("2024-01-02") ENTITY("1", "ONE", "EINS")
    ENTITY("2", "TWO", "DUE") ENTITY("4", "FOUR", "QUATTRO") ENTITY("5", "FIVE", "CINQUE")
        ENTITY("6", "SIX", "SEI") UN_END;
static const char few[] = UN_HEAD("2024-01-03") ENTITY("1", "ONE", "EINS") UN_END;

static const struct store_schema *const schemas[] = {&list_schema};

static struct store *opened(const char *dir, enum store_mode mode)
{
    struct store *s = NULL;
    struct err err;
    char path[4096];

    snprintf(path, sizeof(path), "%s/records.sqlite", dir);
    CHECK_OK(store_open(path, mode, schemas, 1, &s, &err), err);
    return s;
}

static bool import(struct store *s, struct arena *a, const char *text, struct list_day as_of,
                   bool fewer, struct list_version *ret, bool *ret_new, struct err *err)
{
    struct list_input file = lists_text("folder/un.xml", text);
    struct list_import i = {.files = &file, .files_n = 1, .as_of = as_of, .now = 7, .fewer = fewer};

    return list_import(s, a, &i, ret, NULL, ret_new, err);
}

static const struct list_day no_day;

static void versions(void **state)
{
    struct arena *a = arena_new(NULL, MEMORY);
    struct store *s = opened(test_dir(), STORE_WRITE);
    const struct list_version *all;
    struct list_version v, w;
    struct list l;
    struct err err;
    bool is_new;
    size_t n;

    CHECK_OK(import(s, a, tuesday, no_day, false, &v, &is_new, &err), err);
    CHECK(is_new);
    CHECK_OK(import(s, a, monday, no_day, false, &v, &is_new, &err), err);
    CHECK(is_new); /* an older one comes in beside the newer */
    CHECK_S(v.list, "un");
    CHECK_S(v.file, "un.xml");
    CHECK_U(v.entries, 5);
    CHECK_U(v.imported, 7);
    CHECK_U(v.bytes, strlen(monday));
    w = v;
    CHECK_OK(import(s, a, monday, no_day, false, &v, &is_new, &err), err);
    CHECK(!is_new);
    CHECK_U(v.id, w.id);
    CHECK_OK(list_versions(s, a, &all, &n, &err), err);
    CHECK_U(n, 2);
    CHECK_U(all[0].as_of.day, 1);
    CHECK_U(all[1].as_of.day, 2);

    CHECK_OK(list_version_at(s, a, "un", no_day, &v, &err), err);
    CHECK_U(v.as_of.day, 2);
    CHECK_OK(list_version_at(s, a, "un", (struct list_day){2024, 1, 1}, &v, &err), err);
    CHECK_OK(list_load(s, a, &v, &l, &err), err);
    CHECK_S(l.entries[0].aliases[0].text, "UNO");
    CHECK(!list_version_at(s, a, "un", (struct list_day){2023, 12, 31}, &v, &err));
    CHECK_S(err.text, "no version of \"un\" stands as of 2023-12-31");
    CHECK(!list_version_at(s, a, "eu", no_day, &v, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    CHECK_OK(list_current(s, a, (struct list_day){2024, 1, 1}, &all, &n, &err), err);
    CHECK_U(n, 1);
    CHECK_U(all[0].as_of.day, 1);
    CHECK_OK(list_current(s, a, (struct list_day){2023, 1, 1}, &all, &n, &err), err);
    CHECK_U(n, 0);
    store_close(s);
    arena_free(a);
}

static void refusals(void **state)
{
    struct arena *a = arena_new(NULL, MEMORY);
    struct store *s = opened(test_dir(), STORE_WRITE);
    const struct list_version *all;
    struct list_version v;
    char cut[sizeof(tuesday)];
    struct err err;
    bool is_new;
    size_t n;

    CHECK_OK(import(s, a, monday, no_day, false, &v, &is_new, &err), err);
    for (n = 0; n < sizeof(tuesday) - 1; n += 7) {
        memcpy(cut, tuesday, n);
        cut[n] = 0;
        CHECK(!import(s, a, cut, no_day, true, &v, &is_new, &err));
    }
    CHECK(!import(s, a, few, no_day, false, &v, &is_new, &err));
    CHECK_U(err.class, ERR_INPUT);
    CHECK_S(err.text, "\"folder/un.xml\": un has 1 entries, the version of 2024-01-01 5: not taken "
                      "(if it is right: --fewer)");
    CHECK(!import(s, a, tuesday, (struct list_day){2024, 1, 3}, false, &v, &is_new, &err));
    CHECK_S(err.text, "\"folder/un.xml\": it is of 2024-01-02 by its own words, not of 2024-01-03");
    CHECK_OK(list_versions(s, a, &all, &n, &err), err);
    CHECK_U(n, 1);
    CHECK_OK(import(s, a, few, no_day, true, &v, &is_new, &err), err);
    store_close(s);
    arena_free(a);
}

static void changes(void **state)
{
    static const struct {
        const char *id;
        enum list_change_kind kind;
        const char *deltas[2]; /* sign and text */
    } rows[] = {
        {"1", LIST_CHANGED, {"-UNO (a.k.a.)", "+EINS (a.k.a.)"}},
        {"3", LIST_REMOVED, {NULL, NULL}},
        {"6", LIST_ADDED, {NULL, NULL}},
    };
    struct arena *a = arena_new(NULL, MEMORY);
    struct store *s = opened(test_dir(), STORE_WRITE);
    struct list_version from, to;
    struct list_diff d;
    struct err err;
    bool is_new;

    CHECK_OK(import(s, a, monday, no_day, false, &from, &is_new, &err), err);
    CHECK_OK(import(s, a, tuesday, no_day, false, &to, &is_new, &err), err);
    CHECK_OK(list_changes(s, a, &from, &to, &d, &err), err);
    CHECK_U(d.changes_n, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct list_change *c = &d.changes[i];

        test_row("entry %s", rows[i].id);
        CHECK_S((c->to ? c->to : c->from)->id, rows[i].id);
        CHECK_U(c->kind, rows[i].kind);
        CHECK_U(c->deltas_n, rows[i].deltas[0] ? 2 : 0);
        for (size_t k = 0; k < c->deltas_n; k++) {
            CHECK_S(c->deltas[k].label, "alias");
            CHECK_S(c->deltas[k].text, rows[i].deltas[k] + 1);
            CHECK_U(c->deltas[k].added, *rows[i].deltas[k] == '+');
        }
    }
    CHECK_OK(list_changes(s, a, &to, &to, &d, &err), err);
    CHECK_U(d.changes_n, 0);
    store_close(s);
    arena_free(a);
}

/* Killed again and again while it imports: what was there is there, and whatever else is there is
 * whole. */
static void killed(void **state)
{
    const char *dir = test_dir();
    struct arena *a = arena_new(NULL, MEMORY);
    struct store *s = opened(dir, STORE_WRITE);
    struct list_version v;
    struct err err;
    bool is_new;

    CHECK_OK(import(s, a, monday, no_day, false, &v, &is_new, &err), err);
    store_close(s);
    for (unsigned i = 0; i < 12; i++) {
        const struct list_version *all;
        struct list l;
        size_t n;
        pid_t child = fork();

        if (!child) {
            s = opened(dir, STORE_WRITE);
            for (unsigned day = 2;; day++) { /* one new version after another, until the end */
                char text[sizeof(tuesday)];

                memcpy(text, tuesday, sizeof(tuesday));
                text[strlen("<CONSOLIDATED_LIST dateGenerated=\"2024-01-0")] =
                    (char)('2' + day % 8);
                text[strlen("<CONSOLIDATED_LIST dateGenerated=\"2024-0")] =
                    (char)('1' + day / 8 % 9);
                import(s, a, text, no_day, false, &v, &is_new, &err);
            }
        }
        usleep(3000 + 1700 * i);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        s = opened(dir, STORE_WRITE);
        CHECK_OK(list_versions(s, a, &all, &n, &err), err);
        CHECK(n >= 1);
        for (size_t k = 0; k < n; k++) {
            CHECK_OK(list_load(s, a, &all[k], &l, &err), err);
            CHECK_U(l.entries_n, 5);
        }
        store_close(s);
    }
    arena_free(a);
}

static bool import_all(void *ctx)
{
    struct arena *a = arena_new(NULL, MEMORY);
    struct list_version from, to;
    struct list_diff d;
    struct err err;
    bool is_new, good = a && import(ctx, a, monday, no_day, true, &from, &is_new, &err) &&
                        import(ctx, a, tuesday, no_day, true, &to, &is_new, &err) &&
                        list_changes(ctx, a, &from, &to, &d, &err);

    arena_free(a);
    return good;
}

static void failed_allocations(void **state)
{
    struct store *s = opened(test_dir(), STORE_WRITE);

    test_failed_allocations(import_all, s);
    store_close(s);
}

static void days_of_paths(void **state)
{
    static const struct {
        const char *path, *day;
    } rows[] = {
        {"ofac/2023-12-29/sdn.csv", "2023-12-29"},
        {"un-consolidated-2025-04-19.xml.zst", "2025-04-19"},
        {"2020-01-01/shisantouketsu20260828.csv", "2026-08-28"},
        {"a/20240229/sdn.csv", "2024-02-29"},
        {"2023-12-29/more/sdn.csv", ""},
        {"sdn-20240230.csv", ""},
        {"x120240228.csv", ""},
        {"sdn.csv", ""},
        {"/sdn.csv", ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct list_day day = {0, 0, 0};
        char text[LIST_DAY_TEXT];

        test_row("%s", rows[i].path);
        CHECK_U(list_day_of_path(rows[i].path, &day), *rows[i].day != 0);
        CHECK_S(list_day_text(day, text), rows[i].day);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions),
        cmocka_unit_test(refusals),
        cmocka_unit_test(changes),
        cmocka_unit_test(killed),
        cmocka_unit_test(failed_allocations),
        cmocka_unit_test(days_of_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
