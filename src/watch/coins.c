#include "watch/coins.h"

#include "base/mem.h"
#include "trace/run.h"
#include "trace/stops.h"
#include "watch/crossing.h"
#include "watch/key_map.h"

#include <string.h>

#define TAINTED_MAX 64u /* cases of one output that are told */

struct passed { /* an output that a case has reached: at a service, or past one */
    uint64_t output;
    const char *service;
    bool past;
};

struct followed { /* a case */
    char *id;
    struct hash32 text; /* its SHA-256 */
    struct arena *arena;
    struct watch_coins *of;
    struct case_file file;
    struct key_map *stops; /* script -> its place in file.stops */
    bool grows;            /* an origin is an address */
    bool named;            /* other ledgers, so that it is WATCH_CROSSES from the beginning */
    struct passed *passed; /* ascending by output */
    size_t passed_n, passed_size;
    enum watch_state state;
    uint32_t number; /* in live */
    struct err why;
};

struct block_note { /* where a pass ended */
    uint32_t blocks_n;
    struct hash32 hash; /* of the last of them; zeros: there was none */
};

struct watch_coins {
    const struct chain *chain;
    struct watch_limits limits;
    struct trace_live *live;
    struct followed **cases;
    size_t cases_n, cases_size;
    struct own_set *own;         /* borrowed */
    struct block_note *notes;    /* [back_max + 1], a ring: where each pass that is kept ended */
    uint32_t passes;             /* since live was new */
    const struct ledger *ledger; /* of the turn */
    uint32_t blocks_n;
    watch_found_fn *found;
    void *found_ctx;
    watch_service_fn *service; /* NULL: none is known */
    void *service_ctx;
    bool crossing; /* somebody else follows those that go to other ledgers */
};

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "watch");
}

/* ---- scripts ---- */

static bool script_of(const struct watch_coins *w, uint64_t output, uint8_t buffer[SCRIPT_FORM_MAX],
                      struct bytes *ret)
{
    uint32_t script = ledger_script_of(w->ledger, output);

    return script != SCRIPT_NONE && ledger_script(w->ledger, script, buffer, ret);
}

static int32_t stop_of(void *ctx, uint64_t output)
{
    const struct followed *f = ctx;
    uint8_t buffer[SCRIPT_FORM_MAX], form[SCRIPT_FORM_MAX];
    struct bytes script;
    uint32_t stop;

    if (!script_of(f->of, output, buffer, &script))
        return -1;
    stop = key_map_find(f->stops, script_address_form(script, form));
    return stop == KEY_MAP_NONE ? -1 : (int32_t)stop;
}

/* Of two stops with one address the canonical order's first is named, as a trace does. */
static bool stops_make(struct followed *f, struct err *err)
{
    struct case_file *c = &f->file;
    const struct trace_stop **sorted;

    if (!stops_with_pools(f->arena, f->of->chain, c->stops, c->stops_n, &c->stops, &c->stops_n,
                          err))
        return false;
    sorted = stops_sorted(f->arena, c->stops, c->stops_n);
    f->stops = key_map_new();
    if (!f->stops || !sorted)
        return nomem(err);
    for (size_t i = 0; i < c->stops_n; i++) {
        uint8_t script[SCRIPT_FORM_MAX], form[SCRIPT_FORM_MAX];
        size_t n;

        if (sorted[i]->chain && chain_by_name(sorted[i]->chain) != f->of->chain)
            continue;
        if (!address_read(f->of->chain, sorted[i]->address, script, &n, err))
            return err_in(err, "stop \"%.100s\"", sorted[i]->address);
        if (!key_map_put(f->stops, script_address_form((struct bytes){script, n}, form),
                         (uint32_t)(sorted[i] - c->stops)))
            return nomem(err);
    }
    return true;
}

/* ---- services ---- */

static const struct passed *passed_find(const struct followed *f, uint64_t output)
{
    size_t from = 0, to = f->passed_n;

    while (from < to) {
        size_t at = from + (to - from) / 2;

        if (f->passed[at].output < output)
            from = at + 1;
        else
            to = at;
    }
    return from < f->passed_n && f->passed[from].output == output ? &f->passed[from] : NULL;
}

