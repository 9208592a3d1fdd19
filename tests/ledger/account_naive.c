#include "account_naive.h"

#include <stdlib.h>

#define NONE UINT64_MAX

struct event {
    uint64_t transfer;
    bool is_from;
};

struct naive_holding {
    uint64_t account, asset, before;
    struct event *events;
    size_t events_n;
};

struct naive {
    struct bytes *keys;
    size_t keys_n;
    uint64_t *account_last; /* newest holding */
    struct naive_holding *holdings;
    size_t holdings_n, room;
    const struct fact_transfer **transfers; /* in order */
    size_t transfers_n;
};

static uint64_t account_of(struct naive *n, struct bytes key)
{
    size_t i = 0;

    while (i < n->keys_n && !bytes_equal(n->keys[i], key))
        i++;
    CHECK(i < n->room);
    if (i == n->keys_n) {
        n->account_last[i] = NONE;
        n->keys[n->keys_n++] = key;
    }
    return i;
}

static uint64_t holding_of(struct naive *n, uint64_t account, uint64_t asset)
{
    size_t i = 0;

    while (i < n->holdings_n &&
           (n->holdings[i].account != account || n->holdings[i].asset != asset))
        i++;
    if (i == n->holdings_n) {
        n->holdings[n->holdings_n++] = (struct naive_holding){
            .account = account, .asset = asset, .before = n->account_last[account]};
        n->account_last[account] = i;
    }
    return i;
}

static uint64_t or_none(uint64_t id)
{
    return id == NONE ? ACCOUNTS_NONE : id;
}

/* What an event does to a balance, from docs: written once more, and otherwise. */
static void step(struct u256 *in, struct u256 *balance, bool *over, const struct fact_transfer *t,
                 bool comes, bool goes)
{
    struct u256 out = u256_of(0), add = u256_of(0);

    if (t->kind == TRANSFER_FREEZE || t->kind == TRANSFER_UNFREEZE)
        return;
    if (goes && !comes)
        out = t->amount;
    if (comes && !goes)
        add = t->kind == TRANSFER_FEE ? t->credit : t->amount;
    if (comes && goes && t->kind == TRANSFER_FEE)
        CHECK(u256_sub(t->amount, t->credit, &out));
    if (u256_less(*balance, out))
        *balance = u256_of(0);
    else
        CHECK(u256_sub(*balance, out, balance));
    if (!u256_add(*in, add, in) || !u256_add(*balance, add, balance)) {
        memset(in, 0xff, sizeof(*in));
        memset(balance, 0xff, sizeof(*balance));
        *over = true;
    }
}

static void check_holding(const struct account_ledger *l, const struct naive *n, uint64_t id)
{
    const struct accounts *a = account_ledger_accounts(l);
    const struct naive_holding *h = &n->holdings[id];
    struct holding got = accounts_holding(a, id);
    struct u256 in = u256_of(0), balance = u256_of(0);
    uint64_t mark_before = ACCOUNTS_NONE, at = got.first;
    uint32_t jumps[64] = {0}, freezes = 0, number = 0;
    bool over = false;

    CHECK_U(got.account, h->account);
    CHECK_U(got.asset, h->asset);
    CHECK_U(got.before, or_none(h->before));
    CHECK_U(account_ledger_find_holding(l, h->account, h->asset), id);
    CHECK_U(account_ledger_last(l, id), h->events[h->events_n - 1].transfer);
    for (size_t i = 0; i < h->events_n; i++) {
        struct transfer t = accounts_transfer(a, at);
        const struct fact_transfer *f = n->transfers[at];

        CHECK_U(at, h->events[i].transfer);
        CHECK_U(h->events[i].is_from ? t.from : t.to, id);
        CHECK_U(h->events[i].is_from ? t.from_ordinal : t.to_ordinal, i % 256);
        CHECK_U(accounts_prev(a, id, at), i ? h->events[i - 1].transfer : ACCOUNTS_NONE);
        step(&in, &balance, &over, f, t.to == id, t.from == id);
        freezes += t.from == id && (f->kind == TRANSFER_FREEZE || f->kind == TRANSFER_UNFREEZE);
        if (i % 256 == 255) {
            uint64_t mark = 0;
            struct accounts_mark got_mark;
            uint32_t far;

            while (accounts_mark(a, mark).event != at || accounts_mark(a, mark).holding != id)
                CHECK(++mark < a->marks_n);
            got_mark = accounts_mark(a, mark);
            CHECK_U(got_mark.before, mark_before);
            CHECK_U(got_mark.number, number);
            CHECK_U(got_mark.sums.freezes, freezes);
            CHECK_U(got_mark.sums.flags, over ? MARK_OVER : 0);
            CHECK(u256_equal(got_mark.sums.in, in) && u256_equal(got_mark.sums.balance, balance));
            /* by numbers; the first jumps to itself */
            CHECK(number < 64);
            far = number ? jumps[number - 1] : 0;
            jumps[number] = !number                                ? 0
                            : number - 1 - far == far - jumps[far] ? jumps[far]
                                                                   : number - 1;
            CHECK_U(accounts_mark(a, got_mark.jump).number, jumps[number]);
            CHECK_U(accounts_mark(a, got_mark.jump).holding, id);
            mark_before = mark;
            number++;
        }
        at = accounts_next(a, id, at);
    }
    CHECK_U(at, ACCOUNTS_NONE);
}

