#include "ledger/account_columns.h"

#define ID_MAX (ACCOUNTS_NONE - 1)

static const struct column_form columns[ACCOUNT_COLUMNS_N] = {
    [COLUMN_BLOCK] = {"block", ACCOUNT_BLOCK_BYTES, COUNT_BLOCK, false},
    [COLUMN_RUN] = {"run", 4, COUNT_RUN, false},
    [COLUMN_TX] = {"tx", TX_RECORD_BYTES, COUNT_TX, false},
    [COLUMN_TX_HASH] = {"tx.hash", 32, COUNT_TX, false},
    [COLUMN_TRANSFER] = {"transfer", TRANSFER_BYTES, COUNT_TRANSFER, false},
    [COLUMN_TRANSFER_PREV] = {"transfer.prev", LINKS_BYTES, COUNT_TRANSFER, false},
    [COLUMN_TRANSFER_NEXT] = {"transfer.next", LINKS_BYTES, COUNT_TRANSFER, true},
    [COLUMN_TRANSFER_FAR] = {"transfer.far", FAR_BYTES, COUNT_FAR, false},
    [COLUMN_WIDE] = {"wide", U256_BYTES, COUNT_WIDE, false},
    [COLUMN_ACCOUNT_START] = {"account.start", ACCOUNTS_ID_BYTES, COUNT_ACCOUNT, false},
    [COLUMN_ACCOUNT_DATA] = {"account.data", 1, COUNT_KEY_BYTE, false},
    [COLUMN_ACCOUNT_LAST] = {"account.last", ACCOUNTS_ID_BYTES, COUNT_ACCOUNT, true},
    [COLUMN_HOLDING] = {"holding", HOLDING_BYTES, COUNT_HOLDING, false},
    [COLUMN_HOLDING_LAST] = {"holding.last", ACCOUNTS_ID_BYTES, COUNT_HOLDING, true},
    [COLUMN_MARK] = {"mark", MARK_BYTES, COUNT_MARK, false},
    [COLUMN_PATH_START] = {"path.start", ACCOUNTS_ID_BYTES, COUNT_PATH, false},
    [COLUMN_PATH_DATA] = {"path.data", 1, COUNT_PATH_BYTE, false},
    [COLUMN_EVENT] = {"event", EVENT_RECORD_BYTES, COUNT_EVENT, false},
    [COLUMN_EVENT_DATA] = {"event.data", 1, COUNT_EVENT_BYTE, false},
};

static const struct count_form counts[ACCOUNT_COUNTS_N] = {
    [COUNT_BLOCK] = {"blocks", UINT32_MAX - 2},
    [COUNT_RUN] = {"runs", UINT32_MAX - 2},
    [COUNT_TX] = {"transactions", INDEX_IDS_MAX},
    [COUNT_TRANSFER] = {"transfers", ID_MAX},
    [COUNT_ACCOUNT] = {"accounts", INDEX_IDS_MAX},
    [COUNT_KEY_BYTE] = {"key-bytes", ID_MAX},
    [COUNT_HOLDING] = {"holdings", INDEX_IDS_MAX},
    [COUNT_WIDE] = {"wide", ID_MAX},
    [COUNT_MARK] = {"marks", ID_MAX},
    [COUNT_PATH] = {"paths", ID_MAX},
    [COUNT_PATH_BYTE] = {"path-bytes", ID_MAX},
    [COUNT_EVENT] = {"events", ID_MAX},
    [COUNT_EVENT_BYTE] = {"event-bytes", ID_MAX},
    [COUNT_FAR] = {"far-links", LINK_FAR - 1},
};

static const struct index_form indexes[ACCOUNT_INDEXES_N] = {
    [INDEX_TX] = {"tx", COUNT_TX, INDEX_KEY_SHORT},
    [INDEX_BLOCK] = {"block", COUNT_BLOCK, INDEX_KEY_SHORT},
    [INDEX_ACCOUNT] = {"account", COUNT_ACCOUNT, INDEX_KEY_SHORT},
    [INDEX_HOLDING] = {"holding", COUNT_HOLDING, INDEX_KEY_SHORT},
};

