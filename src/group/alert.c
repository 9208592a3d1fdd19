#include "group/alert.h"

#include "base/sort.h"
#include "group/instrument.h"
#include "group/quota.h"

#define MERGES_MAX 16 /* of one case after another */
#define AHEAD_MS ((uint64_t)86400000)

/* ---- names ---- */

static void add_text(struct sha256_stream *s, const char *text)
{
    sha256_add(s, text, strlen(text) + 1);
}

static void add_where(struct sha256_stream *s, const char *chain, const char *output,
                      const char *member)
{
    add_text(s, chain);
    add_text(s, output);
    sha256_add(s, member, strlen(member));
}

struct hash32 alert_deposit(const struct alert_key *k)
{
    static const char tag[] = "cordon.deposit/1";
    struct sha256_stream s;

    sha256_start(&s);
    sha256_add(&s, tag, sizeof(tag) - 1);
    sha256_add(&s, k->salt.b, sizeof(k->salt.b));
    add_where(&s, k->chain, k->output, k->member);
    return sha256_done(&s);
}

void alert_object(const struct alert_key *k, char ret[OBJECT_NAME_MAX])
{
    static const char tag[] = "cordon.alert/1", digits[] = "0123456789abcdef";
    struct sha256_stream s;
    struct hash32 id;

    sha256_start(&s);
    sha256_add(&s, tag, sizeof(tag) - 1);
    sha256_add(&s, k->salt.b, sizeof(k->salt.b));
    add_text(&s, k->case_object);
    add_where(&s, k->chain, k->output, k->member);
    id = sha256_done(&s);
    memcpy(ret, "alert:", 6);
    for (size_t i = 0; i < sizeof(id.b); i++) {
        ret[6 + 2 * i] = digits[id.b[i] >> 4];
        ret[7 + 2 * i] = digits[id.b[i] & 15];
    }
    ret[6 + 2 * sizeof(id.b)] = 0;
}

struct salt32 alert_salt(const uint8_t secret[32], const char *chain, const char *output,
                         const char *member)
{
    static const char tag[] = "cordon.alert-salt/1";
    struct sha256_stream s;
    struct hash32 inner, outer;
    struct salt32 ret;

    sha256_start(&s);
    sha256_add(&s, tag, sizeof(tag) - 1);
    sha256_add(&s, secret, 32);
    add_where(&s, chain, output, member);
    inner = sha256_done(&s);
    sha256_start(&s); /* again, so that nobody can go on from a salt that was told */
    sha256_add(&s, secret, 32);
    sha256_add(&s, inner.b, sizeof(inner.b));
    outer = sha256_done(&s);
    memcpy(ret.b, outer.b, sizeof(ret.b));
    return ret;
}

/* ---- cases ---- */

struct case_view {
    const struct fold_object *object; /* that it goes on as; NULL: none */
    bool here, gone, verified, over_quota;
    enum state state;
};

bool case_is_verified(enum state s)
{
    return s == CASE_VERIFIED || s == CASE_ACTIVE || s == CASE_CONTAINED || s == CASE_CLOSED;
}

/* What it was when it was merged away. */
static enum state state_before(const struct fold_object *o)
{
    const struct fold_event *e;
    enum state before = STATE_NONE;

    for (size_t i = 0; (e = fold_event_of(o, i)) && e != o->last; i++)
        if (e->effect == EFFECT_STEP)
            before = e->to;
    return before;
}

/* A case that was merged goes on as the one that stays, but is no better verified for it. */
static struct case_view case_view(const struct fold *f, const char *name, const char *audience)
{
    const struct fold_object *o = alert_case_object(f, name, audience);
    struct case_view v = {.here = o, .verified = true, .state = STATE_NONE};

