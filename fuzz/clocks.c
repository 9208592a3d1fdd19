/* A file of clocks that is read keeps its promises: a clock is never due before it starts, but for
 * one that is moved back, and a year later is later. */
#include "base/unsaid.h"
#include "screen/clocks.h"

#include <assert.h>
#include <string.h>

static void check(const struct clocks *c, size_t i, uint64_t now)
{
    struct clock_time t = clocks_due(c, i, now);

    assert(clocks_find(c, clocks_at(c, i).id) == i);
    assert(!unsaid_in(clocks_at(c, i).id));
    assert(t.due + 5000 >= t.day && t.until + (uint64_t)5000 * 86400 >= now);
    if (clocks_at(c, i).yearly)
        assert(clocks_year_after(c, i, t).due > t.due);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, (size_t)8 << 20);
    const struct clocks *c;
    struct err err;

    if (a && clocks_read(a, (const char *)data, size, &c, &err))
        for (size_t i = 0; i < clocks_n(c); i++)
            for (uint64_t now = 1700000000; now < 1900000000; now += 40000003)
                check(c, i, now);
    arena_free(a);
    return 0;
}
