/* What a WebSocket server sends: a handshake's answer, then frames; each lies within it. */
#include "serve/ws.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes in = {data, size};
    struct ws_frame f;
    struct err err;

    if (ws_answer_check(in, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", &err))
        assert(size > 28);
    while (ws_frame_read(in, &f, &err)) {
        assert(f.size >= 2 && f.size <= in.n && f.payload.n <= WS_MESSAGE_MAX);
        assert(f.payload.p >= in.p && f.payload.p + f.payload.n == in.p + f.size);
        in.p += f.size;
        in.n -= f.size;
    }
    return 0;
}
