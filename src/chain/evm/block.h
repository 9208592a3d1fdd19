/* A block of an EVM chain, read from anywhere, and told as facts.
 *
 * Readers fill one struct evm_block: block.c from RLP, rpc.c from a node's answers. All rules about
 * what moves stand once, in facts.c:
 *
 * - A fee is gas used times the effective price, plus blobs, plus what the chain below costs; who
 *   gets it says fees.h. It is paid by failed transactions, too; they move nothing else.
 * - Internal transfers are calls and creations with value, and self-destructs, of frames that did
 *   not fail and have no failed frame above them. A delegatecall, staticcall or callcode moves
 *   nothing. A self-destruct in favour of itself destroys its balance, until EIP-6780 (Cancun).
 * - Withdrawals, and before the merge rewards (Ethereum: 5, 3, 2 ether; a 32nd of it more for each
 *   uncle; (8 - depth) / 8 of it to the uncle's miner) stand in a last transaction with the block's
 *   hash. An uncle whose miner the source does not tell is not rewarded.
 * - Receipts from before Byzantium have no status. There a transaction that failed had used all its
 *   gas (REVERT came with Byzantium, EIP-140), so one that did not, or that logged something, has
 *   succeeded; a trace says it for sure. What is left is taken to have failed, but for a plain
 *   payment (21000 gas, no input), which is taken to have moved: an account without code takes it
 *   with just that gas. Without receipts all are taken to have succeeded and no fee is known. In
 *   both cases the block has no trace, so that internals is false, and status stays EVM_UNKNOWN.
 *
 * What no block tells is not here: genesis allocations, the DAO's irregular change of 2016,
 * Avalanche's atomic transactions, how Arbitrum escrows the value of retryable tickets.
 *
 * Units:     wei and gas; times in seconds since 1970.
 * Ownership: facts point into the block, until it is cleared or freed.
 * Errors:    ERR_INPUT naming transaction and field; ERR_LIMIT; ERR_NOMEM.
 * Threads:   one block a thread. */
#ifndef CORDON_CHAIN_EVM_BLOCK_H
#define CORDON_CHAIN_EVM_BLOCK_H

#include "base/arena.h"
#include "chain/chain.h"
#include "chain/evm/fees.h"
#include "chain/evm/log.h"
#include "chain/evm/rlp.h"
#include "chain/proof_nodes.h"
#include "chain/transfers.h"

#define EVM_BLOCK_BYTES_MAX ((size_t)512 << 20) /* of one answer, or one part of a block */
#define EVM_BLOCK_MEMORY_MAX ((size_t)2 << 30)
#define EVM_ITEMS_MAX ((size_t)1 << 24) /* transactions, logs or calls of one block */
#define EVM_BLOOM_BYTES 256
#define EVM_GWEI 1000000000u
#define EVM_DEPOSIT 0x7e /* transaction type of a deposit on the OP stack */

enum evm_status { EVM_UNKNOWN, EVM_DONE, EVM_FAILED };

struct evm_header {
    struct hash32 hash, parent, uncles_hash, state_root, txs_root, receipts_root;
    uint8_t beneficiary[20], nonce[8];
    struct bytes bloom, extra;
    struct u256 difficulty, base_fee;
    uint64_t number, gas_limit, gas_used, time;
    struct hash32 mix, withdrawals_root, beacon_root, requests_hash;
    uint64_t blob_gas_used, excess_blob_gas;
    /* how many of the optional members there are, in this order: base fee (London), withdrawals
     * root (Shanghai), blob gas used, excess blob gas, beacon root (Cancun), requests hash
     * (Prague) */
    unsigned optional_n;
};
#define EVM_HEADER_LONDON 1u
#define EVM_HEADER_SHANGHAI 2u
#define EVM_HEADER_CANCUN 5u
#define EVM_HEADER_PRAGUE 6u

