/* A whole ledger, from a server's answer to `ledger` with transactions expanded, in JSON or with
 * its header and transactions in bytes (binary).
 *
 * Checked, where it is told in full: every transaction's hash (chain/xrpl/form.h), the root of all
 * transactions with their metadata against the header, and the header's own hash. So nothing in it
 * can have been changed without the ledger's hash being another. What does not agree is an error;
 * what older answers leave out is not checked (rooted, hashed).
 *
 * Errors:    ERR_INPUT the transaction named; ERR_LIMIT; ERR_NOMEM.
 * Threads:   one ledger a thread. */
#ifndef CORDON_CHAIN_XRPL_LEDGER_H
#define CORDON_CHAIN_XRPL_LEDGER_H

#include "chain/xrpl/tx.h"

#define XRPL_LEDGER_TXS_MAX 65536u

struct xrpl_ledger {
    struct hash32 hash, parent;
    uint64_t number, time;
    struct xrpl_tx *txs; /* [txs_n] as they were told */
    size_t txs_n;
    bool rooted, hashed;
};

/* j: an answer's "result", or its "ledger" alone. Facts are in the arena. */
bool xrpl_ledger_read(struct arena *a, const struct json *j, struct xrpl_ledger *ret,
                      struct err *err) MUST_USE;
/* Its header alone. */
bool xrpl_ledger_head(const struct json *j, struct xrpl_ledger *ret, struct err *err) MUST_USE;
/* What an answer says of the ledger: by members, or as bytes. Of a whole header it is checked that
 * it has that hash. */
struct xrpl_told {
    const struct json *outer, *ledger;
    const struct json *txs; /* NULL: they are not read yet, or there are none */
    struct xrpl_header h;
    struct hash32 hash;
    bool root, whole; /* the root is told; all of the header is */
};
bool xrpl_told_header(const struct json *j, struct xrpl_told *ret, struct err *err) MUST_USE;
bool xrpl_told_txs(struct xrpl_told *t, struct err *err) MUST_USE;
/* Does it look like one? */
bool xrpl_ledger_is(const struct json *j);

/* The same as a block, its transactions by their index in it, in the arena. */
bool xrpl_ledger_block(struct arena *a, const struct xrpl_ledger *l, struct transfer_block *ret,
                       struct err *err) MUST_USE;

#endif
