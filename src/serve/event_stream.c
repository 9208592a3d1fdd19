#include "serve/event_stream.h"

#include "serve/clock.h"

bool event_stream_last(const struct http_request *r, bool *ret_is, uint64_t *ret_id,
                       struct err *err)
{
    const char *last = http_header(r, "Last-Event-ID");

    *ret_is = last != NULL;
    return !last || u64_from_text(last, strlen(last), ret_id) ||
           err_fail(err, ERR_INPUT, "Last-Event-ID: a number is wanted");
}

static bool tell_more(void *ctx, struct text *to, bool *ret_more, struct err *err)
{
    struct event_stream *s = ctx;
    uint64_t now = clock_steady_us();

    if (!s->tell(s->ctx, to, err))
        return false;
    if (!to->n && now - s->told_us >= SERVER_STREAM_IDLE_MS * 1000)
        text_str(to, ":\n\n");
    if (to->n)
        s->told_us = now;
    *ret_more = true;
    return true;
}

static void tell_end(void *ctx)
{
    struct event_stream *s = ctx;

    atomic_fetch_sub(s->readers, 1);
}

bool event_stream_begin(struct http_job *job, struct event_stream *s)
{
    if (atomic_fetch_add(s->readers, 1) >= EVENT_READERS_MAX) {
        atomic_fetch_sub(s->readers, 1);
        http_problem(&job->response, 503, "too many streams", job->request.id);
        return true;
    }
    s->told_us = clock_steady_us();
    job->response.type = "text/event-stream";
    job->response.pull = tell_more;
    job->response.pull_ctx = s;
    job->response.pull_end = tell_end;
    return true;
}
