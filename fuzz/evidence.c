/* No file makes the prover fault; what it calls proven has ends, origins and blocks. */
#include "trace/evidence.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct evidence_answer answer;
    struct text said = text_new((size_t)1 << 20);
    struct err err;

    if (a && evidence_prove(a, (struct bytes){data, size}, &answer, &err)) {
        assert(!answer.proven || (answer.ends_n && answer.blocks_n && answer.transactions_n));
        assert(answer.proven == !answer.text[0]);
        evidence_write_answer(&said, &answer);
        assert(said.n);
    }
    text_free(&said);
    arena_free(a);
    return 0;
}
