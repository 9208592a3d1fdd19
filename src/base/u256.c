#include "base/u256.h"

#include <string.h>

#define DIGITS_A_WORD 19 /* of 10 that fit in 64 bits */
#define TEN_TO_19 10000000000000000000ULL

struct u512 {
    uint64_t w[8];
};

static struct u512 multiply(struct u256 a, struct u256 b)
{
    struct u512 r = {{0}};

    for (int i = 0; i < 4; i++) {
        uint64_t carry = 0;

        for (int j = 0; j < 4; j++) {
            unsigned __int128 t = (unsigned __int128)a.w[i] * b.w[j] + r.w[i + j] + carry;

            r.w[i + j] = (uint64_t)t;
            carry = (uint64_t)(t >> 64);
        }
        r.w[i + 4] = carry;
    }
    return r;
}

static int words_of(const uint64_t *w, int n)
{
    while (n > 0 && !w[n - 1])
        n--;
    return n;
}

/* n / d for a divisor of one word. */
static void divide_word(const uint64_t *n, int n_n, uint64_t d, uint64_t *quotient)
{
    uint64_t rest = 0;

    for (int i = n_n - 1; i >= 0; i--) {
        unsigned __int128 t = (unsigned __int128)rest << 64 | n[i];

        quotient[i] = (uint64_t)(t / d);
        rest = (uint64_t)(t % d);
    }
}

/* Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D, with words of 64 bits: quotient[n_n
 * - d_n + 1] of n / d; d_n is at least 2 and its top word not 0. */
static void divide_long(const uint64_t *n, int n_n, const uint64_t *d, int d_n, uint64_t *quotient)
{
    int shift = __builtin_clzll(d[d_n - 1]);
    uint64_t u[9], v[4];

    for (int i = d_n - 1; i > 0; i--)
        v[i] = shift ? d[i] << shift | d[i - 1] >> (64 - shift) : d[i];
    v[0] = d[0] << shift;
    u[n_n] = shift ? n[n_n - 1] >> (64 - shift) : 0;
    for (int i = n_n - 1; i > 0; i--)
        u[i] = shift ? n[i] << shift | n[i - 1] >> (64 - shift) : n[i];
    u[0] = n[0] << shift;
    for (int j = n_n - d_n; j >= 0; j--) {
        unsigned __int128 top = (unsigned __int128)u[j + d_n] << 64 | u[j + d_n - 1];
        unsigned __int128 q = top / v[d_n - 1], rest = top % v[d_n - 1];
        uint64_t borrow = 0, carry = 0;

        while (q >> 64 ||
               (q & UINT64_MAX) * (unsigned __int128)v[d_n - 2] > (rest << 64 | u[j + d_n - 2])) {
            q--;
            rest += v[d_n - 1];
            if (rest >> 64)
                break;
        }
        for (int i = 0; i < d_n; i++) {
            unsigned __int128 p = (uint64_t)q * (unsigned __int128)v[i] + carry;
            unsigned __int128 take = (unsigned __int128)(uint64_t)p + borrow;

            carry = (uint64_t)(p >> 64);
            borrow = u[i + j] < take;
            u[i + j] -= (uint64_t)take;
        }
        if (u[j + d_n] < (unsigned __int128)carry + borrow) { /* one too many: add back */
            uint64_t more = 0;

            q--;
            u[j + d_n] -= carry + borrow;
            for (int i = 0; i < d_n; i++) {
                unsigned __int128 t = (unsigned __int128)u[i + j] + v[i] + more;

                u[i + j] = (uint64_t)t;
                more = (uint64_t)(t >> 64);
            }
            u[j + d_n] += more;
        } else {
            u[j + d_n] -= carry + borrow;
        }
        quotient[j] = (uint64_t)q;
    }
}

bool u256_mul_div(struct u256 a, struct u256 b, struct u256 c, struct u256 *ret)
{
    struct u512 n = multiply(a, b);
    uint64_t quotient[9] = {0};
    int n_n = words_of(n.w, 8), c_n = words_of(c.w, 4);

    if (!c_n)
        return false;
    if (c_n == 1)
        divide_word(n.w, n_n, c.w[0], quotient);
    else if (n_n >= c_n)
        divide_long(n.w, n_n, c.w, c_n, quotient);
    memcpy(ret->w, quotient, sizeof(ret->w));
    return words_of(quotient, 9) <= 4;
}

