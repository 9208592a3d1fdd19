#include "watch/crossing.h"

#include "base/mem.h"
#include "watch/cases.h"
#include "watch/crossing_live.h"
#include "watch/key_map.h"

#define TOLD_KEY_BYTES 41u

struct followed {
    struct watch_case is;
    struct watch_crossing *of;
    bool active, dirty;
    struct crossing_case *live; /* NULL: it is not followed */
    struct passed passed[WATCH_CROSSING_LEDGERS_MAX];
    struct key_map *told; /* deposits that have been told, as they were then; NULL: none */
};

struct watch_crossing {
    size_t reached_max, traces;
    struct watch_cases cases; /* struct followed each */
    struct crossing_live *live;
    struct watch_reach reach; /* zeros: nobody wants it */
    struct watch_services services;
};

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "watch");
}

static struct followed *case_at(const struct watch_crossing *w, size_t i)
{
    return (struct followed *)w->cases.at[i];
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

static void forget_passed(struct followed *f)
{
    for (size_t i = 0; i < WATCH_CROSSING_LEDGERS_MAX; i++)
        passed_forget(&f->passed[i]);
}

static void end(void *watch, struct watch_case *c)
{
    struct followed *f = (struct followed *)c;

    (void)watch;
    crossing_case_drop(f->live);
    forget_passed(f);
    key_map_free(f->told);
    watch_case_end(c);
    mem_free(f);
}

static struct followed *followed_new(struct watch_crossing *w, const char *id, struct bytes text,
                                     struct err *err)
{
    struct followed *f = mem_zero(sizeof(*f));

    if (!f) {
        nomem(err);
        return NULL;
    }
    if (!watch_case_begin(&f->is, id, text, err))
        return mem_free(f);
    f->of = w;
    f->dirty = true;
    if (f->is.state == WATCH_REFUSED)
        return f;
    f->is.file.reached_max = w->reached_max;
    f->active = case_names_chains(&f->is.file);
    if (f->is.file.has_until || f->is.file.has_until_time) {
        f->is.state = WATCH_REFUSED;
        err_set(&f->is.why, ERR_INPUT, "limits: a case that ends at a block is not followed live");
    }
    return f;
}

bool watch_crossing_case(struct watch_crossing *w, const char *id, struct bytes text,
                         struct err *err)
{
    struct followed *f;

    if (watch_cases_has(&w->cases, id, text))
        return true;
    f = followed_new(w, id, text, err);
    if (!f || watch_cases_put(&w->cases, &f->is, err))
        return f;
    end(w, &f->is);
    return false;
}

void watch_crossing_drop(struct watch_crossing *w, const char *id)
{
    watch_cases_drop(&w->cases, id);
}

void watch_crossing_keep(struct watch_crossing *w, bool (*keep)(void *ctx, const char *id),
                         void *ctx)
{
    watch_cases_keep(&w->cases, keep, ctx);
}

void watch_crossing_wake(struct watch_crossing *w, const char *id)
{
    struct watch_case *c = watch_cases_find(&w->cases, id);

    if (c)
        ((struct followed *)c)->active = true;
}

static void forget(struct followed *f)
{
    f->told = key_map_free(f->told);
    f->dirty = true;
}

void watch_crossing_again(struct watch_crossing *w)
{
    for (size_t i = 0; i < w->cases.n; i++)
        forget(case_at(w, i));
}

/* ---- what is told ---- */

void watch_crossing_services(struct watch_crossing *w, watch_service_fn *f, void *ctx)
{
    w->services = (struct watch_services){f, ctx};
    for (size_t i = 0; i < w->cases.n; i++)
        forget_passed(case_at(w, i)); /* names are those of before */
    watch_crossing_again(w);
}

void watch_crossing_reach(struct watch_crossing *w, const struct watch_reach *to)
{
    w->reach = to ? *to : (struct watch_reach){0};
    watch_crossing_again(w);
}

struct turn {
    struct watch_crossing *w;
    const struct watch_crossing_ledger *ledgers; /* [n] those that have blocks */
    size_t n;
    watch_found_fn *found;
    void *ctx;
};

/* What is tainted of a deposit may be another amount after a route is known: then it is told once
 * more. */
static bool is_told(struct followed *f, size_t ledger, uint64_t id, struct u256 taint, bool *ret,
                    struct err *err)
{
    uint8_t key[TOLD_KEY_BYTES];
    struct bytes all = {key, sizeof(key)};

