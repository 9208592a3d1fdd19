/* Tables of tags. Which column says what is known by the header as a whole, by the columns' names,
 * or by a map. */
#include "base/csv.h"
#include "entity/tag_build.h"

#include <strings.h>

#define COLUMNS_MAX 64

static const char *const keys[TAG_FIELDS] = {
    [TAG_FIELD_ADDRESS] = "address", [TAG_FIELD_NETWORK] = "network",
    [TAG_FIELD_LABEL] = "label",     [TAG_FIELD_CATEGORY] = "category",
    [TAG_FIELD_ABUSE] = "abuse",     [TAG_FIELD_ACTOR] = "actor",
    [TAG_FIELD_SOURCE] = "source",   [TAG_FIELD_CONFIDENCE] = "confidence",
    [TAG_FIELD_LASTMOD] = "lastmod", [TAG_FIELD_CLUSTER] = "cluster_definer",
};

/* Without a map: the first column of the header that is there. */
static const char *const names[TAG_FIELDS] = {
    [TAG_FIELD_ADDRESS] = " address wallet_address wallet account banned_address ",
    [TAG_FIELD_NETWORK] = " network chain blockchain currency ",
    [TAG_FIELD_LABEL] = " label name name_tag tag wallet_tag entity ",
    [TAG_FIELD_CATEGORY] = " category kind type concept concepts labels ",
    [TAG_FIELD_ABUSE] = " abuse ",
    [TAG_FIELD_ACTOR] = " actor exchange ",
    [TAG_FIELD_SOURCE] = " source url source_url source_file from_file data_source ",
    [TAG_FIELD_CONFIDENCE] = " confidence ",
    [TAG_FIELD_LASTMOD] = " lastmod date updated ",
    [TAG_FIELD_CLUSTER] = " cluster_definer is_cluster_definer ",
};

/* Published label sets whose columns' names mislead, by their header. */
static const struct {
    const char *header, *map;
} known[] = {
    {"address,label,name,tx_count", "address=address,category=label,label=name"},
    {"address,name,family,type,website,token_market_cap,token_num_holders,tx_count,balance",
     "address=address,label=name,category=family"},
    {"banned_address,wallet_tag,data_source",
     "address=banned_address,label=wallet_tag,category=data_source,source=data_source"},
    {"chain,address,exchange,source_file",
     "network=chain,address=address,actor=exchange,label=exchange,category:exchange,"
     "source=source_file"},
};

struct reader {
    struct tag_build *b;
    struct csv csv;
    struct csv_field fields[COLUMNS_MAX];
    size_t columns_n;
    size_t column[TAG_FIELDS]; /* CSV_NONE: none */
    const char *constant[TAG_FIELDS];
    struct err *err;
};

/* One record of CSV: KEY=COLUMN or KEY:VALUE. */
static bool map_item(struct reader *r, const struct csv_field *item)
{
    char text[TAG_TEXT_MAX + 1];
    size_t n, key_n;
    int field = 0;

    if (item->n > TAG_TEXT_MAX)
        return err_fail(r->err, ERR_USAGE, "map: more than %d bytes", TAG_TEXT_MAX);
    n = csv_text(item, text);
    text[n] = 0;
    key_n = strcspn(text, "=:");
    while (field < TAG_FIELDS &&
           (strlen(keys[field]) != key_n || strncmp(keys[field], text, key_n) != 0))
        field++;
    if (field == TAG_FIELDS || !text[key_n])
        return err_fail(r->err, ERR_USAGE,
                        "map: \"%.100s\": KEY=COLUMN or KEY:VALUE is wanted, with a key among "
                        "address, network, label, category, abuse, actor, source, confidence, "
                        "lastmod, cluster_definer",
                        text);
    if (text[key_n] == ':')
        return tag_build_text(r->b, 1, text + key_n + 1, n - key_n - 1, &r->constant[field],
                              r->err);
    r->column[field] = csv_column(r->fields, r->columns_n, text + key_n + 1);
    return r->column[field] != CSV_NONE ||
           err_fail(r->err, ERR_USAGE, "map: no column \"%.100s\"", text + key_n + 1);
}

static bool map_read(struct reader *r, const char *map)
{
    struct csv csv = csv_over((struct bytes){(const uint8_t *)map, strlen(map)}, ',');
    struct csv_field items[2 * TAG_FIELDS];
    size_t n;
    bool end;

    if (!csv_next(&csv, items, 2 * TAG_FIELDS, &n, &end, r->err))
        return err_in(r->err, "map");
    for (size_t i = 0; !end && i < n; i++)
        if (!map_item(r, &items[i]))
            return false;
    return true;
}

