/* The store: what is committed is there, what is not is not, whatever happened in between. */
#include "store/store.h"

#include "support.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const steps[] = {
    "CREATE TABLE coin (name TEXT PRIMARY KEY, value INTEGER, mark BLOB)",
    "ALTER TABLE coin ADD COLUMN seen INTEGER NOT NULL DEFAULT 7",
    "CREATE INDEX coin_value ON coin (value)",
};
static const struct store_schema first = {"coin", steps, 1}, third = {"coin", steps, 3};
static const char *const wrong_steps[] = {"CREATE TABLE a (b)", "CREATE TABLE a (b)"};
static const struct store_schema wrong = {"wrong", wrong_steps, 2};

static char *place(const char *dir)
{
    static char path[4096];

    snprintf(path, sizeof(path), "%s/records.sqlite", dir);
    return path;
}

static struct store *opened(const char *path, enum store_mode mode, const struct store_schema *of)
{
    struct store *s = NULL;
    struct err err;

    CHECK_OK(store_open(path, mode, &of, 1, &s, &err), err);
    return s;
}

static bool put(struct store *s, const char *name, uint64_t value, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s, "INSERT INTO coin (name, value, mark) VALUES (?, ?, ?)", &q, err) &&
              store_bind_text(q, 1, name, err) && store_bind_u64(q, 2, value, err) &&
              store_bind_blob(q, 3, (struct bytes){(const uint8_t *)"\0\1", 2}, err) &&
              store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

static uint64_t count(struct store *s)
{
    struct store_query *q = NULL;
    struct err err;
    bool row = false;
    uint64_t n;

    CHECK_OK(store_prepare(s, "SELECT count(*) FROM coin", &q, &err), err);
    CHECK_OK(store_step(q, &row, &err), err);
    CHECK(row);
    n = store_u64(q, 0);
    store_finish(q);
    return n;
}

static void values_come_back(void **state)
{
    struct store *s = opened(place(test_dir()), STORE_WRITE, &third);
    struct store_query *q = NULL;
    struct err err;
    bool row;

    (void)state;
    CHECK_OK(store_begin(s, &err), err);
    CHECK_OK(put(s, "one", 1, &err), err);
    CHECK_U(store_last_id(s), 1);
    CHECK_U(store_changed(s), 1);
    CHECK_OK(put(s, "large", INT64_MAX, &err), err);
    CHECK(!put(s, "too large", (uint64_t)INT64_MAX + 1, &err));
    CHECK_U(err.class, ERR_LIMIT);
    CHECK_OK(store_commit(s, &err), err);

    CHECK_OK(store_prepare(s, "SELECT name, value, mark, seen FROM coin ORDER BY value", &q, &err),
             err);
    CHECK_OK(store_step(q, &row, &err), err);
    CHECK(row);
    CHECK_S(store_text(q, 0), "one");
    CHECK_U(store_text_n(q, 0), 3);
    CHECK_U(store_u64(q, 1), 1);
    CHECK_U(store_blob(q, 2).n, 2);
    CHECK_U(store_blob(q, 2).p[1], 1);
    CHECK_U(store_u64(q, 3), 7);
    CHECK_OK(store_step(q, &row, &err), err);
    CHECK_U(store_u64(q, 1), INT64_MAX);
    CHECK_OK(store_step(q, &row, &err), err);
    CHECK(!row);
    store_reset(q);
    CHECK_OK(store_step(q, &row, &err), err);
    CHECK(row && !store_is_null(q, 2));
    store_finish(q);
    store_close(s);
}

static void a_null_is_a_null(void **state)
{
    struct store *s = opened(place(test_dir()), STORE_WRITE, &first);
    struct store_query *q = NULL;
    struct err err;
    bool row;

    (void)state;
    CHECK_OK(store_prepare(s, "SELECT ?, ?, ?", &q, &err), err);
    CHECK_OK(store_bind_text(q, 1, NULL, &err), err);
    CHECK_OK(store_bind_null(q, 2, &err), err);
    CHECK_OK(store_bind_text_n(q, 3, "a\0b", 3, &err), err);
    CHECK_OK(store_step(q, &row, &err), err);
    CHECK(store_is_null(q, 0) && store_is_null(q, 1));
    CHECK_S(store_text(q, 0), "");
    CHECK_U(store_blob(q, 0).n, 0);
    CHECK_U(store_text_n(q, 2), 3);
    store_finish(q);
    store_close(s);
}

