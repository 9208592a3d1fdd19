#include "group/claims.h"

#include <stdlib.h>

static size_t claimant_n(const char *s)
{
    size_t n = strcspn(s, ",");
    const char *bracket = strstr(s, " (");

    if (bracket && !strncmp(bracket, " (sum of ", 9))
        return strlen(s);
    return bracket && (size_t)(bracket - s) < n ? (size_t)(bracket - s) : n;
}

/* "by 2024-02" is before what was published later that month, and after the month before. */
const char *claim_published(const struct record_said *r)
{
    const char *s = record_text(&r->record, "published");

    return strncmp(s, "by ", 3) ? s : s + 3;
}

static bool is_stance(const struct record_said *r, const char *stance)
{
    return !strcmp(record_text(&r->record, "stance"), stance);
}

static bool same_text(const struct record_said *a, const struct record_said *b, const char *field)
{
    const char *x = record_text(&a->record, field), *y = record_text(&b->record, field);

    return x && y ? !strcmp(x, y) : x == y;
}

static const char *const figures[] = {"amount_usd_low", "amount_usd_high", "share_low",
                                      "share_high"};
#define FIGURES (sizeof(figures) / sizeof(figures[0]))

static bool same_figure(const struct record_said *a, const struct record_said *b)
{
    for (size_t i = 0; i < FIGURES; i++)
        if (!same_text(a, b, figures[i]))
            return false;
    return true;
}

static bool has_figure(const struct record_said *r)
{
    for (size_t i = 0; i < FIGURES; i++)
        if (record_text(&r->record, figures[i]))
            return true;
    return false;
}

/* Amounts with amounts, shares with shares of the same. */
static bool same_measure(const struct record_said *a, const struct record_said *b)
{
    return same_text(a, b, "share_of");
}

/* Of one family: does b say anew what a said? */
static bool revises(const struct record_said *b, const struct record_said *a)
{
    return strcmp(claim_published(b), claim_published(a)) > 0 && has_figure(a) && has_figure(b) &&
           same_measure(a, b) && !is_stance(a, "misprinting") && !is_stance(b, "misprinting") &&
           !same_figure(a, b);
}

int claimant_order(const char *a, const char *b)
{
    size_t n = claimant_n(a), m = claimant_n(b);
    int order = memcmp(a, b, n < m ? n : m);

    return order ? order : (n > m) - (n < m);
}

/* Those that may revise each other stand together, the newest last. */
static int family_order(const void *pa, const void *pb)
{
    const struct record_said *a = *(const struct record_said *const *)pa,
                             *b = *(const struct record_said *const *)pb;
    int order = strcmp(record_text(&a->record, "subject"), record_text(&b->record, "subject"));

    if (!order)
        order = strcmp(record_text(&a->record, "period"), record_text(&b->record, "period"));
    if (!order)
        order = claimant_order(record_text(&a->record, "claimant"),
                               record_text(&b->record, "claimant"));
    return order ? order : strcmp(claim_published(a), claim_published(b));
}

static bool same_family(const struct record_said *a, const struct record_said *b)
{
    return same_text(a, b, "subject") && same_text(a, b, "period") &&
           !claimant_order(record_text(&a->record, "claimant"),
                           record_text(&b->record, "claimant"));
}

/* ret[i]: what revises the i-th claim; NULL: nothing. */
static bool revisions(struct arena *a, const struct records *claims, const struct record_said **ret)
{
    const struct record_said **in = ARENA_ARRAY(a, const struct record_said *, claims->n + 1);

    if (!in)
        return false;
    for (size_t i = 0; i < claims->n; i++)
        in[i] = &claims->at[i];
    qsort(in, claims->n, sizeof(const struct record_said *), family_order);
    for (size_t first = 0, end; first < claims->n; first = end) {
        for (end = first + 1; end < claims->n && same_family(in[first], in[end]);)
            end++;
        for (size_t i = first; i < end; i++)
            for (size_t k = end; k-- > i + 1 && !ret[in[i] - claims->at];)
                if (revises(in[k], in[i]))
                    ret[in[i] - claims->at] = in[k];
    }
    return true;
}

static bool place_of(const struct record_said *r, const struct period *year, enum claim_place *ret)
{
    const char *words = record_text(&r->record, "period");
    bool denies = is_stance(r, "denying"), any = !strcmp(words, "any");
    struct period p;

    if (any || !period_read(words, &p)) {
        *ret = CLAIM_DENIAL;
        return any && denies;
    }
    *ret = denies ? CLAIM_DENIAL : period_same(&p, year) ? CLAIM_OF_YEAR : CLAIM_WIDER;
    return period_meet(&p, year);
}

/* "by 2024-02" says only that it was no later. */
static bool is_said_in(const struct record_said *r, const struct period *when)
{
    struct period p;

    return when && period_read(record_text(&r->record, "published"), &p) && p.from >= when->from &&
           p.to <= when->to;
}

static int by_text(const struct claim_row *a, const struct claim_row *b, const char *field)
{
    return strcmp(record_text(&a->said->record, field), record_text(&b->said->record, field));
}

static int row_order(const void *pa, const void *pb)
{
    const struct claim_row *a = pa, *b = pb;
    int order = (int)a->place - (int)b->place;

    if (!order)
        order = by_text(a, b, "subject");
    if (!order)
        order = by_text(a, b, "claimant");
    if (!order)
        order = strcmp(claim_published(a->said), claim_published(b->said));
    return order ? order : strcmp(a->said->of->object, b->said->of->object);
}

bool claims_of_year(struct arena *a, const struct records *claims, unsigned year,
                    const struct period *said_in, struct claim_row **ret, size_t *ret_n,
                    struct err *err)
{
    struct claim_row *rows = ARENA_ARRAY(a, struct claim_row, claims->n + 1);
    const struct record_said **newer = ARENA_ARRAY(a, const struct record_said *, claims->n + 1);
    struct period p;
    size_t n = 0;

    if (!rows || !newer || !revisions(a, claims, newer))
        return arena_fail(a, err, "%zu claims", claims->n);
    if (!period_of_year(year, &p))
        return err_fail(err, ERR_INPUT, "%u: no year from 1970 on", year);
    for (size_t i = 0; i < claims->n; i++) {
        if (!place_of(&claims->at[i], &p, &rows[n].place)) {
            if (!is_said_in(&claims->at[i], said_in))
                continue;
            rows[n].place = CLAIM_SAID_THEN;
        }
        rows[n].said = &claims->at[i];
        rows[n++].revised_by = newer[i];
    }
    qsort(rows, n, sizeof(*rows), row_order);
    *ret = rows;
    *ret_n = n;
    return true;
}