    key[0] = (uint8_t)ledger;
    store_le64(key + 1, id);
    for (size_t i = 0; i < 4; i++)
        store_le64(key + 9 + 8 * i, taint.w[i]);
    if (!f->told)
        f->told = key_map_new();
    if (!f->told)
        return nomem(err);
    *ret = key_map_find(f->told, all) != KEY_MAP_NONE;
    return key_map_put(f->told, all, 0) || nomem(err);
}

static bool tell(const struct turn *t, struct followed *f, size_t i, uint64_t id,
                 const struct watch_found *found, struct err *err)
{
    bool told;

    if (!is_told(f, i, id, found->tainted, &told, err))
        return false;
    if (!told)
        t->found(t->ctx, found);
    return true;
}

static bool tell_accounts(const struct turn *t, struct followed *f, size_t i,
                          struct watch_found found, struct err *err)
{
    const struct account_ledger *l = t->ledgers[i].ledger.accounts;
    size_t n;
    const struct account_move *m = crossing_moves(f->live, i, &n);
    struct accounts all;

    if (!n)
        return true;
    all = account_ledger_until(l, t->ledgers[i].blocks_max);
    found.exact = crossing_exact(f->live, i);
    for (size_t k = 0; k < n; k++)
        if (!passed_move(&f->passed[i], l, &all, &t->w->services, &m[k], &found.service, err) ||
            (t->found && t->ledgers[i].own &&
             found_of_transfer(l, &all, t->ledgers[i].own, &m[k], &found) &&
             !tell(t, f, i, m[k].transfer, &found, err)))
            return false;
    return true;
}

static bool tell_coins(const struct turn *t, struct followed *f, size_t i, struct watch_found found,
                       struct err *err)
{
    size_t n;
    const struct trace_reached *r = crossing_reached(f->live, i, &n);

