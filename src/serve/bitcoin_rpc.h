/* Blocks of a chain of coins from a node, by JSON-RPC: Bitcoin Core and what descends from it.
 *
 * Three questions, in batches, which all such nodes answer alike: getblockcount, getblockhash, and
 * getblock with false, for Zcash 0 (the raw block; one in JSON, with the hex of its transactions,
 * is put together, chain/bitcoin/block_json.h). The node must have the first block of the chain
 * asked for. Every block must have the hash asked for and name the one before it as its parent;
 * what else is in it is the ledger's to check (ledger/ingest.h). Values that blocks spend are known
 * from the ledger itself, since a node tells no undo data: a ledger that begins in the middle does
 * not know what was paid in before, and says so of each such input.
 *
 * One step asks how far the node is and where it leaves the ledger, reads the next blocks from
 * there, as many as fit in memory, and commits them. On another branch than the ledger's it reads
 * on until that branch has more work, and only then is anything undone.
 *
 * Ownership: URL and options are copied, the writer is borrowed for the call. After an error of the
 *            ledger (ret_broken) the writer can only be closed.
 * Errors:    ERR_INPUT the node is of another chain, contradicts itself, or has another chain than
 *            the ledger, deeper than can be undone; ERR_NOT_FOUND it has not got a block that it
 *            should have (pruned); ERR_SYSTEM network, or an error in the node's words; ERR_LIMIT;
 *            ERR_NOMEM.
 * Threads:   one caller. */
#ifndef CORDON_SERVE_BITCOIN_RPC_H
#define CORDON_SERVE_BITCOIN_RPC_H

#include "ledger/ingest.h"
#include "serve/rpc_client.h"

#include <stdatomic.h>

#define BITCOIN_TO_TIP UINT64_MAX
#define BITCOIN_STEP_BLOCKS 2000u
#define BITCOIN_STEP_BYTES ((size_t)64 << 20) /* of raw blocks; a branch must fit as a whole */

struct bitcoin_rpc;

struct bitcoin_range {
    uint64_t from, to; /* heights; from counts for an empty ledger, and for one that ends below */
    unsigned checks;   /* BLOCK_CHECK_FULL */
    const atomic_bool *stop;
};

struct bitcoin_step {
    struct ingest_result blocks; /* of this step */
    uint64_t tip;                /* the node's height */
    bool more;                   /* another step would find something to do */
    bool broken;                 /* filled on failure, too */
};

bool bitcoin_rpc_open(const char *url, const struct chain *chain, struct rpc_options options,
                      struct bitcoin_rpc **ret, struct err *err) MUST_USE;
struct bitcoin_rpc *bitcoin_rpc_close(struct bitcoin_rpc *r);
const char *bitcoin_rpc_host(const struct bitcoin_rpc *r);

/* The newest block of the node's chain. */
bool bitcoin_rpc_tip(struct bitcoin_rpc *r, uint64_t *ret_height, struct hash32 *ret_hash,
                     struct err *err) MUST_USE;
/* ERR_NOT_FOUND: its chain does not reach so far. */
bool bitcoin_rpc_hash(struct bitcoin_rpc *r, uint64_t height, struct hash32 *ret,
                      struct err *err) MUST_USE;
bool bitcoin_rpc_step(struct bitcoin_rpc *r, struct ledger_writer *w,
                      const struct bitcoin_range *range, struct bitcoin_step *ret,
                      struct err *err) MUST_USE;

/* An answer as it came: the string, number or object of its result, as it stands; for fuzzing. */
bool bitcoin_rpc_result(struct bytes answer, struct bytes *ret, struct err *err) MUST_USE;

#endif
