#include "chain/evm/rpc_fields.h"

#include "base/keccak.h"
#include "base/mem.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define BIT(row) ((uint64_t)1 << (row))
#define NODE_TEXT_MAX 300       /* of an error's message, in ours */
#define UNKNOWN_METHOD "-32601" /* JSON-RPC 2.0, 5.1: "The method does not exist" */

static const char *const method_names[] = {
    [EVM_CHAIN_ID] = "eth_chainId",
    [EVM_BLOCK_BY_NUMBER] = "eth_getBlockByNumber",
    [EVM_BLOCK_BY_HASH] = "eth_getBlockByHash",
    [EVM_BLOCK_RECEIPTS] = "eth_getBlockReceipts",
    [EVM_RECEIPT] = "eth_getTransactionReceipt",
    [EVM_LOGS] = "eth_getLogs",
    [EVM_DEBUG_TRACE] = "debug_traceBlockByNumber",
    [EVM_TRACE_BLOCK] = "trace_block",
    [EVM_UNCLE] = "eth_getUncleByBlockNumberAndIndex",
};

const char *evm_method_name(enum evm_method m)
{
    return method_names[m];
}

static bool is_name(struct bytes name, const char *s)
{
    return name.n == strlen(s) && !memcmp(name.p, s, name.n);
}

bool evm_method_by_name(struct bytes name, enum evm_method *ret)
{
    for (size_t i = 0; i < COUNT(method_names); i++)
        if (is_name(name, method_names[i])) {
            *ret = (enum evm_method)i;
            return true;
        }
    if (!is_name(name, "debug_traceBlockByHash"))
        return false;
    *ret = EVM_DEBUG_TRACE;
    return true;
}

struct evm_rpc *evm_rpc_new(const struct chain *chain)
{
    struct evm_rpc *r = mem_zero(sizeof(*r));

    if (!r)
        return NULL;
    r->want = EVM_NUMBER_ANY;
    r->b = evm_block_new(chain);
    r->path = mem_array(TRACE_PATH_MAX, sizeof(*r->path));
    r->line = mem_array(TRACE_PATH_MAX + 1, sizeof(*r->line));
    return r->b && r->path && r->line ? r : evm_rpc_free(r);
}

struct evm_rpc *evm_rpc_free(struct evm_rpc *r)
{
    if (!r)
        return NULL;
    evm_block_free(r->b);
    mem_free(r->path);
    mem_free(r->line);
    return mem_free(r);
}

const struct evm_block *evm_rpc_block(const struct evm_rpc *r)
{
    return r->b;
}

bool evm_rpc_start(struct evm_rpc *r, uint64_t number, struct err *err)
{
    r->want = number;
    r->have_block = r->have_logs = false;
    r->receipts_n = 0;
    r->logs_next = 0;
    return evm_block_clear(r->b, err);
}

/* Transactions. EIP-2718 and 1559, 4844, 7702 as execution-apis has them; OP stack: mint. */

enum tx_row {
    TX_BLOCK,
    TX_CHAIN,
    TX_DEPOSITED,
    TX_FROM,
    TX_GAS,
    TX_PRICE,
    TX_HASH,
    TX_INPUT,
    TX_PRICE_MAX,
    TX_TIP_MAX,
    TX_MINT,
    TX_NONCE,
    TX_REQUEST,
    TX_TICKET,
    TX_TO,
    TX_INDEX,
    TX_TYPE,
    TX_VALUE,
};

struct tx_answer {
    struct evm_tx tx;
    struct bytes block;
    uint64_t chain, index, type;
    struct u256 deposited;
    struct hash32 request, ticket;
};

#define TX(name, form, member)                                                                     \
    {                                                                                              \
        name, form, offsetof(struct tx_answer, member), NULL                                       \
    }

static const struct field tx_rows[] = {
    [TX_BLOCK] = TX("blockHash", FIELD_TEXT, block),
    [TX_CHAIN] = TX("chainId", FIELD_U64, chain),
    [TX_DEPOSITED] = TX("depositValue", FIELD_U256, deposited),
    [TX_FROM] = TX("from", FIELD_KEY, tx.from),
    [TX_GAS] = TX("gas", FIELD_U64, tx.gas_limit),
    [TX_PRICE] = TX("gasPrice", FIELD_U256, tx.price),
    [TX_HASH] = TX("hash", FIELD_HASH, tx.hash),
    [TX_INPUT] = TX("input", FIELD_MEMO, tx),
    [TX_PRICE_MAX] = TX("maxFeePerGas", FIELD_U256, tx.price_max),
    [TX_TIP_MAX] = TX("maxPriorityFeePerGas", FIELD_U256, tx.tip_max),
    [TX_MINT] = TX("mint", FIELD_U256, tx.mint),
    [TX_NONCE] = TX("nonce", FIELD_U64, tx.nonce),
    [TX_REQUEST] = TX("requestId", FIELD_HASH, request),
    [TX_TICKET] = TX("ticketId", FIELD_HASH, ticket),
    [TX_TO] = TX("to", FIELD_KEY, tx.to),
    [TX_INDEX] = TX("transactionIndex", FIELD_U64, index),
    [TX_TYPE] = TX("type", FIELD_U64, type),
    [TX_VALUE] = TX("value", FIELD_U256, tx.value),
};

/* Nitro, arbos types: what of its own types pays no fee by itself, and what issues. */
#define ARBITRUM_DEPOSIT 0x64
#define ARBITRUM_RETRY 0x68
#define ARBITRUM_SUBMIT 0x69
#define ARBITRUM_INTERNAL 0x6a

