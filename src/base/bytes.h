/* A borrowed span of bytes, and little-endian loads and stores that need no alignment. */
#ifndef CORDON_BASE_BYTES_H
#define CORDON_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *p;
    size_t n;
};

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static inline uint16_t load_le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t load_le32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, 4);
    return v;
}

static inline uint64_t load_le64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, 8);
    return v;
}

static inline uint64_t load_le40(const uint8_t *p)
{
    return load_le32(p) | (uint64_t)p[4] << 32;
}

static inline uint64_t load_be64(const uint8_t *p)
{
    return __builtin_bswap64(load_le64(p));
}

static inline void store_le32(uint8_t *p, uint32_t v)
{
    memcpy(p, &v, 4);
}

static inline void store_le64(uint8_t *p, uint64_t v)
{
    memcpy(p, &v, 8);
}

static inline void store_le40(uint8_t *p, uint64_t v)
{
    store_le32(p, (uint32_t)v);
    p[4] = (uint8_t)(v >> 32);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "cordon's columns are mapped little-endian");

#endif
