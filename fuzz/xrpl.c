/* What is told of answers is in order and within the rules of transfers.h. */
#include "chain/xrpl/address.h"
#include "chain/xrpl/answer.h"
#include "chain/xrpl/source.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool key_n(struct bytes key)
{
    return key.n <= XRPL_ENTRY_BYTES || xrpl_hides(key);
}

static void check_tx(const struct fact_tx *tx)
{
    for (size_t k = 0; k < tx->transfers_n; k++) {
        const struct fact_transfer *t = &tx->transfers[k];

        assert(!tx->failed || t->kind == TRANSFER_FEE);
        assert(key_n(t->from) && key_n(t->to) &&
               (t->asset.n == 0 || t->asset.n == 40 || t->asset.n == 44));
        assert((t->from.n || t->to.n) && !u256_zero(t->amount) && !bytes_equal(t->from, t->to));
    }
}

/* The same as a server's answers: a block that is taken is the one of its head. */
static void check_answers(struct bytes in)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 28);
    struct transfer_block b;
    struct xrpl_server server;
    struct hash32 hash;
    uint64_t index;
    struct err err;

    if (a && xrpl_answer_block(a, in, &b, &err)) {
        assert(xrpl_answer_head(in, &index, &hash, &err));
        assert(index == b.height && hash32_equal(&hash, &b.hash));
        for (size_t i = 0; i < b.txs_n; i++)
            check_tx(&b.txs[i]);
    }
    if (xrpl_answer_server(in, &server, &err))
        assert(strlen(server.client) < XRPL_CLIENT_MAX);
    arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct xrpl_text texts[2] = {{"one", {data, size}}, {"same", {data, size}}};
    struct transfer_source s;
    struct transfer_block b;
    uint32_t height = 0;
    struct err err;
    bool end, any = false;

    check_answers((struct bytes){data, size});
    if (!xrpl_from(texts, 2, &s, &err))
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
