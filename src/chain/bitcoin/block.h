/* Blocks and transactions of Bitcoin and of what descends from it: bytes of the wire -> facts.
 * Legacy, segwit and taproot; AuxPoW; Litecoin's MWEB; Zcash's transactions of versions 1 to 5.
 *
 * Checked always: the block parses to its last byte, txids, merkle root (with CVE-2012-2459's
 * duplicate pairs refused), the header's proof of work against its own nBits and the chain's
 * easiest target, first transaction a coinbase and no other, values within the chain's money_max.
 * BLOCK_CHECK_FULL adds wtxids and the witness commitment (BIP 141). The link to the parent is the
 * caller's, who has both. That an output is spent twice is for whoever knows the outputs. Proofs
 * and signatures of shielded parts are not checked, nor the hash of an MWEB part.
 *
 * Sources:   BIP 141 and 144 (segwit), BIP 34 (height in the coinbase, block version 2 and later);
 *            Zcash protocol specification, 7.1 and 7.6, ZIP 244; LIP 2 to 4 and Litecoin Core's
 *            libmw; Dogecoin Core, auxpow.cpp.
 *
 * Ownership: facts point into raw and into the scratch, until either is used again.
 * Errors:    ERR_INPUT naming what and at which byte; ERR_NOMEM.
 * Threads:   one scratch a thread. */
#ifndef CORDON_CHAIN_BITCOIN_BLOCK_H
#define CORDON_CHAIN_BITCOIN_BLOCK_H

#include "base/err.h"
#include "chain/chain.h"
#include "chain/facts.h"

/* Far above any real block; bounds what a hostile record may ask. */
#define BLOCK_BYTES_MAX ((size_t)32 << 20)
#define BLOCK_CHECK_FULL 1u
#define BLOCK_WALK_ONLY                                                                            \
    2u /* measurements only: no txids and no merkle root, so nothing is proven */

struct block_scratch; /* arrays that grow and are used again for the next block */

struct block_scratch *block_scratch_new(void); /* NULL: no memory */
struct block_scratch *block_scratch_free(struct block_scratch *s);
size_t block_scratch_bytes(const struct block_scratch *s);

bool block_read(struct block_scratch *s, const struct chain *chain, struct bytes raw,
                unsigned checks, struct block_facts *ret, struct err *err) MUST_USE;
/* What the txid of a transaction of the block just read is the hash of: its bytes without witness,
 * in pieces. Not after BLOCK_CHECK_FULL. */
struct hash_parts block_tx_parts(const struct block_scratch *s, size_t tx);

/* The pieces, for whoever needs less than a block. */
struct block_header {
    uint32_t version, time, bits, nonce;
    struct hash32 prev, merkle_root;
};
struct block_header header_read(const uint8_t raw[HEADER_BYTES]); /* in Bitcoin's layout */

/* What stands before a block's transactions: a header, and with AuxPoW the parent's. */
struct block_head {
    size_t bytes; /* on the wire */
    struct hash32 hash;
    uint8_t header[HEADER_BYTES]; /* as in facts */
};

/* raw goes on as far as the block, or as the caller has it. ERR_INPUT: it ends early. Nothing is
 * proven by that. */
bool block_head_read(const struct chain *chain, struct bytes raw, struct block_head *ret,
                     struct err *err) MUST_USE;
bool block_heads_short(const struct chain *chain); /* HEADER_BYTES each */
/* Is the target one that the chain allows, and met where the block's hash is the proof? This much
 * tells a block from what is none, and costs nothing. */
bool block_head_likely(const struct chain *chain, const struct block_head *head);
/* The whole proof of work. raw is what head was read from. */
bool block_head_proven(const struct chain *chain, struct bytes raw, const struct block_head *head);
/* Work that bits stand for, 2^256 / (target + 1), as 32 bytes little-endian; zero for an invalid
 * target. Bitcoin Core, GetBlockProof. */
struct hash32 header_work(uint32_t bits);

struct tx_input {
    const uint8_t *outpoint; /* 36 bytes; or of a pool, chain/bitcoin/pool.h */
    struct bytes script;     /* scriptSig */
    uint32_t sequence;
};

struct tx {
    uint32_t version, locktime;
    bool witness, coinbase;
    size_t inputs_n, outputs_n, bytes; /* bytes: how long it was on the wire */
    struct tx_input *inputs;
    struct fact_output *outputs;
    struct hash32 txid, wtxid;
};

struct arena;
/* One transaction, alone, to the last byte of raw (evidence files, tools, tests). */
bool tx_read(struct arena *a, const struct chain *chain, struct bytes raw, struct tx *ret,
             struct err *err) MUST_USE;
/* The same without its witness: what a txid is the hash of. In the arena. Of WIRE_BITCOIN. */
bool tx_stripped(struct arena *a, struct bytes raw, struct bytes *ret, struct err *err) MUST_USE;

/* Merkle tree of n txids: root, and the branch (siblings from the leaf up) of leaf i. The root of
 * none is zero. mutated: two equal hashes form a pair, as CVE-2012-2459 makes them. */
#define MERKLE_BRANCH_MAX 32
#define MERKLE_BRANCH_FAILED SIZE_MAX

bool merkle_root(const struct hash32 *txids, size_t n, struct hash32 *ret_root, bool *ret_mutated,
                 struct err *err) MUST_USE;
/* The length of the branch, or MERKLE_BRANCH_FAILED for want of memory. */
size_t merkle_branch(const struct hash32 *txids, size_t n, size_t i,
                     struct hash32 *ret_branch /* [MERKLE_BRANCH_MAX] */, struct err *err) MUST_USE;
struct hash32 merkle_climb(const struct hash32 *leaf, size_t i, const struct hash32 *branch,
                           size_t branch_n);
/* The root again, without memory of its own: tree holds n txids, has room for one more, and is used
 * up. n is at least 1. */
struct hash32 merkle_fold(struct hash32 *tree, size_t n, bool *ret_mutated);

#endif
