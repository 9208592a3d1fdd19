#include "chain/proof_nodes.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 64

struct node {
    struct hash32 hash;
    struct bytes bytes;
    bool used;
};

struct proof_nodes {
    struct node *at; /* [n] by hash */
    size_t n;
};

bool proof_no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "a proof");
}

static int by_hash(const void *one, const void *other)
{
    return memcmp(((const struct node *)one)->hash.b, ((const struct node *)other)->hash.b,
                  sizeof(struct hash32));
}

bool proof_nodes_open(struct arena *a, const struct bytes *nodes, size_t n, proof_hash_fn *hash,
                      struct proof_nodes **ret, struct err *err)
{
    struct proof_nodes *s = ARENA_NEW(a, struct proof_nodes);

    if (n > BLOCK_PROOF_NODES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu nodes", BLOCK_PROOF_NODES_MAX);
    if (s)
        s->at = ARENA_ARRAY(a, struct node, n + 1);
    if (!s || !s->at)
        return proof_no_memory(a, err);
    for (; s->n < n; s->n++) {
        struct node *node = &s->at[s->n];

        *node = (struct node){.hash = hash(nodes[s->n]), .bytes = nodes[s->n]};
        if (s->n && by_hash(&node[-1], node) >= 0)
            return err_fail(err, ERR_INPUT, "node %zu: not by their hash, each once", s->n);
    }
    *ret = s;
    return true;
}

static int hash_to_node(const void *hash, const void *node)
{
    return memcmp(hash, ((const struct node *)node)->hash.b, sizeof(struct hash32));
}

const struct bytes *proof_nodes_find(struct proof_nodes *s, const uint8_t hash[32], bool *ret_again)
{
    struct node *node = s->n ? bsearch(hash, s->at, s->n, sizeof(*node), hash_to_node) : NULL;

    if (!node)
        return NULL;
    if (ret_again)
        *ret_again = node->used;
    node->used = true;
    return &node->bytes;
}

bool proof_nodes_used(const struct proof_nodes *s, struct err *err)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->at[i].used)
            return err_fail(err, ERR_INPUT, "a node that nothing leads to");
    return true;
}

bool proof_keep(struct proof_kept *k, struct bytes node)
{
    uint8_t *copy;

    if (k->n == k->room) {
        size_t room = 2 * k->room + ROOM;
        struct bytes *more = ARENA_ARRAY(k->a, struct bytes, room);

        if (!more)
            return false;
        if (k->n)
            memcpy(more, k->at, k->n * sizeof(*more));
        k->at = more;
        k->room = room;
    }
    copy = arena_copy(k->a, node.p, node.n);
    if (!copy)
        return false;
    k->at[k->n++] = (struct bytes){copy, node.n};
    return true;
}

/* One that is there twice, as two trees may have it, is written once. */
bool proof_kept_put(const struct proof_kept *k, proof_hash_fn *hash, struct block_proof *ret,
                    struct err *err)
{
    struct node *nodes = ARENA_ARRAY(k->a, struct node, k->n + 1);
    struct bytes *at = ARENA_ARRAY(k->a, struct bytes, k->n + 1);
    size_t kept = 0;

    if (!nodes || !at)
        return proof_no_memory(k->a, err);
    for (size_t i = 0; i < k->n; i++)
        nodes[i] = (struct node){.hash = hash(k->at[i]), .bytes = k->at[i]};
    if (k->n)
        qsort(nodes, k->n, sizeof(*nodes), by_hash);
    for (size_t i = 0; i < k->n; i++)
        if (!i || by_hash(&nodes[i - 1], &nodes[i]) != 0)
            at[kept++] = nodes[i].bytes;
    ret->nodes = at;
    ret->nodes_n = kept;
    return true;
}
