/* The first half of proving evidence of coins: each hash anew, from raw transactions by Merkle
 * branches to headers and their proof of work, and what the manifest says of all of it. */
#include "trace/evidence_parts.h"

#include <stdarg.h>
#include <stdio.h>

#define CONFUSED_TX_BYTES                                                                          \
    64 /* two hashes of a Merkle tree can pass for such a transaction (CVE-2017-12842) */

bool coins_proof_fails(struct coins_proof *p, const char *fmt, ...)
{
    char text[ERR_TEXT_MAX];
    struct err plain;
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    err_fail(&plain, ERR_DIFFERS, "%s", text);
    memcpy(p->answer->text, plain.text, sizeof(plain.text));
    p->err->class = ERR_DIFFERS;
    return false;
}

bool coins_proof_no_memory(struct coins_proof *p)
{
    return arena_fail(p->a, p->err, "evidence");
}

const struct json *coins_proof_list(struct coins_proof *p, const struct json *j, const char *name)
{
    const struct json *list = json_get(j, name);

    if (list && list->type == JSON_ARRAY)
        return list;
    err_fail(p->err, ERR_INPUT, "%s: a list is wanted", name);
    return NULL;
}

bool coins_proof_hash_text(const char *s, bool shown, struct hash32 *ret)
{
    struct hash32 h;

    if (!hex_decode(s, strlen(s), h.b, 32))
        return false;
    for (size_t i = 0; i < 32; i++)
        ret->b[i] = h.b[shown ? 31 - i : i];
    return true;
}

bool coins_proof_hash(struct coins_proof *p, const struct json *j, const char *name, bool shown,
                      struct hash32 *ret)
{
    const char *s;

    if (!json_text(j, name, &s, p->err))
        return false;
    return coins_proof_hash_text(s, shown, ret) ||
           err_fail(p->err, ERR_INPUT, "%s: not a hash", name);
}

/* "TXID:VOUT" -> the 36 bytes that stand in an input. */
bool coins_proof_outpoint(struct coins_proof *p, const struct json *j, const char *name,
                          uint8_t ret[OUTPOINT_BYTES])
{
    struct case_origin o;
    const char *s;

    if (!json_text(j, name, &s, p->err))
        return false;
    if (!strchr(s, ':') || !origin_from_text(p->a, s, &o, p->err))
        return err_fail(p->err, ERR_INPUT, "%s: not TXID:VOUT", name);
    memcpy(ret, o.txid.b, 32);
    store_le32(ret + 32, o.vout);
    return true;
}

bool coins_proof_room(struct coins_proof *p)
{
    if (p->transactions->children_n > EVIDENCE_TXS_MAX || p->blocks->children_n > EVIDENCE_TXS_MAX)
        return err_fail(p->err, ERR_LIMIT, "more than %zu transactions or blocks",
                        EVIDENCE_TXS_MAX);
    p->items =
        ARENA_ARRAY(p->a, struct hash32, 1 + p->transactions->children_n + p->blocks->children_n);
    return p->items || coins_proof_no_memory(p);
}

static bool item_add(struct coins_proof *p, const void *at, size_t n)
{
    p->items[p->items_n++] = sha256(at, n);
    return true;
}

/* The statement's bytes in the file are compact JSON: reading and writing gives them back. */
bool coins_proof_statement(struct coins_proof *p)
{
    struct text t = text_new(JSON_BYTES_MAX);
    struct json_out j = json_to(&t, false);
    bool ok;

    json_tree(&j, p->statement);
    ok = text_end(&t, p->err) && item_add(p, t.p, t.n);
    text_free(&t);
    return ok;
}

static int claim_compare(const void *one, const void *other)
{
    const struct claim *a = one, *b = other;

    return memcmp(a->outpoint, b->outpoint, OUTPOINT_BYTES);
}

bool coins_proof_claims(struct coins_proof *p, const struct json *list)
{
    const void **at, **scratch;

    if (!list)
        return false;
    p->claims = ARENA_ARRAY(p->a, struct claim, list->children_n);
    at = ARENA_ARRAY(p->a, const void *, list->children_n);
    scratch = ARENA_ARRAY(p->a, const void *, list->children_n);
    if (!p->claims || !at || !scratch)
        return coins_proof_no_memory(p);
    for (const struct json *c = list->child; c; c = c->next) {
        struct claim *claim = &p->claims[p->claims_n];
        const struct json *value = json_get(c, "value");

        claim->value = UINT64_MAX;
        if (!coins_proof_outpoint(p, json_get(c, "output"), "claimed output", claim->outpoint))
            return false;
        if ((!value || value->type != JSON_NULL) &&
            !json_u64(value, "claimed value", &claim->value, p->err))
            return false;
        if (claim->value != UINT64_MAX && claim->value > p->chain->money_max)
            return err_fail(p->err, ERR_INPUT, "claimed value: more than can exist");
        at[p->claims_n++] = claim;
    }
    sort_pointers(at, p->claims_n, scratch, claim_compare);
    p->claims_sorted = (const struct claim **)at;
    p->answer->claimed_n = p->claims_n;
    return true;
}

