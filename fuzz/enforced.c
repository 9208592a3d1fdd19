/* What a member's core system says of a hold, and the files of keys that webhooks are signed by. */
#include "serve/hold_enforced.h"
#include "serve/webhook.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text to = text_new(4096);
    struct bytes in = {data, size};
    struct webhook_keys keys;
    struct enforced e;
    struct err err;

    if (a && enforced_read(a, in, &e, &err))
        assert(e.has_amount ? !u256_zero(e.amount) : !e.partly || e.has_partly);
    if (webhook_keys_read(in, &keys, &err)) {
        assert(keys.n && keys.n <= WEBHOOK_KEYS_MAX);
        webhook_sign(&keys, "id", 1, in, &to);
        assert(to.n);
    }
    text_free(&to);
    arena_free(a);
    return 0;
}
