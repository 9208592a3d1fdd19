/* group.yaml: when a node holds softly by itself. What is taken is within what can be said. */
#include "group/alert_policy.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct alert_policy policy, again;
    struct err err;

    if (a && alert_policy_read(a, (struct bytes){data, size}, &policy, &err)) {
        assert(policy.share_ppm_min <= 1000000);
        for (size_t i = 0; i < policy.amount_min_n; i++)
            assert(policy.amount_min[i].asset && policy.amount_min[i].asset[0]);
        assert(alert_policy_read(a, (struct bytes){data, size}, &again, &err));
        assert(again.soft_holds == policy.soft_holds && again.minutes == policy.minutes &&
               again.amount_min_n == policy.amount_min_n);
    } else if (a) {
        assert(err.text[0]);
    }
    arena_free(a);
    return 0;
}
