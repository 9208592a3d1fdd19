/* Every column against those that it follows from, in one pass over the transfers. */
#include "base/mem.h"
#include "ledger/account_columns.h"
#include "ledger/check.h"
#include "ledger/check_files.h"

static uint64_t id_at(const struct columns *c, unsigned column, uint64_t id)
{
    return load_le40(c->at[column] + id * ACCOUNTS_ID_BYTES);
}

/* Blocks link by hash where their source told it, else by height. */
static bool linked(const struct columns *c, uint64_t block)
{
    static const uint8_t zeros[32];
    const uint8_t *p = columns_block(c, block), *before = columns_block(c, block - 1);
    uint32_t height = load_le32(p + ACCOUNT_BLOCK_AT_HEIGHT),
             height_before = load_le32(before + ACCOUNT_BLOCK_AT_HEIGHT);
    bool told =
        !((p[ACCOUNT_BLOCK_AT_FLAGS] | before[ACCOUNT_BLOCK_AT_FLAGS]) & ACCOUNT_BLOCK_DIGEST) &&
        memcmp(p + ACCOUNT_BLOCK_AT_PREV, zeros, 32) != 0;

    if (told && !memcmp(p + ACCOUNT_BLOCK_AT_PREV, before, 32))
        return true;
    return !told && (height == height_before + 1 ||
                     (height == HEIGHT_UNKNOWN && height_before == HEIGHT_UNKNOWN));
}

static bool check_times(const struct columns *c, struct err *err)
{
    for (uint64_t i = 1; i < c->n.n[COUNT_BLOCK]; i++)
        if (load_le64(columns_block(c, i) + ACCOUNT_BLOCK_AT_TIME) <
            load_le64(columns_block(c, i - 1) + ACCOUNT_BLOCK_AT_TIME))
            return check_bad(c, err, COLUMN_BLOCK, "block", i);
    return true;
}

/* Starts of spans in a column of bytes: from 0 up, none longer than n_max. */
static bool check_starts(const struct columns *c, unsigned column, unsigned offset, unsigned bytes,
                         uint64_t n_max, const char *what, struct err *err)
{
    const struct column_form *form = &c->shape->columns[column];
    uint64_t before = 0, n = c->n.n[form->by];

    for (uint64_t i = 0; i <= n; i++) {
        uint64_t at = i < n ? load_le40(c->at[column] + i * form->width + offset) : c->n.n[bytes];

        if (at < before || (i ? at - before > n_max : n && at))
            return check_bad(c, err, column, what, i ? i - 1 : 0);
        before = at;
    }
    return true;
}

static bool check_events(const struct columns *c, struct err *err)
{
    uint64_t before = 0;

    for (uint64_t i = 0; i < c->n.n[COUNT_EVENT]; i++) {
        const uint8_t *p = c->at[COLUMN_EVENT] + i * EVENT_RECORD_BYTES;

        if (load_le40(p) < before || load_le40(p) >= c->n.n[COUNT_TX] ||
            load_le40(p + 10) >= c->n.n[COUNT_ACCOUNT])
            return check_bad(c, err, COLUMN_EVENT, "event", i);
        before = load_le40(p);
    }
    return true;
}

static bool check_txs(const struct columns *c, struct err *err)
{
    uint64_t before = 0, transfers = c->n.n[COUNT_TRANSFER];

    for (uint64_t i = 0; i < c->n.n[COUNT_TX]; i++) {
        uint64_t first = load_le40(c->at[COLUMN_TX] + i * TX_RECORD_BYTES);

        if (first < before || first > transfers || (!i && first))
            return check_bad(c, err, COLUMN_TX, "transaction", i);
        before = first;
    }
    return c->n.n[COUNT_TX] || !transfers || check_bad(c, err, COLUMN_TX, "transaction", 0);
}

static bool check_holdings(const struct columns *c, struct err *err)
{
    uint64_t accounts = c->n.n[COUNT_ACCOUNT], *last = mem_reserve(accounts * sizeof(*last));
    bool ok = last || err_fail(err, ERR_NOMEM, "%llu accounts", (unsigned long long)accounts);

    /* last holds ids + 1, for reserved memory is zero */
    for (uint64_t h = 0; ok && h < c->n.n[COUNT_HOLDING]; h++) {
        const uint8_t *p = c->at[COLUMN_HOLDING] + h * HOLDING_BYTES;
        uint64_t account = load_le40(p), asset = load_le40(p + 5), before = load_le40(p + 10);

        ok = (account < accounts && asset < accounts &&
              before == (last[account] ? last[account] - 1 : ACCOUNTS_NONE)) ||
             check_bad(c, err, COLUMN_HOLDING, "holding", h);
        if (ok)
            last[account] = h + 1;
    }
    for (uint64_t i = 0; ok && i < accounts; i++)
        ok = id_at(c, COLUMN_ACCOUNT_LAST, i) == (last[i] ? last[i] - 1 : ACCOUNTS_NONE) ||
             check_bad(c, err, COLUMN_ACCOUNT_LAST, "account", i);
    mem_unreserve(last, accounts * sizeof(*last));
    return ok && (!accounts || !columns_account_key(c, 0).n ||
                  check_bad(c, err, COLUMN_ACCOUNT_START, "account", 0));
}