struct evm_tx {
    struct hash32 hash;
    uint8_t from[20], to[20]; /* to: of a creation the new contract */
    uint8_t type;
    bool creates;
    bool received;          /* its receipt, or else its gas_used is 0 */
    bool free;              /* no fee is taken for it, whatever it used */
    bool succeeded;         /* as facts.c has decided */
    enum evm_status status; /* as it is known */
    uint64_t nonce, gas_limit, input_n;
    uint64_t request;        /* number of the message that an Arbitrum deposit is of; 0: none */
    bool redeems;            /* and it is what that message's ticket asks for */
    struct bytes memo;       /* the input, if it is one of chain/memo.h that is sent; else empty */
    struct u256 value, mint; /* mint: issued to from before all else */
    struct u256 price, price_max, tip_max; /* offered: type 0 and 1 price, 2 and later the others */
    uint64_t blobs_n;
    uint64_t gas_used, cumulative, blob_gas_used;
    struct u256 gas_price, blob_price; /* paid for a unit */
    struct u256 l1_fee, operator_fee;
    size_t logs_first, logs_n, calls_first, calls_n;
    uint64_t logs_start; /* index in the block of its first log, as a node tells it */
};

enum evm_call_kind {
    EVM_CALL,
    EVM_CALL_STILL,
    EVM_CREATE,
    EVM_DESTRUCT
}; /* still: moves nothing */
#define EVM_CALL_NONE UINT32_MAX

struct evm_call {          /* a frame, in the order of the trace */
    uint32_t parent;       /* in calls; EVM_CALL_NONE: the transaction itself */
    uint32_t child, depth; /* number among the parent's; 0: the transaction itself */
    uint32_t children_n;
    enum evm_call_kind kind;
    bool failed; /* by itself, or (once facts are told) for what is above it */
    uint8_t from[20], to[20];
    struct u256 value;
};

struct evm_uncle {
    uint64_t number;
    uint8_t miner[20];
    bool known;
};

struct evm_withdrawal {
    uint64_t index, validator, gwei;
    uint8_t to[20];
};

struct evm_facts;

struct evm_block {
    const struct chain *chain;
    const struct evm_rules *rules;
    struct evm_header header;
    struct evm_tx *txs;     /* [txs_n] */
    struct evm_log *logs;   /* [logs_n] */
    struct evm_call *calls; /* [calls_n] */
    struct evm_uncle *uncles;
    struct evm_withdrawal *withdrawals;
    size_t txs_n, logs_n, calls_n, uncles_n, withdrawals_n;
    bool traced;
    struct arena *bytes; /* of this block: topics, data */
    struct evm_facts *facts;
    size_t txs_max, logs_max, calls_max, uncles_max, withdrawals_max;
    struct rlp_out out, scratch; /* for encodings */
    struct rlp_out values;       /* for a trie's */
    size_t *ends;                /* [ends_max] where each of values ends */
    size_t ends_max;
};

struct evm_block *evm_block_new(const struct chain *chain); /* NULL: no memory */
struct evm_block *evm_block_free(struct evm_block *b);
/* Empty again, with its memory kept. */
bool evm_block_clear(struct evm_block *b, struct err *err) MUST_USE;

/* Room for one more, zeroed; NULL: err is set. */
struct evm_tx *evm_tx_add(struct evm_block *b, struct err *err);
struct evm_log *evm_log_add(struct evm_block *b, struct err *err);
struct evm_call *evm_call_add(struct evm_block *b, struct err *err);
struct evm_uncle *evm_uncle_add(struct evm_block *b, struct err *err);
struct evm_withdrawal *evm_withdrawal_add(struct evm_block *b, struct err *err);
uint8_t *evm_bytes(struct evm_block *b, size_t n, struct err *err); /* until clear */
/* A copy until clear; of nothing, nothing. */
bool evm_memo_keep(struct evm_block *b, struct bytes memo, struct bytes *ret, struct err *err);

