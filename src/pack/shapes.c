/* Typologies: the shapes that laundering took in the quarter, ways to the largest stops, and where
 * cases met; out of the register of findings. */
#include "pack/parts.h"

#include <stdlib.h>

static const char query[] = "cordon register list finding --format json";

struct shape {
    const char *name;
    uint64_t cases, times;
    const struct record_said *last; /* that had it: findings of one case stand together */
};

static int by_times(const void *pa, const void *pb)
{
    const struct shape *a = pa, *b = pb;

    if (a->times != b->times)
        return a->times < b->times ? 1 : -1;
    return strcmp(a->name, b->name);
}

static const char *case_of(const struct record_said *r)
{
    return record_text(&r->record, "case");
}

static bool shape_add(struct shape *all, size_t *n, size_t most, const char *item,
                      const struct record_said *r)
{
    struct u256 times;
    const char *name = record_sum(item, &times);
    size_t i = 0;

    while (i < *n && strcmp(all[i].name, name) != 0)
        i++;
    if (i == *n && *n == most)
        return false;
    if (i == *n)
        all[(*n)++] = (struct shape){.name = name};
    all[i].cases += !all[i].last || strcmp(case_of(all[i].last), case_of(r)) != 0;
    all[i].times += times.w[0];
    all[i].last = r;
    return true;
}

/* The findings that have a shape, with how often; or the first one of each case. */
static void shape_behind(struct making *m, const struct records *all, const char *shape, bool cases)
{
    const char *before = "";

    for (size_t i = 0; i < all->n; i++) {
        const struct record_said *r = &all->at[i];
        const struct json *list = json_get(r->record.of, "shapes");
        struct u256 times;

        for (const struct json *item = list ? list->child : NULL; item; item = item->next) {
            if (strcmp(record_sum(item->text, &times), shape) != 0)
                continue;
            if (!cases)
                cell_behind_u64(m, r->of->object, times.w[0]);
            else if (strcmp(before, case_of(r)) != 0)
                cell_behind(m, r->of->object);
            before = case_of(r);
        }
    }
}

#define SHAPES_MAX 1000 /* kinds of shapes: past them none is new */

static void shapes(struct making *m, struct pack_section *s, const struct records *all)
{
    static const enum pack_word columns[] = {PACK_C_SHAPE, PACK_C_CASES_N, PACK_C_TIMES,
                                             PACK_WORDS_N};
    struct pack_table *t = table_add(m, s, PACK_SHAPES, query, columns);
    struct shape *shapes = ARENA_ARRAY(m->a, struct shape, SHAPES_MAX);
    size_t n = 0;

    if (!shapes) {
        making_failed(m, ERR_NOMEM, "a pack");
        return;
    }
    for (size_t i = 0; i < all->n; i++) {
        const struct json *list = json_get(all->at[i].record.of, "shapes");

        for (const struct json *item = list ? list->child : NULL; item; item = item->next)
            (void)shape_add(shapes, &n, SHAPES_MAX, item->text, &all->at[i]);
    }
    if (n)
        qsort(shapes, n, sizeof(*shapes), by_times);
    for (size_t i = 0; i < n; i++) {
        row_add(m, t);
        row_name(m, t, shapes[i].name, NULL, NULL);
        cell_value(m, t, shapes[i].name);
        if (cell_count(m, t, shapes[i].cases))
            shape_behind(m, all, shapes[i].name, true);
        if (cell_sum(m, t, shapes[i].times))
            shape_behind(m, all, shapes[i].name, false);
    }
}

/* "exchange, Harbour Coin": the category up to the comma in a cell; *words is what is behind it. */
static void category_add(struct making *m, struct pack_table *t, const char **words)
{
    const char *comma = strstr(*words, ", ");

    cell_value(m, t, comma ? made_text(m, "%.*s", (int)(comma - *words), *words) : *words);
    *words = comma ? comma + 2 : "";
}

/* A row an item; what stands before ": " in a column of its own. */
static void lines(struct making *m, struct pack_section *s, const struct records *all,
                  enum pack_word title, const char *name, enum pack_word before,
                  enum pack_word behind)
{
    const enum pack_word stops[] = {PACK_C_CASE, PACK_C_CHAIN, PACK_C_CATEGORY, before,
                                    behind,      PACK_C_ID,    PACK_WORDS_N};
    const enum pack_word places[] = {PACK_C_CASE, PACK_C_CHAIN, before,
                                     behind,      PACK_C_ID,    PACK_WORDS_N};
    bool of_stops = before == PACK_C_STOP, full = m->pack->options.reader == PACK_READER_FULL;
    const enum pack_word *columns = of_stops ? stops : places;
    struct pack_table *t = table_add(m, s, title, query, full ? columns : columns + 1);

    for (size_t i = 0; i < all->n; i++) {
        const struct record_said *r = &all->at[i];
        const struct json *list = json_get(r->record.of, name);

        for (const struct json *item = list ? list->child : NULL; item; item = item->next) {
            const char *colon = strstr(item->text, ": "), *words;

            row_add(m, t);
            if (full)
                cell_add(m, t, id_of(m, case_of(r)));
            cell_add(m, t, record_text(&r->record, "chain"));
            words = colon ? made_text(m, "%.*s", (int)(colon - item->text), item->text) : "";
            if (of_stops)
                category_add(m, t, &words);
            cell_add(m, t, words);
            cell_add(m, t, colon ? colon + 2 : item->text);
            cell_add(m, t, id_of(m, r->of->object));
        }
    }
}

void pack_typologies(struct making *m)
{
    struct pack_section *s = section_add(m, PACK_TYPOLOGIES);
    struct records all;

    findings_seen(m, &all);
    shapes(m, s, &all);
    lines(m, s, &all, PACK_WAYS, "paths", PACK_C_STOP, PACK_C_PATH);
    lines(m, s, &all, PACK_MEETS, "meets", PACK_C_PLACE_MET, PACK_C_WITH);
}
