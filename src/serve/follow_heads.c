#include "serve/follow_heads.h"

#include "base/json.h"
#include "base/mem.h"
#include "serve/ws.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define WAIT_MS 1000u
#define NAP_MS 50u

struct follow_heads {
    const char *url;
    struct follow_heads_calls calls;
    pthread_t thread;
    atomic_bool stop;
    bool told;
};

#define ASK(id, method, params)                                                                    \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" method "\",\"params\":[" params "]}"
#define ID_WHOLE 2u /* of requests: transactions whole, their hashes, one of them */
#define ID_HASHES 3u
#define ID_ONE 4u
#define MESSAGE_ARENA ((size_t)32 << 20)
#define HASH_TEXT 66u

static bool say(struct ws *w, const char *text, struct err *err)
{
    return ws_send(w, text, strlen(text), err);
}

static void pending_tell(struct follow_heads *h, const struct json *tx)
{
    struct text text = text_new(WS_MESSAGE_MAX);
    struct json_out j = json_to(&text, false);
    struct err none;

    json_tree(&j, tx);
    if (text_end(&text, &none))
        h->calls.pending(h->calls.ctx, (struct bytes){(const uint8_t *)text.p, text.n});
    text_free(&text);
}

static bool is_hash(const char *s)
{
    return strlen(s) == HASH_TEXT && s[0] == '0' && s[1] == 'x' &&
           strspn(s + 2, "0123456789abcdefABCDEF") == HASH_TEXT - 2;
}

/* A hash is asked for whole. */
static bool hash_ask(struct ws *w, const char *hash, struct err *err)
{
    char ask[200];

    snprintf(ask, sizeof(ask), ASK("4", "eth_getTransactionByHash", "\"%s\""), hash);
    return say(w, ask, err);
}

/* What is not of a transaction is news of a block, or nothing: it wakes. */
static bool message_look(struct follow_heads *h, struct ws *w, struct bytes message,
                         struct err *err)
{
    struct arena *a = arena_new(NULL, MESSAGE_ARENA);
    const struct json *o, *params, *result, *id;
    const char *hash;
    uint64_t number = 0;
    struct err none;
    bool ok = true;

    if (!a)
        return err_fail(err, ERR_NOMEM, "a message");
    if (!json_read(a, (const char *)message.p, message.n, &o, &none) || o->type != JSON_OBJECT) {
        arena_free(a);
        return true;
    }
    params = json_get(o, "params");
    result = json_get(params && params->type == JSON_OBJECT ? params : o, "result");
    id = json_get(o, "id");
    if (id && !json_u64(id, "id", &number, &none))
        number = 0;
    if (number == ID_WHOLE && json_get(o, "error"))
        ok = say(w, ASK("3", "eth_subscribe", "\"newPendingTransactions\""), err);
    else if ((number == ID_ONE || params) && result && result->type == JSON_OBJECT &&
             json_get(result, "from") && json_get(result, "value"))
        pending_tell(h, result);
    else if (params && result && result->type == JSON_STRING &&
             json_text(result, "result", &hash, &none) && is_hash(hash))
        ok = hash_ask(w, hash, err);
    else
        h->calls.block(h->calls.ctx);
    arena_free(a);
    return ok;
}

/* Until the connection ends. */
static bool listen_once(struct follow_heads *h, struct err *err)
{
    struct bytes message;
    struct ws *w;
    bool ok, got;

    if (!ws_open(h->url, &h->stop, &w, err))
        return false;
    ok = say(w, h->calls.news, err);
    if (ok && h->calls.pending)
        ok = say(w, ASK("2", "eth_subscribe", "\"newPendingTransactions\",true"), err);
    h->told &= !ok;
    while (ok && !h->stop) {
        ok = ws_next(w, WAIT_MS, &message, &got, err);
        if (ok && got && h->calls.pending)
            ok = message_look(h, w, message, err);
        else if (ok && got)
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
    h->stop = true;
    pthread_join(h->thread, NULL);
    return mem_free(h);
}