    for (int merges = 0; o && o->state == CASE_MERGED && merges < MERGES_MAX; merges++) {
        v.verified = v.verified && case_is_verified(state_before(o));
        o = alert_case_object(f, o->last->e.into, audience);
    }
    v.here = v.here && (!o || o->state != CASE_DRAFT);
    v.gone = !o || o->state == CASE_RETRACTED || o->state == CASE_MERGED;
    v.state = o ? o->state : STATE_NONE;
    v.verified = v.verified && case_is_verified(v.state);
    v.object = o;
    return v;
}

const struct fold_object *alert_case_now(const struct fold *f, const char *name,
                                         const char *audience)
{
    return case_view(f, name, audience).object;
}

/* ---- the book ---- */

struct entry {
    const struct fold_object *o;
    const struct event_facts *told;
    struct case_view of;
    const struct fold_event *order;       /* by a person, of the hold that is said; NULL: none */
    const struct fold_object *instrument; /* that the hold goes by; NULL: by none that stands */
    struct handling handling;
    struct alert_notice notice;
    bool disclosed;
    size_t soft_rank;              /* among the soft holds of its case, ever */
    size_t by_deposit, by_account; /* its place there */
};

struct list {
    struct entry **at;
    size_t n;
};

struct alert_book {
    struct entry *entries; /* [entries_n] */
    size_t entries_n;
    struct list all;     /* by first event */
    struct list deposit; /* with a hold, ever: by deposit, holder, and where the hold began */
    struct list soft;    /* by case and soft hold */
    struct list account; /* by case, holder and order */
    struct charter_quotas quotas;
};

static int order_of(const struct fold_event *a, const struct fold_event *b)
{
    return event_order(&a->e, &b->e);
}

static int by_first(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    return order_of(x->o->first, y->o->first);
}

static int same_case(const struct entry *x, const struct entry *y)
{
    int order = strcmp(x->told->case_object, y->told->case_object);

    return order ? order : strcmp(x->o->audience, y->o->audience);
}

static int same_deposit(const struct entry *x, const struct entry *y)
{
    int order = memcmp(x->told->deposit.b, y->told->deposit.b, sizeof(x->told->deposit.b));

    return order ? order : strcmp(x->o->owner, y->o->owner);
}

static int same_account(const struct entry *x, const struct entry *y)
{
    int order = same_case(x, y);

    return order ? order : strcmp(x->o->owner, y->o->owner);
}

static const struct fold_event *began(const struct entry *x)
{
    return x->o->held ? x->o->held : x->o->soft;
}

static int by_deposit(const void *a, const void *b)
{
    int order = same_deposit(a, b);

    return order ? order : order_of(began(a), began(b));
}

static int by_soft(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = same_case(x, y);

    return order ? order : order_of(x->o->soft, y->o->soft);
}

static int by_account(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = same_account(x, y);

    return order ? order : order_of(x->order, y->order);
}

static bool has_disclosure(const struct fold *f, const struct fold_object *o)
{
    const struct fold_event *e;

    for (size_t i = 0; o && (e = fold_event_of(o, i)); i++)
        if (alert_discloses(f, e))
            return true;
    return false;
}

/* Of a deposit that was too late, to whomever. */
static bool disclosed_find(const struct fold *f, const struct fold_object *o)
{
    const struct charter *c = fold_charter(f);
    bool any = o->state == ALERT_TOO_LATE &&
               (has_disclosure(f, o) || has_disclosure(f, fold_object(f, o->object, AUDIENCE_ALL)));

    for (size_t i = 0; !any && c && o->state == ALERT_TOO_LATE && i < c->groups_n; i++)
        any = has_disclosure(f, fold_object(f, o->object, c->groups[i].id));
    return any;
}

/* The order that the hold goes back to. */
static const struct fold_event *order_find(const struct fold_object *o)
{
    const struct fold_event *e, *ret = NULL;

    for (size_t i = 0; o->hold && (e = fold_event_of(o, i)); i++)
        if (e->effect == EFFECT_STEP && !strcmp(e->e.type, "alert.order"))
            ret = e;
    return ret;
}

