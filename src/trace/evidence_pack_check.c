/* Does an evidence pack hold? Its statement's hash, the evidence, that both are of one case, chain
 * and policy, that the statement fits its own case and trace, and the time stamps. */
#include "trace/evidence_pack.h"

#include "base/json_canonical.h"
#include "chain/dialect.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <string.h>

#define PACK_BYTES_MAX ((size_t)8 << 30)

static bool does_not(struct evidence_pack_answer *r, const char *what)
{
    r->holds = false;
    snprintf(r->text, sizeof(r->text), "%s", what);
    return true; /* it is an answer */
}

static bool statement_check(struct arena *a, struct evidence_pack_answer *r, struct err *err)
{
    const struct json *statement = json_get(r->document, "statement");
    struct text to = text_new(PACK_BYTES_MAX);
    struct hash32 stated;
    const char *hex;
    bool ok;

    if (!statement)
        return err_fail(err, ERR_INPUT, "statement: missing");
    if (!json_text(json_get(r->document, "statement_sha256"), "statement_sha256", &hex, err))
        return false;
    ok = json_canonical_put(a, statement, &to, err) && text_end(&to, err);
    if (ok) {
        r->statement = sha256(to.p, to.n);
        if (!hex_decode(hex, strlen(hex), stated.b, sizeof(stated.b)) ||
            !hash32_equal(&stated, &r->statement))
            does_not(r, "statement: it has another SHA-256 than statement_sha256");
    }
    text_free(&to);
    return ok;
}

/* The trace itself is what the evidence of accounts proves. */
static bool accounts_check(struct arena *a, struct evidence_pack_answer *r, struct err *err)
{
    const struct json *trace = json_get(json_get(r->document, "statement"), "trace");

    r->of_accounts = true;
    if (!json_is_string(json_get(trace, "schema"), ACCOUNT_TRACE_SCHEMA))
        return does_not(r, "statement: its trace is of another kind than the evidence");
    if (!account_evidence_prove(a, json_get(r->document, "evidence"), trace, &r->accounts, err))
        return err_in(err, "evidence");
    return r->accounts.proven || does_not(r, r->accounts.text);
}

static bool several_check(struct arena *a, struct evidence_pack_answer *r, struct err *err)
{
    const struct json *trace = json_get(json_get(r->document, "statement"), "trace");

    r->of_several = true;
    if (!json_is_string(json_get(trace, "schema"), LEDGERS_TRACE_SCHEMA))
        return does_not(r, "statement: its trace is of another kind than the evidence");
    if (!ledgers_evidence_prove(a, json_get(r->document, "evidence"), trace, &r->several, err))
        return err_in(err, "evidence");
    return r->several.proven || does_not(r, r->several.text);
}

static bool evidence_check(struct arena *a, struct evidence_pack_answer *r, struct err *err)
{
    const struct json *evidence = json_get(r->document, "evidence"),
                      *trace = json_get(json_get(r->document, "statement"), "trace");
    struct text to = text_new(PACK_BYTES_MAX);
    struct json_out j = json_to(&to, false);
    bool ok;

    if (!evidence)
        return err_fail(err, ERR_INPUT, "evidence: missing");
    if (json_is_string(json_get(evidence, "schema"), ACCOUNT_EVIDENCE_SCHEMA)) {
        text_free(&to);
        return accounts_check(a, r, err);
    }
    if (json_is_string(json_get(evidence, "schema"), LEDGERS_EVIDENCE_SCHEMA)) {
        text_free(&to);
        return several_check(a, r, err);
    }
    json_tree(&j, evidence);
    if (!json_is_string(json_get(trace, "schema"), TRACE_SCHEMA)) {
        text_free(&to);
        return does_not(r, "statement: its trace is of another kind than the evidence");
    }
    ok = text_end(&to, err) && (evidence_prove_trace(a, (struct bytes){(const uint8_t *)to.p, to.n},
                                                     trace, &r->evidence, err) ||
                                err_in(err, "evidence"));
    if (ok && !r->evidence.proven)
        does_not(r, r->evidence.text);
    text_free(&to);
    return ok;
}

static bool same_scalar(const struct json *one, const struct json *other)
{
    return one && other && one->type == other->type && one->text_n == other->text_n &&
           (!one->text_n || !memcmp(one->text, other->text, one->text_n));
}

