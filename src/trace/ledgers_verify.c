/* A document of accounts, or of several ledgers, computed again and compared. What is asked is read
 * from the document: origins, policy and limits, stops that were reached, conversions that were
 * asserted, and as of which block each ledger counts. */
#include "chain/facts.h"
#include "trace/ledgers_run.h"
#include "trace/stops.h"
#include "trace/token_list.h"
#include "trace/verify_parts.h"

#include <stdio.h>

struct asked {
    struct arena *a;
    const struct json *document;
    bool several;              /* an envelope, whose parts are documents */
    bool part;                 /* the ledger has but what the trace rests on */
    const char *lists;         /* of a part: what this program knows another list of; NULL: none */
    const struct json **parts; /* [parts_n] */
    size_t parts_n;
    struct case_file c;
    struct trace_stop *stops;
    uint32_t *blocks_n; /* [ledgers_n] */
};

static bool no_memory(const struct asked *q, struct err *err)
{
    return arena_fail(q->a, err, "a document");
}

static bool parts_read(struct asked *q, struct err *err)
{
    const struct json *list = json_get(q->document, "parts"), *part;
    size_t n = q->several && list && list->type == JSON_ARRAY ? list->children_n : 1;

    if (q->several && (!list || list->type != JSON_ARRAY || !list->children_n))
        return err_fail(err, ERR_INPUT, "parts: a list is wanted, with one in it");
    q->parts = ARENA_ARRAY(q->a, const struct json *, n);
    if (!q->parts)
        return no_memory(q, err);
    part = q->several ? list->child : q->document;
    for (; part && q->parts_n < n; part = part->next)
        q->parts[q->parts_n++] = part;
    return true;
}

static bool is_of_coins(const struct json *part)
{
    return json_is_string(json_get(part, "schema"), TRACE_SCHEMA);
}

static bool limits_read(struct asked *q, struct err *err)
{
    const struct json *part = q->parts[0], *inputs = json_get(part, "inputs"),
                      *hops = json_get(inputs, "hops_max"), *dust = json_get(inputs, "dust"),
                      *case_id = json_get(q->document, "case");
    const char *policy;
    uint64_t hops_max = TRACE_HOPS_NONE;

    if (!json_text(json_get(q->document, "policy"), "policy", &policy, err))
        return false;
    if (!trace_policy_from_name(policy, &q->c.policy))
        return err_fail(err, ERR_INPUT, "policy: \"%.100s\" is not known", policy);
    if (!dust || dust->type != JSON_STRING || !u256_from_text(dust->text, dust->text_n, &q->c.dust))
        return err_fail(err, ERR_INPUT, "inputs.dust: a whole number is wanted");
    if ((!hops || hops->type != JSON_NULL) && !json_u64(hops, "inputs.hops_max", &hops_max, err))
        return false;
    if (hops_max > TRACE_HOPS_NONE)
        return err_fail(err, ERR_INPUT, "inputs.hops_max: too much");
    q->c.has_policy = q->c.has_dust = true;
    q->c.has_hops = hops_max < TRACE_HOPS_NONE;
    q->c.hops_max = (uint32_t)hops_max;
    return !case_id || case_id->type == JSON_NULL || json_text(case_id, "case", &q->c.id, err);
}

static bool origins_read(struct asked *q, struct err *err)
{
    struct case_origin *at;
    size_t n = 0;

    for (size_t i = 0; i < q->parts_n; i++) {
        const struct json *list = json_get(q->parts[i], "origins");

        if (!list || list->type != JSON_ARRAY)
            return err_fail(err, ERR_INPUT, "origins: a list is wanted");
        n += list->children_n;
    }
    at = ARENA_ARRAY(q->a, struct case_origin, n);
    if (!at)
        return no_memory(q, err);
    n = 0;
    for (size_t i = 0; i < q->parts_n; i++) {
        bool coins = is_of_coins(q->parts[i]);
        const char *member = coins ? "output" : "transfer", *id, *chain;
        const struct json *o = json_get(q->parts[i], "origins")->child;

        if (!json_text(json_get(q->parts[i], "chain"), "chain", &chain, err))
            return false;
        for (; o; o = o->next) {
            const struct json *arrived = json_get(o, "arrival");

            if (!json_text(json_get(o, member), member, &id, err) ||
                !origin_from_text(q->a, id, &at[n], err))
                return err_in(err, "origins");
            if (at[n].kind != (coins ? ORIGIN_OUTPUT : ORIGIN_TRANSFER))
                return err_fail(err, ERR_INPUT, "origins: \"%.100s\" is not of %.60s", id, chain);
            at[n].chain = chain;
            n +=
                !arrived || arrived->type != JSON_TRUE; /* what a route brought comes by it again */
        }
    }
    q->c.origins = at;
    q->c.origins_n = n;
    return n || err_fail(err, ERR_INPUT, "origins: none");
}

