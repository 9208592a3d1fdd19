/* A node's transaction and receipt, written again as they are signed and hashed: the tables of tx.c
 * and block.c the other way round. Slow and plain, for proofs and tests. */
#include "base/json.h"
#include "chain/evm/rpc.h"

struct writing {
    const struct json *tx;
    struct rlp_out *o;
    struct err *err;
    bool bad;
};

static const struct json *member(struct writing *w, const struct json *object, const char *name)
{
    const struct json *j = json_get(object, name);

    if (j && j->type == JSON_STRING)
        return j;
    if (!w->bad)
        err_set(w->err, ERR_INPUT, "\"%s\" is missing, or no string", name);
    w->bad = true;
    return NULL;
}

static struct u256 quantity(struct writing *w, const struct json *object, const char *name)
{
    const struct json *j = member(w, object, name);
    struct u256 v = u256_of(0);

    if (j && !u256_from_hex(j->text, j->text_n, &v)) {
        err_set(w->err, ERR_INPUT, "\"%s\" is not 0x and hex digits", name);
        w->bad = true;
    }
    return v;
}

static void put_quantity(struct writing *w, const struct json *object, const char *name)
{
    rlp_put_u256(w->o, quantity(w, object, name));
}

static void put_hex(struct writing *w, const struct json *j)
{
    size_t n = j->text_n < 2 ? 0 : j->text_n / 2 - 1, at = rlp_open(w->o);
    struct rlp_out whole = {0};
    uint8_t *p;

    rlp_put_raw(w->o, j->text, n); /* room for it: half of the text */
    if (w->o->bad)
        return;
    p = w->o->p + at;
    if (j->text_n != 2 + 2 * n || memcmp(j->text, "0x", 2) != 0 ||
        !hex_decode(j->text + 2, 2 * n, p, n)) {
        if (!w->bad)
            err_set(w->err, ERR_INPUT, "not 0x and whole bytes of hex");
        w->bad = true;
        return;
    }
    rlp_put_string(&whole, p, n);
    w->o->n = at;
    rlp_put_raw(w->o, whole.p, whole.n);
    w->o->bad |= whole.bad;
    rlp_out_free(&whole);
}

static void put_bytes(struct writing *w, const struct json *object, const char *name)
{
    const struct json *j = member(w, object, name);

    if (j)
        put_hex(w, j);
}

static void put_to(struct writing *w)
{
    const struct json *to = json_get(w->tx, "to");

    if (to && to->type == JSON_STRING)
        put_hex(w, to);
    else
        rlp_put_string(w->o, NULL, 0);
}

static void put_strings(struct writing *w, const struct json *list)
{
    size_t at = rlp_open(w->o);

    for (const struct json *j = list ? list->child : NULL; j; j = j->next)
        if (j->type == JSON_STRING)
            put_hex(w, j);
    rlp_close(w->o, at);
}

static void put_access(struct writing *w)
{
    const struct json *list = json_get(w->tx, "accessList");
    size_t at = rlp_open(w->o);

    for (const struct json *j = list ? list->child : NULL; j; j = j->next) {
        size_t entry = rlp_open(w->o);

        put_bytes(w, j, "address");
        put_strings(w, json_get(j, "storageKeys"));
        rlp_close(w->o, entry);
    }
    rlp_close(w->o, at);
}

static void put_authorizations(struct writing *w)
{
    const struct json *list = json_get(w->tx, "authorizationList");
    size_t at = rlp_open(w->o);

    for (const struct json *j = list ? list->child : NULL; j; j = j->next) {
        static const char *const numbers[] = {"nonce", "yParity", "r", "s"};
        size_t entry = rlp_open(w->o);

        put_quantity(w, j, "chainId");
        put_bytes(w, j, "address");
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
            put_quantity(w, j, numbers[i]);
        rlp_close(w->o, entry);
    }
    rlp_close(w->o, at);
}

static void put_signature(struct writing *w)
{
    put_quantity(w, w->tx, "v");
    put_quantity(w, w->tx, "r");
    put_quantity(w, w->tx, "s");
}

static void put_payment(struct writing *w)
{
    put_quantity(w, w->tx, "gas");
    put_to(w);
    put_quantity(w, w->tx, "value");
    put_bytes(w, w->tx, "input");
}