static void check_transfer(const struct account_ledger *l, const struct naive *n, uint64_t id,
                           const struct fact_transfer *f, uint64_t from, uint64_t to)
{
    struct transfer t = accounts_transfer(account_ledger_accounts(l), id);

    CHECK_U(t.from, or_none(from));
    CHECK_U(t.to, or_none(to));
    CHECK_U(t.kind, f->kind);
    CHECK(u256_equal(t.amount, f->amount));
    CHECK(u256_equal(t.credit, f->kind == TRANSFER_FEE ? f->credit : f->amount));
    if (f->kind != TRANSFER_INTERNAL)
        CHECK_U(t.position, f->position);
    CHECK(bytes_equal(account_ledger_path(l, id), f->path));
}

static void take_transfer(const struct account_ledger *l, struct naive *n,
                          const struct fact_transfer *f)
{
    uint64_t account[2] = {NONE, NONE}, asset, holding[2] = {NONE, NONE};

    if (f->from.n)
        account[0] = account_of(n, f->from);
    if (f->to.n)
        account[1] = account_of(n, f->to);
    asset = account_of(n, f->asset);
    for (unsigned s = 0; s < 2; s++) {
        struct naive_holding *h;

        if (account[s] == NONE)
            continue;
        holding[s] = holding_of(n, account[s], asset);
        if (s && holding[1] == holding[0])
            continue;
        h = &n->holdings[holding[s]];
        h->events = realloc(h->events, (h->events_n + 1) * sizeof(*h->events));
        h->events[h->events_n++] = (struct event){n->transfers_n, !s};
    }
    n->transfers[n->transfers_n] = f;
    check_transfer(l, n, n->transfers_n++, f, holding[0], holding[1]);
}

static void check_events(const struct account_ledger *l, struct naive *n, uint64_t tx,
                         const struct fact_tx *f, uint64_t *event)
{
    struct accounts_range range = account_ledger_events(l, tx);

    CHECK_U(range.n, f->events_n);
    if (f->events_n)
        CHECK_U(range.first, *event);
    for (size_t i = 0; i < f->events_n; i++, ++*event) {
        struct account_ledger_event e = account_ledger_event(l, *event);

        CHECK_U(e.tx, tx);
        CHECK_U(e.kind, f->events[i].kind);
        CHECK_U(e.log, f->events[i].log);
        CHECK_U(e.subject, account_of(n, f->events[i].subject));
        CHECK(bytes_equal(e.data, f->events[i].data));
    }
}

static void check_tx(const struct account_ledger *l, struct naive *n, uint64_t tx, size_t block,
                     const struct fact_tx *f)
{
    struct accounts_range range = accounts_tx(account_ledger_accounts(l), tx);
    struct hash32 hash = account_ledger_txid(l, tx);

    CHECK(hash32_equal(&hash, &f->hash));
    CHECK_U(account_ledger_tx_failed(l, tx), f->failed);
    CHECK_U(account_ledger_find_tx(l, &hash), tx);
    CHECK_U(account_ledger_tx_block(l, tx), block);
    CHECK_U(range.first, n->transfers_n);
    CHECK_U(range.n, f->transfers_n);
    for (size_t k = 0; k < f->transfers_n; k++) {
        CHECK_U(accounts_tx_of(account_ledger_accounts(l), n->transfers_n), tx);
        take_transfer(l, n, &f->transfers[k]);
    }
}

