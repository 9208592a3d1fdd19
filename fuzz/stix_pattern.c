/* Values that a pattern names are strings of it, and no more of them than there are quotes. */
#include "intel/indicators.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    const char *values[PATTERN_VALUES_MAX];
    char *pattern = a ? arena_string(a, (const char *)data, size) : NULL;
    size_t n, quotes = 0;

    if (pattern) {
        for (const char *p = pattern; *p; p++)
            quotes += *p == '\'';
        if (stix_pattern_wallets(a, pattern, values, &n) == PATTERN_WALLETS) {
            assert(n && 2 * n <= quotes);
            for (size_t i = 0; i < n; i++)
                assert(strlen(values[i]) < strlen(pattern));
        }
    }
    arena_free(a);
    return 0;
}
