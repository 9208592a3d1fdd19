/* Writing a ledger: blocks in ledger order go in, whole batches become visible, the newest can be
 * undone.
 *
 * One writer a ledger (file `lock`). How a batch is committed, so that whoever dies at any moment
 * leaves the last whole batch (docs/ledger-format.md, "Commit"):
 *
 *     1. columns are appended, index runs written, all of it made durable
 *     2. the head names the new counts, and says that they are not applied yet
 *     3. out.spent and script.last are changed in place, to what in.source and out.script say, and
 *        made durable
 *     4. the head says that all is applied: now readers see it
 *
 * A crash before 2 leaves bytes that the next writer cuts off; between 2 and 4, a change that the
 * next writer does again.
 *
 * Every byte is a function of the blocks: not of batches, memory or threads.
 *
 * Errors:    ERR_INPUT the blocks contradict themselves or the ledger; ERR_SYSTEM disk, or another
 *            writer; ERR_NOMEM. After an error the writer can only be closed; the ledger on disk is
 *            whole.
 * Threads:   one caller; workers inside. */
#ifndef CORDON_LEDGER_WRITER_H
#define CORDON_LEDGER_WRITER_H

#include "base/err.h"
#include "chain/chain.h"
#include "chain/facts.h"
#include "ledger/ledger.h"

#define LEDGER_MEMORY_MIN ((uint64_t)64 << 20)
#define LEDGER_MEMORY_DEFAULT ((uint64_t)1 << 30)
#define LEDGER_UNDO_MAX 288u /* blocks: two days of Bitcoin; a deeper fork is refused */

struct ledger_options {
    uint64_t memory;  /* bytes that a batch may take; 0: LEDGER_MEMORY_DEFAULT */
    unsigned threads; /* 0: one a processor */
    bool fleeting;    /* it need not outlive a crash of the system: nothing waits for the disk */
};

struct ledger_writer;

/* Opens, or makes, the ledger of a chain in a folder, and finishes what a killed writer left. */
bool ledger_writer_open(const char *dir, const struct chain *chain, struct ledger_options options,
                        struct ledger_writer **ret, struct err *err) MUST_USE;
struct ledger_writer *ledger_writer_close(struct ledger_writer *w);

/* Appends blocks and commits them. Each links to the one before it, or starts a new run: then its
 * height must be above the last (or unknown), else it would fill a gap and is ERR_INPUT. A linked
 * block's height follows from its parent. */
bool ledger_append(struct ledger_writer *w, const struct block_facts *facts, size_t n,
                   struct err *err) MUST_USE;

/* Undoes the newest blocks until blocks_n are left. Waits until readers have closed. */
bool ledger_undo(struct ledger_writer *w, uint32_t blocks_n, struct err *err) MUST_USE;

/* What is there, for whoever decides what comes next (ingest). Not while a commit is under way. */
uint32_t ledger_writer_blocks(const struct ledger_writer *w);
uint32_t ledger_writer_runs(const struct ledger_writer *w);
struct ledger_block ledger_writer_block(const struct ledger_writer *w, uint32_t block);
uint32_t ledger_writer_find_block(const struct ledger_writer *w, const struct hash32 *hash);
/* first block of a run */
uint32_t ledger_writer_run_first(const struct ledger_writer *w, uint32_t run);

/* The same in two steps, for whoever prepares blocks in parallel (ingest.c). */
struct segment;
struct pool;
struct pool *ledger_writer_pool(struct ledger_writer *w);
/* Where values and scripts of outputs outside the ledger come from, asked for only when a block of
 * the batch needs them: *ret[inputs of the block], valid until the next call; NULL where there is
 * no undo data. */
typedef bool spent_fn(void *ctx, size_t block, const struct fact_spent **ret, struct err *err);
bool ledger_writer_fits(const struct ledger_writer *w, const struct segment *s, size_t n);
bool ledger_writer_take(struct ledger_writer *w, const struct segment *s, size_t n,
                        struct err *err) MUST_USE;
size_t ledger_writer_held(const struct ledger_writer *w); /* blocks taken and not committed */
/* Begins a commit, after the one before it is done; the disk works on while the next blocks are
 * taken. */
bool ledger_writer_commit(struct ledger_writer *w, spent_fn *spent, void *ctx,
                          struct err *err) MUST_USE;
/* waits until the last is done */
bool ledger_writer_finish(struct ledger_writer *w, struct err *err) MUST_USE;

#endif
