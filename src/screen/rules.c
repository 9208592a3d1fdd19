/* Rules are read into rows of plain numbers and words; matching them is a walk over the rows. */
#include "screen/rules.h"

#include "base/yaml.h"

#include <strings.h>

#define PER_MILLION 1000000u
#define DECIMALS_MAX 36

struct words { /* one of them must be it; none: anything goes */
    const char **at;
    size_t n;
};

struct amount {        /* at least so much of an asset, whatever its decimals */
    const char *asset; /* NULL: not asked for */
    struct u256 least[DECIMALS_MAX + 1];
};

struct rule {
    const char *id, *why;
    bool shadow;
    enum screen_decision then[SCREEN_DIRECTIONS];
    bool answers[SCREEN_DIRECTIONS]; /* does it have a decision for that direction? */
    /* of the question */
    struct amount transfer;
    uint64_t data_age_min, list_age_min;
    uint32_t subject; /* a bit each; 0: any */
    /* of one reason */
    bool asks;                /* any of these */
    uint32_t evidence, about; /* a bit each; 0: any */
    struct words category, list, case_id, source, state;
    int exposure, flow, own, exact; /* -1: either; 1: direct, received, own, exact; 0: the other */
    struct amount amount;
    uint32_t share_min, hops_max, score_min, confidence_min;
};

struct answer { /* of outage, old_data, no_ledger, otherwise */
    enum screen_decision then[SCREEN_DIRECTIONS];
};

struct rules {
    struct hash32 hash;
    struct rule *at;
    size_t n;
    struct answer outage, old_data, no_ledger, otherwise;
    uint64_t old_after;
    struct rules_exposure exposure;
    bool ask_who;
};

/* ---- reading ---- */

static bool bad(const struct json *j, struct err *err, const char *what)
{
    return err_fail(err, ERR_INPUT, "line %zu: %s", j->offset, what);
}

static bool known(const struct json *j, const char *const *names, struct err *err)
{
    struct err told;

    return json_only(j, "", names, &told) ||
           err_fail(err, ERR_INPUT, "line %zu: %s", j->offset, told.text);
}

static bool word(const struct json *j, const char *what, const char **ret, struct err *err)
{
    struct err told;

    return (j && json_text(j, what, ret, &told) && **ret) ||
           err_fail(err, ERR_INPUT, "line %zu: %s: a word is wanted", j ? j->offset : 1, what);
}

static bool decision(const struct json *j, enum screen_direction of, enum screen_decision *ret,
                     struct err *err)
{
    for (int d = 0; d < SCREEN_DECISIONS; d++)
        if (json_is_string(j, screen_decision_name((enum screen_decision)d))) {
            *ret = (enum screen_decision)d;
            return screen_decision_fits(*ret, of) ||
                   err_fail(err, ERR_INPUT, "line %zu: %s is no decision on what is %s", j->offset,
                            screen_decision_name(*ret), screen_direction_name(of));
        }
    return bad(j, err, "a decision is wanted: CREDIT, ALLOW, REVIEW, HOLD, REJECT, BLOCK, UNKNOWN");
}

/* {inbound: REVIEW, outbound: HOLD}; of a rule either may be left out, or one word stands for the
 * directions that it fits. */
static bool decisions(const struct json *j, struct rule *ret, struct err *err)
{
    bool any = false;

    for (int d = 0; d < SCREEN_DIRECTIONS; d++) {
        const char *name = screen_direction_name((enum screen_direction)d);
        const struct json *of = j->type == JSON_OBJECT ? json_get(j, name) : j;
        struct err told;

        ret->answers[d] = of && decision(of, (enum screen_direction)d, &ret->then[d],
                                         j->type == JSON_OBJECT ? err : &told);
        if (of && j->type == JSON_OBJECT && !ret->answers[d])
            return false;
        any |= ret->answers[d];
    }
    if (any)
        return true;
    return j->type == JSON_STRING ? decision(j, SCREEN_INBOUND, &ret->then[0], err)
                                  : bad(j, err, "then: what is decided is wanted");
}

static bool answer(const struct json *root, const char *name, const char *const *names,
                   struct answer *ret, const struct json **ret_json, struct err *err)
{
    const struct json *j = json_get(root, name);
    struct rule r = {0};

