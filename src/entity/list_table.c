#include "entity/list_table.h"

#include "base/csv.h"
#include "base/mem.h"
#include "chain/address_key.h"
#include "entity/list_layouts.h"

#include <stdio.h>
#include <strings.h>

#define SEPARATOR_BYTES ((size_t)4096) /* in which it is sought */
#define BINDINGS_MAX 128
#define HEADER_WITHIN 4 /* records: a banner with the day may stand before the header */
#define PARTS_MAX 16    /* columns that make one text */
#define ADDRESS_CHARACTERS_MIN 24
#define MATCH_PERCENT 40 /* of a layout's columns must be in a header */

enum field {
    FIELD_ID,
    FIELD_NAME,
    FIELD_NAME_PART,
    FIELD_NAME_TYPE,
    FIELD_NAME_LANGUAGE,
    FIELD_QUALITY,
    FIELD_ALIAS,
    FIELD_WEAK_ALIAS,
    FIELD_FORMER,
    FIELD_SCRIPT_NAME,
    FIELD_LANGUAGE,
    FIELD_KIND,
    FIELD_BIRTH,
    FIELD_BIRTH_YEAR,
    FIELD_PLACE,
    FIELD_NATIONALITY,
    FIELD_ADDRESS,
    FIELD_PASSPORT,
    FIELD_NATIONAL_ID,
    FIELD_TAX_ID,
    FIELD_REGISTRATION,
    FIELD_IMO,
    FIELD_MMSI,
    FIELD_BANK_ID,
    FIELD_LEI,
    FIELD_EMAIL,
    FIELD_PHONE,
    FIELD_WEBSITE,
    FIELD_ID_NUMBER,
    FIELD_ID_TYPE,
    FIELD_ID_COUNTRY,
    FIELD_CRYPTO,
    FIELD_TICKER,
    FIELD_PROGRAMME,
    FIELD_REFERENCE,
    FIELD_LISTED,
    FIELD_REMARKS,
    FIELD_URL,
    FIELD_DETAIL,
    FIELD_BLOCK,
    FIELD_LIST,
    FIELD_AS_OF,
    FIELDS_N
};

static const char *const field_names[FIELDS_N] = {
    "id",          "name",       "name_part",    "name_type",   "name_language", "quality",
    "alias",       "weak_alias", "former",       "script_name", "language",      "kind",
    "birth",       "birth_year", "place",        "nationality", "address",       "passport",
    "national_id", "tax_id",     "registration", "imo",         "mmsi",          "bank_id",
    "lei",         "email",      "phone",        "website",     "id_number",     "id_type",
    "id_country",  "crypto",     "ticker",       "programme",   "reference",     "listed",
    "remarks",     "url",        "detail",       "block",       "list",          "as_of",
};

static const struct {
    enum field field;
    enum list_id_kind kind;
    const char *type;
} id_rows[] = {
    {FIELD_PASSPORT, LIST_ID_PASSPORT, "Passport"},
    {FIELD_NATIONAL_ID, LIST_ID_NATIONAL, "National identification"},
    {FIELD_TAX_ID, LIST_ID_TAX, "Tax number"},
    {FIELD_REGISTRATION, LIST_ID_REGISTRATION, "Registration number"},
    {FIELD_IMO, LIST_ID_IMO, "IMO number"},
    {FIELD_MMSI, LIST_ID_MMSI, "MMSI"},
    {FIELD_BANK_ID, LIST_ID_BANK, "SWIFT/BIC"},
    {FIELD_LEI, LIST_ID_LEI, "Legal entity identifier"},
    {FIELD_EMAIL, LIST_ID_EMAIL, "Email address"},
    {FIELD_PHONE, LIST_ID_PHONE, "Phone number"},
    {FIELD_WEBSITE, LIST_ID_WEBSITE, "Website"},
};

struct binding {
    enum field field;
    size_t column;    /* CSV_NONE: fixed */
    const char *name; /* of the column, for details */
    const char *text; /* of the row at hand, or fixed */
};

struct table {
    struct list_maker *m;
    struct binding at[BINDINGS_MAX];
    size_t n, columns; /* columns: of the header */
    char separator;
    const char *split, *null, *block;
    struct text plain;
};

static bool bind(struct table *t, enum field field, size_t column, const char *name,
                 const char *text)
{
    if (t->n == BINDINGS_MAX)
        return list_make_fail(t->m, ERR_LIMIT, "more than %d columns are mapped", BINDINGS_MAX);
    t->at[t->n++] = (struct binding){field, column, name, text ? text : ""};
    return true;
}

