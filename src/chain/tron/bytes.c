/* Protocol Buffers' encoding is read and written here by hand: a few fields of it,
 * https://protobuf.dev/programming-guides/encoding */
#include "chain/tron/bytes.h"

#include "base/cursor.h"
#include "chain/memo.h"

#define PREFIX 0x41u
#define SIGNATURES_MAX 64u
#define RESULT_FAILED 1u
#define RESULT_SUCCESS 1u

enum wire { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

/* Tron.proto, Transaction.Result.contractResult, from 0 on. */
static const char *const results[] = {"DEFAULT",
                                      "SUCCESS",
                                      "REVERT",
                                      "BAD_JUMP_DESTINATION",
                                      "OUT_OF_MEMORY",
                                      "PRECOMPILED_CONTRACT",
                                      "STACK_TOO_SMALL",
                                      "STACK_TOO_LARGE",
                                      "ILLEGAL_OPERATION",
                                      "STACK_OVERFLOW",
                                      "OUT_OF_ENERGY",
                                      "OUT_OF_TIME",
                                      "JVM_STACK_OVER_FLOW",
                                      "UNKNOWN",
                                      "TRANSFER_FAILED",
                                      "INVALID_CODE"};
#define RESULTS_N (sizeof(results) / sizeof(results[0]))

bool tron_no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "a block of Tron");
}

bool tron_bad(const char *what, const char *why, struct err *err)
{
    return err_fail(err, ERR_INPUT, "%s: %s", what, why);
}

/* ---- Protocol Buffers ---- */

static size_t varint_put(uint8_t *to, uint64_t n) /* 10 bytes at most */
{
    size_t at = 0;

    for (; n > 0x7f; n >>= 7)
        to[at++] = (uint8_t)(n | 0x80);
    to[at++] = (uint8_t)n;
    return at;
}

static void field_number(struct text *t, unsigned field, uint64_t n)
{
    uint8_t b[20];
    size_t at;

    if (!n)
        return;
    at = varint_put(b, (uint64_t)field << 3 | WIRE_VARINT);
    at += varint_put(b + at, n);
    text_put(t, (const char *)b, at);
}

/* Written even if there is nothing in it. */
static void field_any(struct text *t, unsigned field, const uint8_t *p, size_t n)
{
    uint8_t b[20];
    size_t at = varint_put(b, (uint64_t)field << 3 | WIRE_BYTES);

    at += varint_put(b + at, n);
    text_put(t, (const char *)b, at);
    text_put(t, (const char *)p, n);
}

static void field_bytes(struct text *t, unsigned field, const uint8_t *p, size_t n)
{
    if (n)
        field_any(t, field, p, n);
}

static uint64_t varint(struct cursor *c)
{
    uint64_t n = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t b = cursor_u8(c);

        n |= (uint64_t)(b & 0x7f) << shift;
        if (!(b & 0x80))
            return n;
    }
    c->bad = true;
    return 0;
}

bool tron_field_next(struct cursor *c, struct tron_field *ret)
{
    uint64_t tag, n;

    if (c->bad || !cursor_left(c))
        return false;
    tag = varint(c);
    *ret = (struct tron_field){.number = tag >> 3};
    switch (tag & 7) {
    case WIRE_VARINT:
        ret->value = varint(c);
        break;
    case WIRE_BYTES:
        n = varint(c);
        if (n > cursor_left(c))
            c->bad = true;
        else
            ret->bytes = cursor_take(c, (size_t)n);
        break;
    case WIRE_FIXED64: /* none of the fields here */
        cursor_take(c, 8);
        ret->number = 0;
        break;
    case WIRE_FIXED32:
        cursor_take(c, 4);
        ret->number = 0;
        break;
    default:
        c->bad = true;
    }
    return !c->bad;
}

/* ---- JSON ---- */

/* Absent is 0, as proto3 has it; a sign is dropped by who asks for it. */
bool tron_number(const struct json *object, const char *name, uint64_t *ret, struct err *err)
{
    const struct json *j = json_get(object, name);

    *ret = 0;
    return !j || ((j->type == JSON_NUMBER || j->type == JSON_STRING) &&
                          u64_from_text(j->text, j->text_n, ret)
                      ? true
                      : tron_bad(name, "a whole number is wanted", err));
}