static bool passed_add(struct followed *f, struct passed p, struct err *err)
{
    if (f->passed_n == WATCH_PASSED_MAX)
        return true;
    if (f->passed_n == f->passed_size) {
        size_t size = f->passed_size ? 2 * f->passed_size : 64;
        struct passed *at = mem_grow(f->passed, size * sizeof(*at));

        if (!at)
            return nomem(err);
        f->passed = at;
        f->passed_size = size;
    }
    f->passed[f->passed_n++] = p;
    return true;
}

/* Which of what the transaction that made it spends is at a service, or past one. */
static const char *service_behind(const struct followed *f, const struct coins *coins,
                                  uint64_t output)
{
    struct coins_range ins = coins_inputs(coins, coins_maker(coins, output));
    const struct passed *p = NULL;
    uint64_t value;

    for (uint64_t i = 0; !p && i < ins.n; i++)
        p = passed_find(f, coins_source(coins, ins.first + i, &value));
    return p ? p->service : NULL;
}

/* What the last pass, or addition, has reached, in the order of the ledger: so what is spent has
 * been looked at before. */
static bool services_look(struct watch_coins *w, struct followed *f, struct err *err)
{
    const struct coins *coins = ledger_coins(w->ledger);
    size_t n;
    const struct trace_reached *r = trace_live_reached(w->live, f->number, &n);
    bool ok = true;

    for (size_t i = 0; w->service && ok && i < n; i++) {
        uint8_t buffer[SCRIPT_FORM_MAX];
        struct bytes script;
        struct passed p = {.output = r[i].output};

        if (f->passed_n)
            p.service = service_behind(f, coins, p.output);
        p.past = p.service;
        if (!p.service && script_of(w, p.output, buffer, &script))
            p.service = w->service(w->service_ctx, w->chain, script);
        if (p.service)
            ok = passed_add(f, p, err);
    }
    return ok;
}

/* ---- found deposits ---- */

static void tell(struct watch_coins *w, const struct followed *f, const struct trace_reached *r)
{
    const struct passed *passed = passed_find(f, r->output);
    struct watch_found found = {.case_id = f->id,
                                .policy = f->file.has_policy ? f->file.policy : TRACE_FIFO,
                                .exact = trace_live_case(w->live, f->number).exact,
                                .service = passed && passed->past ? passed->service : NULL};

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
        f->state = WATCH_CROSSES;
    }
    routes_free(routes);
    return ok;
}

static bool tell_pass(struct watch_coins *w, struct err *err)
{
    const uint32_t *touched;

    if (!trace_live_touched(w->live, &touched))
        return true;
    for (size_t i = 0; i < w->cases_n; i++)
        if (w->cases[i]->state == WATCH_FOLLOWED) {
            if (!services_look(w, w->cases[i], err))
                return false;
            tell_case(w, w->cases[i]);
            if (!crosses_look(w, w->cases[i], err))
                return false;
        }
    return true;
}

/* ---- cases ---- */

static struct followed *followed_free(struct followed *f)
{
    if (!f)
        return NULL;
    mem_free(f->id);
    key_map_free(f->stops);
    arena_free(f->arena);
    mem_free(f->passed);
    return mem_free(f);
}

