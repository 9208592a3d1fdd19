/* Tables side by side: each kind of table is a lane, whose row at hand waits until the block is
 * reached that it belongs to. The lowest block number at hand is the next block.
 *
 *     blocks        7 |  8    9
 *     transactions  7    7    7 |  9    9        a block is what stands before the bar
 *     logs          7    7 |  9
 *
 * Rows of a block name their transaction by its hash; mostly it is the one that the row before
 * named, else it is found in a table of hashes of this block. */
#include "chain/evm/etl.h"

#include "base/json.h"
#include "base/keccak.h"
#include "base/mem.h"
#include "chain/dialect.h"
#include "chain/evm/etl_block.h"

#define LOG_DATA_MAX ((size_t)1 << 20) /* of a log that says something */
#define PROBES_MAX 512                 /* hashes are uniform, or are none */
#define BLOCK_WITHDRAWALS_MAX 4096
#define NO_TX UINT32_MAX
#define HASH_TEXT_BYTES 66

struct lane {
    struct etl_table **tables; /* [tables_n] by first block */
    size_t tables_n, at;
    bool row; /* there is one at hand, of block number */
    uint64_t number;
};

struct etl {
    struct etl_table *tables; /* [tables_n] */
    size_t tables_n;
    struct etl_table **by_lane;
    struct lane lanes[ETL_KINDS];
    struct etl_block block;
    bool begun;
    /* of this block */
    uint32_t *slots; /* [slots_n] number of a transaction + 1, by hash; 0: free */
    size_t slots_n, slots_max;
    uint32_t tx_before; /* the transaction that the row before named, or NO_TX */
    char hash_text[HASH_TEXT_BYTES], block_hash_text[HASH_TEXT_BYTES];
    struct keyed *keys, *scratch; /* [keys_max] */
    void *moved;
    size_t keys_max, moved_max, order_max;
};

void *etl_add(struct etl_vector *v, size_t size, struct err *err)
{
    void *p;

    if (v->n == v->max) {
        size_t max = v->max ? 2 * v->max : 64;

        if (v->n >= ETL_BLOCK_ROWS_MAX) {
            err_set(err, ERR_LIMIT, "a block of more than %zu rows", ETL_BLOCK_ROWS_MAX);
            return NULL;
        }
        p = mem_grow(v->at, max * size);
        if (!p) {
            err_set(err, ERR_NOMEM, "rows of a block");
            return NULL;
        }
        v->at = p;
        v->max = max;
    }
    p = (char *)v->at + v->n++ * size;
    memset(p, 0, size);
    return p;
}

void *etl_bytes(struct etl_block *b, size_t n, struct err *err)
{
    void *p;

    if (!b->bytes)
        b->bytes = arena_new(NULL, ETL_BLOCK_BYTES_MAX);
    p = b->bytes ? arena_alloc(b->bytes, n) : NULL;
    if (!p && b->bytes && arena_limited(b->bytes))
        err_set(err, ERR_LIMIT, "a block of more than %zu bytes", ETL_BLOCK_BYTES_MAX);
    else if (!p)
        err_set(err, ERR_NOMEM, "rows of a block");
    return p;
}

/* Lanes. */

static bool lane_next(struct lane *l, struct err *err)
{
    uint64_t before = l->row ? l->number : 0;
    uint32_t number;
    bool had = l->row, end;

    for (l->row = false; l->at < l->tables_n; l->at++) {
        struct etl_table *t = l->tables[l->at];

        if (!etl_table_next(t, &end, err))
            return false;
        if (end)
            continue;
        if (!etl_row_number(t, &number, err))
            return false;
        l->number = number;
        if (had && l->number < before)
            return err_fail(
                err, ERR_INPUT,
                "%s: line %zu: block %llu after block %llu, with which the table of this "
                "kind before it ends",
                t->name, t->line, (unsigned long long)l->number, (unsigned long long)before);
        if (t->kind == ETL_BLOCKS && had && l->number == before)
            return err_fail(err, ERR_INPUT, "%s: line %zu: block %llu is there twice", t->name,
                            t->line, (unsigned long long)l->number);
        l->row = true;
        return true;
    }
    return true;
}

static inline struct etl_table *lane_table(const struct lane *l)
{
    return l->tables[l->at];
}

/* The hashes of this block. */

static size_t slot_of(const struct etl *e, const struct hash32 *hash)
{
    return (size_t)(load_le64(hash->b + 8) * 0x9e3779b97f4a7c15 >> 20) & (e->slots_n - 1);
}

