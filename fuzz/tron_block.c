/* Two answers of a full node of Tron, a zero byte between: an error, or a block whose transfers are
 * within the rules of transfers.h. */
#include "chain/tron/block.h"

#include <assert.h>

#define MEMORY_MAX ((size_t)256 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tx(const struct fact_tx *tx)
{
    for (size_t k = 0; k < tx->transfers_n; k++) {
        const struct fact_transfer *t = &tx->transfers[k];
        bool word = t->kind == TRANSFER_FREEZE || t->kind == TRANSFER_UNFREEZE;

        assert(!tx->failed || t->kind == TRANSFER_FEE);
        assert(t->from.n % 20 == 0 && t->to.n % 20 == 0 && t->asset.n <= ACCOUNT_KEY_MAX);
        assert(t->from.n || t->to.n);
        assert(word || !u256_zero(t->amount) || t->kind == TRANSFER_WIPE);
        assert(t->path.n % 4 == 0 && (!t->path.n || t->kind == TRANSFER_INTERNAL));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    size_t n = end ? (size_t)(end - data) : size;
    struct bytes block = {data, n}, infos = {end ? end + 1 : data, end ? size - n - 1 : 0};
    struct arena *a = arena_new(NULL, MEMORY_MAX);
    struct transfer_block b;
    struct tron_head alone, head;
    struct err err;
    bool has_head = tron_head_read(block, &alone, &err);

    if (a && tron_block_read(a, chain_by_name("tron"), block, infos, &head, &b, &err)) {
        assert(has_head && hash32_equal(&alone.id, &head.id));
        assert(hash32_equal(&b.hash, &head.id) && b.height == head.height);
        for (size_t i = 0; i < b.txs_n; i++)
            check_tx(&b.txs[i]);
    }
    arena_free(a);
    return 0;
}