/* Nitro runs a ticket's transaction right behind the ticket's own, whose hash is the ticket's id;
 * what others have run later is behind something else. */
static void arbitrum_request(const struct evm_tx *before, struct tx_answer *a)
{
    a->tx.redeems = a->type == ARBITRUM_RETRY;
    if (a->type == ARBITRUM_DEPOSIT || a->type == ARBITRUM_SUBMIT)
        a->tx.request = load_be64(a->request.b + 24);
    else if (a->tx.redeems && before && before->type == ARBITRUM_SUBMIT &&
             !memcmp(before->hash.b, a->ticket.b, sizeof(a->ticket.b)))
        a->tx.request = before->request;
}

static void special_types(const struct evm_block *b, struct tx_answer *a)
{
    struct evm_tx *t = &a->tx;
    bool arbitrum = b->rules->base_fee == EVM_FEE_UNTOLD;

    t->free = a->type == EVM_DEPOSIT ||
              (arbitrum && (a->type == ARBITRUM_DEPOSIT || a->type == ARBITRUM_RETRY ||
                            a->type == ARBITRUM_SUBMIT || a->type == ARBITRUM_INTERNAL));
    if (!arbitrum)
        return;
    if (a->type == ARBITRUM_DEPOSIT)
        t->mint = t->value;
    else if (a->type == ARBITRUM_SUBMIT)
        t->mint = a->deposited;
    arbitrum_request(b->txs_n > 1 ? &b->txs[b->txs_n - 2] : NULL, a);
}

static bool check_tx(struct evm_rpc *r, const struct tx_answer *a, uint64_t seen)
{
    const struct chain *chain = r->b->chain;

    if (!fields_want(r, tx_rows, seen,
                     BIT(TX_FROM) | BIT(TX_GAS) | BIT(TX_HASH) | BIT(TX_INPUT) | BIT(TX_NONCE) |
                         BIT(TX_INDEX) | BIT(TX_VALUE)))
        return false;
    if (a->type > 0x7f)
        return rpc_bad(r, "\"type\" is past 0x7f");
    if ((seen & BIT(TX_CHAIN)) && a->chain && a->chain != chain->evm_id)
        return rpc_bad(r, "of chain %llu, where %s is %llu", (unsigned long long)a->chain,
                       chain->name, (unsigned long long)chain->evm_id);
    if (a->index != r->b->txs_n - 1)
        return rpc_bad(r, "\"transactionIndex\" is %llu", (unsigned long long)a->index);
    return true;
}

static bool read_tx(struct evm_rpc *r)
{
    struct tx_answer a = {.tx = {.received = false}};
    struct evm_tx *t = evm_tx_add(r->b, r->err);
    uint64_t seen;

    if (!t) {
        r->w->bad = true;
        return false;
    }
    if (json_walk_type(r->w) != JSON_OBJECT)
        return rpc_bad(r, "only its hash: whole transactions are to be asked for");
    if (!fields_read(r, tx_rows, COUNT(tx_rows), &a, &seen, NULL) || !check_tx(r, &a, seen))
        return false;
    a.tx.type = (uint8_t)a.type;
    a.tx.creates = !(seen & BIT(TX_TO));
    special_types(r->b, &a);
    *t = a.tx;
    if (!(seen & BIT(TX_BLOCK)))
        return true;
    if (!r->tx_block.n)
        r->tx_block = a.block; /* compared with the block's hash once that is known */
    return bytes_equal(a.block, r->tx_block) ? true
                                             : rpc_bad(r, "\"blockHash\" is that of another block");
}

static bool read_txs(struct evm_rpc *r, void *to)
{
    if (!json_walk_array(r->w))
        return false;
    while (json_walk_item(r->w))
        if (!read_tx(r)) {
            if (r->b->txs_n)
                err_prefix(r->err, "transaction %zu", r->b->txs_n - 1);
            return false;
        }
    return !r->w->bad;
}

/* Withdrawals and uncles. */

enum withdrawal_row { WITHDRAWAL_TO, WITHDRAWAL_AMOUNT, WITHDRAWAL_INDEX, WITHDRAWAL_VALIDATOR };

#define WITHDRAWAL(name, form, member)                                                             \
    {                                                                                              \
        name, form, offsetof(struct evm_withdrawal, member), NULL                                  \
    }

static const struct field withdrawal_rows[] = {
    [WITHDRAWAL_TO] = WITHDRAWAL("address", FIELD_KEY, to),
    [WITHDRAWAL_AMOUNT] = WITHDRAWAL("amount", FIELD_U64, gwei),
    [WITHDRAWAL_INDEX] = WITHDRAWAL("index", FIELD_U64, index),
    [WITHDRAWAL_VALIDATOR] = WITHDRAWAL("validatorIndex", FIELD_U64, validator),
};

static bool read_withdrawals(struct evm_rpc *r, void *to)
{
    if (!json_walk_array(r->w))
        return false;
    while (json_walk_item(r->w)) {
        struct evm_withdrawal *w = evm_withdrawal_add(r->b, r->err);
        uint64_t seen;

        if (!w) {
            r->w->bad = true;
            return false;
        }
        if (!fields_read(r, withdrawal_rows, COUNT(withdrawal_rows), w, &seen, NULL) ||
            !fields_want(r, withdrawal_rows, seen, BIT(WITHDRAWAL_TO) | BIT(WITHDRAWAL_AMOUNT)))
            return err_in(r->err, "withdrawal %zu", r->b->withdrawals_n - 1);
    }
    return !r->w->bad;
}

