/* Up to which block several nodes of one chain agree.
 *
 * Each tells its newest block. A block is agreed on when at least `least` nodes have it, and more
 * nodes are with it than against it: with it are those that have it, and those that are not so high
 * but have the blocks before it. Searched from the highest tip down, so that the fastest node leads
 * and one that lags, or is down, holds up nobody; `least` says otherwise. Where no tip is agreed
 * on, the last block below is, FOLLOW_DEPTH_MAX blocks at most.
 *
 * Whoever has another block at a height where blocks were compared is against. Two nodes whose tips
 * differ for a moment are usual; one that differs two blocks below, too, is not (deep).
 *
 * Threads: none inside. */
#ifndef CORDON_SERVE_FOLLOW_AGREE_H
#define CORDON_SERVE_FOLLOW_AGREE_H

#include "base/hash.h"

#define FOLLOW_NODES_MAX 8
#define FOLLOW_DEPTH_MAX 1024u

struct follow_seen { /* a node's newest block */
    bool up;
    uint64_t height;
    struct hash32 hash;
};

struct follow_agreed {
    bool any;
    uint64_t height;
    struct hash32 hash;
    unsigned with;    /* a bit a node: those that have this block */
    unsigned against; /* those that have another somewhere */
    unsigned lost;    /* those that did not answer when asked */
    bool deep;
};

/* A node's block of a height that it reaches; false: no answer. */
typedef bool follow_ask(void *ctx, unsigned node, uint64_t height, struct hash32 *ret);

struct follow_agreed follow_agree(const struct follow_seen *seen, unsigned n, unsigned least,
                                  follow_ask *ask, void *ctx);

#endif
