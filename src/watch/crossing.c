#include "watch/crossing.h"

#include "base/mem.h"

#include <string.h>

struct end { /* of a ledger, when it was looked at last */
    const struct chain *chain;
    uint32_t blocks_n;
    struct hash32 hash;   /* of the last block */
    uint64_t transfers_n; /* or outputs: those below have been told of */
};

struct followed { /* a case */
    char *id;
    struct hash32 text; /* its SHA-256 */
    struct arena *arena;
    struct case_file file;
    bool active, dirty;
    enum watch_state state;
    struct end ends[WATCH_CROSSING_LEDGERS_MAX];
    size_t ends_n;
    struct err why;
};

struct watch_crossing {
    size_t reached_max;
    struct followed **cases;
    size_t cases_n, cases_size;
};

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "watch");
}

/* ---- cases ---- */

static bool names(const char *name, const struct chain **known)
{
    const struct chain *chain = name ? chain_by_name(name) : NULL;

    if (!chain)
        return false;
    if (*known && *known != chain)
        return true;
    *known = chain;
    return false;
}

bool case_names_chains(const struct case_file *c)
{
    const struct chain *known = NULL;
    bool several = names(c->chain, &known);

    for (size_t i = 0; i < c->origins_n; i++)
        several |= names(c->origins[i].chain, &known);
    for (size_t i = 0; i < c->conversions_n; i++) {
        const struct case_conversion *v = &c->conversions[i];

        for (size_t k = 0; k < v->from_n; k++)
            several |= names(v->from[k].chain, &known);
        for (size_t k = 0; k < v->to_n; k++)
            several |= names(v->to[k].chain, &known);
    }
    return several;
}

static struct followed *followed_free(struct followed *f)
{
    if (!f)
        return NULL;
    mem_free(f->id);
    arena_free(f->arena);
    return mem_free(f);
}

static struct followed *followed_new(const struct watch_crossing *w, const char *id,
                                     struct bytes text, struct err *err)
{
    struct followed *f = mem_zero(sizeof(*f));
    size_t n = strlen(id) + 1;

    if (f) {
        f->id = mem_alloc(n);
        f->arena = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    }
    if (!f || !f->id || !f->arena) {
        nomem(err);
        return followed_free(f);
    }
    memcpy(f->id, id, n);
    f->text = sha256(text.p, text.n);
    f->dirty = true;
    if (!case_read(f->arena, text, &f->file, &f->why)) {
        if (f->why.class != ERR_NOMEM) {
            f->state = WATCH_REFUSED;
            return f;
        }
        *err = f->why;
        return followed_free(f);
    }
    f->file.reached_max = w->reached_max;
    f->active = case_names_chains(&f->file);
    if (f->file.has_until || f->file.has_until_time) {
        f->state = WATCH_REFUSED;
        err_set(&f->why, ERR_INPUT, "limits: a case that ends at a block is not followed live");
    }
    return f;
}

static size_t place_of(const struct watch_crossing *w, const char *id)
{
    size_t i = 0;

    while (i < w->cases_n && strcmp(w->cases[i]->id, id) != 0)
        i++;
    return i;
}

static void drop_at(struct watch_crossing *w, size_t i)
{
    followed_free(w->cases[i]);
    w->cases[i] = w->cases[--w->cases_n];
}

bool watch_crossing_case(struct watch_crossing *w, const char *id, struct bytes text,
                         struct err *err)
{
    struct hash32 hash = sha256(text.p, text.n);
    size_t at = place_of(w, id);
    struct followed *f;

    if (at < w->cases_n && hash32_equal(&w->cases[at]->text, &hash))
        return true;
    if (at == w->cases_n && w->cases_n == w->cases_size) {
        size_t size = w->cases_size ? 2 * w->cases_size : 16;
        struct followed **grown;

        if (size > WATCH_CASES_MAX)
            return err_fail(err, ERR_LIMIT, "more than %u cases are watched", WATCH_CASES_MAX);
        grown = mem_grow((void *)w->cases, size * sizeof(struct followed *));
        if (!grown)
            return nomem(err);
        w->cases = grown;
        w->cases_size = size;
    }
    f = followed_new(w, id, text, err);
    if (!f)
        return false;
    if (at < w->cases_n)
        drop_at(w, at);
    w->cases[w->cases_n++] = f;
    return true;
}

