/* What /metrics tells, in the text format of Prometheus (version 0.0.4).
 *
 * Counters are only ever added to; each is one atomic number, so a scrape may see a request in one
 * and not yet in another. Threads: any number. */
#ifndef CORDON_SERVE_METRICS_H
#define CORDON_SERVE_METRICS_H

#include "base/text.h"
#include "serve/http.h"

struct metrics;

/* A row for each route, and one for what matched none. */
struct metrics *metrics_new(const struct http_route *routes, size_t routes_n); /* NULL: no memory */
struct metrics *metrics_free(struct metrics *m);
/* route routes_n: none */
void metrics_request(struct metrics *m, size_t route, unsigned status, uint64_t us);
void metrics_connection(struct metrics *m, int change); /* 1, -1 */
void metrics_refused(struct metrics *m);                /* closed for a limit or a timeout */
uint64_t metrics_connections(const struct metrics *m);
void metrics_write(const struct metrics *m, struct text *to);

/* One sample; help and type stand once, before the first of a name. */
void metric_head(struct text *to, const char *name, const char *type, const char *help);
/* label: name or NULL; its value is escaped */
void metric_u64(struct text *to, const char *name, const char *label, const char *label_value,
                uint64_t v);

#endif