    if (!j)
        return err_fail(err, ERR_INPUT, "line %zu: %s is missing: say what is decided then",
                        root->offset, name);
    if (j->type != JSON_OBJECT)
        return bad(j, err, "inbound and outbound are wanted");
    if (!known(j, names, err) || !decisions(j, &r, err))
        return false;
    if (!r.answers[SCREEN_INBOUND] || !r.answers[SCREEN_OUTBOUND])
        return bad(j, err, "both inbound and outbound are wanted");
    memcpy(ret->then, r.then, sizeof(ret->then));
    *ret_json = j;
    return true;
}

static bool words(struct arena *a, const struct json *j, struct words *ret, struct err *err)
{
    const struct json *first = j && j->type == JSON_ARRAY ? j->child : j;
    size_t n = !j ? 0 : j->type == JSON_ARRAY ? j->children_n : 1;

    if (!j)
        return true;
    if (!n || n > RULE_WORDS_MAX)
        return err_fail(err, n ? ERR_LIMIT : ERR_INPUT, "line %zu: one to %d words are wanted",
                        j->offset, RULE_WORDS_MAX);
    ret->at = ARENA_ARRAY(a, const char *, n);
    if (!ret->at)
        return err_fail(err, ERR_NOMEM, "rules");
    for (const struct json *w = first; ret->n < n; w = w->next, ret->n++)
        if (!word(w, j->key, &ret->at[ret->n], err))
            return false;
    return true;
}

static const char *evidence_word(int i)
{
    return screen_evidence_name((enum screen_evidence)i);
}

static const char *subject_word(int i)
{
    return screen_subject_name((enum screen_subject)i);
}

static const char *about_word(int i)
{
    return screen_about_name((enum screen_about)i);
}

/* Some of a few words, a bit each. */
static bool bits(struct arena *a, const struct json *j, const char *(*name)(int i), int n,
                 const char *wanted, uint32_t *ret, struct err *err)
{
    struct words w = {0};

    if (!words(a, j, &w, err))
        return false;
    for (size_t i = 0; i < w.n; i++) {
        int k = 0;

        while (k < n && strcmp(w.at[i], name(k)) != 0)
            k++;
        if (k == n)
            return bad(j, err, wanted);
        *ret |= 1u << k;
    }
    return true;
}

/* One of two words, or -1 where nothing is said. */
static bool either(const struct json *j, const char *yes, const char *no, int *ret, struct err *err)
{
    *ret = !j ? -1 : json_is_string(j, yes);
    return !j || *ret || json_is_string(j, no) ||
           err_fail(err, ERR_INPUT, "line %zu: %s or %s is wanted", j->offset, yes, no);
}

/* A decimal with up to three parts: digits, point, digits, and a unit behind white space. */
static bool number_and_unit(const struct json *j, const char **ret_unit, size_t *ret_digits)
{
    size_t n;

    if (!j->text)
        return false;
    n = strspn(j->text, "0123456789.");
    *ret_digits = n;
    *ret_unit = j->text + n + strspn(j->text + n, " ");
    return n > 0;
}

/* "10 %", "0.5 %", or "2500 ppm" */
static bool share(const struct json *j, uint32_t *ret, struct err *err)
{
    const char *unit;
    size_t n;
    struct u256 v;
    unsigned decimals = 0;

    if (!j)
        return true;
    if (number_and_unit(j, &unit, &n)) {
        if (!strcmp(unit, "%"))
            decimals = 4;
        if ((decimals || !strcmp(unit, "ppm")) && u256_from_decimal(j->text, n, decimals, &v) &&
            !u256_less(u256_of(PER_MILLION), v)) {
            *ret = (uint32_t)v.w[0];
            return true;
        }
    }
    return bad(j, err, "a share is wanted, as \"10 %\" or \"2500 ppm\"");
}

static bool seconds(const struct json *j, uint64_t *ret, struct err *err)
{
    static const struct {
        const char *unit;
        uint64_t seconds;
    } units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    const char *unit;
    size_t n;

    if (!j)
        return true;
    if (number_and_unit(j, &unit, &n) && u64_from_text(j->text, n, ret))
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
            if (!strcmp(unit, units[i].unit) && *ret <= UINT32_MAX) {
                *ret *= units[i].seconds;
                return true;
            }
    return bad(j, err, "a time is wanted, as 90s, 30m, 12h or 2d");
}

static bool whole(const struct json *j, uint32_t max, uint32_t *ret, struct err *err)
{
    uint64_t v;
    struct err told;

    if (!j)
        return true;
    if (!json_u64(j, "", &v, &told) || v > max)
        return err_fail(err, ERR_INPUT, "line %zu: a whole number up to %u is wanted", j->offset,
                        max);
    *ret = (uint32_t)v;
    return true;
}

