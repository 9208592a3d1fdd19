#include "group/facts.h"

#include "group/event.h"
#include "trace/trace.h"

#define TOLD                                                                                       \
    (FACT_AMOUNT | FACT_ASSET | FACT_CASE | FACT_DEPOSIT | FACT_HOLDER | FACT_POLICY |             \
     FACT_RECEIVED)
#define HELD (FACT_AMOUNT | FACT_EXPIRES)

const char *const hold_kinds[] = {"credit-delay",
                                  "withdrawal-limit",
                                  "account-restriction",
                                  "custodian-stop",
                                  "token-freeze",
                                  "contract-pause",
                                  NULL};
const char *const hold_reasons[] = {"theft",     "payroll",   "extortion",
                                    "intrusion", "sanctions", NULL};
const char *const hold_bases[] = {
    "tos",       "internal-aml",   "regulator-directive", "le-request", "court-order",
    "sanctions", "self-reg-delay", "safe-harbour",        NULL};
const char *const decline_reasons[] = {"not-our-address",
                                       "already-gone",
                                       "no-legal-basis",
                                       "evidence-insufficient",
                                       "below-threshold",
                                       "omnibus-ambiguous",
                                       "customer-verified",
                                       "duplicate",
                                       "other",
                                       NULL};
const char *const void_reasons[] = {
    "case-retracted", "case-merged", REASON_REORGANISED, "evidence-insufficient", "duplicate",
    "other",          NULL};
/* By which a notice is put off. None of them says what was reported to whom. */
const char *const deferral_bases[] = {"investigation", "court-order", "authority-request", "safety",
                                      NULL};
const char *const handling_words[] = {"none", "hold", "observe", NULL};

static const struct {
    const char *type;
    unsigned facts;
    const char *const *reasons;
} types[] = {
    {"alert.detect", TOLD, NULL},
    {"alert.send", TOLD, NULL},
    {"alert.hold-soft", HELD, NULL},
    {"alert.order", HELD | FACT_KIND | FACT_REASON | FACT_BASIS, hold_reasons},
    {"alert.enforce", HELD, NULL},
    {"alert.enforce-part", HELD, NULL},
    {"alert.extend", HELD | FACT_BASIS, NULL},
    {"alert.legal", HELD | FACT_BASIS, NULL},
    {"alert.decline", FACT_REASON, decline_reasons},
    {"alert.void", FACT_REASON, void_reasons},
    {"alert.disclose", FACT_BASIS, NULL},
    {"alert.defer", FACT_EXPIRES | FACT_REASON, deferral_bases},
    {"handling.set", FACT_HANDLING, NULL},
};
#define TYPES_N (sizeof(types) / sizeof(types[0]))

static size_t type_at(const char *type)
{
    size_t i = 0;

    while (i < TYPES_N && strcmp(types[i].type, type))
        i++;
    return i;
}

unsigned facts_of_type(const char *type)
{
    size_t i = type_at(type);

    return i < TYPES_N ? types[i].facts : 0;
}

const char *const *fact_reasons(const char *type)
{
    size_t i = type_at(type);

    return i < TYPES_N ? types[i].reasons : NULL;
}

bool fact_asset_valid(const char *s)
{
    size_t n = strlen(s);

    for (size_t i = 0; i < n; i++)
        if (s[i] <= ' ' || s[i] > '~')
            return false;
    return n && n <= FACT_ASSET_MAX;
}

/* ---- reading ---- */

struct reader {
    const struct json *o;
    unsigned wanted;
    struct err *err;
};

static bool word(const struct reader *r, enum fact fact, const char *name, const char **ret)
{
    return !(r->wanted & fact) || json_text(json_get(r->o, name), name, ret, r->err);
}

static bool amount(const struct reader *r, enum fact fact, const char *name, struct u256 *ret)
{
    const char *s = NULL;

    if (!(r->wanted & fact))
        return true;
    if (!word(r, fact, name, &s))
        return false;
    return (u256_from_text(s, strlen(s), ret) && !u256_zero(*ret)) ||
           err_fail(r->err, ERR_INPUT, "%s: a decimal string above 0 is wanted", name);
}

/* One of a list, from the list. */
static bool listed(const struct reader *r, enum fact fact, const char *name,
                   const char *const *list, const char **ret)
{
    const char *s = NULL;

    if (!(r->wanted & fact))
        return true;
    if (!word(r, fact, name, &s))
        return false;
    while (*list && strcmp(*list, s))
        list++;
    *ret = *list;
    return *list || err_fail(r->err, ERR_INPUT, "%s: \"%.40s\" is none", name, s);
}

static bool policy(const struct reader *r, const char **ret)
{
    enum trace_policy p;
    const char *s = NULL;

    if (!(r->wanted & FACT_POLICY))
        return true;
    if (!word(r, FACT_POLICY, "policy", &s))
        return false;
    if (!trace_policy_from_name(s, &p))
        return err_fail(r->err, ERR_INPUT, "policy: \"%.40s\" is none", s);
    *ret = trace_policy_name(p);
    return true;
}

