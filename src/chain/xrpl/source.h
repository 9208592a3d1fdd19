/* Files of the XRP Ledger, as a source of facts: answers of a server to tx and account_tx (or rows
 * of it), a line each or one over many lines, and whole ledgers (ledger, with transactions
 * expanded). Any of them may be zstd.
 *
 * Transactions of one ledger are a block together, by their index in it; what a whole ledger says
 * of itself (hash, parent, time) is told if it is there. A transaction that is there twice is told
 * once.
 *
 * Errors:    ERR_INPUT with file and line: no such answer; without its ledger or time; what tx.h
 *            says. ERR_NOT_FOUND no such file; ERR_LIMIT; ERR_SYSTEM; ERR_NOMEM. All is read at
 *            opening.
 * Threads:   one caller. */
#ifndef CORDON_CHAIN_XRPL_SOURCE_H
#define CORDON_CHAIN_XRPL_SOURCE_H

#include "base/json.h"
#include "chain/transfers.h"

#define XRPL_BYTES_MAX ((size_t)8 << 30) /* of memory */
#define XRPL_TXS_MAX ((size_t)1 << 22)

bool xrpl_open(const char *const *paths, size_t paths_n, struct transfer_source *ret,
               struct err *err) MUST_USE;
struct xrpl_text {
    const char *name;
    struct bytes in;
};
bool xrpl_from(const struct xrpl_text *texts, size_t n, struct transfer_source *ret,
               struct err *err) MUST_USE;
bool xrpl_is(struct bytes beginning);

/* Each answer of the files in turn, what there is of it in "result", or else all; j is gone
 * afterwards. */
typedef bool xrpl_answer_fn(void *ctx, const struct json *j, struct err *err);
bool xrpl_answers_each(const char *const *paths, size_t paths_n, xrpl_answer_fn *each, void *ctx,
                       struct err *err) MUST_USE;

#endif