static bool field_of(const char *p, size_t n, enum field *ret)
{
    for (unsigned i = 0; i < FIELDS_N; i++)
        if (strlen(field_names[i]) == n && !memcmp(field_names[i], p, n)) {
            *ret = (enum field)i;
            return true;
        }
    return false;
}

/* The text of a field as a fact's; what stands for nothing is "". */
static const char *text_of(struct table *t, const struct csv_field *f)
{
    const char *text;

    if (!f->doubled) {
        text = list_make_text(t->m, f->p, f->n);
    } else {
        t->plain.n = 0;
        for (size_t i = 0; i < f->n; i++) {
            text_char(&t->plain, f->p[i]);
            i += f->p[i] == '"';
        }
        if (t->plain.bad) {
            list_make_fail(t->m, ERR_NOMEM, "a list");
            return "";
        }
        text = list_make_text(t->m, t->plain.p, t->plain.n);
    }
    return t->null && !strcmp(text, t->null) ? "" : text;
}

/* ---- which column is what ---- */

static size_t column_of(struct table *t, const struct csv_field *header, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!strcasecmp(text_of(t, &header[i]), name))
            return i;
    return CSV_NONE;
}

/* Does this record head a table of that layout? If so its columns are bound. */
static bool layout_bind(struct table *t, const struct list_layout *layout,
                        const struct csv_field *header, size_t n)
{
    size_t wanted = 0, found = 0;
    bool id = true;

    t->n = 0;
    t->null = NULL;
    for (const struct list_column *c = layout->columns; c->field; c++) {
        size_t column = column_of(t, header, n, c->column);
        enum field field;

        wanted++;
        if (!field_of(c->field, strlen(c->field), &field))
            return false;
        id = id && (column != CSV_NONE || field != FIELD_ID);
        if (column == CSV_NONE)
            continue;
        found++;
        if (!bind(t, field, column, c->column, NULL))
            return false;
    }
    if (!id || found * 100 < wanted * MATCH_PERCENT)
        return false;
    t->split = layout->split;
    t->null = layout->null;
    t->m->list.name = layout->list;
    t->m->list.format = layout->format;
    return true;
}

static bool map_value(struct table *t, const char *name, size_t name_n, const char *value)
{
    enum field field;

    if (name_n == 9 && !memcmp(name, "separator", 9)) {
        t->separator = !strcmp(value, "tab") ? '\t' : *value;
        return *value ? true : list_make_fail(t->m, ERR_USAGE, "separator: is empty");
    }
    if (name_n == 5 && !memcmp(name, "split", 5)) {
        t->split = value;
        return true;
    }
    if (name_n == 4 && !memcmp(name, "null", 4)) {
        t->null = value;
        return true;
    }
    if (!field_of(name, name_n, &field))
        return list_make_fail(t->m, ERR_USAGE, "map: no field is called \"%.*s\"",
                              (int)(name_n < 40 ? name_n : 40), name);
    return bind(t, field, CSV_NONE, "", value);
}

/* A part of the map, FIELD=COLUMN or FIELD:VALUE; with header only the columns, without it the
 * values. */
static bool map_part(struct table *t, const char *part, const struct csv_field *header, size_t n)
{
    size_t name_n = strcspn(part, "=:"), column;
    enum field field;

    if (!part[name_n])
        return list_make_fail(t->m, ERR_USAGE,
                              "map: \"%.60s\" is neither FIELD=COLUMN nor "
                              "FIELD:VALUE",
                              part);
    if (part[name_n] == ':')
        return header || map_value(t, part, name_n, part + name_n + 1);
    if (!header)
        return true;
    if (!field_of(part, name_n, &field))
        return list_make_fail(t->m, ERR_USAGE, "map: no field is called \"%.*s\"",
                              (int)(name_n < 40 ? name_n : 40), part);
    column = column_of(t, header, n, part + name_n + 1);
    if (column == CSV_NONE)
        return list_make_fail(t->m, ERR_USAGE, "map: no column is called \"%.60s\"",
                              part + name_n + 1);
    return bind(t, field, column, part + name_n + 1, NULL);
}

