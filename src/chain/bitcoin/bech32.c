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

/* What the readable part does to it, with so many values behind. A sum is itself six values that go
 * on. */
static uint32_t sum_of_hrp(const char *hrp, size_t n)
{
    uint32_t part = 1, sum = 0;

    pthread_once(&adds_made, adds_make);
    for (const char *p = hrp; *p; p++)
        part = polymod(part, (uint8_t)*p >> 5);
    part = polymod(part, 0);
    for (const char *p = hrp; *p; p++)
        part = polymod(part, *p & 31);
    for (size_t i = 0; i < CHECKSUM_CHARS; i++)
        sum ^= adds[n + i][part >> 5 * i & 31];
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
    bool lower = false, upper = false, odd = false;

    for (size_t i = 0; i < n; i++) {
        bool is_upper = s[i] >= 'A' && s[i] <= 'Z';

        odd |= s[i] < 33 || s[i] > 126;
        upper |= is_upper;
        lower |= s[i] >= 'a' && s[i] <= 'z';
        ret[i] = (char)(s[i] | is_upper << 5);
    }
    ret[n] = 0;
    for (size_t i = 0; odd && i < n; i++)
        if (s[i] < 33 || s[i] > 126)
            return err_fail(err, ERR_INPUT, "character %zu is not printable ascii", i + 1);
    return !(lower && upper) || err_fail(err, ERR_INPUT, "upper and lower case are mixed");
}

/* The readable part ends with the last digit 1. */
static bool hrp_read(const char *lower, size_t n, struct bech32 *b, size_t *ret_n, struct err *err)
{
    const char *one = strrchr(lower, '1');

    if (!one || one == lower)
        return err_fail(err, ERR_INPUT, "nothing stands before a digit 1");
    *ret_n = (size_t)(one - lower);
    if (n - *ret_n - 1 < CHECKSUM_CHARS)
        return err_fail(err, ERR_INPUT, "too short for a checksum");
    memcpy(b->hrp, lower, *ret_n);
    b->hrp[*ret_n] = 0;
    return true;
}

bool bech32_read(const char *s, struct bech32 *ret, struct err *err)
{
    size_t n = strlen(s), hrp_n;
    char lower[BECH32_CHARS_MAX + 1];
    struct bech32 b;
    uint32_t sum;

    if (n > BECH32_CHARS_MAX)
        return err_fail(err, ERR_INPUT, "%zu characters are too many", n);
    if (!one_case(s, n, lower, err) || !hrp_read(lower, n, &b, &hrp_n, err))
        return false;
    b.values_n = n - hrp_n - 1;
    sum = sum_of_hrp(b.hrp, b.values_n);
    for (size_t i = 0; i < b.values_n; i++) {
        uint8_t value = value_of[(uint8_t)lower[hrp_n + 1 + i]]; /* of 33 to 126 */

        if (!value)
            return err_fail(err, ERR_INPUT, "character %zu is not of bech32", hrp_n + 2 + i);
        b.values[i] = (uint8_t)(value - 1);
        sum ^= adds[b.values_n - 1 - i][value - 1];
    }
    if (sum != BECH32 && sum != BECH32M)
        return err_fail(err, ERR_INPUT, "the checksum is wrong");
    b.kind = sum == BECH32 ? BECH32 : BECH32M;
    b.values_n -= CHECKSUM_CHARS;
    *ret = b;
    return true;
}

void bech32_write(const struct bech32 *in, char ret[BECH32_CHARS_MAX + 1])
{
    size_t n = in->values_n + CHECKSUM_CHARS;
    uint32_t sum = sum_of_hrp(in->hrp, n);
    char *p = ret + strlen(in->hrp);

    memcpy(ret, in->hrp, strlen(in->hrp));
    *p++ = '1';
    for (size_t i = 0; i < in->values_n; i++) {
        *p++ = bech32_alphabet[in->values[i]];
        sum ^= adds[n - 1 - i][in->values[i]];
    }
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
