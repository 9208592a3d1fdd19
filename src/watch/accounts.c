#include "watch/accounts.h"

#include "base/mem.h"
#include "trace/ledgers_run.h"
#include "trace/stops.h"
#include "watch/cases.h"
#include "watch/crossing.h"
#include "watch/key_map.h"
#include "watch/stop_map.h"

#include <stdlib.h>

struct followed {
    struct watch_case is;
    struct watch_accounts *of;
    struct stop_map *stops;
    const struct route_trust *trusts;
    struct routes *routes; /* of the block in hand; NULL: not asked yet */
    bool failed;           /* what was asked of routes, and wrong says how */
    struct err wrong;
    bool grows;              /* an origin is an account */
    bool crosses;            /* it is traced anew */
    uint64_t native, paired; /* first transfers of these kinds that carry its value, or NONE */
    struct passed passed;
    uint64_t told; /* traced anew: transfers below it have been looked at */
    size_t held_n, traces;
    uint32_t number; /* in live */
};

struct block_note { /* where a pass ended */
    uint32_t blocks_n;
    struct hash32 hash; /* of the last of them; zeros: there was none */
};

struct watch_accounts {
    const struct chain *chain;
    struct watch_limits limits;
    struct account_live *live;
    struct watch_cases cases; /* struct followed each */
    struct own_set *own;      /* borrowed */
    bool crossing;            /* somebody else follows those that go to other ledgers */
    struct block_note *notes; /* [back_max + 1], a ring: where each pass that is kept ended */
    uint32_t passes;          /* since live was new */
    uint32_t blocks_n;
    /* of the turn */
    const struct account_ledger *ledger;
    struct accounts accounts; /* to the block in hand */
    struct route_ledger routes;
    watch_found_fn *found;
    void *found_ctx;
    struct watch_services services;
    struct watch_reach reach; /* zeros: nobody wants it */
};

static struct followed *case_at(const struct watch_accounts *w, size_t i)
{
    return (struct followed *)w->cases.at[i];
}

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "watch");
}

static bool is_fatal(const struct err *err)
{
    return err->class == ERR_NOMEM || err->class == ERR_CORRUPT;
}

/* ---- what a trace asks ---- */

static int32_t stop_of(void *ctx, uint64_t account)
{
    const struct followed *f = ctx;

    return stop_map_account(f->stops, f->of->ledger, account);
}

/* Those of the transaction alone: candidates are not followed. */
static size_t conversions_of(void *ctx, uint64_t tx, const struct account_conversion **ret)
{
    struct followed *f = ctx;
    const struct account_conversion *all;
    struct account_conversion *kept;
    size_t n, kept_n = 0;

    if (f->failed)
        return 0;
    if (!f->routes) {
        f->failed = !routes_new(&f->of->routes, 1, f->trusts, f->is.file.trusts_n, NULL, 0,
                                &f->routes, &f->wrong);
        if (f->failed)
            return 0;
        routes_alone(f->routes);
    }
    f->failed = !routes_conversions(f->routes, 0, tx, &all, &n, &f->wrong);
    if (f->failed)
        return 0;
    kept = (struct account_conversion *)all;
    for (size_t i = 0; i < n; i++)
        if (all[i].grade != MOVE_CANDIDATE)
            kept[kept_n++] = all[i];
    *ret = kept;
    return kept_n;
}

/* ---- found deposits ---- */

/* Has native coin, from where the case has some on, moved where nobody told? */
static bool unseen(const struct followed *f, const struct watch_accounts *w)
{
    uint32_t b;

    if (f->native == ACCOUNTS_NONE || w->chain->shape == CHAIN_BANK)
        return false;
    b = account_ledger_tx_block(w->ledger, accounts_tx_of(&w->accounts, f->native));
    for (; b < w->blocks_n; b++)
        if (!account_ledger_block(w->ledger, b).internals)
            return true;
    return false;
}