static bool read_uncle_hashes(struct evm_rpc *r, void *to)
{
    if (!json_walk_array(r->w))
        return false;
    while (json_walk_item(r->w)) {
        json_walk_string(r->w);
        if (!r->w->bad && !evm_uncle_add(r->b, r->err))
            r->w->bad = true;
    }
    return !r->w->bad;
}

/* The block. */

enum block_row {
    BLOCK_BASE_FEE,
    BLOCK_BLOB_GAS,
    BLOCK_DIFFICULTY,
    BLOCK_EXCESS,
    BLOCK_EXTRA,
    BLOCK_GAS_LIMIT,
    BLOCK_GAS_USED,
    BLOCK_HASH,
    BLOCK_BLOOM,
    BLOCK_MINER,
    BLOCK_MIX,
    BLOCK_NONCE,
    BLOCK_NUMBER,
    BLOCK_BEACON_ROOT,
    BLOCK_PARENT,
    BLOCK_RECEIPTS_ROOT,
    BLOCK_REQUESTS,
    BLOCK_UNCLES_HASH,
    BLOCK_STATE_ROOT,
    BLOCK_TIME,
    BLOCK_TXS,
    BLOCK_TXS_ROOT,
    BLOCK_UNCLES,
    BLOCK_WITHDRAWALS,
    BLOCK_WITHDRAWALS_ROOT,
    BLOCK_OTHERS, /* known, and no part of the header */
};

#define BLOCK(name, form, member)                                                                  \
    {                                                                                              \
        name, form, offsetof(struct evm_header, member), NULL                                      \
    }

static const struct field block_rows[] = {
    [BLOCK_BASE_FEE] = BLOCK("baseFeePerGas", FIELD_U256, base_fee),
    [BLOCK_BLOB_GAS] = BLOCK("blobGasUsed", FIELD_U64, blob_gas_used),
    [BLOCK_DIFFICULTY] = BLOCK("difficulty", FIELD_U256, difficulty),
    [BLOCK_EXCESS] = BLOCK("excessBlobGas", FIELD_U64, excess_blob_gas),
    [BLOCK_EXTRA] = BLOCK("extraData", FIELD_BYTES, extra),
    [BLOCK_GAS_LIMIT] = BLOCK("gasLimit", FIELD_U64, gas_limit),
    [BLOCK_GAS_USED] = BLOCK("gasUsed", FIELD_U64, gas_used),
    [BLOCK_HASH] = BLOCK("hash", FIELD_HASH, hash),
    [BLOCK_BLOOM] = BLOCK("logsBloom", FIELD_BYTES, bloom),
    [BLOCK_MINER] = BLOCK("miner", FIELD_KEY, beneficiary),
    [BLOCK_MIX] = BLOCK("mixHash", FIELD_HASH, mix),
    [BLOCK_NONCE] = BLOCK("nonce", FIELD_NONCE, nonce),
    [BLOCK_NUMBER] = BLOCK("number", FIELD_U64, number),
    [BLOCK_BEACON_ROOT] = BLOCK("parentBeaconBlockRoot", FIELD_HASH, beacon_root),
    [BLOCK_PARENT] = BLOCK("parentHash", FIELD_HASH, parent),
    [BLOCK_RECEIPTS_ROOT] = BLOCK("receiptsRoot", FIELD_HASH, receipts_root),
    [BLOCK_REQUESTS] = BLOCK("requestsHash", FIELD_HASH, requests_hash),
    [BLOCK_UNCLES_HASH] = BLOCK("sha3Uncles", FIELD_HASH, uncles_hash),
    [BLOCK_STATE_ROOT] = BLOCK("stateRoot", FIELD_HASH, state_root),
    [BLOCK_TIME] = BLOCK("timestamp", FIELD_U64, time),
    [BLOCK_TXS] = {"transactions", FIELD_OTHER, 0, read_txs},
    [BLOCK_TXS_ROOT] = BLOCK("transactionsRoot", FIELD_HASH, txs_root),
    [BLOCK_UNCLES] = {"uncles", FIELD_OTHER, 0, read_uncle_hashes},
    [BLOCK_WITHDRAWALS] = {"withdrawals", FIELD_OTHER, 0, read_withdrawals},
    [BLOCK_WITHDRAWALS_ROOT] = BLOCK("withdrawalsRoot", FIELD_HASH, withdrawals_root),
    [BLOCK_OTHERS] = {"size", FIELD_KNOWN, 0, NULL},
    {"totalDifficulty", FIELD_KNOWN, 0, NULL},
    {"author", FIELD_KNOWN, 0, NULL},
    {"sealFields", FIELD_KNOWN, 0, NULL},
    {"l1BlockNumber", FIELD_KNOWN, 0, NULL}, /* Arbitrum: these three stand in mix and extra */
    {"sendCount", FIELD_KNOWN, 0, NULL},
    {"sendRoot", FIELD_KNOWN, 0, NULL},
    {"milliTimestamp", FIELD_KNOWN, 0, NULL}, /* BSC: stands in mix */
};

/* How many of the optional members the header has; they come in one order (EVM_HEADER_...), so a
 * hole in it is a header of another kind: false. */
