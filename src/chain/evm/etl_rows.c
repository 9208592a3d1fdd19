/* Rows of tables, as they come, into what a block has. Transactions are found by their hashes. */
#include "chain/evm/etl_parts.h"

#include "base/json.h"
#include "base/keccak.h"
#include "base/mem.h"
#include "chain/memo.h"

#define LOG_DATA_MAX ((size_t)1 << 20) /* of a log that says something */
#define PROBES_MAX 512                 /* hashes are uniform, or are none */
#define BLOCK_WITHDRAWALS_MAX 4096

/* The hashes of this block. */

static size_t slot_of(const struct etl *e, const struct hash32 *hash)
{
    return (size_t)(load_le64(hash->b + 8) * 0x9e3779b97f4a7c15 >> 20) & (e->slots_n - 1);
}

/* Its number, or ETL_NO_TX; *ret_slot where it belongs. */
static bool slot_find(const struct etl *e, const struct hash32 *hash, size_t *ret_slot,
                      uint32_t *ret_tx, struct err *err)
{
    size_t slot = slot_of(e, hash);

    for (size_t i = 0; i < PROBES_MAX; i++, slot = (slot + 1) & (e->slots_n - 1)) {
        uint32_t tx = e->slots[slot];

        if (tx && !hash32_equal(&ETL_TX(&e->block, tx - 1)->hash, hash))
            continue;
        *ret_slot = slot;
        *ret_tx = tx ? tx - 1 : ETL_NO_TX;
        return true;
    }
    return err_fail(err, ERR_INPUT, "hashes that are none: too many of them begin alike");
}

bool etl_slots_grow(struct etl *e, struct err *err)
{
    size_t n = e->slots_n ? 2 * e->slots_n : 256, slot;
    uint32_t none;

    if (n > e->slots_max) {
        uint32_t *slots = mem_alloc(n * sizeof(*slots));

        if (!slots)
            return err_fail(err, ERR_NOMEM, "hashes of a block");
        mem_free(e->slots);
        e->slots = slots;
        e->slots_max = n;
    }
    e->slots_n = n;
    memset(e->slots, 0, n * sizeof(*e->slots));
    for (size_t i = 0; i < e->block.txs.n; i++) {
        if (!slot_find(e, &ETL_TX(&e->block, i)->hash, &slot, &none, err))
            return false;
        e->slots[slot] = (uint32_t)i + 1;
    }
    return true;
}

static bool tx_add(struct etl *e, const struct hash32 *hash, size_t slot, uint32_t *ret,
                   struct err *err)
{
    struct etl_tx *t = etl_add(&e->block.txs, sizeof(*t), err);

    if (!t)
        return false;
    t->hash = *hash;
    *ret = (uint32_t)e->block.txs.n - 1;
    e->slots[slot] = *ret + 1;
    return 2 * e->block.txs.n < e->slots_n || etl_slots_grow(e, err);
}

/* The transaction that a row names. Made, where there is no table of transactions. */
static bool tx_of(struct etl *e, const struct etl_table *t, uint32_t *ret, struct err *err)
{
    const struct csv_field *f = etl_field(t, ETL_TRANSACTION_HASH);
    struct hash32 hash;
    size_t slot;

    if (e->tx_before != ETL_NO_TX && f->n == ETL_HASH_TEXT_BYTES &&
        !memcmp(f->p, e->hash_text, ETL_HASH_TEXT_BYTES)) {
        *ret = e->tx_before;
        return true;
    }
    if (!etl_hash(t, ETL_TRANSACTION_HASH, &hash, err))
        return false;
    if (!slot_find(e, &hash, &slot, ret, err))
        return err_in(err, "%s: line %zu", t->name, t->line);
    if (*ret == ETL_NO_TX) {
        if (e->lanes[ETL_TRANSACTIONS].tables_n)
            return etl_bad(t, ETL_TRANSACTION_HASH, "is in no table of transactions", err);
        if (!tx_add(e, &hash, slot, ret, err))
            return false;
    }
    memcpy(e->hash_text, f->p, ETL_HASH_TEXT_BYTES);
    e->tx_before = *ret;
    return true;
}

