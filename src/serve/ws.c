#include "serve/ws.h"

#include "base/mem.h"
#include "base/text.h"
#include "serve/clock.h"
#include "serve/rpc_client.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

#define POLL_MS 100
#define HEAD_MAX ((size_t)16 << 10) /* of the handshake's answer */
#define BUFFER_MAX (WS_MESSAGE_MAX + HEAD_MAX)
#define CONTROL_MAX 125u /* RFC 6455, 5.5 */
#define KEY_BYTES 16

struct ws {
    CURL *easy;
    char host[RPC_HOST_MAX];
    const atomic_bool *stop;
    uint8_t *in; /* what came and was not read yet */
    size_t in_n;
    size_t done; /* of it, given to the caller */
    uint8_t *message;
    size_t message_n;
    bool open; /* a message of several frames has begun */
    bool text;
};

/* ---- frames ---- */

/* 5.2: "FIN, RSV1-3, opcode; MASK, payload length (7, 7+16 or 7+64 bits)"; 5.1: "A server MUST NOT
 * mask any frames that it sends to the client." */
bool ws_frame_read(struct bytes in, struct ws_frame *ret, struct err *err)
{
    uint64_t n;
    size_t head = 2;
    unsigned opcode;

    err->class = ERR_NONE;
    if (in.n < 2)
        return false;
    opcode = in.p[0] & 15u;
    if (in.p[0] & 0x70)
        return err_fail(err, ERR_INPUT, "a frame of an extension that was not agreed on");
    if ((opcode > WS_BINARY && opcode < WS_CLOSE) || opcode > WS_PONG)
        return err_fail(err, ERR_INPUT, "a frame of no known kind");
    if (in.p[1] & 0x80)
        return err_fail(err, ERR_INPUT, "a masked frame");
    n = in.p[1];
    if (opcode >= WS_CLOSE && (n > CONTROL_MAX || !(in.p[0] & 0x80)))
        return err_fail(err, ERR_INPUT, "a control frame too long or in pieces");
    if (n >= 126) {
        size_t more = n == 126 ? 2 : 8;

        head += more;
        if (in.n < head)
            return false;
        n = 0;
        for (size_t i = 0; i < more; i++)
            n = n << 8 | in.p[2 + i];
        if (n < 126 || (more == 8 && n <= UINT16_MAX))
            return err_fail(err, ERR_INPUT, "a length longer than needed");
    }
    if (n > WS_MESSAGE_MAX)
        return err_fail(err, ERR_LIMIT, "a message of more than %zu bytes", WS_MESSAGE_MAX);
    if (in.n - head < n)
        return false;
    *ret = (struct ws_frame){.opcode = (enum ws_opcode)opcode,
                             .last = in.p[0] & 0x80,
                             .payload = {in.p + head, (size_t)n},
                             .size = head + (size_t)n};
    return true;
}

/* ---- bytes ---- */

static bool wait_for(struct ws *w, short events, unsigned ms)
{
    struct pollfd p = {.events = events};
    curl_socket_t fd = CURL_SOCKET_BAD;

    curl_easy_getinfo(w->easy, CURLINFO_ACTIVESOCKET, &fd);
    p.fd = fd;
    return poll(&p, 1, (int)(ms < POLL_MS ? ms : POLL_MS)) >= 0 || errno == EINTR;
}

static bool bytes_send(struct ws *w, const uint8_t *p, size_t n, struct err *err)
{
    uint64_t end = clock_steady_ms() + WS_CONNECT_MS;

    while (n) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(w->easy, p, n, &sent);

        if (code != CURLE_OK && code != CURLE_AGAIN)
            return err_fail(err, ERR_SYSTEM, "%s: %s", w->host, curl_easy_strerror(code));
        p += sent;
        n -= sent;
        if (n && (*w->stop || clock_steady_ms() > end || !wait_for(w, POLLOUT, POLL_MS)))
            return err_fail(err, ERR_SYSTEM, "%s: it takes nothing", w->host);
    }
    return true;
}

