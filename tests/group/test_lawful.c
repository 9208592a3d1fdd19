/* Random acts on a hold, in a group with a basis matrix and acts for two persons, against a second
 * program that knows the rules in words alone: nothing outside the matrix is in force, nothing is
 * done by one where two are asked, nothing is held without an end, nor prolonged beyond what a row
 * has for all such acts, each refusal says which row is
 * missing, and no notice is put off beyond what the rows let. The seed is printed; CORDON_LONG=1
 * tries more. */
#include "group/alert.h"
#include "support.h"
#include "world.h"

#include <stdio.h>

#define CASE_A "case:000000000000000000000000000000aa"
#define ALERT_A "alert:0000000000000000000000000000000000000000000000000000000000000001"
#define WARRANT "instrument:00000000000000000000000000000000000000000000000000000000000000ff"
#define HOUR ((uint64_t)3600000)
#define DAY (24 * HOUR)
#define FIRST 100 /* acts begin on that day since 1970 */
#define HOLDER 2
#define ACTS 30
#define ROWS_MAX 6
#define HOLD_HOURS 48
#define SHORT_HOURS 6
#define ALERT_AMOUNT 600

static const struct { /* days since 1970, as charters write them */
    uint64_t day;
    const char *text;
} days[] = {{99, "1970-04-10"},
            {100, "1970-04-11"},
            {101, "1970-04-12"},
            {102, "1970-04-13"},
            {103, "1970-04-14"}};
#define DAYS (sizeof(days) / sizeof(days[0]))

static const char *const acts[] = {"order",    "extend", "legal", "release", "enforce", "void",
                                   "too-late", "return", "seize", "defer",   "notice"};
enum {
    ORDER,
    EXTEND,
    LEGAL,
    RELEASE,
    ENFORCE,
    VOID,
    TOO_LATE,
    RETURN,
    SEIZE,
    DEFER,
    NOTICE,
    KINDS_OF_ACT
};
#define FOR_TWO 4 /* of the acts that a charter may list: the first */
static const char *const countries[] = {"US", "KR", "JP"};
static const char *const kinds[] = {"agency", "fiu", "vasp", "bank"};
static const char *const bases[] = {"tos", "internal-aml", "le-request", "court-order"};
#define BASES 4
static const bool of_law[BASES] = {false, false, true, true};
static const char *const grounds[] = {"investigation", "court-order", "authority-request",
                                      "safety"};
#define GROUNDS 4
#define NEVER UINT64_MAX

/* ---- what is drawn ---- */

struct row { /* "*": any */
    const char *act, *rc, *rk, *hc, *hk;
    bool base[BASES];
    uint64_t hours, total;  /* total: of all such acts; NEVER: without an end */
    uint64_t notice, defer; /* in hours; NEVER: none is owed, it may wait for ever */
    bool some_grounds, ground[GROUNDS];
    size_t from, to; /* in days; to DAYS: no end */
    bool example;
};

struct act {
    unsigned kind, member, key, basis, ground; /* kind: in acts; basis: in bases */
    uint64_t ms, expires, amount;
    bool paper;
};

struct drawn {
    struct test_random r;
    const char *country[WORLD_MEMBERS], *kind[WORLD_MEMBERS];
    bool government[WORLD_MEMBERS];
    unsigned requester;
    struct row rows[ROWS_MAX];
    size_t rows_n;
    bool matrix, two[KINDS_OF_ACT]; /* two: listed by the charter */
    bool chained;                   /* short acts, said again and again */
    int relayed_by[2];              /* before the acts; -1: nobody */
    uint64_t withdrawn;             /* when the paper was; NEVER: it stands */
    unsigned favourite;             /* a basis */
    struct act acts[ACTS];
};

static const char *of(struct drawn *d, const char *const *list, size_t n, bool any)
{
    return any && test_below(&d->r, 2) ? "*" : list[test_below(&d->r, n)];
}

static void rows_draw(struct drawn *d)
{
    size_t wide;

    d->matrix = test_below(&d->r, 8) > 0;
    d->chained = !test_below(&d->r, 4);
    d->rows_n = test_below(&d->r, ROWS_MAX + 1);
    wide = d->chained || test_below(&d->r, 2) ? 3 : 0; /* a row for each act, whoever asks whom */
    d->rows_n = d->rows_n < wide ? wide : d->rows_n;
    for (size_t i = 0; i < d->rows_n; i++) {
        struct row *row = &d->rows[i];

        *row = (struct row){.act = acts[test_below(&d->r, 3)],
                            .rc = of(d, countries, 3, true),
                            .rk = of(d, kinds, 2, true),
                            .hc = of(d, countries, 3, true),
                            .hk = of(d, kinds, 4, true),
                            .hours = test_below(&d->r, 3) ? 50 : 1 + test_below(&d->r, 30),
                            .total = NEVER,
                            .from = test_below(&d->r, 3),
                            .to = DAYS,
                            .example = !test_below(&d->r, 6)};
        if (!test_below(&d->r, 3))
            row->to = row->from + 1 + test_below(&d->r, 2);
        for (size_t b = 0; b < BASES; b++)
            row->base[b] = test_below(&d->r, 4);
        row->base[test_below(&d->r, BASES)] = true;
        if (i < wide)
            *row = (struct row){acts[i], "*",   "*",  "*", "*",   {true, true, true, true},
                                50,      NEVER, 0,    0,   false, {false},
                                0,       DAYS,  false};
        if (d->chained)
            row->hours = SHORT_HOURS;
        if (test_below(&d->r, 3))
            row->total = row->hours + (test_below(&d->r, 2) ? 0 : test_below(&d->r, 20));
        row->notice = row->defer = NEVER;
        if (!test_below(&d->r, 5))
            continue;
        row->notice = test_below(&d->r, 60);
        row->some_grounds = test_below(&d->r, 2);
        for (size_t g = 0; g < GROUNDS; g++)
            row->ground[g] = test_below(&d->r, 2);
        if (test_below(&d->r, 3))
            row->defer = row->notice + test_below(&d->r, 40);
    }
}

