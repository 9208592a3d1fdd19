/* An exposure's file: the arrays as they are, lists without the gaps between them. Every index in
 * them is looked at when they are read, so that the rest may trust them. */
#include "screen/exposure_file.h"
#include "screen/exposure_parts.h"

enum { N_TXS, N_OUTPUTS, N_UNRESOLVED, N_RECORDS, N_SUMS, N_SCRIPTS };

#define SECTIONS_N 5

_Static_assert(EXPOSURE_FILL_BYTES % sizeof(struct owner) == 0 &&
                   EXPOSURE_FILL_BYTES % sizeof(struct sum) == 0,
               "whole ones");

struct saved { /* what fills the sections of owners and of sums */
    const struct owner *owners;
    struct exposure_lists_saved lists, sums;
};

static void owners_fill(void *ctx, void *to, size_t n)
{
    struct saved *s = ctx;
    struct owner *o = to;

    memcpy(o, s->owners, n);
    s->owners += n / sizeof(*o);
    for (size_t i = 0; i < n / sizeof(*o); i++)
        exposure_lists_tidy(&s->lists, &o[i].sums);
}

static void sums_fill(void *ctx, void *to, size_t n)
{
    exposure_lists_fill(&((struct saved *)ctx)->sums, to, n);
}

static void saved_init(struct saved *s, const struct exposure *x)
{
    s->owners = x->owners;
    s->lists = s->sums = (struct exposure_lists_saved){
        .l = &x->sums, .lists = (const uint8_t *)&x->owners->sums, .stride = sizeof(*x->owners)};
}

static void sections(struct exposure *x, struct saved *s, struct exposure_section *ret)
{
    const struct exposure_section all[SECTIONS_N] = {
        {x->cut, x->labels_n * sizeof(*x->cut), NULL, NULL},
        {x->first, x->outputs_done * sizeof(*x->first), NULL, NULL},
        {x->records, x->records_n * sizeof(*x->records), NULL, NULL},
        {x->owners, x->scripts_seen * sizeof(*x->owners), owners_fill, s},
        {x->sums.p, x->sums.n * x->sums.element, sums_fill, s},
    };

    memcpy(ret, all, sizeof(all));
}

bool exposure_save(const struct exposure *x, const char *path, const struct hash32 *of,
                   struct err *err)
{
    const struct exposure_asked asked = {
        .policy = x->policy, .labels_n = x->labels_n, .cut_ppm = x->cut_ppm};
    struct exposure_file_head head = {.shape = EXPOSURE_COINS, .note = x->note};
    struct exposure_section s[SECTIONS_N];
    struct saved saved;

    head.n[N_TXS] = x->txs_done;
    head.n[N_OUTPUTS] = x->outputs_done;
    head.n[N_UNRESOLVED] = x->unresolved;
    head.n[N_RECORDS] = x->records_n;
    head.n[N_SUMS] = x->sums.n;
    head.n[N_SCRIPTS] = x->scripts_seen;
    saved_init(&saved, x);
    sections((struct exposure *)x, &saved, s);
    return exposure_file_save(path, &head, &asked, of, s, SECTIONS_N, err);
}

static bool counts_take(struct exposure *x, const struct exposure_file *f, struct err *err)
{
    const uint64_t *n = f->head.n;

    if (n[N_TXS] > UINT32_MAX)
        return exposure_file_damaged(f, err);
    if (n[N_OUTPUTS] > x->outputs_max || n[N_RECORDS] > x->records_max || n[N_SUMS] > x->sums.max ||
        n[N_SCRIPTS] > x->scripts_max)
        return err_fail(err, ERR_LIMIT, "\"%s\": more than there may be", f->path);
    x->txs_done = (uint32_t)n[N_TXS];
    x->outputs_done = n[N_OUTPUTS];
    x->unresolved = n[N_UNRESOLVED];
    x->records_n = (uint32_t)n[N_RECORDS];
    x->sums.n = x->sums.end = (uint32_t)n[N_SUMS];
    x->scripts_seen = (uint32_t)n[N_SCRIPTS];
    x->note = f->head.note;
    return true;
}

/* An indirect one's way goes on with an earlier record, and is a hop longer. */
static bool way_good(const struct exposure *x, uint32_t i)
{
    const struct record *r = &x->records[i], *from;

    if (is_direct(r))
        return (r->from == EXPOSURE_NONE || r->from < x->scripts_seen) && r->payer == r->from;
    if (r->from >= i)
        return false;
    from = &x->records[r->from];
    return r->payer == from->payer &&
           (r->hops == from->hops + 1 || (r->hops == EXPOSURE_HOPS_MAX && from->hops == r->hops));
}

/* And the last record ends its output's. */
static bool record_good(const struct exposure *x, uint32_t i)
{
    const struct record *r = &x->records[i];

    return way_good(x, i) && label_of(r) < x->labels_n && r->tx < x->txs_done &&
           (i + 1 < x->records_n || r->label & RECORD_LAST);
}

static bool sum_good(const struct exposure *x, const struct sum *s)
{
    unsigned kind = s->key % SUM_KINDS;

    return s->key / SUM_KINDS < x->labels_n && kind <= SUM_SENT &&
           s->best < (kind == SUM_SENT ? x->txs_done : x->records_n);
}

/* One after the other, each in order of keys. */
static bool sums_good(const struct exposure *x)
{
    struct exposure_lists_saved lists = {.l = &x->sums};

    for (uint32_t i = 0; i < x->scripts_seen; i++) {
        const struct exposure_list *list = &x->owners[i].sums;
        const struct sum *s;

        if (!exposure_lists_tidied(&lists, list))
            return false;
        s = exposure_list_at(&x->sums, list);
        for (size_t k = 0; k < list->n; k++)
            if (!sum_good(x, &s[k]) || (k && s[k].key <= s[k - 1].key))
                return false;
    }
    return lists.running == x->sums.n;
}

static bool good(const struct exposure *x)
{
    bool ok = true;

    for (uint32_t i = 0; ok && i < x->records_n; i++)
        ok = record_good(x, i);
    for (uint64_t i = 0; ok && i < x->outputs_done; i++)
        ok = x->first[i] <= x->records_n;
    return ok && sums_good(x);
}

static bool load(struct exposure *x, struct exposure_file *f, struct err *err)
{
    struct exposure_section s[SECTIONS_N];
    struct saved saved;

    if (!counts_take(x, f, err))
        return false;
    saved_init(&saved, x);
    sections(x, &saved, s);
    return exposure_file_load(f, s, SECTIONS_N, err) && (good(x) || exposure_file_damaged(f, err));
}

bool exposure_load(const char *path, const struct exposure_options *options,
                   const struct hash32 *of, struct exposure **ret, struct err *err)
{
    struct exposure_file f;
    struct exposure *x;
    bool ok;

    if (!exposure_new(options, &x, err))
        return false;
    ok = exposure_file_open(&f, path, EXPOSURE_COINS, &options->asked, of, err);
    if (ok) {
        ok = load(x, &f, err);
        exposure_file_close(&f);
    }
    if (ok)
        *ret = x;
    else
        exposure_free(x);
    return ok;
}
