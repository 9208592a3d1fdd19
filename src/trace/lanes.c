#include "trace/lanes.h"

#include "chain/facts.h"

#include <stdlib.h>

struct raw { /* one move, or one route */
    struct place_key from, to;
    struct lanes_band band;
    struct lanes_edge edge; /* but for its places */
    uint32_t hop;
};

struct layout {
    struct arena *a;
    const struct ledgers_doc *d;
    struct lanes *l;
    struct raw *raw;
    size_t raw_n;
};

static int key_order(const void *pa, const void *pb)
{
    const struct place_key *x = pa, *y = pb;

    if (x->ledger != y->ledger)
        return x->ledger < y->ledger ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

uint32_t lanes_place_of(const struct lanes *l, struct place_key key)
{
    size_t low = 0, high = l->places_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (key_order(&l->places[middle].key, &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->places_n && !key_order(&l->places[low].key, &key) ? (uint32_t)low : UINT32_MAX;
}

/* --- what moved --- */

static size_t moves_max(const struct ledgers_doc *d)
{
    size_t n = 0;

    for (size_t i = 0; i < d->ledgers_n; i++) {
        if (d->parts[i].accounts)
            n += d->parts[i].accounts->trace->moves_n;
        if (d->parts[i].coins)
            n += d->parts[i].coins->trace->reached_n;
    }
    for (size_t i = 0; i < d->links_n; i++)
        n += d->links[i].to_n;
    return n;
}

static struct place_key account_place(const struct account_doc *d, uint32_t ledger,
                                      uint64_t holding)
{
    uint64_t account = holding < d->accounts.holdings_n
                           ? accounts_holding(&d->accounts, holding).account
                           : ACCOUNT_NOBODY;

    return (struct place_key){ledger, PLACE_ACCOUNT, account};
}

static void take_accounts(struct layout *y, uint32_t ledger, const struct account_doc *d)
{
    for (size_t i = 0; i < d->trace->moves_n; i++) {
        const struct account_move *m = &d->trace->moves[i];
        struct transfer t = accounts_transfer(&d->accounts, m->transfer);

        y->raw[y->raw_n++] = (struct raw){.from = account_place(d, ledger, t.from),
                                          .to = account_place(d, ledger, t.to),
                                          .hop = m->hop,
                                          .edge = {.ledger = ledger, .kind = EDGE_MOVE, .at = i},
                                          .band = {.ledger = ledger,
                                                   .asset = transfer_asset(&d->accounts, &t),
                                                   .taint = m->taint,
                                                   .transfers = 1,
                                                   .grade = m->grade}};
    }
}

/* Where the value of an output is next: the transaction that spends it, else its script. */
static struct place_key after_output(const struct trace_doc *d, uint32_t ledger,
                                     const struct trace_reached *r)
{
    if (r->stop < 0 && r->spent_by != COINS_TX_NONE)
        return (struct place_key){ledger, PLACE_TX, r->spent_by};
    return (struct place_key){ledger, PLACE_SCRIPT, ledger_script_of(d->ledger, r->output)};
}

static void take_coins(struct layout *y, uint32_t ledger, const struct trace_doc *d)
{
    /* what came by a route came to a transaction first, which is a place of its own */
    uint32_t later = d->trace->totals.converted_in != 0;

    for (size_t i = 0; i < d->trace->reached_n; i++) {
        const struct trace_reached *r = &d->trace->reached[i];

        y->raw[y->raw_n++] =
            (struct raw){.from = {ledger, PLACE_TX, trace_doc_maker(d, r)},
                         .to = after_output(d, ledger, r),
                         .hop = r->hop + later,
                         .edge = {.ledger = ledger, .kind = EDGE_OUTPUT, .at = i},
                         .band = {.ledger = ledger, .taint = u256_of(r->taint), .transfers = 1}};
    }
}

/* The place that a leg of a route came to, or that it goes on from. */
static bool leg_place(const struct ledgers_doc *d, const struct route_leg *leg, bool to,
                      struct place_key *ret)
{
    const struct trace_part *part = &d->parts[leg->ledger];

    if (part->accounts) {
        struct transfer t = accounts_transfer(&part->accounts->accounts, leg->id);

        *ret = account_place(part->accounts, leg->ledger, to ? t.from : t.to);
        return true;
    }
    if (part->coins) {
        uint32_t maker = coins_maker(&part->coins->coins, leg->id);
        size_t at = trace_reached_find(part->coins->trace, leg->id);

        if (to || at == part->coins->trace->reached_n)
            *ret = (struct place_key){leg->ledger, PLACE_TX, maker};
        else
            *ret = after_output(part->coins, leg->ledger, &part->coins->trace->reached[at]);
        return true;
    }
    return false;
}

static uint32_t hop_of_leg(const struct ledgers_doc *d, const struct route_leg *leg)
{
    const struct account_doc *a = d->parts[leg->ledger].accounts;
    const struct trace_doc *c = d->parts[leg->ledger].coins;

    for (size_t i = 0; a && i < a->trace->moves_n; i++)
        if (a->trace->moves[i].transfer == leg->id)
            return a->trace->moves[i].hop;
    if (c) {
        size_t at = trace_reached_find(c->trace, leg->id);

        return at < c->trace->reached_n ? c->trace->reached[at].hop : 0;
    }
    return 0;
}

static void take_links(struct layout *y)
{
    for (size_t i = 0; i < y->d->links_n; i++) {
        const struct route_link *k = &y->d->links[i];
        struct raw r = {.band = {.route = true,
                                 .rule = k->rule,
                                 .grade = k->grade,
                                 .transfers = 1,
                                 .taint = k->taint_in}};

        if (!k->from_n || !k->to_n || !leg_place(y->d, &k->from[0], false, &r.from) ||
            !leg_place(y->d, &k->to[0], true, &r.to) || !key_order(&r.from, &r.to))
            continue;
        r.hop = hop_of_leg(y->d, &k->from[0]) + 1;
        r.band.ledger = k->from[0].ledger;
        r.edge = (struct lanes_edge){.ledger = r.band.ledger, .kind = EDGE_ROUTE, .at = i};
        if (y->d->parts[r.band.ledger].accounts) {
            struct transfer t =
                accounts_transfer(&y->d->parts[r.band.ledger].accounts->accounts, k->from[0].id);

            r.band.asset = transfer_asset(&y->d->parts[r.band.ledger].accounts->accounts, &t);
        }
        y->raw[y->raw_n++] = r;
    }
}

/* --- places --- */

static int raw_key_order(const void *pa, const void *pb)
{
    return key_order(pa, pb);
}

static bool places_make(struct layout *y)
{
    struct lanes *l = y->l;
    struct place_key *keys = ARENA_ARRAY(y->a, struct place_key, 2 * y->raw_n);
    size_t n = 0;

    l->places = ARENA_ARRAY(y->a, struct lanes_place, 2 * y->raw_n);
    if (!keys || !l->places)
        return false;
    for (size_t i = 0; i < y->raw_n; i++) {
        keys[n++] = y->raw[i].from;
        keys[n++] = y->raw[i].to;
    }
    if (n)
        qsort(keys, n, sizeof(*keys), raw_key_order);
    for (size_t i = 0; i < n; i++)
        if (!i || key_order(&keys[i - 1], &keys[i]))
            l->places[l->places_n++] = (struct lanes_place){
                .key = keys[i], .column = UINT32_MAX, .pays = UINT32_MAX, .stop = STOP_NONE};
    return true;
}

/* A place's column is one past the least hop that comes to it; who only pays stands at the hop of
 * what it pays first. */
static void columns_set(struct layout *y)
{
    struct lanes *l = y->l;

    for (size_t i = 0; i < y->raw_n; i++) {
        struct lanes_place *from = &l->places[lanes_place_of(l, y->raw[i].from)],
                           *to = &l->places[lanes_place_of(l, y->raw[i].to)];
        uint32_t hop = y->raw[i].hop;

        from->pays = hop < from->pays ? hop : from->pays;
        to->column = hop + 1 < to->column ? hop + 1 : to->column;
    }
    for (size_t i = 0; i < l->places_n; i++) {
        struct lanes_place *p = &l->places[i];

        p->drawn = (uint32_t)i;
        if (p->column == UINT32_MAX)
            p->column = p->pays;
        if (p->column >= LANES_COLUMNS_MAX)
            p->column = LANES_COLUMNS_MAX - 1;
        if (p->column + 1 > l->columns_n)
            l->columns_n = p->column + 1;
    }
}

static struct u256 all_of(const struct ledgers_doc *d, const struct lanes_band *b)
{
    const struct trace_part *part = &d->parts[b->ledger];
    struct u256 all = u256_of(0);

    if (part->coins)
        return u256_of(part->coins->trace->totals.origin);
    for (size_t i = 0; part->accounts && i < part->accounts->trace->totals_n; i++) {
        const struct account_totals *t = &part->accounts->trace->totals[i];

        if (t->asset == b->asset)
            u256_add(t->origin, t->converted_in, &all);
    }
    return all;
}

/* The share of what was marked, in parts of 2^32. */
static uint64_t share_of(const struct ledgers_doc *d, const struct lanes_band *b)
{
    struct u256 share;

    if (!u256_mul_div(b->taint, u256_of((uint64_t)1 << 32), all_of(d, b), &share) ||
        u256_less(u256_of((uint64_t)1 << 32), share))
        return (uint64_t)1 << 32;
    return share.w[0];
}

static void ends_set(struct layout *y)
{
    struct lanes *l = y->l;

    for (size_t i = 0; i < y->d->ledgers_n; i++) {
        const struct account_doc *a = y->d->parts[i].accounts;
        const struct trace_doc *c = y->d->parts[i].coins;
        uint32_t at;

        for (size_t k = 0; a && k < a->trace->balances_n; k++) {
            const struct account_balance *b = &a->trace->balances[k];

            at = lanes_place_of(l, account_place(a, (uint32_t)i, b->holding));
            if (at == UINT32_MAX)
                continue;
            l->places[at].held |= b->stop == STOP_NONE;
            if (b->stop != STOP_NONE) {
                l->places[at].exit = true;
                l->places[at].stop = b->stop;
            }
        }
        for (size_t k = 0; c && k < c->trace->reached_n; k++) {
            const struct trace_reached *r = &c->trace->reached[k];
            struct place_key key = after_output(c, (uint32_t)i, r);

            at = key.kind == PLACE_SCRIPT ? lanes_place_of(l, key) : UINT32_MAX;
            if (at == UINT32_MAX)
                continue;
            l->places[at].held |= r->stop < 0;
            if (r->stop >= 0) {
                l->places[at].exit = true;
                l->places[at].stop = r->stop;
            }
        }
    }
}

static void weights_set(struct layout *y)
{
    for (size_t i = 0; i < y->raw_n; i++) {
        struct u256 share = u256_of(share_of(y->d, &y->raw[i].band));
        struct lanes_place *ends[] = {&y->l->places[lanes_place_of(y->l, y->raw[i].from)],
                                      &y->l->places[lanes_place_of(y->l, y->raw[i].to)]};

        for (int k = 0; k < 2; k++)
            u256_add(ends[k]->weight, share, &ends[k]->weight);
    }
}

/* --- cells --- */

static int cell_order(const void *pa, const void *pb)
{
    const struct lanes_place *x = *(const struct lanes_place *const *)pa,
                             *y = *(const struct lanes_place *const *)pb;
    int order;

    if (x->key.ledger != y->key.ledger)
        return x->key.ledger < y->key.ledger ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    order = u256_compare(y->weight, x->weight);
    return order ? order : key_order(&x->key, &y->key);
}

static bool cells_place(struct layout *y)
{
    struct lanes *l = y->l;
    struct lanes_place **at = ARENA_ARRAY(y->a, struct lanes_place *, l->places_n);
    uint32_t *rows = ARENA_ARRAY(y->a, uint32_t, y->d->ledgers_n);
    uint32_t row = 0;
    int32_t top = LANES_TOP;

    l->lane_y = ARENA_ARRAY(y->a, int32_t, y->d->ledgers_n);
    l->lane_h = ARENA_ARRAY(y->a, int32_t, y->d->ledgers_n);
    if (!at || !rows || !l->lane_y || !l->lane_h)
        return false;
    for (size_t i = 0; i < l->places_n; i++)
        at[i] = &l->places[i];
    if (l->places_n)
        qsort(at, l->places_n, sizeof(struct lanes_place *), cell_order);
    for (size_t i = 0; i < l->places_n; i++) {
        struct lanes_place *p = at[i];
        bool same = i && at[i - 1]->key.ledger == p->key.ledger && at[i - 1]->column == p->column;

        row = same ? row + 1 : 0;
        if (row >= LANES_CELL_MAX) { /* the cell's last row stands for all that are left */
            struct lanes_place *last = at[i - (row - LANES_CELL_MAX + 1)];

            p->drawn = last->drawn;
            last->folded += last->folded ? 1 : 2;
            last->held |= p->held;
            last->exit |= p->exit;
        }
        p->y = (int32_t)(row < LANES_CELL_MAX ? row : LANES_CELL_MAX - 1) * LANES_ROW;
        if (p->y / LANES_ROW + 1 > (int32_t)rows[p->key.ledger])
            rows[p->key.ledger] = (uint32_t)(p->y / LANES_ROW + 1);
    }
    for (size_t i = 0; i < y->d->ledgers_n; i++) {
        l->lane_y[i] = top;
        l->lane_h[i] = rows[i] ? (int32_t)rows[i] * LANES_ROW + 34 : 0;
        top += l->lane_h[i] ? l->lane_h[i] + 14 : 0;
    }
    for (size_t i = 0; i < l->places_n; i++) {
        l->places[i].x = LANES_X + (int32_t)l->places[i].column * LANES_STEP;
        l->places[i].y += l->lane_y[l->places[i].key.ledger] + 28;
    }
    l->height = top + 6;
    l->width = LANES_X + (int32_t)(l->columns_n ? l->columns_n - 1 : 0) * LANES_STEP +
               LANES_BOX_WIDTH + LANES_X;
    return true;
}

/* --- bands --- */

static int band_order(const void *pa, const void *pb)
{
    const struct lanes_band *x = pa, *y = pb;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    if (x->to != y->to)
        return x->to < y->to ? -1 : 1;
    if (x->ledger != y->ledger)
        return x->ledger < y->ledger ? -1 : 1;
    if (x->asset != y->asset)
        return x->asset < y->asset ? -1 : 1;
    if (x->route != y->route)
        return x->route ? 1 : -1;
    return (x->grade > y->grade) - (x->grade < y->grade);
}

static bool bands_make(struct layout *y)
{
    struct lanes *l = y->l;

    l->bands = ARENA_ARRAY(y->a, struct lanes_band, y->raw_n);
    if (!l->bands)
        return false;
    for (size_t i = 0; i < y->raw_n; i++) {
        y->raw[i].band.from = l->places[lanes_place_of(l, y->raw[i].from)].drawn;
        y->raw[i].band.to = l->places[lanes_place_of(l, y->raw[i].to)].drawn;
        l->bands[i] = y->raw[i].band;
    }
    if (y->raw_n)
        qsort(l->bands, y->raw_n, sizeof(*l->bands), band_order);
    for (size_t i = 0; i < y->raw_n; i++) {
        struct lanes_band *last = l->bands_n ? &l->bands[l->bands_n - 1] : NULL;

        if (last && !band_order(last, &l->bands[i])) {
            u256_add(last->taint, l->bands[i].taint, &last->taint);
            last->transfers++;
        } else {
            l->bands[l->bands_n++] = l->bands[i];
        }
    }
    for (size_t i = 0; i < l->bands_n; i++) /* from 1.4 to 11 pixels */
        l->bands[i].width = 14 + (uint32_t)(share_of(y->d, &l->bands[i]) * 96 >> 32);
    return true;
}

static bool edges_make(struct layout *y)
{
    struct lanes *l = y->l;

    l->edges = ARENA_ARRAY(y->a, struct lanes_edge, y->raw_n);
    if (!l->edges)
        return false;
    for (size_t i = 0; i < y->raw_n; i++) {
        l->edges[i] = y->raw[i].edge;
        l->edges[i].from = lanes_place_of(l, y->raw[i].from);
        l->edges[i].to = lanes_place_of(l, y->raw[i].to);
    }
    l->edges_n = y->raw_n;
    return true;
}

static bool places_find(struct layout *y)
{
    const struct ledgers_doc *d = y->d;

    y->raw = ARENA_ARRAY(y->a, struct raw, moves_max(d));
    if (!y->raw)
        return false;
    for (size_t i = 0; i < d->ledgers_n; i++) {
        if (d->parts[i].accounts)
            take_accounts(y, (uint32_t)i, d->parts[i].accounts);
        if (d->parts[i].coins)
            take_coins(y, (uint32_t)i, d->parts[i].coins);
    }
    take_links(y);
    if (!places_make(y))
        return false;
    columns_set(y);
    ends_set(y);
    weights_set(y);
    return true;
}

static bool no_room(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "a page");
}

bool lanes_find(struct arena *a, const struct ledgers_doc *d, struct lanes *ret, struct err *err)
{
    struct layout y = {.a = a, .d = d, .l = ret};

    *ret = (struct lanes){.columns_n = 0};
    return (places_find(&y) && edges_make(&y)) || no_room(a, err);
}

bool lanes_lay_out(struct arena *a, const struct ledgers_doc *d, struct lanes *ret, struct err *err)
{
    struct layout y = {.a = a, .d = d, .l = ret};

    *ret = (struct lanes){.columns_n = 0};
    return (places_find(&y) && cells_place(&y) && bands_make(&y)) || no_room(a, err);
}

void lanes_place_text(const struct trace_ledger *l, struct place_key key, struct text *ret)
{
    char name[ACCOUNT_NAME_MAX], id[TXID_TEXT_MAX];
    const struct trace_doc names = {.ledger = l->coins};
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes script;

    switch (key.kind) {
    case PLACE_ACCOUNT:
        account_text(l->accounts, key.id, name);
        text_str(ret, key.id == ACCOUNT_NOBODY ? "nobody" : name);
        return;
    case PLACE_TX:
        trace_doc_txid(&names, (uint32_t)key.id, id);
        text_str(ret, id);
        return;
    case PLACE_SCRIPT:
        if (ledger_script(l->coins, (uint32_t)key.id, form, &script) &&
            script.n <= ADDRESS_BYTES_MAX)
            script_show(ret, ledger_chain(l->coins), script);
        else
            text_str(ret, "a long script");
        return;
    }
}

const char *lanes_stop_name(const struct ledgers_doc *d, const struct lanes_place *x)
{
    const struct trace_part *part = &d->parts[x->key.ledger];

    if (x->stop == STOP_NONE)
        return NULL;
    return part->accounts ? account_doc_stop(part->accounts, x->stop).name
                          : part->coins->stops[x->stop].name;
}
