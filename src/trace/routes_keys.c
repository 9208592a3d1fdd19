/* The keys that ledgers' events say, as one sorted list: a key's hash, then which event says it.
 *
 * A payment of a router is kept by the 32 bytes of the transaction that it names, so that bytes
 * from a memo and from a ledger compare. Hashes only lead to an entry; the key itself is compared.
 */
#include "trace/routes_parts.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(struct bytes key)
{
    struct hash32 h = sha256(key.p, key.n);

    return load_le64(h.b);
}

/* What a payment's memo names; false: no such memo. */
static bool paid_for(struct bytes text, struct memo *ret)
{
    return memo_read(text, ret) && (ret->kind == MEMO_OUT || ret->kind == MEMO_REFUND);
}

struct route_keys *route_keys_new(void)
{
    return mem_zero(sizeof(struct route_keys));
}

struct route_keys *route_keys_free(struct route_keys *k)
{
    if (!k)
        return NULL;
    mem_free(k->old.at);
    mem_free(k->young.at);
    return mem_free(k);
}

static bool add_key(struct key_list *to, uint32_t ledger, uint64_t event,
                    const struct account_ledger_event *e, struct err *err)
{
    struct bytes key = e->data;
    struct memo memo;

    if (e->kind == EVENT_MEMO) {
        if (!paid_for(e->data, &memo))
            return true;
        key = (struct bytes){memo.txid.b, sizeof(memo.txid.b)};
    } else if ((e->kind != EVENT_BRIDGE_OUT && e->kind != EVENT_BRIDGE_IN) || !key.n) {
        return true;
    }
    if (to->n == ROUTES_KEYS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu keys of routes", ROUTES_KEYS_MAX);
    if (!mem_room((void **)&to->at, &to->size, to->n + 1, sizeof(*to->at)))
        return routes_nomem(err);
    to->at[to->n++] = (struct route_key){.hash = hash_of(key),
                                         .event = event,
                                         .tx = e->tx,
                                         .ledger = ledger,
                                         .out = e->kind == EVENT_BRIDGE_OUT,
                                         .payment = e->kind == EVENT_MEMO};
    return true;
}

static int key_compare(const void *one, const void *other)
{
    const struct route_key *a = one, *b = other;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    if (a->ledger != b->ledger)
        return a->ledger < b->ledger ? -1 : 1;
    return (a->event > b->event) - (a->event < b->event);
}

/* What no key was read of yet, behind what is in the list, sorted for itself from *ret_from on. */
static bool read_on(struct route_keys *k, struct key_list *to, const struct route_ledger *ledgers,
                    size_t n, size_t *ret_from, struct err *err)
{
    size_t from = to->n;

    for (uint32_t i = 0; i < n; i++) {
        const struct route_ledger *l = &ledgers[i];
        uint64_t at = k->events_n[i];

        for (; l->accounts && at < l->events_n; at++) {
            struct account_ledger_event e = l->event(l->ctx, at);

            if (e.tx >= l->accounts->txs_n)
                break;
            if (!add_key(to, i, at, &e, err))
                return false;
        }
        k->events_n[i] = at;
    }
    if (to->n > from)
        qsort(to->at + from, to->n - from, sizeof(*to->at), key_compare);
    *ret_from = from;
    return true;
}

/* Sorted ones take their places in a list; they are not of it. */
static bool merge(struct key_list *to, const struct route_key *news, size_t n, struct err *err)
{
    size_t from = to->n, at = from + n;

    if (at > ROUTES_KEYS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu keys of routes", ROUTES_KEYS_MAX);
    if (!mem_room((void **)&to->at, &to->size, at, sizeof(*to->at)))
        return routes_nomem(err);
    to->n = at;
    while (n)
        if (from && key_compare(&to->at[from - 1], &news[n - 1]) > 0)
            to->at[--at] = to->at[--from];
        else
            to->at[--at] = news[--n];
    return true;
}

bool routes_read_keys(struct routes *r, struct err *err)
{
    size_t from;

    r->asked = true;
    if (r->alone || (r->keys && r->keys->begun))
        return true;
    if (!r->keys)
        r->keys = route_keys_new();
    if (!r->keys)
        return routes_nomem(err);
    r->keys->old.n = r->keys->young.n = 0; /* of an attempt that failed */
    memset(r->keys->events_n, 0, sizeof(r->keys->events_n));
    if (!read_on(r->keys, &r->keys->old, r->ledgers, r->ledgers_n, &from, err))
        return false;
    r->keys->begun = true;
    return true;
}

struct bytes routes_coins_memo(const struct route_ledger *l, uint64_t tx, struct memo_outputs *room)
{
    struct coins_range out = coins_outputs(l->coins, (uint32_t)tx);
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct bytes script;

    *room = (struct memo_outputs){.n = 0};
    if (out.n > ROUTES_LEGS_MAX)
        return (struct bytes){NULL, 0};
    for (uint64_t i = 0; i < out.n; i++)
        if (l->script(l->ctx, out.first + i, buffer, &script))
            memo_outputs_add(room, script);
    return memo_outputs_end(room);
}

/* What new outputs name in the words of a payment (routes_links.c asks for such scripts): each by
 * itself, or the first of those that a memo goes on in. */
static void tell_outputs(const struct route_ledger *l, uint64_t first,
                         void (*each)(void *ctx, uint64_t key), void *ctx)
{
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct bytes script, text;
    struct memo_outputs room;
    struct memo memo;

    for (uint64_t i = first; i < l->coins->outputs_n; i++) {
        if (!l->script(l->ctx, i, buffer, &script) || !memo_in_script(script, &text))
            continue;
        if (paid_for(text, &memo) ||
            (text.n >= MEMO_RETURN_MAX &&
             paid_for(routes_coins_memo(l, coins_maker(l->coins, i), &room), &memo)))
            each(ctx, hash_of((struct bytes){memo.txid.b, sizeof(memo.txid.b)}));
    }
}

bool route_keys_grow(struct route_keys *k, const struct route_ledger *ledgers, size_t n,
                     const uint64_t *outputs_n, void (*each)(void *ctx, uint64_t key), void *ctx,
                     struct err *err)
{
    struct key_list news = {.n = 0};
    size_t from;
    bool ok;

    if (!k->begun)
        return true;
    k->begun = false; /* unless it comes to its end */
    ok = read_on(k, &news, ledgers, n, &from, err) && merge(&k->young, news.at, news.n, err);
    for (size_t i = 0; ok && i < news.n; i++)
        each(ctx, news.at[i].hash);
    mem_free(news.at);
    if (ok && k->young.n * k->young.n > k->old.n) { /* all are moved, once in a while */
        ok = merge(&k->old, k->young.at, k->young.n, err);
        k->young.n = 0;
    }
    k->begun = ok;
    for (size_t i = 0; ok && i < n; i++)
        if (ledgers[i].coins)
            tell_outputs(&ledgers[i], outputs_n[i], each, ctx);
    return ok;
}

/* The first that is not below one; NULL: none is. */
static struct route_key *list_from(const struct key_list *l, const struct route_key *from)
{
    size_t low = 0, high = l->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (key_compare(&l->at[middle], from) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->n ? &l->at[low] : NULL;
}

static struct route_key *key_from(const struct routes *r, struct route_key from)
{
    struct route_key *old = r->keys ? list_from(&r->keys->old, &from) : NULL;
    struct route_key *young = r->keys ? list_from(&r->keys->young, &from) : NULL;
    struct route_key *k = !old || (young && key_compare(young, old) < 0) ? young : old;

    return k && k->hash == from.hash ? k : NULL;
}

struct route_key *routes_key_first(const struct routes *r, struct bytes key)
{
    uint64_t hash = hash_of(key);

    if (r->on_ask)
        r->on_ask(r->on_ask_ctx, hash);
    return key_from(r, (struct route_key){.hash = hash});
}

struct route_key *routes_key_next(const struct routes *r, const struct route_key *k)
{
    return key_from(
        r, (struct route_key){.hash = k->hash, .ledger = k->ledger, .event = k->event + 1});
}

bool routes_key_is(const struct routes *r, const struct route_key *k, struct bytes key,
                   bool payment)
{
    const struct route_ledger *l = &r->ledgers[k->ledger];
    struct account_ledger_event e = l->event(l->ctx, k->event);
    struct memo memo;

    if (k->payment != payment)
        return false;
    if (!payment)
        return bytes_equal(e.data, key);
    return paid_for(e.data, &memo) &&
           bytes_equal((struct bytes){memo.txid.b, sizeof(memo.txid.b)}, key);
}