static bool same_members(const struct json *one, const struct json *other, const char *const *names)
{
    for (; *names; names++)
        if (!same_scalar(json_get(one, *names), json_get(other, *names)))
            return false;
    return true;
}

static bool same_number(const struct json *object, const char *name, size_t n)
{
    struct err ignored;
    uint64_t got;

    return json_u64(json_get(object, name), name, &got, &ignored) && got == n;
}

/* What was found out stands beside what others would have said: the first row is the trace's. */
static bool sums_agree(const struct json *row, const struct json *trace)
{
    static const char *const names[] = {"origin", "held", "exits",      "fees",
                                        "cut",    "dust", "unresolved", NULL};
    const struct json *totals = json_get(trace, "totals"), *assets = json_get(row, "assets");
    const struct json *t = totals ? totals->child : NULL, *s = assets ? assets->child : NULL;

    if (!same_scalar(json_get(row, "policy"), json_get(trace, "policy")) ||
        !same_scalar(json_get(row, "exact"), json_get(trace, "exact")))
        return false;
    if (!assets)
        return same_members(row, totals, names);
    for (; t && s; t = t->next, s = s->next)
        if (!same_scalar(json_get(t, "asset"), json_get(s, "asset")) ||
            !same_scalar(json_get(t, "decimals"), json_get(s, "decimals")) ||
            !same_members(t, s, names))
            return false;
    return !t && !s;
}

static bool roots_agree(const struct json *by_roots, const struct account_evidence_roots *r)
{
    return !by_roots || (same_number(by_roots, "blocks", r->blocks_n) &&
                         same_number(by_roots, "transactions", r->transactions_n) &&
                         same_number(by_roots, "transfers", r->transfers_n) &&
                         same_number(by_roots, "not_internals", r->internals_n) &&
                         same_number(by_roots, "not_outside", r->outside_n) &&
                         same_number(by_roots, "not_fees", r->fees_n) &&
                         same_number(by_roots, "not_others", r->without_n) &&
                         (r->signed_n ? same_number(by_roots, "signed", r->signed_n) &&
                                            same_number(by_roots, "signed_transfers", r->said_n)
                                      : !json_get(by_roots, "signed")));
}

static bool decimal_of(const struct json *object, const char *name, uint64_t *ret)
{
    const struct json *v = json_get(object, name);

    return v && v->type == JSON_STRING && u64_from_text(v->text, v->text_n, ret);
}

static bool coins_sums_agree(const struct json *row, const struct json *totals)
{
    uint64_t exits, out, all, in,
        told = 0; /* of coins the trace leaves converted_in out if it is 0 */

    if (!decimal_of(row, "converted_in", &in) ||
        (json_get(totals, "converted_in") && !decimal_of(totals, "converted_in", &told)) ||
        in != told)
        return false;
    return decimal_of(row, "exits", &exits) && decimal_of(row, "converted_out", &out) &&
           decimal_of(totals, "exits", &all) && !__builtin_add_overflow(exits, out, &exits) &&
           exits == all;
}

/* Each part's sums of the first row, against the trace's. Of coins the trace counts what went on by
 * a route among its exits. */
static bool part_sums_agree(const struct json *row, const struct json *part, bool coins)
{
    static const char *const names[] = {"origin", "held",       "fees", "cut",
                                        "dust",   "unresolved", NULL};
    static const char *const of_accounts[] = {"exits", "converted_in", "converted_out", NULL};
    const struct json *t = json_get(part, "totals"), *assets = json_get(row, "assets");
    const struct json *s = assets ? assets->child : NULL;

    if (!same_scalar(json_get(row, "chain"), json_get(part, "chain")))
        return false;
    if (coins)
        return s && !s->next && coins_sums_agree(s, t) && same_members(s, t, names);
    for (t = t ? t->child : NULL; t && s; t = t->next, s = s->next)
        if (!same_scalar(json_get(t, "asset"), json_get(s, "asset")) ||
            !same_scalar(json_get(t, "decimals"), json_get(s, "decimals")) ||
            !same_members(t, s, names) || !same_members(t, s, of_accounts))
            return false;
    return !t && !s;
}

