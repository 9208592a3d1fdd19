/* What a block of an account chain or a bank's payment book says, as facts: the one door through
 * which such blocks enter a ledger.
 *
 * A block is a list of transactions, a transaction a list of transfers, in this order: its fee (f),
 * its value (v), internal transfers (i) in the order of the trace, token transfers (l) by log
 * index, then what kinds are left by position. So the order, and with it every trace, does not
 * depend on the source that the facts came from. What moves outside of transactions (withdrawals,
 * rewards) stands in a last transaction whose hash is the block's.
 *
 * Ids shown to people: "HASH:v", "HASH:l<log index in the transaction>", "HASH:i<trace path>"
 * (child numbers from 0 joined by "_", as trace_block's traceAddress has them), "HASH:f",
 * "HASH:w<n>", "HASH:r<n>", "HASH:s<n>", "HASH:p<n>", "HASH:b<n>", "HASH:c<n>", "HASH:n<n>".
 * A fee or value at a position other than 0 has it behind its letter ("HASH:f1"): on the chains of
 * the OP stack a fee
 * has parts with receivers of their own (f1, f2), and a deposit from the chain below first issues
 * (v1, before v) what its sender then has to give; it issues even if it then fails.
 *
 * Accounts are keys of bytes (20 for EVM and Tron, 32 for Solana, text for banks); the empty key is
 * nobody, and as an asset it is the native coin. A token is named by its contract's key, a bank's
 * currency by its ISO 4217 code. Calls that move nothing (value 0, a zero Transfer) are left out.
 * Transfers of failed transactions are left out, but for the fee and for what a deposit issues.
 * Units: base units (wei, a token's smallest, a currency's minor unit); times are seconds since
 * 1970, UTC.
 * Ownership: everything is borrowed from whoever filled it in, until its next call. */
#ifndef CORDON_CHAIN_TRANSFERS_H
#define CORDON_CHAIN_TRANSFERS_H

#include "base/err.h"
#include "base/hash.h"
#include "base/u256.h"
#include "chain/facts.h"

#define ACCOUNT_KEY_MAX 255
#define TRACE_PATH_MAX 1024 /* child numbers: calls nest no deeper (Yellow Paper, 8 and 9.4.2) */

/* The letter of the id; the values are on disk. The three acts of an issuer are shown as "l". */
enum transfer_kind {
    TRANSFER_FEE = 'f',        /* amount is all of it, credit what the proposer (to) gets of it */
    TRANSFER_VALUE = 'v',      /* a transaction's value */
    TRANSFER_INTERNAL = 'i',   /* moved by a contract: call, creation, self-destruct */
    TRANSFER_LOG = 'l',        /* of a token, from an event */
    TRANSFER_FREEZE = 'z',     /* from's balance is frozen from now on; amount 0 */
    TRANSFER_UNFREEZE = 'u',   /* amount 0 */
    TRANSFER_WIPE = 'x',       /* amount of from's balance is destroyed, or taken (to not empty) */
    TRANSFER_WITHDRAWAL = 'w', /* of a validator: newly issued to to */
    TRANSFER_REWARD = 'r',     /* of a proposer, or for an uncle: newly issued to to */
    TRANSFER_STAKING = 'k',    /* what a stake earned, likewise */
    TRANSFER_VOTING = 'o',     /* a validator's commission of that */
    TRANSFER_RENT = 'e',       /* of others' accounts, given to a validator */
    TRANSFER_STATED = 's',     /* a row of somebody's list */
    TRANSFER_PAYMENT = 'p',    /* a leg of a bank's payment */
    /* Told by balances before and after alone: with one side of one (or nobody), and with several
     * on both, so that who paid whom is a rule's word and not the chain's. */
    TRANSFER_BALANCE = 'b',
    TRANSFER_PAIRED = 'c',
    /* Moves nothing: the event whose log is position says something of from (EVENT_OWNER,
     * EVENT_DECIMALS, EVENT_HIDDEN), and so it is found by from. To nobody, amount 0. */
    TRANSFER_NOTE = 'n',
};

#define TRANSFER_KINDS "fvilzuxwrkoespbcn"

