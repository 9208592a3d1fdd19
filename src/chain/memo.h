/* Memos of THORChain and its like: what a sender asks a router for, and what a vault says it pays.
 *
 *     =:ETH.USDT-0XDAC1...:0x1c7b.../0x86d5...:12e6/3/0:t:30       a swap asked for
 *     |  |                 |         |         |    | | | basis points to the affiliate
 *     |  asset to get      to whom   |         |    | | affiliate
 *     swap                           refund to |    interval and quantity of a streaming swap
 *                                              least amount, in 10^-8 of the asset
 *     OUT:F0A1...  REFUND:F0A1...                paid for the transaction named, or paid back
 *
 * (THORChain, "Transaction Memos"; thornode, x/thorchain/memo; Maya's are the same.) Letters of the
 * function and of the asset count in either case; fields may be left out from the end. Of a swap
 * without a destination that is who sends. Affiliates may be several, "t1/t2" with "10/20". What
 * stands behind | is no part of the memo, and is repeated in the memo of what is paid for it. What
 * only fills a field without meaning for a trace may be junk, and is given as it stands: people
 * send such memos, and they are paid all the same. A memo without a known function is no memo.
 *
 * On Bitcoin-like chains the text is pushed after OP_RETURN, and one that is too long for that goes
 * on in outputs behind it: see struct memo_outputs. On EVM chains it is the last argument of the
 * router's events.
 *
 * Ownership: everything is borrowed from the text, or constant.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_MEMO_H
#define CORDON_CHAIN_MEMO_H

#include "base/hash.h"
#include "base/u256.h"

#define MEMO_BYTES_MAX 1024
#define MEMO_RETURN_MAX 80 /* in one output: thornode, MaxOpReturnDataSize */

enum memo_kind {
    MEMO_SWAP,
    MEMO_OUT,        /* txid: what it is paid for */
    MEMO_REFUND,     /* txid */
    MEMO_ADD,        /* liquidity */
    MEMO_WITHDRAW,   /* liquidity */
    MEMO_LOAN_OPEN,  /* asset and destination are those of the loan; what comes is collateral */
    MEMO_LOAN_REPAY, /* asset is the collateral that goes back */
    MEMO_DONATE,
    MEMO_KEEP,      /* it is destination's from now on, and stays with the router */
    MEMO_REFERENCE, /* "r:20002": a swap that was asked for beforehand, and is in no ledger */
    MEMO_OTHER,     /* something that no value goes on by, unless it is paid back */
    MEMO_MIGRATE,   /* from vault to vault, as is all that a vault does with itself */
};

/* What a memo calls "ETH.USDT-0XDAC1...": chain "ETH", ticker "USDT", contract "0XDAC1...". */
struct memo_asset {
    struct bytes chain, ticker, contract; /* contract: empty of a chain's own coin */
    /* '.' on its own chain; '/' synthetic, '~' for trade, '-' secured: these stay with the router
     */
    char where;
};

struct memo {
    enum memo_kind kind;
    struct memo_asset asset;          /* chain empty: not given, or junk */
    struct bytes destination, refund; /* as written; empty: not given */
    bool has_limit;
    struct u256 limit; /* in 10^-8 of the asset */
    struct bytes interval, quantity;
    struct bytes affiliate, affiliate_points;
    struct hash32 txid; /* OUT, REFUND, as written: of a Bitcoin-like chain that is reversed; of
                           Solana the SHA-256 of the signature that is written */
};

const char *memo_kind_name(enum memo_kind kind); /* "swap", "out", "loan-open", ... */
/* False: no memo. */
bool memo_read(struct bytes text, struct memo *ret);
/* Is a transaction's input one that goes to a vault, or comes from one, beside native coin: what is
 * asked of a router, or paid for it? Other inputs, calls above all, are told by their first
 * byte. */
bool memo_is_sent(struct bytes input, struct memo *ret);
bool memo_asks(enum memo_kind kind); /* for a payment: a swap, a loan, what is given back of one */
bool memo_comes_in(enum memo_kind kind); /* sent to a vault: it may be paid back */
/* What stands behind the memo, from | on; empty: nothing. */
struct bytes memo_behind(struct bytes text);
/* The first push after OP_RETURN; false: another script. */
bool memo_in_script(struct bytes script, struct bytes *ret);

/* A memo out of a transaction's outputs, in their order (THORChain, "Sending Transactions", "Memo
 * greater than 80 characters"; thornode, bifrost, utxo, getMemo): pushes after OP_RETURN, one
 * behind the other; then, where these are 80 bytes or more with a ^ at the 80th or later, 20 bytes
 * of each output to a hash of a key (P2WPKH, P2PKH), until one ends with zeros, which do not count.
 * The ^ is taken out at the end. One byte that is no printable ASCII, and there is no memo. */
struct memo_outputs {
    uint8_t text[MEMO_BYTES_MAX];
    size_t n;
    bool whole, bad;
};
/* m starts as zeros. True: that output is part of the memo. */
bool memo_outputs_add(struct memo_outputs *m, struct bytes script);
struct bytes memo_outputs_end(struct memo_outputs *m); /* empty: none; borrowed from m */

#endif
