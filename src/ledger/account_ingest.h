/* From a source of blocks into a ledger of accounts: resumable, in bounded memory.
 *
 * What is in the ledger already is passed over, so that the next run goes on where a stopped one
 * ended; a branch takes the place of our newest blocks (account_writer.h). Blocks are committed in
 * batches as large as memory allows; the bytes of the ledger do not depend on that.
 *
 * Ownership: the source stays the caller's.
 * Errors:    as account_writer.h, and the source's; what came before the block that failed is
 *            committed.
 * Threads:   one caller; the source may have workers of its own. */
#ifndef CORDON_LEDGER_ACCOUNT_INGEST_H
#define CORDON_LEDGER_ACCOUNT_INGEST_H

#include "ledger/account_writer.h"
#include "ledger/ingest.h"

#include <stdatomic.h>

struct account_ingest_options {
    struct ledger_options ledger;
    /* NULL, or set by a signal: ends after what is held is committed */
    const atomic_bool *stop;
    /* NULL, or called now and then; blocks_all is 0: a source does not tell it */
    void (*progress)(void *ctx, const struct ingest_progress *p);
    void *ctx;
};

struct account_ingest_result {
    struct account_ledger_took blocks;
    bool stopped;
};

/* dir: the ledger's folder. ret is filled on failure, too. */
bool account_ingest(const char *dir, const struct chain *chain, struct transfer_source *source,
                    const struct account_ingest_options *o, struct account_ingest_result *ret,
                    struct err *err) MUST_USE;

#endif