static void tell(const struct watch_accounts *w, const struct followed *f,
                 const struct account_move *m, const char *service, bool exact)
{
    struct watch_found found = {.case_id = f->is.id,
                                .policy = f->is.file.has_policy ? f->is.file.policy : TRACE_FIFO,
                                .service = service,
                                .exact = exact};

    if (found_of_transfer(w->ledger, &w->accounts, w->own, m, &found))
        w->found(w->found_ctx, &found);
}

static void first_of(uint64_t *first, uint64_t transfer, bool is)
{
    if (is && *first == ACCOUNTS_NONE)
        *first = transfer;
}

/* What the last pass, or addition, has moved. */
static bool tell_case(struct watch_accounts *w, struct followed *f, struct err *err)
{
    size_t n;
    const struct account_move *m = account_live_moves(w->live, f->number, &n);
    const char *service;
    bool exact, own = w->own && own_set_n(w->own) && w->found;

    for (size_t i = 0; i < n; i++) {
        struct transfer t = accounts_transfer(&w->accounts, m[i].transfer);

        first_of(&f->native, m[i].transfer, transfer_asset(&w->accounts, &t) == ACCOUNT_NOBODY);
        first_of(&f->paired, m[i].transfer, t.kind == TRANSFER_PAIRED);
    }
    if (!n || (!own && !w->services.of))
        return true;
    exact =
        account_live_case(w->live, f->number).exact && f->paired == ACCOUNTS_NONE && !unseen(f, w);
    for (size_t i = 0; i < n; i++) {
        if (!passed_move(&f->passed, w->ledger, &w->accounts, &w->services, &m[i], &service, err))
            return false;
        if (own)
            tell(w, f, &m[i], service, exact);
    }
    return true;
}

/* ---- whom cases reach ---- */

static bool reach_whole(const struct watch_accounts *w, const struct followed *f,
                        const struct account_move *m, size_t n, struct err *err)
{
    struct reach *all;

    if (!reach_wanted(&w->reach, f->is.id))
        return true;
    if (!reach_of_transfers(&w->accounts, m, n, &all, err))
        return false;
    w->reach.whole(w->reach.ctx, w->chain, f->is.id, all);
    return true;
}

static bool reach_live(const struct watch_accounts *w, const struct followed *f, struct err *err)
{
    size_t n;
    const struct account_move *m = account_live_moves(w->live, f->number, &n);

    return reach_whole(w, f, m, n, err);
}

static void reach_more(const struct watch_accounts *w, const struct followed *f)
{
    size_t n;
    const struct account_move *m = account_live_moves(w->live, f->number, &n);

    if (w->reach.more && reach_wanted(&w->reach, f->is.id))
        reach_more_transfers(&w->reach, w->chain, &w->accounts, f->is.id, m, n);
}

/* What it goes on to is not known any more. */
static void reach_lost(const struct watch_accounts *w, const struct followed *f)
{
    if (w->reach.whole && (f->is.state == WATCH_REFUSED || f->is.state == WATCH_WAITS))
        w->reach.whole(w->reach.ctx, w->chain, f->is.id, NULL);
}

/* ---- cases ---- */

static struct followed *followed_free(struct followed *f)
{
    if (!f)
        return NULL;
    watch_case_end(&f->is);
    stop_map_free(f->stops);
    passed_forget(&f->passed);
    routes_free(f->routes);
    return mem_free(f);
}

