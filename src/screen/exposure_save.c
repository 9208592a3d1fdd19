/* An exposure's file: the arrays as they are. Every index in them is looked at when they are read,
 * so that the rest may trust them. */
#include "screen/exposure_file.h"
#include "screen/exposure_parts.h"

enum { N_TXS, N_OUTPUTS, N_UNRESOLVED, N_RECORDS, N_SUMS, N_SCRIPTS };

#define SECTIONS_N 6

static void sections(struct exposure *x, struct exposure_section *ret)
{
    const struct exposure_section all[SECTIONS_N] = {
        {x->cut, x->labels_n * sizeof(*x->cut), NULL},
        {x->first, x->outputs_done * sizeof(*x->first), NULL},
        {x->records, x->records_n * sizeof(*x->records), NULL},
        {x->head, x->scripts_seen * sizeof(*x->head), NULL},
        {x->totals, x->scripts_seen * sizeof(*x->totals), NULL},
        {x->sums, x->sums_n * sizeof(*x->sums), NULL},
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

    head.n[N_TXS] = x->txs_done;
    head.n[N_OUTPUTS] = x->outputs_done;
    head.n[N_UNRESOLVED] = x->unresolved;
    head.n[N_RECORDS] = x->records_n;
    head.n[N_SUMS] = x->sums_n;
    head.n[N_SCRIPTS] = x->scripts_seen;
    sections((struct exposure *)x, s);
    return exposure_file_save(path, &head, &asked, of, s, SECTIONS_N, err);
}

static bool counts_take(struct exposure *x, const struct exposure_file *f, struct err *err)
{
    const uint64_t *n = f->head.n;

    if (n[N_TXS] > UINT32_MAX)
        return exposure_file_damaged(f, err);
    if (n[N_OUTPUTS] > x->outputs_max || n[N_RECORDS] > x->records_max ||
        n[N_SUMS] > x->records_max || n[N_SCRIPTS] > x->scripts_max)
        return err_fail(err, ERR_LIMIT, "\"%s\": more than there may be", f->path);
    x->txs_done = (uint32_t)n[N_TXS];
    x->outputs_done = n[N_OUTPUTS];
    x->unresolved = n[N_UNRESOLVED];
    x->records_n = (uint32_t)n[N_RECORDS];
    x->sums_n = (uint32_t)n[N_SUMS];
    x->scripts_seen = (uint32_t)n[N_SCRIPTS];
    x->note = f->head.note;
    return true;
}

/* Lists go backwards, and ways as well. */
static bool record_good(const struct exposure *x, uint32_t i)
{
    const struct record *r = &x->records[i];
    bool from = is_direct(r) ? r->from == EXPOSURE_NONE || r->from < x->scripts_seen : r->from < i;

    return from && r->label < x->labels_n && r->tx < x->txs_done && r->next <= i;
}

static bool sum_good(const struct exposure *x, uint32_t i)
{
    const struct sum *s = &x->sums[i];

    return s->label < x->labels_n && s->direct <= 1 && s->sent <= 1 && !s->zero && s->next <= i &&
           s->best < (s->sent ? x->txs_done : x->records_n);
}

static bool good(const struct exposure *x)
{
    bool ok = true;

    for (uint32_t i = 0; ok && i < x->records_n; i++)
        ok = record_good(x, i);
    for (uint32_t i = 0; ok && i < x->sums_n; i++)
        ok = sum_good(x, i);
    for (uint64_t i = 0; ok && i < x->outputs_done; i++)
        ok = x->first[i] <= x->records_n;
    for (uint32_t i = 0; ok && i < x->scripts_seen; i++)
        ok = x->head[i] <= x->sums_n;
    return ok;
}

static bool load(struct exposure *x, struct exposure_file *f, struct err *err)
{
    struct exposure_section s[SECTIONS_N];

    if (!counts_take(x, f, err))
        return false;
    sections(x, s);
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
