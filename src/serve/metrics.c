#include "serve/metrics.h"

#include "base/mem.h"

#include <stdatomic.h>

static const unsigned statuses[] = {200, 201, 400, 401, 403, 404, 405, 409, 413, 414,
                                    415, 422, 429, 431, 500, 501, 503, 505, 0};
#define STATUSES_N (sizeof(statuses) / sizeof(statuses[0])) /* the last: any other */

/* upper bounds, microseconds */
static const uint64_t buckets[] = {500,   1000,   2500,   5000,    10000,   25000,
                                   50000, 100000, 250000, 1000000, 5000000, 30000000};
#define BUCKETS_N (sizeof(buckets) / sizeof(buckets[0]))

struct row {
    atomic_uint_fast64_t by_status[STATUSES_N];
    atomic_uint_fast64_t by_time[BUCKETS_N + 1]; /* each its own; summed when written */
    atomic_uint_fast64_t us;
};

struct metrics {
    const struct http_route *routes;
    size_t routes_n;
    atomic_int_fast64_t connections;
    atomic_uint_fast64_t accepted, refused;
    struct row rows[];
};

static void add(atomic_uint_fast64_t *to, uint64_t n)
{
    atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

static uint64_t get(const atomic_uint_fast64_t *of)
{
    return atomic_load_explicit(of, memory_order_relaxed);
}

struct metrics *metrics_new(const struct http_route *routes, size_t routes_n)
{
    struct metrics *m = mem_zero(sizeof(*m) + (routes_n + 1) * sizeof(m->rows[0]));

    if (m) {
        m->routes = routes;
        m->routes_n = routes_n;
    }
    return m;
}

struct metrics *metrics_free(struct metrics *m)
{
    return mem_free(m);
}

void metrics_request(struct metrics *m, size_t route, unsigned status, uint64_t us)
{
    struct row *row = &m->rows[route];
    size_t i = 0, k = 0;

    while (i < STATUSES_N - 1 && statuses[i] != status)
        i++;
    while (k < BUCKETS_N && us > buckets[k])
        k++;
    add(&row->by_status[i], 1);
    add(&row->by_time[k], 1);
    add(&row->us, us);
}

void metrics_connection(struct metrics *m, int change)
{
    atomic_fetch_add_explicit(&m->connections, change, memory_order_relaxed);
    if (change > 0)
        add(&m->accepted, 1);
}

void metrics_refused(struct metrics *m)
{
    add(&m->refused, 1);
}

uint64_t metrics_connections(const struct metrics *m)
{
    int_fast64_t n = atomic_load_explicit(&m->connections, memory_order_relaxed);

    return n > 0 ? (uint64_t)n : 0;
}

void metric_head(struct text *to, const char *name, const char *type, const char *help)
{
    text_printf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void label_put(struct text *to, const char *value)
{
    for (; *value; value++) {
        if (*value == '\\' || *value == '"')
            text_char(to, '\\');
        text_char(to, *value == '\n' ? ' ' : *value);
    }
}

void metric_u64(struct text *to, const char *name, const char *label, const char *label_value,
                uint64_t v)
{
    text_str(to, name);
    if (label) {
        text_printf(to, "{%s=\"", label);
        label_put(to, label_value);
        text_str(to, "\"}");
    }
    text_printf(to, " %llu\n", (unsigned long long)v);
}

static void route_labels(struct text *to, const struct metrics *m, size_t i)
{
    text_printf(to, "method=\"%s\",route=\"%s\"", i < m->routes_n ? m->routes[i].method : "",
                i < m->routes_n ? m->routes[i].pattern : "");
}

static void requests(const struct metrics *m, struct text *to)
{
    metric_head(to, "cordon_http_requests_total", "counter",
                "Requests answered, by route and status (0: any other).");
    for (size_t i = 0; i <= m->routes_n; i++)
        for (size_t k = 0; k < STATUSES_N; k++) {
            uint64_t n = get(&m->rows[i].by_status[k]);

            if (!n)
                continue;
            text_str(to, "cordon_http_requests_total{");
            route_labels(to, m, i);
            text_printf(to, ",status=\"%u\"} %llu\n", statuses[k], (unsigned long long)n);
        }
}

static void seconds(struct text *to, uint64_t us)
{
    text_printf(to, "%llu.%06llu", (unsigned long long)(us / 1000000),
                (unsigned long long)(us % 1000000));
}

static void times_of(const struct metrics *m, struct text *to, size_t i)
{
    uint64_t sum = 0;

    for (size_t k = 0; k <= BUCKETS_N; k++) {
        sum += get(&m->rows[i].by_time[k]);
        text_str(to, "cordon_http_request_seconds_bucket{");
        route_labels(to, m, i);
        text_str(to, ",le=\"");
        if (k < BUCKETS_N)
            seconds(to, buckets[k]);
        else
            text_str(to, "+Inf");
        text_printf(to, "\"} %llu\n", (unsigned long long)sum);
    }
    text_str(to, "cordon_http_request_seconds_sum{");
    route_labels(to, m, i);
    text_str(to, "} ");
    seconds(to, get(&m->rows[i].us));
    text_str(to, "\ncordon_http_request_seconds_count{");
    route_labels(to, m, i);
    text_printf(to, "} %llu\n", (unsigned long long)sum);
}

static bool was_asked(const struct metrics *m, size_t i)
{
    for (size_t k = 0; k <= BUCKETS_N; k++)
        if (get(&m->rows[i].by_time[k]))
            return true;
    return false;
}

void metrics_write(const struct metrics *m, struct text *to)
{
    requests(m, to);
    metric_head(to, "cordon_http_request_seconds", "histogram",
                "From the request line to the answer, by route.");
    for (size_t i = 0; i <= m->routes_n; i++)
        if (was_asked(m, i))
            times_of(m, to, i);
    metric_head(to, "cordon_http_connections", "gauge", "Connections that are open.");
    metric_u64(to, "cordon_http_connections", NULL, NULL, metrics_connections(m));
    metric_head(to, "cordon_http_connections_total", "counter", "Connections accepted.");
    metric_u64(to, "cordon_http_connections_total", NULL, NULL, get(&m->accepted));
    metric_head(to, "cordon_http_connections_refused_total", "counter",
                "Connections ended for being too slow.");
    metric_u64(to, "cordon_http_connections_refused_total", NULL, NULL, get(&m->refused));
}
