/* Messages in, digests out: padding, pieces, and two lanes that keep a kernel of two streams busy.
 *
 * Each lane holds one message and offers its next run of whole blocks: straight from the caller's
 * memory where a piece holds them, from the lane's small edge buffer where pieces meet and at the
 * padded end. The two lanes are compressed side by side for as long as both runs last; a lane that
 * is through takes the next message. So messages of any lengths mix, and only the very last one
 * runs alone. */
#include "base/hash.h"

#include "base/hash_kernel.h"

#include <stdatomic.h>

/* FIPS 180-4, 4.2.2 and 5.3.3 */
const uint32_t sha256_round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static _Atomic(const struct sha256_kernel *) chosen;

static const struct sha256_kernel *best(void)
{
#if defined(__x86_64__)
    if (sha256_ni_usable())
        return &sha256_ni;
#endif
    return &sha256_openssl;
}

static const struct sha256_kernel *kernel(void)
{
    const struct sha256_kernel *k = atomic_load_explicit(&chosen, memory_order_acquire);

    if (__builtin_expect(!k, 0)) {
        k = best();
        atomic_store_explicit(&chosen, k, memory_order_release);
    }
    return k;
}

void sha256_force_openssl(bool on)
{
    atomic_store(&chosen, on ? &sha256_openssl : best());
}

const char *sha256_kernel(void)
{
    return kernel()->name;
}

static inline void store_digest(uint8_t *p, const uint32_t state[8])
{
    for (int i = 0; i < 8; i++)
        store_le32(p + 4 * i, __builtin_bswap32(state[i]));
}

/* Puts the 1 bit, zeros and the length behind n bytes in p: to one block or two, whose number it
 * returns. */
static inline size_t pad(uint8_t *p, size_t n, uint64_t message_n)
{
    size_t blocks = n < 56 ? 1 : 2;

    p[n] = 0x80;
    memset(p + n + 1, 0, blocks * 64 - 8 - (n + 1));
    store_le64(p + blocks * 64 - 8, __builtin_bswap64(message_n * 8));
    return blocks;
}

enum stage { STAGE_PIECES, STAGE_TAIL, STAGE_AGAIN };

struct lane {
    uint32_t state[8];
    const uint8_t *at; /* the run to compress next, of blocks blocks */
    size_t blocks;
    size_t message;           /* its number */
    struct hash_parts pieces; /* what is left of it */
    unsigned piece;
    size_t left, n;
    enum stage stage;
    bool twice;
    _Alignas(16) uint8_t edge[128];
};

static inline void lane_take(struct lane *l, size_t n)
{
    uint8_t *to = l->edge;

    l->left -= n;
    while (n) {
        struct bytes *piece = &l->pieces.part[l->piece];
        size_t some = piece->n < n ? piece->n : n;

        if (some)
            memcpy(to, piece->p, some);
        piece->p += some;
        piece->n -= some;
        to += some;
        n -= some;
        if (!piece->n)
            l->piece++;
    }
}

/* The next run of a message that is not through. */
static inline void lane_pieces(struct lane *l)
{
    struct bytes *piece;

    if (l->left < 64) {
        size_t rest = l->left;

        lane_take(l, rest);
        l->at = l->edge;
        l->blocks = pad(l->edge, rest, l->n);
        l->stage = STAGE_TAIL;
        return;
    }
    while (!l->pieces.part[l->piece].n)
        l->piece++;
    piece = &l->pieces.part[l->piece];
    if (piece->n < 64) {
        lane_take(l, 64);
        l->at = l->edge;
        l->blocks = 1;
        return;
    }
    l->at = piece->p;
    l->blocks = piece->n / 64;
    piece->p += l->blocks * 64;
    piece->n %= 64;
    l->left -= l->blocks * 64;
}

static inline void lane_start(struct lane *l, size_t message)
{
    memcpy(l->state, initial, sizeof(initial));
    l->message = message;
    l->piece = 0;
    l->n = l->left = l->pieces.part[0].n + l->pieces.part[1].n + l->pieces.part[2].n;
    l->stage = STAGE_PIECES;
    lane_pieces(l);
}

/* After a run: the next one, or false with the digest in ret. */
static inline bool lane_next(struct lane *l, struct hash32 *ret)
{
    switch (l->stage) {
    case STAGE_PIECES:
        lane_pieces(l);
        return true;
    case STAGE_TAIL:
        if (!l->twice)
            break;
        store_digest(l->edge, l->state);
        memcpy(l->state, initial, sizeof(initial));
        l->at = l->edge;
        l->blocks = pad(l->edge, 32, 32);
        l->stage = STAGE_AGAIN;
        return true;
    case STAGE_AGAIN:
        break;
    }
    store_digest(ret[l->message].b, l->state);
    return false;
}

/* Messages of one kind or the other: in parts (hashed twice), or whole (hashed once). */
struct batch {
    const struct hash_parts *parts;
    const struct bytes *whole;
    size_t n, taken;
};