/* What there is now; *ret_any false: nothing. */
static bool bytes_take(struct ws *w, bool *ret_any, struct err *err)
{
    size_t n = 0;
    CURLcode code;

    if (w->done) {
        memmove(w->in, w->in + w->done, w->in_n - w->done);
        w->in_n -= w->done;
        w->done = 0;
    }
    if (w->in_n == BUFFER_MAX)
        return err_fail(err, ERR_LIMIT, "%s: a message too long", w->host);
    code = curl_easy_recv(w->easy, w->in + w->in_n, BUFFER_MAX - w->in_n, &n);
    *ret_any = code == CURLE_OK;
    if (code == CURLE_AGAIN)
        return true;
    if (code != CURLE_OK)
        return err_fail(err, ERR_SYSTEM, "%s: %s", w->host, curl_easy_strerror(code));
    w->in_n += n;
    return n || err_fail(err, ERR_SYSTEM, "%s: it has closed the connection", w->host);
}

/* 5.1: "a client MUST mask all frames that it sends". */
static bool frame_send(struct ws *w, enum ws_opcode opcode, const uint8_t *p, size_t n,
                       struct err *err)
{
    uint8_t head[14] = {(uint8_t)(0x80 | opcode)}, *all, *mask;
    size_t head_n = 2;
    bool ok;

    head[1] = (uint8_t)(0x80 | (n < 126 ? n : 126));
    if (n > UINT16_MAX)
        return err_fail(err, ERR_LIMIT, "a message of %zu bytes", n);
    if (n >= 126) {
        head[2] = (uint8_t)(n >> 8);
        head[3] = (uint8_t)n;
        head_n = 4;
    }
    mask = head + head_n;
    head_n += 4;
    all = mem_alloc(head_n + n);
    if (!all || getrandom(mask, 4, 0) != 4) {
        mem_free(all);
        return err_fail(err, ERR_NOMEM, "a message");
    }
    memcpy(all, head, head_n);
    for (size_t i = 0; i < n; i++)
        all[head_n + i] = p[i] ^ mask[i % 4];
    ok = bytes_send(w, all, head_n + n, err);
    mem_free(all);
    return ok;
}

bool ws_send(struct ws *w, const char *text, size_t n, struct err *err)
{
    return frame_send(w, WS_TEXT, (const uint8_t *)text, n, err);
}

/* ---- messages ---- */

static bool piece(struct ws *w, const struct ws_frame *f, bool *ret_whole, struct err *err)
{
    if ((f->opcode == WS_MORE) != w->open)
        return err_fail(err, ERR_INPUT, "%s: pieces of messages out of order", w->host);
    if (!w->open) {
        w->message_n = 0;
        w->text = f->opcode == WS_TEXT;
    }
    if (f->payload.n > WS_MESSAGE_MAX - w->message_n)
        return err_fail(err, ERR_LIMIT, "%s: a message too long", w->host);
    if (f->payload.n)
        memcpy(w->message + w->message_n, f->payload.p, f->payload.n);
    w->message_n += f->payload.n;
    w->open = !f->last;
    *ret_whole = f->last && w->text;
    return true;
}

static bool frame_take(struct ws *w, const struct ws_frame *f, bool *ret_whole, struct err *err)
{
    *ret_whole = false;
    switch (f->opcode) {
    case WS_MORE:
    case WS_TEXT:
    case WS_BINARY:
        return piece(w, f, ret_whole, err);
    case WS_CLOSE:
        return err_fail(err, ERR_SYSTEM, "%s: it has closed the connection", w->host);
    case WS_PING:
        return frame_send(w, WS_PONG, f->payload.p, f->payload.n, err);
    case WS_PONG:
        return true;
    }
    return true;
}

/* Messages that are whole already. */
static bool take_one(struct ws *w, bool *ret_got, struct err *err)
{
    struct ws_frame f;

    *ret_got = false;
    while (!*ret_got &&
           ws_frame_read((struct bytes){w->in + w->done, w->in_n - w->done}, &f, err)) {
        w->done += f.size;
        if (!frame_take(w, &f, ret_got, err))
            return false;
        err->class = ERR_NONE;
    }
    return *ret_got || err->class == ERR_NONE || err_in(err, "%s", w->host);
}

