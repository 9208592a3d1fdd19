#include "ledger/coins_columns.h"

#include "chain/facts.h"

static const struct column_form columns[COLUMNS_N] = {
    [COLUMN_BLOCK] = {"block", BLOCK_RECORD_BYTES, COUNT_BLOCK, false},
    [COLUMN_RUN] = {"run", 4, COUNT_RUN, false},
    [COLUMN_TX_ID] = {"tx.id", 32, COUNT_TX, false},
    [COLUMN_TX_FIRST] = {"tx.first", TX_FIRST_BYTES, COUNT_TX, false},
    [COLUMN_OUT_VALUE] = {"out.value", 8, COUNT_OUT, false},
    [COLUMN_OUT_SCRIPT] = {"out.script", 4, COUNT_OUT, false},
    [COLUMN_OUT_PREV] = {"out.prev", ID_BYTES, COUNT_OUT, false},
    [COLUMN_OUT_SPENT] = {"out.spent", 4, COUNT_OUT, true},
    [COLUMN_IN_SOURCE] = {"in.source", ID_BYTES, COUNT_IN, false},
    [COLUMN_EXT_OUTPOINT] = {"ext.outpoint", 36, COUNT_EXT, false},
    [COLUMN_EXT_VALUE] = {"ext.value", 8, COUNT_EXT, false},
    [COLUMN_EXT_SCRIPT] = {"ext.script", 4, COUNT_EXT, false},
    [COLUMN_SCRIPT_START] = {"script.start", ID_BYTES, COUNT_SCRIPT, false},
    [COLUMN_SCRIPT_LAST] = {"script.last", 8, COUNT_SCRIPT, true},
    [COLUMN_SCRIPT_DATA] = {"script.data", 1, COUNT_SCRIPT_BYTE, false},
};

/* A transaction's and a script's ids have 32 bits with two values spare. */
static const struct count_form counts[COUNTS_N] = {
    [COUNT_BLOCK] = {"blocks", UINT32_MAX - 2},
    [COUNT_RUN] = {"runs", UINT32_MAX - 2},
    [COUNT_TX] = {"transactions", UINT32_MAX - 2},
    [COUNT_OUT] = {"outputs", COINS_OUTSIDE - 2},
    [COUNT_IN] = {"inputs", COINS_OUTSIDE - 2},
    [COUNT_EXT] = {"outside", COINS_OUTSIDE - 2},
    [COUNT_SCRIPT] = {"scripts", UINT32_MAX - 2},
    [COUNT_SCRIPT_BYTE] = {"script-bytes", ((uint64_t)1 << 40) - 2},
    [COUNT_ADDRESS] = {"addresses", UINT32_MAX},
};

static const struct index_form indexes[INDEXES_N] = {
    [INDEX_TX] = {"tx", COUNT_TX, INDEX_KEY_WHOLE},
    [INDEX_BLOCK] = {"block", COUNT_BLOCK, INDEX_KEY_WHOLE},
    [INDEX_SCRIPT] = {"script", COUNT_SCRIPT, INDEX_KEY_WHOLE},
};

static uint64_t key_of(const struct columns *c, unsigned index, uint64_t id)
{
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes script;
    size_t used;

    switch (index) {
    case INDEX_TX:
        return key_of_hash(c->at[COLUMN_TX_ID] + id * 32);
    case INDEX_BLOCK:
        return key_of_hash(columns_block_hash(c, id));
    default:
        return script_unpack(columns_packed(c, (uint32_t)id), form, &script, &used)
                   ? key_of_script(script)
                   : 0;
    }
}

/* What in.source and out.script say. */
static void apply(const struct columns *c, const struct counts *from, const struct counts *to)
{
    uint8_t *spent = columns_in_place(c, COLUMN_OUT_SPENT),
            *last = columns_in_place(c, COLUMN_SCRIPT_LAST);
    struct coins coins = columns_coins(c, to);

    for (uint64_t tx = from->n[COUNT_TX]; tx < to->n[COUNT_TX]; tx++) {
        struct coins_range in = coins_inputs(&coins, (uint32_t)tx);

        for (uint64_t i = in.first; i < in.first + in.n; i++) {
            uint64_t id = load_le40(c->at[COLUMN_IN_SOURCE] + i * ID_BYTES);

            if (id < to->n[COUNT_OUT])
                store_le32(spent + id * 4, (uint32_t)tx + 1);
        }
    }
    for (uint64_t out = from->n[COUNT_OUT]; out < to->n[COUNT_OUT]; out++) {
        uint32_t script = load_le32(c->at[COLUMN_OUT_SCRIPT] + out * 4);

        if (script < to->n[COUNT_SCRIPT])
            store_le64(last + (uint64_t)script * 8, out + 1);
    }
}

