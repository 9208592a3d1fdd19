/* Transfers are walked once, in order; each holding of the batch carries its newest event along, so
 * that the next one knows what comes before it.
 *
 * A mark needs the sums of its holding. Only holdings that come to a 256th event in this batch
 * carry sums; those that had events before begin with their newest mark, found by walking back the
 * fewer than 256 events since. */
#include "ledger/account_link.h"

#define AHEAD 16u

static bool damaged(uint64_t holding, struct err *err)
{
    return err_fail(err, ERR_CORRUPT, "holding %llu: its events contradict themselves: ingest anew",
                    (unsigned long long)holding);
}

/* ---- marks, of the ledger and of the batch ---- */

static uint64_t marks_first(const struct account_batch *b)
{
    return b->c->n.n[COUNT_MARK];
}

static struct accounts_mark mark_at(const struct account_batch *b, const struct accounts *a,
                                    uint64_t mark)
{
    struct accounts own = {.mark = b->marks};

    return mark < a->marks_n ? accounts_mark(a, mark) : accounts_mark(&own, mark - a->marks_n);
}

static void mark_put(struct account_batch *b, const struct accounts *a, uint64_t holding,
                     uint64_t event, struct batch_sums *s)
{
    uint64_t id = marks_first(b) + b->marks_n, jump = id;
    uint8_t *p = b->marks + b->marks_n++ * MARK_BYTES;
    uint32_t number = 0;

    if (s->mark != ACCOUNTS_NONE) {
        struct accounts_mark before = mark_at(b, a, s->mark), far = mark_at(b, a, before.jump),
                             farther = mark_at(b, a, far.jump);

        number = before.number + 1;
        jump = before.number - far.number == far.number - farther.number ? far.jump : s->mark;
    }
    memset(p, 0, MARK_BYTES);
    store_le40(p, event);
    store_le40(p + 5, holding);
    store_le40(p + 10, s->mark);
    store_le40(p + 15, jump);
    store_le32(p + 20, number);
    store_le32(p + 24, s->sums.freezes);
    p[28] = s->sums.flags;
    u256_store_le(p + 32, s->sums.in);
    u256_store_le(p + 64, s->sums.balance);
    s->mark = id;
}

/* The mark of the ledger after an event that must have one; ACCOUNTS_NONE: it has none. */
static uint64_t mark_find(const struct accounts *a, uint64_t holding, uint64_t event)
{
    uint64_t low = 0, high = a->marks_n;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (load_le40(a->mark + middle * MARK_BYTES) < event)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < a->marks_n; low++) {
        struct accounts_mark m = accounts_mark(a, low);

        if (m.event != event)
            break;
        if (m.holding == holding && (m.before == ACCOUNTS_NONE || m.before < low) && m.jump <= low)
            return low;
    }
    return ACCOUNTS_NONE;
}

static uint8_t ordinal_of(const struct transfer *t, uint64_t holding)
{
    return t->from == holding ? t->from_ordinal : t->to_ordinal;
}

/* The sums of a holding of the ledger after its newest event. */
static bool sums_start(const struct accounts *a, const struct batch_holding *h,
                       struct batch_sums *ret, struct err *err)
{
    uint64_t events[MARK_EVENTS];
    unsigned n = 0;

    memset(ret, 0, sizeof(*ret));
    ret->mark = ACCOUNTS_NONE;
    for (uint64_t at = h->last; at != ACCOUNTS_NONE; at = accounts_prev(a, h->id, at)) {
        struct transfer t = accounts_transfer(a, at);

        if (t.from != h->id && t.to != h->id)
            return damaged(h->id, err);
        if (ordinal_of(&t, h->id) == MARK_EVENTS - 1) {
            ret->mark = mark_find(a, h->id, at);
            if (ret->mark == ACCOUNTS_NONE)
                return damaged(h->id, err);
            ret->sums = accounts_mark(a, ret->mark).sums;
            break;
        }
        if (n == MARK_EVENTS - 1)
            return damaged(h->id, err);
        events[n++] = at;
    }
    while (n) {
        struct transfer t = accounts_transfer(a, events[--n]);

        holding_sums_step(&ret->sums, &t, h->id);
    }
    return true;
}

