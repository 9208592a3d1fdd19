/* Files of the group's log, read as somebody without a home reads them. What is taken once is taken
 * again, and alike. */
#include "group/log.h"

#include <assert.h>
#include <stdio.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool taken(struct arena *a, const uint8_t *data, size_t size, struct group_log_checked *ret)
{
    FILE *in = fmemopen((void *)data, size, "r");
    struct hash32 group;
    struct err err;
    bool ok;

    if (!in)
        return false;
    ok = group_log_file_check(a, in, 7, ret, &group, &err);
    fclose(in);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct group_log_checked one, other;

    if (a && size && taken(a, data, size, &one)) {
        assert(taken(a, data, size, &other));
        assert(hash32_equal(&one.link, &other.link) && one.by);
        assert(one.streams <= one.events && one.bodies + one.withheld <= one.events);
    }
    arena_free(a);
    return 0;
}
