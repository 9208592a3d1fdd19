/* Entries of all cases, sorted by place; those of two cases or more are ranked, and the first of
 * them told in full. */
#include "trace/confluence.h"

#include "base/sort.h"
#include "trace/confluence_parts.h"
#include "trace/ways.h"

#include <stdlib.h>

/* A place as a number, which sorts by ledger, kind, id: what it is of is below. */
#define ID_BITS 40
#define KIND_BITS 2
_Static_assert(ROUTES_LEDGERS_MAX <= 1 << (64 - ID_BITS - KIND_BITS), "places are numbers");

struct finding {
    struct arena *a, *job;
    const struct ledgers_doc *docs;
    size_t n;
    struct keyed *at; /* [at_n] by place; index: of entries */
    struct confluence_entry *entries;
    size_t at_n, entries_n;
    struct confluence_sums sums;
};

struct ranked {      /* a place on its way to its rank */
    size_t first, n; /* of at */
    size_t cases_n, among;
    uint64_t place, asset;
    struct u256 meeting;
};

const char *confluence_kind_name(enum confluence_kind kind)
{
    static const char *const names[] = {"account", "address", "output", "transaction"};

    return names[kind];
}

static bool no_room(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "where cases meet");
}

static uint64_t place_of(size_t ledger, enum confluence_kind kind, uint64_t id)
{
    return (uint64_t)ledger << (ID_BITS + KIND_BITS) | (uint64_t)kind << ID_BITS | id;
}

static enum confluence_kind place_kind(uint64_t place)
{
    return (enum confluence_kind)(place >> ID_BITS & ((1u << KIND_BITS) - 1));
}

static size_t place_ledger(uint64_t place)
{
    return (size_t)(place >> (ID_BITS + KIND_BITS));
}

static uint64_t place_id(uint64_t place)
{
    return place & (((uint64_t)1 << ID_BITS) - 1);
}

/* ---- entries ---- */

static void entry_add(struct finding *f, uint64_t place, struct confluence_entry e)
{
    f->at[f->at_n++] = (struct keyed){place, (uint32_t)f->entries_n, e.doc};
    f->entries[f->entries_n++] = e;
}

static void accounts_add(struct finding *f, uint32_t doc, size_t ledger)
{
    const struct account_doc *d = f->docs[doc].parts[ledger].accounts;
    uint64_t nobody = account_zero_address(d->ledger);

    for (uint32_t i = 0; i < d->trace->moves_n; i++) {
        const struct account_move *m = &d->trace->moves[i];
        struct transfer t = accounts_transfer(&d->accounts, m->transfer);
        struct holding h;

        if (u256_zero(m->taint) || m->stop == STOP_BURNED || t.to == ACCOUNTS_NONE)
            continue;
        h = accounts_holding(&d->accounts, t.to);
        if (m->in_leg && h.account == nobody) /* a bridge burns it */
            continue;
        entry_add(f, place_of(ledger, CONFLUENCE_ACCOUNT, h.account),
                  (struct confluence_entry){
                      .doc = doc, .at = i, .asset = h.asset, .taint = m->taint, .came = true});
    }
    for (uint32_t i = 0; i < d->trace->balances_n; i++) {
        const struct account_balance *b = &d->trace->balances[i];
        struct holding h = accounts_holding(&d->accounts, b->holding);

        if (b->stop == STOP_NONE && !u256_zero(b->taint))
            entry_add(f, place_of(ledger, CONFLUENCE_ACCOUNT, h.account),
                      (struct confluence_entry){.doc = doc,
                                                .at = i,
                                                .asset = h.asset,
                                                .taint = b->taint,
                                                .held = b->holding,
                                                .holds = true});
    }
}

