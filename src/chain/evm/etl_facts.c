/* The rows of one block -> facts, each transaction in the order of transfers.h. What moves follows
 * the rules that all readers of EVM chains share: fees.h, log.h, and of frames: a call or creation
 * that did not fail and has no failed frame above it moves its value, a self-destruct its balance
 * (which is destroyed, if it goes to the contract itself, until EIP-6780). */
#include "chain/evm/etl_block.h"

#include "base/mem.h"

#define PLAIN_GAS 21000u /* Yellow Paper, appendix G, G_transaction */
#define GWEI 1000000000u
#define ETHER 1000000000000000000u
#define BYZANTIUM 4370000u /* EIP-649 and EIP-1234: the reward becomes 3 ether, and 2 */
#define CONSTANTINOPLE 7280000u

/* Room for n in all, what is there is not kept. */
static bool room(struct etl_vector *v, size_t n, size_t size, struct err *err)
{
    v->n = 0;
    if (n <= v->max)
        return true;
    mem_free(v->at);
    v->max = 0;
    v->at = mem_alloc((n + n / 4) * size);
    if (!v->at)
        return err_fail(err, ERR_NOMEM, "facts of a block");
    v->max = n + n / 4;
    return true;
}

static bool facts_room(struct etl_block *b, struct err *err)
{
    return room(&b->fact_txs, b->txs.n + 1, sizeof(struct fact_tx), err) &&
           room(&b->transfers,
                b->txs.n * (EVM_FEE_PARTS_MAX + 1) + b->traces.n + 2 * b->logs.n + b->tokens.n +
                    b->withdrawals.n + 1,
                sizeof(struct fact_transfer), err) &&
           room(&b->events, b->txs.n + 2 * b->logs.n, sizeof(struct fact_event), err);
}

static struct bytes key_of(const uint8_t *key)
{
    return (struct bytes){key, key ? 20 : 0};
}

static struct fact_transfer *add(struct etl_block *b, enum transfer_kind kind, unsigned position,
                                 const uint8_t *from, const uint8_t *to, struct u256 amount)
{
    struct fact_transfer *t = &((struct fact_transfer *)b->transfers.at)[b->transfers.n++];

    *t = (struct fact_transfer){.kind = kind,
                                .position = position,
                                .from = key_of(from),
                                .to = key_of(to),
                                .amount = amount,
                                .credit = amount};
    return t;
}

static bool fee_in_parts(const struct evm_rules *r)
{
    return r->base_fee == EVM_BASE_FEE_VAULT || r->base_vaults_n || r->l1_vault ||
           r->operator_vault;
}