/* An index that is told twice is told alike. */
static bool index_of(struct etl *e, const struct etl_table *t, uint32_t tx, struct err *err)
{
    struct etl_tx *at = ETL_TX(&e->block, tx);
    uint32_t index;

    if (!etl_has(t, ETL_TRANSACTION_INDEX))
        return true;
    if (!etl_u32(t, ETL_TRANSACTION_INDEX, &index, err))
        return false;
    if (at->has_index && at->index != index)
        return etl_bad(t, ETL_TRANSACTION_INDEX, "is not what another row of it says", err);
    at->has_index = true;
    at->index = index;
    return true;
}

/* What every row may tell of its block. */
static bool block_of(struct etl *e, const struct etl_table *t, struct err *err)
{
    struct etl_block *b = &e->block;
    const struct csv_field *f = etl_field(t, ETL_BLOCK_HASH);

    if (!b->has_time && etl_has(t, ETL_BLOCK_TIMESTAMP)) {
        if (!etl_time(t, ETL_BLOCK_TIMESTAMP, &b->time, err))
            return false;
        b->has_time = true;
    }
    if (!f->n || (b->has_hash && f->n == ETL_HASH_TEXT_BYTES &&
                  !memcmp(f->p, e->block_hash_text, ETL_HASH_TEXT_BYTES)))
        return true;
    if (b->has_hash)
        return etl_bad(t, ETL_BLOCK_HASH, "is not that of the other rows of this block", err);
    if (!etl_hash(t, ETL_BLOCK_HASH, &b->hash, err))
        return false;
    b->has_hash = true;
    memcpy(e->block_hash_text, f->p, ETL_HASH_TEXT_BYTES);
    return true;
}

/* Rows. */

static bool withdrawal_read(struct etl *e, const struct etl_table *t, const struct json *j,
                            struct err *err)
{
    struct etl_withdrawal *w = etl_add(&e->block.withdrawals, sizeof(*w), err);
    const struct json *to = json_get(j, "address");
    uint64_t gwei;

    if (!w)
        return false;
    if (!to || to->type != JSON_STRING || to->text_n != 42 || memcmp(to->text, "0x", 2) != 0 ||
        !hex_decode(to->text + 2, 40, w->to, sizeof(w->to)) ||
        !json_u64(json_get(j, "amount"), "amount", &gwei, err))
        return err_fail(err, ERR_INPUT, "%s: line %zu: withdrawals: address and amount are wanted",
                        t->name, t->line);
    w->gwei = gwei;
    return true;
}

static bool withdrawals_read(struct etl *e, const struct etl_table *t, struct err *err)
{
    const struct csv_field *f = etl_field(t, ETL_WITHDRAWALS);
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    const struct json *j;
    bool ok = a || err_fail(err, ERR_NOMEM, "withdrawals");

    if (ok && !json_read(a, f->p, f->n, &j, err))
        ok = err_in(err, "%s: line %zu: withdrawals", t->name, t->line);
    if (ok && (j->type != JSON_ARRAY || j->children_n > BLOCK_WITHDRAWALS_MAX))
        ok = err_fail(err, ERR_INPUT, "%s: line %zu: withdrawals: a list is wanted", t->name,
                      t->line);
    for (const struct json *w = ok ? j->child : NULL; w && ok; w = w->next)
        ok = withdrawal_read(e, t, w, err);
    arena_free(a);
    return ok;
}

static bool block_row(struct etl *e, const struct etl_table *t, struct err *err)
{
    static const char no_uncles[] =
        "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347";
    struct etl_block *b = &e->block;
    struct u256 difficulty = u256_of(0);

    if (!etl_hash(t, ETL_HASH, &b->hash, err) || !etl_hash(t, ETL_PARENT_HASH, &b->prev, err) ||
        !etl_time(t, ETL_TIMESTAMP, &b->time, err) || !etl_address(t, ETL_MINER, b->miner, err))
        return false;
    memcpy(e->block_hash_text, etl_field(t, ETL_HASH)->p, ETL_HASH_TEXT_BYTES);
    b->stated = b->has_time = b->has_hash = true;
    b->base_fee_told = etl_has_column(t, ETL_BASE_FEE_PER_GAS);
    b->has_base_fee = etl_has(t, ETL_BASE_FEE_PER_GAS);
    b->counted = etl_has(t, ETL_TRANSACTION_COUNT);
    b->no_uncles = csv_is(etl_field(t, ETL_SHA3_UNCLES), no_uncles);
    b->cancun = etl_has(t, ETL_EXCESS_BLOB_GAS);
    if ((etl_has(t, ETL_DIFFICULTY) && !etl_u256(t, ETL_DIFFICULTY, &difficulty, err)) ||
        (b->has_base_fee && !etl_u256(t, ETL_BASE_FEE_PER_GAS, &b->base_fee, err)) ||
        (b->counted && !etl_u64(t, ETL_TRANSACTION_COUNT, &b->txs_n, err)) ||
        (etl_has(t, ETL_WITHDRAWALS) && !withdrawals_read(e, t, err)))
        return false;
    b->difficult = !u256_zero(difficulty);
    return true;
}