static bool is_legal(const struct fold_object *o)
{
    return o->hold && !strcmp(o->hold->e.type, "alert.legal");
}

static bool is_alert(const struct fold_object *o)
{
    return object_is(o->object, "alert") && o->told;
}

static bool has_deposit_hold(const struct entry *e)
{
    return e->o->held || e->o->soft;
}

static bool has_soft(const struct entry *e)
{
    return e->o->soft;
}

static bool has_account(const struct entry *e)
{
    return e->order && !strcmp(e->order->e.facts->kind, "account-restriction");
}

static bool list_make(struct arena *a, const struct alert_book *b,
                      bool (*has)(const struct entry *), int (*order)(const void *, const void *),
                      struct list *ret)
{
    const void **scratch = ARENA_ARRAY(a, const void *, b->entries_n);

    ret->at = ARENA_ARRAY(a, struct entry *, b->entries_n);
    if (!ret->at || !scratch)
        return false;
    for (size_t i = 0; i < b->entries_n; i++)
        if (!has || has(&b->entries[i]))
            ret->at[ret->n++] = &b->entries[i];
    sort_pointers((const void **)ret->at, ret->n, scratch, order);
    return true;
}

static void places(const struct fold *f, struct alert_book *b)
{
    for (size_t i = 0; i < b->deposit.n; i++)
        b->deposit.at[i]->by_deposit = i;
    for (size_t i = 0; i < b->account.n; i++)
        b->account.at[i]->by_account = i;
    for (size_t i = 0; i < b->soft.n; i++) {
        struct entry *e = b->soft.at[i], *before = i ? b->soft.at[i - 1] : NULL;

        if (before && !same_case(before, e)) {
            e->soft_rank = before->soft_rank + 1;
            e->of.over_quota = before->of.over_quota;
        } else {
            e->of.over_quota = e->of.object && case_over_quota(f, e->of.object);
        }
    }
}

static size_t alerts_count(const struct fold *f)
{
    const struct fold_object *o;
    size_t n = 0;

    for (size_t i = 0; (o = fold_object_at(f, i)); i++)
        n += is_alert(o);
    return n;
}

const struct alert_book *alert_book(struct arena *a, const struct fold *f)
{
    struct alert_book *b = ARENA_NEW(a, struct alert_book);
    const struct fold_object *o;
    bool handled = handling_any(f);

    if (!b)
        return NULL;
    b->entries = ARENA_ARRAY(a, struct entry, alerts_count(f));
    if (!b->entries)
        return NULL;
    for (size_t i = 0; (o = fold_object_at(f, i)); i++)
        if (is_alert(o))
            b->entries[b->entries_n++] = (struct entry){
                .o = o,
                .told = o->told->e.facts,
                .of = case_view(f, o->told->e.facts->case_object, o->audience),
                .disclosed = disclosed_find(f, o),
                .order = order_find(o),
                .notice = alert_notice(f, o),
                .instrument = is_legal(o) ? instrument_of(f, o->hold) : NULL,
                .handling = handled ? handling_of(f, o->told->e.facts->case_object, o->owner)
                                    : (struct handling){HANDLING_HOLD, NULL}};
    if (fold_charter(f))
        b->quotas = fold_charter(f)->quotas;
    if (!list_make(a, b, has_deposit_hold, by_deposit, &b->deposit) ||
        !list_make(a, b, has_soft, by_soft, &b->soft) ||
        !list_make(a, b, has_account, by_account, &b->account) ||
        !list_make(a, b, NULL, by_first, &b->all))
        return NULL;
    places(f, b);
    return b;
}

size_t alert_book_n(const struct alert_book *b)
{
    return b->entries_n;
}

/* ---- at a time ---- */

/* A hold lasts for so many hours from its own clock: one that is dated far ahead, to last for
 * longer, is none before. Clocks that are a day ahead are followed (docs/protocol.md, section 3),
 * so that nobody's fast clock keeps others from holding. */
