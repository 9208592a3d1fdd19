#include "sim/build.h"

#include "base/mem.h"
#include "sim/genesis.h"

#define TXS_BYTES_MAX                                                                              \
    ((size_t)4 << 20) /* a block of that many bytes is over the weight limit for sure */
#define UNDO_BYTES_MAX ((size_t)4 << 20)
#define TXS_MAX 66000 /* of at least 61 bytes */
#define HEAD_BYTES_MAX 512
#define COMMITMENT_BYTES 38

struct span {
    uint32_t start, end, body, witness; /* from the start of txs; body == start + 4: no witness */
};

struct build {
    uint64_t key;
    uint8_t *txs, *undo;
    size_t txs_bytes, undo_bytes, txs_n, hashed;
    uint64_t weight, fees;
    struct span *span;           /* [TXS_MAX], from 1 */
    struct hash32 *txid, *wtxid; /* the same */
    struct hash32 *tree;
    uint8_t head[HEAD_BYTES_MAX];
    struct build_counts counts;
};

struct build *build_new(uint64_t key)
{
    struct build *b = mem_zero(sizeof(*b));

    if (!b)
        return NULL;
    b->key = key;
    b->txs = mem_alloc(TXS_BYTES_MAX);
    b->undo = mem_alloc(UNDO_BYTES_MAX);
    b->span = mem_array(TXS_MAX, sizeof(*b->span));
    b->txid = mem_array(TXS_MAX, sizeof(*b->txid));
    b->wtxid = mem_array(TXS_MAX, sizeof(*b->wtxid));
    b->tree = mem_array(TXS_MAX + 1, sizeof(*b->tree));
    if (!b->txs || !b->undo || !b->span || !b->txid || !b->wtxid || !b->tree)
        return build_free(b);
    return b;
}

struct build *build_free(struct build *b)
{
    if (!b)
        return NULL;
    mem_free(b->txs);
    mem_free(b->undo);
    mem_free(b->span);
    mem_free(b->txid);
    mem_free(b->wtxid);
    mem_free(b->tree);
    return mem_free(b);
}

void build_start(struct build *b)
{
    b->txs_bytes = 0;
    b->undo_bytes = 3; /* the count in front is written last, in at most as many bytes */
    b->txs_n = 1;
    b->hashed = 1;
    b->weight = 0;
    b->fees = 0;
}

size_t build_bytes(const struct build *b)
{
    return b->txs_bytes;
}

uint64_t build_weight(const struct build *b)
{
    return b->weight;
}

size_t build_txs(const struct build *b)
{
    return b->txs_n;
}

struct build_counts build_counts(const struct build *b)
{
    return b->counts;
}

static uint8_t *put32(uint8_t *at, uint32_t v)
{
    store_le32(at, v);
    return at + 4;
}

static uint8_t *put64(uint8_t *at, uint64_t v)
{
    store_le64(at, v);
    return at + 8;
}

static uint8_t *put_bytes(uint8_t *at, const void *p, size_t n)
{
    memcpy(at, p, n);
    return at + n;
}

/* CompactSize, of what never reaches 65536 here. */
static uint8_t *put_compact(uint8_t *at, size_t n)
{
    if (n < 0xfd) {
        *at++ = (uint8_t)n;
        return at;
    }
    *at++ = 0xfd;
    *at++ = (uint8_t)n;
    *at++ = (uint8_t)(n >> 8);
    return at;
}

/* Bitcoin Core, serialize.h: base 128, most significant first, one subtracted from each but the
 * last. */
static uint8_t *put_varint(uint8_t *at, uint64_t v)
{
    uint8_t digits[10];
    int n = 0;

    for (;;) {
        digits[n] = (uint8_t)((v & 0x7f) | (n ? 0x80 : 0));
        if (v <= 0x7f)
            break;
        v = (v >> 7) - 1;
        n++;
    }
    while (n >= 0)
        *at++ = digits[n--];
    return at;
}

/* Bitcoin Core, compressor.cpp, CompressAmount: zeros at the end are counted, the last digit stands
 * apart. */
static uint64_t compress_amount(uint64_t v)
{
    unsigned zeros = 0;

    if (!v)
        return 0;
    while (v % 10 == 0 && zeros < 9) {
        v /= 10;
        zeros++;
    }
    if (zeros < 9)
        return 1 + (v / 10 * 9 + v % 10 - 1) * 10 + zeros;
    return 1 + (v - 1) * 10 + 9;
}

static uint8_t *put_undo(uint8_t *at, uint64_t key, const struct coin *c)
{
    at = put_varint(at, c->height);
    if (c->height >> 1)
        *at++ = 0; /* once the version of the transaction */
    at = put_varint(at, compress_amount(c->value));
    return at + lock_undo(key, c->lock, at);
}

