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
        making_failed(m, arena_class(m->a), "a pack");
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

/* The command that tells one again, with all that it is counted from, but for its name. */
static const char *figures_query(struct making *m)
{
    const struct pack_options *o = &m->pack->options;
    bool all = !strcmp(o->audience, AUDIENCE_ALL);
    /* who sees all events may know when the newest was said */
    uint64_t until = o->reader == PACK_READER_FULL ? m->cut_off_ms : o->until_ms;
    const char *when = until ? made_text(m, " --until %llu", (unsigned long long)until) : "";

    return made_text(m, "cordon pack %s --for %s%s%s%s --figure", m->pack->quarter,
                     pack_reader_name(o->reader), all ? "" : " --audience ", all ? "" : o->audience,
                     when);
}

void figure_add(struct making *m, struct pack_section *s, enum pack_word label, enum pack_how how,
                const char *value)
{
    struct pack_figure *f = take(m, sizeof(*f));

    if (!f || !s)
        return;
    *f = (struct pack_figure){
        .label = label,
        .how = how,
        .value = value ? value : "",
        .query =
            how == PACK_SAID ? NULL : made_text(m, "%s %s", figures_query(m), pack_word_id(label))};
    *s->figures_end = f;
    s->figures_end = &f->next;
    if (figure_asked(m, label)) {
        m->pack->asked.value = f->value;
        m->pack->asked.how = how;
    }
}

void figure_number(struct making *m, struct pack_section *s, enum pack_word label,
                   enum pack_how how, uint64_t value)
{
    figure_add(m, s, label, how, made_text(m, "%llu", (unsigned long long)value));
}

bool figure_asked(const struct making *m, enum pack_word label)
{
    const char *figure = m->pack->options.figure;

    return figure && !strcmp(figure, pack_word_id(label));
}

static void object_put(struct making *m, const char *object, const char *value, const char *whole)
{
    struct pack_object *o = take(m, sizeof(*o));

    if (!o)
        return;
    *o = (struct pack_object){.name = object, .value = value, .whole = whole};
    *m->behind_end = o;
    m->behind_end = &o->next;
}

void behind_part(struct making *m, enum pack_word label, const char *object, const char *value,
                 const char *whole)
{
    if (figure_asked(m, label))
        object_put(m, object, value, whole);
}

void behind_value(struct making *m, enum pack_word label, const char *object, const char *value)
{
    behind_part(m, label, object, value, NULL);
}

void behind(struct making *m, enum pack_word label, const char *object)
{
    behind_value(m, label, object, NULL);
}

void behind_u64(struct making *m, enum pack_word label, const char *object, uint64_t value)
{
    if (figure_asked(m, label))
        behind_value(m, label, object, made_text(m, "%llu", (unsigned long long)value));
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

static struct pack_row *last_row(const struct pack_table *t)
{
    return t ? *t->rows_end : NULL;
}

/* A word of a row's name: see parts.h. "~" stands for an empty one; no other is written so. */
static void name_put(struct text *to, const char *s)
{
    if (!*s)
        text_char(to, '~');
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        bool plain = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                     (c >= 'a' && c <= 'z') || c == '-';

        if (plain)
            text_char(to, (char)c);
        else if (c == ' ')
            text_char(to, '_');
        else
            text_printf(to, "%%%02X", c);
    }
}

void row_name(struct making *m, struct pack_table *t, const char *a, const char *b, const char *c)
{
    const char *const words[] = {a, b, c};
    struct text name = text_new(TEXT_MAX);
    struct pack_row *r = last_row(t);

    for (size_t i = 0; i < 3 && words[i]; i++) {
        if (i)
            text_char(&name, ':');
        name_put(&name, words[i]);
    }
    if (r)
        r->name = made_of(m, &name);
    else
        text_free(&name);
}

void row_name_object(struct making *m, struct pack_table *t, const char *object)
{
    row_name(m, t, strchr(object, ':') + 1, NULL, NULL);
}

/* "TABLE.ROW.COLUMN" */
static bool cell_is_asked(const struct making *m, const struct pack_table *t, size_t column)
{
    const char *s = m->pack->options.figure, *title = pack_word_id(t->title);
    const char *row = last_row(t)->name;
    size_t title_n = strlen(title), row_n = row ? strlen(row) : 0;

    return s && row_n && !strncmp(s, title, title_n) && s[title_n] == '.' &&
           !strncmp(s + title_n + 1, row, row_n) && s[title_n + 1 + row_n] == '.' &&
           !strcmp(s + title_n + row_n + 2, pack_column_id(t, column));
}

