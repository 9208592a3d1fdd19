/* Long division by hand: the number is kept as digits of the other base, least first, and takes one
 * more digit at a time by multiplying and carrying. */
#include "chain/bitcoin/base58.h"

/* Without 0, O, I and l, which people mistake for one another. */
static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* at[0..n) = at * base_in + digit, in base_out; returns the new n. */
static size_t push_digit(uint8_t *at, size_t n, unsigned base_out, unsigned base_in, unsigned digit)
{
    unsigned carry = digit;

    for (size_t i = 0; i < n; i++) {
        carry += at[i] * base_in;
        at[i] = (uint8_t)(carry % base_out);
        carry /= base_out;
    }
    for (; carry; carry /= base_out)
        at[n++] = (uint8_t)(carry % base_out);
    return n;
}

void base58_write(struct bytes in, char ret[BASE58_TEXT_MAX])
{
    uint8_t digits[BASE58_TEXT_MAX];
    size_t zeros = 0, n = 0;

    while (zeros < in.n && !in.p[zeros])
        ret[zeros++] = alphabet[0];
    for (size_t i = zeros; i < in.n; i++)
        n = push_digit(digits, n, 58, 256, in.p[i]);
    for (size_t i = 0; i < n; i++)
        ret[zeros + i] = alphabet[digits[n - 1 - i]];
    ret[zeros + n] = 0;
}

bool base58_read(const char *s, uint8_t ret[BASE58_BYTES_MAX], size_t *ret_n, struct err *err)
{
    uint8_t bytes[BASE58_TEXT_MAX];
    size_t length = strlen(s), zeros = 0, n = 0;

    if (length >= BASE58_TEXT_MAX)
        return err_fail(err, ERR_INPUT, "%zu characters are too many", length);
    while (s[zeros] == alphabet[0])
        zeros++;
    for (size_t i = zeros; i < length; i++) {
        const char *digit = strchr(alphabet, s[i]);

        if (!digit)
            return err_fail(err, ERR_INPUT, "character %zu is not of base58", i + 1);
        n = push_digit(bytes, n, 256, 58, (unsigned)(digit - alphabet));
    }
    if (zeros + n > BASE58_BYTES_MAX)
        return err_fail(err, ERR_INPUT, "%zu bytes are too many", zeros + n);
    memset(ret, 0, zeros);
    for (size_t i = 0; i < n; i++)
        ret[zeros + i] = bytes[n - 1 - i];
    *ret_n = zeros + n;
    return true;
}