static void draw(struct drawn *d)
{
    for (unsigned m = 0; m < WORLD_MEMBERS; m++) {
        d->government[m] = m < HOLDER;
        d->kind[m] = kinds[m < HOLDER ? test_below(&d->r, 2) : 2 + test_below(&d->r, 2)];
        d->country[m] = countries[m < HOLDER ? m : test_below(&d->r, 3)];
    }
    d->requester = (unsigned)test_below(&d->r, HOLDER);
    d->favourite = (unsigned)test_below(&d->r, BASES);
    rows_draw(d);
    for (size_t i = 0; i < KINDS_OF_ACT; i++)
        d->two[i] = i < FOR_TWO && !test_below(&d->r, 3);
    for (size_t i = 0; i < 2; i++)
        d->relayed_by[i] = (int)test_below(&d->r, 3) - 1;
    d->withdrawn = test_below(&d->r, 4) ? NEVER : FIRST * DAY + test_below(&d->r, 60 * HOUR);
}

/* ---- the second program ---- */

struct model {
    enum { ACKNOWLEDGED, ORDERED, HELD, LAWFUL, RELEASED, RETURNED, ENDED } state;
    uint64_t amount, expires;      /* 0: nothing is said to be held */
    const struct act *first[ACTS]; /* that wait for a second, since the last step */
    size_t first_n;
    struct said {              /* since the order, in the order in which it was said: */
        const struct row *row; /* that granted an act and has a notice; NULL: it is put off, */
        unsigned ground;
        uint64_t ms, until;
    } said[ACTS];
    size_t said_n;
    uint64_t given;
    const struct act *taken[ACTS]; /* of orders, extensions and papers, each that took its step */
    size_t taken_n;
};

/* Would acts that the row may grant have held for longer than it lets all of them? By hours that
 * have begun, one after the other. */
static bool naive_too_much(const struct model *m, const struct row *row, const struct act *a)
{
    uint64_t hours = 0, at;

    for (size_t i = 0; i < m->taken_n; i++)
        if (m->taken[i]->kind == a->kind && row->base[m->taken[i]->basis]) {
            for (at = m->taken[i]->ms; at < a->expires; at += HOUR)
                hours++;
            return row->total != NEVER && hours > row->total; /* of the first */
        }
    return false;
}

/* Why not; "" where it is granted, by the row returned (NULL: without a matrix). */
static const struct row *naive_why(const struct drawn *d, const struct model *m,
                                   const struct act *a, char why[300])
{
    const struct row *no_more = NULL;
    const char *rc = d->country[d->requester], *rk = d->kind[d->requester];
    const char *hc = d->country[HOLDER], *hk = d->kind[HOLDER];
    uint64_t hours = (a->expires - a->ms) / HOUR + ((a->expires - a->ms) % HOUR > 0);
    bool relayed = false;
    size_t day;

    why[0] = 0;
    if (!d->matrix)
        return NULL;
    for (size_t i = 0; i < 2; i++)
        relayed = relayed || (d->relayed_by[i] >= 0 && !strcmp(d->country[d->relayed_by[i]], hc));
    if (of_law[a->basis] && strcmp(rc, hc) != 0 && !relayed) {
        snprintf(why, 300,
                 "no authority of %s has taken the request of %s on (relay): %s does not serve", hc,
                 rc, bases[a->basis]);
        return NULL;
    }
    for (size_t i = 0; i < d->rows_n; i++) {
        const struct row *row = &d->rows[i];

        if (strcmp(row->act, acts[a->kind]) == 0 &&
            (row->rc[0] == '*' || strcmp(row->rc, rc) == 0) &&
            (row->rk[0] == '*' || strcmp(row->rk, rk) == 0) &&
            (row->hc[0] == '*' || strcmp(row->hc, hc) == 0) &&
            (row->hk[0] == '*' || strcmp(row->hk, hk) == 0) && row->base[a->basis] &&
            hours <= row->hours && a->ms >= days[row->from].day * DAY &&
            (row->to == DAYS || a->ms < days[row->to].day * DAY) && !row->example) {
            if (!naive_too_much(m, row, a))
                return row;
            no_more = no_more ? no_more : row;
        }
    }
    if (no_more) {
        snprintf(why, 300,
                 "bases[%u] of the basis matrix (%s, %s %s asks %s %s) lets such acts hold for %u "
                 "hours in all from the first of them, and no longer",
                 (unsigned)(no_more - d->rows), no_more->act, no_more->rc, no_more->rk, no_more->hc,
                 no_more->hk, (unsigned)no_more->total);
        return NULL;
    }
    day = a->ms / DAY - 89; /* of April; day 90 is its first */
    snprintf(why, 300,
             "no row of the basis matrix: act %s, requester %s %s, holder %s %s, basis %s, %u "
             "hours, on 1970-%s-%02u",
             acts[a->kind], rc, rk, hc, hk, bases[a->basis], (unsigned)hours,
             day > 30 ? "05" : "04", (unsigned)(day > 30 ? day - 30 : day));
    return NULL;
}

