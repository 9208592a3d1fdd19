#include "group/record_show.h"

#include "base/csv.h"

void record_put(struct json_out *j, const struct record_said *r)
{
    json_object(j);
    json_put_string(j, "object", r->of->object);
    json_put_string(j, "audience", r->of->audience);
    json_put_string(j, "owner", r->of->owner);
    json_put_string(j, "state", state_name(r->of->state));
    json_key(j, "fields");
    json_tree(j, r->record.of);
    json_object_end(j);
}

void register_put(struct json_out *j, const struct record_kind *k, const struct records *r,
                  uint64_t next)
{
    json_object(j);
    json_put_string(j, "schema", "cordon.register/1");
    json_put_string(j, "kind", k->name);
    json_put_number(j, "unread", r->unread);
    json_key(j, "records");
    json_array(j);
    for (size_t i = 0; i < r->n; i++)
        record_put(j, &r->at[i]);
    json_array_end(j);
    json_put_number_or_null(j, "next", next, UINT64_MAX);
    json_object_end(j);
}

/* ---- tables ---- */

/* A list's item: what would part it, or be cut off, has a backslash before it. */
static void item_put(struct text *to, const char *s)
{
    for (size_t i = 0, n = strlen(s); i < n; i++) {
        bool outer = s[i] == ' ' && (!i || i + 1 == n);

        if (s[i] == ';' || s[i] == '\\' || outer)
            text_char(to, '\\');
        text_char(to, s[i]);
    }
}

static void cell_put(struct text *to, const struct json *value)
{
    struct text all = text_new(EVENT_BODY_BYTES_MAX * 2);
    const char *s;

    if (value && value->type == JSON_ARRAY) {
        for (const struct json *item = value->child; item; item = item->next) {
            text_str(&all, item == value->child ? "" : ";");
            item_put(&all, item->text);
        }
    } else if (value) {
        text_str(&all, value->text);
    }
    s = text_string(&all);
    if (s)
        csv_put(to, s);
    to->bad |= all.bad;
    text_free(&all);
}

static void header_put(struct text *to, const struct record_kind *k)
{
    for (const struct record_field *f = k->fields; f->name; f++)
        text_printf(to, "%s%s", f == k->fields ? "" : ",", f->name);
    text_char(to, '\n');
}

static void row_put(struct text *to, const struct record *r)
{
    for (const struct record_field *f = r->kind->fields; f->name; f++) {
        if (f != r->kind->fields)
            text_char(to, ',');
        cell_put(to, json_get(r->of, f->name));
    }
    text_char(to, '\n');
}

void record_csv_put(struct text *to, const struct record *r)
{
    header_put(to, r->kind);
    row_put(to, r);
}

void register_csv_put(struct text *to, const struct record_kind *k, const struct records *r)
{
    header_put(to, k);
    for (size_t i = 0; i < r->n; i++)
        row_put(to, &r->at[i].record);
}

void clearance_put(struct json_out *j, const struct clearance *of)
{
    json_key(j, "clearance");
    if (!of->n) {
        json_null(j);
        return;
    }
    json_object(j);
    json_put_bool(j, "cleared", of->cleared);
    json_put_number_or_null(j, "silent_from_ms", of->silent_from_ms, CLEARANCE_NEVER_SILENT);
    json_key(j, "governments");
    json_array(j);
    for (size_t i = 0; i < of->n; i++) {
        json_object(j);
        json_put_string(j, "member", of->rows[i].member);
        json_put_string(j, "state", clearance_name(of->rows[i].state));
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static const char *place_name(enum claim_place place)
{
    switch (place) {
    case CLAIM_OF_YEAR:
        return "year";
    case CLAIM_WIDER:
        return "wider";
    case CLAIM_DENIAL:
        return "denial";
    case CLAIM_SAID_THEN:
        break;
    }
    return NULL;
}

void claims_year_put(struct json_out *j, unsigned year, const struct claim_row *rows, size_t n)
{
    json_object(j);
    json_put_string(j, "schema", "cordon.claims-year/1");
    json_put_number(j, "year", year);
    json_key(j, "claims");
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        json_object(j);
        json_put_string(j, "place", place_name(rows[i].place));
        json_put_string(j, "revised_by",
                        rows[i].revised_by ? rows[i].revised_by->of->object : NULL);
        json_key(j, "record");
        record_put(j, rows[i].said);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}
