/* Breadth first from both ends: whole levels, the smaller side next, so that the first meeting is
 * on a shortest chain. What was seen stands in a table of one side each, with the step by which it
 * was reached. */
#include "entity/cluster_why.h"

#include "entity/cluster_columns.h"
#include "ledger/tx_shape.h"

#include <string.h>

struct seen {
    uint32_t script; /* + 1; 0: free */
    uint32_t from;   /* index into the side's list of the script that it was reached from */
    struct cluster_reason step;
};

struct side {
    struct seen *list; /* [n] in order of discovery; the first is the end itself */
    size_t n, size;
    size_t level;    /* where the level to be looked at next begins */
    uint32_t *slots; /* [slots_n] index into list, + 1; a power of two */
    size_t slots_n;
    uint32_t *txs; /* [txs_size] transactions looked through, + 1; a power of two */
    size_t txs_n, txs_size;
};

struct search {
    const struct clusters *c;
    const struct ledger *ledger;
    const struct coins *coins;
    struct arena *a;
    struct ledger_shapes *shapes;
    struct side sides[2];
    uint32_t root;
    uint32_t looks, looks_max;
    size_t met[2]; /* index in each side's list */
    bool meets, over, no_memory;
};

static size_t spread(uint32_t id, size_t slots_n)
{
    return (id * (uint64_t)0x9e3779b97f4a7c15 >> 32) & (slots_n - 1);
}

static size_t slot_of(const struct side *s, uint32_t script)
{
    size_t at = spread(script, s->slots_n);

    while (s->slots[at] && s->list[s->slots[at] - 1].script != script + 1)
        at = (at + 1) & (s->slots_n - 1);
    return at;
}

static bool side_grow(struct search *w, struct side *s)
{
    size_t size = s->size ? 2 * s->size : 64;
    struct seen *list = ARENA_ARRAY(w->a, struct seen, size);
    uint32_t *slots = ARENA_ARRAY(w->a, uint32_t, 2 * size);

    if (!list || !slots) {
        w->no_memory = true;
        return false;
    }
    if (s->n)
        memcpy(list, s->list, s->n * sizeof(*list));
    s->list = list;
    s->size = size;
    s->slots = slots;
    s->slots_n = 2 * size;
    for (size_t i = 0; i < s->n; i++)
        s->slots[slot_of(s, list[i].script - 1)] = (uint32_t)i + 1;
    return true;
}

/* Reached a script; the other side may have been there. */
static bool reach(struct search *w, unsigned which, size_t from, uint32_t script,
                  const struct cluster_reason *step)
{
    struct side *s = &w->sides[which], *other = &w->sides[!which];
    size_t at;

    if (s->n == s->size && !side_grow(w, s))
        return false;
    at = slot_of(s, script);
    if (s->slots[at])
        return true;
    s->list[s->n] = (struct seen){.script = script + 1, .from = (uint32_t)from, .step = *step};
    s->slots[at] = (uint32_t)++s->n;
    if (other->slots_n && other->slots[slot_of(other, script)] && !w->meets) {
        w->meets = true;
        w->met[which] = s->n - 1;
        w->met[!which] = other->slots[slot_of(other, script)] - 1;
    }
    return true;
}

static bool look(struct search *w)
{
    w->over |= ++w->looks > w->looks_max;
    return !w->over;
}

static void tx_put(struct side *s, uint32_t tx)
{
    size_t at = spread(tx, s->txs_size);

    while (s->txs[at])
        at = (at + 1) & (s->txs_size - 1);
    s->txs[at] = tx + 1;
    s->txs_n++;
}

/* Is it new to this side? All its scripts are reached then, so that once is enough. */
static bool tx_is_new(struct search *w, struct side *s, uint32_t tx, bool *ret)
{
    size_t at;

    if (2 * s->txs_n >= s->txs_size) {
        size_t old_n = s->txs_size, size = old_n ? 2 * old_n : 64;
        uint32_t *old = s->txs, *more = ARENA_ARRAY(w->a, uint32_t, size);

        if (!more) {
            w->no_memory = true;
            return false;
        }
        s->txs = more;
        s->txs_size = size;
        s->txs_n = 0;
        for (size_t i = 0; i < old_n; i++)
            if (old[i])
                tx_put(s, old[i] - 1);
    }
    for (at = spread(tx, s->txs_size); s->txs[at] && s->txs[at] != tx + 1;)
        at = (at + 1) & (s->txs_size - 1);
    *ret = !s->txs[at];
    if (*ret)
        tx_put(s, tx);
    return true;
}