/* The script that stands for all with one address; SCRIPT_NONE: it has none. */
static uint32_t address_of(const struct trace_doc *d, uint64_t output)
{
    uint32_t id = ledger_script_of(d->ledger, output), twins[LEDGER_TWINS_MAX];
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes script, payload;
    enum script_class class;
    size_t n;

    if (!ledger_script(d->ledger, id, form, &script))
        return SCRIPT_NONE;
    class = script_classify(script, &payload);
    if (!script_has_address(class))
        return SCRIPT_NONE;
    if (class != SCRIPT_P2PK)
        return id;
    n = ledger_find_address(d->ledger, script, twins);
    for (size_t i = 0; i < n; i++) /* the P2PKH, where somebody was paid by it */
        if (ledger_script(d->ledger, twins[i], form, &script) &&
            script_classify(script, &payload) == SCRIPT_P2PKH)
            return twins[i];
    return id;
}

static void coins_add(struct finding *f, uint32_t doc, size_t ledger)
{
    const struct trace_doc *d = f->docs[doc].parts[ledger].coins;

    for (uint32_t i = 0; i < d->trace->reached_n; i++) {
        const struct trace_reached *r = &d->trace->reached[i];
        struct confluence_entry e = {.doc = doc,
                                     .at = i,
                                     .taint = u256_of(r->taint),
                                     .held = r->output,
                                     .came = true,
                                     .holds = trace_doc_held(r)};
        uint32_t address;

        if (!r->taint)
            continue;
        address = address_of(d, r->output);
        entry_add(f,
                  address == SCRIPT_NONE ? place_of(ledger, CONFLUENCE_OUTPUT, r->output)
                                         : place_of(ledger, CONFLUENCE_ADDRESS, address),
                  e);
        if (r->stop < 0 && r->spent_by != COINS_TX_NONE)
            entry_add(f, place_of(ledger, CONFLUENCE_TRANSACTION, r->spent_by), e);
    }
}

static size_t entries_max(const struct finding *f)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n; i++)
        for (size_t l = 0; l < f->docs[i].ledgers_n; l++) {
            const struct trace_part *p = &f->docs[i].parts[l];

            n += p->accounts ? p->accounts->trace->moves_n + p->accounts->trace->balances_n : 0;
            n += p->coins ? 2 * p->coins->trace->reached_n : 0;
        }
    return n;
}

static bool entries_make(struct finding *f, struct err *err)
{
    size_t n = entries_max(f);
    struct keyed *scratch;

    if (n > UINT32_MAX)
        return err_fail(err, ERR_LIMIT, "cases of more than %u steps", UINT32_MAX);
    f->at = ARENA_ARRAY(f->job, struct keyed, n);
    f->entries = ARENA_ARRAY(f->job, struct confluence_entry, n);
    scratch = ARENA_ARRAY(f->job, struct keyed, n);
    if (!f->at || !f->entries || !scratch)
        return no_room(f->job, err);
    for (uint32_t i = 0; i < f->n; i++)
        for (size_t l = 0; l < f->docs[i].ledgers_n; l++) {
            if (f->docs[i].parts[l].accounts)
                accounts_add(f, i, l);
            if (f->docs[i].parts[l].coins)
                coins_add(f, i, l);
        }
    sort_keyed(f->at, f->at_n, scratch);
    return true;
}

/* ---- places ---- */

static const struct confluence_entry *entry_at(const struct finding *f, size_t i)
{
    return &f->entries[f->at[i].index];
}

static size_t same_place(const struct finding *f, size_t i)
{
    size_t n = 1;

    while (i + n < f->at_n && f->at[i + n].key == f->at[i].key)
        n++;
    return n;
}

/* How many cases; entries of a place stand in the order of the documents. */
static size_t cases_at(const struct finding *f, size_t i, size_t n)
{
    size_t cases = 1;

    for (size_t k = 1; k < n; k++)
        cases += f->at[i + k].with != f->at[i + k - 1].with;
    return cases;
}

static int by_output(const void *one, const void *other)
{
    const struct confluence_entry *a = one, *b = other;

    return (a->held > b->held) - (a->held < b->held);
}

