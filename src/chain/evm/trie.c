/* The root of a modified Merkle Patricia trie (Yellow Paper, appendix D) over a list, as blocks
 * have three: of transactions, receipts and withdrawals; and the nodes that lead to some of its
 * values, which prove them.
 *
 * Keys are the RLP of the index, so their order is known without sorting: 1 to 127 are a byte
 * below 80, then 0 is 80 itself, then 128 and on are 81.., 82... No key starts another, so no
 * branch has a value. Nodes are made from the leaves up on a stack of a level for each nibble of
 * the longest key. */
#include "base/keccak.h"
#include "chain/evm/block.h"

#define NIBBLES_MAX 18 /* of the longest key: a length and 8 bytes */
#define BRANCHES 16
#define REF_MAX 33

struct ref { /* how a node stands in its parent: itself if shorter than 32 bytes, else its hash */
    uint8_t n, b[REF_MAX];
};

struct level {
    size_t low, high, at; /* which values, in the order of keys; the first not yet in a child */
    unsigned depth, fork; /* nibbles above; the nibble at which they differ */
    unsigned child;       /* which one is being made */
    bool begun;
    struct ref children[BRANCHES];
};

struct key {
    uint8_t b[NIBBLES_MAX / 2];
    unsigned nibbles;
};

static size_t index_of(size_t rank, size_t n)
{
    size_t ones = n < 128 ? n - 1 : 127; /* how many stand before 0 */

    return rank < ones ? rank + 1 : rank == ones ? 0 : rank;
}

static struct key key_of(size_t index)
{
    struct key k = {.nibbles = 2};
    unsigned bytes = 0;

    if (index && index < 128) {
        k.b[0] = (uint8_t)index;
        return k;
    }
    for (size_t rest = index; rest; rest >>= 8)
        bytes++;
    k.b[0] = (uint8_t)(0x80 + bytes);
    for (unsigned i = 0; i < bytes; i++)
        k.b[1 + i] = (uint8_t)(index >> 8 * (bytes - 1 - i));
    k.nibbles += 2 * bytes;
    return k;
}

static unsigned nibble(const struct key *k, unsigned i)
{
    return k->b[i / 2] >> (i % 2 ? 0 : 4) & 15;
}

/* Hex prefix: nibbles from..to of a key, with whether a leaf and an odd number in front. */
static void put_path(struct rlp_out *o, const struct key *k, unsigned from, unsigned to, bool leaf)
{
    uint8_t b[1 + NIBBLES_MAX / 2] = {leaf ? 0x20 : 0};
    unsigned n = 2;

    if ((to - from) % 2) {
        b[0] |= 0x10;
        n = 1;
    }
    for (unsigned i = from; i < to; i++, n++)
        b[n / 2] |= (uint8_t)(nibble(k, i) << (n % 2 ? 0 : 4));
    rlp_put_string(o, b, n / 2);
}

static void put_ref(struct rlp_out *o, const struct ref *r)
{
    if (!r->n)
        rlp_put_string(o, NULL, 0);
    else
        rlp_put_raw(o, r->b, r->n);
}

static struct ref ref_of(const struct rlp_out *node)
{
    struct ref r = {.n = REF_MAX, .b = {0xa0}};
    struct hash32 hash;

    if (node->n < 32) {
        r.n = (uint8_t)node->n;
        if (node->n)
            memcpy(r.b, node->p, node->n);
        return r;
    }
    hash = keccak256(node->p, node->n);
    memcpy(r.b + 1, hash.b, sizeof(hash.b));
    return r;
}

/* A new node; for want of memory the writer stays bad. */
static size_t fresh(struct rlp_out *o)
{
    o->n = 0;
    return rlp_open(o);
}

struct list {
    const uint8_t *values;
    const size_t *ends;
    size_t n;
    struct rlp_out *o;       /* the node just made */
    struct proof_kept *keep; /* NULL: none is kept */
    const uint32_t *wanted;  /* [n + 1] how many of the values before a rank are wanted */
};

