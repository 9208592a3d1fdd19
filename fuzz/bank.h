/* What is asked of payments, whatever form they came in: every leg has both ends, a currency and an
 * amount, legs count from 0, and no bank between gives away more than it got. */
#ifndef CORDON_FUZZ_BANK_H
#define CORDON_FUZZ_BANK_H

#include "chain/bank/book.h"

#include <assert.h>

#define FUZZ_ARENA_BYTES ((size_t)64 << 20)

static inline void fuzz_bank_tx(const struct fact_tx *tx)
{
    for (size_t i = 0; i < tx->transfers_n; i++) {
        const struct fact_transfer *t = &tx->transfers[i];

        assert(t->kind == TRANSFER_PAYMENT && t->position == i);
        assert(t->from.n && t->from.n <= ACCOUNT_KEY_MAX && t->to.n && t->to.n <= ACCOUNT_KEY_MAX);
        assert(t->asset.n == CURRENCY_CODE_BYTES);
        assert(currency_find((const char *)t->asset.p, t->asset.n));
        assert(!u256_zero(t->amount) && u256_equal(t->amount, t->credit));
    }
    for (size_t i = 0; i < tx->events_n; i++)
        assert(tx->events[i].kind == EVENT_SWAP && tx->events[i].subject.n);
}

static inline void fuzz_bank(bool (*read)(struct bank_messages *, const char *, struct bytes,
                                          struct err *),
                             struct bytes in)
{
    struct arena *a = arena_new(NULL, FUZZ_ARENA_BYTES);
    const struct transfer_block *blocks;
    struct bank_messages m;
    struct err err;
    size_t n;

    if (!a)
        return;
    bank_messages_init(&m, a);
    if (read(&m, "fuzz", in, &err) && book_make(&m, &blocks, &n, &err))
        for (size_t i = 0; i < n; i++) {
            assert(!i || blocks[i - 1].time < blocks[i].time);
            for (size_t k = 0; k < blocks[i].txs_n; k++)
                fuzz_bank_tx(&blocks[i].txs[k]);
        }
    arena_free(a);
}

#endif