static bool count_optional(uint64_t seen, unsigned *ret)
{
    static const unsigned order[] = {BLOCK_BASE_FEE, BLOCK_WITHDRAWALS_ROOT, BLOCK_BLOB_GAS,
                                     BLOCK_EXCESS,   BLOCK_BEACON_ROOT,      BLOCK_REQUESTS};
    unsigned n = 0;
    bool whole = true;

    while (n < COUNT(order) && (seen & BIT(order[n])))
        n++;
    for (unsigned i = n; i < COUNT(order); i++)
        if (seen & BIT(order[i])) {
            whole = false;
            n = order[i] == BLOCK_BEACON_ROOT ? EVM_HEADER_CANCUN : n;
        }
    *ret = n;
    return whole;
}

/* All that the hash is the hash of? */
#define BLOCK_HEADER                                                                               \
    (BIT(BLOCK_DIFFICULTY) | BIT(BLOCK_EXTRA) | BIT(BLOCK_GAS_LIMIT) | BIT(BLOCK_GAS_USED) |       \
     BIT(BLOCK_BLOOM) | BIT(BLOCK_MIX) | BIT(BLOCK_NONCE) | BIT(BLOCK_RECEIPTS_ROOT) |             \
     BIT(BLOCK_UNCLES_HASH) | BIT(BLOCK_STATE_ROOT) | BIT(BLOCK_TXS_ROOT))

static bool check_header(struct evm_rpc *r)
{
    struct evm_block *b = r->b;
    struct hash32 got;

    evm_header_write(rlp_out_clear(&b->out), &b->header);
    if (b->out.bad) {
        r->w->bad = true;
        return err_fail(r->err, ERR_NOMEM, "a block");
    }
    got = keccak256(b->out.p, b->out.n);
    return hash32_equal(&got, &b->header.hash) ? true
                                               : rpc_bad(r, "\"hash\" is not that of the header");
}

static bool check_block(struct evm_rpc *r, uint64_t seen, bool strange)
{
    struct evm_block *b = r->b;
    struct evm_header *h = &b->header;
    bool whole;

    if (!fields_want(r, block_rows, seen,
                     BIT(BLOCK_HASH) | BIT(BLOCK_MINER) | BIT(BLOCK_NUMBER) | BIT(BLOCK_PARENT) |
                         BIT(BLOCK_TIME) | BIT(BLOCK_TXS)))
        return false;
    if (h->number >= HEIGHT_UNKNOWN)
        return rpc_bad(r, "\"number\" is past 2^32");
    if (r->want != EVM_NUMBER_ANY && h->number != r->want)
        return rpc_bad(r, "block %llu was asked for", (unsigned long long)r->want);
    if (r->tx_block.n && !rpc_same_hash(&h->hash, r->tx_block))
        return rpc_bad(r, "\"blockHash\" of its transactions is that of another block");
    whole = count_optional(seen, &h->optional_n) && !strange;
    for (size_t i = 0; i < b->txs_n; i++)
        evm_tx_price(&b->txs[i], h);
    if (b->rules->header_checked && whole && (seen & BLOCK_HEADER) == BLOCK_HEADER)
        return check_header(r);
    return true;
}

static bool read_block(struct evm_rpc *r)
{
    static const char digit[] = "0123456789abcdef";
    struct evm_header *h = &r->b->header;
    uint64_t seen;
    bool strange = false;

    if (r->have_block)
        return rpc_bad(r, "answered twice");
    r->tx_block = (struct bytes){NULL, 0};
    if (!fields_read(r, block_rows, COUNT(block_rows), h, &seen, &strange) ||
        !check_block(r, seen, strange))
        return false;
    r->have_block = true;
    memcpy(r->hash_text, "0x", 2);
    for (size_t i = 0; i < sizeof(h->hash.b); i++) {
        r->hash_text[2 + 2 * i] = digit[h->hash.b[i] >> 4];
        r->hash_text[3 + 2 * i] = digit[h->hash.b[i] & 15];
    }
    return true;
}

/* Is it this block's hash? As text where both are in lower case, as they are. */
static bool this_block(struct evm_rpc *r, struct bytes text)
{
    if (text.n == sizeof(r->hash_text) && !memcmp(text.p, r->hash_text, sizeof(r->hash_text)))
        return true;
    return rpc_same_hash(&r->b->header.hash, text)
               ? true
               : rpc_bad(r, "\"blockHash\" is not that of the block");
}

/* Logs. */

enum log_row {
    LOG_ADDRESS,
    LOG_BLOCK,
    LOG_DATA,
    LOG_INDEX,
    LOG_REMOVED,
    LOG_TOPICS,
    LOG_TX,
    LOG_TX_INDEX
};

struct log_answer {
    struct evm_log log;
    uint8_t address[20];
    struct bytes block, tx;
    uint64_t index, tx_index;
    bool removed;
};

static bool read_topics(struct evm_rpc *r, void *to)
{
    struct evm_log *log = to;
    uint8_t *p = evm_bytes(r->b, EVM_TOPICS_MAX * 32, r->err);

    if (!p) {
        r->w->bad = true;
        return false;
    }
    log->topics = (const void *)p;
    log->topics_n = 0;
    if (!json_walk_array(r->w))
        return false;
    while (json_walk_item(r->w)) {
        struct bytes text = json_walk_string(r->w);

        if (r->w->bad)
            return false;
        if (log->topics_n == EVM_TOPICS_MAX)
            return rpc_bad(r, "more than %d topics", EVM_TOPICS_MAX);
        if (!hex_text(text, p + 32 * log->topics_n++, 32))
            return rpc_bad(r, "a topic is not 0x and 32 bytes of hex");
    }
    return !r->w->bad;
}

