#include "chain/xrpl/hashes.h"

#include "base/sha512.h"
#include "chain/xrpl/wire.h"

#include <stdlib.h>

#define NIBBLES 64u

#define PREFIX_BYTES 4u

struct node {
    struct hash32 child[XRPL_CHILDREN];
    bool wanted; /* a leaf below is */
};

static struct bytes prefix(const char *p)
{
    return (struct bytes){(const uint8_t *)p, PREFIX_BYTES}; /* its NUL is the fourth */
}

static struct bytes of(const struct hash32 *h)
{
    return (struct bytes){h->b, sizeof(h->b)};
}

struct hash32 xrpl_tx_id(struct bytes tx)
{
    const struct bytes parts[] = {prefix("TXN"), tx};

    return sha512_half(parts, 2);
}

struct xrpl_leaf xrpl_leaf(struct bytes tx, struct bytes meta)
{
    struct xrpl_leaf ret = {.id = xrpl_tx_id(tx)};
    uint8_t tx_n[XRPL_LENGTH_BYTES], meta_n[XRPL_LENGTH_BYTES];
    const struct bytes parts[] = {
        prefix("SND"), xrpl_length(tx.n, tx_n), tx, xrpl_length(meta.n, meta_n), meta, of(&ret.id)};

    ret.hash = sha512_half(parts, sizeof(parts) / sizeof(parts[0]));
    return ret;
}

static int by_id(const void *a, const void *b)
{
    return memcmp(((const struct xrpl_leaf *)a)->id.b, ((const struct xrpl_leaf *)b)->id.b, 32);
}

unsigned xrpl_nibble(const struct hash32 *id, unsigned at)
{
    return at & 1 ? id->b[at / 2] & 15u : id->b[at / 2] >> 4;
}

static unsigned common(const struct hash32 *a, const struct hash32 *b)
{
    unsigned n = 0;

    while (n < NIBBLES && xrpl_nibble(a, n) == xrpl_nibble(b, n))
        n++;
    return n;
}

static struct hash32 node_hash(const struct node *n)
{
    const struct bytes parts[] = {prefix("MIN"), {n->child[0].b, sizeof(n->child)}};

    return sha512_half(parts, 2);
}

struct hash32 xrpl_node_hash(struct bytes node)
{
    return sha512_half(&node, 1);
}

/* What is done goes into its parent, if it has one. */
static bool node_done(struct node *n, struct proof_kept *keep, struct hash32 *ret, struct err *err)
{
    uint8_t b[PREFIX_BYTES + sizeof(n->child)];

    *ret = node_hash(n);
    if (!keep || !n->wanted)
        return true;
    memcpy(b, "MIN", PREFIX_BYTES);
    memcpy(b + PREFIX_BYTES, n->child, sizeof(n->child));
    return proof_keep(keep, (struct bytes){b, sizeof(b)}) || proof_no_memory(keep->a, err);
}

/* Leaves in their order: each stands as high as it stands alone, and nodes below what it shares
 * with the next are done. */
bool xrpl_tree_prove(struct xrpl_leaf *leaves, size_t n, struct proof_kept *keep,
                     struct hash32 *ret, struct err *err)
{
    struct node open[NIBBLES];
    unsigned before = 0;

    memset(open, 0, sizeof(open));
    memset(ret, 0, sizeof(*ret));
    if (!n)
        return true;
    qsort(leaves, n, sizeof(*leaves), by_id);
    for (size_t i = 0; i < n; i++) {
        const struct hash32 *id = &leaves[i].id;
        unsigned after = i + 1 < n ? common(id, &leaves[i + 1].id) : 0;
        unsigned level = before > after ? before : after;

        if (after == NIBBLES)
            return err_fail(err, ERR_INPUT, "a transaction is there twice");
        open[level].child[xrpl_nibble(id, level)] = leaves[i].hash;
        open[level].wanted |= leaves[i].wanted;
        for (; level > after; level--) {
            struct node *above = &open[level - 1];

            if (!node_done(&open[level], keep, &above->child[xrpl_nibble(id, level - 1)], err))
                return false;
            above->wanted |= open[level].wanted;
            memset(&open[level], 0, sizeof(open[level]));
        }
        before = after;
    }
    return node_done(&open[0], keep, ret, err);
}

bool xrpl_tree_root(struct xrpl_leaf *leaves, size_t n, struct hash32 *ret, struct err *err)
{
    return xrpl_tree_prove(leaves, n, NULL, ret, err);
}