bool ws_next(struct ws *w, unsigned ms, struct bytes *ret, bool *ret_got, struct err *err)
{
    uint64_t end = clock_steady_ms() + ms, now;
    bool any;

    for (;;) {
        if (!take_one(w, ret_got, err))
            return false;
        if (*ret_got) {
            *ret = (struct bytes){w->message, w->message_n};
            return true;
        }
        if (!bytes_take(w, &any, err))
            return false;
        now = clock_steady_ms();
        if (!any && (now >= end || *w->stop))
            return true;
        if (!any && !wait_for(w, POLLIN, (unsigned)(end - now)))
            return err_fail(err, ERR_SYSTEM, "%s: poll", w->host);
    }
}

/* ---- the handshake ---- */

void ws_accept(const char *key, char ret[29])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* 1.3 */
    uint8_t sha1[EVP_MAX_MD_SIZE];
    char both[100];
    unsigned n = 0;

    snprintf(both, sizeof(both), "%.60s%s", key, guid);
    if (!EVP_Digest(both, strlen(both), sha1, &n, EVP_sha1(), NULL) || n != 20)
        memset(sha1, 0, 20);
    EVP_EncodeBlock((unsigned char *)ret, sha1, 20);
}

/* The value of a header field, without spaces around; NULL: it is not there. */
static bool field_of(struct bytes head, const char *name, struct bytes *ret)
{
    size_t name_n = strlen(name), at = 0;

    while (at < head.n) {
        const uint8_t *p = head.p + at, *end = memchr(p, '\n', head.n - at);
        size_t n = end ? (size_t)(end - p) : head.n - at;

        at += n + 1;
        while (n && (p[n - 1] == '\r' || p[n - 1] == ' ' || p[n - 1] == '\t'))
            n--;
        if (n <= name_n || p[name_n] != ':' || strncasecmp((const char *)p, name, name_n) != 0)
            continue;
        p += name_n + 1;
        n -= name_n + 1;
        while (n && (*p == ' ' || *p == '\t')) {
            p++;
            n--;
        }
        *ret = (struct bytes){p, n};
        return true;
    }
    return false;
}

bool ws_answer_check(struct bytes answer, const char *accept, struct err *err)
{
    struct bytes value;

    if (answer.n < 12 || memcmp(answer.p, "HTTP/1.1 ", 9) != 0)
        return err_fail(err, ERR_INPUT, "it does not speak HTTP/1.1");
    if (memcmp(answer.p + 9, "101", 3) != 0)
        return err_fail(err, ERR_SYSTEM, "status %c%c%c: it does not speak WebSocket",
                        answer.p[9] >= '0' && answer.p[9] <= '9' ? answer.p[9] : '?',
                        answer.p[10] >= '0' && answer.p[10] <= '9' ? answer.p[10] : '?',
                        answer.p[11] >= '0' && answer.p[11] <= '9' ? answer.p[11] : '?');
    if (!field_of(answer, "Sec-WebSocket-Accept", &value) || value.n != strlen(accept) ||
        memcmp(value.p, accept, value.n) != 0)
        return err_fail(err, ERR_INPUT, "it answers another handshake");
    if (field_of(answer, "Sec-WebSocket-Extensions", &value))
        return err_fail(err, ERR_INPUT, "it has an extension that was not offered");
    return true;
}

static bool answer_wait(struct ws *w, const char *accept, struct err *err)
{
    uint64_t end = clock_steady_ms() + WS_CONNECT_MS;
    bool any;

    for (;;) {
        const uint8_t *empty;

        if (!bytes_take(w, &any, err))
            return false;
        empty = memmem(w->in, w->in_n, "\r\n\r\n", 4);
        if (empty) {
            w->done = (size_t)(empty - w->in) + 4;
            return ws_answer_check((struct bytes){w->in, w->done}, accept, err) ||
                   err_in(err, "%s", w->host);
        }
        if (w->in_n > HEAD_MAX)
            return err_fail(err, ERR_LIMIT, "%s: an answer without an end", w->host);
        if (clock_steady_ms() > end || *w->stop || !wait_for(w, POLLIN, POLL_MS))
            return err_fail(err, ERR_SYSTEM, "%s: no answer", w->host);
    }
}

