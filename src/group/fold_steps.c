/* What events that stand do, by the table of machine.h. */
#include "group/fold_parts.h"
#include "group/grounds.h"

#include "trace/trace.h"

#define SHARE_WHOLE 1000000 /* ppm */
#define MINUTE_MS ((uint64_t)60000)
#define HOUR_MS ((uint64_t)3600000)

/* Whom a newer version has given less does not do more by naming an older one. */
unsigned roles_judged(const struct fold *f, const struct rec *r)
{
    const struct charter *c = fold_charter_of(f, &r->pub.e);
    const struct charter_key *key = c && c != &r->doc->c ? charter_key(c, &r->pub.e.key) : NULL;

    return key ? r->key->roles & key->roles : r->key->roles;
}

static bool is_government(const struct fold *f, const struct rec *r)
{
    const struct charter *c = fold_charter_of(f, &r->pub.e);
    int64_t at = c ? charter_member(c, r->pub.e.author) : -1;

    return r->doc->c.members[r->key->member].government && at >= 0 && c->members[at].government;
}

const struct step *step_of(struct rec *r, enum state from, unsigned two, unsigned met)
{
    struct fold_event *e = &r->pub;

    e->effect = r->type ? EFFECT_NO_STEP : EFFECT_UNKNOWN;
    e->unmet = 0;
    for (size_t i = 0; r->type && i < r->type->rows_n; i++) {
        const struct step *s = r->type->rows[i];

        if (s->from != from)
            continue;
        if (!(r->roles & s->roles)) {
            if (e->effect != EFFECT_CONDITION)
                e->effect = EFFECT_ROLE;
        } else if ((s->conditions | two) & ~met) {
            e->effect = EFFECT_CONDITION;
            e->unmet = (s->conditions | two) & ~met;
        } else {
            e->effect = EFFECT_STEP;
            e->unmet = 0;
            e->to = s->to;
            return s;
        }
    }
    return NULL;
}

static bool follows(const struct event *e, const struct hash32 *id)
{
    for (size_t i = 0; i < e->after_n; i++)
        if (hash32_equal(&e->after[i], id))
            return true;
    return false;
}

/* ---- alerts ---- */

/* Who has the money, as an alert's first event says. */
static unsigned met_by_telling(const struct rec *r)
{
    const char *holder = r->pub.e.facts->holder;
    int64_t member = charter_member(&r->doc->c, holder);

    if (!strcmp(holder, r->pub.e.author))
        return IF_HOLDER;
    return member >= 0 && charter_hears(&r->doc->c, (uint32_t)member, r->pub.e.audience) ? IF_TELLS
                                                                                         : 0;
}

/* May a machine hold what this alert tells of? */
static bool is_enough(const struct charter *c, const struct event_facts *told)
{
    struct u256 share, least = u256_of(c->quotas.soft_share_ppm);

    return strcmp(told->policy, trace_policy_name(TRACE_POISON)) != 0 &&
           !u256_less(told->amount, charter_least(c, told->asset)) &&
           u256_mul_div(told->amount, u256_of(SHARE_WHOLE), told->received, &share) &&
           !u256_less(share, least);
}

static unsigned met_in_time(const struct charter *c, const struct event *e)
{
    uint64_t lasts = e->facts->expires > e->ms ? e->facts->expires - e->ms : 0;

    return (lasts ? IF_EXPIRES : 0) |
           (lasts <= c->quotas.soft_minutes * MINUTE_MS ? IF_SOFT_TIME : 0) |
           (lasts <= c->quotas.hold_hours * HOUR_MS ? IF_HOLD_TIME : 0);
}

/* told: what the alert is of; running: the facts of its hold, or NULL. */
static unsigned met_by_hold(const struct charter *c, const struct event *e,
                            const struct event_facts *told, const struct event_facts *running)
{
    const struct event_facts *f = e->facts;
    unsigned met = met_in_time(c, e);

    if (!u256_less(told->amount, f->amount))
        met |= IF_AMOUNT;
    if (is_enough(c, told))
        met |= IF_LEAST;
    if (running && e->ms < running->expires && !u256_less(running->amount, f->amount))
        met |= IF_RUNNING;
    return running && f->expires <= running->expires ? met | IF_NO_LONGER : met;
}

