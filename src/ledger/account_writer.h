/* Writing a ledger of accounts: blocks in ledger order go in, whole batches become visible, the
 * newest can be undone. Commits, locks and crashes: as writer.h says of coins.
 *
 * A block that comes after the newest one is appended. One that is there already is passed over: it
 * has the same hash, or, where the source tells none, the same content. A linked block that stands
 * beside ours begins a branch: the branch is held back until it is as high as the ledger (a source
 * gives the chain that it holds for the right one), then the newest blocks are undone for it. A
 * branch that ends before that is dropped, as stale.
 *
 * Blocks that have heights ascend by them; a height that is left out begins a new run. Blocks of
 * lists and books have none, only times, which ascend; all rows of one time are best one block.
 *
 * Errors:    ERR_INPUT, naming the block: it contradicts itself, its parent or the ledger, or would
 *            fill a gap; ERR_LIMIT; ERR_SYSTEM disk, or another writer; ERR_CORRUPT, ERR_NOMEM.
 *            After ERR_INPUT what was taken before can still be committed; after any other the
 *            writer can only be closed. The ledger on disk is whole.
 * Threads:   one caller; workers inside. */
#ifndef CORDON_LEDGER_ACCOUNT_WRITER_H
#define CORDON_LEDGER_ACCOUNT_WRITER_H

#include "chain/transfers.h"
#include "ledger/account_ledger.h"
#include "ledger/writer.h"

struct account_ledger_writer;

/* Opens, or makes, the ledger of a chain in a folder, and finishes what a killed writer left. */
bool account_ledger_writer_open(const char *dir, const struct chain *chain,
                                struct ledger_options options, struct account_ledger_writer **ret,
                                struct err *err) MUST_USE;
struct account_ledger_writer *account_ledger_writer_close(struct account_ledger_writer *w);

/* Takes one block, of which nothing is borrowed after; commits in the background whenever memory is
 * full. */
bool account_ledger_take(struct account_ledger_writer *w, const struct transfer_block *block,
                         struct err *err) MUST_USE;
/* Commits what was taken, and waits until it is visible. */
bool account_ledger_finish(struct account_ledger_writer *w, struct err *err) MUST_USE;
/* Takes blocks and finishes. */
bool account_ledger_append(struct account_ledger_writer *w, const struct transfer_block *blocks,
                           size_t n, struct err *err) MUST_USE;

/* Undoes the newest blocks until blocks_n are left. Waits until readers have closed. */
bool account_ledger_undo(struct account_ledger_writer *w, uint32_t blocks_n,
                         struct err *err) MUST_USE;

/* Blocks, since the writer was opened; as of the last account_ledger_finish. */
struct account_ledger_took {
    uint64_t added, known, undone, stale;
    uint64_t transfers; /* of those added */
};
struct account_ledger_took account_ledger_took(const struct account_ledger_writer *w);
/* What stands for the hash of a block whose source tells none (docs/ledger-format.md). */
struct hash32 account_block_digest(const struct transfer_block *b);

#endif
