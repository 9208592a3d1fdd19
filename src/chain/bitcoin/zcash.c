/* Zcash's transactions. Zcash protocol specification, 7.1; ZIP 202, 225, 243, 244.
 *
 *     1      version | inputs | outputs | locktime
 *     2      ..  | JoinSplits                               proofs of 296 bytes (PHGR13)
 *     3      version, group | inputs | outputs | locktime, expiry | JoinSplits
 *     4      .. | locktime, expiry | balance | spends | outputs | JoinSplits | signature
 *                                                           proofs of 192 (Groth16)
 *     5      version, group, branch, locktime, expiry | inputs | outputs | Sapling | Orchard
 *
 * Of a shielded part only its balance is seen: what a JoinSplit takes from and gives to the
 * transparent side, and the balances of Sapling and Orchard, above zero where value comes out. */
#include "base/mem.h"
#include "chain/bitcoin/block_walk.h"

#include <sodium.h>

#define OVERWINTERED 0x80000000u
#define GROUP_3 0x03c48270u
#define GROUP_4 0x892f2085u
#define GROUP_5 0x26a7270au
#define JOINSPLIT_BYTES(proof) (2 * 8 + 9 * 32 + (proof) + 2 * 601)
#define JOINSPLIT_SIGNED_BYTES (32 + 64)
#define SPEND_4_BYTES 384
#define OUTPUT_4_BYTES 948
#define SPEND_5_BYTES 96
#define OUTPUT_5_BYTES 756
#define ACTION_BYTES 820
#define PROOF_BYTES 192
#define SIGNATURE_BYTES 64

enum { SPROUT, SAPLING, ORCHARD, POOLS };

_Static_assert(JOINSPLIT_BYTES(296) == 1802 && JOINSPLIT_BYTES(192) == 1698,
               "JoinSplit descriptions have the sizes of the specification");

/* What the shielded parts say. */
struct shielded {
    bool has[POOLS];
    uint64_t in[POOLS], out[POOLS]; /* into and out of each pool */
};

static const char too_much[] = "a shielded part worth more than can exist";

static bool count(const struct walk *w, uint64_t *sum, uint64_t value)
{
    if (value > w->chain->money_max || *sum > w->chain->money_max - value)
        return false;
    *sum += value;
    return true;
}

static const char *joinsplits(struct walk *w, struct shielded *s, size_t proof)
{
    size_t n = cursor_count(&w->c, JOINSPLIT_BYTES(proof));

    for (size_t i = 0; i < n && !w->c.bad; i++) {
        uint64_t in = cursor_le64(&w->c), out = cursor_le64(&w->c);

        if (in && out)
            return "a JoinSplit that takes and gives";
        if (!count(w, &s->in[SPROUT], in) || !count(w, &s->out[SPROUT], out))
            return too_much;
        cursor_skip(&w->c, JOINSPLIT_BYTES(proof) - 16);
    }
    if (n)
        cursor_skip(&w->c, JOINSPLIT_SIGNED_BYTES);
    s->has[SPROUT] |= n > 0;
    return w->c.bad ? "JoinSplits end early" : NULL;
}

static const char *balance(struct walk *w, struct shielded *s, int pool)
{
    uint64_t v = cursor_le64(&w->c);
    bool in = v >> 63;

    s->has[pool] = true;
    return count(w, in ? &s->in[pool] : &s->out[pool], in ? 0 - v : v) ? NULL : too_much;
}

static const char *sapling_4(struct walk *w, struct shielded *s)
{
    const uint8_t *at = w->c.at;
    const char *wrong = balance(w, s, SAPLING);
    size_t spends_n, outputs_n;

    if (wrong)
        return wrong;
    spends_n = cursor_count(&w->c, SPEND_4_BYTES);
    cursor_skip(&w->c, spends_n * SPEND_4_BYTES);
    outputs_n = cursor_count(&w->c, OUTPUT_4_BYTES);
    cursor_skip(&w->c, outputs_n * OUTPUT_4_BYTES);
    s->has[SAPLING] = spends_n + outputs_n > 0;
    if (w->c.bad)
        return "the Sapling part ends early";
    return s->has[SAPLING] || !load_le64(at) ? NULL : "a Sapling balance of nothing";
}

