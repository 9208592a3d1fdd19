/* Self-watch: what leaves a member's hot and cold wallets must be a withdrawal that it has
 * registered (POST /v1/transfers). An outflow that is not, after a while, may be a theft of its
 * own: a case is drafted, for a person to look at and to sign.
 *
 * A draft is a case file, HOME/drafts/SELF-TXID.json, whose origins are what was paid to others; it
 * is no event of the group, since nobody else is to know before a person has looked
 * (`cordon case report`). An outflow whose block was undone meanwhile is left alone.
 *
 * Ownership: home and log are borrowed.
 * Errors:    told to the log.
 * Threads:   one owner. */
#ifndef CORDON_SERVE_SELF_WATCH_H
#define CORDON_SERVE_SELF_WATCH_H

#include "serve/live_ledgers.h"
#include "serve/log.h"
#include "watch/outflow.h"

#define DRAFTS_FOLDER "drafts"
#define SELF_WATCH_PENDING_MAX 10000u

/* Is the outflow a registered withdrawal? tx: as the chain shows it. */
typedef bool self_watch_known_fn(void *ctx, const char *tx, const struct outflow *o, bool *ret,
                                 struct err *err);

struct self_watch;
struct self_watch_counts {
    uint64_t outflows, drafts;
    size_t pending;
};

struct self_watch *self_watch_new(const char *home, uint64_t wait_ms, self_watch_known_fn *known,
                                  void *known_ctx, struct log *log); /* NULL: no memory */
struct self_watch *self_watch_free(struct self_watch *s);
/* New blocks of a ledger: from one on to its end. */
void self_watch_blocks(struct self_watch *s, const struct ledger *l, const struct own_set *own,
                       uint32_t from, uint64_t now_ms);
/* Those whose time is over. v: to see whether they are still there. */
void self_watch_due(struct self_watch *s, const struct live_ledgers_view *v, uint64_t now_ms);
struct self_watch_counts self_watch_counts(const struct self_watch *s);

#endif