static bool read_removed(struct evm_rpc *r, void *to)
{
    struct bytes word = json_walk_scalar(r->w);

    *(bool *)to = is_name(word, "true");
    return !r->w->bad;
}

#define LOG(name, form, member)                                                                    \
    {                                                                                              \
        name, form, offsetof(struct log_answer, member), NULL                                      \
    }

static const struct field log_rows[] = {
    [LOG_ADDRESS] = LOG("address", FIELD_KEY, address),
    [LOG_BLOCK] = LOG("blockHash", FIELD_TEXT, block),
    [LOG_DATA] = LOG("data", FIELD_BYTES, log.data),
    [LOG_INDEX] = LOG("logIndex", FIELD_U64, index),
    [LOG_REMOVED] = {"removed", FIELD_OTHER, offsetof(struct log_answer, removed), read_removed},
    [LOG_TOPICS] = {"topics", FIELD_OTHER, offsetof(struct log_answer, log), read_topics},
    [LOG_TX] = LOG("transactionHash", FIELD_TEXT, tx),
    [LOG_TX_INDEX] = LOG("transactionIndex", FIELD_U64, tx_index),
};

/* A log, with all but its place among others checked. */
static bool read_log(struct evm_rpc *r, struct log_answer *ret)
{
    uint64_t seen;
    uint8_t *address;

    *ret = (struct log_answer){.log = {.index = 0}};
    if (!fields_read(r, log_rows, COUNT(log_rows), ret, &seen, NULL) ||
        !fields_want(r, log_rows, seen,
                     BIT(LOG_ADDRESS) | BIT(LOG_DATA) | BIT(LOG_INDEX) | BIT(LOG_TOPICS)))
        return false;
    if (ret->removed)
        return rpc_bad(r, "\"removed\": its block is no longer in the chain");
    if ((seen & BIT(LOG_BLOCK)) && !this_block(r, ret->block))
        return false;
    address = evm_bytes(r->b, sizeof(ret->address), r->err);
    if (!address) {
        r->w->bad = true;
        return false;
    }
    memcpy(address, ret->address, sizeof(ret->address));
    ret->log.address = (struct bytes){address, sizeof(ret->address)};
    return true;
}

static bool add_log(struct evm_rpc *r, struct evm_tx *t, const struct log_answer *a)
{
    struct evm_log *log = evm_log_add(r->b, r->err);

    if (!log) {
        r->w->bad = true;
        return false;
    }
    *log = a->log;
    log->index = (uint32_t)t->logs_n++;
    return true;
}

/* Receipts. */

enum receipt_row {
    RECEIPT_BLOB_PRICE,
    RECEIPT_BLOB_GAS,
    RECEIPT_BLOCK,
    RECEIPT_CONTRACT,
    RECEIPT_CUMULATIVE,
    RECEIPT_DEPOSIT_NONCE,
    RECEIPT_PRICE,
    RECEIPT_FROM,
    RECEIPT_GAS,
    RECEIPT_L1_FEE,
    RECEIPT_LOGS,
    RECEIPT_OPERATOR_CONSTANT,
    RECEIPT_OPERATOR_SCALAR,
    RECEIPT_STATUS,
    RECEIPT_HASH,
    RECEIPT_INDEX,
};

struct receipt_answer {
    struct u256 blob_price, price, l1_fee;
    uint64_t blob_gas, cumulative, deposit_nonce, gas, status, index;
    uint64_t operator_constant, operator_scalar;
    struct bytes block, hash;
    uint8_t contract[20], from[20];
    struct evm_tx logs; /* only where they are */
    uint64_t logs_start;
};

/* Within a receipt, logs follow each other without a gap. */
static bool read_receipt_logs(struct evm_rpc *r, void *to)
{
    struct receipt_answer *a =
        (struct receipt_answer *)((uint8_t *)to - offsetof(struct receipt_answer, logs));

    a->logs.logs_first = r->b->logs_n;
    if (!json_walk_array(r->w))
        return false;
    while (json_walk_item(r->w)) {
        struct log_answer log;
        size_t n = a->logs.logs_n;

        if (read_log(r, &log)) {
            if (!n)
                a->logs_start = log.index;
            if (log.index != a->logs_start + n)
                rpc_bad(r, "\"logIndex\" is out of order");
            else if (log.tx.n && a->hash.n && !bytes_equal(log.tx, a->hash))
                rpc_bad(r, "\"transactionHash\" is not that of the receipt");
            else
                add_log(r, &a->logs, &log);
        }
        if (r->w->bad)
            return err_in(r->err, "log %zu", n);
    }
    return !r->w->bad;
}

#define RECEIPT(name, form, member)                                                                \
    {                                                                                              \
        name, form, offsetof(struct receipt_answer, member), NULL                                  \
    }

