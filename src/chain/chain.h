/* The chains that cordon knows, as rows of one table. To add a Bitcoin-like chain is to add a row
 * (docs/adding-a-chain.md).
 *
 * A chain is chosen by the hash of its genesis block, else by the command; never by its magic
 * alone, for chains share magics (litecoin:regtest has Bitcoin's regtest magic). Names are
 * short ("bitcoin", "litecoin:regtest"); caip2 is the name by Chain Agnostic Improvement Proposal 2
 * (bip122: first 32 hex digits of the genesis hash).
 *
 * Threads:   the table is constant. */
#ifndef CORDON_CHAIN_CHAIN_H
#define CORDON_CHAIN_CHAIN_H

#include "base/hash.h"

/* The shape of its ledger, and where its blocks come from. What a chain of accounts writes in a way
 * of its own is said by its dialect. */
enum chain_shape {
    CHAIN_COINS,    /* chain/facts.h, ledger/coins.h */
    CHAIN_ACCOUNTS, /* chain/transfers.h, ledger/accounts.h */
    CHAIN_BANK,     /* accounts, too: a payment book, which is messages and not blocks */
};

enum chain_pow {
    POW_SHA256D,  /* the block's hash is its proof of work */
    POW_SCRYPT,   /* scrypt(N=1024, r=1, p=1) of the header; the block's hash stays sha256d */
    POW_EQUIHASH, /* the block's hash, and a solution of Equihash behind a header of 140 bytes */
};

/* Of coins: how a block is written. */
enum chain_wire {
    WIRE_BITCOIN, /* with aux_id: an AuxPoW behind the headers that say so */
    WIRE_MWEB,    /* a HogEx as last transaction, and an extension block behind it (LIP 2) */
    WIRE_ZCASH,   /* transactions of five versions, with shielded parts */
};

struct dialect;

struct chain {
    enum chain_shape shape;
    const struct dialect *dialect; /* of accounts: chain/dialect.h; NULL: of coins */
    const char *name; /* "bitcoin", "bitcoin:test", "litecoin", "dogecoin", "zcash", ... */
    const char *caip2;
    struct hash32 genesis; /* block hash, order of the wire */
    uint32_t magic;        /* as le32 of the four bytes before a record in blk*.dat */
    uint32_t bits_max;     /* compact form of the easiest target allowed */
    enum chain_pow pow;
    enum chain_wire wire;
    uint16_t aux_id;                /* chain id of merged mining; 0: none */
    uint8_t equihash_n, equihash_k; /* POW_EQUIHASH */
    /* Base58Check version: a byte, or two where it is above 255 */
    uint16_t p2pkh, p2sh;
    uint16_t p2sh_old; /* another p2sh version still read, never written; 0: none */
    const char *hrp;   /* Bech32 human-readable part; NULL: it has no such addresses */
    /* Scripts that stand for its shielded pools, see chain/bitcoin/pool.h; NULL ends them */
    const char *const *pools;
    uint64_t money_max;       /* base units that can ever exist: a larger value is corrupt */
    unsigned decimals;        /* of the native coin */
    unsigned issued_decimals; /* of whatever accounts issue; 0: each asset has its own */
    bool slots;               /* heights are slots: some are empty, and blocks link by hash alone */
    uint64_t ascends_from;    /* with slots: till then a block's time may be before its parent's */
    uint64_t evm_id;          /* EIP-155 chain id, of chains of the EVM; else 0 */
    uint64_t sweep_left;      /* what may stay behind when a deposit is swept (entity/deposit.h) */
    /* of the native coin: "BTC", "ETH"; NULL: a bank's currencies name themselves */
    const char *symbol;
};

static inline bool chain_has_accounts(const struct chain *c)
{
    return c->shape != CHAIN_COINS;
}

#define CHAIN_BANK_NAME_MAX 32
#define CHAIN_BANKS_MAX 64

/* NULL: unknown. "bank:NAME" (letters a-z, digits, hyphens) is known by being named, up to
 * CHAIN_BANKS_MAX of them in one process. */
const struct chain *chain_by_name(const char *name);
const struct chain *chain_by_caip2(const char *caip2); /* NULL: none; banks have no such name */
const struct chain *chain_by_genesis(const struct hash32 *genesis); /* coins; NULL: unknown */
const struct chain *chain_by_evm_id(uint64_t id);                   /* NULL: unknown */
const struct chain *const *chain_all(size_t *ret_n);                /* those of coins */
const struct chain *chain_all_accounts(size_t *ret_n);              /* but for banks */

#endif