/* ---- transfers and their links ---- */

struct walking {
    const struct columns *c;
    struct accounts a;
    uint64_t *last; /* [holdings] newest event so far, + 1 */
    uint64_t wides, paths, marks, fars;
    uint64_t block, path_first; /* the block in hand + 1, and its first path */
};

static bool known_kind(uint8_t kind)
{
    return kind && strchr(TRANSFER_KINDS, kind);
}

static bool check_mark(struct walking *w, uint64_t holding, uint64_t event,
                       const struct transfer *t, struct err *err)
{
    struct accounts_mark m, before, far;
    struct holding_sums sums;
    uint64_t id = w->marks++;

    if (id >= w->a.marks_n)
        return check_bad(w->c, err, COLUMN_MARK, "mark", id);
    m = accounts_mark(&w->a, id);
    if (!accounts_sums_before(&w->a, holding, event, NULL, &sums, err))
        return false;
    holding_sums_step(&sums, t, holding);
    if (m.event != event || m.holding != holding || !u256_equal(m.sums.in, sums.in) ||
        !u256_equal(m.sums.balance, sums.balance) || m.sums.freezes != sums.freezes ||
        m.sums.flags != sums.flags)
        return check_bad(w->c, err, COLUMN_MARK, "mark", id);
    if (m.before == ACCOUNTS_NONE)
        return (!m.number && m.jump == id) || check_bad(w->c, err, COLUMN_MARK, "mark", id);
    if (m.before >= id)
        return check_bad(w->c, err, COLUMN_MARK, "mark", id);
    before = accounts_mark(&w->a, m.before); /* right by now, as is what it jumps to */
    far = accounts_mark(&w->a, before.jump);
    return (before.holding == holding && m.number == before.number + 1 &&
            m.jump ==
                (before.number - far.number == far.number - accounts_mark(&w->a, far.jump).number
                     ? far.jump
                     : m.before)) ||
           check_bad(w->c, err, COLUMN_MARK, "mark", id);
}

/* The link between two events of a holding; the entries of far stand in the order of their later
 * ends. */
static uint32_t link_wanted(struct walking *w, uint64_t before, uint64_t event)
{
    const uint8_t *p;

    if (before == ACCOUNTS_NONE)
        return 0;
    if (event - before < LINK_FAR)
        return (uint32_t)(event - before);
    if (w->fars == w->a.far_n)
        return 0;
    p = w->a.far + w->fars * FAR_BYTES;
    return load_le40(p) == before && load_le40(p + ACCOUNTS_ID_BYTES) == event
               ? LINK_FAR + (uint32_t)w->fars++
               : 0;
}

/* One side of a transfer: its links, its number, and the mark after it. */
static bool check_side(struct walking *w, uint64_t event, uint64_t holding, bool is_from,
                       const struct transfer *t, struct err *err)
{
    size_t side = event * LINKS_BYTES + (is_from ? 0 : LINK_BYTES);
    uint32_t link = load_le32(w->a.links_prev + side);
    uint64_t before;
    uint8_t ordinal = is_from ? t->from_ordinal : t->to_ordinal, ordinal_before = 255;

    if (holding == ACCOUNTS_NONE)
        return (!link && !ordinal && !load_le32(w->a.links_next + side)) ||
               check_bad(w->c, err, COLUMN_TRANSFER_PREV, "transfer", event);
    before = w->last[holding] ? w->last[holding] - 1 : ACCOUNTS_NONE;
    w->last[holding] = event + 1;
    if (link != link_wanted(w, before, event))
        return check_bad(w->c, err, COLUMN_TRANSFER_PREV, "transfer", event);
    if (before == ACCOUNTS_NONE) {
        if (accounts_holding(&w->a, holding).first != event)
            return check_bad(w->c, err, COLUMN_HOLDING, "holding", holding);
    } else {
        struct transfer was = accounts_transfer(&w->a, before);

        ordinal_before = was.from == holding ? was.from_ordinal : was.to_ordinal;
        if (accounts_link(&w->a, w->a.links_next, holding, before) != link)
            return check_bad(w->c, err, COLUMN_TRANSFER_NEXT, "transfer", before);
    }
    if (ordinal != (uint8_t)(ordinal_before + 1))
        return check_bad(w->c, err, COLUMN_TRANSFER, "transfer", event);
    return ordinal != MARK_EVENTS - 1 || check_mark(w, holding, event, t, err);
}

