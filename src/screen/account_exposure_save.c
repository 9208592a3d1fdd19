/* An exposure's file: the arrays as they are, lists without the gaps between them, and without what
 * a slot remembers of its account's labels, which are asked for anew. Every index in them is looked
 * at when they are read, so that the rest may trust them. */
#include "screen/account_exposure_parts.h"
#include "screen/exposure_file.h"

enum { N_TRANSFERS, N_BEYOND, N_HOLDINGS, N_RECORDS, N_SUMS, N_WIDE, N_ARRIVALS, N_NEWEST };

#define SECTIONS_N 6

_Static_assert(EXPOSURE_FILL_BYTES % sizeof(struct slot) == 0 &&
                   EXPOSURE_FILL_BYTES % sizeof(struct sum) == 0,
               "whole ones");

struct saved { /* what fills the sections of slots and of sums */
    const struct slot *slots;
    struct exposure_lists_saved lists, sums;
};

static void slots_fill(void *ctx, void *to, size_t n)
{
    struct saved *s = ctx;
    struct slot *at = to;

    memcpy(at, s->slots, n);
    s->slots += n / sizeof(*at);
    for (size_t i = 0; i < n / sizeof(*at); i++) {
        exposure_lists_tidy(&s->lists, &at[i].sums);
        at[i].set = 0;
        at[i].flags &= (uint8_t)~SLOT_SEEN;
    }
}

static void sums_fill(void *ctx, void *to, size_t n)
{
    exposure_lists_fill(&((struct saved *)ctx)->sums, to, n);
}

static void sections(struct account_exposure *x, struct saved *s, struct exposure_section *ret)
{
    const struct exposure_section all[SECTIONS_N] = {
        {x->cut, x->labels_n * sizeof(*x->cut), NULL, NULL},
        {x->slots, x->holdings_n * sizeof(*x->slots), slots_fill, s},
        {x->records, x->records_n * sizeof(*x->records), NULL, NULL},
        {x->sums.p, x->sums.n * x->sums.element, sums_fill, s},
        {x->wide, x->wide_n * sizeof(*x->wide), NULL, NULL},
        {x->newest, newest_n(x) * sizeof(*x->newest), NULL, NULL},
    };

    s->slots = x->slots;
    s->lists = s->sums = (struct exposure_lists_saved){
        .l = &x->sums, .lists = (const uint8_t *)&x->slots->sums, .stride = sizeof(*x->slots)};
    memcpy(ret, all, sizeof(all));
}

bool account_exposure_save(const struct account_exposure *x, const char *path,
                           const struct hash32 *of, struct err *err)
{
    const struct exposure_asked asked = {
        .policy = x->policy, .labels_n = x->labels_n, .cut_ppm = x->cut_ppm};
    struct exposure_file_head head = {.shape = EXPOSURE_ACCOUNTS, .note = x->note};
    struct exposure_section s[SECTIONS_N];
    struct saved saved;

    head.n[N_TRANSFERS] = x->transfers_done;
    head.n[N_BEYOND] = x->beyond;
    head.n[N_HOLDINGS] = x->holdings_n;
    head.n[N_RECORDS] = x->records_n;
    head.n[N_SUMS] = x->sums.n;
    head.n[N_WIDE] = x->wide_n;
    head.n[N_ARRIVALS] = x->arrivals;
    head.n[N_NEWEST] = newest_n(x);
    sections((struct account_exposure *)x, &saved, s);
    return exposure_file_save(path, &head, &asked, of, s, SECTIONS_N, err);
}

static bool counts_take(struct account_exposure *x, const struct exposure_file *f, struct err *err)
{
    const uint64_t *n = f->head.n;

    if (n[N_HOLDINGS] > x->holdings_max || n[N_RECORDS] > x->records_max ||
        n[N_SUMS] > x->sums.max || n[N_WIDE] > x->records_max)
        return err_fail(err, ERR_LIMIT, "\"%s\": more than there may be", f->path);
    x->transfers_done = n[N_TRANSFERS];
    x->beyond = n[N_BEYOND];
    x->holdings_n = n[N_HOLDINGS];
    x->records_n = (uint32_t)n[N_RECORDS];
    x->sums.n = x->sums.end = (uint32_t)n[N_SUMS];
    x->wide_n = (uint32_t)n[N_WIDE];
    x->arrivals = n[N_ARRIVALS];
    x->note = f->head.note;
    return n[N_NEWEST] == newest_n(x) || exposure_file_damaged(f, err);
}

