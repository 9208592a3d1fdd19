/* Routes themselves, and what a trace asks of a transaction while it goes on: what is converted
 * within it, and what leaves the ledger by it. */
#include "trace/routes.h"

#include "base/mem.h"
#include "trace/routes_parts.h"

const char *route_rule_name(enum route_rule rule)
{
    static const char *const names[] = {"wrap",   "swap",   "loan",    "bridge",
                                        "router", "refund", "asserted"};

    return names[rule];
}

bool routes_new(const struct route_ledger *ledgers, size_t ledgers_n,
                const struct route_trust *trusts, size_t trusts_n,
                const struct route_asserted *asserted, size_t asserted_n, struct routes **ret,
                struct err *err)
{
    struct routes *r;

    if (ledgers_n > ROUTES_LEDGERS_MAX || asserted_n > ROUTES_LINKS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d ledgers or %zu assertions",
                        ROUTES_LEDGERS_MAX, ROUTES_LINKS_MAX);
    r = mem_zero(sizeof(*r));
    if (!r)
        return routes_nomem(err);
    *r = (struct routes){.ledgers = ledgers,
                         .ledgers_n = ledgers_n,
                         .trusts = trusts,
                         .trusts_n = trusts_n,
                         .asserted = asserted,
                         .asserted_n = asserted_n,
                         .tx = ACCOUNTS_NONE,
                         .tx_ledger = UINT32_MAX,
                         .leaving_ledger = UINT32_MAX};
    *ret = r;
    return true;
}

struct routes *routes_free(struct routes *r)
{
    if (!r)
        return NULL;
    if (!r->lent)
        route_keys_free(r->keys);
    mem_free(r->moved);
    mem_free(r->events);
    mem_free(r->conversions);
    mem_free(r->rules);
    mem_free(r->legs);
    mem_free(r->answer);
    mem_free(r->leaving);
    mem_free(r->used);
    mem_free(r);
    return NULL;
}

void routes_alone(struct routes *r)
{
    r->alone = true;
}

bool routes_asked(const struct routes *r)
{
    return r->asked;
}

void routes_lend(struct routes *r, struct route_keys *k, void (*on_ask)(void *ctx, uint64_t key),
                 void *ctx)
{
    r->keys = r->lent = k;
    r->on_ask = on_ask;
    r->on_ask_ctx = ctx;
}

bool routes_unsteady(const struct routes *r)
{
    return r->unsteady;
}

/* ---- what is asked of a transaction while it is traced ---- */

static bool answer_add(struct routes *r, size_t *n, struct account_conversion c, struct err *err)
{
    if (!mem_room((void **)&r->answer, &r->answer_size, *n + 1, sizeof(*r->answer)))
        return routes_nomem(err);
    r->answer[(*n)++] = c;
    return true;
}

static bool answer_has_in(const struct routes *r, size_t n, uint64_t transfer)
{
    for (size_t i = 0; i < n; i++)
        if (r->answer[i].transfer == transfer && !r->answer[i].out &&
            r->answer[i].grade != MOVE_CANDIDATE)
            return true;
    return false;
}

/* In-legs that leave, a group each. */
static bool add_leaving(struct routes *r, uint32_t ledger, uint64_t tx, size_t *n, uint32_t group,
                        struct err *err)
{
    struct accounts_range range = accounts_tx(r->ledgers[ledger].accounts, tx);
    struct arena *job = arena_new(NULL, ROUND_BYTES_MAX);
    const struct route_candidate *candidates;
    const struct route_link *links;
    size_t links_n = 0, candidates_n;
    bool ok =
        job ? routes_of_tx(job, r, ledger, tx, &links, &links_n, &candidates, &candidates_n, err)
            : routes_nomem(err);

