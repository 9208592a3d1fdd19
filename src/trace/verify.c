#include "trace/verify.h"

#include "base/json.h"
#include "chain/facts.h"
#include "trace/run.h"
#include "trace/stops.h"
#include "trace/verify_parts.h"

#include <stdio.h>

struct level {
    const struct json *given, *here; /* containers of the same type */
    const struct json *next_given, *next_here;
    size_t index;
};

const char *verify_shown(const struct json *j, char *ret, size_t n)
{
    static const char *const words[] = {"null", "false", "true"};

    if (!j)
        snprintf(ret, n, "nothing");
    else if (j->type <= JSON_TRUE)
        snprintf(ret, n, "%s", words[j->type]);
    else if (j->type == JSON_NUMBER)
        snprintf(ret, n, "%.60s", j->text);
    else if (j->type == JSON_STRING)
        snprintf(ret, n, "\"%.100s\"", j->text);
    else
        snprintf(ret, n, "%s of %zu", j->type == JSON_ARRAY ? "a list" : "an object",
                 j->children_n);
    return ret;
}

static void put_path(const struct level *levels, size_t n, struct text *to)
{
    for (size_t i = 0; i < n; i++) {
        const struct level *l = &levels[i];
        const struct json *at = l->next_here ? l->next_here : l->next_given;

        if (l->here->type == JSON_ARRAY)
            text_printf(to, "[%zu]", l->index);
        else
            text_printf(to, "%s%.60s", i ? "." : "", at->key);
    }
}

static void tell(const struct level *levels, size_t n, const struct json *given,
                 const struct json *here, char *ret, size_t ret_n)
{
    char one[128], other[128];
    struct text path = text_new(1024);

    put_path(levels, n, &path);
    snprintf(ret, ret_n, "%s: %s, here %s", text_string(&path) ? path.p : "",
             verify_shown(given, one, sizeof(one)), verify_shown(here, other, sizeof(other)));
    text_free(&path);
}

static bool same_leaf(const struct json *given, const struct json *here)
{
    return given && here && given->type == here->type && given->text_n == here->text_n &&
           (!given->text_n || !memcmp(given->text, here->text, given->text_n));
}

static bool passed_over(const struct json *j, const char *const *but)
{
    for (; j->key && *but; but++)
        if (!strcmp(j->key, *but))
            return true;
    return false;
}

static void step(struct level *l)
{
    if (l->next_here)
        l->next_here = l->next_here->next;
    if (l->here->type == JSON_ARRAY && l->next_given)
        l->next_given = l->next_given->next;
    l->index++;
}

/* The next pair of a level; false when both have ended. Members of objects are met by name, in the
 * order here. */
static bool pair(struct level *l, const struct json **ret_given, const struct json **ret_here)
{
    if (l->here->type == JSON_ARRAY) {
        *ret_given = l->next_given;
        *ret_here = l->next_here;
        return l->next_given || l->next_here;
    }
    *ret_here = l->next_here;
    if (l->next_here) {
        *ret_given = json_get(l->given, l->next_here->key);
        return true;
    }
    for (l->next_given = l->given->child; l->next_given; l->next_given = l->next_given->next)
        if (!json_get(l->here, l->next_given->key))
            break; /* a member that should not be there */
    *ret_given = l->next_given;
    return l->next_given != NULL;
}

bool json_first_difference(const struct json *given, const struct json *here,
                           const char *const *but, char *ret, size_t ret_n)
{
    struct level levels[JSON_DEPTH_MAX];
    size_t n = 0;

    for (;;) {
        if (!given || !here || given->type != here->type ||
            (given->type < JSON_ARRAY && !same_leaf(given, here))) {
            tell(levels, n, given, here, ret, ret_n);
            return true;
        }
        if (given->type >= JSON_ARRAY)
            levels[n++] = (struct level){given, here, given->child, here->child, 0};
        else if (n)
            step(&levels[n - 1]);
        for (;;) {
            if (!n)
                return false;
            if (!pair(&levels[n - 1], &given, &here)) {
                if (--n)
                    step(&levels[n - 1]);
                continue;
            }
            if (n > 1 || !passed_over(here ? here : given, but))
                break;
            if (!here)
                return false; /* an extra member that is passed over ends the top */
            step(&levels[0]);
        }
    }
}

bool verify_differs(struct verify_answer *ret, enum verify_outcome outcome, const char *text)
{
    struct err plain; /* whatever the document holds, the answer is one line */

    if (outcome == VERIFY_INPUTS_DIFFER)
        err_fail(&plain, ERR_DIFFERS, "inputs differ: %s", text);
    else
        err_fail(&plain, ERR_DIFFERS, "result differs: %s", text);
    ret->outcome = outcome;
    memcpy(ret->text, plain.text, sizeof(ret->text));
    return true;
}

