/* What a block says, as facts: the one door through which blocks of any coins chain enter a ledger.
 *
 * Arrays are flat and in the block's order; transaction t owns the next tx_inputs_n[t] inputs and
 * tx_outputs_n[t] outputs. A coinbase has no inputs here (its one wire input spends nothing); only
 * the first transaction may be one. What goes into a shielded pool is an output, and what comes out
 * an input, after a transaction's others (chain/bitcoin/pool.h). Values are base units. Everything
 * is borrowed from whoever filled it in.
 *
 * Threads:   as whoever filled it in. */
#ifndef CORDON_CHAIN_FACTS_H
#define CORDON_CHAIN_FACTS_H

#include "base/hash.h"

#define HEIGHT_UNKNOWN UINT32_MAX
#define OUTPOINT_BYTES 36

struct fact_output {
    uint64_t value;
    struct bytes script; /* scriptPubKey */
};

struct fact_spent { /* what an input spends, as undo data tells it */
    uint64_t value;
    struct bytes script;
};

#define HEADER_BYTES 80

struct block_facts {
    /* In Bitcoin's layout. Of Zcash, whose headers are longer: version, parent, Merkle root, time,
     * bits and the first 4 bytes of the nonce. */
    uint8_t header[HEADER_BYTES];
    struct hash32 hash, prev;
    uint32_t height; /* as the block itself proves it (genesis, BIP 34), or HEIGHT_UNKNOWN */
    uint32_t time;   /* seconds since 1970, from the header */
    uint32_t size;   /* bytes on the wire */
    size_t txs_n, inputs_n, outputs_n;
    const struct hash32 *txids;   /* [txs_n] */
    const uint32_t *tx_inputs_n;  /* [txs_n] */
    const uint32_t *tx_outputs_n; /* [txs_n] */
    /* [inputs_n] each 36 bytes: txid, vout little-endian; or of a pool, chain/bitcoin/pool.h */
    const uint8_t *const *inputs;
    const struct fact_output *outputs; /* [outputs_n] */
    const struct fact_spent *spent;    /* [inputs_n], or NULL where there is no undo data */
};

#endif
