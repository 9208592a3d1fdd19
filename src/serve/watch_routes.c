#include "serve/watch_routes.h"

#include "base/mem.h"
#include "serve/group_routes.h"
#include "serve/live_watch.h"
#include "serve/metrics.h"

#include <stdio.h>

/* ---- registered withdrawals ---- */

struct watch_part {
    struct live_watch *live;
    struct store *store; /* of the live watch's thread, once it runs */
};

/* Among the newest of them, so that a look has an end. */
#define RECENT                                                                                     \
    "(SELECT direction, tx, address, account, asset, amount, chain FROM transfer ORDER BY id "     \
    "DESC "                                                                                        \
    "LIMIT 100000)"

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
                       "SELECT 1 FROM " RECENT " WHERE direction = 'outbound' AND tx = ? LIMIT 1",
                       tx, ret, err))
        return false;
    if (*ret)
        return true;
    *ret = true;
    for (size_t i = 0; *ret && i < o->payments_n; i++)
        if (!is_registered(p->store,
                           "SELECT 1 FROM " RECENT
                           " WHERE direction = 'outbound' AND address = ? LIMIT 1",
                           o->payments[i].address, ret, err))
            return false;
    return true;
}

/* ---- accounts that were paid out ---- */

struct paying { /* registered withdrawals of an account, of that coin and chain */
    const struct live_ledgers_one *one;
    struct watch_alert *at;
    struct u256 sum;
    size_t n;
};

/* The output of a transaction that pays the address, or the transaction alone. */
static void paid_name(const struct live_ledgers_one *one, const char *tx, uint32_t at,
                      const char *address, char ret[WATCH_ALERT_OUTPUT_MAX])
{
    struct coins_range outs = coins_outputs(ledger_coins(one->coins), at);
    uint8_t script[SCRIPT_FORM_MAX], buffer[SCRIPT_FORM_MAX];
    struct bytes is;
    struct err none;
    size_t n;

    snprintf(ret, WATCH_ALERT_OUTPUT_MAX, "%s", tx);
    if (!address_read(one->chain, address, script, &n, &none))
        return;
    for (uint64_t i = 0; i < outs.n; i++) {
        uint32_t of = ledger_script_of(one->coins, outs.first + i);

        if (of != SCRIPT_NONE && ledger_script(one->coins, of, buffer, &is) &&
            bytes_equal(is, (struct bytes){script, n})) {
            snprintf(ret, WATCH_ALERT_OUTPUT_MAX, "%s:%llu", tx, (unsigned long long)i);
            return;
        }
    }
}

/* Is that transaction on the chain, not before the deposit? What pays out before it came is none
 * of it. */
static bool is_on_chain(const struct paying *p, const char *tx, uint32_t *ret)
{
    struct hash32 id;

    if (strlen(tx) != 2 * sizeof(id.b) || !hash_from_hex(tx, &id))
        return false;
    for (size_t i = 0; i < sizeof(id.b) / 2; i++) {
        uint8_t b = id.b[i];

        id.b[i] = id.b[sizeof(id.b) - 1 - i];
        id.b[sizeof(id.b) - 1 - i] = b;
    }
    *ret = ledger_find_tx(p->one->coins, &id);
    return *ret != COINS_TX_NONE &&
           ledger_block(p->one->coins, ledger_tx_block(p->one->coins, *ret)).height >=
               p->at->height;
}

static void paid_row(struct paying *p, struct store_query *q)
{
    const char *tx = store_text(q, 0), *address = store_text(q, 1), *amount = store_text(q, 2);
    struct u256 part, sum;
    uint32_t at;

    if (!tx || !address || !amount || !is_on_chain(p, tx, &at) ||
        !u256_from_text(amount, strlen(amount), &part) || !u256_add(p->sum, part, &sum))
        return;
    p->sum = sum;
    if (p->n < WATCH_ALERT_PAID_MAX)
        paid_name(p->one, tx, at, address, p->at->paid[p->n++]);
}

/* What is known is what the member has registered: that nine tenths of what the deposit had, or
 * more (the rest may be fees), have left the account since, in transactions that are on the chain.
 * Of chains of coins. */
static bool is_paid_out(void *ctx, const struct live_ledgers_one *one, struct watch_alert *at,
                        struct err *err)
{
    struct watch_part *part = ctx;
    struct paying p = {.one = one, .at = at, .sum = u256_of(0)};
    struct store_query *q = NULL;
    struct u256 least;
    bool row, ok;

    if (!one->coins)
        return true;
    ok =
        store_prepare(part->store,
                      "SELECT tx, address, amount FROM " RECENT " WHERE direction = 'outbound' AND "
                      "account = ? AND asset = ? AND chain IN (?, ?) AND tx IS NOT NULL",
                      &q, err) &&
        store_bind_text(q, 1, at->account, err) && store_bind_text(q, 2, at->asset, err) &&
        store_bind_text(q, 3, one->chain->name, err) && store_bind_text(q, 4, at->chain, err);
    while (ok && (ok = store_step(q, &row, err)) && row)
        paid_row(&p, q);
    store_finish(q);
    at->paid_out = ok && u256_mul_div(at->received, u256_of(9), u256_of(10), &least) &&
                   !u256_zero(p.sum) && !u256_less(p.sum, least);
    return ok;
}

/* ---- the part ---- */

static void part_close(void *part)
{
    struct watch_part *p = part;

    live_watch_close(p->live);
    store_close(p->store);
    mem_free(p);
}

static bool part_open(struct node *n, void **ret, struct err *err)
{
    const struct config *c = node_config(n);
    struct watch_part *p = mem_zero(sizeof(*p));
    struct live_watch_options options = {.paid = is_paid_out,
                                         .paid_ctx = p,
                                         .self_ms = c->self_watch_seconds * 1000,
                                         .known = is_known,
                                         .known_ctx = p};

    if (!p)
        return err_fail(err, ERR_NOMEM, "watch");
    if (!node_store_open(n, &p->store, err) ||
        !live_watch_open(node_home(n), node_ledgers(n), node_opened(n, &group_part), &options,
                         node_log(n), &p->live, err)) {
        part_close(p);
        return false;
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

static void part_metrics(void *part, struct text *to)
{
    struct watch_part *p = part;
    struct live_watch_totals totals = live_watch_totals(p->live);
    struct told told;

    told.n = live_watch_all(p->live, told.at, LIVE_LEDGERS_MAX);
    gauges(&told, to);
    counters(&totals, to);
    histogram(&totals, to);
}

const struct node_part watch_part = {
    .name = "watch",
    .open = part_open,
    .close = part_close,
    .metrics = part_metrics,
};
