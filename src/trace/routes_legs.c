/* Which transfers of a transaction are legs of what.
 *
 * A wrapper's event names its log, and the other leg is native coin of the same amount. A pool's
 * legs are what it took and gave over the whole transaction, if that is one asset each: a route
 * through several pools is then a chain of groups, in which a transfer from pool to pool is out-leg
 * of one and in-leg of the next. That the sums are those that the pool's own events say, makes it
 * proven. */
#include "base/mem.h"
#include "trace/routes_parts.h"

#include "base/text.h"

#define ADDRESS_TEXT 42 /* 0x and 40 digits */

bool routes_push_leg(struct routes *r, struct route_leg leg, struct err *err)
{
    if (!mem_room((void **)&r->legs, &r->legs_size, r->legs_n + 1, sizeof(*r->legs)))
        return routes_nomem(err);
    r->legs[r->legs_n++] = leg;
    return true;
}

bool routes_add_leg(struct routes *r, size_t moved, bool out, bool collateral, bool leaves,
                    enum move_grade grade, struct err *err)
{
    struct moved *m = &r->moved[moved];

    if (!mem_room((void **)&r->conversions, &r->conversions_size, r->conversions_n + 1,
                  sizeof(*r->conversions)))
        return routes_nomem(err);
    r->conversions[r->conversions_n++] = (struct account_conversion){.transfer = m->transfer,
                                                                     .group = r->groups_n,
                                                                     .out = out,
                                                                     .collateral = collateral,
                                                                     .leaves = leaves,
                                                                     .grade = grade};
    if (grade != MOVE_CANDIDATE) {
        if (out)
            m->out = r->groups_n;
        else
            m->in = r->groups_n;
    }
    return true;
}

bool routes_end_group(struct routes *r, enum route_rule rule, struct err *err)
{
    if (!mem_room((void **)&r->rules, &r->rules_size, (size_t)r->groups_n + 1, sizeof(*r->rules)))
        return routes_nomem(err);
    r->rules[r->groups_n++] = rule;
    return true;
}

static bool is_subject(const struct routes *r, uint64_t account, size_t event)
{
    return account != ACCOUNTS_NONE && account == r->events[event].subject;
}

/* ---- wrapping ---- */

/* The token's transfer that an event of a wrapper is about. */
static size_t token_leg(const struct routes *r, size_t event)
{
    for (size_t i = 0; i < r->moved_n; i++)
        if (r->moved[i].kind == TRANSFER_LOG && r->moved[i].log == r->events[event].log &&
            r->moved[i].asset == r->events[event].subject)
            return i;
    return r->moved_n;
}

/* Native coin of that amount into the wrapper, or out of it, that is no leg yet. */
static size_t native_leg(const struct routes *r, size_t event, bool wrap, struct u256 amount)
{
    for (size_t i = 0; i < r->moved_n; i++) {
        const struct moved *m = &r->moved[i];

        if (m->asset == ACCOUNT_NOBODY && is_subject(r, wrap ? m->to : m->from, event) &&
            (wrap ? m->in : m->out) == LEG_FREE && u256_equal(m->amount, amount))
            return i;
    }
    return r->moved_n;
}

static bool find_wrap(struct routes *r, size_t event, struct err *err)
{
    bool wrap = r->events[event].kind == EVENT_WRAP;
    size_t token = token_leg(r, event), native;

    if (token == r->moved_n)
        return true;
    native = native_leg(r, event, wrap, r->moved[token].amount);
    if (native == r->moved_n)
        return true; /* the source did not tell internal transfers */
    if (!routes_add_leg(r, wrap ? native : token, false, false, false, MOVE_PROVEN, err) ||
        !routes_add_leg(r, wrap ? token : native, true, false, false, MOVE_PROVEN, err))
        return false;
    return routes_end_group(r, ROUTE_WRAP, err);
}

/* ---- swaps ---- */