static inline bool transfer_issues(enum transfer_kind kind)
{
    return kind == TRANSFER_WITHDRAWAL || kind == TRANSFER_REWARD || kind == TRANSFER_STAKING ||
           kind == TRANSFER_VOTING || kind == TRANSFER_RENT;
}

struct fact_transfer {
    enum transfer_kind kind;
    /* f, v: 0, or see above; l, z, u, x: log index in the transaction; i: unused;
     * others: number */
    uint32_t position;
    struct bytes path;          /* i: child numbers of the trace, le32 each; else empty */
    struct bytes from, to;      /* empty: nobody (issued, burned, or not known) */
    struct bytes asset;         /* empty: the native coin */
    struct u256 amount, credit; /* credit: of a fee */
};

/* What a contract said that a route or a stop may need (trace/routes), but that moves nothing by
 * itself. The values are on disk. */
enum event_kind {
    EVENT_MEMO = 1,       /* a memo for a router (THORChain and its like): data is the text */
    EVENT_SWAP = 2,       /* subject is a pool that swapped in this transaction */
    EVENT_WRAP = 3,       /* subject is a wrapper: native coin in, its token out, one to one */
    EVENT_UNWRAP = 4,     /* the way back */
    EVENT_BRIDGE_OUT = 5, /* value leaves the chain; data: the key that the other side has too */
    EVENT_BRIDGE_IN = 6,  /* value comes from another chain; data as above, as text */
    EVENT_MIX_IN = 7,     /* subject is a mixer's pool; a deposit of its denomination */
    EVENT_MIX_OUT = 8,
    EVENT_BORROW = 9, /* subject is a lender: a loan paid out in this transaction */
    EVENT_REPAY = 10,
    EVENT_NAME = 11,     /* what people call the transaction, where that is not its hash (Solana) */
    EVENT_NONCE = 12,    /* subject is a nonce account: signed over it, perhaps long before */
    EVENT_OWNER = 13,    /* of a note: its from holds its asset for subject (a token account) */
    EVENT_DECIMALS = 14, /* of a note: data is a byte, the decimals of its from, a token */
    EVENT_HIDDEN = 15,   /* of a note: from gave subject some of its asset, how much nobody sees */
    EVENT_HOLDER = 16,   /* of the bridge's event of the same log: who has what has left by it, or
                            had what comes, where that is another account than the program */
};

struct fact_event {
    enum event_kind kind;
    uint32_t log;         /* log index in the transaction */
    struct bytes subject; /* key of the contract that said it */
    struct bytes data;    /* at most EVENT_DATA_MAX */
};
#define EVENT_DATA_MAX 1024

struct fact_tx {
    /* order of the wire, which is as it is shown; of a list or a book: made from the row, see its
     * reader */
    struct hash32 hash;
    bool failed;
    const struct fact_transfer *transfers; /* [transfers_n] in the order above */
    size_t transfers_n;
    const struct fact_event *events; /* [events_n] by log */
    size_t events_n;
};

enum block_grade { GRADE_PROVEN, GRADE_STATED }; /* from the chain; somebody says so */

struct transfer_block {
    struct hash32 hash, prev; /* all zeros: the source does not tell it */
    uint32_t height;          /* HEIGHT_UNKNOWN: lists and books have none */
    uint64_t time;
    enum block_grade grade;
    bool internals;            /* internal transfers were available to the source */
    const struct fact_tx *txs; /* [txs_n] by index in the block */
    size_t txs_n;
};

/* A reader of such blocks, lowest first: a file of any known form, a node, a test's array. It keeps
 * what its last block points to until the next call. Errors name file, place and cause; after one,
 * and after the end, it can only be freed. Threads: one caller; a reader may have workers
 * inside. */
struct transfer_source {
    /* ret_end: ret is not set */
    bool (*next)(void *self, struct transfer_block *ret, bool *ret_end, struct err *err);
    void (*free)(void *self);
    /* Before the first block: all that can be checked is, whatever it costs. NULL: it is. */
    void (*check)(void *self);
    void *self;
    uint64_t bytes_all;  /* to come, for progress; 0: not known */
    uint64_t bytes_done; /* grows as blocks are given */
};

#endif
