#include "group/report.h"

#include "base/json_canonical.h"
#include "base/unsaid.h"
#include "group/event.h"
#include "trace/routes.h"

static bool text_kept(struct arena *a, struct text *t, struct bytes *ret, struct err *err)
{
    bool ok = text_end(t, err);

    if (ok) {
        *ret = (struct bytes){(const uint8_t *)arena_string(a, t->p, t->n), t->n};
        ok = ret->p || err_fail(err, ERR_NOMEM, "a report");
    }
    text_free(t);
    return ok;
}

static bool canonical(struct arena *a, const char *p, size_t n, struct bytes *ret, struct err *err)
{
    struct text to = text_new(EVENT_BODY_BYTES_MAX);
    const struct json *o;

    if (!json_read(a, p, n, &o, err) || !json_canonical_put(a, o, &to, err)) {
        text_free(&to);
        return false;
    }
    return text_kept(a, &to, ret, err);
}

/* The case with its policy named. */
static bool case_named(struct arena *a, struct bytes in, struct bytes *ret, struct err *err)
{
    struct text to = text_new(EVENT_BODY_BYTES_MAX);
    struct json_out j = json_to(&to, false);
    const struct json *o;
    struct bytes named;

    if (!json_read(a, (const char *)in.p, in.n, &o, err)) {
        text_free(&to);
        return false;
    }
    json_object(&j);
    if (!json_get(o, "policy"))
        json_put_string(&j, "policy", trace_policy_name(TRACE_FIFO));
    for (const struct json *child = o->child; child; child = child->next) {
        json_key_n(&j, child->key, child->key_n);
        json_tree(&j, child);
    }
    json_object_end(&j);
    return text_kept(a, &to, &named, err) && canonical(a, (const char *)named.p, named.n, ret, err);
}

static bool body_put(struct arena *a, const struct report *r, struct bytes *ret, struct err *err)
{
    const struct case_file *f = &r->file;
    struct text to = text_new(EVENT_BODY_BYTES_MAX);
    struct json_out j = json_to(&to, false);
    struct hash32 stops;

    if (!stops_hash(a, f->stops, f->stops_n, &stops, err)) {
        text_free(&to);
        return false;
    }
    json_object(&j);
    json_key(&j, "case");
    json_raw(&j, (const char *)r->text.p, r->text.n);
    json_key(&j, "inputs");
    json_object(&j);
    json_put_u256(&j, "dust", f->dust);
    json_put_number_or_null(&j, "hops_max", f->hops_max, TRACE_HOPS_NONE);
    json_put_string(&j, "policy", trace_policy_name(f->policy));
    if (r->has_routes)
        json_put_hex(&j, "routes_sha256", r->routes.b, sizeof(r->routes.b));
    json_put_string(&j, "rules", TRACE_RULES);
    json_put_hex(&j, "stops_sha256", stops.b, sizeof(stops.b));
    json_put_number_or_null(&j, "until", f->has_until ? f->until : UINT64_MAX, UINT64_MAX);
    json_put_number_or_null(&j, "until_time", f->has_until_time ? f->until_time : UINT64_MAX,
                            UINT64_MAX);
    json_object_end(&j);
    json_object_end(&j);
    return text_kept(a, &to, ret, err);
}

enum report_routes report_routes(const struct report *r)
{
    struct hash32 own = routes_trusts_hash();

    if (!r->has_routes)
        return REPORT_ROUTES_NONE;
    return hash32_equal(&r->routes, &own) ? REPORT_ROUTES_SAME : REPORT_ROUTES_OTHER;
}

const char *report_routes_name(enum report_routes routes)
{
    static const char *const names[] = {"same", "other", "not-pinned"};

    return names[routes];
}

/* routes: NULL: none are pinned. */
static bool make(struct arena *a, struct bytes case_text, const struct hash32 *routes,
                 struct report *ret, struct err *err)
{
    struct report r = {.has_routes = routes != NULL};

    if (routes)
        r.routes = *routes;
    if (!case_read(a, case_text, &r.file, err)) /* what it is named by, first */
        return false;
    if (!case_named(a, case_text, &r.text, err) || !case_read(a, r.text, &r.file, err) ||
        !body_put(a, &r, &r.body, err))
        return false;
    *ret = r;
    return true;
}

/* What a person writes: an address has letters between digits, and a token any name. */
static bool is_written(const char *member)
{
    static const char *const members[] = {"id",     "title", "name",   "category",
                                          "source", "note",  "sources"};

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (!strcmp(members[i], member))
            return true;
    return false;
}