struct pool { /* what it took and gave */
    size_t event;
    uint64_t in_asset, out_asset; /* ACCOUNTS_NONE: none */
    struct u256 in, out;
    bool mixed; /* more than one asset on a side, or one on both */
};

static bool pool_take(struct u256 *sum, uint64_t *asset, const struct moved *m)
{
    if (*asset != ACCOUNTS_NONE && *asset != m->asset)
        return false;
    *asset = m->asset;
    return u256_add(*sum, m->amount, sum);
}

static struct pool pool_of(const struct routes *r, size_t event)
{
    struct pool p = {.event = event, .in_asset = ACCOUNTS_NONE, .out_asset = ACCOUNTS_NONE};

    for (size_t i = 0; i < r->moved_n; i++) {
        const struct moved *m = &r->moved[i];

        if (is_subject(r, m->to, event))
            p.mixed |= !pool_take(&p.in, &p.in_asset, m) || m->in != LEG_FREE;
        if (is_subject(r, m->from, event))
            p.mixed |= !pool_take(&p.out, &p.out_asset, m) || m->out != LEG_FREE;
    }
    p.mixed |=
        p.in_asset == ACCOUNTS_NONE || p.out_asset == ACCOUNTS_NONE || p.in_asset == p.out_asset;
    return p;
}

/* "<in> <out>" */
static bool swap_read(struct bytes data, struct u256 *in, struct u256 *out)
{
    const char *p = (const char *)data.p;
    size_t n = 0;

    while (n < data.n && p[n] != ' ')
        n++;
    return n < data.n && u256_from_text(p, n, in) && u256_from_text(p + n + 1, data.n - n - 1, out);
}

/* Do the events of the pool say these sums: side by side, or one swap behind the other? */
static bool pool_says(const struct routes *r, const struct pool *p)
{
    struct u256 in_sum = u256_of(0), out_sum = u256_of(0), first = in_sum, last = in_sum;
    bool chain = true, any = false;

    for (size_t e = p->event; e < r->events_n; e++) {
        struct u256 in, out;

        if (r->events[e].kind != EVENT_SWAP || r->events[e].subject != r->events[p->event].subject)
            continue;
        if (!swap_read(r->events[e].data, &in, &out) || !u256_add(in_sum, in, &in_sum) ||
            !u256_add(out_sum, out, &out_sum))
            return false;
        if (any)
            chain &= u256_equal(last, in);
        else
            first = in;
        last = out;
        any = true;
    }
    return (u256_equal(in_sum, p->in) && u256_equal(out_sum, p->out)) ||
           (chain && u256_equal(first, p->in) && u256_equal(last, p->out));
}

static enum move_grade pool_word(struct routes *r, const struct pool *p)
{
    const struct route_ledger *l = &r->ledgers[r->tx_ledger];

    return routes_word_of_pool(r, r->tx_ledger, l->key(l->ctx, r->events[p->event].subject),
                               l->key(l->ctx, p->in_asset), l->key(l->ctx, p->out_asset));
}

/* Has an earlier event of the same pool been asked? */
static bool seen_before(const struct routes *r, size_t event)
{
    for (size_t e = 0; e < event; e++)
        if (r->events[e].kind == EVENT_SWAP && r->events[e].subject == r->events[event].subject)
            return true;
    return false;
}

static bool find_swap(struct routes *r, size_t event, struct err *err)
{
    struct pool p;
    enum move_grade grade;

    if (seen_before(r, event))
        return true;
    p = pool_of(r, event);
    if (p.mixed)
        return true;
    grade = !pool_says(r, &p) ? MOVE_CANDIDATE
            : r->ledgers[r->tx_ledger].chain->shape == CHAIN_BANK
                ? MOVE_STATED /* the book's word */
                : pool_word(r, &p);
    for (size_t i = 0; i < r->moved_n; i++)
        if (is_subject(r, r->moved[i].to, event) &&
            !routes_add_leg(r, i, false, false, false, grade, err))
            return false;
    for (size_t i = 0; i < r->moved_n; i++)
        if (is_subject(r, r->moved[i].from, event) &&
            !routes_add_leg(r, i, true, false, false, grade, err))
            return false;
    return routes_end_group(r, ROUTE_SWAP, err);
}