static bool is_seeing(const struct fold *f, const char *holder, const struct rec *r)
{
    return r->pub.standing == STANDING_GOOD && !strcmp(r->pub.e.author, holder) &&
           (!strcmp(r->pub.e.type, "alert.acknowledge") || !strcmp(r->pub.e.type, "alert.order")) &&
           roles_judged(f, r) & (ROLE_INVESTIGATOR | ROLE_COMPLIANCE_OFFICER);
}

/* Has a person of its holder seen an alert, and not that somebody takes it back? Whatever the
 * clocks say: one that is dated back would else take from a holder what it has ordered. */
static bool is_seen(const struct fold *f, struct object *o, const struct rec *r)
{
    for (size_t i = 0; !o->seen_known && i < o->recs.n; i++)
        if (is_seeing(f, o->pub.owner, o->recs.at[i])) {
            o->seen = o->recs.at[i];
            break;
        }
    o->seen_known = true;
    return o->seen && !follows(&o->seen->pub.e, &r->id);
}

/* Whose it is; or who told of it, as it is told now. */
static bool is_party(const struct fold *f, const struct fold_object *o, const struct rec *r)
{
    const char *member = r->pub.e.author;

    if (!o->told || !strcmp(o->owner, member))
        return o->told;
    return !strcmp(o->told->e.author, member) && !strcmp(r->pub.e.type, "alert.void") &&
           !is_seen(f, r->object, r);
}

/* Did another member than the holder take back what it had told? No one thereby keeps others from
 * telling it. */
static bool is_taken_back(const struct fold_object *o, const char *from)
{
    return strcmp(o->last->e.author, o->owner) != 0 && strcmp(o->last->e.author, from) != 0;
}

/* What was void because its deposit had left the chain, or as another member said so. */
static bool is_again(const struct fold_object *o, const struct event *e)
{
    const struct event_facts *was = o->told ? o->told->e.facts : NULL, *f = e->facts;

    return was && o->state == ALERT_VOID &&
           (!strcmp(o->last->e.facts->reason, REASON_REORGANISED) || is_taken_back(o, e->author)) &&
           !strcmp(was->case_object, f->case_object) && !strcmp(was->holder, f->holder) &&
           hash32_equal(&was->deposit, &f->deposit);
}

static unsigned met_by_facts(const struct fold *f, const struct fold_object *o, const struct rec *r)
{
    const struct charter *c = fold_charter_of(f, &r->pub.e);
    const struct event *e = &r->pub.e;
    unsigned wanted = facts_of_type(e->type), met = is_party(f, o, r) ? IF_PARTY : 0;

    met |= o->hold && e->ms < o->hold->e.facts->expires ? IF_HELD : IF_OVER;
    if (wanted & FACT_HOLDER)
        met |= met_by_telling(r) | (is_again(o, e) ? IF_AGAIN : 0);
    if (wanted & FACT_EXPIRES && o->told)
        met |=
            met_by_hold(c ? c : &r->doc->c, e, o->told->e.facts, o->hold ? o->hold->e.facts : NULL);
    return met;
}

static void hold_take(struct fold_object *o, const struct rec *r, unsigned marks)
{
    if (marks & STEP_HOLDER) {
        o->owner = r->pub.e.facts->holder;
        o->told = &r->pub;
    }
    if (marks & STEP_HOLD) {
        o->hold = &r->pub;
        if (!o->held)
            o->held = &r->pub;
    }
    if (marks & STEP_SOFT)
        o->soft = &r->pub;
    if (marks & STEP_FREE)
        o->hold = o->held = NULL;
}

/* ---- two persons ---- */

/* Rounded up. */
static uint64_t hours_of(const struct event *e)
{
    return e->facts->expires > e->ms ? (e->facts->expires - e->ms + HOUR_MS - 1) / HOUR_MS : 0;
}

/* Two persons act at two times: until the same moment, or for as many hours. */
static bool same_end(const struct event *a, const struct event *b)
{
    return a->facts->expires == b->facts->expires || hours_of(a) == hours_of(b);
}

