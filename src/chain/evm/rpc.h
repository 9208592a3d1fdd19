/* A block of an EVM chain from a node's answers (JSON-RPC) -> facts.
 *
 * One block at a time: evm_rpc_start, then the answers about it, the block first and the rest in
 * any order, then evm_rpc_facts, which checks them together. Answers are whole response objects
 * ("jsonrpc", "id", and "result" or "error").
 *
 *     eth_chainId                              is the chain the right one?
 *     eth_getBlockByNumber, ...ByHash          with whole transactions
 *     eth_getBlockReceipts, or for each transaction eth_getTransactionReceipt
 *     eth_getLogs                              of one block, where a node gives no receipts: fees
 *                                              and failures are then not known (block.h)
 *     debug_traceBlockByNumber (callTracer), or trace_block       internal transfers; optional
 *     eth_getUncleByBlockNumberAndIndex        before the merge; trace_block tells it, too
 *
 * Checked: chain id; the number asked for; the hash of the header, where the answer has all of it
 * and its chain keeps to Ethereum's header; that receipts, logs and traces are those of this
 * block's transactions, all of them, in order, and gas adds up. A node is else believed: signatures
 * and roots are proven for RLP alone.
 *
 * A child of a trace is numbered as trace_block does: callTracer's frames of precompiled contracts
 * that got no value do not count (OpenEthereum and go-ethereum's flatCallTracer leave them out).
 *
 * Ownership: answers are borrowed for the call; facts until the next start.
 * Errors:    ERR_INPUT naming block, transaction and field; ERR_NOT_FOUND the node does not have it
 *            (result null), or does not know the method; ERR_SYSTEM another error of the node, in
 *            its words; ERR_LIMIT; ERR_NOMEM. After one: start anew.
 * Threads:   one a thread. */
#ifndef CORDON_CHAIN_EVM_RPC_H
#define CORDON_CHAIN_EVM_RPC_H

#include "chain/evm/block.h"

#define EVM_NUMBER_ANY UINT64_MAX

enum evm_method {
    EVM_CHAIN_ID,
    EVM_BLOCK_BY_NUMBER,
    EVM_BLOCK_BY_HASH,
    EVM_BLOCK_RECEIPTS,
    EVM_RECEIPT,
    EVM_LOGS,
    EVM_DEBUG_TRACE,
    EVM_TRACE_BLOCK,
    EVM_UNCLE,
};
const char *evm_method_name(enum evm_method m);
bool evm_method_by_name(struct bytes name, enum evm_method *ret);

struct evm_rpc;

struct evm_rpc *evm_rpc_new(const struct chain *chain); /* NULL: no memory */
struct evm_rpc *evm_rpc_free(struct evm_rpc *r);
/* number: the block that will be asked for, or EVM_NUMBER_ANY. */
bool evm_rpc_start(struct evm_rpc *r, uint64_t number, struct err *err) MUST_USE;
bool evm_rpc_answer(struct evm_rpc *r, enum evm_method method, struct bytes answer,
                    struct err *err) MUST_USE;
bool evm_rpc_facts(struct evm_rpc *r, struct transfer_block *ret, struct err *err) MUST_USE;
const struct evm_block *evm_rpc_block(const struct evm_rpc *r);

/* A quantity alone, as eth_blockNumber and eth_chainId answer it. */
bool evm_rpc_quantity(struct bytes answer, uint64_t *ret, struct err *err) MUST_USE;

/* The answers of a batch, one after another: *at starts as 0. False at its end, or with err set
 * (class not ERR_NONE). A node may answer in any order: the id tells which. An answer that is no
 * list is given as it stands, with id UINT64_MAX if it has none. */
struct evm_batch; /* rpc_batch.c */
bool evm_batch_open(struct bytes answers, struct evm_batch **ret, struct err *err) MUST_USE;
bool evm_batch_next(struct evm_batch *b, uint64_t *ret_id, struct bytes *ret_answer,
                    struct err *err);
struct evm_batch *evm_batch_close(struct evm_batch *b);

/* A transaction of an answer as it stands on the wire, whose hash is the transaction's. ERR_INPUT:
 * a field is missing or its type is not known. */
struct json;
bool evm_rpc_wire(const struct json *tx, struct rlp_out *out, struct err *err) MUST_USE;
/* A receipt of an answer as its block's trie has it. */
bool evm_rpc_receipt(const struct json *receipt, struct rlp_out *out, struct err *err) MUST_USE;

#endif
