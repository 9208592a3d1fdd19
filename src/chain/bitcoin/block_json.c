#include "chain/bitcoin/block_json.h"

#include "base/json.h"
#include "base/text.h"
#include "chain/bitcoin/block.h"

struct out {
    struct text t;
    struct err *err;
};

static void put_le(struct out *o, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text_char(&o->t, (char)(v >> 8 * i));
}

static void put_compact(struct out *o, uint64_t v)
{
    size_t n = v < 0xfd ? 0 : v <= 0xffff ? 2 : 4;

    if (n)
        put_le(o, n == 2 ? 0xfd : 0xfe, 1);
    put_le(o, v, n ? n : 1);
}

static bool wants(struct out *o, const char *name, const char *what)
{
    return err_fail(o->err, ERR_INPUT, "%s: %s is wanted", name, what);
}

/* Bytes in hex; those of hashes and bits stand in reversed order. */
static bool put_hex(struct out *o, const struct json *j, const char *name, size_t bytes,
                    bool reversed)
{
    uint8_t room[HEADER_BYTES];

    if (!j || j->type != JSON_STRING || j->text_n != 2 * bytes ||
        !hex_decode(j->text, j->text_n, room, bytes))
        return wants(o, name, "hex");
    for (size_t i = 0; i < bytes; i++)
        text_char(&o->t, (char)room[reversed ? bytes - 1 - i : i]);
    return true;
}

static bool put_raw(struct out *o, const struct json *tx, const char *name)
{
    const struct json *hex = json_get(tx, "hex");

    if (!hex || hex->type != JSON_STRING || hex->text_n % 2)
        return wants(o, name, "hex of the transaction (verbosity 2)");
    for (size_t i = 0; i < hex->text_n; i += 2) {
        uint8_t byte;

        if (!hex_decode(hex->text + i, 2, &byte, 1))
            return wants(o, name, "hex");
        text_char(&o->t, (char)byte);
    }
    return true;
}

/* A version may be shown below zero. */
static bool put_number(struct out *o, const struct json *block, const char *name)
{
    const struct json *j = json_get(block, name);
    bool minus = j && j->type == JSON_NUMBER && j->text_n && j->text[0] == '-';
    uint64_t v;

    if (!j || j->type != JSON_NUMBER || !u64_from_text(j->text + minus, j->text_n - minus, &v) ||
        v > UINT32_MAX)
        return wants(o, name, "a number of 32 bits");
    put_le(o, minus ? 0 - v : v, 4);
    return true;
}

static bool put_branch(struct out *o, const struct json *aux, const char *name, const char *index)
{
    const struct json *list = json_get(aux, name);

    if (!list || list->type != JSON_ARRAY || list->children_n > MERKLE_BRANCH_MAX)
        return wants(o, name, "a list of hashes");
    put_compact(o, list->children_n);
    for (const struct json *h = list->child; h; h = h->next)
        if (!put_hex(o, h, name, sizeof(struct hash32), true))
            return false;
    return put_number(o, aux, index);
}

static bool put_aux(struct out *o, const struct json *aux)
{
    if (!put_raw(o, json_get(aux, "tx"), "auxpow.tx"))
        return false;
    for (int i = 0; i < 4; i++) /* the parent's hash, which nobody asks for */
        put_le(o, 0, 8);
    return put_branch(o, aux, "merklebranch", "index") &&
           put_branch(o, aux, "chainmerklebranch", "chainindex") &&
           put_hex(o, json_get(aux, "parentblock"), "parentblock", HEADER_BYTES, false);
}

static bool put_head(struct out *o, const struct chain *chain, const struct json *block)
{
    const struct json *prev = json_get(block, "previousblockhash"),
                      *aux = json_get(block, "auxpow");

    if (chain->wire == WIRE_ZCASH)
        return err_fail(o->err, ERR_INPUT, "JSON does not tell all of a block of %s", chain->name);
    if (!put_number(o, block, "version"))
        return false;
    for (int i = 0; !prev && i < 4; i++) /* the first block */
        put_le(o, 0, 8);
    return (!prev || put_hex(o, prev, "previousblockhash", sizeof(struct hash32), true)) &&
           put_hex(o, json_get(block, "merkleroot"), "merkleroot", sizeof(struct hash32), true) &&
           put_number(o, block, "time") && put_hex(o, json_get(block, "bits"), "bits", 4, true) &&
           put_number(o, block, "nonce") && (!aux || put_aux(o, aux));
}

static bool put_txs(struct out *o, const struct json *block)
{
    const struct json *txs = json_get(block, "tx");

    if (!txs || txs->type != JSON_ARRAY)
        return wants(o, "tx", "a list");
    put_compact(o, txs->children_n);
    for (const struct json *tx = txs->child; tx; tx = tx->next)
        if (!put_raw(o, tx, "tx"))
            return false;
    return true;
}

static bool read(struct arena *a, const struct chain *chain, struct bytes json, bool whole,
                 struct bytes *ret, struct err *err)
{
    struct out o = {.t = text_new(BLOCK_BYTES_MAX), .err = err};
    const struct json *block;
    bool ok = json_read(a, (const char *)json.p, json.n, &block, err);

    if (ok && block->type != JSON_OBJECT)
        ok = err_fail(err, ERR_INPUT, "no block");
    ok = ok && put_head(&o, chain, block) && (!whole || put_txs(&o, block)) && text_end(&o.t, err);
    if (ok) {
        *ret = (struct bytes){arena_copy(a, o.t.p, o.t.n), o.t.n};
        ok = ret->p || arena_fail(a, err, "a block");
    }
    text_free(&o.t);
    return ok || err_in(err, "a block in JSON");
}

bool block_of_json(struct arena *a, const struct chain *chain, struct bytes json, struct bytes *ret,
                   struct err *err)
{
    return read(a, chain, json, true, ret, err);
}

bool block_head_of_json(struct arena *a, const struct chain *chain, struct bytes json,
                        struct bytes *ret, struct err *err)
{
    return read(a, chain, json, false, ret, err);
}
