#include "trace/ledgers_run.h"

#include "chain/facts.h"
#include "trace/stops.h"
#include "trace/token_list.h"

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "a trace");
}

const struct chain *trace_ledger_chain(const struct trace_ledger *l)
{
    return l->coins ? ledger_chain(l->coins) : account_ledger_chain(l->accounts);
}

/* The chain that an origin is of; NULL: of whichever ledger there is. */
static const struct chain *chain_of(const struct ledgers_case *r, const struct case_origin *o)
{
    const char *name = o->chain ? o->chain : r->c->chain;

    if (name)
        return chain_by_name(name);
    return r->n == 1 ? trace_ledger_chain(r->ledgers) : NULL;
}

static bool is_address(const struct chain *chain, const char *address)
{
    uint8_t key[ACCOUNT_KEY_MAX], form[SCRIPT_FORM_MAX];
    struct err ignored;
    size_t n;

    return chain_has_accounts(chain) ? account_read(chain, address, key, &n, &ignored)
                                     : address_read(chain, address, form, &n, &ignored);
}

/* The stops of one ledger: those of its chain, and those of any whose address can be one of it. */
static bool stops_of(struct ledgers_case *r, size_t ledger, const struct trace_stop *all,
                     size_t all_n, const struct trace_stop **ret, size_t *ret_n, struct err *err)
{
    const struct chain *chain = trace_ledger_chain(&r->ledgers[ledger]);
    struct trace_stop *at = ARENA_ARRAY(r->a, struct trace_stop, all_n + 1);

    if (!at)
        return no_memory(r->a, err);
    *ret = at;
    *ret_n = 0;
    for (size_t i = 0; i < all_n; i++)
        if (all[i].chain ? chain_by_name(all[i].chain) == chain
                         : r->n == 1 || is_address(chain, all[i].address))
            at[(*ret_n)++] = all[i];
    return true;
}

static bool stops_all(struct ledgers_case *r, const struct trace_stop *more, size_t more_n,
                      const struct trace_stop **ret, size_t *ret_n, struct err *err)
{
    size_t n = r->c->stops_n + more_n;
    struct trace_stop *at = ARENA_ARRAY(r->a, struct trace_stop, n);

    if (!at)
        return no_memory(r->a, err);
    if (r->c->stops_n)
        memcpy(at, r->c->stops, r->c->stops_n * sizeof(*at));
    if (more_n)
        memcpy(at + r->c->stops_n, more, more_n * sizeof(*at));
    for (size_t i = 0; i < n && r->n > 1; i++) {
        bool known = at[i].chain != NULL;

        for (size_t k = 0; k < r->n && !known; k++)
            known = is_address(trace_ledger_chain(&r->ledgers[k]), at[i].address);
        if (!known)
            return err_fail(err, ERR_INPUT, "stop \"%.100s\": no ledger's chain has such addresses",
                            at[i].address);
    }
    *ret = at;
    *ret_n = n;
    return true;
}

/* The tokens of one ledger, by the same rule, sorted. */
static bool tokens_of(struct ledgers_case *r, size_t ledger, const struct trace_token **ret,
                      size_t *ret_n, struct err *err)
{
    const struct chain *chain = trace_ledger_chain(&r->ledgers[ledger]);
    struct trace_token *at = ARENA_ARRAY(r->a, struct trace_token, r->c->tokens_n);
    size_t n = 0;

    if (!at)
        return no_memory(r->a, err);
    for (size_t i = 0; i < r->c->tokens_n; i++) {
        const struct trace_token *t = &r->c->tokens[i];

        if (t->chain ? chain_by_name(t->chain) == chain
                     : r->n == 1 || is_address(chain, t->address))
            at[n++] = *t;
    }
    return token_list_join(r->a, at, n, NULL, 0, ret, ret_n, err);
}

