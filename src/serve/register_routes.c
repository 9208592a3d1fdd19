/* What stands in registers is read from the log that the node keeps open. A pack, which reads all
 * of a large log, has a reader of its own, so that nobody waits for it who has to say a hold; one
 * is made at a time. */
#include "serve/register_routes.h"

#include "base/mem.h"
#include "cordon.h"
#include "group/approval.h"
#include "group/record_show.h"
#include "group/show.h"
#include "pack/cleared.h"
#include "serve/clock.h"
#include "serve/group_routes.h"

#include <pthread.h>

#define RECORDS_MAX 1000 /* told at once */
#define PACK_BYTES_MAX ((size_t)1 << 30)

struct register_routes {
    struct live_group *group;
    pthread_mutex_t packing;
};

static bool part_open(struct node *n, void **ret, struct err *err)
{
    struct register_routes *p = mem_zero(sizeof(*p));

    if (!p)
        return err_fail(err, ERR_NOMEM, "registers");
    p->group = node_opened(n, &group_part);
    pthread_mutex_init(&p->packing, NULL);
    *ret = p;
    return true;
}

static void part_close(void *part)
{
    struct register_routes *p = part;

    pthread_mutex_destroy(&p->packing);
    mem_free(p);
}

/* ---- registers ---- */

struct reading {
    struct http_job *job;
    bool (*answer)(struct http_job *job, struct group_log *l, const struct fold *f,
                   struct err *err);
    struct err *err;
    bool ok;
};

static void read_log(void *ctx, struct group_log *l, const struct fold *f)
{
    struct reading *r = ctx;

    r->ok = f ? r->answer(r->job, l, f, r->err)
              : err_fail(r->err, ERR_NOT_FOUND, "this home is of no group yet");
}

static bool answer_from(struct http_job *job,
                        bool (*answer)(struct http_job *job, struct group_log *l,
                                       const struct fold *f, struct err *err),
                        struct err *err)
{
    const struct register_routes *p = job->part;
    struct reading r = {.job = job, .answer = answer, .err = err};

    live_group_read(p->group, read_log, &r);
    return r.ok;
}

static bool kind_of(const struct http_job *job, const struct record_kind **ret, struct err *err)
{
    *ret = record_kind(job->request.params[0]);
    return *ret ||
           err_fail(err, ERR_NOT_FOUND, "there is no register \"%.100s\"", job->request.params[0]);
}

static bool is_told(const struct fold_object *o, const struct record_kind *k, const char *audience)
{
    return object_is(o->object, k->name) && o->first && o->state != RECORD_WITHDRAWN &&
           (!audience || !strcmp(audience, o->audience));
}

/* Objects from r->after on, until so many of them are records. */
static bool page_read(struct http_job *job, struct group_log *l, const struct record_kind *k,
                      uint64_t *after, uint64_t limit, struct records *ret, struct err *err)
{
    struct record_said *at = ARENA_ARRAY(job->arena, struct record_said, limit);
    const char *audience = http_query(&job->request, "audience");
    const struct fold_object *o;

    if (!at)
        return err_fail(err, ERR_NOMEM, "records");
    ret->at = at;
    for (; ret->n < limit && (o = fold_object_at(group_log_fold(l), (size_t)*after)); ++*after) {
        bool here;

        if (!is_told(o, k, audience))
            continue;
        if (!record_of(l, job->arena, k, o, &at[ret->n], &here, err))
            return err_in(err, "\"%s\"", o->object);
        ret->n += here;
        ret->unread += !here;
    }
    return true;
}

static bool records_answer(struct http_job *job, struct group_log *l, const struct fold *f,
                           struct err *err)
{
    struct json_out j = json_to(&job->response.body, false);
    uint64_t after = 0, limit = RECORDS_MAX;
    struct records r = {.n = 0};
    const struct record_kind *k;

    if (!kind_of(job, &k, err) ||
        !http_query_number(&job->request, "after", INT64_MAX, &after, err) ||
        !http_query_number(&job->request, "limit", RECORDS_MAX, &limit, err))
        return false;
    if (!limit)
        return err_fail(err, ERR_INPUT, "limit: a number from 1 is wanted");
    if (!page_read(job, l, k, &after, limit, &r, err))
        return false;
    register_put(&j, k, &r, fold_object_at(f, (size_t)after) ? after : UINT64_MAX);
    return true;
}

