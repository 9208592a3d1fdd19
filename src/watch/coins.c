#include "watch/coins.h"

#include "base/mem.h"
#include "trace/run.h"
#include "trace/stops.h"
#include "watch/cases.h"
#include "watch/crossing.h"
#include "watch/passed.h"
#include "watch/stop_map.h"

#define TAINTED_MAX 64u /* cases of one output that are told */

struct followed {
    struct watch_case is;
    struct watch_coins *of;
    struct stop_map *stops;
    bool grows; /* an origin is an address */
    bool named; /* other ledgers, so that it is WATCH_CROSSES from the beginning */
    struct passed passed;
    uint32_t number; /* in live */
};

struct block_note { /* where a pass ended */
    uint32_t blocks_n;
    struct hash32 hash; /* of the last of them; zeros: there was none */
};

struct watch_coins {
    const struct chain *chain;
    struct watch_limits limits;
    struct trace_live *live;
    struct watch_cases cases;    /* struct followed each */
    struct own_set *own;         /* borrowed */
    struct block_note *notes;    /* [back_max + 1], a ring: where each pass that is kept ended */
    uint32_t passes;             /* since live was new */
    const struct ledger *ledger; /* of the turn */
    uint32_t blocks_n;
    watch_found_fn *found;
    void *found_ctx;
    struct watch_services services;
    struct watch_reach reach; /* zeros: nobody wants it */
    bool crossing;            /* somebody else follows those that go to other ledgers */
};

static struct followed *case_at(const struct watch_coins *w, size_t i)
{
    return (struct followed *)w->cases.at[i];
}

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "watch");
}

/* ---- what a trace asks ---- */

static int32_t stop_of(void *ctx, uint64_t output)
{
    const struct followed *f = ctx;

    return stop_map_output(f->stops, f->of->ledger, output);
}

static bool stops_make(struct followed *f, struct err *err)
{
    struct case_file *c = &f->is.file;

    return stops_with_pools(f->is.arena, f->of->chain, c->stops, c->stops_n, &c->stops, &c->stops_n,
                            err) &&
           stop_map_new(f->of->chain, c->stops, c->stops_n, &f->stops, err);
}

/* ---- services ---- */

/* What the last pass, or addition, has reached, in the order of the ledger. */
static bool services_look(struct watch_coins *w, struct followed *f, struct err *err)
{
    size_t n;
    const struct trace_reached *r = trace_live_reached(w->live, f->number, &n);

    return passed_outputs(&f->passed, w->ledger, &w->services, r, n, err);
}

/* ---- found deposits ---- */

static void tell(struct watch_coins *w, const struct followed *f, const struct trace_reached *r)
{
    struct watch_found found = {.case_id = f->is.id,
                                .policy = f->is.file.has_policy ? f->is.file.policy : TRACE_FIFO,
                                .exact = trace_live_case(w->live, f->number).exact,
                                .service = passed_output(&f->passed, r->output)};

    if (found_of_output(w->ledger, w->own, r, &found))
        w->found(w->found_ctx, &found);
}

/* What can still be held comes first. */
static void tell_case(struct watch_coins *w, const struct followed *f)
{
    size_t n;
    const struct trace_reached *r = trace_live_reached(w->live, f->number, &n);

    if (!w->own || !own_set_n(w->own) || !w->found)
        return;
    for (int spent = 0; spent < 2; spent++)
        for (size_t i = 0; i < n; i++)
            if ((r[i].spent_by != COINS_TX_NONE) == spent && r[i].taint)
                tell(w, f, &r[i]);
}

static bool reach_whole(const struct watch_coins *w, const struct followed *f, struct err *err)
{
    size_t n;
    const struct trace_reached *r = trace_live_reached(w->live, f->number, &n);
    struct reach *all;

    if (!reach_wanted(&w->reach, f->is.id) || f->is.state != WATCH_FOLLOWED)
        return true;
    if (!reach_of_outputs(w->ledger, r, n, &all, err))
        return false;
    w->reach.whole(w->reach.ctx, w->chain, f->is.id, all);
    return true;
}

static void reach_more(const struct watch_coins *w, const struct followed *f)
{
    size_t n;
    const struct trace_reached *r = trace_live_reached(w->live, f->number, &n);

    if (w->reach.more && reach_wanted(&w->reach, f->is.id))
        reach_more_outputs(&w->reach, w->ledger, f->is.id, r, n);
}

/* What it goes on to is not known any more. */
static void reach_lost(const struct watch_coins *w, const struct followed *f)
{
    if (w->reach.whole && (f->is.state == WATCH_REFUSED || f->is.state == WATCH_WAITS))
        w->reach.whole(w->reach.ctx, w->chain, f->is.id, NULL);
}

