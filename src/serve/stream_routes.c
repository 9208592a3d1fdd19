/* Events of the group as they come, for readers that stay: server-sent events (HTML Living
 * Standard, section 9.2). The id of each is its row, so that a reader which comes again goes on
 * behind the last that it had. */
#include "serve/stream_routes.h"

#include "base/mem.h"
#include "group/show.h"
#include "serve/clock.h"
#include "serve/group_routes.h"
#include "serve/watch_routes.h"

#include <stdatomic.h>
#include <stdio.h>

#define STREAM_EVENTS 50 /* at once */
#define EARLY_AT_ONCE 10
#define STREAMS_MAX 64

struct streams {
    struct node *node;
    struct live_group *group;
    atomic_uint streams;
};

struct telling { /* to one reader */
    struct streams *part;
    char audience[GROUP_NAME_MAX + 1]; /* "": any */
    uint64_t row;
    struct early *early;  /* NULL: none */
    uint64_t early_above; /* those that were told */
    uint64_t told_us;     /* when something was sent last */
    struct text *to;
};

static void told_put(struct text *to, const struct fold_event *e)
{
    struct json_out j = json_to(to, false);

    text_printf(to, "id: %llu\nevent: %s\ndata: ", (unsigned long long)e->number, e->e.type);
    logged_put(&j, e);
    text_str(to, "\n\n");
}

static void tell_rows(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct telling *t = ctx;
    const struct fold_event *e;

    (void)l;
    for (unsigned n = 0; fold && n < STREAM_EVENTS && (e = fold_event_at(fold, t->row)); t->row++)
        if (!t->audience[0] || !strcmp(t->audience, e->e.audience)) {
            told_put(t->to, e);
            n++;
        }
}

/* They have no id: a reader that comes again asks for them (GET /v1/early-warnings). */
static void tell_early(struct telling *t)
{
    struct early_warning w[EARLY_AT_ONCE];
    size_t n = t->early ? early_all(t->early, t->early_above, w, EARLY_AT_ONCE) : 0;

    for (size_t i = 0; i < n; i++) {
        struct json_out j = json_to(t->to, false);

        text_str(t->to, "event: early\ndata: ");
        json_object(&j);
        early_json(&j, &w[i]);
        json_object_end(&j);
        text_str(t->to, "\n\n");
        t->early_above = w[i].number;
    }
}

static bool tell_more(void *ctx, struct text *to, bool *ret_more, struct err *err)
{
    struct telling *t = ctx;
    uint64_t now = clock_steady_us();

    (void)err;
    t->to = to;
    live_group_read(t->part->group, tell_rows, t);
    tell_early(t);
    if (!to->n && now - t->told_us >= SERVER_STREAM_IDLE_MS * 1000)
        text_str(to, ":\n\n"); /* a reader that has gone is found out */
    if (to->n)
        t->told_us = now;
    *ret_more = true;
    return true;
}

static void tell_end(void *ctx)
{
    struct telling *t = ctx;

    atomic_fetch_sub(&t->part->streams, 1);
}

static bool stream_from(const struct http_request *r, struct telling *t, struct err *err)
{
    const char *last = http_header(r, "Last-Event-ID"), *audience = http_query(r, "audience"),
               *since = http_query(r, "since");

    t->row = live_group_rows(t->part->group);
    if (audience && !group_name_valid(audience))
        return err_fail(err, ERR_INPUT, "audience: a name is wanted");
    snprintf(t->audience, sizeof(t->audience), "%s", audience ? audience : "");
    if (last)
        return u64_from_text(last, strlen(last), &t->row) ||
               err_fail(err, ERR_INPUT, "Last-Event-ID: a number is wanted");
    return !since || u64_from_text(since, strlen(since), &t->row) ||
           err_fail(err, ERR_INPUT, "since: a number is wanted");
}

static bool stream_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"since", "audience", NULL};
    struct telling *t = ARENA_NEW(job->arena, struct telling);
    void *watch;

    if (!t)
        return err_fail(err, ERR_NOMEM, "a stream");
    t->part = job->part;
    t->told_us = clock_steady_us();
    watch = node_opened(job->node, &watch_part);
    if (watch && !http_query(&job->request, "audience")) {
        t->early = watch_early(watch);
        t->early_above = early_last(t->early);
    }
    if (!http_query_only(&job->request, known, err) || !stream_from(&job->request, t, err))
        return false;
    if (atomic_fetch_add(&t->part->streams, 1) >= STREAMS_MAX) {
        atomic_fetch_sub(&t->part->streams, 1);
        http_problem(&job->response, 503, "too many streams", job->request.id);
        return true;
    }
    job->response.type = "text/event-stream";
    job->response.pull = tell_more;
    job->response.pull_ctx = t;
    job->response.pull_end = tell_end;
    return true;
}

/* ---- the part ---- */

static void changed(void *ctx, uint64_t version)
{
    struct streams *s = ctx;

    (void)version;
    node_wake(s->node);
}

static bool part_open(struct node *n, void **ret, struct err *err)
{
    struct streams *s = mem_zero(sizeof(*s));

    if (!s)
        return err_fail(err, ERR_NOMEM, "streams");
    s->node = n;
    s->group = node_opened(n, &group_part);
    if (s->group ? live_group_listen(s->group, changed, s, err)
                 : err_fail(err, ERR_SYSTEM, "no group")) {
        *ret = s;
        return true;
    }
    mem_free(s);
    return false;
}

static void part_close(void *part)
{
    struct streams *s = part;

    if (s)
        live_group_deafen(s->group, changed, s);
    mem_free(s);
}

static const struct http_route routes[] = {
    {"GET", "/v1/stream", HTTP_GROUP, HTTP_WORKER, 0, stream_get},
};

const struct node_part stream_part = {
    .name = "stream",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .open = part_open,
    .close = part_close,
};
