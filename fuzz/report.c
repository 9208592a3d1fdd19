/* Bodies of case reports. One that is taken is what its case alone gives. */
#include "group/report.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct bytes in = {data, size};
    struct report r, again;
    struct err err;

    if (a && (report_read(a, in, &r, &err) || report_make(a, in, &r, &err))) {
        assert(report_read(a, r.body, &again, &err));
        assert(bytes_equal(again.body, r.body) && bytes_equal(again.text, r.text));
    }
    arena_free(a);
    return 0;
}