/* How long that act lets the account's owner wait, by that ground. */
static uint64_t naive_lets(const struct said *act, unsigned ground)
{
    if (act->row->some_grounds && !act->row->ground[ground])
        return act->ms + act->row->notice * HOUR;
    return act->row->defer == NEVER ? NEVER : act->ms + act->row->defer * HOUR;
}

/* The least of them, of acts from one to before another; *ret: whose (NULL: none has an end). */
static uint64_t naive_least(const struct model *m, size_t from, size_t to, unsigned ground,
                            const struct said **ret)
{
    uint64_t least = NEVER;

    *ret = NULL;
    for (size_t i = from; i < to; i++)
        if (m->said[i].row && naive_lets(&m->said[i], ground) < least) {
            least = naive_lets(&m->said[i], ground);
            *ret = &m->said[i];
        }
    return least;
}

static uint64_t naive_due(const struct model *m)
{
    uint64_t due = NEVER;

    for (size_t i = 0; i < m->said_n; i++)
        if (m->said[i].row && m->said[i].ms + m->said[i].row->notice * HOUR < due)
            due = m->said[i].ms + m->said[i].row->notice * HOUR;
    return due == NEVER ? 0 : due;
}

/* Put off until when, and by which ground (GROUNDS: it is not). Only what the acts before let was
 * written down. */
static uint64_t naive_deferred(const struct model *m, unsigned *ret_ground)
{
    const struct said *whose;
    uint64_t least;

    *ret_ground = GROUNDS;
    for (size_t i = m->said_n; i-- > 0;)
        if (!m->said[i].row) {
            *ret_ground = m->said[i].ground;
            least = naive_least(m, i, m->said_n, *ret_ground, &whose);
            return m->said[i].until < least ? m->said[i].until : least;
        }
    return 0;
}

/* Why it may not be put off; "" where it may. */
static void naive_no_defer(const struct drawn *d, const struct model *m, const struct act *a,
                           char why[400])
{
    const struct said *whose;
    uint64_t least = naive_least(m, 0, m->said_n, a->ground, &whose);
    const struct row *r = whose ? whose->row : NULL;
    const char *sep = "";
    int n = 0;

    why[0] = 0;
    if (!r || a->expires <= least)
        return;
    n = snprintf(why, 400, "bases[%u] of the basis matrix (%s, %s %s asks %s %s) lets the notice ",
                 (unsigned)(r - d->rows), r->act, r->rc, r->rk, r->hc, r->hk);
    if (r->some_grounds && !r->ground[a->ground]) {
        n += snprintf(why + n, 400 - (size_t)n, "be put off by ");
        for (size_t g = 0; g < GROUNDS; g++)
            if (r->ground[g]) {
                n += snprintf(why + n, 400 - (size_t)n, "%s%s", sep, grounds[g]);
                sep = ", ";
            }
        snprintf(why + n, 400 - (size_t)n, "%s, and not by %s", *sep ? "" : "nothing",
                 grounds[a->ground]);
        return;
    }
    snprintf(why + n, 400 - (size_t)n, "wait for %u hours from the act, until 1970-",
             (unsigned)r->defer);
}

enum verdict { STEP, WAITS, REFUSED };

static uint64_t hours_of(const struct act *a)
{
    return (a->expires - a->ms) / HOUR + ((a->expires - a->ms) % HOUR > 0);
}

static bool acts_alike(const struct act *a, const struct act *b)
{
    return a->kind == b->kind && a->member == b->member &&
           (a->kind == RELEASE || (a->kind >= VOID && a->kind != SEIZE) || /* whatever they say */
            (a->kind == SEIZE && a->paper == b->paper) ||
            (a->basis == b->basis && a->amount == b->amount &&
             (a->expires == b->expires || hours_of(a) == hours_of(b))));
}

