/* The body of OpenSanctions' matching call: what is taken keeps the promises of
 * serve/match_query.h. */
#include "serve/match_query.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    struct match_query *q;
    struct err err;
    size_t n;

    if (a && match_queries_read(a, (const char *)data, size, &q, &n, &err)) {
        assert(n && n <= MATCH_QUERIES_MAX);
        for (size_t i = 0; i < n; i++) {
            assert(q[i].schema && q[i].properties->type == JSON_OBJECT);
            assert(q[i].names_n <= MATCH_NAMES_MAX && q[i].wallets_n <= MATCH_WALLETS_MAX);
            assert(q[i].names_n + q[i].wallets_n + q[i].facts.ids_n);
            for (size_t k = 0; k < q[i].names_n; k++)
                assert(*q[i].names[k] && utf8_valid(q[i].names[k], strlen(q[i].names[k])));
            for (size_t k = 0; k < q[i].facts.ids_n; k++)
                assert(*q[i].facts.ids[k]);
        }
    }
    arena_free(a);
    return 0;
}