bool u256_mul(struct u256 a, struct u256 b, struct u256 *ret)
{
    struct u512 n = multiply(a, b);

    memcpy(ret->w, n.w, sizeof(ret->w));
    return words_of(n.w, 8) <= 4;
}

bool u256_from_be(const uint8_t *p, size_t n, struct u256 *ret)
{
    uint8_t le[U256_BYTES] = {0};

    while (n > U256_BYTES && !*p) {
        p++;
        n--;
    }
    if (n > U256_BYTES)
        return false;
    for (size_t i = 0; i < n; i++)
        le[i] = p[n - 1 - i];
    *ret = u256_load_le(le);
    return true;
}

void u256_to_be(struct u256 v, uint8_t ret[U256_BYTES])
{
    uint8_t le[U256_BYTES];

    u256_store_le(le, v);
    for (size_t i = 0; i < U256_BYTES; i++)
        ret[i] = le[U256_BYTES - 1 - i];
}

/* v * 10^n + add, n at most 19 */
static bool push_digits(struct u256 *v, unsigned n, uint64_t add)
{
    uint64_t scale = 1;

    if (u256_zero(*v)) {
        *v = u256_of(add);
        return true;
    }
    for (unsigned i = 0; i < n; i++)
        scale *= 10;
    return u256_mul(*v, u256_of(scale), v) && u256_add(*v, u256_of(add), v);
}

static bool digits(const char *p, size_t n, struct u256 *v)
{
    while (n) {
        unsigned take = n < DIGITS_A_WORD ? (unsigned)n : DIGITS_A_WORD;
        uint64_t part = 0;

        for (unsigned i = 0; i < take; i++) {
            if (p[i] < '0' || p[i] > '9')
                return false;
            part = part * 10 + (uint64_t)(p[i] - '0');
        }
        if (!push_digits(v, take, part))
            return false;
        p += take;
        n -= take;
    }
    return true;
}

bool u256_from_text(const char *p, size_t n, struct u256 *ret)
{
    struct u256 v = {{0}};

    if (!n || n >= U256_TEXT_MAX || (n > 1 && *p == '0') || !digits(p, n, &v))
        return false;
    *ret = v;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool u256_from_hex(const char *p, size_t n, struct u256 *ret)
{
    struct u256 v = {{0}};

    if (n < 3 || n > 66 || p[0] != '0' || p[1] != 'x')
        return false;
    for (size_t i = 2; i < n; i++) {
        size_t bit = 4 * (n - 1 - i);
        int digit = hex_digit(p[i]);

        if (digit < 0)
            return false;
        v.w[bit / 64] |= (uint64_t)digit << bit % 64;
    }
    *ret = v;
    return true;
}

size_t u256_to_text(struct u256 v, char ret[U256_TEXT_MAX])
{
    char back[5 * DIGITS_A_WORD];
    size_t n = 0;

    while (!u256_zero(v) || !n) {
        uint64_t quotient[4] = {0}, part;

        divide_word(v.w, 4, TEN_TO_19, quotient);
        part = v.w[0] - quotient[0] * TEN_TO_19;
        memcpy(v.w, quotient, sizeof(quotient));
        for (unsigned i = 0; i < DIGITS_A_WORD; i++, part /= 10)
            back[n++] = (char)('0' + part % 10);
    }
    while (n > 1 && back[n - 1] == '0')
        n--;
    for (size_t i = 0; i < n; i++)
        ret[i] = back[n - 1 - i];
    ret[n] = 0;
    return n;
}

bool u256_from_decimal(const char *p, size_t n, unsigned decimals, struct u256 *ret)
{
    const char *point = memchr(p, '.', n);
    size_t whole = point ? (size_t)(point - p) : n, after = point ? n - whole - 1 : 0;
    struct u256 v = {{0}};

    if (!whole || (whole > 1 && *p == '0') || (point && !after))
        return false;
    while (after && p[whole + after] == '0') /* 1.50 is 1.5 */
        after--;
    if (after > decimals || !digits(p, whole, &v) || !digits(p + whole + 1, after, &v))
        return false;
    for (unsigned left = decimals - (unsigned)after; left;) {
        unsigned step = left < DIGITS_A_WORD ? left : DIGITS_A_WORD;

        if (!u256_zero(v) && !push_digits(&v, step, 0))
            return false;
        left -= step;
    }
    *ret = v;
    return true;
}