/* May it be at all, by one person? */
static bool naive_may(const struct model *m, const struct act *a)
{
    bool runs = m->expires > a->ms && a->amount <= m->amount, officer, later = a->expires > a->ms;

    officer = a->key == WORLD_INV || a->key == WORLD_DESK;
    if ((a->kind == VOID || a->kind == TOO_LATE) && a->key == WORLD_NODE)
        officer = true;
    if (a->member != HOLDER || (a->kind == ENFORCE ? a->key != WORLD_NODE : !officer))
        return false;
    switch (a->kind) {
    case ORDER:
        return m->state == ACKNOWLEDGED && a->amount <= ALERT_AMOUNT && later &&
               a->expires <= a->ms + HOLD_HOURS * HOUR;
    case EXTEND:
        return (m->state == ORDERED || m->state == HELD) && runs && later &&
               a->expires <= a->ms + HOLD_HOURS * HOUR;
    case LEGAL:
        return (m->state == HELD || m->state == LAWFUL) && runs && later;
    case ENFORCE:
        return m->state == ORDERED && runs && later && a->expires <= m->expires;
    case RELEASE:
        return m->state < RELEASED;
    case VOID:
        return m->state == ACKNOWLEDGED || m->state == ORDERED || m->state == HELD;
    case TOO_LATE:
        return m->state == ACKNOWLEDGED || m->state == ORDERED ||
               ((m->state == HELD || m->state == LAWFUL) && m->expires <= a->ms);
    case RETURN:
        return (m->state == HELD || m->state == LAWFUL) && m->expires > a->ms;
    case SEIZE:
        return m->state == ORDERED || m->state == HELD || m->state == LAWFUL;
    case DEFER:
        return (m->state == ORDERED || m->state == HELD || m->state == LAWFUL) && later;
    case NOTICE:
        return m->state != ACKNOWLEDGED && m->state != ENDED;
    default:
        return false;
    }
}

/* Whatever it is called: does less remain held by a person's word? */
static bool lets_go(const struct model *m, const struct act *a)
{
    if (a->kind >= VOID && a->kind <= SEIZE)
        return m->state != ACKNOWLEDGED;
    if (a->kind == EXTEND || a->kind == LEGAL || a->kind == ENFORCE)
        return a->amount < m->amount || a->expires < m->expires;
    return false;
}

/* What is held by a paper is taken by that. */
static bool lacks_paper(const struct drawn *d, const struct model *m, const struct act *a)
{
    return (a->kind == LEGAL || (a->kind == SEIZE && m->state != LAWFUL)) &&
           (!a->paper || a->ms > d->withdrawn);
}

static enum verdict naive_take(const struct drawn *d, struct model *m, const struct act *a)
{
    bool second = !d->two[a->kind] && !(d->two[RELEASE] && lets_go(m, a));
    const struct row *row;
    char why[400];

    if (!naive_may(m, a))
        return REFUSED;
    row = a->kind <= LEGAL ? naive_why(d, m, a, why) : NULL;
    if ((a->kind <= LEGAL && why[0]) || lacks_paper(d, m, a))
        return REFUSED; /* outside the matrix, or by no paper: as if nobody had said it */
    for (size_t i = 0; i < m->first_n; i++)
        second = second ||
                 (acts_alike(m->first[i], a) && m->first[i]->key != a->key && a->key != WORLD_NODE);
    if (!second && a->key == WORLD_NODE)
        return REFUSED; /* a machine is neither of the two */
    if (!second) {
        m->first[m->first_n++] = a;
        return WAITS;
    }
    m->first_n = 0;
    if (a->kind == NOTICE) {
        m->given = a->ms;
        return STEP;
    }
    if (a->kind == DEFER) {
        naive_no_defer(d, m, a, why);
        if (!why[0])
            m->said[m->said_n++] = (struct said){NULL, a->ground, a->ms, a->expires};
        return STEP; /* an act it is, and without effect where no row lets it */
    }
    if (a->kind == RELEASE || a->kind >= VOID) {
        m->state = a->kind == RELEASE                      ? RELEASED
                   : a->kind == RETURN || a->kind == SEIZE ? RETURNED
                                                           : ENDED;
        m->expires = 0;
        return STEP;
    }
    if (a->kind == ORDER) {
        m->said_n = 0;
        m->given = 0;
    }
    if (a->kind != ENFORCE)
        m->taken[m->taken_n++] = a;
    if (a->kind != ENFORCE && row && row->notice != NEVER)
        m->said[m->said_n++] = (struct said){row, 0, a->ms, 0};
    m->state = a->kind == ORDER     ? ORDERED
               : a->kind == ENFORCE ? HELD
               : a->kind == LEGAL   ? LAWFUL
                                    : m->state;
    m->amount = a->amount;
    m->expires = a->expires;
    return STEP;
}

static uint64_t naive_held(const struct drawn *d, const struct model *m, uint64_t ms)
{
    if (m->state == LAWFUL && d->withdrawn != NEVER)
        return 0; /* with the paper it ends */
    return m->expires > ms ? m->amount : 0;
}

