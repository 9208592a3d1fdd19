/* What the reader takes is UTF-8, and what is written from it reads back as the same text. The walk
 * takes all that the reader takes. */
#include "base/json.h"
#include "base/json_walk.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool walk(const uint8_t *data, size_t size)
{
    struct json_walk w;
    struct err err;
    bool ok;

    if (!json_walk_open(&w, (const char *)data, size, &err))
        return false;
    json_walk_skip(&w);
    ok = json_walk_end(&w);
    json_walk_close(&w);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool walked = walk(data, size);
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text one = text_new(ARENA_BYTES), other = text_new(ARENA_BYTES);
    struct json_out to_one = json_to(&one, false), to_other = json_to(&other, false);
    const struct json *j;
    struct err err;

    if (a && json_read(a, (const char *)data, size, &j, &err)) {
        assert(walked && utf8_valid((const char *)data, size));
        json_tree(&to_one, j);
        assert(text_end(&one, &err) && json_read(a, one.p, one.n, &j, &err));
        json_tree(&to_other, j);
        assert(text_end(&other, &err) && one.n == other.n && !memcmp(one.p, other.p, one.n));
    }
    text_free(&one);
    text_free(&other);
    arena_free(a);
    return 0;
}
