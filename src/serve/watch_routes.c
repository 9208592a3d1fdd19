#include "serve/watch_routes.h"

#include "base/mem.h"
#include "serve/screening.h"
#include "serve/screen_routes.h"
#include "serve/follow.h"
#include "serve/clock.h"
#include "group/alert_show.h"
#include "serve/group_routes.h"
#include "serve/live_watch.h"
#include "serve/metrics.h"
#include "serve/paid_out.h"

#include <stdio.h>

/* ---- registered withdrawals ---- */

struct watch_part {
    struct node *node;
    struct follow *follow; /* NULL: nothing is followed */
    struct screening *screening;
    struct live_watch *live;
    struct store *store; /* of the live watch's thread, once it runs */
};

static bool is_registered(struct store *s, const char *sql, const char *value, bool *ret,
                          struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s, sql, &q, err) && store_bind_text(q, 1, value, err) &&
              store_step(q, ret, err);

    store_finish(q);
    return ok;
}

/* By its transaction, or else by each address that it pays. */
static bool is_known(void *ctx, const char *tx, const struct outflow *o, bool *ret, struct err *err)
{
    struct watch_part *p = ctx;

    if (!is_registered(p->store,
                       "SELECT 1 FROM " TRANSFER_RECENT
                       " WHERE direction = 'outbound' AND tx = ? LIMIT 1",
                       tx, ret, err))
        return false;
    if (*ret)
        return true;
    *ret = true;
    for (size_t i = 0; *ret && i < o->payments_n; i++)
        if (!is_registered(p->store,
                           "SELECT 1 FROM " TRANSFER_RECENT
                           " WHERE direction = 'outbound' AND address = ? LIMIT 1",
                           o->payments[i].address, ret, err))
            return false;
    return true;
}

/* ---- accounts that were paid out ---- */

static bool is_paid_out(void *ctx, const struct live_ledgers_one *one, struct watch_alert *at,
                        struct err *err)
{
    struct watch_part *p = ctx;

    return paid_out(p->store, one, at, err);
}

/* ---- early warnings ---- */

#define EARLY_HELD_MAX 20u /* that one withdrawal is told of */

static void on_tx(void *ctx, const struct chain *chain, struct bytes raw)
{
    struct watch_part *p = ctx;

    live_watch_tx(p->live, chain, raw);
}

static void on_early(void *ctx)
{
    struct watch_part *p = ctx;

    node_wake(p->node);
}

struct early *watch_early(void *part)
{
    struct watch_part *p = part;

    return live_watch_early(p->live);
}

/* What an account has coming that may be tainted, while the member wants that to count. */
static bool early_held(void *ctx, struct arena *a, const char *account,
                       const struct screen_reason **ret, size_t *ret_n, struct err *err)
{
    struct watch_part *p = ctx;
    uint64_t lasts = live_watch_early_ms(p->live), now = clock_ms();
    struct early_warning *all = lasts ? ARENA_ARRAY(a, struct early_warning, EARLY_MAX) : NULL;
    struct screen_reason *reasons =
        lasts ? ARENA_ARRAY(a, struct screen_reason, EARLY_HELD_MAX) : NULL;
    size_t n, told = 0;

    *ret_n = 0;
    if (!lasts)
        return true;
    if (!all || !reasons)
        return err_fail(err, ERR_NOMEM, "early warnings");
    n = early_all(live_watch_early(p->live), 0, all, EARLY_MAX);
    for (size_t i = 0; i < n && told < EARLY_HELD_MAX; i++) {
        struct early_warning *w = &all[i];
        char *until;

        if (!w->arrives || strcmp(w->account, account) != 0 || w->ms + lasts <= now)
            continue;
        w->case_id[strcspn(w->case_id, " ")] = 0;
        if (live_watch_left_alone(p->live, w->case_id))
            continue;
        until = arena_alloc(a, ALERT_TIME_MAX);
        if (!until)
            return err_fail(err, ERR_NOMEM, "early warnings");
        reasons[told++] = (struct screen_reason){.evidence = SCREEN_HELD,
                                                 .category = "theft",
                                                 .source = "early",
                                                 .case_id = w->case_id,
                                                 .label = "account",
                                                 .until = alert_time(w->ms + lasts, until),
                                                 .early = true,
                                                 .asset = w->asset,
                                                 .amount = w->amount_tainted_max};
    }
    *ret = reasons;
    *ret_n = told;
    return true;
}

