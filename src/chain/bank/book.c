#include "chain/bank/book.h"

#include "base/sort.h"

#include <stdio.h>

#define WAY_MAX 64 /* banks on a payment's way, all its messages together */
#define EXCHANGE_TEXT_MAX 48
#define WAY_LEGS_MAX (2 * WAY_MAX + 4)

/* What came to be known of one stretch, and by which message. */
struct hop {
    struct money money;
    const struct bank_message *by; /* where it is known from */
    bool settled;                  /* by is of this very stretch */
};

/* The way of a payment: head, the banks between (agents[0] ... ), tail; hops[i] leaves place i. */
struct way {
    struct bytes head, tail;
    struct bytes agents[WAY_MAX];
    const struct bank_message *agent_by[WAY_MAX];
    size_t agents_n;
    struct hop hops[WAY_MAX + 1];
};

/* A transaction in the making. */
struct made {
    struct fact_tx tx;
    uint64_t time;
    size_t order;
    bool back;
};

struct book {
    struct bank_messages *m;
    struct made *made; /* [made_n] */
    size_t made_n;
    struct way way, way_back;
    /* of the payment in hand: the arrays below, or if it has rows, in the arena */
    struct fact_transfer *legs;
    size_t legs_n;
    size_t events_n;
    struct fact_transfer way_legs[WAY_LEGS_MAX];
    struct fact_event events[WAY_MAX];
};

/* The messages of one payment, parted. */
struct payment {
    const struct bank_message *
        *all; /* [n] by order: those on their way, then rows; forth, then back */
    size_t n, forth_n, forth_rows_n, back_n;
    struct bytes name;
    unsigned number; /* of equal rows: 1, 2, ... */
};