/* ---- loans ---- */

/* "0x<borrower> <amount>" */
static bool loan_read(const struct routes *r, struct bytes data, uint64_t *ret_borrower,
                      struct u256 *ret_amount)
{
    const struct route_ledger *l = &r->ledgers[r->tx_ledger];
    const char *p = (const char *)data.p;
    uint8_t key[ADDRESS_TEXT / 2 - 1];

    if (data.n < ADDRESS_TEXT + 2 || p[ADDRESS_TEXT] != ' ' ||
        !hex_decode(p + 2, ADDRESS_TEXT - 2, key, sizeof(key)) ||
        !u256_from_text(p + ADDRESS_TEXT + 1, data.n - ADDRESS_TEXT - 1, ret_amount))
        return false;
    *ret_borrower = l->find(l->ctx, (struct bytes){key, sizeof(key)});
    return *ret_borrower != ACCOUNTS_NONE;
}

/* The one asset that a borrower gives away in the transaction, but for what was borrowed. */
static uint64_t collateral_asset(const struct routes *r, uint64_t borrower, uint64_t borrowed)
{
    uint64_t ret = ACCOUNTS_NONE;

    for (size_t i = 0; i < r->moved_n; i++) {
        const struct moved *m = &r->moved[i];

        if (m->from != borrower || m->asset == borrowed || m->in != LEG_FREE)
            continue;
        if (ret != ACCOUNTS_NONE && ret != m->asset)
            return ACCOUNTS_NONE;
        ret = m->asset;
    }
    return ret;
}

static bool find_loan(struct routes *r, size_t event, struct err *err)
{
    const struct route_ledger *l = &r->ledgers[r->tx_ledger];
    size_t paid = r->moved_n;
    uint64_t borrower, asset;
    struct u256 amount;
    enum move_grade grade;

    if (!loan_read(r, r->events[event].data, &borrower, &amount))
        return true;
    for (size_t i = 0; i < r->moved_n; i++)
        if (r->moved[i].to == borrower && u256_equal(r->moved[i].amount, amount) &&
            r->moved[i].out == LEG_FREE && r->moved[i].kind == TRANSFER_LOG) {
            if (paid != r->moved_n)
                return true; /* not clear */
            paid = i;
        }
    if (paid == r->moved_n)
        return true;
    asset = collateral_asset(r, borrower, r->moved[paid].asset);
    if (asset == ACCOUNTS_NONE)
        return true;
    grade = routes_word_of(r, r->tx_ledger, l->key(l->ctx, r->events[event].subject));
    for (size_t i = 0; i < r->moved_n; i++)
        if (r->moved[i].from == borrower && r->moved[i].asset == asset &&
            r->moved[i].in == LEG_FREE && !routes_add_leg(r, i, false, true, false, grade, err))
            return false;
    if (!routes_add_leg(r, paid, true, false, false, grade, err))
        return false;
    return routes_end_group(r, ROUTE_LOAN, err);
}

bool routes_find_conversions(struct routes *r, struct err *err)
{
    for (size_t e = 0; e < r->events_n; e++)
        if ((r->events[e].kind == EVENT_WRAP || r->events[e].kind == EVENT_UNWRAP) &&
            !find_wrap(r, e, err))
            return false;
    for (size_t e = 0; e < r->events_n; e++)
        if (r->events[e].kind == EVENT_SWAP && !find_swap(r, e, err))
            return false;
    for (size_t e = 0; e < r->events_n; e++)
        if (r->events[e].kind == EVENT_BORROW && !find_loan(r, e, err))
            return false;
    return true;
}

/* ---- what an event of a bridge or a router means ---- */

static bool crosses(const struct account_ledger_event *e, bool out)
{
    return e->kind == (out ? EVENT_BRIDGE_OUT : EVENT_BRIDGE_IN) || e->kind == EVENT_MEMO;
}

