/* Open addressing. What is put waits a little, until its memory is there. */
#include "screen/owner_table.h"

#include "base/mem.h"
#include "base/mix.h"

#define PARTS_LOG2 12
#define LIKE_BITS 28 /* of a key, below those of its part */
#define OWNER_BITS 36
#define OWNER_MASK (((uint64_t)1 << OWNER_BITS) - 1)
#define SLOTS_LOG2_MIN 2
#define TOGETHER 16

struct part {
    uint64_t *slots; /* NULL: none yet */
    uint32_t n, log2;
};

struct waiting {
    uint64_t key, owner;
};

struct owner_table {
    struct part parts[(size_t)1 << PARTS_LOG2];
    struct waiting waiting[TOGETHER];
    size_t waiting_n;
    uint64_t seed, bytes;
    bool lost;
};

struct owner_table *owner_table_new(uint64_t seed)
{
    struct owner_table *t = mem_zero(sizeof(*t));

    if (t) {
        t->seed = seed;
        t->bytes = sizeof(*t);
    }
    return t;
}

struct owner_table *owner_table_free(struct owner_table *t)
{
    for (size_t i = 0; t && i < (size_t)1 << PARTS_LOG2; i++)
        mem_free(t->parts[i].slots);
    return mem_free(t);
}

static size_t part_of(uint64_t key)
{
    return (size_t)(key >> (64 - PARTS_LOG2));
}

static uint64_t like_of(uint64_t key)
{
    return key >> (64 - PARTS_LOG2 - LIKE_BITS) & (((uint64_t)1 << LIKE_BITS) - 1);
}

static uint32_t place_of(const struct part *p, uint64_t like)
{
    return (uint32_t)(like >> (LIKE_BITS - p->log2));
}

static void slot_put(struct part *p, uint64_t slot)
{
    uint32_t mask = ((uint32_t)1 << p->log2) - 1, at = place_of(p, slot >> OWNER_BITS);

    while (p->slots[at])
        at = (at + 1) & mask;
    p->slots[at] = slot;
    p->n++;
}

static bool grow(struct owner_table *t, struct part *p)
{
    uint32_t log2 = p->slots ? p->log2 + 1 : SLOTS_LOG2_MIN;
    struct part larger = {.slots = log2 <= LIKE_BITS ? mem_array((size_t)1 << log2, 8) : NULL,
                          .log2 = log2};

    if (!larger.slots)
        return false;
    for (uint32_t i = 0; p->slots && i < (uint32_t)1 << p->log2; i++)
        if (p->slots[i])
            slot_put(&larger, p->slots[i]);
    t->bytes += ((uint64_t)8 << log2) - (p->slots ? (uint64_t)8 << p->log2 : 0);
    mem_free(p->slots);
    *p = larger;
    return true;
}

static uint64_t mixed(const struct owner_table *t, uint64_t key)
{
    return mix_fold(key ^ t->seed, 0x9e3779b97f4a7c15 ^ t->seed);
}

bool owner_table_settle(struct owner_table *t)
{
    for (size_t i = 0; i < t->waiting_n; i++) {
        const struct waiting *w = &t->waiting[i];
        struct part *p = &t->parts[part_of(w->key)];

        if (w->owner >= OWNER_MASK ||
            ((!p->slots || p->n >= ((uint32_t)3 << p->log2) / 4) && !grow(t, p)))
            t->lost = true;
        else
            slot_put(p, like_of(w->key) << OWNER_BITS | (w->owner + 1));
    }
    t->waiting_n = 0;
    return !t->lost;
}

void owner_table_put(void *table, uint64_t key, uint64_t owner)
{
    struct owner_table *t = table;
    uint64_t m = mixed(t, key);
    const struct part *p = &t->parts[part_of(m)];

    if (p->slots)
        __builtin_prefetch(&p->slots[place_of(p, like_of(m))], 1);
    t->waiting[t->waiting_n++] = (struct waiting){m, owner};
    if (t->waiting_n == TOGETHER)
        t->lost |= !owner_table_settle(t);
}

uint64_t owner_table_bytes(const struct owner_table *t)
{
    return t->bytes;
}

void owner_table_fetch(const struct owner_table *t, uint64_t key)
{
    uint64_t m = mixed(t, key);
    const struct part *p = &t->parts[part_of(m)];

    if (p->slots)
        __builtin_prefetch(&p->slots[place_of(p, like_of(m))]);
}

bool owner_table_next(const struct owner_table *t, uint64_t key, uint32_t *at, uint64_t *ret_owner)
{
    uint64_t m = mixed(t, key), like = like_of(m);
    const struct part *p = &t->parts[part_of(m)];

    if (!p->slots)
        return false;
    for (;;) {
        uint64_t slot = p->slots[(place_of(p, like) + (*at)++) & (((uint32_t)1 << p->log2) - 1)];

        if (!slot)
            return false;
        if (slot >> OWNER_BITS == like) {
            *ret_owner = (slot & OWNER_MASK) - 1;
            return true;
        }
    }
}
