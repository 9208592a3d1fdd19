/* What a pass over accounts has found out, told of a holding, an account or one transfer. */
#include "screen/account_exposure.h"

#include "screen/account_exposure_parts.h"

struct exposure_note *account_exposure_note(struct account_exposure *x)
{
    return &x->note;
}

uint64_t account_exposure_cut(const struct account_exposure *x, uint16_t label)
{
    return label < x->labels_n ? x->cut[label] : 0;
}

struct account_exposure_counts account_exposure_counts(const struct account_exposure *x)
{
    uint64_t cut = 0;

    for (uint32_t l = 0; l < x->labels_n; l++)
        cut += x->cut[l];
    return (struct account_exposure_counts){
        .transfers = x->transfers_done,
        .records = x->records_n,
        .sums = x->sums.n,
        .beyond = x->beyond,
        .cut = cut,
        .bytes = x->holdings_n * sizeof(*x->slots) + x->records_n * sizeof(*x->records) +
                 (uint64_t)x->sums.end * x->sums.element + x->wide_n * sizeof(*x->wide) +
                 newest_n(x) * sizeof(*x->newest),
    };
}

struct account_exposure_totals account_exposure_totals(const struct account_exposure *x,
                                                       uint64_t holding)
{
    const struct slot *s;

    if (holding >= x->holdings_n)
        return (struct account_exposure_totals){.received = u256_of(0)};
    s = &x->slots[holding];
    return (struct account_exposure_totals){number_get(x, s->in), number_get(x, s->sent),
                                            number_get(x, s->balance)};
}

/* What a label's sums of a slot say, by kind; NULL: there is none. */
struct label_sums {
    const struct sum *of[KINDS];
};

/* of: one of them; they follow each other. */
static struct label_sums label_sums(const struct account_exposure *x, const struct slot *s,
                                    const struct sum *of)
{
    const struct sum *first = exposure_list_at(&x->sums, &s->sums), *end = first + s->sums.n;
    unsigned label = of->key / KINDS;
    struct label_sums l = {{NULL}};

    while (of > first && of[-1].key / KINDS == label)
        of--;
    for (; of < end && of->key / KINDS == label; of++)
        l.of[of->key % KINDS] = of;
    return l;
}

static void part_add(const struct account_exposure *x, struct exposure_part *p,
                     struct u256 *largest, struct u256 amount, uint32_t best)
{
    if (u256_zero(amount) || !best)
        return;
    p->amount = amount_plus(p->amount, amount);
    amount = number_get(x, x->records[best - 1].amount);
    if (u256_less(*largest, amount)) {
        *largest = amount;
        p->best = best - 1;
        p->hops = x->records[best - 1].hops;
    }
}

/* What is of an origin is told as direct, in one with it. */
static bool part_of(const struct account_exposure *x, const struct slot *s, const struct sum *of,
                    enum account_exposure_kind kind, struct exposure_part *ret)
{
    struct label_sums all = label_sums(x, s, of);
    struct u256 largest = u256_of(0);
    bool held = kind == EXPOSURE_HELD;
    unsigned first = of->key % KINDS, last = first == OF_ORIGIN ? OF_DIRECT : first;

    if (first == OF_DIRECT && all.of[OF_ORIGIN])
        return false; /* told with it */
    *ret = (struct exposure_part){.label = of->key / KINDS, .direct = first != OF_INDIRECT};
    for (unsigned k = first; k <= last; k++)
        if (all.of[k])
            part_add(x, ret, &largest, number_get(x, held ? all.of[k]->held : all.of[k]->amount),
                     held ? all.of[k]->held_best : all.of[k]->best);
    if (u256_zero(ret->amount))
        return false;
    if (held && x->policy == TRACE_POISON) {
        for (unsigned k = OF_ORIGIN; !ret->direct && k < OF_INDIRECT; k++)
            if (all.of[k] && !u256_zero(number_get(x, all.of[k]->held)))
                return false;
        ret->amount = number_get(x, s->balance);
    }
    return true;
}

size_t account_exposure_holding(const struct account_exposure *x, uint64_t holding,
                                enum account_exposure_kind kind, struct exposure_part *ret,
                                size_t max)
{
    struct account_exposure_totals totals = account_exposure_totals(x, holding);
    struct u256 all = u256_of(0);
    size_t n = 0, there = 0;
    const struct slot *s;
    const struct sum *of;

    if (holding >= x->holdings_n)
        return 0;
    switch (kind) {
    case EXPOSURE_RECEIVED:
        all = totals.received;
        break;
    case EXPOSURE_SENT:
        all = totals.sent;
        break;
    case EXPOSURE_HELD:
        all = totals.balance;
        break;
    }
    s = &x->slots[holding];
    of = exposure_list_at(&x->sums, &s->sums);
    for (size_t i = 0; i < s->sums.n; i++, of++) {
        struct exposure_part part;

        if ((of->key % KINDS == OF_SENT) != (kind == EXPOSURE_SENT) ||
            !part_of(x, s, of, kind, &part))
            continue;
        exposure_part_put(ret, &n, max, part, all);
        there++;
    }
    return there;
}

