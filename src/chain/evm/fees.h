/* Who gets the fee of a transaction, chain by chain: rows of one table (fees.c), each with its
 * source.
 *
 * A fee has up to EVM_FEE_PARTS_MAX parts with receivers of their own; part p is the transfer
 * "HASH:f" (p = 0, the proposer's) or "HASH:f<p>". What is destroyed counts to the proposer's part
 * (amount, not credit).
 *
 * Units:     wei.
 * Errors:    ERR_INPUT the fee does not fit in 256 bits, or is less than the base fee asks.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_EVM_FEES_H
#define CORDON_CHAIN_EVM_FEES_H

#include "base/err.h"
#include "base/u256.h"
#include "chain/chain.h"

#define EVM_FEE_PARTS_MAX 4

enum evm_base_fee {
    EVM_BASE_FEE_BURNED,   /* EIP-1559: destroyed */
    EVM_BASE_FEE_PROPOSER, /* goes where the tip goes */
    EVM_BASE_FEE_VAULT,    /* to an account of its own */
    EVM_FEE_UNTOLD,        /* all of the fee: receipts do not tell who gets it */
};

struct evm_vault {
    uint64_t from_height;
    uint8_t key[20];
};

struct evm_rules {
    uint64_t evm_id;
    uint64_t blob_fraction; /* EIP-4844's update fraction; 0: by Ethereum's forks */
    enum evm_base_fee base_fee;
    bool blob_fee_proposer; /* of blobs: to the proposer, not destroyed */
    /* receivers of the base fee, ascending by height; before the first it is destroyed */
    const struct evm_vault *base_vaults; /* [base_vaults_n] */
    size_t base_vaults_n;
    const uint8_t *l1_vault, *operator_vault; /* 20 bytes; NULL: the chain has no such fee */
    /* below this height all of a fee, that for L1 too, is one account's (20 bytes), which headers
     * do not name */
    uint64_t vaults_from;
    const uint8_t *vault_before;
    /* A contract that logs moves of the native coin as those of a token: its Transfers are not
     * read, as values and internal transfers tell them. 20 bytes; NULL: none */
    const uint8_t *native_token;
    bool rewards;         /* Ethereum's block and uncle rewards before the merge */
    bool header_checked;  /* a node's answer has all that its block hash is the hash of */
    bool gas_adds_up;     /* cumulativeGasUsed is the sum of gasUsed, in every receipt */
    bool proposer_hidden; /* a beneficiary of zeros is nobody's key: who sealed the block got it */
    bool roots_of_state;  /* the withdrawals root may be another's: OP stack, since Isthmus */
};

const struct evm_rules *evm_rules(const struct chain *chain); /* never NULL for CHAIN_EVM */

struct evm_fee {
    uint64_t height, gas_used, blob_gas_used;
    struct u256 gas_price; /* effective: what was paid for a unit */
    bool has_base_fee;
    struct u256 base_fee, blob_price;
    struct u256 l1_fee, operator_fee; /* 0: none */
    const uint8_t *proposer;          /* 20 bytes; NULL: not told */
};

struct evm_fee_part {
    struct u256 amount, credit;
    const uint8_t *to; /* 20 bytes; NULL: nobody, or not told */
    unsigned position;
};

#define EVM_BLOB_GAS 131072u /* of a blob: EIP-4844, GAS_PER_BLOB */

/* The price of a unit of blob gas, for sources that tell only the header's excess. Its rate is
 * changed by forks (fees.c has those up to BPO2). False: past 2^256. */
bool evm_blob_price(const struct evm_rules *rules, bool prague, uint64_t time, uint64_t excess,
                    struct u256 *ret) MUST_USE;

/* How many parts move something, into ret in the order of positions. */
bool evm_fee_parts(const struct evm_rules *rules, const struct evm_fee *fee,
                   struct evm_fee_part ret[EVM_FEE_PARTS_MAX], size_t *ret_n,
                   struct err *err) MUST_USE;

#endif
