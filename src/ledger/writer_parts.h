/* What the files of the writer share. Nobody else includes this. */
#ifndef CORDON_LEDGER_WRITER_PARTS_H
#define CORDON_LEDGER_WRITER_PARTS_H

#include "ledger/batch.h"

#include <pthread.h>

struct ledger_writer {
    char *dir;
    int dir_fd, lock;
    int fd[COLUMNS_N];
    struct pool *pool;
    struct batch *batch;
    struct head head;
    struct columns c;
    struct appending *settling; /* a batch whose bytes are written and not yet durable or applied */
    pthread_t settler;
};

enum index_kind { INDEX_TX, INDEX_SCRIPT, INDEX_BLOCK, INDEXES_N };
struct index_row {
    const char *name;
    enum count by;
};
extern const struct index_row writer_indexes[INDEXES_N];

static inline uint64_t column_bytes(const struct counts *n, enum column which)
{
    return n->n[column_forms[which].by] * column_forms[which].width;
}

/* writer.c */
/* columns to that length */
bool writer_cut(struct ledger_writer *w, const struct counts *n, struct err *err);
/* index runs of older counts */
bool writer_sweep(struct ledger_writer *w, struct err *err);
/* the one or the other columns */
bool writer_sync(struct ledger_writer *w, bool in_place, struct err *err);
bool writer_remap(struct ledger_writer *w, struct err *err);
/* from the columns */
struct keyed writer_index_entry(const struct columns *c, enum index_kind kind, uint64_t id);

/* commit.c */
/* the joined batch; ends in the background */
bool writer_commit(struct ledger_writer *w, struct err *err);
bool writer_settled(struct ledger_writer *w, struct err *err);     /* waits for that end */
bool writer_apply_again(struct ledger_writer *w, struct err *err); /* a killed writer's step 3 */

/* undo.c */
/* what the head says is to be undone */
bool writer_finish_undo(struct ledger_writer *w, struct err *err);

#endif