static bool same_word(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static bool names_object(const struct fold *f, const struct event *e, const struct object *o)
{
    for (size_t i = 0; i < e->after_n; i++) {
        const struct rec *r = rec_find(f, &e->after[i]);

        if (r && r->object == o)
            return true;
    }
    return false;
}

/* Does b name each instrument that a names? */
static bool names_papers(const struct fold *f, const struct event *a, const struct event *b)
{
    for (size_t i = 0; i < a->after_n; i++) {
        const struct rec *r = rec_find(f, &a->after[i]);

        if (r && object_is(r->pub.e.object, "instrument") && !names_object(f, b, r->object))
            return false;
    }
    return true;
}

static bool same_papers(const struct fold *f, const struct event *a, const struct event *b)
{
    return !machine_by_paper(a->type) || (names_papers(f, a, b) && names_papers(f, b, a));
}

bool fold_says_same(const struct fold *f, const struct fold_event *a, const struct fold_event *b)
{
    const struct event_facts *x = a->e.facts, *y = b->e.facts;
    const char *into = a->e.into, *other = b->e.into;

    return !strcmp(a->e.type, b->e.type) && !strcmp(a->e.author, b->e.author) &&
           (!into || !other || !strcmp(into, other)) &&
           (!x || !y ||
            (same_word(x->basis, y->basis) && same_word(x->kind, y->kind) &&
             same_word(x->reason, y->reason) && same_word(x->handling, y->handling) &&
             u256_equal(x->amount, y->amount) && same_end(&a->e, &b->e))) &&
           same_papers(f, &a->e, &b->e);
}

/* Has another person of the member said the same, with another key, whatever a charter called whose
 * it is, and waits for a second since? A machine is no second. */
static bool second_before(const struct fold *f, const struct object *o, size_t at,
                          const struct fold_event *act)
{
    for (size_t i = at; i-- > 0;) {
        const struct rec *q = o->recs.at[i];

        if (fold_parts_two(&q->pub, act->e.author))
            return false;
        if (q->pub.effect == EFFECT_CONDITION && q->pub.unmet == IF_SECOND &&
            fold_says_same(f, &q->pub, act) &&
            memcmp(&q->pub.e.key, &act->e.key, sizeof(act->e.key)) != 0 && q->key->person &&
            act->person && strcmp(q->key->person, act->person) != 0)
            return true;
    }
    return false;
}

static bool is_second(const struct fold *f, const struct object *o, size_t at)
{
    const struct rec *r = o->recs.at[at];

    return second_before(f, o, at, &r->pub);
}

bool fold_is_second(const struct fold *f, const struct fold_object *o, const struct fold_event *act)
{
    const struct object *of =
        o ? (const struct object *)((const char *)o - offsetof(struct object, pub)) : NULL;

    return of && second_before(f, of, of->recs.n, act);
}

/* Would a hold that a person has ordered be of less than it is, or end sooner? How much could be
 * held in part the own system knows. */
static bool is_less(const struct event_facts *hold, const struct event *e)
{
    bool part = !strcmp(e->type, "alert.enforce-part");

    if (!part && strcmp(e->type, "alert.legal") != 0 && strcmp(e->type, "alert.extend") != 0 &&
        strcmp(e->type, "alert.enforce") != 0)
        return false;
    return (!part && u256_less(e->facts->amount, hold->amount)) ||
           e->facts->expires < hold->expires;
}

/* Would it let go of a person's hold, whole or in part, and not be called a release? */
static bool lets_go(const struct fold_object *o, const struct event *e)
{
    static const char *const ends[] = {"alert.void", "alert.too-late", "alert.return",
                                       "alert.seize"};
    bool held = o->state == ALERT_ORDERED || o->state == ALERT_HELD ||
                o->state == ALERT_HELD_PART || o->state == ALERT_LEGAL;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (!strcmp(e->type, ends[i]))
            return held;
    return o->hold && is_less(o->hold->e.facts, e);
}

static unsigned asked_of_two(const struct fold *f, const struct fold_object *o, const struct rec *r)
{
    const struct charter *c = fold_charter_of(f, &r->pub.e);

    return charter_wants_two(c, r->pub.e.type) ||
                   (charter_wants_two(c, "alert.release") && lets_go(o, &r->pub.e)) ||
                   (charter_wants_two(c, "case.retract") && !strcmp(r->pub.e.type, "case.merge"))
               ? IF_SECOND
               : 0;
}

/* ---- any object ---- */

static unsigned met_by(const struct fold *f, const struct fold_object *o, const struct rec *r)
{
    const struct event *e = &r->pub.e;
    unsigned met = r->object->kind == KIND_ALERT ? met_by_facts(f, o, r) : 0;

    if (is_government(f, r))
        met |= IF_AUTHORITY;
    if (o->owner)
        met |= strcmp(o->owner, e->author) ? IF_OTHER : IF_OWN;
    return o->owner && follows(e, &o->revision) ? met | IF_CURRENT : met;
}

static void step_take(struct fold_object *o, struct rec *r, const struct step *s)
{
    r->pub.turns = s->marks || s->from != s->to;
    o->state = s->to;
    if (s->marks & STEP_OWNER)
        o->owner = r->pub.e.author;
    if (s->marks & STEP_REVISION)
        o->revision = r->id;
    hold_take(o, r, s->marks);
    if (!o->first || s->from == ALERT_OPENED)
        o->first = &r->pub; /* who opened an alert has not told it */
    o->last = &r->pub;
}

/* The grounds that an act lacks which nothing else stands in the way of: others are not asked,
 * since anybody may say them, as often as they like. */
static unsigned grounds_lacking(const struct fold *f, const struct fold_object *o,
                                const struct rec *r, const struct step *s)
{
    const struct basis_row *row;
    unsigned lacks = 0;
    struct err why;

    if (!s && !fold_waits_for_second(&r->pub))
        return 0;
    for (size_t i = 0; i < r->type->rows_n; i++)
        lacks |= r->type->rows[i]->conditions & IF_GROUNDS;
    if (lacks & IF_GRANTED && alert_basis(f, o, &r->pub, &row, &why))
        lacks &= ~(unsigned)IF_GRANTED;
    if (lacks & IF_PAPER && alert_paper(f, &r->pub))
        lacks &= ~(unsigned)IF_PAPER;
    return lacks;
}

/* Who is the second, and what an act stands on, is asked where nothing else is in the way. */
static const struct step *any_step(const struct fold *f, const struct object *o, size_t at)
{
    struct rec *r = o->recs.at[at];
    unsigned two = asked_of_two(f, &o->pub, r), met = met_by(f, &o->pub, r) | IF_GROUNDS, lacks;
    const struct step *s = step_of(r, o->pub.state, two, met);

    if (fold_waits_for_second(&r->pub) && is_second(f, o, at)) {
        met |= IF_SECOND;
        s = step_of(r, o->pub.state, two, met);
    }
    lacks = grounds_lacking(f, &o->pub, r, s);
    return lacks ? step_of(r, o->pub.state, two, met & ~lacks) : s;
}

static void case_steps(const struct fold *f, struct object *o)
{
    for (size_t i = 0; i < o->recs.n; i++) {
        struct rec *r = o->recs.at[i];
        const struct step *s;

        r->pub.effect = EFFECT_NONE;
        r->pub.unmet = 0;
        if (r->pub.standing != STANDING_GOOD)
            continue;
        r->roles = roles_judged(f, r);
        s = any_step(f, o, i);
        if (s)
            step_take(&o->pub, r, s);
    }
}

/* Keys were revoked when all was judged (fold_judge.c); here it is told. */
static void key_steps(struct object *o)
{
    for (size_t i = 0; i < o->recs.n; i++) {
        struct rec *r = o->recs.at[i];

        if (r->revokes) {
            r->pub.effect = EFFECT_STEP;
            r->pub.to = o->pub.state = KEY_REVOKED;
            o->pub.owner = r->pub.e.author;
            o->pub.first = o->pub.last = &r->pub;
        } else if (r->pub.standing != STANDING_GOOD) {
            r->pub.effect = EFFECT_NONE;
        }
    }
}

void steps_of_object(const struct fold *f, struct object *o)
{
    if (o->kind == KIND_CHARTER)
        return; /* with all charters together */
    o->pub.state = STATE_NONE;
    o->pub.owner = NULL;
    o->pub.first = o->pub.last = o->pub.told = NULL;
    o->pub.hold = o->pub.held = o->pub.soft = NULL;
    memset(&o->pub.revision, 0, sizeof(o->pub.revision));
    o->seen = NULL;
    o->seen_known = false;
    if (o->kind == KIND_KEY)
        key_steps(o);
    else
        case_steps(f, o);
}

/* ---- charters: a government signs one version of a number ---- */

/* The version under which a document is decided on; NULL: it follows on none that is here. */
static const struct charter *decided_under(const struct fold *f, const struct doc *d)
{
    const struct doc *before;
    struct err err;

    if (d->c.version == 1)
        return hash32_equal(&d->hash, &f->group) ? &d->c : NULL;
    before = map_get(&f->docs, &d->c.previous);
    return before && before->adopted && charter_follows(&d->c, &before->c, &err) ? &before->c
                                                                                 : NULL;
}

static struct doc *doc_of(const struct fold *f, const struct rec *r)
{
    struct hash32 hash;

    return hash_from_hex(strchr(r->pub.e.object, ':') + 1, &hash) ? map_get(&f->docs, &hash) : NULL;
}

/* Of two signatures by one government the first to be countersigned counts, and of those that are
 * not, the first in order: a clock can be set back, what others have seen cannot. */
static bool is_before(const struct fold *f, const struct charter *under, const struct rec *a,
                      const struct rec *b)
{
    uint64_t a_at = witnessed_at(f, under, a), b_at = witnessed_at(f, under, b);

    if (a_at != b_at)
        return a_at && (!b_at || a_at < b_at);
    return event_order(&a->pub.e, &b->pub.e) < 0;
}

static bool is_rival(const struct fold *f, const struct rec *r, const struct rec *of,
                     const struct doc *d)
{
    return r != of && r->signs && !strcmp(r->pub.e.author, of->pub.e.author) &&
           doc_of(f, r)->c.version == d->c.version;
}

/* Does another signature of its author's, of a document of the same number, count in its place? */
static bool has_signed(const struct fold *f, const struct rec *r, const struct doc *d,
                       const struct charter *under)
{
    for (size_t i = 0; i < f->charter_recs.n; i++) {
        const struct rec *other = f->charter_recs.at[i];

        if (is_rival(f, other, r, d) && is_before(f, under, other, r))
            return true;
    }
    return false;
}

static unsigned charter_met(const struct fold *f, const struct rec *r, const struct doc *d,
                            const struct charter *under)
{
    const struct charter_member *m = &under->members[r->key->member];
    unsigned met = 2 * (d->signed_n + 1) > under->governments_n ? IF_MAJORITY : IF_NO_MAJORITY;

    return m->government && !has_signed(f, r, d, under) ? met | IF_GOVERNMENT : met;
}

static void charter_step(const struct fold *f, struct rec *r)
{
    struct fold_object *o = &r->object->pub;
    const struct charter *under = NULL;
    const struct step *s;
    struct doc *d = doc_of(f, r);

    r->pub.effect = EFFECT_NONE;
    r->pub.unmet = 0;
    if (r->pub.standing != STANDING_GOOD)
        return;
    under = d ? decided_under(f, d) : NULL;
    if (!under || !hash32_equal(&under->hash, &r->pub.e.charter)) {
        r->pub.effect = EFFECT_CHARTER;
        return;
    }
    r->roles = r->key->roles;
    s = step_of(r, o->state, 0, charter_met(f, r, d, under));
    if (!s)
        return;
    if (s->to == CHARTER_ADOPTED && o->state != CHARTER_ADOPTED)
        d->by = r;
    step_take(o, r, s);
    d->state = s->to;
    d->signed_n += !strcmp(s->type, "charter.sign");
}

static void charters_fold(struct fold *f)
{
    for (size_t i = 0; i < f->doc_list.n; i++) {
        struct doc *d = f->doc_list.at[i];

        d->state = STATE_NONE;
        d->by = NULL;
        d->signed_n = 0;
    }
    for (size_t i = 0; i < f->charter_recs.n; i++) {
        struct fold_object *o = &((struct rec *)f->charter_recs.at[i])->object->pub;

        o->state = STATE_NONE;
        o->owner = NULL;
        o->first = o->last = NULL;
    }
    for (size_t i = 0; i < f->charter_recs.n; i++)
        charter_step(f, f->charter_recs.at[i]);
}

static bool signs_find(struct fold *f)
{
    bool rivals = false;

    for (size_t i = 0; i < f->charter_recs.n; i++) {
        struct rec *r = f->charter_recs.at[i];

        if (r->pub.effect != EFFECT_STEP || strcmp(r->pub.e.type, "charter.sign") != 0)
            continue;
        for (size_t k = 0; k < i; k++)
            rivals = rivals || is_rival(f, f->charter_recs.at[k], r, doc_of(f, r));
        r->signs = true;
    }
    return rivals;
}

/* Once as if nobody had signed twice; where somebody has, once more with the one that counts. */
void steps_of_charters(struct fold *f)
{
    for (size_t i = 0; i < f->charter_recs.n; i++)
        ((struct rec *)f->charter_recs.at[i])->signs = false;
    charters_fold(f);
    f->rivals = signs_find(f);
    if (f->rivals)
        charters_fold(f);
}
