#include "trace/routes_candidates.h"

#include "base/mem.h"
#include "trace/routes.h"

#include <stdlib.h>

#define MILLION 1000000u

static bool ascends(const struct route_seen *at, size_t n, const char *what, struct err *err)
{
    for (size_t i = 1; i < n; i++)
        if (at[i].at < at[i - 1].at)
            return err_fail(err, ERR_USAGE, "%s do not ascend", what);
    return true;
}

/* The first that is not before at. */
static size_t lower_bound(const struct route_seen *seen, size_t n, uint64_t at)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (seen[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t later(uint64_t at, uint64_t by)
{
    return by > UINT64_MAX - at ? UINT64_MAX : at + by;
}

bool pool_windows(const struct route_seen *spends, size_t spends_n,
                  const struct route_seen *deposits, size_t deposits_n, struct u256 denomination,
                  uint64_t longest, struct pool_window *ret, struct err *err)
{
    if (!ascends(spends, spends_n, "spends", err) ||
        !ascends(deposits, deposits_n, "deposits", err))
        return false;
    for (size_t i = 0; i < spends_n; i++) {
        struct pool_window *w = &ret[i];
        struct u256 could;

        w->from = spends[i].at;
        w->to = later(w->from, longest);
        if (i + 1 < spends_n && spends[i + 1].at < w->to)
            w->to = spends[i + 1].at;
        if (!u256_mul_div(spends[i].amount, u256_of(1), denomination, &could))
            return err_fail(err, ERR_USAGE, "a pool of nothing");
        w->could = u256_less(could, u256_of(UINT64_MAX)) ? could.w[0] : UINT64_MAX;
        w->deposits =
            lower_bound(deposits, deposits_n, w->to) - lower_bound(deposits, deposits_n, w->from);
        w->fits = w->deposits >= w->could;
    }
    return true;
}

/* ---- who may have taken it out again? ---- */

static int number_compare(const void *one, const void *other)
{
    const uint64_t *a = one, *b = other;

    return (*a > *b) - (*a < *b);
}

struct numbers { /* sorted */
    uint64_t *at;
    size_t n;
};

static size_t count_of(const struct numbers *all, uint64_t number)
{
    size_t low = 0, high = all->n, first;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (all->at[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    for (first = low; low < all->n && all->at[low] == number; low++)
        ;
    return low - first;
}

static void sort_numbers(struct numbers *to)
{
    if (to->n)
        qsort(to->at, to->n, sizeof(*to->at), number_compare);
}

static bool numbers_new(struct numbers *to, size_t n, struct err *err)
{
    to->at = mem_array(n + 1, sizeof(*to->at));
    to->n = 0;
    return to->at != NULL || err_fail(err, ERR_NOMEM, "candidates");
}

/* What is looked up of each withdrawal. */
struct grounds {
    struct numbers our_accounts, our_prices, all_prices, takers;
};

static void grounds_free(struct grounds *g)
{
    mem_free(g->our_accounts.at);
    mem_free(g->our_prices.at);
    mem_free(g->all_prices.at);
    mem_free(g->takers.at);
}

static void number_add(struct numbers *to, uint64_t number)
{
    to->at[to->n++] = number;
}

static bool grounds_make(struct grounds *g, const struct route_seen *deposits, size_t deposits_n,
                         const size_t *ours, size_t ours_n, const struct route_seen *withdrawals,
                         size_t from, size_t to, struct err *err)
{
    if (!numbers_new(&g->our_accounts, ours_n, err) || !numbers_new(&g->our_prices, ours_n, err) ||
        !numbers_new(&g->all_prices, deposits_n, err) || !numbers_new(&g->takers, to - from, err))
        return false;
    for (size_t i = 0; i < ours_n; i++) {
        number_add(&g->our_accounts, deposits[ours[i]].account);
        number_add(&g->our_prices, deposits[ours[i]].gas_price);
    }
    for (size_t i = 0; i < deposits_n; i++)
        number_add(&g->all_prices, deposits[i].gas_price);
    for (size_t i = from; i < to; i++)
        number_add(&g->takers, withdrawals[i].account);
    sort_numbers(&g->our_accounts);
    sort_numbers(&g->our_prices);
    sort_numbers(&g->all_prices);
    sort_numbers(&g->takers);
    return true;
}

static unsigned grounds_of(const struct grounds *g, const struct route_seen *w, size_t ours_n)
{
    unsigned grounds = POOL_TIME;

    if (w->account != ROUTES_UNKNOWN && count_of(&g->our_accounts, w->account))
        grounds |= POOL_ACCOUNT;
    if (w->gas_price && count_of(&g->our_prices, w->gas_price) &&
        count_of(&g->all_prices, w->gas_price) == 1)
        grounds |= POOL_GAS;
    if (w->account != ROUTES_UNKNOWN && ours_n >= POOL_NUMBER_MIN &&
        count_of(&g->takers, w->account) == ours_n)
        grounds |= POOL_NUMBER;
    return grounds;
}

static bool ours_ascend(const size_t *ours, size_t n, size_t deposits_n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (ours[i] >= deposits_n || (i && ours[i] <= ours[i - 1]))
            return err_fail(err, ERR_USAGE, "the case's deposits do not ascend");
    return true;
}

bool pool_candidates(struct arena *a, const struct route_seen *deposits, size_t deposits_n,
                     const size_t *ours, size_t ours_n, const struct route_seen *withdrawals,
                     size_t withdrawals_n, uint64_t within, const struct pool_candidate **ret,
                     size_t *ret_n, struct err *err)
{
    struct grounds g = {.our_accounts = {NULL, 0}};
    struct pool_candidate *to;
    size_t first, end;
    bool ok;

    *ret = NULL;
    *ret_n = 0;
    if (!ascends(deposits, deposits_n, "deposits", err) ||
        !ascends(withdrawals, withdrawals_n, "withdrawals", err) ||
        !ours_ascend(ours, ours_n, deposits_n, err))
        return false;
    if (!ours_n)
        return true;
    first = lower_bound(withdrawals, withdrawals_n, later(deposits[ours[0]].at, 1));
    end = lower_bound(withdrawals, withdrawals_n,
                      later(later(deposits[ours[ours_n - 1]].at, within), 1));
    if (end - first > ROUTES_LINKS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu candidates", ROUTES_LINKS_MAX);
    to = ARENA_ARRAY(a, struct pool_candidate, end - first + 1);
    ok = to ? grounds_make(&g, deposits, deposits_n, ours, ours_n, withdrawals, first, end, err)
            : err_fail(err, ERR_NOMEM, "candidates");
    for (size_t i = first; ok && i < end; i++) {
        size_t before = lower_bound(deposits, deposits_n, withdrawals[i].at);

        to[i - first] = (struct pool_candidate){.withdrawal = i,
                                                .grounds = grounds_of(&g, &withdrawals[i], ours_n),
                                                .anonymity = before > i ? before - i : 0};
    }
    grounds_free(&g);
    *ret = to;
    *ret_n = ok ? end - first : 0;
    return ok;
}

/* ---- bridges without a key ---- */

static struct u256 least_of(struct u256 amount, uint32_t fee_parts)
{
    struct u256 least = amount;

    u256_mul_div(amount, u256_of(fee_parts < MILLION ? MILLION - fee_parts : 0), u256_of(MILLION),
                 &least);
    return least;
}

static bool may_match(const struct route_seen *out, const struct route_seen *in, struct u256 least,
                      const struct match_rule *rule)
{
    return in->asset == out->asset && !u256_less(out->amount, in->amount) &&
           !u256_less(in->amount, least) &&
           (!rule->same_account || (out->account == in->account && in->account != ROUTES_UNKNOWN));
}

bool match_by_amount(const struct route_seen *outs, size_t outs_n, const struct route_seen *ins,
                     size_t ins_n, struct match_rule rule, struct match *ret, struct err *err)
{
    if (!ascends(outs, outs_n, "what left", err) || !ascends(ins, ins_n, "what came", err))
        return false;
    for (size_t i = 0; i < outs_n; i++) {
        struct u256 least = least_of(outs[i].amount, rule.fee_parts);
        uint64_t end = later(outs[i].at, rule.within);

        ret[i] = (struct match){CANDIDATES_NONE, 0};
        for (size_t k = lower_bound(ins, ins_n, outs[i].at); k < ins_n && ins[k].at <= end; k++) {
            if (!may_match(&outs[i], &ins[k], least, &rule))
                continue;
            if (!ret[i].n++)
                ret[i].in = k;
        }
    }
    return true;
}
