/* HOME/oncall.yaml. Of a rota that is taken, whoever is on duty is one of its people. */
#include "group/rota.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t times[] = {0, 1795694400000, 253402300799999};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct rota r;
    struct err err;

    if (a && rota_read(a, (struct bytes){data, size}, &r, &err)) {
        assert(r.levels_n && r.levels_n <= ROTA_LEVELS_MAX && r.timezone);
        for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
            for (size_t l = 1; l <= r.levels_n; l++) {
                const struct rota_person *p = rota_on_duty(&r, l, times[i]);

                assert(!p || (p >= r.people && p < r.people + r.people_n));
                assert(rota_level(&r, times[i], times[i] + r.levels[l - 1].after_ms) == l);
            }
    }
    arena_free(a);
    return 0;
}
