/* Four files, one list: what goes on of remarks, aliases and addresses are read first, and found
 * by the number of each entity of sdn.csv. */
#include "entity/ofac.h"

#include "base/csv.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define SDN_COLUMNS 12
#define ALT_COLUMNS 5
#define ADD_COLUMNS 6
#define COMMENT_COLUMNS 2
#define END_MARK 0x1a

#define ROW_FIELDS 4 /* behind the two numbers, or the one of a comment */

struct row { /* of a file beside sdn.csv */
    uint64_t number;
    size_t order;
    struct csv_field field[ROW_FIELDS];
};

struct rows {
    struct row *at;
    size_t n, size, taken; /* taken: by entities of sdn.csv */
};

struct reader {
    struct list_maker *m;
    struct rows comments, aliases, addresses;
    size_t entities;
    struct text joined;
};

static bool row_keep(struct reader *r, struct rows *all, uint64_t number,
                     const struct csv_field *fields, size_t n)
{
    if (all->n == LIST_ENTRIES_MAX)
        return list_make_fail(r->m, ERR_LIMIT, "more than %zu rows", all->n);
    if (!mem_room((void **)&all->at, &all->size, all->n + 1, sizeof(*all->at)))
        return list_make_fail(r->m, ERR_NOMEM, "a list");
    all->at[all->n] = (struct row){.number = number, .order = all->n};
    memcpy(all->at[all->n++].field, fields, n * sizeof(*fields));
    return true;
}

