/* Lines of an audit log. A line that is taken says its number, and its hash is the chain's. */
#include "serve/audit.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct audit_chain chain = {.lines = 0};
    const char *p = (const char *)data, *end = p + size;
    struct err err;
    char number[32];

    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((stop ? stop : end) - p);
        uint64_t before = chain.lines;

        if (!audit_line_check(&chain, p, n, &err)) {
            assert(err.class == ERR_DIFFERS && chain.lines == before);
            break;
        }
        assert(chain.lines == (before ? before : chain.before) + 1);
        snprintf(number, sizeof(number), "{\"seq\":%llu,", (unsigned long long)chain.lines);
        assert(!memcmp(p, number, strlen(number)));
        p += n + (stop != NULL);
    }
    return 0;
}