void watch_crossing_drop(struct watch_crossing *w, const char *id)
{
    size_t at = place_of(w, id);

    if (at < w->cases_n)
        drop_at(w, at);
}

void watch_crossing_keep(struct watch_crossing *w, bool (*keep)(void *ctx, const char *id),
                         void *ctx)
{
    for (size_t i = w->cases_n; i-- > 0;)
        if (!keep(ctx, w->cases[i]->id))
            drop_at(w, i);
}

void watch_crossing_wake(struct watch_crossing *w, const char *id)
{
    size_t at = place_of(w, id);

    if (at < w->cases_n)
        w->cases[at]->active = true;
}

void watch_crossing_again(struct watch_crossing *w)
{
    for (size_t i = 0; i < w->cases_n; i++) {
        w->cases[i]->dirty = true;
        w->cases[i]->ends_n = 0;
    }
}

/* ---- what is told ---- */

struct turn { /* of one case */
    struct followed *f;
    const struct watch_crossing_ledger *ledgers; /* [n] those that have blocks */
    struct end ends[WATCH_CROSSING_LEDGERS_MAX]; /* as they are now */
    size_t n;
    watch_found_fn *found;
    void *ctx;
};

static const struct end *end_of(const struct followed *f, const struct chain *chain)
{
    for (size_t i = 0; i < f->ends_n; i++)
        if (f->ends[i].chain == chain)
            return &f->ends[i];
    return NULL;
}

static struct hash32 block_hash(const struct trace_ledger *l, uint32_t block)
{
    return l->coins ? ledger_block(l->coins, block).hash
                    : account_ledger_block(l->accounts, block).hash;
}

/* What of a ledger has been told of, if it still stands. */
static uint64_t told_of(const struct turn *t, size_t i)
{
    const struct trace_ledger *l = &t->ledgers[i].ledger;
    const struct end *before = end_of(t->f, t->ends[i].chain);
    struct hash32 hash;

    if (!before || before->blocks_n > t->ends[i].blocks_n)
        return 0;
    hash = block_hash(l, before->blocks_n - 1);
    return hash32_equal(&hash, &before->hash) ? before->transfers_n : 0;
}

static void tell_accounts(const struct turn *t, size_t i, const struct account_doc *d)
{
    struct watch_found found = {.case_id = t->f->id, .policy = d->policy, .exact = d->exact};
    uint64_t told = told_of(t, i);

    for (size_t k = 0; k < d->trace->moves_n; k++)
        if (d->trace->moves[k].transfer >= told &&
            found_of_transfer(d->ledger, &d->accounts, t->ledgers[i].own, &d->trace->moves[k],
                              &found))
            t->found(t->ctx, &found);
}

static void tell_coins(const struct turn *t, size_t i, const struct trace_doc *d, bool exact)
{
    struct watch_found found = {.case_id = t->f->id, .policy = d->policy, .exact = exact};
    uint64_t told = told_of(t, i);

    for (size_t k = 0; k < d->trace->reached_n; k++)
        if (d->trace->reached[k].output >= told &&
            found_of_output(d->ledger, t->ledgers[i].own, &d->trace->reached[k], &found))
            t->found(t->ctx, &found);
}

static bool trace_case(struct turn *t, struct err *err)
{
    struct followed *f = t->f;
    struct arena *a = arena_new(NULL, WATCH_CROSSING_BYTES_MAX);
    struct trace_ledger ledgers[WATCH_CROSSING_LEDGERS_MAX];
    struct ledgers_doc doc;
    bool ok;

    if (!a)
        return nomem(err);
    for (size_t i = 0; i < t->n; i++)
        ledgers[i] = t->ledgers[i].ledger;
    ok = ledgers_run(a, ledgers, t->n, NULL, &f->file, 1, NULL, 0, &doc, &f->why);
    for (size_t i = 0; ok && t->found && i < t->n; i++) {
        if (!t->ledgers[i].own)
            continue;
        if (doc.parts[i].accounts)
            tell_accounts(t, i, doc.parts[i].accounts);
        if (doc.parts[i].coins)
            tell_coins(t, i, doc.parts[i].coins, doc.exact);
    }
    arena_free(a);
    if (!ok && (f->why.class == ERR_NOMEM || f->why.class == ERR_CORRUPT)) {
        *err = f->why;
        return false;
    }
    /* a ledger of its chains may come, too */
    f->state = ok                                                           ? WATCH_FOLLOWED
               : f->why.class == ERR_NOT_FOUND || f->why.class == ERR_USAGE ? WATCH_WAITS
                                                                            : WATCH_REFUSED;
    if (ok) {
        memcpy(f->ends, t->ends, t->n * sizeof(*t->ends));
        f->ends_n = t->n;
    }
    return true;
}

