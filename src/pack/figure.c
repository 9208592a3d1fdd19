/* A figure of a pack by itself, with each object that it is counted from: what the query beside it
 * answers. */
#include "pack/pack.h"

static const char *how_name(enum pack_how how)
{
    switch (how) {
    case PACK_SAID:
        return "said";
    case PACK_COUNT:
        return "count";
    case PACK_STATED:
        return "stated";
    case PACK_SUM:
        return "sum";
    case PACK_MEDIAN:
        return "median";
    case PACK_P95:
        return "p95";
    case PACK_SHARE:
        return "share";
    case PACK_OF:
        return "of";
    case PACK_DAYS:
        return "days";
    case PACK_SINCE:
        return "since";
    case PACK_HOURS:
        return "hours";
    case PACK_NEWEST:
        return "newest";
    case PACK_HASH:
        break;
    }
    return "sha256";
}

static bool is_table(const char *s, size_t n)
{
    for (unsigned w = 0; w < PACK_CASES_REPORTED; w++)
        if (strlen(pack_word_id((enum pack_word)w)) == n &&
            !strncmp(pack_word_id((enum pack_word)w), s, n))
            return true;
    return false;
}

bool pack_figure_valid(const char *s)
{
    const char *row = strchr(s, '.'), *column = row ? strchr(row + 1, '.') : NULL;

    if (row)
        return column && column > row + 1 && column[1] && is_table(s, (size_t)(row - s));
    for (unsigned w = PACK_CASES_REPORTED; w <= PACK_VERSION; w++)
        if (!strcmp(pack_word_id((enum pack_word)w), s))
            return true;
    return false;
}

const char *pack_column_id(const struct pack_table *t, size_t column)
{
    return t->column_texts[column] ? t->column_texts[column] : pack_word_id(t->columns[column]);
}

void pack_figure_name(struct text *to, const struct pack_table *t, const struct pack_row *r,
                      size_t column)
{
    text_printf(to, "%s.%s.%s", pack_word_id(t->title), r->name, pack_column_id(t, column));
}

void pack_figure_text(struct text *to, const struct pack *p)
{
    text_printf(to, "%s: %s (%s)\n", p->options.figure, p->asked.value, how_name(p->asked.how));
    for (const struct pack_object *o = p->asked.behind; o; o = o->next)
        text_printf(to, "  %s%s%s%s%s\n", o->name, o->value ? "  " : "", o->value ? o->value : "",
                    o->whole ? " of " : "", o->whole ? o->whole : "");
}

void pack_figure_json(struct text *to, const struct pack *p)
{
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.pack-figure/1");
    json_put_string(&j, "group", p->group_name);
    json_put_string(&j, "quarter", p->quarter);
    json_put_string(&j, "reader", pack_reader_name(p->options.reader));
    json_put_string(&j, "audience", p->options.audience);
    json_put_hex(&j, "content_sha256", p->content.b, sizeof(p->content.b));
    json_put_string(&j, "figure", p->options.figure);
    json_put_string(&j, "value", p->asked.value);
    json_put_string(&j, "how", how_name(p->asked.how));
    json_put_number(&j, "decimals", p->asked.decimals);
    json_key(&j, "objects");
    json_array(&j);
    for (const struct pack_object *o = p->asked.behind; o; o = o->next) {
        json_object(&j);
        json_put_string(&j, "object", o->name);
        json_put_string(&j, "value", o->value);
        json_put_string(&j, "whole", o->whole);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
}

void pack_figure_csv(struct text *to, const struct pack *p)
{
    text_str(to, "object,value,whole\n");
    for (const struct pack_object *o = p->asked.behind; o; o = o->next)
        text_printf(to, "%s,%s,%s\n", o->name, o->value ? o->value : "", o->whole ? o->whole : "");
}
