/* A transaction that is taken, put together again from what was read, is the stripped transaction,
 * and its txid is the hash of that. */
#include "base/arena.h"
#include "chain/bitcoin/block.h"

#include <assert.h>
#include <stdlib.h>

struct out {
    uint8_t *p;
    size_t n;
};

static void put(struct out *o, const void *p, size_t n)
{
    if (n)
        memcpy(o->p + o->n, p, n);
    o->n += n;
}

static void put_le(struct out *o, uint64_t v, size_t n)
{
    put(o, &v, n);
}

static void put_compact(struct out *o, uint64_t v)
{
    uint8_t mark = v < 0xfd ? (uint8_t)v : v <= 0xffff ? 0xfd : v <= 0xffffffff ? 0xfe : 0xff;

    put(o, &mark, 1);
    if (mark >= 0xfd)
        put_le(o, v, (size_t)2 << (mark - 0xfd));
}

static struct bytes together(const struct tx *tx, struct out o)
{
    put_le(&o, tx->version, 4);
    put_compact(&o, tx->inputs_n);
    for (size_t i = 0; i < tx->inputs_n; i++) {
        put(&o, tx->inputs[i].outpoint, OUTPOINT_BYTES);
        put_compact(&o, tx->inputs[i].script.n);
        put(&o, tx->inputs[i].script.p, tx->inputs[i].script.n);
        put_le(&o, tx->inputs[i].sequence, 4);
    }
    put_compact(&o, tx->outputs_n);
    for (size_t i = 0; i < tx->outputs_n; i++) {
        put_le(&o, tx->outputs[i].value, 8);
        put_compact(&o, tx->outputs[i].script.n);
        put(&o, tx->outputs[i].script.p, tx->outputs[i].script.n);
    }
    put_le(&o, tx->locktime, 4);
    return (struct bytes){o.p, o.n};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 24);
    uint8_t *room = malloc(size + 1);
    struct bytes raw = {data, size}, stripped;
    struct hash32 id;
    struct tx tx;
    struct err err;

    if (a && room && tx_read(a, chain_by_name("bitcoin"), raw, &tx, &err)) {
        assert(tx.bytes == size);
        assert(tx_stripped(a, raw, &stripped, &err));
        assert(bytes_equal(together(&tx, (struct out){room, 0}), stripped));
        id = sha256d(stripped.p, stripped.n);
        assert(hash32_equal(&id, &tx.txid));
        assert(hash32_equal(&tx.txid, &tx.wtxid) == !tx.witness);
    }
    free(room);
    arena_free(a);
    return 0;
}
