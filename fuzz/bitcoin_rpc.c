/* A batch of answers of a node of coins: what is taken of each lies within it. */
#include "chain/evm/rpc.h"
#include "serve/bitcoin_rpc.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes all = {data, size}, one, result;
    struct evm_batch *b;
    struct err err;
    uint64_t id;

    if (!evm_batch_open(all, &b, &err))
        return 0;
    while (evm_batch_next(b, &id, &one, &err))
        if (bitcoin_rpc_result(one, &result, &err))
            assert(result.p >= one.p && result.p + result.n <= one.p + one.n);
        else
            assert(err.class == ERR_INPUT || err.class == ERR_NOT_FOUND ||
                   err.class == ERR_SYSTEM || err.class == ERR_LIMIT || err.class == ERR_NOMEM);
    evm_batch_close(b);
    return 0;
}
