#include "serve/notify_routes.h"

#include "base/mem.h"
#include "group/alert_show.h"
#include "serve/clock.h"
#include "serve/event_stream.h"
#include "serve/group_routes.h"
#include "serve/hold_enforced.h"
#include "serve/notify.h"

#include <pthread.h>
#include <stdio.h>

#define NOTICES_MAX 1000 /* told at once */
#define NOTICES_USUAL 100
#define STREAM_NOTICES 50
#define ROTA_BYTES ((size_t)8 << 20)
#define READ_BYTES ((size_t)16 << 20)

struct notifying {
    struct node *node;
    struct live_group *group;
    struct notify *notify;
    pthread_mutex_t lock; /* of reads */
    struct store *reads;
    atomic_uint readers;
};

static void part_close(void *part)
{
    struct notifying *p = part;

    if (!p)
        return;
    notify_close(p->notify);
    store_close(p->reads);
    pthread_mutex_destroy(&p->lock);
    mem_free(p);
}

static bool part_open(struct node *n, void **ret, struct err *err)
{
    struct notifying *p = mem_zero(sizeof(*p));

    if (!p)
        return err_fail(err, ERR_NOMEM, "messages");
    pthread_mutex_init(&p->lock, NULL);
    p->node = n;
    p->group = node_opened(n, &group_part);
    if ((p->group || err_fail(err, ERR_SYSTEM, "no group")) && node_store_open(n, &p->reads, err) &&
        notify_open(n, p->group, &p->notify, err)) {
        *ret = p;
        return true;
    }
    part_close(p);
    return false;
}

static bool part_reload(void *part, struct node *n, struct err *err)
{
    struct notifying *p = part;

    /* the rota is read with each look */
    if (!notify_reload(p->notify, node_config_read(n), err))
        return false;
    node_told_by(n, node_config_read(n));
    return true;
}

static void part_metrics(void *part, struct text *to)
{
    struct notifying *p = part;

    notify_metrics(p->notify, to);
}

/* ---- the core's word ---- */

static bool enforced(struct http_job *job, struct err *err)
{
    struct notifying *p = job->part;

    return hold_enforced(job, p->group, err);
}

/* ---- what waits ---- */

struct waiting {
    struct http_job *job;
    struct notifying *part;
    struct rota rota;
    struct err *err;
    bool ok;
};

static void waiting_put(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct waiting *w = ctx;
    const char *member = live_group_member(w->part->group, fold);
    const struct alert_book *b = member ? alert_book(w->job->arena, fold) : NULL;
    struct json_out j = json_to(&w->job->response.body, false);

    (void)l;
    w->ok = b || !member || err_fail(w->err, ERR_NOMEM, "alerts");
    waits_json(&j, b, member, &w->rota, notify_core_ms(node_told(w->part->node)), clock_ms());
}

static bool escalations(struct http_job *job, struct err *err)
{
    static const char *const known[] = {NULL};
    struct waiting w = {.job = job, .part = job->part, .err = err};
    struct arena *a = arena_new(job->arena, ROTA_BYTES);

    if (!a)
        return err_fail(err, ERR_NOMEM, "a rota");
    if (!http_query_only(&job->request, known, err) ||
        !rota_load(a, node_home(w.part->node), &w.rota, err))
        return false;
    live_group_read(w.part->group, waiting_put, &w);
    return w.ok;
}

/* ---- what people were told ---- */

static void notice_put(struct json_out *j, const struct outbox_message *m)
{
    json_object(j);
    json_put_number(j, "number", m->number);
    json_key(j, "notice");
    json_raw(j, m->body, strlen(m->body));
    json_object_end(j);
}

static bool notices_read(struct notifying *p, struct arena *a, uint64_t after,
                         struct outbox_message *ret, size_t max, size_t *ret_n, struct err *err)
{
    bool ok;