static bool request_coins(struct ledgers_case *r, size_t i, const struct trace_stop *stops,
                          size_t stops_n, struct err *err)
{
    struct case_file own = *r->c;
    const struct ledger *l = r->ledgers[i].coins;

    own.chain = NULL;
    own.stops_n = own.conversions_n = 0;
    if (!stops_with_pools(r->a, ledger_chain(l), stops, stops_n, &stops, &stops_n, err))
        return false;
    if (!trace_request_from_case(r->a, l, &own, stops, stops_n, &r->coin_requests[i], err))
        return false;
    if (r->blocks_n)
        r->coin_requests[i].blocks_n = r->blocks_n[i];
    r->coin_docs[i] = trace_doc_of(l, &r->coin_requests[i], NULL);
    r->coins[i] = r->coin_docs[i].coins;
    r->routes[i] = route_ledger_of_coins(l, &r->coins[i]);
    r->coin_cases[i] = (struct trace_case){.policy = r->coin_requests[i].policy,
                                           .dust = r->coin_requests[i].dust,
                                           .units = r->units,
                                           .reached_max = r->c->reached_max,
                                           .reached_cut = r->c->reached_max != 0,
                                           .hops_max = r->coin_requests[i].hops_max};
    if (stops_n) {
        struct stop_set *set;

        if (!stop_set_new(r->a, l, stops, stops_n, &set, err))
            return false;
        r->coin_cases[i].stop_of = stop_set_of;
        r->coin_cases[i].stop_ctx = set;
    }
    return true;
}

static bool request_accounts(struct ledgers_case *r, size_t i, const struct trace_stop *stops,
                             size_t stops_n, struct err *err)
{
    const struct account_ledger *l = r->ledgers[i].accounts;
    struct account_request *q = &r->account_requests[i];
    struct account_stop_set *set;
    struct case_file own = *r->c;

    own.chain = NULL;
    own.stops_n = 0;
    if (!account_ledger_counts(l).blocks)
        return err_fail(err, ERR_NOT_FOUND, "the ledger of %s has no block",
                        account_ledger_chain(l)->name);
    if (!tokens_of(r, i, &own.tokens, &own.tokens_n, err) ||
        !account_request_from_case(r->a, l, &own, stops, stops_n, q, err))
        return false;
    if (r->blocks_n)
        q->blocks_n = r->blocks_n[i];
    r->account_docs[i] = account_doc_of(l, q, NULL);
    if (!account_stop_set_new(r->a, l, &r->account_docs[i].accounts, stops, stops_n, &set, err))
        return false;
    r->routes[i] = route_ledger_of(l, &r->account_docs[i].accounts);
    r->account_cases[i] = (struct account_case){.policy = q->policy,
                                                .dust = q->dust,
                                                .units = r->units,
                                                .moves_max = r->c->reached_max,
                                                .moves_cut = r->c->reached_max != 0,
                                                .hops_max = q->hops_max,
                                                .hub_spends_max = q->hub_spends_max,
                                                .stop_of = account_stop_set_of,
                                                .stop_ctx = set};
    return true;
}

static bool until_fits(const struct ledgers_case *r, struct err *err)
{
    const struct chain *chain = trace_ledger_chain(&r->ledgers[0]);

    for (size_t i = 1; i < r->n && r->c->has_until; i++)
        if (trace_ledger_chain(&r->ledgers[i]) != chain)
            return err_fail(err, ERR_INPUT,
                            "limits.until: a height is of one chain; give until_time for several");
    return true;
}

static bool requests_make(struct ledgers_case *r, const struct trace_stop *more, size_t more_n,
                          struct err *err)
{
    const struct trace_stop *all, *stops;
    size_t all_n, stops_n;