static bool map_read(struct table *t, const char *map, const struct csv_field *header, size_t n)
{
    struct csv c = csv_over((struct bytes){(const uint8_t *)map, strlen(map)}, ',');
    struct csv_field parts[BINDINGS_MAX];
    const char *null = t->null;
    size_t parts_n;
    bool end;

    if (strlen(map) > LIST_MAP_BYTES_MAX)
        return list_make_fail(t->m, ERR_LIMIT, "map: more than %d bytes", LIST_MAP_BYTES_MAX);
    if (!csv_next(&c, parts, BINDINGS_MAX, &parts_n, &end, t->m->err)) {
        t->m->bad = true;
        return err_in(t->m->err, "map");
    }
    for (size_t i = 0; !end && i < parts_n; i++) {
        const char *text;

        t->null = NULL; /* of the table, not of the map */
        text = text_of(t, &parts[i]);
        t->null = null;
        if (!map_part(t, text, header, n))
            return false;
        null = t->null;
    }
    return !t->m->bad;
}

/* ---- rows ---- */

static const char *first_of(const struct table *t, enum field field)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->at[i].field == field && *t->at[i].text)
            return t->at[i].text;
    return "";
}

static const char *joined(struct table *t, enum field field, const char *between)
{
    const char *parts[PARTS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < t->n && n < PARTS_MAX; i++)
        if (t->at[i].field == field)
            parts[n++] = t->at[i].text;
    return list_make_join(t->m, parts, n, between);
}

/* Where the next value of a text ends: at a sign of split outside of brackets, also at its wide
 * form. *ret_sign: bytes of that sign. */
static const char *value_end(const struct table *t, const char *at, size_t *ret_sign)
{
    unsigned depth = 0;

    for (; *at; at++) {
        bool wide = !strncmp(at, "；", 3);

        if (*at == '(' || !strncmp(at, "（", 3))
            depth++;
        else if ((*at == ')' || !strncmp(at, "）", 3)) && depth)
            depth--;
        else if (t->split && !depth && (strchr(t->split, *at) || (wide && strchr(t->split, ';')))) {
            *ret_sign = wide ? 3 : 1;
            return at;
        }
    }
    *ret_sign = 0;
    return at;
}

typedef void value_add(struct table *t, const char *text, const void *with);

static void values(struct table *t, enum field field, value_add *add, const void *with)
{
    for (size_t i = 0; i < t->n; i++) {
        if (t->at[i].field != field)
            continue;
        for (const char *at = t->at[i].text; *at;) {
            size_t sign;
            const char *end = value_end(t, at, &sign);

            add(t, list_make_text(t->m, at, (size_t)(end - at)), with);
            at = end + sign;
        }
    }
}

static void add_name(struct table *t, const char *text, const void *with)
{
    struct list_name name = *(const struct list_name *)with;

    name.text = text;
    list_make_alias(t->m, name);
}

static void add_birth(struct table *t, const char *text, const void *with)
{
    list_make_birth(t->m, text);
}

static void add_nationality(struct table *t, const char *text, const void *with)
{
    list_make_nationality(t->m, text);
}

static void add_programme(struct table *t, const char *text, const void *with)
{
    list_make_programme(t->m, text);
}

static void add_id(struct table *t, const char *text, const void *with)
{
    struct list_id id = *(const struct list_id *)with;

    id.number = text;
    list_make_id(t->m, id);
}

