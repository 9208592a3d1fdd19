/* Records out of a table: each row becomes the JSON that a person would have written, and is
 * checked as that is. */
#include "group/record.h"

#include "base/csv.h"

struct columns {
    const struct record_kind *k;
    const struct record_field *of[RECORD_FIELDS_MAX];
    size_t n;
};

static bool is_column(const struct record_field *f, const struct csv_field *name)
{
    return csv_is(name, f->name) || (f->csv && csv_is(name, f->csv));
}

/* A claim's "kind" says whether it is a denial. */
static const struct record_field *column_of(const struct record_kind *k,
                                            const struct csv_field *name)
{
    for (const struct record_field *f = k->fields; f->name; f++)
        if (is_column(f, name))
            return f;
    return !strcmp(k->name, "claim") && csv_is(name, "kind") ? record_field(k, "stance") : NULL;
}

static bool header_read(struct csv *c, struct columns *to, struct err *err)
{
    struct csv_field fields[RECORD_FIELDS_MAX];
    bool end;

    if (!csv_next(c, fields, RECORD_FIELDS_MAX, &to->n, &end, err))
        return false;
    if (end)
        return err_fail(err, ERR_INPUT, "an empty table");
    for (size_t i = 0; i < to->n; i++) {
        if (memchr(fields[i].p, '\0', fields[i].n) || !utf8_valid(fields[i].p, fields[i].n))
            return err_fail(err, ERR_INPUT,
                            "line 1: no UTF-8, or a NUL (a table saved as UTF-16?)");
        to->of[i] = column_of(to->k, &fields[i]);
        if (!to->of[i])
            return err_fail(err, ERR_INPUT, "line 1: \"%.*s\": no column of %s",
                            (int)(fields[i].n < 60 ? fields[i].n : 60), fields[i].p, to->k->name);
        for (size_t k = 0; k < i; k++)
            if (to->of[k] == to->of[i])
                return err_fail(err, ERR_INPUT, "line 1: %s: given twice", to->of[i]->name);
    }
    return true;
}

/* A source that tells "claim" and "denial" apart, and marks in words what it holds to be wrong. */
static const char *stance_of(const char *said, const char *notes)
{
    static const char *const marks[] = {"MISPRINT", "MISTAKE", "MISDATED"};

    if (!strcmp(said, "denial"))
        return "denying";
    if (strcmp(said, "claim") != 0)
        return said;
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (notes && !strncmp(notes, marks[i], strlen(marks[i])))
            return "misprinting";
    return "asserting";
}

static bool is_escape(const char *s)
{
    return *s == '\\' && s[1] && strchr("\\; ", s[1]);
}

/* What stands there up to the next ";", without the spaces around it; *s moves behind it. */
static void item_put(struct json_out *j, const char **s)
{
    struct text item = text_new(EVENT_BODY_BYTES_MAX);
    const char *at = *s + strspn(*s, "; ");
    size_t n = 0;

    for (; *at && *at != ';'; at++) {
        bool kept = is_escape(at);

        at += kept;
        text_char(&item, *at);
        if (kept || *at != ' ')
            n = item.n;
    }
    if (n && !item.bad)
        json_string_n(j, item.p, n);
    j->to->bad |= item.bad;
    text_free(&item);
    *s = at;
}

static void list_put(struct json_out *j, const char *s)
{
    json_array(j);
    while (*s)
        item_put(j, &s);
    json_array_end(j);
}

static const char *cell_of(const struct columns *c, const char *const *cells, const char *name)
{
    for (size_t i = 0; i < c->n; i++)
        if (!strcmp(c->of[i]->name, name))
            return cells[i];
    return NULL;
}

static bool is_said(const struct columns *c, const char *const *cells, const char *name)
{
    const char *s = cell_of(c, cells, name);

    return s && *s;
}

/* A row of a source's own table, not of one that was written here. */
static bool is_of_source(const struct columns *c, const char *const *cells)
{
    const char *stance = cell_of(c, cells, "stance");

    return stance && (!strcmp(stance, "claim") || !strcmp(stance, "denial"));
}

/* "same page" is that of the row before, *page: by itself a record would name no source. */
static bool page_again(const struct columns *c, const char **cells, const char **page,
                       struct err *err)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(c->of[i]->name, "reported_by") != 0)
            continue;
        if (is_of_source(c, cells) && !strcmp(cells[i], "same page")) {
            if (!*page || !**page)
                return err_fail(err, ERR_INPUT,
                                "reported_by: \"same page\", and the row before names none");
            cells[i] = *page;
        }
        *page = cells[i];
    }
    return true;
}

