/* Every record of the reader is the one that going byte by byte gives, with its line, and both
 * refuse the same tables. */
#include "base/csv.h"

#include <assert.h>

#define FIELDS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct naive {
    const uint8_t *p, *end;
    size_t line;
};

static bool line_ends(const struct naive *c)
{
    return c->p == c->end || *c->p == '\n' ||
           (*c->p == '\r' && c->end - c->p > 1 && c->p[1] == '\n');
}

static bool naive_quoted(struct naive *c, struct bytes *ret)
{
    const uint8_t *from = ++c->p;

    for (;; c->p++) {
        if (c->p == c->end)
            return false;
        c->line += *c->p == '\n';
        if (*c->p != '"')
            continue;
        if (c->end - c->p < 2 || c->p[1] != '"')
            break;
        c->p++;
    }
    *ret = (struct bytes){from, (size_t)(c->p - from)};
    c->p++;
    return line_ends(c) || *c->p == ',';
}

static bool naive_record(struct naive *c, struct bytes *fields, size_t *ret_n)
{
    for (*ret_n = 0;; c->p++) {
        struct bytes *f = &fields[*ret_n];

        if ((*ret_n)++ == FIELDS_MAX)
            return false;
        if (c->p != c->end && *c->p == '"') {
            if (!naive_quoted(c, f))
                return false;
        } else {
            *f = (struct bytes){c->p, 0};
            for (; !line_ends(c) && *c->p != ','; c->p++, f->n++)
                if (*c->p == '"')
                    return false;
        }
        if (line_ends(c))
            break;
    }
    if (c->p != c->end)
        c->p += *c->p == '\r' ? 2 : 1;
    c->line++;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct csv c = csv_over((struct bytes){data, size}, ',');
    struct naive naive = {c.at, c.end, 1};
    struct csv_field fields[FIELDS_MAX];
    struct bytes want[FIELDS_MAX];
    size_t n, want_n, line;
    struct err err;
    bool end, ok;

    for (;;) {
        line = naive.line;
        ok = csv_next(&c, fields, FIELDS_MAX, &n, &end, &err);
        if (ok && end) {
            assert(naive.p == naive.end);
            return 0;
        }
        assert(ok == naive_record(&naive, want, &want_n));
        if (!ok)
            return 0;
        assert(n == want_n && c.line == line);
        for (size_t i = 0; i < n; i++)
            assert(bytes_equal((struct bytes){(const uint8_t *)fields[i].p, fields[i].n}, want[i]));
    }
}