/* Who gets it is known where the block is. */
static bool add_fee(struct etl_block *b, const struct etl_tx *t, struct err *err)
{
    bool known = b->stated && b->base_fee_told;
    struct evm_fee fee = {.height = b->number,
                          .gas_used = t->gas_used,
                          .blob_gas_used = t->blob_gas_used,
                          .gas_price = t->price,
                          .has_base_fee = b->has_base_fee && !u256_zero(t->price),
                          .base_fee = b->base_fee,
                          .blob_price = t->blob_price,
                          .l1_fee = t->l1_fee,
                          .proposer = b->miner};
    struct evm_fee_part parts[EVM_FEE_PARTS_MAX];
    size_t n;

    if (!t->stated || !t->received || !t->priced || (!known && fee_in_parts(b->rules)))
        return true;
    if (!evm_fee_parts(b->rules, &fee, parts, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct fact_transfer *f = add(b, TRANSFER_FEE, parts[i].position, t->from,
                                      known ? parts[i].to : NULL, parts[i].amount);

        f->credit = known ? parts[i].credit : u256_of(0);
    }
    return true;
}

static enum etl_status status_of(const struct etl_block *b, const struct etl_tx *t)
{
    if (t->status != ETL_UNKNOWN)
        return t->status;
    if (b->traced && t->traces_n)
        return ETL_TRACE(b, t->traces_first)->failed ? ETL_FAILED : ETL_DONE;
    if (!t->received || t->logs_n || t->tokens_n || t->gas_used < t->gas ||
        (t->gas == PLAIN_GAS && !t->input))
        return ETL_DONE;
    return ETL_FAILED;
}

static void add_value(struct etl_block *b, const struct etl_tx *t)
{
    const struct etl_trace *root = t->traces_n ? ETL_TRACE(b, t->traces_first) : NULL;

    if (t->stated) {
        if (!u256_zero(t->value))
            add(b, TRANSFER_VALUE, 0, t->from, t->has_to ? t->to : NULL, t->value);
    } else if (root && !u256_zero(root->value)) {
        add(b, TRANSFER_VALUE, 0, root->from, root->has_to ? root->to : NULL, root->value);
    }
}

static bool out_of_order(const struct etl_trace *c, struct err *err)
{
    return err_fail(err, ERR_INPUT,
                    "%s: line %zu: trace_address: out of order, or a frame above it is missing",
                    c->table->name, c->line);
}

/* Frames come as they were entered: each is the first child of the one before, or the next of one
 * above it. */
static bool path_follows(struct bytes path, struct bytes before)
{
    size_t depth = path.n / 4, depth_before = before.n / 4;

    if (!depth || depth > depth_before + 1 || (depth > 1 && memcmp(path.p, before.p, path.n - 4)))
        return false;
    return depth > depth_before ||
           load_le32(path.p + path.n - 4) > load_le32(before.p + path.n - 4);
}

static void add_trace(struct etl_block *b, const struct etl_trace *c)
{
    bool to_itself = c->has_to && !memcmp(c->from, c->to, 20);

    if (c->kind == ETL_CALL_STILL || !c->path.n || u256_zero(c->value))
        return;
    if (to_itself && (c->kind != ETL_SUICIDE || b->cancun))
        return;
    add(b, TRANSFER_INTERNAL, 0, c->from, to_itself || !c->has_to ? NULL : c->to, c->value)->path =
        c->path;
}

static bool add_traces(struct etl_block *b, const struct etl_tx *t, bool moves, struct err *err)
{
    size_t failed_at = SIZE_MAX; /* the depth of the failed frame that this is in */

    for (size_t i = 0; i < t->traces_n; i++) {
        const struct etl_trace *c = ETL_TRACE(b, t->traces_first + i);
        size_t depth = c->path.n / 4;

        if (i ? !path_follows(c->path, ETL_TRACE(b, t->traces_first + i - 1)->path) : depth != 0)
            return out_of_order(c, err);
        if (depth <= failed_at)
            failed_at = c->failed ? depth : SIZE_MAX;
        if (moves && failed_at == SIZE_MAX)
            add_trace(b, c);
    }
    return true;
}

/* Text that the table of events has written lies in what said it, so it is copied. */
static bool add_events(struct etl_block *b, const struct evm_said *said, struct err *err)
{
    const uint8_t *own = (const uint8_t *)said->text;

    for (size_t i = 0; i < said->events_n; i++) {
        struct fact_event *e = &((struct fact_event *)b->events.at)[b->events.n];

        *e = said->events[i];
        if (e->data.n && e->data.p >= own && e->data.p < own + sizeof(said->text)) {
            void *copy = etl_bytes(b, e->data.n, err);

            if (!copy)
                return false;
            memcpy(copy, e->data.p, e->data.n);
            e->data.p = copy;
        }
        b->events.n++;
    }
    return true;
}

static bool of_native(const struct etl_block *b, const uint8_t *contract)
{
    return b->rules->native_token && !memcmp(contract, b->rules->native_token, 20);
}

static bool add_logs(struct etl_block *b, const struct etl_tx *t, struct err *err)
{
    struct evm_said said;

    for (size_t i = t->logs_first; i < t->logs_first + t->logs_n; i++) {
        const struct etl_log *l = ETL_LOG(b, i);
        struct evm_log log = {.address = key_of(l->address),
                              .topics = l->topics,
                              .topics_n = l->topics_n,
                              .data = l->data,
                              .index = l->index};

        if (of_native(b, l->address))
            continue;
        evm_log_read(b->chain, &t->hash, &log, &said);
        for (size_t k = 0; k < said.transfers_n; k++)
            ((struct fact_transfer *)b->transfers.at)[b->transfers.n++] = said.transfers[k];
        if (!add_events(b, &said, err))
            return false;
    }
    return true;
}

static void add_tokens(struct etl_block *b, const struct etl_tx *t)
{
    for (size_t i = t->tokens_first; i < t->tokens_first + t->tokens_n; i++) {
        const struct etl_token *k = ETL_TOKEN(b, i);

        if (!u256_zero(k->amount) && !of_native(b, k->asset))
            add(b, TRANSFER_STATED, k->index, k->from, k->to, k->amount)->asset = key_of(k->asset);
    }
}

static bool add_tx(struct etl_block *b, const struct etl_tx *t, struct err *err)
{
    bool done = status_of(b, t) == ETL_DONE;
    size_t transfers = b->transfers.n, events = b->events.n;

    if (!add_fee(b, t, err))
        return false;
    if (done)
        add_value(b, t);
    if (!add_traces(b, t, done, err) || (done && !add_logs(b, t, err)))
        return false;
    if (done && t->has_to && !t->logs_n && !u256_zero(t->value))
        b->events.n += evm_input_read(t->from, t->to, t->memo,
                                      &((struct fact_event *)b->events.at)[b->events.n]);
    if (done)
        add_tokens(b, t);
    ((struct fact_tx *)b->fact_txs.at)[b->fact_txs.n++] = (struct fact_tx){
        .hash = t->hash,
        .failed = !done,
        .transfers = (struct fact_transfer *)b->transfers.at + transfers,
        .transfers_n = b->transfers.n - transfers,
        .events = b->events.at ? (struct fact_event *)b->events.at + events : NULL,
        .events_n = b->events.n - events,
    };
    return true;
}

/* From traces, else by the rule, which needs to know that there are no uncles. */
static void add_rewards(struct etl_block *b)
{
    uint64_t n = b->number;
    unsigned position = 0;

    for (size_t i = 0; i < b->traces.n; i++) {
        const struct etl_trace *c = ETL_TRACE(b, i);

        if (c->kind == ETL_REWARD || c->kind == ETL_ISSUE)
            add(b, TRANSFER_REWARD, position++, c->has_from ? c->from : NULL, c->to, c->value);
    }
    if (!b->traced && b->rules->rewards && b->stated && b->difficult && b->no_uncles && n)
        add(b, TRANSFER_REWARD, 0, NULL, b->miner,
            u256_of((n < BYZANTIUM        ? 5
                     : n < CONSTANTINOPLE ? 3
                                          : 2) *
                    (uint64_t)ETHER));
}

static void add_outside(struct etl_block *b)
{
    size_t transfers = b->transfers.n;

    for (unsigned i = 0; i < b->withdrawals.n; i++) {
        const struct etl_withdrawal *w = ETL_WITHDRAWAL(b, i);
        struct u256 wei;

        if (w->gwei && u256_mul(u256_of(w->gwei), u256_of(GWEI), &wei))
            add(b, TRANSFER_WITHDRAWAL, i, NULL, w->to, wei);
    }
    add_rewards(b);
    if (b->transfers.n > transfers)
        ((struct fact_tx *)b->fact_txs.at)[b->fact_txs.n++] =
            (struct fact_tx){.hash = b->hash,
                             .transfers = (struct fact_transfer *)b->transfers.at + transfers,
                             .transfers_n = b->transfers.n - transfers};
}

bool etl_block_facts(struct etl_block *b, struct transfer_block *ret, struct err *err)
{
    if (!facts_room(b, err))
        return false;
    for (size_t i = 0; i < b->txs.n; i++)
        if (!add_tx(b, ETL_TX(b, b->order[i]), err))
            return false;
    add_outside(b);
    *ret = (struct transfer_block){.hash = b->hash,
                                   .prev = b->prev,
                                   .height = (uint32_t)b->number,
                                   .time = b->time,
                                   .grade = GRADE_PROVEN,
                                   .internals = b->traced || (b->counted && !b->txs_n),
                                   .txs = b->fact_txs.at,
                                   .txs_n = b->fact_txs.n};
    return true;
}
