#include "coin_make.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>

#define TIME 1700000000u

/* ---- transactions ---- */

static void put_random(struct make *m, struct test_random *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        make_le(m, test_below(r, 256), 1);
}

static void put_inputs(struct make *m, const struct coin_tx *t)
{
    make_compact(m, t->height ? 1 : t->spends_n);
    if (t->height) {
        for (int i = 0; i < 4; i++)
            make_le(m, 0, 8);
        make_le(m, UINT32_MAX, 4);
        make_hex(m, t->height <= 16 ? "02" : "03"); /* BIP 34 */
        make_le(m, t->height <= 16 ? 0x50 + t->height : 2, 1);
        make_le(m, t->height <= 16 ? 0 : t->height, t->height <= 16 ? 1 : 2);
        make_le(m, UINT32_MAX, 4);
        return;
    }
    for (size_t i = 0; i < t->spends_n; i++) {
        make_put(m, t->spends[i].txid.b, 32);
        make_le(m, t->spends[i].vout, 4);
        make_hex(m, "01 51");
        make_le(m, 0xfffffffe - i, 4);
    }
}

static void put_outputs(struct make *m, const struct coin_tx *t)
{
    make_compact(m, t->pays_n);
    for (size_t i = 0; i < t->pays_n; i++) {
        make_le(m, t->pays[i].value, 8);
        if (t->pays[i].script) {
            struct bytes script = test_hex(t->pays[i].script);

            make_compact(m, script.n);
            make_put(m, script.p, script.n);
            continue;
        }
        make_hex(m, "19 76a914");
        for (int k = 0; k < 20; k++)
            make_le(m, (uint8_t)t->pays[i].who, 1);
        make_hex(m, "88ac");
    }
}

struct hash32 coin_tx_bitcoin(struct make *m, const struct coin_tx *t)
{
    struct make plain = {.n = 0};

    make_le(m, t->version, 4);
    if (t->hogex)
        make_hex(m, "00 08");
    put_inputs(m, t);
    put_outputs(m, t);
    if (t->hogex)
        make_hex(m, "00");
    make_le(m, 0, 4);
    make_le(&plain, t->version, 4);
    put_inputs(&plain, t);
    put_outputs(&plain, t);
    make_le(&plain, 0, 4);
    return make_sha256d(plain.p, plain.n);
}

/* vpub_old goes in, vpub_new comes out; all of it by the first. */
static void put_joinsplits(struct make *m, const struct coin_tx *t, size_t proof,
                           struct test_random *r)
{
    make_compact(m, t->parts[0]);
    for (unsigned i = 0; i < t->parts[0]; i++) {
        make_le(m, !i && t->balance[0] < 0 ? (uint64_t)-t->balance[0] : 0, 8);
        make_le(m, !i && t->balance[0] > 0 ? (uint64_t)t->balance[0] : 0, 8);
        put_random(m, r, 32 + 64 + 64 + 32 + 32 + 64 + proof + 1202);
    }
    if (t->parts[0])
        put_random(m, r, 96);
}

static void put_sapling_4(struct make *m, const struct coin_tx *t, struct test_random *r)
{
    unsigned spends = t->parts[1] / 2, outputs = t->parts[1] - spends;

    make_le(m, (uint64_t)t->balance[1], 8);
    make_compact(m, spends);
    put_random(m, r, 384 * (size_t)spends);
    make_compact(m, outputs);
    put_random(m, r, 948 * (size_t)outputs);
}

/* A BLAKE2b-256 as ZIP 244 has them, of one string. */
static struct hash32 digest(const char personal[16], const struct make *m)
{
    struct hash32 h;

    CHECK(!crypto_generichash_blake2b_salt_personal(h.b, 32, m->p, m->n, NULL, 0, NULL,
                                                    (const unsigned char *)personal));
    return h;
}

static void put_digest(struct make *to, const char personal[16], const struct make *m)
{
    struct hash32 h = digest(personal, m);

    make_put(to, h.b, 32);
}

/* The parts of a version 5, made and digested side by side. */