/* "/path?query" of the URL, which may hold a key; and "host:port". */
static bool request_send(struct ws *w, const char *url, const char *key, struct err *err)
{
    const char *rest = strstr(url, "://") + 3, *path = strpbrk(rest, "/?");
    const char *host = strstr(w->host, "://") + 3;
    struct text t = text_new(1 << 16);
    bool ok;

    text_printf(&t, "GET %s%s HTTP/1.1\r\nHost: %s\r\n", path && *path == '/' ? "" : "/",
                path ? path : "", host);
    text_printf(&t,
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n",
                key);
    ok = (!t.bad && bytes_send(w, (const uint8_t *)t.p, t.n, err));
    if (t.bad)
        err_set(err, ERR_NOMEM, "a request");
    text_free(&t);
    return ok;
}

#define SET(easy, option, value) (curl_easy_setopt((easy), (option), (value)) == CURLE_OK)

static bool shake(struct ws *w, const char *url, struct err *err)
{
    uint8_t random[KEY_BYTES];
    char key[4 * ((KEY_BYTES + 2) / 3) + 1], accept[29];

    if (getrandom(random, sizeof(random), 0) != sizeof(random))
        return err_system(err, "random bytes");
    EVP_EncodeBlock((unsigned char *)key, random, sizeof(random));
    ws_accept(key, accept);
    return request_send(w, url, key, err) && answer_wait(w, accept, err);
}

/* ws:// as http://, wss:// as https://, for curl to connect. */
static bool http_of(const char *url, char *ret, size_t n, struct err *err)
{
    bool plain = !strncmp(url, "ws://", 5), tls = !strncmp(url, "wss://", 6);

    if (!plain && !tls)
        return err_fail(err, ERR_USAGE, "the address begins with ws:// or wss://");
    if (strpbrk(url, " \r\n\t") || strlen(url) + 3 > n)
        return err_fail(err, ERR_USAGE, "an address with spaces, or too long");
    snprintf(ret, n, "http%s", url + 2);
    return true;
}

bool ws_open(const char *url, const atomic_bool *stop, struct ws **ret, struct err *err)
{
    struct ws *w = mem_zero(sizeof(*w));
    char http[4096];
    CURLcode code = CURLE_OUT_OF_MEMORY;
    bool ok;

    if (!w)
        return err_fail(err, ERR_NOMEM, "a connection");
    w->stop = stop;
    ok = http_of(url, http, sizeof(http), err) && rpc_host(http, w->host, err);
    if (ok) {
        w->in = mem_alloc(BUFFER_MAX);
        w->message = mem_alloc(WS_MESSAGE_MAX);
        w->easy = curl_easy_init();
        if (w->in && w->message && w->easy && SET(w->easy, CURLOPT_URL, http) &&
            SET(w->easy, CURLOPT_CONNECT_ONLY, 1L) && SET(w->easy, CURLOPT_NOSIGNAL, 1L) &&
            SET(w->easy, CURLOPT_PROTOCOLS_STR, "http,https") &&
            SET(w->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
            SET(w->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)WS_CONNECT_MS))
            code = curl_easy_perform(w->easy);
        ok = code == CURLE_OK
                 ? shake(w, url, err)
                 : err_fail(err, ERR_SYSTEM, "%s: %s", w->host, curl_easy_strerror(code));
    }
    if (!ok) {
        ws_close(w);
        return false;
    }
    *ret = w;
    return true;
}

struct ws *ws_close(struct ws *w)
{
    if (!w)
        return NULL;
    curl_easy_cleanup(w->easy);
    mem_free(w->in);
    mem_free(w->message);
    return mem_free(w);
}