static void what_is_rolled_back_was_never_there(void **state)
{
    char *path = place(test_dir());
    struct store *s = opened(path, STORE_WRITE, &first);
    struct err err;

    (void)state;
    CHECK_OK(store_begin(s, &err), err);
    CHECK_OK(put(s, "one", 1, &err), err);
    CHECK(!put(s, "one", 2, &err)); /* the name is there */
    CHECK_U(err.class, ERR_SYSTEM);
    store_rollback(s);
    store_rollback(s);
    CHECK_U(count(s), 0);
    CHECK_OK(store_begin(s, &err), err);
    CHECK_OK(put(s, "one", 1, &err), err);
    store_close(s); /* with a transaction open */
    s = opened(path, STORE_WRITE, &first);
    CHECK_U(count(s), 0);
    store_close(s);
}

/* A part is taken back alone, and goes with the whole. */
static void parts_of_a_transaction(void **state)
{
    struct store *s = opened(place(test_dir()), STORE_WRITE, &first);
    struct err err;

    (void)state;
    CHECK_OK(store_begin(s, &err), err);
    for (uint64_t i = 0; i < 4; i++) {
        CHECK_OK(store_part(s, &err), err);
        CHECK_OK(put(s, i % 2 ? "kept" : "not kept", i, &err) || i == 3, err);
        CHECK_OK(i == 1 ? store_part_keep(s, &err) : store_part_undo(s, &err), err);
    }
    CHECK_OK(store_commit(s, &err), err);
    CHECK_U(count(s), 1);
    CHECK_OK(store_begin(s, &err), err);
    CHECK_OK(store_part(s, &err), err);
    CHECK_OK(put(s, "another", 1, &err), err);
    CHECK_OK(store_part_keep(s, &err), err);
    store_rollback(s);
    CHECK_U(count(s), 1);
    CHECK_OK(store_begin(s, &err), err);
    CHECK_OK(store_part(s, &err), err);
    store_rollback(s);
    CHECK(!store_part_undo(s, &err)); /* the transaction is no more */
    store_close(s);
}

static void tables_grow_with_the_program(void **state)
{
    char *path = place(test_dir());
    const struct store_schema *wanted = &first;
    struct store *s = opened(path, STORE_WRITE, &first);
    struct err err;

    (void)state;
    CHECK_OK(put(s, "old", 1, &err), err);
    store_close(s);
    s = opened(path, STORE_READ, &third); /* renewed, and only read from then on */
    CHECK_U(count(s), 1);
    CHECK(!put(s, "read only", 1, &err));
    store_close(s);
    s = opened(path, STORE_WRITE, &third);
    CHECK_U(count(s), 1);
    store_close(s);
    wanted = &first; /* an older program */
    CHECK(!store_open(path, STORE_WRITE, &wanted, 1, &s, &err));
    CHECK_U(err.class, ERR_CORRUPT);
    CHECK(strstr(err.text, "newer program"));
}

static void a_step_that_fails_changes_nothing(void **state)
{
    char *path = place(test_dir());
    const struct store_schema *both[] = {&first, &wrong};
    struct store *s = NULL;
    struct err err;

    (void)state;
    CHECK(!store_open(path, STORE_WRITE, both, 2, &s, &err));
    both[1] = &first;
    CHECK(!store_open(path, STORE_READ, both, 1, &s, &err)); /* not even the first room's tables */
    s = opened(path, STORE_WRITE, &first);
    CHECK_U(count(s), 0);
    store_close(s);
}

