/* BIP 173's reference functions, with the constant of BIP 350. The checksum is linear: what a value
 * adds to it depends on how far from the end it stands, and is looked up. */
#include "chain/bitcoin/bech32.h"

#include <pthread.h>

#define CHECKSUM_CHARS 6

const char bech32_alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* What the generator of BIP 173's bech32_polymod adds for each value of the top five bits. */
#define TOP(i)                                                                                     \
    (((i)&1 ? 0x3b6a57b2u : 0) ^ ((i)&2 ? 0x26508e6du : 0) ^ ((i)&4 ? 0x1ea119fau : 0) ^           \
     ((i)&8 ? 0x3d4233ddu : 0) ^ ((i)&16 ? 0x2a1462b3u : 0))
#define TOP_4(i) TOP(i), TOP((i) + 1), TOP((i) + 2), TOP((i) + 3)

static const uint32_t tops[32] = {TOP_4(0),  TOP_4(4),  TOP_4(8),  TOP_4(12),
                                  TOP_4(16), TOP_4(20), TOP_4(24), TOP_4(28)};

/* One step of the checksum. */
static uint32_t polymod(uint32_t sum, uint8_t value)
{
    return ((sum & 0x1ffffff) << 5 ^ value) ^ tops[sum >> 25];
}

/* adds[d][v]: what a value v does to the sum, d values before the end. */
static uint32_t adds[BECH32_CHARS_MAX + 2 * CHECKSUM_CHARS][32];
static pthread_once_t adds_made = PTHREAD_ONCE_INIT;

static void adds_make(void)
{
    for (uint32_t v = 0; v < 32; v++)
        adds[0][v] = v;
    for (size_t d = 1; d < sizeof(adds) / sizeof(adds[0]); d++)
        for (size_t v = 0; v < 32; v++)
            adds[d][v] = polymod(adds[d - 1][v], 0);
}

/* With so many zeros behind the values. A sum is itself six values that go on. */
static uint32_t sum_of(const char *hrp, const uint8_t *values, size_t values_n, size_t zeros)
{
    uint32_t part = 1, sum = 0;
    size_t n = values_n + zeros;

    pthread_once(&adds_made, adds_make);
    for (const char *p = hrp; *p; p++)
        part = polymod(part, (uint8_t)*p >> 5);
    part = polymod(part, 0);
    for (const char *p = hrp; *p; p++)
        part = polymod(part, *p & 31);
    for (size_t i = 0; i < CHECKSUM_CHARS; i++)
        sum ^= adds[n + i][part >> 5 * i & 31];
    for (size_t i = 0; i < values_n; i++)
        sum ^= adds[n - 1 - i][values[i]];
    return sum;
}

/* A character's value, + 1; 0: it has none. */
static const uint8_t value_of[128] = {
    ['q'] = 1,  ['p'] = 2,  ['z'] = 3,  ['r'] = 4,  ['y'] = 5,  ['9'] = 6,  ['x'] = 7,  ['8'] = 8,
    ['g'] = 9,  ['f'] = 10, ['2'] = 11, ['t'] = 12, ['v'] = 13, ['d'] = 14, ['w'] = 15, ['0'] = 16,
    ['s'] = 17, ['3'] = 18, ['j'] = 19, ['n'] = 20, ['5'] = 21, ['4'] = 22, ['k'] = 23, ['h'] = 24,
    ['c'] = 25, ['e'] = 26, ['6'] = 27, ['m'] = 28, ['u'] = 29, ['a'] = 30, ['7'] = 31, ['l'] = 32,
};

/* The string in lower case. BIP 173: "Decoders MUST NOT accept strings where some characters are
 * uppercase and some are lowercase". */
static bool one_case(const char *s, size_t n, char *ret, struct err *err)
{
    bool lower = false, upper = false;

    for (size_t i = 0; i < n; i++) {
        if (s[i] < 33 || s[i] > 126)
            return err_fail(err, ERR_INPUT, "character %zu is not printable ascii", i + 1);
        lower = lower || (s[i] >= 'a' && s[i] <= 'z');
        upper = upper || (s[i] >= 'A' && s[i] <= 'Z');
        ret[i] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 32) : s[i];
    }
    ret[n] = 0;
    if (lower && upper)
        return err_fail(err, ERR_INPUT, "upper and lower case are mixed");
    return true;
}

bool bech32_read(const char *s, struct bech32 *ret, struct err *err)
{
    size_t n = strlen(s), hrp_n;
    char lower[BECH32_CHARS_MAX + 1], *one;
    struct bech32 b = {0};
    uint32_t sum;

    if (n > BECH32_CHARS_MAX)
        return err_fail(err, ERR_INPUT, "%zu characters are too many", n);
    if (!one_case(s, n, lower, err))
        return false;
    one = strrchr(lower, '1');
    if (!one || one == lower)
        return err_fail(err, ERR_INPUT, "nothing stands before a digit 1");
    hrp_n = (size_t)(one - lower);
    if (n - hrp_n - 1 < CHECKSUM_CHARS)
        return err_fail(err, ERR_INPUT, "too short for a checksum");
    memcpy(b.hrp, lower, hrp_n);
    for (const char *p = one + 1; *p; p++) {
        uint8_t value = value_of[(uint8_t)*p]; /* of 33 to 126 */

        if (!value)
            return err_fail(err, ERR_INPUT, "character %zu is not of bech32",
                            (size_t)(p - lower) + 1);
        b.values[b.values_n++] = (uint8_t)(value - 1);
    }
    sum = sum_of(b.hrp, b.values, b.values_n, 0);
    if (sum != BECH32 && sum != BECH32M)
        return err_fail(err, ERR_INPUT, "the checksum is wrong");
    b.kind = sum == BECH32 ? BECH32 : BECH32M;
    b.values_n -= CHECKSUM_CHARS;
    *ret = b;
    return true;
}

void bech32_write(const struct bech32 *in, char ret[BECH32_CHARS_MAX + 1])
{
    uint32_t sum = sum_of(in->hrp, in->values, in->values_n, CHECKSUM_CHARS);
    char *p = ret + strlen(in->hrp);

    memcpy(ret, in->hrp, strlen(in->hrp));
    *p++ = '1';
    for (size_t i = 0; i < in->values_n; i++)
        *p++ = bech32_alphabet[in->values[i]];
    sum ^= in->kind;
    for (int i = CHECKSUM_CHARS - 1; i >= 0; i--)
        *p++ = bech32_alphabet[sum >> 5 * i & 31];
    *p = 0;
}

size_t bech32_from_bytes(struct bytes in, uint8_t *ret)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t n = 0;

    for (size_t i = 0; i < in.n; i++) {
        bits = bits << 8 | in.p[i];
        for (held += 8; held >= 5; held -= 5)
            ret[n++] = bits >> (held - 5) & 31;
    }
    if (held)
        ret[n++] = bits << (5 - held) & 31;
    return n;
}

bool bech32_to_bytes(const uint8_t *in, size_t in_n, uint8_t *ret, size_t *ret_n)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t n = 0;

    for (size_t i = 0; i < in_n; i++) {
        bits = bits << 5 | in[i];
        held += 5;
        if (held >= 8) {
            held -= 8;
            ret[n++] = (uint8_t)(bits >> held);
        }
    }
    *ret_n = n;
    return held <= 4 && !(bits & ((1u << held) - 1));
}