static void part_transparent(struct make *m, struct make *ids, const struct coin_tx *t)
{
    struct make prevouts = {.n = 0}, sequences = {.n = 0}, outputs = {.n = 0}, all = {.n = 0};
    struct make in = {.n = 0}, out = {.n = 0};
    size_t n = t->height ? 1 : t->spends_n;

    put_inputs(&in, t);
    put_outputs(&out, t);
    make_put(m, in.p, in.n);
    make_put(m, out.p, out.n);
    if (t->height) {
        make_put(&prevouts, in.p + 1, 36);
        make_put(&sequences, in.p + in.n - 4, 4);
    }
    for (size_t i = 0; !t->height && i < n; i++) {
        make_put(&prevouts, in.p + 1 + i * 42, 36);
        make_put(&sequences, in.p + 1 + i * 42 + 38, 4);
    }
    make_put(&outputs, out.p + 1, out.n - 1);
    if (n + t->pays_n) {
        put_digest(&all, "ZTxIdPrevoutHash", &prevouts);
        put_digest(&all, "ZTxIdSequencHash", &sequences);
        put_digest(&all, "ZTxIdOutputsHash", &outputs);
    }
    put_digest(ids, "ZTxIdTranspaHash", &all);
}

static void part_sapling(struct make *m, struct make *ids, const struct coin_tx *t,
                         struct test_random *r)
{
    unsigned spends_n = t->parts[1] / 2, outputs_n = t->parts[1] - spends_n;
    struct make s = {.n = 0}, o = {.n = 0}, anchor = {.n = 0}, all = {.n = 0};
    struct make c = {.n = 0}, memo = {.n = 0}, n = {.n = 0}, one = {.n = 0};

    put_random(&s, r, 96 * (size_t)spends_n);
    put_random(&o, r, 756 * (size_t)outputs_n);
    put_random(&anchor, r, spends_n ? 32 : 0);
    make_compact(m, spends_n);
    make_put(m, s.p, s.n);
    make_compact(m, outputs_n);
    make_put(m, o.p, o.n);
    if (!t->parts[1]) {
        put_digest(ids, "ZTxIdSaplingHash", &all);
        return;
    }
    make_le(m, (uint64_t)t->balance[1], 8);
    make_put(m, anchor.p, anchor.n);
    put_random(m, r, 256 * (size_t)spends_n + 192 * (size_t)outputs_n + 64);
    for (unsigned i = 0; i < spends_n; i++) { /* cv, nullifier, rk */
        make_put(&c, s.p + 96 * i + 32, 32);
        make_put(&n, s.p + 96 * i, 32);
        make_put(&n, anchor.p, 32);
        make_put(&n, s.p + 96 * i + 64, 32);
    }
    if (spends_n) {
        put_digest(&one, "ZTxIdSSpendCHash", &c);
        put_digest(&one, "ZTxIdSSpendNHash", &n);
    }
    put_digest(&all, "ZTxIdSSpendsHash", &one);
    c.n = n.n = one.n = 0;
    for (unsigned i = 0; i < outputs_n; i++) { /* cv, cmu, key, 580 with the memo in them, 80 */
        const uint8_t *at = o.p + 756 * i;

        make_put(&c, at + 32, 32 + 32 + 52);
        make_put(&memo, at + 32 + 32 + 32 + 52, 512);
        make_put(&n, at, 32);
        make_put(&n, at + 96 + 564, 16 + 80);
    }
    if (outputs_n) {
        put_digest(&one, "ZTxIdSOutC__Hash", &c);
        put_digest(&one, "ZTxIdSOutM__Hash", &memo);
        put_digest(&one, "ZTxIdSOutN__Hash", &n);
    }
    put_digest(&all, "ZTxIdSOutputHash", &one);
    make_le(&all, (uint64_t)t->balance[1], 8);
    put_digest(ids, "ZTxIdSaplingHash", &all);
}

static void part_orchard(struct make *m, struct make *ids, const struct coin_tx *t,
                         struct test_random *r)
{
    struct make a = {.n = 0}, c = {.n = 0}, memo = {.n = 0}, n = {.n = 0}, all = {.n = 0};
    size_t rest;

