/* A pack for machines: JSON (cordon.pack/1), and a table of all its figures and cells. */
#include "pack/advisory.h"

#include "base/csv.h"

/* Values of a list as they are written down, sentences in English. */
static const char *cell_text(const struct pack_cell *c)
{
    if (c->text)
        return c->text;
    return c->word > PACK_V_FIRST && c->word < PACK_V_LAST ? pack_word_id(c->word)
                                                           : pack_word(c->word, PACK_EN);
}

static void figures_json(struct json_out *j, const struct pack_section *s)
{
    json_key(j, "figures");
    json_array(j);
    for (const struct pack_figure *f = s->figures; f; f = f->next) {
        json_object(j);
        json_put_string(j, "id", pack_word_id(f->label));
        json_put_string(j, "value", f->value);
        json_put_string(j, "query", f->query);
        json_object_end(j);
    }
    json_array_end(j);
}

static bool has_figures(const struct pack_table *t, size_t column)
{
    for (const struct pack_row *r = t->rows; r; r = r->next) {
        const struct pack_cell *c = r->cells;

        for (size_t i = 0; i < column && c; i++)
            c = c->next;
        if (c && c->how != PACK_SAID)
            return true;
    }
    return false;
}

/* How each figure of a table is named in its query: TABLE.ROW.COLUMN. */
static void names_json(struct json_out *j, const struct pack_table *t)
{
    json_key(j, "figures");
    if (!t->figures) {
        json_null(j);
        return;
    }
    json_object(j);
    json_put_string(j, "query", t->figures);
    json_key(j, "columns");
    json_array(j);
    for (size_t i = 0; i < t->columns_n; i++)
        if (has_figures(t, i))
            json_string(j, pack_column_id(t, i));
    json_array_end(j);
    json_key(j, "rows");
    json_array(j);
    for (const struct pack_row *r = t->rows; r; r = r->next)
        json_string(j, r->name);
    json_array_end(j);
    json_object_end(j);
}

static void table_json(struct json_out *j, const struct pack_table *t)
{
    json_object(j);
    json_put_string(j, "id", pack_word_id(t->title));
    json_put_string(j, "query", t->query);
    names_json(j, t);
    json_key(j, "columns");
    json_array(j);
    for (size_t i = 0; i < t->columns_n; i++)
        json_string(j, pack_column_id(t, i));
    json_array_end(j);
    json_key(j, "rows");
    json_array(j);
    for (const struct pack_row *r = t->rows; r; r = r->next) {
        json_array(j);
        for (const struct pack_cell *c = r->cells; c; c = c->next)
            json_string(j, cell_text(c));
        json_array_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static bool is_zero(const struct hash32 *h)
{
    static const struct hash32 zero;

    return hash32_equal(h, &zero);
}

void pack_json(struct text *to, const struct pack *p)
{
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", p->title ? ADVISORY_SCHEMA : "cordon.pack/1");
    json_put_string(&j, p->title ? "producer" : "group", p->group_name);
    json_put_string(&j, p->title ? "title" : "quarter", p->title ? p->title : p->quarter);
    if (!p->title) {
        json_put_string(&j, "reader", pack_reader_name(p->options.reader));
        json_put_string(&j, "audience", p->options.audience);
    }
    json_put_string(&j, "marking", pack_marking(p->options.reader));
    if (!is_zero(&p->content)) {
        json_put_hex(&j, "content_sha256", p->content.b, sizeof(p->content.b));
        json_put_bool(&j, "draft", p->draft);
    }
    json_key(&j, "sections");
    json_array(&j);
    for (const struct pack_section *s = p->sections; s; s = s->next) {
        json_object(&j);
        json_put_string(&j, "id", pack_word_id(s->title));
        figures_json(&j, s);
        json_key(&j, "tables");
        json_array(&j);
        for (const struct pack_table *t = s->tables; t; t = t->next)
            table_json(&j, t);
        json_array_end(&j);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_key(&j, "sources");
    json_array(&j);
    for (size_t i = 0; i < p->sources_n; i++)
        json_string(&j, p->sources[i]);
    json_array_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
}

static void line_csv(struct text *to, const struct pack_section *s, const char *table, size_t row,
                     const char *name, const char *value)
{
    text_printf(to, "%s,%s,", pack_word_id(s->title), table);
    if (row)
        text_u64(to, row);
    text_printf(to, ",%s,", name);
    csv_put(to, value);
    text_char(to, ',');
}

static void table_csv(struct text *to, const struct pack_section *s, const struct pack_table *t)
{
    size_t row = 0;

    for (const struct pack_row *r = t->rows; r; r = r->next) {
        const struct pack_cell *c = r->cells;

        row++;
        for (size_t i = 0; i < t->columns_n && c; i++, c = c->next) {
            line_csv(to, s, pack_word_id(t->title), row, pack_column_id(t, i), cell_text(c));
            if (c->how != PACK_SAID)
                pack_figure_name(to, t, r, i);
            text_char(to, '\n');
        }
    }
}

void pack_csv(struct text *to, const struct pack *p)
{
    text_str(to, "section,table,row,name,value,figure\n");
    text_printf(to, "pack,,,marking,%s,\n", pack_marking(p->options.reader));
    if (p->draft)
        text_str(to, "pack,,,draft,yes,\n");
    for (const struct pack_section *s = p->sections; s; s = s->next) {
        for (const struct pack_figure *f = s->figures; f; f = f->next) {
            line_csv(to, s, "", 0, pack_word_id(f->label), f->value);
            text_printf(to, "%s\n", f->query ? pack_word_id(f->label) : "");
        }
        for (const struct pack_table *t = s->tables; t; t = t->next)
            table_csv(to, s, t);
    }
    for (size_t i = 0; i < p->sources_n; i++) {
        text_printf(to, "sources,,%zu,source,", i + 1);
        csv_put(to, p->sources[i]);
        text_str(to, ",\n");
    }
}
