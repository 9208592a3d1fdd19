/* The first line is a map, the rest a list. What is taken is in order, moves something, and adds up
 * to the counts; a second reading tells the same. */
#include "chain/list.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t told(struct transfer_source *s)
{
    uint64_t transfers = 0, time = 0, sum = 0;
    struct transfer_block b;
    struct err err;
    bool end;

    while (s->next(s->self, &b, &end, &err) && !end) {
        assert((!transfers || b.time > time) && b.txs_n);
        time = b.time;
        for (size_t i = 0; i < b.txs_n; i++) {
            sum = sum * 31 + load_le64(b.txs[i].hash.b);
            for (size_t k = 0; k < b.txs[i].transfers_n; k++, transfers++) {
                const struct fact_transfer *t = &b.txs[i].transfers[k];

                assert(!u256_zero(t->amount) && t->from.n + t->to.n &&
                       t->asset.n <= ACCOUNT_KEY_MAX);
                sum = sum * 31 + t->amount.w[0] + t->position;
            }
        }
    }
    assert(transfers + list_counts(s).zero == list_counts(s).rows);
    s->free(s->self);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    size_t map_n = line ? (size_t)(line - data) : 0;
    struct list_file f = {"list", {data + (line ? map_n + 1 : 0), size - (line ? map_n + 1 : 0)}};
    static const char *const chains[] = {"ethereum", "tron", "solana", "xrpl"};
    const struct chain *chain = chain_by_name(chains[size % 4]);
    char *map = malloc(map_n + 1);
    struct transfer_source s;
    struct err err;

    memcpy(map, data, map_n);
    map[map_n] = 0;
    if (list_from(&f, 1, map, chain, &s, &err)) {
        uint64_t sum = told(&s);

        assert(list_from(&f, 1, map, chain, &s, &err) && told(&s) == sum);
    }
    free(map);
    return 0;
}
