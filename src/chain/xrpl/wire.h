/* What all of the XRP Ledger's bytes have: numbers with the high byte first, and lengths before
 * what has no fixed one.
 *
 * Source:    xrpl.org, "Serialization Format", "Length Prefixing".
 * Threads:   as the cursor. */
#ifndef CORDON_CHAIN_XRPL_WIRE_H
#define CORDON_CHAIN_XRPL_WIRE_H

#include "base/cursor.h"

#define XRPL_LENGTH_BYTES 3
#define XRPL_LENGTH_MAX 918744u

/* n up to 8 */
static inline uint64_t xrpl_be(struct cursor *c, unsigned n)
{
    struct bytes b = cursor_take(c, n);
    uint64_t v = 0;

    for (size_t i = 0; i < b.n; i++)
        v = v << 8 | b.p[i];
    return v;
}

/* xrpl.org, "Length Prefixing". */
static inline size_t xrpl_length_read(struct cursor *c)
{
    size_t first = cursor_u8(c), second;

    if (first <= 192)
        return first;
    second = cursor_u8(c);
    if (first <= 240)
        return 193 + (first - 193) * 256 + second;
    if (first <= 254)
        return 12481 + (first - 241) * 65536 + second * 256 + cursor_u8(c);
    c->bad = true;
    return 0;
}

/* n up to XRPL_LENGTH_MAX */
static inline struct bytes xrpl_length(size_t n, uint8_t ret[XRPL_LENGTH_BYTES])
{
    if (n <= 192) {
        ret[0] = (uint8_t)n;
        return (struct bytes){ret, 1};
    }
    if (n <= 12480) {
        n -= 193;
        ret[0] = (uint8_t)(193 + (n >> 8));
        ret[1] = (uint8_t)n;
        return (struct bytes){ret, 2};
    }
    n -= 12481;
    ret[0] = (uint8_t)(241 + (n >> 16));
    ret[1] = (uint8_t)(n >> 8);
    ret[2] = (uint8_t)n;
    return (struct bytes){ret, 3};
}

#endif