/* Exactly n bytes; absent is allowed where none may be. */
static bool hex_of(const struct json *object, const char *name, uint8_t *ret, size_t n,
                   struct err *err)
{
    const struct json *j = json_get(object, name);

    return j && j->type == JSON_STRING && j->text_n == 2 * n && hex_decode(j->text, 2 * n, ret, n)
               ? true
               : err_fail(err, ERR_INPUT, "%s: %zu hex digits are wanted", name, 2 * n);
}

/* Any number of bytes, into the arena; absent is none. */
bool tron_hex(struct arena *a, const struct json *j, const char *name, struct bytes *ret,
              struct err *err)
{
    uint8_t *p;

    *ret = (struct bytes){NULL, 0};
    if (!j)
        return true;
    if (j->type != JSON_STRING || j->text_n % 2)
        return tron_bad(name, "hex digits are wanted", err);
    p = arena_alloc(a, j->text_n / 2 + 1);
    if (!p)
        return tron_no_memory(a, err);
    if (!hex_decode(j->text, j->text_n, p, j->text_n / 2))
        return tron_bad(name, "hex digits are wanted", err);
    *ret = (struct bytes){p, j->text_n / 2};
    return true;
}

/* ---- the header ---- */

/* BlockHeader.raw: timestamp 1, txTrieRoot 2, parentHash 3, number 7, witness_id 8,
 * witness_address 9, version 10, accountStateRoot 11. */
static void head_write(struct text *to, const struct tron_head *h, uint64_t version,
                       uint64_t witness_id, struct bytes witness, struct bytes state)
{
    field_number(to, 1, h->time_ms);
    field_bytes(to, 2, h->root.b, sizeof(h->root.b));
    field_bytes(to, 3, h->parent.b, sizeof(h->parent.b));
    field_number(to, 7, h->height);
    field_number(to, 8, witness_id);
    field_bytes(to, 9, witness.p, witness.n);
    field_number(to, 10, version);
    field_bytes(to, 11, state.p, state.n);
}

static bool hash_field(const struct tron_field *f, struct hash32 *ret)
{
    if (f->bytes.n != sizeof(ret->b))
        return false;
    memcpy(ret->b, f->bytes.p, sizeof(ret->b));
    return true;
}

bool tron_head_parse(struct bytes raw, struct tron_head *ret, struct err *err)
{
    struct cursor c = cursor_over(raw.p, raw.n);
    bool roots[2] = {false, false};
    struct bytes witness = {NULL, 0};
    uint64_t number = 0;
    struct tron_field f;

    *ret = (struct tron_head){.height = 0};
    while (tron_field_next(&c, &f)) {
        if (f.number == 1 && !f.bytes.p)
            ret->time_ms = f.value;
        else if (f.number == 2 || f.number == 3)
            roots[f.number - 2] = hash_field(&f, f.number == 2 ? &ret->root : &ret->parent);
        else if (f.number == 7 && !f.bytes.p)
            number = f.value;
        else if (f.number == 9 && f.bytes.p)
            witness = tron_key(f.bytes);
    }
    if (c.bad || !roots[0] || !roots[1])
        return tron_bad("block_header", "damaged, or without its root or its parent", err);
    if (number >= HEIGHT_UNKNOWN)
        return tron_bad("number", "is too much", err);
    ret->height = (uint32_t)number;
    ret->signed_hash = ret->id = sha256(raw.p, raw.n);
    for (unsigned i = 0; i < 8; i++)
        ret->id.b[i] = (uint8_t)(number >> (56 - 8 * i));
    if (witness.n)
        memcpy(ret->witness, witness.p, TRON_KEY_BYTES);
    return true;
}

bool tron_head_told(struct arena *a, const struct json *block, struct tron_head *ret,
                    struct bytes *ret_raw, struct err *err)
{
    const struct json *raw = json_get(json_get(block, "block_header"), "raw_data");
    struct text t = text_new(TRON_BLOCK_BYTES_MAX);
    struct tron_head h = {.height = 0};
    uint64_t number, version, witness_id;
    struct bytes witness, state;
    struct hash32 id;