/* A document that has been read, and the request that it answers. */
struct asked {
    const struct json *document, *inputs;
    const char *chain, *rules, *until;
    struct hash32 stops_sha256;
    struct trace_request request;
};

static bool hash_shown(const char *s, struct hash32 *ret)
{
    struct hash32 shown_hash;

    if (!hex_decode(s, strlen(s), shown_hash.b, 32))
        return false;
    for (size_t i = 0; i < 32; i++)
        ret->b[i] = shown_hash.b[31 - i];
    return true;
}

static bool read_limits(const struct json *inputs, struct trace_request *r, struct err *err)
{
    const struct json *hops = json_get(inputs, "hops_max");
    uint64_t hops_max = TRACE_HOPS_NONE;

    if (!json_u64(json_get(inputs, "dust"), "inputs.dust", &r->dust, err))
        return false;
    if ((!hops || hops->type != JSON_NULL) && !json_u64(hops, "inputs.hops_max", &hops_max, err))
        return false;
    if (hops_max > TRACE_HOPS_NONE)
        return err_fail(err, ERR_INPUT, "inputs.hops_max: too much");
    r->hops_max = (uint32_t)hops_max;
    return true;
}

static bool read_origins(struct arena *a, const struct json *j, struct trace_request *r,
                         struct err *err)
{
    struct case_origin *at;
    size_t n = 0;

    if (!j || j->type != JSON_ARRAY)
        return err_fail(err, ERR_INPUT, "origins: a list is wanted");
    at = ARENA_ARRAY(a, struct case_origin, j->children_n);
    if (!at)
        return arena_fail(a, err, "origins");
    for (const struct json *o = j->child; o; o = o->next, n++) {
        const char *output;

        if (!json_text(json_get(o, "output"), "output", &output, err) ||
            !origin_from_text(a, output, &at[n], err))
            return err_in(err, "origins[%zu]", n);
        if (at[n].kind != ORIGIN_OUTPUT)
            return err_fail(err, ERR_INPUT, "origins[%zu]: not TXID:VOUT", n);
    }
    r->origins = at;
    r->origins_n = n;
    return true;
}

static bool read_asked(struct arena *a, struct bytes in, struct asked *ret, struct err *err)
{
    const struct json *j, *stops, *case_id;
    const char *policy, *sha256_text;
    struct asked q = {.document = NULL};

    if (!json_read(a, (const char *)in.p, in.n, &j, err))
        return false;
    if (!json_is_string(json_get(j, "schema"), TRACE_SCHEMA))
        return err_fail(err, ERR_INPUT, "schema: \"%s\" is wanted", TRACE_SCHEMA);
    q.document = j;
    q.inputs = json_get(j, "inputs");
    case_id = json_get(j, "case");
    stops = json_get(q.inputs, "stops");
    if (!json_text(json_get(j, "chain"), "chain", &q.chain, err) ||
        !json_text(json_get(j, "policy"), "policy", &policy, err) ||
        !json_text(json_get(q.inputs, "rules"), "inputs.rules", &q.rules, err) ||
        !json_text(json_get(json_get(q.inputs, "until"), "hash"), "inputs.until.hash", &q.until,
                   err) ||
        !json_text(json_get(q.inputs, "stops_sha256"), "inputs.stops_sha256", &sha256_text, err) ||
        !read_limits(q.inputs, &q.request, err) ||
        !read_origins(a, json_get(j, "origins"), &q.request, err))
        return false;
    if (case_id && case_id->type != JSON_NULL &&
        !json_text(case_id, "case", &q.request.case_id, err))
        return false;
    if (!hex_decode(sha256_text, strlen(sha256_text), q.stops_sha256.b, 32))
        return err_fail(err, ERR_INPUT, "inputs.stops_sha256: not a hash");
    if (!trace_policy_from_name(policy, &q.request.policy))
        return err_fail(err, ERR_INPUT, "policy: \"%.100s\" is not known", policy);
    if (!stops)
        return err_fail(err, ERR_INPUT, "inputs.stops: missing");
    if (!case_stops_read(a, stops, &q.request.stops, &q.request.stops_n, err))
        return err_in(err, "inputs");
    *ret = q;
    return true;
}