static bool expires(const struct reader *r, uint64_t *ret)
{
    const struct json *j = json_get(r->o, "expires");

    if (!(r->wanted & FACT_EXPIRES))
        return true;
    if (j && j->type != JSON_NUMBER)
        return err_fail(r->err, ERR_INPUT, "expires: a number is wanted");
    return json_u64(j, "expires", ret, r->err) &&
           (*ret <= EVENT_MS_MAX || err_fail(r->err, ERR_INPUT, "expires: too large"));
}

static bool deposit(const struct reader *r, struct hash32 *ret)
{
    return !(r->wanted & FACT_DEPOSIT) ||
           hex_member(r->o, "deposit", ret->b, sizeof(ret->b), r->err);
}

static bool names(const struct reader *r, struct event_facts *f)
{
    if (!word(r, FACT_CASE, "case", &f->case_object) ||
        !word(r, FACT_HOLDER, "holder", &f->holder) || !word(r, FACT_ASSET, "asset", &f->asset))
        return false;
    if (f->case_object && (!object_valid(f->case_object) || !object_is(f->case_object, "case")))
        return err_fail(r->err, ERR_INPUT, "case: a case is wanted");
    if (f->holder && !group_name_valid(f->holder))
        return err_fail(r->err, ERR_INPUT, "holder: not a name");
    return !f->asset || fact_asset_valid(f->asset) ||
           err_fail(r->err, ERR_INPUT, "asset: 1 to %d printable characters are wanted",
                    FACT_ASSET_MAX);
}

static bool members(const struct reader *r, const char *type, struct event_facts *f)
{
    return names(r, f) && amount(r, FACT_AMOUNT, "amount", &f->amount) &&
           amount(r, FACT_RECEIVED, "received", &f->received) && deposit(r, &f->deposit) &&
           expires(r, &f->expires) && policy(r, &f->policy) &&
           listed(r, FACT_KIND, "kind", hold_kinds, &f->kind) &&
           listed(r, FACT_BASIS, "basis", hold_bases, &f->basis) &&
           listed(r, FACT_HANDLING, "handling", handling_words, &f->handling) &&
           listed(r, FACT_REASON, "reason", fact_reasons(type), &f->reason);
}

static size_t bits_n(unsigned set)
{
    size_t n = 0;

    for (; set; set &= set - 1)
        n++;
    return n;
}

bool facts_read(struct arena *a, const struct json *o, const char *type,
                const struct event_facts **ret, struct err *err)
{
    struct reader r = {o, facts_of_type(type), err};
    struct event_facts *f;

    *ret = NULL;
    if (!r.wanted)
        return !o || err_fail(err, ERR_INPUT, "facts: not of %s", type);
    if (!o || o->type != JSON_OBJECT)
        return err_fail(err, ERR_INPUT, "facts: an object is wanted");
    f = ARENA_NEW(a, struct event_facts);
    if (!f)
        return err_fail(err, ERR_NOMEM, "facts");
    if (!members(&r, type, f))
        return err_in(err, "facts");
    if (o->children_n != bits_n(r.wanted)) /* none is there twice, and all that it wants are */
        return err_fail(err, ERR_INPUT, "facts: more than %s wants", type);
    if (f->case_object && u256_less(f->received, f->amount))
        return err_fail(err, ERR_INPUT, "facts: amount: more than was received");
    *ret = f;
    return true;
}

/* ---- writing ---- */

static void word_put(struct json_out *j, const char *name, const char *s)
{
    if (s)
        json_put_string(j, name, s);
}

void facts_put(struct json_out *j, const char *type, const struct event_facts *f)
{
    unsigned wanted = facts_of_type(type);

    json_object(j);
    if (wanted & FACT_AMOUNT)
        json_put_u256(j, "amount", f->amount);
    word_put(j, "asset", f->asset);
    word_put(j, "basis", f->basis);
    word_put(j, "case", f->case_object);
    if (wanted & FACT_DEPOSIT)
        json_put_hex(j, "deposit", f->deposit.b, sizeof(f->deposit.b));
    if (wanted & FACT_EXPIRES)
        json_put_number(j, "expires", f->expires);
    word_put(j, "handling", f->handling);
    word_put(j, "holder", f->holder);
    word_put(j, "kind", f->kind);
    word_put(j, "policy", f->policy);
    word_put(j, "reason", f->reason);
    if (wanted & FACT_RECEIVED)
        json_put_u256(j, "received", f->received);
    json_object_end(j);
}

/* *ok turns false where there is no memory. */
static const char *kept(struct arena *a, const char *s, bool *ok)
{
    const char *copy = s ? arena_string(a, s, strlen(s)) : NULL;

    *ok = *ok && (copy || !s);
    return copy;
}

const struct event_facts *facts_copy(struct arena *a, const struct event_facts *f)
{
    struct event_facts *to = ARENA_NEW(a, struct event_facts);
    bool ok = to;

    if (!to)
        return NULL;
    *to = *f;
    to->asset = kept(a, f->asset, &ok);
    to->case_object = kept(a, f->case_object, &ok);
    to->holder = kept(a, f->holder, &ok);
    return ok ? to : NULL;
}