/* Its number, or NO_TX; *ret_slot where it belongs. */
static bool slot_find(const struct etl *e, const struct hash32 *hash, size_t *ret_slot,
                      uint32_t *ret_tx, struct err *err)
{
    size_t slot = slot_of(e, hash);

    for (size_t i = 0; i < PROBES_MAX; i++, slot = (slot + 1) & (e->slots_n - 1)) {
        uint32_t tx = e->slots[slot];

        if (tx && !hash32_equal(&ETL_TX(&e->block, tx - 1)->hash, hash))
            continue;
        *ret_slot = slot;
        *ret_tx = tx ? tx - 1 : NO_TX;
        return true;
    }
    return err_fail(err, ERR_INPUT, "hashes that are none: too many of them begin alike");
}

static bool slots_grow(struct etl *e, struct err *err)
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
    return 2 * e->block.txs.n < e->slots_n || slots_grow(e, err);
}

/* The transaction that a row names. Made, where there is no table of transactions. */
static bool tx_of(struct etl *e, const struct etl_table *t, uint32_t *ret, struct err *err)
{
    const struct csv_field *f = etl_field(t, ETL_TRANSACTION_HASH);
    struct hash32 hash;
    size_t slot;

    if (e->tx_before != NO_TX && f->n == HASH_TEXT_BYTES &&
        !memcmp(f->p, e->hash_text, HASH_TEXT_BYTES)) {
        *ret = e->tx_before;
        return true;
    }
    if (!etl_hash(t, ETL_TRANSACTION_HASH, &hash, err))
        return false;
    if (!slot_find(e, &hash, &slot, ret, err))
        return err_in(err, "%s: line %zu", t->name, t->line);
    if (*ret == NO_TX) {
        if (e->lanes[ETL_TRANSACTIONS].tables_n)
            return etl_bad(t, ETL_TRANSACTION_HASH, "is in no table of transactions", err);
        if (!tx_add(e, &hash, slot, ret, err))
            return false;
    }
    memcpy(e->hash_text, f->p, HASH_TEXT_BYTES);
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
    if (!f->n || (b->has_hash && f->n == HASH_TEXT_BYTES &&
                  !memcmp(f->p, e->block_hash_text, HASH_TEXT_BYTES)))
        return true;
    if (b->has_hash)
        return etl_bad(t, ETL_BLOCK_HASH, "is not that of the other rows of this block", err);
    if (!etl_hash(t, ETL_BLOCK_HASH, &b->hash, err))
        return false;
    b->has_hash = true;
    memcpy(e->block_hash_text, f->p, HASH_TEXT_BYTES);
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
    memcpy(e->block_hash_text, etl_field(t, ETL_HASH)->p, HASH_TEXT_BYTES);
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
    if (tx != NO_TX)
        return etl_bad(t, ETL_HASH, "is there twice", err);
    if (!tx_add(e, &hash, slot, &tx, err))
        return false;
    if (!etl_has(t, ETL_TRANSACTION_INDEX))
        return etl_bad(t, ETL_TRANSACTION_INDEX, "is empty", err);
    return index_of(e, t, tx, err) && tx_fill(t, ETL_TX(&e->block, tx), err);
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
        if (l->topics_n == EVM_TOPICS_MAX || f->n - i < HASH_TEXT_BYTES || f->p[i] != '0' ||
            f->p[i + 1] != 'x' || !hex_decode(f->p + i + 2, 64, l->topics[l->topics_n], 32))
            return etl_bad(t, ETL_TOPICS, "are no topics", err);
        l->topics_n++;
        i += HASH_TEXT_BYTES;
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
    uint32_t tx = NO_TX;

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
    if (tx == NO_TX && !c->has_to)
        return etl_bad(t, ETL_TO_ADDRESS, "is empty", err);
    if (tx != NO_TX && !c->has_from)
        return etl_bad(t, ETL_FROM_ADDRESS, "is empty", err);
    return true;
}

static bool row_read(struct etl *e, const struct etl_table *t, struct err *err)
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

/* A block is whole: its rows are brought in order. */

static bool keys_room(struct etl *e, size_t n, size_t size, struct err *err)
{
    if (n > e->keys_max) {
        mem_free(e->keys);
        mem_free(e->scratch);
        e->keys_max = 0;
        e->keys = mem_array(2 * n, sizeof(*e->keys));
        e->scratch = mem_array(2 * n, sizeof(*e->scratch));
        if (!e->keys || !e->scratch)
            return err_fail(err, ERR_NOMEM, "rows of a block");
        e->keys_max = 2 * n;
    }
    if (n * size > e->moved_max) {
        mem_free(e->moved);
        e->moved_max = 0;
        e->moved = mem_alloc(2 * n * size);
        if (!e->moved)
            return err_fail(err, ERR_NOMEM, "rows of a block");
        e->moved_max = 2 * n * size;
    }
    return true;
}

