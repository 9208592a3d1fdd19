/* A block is whole: its rows are brought in order. */
#include "chain/evm/etl_parts.h"

#include "base/mem.h"

bool etl_keys_room(struct etl *e, size_t n, size_t size, struct err *err)
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

    if (!etl_keys_room(e, n, 1, err))
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
    return tx == ETL_NO_TX ? ETL_NO_TX : e->block.order[e->order_max + tx];
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

    if (!etl_keys_room(e, b->logs.n, sizeof(struct etl_log), err))
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

    if (!etl_keys_room(e, b->tokens.n, sizeof(struct etl_token), err))
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

    if (!etl_keys_room(e, b->traces.n, sizeof(struct etl_trace), err))
        return false;
    for (size_t i = 0; i < b->traces.n; i++)
        e->keys[i] =
            (struct keyed){.key = rank_of(e, ETL_TRACE(b, i)->tx) << 32 | i, .index = (uint32_t)i};
    rows_sort(e, &b->traces, sizeof(struct etl_trace));
    for (size_t i = 0; i < b->traces.n && ETL_TRACE(b, i)->tx != ETL_NO_TX; i++) {
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

bool etl_block_order(struct etl *e, struct err *err)
{
    return txs_order(e, err) && logs_order(e, err) && tokens_order(e, err) && traces_order(e, err);
}
