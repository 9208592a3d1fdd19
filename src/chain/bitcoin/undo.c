/* Undo records: what each input of a block spent, in Core's compressed forms.
 *
 * CBlockUndo (Bitcoin Core, undo.h): for each transaction but the coinbase, for each input,
 * VARINT(height * 2 + coinbase), one more VARINT where the height is not 0 (a version, once), then
 * the output: amount and script as compressor.h writes them. */
#include "base/arena.h"
#include "base/cursor.h"
#include "chain/bitcoin/block_walk.h"
#include "chain/bitcoin/undo.h"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#define COIN_BYTES_MIN 3 /* height, amount, script size; and no script */

/* compressor.cpp, DecompressAmount: trailing decimal zeros are counted, up to nine of them. What
 * does not fit becomes the largest number, which no chain has. */
static uint64_t amount_of(uint64_t packed)
{
    uint64_t n;
    unsigned zeros;

    if (!packed)
        return 0;
    packed--;
    zeros = (unsigned)(packed % 10);
    packed /= 10;
    n = zeros < 9 ? packed / 9 * 10 + packed % 9 + 1 : packed + 1;
    while (zeros--)
        if (__builtin_mul_overflow(n, 10, &n))
            return UINT64_MAX;
    return n;
}

/* A compressed key on secp256k1 (02 or 03, x) -> 04, x, y. */
static bool uncompress(EC_GROUP **curve, const uint8_t in[33], uint8_t ret[65])
{
    EC_POINT *point;
    bool ok;

    if (!*curve)
        *curve = EC_GROUP_new_by_curve_name(NID_secp256k1);
    point = *curve ? EC_POINT_new(*curve) : NULL;
    ok = point && EC_POINT_oct2point(*curve, point, in, 33, NULL) == 1 &&
         EC_POINT_point2oct(*curve, point, POINT_CONVERSION_UNCOMPRESSED, ret, 65, NULL) == 65;
    EC_POINT_free(point);
    return ok;
}

struct undo {
    struct cursor c;
    uint8_t *room; /* the next UNDO_SCRIPT_MAX bytes for a script that is built */
    EC_GROUP *curve;
};

/* compressor.cpp, DecompressScript. A script of none of the known forms stands as it is. */
static const char *script_of(struct undo *u, struct bytes *ret)
{
    uint64_t form = cursor_varint(&u->c);
    uint8_t *p = u->room, key[33];
    struct bytes in;

    if (form >= 6) {
        *ret = cursor_take(&u->c, form - 6);
        return NULL;
    }
    in = cursor_take(&u->c, form < 2 ? 20 : 32);
    if (u->c.bad)
        return NULL;
    u->room += UNDO_SCRIPT_MAX;
    switch (form) {
    case 0: /* P2PKH: DUP HASH160 <20> EQUALVERIFY CHECKSIG */
        memcpy(p, "\x76\xa9\x14", 3);
        memcpy(p + 3, in.p, 20);
        memcpy(p + 23, "\x88\xac", 2);
        *ret = (struct bytes){p, 25};
        return NULL;
    case 1: /* P2SH: HASH160 <20> EQUAL */
        memcpy(p, "\xa9\x14", 2);
        memcpy(p + 2, in.p, 20);
        p[22] = 0x87;
        *ret = (struct bytes){p, 23};
        return NULL;
    case 2: /* P2PK, a compressed key: <33> CHECKSIG */
    case 3:
        p[0] = 33;
        p[1] = (uint8_t)form;
        memcpy(p + 2, in.p, 32);
        p[34] = 0xac;
        *ret = (struct bytes){p, 35};
        return NULL;
    default: /* P2PK, a key of 65 bytes whose y is told by its parity */
        key[0] = (uint8_t)(form - 2);
        memcpy(key + 1, in.p, 32);
        p[0] = 65;
        if (!uncompress(&u->curve, key, p + 1))
            return "a key that is not on the curve";
        p[66] = 0xac;
        *ret = (struct bytes){p, 67};
        return NULL;
    }
}

static const char *coin(struct undo *u, struct fact_spent *ret)
{
    if (cursor_varint(&u->c) >= 2) /* height * 2 + coinbase */
        cursor_varint(&u->c);
    ret->value = amount_of(cursor_varint(&u->c));
    return script_of(u, &ret->script);
}

static const char *coins(struct undo *u, const struct chain *chain, const uint32_t *tx_inputs_n,
                         size_t txs_n, struct fact_spent *ret)
{
    if (cursor_count(&u->c, 1) != txs_n - 1)
        return "not as many transactions as in the block";
    for (size_t t = 1; t < txs_n; t++) {
        if (cursor_count(&u->c, COIN_BYTES_MIN) != tx_inputs_n[t])
            return "not as many inputs as in the block";
        for (size_t i = 0; i < tx_inputs_n[t]; i++) {
            const char *wrong = coin(u, ret);

            if (wrong || u->c.bad)
                return wrong ? wrong : "ends early";
            if (chain->wire == WIRE_MWEB)
                ret->script = mweb_script(chain, ret->script);
            ret++;
        }
    }
    if (u->c.bad)
        return "ends early";
    /* Litecoin Core puts what undoes the MWEB part behind it. */
    return cursor_left(&u->c) && chain->wire != WIRE_MWEB ? "bytes after the last input" : NULL;
}

/* room is written to through the struct. NOLINTBEGIN(readability-non-const-parameter) */
bool undo_decode(const struct chain *chain, struct bytes raw, const uint32_t *tx_inputs_n,
                 size_t txs_n, uint8_t *room, struct fact_spent *ret, struct err *err)
{
    struct undo u = {.c = cursor_over(raw.p, raw.n), .room = room};
    const char *wrong = txs_n ? coins(&u, chain, tx_inputs_n, txs_n, ret) : "no transactions";

    EC_GROUP_free(u.curve);
    if (wrong)
        return err_fail(err, ERR_INPUT, "undo record: %s at byte %zu", wrong, cursor_offset(&u.c));
    return true;
}

/* NOLINTEND(readability-non-const-parameter) */

bool undo_read(struct arena *a, const struct chain *chain, struct bytes raw,
               const uint32_t *tx_inputs_n, size_t txs_n, struct fact_spent *ret, struct err *err)
{
    struct bytes copy = {arena_copy(a, raw.p, raw.n), raw.n};
    uint64_t inputs_n = 0;
    uint8_t *room;

    for (size_t t = 1; t < txs_n; t++)
        inputs_n += tx_inputs_n[t];
    if (inputs_n > raw.n / COIN_BYTES_MIN)
        return err_fail(err, ERR_INPUT, "undo record: ends early at byte %zu", raw.n);
    room = arena_array(a, inputs_n, UNDO_SCRIPT_MAX);
    if (!copy.p || !room)
        return arena_fail(a, err, "undo record of %zu bytes", raw.n);
    return undo_decode(chain, copy, tx_inputs_n, txs_n, room, ret, err);
}
