/* Moves stand in an array; so do sums, each with its last move, from which all of its moves are
 * linked back. A sum without moves stays, and is not told. Owners are found by open addressing. */
#include "trace/reach.h"

#include "base/mem.h"
#include "base/mix.h"

#define NONE UINT32_MAX
#define SLOTS_LEAST 64u

struct kept { /* a move */
    struct reach_move m;
    uint32_t sum, before; /* the move of that sum before it */
};

struct sum {
    uint64_t owner, asset;
    struct u256 amount;
    bool direct, stale;  /* stale: to be worked out anew */
    uint32_t best, last; /* moves */
    uint32_t next;       /* sum of the owner */
};

struct reach {
    struct kept *moves;
    struct sum *sums;
    uint32_t *slots; /* [slots_n] a power of two, at most half full: first sum of an owner, + 1 */
    size_t moves_n, moves_size, sums_n, sums_size, slots_n, owners_n;
};

struct reach *reach_new(void)
{
    return mem_zero(sizeof(struct reach));
}

struct reach *reach_free(struct reach *r)
{
    if (!r)
        return NULL;
    mem_free(r->moves);
    mem_free(r->sums);
    mem_free(r->slots);
    return mem_free(r);
}

/* ---- owners ---- */

static uint32_t *slot_of(const struct reach *r, uint64_t owner)
{
    size_t at = mix_fold(owner ^ 0x9e3779b97f4a7c15, 0xd1b54a32d192ed03) & (r->slots_n - 1);

    while (r->slots[at] && r->sums[r->slots[at] - 1].owner != owner)
        at = (at + 1) & (r->slots_n - 1);
    return &r->slots[at];
}

static bool slots_room(struct reach *r)
{
    struct reach more = *r;

    if (2 * (r->owners_n + 1) <= r->slots_n)
        return true;
    more.slots_n = r->slots_n ? 2 * r->slots_n : SLOTS_LEAST;
    more.slots = mem_array(more.slots_n, sizeof(*more.slots));
    if (!more.slots)
        return false;
    for (size_t i = 0; i < r->slots_n; i++)
        if (r->slots[i])
            *slot_of(&more, r->sums[r->slots[i] - 1].owner) = r->slots[i];
    mem_free(r->slots);
    r->slots = more.slots;
    r->slots_n = more.slots_n;
    return true;
}

/* Made if it is not there, for which there is room. */
static uint32_t sum_at(struct reach *r, const struct reach_move *m)
{
    uint32_t *slot = slot_of(r, m->owner), at = *slot ? *slot - 1 : NONE, last = NONE;
    bool direct = m->hop <= 1;

    for (; at != NONE; last = at, at = r->sums[at].next)
        if (r->sums[at].asset == m->asset && r->sums[at].direct == direct)
            return at;
    at = (uint32_t)r->sums_n++;
    r->sums[at] = (struct sum){.owner = m->owner,
                               .asset = m->asset,
                               .direct = direct,
                               .best = NONE,
                               .last = NONE,
                               .next = NONE};
    if (last != NONE) {
        r->sums[last].next = at;
        return at;
    }
    *slot = at + 1;
    r->owners_n++;
    return at;
}

/* ---- sums ---- */

