/* A small WebSocket client (RFC 6455), for what a node tells by itself: text messages, one owner.
 *
 * libcurl connects, with TLS for wss://, and carries the bytes; its own WebSocket interface is not
 * built in Debian 12. The handshake is checked, frames of a server are read with a bound, pings are
 * answered, a close and anything that is not of the standard end it. No extension is offered.
 *
 * Errors:    ERR_USAGE not a ws:// or wss:// URL; ERR_INPUT what the peer sends is not of the
 *            protocol; ERR_SYSTEM network, a status, or the peer has closed; ERR_LIMIT a message
 *            too long; ERR_NOMEM. They name the host alone. After one: close.
 * Threads:   one owner. */
#ifndef CORDON_SERVE_WS_H
#define CORDON_SERVE_WS_H

#include "base/bytes.h"
#include "base/err.h"

#include <stdatomic.h>

#define WS_MESSAGE_MAX ((size_t)1 << 20)
#define WS_CONNECT_MS 5000u

struct ws;

bool ws_open(const char *url, const atomic_bool *stop, struct ws **ret, struct err *err) MUST_USE;
struct ws *ws_close(struct ws *w);
bool ws_send(struct ws *w, const char *text, size_t n, struct err *err) MUST_USE;
/* The next message, borrowed until the next call; *ret_got false: none came in time. */
bool ws_next(struct ws *w, unsigned ms, struct bytes *ret, bool *ret_got, struct err *err) MUST_USE;

/* One frame at the beginning of what a server has sent, for ws.c and fuzzing. */
enum ws_opcode { WS_MORE = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };
struct ws_frame {
    enum ws_opcode opcode;
    bool last;
    struct bytes payload;
    size_t size; /* of all of it */
};
/* False with err's class NONE: it is not whole yet. */
bool ws_frame_read(struct bytes in, struct ws_frame *ret, struct err *err);
/* What Sec-WebSocket-Accept must be: 28 characters and a NUL. */
void ws_accept(const char *key, char ret[29]);
/* A whole answer to the handshake, up to and with its empty line. */
bool ws_answer_check(struct bytes answer, const char *accept, struct err *err) MUST_USE;

#endif