/* All other scripts that a transaction spends with this one, if it joined them. */
static bool through_tx(struct search *w, unsigned which, size_t from, uint32_t tx)
{
    struct coins_range in = coins_inputs(w->coins, tx);
    uint32_t script = w->sides[which].list[from].script - 1;
    struct cluster_reason step = {.link = LINK_SPENT_TOGETHER, .tx = tx};
    bool asked = false, found = false, fresh;

    if (!tx_is_new(w, &w->sides[which], tx, &fresh))
        return false;
    if (!fresh)
        return true;
    for (uint64_t i = in.first; i < in.first + in.n && !found; i++) {
        found = ledger_input_script(w->ledger, w->coins, i) == script;
        step.inputs[0] = i;
    }
    step.scripts[0] = script;
    for (uint64_t i = in.first; found && i < in.first + in.n; i++) {
        uint32_t other = ledger_input_script(w->ledger, w->coins, i);

        if (!look(w))
            return true;
        if (other == SCRIPT_NONE || other == script || clusters_root(w->c, other) != w->root)
            continue;
        if (!asked && shape_is_coinjoin(ledger_tx_shape(w->ledger, w->coins, tx, w->shapes).kind))
            return true;
        asked = true;
        step.inputs[1] = i;
        step.scripts[1] = other;
        if (!reach(w, which, from, other, &step))
            return false;
    }
    return true;
}

static bool through_key(struct search *w, unsigned which, size_t from)
{
    uint8_t buffer[SCRIPT_FORM_MAX];
    uint32_t script = w->sides[which].list[from].script - 1, twins[LEDGER_TWINS_MAX];
    struct cluster_reason step = {.link = LINK_SAME_KEY,
                                  .tx = COINS_TX_NONE,
                                  .inputs = {COINS_NONE, COINS_NONE},
                                  .scripts = {script, 0}};
    struct bytes bytes;
    size_t n;

    if (!ledger_script(w->ledger, script, buffer, &bytes))
        return true;
    n = ledger_find_address(w->ledger, bytes, twins);
    for (size_t i = 0; i < n; i++) {
        step.scripts[1] = twins[i];
        if (twins[i] != script && clusters_root(w->c, twins[i]) == w->root &&
            !reach(w, which, from, twins[i], &step))
            return false;
    }
    return true;
}

static bool look_from(struct search *w, unsigned which, size_t from)
{
    uint32_t script = w->sides[which].list[from].script - 1, last = COINS_TX_NONE;

    if (!through_key(w, which, from))
        return false;
    for (uint64_t out = ledger_script_last(w->ledger, script); out != COINS_NONE && !w->over;
         out = ledger_script_prev(w->ledger, out)) {
        uint32_t tx = out < w->coins->outputs_n ? coins_spender(w->coins, out) : COINS_TX_NONE;

        if (!look(w))
            break;
        if (tx == COINS_TX_NONE || tx == last) /* outputs of one script are often spent together */
            continue;
        last = tx;
        if (!through_tx(w, which, from, tx))
            return false;
    }
    return true;
}

static bool seek(struct search *w)
{
    while (!w->meets && !w->over) {
        size_t wide[2] = {w->sides[0].n - w->sides[0].level, w->sides[1].n - w->sides[1].level};
        unsigned which = wide[1] && (!wide[0] || wide[1] < wide[0]);
        struct side *s = &w->sides[which];
        size_t end = s->n;

        /* Only an outside input links them, which no list of outputs leads to. */
        w->over |= !wide[which];
        for (size_t i = s->level; i < end && !w->over; i++)
            if (!look_from(w, which, i))
                return false;
        s->level = end;
    }
    return true;
}

static struct cluster_reason turned(struct cluster_reason r)
{
    struct cluster_reason t = r;

    t.scripts[0] = r.scripts[1];
    t.scripts[1] = r.scripts[0];
    t.inputs[0] = r.inputs[1];
    t.inputs[1] = r.inputs[0];
    return t;
}

/* The chain over the place where both sides met. */
static bool chain_found(struct search *w, struct cluster_why *ret)
{
    size_t before = 0, after = 0, n = 0;
    struct cluster_reason *steps;

    for (size_t i = w->met[0]; i; i = w->sides[0].list[i].from)
        before++;
    for (size_t i = w->met[1]; i; i = w->sides[1].list[i].from)
        after++;
    steps = ARENA_ARRAY(w->a, struct cluster_reason, before + after);
    if (!steps)
        return false;
    for (size_t i = w->met[0]; i; i = w->sides[0].list[i].from)
        steps[before - ++n] = w->sides[0].list[i].step;
    for (size_t i = w->met[1]; i; i = w->sides[1].list[i].from)
        steps[n++] = turned(w->sides[1].list[i].step);
    *ret = (struct cluster_why){.steps = steps, .n = n, .shortest = true};
    return true;
}