static const struct field receipt_rows[] = {
    [RECEIPT_BLOB_PRICE] = RECEIPT("blobGasPrice", FIELD_U256, blob_price),
    [RECEIPT_BLOB_GAS] = RECEIPT("blobGasUsed", FIELD_U64, blob_gas),
    [RECEIPT_BLOCK] = RECEIPT("blockHash", FIELD_TEXT, block),
    [RECEIPT_CONTRACT] = RECEIPT("contractAddress", FIELD_KEY, contract),
    [RECEIPT_CUMULATIVE] = RECEIPT("cumulativeGasUsed", FIELD_U64, cumulative),
    [RECEIPT_DEPOSIT_NONCE] = RECEIPT("depositNonce", FIELD_U64, deposit_nonce),
    [RECEIPT_PRICE] = RECEIPT("effectiveGasPrice", FIELD_U256, price),
    [RECEIPT_FROM] = RECEIPT("from", FIELD_KEY, from),
    [RECEIPT_GAS] = RECEIPT("gasUsed", FIELD_U64, gas),
    [RECEIPT_L1_FEE] = RECEIPT("l1Fee", FIELD_U256, l1_fee),
    [RECEIPT_LOGS] = {"logs", FIELD_OTHER, offsetof(struct receipt_answer, logs),
                      read_receipt_logs},
    [RECEIPT_OPERATOR_CONSTANT] = RECEIPT("operatorFeeConstant", FIELD_U64, operator_constant),
    [RECEIPT_OPERATOR_SCALAR] = RECEIPT("operatorFeeScalar", FIELD_U64, operator_scalar),
    [RECEIPT_STATUS] = RECEIPT("status", FIELD_U64, status),
    [RECEIPT_HASH] = RECEIPT("transactionHash", FIELD_TEXT, hash),
    [RECEIPT_INDEX] = RECEIPT("transactionIndex", FIELD_U64, index),
};

/* specs.optimism.io, Isthmus, "Operator fee": gas * scalar / 10^6 + constant. Jovian:
 * gas * scalar * 100 + constant; its headers have 17 bytes of extra
 * data, whose first, the version, is 1. */
static struct u256 operator_fee(const struct evm_header *h, const struct receipt_answer *a)
{
    bool jovian = h->extra.n == 17 && h->extra.p[0] == 1;
    struct u256 v;

    u256_mul(u256_of(a->gas), u256_of(a->operator_scalar), &v);
    if (jovian)
        u256_mul_div(v, u256_of(100), u256_of(1), &v);
    else
        u256_mul_div(v, u256_of(1), u256_of(1000000), &v);
    u256_add(v, u256_of(a->operator_constant), &v);
    return v;
}

static bool check_receipt(struct evm_rpc *r, const struct receipt_answer *a, uint64_t seen,
                          const struct evm_tx *t)
{
    if (!rpc_same_hash(&t->hash, a->hash))
        return rpc_bad(r, "\"transactionHash\" is not that of the block's transaction");
    if (t->received)
        return rpc_bad(r, "answered twice");
    if ((seen & BIT(RECEIPT_BLOCK)) && !this_block(r, a->block))
        return false;
    if ((seen & BIT(RECEIPT_FROM)) && memcmp(a->from, t->from, sizeof(a->from)) != 0)
        return rpc_bad(r, "\"from\" is not that of the transaction");
    if ((seen & BIT(RECEIPT_STATUS)) && a->status > 1)
        return rpc_bad(r, "\"status\" is neither 0x0 nor 0x1");
    if (t->gas_limit < a->gas && !t->free)
        return rpc_bad(r, "\"gasUsed\" is more than the transaction's gas");
    return true;
}

static void fill_receipt(struct evm_rpc *r, const struct receipt_answer *a, uint64_t seen,
                         struct evm_tx *t)
{
    t->received = true;
    if (seen & BIT(RECEIPT_STATUS))
        t->status = a->status ? EVM_DONE : EVM_FAILED;
    t->gas_used = a->gas;
    t->cumulative = a->cumulative;
    if ((seen & BIT(RECEIPT_PRICE)) && !t->free)
        t->gas_price = a->price;
    t->blob_gas_used = a->blob_gas;
    t->blob_price = a->blob_price;
    t->l1_fee = a->l1_fee;
    if (a->operator_scalar || a->operator_constant)
        t->operator_fee = operator_fee(&r->b->header, a);
    if (seen & BIT(RECEIPT_DEPOSIT_NONCE))
        t->nonce = a->deposit_nonce;
    if (t->creates && (seen & BIT(RECEIPT_CONTRACT)))
        memcpy(t->to, a->contract, sizeof(t->to));
    else if (t->creates)
        evm_create_address(t->from, t->nonce, &r->b->scratch, t->to);
    t->logs_first = a->logs.logs_first;
    t->logs_n = a->logs.logs_n;
    t->logs_start = a->logs_start;
}

/* index: which is wanted; SIZE_MAX: whatever comes. */
static bool read_receipt(struct evm_rpc *r, size_t index)
{
    struct receipt_answer a = {.index = 0};
    uint64_t seen;

    if (r->have_logs)
        return rpc_bad(r, "receipts after logs");
    if (!fields_read(r, receipt_rows, COUNT(receipt_rows), &a, &seen, NULL) ||
        !fields_want(r, receipt_rows, seen,
                     BIT(RECEIPT_CUMULATIVE) | BIT(RECEIPT_GAS) | BIT(RECEIPT_LOGS) |
                         BIT(RECEIPT_HASH) | BIT(RECEIPT_INDEX)))
        return false;
    if (index != SIZE_MAX && a.index != index)
        return rpc_bad(r, "\"transactionIndex\" is %llu", (unsigned long long)a.index);
    if (a.index >= r->b->txs_n)
        return rpc_bad(r, "\"transactionIndex\" is %llu, of %zu transactions",
                       (unsigned long long)a.index, r->b->txs_n);
    if (!check_receipt(r, &a, seen, &r->b->txs[a.index]))
        return false;
    fill_receipt(r, &a, seen, &r->b->txs[a.index]);
    r->receipts_n++;
    if (!r->b->scratch.bad)
        return true;
    r->w->bad = true;
    return err_fail(r->err, ERR_NOMEM, "a block");
}

