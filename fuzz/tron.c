/* What is told of a page is in order, once, and within the rules of transfers.h. */
#include "chain/tron/grid.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tx(const struct fact_tx *tx)
{
    for (size_t k = 0; k < tx->transfers_n; k++) {
        const struct fact_transfer *t = &tx->transfers[k];

        assert(!tx->failed || t->kind == TRANSFER_FEE);
        assert(t->from.n % 20 == 0 && t->to.n % 20 == 0 && t->asset.n <= ACCOUNT_KEY_MAX);
        assert(!u256_zero(t->amount) && !t->path.n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tron_file files[2] = {{"one", {data, size}}, {"same", {data, size}}};
    struct transfer_source s;
    struct transfer_block b;
    uint64_t time = 0, blocks = 0;
    struct err err;
    bool end;

    if (!tron_from(files, 2, chain_by_name("tron"), &s, &err))
        return 0;
    while (s.next(s.self, &b, &end, &err) && !end) {
        assert(!blocks++ || b.time >= time);
        assert((b.grade == GRADE_STATED) == (b.height == HEIGHT_UNKNOWN) && b.txs_n);
        time = b.time;
        for (size_t i = 0; i < b.txs_n; i++)
            check_tx(&b.txs[i]);
    }
    s.free(s.self);
    return 0;
}
