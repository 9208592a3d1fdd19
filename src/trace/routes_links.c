/* From what leaves by a transaction to where it arrives.
 *
 * A bridge's event says a key; the other side's is looked up among the keys of all ledgers. A
 * router is asked by a memo, and whoever pays names the asking transaction: in an event that is
 * among the keys, or in an output of coins whose script is known byte for byte, so that it can be
 * looked up. Anybody can name a transaction; so a payment must go where the memo asked, a refund
 * back to who asked. And whoever asks names the vault that is paid: a router passes on to it what
 * it is given, and no chain says whose it is. So a router's word is never better than stated. */
#include "trace/routes_parts.h"

#include "base/mem.h"
#include "base/text.h"
#include "chain/account_name.h"
#include "chain/bitcoin/base58.h"
#include "chain/dialect.h"

#include <stdio.h>

#define PAYMENTS_MAX 4096 /* of one request: a stranger pays for each that he pretends */
#define PUSH_MAX 0x4b     /* bytes that one byte of length can push */
#define BEHIND_MAX 180    /* of a request's memo, in what is paid for it: a push has 255 */
#define SCRIPT_PAYS_MAX 260
#define TXID_BYTES 32
#define ADDRESS_KEY_BYTES 20
#define ADDRESS_TEXT_MAX 100
#define LIKENESS '~' /* begins what both sides say and that may be said of another payment, too */

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
                      struct bytes said, const char *ground, struct err *err)
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
                                 .said = said,
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

static bool same_asset(const struct routes *r, const struct route_leg *one,
                       const struct route_leg *other)
{
    return one->ledger == other->ledger && asset_of(r, one) == asset_of(r, other);
}

