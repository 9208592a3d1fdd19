/* Stop files, and stops in canonical form. Every complaint names the line. */
#include "trace/stops.h"

#include "base/csv.h"
#include "base/sort.h"
#include "chain/bitcoin/pool.h"

#define STOP_FIELDS_MAX 4 /* address, name, category, chain */

static bool no_memory(const struct arena *a, struct err *err, const char *what)
{
    return arena_fail(a, err, "%s", what);
}

struct stop_table {
    struct csv csv;
    size_t fields_n; /* of the header; 0: not read yet */
};

/* A record of as many fields as the header has, as strings. */
static bool record(struct arena *a, struct stop_table *t, const char *fields[STOP_FIELDS_MAX],
                   struct err *err)
{
    size_t n = 1, max = t->fields_n ? t->fields_n : STOP_FIELDS_MAX; /* an empty file has a field */
    struct csv_field at[STOP_FIELDS_MAX];
    bool end;

    if (!csv_next(&t->csv, at, max, &n, &end, err))
        return false;
    max = t->fields_n ? t->fields_n : STOP_FIELDS_MAX - 1; /* the chain may be left out */
    if (n < max)
        return err_fail(err, ERR_INPUT, "line %zu: %zu field%s, %zu are wanted", t->csv.line + end,
                        n, n == 1 ? "" : "s", max);
    for (size_t i = 0; i < n; i++) {
        char *to = arena_alloc(a, at[i].n + (size_t)1);

        if (!to)
            return no_memory(a, err, "stops");
        csv_text(&at[i], to);
        fields[i] = to;
    }
    t->fields_n = n;
    return true;
}

static size_t count_lines(struct bytes in)
{
    size_t n = 1;

    for (size_t i = 0; i < in.n; i++)
        n += in.p[i] == '\n';
    return n;
}

static const char *const names[STOP_FIELDS_MAX] = {"address", "name", "category", "chain"};

static bool stop_row(struct arena *a, struct stop_table *t, const char *source,
                     struct trace_stop *ret, struct err *err)
{
    const char *fields[STOP_FIELDS_MAX] = {NULL}, *chain;

    if (!record(a, t, fields, err))
        return false;
    for (size_t i = 0; i < t->fields_n; i++)
        if (!text_is_plain(fields[i], strlen(fields[i])))
            return err_fail(err, ERR_INPUT, "line %zu: %s: a control character in it", t->csv.line,
                            names[i]);
    if (!*fields[0])
        return err_fail(err, ERR_INPUT, "line %zu: address: empty", t->csv.line);
    chain = fields[3] && *fields[3] ? fields[3] : NULL;
    if (chain && !chain_by_name(chain))
        return err_fail(err, ERR_INPUT, "line %zu: chain: \"%.100s\" is not known here",
                        t->csv.line, chain);
    *ret = (struct trace_stop){fields[0], fields[1], fields[2], source, chain};
    return true;
}

static bool header_read(struct arena *a, struct stop_table *t, struct err *err)
{
    const char *fields[STOP_FIELDS_MAX] = {NULL};

    if (!record(a, t, fields, err))
        return false;
    for (size_t i = 0; i < t->fields_n; i++)
        if (strcmp(fields[i], names[i]))
            return err_fail(err, ERR_INPUT, "line 1: the header address,name,category is wanted%s",
                            t->fields_n > 3 ? ", or with chain" : "");
    return true;
}

bool stops_read(struct arena *a, struct bytes in, const char *source, const struct trace_stop **ret,
                size_t *ret_n, struct err *err)
{
    struct stop_table t = {.csv = csv_over(in, ',')};
    struct trace_stop *at;
    size_t n = 0, max = count_lines(in);

    if (in.n > CASE_FILE_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "a stop file of more than %zu bytes", CASE_FILE_BYTES_MAX);
    if (!utf8_valid((const char *)in.p, in.n) || (in.n && memchr(in.p, 0, in.n)))
        return err_fail(err, ERR_INPUT, "not UTF-8 text");
    if (!header_read(a, &t, err))
        return false;
    source = arena_string(a, source, strlen(source));
    at = ARENA_ARRAY(a, struct trace_stop, max < CASE_STOPS_MAX ? max : CASE_STOPS_MAX);
    if (!at || !source)
        return no_memory(a, err, "stops");
    while (t.csv.at != t.csv.end) {
        if (n == CASE_STOPS_MAX)
            return err_fail(err, ERR_LIMIT, "more than %zu stops", CASE_STOPS_MAX);
        if (!stop_row(a, &t, source, &at[n++], err))
            return false;
    }
    *ret = at;
    *ret_n = n;
    return true;
}

