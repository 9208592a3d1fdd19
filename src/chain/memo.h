/* Memos of THORChain and its like: what a sender asks a router for, and what a vault says it pays.
 *
 *     =:ETH.USDT-0XDAC1...:0x1c7b.../0x86d5...:12e6/3/0:t:30       a swap asked for
 *     |  |                 |         |         |    | | | basis points to the affiliate
 *     |  asset to get      to whom   |         |    | | affiliate
 *     swap                           refund to |    interval and quantity of a streaming swap
 *                                              least amount, in 10^-8 of the asset
 *     OUT:F0A1...  REFUND:F0A1...                paid for the transaction named, or paid back
 *
 * (THORChain, "Transaction Memos"; thornode, x/thorchain/memo.) Letters of the function and of the
 * asset count in either case; fields may be left out from the end. What only fills a field without
 * meaning for a trace may be junk, and is given as it stands: people send such memos, and they are
 * paid all the same. A memo without a known function is no memo.
 *
 * On Bitcoin-like chains the text is pushed after OP_RETURN, on EVM chains it is the last argument
 * of the router's events.
 *
 * Ownership: everything is borrowed from the text, or constant.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_MEMO_H
#define CORDON_CHAIN_MEMO_H

#include "base/hash.h"
#include "base/u256.h"

#define MEMO_BYTES_MAX 1024

enum memo_kind {
    MEMO_SWAP,
    MEMO_OUT,        /* txid: what it is paid for */
    MEMO_REFUND,     /* txid */
    MEMO_ADD,        /* liquidity */
    MEMO_WITHDRAW,   /* liquidity */
    MEMO_LOAN_OPEN,  /* asset and destination are those of the loan; what comes is collateral */
    MEMO_LOAN_REPAY, /* asset is the collateral that goes back */
    MEMO_DONATE,
    MEMO_MIGRATE, /* from vault to vault */
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
    struct hash32 txid; /* OUT, REFUND, as written: of a Bitcoin-like chain that is reversed */
};

const char *memo_kind_name(enum memo_kind kind); /* "swap", "out", "loan-open", ... */
/* False: no memo. */
bool memo_read(struct bytes text, struct memo *ret);
/* The first push after OP_RETURN; false: another script. */
bool memo_in_script(struct bytes script, struct bytes *ret);
/* "BTC" -> "bitcoin": the name that cordon has for a memo's chain; NULL: none. */
const char *memo_chain_name(struct bytes chain);

#endif
