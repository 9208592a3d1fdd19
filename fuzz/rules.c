/* Rules that are read decide every question, with a decision that fits its direction. */
#include "screen/rules.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct screen_reason reasons[] = {
        {.evidence = SCREEN_EXPOSED, .category = "theft", .asset = "BTC", .decimals = 8},
        {.evidence = SCREEN_TAGGED, .category = "mixer", .confidence = 50},
        {.evidence = SCREEN_LISTED, .category = "sanctions", .list = "un", .score = 900},
    };
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct rules *r;
    struct err err;

    if (a && rules_read(a, (const char *)data, size, &r, &err)) {
        for (size_t n = 0; n <= 3; n++)
            for (int d = 0; d < SCREEN_DIRECTIONS; d++) {
                struct screen_facts f = {.direction = (enum screen_direction)d,
                                         .reasons = reasons,
                                         .reasons_n = n,
                                         .outage = n & 1,
                                         .of_chain = true};
                struct verdict v = rules_decide(r, &f);

                assert(screen_decision_fits(v.decision, f.direction));
                assert(n < 3 || (v.decision != SCREEN_CREDIT && v.decision != SCREEN_ALLOW));
            }
    }
    arena_free(a);
    return 0;
}