/* ---- an act is drawn: mostly one that could be, by whom it could be ---- */

static uint64_t time_draw(struct drawn *d, const struct model *m, uint64_t ms)
{
    switch (test_below(&d->r, d->chained ? 100 : 20)) {
    case 0:
    case 3:
    case 4:
        return (ms / DAY + 1) * DAY; /* as a row's day begins, or ends */
    case 1:
        return m->expires > ms ? m->expires : ms + 1; /* as the hold is over */
    case 2:
        return m->expires > ms + 1 ? m->expires - 1 : ms + 1;
    default:
        return ms + 1 + test_below(&d->r, 2 * HOUR);
    }
}

static unsigned kind_draw(struct drawn *d, const struct model *m)
{
    static const unsigned likely[][2] = {{ORDER, ORDER}, {ENFORCE, EXTEND}, {LEGAL, EXTEND},
                                         {LEGAL, DEFER}, {NOTICE, ORDER},   {NOTICE, ORDER},
                                         {ORDER, VOID}};
    bool held = m->state >= ORDERED && m->state <= LAWFUL;

    if (held && d->chained && test_below(&d->r, 10))
        return m->state == LAWFUL ? LEGAL : EXTEND;
    if (held && !test_below(&d->r, 4))
        return DEFER;
    return test_below(&d->r, 4) ? likely[m->state][!test_below(&d->r, 4)]
                                : (unsigned)test_below(&d->r, KINDS_OF_ACT);
}

/* Until about when acts of that kind may hold at all. */
static void total_draw(struct drawn *d, const struct model *m, struct act *a)
{
    size_t row = test_below(&d->r, ROWS_MAX), i = 0;
    uint64_t end;

    while (i < m->taken_n && m->taken[i]->kind != a->kind)
        i++;
    if (i == m->taken_n || row >= d->rows_n || d->rows[row].total == NEVER)
        return;
    end = m->taken[i]->ms + d->rows[row].total * HOUR - 1 + test_below(&d->r, 3);
    if (end > a->ms)
        a->expires = end;
}

static void act_draw(struct drawn *d, const struct model *m, size_t i)
{
    const struct act *last = i ? &d->acts[i - 1] : NULL;
    struct act *a = &d->acts[i];
    bool again = last && last->kind != ENFORCE && m->first_n && test_below(&d->r, 4), likely;
    const struct said *whose;
    uint64_t least;

    *a = (struct act){.kind = kind_draw(d, m),
                      .member = test_below(&d->r, 10) ? HOLDER : (unsigned)test_below(&d->r, 2),
                      .basis =
                          test_below(&d->r, 4) ? d->favourite : (unsigned)test_below(&d->r, BASES),
                      .ms = time_draw(d, m, last ? last->ms : FIRST * DAY),
                      .amount = test_below(&d->r, 6) ? 500 : 100 * (1 + test_below(&d->r, 7)),
                      .paper = test_below(&d->r, 4) > 0};
    if (again) { /* as it may be by another person */
        a->kind = last->kind;
        a->basis = last->basis;
        a->amount = last->amount;
    }
    likely = test_below(&d->r, 8);
    a->key = !likely                ? (unsigned)test_below(&d->r, WORLD_KEYS)
             : a->kind == ENFORCE   ? WORLD_NODE
             : test_below(&d->r, 2) ? WORLD_INV
                                    : WORLD_DESK;
    a->expires = a->ms + test_below(&d->r, test_below(&d->r, 8) ? HOLD_HOURS * HOUR : 60 * HOUR);
    if (test_below(&d->r, 2)) /* whole hours, as rows have them */
        a->expires = a->ms + (1 + test_below(&d->r, HOLD_HOURS)) * HOUR;
    if (d->chained)
        a->expires = a->ms + (a->expires - a->ms) % (SHORT_HOURS * HOUR) + 1;
    if (d->chained && test_below(&d->r, 2))
        a->expires = a->ms + SHORT_HOURS * HOUR;
    total_draw(d, m, a);
    if (a->kind == ENFORCE && m->expires && test_below(&d->r, 4))
        a->expires = m->expires;
    if (again && test_below(&d->r, 4)) { /* until the same moment, or for as long */
        if (last->expires > a->ms && test_below(&d->r, 2))
            a->expires = last->expires;
        else
            a->expires = a->ms + (last->expires - last->ms);
    }
    a->ground = (unsigned)test_below(&d->r, GROUNDS);
    least = naive_least(m, 0, m->said_n, a->ground, &whose);
    if (a->kind == DEFER && whose && least > a->ms + 1 && test_below(&d->r, 3))
        a->expires = least - 1 + test_below(&d->r, 3);
}

/* ---- the group ---- */

static void person_put(struct text *to, unsigned m, enum world_key key, const char *name,
                       const char *roles)
{
    struct signer s = world_signer(m, key);

    text_printf(to, "%s{\"name\":\"%s\",\"roles\":[%s],\"key\":\"", key == WORLD_INV ? "" : ",",
                name, roles);
    text_hex(to, s.key.b, sizeof(s.key.b));
    text_str(to, "\"}");
}