/* "0.5 BTC": for each number of decimals the least amount that is not below it. */
static bool amount(const struct json *j, struct amount *ret, struct err *err)
{
    const char *unit;
    size_t n;

    if (!j)
        return true;
    if (!number_and_unit(j, &unit, &n) || !*unit)
        return bad(j, err, "an amount is wanted, as \"0.5 BTC\"");
    ret->asset = unit;
    for (unsigned d = 0; d <= DECIMALS_MAX; d++) {
        const char *point = memchr(j->text, '.', n);
        size_t digits = point ? (size_t)(j->text + n - point - 1) : 0, kept = n;
        bool more = false;

        if (digits > d) { /* rounded up */
            for (size_t i = n - (digits - d); i < n; i++)
                more |= j->text[i] != '0';
            kept = d ? n - (digits - d) : (size_t)(point - j->text);
        }
        if (!u256_from_decimal(j->text, kept, d, &ret->least[d]) ||
            !u256_add(ret->least[d], u256_of(more), &ret->least[d]))
            return bad(j, err, "an amount is wanted, as \"0.5 BTC\"");
    }
    return true;
}

static bool among(const struct words *w, const char *s)
{
    if (!w->n)
        return true;
    for (size_t i = 0; s && i < w->n; i++)
        if (!strcmp(w->at[i], s))
            return true;
    return false;
}

/* Of a live case of the group. */
static bool states(struct arena *a, const struct json *j, struct words *ret, struct err *err)
{
    static const char *const names[] = {"reported", "verified", "disputed", "active", "contained"};
    const struct words known = {(const char **)names, sizeof(names) / sizeof(names[0])};

    if (!words(a, j, ret, err))
        return false;
    for (size_t i = 0; i < ret->n; i++)
        if (!among(&known, ret->at[i]))
            return bad(j, err, "state is reported, verified, disputed, active or contained");
    return true;
}

static bool conditions(struct arena *a, const struct json *j, struct rule *r, struct err *err)
{
    static const char *const names[] = {"direction",    "transfer_min",
                                        "data_age_min", "list_age_min",
                                        "evidence",     "category",
                                        "list",         "case",
                                        "source",       "exposure",
                                        "flow",         "tag",
                                        "amount_min",   "share_min",
                                        "hops_max",     "match",
                                        "score_min",    "confidence_min",
                                        "subject",      "about",
                                        "state",        NULL};
    int direction;

    r->exposure = r->flow = r->own = r->exact = -1;
    r->hops_max = UINT32_MAX;
    if (!j)
        return true;
    if (j->type != JSON_OBJECT)
        return bad(j, err, "when: conditions are wanted");
    if (!known(j, names, err) ||
        !either(json_get(j, "direction"), "inbound", "outbound", &direction, err) ||
        !amount(json_get(j, "transfer_min"), &r->transfer, err) ||
        !seconds(json_get(j, "data_age_min"), &r->data_age_min, err) ||
        !seconds(json_get(j, "list_age_min"), &r->list_age_min, err) ||
        !bits(a, json_get(j, "subject"), subject_word, SCREEN_SUBJECTS,
              "subject is address, name or transfer", &r->subject, err) ||
        !bits(a, json_get(j, "evidence"), evidence_word, SCREEN_EVIDENCES,
              "evidence is listed, tagged, entity, exposed or held", &r->evidence, err) ||
        !bits(a, json_get(j, "about"), about_word, SCREEN_ABOUTS,
              "about is subject, payer, payee or transfer", &r->about, err) ||
        !words(a, json_get(j, "category"), &r->category, err) ||
        !words(a, json_get(j, "list"), &r->list, err) ||
        !words(a, json_get(j, "case"), &r->case_id, err) ||
        !words(a, json_get(j, "source"), &r->source, err) ||
        !states(a, json_get(j, "state"), &r->state, err) ||
        !either(json_get(j, "exposure"), "direct", "indirect", &r->exposure, err) ||
        !either(json_get(j, "flow"), "received", "sent", &r->flow, err) ||
        !either(json_get(j, "tag"), "own", "public", &r->own, err) ||
        !amount(json_get(j, "amount_min"), &r->amount, err) ||
        !share(json_get(j, "share_min"), &r->share_min, err) ||
        !whole(json_get(j, "hops_max"), UINT32_MAX - 1, &r->hops_max, err) ||
        !either(json_get(j, "match"), "exact", "alike", &r->exact, err) ||
        !whole(json_get(j, "score_min"), 1000, &r->score_min, err) ||
        !whole(json_get(j, "confidence_min"), 100, &r->confidence_min, err))
        return false;
    if (direction >= 0)
        r->answers[direction ? SCREEN_OUTBOUND : SCREEN_INBOUND] = false;
    /* what speaks of exposure speaks of exposure alone */
    if (r->exposure >= 0 || r->flow >= 0 || r->amount.asset || r->share_min ||
        r->hops_max != UINT32_MAX) {
        uint32_t exposed = 1u << SCREEN_EXPOSED;

        if (r->evidence && r->evidence != exposed)
            return bad(j, err,
                       "exposure, flow, amount_min, share_min and hops_max are of what is "
                       "exposed");
        r->evidence = exposed;
    }
    r->asks = r->evidence || r->category.n || r->list.n || r->case_id.n || r->source.n ||
              r->state.n || r->own >= 0 || r->exact >= 0 || r->score_min || r->confidence_min ||
              r->about;
    return true;
}

