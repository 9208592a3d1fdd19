/* That transactions stand in their blocks, by what a block's header names: made from raw blocks,
 * read again without them.
 *
 * A proof is the header's bytes, whose hash is the block's, and of the trees that it names the
 * nodes that lead to the transactions and to what came of them (receipts, metadata), each once, by
 * their hash ascending. What it proves of a transaction: that it is in the block at that place,
 * that it did not fail, its fee, each event, and so all of its transfers. Where the trees do not
 * tell all of that, the table says so (untold): on EVM chains not those that only a trace tells
 * (TRANSFER_INTERNAL), nor fees of chains that take some elsewhere than in the header; on Tron only
 * what a transaction itself pays. What it does not: that the block belongs to the chain.
 *
 * Which chains have such proofs says their dialect (proofs), and which can show but who signed
 * (signatures).
 *
 * Threads:   safe; a prover belongs to one. */
#ifndef CORDON_CHAIN_BLOCK_PROOF_H
#define CORDON_CHAIN_BLOCK_PROOF_H

#include "base/arena.h"
#include "chain/chain.h"
#include "chain/transfers.h"

#define BLOCK_PROOF_NODES_MAX ((size_t)1 << 20)
#define TX_INDEX_NONE UINT32_MAX
#define SIGNED_BYTES_MAX ((size_t)1 << 16)

struct block_proof {
    struct bytes header;       /* n 0: there is none */
    const struct bytes *nodes; /* [nodes_n] */
    size_t nodes_n;
    /* All that moves outside of transactions, as the block has it; n 0: that is not proven. Of EVM
     * chains the list of withdrawals (EIP-4895), whose root the header names. */
    struct bytes outside;
    /* Where a tree is a list (Tron): the hashes of all leaves, one after another. */
    struct bytes leaves;
    struct bytes signer; /* whose key has signed the header, where it is signed: an account's key */
};

struct wanted_tx {
    struct hash32 hash;
    uint32_t index;            /* its place, where the proof proves it; else TX_INDEX_NONE */
    struct bytes signed_bytes; /* of tx_signatures; n 0: there are none */
};

struct wanted_block {
    struct hash32 hash;
    /* [txs_n] in the order of the block; those not in it stay unproven. One that has the block's
     * own hash is what moves outside of transactions: it has no place, but see block_proof. */
    struct wanted_tx *txs;
    size_t txs_n;
    struct block_proof proof;
    char why[ERR_TEXT_MAX]; /* a block that was found and cannot be proven; else empty */
};

struct block_prover; /* memory that reading proofs needs */

struct block_proofs {
    const char *form;     /* that raw blocks have, of the dialect's forms */
    const char *by;       /* what of a block proves it, in words */
    const char *unproven; /* what no proof of the chain proves, as a sentence; NULL: nothing more */
    /* Kinds of transfers that are not proven of a transaction that is, as letters; NULL: all are,
     * and the fee. What they are called, who alone tells them, and both as a sentence. */
    const char *untold, *untold_one, *untold_by, *untold_all;
    bool no_events; /* nor are events */
    /* Into each of blocks[n], sorted by hash, what the files prove of it. All is in the arena. */
    bool (*make)(const struct chain *chain, const char *const *paths, size_t paths_n,
                 struct wanted_block *blocks, size_t n, struct arena *a, struct err *err);
    struct block_prover *(*open)(const struct chain *chain); /* NULL: no memory */
    struct block_prover *(*close)(struct block_prover *p);
    /* What the proof proves of the transactions at these places, ascending: ret has one for each,
     * in that order (without what is untold, and where that is something, without fees if they
     * cannot be proven), and behind them, if the proof has it, what moves outside of transactions.
     * Borrowed from p and the proof until the next call. ERR_INPUT: it proves something else than
     * that, or less. */
    bool (*read)(struct block_prover *p, const struct block_proof *proof, const uint32_t *index,
                 size_t n, struct transfer_block *ret, struct err *err);
    /* Has the header been signed by the key that it names? Of a proof that was read. NULL: headers
     * are not signed. */
    bool (*signed_as_named)(const struct block_proof *proof);
};

/* Of chains whose blocks have no such roots, but whose transactions' bytes can be written again:
 * that who a transaction names has signed it. What it did, and that a block has it, that is not. */
struct tx_signatures {
    const char *form;     /* of the files that have them: dialect.h */
    const char *unproven; /* what they do not prove, for people */
    /* Into each transaction of blocks[n] its bytes, where the files have them. All is in the arena.
     * ERR_DIFFERS: they are there, and a signature does not hold (file and line named). */
    bool (*make)(const char *const *paths, size_t paths_n, struct wanted_block *blocks, size_t n,
                 struct arena *a, struct err *err);
    /* Are they signed, and by whom is told? ret_said: of how many transfers that are told amount
     * and parties stand in what was signed. ERR_INPUT: no, and why. */
    bool (*check)(struct bytes signed_bytes, const struct fact_tx *told, size_t *ret_said,
                  struct err *err);
};

#endif
