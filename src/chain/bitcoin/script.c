/* The standard forms, told apart by length and fixed bytes; only multisig has to be walked. */
#include "chain/bitcoin/script.h"

#include "base/cursor.h"

#define MULTISIG_KEYS_MAX 20 /* Bitcoin Core, MAX_PUBKEYS_PER_MULTISIG */
#define WITNESS_SCRIPT_MIN 4 /* BIP 141: version, push, "data push between 2 and 40 bytes" */
#define WITNESS_SCRIPT_MAX 42

enum opcode {
    OP_0 = 0x00,
    OP_PUSH_MAX = 0x4b, /* 1 to 75: that many bytes follow */
    OP_PUSHDATA1 = 0x4c,
    OP_PUSHDATA2 = 0x4d,
    OP_PUSHDATA4 = 0x4e,
    OP_1 = 0x51,
    OP_16 = 0x60,
    OP_RETURN = 0x6a,
    OP_DUP = 0x76,
    OP_EQUAL = 0x87,
    OP_EQUALVERIFY = 0x88,
    OP_HASH160 = 0xa9,
    OP_CHECKSIG = 0xac,
    OP_CHECKMULTISIG = 0xae,
};

/* A key's length by its first byte, or 0. Bitcoin Core, CPubKey::GetLen: 6 and 7 are the hybrid
 * form. */
static size_t key_bytes(uint8_t first)
{
    if (first == 2 || first == 3)
        return 33;
    return first == 4 || first == 6 || first == 7 ? 65 : 0;
}

struct push {
    uint8_t op;
    struct bytes data;
};

static bool push_next(struct cursor *c, struct push *ret)
{
    size_t n = 0;

    ret->op = cursor_u8(c);
    if (ret->op <= OP_PUSH_MAX)
        n = ret->op;
    else if (ret->op == OP_PUSHDATA1)
        n = cursor_u8(c);
    else if (ret->op == OP_PUSHDATA2)
        n = cursor_le16(c);
    else if (ret->op == OP_PUSHDATA4)
        n = cursor_le32(c);
    ret->data = cursor_take(c, n);
    return !c->bad;
}

/* 1 to 16 have opcodes of their own, so only 17 to 20 may be pushed as a byte; else 0. Bitcoin
 * Core, script/solver.cpp, GetScriptNumber. */
static size_t push_number(struct push p)
{
    if (p.op >= OP_1 && p.op <= OP_16)
        return (size_t)p.op - OP_1 + 1;
    if (p.op == 1 && p.data.p[0] > 16 && p.data.p[0] <= MULTISIG_KEYS_MAX)
        return p.data.p[0];
    return 0;
}

struct multisig {
    size_t required, keys_n;
    struct bytes keys[MULTISIG_KEYS_MAX];
};

/* Bitcoin Core, script/solver.cpp, MatchMultisig: number, keys, their number, OP_CHECKMULTISIG. */
static bool multisig_read(struct bytes script, struct multisig *ret)
{
    struct cursor c;
    struct push p;

    if (!script.n || script.p[script.n - 1] != OP_CHECKMULTISIG)
        return false;
    c = cursor_over(script.p, script.n - 1);
    if (!push_next(&c, &p))
        return false;
    ret->required = push_number(p);
    ret->keys_n = 0;
    while (push_next(&c, &p) && p.data.n > 1 && key_bytes(p.data.p[0]) == p.data.n) {
        if (ret->keys_n == MULTISIG_KEYS_MAX)
            return false;
        ret->keys[ret->keys_n++] = p.data;
    }
    return !c.bad && !cursor_left(&c) && ret->required && push_number(p) == ret->keys_n &&
           ret->required <= ret->keys_n;
}

