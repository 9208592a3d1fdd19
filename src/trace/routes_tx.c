/* One transaction of a ledger of accounts, as legs are told from it. */
#include "base/mem.h"
#include "chain/dialect.h"
#include "trace/routes_parts.h"

#include <stdlib.h>

static bool is_zero(struct bytes key)
{
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i])
            return false;
    return true; /* the empty key too: nobody */
}

/* The account of a holding; nobody and the zero key are none. */
static uint64_t account_of(const struct route_ledger *l, uint64_t holding)
{
    uint64_t account;

    if (holding >= l->accounts->holdings_n)
        return ACCOUNTS_NONE;
    account = accounts_holding(l->accounts, holding).account;
    return is_zero(l->key(l->ctx, account)) ? ACCOUNTS_NONE : account;
}

static bool moves_value(enum transfer_kind kind)
{
    return kind != TRANSFER_FEE && kind != TRANSFER_FREEZE && kind != TRANSFER_UNFREEZE &&
           kind != TRANSFER_NOTE;
}

static struct moved moved_of(const struct route_ledger *l, uint64_t id, const struct transfer *t)
{
    uint64_t holding = t->from != ACCOUNTS_NONE ? t->from : t->to;
    struct moved m = {.transfer = id,
                      .from = account_of(l, t->from),
                      .to = account_of(l, t->to),
                      .asset = ACCOUNTS_NONE,
                      .amount = t->credit,
                      .kind = t->kind,
                      .log = t->kind == TRANSFER_LOG ? (uint32_t)t->position : UINT32_MAX,
                      .in = LEG_FREE,
                      .out = LEG_FREE};

    if (holding < l->accounts->holdings_n)
        m.asset = accounts_holding(l->accounts, holding).asset;
    return m;
}

struct side { /* sorts as account, asset */
    uint64_t account, asset;
};

static int side_compare(const void *one, const void *other)
{
    const struct side *a = one, *b = other;

    if (a->account != b->account)
        return a->account < b->account ? -1 : 1;
    return (a->asset > b->asset) - (a->asset < b->asset);
}

static bool side_is(const struct side *sides, size_t n, uint64_t account, uint64_t asset)
{
    struct side wanted = {account, asset};

    return account != ACCOUNTS_NONE && bsearch(&wanted, sides, n, sizeof(*sides), side_compare);
}

/* Who sends on what it is given, in this transaction. */
static bool find_relays(struct routes *r, struct err *err)
{
    struct side *senders = NULL, *takers = NULL;
    size_t n = r->moved_n, senders_size = 0, takers_size = 0;

    if (!mem_room((void **)&senders, &senders_size, n + 1, sizeof(*senders)) ||
        !mem_room((void **)&takers, &takers_size, n + 1, sizeof(*takers))) {
        mem_free(senders);
        return routes_nomem(err);
    }
    for (size_t i = 0; i < n; i++) {
        senders[i] = (struct side){r->moved[i].from, r->moved[i].asset};
        takers[i] = (struct side){r->moved[i].to, r->moved[i].asset};
    }
    qsort(senders, n, sizeof(*senders), side_compare);
    qsort(takers, n, sizeof(*takers), side_compare);
    for (size_t i = 0; i < n; i++) {
        struct moved *m = &r->moved[i];

        m->relayed_to = side_is(senders, n, m->to, m->asset);
        m->relayed_from = side_is(takers, n, m->from, m->asset);
    }
    mem_free(senders);
    mem_free(takers);
    return true;
}

static bool read_transfers(struct routes *r, struct err *err)
{
    const struct route_ledger *l = &r->ledgers[r->tx_ledger];
    struct accounts_range range = accounts_tx(l->accounts, r->tx);

    r->too_many = range.n > ROUTES_LEGS_MAX;
    if (r->too_many)
        return true;
    if (!mem_room((void **)&r->moved, &r->moved_size, range.n, sizeof(*r->moved)))
        return routes_nomem(err);
    for (uint64_t i = 0; i < range.n; i++) {
        struct transfer t = accounts_transfer(l->accounts, range.first + i);

        if (t.kind == TRANSFER_FEE)
            r->sender = account_of(l, t.from);
        if (moves_value(t.kind) && t.from != t.to)
            r->moved[r->moved_n++] = moved_of(l, range.first + i, &t);
    }
    return find_relays(r, err);
}

static bool is_note(enum event_kind kind)
{
    return kind == EVENT_OWNER || kind == EVENT_DECIMALS || kind == EVENT_HIDDEN;
}

/* Is that number an event's? *at: the first that may have it; events ascend. */
static bool is_said(const struct routes *r, uint32_t place, size_t *at)
{
    while (*at < r->events_n && (r->events[*at].log < place || is_note(r->events[*at].kind)))
        ++*at;
    return *at < r->events_n && r->events[*at].log == place;
}

/* The places of internal transfers, where events are numbered with them. */
static void find_places(struct routes *r)
{
    uint32_t place = 0;
    size_t at = 0;

    for (size_t i = 0; i < r->events_n; i++)
        if (is_note(r->events[i].kind) && r->events[i].log > place)
            place = r->events[i].log;
    for (size_t i = 0; i < r->moved_n; i++) {
        if (r->moved[i].kind != TRANSFER_INTERNAL)
            continue;
        do
            place++;
        while (is_said(r, place, &at));
        r->moved[i].log = place;
    }
}

static bool read_events(struct routes *r, struct err *err)
{
    const struct route_ledger *l = &r->ledgers[r->tx_ledger];
    struct accounts_range range = l->events(l->ctx, r->tx);

    r->too_many |= range.n > ROUTES_LEGS_MAX;
    if (r->too_many)
        return true;
    if (!mem_room((void **)&r->events, &r->events_size, range.n, sizeof(*r->events)))
        return routes_nomem(err);
    for (uint64_t i = 0; i < range.n; i++)
        r->events[r->events_n++] = l->event(l->ctx, range.first + i);
    if (l->chain->dialect && l->chain->dialect->counts_moves)
        find_places(r);
    return true;
}

bool routes_read_tx(struct routes *r, uint32_t ledger, uint64_t tx, struct err *err)
{
    if (r->tx_ledger == ledger && r->tx == tx)
        return true;
    r->tx_ledger = ledger;
    r->tx = ACCOUNTS_NONE; /* until all is read */
    r->moved_n = r->events_n = r->conversions_n = 0;
    r->groups_n = 0;
    r->sender = ACCOUNTS_NONE;
    r->too_many = false;
    if (tx >= r->ledgers[ledger].accounts->txs_n)
        return err_fail(err, ERR_USAGE, "transaction %llu is not in the ledger",
                        (unsigned long long)tx);
    r->tx = tx;
    if (!read_transfers(r, err) || !read_events(r, err) ||
        (!r->too_many && !routes_find_conversions(r, err))) {
        r->tx = ACCOUNTS_NONE;
        return false;
    }
    if (r->too_many)
        r->moved_n = r->events_n = 0;
    return true;
}
