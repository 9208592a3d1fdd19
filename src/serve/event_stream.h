/* A reader that stays: server-sent events (HTML Living Standard, section 9.2).
 *
 * Whoever has events puts what is new each time it is asked: "id: N\nevent: TYPE\ndata: ...\n\n".
 * When there was nothing for SERVER_STREAM_IDLE_MS a comment goes out, so that a reader that has
 * gone is found out.
 *
 * Ownership: the stream lives in the job's arena, and as long as its answer.
 * Threads:   tell is called by one thread at a time; readers is shared by the streams of a part. */
#ifndef CORDON_SERVE_EVENT_STREAM_H
#define CORDON_SERVE_EVENT_STREAM_H

#include "serve/server.h"

#include <stdatomic.h>

#define EVENT_READERS_MAX 64u

struct event_stream {
    atomic_uint *readers; /* of the part, at most EVENT_READERS_MAX */
    bool (*tell)(void *ctx, struct text *to, struct err *err);
    void *ctx;
    uint64_t told_us; /* when something was sent last */
};

/* Where a reader that comes again goes on: its Last-Event-ID, if it has one (*ret_is). */
bool event_stream_last(const struct http_request *r, bool *ret_is, uint64_t *ret_id,
                       struct err *err) MUST_USE;
/* The answer is this stream from now on; 503 if there are too many readers. Always true, as of a
 * route that has answered. */
bool event_stream_begin(struct http_job *job, struct event_stream *s);

#endif
