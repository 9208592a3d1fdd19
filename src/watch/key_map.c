#include "watch/key_map.h"

#include "base/mem.h"
#include "base/mix.h"

#include <string.h>

#define SLOTS_FIRST 64u

struct entry {
    uint64_t at; /* in bytes */
    uint32_t number;
    uint8_t n;
};

struct key_map { /* open addressing, at most half full */
    struct entry *entries;
    uint32_t *slots; /* 1 + an entry's place */
    uint8_t *bytes;
    size_t n, size, slots_n, bytes_n, bytes_size;
};

static size_t slot_of(const struct key_map *m, struct bytes key)
{
    size_t at = mix_bytes(0, key.p, key.n) & (m->slots_n - 1);

    for (; m->slots[at]; at = (at + 1) & (m->slots_n - 1)) {
        const struct entry *e = &m->entries[m->slots[at] - 1];

        if (e->n == key.n && !memcmp(m->bytes + e->at, key.p, key.n))
            break;
    }
    return at;
}

static bool slots_grow(struct key_map *m)
{
    size_t n = m->slots_n ? m->slots_n * 2 : SLOTS_FIRST;
    uint32_t *slots = mem_array(n, sizeof(*slots));

    if (!slots)
        return false;
    mem_free(m->slots);
    m->slots = slots;
    m->slots_n = n;
    for (size_t i = 0; i < m->n; i++)
        m->slots[slot_of(m, (struct bytes){m->bytes + m->entries[i].at, m->entries[i].n})] =
            (uint32_t)i + 1;
    return true;
}

struct key_map *key_map_new(void)
{
    struct key_map *m = mem_zero(sizeof(*m));

    return m && slots_grow(m) ? m : key_map_free(m);
}

struct key_map *key_map_free(struct key_map *m)
{
    if (!m)
        return NULL;
    mem_free(m->entries);
    mem_free(m->slots);
    mem_free(m->bytes);
    return mem_free(m);
}

size_t key_map_n(const struct key_map *m)
{
    return m->n;
}

struct bytes key_map_at(const struct key_map *m, size_t i, uint32_t *ret_number)
{
    *ret_number = m->entries[i].number;
    return (struct bytes){m->bytes + m->entries[i].at, m->entries[i].n};
}

bool key_map_put(struct key_map *m, struct bytes key, uint32_t number)
{
    size_t at;

    if (key.n > KEY_MAP_BYTES_MAX)
        return true;
    if (m->n * 2 >= m->slots_n && !slots_grow(m))
        return false;
    at = slot_of(m, key);
    if (m->slots[at])
        return true;
    if (!mem_room((void **)&m->entries, &m->size, m->n + 1, sizeof(*m->entries)) ||
        !mem_room((void **)&m->bytes, &m->bytes_size, m->bytes_n + key.n, 1))
        return false;
    m->entries[m->n] = (struct entry){m->bytes_n, number, (uint8_t)key.n};
    memcpy(m->bytes + m->bytes_n, key.p, key.n);
    m->bytes_n += key.n;
    m->slots[at] = (uint32_t)++m->n;
    return true;
}

uint32_t key_map_find(const struct key_map *m, struct bytes key)
{
    size_t at;

    if (key.n > KEY_MAP_BYTES_MAX)
        return KEY_MAP_NONE;
    at = slot_of(m, key);
    return m->slots[at] ? m->entries[m->slots[at] - 1].number : KEY_MAP_NONE;
}
