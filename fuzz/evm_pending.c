/* A transaction in no block yet, as a node tells it: what is read moves something, and no more than
 * there can be. */
#include "chain/evm/pending.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 24);
    struct pending_tx p;
    struct err err;

    if (a && evm_pending_read(a, (struct bytes){data, size}, &p, &err)) {
        assert(p.moves_n <= PENDING_MOVES_MAX);
        for (size_t i = 0; i < p.moves_n; i++)
            assert(!u256_zero(p.moves[i].amount));
    }
    arena_free(a);
    return 0;
}
