/* The agenda of the next meeting: a line for each matter of a pack that is open, in the language of
 * those who meet. What is to be decided comes first, then actions, reports and commitments. */
#include "pack/pack.h"

static const struct pack_cell *cell_at(const struct pack_table *t, const struct pack_row *r,
                                       enum pack_word column)
{
    const struct pack_cell *c = r->cells;

    for (size_t i = 0; i < t->columns_n && c; i++, c = c->next)
        if (t->columns[i] == column)
            return c;
    return NULL;
}

static const char *said(const struct pack_cell *c, enum pack_language l)
{
    return !c ? "" : c->text ? c->text : pack_word(c->word, l);
}

static const struct pack_table *table_of(const struct pack *p, enum pack_word title)
{
    for (const struct pack_section *s = p->sections; s; s = s->next)
        for (const struct pack_table *t = s->tables; t; t = t->next)
            if (t->title == title)
                return t;
    return NULL;
}

/* A late action is among what is to be decided. */
static bool is_asked(const struct pack *p, const char *id)
{
    const struct pack_table *t = table_of(p, PACK_DECISIONS);

    for (const struct pack_row *r = t ? t->rows : NULL; r; r = r->next)
        if (!strcmp(said(cell_at(t, r, PACK_C_ID), PACK_EN), id))
            return true;
    return false;
}

static bool is_open(const struct pack *p, const struct pack_table *t, const struct pack_row *r)
{
    const struct pack_cell *reported = cell_at(t, r, PACK_C_REPORTED_ON),
                           *progress = cell_at(t, r, PACK_C_PROGRESS);

    if (t->title == PACK_ACTIONS_OPEN)
        return !is_asked(p, said(cell_at(t, r, PACK_C_ID), PACK_EN));
    if (t->title == PACK_REPORTS)
        return reported && !reported->text;
    if (t->title == PACK_COMMITMENTS)
        return progress && !progress->text &&
               (progress->word == PACK_V_ANNOUNCED || progress->word == PACK_V_UNDER_WAY);
    return true;
}

/* "what: text (who, when)", without what is not said. */
static void line_put(struct text *to, enum pack_language l, const char *what, const char *text,
                     const char *who, const char *when)
{
    bool wide = l == PACK_JA;

    text_printf(to, "%s%s%s", what, wide ? "\uff1a" : ": ", *text ? text : "-");
    if (*who || *when)
        text_printf(to, "%s%s%s%s%s", wide ? "\uff08" : " (", who,
                    *who && *when ? wide ? "\u3001" : ", " : "", when, wide ? "\uff09" : ")");
    text_char(to, '\n');
}

static const struct {
    enum pack_word title, text, who, when; /* columns; PACK_WORDS_N: none */
} parts[] = {
    {PACK_DECISIONS, PACK_C_TEXT, PACK_C_WHOSE, PACK_C_DATE},
    {PACK_ACTIONS_OPEN, PACK_C_TEXT, PACK_C_OWNER, PACK_C_DUE},
    {PACK_REPORTS, PACK_C_INSTRUMENT, PACK_C_OWNER, PACK_C_REPORTED_ON},
    {PACK_COMMITMENTS, PACK_C_TEXT, PACK_C_PROGRESS, PACK_WORDS_N},
};

void pack_agenda(struct text *to, const struct pack *p, enum pack_language l)
{
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const struct pack_table *t = table_of(p, parts[i].title);

        for (const struct pack_row *r = t ? t->rows : NULL; r; r = r->next) {
            const struct pack_cell *matter = cell_at(t, r, PACK_C_MATTER);

            if (is_open(p, t, r))
                line_put(to, l, matter ? said(matter, l) : pack_word(t->title, l),
                         said(cell_at(t, r, parts[i].text), l),
                         said(cell_at(t, r, parts[i].who), l),
                         said(cell_at(t, r, parts[i].when), l));
        }
    }
}