static bool early_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"above", NULL};
    struct watch_part *p = job->part;
    struct early_warning *all = ARENA_ARRAY(job->arena, struct early_warning, EARLY_MAX);
    const char *above = http_query(&job->request, "above");
    struct json_out j = json_to(&job->response.body, false);
    uint64_t from = 0;
    size_t n;

    if (!all)
        return err_fail(err, ERR_NOMEM, "early warnings");
    if (!http_query_only(&job->request, known, err))
        return false;
    if (above && !u64_from_text(above, strlen(above), &from))
        return err_fail(err, ERR_INPUT, "above: a number is wanted");
    n = early_all(live_watch_early(p->live), from, all, EARLY_MAX);
    json_object(&j);
    json_put_string(&j, "schema", "cordon.early-warnings/1");
    json_key(&j, "warnings");
    json_array(&j);
    for (size_t i = 0; i < n; i++) {
        json_object(&j);
        early_json(&j, &all[i]);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    return true;
}

/* ---- the part ---- */

static void part_close(void *part)
{
    struct watch_part *p = part;

    if (p->follow)
        follow_unlisten(p->follow, p);
    if (p->screening)
        screening_early(p->screening, NULL, NULL);
    live_watch_close(p->live);
    store_close(p->store);
    mem_free(p);
}

static bool part_open(struct node *n, void **ret, struct err *err)
{
    const struct config *c = node_config(n);
    struct watch_part *p = mem_zero(sizeof(*p));
    struct live_watch_options options = {.early = on_early,
                                         .early_ctx = p,
                                         .paid = is_paid_out,
                                         .paid_ctx = p,
                                         .self_ms = c->self_watch_seconds * 1000,
                                         .known = is_known,
                                         .known_ctx = p};

    if (!p)
        return err_fail(err, ERR_NOMEM, "watch");
    p->node = n;
    p->screening = node_opened(n, &screen_part);
    if (p->screening)
        options.cases = live_exposure_cases(screening_exposure(p->screening));
    if (!node_store_open(n, &p->store, err) ||
        !live_watch_open(node_home(n), node_ledgers(n), node_opened(n, &group_part), &options,
                         node_log(n), &p->live, err)) {
        part_close(p);
        return false;
    }
    if (p->screening)
        screening_early(p->screening, early_held, p);
    p->follow = node_opened(n, &follow_part);
    if (p->follow && !follow_mempool(p->follow, on_tx, p)) {
        part_close(p);
        return err_fail(err, ERR_LIMIT, "too many listeners");
    }
    *ret = p;
    return true;
}

struct told {
    struct live_watch_one at[LIVE_LEDGERS_MAX];
    size_t n;
};

static uint64_t cases_of(const struct live_watch_one *one)
{
    return one->counts.followed;
}

static uint64_t held_of(const struct live_watch_one *one)
{
    return one->counts.held;
}

static uint64_t own_of(const struct live_watch_one *one)
{
    return one->counts.own;
}

static uint64_t bytes_of(const struct live_watch_one *one)
{
    return one->counts.bytes;
}

static uint64_t lag_of(const struct live_watch_one *one)
{
    return one->blocks_all > one->counts.blocks ? one->blocks_all - one->counts.blocks : 0;
}

static void of_each(const struct told *t, struct text *to, const char *name,
                    uint64_t (*value)(const struct live_watch_one *one))
{
    for (size_t i = 0; i < t->n; i++)
        metric_u64(to, name, "chain", t->at[i].chain->name, value(&t->at[i]));
}

static void gauges(const struct told *t, struct text *to)
{
    metric_head(to, "cordon_watch_cases", "gauge", "Cases that are followed live on that ledger.");
    of_each(t, to, "cordon_watch_cases", cases_of);
    metric_head(to, "cordon_watch_tainted_outputs", "gauge",
                "Tainted unspent outputs, or holdings, of all cases together.");
    of_each(t, to, "cordon_watch_tainted_outputs", held_of);
    metric_head(to, "cordon_watch_own_addresses", "gauge", "Own addresses on that chain.");
    of_each(t, to, "cordon_watch_own_addresses", own_of);
    metric_head(to, "cordon_watch_bytes", "gauge", "Memory of live traces.");
    of_each(t, to, "cordon_watch_bytes", bytes_of);
    metric_head(to, "cordon_watch_lag_blocks", "gauge",
                "Blocks of the ledger that live traces have not come by.");
    of_each(t, to, "cordon_watch_lag_blocks", lag_of);
}