    r->routes = ARENA_ARRAY(r->a, struct route_ledger, r->n);
    r->coin_requests = ARENA_ARRAY(r->a, struct trace_request, r->n);
    r->account_requests = ARENA_ARRAY(r->a, struct account_request, r->n);
    r->coin_docs = ARENA_ARRAY(r->a, struct trace_doc, r->n);
    r->account_docs = ARENA_ARRAY(r->a, struct account_doc, r->n);
    r->coin_cases = ARENA_ARRAY(r->a, struct trace_case, r->n);
    r->account_cases = ARENA_ARRAY(r->a, struct account_case, r->n);
    r->coins = ARENA_ARRAY(r->a, struct coins, r->n);
    if (!r->routes || !r->coin_requests || !r->account_requests || !r->coin_docs ||
        !r->account_docs || !r->coin_cases || !r->account_cases || !r->coins)
        return no_memory(r->a, err);
    if (!until_fits(r, err) || !stops_all(r, more, more_n, &all, &all_n, err))
        return false;
    for (size_t i = 0; i < r->n; i++)
        if (!stops_of(r, i, all, all_n, &stops, &stops_n, err) ||
            !(r->ledgers[i].coins ? request_coins : request_accounts)(r, i, stops, stops_n, err))
            return false;
    return true;
}

/* --- origins --- */

struct found { /* of all origins, or of a side of a conversion, a ledger */
    struct account_origins accounts;
    uint64_t *outputs; /* [outputs_n] ascending, each once */
    size_t outputs_n;
};

/* What a place in a case names in one ledger, behind what was found there before. */
static bool find_in(struct ledgers_case *r, size_t i, const struct case_origin *o, struct found *f,
                    struct err *err)
{
    const uint64_t *more;
    uint64_t *all;
    size_t more_n, k = 0, old = 0, n = 0;

    if (r->ledgers[i].accounts) {
        f->accounts.a = r->a;
        f->accounts.ledger = r->ledgers[i].accounts;
        f->accounts.accounts = &r->account_docs[i].accounts;
        return account_origins_add(&f->accounts, o, err);
    }
    if (!origins_resolve(r->a, r->ledgers[i].coins, &r->coins[i], o, 1, &more, &more_n, err))
        return false;
    all = ARENA_ARRAY(r->a, uint64_t, f->outputs_n + more_n);
    if (!all)
        return no_memory(r->a, err);
    while (k < more_n || old < f->outputs_n) { /* two that ascend become one */
        bool take_old = old < f->outputs_n && (k == more_n || f->outputs[old] <= more[k]);
        uint64_t id = take_old ? f->outputs[old] : more[k];

        if (!n || all[n - 1] != id)
            all[n++] = id;
        old += take_old;
        k += !take_old;
    }
    f->outputs = all;
    f->outputs_n = n;
    return true;
}

/* In every ledger of its chain; what none of them has is an error. */
static bool find(struct ledgers_case *r, const struct case_origin *o, struct found *f /* [n] */,
                 struct err *err)
{
    const struct chain *chain = chain_of(r, o);
    bool known = false, found = false;
    struct err last;

    if (!chain)
        return err_fail(err, ERR_INPUT, "chain: one is wanted, for there are several ledgers");
    for (size_t i = 0; i < r->n; i++) {
        if (trace_ledger_chain(&r->ledgers[i]) != chain)
            continue;
        known = true;
        if (find_in(r, i, o, &f[i], &last))
            found = true;
        else if (last.class != ERR_NOT_FOUND) {
            *err = last;
            return false;
        }
    }
    if (!known)
        return err_fail(err, ERR_USAGE, "no ledger of %s is given", chain->name);
    if (!found)
        *err = last;
    return found;
}

/* origins_resolve says origins[0] of each, for it sees one alone. */
static bool name_place(struct err *err, const char *what, size_t i, const char *part)
{
    static const char of_one[] = "origins[0]: ";

    if (!strncmp(err->text, of_one, sizeof(of_one) - 1))
        memmove(err->text, err->text + sizeof(of_one) - 1,
                strlen(err->text) - (sizeof(of_one) - 1) + 1);
    return err_in(err, "%s[%zu]%s", what, i, part);
}

