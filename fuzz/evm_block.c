/* A block of RLP, whose header and body are as long as the first bytes say, with what is left as
 * receipts; or a NewBlock message. What is taken gives facts in order, all of it within bounds. */
#include "chain/evm/block.h"

#include <assert.h>
#include <stdlib.h>

static void check(struct evm_block *b)
{
    struct transfer_block f;
    struct err err;

    if (!evm_block_facts(b, &f, &err))
        return;
    assert(f.txs_n >= b->txs_n && f.txs_n <= b->txs_n + 1);
    for (size_t i = 0; i < f.txs_n; i++)
        for (size_t k = 0; k < f.txs[i].transfers_n; k++) {
            const struct fact_transfer *t = &f.txs[i].transfers[k];

            assert(t->from.n <= 20 && t->to.n <= 20 && t->path.n <= 4 * TRACE_PATH_MAX);
            assert(!u256_less(t->amount, t->credit));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct evm_block *b = evm_block_new(chain_by_name("ethereum"));
    size_t header, body;
    struct err err;

    if (!b)
        abort();
    if (evm_block_read_message(b, (struct bytes){data, size}, &err))
        check(b);
    if (size >= 4) {
        header = load_le16(data) % (size - 3);
        body = load_le16(data + 2) % (size - 3 - header);
        if (evm_block_read(
                b, (struct bytes){data + 4, header}, (struct bytes){data + 4 + header, body},
                (struct bytes){data + 4 + header + body, size - 4 - header - body}, &err))
            check(b);
    }
    evm_block_free(b);
    return 0;
}