static bool stops_read_of(struct asked *q, struct err *err)
{
    size_t n = 0;

    for (int pass = 0; pass < 2; pass++) { /* count, then fill */
        if (pass && !(q->stops = ARENA_ARRAY(q->a, struct trace_stop, n)))
            return no_memory(q, err);
        n = 0;
        for (size_t i = 0; i < q->parts_n; i++) {
            const struct json *list = json_get(json_get(q->parts[i], "inputs"), "stops");
            const struct trace_stop *stops;
            size_t stops_n;

            if (!list)
                return err_fail(err, ERR_INPUT, "inputs.stops: missing");
            if (!case_stops_read(q->a, list, &stops, &stops_n, err))
                return err_in(err, "inputs");
            if (pass && stops_n)
                memcpy(q->stops + n, stops, stops_n * sizeof(*stops));
            n += stops_n;
        }
    }
    q->c.stops = q->stops;
    q->c.stops_n = n;
    return true;
}

/* By which digits look-alikes are told, and what the tokens that were told call themselves. */
static bool traps_read(struct asked *q, struct err *err)
{
    for (size_t i = 0; i < q->parts_n; i++) {
        const struct json *inputs = json_get(q->parts[i], "inputs"),
                          *look = json_get(inputs, "look_alike"),
                          *list = json_get(inputs, "tokens");
        const struct trace_token *tokens;
        size_t n;

        if (is_of_coins(q->parts[i]))
            continue;
        if (!look || !list)
            return err_fail(err, ERR_INPUT, "inputs.%s: missing", look ? "tokens" : "look_alike");
        if (!case_look_read(look, &q->c.look, err) ||
            !case_tokens_read(q->a, list, &tokens, &n, err))
            return err_in(err, "inputs");
        if (!token_list_join(q->a, q->c.tokens, q->c.tokens_n, tokens, n, &q->c.tokens,
                             &q->c.tokens_n, err))
            return false;
    }
    return true;
}

static const struct json *trusts_of(const struct asked *q)
{
    return json_get(q->several ? q->document : json_get(q->document, "inputs"), "trusts");
}

static bool asked_read(struct asked *q, struct bytes in, struct err *err)
{
    const struct json *j, *conversions, *trusts;

    if (!json_read(q->a, (const char *)in.p, in.n, &j, err))
        return false;
    q->document = j;
    q->several = json_is_string(json_get(j, "schema"), LEDGERS_TRACE_SCHEMA);
    if (!q->several && !json_is_string(json_get(j, "schema"), ACCOUNT_TRACE_SCHEMA))
        return err_fail(err, ERR_INPUT, "schema: \"%s\" or \"%s\" is wanted", ACCOUNT_TRACE_SCHEMA,
                        LEDGERS_TRACE_SCHEMA);
    if (!parts_read(q, err) || !limits_read(q, err) || !origins_read(q, err) ||
        !stops_read_of(q, err) || !traps_read(q, err))
        return false;
    trusts = json_get(trusts_of(q), "stated");
    if (!trusts)
        return err_fail(err, ERR_INPUT, "trusts.stated: missing");
    if (!case_trusts_read(q->a, trusts, NULL, &q->c.trusts, &q->c.trusts_n, err))
        return false;
    conversions = json_get(q->several ? j : json_get(j, "inputs"), "conversions");
    if (!conversions)
        return err_fail(err, ERR_INPUT, "conversions: missing");
    return case_conversions_read(q->a, conversions, &q->c.conversions, &q->c.conversions_n, err);
}

/* --- inputs that are not the same here --- */

static bool hash_read(const char *s, bool reversed, struct hash32 *ret)
{
    struct hash32 as_shown;

    if (s[0] == '0' && s[1] == 'x')
        s += 2;
    if (!hex_decode(s, strlen(s), as_shown.b, sizeof(as_shown.b)))
        return false;
    for (size_t i = 0; i < sizeof(as_shown.b); i++)
        ret->b[i] = as_shown.b[reversed ? sizeof(as_shown.b) - 1 - i : i];
    return true;
}

