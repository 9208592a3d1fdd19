/* Where records rest: one SQLite file, in write-ahead mode.
 *
 * A store holds the tables of several rooms. Each room says which, as a constant struct
 * store_schema: the steps that make and later change its tables. Opening for writing runs the steps
 * that the file lacks, all in one transaction; a file that a newer program has written is refused.
 *
 *     struct store_query *q = NULL;
 *     bool row;
 *
 *     ok = store_prepare(s, "SELECT name FROM pack WHERE id = ?", &q, err) &&
 *          store_bind_u64(q, 1, id, err) && store_step(q, &row, err);
 *     if (ok && row)
 *         name = store_text(q, 0);
 *     q = store_finish(q);
 *
 * SQL is a literal of the program, and values are bound to it; there is no other way in.
 *
 * Units:     columns count from 0, parameters from 1, as in SQLite.
 * Ownership: what a row holds is borrowed until the query's next step, reset or finish. Queries are
 *            finished before their store is closed.
 * Errors:    ERR_NOT_FOUND no such file, or none of these tables yet (reading), ERR_CORRUPT no
 *            database, damaged, or of a newer program, ERR_SYSTEM disk, permission, another writer
 *            for longer than STORE_WAIT_MS,
 *            ERR_LIMIT a value that does not fit, ERR_NOMEM. A failed step ends no transaction: the
 *            caller rolls back.
 * Threads:   a store and its queries belong to one thread at a time. Any number of stores, in any
 *            number of processes, may have the same file open: readers see whole transactions, and
 *            do not wait for a writer. */
#ifndef CORDON_STORE_STORE_H
#define CORDON_STORE_STORE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

#define STORE_WAIT_MS 10000
#define STORE_VALUE_BYTES_MAX ((size_t)512 << 20)

struct store;
struct store_query;

enum store_mode {
    STORE_READ,  /* the file must be there, with its tables; an older program's are renewed */
    STORE_WRITE, /* made if it is not */
};

struct store_schema {
    const char *room; /* "list", "tag": the prefix of its tables */
    const char *const
        *steps; /* [steps_n] each the statements of one version; never changed later */
    unsigned steps_n;
};

bool store_open(const char *path, enum store_mode mode, const struct store_schema *const *schemas,
                size_t schemas_n, struct store **ret, struct err *err) MUST_USE;
struct store *store_close(struct store *s); /* rolls back what is not committed */
const char *store_path(const struct store *s);

/* A writer's transaction takes the write lock at once. Reads without one each see what is committed
 * then; between store_begin_read and store_end_read all see the same. */
bool store_begin(struct store *s, struct err *err) MUST_USE;
bool store_commit(struct store *s, struct err *err) MUST_USE;
void store_rollback(struct store *s); /* nothing open: does nothing */
/* A part of a writer's transaction that can be taken back alone: begun, and ended by one of the
 * others. No part within a part. A part that cannot be taken back has ended the transaction. */
bool store_part(struct store *s, struct err *err) MUST_USE;
bool store_part_keep(struct store *s, struct err *err) MUST_USE;
bool store_part_undo(struct store *s, struct err *err) MUST_USE;
bool store_begin_read(struct store *s, struct err *err) MUST_USE;
void store_end_read(struct store *s);

bool store_prepare(struct store *s, const char *sql, struct store_query **ret,
                   struct err *err) MUST_USE;
struct store_query *store_finish(struct store_query *q); /* takes NULL, returns NULL */
void store_reset(struct store_query *q);                 /* to run again; bound values stay */
/* *ret_row: there is a row. NULL where the statement gives none and must not (INSERT, DELETE). */
bool store_step(struct store_query *q, bool *ret_row, struct err *err) MUST_USE;

/* Values up to 2^63 - 1. A text or blob is copied; a NULL pointer binds NULL. */
bool store_bind_u64(struct store_query *q, int at, uint64_t v, struct err *err) MUST_USE;
bool store_bind_text(struct store_query *q, int at, const char *s, struct err *err) MUST_USE;
bool store_bind_text_n(struct store_query *q, int at, const char *p, size_t n,
                       struct err *err) MUST_USE;
bool store_bind_blob(struct store_query *q, int at, struct bytes v, struct err *err) MUST_USE;
bool store_bind_null(struct store_query *q, int at, struct err *err) MUST_USE;
/* Not copied: it stays as it is until the query is reset, and is bound anew before the next step.
 * For what is written many times a second. */
bool store_lend_text(struct store_query *q, int at, const char *s, struct err *err) MUST_USE;
bool store_lend_blob(struct store_query *q, int at, struct bytes v, struct err *err) MUST_USE;

bool store_is_null(struct store_query *q, int column);
uint64_t store_u64(struct store_query *q, int column);     /* NULL and negative: 0 */
const char *store_text(struct store_query *q, int column); /* NUL-terminated; NULL: "" */
size_t store_text_n(struct store_query *q, int column);
/* Copies that outlive the row. NULL: no memory. The second gives NULL for NULL, and sets *ok to
 * false for want of memory. */
const char *store_text_copy(struct store_query *q, int column, struct arena *a);
const char *store_text_or_null(struct store_query *q, int column, struct arena *a, bool *ok);
struct bytes store_blob(struct store_query *q, int column);

/* One statement with neither parameters nor rows. */
bool store_run(struct store *s, const char *sql, struct err *err) MUST_USE;
uint64_t store_last_id(const struct store *s); /* of the row last inserted */
uint64_t store_changed(const struct store *s); /* rows of the last INSERT, UPDATE or DELETE */

#endif
