#include "trace/held.h"

#include "base/mem.h"
#include "base/mix.h"

#define NONE UINT32_MAX
#define SLOTS_FIRST 1024u

struct held {
    struct queue_item *items; /* reserved */
    uint32_t *slots;          /* reserved; 1 + an item's place, 0: none */
    size_t items_max, slots_max;
    size_t used, n; /* places ever used, and items there are */
    uint32_t free;  /* the first free place, the next one's in its tx */
    uint64_t key;
    /* slots below split have been split into two, of mask and of twice that */
    size_t split, mask;
};

struct held *held_new(size_t items_max, uint64_t key)
{
    struct held *h = mem_zero(sizeof(*h));

    if (!h)
        return NULL;
    h->items_max = items_max < HELD_MAX ? items_max : HELD_MAX;
    h->slots_max = h->items_max + SLOTS_FIRST;
    h->key = key;
    h->free = NONE;
    h->mask = SLOTS_FIRST - 1;
    h->items = mem_reserve_growing(h->items_max * sizeof(*h->items));
    h->slots = mem_reserve_growing(h->slots_max * sizeof(*h->slots));
    return h->items && h->slots ? h : held_free(h);
}

struct held *held_free(struct held *h)
{
    if (!h)
        return NULL;
    mem_unreserve(h->items, h->items_max * sizeof(*h->items));
    mem_unreserve(h->slots, h->slots_max * sizeof(*h->slots));
    return mem_free(h);
}

size_t held_n(const struct held *h)
{
    return h->n;
}

uint64_t held_bytes(const struct held *h)
{
    return h->used * sizeof(*h->items) + (h->mask + 1 + h->split) * sizeof(*h->slots);
}

static uint64_t hash_of(uint64_t key)
{
    return mix_fold(key ^ 0x9e3779b97f4a7c15, 0xd1b54a32d192ed03);
}

static size_t slot_of(const struct held *h, uint64_t output)
{
    uint64_t hash = hash_of(output & h->key);
    size_t slot = hash & h->mask;

    return slot < h->split ? hash & (2 * h->mask + 1) : slot;
}

/* One slot more: the items of one are dealt out over it and the new one. */
static void grow(struct held *h)
{
    size_t from = h->split++, both[2] = {from, from + h->mask + 1};
    uint32_t at = h->slots[from], next;

    h->slots[both[0]] = h->slots[both[1]] = 0;
    for (; at; at = next) {
        struct queue_item *item = &h->items[at - 1];
        size_t slot = hash_of(item->output & h->key) & (2 * h->mask + 1);

        next = item->tx;
        item->tx = h->slots[slot];
        h->slots[slot] = at;
    }
    if (h->split > h->mask) {
        h->mask = 2 * h->mask + 1;
        h->split = 0;
    }
}

struct queue_item *held_place(struct held *h, uint64_t output)
{
    uint32_t place = h->free;
    size_t slot;

    if (place != NONE) {
        h->free = h->items[place].tx;
    } else {
        if (h->used == h->items_max)
            return NULL;
        place = (uint32_t)h->used++;
    }
    if (++h->n > h->mask + 1 + h->split && h->mask + 2 + h->split <= h->slots_max)
        grow(h);
    slot = slot_of(h, output);
    h->items[place].output = output;
    h->items[place].tx = h->slots[slot];
    h->slots[slot] = place + 1;
    return &h->items[place];
}

static void unlink_item(struct held *h, uint32_t *link)
{
    uint32_t place = *link - 1;

    *link = h->items[place].tx;
    h->items[place].output = HELD_EMPTY;
    h->items[place].tx = h->free;
    h->free = place;
    h->n--;
}

size_t held_look(const struct held *h, uint64_t key, struct queue_item *ret, size_t max)
{
    size_t n = 0;

    for (uint32_t i = h->slots[slot_of(h, key)]; i && n < max; i = h->items[i - 1].tx)
        if ((h->items[i - 1].output & h->key) == key)
            ret[n++] = h->items[i - 1];
    return n;
}

bool held_take(struct held *h, uint64_t key, struct queue_item **at, size_t *n, size_t *size)
{
    uint32_t *link = &h->slots[slot_of(h, key)];
    size_t found = 0;

    for (uint32_t i = *link; i; i = h->items[i - 1].tx)
        found += (h->items[i - 1].output & h->key) == key;
    if (!found)
        return true;
    if (!mem_room((void **)at, size, *n + found, sizeof(**at)))
        return false;
    while (*link) {
        struct queue_item *item = &h->items[*link - 1];

        if ((item->output & h->key) == key) {
            (*at)[(*n)++] = *item;
            unlink_item(h, link);
        } else {
            link = &item->tx;
        }
    }
    return true;
}

bool held_remove(struct held *h, uint64_t output, struct queue_item *ret)
{
    for (uint32_t *link = &h->slots[slot_of(h, output)]; *link; link = &h->items[*link - 1].tx)
        if (h->items[*link - 1].output == output) {
            *ret = h->items[*link - 1];
            unlink_item(h, link);
            return true;
        }
    return false;
}

void held_fetch(const struct held *h, uint64_t key)
{
    __builtin_prefetch(&h->slots[slot_of(h, key)]);
}

const struct queue_item *held_at(const struct held *h, size_t place)
{
    return place < h->used ? &h->items[place] : NULL;
}
