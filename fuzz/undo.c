/* An undo record for a made-up block: its first byte says how many transactions, a byte each how
 * many inputs they have. What is taken has a script for every
 * input, all of it readable. */
#include "base/arena.h"
#include "chain/bitcoin/source.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 24);
    uint32_t inputs_n[256] = {0};
    struct fact_spent spent[256 * 8];
    size_t txs_n = size ? data[0] : 0, all = 0;
    struct bytes raw;
    struct err err;

    if (a && size > txs_n) {
        for (size_t t = 1; t < txs_n; t++)
            all += inputs_n[t] = 1 + data[t] % 8;
        raw = (struct bytes){data + 1 + txs_n, size - 1 - txs_n};
        if (undo_read(a, chain_by_name("bitcoin"), raw, inputs_n, txs_n, spent, &err))
            for (size_t i = 0; i < all; i++) {
                assert(spent[i].script.n <= size || spent[i].script.n <= 67);
                assert(!spent[i].script.n || arena_copy(a, spent[i].script.p, spent[i].script.n));
            }
    }
    arena_free(a);
    return 0;
}