static bool origins_find(struct ledgers_case *r, struct err *err)
{
    struct found *f = ARENA_ARRAY(r->a, struct found, r->n);

    if (!f)
        return no_memory(r->a, err);
    for (size_t i = 0; i < r->c->origins_n; i++)
        if (!find(r, &r->c->origins[i], f, err))
            return name_place(err, "origins", i, "");
    for (size_t i = 0; i < r->n; i++) {
        account_origins_sort(&f[i].accounts);
        r->account_docs[i].origins = r->account_cases[i].origins = f[i].accounts.at;
        r->account_docs[i].origins_n = r->account_cases[i].origins_n = f[i].accounts.n;
        r->coin_cases[i].origins = f[i].outputs;
        r->coin_cases[i].origins_n = f[i].outputs_n;
    }
    return true;
}

/* --- asserted conversions --- */

/* The legs of a side, of the one ledger that has it, at most amount units of them. */
static bool legs_of(struct ledgers_case *r, const struct case_origin *ends, size_t ends_n,
                    const struct u256 *most, const struct route_leg **ret, size_t *ret_n,
                    struct err *err)
{
    struct found *f = ARENA_ARRAY(r->a, struct found, r->n);
    struct u256 left = most ? *most : u256_of(0);
    struct route_leg *at;
    size_t i = 0, n;

    if (!f)
        return no_memory(r->a, err);
    for (size_t k = 0; k < ends_n; k++)
        if (!find(r, &ends[k], f, err))
            return false;
    while (i + 1 < r->n && !f[i].accounts.n && !f[i].outputs_n)
        i++;
    account_origins_sort(&f[i].accounts);
    n = f[i].accounts.n + f[i].outputs_n;
    at = ARENA_ARRAY(r->a, struct route_leg, n);
    if (!at)
        return no_memory(r->a, err);
    *ret = at;
    *ret_n = 0;
    for (size_t k = 0; k < n && (!most || !u256_zero(left)); k++) {
        struct route_leg leg = {.ledger = (uint32_t)i};

        if (f[i].accounts.n) {
            leg.id = f[i].accounts.at[k].transfer;
            leg.amount = f[i].accounts.at[k].taint;
        } else {
            leg.id = f[i].outputs[k];
            leg.amount = u256_of(coins_value(&r->coins[i], leg.id));
        }
        if (most) {
            leg.amount = u256_min(leg.amount, left);
            u256_sub(left, leg.amount, &left);
        }
        at[(*ret_n)++] = leg;
    }
    return true;
}

/* In a document of several ledgers each side says its chain, also where the case's was meant: it
 * has no chain of its own when it is read again. */
static bool ends_tell(struct ledgers_case *r, const struct case_origin **at, size_t n,
                      struct err *err)
{
    struct case_origin *all = ARENA_ARRAY(r->a, struct case_origin, n);

    if (!all)
        return no_memory(r->a, err);
    for (size_t i = 0; i < n; i++) {
        all[i] = (*at)[i];
        if (!all[i].chain)
            all[i].chain = r->c->chain;
    }
    *at = all;
    return true;
}

static bool conversions_tell(struct ledgers_case *r, struct err *err)
{
    struct case_conversion *all = ARENA_ARRAY(r->a, struct case_conversion, r->c->conversions_n);

    if (!all)
        return no_memory(r->a, err);
    for (size_t i = 0; i < r->c->conversions_n; i++) {
        all[i] = r->c->conversions[i];
        if (r->n > 1 && (!ends_tell(r, &all[i].from, all[i].from_n, err) ||
                         !ends_tell(r, &all[i].to, all[i].to_n, err)))
            return false;
    }
    r->conversions = all;
    return true;
}