/* The forms whose class and payload tell all: what stands before and after the payload. */
static const struct form {
    uint8_t head[3], head_n, payload_n, tail[2], tail_n;
} forms[] = {
    [SCRIPT_P2PKH] = {{OP_DUP, OP_HASH160, 20}, 3, 20, {OP_EQUALVERIFY, OP_CHECKSIG}, 2},
    [SCRIPT_P2SH] = {{OP_HASH160, 20}, 2, 20, {OP_EQUAL}, 1},
    [SCRIPT_P2WPKH] = {{OP_0, 20}, 2, 20, {0}, 0},
    [SCRIPT_P2WSH] = {{OP_0, 32}, 2, 32, {0}, 0},
    [SCRIPT_P2TR] = {{OP_1, 32}, 2, 32, {0}, 0},
};

static const struct form key_form = {{33}, 1, 33, {OP_CHECKSIG}, 1};
static const struct form key_long_form = {{65}, 1, 65, {OP_CHECKSIG}, 1};

/* NULL: no such form. first is the payload's first byte: a key's length follows from it. */
static const struct form *form_of(uint8_t class, uint8_t first)
{
    if (class == SCRIPT_P2PK)
        return key_bytes(first) == 33 ? &key_form : key_bytes(first) == 65 ? &key_long_form : NULL;
    return class < sizeof(forms) / sizeof(forms[0]) && forms[class].payload_n ? &forms[class]
                                                                              : NULL;
}

static struct bytes form_build(const struct form *f, const uint8_t *payload, uint8_t *ret)
{
    memcpy(ret, f->head, f->head_n);
    memcpy(ret + f->head_n, payload, f->payload_n);
    memcpy(ret + f->head_n + f->payload_n, f->tail, f->tail_n);
    return (struct bytes){ret, (size_t)f->head_n + f->payload_n + f->tail_n};
}

static inline enum script_class found(enum script_class class, struct bytes script, size_t from,
                                      size_t n, struct bytes *ret_payload)
{
    *ret_payload = (struct bytes){from ? script.p + from : script.p, n};
    return class;
}

/* Forms that their length alone does not give away. */
static enum script_class classify_long(struct bytes s, struct bytes *ret_payload)
{
    struct multisig m;

    if (s.n && s.p[0] == OP_RETURN)
        return found(SCRIPT_RETURN, s, 1, s.n - 1, ret_payload);
    /* Version 0 with another length than 20 or 32 cannot be spent and has no address (BIP 141, BIP
     * 173). */
    if (s.n >= WITNESS_SCRIPT_MIN && s.n <= WITNESS_SCRIPT_MAX && s.p[0] >= OP_1 &&
        s.p[0] <= OP_16 && (size_t)s.p[1] + 2 == s.n)
        return found(SCRIPT_WITNESS, s, 2, s.n - 2, ret_payload);
    if (multisig_read(s, &m))
        return found(SCRIPT_MULTISIG, s, 0, s.n, ret_payload);
    return found(SCRIPT_OTHER, s, 0, s.n, ret_payload);
}

enum script_class script_classify(struct bytes script, struct bytes *ret_payload)
{
    const uint8_t *p = script.p;

    switch (script.n) {
    case 22:
        if (p[0] == OP_0 && p[1] == 20)
            return found(SCRIPT_P2WPKH, script, 2, 20, ret_payload);
        break;
    case 23:
        if (p[0] == OP_HASH160 && p[1] == 20 && p[22] == OP_EQUAL)
            return found(SCRIPT_P2SH, script, 2, 20, ret_payload);
        break;
    case 25:
        if (p[0] == OP_DUP && p[1] == OP_HASH160 && p[2] == 20 && p[23] == OP_EQUALVERIFY &&
            p[24] == OP_CHECKSIG)
            return found(SCRIPT_P2PKH, script, 3, 20, ret_payload);
        break;
    case 34:
        if (p[0] == OP_0 && p[1] == 32)
            return found(SCRIPT_P2WSH, script, 2, 32, ret_payload);
        if (p[0] == OP_1 && p[1] == 32)
            return found(SCRIPT_P2TR, script, 2, 32, ret_payload);
        break;
    case 35:
    case 67:
        if (p[0] == script.n - 2 && key_bytes(p[1]) == p[0] && p[script.n - 1] == OP_CHECKSIG)
            return found(SCRIPT_P2PK, script, 1, p[0], ret_payload);
        break;
    }
    return classify_long(script, ret_payload);
}

