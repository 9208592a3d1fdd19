/* What is written canonically is canonical, and means what was read. */
#include "base/json_canonical.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text one = text_new(ARENA_BYTES), other = text_new(ARENA_BYTES);
    const struct json *j, *again;
    struct err err;
    bool as_it_is = a && json_canonical_read(a, (const char *)data, size, &j, &err);

    if (a && json_read(a, (const char *)data, size, &j, &err) &&
        json_canonical_put(a, j, &one, &err)) {
        assert(json_canonical_read(a, one.p, one.n, &again, &err));
        assert(json_canonical_put(a, again, &other, &err));
        assert(one.n == other.n && !memcmp(one.p, other.p, one.n));
        assert(as_it_is == (one.n == size && !memcmp(one.p, data, size)));
    } else {
        assert(!as_it_is);
    }
    text_free(&one);
    text_free(&other);
    arena_free(a);
    return 0;
}
