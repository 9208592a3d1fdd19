/* Proofs of the log. One that is taken is written again in one form, which is taken alike; none
 * proves an event, or a beginning, that nobody ever said. */
#include "group/proof.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text one = text_new(2 * PROOF_BYTES_MAX), other = text_new(2 * PROOF_BYTES_MAX);
    struct proof p, again;
    struct err err;

    if (a && proof_read(a, (struct bytes){data, size}, &p, &err)) {
        struct checkpoint before = p.note;
        struct hash32 id = {{0}};

        assert(proof_is((struct bytes){data, size}));
        proof_put(&one, &p);
        assert(proof_read(a, (struct bytes){(const uint8_t *)one.p, one.n}, &again, &err));
        proof_put(&other, &again);
        assert(one.n == other.n && !memcmp(one.p, other.p, one.n));
        assert(!proof_of_event(&p, &id));
        before.size = p.at;
        before.root = id;
        assert(!proof_of_growth(&p, &before));
    }
    text_free(&one);
    text_free(&other);
    arena_free(a);
    return 0;
}
