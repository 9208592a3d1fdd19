/* From what leaves by a transaction to where it arrives.
 *
 * A bridge's event says a key; the other side's is looked up among the keys of all ledgers. A
 * router is asked by a memo, and whoever pays names the asking transaction: in an event that is
 * among the keys, or in an output of coins whose script is known byte for byte, so that it can be
 * looked up. Anybody can name a transaction; so a payment must go where the memo asked, a refund
 * back to who asked. */
#include "trace/parts.h"
#include "trace/routes_parts.h"

#include "base/mem.h"
#include "base/text.h"

#define PAYMENTS_MAX 256 /* of one request */
#define SCRIPT_PAYS_MAX 80
#define TXID_BYTES 32
#define ADDRESS_KEY_BYTES 20

/* What is being put together. */
struct build {
    struct arena *a;
    struct routes *r;
    uint32_t ledger;
    uint64_t tx;
    struct route_link *links;
    size_t links_n, links_size;
    struct route_candidate *candidates;
    size_t candidates_n, candidates_size;
};

struct place { /* of the other side */
    uint32_t ledger;
    uint64_t tx;
    uint64_t event; /* of accounts */
    bool refund;
};

struct places {
    struct place at[PAYMENTS_MAX];
    size_t n;
    bool more;
};

static bool grow(void **at, size_t *size, size_t n, size_t element, struct err *err)
{
    return mem_room(at, size, n, element) || routes_nomem(err);
}

