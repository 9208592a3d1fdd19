/* RLP -> struct evm_block, with everything proven that the header names.
 *
 *     header   its hash is the block's
 *     body     transactions -> transactions root, senders from signatures; uncles -> uncles hash;
 *              withdrawals -> withdrawals root
 *     receipts -> receipts root. EIP-7642 leaves their blooms out, and they are made again. */
#include "chain/evm/block.h"

#include "base/keccak.h"
#include "base/mem.h"

struct evm_facts *evm_facts_free(struct evm_facts *f); /* facts.c */

struct evm_block *evm_block_new(const struct chain *chain)
{
    struct evm_block *b = mem_zero(sizeof(*b));

    if (!b)
        return NULL;
    b->chain = chain;
    b->rules = evm_rules(chain);
    b->bytes = arena_new(NULL, EVM_BLOCK_MEMORY_MAX);
    return b->bytes ? b : evm_block_free(b);
}

struct evm_block *evm_block_free(struct evm_block *b)
{
    if (!b)
        return NULL;
    mem_free(b->txs);
    mem_free(b->logs);
    mem_free(b->calls);
    mem_free(b->uncles);
    mem_free(b->withdrawals);
    mem_free(b->ends);
    rlp_out_free(&b->out);
    rlp_out_free(&b->scratch);
    rlp_out_free(&b->values);
    arena_free(b->bytes);
    evm_facts_free(b->facts);
    return mem_free(b);
}

bool evm_block_clear(struct evm_block *b, struct err *err)
{
    b->txs_n = b->logs_n = b->calls_n = b->uncles_n = b->withdrawals_n = 0;
    b->traced = false;
    b->header = (struct evm_header){0};
    b->bytes = arena_free(b->bytes);
    b->bytes = arena_new(NULL, EVM_BLOCK_MEMORY_MAX);
    return b->bytes ? true : err_fail(err, ERR_NOMEM, "a block");
}

/* Room for one more of size bytes at the end of an array. */
static void *one_more(void *array, size_t *n, size_t *max, size_t size, struct err *err)
{
    uint8_t *p = *(void **)array;

    if (*n == *max) {
        size_t more = *max * 2 + 64;

        if (*n >= EVM_ITEMS_MAX) {
            err_fail(err, ERR_LIMIT, "more than %zu of them in a block", EVM_ITEMS_MAX);
            return NULL;
        }
        p = mem_grow(p, more * size);
        if (!p) {
            err_fail(err, ERR_NOMEM, "a block");
            return NULL;
        }
        *(void **)array = p;
        *max = more;
    }
    p += (*n)++ * size;
    memset(p, 0, size);
    return p;
}

struct evm_tx *evm_tx_add(struct evm_block *b, struct err *err)
{
    return one_more(&b->txs, &b->txs_n, &b->txs_max, sizeof(*b->txs), err);
}

struct evm_log *evm_log_add(struct evm_block *b, struct err *err)
{
    return one_more(&b->logs, &b->logs_n, &b->logs_max, sizeof(*b->logs), err);
}

struct evm_call *evm_call_add(struct evm_block *b, struct err *err)
{
    return one_more(&b->calls, &b->calls_n, &b->calls_max, sizeof(*b->calls), err);
}

struct evm_uncle *evm_uncle_add(struct evm_block *b, struct err *err)
{
    return one_more(&b->uncles, &b->uncles_n, &b->uncles_max, sizeof(*b->uncles), err);
}

struct evm_withdrawal *evm_withdrawal_add(struct evm_block *b, struct err *err)
{
    return one_more(&b->withdrawals, &b->withdrawals_n, &b->withdrawals_max,
                    sizeof(*b->withdrawals), err);
}

uint8_t *evm_bytes(struct evm_block *b, size_t n, struct err *err)
{
    uint8_t *p = arena_alloc(b->bytes, n ? n : 1);

    if (!p)
        arena_refused(b->bytes, err, "a block");
    return p;
}

bool evm_memo_keep(struct evm_block *b, struct bytes memo, struct bytes *ret, struct err *err)
{
    uint8_t *p = memo.n ? evm_bytes(b, memo.n, err) : NULL;

    if (memo.n && !p)
        return false;
    if (memo.n)
        memcpy(p, memo.p, memo.n);
    *ret = (struct bytes){p, memo.n};
    return true;
}