    put_random(&a, r, 820 * (size_t)t->parts[2]);
    make_compact(m, t->parts[2]);
    make_put(m, a.p, a.n);
    if (!t->parts[2]) {
        put_digest(ids, "ZTxIdOrchardHash", &all);
        return;
    }
    rest = m->n;
    make_le(m, 3, 1);
    make_le(m, (uint64_t)t->balance[2], 8);
    put_random(m, r, 32);
    for (unsigned i = 0; i < t->parts[2]; i++) { /* cv, nullifier, rk, cmx, key, 580, 80 */
        const uint8_t *at = a.p + 820 * i;

        make_put(&c, at + 32, 32);
        make_put(&c, at + 96, 32 + 32 + 52);
        make_put(&memo, at + 160 + 52, 512);
        make_put(&n, at, 32);
        make_put(&n, at + 64, 32);
        make_put(&n, at + 160 + 564, 16 + 80);
    }
    put_digest(&all, "ZTxIdOrcActCHash", &c);
    put_digest(&all, "ZTxIdOrcActMHash", &memo);
    put_digest(&all, "ZTxIdOrcActNHash", &n);
    make_put(&all, m->p + rest, 41);
    put_digest(ids, "ZTxIdOrchardHash", &all);
    make_compact(m, 300);
    put_random(m, r, 300 + 64 * ((size_t)t->parts[2] + 1));
}

static struct hash32 tx_5(struct make *m, const struct coin_tx *t, struct test_random *r)
{
    struct make ids = {.n = 0}, header = {.n = 0};
    char personal[17] = "ZcashTxHash_";

    make_hex(&header, "05000080 0a27a726 b4d0d6c2 00000000 00000000");
    make_put(m, header.p, header.n);
    put_digest(&ids, "ZTxIdHeadersHash", &header);
    part_transparent(m, &ids, t);
    part_sapling(m, &ids, t, r);
    part_orchard(m, &ids, t, r);
    memcpy(personal + 12, header.p + 8, 4);
    return digest(personal, &ids);
}

struct hash32 coin_tx_zcash(struct make *m, const struct coin_tx *t, struct test_random *r)
{
    size_t start = m->n;

    if (t->version == 5)
        return tx_5(m, t, r);
    make_le(m, t->version | (t->version >= 3 ? 0x80000000 : 0), 4);
    if (t->version >= 3)
        make_hex(m, t->version == 3 ? "7082c403" : "85202f89");
    put_inputs(m, t);
    put_outputs(m, t);
    make_le(m, 0, t->version >= 3 ? 8 : 4);
    if (t->version == 4)
        put_sapling_4(m, t, r);
    if (t->version >= 2)
        put_joinsplits(m, t, t->version == 4 ? 192 : 296, r);
    if (t->version == 4 && t->parts[1])
        put_random(m, r, 64);
    return make_sha256d(m->p + start, m->n - start);
}

/* ---- Zcash's header: Wagner's algorithm as it is in the paper, for n = 48, k = 5 ---- */

#define N_BYTES 6
#define LEVELS 5
#define ENTRIES_MAX 4096

struct entry {
    uint8_t x[N_BYTES];
    uint16_t index[32];
};

static struct entry tables[2][ENTRIES_MAX];

static size_t entries(const uint8_t header[140], struct entry *ret)
{
    uint8_t personal[16] = "ZcashPoW", out[60], message[144];

    store_le32(personal + 8, 48);
    store_le32(personal + 12, 5);
    memcpy(message, header, 140);
    for (uint32_t i = 0; i < 512; i++) { /* ten hashes of 6 bytes in one of 60 */
        store_le32(message + 140, i / 10);
        CHECK(!crypto_generichash_blake2b_salt_personal(out, 60, message, 144, NULL, 0, NULL,
                                                        personal));
        memcpy(ret[i].x, out + (size_t)(i % 10) * 6, 6);
        ret[i].index[0] = (uint16_t)i;
    }
    return 512;
}

static bool share_index(const struct entry *a, const struct entry *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            if (a->index[i] == b->index[k])
                return true;
    return false;
}