/* What of a case cannot be followed block by block. */
static bool fits(struct followed *f, struct err *err)
{
    const struct case_file *c = &f->file;

    if (f->of->crossing && (case_names_chains(c) || c->conversions_n)) {
        f->state = WATCH_CROSSES;
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

static char *copy_of(const char *s)
{
    size_t n = strlen(s) + 1;
    char *p = mem_alloc(n);

    if (p)
        memcpy(p, s, n);
    return p;
}

static struct followed *followed_new(struct watch_coins *w, const char *id, struct bytes text,
                                     struct err *err)
{
    struct followed *f = mem_zero(sizeof(*f));

    if (f) {
        f->id = copy_of(id);
        f->arena = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    }
    if (!f || !f->id || !f->arena) {
        nomem(err);
        return followed_free(f);
    }
    f->of = w;
    f->text = sha256(text.p, text.n);
    if (case_read(f->arena, text, &f->file, &f->why) && fits(f, &f->why))
        return f;
    if (f->why.class == ERR_NOMEM) {
        *err = f->why;
        return followed_free(f);
    }
    f->state = WATCH_REFUSED;
    return f;
}

static size_t place_of(const struct watch_coins *w, const char *id)
{
    size_t i = 0;

    while (i < w->cases_n && strcmp(w->cases[i]->id, id) != 0)
        i++;
    return i;
}

static void drop_at(struct watch_coins *w, size_t i)
{
    if (w->cases[i]->state == WATCH_FOLLOWED)
        trace_live_remove(w->live, w->cases[i]->number);
    followed_free(w->cases[i]);
    w->cases[i] = w->cases[--w->cases_n];
}

bool watch_coins_case(struct watch_coins *w, const char *id, struct bytes text, struct err *err)
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

void watch_coins_drop(struct watch_coins *w, const char *id)
{
    size_t at = place_of(w, id);

    if (at < w->cases_n)
        drop_at(w, at);
}

void watch_coins_keep(struct watch_coins *w, bool (*keep)(void *ctx, const char *id), void *ctx)
{
    for (size_t i = w->cases_n; i-- > 0;)
        if (!keep(ctx, w->cases[i]->id))
            drop_at(w, i);
}

static void again(struct watch_coins *w, struct followed *f)
{
    if (f->state == WATCH_REFUSED || f->named)
        return;
    if (f->state == WATCH_FOLLOWED)
        trace_live_remove(w->live, f->number);
    f->passed_n = 0;
    f->state = WATCH_NEW;
}

void watch_coins_own(struct watch_coins *w, struct own_set *own)
{
    w->own = own;
    for (size_t i = 0; i < w->cases_n; i++)
        again(w, w->cases[i]);
}

void watch_coins_services(struct watch_coins *w, watch_service_fn *f, void *ctx)
{
    w->service = f;
    w->service_ctx = ctx;
    watch_coins_own(w, w->own);
}

void watch_coins_crossing(struct watch_coins *w)
{
    w->crossing = true;
    for (size_t i = 0; i < w->cases_n; i++)
        again(w, w->cases[i]);
}

void watch_coins_crossers(const struct watch_coins *w, void (*each)(void *ctx, const char *id),
                          void *ctx)
{
    for (size_t i = 0; i < w->cases_n; i++)
        if (w->cases[i]->state == WATCH_CROSSES)
            each(ctx, w->cases[i]->id);
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
    return origins_resolve(a, w->ledger, coins, f->file.origins, f->file.origins_n, ret, ret_n,
                           err);
}

/* Follows it over the past; what is wrong with it is kept with it. */
static bool follow(struct watch_coins *w, struct followed *f, struct err *err)
{
    struct coins coins = coins_at(w, w->blocks_n);
    struct arena *a = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    const struct case_file *c = &f->file;
    struct trace_case ask = {.policy = c->has_policy ? c->policy : TRACE_FIFO,
                             .dust = c->has_dust ? c->dust.w[0] : 0,
                             .hops_max = c->has_hops ? c->hops_max : TRACE_HOPS_NONE,
                             .reached_max = w->limits.reached_max,
                             .reached_cut = true,
                             .stop_of = c->stops_n ? stop_of : NULL,
                             .stop_ctx = f};
    bool ok = a && w->blocks_n && resolve(w, f, a, &coins, &ask.origins, &ask.origins_n, &f->why) &&
              trace_live_add(w->live, &coins, &ask, &f->number, &f->why);

    arena_free(a);
    if (!a)
        return nomem(err);
    if (ok) {
        f->state = WATCH_FOLLOWED;
        f->passed_n = 0;
        if (!services_look(w, f, err))
            return false;
        tell_case(w, f);
        return crosses_look(w, f, err);
    }
    if (w->blocks_n && (f->why.class == ERR_NOMEM || f->why.class == ERR_CORRUPT)) {
        *err = f->why;
        return false;
    }
    f->state = !w->blocks_n || f->why.class == ERR_NOT_FOUND ? WATCH_WAITS : WATCH_REFUSED;
    return true;
}

static bool follow_new(struct watch_coins *w, bool waiting, struct err *err)
{
    for (size_t i = 0; i < w->cases_n; i++) {
        struct followed *f = w->cases[i];

        if ((f->state == WATCH_NEW || (waiting && f->state == WATCH_WAITS)) && !follow(w, f, err))
            return false;
    }
    return true;
}

/* A case that has met a limit, or was added after blocks that are undone now. */
static void look_over(struct watch_coins *w)
{
    for (size_t i = 0; i < w->cases_n; i++) {
        struct followed *f = w->cases[i];
        struct trace_live_case is;

        if (f->state != WATCH_FOLLOWED)
            continue;
        is = trace_live_case(w->live, f->number);
        if (!is.over)
            continue;
        f->why = *is.over;
        trace_live_remove(w->live, f->number);
        f->passed_n = 0;
        f->state = f->why.class == ERR_NOT_FOUND ? WATCH_NEW : WATCH_REFUSED;
    }
}

static bool live_again(struct watch_coins *w, struct err *err)
{
    struct trace_live_limits limits = {.held_max = w->limits.held_max,
                                       .back_max = w->limits.back_max};

    for (size_t i = 0; i < w->cases_n; i++)
        again(w, w->cases[i]);
    w->live = trace_live_free(w->live);
    w->passes = w->blocks_n = 0;
    w->notes[0] = (struct block_note){0};
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
static void passed_back(struct watch_coins *w)
{
    uint64_t outputs_n = coins_at(w, w->blocks_n).outputs_n;

    for (size_t i = 0; i < w->cases_n; i++) {
        struct followed *f = w->cases[i];

        while (f->passed_n && f->passed[f->passed_n - 1].output >= outputs_n)
            f->passed_n--;
    }
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
        passed_back(w);
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

    for (size_t i = 0; ok && i < w->cases_n; i++)
        if (w->cases[i]->grows && w->cases[i]->state == WATCH_FOLLOWED)
            ok = grow(w, w->cases[i], &coins, before.outputs_n, &g, err);
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
    for (size_t i = 0; i < w->cases_n; i++)
        followed_free(w->cases[i]);
    mem_free((void *)w->cases);
    mem_free(w->notes);
    trace_live_free(w->live);
    return mem_free(w);
}

size_t watch_coins_tainted(const struct watch_coins *w, uint64_t output, struct watch_tainted *ret,
                           size_t max)
{
    struct trace_live_hold holds[TAINTED_MAX];
    size_t n = trace_live_holds(w->live, output, holds, TAINTED_MAX), told = 0;

    for (size_t i = 0; i < n && told < max; i++)
        for (size_t k = 0; k < w->cases_n && told < max; k++)
            if (w->cases[k]->state == WATCH_FOLLOWED && w->cases[k]->number == holds[i].number)
                ret[told++] = (struct watch_tainted){w->cases[k]->id, holds[i].taint};
    return told;
}

struct watch_counts watch_coins_counts(const struct watch_coins *w)
{
    struct watch_counts n = {.blocks = w->blocks_n,
                             .cases = w->cases_n,
                             .held = trace_live_held(w->live),
                             .bytes = trace_live_bytes(w->live),
                             .own = w->own ? own_set_n(w->own) : 0};

    for (size_t i = 0; i < w->cases_n; i++)
        n.followed += w->cases[i]->state == WATCH_FOLLOWED;
    return n;
}

bool watch_coins_state(const struct watch_coins *w, const char *id, enum watch_state *ret,
                       const char **ret_text, struct trace_live_case *ret_case)
{
    size_t at = place_of(w, id);
    const struct followed *f;

    if (at == w->cases_n)
        return false;
    f = w->cases[at];
    *ret = f->state;
    *ret_text = f->state == WATCH_WAITS || f->state == WATCH_REFUSED ? f->why.text : "";
    *ret_case = f->state == WATCH_FOLLOWED ? trace_live_case(w->live, f->number)
                                           : (struct trace_live_case){.over = NULL};
    return true;
}