size_t account_exposure_account(const struct account_exposure *x, const struct accounts *a,
                                uint64_t holding_last, enum account_exposure_kind kind,
                                struct exposure_part *ret, uint64_t *ret_holdings, size_t max)
{
    size_t there = 0, n = 0;

    for (uint64_t h = holding_last, before; h < a->holdings_n; h = before) {
        size_t here = account_exposure_holding(x, h, kind, ret + n, max - n);

        there += here;
        for (; here && n < max; here--)
            ret_holdings[n++] = h;
        before = accounts_holding(a, h).before;
        if (before >= h) /* the first one, or damaged: they descend */
            break;
    }
    return there;
}

/* ---- of one transfer ---- */

/* The i-th of those that are kept, the oldest first. */
static const struct newest *newest_at(const struct account_exposure *x, uint32_t i)
{
    return &x->newest[(x->arrivals - newest_n(x) + i) % x->newest_max];
}

static uint32_t newest_first(const struct account_exposure *x, uint64_t transfer)
{
    uint32_t low = 0, high = newest_n(x);

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (newest_at(x, middle)->transfer < transfer)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of the oldest that is kept something may be gone already. */
static bool is_kept(const struct account_exposure *x, uint64_t transfer)
{
    return transfer < x->transfers_done &&
           (x->arrivals <= x->newest_max || transfer > newest_at(x, 0)->transfer);
}

/* What is of an origin is told as direct, in one with it: they follow each other. */
static bool part_joined(struct exposure_part *last, const struct exposure_part *part,
                        struct u256 *largest)
{
    if (!last->direct || !part->direct || last->label != part->label)
        return false;
    if (u256_less(*largest, part->amount)) {
        *largest = part->amount;
        last->best = part->best;
        last->hops = part->hops;
    }
    last->amount = amount_plus(last->amount, part->amount);
    return true;
}

size_t account_exposure_transfer(const struct account_exposure *x, const struct accounts *a,
                                 uint64_t transfer, enum account_exposure_kind kind,
                                 struct exposure_part *ret, size_t max, bool *ret_kept)
{
    struct exposure_part last = {.label = 0};
    struct u256 largest = u256_of(0), all;
    size_t n = 0, there = 0;

    *ret_kept = transfer < a->transfers_n && is_kept(x, transfer);
    if (!*ret_kept)
        return 0;
    all = kind == EXPOSURE_SENT ? accounts_transfer(a, transfer).amount
                                : accounts_transfer(a, transfer).credit;
    for (uint32_t i = newest_first(x, transfer);
         i < newest_n(x) && newest_at(x, i)->transfer == transfer; i++) {
        const struct newest *at = newest_at(x, i);
        struct exposure_part part = {.label = at->key / KINDS,
                                     .direct = at->key % KINDS != OF_INDIRECT,
                                     .amount = number_get(x, at->amount),
                                     .hops = at->hops,
                                     .best = at->from};

        if ((at->key % KINDS == OF_SENT) != (kind == EXPOSURE_SENT) ||
            (there && part_joined(&last, &part, &largest)))
            continue;
        if (there++)
            exposure_part_put(ret, &n, max, last, all);
        last = part;
        largest = part.amount;
    }
    if (there)
        exposure_part_put(ret, &n, max, last, all);
    return there;
}

size_t account_exposure_path(const struct account_exposure *x, const struct accounts *a,
                             uint32_t record, uint64_t *ret_transfers, size_t max,
                             uint64_t *ret_source)
{
    size_t n = 1, kept;
    uint32_t at = record;

    *ret_source = ACCOUNTS_NONE;
    if (record >= x->records_n)
        return 0;
    for (; x->records[at].hops > 1; n++)
        at = x->records[at].from; /* always an earlier one */
    if (x->records[at].hops && x->records[at].from == NO_RECORD &&
        x->records[at].transfer < a->transfers_n) {
        uint64_t from = accounts_transfer(a, x->records[at].transfer).from;

        if (from != ACCOUNTS_NONE)
            *ret_source = accounts_holding(a, from).account;
    }
    kept = n < max ? n : max;
    for (at = record; kept; at = x->records[at].from)
        ret_transfers[--kept] = x->records[at].transfer;
    return n;
}

size_t account_exposure_transfer_path(const struct account_exposure *x, const struct accounts *a,
                                      uint64_t transfer, const struct exposure_part *part,
                                      uint64_t *ret_transfers, size_t max, uint64_t *ret_source)
{
    size_t n = 0, kept;

    *ret_source = ACCOUNTS_NONE;
    if (part->hops > 1) {
        n = account_exposure_path(x, a, part->best, ret_transfers, max, ret_source);
    } else if (part->hops && part->best == EXPOSURE_NO_RECORD && transfer < a->transfers_n) {
        uint64_t from = accounts_transfer(a, transfer).from;

        if (from != ACCOUNTS_NONE)
            *ret_source = accounts_holding(a, from).account;
    }
    kept = n < max ? n : max;
    if (kept && kept == max)
        memmove(ret_transfers, ret_transfers + 1, --kept * sizeof(*ret_transfers));
    if (kept < max)
        ret_transfers[kept] = transfer;
    return n + 1;
}