/* Of a creation the new contract: keccak256(rlp([from, nonce])), its last 20 bytes (Yellow Paper,
 * 7). */
static void created_address(const uint8_t from[20], uint64_t nonce, uint8_t ret[20])
{
    uint8_t rlp[32] = {0xc0, 0x94}, n = 22, digits = 0;
    struct hash32 hash;

    memcpy(rlp + 2, from, 20);
    while (digits < 8 && nonce >> (8 * digits))
        digits++;
    if (digits != 1 || nonce >= 0x80)
        rlp[n++] = (uint8_t)(0x80 + digits);
    for (unsigned i = digits; i-- > 0;)
        rlp[n++] = (uint8_t)(nonce >> (8 * i));
    rlp[0] = (uint8_t)(0xc0 + n - 1);
    hash = keccak256(rlp, n);
    memcpy(ret, hash.b + 12, 20);
}

/* The columns of a receipt, in a table of its own or beside its transaction's. */
struct receipt_columns {
    enum etl_column status, gas_used, contract, price, l1_fee, blob_gas, blob_price;
};
static const struct receipt_columns receipt_own = {
    ETL_STATUS, ETL_GAS_USED,      ETL_CONTRACT_ADDRESS, ETL_EFFECTIVE_GAS_PRICE,
    ETL_L1_FEE, ETL_BLOB_GAS_USED, ETL_BLOB_GAS_PRICE};
static const struct receipt_columns receipt_beside = {
    ETL_RECEIPT_STATUS,           ETL_RECEIPT_GAS_USED,
    ETL_RECEIPT_CONTRACT_ADDRESS, ETL_RECEIPT_EFFECTIVE_GAS_PRICE,
    ETL_RECEIPT_L1_FEE,           ETL_RECEIPT_BLOB_GAS_USED,
    ETL_RECEIPT_BLOB_GAS_PRICE};

static bool receipt_read(const struct etl_table *t, const struct receipt_columns *c,
                         struct etl_tx *tx, struct err *err)
{
    uint64_t status;

    if (!etl_has(t, c->gas_used))
        return true;
    if (!etl_u64(t, c->gas_used, &tx->gas_used, err))
        return false;
    tx->received = true;
    if (etl_has(t, c->status)) {
        if (!etl_u64(t, c->status, &status, err))
            return false;
        if (status > 1)
            return etl_bad(t, c->status, "is neither 0 nor 1", err);
        tx->status = status ? ETL_DONE : ETL_FAILED;
    }
    if (etl_has(t, c->price)) {
        if (!etl_u256(t, c->price, &tx->price, err))
            return false;
        tx->priced = true;
    }
    if (etl_has(t, c->contract) && !tx->has_to) {
        if (!etl_address(t, c->contract, tx->to, err))
            return false;
        tx->has_to = true;
    }
    return (!etl_has(t, c->l1_fee) || etl_u256(t, c->l1_fee, &tx->l1_fee, err)) &&
           (!etl_has(t, c->blob_gas) || etl_u64(t, c->blob_gas, &tx->blob_gas_used, err)) &&
           (!etl_has(t, c->blob_price) || etl_u256(t, c->blob_price, &tx->blob_price, err));
}

