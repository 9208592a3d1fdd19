#include "serve/follow_heads.h"

#include "base/mem.h"
#include "serve/ws.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#define WAIT_MS 1000u
#define NAP_MS 50u

struct follow_heads {
    const char *url;
    struct follow_heads_calls calls;
    pthread_t thread;
    volatile sig_atomic_t stop;
    bool told;
};

/* Until the connection ends. */
static bool listen_once(struct follow_heads *h, struct err *err)
{
    static const char ask[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\",\"params\":[\"newHeads\"]}";
    struct bytes message;
    struct ws *w;
    bool ok, got;

    if (!ws_open(h->url, &h->stop, &w, err))
        return false;
    ok = ws_send(w, ask, sizeof(ask) - 1, err);
    h->told &= !ok;
    while (ok && !h->stop) {
        ok = ws_next(w, WAIT_MS, &message, &got, err);
        if (ok && got)
            h->calls.block(h->calls.ctx);
    }
    ws_close(w);
    return ok;
}

static void *run(void *ctx)
{
    const struct timespec nap = {0, (long)NAP_MS * 1000000};
    struct follow_heads *h = ctx;
    uint64_t pause = FOLLOW_HEADS_PAUSE_MS;
    struct err err;

    while (!h->stop && !listen_once(h, &err) && !h->stop) {
        if (!h->told) {
            h->calls.failed(h->calls.ctx, &err);
            pause = FOLLOW_HEADS_PAUSE_MS;
        }
        h->told = true;
        for (uint64_t slept = 0; slept < pause && !h->stop; slept += NAP_MS)
            nanosleep(&nap, NULL);
        pause = pause * 2 < FOLLOW_HEADS_PAUSE_MS_MAX ? pause * 2 : FOLLOW_HEADS_PAUSE_MS_MAX;
    }
    return NULL;
}

bool follow_heads_open(const char *url, struct follow_heads_calls calls, struct follow_heads **ret,
                       struct err *err)
{
    struct follow_heads *h = mem_zero(sizeof(*h));

    if (!h)
        return err_fail(err, ERR_NOMEM, "a thread");
    h->url = url;
    h->calls = calls;
    errno = pthread_create(&h->thread, NULL, run, h);
    if (errno) {
        err_set_system(err, "a thread");
        mem_free(h);
        return false;
    }
    *ret = h;
    return true;
}

struct follow_heads *follow_heads_close(struct follow_heads *h)
{
    if (!h)
        return NULL;
    h->stop = 1;
    pthread_join(h->thread, NULL);
    return mem_free(h);
}
