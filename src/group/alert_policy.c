#include "group/alert_policy.h"

#include "base/yaml.h"

#define SHARE_WHOLE 1000000
#define EARLY_MINUTES_MAX 1440
#define MINUTE_MS ((uint64_t)60000)

struct alert_policy alert_policy_default(void)
{
    return (struct alert_policy){.grade_min = ALERT_LOW,
                                 .share_ppm_min = 100000,
                                 .hops_max = 30,
                                 .minutes = CHARTER_SOFT_MINUTES_MAX,
                                 .depth_min = 1,
                                 .early_minutes = 60};
}

/* ---- reading ---- */

static bool bad(const struct json *at, const char *what, struct err *err)
{
    return err_fail(err, ERR_INPUT, "line %zu: %s", at->offset, what);
}

static bool number(const struct json *o, const char *name, uint64_t *ret, struct err *err)
{
    const struct json *j = json_get(o, name);

    return !j || json_u64(j, name, ret, err) || err_in(err, "line %zu", j->offset);
}

static bool active_read(const struct json *o, bool *ret, struct err *err)
{
    const struct json *mode = json_get(o, "mode");

    if (!mode || (!json_is_string(mode, "active") && !json_is_string(mode, "off")))
        return bad(mode ? mode : o, "mode: active or off", err);
    *ret = json_is_string(mode, "active");
    return true;
}

static bool mode_read(const struct json *o, struct alert_policy *p, struct err *err)
{
    const struct json *cut = json_get(o, "cut");

    if (!active_read(o, &p->soft_holds, err))
        return false;
    if (cut && cut->type != JSON_TRUE && cut->type != JSON_FALSE)
        return bad(cut, "cut: true or false", err);
    p->cut = cut && cut->type == JSON_TRUE;
    return true;
}

static bool grade_read(const struct json *o, struct alert_policy *p, struct err *err)
{
    const struct json *grade = json_get(o, "grade_min");
    const char *name;

    if (!grade)
        return true;
    return (json_text(grade, "grade_min", &name, err) &&
            alert_grade_by_name(name, &p->grade_min)) ||
           bad(grade, "grade_min: low, medium or high", err);
}

static bool amounts_read(struct arena *a, const struct json *o, struct alert_policy *p,
                         struct err *err)
{
    struct charter_least *list;

    if (!o)
        return true;
    if (o->type != JSON_OBJECT || o->children_n > CHARTER_ASSETS_MAX)
        return bad(o, "amount_min: assets and amounts", err);
    list = ARENA_ARRAY(a, struct charter_least, o->children_n);
    if (!list)
        return err_fail(err, ERR_NOMEM, "a policy");
    p->amount_min = list;
    for (const struct json *j = o->child; j; j = j->next) {
        struct charter_least *at = &list[p->amount_min_n++];
        const char *s;

        at->asset = arena_string(a, j->key, j->key_n);
        if (!at->asset)
            return err_fail(err, ERR_NOMEM, "a policy");
        if (!fact_asset_valid(at->asset) || !json_text(j, "amount_min", &s, err) ||
            !u256_from_text(s, strlen(s), &at->amount))
            return bad(j, "amount_min: an asset, and a whole number in quotes", err);
    }
    return true;
}

bool alert_policy_read(struct arena *a, struct bytes yaml, struct alert_policy *ret,
                       struct err *err)
{
    static const char *const rooms[] = {"soft_holds", "early", NULL};
    static const char *const early_known[] = {"mode", "minutes", NULL};
    static const char *const known[] = {"mode",          "grade_min",  "depth_min",
                                        "share_ppm_min", "hops_max",   "cut",
                                        "minutes",       "amount_min", NULL};
    struct alert_policy p = alert_policy_default();
    const struct json *o, *soft, *early;

    if (!yaml_read(a, (const char *)yaml.p, yaml.n, &o, err) ||
        !json_only(o, "the policy", rooms, err))
        return false;
    soft = json_get(o, "soft_holds");
    if (soft &&
        (!json_only(soft, "soft_holds", known, err) || !mode_read(soft, &p, err) ||
         !number(soft, "share_ppm_min", &p.share_ppm_min, err) || !grade_read(soft, &p, err) ||
         !number(soft, "depth_min", &p.depth_min, err) ||
         !number(soft, "hops_max", &p.hops_max, err) || !number(soft, "minutes", &p.minutes, err) ||
         !amounts_read(a, json_get(soft, "amount_min"), &p, err)))
        return false;
    early = json_get(o, "early");
    if (early &&
        (!json_only(early, "early", early_known, err) || !active_read(early, &p.early, err) ||
         !number(early, "minutes", &p.early_minutes, err)))
        return false;
    if (p.early_minutes > EARLY_MINUTES_MAX)
        return err_fail(err, ERR_INPUT, "early: minutes: at most %d", EARLY_MINUTES_MAX);
    if (p.share_ppm_min > SHARE_WHOLE)
        return err_fail(err, ERR_INPUT, "share_ppm_min: at most %d", SHARE_WHOLE);
    *ret = p;
    return true;
}

