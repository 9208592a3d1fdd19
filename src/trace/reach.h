/* Whom a case has reached on one ledger, kept by owner, so that what each has received of it is a
 * look-up while the case goes on block by block.
 *
 *     moves ascend:  m3 -> b 40    m5 -> c 10    m9 -> b 7     b: 47, by m3 most; c: 10
 *
 * What is put in are the outputs, or transfers, that a live trace says it has reached
 * (trace/live.h, trace/account_live.h); blocks that are undone take theirs back. What an owner has
 * of one asset is told in two parts: direct, of an origin or one hop from it, and through others.
 *
 * Units:     amounts in base units; a sum that does not fit stays at 2^256 - 1. Ids are the
 *            ledger's: a move is an output or a transfer, an owner a script or an account.
 * Ownership: a reach owns what it needs; answers are copies.
 * Errors:    ERR_NOMEM; ERR_LIMIT more than REACH_MAX moves. Nothing has changed then.
 * Order:     sums of an owner in the order in which they came to be.
 * Threads:   one that changes it, or any number that ask. */
#ifndef CORDON_TRACE_REACH_H
#define CORDON_TRACE_REACH_H

#include "base/err.h"
#include "base/u256.h"

#include <stddef.h>

#define REACH_MAX ((size_t)1 << 22) /* 64 bytes each, and as many for a new owner */

struct reach;

struct reach_move {
    uint64_t move, owner, asset; /* asset: 0 on chains of coins */
    struct u256 taint;           /* more than nothing */
    uint32_t hop;                /* 0: an origin */
};

struct reach_sum { /* of one asset */
    uint64_t asset;
    bool direct;
    struct u256 amount;
    uint64_t best; /* the move that brought most, the first of such */
    uint32_t hop;  /* of that one */
};

struct reach *reach_new(void);             /* NULL: no memory */
struct reach *reach_free(struct reach *r); /* takes NULL, returns NULL */
/* Behind all that are there. */
bool reach_put(struct reach *r, const struct reach_move *m, struct err *err) MUST_USE;
/* Those from that move on are gone. */
void reach_back(struct reach *r, uint64_t moves_n);
size_t reach_n(const struct reach *r);
uint64_t reach_bytes(const struct reach *r); /* of memory, about */

/* At most max; how many there are. */
size_t reach_of(const struct reach *r, uint64_t owner, struct reach_sum *ret, size_t max);
/* Each at least once. */
void reach_owners(const struct reach *r, void (*each)(void *ctx, uint64_t owner), void *ctx);
/* The moves that are origins, ascending. */
void reach_origins(const struct reach *r, void (*each)(void *ctx, const struct reach_move *m),
                   void *ctx);
/* What one move brought; false: the case has not reached it. */
bool reach_move_of(const struct reach *r, uint64_t move, struct reach_move *ret);
/* Of what came to the owner before that move, by so many hops, the move that brought most. It looks
 * at no more than looked_max moves, *looked of which are done. */
bool reach_into(const struct reach *r, uint64_t owner, uint64_t asset, uint64_t before,
                uint32_t hop, uint64_t *looked, uint64_t looked_max, struct reach_move *ret);

#endif
