#include "group/alert_notice.h"

#include "group/alert.h"
#include "group/alert_show.h"

#define HOUR_MS ((uint64_t)3600000)

/* What an act lets a notice wait for, by one ground. */
struct bound {
    uint64_t until; /* UINT64_MAX: for ever */
    const struct basis_row *row;
    const struct fold_event *act;
};

struct walk {
    struct alert_notice n;
    struct bound least[BASIS_GROUNDS_MAX]; /* since the last order, by ground */
};

/* Its place among deferral_bases; of what is not there the one behind them. */
static unsigned ground_of(const char *by)
{
    unsigned i = 0;

    while (deferral_bases[i] && strcmp(deferral_bases[i], by))
        i++;
    return i;
}

static void ordered(struct walk *w)
{
    w->n = (struct alert_notice){.due = 0};
    for (unsigned i = 0; i < BASIS_GROUNDS_MAX; i++)
        w->least[i] = (struct bound){.until = UINT64_MAX};
}

/* An act upon the hold, which a row of the matrix grants. */
static void acted(struct walk *w, const struct fold_event *act, const struct basis_row *row)
{
    uint64_t due = act->e.ms + row->notice_hours * HOUR_MS;

    w->n.due = w->n.due && w->n.due < due ? w->n.due : due;
    for (unsigned i = 0; i < BASIS_GROUNDS_MAX; i++) {
        uint64_t until = !(row->defer_by >> i & 1) ? due
                         : row->defer_hours == BASIS_NO_BOUND
                             ? UINT64_MAX
                             : act->e.ms + row->defer_hours * HOUR_MS;

        if (until < w->least[i].until)
            w->least[i] = (struct bound){until, row, act};
    }
    if (w->n.by && w->least[ground_of(w->n.by)].until < w->n.deferred)
        w->n.deferred = w->least[ground_of(w->n.by)].until;
}

static bool is_hold_act(const struct event *e)
{
    return e->facts && e->facts->basis && strcmp(e->type, "alert.disclose") != 0;
}

/* Up to an event, without it; NULL: all. */
static struct walk walk_to(const struct fold *f, const struct fold_object *o,
                           const struct fold_event *before)
{
    const struct basis_row *row;
    const struct fold_event *e;
    struct walk w;
    struct err why;

    ordered(&w);
    for (size_t i = 0; (e = fold_event_of(o, i)) && e != before; i++) {
        if (e->effect != EFFECT_STEP)
            continue;
        if (!strcmp(e->e.type, "alert.order"))
            ordered(&w);
        if (!strcmp(e->e.type, "alert.notice")) {
            w.n.given = e->e.ms;
        } else if (!strcmp(e->e.type, "alert.defer")) {
            if (e->e.facts->expires > w.least[ground_of(e->e.facts->reason)].until)
                continue;
            w.n.deferred = e->e.facts->expires;
            w.n.by = e->e.facts->reason;
        } else if (is_hold_act(&e->e) && alert_basis(f, o, e, &row, &why) && row &&
                   row->notice_hours != BASIS_NO_NOTICE) {
            acted(&w, e, row);
        }
    }
    return w;
}

struct alert_notice alert_notice(const struct fold *f, const struct fold_object *o)
{
    return walk_to(f, o, NULL).n;
}

uint64_t alert_notice_by(const struct alert_notice *n)
{
    return n->due > n->deferred ? n->due : n->deferred;
}

bool alert_notice_owed(const struct alert_notice *n, uint64_t ms)
{
    return n->due && !n->given && n->deferred <= ms;
}

/* ---- why not ---- */

static bool not_by(const struct bound *b, size_t at, const char *by, struct err *err)
{
    struct text grounds = text_new(ERR_TEXT_MAX);

    basis_grounds_put(&grounds, b->row);
    err_set(err, ERR_INPUT,
            "bases[%zu] of the basis matrix (%s, %s %s asks %s %s) lets the notice be put off by "
            "%s, and not by %s",
            at, b->row->act, b->row->requester.country, b->row->requester.kind,
            b->row->holder.country, b->row->holder.kind, text_string(&grounds) ? grounds.p : "some",
            by);
    text_free(&grounds);
    return false;
}

bool alert_may_defer(const struct fold *f, const struct fold_object *o,
                     const struct fold_event *before, const char *by, uint64_t until_ms,
                     struct err *err)
{
    unsigned ground = ground_of(by);
    struct walk w = walk_to(f, o, before);
    const struct bound *b = &w.least[ground];
    char until[ALERT_TIME_MAX];
    size_t at;

    if (until_ms <= b->until)
        return true;
    at = (size_t)(b->row - fold_charter_of(f, &b->act->e)->bases.rows);
    if (!(b->row->defer_by >> ground & 1))
        return not_by(b, at, by, err);
    return err_fail(err, ERR_INPUT,
                    "bases[%zu] of the basis matrix (%s, %s %s asks %s %s) lets the notice wait "
                    "for %llu hours from the act, until %s, and no longer",
                    at, b->row->act, b->row->requester.country, b->row->requester.kind,
                    b->row->holder.country, b->row->holder.kind,
                    (unsigned long long)b->row->defer_hours, alert_time(b->until, until));
}
