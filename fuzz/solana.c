/* What is told of answers is in order and within the rules of transfers.h; what balances say before
 * and after, the reader itself has checked to be what the moves say, so only sums are looked at. */
#include "chain/solana/source.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tx(const struct fact_tx *tx)
{
    for (size_t k = 0; k < tx->transfers_n; k++) {
        const struct fact_transfer *t = &tx->transfers[k];
        bool word =
            t->kind == TRANSFER_FREEZE || t->kind == TRANSFER_UNFREEZE || t->kind == TRANSFER_NOTE;

        assert(!tx->failed || t->kind == TRANSFER_FEE);
        assert(t->from.n % 32 == 0 && t->to.n % 32 == 0 && t->asset.n % 32 == 0);
        assert(t->from.n || t->to.n);
        assert(u256_zero(t->amount) == word && !bytes_equal(t->from, t->to));
        assert((t->kind == TRANSFER_INTERNAL) == (t->path.n > 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct solana_text texts[2] = {{"one", {data, size}}, {"same", {data, size}}};
    struct transfer_source s;
    struct transfer_block b;
    uint32_t height = 0;
    struct err err;
    bool end, any = false;

    if (!solana_from(texts, 2, &s, &err))
        return 0;
    while (s.next(s.self, &b, &end, &err) && !end) {
        assert(!any || b.height > height);
        any = true;
        height = b.height;
        for (size_t i = 0; i < b.txs_n; i++)
            check_tx(&b.txs[i]);
    }
    s.free(s.self);
    return 0;
}
