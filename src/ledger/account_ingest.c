#include "ledger/account_ingest.h"

#define PROGRESS_BLOCKS 64u /* between two words of progress */

/* Blocks until the source ends, somebody says stop, or one is wrong. */
static bool pull(struct account_ledger_writer *w, struct transfer_source *source,
                 const struct account_ingest_options *o, bool *ret_stopped, struct err *err)
{
    struct ingest_progress progress = {.bytes_all = source->bytes_all};
    bool end = false;

    for (;;) {
        struct transfer_block block;

        *ret_stopped = o->stop && *o->stop;
        if (*ret_stopped)
            return true;
        if (!source->next(source->self, &block, &end, err))
            return false;
        if (end)
            return true;
        if (!account_ledger_take(w, &block, err))
            return false;
        progress.bytes_done = source->bytes_done;
        if (++progress.blocks_done % PROGRESS_BLOCKS == 0 && o->progress)
            o->progress(o->ctx, &progress);
    }
}

bool account_ingest(const char *dir, const struct chain *chain, struct transfer_source *source,
                    const struct account_ingest_options *o, struct account_ingest_result *ret,
                    struct err *err)
{
    struct account_ledger_writer *w;
    struct err later;
    bool ok;

    memset(ret, 0, sizeof(*ret));
    if (!account_ledger_writer_open(dir, chain, o->ledger, &w, err))
        return false;
    ok = pull(w, source, o, &ret->stopped, err);
    if (!account_ledger_finish(w, ok ? err : &later)) /* the first error is told */
        ok = false;
    ret->blocks = account_ledger_took(w);
    account_ledger_writer_close(w);
    return ok;
}
