#include "serve/lead_judge.h"

#include "base/mem.h"
#include "base/text.h"
#include "group/quota.h"
#include "group/report.h"
#include "watch/accounts.h"
#include "watch/coins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN_BYTES_MAX ((size_t)1 << 20)
#define HELD_MAX ((size_t)1 << 20)
#define PIECE_BLOCKS 20000 /* at once */

struct judging {
    const struct chain *chain;
    size_t n;
    struct lead_verdict *ret;
    struct watch_coins *coins;
    struct watch_accounts *accounts;
    uint64_t reached_max;
    struct err err;
    bool ok;
};

/* A target a line, under the number of its lead: as own addresses are written (docs/watch.md). */
static bool targets_make(const struct chain *chain, const struct lead *leads, size_t n,
                         struct own **ret_own, struct own_set **ret, struct err *err)
{
    struct text t = text_new(OWN_BYTES_MAX);
    bool ok;

    for (size_t i = 0; i < n; i++)
        text_printf(&t, "%s %zu chain=%s\n", leads[i].target, i, chain->name);
    ok = text_end(&t, err) &&
         own_read("leads.txt", (struct bytes){(uint8_t *)t.p, t.n}, ret_own, err) &&
         own_set_make(*ret_own, chain, ret, err);
    text_free(&t);
    return ok;
}

static void on_found(void *ctx, const struct watch_found *found)
{
    struct judging *x = ctx;
    char *end;
    unsigned long i = strtoul(found->own.account, &end, 10);

    if (*end || i >= x->n || x->ret[i].reached[0])
        return;
    snprintf(x->ret[i].reached, sizeof(x->ret[i].reached), "%s", found->case_id);
}

/* ---- cases that were told to all ---- */

static bool case_give(struct judging *x, struct group_log *l, const struct fold *f,
                      const struct fold_object *o, struct err *err)
{
    const struct fold_event *e = fold_find(f, &o->revision);
    struct arena *a = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    enum body_state state = BODY_NONE;
    struct salt32 salt;
    struct report report;
    struct bytes body;
    struct err unread;
    bool ok = true;

    if (!a)
        return err_fail(err, ERR_NOMEM, "cases");
    if (e && group_log_body(l, a, e, &state, &salt, &body, &unread) && state == BODY_HERE &&
        report_read(a, body, &report, &unread) &&
        report.file.origins_n <= fold_charter(f)->quotas.origins)
        ok = x->coins ? watch_coins_case(x->coins, o->object, report.text, err)
                      : watch_accounts_case(x->accounts, o->object, report.text, err);
    arena_free(a);
    return ok;
}

static void cases_give(void *ctx, struct group_log *l, const struct fold *f)
{
    struct judging *x = ctx;
    const struct fold_object *o;

    for (size_t i = 0; x->ok && f && fold_charter(f) && (o = fold_object_at(f, i)); i++)
        if (case_is_live(o) && !strcmp(o->audience, AUDIENCE_ALL) && !case_over_quota(f, o))
            x->ok = case_give(x, l, f, o, &x->err);
}

static void quota_see(void *ctx, struct group_log *l, const struct fold *f)
{
    struct judging *x = ctx;

    (void)l;
    x->reached_max = f && fold_charter(f) ? fold_charter(f)->quotas.reached : 0;
}

static bool watch_make(struct judging *x, struct live_group *g, struct err *err)
{
    struct watch_limits limits = {.held_max = HELD_MAX};

    live_group_read(g, quota_see, x);
    limits.reached_max = x->reached_max;
    if (!(chain_has_accounts(x->chain) ? watch_accounts_new(x->chain, limits, &x->accounts, err)
                                       : watch_coins_new(x->chain, limits, &x->coins, err)))
        return false;
    x->ok = true;
    live_group_read(g, cases_give, x);
    if (!x->ok)
        *err = x->err;
    return x->ok;
}

/* ---- over the ledger ---- */

/* *ret_more: there are blocks behind. */
static bool piece(struct judging *x, const struct live_ledgers_one *one, uint32_t to,
                  bool *ret_more, struct err *err)
{
    if (x->coins && one->coins) {
        *ret_more = ledger_counts(one->coins).blocks > to;
        return watch_coins_turn(x->coins, one->coins, to, on_found, x, err);
    }
    if (x->accounts && one->accounts) {
        *ret_more = account_ledger_counts(one->accounts).blocks > to;
        return watch_accounts_turn(x->accounts, one->accounts, to, on_found, x, err);
    }
    return err_fail(err, ERR_NOT_FOUND, "%s: its ledger is not here", x->chain->name);
}

static bool pieces(struct judging *x, struct live_ledgers *ledgers, const atomic_bool *ending,
                   struct err *err)
{
    bool more = true, ok = true;

    for (uint32_t to = PIECE_BLOCKS; ok && more; to += PIECE_BLOCKS) {
        struct live_ledgers_view *v = live_ledgers_take(ledgers);
        struct live_ledgers_one one;

        ok = live_ledgers_find(v, x->chain->name, &one)
                 ? piece(x, &one, to, &more, err)
                 : err_fail(err, ERR_NOT_FOUND, "%s: its ledger is not here", x->chain->name);
        live_ledgers_drop(ledgers, v);
        if (ok && more && atomic_load(ending))
            ok = err_fail(err, ERR_SYSTEM, "stopped");
    }
    return ok;
}

static bool is_here(struct live_ledgers *ledgers, const struct chain *chain)
{
    struct live_ledgers_view *v = live_ledgers_take(ledgers);
    struct live_ledgers_one one;
    bool here = live_ledgers_find(v, chain->name, &one);

    live_ledgers_drop(ledgers, v);
    return here;
}

/* An address that several leads name stands among own addresses once: the first's number. */
static void twins_fill(const struct lead *leads, size_t n, struct lead_verdict *ret)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; !ret[i].reached[0] && k < i; k++)
            if (ret[k].reached[0] && lead_same_target(&leads[k], &leads[i]))
                memcpy(ret[i].reached, ret[k].reached, sizeof(ret[i].reached));
    for (size_t i = n - 1; i-- > 0;)
        for (size_t k = i + 1; !ret[i].reached[0] && k < n; k++)
            if (ret[k].reached[0] && lead_same_target(&leads[k], &leads[i]))
                memcpy(ret[i].reached, ret[k].reached, sizeof(ret[i].reached));
}

bool lead_judge(struct live_ledgers *ledgers, struct live_group *g, const struct lead *leads,
                size_t n, const atomic_bool *ending, struct lead_verdict *ret, struct err *err)
{
    struct judging x = {.chain = chain_by_caip2(leads[0].chain), .n = n, .ret = ret};
    struct own *own = NULL; /* the set borrows from it */
    struct own_set *set = NULL;
    bool ok;

    memset(ret, 0, n * sizeof(*ret));
    if (!x.chain || !is_here(ledgers, x.chain))
        return true;
    ok = targets_make(x.chain, leads, n, &own, &set, err) && watch_make(&x, g, err);
    if (ok && x.coins)
        watch_coins_own(x.coins, set);
    if (ok && x.accounts)
        watch_accounts_own(x.accounts, set);
    ok = ok && pieces(&x, ledgers, ending, err);
    for (size_t i = 0; ok && i < n; i++)
        ret[i].known = true;
    if (ok)
        twins_fill(leads, n, ret);
    watch_coins_free(x.coins);
    watch_accounts_free(x.accounts);
    own_set_free(set);
    own_free(own);
    return ok;
}
