/* The two kinds of traces that nodes answer.
 *
 * callTracer nests frames within frames, and a frame's value comes after its calls: frames are
 * noted as they open, in the order of the trace, on an explicit stack (the walk's own depth), and
 * numbered once all is known. trace_block is flat, each frame with its path, in the order of the
 * trace. */
#include "base/mem.h"
#include "chain/evm/rpc_fields.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define BIT(row) ((uint64_t)1 << (row))

static bool is(struct bytes text, const char *s)
{
    return text.n == strlen(s) && !memcmp(text.p, s, text.n);
}

static struct evm_call *add_call(struct evm_rpc *r)
{
    struct evm_call *c = evm_call_add(r->b, r->err);

    if (!c)
        r->w->bad = true;
    return c;
}

/* callTracer */

struct frame { /* the members of a frame that say something */
    struct bytes type, error, from, to, value;
};

struct open_frame {
    uint32_t call;
    struct frame said;
};

static bool frame_member(struct evm_rpc *r, struct bytes name, struct frame *f)
{
    struct bytes *to = is(name, "type")    ? &f->type
                       : is(name, "error") ? &f->error
                       : is(name, "from")  ? &f->from
                       : is(name, "to")    ? &f->to
                       : is(name, "value") ? &f->value
                                           : NULL;

    if (!to || json_walk_type(r->w) == JSON_NULL) {
        json_walk_skip(r->w);
        return !r->w->bad;
    }
    if (to->p)
        return rpc_bad(r, "\"%.*s\" is given twice", (int)name.n, (const char *)name.p);
    *to = json_walk_string(r->w);
    return !r->w->bad;
}

static bool frame_kind(struct evm_rpc *r, struct bytes type, enum evm_call_kind *ret)
{
    if (is(type, "CALL"))
        *ret = EVM_CALL;
    else if (is(type, "CREATE") || is(type, "CREATE2"))
        *ret = EVM_CREATE;
    else if (is(type, "SELFDESTRUCT"))
        *ret = EVM_DESTRUCT;
    else if (is(type, "DELEGATECALL") || is(type, "STATICCALL") || is(type, "CALLCODE"))
        *ret = EVM_CALL_STILL;
    else
        return rpc_bad(r, type.p ? "\"type\" of a frame is not known" : "\"type\" is missing");
    return true;
}

/* Addresses 1 to 9; with Cancun 10, with Prague up to 17 (EIP-4844, 2537). */
static bool precompiled(const struct evm_header *h, const uint8_t key[20])
{
    static const uint8_t zeros[19];
    unsigned last = h->optional_n >= EVM_HEADER_PRAGUE   ? 17
                    : h->optional_n >= EVM_HEADER_CANCUN ? 10
                                                         : 9;

    return !memcmp(key, zeros, sizeof(zeros)) && key[19] && key[19] <= last;
}

static bool close_frame(struct evm_rpc *r, const struct open_frame *open)
{
    struct evm_call *c = &r->b->calls[open->call];
    const struct frame *f = &open->said;

    if (!frame_kind(r, f->type, &c->kind))
        return false;
    c->failed = f->error.p != NULL;
    if (!hex_text(f->from, c->from, sizeof(c->from)))
        return rpc_bad(r, f->from.p ? "\"from\" is not 0x and 20 bytes of hex"
                                    : "\"from\" is missing");
    if (f->to.p && !hex_text(f->to, c->to, sizeof(c->to)))
        return rpc_bad(r, "\"to\" is not 0x and 20 bytes of hex");
    if (!f->to.p && !c->failed)
        return rpc_bad(r, "\"to\" is missing");
    if (f->value.p && !u256_from_hex((const char *)f->value.p, f->value.n, &c->value))
        return rpc_bad(r, "\"value\" is not 0x and hex digits");
    /* a call without value into a precompiled contract has no number */
    c->children_n = f->to.p && u256_zero(c->value) &&
                    (c->kind == EVM_CALL || is(f->type, "STATICCALL")) &&
                    precompiled(&r->b->header, c->to);
    return true;
}

