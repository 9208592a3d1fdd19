/* A stream of questions is answered the same however it is cut, and what is said is JSON, a line
 * each. */
#include "screen/batch.h"

#include <assert.h>

#define OUT_MAX ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool fed(const struct screener *s, const uint8_t *data, size_t size, size_t piece,
                struct text *out)
{
    struct screen_question usual = {.kind = NAME_UNKNOWN};
    struct screen_batch *b = NULL;
    struct err err;
    bool ok = screen_batch_new(s, &usual, &b, &err);

    for (size_t at = 0; ok && at < size; at += piece)
        ok = screen_batch_feed(b, (const char *)data + at, size - at < piece ? size - at : piece,
                               false, out, &err);
    ok = ok && screen_batch_feed(b, "", 0, true, out, &err);
    screen_batch_free(b);
    return ok;
}

static void lines_are_json(const char *p, size_t n)
{
    for (const char *end; n && (end = memchr(p, '\n', n));
         n -= (size_t)(end + 1 - p), p = end + 1) {
        struct arena *a = arena_new(NULL, OUT_MAX);
        const struct json *j;
        struct err err;

        assert(a && json_read(a, p, (size_t)(end - p), &j, &err) && json_get(j, "decision"));
        arena_free(a);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct screener *s;
    struct screener_options o = {.names = true};
    struct text whole = text_new(OUT_MAX), pieces = text_new(OUT_MAX);
    struct err err;
    bool ok;

    if (!s && !screener_open(&o, &s, &err))
        return 0;
    ok = fed(s, data, size, size ? size : 1, &whole);
    assert(fed(s, data, size, 7, &pieces) == ok);
    if (ok) {
        assert(whole.n == pieces.n && (!whole.n || !memcmp(whole.p, pieces.p, whole.n)));
        lines_are_json(whole.p, whole.n);
    }
    text_free(&whole);
    text_free(&pieces);
    return 0;
}
