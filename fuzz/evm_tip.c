/* A node's newest block: what is taken has a height and a hash. */
#include "serve/evm_tip.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = {data, size};
    struct hash32 hash;
    uint64_t height;
    struct err err;

    if (!evm_tip_read(in, &height, &hash, &err))
        assert(err.class == ERR_INPUT || err.class == ERR_NOT_FOUND || err.class == ERR_SYSTEM ||
               err.class == ERR_LIMIT || err.class == ERR_NOMEM);
    return 0;
}