/* Of a chain that has no keys here: long, letters and digits, not digits alone. */
static bool looks_like_address(const char *p, size_t n)
{
    size_t digits = 0, letters = 0;

    for (size_t i = 0; i < n; i++) {
        digits += p[i] >= '0' && p[i] <= '9';
        letters += (p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z');
    }
    return n >= ADDRESS_CHARACTERS_MIN && letters && digits + letters == n;
}

/* An address, and perhaps a tag in brackets behind it. Seizure orders name accounts by telephone
 * numbers, too: what is no address is a number. */
static void add_crypto(struct table *t, const char *text, const void *with)
{
    size_t n = strcspn(text, " (*");
    struct address_key key;
    struct err ignored;

    if (n && ((address_key_read(text, n, NULL, &key, &ignored) && key.space != SPACE_OTHER) ||
              looks_like_address(text, n))) {
        list_make_crypto(t->m, with, list_make_text(t->m, text, n));
        list_make_detail(t->m, "Address", text[n] ? text : "");
    } else {
        add_id(t, text, &(struct list_id){LIST_ID_OTHER, "Account", "", "", ""});
    }
}

static void names_add(struct table *t, const char *name)
{
    const char *type = first_of(t, FIELD_NAME_TYPE), *quality = first_of(t, FIELD_QUALITY);
    struct list_name primary = {.text = name,
                                .family = "",
                                .given = "",
                                .type = "",
                                .language = first_of(t, FIELD_NAME_LANGUAGE)};
    struct list_name alias = {.family = "", .given = "", .type = "a.k.a.", .language = ""};

    primary.quality =
        !strncasecmp(quality, "low", 3) || !strcasecmp(quality, "false") ? LIST_WEAK : LIST_STRONG;
    if (!*type || !strcasecmp(type, "primary name")) {
        list_make_name(t->m, primary);
    } else {
        primary.type = type;
        list_make_alias(t->m, primary);
    }
    values(t, FIELD_ALIAS, add_name, &alias);
    alias.type = "f.k.a.";
    values(t, FIELD_FORMER, add_name, &alias);
    alias.type = "a.k.a.";
    alias.quality = LIST_WEAK;
    values(t, FIELD_WEAK_ALIAS, add_name, &alias);
    alias.quality = LIST_STRONG;
    alias.type = "original script";
    alias.language = first_of(t, FIELD_LANGUAGE);
    values(t, FIELD_SCRIPT_NAME, add_name, &alias);
}

static void facts_add(struct table *t)
{
    struct list_maker *m = t->m;
    const char *address = joined(t, FIELD_ADDRESS, ", "), *country = "";

    values(t, FIELD_BIRTH, add_birth, NULL);
    if (!*first_of(t, FIELD_BIRTH))
        values(t, FIELD_BIRTH_YEAR, add_birth, NULL);
    list_make_place(m, joined(t, FIELD_PLACE, ", "));
    values(t, FIELD_NATIONALITY, add_nationality, NULL);
    for (size_t i = 0; i < sizeof(id_rows) / sizeof(id_rows[0]); i++)
        values(t, id_rows[i].field, add_id,
               &(struct list_id){id_rows[i].kind, id_rows[i].type, "", "", ""});
    list_make_id(m, (struct list_id){.type = first_of(t, FIELD_ID_TYPE),
                                     .number = first_of(t, FIELD_ID_NUMBER),
                                     .country = first_of(t, FIELD_ID_COUNTRY),
                                     .note = ""});
    values(t, FIELD_CRYPTO, add_crypto, first_of(t, FIELD_TICKER));
    for (size_t i = 0, n = 0; i < t->n; i++) /* the country is the last of several columns */
        if (t->at[i].field == FIELD_ADDRESS && n++)
            country = t->at[i].text;
    list_make_address(m, address, country);
    values(t, FIELD_PROGRAMME, add_programme, NULL);
    for (size_t i = 0; i < t->n; i++)
        if (t->at[i].field == FIELD_DETAIL)
            list_make_detail(m, t->at[i].name, t->at[i].text);
}

/* "18/26" alone in its row: what follows belongs to it. */
static bool block_begins(struct table *t, const struct csv_field *fields, size_t n)
{
    const char *block = first_of(t, FIELD_BLOCK);
    size_t filled = 0;

    for (size_t i = 0; i < n; i++)
        filled += *text_of(t, &fields[i]) != 0;
    if (!strpbrk(block, "0123456789") || filled != 1)
        return false;
    t->block = block;
    return true;
}

static const char *id_of(struct table *t, const char *name)
{
    const char *own[PARTS_MAX], *parts[] = {t->block ? t->block : "", name};
    size_t n = 0;

    for (size_t i = 0; i < t->n && n < PARTS_MAX; i++)
        if (t->at[i].field == FIELD_ID)
            own[n++] = *t->at[i].text ? t->at[i].text : name;
    if (n)
        parts[1] = list_make_join(t->m, own, n, "/");

    if (t->block && !*parts[1])
        parts[1] = first_of(t, FIELD_NATIONAL_ID);
    return list_make_join(t->m, parts, 2, "/");
}

static bool row_read(struct table *t, const struct csv_field *fields, size_t n)
{
    struct list_maker *m = t->m;
    const char *name, *id, *day;
    struct list_entry *e;
    bool empty = true;

    for (size_t i = 0; i < t->n; i++)
        if (t->at[i].column != CSV_NONE) {
            t->at[i].text = t->at[i].column < n ? text_of(t, &fields[t->at[i].column]) : "";
            empty = empty && !*t->at[i].text;
        }
    if (empty || block_begins(t, fields, n))
        return !m->bad;
    name = first_of(t, FIELD_NAME);
    if (!*name)
        name = joined(t, FIELD_NAME_PART, " ");
    id = id_of(t, name);
    if (!m->bad && !*id)
        return list_make_fail(m, ERR_INPUT, "a row without an id and without a name");
    e = list_make_entry(m, id);
    e->kind = list_kind_of(first_of(t, FIELD_KIND));
    e->reference = first_of(t, FIELD_REFERENCE);
    if (t->block && !*e->reference)
        e->reference = t->block;
    e->remarks = first_of(t, FIELD_REMARKS);
    e->url = first_of(t, FIELD_URL);
    day = first_of(t, FIELD_LISTED);
    if (!list_day_read(day, strcspn(day, " "), false, &e->listed_on))
        list_day_read(day, strlen(day), false, &e->listed_on);
    names_add(t, !*name && t->block ? t->block : name);
    facts_add(t);
    day = first_of(t, FIELD_AS_OF);
    if (!m->list.as_of.year)
        list_day_read(day, strlen(day), false, &m->list.as_of);
    return !m->bad;
}

/* ---- the table ---- */

/* "Report Date: 13-Feb-2026", "Last Updated,03/06/2026" */
static void banner_read(struct table *t, const struct csv_field *fields, size_t n)
{
    for (size_t i = 0; i < n && !t->m->list.as_of.year; i++) {
        const char *text = text_of(t, &fields[i]), *colon = strstr(text, ": ");

        text = colon ? colon + 2 : text;
        list_day_read(text, strlen(text), false, &t->m->list.as_of);
        if (!t->m->list.as_of.day)
            t->m->list.as_of = (struct list_day){0, 0, 0};
    }
}

static bool header_find(struct table *t, struct csv *c, const char *map, struct csv_field *fields,
                        bool *ret_known)
{
    struct err ignored;
    size_t n;
    bool end;

    *ret_known = false;
    for (size_t i = 0; i < HEADER_WITHIN; i++) {
        if (!csv_next(c, fields, LIST_COLUMNS_MAX, &n, &end, &ignored) || end)
            return true; /* no table: the caller says so */
        t->columns = n;
        if (map) {
            *ret_known = true;
            return map_read(t, map, fields, n);
        }
        for (const struct list_layout *l = list_layouts; l->format && !*ret_known; l++)
            *ret_known = layout_bind(t, l, fields, n);
        if (*ret_known || t->m->bad)
            return !t->m->bad;
        banner_read(t, fields, n);
    }
    return !t->m->bad;
}

/* A list of its own for each regulation: "eu-32017r1509". */
static void list_name_settle(struct table *t)
{
    const char *own = first_of(t, FIELD_LIST);
    char name[41];
    int n;

    if (!*own)
        return;
    n = snprintf(name, sizeof(name), "%.19s%s%.20s", t->m->list.name, *t->m->list.name ? "-" : "",
                 own);
    for (int i = 0; i < n; i++)
        name[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 0x20 : name[i]);
    t->m->list.name = list_make_text(t->m, name, (size_t)n);
}

static bool rows_read(struct table *t, struct csv *c, struct csv_field *fields)
{
    struct list_maker *m = t->m;
    size_t n;
    bool end;

    for (;;) {
        if (!csv_next(c, fields, LIST_COLUMNS_MAX, &n, &end, m->err)) {
            m->bad = true;
            return false;
        }
        if (end)
            break;
        while (n > t->columns && !fields[n - 1].n) /* separators at the end */
            n--;
        if (n > t->columns)
            return list_make_fail(m, ERR_INPUT, "line %zu: %zu fields, where the header has %zu",
                                  c->line, n, t->columns);
        if (!row_read(t, fields, n))
            return err_in(m->err, "line %zu", c->line);
    }
    list_name_settle(t);
    return !m->bad;
}

bool list_table_read(struct list_maker *m, struct bytes in, const char *map, bool *ret_known)
{
    struct table t = {.m = m, .plain = text_new(CSV_RECORD_BYTES_MAX)};
    struct csv_field *fields = mem_array(LIST_COLUMNS_MAX, sizeof(*fields));
    struct csv c;
    bool good = true;

    *ret_known = false;
    map = map && *map ? map : NULL;
    if (!fields)
        return list_make_fail(m, ERR_NOMEM, "a list");
    t.separator =
        csv_separator((struct bytes){in.p, in.n < SEPARATOR_BYTES ? in.n : SEPARATOR_BYTES});
    if (map) {
        m->list.name = "";
        m->list.format = "csv";
        good = map_read(&t, map, NULL, 0);
    }
    c = csv_over(in, t.separator);
    good = good && header_find(&t, &c, map, fields, ret_known);
    if (good && *ret_known) {
        if (!utf8_valid((const char *)in.p, in.n))
            good = list_make_fail(m, ERR_INPUT, "not UTF-8");
        else if (in.n && in.p[in.n - 1] != '\n' && !map)
            list_make_note(m, "it does not end with a line's end: whether it is whole cannot be "
                              "told");
        good = good && rows_read(&t, &c, fields);
    }
    text_free(&t.plain);
    mem_free(fields);
    return good && !m->bad;
}