/* The newest merge on the way between two scripts in the forest: that which made them one. Links
 * upwards only ever get newer. */
static uint32_t joined_by(const struct clusters *c, uint32_t a, uint32_t b)
{
    struct cluster_reason ignored;
    uint32_t newest = CLUSTER_NONE;

    for (unsigned depth = 0; a != b && depth < 2 * CLUSTER_DEPTH_MAX; depth++) {
        uint32_t up_a = clusters_up(c, a), up_b = clusters_up(c, b);
        bool first = up_a < up_b; /* CLUSTER_NONE is the largest */

        newest = first ? up_a : up_b;
        if (newest == CLUSTER_NONE || !clusters_merge(c, newest, &ignored, first ? &a : &b))
            return CLUSTER_NONE;
    }
    return a == b ? newest : CLUSTER_NONE;
}

struct gap { /* of the chain of merges: two scripts, still to be linked */
    uint32_t from, to;
};

/* Each gap is filled by the merge that closed it, which leaves a smaller one on either side. */
static bool chain_of_merges(struct search *w, uint32_t from, uint32_t to, struct cluster_why *ret,
                            struct err *err)
{
    size_t most = clusters_size(w->c, w->root), gaps_n = 0, n = 0;
    struct cluster_reason *steps;
    struct gap *gaps;

    if (most > clusters_counts(w->c).scripts)
        return err_fail(err, ERR_CORRUPT, "script %u: damaged columns", w->root);
    steps = ARENA_ARRAY(w->a, struct cluster_reason, most);
    gaps = ARENA_ARRAY(w->a, struct gap, 2 * most + 2);
    if (!steps || !gaps) {
        w->no_memory = true;
        return false;
    }
    gaps[gaps_n++] = (struct gap){from, to};
    while (gaps_n) {
        struct gap g = gaps[--gaps_n];
        struct cluster_reason r = {0};
        uint32_t merge, near, ignored;

        if (g.from == g.to)
            continue;
        /* A step that is known already waits as a gap from its merge's one script to the other. */
        merge = joined_by(w->c, g.from, g.to);
        if (merge == CLUSTER_NONE || n == most || gaps_n + 2 > 2 * most ||
            !clusters_merge(w->c, merge, &r, &ignored))
            return err_fail(err, ERR_CORRUPT, "script %u: damaged columns", g.from);
        near = joined_by(w->c, g.from, r.scripts[0]);
        if (g.from != r.scripts[0] && (near == CLUSTER_NONE || near >= merge))
            r = turned(r);
        if (g.from == r.scripts[0] && g.to == r.scripts[1]) {
            steps[n++] = r;
            continue;
        }
        gaps[gaps_n++] = (struct gap){r.scripts[1], g.to};
        gaps[gaps_n++] = (struct gap){r.scripts[0], r.scripts[1]};
        if (g.from != r.scripts[0])
            gaps[gaps_n++] = (struct gap){g.from, r.scripts[0]};
    }
    *ret = (struct cluster_why){.steps = steps, .n = n, .shortest = false};
    return true;
}

bool clusters_why(const struct clusters *c, struct arena *a, uint32_t from, uint32_t to,
                  uint32_t looks_max, struct cluster_why *ret, struct err *err)
{
    static const struct cluster_reason none;
    struct search w = {.c = c,
                       .ledger = clusters_ledger(c),
                       .coins = clusters_coins(c),
                       .a = a,
                       .root = clusters_root(c, from),
                       .looks_max = looks_max ? looks_max : CLUSTER_WHY_LOOKS_MAX};
    bool ok;

    if (w.root == CLUSTER_NONE || w.root != clusters_root(c, to))
        return err_fail(err, ERR_NOT_FOUND, "they are not one entity");
    *ret = (struct cluster_why){.shortest = true};
    if (from == to)
        return true;
    w.shapes = ARENA_NEW(a, struct ledger_shapes);
    err->class = ERR_NONE;
    ok = w.shapes && reach(&w, 0, 0, from, &none) && reach(&w, 1, 0, to, &none) && seek(&w) &&
         (w.meets ? chain_found(&w, ret) : chain_of_merges(&w, from, to, ret, err));
    return ok || err->class == ERR_CORRUPT || arena_fail(a, err, "the chain of reasons");
}
