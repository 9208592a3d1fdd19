/* A trace document of accounts, or of several ledgers, that somebody hands in to be verified: where
 * there is no ledger for it, the answer is that the inputs differ, or the document is refused. */
#include "trace/ledgers_run.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct bytes in = {data, size};
    struct verify_answer answer;
    struct err err;

    if (a && ledgers_verify(a, NULL, 0, in, NULL, 0, &answer, &err))
        assert(answer.outcome != VERIFY_SAME && !memcmp(answer.text, "inputs differ", 13));
    arena_free(a);
    return 0;
}
