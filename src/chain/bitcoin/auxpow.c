/* AuxPoW: a block whose work was done on another chain's block (merged mining).
 *
 *     parent's coinbase | hash 32, of no use | branch | index 4 | branch | index 4 |
 *     parent's header 80
 *     branch: compact size, that many siblings of 32 bytes, from the leaf up
 *
 * The first branch leads from the coinbase to the parent's Merkle root, the second from this
 * block's hash to the root of a tree of chains, which stands in the coinbase's script. Dogecoin
 * Core, auxpow.cpp, CAuxPow::check; Namecoin's wiki, "Merged mining specification". */
#include "chain/bitcoin/block_walk.h"

#define CHAIN_BRANCH_MAX 30
#define PARENT_MERKLE_AT 36
#define LEGACY_PLACES 20 /* where the root may begin without a tag before it */

struct branch {
    const struct hash32 *siblings;
    size_t n;
    uint32_t index;
};

struct auxpow {
    struct hash32 txid; /* of the parent's coinbase */
    struct bytes script;
    struct branch coinbase, chains;
    const uint8_t *parent;
};

static void skip_list(struct cursor *c)
{
    size_t n = cursor_count(c, 1);

    for (size_t i = 0; i < n && !c->bad; i++)
        cursor_skip(c, cursor_compact(c));
}

/* The coinbase, of which the first input's script and the id are wanted. */
static void coinbase(struct cursor *c, struct auxpow *a)
{
    const uint8_t *start = c->at, *body, *body_end;
    bool witness = false;
    size_t inputs_n, outputs_n;

    cursor_skip(c, 4);
    if (cursor_left(c) >= 2 && c->at[0] == 0 && c->at[1] == 1) {
        witness = true;
        cursor_skip(c, 2);
    }
    body = c->at;
    inputs_n = cursor_count(c, INPUT_BYTES_MIN);
    c->bad |= !inputs_n;
    for (size_t i = 0; i < inputs_n && !c->bad; i++) {
        struct bytes script;

        cursor_skip(c, OUTPOINT_BYTES);
        script = cursor_take(c, cursor_compact(c));
        cursor_skip(c, 4);
        if (!i)
            a->script = script;
    }
    outputs_n = cursor_count(c, OUTPUT_BYTES_MIN);
    for (size_t i = 0; i < outputs_n && !c->bad; i++) {
        cursor_skip(c, 8);
        cursor_skip(c, cursor_compact(c));
    }
    body_end = c->at;
    for (size_t i = 0; witness && i < inputs_n && !c->bad; i++)
        skip_list(c);
    cursor_skip(c, 4);
    if (!c->bad) {
        struct hash_parts parts = {
            .part = {{start, 4}, {body, (size_t)(body_end - body)}, {c->at - 4, 4}}};

        sha256d_parts(&parts, 1, &a->txid);
    }
}

static void branch(struct cursor *c, struct branch *b)
{
    b->n = cursor_count(c, sizeof(struct hash32));
    b->siblings = (const struct hash32 *)c->at;
    cursor_skip(c, b->n * sizeof(struct hash32));
    b->index = cursor_le32(c);
}

static struct cursor auxpow_read(struct bytes raw, struct auxpow *ret)
{
    struct cursor c = cursor_over(raw.p, raw.n);

    *ret = (struct auxpow){.parent = NULL};
    coinbase(&c, ret);
    cursor_skip(&c, sizeof(struct hash32));
    branch(&c, &ret->coinbase);
    branch(&c, &ret->chains);
    ret->parent = c.at;
    cursor_skip(&c, HEADER_BYTES);
    return c;
}

size_t auxpow_bytes(struct bytes raw)
{
    struct auxpow a;
    struct cursor c = auxpow_read(raw, &a);

    return c.bad ? 0 : cursor_offset(&c);
}

/* From which byte on; in.n: nowhere. */
static size_t find(struct bytes in, size_t from, const uint8_t *what, size_t n)
{
    for (; from + n <= in.n; from++)
        if (!memcmp(in.p + from, what, n))
            return from;
    return in.n;
}

/* "Choose a pseudo-random slot in the chain merkle tree but have it be fixed for a
 * size/nonce/chain combination." */
static uint32_t slot_of(uint32_t nonce, uint32_t chain_id, size_t height)
{
    uint32_t r = nonce * 1103515245u + 12345u;

    r = (r + chain_id) * 1103515245u + 12345u;
    return r % (1u << height);
}

/* The root stands in the script once, behind the only tag; or, as it was before there was a tag, in
 * its first places. Behind it are the size of the tree and a nonce. */
static bool committed(const struct chain *chain, const struct auxpow *a, const struct hash32 *root)
{
    static const uint8_t tag[] = {0xfa, 0xbe, 'm', 'm'};
    uint8_t shown[32];
    size_t tag_at, at;

    for (size_t i = 0; i < 32; i++)
        shown[i] = root->b[31 - i];
    tag_at = find(a->script, 0, tag, sizeof(tag));
    at = find(a->script, 0, shown, sizeof(shown));
    if (at == a->script.n || a->script.n - at < sizeof(shown) + 8)
        return false;
    if (tag_at == a->script.n ? at > LEGACY_PLACES
                              : tag_at + sizeof(tag) != at ||
                                    find(a->script, tag_at + 1, tag, sizeof(tag)) != a->script.n)
        return false;
    return load_le32(a->script.p + at + 32) == 1u << a->chains.n &&
           a->chains.index == slot_of(load_le32(a->script.p + at + 36), chain->aux_id, a->chains.n);
}

bool auxpow_binds(const struct chain *chain, struct bytes raw, const struct hash32 *hash,
                  const uint8_t **ret_parent)
{
    struct auxpow a;
    struct hash32 root;

    if (auxpow_read(raw, &a).bad || a.coinbase.index || a.coinbase.n > MERKLE_BRANCH_MAX ||
        a.chains.n > CHAIN_BRANCH_MAX || load_le32(a.parent) >> 16 == chain->aux_id)
        return false;
    root = merkle_climb(&a.txid, 0, a.coinbase.siblings, a.coinbase.n);
    if (memcmp(root.b, a.parent + PARENT_MERKLE_AT, 32))
        return false;
    root = merkle_climb(hash, a.chains.index, a.chains.siblings, a.chains.n);
    *ret_parent = a.parent;
    return committed(chain, &a, &root);
}