static void no_database_is_said_so(void **state)
{
    char *path = place(test_dir());
    const struct store_schema *wanted = &first;
    struct store *s = NULL;
    struct err err;

    (void)state;
    CHECK(!store_open(path, STORE_READ, &wanted, 1, &s, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    CHECK(access(path, F_OK)); /* and was not made */
    test_write(path, "this is no database, but it is long enough to be looked at as if it were",
               72);
    CHECK(!store_open(path, STORE_READ, &wanted, 1, &s, &err));
    CHECK_U(err.class, ERR_CORRUPT);
    CHECK(!store_open(path, STORE_WRITE, &wanted, 1, &s, &err));
    CHECK_U(err.class, ERR_CORRUPT);
    CHECK_U(test_read(path).n, 72);
    CHECK(!store_open("/dev/null/records", STORE_WRITE, &wanted, 1, &s, &err));
    CHECK_U(err.class, ERR_SYSTEM);
}

/* Killed between two steps of the first making, or not yet at the next: there is nothing to read,
 * which is no failure, and whoever writes goes on. */
static void a_store_that_is_being_made_has_nothing_yet(void **state)
{
    char *path = place(test_dir());
    const struct store_schema *wanted = &first;
    struct store *s = NULL;
    struct err err;

    (void)state;
    test_row("an empty file");
    test_write(path, "", 0);
    CHECK(!store_open(path, STORE_READ, &wanted, 1, &s, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    test_row("a database without tables");
    CHECK_OK(store_open(path, STORE_WRITE, NULL, 0, &s, &err), err);
    CHECK_OK(store_run(s, "DROP TABLE store_schema", &err), err);
    store_close(s);
    CHECK(!store_open(path, STORE_READ, &wanted, 1, &s, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    test_row("another room's tables");
    CHECK_OK(store_open(path, STORE_WRITE, NULL, 0, &s, &err), err);
    store_close(s);
    CHECK(!store_open(path, STORE_READ, &wanted, 1, &s, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    s = opened(path, STORE_WRITE, &first);
    CHECK_U(count(s), 0);
    store_close(s);
    s = opened(path, STORE_READ, &first);
    CHECK_U(count(s), 0);
    store_close(s);
}

static void a_reader_sees_one_moment(void **state)
{
    char *path = place(test_dir());
    struct store *writer = opened(path, STORE_WRITE, &first),
                 *reader = opened(path, STORE_READ, &first);
    struct err err;

    (void)state;
    CHECK_OK(store_begin_read(reader, &err), err);
    CHECK_OK(store_begin(writer, &err), err);
    CHECK_OK(put(writer, "one", 1, &err), err);
    CHECK_U(count(reader), 0);
    CHECK_OK(store_commit(writer, &err), err);
    CHECK_U(count(reader), 0);
    store_end_read(reader);
    CHECK_U(count(reader), 1);
    store_close(reader);
    store_close(writer);
}

/* Killed in the middle of a transaction, after each number of rows: what was committed before is
 * there, and nothing else. */
static void killed_while_writing(void **state)
{
    char *path = place(test_dir());
    struct store *s = opened(path, STORE_WRITE, &first);
    struct err err;

    (void)state;
    CHECK_OK(put(s, "before", 1, &err), err);
    store_close(s);
    for (unsigned rows = 0; rows < 8; rows++) {
        int status;
        pid_t child = fork();

        if (!child) {
            char name[16];

            if (!store_open(path, STORE_WRITE, (const struct store_schema *[]){&first}, 1, &s,
                            &err) ||
                !store_begin(s, &err))
                _exit(1);
            for (unsigned i = 0; i < rows; i++) {
                snprintf(name, sizeof(name), "%u", i);
                if (!put(s, name, i, &err))
                    _exit(1);
            }
            raise(SIGKILL);
        }
        CHECK(waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status));
        s = opened(path, STORE_WRITE, &first);
        CHECK_U(count(s), 1);
        store_close(s);
    }
}

static char *alloc_path;

static bool open_and_put(void *ctx)
{
    const struct store_schema *wanted = &first;
    struct store *s = NULL;
    struct err err;
    bool ok = store_open(alloc_path, STORE_WRITE, &wanted, 1, &s, &err) && store_begin(s, &err) &&
              put(s, "again", 1, &err);

    (void)ctx;
    store_close(s);
    return ok;
}

static void no_memory(void **state)
{
    (void)state;
    alloc_path = place(test_dir());
    test_failed_allocations(open_and_put, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(a_null_is_a_null),
        cmocka_unit_test(what_is_rolled_back_was_never_there),
        cmocka_unit_test(parts_of_a_transaction),
        cmocka_unit_test(tables_grow_with_the_program),
        cmocka_unit_test(a_step_that_fails_changes_nothing),
        cmocka_unit_test(no_database_is_said_so),
        cmocka_unit_test(a_store_that_is_being_made_has_nothing_yet),
        cmocka_unit_test(a_reader_sees_one_moment),
        cmocka_unit_test(killed_while_writing),
        cmocka_unit_test(no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