/* Marks the end of a value that has been written to b->values. */
static bool value_end(struct evm_block *b, size_t i, struct err *err)
{
    if (i >= b->ends_max) {
        size_t *p = mem_grow(b->ends, (i * 2 + 64) * sizeof(*p));

        if (!p)
            return err_fail(err, ERR_NOMEM, "a block");
        b->ends = p;
        b->ends_max = i * 2 + 64;
    }
    b->ends[i] = b->values.n;
    return b->values.bad ? err_fail(err, ERR_NOMEM, "a block") : true;
}

static bool check_root(struct evm_block *b, size_t n, const struct hash32 *want, const char *what,
                       struct err *err)
{
    struct hash32 got = evm_list_root(b->values.p, b->ends, n, rlp_out_clear(&b->scratch));

    if (b->scratch.bad)
        return err_fail(err, ERR_NOMEM, "a block");
    if (!hash32_equal(&got, want))
        return err_fail(err, ERR_INPUT, "%s root differs from the header's", what);
    return true;
}

/* In a list, a typed transaction or receipt is a string that holds type and list (EIP-2718). */
static struct bytes typed_item(struct rlp *list)
{
    return rlp_next_is_list(list) ? rlp_item(list) : rlp_string(list);
}

static bool read_txs(struct evm_block *b, struct rlp list, struct err *err)
{
    rlp_out_clear(&b->values);
    for (size_t i = 0; rlp_more(&list); i++) {
        struct bytes wire = typed_item(&list);
        struct evm_tx *t = evm_tx_add(b, err);

        if (!t)
            return false;
        if (!evm_tx_read(b->chain, wire, &b->scratch, t, err))
            return err_in(err, "transaction %zu", i);
        evm_tx_price(t, &b->header);
        if (!evm_memo_keep(b, t->memo, &t->memo, err))
            return false;
        rlp_put_raw(&b->values, wire.p, wire.n);
        if (!value_end(b, i, err))
            return false;
    }
    if (list.bad)
        return err_fail(err, ERR_INPUT, "transactions are no list of them");
    return check_root(b, b->txs_n, &b->header.txs_root, "transactions", err);
}

static bool read_uncles(struct evm_block *b, struct bytes whole, struct err *err)
{
    struct hash32 hash = keccak256(whole.p, whole.n);
    struct rlp outer = rlp_over(whole), list = rlp_list(&outer);

    if (!hash32_equal(&hash, &b->header.uncles_hash))
        return err_fail(err, ERR_INPUT, "uncles hash differs from the header's");
    for (size_t i = 0; rlp_more(&list); i++) {
        struct evm_uncle *u = evm_uncle_add(b, err);
        struct evm_header h;

        if (!u)
            return false;
        if (!evm_header_read(rlp_item(&list), &h, err))
            return err_in(err, "uncle %zu", i);
        u->number = h.number;
        memcpy(u->miner, h.beneficiary, sizeof(u->miner));
        u->known = true;
    }
    return list.bad ? err_fail(err, ERR_INPUT, "uncles are no list of headers") : true;
}

/* EIP-4895: [index, validator, address, amount in gwei]. */
bool evm_withdrawals_read(struct evm_block *b, struct bytes all, struct err *err)
{
    struct rlp whole_list = rlp_over(all), list = rlp_list(&whole_list);

    if (b->header.optional_n < EVM_HEADER_SHANGHAI)
        return err_fail(err, ERR_INPUT, "withdrawals, though the header has no root of them");
    rlp_out_clear(&b->values);
    for (size_t i = 0; rlp_more(&list); i++) {
        struct bytes whole = rlp_item(&list);
        struct rlp outer = rlp_over(whole), f = rlp_list(&outer);
        struct evm_withdrawal *w = evm_withdrawal_add(b, err);
        const uint8_t *to;

        if (!w)
            return false;
        w->index = rlp_u64(&f);
        w->validator = rlp_u64(&f);
        to = rlp_fixed(&f, 20);
        w->gwei = rlp_u64(&f);
        if (!rlp_end(&f))
            return err_fail(err, ERR_INPUT, "withdrawal %zu: four fields are wanted", i);
        memcpy(w->to, to, 20);
        rlp_put_raw(&b->values, whole.p, whole.n);
        if (!value_end(b, i, err))
            return false;
    }
    if (list.bad || !rlp_end(&whole_list))
        return err_fail(err, ERR_INPUT, "withdrawals are no list");
    if (b->rules->roots_of_state && !b->withdrawals_n)
        return true; /* Isthmus: "withdrawalsRoot" is the storage root of L2ToL1MessagePasser */
    return check_root(b, b->withdrawals_n, &b->header.withdrawals_root, "withdrawals", err);
}

