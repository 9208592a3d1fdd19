/* The query string of Watchman's search: what is taken keeps the promises of
 * serve/watchman_query.h. */
#include "serve/watchman_query.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, (size_t)4 << 20);
    struct http_request r = {.method = "GET"};
    struct watchman_query q;
    struct err err;

    if (a && http_query_read(a, (const char *)data, size, true, &r.query, &r.query_n, &err) &&
        watchman_query_read(a, &r, &q, &err)) {
        assert(q.names_n + q.addresses_n + q.facts.ids_n <= r.query_n);
        assert(q.names_n + q.addresses_n + q.facts.ids_n);
        assert(q.threshold <= 1000 && q.limit && q.limit <= 100);
        for (size_t i = 0; i < q.names_n; i++)
            assert(*q.names[i]);
        for (size_t i = 0; i < q.addresses_n; i++)
            assert(q.addresses[i].text &&
                   (!q.addresses[i].currency || strlen(q.addresses[i].currency) <= 8));
    }
    arena_free(a);
    return 0;
}