static bool header_is(const struct reader *r, const char *header)
{
    const char *p = header;

    for (size_t i = 0; i < r->columns_n; i++) {
        size_t n = strcspn(p, ",");

        if (r->fields[i].n != n || strncasecmp(r->fields[i].p, p, n) != 0)
            return false;
        p += n + (p[n] == ',');
    }
    return !*p;
}

static bool is_among(const char *words, const struct csv_field *f)
{
    for (const char *at = words + 1; *at; at += strcspn(at, " ") + 1)
        if (f->n == strcspn(at, " ") && !strncasecmp(at, f->p, f->n))
            return true;
    return false;
}

/* Columns by their names; one serves one key. */
static void columns_find(struct reader *r)
{
    for (int f = 0; f < TAG_FIELDS; f++)
        for (size_t i = 0; i < r->columns_n; i++)
            if (r->column[f] == CSV_NONE && is_among(names[f], &r->fields[i]))
                r->column[f] = i;
}

static bool header_read(struct reader *r, const char *map)
{
    bool end;

    for (int f = 0; f < TAG_FIELDS; f++)
        r->column[f] = CSV_NONE;
    if (!csv_next(&r->csv, r->fields, COLUMNS_MAX, &r->columns_n, &end, r->err))
        return false;
    if (end)
        return err_fail(r->err, ERR_INPUT, "there is nothing in it");
    if (csv_column(r->fields, r->columns_n, "tlp") != CSV_NONE)
        return err_fail(r->err, ERR_INPUT,
                        "line 1: a table with markings (column \"tlp\") is read by "
                        "\"cordon indicators import\"");
    for (size_t i = 0; !*map && i < sizeof(known) / sizeof(known[0]); i++)
        if (header_is(r, known[i].header))
            map = known[i].map;
    if (*map) {
        if (!map_read(r, map))
            return false;
    } else {
        columns_find(r);
    }
    if (r->column[TAG_FIELD_ADDRESS] == CSV_NONE)
        return err_fail(r->err, ERR_INPUT,
                        "line 1: no column of addresses (a map tells: address=COLUMN)");
    return true;
}

static bool field_text(struct reader *r, size_t column, char *ret, size_t *ret_n)
{
    const struct csv_field *f = &r->fields[column];

    if (f->n > TAG_TEXT_MAX)
        return err_fail(r->err, ERR_INPUT, "line %zu: a text of more than %d bytes", r->csv.line,
                        TAG_TEXT_MAX);
    *ret_n = csv_text(f, ret);
    if (memchr(ret, 0, *ret_n))
        return err_fail(r->err, ERR_INPUT, "line %zu: a NUL in a text", r->csv.line);
    ret[*ret_n] = '\0';
    if (csv_meant(ret) != ret)
        memmove(ret, ret + 1, (*ret_n)--);
    return true;
}

static bool row_read(struct reader *r)
{
    struct tag_fields f = {0};
    char text[TAG_TEXT_MAX + 1];
    size_t n, line = r->csv.line;

    for (int i = TAG_FIELD_ADDRESS + 1; i < TAG_FIELDS; i++) {
        f.at[i] = r->constant[i];
        if (r->column[i] == CSV_NONE)
            continue;
        if (!field_text(r, r->column[i], text, &n) ||
            !tag_build_text(r->b, line, text, n, &f.at[i], r->err))
            return false;
    }
    return field_text(r, r->column[TAG_FIELD_ADDRESS], text, &n) &&
           tag_build_add(r->b, line, text, n, &f, r->err);
}

static bool rows_read(struct reader *r)
{
    size_t n;
    bool end;

    for (;;) {
        if (!csv_next(&r->csv, r->fields, COLUMNS_MAX, &n, &end, r->err))
            return false;
        if (end)
            return true;
        if (n == 1 && !r->fields[0].n && r->columns_n > 1) /* an empty line */
            continue;
        if (n != r->columns_n)
            return err_fail(r->err, ERR_INPUT, "line %zu: %zu field%s, %zu are wanted", r->csv.line,
                            n, n == 1 ? "" : "s", r->columns_n);
        if (!row_read(r))
            return false;
    }
}

bool tag_read_csv(struct arena *a, struct bytes in, const char *map, struct tag_pack *ret,
                  struct err *err)
{
    struct reader r = {.csv = csv_over(in, ','), .err = err};
    bool ok;

    /* Kinds of label sets are in everybody's words. */
    if (!tag_build_new(a, ret->name, load_le64(ret->sha256.b), true, &r.b, err))
        return false;
    ret->format = "csv";
    ok = header_read(&r, map) && rows_read(&r) && tag_build_end(r.b, NULL, ret, err);
    tag_build_free(r.b);
    return ok;
}