static size_t next_level(const struct entry *from, size_t from_n, unsigned level, struct entry *to)
{
    size_t n = 0, leaves = (size_t)1 << level;
    unsigned check = level + 1 < LEVELS ? 1 : 2; /* bytes that must be equal */

    for (size_t i = 0; i < from_n; i++)
        for (size_t k = 0; k < from_n; k++) {
            const struct entry *a = &from[i], *b = &from[k];

            if (a->index[0] >= b->index[0] || memcmp(a->x + level, b->x + level, check) != 0 ||
                share_index(a, b, leaves) || n == ENTRIES_MAX)
                continue;
            for (int x = 0; x < N_BYTES; x++)
                to[n].x[x] = a->x[x] ^ b->x[x];
            memcpy(to[n].index, a->index, leaves * 2);
            memcpy(to[n].index + leaves, b->index, leaves * 2);
            n++;
        }
    return n;
}

static void pack(const struct entry *e, uint8_t ret[36]) /* 9 bits each */
{
    memset(ret, 0, 36);
    for (unsigned i = 0; i < 32; i++)
        for (unsigned b = 0; b < 9; b++)
            if (e->index[i] >> (8 - b) & 1)
                ret[(i * 9 + b) / 8] |= (uint8_t)(0x80 >> (i * 9 + b) % 8);
}

/* Is a hash at or below the target of 0x200f0f0f? */
static bool zcash_target(const struct hash32 *h)
{
    return h->b[31] < 0x0f || (h->b[31] == 0x0f && h->b[30] < 0x0f);
}

static void put_txs(struct make *m, const struct make *const *txs, size_t n)
{
    make_compact(m, n);
    for (size_t i = 0; i < n; i++)
        make_put(m, txs[i]->p, txs[i]->n);
}

struct hash32 coin_block_zcash(struct make *m, const struct hash32 *prev,
                               const struct make *const *txs, const struct hash32 *ids, size_t n)
{
    struct hash32 root = make_merkle(ids, n), hash;
    bool found = false;

    make_le(m, 4, 4);
    make_put(m, prev->b, 32);
    make_put(m, root.b, 32);
    for (int i = 0; i < 4; i++)
        make_le(m, 0, 8);
    make_le(m, TIME, 4);
    make_le(m, 0x200f0f0f, 4);
    for (int i = 0; i < 4; i++)
        make_le(m, 0, 8);
    make_le(m, 36, 1);
    m->n += 36;
    while (!found) {
        size_t entries_n = entries(m->p, tables[0]);

        for (unsigned level = 0; level < LEVELS; level++)
            entries_n = next_level(tables[level % 2], entries_n, level, tables[(level + 1) % 2]);
        for (size_t i = 0; i < entries_n && !found; i++) {
            pack(&tables[LEVELS % 2][i], m->p + 141);
            hash = make_sha256d(m->p, m->n);
            found = zcash_target(&hash);
        }
        if (!found)
            store_le32(m->p + 108, load_le32(m->p + 108) + 1);
    }
    put_txs(m, txs, n);
    return hash;
}

/* ---- scrypt, alone and with a parent ---- */

static bool scrypt_meets(const uint8_t header[80])
{
    struct hash32 h;

    CHECK(EVP_PBE_scrypt((const char *)header, 80, header, 80, 1024, 1, 1, 0, h.b, 32) == 1);
    return h.b[31] < 0x7f || (h.b[31] == 0x7f && h.b[30] < 0xff);
}

/* Until the work is done; or until it is not. */
static void mine(uint8_t header[80], bool done)
{
    do
        store_le32(header + 76, load_le32(header + 76) + 1);
    while (scrypt_meets(header) != done);
}

static void put_header(struct make *m, uint32_t version, const struct hash32 *prev,
                       const struct hash32 *root)
{
    make_le(m, version, 4);
    make_put(m, prev->b, 32);
    make_put(m, root->b, 32);
    make_le(m, TIME, 4);
    make_le(m, 0x207fffff, 4);
    make_le(m, 0, 4);
}

static struct hash32 climb(struct hash32 at, const struct hash32 *branch, size_t n, uint32_t index)
{
    for (size_t i = 0; i < n; i++) {
        struct hash32 pair[2];

        pair[index >> i & 1] = at;
        pair[!(index >> i & 1)] = branch[i];
        at = make_sha256d(pair, 64);
    }
    return at;
}

