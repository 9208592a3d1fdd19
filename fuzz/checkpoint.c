/* Checkpoints. One that is taken is written again in one form, which is taken alike. */
#include "group/checkpoint.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The group of tests/group/checkpoint.note, whose corpus this is. */
static struct hash32 group_of(void)
{
    struct hash32 ret;

    assert(hash_from_hex("139ed91645fbe572fcee2abeece2f630935ffe714aeacc19c77ba7b4117c387c", &ret));
    return ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text one = text_new(2 * CHECKPOINT_BYTES_MAX),
                other = text_new(2 * CHECKPOINT_BYTES_MAX);
    struct hash32 group = group_of();
    struct checkpoint c, again;
    struct key32 key = {{0}};
    struct err err;

    if (a && checkpoint_read(a, (struct bytes){data, size}, &group, &c, &err)) {
        assert(c.size && c.signatures_n && !c.signatures[0].time);
        checkpoint_put(&one, &group, &c);
        assert(checkpoint_read(a, (struct bytes){(const uint8_t *)one.p, one.n}, &group, &again,
                               &err));
        assert(checkpoint_same(&c, &again) && again.signatures_n == c.signatures_n);
        checkpoint_put(&other, &group, &again);
        assert(one.n == other.n && !memcmp(one.p, other.p, one.n));
        for (size_t i = 0; i < c.signatures_n; i++)
            assert(!checkpoint_signed(&group, &c, &c.signatures[i], &key));
    }
    text_free(&one);
    text_free(&other);
    arena_free(a);
    return 0;
}