/* Does one output bring all the cases of a transaction? Then they were together before. */
static bool together(struct finding *f, size_t i, size_t n, size_t cases, bool *ret,
                     struct err *err)
{
    uint64_t before = 0;
    size_t run = 0;

    if (!confluence_room(f->job, &f->sums, n))
        return no_room(f->job, err);
    for (size_t k = 0; k < n; k++)
        f->sums.order[k] = entry_at(f, i + k);
    sort_pointers(f->sums.order, n, f->sums.scratch, by_output);
    *ret = false;
    for (size_t k = 0; k < n; k++) {
        const struct confluence_entry *e = f->sums.order[k];

        run = k && e->held == before ? run + 1 : 1;
        before = e->held;
        *ret |= run == cases;
    }
    return true;
}

static bool sum_up(struct finding *f, size_t i, size_t n, struct err *err)
{
    if (!confluence_room(f->job, &f->sums, n))
        return no_room(f->job, err);
    for (size_t k = 0; k < n; k++)
        f->sums.order[k] = entry_at(f, i + k);
    confluence_sum(&f->sums, n);
    return true;
}

static bool places_find(struct finding *f, struct ranked **ret, size_t *ret_n, struct err *err)
{
    struct ranked *r = ARENA_ARRAY(f->job, struct ranked, f->at_n / 2);
    size_t n = 0;

    if (!r)
        return no_room(f->job, err);
    for (size_t i = 0, all; i < f->at_n; i += all) {
        uint64_t place = f->at[i].key;
        struct ranked one = {.first = i, .place = place};
        bool before = false;

        all = same_place(f, i);
        one.n = all;
        one.cases_n = cases_at(f, i, all);
        if (one.cases_n < 2)
            continue;
        if (place_kind(place) == CONFLUENCE_TRANSACTION &&
            !together(f, i, all, one.cases_n, &before, err))
            return false;
        if (before)
            continue;
        if (!sum_up(f, i, all, err))
            return false;
        confluence_lead(&f->sums, &one.asset, &one.meeting);
        r[n++] = one;
    }
    *ret = r;
    *ret_n = n;
    return true;
}

static int by_asset(const struct ranked *x, const struct ranked *y)
{
    if (place_ledger(x->place) != place_ledger(y->place))
        return place_ledger(x->place) < place_ledger(y->place) ? -1 : 1;
    return (x->asset > y->asset) - (x->asset < y->asset);
}

