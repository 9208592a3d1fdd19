/* What is read of an object's bytes, and written again, is the same bytes; a Number has several
 * forms, and a field without a name is not written. */
#include "chain/xrpl/codec.h"
#include "chain/xrpl/definitions.h"

#include <assert.h>

#define STACK_MAX 4096
#define ARENA_BYTES ((size_t)256 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_number(const struct json *root)
{
    const struct json *stack[STACK_MAX];
    size_t n = 0;

    stack[n++] = root;
    while (n) {
        const struct json *j = stack[--n];
        const struct xrpl_field *f = j->key ? xrpl_field_named(j->key) : NULL;

        if (f && f->type == XRPL_NUMBER)
            return true;
        for (const struct json *m = j->child; m; m = m->next) {
            if (n == STACK_MAX)
                return true;
            stack[n++] = m;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text t = text_new((size_t)16 << 20);
    const struct json *j;
    struct err err;

    if (a && xrpl_decode(a, (struct bytes){data, size}, &j, &err) && !has_number(j) &&
        !json_is_string(json_get(j, "TransactionType"), "UNLModify")) {
        if (xrpl_encode(a, j, &t, &err))
            assert(t.n == size && (!size || !memcmp(t.p, data, size)));
        else
            assert(strchr(err.text, '#'));
    }
    text_free(&t);
    arena_free(a);
    return 0;
}