static uint32_t slot(uint32_t nonce, unsigned height)
{
    uint32_t r = nonce * 1103515245u + 12345u;

    r += 0x62;
    r = r * 1103515245u + 12345u;
    return r % (1u << height);
}

static void put_script(struct make *m, const struct coin_aux *aux, const struct hash32 *root)
{
    struct make s = {.n = 0};

    make_le(&s, 7, 1);
    if (aux->two_tags)
        make_hex(&s, "fabe6d6d");
    for (int i = 0; aux->late && i < 20; i++)
        make_le(&s, 1, 1);
    if (!aux->no_tag && !aux->late)
        make_hex(&s, "fabe6d6d");
    if (aux->tag_elsewhere)
        make_le(&s, 0, 1);
    for (int i = 31; i >= 0; i--)
        make_le(&s, root->b[i] ^ aux->no_root, 1);
    make_le(&s, (1u << aux->chains) + aux->wrong_size, 4);
    make_le(&s, 77, aux->short_script ? 3 : 4);
    make_compact(m, s.n);
    make_put(m, s.p, s.n);
}

static void put_aux(struct make *m, const struct coin_aux *aux, const struct hash32 *hash)
{
    struct hash32 siblings[8], root, zero = {{0}}, txid;
    struct make plain = {.n = 0};
    uint32_t index = slot(77, aux->chains) ^ aux->wrong_slot;
    size_t parent;

    for (unsigned i = 0; i < 8; i++)
        memset(siblings[i].b, (int)i + 1, 32);
    root = climb(*hash, siblings, aux->chains, index);
    make_le(&plain, 1, 4);
    make_le(&plain, 1, 1);
    make_put(&plain, zero.b, 32);
    make_le(&plain, UINT32_MAX, 4);
    put_script(&plain, aux, &root);
    make_le(&plain, UINT32_MAX, 4);
    make_hex(&plain, "01 00f2052a01000000 01 51 00000000");
    txid = make_sha256d(plain.p, plain.n);
    make_put(m, plain.p, 4);
    if (aux->witness)
        make_hex(m, "00 01");
    make_put(m, plain.p + 4, plain.n - 8);
    if (aux->witness)
        make_hex(m, "01 02 aabb");
    make_le(m, 0, 4);
    make_put(m, zero.b, 32);
    make_compact(m, aux->coinbase);
    make_put(m, siblings, 32 * (size_t)aux->coinbase);
    make_le(m, aux->index, 4);
    make_compact(m, aux->chains);
    make_put(m, siblings, 32 * (size_t)aux->chains);
    make_le(m, index, 4);
    root = climb(txid, siblings, aux->coinbase, 0);
    if (aux->other_parent)
        root.b[0] ^= 1;
    parent = m->n;
    put_header(m, aux->own_parent ? 0x620001 : 0x20000000, &zero, &root);
    mine(m->p + parent, !aux->no_work);
}

struct hash32 coin_block_dogecoin(struct make *m, const struct hash32 *prev,
                                  const struct make *const *txs, const struct hash32 *ids, size_t n,
                                  const struct coin_aux *aux)
{
    struct hash32 root = make_merkle(ids, n), hash;
    uint32_t version = 0x620004;

    if (aux)
        version = (aux->other_id ? 0x630004 : 0x620004) | (aux->no_bit ? 0 : 0x100);
    put_header(m, version, prev, &root);
    if (!aux)
        mine(m->p, true);
    hash = make_sha256d(m->p, 80);
    if (aux)
        put_aux(m, aux, &hash);
    put_txs(m, txs, n);
    return hash;
}

struct hash32 coin_block_litecoin(struct make *m, const struct hash32 *prev,
                                  const struct make *const *txs, const struct hash32 *ids, size_t n,
                                  const char *mweb)
{
    struct hash32 root = make_merkle(ids, n);

    put_header(m, 0x20000000, prev, &root);
    mine(m->p, true);
    put_txs(m, txs, n);
    if (mweb)
        make_hex(m, mweb);
    return make_sha256d(m->p, 80);
}
