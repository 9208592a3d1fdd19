/* Four files, one list. Aliases and addresses are entries of the same number, which the maker
 * joins. */
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

struct known { /* an entity of sdn.csv, or what goes on of its remarks */
    uint64_t number;
    enum list_kind kind;
    struct csv_field comment;
};

struct reader {
    struct list_maker *m;
    struct known *known, *comments;
    size_t known_n, known_size, comments_n, comments_size;
    size_t strangers; /* rows of the file at hand whose entity is not in sdn.csv */
    struct text joined;
};

static bool known_add(struct reader *r, struct known **all, size_t *n, size_t *size,
                      struct known one)
{
    struct known *grown;

    if (*n == LIST_ENTRIES_MAX)
        return list_make_fail(r->m, ERR_LIMIT, "more than %zu rows", *n);
    if (!*all || *n == *size) {
        *size = *size ? *size * 2 : 1024;
        grown = mem_grow(*all, *size * sizeof(*grown));
        if (!grown)
            return list_make_fail(r->m, ERR_NOMEM, "a list");
        *all = grown;
    }
    (*all)[(*n)++] = one;
    return true;
}

static int known_order(const void *a, const void *b)
{
    const struct known *x = a, *y = b;

    return x->number < y->number ? -1 : x->number > y->number;
}

static const struct known *known_find(const struct known *all, size_t n, uint64_t number)
{
    struct known key = {.number = number};

    return n ? bsearch(&key, all, n, sizeof(key), known_order) : NULL;
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

typedef bool row_read(struct reader *r, uint64_t number, const char *id,
                      const struct csv_field *fields);

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
    const struct known *more = known_find(r->comments, r->comments_n, number);

    r->joined.n = 0;
    if (f->quoted || f->n < 3 || memcmp(f->p, "-0-", 3) != 0)
        put_field(&r->joined, f);
    if (more)
        put_field(&r->joined, &more->comment);
    if (!text_string(&r->joined)) {
        list_make_fail(r->m, r->joined.over ? ERR_LIMIT : ERR_NOMEM,
                       "entity %llu: remarks are too long", (unsigned long long)number);
        return "";
    }
    return r->joined.p;
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
    return !m->bad && known_add(r, &r->known, &r->known_n, &r->known_size,
                                (struct known){.number = number, .kind = kind});
}

static bool alt_row(struct reader *r, uint64_t number, const char *id,
                    const struct csv_field *fields)
{
    const struct known *of = known_find(r->known, r->known_n, number);
    struct list_name name;

    if (!of) {
        r->strangers++;
        return true;
    }
    list_make_entry(r->m, id);
    name = name_of(r->m, field(r->m, &fields[3]), of->kind);
    name.type = csv_is(&fields[2], "aka")   ? "a.k.a."
                : csv_is(&fields[2], "fka") ? "f.k.a."
                : csv_is(&fields[2], "nka") ? "n.k.a."
                                            : field(r->m, &fields[2]);
    list_make_alias(r->m, name);
    list_make_detail(r->m, "Alias remarks", field(r->m, &fields[4]));
    return !r->m->bad;
}

static bool add_row(struct reader *r, uint64_t number, const char *id,
                    const struct csv_field *fields)
{
    struct list_maker *m = r->m;
    const char *parts[3];

    if (!known_find(r->known, r->known_n, number)) {
        r->strangers++;
        return true;
    }
    for (size_t i = 0; i < 3; i++)
        parts[i] = field(m, &fields[2 + i]);
    list_make_entry(m, id);
    list_make_address(m, list_make_join(m, parts, 3, ", "), parts[2]);
    list_make_detail(m, "Address remarks", field(m, &fields[5]));
    return !m->bad;
}

static bool comment_row(struct reader *r, uint64_t number, const char *id,
                        const struct csv_field *fields)
{
    return known_add(r, &r->comments, &r->comments_n, &r->comments_size,
                     (struct known){.number = number, .comment = fields[1]});
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

static bool rows_read(struct reader *r, const char *name, struct bytes in, size_t columns,
                      row_read *each)
{
    struct csv_field fields[SDN_COLUMNS];
    struct csv c;
    size_t n;
    bool end;

    r->strangers = 0;
    if (!utf8_valid((const char *)in.p, in.n))
        return list_make_fail(r->m, ERR_INPUT, "not UTF-8");
    if (!end_find(r, name, &in))
        return false;
    c = csv_over(in, ',');
    for (;;) {
        uint64_t number;
        const char *id;

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
        id = list_make_text(r->m, fields[0].p, fields[0].n);
        if (!each(r, number, id, fields))
            return err_in(r->m->err, "line %zu", c.line);
    }
    if (r->strangers)
        list_make_note(r->m,
                       "%s: %zu rows are of entities that sdn.csv does not have (a file of "
                       "another day?)",
                       name, r->strangers);
    return !r->m->bad;
}

static bool files_read(struct reader *r, const struct ofac_csv *files)
{
    const struct {
        const char *name;
        struct bytes in;
        size_t columns;
        row_read *each;
    } rows[] = {
        {"sdn_comments.csv", files->comments, COMMENT_COLUMNS, comment_row},
        {"sdn.csv", files->sdn, SDN_COLUMNS, sdn_row},
        {"alt.csv", files->alt, ALT_COLUMNS, alt_row},
        {"add.csv", files->add, ADD_COLUMNS, add_row},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!rows[i].in.p) {
            list_make_note(r->m, "%s is not there: %s", rows[i].name,
                           i == 0   ? "remarks end at 1,000 characters"
                           : i == 2 ? "there are no strong aliases"
                                    : "there are no addresses");
            continue;
        }
        if (!rows_read(r, rows[i].name, rows[i].in, rows[i].columns, rows[i].each))
            return err_in(r->m->err, "%s", rows[i].name);
        if (r->known_n)
            qsort(r->known, r->known_n, sizeof(*r->known), known_order);
        if (r->comments_n)
            qsort(r->comments, r->comments_n, sizeof(*r->comments), known_order);
    }
    if (!r->known_n)
        return list_make_fail(r->m, ERR_INPUT, "sdn.csv: no entity is on it");
    return !r->m->bad;
}

bool ofac_csv_read(struct list_maker *m, const struct ofac_csv *files)
{
    struct reader r = {.m = m, .joined = text_new(CSV_RECORD_BYTES_MAX)};
    bool good = files_read(&r, files);

    m->list.name = ofac_list_name(m);
    m->list.format = "ofac-csv";
    mem_free(r.known);
    mem_free(r.comments);
    text_free(&r.joined);
    return good;
}