/* ---- what the ledger says of the batch's holdings ---- */

static bool start_holding(struct account_batch *b, const struct accounts *a,
                          struct batch_holding *h, struct err *err)
{
    unsigned before = 0; /* events since the newest mark, modulo 256 */

    if (h->last == ACCOUNTS_NONE) {
        h->ordinal = MARK_EVENTS - 1; /* the first has 0 */
        if (h->id < a->holdings_n)
            return damaged(h->id, err);
    } else {
        struct transfer t;

        if (h->last >= a->transfers_n)
            return damaged(h->id, err);
        t = accounts_transfer(a, h->last);
        if (t.from != h->id && t.to != h->id)
            return damaged(h->id, err);
        h->ordinal = ordinal_of(&t, h->id);
        h->last_is_from = t.from == h->id;
        before = (h->ordinal + 1u) % MARK_EVENTS;
    }
    if (before + h->n < MARK_EVENTS)
        return true;
    h->sums = (uint32_t)b->sums_n++;
    return sums_start(a, h, &b->sums[h->sums], err);
}

static bool start_holdings(struct account_batch *b, const struct accounts *a, struct err *err)
{
    b->sums_n = 0;
    for (size_t i = 0; i < b->holdings_n; i++) {
        if (i + AHEAD < b->holdings_n && b->holdings[i + AHEAD].last < a->transfers_n)
            __builtin_prefetch(a->transfer + b->holdings[i + AHEAD].last * TRANSFER_BYTES);
        if (!start_holding(b, a, &b->holdings[i], err))
            return false;
    }
    return true;
}

/* ---- the walk ---- */

static uint32_t link_to(struct account_batch *b, uint64_t before, uint64_t event)
{
    uint8_t *p;

    if (event - before < LINK_FAR)
        return (uint32_t)(event - before);
    p = b->far + b->far_n * FAR_BYTES;
    store_le40(p, before);
    store_le40(p + ACCOUNTS_ID_BYTES, event);
    return LINK_FAR + (uint32_t)(b->c->n.n[COUNT_FAR] + b->far_n++);
}

/* One side of a transfer: event is the newest of h from now on. */
static void link_side(struct account_batch *b, struct batch_holding *h, uint64_t first, size_t i,
                      bool is_from)
{
    uint64_t event = first + i, before = h->last;
    uint32_t link = before == ACCOUNTS_NONE ? 0 : link_to(b, before, event);

    store_le32(b->prev + i * LINKS_BYTES + (is_from ? 0 : LINK_BYTES), link);
    if (before == ACCOUNTS_NONE) {
        /* a new holding's record: its first event */
        store_le40(b->holding_records + (h->id - b->c->n.n[COUNT_HOLDING]) * HOLDING_BYTES + 15,
                   event);
    } else if (before >= first) {
        store_le32(b->next + (before - first) * LINKS_BYTES + (h->last_is_from ? 0 : LINK_BYTES),
                   link);
    } else {
        b->old_next[b->old_next_n++] =
            (struct keyed){2 * before + (h->last_is_from ? 0 : 1), link, 0};
    }
    h->last = event;
    h->last_is_from = is_from;
    h->ordinal++;
    b->records[i * TRANSFER_BYTES + TRANSFER_AT_ORDINALS + (is_from ? 0 : 1)] = h->ordinal;
}

static void sums_side(struct account_batch *b, const struct accounts *a, struct batch_holding *h,
                      const struct transfer *t, uint64_t event)
{
    struct batch_sums *s = &b->sums[h->sums];

    holding_sums_step(&s->sums, t, h->id);
    if (h->ordinal == MARK_EVENTS - 1)
        mark_put(b, a, h->id, event, s);
}