/* ---- deciding ---- */

static bool is_enough(const struct charter_least *list, size_t n, const struct alert_found *found)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(list[i].asset, found->asset) && u256_less(found->tainted, list[i].amount))
            return false;
    return true;
}

static bool share_reaches(const struct alert_found *found, uint64_t ppm)
{
    struct u256 share;

    return u256_mul_div(found->tainted, u256_of(SHARE_WHOLE), found->received, &share) &&
           !u256_less(share, u256_of(ppm));
}

/* What more blocks do not mend, and what they do. */
static enum alert_not why_not_yet(const struct alert_policy *p, const struct alert_case *of,
                                  const struct alert_found *found)
{
    const struct alert_grounds g = {.verified = of->verified,
                                    .policy = found->policy,
                                    .tainted = found->tainted,
                                    .received = found->received,
                                    .depth = found->depth,
                                    .traced = true,
                                    .cut = found->cut,
                                    .hops = found->hops,
                                    .service = found->service};
    unsigned doubts = alert_doubts(&g);

    if (alert_grade(doubts & ~(unsigned)DOUBT_DEPTH) < p->grade_min)
        return ALERT_NOT_GRADE;
    return found->depth < p->depth_min || alert_grade(doubts) < p->grade_min ? ALERT_NOT_DEPTH
                                                                             : ALERT_NOT_NOTHING;
}

static enum alert_not why_not(const struct alert_policy *p, const struct charter_quotas *q,
                              const struct alert_case *of, const struct alert_found *found)
{
    if (!p->soft_holds || !p->minutes || !q->soft_minutes)
        return ALERT_NOT_MODE;
    if (!of->live || of->over_quota)
        return ALERT_NOT_CASE;
    if (of->handling.what != HANDLING_HOLD)
        return ALERT_NOT_HANDLING;
    if (of->disputed)
        return ALERT_NOT_DISPUTED;
    if (found->policy == TRACE_POISON)
        return ALERT_NOT_POISON;
    if (!share_reaches(found, p->share_ppm_min) || !share_reaches(found, q->soft_share_ppm))
        return ALERT_NOT_SHARE;
    if (u256_zero(found->tainted) || !is_enough(p->amount_min, p->amount_min_n, found) ||
        !is_enough(q->soft_amount, q->soft_amount_n, found))
        return ALERT_NOT_AMOUNT;
    if (found->hops > p->hops_max)
        return ALERT_NOT_HOPS;
    if (found->cut && !p->cut)
        return ALERT_NOT_CUT;
    if (!of->verified && of->deposit_had_soft)
        return ALERT_NOT_SECOND;
    if (!of->verified && of->soft_n >= q->soft_unverified)
        return ALERT_NOT_UNVERIFIED;
    return why_not_yet(p, of, found);
}

struct alert_advice alert_policy(const struct alert_policy *p, const struct charter *c,
                                 const struct alert_case *of, const struct alert_found *found,
                                 uint64_t now_ms)
{
    const struct charter_quotas *q = &c->quotas;
    uint64_t minutes = p->minutes < q->soft_minutes ? p->minutes : q->soft_minutes;
    struct alert_advice a = {.tell = of->live && !of->over_quota && !u256_zero(found->tainted) &&
                                     of->handling.what != HANDLING_NONE,
                             .why = why_not(p, q, of, found)};

    a.hold = a.tell && a.why == ALERT_NOT_NOTHING;
    if (a.hold) {
        a.amount = found->tainted;
        a.expires = now_ms + minutes * MINUTE_MS;
    }
    return a;
}

const char *alert_not_text(enum alert_not why)
{
    switch (why) {
    case ALERT_NOT_NOTHING:
        return "";
    case ALERT_NOT_MODE:
        return "no soft holds by this member's policy";
    case ALERT_NOT_CASE:
        return "its case is not live, or over its member's quota";
    case ALERT_NOT_DISPUTED:
        return "its case is disputed";
    case ALERT_NOT_POISON:
        return "by poison a machine holds nothing";
    case ALERT_NOT_SHARE:
        return "too small a share of the deposit";
    case ALERT_NOT_AMOUNT:
        return "too small an amount";
    case ALERT_NOT_HOPS:
        return "too many hops away";
    case ALERT_NOT_CUT:
        return "the trace of its case is cut short";
    case ALERT_NOT_UNVERIFIED:
        return "its case is not verified";
    case ALERT_NOT_GRADE:
        return "its grade is lower than this member's policy wants";
    case ALERT_NOT_DEPTH:
        return "it is not deep enough in the chain yet";
    case ALERT_NOT_SECOND:
        return "the deposit has had a soft hold on a case that is not verified";
    case ALERT_NOT_HANDLING:
        return "its case is to be observed, or left alone";
    }
    return NULL;
}