static bool open_frame(struct evm_rpc *r, struct open_frame *open, uint32_t parent)
{
    struct evm_call *c;

    if (!json_walk_object(r->w))
        return false;
    c = add_call(r);
    if (!c)
        return false;
    c->parent = parent;
    c->depth = parent == EVM_CALL_NONE ? 0 : r->b->calls[parent].depth + 1;
    *open = (struct open_frame){.call = (uint32_t)(c - r->b->calls)};
    return true;
}

/* One transaction's frames. Where the walk stands: within the innermost open frame's members, or
 * (in_calls) within its list of calls. */
static bool read_frames(struct evm_rpc *r, struct open_frame *stack)
{
    size_t open_n = 1;
    bool in_calls = false;
    struct bytes name;

    if (!open_frame(r, &stack[0], EVM_CALL_NONE))
        return false;
    while (open_n) {
        struct open_frame *top = &stack[open_n - 1];

        if (in_calls) {
            in_calls = json_walk_item(r->w);
            if (in_calls) {
                if (open_n > TRACE_PATH_MAX)
                    return rpc_bad(r, "calls nested deeper than %d", TRACE_PATH_MAX);
                if (!open_frame(r, &stack[open_n], top->call))
                    return false;
                open_n++;
                in_calls = false;
            }
        } else if (json_walk_key(r->w, &name)) {
            in_calls = is(name, "calls") && json_walk_type(r->w) == JSON_ARRAY;
            if (!(in_calls ? json_walk_array(r->w) : frame_member(r, name, &top->said)))
                return false;
        } else if (!r->w->bad) {
            if (!close_frame(r, top))
                return false;
            in_calls = --open_n > 0;
        }
        if (r->w->bad)
            return false;
    }
    return true;
}

/* Numbers the frames of a transaction among their parent's; those in precompiled contracts, which
 * have no children, are marked by one. */
static void number_frames(struct evm_block *b, size_t first)
{
    for (size_t i = first; i < b->calls_n; i++) {
        struct evm_call *c = &b->calls[i];
        bool uncounted = c->depth && c->children_n;

        c->children_n = 0;
        if (c->depth && !uncounted)
            c->child = b->calls[c->parent].children_n++;
    }
}

/* Is the outermost frame that of the transaction? */
static bool check_outermost(struct evm_rpc *r, const struct evm_tx *t)
{
    const struct evm_call *c = &r->b->calls[t->calls_first];

    if (t->free) /* deposits: nodes differ in how they trace what is issued */
        return true;
    if (memcmp(c->from, t->from, sizeof(c->from)) != 0)
        return rpc_bad(r, "\"from\" is not that of the transaction");
    if (!u256_equal(c->value, t->value))
        return rpc_bad(r, "\"value\" is not that of the transaction");
    return true;
}

/* Polygon lists a last transaction that no node executes as one; some trace it, some do not. */
static bool all_traced(struct evm_rpc *r, size_t n)
{
    size_t txs_n = r->b->txs_n;

    if (r->w->bad)
        return false;
    if (n == txs_n || (n + 1 == txs_n && !r->b->rules->gas_adds_up && !r->b->txs[n].gas_limit))
        return true;
    return rpc_bad(r, "traces of %zu of its %zu transactions", n, txs_n);
}

struct traced_tx {
    struct bytes hash;
    bool read;
};

static bool read_tx_trace(struct evm_rpc *r, size_t i, struct open_frame *stack)
{
    struct evm_tx *t = &r->b->txs[i];
    struct traced_tx said = {.read = false};
    struct bytes name;

    if (!json_walk_object(r->w))
        return false;
    t->calls_first = r->b->calls_n;
    while (json_walk_key(r->w, &name)) {
        if (is(name, "txHash")) {
            said.hash = json_walk_string(r->w);
        } else if (is(name, "result") && json_walk_type(r->w) == JSON_OBJECT && !said.read) {
            said.read = read_frames(r, stack);
        } else {
            json_walk_skip(r->w);
        }
    }
    if (r->w->bad)
        return false;
    if (said.hash.p && !rpc_same_hash(&t->hash, said.hash))
        return rpc_bad(r, "\"txHash\" is not that of the block's transaction");
    if (!said.read)
        return rpc_bad(r, "\"result\" is missing");
    t->calls_n = r->b->calls_n - t->calls_first;
    number_frames(r->b, t->calls_first);
    return check_outermost(r, t);
}

