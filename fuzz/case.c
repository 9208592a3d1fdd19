/* A case file or a stop file that is taken keeps its promises: counts within limits, names without
 * controls. */
#include "trace/case.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

static void check_text(const char *s)
{
    for (; s && *s; s++)
        assert((unsigned char)*s >= 0x20 && *s != 0x7f);
}

static void check_stops(struct arena *a, const struct trace_stop *stops, size_t n)
{
    struct hash32 one, other;
    struct err err;

    for (size_t i = 0; i < n; i++) {
        assert(*stops[i].address);
        check_text(stops[i].address);
        check_text(stops[i].name);
        check_text(stops[i].category);
    }
    if (stops_hash(a, stops, n, &one, &err) && stops_hash(a, stops, n, &other, &err))
        assert(hash32_equal(&one, &other));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct bytes in = {data, size};
    const struct trace_stop *stops;
    struct case_file c;
    struct err err;
    size_t n;

    if (a && case_read(a, in, &c, &err)) {
        assert(c.origins_n && c.origins_n <= CASE_ORIGINS_MAX);
        for (size_t i = 0; i < c.origins_n; i++)
            if (c.origins[i].kind == ORIGIN_ADDRESS)
                check_text(c.origins[i].address);
        check_text(c.id);
        check_text(c.title);
        check_stops(a, c.stops, c.stops_n);
    }
    if (a && stops_read(a, in, "stops.csv", &stops, &n, &err))
        check_stops(a, stops, n);
    arena_free(a);
    return 0;
}
