#include "serve/lead_routes.h"

#include "base/mem.h"
#include "serve/audit.h"
#include "serve/clock.h"
#include "serve/group_routes.h"
#include "serve/lead_judge.h"
#include "serve/metrics.h"
#include "serve/notify.h"
#include "serve/pace.h"
#include "serve/screening.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#define LIST_MAX 1000
#define LIST_USUAL 100
#define TURN_BYTES_MAX ((size_t)64 << 20)
#define LOOK_MS 1000
#define FAILED_MS 30000 /* until what failed is tried again */
#define PURGE_MS 3600000
#define DAY_MS ((uint64_t)86400000)
#define AUDIT_AT_ONCE 100
#define SHORT_ID 12

struct leads {
    struct node *node;
    struct live_group *group;
    pthread_mutex_t lock;        /* of reads and pace */
    struct store *reads, *store; /* store: of the thread */
    struct pace pace;
    pthread_t thread;
    bool running, had_failed;
    uint64_t purged_ms;
    atomic_bool ending;
    _Atomic(uint64_t) told, refused, duplicates, reached, not_reached, not_known;
};

/* ---- what a lead's teller may ask ---- */

static bool refuse(struct http_job *job, unsigned status, const char *why)
{
    http_problem(&job->response, status, why, job->request.id);
    return true;
}

/* By a key of its scope, or without one where that is open. *ret_status 0: it may. */
static const char *may_tell(struct http_job *job, unsigned *ret_status)
{
    struct leads *p = job->part;

    *ret_status = 0;
    if (job->request.scopes & (HTTP_LEADS | HTTP_GROUP) || node_config(p->node)->leads.open)
        return NULL;
    *ret_status = job->request.key ? 403 : 401;
    return job->request.key ? "the key has not the scope that this needs" : "an API key is wanted";
}

static bool is_too_many(struct http_job *job, uint64_t *ret_seconds)
{
    struct leads *p = job->part;
    const struct config *c = node_config(p->node);
    uint64_t wait = 0;
    bool may;

    pthread_mutex_lock(&p->lock);
    may = pace_may(&p->pace, job->request.peer, c->leads.per_minute, c->leads.per_minute_all,
                   clock_steady_us() * 1000, &wait);
    pthread_mutex_unlock(&p->lock);
    *ret_seconds = wait / 1000000000 + 1;
    return !may;
}

static bool too_many(struct http_job *job, uint64_t seconds, struct err *err)
{
    struct leads *p = job->part;
    char text[24];
    const char *kept;

    atomic_fetch_add(&p->refused, 1);
    snprintf(text, sizeof(text), "%llu", (unsigned long long)seconds);
    kept = arena_string(job->arena, text, strlen(text));
    if (!kept)
        return err_fail(err, ERR_NOMEM, "a lead");
    http_problem(&job->response, 429, "more leads than may be told in a minute", job->request.id);
    http_response_field(&job->response, "Retry-After", kept);
    return true;
}

static bool audited(struct http_job *job, const char *event, const struct lead *l, struct err *err)
{
    struct text line = text_new(AUDIT_LINE_BYTES_MAX);
    struct json_out j = screening_audit_begin(job, &line, event);
    bool ok;

    json_key(&j, "lead");
    json_object(&j);
    lead_json(&j, l, true);
    json_object_end(&j);
    json_object_end(&j);
    ok = text_end(&line, err) && http_audit(job, line.p, line.n, err);
    text_free(&line);
    return ok;
}

static void answer(struct http_job *job, const struct lead *l, bool all)
{
    struct json_out j = json_to(&job->response.body, false);

    json_object(&j);
    json_put_string(&j, "schema", all ? "cordon.lead-review/1" : "cordon.lead/1");
    lead_json(&j, l, all);
    json_object_end(&j);
}

/* Nobody can guess it, so that who knows it may ask what came of it. */
static const char *id_new(struct arena *a)
{
    uint8_t b[LEAD_ID_N / 2];
    char id[LEAD_ID_N + 1];

    randombytes_buf(b, sizeof(b));
    sodium_bin2hex(id, sizeof(id), b, sizeof(b));
    return arena_string(a, id, LEAD_ID_N);
}

