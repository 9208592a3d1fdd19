/* Things by a hash of 32 bytes, their first member: open addressing, never removed from. */
#ifndef CORDON_GROUP_MAP_H
#define CORDON_GROUP_MAP_H

#include "base/hash.h"
#include "base/mem.h"
#include "base/mix.h"

struct map {
    struct hash32 **slots; /* [size] a power of two, at most half full */
    size_t n, size;
    uint64_t seed;
};

/* Half of it is enough: keys are hashes, and no two of ours begin alike. */
static inline struct hash32 **map_slot(const struct map *m, const struct hash32 *key)
{
    size_t at = mix_bytes(m->seed, key->b, sizeof(key->b) / 2) & (m->size - 1);

    while (m->slots[at] && !hash32_equal(m->slots[at], key))
        at = (at + 1) & (m->size - 1);
    return &m->slots[at];
}

static inline void *map_get(const struct map *m, const struct hash32 *key)
{
    return m->size ? *map_slot(m, key) : NULL;
}

/* thing: begins with its key, which is new. false: no memory. */
static inline bool map_put(struct map *m, void *thing)
{
    if (m->n * 2 >= m->size) {
        struct map more = {.size = m->size ? m->size * 2 : 64, .n = m->n, .seed = m->seed};

        more.slots = mem_array(more.size, sizeof(struct hash32 *));
        if (!more.slots)
            return false;
        mem_dense(more.slots, more.size * sizeof(struct hash32 *));
        for (size_t i = 0; i < m->size; i++)
            if (m->slots[i])
                *map_slot(&more, m->slots[i]) = m->slots[i];
        mem_free(m->slots);
        *m = more;
    }
    *map_slot(m, thing) = thing;
    m->n++;
    return true;
}

static inline void map_free(struct map *m)
{
    m->slots = mem_free(m->slots);
    m->n = m->size = 0;
}

#endif