static bool begins(struct bytes text, const char *with)
{
    return text.n > strlen(with) && !memcmp(text.p, with, strlen(with));
}

/* Two keys of one message: a withdrawal of the OP stack is a message, too; who rides Stargate's bus
 * is told by the bus and by the pool, which has no guid for it yet; Wormhole may carry for
 * Allbridge, and a chain's own bridge for Hop; what a ticket of Arbitrum's inbox asks for may be of
 * any bridge. */
static bool one_message(struct bytes a, struct bytes b)
{
    static const struct {
        const char *one, *other;
    } pairs[] = {{"op-withdrawal:", "op-message:"},
                 {"allbridge:", "wormhole:"},
                 {"arb-token:", ""},
                 {"hop-l1:", "op-message:"},
                 {"hop-l1:", "arb-in:"},
                 {"hop-l1:", "polygon-state:"},
                 {"hop-l1:", "amb:"},
                 {"stargate-ride:", "lz2-guid:0x00000000000000000000000000000000"}};

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if ((begins(a, pairs[i].one) && begins(b, pairs[i].other)) ||
            (begins(a, pairs[i].other) && begins(b, pairs[i].one)))
            return true;
    return bytes_equal(a, b);
}

/* The logs that may belong to an event: behind the last one before it that is of another key, and
 * not beyond it, if value leaves; if it comes, up to the next. */
struct span {
    uint32_t from, to; /* log indexes, inclusive */
    bool alone;        /* no other key in the transaction: native coin can only be this one's */
    bool coin;         /* only native coin: an inbox of Arbitrum takes nothing else */
};

static struct span span_of(const struct routes *r, const struct account_ledger_event *e, bool out)
{
    struct span s = {0, out ? e->log : UINT32_MAX, true, begins(e->data, "arb-in:")};

    for (size_t i = 0; i < r->events_n; i++) {
        const struct account_ledger_event *other = &r->events[i];

        if (!crosses(other, out) || other->log == e->log || one_message(other->data, e->data))
            continue;
        s.alone = false;
        if (other->log < e->log && other->log + 1 > s.from)
            s.from = other->log + 1;
        if (!out && other->log > e->log && other->log - 1 < s.to)
            s.to = other->log - 1;
    }
    return s;
}

/* Which transfers an event can mean at all: those with which an asset leaves the transaction's
 * hands, or comes into them. */
static bool may_be(const struct moved *m, const struct span *s, bool out)
{
    if ((out ? m->in : m->out) != LEG_FREE || (out ? m->relayed_to : m->relayed_from) ||
        (s->coin && m->asset != ACCOUNT_NOBODY))
        return false;
    if (m->kind != TRANSFER_LOG && s->alone)
        return true;
    return m->log != UINT32_MAX && m->log >= s->from && m->log <= s->to;
}

/* Does what comes from that account go to others than who sent the transaction? Then what the
 * sender gets is a relayer's fee. */
static bool pays_others(const struct routes *r, const struct span *s, uint64_t account,
                        uint64_t asset)
{
    for (size_t i = 0; i < r->moved_n; i++) {
        const struct moved *m = &r->moved[i];

        if (may_be(m, s, false) && m->from == account && m->asset == asset && m->to != r->sender)
            return true;
    }
    return false;
}

/* The transfers with that account on the far side: one asset, or one but for native coin, which is
 * then the fee. */