/* keys[n] are set, in the order of the rows. */
static void rows_sort(struct etl *e, struct etl_vector *v, size_t size)
{
    bool sorted = true;

    for (size_t i = 1; i < v->n && sorted; i++)
        sorted = e->keys[i - 1].key <= e->keys[i].key;
    if (sorted)
        return;
    sort_keyed(e->keys, v->n, e->scratch);
    for (size_t i = 0; i < v->n; i++)
        memcpy((char *)e->moved + i * size, (char *)v->at + e->keys[i].index * size, size);
    memcpy(v->at, e->moved, v->n * size);
}

/* By index where all have one, else in the order in which they came. rank[tx]: place of tx. */
static bool txs_order(struct etl *e, struct err *err)
{
    struct etl_block *b = &e->block;
    size_t n = b->txs.n;
    bool indexed = true;

    if (!keys_room(e, n, 1, err))
        return false;
    if (n > e->order_max) {
        mem_free(b->order);
        e->order_max = 0;
        b->order = mem_alloc(4 * n * sizeof(*b->order));
        if (!b->order)
            return err_fail(err, ERR_NOMEM, "rows of a block");
        e->order_max = 2 * n; /* the second half: ranks */
    }
    for (size_t i = 0; i < n; i++)
        indexed &= ETL_TX(b, i)->has_index;
    for (size_t i = 0; i < n; i++)
        e->keys[i] = (struct keyed){.key = indexed ? ETL_TX(b, i)->index : i, .index = (uint32_t)i};
    sort_keyed(e->keys, n, e->scratch);
    for (size_t i = 0; i < n; i++) {
        b->order[i] = e->keys[i].index;
        b->order[e->order_max + e->keys[i].index] = (uint32_t)i;
        if (i && e->keys[i].key == e->keys[i - 1].key)
            return err_fail(err, ERR_INPUT, "two transactions of index %llu",
                            (unsigned long long)e->keys[i].key);
    }
    return true;
}

static uint64_t rank_of(const struct etl *e, uint32_t tx)
{
    return tx == NO_TX ? NO_TX : e->block.order[e->order_max + tx];
}

static bool twice(const struct etl *e, size_t n, const char *what, struct err *err)
{
    for (size_t i = 1; i < n; i++)
        if (e->keys[i].key == e->keys[i - 1].key)
            return err_fail(err, ERR_INPUT, "two %s of index %u in one transaction", what,
                            (unsigned)(uint32_t)e->keys[i].key);
    return true;
}

/* From the index in the block, which must count all logs, to that in the transaction. Some export
 * that one already. */
static bool logs_number(struct etl_block *b, struct err *err)
{
    bool in_block = true, in_tx = true;
    uint32_t first = 0;

    for (size_t i = 0; i < b->logs.n; i++) {
        const struct etl_log *l = ETL_LOG(b, i);

        if (!i || l->tx != ETL_LOG(b, i - 1)->tx)
            first = (uint32_t)i;
        in_block &= l->index == i;
        in_tx &= l->index == i - first;
    }
    if (!in_block && !in_tx)
        return err_fail(err, ERR_INPUT,
                        "logs are missing (they are not numbered without a gap), so that the index "
                        "of a log in its transaction is not known");
    first = 0;
    for (size_t i = 0; in_block && i < b->logs.n; i++) {
        struct etl_log *l = ETL_LOG(b, i);

        if (i && l->tx != l[-1].tx)
            first = (uint32_t)i;
        l->index = (uint32_t)i - first;
    }
    return true;
}

static bool logs_order(struct etl *e, struct err *err)
{
    struct etl_block *b = &e->block;

    if (!keys_room(e, b->logs.n, sizeof(struct etl_log), err))
        return false;
    for (size_t i = 0; i < b->logs.n; i++)
        e->keys[i] =
            (struct keyed){.key = rank_of(e, ETL_LOG(b, i)->tx) << 32 | ETL_LOG(b, i)->index,
                           .index = (uint32_t)i};
    rows_sort(e, &b->logs, sizeof(struct etl_log));
    if (!twice(e, b->logs.n, "logs", err) || !logs_number(b, err))
        return false;
    for (size_t i = 0; i < b->logs.n; i++) {
        struct etl_tx *t = ETL_TX(b, ETL_LOG(b, i)->tx);

        if (!t->logs_n++)
            t->logs_first = i;
    }
    return true;
}

