/* What an event about an alert, or how a case is handled, says in the open: a byte for its type,
 * and the object. What is taken is written again to the letter, as is a copy of it. */
#include "base/json_canonical.h"
#include "group/facts.h"

#include <assert.h>
#include <string.h>

#define ARENA_BYTES ((size_t)16 << 20)
#define TEXT_BYTES ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const types[] = {
    "alert.detect",   "alert.send",   "alert.hold-soft", "alert.enforce", "alert.enforce-part",
    "alert.order",    "alert.extend", "alert.legal",     "alert.decline", "alert.void",
    "alert.disclose", "alert.defer",  "handling.set"};

static void written(const struct event_facts *f, const char *type, struct bytes as)
{
    struct text to = text_new(TEXT_BYTES);
    struct json_out j = json_to(&to, false);

    facts_put(&j, type, f);
    assert(to.n == as.n && !memcmp(to.p, as.p, as.n));
    text_free(&to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const char *type = types[(size ? data[0] : 0) % (sizeof(types) / sizeof(types[0]))];
    struct bytes text = {data + 1, size ? size - 1 : 0};
    const struct event_facts *f;
    const struct json *o;
    struct err err;

    if (a && size && json_canonical_read(a, (const char *)text.p, text.n, &o, &err) &&
        facts_read(a, o, type, &f, &err)) {
        assert(f);
        written(f, type, text);
        written(facts_copy(a, f), type, text);
        assert(!f->asset || fact_asset_valid(f->asset));
    }
    arena_free(a);
    return 0;
}