static bool rule(struct arena *a, const struct json *j, struct rule *r, struct err *err)
{
    static const char *const names[] = {"id", "why", "mode", "when", "then", NULL};
    const struct json *mode, *then;
    int active;

    if (j->type != JSON_OBJECT)
        return bad(j, err, "a rule is wanted: id, mode, when, then");
    if (!known(j, names, err) || !word(json_get(j, "id"), "id", &r->id, err))
        return false;
    mode = json_get(j, "mode");
    then = json_get(j, "then");
    if (!mode || !then)
        return bad(j, err, "a rule has id, mode and then");
    if (json_get(j, "why") && !word(json_get(j, "why"), "why", &r->why, err))
        return false;
    if (!either(mode, "active", "shadow", &active, err) || !decisions(then, r, err) ||
        !conditions(a, json_get(j, "when"), r, err))
        return false;
    r->shadow = !active;
    return r->answers[SCREEN_INBOUND] || r->answers[SCREEN_OUTBOUND] ||
           bad(j, err, "it decides nothing of that direction");
}

/* Of what is exposed. */
static bool asks_who(const struct rule *r)
{
    return (!r->evidence || r->evidence & 1u << SCREEN_EXPOSED) &&
           (r->source.n || r->own >= 0 || r->confidence_min);
}

static bool rules_list(struct arena *a, const struct json *list, struct rules *r, struct err *err)
{
    if (!list)
        return true;
    if (list->type != JSON_ARRAY)
        return bad(list, err, "rules: a list is wanted");
    if (list->children_n > RULES_MAX)
        return err_fail(err, ERR_LIMIT, "line %zu: more than %d rules", list->offset, RULES_MAX);
    r->at = ARENA_ARRAY(a, struct rule, list->children_n);
    if (!r->at)
        return err_fail(err, ERR_NOMEM, "rules");
    for (const struct json *j = list->child; j; j = j->next, r->n++) {
        if (!rule(a, j, &r->at[r->n], err))
            return false;
        r->ask_who |= asks_who(&r->at[r->n]);
        for (size_t i = 0; i < r->n; i++)
            if (!strcmp(r->at[i].id, r->at[r->n].id))
                return err_fail(err, ERR_INPUT, "line %zu: the id \"%s\" was given before",
                                j->offset, r->at[i].id);
    }
    return true;
}

static bool exposure(const struct json *j, struct rules_exposure *ret, struct err *err)
{
    static const char *const names[] = {"policy", "cut", NULL};
    const struct json *policy;

    *ret = (struct rules_exposure){TRACE_HAIRCUT, RULES_CUT_PPM};
    if (!j)
        return true;
    if (j->type != JSON_OBJECT)
        return bad(j, err, "exposure: policy and cut are wanted");
    if (!known(j, names, err) || !share(json_get(j, "cut"), &ret->cut_ppm, err))
        return false;
    policy = json_get(j, "policy");
    return !policy ||
           ((policy->type == JSON_STRING && trace_policy_from_name(policy->text, &ret->policy) &&
             (ret->policy == TRACE_HAIRCUT || ret->policy == TRACE_TIHO ||
              ret->policy == TRACE_POISON)) ||
            bad(policy, err, "policy: haircut, tiho or poison"));
}