static void revert(const struct columns *c, const struct counts *to, const struct counts *from)
{
    uint8_t *spent = columns_in_place(c, COLUMN_OUT_SPENT),
            *last = columns_in_place(c, COLUMN_SCRIPT_LAST);

    for (uint64_t i = to->n[COUNT_IN]; i < from->n[COUNT_IN]; i++) {
        uint64_t id = load_le40(c->at[COLUMN_IN_SOURCE] + i * ID_BYTES);

        if (id < to->n[COUNT_OUT])
            store_le32(spent + id * 4, 0);
    }
    for (uint64_t out = from->n[COUNT_OUT]; out-- > to->n[COUNT_OUT];) {
        uint32_t script = load_le32(c->at[COLUMN_OUT_SCRIPT] + out * 4);

        if (script < to->n[COUNT_SCRIPT])
            store_le64(last + (uint64_t)script * 8,
                       load_le40(c->at[COLUMN_OUT_PREV] + out * ID_BYTES));
    }
}

const struct ledger_shape coins_shape = {
    .title = "cordon-ledger",
    .columns = columns,
    .counts = counts,
    .indexes = indexes,
    .columns_n = COLUMNS_N,
    .counts_n = COUNTS_N,
    .indexes_n = INDEXES_N,
    .block_at_hash = BLOCK_AT_HASH,
    .block_at_counts = BLOCK_AT_COUNTS,
    .key_of = key_of,
    .apply = apply,
    .revert = revert,
};

struct ledger_block columns_ledger_block(const struct columns *c, uint32_t block)
{
    struct ledger_block b = {.height = HEIGHT_UNKNOWN};
    const uint8_t *record;
    uint64_t end;

    if (block >= c->n.n[COUNT_BLOCK])
        return b;
    record = columns_block(c, block);
    end = columns_before(c, (uint64_t)block + 1).n[COUNT_TX];
    memcpy(b.header, record, HEADER_BYTES);
    memcpy(b.hash.b, record + BLOCK_AT_HASH, 32);
    b.height = load_le32(record + BLOCK_AT_HEIGHT);
    b.size = load_le32(record + BLOCK_AT_SIZE);
    b.time = load_le32(record + 68);
    b.tx_first = (uint32_t)columns_block_count(c, block, COUNT_TX);
    if (b.tx_first <= end && end <= c->n.n[COUNT_TX])
        b.txs_n = (uint32_t)(end - b.tx_first);
    return b;
}

struct bytes columns_packed(const struct columns *c, uint32_t script)
{
    uint64_t all = c->n.n[COUNT_SCRIPT_BYTE], from, to;

    if (script >= c->n.n[COUNT_SCRIPT])
        return (struct bytes){c->at[COLUMN_SCRIPT_DATA], 0};
    from = load_le40(c->at[COLUMN_SCRIPT_START] + (uint64_t)script * ID_BYTES);
    to = (uint64_t)script + 1 < c->n.n[COUNT_SCRIPT]
             ? load_le40(c->at[COLUMN_SCRIPT_START] + ((uint64_t)script + 1) * ID_BYTES)
             : all;
    if (from > to || to > all)
        return (struct bytes){c->at[COLUMN_SCRIPT_DATA], 0};
    return (struct bytes){c->at[COLUMN_SCRIPT_DATA] + from, to - from};
}

uint64_t key_of_script(struct bytes script)
{
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes b = script_address_form(script, form);
    struct hash32 h = sha256(b.p, b.n);

    return key_of_hash(h.b);
}

struct coins columns_coins(const struct columns *c, const struct counts *n)
{
    return (struct coins){
        .txs_n = n->n[COUNT_TX],
        .outputs_n = n->n[COUNT_OUT],
        .inputs_n = n->n[COUNT_IN],
        .ext_n = n->n[COUNT_EXT],
        .tx_first = c->at[COLUMN_TX_FIRST],
        .out_value = c->at[COLUMN_OUT_VALUE],
        .out_spent = c->at[COLUMN_OUT_SPENT],
        .in_source = c->at[COLUMN_IN_SOURCE],
        .ext_value = c->at[COLUMN_EXT_VALUE],
    };
}