static bool fits(struct followed *f, struct err *err)
{
    const struct case_file *c = &f->is.file;
    const struct chain *chain = f->of->chain;

    if (f->of->crossing && (case_names_chains(c) || c->conversions_n)) {
        f->is.state = WATCH_CROSSES;
        return true;
    }
    if (c->chain && chain_by_name(c->chain) != chain)
        return err_fail(err, ERR_INPUT, "chain: the case is of \"%.60s\"", c->chain);
    if (c->has_until || c->has_until_time)
        return err_fail(err, ERR_INPUT, "limits: a case that ends at a block is not followed live");
    for (size_t i = 0; i < c->origins_n; i++) {
        f->grows |= c->origins[i].kind == ORIGIN_ADDRESS || c->origins[i].kind == ORIGIN_BEYOND;
        if (c->origins[i].chain && chain_by_name(c->origins[i].chain) != chain)
            return err_fail(err, ERR_INPUT, "origins[%zu]: of \"%.60s\"", i, c->origins[i].chain);
    }
    return stop_map_new(chain, c->stops, c->stops_n, &f->stops, err) &&
           ledgers_trusts(f->is.arena, c, &f->trusts, err);
}

static struct followed *followed_new(struct watch_accounts *w, const char *id, struct bytes text,
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
    f->native = f->paired = ACCOUNTS_NONE;
    if (f->is.state == WATCH_REFUSED)
        return f;
    if (fits(f, &f->is.why)) {
        f->crosses = f->is.file.conversions_n != 0;
        f->is.file.reached_max = w->limits.reached_max;
        return f;
    }
    f->is.state = WATCH_REFUSED;
    if (f->is.why.class != ERR_NOMEM)
        return f;
    *err = f->is.why;
    return followed_free(f);
}

static bool is_live(const struct followed *f)
{
    return f->is.state == WATCH_FOLLOWED && !f->crosses;
}

static void end(void *watch, struct watch_case *c)
{
    struct watch_accounts *w = watch;
    struct followed *f = (struct followed *)c;

    if (w->live && is_live(f))
        account_live_remove(w->live, f->number);
    followed_free(f);
}

bool watch_accounts_case(struct watch_accounts *w, const char *id, struct bytes text,
                         struct err *err)
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

void watch_accounts_drop(struct watch_accounts *w, const char *id)
{
    watch_cases_drop(&w->cases, id);
}

void watch_accounts_keep(struct watch_accounts *w, bool (*keep)(void *ctx, const char *id),
                         void *ctx)
{
    watch_cases_keep(&w->cases, keep, ctx);
}

/* From its origins on. What it has said of other ledgers before is asked again. */
static void again(struct watch_accounts *w, struct followed *f)
{
    if (f->is.state == WATCH_REFUSED || (f->is.state == WATCH_CROSSES && !f->crosses))
        return; /* what it names is elsewhere, too */
    if (is_live(f))
        account_live_remove(w->live, f->number);
    f->native = f->paired = ACCOUNTS_NONE;
    passed_forget(&f->passed);
    f->told = 0;
    f->held_n = 0;
    f->crosses = f->is.file.conversions_n != 0;
    f->is.state = WATCH_NEW;
}

void watch_accounts_own(struct watch_accounts *w, struct own_set *own)
{
    w->own = own;
    for (size_t i = 0; i < w->cases.n; i++)
        again(w, case_at(w, i));
}

void watch_accounts_services(struct watch_accounts *w, watch_service_fn *f, void *ctx)
{
    w->services = (struct watch_services){f, ctx};
    watch_accounts_own(w, w->own);
}

void watch_accounts_reach(struct watch_accounts *w, const struct watch_reach *to)
{
    w->reach = to ? *to : (struct watch_reach){0};
    watch_accounts_own(w, w->own);
}

/* ---- a case, traced anew ---- */

static bool took(struct watch_accounts *w, struct followed *f, const struct account_doc *d,
                 struct err *err)
{
    bool own = w->own && w->found;
    const char *service;