static bool tell(struct http_job *job, struct err *err)
{
    static const char *const known[] = {NULL};
    struct leads *p = job->part;
    struct bytes body = {job->request.body.p, (size_t)job->request.body.n};
    uint64_t seconds;
    unsigned status;
    const char *why = may_tell(job, &status);
    struct lead l;

    if (status)
        return refuse(job, status, why);
    if (is_too_many(job, &seconds))
        return too_many(job, seconds, err);
    if (!http_query_only(&job->request, known, err) || !lead_read(job->arena, body, &l, err))
        return false;
    l.id = id_new(job->arena);
    l.ms = clock_ms();
    l.key = job->request.key;
    if (!l.id)
        return err_fail(err, ERR_NOMEM, "a lead");
    if (!lead_put(job->store, job->arena, &l, err)) {
        if (err->class != ERR_LIMIT)
            return false;
        return refuse(job, 503, err->text);
    }
    atomic_fetch_add(&p->told, 1);
    atomic_fetch_add(&p->duplicates, l.duplicate_of != NULL);
    job->response.status = 201;
    answer(job, &l, false);
    return audited(job, "lead", &l, err);
}

static bool ask(struct http_job *job, struct err *err)
{
    static const char *const known[] = {NULL};
    struct leads *p = job->part;
    bool all = job->request.scopes & HTTP_GROUP, ok;
    unsigned status;
    const char *why = may_tell(job, &status);
    struct lead l;

    if (status)
        return refuse(job, status, why);
    if (!http_query_only(&job->request, known, err))
        return false;
    pthread_mutex_lock(&p->lock);
    ok = lead_find(p->reads, job->arena, job->request.params[0], &l, err);
    pthread_mutex_unlock(&p->lock);
    if (ok)
        answer(job, &l, all);
    return ok;
}

/* ---- what members may ---- */

static bool status_of(const struct http_request *r, const char **ret, struct err *err)
{
    *ret = http_query(r, "status");
    for (size_t i = 0; *ret && lead_statuses[i]; i++)
        if (!strcmp(lead_statuses[i], *ret))
            return true;
    return !*ret ||
           err_fail(err, ERR_INPUT, "status: new, duplicate, not-reached or reviewed is wanted");
}

static bool list(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"after", "limit", "status", NULL};
    struct leads *p = job->part;
    struct lead *l = ARENA_ARRAY(job->arena, struct lead, LIST_MAX);
    struct json_out j = json_to(&job->response.body, false);
    uint64_t after = 0, limit = LIST_USUAL;
    const char *status;
    size_t n = 0;
    bool ok;

    if (!l)
        return err_fail(err, ERR_NOMEM, "leads");
    if (!http_query_only(&job->request, known, err) ||
        !http_query_number(&job->request, "after", INT64_MAX, &after, err) ||
        !http_query_number(&job->request, "limit", LIST_MAX, &limit, err) ||
        !status_of(&job->request, &status, err))
        return false;
    pthread_mutex_lock(&p->lock);
    ok = lead_list(p->reads, job->arena, after, status, l, limit, &n, err);
    pthread_mutex_unlock(&p->lock);
    if (!ok)
        return false;
    leads_json(&j, l, n, after);
    return true;
}

/* ---- the thread: judging ---- */

/* A rota that cannot be read is told by who reads it always (serve/notify.h). */
static const char *on_duty(struct leads *p, struct arena *a)
{
    const struct rota_person *who = NULL;
    struct rota r;
    struct err none;

    if (rota_load(a, node_home(p->node), &r, &none))
        who = rota_on_duty(&r, 1, clock_ms());
    return who ? who->mail : NULL;
}

static bool notice_put(struct leads *p, struct arena *a, const struct lead *l, const char *reached,
                       struct err *err)
{
    char id[OUTBOX_ID_MAX], subject[100];
    struct outbox_message m = {.id = id, .ms = clock_ms(), .to = on_duty(p, a)};
    struct notice n = {.kind = "lead",
                       .severity = reached ? SEVERITY_WARNING : SEVERITY_INFO,
                       .object = id,
                       .case_object = reached,
                       .state = "new",
                       .subject = subject,
                       .to_do = "review it (cordon lead show, cordon lead review)"};