/* A whole block of RLP. header and body as the wire protocol has them (body: transactions, uncles,
 * withdrawals where there are); receipts as the wire protocol has had them, or without blooms
 * (EIP-7642); n = 0: they are not here, see above.
 * Checked: every hash and root that the header names, signatures and senders, chain ids, gas and
 * status of receipts. */
bool evm_block_read(struct evm_block *b, struct bytes header, struct bytes body,
                    struct bytes receipts, struct err *err) MUST_USE;
/* The block within a NewBlock message of the wire protocol, or a block as clients export them: a
 * list that starts with header, transactions, uncles. */
bool evm_block_read_message(struct evm_block *b, struct bytes message, struct err *err) MUST_USE;

bool evm_block_facts(struct evm_block *b, struct transfer_block *ret, struct err *err) MUST_USE;

/* The pieces. */
bool evm_header_read(struct bytes rlp, struct evm_header *ret, struct err *err) MUST_USE;
void evm_header_write(struct rlp_out *out, const struct evm_header *h);
/* All withdrawals of a block, as its body lists them; that they have the root which the header
 * names is checked. Writing does not ask. */
bool evm_withdrawals_read(struct evm_block *b, struct bytes list, struct err *err) MUST_USE;
void evm_withdrawals_write(struct rlp_out *out, const struct evm_block *b);
/* One transaction as it stands in a block's list: what type it is, who signed it, its hash. Not
 * what its receipt tells. */
bool evm_tx_read(const struct chain *chain, struct bytes wire, struct rlp_out *scratch,
                 struct evm_tx *ret, struct err *err) MUST_USE;
/* Whose signature it is (secp256k1, r and s, then which of two keys): the address of the key, as
 * Ethereum and Tron have it. False: nobody's. */
bool evm_signer(const struct hash32 *signed_hash, const uint8_t compact[64], unsigned y,
                uint8_t ret[20]);
void evm_tx_price(struct evm_tx *tx, const struct evm_header *h); /* gas_price from the offer */
void evm_create_address(const uint8_t from[20], uint64_t nonce, struct rlp_out *scratch,
                        uint8_t ret[20]);
/* Root of the trie of a list: RLP of the index -> value. ends[i] is where value i ends in values.
 * The scratch, cleared by the caller, is bad for want of memory, and the root then wrong. */
struct hash32 evm_list_root(const uint8_t *values, const size_t *ends, size_t n,
                            struct rlp_out *scratch);
/* The same, keeping the nodes that lead to the values wanted[n] is true for; the scratch is bad for
 * want of memory for those, too. */
struct hash32 evm_list_prove(const uint8_t *values, const size_t *ends, size_t n,
                             const bool *wanted, struct rlp_out *scratch, struct proof_kept *keep);
/* A receipt as its trie has it, from any form in which it comes. ERR_INPUT: it is none. */
bool evm_receipt_put(struct rlp_out *out, struct bytes wire, struct err *err) MUST_USE;
bool evm_receipt_cumulative(struct bytes wire, uint64_t *ret, struct err *err) MUST_USE;
/* Into t, a transaction of b, what its receipt tells; before: gas that the block had used until
 * then. Its logs are b's last. */
bool evm_receipt_read(struct evm_block *b, struct evm_tx *t, struct bytes wire, uint64_t before,
                      struct err *err) MUST_USE;
/* What header and sender tell of transactions that have been read: prices of blobs, addresses of
 * contracts made. */
bool evm_block_finish(struct evm_block *b, struct err *err) MUST_USE;
#define EVM_EMPTY_ROOT /* keccak256 of the empty string's RLP */                                   \
    {                                                                                              \
        {                                                                                          \
            0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0,    \
                0xf8, 0x6e, 0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f,      \
                0xb5, 0xe3, 0x63, 0xb4, 0x21                                                       \
        }                                                                                          \
    }

#endif
