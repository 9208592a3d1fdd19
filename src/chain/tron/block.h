/* Blocks of Tron from a full node's HTTP answers, checked and as facts.
 *
 *     /wallet/getnowblock, getblockbynum          a block: header, transactions, their results
 *     /wallet/gettransactioninfobyblocknum        fees, logs, internal transactions
 *
 * What the chain commits to is checked: a block's id is the SHA-256 of its header with its number
 * in front, a transaction's that of raw_data_hex, and the header's txTrieRoot is the root over all
 * transactions with signatures and results. So what a transaction is, and whether it failed, comes
 * from those bytes, and nothing from the JSON beside them. Nothing commits to the infos: they must
 * be of this block and its transactions, and are a node's word (docs/nodes.md).
 *
 * Kinds: f the fee (of the owner; nobody gets it: Tron burns it); v what TransferContract,
 * TransferAssetContract, or a call or creation of a contract moves, v1 TRC-10 sent along to a
 * contract; i internal transactions, whose path is their number in the list (with a second number,
 * from 1, for further values of one); l tokens' transfers and more, from logs as on EVM chains; r a
 * reward that is paid out. Other contracts only pay their fee.
 *
 * Ownership: facts live in the arena given, and may point into the answers.
 * Errors:    ERR_INPUT naming block or transaction and cause; ERR_NOT_FOUND there is no such block;
 *            ERR_SYSTEM the node says an error; ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe.
 * Sources:   java-tron protocol/core/Tron.proto and contract/{balance,smart,asset_issue}_contract
 *            .proto; BlockCapsule, MerkleTree. */
#ifndef CORDON_CHAIN_TRON_BLOCK_H
#define CORDON_CHAIN_TRON_BLOCK_H

#include "base/arena.h"
#include "chain/chain.h"
#include "chain/transfers.h"

#define TRON_BLOCK_BYTES_MAX ((size_t)64 << 20) /* of an answer */
#define TRON_BLOCK_MEMORY ((size_t)1 << 30)     /* of its facts, with the answers as trees */
#define TRON_BLOCK_TXS_MAX 65536u
#define TRON_SOLID 19u

struct tron_head {
    struct hash32 id, parent, root;
    struct hash32 signed_hash; /* what its representative signs: the id but for the number */
    uint32_t height;
    uint64_t time_ms;
    uint8_t witness[20]; /* who made it; zeros: nobody (the first block) */
};

/* The header of a block alone. */
bool tron_head_read(struct bytes answer, struct tron_head *ret, struct err *err) MUST_USE;
/* By its first block: the last four bytes of its id are the chain's name. */
bool tron_head_is_first(const struct tron_head *h, const struct chain *chain);

bool tron_block_read(struct arena *a, const struct chain *chain, struct bytes block,
                     struct bytes infos, struct tron_head *ret_head, struct transfer_block *ret,
                     struct err *err) MUST_USE;

#endif
