/* SHA-256 with the SHA extensions of x86 (Intel SDM, SHA256RNDS2, SHA256MSG1, SHA256MSG2), one or
 * two streams.
 *
 * The instructions want the state as {A,B,E,F} and {C,D,G,H}; four rounds take one register of
 * message words plus constants. sha256rnds2 has only a legacy-SSE encoding: after AVX code that
 * left the upper halves of the registers dirty each one would wait for a merge, 16 times slower, so
 * begin() clears them. */
#include "base/hash_kernel.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <stdatomic.h>

#define NI __attribute__((target("sha,sse4.1,ssse3")))
#define NI_INLINE NI __attribute__((always_inline)) static inline

static atomic_bool avx_on;

struct stream {
    __m128i abef, cdgh, w[4];
};

NI_INLINE void load_state(struct stream *s, const uint32_t state[8])
{
    __m128i dcba = _mm_loadu_si128((const __m128i *)state);
    __m128i hgfe = _mm_loadu_si128((const __m128i *)(state + 4));
    __m128i cdab = _mm_shuffle_epi32(dcba, 0xb1);
    __m128i efgh = _mm_shuffle_epi32(hgfe, 0x1b);

    s->abef = _mm_alignr_epi8(cdab, efgh, 8);
    s->cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
}

NI_INLINE void store_state(const struct stream *s, uint32_t state[8])
{
    __m128i feba = _mm_shuffle_epi32(s->abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(s->cdgh, 0xb1);

    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/* Words of the message for rounds 4i to 4i + 3, i below 4: from the block. */
NI_INLINE void words_load(struct stream *s, unsigned i, const uint8_t *p)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

    s->w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(p + 16 * i)), swap);
}

/* ... and from 4 on: from the sixteen words before. */
NI_INLINE void words_next(struct stream *s, unsigned i)
{
    __m128i w1 = s->w[(i + 3) & 3], w2 = s->w[(i + 2) & 3], w3 = s->w[(i + 1) & 3],
            w4 = s->w[i & 3];

    s->w[i & 3] = _mm_sha256msg2_epu32(
        _mm_add_epi32(_mm_sha256msg1_epu32(w4, w3), _mm_alignr_epi8(w1, w2, 4)), w1);
}

NI_INLINE void rounds(struct stream *s, unsigned i)
{
    __m128i wk = _mm_add_epi32(s->w[i & 3],
                               _mm_loadu_si128((const __m128i *)(sha256_round_constants + 4 * i)));

    s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, wk);
    s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(wk, 0x0e));
}

#define EACH_LOADED(step) step(0) step(1) step(2) step(3)
#define EACH_NEXT(step)                                                                            \
    step(4) step(5) step(6) step(7) step(8) step(9) step(10) step(11) step(12) step(13) step(14)   \
        step(15)

NI static void one(uint32_t state[8], const uint8_t *p, size_t blocks)
{
    struct stream s;

    load_state(&s, state);
    for (; blocks; blocks--, p += 64) {
        __m128i abef = s.abef, cdgh = s.cdgh;

#define STEP(i) words_load(&s, i, p), rounds(&s, i);
        EACH_LOADED(STEP)
#undef STEP
#define STEP(i) words_next(&s, i), rounds(&s, i);
        EACH_NEXT(STEP)
#undef STEP
        s.abef = _mm_add_epi32(s.abef, abef);
        s.cdgh = _mm_add_epi32(s.cdgh, cdgh);
    }
    store_state(&s, state);
}

NI static void two(uint32_t state_a[8], const uint8_t *pa, uint32_t state_b[8], const uint8_t *pb,
                   size_t blocks)
{
    struct stream a, b;

    load_state(&a, state_a);
    load_state(&b, state_b);
    for (; blocks; blocks--, pa += 64, pb += 64) {
        __m128i a_abef = a.abef, a_cdgh = a.cdgh, b_abef = b.abef, b_cdgh = b.cdgh;

#define STEP(i) words_load(&a, i, pa), words_load(&b, i, pb), rounds(&a, i), rounds(&b, i);
        EACH_LOADED(STEP)
#undef STEP
#define STEP(i) words_next(&a, i), words_next(&b, i), rounds(&a, i), rounds(&b, i);
        EACH_NEXT(STEP)
#undef STEP
        a.abef = _mm_add_epi32(a.abef, a_abef);
        a.cdgh = _mm_add_epi32(a.cdgh, a_cdgh);
        b.abef = _mm_add_epi32(b.abef, b_abef);
        b.cdgh = _mm_add_epi32(b.cdgh, b_cdgh);
    }
    store_state(&a, state_a);
    store_state(&b, state_b);
}

__attribute__((target("avx"))) static void zero_upper(void)
{
    _mm256_zeroupper();
}

static void begin(void)
{
    if (atomic_load_explicit(&avx_on, memory_order_relaxed))
        zero_upper();
}

bool sha256_ni_usable(void)
{
    unsigned a, b, c, d, c1;

    if (!__get_cpuid(1, &a, &b, &c1, &d) || !__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return false;
    atomic_store(&avx_on,
                 __builtin_cpu_supports("avx")); /* and switched on by the operating system */
    return (b & bit_SHA) && (c1 & bit_SSSE3) && (c1 & bit_SSE4_1);
}

const struct sha256_kernel sha256_ni = {"sha-ni x2", begin, one, two};

#endif
