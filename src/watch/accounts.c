#include "watch/accounts.h"

#include "base/mem.h"
#include "trace/ledgers_run.h"

#include <stdlib.h>
#include <string.h>

struct followed { /* a case */
    char *id;
    struct hash32 text; /* its SHA-256 */
    struct arena *arena;
    struct case_file file;
    bool grows; /* an origin is an account */
    bool dirty;
    enum watch_state state;
    uint64_t told;     /* transfers below it have been looked at */
    uint64_t *tainted; /* [tainted_n] holdings, ascending */
    size_t tainted_n, traces;
    struct err why;
};

struct watch_accounts {
    const struct chain *chain;
    struct followed **cases;
    size_t cases_n, cases_size;
    struct own_set *own; /* borrowed */
    uint32_t blocks_n;
    struct hash32 last; /* of the last of them */
    uint64_t transfers_n;
    uint64_t *slots; /* 1 + a holding that is tainted in some case; open addressing */
    size_t slots_n, slots_used;
    bool stale; /* slots are to be made anew */
};

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "watch");
}

/* ---- cases ---- */

static struct followed *followed_free(struct followed *f)
{
    if (!f)
        return NULL;
    mem_free(f->id);
    mem_free(f->tainted);
    arena_free(f->arena);
    return mem_free(f);
}

static bool fits(const struct watch_accounts *w, struct followed *f, struct err *err)
{
    const struct case_file *c = &f->file;

    if (c->chain && chain_by_name(c->chain) != w->chain)
        return err_fail(err, ERR_INPUT, "chain: the case is of \"%.60s\"", c->chain);
    if (c->has_until || c->has_until_time)
        return err_fail(err, ERR_INPUT, "limits: a case that ends at a block is not followed live");
    for (size_t i = 0; i < c->origins_n; i++) {
        f->grows |= c->origins[i].kind == ORIGIN_ADDRESS;
        if (c->origins[i].chain && chain_by_name(c->origins[i].chain) != w->chain)
            return err_fail(err, ERR_INPUT, "origins[%zu]: of \"%.60s\"", i, c->origins[i].chain);
    }
    return true;
}

static struct followed *followed_new(struct watch_accounts *w, const char *id, struct bytes text,
                                     struct err *err)
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
    if (case_read(f->arena, text, &f->file, &f->why) && fits(w, f, &f->why))
        return f;
    if (f->why.class == ERR_NOMEM) {
        *err = f->why;
        return followed_free(f);
    }
    f->state = WATCH_REFUSED;
    return f;
}

static size_t place_of(const struct watch_accounts *w, const char *id)
{
    size_t i = 0;

    while (i < w->cases_n && strcmp(w->cases[i]->id, id) != 0)
        i++;
    return i;
}

static void drop_at(struct watch_accounts *w, size_t i)
{
    followed_free(w->cases[i]);
    w->cases[i] = w->cases[--w->cases_n];
    w->stale = true;
}