    passed_forget(&f->passed);
    f->is.state = WATCH_FOLLOWED;
    f->traces++;
    f->held_n = 0;
    if (!reach_whole(w, f, d ? d->trace->moves : NULL, d ? d->trace->moves_n : 0, err))
        return false;
    if (!d) /* nothing of it is in this ledger */
        return true;
    for (size_t i = 0; i < d->trace->moves_n; i++) {
        const struct account_move *m = &d->trace->moves[i];

        if (!passed_move(&f->passed, w->ledger, &w->accounts, &w->services, m, &service, err))
            return false;
        if (own && m->transfer >= f->told)
            tell(w, f, m, service, d->exact);
    }
    for (size_t i = 0; i < d->trace->balances_n; i++)
        f->held_n += d->trace->balances[i].stop == STOP_NONE;
    f->told = d->accounts.transfers_n;
    return true;
}

static bool trace_anew(struct watch_accounts *w, struct followed *f, struct err *err)
{
    struct arena *a = arena_new(NULL, WATCH_TRACE_BYTES_MAX);
    struct trace_ledger ledger = {.accounts = w->ledger};
    struct ledgers_doc doc;
    bool ok;

    if (!a)
        return nomem(err);
    if (ledgers_run(a, &ledger, 1, &w->blocks_n, &f->is.file, 1, NULL, 0, &doc, &f->is.why)) {
        ok = took(w, f, doc.parts[0].accounts, err);
    } else {
        ok = !is_fatal(&f->is.why);
        if (!ok)
            *err = f->is.why;
        f->is.state = f->is.why.class == ERR_NOT_FOUND ? WATCH_WAITS : WATCH_REFUSED;
        reach_lost(w, f);
    }
    arena_free(a);
    return ok;
}

/* ---- a turn ---- */

static void accounts_at(struct watch_accounts *w, uint32_t blocks_n)
{
    w->accounts = blocks_n ? account_ledger_until(w->ledger, blocks_n) : (struct accounts){0};
    w->routes = route_ledger_of(w->ledger, &w->accounts);
}

/* What a pass has asked of routes. A transaction that asked for its other side makes the case one
 * that is traced anew. */
static bool asked(struct watch_accounts *w, struct followed *f, struct err *err)
{
    bool crosses = f->routes && routes_asked(f->routes), failed = f->failed;

    f->routes = routes_free(f->routes);
    f->failed = false;
    if (is_live(f) && (crosses || failed))
        account_live_remove(w->live, f->number);
    f->crosses |= crosses;
    if (f->crosses && w->crossing)
        f->is.state = WATCH_CROSSES;
    if (!failed)
        return true;
    *err = f->is.why = f->wrong;
    f->is.state = WATCH_REFUSED;
    reach_lost(w, f);
    return !is_fatal(err);
}

static bool resolve(struct watch_accounts *w, struct followed *f, struct arena *a,
                    struct account_origin **ret, size_t *ret_n, struct err *err)
{
    return account_origins_resolve(a, w->ledger, &w->accounts, f->is.file.origins,
                                   f->is.file.origins_n, ret, ret_n, err);
}

/* Follows it over the past; what is wrong with it is kept with it. */
static bool follow(struct watch_accounts *w, struct followed *f, struct err *err)
{
    const struct case_file *c = &f->is.file;
    struct arena *a = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    struct account_case ask = {.policy = c->has_policy ? c->policy : TRACE_FIFO,
                               .dust = c->dust,
                               .hops_max = c->has_hops ? c->hops_max : TRACE_HOPS_NONE,
                               .moves_max = w->limits.reached_max,
                               .moves_cut = w->limits.reached_max != 0,
                               .stop_of = stop_of,
                               .stop_ctx = f,
                               .conversions_of = conversions_of,
                               .conversions_ctx = f};
    struct account_origin *origins;
    bool ok;

    if (!a)
        return nomem(err);
    ok = w->blocks_n && resolve(w, f, a, &origins, &ask.origins_n, &f->is.why);
    if (ok) {
        ask.origins = origins;
        ok = account_live_add(w->live, &w->accounts, &ask, &f->number, &f->is.why);
        f->is.state = ok ? WATCH_FOLLOWED : f->is.state;
    }
    arena_free(a);
    if (!asked(w, f, err))
        return false;
    if (f->is.state == WATCH_REFUSED || f->is.state == WATCH_CROSSES)
        return true;
    if (f->crosses)
        return trace_anew(w, f, err);
    if (ok) {
        f->traces++;
        return reach_live(w, f, err) && tell_case(w, f, err);
    }
    if (w->blocks_n && is_fatal(&f->is.why)) {
        *err = f->is.why;
        return false;
    }
    f->is.state = !w->blocks_n || f->is.why.class == ERR_NOT_FOUND ? WATCH_WAITS : WATCH_REFUSED;
    reach_lost(w, f);
    return true;
}