static bool candidate(struct build *b, enum route_rule rule, const struct place *other,
                      struct bytes key, const char *ground, struct err *err)
{
    if (b->candidates_n == ROUTES_LINKS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu candidates", ROUTES_LINKS_MAX);
    if (!grow((void **)&b->candidates, &b->candidates_size, b->candidates_n + 1,
              sizeof(*b->candidates), err))
        return false;
    b->candidates[b->candidates_n++] =
        (struct route_candidate){.rule = rule,
                                 .ledger = b->ledger,
                                 .tx = b->tx,
                                 .other = other ? other->tx : ACCOUNTS_NONE,
                                 .other_ledger = other ? other->ledger : UINT32_MAX,
                                 .key = key,
                                 .ground = ground};
    return true;
}

/* ---- links ---- */

struct leg_list {
    struct route_leg *at;
    size_t n, size;
};

static bool legs_take(struct leg_list *to, const struct routes *r, struct err *err)
{
    if (!grow((void **)&to->at, &to->size, to->n + r->legs_n + 1, sizeof(*to->at), err))
        return false;
    if (r->legs_n)
        memcpy(to->at + to->n, r->legs, r->legs_n * sizeof(*to->at));
    to->n += r->legs_n;
    return true;
}

static bool legs_equal(const struct route_leg *a, size_t a_n, const struct leg_list *b)
{
    if (a_n != b->n)
        return false;
    for (size_t i = 0; i < a_n; i++)
        if (a[i].ledger != b->at[i].ledger || a[i].id != b->at[i].id)
            return false;
    return true;
}

static bool sum_of(const struct route_leg *legs, size_t n, struct u256 *ret)
{
    *ret = u256_of(0);
    for (size_t i = 0; i < n; i++)
        if (!u256_add(*ret, legs[i].amount, ret))
            return false;
    return true;
}

/* The asset of a transfer; coins have one, which counts as native. */
static uint64_t asset_of(const struct routes *r, const struct route_leg *leg)
{
    const struct accounts *a = r->ledgers[leg->ledger].accounts;
    struct transfer t;

    if (!a)
        return ACCOUNT_NOBODY;
    t = accounts_transfer(a, leg->id);
    if (t.from == ACCOUNTS_NONE)
        t.from = t.to;
    return t.from == ACCOUNTS_NONE ? ACCOUNTS_NONE : accounts_holding(a, t.from).asset;
}

/* Native coins of one symbol and so many decimals on both sides. */
static bool one_coin(const struct routes *r, const struct route_leg *one,
                     const struct route_leg *other)
{
    const struct chain *a = r->ledgers[one->ledger].chain, *b = r->ledgers[other->ledger].chain;

    return asset_of(r, one) == ACCOUNT_NOBODY && asset_of(r, other) == ACCOUNT_NOBODY &&
           a->symbol && b->symbol && !strcmp(a->symbol, b->symbol) && a->decimals == b->decimals;
}

static bool one_asset(const struct routes *r, const struct leg_list *legs)
{
    for (size_t i = 1; i < legs->n; i++)
        if (legs->at[i].ledger != legs->at[0].ledger ||
            asset_of(r, &legs->at[i]) != asset_of(r, &legs->at[0]))
            return false;
    return true;
}

static bool link_add(struct build *b, struct route_link link, const struct leg_list *from,
                     const struct leg_list *to, struct err *err)
{
    for (size_t i = 0; i < b->links_n; i++) /* a message with two keys is one link */
        if (legs_equal(b->links[i].from, b->links[i].from_n, from) &&
            legs_equal(b->links[i].to, b->links[i].to_n, to))
            return true;
    if (!sum_of(from->at, from->n, &link.amount_in) || !sum_of(to->at, to->n, &link.amount_out))
        return err_fail(err, ERR_LIMIT, "amounts of a route add up past 256 bits");
    link.from = arena_copy(b->a, from->at, from->n * sizeof(*from->at));
    link.to = arena_copy(b->a, to->at, to->n * sizeof(*to->at));
    if (!link.from || !link.to)
        return routes_nomem(err);
    link.from_n = from->n;
    link.to_n = to->n;
    link.same_coin =
        one_coin(b->r, &from->at[0], &to->at[0]) && !u256_less(link.amount_in, link.amount_out);
    if (link.same_coin)
        u256_sub(link.amount_in, link.amount_out, &link.fee);
    if (b->links_n == ROUTES_LINKS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu links", ROUTES_LINKS_MAX);
    if (!grow((void **)&b->links, &b->links_size, b->links_n + 1, sizeof(*b->links), err))
        return false;
    b->links[b->links_n++] = link;
    return true;
}

/* ---- bridges ---- */

/* The transactions that say a key on one side; *ret_n counts different ones, the first is given. */
static void sides_of(const struct routes *r, struct bytes key, bool out, struct place *ret,
                     size_t *ret_n)
{
    *ret_n = 0;
    for (const struct route_key *k = routes_key_first(r, key); k; k = routes_key_next(r, k)) {
        if (k->out != out || !routes_key_is(r, k, key, false) ||
            (*ret_n && k->ledger == ret->ledger && k->tx == ret->tx))
            continue;
        if (!*ret_n)
            *ret = (struct place){.ledger = k->ledger, .tx = k->tx, .event = k->event};
        ++*ret_n;
    }
}

static enum move_grade word_of_event(struct routes *r, uint32_t ledger,
                                     const struct account_ledger_event *e)
{
    const struct route_ledger *l = &r->ledgers[ledger];

    return routes_word_of(r, ledger, l->key(l->ctx, e->subject));
}

static enum move_grade worse(enum move_grade one, enum move_grade other)
{
    return one > other ? one : other;
}

static struct account_ledger_event event_at(const struct routes *r, const struct place *p)
{
    const struct route_ledger *l = &r->ledgers[p->ledger];

    return l->event(l->ctx, p->event);
}

static bool bridge_event(struct build *b, const struct account_ledger_event *e,
                         struct leg_list *from, struct leg_list *to, struct err *err)
{
    struct routes *r = b->r;
    struct route_link link = {.rule = ROUTE_BRIDGE, .grade = MOVE_PROVEN};
    struct place in, out;
    struct account_ledger_event other;
    size_t ins, outs;
    bool clear;

    if (!routes_read_keys(r, err))
        return false;
    sides_of(r, e->data, false, &in, &ins);
    sides_of(r, e->data, true, &out, &outs);
    if (!ins)
        return candidate(b, ROUTE_BRIDGE, NULL, e->data, "no ledger here has the other side", err);
    if (ins > 1 || outs > 1)
        return candidate(b, ROUTE_BRIDGE, &in, e->data, "the key is said more than once", err);
    other = event_at(r, &in);
    link.grade = worse(word_of_event(r, b->ledger, e), word_of_event(r, in.ledger, &other));
    if (link.grade == MOVE_CANDIDATE)
        return candidate(b, ROUTE_BRIDGE, &in, e->data, "a contract that is not known says it",
                         err);
    from->n = to->n = 0;
    if (!routes_read_tx(r, b->ledger, b->tx, err) || !routes_event_legs(r, e, true, &clear, err))
        return false;
    if (clear && !legs_take(from, r, err))
        return false;
    if (clear && (!routes_read_tx(r, in.ledger, in.tx, err) ||
                  !routes_event_legs(r, &other, false, &clear, err)))
        return false;
    if (clear && !legs_take(to, r, err))
        return false;
    if (!clear)
        return candidate(b, ROUTE_BRIDGE, &in, e->data, "which transfer is meant is not clear",
                         err);
    link.source = arena_string(b->a, (const char *)e->data.p, e->data.n);
    if (!link.source)
        return routes_nomem(err);
    return link_add(b, link, from, to, err);
}

/* ---- routers: who has paid ---- */

static void place_add(struct places *to, struct place p)
{
    for (size_t i = 0; i < to->n; i++)
        if (to->at[i].ledger == p.ledger && to->at[i].tx == p.tx)
            return;
    if (to->n == PAYMENTS_MAX)
        to->more = true;
    else
        to->at[to->n++] = p;
}

static void payments_of_accounts(const struct routes *r, struct bytes id, struct places *to)
{
    for (const struct route_key *k = routes_key_first(r, id); k; k = routes_key_next(r, k)) {
        struct place p = {.ledger = k->ledger, .tx = k->tx, .event = k->event};
        struct account_ledger_event e;
        struct memo memo;

        if (!routes_key_is(r, k, id, true))
            continue;
        e = event_at(r, &p);
        p.refund = memo_read(e.data, &memo) && memo.kind == MEMO_REFUND;
        place_add(to, p);
    }
}

/* OP_RETURN, one push: a word and the transaction's id in hex. */
static struct bytes paying_script(const char *word, struct bytes id, bool upper,
                                  uint8_t room[SCRIPT_PAYS_MAX])
{
    const char *digit = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    size_t n = strlen(word);

    room[0] = 0x6a;
    room[1] = (uint8_t)(n + 2 * id.n);
    memcpy(room + 2, word, n);
    for (size_t i = 0; i < id.n; i++) {
        room[2 + n + 2 * i] = (uint8_t)digit[id.p[i] >> 4];
        room[2 + n + 2 * i + 1] = (uint8_t)digit[id.p[i] & 15];
    }
    return (struct bytes){room, 2 + n + 2 * id.n};
}

static void payments_of_coins(const struct routes *r, uint32_t ledger, struct bytes id,
                              struct places *to)
{
    static const char *const words[] = {"OUT:", "out:", "REFUND:", "refund:"};
    const struct route_ledger *l = &r->ledgers[ledger];

    for (unsigned i = 0; i < 8; i++) {
        uint8_t room[SCRIPT_PAYS_MAX];
        struct bytes script = paying_script(words[i / 2], id, !(i % 2), room);
        uint64_t output = l->script_last(l->ctx, script);

        while (output != COINS_NONE && !to->more) {
            if (output < l->coins->outputs_n) /* else it is newer than the snapshot */
                place_add(to, (struct place){.ledger = ledger,
                                             .tx = coins_maker(l->coins, output),
                                             .refund = i >= 4});
            output = l->script_prev(l->ctx, output);
        }
    }
}

static void payments_of(const struct routes *r, struct bytes id, struct places *to)
{
    to->n = 0;
    to->more = false;
    payments_of_accounts(r, id, to);
    for (uint32_t i = 0; i < r->ledgers_n; i++)
        if (r->ledgers[i].coins)
            payments_of_coins(r, i, id, to);
}

/* ---- coins ---- */

static bool same_script(const struct route_ledger *l, uint64_t output, struct bytes script)
{
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct bytes other;

    return l->script(l->ctx, output, buffer, &other) && bytes_equal(other, script);
}

/* Does a transaction of coins spend from that script? */
static bool spends_from(const struct route_ledger *l, uint64_t tx, struct bytes script)
{
    struct coins_range in = coins_inputs(l->coins, (uint32_t)tx);

    for (uint64_t i = 0; i < in.n && i < ROUTES_LEGS_MAX; i++) {
        uint64_t value, output = coins_source(l->coins, in.first + i, &value);

        if (output != COINS_NONE && same_script(l, output, script))
            return true;
    }
    return false;
}

static bool is_payment(const struct route_ledger *l, uint64_t tx, uint64_t output,
                       uint8_t buffer[SCRIPT_FORM_MAX], struct bytes *ret_script)
{
    struct bytes payload;

    return coins_value(l->coins, output) && l->script(l->ctx, output, buffer, ret_script) &&
           script_classify(*ret_script, &payload) != SCRIPT_RETURN &&
           !spends_from(l, tx, *ret_script);
}

/* The first memo of a transaction of coins, and the output that pays the vault: the first that is
 * not the memo and does not go back to who pays (THORChain: "vault as VOUT0, memo, change"). */
static bool coins_request(const struct routes *r, uint32_t ledger, uint64_t tx, struct memo *memo,
                          uint8_t buffer[SCRIPT_FORM_MAX], uint64_t *ret_output)
{
    const struct route_ledger *l = &r->ledgers[ledger];
    struct coins_range out = coins_outputs(l->coins, (uint32_t)tx);
    struct bytes script, text;
    bool found = false;

    if (out.n > ROUTES_LEGS_MAX)
        return false;
    for (uint64_t i = 0; i < out.n && !found; i++)
        found = l->script(l->ctx, out.first + i, buffer, &script) &&
                memo_in_script(script, &text) && memo_read(text, memo);
    for (uint64_t i = 0; found && i < out.n; i++) {
        uint8_t other[SCRIPT_FORM_MAX];

        if (is_payment(l, tx, out.first + i, other, &script)) {
            *ret_output = out.first + i;
            return true;
        }
    }
    return false;
}

/* ---- routers: is it what was asked for? ---- */

static bool text_is(struct bytes text, const char *s)
{
    size_t n = strlen(s);

    if (text.n != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        char a = (char)text.p[i], b = s[i];

        a = (char)(a >= 'A' && a <= 'Z' ? a + 32 : a);
        b = (char)(b >= 'A' && b <= 'Z' ? b + 32 : b);
        if (a != b)
            return false;
    }
    return true;
}

static bool pays_address(const struct route_ledger *l, struct bytes script, struct bytes address)
{
    char text[ADDRESS_BYTES_MAX];

    return address.n && address_of_script(l->chain, script, text) && text_is(address, text);
}

struct asked { /* by the transaction that asked */
    struct bytes destination, refund;
    uint32_t ledger;
    uint64_t tx, sender;   /* sender: of accounts */
    enum move_grade grade; /* of its own word */
};

/* Outputs of a paying transaction that go where they ought to. */
static bool coins_paid(struct routes *r, const struct place *p, const struct asked *asked,
                       struct err *err)
{
    const struct route_ledger *l = &r->ledgers[p->ledger];
    struct coins_range out = coins_outputs(l->coins, (uint32_t)p->tx);

    r->legs_n = 0;
    for (uint64_t i = 0; i < out.n && i < ROUTES_LEGS_MAX; i++) {
        uint8_t buffer[SCRIPT_FORM_MAX];
        struct bytes script;
        bool right;

        if (!is_payment(l, p->tx, out.first + i, buffer, &script))
            continue;
        if (p->refund)
            right = pays_address(l, script, asked->refund) ||
                    (asked->ledger == p->ledger && spends_from(l, asked->tx, script));
        else
            right = pays_address(l, script, asked->destination);
        if (right &&
            !routes_push_leg(r,
                             (struct route_leg){p->ledger, out.first + i,
                                                u256_of(coins_value(l->coins, out.first + i))},
                             err))
            return false;
    }
    return true;
}

/* The account that an address in a memo stands for. */
static uint64_t account_named(const struct route_ledger *l, struct bytes address)
{
    uint8_t key[ADDRESS_KEY_BYTES];

    if (address.n != 2 + 2 * sizeof(key) || address.p[0] != '0' ||
        (address.p[1] != 'x' && address.p[1] != 'X') ||
        !hex_decode((const char *)address.p + 2, address.n - 2, key, sizeof(key)))
        return ACCOUNTS_NONE;
    return l->find(l->ctx, (struct bytes){key, sizeof(key)});
}

static bool accounts_paid(struct routes *r, const struct place *p, const struct asked *asked,
                          enum move_grade *grade, struct err *err)
{
    const struct route_ledger *l = &r->ledgers[p->ledger];
    struct account_ledger_event e = event_at(r, p);
    enum move_grade word;
    uint64_t to, asset;
    bool clear, right = false;

    if (!routes_read_tx(r, p->ledger, p->tx, err) || !routes_event_legs(r, &e, false, &clear, err))
        return false;
    word = clear && r->legs_n ? word_of_event(r, p->ledger, &e) : MOVE_CANDIDATE;
    if (word == MOVE_CANDIDATE) {
        r->legs_n = 0;
        return true;
    }
    to = account_named(l, p->refund ? asked->refund : asked->destination);
    if (p->refund && to == ACCOUNTS_NONE && asked->ledger == p->ledger)
        to = asked->sender;
    asset = asset_of(r, &r->legs[0]);
    for (size_t i = 0; i < r->moved_n; i++)
        right |= to != ACCOUNTS_NONE && r->moved[i].to == to && r->moved[i].asset == asset;
    if (right)
        *grade = worse(*grade, word);
    else
        r->legs_n = 0;
    return true;
}

/* All payments for a request; the request's own legs are from. */
static bool request(struct build *b, struct bytes id, const struct asked *asked,
                    const struct leg_list *from, struct leg_list *to, struct err *err)
{
    static const char ground[] = "what was paid is not what the memo asked for";
    struct routes *r = b->r;
    struct route_link link = {.rule = ROUTE_ROUTER, .grade = asked->grade};
    struct places *places = arena_alloc(b->a, sizeof(*places));
    bool refunds = false, payments = false;

    if (!places)
        return routes_nomem(err);
    if (!routes_read_keys(r, err))
        return false;
    payments_of(r, id, places);
    if (!places->n)
        return candidate(b, ROUTE_ROUTER, NULL, id, "no ledger here has a payment for it", err);
    if (places->more)
        return candidate(b, ROUTE_ROUTER, NULL, id, "too many payments say that they are for it",
                         err);
    to->n = 0;
    for (size_t i = 0; i < places->n; i++) {
        const struct place *p = &places->at[i];
        bool ok = r->ledgers[p->ledger].coins ? coins_paid(r, p, asked, err)
                                              : accounts_paid(r, p, asked, &link.grade, err);

        if (!ok || !legs_take(to, r, err))
            return false;
        refunds |= r->legs_n && p->refund;
        payments |= r->legs_n && !p->refund;
        if (!r->legs_n && !candidate(b, ROUTE_ROUTER, p, id, ground, err))
            return false;
    }
    if (!to->n)
        return true;
    if (!one_asset(r, to))
        return candidate(b, ROUTE_ROUTER, &places->at[0], id, "it was paid in more than one asset",
                         err);
    link.rule = refunds && !payments ? ROUTE_REFUND : ROUTE_ROUTER;
    link.source = "memo";
    return link_add(b, link, from, to, err);
}

static bool asks(enum memo_kind kind)
{
    return kind == MEMO_SWAP || kind == MEMO_LOAN_OPEN || kind == MEMO_LOAN_REPAY;
}

static bool memo_event(struct build *b, const struct account_ledger_event *e, struct leg_list *from,
                       struct leg_list *to, struct err *err)
{
    struct routes *r = b->r;
    const struct route_ledger *l = &r->ledgers[b->ledger];
    struct asked asked = {.ledger = b->ledger, .tx = b->tx};
    struct hash32 *id = arena_alloc(b->a, sizeof(*id));
    struct bytes key = {id ? id->b : NULL, TXID_BYTES};
    struct memo memo;
    bool clear;

    if (!id)
        return routes_nomem(err);
    if (!memo_read(e->data, &memo) || !asks(memo.kind))
        return true;
    *id = l->txid(l->ctx, b->tx);
    asked.grade = word_of_event(r, b->ledger, e);
    if (asked.grade == MOVE_CANDIDATE)
        return candidate(b, ROUTE_ROUTER, NULL, key, "a contract that is not known says it", err);
    from->n = 0;
    if (!routes_read_tx(r, b->ledger, b->tx, err) || !routes_event_legs(r, e, true, &clear, err))
        return false;
    if (!clear)
        return candidate(b, ROUTE_ROUTER, NULL, key, "which transfer is meant is not clear", err);
    asked.destination = memo.destination;
    asked.refund = memo.refund;
    asked.sender = r->sender;
    return legs_take(from, r, err) && request(b, key, &asked, from, to, err);
}

static bool coins_links(struct build *b, struct leg_list *from, struct leg_list *to,
                        struct err *err)
{
    struct routes *r = b->r;
    const struct route_ledger *l = &r->ledgers[b->ledger];
    struct asked asked = {.ledger = b->ledger, .tx = b->tx, .sender = ACCOUNTS_NONE};
    struct hash32 *id = arena_alloc(b->a, sizeof(*id)), wire;
    uint8_t buffer[SCRIPT_FORM_MAX]; /* the memo may point into it */
    struct memo memo;
    uint64_t output;

    if (!id)
        return routes_nomem(err);
    if (!coins_request(r, b->ledger, b->tx, &memo, buffer, &output) || !asks(memo.kind))
        return true;
    wire = l->txid(l->ctx, b->tx);
    for (size_t i = 0; i < TXID_BYTES; i++) /* as it is written */
        id->b[i] = wire.b[TXID_BYTES - 1 - i];
    asked.destination = memo.destination;
    asked.refund = memo.refund;
    r->legs_n = from->n = 0;
    return routes_push_leg(
               r, (struct route_leg){b->ledger, output, u256_of(coins_value(l->coins, output))},
               err) &&
           legs_take(from, r, err) &&
           request(b, (struct bytes){id->b, TXID_BYTES}, &asked, from, to, err);
}

static bool account_links(struct build *b, struct leg_list *from, struct leg_list *to,
                          struct err *err)
{
    struct account_ledger_event *events;
    size_t n;

    if (!routes_read_tx(b->r, b->ledger, b->tx, err))
        return false;
    n = b->r->events_n; /* another transaction will be read over them */
    if (!n)
        return true;
    events = arena_copy(b->a, b->r->events, n * sizeof(*events));
    if (!events)
        return routes_nomem(err);
    for (size_t i = 0; i < n; i++) {
        if (events[i].kind == EVENT_BRIDGE_OUT && events[i].data.n &&
            !bridge_event(b, &events[i], from, to, err))
            return false;
        if (events[i].kind == EVENT_MEMO && !memo_event(b, &events[i], from, to, err))
            return false;
    }
    return true;
}

/* An out-leg can carry one route's value: what two links claim is followed by neither. */
static bool settle_claims(struct build *b, struct err *err)
{
    for (size_t i = 0; i < b->links_n; i++)
        for (size_t k = 0; k < i; k++) {
            bool same = false;

            for (size_t x = 0; x < b->links[i].from_n; x++)
                for (size_t y = 0; y < b->links[k].from_n; y++)
                    same |= b->links[i].from[x].id == b->links[k].from[y].id;
            if (same)
                b->links[i].grade = b->links[k].grade = MOVE_CANDIDATE;
        }
    for (size_t i = 0; i < b->links_n; i++) {
        const struct route_link *link = &b->links[i];

        if (link->grade == MOVE_CANDIDATE &&
            !candidate(b, link->rule, NULL, (struct bytes){NULL, 0},
                       "another route says that it moves the same", err))
            return false;
    }
    for (size_t i = b->links_n; i-- > 0;)
        if (b->links[i].grade == MOVE_CANDIDATE) {
            memmove(&b->links[i], &b->links[i + 1], (b->links_n - i - 1) * sizeof(*b->links));
            b->links_n--;
        }
    return true;
}

bool routes_of_tx(struct arena *a, struct routes *r, uint32_t ledger, uint64_t tx,
                  const struct route_link **ret_links, size_t *ret_links_n,
                  const struct route_candidate **ret_candidates, size_t *ret_candidates_n,
                  struct err *err)
{
    struct build b = {.a = a, .r = r, .ledger = ledger, .tx = tx};
    struct leg_list from = {0}, to = {0};
    bool ok;

    if (ledger >= r->ledgers_n)
        return err_fail(err, ERR_USAGE, "there is no ledger %u", ledger);
    if (!r->ledgers[ledger].coins)
        ok = account_links(&b, &from, &to, err);
    else if (tx >= r->ledgers[ledger].coins->txs_n)
        ok = err_fail(err, ERR_USAGE, "transaction %llu is not in the ledger",
                      (unsigned long long)tx);
    else
        ok = coins_links(&b, &from, &to, err);
    ok = ok && settle_claims(&b, err);
    if (ok) {
        *ret_links = arena_copy(a, b.links, b.links_n * sizeof(*b.links));
        *ret_candidates = arena_copy(a, b.candidates, b.candidates_n * sizeof(*b.candidates));
        *ret_links_n = b.links_n;
        *ret_candidates_n = b.candidates_n;
        ok = (*ret_links && *ret_candidates) || routes_nomem(err);
    }
    mem_free(b.links);
    mem_free(b.candidates);
    mem_free(from.at);
    mem_free(to.at);
    return ok;
}