bool rules_read(struct arena *a, const char *p, size_t n, const struct rules **ret, struct err *err)
{
    static const char *const names[] = {"rules",     "outage",   "old_data", "no_ledger",
                                        "otherwise", "exposure", NULL};
    static const char *const both[] = {"inbound", "outbound", NULL}, *const aged[] = {
                                                                         "after", "inbound",
                                                                         "outbound", NULL};
    struct rules *r = ARENA_NEW(a, struct rules);
    const struct json *root, *j;

    if (!r)
        return err_fail(err, ERR_NOMEM, "rules");
    if (!yaml_read(a, p, n, &root, err))
        return false;
    if (root->type != JSON_OBJECT)
        return bad(root, err, "rules, outage, old_data, no_ledger and otherwise are wanted");
    if (!known(root, names, err) || !rules_list(a, json_get(root, "rules"), r, err) ||
        !answer(root, "outage", both, &r->outage, &j, err) ||
        !answer(root, "no_ledger", both, &r->no_ledger, &j, err) ||
        !answer(root, "otherwise", both, &r->otherwise, &j, err) ||
        !exposure(json_get(root, "exposure"), &r->exposure, err) ||
        !answer(root, "old_data", aged, &r->old_data, &j, err))
        return false;
    if (!json_get(j, "after"))
        return bad(j, err, "old_data: after is wanted, as 30m");
    if (!seconds(json_get(j, "after"), &r->old_after, err))
        return false;
    r->hash = sha256(p, n);
    *ret = r;
    return true;
}

struct rules_exposure rules_exposure(const struct rules *r)
{
    return r->exposure;
}

bool rules_ask_who(const struct rules *r)
{
    return r->ask_who;
}

struct hash32 rules_hash(const struct rules *r)
{
    return r->hash;
}

size_t rules_n(const struct rules *r)
{
    return r->n;
}

struct rule_about rules_about(const struct rules *r, size_t i)
{
    return (struct rule_about){r->at[i].id, r->at[i].why, r->at[i].shadow};
}

/* ---- deciding ---- */

static bool reaches(const struct amount *least, const char *asset, unsigned decimals,
                    struct u256 amount)
{
    return !least->asset ||
           (asset && !strcasecmp(least->asset, asset) && decimals <= DECIMALS_MAX &&
            !u256_less(amount, least->least[decimals]));
}

static bool is_either(int asked, bool is)
{
    return asked < 0 || (asked != 0) == is;
}

static bool matches(const struct rule *r, const struct screen_reason *x)
{
    if (x->quiet || (r->evidence && !(r->evidence & 1u << x->evidence)) ||
        (r->about && !(r->about & 1u << x->about)))
        return false;
    if (!among(&r->category, x->category) || !among(&r->list, x->list) ||
        !among(&r->case_id, x->case_id) || !among(&r->source, x->source) ||
        !is_either(r->own, x->own))
        return false;
    /* what nobody vouches for decides nothing where the rule does not say that it may */
    if (r->state.n ? !x->state || !among(&r->state, x->state) : x->unverified)
        return false;
    if (r->exact >= 0 && (x->evidence != SCREEN_LISTED || !is_either(r->exact, x->exact)))
        return false;
    if (r->score_min && (x->exact ? 1000 : x->score) < r->score_min)
        return false;
    if (r->confidence_min && x->confidence < r->confidence_min)
        return false;
    return x->evidence != SCREEN_EXPOSED ||
           (is_either(r->exposure, x->direct) && is_either(r->flow, x->received) &&
            x->share_ppm >= r->share_min && x->hops <= r->hops_max &&
            reaches(&r->amount, x->asset, x->decimals, x->amount));
}

static bool old(uint64_t age, uint64_t least)
{
    return !least || (age != SCREEN_AGE_UNKNOWN && age >= least);
}

/* A bit for each evidence that there is a reason of. */
static uint32_t evidences(const struct screen_facts *f)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < f->reasons_n; i++)
        bits |= 1u << f->reasons[i].evidence;
    return bits;
}

/* Does the rule match, and by which reason? */
static bool applies(const struct rule *r, const struct screen_facts *f, uint32_t there,
                    size_t *ret_reason)
{
    *ret_reason = SIZE_MAX;
    if (r->asks && !(r->evidence ? r->evidence & there : there))
        return false;
    if (!r->answers[f->direction] || (r->subject && !(r->subject & 1u << f->subject)) ||
        !reaches(&r->transfer, f->asset, f->decimals, f->amount) ||
        !old(f->data_age, r->data_age_min) || !old(f->list_age, r->list_age_min))
        return false;
    for (size_t i = 0; r->asks && i < f->reasons_n; i++)
        if (matches(r, &f->reasons[i])) {
            *ret_reason = i;
            return true;
        }
    return !r->asks;
}