/* Has what the last pass, or addition, reached come in a transaction that asks a router? Then the
 * case goes to other ledgers. */
static bool crosses_look(struct watch_coins *w, struct followed *f, struct err *err)
{
    struct coins coins = trace_coins_of(w->ledger, w->blocks_n);
    struct route_ledger ledger = route_ledger_of_coins(w->ledger, &coins);
    const struct route_candidate *candidates;
    const struct route_link *links;
    uint32_t before = COINS_TX_NONE;
    struct routes *routes = NULL;
    size_t n, links_n, candidates_n;
    const struct trace_reached *r = trace_live_reached(w->live, f->number, &n);
    bool ok = true;

    if (!w->crossing || !n)
        return true;
    if (!routes_new(&ledger, 1, NULL, 0, NULL, 0, &routes, err))
        return false;
    routes_alone(routes);
    for (size_t i = 0; ok && i < n && !routes_asked(routes); i++) {
        uint32_t maker = coins_maker(&coins, r[i].output);
        struct arena *a = maker == before ? NULL : arena_new(NULL, WATCH_CASE_BYTES_MAX);

        if (maker == before)
            continue;
        before = maker;
        ok =
            a ? routes_of_tx(a, routes, 0, maker, &links, &links_n, &candidates, &candidates_n, err)
              : nomem(err);
        arena_free(a);
    }
    if (ok && routes_asked(routes)) {
        trace_live_remove(w->live, f->number);
        f->is.state = WATCH_CROSSES;
    }
    routes_free(routes);
    return ok;
}

static bool tell_pass(struct watch_coins *w, struct err *err)
{
    const uint32_t *touched;

    if (!trace_live_touched(w->live, &touched))
        return true;
    for (size_t i = 0; i < w->cases.n; i++)
        if (case_at(w, i)->is.state == WATCH_FOLLOWED) {
            if (!services_look(w, case_at(w, i), err))
                return false;
            tell_case(w, case_at(w, i));
            reach_more(w, case_at(w, i));
            if (!crosses_look(w, case_at(w, i), err))
                return false;
        }
    return true;
}

/* ---- cases ---- */

static struct followed *followed_free(struct followed *f)
{
    if (!f)
        return NULL;
    watch_case_end(&f->is);
    stop_map_free(f->stops);
    passed_forget(&f->passed);
    return mem_free(f);
}

/* What of a case cannot be followed block by block. */
static bool fits(struct followed *f, struct err *err)
{
    const struct case_file *c = &f->is.file;

    if (f->of->crossing && (case_names_chains(c) || c->conversions_n)) {
        f->is.state = WATCH_CROSSES;
        f->named = true;
        return true;
    }
    if (c->chain && chain_by_name(c->chain) != f->of->chain)
        return err_fail(err, ERR_INPUT, "chain: the case is of \"%.60s\"", c->chain);
    if (c->conversions_n)
        return err_fail(err, ERR_INPUT, "conversions: not followed in one ledger of coins");
    if (c->has_until || c->has_until_time)
        return err_fail(err, ERR_INPUT, "limits: a case that ends at a block is not followed live");
    if (c->has_policy && c->policy == TRACE_LIBR)
        return err_fail(err, ERR_INPUT, "libr is a rule of accounts, not of coins");
    if (c->has_dust && u256_less(u256_of(UINT64_MAX), c->dust))
        return err_fail(err, ERR_INPUT, "limits.dust: more than there is of any coin");
    for (size_t i = 0; i < c->origins_n; i++)
        f->grows |= c->origins[i].kind == ORIGIN_ADDRESS;
    return stops_make(f, err);
}

static struct followed *followed_new(struct watch_coins *w, const char *id, struct bytes text,
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
    if (f->is.state == WATCH_REFUSED || fits(f, &f->is.why))
        return f;
    f->is.state = WATCH_REFUSED;
    if (f->is.why.class != ERR_NOMEM)
        return f;
    *err = f->is.why;
    return followed_free(f);
}

static void end(void *watch, struct watch_case *c)
{
    struct watch_coins *w = watch;
    struct followed *f = (struct followed *)c;

    if (w->live && c->state == WATCH_FOLLOWED)
        trace_live_remove(w->live, f->number);
    followed_free(f);
}