static bool is_hash(const struct json *j, struct hash32 own)
{
    struct hash32 told;

    return j && j->type == JSON_STRING && hash_read(j->text, false, &told) &&
           hash32_equal(&told, &own);
}

/* The block of an until: by its hash, or where none is told by its time; how many stand up to it.
 */
static bool until_of(const struct trace_ledger *l, const struct json *until, uint32_t *ret)
{
    const struct json *told = json_get(until, "hash");
    const char *s = told && told->type == JSON_STRING ? told->text : NULL;
    uint32_t block = BLOCK_NONE;
    struct hash32 hash;
    struct err ignored;
    uint64_t time;

    if (s && hash_read(s, l->coins != NULL, &hash))
        block = l->coins ? ledger_find_block(l->coins, &hash)
                         : account_ledger_find_block(l->accounts, &hash);
    if (s || !l->accounts) {
        *ret = block + 1;
        return block != BLOCK_NONE;
    }
    if (!json_u64(json_get(until, "time"), "time", &time, &ignored))
        return false;
    *ret = account_ledger_blocks_to_time(l->accounts, time);
    return *ret && account_ledger_block(l->accounts, *ret - 1).time == time;
}

/* The ledger of a chain that has a block and was not taken by another one. */
static bool ledger_for(struct asked *q, const struct trace_ledger *ledgers, size_t n,
                       const struct json *named, const struct json *until,
                       struct verify_answer *ret)
{
    const struct json *chain = json_get(named, "chain");
    char text[200];
    bool known = false;

    for (size_t i = 0; i < n; i++) {
        if (!json_is_string(chain, trace_ledger_chain(&ledgers[i])->name))
            continue;
        known = true;
        if (!q->blocks_n[i] && until_of(&ledgers[i], until, &q->blocks_n[i]))
            return false;
        q->blocks_n[i] = 0;
    }
    snprintf(text, sizeof(text), "%s: %s of \"%.60s\"", known ? "until" : "chain",
             known ? "no such block is in the ledger" : "there is no ledger",
             chain && chain->type == JSON_STRING ? chain->text : "");
    return verify_differs(ret, VERIFY_INPUTS_DIFFER, text);
}

/* Evidence outlives the lists of the program that made it: what follows by others is compared. */
static bool list_differs(struct asked *q, const char *text, struct verify_answer *ret)
{
    if (!q->part)
        return verify_differs(ret, VERIFY_INPUTS_DIFFER, text);
    q->lists = text;
    return false;
}

static bool inputs_differ(struct asked *q, const struct trace_ledger *ledgers, size_t n,
                          struct verify_answer *ret)
{
    const struct json *list = json_get(q->document, "ledgers");

    for (size_t i = 0; i < q->parts_n; i++) {
        const struct json *inputs = json_get(q->parts[i], "inputs");

        if (!json_is_string(json_get(inputs, "rules"), TRACE_RULES))
            return verify_differs(ret, VERIFY_INPUTS_DIFFER, "rules: not \"" TRACE_RULES "\"");
        if (!is_of_coins(q->parts[i]) &&
            !is_hash(json_get(inputs, "known_tokens_sha256"), tokens_hash()) &&
            list_differs(q, "known_tokens_sha256: other tokens are known here", ret))
            return true;
    }
    if (!is_hash(json_get(trusts_of(q), "known_sha256"), routes_trusts_hash()) &&
        list_differs(q, "trusts.known_sha256: other contracts are trusted here", ret))
        return true;
    if (!n || (q->several && (!list || !list->child)))
        return verify_differs(ret, VERIFY_INPUTS_DIFFER, n ? "ledgers: none" : "no ledger is here");
    if (!q->several)
        return ledger_for(q, ledgers, n, q->document,
                          json_get(json_get(q->document, "inputs"), "until"), ret);
    for (const struct json *l = list ? list->child : NULL; l; l = l->next)
        if (ledger_for(q, ledgers, n, l, json_get(l, "until"), ret))
            return true;
    return false;
}

/* The hash of all stops is the document's where only those that were reached are at hand. */
static bool stops_settle(struct asked *q, struct ledgers_doc *d, bool given,
                         struct verify_answer *ret)
{
    size_t part = 0;

