/* Leads of outsiders. One that is taken is written and read again as the same. */
#include "serve/lead_store.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>

#define ARENA_BYTES ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(struct arena *a, const struct lead *l)
{
    struct text t = text_new((size_t)1 << 20);
    struct json_out j = json_to(&t, false);
    struct lead other;
    struct err err;

    json_object(&j);
    json_put_string(&j, "chain", l->chain);
    json_put_string(&j, "target", l->target);
    json_put_string(&j, "action", l->action);
    if (l->tx)
        json_put_string(&j, "tx", l->tx);
    if (l->note)
        json_put_string(&j, "note", l->note);
    json_object_end(&j);
    assert(!t.bad);
    assert(lead_read(a, (struct bytes){(const uint8_t *)t.p, t.n}, &other, &err));
    assert(hash32_equal(&l->same, &other.same) && lead_same_target(l, &other));
    text_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct lead l;
    struct err err;

    if (a && lead_read(a, (struct bytes){data, size}, &l, &err)) {
        assert(strlen(l.target) && (!l.note || strlen(l.note) <= LEAD_NOTE_MAX));
        again(a, &l);
    }
    arena_free(a);
    return 0;
}
