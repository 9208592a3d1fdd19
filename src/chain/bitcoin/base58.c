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

const int8_t base58_from_1['z' - '1' + 1] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  -1, -1, -1, -1, -1, -1, -1, 9,  10, 11,
    12, 13, 14, 15, 16, -1, 17, 18, 19, 20, 21, -1, 22, 23, 24, 25, 26, 27, 28,
    29, 30, 31, 32, -1, -1, -1, -1, -1, -1, 33, 34, 35, 36, 37, 38, 39, 40, 41,
    42, 43, -1, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57,
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

/* A number's digits into limbs of 64 bits, least first: how many; ret_bad: where a character is no
 * digit, from 1. Limbs there are enough for n digits. */
static size_t limbs_read(const char *s, size_t n, uint64_t *limbs, size_t *ret_bad)
{
    size_t used = 0;

    *ret_bad = 0;
    for (size_t i = 0; i < n;) {
        uint64_t digits = 0, base = 1;
        unsigned __int128 carry;

        for (unsigned k = 0; k < TOGETHER_READ && i < n; k++, base *= 58) {
            int digit = base58_digit(s[i++]);

            if (digit < 0) {
                *ret_bad = i;
                return used;
            }
            digits = digits * 58 + (unsigned)digit;
        }
        carry = digits;
        for (size_t k = 0; k < used; k++) {
            carry += (unsigned __int128)limbs[k] * base;
            limbs[k] = (uint64_t)carry;
            carry >>= 64;
        }
        if (carry)
            limbs[used++] = (uint64_t)carry;
    }
    return used;
}

bool base58_read(const char *s, uint8_t ret[BASE58_BYTES_MAX], size_t *ret_n, struct err *err)
{
    uint64_t limbs[BASE58_TEXT_MAX / TOGETHER_READ + 1];
    size_t length = strlen(s), zeros = 0, bytes_n, bad;

    if (length >= BASE58_TEXT_MAX)
        return err_fail(err, ERR_INPUT, "%zu characters are too many", length);
    while (s[zeros] == base58_alphabet[0])
        zeros++;
    bytes_n = 8 * limbs_read(s + zeros, length - zeros, limbs, &bad);
    if (bad)
        return err_fail(err, ERR_INPUT, "character %zu is not of base58", zeros + bad);
    while (bytes_n && !(limbs[(bytes_n - 1) / 8] >> 8 * ((bytes_n - 1) % 8) & 0xff))
        bytes_n--;
    if (zeros + bytes_n > BASE58_BYTES_MAX)
        return err_fail(err, ERR_INPUT, "%zu bytes are too many", zeros + bytes_n);
    memset(ret, 0, zeros);
    for (size_t i = 0; i < bytes_n; i++)
        ret[zeros + bytes_n - 1 - i] = (uint8_t)(limbs[i / 8] >> 8 * (i % 8));
    *ret_n = zeros + bytes_n;
    return true;
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