static bool records_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"after", "audience", "limit", NULL};

    return http_query_only(&job->request, known, err) && answer_from(job, records_answer, err);
}

static const struct fold_object *record_find(const struct http_request *r, const struct fold *f,
                                             const struct record_kind *k)
{
    const char *audience = http_query(r, "audience"), *id = r->params[1];
    const struct fold_object *o;

    for (size_t i = 0; (o = fold_object_at(f, i)); i++)
        if (object_is(o->object, k->name) && o->first &&
            (!strcmp(o->object, id) || !strcmp(strchr(o->object, ':') + 1, id)) &&
            (!audience || !strcmp(audience, o->audience)))
            return o;
    return NULL;
}

static bool record_answer(struct http_job *job, struct group_log *l, const struct fold *f,
                          struct err *err)
{
    struct json_out j = json_to(&job->response.body, false);
    struct clearance clearance = {.n = 0};
    const struct fold_object *o = NULL;
    const struct record_kind *k;
    struct record_said said;
    bool here = false;

    if (!kind_of(job, &k, err))
        return false;
    o = record_find(&job->request, f, k);
    if (o && !record_of(l, job->arena, k, o, &said, &here, err))
        return false;
    if (!here)
        return err_fail(err, ERR_NOT_FOUND, "there is no %s \"%.100s\", or its text is not here",
                        k->name, job->request.params[1]);
    if (!strcmp(k->name, "text") &&
        !clearance_of(l, job->arena, &said, clock_ms(), &clearance, err))
        return false;
    json_object(&j);
    json_put_string(&j, "schema", "cordon.register-record/1");
    json_key(&j, "record");
    record_put(&j, &said);
    clearance_put(&j, &clearance);
    if (!events_put(&j, l, job->arena, o, err))
        return false;
    json_object_end(&j);
    return true;
}

static bool record_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"audience", NULL};

    return http_query_only(&job->request, known, err) && answer_from(job, record_answer, err);
}

static bool claims_answer(struct http_job *job, struct group_log *l, const struct fold *f,
                          struct err *err)
{
    struct json_out j = json_to(&job->response.body, false);
    struct claim_row *rows;
    struct records r;
    uint64_t year = 0;
    size_t n;

    (void)f;
    if (!http_query(&job->request, "year"))
        return err_fail(err, ERR_INPUT, "year: missing");
    if (!http_query_number(&job->request, "year", 9999, &year, err) ||
        !records_of(l, job->arena, record_kind("claim"), &r, err) ||
        !claims_of_year(job->arena, &r, (unsigned)year, NULL, &rows, &n, err))
        return false;
    claims_year_put(&j, (unsigned)year, rows, n);
    return true;
}

static bool claims_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"year", NULL};

    return http_query_only(&job->request, known, err) && answer_from(job, claims_answer, err);
}

/* ---- packs ---- */

struct packing {
    struct http_job *job;
    struct arena *arena;
    struct group_log *log, *then; /* then: as it was at options.until_ms; NULL: as it is */
    struct pack_options options;
    enum pack_language language;
    const char *format, *cleared;
    bool cleared_only; /* to whoever may not see drafts */
};

