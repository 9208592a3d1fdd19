/* Equihash: is a solution one? A. Biryukov and D. Khovratovich, "Equihash: Asymmetric Proof-of-Work
 * Based on the Generalized Birthday Problem", 2016; Zcash protocol specification, 7.7.1.
 *
 * 2^k indices, each of n/(k+1)+1 bits, packed with the highest bit first. Index i stands for n bits
 * X_i of BLAKE2b over the header and i / (512/n). They are leaves of a tree: below a node of level
 * l the X add up (XOR) to a number whose first l * n/(k+1) bits are zero, at the root to zero; a
 * left child's first index is less than the right one's; and all are different. */
#include "chain/bitcoin/block_walk.h"

#include <sodium.h>
#include <stdlib.h>

#define INDICES_MAX 512 /* 2^9 */
#define X_BYTES_MAX 25  /* 200 bits */

struct row {
    uint8_t x[X_BYTES_MAX];
    uint32_t first; /* index of the leftmost leaf */
};

size_t equihash_bytes(unsigned n, unsigned k)
{
    return ((size_t)1 << k) * (n / (k + 1) + 1) / 8;
}

static uint32_t index_at(struct bytes solution, unsigned bits, size_t i)
{
    uint32_t v = 0;

    for (size_t b = i * bits; b < (i + 1) * bits; b++)
        v = v << 1 | (solution.p[b / 8] >> (7 - b % 8) & 1);
    return v;
}

static bool leaves(unsigned n, unsigned k, const uint8_t *header, struct bytes solution,
                   struct row *rows)
{
    unsigned each = 512 / n, bytes = n / 8, bits = n / (k + 1) + 1;
    uint8_t personal[16] = "ZcashPoW", out[64], number[4];
    crypto_generichash_blake2b_state start, s;

    store_le32(personal + 8, n);
    store_le32(personal + 12, k);
    if (crypto_generichash_blake2b_init_salt_personal(&start, NULL, 0, (size_t)each * bytes, NULL,
                                                      personal))
        return false;
    crypto_generichash_blake2b_update(&start, header, 140);
    for (size_t i = 0; i < (size_t)1 << k; i++) {
        rows[i].first = index_at(solution, bits, i);
        store_le32(number, rows[i].first / each);
        s = start;
        crypto_generichash_blake2b_update(&s, number, sizeof(number));
        crypto_generichash_blake2b_final(&s, out, (size_t)each * bytes);
        memcpy(rows[i].x, out + (size_t)(rows[i].first % each) * bytes, bytes);
    }
    return true;
}

static bool zero_bits(const uint8_t *x, unsigned bits)
{
    for (unsigned i = 0; i < bits / 8; i++)
        if (x[i])
            return false;
    return !(bits % 8) || !(x[bits / 8] >> (8 - bits % 8));
}

static int order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static bool all_different(const struct row *rows, size_t n)
{
    uint32_t at[INDICES_MAX];

    for (size_t i = 0; i < n; i++)
        at[i] = rows[i].first;
    qsort(at, n, sizeof(*at), order);
    for (size_t i = 1; i < n; i++)
        if (at[i] == at[i - 1])
            return false;
    return true;
}

bool equihash_valid(unsigned n, unsigned k, const uint8_t *header, struct bytes solution)
{
    struct row rows[INDICES_MAX];
    size_t rows_n = (size_t)1 << k;

    if (n / 8 > X_BYTES_MAX || rows_n > INDICES_MAX || solution.n != equihash_bytes(n, k) ||
        !leaves(n, k, header, solution, rows) || !all_different(rows, rows_n))
        return false;
    for (unsigned level = 1; level <= k; level++, rows_n /= 2)
        for (size_t i = 0; i < rows_n / 2; i++) {
            const struct row *left = &rows[2 * i], *right = &rows[2 * i + 1];

            if (left->first >= right->first)
                return false;
            for (unsigned b = 0; b < n / 8; b++)
                rows[i].x[b] = left->x[b] ^ right->x[b];
            rows[i].first = left->first;
            if (!zero_bits(rows[i].x, level < k ? level * (n / (k + 1)) : n))
                return false;
        }
    return true;
}
