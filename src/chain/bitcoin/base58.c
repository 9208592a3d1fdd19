/* Long division by hand: the number is kept as large digits of the other base, least first, and
 * takes several more digits at a time by multiplying and carrying. */
#include "chain/bitcoin/base58.h"

#include "base/hash.h"

/* Without 0, O, I and l, which people mistake for one another. */
const char base58_alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

#define TOGETHER 5            /* digits of base 58 that are taken at a time */
#define TOGETHER_58 656356768 /* 58 ^ 5 */
#define TOGETHER_READ 10      /* 58 ^ 10 is below 2 ^ 59 */
#define LIMBS_MAX (BASE58_TEXT_MAX / TOGETHER + 2)
#define LONG_TEXT_MAX (BASE58_LONG_MAX * 138u / 100 + 1) /* log 256 / log 58 */

const uint8_t base58_digits[256] = {
    /* from 1: all others have none */
    ['1'] = 1,  ['2'] = 2,  ['3'] = 3,  ['4'] = 4,  ['5'] = 5,  ['6'] = 6,  ['7'] = 7,  ['8'] = 8,
    ['9'] = 9,  ['A'] = 10, ['B'] = 11, ['C'] = 12, ['D'] = 13, ['E'] = 14, ['F'] = 15, ['G'] = 16,
    ['H'] = 17, ['J'] = 18, ['K'] = 19, ['L'] = 20, ['M'] = 21, ['N'] = 22, ['P'] = 23, ['Q'] = 24,
    ['R'] = 25, ['S'] = 26, ['T'] = 27, ['U'] = 28, ['V'] = 29, ['W'] = 30, ['X'] = 31, ['Y'] = 32,
    ['Z'] = 33, ['a'] = 34, ['b'] = 35, ['c'] = 36, ['d'] = 37, ['e'] = 38, ['f'] = 39, ['g'] = 40,
    ['h'] = 41, ['i'] = 42, ['j'] = 43, ['k'] = 44, ['m'] = 45, ['n'] = 46, ['o'] = 47, ['p'] = 48,
    ['q'] = 49, ['r'] = 50, ['s'] = 51, ['t'] = 52, ['u'] = 53, ['v'] = 54, ['w'] = 55, ['x'] = 56,
    ['y'] = 57, ['z'] = 58,
};

void base58_write(struct bytes in, char ret[BASE58_TEXT_MAX])
{
    uint32_t limbs[LIMBS_MAX]; /* of base 58 ^ 5 */
    char digits[LIMBS_MAX * TOGETHER];
    size_t zeros = 0, n = 0, digits_n = 0;

    while (zeros < in.n && !in.p[zeros])
        ret[zeros++] = base58_alphabet[0];
    for (size_t i = zeros; i < in.n;) {
        uint64_t carry = 0;
        unsigned bits = 0;

        for (; i < in.n && bits < 32; bits += 8)
            carry = carry << 8 | in.p[i++];
        for (size_t k = 0; k < n; k++) {
            carry += (uint64_t)limbs[k] << bits;
            limbs[k] = (uint32_t)(carry % TOGETHER_58);
            carry /= TOGETHER_58;
        }
        for (; carry; carry /= TOGETHER_58)
            limbs[n++] = (uint32_t)(carry % TOGETHER_58);
    }
    for (size_t k = 0; k < n; k++)
        for (int i = 0; i < TOGETHER; i++) {
            digits[digits_n++] = base58_alphabet[limbs[k] % 58];
            limbs[k] /= 58;
        }
    while (digits_n && digits[digits_n - 1] == base58_alphabet[0])
        digits_n--;
    for (size_t i = 0; i < digits_n; i++)
        ret[zeros + i] = digits[digits_n - 1 - i];
    ret[zeros + digits_n] = 0;
}

static const uint64_t powers_58[TOGETHER_READ + 1] = {1,
                                                      58,
                                                      3364,
                                                      195112,
                                                      11316496,
                                                      656356768,
                                                      38068692544,
                                                      2207984167552,
                                                      128063081718016,
                                                      7427658739644928,
                                                      430804206899405824};

/* Up to TOGETHER_READ digits as a number; false: some character is none. The two halves do not wait
 * for each other. */
static bool digits_read(const char *s, size_t n, uint64_t *ret)
{
    uint64_t high = 0, low = 0;
    size_t half = n < TOGETHER ? n : TOGETHER;
    int bad = 0;

    for (size_t i = 0; i < half; i++) {
        int digit = base58_digit(s[i]);

        bad |= digit;
        high = high * 58 + (uint64_t)digit;
    }
    for (size_t i = half; i < n; i++) {
        int digit = base58_digit(s[i]);

        bad |= digit;
        low = low * 58 + (uint64_t)digit;
    }
    *ret = high * powers_58[n - half] + low;
    return bad >= 0;
}

/* A number's digits into limbs of 64 bits, least first: how many; ret_bad: where a character is no
 * digit, from 1. Limbs there are enough for n digits. */
