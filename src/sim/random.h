/* The world's dice: xoshiro256** (Blackman and Vigna, 2018), seeded with splitmix64. Whole numbers
 * only, so that every machine throws the same. */
#ifndef CORDON_SIM_RANDOM_H
#define CORDON_SIM_RANDOM_H

#include "base/bytes.h"

struct dice {
    uint64_t s[4];
};

static inline uint64_t splitmix64(uint64_t *s)
{
    uint64_t z = *s += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static inline struct dice dice_from(uint64_t seed)
{
    struct dice d;

    for (int i = 0; i < 4; i++)
        d.s[i] = splitmix64(&seed);
    return d;
}

static inline uint64_t dice_u64(struct dice *d)
{
    uint64_t *s = d->s, five = s[1] * 5, ret = (five << 7 | five >> 57) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3] << 45 | s[3] >> 19;
    return ret;
}

/* 0 .. n - 1, by Lemire's multiplication; its bias is below n / 2^64. n is not 0. */
static inline uint64_t dice_below(struct dice *d, uint64_t n)
{
    return (uint64_t)(((unsigned __int128)dice_u64(d) * n) >> 64);
}

static inline uint64_t dice_range(struct dice *d, uint64_t least, uint64_t most)
{
    return least + dice_below(d, most - least + 1);
}

static inline bool dice_percent(struct dice *d, unsigned percent)
{
    return dice_below(d, 100) < percent;
}

/* 0 .. n - 1, each power of two as likely as the next: small numbers mostly, with a long tail. */
static inline uint64_t dice_skewed(struct dice *d, uint64_t n)
{
    unsigned bits = 64u - (unsigned)__builtin_clzll(n), at = (unsigned)dice_below(d, bits);
    uint64_t v = ((uint64_t)1 << at) - 1 + dice_below(d, (uint64_t)1 << at);

    return v < n ? v : dice_below(d, n);
}

static inline void dice_fill(struct dice *d, uint8_t *p, size_t n)
{
    while (n >= 8) {
        store_le64(p, dice_u64(d));
        p += 8;
        n -= 8;
    }
    if (n) {
        uint64_t v = dice_u64(d);

        memcpy(p, &v, n);
    }
}

#endif