/* Only what may be a memo by its length and first byte is undone. */
static bool memo_fill(struct etl *e, const struct etl_table *t, struct etl_tx *tx, struct err *err)
{
    const struct csv_field *f = etl_field(t, ETL_INPUT);
    uint8_t room[MEMO_BYTES_MAX], *p;
    struct bytes input = {room, f->n < 2 ? 0 : (f->n - 2) / 2};
    struct memo memo;

    if (!input.n || input.n > sizeof(room) || f->p[2] < '2' || f->p[2] > '7')
        return true;
    if (f->n % 2 || !hex_decode(f->p + 2, 2 * input.n, room, input.n))
        return etl_bad(t, ETL_INPUT, "is no hex", err);
    if (!memo_is_sent(input, &memo))
        return true;
    p = etl_bytes(&e->block, input.n, err);
    if (!p)
        return false;
    memcpy(p, room, input.n);
    tx->memo = (struct bytes){p, input.n};
    return true;
}

static bool tx_fill(const struct etl_table *t, struct etl_tx *tx, struct err *err)
{
    uint64_t type = 0, nonce = 0;
    bool creates = !etl_has(t, ETL_TO_ADDRESS), typed = etl_has(t, ETL_TRANSACTION_TYPE);

    if (!etl_address(t, ETL_FROM_ADDRESS, tx->from, err) ||
        (!creates && !etl_address(t, ETL_TO_ADDRESS, tx->to, err)) ||
        !etl_u256(t, ETL_VALUE, &tx->value, err) || !etl_u64(t, ETL_GAS, &tx->gas, err) ||
        (typed && !etl_u64(t, ETL_TRANSACTION_TYPE, &type, err)))
        return false;
    tx->stated = true;
    tx->has_to = !creates;
    tx->input = etl_field(t, ETL_INPUT)->n > 2 || !etl_has_column(t, ETL_INPUT);
    if (!receipt_read(t, &receipt_beside, tx, err))
        return false;
    /* EIP-1559: types 0 and 1 pay just what they offer */
    if (!tx->priced && typed && type < 2 && etl_has(t, ETL_GAS_PRICE)) {
        if (!etl_u256(t, ETL_GAS_PRICE, &tx->price, err))
            return false;
        tx->priced = true;
    }
    if (!tx->has_to && etl_has(t, ETL_NONCE)) {
        if (!etl_u64(t, ETL_NONCE, &nonce, err))
            return false;
        created_address(tx->from, nonce, tx->to);
        tx->has_to = true;
    }
    return true;
}

static bool tx_row(struct etl *e, const struct etl_table *t, struct err *err)
{
    struct hash32 hash;
    uint32_t tx;
    size_t slot;

    if (!block_of(e, t, err) || !etl_hash(t, ETL_HASH, &hash, err))
        return false;
    if (!slot_find(e, &hash, &slot, &tx, err))
        return err_in(err, "%s: line %zu", t->name, t->line);
    if (tx != ETL_NO_TX)
        return etl_bad(t, ETL_HASH, "is there twice", err);
    if (!tx_add(e, &hash, slot, &tx, err))
        return false;
    if (!etl_has(t, ETL_TRANSACTION_INDEX))
        return etl_bad(t, ETL_TRANSACTION_INDEX, "is empty", err);
    return index_of(e, t, tx, err) && tx_fill(t, ETL_TX(&e->block, tx), err) &&
           memo_fill(e, t, ETL_TX(&e->block, tx), err);
}

static bool receipt_row(struct etl *e, const struct etl_table *t, struct err *err)
{
    struct etl_tx *at;
    uint32_t tx;

    if (!block_of(e, t, err) || !tx_of(e, t, &tx, err) || !index_of(e, t, tx, err))
        return false;
    at = ETL_TX(&e->block, tx);
    if (at->receipt)
        return etl_bad(t, ETL_TRANSACTION_HASH, "has two receipts", err);
    at->receipt = true;
    return receipt_read(t, &receipt_own, at, err);
}

/* What stands around the parts of a list: "0,1" of CSV, [0, 1] of JSON. */
static bool between(char c)
{
    return c == ',' || c == ' ' || c == '[' || c == ']' || c == '"';
}