static bool read_tx_traces(struct evm_rpc *r, struct open_frame *stack)
{
    size_t n = 0;

    if (!json_walk_array(r->w))
        return false;
    for (; json_walk_item(r->w); n++) {
        if (n == r->b->txs_n)
            return rpc_bad(r, "traces of more than its %zu transactions", n);
        if (!read_tx_trace(r, n, stack))
            return err_in(r->err, "transaction %zu", n);
    }
    return all_traced(r, n);
}

bool rpc_read_debug_trace(struct evm_rpc *r)
{
    struct open_frame *stack;

    if (r->b->traced)
        return rpc_bad(r, "answered twice");
    stack = mem_array(TRACE_PATH_MAX + 1, sizeof(*stack));
    if (!stack) {
        r->w->bad = true;
        return err_fail(r->err, ERR_NOMEM, "a trace");
    }
    r->b->traced = read_tx_traces(r, stack);
    mem_free(stack);
    return r->b->traced;
}

/* trace_block */

enum action_row {
    ACTION_ADDRESS,
    ACTION_AUTHOR,
    ACTION_BALANCE,
    ACTION_CALL_TYPE,
    ACTION_FROM,
    ACTION_REFUND,
    ACTION_REWARD_TYPE,
    ACTION_TO,
    ACTION_VALUE,
};

struct action {
    uint8_t address[20], author[20], from[20], refund[20], to[20];
    struct u256 balance, value;
    struct bytes call_type, reward_type;
    uint64_t seen;
};

#define ACTION(name, form, member)                                                                 \
    {                                                                                              \
        name, form, offsetof(struct action, member), NULL                                          \
    }

static const struct field action_rows[] = {
    [ACTION_ADDRESS] = ACTION("address", FIELD_KEY, address),
    [ACTION_AUTHOR] = ACTION("author", FIELD_KEY, author),
    [ACTION_BALANCE] = ACTION("balance", FIELD_U256, balance),
    [ACTION_CALL_TYPE] = ACTION("callType", FIELD_TEXT, call_type),
    [ACTION_FROM] = ACTION("from", FIELD_KEY, from),
    [ACTION_REFUND] = ACTION("refundAddress", FIELD_KEY, refund),
    [ACTION_REWARD_TYPE] = ACTION("rewardType", FIELD_TEXT, reward_type),
    [ACTION_TO] = ACTION("to", FIELD_KEY, to),
    [ACTION_VALUE] = ACTION("value", FIELD_U256, value),
};

enum item_row {
    ITEM_ACTION,
    ITEM_BLOCK,
    ITEM_ERROR,
    ITEM_RESULT,
    ITEM_PATH,
    ITEM_HASH,
    ITEM_POSITION,
    ITEM_TYPE,
};

struct item {
    struct action action;
    struct bytes block, error, hash, type;
    uint64_t position;
    struct {
        uint8_t address[20];
        uint64_t seen;
    } result;
};

static bool read_action(struct evm_rpc *r, void *to)
{
    struct action *a = to;

    return fields_read(r, action_rows, COUNT(action_rows), a, &a->seen, NULL);
}

static bool read_item_result(struct evm_rpc *r, void *to)
{
    static const struct field row = {"address", FIELD_KEY, offsetof(struct item, result.address),
                                     NULL};
    struct item *item = (struct item *)((uint8_t *)to - offsetof(struct item, result));

    return fields_read(r, &row, 1, item, &item->result.seen, NULL);
}