static bool head_facts(struct coins_proof *p, const struct json *j, const struct block_head *head,
                       struct block_facts *ret)
{
    const struct json *height = json_get(j, "height");
    struct block_header h = header_read(head->header);
    uint64_t at = HEIGHT_UNKNOWN;

    if ((!height || height->type != JSON_NULL) && !json_u64(height, "height", &at, p->err))
        return false;
    if (at > HEIGHT_UNKNOWN)
        return err_fail(p->err, ERR_INPUT, "height: too much");
    memcpy(ret->header, head->header, sizeof(ret->header));
    ret->hash = head->hash;
    ret->prev = h.prev;
    ret->time = h.time;
    ret->height = (uint32_t)at;
    return true;
}

static bool check_block(struct coins_proof *p, const struct json *j, size_t i)
{
    static const char *const known[] = {"hash", "header", "height", NULL};
    const struct json *hex = json_get(j, "header");
    const char *header;
    struct block_head head;
    struct hash32 stated;
    struct bytes raw;
    uint8_t *bytes;

    if (!json_only(j, "block", known, p->err) ||
        !coins_proof_hash(p, json_get(j, "hash"), "hash", true, &stated) ||
        !json_text(hex, "header", &header, p->err))
        return false;
    if (!json_get(j, "height"))
        return err_fail(p->err, ERR_INPUT, "height: missing");
    bytes = arena_alloc(p->a, hex->text_n / 2);
    if (!bytes)
        return coins_proof_no_memory(p);
    raw = (struct bytes){bytes, hex->text_n / 2};
    if (hex->text_n % 2 || !hex_decode(header, hex->text_n, bytes, raw.n))
        return err_fail(p->err, ERR_INPUT, "header: not hex");
    if (!block_head_read(p->chain, raw, &head, p->err))
        return false;
    if (head.bytes != raw.n)
        return err_fail(p->err, ERR_INPUT, "header: %zu bytes and not %zu", raw.n, head.bytes);
    if (!hash32_equal(&head.hash, &stated))
        return coins_proof_fails(p, "blocks[%zu]: the header has another hash", i);
    if (!block_head_proven(p->chain, raw, &head))
        return coins_proof_fails(p, "blocks[%zu]: the header has no valid proof of work", i);
    p->roots[i] = header_read(head.header).merkle_root;
    if (p->facts && !head_facts(p, j, &head, &p->facts[i]))
        return false;
    return item_add(p, raw.p, raw.n);
}

bool coins_proof_blocks(struct coins_proof *p)
{
    size_t i = 0;

    p->answer->blocks_n = p->blocks->children_n;
    p->roots = ARENA_ARRAY(p->a, struct hash32, p->blocks->children_n);
    p->depths = ARENA_ARRAY(p->a, uint8_t, p->blocks->children_n);
    if (!p->roots || !p->depths)
        return coins_proof_no_memory(p);
    for (const struct json *j = p->blocks->child; j; j = j->next, i++)
        if (!check_block(p, j, i))
            return p->err->class == ERR_INPUT ? err_in(p->err, "blocks[%zu]", i) : false;
    return true;
}

static bool check_branch(struct coins_proof *p, const struct json *j, struct one_tx *t, size_t i)
{
    const struct json *list = coins_proof_list(p, j, "branch");
    struct hash32 branch[MERKLE_BRANCH_MAX], root;
    uint64_t block, position;
    size_t n = 0;

    if (!list || !json_u64(json_get(j, "block"), "block", &block, p->err) ||
        !json_u64(json_get(j, "position"), "position", &position, p->err))
        return false;
    if (block >= p->blocks->children_n || list->children_n > MERKLE_BRANCH_MAX)
        return err_fail(p->err, ERR_INPUT, "block or branch: out of range");
    for (const struct json *h = list->child; h; h = h->next)
        if (!coins_proof_hash(p, h, "branch", false, &branch[n++]))
            return false;
    if (position >> n)
        return coins_proof_fails(p, "transactions[%zu]: its branch is too short for its position",
                                 i);
    /* All leaves of one tree are equally deep: what is not, is an inner node that passes for a
     * leaf. */
    if (p->depths[block] && p->depths[block] != n + 1)
        return coins_proof_fails(
            p, "transactions[%zu]: its branch is not as long as others of its block", i);
    p->depths[block] = (uint8_t)(n + 1);
    t->block = block;
    t->position = position;
    root = merkle_climb(&t->tx.txid, (size_t)position, branch, n);
    return hash32_equal(&root, &p->roots[block]) ||
           coins_proof_fails(
               p, "transactions[%zu]: its branch does not lead to the Merkle root of its block", i);
}

