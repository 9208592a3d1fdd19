#include "entity/list_diff.h"

#include "base/mem.h"

struct lines {
    struct list_delta *at;
    size_t n, size;
    struct arena *a; /* texts, until the entry is done */
    bool bad;
};

struct differ {
    struct arena *a;
    struct err *err;
    struct lines from, to;
    struct list_change *changes;
    size_t n, size;
};

static void line_keep(void *to, const char *label, const char *text)
{
    struct lines *l = to;
    const char *copy = l->bad ? NULL : arena_string(l->a, text, strlen(text));

    if (copy && !mem_room((void **)&l->at, &l->size, l->n + 1, sizeof(*l->at)))
        copy = NULL;
    if (copy)
        l->at[l->n++] = (struct list_delta){false, label, copy};
    l->bad = l->bad || !copy;
}

static bool lines_take(struct differ *d, struct lines *l, struct arena *scratch,
                       const struct list_entry *e)
{
    l->n = 0;
    l->a = scratch;
    list_entry_lines(e, line_keep, l);
    return !l->bad || arena_fail(scratch, d->err, "comparing entry %s", e->id);
}

static bool has(const struct lines *l, const struct list_delta *line)
{
    for (size_t i = 0; i < l->n; i++)
        if (!strcmp(l->at[i].label, line->label) && !strcmp(l->at[i].text, line->text))
            return true;
    return false;
}

static bool same(const struct lines *a, const struct lines *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->at[i].label, b->at[i].label) != 0 ||
            strcmp(a->at[i].text, b->at[i].text) != 0)
            return false;
    return true;
}

static struct list_change *change_new(struct differ *d)
{
    struct list_change *grown;

    if (d->n == d->size) {
        d->size = d->size ? d->size * 2 : 256;
        grown = ARENA_ARRAY(d->a, struct list_change, d->size);
        if (!grown) {
            err_set(d->err, ERR_NOMEM, "differences");
            return NULL;
        }
        if (d->n)
            memcpy(grown, d->changes, d->n * sizeof(*grown));
        d->changes = grown;
    }
    return &d->changes[d->n++];
}

/* Those of a that b has not, behind what ret holds. */
static bool deltas_add(struct differ *d, const struct lines *a, const struct lines *b, bool added,
                       struct list_delta *ret, size_t *n)
{
    for (size_t i = 0; i < a->n; i++) {
        struct list_delta delta = a->at[i];

        if (has(b, &delta))
            continue;
        delta.added = added;
        delta.text = arena_string(d->a, delta.text, strlen(delta.text));
        if (!delta.text)
            return err_fail(d->err, ERR_NOMEM, "differences");
        ret[(*n)++] = delta;
    }
    return true;
}

/* An entry that stayed. Facts in another order are no difference. */
static bool compare(struct differ *d, struct arena *scratch, const struct list_entry *from,
                    const struct list_entry *to)
{
    struct list_change *change;
    struct list_delta *deltas;
    size_t n = 0;

    if (!lines_take(d, &d->from, scratch, from) || !lines_take(d, &d->to, scratch, to))
        return false;
    if (same(&d->from, &d->to))
        return true;
    deltas = ARENA_ARRAY(d->a, struct list_delta, d->from.n + d->to.n);
    if (!deltas)
        return err_fail(d->err, ERR_NOMEM, "differences");
    if (!deltas_add(d, &d->from, &d->to, false, deltas, &n) ||
        !deltas_add(d, &d->to, &d->from, true, deltas, &n))
        return false;
    if (!n)
        return true;
    change = change_new(d);
    if (change)
        *change = (struct list_change){LIST_CHANGED, from, to, deltas, n};
    return change != NULL;
}

static bool alone(struct differ *d, enum list_change_kind kind, const struct list_entry *from,
                  const struct list_entry *to)
{
    struct list_change *change = change_new(d);

    if (change)
        *change = (struct list_change){.kind = kind, .from = from, .to = to};
    return change != NULL;
}

static bool walk(struct differ *d, const struct list *from, const struct list *to)
{
    size_t i = 0, k = 0;

    while (i < from->entries_n || k < to->entries_n) {
        const struct list_entry *a = i < from->entries_n ? &from->entries[i] : NULL,
                                *b = k < to->entries_n ? &to->entries[k] : NULL;
        int order = !a ? 1 : !b ? -1 : list_id_order(a->id, b->id);
        bool good;

        if (order) {
            good = alone(d, order < 0 ? LIST_REMOVED : LIST_ADDED, order < 0 ? a : NULL,
                         order < 0 ? NULL : b);
        } else {
            struct arena *scratch = arena_new(NULL, LIST_MEMORY_MAX);

            good = scratch ? compare(d, scratch, a, b) : err_fail(d->err, ERR_NOMEM, "differences");
            arena_free(scratch);
        }
        if (!good)
            return false;
        i += order <= 0;
        k += order >= 0;
    }
    return true;
}

const char *list_change_name(enum list_change_kind kind)
{
    switch (kind) {
    case LIST_ADDED:
        return "added";
    case LIST_REMOVED:
        return "removed";
    case LIST_CHANGED:
        return "changed";
    }
    return "";
}

bool list_diff(struct arena *a, const struct list *from, const struct list *to,
               struct list_diff *ret, struct err *err)
{
    struct differ d = {.a = a, .err = err};
    bool good = walk(&d, from, to);

    mem_free(d.from.at);
    mem_free(d.to.at);
    if (!good)
        return false;
    *ret = (struct list_diff){.changes = d.changes, .changes_n = d.n};
    for (size_t i = 0; i < d.n; i++) {
        ret->added += d.changes[i].kind == LIST_ADDED;
        ret->removed += d.changes[i].kind == LIST_REMOVED;
        ret->changed += d.changes[i].kind == LIST_CHANGED;
    }
    return true;
}

bool list_changes(struct store *s, struct arena *a, const struct list_version *from,
                  const struct list_version *to, struct list_diff *ret, struct err *err)
{
    struct list old, new;

    return list_load(s, a, from, &old, err) && list_load(s, a, to, &new, err) &&
           list_diff(a, &old, &new, ret, err);
}