/* What a transfer points to in other columns is what comes next there. */
static bool check_parts(struct walking *w, uint64_t event, const struct transfer *t,
                        struct err *err)
{
    const uint8_t *p = w->a.transfer + event * TRANSFER_BYTES;
    uint64_t high = load_le64(p + TRANSFER_AT_KIND - 8) >> 16;

    if (high & AMOUNT_WIDE) {
        if (load_le64(p + TRANSFER_AT_AMOUNT) != w->wides || high != AMOUNT_WIDE)
            return check_bad(w->c, err, COLUMN_TRANSFER, "transfer", event);
        w->wides += t->kind == TRANSFER_FEE ? 2 : 1;
    }
    for (; w->block < w->c->n.n[COUNT_BLOCK] &&
           load_le64(columns_block(w->c, w->block) + ACCOUNT_BLOCK_AT_COUNTS +
                     (size_t)8 * COUNT_TRANSFER) <= event;
         w->block++)
        w->path_first = w->paths;
    if (!known_kind(p[TRANSFER_AT_KIND]) ||
        (t->kind == TRANSFER_INTERNAL && t->position != w->paths++ - w->path_first))
        return check_bad(w->c, err, COLUMN_TRANSFER, "transfer", event);
    /* a holding that there is not would have been read as nobody */
    return (load_le40(p) == t->from && load_le40(p + 5) == t->to &&
            (t->from != ACCOUNTS_NONE || t->to != ACCOUNTS_NONE)) ||
           check_bad(w->c, err, COLUMN_TRANSFER, "transfer", event);
}

static bool walk(struct walking *w, struct err *err)
{
    for (uint64_t i = 0; i < w->a.transfers_n; i++) {
        struct transfer t = accounts_transfer(&w->a, i);

        if (!check_parts(w, i, &t, err) || !check_side(w, i, t.from, true, &t, err) ||
            !check_side(w, i, t.to == t.from ? ACCOUNTS_NONE : t.to, false, &t, err))
            return false;
    }
    for (uint64_t h = 0; h < w->a.holdings_n; h++) {
        uint64_t last = w->last[h] - 1;

        if (!w->last[h] || id_at(w->c, COLUMN_HOLDING_LAST, h) != last)
            return check_bad(w->c, err, COLUMN_HOLDING_LAST, "holding", h);
        if (accounts_link(&w->a, w->a.links_next, h, last))
            return check_bad(w->c, err, COLUMN_TRANSFER_NEXT, "transfer", last);
    }
    return (w->wides == w->a.wide_n || check_bad(w->c, err, COLUMN_WIDE, "entry", w->wides)) &&
           (w->fars == w->a.far_n || check_bad(w->c, err, COLUMN_TRANSFER_FAR, "entry", w->fars)) &&
           (w->marks == w->a.marks_n || check_bad(w->c, err, COLUMN_MARK, "mark", w->marks)) &&
           (w->paths == w->c->n.n[COUNT_PATH] ||
            check_bad(w->c, err, COLUMN_PATH_START, "path", w->paths));
}

static bool check_transfers(const struct columns *c, struct err *err)
{
    struct walking w = {.c = c, .a = columns_accounts(c, &c->n)};
    uint64_t holdings = c->n.n[COUNT_HOLDING];
    bool ok;

    w.last = mem_reserve(holdings * sizeof(*w.last));
    if (!w.last)
        return err_fail(err, ERR_NOMEM, "%llu holdings", (unsigned long long)holdings);
    ok = walk(&w, err);
    mem_unreserve(w.last, holdings * sizeof(*w.last));
    return ok;
}

static bool contents(const struct columns *c, struct err *err)
{
    return check_runs(c, linked, err) && check_times(c, err) &&
           check_starts(c, COLUMN_ACCOUNT_START, 0, COUNT_KEY_BYTE, ACCOUNT_KEY_MAX, "account",
                        err) &&
           check_starts(c, COLUMN_PATH_START, 0, COUNT_PATH_BYTE, (uint64_t)4 * TRACE_PATH_MAX,
                        "path", err) &&
           check_starts(c, COLUMN_EVENT, 15, COUNT_EVENT_BYTE, EVENT_DATA_MAX, "event", err) &&
           check_events(c, err) && check_txs(c, err) && check_holdings(c, err) &&
           check_transfers(c, err);
}

bool account_ledger_check(const char *dir, struct err *err)
{
    return check_files(dir, &accounts_shape, contents, err);
}
