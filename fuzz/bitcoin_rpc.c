/* A batch of answers of a node of coins: what is taken of each lies within it; and a block in JSON
 * that is taken is a header and more. */
#include "base/arena.h"
#include "chain/bitcoin/block_json.h"
#include "chain/evm/rpc.h"
#include "serve/bitcoin_rpc.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes all = {data, size}, one, result;
    struct evm_batch *b;
    struct err err;
    uint64_t id;
    struct arena *a = arena_new(NULL, (size_t)1 << 24);

    if (a && block_of_json(a, chain_by_name("dogecoin"), all, &one, &err))
        assert(one.p && one.n > 80);
    arena_free(a);
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
