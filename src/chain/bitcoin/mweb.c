/* Litecoin's extension blocks (MWEB), walked to their last byte and otherwise passed over: amounts
 * in them are hidden. LIP 2 to 4; Litecoin Core, libmw/include/mw/models.
 *
 *     1 | height | 5 hashes | sizes of two ranges | inputs | outputs | kernels        or just 0
 *
 * Numbers are VARINTs, lists have a compact size before them. The hash of the header, which the
 * HogAddr has, is BLAKE3 and is not checked. */
#include "chain/bitcoin/block_walk.h"

#define HASH_BYTES 32
#define POINT_BYTES 33 /* commitments and keys */
#define SIGNATURE_BYTES 64
#define PROOF_BYTES 675
#define STANDARD_FIELDS_BYTES (POINT_BYTES + 1 + 8 + 16)
#define INPUT_MIN (1 + HASH_BYTES + 2 * POINT_BYTES + SIGNATURE_BYTES)
#define OUTPUT_MIN (3 * POINT_BYTES + 1 + PROOF_BYTES + SIGNATURE_BYTES)
#define KERNEL_MIN (1 + POINT_BYTES + SIGNATURE_BYTES)

#define OP_8 0x58 /* witness version 8: HogAddr; 9: peg-in */
#define OP_9 0x59

static void input(struct cursor *c)
{
    uint8_t features = cursor_u8(c);

    cursor_skip(c, HASH_BYTES + 2 * POINT_BYTES);
    if (features & 1)
        cursor_skip(c, POINT_BYTES);
    if (features & 2)
        cursor_skip(c, cursor_compact(c));
    cursor_skip(c, SIGNATURE_BYTES);
}

static void output(struct cursor *c)
{
    uint8_t features;

    cursor_skip(c, 3 * POINT_BYTES);
    features = cursor_u8(c);
    if (features & 1)
        cursor_skip(c, STANDARD_FIELDS_BYTES);
    if (features & 2)
        cursor_skip(c, cursor_compact(c));
    cursor_skip(c, PROOF_BYTES + SIGNATURE_BYTES);
}

static void pegouts(struct cursor *c)
{
    size_t n = cursor_count(c, 2);

    for (size_t i = 0; i < n && !c->bad; i++) {
        cursor_varint(c);
        cursor_skip(c, cursor_compact(c));
    }
}

static void kernel(struct cursor *c)
{
    uint8_t features = cursor_u8(c);

    if (features & 1) /* fee */
        cursor_varint(c);
    if (features & 2) /* peg-in */
        cursor_varint(c);
    if (features & 4)
        pegouts(c);
    if (features & 8) /* height */
        cursor_varint(c);
    if (features & 16)
        cursor_skip(c, POINT_BYTES);
    if (features & 32)
        cursor_skip(c, cursor_compact(c));
    cursor_skip(c, POINT_BYTES + SIGNATURE_BYTES);
}

static void list(struct cursor *c, size_t bytes_min, void (*one)(struct cursor *))
{
    size_t n = cursor_count(c, bytes_min);

    for (size_t i = 0; i < n && !c->bad; i++)
        one(c);
}

const char *mweb_walk(struct cursor *c)
{
    uint8_t present = cursor_u8(c);

    if (present > 1)
        return "neither an MWEB part nor none";
    if (!present)
        return c->bad ? "the MWEB part ends early" : NULL;
    cursor_varint(c);
    cursor_skip(c, 5 * HASH_BYTES);
    cursor_varint(c);
    cursor_varint(c);
    list(c, INPUT_MIN, input);
    list(c, OUTPUT_MIN, output);
    list(c, KERNEL_MIN, kernel);
    return c->bad ? "the MWEB part ends early" : NULL;
}

struct bytes mweb_script(const struct chain *chain, struct bytes script)
{
    bool pools =
        script.n == 34 && script.p[1] == 32 && (script.p[0] == OP_8 || script.p[0] == OP_9);

    return pools ? pool_script(chain, 0) : script;
}