static bool read_receipts(struct evm_rpc *r)
{
    size_t n = 0;

    if (!json_walk_array(r->w))
        return false;
    for (; json_walk_item(r->w); n++)
        if (!read_receipt(r, n))
            return err_in(r->err, "receipt %zu", n);
    if (!r->w->bad && n != r->b->txs_n)
        return rpc_bad(r, "%zu receipts for %zu transactions", n, r->b->txs_n);
    return !r->w->bad;
}

/* Logs of a block, where there are no receipts. */
static bool place_log(struct evm_rpc *r, const struct log_answer *a)
{
    struct evm_tx *t;

    if (a->index != r->logs_next)
        return rpc_bad(r, "\"logIndex\" is %llu: out of order, or a log is missing",
                       (unsigned long long)a->index);
    if (a->tx_index >= r->b->txs_n)
        return rpc_bad(r, "\"transactionIndex\" is %llu, of %zu transactions",
                       (unsigned long long)a->tx_index, r->b->txs_n);
    t = &r->b->txs[a->tx_index];
    if (!rpc_same_hash(&t->hash, a->tx))
        return rpc_bad(r, "\"transactionHash\" is not that of the block's transaction");
    if (!t->logs_n)
        t->logs_first = r->b->logs_n;
    if (t->logs_first + t->logs_n != r->b->logs_n)
        return rpc_bad(r, "\"transactionIndex\" is out of order");
    r->logs_next++;
    return add_log(r, t, a);
}

static bool read_logs(struct evm_rpc *r)
{
    if (r->have_logs || r->receipts_n)
        return rpc_bad(r, "answered twice, or after receipts");
    if (!json_walk_array(r->w))
        return false;
    while (json_walk_item(r->w)) {
        struct log_answer a;

        if (!read_log(r, &a) || !place_log(r, &a))
            return err_in(r->err, "log %llu", (unsigned long long)r->logs_next);
    }
    r->have_logs = !r->w->bad;
    return r->have_logs;
}

enum uncle_row { UNCLE_MINER, UNCLE_NUMBER };

static const struct field uncle_rows[] = {
    [UNCLE_MINER] = BLOCK("miner", FIELD_KEY, beneficiary),
    [UNCLE_NUMBER] = BLOCK("number", FIELD_U64, number),
};

static bool read_uncle(struct evm_rpc *r)
{
    struct evm_header h;
    struct evm_uncle *u = NULL;
    uint64_t seen;

    if (!fields_read(r, uncle_rows, COUNT(uncle_rows), &h, &seen, NULL) ||
        !fields_want(r, uncle_rows, seen, BIT(UNCLE_MINER) | BIT(UNCLE_NUMBER)))
        return false;
    for (size_t i = 0; i < r->b->uncles_n && !u; i++)
        if (!r->b->uncles[i].known)
            u = &r->b->uncles[i];
    if (!u)
        return rpc_bad(r, "more uncles than the block names");
    u->known = true;
    u->number = h.number;
    memcpy(u->miner, h.beneficiary, sizeof(u->miner));
    return true;
}

static bool read_chain_id(struct evm_rpc *r)
{
    static const struct field row = {"result", FIELD_U64, 0, NULL};
    const struct chain *chain = r->b->chain;
    struct bytes text = json_walk_string(r->w);
    struct u256 id;

    if (r->w->bad)
        return false;
    if (!u256_from_hex((const char *)text.p, text.n, &id))
        return rpc_bad(r, "\"%s\" is not 0x and hex digits", row.name);
    return u256_equal(id, u256_of(chain->evm_id))
               ? true
               : rpc_bad(r, "the node's chain is %.*s, where %s is 0x%llx", (int)text.n,
                         (const char *)text.p, chain->name, (unsigned long long)chain->evm_id);
}

/* The answer as a whole. */

static bool read_result(struct evm_rpc *r, enum evm_method method)
{
    bool about_block =
        method != EVM_CHAIN_ID && method != EVM_BLOCK_BY_NUMBER && method != EVM_BLOCK_BY_HASH;

    if (about_block && !r->have_block)
        return rpc_bad(r, "before the block that it is about");
    switch (method) {
    case EVM_CHAIN_ID:
        return read_chain_id(r);
    case EVM_BLOCK_BY_NUMBER:
    case EVM_BLOCK_BY_HASH:
        return read_block(r);
    case EVM_BLOCK_RECEIPTS:
        return read_receipts(r);
    case EVM_RECEIPT:
        return read_receipt(r, SIZE_MAX);
    case EVM_LOGS:
        return read_logs(r);
    case EVM_DEBUG_TRACE:
        return rpc_read_debug_trace(r);
    case EVM_TRACE_BLOCK:
        return rpc_read_trace_block(r);
    case EVM_UNCLE:
        return read_uncle(r);
    }
    return false;
}