static int bytes_order(struct bytes a, struct bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;

    return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* By payment, then those that went forth before those that came back, messages before rows, then by
 * leg and as read. */
static int message_order(const void *one, const void *other)
{
    const struct bank_message *a = one, *b = other;
    int order = bytes_order(a->payment, b->payment);

    if (order)
        return order;
    if (a->back != b->back)
        return a->back ? 1 : -1;
    if (a->listed != b->listed)
        return a->listed ? 1 : -1;
    if (a->leg != b->leg)
        return a->leg < b->leg ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static int row_order(const void *one, const void *other)
{
    const struct bank_message *a = one, *b = other;
    int order = bytes_order(a->debtor, b->debtor);

    if (!order)
        order = bytes_order(a->creditor, b->creditor);
    if (!order)
        order = memcmp(a->settled.currency->code, b->settled.currency->code, CURRENCY_CODE_BYTES);
    if (!order)
        order = (a->leg > b->leg) - (a->leg < b->leg);
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

static int made_order(const void *one, const void *other)
{
    const struct made *a = one, *b = other;

    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return (int)a->back - (int)b->back;
}

static bool contradict(const struct bank_message *a, const struct bank_message *b, const char *what,
                       struct err *err)
{
    return err_fail(err, ERR_INPUT, "payment %.*s: %s and %s contradict each other: %s",
                    (int)a->payment.n, (const char *)a->payment.p, a->where, b->where, what);
}

static bool contradict_money(const struct bank_message *a, struct money x,
                             const struct bank_message *b, struct money y, struct err *err)
{
    char text[2 * MONEY_TEXT_MAX + 8], one[MONEY_TEXT_MAX], other[MONEY_TEXT_MAX];

    snprintf(text, sizeof(text), "%s, %s", money_text(x, one), money_text(y, other));
    return contradict(a, b, text, err);
}

/* The place of a bank among those between; WAY_MAX: it is none of them. */
static size_t agent_find(const struct way *w, struct bytes agent)
{
    for (size_t i = 0; i < w->agents_n; i++)
        if (bytes_equal(w->agents[i], agent))
            return i;
    return WAY_MAX;
}

/* Banks of a message into the way, in their order: one that is not known stands after the one
 * before it. */
static bool way_merge(struct way *w, const struct bank_message *by, size_t first, size_t end,
                      struct err *err)
{
    size_t at = 0;

    for (size_t i = first; i < end; i++) {
        size_t found = agent_find(w, by->agents[i]);

        if (found < at)
            return contradict(w->agent_by[found], by, "banks in another order", err);
        if (found < WAY_MAX) {
            at = found + 1;
            continue;
        }
        if (w->agents_n == WAY_MAX)
            return err_fail(err, ERR_LIMIT, "payment %.*s: more than %d banks", (int)by->payment.n,
                            (const char *)by->payment.p, WAY_MAX);
        memmove(w->agents + at + 1, w->agents + at, (w->agents_n - at) * sizeof(w->agents[0]));
        memmove(w->agent_by + at + 1, w->agent_by + at,
                (w->agents_n - at) * sizeof(const struct bank_message *));
        w->agents[at] = by->agents[i];
        w->agent_by[at++] = by;
        w->agents_n++;
    }
    return true;
}

/* What a message settled: every stretch from its sender's place to its receiver's. */
static bool way_settle(struct way *w, const struct bank_message *by, struct err *err)
{
    size_t from = agent_find(w, by->agents[by->sender]);
    size_t to = agent_find(w, by->agents[by->receiver]);

    from = from < WAY_MAX ? from + 1 : 0;
    to = to < WAY_MAX && by->receiver != by->sender ? to + 1 : w->agents_n + 1;
    if (from >= to)
        return contradict(w->agent_by[from - 1], by, "banks in another order", err);
    for (size_t i = from; i < to; i++) {
        struct hop *h = &w->hops[i];

        if (h->settled && !money_equal(h->money, by->settled))
            return contradict_money(h->by, h->money, by, by->settled, err);
        if (!h->settled)
            *h = (struct hop){by->settled, by, true};
    }
    return true;
}

static bool money_add(struct money *m, uint64_t minor)
{
    if (minor > MONEY_MAX - m->minor)
        return false;
    m->minor += minor;
    return true;
}

/* The currency that the debtor ordered in is not the one that was sent. */
static bool exchanged(const struct bank_message *m)
{
    return m->instructed.currency && m->instructed.currency != m->settled.currency;
}

/* What banks up to its sender had kept when the message was sent, at their places: kept[place], of
 * the debtor's bank at 0. */
static bool kept_before(const struct way *w, const struct bank_message *by, uint64_t *kept,
                        struct err *err)
{
    size_t sender = agent_find(w, by->agents[by->sender]);
    struct money sum = {by->settled.currency, 0};

    sender = sender < WAY_MAX ? sender + 1 : 0;
    for (size_t i = 0; i < by->charges_n; i++) {
        const struct bank_charge *c = &by->charges[i];
        size_t place = sender;

        if (c->money.currency != by->settled.currency)
            continue; /* said for information: in what was sent it is not to be seen */
        if (c->agent.n) {
            place = agent_find(w, c->agent);
            place = place == WAY_MAX ? 0 : place < sender ? place + 1 : sender;
        }
        if (!money_add(&sum, c->money.minor))
            return err_fail(err, ERR_INPUT, "%s: charges are too large", by->where);
        kept[place] += c->money.minor;
    }
    if (!by->instructed.currency || exchanged(by) || by->instructed.minor <= by->settled.minor)
        return true;
    if (!sum.minor) {
        kept[sender] += by->instructed.minor - by->settled.minor;
    } else if (sum.minor != by->instructed.minor - by->settled.minor) {
        char all[MONEY_TEXT_MAX], less[MONEY_TEXT_MAX], rest[MONEY_TEXT_MAX];

        return err_fail(err, ERR_INPUT, "%s: %s instructed less charges of %s is not %s settled",
                        by->where, money_text(by->instructed, all), money_text(sum, less),
                        money_text(by->settled, rest));
    }
    return true;
}

/* Stretches that no message settles. *ret_kept: what the debtor's bank kept. */
static bool way_fill(struct way *w, uint64_t *ret_kept, struct err *err)
{
    uint64_t kept[WAY_MAX + 2] = {0};
    size_t first = 0, n = w->agents_n + 1;

    while (first < n - 1 && !w->hops[first].settled)
        first++;
    if (!kept_before(w, w->hops[first].by, kept, err))
        return false;
    for (size_t i = first; i-- > 0;) {
        w->hops[i] = (struct hop){w->hops[i + 1].money, w->hops[first].by, false};
        if (!money_add(&w->hops[i].money, kept[i + 1]))
            return err_fail(err, ERR_INPUT, "%s: charges are too large", w->hops[first].by->where);
    }
    if (first > 0 && exchanged(w->hops[first].by))
        w->hops[0].money = w->hops[first].by->instructed;
    for (size_t i = first + 1; i < n; i++)
        if (!w->hops[i].settled)
            w->hops[i] = (struct hop){w->hops[i - 1].money, w->hops[i - 1].by, false};
    *ret_kept = kept[0];
    return true;
}

static struct fact_transfer *leg_add(struct book *b, struct bytes from, struct bytes to,
                                     struct money money)
{
    struct fact_transfer *t = &b->legs[b->legs_n];

    if (!money.minor)
        return t;
    *t = (struct fact_transfer){
        .kind = TRANSFER_PAYMENT,
        .position = (uint32_t)b->legs_n++,
        .from = from,
        .to = to,
        .asset = {(const uint8_t *)money.currency->code, CURRENCY_CODE_BYTES},
        .amount = u256_of(money.minor),
        .credit = u256_of(money.minor),
    };
    return t;
}

static bool key_good(struct book *b, struct bytes key, struct err *err)
{
    return key.p ? true : bank_no_memory(b->m, err);
}

/* A bank changed the currency: as a swap's event says it (chain/evm/log.h), "<came> <went on>". */
static bool exchange_add(struct book *b, struct bytes at, struct money come, struct money go,
                         struct err *err)
{
    char *data = arena_alloc(b->m->a, EXCHANGE_TEXT_MAX);
    int n;

    if (!data)
        return bank_no_memory(b->m, err);
    n = snprintf(data, EXCHANGE_TEXT_MAX, "%llu %llu", (unsigned long long)come.minor,
                 (unsigned long long)go.minor);
    b->events[b->events_n] = (struct fact_event){.kind = EVENT_SWAP,
                                                 .log = (uint32_t)b->events_n,
                                                 .subject = at,
                                                 .data = {(const uint8_t *)data, (size_t)n}};
    b->events_n++;
    return true;
}

/* The legs of a way, with what each bank kept. */
static bool way_legs(struct book *b, const struct way *w, struct bytes payment, struct err *err)
{
    struct bytes at = w->head;

    for (size_t i = 0; i <= w->agents_n; i++) {
        struct bytes next = w->tail, charges;
        struct money come = w->hops[i].money, go;

        if (i < w->agents_n)
            next = bank_transit_key(b->m->a, w->agents[i], payment);
        if (!key_good(b, next, err))
            return false;
        leg_add(b, at, next, come);
        at = next;
        if (i == w->agents_n)
            break;
        go = w->hops[i + 1].money;
        if (come.currency != go.currency) {
            if (!exchange_add(b, at, come, go, err))
                return false;
        } else if (go.minor > come.minor) {
            return contradict_money(w->hops[i].by, come, w->hops[i + 1].by, go, err);
        } else if (go.minor < come.minor) {
            charges = bank_charges_key(b->m->a, w->agents[i]);
            if (!key_good(b, charges, err))
                return false;
            leg_add(b, at, charges, (struct money){come.currency, come.minor - go.minor});
        }
    }
    return true;
}

/* Whose account it is: messages of the banks nearest know best, a number more than a name. */
static bool party_join(const struct bank_message **messages, size_t n, const struct way *w,
                       bool debtor, struct bytes *ret, struct err *err)
{
    const struct bank_message *best = NULL;
    bool best_far = true, best_named = true;

    for (size_t i = 0; i < n; i++) {
        const struct bank_message *m = messages[i];
        struct bytes bank = m->agents[debtor ? 0 : m->agents_n - 1];
        bool far = agent_find(w, bank) < WAY_MAX && !(debtor && exchanged(m));
        bool named = debtor ? m->debtor_named : m->creditor_named;
        struct bytes key = debtor ? m->debtor : m->creditor;
        struct bytes best_key = {NULL, 0};

        if (best)
            best_key = debtor ? best->debtor : best->creditor;
        if (best && !far && !best_far && !named && !best_named && !bytes_equal(key, best_key))
            return contradict(best, m, debtor ? "another debtor" : "another creditor", err);
        if (!best || (best_far && !far) || (best_far == far && best_named && !named)) {
            best = m;
            best_far = far;
            best_named = named;
            *ret = key;
        }
    }
    return true;
}

static bool way_make(struct way *w, const struct bank_message **messages, size_t n, struct err *err)
{
    *w = (struct way){.agents_n = 0};
    for (size_t i = 0; i < n; i++) {
        const struct bank_message *m = messages[i];

        if (!way_merge(w, m, exchanged(m) ? 0 : 1, m->agents_n ? m->agents_n - 1 : 0, err))
            return false;
    }
    for (size_t i = 0; i < n; i++)
        if (!way_settle(w, messages[i], err))
            return false;
    return party_join(messages, n, w, true, &w->head, err) &&
           party_join(messages, n, w, false, &w->tail, err);
}

/* The first of the returns: the one whose sender got it from no other. */
static const struct bank_message *return_first(const struct bank_message **messages, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool first = true;

        for (size_t j = 0; j < n; j++)
            first &= !bytes_equal(messages[j]->agents[messages[j]->receiver],
                                  messages[i]->agents[messages[i]->sender]);
        if (first)
            return messages[i];
    }
    return messages[0];
}

/* Value was sent back: it went no further than to the bank that returns it, or to the last one
 * known to have had it. *ret_end: that bank. */
static bool way_cut(struct way *w, const struct bank_message *back, struct bytes last_bank,
                    struct bytes *ret_end, struct err *err)
{
    size_t end = agent_find(w, back->agents[back->sender]);
    struct money sent, gone = back->settled;

    for (size_t i = 0; i < back->charges_n; i++)
        if (back->charges[i].money.currency == gone.currency &&
            !money_add(&gone, back->charges[i].money.minor))
            return err_fail(err, ERR_INPUT, "%s: charges are too large", back->where);
    if (end == WAY_MAX && !bytes_equal(last_bank, back->agents[back->sender]))
        return contradict(w->hops[0].by, back, "a bank returns it that did not have it", err);
    for (size_t i = 0; i <= w->agents_n && end < WAY_MAX; i++)
        if (w->hops[i].settled && i > end)
            end = i < w->agents_n ? i : WAY_MAX;
    if (end == WAY_MAX) { /* the creditor's bank */
        if (w->agents_n == WAY_MAX)
            return err_fail(err, ERR_LIMIT, "%s: more than %d banks", back->where, WAY_MAX);
        end = w->agents_n++;
        w->agents[end] = last_bank;
        w->agent_by[end] = back;
    } else {
        w->agents_n = end + 1;
    }
    w->hops[end + 1] = (struct hop){w->hops[end].money, back, false};
    *ret_end = w->agents[end];
    sent = w->hops[end].money;
    if (sent.currency != gone.currency || gone.minor > sent.minor)
        return contradict_money(w->hops[end].by, sent, back, gone, err);
    w->hops[end + 1].money.minor = sent.minor - gone.minor;
    return true;
}

/* The legs of a way that ends at its last bank, all or in part: what rests there is neither charges
 * nor sent on. */
static bool way_legs_cut(struct book *b, struct way *w, bool to_creditor, struct bytes payment,
                         struct err *err)
{
    size_t last = w->agents_n - 1;
    struct money rest = w->hops[last + 1].money;
    struct bytes end = bank_transit_key(b->m->a, w->agents[last], payment), charges;
    struct bytes tail = w->tail;

    if (!key_good(b, end, err))
        return false;
    w->agents_n = last;
    w->tail = end;
    if (!way_legs(b, w, payment, err))
        return false;
    charges = bank_charges_key(b->m->a, w->agents[last]);
    if (!key_good(b, charges, err))
        return false;
    leg_add(b, end, to_creditor ? tail : charges, rest);
    return true;
}

/* The way back: from the bank where it rested to the debtor, or as far as is told. */
static bool return_way(struct book *b, const struct payment *p, const struct way *forth,
                       struct bytes end, struct bytes first_bank, struct err *err)
{
    const struct bank_message **messages = p->all + p->forth_n + p->forth_rows_n;
    struct bytes last = {NULL, 0};
    struct way *w = &b->way_back;

    *w = (struct way){.agents_n = 0};
    for (size_t i = 0; i < p->back_n; i++) {
        const struct bank_message *m = messages[i];
        size_t from = m->sender, to = m->agents_n;

        if (bytes_equal(m->agents[from], end))
            from++;
        if (bytes_equal(m->agents[to - 1], first_bank))
            to--;
        if (!way_merge(w, m, from, to, err))
            return false;
    }
    if (!forth && w->agents_n) /* to whom is not told: it ends with the last bank */
        last = w->agents[--w->agents_n];
    w->head = bank_transit_key(b->m->a, end, p->name);
    w->tail = forth ? forth->head : bank_transit_key(b->m->a, last, p->name);
    for (size_t i = 0; i < p->back_n; i++)
        if (!way_settle(w, messages[i], err))
            return false;
    return key_good(b, w->head, err) && key_good(b, w->tail, err);
}

static bool kept_leg(struct book *b, const struct way *w, struct bytes agent, uint64_t kept,
                     struct err *err)
{
    struct bytes charges;

    if (!kept)
        return true;
    charges = bank_charges_key(b->m->a, agent);
    if (!key_good(b, charges, err))
        return false;
    leg_add(b, w->head, charges, (struct money){w->hops[0].money.currency, kept});
    return true;
}

static bool return_legs(struct book *b, const struct payment *p, struct bytes end,
                        struct bytes first_bank, struct err *err)
{
    const struct bank_message **messages = p->all + p->forth_n + p->forth_rows_n;
    const struct bank_message *first = return_first(messages, p->back_n);
    uint64_t kept;

    if (!end.n)
        end = first->agents[first->sender];
    return return_way(b, p, p->forth_n ? &b->way : NULL, end, first_bank, err) &&
           way_fill(&b->way_back, &kept, err) && kept_leg(b, &b->way_back, end, kept, err) &&
           way_legs(b, &b->way_back, p->name, err);
}

/* Rows as legs; one that is there twice, or that the way has, counts once. */
static bool rows_add(struct book *b, const struct bank_message **rows, size_t n,
                     const struct bank_message *way_by, struct err *err)
{
    const void **sorted = arena_array(b->m->a, 2 * n, sizeof(*sorted)), **scratch = sorted + n;
    size_t way_n = b->legs_n;

    if (!sorted)
        return bank_no_memory(b->m, err);
    for (size_t i = 0; i < n; i++)
        sorted[i] = rows[i];
    sort_pointers(sorted, n, scratch, row_order);
    for (size_t i = 1; i < n; i++) {
        const struct bank_message *one = sorted[i - 1], *other = sorted[i];

        if (bytes_equal(one->debtor, other->debtor) &&
            bytes_equal(one->creditor, other->creditor) && one->leg == other->leg &&
            one->settled.currency == other->settled.currency &&
            one->settled.minor != other->settled.minor)
            return contradict_money(one, one->settled, other, other->settled, err);
    }
    /* equal neighbours all but the first of each: marked by leaving them out below */
    for (size_t i = 0; i < n; i++) {
        const struct bank_message *row = rows[i];
        bool there = false;
        size_t low = 0, high = n;

        while (low < high) {
            size_t middle = low + (high - low) / 2;

            if (row_order(sorted[middle], row) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low > 0) {
            const struct bank_message *before = sorted[low - 1];

            there = bytes_equal(before->debtor, row->debtor) &&
                    bytes_equal(before->creditor, row->creditor) && before->leg == row->leg &&
                    before->settled.currency == row->settled.currency;
        }
        for (size_t k = 0; k < way_n && !there; k++) {
            const struct fact_transfer *t = &b->legs[k];

            if (!bytes_equal(t->from, row->debtor) || !bytes_equal(t->to, row->creditor) ||
                t->asset.p != (const uint8_t *)row->settled.currency->code)
                continue;
            if (t->amount.w[0] != row->settled.minor)
                return contradict_money(way_by,
                                        (struct money){row->settled.currency, t->amount.w[0]}, row,
                                        row->settled, err);
            there = true;
        }
        if (!there)
            leg_add(b, row->debtor, row->creditor, row->settled);
    }
    return true;
}

/* Room for all legs of a way, if there is one, and of so many rows. */
static bool legs_start(struct book *b, bool way, size_t rows_n, struct err *err)
{
    b->legs = b->way_legs;
    b->legs_n = b->events_n = 0;
    if (rows_n)
        b->legs = ARENA_ARRAY(b->m->a, struct fact_transfer, (way ? WAY_LEGS_MAX : 0) + rows_n);
    return b->legs ? true : bank_no_memory(b->m, err);
}

/* SHA-256 of the lines: version, name (of equal rows with a number), "return". */
static struct hash32 payment_hash(const struct payment *p, bool back)
{
    static const char version[] = "cordon.bank/1\n", back_line[] = "return\n";
    struct sha256_stream s;
    char number[16];

    sha256_start(&s);
    sha256_add(&s, version, sizeof(version) - 1);
    sha256_add(&s, p->name.p, p->name.n);
    if (p->number > 1) {
        snprintf(number, sizeof(number), "/%u", p->number);
        sha256_add(&s, number, strlen(number));
    }
    sha256_add(&s, "\n", 1);
    if (back)
        sha256_add(&s, back_line, sizeof(back_line) - 1);
    return sha256_done(&s);
}

static bool made_keep(struct book *b, const struct payment *p, bool back, uint64_t time_min,
                      struct err *err)
{
    size_t first = back ? p->forth_n + p->forth_rows_n : 0;
    size_t end = back ? p->n : p->forth_n + p->forth_rows_n;
    struct made *made = &b->made[b->made_n++];
    const struct fact_transfer *legs = b->legs;
    const struct fact_event *events = NULL;

    if (b->legs == b->way_legs)
        legs = arena_copy(b->m->a, b->legs, b->legs_n * sizeof(b->legs[0]));
    if (b->events_n)
        events = arena_copy(b->m->a, b->events, b->events_n * sizeof(b->events[0]));
    if (!legs || (b->events_n && !events))
        return bank_no_memory(b->m, err);
    *made = (struct made){.time = time_min, .order = SIZE_MAX, .back = back};
    for (size_t i = first; i < end; i++) {
        made->time = p->all[i]->time > made->time ? p->all[i]->time : made->time;
        made->order = p->all[i]->order < made->order ? p->all[i]->order : made->order;
    }
    /* on one day nothing comes back before it went */
    if (back && first && b->made[b->made_n - 2].time == made->time &&
        b->made[b->made_n - 2].order > made->order)
        made->order = b->made[b->made_n - 2].order;
    made->tx = (struct fact_tx){.hash = payment_hash(p, back),
                                .transfers = legs,
                                .transfers_n = b->legs_n,
                                .events = events,
                                .events_n = b->events_n};
    return true;
}

static bool forth_make(struct book *b, const struct payment *p, struct bytes *ret_end,
                       struct bytes *ret_bank, struct err *err)
{
    const struct bank_message *by = p->forth_n ? p->all[0] : NULL;
    size_t back_at = p->forth_n + p->forth_rows_n;
    uint64_t kept = 0;

    if (!legs_start(b, p->forth_n > 0, p->forth_rows_n, err))
        return false;
    if (p->forth_n) {
        struct bytes last_bank = {NULL, 0}, bank;

        if (!way_make(&b->way, p->all, p->forth_n, err) || !way_fill(&b->way, &kept, err))
            return false;
        for (size_t i = 0; i < p->forth_n; i++) { /* the banks of debtor and creditor */
            bank = p->all[i]->agents[0];
            last_bank = p->all[i]->agents[p->all[i]->agents_n - 1];
            if (!ret_bank->n && (agent_find(&b->way, bank) == WAY_MAX || exchanged(p->all[i])))
                *ret_bank = bank;
            if (agent_find(&b->way, last_bank) == WAY_MAX)
                break;
        }
        if (!kept_leg(b, &b->way, by->agents[0], kept, err))
            return false;
        if (p->back_n) {
            const struct bank_message *back = return_first(p->all + back_at, p->back_n);
            size_t before = b->way.agents_n;

            if (!way_cut(&b->way, back, last_bank, ret_end, err) ||
                !way_legs_cut(b, &b->way, b->way.agents_n > before, p->name, err))
                return false;
        } else if (!way_legs(b, &b->way, p->name, err)) {
            return false;
        }
    }
    return rows_add(b, p->all + p->forth_n, p->forth_rows_n, by, err);
}

static bool payment_make(struct book *b, const struct payment *p, struct err *err)
{
    size_t back_at = p->forth_n + p->forth_rows_n;
    struct bytes end = {NULL, 0}, bank = {NULL, 0};
    const struct bank_message *by = p->back_n ? p->all[back_at] : NULL;
    uint64_t time = 0;

    if (back_at) {
        if (!forth_make(b, p, &end, &bank, err) || !made_keep(b, p, false, 0, err))
            return false;
        time = b->made[b->made_n - 1].time;
    }
    if (back_at == p->n)
        return true;
    if (!legs_start(b, p->back_n > 0, p->n - back_at - p->back_n, err))
        return false;
    if (p->back_n && !return_legs(b, p, end, bank, err))
        return false;
    if (!rows_add(b, p->all + back_at + p->back_n, p->n - back_at - p->back_n, by, err))
        return false;
    return made_keep(b, p, true, time, err);
}

static struct payment payment_of(const struct bank_message **all, size_t n)
{
    struct payment p = {.all = all, .n = n, .name = all[0]->payment, .number = 1};

    for (size_t i = 0; i < n; i++) {
        p.forth_n += !all[i]->back && !all[i]->listed;
        p.forth_rows_n += !all[i]->back && all[i]->listed;
        p.back_n += all[i]->back && !all[i]->listed;
    }
    return p;
}

static bool payments_make(struct book *b, const struct bank_message **all, size_t n,
                          struct err *err)
{
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && bytes_equal(all[i]->payment, all[end]->payment); end++)
            ;
        if (!all[i]->alone) {
            struct payment p = payment_of(all + i, end - i);

            if (!payment_make(b, &p, err))
                return false;
            continue;
        }
        for (size_t k = i; k < end; k++) {
            struct payment p = payment_of(all + k, 1);

            p.number = (unsigned)(k - i) + 1;
            if (!payment_make(b, &p, err))
                return false;
        }
    }
    return true;
}

/* Transactions in order, those of one time as one block. */
static bool blocks_make(struct book *b, const struct transfer_block **ret, size_t *ret_n,
                        struct err *err)
{
    const void **sorted = arena_array(b->m->a, 2 * b->made_n, sizeof(*sorted));
    struct fact_tx *txs = ARENA_ARRAY(b->m->a, struct fact_tx, b->made_n);
    struct transfer_block *blocks = ARENA_ARRAY(b->m->a, struct transfer_block, b->made_n);
    size_t n = 0;

    if (!sorted || !txs || !blocks)
        return bank_no_memory(b->m, err);
    for (size_t i = 0; i < b->made_n; i++)
        sorted[i] = &b->made[i];
    sort_pointers(sorted, b->made_n, sorted + b->made_n, made_order);
    for (size_t i = 0; i < b->made_n; i++) {
        const struct made *made = sorted[i];

        txs[i] = made->tx;
        if (!n || blocks[n - 1].time != made->time)
            blocks[n++] = (struct transfer_block){.height = HEIGHT_UNKNOWN,
                                                  .time = made->time,
                                                  .grade = GRADE_STATED,
                                                  .internals = true,
                                                  .txs = txs + i};
        blocks[n - 1].txs_n++;
    }
    *ret = blocks;
    *ret_n = n;
    return true;
}

bool book_make(struct bank_messages *m, const struct transfer_block **ret, size_t *ret_n,
               struct err *err)
{
    const struct bank_message **all =
        arena_array(m->a, 2 * m->n, sizeof(const struct bank_message *));
    struct book *b = ARENA_NEW(m->a, struct book);
    size_t n = 0;

    if (!all || !b)
        return bank_no_memory(m, err);
    b->m = m;
    b->made = ARENA_ARRAY(m->a, struct made, 2 * m->n);
    if (!b->made)
        return bank_no_memory(m, err);
    for (const struct bank_message *one = m->first; one; one = one->next)
        all[n++] = one;
    sort_pointers((const void **)all, n, (const void **)all + n, message_order);
    return payments_make(b, all, n, err) && blocks_make(b, ret, ret_n, err);
}