static void sum_add(struct sum *s, const struct reach *r, uint32_t move)
{
    struct u256 taint = r->moves[move].m.taint;

    if (!u256_add(s->amount, taint, &s->amount))
        s->amount = (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    if (s->best == NONE || u256_less(r->moves[s->best].m.taint, taint) ||
        (u256_equal(r->moves[s->best].m.taint, taint) && move < s->best))
        s->best = move;
}

static void sum_anew(struct sum *s, const struct reach *r)
{
    s->stale = false;
    s->amount = u256_of(0);
    s->best = NONE;
    for (uint32_t at = s->last; at != NONE; at = r->moves[at].before)
        sum_add(s, r, at);
}

bool reach_put(struct reach *r, const struct reach_move *m, struct err *err)
{
    uint32_t at, sum;

    if (r->moves_n == REACH_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu moves of one case", REACH_MAX);
    if (!mem_room((void **)&r->moves, &r->moves_size, r->moves_n + 1, sizeof(*r->moves)) ||
        !mem_room((void **)&r->sums, &r->sums_size, r->sums_n + 1, sizeof(*r->sums)) ||
        !slots_room(r))
        return err_fail(err, ERR_NOMEM, "whom a case has reached");
    at = (uint32_t)r->moves_n++;
    sum = sum_at(r, m);
    r->moves[at] = (struct kept){*m, sum, r->sums[sum].last};
    r->sums[sum].last = at;
    sum_add(&r->sums[sum], r, at);
    return true;
}

void reach_back(struct reach *r, uint64_t moves_n)
{
    size_t before = r->moves_n;

    while (r->moves_n && r->moves[r->moves_n - 1].m.move >= moves_n) {
        const struct kept *k = &r->moves[--r->moves_n];

        r->sums[k->sum].last = k->before;
        r->sums[k->sum].stale = true;
    }
    for (size_t i = r->moves_n; i < before; i++)
        if (r->sums[r->moves[i].sum].stale)
            sum_anew(&r->sums[r->moves[i].sum], r);
}

/* ---- asking ---- */

size_t reach_n(const struct reach *r)
{
    return r->moves_n;
}

uint64_t reach_bytes(const struct reach *r)
{
    return r->moves_size * sizeof(*r->moves) + r->sums_size * sizeof(*r->sums) +
           r->slots_n * sizeof(*r->slots);
}

size_t reach_of(const struct reach *r, uint64_t owner, struct reach_sum *ret, size_t max)
{
    uint32_t at = r->slots_n ? *slot_of(r, owner) : 0;
    size_t n = 0;

    for (at = at ? at - 1 : NONE; at != NONE; at = r->sums[at].next) {
        const struct sum *s = &r->sums[at];

        if (s->best == NONE)
            continue;
        if (n < max)
            ret[n] = (struct reach_sum){.asset = s->asset,
                                        .direct = s->direct,
                                        .amount = s->amount,
                                        .best = r->moves[s->best].m.move,
                                        .hop = r->moves[s->best].m.hop};
        n++;
    }
    return n;
}

void reach_owners(const struct reach *r, void (*each)(void *ctx, uint64_t owner), void *ctx)
{
    for (size_t i = 0; i < r->sums_n; i++)
        each(ctx, r->sums[i].owner);
}

bool reach_move_of(const struct reach *r, uint64_t move, struct reach_move *ret)
{
    size_t low = 0, high = r->moves_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (r->moves[middle].m.move < move)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == r->moves_n || r->moves[low].m.move != move)
        return false;
    *ret = r->moves[low].m;
    return true;
}

void reach_origins(const struct reach *r, void (*each)(void *ctx, const struct reach_move *m),
                   void *ctx)
{
    for (size_t i = 0; i < r->moves_n; i++)
        if (!r->moves[i].m.hop)
            each(ctx, &r->moves[i].m);
}

bool reach_into(const struct reach *r, uint64_t owner, uint64_t asset, uint64_t before,
                uint32_t hop, uint64_t *looked, uint64_t looked_max, struct reach_move *ret)
{
    uint32_t at = r->slots_n ? *slot_of(r, owner) : 0;
    bool any = false;

    for (at = at ? at - 1 : NONE; at != NONE; at = r->sums[at].next) {
        const struct sum *s = &r->sums[at];

        if (s->asset != asset || s->direct != (hop <= 1))
            continue;
        for (uint32_t i = s->last; i != NONE && ++*looked < looked_max; i = r->moves[i].before) {
            const struct reach_move *m = &r->moves[i].m;

            if (m->move >= before || m->hop != hop || (any && u256_less(m->taint, ret->taint)))
                continue;
            *ret = *m;
            any = true;
        }
    }
    return any;
}