    ret->stops_checked = true;
    for (size_t i = 0; i < d->ledgers_n && part < q->parts_n; i++) {
        struct hash32 *own = d->parts[i].accounts ? &d->parts[i].accounts->stops_sha256
                             : d->parts[i].coins  ? &d->parts[i].coins->stops_sha256
                                                  : NULL;
        const struct json *told;
        struct hash32 hash;

        if (!own)
            continue;
        if (d->parts[i].accounts) { /* of the list only what was told is in the document */
            told = json_get(json_get(q->parts[part], "inputs"), "tokens_sha256");
            if (!told || told->type != JSON_STRING ||
                !hash_read(told->text, false, &d->parts[i].accounts->tokens_sha256))
                return verify_differs(ret, VERIFY_INPUTS_DIFFER, "tokens_sha256: not a hash");
        }
        told = json_get(json_get(q->parts[part++], "inputs"), "stops_sha256");
        if (!told || told->type != JSON_STRING || !hash_read(told->text, false, &hash))
            return verify_differs(ret, VERIFY_INPUTS_DIFFER, "stops_sha256: not a hash");
        if (hash32_equal(own, &hash))
            continue;
        ret->stops_checked = false;
        if (given)
            return verify_differs(ret, VERIFY_INPUTS_DIFFER,
                                  "stops_sha256: the stops given are not those of the document");
        *own = hash;
    }
    return false;
}

static bool part_differs(const struct asked *q, const char *text, struct verify_answer *ret)
{
    char with[ERR_TEXT_MAX];

    if (!q->lists)
        return verify_differs(ret, VERIFY_RESULT_DIFFERS, text);
    snprintf(with, sizeof(with), "%.150s; %s", text, q->lists);
    return verify_differs(ret, VERIFY_RESULT_DIFFERS, with);
}

/* What is not exact by a part is not by the whole. */
static bool more_exact(const struct json *told, const struct json *own)
{
    const struct json *t = json_get(told, "exact"), *o = json_get(own, "exact");

    return t && o && t->type == JSON_TRUE && o->type == JSON_FALSE;
}

/* All that the evidence of a part can tell. */
static bool compare_part(const struct asked *q, const struct json *here, struct verify_answer *ret)
{
    static const char *const none[] = {NULL};
    static const char *const but[] = {"data_as_of",  "inputs",       "gaps",       "exact",
                                      "look_alikes", "spoof_tokens", "candidates", "patterns",
                                      "parts",       "trusts",       NULL};
    const struct json *part = q->several ? json_get(here, "parts")->child : here;
    char text[ERR_TEXT_MAX];
    size_t i = 0;

    for (; part && i < q->parts_n; part = part->next, i++) {
        const struct json *told = json_get(json_get(q->parts[i], "inputs"), "until"),
                          *own = json_get(json_get(part, "inputs"), "until");

        if (json_first_difference(q->parts[i], part, but, text, sizeof(text)) ||
            json_first_difference(told, own, none, text, sizeof(text)))
            return part_differs(q, text, ret);
        if (more_exact(q->parts[i], part))
            return part_differs(q, "exact: it is not, by what is here already", ret);
    }
    if (part || i < q->parts_n)
        return verify_differs(ret, VERIFY_RESULT_DIFFERS, "parts: not of the same ledgers");
    if (json_first_difference(q->document, here, but, text, sizeof(text)))
        return part_differs(q, text, ret);
    if (more_exact(q->document, here))
        return part_differs(q, "exact: it is not, by what is here already", ret);
    if (q->several &&
        json_first_difference(json_get(trusts_of(q), "used"),
                              json_get(json_get(here, "trusts"), "used"), none, text, sizeof(text)))
        return part_differs(q, text, ret);
    ret->outcome = VERIFY_SAME;
    return true;
}

static bool compare(struct asked *q, const struct ledgers_doc *d, struct verify_answer *ret,
                    struct err *err)
{
    static const char *const but[] = {"data_as_of", "gaps", NULL}, *const none[] = {NULL};
    struct text t = text_new(JSON_BYTES_MAX);
    const struct json *here = NULL, *part;
    char text[ERR_TEXT_MAX];
    size_t i = 0;
    bool ok;