static bool tokens_order(struct etl *e, struct err *err)
{
    struct etl_block *b = &e->block;

    if (!keys_room(e, b->tokens.n, sizeof(struct etl_token), err))
        return false;
    for (size_t i = 0; i < b->tokens.n; i++)
        e->keys[i] =
            (struct keyed){.key = rank_of(e, ETL_TOKEN(b, i)->tx) << 32 | ETL_TOKEN(b, i)->index,
                           .index = (uint32_t)i};
    rows_sort(e, &b->tokens, sizeof(struct etl_token));
    if (!twice(e, b->tokens.n, "token transfers", err))
        return false;
    for (size_t i = 0; i < b->tokens.n; i++) {
        struct etl_tx *t = ETL_TX(b, ETL_TOKEN(b, i)->tx);

        if (!t->tokens_n++)
            t->tokens_first = i;
    }
    return true;
}

static bool traces_order(struct etl *e, struct err *err)
{
    struct etl_block *b = &e->block;

    if (!keys_room(e, b->traces.n, sizeof(struct etl_trace), err))
        return false;
    for (size_t i = 0; i < b->traces.n; i++)
        e->keys[i] =
            (struct keyed){.key = rank_of(e, ETL_TRACE(b, i)->tx) << 32 | i, .index = (uint32_t)i};
    rows_sort(e, &b->traces, sizeof(struct etl_trace));
    for (size_t i = 0; i < b->traces.n && ETL_TRACE(b, i)->tx != NO_TX; i++) {
        struct etl_tx *t = ETL_TX(b, ETL_TRACE(b, i)->tx);

        if (!t->traces_n++)
            t->traces_first = i;
    }
    b->traced = b->traces.n != 0;
    for (size_t i = 0; i < b->txs.n && b->traced; i++)
        if (!ETL_TX(b, i)->traces_n)
            return err_fail(err, ERR_INPUT, "traces are missing: of a transaction there is none");
    return true;
}

static bool block_check(const struct etl *e, struct err *err)
{
    const struct etl_block *b = &e->block;

    if (e->lanes[ETL_BLOCKS].tables_n && !b->stated)
        return err_fail(err, ERR_INPUT, "is in no table of blocks");
    if (!b->has_time)
        return err_fail(err, ERR_INPUT,
                        "no table tells its time (blocks, or rows with block_timestamp)");
    if (b->counted && e->lanes[ETL_TRANSACTIONS].tables_n && b->txs_n != b->txs.n)
        return err_fail(err, ERR_INPUT, "%llu transactions by its table, %zu are there",
                        (unsigned long long)b->txs_n, b->txs.n);
    return true;
}

static bool block_tell(struct etl *e, struct transfer_block *ret, struct err *err)
{
    return block_check(e, err) && txs_order(e, err) && logs_order(e, err) && tokens_order(e, err) &&
           traces_order(e, err) && etl_block_facts(&e->block, ret, err);
}

static void block_clear(struct etl *e)
{
    struct etl_block *b = &e->block, empty = {.chain = b->chain, .rules = b->rules};

    empty.order = b->order;
    empty.txs = b->txs;
    empty.logs = b->logs;
    empty.tokens = b->tokens;
    empty.traces = b->traces;
    empty.withdrawals = b->withdrawals;
    empty.fact_txs = b->fact_txs;
    empty.transfers = b->transfers;
    empty.events = b->events;
    empty.txs.n = empty.logs.n = empty.tokens.n = empty.traces.n = empty.withdrawals.n = 0;
    arena_free(b->bytes);
    *b = empty;
    e->slots_n = 0;
    e->tx_before = NO_TX;
}

static bool etl_next(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct etl *e = self;
    uint64_t number = UINT64_MAX;

    for (size_t k = 0; k < ETL_KINDS && !e->begun; k++)
        if (!lane_next(&e->lanes[k], err))
            return false;
    e->begun = true;
    for (size_t k = 0; k < ETL_KINDS; k++)
        if (e->lanes[k].row && e->lanes[k].number < number)
            number = e->lanes[k].number;
    *ret_end = number == UINT64_MAX;
    if (*ret_end)
        return true;
    block_clear(e);
    e->block.number = number;
    if (!slots_grow(e, err))
        return false;
    for (size_t k = 0; k < ETL_KINDS; k++)
        while (e->lanes[k].row && e->lanes[k].number == number)
            if (!row_read(e, lane_table(&e->lanes[k]), err) || !lane_next(&e->lanes[k], err))
                return false;
    return block_tell(e, ret, err) || err_in(err, "block %llu", (unsigned long long)number);
}

