/* Answers -> trees -> bytes that the chain commits to -> facts. Protocol Buffers' encoding is read
 * and written here by hand: a few fields of it, https://protobuf.dev/programming-guides/encoding */
#include "chain/tron/block.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/text.h"
#include "chain/evm/log.h"

#include <stdio.h>

#define KEY_BYTES 20u
#define PREFIX 0x41u
#define SIGNATURES_MAX 64u
#define SIGNATURE_BYTES_MAX 512u
#define FIELDS_MAX 7u /* of a contract, that are read here */
#define TRC10_TEXT_MAX 24u
#define CHAIN_DIGITS 8u /* of its name behind "tron:0x" */

enum wire { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

enum contract { /* Tron.proto, Transaction.Contract.ContractType */
                CONTRACT_TRANSFER = 1,
                CONTRACT_TRANSFER_ASSET = 2,
                CONTRACT_WITHDRAW = 13,
                CONTRACT_CREATE = 30,
                CONTRACT_TRIGGER = 31,
};

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
#define RESULT_SUCCESS 1u

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_limited(a) ? err_fail(err, ERR_LIMIT, "a block of Tron that takes too much memory")
                            : err_fail(err, ERR_NOMEM, "a block of Tron");
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

static void field_number(struct sha256_stream *s, unsigned field, uint64_t n)
{
    uint8_t b[20];
    size_t at;

    if (!n)
        return;
    at = varint_put(b, (uint64_t)field << 3 | WIRE_VARINT);
    at += varint_put(b + at, n);
    sha256_add(s, b, at);
}

static void field_head(struct sha256_stream *s, unsigned field, size_t n)
{
    uint8_t b[20];
    size_t at = varint_put(b, (uint64_t)field << 3 | WIRE_BYTES);

    at += varint_put(b + at, n);
    sha256_add(s, b, at);
}

static void field_bytes(struct sha256_stream *s, unsigned field, const uint8_t *p, size_t n)
{
    if (!n)
        return;
    field_head(s, field, n);
    sha256_add(s, p, n);
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

struct field {
    uint64_t number, value;
    struct bytes bytes; /* .p NULL: it is a number */
};

/* False: there is none left, or it is damaged (c->bad). */
static bool field_next(struct cursor *c, struct field *ret)
{
    uint64_t tag, n;

    if (c->bad || !cursor_left(c))
        return false;
    tag = varint(c);
    *ret = (struct field){.number = tag >> 3};
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

static bool bad(const char *what, const char *why, struct err *err)
{
    return err_fail(err, ERR_INPUT, "%s: %s", what, why);
}

/* Absent is 0, as proto3 has it; a sign is dropped by who asks for it. */
static bool number_of(const struct json *object, const char *name, uint64_t *ret, struct err *err)
{
    const struct json *j = json_get(object, name);

    *ret = 0;
    return !j || ((j->type == JSON_NUMBER || j->type == JSON_STRING) &&
                          u64_from_text(j->text, j->text_n, ret)
                      ? true
                      : bad(name, "a whole number is wanted", err));
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
static bool hex_any(struct arena *a, const struct json *j, const char *name, struct bytes *ret,
                    struct err *err)
{
    uint8_t *p;

    *ret = (struct bytes){NULL, 0};
    if (!j)
        return true;
    if (j->type != JSON_STRING || j->text_n % 2)
        return bad(name, "hex digits are wanted", err);
    p = arena_alloc(a, j->text_n / 2 + 1);
    if (!p)
        return no_memory(a, err);
    if (!hex_decode(j->text, j->text_n, p, j->text_n / 2))
        return bad(name, "hex digits are wanted", err);
    *ret = (struct bytes){p, j->text_n / 2};
    return true;
}

/* "Error" is what java-tron's servlets answer instead, with status 200. */
static bool answer_read(struct arena *a, struct bytes answer, const struct json **ret,
                        struct err *err)
{
    const struct json *said;

    if (answer.n > TRON_BLOCK_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "an answer of more than %zu bytes", TRON_BLOCK_BYTES_MAX);
    if (!json_read(a, (const char *)answer.p, answer.n, ret, err))
        return false;
    said = json_get(*ret, "Error");
    if (!said)
        return true;
    return err_fail(err, ERR_SYSTEM, "the node says: %.200s",
                    said->type == JSON_STRING && text_is_plain(said->text, said->text_n)
                        ? said->text
                        : "an error without words");
}

/* ---- the header ---- */

static struct hash32 header_id(const struct tron_head *h, uint64_t version, uint64_t witness_id,
                               struct bytes witness, struct bytes state)
{
    struct sha256_stream s;
    struct hash32 id;

    sha256_start(&s);
    field_number(&s, 1, h->time_ms);
    field_bytes(&s, 2, h->root.b, sizeof(h->root.b));
    field_bytes(&s, 3, h->parent.b, sizeof(h->parent.b));
    field_number(&s, 7, h->height);
    field_number(&s, 8, witness_id);
    field_bytes(&s, 9, witness.p, witness.n);
    field_number(&s, 10, version);
    field_bytes(&s, 11, state.p, state.n);
    id = sha256_done(&s);
    for (unsigned i = 0; i < 8; i++)
        id.b[i] = (uint8_t)((uint64_t)h->height >> (56 - 8 * i));
    return id;
}

static bool head_of(struct arena *a, const struct json *block, struct tron_head *ret,
                    struct err *err)
{
    const struct json *raw = json_get(json_get(block, "block_header"), "raw_data");
    struct tron_head h = {.height = 0};
    uint64_t number, version, witness_id;
    struct bytes witness, state;
    struct hash32 id;

    if (block->type == JSON_OBJECT && !block->child)
        return err_fail(err, ERR_NOT_FOUND, "there is no such block");
    if (!raw)
        return bad("block_header", "raw_data is wanted", err);
    if (!number_of(raw, "number", &number, err) || !number_of(raw, "version", &version, err) ||
        !number_of(raw, "timestamp", &h.time_ms, err) ||
        !number_of(raw, "witness_id", &witness_id, err) ||
        !hex_of(raw, "txTrieRoot", h.root.b, 32, err) ||
        !hex_of(raw, "parentHash", h.parent.b, 32, err) ||
        !hex_any(a, json_get(raw, "witness_address"), "witness_address", &witness, err) ||
        !hex_any(a, json_get(raw, "accountStateRoot"), "accountStateRoot", &state, err) ||
        !hex_of(block, "blockID", id.b, 32, err))
        return false;
    if (number >= HEIGHT_UNKNOWN)
        return bad("number", "is too much", err);
    h.height = (uint32_t)number;
    h.id = header_id(&h, version, witness_id, witness, state);
    if (!hash32_equal(&h.id, &id))
        return err_fail(err, ERR_INPUT, "block %u: its id is not the hash of its header", h.height);
    if (witness.n == 1 + KEY_BYTES && witness.p[0] == PREFIX)
        memcpy(h.witness, witness.p + 1, KEY_BYTES);
    *ret = h;
    return true;
}

bool tron_head_read(struct bytes answer, struct tron_head *ret, struct err *err)
{
    struct arena *a = arena_new(NULL, TRON_BLOCK_MEMORY);
    const struct json *block;
    bool ok;

    if (!a)
        return err_fail(err, ERR_NOMEM, "a block of Tron");
    ok = answer_read(a, answer, &block, err) && head_of(a, block, ret, err);
    arena_free(a);
    return ok;
}

bool tron_head_is_first(const struct tron_head *h, const struct chain *chain)
{
    static const char before[] = "tron:0x";
    const char *name = chain->caip2;
    uint8_t last[CHAIN_DIGITS / 2];

    return !h->height && !strncmp(name, before, sizeof(before) - 1) &&
           hex_decode(name + sizeof(before) - 1, CHAIN_DIGITS, last, sizeof(last)) &&
           !memcmp(h->id.b + 32 - sizeof(last), last, sizeof(last));
}

/* ---- transactions ---- */

struct tron_tx {
    struct hash32 hash;
    bool failed, told; /* told: whether it failed */
    uint64_t type;
    struct bytes owner; /* 20 bytes; none: somebody before the first block, or a shielded one */
    struct bytes value; /* the contract's message */
};

/* Result: fee 1, ret 2, contractRet 3. Members that a block's results do not have are refused:
 * their bytes would be missing in the hash. */
static bool result_add(struct sha256_stream *s, const struct json *j, struct tron_tx *t,
                       struct err *err)
{
    static const char *const known[] = {"fee", "ret", "contractRet", NULL};
    const struct json *word = json_get(j, "contractRet"), *code = json_get(j, "ret");
    uint8_t b[40];
    size_t n = 0, k = 0;
    uint64_t fee;

    if (j->type != JSON_OBJECT || !json_only(j, "ret", known, err) ||
        !number_of(j, "fee", &fee, err))
        return j->type == JSON_OBJECT ? false : bad("ret", "an object is wanted", err);
    if (code && !json_is_string(code, "SUCESS") && !json_is_string(code, "FAILED"))
        return bad("ret.ret", "neither SUCESS nor FAILED", err);
    while (word && k < RESULTS_N && !json_is_string(word, results[k]))
        k++;
    if (k == RESULTS_N)
        return bad("contractRet", "a result that is not known", err);
    if (fee) {
        b[n++] = 1 << 3;
        n += varint_put(b + n, fee);
    }
    if (json_is_string(code, "FAILED")) {
        b[n++] = 2 << 3;
        b[n++] = 1;
    }
    if (k) {
        b[n++] = 3 << 3;
        b[n++] = (uint8_t)k;
    }
    field_head(s, 5, n);
    sha256_add(s, b, n);
    t->told |= k != 0;
    t->failed |= (k && k != RESULT_SUCCESS) || json_is_string(code, "FAILED");
    return true;
}

/* SHA-256 of the whole transaction. */
static bool leaf_of(struct arena *a, const struct json *j, struct bytes raw, struct tron_tx *t,
                    struct hash32 *ret, struct err *err)
{
    const struct json *signatures = json_get(j, "signature"), *rets = json_get(j, "ret");
    struct sha256_stream s;
    struct bytes one;

    if ((signatures &&
         (signatures->type != JSON_ARRAY || signatures->children_n > SIGNATURES_MAX)) ||
        (rets && (rets->type != JSON_ARRAY || rets->children_n > SIGNATURES_MAX)))
        return bad("signature, ret", "lists are wanted", err);
    sha256_start(&s);
    field_bytes(&s, 1, raw.p, raw.n);
    for (const struct json *k = signatures ? signatures->child : NULL; k; k = k->next) {
        if (!hex_any(a, k, "signature", &one, err))
            return false;
        field_head(&s, 2, one.n);
        sha256_add(&s, one.p, one.n);
    }
    for (const struct json *k = rets ? rets->child : NULL; k; k = k->next)
        if (!result_add(&s, k, t, err))
            return false;
    *ret = sha256_done(&s);
    return true;
}

static struct bytes key_of(struct bytes address)
{
    return address.n == 1 + KEY_BYTES && address.p[0] == PREFIX
               ? (struct bytes){address.p + 1, KEY_BYTES}
               : (struct bytes){NULL, 0};
}

/* raw: contract 11. Contract: type 1, parameter 2. Any: value 2. */
static bool contract_of(struct bytes raw, struct tron_tx *t, struct err *err)
{
    struct cursor c = cursor_over(raw.p, raw.n), in = c, any = c;
    struct field f;
    unsigned contracts = 0;

    while (field_next(&c, &f)) {
        if (f.number != 11 || !f.bytes.p)
            continue;
        contracts++;
        in = cursor_over(f.bytes.p, f.bytes.n);
        while (!any.bad && field_next(&in, &f)) {
            if (f.number == 1 && !f.bytes.p)
                t->type = f.value;
            if (f.number != 2 || !f.bytes.p)
                continue;
            any = cursor_over(f.bytes.p, f.bytes.n); /* given twice they are one: later ones win */
            while (field_next(&any, &f))
                if (f.number == 2 && f.bytes.p)
                    t->value = f.bytes;
        }
    }
    if (c.bad || in.bad || any.bad)
        return bad("raw_data_hex", "damaged", err);
    if (contracts != 1)
        return err_fail(err, ERR_INPUT, "raw_data_hex: %u contracts, one is wanted", contracts);
    c = cursor_over(t->value.p, t->value.n);
    while (field_next(&c, &f))
        if (f.number == (t->type == CONTRACT_TRANSFER_ASSET ? 2 : 1) && f.bytes.p)
            t->owner = key_of(f.bytes);
    return !c.bad || bad("raw_data_hex", "a damaged contract", err);
}

static bool tx_read(struct arena *a, const struct json *j, struct tron_tx *ret,
                    struct hash32 *ret_leaf, struct err *err)
{
    struct hash32 said;
    struct bytes raw;

    *ret = (struct tron_tx){.type = 0};
    if (!hex_of(j, "txID", said.b, 32, err) ||
        !hex_any(a, json_get(j, "raw_data_hex"), "raw_data_hex", &raw, err))
        return false;
    ret->hash = sha256(raw.p, raw.n);
    if (!hash32_equal(&ret->hash, &said))
        return bad("txID", "is not the hash of raw_data_hex", err);
    return leaf_of(a, j, raw, ret, ret_leaf, err) && contract_of(raw, ret, err);
}

/* Pairs are hashed together, a last one alone goes up as it is. */
static struct hash32 root_of(struct hash32 *leaves, size_t n)
{
    struct hash32 none = {{0}};

    for (; n > 1; n = (n + 1) / 2)
        for (size_t i = 0; i < n; i += 2)
            leaves[i / 2] = i + 1 < n ? sha256(leaves[i].b, 2 * sizeof(leaves[i])) : leaves[i];
    return n ? leaves[0] : none;
}

struct block {
    struct arena *a;
    const struct chain *chain;
    struct tron_head head;
    struct tron_tx *txs;
    const struct json **infos; /* [txs_n]; NULL: the first block has none */
    size_t txs_n;
};

static bool txs_read(struct block *b, const struct json *list, struct err *err)
{
    struct hash32 *leaves, root;
    size_t i = 0;

    if (list && (list->type != JSON_ARRAY || list->children_n > TRON_BLOCK_TXS_MAX))
        return bad("transactions", "a list is wanted", err);
    b->txs_n = list ? list->children_n : 0;
    b->txs = ARENA_ARRAY(b->a, struct tron_tx, b->txs_n);
    b->infos = ARENA_ARRAY(b->a, const struct json *, b->txs_n);
    leaves = ARENA_ARRAY(b->a, struct hash32, b->txs_n);
    if (!b->txs || !b->infos || !leaves)
        return no_memory(b->a, err);
    for (const struct json *j = list ? list->child : NULL; j; j = j->next, i++)
        if (!tx_read(b->a, j, &b->txs[i], &leaves[i], err))
            return err_in(err, "transaction %zu", i);
    root = root_of(leaves, b->txs_n);
    return hash32_equal(&root, &b->head.root) ||
           bad("txTrieRoot", "is not the root over its transactions", err);
}

/* ---- what nodes tell beside ---- */

static bool info_is(const struct json *info, const struct hash32 *hash)
{
    const struct json *id = json_get(info, "id");
    struct hash32 got;

    return id && id->type == JSON_STRING && hex_decode(id->text, id->text_n, got.b, 32) &&
           hash32_equal(&got, hash);
}

/* In the order of the block; the first block has none. */
static bool infos_read(struct block *b, struct bytes answer, struct err *err)
{
    const struct json *list, *j;
    uint64_t height, time_ms;

    if (!answer_read(b->a, answer, &list, err))
        return false;
    j = list->child;
    if (!b->head.height || (!j && !b->txs_n))
        return true;
    if (list->type != JSON_ARRAY || list->children_n != b->txs_n)
        return err_fail(err, ERR_INPUT, "%zu transactions, but infos of %zu", b->txs_n,
                        list->type == JSON_ARRAY ? list->children_n : 0);
    for (size_t i = 0; i < b->txs_n; i++, j = j->next) {
        if (!info_is(j, &b->txs[i].hash))
            return err_fail(err, ERR_INPUT, "info %zu is of another transaction", i);
        if (!number_of(j, "blockNumber", &height, err) ||
            !number_of(j, "blockTimeStamp", &time_ms, err))
            return err_in(err, "info %zu", i);
        if (height != b->head.height || time_ms != b->head.time_ms)
            return err_fail(err, ERR_INPUT, "info %zu is of another block", i);
        b->infos[i] = j;
    }
    return true;
}

/* ---- facts ---- */

struct adding { /* what one transaction moves; counted first, then filled */
    struct block *b;
    const struct hash32 *tx;
    struct fact_transfer *transfers;
    struct fact_event *events;
    size_t transfers_n, events_n, transfers_max, events_max;
};

/* Amounts are int64: a sign (the first block has one) moves nothing. */
static bool is_amount(uint64_t n)
{
    return n && n <= INT64_MAX;
}

static void add(struct adding *to, struct fact_transfer t)
{
    if (u256_zero(t.amount) || to->transfers_n == to->transfers_max)
        return;
    if (t.kind != TRANSFER_FEE)
        t.credit = t.amount;
    to->transfers[to->transfers_n++] = t;
}

static void add_amount(struct adding *to, struct fact_transfer t, uint64_t amount)
{
    if (!is_amount(amount))
        return;
    t.amount = u256_of(amount);
    add(to, t);
}

static bool token_of(struct block *b, uint64_t number, struct bytes *ret, struct err *err)
{
    char text[TRC10_TEXT_MAX];
    int n = snprintf(text, sizeof(text), "%llu", (unsigned long long)number);

    *ret = (struct bytes){arena_copy(b->a, text, (size_t)n), (size_t)n};
    return ret->p || no_memory(b->a, err);
}

/* A call or creation: what it sends along. */
static bool add_call(struct adding *to, struct fact_transfer t, uint64_t value, uint64_t tokens,
                     uint64_t token, struct err *err)
{
    add_amount(to, t, value);
    if (!is_amount(tokens))
        return true;
    t.position = 1;
    if (!token_of(to->b, token, &t.asset, err))
        return false;
    add_amount(to, t, tokens);
    return true;
}

/* SmartContract: call_value 5 */
static void creation_value(struct bytes contract, uint64_t *value)
{
    struct cursor c = cursor_over(contract.p, contract.n);
    struct field f;

    while (field_next(&c, &f))
        if (f.number == 5 && !f.bytes.p)
            *value = f.value;
}

static bool contract_address(struct block *b, const struct json *info, struct bytes *ret,
                             struct err *err)
{
    if (!hex_any(b->a, json_get(info, "contract_address"), "contract_address", ret, err))
        return false;
    *ret = key_of(*ret);
    return ret->p || bad("contract_address", "an address is wanted", err);
}

/* TransferContract: owner 1, to 2, amount 3.
 * TransferAssetContract: name 1, owner 2, to 3, amount 4.
 * TriggerSmartContract: owner 1, contract 2, value 3, data 4, token value 5, token 6.
 * CreateSmartContract: owner 1, contract 2, token value 3, token 4. */
static bool add_contract(struct adding *to, const struct tron_tx *tx, const struct json *info,
                         struct err *err)
{
    struct fact_transfer t = {.kind = TRANSFER_VALUE, .from = tx->owner};
    struct cursor c = cursor_over(tx->value.p, tx->value.n);
    struct bytes at[FIELDS_MAX] = {{NULL, 0}};
    uint64_t n[FIELDS_MAX] = {0}, created = 0;
    struct field f;

    while (field_next(&c, &f)) {
        if (f.number >= FIELDS_MAX)
            continue;
        if (!f.bytes.p)
            n[f.number] = f.value;
        else
            at[f.number] = f.bytes;
        if (tx->type == CONTRACT_CREATE && f.number == 2 && f.bytes.p)
            creation_value(f.bytes, &created);
    }
    switch (tx->type) {
    case CONTRACT_TRANSFER:
        t.to = key_of(at[2]);
        if (!t.to.n)
            return bad("to_address", "an address is wanted", err);
        add_amount(to, t, n[3]);
        return true;
    case CONTRACT_TRANSFER_ASSET:
        t.to = key_of(at[3]);
        t.asset = at[1];
        if (!t.to.n || !t.asset.n || t.asset.n > ACCOUNT_KEY_MAX || t.asset.n == KEY_BYTES)
            return bad("to_address, asset_name", "an address and a token are wanted", err);
        add_amount(to, t, n[4]);
        return true;
    case CONTRACT_TRIGGER:
        t.to = key_of(at[2]);
        return t.to.n ? add_call(to, t, n[3], n[5], n[6], err)
                      : bad("contract_address", "an address is wanted", err);
    case CONTRACT_CREATE:
        return contract_address(to->b, info, &t.to, err) &&
               add_call(to, t, created, n[3], n[4], err);
    default: /* others move nothing from one to another */
        return true;
    }
}

static bool path_make(struct block *b, uint32_t index, uint32_t value, struct bytes *ret,
                      struct err *err)
{
    uint8_t path[8];

    store_le32(path, index);
    store_le32(path + 4, value);
    *ret = (struct bytes){arena_copy(b->a, path, value ? 8 : 4), value ? 8 : 4};
    return ret->p || no_memory(b->a, err);
}

static bool add_internal(struct adding *to, const struct json *j, uint32_t index, struct err *err)
{
    const struct json *rejected = json_get(j, "rejected"), *values = json_get(j, "callValueInfo");
    struct fact_transfer t = {.kind = TRANSFER_INTERNAL};
    struct block *b = to->b;
    uint32_t value = 0;

    if ((rejected && rejected->type == JSON_TRUE) || !values)
        return true;
    if (values->type != JSON_ARRAY)
        return bad("callValueInfo", "a list is wanted", err);
    for (const struct json *v = values->child; v; v = v->next, value++) {
        const struct json *token = json_get(v, "tokenId");
        uint64_t amount;

        if (!number_of(v, "callValue", &amount, err))
            return false;
        if (!is_amount(amount))
            continue;
        if (!hex_any(b->a, json_get(j, "caller_address"), "caller_address", &t.from, err) ||
            !hex_any(b->a, json_get(j, "transferTo_address"), "transferTo_address", &t.to, err))
            return false;
        t.from = key_of(t.from);
        t.to = key_of(t.to);
        if (!t.from.n || !t.to.n)
            return bad("caller_address, transferTo_address", "addresses are wanted", err);
        if (token && (token->type != JSON_STRING || token->text_n > ACCOUNT_KEY_MAX ||
                      token->text_n == KEY_BYTES))
            return bad("tokenId", "a token is wanted", err);
        t.asset = token ? (struct bytes){(const uint8_t *)token->text, token->text_n}
                        : (struct bytes){NULL, 0};
        if (!path_make(b, index, value, &t.path, err))
            return false;
        add_amount(to, t, amount);
    }
    return true;
}

static bool log_read(struct block *b, const struct json *j, uint32_t index, struct evm_log *ret,
                     struct err *err)
{
    const struct json *list = json_get(j, "topics");
    uint8_t(*topics)[32];
    struct bytes one;
    size_t n = 0;

    if (!hex_any(b->a, json_get(j, "address"), "address", &one, err) ||
        !hex_any(b->a, json_get(j, "data"), "data", &ret->data, err))
        return false;
    ret->address = one.n == KEY_BYTES ? one : key_of(one);
    if (!ret->address.n)
        return bad("address", "an address is wanted", err);
    if (list && (list->type != JSON_ARRAY || list->children_n > EVM_TOPICS_MAX))
        return bad("topics", "a list of four at most is wanted", err);
    topics = arena_alloc(b->a, sizeof(*topics) * EVM_TOPICS_MAX);
    if (!topics)
        return no_memory(b->a, err);
    for (const struct json *t = list ? list->child : NULL; t; t = t->next, n++)
        if (t->type != JSON_STRING || t->text_n != 64 || !hex_decode(t->text, 64, topics[n], 32))
            return bad("topics", "64 hex digits are wanted", err);
    ret->topics = (const uint8_t(*)[32])topics;
    ret->topics_n = n;
    ret->index = index;
    return true;
}

static bool add_log(struct adding *to, const struct json *j, uint32_t index, struct err *err)
{
    struct evm_log log = {.index = index};
    struct evm_said *said = ARENA_NEW(to->b->a, struct evm_said);

    if (!said)
        return no_memory(to->b->a, err);
    if (!log_read(to->b, j, index, &log, err))
        return err_in(err, "log %u", index);
    evm_log_read(to->b->chain, to->tx, &log, said);
    for (size_t i = 0; i < said->transfers_n && to->transfers_n < to->transfers_max; i++)
        to->transfers[to->transfers_n++] = said->transfers[i];
    for (size_t i = 0; i < said->events_n && to->events_n < to->events_max; i++)
        to->events[to->events_n++] = said->events[i];
    return true;
}

static size_t items(const struct json *list)
{
    return list && list->type == JSON_ARRAY ? list->children_n : 0;
}

/* All that it can say at most is known beforehand. */
static bool room(struct adding *to, const struct json *info, struct err *err)
{
    const struct json *calls = json_get(info, "internal_transactions");

    to->transfers_max = 4 + 2 * items(json_get(info, "log"));
    for (const struct json *j = items(calls) ? calls->child : NULL; j; j = j->next)
        to->transfers_max += items(json_get(j, "callValueInfo"));
    to->events_max = 2 * items(json_get(info, "log"));
    to->transfers = ARENA_ARRAY(to->b->a, struct fact_transfer, to->transfers_max);
    to->events = ARENA_ARRAY(to->b->a, struct fact_event, to->events_max);
    return (to->transfers && to->events) || no_memory(to->b->a, err);
}

static bool moves_add(struct adding *to, const struct tron_tx *tx, const struct json *info,
                      struct err *err)
{
    const struct json *calls = json_get(info, "internal_transactions"),
                      *logs = json_get(info, "log");
    struct fact_transfer reward = {.kind = TRANSFER_REWARD, .to = tx->owner};
    uint64_t paid;
    uint32_t i = 0;

    if (!add_contract(to, tx, info, err))
        return false;
    for (const struct json *j = items(calls) ? calls->child : NULL; j; j = j->next, i++)
        if (!add_internal(to, j, i, err))
            return err_in(err, "internal transaction %u", i);
    i = 0;
    for (const struct json *j = items(logs) ? logs->child : NULL; j; j = j->next, i++)
        if (!add_log(to, j, i, err))
            return false;
    if (tx->type != CONTRACT_WITHDRAW || !tx->owner.n)
        return true;
    if (!number_of(info, "withdraw_amount", &paid, err))
        return false;
    add_amount(to, reward, paid);
    return true;
}

static bool tx_facts(struct block *b, size_t i, struct fact_tx *ret, struct err *err)
{
    const struct json *info = b->infos[i];
    struct tron_tx *tx = &b->txs[i];
    struct fact_transfer fee = {.kind = TRANSFER_FEE, .from = tx->owner};
    struct adding to = {.b = b, .tx = &tx->hash};
    uint64_t burned;

    if (!room(&to, info, err) || !number_of(info, "fee", &burned, err))
        return false;
    if (!tx->told && json_is_string(json_get(info, "result"), "FAILED"))
        tx->failed = true;
    if (tx->owner.n)
        add_amount(&to, fee, burned);
    if (!tx->failed && !moves_add(&to, tx, info, err))
        return false;
    *ret = (struct fact_tx){.hash = tx->hash,
                            .failed = tx->failed,
                            .transfers = to.transfers,
                            .transfers_n = to.transfers_n,
                            .events = to.events,
                            .events_n = to.events_n};
    return true;
}

bool tron_block_read(struct arena *a, const struct chain *chain, struct bytes block,
                     struct bytes infos, struct tron_head *ret_head, struct transfer_block *ret,
                     struct err *err)
{
    struct block b = {.a = a, .chain = chain};
    const struct json *tree;
    struct fact_tx *txs;

    if (!answer_read(a, block, &tree, err) || !head_of(a, tree, &b.head, err))
        return false;
    if (!txs_read(&b, json_get(tree, "transactions"), err) || !infos_read(&b, infos, err))
        return err_in(err, "block %u", b.head.height);
    txs = ARENA_ARRAY(a, struct fact_tx, b.txs_n);
    if (!txs)
        return no_memory(a, err);
    for (size_t i = 0; i < b.txs_n; i++)
        if (!tx_facts(&b, i, &txs[i], err))
            return err_in(err, "block %u: transaction %zu", b.head.height, i);
    *ret_head = b.head;
    *ret = (struct transfer_block){.hash = b.head.id,
                                   .prev = b.head.parent,
                                   .height = b.head.height,
                                   .time = b.head.time_ms / 1000,
                                   .grade = GRADE_PROVEN,
                                   .internals = true,
                                   .txs = txs,
                                   .txs_n = b.txs_n};
    return true;
}
