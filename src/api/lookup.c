/* An address may stand for several scripts (a public key, and its hash): their lists, each newest
 * first, are merged by the newest head. */
#include "api/lookup.h"

#include "base/text.h"

static bool hash_from_text(const char *s, struct hash32 *ret)
{
    struct hash32 shown;

    if (!hex_decode(s, strlen(s), shown.b, sizeof(shown.b)))
        return false;
    for (size_t i = 0; i < sizeof(shown.b); i++)
        ret->b[i] = shown.b[sizeof(shown.b) - 1 - i];
    return true;
}

bool lookup_block(const struct ledger *l, const char *height_or_hash, uint32_t *ret,
                  struct err *err)
{
    struct hash32 hash;
    uint64_t height;

    if (hash_from_text(height_or_hash, &hash))
        *ret = ledger_find_block(l, &hash);
    else if (u64_from_text(height_or_hash, strlen(height_or_hash), &height) &&
             height < HEIGHT_UNKNOWN)
        *ret = ledger_find_height(l, (uint32_t)height);
    else
        return err_fail(err, ERR_USAGE, "\"%s\": a height or a block's hash is wanted",
                        height_or_hash);
    return *ret != BLOCK_NONE ||
           err_fail(err, ERR_NOT_FOUND, "block \"%s\" is not in the ledger", height_or_hash);
}

bool lookup_tx(const struct ledger *l, const char *txid, uint32_t *ret, struct err *err)
{
    struct hash32 id;

    if (!hash_from_text(txid, &id))
        return err_fail(err, ERR_USAGE, "\"%s\": a transaction's id of 64 hex digits is wanted",
                        txid);
    *ret = ledger_find_tx(l, &id);
    return *ret != COINS_TX_NONE ||
           err_fail(err, ERR_NOT_FOUND, "transaction \"%s\" is not in the ledger", txid);
}

struct lookup_spent lookup_spent(const struct ledger *l, uint64_t input)
{
    const struct coins *coins = ledger_coins(l);
    struct lookup_spent s = {.script = SCRIPT_NONE};
    uint64_t output = coins_source(coins, input, &s.value);
    const uint8_t *outpoint;

    if (output != COINS_NONE) {
        uint32_t maker = coins_maker(coins, output);

        s.txid = ledger_txid(l, maker);
        s.vout = (uint32_t)(output - coins_outputs(coins, maker).first);
        s.script = ledger_script_of(l, output);
        s.inside = true;
        return s;
    }
    outpoint = ledger_outside(l, input, &s.script);
    if (outpoint) {
        memcpy(s.txid.b, outpoint, sizeof(s.txid.b));
        s.vout = load_le32(outpoint + sizeof(s.txid.b));
        s.pool = ledger_input_pool(l, input);
    }
    return s;
}

bool lookup_fee(const struct ledger *l, uint32_t tx, uint64_t *ret)
{
    const struct coins *coins = ledger_coins(l);
    struct coins_range in = coins_inputs(coins, tx), out = coins_outputs(coins, tx);
    uint64_t paid = 0, value;

    for (uint64_t i = 0; i < in.n; i++) {
        coins_source(coins, in.first + i, &value);
        if (value == UINT64_MAX || __builtin_add_overflow(paid, value, &paid))
            return false;
    }
    for (uint64_t i = 0; i < out.n; i++)
        if (__builtin_sub_overflow(paid, coins_value(coins, out.first + i), &paid))
            return false;
    *ret = paid;
    return in.n > 0;
}

struct lookup_output lookup_output(const struct ledger *l, uint64_t output)
{
    const struct coins *coins = ledger_coins(l);
    struct lookup_output r = {.tx = coins_maker(coins, output),
                              .spender = coins_spender(coins, output)};

    r.txid = ledger_txid(l, r.tx);
    r.vout = (uint32_t)(output - coins_outputs(coins, r.tx).first);
    r.value = coins_value(coins, output);
    r.block = ledger_block(l, ledger_tx_block(l, r.tx));
    if (r.spender != COINS_TX_NONE)
        r.spent_by = ledger_txid(l, r.spender);
    return r;
}

bool lookup_address(const struct ledger *l, const char *address, struct lookup_address *ret,
                    struct err *err)
{
    struct lookup_address w = {.ledger = l, .tx_first = COINS_TX_NONE, .tx_last = COINS_TX_NONE};
    uint32_t scripts[LEDGER_TWINS_MAX];
    uint8_t form[SCRIPT_FORM_MAX];
    size_t n;

    if (!address_read(ledger_chain(l), address, form, &n, err))
        return false;
    w.scripts_n = ledger_find_address(l, (struct bytes){form, n}, scripts);
    for (size_t i = 0; i < w.scripts_n; i++)
        w.head[i] = ledger_script_last(l, scripts[i]);
    *ret = w;
    return true;
}

static uint64_t newest(struct lookup_address *w)
{
    size_t at = 0;
    uint64_t output;

    for (size_t i = 1; i < w->scripts_n; i++)
        if (w->head[at] == COINS_NONE || (w->head[i] != COINS_NONE && w->head[i] > w->head[at]))
            at = i;
    if (!w->scripts_n || w->head[at] == COINS_NONE)
        return COINS_NONE;
    output = w->head[at];
    w->head[at] = ledger_script_prev(w->ledger, output);
    return output;
}

/* The newest output comes first, but an older one may have been spent later than that. */
static bool count(struct lookup_address *w, const struct lookup_output *o, struct err *err)
{
    bool spent = o->spender != COINS_TX_NONE;

    w->outputs_n++;
    w->tx_first = o->tx;
    if (w->tx_last == COINS_TX_NONE || o->tx > w->tx_last)
        w->tx_last = o->tx;
    if (spent && o->spender > w->tx_last)
        w->tx_last = o->spender;
    if (__builtin_add_overflow(w->received, o->value, &w->received))
        return err_fail(err, ERR_LIMIT, "more than 2^64 base units received");
    w->spent += spent ? o->value : 0;
    return true;
}

bool lookup_address_next(struct lookup_address *w, struct lookup_output *ret, bool *ret_more,
                         struct err *err)
{
    uint64_t output = newest(w);

    *ret_more = output != COINS_NONE;
    if (!*ret_more)
        return true;
    if (w->outputs_n >= ledger_counts(w->ledger).outputs)
        return err_fail(err, ERR_CORRUPT, "the list of an address's outputs runs in a circle");
    *ret = lookup_output(w->ledger, output);
    return count(w, ret, err);
}