static bool follow_new(struct watch_accounts *w, bool blocks, struct err *err)
{
    for (size_t i = 0; i < w->cases.n; i++) {
        struct followed *f = case_at(w, i);
        bool due = f->is.state == WATCH_NEW ||
                   (blocks &&
                    (f->is.state == WATCH_WAITS || (f->is.state == WATCH_FOLLOWED && f->crosses)));

        if (due && !(f->crosses && w->blocks_n ? trace_anew : follow)(w, f, err))
            return false;
    }
    return true;
}

/* A case that has met a limit, or was added after blocks that are undone now. */
static void look_over(struct watch_accounts *w)
{
    for (size_t i = 0; i < w->cases.n; i++) {
        struct followed *f = case_at(w, i);
        struct account_live_case is;

        if (!is_live(f))
            continue;
        is = account_live_case(w->live, f->number);
        if (!is.over)
            continue;
        f->is.why = *is.over;
        again(w, f);
        if (f->is.why.class != ERR_NOT_FOUND)
            f->is.state = WATCH_REFUSED;
        reach_lost(w, f);
    }
}

static bool live_again(struct watch_accounts *w, struct err *err)
{
    struct account_live_limits limits = {.held_max = w->limits.held_max,
                                         .back_max = w->limits.back_max};

    for (size_t i = 0; i < w->cases.n; i++)
        again(w, case_at(w, i));
    w->live = account_live_free(w->live);
    w->passes = w->blocks_n = 0;
    w->notes[0] = (struct block_note){0};
    if (w->reach.back)
        w->reach.back(w->reach.ctx, w->chain, 0);
    return account_live_new(limits, &w->live, err);
}

static struct block_note *note_of(const struct watch_accounts *w, uint32_t pass)
{
    return &w->notes[pass % (w->limits.back_max + 1)];
}

static bool stands(const struct watch_accounts *w, const struct block_note *note)
{
    struct account_ledger_block block;

    if (!note->blocks_n)
        return true;
    if (note->blocks_n > account_ledger_counts(w->ledger).blocks)
        return false;
    block = account_ledger_block(w->ledger, note->blocks_n - 1);
    return hash32_equal(&block.hash, &note->hash);
}

/* Ids of transfers that are undone will be others'. */
static bool firsts_back(struct watch_accounts *w, struct err *err)
{
    for (size_t i = 0; i < w->cases.n; i++) {
        struct followed *f = case_at(w, i);

        if (f->native >= w->accounts.transfers_n)
            f->native = ACCOUNTS_NONE;
        if (f->paired >= w->accounts.transfers_n)
            f->paired = ACCOUNTS_NONE;
        if (f->crosses && f->is.state == WATCH_FOLLOWED)
            again(w, f);
        if (!passed_back(&f->passed, w->accounts.transfers_n, err))
            return false;
    }
    return true;
}

/* Back to the last block that the ledger still has. */
static bool take_back(struct watch_accounts *w, struct err *err)
{
    bool changed = false;

    while (!stands(w, note_of(w, w->passes))) {
        if (!account_live_backs(w->live))
            return live_again(w, err);
        if (!account_live_back(w->live, err))
            return false;
        w->blocks_n = note_of(w, --w->passes)->blocks_n;
        changed = true;
    }
    if (changed) {
        accounts_at(w, w->blocks_n);
        if (w->reach.back)
            w->reach.back(w->reach.ctx, w->chain, w->accounts.transfers_n);
        if (!firsts_back(w, err))
            return false;
        look_over(w);
    }
    return true;
}

