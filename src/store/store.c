/* SQLite, with our errors. What is set on opening: write-ahead mode, so that readers and a writer
 * do not wait for each other; every commit synced, for a decision may stand on it; and nothing
 * trusted that a schema might hold (https://www.sqlite.org/security.html). */
#include "store/store.h"

#include "base/mem.h"

#include <pthread.h>
#include <sqlite3.h>
#include <unistd.h>

struct store {
    sqlite3 *db;
    char *path;
};

struct store_query {
    sqlite3_stmt *stmt;
    struct store *store;
};

static bool fail(const struct store *s, int code, struct err *err)
{
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return err_fail(err, ERR_NOMEM, "\"%s\"", s->path);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_SCHEMA:
        return err_fail(err, ERR_CORRUPT, "\"%s\" is damaged: %s", s->path, sqlite3_errmsg(s->db));
    case SQLITE_TOOBIG:
        return err_fail(err, ERR_LIMIT, "\"%s\": a value of more than %zu bytes", s->path,
                        STORE_VALUE_BYTES_MAX);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_fail(err, ERR_SYSTEM, "\"%s\" is being written by another", s->path);
    default:
        return err_fail(err, ERR_SYSTEM, "\"%s\": %s", s->path, sqlite3_errmsg(s->db));
    }
}

bool store_run(struct store *s, const char *sql, struct err *err)
{
    int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK || fail(s, code, err);
}

/* ---- schemas ---- */

static bool schema_version(struct store *s, const char *room, unsigned *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false;
    bool ok = store_prepare(s, "SELECT version FROM store_schema WHERE room = ?", &q, err) &&
              store_bind_text(q, 1, room, err) && store_step(q, &row, err);

    *ret = ok && row ? (unsigned)store_u64(q, 0) : 0;
    store_finish(q);
    return ok;
}

static bool schema_done(struct store *s, const struct store_schema *schema, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s, "INSERT OR REPLACE INTO store_schema VALUES (?, ?)", &q, err) &&
              store_bind_text(q, 1, schema->room, err) &&
              store_bind_u64(q, 2, schema->steps_n, err) && store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

static bool schema_check(struct store *s, const struct store_schema *schema, unsigned *ret_has,
                         struct err *err)
{
    if (!schema_version(s, schema->room, ret_has, err))
        return false;
    return *ret_has <= schema->steps_n ||
           err_fail(err, ERR_CORRUPT, "\"%s\" was written by a newer program (%s, version %u)",
                    s->path, schema->room, *ret_has);
}

static bool schema_write(struct store *s, const struct store_schema *schema, struct err *err)
{
    unsigned has;

    if (!schema_check(s, schema, &has, err))
        return false;
    for (unsigned i = has; i < schema->steps_n; i++)
        if (!store_run(s, schema->steps[i], err))
            return false;
    return has == schema->steps_n || schema_done(s, schema, err);
}

static bool schemas_write(struct store *s, const struct store_schema *const *schemas, size_t n,
                          struct err *err)
{
    bool ok = store_begin(s, err) &&
              store_run(s,
                        "CREATE TABLE IF NOT EXISTS store_schema "
                        "(room TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID",
                        err);

    for (size_t i = 0; ok && i < n; i++)
        ok = schema_write(s, schemas[i], err);
    if (ok && store_commit(s, err))
        return true;
    store_rollback(s);
    return false;
}

/* Tables that an older program made: a reader, too, brings them up to date, for what it would
 * otherwise do without is there. */
static bool schema_renew(struct store *s, const struct store_schema *schema, struct err *err)
{
    bool ok = store_run(s, "PRAGMA query_only = OFF", err) && store_begin(s, err) &&
              schema_write(s, schema, err) && store_commit(s, err);

    if (!ok)
        store_rollback(s);
    return ok && store_run(s, "PRAGMA query_only = ON", err);
}

/* A file is there for a moment before it has tables; longer where who made it was killed. */
static bool has_schemas(struct store *s, bool *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool ok =
        store_prepare(s, "SELECT 1 FROM sqlite_schema WHERE name = 'store_schema'", &q, err) &&
        store_step(q, ret, err);

    store_finish(q);
    return ok;
}

static bool schemas_read(struct store *s, const struct store_schema *const *schemas, size_t n,
                         struct err *err)
{
    bool any = false;