static bool begins(struct bytes node, const char *with)
{
    return node.n >= PREFIX_BYTES && !memcmp(node.p, with, PREFIX_BYTES);
}

const uint8_t *xrpl_inner_read(struct bytes node)
{
    return begins(node, "MIN") && node.n == PREFIX_BYTES + XRPL_CHILDREN * sizeof(struct hash32)
               ? node.p + PREFIX_BYTES
               : NULL;
}

struct bytes xrpl_leaf_write(struct arena *a, struct bytes tx, struct bytes meta)
{
    uint8_t tx_n[XRPL_LENGTH_BYTES], meta_n[XRPL_LENGTH_BYTES];
    struct hash32 id = xrpl_tx_id(tx);
    const struct bytes parts[] = {
        prefix("SND"), xrpl_length(tx.n, tx_n), tx, xrpl_length(meta.n, meta_n), meta, of(&id)};
    struct bytes ret = {NULL, 0};
    uint8_t *to;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        ret.n += parts[i].n;
    ret.p = to = arena_alloc(a, ret.n);
    if (!to)
        return (struct bytes){NULL, 0};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i].n)
            memcpy(to, parts[i].p, parts[i].n);
        to += parts[i].n;
    }
    return ret;
}

bool xrpl_leaf_read(struct bytes node, struct bytes *ret_tx, struct bytes *ret_meta,
                    struct hash32 *ret_id)
{
    struct cursor c = cursor_over(node.p, node.n);
    struct bytes id;

    cursor_take(&c, PREFIX_BYTES);
    *ret_tx = cursor_take(&c, xrpl_length_read(&c));
    *ret_meta = cursor_take(&c, xrpl_length_read(&c));
    id = cursor_take(&c, sizeof(ret_id->b));
    if (!begins(node, "SND") || c.bad || cursor_left(&c))
        return false;
    *ret_id = xrpl_tx_id(*ret_tx);
    return !memcmp(id.p, ret_id->b, sizeof(ret_id->b));
}

/* ---- the header ---- */

static void hash_take(struct cursor *c, struct hash32 *ret)
{
    struct bytes b = cursor_take(c, sizeof(ret->b));

    if (b.n)
        memcpy(ret->b, b.p, b.n);
}

bool xrpl_header_read(struct bytes in, struct xrpl_header *ret, struct err *err)
{
    struct cursor c = cursor_over(in.p, in.n);

    *ret = (struct xrpl_header){.index = (uint32_t)xrpl_be(&c, 4)};
    ret->coins = xrpl_be(&c, 8);
    hash_take(&c, &ret->parent);
    hash_take(&c, &ret->txs);
    hash_take(&c, &ret->state);
    ret->parent_close = (uint32_t)xrpl_be(&c, 4);
    ret->close = (uint32_t)xrpl_be(&c, 4);
    ret->resolution = cursor_u8(&c);
    ret->flags = cursor_u8(&c);
    return (!c.bad && !cursor_left(&c)) ||
           err_fail(err, ERR_INPUT, "a ledger's header has %d bytes", XRPL_HEADER_BYTES);
}

static uint8_t *put_be(uint8_t *p, uint64_t v, unsigned n)
{
    while (n--)
        *p++ = (uint8_t)(v >> 8 * n);
    return p;
}

static uint8_t *put_hash(uint8_t *p, const struct hash32 *h)
{
    memcpy(p, h->b, sizeof(h->b));
    return p + sizeof(h->b);
}

void xrpl_header_write(const struct xrpl_header *h, uint8_t ret[XRPL_HEADER_BYTES])
{
    uint8_t *p = put_be(ret, h->index, 4);

    p = put_be(p, h->coins, 8);
    p = put_hash(p, &h->parent);
    p = put_hash(p, &h->txs);
    p = put_hash(p, &h->state);
    p = put_be(p, h->parent_close, 4);
    p = put_be(p, h->close, 4);
    p = put_be(p, h->resolution, 1);
    put_be(p, h->flags, 1);
}

struct hash32 xrpl_header_hash(const struct xrpl_header *h)
{
    uint8_t b[XRPL_HEADER_BYTES];
    const struct bytes parts[] = {prefix("LWR"), {b, sizeof(b)}};

    xrpl_header_write(h, b);
    return sha512_half(parts, 2);
}
