#include "entity/list_address.h"

#include "base/bitset.h"
#include "base/sort.h"
#include "chain/address_same.h"

static int hit_order(const void *a, const void *b)
{
    return address_key_compare(&((const struct list_hit *)a)->key,
                               &((const struct list_hit *)b)->key);
}

/* A text without a key of its own is its own key. */
static void key_as_written(const char *text, struct address_key *ret)
{
    size_t n = strlen(text);

    n = n < ADDRESS_KEY_MAX ? n : ADDRESS_KEY_MAX - 1;
    *ret = (struct address_key){.space = SPACE_OTHER, .n = (uint8_t)n};
    memcpy(ret->text, text, n);
}

static void hits_fill(struct list_hit *hits, const void **at, const struct list *lists,
                      size_t lists_n, struct list_addresses *l)
{
    for (size_t i = 0; i < lists_n; i++)
        for (size_t k = 0; k < lists[i].entries_n; k++)
            for (size_t j = 0; j < lists[i].entries[k].cryptos_n; j++) {
                const struct list_entry *e = &lists[i].entries[k];
                const struct list_crypto *c = &e->cryptos[j];
                struct list_hit *hit = &hits[l->n];
                struct err ignored;

                *hit = (struct list_hit){.list = &lists[i], .entry = e, .crypto = c};
                if (!address_key_read(c->text, strlen(c->text), *c->ticker ? c->ticker : NULL,
                                      &hit->key, &ignored)) {
                    key_as_written(c->text, &hit->key);
                    l->strange++;
                }
                at[l->n++] = hit;
            }
}

bool list_addresses_make(struct arena *a, const struct list *lists, size_t lists_n,
                         struct list_addresses *ret, struct err *err)
{
    struct list_addresses l = {0};
    struct list_hit *hits, *sorted;
    const void **at;
    size_t n = 0;

    for (size_t i = 0; i < lists_n; i++)
        for (size_t k = 0; k < lists[i].entries_n; k++)
            n += lists[i].entries[k].cryptos_n;
    hits = ARENA_ARRAY(a, struct list_hit, n + 1);
    sorted = ARENA_ARRAY(a, struct list_hit, n + 1);
    at = arena_array(a, 2 * (n + 1), sizeof(const void *));
    if (!hits || !sorted || !at)
        return arena_fail(a, err, "%zu addresses", n);
    hits_fill(hits, at, lists, lists_n, &l);
    sort_pointers(at, n, at + n + 1, hit_order);
    for (size_t i = 0; i < n; i++)
        sorted[i] = *(const struct list_hit *)at[i];
    l.at = sorted;
    *ret = l;
    return true;
}

/* The end of an address is its checksum, or a hash itself. */
static uint32_t seen_at(const struct address_key *key)
{
    uint64_t last, before = 0;

    if (key->n < 2 * sizeof(last))
        return key->n;
    memcpy(&last, key->text + key->n - sizeof(last), sizeof(last));
    memcpy(&before, key->text + key->n - 2 * sizeof(last), sizeof(before));
    last = (last ^ (before << 7) ^ (before >> 31)) * 0x9e3779b97f4a7c15;
    return (uint32_t)(last >> (64 - LIST_SEEN_BITS));
}

/* Those of one entry that it names itself are found by themselves. */
static bool named_by(const struct list_addresses *l, const struct list_hit *hit)
{
    size_t n;
    const struct list_hit *at = list_addresses_find(l, &hit->key, &n);

    for (size_t i = 0; i < n; i++)
        if (at[i].entry == hit->entry)
            return true;
    return false;
}

bool list_addresses_same(struct arena *a, const struct list_addresses *l,
                         struct list_addresses *ret, struct err *err)
{
    struct address_key same[ADDRESS_SAME_MAX];
    uint64_t *seen = ARENA_ARRAY(a, uint64_t, (size_t)1 << (LIST_SEEN_BITS - 6));
    size_t n = 0, k = 0;
    struct list_hit *hits, *sorted;
    const void **at;

    for (size_t i = 0; i < l->n; i++)
        n += address_same(&l->at[i].key, same);
    hits = ARENA_ARRAY(a, struct list_hit, n + 1);
    sorted = ARENA_ARRAY(a, struct list_hit, n + 1);
    at = arena_array(a, 2 * (n + 1), sizeof(const void *));
    if (!seen || !hits || !sorted || !at)
        return arena_fail(a, err, "%zu addresses", n);
    for (size_t i = 0; i < l->n; i++) {
        size_t same_n = address_same(&l->at[i].key, same);

        for (size_t j = 0; j < same_n; j++) {
            struct list_hit *hit = &hits[k];

            *hit = l->at[i];
            hit->key = same[j];
            if (named_by(l, hit))
                continue;
            bitset_put(seen, seen_at(&hit->key));
            at[k++] = hit;
        }
    }
    sort_pointers(at, k, at + n + 1, hit_order);
    for (size_t i = 0; i < k; i++)
        sorted[i] = *(const struct list_hit *)at[i];
    *ret = (struct list_addresses){.at = sorted, .n = k, .seen = seen};
    return true;
}

const struct list_hit *list_addresses_find(const struct list_addresses *l,
                                           const struct address_key *key, size_t *ret_n)
{
    size_t low = 0, high = l->n, end;

    *ret_n = 0;
    if (l->seen && !bitset_has(l->seen, seen_at(key)))
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (address_key_compare(&l->at[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < l->n && address_key_equal(&l->at[end].key, key); end++)
        ;
    *ret_n = end - low;
    return end > low ? &l->at[low] : NULL;
}
