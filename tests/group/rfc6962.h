/* Merkle trees by the definitions of RFC 6962, section 2.1, written down as they stand there. */
#ifndef CORDON_TESTS_GROUP_RFC6962_H
#define CORDON_TESTS_GROUP_RFC6962_H

#include "group/merkle.h"

struct hash32 rfc6962_root(const struct hash32 *d, size_t n);
/* Added to a proof. */
void rfc6962_path(size_t m, const struct hash32 *d, size_t n, struct merkle_proof *p);
void rfc6962_subproof(size_t m, const struct hash32 *d, size_t n, bool b, struct merkle_proof *p);

#endif
