/* A ledger of accounts, watched: as watch/coins.h, for chains with accounts.
 *
 * The engine of accounts does not go on block by block. Between two blocks the holdings that are
 * tainted are kept, by case, in one table; a block in which none of a case's is spent costs it a
 * look a transfer. Where one is, that case is traced anew, to the block in hand. So what is found
 * is what cordon trace finds; the sums of a case are those of its last trace, which a freeze alone
 * does not renew. A case that begins at an account, or waits for its origins, is traced anew with
 * each turn that has blocks.
 *
 * A case is followed within this ledger; one that names other chains besides is refused.
 *
 * Ownership, errors, threads: as watch/coins.h. */
#ifndef CORDON_WATCH_ACCOUNTS_H
#define CORDON_WATCH_ACCOUNTS_H

#include "ledger/account_ledger.h"
#include "watch/found.h"

#define WATCH_TRACE_BYTES_MAX ((size_t)8 << 30) /* of one trace */

struct watch_accounts;

bool watch_accounts_new(const struct chain *chain, struct watch_accounts **ret,
                        struct err *err) MUST_USE;
struct watch_accounts *watch_accounts_free(struct watch_accounts *w);

bool watch_accounts_case(struct watch_accounts *w, const char *id, struct bytes text,
                         struct err *err) MUST_USE;
void watch_accounts_drop(struct watch_accounts *w, const char *id);
void watch_accounts_keep(struct watch_accounts *w, bool (*keep)(void *ctx, const char *id),
                         void *ctx);
void watch_accounts_own(struct watch_accounts *w, struct own_set *own);
bool watch_accounts_turn(struct watch_accounts *w, const struct account_ledger *l,
                         uint32_t blocks_max, watch_found_fn *found, void *ctx,
                         struct err *err) MUST_USE;

struct watch_counts watch_accounts_counts(const struct watch_accounts *w);
bool watch_accounts_state(const struct watch_accounts *w, const char *id, enum watch_state *ret,
                          const char **ret_text, size_t *ret_traces);

#endif