void evm_withdrawals_write(struct rlp_out *out, const struct evm_block *b)
{
    size_t list = rlp_open(out);

    for (size_t i = 0; i < b->withdrawals_n; i++) {
        const struct evm_withdrawal *w = &b->withdrawals[i];
        size_t one = rlp_open(out);

        rlp_put_u64(out, w->index);
        rlp_put_u64(out, w->validator);
        rlp_put_string(out, w->to, sizeof(w->to));
        rlp_put_u64(out, w->gwei);
        rlp_close(out, one);
    }
    rlp_close(out, list);
}

static bool read_body(struct evm_block *b, struct rlp f, struct err *err)
{
    struct rlp txs = rlp_list(&f);
    struct bytes withdrawals;

    if (f.bad)
        return err_fail(err, ERR_INPUT, "body: a list of transactions is wanted");
    if (!read_txs(b, txs, err) || !read_uncles(b, rlp_item(&f), err))
        return false;
    if (b->header.optional_n < EVM_HEADER_SHANGHAI)
        return rlp_end(&f) ? true : err_fail(err, ERR_INPUT, "body: more than the header names");
    withdrawals = rlp_next_is_list(&f) ? rlp_item(&f) : (struct bytes){NULL, 0};
    if (!withdrawals.n)
        return err_fail(err, ERR_INPUT, "body: no withdrawals, though the header has their root");
    while (rlp_more(&f)) /* blobs beside a block, as BSC has them */
        rlp_item(&f);
    return f.bad ? err_fail(err, ERR_INPUT, "body: ends early")
                 : evm_withdrawals_read(b, withdrawals, err);
}

/* Yellow Paper, 4.4.1: three bits of 2048 for each address and topic, from the low 11 bits of the
 * first three pairs of bytes of its hash. */
static void bloom_add(uint8_t bloom[EVM_BLOOM_BYTES], const uint8_t *p, size_t n)
{
    struct hash32 h = keccak256(p, n);

    for (size_t i = 0; i < 6; i += 2) {
        unsigned bit = (unsigned)(h.b[i] << 8 | h.b[i + 1]) & 2047;

        bloom[EVM_BLOOM_BYTES - 1 - bit / 8] |= (uint8_t)(1u << bit % 8);
    }
}

/* [address, [topics], data] */
static bool read_log(struct evm_block *b, struct rlp f, uint32_t index, struct err *err)
{
    const uint8_t *address = rlp_fixed(&f, 20);
    struct rlp topics = rlp_list(&f);
    struct bytes data = rlp_string(&f);
    struct evm_log *log = evm_log_add(b, err);
    uint8_t *copy;

    if (!log)
        return false;
    if (!rlp_end(&f) || topics.end - topics.at > EVM_TOPICS_MAX * 33)
        return err_fail(err, ERR_INPUT, "log %u: address, topics and data are wanted", index);
    copy = evm_bytes(b, EVM_TOPICS_MAX * 32, err);
    if (!copy)
        return false;
    *log = (struct evm_log){
        .address = {address, 20}, .data = data, .index = index, .topics = (const void *)copy};
    while (rlp_more(&topics)) {
        const uint8_t *topic = rlp_fixed(&topics, 32);

        if (topic)
            memcpy(copy + 32 * log->topics_n++, topic, 32);
    }
    return topics.bad ? err_fail(err, ERR_INPUT, "log %u: a topic is not of 32 bytes", index)
                      : true;
}

static bool bloom_of(struct bytes logs, uint8_t ret[EVM_BLOOM_BYTES])
{
    struct rlp outer = rlp_over(logs), list = rlp_list(&outer);

    memset(ret, 0, EVM_BLOOM_BYTES);
    while (rlp_more(&list)) {
        struct rlp log = rlp_list(&list), topics;
        const uint8_t *address = rlp_fixed(&log, 20);

        topics = rlp_list(&log);
        if (address)
            bloom_add(ret, address, 20);
        while (rlp_more(&topics)) {
            const uint8_t *topic = rlp_fixed(&topics, 32);

            if (topic)
                bloom_add(ret, topic, 32);
        }
        if (!address || topics.bad)
            return false;
    }
    return !list.bad;
}

/* What stands first in a receipt: since Byzantium 1 or nothing, before it the state's root. */
static bool read_status(struct evm_tx *t, struct bytes status, struct err *err)
{
    if (status.n == 32)
        return true;
    if (status.n > 1 || (status.n && status.p[0] != 1))
        return err_fail(err, ERR_INPUT, "a status that is neither 0 nor 1");
    t->status = status.n ? EVM_DONE : EVM_FAILED;
    return true;
}

