/* How much of each case is at a place, what of it is held there, and how the cases share it. */
#include "trace/confluence_parts.h"

#include "base/sort.h"

#include <stdlib.h>

#define SHARE_SHIFT ((uint64_t)1 << 32) /* more than there are cases */

struct piece {             /* what the cases hold in one holding or output */
    const void *const *at; /* [n] entries */
    size_t n;
    size_t ledger;
    struct u256 sum; /* of the cases; at most 2^256 - 1 */
};

struct span {
    struct u256 start, end;
};

static const struct confluence_entry *entry_of(const struct piece *p, size_t i)
{
    return p->at[i];
}

static uint64_t asset_of(const struct confluence_entry *e)
{
    return e->asset;
}

static struct u256 plus_capped(struct u256 a, struct u256 b)
{
    if (!u256_add(a, b, &a))
        a = (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    return a;
}

static bool no_room(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "where cases meet");
}

bool confluence_room(struct arena *job, struct confluence_sums *s, size_t n)
{
    size_t size = s->order_size ? s->order_size : 64;

    while (size < n)
        size *= 2;
    if (size == s->order_size)
        return true;
    s->order = ARENA_ARRAY(job, const void *, size);
    s->scratch = ARENA_ARRAY(job, const void *, size);
    s->at = ARENA_ARRAY(job, struct confluence_sum, size);
    s->order_size = s->order && s->scratch && s->at ? size : 0;
    return s->order_size != 0;
}

static int by_asset(const void *one, const void *other)
{
    const struct confluence_entry *a = one, *b = other;

    if (a->asset != b->asset)
        return a->asset < b->asset ? -1 : 1;
    return (a->doc > b->doc) - (a->doc < b->doc);
}

void confluence_sum(struct confluence_sums *s, size_t n)
{
    s->order_n = n;
    s->n = 0;
    sort_pointers(s->order, n, s->scratch, by_asset);
    for (size_t i = 0; i < n; i++) {
        const struct confluence_entry *e = s->order[i];

        if (!s->n || s->at[s->n - 1].asset != e->asset || s->at[s->n - 1].doc != e->doc)
            s->at[s->n++] = (struct confluence_sum){.asset = e->asset, .doc = e->doc};
        if (e->came)
            s->at[s->n - 1].taint = plus_capped(s->at[s->n - 1].taint, e->taint);
    }
}

static size_t same_asset(const struct confluence_sums *s, size_t i, struct u256 *ret_least)
{
    size_t n = 1;

    *ret_least = s->at[i].taint;
    while (i + n < s->n && s->at[i + n].asset == s->at[i].asset)
        *ret_least = u256_min(*ret_least, s->at[i + n++].taint);
    if (n == 1)
        *ret_least = u256_of(0);
    return n;
}

void confluence_lead(const struct confluence_sums *s, uint64_t *ret_asset, struct u256 *ret_meeting)
{
    size_t most = 0;

    for (size_t i = 0, n; i < s->n; i += n) {
        struct u256 least;

        n = same_asset(s, i, &least);
        if (n <= most)
            continue;
        most = n;
        *ret_asset = s->at[i].asset;
        *ret_meeting = least;
    }
}

/* ---- what is held ---- */

static int by_piece(const void *one, const void *other)
{
    const struct confluence_entry *a = one, *b = other;

    if (a->held != b->held)
        return a->held < b->held ? -1 : 1;
    return (a->doc > b->doc) - (a->doc < b->doc);
}

static int by_start(const void *one, const void *other)
{
    const struct span *a = one, *b = other;

    return u256_compare(a->start, b->start);
}

