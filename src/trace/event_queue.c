#include "trace/event_queue.h"

#include "base/bitset.h"
#include "base/mem.h"

#define NEAR_BITS 12
#define NEAR_N (1u << NEAR_BITS)
#define FAR_BITS 10
#define FAR_N (1u << FAR_BITS)
#define FAR_LEVELS 3
#define CHUNK_ITEMS 20
#define NONE UINT32_MAX

struct chunk { /* of a far bucket */
    uint32_t next, n;
    uint64_t event[CHUNK_ITEMS];
    uint32_t who[CHUNK_ITEMS];
};

struct cell { /* of a near slot */
    uint32_t who, next;
};

struct event_queue {
    uint64_t base; /* first event of the window */
    uint32_t from; /* slots below are empty for good */
    uint64_t near_set[NEAR_N / 64];
    uint64_t far_set[FAR_LEVELS][FAR_N / 64];
    /* heads of lists; the set bits say which exist */
    uint32_t near[NEAR_N], far[FAR_LEVELS][FAR_N];
    struct cell *cells;
    struct chunk *chunks;
    size_t cells_n, cells_size, chunks_n, chunks_size;
    uint32_t cells_free, chunks_free;
};

struct event_queue *event_queue_new(void)
{
    struct event_queue *q = mem_zero(sizeof(*q));

    if (q)
        q->cells_free = q->chunks_free = NONE;
    return q;
}

struct event_queue *event_queue_free(struct event_queue *q)
{
    if (q) {
        mem_free(q->cells);
        mem_free(q->chunks);
    }
    return mem_free(q);
}

static bool near_push(struct event_queue *q, uint32_t slot, uint32_t who)
{
    uint32_t cell = q->cells_free;

    if (cell != NONE) {
        q->cells_free = q->cells[cell].next;
    } else {
        if (q->cells_n == NONE ||
            !mem_room((void **)&q->cells, &q->cells_size, q->cells_n + 1, sizeof(*q->cells)))
            return false;
        cell = (uint32_t)q->cells_n++;
    }
    q->cells[cell] = (struct cell){who, bitset_has(q->near_set, slot) ? q->near[slot] : NONE};
    q->near[slot] = cell;
    bitset_put(q->near_set, slot);
    return true;
}

static bool far_push(struct event_queue *q, unsigned level, uint32_t slot, uint64_t event,
                     uint32_t who)
{
    uint32_t head = bitset_has(q->far_set[level], slot) ? q->far[level][slot] : NONE, chunk = head;
    struct chunk *c;

    if (head == NONE || q->chunks[head].n == CHUNK_ITEMS) {
        chunk = q->chunks_free;
        if (chunk != NONE) {
            q->chunks_free = q->chunks[chunk].next;
        } else {
            if (q->chunks_n == NONE || !mem_room((void **)&q->chunks, &q->chunks_size,
                                                 q->chunks_n + 1, sizeof(*q->chunks)))
                return false;
            chunk = (uint32_t)q->chunks_n++;
        }
        q->chunks[chunk].next = head;
        q->chunks[chunk].n = 0;
        q->far[level][slot] = chunk;
        bitset_put(q->far_set[level], slot);
    }
    c = &q->chunks[chunk];
    c->event[c->n] = event;
    c->who[c->n++] = who;
    return true;
}

static unsigned shift_of(unsigned level)
{
    return NEAR_BITS + level * FAR_BITS;
}

bool event_queue_push(struct event_queue *q, uint64_t event, uint32_t who)
{
    uint64_t apart = event ^ q->base;
    unsigned level = 0;

    if (!(apart >> NEAR_BITS))
        return near_push(q, event % NEAR_N, who);
    while (level + 1 < FAR_LEVELS && apart >> shift_of(level + 1))
        level++;
    return far_push(q, level, event >> shift_of(level) & (FAR_N - 1), event, who);
}

/* Moves the window to a far bucket and deals its waiters out among the nearer ones. */
static bool deal(struct event_queue *q, unsigned level, uint32_t slot)
{
    unsigned shift = shift_of(level);
    uint32_t chunk = q->far[level][slot];

    bitset_clear(q->far_set[level], slot);
    q->base = (q->base >> (shift + FAR_BITS) << (shift + FAR_BITS)) | (uint64_t)slot << shift;
    q->from = 0;
    while (chunk != NONE) {
        struct chunk c = q->chunks[chunk]; /* pushing may move them */

        q->chunks[chunk].next = q->chunks_free;
        q->chunks_free = chunk;
        if (c.next != NONE)
            for (size_t at = 0; at < sizeof(c); at += 64)
                __builtin_prefetch((const char *)&q->chunks[c.next] + at);
        for (uint32_t i = 0; i < c.n; i++)
            if (!event_queue_push(q, c.event[i], c.who[i]))
                return false;
        chunk = c.next;
    }
    return true;
}

/* The window comes to the next far bucket that holds anything. */
static bool move_on(struct event_queue *q, bool *ret_nomem)
{
    for (unsigned level = 0; level < FAR_LEVELS;) {
        uint32_t at = (q->base >> shift_of(level) & (FAR_N - 1)) + 1;
        uint32_t slot = bitset_next(q->far_set[level], at, FAR_N);

        if (slot == FAR_N) {
            level++;
            continue;
        }
        if (!deal(q, level, slot)) {
            *ret_nomem = true;
            return false;
        }
        if (!level)
            return true;
        /* of the bucket's first part is now near, the others one level down */
        if (bitset_next(q->near_set, 0, NEAR_N) != NEAR_N)
            return true;
        level = 0;
    }
    return false;
}

bool event_queue_take(struct event_queue *q, uint64_t *ret_event, uint32_t *ret_who,
                      bool *ret_nomem)
{
    uint32_t slot, cell;

    *ret_nomem = false;
    while ((slot = bitset_next(q->near_set, q->from, NEAR_N)) == NEAR_N)
        if (!move_on(q, ret_nomem))
            return false;
    cell = q->near[slot];
    q->from = slot;
    *ret_event = q->base + slot;
    *ret_who = q->cells[cell].who;
    q->near[slot] = q->cells[cell].next;
    if (q->near[slot] == NONE)
        bitset_clear(q->near_set, slot);
    q->cells[cell].next = q->cells_free;
    q->cells_free = cell;
    return true;
}

uint64_t event_queue_after(const struct event_queue *q, uint64_t event)
{
    uint32_t slot = event < q->base ? 0 : (uint32_t)(event - q->base) + 1;

    if (event >= q->base + NEAR_N || (slot = bitset_next(q->near_set, slot, NEAR_N)) == NEAR_N)
        return EVENT_NONE;
    return q->base + slot;
}

uint32_t event_queue_glance(const struct event_queue *q, uint64_t event)
{
    uint32_t slot = (uint32_t)(event - q->base);

    return slot < NEAR_N && bitset_has(q->near_set, slot) ? q->cells[q->near[slot]].who : NONE;
}
