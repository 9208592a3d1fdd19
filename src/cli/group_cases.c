#include "cli/group_cases.h"

#include "cli/group_call.h"
#include "cli/ledger_any.h"
#include "group/alert.h"
#include "group/handling.h"
#include "group/quota.h"
#include "group/show.h"
#include "watch/accounts.h"
#include "watch/crossing.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define CASE_BYTES_MAX WATCH_CASE_BYTES_MAX

struct group_case { /* a case */
    const char *id;
    struct bytes text;
};

struct following {
    struct arena *a;
    struct screen_cases *to;
    struct watch_reach reach;
    struct group_case *cases;
    size_t cases_n;
    uint64_t reached_max; /* the charter's */
    struct watch_crossing *crossing;
    struct trace_ledger ledgers[ROUTES_LEDGERS_MAX];
    size_t ledgers_n;
};

/* ---- what the log says ---- */

/* What is to be observed may go its way: it is no exposure at this member. */
static bool is_told(const struct fold *f, const struct fold_object *o)
{
    return case_is_live(o) && !case_over_quota(f, o) &&
           handling_of(f, o->object, NULL).what == HANDLING_HOLD;
}

static bool case_take(struct following *x, struct group_log *l, const struct fold_object *o,
                      struct err *err)
{
    const struct fold *f = group_log_fold(l);
    struct screen_case_is is = {.state = state_name(o->state),
                                .counts = case_is_verified(o->state)};
    struct group_case *at = &x->cases[x->cases_n];
    enum body_state state;
    struct report report;
    uint64_t cut;
    bool fresh;

    if (!case_report(l, x->a, o, &state, &report, err))
        return false;
    if (state != BODY_HERE)
        return true;
    snprintf(is.id, sizeof(is.id), "%s %s", o->object, o->audience);
    snprintf(is.object, sizeof(is.object), "%s", o->object);
    snprintf(is.member, sizeof(is.member), "%s", o->owner);
    at->id = arena_string(x->a, is.id, strlen(is.id));
    if (!at->id)
        return err_fail(err, ERR_NOMEM, "cases");
    x->cases_n++;
    return report_origins_cut(x->a, report.text, fold_charter(f)->quotas.origins, &at->text, &cut,
                              err) &&
           screen_cases_give(x->to, &is, at->text, &fresh, err);
}

static bool cases_take(struct following *x, struct group_log *l, struct err *err)
{
    const struct fold *f = group_log_fold(l);
    const struct fold_object *o;
    size_t n = 0;

    if (!f || !fold_charter(f))
        return true;
    x->reached_max = fold_charter(f)->quotas.reached;
    while (fold_object_at(f, n))
        n++;
    x->cases = ARENA_ARRAY(x->a, struct group_case, n + 1);
    if (!x->cases)
        return err_fail(err, ERR_NOMEM, "cases");
    for (size_t i = 0; (o = fold_object_at(f, i)); i++)
        if (is_told(f, o) && !case_take(x, l, o, err))
            return err_in(err, "%s", o->object);
    return true;
}

/* ---- followed ---- */

static void on_whole(void *ctx, const struct chain *chain, const char *id, struct reach *r)
{
    screen_cases_whole(((struct following *)ctx)->to, chain, id, r);
}

static void on_crosser(void *ctx, const char *id)
{
    watch_crossing_wake(((struct following *)ctx)->crossing, id);
}

static bool coins_follow(struct following *x, const struct ledger *l, struct err *err)
{
    struct watch_coins *w;
    bool ok;

    if (!watch_coins_new(ledger_chain(l), (struct watch_limits){.reached_max = x->reached_max}, &w,
                         err))
        return false;
    watch_coins_reach(w, &x->reach);
    if (x->crossing)
        watch_coins_crossing(w);
    ok = watch_coins_turn(w, l, UINT32_MAX, NULL, NULL, err);
    for (size_t i = 0; ok && i < x->cases_n; i++)
        ok = watch_coins_case(w, x->cases[i].id, x->cases[i].text, err);
    ok = ok && watch_coins_turn(w, l, UINT32_MAX, NULL, NULL, err);
    if (ok && x->crossing)
        watch_coins_crossers(w, on_crosser, x);
    watch_coins_free(w);
    return ok;
}