static bool asserted_make(struct ledgers_case *r, struct route_asserted **ret, struct err *err)
{
    *ret = ARENA_ARRAY(r->a, struct route_asserted, r->c->conversions_n);
    if (!*ret)
        return no_memory(r->a, err);
    for (size_t i = 0; i < r->c->conversions_n; i++) {
        const struct case_conversion *c = &r->c->conversions[i];
        struct route_asserted *x = &(*ret)[i];

        x->source = c->source;
        if (!legs_of(r, c->from, c->from_n, NULL, &x->from, &x->from_n, err))
            return name_place(err, "conversions", i, ".from");
        if (!legs_of(r, c->to, c->to_n, c->has_amount ? &c->amount : NULL, &x->to, &x->to_n, err))
            return name_place(err, "conversions", i, ".to");
    }
    return conversions_tell(r, err);
}

/* --- documents --- */

/* What goes on by a route has ended for the ledger of coins at a stop that no list names; writers
 * get one, behind all others. The hash is of the list alone. */
static bool coins_complete(struct ledgers_case *r, size_t i, const struct trace *t, struct err *err)
{
    struct trace_doc *d = &r->coin_docs[i];
    struct trace_stop *stops = ARENA_ARRAY(r->a, struct trace_stop, d->stops_n + 1);
    struct trace *own = ARENA_NEW(r->a, struct trace);
    bool gone = false;

    if (!stops || !own)
        return no_memory(r->a, err);
    *own = *t;
    d->trace = own;
    for (size_t k = 0; k < own->reached_n; k++)
        gone |= own->reached[k].stop == ROUTES_STOP;
    if (gone) {
        own->reached = arena_copy(r->a, t->reached, t->reached_n * sizeof(*t->reached));
        if (!own->reached)
            return no_memory(r->a, err);
        for (size_t k = 0; k < own->reached_n; k++)
            if (own->reached[k].stop == ROUTES_STOP)
                own->reached[k].stop = (int32_t)d->stops_n;
        if (d->stops_n)
            memcpy(stops, d->stops, d->stops_n * sizeof(*stops));
        stops[d->stops_n] =
            (struct trace_stop){"", "went on by a route", "route", TRACE_RULES, NULL};
        d->stops = stops;
        d->stops_n++;
    }
    if (!trace_doc_complete(r->a, d, err))
        return false;
    if (!gone)
        return true;
    d->stops_n--;
    if (d->stops_used_n && !*d->stops[d->stops_used[0]].address) { /* "" sorts first */
        d->stops_used++;
        d->stops_used_n--;
    }
    return stops_hash(r->a, d->stops, d->stops_n, &d->stops_sha256, err);
}

static bool documents_make(struct ledgers_case *r, const struct routes_trace *t,
                           struct ledgers_doc *ret, struct err *err)
{
    struct trace_part *parts = ARENA_ARRAY(r->a, struct trace_part, r->n);
    uint32_t *blocks_n = ARENA_ARRAY(r->a, uint32_t, r->n);

    if (!parts || !blocks_n)
        return no_memory(r->a, err);
    for (size_t i = 0; i < r->n; i++)
        blocks_n[i] = r->ledgers[i].coins ? r->coin_docs[i].blocks_n : r->account_docs[i].blocks_n;
    ret->blocks_n = blocks_n;
    ret->parts = parts;
    ret->exact = t->exact;
    for (size_t i = 0; i < r->n; i++) {
        if (r->ledgers[i].coins) {
            if (r->n > 1 && !t->coins[i].reached_n)
                continue;
            if (!coins_complete(r, i, &t->coins[i], err))
                return false;
            parts[i].coins = &r->coin_docs[i];
            ret->exact &= t->coins[i].exact;
            continue;
        }
        if (r->n > 1 && !t->accounts[i].moves_n)
            continue;
        r->account_docs[i].trace = &t->accounts[i];
        if (!account_doc_complete(r->a, &r->account_docs[i], err))
            return false;
        if (r->n == 1) {
            r->account_docs[i].links = t->links;
            r->account_docs[i].links_n = t->links_n;
            r->account_docs[i].candidates = t->candidates;
            r->account_docs[i].candidates_n = t->candidates_n;
            r->account_docs[i].trusts = &ret->trusts;
        } else {
            r->account_docs[i].conversions_n = 0; /* they stand beside the parts */
        }
        parts[i].accounts = &r->account_docs[i];
        ret->exact &= r->account_docs[i].exact;
    }
    return true;
}