static void etl_free(void *self)
{
    struct etl *e = self;
    struct etl_block *b;

    if (!e)
        return;
    b = &e->block;
    for (size_t i = 0; i < e->tables_n; i++)
        etl_table_close(&e->tables[i]);
    mem_free(e->tables);
    mem_free(e->by_lane);
    mem_free(e->slots);
    mem_free(e->keys);
    mem_free(e->scratch);
    mem_free(e->moved);
    mem_free(b->order);
    mem_free(b->txs.at);
    mem_free(b->logs.at);
    mem_free(b->tokens.at);
    mem_free(b->traces.at);
    mem_free(b->withdrawals.at);
    mem_free(b->fact_txs.at);
    mem_free(b->transfers.at);
    mem_free(b->events.at);
    arena_free(b->bytes);
    mem_free(e);
}

/* Opening: tables of one kind stand in the order of their first blocks. */

static bool lanes_make(struct etl *e, struct err *err)
{
    size_t n = 0;

    if (!keys_room(e, e->tables_n, 1, err))
        return false;
    e->by_lane = mem_array(e->tables_n, sizeof(struct etl_table *));
    if (!e->by_lane)
        return err_fail(err, ERR_NOMEM, "%zu tables", e->tables_n);
    for (size_t i = 0; i < e->tables_n; i++) {
        uint64_t first = e->tables[i].first > UINT32_MAX ? UINT32_MAX : e->tables[i].first;

        e->keys[i] =
            (struct keyed){.key = (uint64_t)e->tables[i].kind << 32 | first, .index = (uint32_t)i};
    }
    sort_keyed(e->keys, e->tables_n, e->scratch);
    for (; n < e->tables_n; n++) {
        struct etl_table *t = &e->tables[e->keys[n].index];
        struct lane *l = &e->lanes[t->kind];

        e->by_lane[n] = t;
        if (!l->tables_n++)
            l->tables = &e->by_lane[n];
    }
    if (e->lanes[ETL_LOGS].tables_n) /* which say all that token transfers do */
        e->lanes[ETL_TOKEN_TRANSFERS] = (struct lane){0};
    return true;
}

static struct etl *etl_new(size_t n, const struct chain *chain, struct err *err)
{
    struct etl *e;

    if (chain->dialect != &dialect_evm) {
        err_set(err, ERR_USAGE, "tables of ethereum-etl are not of %s", chain->name);
        return NULL;
    }
    if (n > ETL_FILES_MAX) {
        err_set(err, ERR_LIMIT, "more than %d files", ETL_FILES_MAX);
        return NULL;
    }
    e = mem_zero(sizeof(*e));
    if (e)
        e->tables = mem_array(n, sizeof(*e->tables));
    if (!e || !e->tables) {
        mem_free(e);
        err_set(err, ERR_NOMEM, "%zu tables", n);
        return NULL;
    }
    e->block.chain = chain;
    e->block.rules = evm_rules(chain);
    return e;
}

static bool etl_done(struct etl *e, struct transfer_source *ret, struct err *err)
{
    if (!lanes_make(e, err)) {
        etl_free(e);
        return false;
    }
    *ret = (struct transfer_source){.next = etl_next, .free = etl_free, .self = e};
    return true;
}

bool etl_from(const struct etl_file *files, size_t files_n, const struct chain *chain,
              struct transfer_source *ret, struct err *err)
{
    struct etl *e = etl_new(files_n, chain, err);

    if (!e)
        return false;
    for (size_t i = 0; i < files_n; i++) {
        if (!etl_table_from(&e->tables[i], files[i].name, files[i].in, err)) {
            etl_table_close(&e->tables[i]);
            etl_free(e);
            return false;
        }
        e->tables_n++;
    }
    return etl_done(e, ret, err);
}

bool etl_open(const char *const *paths, size_t paths_n, const struct chain *chain,
              struct transfer_source *ret, struct err *err)
{
    struct etl *e = etl_new(paths_n, chain, err);

    if (!e)
        return false;
    for (size_t i = 0; i < paths_n; i++) {
        if (!etl_table_open(&e->tables[i], paths[i], err)) {
            etl_free(e);
            return false;
        }
        e->tables_n++;
    }
    return etl_done(e, ret, err);
}

bool etl_is(struct bytes beginning)
{
    return etl_table_is(beginning);
}