static bool asked_read(struct packing *p, struct err *err)
{
    const struct http_request *r = &p->job->request;
    const char *reader = http_query(r, "for"), *audience = http_query(r, "audience"),
               *language = http_query(r, "lang"), *format = http_query(r, "format"),
               *until = http_query(r, "until"), *figure = http_query(r, "figure");

    p->options =
        (struct pack_options){.reader = p->cleared_only ? PACK_READER_PUBLIC : PACK_READER_FULL,
                              .audience = audience ? audience : AUDIENCE_ALL,
                              .version = cordon_version()};
    p->language = PACK_EN;
    p->format = format ? format : "html";
    p->cleared = http_query(r, "cleared");
    if (!pack_quarter_read(r->params[0], &p->options.year, &p->options.quarter))
        return err_fail(err, ERR_INPUT, "\"%.60s\": a quarter, as 2026Q4, is wanted", r->params[0]);
    if (reader && !pack_reader_read(reader, &p->options.reader))
        return err_fail(err, ERR_INPUT, "for: full, partner or public is wanted");
    if (language && !pack_language_read(language, &p->language))
        return err_fail(err, ERR_INPUT, "lang: en, ko or ja is wanted");
    if (until && !pack_until_read(until, &p->options.until_ms))
        return err_fail(err, ERR_INPUT, "until: a day, a time or milliseconds are wanted");
    p->options.figure = figure;
    if (figure && !pack_figure_valid(figure))
        return err_fail(err, ERR_INPUT, "figure: \"%.60s\": no figure of packs", figure);
    if (figure && !strcmp(p->format, "html"))
        p->format = "json";
    if (!group_name_valid(p->options.audience))
        return err_fail(err, ERR_INPUT, "audience: a name is wanted");
    return !strcmp(p->format, "html") || !strcmp(p->format, "json") || !strcmp(p->format, "csv") ||
           err_fail(err, ERR_INPUT, "format: html, json or csv is wanted");
}

/* A public one is no draft any more. Where only what is cleared may be seen, what is not is not
 * there. */
static bool clearance_check(struct packing *p, struct pack *pack, struct err *err)
{
    const struct fold *f = group_log_fold(p->log);
    const struct fold_object *o = NULL;
    bool cleared = false;

    for (size_t i = 0; p->cleared && (o = fold_object_at(f, i)); i++)
        if (object_is(o->object, "text") && o->first &&
            (!strcmp(o->object, p->cleared) || !strcmp(strchr(o->object, ':') + 1, p->cleared)))
            break;
    if (p->cleared && !o)
        return err_fail(err, ERR_NOT_FOUND, "there is no text \"%.100s\"", p->cleared);
    if (!o && !p->cleared_only)
        return true;
    if (o ? !pack_cleared(p->log, p->arena, pack, o, clock_ms(), err)
          : !pack_cleared_by_any(p->log, p->arena, pack, clock_ms(), &cleared, err))
        return false;
    if (!o && !cleared)
        return err_fail(err, ERR_NOT_FOUND, "no pack of that quarter is cleared");
    pack->draft = false;
    return true;
}

/* Where two persons have to approve it; what is cleared was approved by governments. */
static bool approval_check(struct packing *p, struct err *err)
{
    const struct fold *f = group_log_fold(p->log);
    const struct http_request *r = &p->job->request;
    const char *member =
        f ? live_group_member(((struct register_routes *)p->job->part)->group, f) : NULL;
    const char *asked[] = {
        "packs",   r->params[0],        http_query(r, "for"),   http_query(r, "lang"),
        p->format, p->options.audience, http_query(r, "until"), http_query(r, "figure")};
    struct text why = text_new(ERR_TEXT_MAX);
    char object[OBJECT_NAME_MAX];
    bool ok = true;

    if (member && !p->cleared && !p->cleared_only) {
        approval_object(group_log_group(p->log), member, asked, sizeof(asked) / sizeof(asked[0]),
                        object);
        ok = approval_stands(f, object, member, clock_ms());
        text_printf(&why, "two persons of %s have to approve it first: cordon log approve %s",
                    member, object);
        if (!ok && text_end(&why, err))
            http_problem(&p->job->response, 403, arena_string(p->job->arena, why.p, why.n), r->id);
    }
    text_free(&why);
    return ok;
}

static bool figure_put(struct packing *p, const struct pack *pack, struct err *err)
{
    struct http_response *to = &p->job->response;

    if (!pack->asked.value)
        return err_fail(err, ERR_NOT_FOUND, "this pack has no figure of that name");
    if (!strcmp(p->format, "csv")) {
        to->type = "text/csv; charset=utf-8";
        pack_figure_csv(&to->body, pack);
    } else {
        pack_figure_json(&to->body, pack);
    }
    return true;
}

