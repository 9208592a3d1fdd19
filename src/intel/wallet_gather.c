#include "intel/wallet_gather.h"

#include "entity/list_address.h"

#include <stdlib.h>

enum pack_state { PACK_GOES, PACK_NOT_ASKED, PACK_PRIVATE, PACK_MARKED };

struct gather {
    struct arena *a;
    const struct wallet_wanted *wanted;
    const struct tag_pack_row *rows;
    enum pack_state *states; /* [rows_n] */
    size_t rows_n, size;
    struct wallets_gathered ret;
};

static int row_order(const void *name, const void *row)
{
    return strcmp(name, ((const struct tag_pack_row *)row)->name);
}

static const struct tag_pack_row *row_of(const struct gather *g, const char *name)
{
    return g->rows_n ? bsearch(name, g->rows, g->rows_n, sizeof(*g->rows), row_order) : NULL;
}

static bool is_among(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

static bool all_there(const struct gather *g, const char *const *names, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!row_of(g, names[i]))
            return err_fail(err, ERR_NOT_FOUND, "no pack \"%.100s\"", names[i]);
    return true;
}

static enum pack_state state_of(const struct gather *g, const struct tag_pack_row *row)
{
    const struct wallet_wanted *w = g->wanted;
    bool own = is_among(w->own, w->own_n, row->name);
    enum tlp t =
        row->private || row->mark.tlp != TLP_NONE ? mark_effective(row->mark.tlp) : TLP_CLEAR;

    if (w->packs_n && !own && !is_among(w->packs, w->packs_n, row->name))
        return PACK_NOT_ASKED;
    if (row->private && !own)
        return PACK_PRIVATE;
    return t > w->tlp ? PACK_MARKED : PACK_GOES;
}

static bool add(struct gather *g, const struct wallet *w, struct err *err)
{
    if (g->ret.n == WALLETS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu wallets", WALLETS_MAX);
    if (g->ret.n == g->size) {
        size_t size = g->size ? 2 * g->size : 1024;
        struct wallet *at = ARENA_ARRAY(g->a, struct wallet, size);

        if (!at)
            return err_fail(err, ERR_NOMEM, "%zu wallets", size);
        if (g->ret.n)
            memcpy(at, g->ret.at, g->ret.n * sizeof(*at));
        g->ret.at = at;
        g->size = size;
    }
    g->ret.at[g->ret.n++] = *w;
    return true;
}

static bool is_wanted(const struct wallet_wanted *wanted, const struct wallet *w)
{
    uint64_t categories = (w->category ? tag_category_bit(w->category) : 0) |
                          (w->abuse ? tag_category_bit(w->abuse) : 0);

    return (wanted->space == SPACE_NONE || wanted->space == w->space) &&
           (!wanted->categories || wanted->categories & categories);
}

static bool tag_take(struct gather *g, const struct tag_found *found, const struct tag *t,
                     struct err *err)
{
    const struct tag_pack_row *row = row_of(g, t->pack);
    struct wallet w = {.key = found->key,
                       .space = found->space,
                       .network = t->network,
                       .label = t->label,
                       .source = t->source,
                       .source_name = t->pack,
                       .external_id = "",
                       .category = t->category,
                       .abuse = t->abuse,
                       .confidence = t->confidence,
                       .day = t->lastmod,
                       .use = row ? row->mark.use : ""};

    if (!row || !is_wanted(g->wanted, &w))
        return true;
    switch (g->states[row - g->rows]) {
    case PACK_GOES:
        return add(g, &w, err);
    case PACK_NOT_ASKED:
        break;
    case PACK_PRIVATE:
        g->ret.private ++;
        break;
    case PACK_MARKED:
        g->ret.marked++;
        break;
    }
    return true;
}

static bool tags_take(struct gather *g, const struct tag_set *set, struct err *err)
{
    struct tag_found found;
    uint64_t at = 0;

    while (tag_set_next(set, g->wanted->space, &at, &found))
        for (size_t i = 0; i < found.tags_n; i++) {
            struct tag t;

            tag_set_tag(set, &found, i, &t);
            if (!tag_take(g, &found, &t, err))
                return false;
        }
    return true;
}

static bool hit_take(struct gather *g, const struct list_hit *hit, struct err *err)
{
    const struct list_entry *e = hit->entry;
    struct list_day day = e->listed_on.year ? e->listed_on : hit->list->as_of;
    struct wallet w = {.key = hit->key.text,
                       .space = (enum address_space)hit->key.space,
                       .network = hit->crypto->ticker,
                       .label = e->name.text,
                       .source = *e->url ? e->url : hit->list->name,
                       .source_name = hit->list->name,
                       .external_id = e->id,
                       .abuse = TAG_SANCTIONED,
                       .confidence = TAG_AUTHORITY_DATA,
                       .day = day.year ? list_day_seconds(day) : WALLET_NO_DAY,
                       .use = ""};

    return !is_wanted(g->wanted, &w) || add(g, &w, err);
}

bool wallets_gather(struct arena *a, const struct wallet_wanted *wanted, const struct tag_set *set,
                    const struct tag_pack_row *rows, size_t rows_n, const struct list *lists,
                    size_t lists_n, struct wallets_gathered *ret, struct err *err)
{
    struct gather g = {.a = a, .wanted = wanted, .rows = rows, .rows_n = rows_n};
    struct list_addresses *listed = ARENA_NEW(a, struct list_addresses);
    bool sorted;

    g.states = ARENA_ARRAY(a, enum pack_state, rows_n + 1);
    if (!g.states || !listed)
        return err_fail(err, ERR_NOMEM, "wallets");
    if (!all_there(&g, wanted->packs, wanted->packs_n, err) ||
        !all_there(&g, wanted->own, wanted->own_n, err))
        return false;
    for (size_t i = 0; i < rows_n; i++)
        g.states[i] = state_of(&g, &rows[i]);
    if ((set && !tags_take(&g, set, err)) || !list_addresses_make(a, lists, lists_n, listed, err))
        return false;
    for (size_t i = 0; i < listed->n; i++)
        if (!hit_take(&g, &listed->at[i], err))
            return false;
    wallets_sort(a, g.ret.at, &g.ret.n, &sorted);
    if (!sorted)
        return err_fail(err, ERR_NOMEM, "%zu wallets", g.ret.n);
    *ret = g.ret;
    return true;
}