/* --- whose word is taken --- */

bool ledgers_trusts(struct arena *a, const struct case_file *c, const struct route_trust **ret,
                    struct err *err)
{
    struct route_trust *at = ARENA_ARRAY(a, struct route_trust, c->trusts_n);

    if (!at)
        return no_memory(a, err);
    for (size_t i = 0; i < c->trusts_n; i++) {
        const struct case_trust *t = &c->trusts[i];
        uint8_t *key = arena_alloc(a, ACCOUNT_KEY_MAX);
        size_t n;

        if (!key)
            return no_memory(a, err);
        at[i] = (struct route_trust){.chain = chain_by_name(t->chain), .name = t->name};
        if (!account_read(at[i].chain, t->contract, key, &n, err))
            return err_in(err, "trusts[%zu].contract", i);
        at[i].key = (struct bytes){key, n};
    }
    *ret = at;
    return true;
}

/* In the words of a document, which outlives the routes. */
static bool trusts_tell(struct ledgers_case *r, struct routes *routes, struct trace_trusts *ret,
                        struct err *err)
{
    const struct route_used *used;
    struct trace_trust_used *at;
    size_t n;

    if (!routes_used(routes, &used, &n, err))
        return false;
    at = ARENA_ARRAY(r->a, struct trace_trust_used, n);
    if (!at)
        return no_memory(r->a, err);
    for (size_t i = 0; i < n; i++) {
        const struct chain *chain = trace_ledger_chain(&r->ledgers[used[i].ledger]);
        char name[ACCOUNT_NAME_MAX];

        account_name(chain, used[i].key, name);
        at[i] = (struct trace_trust_used){.chain = chain->name,
                                          .contract = arena_string(r->a, name, strlen(name)),
                                          .name = used[i].name,
                                          .grade = used[i].grade};
        if (!at[i].contract)
            return no_memory(r->a, err);
    }
    *ret = (struct trace_trusts){r->c->trusts, r->c->trusts_n, at, n};
    return true;
}

bool ledgers_case_prepare(struct ledgers_case *r, const struct trace_stop *more, size_t more_n,
                          struct err *err)
{
    return (requests_make(r, more, more_n, err) && origins_find(r, err) &&
            asserted_make(r, &r->asserted, err) && ledgers_trusts(r->a, r->c, &r->trusts, err)) ||
           (r->c->id && err_in(err, "case \"%.100s\"", r->c->id));
}

bool ledgers_case_places(struct ledgers_case *r, struct err *err)
{
    r->coin_cases = ARENA_ARRAY(r->a, struct trace_case, r->n);
    r->account_cases = ARENA_ARRAY(r->a, struct account_case, r->n);
    r->account_docs = ARENA_ARRAY(r->a, struct account_doc, r->n);
    r->coins = ARENA_ARRAY(r->a, struct coins, r->n);
    if (!r->coin_cases || !r->account_cases || !r->account_docs || !r->coins)
        return no_memory(r->a, err);
    for (size_t i = 0; i < r->n; i++)
        if (r->ledgers[i].coins)
            r->coins[i] = trace_coins_of(r->ledgers[i].coins, r->blocks_n[i]);
        else
            r->account_docs[i].accounts =
                account_ledger_until(r->ledgers[i].accounts, r->blocks_n[i]);
    return origins_find(r, err) && asserted_make(r, &r->asserted, err);
}

