/* The forms in which servers tell a transaction, made one: its members and its metadata as JSON,
 * and what it is called, checked.
 *
 *     {tx or tx_json or transaction, meta or metaData, hash, ...}    or all members in one object
 *     {tx_blob or tx, meta or meta_blob, hash, ...}                  in hex
 *
 * Of bytes the hash is computed, and a stated one must be it. What came as JSON is written as bytes
 * again, and hashed: if it is not what it is said to be called, that is an error. That cannot be
 * where not all of the transaction is told, or a member is not in the table (chain/xrpl/codec.h):
 * then its hash is the server's word.
 *
 * Ownership: all in the arena, or borrowed from j.
 * Errors:    ERR_INPUT naming the member; ERR_LIMIT; ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_XRPL_FORM_H
#define CORDON_CHAIN_XRPL_FORM_H

#include "base/json.h"
#include "chain/xrpl/hashes.h"

struct xrpl_form {
    const struct json *tx, *meta, *outer;
    struct hash32 id;
    bool checked;                      /* by its bytes */
    bool has_leaf;                     /* its metadata's bytes are known, too: */
    struct xrpl_leaf leaf;             /* of its ledger's tree */
    struct bytes tx_bytes, meta_bytes; /* what it is the leaf of */
};

/* leaf: may be asked for; costs the metadata. */
bool xrpl_form_find(struct arena *a, const struct json *j, bool leaf, struct xrpl_form *ret,
                    struct err *err) MUST_USE;
/* The first of NULL-terminated names in a, else in b; NULL: none. */
const struct json *xrpl_first_of(const struct json *a, const struct json *b,
                                 const char *const *names);

#endif