bool watch_coins_case(struct watch_coins *w, const char *id, struct bytes text, struct err *err)
{
    struct followed *f;

    if (watch_cases_has(&w->cases, id, text))
        return true;
    f = followed_new(w, id, text, err);
    if (!f || watch_cases_put(&w->cases, &f->is, err))
        return f;
    followed_free(f);
    return false;
}

void watch_coins_drop(struct watch_coins *w, const char *id)
{
    watch_cases_drop(&w->cases, id);
}

void watch_coins_keep(struct watch_coins *w, bool (*keep)(void *ctx, const char *id), void *ctx)
{
    watch_cases_keep(&w->cases, keep, ctx);
}

static void again(struct watch_coins *w, struct followed *f)
{
    if (f->is.state == WATCH_REFUSED || f->named)
        return;
    if (f->is.state == WATCH_FOLLOWED)
        trace_live_remove(w->live, f->number);
    passed_forget(&f->passed);
    f->is.state = WATCH_NEW;
}

void watch_coins_own(struct watch_coins *w, struct own_set *own)
{
    w->own = own;
    for (size_t i = 0; i < w->cases.n; i++)
        again(w, case_at(w, i));
}

void watch_coins_services(struct watch_coins *w, watch_service_fn *f, void *ctx)
{
    w->services = (struct watch_services){f, ctx};
    watch_coins_own(w, w->own);
}

void watch_coins_reach(struct watch_coins *w, const struct watch_reach *to)
{
    w->reach = to ? *to : (struct watch_reach){0};
    watch_coins_own(w, w->own);
}

void watch_coins_crossing(struct watch_coins *w)
{
    w->crossing = true;
    for (size_t i = 0; i < w->cases.n; i++)
        again(w, case_at(w, i));
}

void watch_coins_crossers(const struct watch_coins *w, void (*each)(void *ctx, const char *id),
                          void *ctx)
{
    watch_cases_in(&w->cases, WATCH_CROSSES, each, ctx);
}

/* ---- a turn ---- */

static struct coins coins_at(const struct watch_coins *w, uint32_t blocks_n)
{
    if (blocks_n)
        return trace_coins_of(w->ledger, blocks_n);
    return (struct coins){0};
}

static bool resolve(struct watch_coins *w, struct followed *f, struct arena *a,
                    const struct coins *coins, const uint64_t **ret, size_t *ret_n, struct err *err)
{
    return origins_resolve(a, w->ledger, coins, f->is.file.origins, f->is.file.origins_n, ret,
                           ret_n, err);
}

/* Follows it over the past; what is wrong with it is kept with it. */
static bool follow(struct watch_coins *w, struct followed *f, struct err *err)
{
    struct coins coins = coins_at(w, w->blocks_n);
    struct arena *a = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    const struct case_file *c = &f->is.file;
    struct trace_case ask = {.policy = c->has_policy ? c->policy : TRACE_FIFO,
                             .dust = c->has_dust ? c->dust.w[0] : 0,
                             .hops_max = c->has_hops ? c->hops_max : TRACE_HOPS_NONE,
                             .reached_max = w->limits.reached_max,
                             .reached_cut = true,
                             .stop_of = c->stops_n ? stop_of : NULL,
                             .stop_ctx = f};
    bool ok = a && w->blocks_n &&
              resolve(w, f, a, &coins, &ask.origins, &ask.origins_n, &f->is.why) &&
              trace_live_add(w->live, &coins, &ask, &f->number, &f->is.why);

    arena_free(a);
    if (!a)
        return nomem(err);
    if (ok) {
        f->is.state = WATCH_FOLLOWED;
        passed_forget(&f->passed);
        if (!services_look(w, f, err))
            return false;
        tell_case(w, f);
        return reach_whole(w, f, err) && crosses_look(w, f, err);
    }
    if (w->blocks_n && (f->is.why.class == ERR_NOMEM || f->is.why.class == ERR_CORRUPT)) {
        *err = f->is.why;
        return false;
    }
    f->is.state = !w->blocks_n || f->is.why.class == ERR_NOT_FOUND ? WATCH_WAITS : WATCH_REFUSED;
    reach_lost(w, f);
    return true;
}

static bool follow_new(struct watch_coins *w, bool waiting, struct err *err)
{
    for (size_t i = 0; i < w->cases.n; i++) {
        struct followed *f = case_at(w, i);

        if ((f->is.state == WATCH_NEW || (waiting && f->is.state == WATCH_WAITS)) &&
            !follow(w, f, err))
            return false;
    }
    return true;
}

