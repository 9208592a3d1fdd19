/* Hashes of the XRP Ledger: what a transaction is called, the tree of a ledger's transactions, and
 * the ledger's own.
 *
 *     transaction   H("TXN\0", its bytes)
 *     leaf          H("SND\0", length, its bytes, length, its metadata, what it is called)
 *     inner node    H("MIN\0", 16 children by the next half byte of what they are called; 0: none)
 *     ledger        H("LWR\0", the header: index, coins, parent, tree of transactions, tree of
 *                   state, parent's closing, closing, resolution, flags)
 *
 * H is the first half of SHA-512. A whole tree's root commits to metadata, too, and a ledger's hash
 * to the root.
 *
 * Source:    xrpl.org, "Basic Data Types: Hashes", "Ledger Header"; rippled, SHAMap, HashPrefix.h.
 * Errors:    ERR_INPUT two leaves of one name; a header of another length.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_XRPL_HASHES_H
#define CORDON_CHAIN_XRPL_HASHES_H

#include "base/err.h"
#include "base/hash.h"

struct hash32 xrpl_tx_id(struct bytes tx);

struct xrpl_leaf {
    struct hash32 id, hash;
};
struct xrpl_leaf xrpl_leaf(struct bytes tx, struct bytes meta);
/* Sorts the leaves; of none the root is all zeros. */
bool xrpl_tree_root(struct xrpl_leaf *leaves, size_t n, struct hash32 *ret,
                    struct err *err) MUST_USE;

#define XRPL_HEADER_BYTES 118
struct xrpl_header {
    uint32_t index, parent_close, close; /* times in seconds since 2000 */
    uint64_t coins;                      /* drops that there are */
    struct hash32 parent, txs, state;
    uint8_t resolution, flags;
};
bool xrpl_header_read(struct bytes in, struct xrpl_header *ret, struct err *err) MUST_USE;
struct hash32 xrpl_header_hash(const struct xrpl_header *h);

#endif