static bool several_sums_agree(const struct json *row, const struct json *trace)
{
    const struct json *rows = json_get(row, "parts"), *parts = json_get(trace, "parts");
    const struct json *s = rows ? rows->child : NULL, *t = parts ? parts->child : NULL;

    if (!same_scalar(json_get(row, "policy"), json_get(trace, "policy")) ||
        !same_scalar(json_get(row, "exact"), json_get(trace, "exact")))
        return false;
    for (; t && s; t = t->next, s = s->next)
        if (!part_sums_agree(s, t, json_is_string(json_get(t, "schema"), TRACE_SCHEMA)))
            return false;
    return !t && !s;
}

static bool several_agree(struct evidence_pack_answer *r)
{
    const struct json *statement = json_get(r->document, "statement");
    const struct json *trace = json_get(statement, "trace");
    const struct json *list = json_get(statement, "acquisition"),
                      *rows = json_get(statement, "sensitivity"),
                      *id = json_get(json_get(statement, "case"), "id");
    const struct json *got = list ? list->child : NULL;

    for (size_t i = 0; i < r->several.parts_n; i++, got = got ? got->next : NULL) {
        const struct ledgers_evidence_part *p = &r->several.parts[i];

        if (!json_is_string(json_get(got, "chain"),
                            p->of_coins ? p->coins.chain : p->accounts.chain))
            return does_not(r, "statement: acquired was another chain than the trace's");
        if (!p->of_coins && !roots_agree(json_get(got, "by_roots"), &p->accounts.roots))
            return does_not(r, "statement: by_roots is not what the blocks prove");
    }
    if (got || (id && !same_scalar(id, json_get(trace, "case"))))
        return does_not(r, got ? "statement: more was acquired than is proven"
                               : "statement: its trace is of another case");
    if (!same_scalar(json_get(json_get(statement, "policy_chosen"), "policy"),
                     json_get(trace, "policy")))
        return does_not(r, "statement: the policy chosen is not that of the trace");
    return (rows && rows->type == JSON_ARRAY && rows->child &&
            several_sums_agree(rows->child, trace)) ||
           does_not(r, "statement: the first sums of the sensitivity are not the trace's");
}

/* Does the statement fit its own trace, and what was proven of it? */
static bool parts_agree(struct evidence_pack_answer *r)
{
    const struct json *statement = json_get(r->document, "statement");
    const struct json *trace = json_get(statement, "trace");
    const struct json *acquisition = json_get(statement, "acquisition");
    const struct json *rows = json_get(statement, "sensitivity");
    const struct json *id = json_get(json_get(statement, "case"), "id");

    if (!same_scalar(json_get(acquisition, "chain"), json_get(trace, "chain")) ||
        !json_is_string(json_get(trace, "chain"),
                        r->of_accounts ? r->accounts.chain : r->evidence.chain))
        return does_not(r, "statement: acquired was another chain than the trace's");
    if (id && !same_scalar(id, json_get(trace, "case")))
        return does_not(r, "statement: its trace is of another case");
    if (!same_scalar(json_get(json_get(statement, "policy_chosen"), "policy"),
                     json_get(trace, "policy")))
        return does_not(r, "statement: the policy chosen is not that of the trace");
    if (!rows || rows->type != JSON_ARRAY || !rows->child || !sums_agree(rows->child, trace))
        return does_not(r, "statement: the first sums of the sensitivity are not the trace's");
    if (r->of_accounts && !roots_agree(json_get(acquisition, "by_roots"), &r->accounts.roots))
        return does_not(r, "statement: by_roots is not what the blocks prove");
    return true;
}

/* Is what is stated of what is proven? */
static bool they_agree(struct evidence_pack_answer *r)
{
    const struct json *statement = json_get(r->document, "statement");
    const struct json *trace = json_get(statement, "trace");
    const struct json *totals = json_get(trace, "totals");
    const struct json *id = json_get(trace, "case");
    const char *case_id = id && id->type == JSON_STRING ? id->text : NULL;
    uint64_t held, exits;

    if (!json_is_string(json_get(trace, "chain"), r->evidence.chain) ||
        !json_is_string(json_get(trace, "policy"), trace_policy_name(r->evidence.policy)) ||
        (case_id ? !r->evidence.case_id || strcmp(case_id, r->evidence.case_id) != 0
                 : r->evidence.case_id != NULL))
        return does_not(r, "statement: its trace is of another case, chain or policy than the "
                           "evidence");
    if (!decimal_of(totals, "held", &held) || !decimal_of(totals, "exits", &exits) ||
        held + exits != r->evidence.taint)
        return does_not(r, "statement: its trace holds or lost another sum than the evidence "
                           "proves");
    return true;
}