static void rows_put(struct text *to, const struct drawn *d)
{
    text_str(to, ",\"bases\":[");
    for (size_t i = 0; i < d->rows_n; i++) {
        const struct row *row = &d->rows[i];
        const char *sep = "";

        text_printf(to,
                    "%s{\"act\":\"%s\",\"requester\":{\"country\":\"%s\",\"kind\":\"%s\"},"
                    "\"holder\":{\"country\":\"%s\",\"kind\":\"%s\"},\"bases\":[",
                    i ? "," : "", row->act, row->rc, row->rk, row->hc, row->hk);
        for (size_t b = 0; b < BASES; b++)
            if (row->base[b]) {
                text_printf(to, "%s\"%s\"", sep, bases[b]);
                sep = ",";
            }
        text_printf(to, "],\"hours_max\":%u,\"hours_total\":", (unsigned)row->hours);
        if (row->total == NEVER)
            text_str(to, "null");
        else
            text_printf(to, "%u", (unsigned)row->total);
        text_str(to, ",\"notice_hours\":");
        if (row->notice == NEVER)
            text_str(to, "null");
        else
            text_printf(to, "%u", (unsigned)row->notice);
        if (row->defer != NEVER)
            text_printf(to, ",\"defer_hours\":%u", (unsigned)row->defer);
        if (row->some_grounds)
            text_str(to, ",\"defer_by\":[");
        sep = "";
        for (size_t g = 0; row->some_grounds && g < GROUNDS; g++)
            if (row->ground[g]) {
                text_printf(to, "%s\"%s\"", sep, grounds[g]);
                sep = ",";
            }
        if (row->some_grounds)
            text_char(to, ']');
        text_printf(to, ",\"from\":\"%s\",\"to\":", days[row->from].text);
        if (row->to == DAYS)
            text_str(to, "null");
        else
            text_printf(to, "\"%s\"", days[row->to].text);
        text_printf(to, ",\"example\":%s}", row->example ? "true" : "false");
    }
    text_char(to, ']');
}

static void start(struct world *w, const struct drawn *d)
{
    struct text draft = text_new((size_t)64 << 10);
    const char *sep = "";
    struct err err;

    memset(w, 0, sizeof(*w));
    w->arena = arena_new(NULL, (size_t)256 << 20);
    text_printf(&draft,
                "{\"name\":\"Lawful\",\"quotas\":{\"live_cases\":9,\"hold_hours\":%d},"
                "\"members\":[",
                HOLD_HOURS);
    for (unsigned m = 0; m < WORLD_MEMBERS; m++) {
        struct signer node = world_signer(m, WORLD_NODE);

        text_printf(&draft,
                    "%s{\"id\":\"%s\",\"name\":\"M\",\"country\":\"%s\",\"kind\":\"%s\","
                    "\"government\":%s,\"state\":\"active\",\"keys\":[\"",
                    m ? "," : "", world_members[m], d->country[m], d->kind[m],
                    d->government[m] ? "true" : "false");
        text_hex(&draft, node.key.b, sizeof(node.key.b));
        text_str(&draft, "\"],\"persons\":[");
        person_put(&draft, m, WORLD_INV, "inv", "\"investigator\",\"compliance-officer\"");
        person_put(&draft, m, WORLD_HEAD, "head", "\"supervisor\",\"secretary\"");
        person_put(&draft, m, WORLD_DESK, "desk", "\"compliance-officer\"");
        text_str(&draft, "]}");
    }
    text_str(&draft, "],\"groups\":[],\"two_persons\":[");
    for (size_t i = 0; i < KINDS_OF_ACT; i++)
        if (d->two[i]) {
            text_printf(&draft, "%s\"alert.%s\"", sep, acts[i]);
            sep = ",";
        }
    text_char(&draft, ']');
    if (d->matrix)
        rows_put(&draft, d);
    text_char(&draft, '}');
    CHECK_OK(charter_make(w->arena, (struct bytes){(uint8_t *)draft.p, draft.n}, NULL, &w->charter,
                          &err),
             err);
    text_free(&draft);
    w->group = w->charter.hash;
}

static struct world_event *say(struct world *w, unsigned member, enum world_key key,
                               const char *object, const char *type, uint64_t ms,
                               const struct event_facts *facts, const struct hash32 *after)
{
    return world_say(w, (struct world_say){.member = member,
                                           .key = key,
                                           .stream = 10 + (unsigned)w->n, /* one each */
                                           .object = object,
                                           .type = type,
                                           .ms = ms,
                                           .facts = facts,
                                           .after = {after}});
}