/* How much is withheld; what differs only by direction is alike. */
static int strictness(enum screen_decision d)
{
    switch (d) {
    case SCREEN_CREDIT:
    case SCREEN_ALLOW:
        return 0;
    case SCREEN_UNKNOWN:
        return 1;
    case SCREEN_REVIEW:
    case SCREEN_HOLD:
        return 2;
    case SCREEN_REJECT:
        return 3;
    case SCREEN_BLOCK:
        return 4;
    }
    return 0;
}

/* The listed or held reason that asks for most, and what it asks for; false: none does. */
static bool floor_of(const struct screen_facts *f, enum screen_decision *ret, size_t *ret_reason)
{
    size_t like = SIZE_MAX;

    for (size_t i = 0; i < f->reasons_n; i++) {
        const struct screen_reason *x = &f->reasons[i];

        if ((x->evidence != SCREEN_LISTED && x->evidence != SCREEN_HELD) || x->quiet)
            continue;
        if (x->evidence == SCREEN_LISTED && x->exact) {
            *ret = SCREEN_BLOCK;
            *ret_reason = i;
            return true;
        }
        like = like == SIZE_MAX ? i : like;
    }
    *ret = f->direction == SCREEN_INBOUND ? SCREEN_REVIEW : SCREEN_HOLD;
    *ret_reason = like;
    return like != SIZE_MAX;
}

/* A rule that is about what is listed may decide less than a BLOCK (a list that does not bind
 * here), but none lets it pass; one about something else does not speak of it. */
static void keep_floor(const struct screen_facts *f, struct verdict *v)
{
    enum screen_decision least;
    size_t reason;

    if (!floor_of(f, &least, &reason))
        return;
    if (v->by == BY_RULE && v->reason != SIZE_MAX &&
        f->reasons[v->reason].evidence == SCREEN_LISTED)
        least = f->direction == SCREEN_INBOUND ? SCREEN_REVIEW : SCREEN_HOLD;
    if (strictness(v->decision) >= strictness(least))
        return;
    v->decision = least;
    v->by = BY_FLOOR;
    v->rule = v->why = NULL;
    v->reason = reason;
}

static void settle(const struct rules *r, const struct screen_facts *f, struct verdict *v)
{
    const struct answer *a;

    if (f->outage) {
        v->by = BY_OUTAGE;
        a = &r->outage;
    } else if (f->of_chain && f->covered && old(f->data_age, r->old_after)) {
        v->by = BY_OLD_DATA;
        a = &r->old_data;
    } else if (f->of_chain && !f->covered) {
        v->by = BY_NO_LEDGER;
        a = &r->no_ledger;
    } else {
        v->by = BY_OTHERWISE;
        a = &r->otherwise;
    }
    v->decision = a->then[f->direction];
}

struct verdict rules_decide(const struct rules *r, const struct screen_facts *f)
{
    struct verdict v = {.reason = SIZE_MAX};
    uint32_t there = evidences(f);
    bool decided = false;

    for (size_t i = 0; i < r->n && !decided; i++) {
        const struct rule *at = &r->at[i];
        size_t reason;

        if (!applies(at, f, there, &reason))
            continue;
        if (!at->shadow) {
            v.decision = at->then[f->direction];
            v.by = BY_RULE;
            v.rule = at->id;
            v.why = at->why;
            v.reason = reason;
            decided = true;
        } else if (v.shadow_n < VERDICT_SHADOWS_MAX) {
            v.shadow[v.shadow_n++] =
                (struct verdict_shadow){at->id, at->then[f->direction], reason};
        } else {
            v.shadow_more = true;
        }
    }
    if (!decided)
        settle(r, f, &v);
    keep_floor(f, &v);
    return v;
}

const char *verdict_by_name(enum verdict_by by)
{
    switch (by) {
    case BY_RULE:
        return "rule";
    case BY_FLOOR:
        return "floor";
    case BY_OUTAGE:
        return "outage";
    case BY_OLD_DATA:
        return "old_data";
    case BY_NO_LEDGER:
        return "no_ledger";
    case BY_OTHERWISE:
        return "otherwise";
    }
    return "";
}
