/* Frames and handshakes as RFC 6455 has them; tests/peers/test_follow_evm.py has a real peer. */
#include "support.h"

#include "serve/ws.h"

#include <stdatomic.h>
#include <string.h>

static const struct {
    const char *name, *hex;
    enum err_class class; /* NONE with opcode -1: not whole yet */
    int opcode;
    bool last;
    size_t payload, size;
} frames[] = {
    {"5.7: a single unmasked text, Hello", "81 05 48656c6c6f", ERR_NONE, WS_TEXT, true, 5, 7},
    {"5.7: its first fragment, Hel", "01 03 48656c", ERR_NONE, WS_TEXT, false, 3, 5},
    {"5.7: its last fragment, lo", "80 02 6c6f", ERR_NONE, WS_MORE, true, 2, 4},
    {"5.7: a ping", "89 05 48656c6c6f", ERR_NONE, WS_PING, true, 5, 7},
    {"one more behind it", "89 00 81 00", ERR_NONE, WS_PING, true, 0, 2},
    {"a close", "88 02 03e8", ERR_NONE, WS_CLOSE, true, 2, 4},
    {"5.7: masked, as a client's", "81 85 37fa213d 7f9f4d5158", ERR_INPUT, -1, false, 0, 0},
    {"an extension's bit", "c1 00", ERR_INPUT, -1, false, 0, 0},
    {"a reserved kind", "83 00", ERR_INPUT, -1, false, 0, 0},
    {"a reserved control", "8b 00", ERR_INPUT, -1, false, 0, 0},
    {"a control in pieces", "09 00", ERR_INPUT, -1, false, 0, 0},
    {"a control too long", "89 7e 007e", ERR_INPUT, -1, false, 0, 0},
    {"two bytes of length for less than 126", "81 7e 007d", ERR_INPUT, -1, false, 0, 0},
    {"eight bytes of length for two", "81 7f 000000000000ffff", ERR_INPUT, -1, false, 0, 0},
    {"beyond all bounds", "81 7f ffffffffffffffff", ERR_LIMIT, -1, false, 0, 0},
    {"a byte too long", "81 7f 0000000000100001", ERR_LIMIT, -1, false, 0, 0},
    {"nothing", "", ERR_NONE, -1, false, 0, 0},
    {"half a head", "81", ERR_NONE, -1, false, 0, 0},
    {"half a length", "81 7e 01", ERR_NONE, -1, false, 0, 0},
    {"half a payload", "81 05 4865", ERR_NONE, -1, false, 0, 0},
};

static void frame_rows(void **state)
{
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        struct bytes in = test_hex(frames[i].hex);
        struct ws_frame f;
        struct err err;
        bool got = ws_frame_read(in, &f, &err);

        test_row("%s", frames[i].name);
        CHECK_U(got, frames[i].opcode >= 0);
        CHECK_U(err.class, frames[i].class);
        if (!got)
            continue;
        CHECK_U(f.opcode, frames[i].opcode);
        CHECK_U(f.last, frames[i].last);
        CHECK_U(f.payload.n, frames[i].payload);
        CHECK_U(f.size, frames[i].size);
        for (size_t n = 0; n < f.size; n++) { /* no beginning of it is one */
            CHECK(!ws_frame_read((struct bytes){in.p, n}, &f, &err));
            CHECK_U(err.class, ERR_NONE);
        }
    }
}

/* 1.3: what is returned for "dGhlIHNhbXBsZSBub25jZQ==" */
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

static const struct {
    const char *name, *answer;
    enum err_class class;
} answers[] = {
    {"1.3's",
     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
     "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n",
     ERR_NONE},
    {"other letters", "HTTP/1.1 101 ok\r\nsec-websocket-accept:" ACCEPT " \r\n\r\n", ERR_NONE},
    {"it is no such server", "HTTP/1.1 404 Not Found\r\n\r\n", ERR_SYSTEM},
    {"a redirect is not followed", "HTTP/1.1 302 Found\r\nLocation: http://a/\r\n\r\n", ERR_SYSTEM},
    {"no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", ERR_INPUT},
    {"another accept",
     "HTTP/1.1 101 ok\r\nSec-WebSocket-Accept: t3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", ERR_INPUT},
    {"none", "HTTP/1.1 101 ok\r\n\r\n", ERR_INPUT},
    {"an extension",
     "HTTP/1.1 101 ok\r\nSec-WebSocket-Accept: " ACCEPT
     "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
     ERR_INPUT},
    {"empty", "", ERR_INPUT},
};

static void handshakes(void **state)
{
    char accept[29];

    ws_accept("dGhlIHNhbXBsZSBub25jZQ==", accept);
    CHECK_S(accept, ACCEPT);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct bytes in = {(const uint8_t *)answers[i].answer, strlen(answers[i].answer)};
        struct err err = {.class = ERR_NONE};

        test_row("%s", answers[i].name);
        CHECK_U(ws_answer_check(in, accept, &err), answers[i].class == ERR_NONE);
        CHECK_U(err.class, answers[i].class);
    }
}

static void addresses(void **state)
{
    static const char *const urls[] = {"http://127.0.0.1/", "127.0.0.1", "ws://", "ws:// 127.0.0.1",
                                       "ws://127.0.0.1/\r\nX: y"};
    atomic_bool stop = false;

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct err err;
        struct ws *w;

        test_row("%s", urls[i]);
        CHECK(!ws_open(urls[i], &stop, &w, &err));
        CHECK_U(err.class, ERR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_rows),
        cmocka_unit_test(handshakes),
        cmocka_unit_test(addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
