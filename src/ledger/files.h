/* A ledger's files under its one writer, the same for every shape: opened and recovered, appended
 * to, undone. writer.h says in which steps a batch is committed.
 *
 * Errors:    as writer.h.
 * Threads:   one caller; a commit ends in a thread of its own, and until files_settled nothing else
 *            here may be asked. */
#ifndef CORDON_LEDGER_FILES_H
#define CORDON_LEDGER_FILES_H

#include "base/pool.h"
#include "ledger/columns.h"

#include <pthread.h>

struct files {
    int dir, lock;
    int fd[COLUMNS_MAX];
    bool fleeting; /* nothing is made durable */
    struct head head;
    struct columns c;
    struct settling *settling; /* a batch whose bytes are written and not yet durable or applied */
    pthread_t settler;
};

void files_init(struct files *f); /* nothing is open; files_close may follow */
/* files_close ends what a failed open began. */
bool files_open(struct files *f, const char *path, const struct ledger_shape *shape,
                const struct chain *chain, bool fleeting, struct err *err) MUST_USE;
void files_close(struct files *f);

/* Bytes on their way to the end of a column, with its checksum carried on. */
struct put;
void put_bytes(struct put *u, const void *p, size_t n);
void put_id(struct put *u, uint64_t id); /* le40 */

/* What a batch adds. */
struct addition {
    struct counts n;
    struct hash32 tip;
    /* [n of the index] sorted; index counts from 0 within the batch */
    const struct keyed *fresh[INDEXES_MAX];
    /* Gives the column's bytes in order; called by several threads, one a column. */
    void (*put)(void *ctx, struct put *u, unsigned column);
    /* Step 3, as the shape's apply would do it. Asked for in the background: what it reads must
     * stay until files_settled. */
    void (*apply)(void *ctx, const struct columns *c);
    void *ctx;
};

/* After the commit before is settled. Steps 1 to 4; from the disk's part on in the background. */
bool files_commit(struct files *f, struct pool *pool, const struct addition *a,
                  struct err *err) MUST_USE;
bool files_settled(struct files *f, struct err *err) MUST_USE; /* waits for that end */

/* Undoes the newest blocks until blocks_n are left. Waits until readers have closed. */
bool files_undo(struct files *f, uint32_t blocks_n, struct err *err) MUST_USE;

/* what files.c, commit.c and undo.c share */
bool files_cut(struct files *f, const struct counts *n, struct err *err);
bool files_sweep(struct files *f, struct err *err); /* index runs of older counts */
enum { SYNC_GROWING = 1, SYNC_IN_PLACE = 2 };       /* columns that only grow; the others */
bool files_sync(struct files *f, unsigned which, struct err *err);
bool files_head(struct files *f, const struct head *head, enum head_rest rest, struct err *err);
bool files_remap(struct files *f, struct err *err);
/* what the head says is to be undone */
bool files_finish_undo(struct files *f, struct err *err);

#endif
