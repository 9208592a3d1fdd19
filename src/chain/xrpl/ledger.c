#include "chain/xrpl/ledger.h"

#include "base/mem.h"
#include "base/sort.h"
#include "chain/xrpl/form.h"

static bool no_memory(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "a ledger");
}

static const struct json *ledger_of(const struct json *j)
{
    const struct json *l = json_get(j, "ledger");

    return l && l->type == JSON_OBJECT ? l : j;
}

bool xrpl_ledger_is(const struct json *j)
{
    const struct json *l = ledger_of(j), *txs = json_get(l, "transactions");

    return (txs && txs->type == JSON_ARRAY) || json_get(l, "ledger_data") ||
           (l != j && json_get(l, "parent_hash"));
}

static bool hash_of(const struct json *j, struct hash32 *ret)
{
    return j && j->type == JSON_STRING && hex_decode(j->text, j->text_n, ret->b, sizeof(ret->b));
}

static bool whole_of(const struct json *j, uint64_t most, uint64_t *ret)
{
    return j && (j->type == JSON_NUMBER || j->type == JSON_STRING) &&
           u64_from_text(j->text, j->text_n, ret) && *ret <= most;
}

static bool header_bytes(struct xrpl_told *t, const struct json *data, struct err *err)
{
    uint8_t b[XRPL_HEADER_BYTES];

    if (data->type != JSON_STRING || !hex_decode(data->text, data->text_n, b, sizeof(b)))
        return err_fail(err, ERR_INPUT, "ledger_data: %d bytes in hex are wanted",
                        XRPL_HEADER_BYTES);
    t->root = t->whole = true;
    return xrpl_header_read((struct bytes){b, sizeof(b)}, &t->h, err);
}

static bool header_members(struct xrpl_told *t, struct err *err)
{
    const struct json *l = t->ledger;
    uint64_t index, close, parent_close = 0, coins = 0, resolution = 0, flags = 0;

    if (!hash_of(json_get(l, "parent_hash"), &t->h.parent))
        return err_fail(err, ERR_INPUT, "a ledger without its hash or its parent's");
    if (!whole_of(json_get(l, "ledger_index"), HEIGHT_UNKNOWN - 1, &index) ||
        !whole_of(json_get(l, "close_time"), UINT32_MAX - XRPL_EPOCH, &close))
        return err_fail(err, ERR_INPUT, "ledger_index and close_time are wanted");
    t->root = hash_of(json_get(l, "transaction_hash"), &t->h.txs);
    t->whole = t->root && hash_of(json_get(l, "account_hash"), &t->h.state) &&
               whole_of(json_get(l, "parent_close_time"), UINT32_MAX, &parent_close) &&
               whole_of(json_get(l, "close_time_resolution"), UINT8_MAX, &resolution) &&
               whole_of(json_get(l, "close_flags"), UINT8_MAX, &flags) &&
               whole_of(json_get(l, "total_coins"), UINT64_MAX, &coins);
    t->h.index = (uint32_t)index;
    t->h.close = (uint32_t)close;
    t->h.parent_close = (uint32_t)parent_close;
    t->h.coins = coins;
    t->h.resolution = (uint8_t)resolution;
    t->h.flags = (uint8_t)flags;
    return true;
}

/* The header, and that it is what it is called. */
bool xrpl_told_header(const struct json *j, struct xrpl_told *t, struct err *err)
{
    static const char *const hashes[] = {"ledger_hash", "hash", NULL};
    const struct json *data = json_get(ledger_of(j), "ledger_data");
    struct hash32 hash;

    *t = (struct xrpl_told){.outer = j, .ledger = ledger_of(j)};
    if (!hash_of(xrpl_first_of(t->outer, t->ledger, hashes), &t->hash))
        return err_fail(err, ERR_INPUT, "a ledger without its hash or its parent's");
    if (!(data ? header_bytes(t, data, err) : header_members(t, err)))
        return false;
    if (t->h.close > UINT32_MAX - XRPL_EPOCH || t->h.index >= HEIGHT_UNKNOWN)
        return err_fail(err, ERR_INPUT, "ledger_index or close_time is too much");
    hash = xrpl_header_hash(&t->h);
    return !t->whole || hash32_equal(&hash, &t->hash) ||
           err_fail(err, ERR_INPUT, "ledger %u: its header is not the one of its hash", t->h.index);
}

static bool txs_read(struct arena *a, const struct xrpl_told *t, struct xrpl_ledger *l,
                     struct xrpl_leaf *leaves, bool *ret_leaves, struct err *err)
{
    size_t n = 0;