    if (!n)
        return true;
    found.exact = crossing_exact_all(f->live);
    if (!passed_outputs(&f->passed[i], t->ledgers[i].ledger.coins, &t->w->services, r, n, err))
        return false;
    for (size_t k = 0; t->found && t->ledgers[i].own && k < n; k++) {
        found.service = passed_output(&f->passed[i], r[k].output);
        if (found_of_output(t->ledgers[i].ledger.coins, t->ledgers[i].own, &r[k], &found) &&
            !tell(t, f, i, r[k].output, &found, err))
            return false;
    }
    return true;
}

static bool tell_case(const struct turn *t, struct followed *f, struct err *err)
{
    struct watch_found found = {.case_id = f->is.id,
                                .policy = f->is.file.has_policy ? f->is.file.policy : TRACE_FIFO};

    for (size_t i = 0; i < t->n; i++)
        if (((t->found && t->ledgers[i].own) || t->w->services.of) &&
            !(t->ledgers[i].ledger.coins ? tell_coins : tell_accounts)(t, f, i, found, err))
            return false;
    return true;
}

/* ---- whom cases reach ---- */

static bool reach_whole(const struct turn *t, const struct followed *f, size_t i, struct err *err)
{
    const struct watch_reach *to = &t->w->reach;
    const struct trace_ledger *l = &t->ledgers[i].ledger;
    const struct trace_reached *reached;
    const struct account_move *moves;
    struct accounts all;
    struct reach *r;
    size_t n;
    bool ok;

    if (l->coins) {
        reached = crossing_reached(f->live, i, &n);
        ok = reach_of_outputs(l->coins, reached, n, &r, err);
    } else {
        moves = crossing_moves(f->live, i, &n);
        all = account_ledger_until(l->accounts, t->ledgers[i].blocks_max);
        ok = reach_of_transfers(&all, moves, n, &r, err);
    }
    if (ok)
        to->whole(to->ctx, trace_ledger_chain(l), f->is.id, r);
    return ok;
}

static void reach_more(const struct turn *t, const struct followed *f, size_t i)
{
    const struct watch_reach *to = &t->w->reach;
    const struct trace_ledger *l = &t->ledgers[i].ledger;
    const struct trace_reached *reached;
    const struct account_move *moves;
    struct accounts all;
    size_t n;

    if (l->coins) {
        reached = crossing_reached(f->live, i, &n);
        reach_more_outputs(to, l->coins, f->is.id, reached, n);
        return;
    }
    moves = crossing_moves(f->live, i, &n);
    all = account_ledger_until(l->accounts, t->ledgers[i].blocks_max);
    reach_more_transfers(to, account_ledger_chain(l->accounts), &all, f->is.id, moves, n);
}

static bool tell_whole(const struct turn *t, const struct followed *f, struct err *err)
{
    bool wanted = reach_wanted(&t->w->reach, f->is.id);

    for (size_t i = 0; wanted && i < t->n; i++)
        if (!reach_whole(t, f, i, err))
            return false;
    return true;
}

static void tell_more(const struct turn *t, const struct followed *f)
{
    bool wanted = t->w->reach.more && reach_wanted(&t->w->reach, f->is.id);

    for (size_t i = 0; wanted && i < t->n; i++)
        reach_more(t, f, i);
}

/* What it goes on to is not known any more. */
static void reach_lost(const struct turn *t, const struct followed *f)
{
    const struct watch_reach *to = &t->w->reach;
    bool lost = f->is.state == WATCH_REFUSED || f->is.state == WATCH_WAITS;

    for (size_t i = 0; to->whole && lost && i < t->n; i++)
        to->whole(to->ctx, trace_ledger_chain(&t->ledgers[i].ledger), f->is.id, NULL);
}

/* ---- a turn ---- */

static bool follow(const struct turn *t, struct followed *f, struct err *err)
{
    struct watch_case *c = &f->is;

    f->dirty = false;
    f->live = crossing_case_drop(f->live);
    forget_passed(f);
    t->w->traces++;
    if (crossing_case_follow(t->w->live, c->id, &c->file, &f->live, &c->why)) {
        c->state = WATCH_FOLLOWED;
        return tell_whole(t, f, err) && tell_case(t, f, err);
    }
    if (c->why.class == ERR_NOMEM || c->why.class == ERR_CORRUPT) {
        *err = c->why;
        return false;
    }
    /* a ledger of its chains may come, too */
    c->state =
        c->why.class == ERR_NOT_FOUND || c->why.class == ERR_USAGE ? WATCH_WAITS : WATCH_REFUSED;
    reach_lost(t, f);
    return true;
}

/* Those that went on with the new blocks. */
static bool went_on(const struct turn *t, struct followed *f, struct err *err)
{
    const struct err *over = crossing_case_over(f->live);

    f->dirty |= crossing_case_again(f->live);
    if (f->dirty)
        return true;
    if (!over) {
        tell_more(t, f);
        return tell_case(t, f, err);
    }
    f->is.why = *over;
    f->is.state = WATCH_REFUSED;
    reach_lost(t, f);
    f->live = crossing_case_drop(f->live);
    return true;
}

/* Other ledgers, or blocks were undone. */
static void all_anew(struct watch_crossing *w)
{
    for (size_t i = 0; i < w->cases.n; i++) {
        case_at(w, i)->live = crossing_case_drop(case_at(w, i)->live);
        forget(case_at(w, i));
    }
}

static bool turn(const struct turn *t, struct err *err)
{
    struct watch_crossing *w = t->w;
    struct trace_ledger ledgers[WATCH_CROSSING_LEDGERS_MAX];
    uint32_t blocks_n[WATCH_CROSSING_LEDGERS_MAX];
    bool anew, grown;

    for (size_t i = 0; i < t->n; i++) {
        ledgers[i] = t->ledgers[i].ledger;
        blocks_n[i] = t->ledgers[i].blocks_max;
    }
    if (!crossing_live_begin(w->live, ledgers, blocks_n, t->n, &anew, err))
        return false;
    if (anew)
        all_anew(w);
    if (!crossing_live_advance(w->live, &grown, err))
        return false;
    for (size_t i = 0; grown && i < w->cases.n; i++)
        if (case_at(w, i)->live && !went_on(t, case_at(w, i), err))
            return false;
    for (size_t i = 0; i < w->cases.n; i++) {
        struct followed *f = case_at(w, i);
        bool due = f->dirty || (grown && f->is.state == WATCH_WAITS);

        if (due && f->active && f->is.state != WATCH_REFUSED && !follow(t, f, err))
            return false;
    }
    return true;
}

bool watch_crossing_turn(struct watch_crossing *w, const struct watch_crossing_ledger *ledgers,
                         size_t n, watch_found_fn *found, void *ctx, struct err *err)
{
    struct watch_crossing_ledger with[WATCH_CROSSING_LEDGERS_MAX];
    struct turn t = {.w = w, .ledgers = with, .found = found, .ctx = ctx};

    for (size_t i = 0; i < n && t.n < WATCH_CROSSING_LEDGERS_MAX; i++) {
        const struct trace_ledger *l = &ledgers[i].ledger;
        uint32_t all = (uint32_t)(l->coins ? ledger_counts(l->coins).blocks
                                           : account_ledger_counts(l->accounts).blocks);

        if (!all)
            continue;
        with[t.n] = ledgers[i];
        if (!with[t.n].blocks_max || with[t.n].blocks_max > all)
            with[t.n].blocks_max = all;
        t.n++;
    }
    return !t.n || turn(&t, err);
}

/* ---- the whole ---- */

bool watch_crossing_new(size_t reached_max, struct watch_crossing **ret, struct err *err)
{
    struct watch_crossing *w = mem_zero(sizeof(*w));

    if (!w)
        return nomem(err);
    w->reached_max = reached_max;
    w->cases = (struct watch_cases){.end = end, .watch = w};
    if (!crossing_live_new(&w->live, err)) {
        mem_free(w);
        return false;
    }
    *ret = w;
    return true;
}

struct watch_crossing *watch_crossing_free(struct watch_crossing *w)
{
    if (!w)
        return NULL;
    watch_cases_free(&w->cases);
    crossing_live_free(w->live);
    return mem_free(w);
}

size_t watch_crossing_followed(const struct watch_crossing *w)
{
    size_t n = 0;

    for (size_t i = 0; i < w->cases.n; i++)
        n += case_at(w, i)->live != NULL;
    return n;
}

struct watch_counts watch_crossing_counts(const struct watch_crossing *w, const struct chain *chain)
{
    return crossing_live_counts(w->live, chain);
}

size_t watch_crossing_traces(const struct watch_crossing *w)
{
    return w->traces;
}

size_t watch_crossing_tainted(const struct watch_crossing *w, const struct chain *chain,
                              uint64_t place, struct crossing_hold *ret, size_t max)
{
    return crossing_holds(w->live, chain, place, ret, max);
}

bool watch_crossing_state(const struct watch_crossing *w, const char *id, enum watch_state *ret,
                          const char **ret_text)
{
    const struct watch_case *c = watch_cases_find(&w->cases, id);

    if (!c || !((const struct followed *)c)->active)
        return false;
    *ret = c->state;
    *ret_text = watch_case_text(c);
    return true;
}

const struct crossing_case *watch_crossing_live(const struct watch_crossing *w, const char *id)
{
    const struct watch_case *c = watch_cases_find(&w->cases, id);

    return c ? ((const struct followed *)c)->live : NULL;
}
