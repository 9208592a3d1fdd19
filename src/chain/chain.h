/* The chains that cordon knows, as rows of one table. To add a Bitcoin-like chain is to add a row.
 *
 * A chain is chosen by the hash of its genesis block, else by the command; never by its magic
 * alone, for chains share magics (litecoin:regtest has Bitcoin's regtest magic). Names are DESIGN's
 * short names; caip2 is the Chain Agnostic Improvement Proposal 2 name (bip122: first 32 hex digits
 * of the genesis hash).
 *
 * Threads:   the table is constant. */
#ifndef CORDON_CHAIN_CHAIN_H
#define CORDON_CHAIN_CHAIN_H

#include "base/hash.h"

enum chain_pow {
    POW_SHA256D, /* the block's hash is its proof of work */
    POW_SCRYPT,  /* scrypt(N=1024, r=1, p=1) of the header; the block's hash stays sha256d */
};

struct chain {
    const char *name; /* "bitcoin", "bitcoin:test", "bitcoin:signet", "bitcoin:regtest",
                         "litecoin:regtest", "bitcoin:sim" */
    const char *caip2;
    struct hash32 genesis; /* block hash, order of the wire */
    uint32_t magic;        /* as le32 of the four bytes before a record in blk*.dat */
    uint32_t bits_max;     /* compact form of the easiest target allowed */
    enum chain_pow pow;
    uint8_t p2pkh, p2sh; /* Base58Check version bytes */
    uint8_t p2sh_old;    /* another p2sh version still read, never written; 0: none */
    const char *hrp;     /* Bech32 human-readable part */
    uint64_t money_max;  /* base units that can ever exist: a larger value is corrupt */
    unsigned decimals;
};

const struct chain *chain_by_name(const char *name);                /* NULL: unknown */
const struct chain *chain_by_genesis(const struct hash32 *genesis); /* NULL: unknown */
const struct chain *const *chain_all(size_t *ret_n);

#endif
