/* Proving an evidence file: every hash anew, then the taint anew, from nothing but its bytes.
 *
 *     raw transaction -> txid -> Merkle branch -> header -> proof of work
 *            \-> values and spends -> small columns -> the engine -> taint of the ends
 *
 * Only followed transactions spend in the small columns; the others are there for the values of
 * their outputs, like coinbases. Nothing in the file is believed but what the answer lists as not
 * proven. */
#include "trace/evidence.h"

#include "base/json.h"
#include "base/sort.h"
#include "chain/bitcoin/block.h"
#include "chain/bitcoin/pool.h"
#include "trace/stops.h"

#include <stdarg.h>
#include <stdio.h>

#define CONFUSED_TX_BYTES                                                                          \
    64 /* two hashes of a Merkle tree can pass for such a transaction (CVE-2017-12842) */

struct one_tx {
    struct tx tx;
    bool followed;
    uint64_t first_output;
};

struct claim {
    uint8_t outpoint[OUTPOINT_BYTES];
    uint64_t value; /* UINT64_MAX: unknown */
};

struct stop_form { /* a stop's script in address form */
    uint8_t script[SCRIPT_FORM_MAX];
    size_t n;
    int32_t stop;
};

struct proof {
    struct arena *a;
    struct err *err;
    struct evidence_answer *answer;
    const struct json *statement, *blocks, *transactions, *manifest, *fingerprint;
    const struct chain *chain;
    struct trace_case what;
    const struct trace_stop *stops;
    size_t stops_n;
    const struct stop_form **forms; /* [stops_n] sorted */
    struct claim *claims;
    const struct claim **claims_sorted;
    size_t claims_n;
    struct hash32 *roots; /* [blocks_n] Merkle roots, once their headers hold */
    uint8_t *depths;      /* [blocks_n] of their trees, + 1; 0: not yet known */
    struct one_tx *txs;   /* [txs_n] */
    size_t txs_n;
    struct keyed *by_txid; /* [txs_n] */
    struct bytes *scripts; /* [outputs_n] */
    struct coins coins;
    struct hash32 *items;
    size_t items_n;
};