/* What a browser saves it as: "2026Q4-TLP-CLEAR-draft-ko.html". */
static bool name_put(struct packing *p, const struct pack *pack, struct err *err)
{
    struct text name = text_new(200);
    const char *field;

    text_printf(&name, "inline; filename=\"%s-", pack->quarter);
    for (const char *m = pack_marking(pack->options.reader); *m; m++)
        text_char(&name, *m == ':' || *m == '+' ? '-' : *m);
    text_str(&name, pack->draft ? "-draft" : "");
    if (!strcmp(p->format, "html"))
        text_printf(&name, "-%s", pack_language_name(p->language));
    text_printf(&name, ".%s\"", p->format);
    field = name.bad ? NULL : arena_string(p->job->arena, name.p, name.n);
    text_free(&name);
    return (field && http_response_field(&p->job->response, "Content-Disposition", field)) ||
           err_fail(err, ERR_NOMEM, "a pack's name");
}

static bool pack_make(struct packing *p, struct err *err)
{
    struct http_response *to = &p->job->response;
    struct pack pack;

    if (!group_log_fold(p->log))
        return err_fail(err, ERR_NOT_FOUND, "this home is of no group yet");
    if (!approval_check(p, err))
        return p->job->response.status == 403;
    if (!pack_of_quarter(p->then ? p->then : p->log, p->arena, &p->options, &pack, err) ||
        !clearance_check(p, &pack, err))
        return false;
    if (p->options.figure)
        return figure_put(p, &pack, err);
    if (!name_put(p, &pack, err))
        return false;
    if (!strcmp(p->format, "json")) {
        pack_json(&to->body, &pack);
    } else if (!strcmp(p->format, "csv")) {
        to->type = "text/csv; charset=utf-8";
        pack_csv(&to->body, &pack);
    } else {
        to->type = "text/html; charset=utf-8";
        pack_html(&to->body, &pack, p->language);
    }
    return true;
}

static bool pack_run(struct packing *p, struct err *err)
{
    struct register_routes *part = p->job->part;
    bool ok;

    if (pthread_mutex_trylock(&part->packing) != 0) {
        http_problem(&p->job->response, 503, "another pack is being made", p->job->request.id);
        return http_response_field(&p->job->response, "Retry-After", "5") ||
               err_fail(err, ERR_NOMEM, "an answer");
    }
    p->arena = arena_new(NULL, PACK_BYTES_MAX);
    ok = (p->arena || err_fail(err, ERR_NOMEM, "a pack")) &&
         group_log_open(node_home(p->job->node), STORE_READ, &live_random, &p->log, err);
    ok = ok &&
         (!p->options.until_ms || group_log_open_until(node_home(p->job->node), p->options.until_ms,
                                                       &live_random, &p->then, err));
    ok = ok && pack_make(p, err);
    p->then = group_log_close(p->then);
    p->log = group_log_close(p->log);
    p->arena = arena_free(p->arena);
    pthread_mutex_unlock(&part->packing);
    return ok;
}

static bool pack_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"audience", "cleared", "figure", "for",
                                        "format",   "lang",    "until",  NULL};
    struct packing p = {.job = job};

    return http_query_only(&job->request, known, err) && asked_read(&p, err) && pack_run(&p, err);
}

static bool public_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"format", "lang", "until", NULL};
    struct packing p = {.job = job, .cleared_only = true};

    return http_query_only(&job->request, known, err) && asked_read(&p, err) && pack_run(&p, err);
}

static const struct http_route routes[] = {
    {"GET", "/v1/registers/{kind}", HTTP_GROUP, HTTP_WORKER, 0, records_get},
    {"GET", "/v1/registers/{kind}/{id}", HTTP_GROUP, HTTP_WORKER, 0, record_get},
    {"GET", "/v1/claims", HTTP_GROUP, HTTP_WORKER, 0, claims_get},
    {"GET", "/v1/packs/{quarter}", HTTP_GROUP, HTTP_WORKER, 0, pack_get},
    {"GET", "/v1/public-packs/{quarter}", HTTP_READ, HTTP_WORKER, 0, public_get},
};

const struct node_part register_part = {
    .name = "registers",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .open = part_open,
    .close = part_close,
};
