/* The first byte says it all (Yellow Paper, appendix B):
 *
 *     00..7f  itself        80..b7  string of 0..55 bytes     b8..bf  string, 1..8 bytes of length
 *                           c0..f7  list of 0..55 bytes       f8..ff  list, 1..8 bytes of length
 */
#include "chain/evm/rlp.h"

#include "base/mem.h"

#define SHORT_MAX 55
#define STRING_SHORT 0x80u
#define LIST_SHORT 0xc0u
#define LENGTH_BYTES_MAX 9

struct head {
    bool list;
    size_t bytes, n; /* of the head itself; of what follows */
};

/* A long length: its own size is in the first byte, it has no leading zero and could not be
 * short. */
static bool read_length(const uint8_t *at, size_t left, size_t bytes, size_t *ret)
{
    uint64_t n = 0;

    if (left < 1 + bytes || !at[1])
        return false;
    for (size_t i = 1; i <= bytes; i++)
        n = n << 8 | at[i];
    *ret = (size_t)n;
    return n > SHORT_MAX;
}

static bool read_head(const uint8_t *at, size_t left, struct head *ret)
{
    unsigned first;

    if (!left)
        return false;
    first = at[0];
    ret->list = first >= LIST_SHORT;
    ret->bytes = 1;
    if (first < STRING_SHORT) {
        ret->bytes = 0;
        ret->n = 1;
        return true;
    }
    ret->n = first - (ret->list ? LIST_SHORT : STRING_SHORT);
    if (ret->n > SHORT_MAX) {
        ret->bytes += ret->n - SHORT_MAX;
        if (!read_length(at, left, ret->n - SHORT_MAX, &ret->n))
            return false;
    } else if (!ret->list && ret->n == 1 && left > 1 && at[1] < STRING_SHORT) {
        return false; /* is to be written as itself */
    }
    return ret->n <= left - ret->bytes;
}

struct rlp rlp_over(struct bytes items)
{
    return (struct rlp){.at = items.p, .end = items.n ? items.p + items.n : items.p};
}

bool rlp_next_is_list(const struct rlp *r)
{
    return rlp_more(r) && *r->at >= LIST_SHORT;
}

static struct bytes take(struct rlp *r, bool list)
{
    struct head h;
    struct bytes ret;

    if (r->bad || !read_head(r->at, (size_t)(r->end - r->at), &h) || h.list != list) {
        r->bad = true;
        return (struct bytes){NULL, 0};
    }
    ret = (struct bytes){r->at + h.bytes, h.n};
    r->at += h.bytes + h.n;
    return ret;
}

struct rlp rlp_list(struct rlp *r)
{
    struct rlp ret = rlp_over(take(r, true));

    ret.bad = r->bad;
    return ret;
}

struct bytes rlp_string(struct rlp *r)
{
    return take(r, false);
}

const uint8_t *rlp_fixed(struct rlp *r, size_t n)
{
    struct bytes b = take(r, false);

    if (!r->bad && b.n == n)
        return b.p;
    r->bad = true;
    return NULL;
}

uint64_t rlp_u64(struct rlp *r)
{
    struct bytes b = take(r, false);
    uint64_t v = 0;

    if (b.n > 8 || (b.n && !b.p[0])) {
        r->bad = true;
        return 0;
    }
    for (size_t i = 0; i < b.n; i++)
        v = v << 8 | b.p[i];
    return v;
}

struct u256 rlp_u256(struct rlp *r)
{
    struct bytes b = take(r, false);
    struct u256 v = u256_of(0);

    if ((b.n && !b.p[0]) || !u256_from_be(b.p, b.n, &v))
        r->bad = true;
    return r->bad ? u256_of(0) : v;
}

struct bytes rlp_item(struct rlp *r)
{
    struct head h;
    struct bytes ret;

    if (r->bad || !read_head(r->at, (size_t)(r->end - r->at), &h)) {
        r->bad = true;
        return (struct bytes){NULL, 0};
    }
    ret = (struct bytes){r->at, h.bytes + h.n};
    r->at += ret.n;
    return ret;
}

bool rlp_end(struct rlp *r)
{
    if (r->at != r->end)
        r->bad = true;
    return !r->bad;
}

struct rlp_out *rlp_out_clear(struct rlp_out *o)
{
    o->n = 0;
    o->bad = false;
    return o;
}

void rlp_out_free(struct rlp_out *o)
{
    mem_free(o->p);
    *o = (struct rlp_out){0};
}

static bool room(struct rlp_out *o, size_t n)
{
    uint8_t *p;

    if (o->bad)
        return false;
    if (n <= o->size - o->n)
        return true;
    p = mem_grow(o->p, o->n + n + o->size / 2 + 256);
    if (!p) {
        o->bad = true;
        return false;
    }
    o->p = p;
    o->size = o->n + n + o->size / 2 + 256;
    return true;
}

/* The head of an item of n bytes; returns its own length. */
static size_t write_head(uint8_t ret[LENGTH_BYTES_MAX], unsigned first, size_t n)
{
    size_t bytes = 0;

    if (n <= SHORT_MAX) {
        ret[0] = (uint8_t)(first + n);
        return 1;
    }
    for (size_t rest = n; rest; rest >>= 8)
        bytes++;
    ret[0] = (uint8_t)(first + SHORT_MAX + bytes);
    for (size_t i = 0; i < bytes; i++)
        ret[1 + i] = (uint8_t)(n >> 8 * (bytes - 1 - i));
    return 1 + bytes;
}

void rlp_put_raw(struct rlp_out *o, const void *p, size_t n)
{
    if (!room(o, n) || !n)
        return;
    memcpy(o->p + o->n, p, n);
    o->n += n;
}

void rlp_put_string(struct rlp_out *o, const void *p, size_t n)
{
    uint8_t head[LENGTH_BYTES_MAX];

    if (n != 1 || *(const uint8_t *)p >= STRING_SHORT)
        rlp_put_raw(o, head, write_head(head, STRING_SHORT, n));
    rlp_put_raw(o, p, n);
}

void rlp_put_u256(struct rlp_out *o, struct u256 v)
{
    uint8_t be[U256_BYTES];
    size_t zeros = 0;

    u256_to_be(v, be);
    while (zeros < sizeof(be) && !be[zeros])
        zeros++;
    rlp_put_string(o, be + zeros, sizeof(be) - zeros);
}

void rlp_put_u64(struct rlp_out *o, uint64_t v)
{
    rlp_put_u256(o, u256_of(v));
}

size_t rlp_open(const struct rlp_out *o)
{
    return o->n;
}

void rlp_close(struct rlp_out *o, size_t opened)
{
    uint8_t head[LENGTH_BYTES_MAX];
    size_t n, head_n;

    if (o->bad)
        return;
    n = o->n - opened;
    head_n = write_head(head, LIST_SHORT, n);
    if (!room(o, head_n))
        return;
    memmove(o->p + opened + head_n, o->p + opened, n);
    memcpy(o->p + opened, head, head_n);
    o->n += head_n;
}
