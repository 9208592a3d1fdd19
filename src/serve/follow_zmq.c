#include "serve/follow_zmq.h"

#include "base/mem.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <zmq.h>

#define PARTS 3
#define POLL_MS 100
#define MESSAGE_BYTES_MAX ((int64_t)32 << 20)
#define TX_BYTES_MAX ((size_t)4000000) /* BIP 141: "Blocks are currently limited to 4,000,000" */

static const struct {
    const char *name;
    enum follow_topic topic;
} topics[] = {{"rawblock", FOLLOW_BLOCK}, {"hashblock", FOLLOW_BLOCK}, {"rawtx", FOLLOW_TX}};

#define TOPICS_N (sizeof(topics) / sizeof(topics[0]))

struct follow_zmq {
    struct follow_zmq_calls calls;
    void *context, *socket;
    pthread_t thread;
    atomic_bool stop;
    atomic_uint_least64_t lost;
    uint32_t next[TOPICS_N]; /* number of the next message of a topic */
    bool any[TOPICS_N];
};

static size_t topic_of(struct bytes name)
{
    size_t i = 0;

    while (i < TOPICS_N &&
           (name.n != strlen(topics[i].name) || memcmp(name.p, topics[i].name, name.n)))
        i++;
    return i;
}

bool follow_zmq_read(const struct bytes *parts, size_t n, enum follow_topic *ret_topic,
                     uint32_t *ret_number)
{
    size_t i = n == PARTS ? topic_of(parts[0]) : TOPICS_N;

    if (i == TOPICS_N || parts[2].n != 4)
        return false;
    if (topics[i].topic == FOLLOW_TX && (!parts[1].n || parts[1].n > TX_BYTES_MAX))
        return false;
    *ret_topic = topics[i].topic;
    *ret_number = load_le32(parts[2].p);
    return true;
}

static void count_lost(struct follow_zmq *z, size_t topic, uint32_t number)
{
    if (z->any[topic] && number > z->next[topic]) /* less: the node has started again */
        atomic_fetch_add(&z->lost, number - z->next[topic]);
    z->any[topic] = true;
    z->next[topic] = number + 1;
}

static void take(struct follow_zmq *z, const struct bytes *parts, size_t n)
{
    enum follow_topic topic;
    uint32_t number;

    if (!follow_zmq_read(parts, n, &topic, &number))
        return;
    count_lost(z, topic_of(parts[0]), number);
    switch (topic) {
    case FOLLOW_BLOCK:
        z->calls.block(z->calls.ctx);
        break;
    case FOLLOW_TX:
        z->calls.tx(z->calls.ctx, parts[1]);
        break;
    }
}

/* One message with all its parts, of which three count. */
static void receive(struct follow_zmq *z)
{
    zmq_msg_t messages[PARTS];
    struct bytes parts[PARTS];
    size_t n = 0;
    bool more = true;

    while (more) {
        zmq_msg_t extra, *m = n < PARTS ? &messages[n] : &extra;

        zmq_msg_init(m);
        if (zmq_msg_recv(m, z->socket, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(m);
            break;
        }
        more = zmq_msg_more(m);
        if (m == &extra)
            zmq_msg_close(m);
        else
            parts[n] = (struct bytes){zmq_msg_data(m), zmq_msg_size(m)};
        n++;
    }
    if (!more)
        take(z, parts, n);
    for (size_t i = 0; i < n && i < PARTS; i++)
        zmq_msg_close(&messages[i]);
}

static void *run(void *ctx)
{
    struct follow_zmq *z = ctx;

    while (!atomic_load(&z->stop)) {
        zmq_pollitem_t item = {.socket = z->socket, .events = ZMQ_POLLIN};

        if (zmq_poll(&item, 1, POLL_MS) > 0)
            receive(z);
    }
    return NULL;
}

static bool option(void *socket, int name, const void *value, size_t n)
{
    return !zmq_setsockopt(socket, name, value, n);
}

static bool connect_to(struct follow_zmq *z, const char *endpoint, struct err *err)
{
    const int waiting = FOLLOW_ZMQ_WAITING, linger = 0;
    const int64_t bytes = MESSAGE_BYTES_MAX;
    bool ok = option(z->socket, ZMQ_RCVHWM, &waiting, sizeof(waiting)) &&
              option(z->socket, ZMQ_LINGER, &linger, sizeof(linger)) &&
              option(z->socket, ZMQ_MAXMSGSIZE, &bytes, sizeof(bytes));

    for (size_t i = 0; ok && i < TOPICS_N; i++)
        ok = option(z->socket, ZMQ_SUBSCRIBE, topics[i].name, strlen(topics[i].name));
    if (!ok)
        return err_fail(err, ERR_SYSTEM, "ZeroMQ: %s", zmq_strerror(zmq_errno()));
    if (strncmp(endpoint, "tcp://", 6) != 0 && strncmp(endpoint, "ipc://", 6) != 0)
        return err_fail(err, ERR_INPUT, "\"%s\": tcp://HOST:PORT or ipc://PATH is wanted",
                        endpoint);
    return !zmq_connect(z->socket, endpoint) ||
           err_fail(err, ERR_INPUT, "\"%s\": %s", endpoint, zmq_strerror(zmq_errno()));
}

static struct follow_zmq *end(struct follow_zmq *z)
{
    if (z->socket)
        zmq_close(z->socket);
    if (z->context)
        zmq_ctx_term(z->context);
    return mem_free(z);
}

bool follow_zmq_open(const char *endpoint, struct follow_zmq_calls calls, struct follow_zmq **ret,
                     struct err *err)
{
    struct follow_zmq *z = mem_zero(sizeof(*z));
    bool ok;

    if (!z)
        return err_fail(err, ERR_NOMEM, "ZeroMQ");
    z->calls = calls;
    z->context = zmq_ctx_new();
    z->socket = z->context ? zmq_socket(z->context, ZMQ_SUB) : NULL;
    ok = z->socket ? connect_to(z, endpoint, err) : err_fail(err, ERR_SYSTEM, "ZeroMQ");
    if (ok) {
        errno = pthread_create(&z->thread, NULL, run, z);
        ok = !errno || err_system(err, "a thread");
    }
    if (!ok) {
        end(z);
        return false;
    }
    *ret = z;
    return true;
}

struct follow_zmq *follow_zmq_close(struct follow_zmq *z)
{
    if (!z)
        return NULL;
    atomic_store(&z->stop, true);
    pthread_join(z->thread, NULL);
    return end(z);
}

uint64_t follow_zmq_lost(struct follow_zmq *z)
{
    return atomic_load(&z->lost);
}