    snprintf(id, sizeof(id), "lead-%s", l->id);
    snprintf(subject, sizeof(subject), "lead %.*s, to %s, is of %s", SHORT_ID, l->id, l->action,
             reached ? "an address that a case reaches" : "a chain that is not followed here");
    return notice_write(a, &n, &m, err) && notify_put(p->store, node_told(p->node), &m, id, err);
}

static bool verdict_put(struct leads *p, struct arena *a, const struct lead *l,
                        const struct lead_verdict *v, struct err *err)
{
    const char *reached = v->reached[0] ? v->reached : NULL;

    if (!lead_judged(p->store, l->number, v->known, reached, err))
        return false;
    return (v->known && !reached) || notice_put(p, a, l, reached, err);
}

static bool verdicts_put(struct leads *p, struct arena *a, const struct lead *l, size_t n,
                         const struct lead_verdict *v, struct err *err)
{
    bool ok = store_begin(p->store, err);

    for (size_t i = 0; ok && i < n; i++)
        ok = verdict_put(p, a, &l[i], &v[i], err);
    ok = ok && store_commit(p->store, err);
    if (!ok) {
        store_rollback(p->store);
        return false;
    }
    for (size_t i = 0; i < n; i++)
        atomic_fetch_add(v[i].reached[0] ? &p->reached
                         : v[i].known    ? &p->not_reached
                                         : &p->not_known,
                         1);
    node_wake(p->node);
    return true;
}

/* Those of the first one's chain; others have their turn next. */
static bool judge(struct leads *p, struct arena *a, bool *ret_any, struct err *err)
{
    struct lead *l = ARENA_ARRAY(a, struct lead, LEAD_JUDGED_MAX);
    struct lead_verdict *v = ARENA_ARRAY(a, struct lead_verdict, LEAD_JUDGED_MAX);
    size_t all = 0, n = 0;

    if (!l || !v)
        return err_fail(err, ERR_NOMEM, "leads");
    if (!lead_unjudged(p->store, a, l, LEAD_JUDGED_MAX, &all, err))
        return false;
    for (size_t i = 0; i < all; i++)
        if (!strcmp(l[i].chain, l[0].chain))
            l[n++] = l[i];
    *ret_any = n > 0;
    if (!n)
        return true;
    return lead_judge(node_ledgers(p->node), p->group, l, n, &p->ending, v, err) &&
           verdicts_put(p, a, l, n, v, err);
}

/* ---- the thread: reviews by persons ---- */

static void line_done(struct audit_entry *e, bool durable)
{
    atomic_store((atomic_int *)e->ctx, durable ? 1 : -1);
}

static void pause_ms(unsigned ms)
{
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

    nanosleep(&t, NULL);
}

static bool line_put(struct leads *p, const struct lead *l, struct err *err)
{
    struct text line = text_new(AUDIT_LINE_BYTES_MAX);
    struct json_out j = json_to(&line, false);
    struct audit_entry e = {.done = line_done};
    atomic_int durable = 0;

    json_object(&j);
    json_put_string(&j, "event", "lead reviewed");
    json_put_string(&j, "request_id", NULL);
    json_put_string(&j, "key", NULL);
    json_key(&j, "lead");
    json_object(&j);
    lead_json(&j, l, true);
    json_object_end(&j);
    json_object_end(&j);
    if (!text_end(&line, err)) {
        text_free(&line);
        return false;
    }
    e.json = (struct bytes){(uint8_t *)line.p, line.n};
    e.ctx = &durable;
    audit_put(node_audit(p->node), &e);
    while (!atomic_load(&durable))
        pause_ms(1);
    text_free(&line);
    return atomic_load(&durable) > 0 ||
           err_fail(err, ERR_SYSTEM, "the audit log cannot be written");
}

