/* Things by a hash of 32 bytes, their first member: open addressing, never removed from. */
#ifndef CORDON_GROUP_MAP_H
#define CORDON_GROUP_MAP_H

#include "base/hash.h"
#include "base/mem.h"
#include "base/mix.h"

struct map_slot {
    uint64_t mix; /* of the key: most others are passed without a look at theirs */
    struct hash32 *thing;
};

struct map {
    struct map_slot *slots; /* [size] a power of two, at most half full */
    size_t n, size;
    uint64_t seed;
};

/* Half of it is enough: keys are hashes, and no two of ours begin alike. */
static inline uint64_t map_mix(const struct map *m, const struct hash32 *key)
{
    return mix_bytes(m->seed, key->b, sizeof(key->b) / 2);
}

static inline struct map_slot *map_slot(const struct map *m, uint64_t mix, const struct hash32 *key)
{
    size_t at = mix & (m->size - 1);

    while (m->slots[at].thing &&
           (m->slots[at].mix != mix || !hash32_equal(m->slots[at].thing, key)))
        at = (at + 1) & (m->size - 1);
    return &m->slots[at];
}

static inline void *map_get(const struct map *m, const struct hash32 *key)
{
    return m->size ? map_slot(m, map_mix(m, key), key)->thing : NULL;
}

static inline void map_move(struct map *to, const struct map_slot *s)
{
    size_t at = s->mix & (to->size - 1);

    while (to->slots[at].thing)
        at = (at + 1) & (to->size - 1);
    to->slots[at] = *s;
}

/* thing: begins with its key, which is new. false: no memory. */
static inline bool map_put(struct map *m, void *thing)
{
    uint64_t mix = map_mix(m, thing);

    if (m->n * 2 >= m->size) {
        struct map more = {.size = m->size ? m->size * 2 : 64, .n = m->n, .seed = m->seed};

        more.slots = mem_array(more.size, sizeof(*more.slots));
        if (!more.slots)
            return false;
        mem_dense(more.slots, more.size * sizeof(*more.slots));
        for (size_t i = 0; i < m->size; i++)
            if (m->slots[i].thing)
                map_move(&more, &m->slots[i]);
        mem_free(m->slots);
        *m = more;
    }
    *map_slot(m, mix, thing) = (struct map_slot){mix, thing};
    m->n++;
    return true;
}

static inline void map_free(struct map *m)
{
    m->slots = mem_free(m->slots);
    m->n = m->size = 0;
}

#endif
