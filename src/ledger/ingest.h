/* From block files into a ledger: parallel, resumable, in bounded memory.
 *
 * What is in the ledger already is passed over, so that the next run goes on where a stopped one
 * ended. A better branch undoes the ledger's newest blocks first. Raw blocks are read where they
 * lie (source.h), prepared by all workers, and committed in batches as large as memory allows; the
 * bytes of the ledger do not depend on any of that.
 *
 * Errors:    as source.h, block.h, plan.h and writer.h; what was committed before stays.
 * Ownership: the source stays the caller's.
 * Threads:   one caller; it has workers of its own. */
#ifndef CORDON_LEDGER_INGEST_H
#define CORDON_LEDGER_INGEST_H

#include "chain/chain.h"
#include "ledger/writer.h"

#include <stdatomic.h>

struct ingest_progress {
    uint64_t bytes_done, bytes_all; /* of blocks, in this run */
    uint64_t blocks_done, blocks_all;
};

struct ingest_options {
    const char *const *paths; /* files and folders; "-" is standard input */
    size_t paths_n;
    const struct chain *chain; /* NULL: found by its genesis block */
    struct ledger_options ledger;
    unsigned checks; /* BLOCK_CHECK_FULL */
    /* NULL, or set by a signal: ends after what is held is committed */
    const atomic_bool *stop;
    void (*progress)(void *ctx, const struct ingest_progress *p); /* NULL, or called now and then */
    void *ctx;
};

struct ingest_result {
    uint64_t added, undone, known, stale; /* blocks */
    /* of those added: spend what is not there, and no whole undo record says what it was */
    uint64_t without_undo;
    bool stopped;
    char notes[256]; /* "" or what was passed over, for a person */
};

/* dir: the ledger's folder. */
bool ingest(const char *dir, const struct ingest_options *o, struct ingest_result *ret,
            struct err *err) MUST_USE;
/* The same of a source and into a ledger that are open, and stay so: for whoever comes again. paths
 * and ledger of the options do not count, nor does their chain. */
struct source;
bool ingest_into(struct ledger_writer *w, const struct chain *chain, struct source *source,
                 const struct ingest_options *o, struct ingest_result *ret,
                 struct err *err) MUST_USE;

#endif
