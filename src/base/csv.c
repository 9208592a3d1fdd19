#include "base/csv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BLOCK 64u

/* Bit i: byte i of the 64 at p is a mark. */
#ifdef __SSE2__
static inline uint64_t marks_of(const uint8_t *p, char separator)
{
    const __m128i sep = _mm_set1_epi8(separator), line = _mm_set1_epi8('\n'),
                  quote = _mm_set1_epi8('"');
    uint64_t marks = 0;

    for (unsigned i = 0; i < BLOCK; i += 16) {
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
        __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(b, sep), _mm_cmpeq_epi8(b, line)),
                                   _mm_cmpeq_epi8(b, quote));

        marks |= (uint64_t)(unsigned)_mm_movemask_epi8(hit) << i;
    }
    return marks;
}
#else
static inline uint64_t marks_of(const uint8_t *p, char separator)
{
    uint64_t marks = 0;

    for (unsigned i = 0; i < BLOCK; i++)
        marks |= (uint64_t)(p[i] == (uint8_t)separator || p[i] == '\n' || p[i] == '"') << i;
    return marks;
}
#endif

static uint64_t marks_at(const struct csv *c, const uint8_t *block)
{
    size_t left = (size_t)(c->end - block);
    uint8_t tail[BLOCK];

    if (left >= BLOCK)
        return marks_of(block, c->separator);
    memset(tail, 0, sizeof(tail));
    memcpy(tail, block, left);
    return marks_of(tail, c->separator) & (((uint64_t)1 << left) - 1);
}

/* The next mark, passed; or the end. */
static inline const uint8_t *mark(struct csv *c)
{
    const uint8_t *p;

    while (!c->marks) {
        if ((size_t)(c->end - c->block) <= BLOCK)
            return c->end;
        c->block += BLOCK;
        c->marks = marks_at(c, c->block);
    }
    p = c->block + __builtin_ctzll(c->marks);
    c->marks &= c->marks - 1;
    return p;
}

struct csv csv_over(struct bytes in, char separator)
{
    static const uint8_t bom[] = {0xef, 0xbb, 0xbf};
    static const uint8_t nothing[1] = {0};
    struct csv c = {.at = in.p, .separator = separator};

    if (!in.n)
        in.p = c.at = nothing;
    c.end = in.p + in.n;
    if (in.n >= sizeof(bom) && !memcmp(in.p, bom, sizeof(bom)))
        c.at += sizeof(bom);
    c.block = c.at;
    c.marks = marks_at(&c, c.block);
    return c;
}

static bool too_long(const struct csv *c, struct err *err)
{
    return err_fail(err, ERR_LIMIT, "line %zu: a record of more than %zu bytes", c->line,
                    CSV_RECORD_BYTES_MAX);
}

/* From an opening quote, which is passed, to what follows the closing one: *ret is the mark there,
 * or the end. */
static bool quoted(struct csv *c, const uint8_t *from, struct csv_field *f, const uint8_t **ret,
                   struct err *err)
{
    const uint8_t *p, *close;

    f->quoted = true;
    for (;;) {
        p = mark(c);
        if (p == c->end)
            return err_fail(err, ERR_INPUT, "line %zu: a quote that does not end", c->line);
        if ((size_t)(p - c->at) > CSV_RECORD_BYTES_MAX)
            return too_long(c, err);
        c->lines_in += *p == '\n';
        if (*p != '"')
            continue;
        if (c->end - p < 2 || p[1] != '"')
            break;
        f->doubled = true;
        mark(c);
    }
    close = p;
    f->p = (const char *)from;
    f->n = (uint32_t)(close - from);
    p = mark(c);
    if (p != close + 1 && !(p != c->end && p == close + 2 && p[-1] == '\r' && *p == '\n'))
        return err_fail(err, ERR_INPUT, "line %zu: more after a closing quote", c->line);
    *ret = p;
    return true;
}

