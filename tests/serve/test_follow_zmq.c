/* What a publisher says and what is made of it: a real one, of libzmq, in this process. */
#include "support.h"

#include "serve/follow_zmq.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#define WAIT_US 1000
#define WAITS 120000

struct heard {
    pthread_mutex_t lock;
    unsigned blocks, txs;
    char last[64]; /* the last transaction */
};

static void on_block(void *ctx)
{
    struct heard *h = ctx;

    pthread_mutex_lock(&h->lock);
    h->blocks++;
    pthread_mutex_unlock(&h->lock);
}

static void on_tx(void *ctx, struct bytes raw)
{
    struct heard *h = ctx;

    pthread_mutex_lock(&h->lock);
    h->txs++;
    snprintf(h->last, sizeof(h->last), "%.*s", (int)raw.n, (const char *)raw.p);
    pthread_mutex_unlock(&h->lock);
}

static void put(void *socket, const char *topic, const char *body, uint32_t number)
{
    uint8_t le[4];

    store_le32(le, number);
    CHECK(zmq_send(socket, topic, strlen(topic), ZMQ_SNDMORE) >= 0);
    CHECK(zmq_send(socket, body, strlen(body), ZMQ_SNDMORE) >= 0);
    CHECK(zmq_send(socket, le, sizeof(le), 0) >= 0);
}

static bool reached(struct heard *h, unsigned blocks, unsigned txs)
{
    bool ok;

    pthread_mutex_lock(&h->lock);
    ok = h->blocks >= blocks && h->txs >= txs;
    pthread_mutex_unlock(&h->lock);
    return ok;
}

static unsigned blocks_of(struct heard *h)
{
    unsigned blocks;

    pthread_mutex_lock(&h->lock);
    blocks = h->blocks;
    pthread_mutex_unlock(&h->lock);
    return blocks;
}

/* The next one may be written at once. */
static void last_is(struct heard *h, const char *want)
{
    char last[sizeof(h->last)];

    pthread_mutex_lock(&h->lock);
    memcpy(last, h->last, sizeof(last));
    pthread_mutex_unlock(&h->lock);
    CHECK_S(last, want);
}

static void await(struct heard *h, unsigned blocks, unsigned txs)
{
    for (unsigned i = 0; i < WAITS && !reached(h, blocks, txs); i++)
        usleep(WAIT_US);
    CHECK(reached(h, blocks, txs));
}

static void published(void **state)
{
    struct heard h = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct follow_zmq_calls calls = {.block = on_block, .tx = on_tx, .ctx = &h};
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_PUB);
    struct follow_zmq *z;
    char endpoint[128];
    size_t n = sizeof(endpoint);
    struct err err;
    unsigned blocks;

    CHECK(!zmq_bind(socket, "tcp://127.0.0.1:*"));
    CHECK(!zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &n));
    CHECK_OK(follow_zmq_open(endpoint, calls, &z, &err), err);
    for (uint32_t i = 0; !reached(&h, 1, 0);
         i++) { /* what is said before it has subscribed is lost */
        put(socket, "hashblock", "x", i);
        usleep(WAIT_US);
    }
    put(socket, "rawtx", "first", 7);
    await(&h, 1, 1); /* and all that was said before it */
    blocks = blocks_of(&h);
    last_is(&h, "first");
    put(socket, "rawtx", "third", 9); /* number 8 did not come */
    await(&h, blocks, 2);
    CHECK_U(follow_zmq_lost(z), 1);
    put(socket, "rawtx", "anew", 0); /* the node has started again */
    put(socket, "rawtxx", "of no topic", 1);
    put(socket, "rawtx", "", 1);
    zmq_send(socket, "rawtx", 5, 0);
    zmq_send(socket, "rawtx", 5, ZMQ_SNDMORE);
    zmq_send(socket, "half", 4, 0);
    for (unsigned i = 0; i < 6; i++)
        zmq_send(socket, "rawtx", 5, i < 5 ? ZMQ_SNDMORE : 0);
    put(socket, "rawblock", "y", 1);
    await(&h, blocks + 1, 3);
    CHECK_U(h.txs, 3);
    last_is(&h, "anew");
    CHECK_U(follow_zmq_lost(z), 1);
    follow_zmq_close(z);
    zmq_close(socket);
    zmq_ctx_term(context);
}

/* ---- transactions as long as they are ---- */

#define LONG_TXS 300u
#define LONG_MAX 9000u

static size_t long_n(uint32_t i)
{
    return 1 + (size_t)i * 7919 % LONG_MAX;
}

/* Their bytes are read while libzmq takes more: each is as it was said. */
static void on_long(void *ctx, struct bytes raw)
{
    struct heard *h = ctx;
    bool same = true;

    for (size_t i = 0; i < raw.n; i++)
        same &= raw.p[i] == (uint8_t)raw.n;
    pthread_mutex_lock(&h->lock);
    h->txs += same;
    pthread_mutex_unlock(&h->lock);
}

static void long_ones(void **state)
{
    struct heard h = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct follow_zmq_calls calls = {.block = on_block, .tx = on_long, .ctx = &h};
    void *context = zmq_ctx_new(), *socket = zmq_socket(context, ZMQ_PUB);
    char endpoint[128], body[LONG_MAX + 1];
    struct follow_zmq *z;
    size_t n = sizeof(endpoint);
    struct err err;

    CHECK(!zmq_bind(socket, "tcp://127.0.0.1:*"));
    CHECK(!zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint, &n));
    CHECK_OK(follow_zmq_open(endpoint, calls, &z, &err), err);
    for (uint32_t i = 0; !reached(&h, 1, 0); i++) {
        put(socket, "hashblock", "x", i);
        usleep(WAIT_US);
    }
    for (uint32_t i = 0; i < LONG_TXS; i++) {
        memset(body, (uint8_t)long_n(i), long_n(i));
        CHECK(zmq_send(socket, "rawtx", 5, ZMQ_SNDMORE) >= 0);
        CHECK(zmq_send(socket, body, long_n(i), ZMQ_SNDMORE) >= 0);
        CHECK(zmq_send(socket, (uint8_t[4]){(uint8_t)i, (uint8_t)(i >> 8)}, 4, 0) >= 0);
        if (i % 100 == 99) /* fewer than libzmq keeps for who does not keep up */
            await(&h, 1, i + 1);
    }
    CHECK_U(h.txs, LONG_TXS);
    CHECK_U(follow_zmq_lost(z), 0);
    follow_zmq_close(z);
    zmq_close(socket);
    zmq_ctx_term(context);
}

static void endpoints(void **state)
{
    static const char *const bad[] = {"", "127.0.0.1:1", "http://127.0.0.1:1", "tcp://",
                                      "tcp://127.0.0.1"};
    struct follow_zmq_calls calls = {.block = on_block, .tx = on_tx};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct follow_zmq *z;
        struct err err;

        test_row("%s", bad[i]);
        CHECK(!follow_zmq_open(bad[i], calls, &z, &err));
        CHECK_U(err.class, ERR_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published),
        cmocka_unit_test(long_ones),
        cmocka_unit_test(endpoints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