static uint32_t blocks_of(const struct ledgers_case *r, size_t ledger)
{
    return r->ledgers[ledger].coins ? r->coin_docs[ledger].blocks_n
                                    : r->account_docs[ledger].blocks_n;
}

/* Can two cases be followed in one pass? What is asserted is of one case, and so is whose word was
 * taken, which is about what contracts say in events. */
static bool together(const struct ledgers_case *one, const struct ledgers_case *other)
{
    if (one->c->conversions_n || other->c->conversions_n)
        return false;
    for (size_t i = 0; i < one->n; i++)
        if (blocks_of(one, i) != blocks_of(other, i) || one->routes[i].events_n)
            return false;
    return true;
}

static struct ledgers_doc document_begin(const struct ledgers_case *r)
{
    return (struct ledgers_doc){.ledgers = r->ledgers,
                                .ledgers_n = r->n,
                                .case_id = r->c->id,
                                .title = r->c->title,
                                .policy = r->c->has_policy ? r->c->policy : TRACE_FIFO,
                                .conversions = r->conversions,
                                .asserted = r->asserted,
                                .conversions_n = r->c->conversions_n};
}

/* runs[n] in one pass. */
static bool follow(struct ledgers_case *runs, size_t n, struct ledgers_doc *ret, struct err *err)
{
    struct arena *a = runs->a;
    struct routes_trace *t = ARENA_ARRAY(a, struct routes_trace, n);
    struct routes_case *cases = ARENA_ARRAY(a, struct routes_case, n);
    struct routes *routes;
    bool ok;

    if (!t || !cases)
        return no_memory(a, err);
    for (size_t i = 0; i < n; i++)
        cases[i] =
            (struct routes_case){.accounts = runs[i].account_cases, .coins = runs[i].coin_cases};
    if (!routes_new(runs->routes, runs->n, runs->trusts, runs->c->trusts_n, runs->asserted,
                    runs->c->conversions_n, &routes, err))
        return false;
    ok = routes_run(a, routes, cases, n, t, err);
    for (size_t i = 0; i < n && ok; i++) {
        ret[i] = document_begin(&runs[i]);
        ok = documents_make(&runs[i], &t[i], &ret[i], err) &&
             trusts_tell(&runs[i], routes, &ret[i].trusts, err);
        ret[i].links = t[i].links;
        ret[i].links_n = t[i].links_n;
        ret[i].candidates = t[i].candidates;
        ret[i].candidates_n = t[i].candidates_n;
    }
    routes_free(routes);
    return ok;
}

static bool run_all(struct ledgers_case *runs, size_t n, struct ledgers_doc *ret, struct err *err)
{
    for (size_t first = 0, i = 1; i <= n; i++) {
        if (i < n && together(&runs[first], &runs[i]))
            continue;
        if (!follow(&runs[first], i - first, &ret[first], err))
            return false;
        first = i;
    }
    return true;
}

bool ledgers_run(struct arena *a, const struct trace_ledger *ledgers, size_t ledgers_n,
                 const uint32_t *blocks_n, const struct case_file *cases, size_t cases_n,
                 const struct trace_stop *more, size_t more_n, struct ledgers_doc *ret,
                 struct err *err)
{
    struct ledgers_case *runs = ARENA_ARRAY(a, struct ledgers_case, cases_n);

    if (!runs)
        return no_memory(a, err);
    if (!ledgers_n)
        return err_fail(err, ERR_USAGE, "no ledger is given");
    if (cases_n > TRACE_REQUESTS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d cases", TRACE_REQUESTS_MAX);
    for (size_t i = 0; i < cases_n; i++) {
        runs[i] = (struct ledgers_case){.a = a,
                                        .c = &cases[i],
                                        .ledgers = ledgers,
                                        .n = ledgers_n,
                                        .blocks_n = blocks_n,
                                        .units = cases_n > 1};
        if (!ledgers_case_prepare(&runs[i], more, more_n, err))
            return false;
    }
    return run_all(runs, cases_n, ret, err);
}