static bool number_good(const struct account_exposure *x, struct number n)
{
    return !(n.high & WIDE) || n.low < x->wide_n;
}

/* Ways go backwards. */
static bool record_good(const struct account_exposure *x, uint32_t i)
{
    const struct record *r = &x->records[i];

    return number_good(x, r->amount) && r->transfer < x->transfers_done && !r->zero &&
           (r->from < i || (r->from == NO_RECORD && r->hops <= 1));
}

static bool newest_good(const struct account_exposure *x, const struct newest *n)
{
    return number_good(x, n->amount) && n->transfer < x->transfers_done &&
           n->key / KINDS < x->labels_n &&
           (n->from < x->records_n || (n->from == NO_RECORD && n->hops <= 1));
}

/* What is held has a way; of what was sent nothing is. */
static bool sum_good(const struct account_exposure *x, const struct sum *s)
{
    bool held = !u256_zero(number_get(x, s->held));

    return s->key / KINDS < x->labels_n && s->best <= x->records_n &&
           s->held_best <= x->records_n && !s->zero && !s->zero_too &&
           !(held && (!s->held_best || s->key % KINDS == OF_SENT));
}

static bool sums_good(const struct account_exposure *x, const struct exposure_list *list,
                      uint32_t held_n)
{
    const struct sum *s = exposure_list_at(&x->sums, list);

    for (size_t i = 0; i < list->n; i++) {
        if (!number_good(x, s[i].amount) || !number_good(x, s[i].held) || !sum_good(x, &s[i]) ||
            (i && s[i].key <= s[i - 1].key))
            return false;
        held_n -= !u256_zero(number_get(x, s[i].held));
    }
    return !held_n;
}

static bool slot_good(const struct account_exposure *x, const struct slot *s)
{
    return number_good(x, s->in) && number_good(x, s->balance) && number_good(x, s->sent) &&
           !s->set && !s->zero[0] && !s->zero[1] && !s->zero[2] &&
           !(s->flags & ~(SLOT_FROZEN | SLOT_OVER));
}

static bool good(const struct account_exposure *x)
{
    struct exposure_lists_saved lists = {.l = &x->sums};
    bool ok = true;

    for (uint32_t i = 0; ok && i < x->records_n; i++)
        ok = record_good(x, i);
    for (uint32_t i = 0; ok && i < newest_n(x); i++)
        ok = newest_good(x, &x->newest[i]);
    for (uint64_t i = 0; ok && i < x->holdings_n; i++)
        ok = slot_good(x, &x->slots[i]) && exposure_lists_tidied(&lists, &x->slots[i].sums) &&
             sums_good(x, &x->slots[i].sums, x->slots[i].held_n);
    return ok && lists.running == x->sums.n;
}

static bool load(struct account_exposure *x, struct exposure_file *f, struct err *err)
{
    struct exposure_section s[SECTIONS_N];
    struct saved saved;

    if (!counts_take(x, f, err))
        return false;
    sections(x, &saved, s);
    return exposure_file_load(f, s, SECTIONS_N, err) && (good(x) || exposure_file_damaged(f, err));
}

bool account_exposure_load(const char *path, const struct account_exposure_options *options,
                           const struct hash32 *of, struct account_exposure **ret, struct err *err)
{
    struct account_exposure *x;
    struct exposure_file f;
    bool ok;

    if (!account_exposure_new(options, &x, err))
        return false;
    ok = exposure_file_open(&f, path, EXPOSURE_ACCOUNTS, &options->asked, of, err);
    if (ok) {
        ok = load(x, &f, err);
        exposure_file_close(&f);
    }
    if (ok)
        *ret = x;
    else
        account_exposure_free(x);
    return ok;
}
