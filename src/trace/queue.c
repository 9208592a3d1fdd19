#include "trace/queue.h"

#include "base/bitset.h"
#include "base/mem.h"

#define NEAR_BITS 12
#define NEAR_N (1u << NEAR_BITS)
#define FAR_BITS 10
#define FAR_N (1u << FAR_BITS)
#define FAR_LEVELS 2
#define CHUNK_ITEMS 15

struct chunk { /* of a far bucket */
    uint32_t next, n;
    struct queue_item items[CHUNK_ITEMS];
};

struct cell { /* of a near slot */
    struct queue_item item;
    uint32_t next;
};

struct queue {
    uint32_t base; /* first transaction of the window */
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

struct queue *queue_new(void)
{
    struct queue *q = mem_zero(sizeof(*q));

    if (q)
        q->cells_free = q->chunks_free = QUEUE_NONE;
    return q;
}

struct queue *queue_free(struct queue *q)
{
    if (q) {
        mem_free(q->cells);
        mem_free(q->chunks);
    }
    return mem_free(q);
}

static struct queue_item *near_place(struct queue *q, uint32_t slot)
{
    uint32_t cell = q->cells_free;

    if (cell != QUEUE_NONE) {
        q->cells_free = q->cells[cell].next;
    } else {
        if (q->cells_n == QUEUE_NONE ||
            !mem_room((void **)&q->cells, &q->cells_size, q->cells_n + 1, sizeof(*q->cells)))
            return NULL;
        cell = (uint32_t)q->cells_n++;
    }
    q->cells[cell].next = bitset_has(q->near_set, slot) ? q->near[slot] : QUEUE_NONE;
    q->near[slot] = cell;
    bitset_put(q->near_set, slot);
    return &q->cells[cell].item;
}

static struct queue_item *far_place(struct queue *q, unsigned level, uint32_t slot)
{
    uint32_t head = bitset_has(q->far_set[level], slot) ? q->far[level][slot] : QUEUE_NONE;
    uint32_t chunk = head;

    if (head == QUEUE_NONE || q->chunks[head].n == CHUNK_ITEMS) {
        chunk = q->chunks_free;
        if (chunk != QUEUE_NONE) {
            q->chunks_free = q->chunks[chunk].next;
        } else {
            if (q->chunks_n == QUEUE_NONE || !mem_room((void **)&q->chunks, &q->chunks_size,
                                                       q->chunks_n + 1, sizeof(*q->chunks)))
                return NULL;
            chunk = (uint32_t)q->chunks_n++;
        }
        q->chunks[chunk].next = head;
        q->chunks[chunk].n = 0;
        q->far[level][slot] = chunk;
        bitset_put(q->far_set[level], slot);
    }
    return &q->chunks[chunk].items[q->chunks[chunk].n++];
}

struct queue_item *queue_place(struct queue *q, uint32_t tx)
{
    uint32_t apart = tx ^ q->base;

    if (!(apart >> NEAR_BITS))
        return near_place(q, tx % NEAR_N);
    if (!(apart >> (NEAR_BITS + FAR_BITS)))
        return far_place(q, 0, tx >> NEAR_BITS & (FAR_N - 1));
    return far_place(q, 1, tx >> (NEAR_BITS + FAR_BITS));
}

bool queue_push(struct queue *q, const struct queue_item *item)
{
    struct queue_item *place = queue_place(q, item->tx);

    if (place)
        *place = *item;
    return place;
}

static void fetch_chunk(const struct chunk *c)
{
    for (size_t at = 0; at < sizeof(*c); at += 64)
        __builtin_prefetch((const char *)c + at);
}

/* Moves the window to a far bucket and deals its items out among the nearer ones. */
static bool deal(struct queue *q, unsigned level, uint32_t slot)
{
    unsigned shift = NEAR_BITS + level * FAR_BITS;
    uint32_t chunk = q->far[level][slot], next;
    uint64_t above = (uint64_t)q->base >> (shift + FAR_BITS) << (shift + FAR_BITS);

    q->base = (uint32_t)(above | (uint64_t)slot << shift);
    q->from = 0;
    bitset_clear(q->far_set[level], slot);
    for (; chunk != QUEUE_NONE; chunk = next) {
        uint32_t n = q->chunks[chunk].n;

        next = q->chunks[chunk].next;
        if (next != QUEUE_NONE)
            fetch_chunk(&q->chunks[next]);
        for (uint32_t i = 0; i < n; i++) {
            struct queue_item item = q->chunks[chunk].items[i]; /* a push may move the chunks */

            if (!queue_push(q, &item))
                return false;
        }
        q->chunks[chunk].next = q->chunks_free;
        q->chunks_free = chunk;
    }
    return true;
}

bool queue_first(struct queue *q, uint32_t *ret_tx, bool *ret_nomem)
{
    for (;;) {
        uint32_t slot = bitset_next(q->near_set, q->from, NEAR_N);
        unsigned level = 0;

        if (slot < NEAR_N) {
            q->from = slot;
            *ret_tx = q->base | slot;
            return true;
        }
        while (level < FAR_LEVELS && (slot = bitset_next(q->far_set[level], 0, FAR_N)) == FAR_N)
            level++;
        if (level == FAR_LEVELS)
            return false;
        if (!deal(q, level, slot)) {
            *ret_nomem = true;
            return false;
        }
    }
}

static bool take(struct queue *q, uint32_t tx, struct queue_item *ret)
{
    uint32_t slot = tx % NEAR_N, cell;

    if (!bitset_has(q->near_set, slot))
        return false;
    cell = q->near[slot];
    *ret = q->cells[cell].item;
    q->near[slot] = q->cells[cell].next;
    if (q->near[slot] == QUEUE_NONE)
        bitset_clear(q->near_set, slot);
    q->cells[cell].next = q->cells_free;
    q->cells_free = cell;
    return true;
}

/* A heap sort, since an attacker may have chosen the order, and as a rule there is one or two. */
static void sift(struct queue_item *items, size_t at, size_t n)
{
    struct queue_item it = items[at];

    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && items[child + 1].output > items[child].output)
            child++;
        if (items[child].output <= it.output)
            break;
        items[at] = items[child];
    }
    items[at] = it;
}

static void sort(struct queue_item *items, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(items, i, n);
    while (n > 1) {
        struct queue_item last = items[--n];

        items[n] = items[0];
        items[0] = last;
        sift(items, 0, n);
    }
}

bool queue_take_all(struct queue *q, uint32_t tx, struct queue_item **at, size_t *ret_n,
                    size_t *size)
{
    bool sorted = true;
    size_t n = 0;

    for (;; n++) {
        if (!mem_room((void **)at, size, n + 1, sizeof(**at)))
            return false;
        if (!take(q, tx, &(*at)[n]))
            break;
        sorted &= !n || (*at)[n - 1].output < (*at)[n].output;
    }
    if (!sorted)
        sort(*at, n);
    *ret_n = n;
    return true;
}

uint32_t queue_after(const struct queue *q, uint32_t tx)
{
    uint32_t slot = bitset_next(q->near_set, tx % NEAR_N + 1, NEAR_N);

    return slot < NEAR_N ? q->base | slot : QUEUE_NONE;
}

const struct queue_item *queue_glance(const struct queue *q, uint32_t tx)
{
    uint32_t slot = tx % NEAR_N;

    return bitset_has(q->near_set, slot) ? &q->cells[q->near[slot]].item : NULL;
}