    if (!has_schemas(s, &any, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        unsigned has = 0;

        if (any && !schema_check(s, schemas[i], &has, err))
            return false;
        if (has && has < schemas[i]->steps_n && !schema_renew(s, schemas[i], err))
            return false;
        if (!has && schemas[i]->steps_n)
            return err_fail(err, ERR_NOT_FOUND, "\"%s\" has no records of that kind (%s) yet",
                            s->path, schemas[i]->room);
    }
    return true;
}

/* ---- opening ---- */

static bool settings(struct store *s, enum store_mode mode, struct err *err)
{
    static const int on[] = {SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_ENABLE_FKEY},
                     off[] = {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_TRIGGER,
                              SQLITE_DBCONFIG_ENABLE_VIEW};

    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_busy_timeout(s->db, STORE_WAIT_MS);
    sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, (int)STORE_VALUE_BYTES_MAX);
    for (size_t i = 0; i < sizeof(on) / sizeof(on[0]); i++)
        sqlite3_db_config(s->db, on[i], 1, NULL);
    for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
        sqlite3_db_config(s->db, off[i], 0, NULL);
    if (mode == STORE_READ)
        return store_run(s, "PRAGMA query_only = ON", err);
    return store_run(s, "PRAGMA journal_mode = WAL", err) &&
           store_run(s, "PRAGMA synchronous = FULL", err);
}