static const char *sapling_5(struct walk *w, struct shielded *s)
{
    size_t spends_n = cursor_count(&w->c, SPEND_5_BYTES), outputs_n;
    const char *wrong;

    cursor_skip(&w->c, spends_n * SPEND_5_BYTES);
    outputs_n = cursor_count(&w->c, OUTPUT_5_BYTES);
    cursor_skip(&w->c, outputs_n * OUTPUT_5_BYTES);
    if (spends_n + outputs_n) {
        if ((wrong = balance(w, s, SAPLING)))
            return wrong;
        cursor_skip(&w->c, spends_n ? 32 : 0); /* anchor */
        cursor_skip(&w->c, spends_n * (PROOF_BYTES + SIGNATURE_BYTES) + outputs_n * PROOF_BYTES +
                               SIGNATURE_BYTES);
    }
    return w->c.bad ? "the Sapling part ends early" : NULL;
}

static const char *orchard(struct walk *w, struct shielded *s)
{
    size_t n = cursor_count(&w->c, ACTION_BYTES);
    const char *wrong;

    cursor_skip(&w->c, n * ACTION_BYTES);
    if (n) {
        cursor_skip(&w->c, 1); /* flags */
        if ((wrong = balance(w, s, ORCHARD)))
            return wrong;
        cursor_skip(&w->c, 32); /* anchor */
        cursor_skip(&w->c, cursor_compact(&w->c));
        cursor_skip(&w->c, (n + 1) * SIGNATURE_BYTES);
    }
    return w->c.bad ? "the Orchard part ends early" : NULL;
}

static const char *body(struct walk *w, struct shape *t)
{
    const char *wrong;

    t->body = w->c.at;
    if ((wrong = walk_inputs(w, t)) || (wrong = walk_outputs(w, t)))
        return wrong;
    t->body_end = w->c.at;
    return NULL;
}

static const char *walk_old(struct walk *w, struct shape *t, uint32_t version, struct shielded *s)
{
    const char *wrong = body(w, t);

    if (wrong)
        return wrong;
    t->locktime = w->c.at;
    cursor_skip(&w->c, 4);
    return version >= 2 ? joinsplits(w, s, 296) : w->c.bad ? "locktime ends early" : NULL;
}

static const char *walk_3_or_4(struct walk *w, struct shape *t, uint32_t version,
                               struct shielded *s)
{
    const char *wrong = body(w, t);

    if (wrong)
        return wrong;
    t->locktime = w->c.at;
    cursor_skip(&w->c, 8); /* and the height of expiry */
    if (version == 3)
        return joinsplits(w, s, 296);
    if ((wrong = sapling_4(w, s)) || (wrong = joinsplits(w, s, 192)))
        return wrong;
    if (s->has[SAPLING])
        cursor_skip(&w->c, SIGNATURE_BYTES);
    return w->c.bad ? "the binding signature ends early" : NULL;
}

static const char *walk_5(struct walk *w, struct shape *t, struct shielded *s)
{
    const char *wrong;

    cursor_skip(&w->c, 4); /* branch id */
    t->locktime = w->c.at;
    cursor_skip(&w->c, 8);
    if ((wrong = body(w, t)) || (wrong = sapling_5(w, s)))
        return wrong;
    return orchard(w, s);
}

static bool into_pool(struct walk *w, struct shape *t, uint32_t pool, uint64_t value)
{
    if (w->outputs_n == w->s->outputs_max && !block_outputs_room(w->s, w->outputs_n + 1))
        return false;
    w->s->outputs[w->outputs_n++] = (struct fact_output){value, pool_script(w->chain, pool)};
    t->outputs_n++;
    return true;
}

static bool out_of_pool(struct walk *w, struct shape *t, uint32_t pool, uint64_t value)
{
    struct block_scratch *s = w->s;

    if (w->inputs_n == s->inputs_max && !block_inputs_room(s, w->inputs_n + 1))
        return false;
    if (w->pool_inputs_n == s->pool_inputs_max) {
        size_t more = s->pool_inputs_max + s->pool_inputs_max / 2 + 64;
        void *p = mem_grow(s->pool_inputs, more * sizeof(*s->pool_inputs));

        if (!p)
            return false;
        s->pool_inputs = p;
        s->pool_inputs_max = more;
    }
    s->pool_inputs[w->pool_inputs_n].input = w->inputs_n;
    pool_outpoint_write(s->pool_inputs[w->pool_inputs_n++].outpoint, pool, value);
    s->inputs[w->inputs_n++] = NULL; /* until it stays where it is */
    t->inputs_n++;
    return true;
}

/* A transaction that is shielded as a whole still spends something, if only nothing that is seen:
 * one without inputs would be a coinbase. */
