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

#include "chain/proof_nodes.h"

struct hash32 xrpl_tx_id(struct bytes tx);

struct xrpl_leaf {
    struct hash32 id, hash;
    bool wanted; /* the nodes that lead to it are kept */
};
struct xrpl_leaf xrpl_leaf(struct bytes tx, struct bytes meta);
/* Sorts the leaves; of none the root is all zeros. */
bool xrpl_tree_root(struct xrpl_leaf *leaves, size_t n, struct hash32 *ret,
                    struct err *err) MUST_USE;
/* The same, keeping inner nodes. */
bool xrpl_tree_prove(struct xrpl_leaf *leaves, size_t n, struct proof_kept *keep,
                     struct hash32 *ret, struct err *err) MUST_USE;

/* Nodes as they are hashed, with what is hashed before them. */
struct hash32 xrpl_node_hash(struct bytes node);
#define XRPL_CHILDREN 16u
/* NULL: no inner node. Else its children's hashes, one after another. */
const uint8_t *xrpl_inner_read(struct bytes node);
/* A leaf's; n 0: no memory. Both parts up to XRPL_LENGTH_MAX bytes (wire.h). */
struct bytes xrpl_leaf_write(struct arena *a, struct bytes tx, struct bytes meta);
/* Borrowed from the node. False: no leaf, or not of the id that it says. */
bool xrpl_leaf_read(struct bytes node, struct bytes *ret_tx, struct bytes *ret_meta,
                    struct hash32 *ret_id);
unsigned xrpl_nibble(const struct hash32 *id, unsigned at); /* at: 0 to 63 */

#define XRPL_HEADER_BYTES 118
struct xrpl_header {
    uint32_t index, parent_close, close; /* times in seconds since 2000 */
    uint64_t coins;                      /* drops that there are */
    struct hash32 parent, txs, state;
    uint8_t resolution, flags;
};
bool xrpl_header_read(struct bytes in, struct xrpl_header *ret, struct err *err) MUST_USE;
void xrpl_header_write(const struct xrpl_header *h, uint8_t ret[XRPL_HEADER_BYTES]);
struct hash32 xrpl_header_hash(const struct xrpl_header *h);

#endif
