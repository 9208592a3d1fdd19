#include "chain/bitcoin/cashaddr.h"

#include "chain/bitcoin/bech32.h"

#define CHECKSUM_CHARS 8
#define VALUES_MAX (CASHADDR_TEXT_MAX - 1)

/* The specification's PolyMod, without its last step. */
static uint64_t polymod(uint64_t sum, uint8_t value)
{
    static const uint64_t generator[5] = {0x98f2bc8e61, 0x79b76d99e2, 0xf33e5fb3c4, 0xae2eabe2a8,
                                          0x1e4f43e470};
    uint64_t top = sum >> 35;

    sum = (sum & 0x07ffffffff) << 5 ^ value;
    for (int i = 0; i < 5; i++)
        if (top >> i & 1)
            sum ^= generator[i];
    return sum;
}

/* "The lower 5 bits of each character of the prefix", a zero, the values. 0: right. */
static uint64_t sum_of(const char *prefix, const uint8_t *values, size_t values_n)
{
    uint64_t sum = 1;

    for (const char *p = prefix; *p; p++)
        sum = polymod(sum, *p & 31);
    sum = polymod(sum, 0);
    for (size_t i = 0; i < values_n; i++)
        sum = polymod(sum, values[i]);
    return sum ^ 1;
}

/* "Encoders MUST NOT mix case": as in Bech32, capitals alone are taken. */
static bool lower_case(const char *s, size_t n, char *ret, struct err *err)
{
    bool lower = false, upper = false;

    for (size_t i = 0; i < n; i++) {
        lower = lower || (s[i] >= 'a' && s[i] <= 'z');
        upper = upper || (s[i] >= 'A' && s[i] <= 'Z');
        ret[i] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 32) : s[i];
    }
    ret[n] = 0;
    return !(lower && upper) || err_fail(err, ERR_INPUT, "upper and lower case are mixed");
}

static size_t hash_bytes(uint8_t version)
{
    static const uint8_t size[8] = {20, 24, 28, 32, 40, 48, 56, 64};

    return size[version & 7];
}

static bool payload_read(const uint8_t *values, size_t values_n, struct cashaddr *c,
                         struct err *err)
{
    uint8_t raw[VALUES_MAX];
    size_t n;

    if (!bech32_to_bytes(values, values_n, raw, &n))
        return err_fail(err, ERR_INPUT, "bits are left over after the last byte");
    if (!n || raw[0] >> 3 > CASHADDR_TOKEN_P2SH)
        return err_fail(err, ERR_INPUT, "its version is not known");
    if (n != 1 + hash_bytes(raw[0]))
        return err_fail(err, ERR_INPUT, "a hash of %zu bytes, its version tells %zu", n - 1,
                        hash_bytes(raw[0]));
    c->type = (enum cashaddr_type)(raw[0] >> 3);
    c->hash_n = n - 1;
    memcpy(c->hash, raw + 1, n - 1);
    return true;
}

bool cashaddr_read(const char *s, const char *prefix, struct cashaddr *ret, struct err *err)
{
    char lower[CASHADDR_PREFIX_MAX + CASHADDR_TEXT_MAX];
    uint8_t values[VALUES_MAX];
    size_t n = strlen(s), prefix_n, values_n = 0;
    struct cashaddr c = {0};
    const char *colon;

    if (n >= sizeof(lower))
        return err_fail(err, ERR_INPUT, "%zu characters are too many", n);
    if (!lower_case(s, n, lower, err))
        return false;
    colon = strchr(lower, ':');
    if (colon)
        prefix = lower;
    prefix_n = colon ? (size_t)(colon - lower) : strlen(prefix);
    if (!prefix_n || prefix_n > CASHADDR_PREFIX_MAX)
        return err_fail(err, ERR_INPUT, "a prefix of %zu characters", prefix_n);
    for (size_t i = 0; i < prefix_n; i++) /* their upper bits are not in the checksum */
        if (prefix[i] < 'a' || prefix[i] > 'z')
            return err_fail(err, ERR_INPUT, "character %zu is not of a prefix", i + 1);
    memcpy(c.prefix, prefix, prefix_n);
    for (const char *p = colon ? colon + 1 : lower; *p; p++) {
        const char *value = strchr(bech32_alphabet, *p);

        if (!value)
            return err_fail(err, ERR_INPUT, "character %zu is not of cashaddr",
                            (size_t)(p - lower) + 1);
        if (values_n == VALUES_MAX)
            return err_fail(err, ERR_INPUT, "%zu characters are too many", n);
        values[values_n++] = (uint8_t)(value - bech32_alphabet);
    }
    if (values_n <= CHECKSUM_CHARS)
        return err_fail(err, ERR_INPUT, "too short for a checksum");
    if (sum_of(c.prefix, values, values_n))
        return err_fail(err, ERR_INPUT, "the checksum is wrong");
    if (!payload_read(values, values_n - CHECKSUM_CHARS, &c, err))
        return false;
    *ret = c;
    return true;
}

void cashaddr_write(const struct cashaddr *in, char ret[CASHADDR_TEXT_MAX])
{
    uint8_t raw[1 + CASHADDR_HASH_MAX], values[VALUES_MAX] = {0};
    uint8_t size = 0;
    size_t n;
    uint64_t sum;

    while (hash_bytes(size) < in->hash_n)
        size++;
    raw[0] = (uint8_t)(in->type << 3 | size);
    memcpy(raw + 1, in->hash, in->hash_n);
    n = bech32_from_bytes((struct bytes){raw, 1 + in->hash_n}, values);
    sum = sum_of(in->prefix, values, n + CHECKSUM_CHARS);
    for (size_t i = 0; i < CHECKSUM_CHARS; i++)
        values[n + i] = sum >> 5 * (CHECKSUM_CHARS - 1 - i) & 31;
    n += CHECKSUM_CHARS;
    for (size_t i = 0; i < n; i++)
        ret[i] = bech32_alphabet[values[i]];
    ret[n] = 0;
}