static const char *add_pools(struct walk *w, struct shape *t, const struct shielded *s)
{
    for (uint32_t i = 0; i < POOLS; i++)
        if (s->in[i] && !into_pool(w, t, i, s->in[i]))
            return block_no_memory;
    for (uint32_t i = 0; i < POOLS; i++)
        if ((s->out[i] || (s->has[i] && !t->inputs_n)) && !out_of_pool(w, t, i, s->out[i]))
            return block_no_memory;
    if (!t->inputs_n)
        return "no inputs";
    return t->outputs_n || s->has[SPROUT] || s->has[SAPLING] || s->has[ORCHARD] ? NULL
                                                                                : "no outputs";
}

const char *zcash_walk_tx(struct walk *w, struct shape *t)
{
    uint32_t head = cursor_le32(&w->c), version = head & ~OVERWINTERED, group = 0;
    struct shielded s = {.has = {false}};
    const char *wrong;

    if (head & OVERWINTERED)
        group = cursor_le32(&w->c);
    if (w->c.bad)
        return "version ends early";
    if (!(head & OVERWINTERED) && version)
        wrong = walk_old(w, t, version, &s);
    else if ((version == 3 && group == GROUP_3) || (version == 4 && group == GROUP_4))
        wrong = walk_3_or_4(w, t, version, &s);
    else if (version == 5 && group == GROUP_5)
        wrong = walk_5(w, t, &s);
    else
        wrong = "a transaction of an unknown version";
    if (wrong)
        return wrong;
    t->end = w->c.at;
    return add_pools(w, t, &s);
}

/* ZIP 244. A digest is BLAKE2b-256 with a personal string; those of a part are fed one after
 * another to the digest above. */

struct digest {
    crypto_generichash_blake2b_state state;
};

static void digest_start(struct digest *d, const char *personal, uint32_t branch)
{
    uint8_t p[16];

    memcpy(p, personal, strlen(personal));
    if (strlen(personal) < sizeof(p))
        store_le32(p + 12, branch);
    (void)crypto_generichash_blake2b_init_salt_personal(&d->state, NULL, 0, 32, NULL, p);
}

static void digest_add(struct digest *d, const uint8_t *p, size_t n)
{
    (void)crypto_generichash_blake2b_update(&d->state, p, n);
}

static struct hash32 digest_end(struct digest *d)
{
    struct hash32 h;

    (void)crypto_generichash_blake2b_final(&d->state, h.b, sizeof(h.b));
    return h;
}

static void digest_into(struct digest *above, struct digest *d)
{
    struct hash32 h = digest_end(d);

    digest_add(above, h.b, sizeof(h.b));
}

/* n records of size bytes each, of which the pieces [from, to) are digested. */
struct piece {
    size_t from, to;
};

static void records(struct digest *above, const char *personal, const uint8_t *at, size_t n,
                    size_t size, const struct piece *pieces, size_t pieces_n)
{
    struct digest d;

    digest_start(&d, personal, 0);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < pieces_n; k++)
            digest_add(&d, at + i * size + pieces[k].from, pieces[k].to - pieces[k].from);
    digest_into(above, &d);
}

#define RECORDS(above, personal, at, n, size, ...)                                                 \
    records(above, personal, at, n, size, (const struct piece[]){__VA_ARGS__},                     \
            sizeof((const struct piece[]){__VA_ARGS__}) / sizeof(struct piece))

static void transparent_digest(struct digest *above, struct cursor *c)
{
    struct digest all, prevouts, sequences, outputs;
    size_t inputs_n = cursor_count(c, INPUT_BYTES_MIN), outputs_n;

    digest_start(&all, "ZTxIdTranspaHash", 0);
    digest_start(&prevouts, "ZTxIdPrevoutHash", 0);
    digest_start(&sequences, "ZTxIdSequencHash", 0);
    digest_start(&outputs, "ZTxIdOutputsHash", 0);
    for (size_t i = 0; i < inputs_n && !c->bad; i++) {
        struct bytes outpoint = cursor_take(c, OUTPOINT_BYTES), sequence;

        cursor_skip(c, cursor_compact(c));
        sequence = cursor_take(c, 4);
        digest_add(&prevouts, outpoint.p, outpoint.n);
        digest_add(&sequences, sequence.p, sequence.n);
    }
    outputs_n = cursor_count(c, OUTPUT_BYTES_MIN);
    for (size_t i = 0; i < outputs_n && !c->bad; i++) {
        const uint8_t *at = c->at;

        cursor_skip(c, 8);
        cursor_skip(c, cursor_compact(c));
        digest_add(&outputs, at, (size_t)(c->at - at));
    }
    if (inputs_n + outputs_n) {
        digest_into(&all, &prevouts);
        digest_into(&all, &sequences);
        digest_into(&all, &outputs);
    }
    digest_into(above, &all);
}

