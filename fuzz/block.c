/* The transactions of a block behind a header whose work is done, walked over: what is taken adds
 * up and lies inside the block. The merkle root, which no fuzzer meets, is left out; a second read
 * with every check must fail and leave nothing behind that the third would see. */
#include "chain/bitcoin/block.h"

#include <assert.h>
#include <stdlib.h>

static const struct chain easy = {
    .name = "easy", .genesis = {{1}}, .bits_max = 0x207fffff, .money_max = 2100000000000000};

static void header(uint8_t *p)
{
    struct block_head head;
    struct err err;

    memset(p, 0, HEADER_BYTES);
    store_le32(p, 2);
    store_le32(p + 72, easy.bits_max);
    do {
        store_le32(p + 76, load_le32(p + 76) + 1);
    } while (!block_head_read(&easy, (struct bytes){p, HEADER_BYTES}, &head, &err) ||
             !block_head_likely(&easy, &head));
}

static void check(const struct block_facts *f, struct bytes raw)
{
    size_t inputs_n = 0, outputs_n = 0;

    assert(f->size == raw.n);
    assert(f->txs_n && !f->tx_inputs_n[0]);
    for (size_t t = 0; t < f->txs_n; t++) {
        assert(!t || f->tx_inputs_n[t]);
        assert(f->tx_outputs_n[t]);
        inputs_n += f->tx_inputs_n[t];
        outputs_n += f->tx_outputs_n[t];
    }
    assert(inputs_n == f->inputs_n && outputs_n == f->outputs_n);
    for (size_t i = 0; i < f->inputs_n; i++)
        assert(f->inputs[i] >= raw.p && f->inputs[i] + OUTPOINT_BYTES <= raw.p + raw.n);
    for (size_t i = 0; i < f->outputs_n; i++) {
        struct bytes script = f->outputs[i].script;

        assert(f->outputs[i].value <= easy.money_max);
        assert(script.p >= raw.p && script.p + script.n <= raw.p + raw.n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct block_scratch *s = block_scratch_new();
    struct bytes raw = {malloc(HEADER_BYTES + size), HEADER_BYTES + size};
    struct block_facts facts;
    struct err err;

    if (s && raw.p) {
        header((uint8_t *)raw.p);
        if (size)
            memcpy((uint8_t *)raw.p + HEADER_BYTES, data, size);
        if (block_read(s, &easy, raw, BLOCK_WALK_ONLY, &facts, &err)) {
            check(&facts, raw);
            assert(!block_read(s, &easy, raw, BLOCK_CHECK_FULL, &facts, &err));
            assert(block_read(s, &easy, raw, BLOCK_WALK_ONLY, &facts, &err));
            check(&facts, raw);
        }
    }
    free((void *)raw.p);
    block_scratch_free(s);
    return 0;
}