/* ---- the sums by other policies ---- */

static bool sums_are(const struct json *row, const struct evidence_sums *s)
{
    const struct {
        const char *name;
        uint64_t sum;
    } all[] = {{"origin", s->totals.origin},
               {"held", s->totals.held},
               {"exits", s->totals.exits},
               {"fees", s->totals.fees},
               {"cut", s->totals.cut},
               {"dust", s->totals.dust},
               {"unresolved", s->totals.unresolved}};
    const struct json *exact = json_get(row, "exact");
    uint64_t sum;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (!decimal_of(row, all[i].name, &sum) || sum != all[i].sum)
            return false;
    return exact && exact->type == (s->exact ? JSON_TRUE : JSON_FALSE) &&
           same_number(row, "reached", s->reached_n);
}

/* But for whether it is exact, of which the evidence may allow less to be said. */
static bool account_sums_are(struct arena *a, const struct json *row, const char *own,
                             bool *ret_same, struct err *err)
{
    static const char *const but[] = {"exact", NULL};
    char where[ERR_TEXT_MAX];
    const struct json *here;

    if (!json_read(a, own, strlen(own), &here, err))
        return false;
    *ret_same = !json_first_difference(row, here, but, where, sizeof(where));
    return true;
}

/* Where a policy goes nowhere but where the evidence does, its sums are what follows from it; but
 * where conversions may have sides beyond, others are no lie. */
static bool row_check(struct arena *a, struct evidence_pack_answer *r, const struct json *row,
                      bool *ret_follows, struct err *err)
{
    const struct json *name = json_get(row, "policy");
    bool known = false, same = false, firm = true;
    enum trace_policy policy;

    if (r->of_several || !name || name->type != JSON_STRING ||
        !trace_policy_from_name(name->text, &policy))
        return true;
    if (r->of_accounts) {
        const struct account_evidence_sums *sums = &r->accounts.sums[policy];

        known = sums->row != NULL;
        firm = !sums->converted;
        if (known && !account_sums_are(a, row, sums->row, &same, err))
            return false;
    } else if (policy < EVIDENCE_POLICIES) {
        known = r->evidence.sums[policy].whole;
        same = known && sums_are(row, &r->evidence.sums[policy]);
    }
    *ret_follows = *ret_follows || same;
    return !known || same || !firm ||
           does_not(r, "statement: the sums by a policy are not what follows from the evidence");
}

static bool sums_check(struct arena *a, struct evidence_pack_answer *r, struct err *err)
{
    const struct json *rows = json_get(json_get(r->document, "statement"), "sensitivity");
    size_t i = 0;

    r->sums_n = rows->children_n;
    r->sums_proven = ARENA_ARRAY(a, bool, r->sums_n + 1);
    if (!r->sums_proven)
        return arena_fail(a, err, "sums");
    r->sums_proven[0] = true; /* those of the trace */
    for (const struct json *row = rows->child; row && r->holds; row = row->next, i++)
        if (!row_check(a, r, row, &r->sums_proven[i], err))
            return false;
    return true;
}

/* ---- the case, and what was followed ---- */

struct followed { /* of one ledger, or of several */
    const struct json *trace;
    const struct json *parts[ROUTES_LEDGERS_MAX]; /* [parts_n] or the trace itself */
    size_t parts_n;
};

static struct followed followed_of(const struct json *trace)
{
    const struct json *parts = json_get(trace, "parts");
    struct followed f = {.trace = trace};

    if (!parts)
        f.parts[f.parts_n++] = trace;
    for (const struct json *p = parts ? parts->child : NULL; p && f.parts_n < ROUTES_LEDGERS_MAX;
         p = p->next)
        f.parts[f.parts_n++] = p;
    return f;
}