/* Units of a holding among a trace's: the first at or after it. */
static size_t account_units_from(const struct account_trace *t, uint64_t holding)
{
    size_t low = 0, high = t->units_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (t->units[middle].holding < holding)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t coin_units_from(const struct trace *t, uint64_t output)
{
    size_t low = 0, high = t->units_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (t->units[middle].output < output)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The units of a case in a piece: how many spans, into to unless that is NULL. 0: not told. */
static size_t spans_of(const struct trace_part *p, const struct confluence_entry *e,
                       struct span *to)
{
    size_t n = 0;

    if (p->accounts) {
        const struct account_trace *t = p->accounts->trace;

        for (size_t i = account_units_from(t, e->held);
             i < t->units_n && t->units[i].holding == e->held; i++, n++)
            if (to)
                to[n] = (struct span){t->units[i].start, t->units[i].end};
        return n;
    }
    for (size_t i = coin_units_from(p->coins->trace, e->held);
         i < p->coins->trace->units_n && p->coins->trace->units[i].output == e->held; i++, n++)
        if (to)
            to[n] = (struct span){u256_of(p->coins->trace->units[i].start),
                                  u256_of(p->coins->trace->units[i].end)};
    if (!n && e->taint.w[0] == coins_value(&p->coins->coins, e->held)) {
        if (to)
            *to = (struct span){u256_of(0), e->taint};
        n = 1;
    }
    return n;
}

static uint32_t blocks_of(const struct trace_part *p)
{
    return p->accounts ? p->accounts->blocks_n : p->coins->blocks_n;
}

/* Can units of one case be laid beside those of another? */
static bool comparable(const struct ledgers_doc *docs, const struct piece *p)
{
    const struct ledgers_doc *first = &docs[entry_of(p, 0)->doc];

    for (size_t i = 0; i < p->n; i++) {
        const struct ledgers_doc *d = &docs[entry_of(p, i)->doc];

        if ((d->policy != TRACE_FIFO && d->policy != TRACE_LIFO) || d->policy != first->policy ||
            blocks_of(&d->parts[p->ledger]) != blocks_of(&first->parts[p->ledger]) ||
            !spans_of(&d->parts[p->ledger], entry_of(p, i), NULL))
            return false;
    }
    return true;
}

static bool join_units(struct arena *a, const struct ledgers_doc *docs, const struct piece *p,
                       struct u256 *ret, struct err *err)
{
    struct arena *job = arena_new(a, SIZE_MAX / 4);
    struct span *at, end = {u256_of(0), u256_of(0)};
    size_t n = 0, k = 0;

    for (size_t i = 0; i < p->n; i++)
        n += spans_of(&docs[entry_of(p, i)->doc].parts[p->ledger], entry_of(p, i), NULL);
    at = job ? ARENA_ARRAY(job, struct span, n) : NULL;
    if (!at) {
        arena_free(job);
        return no_room(a, err);
    }
    for (size_t i = 0; i < p->n; i++)
        k += spans_of(&docs[entry_of(p, i)->doc].parts[p->ledger], entry_of(p, i), at + k);
    qsort(at, n, sizeof(*at), by_start); /* one at least */
    *ret = u256_of(0);
    for (size_t i = 0; i < n; i++) {
        struct u256 start = u256_less(at[i].start, end.end) ? end.end : at[i].start, more;

        if (!u256_less(start, at[i].end))
            continue;
        u256_sub(at[i].end, start, &more);
        *ret = plus_capped(*ret, more);
        end.end = at[i].end;
    }
    arena_free(job);
    return true;
}

/* What there is in a holding or output, as of the latest block that a case was asked for. */
static struct u256 value_of(const struct ledgers_doc *docs, const struct piece *p)
{
    const struct confluence_entry *last = entry_of(p, 0);
    const struct trace_part *part;

    for (size_t i = 1; i < p->n; i++)
        if (blocks_of(&docs[entry_of(p, i)->doc].parts[p->ledger]) >
            blocks_of(&docs[last->doc].parts[p->ledger]))
            last = entry_of(p, i);
    part = &docs[last->doc].parts[p->ledger];
    return part->coins ? u256_of(coins_value(&part->coins->coins, last->held))
                       : part->accounts->trace->balances[last->at].balance;
}

static bool tainted_by_any(struct arena *a, const struct ledgers_doc *docs, const struct piece *p,
                           struct u256 *ret, struct err *err)
{
    if (p->n == 1) {
        *ret = entry_of(p, 0)->taint;
        return true;
    }
    if (comparable(docs, p))
        return join_units(a, docs, p, ret, err);
    *ret = u256_min(value_of(docs, p), p->sum);
    return true;
}

/* ---- shares ---- */

struct sharer {
    const struct confluence_entry *of;
    const char *id;
    struct u256 taint, share, remainder;
};

static int by_case(const struct sharer *a, const struct sharer *b)
{
    int order = 0;

    if (a->id && b->id)
        order = strcmp(a->id, b->id);
    else if (a->id || b->id)
        order = a->id ? 1 : -1;
    return order ? order : (a->of->doc > b->of->doc) - (a->of->doc < b->of->doc);
}

static int by_remainder(const void *one, const void *other)
{
    const struct sharer *a = one, *b = other;
    int order = u256_compare(b->remainder, a->remainder);

    return order ? order : by_case(a, b);
}

/* any, shared in proportion to what each has: whole units first, then one each by largest
 * remainder. */
static void share(struct sharer *s, size_t n, struct u256 any)
{
    struct u256 sum = u256_of(0), left = any;
    bool fits = true;

    for (size_t i = 0; i < n; i++)
        fits &= u256_add(sum, s[i].taint, &sum);
    for (size_t i = 0; i < n && !fits; i++) { /* in proportion all the same */
        u256_mul_div(s[i].taint, u256_of(1), u256_of(SHARE_SHIFT), &s[i].taint);
        sum = i ? plus_capped(sum, s[i].taint) : s[i].taint;
    }
    for (size_t i = 0; i < n; i++) {
        struct u256 whole, product;

        u256_mul_div(any, s[i].taint, sum, &s[i].share); /* at most any */
        (void)u256_mul(any, s[i].taint, &product); /* the remainder is below sum: mod 2^256 does */
        (void)u256_mul(s[i].share, sum, &whole);
        u256_sub(product, whole, &s[i].remainder);
        u256_sub(left, s[i].share, &left);
    }
    qsort(s, n, sizeof(*s), by_remainder); /* one at least */
    for (size_t i = 0; i < n && !u256_zero(left); i++) {
        s[i].share = plus_capped(s[i].share, u256_of(1));
        u256_sub(left, u256_of(1), &left);
    }
}

static struct confluence_case *case_of(struct confluence_case *cases, size_t n, uint32_t doc)
{
    size_t low = 0;

    while (n - low > 1) {
        size_t middle = low + (n - low) / 2;

        if (cases[middle].doc <= doc)
            low = middle;
        else
            n = middle;
    }
    return &cases[low];
}

static struct confluence_amount *amount_of(struct confluence_case *c, uint64_t asset)
{
    struct confluence_amount *at = (struct confluence_amount *)c->amounts; /* made below */
    size_t low = 0, high = c->amounts_n;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (at[middle].asset <= asset)
            low = middle;
        else
            high = middle;
    }
    return &at[low]; /* sums have every entry */
}

/* One holding or output. */
static bool piece_share(struct arena *a, const struct ledgers_doc *docs, const struct piece *p,
                        struct confluence_case *cases, size_t n, struct u256 *any, struct err *err)
{
    struct sharer few[8], *s = p->n <= 8 ? few : ARENA_ARRAY(a, struct sharer, p->n);
    struct u256 here;

    if (!s)
        return no_room(a, err);
    if (!tainted_by_any(a, docs, p, &here, err))
        return false;
    *any = plus_capped(*any, here);
    for (size_t i = 0; i < p->n; i++)
        s[i] = (struct sharer){.of = entry_of(p, i),
                               .id = docs[entry_of(p, i)->doc].case_id,
                               .taint = entry_of(p, i)->taint};
    share(s, p->n, here);
    for (size_t i = 0; i < p->n; i++) {
        struct confluence_amount *m = amount_of(case_of(cases, n, s[i].of->doc), s[i].of->asset);

        m->held = plus_capped(m->held, s[i].of->taint);
        m->share = plus_capped(m->share, s[i].share);
    }
    return true;
}

/* Of an asset, at[0, n) are the entries. */
static bool asset_share(struct arena *a, const struct ledgers_doc *docs, size_t ledger,
                        const void **at, size_t n, const void **scratch,
                        struct confluence_case *cases, size_t cases_n, struct u256 *any,
                        struct err *err)
{
    size_t holds = 0;

    for (size_t i = 0; i < n; i++) {
        const struct confluence_entry *e = at[i];

        if (e->holds)
            at[holds++] = e;
    }
    sort_pointers(at, holds, scratch, by_piece);
    for (size_t i = 0; i < holds;) {
        struct piece p = {.at = at + i, .ledger = ledger};

        do {
            p.n++;
            p.sum = plus_capped(p.sum, entry_of(&p, p.n - 1)->taint);
        } while (++i < holds && entry_of(&p, p.n)->held == entry_of(&p, 0)->held);
        if (!piece_share(a, docs, &p, cases, cases_n, any, err))
            return false;
    }
    return true;
}

/* Amounts of each case, by asset; nothing held as yet. */
static bool amounts_make(struct arena *a, const struct confluence_sums *s,
                         struct confluence_case *cases, size_t n, struct err *err)
{
    struct confluence_amount *all = ARENA_ARRAY(a, struct confluence_amount, s->n);

    if (!all)
        return no_room(a, err);
    for (size_t i = 0; i < s->n; i++)
        case_of(cases, n, s->at[i].doc)->amounts_n++;
    for (size_t c = 0, at = 0; c < n; c++) {
        cases[c].amounts = &all[at];
        at += cases[c].amounts_n;
        cases[c].amounts_n = 0;
    }
    for (size_t i = 0; i < s->n; i++) {
        struct confluence_case *c = case_of(cases, n, s->at[i].doc);

        all[(size_t)(c->amounts - all) + c->amounts_n++] =
            (struct confluence_amount){.asset = s->at[i].asset, .taint = s->at[i].taint};
    }
    return true;
}

bool confluence_amounts(struct arena *a, const struct ledgers_doc *docs, size_t ledger,
                        struct confluence_sums *s, struct confluence_case *cases, size_t n,
                        struct confluence *ret, struct err *err)
{
    struct confluence_asset *assets = ARENA_ARRAY(a, struct confluence_asset, s->n);
    size_t entry = 0;

    if (!assets)
        return no_room(a, err);
    if (!amounts_make(a, s, cases, n, err))
        return false;
    ret->assets = assets;
    ret->assets_n = 0;
    for (size_t i = 0, same; i < s->n; i += same) {
        struct confluence_asset *x = &assets[ret->assets_n++];
        size_t first = entry;

        *x = (struct confluence_asset){.asset = s->at[i].asset};
        same = same_asset(s, i, &x->meeting);
        while (entry < s->order_n && asset_of(s->order[entry]) == x->asset)
            entry++;
        if (!asset_share(a, docs, ledger, s->order + first, entry - first, s->scratch, cases, n,
                         &x->held, err))
            return false;
    }
    return true;
}