struct receipt { /* its parts as they stand */
    uint8_t type;
    struct bytes status, bloom, logs; /* bloom: none if n is 0; logs: with their length */
    uint64_t cumulative;
    struct rlp rest; /* what the OP stack puts behind */
};

/* Either type and [status, gas, bloom, logs], or (EIP-7642) [type, status, gas, logs]. */
static bool split_receipt(struct bytes wire, struct receipt *ret)
{
    struct rlp whole = rlp_over(wire), f, peek;

    *ret = (struct receipt){0};
    if (wire.n && !rlp_next_is_list(&whole))
        ret->type = *whole.at++;
    f = rlp_list(&whole);
    peek = f;
    rlp_item(&peek);
    rlp_item(&peek);
    if (!rlp_end(&whole))
        return false;
    if (rlp_next_is_list(&peek) || !rlp_more(&peek))
        return false;
    if (rlp_string(&peek).n != EVM_BLOOM_BYTES) {
        uint64_t type = rlp_u64(&f);

        if (ret->type || type > 0x7f)
            return false;
        ret->type = (uint8_t)type;
    }
    ret->status = rlp_string(&f);
    ret->cumulative = rlp_u64(&f);
    if (!rlp_next_is_list(&f))
        ret->bloom = rlp_string(&f);
    if (!rlp_next_is_list(&f))
        return false;
    ret->logs = rlp_item(&f);
    ret->rest = f;
    return !f.bad;
}

/* What the receipts root is the root of. */
static bool put_receipt(struct rlp_out *o, const struct receipt *r, struct err *err)
{
    struct rlp rest = r->rest;
    uint8_t bloom[EVM_BLOOM_BYTES];
    size_t list;

    if (!r->bloom.n && !bloom_of(r->logs, bloom))
        return err_fail(err, ERR_INPUT, "a log without address and topics");
    if (r->type)
        rlp_put_raw(o, &r->type, 1);
    list = rlp_open(o);
    rlp_put_string(o, r->status.p, r->status.n);
    rlp_put_u64(o, r->cumulative);
    rlp_put_string(o, r->bloom.n ? r->bloom.p : bloom, EVM_BLOOM_BYTES);
    rlp_put_raw(o, r->logs.p, r->logs.n);
    while (rlp_more(&rest)) {
        struct bytes more = rlp_item(&rest);

        rlp_put_raw(o, more.p, more.n);
    }
    rlp_close(o, list);
    return !rest.bad || err_fail(err, ERR_INPUT, "ends early");
}

static bool receipt_split(struct bytes wire, struct receipt *ret, struct err *err)
{
    return split_receipt(wire, ret) ||
           err_fail(err, ERR_INPUT, "status, gas, (bloom) and logs are wanted");
}

bool evm_receipt_put(struct rlp_out *out, struct bytes wire, struct err *err)
{
    struct receipt r;

    return receipt_split(wire, &r, err) && put_receipt(out, &r, err);
}

bool evm_receipt_cumulative(struct bytes wire, uint64_t *ret, struct err *err)
{
    struct receipt r;

    if (!receipt_split(wire, &r, err))
        return false;
    *ret = r.cumulative;
    return true;
}

static bool read_receipt(struct evm_block *b, struct evm_tx *t, const struct receipt *r,
                         uint64_t before, struct err *err)
{
    struct rlp outer, logs;

    if (r->type != t->type)
        return err_fail(err, ERR_INPUT, "of type %u for a transaction of type %u", r->type,
                        t->type);
    if (!read_status(t, r->status, err))
        return false;
    t->cumulative = r->cumulative;
    if (r->cumulative < before)
        return err_fail(err, ERR_INPUT, "less gas than before it");
    t->gas_used = r->cumulative - before;
    t->received = true;
    if (t->type == EVM_DEPOSIT && rlp_more(&r->rest)) {
        struct rlp nonce = r->rest;

        t->nonce = rlp_u64(&nonce);
    }
    t->logs_first = b->logs_n;
    outer = rlp_over(r->logs);
    logs = rlp_list(&outer);
    for (uint32_t k = 0; rlp_more(&logs); k++) {
        struct rlp log = rlp_list(&logs);

        if (!read_log(b, log, k, err))
            return false;
    }
    t->logs_n = b->logs_n - t->logs_first;
    return !logs.bad || err_fail(err, ERR_INPUT, "logs are no list of them");
}