static int within_asset(const void *one, const void *other)
{
    const struct ranked *x = one, *y = other;
    int order = by_asset(x, y);

    if (x->cases_n != y->cases_n)
        return x->cases_n > y->cases_n ? -1 : 1;
    if (order)
        return order;
    order = u256_compare(y->meeting, x->meeting);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

static int by_rank(const void *one, const void *other)
{
    const struct ranked *x = one, *y = other;
    int order = by_asset(x, y);

    if (x->cases_n != y->cases_n)
        return x->cases_n > y->cases_n ? -1 : 1;
    if (u256_zero(x->meeting) != u256_zero(y->meeting))
        return u256_zero(x->meeting) ? 1 : -1;
    if (x->among != y->among)
        return x->among < y->among ? -1 : 1;
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

static void rank(struct ranked *r, size_t n)
{
    if (!n)
        return;
    qsort(r, n, sizeof(*r), within_asset);
    for (size_t i = 1; i < n; i++)
        if (r[i].cases_n == r[i - 1].cases_n && !by_asset(&r[i], &r[i - 1]))
            r[i].among = r[i - 1].among + 1;
    qsort(r, n, sizeof(*r), by_rank);
}

/* ---- a place in full ---- */

static bool path_make(struct finding *f, const struct ways *w, uint32_t step,
                      struct confluence_case *c, struct err *err)
{
    uint32_t back[CONFLUENCE_PATH_MAX];
    struct confluence_step *path;
    size_t n = 0;

    do
        back[n++] = step;
    while ((step = w->before[step]) != WAY_BEGINS && n < CONFLUENCE_PATH_MAX);
    path = ARENA_ARRAY(f->a, struct confluence_step, n);
    if (!path)
        return no_room(f->a, err);
    for (size_t i = 0; i < n; i++)
        path[i] =
            (struct confluence_step){way_ledger(w, back[n - 1 - i]), way_id(w, back[n - 1 - i])};
    c->path = path;
    c->path_n = n;
    c->path_whole = way_hop(w, back[n - 1]) == 0;
    return true;
}

static bool cases_make(struct finding *f, const struct ways *ways, const struct ranked *r,
                       struct confluence *ret, struct err *err)
{
    struct confluence_case *cases = ARENA_ARRAY(f->a, struct confluence_case, r->cases_n);
    size_t ledger = place_ledger(r->place), n = 0;

    if (!cases)
        return no_room(f->a, err);
    for (size_t i = 0; i < r->n; i++) {
        const struct confluence_entry *e = entry_at(f, r->first + i);
        struct confluence_case *c = n ? &cases[n - 1] : NULL;
        const struct ways *w = &ways[e->doc];
        uint32_t step = w->first[ledger] + e->at;

        if (!c || c->doc != e->doc) {
            c = &cases[n++];
            *c = (struct confluence_case){.doc = e->doc, .hop = UINT32_MAX};
        }
        if (!e->came)
            continue;
        if (c->hop == UINT32_MAX && !path_make(f, w, step, c, err))
            return false;
        c->hop = way_hop(w, step) < c->hop ? way_hop(w, step) : c->hop;
    }
    ret->cases = cases;
    ret->cases_n = n;
    return confluence_amounts(f->a, f->docs, ledger, &f->sums, cases, n, ret, err);
}

static bool place_tell(struct finding *f, const struct ways *ways, const struct ranked *r,
                       struct confluence *ret, struct err *err)
{
    *ret = (struct confluence){
        .ledger = place_ledger(r->place), .kind = place_kind(r->place), .id = place_id(r->place)};
    if (ret->kind == CONFLUENCE_ADDRESS)
        ret->id = entry_at(f, r->first)->held; /* an output there */
    return sum_up(f, r->first, r->n, err) && cases_make(f, ways, r, ret, err);
}

static bool find(struct finding *f, struct confluences *ret, struct err *err)
{
    struct confluence *places;
    struct ranked *r;
    struct ways *ways;

    if (!entries_make(f, err) || !places_find(f, &r, &ret->all_n, err))
        return false;
    rank(r, ret->all_n);
    ret->places_n = ret->all_n < CONFLUENCE_PLACES_MAX ? ret->all_n : CONFLUENCE_PLACES_MAX;
    ways = ARENA_ARRAY(f->job, struct ways, f->n);
    places = ARENA_ARRAY(f->a, struct confluence, ret->places_n);
    if (!ways || !places)
        return no_room(f->a, err);
    for (size_t i = 0; i < f->n && ret->places_n; i++)
        if (!ways_make(f->job, &f->docs[i], &ways[i], err))
            return false;
    for (size_t i = 0; i < ret->places_n; i++)
        if (!place_tell(f, ways, &r[i], &places[i], err))
            return false;
    ret->places = places;
    return true;
}

bool confluence_find(struct arena *a, const struct ledgers_doc *docs, size_t n,
                     struct confluences *ret, struct err *err)
{
    struct finding f = {.a = a, .job = arena_new(a, SIZE_MAX / 4), .docs = docs, .n = n};
    bool ok;

    *ret = (struct confluences){.places = NULL};
    if (!f.job)
        return no_room(a, err);
    ok = find(&f, ret, err);
    arena_free(f.job);
    return ok;
}