static bool one_asset(const struct routes *r, const struct leg_list *legs)
{
    for (size_t i = 1; i < legs->n; i++)
        if (!same_asset(r, &legs->at[i], &legs->at[0]))
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
    link.same_coin = !link.parted && one_coin(b->r, &from->at[0], &to->at[0]) &&
                     !u256_less(link.amount_in, link.amount_out);
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

static bool is_known(const struct routes *r, const struct route_key *k)
{
    const struct route_ledger *l = &r->ledgers[k->ledger];

    return routes_knows(r, k->ledger, l->event(l->ctx, k->event).subject);
}

struct sides {
    struct place first;
    size_t n; /* different transactions */
    bool known;
};

/* Who is known is heard alone, where somebody is: else a stranger who says it once more would hide
 * where value went. */
static void sides_add(const struct routes *r, struct bytes key, bool out, struct sides *to)
{
    for (const struct route_key *k = routes_key_first(r, key); k; k = routes_key_next(r, k)) {
        bool knows;

        if (k->out != out || !routes_key_is(r, k, key, false))
            continue;
        knows = is_known(r, k);
        if (knows && !to->known)
            to->n = 0; /* strangers said it before */
        if (knows < to->known || (to->n && k->ledger == to->first.ledger && k->tx == to->first.tx))
            continue;
        to->known = knows;
        if (!to->n)
            to->first = (struct place){.ledger = k->ledger, .tx = k->tx, .event = k->event};
        to->n++;
    }
}

/* Of the ledgers before that one, has none its way of writing? */
static bool is_first_of_dialect(const struct routes *r, uint32_t ledger)
{
    for (uint32_t i = 0; i < ledger; i++)
        if (r->ledgers[i].chain->dialect == r->ledgers[ledger].chain->dialect)
            return false;
    return true;
}

/* The transactions that say a key on one side; *ret_n counts different ones, the first is given.
 * What comes may be said in words of its ledger's own. */
static void sides_of(const struct routes *r, struct bytes key, bool out, struct place *ret,
                     size_t *ret_n)
{
    struct sides sides = {.n = 0};

    sides_add(r, key, out, &sides);
    for (uint32_t i = 0; !out && i < r->ledgers_n; i++) {
        const struct dialect *d = r->ledgers[i].chain->dialect;
        char text[DIALECT_KEY_MAX];
        size_t n = d && d->key_here && is_first_of_dialect(r, i) ? d->key_here(key, text) : 0;

        if (n)
            sides_add(r, (struct bytes){(const uint8_t *)text, n}, out, &sides);
    }
    *ret = sides.first;
    *ret_n = sides.n;
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
    if (ins && e->data.p[0] == LIKENESS)
        return candidate(b, ROUTE_BRIDGE, &in, e->data,
                         "both sides say the same, but no number of their own", err);
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
    link.grade = worse(link.grade, r->legs_word);
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

/* ---- bridges whose messages carry several ---- */

/* Stargate's bus: a ride's key is "stargate-ride:<chain>:<to>:<number>:<receiver>"; who drives says
 * "stargate-bus:<chain>:<to>:<first number>" and "stargate-driven:<how many>:<guid>" in one log;
 * and each of its arrivals says "lz2-guid:<guid>". */
#define RIDE "stargate-ride:"
#define DRIVEN "stargate-driven:"
#define NO_GUID "lz2-guid:0x0000000000000000000000000000000000000000000000000000000000000000"
#define PASSENGERS_MAX 255
#define BUS_KEY_MAX 128

struct ride {
    struct bytes way; /* "<chain>:<to>" */
    uint64_t number;
    uint8_t receiver[TXID_BYTES];
};

static bool begins(struct bytes text, const char *with)
{
    return text.n > strlen(with) && !memcmp(text.p, with, strlen(with));
}

static bool is_no_guid(const struct account_ledger_event *e)
{
    return e->kind == EVENT_BRIDGE_OUT && e->data.n == sizeof(NO_GUID) - 1 &&
           !memcmp(e->data.p, NO_GUID, e->data.n);
}

/* Cut at the last colon: what stands behind it. */
static struct bytes last_of(struct bytes *text)
{
    size_t n = text->n;
    struct bytes ret;

    while (n && text->p[n - 1] != ':')
        n--;
    ret = (struct bytes){text->p + n, text->n - n};
    text->n = n ? n - 1 : 0;
    return ret;
}

static bool ride_read(struct bytes key, struct ride *ret)
{
    struct bytes receiver = last_of(&key), number = last_of(&key);

    ret->way = (struct bytes){key.p + strlen(RIDE), key.n - strlen(RIDE)};
    return receiver.n == 2 + (size_t)2 * TXID_BYTES &&
           hex_decode((const char *)receiver.p + 2, (size_t)2 * TXID_BYTES, ret->receiver,
                      TXID_BYTES) &&
           u64_from_text((const char *)number.p, number.n, &ret->number);
}

/* How many a drive takes, and its message's key. */
static bool driven_read(const struct routes *r, const struct place *drive, uint64_t *ret_n,
                        char key[BUS_KEY_MAX], size_t *ret_key_n)
{
    const struct route_ledger *l = &r->ledgers[drive->ledger];
    struct account_ledger_event said = event_at(r, drive);
    struct accounts_range range = l->events(l->ctx, drive->tx);

    for (uint64_t i = 0; i < range.n && i < ROUTES_LEGS_MAX; i++) {
        struct account_ledger_event e = l->event(l->ctx, range.first + i);
        struct bytes rest = e.data, guid;

        if (e.log != said.log || e.subject != said.subject || !begins(e.data, DRIVEN))
            continue;
        guid = last_of(&rest);
        *ret_key_n =
            (size_t)snprintf(key, BUS_KEY_MAX, "lz2-guid:%.*s", (int)guid.n, (const char *)guid.p);
        return *ret_key_n < BUS_KEY_MAX &&
               u64_from_text((const char *)rest.p + strlen(DRIVEN), rest.n - strlen(DRIVEN), ret_n);
    }
    return false;
}

/* The drive that a ride was taken by: *ret_n 0: none; above 1: said more than once. */
static void drive_of(const struct routes *r, uint32_t ledger, const struct ride *ride,
                     struct place *ret, char key[BUS_KEY_MAX], size_t *ret_key_n, size_t *ret_n)
{
    *ret_n = 0;
    for (uint64_t back = 0; back < PASSENGERS_MAX && back <= ride->number && !*ret_n; back++) {
        char bus[BUS_KEY_MAX];
        uint64_t n;
        int length = snprintf(bus, sizeof(bus), "stargate-bus:%.*s:%llu", (int)ride->way.n,
                              (const char *)ride->way.p, (unsigned long long)(ride->number - back));

        if (length >= BUS_KEY_MAX)
            return;
        sides_of(r, (struct bytes){(const uint8_t *)bus, (size_t)length}, false, ret, ret_n);
        if (*ret_n && !routes_knows(r, ret->ledger, event_at(r, ret).subject))
            *ret_n = 0; /* a stranger's, which hides no other */
        if (*ret_n == 1 &&
            (ret->ledger != ledger || !driven_read(r, ret, &n, key, ret_key_n) || back >= n)) {
            *ret_n = 0; /* the next drive before it does not take it */
            return;
        }
    }
}

/* Of the transaction in hand, what its events of that key bring to one account, once each. */
static bool legs_to(struct routes *r, uint32_t ledger, struct bytes key, uint64_t account,
                    struct leg_list *to, enum move_grade *grade, struct err *err)
{
    for (size_t i = 0; i < r->events_n; i++) {
        struct account_ledger_event e = r->events[i];
        size_t n = 0;
        bool clear;

        if (e.kind != EVENT_BRIDGE_IN || !bytes_equal(e.data, key))
            continue;
        if (!routes_event_legs(r, &e, false, &clear, err))
            return false;
        for (size_t k = 0; clear && k < r->legs_n; k++) {
            bool wanted = false;

            for (size_t m = 0; m < r->moved_n; m++)
                wanted |= r->moved[m].transfer == r->legs[k].id && r->moved[m].to == account;
            for (size_t m = 0; m < to->n; m++)
                wanted &= to->at[m].id != r->legs[k].id;
            if (wanted)
                r->legs[n++] = r->legs[k];
        }
        r->legs_n = n;
        if (n)
            *grade = worse(*grade, word_of_event(r, ledger, &e));
        if (n && !legs_take(to, r, err))
            return false;
    }
    return true;
}

/* The event of the pool that a ride's value went to, which has no guid to say yet. */
static bool sent_by(const struct routes *r, const struct account_ledger_event *ride,
                    struct account_ledger_event *ret)
{
    for (size_t i = 0; i < r->events_n; i++)
        if (r->events[i].log > ride->log && is_no_guid(&r->events[i])) {
            *ret = r->events[i];
            return true;
        }
    return false;
}

/* What went to the pool, and to nobody else: not the fare. */
static bool legs_of_ride(struct routes *r, uint32_t ledger, const struct account_ledger_event *ride,
                         struct leg_list *from, enum move_grade *grade, struct err *err)
{
    struct account_ledger_event sent;
    size_t n = 0;
    bool clear;

    if (!sent_by(r, ride, &sent))
        return true;
    if (!routes_event_legs(r, &sent, true, &clear, err))
        return false;
    for (size_t k = 0; clear && k < r->legs_n; k++)
        for (size_t m = 0; m < r->moved_n; m++)
            n += r->moved[m].transfer == r->legs[k].id && r->moved[m].to == sent.subject;
    if (!n || n != r->legs_n)
        return true;
    *grade = worse(*grade, word_of_event(r, ledger, &sent));
    return legs_take(from, r, err);
}

static uint64_t rider(const struct routes *r, uint32_t ledger, const struct ride *ride)
{
    static const uint8_t pad[TXID_BYTES - ADDRESS_KEY_BYTES];
    const struct route_ledger *l = &r->ledgers[ledger];

    return memcmp(ride->receiver, pad, sizeof(pad)) != 0
               ? ACCOUNTS_NONE
               : l->find(l->ctx, (struct bytes){ride->receiver + sizeof(pad), ADDRESS_KEY_BYTES});
}

static bool ride_event(struct build *b, const struct account_ledger_event *e, struct leg_list *from,
                       struct leg_list *to, struct err *err)
{
    struct routes *r = b->r;
    struct route_link link = {.rule = ROUTE_BRIDGE};
    struct account_ledger_event drive_said;
    struct place drive, in;
    size_t drives, ins = 0, key_n = 0;
    char text[BUS_KEY_MAX];
    struct bytes key;
    struct ride ride;
    uint64_t receiver;

    if (!routes_read_keys(r, err))
        return false;
    if (!ride_read(e->data, &ride))
        return true;
    drive_of(r, b->ledger, &ride, &drive, text, &key_n, &drives);
    key = (struct bytes){(const uint8_t *)text, key_n};
    if (drives == 1)
        sides_of(r, key, false, &in, &ins);
    if (!ins)
        return candidate(b, ROUTE_BRIDGE, NULL, e->data, "no ledger here has the other side", err);
    if (ins > 1)
        return candidate(b, ROUTE_BRIDGE, &in, e->data, "the key is said more than once", err);
    drive_said = event_at(r, &drive);
    link.grade = worse(word_of_event(r, b->ledger, e), word_of_event(r, b->ledger, &drive_said));
    from->n = to->n = 0;
    if (!routes_read_tx(r, b->ledger, b->tx, err) ||
        !legs_of_ride(r, b->ledger, e, from, &link.grade, err))
        return false;
    receiver = rider(r, in.ledger, &ride);
    if (from->n && receiver != ACCOUNTS_NONE &&
        (!routes_read_tx(r, in.ledger, in.tx, err) ||
         !legs_to(r, in.ledger, key, receiver, to, &link.grade, err)))
        return false;
    if (link.grade == MOVE_CANDIDATE)
        return candidate(b, ROUTE_BRIDGE, &in, e->data, "a contract that is not known says it",
                         err);
    if (to->n != 1 || !from->n)
        return candidate(b, ROUTE_BRIDGE, &in, e->data, "which transfer is meant is not clear",
                         err);
    link.source = arena_string(b->a, (const char *)e->data.p, e->data.n);
    return link.source ? link_add(b, link, from, to, err) : routes_nomem(err);
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

/* What payments of one request say, as THORChain writes it: its transaction's id, in hex or as its
 * chain writes it, and what stood behind its memo. */
struct named {
    struct bytes id;     /* TXID_BYTES */
    struct bytes name;   /* in the letters of its chain; empty: in hex, upper or lower case */
    struct bytes behind; /* from | on */
};

static size_t put_text(uint8_t *at, const char *text, size_t n)
{
    if (n)
        memcpy(at, text, n);
    return n;
}

/* "OUT:" and the id. */
static size_t paying_text(const char *word, const struct named *of, bool upper, bool behind,
                          uint8_t text[SCRIPT_PAYS_MAX])
{
    const char *digit = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    size_t n = put_text(text, word, strlen(word));

    n += put_text(text + n, (const char *)of->name.p, of->name.n);
    for (size_t i = 0; !of->name.n && i < of->id.n; i++) {
        text[n++] = (uint8_t)digit[of->id.p[i] >> 4];
        text[n++] = (uint8_t)digit[of->id.p[i] & 15];
    }
    return n + (behind ? put_text(text + n, (const char *)of->behind.p, of->behind.n) : 0);
}

/* OP_RETURN and one push. */
static struct bytes return_script(const uint8_t *text, size_t n, uint8_t room[SCRIPT_PAYS_MAX])
{
    uint8_t *at = room;

    *at++ = 0x6a;
    if (n > PUSH_MAX)
        *at++ = 0x4c;
    *at++ = (uint8_t)n;
    memcpy(at, text, n);
    return (struct bytes){room, (size_t)(at - room) + n};
}

/* part: more of the memo is in other outputs, so that all of it is asked. */
static void payments_with(const struct routes *r, uint32_t ledger, struct bytes script, bool part,
                          bool refund, const struct named *of, struct places *to)
{
    const struct route_ledger *l = &r->ledgers[ledger];
    uint64_t output = l->script_last(l->ctx, script);

    for (; output != COINS_NONE && !to->more; output = l->script_prev(l->ctx, output)) {
        struct memo_outputs room;
        struct memo memo;
        uint64_t tx;

        if (output >= l->coins->outputs_n) /* newer than the snapshot */
            continue;
        tx = coins_maker(l->coins, output);
        if (!part || (memo_read(routes_coins_memo(l, tx, &room), &memo) &&
                      bytes_equal((struct bytes){memo.txid.b, TXID_BYTES}, of->id)))
            place_add(to, (struct place){.ledger = ledger, .tx = tx, .refund = refund});
    }
}

static void payments_by(const struct routes *r, uint32_t ledger, const struct named *of,
                        bool behind, struct places *to)
{
    static const char *const words[] = {"OUT:", "out:", "REFUND:", "refund:"};

    for (unsigned i = 0; i < 8; i++) {
        uint8_t text[SCRIPT_PAYS_MAX], room[SCRIPT_PAYS_MAX];
        size_t n = paying_text(words[i / 2], of, !(i % 2), behind, text);

        if (of->name.n && i % 2)
            continue;
        payments_with(r, ledger, return_script(text, n, room), false, i >= 4, of, to);
        if (n <= MEMO_RETURN_MAX)
            continue;
        text[MEMO_RETURN_MAX - 1] = '^'; /* thornode, MemoToScripts */
        payments_with(r, ledger, return_script(text, MEMO_RETURN_MAX, room), true, i >= 4, of, to);
    }
}

static void payments_of(const struct routes *r, const struct named *of, struct places *to)
{
    to->n = 0;
    to->more = false;
    payments_of_accounts(r, of->id, to);
    for (uint32_t i = 0; i < r->ledgers_n; i++)
        if (r->ledgers[i].coins) {
            payments_by(r, i, of, false, to);
            if (of->behind.n && of->behind.n <= BEHIND_MAX)
                payments_by(r, i, of, true, to);
        }
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

/* The memo of a transaction of coins, and the output that pays the vault: the first that is no part
 * of the memo and does not go back to who pays (THORChain: "vault as VOUT0, memo, change"). */
static bool coins_request(const struct routes *r, uint32_t ledger, uint64_t tx, struct memo *memo,
                          struct memo_outputs *said, struct bytes *ret_text, uint64_t *ret_output)
{
    const struct route_ledger *l = &r->ledgers[ledger];
    struct coins_range out = coins_outputs(l->coins, (uint32_t)tx);
    struct memo_outputs again = {.n = 0};
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct bytes script;

    *ret_text = routes_coins_memo(l, tx, said);
    if (!memo_read(*ret_text, memo))
        return false;
    for (uint64_t i = 0; i < out.n; i++)
        if (l->script(l->ctx, out.first + i, buffer, &script) &&
            !memo_outputs_add(&again, script) &&
            is_payment(l, tx, out.first + i, buffer, &script)) {
            *ret_output = out.first + i;
            return true;
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
    struct bytes memo, destination, refund;
    struct bytes name; /* of the transaction, where its chain does not write it in hex */
    uint32_t ledger;
    uint64_t tx, sender;   /* sender: of accounts */
    enum move_grade grade; /* of its own word */
    bool pays;             /* something is to be paid for it; else it may only come back */
};

/* A request that no payment is followed for; where none is asked, there is nothing to say. */
static bool unpaid(struct build *b, const struct asked *asked, const struct place *other,
                   const char *ground, struct err *err)
{
    return !asked->pays || candidate(b, ROUTE_ROUTER, other, asked->memo, ground, err);
}

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
    uint8_t key[ACCOUNT_KEY_MAX];
    char text[ADDRESS_TEXT_MAX];
    size_t n = ADDRESS_KEY_BYTES;
    struct err err;

    if (!address.n || address.n >= sizeof(text))
        return ACCOUNTS_NONE;
    memcpy(text, address.p, address.n);
    text[address.n] = '\0';
    if (address.n == 2 + 2 * ADDRESS_KEY_BYTES && text[0] == '0' &&
        (text[1] == 'x' || text[1] == 'X')) { /* in any case: memos are written by programs */
        if (!hex_decode(text + 2, 2 * ADDRESS_KEY_BYTES, key, ADDRESS_KEY_BYTES))
            return ACCOUNTS_NONE;
    } else if (!account_read(l->chain, text, key, &n, &err)) {
        return ACCOUNTS_NONE;
    }
    return l->find(l->ctx, (struct bytes){key, n});
}

/* Who asked, on another ledger: a key is one person's on all chains that write keys alike. */
static uint64_t asker_on(const struct routes *r, const struct asked *asked, uint32_t ledger)
{
    const struct route_ledger *from = &r->ledgers[asked->ledger], *l = &r->ledgers[ledger];

    if (asked->sender == ACCOUNTS_NONE || asked->ledger == ledger)
        return asked->sender;
    return from->chain->dialect == l->chain->dialect
               ? l->find(l->ctx, from->key(from->ctx, asked->sender))
               : ACCOUNTS_NONE;
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
    if (p->refund && to == ACCOUNTS_NONE && asked->ledger == p->ledger) {
        r->unsteady |= asked->refund.n != 0; /* the ledger may come to know the address */
        to = asked->sender;
    }
    if (!p->refund && !asked->destination.n) /* thornode: then it is the sender's */
        to = asker_on(r, asked, p->ledger);
    asset = asset_of(r, &r->legs[0]);
    for (size_t i = 0; i < r->moved_n; i++)
        right |= to != ACCOUNTS_NONE && r->moved[i].to == to && r->moved[i].asset == asset;
    if (right)
        *grade = worse(*grade, word);
    else
        r->legs_n = 0;
    return true;
}

/* back: what comes back. A limit or streaming swap that is filled in part is paid and gives back
 * the rest, and each has its share of the taint. */
static bool paid(struct build *b, struct bytes id, const struct asked *asked,
                 const struct leg_list *from, struct leg_list *to, struct leg_list *back,
                 struct places *places, struct err *err)
{
    static const char ground[] = "what was paid is not what the memo asked for";
    struct routes *r = b->r;
    struct route_link link = {.grade = asked->grade, .source = "memo"};

    if (!routes_read_keys(r, err))
        return false;
    payments_of(r, &(struct named){id, asked->name, memo_behind(asked->memo)}, places);
    if (!places->n)
        return unpaid(b, asked, NULL, "no ledger here has a payment for it", err);
    if (places->more)
        return unpaid(b, asked, NULL, "too many payments say that they are for it", err);
    to->n = back->n = 0;
    for (size_t i = 0; i < places->n; i++) {
        const struct place *p = &places->at[i];
        bool ok;

        if (!p->refund && !asked->pays)
            continue;
        ok = r->ledgers[p->ledger].coins ? coins_paid(r, p, asked, err)
                                         : accounts_paid(r, p, asked, &link.grade, err);
        if (!ok || !legs_take(p->refund ? back : to, r, err))
            return false;
        if (!r->legs_n && !candidate(b, ROUTE_ROUTER, p, asked->memo, ground, err))
            return false;
    }
    if (!one_asset(r, to) || !one_asset(r, back) ||
        (to->n && back->n && !same_asset(r, &from->at[0], &back->at[0])))
        return candidate(b, ROUTE_ROUTER, &places->at[0], asked->memo,
                         "it was paid in more than one asset", err);
    link.parted = to->n && back->n;
    link.rule = ROUTE_ROUTER;
    if (to->n && !link_add(b, link, from, to, err))
        return false;
    link.rule = ROUTE_REFUND;
    return !back->n || link_add(b, link, from, back, err);
}

/* All payments for a request; the request's own legs are from. */
static bool request(struct build *b, struct bytes id, const struct asked *asked,
                    const struct leg_list *from, struct leg_list *to, struct err *err)
{
    struct places *places = mem_array(1, sizeof(*places));
    struct leg_list back = {0};
    bool ok = places ? paid(b, id, asked, from, to, &back, places, err) : routes_nomem(err);

    mem_free(back.at);
    mem_free(places);
    return ok;
}

/* The name of the transaction in hand, if that is a signature. */
static bool name_of_tx(struct build *b, struct bytes *ret, struct err *err)
{
    const struct routes *r = b->r;
    char text[BASE58_TEXT_MAX];

    *ret = (struct bytes){NULL, 0};
    if (r->ledgers[b->ledger].chain->dialect->tx != TX_IS_SIGNATURE)
        return true;
    for (size_t i = 0; i < r->events_n; i++) {
        if (r->events[i].kind != EVENT_NAME || r->events[i].data.n > BASE58_BYTES_MAX)
            continue;
        base58_write(r->events[i].data, text);
        *ret = (struct bytes){arena_copy(b->a, text, strlen(text)), strlen(text)};
        return ret->p || routes_nomem(err);
    }
    return true;
}

static bool memo_event(struct build *b, const struct account_ledger_event *e, struct leg_list *from,
                       struct leg_list *to, struct err *err)
{
    struct routes *r = b->r;
    const struct route_ledger *l = &r->ledgers[b->ledger];
    struct asked asked = {.memo = e->data, .ledger = b->ledger, .tx = b->tx};
    struct hash32 *id = arena_alloc(b->a, sizeof(*id));
    struct bytes key = {id ? id->b : NULL, TXID_BYTES};
    struct memo memo;
    bool clear;

    if (!id)
        return routes_nomem(err);
    if (!memo_read(e->data, &memo) || !memo_comes_in(memo.kind))
        return true;
    asked.pays = memo_asks(memo.kind);
    *id = l->txid(l->ctx, b->tx);
    asked.grade = worse(word_of_event(r, b->ledger, e), MOVE_STATED);
    if (asked.grade == MOVE_CANDIDATE)
        return unpaid(b, &asked, NULL, "a contract that is not known says it", err);
    from->n = 0;
    if (!routes_read_tx(r, b->ledger, b->tx, err) || !name_of_tx(b, &asked.name, err) ||
        !routes_event_legs(r, e, true, &clear, err))
        return false;
    if (!clear)
        return unpaid(b, &asked, NULL, "which transfer is meant is not clear", err);
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
    struct asked asked = {
        .ledger = b->ledger, .tx = b->tx, .sender = ACCOUNTS_NONE, .grade = MOVE_STATED};
    struct hash32 *id = arena_alloc(b->a, sizeof(*id)), wire;
    struct memo_outputs said;
    struct bytes text;
    struct memo memo;
    uint64_t output;

    if (!id)
        return routes_nomem(err);
    if (!coins_request(r, b->ledger, b->tx, &memo, &said, &text, &output) ||
        !memo_comes_in(memo.kind))
        return true;
    text.p = arena_copy(b->a, text.p, text.n);
    if (!text.p)
        return routes_nomem(err);
    memo_read(text, &memo); /* which points into the copy now */
    asked.memo = text;
    asked.pays = memo_asks(memo.kind);
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
    if (b->r->too_many)
        return candidate(b, ROUTE_BRIDGE, NULL, (struct bytes){NULL, 0},
                         "it moves or says more than is looked into", err);
    n = b->r->events_n; /* another transaction will be read over them */
    if (!n)
        return true;
    events = arena_copy(b->a, b->r->events, n * sizeof(*events));
    if (!events)
        return routes_nomem(err);
    for (size_t i = 0; i < n; i++) {
        bool ride = events[i].kind == EVENT_BRIDGE_OUT && begins(events[i].data, RIDE);

        if (ride && !ride_event(b, &events[i], from, to, err))
            return false;
        if (events[i].kind == EVENT_BRIDGE_OUT && events[i].data.n && !ride &&
            !is_no_guid(&events[i]) && !bridge_event(b, &events[i], from, to, err))
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

            if (b->links[i].parted && b->links[k].parted && i == k + 1)
                continue; /* of one request, of which there is one link after the other */
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