const char *script_class_name(enum script_class class)
{
    switch (class) {
    case SCRIPT_OTHER:
        return "other";
    case SCRIPT_P2PK:
        return "p2pk";
    case SCRIPT_P2PKH:
        return "p2pkh";
    case SCRIPT_P2SH:
        return "p2sh";
    case SCRIPT_P2WPKH:
        return "p2wpkh";
    case SCRIPT_P2WSH:
        return "p2wsh";
    case SCRIPT_P2TR:
        return "p2tr";
    case SCRIPT_WITNESS:
        return "witness";
    case SCRIPT_MULTISIG:
        return "multisig";
    case SCRIPT_RETURN:
        return "return";
    }
    return "other";
}

bool script_has_address(enum script_class class)
{
    return class >= SCRIPT_P2PK && class <= SCRIPT_WITNESS;
}

struct bytes script_address_form(struct bytes script, uint8_t form[SCRIPT_FORM_MAX])
{
    struct bytes payload;
    struct hash20 hash;

    if (script_classify(script, &payload) != SCRIPT_P2PK)
        return script;
    hash = hash160(payload.p, payload.n);
    return form_build(&forms[SCRIPT_P2PKH], hash.b, form);
}

static void multisig_show(struct text *to, struct bytes script)
{
    struct multisig m;

    if (!multisig_read(script, &m))
        return;
    text_str(to, "multi(");
    text_u64(to, m.required);
    for (size_t i = 0; i < m.keys_n; i++) {
        text_char(to, ',');
        text_hex(to, m.keys[i].p, m.keys[i].n);
    }
    text_char(to, ')');
}

void script_show(struct text *to, const struct chain *chain, struct bytes script)
{
    struct bytes payload;
    enum script_class class = script_classify(script, &payload);
    char address[ADDRESS_BYTES_MAX];

    if (address_of_script(chain, script, address)) {
        text_str(to, address);
    } else if (class == SCRIPT_MULTISIG) {
        multisig_show(to, script);
    } else {
        text_str(to, class == SCRIPT_RETURN ? "return:" : "script:");
        text_hex(to, payload.p, payload.n);
    }
}

/* CompactSize, as on the wire. */
static size_t compact_write(uint8_t *ret, uint64_t v)
{
    if (v < 0xfd) {
        ret[0] = (uint8_t)v;
        return 1;
    }
    ret[0] = v <= 0xffff ? 0xfd : v <= 0xffffffff ? 0xfe : 0xff;
    if (ret[0] == 0xff) {
        store_le64(ret + 1, v);
        return 9;
    }
    if (ret[0] == 0xfe) {
        store_le32(ret + 1, (uint32_t)v);
        return 5;
    }
    ret[1] = (uint8_t)v;
    ret[2] = (uint8_t)(v >> 8);
    return 3;
}

size_t script_pack(struct bytes script, uint8_t *ret)
{
    struct bytes payload;
    size_t n = 1;

    ret[0] = (uint8_t)script_classify(script, &payload);
    if (!form_of(ret[0], payload.n ? payload.p[0] : 0)) {
        n += compact_write(ret + 1, script.n);
        payload = script;
    }
    if (payload.n)
        memcpy(ret + n, payload.p, payload.n);
    return n + payload.n;
}

bool script_unpack(struct bytes in, uint8_t out[SCRIPT_FORM_MAX], struct bytes *ret_script,
                   size_t *ret_used)
{
    struct cursor c = cursor_over(in.p, in.n);
    uint8_t class = cursor_u8(&c);
    const struct form *f = form_of(class, cursor_left(&c) ? *c.at : 0);
    struct bytes payload = cursor_take(&c, f ? f->payload_n : cursor_count(&c, 1));

    if (c.bad)
        return false;
    /* What the classes with a form stand for is never packed whole, so that a script has one
     * packing. */
    if (!f && script_classify(payload, &(struct bytes){0}) != class)
        return false;
    *ret_script = f ? form_build(f, payload.p, out) : payload;
    *ret_used = cursor_offset(&c);
    return true;
}