static void node_keep(const struct list *t, const struct level *l)
{
    if (!t->keep || t->o->bad || t->wanted[l->high] == t->wanted[l->low])
        return;
    if (!proof_keep(t->keep, (struct bytes){t->o->p, t->o->n}))
        t->o->bad = true;
}

/* How the node just made stands in its parent. One that stands there itself needs no keeping. */
static struct ref node_end(const struct list *t, const struct level *l)
{
    if (t->o->n >= 32)
        node_keep(t, l);
    return ref_of(t->o);
}

static struct ref leaf(const struct list *t, const struct level *l)
{
    size_t index = index_of(l->low, t->n), start = index ? t->ends[index - 1] : 0;
    struct key k = key_of(index);
    size_t list = fresh(t->o);

    put_path(t->o, &k, l->depth, k.nibbles, true);
    rlp_put_string(t->o, t->values + start, t->ends[index] - start);
    rlp_close(t->o, list);
    return node_end(t, l);
}

static struct ref branch(const struct list *t, const struct level *l)
{
    size_t list = fresh(t->o);
    struct key k = key_of(index_of(l->low, t->n));
    struct ref r;

    for (unsigned i = 0; i < BRANCHES; i++)
        put_ref(t->o, &l->children[i]);
    rlp_put_string(t->o, NULL, 0);
    rlp_close(t->o, list);
    r = node_end(t, l);
    if (l->fork == l->depth)
        return r;
    list = fresh(t->o);
    put_path(t->o, &k, l->depth, l->fork, false);
    put_ref(t->o, &r);
    rlp_close(t->o, list);
    return node_end(t, l);
}

static void begin(const struct list *t, struct level *l)
{
    struct key first = key_of(index_of(l->low, t->n)), last = key_of(index_of(l->high - 1, t->n));

    l->begun = true;
    l->at = l->low;
    l->fork = l->depth;
    while (nibble(&first, l->fork) == nibble(&last, l->fork))
        l->fork++;
}

/* The values of the next child: those that share the nibble at the fork. */
static struct level next_child(const struct list *t, struct level *l)
{
    struct key k = key_of(index_of(l->at, t->n));
    struct level child = {.low = l->at, .depth = l->fork + 1};

    l->child = nibble(&k, l->fork);
    while (l->at < l->high) {
        k = key_of(index_of(l->at, t->n));
        if (nibble(&k, l->fork) != l->child)
            break;
        l->at++;
    }
    child.high = l->at;
    return child;
}

static struct hash32 root_of(const struct list *t)
{
    static const struct hash32 empty = EVM_EMPTY_ROOT;
    struct level levels[NIBBLES_MAX + 1] = {{.high = t->n}};
    size_t open = 1;

    if (!t->n)
        return empty;
    while (open) {
        struct level *l = &levels[open - 1];
        struct ref made;

        if (l->high - l->low > 1 && !l->begun)
            begin(t, l);
        if (l->high - l->low > 1 && l->at < l->high) {
            levels[open++] = next_child(t, l);
            continue;
        }
        made = l->high - l->low == 1 ? leaf(t, l) : branch(t, l);
        if (--open)
            levels[open - 1].children[levels[open - 1].child] = made;
    }
    if (t->o->n < 32) /* a root is named by its hash, however short */
        node_keep(t, &levels[0]);
    return keccak256(t->o->p, t->o->n);
}

struct hash32 evm_list_root(const uint8_t *values, const size_t *ends, size_t n,
                            struct rlp_out *scratch)
{
    struct list t = {.values = values, .ends = ends, .n = n, .o = scratch};

    return root_of(&t);
}

struct hash32 evm_list_prove(const uint8_t *values, const size_t *ends, size_t n,
                             const bool *wanted, struct rlp_out *scratch, struct proof_kept *keep)
{
    uint32_t *before = ARENA_ARRAY(keep->a, uint32_t, n + 1);
    struct list t = {values, ends, n, scratch, keep, before};

    if (!before) {
        scratch->bad = true;
        return (struct hash32){{0}};
    }
    for (size_t rank = 0; rank < n; rank++)
        before[rank + 1] = before[rank] + wanted[index_of(rank, n)];
    return root_of(&t);
}