static bool read_path(struct evm_rpc *r, void *to)
{
    r->path_n = 0;
    if (!json_walk_array(r->w))
        return false;
    while (json_walk_item(r->w)) {
        struct bytes text = json_walk_scalar(r->w);
        uint64_t v;

        if (r->w->bad)
            return false;
        if (r->path_n == TRACE_PATH_MAX)
            return rpc_bad(r, "calls nested deeper than %d", TRACE_PATH_MAX);
        if (!u64_from_text((const char *)text.p, text.n, &v) || v > UINT32_MAX)
            return rpc_bad(r, "\"traceAddress\" is no list of whole numbers");
        r->path[r->path_n++] = (uint32_t)v;
    }
    return !r->w->bad;
}

#define ITEM(name, form, member)                                                                   \
    {                                                                                              \
        name, form, offsetof(struct item, member), NULL                                            \
    }

static const struct field item_rows[] = {
    [ITEM_ACTION] = {"action", FIELD_OTHER, offsetof(struct item, action), read_action},
    [ITEM_BLOCK] = ITEM("blockHash", FIELD_TEXT, block),
    [ITEM_ERROR] = ITEM("error", FIELD_TEXT, error),
    [ITEM_RESULT] = {"result", FIELD_OTHER, offsetof(struct item, result), read_item_result},
    [ITEM_PATH] = {"traceAddress", FIELD_OTHER, 0, read_path},
    [ITEM_HASH] = ITEM("transactionHash", FIELD_TEXT, hash),
    [ITEM_POSITION] = ITEM("transactionPosition", FIELD_U64, position),
    [ITEM_TYPE] = ITEM("type", FIELD_TEXT, type),
};

static bool fill_action(struct evm_rpc *r, const struct item *item, struct evm_call *c)
{
    const struct action *a = &item->action;
    uint64_t wanted = BIT(ACTION_FROM) | BIT(ACTION_VALUE);

    memcpy(c->from, a->from, sizeof(c->from));
    c->value = a->value;
    if (is(item->type, "call")) {
        c->kind = is(a->call_type, "call") ? EVM_CALL : EVM_CALL_STILL;
        memcpy(c->to, a->to, sizeof(c->to));
        wanted |= BIT(ACTION_TO) | BIT(ACTION_CALL_TYPE);
    } else if (is(item->type, "create")) {
        c->kind = EVM_CREATE;
        memcpy(c->to, item->result.address, sizeof(c->to));
        if (!item->result.seen && !c->failed)
            return rpc_bad(r, "\"address\" is missing");
    } else if (is(item->type, "suicide") || is(item->type, "selfdestruct")) {
        c->kind = EVM_DESTRUCT;
        memcpy(c->from, a->address, sizeof(c->from));
        memcpy(c->to, a->refund, sizeof(c->to));
        c->value = a->balance;
        wanted = BIT(ACTION_ADDRESS) | BIT(ACTION_REFUND) | BIT(ACTION_BALANCE);
    } else {
        return rpc_bad(r, "\"type\" is not known");
    }
    return fields_want(r, action_rows, a->seen, wanted);
}

/* The frame's place: below the last frame on its path, as the next child there. */
static bool place_frame(struct evm_rpc *r, struct evm_call *c)
{
    size_t depth = r->path_n;

    c->parent = EVM_CALL_NONE;
    c->depth = (uint32_t)depth;
    if (depth > r->line_n)
        return rpc_bad(r, "\"traceAddress\" is out of order");
    for (size_t i = 0; i + 1 < depth; i++)
        if (r->b->calls[r->line[i + 1]].child != r->path[i])
            return rpc_bad(r, "\"traceAddress\" is out of order");
    if (depth) {
        struct evm_call *parent = &r->b->calls[r->line[depth - 1]];

        c->parent = r->line[depth - 1];
        c->child = r->path[depth - 1];
        if (c->child != parent->children_n++)
            return rpc_bad(r, "\"traceAddress\" is out of order");
    }
    r->line[depth] = (uint32_t)(c - r->b->calls);
    r->line_n = depth + 1;
    return true;
}