/* Is what was followed one of what the case names? An address names whatever came to it. */
static bool origin_named(const struct case_file *f, const struct case_origin *o)
{
    for (size_t i = 0; i < f->origins_n; i++) {
        const struct case_origin *named = &f->origins[i];

        if (named->kind == ORIGIN_ADDRESS)
            return true;
        if (!hash32_equal(&named->txid, &o->txid))
            continue;
        if (named->kind == ORIGIN_TX || (named->kind == ORIGIN_OUTPUT && named->vout == o->vout) ||
            (named->kind == ORIGIN_TRANSFER && o->transfer &&
             !strcmp(named->transfer, o->transfer)))
            return true;
    }
    return false;
}

static bool origin_followed(const struct case_origin *named, const struct case_origin *all,
                            size_t n)
{
    struct case_file one = {.origins = named, .origins_n = 1};

    if (named->kind == ORIGIN_ADDRESS)
        return true;
    for (size_t i = 0; i < n; i++)
        if (origin_named(&one, &all[i]))
            return true;
    return false;
}

static bool origins_agree(struct arena *a, struct evidence_pack_answer *r,
                          const struct case_file *f, const struct followed *t, struct err *err)
{
    struct case_origin *at;
    size_t n = 0, room = 1;

    for (size_t i = 0; i < t->parts_n; i++)
        room += json_get(t->parts[i], "origins") ? json_get(t->parts[i], "origins")->children_n : 0;
    at = ARENA_ARRAY(a, struct case_origin, room);
    if (!at)
        return arena_fail(a, err, "a case");
    for (size_t i = 0; i < t->parts_n; i++) {
        const struct json *list = json_get(t->parts[i], "origins");

        for (const struct json *o = list ? list->child : NULL; o; o = o->next) {
            const struct json *id = json_get(o, "output"), *arrived = json_get(o, "arrival");
            const char *text;

            if (arrived && arrived->type == JSON_TRUE)
                continue;
            if (!json_text(id ? id : json_get(o, "transfer"), "origins", &text, err) ||
                !origin_from_text(a, text, &at[n], err))
                return err_in(err, "statement.trace");
            if (!origin_named(f, &at[n++]))
                return does_not(r, "statement: what was followed is no origin of its case");
        }
    }
    for (size_t i = 0; i < f->origins_n; i++)
        if (!origin_followed(&f->origins[i], at, n))
            return does_not(r, "statement: an origin of its case was not followed");
    return true;
}

static bool limits_agree(const struct case_file *f, const struct json *part)
{
    const struct json *inputs = json_get(part, "inputs"), *dust = json_get(inputs, "dust"),
                      *hops = json_get(inputs, "hops_max");
    struct err ignored;
    struct u256 told;
    uint64_t n;

    if (!dust || dust->type != JSON_STRING || !u256_from_text(dust->text, dust->text_n, &told) ||
        !u256_equal(told, f->has_dust ? f->dust : u256_of(0)))
        return false;
    if (!f->has_hops)
        return hops && hops->type == JSON_NULL;
    return json_u64(hops, "hops_max", &n, &ignored) && n == f->hops_max;
}

static bool assertions_agree(const struct case_file *f, const struct json *trace)
{
    const struct json *list = json_get(trace, "conversions");
    size_t i = 0;

    if (!list)
        list = json_get(json_get(trace, "inputs"), "conversions");
    for (const struct json *c = list ? list->child : NULL; c; c = c->next, i++)
        if (i == f->conversions_n ||
            !json_is_string(json_get(c, "source"), f->conversions[i].source))
            return false;
    return i == f->conversions_n;
}

/* Each rule by which value went on is among those whose errors are told. */
static bool routes_have_rules(const struct json *statement, const struct json *trace)
{
    const struct json *routes = json_get(trace, "routes"), *rules = json_get(statement, "rules");

    for (const struct json *k = routes ? routes->child : NULL; k; k = k->next) {
        bool told = false;

        for (const struct json *r = rules ? rules->child : NULL; r && !told; r = r->next)
            told = same_scalar(json_get(r, "rule"), json_get(k, "rule"));
        if (!told)
            return false;
    }
    return true;
}