/* The member of a case that names a suspicious-transaction report; NULL: none. */
static const char *unsaid_member(const struct json *o)
{
    const struct json *at[JSON_DEPTH_MAX + 1], *j = o->child;
    const char *member = "";
    size_t depth = 0;

    while (j || depth) {
        if (!j) {
            j = at[--depth]->next;
            continue;
        }
        member = j->key ? j->key : member;
        if (j->type == JSON_STRING && is_written(member) && unsaid_in(j->text))
            return member;
        if (j->child && depth < JSON_DEPTH_MAX) {
            at[depth++] = j;
            j = j->child;
        } else {
            j = j->next;
        }
    }
    return NULL;
}

static bool unsaid_check(struct arena *a, const struct report *r, struct err *err)
{
    const struct json *o;
    const char *member;

    if (!json_read(a, (const char *)r->text.p, r->text.n, &o, err))
        return false;
    member = unsaid_member(o);
    return !member ||
           err_fail(err, ERR_INPUT,
                    "%s: whether there is a suspicious-transaction report is not written here",
                    member);
}

bool report_make(struct arena *a, struct bytes case_text, struct report *ret, struct err *err)
{
    struct hash32 routes = routes_trusts_hash();

    return make(a, case_text, &routes, ret, err) && unsaid_check(a, ret, err);
}

static void origins_put(struct json_out *j, const struct json *list, uint64_t max)
{
    json_array(j);
    for (const struct json *o = list->child; o && max; o = o->next, max--)
        json_tree(j, o);
    json_array_end(j);
}

bool report_origins_cut(struct arena *a, struct bytes case_text, uint64_t origins_max,
                        struct bytes *ret, uint64_t *ret_cut, struct err *err)
{
    const struct json *o, *origins;
    struct text to;
    struct json_out j;

    *ret = case_text;
    *ret_cut = 0;
    if (!json_read(a, (const char *)case_text.p, case_text.n, &o, err))
        return false;
    origins = json_get(o, "origins");
    if (!origins || origins->children_n <= origins_max)
        return true;
    *ret_cut = origins->children_n - origins_max;
    to = text_new(EVENT_BODY_BYTES_MAX);
    j = json_to(&to, false);
    json_object(&j);
    for (const struct json *m = o->child; m; m = m->next) {
        json_key_n(&j, m->key, m->key_n);
        if (m == origins)
            origins_put(&j, m, origins_max);
        else
            json_tree(&j, m);
    }
    json_object_end(&j);
    return text_kept(a, &to, ret, err);
}

/* What a body says of it; false: it is no hash. What else is wrong with the body is seen when it is
 * made again. */
static bool routes_read(const struct json *o, struct report *ret, struct err *err)
{
    const struct json *inputs = json_get(o, "inputs");
    const struct json *j = inputs ? json_get(inputs, "routes_sha256") : NULL;
    const char *text;

    ret->has_routes = j != NULL;
    if (!j)
        return true;
    return (json_text(j, "inputs.routes_sha256", &text, err) &&
            strlen(text) == 2 * sizeof(ret->routes.b) &&
            hex_decode(text, strlen(text), ret->routes.b, sizeof(ret->routes.b))) ||
           err_fail(err, ERR_INPUT, "inputs.routes_sha256: no SHA-256");
}

bool report_read(struct arena *a, struct bytes body, struct report *ret, struct err *err)
{
    const struct json *o;
    struct text to;
    struct bytes text;
    struct report r, pinned;

    if (!json_canonical_read(a, (const char *)body.p, body.n, &o, err))
        return false;
    if (!json_get(o, "case"))
        return err_fail(err, ERR_INPUT, "case: missing");
    if (!routes_read(o, &pinned, err))
        return false;
    to = text_new(EVENT_BODY_BYTES_MAX);
    if (!json_canonical_put(a, json_get(o, "case"), &to, err)) {
        text_free(&to);
        return false;
    }
    if (!text_kept(a, &to, &text, err) ||
        !make(a, text, pinned.has_routes ? &pinned.routes : NULL, &r, err))
        return false;
    if (!bytes_equal(r.body, body))
        return err_fail(err, ERR_INPUT, "inputs: not those of the case");
    if (r.file.title && unsaid_in(r.file.title)) /* nobody is shown it */
        r.file.title = NULL;
    *ret = r;
    return true;
}