    if (q->several)
        ledgers_write_json(&t, d);
    else if (d->parts[0].accounts)
        account_write_json(&t, d->parts[0].accounts);
    ok = text_end(&t, err) && json_read(q->a, t.p, t.n, &here, err);
    text_free(&t);
    if (!ok)
        return false;
    if (q->part)
        return compare_part(q, here, ret);
    part = q->several ? json_get(here, "parts")->child : here;
    for (; part && i < q->parts_n; part = part->next, i++) {
        const struct json *told = json_get(q->parts[i], "inputs"), *own = json_get(part, "inputs");

        if (json_first_difference(json_get(told, "internals"), json_get(own, "internals"), none,
                                  text, sizeof(text)) &&
            json_get(own, "internals"))
            return verify_differs(ret, VERIFY_INPUTS_DIFFER,
                                  "internals: one of the ledgers was not told internal transfers");
        if (json_first_difference(json_get(q->parts[i], "gaps"), json_get(part, "gaps"), none, text,
                                  sizeof(text)))
            return verify_differs(ret, VERIFY_INPUTS_DIFFER,
                                  "gaps: this ledger lacks other blocks than the document's");
        if (json_first_difference(q->parts[i], part, but, text, sizeof(text)))
            return verify_differs(ret, VERIFY_RESULT_DIFFERS, text);
    }
    if (q->several && (part || i < q->parts_n))
        return verify_differs(ret, VERIFY_RESULT_DIFFERS, "parts: not of the same ledgers");
    if (q->several) {
        static const char *const but_parts[] = {"parts", NULL};

        if (json_first_difference(q->document, here, but_parts, text, sizeof(text)))
            return verify_differs(ret, VERIFY_RESULT_DIFFERS, text);
    }
    ret->outcome = VERIFY_SAME;
    snprintf(ret->text, sizeof(ret->text), "same");
    return true;
}

static bool verify(struct arena *a, bool part, const struct trace_ledger *ledgers, size_t ledgers_n,
                   struct bytes document, const struct trace_stop *stops, size_t stops_n,
                   struct verify_answer *ret, struct err *err)
{
    struct asked q = {.a = a, .part = part};
    struct ledgers_doc d;

    memset(ret, 0, sizeof(*ret));
    if (!asked_read(&q, document, err))
        return false;
    q.blocks_n = ARENA_ARRAY(a, uint32_t, ledgers_n);
    if (!q.blocks_n)
        return no_memory(&q, err);
    if (inputs_differ(&q, ledgers, ledgers_n, ret))
        return true;
    if (stops) {
        if (!verify_stops_adopt(a, q.c.stops, q.c.stops_n, stops, stops_n, &q.c.stops, err))
            return false;
        q.c.stops_n = stops_n;
    }
    if (!ledgers_run(a, ledgers, ledgers_n, q.blocks_n, &q.c, 1, NULL, 0, &d, err)) {
        if (err->class == ERR_NOT_FOUND || err->class == ERR_USAGE)
            return verify_differs(ret, VERIFY_INPUTS_DIFFER, err->text);
        return false;
    }
    if (stops_settle(&q, &d, stops != NULL, ret))
        return true;
    return compare(&q, &d, ret, err);
}

bool ledgers_verify(struct arena *a, const struct trace_ledger *ledgers, size_t ledgers_n,
                    struct bytes document, const struct trace_stop *stops, size_t stops_n,
                    struct verify_answer *ret, struct err *err)
{
    return verify(a, false, ledgers, ledgers_n, document, stops, stops_n, ret, err);
}

bool ledgers_verify_part(struct arena *a, const struct trace_ledger *ledgers, size_t ledgers_n,
                         struct bytes document, struct verify_answer *ret, struct err *err)
{
    return verify(a, true, ledgers, ledgers_n, document, NULL, 0, ret, err);
}

bool ledgers_by_policy(struct arena *a, const struct trace_ledger *ledgers, size_t ledgers_n,
                       struct bytes document, enum trace_policy policy, struct ledgers_doc *ret,
                       struct err *err)
{
    struct asked q = {.a = a, .part = true};
    struct verify_answer answer;

    if (!asked_read(&q, document, err))
        return false;
    q.blocks_n = ARENA_ARRAY(a, uint32_t, ledgers_n);
    if (!q.blocks_n)
        return no_memory(&q, err);
    if (inputs_differ(&q, ledgers, ledgers_n, &answer))
        return err_fail(err, ERR_USAGE, "%s", answer.text);
    q.c.policy = policy;
    return ledgers_run(a, ledgers, ledgers_n, q.blocks_n, &q.c, 1, NULL, 0, ret, err);
}
