#include "pack/parts.h"

#include "base/time.h"

#include <stdarg.h>
#include <stdio.h>

#define TEXT_MAX ((size_t)1 << 20)

void making_failed(struct making *m, enum err_class class, const char *what)
{
    if (!m->failed)
        err_set(m->err, class, "%s", what);
    m->failed = true;
}

/* NULL from the first failure on; whoever is given a part takes NULL for it. */
static void *take(struct making *m, size_t n)
{
    void *p = m->failed ? NULL : arena_alloc(m->a, n);

    if (!p)
        making_failed(m, arena_limited(m->a) ? ERR_LIMIT : ERR_NOMEM, "a pack");
    return p;
}

struct pack_section *section_add(struct making *m, enum pack_word title)
{
    struct pack_section *s = take(m, sizeof(*s));

    if (!s)
        return NULL;
    s->title = title;
    s->figures_end = &s->figures;
    s->tables_end = &s->tables;
    *m->sections_end = s;
    m->sections_end = &s->next;
    return s;
}

void figure_add(struct making *m, struct pack_section *s, enum pack_word label, const char *value,
                const char *query)
{
    struct pack_figure *f = take(m, sizeof(*f));

    if (!f || !s)
        return;
    *f = (struct pack_figure){.label = label, .value = value ? value : "", .query = query};
    *s->figures_end = f;
    s->figures_end = &f->next;
}

void figure_number(struct making *m, struct pack_section *s, enum pack_word label, uint64_t value,
                   const char *query)
{
    figure_add(m, s, label, made_text(m, "%llu", (unsigned long long)value), query);
}

struct pack_table *table_add(struct making *m, struct pack_section *s, enum pack_word title,
                             const char *query, const enum pack_word *columns)
{
    struct pack_table *t = take(m, sizeof(*t));

    if (!t || !s)
        return NULL;
    t->title = title;
    t->query = query;
    while (columns[t->columns_n] != PACK_WORDS_N) {
        t->columns[t->columns_n] = columns[t->columns_n];
        t->columns_n++;
    }
    t->rows_end = &t->rows;
    *s->tables_end = t;
    s->tables_end = &t->next;
    return t;
}

void row_add(struct making *m, struct pack_table *t)
{
    struct pack_row *r = take(m, sizeof(*r));

    if (!r || !t)
        return;
    if (t->rows)
        t->rows_end = &(*t->rows_end)->next;
    *t->rows_end = r;
    t->rows_n++;
}

static void cell_put(struct making *m, struct pack_table *t, struct pack_cell cell)
{
    struct pack_cell *c = take(m, sizeof(*c)), **end;

    if (!c || !t)
        return;
    *c = cell;
    for (end = &(*t->rows_end)->cells; *end; end = &(*end)->next)
        ;
    *end = c;
}

void cell_add(struct making *m, struct pack_table *t, const char *text)
{
    cell_put(m, t, (struct pack_cell){.text = text ? text : ""});
}

void cell_number(struct making *m, struct pack_table *t, const char *digits)
{
    cell_put(m, t, (struct pack_cell){.text = digits ? digits : "", .number = true});
}

void cell_seconds(struct making *m, struct pack_table *t, uint64_t ms)
{
    cell_put(m, t,
             (struct pack_cell){.text = made_text(m, "%llu.%03u", (unsigned long long)(ms / 1000),
                                                  (unsigned)(ms % 1000)),
                                .number = true,
                                .seconds = true});
}

void cell_u64(struct making *m, struct pack_table *t, uint64_t v)
{
    cell_number(m, t, made_text(m, "%llu", (unsigned long long)v));
}

void cell_word(struct making *m, struct pack_table *t, enum pack_word word)
{
    cell_put(m, t, (struct pack_cell){.word = word});
}

void cell_value(struct making *m, struct pack_table *t, const char *value)
{
    enum pack_word w = value ? pack_word_of(value) : PACK_WORDS_N;

    if (w == PACK_WORDS_N)
        cell_add(m, t, value);
    else
        cell_word(m, t, w);
}