/* A case that has met a limit, or was added after blocks that are undone now. */
static void look_over(struct watch_coins *w)
{
    for (size_t i = 0; i < w->cases.n; i++) {
        struct followed *f = case_at(w, i);
        struct trace_live_case is;

        if (f->is.state != WATCH_FOLLOWED)
            continue;
        is = trace_live_case(w->live, f->number);
        if (!is.over)
            continue;
        f->is.why = *is.over;
        trace_live_remove(w->live, f->number);
        passed_forget(&f->passed);
        f->is.state = f->is.why.class == ERR_NOT_FOUND ? WATCH_NEW : WATCH_REFUSED;
        reach_lost(w, f);
    }
}

static bool live_again(struct watch_coins *w, struct err *err)
{
    struct trace_live_limits limits = {.held_max = w->limits.held_max,
                                       .back_max = w->limits.back_max};

    for (size_t i = 0; i < w->cases.n; i++)
        again(w, case_at(w, i));
    w->live = trace_live_free(w->live);
    w->passes = w->blocks_n = 0;
    w->notes[0] = (struct block_note){0};
    if (w->reach.back)
        w->reach.back(w->reach.ctx, w->chain, 0);
    return trace_live_new(limits, &w->live, err);
}

static struct block_note *note_of(const struct watch_coins *w, uint32_t pass)
{
    return &w->notes[pass % (w->limits.back_max + 1)];
}

static bool stands(const struct watch_coins *w, const struct block_note *note)
{
    struct ledger_block block;

    if (!note->blocks_n)
        return true;
    if (note->blocks_n > ledger_counts(w->ledger).blocks)
        return false;
    block = ledger_block(w->ledger, note->blocks_n - 1);
    return hash32_equal(&block.hash, &note->hash);
}

/* Ids of outputs that are undone will be others'. */
static bool services_back(struct watch_coins *w, struct err *err)
{
    uint64_t outputs_n = coins_at(w, w->blocks_n).outputs_n;

    for (size_t i = 0; i < w->cases.n; i++)
        if (!passed_back(&case_at(w, i)->passed, outputs_n, err))
            return false;
    return true;
}

/* Back to the last block that the ledger still has. */
static bool take_back(struct watch_coins *w, struct err *err)
{
    bool changed = false;

    while (!stands(w, note_of(w, w->passes))) {
        if (!trace_live_backs(w->live))
            return live_again(w, err);
        if (!trace_live_back(w->live, err))
            return false;
        w->blocks_n = note_of(w, --w->passes)->blocks_n;
        changed = true;
    }
    if (changed) {
        if (w->reach.back)
            w->reach.back(w->reach.ctx, w->chain, coins_at(w, w->blocks_n).outputs_n);
        if (!services_back(w, err))
            return false;
        look_over(w);
    }
    return true;
}

struct growth {
    struct trace_live_origin *at;
    size_t n, size;
};

static bool growth_add(struct growth *g, uint32_t number, uint64_t output)
{
    if (g->n == g->size) {
        size_t size = g->size ? 2 * g->size : 64;
        struct trace_live_origin *at = mem_grow(g->at, size * sizeof(*at));

        if (!at)
            return false;
        g->at = at;
        g->size = size;
    }
    g->at[g->n++] = (struct trace_live_origin){number, output};
    return true;
}

/* Outputs of the block that are paid to an origin that is an address. */
static bool grow(struct watch_coins *w, struct followed *f, const struct coins *coins,
                 uint64_t first, struct growth *g, struct err *err)
{
    struct arena *a = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    const uint64_t *origins;
    size_t n;
    bool ok = a && resolve(w, f, a, coins, &origins, &n, err);

    if (!a)
        return nomem(err);
    for (size_t i = 0; ok && i < n; i++)
        if (origins[i] >= first && !growth_add(g, f->number, origins[i]))
            ok = nomem(err);
    arena_free(a);
    if (ok || err->class == ERR_NOMEM || err->class == ERR_CORRUPT)
        return ok;
    again(w, f); /* its origins are not what they were */
    return true;
}

static bool advance(struct watch_coins *w, uint32_t blocks_n, struct err *err)
{
    struct coins before = coins_at(w, w->blocks_n), coins = coins_at(w, blocks_n);
    struct growth g = {0};
    struct block_note note = {blocks_n, ledger_block(w->ledger, blocks_n - 1).hash};
    bool ok = true;

    for (size_t i = 0; ok && i < w->cases.n; i++)
        if (case_at(w, i)->grows && case_at(w, i)->is.state == WATCH_FOLLOWED)
            ok = grow(w, case_at(w, i), &coins, before.outputs_n, &g, err);
    ok = ok && trace_live_advance(w->live, &coins, g.at, g.n, err);
    mem_free(g.at);
    if (!ok)
        return false;
    w->blocks_n = blocks_n;
    *note_of(w, ++w->passes) = note;
    if (!tell_pass(w, err))
        return false;
    look_over(w);
    return true;
}