static void check_block(const struct account_ledger *l, uint32_t i, const struct transfer_block *f,
                        uint64_t tx)
{
    struct account_ledger_block b = account_ledger_block(l, i);

    CHECK(hash32_equal(&b.hash, &f->hash) && hash32_equal(&b.prev, &f->prev));
    CHECK_U(b.height, f->height);
    CHECK_U(b.time, f->time);
    CHECK_U(b.grade, f->grade);
    CHECK_U(b.internals, f->internals);
    CHECK_U(b.tx_first, tx);
    CHECK_U(b.txs_n, f->txs_n);
    CHECK_U(account_ledger_until(l, i).txs_n, tx);
    CHECK_U(account_ledger_blocks_to_time(l, f->time), i + 1);
    CHECK_U(account_ledger_blocks_to_time(l, f->time - 1), i);
    if (f->height != HEIGHT_UNKNOWN) {
        CHECK_U(account_ledger_find_height(l, f->height), i);
        CHECK_U(account_ledger_blocks_to_height(l, f->height), i + 1);
        CHECK_U(account_ledger_find_block(l, &f->hash), i);
    }
}

void account_check_ledger(const struct account_ledger *l, const struct account_maker *m,
                          size_t blocks_n)
{
    struct naive n = {.room = 1};
    uint64_t tx = 0, event = 0, transfers = 0;

    CHECK_U(account_ledger_counts(l).blocks, blocks_n);
    for (size_t i = 0; i < blocks_n; i++)
        for (size_t k = 0; k < m->blocks[i].txs_n; k++)
            transfers += m->blocks[i].txs[k].transfers_n;
    n.room += m->keys_n;
    n.keys = calloc(n.room, sizeof(*n.keys));
    n.account_last = calloc(n.room, sizeof(*n.account_last));
    n.transfers = calloc(transfers + 1, sizeof(void *));
    n.holdings = calloc(2 * transfers + 1, sizeof(*n.holdings));
    CHECK_U(account_of(&n, (struct bytes){NULL, 0}), 0);
    for (size_t i = 0; i < blocks_n; i++) {
        const struct transfer_block *f = &m->blocks[i];

        check_block(l, (uint32_t)i, f, tx);
        for (size_t k = 0; k < f->txs_n; k++, tx++) {
            check_tx(l, &n, tx, i, &f->txs[k]);
            check_events(l, &n, tx, &f->txs[k], &event);
        }
    }
    CHECK_U(account_ledger_counts(l).transactions, tx);
    CHECK_U(account_ledger_counts(l).transfers, n.transfers_n);
    CHECK_U(account_ledger_counts(l).events, event);
    CHECK_U(account_ledger_counts(l).holdings, n.holdings_n);
    CHECK_U(account_ledger_counts(l).accounts, blocks_n ? n.keys_n : 0);
    for (uint64_t i = 0; blocks_n && i < n.keys_n; i++) {
        CHECK(bytes_equal(account_ledger_key(l, i), n.keys[i]));
        CHECK_U(account_ledger_find(l, n.keys[i]), i);
        CHECK_U(account_ledger_holding_last(l, i), or_none(n.account_last[i]));
    }
    for (uint64_t i = 0; i < n.holdings_n; i++)
        check_holding(l, &n, i);
    for (uint64_t i = 0; i < n.holdings_n; i++)
        free(n.holdings[i].events);
    free(n.holdings);
    free(n.transfers);
    free(n.account_last);
    free(n.keys);
}

void account_check_against_facts(const char *dir, const struct account_maker *m)
{
    struct account_ledger *l;
    struct err err;

    CHECK_OK(account_ledger_open(dir, &l, &err), err);
    account_check_ledger(l, m, m->blocks_n);
    account_ledger_close(l);
}
