/* A transaction that is in no block yet, as a node tells it: what it would move, if it did what it
 * says. Nobody has checked it: its sender may not have that much, and a token's contract may do
 * anything. Which chains' are read, and how, is their dialect's (chain/dialect.h, pending).
 *
 * Errors:    ERR_INPUT what is no such transaction.
 * Ownership: the arena has what is read, for the call's caller to free.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_PENDING_H
#define CORDON_CHAIN_PENDING_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/u256.h"

#define PENDING_KEY_BYTES 20u
#define PENDING_MOVES_MAX 2u

struct pending_move {
    bool token;                       /* else the chain's coin */
    uint8_t asset[PENDING_KEY_BYTES]; /* of a token: its contract */
    uint8_t from[PENDING_KEY_BYTES], to[PENDING_KEY_BYTES];
    struct u256 amount; /* not 0 */
};

struct pending_tx {
    struct hash32 hash;
    struct pending_move moves[PENDING_MOVES_MAX];
    size_t moves_n;
};

typedef bool pending_read_fn(struct arena *a, struct bytes in, struct pending_tx *ret,
                             struct err *err);

#endif
