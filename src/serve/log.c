#include "serve/log.h"

#include "base/io.h"
#include "base/json.h"
#include "base/mem.h"
#include "serve/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

struct log {
    pthread_mutex_t lock, writing;
    pthread_cond_t wake;
    pthread_t thread;
    struct text lines, taken; /* being filled; being written */
    uint64_t dropped;
    int fd;
    bool requests_all, ending;
};

static void line_start(struct log *l, struct json_out *j, enum log_level level, const char *event)
{
    static const char *const levels[] = {
        [LOG_INFO] = "info", [LOG_WARNING] = "warning", [LOG_ERROR] = "error"};
    char now[CLOCK_TEXT_MAX];

    clock_text(now);
    *j = json_to(&l->lines, false);
    json_object(j);
    json_put_string(j, "time", now);
    json_put_string(j, "level", levels[level]);
    json_put_string(j, "event", event);
}

/* A line that did not fit is taken back whole. */
static void line_end(struct log *l, struct json_out *j, size_t before)
{
    json_object_end(j);
    text_char(&l->lines, '\n');
    if (l->lines.bad) {
        l->lines.bad = l->lines.over = false;
        l->lines.n = before;
        l->dropped++;
    }
}

void log_flush(struct log *l)
{
    uint64_t dropped;
    char text[160], now[CLOCK_TEXT_MAX];

    pthread_mutex_lock(&l->writing);
    pthread_mutex_lock(&l->lock);
    struct text full = l->lines;

    l->lines = l->taken;
    l->taken = full;
    dropped = l->dropped;
    l->dropped = 0;
    pthread_mutex_unlock(&l->lock);
    write_whole(l->fd, l->taken.p, l->taken.n); /* of one that fails there is no place to tell */
    l->taken.n = 0;
    if (dropped) {
        clock_text(now);
        write_whole(l->fd, text,
                    (size_t)snprintf(text, sizeof(text),
                                     "{\"time\":\"%s\",\"level\":\"warning\",\"event\":\"dropped\","
                                     "\"text\":\"%llu lines\"}\n",
                                     now, (unsigned long long)dropped));
    }
    pthread_mutex_unlock(&l->writing);
}

static void *gatherer(void *log)
{
    struct log *l = log;
    bool ending;

    do {
        struct timespec until;

        clock_steady_in_ms(&until, LOG_WAIT_MS);
        pthread_mutex_lock(&l->lock);
        if (!l->ending)
            pthread_cond_timedwait(&l->wake, &l->lock, &until);
        ending = l->ending;
        pthread_mutex_unlock(&l->lock);
        log_flush(l);
    } while (!ending);
    return NULL;
}

bool log_open(int fd, bool requests_all, struct log **ret, struct err *err)
{
    struct log *l = mem_zero(sizeof(*l));

    if (!l)
        return err_fail(err, ERR_NOMEM, "a log");
    l->fd = fd;
    l->requests_all = requests_all;
    l->lines = text_new(LOG_BYTES_MAX);
    l->taken = text_new(LOG_BYTES_MAX);
    pthread_mutex_init(&l->lock, NULL);
    pthread_mutex_init(&l->writing, NULL);
    clock_cond_init(&l->wake);
    errno = pthread_create(&l->thread, NULL, gatherer, l);
    if (errno) {
        mem_free(l);
        return err_system(err, "a log's thread");
    }
    *ret = l;
    return true;
}

struct log *log_close(struct log *l)
{
    if (!l)
        return NULL;
    pthread_mutex_lock(&l->lock);
    l->ending = true;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    pthread_mutex_destroy(&l->lock);
    pthread_mutex_destroy(&l->writing);
    pthread_cond_destroy(&l->wake);
    text_free(&l->lines);
    text_free(&l->taken);
    return mem_free(l);
}

void log_event(struct log *l, enum log_level level, const char *event, const char *request_id,
               const char *fmt, ...)
{
    char text[ERR_TEXT_MAX];
    struct json_out j;
    va_list args;
    size_t before;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    pthread_mutex_lock(&l->lock);
    before = l->lines.n;
    line_start(l, &j, level, event);
    if (request_id) {
        json_put_string(&j, "request_id", request_id);
    }
    json_put_string(&j, "text", text);
    line_end(l, &j, before);
    pthread_mutex_unlock(&l->lock);
    if (level != LOG_INFO)
        log_flush(l);
}

void log_requested(struct log *l, const struct log_request *r)
{
    struct json_out j;
    size_t before;

    if (!l->requests_all && r->status < 400)
        return;
    pthread_mutex_lock(&l->lock);
    before = l->lines.n;
    line_start(l, &j, r->status < 500 ? LOG_INFO : LOG_ERROR, "request");
    json_put_string(&j, "request_id", r->id);
    json_put_string(&j, "method", r->method);
    json_put_string(&j, "route", r->route);
    json_put_number(&j, "status", r->status);
    json_put_number(&j, "us", r->us);
    json_put_string(&j, "peer", r->peer);
    json_put_string(&j, "key", r->key);
    line_end(l, &j, before);
    pthread_mutex_unlock(&l->lock);
}