    *ret_leaves = t->root;
    for (const struct json *j = t->txs ? t->txs->child : NULL; j; j = j->next, n++) {
        struct xrpl_leaf *leaf = *ret_leaves ? &leaves[n] : NULL;

        if (!xrpl_tx_read_leaf(a, j, &l->txs[n], leaf, ret_leaves, err))
            return err_in(err, "transaction %zu", n);
        l->txs[n].ledger = l->number;
        l->txs[n].time = l->time;
    }
    return true;
}

static bool root_check(const struct xrpl_told *t, struct xrpl_leaf *leaves, size_t n,
                       struct err *err)
{
    struct hash32 root;

    return xrpl_tree_root(leaves, n, &root, err) &&
           (hash32_equal(&root, &t->h.txs) ||
            err_fail(err, ERR_INPUT,
                     "its transactions are not those of its header: one is missing, or was "
                     "changed"));
}

static bool parts_read(struct arena *a, const struct xrpl_told *t, struct xrpl_ledger *l,
                       struct err *err)
{
    struct xrpl_leaf *leaves = mem_array(l->txs_n + 1, sizeof(*leaves));
    bool ok = leaves || no_memory(err);

    ok = ok && txs_read(a, t, l, leaves, &l->rooted, err);
    if (ok && l->rooted)
        ok = root_check(t, leaves, l->txs_n, err);
    mem_free(leaves);
    return ok || err_in(err, "ledger %u", t->h.index);
}

static void head_of(const struct xrpl_told *t, struct xrpl_ledger *ret)
{
    *ret = (struct xrpl_ledger){.hash = t->hash,
                                .parent = t->h.parent,
                                .number = t->h.index,
                                .time = (uint64_t)t->h.close + XRPL_EPOCH,
                                .hashed = t->whole};
}

bool xrpl_ledger_head(const struct json *j, struct xrpl_ledger *ret, struct err *err)
{
    struct xrpl_told t;

    if (!xrpl_told_header(j, &t, err))
        return false;
    head_of(&t, ret);
    return true;
}

bool xrpl_told_txs(struct xrpl_told *t, struct err *err)
{
    static const struct hash32 none;

    t->txs = json_get(t->ledger, "transactions");
    if (t->txs && t->txs->type != JSON_ARRAY)
        return err_fail(err, ERR_INPUT, "transactions: a list is wanted");
    if (!t->txs && !(t->root && hash32_equal(&t->h.txs, &none)))
        return err_fail(err, ERR_INPUT,
                        "ledger %u without its transactions: they are asked for with "
                        "\"transactions\" and \"expand\"",
                        t->h.index);
    return true;
}

bool xrpl_ledger_read(struct arena *a, const struct json *j, struct xrpl_ledger *ret,
                      struct err *err)
{
    struct xrpl_told t;
    struct xrpl_ledger l;

    if (!xrpl_told_header(j, &t, err) || !xrpl_told_txs(&t, err))
        return false;
    head_of(&t, &l);
    l.txs_n = t.txs ? t.txs->children_n : 0;
    if (l.txs_n > XRPL_LEDGER_TXS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %u transactions", XRPL_LEDGER_TXS_MAX);
    l.txs = ARENA_ARRAY(a, struct xrpl_tx, l.txs_n + 1);
    if (!l.txs)
        return no_memory(err);
    if (!parts_read(a, &t, &l, err))
        return false;
    *ret = l;
    return true;
}

static int by_index(const void *a, const void *b)
{
    const struct xrpl_tx *x = a, *y = b;

    return (x->index > y->index) - (x->index < y->index);
}

bool xrpl_ledger_block(struct arena *a, const struct xrpl_ledger *l, struct transfer_block *ret,
                       struct err *err)
{
    const void **order = ARENA_ARRAY(a, const void *, 2 * l->txs_n + 1);
    struct fact_tx *txs = ARENA_ARRAY(a, struct fact_tx, l->txs_n + 1);

    if (!order || !txs)
        return no_memory(err);
    for (size_t i = 0; i < l->txs_n; i++)
        order[i] = &l->txs[i];
    sort_pointers(order, l->txs_n, order + l->txs_n, by_index);
    for (size_t i = 0; i < l->txs_n; i++)
        txs[i] = ((const struct xrpl_tx *)order[i])->fact;
    *ret = (struct transfer_block){.hash = l->hash,
                                   .prev = l->parent,
                                   .height = (uint32_t)l->number,
                                   .time = l->time,
                                   .grade = GRADE_PROVEN,
                                   .internals = true,
                                   .txs = txs,
                                   .txs_n = l->txs_n};
    return true;
}
