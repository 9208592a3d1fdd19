/* Bodies of events about alerts. One that is taken is made again to the letter. */
#include "group/alert_log.h"

#include <assert.h>
#include <string.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct alert_body body;
    struct bytes again;
    struct err err;

    if (a && alert_body_read(a, (struct bytes){data, size}, &body, &err)) {
        assert(alert_body_make(a, &body, &again, &err));
        assert(again.n == size && !memcmp(again.p, data, size));
        assert(body.withdrawals_n <= ALERT_WITHDRAWALS_MAX);
    }
    arena_free(a);
    return 0;
}