/* "0x...,0x..." of CSV, or a list of JSON */
static bool topics_read(const struct etl_table *t, struct etl_log *l, struct err *err)
{
    const struct csv_field *f = etl_field(t, ETL_TOPICS);

    for (size_t i = 0; i < f->n;) {
        if (between(f->p[i])) {
            i++;
            continue;
        }
        if (l->topics_n == EVM_TOPICS_MAX || f->n - i < ETL_HASH_TEXT_BYTES || f->p[i] != '0' ||
            f->p[i + 1] != 'x' || !hex_decode(f->p + i + 2, 64, l->topics[l->topics_n], 32))
            return etl_bad(t, ETL_TOPICS, "are no topics", err);
        l->topics_n++;
        i += ETL_HASH_TEXT_BYTES;
    }
    return true;
}

static bool log_data(struct etl *e, const struct etl_table *t, struct etl_log *l, struct err *err)
{
    const struct csv_field *f = etl_field(t, ETL_DATA);
    struct evm_log log = {
        .address = {l->address, 20}, .topics = l->topics, .topics_n = l->topics_n};
    const char *signature;
    uint8_t *p;
    size_t n = f->n < 2 ? 0 : (f->n - 2) / 2;

    if (!n || !evm_log_name(&log, &signature))
        return true;
    if (n > LOG_DATA_MAX)
        n = LOG_DATA_MAX;
    p = etl_bytes(&e->block, n, err);
    if (!p)
        return false;
    if (f->n % 2 || f->p[0] != '0' || f->p[1] != 'x' || !hex_decode(f->p + 2, 2 * n, p, n))
        return etl_bad(t, ETL_DATA, "is no hex", err);
    l->data = (struct bytes){p, n};
    return true;
}

static bool log_row(struct etl *e, const struct etl_table *t, struct err *err)
{
    struct etl_log *l;
    uint32_t tx;

    if (!block_of(e, t, err) || !tx_of(e, t, &tx, err) || !index_of(e, t, tx, err))
        return false;
    l = etl_add(&e->block.logs, sizeof(*l), err);
    if (!l)
        return err_in(err, "%s: line %zu", t->name, t->line);
    l->tx = tx;
    return etl_u32(t, ETL_LOG_INDEX, &l->index, err) &&
           etl_address(t, ETL_ADDRESS, l->address, err) && topics_read(t, l, err) &&
           log_data(e, t, l, err);
}

static bool token_row(struct etl *e, const struct etl_table *t, struct err *err)
{
    struct etl_token *k;
    uint32_t tx;

    if (!block_of(e, t, err) || !tx_of(e, t, &tx, err))
        return false;
    k = etl_add(&e->block.tokens, sizeof(*k), err);
    if (!k)
        return err_in(err, "%s: line %zu", t->name, t->line);
    k->tx = tx;
    return etl_u32(t, ETL_LOG_INDEX, &k->index, err) &&
           etl_address(t, ETL_TOKEN_ADDRESS, k->asset, err) &&
           etl_address(t, ETL_FROM_ADDRESS, k->from, err) &&
           etl_address(t, ETL_TO_ADDRESS, k->to, err) && etl_u256(t, ETL_VALUE, &k->amount, err);
}

/* "0,1" of CSV, or a list of JSON */
static bool path_read(struct etl *e, const struct etl_table *t, struct etl_trace *c,
                      struct err *err)
{
    const struct csv_field *f = etl_field(t, ETL_TRACE_ADDRESS);
    size_t n = 0, depth = 0;
    uint8_t *p;

    for (size_t i = 0; i < f->n; i++)
        n += f->p[i] >= '0' && f->p[i] <= '9' && (!i || f->p[i - 1] < '0' || f->p[i - 1] > '9');
    if (n > TRACE_PATH_MAX)
        return etl_bad(t, ETL_TRACE_ADDRESS, "is deeper than calls can be", err);
    p = n ? etl_bytes(&e->block, 4 * n, err) : NULL;
    if (n && !p)
        return false;
    for (size_t i = 0; i < f->n;) {
        uint64_t child = 0;

        if (between(f->p[i])) {
            i++;
            continue;
        }
        for (; i < f->n && f->p[i] >= '0' && f->p[i] <= '9' && child < UINT32_MAX; i++)
            child = child * 10 + (uint64_t)(f->p[i] - '0');
        if (child >= UINT32_MAX || (i < f->n && !between(f->p[i])))
            return etl_bad(t, ETL_TRACE_ADDRESS, "is no path", err);
        store_le32(p + 4 * depth++, (uint32_t)child);
    }
    c->path = (struct bytes){p, 4 * n};
    return true;
}

