/* Answers -> trees -> bytes that the chain commits to (bytes.h) -> facts. */
#include "chain/tron/block.h"

#include "chain/evm/log.h"
#include "chain/memo.h"
#include "chain/tron/bytes.h"

#include <stdio.h>

#define FIELDS_MAX 7u /* of a contract, that are read here */
#define TRC10_TEXT_MAX 24u
#define CHAIN_DIGITS 8u /* of its name behind "tron:0x" */

/* "Error" is what java-tron's servlets answer instead, with status 200. */
bool tron_answer_read(struct arena *a, struct bytes answer, const struct json **ret,
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

bool tron_head_read(struct bytes answer, struct tron_head *ret, struct err *err)
{
    struct arena *a = arena_new(NULL, TRON_BLOCK_MEMORY);
    const struct json *block;
    struct bytes raw;
    bool ok;

    if (!a)
        return err_fail(err, ERR_NOMEM, "a block of Tron");
    ok = tron_answer_read(a, answer, &block, err) && tron_head_told(a, block, ret, &raw, err);
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
        return tron_bad("transactions", "a list is wanted", err);
    b->txs_n = list ? list->children_n : 0;
    b->txs = ARENA_ARRAY(b->a, struct tron_tx, b->txs_n);
    b->infos = ARENA_ARRAY(b->a, const struct json *, b->txs_n);
    leaves = ARENA_ARRAY(b->a, struct hash32, b->txs_n);
    if (!b->txs || !b->infos || !leaves)
        return tron_no_memory(b->a, err);
    for (const struct json *j = list ? list->child : NULL; j; j = j->next, i++) {
        struct bytes whole;

        if (!tron_tx_told(b->a, j, &whole, err) || !tron_tx_parse(whole, &b->txs[i], err))
            return err_in(err, "transaction %zu", i);
        leaves[i] = sha256(whole.p, whole.n);
    }
    root = tron_root(leaves, b->txs_n);
    return hash32_equal(&root, &b->head.root) ||
           tron_bad("txTrieRoot", "is not the root over its transactions", err);
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

    if (!tron_answer_read(b->a, answer, &list, err))
        return false;
    j = list->child;
    if (!b->head.height || (!j && !b->txs_n))
        return true;
    if (list->type != JSON_ARRAY || list->children_n != b->txs_n)
        return err_fail(err, ERR_INPUT, "%zu transactions, but infos of %zu", b->txs_n,
                        list->type == JSON_ARRAY ? list->children_n : 0);
    for (size_t i = 0; j && i < b->txs_n; i++, j = j->next) {
        if (!info_is(j, &b->txs[i].hash))
            return err_fail(err, ERR_INPUT, "info %zu is of another transaction", i);
        if (!tron_number(j, "blockNumber", &height, err) ||
            !tron_number(j, "blockTimeStamp", &time_ms, err))
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
    return ret->p || tron_no_memory(b->a, err);
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
    struct tron_field f;

    while (tron_field_next(&c, &f))
        if (f.number == 5 && !f.bytes.p)
            *value = f.value;
}

static bool contract_address(struct block *b, const struct json *info, struct bytes *ret,
                             struct err *err)
{
    if (!tron_hex(b->a, json_get(info, "contract_address"), "contract_address", ret, err))
        return false;
    *ret = tron_key(*ret);
    return ret->p || tron_bad("contract_address", "an address is wanted", err);
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
    struct tron_field f;

    while (tron_field_next(&c, &f)) {
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
        t.to = tron_key(at[2]);
        if (!t.to.n)
            return tron_bad("to_address", "an address is wanted", err);
        add_amount(to, t, n[3]);
        return true;
    case CONTRACT_TRANSFER_ASSET:
        t.to = tron_key(at[3]);
        t.asset = at[1];
        if (!t.to.n || !t.asset.n || t.asset.n > ACCOUNT_KEY_MAX || t.asset.n == TRON_KEY_BYTES)
            return tron_bad("to_address, asset_name", "an address and a token are wanted", err);
        add_amount(to, t, n[4]);
        return true;
    case CONTRACT_TRIGGER:
        t.to = tron_key(at[2]);
        return t.to.n ? add_call(to, t, n[3], n[5], n[6], err)
                      : tron_bad("contract_address", "an address is wanted", err);
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
    return ret->p || tron_no_memory(b->a, err);
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
        return tron_bad("callValueInfo", "a list is wanted", err);
    for (const struct json *v = values->child; v; v = v->next, value++) {
        const struct json *token = json_get(v, "tokenId");
        uint64_t amount;

        if (!tron_number(v, "callValue", &amount, err))
            return false;
        if (!is_amount(amount))
            continue;
        if (!tron_hex(b->a, json_get(j, "caller_address"), "caller_address", &t.from, err) ||
            !tron_hex(b->a, json_get(j, "transferTo_address"), "transferTo_address", &t.to, err))
            return false;
        t.from = tron_key(t.from);
        t.to = tron_key(t.to);
        if (!t.from.n || !t.to.n)
            return tron_bad("caller_address, transferTo_address", "addresses are wanted", err);
        if (token && (token->type != JSON_STRING || token->text_n > ACCOUNT_KEY_MAX ||
                      token->text_n == TRON_KEY_BYTES))
            return tron_bad("tokenId", "a token is wanted", err);
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

    if (!tron_hex(b->a, json_get(j, "address"), "address", &one, err) ||
        !tron_hex(b->a, json_get(j, "data"), "data", &ret->data, err))
        return false;
    ret->address = one.n == TRON_KEY_BYTES ? one : tron_key(one);
    if (!ret->address.n)
        return tron_bad("address", "an address is wanted", err);
    if (list && (list->type != JSON_ARRAY || list->children_n > EVM_TOPICS_MAX))
        return tron_bad("topics", "a list of four at most is wanted", err);
    topics = arena_alloc(b->a, sizeof(*topics) * EVM_TOPICS_MAX);
    if (!topics)
        return tron_no_memory(b->a, err);
    for (const struct json *t = list ? list->child : NULL; t; t = t->next, n++)
        if (t->type != JSON_STRING || t->text_n != 64 || !hex_decode(t->text, 64, topics[n], 32))
            return tron_bad("topics", "64 hex digits are wanted", err);
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
        return tron_no_memory(to->b->a, err);
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
    to->events_max = 2 * items(json_get(info, "log")) + 1;
    to->transfers = ARENA_ARRAY(to->b->a, struct fact_transfer, to->transfers_max);
    to->events = ARENA_ARRAY(to->b->a, struct fact_event, to->events_max);
    return (to->transfers && to->events) || tron_no_memory(to->b->a, err);
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
    if (!tron_number(info, "withdraw_amount", &paid, err))
        return false;
    add_amount(to, reward, paid);
    return true;
}

/* A memo that is asked goes to whom alone its sender pays; one of a payment comes from its sender.
 * Its place is behind all logs. */
static void add_memo(struct adding *to, const struct tron_tx *tx, const struct json *info)
{
    const struct json *logs = json_get(info, "log");
    struct bytes payee = {NULL, 0};
    struct memo memo;

    if (!tx->memo.n || !tx->owner.n || !memo_is_sent(tx->memo, &memo))
        return;
    for (size_t i = 0; i < to->transfers_n; i++) {
        const struct fact_transfer *t = &to->transfers[i];

        if (t->kind == TRANSFER_FEE || !bytes_equal(t->from, tx->owner))
            continue;
        if (payee.n && !bytes_equal(payee, t->to))
            return;
        payee = t->to;
    }
    if (payee.n)
        to->events[to->events_n++] =
            (struct fact_event){.kind = EVENT_MEMO,
                                .log = (uint32_t)items(logs),
                                .subject = memo_asks(memo.kind) ? payee : tx->owner,
                                .data = tx->memo};
}

static bool tx_facts(struct block *b, size_t i, struct fact_tx *ret, struct err *err)
{
    const struct json *info = b->infos[i];
    struct tron_tx *tx = &b->txs[i];
    struct fact_transfer fee = {.kind = TRANSFER_FEE, .from = tx->owner};
    struct adding to = {.b = b, .tx = &tx->hash};
    uint64_t burned;

    if (!room(&to, info, err) || !tron_number(info, "fee", &burned, err))
        return false;
    if (!tx->told && json_is_string(json_get(info, "result"), "FAILED"))
        tx->failed = true;
    if (tx->owner.n)
        add_amount(&to, fee, burned);
    if (!tx->failed && !moves_add(&to, tx, info, err))
        return false;
    if (!tx->failed)
        add_memo(&to, tx, info);
    *ret = (struct fact_tx){.hash = tx->hash,
                            .failed = tx->failed,
                            .transfers = to.transfers,
                            .transfers_n = to.transfers_n,
                            .events = to.events,
                            .events_n = to.events_n};
    return true;
}

bool tron_tx_alone(struct arena *a, const struct chain *chain, struct tron_tx *tx,
                   struct fact_tx *ret, struct err *err)
{
    const struct json *none = NULL;
    struct block b = {.a = a, .chain = chain, .txs = tx, .infos = &none, .txs_n = 1};

    return tx_facts(&b, 0, ret, err);
}

bool tron_block_read(struct arena *a, const struct chain *chain, struct bytes block,
                     struct bytes infos, struct tron_head *ret_head, struct transfer_block *ret,
                     struct err *err)
{
    struct block b = {.a = a, .chain = chain};
    const struct json *tree;
    struct fact_tx *txs;
    struct bytes raw;

    if (!tron_answer_read(a, block, &tree, err) || !tron_head_told(a, tree, &b.head, &raw, err))
        return false;
    if (!txs_read(&b, json_get(tree, "transactions"), err) || !infos_read(&b, infos, err))
        return err_in(err, "block %u", b.head.height);
    txs = ARENA_ARRAY(a, struct fact_tx, b.txs_n);
    if (!txs)
        return tron_no_memory(a, err);
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