static bool is_ahead(const struct entry *e, uint64_t ms)
{
    return e->o->hold && e->o->hold->e.ms > ms && e->o->hold->e.ms - ms > AHEAD_MS;
}

static bool is_running(const struct entry *e, uint64_t ms)
{
    return e->o->hold && e->o->hold->e.facts->expires > ms && !is_ahead(e, ms);
}

static bool is_soft(const struct entry *e)
{
    return e->o->hold && e->o->hold == e->o->soft;
}

/* Has the deposit had a soft hold before on a case that is not verified? */
static bool is_second_soft(const struct alert_book *b, const struct entry *e)
{
    size_t i = e->by_deposit;

    while (i && !same_deposit(b->deposit.at[i - 1], e))
        i--;
    for (; i < b->deposit.n && !same_deposit(b->deposit.at[i], e); i++) {
        const struct entry *other = b->deposit.at[i];

        if (other->o->soft && !other->of.verified && order_of(other->o->soft, e->o->soft) < 0)
            return true;
    }
    return false;
}

static bool over_accounts(const struct alert_book *b, const struct entry *e, uint64_t ms)
{
    uint64_t before = 0;

    for (size_t i = e->by_account; i && !same_account(b->account.at[i - 1], e); i--)
        before += is_running(b->account.at[i - 1], ms) && !b->account.at[i - 1]->of.gone;
    return before >= b->quotas.accounts;
}

static enum alert_why why_none(const struct alert_book *b, const struct entry *e, uint64_t ms)
{
    if (!e->of.here)
        return ALERT_WHY_NO_CASE;
    if (e->of.gone)
        return ALERT_WHY_CASE_GONE;
    if (!e->o->hold)
        return ALERT_WHY_NO_HOLD;
    if (is_ahead(e, ms))
        return ALERT_WHY_AHEAD;
    if (!is_running(e, ms))
        return ALERT_WHY_EXPIRED;
    if (is_legal(e->o) && !e->instrument)
        return ALERT_WHY_INSTRUMENT;
    if (is_soft(e) && e->handling.what != HANDLING_HOLD)
        return ALERT_WHY_HANDLING;
    if (is_soft(e) && e->of.over_quota)
        return ALERT_WHY_QUOTA;
    if (is_soft(e) && !e->of.verified && is_second_soft(b, e))
        return ALERT_WHY_SECOND_SOFT;
    if (is_soft(e) && !e->of.verified && e->soft_rank >= b->quotas.soft_unverified)
        return ALERT_WHY_UNVERIFIED;
    return has_account(e) && over_accounts(b, e, ms) ? ALERT_WHY_ACCOUNTS : ALERT_WHY_NOTHING;
}

/* What is left of a deposit for this hold, by those that began before it. */
static struct u256 held_now(const struct alert_book *b, const struct entry *e, uint64_t ms)
{
    struct u256 sum = u256_of(0), part = sum, left;
    size_t i = e->by_deposit;

    while (i && !same_deposit(b->deposit.at[i - 1], e))
        i--;
    for (; i <= e->by_deposit; i++) {
        const struct entry *x = b->deposit.at[i];

        part = u256_of(0);
        if (why_none(b, x, ms) == ALERT_WHY_NOTHING && u256_less(sum, x->told->received) &&
            u256_sub(x->told->received, sum, &left))
            part = u256_min(x->o->hold->e.facts->amount, left);
        if (!u256_add(sum, part, &sum))
            return u256_of(0); /* cannot be: no sum is above what was received */
    }
    return part;
}

static bool has_ended(enum state s)
{
    return s >= ALERT_DECLINED;
}