/* {"code": ..., "message": "..."}: the node's own words, as one line of ours. */
static bool node_error(struct json_walk *w, struct err *err)
{
    struct bytes name, code = {NULL, 0}, message = {NULL, 0};
    char text[NODE_TEXT_MAX + 1];
    size_t n;

    if (!json_walk_object(w))
        return false;
    while (json_walk_key(w, &name))
        if (is_name(name, "code") && json_walk_type(w) == JSON_NUMBER)
            code = json_walk_scalar(w);
        else if (is_name(name, "message") && json_walk_type(w) == JSON_STRING)
            message = json_walk_string(w);
        else
            json_walk_skip(w);
    if (w->bad)
        return false;
    n = message.n < NODE_TEXT_MAX ? message.n : NODE_TEXT_MAX;
    for (size_t i = 0; i < n; i++) /* escapes stand as they are; bytes past ASCII do not */
        text[i] = message.p[i] < 0x20 || message.p[i] > 0x7e ? '?' : (char)message.p[i];
    text[n] = 0;
    w->bad = true;
    return err_fail(err, is_name(code, UNKNOWN_METHOD) ? ERR_NOT_FOUND : ERR_SYSTEM,
                    "the node says: %s (%.*s)", n ? text : "an error", code.n ? (int)code.n : 7,
                    code.n ? (const char *)code.p : "no code");
}

/* Goes on through a response object, up to its result: false at its end, or if it is bad. */
static bool to_result(struct json_walk *w, struct err *err)
{
    struct bytes name;

    while (json_walk_key(w, &name)) {
        if (is_name(name, "result"))
            return true;
        if (is_name(name, "error") && json_walk_type(w) != JSON_NULL)
            return node_error(w, err);
        json_walk_skip(w);
    }
    return false;
}

static bool rest_of_answer(struct json_walk *w, struct err *err)
{
    if (to_result(w, err))
        return json_walk_bad(w, "\"result\" is given twice");
    return json_walk_end(w);
}

static bool begin_answer(struct json_walk *w, struct err *err)
{
    if (!json_walk_object(w))
        return false;
    if (to_result(w, err))
        return true;
    return w->bad ? false : json_walk_bad(w, "neither \"result\" nor \"error\"");
}

bool rpc_read_result(struct evm_rpc *r, enum evm_method method, struct json_walk *w,
                     struct err *err)
{
    bool ok;

    r->w = w;
    r->err = err;
    if (json_walk_type(w) == JSON_NULL) {
        ok = err_fail(err, ERR_NOT_FOUND, "the node has no such block or transaction");
    } else {
        ok = read_result(r, method) && !w->bad;
    }
    r->w = NULL;
    return ok;
}

static bool in_block(const struct evm_rpc *r, struct err *err)
{
    uint64_t number = r->have_block ? r->b->header.number : r->want;

    return number == EVM_NUMBER_ANY ? false : err_in(err, "block %llu", (unsigned long long)number);
}

bool rpc_in_answer(const struct evm_rpc *r, enum evm_method method, struct err *err)
{
    err_prefix(err, "%s", evm_method_name(method));
    return in_block(r, err);
}

bool evm_rpc_answer(struct evm_rpc *r, enum evm_method method, struct bytes answer, struct err *err)
{
    struct json_walk w;
    bool ok = json_walk_open(&w, (const char *)answer.p, answer.n, err) && begin_answer(&w, err) &&
              rpc_read_result(r, method, &w, err) && rest_of_answer(&w, err);

    json_walk_close(&w);
    return ok ? true : rpc_in_answer(r, method, err);
}

bool evm_rpc_quantity(struct bytes answer, uint64_t *ret, struct err *err)
{
    struct json_walk w;
    struct bytes text = {NULL, 0};
    struct u256 v;
    bool ok = json_walk_open(&w, (const char *)answer.p, answer.n, err) && begin_answer(&w, err);

    if (ok)
        text = json_walk_string(&w);
    ok = ok && !w.bad && rest_of_answer(&w, err);
    json_walk_close(&w);
    if (!ok)
        return false;
    if (!u256_from_hex((const char *)text.p, text.n, &v) || v.w[1] || v.w[2] || v.w[3])
        return err_fail(err, ERR_INPUT, "\"result\" is not 0x and hex digits, up to 2^64 - 1");
    *ret = v.w[0];
    return true;
}

/* What only all answers together can show. */

static bool check_together(struct evm_rpc *r, struct err *err)
{
    const struct evm_block *b = r->b;
    uint64_t cumulative = 0, logs = 0;

    if (!b->txs_n)
        return true;
    if (!r->receipts_n)
        return r->have_logs ? true : err_fail(err, ERR_INPUT, "neither receipts nor logs");
    if (r->receipts_n != b->txs_n)
        return err_fail(err, ERR_INPUT, "receipts of %zu of its %zu transactions", r->receipts_n,
                        b->txs_n);
    for (size_t i = 0; i < b->txs_n; i++) {
        const struct evm_tx *t = &b->txs[i];

        cumulative += t->gas_used;
        if (b->rules->gas_adds_up && t->cumulative != cumulative)
            return err_fail(err, ERR_INPUT, "receipt %zu: \"cumulativeGasUsed\" does not add up",
                            i);
        if (t->logs_n && t->logs_start != logs)
            return err_fail(err, ERR_INPUT,
                            "receipt %zu: \"logIndex\" is out of order, or a log is missing", i);
        logs += t->logs_n;
        if (b->traced && t->calls_n && t->status != EVM_UNKNOWN &&
            (t->status == EVM_FAILED) != b->calls[t->calls_first].failed)
            return err_fail(err, ERR_INPUT, "receipt %zu: \"status\" is not what the trace says",
                            i);
    }
    return true;
}

bool evm_rpc_facts(struct evm_rpc *r, struct transfer_block *ret, struct err *err)
{
    if (!r->have_block)
        return err_fail(err, ERR_INPUT, "no block has been answered");
    if (!check_together(r, err))
        return in_block(r, err);
    return evm_block_facts(r->b, ret, err);
}
