/* Events of the group as they come, for readers that stay. The id of each is its row, so that a
 * reader which comes again goes on behind the last that it had. */
#include "serve/stream_routes.h"

#include "base/mem.h"
#include "group/show.h"
#include "serve/event_stream.h"
#include "serve/group_routes.h"
#include "serve/watch_routes.h"

#include <stdio.h>

#define STREAM_EVENTS 50 /* at once */
#define EARLY_AT_ONCE 10

struct streams {
    struct node *node;
    struct live_group *group;
    atomic_uint readers;
};

struct telling { /* to one reader */
    struct event_stream stream;
    struct live_group *group;
    char audience[GROUP_NAME_MAX + 1]; /* "": any */
    uint64_t row;
    struct early *early;  /* NULL: none */
    uint64_t early_above; /* those that were told */
    struct text *to;
};

static void told_put(struct text *to, const struct fold *fold, const struct fold_event *e)
{
    struct json_out j = json_to(to, false);

    text_printf(to, "id: %llu\nevent: %s\ndata: ", (unsigned long long)e->number, e->e.type);
    logged_put(&j, fold, e);
    text_str(to, "\n\n");
}

static void tell_rows(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct telling *t = ctx;
    const struct fold_event *e;

    (void)l;
    for (unsigned n = 0; fold && n < STREAM_EVENTS && (e = fold_event_at(fold, t->row)); t->row++)
        if (!t->audience[0] || !strcmp(t->audience, e->e.audience)) {
            told_put(t->to, fold, e);
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

static bool tell(void *ctx, struct text *to, struct err *err)
{
    struct telling *t = ctx;

    (void)err;
    t->to = to;
    live_group_read(t->group, tell_rows, t);
    tell_early(t);
    return true;
}

static bool stream_from(const struct http_request *r, struct telling *t, struct err *err)
{
    const char *audience = http_query(r, "audience"), *since = http_query(r, "since");
    bool again;

    t->row = live_group_rows(t->group);
    if (audience && !group_name_valid(audience))
        return err_fail(err, ERR_INPUT, "audience: a name is wanted");
    snprintf(t->audience, sizeof(t->audience), "%s", audience ? audience : "");
    if (!event_stream_last(r, &again, &t->row, err))
        return false;
    return again || !since || u64_from_text(since, strlen(since), &t->row) ||
           err_fail(err, ERR_INPUT, "since: a number is wanted");
}

static bool stream_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"since", "audience", NULL};
    struct telling *t = ARENA_NEW(job->arena, struct telling);
    struct streams *part = job->part;
    void *watch;

    if (!t)
        return err_fail(err, ERR_NOMEM, "a stream");
    t->stream = (struct event_stream){.readers = &part->readers, .tell = tell, .ctx = t};
    t->group = part->group;
    watch = node_opened(job->node, &watch_part);
    if (watch && !http_query(&job->request, "audience")) {
        t->early = watch_early(watch);
        t->early_above = early_last(t->early);
    }
    return http_query_only(&job->request, known, err) && stream_from(&job->request, t, err) &&
           event_stream_begin(job, &t->stream);
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