static void put_typed(struct writing *w, unsigned type)
{
    put_quantity(w, w->tx, "chainId");
    put_quantity(w, w->tx, "nonce");
    if (type == 1) {
        put_quantity(w, w->tx, "gasPrice");
    } else {
        put_quantity(w, w->tx, "maxPriorityFeePerGas");
        put_quantity(w, w->tx, "maxFeePerGas");
    }
    put_payment(w);
    put_access(w);
    if (type == 3) {
        put_quantity(w, w->tx, "maxFeePerBlobGas");
        put_strings(w, json_get(w->tx, "blobVersionedHashes"));
    } else if (type == 4) {
        put_authorizations(w);
    }
    put_signature(w);
}

static void put_deposit(struct writing *w)
{
    const struct json *mint = json_get(w->tx, "mint"), *system = json_get(w->tx, "isSystemTx");

    put_bytes(w, w->tx, "sourceHash");
    put_bytes(w, w->tx, "from");
    put_to(w);
    rlp_put_u256(w->o, mint && mint->type == JSON_STRING ? quantity(w, w->tx, "mint") : u256_of(0));
    put_quantity(w, w->tx, "value");
    put_quantity(w, w->tx, "gas");
    rlp_put_u64(w->o, system && system->type == JSON_TRUE);
    put_bytes(w, w->tx, "input");
}

bool evm_rpc_wire(const struct json *tx, struct rlp_out *out, struct err *err)
{
    struct writing w = {.tx = tx, .o = rlp_out_clear(out), .err = err};
    const struct json *named = json_get(tx, "type");
    uint64_t type = named ? quantity(&w, tx, "type").w[0] : 0;
    uint8_t first = (uint8_t)type;
    size_t list;

    if (w.bad)
        return false;
    if (type > 4 && type != EVM_DEPOSIT)
        return err_fail(err, ERR_INPUT, "type 0x%llx is not known", (unsigned long long)type);
    if (type)
        rlp_put_raw(out, &first, 1);
    list = rlp_open(out);
    if (type == EVM_DEPOSIT) {
        put_deposit(&w);
    } else if (type) {
        put_typed(&w, first);
    } else {
        put_quantity(&w, tx, "nonce");
        put_quantity(&w, tx, "gasPrice");
        put_payment(&w);
        put_signature(&w);
    }
    rlp_close(out, list);
    if (out->bad)
        return err_fail(err, ERR_NOMEM, "a transaction");
    return !w.bad;
}

static void put_logs(struct writing *w)
{
    const struct json *list = json_get(w->tx, "logs");
    size_t at = rlp_open(w->o);

    for (const struct json *j = list ? list->child : NULL; j; j = j->next) {
        size_t log = rlp_open(w->o);

        put_bytes(w, j, "address");
        put_strings(w, json_get(j, "topics"));
        put_bytes(w, j, "data");
        rlp_close(w->o, log);
    }
    rlp_close(w->o, at);
}

/* specs.optimism.io, "Deposit receipt": nonce since Regolith, version since Canyon. */
static void put_deposited(struct writing *w)
{
    static const char *const names[] = {"depositNonce", "depositReceiptVersion"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (json_get(w->tx, names[i]))
            put_quantity(w, w->tx, names[i]);
}

bool evm_rpc_receipt(const struct json *receipt, struct rlp_out *out, struct err *err)
{
    struct writing w = {.tx = receipt, .o = out, .err = err};
    const struct json *root = json_get(receipt, "root");
    uint64_t type = json_get(receipt, "type") ? quantity(&w, receipt, "type").w[0] : 0;
    uint8_t first = (uint8_t)type;
    size_t list;

    if (type > 0x7f)
        return err_fail(err, ERR_INPUT, "type 0x%llx is not known", (unsigned long long)type);
    if (type)
        rlp_put_raw(out, &first, 1);
    list = rlp_open(out);
    if (root && root->type == JSON_STRING && !json_get(receipt, "status"))
        put_hex(&w, root); /* before Byzantium */
    else
        put_quantity(&w, receipt, "status");
    put_quantity(&w, receipt, "cumulativeGasUsed");
    put_bytes(&w, receipt, "logsBloom");
    put_logs(&w);
    if (type == EVM_DEPOSIT)
        put_deposited(&w);
    rlp_close(out, list);
    if (out->bad)
        return err_fail(err, ERR_NOMEM, "a receipt");
    return !w.bad;
}
