#include "chain/xrpl/hashes.h"

#include "base/sha512.h"
#include "chain/xrpl/wire.h"

#include <stdlib.h>

#define NIBBLES 64u

struct node {
    struct hash32 child[16];
};

static struct bytes prefix(const char *p)
{
    return (struct bytes){(const uint8_t *)p, 4}; /* its NUL is the fourth */
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

static unsigned nibble(const struct hash32 *id, unsigned at)
{
    return at & 1 ? id->b[at / 2] & 15u : id->b[at / 2] >> 4;
}

static unsigned common(const struct hash32 *a, const struct hash32 *b)
{
    unsigned n = 0;

    while (n < NIBBLES && nibble(a, n) == nibble(b, n))
        n++;
    return n;
}

static struct hash32 node_hash(const struct node *n)
{
    const struct bytes parts[] = {prefix("MIN"), {n->child[0].b, sizeof(n->child)}};

    return sha512_half(parts, 2);
}

/* Leaves in their order: each stands as high as it stands alone, and nodes below what it shares
 * with the next are done. */
bool xrpl_tree_root(struct xrpl_leaf *leaves, size_t n, struct hash32 *ret, struct err *err)
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
        open[level].child[nibble(id, level)] = leaves[i].hash;
        for (; level > after; level--) {
            open[level - 1].child[nibble(id, level - 1)] = node_hash(&open[level]);
            memset(&open[level], 0, sizeof(open[level]));
        }
        before = after;
    }
    *ret = node_hash(&open[0]);
    return true;
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

struct hash32 xrpl_header_hash(const struct xrpl_header *h)
{
    uint8_t b[XRPL_HEADER_BYTES], *p = b;
    const struct bytes parts[] = {prefix("LWR"), {b, sizeof(b)}};

    p = put_be(p, h->index, 4);
    p = put_be(p, h->coins, 8);
    p = put_hash(p, &h->parent);
    p = put_hash(p, &h->txs);
    p = put_hash(p, &h->state);
    p = put_be(p, h->parent_close, 4);
    p = put_be(p, h->close, 4);
    p = put_be(p, h->resolution, 1);
    put_be(p, h->flags, 1);
    return sha512_half(parts, 2);
}