static int row_order(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* The first row of an entity; *ret_n: how many it has. */
static const struct row *rows_of(struct rows *all, uint64_t number, size_t *ret_n)
{
    size_t low = 0, high = all->n, end;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (all->at[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < all->n && all->at[end].number == number; end++)
        ;
    *ret_n = end - low;
    all->taken += *ret_n;
    return all->at ? all->at + low : NULL;
}

/* A field's text in the arena; "" for -0-. */
static const char *field(struct list_maker *m, const struct csv_field *f)
{
    size_t n = f->n;
    const char *text;
    char *plain;

    while (n && f->p[n - 1] == ' ')
        n--;
    if (!n || (n == 3 && !memcmp(f->p, "-0-", 3)))
        return "";
    if (!f->doubled)
        return list_make_text(m, f->p, n);
    plain = mem_alloc(f->n);
    if (!plain) {
        list_make_fail(m, ERR_NOMEM, "a list");
        return "";
    }
    n = csv_text(f, plain);
    text = list_make_text(m, plain, n);
    mem_free(plain);
    return text;
}

static struct list_name name_of(struct list_maker *m, const char *text, enum list_kind kind)
{
    struct list_name name = {.text = text, .family = "", .given = "", .type = "", .language = ""};
    const char *comma = kind == LIST_PERSON ? strstr(text, ", ") : NULL;

    if (comma) {
        name.family = list_make_text(m, text, (size_t)(comma - text));
        name.given = comma + 2;
    }
    return name;
}

/* "SDGT] [SYRIA" */
static void programmes_add(struct list_maker *m, const char *text)
{
    for (const char *at = text, *next; *at; at = next) {
        const char *stop = strstr(at, "] [");

        next = stop ? stop + 3 : at + strlen(at);
        list_make_programme(m, list_make_text(m, at, (size_t)((stop ? stop : next) - at)));
    }
}

static void put_field(struct text *to, const struct csv_field *f)
{
    for (size_t i = 0; i < f->n; i++) {
        text_char(to, f->p[i]);
        i += f->doubled && f->p[i] == '"';
    }
}

/* Remarks and what goes on of them, joined before anything in them is read. */
static const char *remarks_join(struct reader *r, uint64_t number, const struct csv_field *f)
{
    size_t n;
    const struct row *more = rows_of(&r->comments, number, &n);

    r->joined.n = 0;
    if (f->quoted || f->n < 3 || memcmp(f->p, "-0-", 3) != 0)
        put_field(&r->joined, f);
    for (size_t i = 0; i < n; i++)
        put_field(&r->joined, &more[i].field[0]);
    if (!text_string(&r->joined)) {
        list_make_fail(r->m, r->joined.over ? ERR_LIMIT : ERR_NOMEM,
                       "entity %llu: remarks are too long", (unsigned long long)number);
        return "";
    }
    return r->joined.p;
}

static void aliases_add(struct reader *r, uint64_t number, enum list_kind kind)
{
    size_t n;
    const struct row *at = rows_of(&r->aliases, number, &n);

    for (size_t i = 0; i < n; i++) {
        const struct csv_field *type = &at[i].field[0];
        struct list_name name = name_of(r->m, field(r->m, &at[i].field[1]), kind);

        name.type = csv_is(type, "aka")   ? "a.k.a."
                    : csv_is(type, "fka") ? "f.k.a."
                    : csv_is(type, "nka") ? "n.k.a."
                                          : field(r->m, type);
        list_make_alias(r->m, name);
        list_make_detail(r->m, "Alias remarks", field(r->m, &at[i].field[2]));
    }
}

static void addresses_add(struct reader *r, uint64_t number)
{
    size_t n;
    const struct row *at = rows_of(&r->addresses, number, &n);

    for (size_t i = 0; i < n; i++) {
        const char *parts[3];

        for (size_t k = 0; k < 3; k++)
            parts[k] = field(r->m, &at[i].field[k]);
        list_make_address(r->m, list_make_join(r->m, parts, 3, ", "), parts[2]);
        list_make_detail(r->m, "Address remarks", field(r->m, &at[i].field[3]));
    }
}

static bool sdn_row(struct reader *r, uint64_t number, const char *id,
                    const struct csv_field *fields)
{
    struct list_maker *m = r->m;
    struct list_entry *e = list_make_entry(m, id);
    const char *type = field(m, &fields[2]), *remarks;
    enum list_kind kind = *type ? list_kind_of(type) : LIST_ORGANISATION;
    const char *call_sign = field(m, &fields[5]);
    char url[80];

    e->kind = kind;
    remarks = remarks_join(r, number, &fields[11]);
    e->remarks = list_make_text(m, remarks, strlen(remarks));
    snprintf(url, sizeof(url), "https://sanctionssearch.ofac.treas.gov/Details.aspx?id=%llu",
             (unsigned long long)number);
    e->url = list_make_string(m, url);
    list_make_name(m, name_of(m, field(m, &fields[1]), kind));
    if (!m->bad && !*e->name.text)
        return list_make_fail(m, ERR_INPUT, "entity %s has no name", id);
    programmes_add(m, field(m, &fields[3]));
    list_make_detail(m, "Title", field(m, &fields[4]));
    list_make_id(m, (struct list_id){LIST_ID_CALL_SIGN, "Vessel Call Sign", call_sign, "", ""});
    list_make_detail(m, "Vessel Type", field(m, &fields[6]));
    list_make_detail(m, "Tonnage", field(m, &fields[7]));
    list_make_detail(m, "Gross Registered Tonnage", field(m, &fields[8]));
    list_make_nationality(m, field(m, &fields[9]));
    list_make_detail(m, "Vessel Owner", field(m, &fields[10]));
    ofac_remarks(m, remarks);
    aliases_add(r, number, kind);
    addresses_add(r, number);
    r->entities++;
    return !m->bad;
}

/* The file without its end mark. One without is taken if its last record is whole. */
static bool end_find(struct reader *r, const char *name, struct bytes *in)
{
    size_t n = in->n;

    while (n && (in->p[n - 1] == '\n' || in->p[n - 1] == '\r'))
        n--;
    if (n && in->p[n - 1] == END_MARK) {
        in->n = n - 1;
        return true;
    }
    if (!in->n || in->p[in->n - 1] != '\n')
        return list_make_fail(r->m, ERR_INPUT, "ends within a record: it was cut");
    list_make_note(r->m, "%s has no end mark (0x1A): whether it is whole cannot be told", name);
    return !r->m->bad;
}

/* Each row into keep, or if that is NULL as an entity. */
static bool rows_read(struct reader *r, const char *name, struct bytes in, size_t columns,
                      struct rows *keep)
{
    struct csv_field fields[SDN_COLUMNS];
    size_t first = columns == COMMENT_COLUMNS ? 1 : 2, n;
    struct csv c;
    bool end;

    if (!utf8_valid((const char *)in.p, in.n))
        return list_make_fail(r->m, ERR_INPUT, "not UTF-8");
    if (!end_find(r, name, &in))
        return false;
    c = csv_over(in, ',');
    for (;;) {
        uint64_t number;

        if (!csv_next(&c, fields, SDN_COLUMNS, &n, &end, r->m->err)) {
            r->m->bad = true;
            return false;
        }
        if (end)
            break;
        if (n == 1 && !fields[0].n)
            continue;
        if (n != columns)
            return list_make_fail(r->m, ERR_INPUT, "line %zu: %zu fields, not %zu", c.line, n,
                                  columns);
        if (!u64_from_text(fields[0].p, fields[0].n, &number))
            return list_make_fail(r->m, ERR_INPUT, "line %zu: \"%.*s\" is no entity's number",
                                  c.line, (int)(fields[0].n < 40 ? fields[0].n : 40), fields[0].p);
        if (!(keep ? row_keep(r, keep, number, fields + first, columns - first)
                   : sdn_row(r, number, list_make_text(r->m, fields[0].p, fields[0].n), fields)))
            return err_in(r->m->err, "line %zu", c.line);
    }
    if (keep && keep->n)
        qsort(keep->at, keep->n, sizeof(*keep->at), row_order);
    return !r->m->bad;
}

static bool files_read(struct reader *r, const struct ofac_csv *files)
{
    const struct {
        const char *name, *missing;
        struct bytes in;
        size_t columns;
        struct rows *keep;
    } rows[] = {
        {"sdn_comments.csv", "remarks end at 1,000 characters", files->comments, COMMENT_COLUMNS,
         &r->comments},
        {"alt.csv", "there are no strong aliases", files->alt, ALT_COLUMNS, &r->aliases},
        {"add.csv", "there are no addresses", files->add, ADD_COLUMNS, &r->addresses},
        {"sdn.csv", "", files->sdn, SDN_COLUMNS, NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!rows[i].in.p)
            list_make_note(r->m, "%s is not there: %s", rows[i].name, rows[i].missing);
        else if (!rows_read(r, rows[i].name, rows[i].in, rows[i].columns, rows[i].keep))
            return err_in(r->m->err, "%s", rows[i].name);
    }
    if (!r->entities)
        return list_make_fail(r->m, ERR_INPUT, "sdn.csv: no entity is on it");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].keep && rows[i].keep->taken < rows[i].keep->n)
            list_make_note(r->m,
                           "%s: %zu rows are of entities that sdn.csv does not have (a file of "
                           "another day?)",
                           rows[i].name, rows[i].keep->n - rows[i].keep->taken);
    return !r->m->bad;
}

bool ofac_csv_read(struct list_maker *m, const struct ofac_csv *files)
{
    struct reader r = {.m = m, .joined = text_new(CSV_RECORD_BYTES_MAX)};
    bool good = files_read(&r, files);

    m->list.name = ofac_list_name(m);
    m->list.format = "ofac-csv";
    mem_free(r.comments.at);
    mem_free(r.aliases.at);
    mem_free(r.addresses.at);
    text_free(&r.joined);
    return good;
}