/* Of the block, or of an uncle that the block has only as a hash. */
static bool reward(struct evm_rpc *r, const struct item *item, size_t *uncle)
{
    const struct evm_header *h = &r->b->header;
    const struct action *a = &item->action;
    uint64_t whole = h->number < 4370000 ? 5 : h->number < 7280000 ? 3 : 2, eighths;
    struct evm_uncle *u;

    if (!r->b->rules->rewards || !is(a->reward_type, "uncle"))
        return true;
    if (*uncle >= r->b->uncles_n)
        return rpc_bad(r, "rewards for more uncles than the block names");
    whole *= 125000000000000000u; /* an eighth of it */
    eighths = a->value.w[0] / whole;
    if (a->value.w[1] || a->value.w[2] || a->value.w[3] || a->value.w[0] % whole || eighths < 2 ||
        eighths > 7 || h->number + eighths < 8)
        return rpc_bad(r, "\"value\" is no reward of an uncle");
    u = &r->b->uncles[(*uncle)++];
    u->known = true;
    u->number = h->number + eighths - 8;
    memcpy(u->miner, a->author, sizeof(u->miner));
    return fields_want(r, action_rows, a->seen, BIT(ACTION_AUTHOR));
}

static bool check_item(struct evm_rpc *r, const struct item *item)
{
    if (item->block.p && !rpc_same_hash(&r->b->header.hash, item->block))
        return rpc_bad(r, "\"blockHash\" is not that of the block");
    return true;
}

/* tx: of the frame before; begins the next transaction. */
static bool next_tx(struct evm_rpc *r, const struct item *item, size_t *txs_n)
{
    struct evm_tx *t;

    if (item->position != *txs_n || item->position >= r->b->txs_n)
        return rpc_bad(r, "\"transactionPosition\" is %llu: out of order, or a trace is missing",
                       (unsigned long long)item->position);
    t = &r->b->txs[(*txs_n)++];
    t->calls_first = r->b->calls_n;
    t->calls_n = 0;
    r->line_n = 0;
    return true;
}

static bool read_item(struct evm_rpc *r, size_t *txs_n, size_t *uncle)
{
    struct item item = {.position = 0};
    struct evm_tx *t;
    struct evm_call *c;
    uint64_t seen;

    r->path_n = 0;
    if (!fields_read(r, item_rows, COUNT(item_rows), &item, &seen, NULL) ||
        !fields_want(r, item_rows, seen, BIT(ITEM_ACTION) | BIT(ITEM_TYPE)) ||
        !check_item(r, &item))
        return false;
    if (is(item.type, "reward"))
        return reward(r, &item, uncle);
    if (!fields_want(r, item_rows, seen, BIT(ITEM_PATH) | BIT(ITEM_POSITION)) ||
        (!r->path_n && !next_tx(r, &item, txs_n)))
        return false;
    if (!*txs_n || item.position != *txs_n - 1)
        return rpc_bad(r, "\"transactionPosition\" is %llu: out of order",
                       (unsigned long long)item.position);
    t = &r->b->txs[item.position];
    if (item.hash.p && !rpc_same_hash(&t->hash, item.hash))
        return rpc_bad(r, "\"transactionHash\" is not that of the block's transaction");
    c = add_call(r);
    if (!c)
        return false;
    c->failed = item.error.p != NULL;
    t->calls_n++;
    if (!place_frame(r, c) || !fill_action(r, &item, c))
        return false;
    return c->depth ? true : check_outermost(r, t);
}

bool rpc_read_trace_block(struct evm_rpc *r)
{
    size_t txs_n = 0, uncle = 0;

    if (r->b->traced)
        return rpc_bad(r, "answered twice");
    if (!json_walk_array(r->w))
        return false;
    for (size_t n = 0; json_walk_item(r->w); n++)
        if (!read_item(r, &txs_n, &uncle))
            return err_in(r->err, "frame %zu", n);
    r->b->traced = all_traced(r, txs_n);
    return r->b->traced;
}