/* "A record year": a source that has the word "claim" for it, and no figure of a total. */
static bool is_comparison(const struct columns *c, const char *const *cells)
{
    const char *stance = cell_of(c, cells, "stance"), *subject = cell_of(c, cells, "subject");

    return stance && !strcmp(stance, "claim") && subject && !strcmp(subject, "total") &&
           !is_said(c, cells, "measure") && !is_said(c, cells, "amount_usd_low") &&
           !is_said(c, cells, "amount_usd_high") && !is_said(c, cells, "share_low") &&
           !is_said(c, cells, "share_high");
}

/* The row as the JSON that a person would have written. */
static void row_put(struct json_out *j, const struct columns *c, const char *const *cells)
{
    json_object(j);
    for (size_t i = 0; i < c->n; i++) {
        const char *s = cells[i];

        if (!*s)
            continue;
        json_key(j, c->of[i]->name);
        if (record_field_is_list(c->of[i]))
            list_put(j, s);
        else
            json_string(
                j, strcmp(c->of[i]->name, "stance") ? s : stance_of(s, cell_of(c, cells, "notes")));
    }
    if (is_comparison(c, cells))
        json_put_string(j, "measure", "comparison");
    json_object_end(j);
}

static bool cells_of(struct arena *a, const struct csv_field *fields, size_t n, const char **ret,
                     struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        char *cell = arena_alloc(a, fields[i].n + 1);
        size_t cell_n;

        if (!cell)
            return arena_fail(a, err, "a table");
        cell_n = csv_text(&fields[i], cell);
        cell[cell_n] = '\0';
        if (memchr(cell, '\0', cell_n) || !utf8_valid(cell, cell_n))
            return err_fail(err, ERR_INPUT, "no UTF-8, or a NUL");
        ret[i] = csv_meant(cell);
    }
    return true;
}

static bool row_make(struct arena *a, const struct columns *c, const struct hash32 *group,
                     const struct csv_field *fields, const char **page, struct record *ret,
                     struct err *err)
{
    const char *cells[RECORD_FIELDS_MAX];
    struct text to = text_new(EVENT_BODY_BYTES_MAX);
    struct json_out j = json_to(&to, false);
    bool ok = cells_of(a, fields, c->n, cells, err) && page_again(c, cells, page, err);

    if (ok) {
        row_put(&j, c, cells);
        ok = text_end(&to, err) &&
             record_make(a, c->k, group, (struct bytes){(const uint8_t *)to.p, to.n}, ret, err);
    }
    text_free(&to);
    return ok;
}

/* There are no more rows than line ends, and one. */
static size_t rows_most(struct bytes in)
{
    size_t n = 1;

    for (size_t i = 0; i < in.n; i++)
        n += in.p[i] == '\n';
    return n < RECORD_ROWS_MAX ? n : RECORD_ROWS_MAX;
}

bool record_csv(struct arena *a, const struct record_kind *k, const struct hash32 *group,
                struct bytes in, struct record **ret, size_t *ret_n, struct err *err)
{
    struct csv c = csv_over(in, ',');
    struct columns columns = {.k = k};
    struct record *rows = ARENA_ARRAY(a, struct record, rows_most(in));
    const char *page = NULL;
    size_t n = 0;

    if (!rows)
        return arena_fail(a, err, "a table");
    if (!header_read(&c, &columns, err))
        return false;
    for (;;) {
        struct csv_field fields[RECORD_FIELDS_MAX];
        size_t fields_n;
        bool end;

        if (!csv_next(&c, fields, RECORD_FIELDS_MAX, &fields_n, &end, err))
            return false;
        if (end)
            break;
        if (fields_n == 1 && !fields[0].n)
            continue; /* an empty line */
        if (fields_n != columns.n)
            return err_fail(err, ERR_INPUT, "line %zu: %zu fields, and %zu columns", c.line,
                            fields_n, columns.n);
        if (n == RECORD_ROWS_MAX)
            return err_fail(err, ERR_LIMIT, "more than %d rows", RECORD_ROWS_MAX);
        if (!row_make(a, &columns, group, fields, &page, &rows[n++], err))
            return err_in(err, "line %zu", c.line);
    }
    *ret = rows;
    *ret_n = n;
    return true;
}