    if (block->type == JSON_OBJECT && !block->child)
        return err_fail(err, ERR_NOT_FOUND, "there is no such block");
    if (!raw)
        return tron_bad("block_header", "raw_data is wanted", err);
    if (!tron_number(raw, "number", &number, err) || !tron_number(raw, "version", &version, err) ||
        !tron_number(raw, "timestamp", &h.time_ms, err) ||
        !tron_number(raw, "witness_id", &witness_id, err) ||
        !hex_of(raw, "txTrieRoot", h.root.b, 32, err) ||
        !hex_of(raw, "parentHash", h.parent.b, 32, err) ||
        !tron_hex(a, json_get(raw, "witness_address"), "witness_address", &witness, err) ||
        !tron_hex(a, json_get(raw, "accountStateRoot"), "accountStateRoot", &state, err) ||
        !hex_of(block, "blockID", id.b, 32, err))
        return false;
    if (number >= HEIGHT_UNKNOWN)
        return tron_bad("number", "is too much", err);
    h.height = (uint32_t)number;
    head_write(&t, &h, version, witness_id, witness, state);
    *ret_raw = (struct bytes){t.bad ? NULL : arena_copy(a, t.p, t.n), t.n};
    text_free(&t);
    if (!ret_raw->p)
        return tron_no_memory(a, err);
    return tron_head_parse(*ret_raw, ret, err) &&
           (hash32_equal(&ret->id, &id) ||
            err_fail(err, ERR_INPUT, "block %u: its id is not the hash of its header",
                     ret->height));
}

/* ---- transactions ---- */

/* Result: fee 1, ret 2, contractRet 3. Members that a block's results do not have are refused:
 * their bytes would be missing in the hash. */
static bool result_write(struct text *to, const struct json *j, struct err *err)
{
    static const char *const known[] = {"fee", "ret", "contractRet", NULL};
    const struct json *word = json_get(j, "contractRet"), *code = json_get(j, "ret");
    uint8_t b[40];
    size_t n = 0, k = 0;
    uint64_t fee;

    if (j->type != JSON_OBJECT || !json_only(j, "ret", known, err) ||
        !tron_number(j, "fee", &fee, err))
        return j->type == JSON_OBJECT ? false : tron_bad("ret", "an object is wanted", err);
    if (code && !json_is_string(code, "SUCESS") && !json_is_string(code, "FAILED"))
        return tron_bad("ret.ret", "neither SUCESS nor FAILED", err);
    while (word && k < RESULTS_N && !json_is_string(word, results[k]))
        k++;
    if (k == RESULTS_N)
        return tron_bad("contractRet", "a result that is not known", err);
    if (fee) {
        b[n++] = 1 << 3;
        n += varint_put(b + n, fee);
    }
    if (json_is_string(code, "FAILED")) {
        b[n++] = 2 << 3;
        b[n++] = RESULT_FAILED;
    }
    if (k) {
        b[n++] = 3 << 3;
        b[n++] = (uint8_t)k;
    }
    field_any(to, 5, b, n);
    return true;
}

static bool tx_write(struct arena *a, const struct json *j, struct bytes raw, struct text *to,
                     struct err *err)
{
    const struct json *signatures = json_get(j, "signature"), *rets = json_get(j, "ret");
    struct bytes one;

    if ((signatures &&
         (signatures->type != JSON_ARRAY || signatures->children_n > SIGNATURES_MAX)) ||
        (rets && (rets->type != JSON_ARRAY || rets->children_n > SIGNATURES_MAX)))
        return tron_bad("signature, ret", "lists are wanted", err);
    field_bytes(to, 1, raw.p, raw.n);
    for (const struct json *k = signatures ? signatures->child : NULL; k; k = k->next) {
        if (!tron_hex(a, k, "signature", &one, err))
            return false;
        field_any(to, 2, one.p, one.n);
    }
    for (const struct json *k = rets ? rets->child : NULL; k; k = k->next)
        if (!result_write(to, k, err))
            return false;
    return !to->bad || tron_no_memory(a, err);
}

struct bytes tron_key(struct bytes address)
{
    return address.n == 1 + TRON_KEY_BYTES && address.p[0] == PREFIX
               ? (struct bytes){address.p + 1, TRON_KEY_BYTES}
               : (struct bytes){NULL, 0};
}