static uint8_t *put_inputs(uint8_t *at, uint64_t key, const struct draft *d, struct dice *dice)
{
    at = put_compact(at, d->in_n);
    for (size_t i = 0; i < d->in_n; i++) {
        at = put_bytes(at, d->in[i].txid.b, 32);
        at = put32(at, d->in[i].vout);
        at += lock_script_sig(key, d->in[i].lock, dice, at);
        at = put32(at, d->locktime ? 0xfffffffe : 0xfffffffd);
    }
    return at;
}

static uint8_t *put_outputs(uint8_t *at, uint64_t key, const struct draft *d, struct dice *dice)
{
    at = put_compact(at, d->out_n);
    for (size_t i = 0; i < d->out_n; i++) {
        const struct pay *o = &d->out[i];

        at = put64(at, o->value);
        if (o->memo) {
            *at++ = (uint8_t)(o->memo + (o->memo > 75 ? 3 : 2));
            *at++ = 0x6a; /* OP_RETURN */
            if (o->memo > 75)
                *at++ = 0x4c; /* OP_PUSHDATA1 */
            *at++ = o->memo;
            if (o->text)
                memcpy(at, o->text, o->memo);
            else
                dice_fill(dice, at, o->memo);
            at += o->memo;
        } else {
            *at = (uint8_t)lock_script(key, o->lock, at + 1);
            at += 1 + *at;
        }
    }
    return at;
}

static bool has_room(const struct build *b, const struct draft *d)
{
    size_t most = 32 + d->in_n * (44 + LOCK_SCRIPT_SIG_MAX + LOCK_WITNESS_MAX) +
                  d->out_n * (9 + MEMO_MAX + 4);

    return b->txs_n < TXS_MAX && TXS_BYTES_MAX - b->txs_bytes >= most &&
           UNDO_BYTES_MAX - b->undo_bytes >= 3 + d->in_n * (20 + LOCK_UNDO_MAX);
}

size_t build_add(struct build *b, const struct draft *d, struct dice *dice)
{
    uint8_t *at = b->txs + b->txs_bytes;
    struct span *s = &b->span[b->txs_n];
    uint64_t in = 0, out = 0;
    bool segwit = false;

    if (!has_room(b, d))
        return 0;
    for (size_t i = 0; i < d->in_n; i++)
        segwit |= lock_is_segwit(d->in[i].lock);
    s->start = (uint32_t)b->txs_bytes;
    at = put32(at, 2);
    if (segwit)
        at = put_bytes(at, "\x00\x01", 2); /* BIP 144: marker, flag */
    s->body = (uint32_t)(at - b->txs);
    at = put_inputs(at, b->key, d, dice);
    at = put_outputs(at, b->key, d, dice);
    s->witness = (uint32_t)(at - b->txs);
    for (size_t i = 0; segwit && i < d->in_n; i++)
        at += lock_witness(b->key, d->in[i].lock, dice, at);
    at = put32(at, d->locktime);
    s->end = (uint32_t)(at - b->txs);
    b->txs_bytes = s->end;
    b->weight += (s->end - s->start) + 3ULL * (8 + s->witness - s->body);

    at = put_compact(b->undo + b->undo_bytes, d->in_n);
    for (size_t i = 0; i < d->in_n; i++) {
        at = put_undo(at, b->key, &d->in[i]);
        in += d->in[i].value;
    }
    b->undo_bytes = (size_t)(at - b->undo);
    for (size_t i = 0; i < d->out_n; i++)
        out += d->out[i].value;
    b->fees += in - out;
    b->counts.inputs += d->in_n;
    b->counts.outputs += d->out_n;
    return b->txs_n++;
}

#define HASH_STEP 256

void build_hash(struct build *b)
{
    struct hash_parts parts[HASH_STEP], whole[HASH_STEP];

    while (b->hashed < b->txs_n) {
        size_t n = b->txs_n - b->hashed < HASH_STEP ? b->txs_n - b->hashed : HASH_STEP;

        for (size_t i = 0; i < n; i++) {
            const struct span *s = &b->span[b->hashed + i];

            parts[i] = (struct hash_parts){{{b->txs + s->start, 4},
                                            {b->txs + s->body, s->witness - s->body},
                                            {b->txs + s->end - 4, 4}}};
            whole[i] = (struct hash_parts){{{b->txs + s->start, s->end - s->start}}};
        }
        sha256d_parts(parts, n, b->txid + b->hashed);
        sha256d_parts(whole, n, b->wtxid + b->hashed);
        b->hashed += n;
    }
}

const struct hash32 *build_txid(const struct build *b, size_t tx)
{
    return &b->txid[tx];
}

/* The root over n ids, folded in place in tree; an odd one is paired with itself. */
static struct hash32 fold_root(struct build *b, const struct hash32 *ids)
{
    size_t n = b->txs_n;