bool watch_accounts_case(struct watch_accounts *w, const char *id, struct bytes text,
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

void watch_accounts_drop(struct watch_accounts *w, const char *id)
{
    size_t at = place_of(w, id);

    if (at < w->cases_n)
        drop_at(w, at);
}

void watch_accounts_keep(struct watch_accounts *w, bool (*keep)(void *ctx, const char *id),
                         void *ctx)
{
    for (size_t i = w->cases_n; i-- > 0;)
        if (!keep(ctx, w->cases[i]->id))
            drop_at(w, i);
}

static void all_again(struct watch_accounts *w)
{
    for (size_t i = 0; i < w->cases_n; i++) {
        struct followed *f = w->cases[i];

        f->told = 0;
        f->dirty = true;
    }
}

void watch_accounts_own(struct watch_accounts *w, struct own_set *own)
{
    w->own = own;
    all_again(w);
}

/* ---- which holdings are tainted ---- */

static size_t slot_of(const struct watch_accounts *w, uint64_t holding)
{
    size_t at = (size_t)((holding + 1) * 0x9e3779b97f4a7c15 >> 20) & (w->slots_n - 1);

    while (w->slots[at] && w->slots[at] != holding + 1)
        at = (at + 1) & (w->slots_n - 1);
    return at;
}

static bool slots_make(struct watch_accounts *w, struct err *err)
{
    size_t n = 64, all = 0;

    for (size_t i = 0; i < w->cases_n; i++)
        all += w->cases[i]->tainted_n;
    while (n < 2 * all)
        n *= 2;
    mem_free(w->slots);
    w->slots = mem_array(n, sizeof(*w->slots));
    if (!w->slots)
        return nomem(err);
    w->slots_n = n;
    w->slots_used = all;
    for (size_t i = 0; i < w->cases_n; i++)
        for (size_t k = 0; k < w->cases[i]->tainted_n; k++)
            w->slots[slot_of(w, w->cases[i]->tainted[k])] = w->cases[i]->tainted[k] + 1;
    w->stale = false;
    return true;
}

static int by_number(const void *one, const void *other)
{
    const uint64_t *a = one, *b = other;

    return *a < *b ? -1 : *a > *b;
}

static void mark_dirty(struct watch_accounts *w, uint64_t holding)
{
    for (size_t i = 0; i < w->cases_n; i++) {
        struct followed *f = w->cases[i];

        f->dirty |= f->tainted_n &&
                    bsearch(&holding, f->tainted, f->tainted_n, sizeof(*f->tainted), by_number);
    }
}

/* Transfers of new blocks whose sender's holding is tainted. */
static bool look_at(struct watch_accounts *w, const struct accounts *a, struct err *err)
{
    if ((w->stale || !w->slots) && !slots_make(w, err))
        return false;
    for (uint64_t t = w->transfers_n; w->slots_used && t < a->transfers_n; t++) {
        uint64_t from = accounts_transfer(a, t).from;

        if (from != ACCOUNTS_NONE && w->slots[slot_of(w, from)])
            mark_dirty(w, from);
    }
    for (size_t i = 0; i < w->cases_n; i++)
        w->cases[i]->dirty |= w->cases[i]->grows || w->cases[i]->state == WATCH_WAITS;
    return true;
}

/* ---- a case, traced ---- */

static bool keep_tainted(struct watch_accounts *w, struct followed *f,
                         const struct account_trace *t, struct err *err)
{
    uint64_t *at = mem_array(t->balances_n + 1, sizeof(*at));
    size_t n = 0;

    if (!at)
        return nomem(err);
    for (size_t i = 0; i < t->balances_n; i++)
        if (t->balances[i].stop == STOP_NONE && (!n || at[n - 1] != t->balances[i].holding))
            at[n++] = t->balances[i].holding;
    mem_free(f->tainted);
    f->tainted = at;
    f->tainted_n = n;
    w->stale = true;
    return true;
}

static void tell(const struct watch_accounts *w, const struct followed *f,
                 const struct account_doc *d, const struct account_move *m, watch_found_fn *told,
                 void *ctx)
{
    struct transfer t = accounts_transfer(&d->accounts, m->transfer);
    struct watch_found found = {.case_id = f->id,
                                .chain = w->chain,
                                .amount = t.credit,
                                .tainted = m->taint,
                                .share_ppm = watch_share(m->taint, t.credit),
                                .hop = m->hop,
                                .policy = d->policy,
                                .grade = m->grade,
                                .origin = m->origin,
                                .exact = d->exact};
    uint64_t account;

    if (t.to == ACCOUNTS_NONE)
        return;
    account = load_le40(d->accounts.holding + t.to * HOLDING_BYTES);
    if (!own_set_find(w->own, account_ledger_key(d->ledger, account), &found.own))
        return;
    transfer_name(d->ledger, m->transfer, found.place);
    account_text(d->ledger, account, found.address);
    asset_text(d->ledger, account_doc_asset(d, m), found.asset);
    found.height = account_doc_block(d, m->transfer).height;
    found.block = account_doc_block(d, m->transfer).hash;
    told(ctx, &found);
}

static bool took(struct watch_accounts *w, struct followed *f, const struct account_doc *d,
                 watch_found_fn *told, void *ctx, struct err *err)
{
    f->state = WATCH_FOLLOWED;
    f->traces++;
    if (!d) { /* nothing of it is in this ledger */
        f->tainted_n = 0;
        return true;
    }
    for (size_t i = 0; w->own && told && i < d->trace->moves_n; i++)
        if (d->trace->moves[i].transfer >= f->told)
            tell(w, f, d, &d->trace->moves[i], told, ctx);
    f->told = d->accounts.transfers_n;
    return keep_tainted(w, f, d->trace, err);
}

static bool follow(struct watch_accounts *w, struct followed *f, const struct account_ledger *l,
                   uint32_t blocks_n, watch_found_fn *told, void *ctx, struct err *err)
{
    struct arena *a = arena_new(NULL, WATCH_TRACE_BYTES_MAX);
    struct trace_ledger ledger = {.accounts = l};
    struct ledgers_doc doc;
    bool ok;

    if (!a)
        return nomem(err);
    f->dirty = false;
    if (ledgers_run(a, &ledger, 1, &blocks_n, &f->file, 1, NULL, 0, &doc, &f->why)) {
        ok = took(w, f, doc.parts[0].accounts, told, ctx, err);
    } else {
        ok = f->why.class != ERR_NOMEM && f->why.class != ERR_CORRUPT;
        if (!ok)
            *err = f->why;
        f->state = f->why.class == ERR_NOT_FOUND ? WATCH_WAITS : WATCH_REFUSED;
        f->tainted_n = 0;
    }
    arena_free(a);
    return ok;
}

/* ---- a turn ---- */

static bool still_stands(const struct watch_accounts *w, const struct account_ledger *l)
{
    struct account_ledger_block block;

    if (!w->blocks_n)
        return true;
    if (w->blocks_n > account_ledger_counts(l).blocks)
        return false;
    block = account_ledger_block(l, w->blocks_n - 1);
    return hash32_equal(&block.hash, &w->last);
}

bool watch_accounts_turn(struct watch_accounts *w, const struct account_ledger *l,
                         uint32_t blocks_max, watch_found_fn *found, void *ctx, struct err *err)
{
    uint64_t all = account_ledger_counts(l).blocks;
    uint32_t blocks_n = blocks_max < all ? blocks_max : (uint32_t)all;
    struct accounts a = account_ledger_until(l, blocks_n);
    bool ok = true;

    if (!still_stands(w, l)) { /* blocks were undone */
        w->transfers_n = w->blocks_n = 0;
        all_again(w);
    }
    if (!blocks_n)
        return true;
    if (blocks_n > w->blocks_n)
        ok = look_at(w, &a, err);
    for (size_t i = 0; ok && i < w->cases_n; i++)
        if (w->cases[i]->dirty && w->cases[i]->state != WATCH_REFUSED)
            ok = follow(w, w->cases[i], l, blocks_n, found, ctx, err);
    w->blocks_n = blocks_n;
    w->last = account_ledger_block(l, blocks_n - 1).hash;
    w->transfers_n = a.transfers_n;
    return ok;
}

/* ---- the whole ---- */

bool watch_accounts_new(const struct chain *chain, struct watch_accounts **ret, struct err *err)
{
    struct watch_accounts *w = mem_zero(sizeof(*w));

    if (!w)
        return nomem(err);
    w->chain = chain;
    *ret = w;
    return true;
}

struct watch_accounts *watch_accounts_free(struct watch_accounts *w)
{
    if (!w)
        return NULL;
    for (size_t i = 0; i < w->cases_n; i++)
        followed_free(w->cases[i]);
    mem_free((void *)w->cases);
    mem_free(w->slots);
    return mem_free(w);
}

struct watch_counts watch_accounts_counts(const struct watch_accounts *w)
{
    struct watch_counts n = {.blocks = w->blocks_n,
                             .cases = w->cases_n,
                             .bytes = w->slots_n * sizeof(*w->slots),
                             .own = w->own ? own_set_n(w->own) : 0};

    for (size_t i = 0; i < w->cases_n; i++) {
        n.followed += w->cases[i]->state == WATCH_FOLLOWED;
        n.held += w->cases[i]->tainted_n;
        n.bytes += w->cases[i]->tainted_n * sizeof(uint64_t);
    }
    return n;
}

bool watch_accounts_state(const struct watch_accounts *w, const char *id, enum watch_state *ret,
                          const char **ret_text, size_t *ret_traces)
{
    size_t at = place_of(w, id);
    const struct followed *f;

    if (at == w->cases_n)
        return false;
    f = w->cases[at];
    *ret = f->state;
    *ret_text = f->state == WATCH_WAITS || f->state == WATCH_REFUSED ? f->why.text : "";
    *ret_traces = f->traces;
    return true;
}