static void put_record(struct account_batch *b, size_t i)
{
    const struct batch_transfer *t = &b->transfers[i];
    uint64_t low = t->low;
    uint8_t *p = b->records + i * TRANSFER_BYTES;

    if (t->high & AMOUNT_WIDE)
        low += b->c->n.n[COUNT_WIDE];
    store_le40(p, t->from == NUMBER_NONE ? ACCOUNTS_NONE : b->holdings[t->from].id);
    store_le40(p + 5, t->to == NUMBER_NONE ? ACCOUNTS_NONE : b->holdings[t->to].id);
    store_le64(p + TRANSFER_AT_KIND - 8, t->high << 16);
    store_le64(p + TRANSFER_AT_AMOUNT, low);
    p[TRANSFER_AT_KIND] = t->kind;
    store_le32(p + TRANSFER_AT_POSITION, t->position);
    p[TRANSFER_AT_ORDINALS] = p[TRANSFER_AT_ORDINALS + 1] = 0;
    memset(b->prev + i * LINKS_BYTES, 0, LINKS_BYTES);
    memset(b->next + i * LINKS_BYTES, 0, LINKS_BYTES);
}

/* As accounts_transfer will read it. */
static struct transfer transfer_of(const struct account_batch *b, size_t i)
{
    const struct batch_transfer *t = &b->transfers[i];
    struct accounts own = {.wide_n = b->wides_n, .wide = b->wide};
    struct transfer ret = {
        .from = t->from == NUMBER_NONE ? ACCOUNTS_NONE : b->holdings[t->from].id,
        .to = t->to == NUMBER_NONE ? ACCOUNTS_NONE : b->holdings[t->to].id,
        .kind = (enum transfer_kind)t->kind,
    };

    accounts_amount(&own, t->low, t->high, &ret);
    return ret;
}

bool account_link(struct account_batch *b, struct err *err)
{
    const struct accounts a = columns_accounts(b->c, &b->c->n);
    uint64_t first = a.transfers_n;
    size_t block = 0;

    b->marks_n = 0;
    b->far_n = 0;
    b->old_next_n = 0;
    if (!start_holdings(b, &a, err))
        return false;
    for (size_t i = 0;; i++) {
        const struct batch_transfer *t = &b->transfers[i];
        struct batch_holding *from, *to;

        for (; block < b->blocks_n && b->blocks[block].counts[COUNT_TRANSFER] <= i; block++) {
            b->blocks[block].counts[COUNT_MARK] = b->marks_n;
            b->blocks[block].counts[COUNT_FAR] = b->far_n;
        }
        if (i == b->transfers_n)
            break;
        if (i + AHEAD < b->transfers_n) {
            if (t[AHEAD].from != NUMBER_NONE)
                __builtin_prefetch(&b->holdings[t[AHEAD].from], 1);
            if (t[AHEAD].to != NUMBER_NONE)
                __builtin_prefetch(&b->holdings[t[AHEAD].to], 1);
        }
        put_record(b, i);
        from = t->from == NUMBER_NONE ? NULL : &b->holdings[t->from];
        to = t->to == NUMBER_NONE || t->to == t->from ? NULL : &b->holdings[t->to];
        if (from)
            link_side(b, from, first, i, true);
        if (to)
            link_side(b, to, first, i, false);
        if ((from && from->sums != NUMBER_NONE) || (to && to->sums != NUMBER_NONE)) {
            struct transfer whole = transfer_of(b, i);

            if (from && from->sums != NUMBER_NONE)
                sums_side(b, &a, from, &whole, first + i);
            if (to && to->sums != NUMBER_NONE)
                sums_side(b, &a, to, &whole, first + i);
        }
    }
    b->added.n[COUNT_MARK] = b->marks_n;
    b->added.n[COUNT_FAR] = b->far_n;
    return true;
}