bool evm_receipt_read(struct evm_block *b, struct evm_tx *t, struct bytes wire, uint64_t before,
                      struct err *err)
{
    struct receipt r;

    return receipt_split(wire, &r, err) && read_receipt(b, t, &r, before, err);
}

static bool add_receipt(struct evm_block *b, size_t i, struct bytes wire, struct err *err)
{
    struct receipt r;

    return receipt_split(wire, &r, err) &&
           read_receipt(b, &b->txs[i], &r, i ? b->txs[i - 1].cumulative : 0, err) &&
           put_receipt(&b->values, &r, err) && value_end(b, i, err);
}

static bool read_receipts(struct evm_block *b, struct bytes receipts, struct err *err)
{
    struct rlp whole = rlp_over(receipts), list = rlp_list(&whole);
    size_t n = 0;

    rlp_out_clear(&b->values);
    for (; rlp_more(&list); n++) {
        struct bytes wire = typed_item(&list);

        if (n == b->txs_n)
            return err_fail(err, ERR_INPUT, "more receipts than the %zu transactions", b->txs_n);
        if (!add_receipt(b, n, wire, err))
            return err_in(err, "receipt %zu", n);
    }
    if (list.bad || !rlp_end(&whole))
        return err_fail(err, ERR_INPUT, "receipts are no list of them");
    if (n != b->txs_n)
        return err_fail(err, ERR_INPUT, "%zu receipts for %zu transactions", n, b->txs_n);
    return check_root(b, n, &b->header.receipts_root, "receipts", err);
}

static bool price_blobs(struct evm_block *b, struct err *err)
{
    const struct evm_header *h = &b->header;
    bool prague = h->optional_n >= EVM_HEADER_PRAGUE;

    for (size_t i = 0; i < b->txs_n; i++) {
        struct evm_tx *t = &b->txs[i];

        t->blob_gas_used = t->blobs_n * EVM_BLOB_GAS;
        if (t->blobs_n &&
            !evm_blob_price(b->rules, prague, h->time, h->excess_blob_gas, &t->blob_price))
            return err_fail(err, ERR_INPUT, "a price of blobs past 2^256");
    }
    return true;
}

static bool read_created(struct evm_block *b, struct err *err)
{
    for (size_t i = 0; i < b->txs_n; i++)
        if (b->txs[i].creates) {
            evm_create_address(b->txs[i].from, b->txs[i].nonce, &b->scratch, b->txs[i].to);
            if (b->scratch.bad)
                return err_fail(err, ERR_NOMEM, "a block");
        }
    return true;
}

bool evm_block_finish(struct evm_block *b, struct err *err)
{
    return price_blobs(b, err) && read_created(b, err);
}

static bool read_parts(struct evm_block *b, struct bytes header, struct rlp body,
                       struct bytes receipts, struct err *err)
{
    if (!evm_header_read(header, &b->header, err))
        return false;
    if (!read_body(b, body, err) || (receipts.n && !read_receipts(b, receipts, err)) ||
        !evm_block_finish(b, err))
        return err_in(err, "block %llu", (unsigned long long)b->header.number);
    return true;
}

static bool small_enough(size_t n, struct err *err)
{
    if (n > EVM_BLOCK_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "a block of more than %zu bytes", EVM_BLOCK_BYTES_MAX);
    return true;
}

bool evm_block_read(struct evm_block *b, struct bytes header, struct bytes body,
                    struct bytes receipts, struct err *err)
{
    struct rlp whole = rlp_over(body), fields = rlp_list(&whole);

    if (!evm_block_clear(b, err) || !small_enough(header.n, err) || !small_enough(body.n, err) ||
        !small_enough(receipts.n, err))
        return false;
    if (!rlp_end(&whole))
        return err_fail(err, ERR_INPUT, "body: one list is wanted");
    return read_parts(b, header, fields, receipts, err);
}

bool evm_block_read_message(struct evm_block *b, struct bytes message, struct err *err)
{
    struct rlp whole = rlp_over(message), f = rlp_list(&whole), peek = f;
    struct bytes header;

    if (!evm_block_clear(b, err) || !small_enough(message.n, err))
        return false;
    peek = rlp_list(&peek); /* of a NewBlock message the block, else its header */
    if (rlp_next_is_list(&peek))
        f = rlp_list(&f);
    header = rlp_item(&f);
    if (f.bad || !rlp_end(&whole))
        return err_fail(err, ERR_INPUT, "no block");
    return read_parts(b, header, f, (struct bytes){NULL, 0}, err);
}