static size_t limbs_read(const char *s, size_t n, uint64_t *limbs, size_t *ret_bad)
{
    size_t used = 0, together;

    *ret_bad = 0;
    for (size_t i = 0; i < n; i += together) {
        uint64_t digits;
        unsigned __int128 carry;

        together = n - i < TOGETHER_READ ? n - i : TOGETHER_READ;
        if (!digits_read(s + i, together, &digits)) {
            while (base58_digit(s[i]) >= 0)
                i++;
            *ret_bad = i + 1;
            return used;
        }
        carry = digits;
        for (size_t k = 0; k < used; k++) {
            carry += (unsigned __int128)limbs[k] * powers_58[together];
            limbs[k] = (uint64_t)carry;
            carry >>= 64;
        }
        if (carry)
            limbs[used++] = (uint64_t)carry;
    }
    return used;
}

/* Of n digits: *ret_n bytes, up to max; limbs there are enough. False: too many bytes, or (ret_bad,
 * from 1) a character that is no digit. */
static bool bytes_read(const char *s, size_t n, uint64_t *limbs, uint8_t *ret, size_t max,
                       size_t *ret_n, size_t *ret_bad)
{
    size_t zeros = 0, bytes_n;

    while (zeros < n && s[zeros] == base58_alphabet[0])
        zeros++;
    bytes_n = 8 * limbs_read(s + zeros, n - zeros, limbs, ret_bad);
    if (*ret_bad) {
        *ret_bad += zeros;
        return false;
    }
    while (bytes_n && !(limbs[(bytes_n - 1) / 8] >> 8 * ((bytes_n - 1) % 8) & 0xff))
        bytes_n--;
    *ret_n = zeros + bytes_n;
    if (*ret_n > max)
        return false;
    memset(ret, 0, zeros);
    for (size_t i = 0; i < bytes_n; i++)
        ret[zeros + bytes_n - 1 - i] = (uint8_t)(limbs[i / 8] >> 8 * (i % 8));
    return true;
}

bool base58_read(const char *s, uint8_t ret[BASE58_BYTES_MAX], size_t *ret_n, struct err *err)
{
    uint64_t limbs[BASE58_TEXT_MAX / TOGETHER_READ + 1];
    size_t length = strlen(s), n, bad;

    if (length >= BASE58_TEXT_MAX)
        return err_fail(err, ERR_INPUT, "%zu characters are too many", length);
    if (!bytes_read(s, length, limbs, ret, BASE58_BYTES_MAX, &n, &bad))
        return bad ? err_fail(err, ERR_INPUT, "character %zu is not of base58", bad)
                   : err_fail(err, ERR_INPUT, "%zu bytes are too many", n);
    *ret_n = n;
    return true;
}

bool base58_long(struct bytes text, uint8_t *ret, size_t max, size_t *ret_n)
{
    uint64_t limbs[LONG_TEXT_MAX / TOGETHER_READ + 1];
    size_t bad;

    if (!text.n) { /* of no text there are no characters to point at */
        *ret_n = 0;
        return true;
    }
    return text.n <= LONG_TEXT_MAX &&
           bytes_read((const char *)text.p, text.n, limbs, ret, max, ret_n, &bad);
}

bool base58_fixed(struct bytes text, uint8_t *ret, size_t ret_n)
{
    uint64_t limbs[2 * BASE58_FIXED_MAX / TOGETHER_READ + 1] = {0};
    const char *s = (const char *)text.p;
    size_t zeros = 0, n = ret_n / 8, used, leading = 0, bad;

    if (!text.n || text.n > 2 * ret_n) /* a byte is 1.4 digits */
        return false;
    while (zeros < text.n && s[zeros] == base58_alphabet[0])
        zeros++;
    used = limbs_read(s + zeros, text.n - zeros, limbs, &bad);
    if (bad || used > n)
        return false;
    for (size_t k = 0; k < n; k++) {
        uint64_t big = __builtin_bswap64(limbs[n - 1 - k]);

        memcpy(ret + 8 * k, &big, 8);
    }
    while (leading < ret_n && !ret[leading])
        leading++;
    return leading == zeros;
}

void base58check_write(struct bytes in, char ret[BASE58_TEXT_MAX])
{
    uint8_t raw[BASE58_BYTES_MAX];
    struct hash32 sum = sha256d(in.p, in.n);

    memcpy(raw, in.p, in.n);
    memcpy(raw + in.n, sum.b, BASE58_CHECKSUM_BYTES);
    base58_write((struct bytes){raw, in.n + BASE58_CHECKSUM_BYTES}, ret);
}

bool base58check_right(struct bytes in)
{
    struct hash32 sum;

    if (in.n < BASE58_CHECKSUM_BYTES)
        return false;
    sum = sha256d(in.p, in.n - BASE58_CHECKSUM_BYTES);
    return !memcmp(sum.b, in.p + in.n - BASE58_CHECKSUM_BYTES, BASE58_CHECKSUM_BYTES);
}