static bool case_agrees(struct arena *a, struct evidence_pack_answer *r, struct err *err)
{
    const struct json *statement = json_get(r->document, "statement");
    const struct json *trace = json_get(statement, "trace");
    const struct followed t = followed_of(trace);
    struct text text = text_new(CASE_FILE_BYTES_MAX);
    struct json_out j = json_to(&text, false);
    struct case_file f;
    bool ok;

    json_tree(&j, json_get(statement, "case"));
    ok = text_end(&text, err) &&
         case_read(a, (struct bytes){(const uint8_t *)text.p, text.n}, &f, err);
    text_free(&text);
    if (!ok)
        return err_in(err, "statement.case");
    if (!json_is_string(json_get(trace, "policy"), trace_policy_name(f.policy)))
        return does_not(r, "statement: its trace is by another policy than its case says");
    for (size_t i = 0; i < t.parts_n; i++)
        if (!limits_agree(&f, t.parts[i]))
            return does_not(r, "statement: its trace has other limits than its case");
    if (!assertions_agree(&f, trace))
        return does_not(r, "statement: its trace asserts other conversions than its case");
    if (!routes_have_rules(statement, trace))
        return does_not(r, "statement: a rule that was used is not among its rules");
    return origins_agree(a, r, &f, &t, err);
}

/* ---- what was acquired ---- */

/* The last block acquired is the one at which the trace ends; the chain's name is its name. */
static bool last_agrees(const struct json *got, const struct json *part)
{
    const struct json *last = json_get(got, "last"),
                      *until = json_get(json_get(part, "inputs"), "until"),
                      *hash = json_get(until, "hash"), *name = json_get(got, "chain"),
                      *caip2 = json_get(got, "caip2");
    const struct chain *chain =
        name && name->type == JSON_STRING ? chain_by_name(name->text) : NULL;
    const char *shown = hash && hash->type == JSON_STRING ? hash->text : NULL;

    if (!chain ||
        (chain->caip2 ? !json_is_string(caip2, chain->caip2) : !caip2 || caip2->type != JSON_NULL))
        return false;
    if (shown && shown[0] == '0' && shown[1] == 'x')
        shown += 2;
    return same_scalar(json_get(last, "height"), json_get(until, "height")) &&
           (!json_get(until, "time") ||
            same_scalar(json_get(last, "time"), json_get(until, "time"))) &&
           (!shown || json_is_string(json_get(last, "hash"), shown));
}

static bool acquired_agrees(struct evidence_pack_answer *r)
{
    const struct json *statement = json_get(r->document, "statement");
    const struct json *got = json_get(statement, "acquisition");
    const struct followed t = followed_of(json_get(statement, "trace"));

    if (got && got->type == JSON_ARRAY)
        got = got->child;
    for (size_t i = 0; i < t.parts_n; i++, got = got ? got->next : NULL)
        if (!last_agrees(got, t.parts[i]))
            return does_not(r, "statement: what was acquired ends elsewhere than the trace");
    return true;
}

static bool token_bytes(struct arena *a, const char *base64, struct bytes *ret, struct err *err)
{
    size_t n = strlen(base64), pad = n >= 2 ? (base64[n - 1] == '=') + (base64[n - 2] == '=') : 0;
    uint8_t *to;
    int got;

    if (!n || n % 4 || n > TIMESTAMP_BYTES_MAX * 2)
        return err_fail(err, ERR_INPUT, "no base64");
    to = arena_alloc(a, n / 4 * 3 + 1);
    if (!to)
        return arena_fail(a, err, "a time stamp");
    got = EVP_DecodeBlock(to, (const unsigned char *)base64, (int)n);
    if (got < 0 || (size_t)got < pad)
        return err_fail(err, ERR_INPUT, "no base64");
    *ret = (struct bytes){to, (size_t)got - pad};
    return true;
}

