/* The keys that ledgers' events say, as one sorted list: a key's hash, then which event says it.
 *
 * A payment of a router is kept by the 32 bytes of the transaction that it names, so that bytes
 * from a memo and from a ledger compare. Hashes only lead to an entry; the key itself is compared.
 */
#include "trace/parts.h"
#include "trace/routes_parts.h"

#include "base/mem.h"

#include <stdlib.h>

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

static bool add_key(struct routes *r, uint32_t ledger, uint64_t event,
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
    if (r->keys_n == ROUTES_KEYS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu keys of routes", ROUTES_KEYS_MAX);
    if (!mem_room((void **)&r->keys, &r->keys_size, r->keys_n + 1, sizeof(*r->keys)))
        return routes_nomem(err);
    r->keys[r->keys_n++] = (struct route_key){.hash = hash_of(key),
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

bool routes_read_keys(struct routes *r, struct err *err)
{
    r->asked = true;
    if (r->keys_read || r->alone)
        return true;
    r->keys_n = 0; /* of an attempt that failed */
    for (uint32_t i = 0; i < r->ledgers_n; i++) {
        const struct route_ledger *l = &r->ledgers[i];

        for (uint64_t k = 0; l->accounts && k < l->events_n; k++) {
            struct account_ledger_event e = l->event(l->ctx, k);

            if (e.tx < l->accounts->txs_n && !add_key(r, i, k, &e, err))
                return false;
        }
    }
    if (r->keys_n)
        qsort(r->keys, r->keys_n, sizeof(*r->keys), key_compare);
    r->keys_read = true;
    return true;
}

struct route_key *routes_key_first(const struct routes *r, struct bytes key)
{
    uint64_t hash = hash_of(key);
    size_t low = 0, high = r->keys_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (r->keys[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->keys_n && r->keys[low].hash == hash ? &r->keys[low] : NULL;
}

struct route_key *routes_key_next(const struct routes *r, const struct route_key *k)
{
    size_t i = (size_t)(k - r->keys) + 1;

    return i < r->keys_n && r->keys[i].hash == k->hash ? &r->keys[i] : NULL;
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
