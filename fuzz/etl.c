/* Up to four tables, parted by a line of one "%". Whatever is told is in order and within the rules
 * of transfers.h; a second reading tells the same. */
#include "chain/evm/etl.h"

#include <assert.h>

#define TABLES_MAX 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t tx_told(const struct fact_tx *tx)
{
    uint64_t sum = load_le64(tx->hash.b);

    for (size_t k = 0; k < tx->transfers_n; k++) {
        const struct fact_transfer *t = &tx->transfers[k];

        assert(!tx->failed || t->kind == TRANSFER_FEE);
        assert(t->from.n % 20 == 0 && t->to.n % 20 == 0 && t->asset.n % 20 == 0);
        assert(t->path.n % 4 == 0 && (t->kind == TRANSFER_INTERNAL) == (t->path.n != 0));
        assert(!u256_zero(t->amount) || t->kind != TRANSFER_VALUE);
        for (size_t i = 0; i < t->path.n; i++)
            sum = sum * 31 + t->path.p[i];
        for (size_t i = 0; i < t->from.n && i < t->to.n; i++)
            sum = sum * 31 + t->from.p[i] + 7 * t->to.p[i];
        sum = sum * 31 + t->amount.w[0] + t->position;
    }
    return sum;
}

static uint64_t told(struct transfer_source *s)
{
    uint64_t height = 0, sum = 0, blocks = 0;
    struct transfer_block b;
    struct err err;
    bool end;

    while (s->next(s->self, &b, &end, &err) && !end) {
        assert(!blocks++ || b.height > height);
        height = b.height;
        for (size_t i = 0; i < b.txs_n; i++)
            sum = sum * 31 + tx_told(&b.txs[i]);
    }
    s->free(s->self);
    return sum + blocks;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct etl_file files[TABLES_MAX];
    struct transfer_source s;
    struct err err;
    size_t n = 0;

    for (size_t at = 0; n < TABLES_MAX; n++) {
        const uint8_t *cut = size - at > 2 ? memmem(data + at, size - at, "%\n", 2) : NULL;

        files[n] =
            (struct etl_file){"table", {data + at, cut ? (size_t)(cut - data) - at : size - at}};
        if (!cut) {
            n++;
            break;
        }
        at = (size_t)(cut - data) + 2;
    }
    if (etl_from(files, n, chain_by_name("ethereum"), &s, &err)) {
        uint64_t sum = told(&s);

        assert(etl_from(files, n, chain_by_name("ethereum"), &s, &err) && told(&s) == sum);
    }
    return 0;
}
