/* Tables side by side: each kind of table is a lane, whose row at hand waits until the block is
 * reached that it belongs to. The lowest block number at hand is the next block.
 *
 *     blocks        7 |  8    9
 *     transactions  7    7    7 |  9    9        a block is what stands before the bar
 *     logs          7    7 |  9
 *
 * Rows of a block name their transaction by its hash; mostly it is the one that the row before
 * named, else it is found in a table of hashes of this block. */
#include "chain/evm/etl_parts.h"

#include "base/mem.h"
#include "chain/dialect.h"

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
    if (!b->bytes)
        err_set(err, ERR_NOMEM, "rows of a block");
    else if (!p)
        arena_refused(b->bytes, err, "rows of a block");
    return p;
}

/* Lanes. */

static bool lane_next(struct etl_lane *l, struct err *err)
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

static inline struct etl_table *lane_table(const struct etl_lane *l)
{
    return l->tables[l->at];
}

/* Blocks. */

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
    return block_check(e, err) && etl_block_order(e, err) && etl_block_facts(&e->block, ret, err);
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
    e->tx_before = ETL_NO_TX;
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
    if (!etl_slots_grow(e, err))
        return false;
    for (size_t k = 0; k < ETL_KINDS; k++)
        while (e->lanes[k].row && e->lanes[k].number == number)
            if (!etl_row_read(e, lane_table(&e->lanes[k]), err) || !lane_next(&e->lanes[k], err))
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

    if (!etl_keys_room(e, e->tables_n, 1, err))
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
        struct etl_lane *l = &e->lanes[t->kind];

        e->by_lane[n] = t;
        if (!l->tables_n++)
            l->tables = &e->by_lane[n];
    }
    if (e->lanes[ETL_LOGS].tables_n) /* which say all that token transfers do */
        e->lanes[ETL_TOKEN_TRANSFERS] = (struct etl_lane){0};
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