/* SQLite's count of what it has allocated, which nobody asks for, takes a lock each time. */
static void uncounted(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static bool open_file(struct store *s, enum store_mode mode, struct err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    /* a reader, too, may have to make the index of the write-ahead log */
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE |
                (mode == STORE_WRITE ? SQLITE_OPEN_CREATE : 0);
    int code;

    if (mode == STORE_READ && access(s->path, F_OK))
        return err_fail(err, ERR_NOT_FOUND, "\"%s\" is not there", s->path);
    pthread_once(&once, uncounted);
    code = sqlite3_open_v2(s->path, &s->db, flags, NULL);
    if (!s->db)
        return err_fail(err, ERR_NOMEM, "\"%s\"", s->path);
    return code == SQLITE_OK || fail(s, code, err);
}

bool store_open(const char *path, enum store_mode mode, const struct store_schema *const *schemas,
                size_t schemas_n, struct store **ret, struct err *err)
{
    struct store *s = mem_zero(sizeof(*s));
    size_t n = strlen(path) + 1;

    if (!s || !(s->path = mem_alloc(n))) {
        mem_free(s);
        return err_fail(err, ERR_NOMEM, "\"%s\"", path);
    }
    memcpy(s->path, path, n);
    if (open_file(s, mode, err) && settings(s, mode, err) &&
        (mode == STORE_WRITE ? schemas_write(s, schemas, schemas_n, err)
                             : schemas_read(s, schemas, schemas_n, err))) {
        *ret = s;
        return true;
    }
    store_close(s);
    return false;
}

struct store *store_close(struct store *s)
{
    if (s) {
        sqlite3_close(s->db);
        mem_free(s->path);
        mem_free(s);
    }
    return NULL;
}

const char *store_path(const struct store *s)
{
    return s->path;
}

/* ---- transactions ---- */

bool store_begin(struct store *s, struct err *err)
{
    return store_run(s, "BEGIN IMMEDIATE", err);
}

bool store_commit(struct store *s, struct err *err)
{
    return store_run(s, "COMMIT", err);
}

void store_rollback(struct store *s)
{
    if (!sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

bool store_part(struct store *s, struct err *err)
{
    return store_run(s, "SAVEPOINT part", err);
}

bool store_part_keep(struct store *s, struct err *err)
{
    return store_run(s, "RELEASE part", err);
}

bool store_part_undo(struct store *s, struct err *err)
{
    return store_run(s, "ROLLBACK TO part; RELEASE part", err);
}

/* A deferred transaction sees from its first read on; so it reads at once. */
bool store_begin_read(struct store *s, struct err *err)
{
    if (!store_run(s, "BEGIN", err))
        return false;
    if (store_run(s, "SELECT 1 FROM store_schema LIMIT 1", err))
        return true;
    store_rollback(s);
    return false;
}

void store_end_read(struct store *s)
{
    store_rollback(s);
}

/* ---- statements ---- */

bool store_prepare(struct store *s, const char *sql, struct store_query **ret, struct err *err)
{
    struct store_query *q = mem_zero(sizeof(*q));
    int code;

    if (!q)
        return err_fail(err, ERR_NOMEM, "\"%s\"", s->path);
    q->store = s;
    code = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &q->stmt, NULL);
    if (code == SQLITE_OK) {
        *ret = q;
        return true;
    }
    mem_free(q);
    fail(s, code, err);
    return false;
}

struct store_query *store_finish(struct store_query *q)
{
    if (q) {
        sqlite3_finalize(q->stmt);
        mem_free(q);
    }
    return NULL;
}

void store_reset(struct store_query *q)
{
    sqlite3_reset(q->stmt);
}

bool store_step(struct store_query *q, bool *ret_row, struct err *err)
{
    int code = sqlite3_step(q->stmt);

    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return fail(q->store, code, err);
    if (ret_row)
        *ret_row = code == SQLITE_ROW;
    return true;
}

static bool bound(struct store_query *q, int code, struct err *err)
{
    return code == SQLITE_OK || fail(q->store, code, err);
}

bool store_bind_u64(struct store_query *q, int at, uint64_t v, struct err *err)
{
    if (v > INT64_MAX)
        return err_fail(err, ERR_LIMIT, "\"%s\": the number %llu", q->store->path,
                        (unsigned long long)v);
    return bound(q, sqlite3_bind_int64(q->stmt, at, (sqlite3_int64)v), err);
}

bool store_bind_text(struct store_query *q, int at, const char *s, struct err *err)
{
    return store_bind_text_n(q, at, s, s ? strlen(s) : 0, err);
}

bool store_bind_text_n(struct store_query *q, int at, const char *p, size_t n, struct err *err)
{
    return bound(q, sqlite3_bind_text64(q->stmt, at, p, n, SQLITE_TRANSIENT, SQLITE_UTF8), err);
}

bool store_bind_blob(struct store_query *q, int at, struct bytes v, struct err *err)
{
    return bound(q, sqlite3_bind_blob64(q->stmt, at, v.p, v.n, SQLITE_TRANSIENT), err);
}

bool store_lend_text(struct store_query *q, int at, const char *s, struct err *err)
{
    return bound(q, sqlite3_bind_text64(q->stmt, at, s, strlen(s), SQLITE_STATIC, SQLITE_UTF8),
                 err);
}

bool store_lend_blob(struct store_query *q, int at, struct bytes v, struct err *err)
{
    return bound(q, sqlite3_bind_blob64(q->stmt, at, v.p, v.n, SQLITE_STATIC), err);
}

bool store_bind_null(struct store_query *q, int at, struct err *err)
{
    return bound(q, sqlite3_bind_null(q->stmt, at), err);
}

bool store_is_null(struct store_query *q, int column)
{
    return sqlite3_column_type(q->stmt, column) == SQLITE_NULL;
}

uint64_t store_u64(struct store_query *q, int column)
{
    sqlite3_int64 v = sqlite3_column_int64(q->stmt, column);

    return v < 0 ? 0 : (uint64_t)v;
}

const char *store_text(struct store_query *q, int column)
{
    const char *text = (const char *)sqlite3_column_text(q->stmt, column);

    return text ? text : "";
}

size_t store_text_n(struct store_query *q, int column)
{
    return (size_t)sqlite3_column_bytes(q->stmt, column);
}

const char *store_text_copy(struct store_query *q, int column, struct arena *a)
{
    return arena_string(a, store_text(q, column), store_text_n(q, column));
}

const char *store_text_or_null(struct store_query *q, int column, struct arena *a, bool *ok)
{
    const char *copy;

    if (store_is_null(q, column))
        return NULL;
    copy = store_text_copy(q, column, a);
    *ok = *ok && copy;
    return copy;
}

struct bytes store_blob(struct store_query *q, int column)
{
    const uint8_t *p = sqlite3_column_blob(q->stmt, column);

    return (struct bytes){p, p ? (size_t)sqlite3_column_bytes(q->stmt, column) : 0};
}

uint64_t store_last_id(const struct store *s)
{
    return (uint64_t)sqlite3_last_insert_rowid(s->db);
}

uint64_t store_changed(const struct store *s)
{
    return (uint64_t)sqlite3_changes64(s->db);
}
