/* struct evm_block -> facts. One pass over transactions, each in the order of transfers.h. How much
 * there can be at most is known beforehand, so nothing that has been pointed to ever moves. */
#include "base/mem.h"
#include "base/text.h"
#include "chain/evm/block.h"

#define TX_TRANSFERS_MAX (EVM_FEE_PARTS_MAX + 2) /* and two for each log, one for each call */
#define BYZANTIUM 4370000u /* EIP-649 and EIP-1234: the reward becomes 3 ether, and 2 */
#define CONSTANTINOPLE 7280000u
#define ETHER 1000000000000000000u
#define UNCLE_DEPTH_MAX 6 /* Yellow Paper, 11.1 */
#define PLAIN_GAS 21000u  /* Yellow Paper, appendix G, G_transaction */

struct evm_facts {
    struct fact_tx *txs;
    struct fact_transfer *transfers;
    struct fact_event *events;
    uint8_t *paths;
    struct arena *texts; /* of events */
    size_t txs_max, transfers_max, events_max, paths_max;
    size_t transfers_n, events_n, paths_n;
};

struct evm_facts *evm_facts_free(struct evm_facts *f);

struct evm_facts *evm_facts_free(struct evm_facts *f)
{
    if (!f)
        return NULL;
    mem_free(f->txs);
    mem_free(f->transfers);
    mem_free(f->events);
    mem_free(f->paths);
    arena_free(f->texts);
    return mem_free(f);
}

static bool room(void *array, size_t *max, size_t n, size_t size, struct err *err)
{
    void *p;

    if (n <= *max)
        return true;
    n += n / 4;
    p = mem_alloc(n * size); /* what it held is not needed */
    if (!p)
        return err_fail(err, ERR_NOMEM, "facts of a block");
    mem_free(*(void **)array);
    *(void **)array = p;
    *max = n;
    return true;
}

/* Room for all that this block can say, and for one, so that nothing is NULL. */
static bool facts_room(struct evm_block *b, struct err *err)
{
    struct evm_facts *f = b->facts;
    size_t paths = 0;

    if (!f)
        f = b->facts = mem_zero(sizeof(*f));
    if (!f)
        return err_fail(err, ERR_NOMEM, "facts of a block");
    for (size_t i = 0; i < b->calls_n; i++)
        if (!u256_zero(b->calls[i].value))
            paths += (size_t)b->calls[i].depth * 4;
    f->transfers_n = f->events_n = f->paths_n = 0;
    f->texts = arena_free(f->texts);
    return room(&f->txs, &f->txs_max, b->txs_n + 1, sizeof(*f->txs), err) &&
           room(&f->transfers, &f->transfers_max,
                b->txs_n * TX_TRANSFERS_MAX + b->calls_n + 2 * b->logs_n + b->withdrawals_n +
                    b->uncles_n + 1,
                sizeof(*f->transfers), err) &&
           room(&f->events, &f->events_max, b->txs_n + 2 * b->logs_n + 1, sizeof(*f->events),
                err) &&
           room(&f->paths, &f->paths_max, paths + 1, 1, err);
}

static struct bytes key_of(const uint8_t *key)
{
    return (struct bytes){key, key ? 20 : 0};
}

static void add(struct evm_facts *f, enum transfer_kind kind, unsigned position,
                const uint8_t *from, const uint8_t *to, struct u256 amount)
{
    f->transfers[f->transfers_n++] = (struct fact_transfer){
        .kind = kind,
        .position = position,
        .from = key_of(from),
        .to = key_of(to),
        .amount = amount,
        .credit = amount,
    };
}

static void add_value(struct evm_facts *f, enum transfer_kind kind, unsigned position,
                      const uint8_t *from, const uint8_t *to, struct u256 amount)
{
    if (!u256_zero(amount))
        add(f, kind, position, from, to, amount);
}

