/* Blocks and transactions made by hand for tests: bytes put down one after another, merkle roots
 * by definition, and a nonce that meets an easy target. A second implementation, and a plain one.
 */
#ifndef CORDON_TESTS_CHAIN_BLOCK_MAKE_H
#define CORDON_TESTS_CHAIN_BLOCK_MAKE_H

#include "chain/chain.h"

#define MAKE_BYTES_MAX 65536

struct make {
    uint8_t p[MAKE_BYTES_MAX];
    size_t n;
};

extern const struct chain make_chain; /* every other nonce will do */

void make_put(struct make *m, const void *p, size_t n);
void make_hex(struct make *m, const char *hex);
void make_le(struct make *m, uint64_t v, size_t bytes);
void make_compact(struct make *m, uint64_t v);
struct hash32 make_sha256d(const void *p, size_t n); /* by OpenSSL's EVP */
struct hash32 make_merkle(const struct hash32 *leaves, size_t n);
struct bytes make_bytes(const struct make *m);

/* A coinbase: scriptSig, its witness item or NULL, one output of 50 coins to script. */
struct make_coinbase {
    const char *script_sig, *witness, *commitment; /* hex; NULL for none */
};
void make_coinbase(struct make *m, struct make_coinbase c);
/* A block over transactions already made; ids are hashes of their stripped forms. */
void make_block(struct make *m, uint32_t version, const struct hash32 *prev,
                const struct make *const *txs, const struct hash32 *ids, size_t n);

#endif
