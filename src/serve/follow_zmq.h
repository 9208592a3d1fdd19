/* What a node of Bitcoin's kind publishes by ZeroMQ (Core's -zmqpubrawblock and its like): that
 * there is a new block, and raw transactions as they come into its memory pool.
 *
 * A block's message only wakes: blocks come by the way that checks them. A transaction is handed on
 * as it came, unless it is longer than a block may be; the node tells those of a new block, too. A
 * publisher is believed as little as any node, and none is needed: without one the chain is polled.
 * The socket connects, and connects again, by itself.
 *
 * Ownership: endpoint is borrowed; a transaction until the call returns.
 * Errors:    ERR_INPUT an endpoint that is none; ERR_SYSTEM no socket or thread.
 * Threads:   calls come from a thread of its own. */
#ifndef CORDON_SERVE_FOLLOW_ZMQ_H
#define CORDON_SERVE_FOLLOW_ZMQ_H

#include "base/bytes.h"
#include "base/err.h"

#include <stdint.h>

#define FOLLOW_ZMQ_WAITING 1000 /* messages; beyond them the oldest are lost, which is counted */

struct follow_zmq;

struct follow_zmq_calls {
    void (*block)(void *ctx);
    void (*tx)(void *ctx, struct bytes raw);
    void *ctx;
};

bool follow_zmq_open(const char *endpoint, struct follow_zmq_calls calls, struct follow_zmq **ret,
                     struct err *err) MUST_USE;
struct follow_zmq *follow_zmq_close(struct follow_zmq *z);
/* Messages that were published and did not come, by their numbers. */
uint64_t follow_zmq_lost(struct follow_zmq *z);

/* One message: topic, body, and the number of its topic, 4 bytes; false: it is none of these. */
enum follow_topic { FOLLOW_BLOCK, FOLLOW_TX };
bool follow_zmq_read(const struct bytes *parts, size_t n, enum follow_topic *ret_topic,
                     uint32_t *ret_number);

#endif