static const struct event_facts *facts_of_act(struct world *w, const struct act *a)
{
    struct event_facts *f = ARENA_NEW(w->arena, struct event_facts);

    if (a->kind == RELEASE || a->kind == TOO_LATE || a->kind == RETURN || a->kind == SEIZE ||
        a->kind == NOTICE)
        return NULL;
    if (a->kind == DEFER) {
        *f = (struct event_facts){.expires = a->expires, .reason = deferral_bases[a->ground]};
        return f;
    }
    if (a->kind == VOID) {
        *f = (struct event_facts){.reason = "other"};
        return f;
    }
    *f = (struct event_facts){.amount = u256_of(a->amount), .expires = a->expires};
    if (a->kind != ENFORCE)
        f->basis = bases[a->basis];
    if (a->kind == ORDER) {
        f->kind = "withdrawal-limit";
        f->reason = "theft";
    }
    return f;
}

/* ---- the two against each other ---- */

static struct { /* that there was something to see */
    size_t taken, waited, refused, held, outside, no_relay, no_row, by_law, no_paper, kept, let_go;
    size_t withdrawn, put_off, at_most, too_long, no_ground, cut, no_more, all_of_it;
    size_t seized_later, paid_out;
} seen;

/* before: the model as it was before the act. */
static void act_check(const struct fold *f, const struct drawn *d, const struct model *before,
                      const struct act *a, const struct world_event *said, enum verdict want)
{
    bool may = naive_may(before, a);
    struct text text = text_new(ERR_TEXT_MAX);
    const struct fold_event *e = fold_find(f, &said->e.id);
    const struct basis_row *row;
    struct err err = {.class = ERR_NONE};
    char why[300];

    CHECK_U(e->effect == EFFECT_STEP, want == STEP);
    CHECK_U(fold_waits_for_second(e), want == WAITS);
    seen.taken += want == STEP;
    seen.waited += want == WAITS;
    seen.refused += want == REFUSED;
    if (a->kind == SEIZE && want == STEP)
        seen.seized_later += before->expires <= a->ms;
    if (a->kind == TOO_LATE && want == STEP)
        seen.paid_out += before->state == HELD || before->state == LAWFUL;
    if (a->kind > LEGAL)
        return;
    naive_why(d, before, a, why);
    CHECK_U(alert_basis(f, fold_object(f, ALERT_A, "all"), e, &row, &err), !why[0]);
    if (!may)
        return;
    CHECK_U((e->effect == EFFECT_CONDITION && e->unmet & IF_GRANTED) != 0, why[0] != 0);
    CHECK_U((e->effect == EFFECT_CONDITION && e->unmet & IF_PAPER) != 0, lacks_paper(d, before, a));
    seen.no_paper += lacks_paper(d, before, a);
    seen.kept += before->expires > a->ms && want == REFUSED;
    if (!why[0]) {
        CHECK_U(row != NULL, d->matrix);
        for (size_t i = 0; i < before->taken_n; i++)
            if (row && before->taken[i]->kind == a->kind) {
                seen.all_of_it += a->expires - before->taken[i]->ms == row->hours_total * HOUR;
                break;
            }
        return;
    }
    CHECK_S(err.text, why);
    effect_put(&text, f, e); /* who reads of it is told what is missing */
    CHECK_S(text_string(&text), why);
    text_free(&text);
    seen.outside++;
    seen.no_relay += !strncmp(why, "no authority", 12);
    seen.no_row += !strncmp(why, "no row", 6);
    seen.no_more += strstr(why, "in all") != NULL;
}

static void defer_check(const struct fold *f, const struct drawn *d, const struct model *before,
                        const struct act *a, const struct world_event *said)
{
    const struct fold_event *e = fold_find(f, &said->e.id);
    const struct fold_object *o = fold_object(f, ALERT_A, "all");
    const struct said *whose;
    struct err err = {.class = ERR_NONE};
    char why[400];

    naive_no_defer(d, before, a, why);
    CHECK_U(alert_may_defer(f, o, e, deferral_bases[a->ground], a->expires, &err), !why[0]);
    CHECK(!why[0] || !strncmp(err.text, why, strlen(why)));
    seen.put_off += !why[0];
    seen.at_most += naive_least(before, 0, before->said_n, a->ground, &whose) == a->expires;
    seen.too_long += strstr(why, "wait for") != NULL;
    seen.no_ground += strstr(why, "and not by") != NULL;
}

static void notice_check(const struct fold *f, const struct model *m)
{
    struct alert_notice n = alert_notice(f, fold_object(f, ALERT_A, "all"));
    unsigned ground;
    uint64_t deferred = naive_deferred(m, &ground);

    CHECK_U(n.due, naive_due(m));
    CHECK_U(n.given, m->given);
    CHECK_U(n.deferred, deferred);
    CHECK_U(n.by != NULL, ground < GROUNDS);
    if (n.by)
        CHECK_S(n.by, grounds[ground]);
    for (size_t i = m->said_n; n.by && i-- > 0;)
        if (!m->said[i].row) {
            seen.cut += m->said[i].until > n.deferred;
            break;
        }
}

