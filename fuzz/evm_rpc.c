/* Answers of a node, one a line, each with its method by the first byte ("B" the block, "R"
 * receipts, "r" one receipt, "L" logs, "D" callTracer, "T" trace_block, "U" an uncle, "C" the
 * chain's id, "Q" a batch): whatever they are, what is taken gives facts within bounds. */
#include "chain/evm/rpc.h"

#include <assert.h>
#include <stdlib.h>

static void check(struct evm_rpc *r)
{
    struct transfer_block f;
    struct err err;

    if (!evm_rpc_facts(r, &f, &err))
        return;
    for (size_t i = 0; i < f.txs_n; i++)
        for (size_t k = 0; k < f.txs[i].transfers_n; k++) {
            const struct fact_transfer *t = &f.txs[i].transfers[k];

            assert(t->from.n <= 20 && t->to.n <= 20 && t->path.n <= 4 * TRACE_PATH_MAX);
            assert(!u256_less(t->amount, t->credit));
        }
}

static void batch(struct bytes line)
{
    struct evm_batch *b;
    struct bytes answer;
    struct err err;
    uint64_t id, v;

    if (!evm_batch_open(line, &b, &err))
        return;
    while (evm_batch_next(b, &id, &answer, &err)) {
        assert(answer.p >= line.p && answer.p + answer.n <= line.p + line.n);
        if (evm_rpc_quantity(answer, &v, &err))
            assert(v || answer.n);
    }
    evm_batch_close(b);
}

static bool answer(struct evm_rpc *r, struct bytes line)
{
    static const char letters[] = "CBbRrLDTU"; /* in the order of enum evm_method */
    const char *letter = line.n && line.p[0] ? strchr(letters, (char)line.p[0]) : NULL;
    struct err err;

    if (line.n && line.p[0] == 'Q')
        batch((struct bytes){line.p + 1, line.n - 1});
    if (!letter)
        return true;
    return evm_rpc_answer(r, (enum evm_method)(letter - letters),
                          (struct bytes){line.p + 1, line.n - 1}, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct evm_rpc *r = evm_rpc_new(chain_by_name("ethereum"));
    struct err err;
    bool ok;

    if (!r)
        abort();
    ok = evm_rpc_start(r, EVM_NUMBER_ANY, &err);
    while (ok && size) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t n = end ? (size_t)(end - data) : size;

        ok = answer(r, (struct bytes){data, n});
        if (ok)
            check(r);
        data += end ? n + 1 : n;
        size -= end ? n + 1 : n;
    }
    evm_rpc_free(r);
    return 0;
}