struct growth {
    struct account_live_origin *at;
    size_t n, size;
};

static bool growth_add(struct growth *g, uint32_t number, struct account_origin origin)
{
    if (g->n == g->size) {
        size_t size = g->size ? 2 * g->size : 64;
        struct account_live_origin *at = mem_grow(g->at, size * sizeof(*at));

        if (!at)
            return false;
        g->at = at;
        g->size = size;
    }
    g->at[g->n++] = (struct account_live_origin){number, origin};
    return true;
}

/* Transfers of the block to an origin that is an account. */
static bool grow(struct watch_accounts *w, struct followed *f, uint64_t first, struct growth *g,
                 struct err *err)
{
    struct arena *a = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    struct account_origin *origins;
    size_t n;
    bool ok = a && resolve(w, f, a, &origins, &n, err);

    if (!a)
        return nomem(err);
    for (size_t i = 0; ok && i < n; i++)
        if (origins[i].transfer >= first && !growth_add(g, f->number, origins[i]))
            ok = nomem(err);
    arena_free(a);
    if (ok || is_fatal(err))
        return ok;
    again(w, f); /* its origins are not what they were */
    return true;
}

static int by_number(const void *one, const void *other)
{
    const struct account_live_origin *a = one, *b = other;

    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (a->origin.transfer > b->origin.transfer) - (a->origin.transfer < b->origin.transfer);
}

/* Whom the pass has come to: what it moved is told, unless it is to be traced anew. before: how
 * many transfers there were. */
static bool tell_pass(struct watch_accounts *w, uint64_t before, struct err *err)
{
    const uint32_t *touched;

    if (!account_live_touched(w->live, &touched))
        return true;
    for (size_t i = 0; i < w->cases.n; i++) {
        struct followed *f = case_at(w, i);

        if (!is_live(f))
            continue;
        if (!asked(w, f, err))
            return false;
        if (f->crosses) { /* or asserted: it is not live then */
            f->told = before;
        } else if (f->is.state == WATCH_FOLLOWED) {
            reach_more(w, f);
            if (!tell_case(w, f, err))
                return false;
        }
    }
    return true;
}

static bool advance(struct watch_accounts *w, uint32_t blocks_n, struct err *err)
{
    uint64_t before = w->accounts.transfers_n;
    struct growth g = {0};
    struct block_note note = {blocks_n, account_ledger_block(w->ledger, blocks_n - 1).hash};
    bool ok = true;

    accounts_at(w, blocks_n);
    for (size_t i = 0; ok && i < w->cases.n; i++)
        if (case_at(w, i)->grows && is_live(case_at(w, i)))
            ok = grow(w, case_at(w, i), before, &g, err);
    if (g.n)
        qsort(g.at, g.n, sizeof(*g.at), by_number);
    ok = ok && account_live_advance(w->live, &w->accounts, g.at, g.n, err);
    mem_free(g.at);
    if (!ok)
        return false;
    w->blocks_n = blocks_n;
    *note_of(w, ++w->passes) = note;
    if (!tell_pass(w, before, err))
        return false;
    look_over(w);
    return true;
}

/* As long as nobody is followed there is nothing to be said of single blocks, but for the last
 * ones, which may be undone. */
static uint32_t next_of(const struct watch_accounts *w, uint32_t blocks_max)
{
    uint32_t last = blocks_max > w->limits.back_max ? blocks_max - w->limits.back_max : 0;

    return w->blocks_n < last && !account_live_held(w->live) && !w->passes ? last : w->blocks_n + 1;
}

