#include "api/answer.h"

#include "api/lookup.h"
#include "base/json.h"
#include "chain/bitcoin/block.h"

#include <stdio.h>

static void put_amount(struct json_out *j, const char *name, uint64_t value) /* UINT64_MAX: null */
{
    json_key(j, name);
    if (value == UINT64_MAX)
        json_null(j);
    else
        json_decimal(j, value);
}

static void put_hash(struct json_out *j, const char *name,
                     const struct hash32 *hash) /* NULL: null */
{
    json_key(j, name);
    if (hash)
        json_hex_reversed(j, hash->b, sizeof(hash->b));
    else
        json_null(j);
}

static void put_block(struct json_out *j, const char *name, const struct ledger_block *b)
{
    json_key(j, name);
    json_object(j);
    json_put_number_or_null(j, "height", b->height, HEIGHT_UNKNOWN);
    put_hash(j, "hash", &b->hash);
    json_put_number(j, "time", b->time);
    json_object_end(j);
}

/* The block of a transaction; null for COINS_TX_NONE. */
static void put_block_of(struct json_out *j, const char *name, const struct ledger *l, uint32_t tx)
{
    struct ledger_block b;

    if (tx == COINS_TX_NONE) {
        json_put_string(j, name, NULL);
        return;
    }
    b = ledger_block(l, ledger_tx_block(l, tx));
    put_block(j, name, &b);
}

static void put_outpoint(struct json_out *j, const struct hash32 *txid, uint32_t vout)
{
    char text[2 * sizeof(txid->b) + sizeof(":4294967295")];
    size_t n = 0;

    for (size_t i = sizeof(txid->b); i-- > 0; n += 2)
        snprintf(text + n, 3, "%02x", txid->b[i]);
    snprintf(text + n, sizeof(text) - n, ":%u", vout);
    json_put_string(j, "output", text);
}

static void put_script(struct json_out *j, const struct ledger *l, uint32_t id)
{
    char address[ADDRESS_BYTES_MAX];
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes script, payload;

    if (id == SCRIPT_NONE || !ledger_script(l, id, form, &script)) {
        json_put_string(j, "address", NULL);
        json_put_string(j, "class", NULL);
        json_put_string(j, "script", NULL);
        return;
    }
    json_put_string(j, "address",
                    address_of_script(ledger_chain(l), script, address) ? address : NULL);
    json_put_string(j, "class", script_class_name(script_classify(script, &payload)));
    json_put_hex(j, "script", script.p, script.n);
}

/* Every answer says of which chain it speaks, and how far the ledger reaches. */
static struct json_out begin(struct text *to, const char *schema, const struct ledger *l)
{
    struct json_out j = json_to(to, true);
    uint64_t blocks_n = ledger_counts(l).blocks;
    struct ledger_block tip = ledger_block(l, blocks_n ? (uint32_t)(blocks_n - 1) : 0);

    json_object(&j);
    json_put_string(&j, "schema", schema);
    json_put_string(&j, "chain", ledger_chain(l)->name);
    if (blocks_n)
        put_block(&j, "data_as_of", &tip);
    else
        json_put_string(&j, "data_as_of", NULL);
    return j;
}

static void end(struct json_out *j)
{
    json_object_end(j);
    text_char(j->to, '\n');
}

static void put_run(struct json_out *j, const struct ledger *l, uint32_t number)
{
    struct ledger_run run = ledger_run(l, number);
    struct ledger_block first = ledger_block(l, run.block_first);
    struct ledger_block last = ledger_block(l, run.block_first + run.blocks_n - 1);

    json_object(j);
    json_put_number(j, "blocks", run.blocks_n);
    put_block(j, "first", &first);
    put_block(j, "last", &last);
    json_object_end(j);
}

void answer_info(struct text *to, const struct ledger *l)
{
    struct json_out j = begin(to, "cordon.info/1", l);
    struct ledger_counts n = ledger_counts(l);

    json_put_string(&j, "caip2", ledger_chain(l)->caip2);
    json_put_number(&j, "runs", n.runs);
    json_put_number(&j, "blocks", n.blocks);
    json_put_number(&j, "transactions", n.transactions);
    json_put_number(&j, "outputs", n.outputs);
    json_put_number(&j, "inputs", n.inputs);
    json_put_number(&j, "inputs_outside", n.outside);
    json_put_number(&j, "scripts", n.scripts);
    json_put_number(&j, "addresses", n.addresses);
    json_put_number(&j, "bytes", n.bytes);
    json_key(&j, "run_list");
    json_array(&j);
    for (uint32_t i = 0; i < n.runs; i++)
        put_run(&j, l, i);
    json_array_end(&j);
    end(&j);
}

bool answer_block(struct text *to, const struct ledger *l, const char *height_or_hash,
                  struct err *err)
{
    struct block_header header;
    struct ledger_block b;
    struct json_out j;
    uint32_t found;

