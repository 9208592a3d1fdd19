/* What the SHA-256 kernels share with hash.c, and nobody else sees.
 *
 * A kernel compresses whole blocks into states of eight words (FIPS 180-4, 6.2.2). The kernel of
 * two streams does two independent messages at once: the instructions of one wait for themselves,
 * those of two overlap. */
#ifndef CORDON_BASE_HASH_KERNEL_H
#define CORDON_BASE_HASH_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sha256_kernel {
    const char *name;
    void (*begin)(void); /* before the first block of a batch */
    void (*one)(uint32_t state[8], const uint8_t *p, size_t blocks);
    void (*two)(uint32_t state_a[8], const uint8_t *a, uint32_t state_b[8], const uint8_t *b,
                size_t blocks);
};

extern const struct sha256_kernel sha256_openssl;
extern const uint32_t sha256_round_constants[64];

#if defined(__x86_64__)
extern const struct sha256_kernel sha256_ni;
bool sha256_ni_usable(void); /* asks the processor */
#endif

void ripemd160(const void *p, size_t n, uint8_t ret[20]);
/* SHA-1 of a followed by b: names of UUIDs, and nothing that must withstand anybody. */
void sha1_two(const void *a, size_t a_n, const void *b, size_t b_n, uint8_t ret[20]);

#endif