bool watch_accounts_turn(struct watch_accounts *w, const struct account_ledger *l,
                         uint32_t blocks_max, watch_found_fn *found, void *ctx, struct err *err)
{
    uint64_t all = account_ledger_counts(l).blocks;
    bool ok, any = false;

    w->ledger = l;
    w->found = found;
    w->found_ctx = ctx;
    if (blocks_max > all)
        blocks_max = (uint32_t)all;
    ok = take_back(w, err);
    if (ok)
        accounts_at(w, w->blocks_n);
    while (ok && w->blocks_n < blocks_max) {
        ok = advance(w, next_of(w, blocks_max), err);
        any = true;
    }
    ok = ok && follow_new(w, any, err);
    w->ledger = NULL;
    w->accounts = (struct accounts){0};
    return ok;
}

/* ---- who goes elsewhere ---- */

void watch_accounts_crossing(struct watch_accounts *w)
{
    w->crossing = true;
    for (size_t i = 0; i < w->cases.n; i++)
        again(w, case_at(w, i));
}

void watch_accounts_crossers(const struct watch_accounts *w,
                             void (*each)(void *ctx, const char *id), void *ctx)
{
    watch_cases_in(&w->cases, WATCH_CROSSES, each, ctx);
}

/* ---- the whole ---- */

bool watch_accounts_new(const struct chain *chain, struct watch_limits limits,
                        struct watch_accounts **ret, struct err *err)
{
    struct watch_accounts *w = mem_zero(sizeof(*w));

    if (!w)
        return nomem(err);
    w->chain = chain;
    w->limits = limits;
    w->cases = (struct watch_cases){.end = end, .watch = w};
    if (!w->limits.back_max || w->limits.back_max > ACCOUNT_LIVE_BACK_MAX)
        w->limits.back_max = WATCH_BACK_BLOCKS;
    w->notes = mem_array(w->limits.back_max + 1, sizeof(*w->notes));
    if (!w->notes || !live_again(w, err)) {
        if (!w->notes)
            nomem(err);
        watch_accounts_free(w);
        return false;
    }
    *ret = w;
    return true;
}

struct watch_accounts *watch_accounts_free(struct watch_accounts *w)
{
    if (!w)
        return NULL;
    w->live = account_live_free(w->live);
    watch_cases_free(&w->cases);
    mem_free(w->notes);
    return mem_free(w);
}

#define TAINTED_MAX 64u /* cases of one holding that are told */

size_t watch_accounts_tainted(const struct watch_accounts *w, uint64_t holding,
                              struct watch_accounts_held *ret, size_t max)
{
    struct account_live_hold holds[TAINTED_MAX];
    size_t n = account_live_holds(w->live, holding, holds, TAINTED_MAX), told = 0;

    for (size_t i = 0; i < n && told < max; i++)
        for (size_t k = 0; k < w->cases.n && told < max; k++)
            if (is_live(case_at(w, k)) && case_at(w, k)->number == holds[i].number)
                ret[told++] = (struct watch_accounts_held){case_at(w, k)->is.id, holds[i].taint};
    return told;
}

struct watch_counts watch_accounts_counts(const struct watch_accounts *w)
{
    struct watch_counts n = {.blocks = w->blocks_n,
                             .cases = w->cases.n,
                             .held = account_live_held(w->live),
                             .bytes = account_live_bytes(w->live),
                             .own = w->own ? own_set_n(w->own) : 0};

    for (size_t i = 0; i < w->cases.n; i++) {
        n.followed += case_at(w, i)->is.state == WATCH_FOLLOWED;
        n.held += case_at(w, i)->held_n;
    }
    return n;
}

bool watch_accounts_state(const struct watch_accounts *w, const char *id, enum watch_state *ret,
                          const char **ret_text, size_t *ret_traces)
{
    const struct watch_case *c = watch_cases_find(&w->cases, id);

    if (!c)
        return false;
    *ret = c->state;
    *ret_text = watch_case_text(c);
    *ret_traces = ((const struct followed *)c)->traces;
    return true;
}
