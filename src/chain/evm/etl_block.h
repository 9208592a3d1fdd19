/* The rows of one block, as etl.c collects them and etl_facts.c tells them.
 *
 * Ownership: a block is the source's, and ends with its next.
 * Errors:    ERR_NOMEM; ERR_LIMIT more than ETL_BLOCK_BYTES_MAX; ERR_INPUT rows that contradict
 *            each other, named by table and line.
 * Threads:   one, that of the source. */
#ifndef CORDON_CHAIN_EVM_ETL_BLOCK_H
#define CORDON_CHAIN_EVM_ETL_BLOCK_H

#include "base/arena.h"
#include "base/sort.h"
#include "chain/evm/etl.h"
#include "chain/evm/etl_table.h"
#include "chain/evm/fees.h"
#include "chain/evm/log.h"

enum etl_status { ETL_UNKNOWN, ETL_DONE, ETL_FAILED };

struct etl_tx {
    struct hash32 hash;
    uint8_t from[20], to[20];
    bool stated; /* by the table of transactions: from, to, value */
    bool has_to, has_index, input;
    struct bytes memo; /* as of struct evm_tx */
    bool receipt;      /* a row of the table of receipts was read */
    bool received;     /* gas_used is known */
    bool priced;       /* price is what was paid for a unit of gas */
    enum etl_status status;
    uint32_t index;
    uint64_t gas, gas_used, blob_gas_used;
    struct u256 value, price, blob_price, l1_fee;
    size_t logs_first, logs_n, tokens_first, tokens_n, traces_first, traces_n;
};

struct etl_log {
    uint32_t tx, index; /* tx: in txs; index: in the block, then in the transaction */
    uint8_t address[20];
    uint8_t topics_n;
    uint8_t topics[EVM_TOPICS_MAX][32];
    struct bytes data; /* only of logs that say something */
};

struct etl_token {
    uint32_t tx, index;
    uint8_t asset[20], from[20], to[20];
    struct u256 amount;
};

enum etl_trace_kind { ETL_CALL, ETL_CALL_STILL, ETL_CREATE, ETL_SUICIDE, ETL_REWARD, ETL_ISSUE };

struct etl_trace {
    uint32_t tx; /* not of rewards and issues */
    enum etl_trace_kind kind;
    bool failed, has_from, has_to;
    uint8_t from[20], to[20];
    struct u256 value;
    struct bytes path;
    const struct etl_table *table; /* for messages */
    size_t line;
};

struct etl_withdrawal {
    uint8_t to[20];
    uint64_t gwei;
};

struct etl_block {
    const struct chain *chain;
    const struct evm_rules *rules;
    uint64_t number, time;
    struct hash32 hash, prev;
    bool has_time, has_hash, stated; /* stated: by the table of blocks */
    bool counted;                    /* txs_n: how many transactions it says it has */
    uint64_t txs_n;
    bool has_base_fee, base_fee_told, no_uncles, difficult, cancun;
    uint8_t miner[20];
    struct u256 base_fee;
    bool traced;
    struct arena *bytes; /* of this block; NULL: none yet */
    struct etl_vector txs, logs, tokens, traces, withdrawals;
    uint32_t *order; /* [txs.n] */
    /* facts */
    struct etl_vector fact_txs, transfers, events;
    struct arena *texts;
};

/* One more, zeroed; NULL: err is set. */
void *etl_add(struct etl_vector *v, size_t size, struct err *err);
void *etl_bytes(struct etl_block *b, size_t n, struct err *err); /* until the next block */

#define ETL_TX(b, i) (&((struct etl_tx *)(b)->txs.at)[i])
#define ETL_LOG(b, i) (&((struct etl_log *)(b)->logs.at)[i])
#define ETL_TOKEN(b, i) (&((struct etl_token *)(b)->tokens.at)[i])
#define ETL_TRACE(b, i) (&((struct etl_trace *)(b)->traces.at)[i])
#define ETL_WITHDRAWAL(b, i) (&((struct etl_withdrawal *)(b)->withdrawals.at)[i])

/* Rows are sorted by transaction and index; order is made. */
bool etl_block_facts(struct etl_block *b, struct transfer_block *ret, struct err *err) MUST_USE;

#endif
