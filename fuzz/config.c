/* A configuration: what is taken lies within the limits of its keys, what is refused says why. */
#include "serve/config.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    struct sockaddr_storage at;
    struct config c;
    struct err err;
    bool loopback;

    if (a && config_read(a, "c", (const char *)data, size, &c, &err)) {
        assert(c.threads >= 1 && c.threads <= 256 && c.ledgers.n <= CONFIG_LIST_MAX);
        assert(c.limits.idle_ms >= 1000 && c.limits.connections >= 1);
        assert(!strcmp(c.log, "requests") || !strcmp(c.log, "errors"));
        for (size_t i = 0; i < c.ledgers.n; i++)
            assert(*c.ledgers.at[i]);
        if (config_check(&c, &err)) {
            assert(config_address(c.listen, &at, &loopback, &err));
            assert(loopback || c.plain || c.tls.key);
        }
    } else if (a) {
        assert(err.class == ERR_INPUT || err.class == ERR_LIMIT || err.class == ERR_NOMEM);
        assert(!strncmp(err.text, "c: ", 3));
    }
    arena_free(a);
    return 0;
}