static void histogram(const struct live_watch_totals *t, struct text *to)
{
    char bound[16];

    metric_head(to, "cordon_watch_block_milliseconds", "histogram",
                "From new blocks in a ledger to their alerts.");
    for (size_t i = 0; i < LIVE_WATCH_BUCKETS; i++) {
        snprintf(bound, sizeof(bound), "%u", live_watch_buckets_ms[i]);
        metric_u64(to, "cordon_watch_block_milliseconds_bucket", "le", bound, t->turns_at_most[i]);
    }
    metric_u64(to, "cordon_watch_block_milliseconds_bucket", "le", "+Inf", t->turns);
    metric_u64(to, "cordon_watch_block_milliseconds_sum", NULL, NULL, t->turns_ms);
    metric_u64(to, "cordon_watch_block_milliseconds_count", NULL, NULL, t->turns);
}

static void counters(const struct live_watch_totals *t, struct text *to)
{
    metric_head(to, "cordon_watch_deposits_total", "counter", "Deposits found at own addresses.");
    metric_u64(to, "cordon_watch_deposits_total", NULL, NULL, t->found);
    metric_head(to, "cordon_watch_alerts_total", "counter", "Alerts of these that were said.");
    metric_u64(to, "cordon_watch_alerts_total", NULL, NULL, t->alerts);
    metric_head(to, "cordon_watch_soft_holds_total", "counter", "Soft holds that were said.");
    metric_u64(to, "cordon_watch_soft_holds_total", NULL, NULL, t->holds);
    metric_head(to, "cordon_watch_too_late_total", "counter",
                "Alerts that were too late: the account had been paid out.");
    metric_u64(to, "cordon_watch_too_late_total", NULL, NULL, t->late);
    metric_head(to, "cordon_watch_lost_total", "counter",
                "Deposits found that were too many to be said.");
    metric_u64(to, "cordon_watch_lost_total", NULL, NULL, t->lost);
    metric_head(to, "cordon_watch_undone", "gauge",
                "Deposits of alerts whose blocks were undone, and which are not back.");
    metric_u64(to, "cordon_watch_undone", NULL, NULL, t->undone.gone);
    metric_head(to, "cordon_watch_voided_total", "counter",
                "Alerts that are void since their deposits did not come back.");
    metric_u64(to, "cordon_watch_voided_total", NULL, NULL, t->undone.voided);
    metric_head(to, "cordon_watch_outflows_total", "counter", "Outflows of own wallets.");
    metric_u64(to, "cordon_watch_outflows_total", NULL, NULL, t->self.outflows);
    metric_head(to, "cordon_watch_drafts_total", "counter",
                "Outflows that are no registered withdrawals, drafted as cases.");
    metric_u64(to, "cordon_watch_drafts_total", NULL, NULL, t->self.drafts);
}

static void early_metrics(struct early *e, struct text *to)
{
    struct early_counts c = early_counts(e);

    metric_head(to, "cordon_early_transactions_total", "counter",
                "Transactions in no block yet that were looked at.");
    metric_u64(to, "cordon_early_transactions_total", NULL, NULL, c.seen - c.dropped);
    metric_head(to, "cordon_early_dropped_total", "counter",
                "Transactions in no block yet that were left out for want of room.");
    metric_u64(to, "cordon_early_dropped_total", NULL, NULL, c.dropped);
    metric_head(to, "cordon_early_warnings_total", "counter", "Early warnings.");
    metric_u64(to, "cordon_early_warnings_total", NULL, NULL, c.warned);
    metric_head(to, "cordon_early_warnings", "gauge", "Early warnings that are not over.");
    metric_u64(to, "cordon_early_warnings", NULL, NULL, c.now);
}

static void part_metrics(void *part, struct text *to)
{
    struct watch_part *p = part;
    struct live_watch_totals totals = live_watch_totals(p->live);
    struct told told;

    told.n = live_watch_all(p->live, told.at, LIVE_LEDGERS_MAX);
    gauges(&told, to);
    early_metrics(live_watch_early(p->live), to);
    counters(&totals, to);
    histogram(&totals, to);
}

static const struct http_route routes[] = {
    {"GET", "/v1/early-warnings", HTTP_GROUP, HTTP_WORKER, 0, early_get},
};

const struct node_part watch_part = {
    .name = "watch",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .open = part_open,
    .close = part_close,
    .metrics = part_metrics,
};