static bool is_used(void *ctx, struct bytes script)
{
    uint32_t twins[LEDGER_TWINS_MAX];

    return ledger_find_address(ctx, script, twins) > 0;
}

/* As long as nobody is followed there is nothing to be said of single blocks, but for the last
 * ones, which may be undone. */
static uint32_t next_of(const struct watch_coins *w, uint32_t blocks_max)
{
    uint32_t last = blocks_max > w->limits.back_max ? blocks_max - w->limits.back_max : 0;

    return w->blocks_n < last && !trace_live_held(w->live) && !w->passes ? last : w->blocks_n + 1;
}

bool watch_coins_turn(struct watch_coins *w, const struct ledger *l, uint32_t blocks_max,
                      watch_found_fn *found, void *ctx, struct err *err)
{
    uint64_t blocks_all = ledger_counts(l).blocks;
    bool ok, any = false;

    w->ledger = l;
    w->found = found;
    w->found_ctx = ctx;
    if (blocks_max > blocks_all)
        blocks_max = (uint32_t)blocks_all;
    ok = take_back(w, err);
    if (ok && w->own && w->blocks_n < blocks_max)
        ok = own_set_extend(w->own, is_used, (void *)l, err);
    while (ok && w->blocks_n < blocks_max) {
        ok = advance(w, next_of(w, blocks_max), err);
        any = true;
    }
    ok = ok && follow_new(w, any, err);
    w->ledger = NULL;
    return ok;
}

/* ---- the whole ---- */

bool watch_coins_new(const struct chain *chain, struct watch_limits limits,
                     struct watch_coins **ret, struct err *err)
{
    struct watch_coins *w = mem_zero(sizeof(*w));

    if (!w)
        return nomem(err);
    w->chain = chain;
    w->limits = limits;
    w->cases = (struct watch_cases){.end = end, .watch = w};
    if (!w->limits.back_max || w->limits.back_max > TRACE_LIVE_BACK_MAX)
        w->limits.back_max = WATCH_BACK_BLOCKS;
    w->notes = mem_array(w->limits.back_max + 1, sizeof(*w->notes));
    if (!w->notes || !live_again(w, err)) {
        if (!w->notes)
            nomem(err);
        watch_coins_free(w);
        return false;
    }
    *ret = w;
    return true;
}

struct watch_coins *watch_coins_free(struct watch_coins *w)
{
    if (!w)
        return NULL;
    w->live = trace_live_free(w->live);
    watch_cases_free(&w->cases);
    mem_free(w->notes);
    return mem_free(w);
}

size_t watch_coins_tainted(const struct watch_coins *w, uint64_t output, struct watch_tainted *ret,
                           size_t max)
{
    struct trace_live_hold holds[TAINTED_MAX];
    size_t n = trace_live_holds(w->live, output, holds, TAINTED_MAX), told = 0;

    for (size_t i = 0; i < n && told < max; i++)
        for (size_t k = 0; k < w->cases.n && told < max; k++)
            if (case_at(w, k)->is.state == WATCH_FOLLOWED &&
                case_at(w, k)->number == holds[i].number)
                ret[told++] = (struct watch_tainted){case_at(w, k)->is.id, holds[i].taint};
    return told;
}

struct watch_counts watch_coins_counts(const struct watch_coins *w)
{
    struct watch_counts n = {.blocks = w->blocks_n,
                             .cases = w->cases.n,
                             .bytes = trace_live_bytes(w->live),
                             .own = w->own ? own_set_n(w->own) : 0};

    for (size_t i = 0; i < w->cases.n; i++) {
        const struct followed *f = case_at(w, i);

        if (f->is.state != WATCH_FOLLOWED)
            continue;
        n.followed++;
        n.held += trace_live_case(w->live, f->number).held_n; /* what is over may stay a while */
    }
    return n;
}

bool watch_coins_state(const struct watch_coins *w, const char *id, enum watch_state *ret,
                       const char **ret_text, struct trace_live_case *ret_case)
{
    const struct watch_case *c = watch_cases_find(&w->cases, id);

    if (!c)
        return false;
    *ret = c->state;
    *ret_text = watch_case_text(c);
    *ret_case = c->state == WATCH_FOLLOWED
                    ? trace_live_case(w->live, ((const struct followed *)c)->number)
                    : (struct trace_live_case){.over = NULL};
    return true;
}