static uint64_t key_of(const struct columns *c, unsigned index, uint64_t id)
{
    const uint8_t *holding;

    switch (index) {
    case INDEX_TX:
        return columns_key_of_hash(c, index, c->at[COLUMN_TX_HASH] + id * 32);
    case INDEX_BLOCK:
        return columns_key_of_hash(c, index, columns_block_hash(c, id));
    case INDEX_ACCOUNT:
        return key_of_account(columns_account_key(c, id));
    default:
        holding = c->at[COLUMN_HOLDING] + id * HOLDING_BYTES;
        return key_of_holding(load_le40(holding), load_le40(holding + ACCOUNTS_ID_BYTES));
    }
}

/* The two holdings of which a transfer is an event, and where their links lie in its record of
 * links. The second is NONE where both are one. */
static unsigned sides(const struct columns *c, uint64_t transfer, uint64_t ret_holding[2])
{
    const uint8_t *p = c->at[COLUMN_TRANSFER] + transfer * TRANSFER_BYTES;

    ret_holding[0] = load_le40(p);
    ret_holding[1] = load_le40(p + ACCOUNTS_ID_BYTES);
    return ret_holding[0] == ret_holding[1] ? 1 : 2;
}

static uint8_t *link_at(uint8_t *links, const struct columns *c, uint64_t transfer,
                        uint64_t holding)
{
    bool is_from = load_le40(c->at[COLUMN_TRANSFER] + transfer * TRANSFER_BYTES) == holding;

    return links + transfer * LINKS_BYTES + (is_from ? 0 : LINK_BYTES);
}

/* The event before a transfer on one of its sides; n: the counts that the columns have. */
static uint64_t event_before(const struct columns *c, const struct counts *n, uint64_t transfer,
                             unsigned side, uint32_t *ret_link)
{
    *ret_link =
        load_le32(c->at[COLUMN_TRANSFER_PREV] + transfer * LINKS_BYTES + (size_t)side * LINK_BYTES);
    return accounts_earlier(c->at[COLUMN_TRANSFER_FAR], n->n[COUNT_FAR], transfer, *ret_link);
}

static void apply(const struct columns *c, const struct counts *from, const struct counts *to)
{
    uint8_t *next = columns_in_place(c, COLUMN_TRANSFER_NEXT),
            *last = columns_in_place(c, COLUMN_HOLDING_LAST),
            *account_last = columns_in_place(c, COLUMN_ACCOUNT_LAST);

    for (uint64_t t = from->n[COUNT_TRANSFER]; t < to->n[COUNT_TRANSFER]; t++) {
        uint64_t holding[2];
        unsigned n = sides(c, t, holding);

        for (unsigned s = 0; s < n; s++) {
            uint32_t link;
            uint64_t before = event_before(c, to, t, s, &link);

            if (holding[s] >= to->n[COUNT_HOLDING])
                continue;
            if (before < t)
                store_le32(link_at(next, c, before, holding[s]), link);
            store_le40(last + holding[s] * ACCOUNTS_ID_BYTES, t);
        }
    }
    for (uint64_t h = from->n[COUNT_HOLDING]; h < to->n[COUNT_HOLDING]; h++) {
        uint64_t account = load_le40(c->at[COLUMN_HOLDING] + h * HOLDING_BYTES);

        if (account < to->n[COUNT_ACCOUNT])
            store_le40(account_last + account * ACCOUNTS_ID_BYTES, h);
    }
}