    for (size_t i = 0; ok && i < links_n; i++)
        for (size_t k = 0; ok && k < links[i].from_n; k++)
            ok = answer_add(r, n,
                            (struct account_conversion){.transfer = links[i].from[k].id,
                                                        .group = group++,
                                                        .leaves = true,
                                                        .grade = links[i].grade},
                            err);
    arena_free(job);
    r->answer_asserted = *n;
    for (size_t i = 0; ok && i < r->asserted_n; i++)
        for (size_t k = 0; ok && k < r->asserted[i].from_n; k++) {
            const struct route_leg *leg = &r->asserted[i].from[k];

            if (leg->ledger != ledger || leg->id < range.first ||
                leg->id - range.first >= range.n || answer_has_in(r, *n, leg->id))
                continue;
            ok = answer_add(
                r, n,
                (struct account_conversion){
                    .transfer = leg->id, .group = group++, .leaves = true, .grade = MOVE_STATED},
                err);
        }
    return ok;
}

bool routes_conversions(struct routes *r, uint32_t ledger, uint64_t tx,
                        const struct account_conversion **ret, size_t *ret_n, struct err *err)
{
    size_t n = 0;

    if (!routes_read_tx(r, ledger, tx, err))
        return false;
    for (size_t i = 0; i < r->conversions_n; i++)
        if (!answer_add(r, &n, r->conversions[i], err))
            return false;
    if (!add_leaving(r, ledger, tx, &n, r->groups_n, err))
        return false;
    *ret = r->answer;
    *ret_n = n;
    return true;
}

bool routes_leaving_outputs(struct routes *r, uint32_t ledger, uint64_t tx, const uint64_t **ret,
                            size_t *ret_n, struct err *err)
{
    const struct coins *coins = r->ledgers[ledger].coins;
    const struct route_candidate *candidates;
    const struct route_link *links;
    size_t links_n = 0, candidates_n, n = 0;
    struct arena *job;
    bool ok;

    if (r->leaving_ledger == ledger && r->leaving_tx == tx) {
        *ret = r->leaving;
        *ret_n = r->leaving_n;
        return true;
    }
    job = arena_new(NULL, ROUND_BYTES_MAX);
    ok = job ? routes_of_tx(job, r, ledger, tx, &links, &links_n, &candidates, &candidates_n, err)
             : routes_nomem(err);
    for (size_t i = 0; ok && i < links_n + r->asserted_n; i++) {
        const struct route_leg *from = i < links_n ? links[i].from : r->asserted[i - links_n].from;
        size_t from_n = i < links_n ? links[i].from_n : r->asserted[i - links_n].from_n;

        for (size_t k = 0; ok && k < from_n; k++) {
            if (from[k].ledger != ledger || from[k].id >= coins->outputs_n ||
                coins_maker(coins, from[k].id) != tx)
                continue;
            ok = mem_room((void **)&r->leaving, &r->leaving_size, n + 1, sizeof(*r->leaving)) ||
                 routes_nomem(err);
            if (ok)
                r->leaving[n++] = from[k].id;
        }
    }
    arena_free(job);
    r->leaving_ledger = ok ? ledger : UINT32_MAX;
    r->leaving_tx = tx;
    r->leaving_n = n;
    *ret = r->leaving;
    *ret_n = n;
    return ok;
}

size_t routes_hook_conversions(void *hook, uint64_t tx, const struct account_conversion **ret)
{
    struct routes_hook *h = hook;
    size_t n, kept = 0;

    if (h->failed)
        return 0;
    if (!routes_conversions(h->r, h->ledger, tx, ret, &n, &h->err)) {
        h->failed = true;
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        if (h->r->answer[i].grade != MOVE_CANDIDATE)
            h->r->answer[kept++] = h->r->answer[i];
    return kept;
}

int32_t routes_hook_stop(void *hook, uint64_t output)
{
    struct routes_hook *h = hook;
    int32_t stop = h->stop_of ? h->stop_of(h->stop_ctx, output) : -1;
    const uint64_t *leaving;
    size_t n;

    if (stop >= 0 || h->failed)
        return stop;
    if (!routes_leaving_outputs(h->r, h->ledger,
                                coins_maker(h->r->ledgers[h->ledger].coins, output), &leaving, &n,
                                &h->err)) {
        h->failed = true;
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        if (leaving[i] == output)
            return ROUTES_STOP;
    return -1;
}
