/* Who denies an attribution, beside it: "a denial stands beside a claim". A denial is of one theft,
 * by its object's name or its victim's, or of everything or a total of the time in which the theft
 * lies. Of each claimant the newest is told, the newest first. */
#include "pack/parts.h"

#include "group/claims.h"

#include <stdlib.h>

#define TOLD_MAX 4 /* denials in a cell; how many more there are stands behind them */

struct denial {
    const char *of; /* object or subject; of those in general: the claimant */
    const struct record_said *said;
    struct period when;
    bool any_time; /* or no time that is understood */
};

struct denials {
    struct denial *direct; /* [direct_n] by what they are of */
    size_t direct_n;
    struct denial *general; /* [general_n] by claimant, the newest of each last */
    size_t general_n;
    const struct record_said **picked; /* [direct_n + general_n] room for one cell's */
    const char *day, *in_general;      /* the day that was asked for last, and its cell */
};

static const char *field(const struct record_said *r, const char *name)
{
    return record_text(&r->record, name);
}

static int by_newest(const void *pa, const void *pb)
{
    const struct record_said *a = *(const struct record_said *const *)pa,
                             *b = *(const struct record_said *const *)pb;
    int order = strcmp(claim_published(b), claim_published(a));

    return order ? order : strcmp(a->of->object, b->of->object);
}

static int by_subject(const void *pa, const void *pb)
{
    const struct denial *a = pa, *b = pb;
    int order = strcmp(a->of, b->of);

    return order ? order : by_newest(&a->said, &b->said);
}

static int by_claimant(const void *pa, const void *pb)
{
    const struct denial *a = pa, *b = pb;
    int order = claimant_order(a->of, b->of);

    return order ? order : by_newest(&b->said, &a->said);
}

static void denial_take(struct denials *d, const struct record_said *r)
{
    const char *subject = field(r, "subject"), *period = field(r, "period");
    struct denial one = {.said = r};

    one.any_time = !strcmp(period, "any") || !period_read(period, &one.when);
    if (field(r, "incident")) {
        one.of = field(r, "incident");
        one.any_time = true; /* whatever time it tells, it is of that theft */
        d->direct[d->direct_n++] = one;
    } else if (strcmp(subject, "any") != 0 && strcmp(subject, "total") != 0) {
        one.of = subject;
        d->direct[d->direct_n++] = one;
    } else if (!one.any_time || !strcmp(period, "any")) {
        one.of = field(r, "claimant");
        d->general[d->general_n++] = one;
    }
}

/* NULL from the first failure on. */
static struct denials *denials_of(struct making *m)
{
    struct denials *d;
    struct records claims;

    if (m->denials || m->failed)
        return m->denials;
    records_seen(m, "claim", &claims);
    d = ARENA_ARRAY(m->a, struct denials, 1);
    if (d) {
        d->direct = ARENA_ARRAY(m->a, struct denial, claims.n + 1);
        d->general = ARENA_ARRAY(m->a, struct denial, claims.n + 1);
    }
    if (!d || !d->direct || !d->general) {
        making_failed(m, arena_class(m->a), "a pack");
        return NULL;
    }
    for (size_t i = 0; i < claims.n; i++)
        if (!strcmp(field(&claims.at[i], "stance"), "denying"))
            denial_take(d, &claims.at[i]);
    d->picked = ARENA_ARRAY(m->a, const struct record_said *, d->direct_n + d->general_n + 1);
    if (!d->picked) {
        making_failed(m, arena_class(m->a), "a pack");
        return NULL;
    }
    qsort(d->direct, d->direct_n, sizeof(*d->direct), by_subject);
    qsort(d->general, d->general_n, sizeof(*d->general), by_claimant);
    return m->denials = d;
}

static bool is_of_time(const struct denial *d, const struct period *day)
{
    return d->any_time || (day && period_meet(&d->when, day));
}

/* Behind the n that are picked: those of that subject. */
static size_t subject_pick(struct denials *d, const char *subject, const struct period *day,
                           size_t n)
{
    size_t low = 0, high = d->direct_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(d->direct[middle].of, subject) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < d->direct_n && !strcmp(d->direct[low].of, subject); low++)
        if (is_of_time(&d->direct[low], day))
            d->picked[n++] = d->direct[low].said;
    return n;
}

static int picked_by_claimant(const void *pa, const void *pb)
{
    const struct record_said *a = *(const struct record_said *const *)pa,
                             *b = *(const struct record_said *const *)pb;
    int order = claimant_order(field(a, "claimant"), field(b, "claimant"));

    return order ? order : by_newest(&b, &a);
}

/* Of each claimant the newest, where they stand by claimant, the newest of each last. */
static size_t newest_keep(const struct record_said **at, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (i + 1 == n || claimant_order(field(at[i], "claimant"), field(at[i + 1], "claimant")))
            at[kept++] = at[i];
    return kept;
}

/* "The Ministry, 2025-11 [3]; ..." */
static const char *told(struct making *m, const struct record_said **at, size_t n)
{
    struct text to = text_new((size_t)1 << 16);

    qsort(at, n, sizeof(const struct record_said *), by_newest);
    for (size_t i = 0; i < n && i < TOLD_MAX; i++) {
        const char *source = field(at[i], "reported_by");

        text_printf(&to, "%s%s, %s%s%s", i ? "; " : "", field(at[i], "claimant"),
                    field(at[i], "published"), source ? " " : "", source_told(m, source));
    }
    if (n > TOLD_MAX)
        text_printf(&to, "; +%zu", n - TOLD_MAX);
    return made_of(m, &to);
}

/* Of a theft itself: by its object, or by whom it befell, with the year behind the name where a
 * source tells two thefts of one victim apart so ("Upbit 2019"). */
static const char *direct_denials(struct making *m, struct denials *d,
                                  const struct record_said *incident, const struct period *day)
{
    const char *victim = field(incident, "victim"), *title = field(incident, "title");
    const char *const names[] = {victim, title && victim && !strcmp(title, victim) ? NULL : title};
    size_t n = subject_pick(d, incident->of->object, day, 0);

    for (size_t i = 0; i < 2; i++) {
        if (!names[i])
            continue;
        n = subject_pick(d, names[i], day, n);
        n = subject_pick(d, made_text(m, "%s %.4s", names[i], field(incident, "date")), day, n);
    }
    qsort(d->picked, n, sizeof(const struct record_said *), picked_by_claimant);
    return told(m, d->picked, newest_keep(d->picked, n));
}

/* Of everything, or of a total. Many thefts are of one day: they have the same ones. */
static const char *general_denials(struct making *m, struct denials *d, const char *date,
                                   const struct period *day)
{
    size_t n = 0;

    if (d->day && !strcmp(d->day, date))
        return d->in_general;
    for (size_t i = 0; i < d->general_n; i++)
        if (is_of_time(&d->general[i], day))
            d->picked[n++] = d->general[i].said;
    d->in_general = told(m, d->picked, newest_keep(d->picked, n));
    d->day = date;
    return d->in_general;
}

void denial_cells(struct making *m, struct pack_table *t, const struct record_said *incident)
{
    struct denials *d = incident ? denials_of(m) : NULL;
    const char *date = d ? field(incident, "date") : NULL;
    struct period p;
    bool known = d && period_read(date, &p);

    cell_add(m, t, d ? direct_denials(m, d, incident, known ? &p : NULL) : NULL);
    cell_add(m, t,
             d && field(incident, "attributed_by") ? general_denials(m, d, date, known ? &p : NULL)
                                                   : NULL);
}
