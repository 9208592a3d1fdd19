/* What stands before a block's transactions, on a chain with merged mining and on one with
 * Equihash: it lies within the bytes, whatever it says of its work, and says the same of no more
 * bytes than it has. */
#include "chain/bitcoin/block.h"

#include <assert.h>

static void check(const char *name, struct bytes raw)
{
    const struct chain *chain = chain_by_name(name);
    struct block_head head, again;
    struct err err;

    if (!block_head_read(chain, raw, &head, &err))
        return;
    assert(head.bytes >= HEADER_BYTES && head.bytes <= raw.n);
    assert(!memcmp(head.header, raw.p, 68));
    assert(block_head_read(chain, (struct bytes){raw.p, head.bytes}, &again, &err));
    assert(again.bytes == head.bytes && hash32_equal(&again.hash, &head.hash));
    assert(block_head_proven(chain, raw, &head) ==
           block_head_proven(chain, (struct bytes){raw.p, head.bytes}, &again));
    assert(!block_head_proven(chain, raw, &head) || block_head_likely(chain, &head));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check("dogecoin:regtest", (struct bytes){data, size});
    check("zcash:regtest", (struct bytes){data, size});
    return 0;
}