/* What does not hold: the proof ends, and the call succeeds. Always false. */
static bool fails(struct proof *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

static bool fails(struct proof *p, const char *fmt, ...)
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

static bool no_memory(struct proof *p)
{
    return arena_limited(p->a) ? err_fail(p->err, ERR_LIMIT, "evidence of more than its memory")
                               : err_fail(p->err, ERR_NOMEM, "evidence");
}

static const struct json *list_of(struct proof *p, const struct json *j, const char *name)
{
    const struct json *list = json_get(j, name);

    if (list && list->type == JSON_ARRAY)
        return list;
    err_fail(p->err, ERR_INPUT, "%s: a list is wanted", name);
    return NULL;
}

static bool hash_from_text(const char *s, bool shown, struct hash32 *ret)
{
    struct hash32 h;

    if (!hex_decode(s, strlen(s), h.b, 32))
        return false;
    for (size_t i = 0; i < 32; i++)
        ret->b[i] = h.b[shown ? 31 - i : i];
    return true;
}

static bool hash_of(struct proof *p, const struct json *j, const char *name, bool shown,
                    struct hash32 *ret)
{
    const char *s;

    if (!json_text(j, name, &s, p->err))
        return false;
    return hash_from_text(s, shown, ret) || err_fail(p->err, ERR_INPUT, "%s: not a hash", name);
}

/* "TXID:VOUT" -> the 36 bytes that stand in an input. */
static bool outpoint_of(struct proof *p, const struct json *j, const char *name,
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

static bool item_add(struct proof *p, const void *at, size_t n)
{
    p->items[p->items_n++] = sha256(at, n);
    return true;
}

/* The statement's bytes in the file are compact JSON: reading and writing gives them back. */
static bool item_statement(struct proof *p)
{
    struct text t = text_new(JSON_BYTES_MAX);
    struct json_out j = json_to(&t, false);
    bool ok;

    json_tree(&j, p->statement);
    ok = text_end(&t, p->err) && item_add(p, t.p, t.n);
    text_free(&t);
    return ok;
}

static bool read_limits(struct proof *p)
{
    const struct json *hops = json_get(p->statement, "hops_max");
    uint64_t hops_max = TRACE_HOPS_NONE;

    if (!json_u64(json_get(p->statement, "dust"), "dust", &p->what.dust, p->err))
        return false;
    if ((!hops || hops->type != JSON_NULL) && !json_u64(hops, "hops_max", &hops_max, p->err))
        return false;
    if (hops_max > TRACE_HOPS_NONE)
        return err_fail(p->err, ERR_INPUT, "hops_max: too much");
    p->what.hops_max = (uint32_t)hops_max;
    return true;
}

static bool read_rules(struct proof *p)
{
    const struct json *case_id = json_get(p->statement, "case"),
                      *stops = list_of(p, p->statement, "stops");
    const char *chain, *policy;

    if (!stops || !case_stops_read(p->a, stops, &p->stops, &p->stops_n, p->err) ||
        !json_text(json_get(p->statement, "chain"), "chain", &chain, p->err) ||
        !json_text(json_get(p->statement, "policy"), "policy", &policy, p->err) || !read_limits(p))
        return false;
    if (case_id && case_id->type != JSON_NULL &&
        !json_text(case_id, "case", &p->answer->case_id, p->err))
        return false;
    if (!json_is_string(json_get(p->statement, "rules"), TRACE_RULES))
        return err_fail(p->err, ERR_INPUT, "rules: not \"%s\", which is known here", TRACE_RULES);
    p->chain = chain_by_name(chain);
    if (!p->chain)
        return err_fail(p->err, ERR_INPUT, "chain: \"%.100s\" is not known here", chain);
    if (!trace_policy_from_name(policy, &p->what.policy))
        return err_fail(p->err, ERR_INPUT, "policy: \"%.100s\" is not known here", policy);
    p->answer->chain = p->chain->name;
    p->answer->decimals = p->chain->decimals;
    p->answer->policy = p->what.policy;
    return true;
}

static int form_compare(const void *one, const void *other)
{
    const struct stop_form *a = one, *b = other;

    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    return memcmp(a->script, b->script, a->n);
}

static bool read_stops(struct proof *p)
{
    struct stop_form *forms = ARENA_ARRAY(p->a, struct stop_form, p->stops_n);
    const void **at = ARENA_ARRAY(p->a, const void *, p->stops_n),
               **scratch = ARENA_ARRAY(p->a, const void *, p->stops_n);

    if (!forms || !at || !scratch)
        return no_memory(p);
    for (size_t i = 0; i < p->stops_n; i++) {
        if (!address_read(p->chain, p->stops[i].address, forms[i].script, &forms[i].n, p->err))
            return err_in(p->err, "stops[%zu].address", i);
        forms[i].stop = (int32_t)i;
        at[i] = &forms[i];
    }
    sort_pointers(at, p->stops_n, scratch, form_compare);
    p->forms = (const struct stop_form **)at;
    return true;
}

static int claim_compare(const void *one, const void *other)
{
    const struct claim *a = one, *b = other;

    return memcmp(a->outpoint, b->outpoint, OUTPOINT_BYTES);
}

static bool read_claims(struct proof *p)
{
    const struct json *list = list_of(p, p->statement, "claimed");
    const void **at, **scratch;

    if (!list)
        return false;
    p->claims = ARENA_ARRAY(p->a, struct claim, list->children_n);
    at = ARENA_ARRAY(p->a, const void *, list->children_n);
    scratch = ARENA_ARRAY(p->a, const void *, list->children_n);
    if (!p->claims || !at || !scratch)
        return no_memory(p);
    for (const struct json *c = list->child; c; c = c->next) {
        struct claim *claim = &p->claims[p->claims_n];
        const struct json *value = json_get(c, "value");

        claim->value = UINT64_MAX;
        if (!outpoint_of(p, json_get(c, "output"), "claimed output", claim->outpoint))
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

static bool check_block(struct proof *p, const struct json *j, size_t i)
{
    const struct json *hex = json_get(j, "header");
    const char *header;
    struct block_head head;
    struct hash32 stated;
    struct bytes raw;
    uint8_t *bytes;

    if (!hash_of(p, json_get(j, "hash"), "hash", true, &stated) ||
        !json_text(hex, "header", &header, p->err))
        return false;
    bytes = arena_alloc(p->a, hex->text_n / 2);
    if (!bytes)
        return no_memory(p);
    raw = (struct bytes){bytes, hex->text_n / 2};
    if (hex->text_n % 2 || !hex_decode(header, hex->text_n, bytes, raw.n))
        return err_fail(p->err, ERR_INPUT, "header: not hex");
    if (!block_head_read(p->chain, raw, &head, p->err))
        return false;
    if (head.bytes != raw.n)
        return err_fail(p->err, ERR_INPUT, "header: %zu bytes and not %zu", raw.n, head.bytes);
    if (!hash32_equal(&head.hash, &stated))
        return fails(p, "blocks[%zu]: the header has another hash", i);
    if (!block_head_proven(p->chain, raw, &head))
        return fails(p, "blocks[%zu]: the header has no valid proof of work", i);
    p->roots[i] = header_read(head.header).merkle_root;
    return item_add(p, raw.p, raw.n);
}

static bool check_blocks(struct proof *p)
{
    size_t i = 0;

    p->answer->blocks_n = p->blocks->children_n;
    p->roots = ARENA_ARRAY(p->a, struct hash32, p->blocks->children_n);
    p->depths = ARENA_ARRAY(p->a, uint8_t, p->blocks->children_n);
    if (!p->roots || !p->depths)
        return no_memory(p);
    for (const struct json *j = p->blocks->child; j; j = j->next, i++)
        if (!check_block(p, j, i))
            return p->err->class == ERR_INPUT ? err_in(p->err, "blocks[%zu]", i) : false;
    return true;
}

static bool check_branch(struct proof *p, const struct json *j, const struct hash32 *txid, size_t i)
{
    const struct json *list = list_of(p, j, "branch");
    struct hash32 branch[MERKLE_BRANCH_MAX], root;
    uint64_t block, position;
    size_t n = 0;

    if (!list || !json_u64(json_get(j, "block"), "block", &block, p->err) ||
        !json_u64(json_get(j, "position"), "position", &position, p->err))
        return false;
    if (block >= p->blocks->children_n || list->children_n > MERKLE_BRANCH_MAX)
        return err_fail(p->err, ERR_INPUT, "block or branch: out of range");
    for (const struct json *h = list->child; h; h = h->next)
        if (!hash_of(p, h, "branch", false, &branch[n++]))
            return false;
    if (position >> n)
        return fails(p, "transactions[%zu]: its branch is too short for its position", i);
    /* All leaves of one tree are equally deep: what is not, is an inner node that passes for a
     * leaf. */
    if (p->depths[block] && p->depths[block] != n + 1)
        return fails(p, "transactions[%zu]: its branch is not as long as others of its block", i);
    p->depths[block] = (uint8_t)(n + 1);
    root = merkle_climb(txid, (size_t)position, branch, n);
    return hash32_equal(&root, &p->roots[block]) ||
           fails(p, "transactions[%zu]: its branch does not lead to the Merkle root of its block",
                 i);
}

static bool check_tx(struct proof *p, const struct json *j, size_t i)
{
    const struct json *raw = json_get(j, "raw"), *followed = json_get(j, "followed");
    struct one_tx *t = &p->txs[i];
    struct hash32 stated;
    uint8_t *bytes;
    const char *hex;

    if (!hash_of(p, json_get(j, "txid"), "txid", true, &stated) ||
        !json_text(raw, "raw", &hex, p->err))
        return false;
    if (!followed || (followed->type != JSON_TRUE && followed->type != JSON_FALSE))
        return err_fail(p->err, ERR_INPUT, "followed: true or false is wanted");
    bytes = arena_alloc(p->a, raw->text_n / 2);
    if (!bytes)
        return no_memory(p);
    if (!hex_decode(hex, raw->text_n, bytes, raw->text_n / 2))
        return err_fail(p->err, ERR_INPUT, "raw: not hex");
    if (!tx_read(p->a, p->chain, (struct bytes){bytes, raw->text_n / 2}, &t->tx, p->err))
        return err_in(p->err, "raw");
    if (t->tx.witness || t->tx.bytes == CONFUSED_TX_BYTES)
        return fails(p, "transactions[%zu]: %s", i,
                     t->tx.witness ? "stands there with its witness"
                                   : "of 64 bytes, which two hashes could pass for");
    if (!hash32_equal(&t->tx.txid, &stated))
        return fails(p, "transactions[%zu]: its bytes have another txid", i);
    t->followed = followed->type == JSON_TRUE;
    p->answer->followed_n += t->followed;
    return check_branch(p, j, &t->tx.txid, i) && item_add(p, bytes, raw->text_n / 2);
}

static bool check_txs(struct proof *p)
{
    size_t i = 0;

    p->txs_n = p->answer->transactions_n = p->transactions->children_n;
    p->txs = ARENA_ARRAY(p->a, struct one_tx, p->txs_n);
    if (!p->txs)
        return no_memory(p);
    for (const struct json *j = p->transactions->child; j; j = j->next, i++)
        if (!check_tx(p, j, i))
            return p->err->class == ERR_INPUT ? err_in(p->err, "transactions[%zu]", i) : false;
    return true;
}

static bool check_manifest(struct proof *p)
{
    struct hash32 stated;
    size_t i = 0;

    if (p->manifest->children_n != p->items_n)
        return fails(p, "manifest: %zu items, %zu are in the file", p->manifest->children_n,
                     p->items_n);
    for (const struct json *j = p->manifest->child; j; j = j->next, i++) {
        if (!hash_of(p, j, "manifest", false, &stated))
            return false;
        if (!hash32_equal(&stated, &p->items[i]))
            return fails(p, "manifest[%zu]: the item has another hash", i);
    }
    p->answer->fingerprint = sha256(p->items, p->items_n * sizeof(*p->items));
    if (!hash_of(p, p->fingerprint, "fingerprint", false, &stated))
        return false;
    return hash32_equal(&stated, &p->answer->fingerprint) ||
           fails(p, "fingerprint: the manifest has another");
}

static bool index_txs(struct proof *p)
{
    struct keyed *scratch = ARENA_ARRAY(p->a, struct keyed, p->txs_n);

    p->by_txid = ARENA_ARRAY(p->a, struct keyed, p->txs_n);
    if (!p->by_txid || !scratch)
        return no_memory(p);
    for (size_t i = 0; i < p->txs_n; i++)
        p->by_txid[i] = (struct keyed){.key = load_le64(p->txs[i].tx.txid.b), .index = (uint32_t)i};
    if (p->txs_n)
        sort_keyed(p->by_txid, p->txs_n, scratch);
    for (size_t i = 1; i < p->txs_n; i++) /* equal txids have equal keys and stand side by side */
        if (hash32_equal(&p->txs[p->by_txid[i - 1].index].tx.txid,
                         &p->txs[p->by_txid[i].index].tx.txid))
            return fails(p, "transactions[%u]: given twice", p->by_txid[i].index);
    return true;
}

/* An outpoint -> the output's number in the small columns, or COINS_NONE. */
static uint64_t output_find(const struct proof *p, const uint8_t *outpoint)
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

static size_t claim_find(const struct proof *p, const uint8_t *outpoint)
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

struct columns {
    uint8_t *tx_first, *value, *spent, *source, *ext;
};

static bool columns_room(struct proof *p, struct columns *c)
{
    uint64_t pools = 0, value;

    for (size_t i = 0; i < p->txs_n; i++) {
        struct one_tx *t = &p->txs[i];

        t->first_output = p->coins.outputs_n;
        p->coins.outputs_n += t->tx.outputs_n;
        if (t->followed) {
            p->coins.inputs_n += t->tx.inputs_n;
            for (size_t k = 0; k < t->tx.inputs_n; k++)
                pools += pool_of_outpoint(t->tx.inputs[k].outpoint, &value) != POOL_NONE;
        }
    }
    c->tx_first = ARENA_ARRAY(p->a, uint8_t, p->txs_n * TX_FIRST_BYTES);
    c->value = ARENA_ARRAY(p->a, uint8_t, p->coins.outputs_n * 8);
    c->spent = ARENA_ARRAY(p->a, uint8_t, p->coins.outputs_n * 4);
    c->source = ARENA_ARRAY(p->a, uint8_t, p->coins.inputs_n * ID_BYTES);
    c->ext = ARENA_ARRAY(p->a, uint8_t, (p->claims_n + pools) * 8);
    p->scripts = ARENA_ARRAY(p->a, struct bytes, p->coins.outputs_n);
    if (!c->tx_first || !c->value || !c->spent || !c->source || !c->ext || !p->scripts)
        return no_memory(p);
    p->coins.tx_first = c->tx_first;
    p->coins.out_value = c->value;
    p->coins.out_spent = c->spent;
    p->coins.in_source = c->source;
    p->coins.ext_value = c->ext;
    p->coins.txs_n = p->txs_n;
    p->coins.ext_n = p->claims_n;
    return true;
}

static bool put_input(struct proof *p, struct columns *c, size_t tx, uint64_t input,
                      const uint8_t *outpoint)
{
    uint64_t source = output_find(p, outpoint), value;
    size_t claim;

    if (source != COINS_NONE) {
        if (source >= p->txs[tx].first_output)
            return fails(p, "transactions[%zu]: stands before what it spends", tx);
        if (load_le32(c->spent + source * 4))
            return fails(p, "transactions[%zu]: spends what another one spends", tx);
        store_le32(c->spent + source * 4, (uint32_t)tx + 1);
        store_le40(c->source + input * ID_BYTES, source);
        return true;
    }
    if (pool_of_outpoint(outpoint, &value) != POOL_NONE) { /* its transaction says it itself */
        store_le64(c->ext + p->coins.ext_n * 8, value);
        store_le40(c->source + input * ID_BYTES, COINS_OUTSIDE | p->coins.ext_n++);
        return true;
    }
    claim = claim_find(p, outpoint);
    if (claim == p->claims_n)
        return fails(p, "transactions[%zu]: what it spends is not in the file", tx);
    store_le40(c->source + input * ID_BYTES, COINS_OUTSIDE | claim);
    return true;
}

static bool build_columns(struct proof *p)
{
    struct columns c;
    uint64_t input = 0;

    if (!columns_room(p, &c))
        return false;
    for (size_t i = 0; i < p->claims_n; i++)
        store_le64(c.ext + i * 8, p->claims[i].value);
    for (size_t i = 0; i < p->txs_n; i++) {
        const struct one_tx *t = &p->txs[i];

        store_le40(c.tx_first + i * TX_FIRST_BYTES, t->first_output);
        store_le40(c.tx_first + i * TX_FIRST_BYTES + ID_BYTES, input);
        for (size_t k = 0; k < t->tx.outputs_n; k++) {
            store_le64(c.value + (t->first_output + k) * 8, t->tx.outputs[k].value);
            p->scripts[t->first_output + k] = t->tx.outputs[k].script;
        }
        for (size_t k = 0; t->followed && k < t->tx.inputs_n; k++)
            if (!put_input(p, &c, i, input++, t->tx.inputs[k].outpoint))
                return false;
    }
    return true;
}

static int32_t stop_of(void *ctx, uint64_t output)
{
    const struct proof *p = ctx;
    struct stop_form wanted;
    struct bytes form = script_address_form(p->scripts[output], wanted.script);
    size_t low = 0, high = p->stops_n;

    if (form.n > SCRIPT_FORM_MAX)
        return -1;
    if (form.p != wanted.script && form.n)
        memcpy(wanted.script, form.p, form.n);
    wanted.n = form.n;
    while (low < high) { /* the first of equals: sorting kept the canonical order */
        size_t middle = low + (high - low) / 2;

        if (form_compare(p->forms[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->stops_n && !form_compare(p->forms[low], &wanted) ? p->forms[low]->stop : -1;
}

/* An output that the statement names: it must be there, with that value. */
static bool stated_output(struct proof *p, const struct json *j, const char *what, size_t i,
                          uint64_t *ret)
{
    uint8_t outpoint[OUTPOINT_BYTES];
    uint64_t value;

    if (!outpoint_of(p, json_get(j, "output"), "output", outpoint) ||
        !json_u64(json_get(j, "value"), "value", &value, p->err))
        return err_in(p->err, "%s[%zu]", what, i);
    *ret = output_find(p, outpoint);
    if (*ret == COINS_NONE)
        return fails(p, "%s[%zu]: the output is not in the file", what, i);
    if (coins_value(&p->coins, *ret) != value)
        return fails(p, "%s[%zu]: the output has another value", what, i);
    return true;
}

static bool read_origins(struct proof *p)
{
    const struct json *list = list_of(p, p->statement, "origins");
    struct keyed *at, *scratch;
    uint64_t *origins;
    size_t i = 0;

    if (!list)
        return false;
    at = ARENA_ARRAY(p->a, struct keyed, list->children_n);
    scratch = ARENA_ARRAY(p->a, struct keyed, list->children_n);
    origins = ARENA_ARRAY(p->a, uint64_t, list->children_n);
    if (!at || !scratch || !origins)
        return no_memory(p);
    for (const struct json *j = list->child; j; j = j->next, i++)
        if (!stated_output(p, j, "origins", i, &at[i].key))
            return false;
    if (i)
        sort_keyed(at, i, scratch);
    for (size_t k = 0; k < i; k++) {
        if (k && at[k].key == at[k - 1].key)
            return fails(p, "origins: one is given twice");
        origins[k] = at[k].key;
    }
    p->what.origins = origins;
    p->what.origins_n = p->answer->origins_n = i;
    return true;
}

static bool same_stop(const struct proof *p, const struct json *stated, int32_t stop)
{
    if (stop < 0)
        return stated && stated->type == JSON_NULL;
    return json_is_string(json_get(stated, "name"), p->stops[stop].name) &&
           json_is_string(json_get(stated, "category"), p->stops[stop].category) &&
           json_is_string(json_get(stated, "source"), p->stops[stop].source);
}

static bool same_address(const struct proof *p, const struct json *stated, uint64_t output)
{
    char address[ADDRESS_BYTES_MAX];

    if (!address_of_script(p->chain, p->scripts[output], address))
        return stated && stated->type == JSON_NULL;
    return json_is_string(stated, address);
}

static bool check_end(struct proof *p, const struct trace *t, const struct json *j, size_t i)
{
    const struct trace_reached *r;
    uint64_t output, taint, hop;
    size_t at;

    if (!stated_output(p, j, "ends", i, &output))
        return false;
    if (!json_u64(json_get(j, "taint"), "taint", &taint, p->err) ||
        !json_u64(json_get(j, "hop"), "hop", &hop, p->err))
        return err_in(p->err, "ends[%zu]", i);
    at = trace_reached_find(t, output);
    r = &t->reached[at];
    if (at == t->reached_n)
        return fails(p, "ends[%zu]: not reached from the origins", i);
    if (r->taint != taint)
        return fails(p, "ends[%zu]: taint %llu stated, %llu found", i, (unsigned long long)taint,
                     (unsigned long long)r->taint);
    if (r->hop != hop)
        return fails(p, "ends[%zu]: hop %llu stated, %u found", i, (unsigned long long)hop, r->hop);
    if (!same_address(p, json_get(j, "address"), output))
        return fails(p, "ends[%zu]: its script has another address", i);
    if (!same_stop(p, json_get(j, "stop"), r->stop))
        return fails(p, "ends[%zu]: the stop stated is not the one found", i);
    p->answer->ends_n++;
    if (__builtin_add_overflow(p->answer->taint, taint, &p->answer->taint))
        return fails(p, "ends: more than can exist");
    return true;
}

static bool check_taint(struct proof *p)
{
    const struct json *ends = list_of(p, p->statement, "ends");
    struct trace t;
    size_t i = 0;

    if (!ends)
        return false;
    if (!ends->children_n)
        return err_fail(p->err, ERR_INPUT, "ends: none");
    p->what.stop_of = p->stops_n ? stop_of : NULL;
    p->what.stop_ctx = p;
    if (!trace_forward(p->a, &p->coins, &p->what, 1, &t, p->err))
        return p->err->class == ERR_CORRUPT ? fails(p, "transactions: %.400s", p->err->text)
                                            : false;
    for (const struct json *j = ends->child; j; j = j->next, i++)
        if (!check_end(p, &t, j, i))
            return false;
    return true;
}

static bool read_file(struct proof *p, struct bytes in)
{
    static const char *const known[] = {"schema",   "statement",   "blocks", "transactions",
                                        "manifest", "fingerprint", NULL};
    const struct json *j;

    if (!json_read(p->a, (const char *)in.p, in.n, &j, p->err))
        return false;
    if (!json_is_string(json_get(j, "schema"), EVIDENCE_SCHEMA))
        return err_fail(p->err, ERR_INPUT, "schema: \"%s\" is wanted", EVIDENCE_SCHEMA);
    p->statement = json_get(j, "statement");
    p->fingerprint = json_get(j, "fingerprint");
    p->blocks = list_of(p, j, "blocks");
    p->transactions = p->blocks ? list_of(p, j, "transactions") : NULL;
    p->manifest = p->transactions ? list_of(p, j, "manifest") : NULL;
    if (!p->manifest || !json_only(j, "evidence", known, p->err))
        return false;
    if (!p->statement || p->statement->type != JSON_OBJECT)
        return err_fail(p->err, ERR_INPUT, "statement: an object is wanted");
    if (p->transactions->children_n > EVIDENCE_TXS_MAX || p->blocks->children_n > EVIDENCE_TXS_MAX)
        return err_fail(p->err, ERR_LIMIT, "more than %zu transactions or blocks",
                        EVIDENCE_TXS_MAX);
    p->items =
        ARENA_ARRAY(p->a, struct hash32, 1 + p->transactions->children_n + p->blocks->children_n);
    return p->items ? true : no_memory(p);
}

bool evidence_prove(struct arena *a, struct bytes file, struct evidence_answer *ret,
                    struct err *err)
{
    struct proof p = {.a = a, .err = err, .answer = ret};
    bool ok;

    memset(ret, 0, sizeof(*ret));
    err->class = ERR_NONE;
    ok = read_file(&p, file) && read_rules(&p) && item_statement(&p) && read_stops(&p) &&
         read_claims(&p) && check_blocks(&p) && check_txs(&p) && check_manifest(&p) &&
         index_txs(&p) && build_columns(&p) && read_origins(&p) && check_taint(&p);
    ret->proven = ok;
    return ok || err->class == ERR_DIFFERS;
}

void evidence_write_answer(struct text *to, const struct evidence_answer *e)
{
    if (!e->proven) {
        text_printf(to, "not proven: %s\n", e->text);
        return;
    }
    text_str(to, "proven: ");
    text_amount(to, e->taint, e->decimals, 0);
    text_printf(to,
                " in %zu output%s came from %zu origin%s on %s by %s,\nthrough %zu transaction%s; "
                "with what those spend, %zu transactions in %zu block%s,\neach with its proof of "
                "work.\nfingerprint: ",
                e->ends_n, e->ends_n == 1 ? "" : "s", e->origins_n, e->origins_n == 1 ? "" : "s",
                e->chain, trace_policy_name(e->policy), e->followed_n,
                e->followed_n == 1 ? "" : "s", e->transactions_n, e->blocks_n,
                e->blocks_n == 1 ? "" : "s");
    text_hex(to, e->fingerprint.b, 32);
    text_str(to, "\nnot proven by any such file: that the blocks belong to the best chain (compare "
                 "their hashes with a node's),\ntheir heights, that what is held is still unspent, "
                 "and that what came in beside the path was clean.\n");
    if (e->claimed_n)
        text_printf(to,
                    "not proven here: %zu value%s that undo data told; the transactions are not "
                    "in the file.\n",
                    e->claimed_n, e->claimed_n == 1 ? "" : "s");
}
