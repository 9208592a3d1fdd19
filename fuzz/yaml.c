/* What is read from YAML is written as JSON that reads back as the same tree. */
#include "base/yaml.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text one = text_new(ARENA_BYTES), other = text_new(ARENA_BYTES);
    struct json_out to_one = json_to(&one, false), to_other = json_to(&other, false);
    const struct json *j;
    struct err err;

    if (a && yaml_read(a, (const char *)data, size, &j, &err)) {
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
