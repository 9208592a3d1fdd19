#include "serve/alert_routes.h"

#include "base/time.h"
#include "group/alert_show.h"
#include "group/owed.h"
#include "serve/clock.h"
#include "serve/deposit_place.h"
#include "serve/group_routes.h"

#define ALERTS_MAX 1000 /* told at once */

static bool part_open(struct node *n, void **ret, struct err *err)
{
    *ret = node_opened(n, &group_part);
    return *ret || err_fail(err, ERR_SYSTEM, "no group");
}

/* ---- all of them, a page at a time ---- */

struct page {
    struct http_job *job;
    const char *schema;
    bool held; /* those of which a hold is said */
    uint64_t after, limit;
    const struct live_ledgers_view *ledgers;
    struct err *err;
    bool ok;
};

/* Reads the log, with the ledgers as they are. */
static bool page_read(struct page *p,
                      void (*f)(void *ctx, struct group_log *l, const struct fold *fold))
{
    struct live_ledgers *all = node_ledgers(p->job->node);
    struct live_ledgers_view *v = live_ledgers_take(all);

    p->ledgers = v;
    live_group_read(p->job->part, f, p);
    live_ledgers_drop(all, v);
    return p->ok;
}

static void alert_put(const struct page *p, struct json_out *j, const struct alert_now *n,
                      const struct alert_body *of)
{
    struct alert_place at = deposit_place(p->ledgers, of);

    alert_json(j, n, of, &at);
}

static bool alerts_put(struct page *p, struct group_log *l, const struct alert_book *b,
                       struct json_out *j, uint64_t *ret_next)
{
    uint64_t ms = clock_ms(), i = p->after;
    uint64_t told = 0;

    for (; i < alert_book_n(b) && told < p->limit; i++) {
        struct alert_now n = alert_at(b, i, ms);
        struct alert_body of;

        if (p->held && !n.object->hold)
            continue;
        if (!alert_deposit_of(l, p->job->arena, n.object, &of, p->err))
            return false;
        json_object(j);
        alert_put(p, j, &n, &of);
        json_object_end(j);
        told++;
    }
    *ret_next = i < alert_book_n(b) ? i : UINT64_MAX;
    return true;
}

static void page_put(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct page *p = ctx;
    const struct alert_book *b = fold ? alert_book(p->job->arena, fold) : NULL;
    struct json_out j = json_to(&p->job->response.body, false);
    uint64_t next = UINT64_MAX;

    if (fold && !b) {
        p->ok = err_fail(p->err, ERR_NOMEM, "alerts");
        return;
    }
    json_object(&j);
    json_put_string(&j, "schema", p->schema);
    json_key(&j, "alerts");
    json_array(&j);
    p->ok = !b || alerts_put(p, l, b, &j, &next);
    json_array_end(&j);
    json_put_number_or_null(&j, "next", next, UINT64_MAX);
    json_object_end(&j);
}

static bool page(struct http_job *job, const char *schema, bool held, struct err *err)
{
    static const char *const known[] = {"after", "limit", NULL};
    const char *after = http_query(&job->request, "after"),
               *limit = http_query(&job->request, "limit");
    struct page p = {.job = job, .schema = schema, .held = held, .limit = ALERTS_MAX, .err = err};

    if (!http_query_only(&job->request, known, err))
        return false;
    if (after && !u64_from_text(after, strlen(after), &p.after))
        return err_fail(err, ERR_INPUT, "after: next of an answer before is wanted");
    if (limit &&
        (!u64_from_text(limit, strlen(limit), &p.limit) || !p.limit || p.limit > ALERTS_MAX))
        return err_fail(err, ERR_INPUT, "limit: a number from 1 to %d is wanted", ALERTS_MAX);
    return page_read(&p, page_put);
}

static bool alerts(struct http_job *job, struct err *err)
{
    return page(job, "cordon.group-alerts/1", false, err);
}

static bool holds(struct http_job *job, struct err *err)
{
    return page(job, "cordon.group-holds/1", true, err);
}

/* ---- one, with what happened to it ---- */

static bool one_put(struct page *p, struct group_log *l, const struct fold *fold)
{
    const char *id = p->job->request.params[0];
    const struct fold_object *o = fold ? alert_named(fold, id, 0) : NULL;
    const struct alert_book *b = o ? alert_book(p->job->arena, fold) : NULL;
    struct json_out j = json_to(&p->job->response.body, false);
    struct alert_body of;
    struct alert_now n;
    bool ok;

    if (!o)
        return err_fail(p->err, ERR_NOT_FOUND, "there is no alert \"%.100s\" here", id);
    if (!b || !alert_now(b, o, clock_ms(), &n))
        return err_fail(p->err, ERR_NOMEM, "an alert");
    if (!alert_deposit_of(l, p->job->arena, o, &of, p->err))
        return false;
    json_object(&j);
    json_put_string(&j, "schema", "cordon.group-alert/1");
    alert_put(p, &j, &n, &of);
    ok = events_put(&j, l, p->job->arena, o, p->err);
    json_object_end(&j);
    return ok;
}

static void one_read(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct page *p = ctx;

    p->ok = one_put(p, l, fold);
}

static bool one(struct http_job *job, struct err *err)
{
    static const char *const known[] = {NULL};
    struct page p = {.job = job, .err = err};

    if (!http_query_only(&job->request, known, err))
        return false;
    return page_read(&p, one_read);
}

/* ---- what they oblige to ---- */

static void owed_read(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct page *p = ctx;
    struct json_out j = json_to(&p->job->response.body, false);
    const char *member = fold ? live_group_member(p->job->part, fold) : NULL;
    struct owed *rows = NULL;
    size_t n = 0;

    p->ok = member ? owed_of(l, p->job->arena, member, p->limit, clock_ms(), &rows, &n, p->err)
                   : err_fail(p->err, ERR_NOT_FOUND, "this home is of no group yet");
    if (!p->ok)
        return;
    json_object(&j);
    json_put_string(&j, "schema", "cordon.owed/1");
    owed_put(&j, rows, n, clock_ms());
    json_object_end(&j);
}

static bool owed(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"by", NULL};
    const char *by = http_query(&job->request, "by");
    struct page p = {.job = job, .limit = UINT64_MAX, .err = err};
    uint64_t time;

    if (!http_query_only(&job->request, known, err))
        return false;
    if (by && (strlen(by) != 10 || !time_from_iso(by, 10, &time)))
        return err_fail(err, ERR_INPUT, "by: a day is wanted, as 2026-12-31");
    if (by)
        p.limit = (time + 86400) * 1000 - 1;
    return page_read(&p, owed_read);
}

static const struct http_route routes[] = {
    {"GET", "/v1/alerts", HTTP_GROUP, HTTP_WORKER, 0, alerts},
    {"GET", "/v1/alerts/{id}", HTTP_GROUP, HTTP_WORKER, 0, one},
    {"GET", "/v1/owed", HTTP_GROUP, HTTP_WORKER, 0, owed},
    {"GET", "/v1/holds", HTTP_GROUP, HTTP_WORKER, 0, holds},
};

const struct node_part alert_part = {
    .name = "alerts",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .open = part_open,
};