static bool accounts_follow(struct following *x, const struct account_ledger *l, struct err *err)
{
    struct watch_accounts *w;
    bool ok;

    if (!watch_accounts_new(account_ledger_chain(l),
                            (struct watch_limits){.reached_max = x->reached_max}, &w, err))
        return false;
    watch_accounts_reach(w, &x->reach);
    if (x->crossing)
        watch_accounts_crossing(w);
    ok = watch_accounts_turn(w, l, UINT32_MAX, NULL, NULL, err);
    for (size_t i = 0; ok && i < x->cases_n; i++)
        ok = watch_accounts_case(w, x->cases[i].id, x->cases[i].text, err);
    ok = ok && watch_accounts_turn(w, l, UINT32_MAX, NULL, NULL, err);
    if (ok && x->crossing)
        watch_accounts_crossers(w, on_crosser, x);
    watch_accounts_free(w);
    return ok;
}

static bool one_follow(struct following *x, const struct trace_ledger *at, struct err *err)
{
    return at->coins ? coins_follow(x, at->coins, err) : accounts_follow(x, at->accounts, err);
}

static bool crossing_open(struct following *x, struct err *err)
{
    if (x->ledgers_n < 2)
        return true;
    if (!watch_crossing_new(x->reached_max, &x->crossing, err))
        return false;
    watch_crossing_reach(x->crossing, &x->reach);
    for (size_t i = 0; i < x->cases_n; i++)
        if (!watch_crossing_case(x->crossing, x->cases[i].id, x->cases[i].text, err))
            return false;
    return true;
}

static bool crossing_follow(struct following *x, struct err *err)
{
    struct watch_crossing_ledger at[ROUTES_LEDGERS_MAX];

    for (size_t i = 0; i < x->ledgers_n; i++)
        at[i] = (struct watch_crossing_ledger){.ledger = x->ledgers[i]};
    return !x->crossing || watch_crossing_turn(x->crossing, at, x->ledgers_n, NULL, NULL, err);
}

static void come(struct following *x)
{
    for (size_t i = 0; i < x->ledgers_n; i++) {
        const struct trace_ledger *at = &x->ledgers[i];

        screen_cases_come(x->to, at,
                          (uint32_t)(at->coins ? ledger_counts(at->coins).blocks
                                               : account_ledger_counts(at->accounts).blocks));
    }
}

static bool follow(struct following *x, const char *const *places, size_t n, struct err *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < n && x->ledgers_n < ROUTES_LEDGERS_MAX; i++) {
        ok = ledger_any_open(places[i], &x->ledgers[x->ledgers_n], err);
        x->ledgers_n += ok;
    }
    ok = ok && crossing_open(x, err);
    for (size_t i = 0; ok && i < x->ledgers_n; i++)
        ok = one_follow(x, &x->ledgers[i], err);
    ok = ok && crossing_follow(x, err);
    if (ok)
        come(x);
    screen_cases_settle(x->to);
    watch_crossing_free(x->crossing);
    for (size_t i = 0; i < x->ledgers_n; i++)
        ledger_any_close(&x->ledgers[i]);
    return ok;
}

bool group_cases_open(struct arena *a, const char *home, const char *const *places, size_t n,
                      struct screen_cases **ret, struct err *err)
{
    struct following x = {.a = arena_new(a, CASE_BYTES_MAX)};
    char path[PATH_MAX];
    struct group_log *l;
    bool ok;

    *ret = NULL;
    if (snprintf(path, sizeof(path), "%s/%s", home, LOG_FILE) >= (int)sizeof(path) ||
        access(path, F_OK)) {
        arena_free(x.a);
        return true;
    }
    x.to = screen_cases_new(false);
    x.reach = (struct watch_reach){.whole = on_whole, .ctx = &x};
    ok = (x.a && x.to) || err_fail(err, ERR_NOMEM, "cases");
    if (ok && group_log_open(home, STORE_READ, &group_random, &l, err)) {
        ok = cases_take(&x, l, err);
        group_log_close(l);
    } else {
        ok = false;
    }
    if (ok && x.cases_n)
        ok = follow(&x, places, n, err);
    arena_free(x.a);
    if (ok && x.cases_n)
        *ret = x.to;
    else
        screen_cases_free(x.to);
    return ok;
}