bool csv_next(struct csv *c, struct csv_field *fields, size_t max, size_t *ret_n, bool *ret_end,
              struct err *err)
{
    const uint8_t *from = c->at, *p;
    size_t n = 0;

    *ret_end = from == c->end;
    if (*ret_end)
        return true;
    c->line += 1 + c->lines_in;
    c->lines_in = 0;
    for (;; from = p + 1) {
        struct csv_field f = {.p = (const char *)from};

        if (n == max)
            return err_fail(err, ERR_INPUT, "line %zu: more than %zu field%s", c->line, max,
                            max == 1 ? "" : "s");
        p = mark(c);
        if ((size_t)(p - c->at) > CSV_RECORD_BYTES_MAX)
            return too_long(c, err);
        if (p != c->end && *p == '"') {
            if (p != from)
                return err_fail(err, ERR_INPUT, "line %zu: a quote within a field", c->line);
            if (!quoted(c, from + 1, &f, &p, err))
                return false;
        } else {
            f.n = (uint32_t)(p - from);
            f.n -= p != c->end && *p == '\n' && p != from && p[-1] == '\r';
        }
        fields[n++] = f;
        if (p == c->end || *p == '\n')
            break;
    }
    c->at = p == c->end ? p : p + 1;
    *ret_n = n;
    return true;
}

size_t csv_text(const struct csv_field *f, char *ret)
{
    size_t n = 0;

    if (!f->doubled) {
        if (f->n)
            memcpy(ret, f->p, f->n);
        return f->n;
    }
    for (size_t i = 0; i < f->n; i++) {
        ret[n++] = f->p[i];
        i += f->p[i] == '"';
    }
    return n;
}

bool csv_is(const struct csv_field *f, const char *s)
{
    size_t n = strlen(s);

    return f->n == n && !memcmp(f->p, s, n);
}

size_t csv_column(const struct csv_field *header, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (csv_is(&header[i], name))
            return i;
    return CSV_NONE;
}

/* Behind any apostrophes that it has already, so that taking one away is exact. */
static bool is_formula(const char *s)
{
    static const char *const wide[] = {"\uff1d", "\uff0b", "\uff0d", "\uff20"};
    bool is;

    s += strspn(s, "'");
    is = *s && strchr("=+-@\t\r\n", *s);
    for (size_t i = 0; !is && i < sizeof(wide) / sizeof(wide[0]); i++)
        is = !strncmp(s, wide[i], strlen(wide[i]));
    return is;
}

void csv_put(struct text *to, const char *s)
{
    bool quote;

    if (!s)
        return;
    quote = strpbrk(s, ",;\t\"\r\n") != NULL;
    if (quote)
        text_char(to, '"');
    if (is_formula(s))
        text_char(to, '\'');
    for (; *s; s++) {
        if (*s == '"')
            text_char(to, '"');
        text_char(to, *s);
    }
    if (quote)
        text_char(to, '"');
}

void csv_cell(struct text *to, const char *s, char after)
{
    csv_put(to, s);
    text_char(to, after);
}

const char *csv_meant(const char *s)
{
    return *s == '\'' && is_formula(s) ? s + 1 : s;
}

char csv_separator(struct bytes in)
{
    static const char signs[] = {',', ';', '\t'};
    size_t counts[sizeof(signs)] = {0}, best = 0;

    for (size_t i = 0; i < in.n; i++)
        for (size_t k = 0; k < sizeof(signs); k++)
            counts[k] += in.p[i] == (uint8_t)signs[k];
    for (size_t k = 1; k < sizeof(signs); k++)
        best = counts[k] > counts[best] ? k : best;
    return signs[best];
}

char csv_separator_header(struct bytes in)
{
    const uint8_t *end = in.n ? memchr(in.p, '\n', in.n) : NULL;

    return csv_separator((struct bytes){in.p, end ? (size_t)(end - in.p) : in.n});
}
