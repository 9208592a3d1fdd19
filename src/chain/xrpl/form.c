#include "chain/xrpl/form.h"

#include "base/mem.h"
#include "chain/xrpl/codec.h"

#define OBJECT_BYTES_MAX ((size_t)8 << 20) /* as bytes */

const struct json *xrpl_first_of(const struct json *a, const struct json *b,
                                 const char *const *names)
{
    for (; *names; names++) {
        const struct json *j = json_get(a, *names);

        if (!j)
            j = json_get(b, *names);
        if (j)
            return j;
    }
    return NULL;
}

static bool is_hex(const struct json *j)
{
    return j && j->type == JSON_STRING && j->text_n;
}

/* Hex -> bytes and JSON. */
static bool blob_read(struct arena *a, const struct json *hex, const char *what,
                      struct bytes *ret_bytes, const struct json **ret, struct err *err)
{
    size_t n = hex->text_n / 2;
    uint8_t *b;

    if (n > OBJECT_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "%s: more than %zu bytes", what, OBJECT_BYTES_MAX);
    b = arena_alloc(a, n);
    if (!b)
        return err_fail(err, ERR_NOMEM, "%s", what);
    if (!hex_decode(hex->text, hex->text_n, b, n))
        return err_fail(err, ERR_INPUT, "%s: hex digits are wanted", what);
    *ret_bytes = (struct bytes){b, n};
    return xrpl_decode(a, *ret_bytes, ret, err) || err_in(err, "%s", what);
}

/* What cannot be written has no bytes: that is no failure. */
static bool written(struct arena *a, const struct json *j, struct bytes *ret, struct err *err)
{
    struct text t = text_new(OBJECT_BYTES_MAX);
    bool ok = true;

    *ret = (struct bytes){NULL, 0};
    if (xrpl_encode(a, j, &t, err)) {
        *ret = (struct bytes){arena_copy(a, t.p, t.n), t.n};
        ok = ret->p || err_fail(err, ERR_NOMEM, "a transaction");
    } else {
        ok = err->class == ERR_INPUT;
    }
    text_free(&t);
    return ok;
}

/* "sfSequence, sfSigningPubKey: soeREQUIRED" of every transaction; what has not even these is not
 * all of it. */
static bool is_whole(const struct json *tx)
{
    static const char *const names[] = {"TransactionType", "Account", "Fee", "Sequence",
                                        "SigningPubKey"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!json_get(tx, names[i]))
            return false;
    return true;
}

static bool parts_find(struct arena *a, const struct json *j, struct xrpl_form *f,
                       struct bytes *ret_tx, struct bytes *ret_meta, struct err *err)
{
    static const char *const txs[] = {"tx", "tx_json", "transaction", "tx_blob", NULL},
                             *const metas[] = {"meta", "metaData", "meta_blob", NULL};

    f->outer = j;
    f->tx = xrpl_first_of(j, NULL, txs);
    if (is_hex(f->tx)) {
        if (!blob_read(a, f->tx, "tx_blob", ret_tx, &f->tx, err))
            return false;
    } else if (!f->tx || f->tx->type != JSON_OBJECT) {
        f->tx = j;
    }
    f->meta = xrpl_first_of(j, f->tx, metas);
    if (is_hex(f->meta))
        return blob_read(a, f->meta, "meta", ret_meta, &f->meta, err);
    return (f->meta && f->meta->type == JSON_OBJECT) ||
           err_fail(err, ERR_INPUT, "a transaction with \"meta\" is wanted");
}

/* *ret_known false: none is told. */
static bool stated(const struct xrpl_form *f, struct hash32 *ret, bool *ret_known, struct err *err)
{
    static const char *const hashes[] = {"hash", NULL};
    const struct json *hash = xrpl_first_of(f->outer, f->tx, hashes);

    *ret_known = hash != NULL;
    return !hash ||
           (hash->type == JSON_STRING &&
            hex_decode(hash->text, hash->text_n, ret->b, sizeof(ret->b))) ||
           err_fail(err, ERR_INPUT, "hash: 64 hex digits are wanted");
}

bool xrpl_form_find(struct arena *a, const struct json *j, bool leaf, struct xrpl_form *ret,
                    struct err *err)
{
    struct bytes tx = {NULL, 0}, meta = tx;
    struct hash32 said;
    bool known;

    *ret = (struct xrpl_form){.checked = false};
    if (!parts_find(a, j, ret, &tx, &meta, err) || !stated(ret, &said, &known, err))
        return false;
    if (!tx.p && is_whole(ret->tx) && !written(a, ret->tx, &tx, err))
        return false;
    if (leaf && tx.p && !meta.p && !written(a, ret->meta, &meta, err))
        return false;
    if (!tx.p) {
        ret->id = said;
        return known || err_fail(err, ERR_INPUT, "hash: 64 hex digits are wanted");
    }
    ret->checked = true;
    ret->id = xrpl_tx_id(tx);
    if (known && !hash32_equal(&ret->id, &said))
        return err_fail(
            err, ERR_INPUT,
            "the transaction's hash is not the one that is stated: it has been changed");
    ret->has_leaf = leaf && meta.p;
    if (ret->has_leaf)
        ret->leaf = xrpl_leaf(tx, meta);
    ret->tx_bytes = tx;
    ret->meta_bytes = meta;
    return true;
}
