/* A transaction of Zcash that is taken: what goes into and out of pools stands behind the rest and
 * names a pool, values are of what can exist, and the same bytes say the same again. The MWEB part
 * of a block is walked over the same bytes. */
#include "base/arena.h"
#include "chain/bitcoin/block_walk.h"

#include <assert.h>

static void check(const struct chain *chain, struct bytes raw, const struct tx *tx)
{
    bool pools = false;
    uint64_t value;

    assert(tx->bytes == raw.n && tx->inputs_n);
    for (size_t i = 0; i < tx->inputs_n; i++) {
        const uint8_t *at = tx->inputs[i].outpoint;
        uint32_t pool = pool_of_outpoint(at, &value);

        assert(pool == POOL_NONE ? at >= raw.p && at + OUTPOINT_BYTES <= raw.p + raw.n
                                 : pool < pools_count(chain) && value <= chain->money_max);
        assert(!pools || pool != POOL_NONE);
        pools |= pool != POOL_NONE;
    }
    for (size_t i = 0; i < tx->outputs_n; i++)
        assert(tx->outputs[i].value <= chain->money_max);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct chain *chain = chain_by_name("zcash");
    struct arena *a = arena_new(NULL, (size_t)1 << 24);
    struct bytes raw = {data, size};
    struct cursor c = cursor_over(data, size);
    struct tx tx, again;
    struct err err;

    if (a && tx_read(a, chain, raw, &tx, &err)) {
        check(chain, raw, &tx);
        assert(tx_read(a, chain, raw, &again, &err));
        assert(hash32_equal(&tx.txid, &again.txid));
    }
    if (!mweb_walk(&c))
        assert(c.at <= c.end);
    arena_free(a);
    return 0;
}