static bool timestamps_check(struct arena *a, struct evidence_pack_answer *r, struct err *err)
{
    const struct json *list = json_get(r->document, "timestamps");
    struct timestamp *to = ARENA_ARRAY(a, struct timestamp, EVIDENCE_PACK_TOKENS_MAX);

    if (!to)
        return err_fail(err, ERR_NOMEM, "time stamps");
    if (!list || list->type != JSON_ARRAY || list->children_n > EVIDENCE_PACK_TOKENS_MAX)
        return err_fail(err, ERR_INPUT, "timestamps: a list of at most %d is wanted",
                        EVIDENCE_PACK_TOKENS_MAX);
    for (const struct json *item = list->child; item; item = item->next) {
        const char *base64;
        struct bytes token;

        if (!json_text(item, "timestamps", &base64, err) || !token_bytes(a, base64, &token, err) ||
            !timestamp_read(a, token, &to[r->timestamps_n], err))
            return err_in(err, "timestamps[%zu]", r->timestamps_n);
        if (!hash32_equal(&to[r->timestamps_n++].imprint, &r->statement))
            return does_not(r, "timestamps: one is of another statement");
    }
    r->timestamps = to;
    return true;
}

static bool is_whole(struct evidence_pack_answer *r)
{
    const char *lacks = evidence_pack_lacks(json_get(r->document, "statement"));

    return !lacks || does_not(r, lacks);
}

bool evidence_pack_check(struct arena *a, struct bytes document, struct evidence_pack_answer *ret,
                         struct err *err)
{
    static const char *const known[] = {"schema",   "statement",  "statement_sha256",
                                        "evidence", "timestamps", NULL};
    struct evidence_pack_answer r = {.holds = true};

    if (!json_read(a, (const char *)document.p, document.n, &r.document, err) ||
        !json_only(r.document, "pack", known, err))
        return false;
    if (!json_is_string(json_get(r.document, "schema"), EVIDENCE_PACK_SCHEMA))
        return err_fail(err, ERR_INPUT, "schema: no " EVIDENCE_PACK_SCHEMA);
    if (!statement_check(a, &r, err) || (r.holds && !is_whole(&r)) ||
        (r.holds && !evidence_check(a, &r, err)) ||
        (r.holds && !r.of_accounts && !r.of_several && !they_agree(&r)) ||
        (r.holds && !(r.of_several ? several_agree : parts_agree)(&r)) ||
        (r.holds && !sums_check(a, &r, err)) || (r.holds && !acquired_agrees(&r)) ||
        (r.holds && !case_agrees(a, &r, err)) || (r.holds && !timestamps_check(a, &r, err)))
        return false;
    *ret = r;
    return true;
}

static void policies_text(struct text *to, const struct evidence_pack_answer *a, bool proven)
{
    const struct json *rows = json_get(json_get(a->document, "statement"), "sensitivity");
    bool first = true;
    size_t i = 0;

    for (const struct json *row = rows->child; row; row = row->next, i++) {
        const struct json *name = json_get(row, "policy");
        enum trace_policy policy;

        if (a->sums_proven[i] != proven || !name || name->type != JSON_STRING)
            continue;
        text_printf(to, "%s%s", first ? "" : ", ",
                    trace_policy_from_name(name->text, &policy) ? trace_policy_name(policy)
                                                                : "one that is not known");
        first = false;
    }
}

static void sums_text(struct text *to, const struct evidence_pack_answer *a)
{
    bool all = true;

    for (size_t i = 0; i < a->sums_n; i++)
        all = all && a->sums_proven[i];
    text_str(to, "sums by policy that follow from this evidence: ");
    policies_text(to, a, true);
    if (!all) {
        text_str(to, "\nsums that are its maker's word, for they need what the evidence has not: ");
        policies_text(to, a, false);
    }
    text_char(to, '\n');
}

void evidence_pack_write_answer(struct text *to, const struct evidence_pack_answer *a)
{
    if (!a->holds) {
        text_printf(to, "does not hold: %s\n", a->text);
        return;
    }
    if (a->of_several)
        ledgers_evidence_write_answer(to, &a->several);
    else if (a->of_accounts)
        account_evidence_write_answer(to, &a->accounts);
    else
        evidence_write_answer(to, &a->evidence);
    sums_text(to, a);
    text_str(to, "statement: ");
    text_hex(to, a->statement.b, sizeof(a->statement.b));
    text_char(to, '\n');
    for (size_t i = 0; i < a->timestamps_n; i++)
        text_printf(to, "time stamp: %s by %s (whose certificate is not checked here)\n",
                    a->timestamps[i].time, a->timestamps[i].by);
    if (!a->timestamps_n)
        text_str(to, "no time stamp: nothing proves when it was made\n");
}
