/* The table of events that log.c reads by: log_rows.c has the rows, by their contracts' sources.
 * Only these two include it.
 *
 * Threads:   the table is constant. */
#ifndef CORDON_CHAIN_EVM_LOG_ROWS_H
#define CORDON_CHAIN_EVM_LOG_ROWS_H

#include "chain/evm/log.h"

#define EVM_WORD 32

/* Where something stands. */
enum log_field {
    NOBODY, /* nowhere */
    T1,
    T2,
    T3,
    ZERO,  /* the zero key */
    OWNER, /* the owner of the contract, which no topic tells */
    W0 = 16,
    W1,
    W2,
    W3,
    W4,
    W5,
    W6,
};

/* How a pool tells what came in and went out. */
enum log_swap {
    SWAP_NONE,
    SWAP_FOUR,   /* in 0, in 1, out 0, out 1; of both pairs one is 0 */
    SWAP_POOL,   /* two signed changes of the pool's balance */
    SWAP_CALLER, /* of the caller's */
    SWAP_PAIR,   /* in, out */
    SWAP_CURVE,  /* in, another word, out */
};

/* A contract, where an event of that name means something only there. */
struct log_place {
    uint64_t evm_id; /* 0: Tron */
    uint8_t key[EVM_KEY_BYTES], owner[EVM_KEY_BYTES];
    bool any; /* every contract of that chain */
};

/* A pattern writes text: %xF the field in hex, %uF in decimal, %aF as an address, %sF the string
 * that the word points to, %zF that string, or hex if it is no text, %mF the hash of the
 * relaying call that those bytes are, %pF that of the call behind the packed head of a deposit,
 * where F is t1 to t3 or w0 to w6; %kF an address, or in hex what is none of this chain's; x, u,
 * a and k of "w1+8/2;" are of the 2 bytes (32 without "/") from byte 8 on of what w1 points to.
 * %c is this chain's EIP-155 id, %d its CCTP domain, %w its Wormhole id, %y its id at Poly, %h
 * the transaction's hash, %g the hash of that hash as text. A text that begins with ~ is no key:
 * see docs/routes.md. */
struct log_row {
    const char *protocol, *signature, *topic; /* topic: keccak256 of the signature, in hex */
    unsigned topics_n;
    const struct log_place *places; /* NULL: any; else ends with a key of zeros */
    enum transfer_kind kind;        /* of the transfer said; 0: none */
    enum log_field from, to, amount;
    enum event_kind event; /* 0: none */
    const char *pattern;   /* NULL: no data */
    const char *also;      /* another event of this kind, by another key; if it can be written */
    enum log_swap swap;
    enum log_field swap_at;
};

/* The row that a log fits by its topics, of which those of one signature differ by their number.
 * NULL: none. */
const struct log_row *log_row_of(const struct evm_log *log);

#endif