static inline bool batch_next(struct batch *b, struct lane *l)
{
    if (b->taken == b->n)
        return false;
    l->twice = b->parts;
    if (b->parts)
        l->pieces = b->parts[b->taken];
    else
        l->pieces = (struct hash_parts){.part = {b->whole[b->taken]}};
    lane_start(l, b->taken++);
    return true;
}

static void run(struct batch b, struct hash32 *ret)
{
    const struct sha256_kernel *k = kernel();
    struct lane lanes[2], *last = &lanes[0];
    bool on_a, on_b;

    k->begin();
    on_a = batch_next(&b, &lanes[0]);
    on_b = batch_next(&b, &lanes[1]);
    while (on_a && on_b) {
        size_t n = lanes[0].blocks < lanes[1].blocks ? lanes[0].blocks : lanes[1].blocks;

        k->two(lanes[0].state, lanes[0].at, lanes[1].state, lanes[1].at, n);
        for (int i = 0; i < 2; i++) {
            lanes[i].at += n * 64;
            lanes[i].blocks -= n;
        }
        if (!lanes[0].blocks)
            on_a = lane_next(&lanes[0], ret) || batch_next(&b, &lanes[0]);
        if (!lanes[1].blocks)
            on_b = lane_next(&lanes[1], ret) || batch_next(&b, &lanes[1]);
    }
    if (on_b)
        last = &lanes[1];
    while (on_a || on_b) {
        k->one(last->state, last->at, last->blocks);
        on_a = on_b = lane_next(last, ret);
    }
}

void sha256d_parts(const struct hash_parts *messages, size_t n, struct hash32 *ret)
{
    run((struct batch){.parts = messages, .n = n}, ret);
}

void sha256_many(const struct bytes *messages, size_t n, struct hash32 *ret)
{
    run((struct batch){.whole = messages, .n = n}, ret);
}

/* A message of one block: it, a block of padding that is always the same, and the second hash. */
void sha256d_64(const struct hash32 *pairs, size_t n, struct hash32 *ret)
{
    const struct sha256_kernel *k = kernel();
    _Alignas(16) uint8_t padding[64], again[2][64];
    uint32_t state[2][8];

    pad(again[0], 32, 32);
    pad(again[1], 32, 32);
    memset(padding, 0, sizeof(padding));
    padding[0] = 0x80;
    store_le64(padding + 56, __builtin_bswap64(64 * 8));
    k->begin();
    for (size_t i = 0; i < n; i += 2) {
        size_t other = i + 1 < n ? i + 1 : i; /* an odd one is done twice */

        memcpy(state[0], initial, sizeof(initial));
        memcpy(state[1], initial, sizeof(initial));
        k->two(state[0], pairs[2 * i].b, state[1], pairs[2 * other].b, 1);
        k->two(state[0], padding, state[1], padding, 1);
        store_digest(again[0], state[0]);
        store_digest(again[1], state[1]);
        memcpy(state[0], initial, sizeof(initial));
        memcpy(state[1], initial, sizeof(initial));
        k->two(state[0], again[0], state[1], again[1], 1);
        store_digest(ret[i].b, state[0]);
        store_digest(ret[other].b, state[1]);
    }
}

struct hash32 sha256(const void *p, size_t n)
{
    struct bytes message = {p, n};
    struct hash32 ret;

    sha256_many(&message, 1, &ret);
    return ret;
}

struct hash32 sha256d(const void *p, size_t n)
{
    struct hash_parts message = {.part = {{p, n}}};
    struct hash32 ret;

    sha256d_parts(&message, 1, &ret);
    return ret;
}

struct hash20 hash160(const void *p, size_t n)
{
    struct hash32 once = sha256(p, n);
    struct hash20 ret;

    ripemd160(once.b, sizeof(once.b), ret.b);
    return ret;
}

struct hash20 ripemd160_of(const void *p, size_t n)
{
    struct hash20 ret;

    ripemd160(p, n, ret.b);
    return ret;
}

void sha256_start(struct sha256_stream *s)
{
    memcpy(s->state, initial, sizeof(initial));
    s->n = 0;
}

void sha256_add(struct sha256_stream *s, const void *p, size_t n)
{
    const struct sha256_kernel *k = kernel();
    const uint8_t *at = p;
    size_t held = s->n % 64, some = 64 - held;

    if (!n)
        return;
    s->n += n;
    if (n < some) {
        memcpy(s->block + held, at, n);
        return;
    }
    k->begin();
    if (held) {
        memcpy(s->block + held, at, some);
        k->one(s->state, s->block, 1);
        at += some;
        n -= some;
    }
    k->one(s->state, at, n / 64);
    if (n % 64)
        memcpy(s->block, at + n / 64 * 64, n % 64);
}

struct hash32 sha256_done(struct sha256_stream *s)
{
    const struct sha256_kernel *k = kernel();
    uint8_t tail[128];
    size_t held = s->n % 64;
    struct hash32 ret;

    memcpy(tail, s->block, held);
    k->begin();
    k->one(s->state, tail, pad(tail, held, s->n));
    store_digest(ret.b, s->state);
    return ret;
}
