/* Traces as findings. What is taken is a record of the log, and reads as it was made. */
#include "group/finding.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct hash32 group = {{1}};
    static const struct finding_of of = {"case:000000000000000000000000000000aa", "A", NULL, NULL};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct record *all, again;
    struct err err;
    size_t n = 0;

    if (a && findings_of_trace(a, &group, (struct bytes){data, size}, &of, &all, &n, &err))
        for (size_t i = 0; i < n; i++)
            assert(record_read(a, all[i].kind, all[i].body, &again, &err));
    arena_free(a);
    return 0;
}
