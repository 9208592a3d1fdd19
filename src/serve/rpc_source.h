/* Blocks of a chain of accounts from a node, as a source of transfers (chain/transfers.h).
 *
 * Of a full node of Tron its first block tells the chain, and its blocks and what it tells beside
 * them are asked for by number (chain/tron/block.h). A block in the place of one that was solid
 * (chain/tron/solid.h, options.kept) is an error.
 *
 * What a node of an EVM chain can do is asked for when the source is opened: its chain (which must
 * be the one asked for), batches, receipts of a whole block or one by one, traces by
 * debug_traceBlockByNumber or by trace_block, or none. Then blocks are asked for ahead, several at
 * once, and given lowest first. Neither "safe" nor "finalized" is needed of the node.
 *
 * Every block must name the one before it as its parent. If it does not, the node is asked for that
 * one anew: where it has become another, the chain was reorganised, and the source goes back to the
 * last block that still stands and on from there (a ledger takes that as a branch); where it has
 * not, the node contradicts itself, which is an error.
 *
 * After its end a source to the tip may be asked again: it gives what has come meanwhile.
 *
 * Resuming: have tells the hash of a block that the ledger holds. The source begins after the
 * newest of those that the node has, too.
 *
 * Ownership: the URL is copied; have and its context are borrowed until source_free.
 * Errors:    ERR_INPUT the node's answers contradict each other, or are of another chain;
 * ERR_SYSTEM
 *            network, or an error in the node's words; ERR_LIMIT; ERR_NOT_FOUND it has not got a
 *            block that it should have; ERR_NOMEM.
 * Threads:   one caller. */
#ifndef CORDON_SERVE_RPC_SOURCE_H
#define CORDON_SERVE_RPC_SOURCE_H

#include "chain/chain.h"
#include "chain/transfers.h"
#include "serve/rpc_client.h"

#define RPC_TO_TIP UINT64_MAX
#define RPC_BATCH 8 /* blocks in one request */
#define RPC_BATCH_MAX 1024
#define RPC_REORGS_MAX 64      /* in the life of one source */
#define RPC_REORG_BLOCKS 1024u /* how far back a reorganisation may reach */

enum rpc_traces { RPC_TRACES_NONE, RPC_TRACES_DEBUG, RPC_TRACES_BLOCK };

struct rpc_source_options {
    struct rpc_options client;
    uint64_t from, to; /* heights; to RPC_TO_TIP: as far as the node is */
    unsigned batch;    /* 0: RPC_BATCH */
    bool no_traces;    /* do not ask for internal transfers */
    /* The hash of the ledger's block of that height (of Solana, where slots are empty: or of the
     * newest below it); false: it has none. NULL: nothing to resume. */
    bool (*have)(void *ctx, uint64_t height, struct hash32 *ret);
    void *have_ctx;
    uint64_t have_tip; /* the ledger's newest height */
    bool confirmed;    /* where nodes know degrees: not only what is finalized (solana_tip.h) */
    /* What is known of the blocks given so far, by this source and those before it:
     * rpc_kept_bytes() of zeros at first; borrowed. NULL: nothing is kept. */
    void *kept;
    /* Where rpc_is_uncommitted: another node, which must tell the same beside each block;
     * borrowed. NULL: none. */
    const char *second;
};

/* A have for a ledger of accounts, which is the context. */
bool rpc_have_ledger(void *ctx, uint64_t height, struct hash32 *ret);

/* What was found out about the node. */
struct rpc_node {
    const char *host;   /* borrowed from the source */
    const char *client; /* as it calls itself, printable; "" if it does not */
    uint64_t chain_id, tip;
    uint64_t first; /* height of its first block; 0: it has all, or does not say */
    bool batches, block_receipts;
    enum rpc_traces traces;
};

/* Do blocks of that chain come from nodes in this way? */
bool rpc_source_can(const struct chain *chain);
size_t rpc_kept_bytes(const struct chain *chain); /* 0: nothing is kept */
/* Does nothing in its blocks commit to what nodes tell beside them? */
bool rpc_is_uncommitted(const struct chain *chain);
bool rpc_source_open(const char *url, const struct chain *chain, struct rpc_source_options options,
                     struct transfer_source *ret, struct err *err) MUST_USE;
/* Of a source that rpc_source_open made. */
/* It ends at that height, too, though the node goes on; may be raised later. */
void rpc_source_limit(struct transfer_source *s, uint64_t to);
struct rpc_node rpc_source_node(const struct transfer_source *s);

/* Short questions to such a node: its newest block, and the hash of a height (where heights are
 * slots: of the newest block up to there).
 *
 * Errors: ERR_INPUT another chain, or an answer that is none; ERR_NOT_FOUND it does not have the
 *         block; ERR_SYSTEM network, or an error of the node; ERR_LIMIT, ERR_NOMEM. */
#define RPC_TIP_NEWEST UINT64_MAX
struct rpc_tip;
bool rpc_tip_open(const char *url, const struct chain *chain, bool confirmed,
                  struct rpc_options options, struct rpc_tip **ret, struct err *err) MUST_USE;
struct rpc_tip *rpc_tip_close(struct rpc_tip *t);
bool rpc_tip_block(struct rpc_tip *t, uint64_t height, uint64_t *ret_height,
                   struct hash32 *ret_hash, struct err *err) MUST_USE;
/* What is said to the WebSocket of one of its nodes, so that it tells of new blocks; NULL: there is
 * none. */
const char *rpc_news(const struct chain *chain);

#endif
