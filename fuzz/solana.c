/* Read with and without who signed being checked, which changes nothing that is told.
 * What is told of answers is in order and within the rules of transfers.h; what balances say before
 * and after, the reader itself has checked to be what the moves say, so only sums are looked at. */
#include "chain/solana/source.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool key_n(struct bytes key)
{
    return key.n == 0 || key.n == 32 || key.n == 33; /* 33: what is confidential of a token */
}

static void check_tx(const struct fact_tx *tx)
{
    for (size_t k = 0; k < tx->transfers_n; k++) {
        const struct fact_transfer *t = &tx->transfers[k];
        bool word =
            t->kind == TRANSFER_FREEZE || t->kind == TRANSFER_UNFREEZE || t->kind == TRANSFER_NOTE;

        assert(!tx->failed || t->kind == TRANSFER_FEE);
        assert(key_n(t->from) && key_n(t->to) && t->asset.n % 32 == 0);
        assert(t->from.n || t->to.n);
        assert(u256_zero(t->amount) == word && !bytes_equal(t->from, t->to));
        assert((t->kind == TRANSFER_INTERNAL) == (t->path.n > 0));
    }
}

static size_t all_read(const uint8_t *data, size_t size, bool check)
{
    struct solana_text texts[2] = {{"one", {data, size}}, {"same", {data, size}}};
    struct transfer_source s;
    struct transfer_block b;
    uint32_t height = 0;
    struct err err;
    bool end;
    size_t n = 0;

    if (!solana_from(texts, 2, &s, &err))
        return 0;
    if (check)
        s.check(s.self);
    while (s.next(s.self, &b, &end, &err) && !end) {
        assert(!n || b.height > height);
        n++;
        height = b.height;
        for (size_t i = 0; i < b.txs_n; i++)
            check_tx(&b.txs[i]);
    }
    s.free(s.self);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n = all_read(data, size, false);

    assert(all_read(data, size, true) <= n);
    return 0;
}