int stop_compare(const void *one, const void *other)
{
    const struct trace_stop *a = one, *b = other;
    int order = strcmp(a->address, b->address);

    if (!order)
        order = strcmp(a->name, b->name);
    if (!order)
        order = strcmp(a->category, b->category);
    return order ? order : strcmp(a->chain ? a->chain : "", b->chain ? b->chain : "");
}

const struct trace_stop **stops_sorted(struct arena *a, const struct trace_stop *stops, size_t n)
{
    const void **at = ARENA_ARRAY(a, const void *, n), **scratch = ARENA_ARRAY(a, const void *, n);

    if (!at || !scratch)
        return NULL;
    for (size_t i = 0; i < n; i++)
        at[i] = &stops[i];
    sort_pointers(at, n, scratch, stop_compare);
    return (const struct trace_stop **)at;
}

const uint32_t *stops_used(struct arena *a, const struct trace_stop *stops, size_t n,
                           const bool *used, size_t *ret_n)
{
    const struct trace_stop **sorted = stops_sorted(a, stops, n);
    uint32_t *at = ARENA_ARRAY(a, uint32_t, n);

    *ret_n = 0;
    for (size_t i = 0; sorted && at && i < n; i++)
        if (used[sorted[i] - stops])
            at[(*ret_n)++] = (uint32_t)(sorted[i] - stops);
    return sorted ? at : NULL;
}

void stops_csv_hash(struct sha256_stream *s, const char *field, char after)
{
    bool quote = strpbrk(field, ",\"\r\n");

    if (quote)
        sha256_add(s, "\"", 1);
    for (const char *p = field; *p;) {
        size_t n = strcspn(p, "\"");

        sha256_add(s, p, n);
        if (p[n])
            sha256_add(s, "\"\"", 2);
        p += n + (p[n] != 0);
    }
    if (quote)
        sha256_add(s, "\"", 1);
    sha256_add(s, &after, 1);
}

bool stops_hash(struct arena *a, const struct trace_stop *stops, size_t n, struct hash32 *ret,
                struct err *err)
{
    struct arena *scratch = arena_new(a, SIZE_MAX / 4);
    const struct trace_stop **at = scratch ? stops_sorted(scratch, stops, n) : NULL;
    struct sha256_stream s;

    if (!at) {
        arena_free(scratch);
        return no_memory(a, err, "stops");
    }
    sha256_start(&s);
    for (size_t i = 0; i < n; i++) {
        if (i && !stop_compare(at[i - 1], at[i]))
            continue;
        stops_csv_hash(&s, at[i]->address, ',');
        stops_csv_hash(&s, at[i]->name, ',');
        stops_csv_hash(&s, at[i]->category, at[i]->chain ? ',' : '\n');
        if (at[i]->chain)
            stops_csv_hash(&s, at[i]->chain, '\n');
    }
    *ret = sha256_done(&s);
    arena_free(scratch);
    return true;
}

static bool stopped(const struct trace_stop *stops, size_t n, const struct chain *chain,
                    const char *address)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(stops[i].address, address) &&
            (!stops[i].chain || chain_by_name(stops[i].chain) == chain))
            return true;
    return false;
}

bool stops_with_pools(struct arena *a, const struct chain *chain, const struct trace_stop *stops,
                      size_t n, const struct trace_stop **ret, size_t *ret_n, struct err *err)
{
    uint32_t pools = pools_count(chain);
    struct trace_stop *at;

    *ret = stops;
    *ret_n = n;
    if (!pools)
        return true;
    at = ARENA_ARRAY(a, struct trace_stop, n + pools);
    if (!at)
        return no_memory(a, err, "stops");
    if (n)
        memcpy(at, stops, n * sizeof(*at));
    for (uint32_t i = 0; i < pools; i++) {
        const char *address = pool_address(chain, i);

        if (!stopped(stops, n, chain, address))
            at[(*ret_n)++] = (struct trace_stop){address, address + strlen(POOL_ADDRESS_PREFIX),
                                                 "shielded pool", "rules of the chain", NULL};
    }
    *ret = at;
    return true;
}
