/* What was signed, as JSON ('{' first) or as it goes over the wire: what is read lies in what was
 * given, or was written from JSON. */
#include "chain/solana/message.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct bytes in, const uint8_t *p, size_t n)
{
    return p >= in.p && n <= in.n && (size_t)(p - in.p) <= in.n - n;
}

static void packet_check(struct bytes in)
{
    struct solana_message m;
    struct fact_tx told = {.failed = false};
    struct err err;
    size_t said;

    if (!solana_packet_read(in, &m, &err))
        return;
    assert(in.n <= SOLANA_PACKET_MAX && m.signers_n && m.signers_n <= m.keys_n);
    assert(inside(in, m.signatures, m.signers_n * SOLANA_SIGNATURE_BYTES));
    assert(inside(m.bytes, m.keys, m.keys_n * SOLANA_KEY_BYTES));
    assert(!m.nonce || (m.over_nonce && inside(m.bytes, m.nonce, SOLANA_KEY_BYTES)));
    assert(m.split ? m.bytes.p == in.p : m.bytes.p + m.bytes.n == in.p + in.n);
    assert(inside(m.bytes, m.instructions.p, m.instructions.n));
    assert(!solana_signatures.check(in, &told, &said, &err)); /* it has no name */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct solana_packet packet;
    struct json_walk w;
    struct err err;

    if (!size || data[0] != '{') {
        packet_check((struct bytes){data, size});
        return 0;
    }
    if (!json_walk_open(&w, (const char *)data, size, &err))
        return 0;
    if (solana_packet_write(&w, &packet)) {
        assert(packet.n && packet.n <= SOLANA_PACKET_MAX);
        packet_check((struct bytes){packet.at, packet.n});
    }
    json_walk_close(&w);
    return 0;
}
