/* A cursor over borrowed bytes: reads straight through, stays bad once bad, is asked once at the
 * end.
 *
 * A read past the end gives 0 (or an empty span) and sets bad. Offsets are bytes from the start.
 * CompactSize: Bitcoin protocol documentation, "Variable length integer"; a longer form than needed
 * is bad, as in Bitcoin Core's ReadCompactSize. */
#ifndef CORDON_BASE_CURSOR_H
#define CORDON_BASE_CURSOR_H

#include "base/bytes.h"

struct cursor {
    const uint8_t *start, *at, *end;
    bool bad;
};

/* p may be NULL where n is 0. */
static inline struct cursor cursor_over(const uint8_t *p, size_t n)
{
    return (struct cursor){.start = p, .at = p, .end = n ? p + n : p};
}

static inline size_t cursor_offset(const struct cursor *c)
{
    return (size_t)(c->at - c->start);
}

static inline size_t cursor_left(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

static inline bool cursor_need(struct cursor *c, size_t n)
{
    if (__builtin_expect(c->bad || cursor_left(c) < n, 0)) {
        c->bad = true;
        return false;
    }
    return true;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
    return cursor_need(c, 1) ? *c->at++ : 0;
}

static inline uint16_t cursor_le16(struct cursor *c)
{
    if (!cursor_need(c, 2))
        return 0;
    c->at += 2;
    return load_le16(c->at - 2);
}

static inline uint32_t cursor_le32(struct cursor *c)
{
    if (!cursor_need(c, 4))
        return 0;
    c->at += 4;
    return load_le32(c->at - 4);
}

static inline uint64_t cursor_le64(struct cursor *c)
{
    if (!cursor_need(c, 8))
        return 0;
    c->at += 8;
    return load_le64(c->at - 8);
}

static inline struct bytes cursor_take(struct cursor *c, size_t n)
{
    struct bytes b = {NULL, 0};

    if (cursor_need(c, n)) {
        b = (struct bytes){c->at, n};
        c->at += n;
    }
    return b;
}

static inline void cursor_skip(struct cursor *c, uint64_t n)
{
    if (__builtin_expect(c->bad || n > cursor_left(c), 0))
        c->bad = true;
    else
        c->at += n;
}

static inline uint64_t cursor_compact(struct cursor *c)
{
    uint8_t first = cursor_u8(c);
    uint64_t v;

    if (first < 0xfd)
        return first;
    v = first == 0xfd ? cursor_le16(c) : first == 0xfe ? cursor_le32(c) : cursor_le64(c);
    if (v < (first == 0xfd ? 0xfdULL : first == 0xfe ? 0x10000ULL : 0x100000000ULL)) {
        c->bad = true;
        return 0;
    }
    return v;
}

/* Bitcoin Core, serialize.h, ReadVarInt: digits of 7 bits, the highest first, each but the last
 * standing for one more than it says. */
static inline uint64_t cursor_varint(struct cursor *c)
{
    uint64_t n = 0;

    for (;;) {
        uint8_t digit = cursor_u8(c);

        if (c->bad || n > UINT64_MAX >> 7) {
            c->bad = true;
            return 0;
        }
        n = n << 7 | (digit & 0x7f);
        if (!(digit & 0x80))
            return n;
        if (n == UINT64_MAX) {
            c->bad = true;
            return 0;
        }
        n++;
    }
}

/* A count of things of at least bytes_min bytes each: bad if that many cannot fit in what is
 * left. */
static inline size_t cursor_count(struct cursor *c, size_t bytes_min)
{
    uint64_t n = cursor_compact(c);

    if (n > cursor_left(c) / bytes_min) {
        c->bad = true;
        return 0;
    }
    return (size_t)n;
}

#endif