static bool trace_kind(const struct etl_table *t, enum etl_trace_kind *ret, struct err *err)
{
    static const struct {
        const char *type, *call;
        enum etl_trace_kind kind;
    } kinds[] = {
        {"call", "call", ETL_CALL},
        {"call", "", ETL_CALL},
        {"call", "callcode", ETL_CALL_STILL},
        {"call", "delegatecall", ETL_CALL_STILL},
        {"call", "staticcall", ETL_CALL_STILL},
        {"create", NULL, ETL_CREATE},
        {"create2", NULL, ETL_CREATE},
        {"suicide", NULL, ETL_SUICIDE},
        {"selfdestruct", NULL, ETL_SUICIDE},
        {"reward", NULL, ETL_REWARD},
        {"genesis", NULL, ETL_ISSUE},
        {"daofork", NULL, ETL_ISSUE},
    };
    const struct csv_field *type = etl_field(t, ETL_TRACE_TYPE),
                           *call = etl_field(t, ETL_CALL_TYPE);

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (csv_is(type, kinds[i].type) && (!kinds[i].call || csv_is(call, kinds[i].call))) {
            *ret = kinds[i].kind;
            return true;
        }
    return csv_is(type, "call") ? etl_bad(t, ETL_CALL_TYPE, "is no kind of call", err)
                                : etl_bad(t, ETL_TRACE_TYPE, "is no kind of trace", err);
}

static bool trace_fill(struct etl *e, const struct etl_table *t, struct etl_trace *c,
                       struct err *err)
{
    c->table = t;
    c->line = t->line;
    c->failed = etl_has(t, ETL_ERROR) || csv_is(etl_field(t, ETL_STATUS), "0");
    c->has_from = etl_has(t, ETL_FROM_ADDRESS);
    c->has_to = etl_has(t, ETL_TO_ADDRESS);
    return (!c->has_from || etl_address(t, ETL_FROM_ADDRESS, c->from, err)) &&
           (!c->has_to || etl_address(t, ETL_TO_ADDRESS, c->to, err)) &&
           (!etl_has(t, ETL_VALUE) || etl_u256(t, ETL_VALUE, &c->value, err)) &&
           path_read(e, t, c, err);
}

static bool trace_row(struct etl *e, const struct etl_table *t, struct err *err)
{
    enum etl_trace_kind kind = ETL_CALL;
    struct etl_trace *c;
    uint32_t tx = ETL_NO_TX;

    if (!block_of(e, t, err) || !trace_kind(t, &kind, err))
        return false;
    if (kind != ETL_REWARD && kind != ETL_ISSUE &&
        (!tx_of(e, t, &tx, err) || !index_of(e, t, tx, err)))
        return false;
    c = etl_add(&e->block.traces, sizeof(*c), err);
    if (!c)
        return err_in(err, "%s: line %zu", t->name, t->line);
    c->tx = tx;
    c->kind = kind;
    if (!trace_fill(e, t, c, err))
        return false;
    if (tx == ETL_NO_TX && !c->has_to)
        return etl_bad(t, ETL_TO_ADDRESS, "is empty", err);
    if (tx != ETL_NO_TX && !c->has_from)
        return etl_bad(t, ETL_FROM_ADDRESS, "is empty", err);
    return true;
}

bool etl_row_read(struct etl *e, const struct etl_table *t, struct err *err)
{
    switch (t->kind) {
    case ETL_BLOCKS:
        return block_row(e, t, err);
    case ETL_TRANSACTIONS:
        return tx_row(e, t, err);
    case ETL_RECEIPTS:
        return receipt_row(e, t, err);
    case ETL_LOGS:
        return log_row(e, t, err);
    case ETL_TOKEN_TRANSFERS:
        return token_row(e, t, err);
    case ETL_TRACES:
        return trace_row(e, t, err);
    case ETL_KINDS:
        break;
    }
    return err_fail(err, ERR_INPUT, "%s: no table", t->name);
}