    pthread_mutex_lock(&p->lock);
    ok = outbox_after(p->reads, a, after, ret, max, ret_n, err);
    pthread_mutex_unlock(&p->lock);
    return ok;
}

static bool notices(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"after", "limit", NULL};
    struct outbox_message *m = ARENA_ARRAY(job->arena, struct outbox_message, NOTICES_MAX);
    struct json_out j = json_to(&job->response.body, false);
    uint64_t after = 0, limit = NOTICES_USUAL;
    size_t n = 0;

    if (!m)
        return err_fail(err, ERR_NOMEM, "notices");
    if (!http_query_only(&job->request, known, err) ||
        !http_query_number(&job->request, "after", INT64_MAX, &after, err) ||
        !http_query_number(&job->request, "limit", NOTICES_MAX, &limit, err) ||
        !notices_read(job->part, job->arena, after, m, limit, &n, err))
        return false;
    json_object(&j);
    json_put_string(&j, "schema", "cordon.notices/1");
    json_key(&j, "notices");
    json_array(&j);
    for (size_t i = 0; i < n; i++)
        notice_put(&j, &m[i]);
    json_array_end(&j);
    json_put_number(&j, "after", n ? m[n - 1].number : after);
    json_object_end(&j);
    return true;
}

/* ---- as they come: server-sent events, the id is the number ---- */

struct telling {
    struct event_stream stream;
    struct notifying *part;
    uint64_t after;
};

static bool tell_read(struct telling *t, struct arena *a, struct text *to, struct err *err)
{
    struct outbox_message m[STREAM_NOTICES];
    size_t n = 0;

    if (!notices_read(t->part, a, t->after, m, STREAM_NOTICES, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        text_printf(to, "id: %llu\nevent: %s\ndata: %s\n\n", (unsigned long long)m[i].number,
                    m[i].kind, m[i].body);
        t->after = m[i].number;
    }
    return true;
}

static bool tell(void *ctx, struct text *to, struct err *err)
{
    struct arena *a = arena_new(NULL, READ_BYTES);
    bool ok = a ? tell_read(ctx, a, to, err) : err_fail(err, ERR_NOMEM, "notices");

    arena_free(a);
    return ok;
}

static bool stream_from(const struct http_request *r, struct telling *t, struct err *err)
{
    bool again, ok;

    if (!event_stream_last(r, &again, &t->after, err))
        return false;
    if (again)
        return true;
    if (http_query(r, "after"))
        return http_query_number(r, "after", INT64_MAX, &t->after, err);
    pthread_mutex_lock(&t->part->lock);
    ok = outbox_last(t->part->reads, &t->after, err);
    pthread_mutex_unlock(&t->part->lock);
    return ok;
}

static bool stream_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"after", NULL};
    struct telling *t = ARENA_NEW(job->arena, struct telling);

    if (!t)
        return err_fail(err, ERR_NOMEM, "a stream");
    t->part = job->part;
    t->stream = (struct event_stream){.readers = &t->part->readers, .tell = tell, .ctx = t};
    return http_query_only(&job->request, known, err) && stream_from(&job->request, t, err) &&
           event_stream_begin(job, &t->stream);
}

static const struct http_route routes[] = {
    {"POST", "/v1/holds/{id}/enforced", HTTP_CORE, HTTP_WORKER | HTTP_KEEPS, ENFORCED_BYTES_MAX,
     enforced},
    {"GET", "/v1/escalations", HTTP_GROUP, HTTP_WORKER, 0, escalations},
    {"GET", "/v1/notices", HTTP_GROUP, HTTP_WORKER, 0, notices},
    {"GET", "/v1/notices/stream", HTTP_GROUP, HTTP_WORKER, 0, stream_get},
};

const struct node_part notify_part = {
    .name = "notify",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .schema = &outbox_schema,
    .open = part_open,
    .close = part_close,
    .reload = part_reload,
    .metrics = part_metrics,
};