    if (!lookup_block(l, height_or_hash, &found, err))
        return false;
    b = ledger_block(l, found);
    header = header_read(b.header);
    j = begin(to, "cordon.block/1", l);
    json_put_number_or_null(&j, "height", b.height, HEIGHT_UNKNOWN);
    put_hash(&j, "hash", &b.hash);
    put_hash(&j, "previous", &header.prev);
    put_hash(&j, "merkle_root", &header.merkle_root);
    json_put_number(&j, "version", header.version);
    json_put_number(&j, "time", header.time);
    json_put_number(&j, "bits", header.bits);
    json_put_number(&j, "nonce", header.nonce);
    json_put_number(&j, "size", b.size);
    json_key(&j, "transactions");
    json_array(&j);
    for (uint32_t i = 0; i < b.txs_n; i++) {
        struct hash32 txid = ledger_txid(l, b.tx_first + i);

        json_hex_reversed(&j, txid.b, sizeof(txid.b));
    }
    json_array_end(&j);
    end(&j);
    return true;
}

static void put_input(struct json_out *j, const struct ledger *l, uint64_t input)
{
    struct lookup_spent s = lookup_spent(l, input);

    json_object(j);
    if (s.pool)
        json_put_string(j, "output", NULL);
    else
        put_outpoint(j, &s.txid, s.vout);
    put_amount(j, "value", s.value);
    if (s.pool) {
        json_put_string(j, "address", s.pool);
        json_put_string(j, "class", NULL);
        json_put_string(j, "script", NULL);
    } else {
        put_script(j, l, s.script);
    }
    json_put_bool(j, "in_ledger", s.inside);
    json_object_end(j);
}

static void put_output(struct json_out *j, const struct ledger *l, uint64_t output)
{
    struct lookup_output o = lookup_output(l, output);

    json_object(j);
    json_put_number(j, "vout", o.vout);
    put_amount(j, "value", o.value);
    put_script(j, l, ledger_script_of(l, output));
    put_hash(j, "spent_by", o.spender == COINS_TX_NONE ? NULL : &o.spent_by);
    json_object_end(j);
}

bool answer_tx(struct text *to, const struct ledger *l, const char *txid, struct err *err)
{
    struct coins_range in, out;
    struct ledger_block b;
    struct hash32 id;
    struct json_out j;
    uint64_t fee;
    uint32_t tx;

    if (!lookup_tx(l, txid, &tx, err))
        return false;
    in = coins_inputs(ledger_coins(l), tx);
    out = coins_outputs(ledger_coins(l), tx);
    b = ledger_block(l, ledger_tx_block(l, tx));
    id = ledger_txid(l, tx);
    j = begin(to, "cordon.tx/1", l);
    put_hash(&j, "txid", &id);
    put_block(&j, "block", &b);
    json_put_number(&j, "index", tx - b.tx_first);
    json_put_bool(&j, "coinbase", !in.n);
    json_key(&j, "inputs");
    json_array(&j);
    for (uint64_t i = 0; i < in.n; i++)
        put_input(&j, l, in.first + i);
    json_array_end(&j);
    json_key(&j, "outputs");
    json_array(&j);
    for (uint64_t i = 0; i < out.n; i++)
        put_output(&j, l, out.first + i);
    json_array_end(&j);
    put_amount(&j, "fee", lookup_fee(l, tx, &fee) ? fee : UINT64_MAX);
    json_put_number(&j, "decimals", ledger_chain(l)->decimals);
    end(&j);
    return true;
}

static void put_address_output(struct json_out *j, const struct lookup_output *o)
{
    json_object(j);
    put_outpoint(j, &o->txid, o->vout);
    put_amount(j, "value", o->value);
    json_put_number_or_null(j, "height", o->block.height, HEIGHT_UNKNOWN);
    json_put_number(j, "time", o->block.time);
    put_hash(j, "spent_by", o->spender == COINS_TX_NONE ? NULL : &o->spent_by);
    json_object_end(j);
}

bool answer_address(struct text *to, const struct ledger *l, const char *address, struct err *err)
{
    struct lookup_address w;
    struct lookup_output o;
    struct json_out j;
    bool more;

    if (!lookup_address(l, address, &w, err))
        return false;
    j = begin(to, "cordon.address/1", l);
    json_put_string(&j, "address", address);
    json_key(&j, "outputs");
    json_array(&j);
    do { /* written as they are found: an address may have millions */
        if (!lookup_address_next(&w, &o, &more, err))
            return false;
        if (more)
            put_address_output(&j, &o);
    } while (more && !to->bad);
    json_array_end(&j);
    put_amount(&j, "received", w.received);
    put_amount(&j, "spent", w.spent);
    put_amount(&j, "balance", w.received - w.spent);
    put_block_of(&j, "first_seen", l, w.tx_first);
    put_block_of(&j, "last_seen", l, w.tx_last);
    json_put_number(&j, "decimals", ledger_chain(l)->decimals);
    end(&j);
    return true;
}