static struct alert_now now_of(const struct alert_book *b, const struct entry *e, uint64_t ms)
{
    struct alert_now n = {.object = e->o,
                          .instrument = e->instrument ? e->instrument->object : NULL,
                          .told = e->told,
                          .state = e->o->state,
                          .case_state = e->of.state,
                          .verified = e->of.verified,
                          .soft = is_soft(e),
                          .disclosed = e->disclosed,
                          .handling = e->handling,
                          .notice = e->notice,
                          .why = why_none(b, e, ms)};

    if (e->order)
        n.order = e->order->e.facts;
    n.live = e->of.here && !e->of.gone && !has_ended(n.state);
    if (e->o->hold)
        n.expires = e->o->hold->e.facts->expires;
    if (n.why != ALERT_WHY_NOTHING)
        return n;
    n.amount = held_now(b, e, ms);
    if (u256_less(n.amount, e->o->hold->e.facts->amount))
        n.why = ALERT_WHY_RECEIVED;
    return n;
}

struct alert_now alert_at(const struct alert_book *b, size_t i, uint64_t ms)
{
    return now_of(b, b->all.at[i], ms);
}

bool alert_now(const struct alert_book *b, const struct fold_object *o, uint64_t ms,
               struct alert_now *ret)
{
    for (size_t i = 0; i < b->entries_n; i++)
        if (b->entries[i].o == o) {
            *ret = now_of(b, &b->entries[i], ms);
            return true;
        }
    return false;
}

const struct fold_object *alert_named(const struct fold *f, const char *id, size_t i)
{
    const struct fold_object *o;

    for (size_t k = 0; (o = fold_object_at(f, k)); k++)
        if (object_is(o->object, "alert") && o->first && o->state != ALERT_OPENED &&
            (!strcmp(o->object, id) || !strcmp(strchr(o->object, ':') + 1, id)) && !i--)
            break;
    return o;
}

struct alert_case alert_case(const struct alert_book *b, const struct fold *f,
                             const char *case_object, const char *audience,
                             const struct hash32 *deposit, const char *holder)
{
    struct case_view v = case_view(f, case_object, audience);
    struct alert_case c = {.verified = v.verified,
                           .live = v.here && v.object && case_is_live(v.object),
                           .disputed = v.state == CASE_DISPUTED,
                           .over_quota = v.object && case_over_quota(f, v.object),
                           .handling = handling_of(f, case_object, holder)};

    for (size_t i = 0; b && i < b->soft.n; i++) {
        const struct entry *e = b->soft.at[i];

        c.soft_n += !strcmp(e->told->case_object, case_object) && !strcmp(e->o->audience, audience);
        c.deposit_had_soft =
            c.deposit_had_soft || (!e->of.verified && hash32_equal(&e->told->deposit, deposit) &&
                                   !strcmp(e->o->owner, holder));
    }
    return c;
}

const char *alert_why_text(enum alert_why why)
{
    switch (why) {
    case ALERT_WHY_NOTHING:
        return "";
    case ALERT_WHY_NO_CASE:
        return "its case is not here, or a draft";
    case ALERT_WHY_CASE_GONE:
        return "its case was retracted";
    case ALERT_WHY_NO_HOLD:
        return "no hold";
    case ALERT_WHY_AHEAD:
        return "the hold is dated more than a day ahead";
    case ALERT_WHY_EXPIRED:
        return "the hold has expired";
    case ALERT_WHY_QUOTA:
        return "its case is over its member's quota";
    case ALERT_WHY_UNVERIFIED:
        return "its case is not verified";
    case ALERT_WHY_SECOND_SOFT:
        return "the deposit has had a soft hold on a case that is not verified";
    case ALERT_WHY_ACCOUNTS:
        return "too many accounts are restricted for its case";
    case ALERT_WHY_RECEIVED:
        return "other holds of the deposit leave no more";
    case ALERT_WHY_INSTRUMENT:
        return "no instrument that it goes by stands";
    case ALERT_WHY_HANDLING:
        return "its case is to be observed, or left alone";
    }
    return NULL;
}