struct source_number {
    struct hash32 text;
    size_t number;
};

/* From 1, in the order in which they are told; 0: no memory. */
static size_t source_number(struct making *m, const char *source)
{
    struct hash32 text = sha256(source, strlen(source));
    struct source_number *s = map_get(&m->source_numbers, &text);

    if (s)
        return s->number;
    s = take(m, sizeof(*s));
    if (!s || m->pack->sources_n == m->sources_max)
        return 0;
    *s = (struct source_number){text, m->pack->sources_n + 1};
    if (!map_put(&m->source_numbers, s)) {
        making_failed(m, ERR_NOMEM, "a pack");
        return 0;
    }
    m->sources[m->pack->sources_n++] = source;
    return s->number;
}

void cell_source(struct making *m, struct pack_table *t, const char *source)
{
    cell_add(m, t, source && !m->failed ? made_text(m, "[%zu]", source_number(m, source)) : NULL);
}

const char *made_text(struct making *m, const char *fmt, ...)
{
    char *p;
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    p = n >= 0 && (size_t)n < TEXT_MAX ? take(m, (size_t)n + 1) : NULL;
    if (!p)
        return "";
    va_start(args, fmt);
    vsnprintf(p, (size_t)n + 1, fmt, args);
    va_end(args);
    return p;
}

static bool records_find(struct making *m, const struct record_kind *k, struct records *ret)
{
    struct record_said *at;
    struct records all;

    if (!records_of(m->log, m->a, k, &all, m->err)) {
        m->failed = true;
        return false;
    }
    m->unread += all.unread;
    at = take(m, (all.n + 1) * sizeof(*at));
    if (!at)
        return false;
    for (size_t i = 0; i < all.n; i++)
        if (!strcmp(all.at[i].of->audience, m->pack->options.audience) &&
            mark_effective(record_tlp(&all.at[i].record)) <= m->widest)
            at[ret->n++] = all.at[i];
    ret->at = at;
    return true;
}

void records_seen(struct making *m, const char *kind, struct records *ret)
{
    const struct record_kind *k = record_kind(kind);
    struct records *seen = &m->seen[k - record_kinds];

    *ret = (struct records){.n = 0};
    if (!m->failed && (seen->at || records_find(m, k, seen)))
        *ret = *seen;
}

const char *made_percent(struct making *m, struct u256 part, struct u256 whole)
{
    struct u256 thousandth;
    uint64_t v;

    if (u256_zero(whole) || !u256_mul_div(part, u256_of(1000), whole, &thousandth))
        return NULL;
    v = thousandth.w[0];
    return made_text(m, "%llu.%u", (unsigned long long)(v / 10), (unsigned)(v % 10));
}

const char *id_of(struct making *m, const char *object)
{
    return made_text(m, "%.12s", strchr(object, ':') + 1);
}

const char *day_of(struct making *m, uint64_t ms)
{
    char text[TIME_DAY_MAX];

    return made_text(m, "%s", time_day(ms / 1000, text));
}

bool is_of_audience(const struct making *m, const struct fold_object *o, const char *kind)
{
    return o->first && object_is(o->object, kind) &&
           !strcmp(o->audience, m->pack->options.audience);
}

bool in_quarter(const struct making *m, uint64_t ms)
{
    return ms / 1000 >= m->quarter.from && ms / 1000 < m->quarter.to;
}

const char *list_of(struct making *m, const struct record_said *r, const char *name)
{
    const struct json *value = json_get(r->record.of, name);
    const char *all = NULL;

    for (const struct json *item = value ? value->child : NULL; item; item = item->next)
        all = made_text(m, "%s%s%s", all ? all : "", all ? "; " : "", item->text);
    return all;
}

bool day_in_quarter(const struct making *m, const char *day)
{
    struct period p;

    return day && period_read(day, &p) && p.from >= m->quarter.from && p.to <= m->quarter.to;
}
