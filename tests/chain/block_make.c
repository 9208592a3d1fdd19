#include "block_make.h"

#include "support.h"

#include <openssl/evp.h>

const struct chain make_chain = {
    .name = "made",
    .genesis = {{1}},
    .magic = 0x0badcafe,
    .bits_max = 0x207fffff,
    .pow = POW_SHA256D,
    .money_max = 2100000000000000,
    .decimals = 8,
};

void make_put(struct make *m, const void *p, size_t n)
{
    CHECK(n <= sizeof(m->p) - m->n);
    if (n)
        memcpy(m->p + m->n, p, n);
    m->n += n;
}

void make_hex(struct make *m, const char *hex)
{
    struct bytes b = test_hex(hex);

    make_put(m, b.p, b.n);
}

void make_le(struct make *m, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        uint8_t digit = (uint8_t)(v >> 8 * i);

        make_put(m, &digit, 1);
    }
}

void make_compact(struct make *m, uint64_t v)
{
    if (v < 0xfd) {
        make_le(m, v, 1);
    } else if (v <= 0xffff) {
        make_le(m, 0xfd, 1);
        make_le(m, v, 2);
    } else {
        make_le(m, 0xfe, 1);
        make_le(m, v, 4);
    }
}

struct bytes make_bytes(const struct make *m)
{
    return (struct bytes){m->p, m->n};
}

struct hash32 make_sha256d(const void *p, size_t n)
{
    struct hash32 h;

    CHECK(EVP_Digest(p, n, h.b, NULL, EVP_sha256(), NULL));
    CHECK(EVP_Digest(h.b, 32, h.b, NULL, EVP_sha256(), NULL));
    return h;
}

/* A level at a time; an odd last hash is paired with itself. */
struct hash32 make_merkle(const struct hash32 *leaves, size_t n)
{
    struct hash32 level[64], pair[2];

    CHECK(n && n <= 64);
    memcpy(level, leaves, n * sizeof(*leaves));
    while (n > 1) {
        for (size_t i = 0; i < (n + 1) / 2; i++) {
            pair[0] = level[2 * i];
            pair[1] = level[2 * i + 1 < n ? 2 * i + 1 : n - 1];
            level[i] = make_sha256d(pair, 64);
        }
        n = (n + 1) / 2;
    }
    return level[0];
}

void make_coinbase(struct make *m, struct make_coinbase c)
{
    struct bytes script_sig = test_hex(c.script_sig);

    make_le(m, 1, 4);
    if (c.witness)
        make_hex(m, "00 01");
    make_le(m, 1, 1);
    for (int i = 0; i < 4; i++)
        make_le(m, 0, 8);
    make_le(m, UINT32_MAX, 4);
    make_compact(m, script_sig.n);
    make_put(m, script_sig.p, script_sig.n);
    make_le(m, UINT32_MAX, 4);
    make_le(m, c.commitment ? 2 : 1, 1);
    make_le(m, 5000000000, 8);
    make_hex(m, "01 51");
    if (c.commitment) {
        make_le(m, 0, 8);
        make_hex(m, "26 6a24aa21a9ed");
        make_hex(m, c.commitment);
    }
    if (c.witness)
        make_hex(m, c.witness);
    make_le(m, 0, 4);
}

static bool below_target(const struct hash32 *h)
{
    return h->b[31] < 0x7f || (h->b[31] == 0x7f && h->b[30] < 0xff);
}

void make_block(struct make *m, uint32_t version, const struct hash32 *prev,
                const struct make *const *txs, const struct hash32 *ids, size_t n)
{
    struct hash32 root = make_merkle(ids, n), hash;

    make_le(m, version, 4);
    make_put(m, prev->b, 32);
    make_put(m, root.b, 32);
    make_le(m, 1700000000, 4);
    make_le(m, 0x207fffff, 4);
    make_le(m, 0, 4);
    do {
        store_le32(m->p + 76, load_le32(m->p + 76) + 1);
        hash = make_sha256d(m->p, 80);
    } while (!below_target(&hash));
    make_compact(m, n);
    for (size_t i = 0; i < n; i++)
        make_put(m, txs[i]->p, txs[i]->n);
}
