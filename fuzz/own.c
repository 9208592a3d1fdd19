/* A member's own addresses. What is taken in makes a set for a chain of each shape, and what a set
 * says it has it finds again after all keys that are used were derived. */
#include "watch/own.h"

#include <assert.h>

#define BYTES_MAX 4096 /* keys are derived: more of them find nothing new */

static bool is_used(void *ctx, struct bytes script)
{
    unsigned *left = ctx;

    return script.n && *left && (*left)--;
}

static void look(const struct own *o, const char *name)
{
    struct own_set *s;
    unsigned left = 3;
    struct own_hit hit;
    struct err err;
    size_t before;

    if (!own_set_make(o, chain_by_name(name), &s, &err))
        return;
    before = own_set_n(s);
    if (own_set_extend(s, is_used, &left, &err))
        assert(own_set_n(s) >= before);
    assert(!own_set_find(s, (struct bytes){(const uint8_t *)"no script", 9}, &hit));
    own_set_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct own *o;
    struct err err;

    if (size > BYTES_MAX || !own_read("own.txt", (struct bytes){data, size}, &o, &err))
        return 0;
    look(o, "bitcoin");
    look(o, "ethereum");
    own_free(o);
    return 0;
}
