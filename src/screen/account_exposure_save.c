/* An exposure's file: the arrays as they are, but for what a slot remembers of its account's
 * labels, which are asked for anew. Every index in them is looked at when they are read, so that
 * the rest may trust them. */
#include "screen/account_exposure_parts.h"
#include "screen/exposure_file.h"

enum { N_TRANSFERS, N_BEYOND, N_HOLDINGS, N_RECORDS, N_SUMS, N_WIDE };

#define SECTIONS_N 5

static void slots_fill(void *ctx, void *to, size_t n)
{
    const struct slot **from = ctx;
    struct slot *s = to;

    memcpy(s, *from, n);
    *from += n / sizeof(*s);
    for (size_t i = 0; i < n / sizeof(*s); i++) {
        s[i].set = 0;
        s[i].flags &= (uint8_t)~SLOT_SEEN;
    }
}

static void sections(struct account_exposure *x, const struct slot **from,
                     struct exposure_section *ret)
{
    const struct exposure_section all[SECTIONS_N] = {
        {x->cut, x->labels_n * sizeof(*x->cut), NULL, NULL},
        {x->slots, x->holdings_n * sizeof(*x->slots), slots_fill, (void *)from},
        {x->records, x->records_n * sizeof(*x->records), NULL, NULL},
        {x->sums, x->sums_n * sizeof(*x->sums), NULL, NULL},
        {x->wide, x->wide_n * sizeof(*x->wide), NULL, NULL},
    };

    memcpy(ret, all, sizeof(all));
}

bool account_exposure_save(const struct account_exposure *x, const char *path,
                           const struct hash32 *of, struct err *err)
{
    const struct exposure_asked asked = {
        .policy = x->policy, .labels_n = x->labels_n, .cut_ppm = x->cut_ppm};
    struct exposure_file_head head = {.shape = EXPOSURE_ACCOUNTS, .note = x->note};
    struct exposure_section s[SECTIONS_N];
    const struct slot *from = x->slots;

    head.n[N_TRANSFERS] = x->transfers_done;
    head.n[N_BEYOND] = x->beyond;
    head.n[N_HOLDINGS] = x->holdings_n;
    head.n[N_RECORDS] = x->records_n;
    head.n[N_SUMS] = x->sums_n;
    head.n[N_WIDE] = x->wide_n;
    sections((struct account_exposure *)x, &from, s);
    return exposure_file_save(path, &head, &asked, of, s, SECTIONS_N, err);
}

static bool counts_take(struct account_exposure *x, const struct exposure_file *f, struct err *err)
{
    const uint64_t *n = f->head.n;

    if (n[N_HOLDINGS] > x->holdings_max || n[N_RECORDS] > x->records_max ||
        n[N_SUMS] > x->records_max || n[N_WIDE] > x->records_max)
        return err_fail(err, ERR_LIMIT, "\"%s\": more than there may be", f->path);
    x->transfers_done = n[N_TRANSFERS];
    x->beyond = n[N_BEYOND];
    x->holdings_n = n[N_HOLDINGS];
    x->records_n = (uint32_t)n[N_RECORDS];
    x->sums_n = (uint32_t)n[N_SUMS];
    x->wide_n = (uint32_t)n[N_WIDE];
    x->note = f->head.note;
    return true;
}

static bool number_good(const struct account_exposure *x, struct number n)
{
    return !(n.high & WIDE) || n.low < x->wide_n;
}

/* Ways and lists go backwards. */
static bool record_good(const struct account_exposure *x, uint32_t i)
{
    const struct record *r = &x->records[i];

    return number_good(x, r->amount) && r->transfer < x->transfers_done && !r->zero &&
           (r->from < i || (r->from == NO_RECORD && r->hops <= 1));
}

/* A list is of what is sent, or of the other kinds. */
static bool list_good(const struct account_exposure *x, uint32_t first, bool sent)
{
    return first <= x->sums_n && (!first || (x->sums[first - 1].kind == OF_SENT) == sent);
}

static bool sum_good(const struct account_exposure *x, uint32_t i)
{
    const struct sum *s = &x->sums[i];

    if (!number_good(x, s->amount) || !number_good(x, s->held) || s->label >= x->labels_n ||
        s->kind > OF_SENT || s->zero)
        return false;
    return s->best <= x->records_n && s->held_best <= x->records_n &&
           (s->held_best || u256_zero(number_get(x, s->held))) && s->next <= i &&
           list_good(x, s->next, s->kind == OF_SENT);
}

static bool slot_good(const struct account_exposure *x, const struct slot *s)
{
    return number_good(x, s->in) && number_good(x, s->balance) && number_good(x, s->sent) &&
           list_good(x, s->first, false) && list_good(x, s->first_sent, true) && !s->set &&
           !s->zero && !(s->flags & ~(SLOT_FROZEN | SLOT_OVER));
}

static bool good(const struct account_exposure *x)
{
    bool ok = true;

    for (uint32_t i = 0; ok && i < x->records_n; i++)
        ok = record_good(x, i);
    for (uint32_t i = 0; ok && i < x->sums_n; i++)
        ok = sum_good(x, i);
    for (uint64_t i = 0; ok && i < x->holdings_n; i++)
        ok = slot_good(x, &x->slots[i]);
    return ok;
}

static bool load(struct account_exposure *x, struct exposure_file *f, struct err *err)
{
    struct exposure_section s[SECTIONS_N];
    const struct slot *from = x->slots;

    if (!counts_take(x, f, err))
        return false;
    sections(x, &from, s);
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