/* ---- a turn ---- */

static struct end end_now(const struct trace_ledger *l)
{
    struct end e = {.chain = trace_ledger_chain(l)};

    if (l->coins) {
        e.blocks_n = (uint32_t)ledger_counts(l->coins).blocks;
        e.transfers_n = ledger_coins(l->coins)->outputs_n;
    } else {
        e.blocks_n = (uint32_t)account_ledger_counts(l->accounts).blocks;
        e.transfers_n = account_ledger_until(l->accounts, e.blocks_n).transfers_n;
    }
    if (e.blocks_n)
        e.hash = block_hash(l, e.blocks_n - 1);
    return e;
}

static bool is_due(const struct turn *t)
{
    const struct followed *f = t->f;

    if (f->dirty || f->state == WATCH_WAITS || f->ends_n != t->n)
        return true;
    for (size_t i = 0; i < t->n; i++) {
        const struct end *e = end_of(f, t->ends[i].chain);

        if (!e || e->blocks_n != t->ends[i].blocks_n || !hash32_equal(&e->hash, &t->ends[i].hash))
            return true;
    }
    return false;
}

bool watch_crossing_turn(struct watch_crossing *w, const struct watch_crossing_ledger *ledgers,
                         size_t n, watch_found_fn *found, void *ctx, struct err *err)
{
    struct watch_crossing_ledger with[WATCH_CROSSING_LEDGERS_MAX];
    struct turn t = {.ledgers = with, .found = found, .ctx = ctx};

    for (size_t i = 0; i < n && t.n < WATCH_CROSSING_LEDGERS_MAX; i++) {
        struct end e = end_now(&ledgers[i].ledger);

        if (!e.blocks_n)
            continue;
        with[t.n] = ledgers[i];
        t.ends[t.n++] = e;
    }
    for (size_t i = 0; t.n && i < w->cases_n; i++) {
        t.f = w->cases[i];
        if (!t.f->active || t.f->state == WATCH_REFUSED || !is_due(&t))
            continue;
        t.f->dirty = false;
        if (!trace_case(&t, err))
            return false;
    }
    return true;
}

/* ---- the whole ---- */

bool watch_crossing_new(size_t reached_max, struct watch_crossing **ret, struct err *err)
{
    struct watch_crossing *w = mem_zero(sizeof(*w));

    if (!w)
        return nomem(err);
    w->reached_max = reached_max;
    *ret = w;
    return true;
}

struct watch_crossing *watch_crossing_free(struct watch_crossing *w)
{
    if (!w)
        return NULL;
    for (size_t i = 0; i < w->cases_n; i++)
        followed_free(w->cases[i]);
    mem_free((void *)w->cases);
    return mem_free(w);
}

size_t watch_crossing_followed(const struct watch_crossing *w)
{
    size_t n = 0;

    for (size_t i = 0; i < w->cases_n; i++)
        n += w->cases[i]->active && w->cases[i]->state == WATCH_FOLLOWED;
    return n;
}

bool watch_crossing_state(const struct watch_crossing *w, const char *id, enum watch_state *ret,
                          const char **ret_text)
{
    size_t at = place_of(w, id);
    const struct followed *f;

    if (at == w->cases_n || !w->cases[at]->active)
        return false;
    f = w->cases[at];
    *ret = f->state;
    *ret_text = f->state == WATCH_WAITS || f->state == WATCH_REFUSED ? f->why.text : "";
    return true;
}