static void held_check(const struct drawn *d, const struct fold *f, struct arena *a,
                       const struct model *m, uint64_t ms)
{
    uint64_t want = naive_held(d, m, ms);
    struct alert_now now;

    CHECK(alert_now(alert_book(a, f), fold_object(f, ALERT_A, "all"), ms, &now));
    CHECK(u256_equal(now.amount, u256_of(want)));
    seen.withdrawn += now.why == ALERT_WHY_INSTRUMENT;
    if (!want)
        return;
    seen.held++;
    seen.by_law += m->state == LAWFUL;
    CHECK_U(now.expires, m->expires); /* no hold without a clock */
    CHECK(now.expires > ms);
}

/* The case, the paper, who took it on: what an act stands on may come after it. */
static void any_order(struct drawn *d, const struct world *w)
{
    struct fold *f = world_fold(w, NULL, w->n), *other;
    const char *want = world_outcome(w->arena, f);
    size_t order[WORLD_EVENTS_MAX];

    for (int times = 0; times < 3; times++) {
        for (size_t i = 0; i < w->n; i++) {
            size_t k = test_below(&d->r, i + 1);

            order[i] = order[k];
            order[k] = i;
        }
        other = world_fold(w, order, w->n);
        CHECK_S(world_outcome(w->arena, other), want);
        fold_free(other);
    }
    fold_free(f);
}

static void try_one(struct drawn *d)
{
    struct event_facts told = {.amount = u256_of(ALERT_AMOUNT),
                               .asset = "BTC",
                               .case_object = CASE_A,
                               .holder = "jp",
                               .policy = "fifo",
                               .received = u256_of(1000)};
    struct model m = {.state = ACKNOWLEDGED}, before;
    const struct world_event *paper, *said[ACTS];
    struct world w;

    draw(d);
    start(&w, d);
    world_found(&w);
    say(&w, d->requester, WORLD_INV, CASE_A, "case.report", 100, NULL, NULL);
    paper = say(&w, HOLDER, WORLD_DESK, WARRANT, "instrument.state", 150, NULL, NULL);
    if (d->withdrawn != NEVER)
        say(&w, HOLDER, WORLD_DESK, WARRANT, "instrument.withdraw", d->withdrawn, NULL, NULL);
    say(&w, HOLDER, WORLD_NODE, ALERT_A, "alert.detect", 200, &told, NULL);
    for (size_t i = 0; i < 2; i++)
        if (d->relayed_by[i] >= 0)
            say(&w, (unsigned)d->relayed_by[i], WORLD_HEAD, ALERT_A, "alert.relay", 300 + i, NULL,
                NULL);
    say(&w, HOLDER, WORLD_DESK, ALERT_A, "alert.acknowledge", 400, NULL, NULL);
    for (size_t i = 0; i < ACTS; i++) {
        const struct act *a = &d->acts[i];
        char type[20];
        struct fold *f;

        act_draw(d, &m, i);
        snprintf(type, sizeof(type), "alert.%s", acts[a->kind]);
        said[i] = say(&w, a->member, (enum world_key)a->key, ALERT_A,
                      arena_string(w.arena, type, strlen(type)), a->ms, facts_of_act(&w, a),
                      (a->kind == LEGAL || a->kind == SEIZE) && a->paper ? &paper->e.id : NULL);
        f = world_fold(&w, NULL, w.n);
        test_row("%s by %s/%u, the %zuth", type, world_members[a->member], a->key, i);
        seen.let_go += d->two[RELEASE] && a->kind != RELEASE && naive_may(&m, a) && lets_go(&m, a);
        before = m;
        act_check(f, d, &before, a, said[i], naive_take(d, &m, a));
        if (a->kind == DEFER && naive_may(&before, a))
            defer_check(f, d, &before, a, said[i]);
        notice_check(f, &m);
        held_check(d, f, w.arena, &m, a->ms);
        held_check(d, f, w.arena, &m, a->ms + HOUR);
        if (m.expires > a->ms)
            held_check(d, f, w.arena, &m, m.expires - 1);
        held_check(d, f, w.arena, &m, m.expires > a->ms ? m.expires : a->ms + DAY);
        fold_free(f);
    }
    any_order(d, &w);
    world_end(&w);
}

static void random_acts(void **state)
{
    struct drawn d = {.r = {test_seed()}};
    unsigned rounds = test_long() ? 5000 : 800;

    (void)state;
    for (unsigned i = 0; i < rounds; i++)
        try_one(&d);
    /* of each kind of end there were enough to have been wrong about */
    CHECK(seen.taken > rounds && seen.waited > rounds / 2 && seen.refused > rounds);
    CHECK(seen.held > rounds / 4 && seen.outside > rounds / 4);
    CHECK(seen.by_law && seen.no_paper && seen.withdrawn && seen.kept > rounds / 20 && seen.let_go);
    CHECK(seen.put_off > rounds / 4 && seen.at_most > rounds / 20 && seen.too_long > rounds / 20);
    CHECK(seen.no_ground > rounds / 20 && seen.cut);
    CHECK(seen.no_more > rounds / 80 && seen.all_of_it);
    CHECK(seen.seized_later && seen.paid_out);
    CHECK(seen.no_relay > rounds / 20 && seen.no_row > rounds / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_acts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