static bool reviews_audit(struct leads *p, struct arena *a, struct err *err)
{
    struct lead *l = ARENA_ARRAY(a, struct lead, AUDIT_AT_ONCE);
    size_t n = 0;
    bool ok = l ? lead_unaudited(p->store, a, l, AUDIT_AT_ONCE, &n, err)
                : err_fail(err, ERR_NOMEM, "leads");

    for (size_t i = 0; ok && i < n; i++)
        ok = line_put(p, &l[i], err) && lead_audited(p->store, l[i].number, err);
    return ok;
}

static bool purge(struct leads *p, struct err *err)
{
    uint64_t now = clock_ms(), keep = node_config(p->node)->leads.keep * DAY_MS;

    if (now - p->purged_ms < PURGE_MS || now < keep)
        return true;
    p->purged_ms = now;
    return lead_purge(p->store, now - keep, err);
}

static void *work(void *ctx)
{
    struct leads *p = ctx;

    while (!atomic_load(&p->ending)) {
        struct arena *a = arena_new(NULL, TURN_BYTES_MAX);
        bool any = false;
        struct err err;
        bool ok = (a || err_fail(&err, ERR_NOMEM, "leads")) && reviews_audit(p, a, &err) &&
                  judge(p, a, &any, &err) && purge(p, &err);

        arena_free(a);
        if (!ok && !p->had_failed && !atomic_load(&p->ending))
            log_event(node_log(p->node), LOG_ERROR, "leads", NULL, "%s", err.text);
        p->had_failed = !ok;
        for (unsigned ms = 0; ms < (ok ? LOOK_MS : FAILED_MS) && !atomic_load(&p->ending);
             ms += 100)
            pause_ms(100);
    }
    return NULL;
}

/* ---- the part ---- */

static void part_close(void *part)
{
    struct leads *p = part;

    if (!p)
        return;
    atomic_store(&p->ending, true);
    if (p->running)
        pthread_join(p->thread, NULL);
    store_close(p->reads);
    store_close(p->store);
    pthread_mutex_destroy(&p->lock);
    mem_free(p);
}

static bool part_open(struct node *n, void **ret, struct err *err)
{
    struct leads *p = mem_zero(sizeof(*p));
    bool ok;

    if (!p)
        return err_fail(err, ERR_NOMEM, "leads");
    pthread_mutex_init(&p->lock, NULL);
    pace_start(&p->pace);
    p->node = n;
    p->group = node_opened(n, &group_part);
    ok = (p->group || err_fail(err, ERR_SYSTEM, "no group")) &&
         node_store_open(n, &p->reads, err) && node_store_open(n, &p->store, err);
    if (ok) {
        errno = pthread_create(&p->thread, NULL, work, p);
        p->running = !errno;
        ok = p->running || err_system(err, "a thread for leads");
    }
    if (!ok) {
        part_close(p);
        return false;
    }
    *ret = p;
    return true;
}

static void part_metrics(void *part, struct text *to)
{
    struct leads *p = part;
    const struct {
        const char *state;
        _Atomic(uint64_t) *n;
    } rows[] = {
        {"told", &p->told},       {"refused", &p->refused},         {"duplicate", &p->duplicates},
        {"reached", &p->reached}, {"not-reached", &p->not_reached}, {"not-known", &p->not_known}};

    metric_head(to, "cordon_leads_total", "counter",
                "Leads that were told, and refused for their number; what they were found to be.");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        metric_u64(to, "cordon_leads_total", "state", rows[i].state, atomic_load(rows[i].n));
}

static const struct http_route routes[] = {
    {"POST", "/v1/leads", HTTP_PUBLIC, HTTP_STORES, LEAD_BODY_BYTES_MAX, tell},
    {"GET", "/v1/leads", HTTP_GROUP, HTTP_WORKER, 0, list},
    {"GET", "/v1/leads/{id}", HTTP_PUBLIC, HTTP_WORKER, 0, ask},
};

const struct node_part lead_part = {
    .name = "leads",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .schema = &lead_schema,
    .open = part_open,
    .close = part_close,
    .metrics = part_metrics,
};
