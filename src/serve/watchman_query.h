/* The query string of Watchman's search (/v2/search): who is looked for.
 *
 * Parameters may come more than once. Those of Watchman that nothing is compared with here
 * (addresses of houses, e-mail, telephone, titles, ...) are passed over: docs/screening.md. Others
 * are refused.
 *
 * Ownership: all in the arena, or pointing into the query.
 * Errors:    ERR_INPUT, ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe.
 * Sources:   github.com/moov-io/watchman docs/api.yaml, "/v2/search". */
#ifndef CORDON_SERVE_WATCHMAN_QUERY_H
#define CORDON_SERVE_WATCHMAN_QUERY_H

#include "entity/name.h"
#include "serve/http.h"

struct watchman_address {
    const char *currency, *text; /* currency NULL: none is told */
};

struct watchman_query {
    const char *type; /* as asked: "business"; NULL: any */
    enum name_kind kind;
    const char *name; /* the first of names; NULL: none */
    const char *names[HTTP_QUERY_MAX];
    size_t names_n;
    struct name_facts facts;
    const char *ids[HTTP_QUERY_MAX]; /* what facts.ids points to */
    struct watchman_address addresses[HTTP_QUERY_MAX];
    size_t addresses_n;
    const char *source, *source_id; /* only these; NULL: any */
    uint32_t threshold;             /* per mille; 0: the usual one */
    uint64_t limit;
};

bool watchman_query_read(struct arena *a, const struct http_request *r, struct watchman_query *ret,
                         struct err *err) MUST_USE;

#endif