static bool legs_with(struct routes *r, const struct span *s, bool out, uint64_t account,
                      size_t *ret_n, struct err *err)
{
    uint64_t asset = ACCOUNTS_NONE;
    bool mixed = false, others;

    *ret_n = 0;
    for (size_t i = 0; i < r->moved_n; i++) {
        const struct moved *m = &r->moved[i];

        if (!may_be(m, s, out) || (out ? m->to : m->from) != account)
            continue;
        if (m->asset == ACCOUNT_NOBODY && asset != ACCOUNTS_NONE)
            continue;
        mixed |= asset != ACCOUNTS_NONE && asset != ACCOUNT_NOBODY && asset != m->asset;
        asset = m->asset;
    }
    if (asset == ACCOUNTS_NONE || mixed)
        return true;
    others = pays_others(r, s, account, asset);
    for (size_t i = 0; i < r->moved_n; i++) {
        const struct moved *m = &r->moved[i];

        if (!may_be(m, s, out) || (out ? m->to : m->from) != account || m->asset != asset)
            continue;
        if (!out && others && m->to == r->sender)
            continue;
        if (!routes_push_leg(r, (struct route_leg){r->tx_ledger, m->transfer, m->amount}, err))
            return false;
        ++*ret_n;
    }
    return true;
}

/* What one asset moves to or from an account; false: past 256 bits. */
static bool sum_with(const struct routes *r, uint64_t account, uint64_t asset, bool to,
                     struct u256 *ret)
{
    *ret = u256_of(0);
    for (size_t i = 0; i < r->moved_n; i++) {
        const struct moved *m = &r->moved[i];

        if ((to ? m->to : m->from) == account && m->asset == asset &&
            !u256_add(*ret, m->amount, ret))
            return false;
    }
    return true;
}

/* Native coin that goes to a contract and stays there but for a fee, which it pays to others than
 * the sender: a pool that pays the messenger out of what it was given. */
static bool legs_kept(struct routes *r, const struct span *s, uint64_t account, size_t *ret_n,
                      struct err *err)
{
    struct u256 in, out;

    *ret_n = 0;
    if (!s->alone || !sum_with(r, account, ACCOUNT_NOBODY, true, &in) ||
        !sum_with(r, account, ACCOUNT_NOBODY, false, &out) || !u256_add(out, out, &out) ||
        !u256_less(out, in))
        return true;
    for (size_t i = 0; i < r->moved_n; i++)
        if (r->moved[i].from == account && r->moved[i].to == r->sender &&
            r->moved[i].asset == ACCOUNT_NOBODY)
            return true;
    for (size_t i = 0; i < r->moved_n; i++) {
        const struct moved *m = &r->moved[i];

        if (m->to != account || m->asset != ACCOUNT_NOBODY || m->in != LEG_FREE)
            continue;
        if (!routes_push_leg(r, (struct route_leg){r->tx_ledger, m->transfer, m->amount}, err))
            return false;
        ++*ret_n;
    }
    return true;
}

/* What the account that says so passes on of one asset that it was given in the transaction, as a
 * bridge that mints to itself and pays from there. It may hold more of it, fees, so that what it
 * was given need not be what it pays. */
static bool legs_passed_on(struct routes *r, const struct span *s, uint64_t account, size_t *ret_n,
                           struct err *err)
{
    uint64_t asset = ACCOUNTS_NONE;

    *ret_n = 0;
    for (size_t i = 0; i < r->moved_n; i++) {
        const struct moved *m = &r->moved[i];

        if (m->from != account || m->to == r->sender)
            continue;
        if (!m->relayed_from || m->in != LEG_FREE || m->out != LEG_FREE ||
            m->asset == ACCOUNT_NOBODY || m->log < s->from || m->log > s->to ||
            (asset != ACCOUNTS_NONE && asset != m->asset))
            return true;
        asset = m->asset;
    }
    for (size_t i = 0; i < r->moved_n; i++) {
        const struct moved *m = &r->moved[i];

        if (m->from != account || m->to == r->sender)
            continue;
        if (!routes_push_leg(r, (struct route_leg){r->tx_ledger, m->transfer, m->amount}, err))
            return false;
        ++*ret_n;
    }
    return true;
}

/* The only transfer that is left when what the sender gets back is put aside; NULL: none or more.
 */
static const struct moved *only_leg(const struct routes *r, const struct span *s, bool out)
{
    const struct moved *ret = NULL;

    for (size_t i = 0; i < r->moved_n; i++) {
        const struct moved *m = &r->moved[i];

        if (!may_be(m, s, out) || (out && m->to == r->sender && m->to != ACCOUNTS_NONE))
            continue;
        if (ret)
            return NULL;
        ret = m;
    }
    return ret;
}