static bool check_tx(struct coins_proof *p, const struct json *j, size_t i)
{
    static const char *const known[] = {"txid",     "raw",    "followed", "block",
                                        "position", "branch", NULL};
    const struct json *raw = json_get(j, "raw"), *followed = json_get(j, "followed");
    struct one_tx *t = &p->txs[i];
    struct hash32 stated;
    uint8_t *bytes;
    const char *hex;

    if (!json_only(j, "transaction", known, p->err) ||
        !coins_proof_hash(p, json_get(j, "txid"), "txid", true, &stated) ||
        !json_text(raw, "raw", &hex, p->err))
        return false;
    if (!p->facts && (!followed || (followed->type != JSON_TRUE && followed->type != JSON_FALSE)))
        return err_fail(p->err, ERR_INPUT, "followed: true or false is wanted");
    bytes = arena_alloc(p->a, raw->text_n / 2);
    if (!bytes)
        return coins_proof_no_memory(p);
    if (!hex_decode(hex, raw->text_n, bytes, raw->text_n / 2))
        return err_fail(p->err, ERR_INPUT, "raw: not hex");
    if (!tx_read(p->a, p->chain, (struct bytes){bytes, raw->text_n / 2}, &t->tx, p->err))
        return err_in(p->err, "raw");
    if (t->tx.witness || t->tx.bytes == CONFUSED_TX_BYTES)
        return coins_proof_fails(p, "transactions[%zu]: %s", i,
                                 t->tx.witness ? "stands there with its witness"
                                               : "of 64 bytes, which two hashes could pass for");
    if (!hash32_equal(&t->tx.txid, &stated))
        return coins_proof_fails(p, "transactions[%zu]: its bytes have another txid", i);
    t->followed = !p->facts && followed->type == JSON_TRUE;
    p->answer->followed_n += t->followed;
    return check_branch(p, j, t, i) && item_add(p, bytes, raw->text_n / 2);
}

bool coins_proof_txs(struct coins_proof *p)
{
    size_t i = 0;

    p->txs_n = p->answer->transactions_n = p->transactions->children_n;
    p->txs = ARENA_ARRAY(p->a, struct one_tx, p->txs_n);
    if (!p->txs)
        return coins_proof_no_memory(p);
    for (const struct json *j = p->transactions->child; j; j = j->next, i++)
        if (!check_tx(p, j, i))
            return p->err->class == ERR_INPUT ? err_in(p->err, "transactions[%zu]", i) : false;
    return true;
}

bool coins_proof_manifest(struct coins_proof *p)
{
    struct hash32 stated;
    size_t i = 0;

    if (p->manifest->children_n != p->items_n)
        return coins_proof_fails(p, "manifest: %zu items, %zu are in the file",
                                 p->manifest->children_n, p->items_n);
    for (const struct json *j = p->manifest->child; j; j = j->next, i++) {
        if (!coins_proof_hash(p, j, "manifest", false, &stated))
            return false;
        if (!hash32_equal(&stated, &p->items[i]))
            return coins_proof_fails(p, "manifest[%zu]: the item has another hash", i);
    }
    p->answer->fingerprint = sha256(p->items, p->items_n * sizeof(*p->items));
    if (!coins_proof_hash(p, p->fingerprint, "fingerprint", false, &stated))
        return false;
    return hash32_equal(&stated, &p->answer->fingerprint) ||
           coins_proof_fails(p, "fingerprint: the manifest has another");
}

bool coins_proof_index(struct coins_proof *p)
{
    struct keyed *scratch = ARENA_ARRAY(p->a, struct keyed, p->txs_n);

    p->by_txid = ARENA_ARRAY(p->a, struct keyed, p->txs_n);
    if (!p->by_txid || !scratch)
        return coins_proof_no_memory(p);
    for (size_t i = 0; i < p->txs_n; i++)
        p->by_txid[i] = (struct keyed){.key = load_le64(p->txs[i].tx.txid.b), .index = (uint32_t)i};
    if (p->txs_n)
        sort_keyed(p->by_txid, p->txs_n, scratch);
    for (size_t i = 1; i < p->txs_n; i++) /* equal txids have equal keys and stand side by side */
        if (hash32_equal(&p->txs[p->by_txid[i - 1].index].tx.txid,
                         &p->txs[p->by_txid[i].index].tx.txid))
            return coins_proof_fails(p, "transactions[%u]: given twice", p->by_txid[i].index);
    return true;
}

uint64_t coins_proof_output(const struct coins_proof *p, const uint8_t *outpoint)
{
    uint64_t key = load_le64(outpoint);
    size_t low = 0, high = p->txs_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (p->by_txid[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < p->txs_n && p->by_txid[low].key == key; low++) {
        const struct one_tx *t = &p->txs[p->by_txid[low].index];
        uint32_t vout = load_le32(outpoint + 32);

        if (!memcmp(t->tx.txid.b, outpoint, 32))
            return vout < t->tx.outputs_n ? t->first_output + vout : COINS_NONE;
    }
    return COINS_NONE;
}

size_t coins_proof_claim(const struct coins_proof *p, const uint8_t *outpoint)
{
    size_t low = 0, high = p->claims_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(p->claims_sorted[middle]->outpoint, outpoint, OUTPOINT_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < p->claims_n && !memcmp(p->claims_sorted[low]->outpoint, outpoint, OUTPOINT_BYTES))
        return (size_t)(p->claims_sorted[low] - p->claims);
    return p->claims_n;
}