static void cell_put(struct making *m, struct pack_table *t, struct pack_cell cell)
{
    struct pack_cell *c = take(m, sizeof(*c)), **end;
    size_t column = 0;

    m->cell_asked = false;
    if (!c || !t)
        return;
    *c = cell;
    for (end = &last_row(t)->cells; *end; end = &(*end)->next)
        column++;
    *end = c;
    if (cell.how == PACK_SAID)
        return;
    if (!t->figures)
        t->figures = figures_query(m);
    if (!cell_is_asked(m, t, column))
        return;
    m->cell_asked = true;
    m->pack->asked.value = cell.text;
    m->pack->asked.how = cell.how;
}

void cell_add(struct making *m, struct pack_table *t, const char *text)
{
    cell_put(m, t, (struct pack_cell){.text = text ? text : ""});
}

void cell_number(struct making *m, struct pack_table *t, const char *digits)
{
    cell_put(m, t, (struct pack_cell){.text = digits ? digits : "", .number = true});
}

bool cell_places(struct making *m, struct pack_table *t, enum pack_how how, const char *digits,
                 unsigned decimals)
{
    bool any = digits && *digits;

    cell_put(m, t,
             (struct pack_cell){.text = any ? digits : "",
                                .number = how != PACK_OF,
                                .how = any ? how : PACK_SAID});
    if (m->cell_asked)
        m->pack->asked.decimals = decimals;
    return m->cell_asked;
}

bool cell_figure(struct making *m, struct pack_table *t, enum pack_how how, const char *digits)
{
    return cell_places(m, t, how, digits, 0);
}

bool cell_count(struct making *m, struct pack_table *t, uint64_t n)
{
    return cell_figure(m, t, PACK_COUNT, made_text(m, "%llu", (unsigned long long)n));
}

bool cell_sum(struct making *m, struct pack_table *t, uint64_t sum)
{
    return cell_figure(m, t, PACK_SUM, made_text(m, "%llu", (unsigned long long)sum));
}

void cell_stated(struct making *m, struct pack_table *t, const char *digits, const char *object)
{
    (void)cell_figure(m, t, PACK_STATED, digits);
    cell_behind(m, object);
}

bool cell_seconds(struct making *m, struct pack_table *t, enum pack_how how, uint64_t ms)
{
    cell_put(m, t,
             (struct pack_cell){.text = made_text(m, "%llu.%03u", (unsigned long long)(ms / 1000),
                                                  (unsigned)(ms % 1000)),
                                .number = true,
                                .seconds = true,
                                .how = how});
    if (m->cell_asked)
        m->pack->asked.decimals = 3;
    return m->cell_asked;
}

void cell_behind_part(struct making *m, const char *object, const char *value, const char *whole)
{
    if (m->cell_asked)
        object_put(m, object, value, whole);
}

void cell_behind(struct making *m, const char *object)
{
    cell_behind_part(m, object, NULL, NULL);
}

void cell_behind_u64(struct making *m, const char *object, uint64_t value)
{
    if (m->cell_asked)
        cell_behind_part(m, object, made_text(m, "%llu", (unsigned long long)value), NULL);
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

const char *source_told(struct making *m, const char *source)
{
    return source && !m->failed ? made_text(m, "[%zu]", source_number(m, source)) : "";
}

void cell_source(struct making *m, struct pack_table *t, const char *source)
{
    cell_add(m, t, source_told(m, source));
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

const char *made_of(struct making *m, struct text *t)
{
    const char *s = text_string(t), *ret = "";

    if (s)
        ret = made_text(m, "%s", s);
    else if (!t->over)
        making_failed(m, ERR_NOMEM, "a pack");
    text_free(t);
    return ret;
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

/* But for texts: that of a pack is said of what the pack was before. */
static uint64_t newest_seen(struct making *m)
{
    uint64_t newest = 0;

    for (size_t k = 0; k < record_kinds_n; k++) {
        struct records all;

        if (!strcmp(record_kinds[k].name, "text"))
            continue;
        records_seen(m, record_kinds[k].name, &all);
        for (size_t i = 0; i < all.n; i++)
            if (all.at[i].of->last->e.ms > newest)
                newest = all.at[i].of->last->e.ms;
    }
    return newest;
}

uint64_t late_at(struct making *m)
{
    uint64_t newest;

    if (m->late_at)
        return m->late_at;
    newest = m->pack->options.reader == PACK_READER_FULL ? m->cut_off_ms : newest_seen(m);
    m->late_at = newest / 1000 < m->quarter.to ? newest / 1000 : m->quarter.to;
    return m->late_at;
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

const char *case_title(struct making *m, const struct report *r)
{
    bool both = r->file.id && *r->file.id && r->file.title && *r->file.title;

    if (both)
        return made_text(m, "%s: %s", r->file.id, r->file.title);
    return r->file.title && *r->file.title ? r->file.title : r->file.id;
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