static bool says_a_key(const struct routes *r, uint64_t account)
{
    for (size_t i = 0; i < r->events_n; i++)
        if (crosses(&r->events[i], true) && r->events[i].subject == account)
            return true;
    return false;
}

/* The one known contract that something goes to, as a bridge's vault beside the contract that says
 * so, and which says no key itself; ACCOUNTS_NONE: there is none, or more. */
static uint64_t known_taker(const struct routes *r, const struct span *s)
{
    uint64_t ret = ACCOUNTS_NONE;

    for (size_t i = 0; i < r->moved_n; i++) {
        const struct moved *m = &r->moved[i];

        if (!may_be(m, s, true) || m->to == ACCOUNTS_NONE || m->to == ret || m->to == r->sender ||
            !routes_knows(r, r->tx_ledger, m->to) || says_a_key(r, m->to))
            continue;
        if (ret != ACCOUNTS_NONE)
            return ACCOUNTS_NONE;
        ret = m->to;
    }
    return ret;
}

/* Who holds for the contract what its event is of; ACCOUNTS_NONE: the event names none. */
static uint64_t holder_of(const struct routes *r, const struct account_ledger_event *e)
{
    for (size_t i = 0; i < r->events_n; i++)
        if (r->events[i].kind == EVENT_HOLDER && r->events[i].log == e->log)
            return r->events[i].subject;
    return ACCOUNTS_NONE;
}

/* The legs within a span: with the contract that said it or who holds for it, else with nobody,
 * else, if value leaves, with another one that is known, else the only one. A bridge carries
 * whatever message it is given, so that value which goes to a stranger beside one has not left
 * by it. */
static bool legs_in_span(struct routes *r, const struct account_ledger_event *e,
                         const struct span *s, bool out, bool *ret_clear, struct err *err)
{
    const struct route_ledger *l = &r->ledgers[r->tx_ledger];
    uint64_t taker, holder = holder_of(r, e);
    const struct moved *only;
    size_t n;

    *ret_clear = true;
    if (!legs_with(r, s, out, e->subject, &n, err))
        return false;
    if (n)
        return true;
    if (!out && !legs_passed_on(r, s, e->subject, &n, err))
        return false;
    if (n)
        return true;
    if (out && !legs_kept(r, s, e->subject, &n, err))
        return false;
    if (n)
        return true;
    if (holder != ACCOUNTS_NONE && !legs_with(r, s, out, holder, &n, err))
        return false;
    if (n)
        return true;
    if (!legs_with(r, s, out, ACCOUNTS_NONE, &n, err))
        return false;
    if (n)
        return true;
    taker = out ? known_taker(r, s) : ACCOUNTS_NONE;
    if (taker != ACCOUNTS_NONE) {
        if (!legs_with(r, s, out, taker, &n, err))
            return false;
        if (n)
            r->legs_word = routes_word_of(r, r->tx_ledger, l->key(l->ctx, taker));
        if (n)
            return true;
    }
    only = out && e->kind != EVENT_MEMO ? NULL : only_leg(r, s, out);
    *ret_clear = only != NULL;
    return !only ||
           routes_push_leg(r, (struct route_leg){r->tx_ledger, only->transfer, only->amount}, err);
}

bool routes_event_legs(struct routes *r, const struct account_ledger_event *e, bool out,
                       bool *ret_clear, struct err *err)
{
    struct span s = span_of(r, e, out), before = s;

    r->legs_n = 0;
    r->legs_word = MOVE_PROVEN;
    if (out || s.alone)
        return legs_in_span(r, e, &s, out, ret_clear, err);
    before.to = e->log; /* several came: most say so after it */
    if (!legs_in_span(r, e, &before, out, ret_clear, err))
        return false;
    if (*ret_clear)
        return true;
    s.from = e->log;
    return legs_in_span(r, e, &s, out, ret_clear, err);
}