static bool add_fee(struct evm_block *b, const struct evm_tx *t, struct err *err)
{
    const struct evm_header *h = &b->header;
    struct evm_fee fee = {
        .height = h->number,
        .gas_used = t->gas_used,
        .blob_gas_used = t->blob_gas_used,
        .gas_price = t->gas_price,
        .has_base_fee = h->optional_n >= EVM_HEADER_LONDON && !u256_zero(t->gas_price),
        .base_fee = h->base_fee,
        .blob_price = t->blob_price,
        .l1_fee = t->l1_fee,
        .operator_fee = t->operator_fee,
        .proposer = h->beneficiary,
    };
    static const uint8_t zeros[20];
    struct evm_fee_part parts[EVM_FEE_PARTS_MAX];
    size_t n;

    if (b->rules->proposer_hidden && !memcmp(fee.proposer, zeros, sizeof(zeros)))
        fee.proposer = NULL;
    if (t->free || !t->received)
        return true;
    if (!evm_fee_parts(b->rules, &fee, parts, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        add(b->facts, TRANSFER_FEE, parts[i].position, t->from, parts[i].to, parts[i].amount);
        b->facts->transfers[b->facts->transfers_n - 1].credit = parts[i].credit;
    }
    return true;
}

/* See block.h: what is known, else what is likely. */
static bool succeeded(const struct evm_tx *t)
{
    switch (t->status) {
    case EVM_DONE:
        return true;
    case EVM_FAILED:
        return false;
    case EVM_UNKNOWN:
        break;
    }
    return !t->received || t->gas_used < t->gas_limit || (t->gas_limit == PLAIN_GAS && !t->input_n);
}

static void learn_status(const struct evm_block *b, struct evm_tx *t)
{
    if (t->status != EVM_UNKNOWN)
        return;
    if (b->traced && t->calls_n)
        t->status = b->calls[t->calls_first].failed ? EVM_FAILED : EVM_DONE;
    else if (t->logs_n || (t->received && t->gas_used < t->gas_limit))
        t->status = EVM_DONE;
}

/* The path is written from its end, along the parents. */
static struct bytes path_of(struct evm_block *b, const struct evm_call *c)
{
    uint8_t *p = b->facts->paths + b->facts->paths_n;
    size_t n = (size_t)c->depth * 4;

    b->facts->paths_n += n;
    for (const struct evm_call *at = c; at->depth; at = &b->calls[at->parent])
        store_le32(p + (size_t)(at->depth - 1) * 4, at->child);
    return (struct bytes){p, n};
}

static void add_call(struct evm_block *b, const struct evm_call *c)
{
    struct evm_facts *f = b->facts;
    bool to_itself = !memcmp(c->from, c->to, 20);

    if (c->kind == EVM_CALL_STILL || !c->depth || u256_zero(c->value))
        return;
    if (to_itself && (c->kind != EVM_DESTRUCT || b->header.optional_n >= EVM_HEADER_CANCUN))
        return;
    add(f, TRANSFER_INTERNAL, 0, c->from, to_itself ? NULL : c->to, c->value);
    f->transfers[f->transfers_n - 1].path = path_of(b, c);
}

static void add_calls(struct evm_block *b, const struct evm_tx *t)
{
    for (size_t i = t->calls_first; i < t->calls_first + t->calls_n; i++) {
        struct evm_call *c = &b->calls[i];

        if (c->parent != EVM_CALL_NONE)
            c->failed |= b->calls[c->parent].failed;
        if (!c->failed && t->succeeded)
            add_call(b, c);
    }
}

/* Text that the table of events has written lies in what said it, so it is copied. */
static bool add_events(struct evm_facts *f, const struct evm_said *said, struct err *err)
{
    const uint8_t *own = (const uint8_t *)said->text;

    for (size_t i = 0; i < said->events_n; i++) {
        struct fact_event *e = &f->events[f->events_n++];

        *e = said->events[i];
        if (!e->data.n || e->data.p < own || e->data.p >= own + sizeof(said->text))
            continue;
        if (!f->texts)
            f->texts = arena_new(NULL, EVM_BLOCK_MEMORY_MAX);
        e->data.p = f->texts ? arena_copy(f->texts, e->data.p, e->data.n) : NULL;
        if (!e->data.p)
            return err_fail(err, ERR_NOMEM, "facts of a block");
    }
    return true;
}

static bool add_logs(struct evm_block *b, const struct evm_tx *t, struct err *err)
{
    struct evm_facts *f = b->facts;
    struct evm_said said;

    for (size_t i = t->logs_first; i < t->logs_first + t->logs_n; i++) {
        const struct evm_log *log = &b->logs[i];

        if (b->rules->native_token && !memcmp(log->address.p, b->rules->native_token, 20))
            continue;
        evm_log_read(b->chain, &t->hash, log, &said);
        for (size_t k = 0; k < said.transfers_n; k++)
            f->transfers[f->transfers_n++] = said.transfers[k];
        if (!add_events(f, &said, err))
            return false;
    }
    return true;
}

/* What came from Ethereum to Arbitrum comes by transactions of the chain's own, which name the
 * message of the inbox that they are of, in no log: ether, and what a ticket of that message asks
 * for, as tokens. The chain says it; its precompile stands for it. */
static bool add_arrival(struct evm_block *b, const struct evm_tx *t, struct err *err)
{
    static const uint8_t retryables[20] = {[19] = 0x6e};
    struct evm_facts *f = b->facts;
    struct text key;

    if (!t->succeeded || !t->request)
        return true;
    if (!f->texts)
        f->texts = arena_new(NULL, EVM_BLOCK_MEMORY_MAX);
    key = text_new(64);
    text_printf(&key, "%s:%llu:%llu", t->redeems ? "arb-token" : "arb-in",
                (unsigned long long)b->chain->evm_id, (unsigned long long)t->request);
    if (f->texts && text_string(&key))
        f->events[f->events_n++] =
            (struct fact_event){.kind = EVENT_BRIDGE_IN,
                                .subject = {retryables, sizeof(retryables)},
                                .data = {arena_copy(f->texts, key.p, key.n), key.n}};
    else
        f->texts = arena_free(f->texts);
    text_free(&key);
    return (f->texts && f->events[f->events_n - 1].data.p) ||
           err_fail(err, ERR_NOMEM, "facts of a block");
}

static bool add_tx(struct evm_block *b, size_t i, struct err *err)
{
    struct evm_facts *f = b->facts;
    struct evm_tx *t = &b->txs[i];
    struct fact_tx *ret = &f->txs[i];
    size_t transfers = f->transfers_n, events = f->events_n;

    learn_status(b, t);
    t->succeeded = succeeded(t);
    if (!add_fee(b, t, err))
        return err_in(err, "transaction %zu", i);
    add_value(f, TRANSFER_VALUE, 1, NULL, t->from, t->mint);
    if (t->succeeded)
        add_value(f, TRANSFER_VALUE, 0, t->from, t->to, t->value);
    add_calls(b, t);
    if (!add_arrival(b, t, err))
        return false;
    if (t->succeeded && !add_logs(b, t, err))
        return err_in(err, "transaction %zu", i);
    if (t->succeeded && !t->request && !t->creates && !t->logs_n && !u256_zero(t->value))
        f->events_n += evm_input_read(t->from, t->to, t->memo, &f->events[f->events_n]);
    *ret = (struct fact_tx){
        .hash = t->hash,
        .failed = !t->succeeded,
        .transfers = f->transfers + transfers,
        .transfers_n = f->transfers_n - transfers,
        .events = f->events + events,
        .events_n = f->events_n - events,
    };
    return true;
}

static uint64_t block_reward(uint64_t number)
{
    return (number < BYZANTIUM ? 5 : number < CONSTANTINOPLE ? 3 : 2) * (uint64_t)ETHER;
}

static bool add_rewards(struct evm_block *b, struct err *err)
{
    const struct evm_header *h = &b->header;
    uint64_t reward = block_reward(h->number);

    if (!b->rules->rewards || u256_zero(h->difficulty) || !h->number)
        return true;
    if (b->uncles_n > 2)
        return err_fail(err, ERR_INPUT, "more than two uncles");
    add(b->facts, TRANSFER_REWARD, 0, NULL, h->beneficiary,
        u256_of(reward + b->uncles_n * (reward / 32)));
    for (unsigned i = 0; i < b->uncles_n; i++) {
        const struct evm_uncle *u = &b->uncles[i];

        if (!u->known)
            continue;
        if (u->number >= h->number || h->number - u->number > UNCLE_DEPTH_MAX)
            return err_fail(err, ERR_INPUT, "uncle %u: not of one of the %d blocks before", i,
                            UNCLE_DEPTH_MAX);
        add(b->facts, TRANSFER_REWARD, i + 1, NULL, u->miner,
            u256_of((u->number + 8 - h->number) * (reward / 8)));
    }
    return true;
}

/* What moves outside of transactions. */
static bool add_outside(struct evm_block *b, size_t *txs_n, struct err *err)
{
    struct evm_facts *f = b->facts;
    size_t transfers = f->transfers_n;

    for (unsigned i = 0; i < b->withdrawals_n; i++) {
        struct u256 wei;

        if (u256_mul(u256_of(b->withdrawals[i].gwei), u256_of(EVM_GWEI), &wei))
            add_value(f, TRANSFER_WITHDRAWAL, i, NULL, b->withdrawals[i].to, wei);
    }
    if (!add_rewards(b, err))
        return false;
    if (f->transfers_n > transfers)
        f->txs[(*txs_n)++] = (struct fact_tx){
            .hash = b->header.hash,
            .transfers = f->transfers + transfers,
            .transfers_n = f->transfers_n - transfers,
        };
    return true;
}

static bool add_all(struct evm_block *b, size_t *ret_txs_n, struct err *err)
{
    *ret_txs_n = b->txs_n;
    for (size_t i = 0; i < b->txs_n; i++)
        if (!add_tx(b, i, err))
            return false;
    return add_outside(b, ret_txs_n, err);
}

bool evm_block_facts(struct evm_block *b, struct transfer_block *ret, struct err *err)
{
    size_t txs_n = 0;

    if (!facts_room(b, err))
        return false;
    if (!add_all(b, &txs_n, err))
        return err_in(err, "block %llu", (unsigned long long)b->header.number);
    *ret = (struct transfer_block){
        .hash = b->header.hash,
        .prev = b->header.parent,
        .height = (uint32_t)b->header.number,
        .time = b->header.time,
        .grade = GRADE_PROVEN,
        .internals = b->traced || !b->txs_n,
        .txs = b->facts->txs,
        .txs_n = txs_n,
    };
    return true;
}
