#include "serve/follow_agree.h"

#define DEEP 2u /* blocks below a tip */

struct agreeing {
    const struct follow_seen *seen;
    unsigned n, least;
    follow_ask *ask;
    void *ctx;
    struct follow_agreed r;
};

static bool counts(const struct agreeing *g, unsigned i, uint64_t height)
{
    return g->seen[i].up && !(g->r.lost >> i & 1) && g->seen[i].height >= height;
}

static bool hash_at(struct agreeing *g, unsigned i, uint64_t height, struct hash32 *ret)
{
    if (!counts(g, i, height))
        return false;
    if (g->seen[i].height == height) {
        *ret = g->seen[i].hash;
        return true;
    }
    if (g->ask(g->ctx, i, height, ret))
        return true;
    g->r.lost |= 1u << i;
    return false;
}

static unsigned first_of(unsigned bits)
{
    return (unsigned)__builtin_ctz(bits);
}

/* Has node i another block than one that is right, at a height that both reach? */
static bool differs(struct agreeing *g, unsigned i, unsigned right, uint64_t height)
{
    struct hash32 a, b;

    return hash_at(g, i, height, &a) && hash_at(g, right, height, &b) && !hash32_equal(&a, &b);
}

/* The largest group of nodes with one block; hash[i] is set for the bits of there. */
static unsigned largest(const struct agreeing *g, unsigned there, const struct hash32 *hash)
{
    unsigned best = 0;

    for (unsigned i = 0; i < g->n; i++) {
        unsigned same = 0;

        for (unsigned k = 0; k < g->n; k++)
            if (there >> i & there >> k & 1 && hash32_equal(&hash[i], &hash[k]))
                same |= 1u << k;
        if (__builtin_popcount(same) > __builtin_popcount(best))
            best = same;
    }
    return best;
}

/* The block of a height that is agreed on, if there is one. */
static bool agreed_at(struct agreeing *g, uint64_t height)
{
    struct hash32 hash[FOLLOW_NODES_MAX];
    unsigned there = 0, with, best, against;

    for (unsigned i = 0; i < g->n; i++)
        if (hash_at(g, i, height, &hash[i]))
            there |= 1u << i;
    if (!there)
        return false;
    with = best = largest(g, there, hash);
    against = there & ~best;
    for (unsigned i = 0; i < g->n; i++) { /* those that are not so high, by their own tip */
        if (there >> i & 1 || !counts(g, i, 0))
            continue;
        if (differs(g, i, first_of(best), g->seen[i].height))
            against |= 1u << i;
        else
            with |= 1u << i;
    }
    if ((unsigned)__builtin_popcount(best) < g->least ||
        __builtin_popcount(with) <= __builtin_popcount(against)) {
        g->r.against |= against ? against | with : 0; /* nobody is right yet */
        return false;
    }
    g->r.against |= against;
    g->r.any = true;
    g->r.height = height;
    g->r.hash = hash[first_of(best)];
    g->r.with = best;
    return true;
}

/* The highest tip below a height; false: there is none. */
static bool tip_below(const struct agreeing *g, uint64_t below, uint64_t *ret)
{
    bool any = false;

    for (unsigned i = 0; i < g->n; i++)
        if (counts(g, i, 0) && g->seen[i].height < below && (!any || g->seen[i].height > *ret)) {
            *ret = g->seen[i].height;
            any = true;
        }
    return any;
}

/* Below the lowest tip: back by steps that double, then the highest in between. */
static void look_below(struct agreeing *g, uint64_t lowest)
{
    uint64_t not_there = lowest, low;

    for (uint64_t back = 1; back <= FOLLOW_DEPTH_MAX && not_there; back *= 2) {
        uint64_t height = back < lowest ? lowest - back : 0;

        if (agreed_at(g, height))
            break;
        not_there = height;
    }
    if (!g->r.any)
        return;
    low = g->r.height;
    while (not_there - low > 1) {
        uint64_t middle = low + (not_there - low) / 2;

        if (agreed_at(g, middle))
            low = middle;
        else
            not_there = middle;
    }
}

/* Do those that are against differ below, too? */
static void look_deep(struct agreeing *g)
{
    unsigned right = first_of(g->r.with);

    for (unsigned i = 0; i < g->n; i++) {
        uint64_t top = g->seen[i].height;

        if (!(g->r.against >> i & 1) || !counts(g, i, 0))
            continue;
        top = top < g->seen[right].height ? top : g->seen[right].height;
        g->r.deep |= top >= DEEP && differs(g, i, right, top - DEEP);
    }
}

struct follow_agreed follow_agree(const struct follow_seen *seen, unsigned n, unsigned least,
                                  follow_ask *ask, void *ctx)
{
    struct agreeing g = {.seen = seen, .n = n, .least = least, .ask = ask, .ctx = ctx};
    uint64_t height = UINT64_MAX, lowest = 0;
    unsigned up = 0;

    for (unsigned i = 0; i < n; i++)
        up += seen[i].up;
    if (!up || up < least)
        return g.r;
    while (!g.r.any && tip_below(&g, height, &height)) {
        lowest = height;
        agreed_at(&g, height);
    }
    if (!g.r.any)
        look_below(&g, lowest);
    if (g.r.any)
        look_deep(&g);
    else
        g.r.deep = g.r.against != 0;
    return g.r;
}