static void revert(const struct columns *c, const struct counts *to, const struct counts *from)
{
    uint8_t *next = columns_in_place(c, COLUMN_TRANSFER_NEXT),
            *last = columns_in_place(c, COLUMN_HOLDING_LAST),
            *account_last = columns_in_place(c, COLUMN_ACCOUNT_LAST);

    for (uint64_t t = from->n[COUNT_TRANSFER]; t-- > to->n[COUNT_TRANSFER];) {
        uint64_t holding[2];
        unsigned n = sides(c, t, holding);

        for (unsigned s = 0; s < n; s++) {
            uint32_t link;
            uint64_t before = event_before(c, from, t, s, &link);

            if (holding[s] >= to->n[COUNT_HOLDING])
                continue;
            if (before < to->n[COUNT_TRANSFER])
                store_le32(link_at(next, c, before, holding[s]), 0);
            store_le40(last + holding[s] * ACCOUNTS_ID_BYTES, before);
        }
    }
    for (uint64_t h = from->n[COUNT_HOLDING]; h-- > to->n[COUNT_HOLDING];) {
        const uint8_t *holding = c->at[COLUMN_HOLDING] + h * HOLDING_BYTES;
        uint64_t account = load_le40(holding);

        if (account < to->n[COUNT_ACCOUNT])
            store_le40(account_last + account * ACCOUNTS_ID_BYTES, load_le40(holding + 10));
    }
}

const struct ledger_shape accounts_shape = {
    .title = "cordon-ledger",
    .of_accounts = true,
    .columns = columns,
    .counts = counts,
    .indexes = indexes,
    .columns_n = ACCOUNT_COLUMNS_N,
    .counts_n = ACCOUNT_COUNTS_N,
    .indexes_n = ACCOUNT_INDEXES_N,
    .block_at_hash = 0,
    .block_at_counts = ACCOUNT_BLOCK_AT_COUNTS,
    .key_of = key_of,
    .apply = apply,
    .revert = revert,
};

_Static_assert(ACCOUNT_BLOCK_AT_COUNTS + 8 * ACCOUNT_COUNTS_N <= ACCOUNT_BLOCK_BYTES,
               "a block's record has room for all counts");
_Static_assert(ACCOUNT_COLUMNS_N <= COLUMNS_MAX && ACCOUNT_COUNTS_N <= COUNTS_MAX &&
                   ACCOUNT_INDEXES_N <= INDEXES_MAX,
               "a head has room for them");

struct bytes columns_account_key(const struct columns *c, uint64_t account)
{
    const uint8_t *start = c->at[COLUMN_ACCOUNT_START] + account * ACCOUNTS_ID_BYTES;
    uint64_t all = c->n.n[COUNT_KEY_BYTE], from, to;

    if (account >= c->n.n[COUNT_ACCOUNT])
        return (struct bytes){c->at[COLUMN_ACCOUNT_DATA], 0};
    from = load_le40(start);
    to = account + 1 < c->n.n[COUNT_ACCOUNT] ? load_le40(start + ACCOUNTS_ID_BYTES) : all;
    if (from > to || to > all || to - from > ACCOUNT_KEY_MAX)
        return (struct bytes){c->at[COLUMN_ACCOUNT_DATA], 0};
    return (struct bytes){c->at[COLUMN_ACCOUNT_DATA] + from, to - from};
}

uint64_t key_of_account(struct bytes key)
{
    struct hash32 h = sha256(key.p, key.n);

    return key_of_account_hash(h.b);
}

struct accounts columns_accounts(const struct columns *c, const struct counts *n)
{
    return (struct accounts){
        .txs_n = n->n[COUNT_TX],
        .transfers_n = n->n[COUNT_TRANSFER],
        .accounts_n = n->n[COUNT_ACCOUNT],
        .holdings_n = n->n[COUNT_HOLDING],
        .wide_n = n->n[COUNT_WIDE],
        .far_n = n->n[COUNT_FAR],
        .marks_n = n->n[COUNT_MARK],
        .tx = c->at[COLUMN_TX],
        .transfer = c->at[COLUMN_TRANSFER],
        .links_prev = c->at[COLUMN_TRANSFER_PREV],
        .links_next = c->at[COLUMN_TRANSFER_NEXT],
        .far = c->at[COLUMN_TRANSFER_FAR],
        .wide = c->at[COLUMN_WIDE],
        .holding = c->at[COLUMN_HOLDING],
        .holding_last = c->at[COLUMN_HOLDING_LAST],
        .mark = c->at[COLUMN_MARK],
    };
}