    memcpy(b->tree, ids, n * sizeof(*ids));
    while (n > 1) {
        if (n & 1) {
            b->tree[n] = b->tree[n - 1];
            n++;
        }
        n /= 2;
        sha256d_64(b->tree, n, b->tree);
    }
    return b->tree[0];
}

/* BIP 141: "a single input's witness .. of 32 bytes", reserved, all zero here; "6-byte header
 * 0xaa21a9ed" is the push's head and four bytes that mark the commitment. */
static struct hash32 commitment(struct build *b)
{
    uint8_t both[64] = {0};

    memset(b->wtxid[0].b, 0,
           32); /* "the wtxid of coinbase transaction is assumed to be 0x0000...0000" */
    memcpy(both, fold_root(b, b->wtxid).b, 32);
    return sha256d(both, 64);
}

/* BIP 34: "minimally encoded serialized CScript": small numbers are opcodes. */
static uint8_t *put_height(uint8_t *at, uint32_t height)
{
    unsigned n = 1;

    if (height <= 16) {
        *at++ = (uint8_t)(0x50 + height);
        return at;
    }
    while (height >> (8 * n - 1)) /* the top bit is the sign */
        n++;
    *at++ = (uint8_t)n;
    for (unsigned i = 0; i < n; i++)
        *at++ = (uint8_t)(height >> (8 * i));
    return at;
}

static uint8_t *put_coinbase(struct build *b, uint8_t *at, const struct build_plan *plan,
                             struct dice *dice, struct hash32 *ret_txid)
{
    uint8_t *start = at, *body, *witness, *length;
    struct hash_parts parts = {{{NULL, 0}}};
    struct hash32 commits = commitment(b);

    at = put32(at, 2);
    at = put_bytes(at, "\x00\x01\x01", 3); /* marker, flag, one input */
    body = at - 1;
    memset(at, 0, 32);
    at = put32(at + 32, 0xffffffff);
    length = at++;
    at = put_height(at, plan->height);
    at = put_bytes(at, plan->tag, strlen(plan->tag));
    dice_fill(dice, at, 8); /* the extra nonce */
    at += 8;
    *length = (uint8_t)(at - length - 1);
    at = put32(at, 0xffffffff);
    *at++ = 2;
    at = put64(at, plan->subsidy + b->fees);
    *at = (uint8_t)lock_script(b->key, plan->lock, at + 1);
    at += 1 + *at;
    at = put64(at, 0);
    *at++ = COMMITMENT_BYTES;
    at = put_bytes(at, "\x6a\x24\xaa\x21\xa9\xed", 6);
    at = put_bytes(at, commits.b, 32);
    witness = at;
    at = put_bytes(at, "\x01\x20", 2);
    memset(at, 0, 32);
    at = put32(at + 32, 0);
    parts = (struct hash_parts){{{start, 4}, {body, (size_t)(witness - body)}, {at - 4, 4}}};
    sha256d_parts(&parts, 1, ret_txid);
    return at;
}

/* Tries nonces until the hash is below the target of SIM_BITS, which every second one is. */
static bool work(uint8_t header[80], struct hash32 *ret, struct err *err)
{
    for (uint32_t nonce = 0; nonce < 1u << 20; nonce++) {
        store_le32(header + 76, nonce);
        *ret = sha256d(header, 80);
        if (ret->b[31] < 0x7f)
            return true;
    }
    return err_fail(err, ERR_LIMIT, "no nonce is good enough");
}

bool build_finish(struct build *b, const struct build_plan *plan, struct dice *dice,
                  struct build_block *ret, struct err *err)
{
    uint8_t *at = b->head, *undo = b->undo + 3;
    struct hash32 root;

    build_hash(b);
    at = put_compact(at + 80, b->txs_n);
    at = put_coinbase(b, at, plan, dice, &ret->coinbase);
    b->txid[0] = ret->coinbase;
    root = fold_root(b, b->txid);
    put32(b->head, 0x20000000); /* BIP 9: no bit is set */
    put_bytes(b->head + 4, plan->prev.b, 32);
    put_bytes(b->head + 36, root.b, 32);
    put32(b->head + 68, plan->time);
    put32(b->head + 72, SIM_BITS);
    if (!work(b->head, &ret->hash, err))
        return err_in(err, "block %u", plan->height);
    undo -= b->txs_n - 1 < 0xfd ? 1 : 3;
    put_compact(undo, b->txs_n - 1);
    ret->head = (struct bytes){b->head, (size_t)(at - b->head)};
    ret->txs = (struct bytes){b->txs, b->txs_bytes};
    ret->undo = (struct bytes){undo, (size_t)(b->undo + b->undo_bytes - undo)};
    ret->reward = plan->subsidy + b->fees;
    b->counts.bytes += ret->head.n + ret->txs.n;
    b->counts.txs += b->txs_n;
    b->counts.outputs += 2;
    return true;
}
