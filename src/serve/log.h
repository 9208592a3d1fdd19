/* The node's log: JSON lines, by default to stderr (docs/schemas/log.json).
 *
 *     {"time":"...","level":"info","event":"listening","text":"127.0.0.1:8117"}
 *     {"time":"...","level":"info","event":"request","request_id":"...","method":"GET",
 *      "route":"/v1/info","status":200,"us":412,"peer":"127.0.0.1","key":"desk"}
 *
 * A request is named by its route's pattern: what was asked stands in no line, and neither does a
 * key. Lines of requests are gathered for at most LOG_WAIT_MS, so that a thread that serves never
 * waits for whoever reads the log; beyond LOG_BYTES_MAX they are dropped, counted, and a line says
 * how many.
 *
 * Threads:   any number. */
#ifndef CORDON_SERVE_LOG_H
#define CORDON_SERVE_LOG_H

#include "base/err.h"

#include <stdint.h>

#define LOG_WAIT_MS 50
#define LOG_BYTES_MAX ((size_t)1 << 20)

enum log_level { LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log;

struct log_request {
    const char *id, *method, *route, *peer, *key; /* route, key: NULL none */
    unsigned status;
    uint64_t us; /* from the request line to the answer */
};

/* The descriptor is borrowed. requests_all false: only answers of 400 and more are told. */
bool log_open(int fd, bool requests_all, struct log **ret, struct err *err) MUST_USE;
struct log *log_close(struct log *l); /* what was gathered is written */
void log_event(struct log *l, enum log_level level, const char *event, const char *request_id,
               const char *fmt, ...) PRINTF_LIKE(5, 6);
void log_requested(struct log *l, const struct log_request *r);
void log_flush(struct log *l);

#endif