/* raw: contract 11. Contract: type 1, parameter 2. Any: value 2. */
static bool contract_of(struct bytes raw, struct tron_tx *t, struct err *err)
{
    struct cursor c = cursor_over(raw.p, raw.n), in = c, any = c;
    struct memo memo;
    struct tron_field f;
    unsigned contracts = 0;

    while (tron_field_next(&c, &f)) {
        if (f.number == 10)
            t->memo = f.bytes.p && memo_is_sent(f.bytes, &memo) ? f.bytes : (struct bytes){NULL, 0};
        if (f.number != 11 || !f.bytes.p)
            continue;
        contracts++;
        in = cursor_over(f.bytes.p, f.bytes.n);
        while (!any.bad && tron_field_next(&in, &f)) {
            if (f.number == 1 && !f.bytes.p)
                t->type = f.value;
            if (f.number != 2 || !f.bytes.p)
                continue;
            any = cursor_over(f.bytes.p, f.bytes.n); /* given twice they are one: later ones win */
            while (tron_field_next(&any, &f))
                if (f.number == 2 && f.bytes.p)
                    t->value = f.bytes;
        }
    }
    if (c.bad || in.bad || any.bad)
        return tron_bad("raw_data_hex", "damaged", err);
    if (contracts != 1)
        return err_fail(err, ERR_INPUT, "raw_data_hex: %u contracts, one is wanted", contracts);
    c = cursor_over(t->value.p, t->value.n);
    while (tron_field_next(&c, &f))
        if (f.number == (t->type == CONTRACT_TRANSFER_ASSET ? 2 : 1) && f.bytes.p)
            t->owner = tron_key(f.bytes);
    return !c.bad || tron_bad("raw_data_hex", "a damaged contract", err);
}

static bool result_read(struct bytes result, struct tron_tx *t)
{
    struct cursor c = cursor_over(result.p, result.n);
    uint64_t code = 0, word = 0;
    struct tron_field f;

    while (tron_field_next(&c, &f)) {
        if (f.number == 2 && !f.bytes.p)
            code = f.value;
        if (f.number == 3 && !f.bytes.p)
            word = f.value;
    }
    t->told |= word != 0;
    t->failed |= (word && word != RESULT_SUCCESS) || code == RESULT_FAILED;
    return !c.bad;
}

/* Transaction: raw_data 1, signature 2, ret 5. */
bool tron_tx_parse(struct bytes whole, struct tron_tx *ret, struct err *err)
{
    struct cursor c = cursor_over(whole.p, whole.n);
    struct bytes raw = {NULL, 0};
    struct tron_field f;
    unsigned raws = 0;

    *ret = (struct tron_tx){.type = 0};
    while (tron_field_next(&c, &f)) {
        if (f.number == 1 && f.bytes.p) {
            raw = f.bytes;
            raws++;
        }
        if (f.number == 5 && (!f.bytes.p || !result_read(f.bytes, ret)))
            return tron_bad("ret", "damaged", err);
    }
    if (c.bad || raws != 1)
        return tron_bad("a transaction", "damaged", err);
    ret->hash = sha256(raw.p, raw.n);
    return contract_of(raw, ret, err);
}

bool tron_tx_told(struct arena *a, const struct json *j, struct bytes *ret, struct err *err)
{
    struct text t = text_new(TRON_BLOCK_BYTES_MAX);
    struct hash32 hash, said;
    struct bytes raw;
    bool ok;

    if (!hex_of(j, "txID", said.b, 32, err) ||
        !tron_hex(a, json_get(j, "raw_data_hex"), "raw_data_hex", &raw, err))
        return false;
    hash = sha256(raw.p, raw.n);
    if (!hash32_equal(&hash, &said))
        return tron_bad("txID", "is not the hash of raw_data_hex", err);
    ok = tx_write(a, j, raw, &t, err);
    if (ok) {
        *ret = (struct bytes){arena_copy(a, t.p, t.n), t.n};
        ok = ret->p || tron_no_memory(a, err);
    }
    text_free(&t);
    return ok;
}

/* Pairs are hashed together, a last one alone goes up as it is. */
struct hash32 tron_root(struct hash32 *leaves, size_t n)
{
    struct hash32 none = {{0}};

    for (; n > 1; n = (n + 1) / 2)
        for (size_t i = 0; i < n; i += 2)
            leaves[i / 2] = i + 1 < n ? sha256(leaves[i].b, 2 * sizeof(leaves[i])) : leaves[i];
    return n ? leaves[0] : none;
}