static bool inputs_differ(const struct ledger *l, struct asked *q, struct verify_answer *ret)
{
    const struct json *height = json_get(json_get(q->inputs, "until"), "height");
    char text[256], one[128];
    struct hash32 hash;
    struct ledger_block b;
    uint32_t block;

    if (strcmp(q->rules, TRACE_RULES)) {
        snprintf(text, sizeof(text), "rules: \"%.60s\", here \"%s\"", q->rules, TRACE_RULES);
        return verify_differs(ret, VERIFY_INPUTS_DIFFER, text);
    }
    if (strcmp(q->chain, ledger_chain(l)->name)) {
        snprintf(text, sizeof(text), "chain: \"%.60s\", here \"%s\"", q->chain,
                 ledger_chain(l)->name);
        return verify_differs(ret, VERIFY_INPUTS_DIFFER, text);
    }
    block = hash_shown(q->until, &hash) ? ledger_find_block(l, &hash) : BLOCK_NONE;
    if (block == BLOCK_NONE) {
        snprintf(text, sizeof(text), "until: block \"%.64s\" is not in this ledger", q->until);
        return verify_differs(ret, VERIFY_INPUTS_DIFFER, text);
    }
    b = ledger_block(l, block);
    snprintf(text, sizeof(text), "%u", b.height);
    if (b.height == HEIGHT_UNKNOWN
            ? !height || height->type != JSON_NULL
            : !height || height->type != JSON_NUMBER || strcmp(height->text, text)) {
        snprintf(text, sizeof(text), "until: height %s, here %u",
                 verify_shown(height, one, sizeof(one)), b.height);
        return verify_differs(ret, VERIFY_INPUTS_DIFFER, text);
    }
    q->request.blocks_n = block + 1;
    return false;
}

bool verify_stops_adopt(struct arena *a, const struct trace_stop *of_document, size_t document_n,
                        const struct trace_stop *stops, size_t stops_n,
                        const struct trace_stop **ret, struct err *err)
{
    const struct trace_stop **told = stops_sorted(a, of_document, document_n);
    struct trace_stop *own = ARENA_ARRAY(a, struct trace_stop, stops_n);
    const struct trace_stop **here;

    if (!told || !own)
        return err_fail(err, ERR_NOMEM, "%zu stops", stops_n);
    if (stops_n)
        memcpy(own, stops, stops_n * sizeof(*own));
    here = stops_sorted(a, own, stops_n);
    if (!here)
        return err_fail(err, ERR_NOMEM, "%zu stops", stops_n);
    for (size_t i = 0, k = 0; i < stops_n && k < document_n;) {
        int order = stop_compare(here[i], told[k]);

        if (!order)
            own[here[i] - own].source = told[k]->source;
        i += order <= 0;
        k += order > 0;
    }
    *ret = own;
    return true;
}

static bool stops_differ(struct arena *a, struct asked *q, const struct trace_stop *stops,
                         size_t stops_n, bool *ret_differ, struct verify_answer *ret,
                         struct err *err)
{
    struct hash32 hash;

    *ret_differ = false;
    if (stops && !verify_stops_adopt(a, q->request.stops, q->request.stops_n, stops, stops_n,
                                     &q->request.stops, err))
        return false;
    if (stops)
        q->request.stops_n = stops_n;
    if (!stops_hash(a, q->request.stops, q->request.stops_n, &hash, err))
        return false;
    ret->stops_checked = hash32_equal(&hash, &q->stops_sha256);
    if (stops && !ret->stops_checked)
        *ret_differ = verify_differs(ret, VERIFY_INPUTS_DIFFER,
                                     "stops_sha256: the stops given are not those of the document");
    return true;
}

static bool compare(struct arena *a, const struct asked *q, const struct trace_doc *d,
                    struct verify_answer *ret, struct err *err)
{
    static const char *const but[] = {"data_as_of", "gaps", NULL}, *const none[] = {NULL};
    struct text t = text_new(JSON_BYTES_MAX);
    const struct json *here = NULL;
    char text[ERR_TEXT_MAX];
    bool ok;

    trace_write_json(&t, d);
    ok = text_end(&t, err) && json_read(a, t.p, t.n, &here, err);
    text_free(&t);
    if (!ok)
        return false;
    if (json_first_difference(json_get(q->document, "gaps"), json_get(here, "gaps"), none, text,
                              sizeof(text)))
        return verify_differs(ret, VERIFY_INPUTS_DIFFER,
                              "gaps: this ledger lacks other blocks than the document's");
    if (json_first_difference(q->document, here, but, text, sizeof(text)))
        return verify_differs(ret, VERIFY_RESULT_DIFFERS, text);
    ret->outcome = VERIFY_SAME;
    snprintf(ret->text, sizeof(ret->text), "same");
    return true;
}

bool trace_verify(struct arena *a, const struct ledger *l, struct bytes document,
                  const struct trace_stop *stops, size_t stops_n, struct verify_answer *ret,
                  struct err *err)
{
    struct asked q;
    struct trace_doc d;
    bool differ;

    memset(ret, 0, sizeof(*ret));
    if (!read_asked(a, document, &q, err))
        return false;
    if (inputs_differ(l, &q, ret))
        return true;
    if (!stops_differ(a, &q, stops, stops_n, &differ, ret, err))
        return false;
    if (differ)
        return true;
    if (!trace_run(a, l, &q.request, 1, &d, err)) {
        if (err->class == ERR_NOT_FOUND || err->class == ERR_USAGE)
            return verify_differs(ret, VERIFY_INPUTS_DIFFER, err->text);
        return false;
    }
    d.stops_sha256 = q.stops_sha256;
    return compare(a, &q, &d, ret, err);
}
