#include "chain/evm/pending.h"

#include "base/json.h"
#include "base/text.h"
#include "chain/evm/rpc_fields.h"

#include <string.h>

#define WORD_BYTES 32u
#define CALL_BYTES_MAX (4 + 3 * WORD_BYTES)

/* "0x" and digits, as many bytes as they are; what is longer than max is cut. False: not that. */
static bool data_of(const struct json *o, const char *name, uint8_t *ret, size_t max, size_t *ret_n)
{
    const struct json *j = json_get(o, name);
    const char *text;
    struct err none;
    size_t n;

    if (!j || !json_text(j, name, &text, &none) || strncmp(text, "0x", 2) != 0)
        return false;
    n = strlen(text + 2);
    if (n % 2)
        return false;
    *ret_n = n / 2 < max ? n / 2 : max;
    return hex_decode(text + 2, 2 * *ret_n, ret, *ret_n);
}

static bool whole_of(const struct json *o, const char *name, uint8_t *ret, size_t n)
{
    const struct json *j = json_get(o, name);

    return j && j->type == JSON_STRING &&
           hex_text((struct bytes){(const uint8_t *)j->text, j->text_n}, ret, n);
}

static bool quantity_of(const struct json *o, const char *name, struct u256 *ret)
{
    const struct json *j = json_get(o, name);

    return j && j->type == JSON_STRING && u256_from_hex(j->text, j->text_n, ret);
}

static void move_add(struct pending_tx *p, struct pending_move m)
{
    if (!u256_zero(m.amount))
        p->moves[p->moves_n++] = m;
}

/* transfer(address,uint256), transferFrom(address,address,uint256): an address is the last 20 bytes
 * of its word. */
static void call_look(struct pending_tx *p, const uint8_t *from, const uint8_t *to,
                      const uint8_t *call, size_t n)
{
    static const uint8_t transfer[] = {0xa9, 0x05, 0x9c, 0xbb}, by[] = {0x23, 0xb8, 0x72, 0xdd};
    bool of_other = n >= 4 + 3 * WORD_BYTES && !memcmp(call, by, sizeof(by));
    const uint8_t *at = call + 4 + (of_other ? WORD_BYTES : 0), *sender = from;
    struct pending_move m = {.token = true};

    if (!of_other && (n < 4 + 2 * WORD_BYTES || memcmp(call, transfer, sizeof(transfer)) != 0))
        return;
    if (of_other)
        sender = call + 4 + WORD_BYTES - PENDING_KEY_BYTES;
    memcpy(m.asset, to, sizeof(m.asset));
    memcpy(m.from, sender, sizeof(m.from));
    memcpy(m.to, at + WORD_BYTES - PENDING_KEY_BYTES, sizeof(m.to));
    if (u256_from_be(at + WORD_BYTES, WORD_BYTES, &m.amount))
        move_add(p, m);
}

bool evm_pending_read(struct arena *a, struct bytes in, struct pending_tx *ret, struct err *err)
{
    struct pending_tx p = {.moves_n = 0};
    struct pending_move native = {.token = false};
    uint8_t to[PENDING_KEY_BYTES], call[CALL_BYTES_MAX];
    const struct json *o;
    size_t n = 0;

    if (!json_read(a, (const char *)in.p, in.n, &o, err))
        return false;
    if (o->type != JSON_OBJECT || !whole_of(o, "hash", p.hash.b, sizeof(p.hash.b)) ||
        !whole_of(o, "from", native.from, sizeof(native.from)) ||
        !quantity_of(o, "value", &native.amount))
        return err_fail(err, ERR_INPUT, "no transaction with hash, from and value");
    *ret = p;
    if (!whole_of(o, "to", to, sizeof(to))) /* it makes a contract */
        return true;
    memcpy(native.to, to, sizeof(to));
    move_add(ret, native);
    if (data_of(o, "input", call, sizeof(call), &n))
        call_look(ret, native.from, to, call, n);
    return true;
}