static void sapling_digest(struct digest *above, struct cursor *c)
{
    struct digest all, spends, outputs;
    size_t spends_n = cursor_count(c, SPEND_5_BYTES), outputs_n;
    const uint8_t *spends_at = c->at, *outputs_at;
    struct bytes balance = {NULL, 0}, anchor = {NULL, 0};

    cursor_skip(c, spends_n * SPEND_5_BYTES);
    outputs_n = cursor_count(c, OUTPUT_5_BYTES);
    outputs_at = c->at;
    cursor_skip(c, outputs_n * OUTPUT_5_BYTES);
    digest_start(&all, "ZTxIdSaplingHash", 0);
    if (!(spends_n + outputs_n) || c->bad) {
        digest_into(above, &all);
        return;
    }
    balance = cursor_take(c, 8);
    if (spends_n)
        anchor = cursor_take(c, 32);
    cursor_skip(c, spends_n * (PROOF_BYTES + SIGNATURE_BYTES) + outputs_n * PROOF_BYTES +
                       SIGNATURE_BYTES);
    digest_start(&spends, "ZTxIdSSpendsHash", 0);
    if (spends_n) {
        struct digest n;

        RECORDS(&spends, "ZTxIdSSpendCHash", spends_at, spends_n, SPEND_5_BYTES, {32, 64});
        digest_start(&n, "ZTxIdSSpendNHash", 0);
        for (size_t i = 0; i < spends_n; i++) {
            digest_add(&n, spends_at + i * SPEND_5_BYTES, 32);
            digest_add(&n, anchor.p, anchor.n);
            digest_add(&n, spends_at + i * SPEND_5_BYTES + 64, 32);
        }
        digest_into(&spends, &n);
    }
    digest_start(&outputs, "ZTxIdSOutputHash", 0);
    if (outputs_n) { /* commitment, key and the first 52 bytes; the memo; the rest */
        RECORDS(&outputs, "ZTxIdSOutC__Hash", outputs_at, outputs_n, OUTPUT_5_BYTES, {32, 148});
        RECORDS(&outputs, "ZTxIdSOutM__Hash", outputs_at, outputs_n, OUTPUT_5_BYTES, {148, 660});
        RECORDS(&outputs, "ZTxIdSOutN__Hash", outputs_at, outputs_n, OUTPUT_5_BYTES, {0, 32},
                {660, 756});
    }
    digest_into(&all, &spends);
    digest_into(&all, &outputs);
    digest_add(&all, balance.p, balance.n);
    digest_into(above, &all);
}

static void orchard_digest(struct digest *above, struct cursor *c)
{
    size_t n = cursor_count(c, ACTION_BYTES);
    const uint8_t *at = c->at;
    struct digest all;

    cursor_skip(c, n * ACTION_BYTES);
    digest_start(&all, "ZTxIdOrchardHash", 0);
    if (n && !c->bad) {
        struct bytes rest = cursor_take(c, 1 + 8 + 32); /* flags, balance, anchor */

        RECORDS(&all, "ZTxIdOrcActCHash", at, n, ACTION_BYTES, {32, 64}, {96, 212});
        RECORDS(&all, "ZTxIdOrcActMHash", at, n, ACTION_BYTES, {212, 724});
        RECORDS(&all, "ZTxIdOrcActNHash", at, n, ACTION_BYTES, {0, 32}, {64, 96}, {724, 820});
        digest_add(&all, rest.p, rest.n);
    }
    digest_into(above, &all);
}

bool zcash_txid(struct bytes raw, struct hash32 *ret)
{
    struct cursor c = cursor_over(raw.p, raw.n);
    struct bytes header = cursor_take(&c, 20);
    struct digest all, first;

    if (c.bad || load_le32(header.p) != (OVERWINTERED | 5))
        return false;
    digest_start(&all, "ZcashTxHash_", load_le32(header.p + 8));
    digest_start(&first, "ZTxIdHeadersHash", 0);
    digest_add(&first, header.p, header.n);
    digest_into(&all, &first);
    transparent_digest(&all, &c);
    sapling_digest(&all, &c);
    orchard_digest(&all, &c);
    *ret = digest_end(&all);
    return true;
}
