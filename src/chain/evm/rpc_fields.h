/* Objects of a node's answers, read by tables of their fields. What rpc.c and rpc_trace.c share,
 * and nobody else sees.
 *
 * A row names a member, how it is written (execution-apis: QUANTITY is "0x" and hex digits, DATA is
 * "0x" and two for each byte), and where it goes. Members that no row names are skipped.
 *
 * Ownership: what is read lies in the block's memory.
 * Errors:    ERR_INPUT, naming method and field; ERR_NOMEM, ERR_LIMIT.
 * Threads:   a reader belongs to one. */
#ifndef CORDON_CHAIN_EVM_RPC_FIELDS_H
#define CORDON_CHAIN_EVM_RPC_FIELDS_H

#include "base/json_walk.h"
#include "chain/evm/rpc.h"

enum field_form {
    FIELD_U64,   /* QUANTITY, or (trace_block) a plain number */
    FIELD_U256,  /* QUANTITY */
    FIELD_HASH,  /* DATA of 32 bytes */
    FIELD_KEY,   /* DATA of 20 bytes */
    FIELD_NONCE, /* DATA of 8 bytes */
    FIELD_BYTES, /* DATA, into the block's memory: struct bytes */
    FIELD_MEMO,  /* DATA into a struct evm_tx's input_n and memo */
    FIELD_TEXT,  /* a string as it stands: struct bytes */
    FIELD_KNOWN, /* only that it is there */
    FIELD_OTHER, /* whatever: by a function of the row */
};

struct evm_rpc;

struct field {
    const char *name;
    enum field_form form;
    unsigned at;                               /* offset of where it goes */
    bool (*read)(struct evm_rpc *r, void *to); /* FIELD_OTHER: reads the value */
};

/* null is as if absent. Which rows were there, as bits by row; false: r->w is bad, or no object. A
 * member that is there twice is bad. ret_strange: is there a member that no row names? May be
 * NULL. */
bool fields_read(struct evm_rpc *r, const struct field *rows, size_t rows_n, void *to,
                 uint64_t *ret_seen, bool *ret_strange) MUST_USE;
/* Complains about the first of the wanted rows that was not seen; sets r->w bad. */
bool fields_want(struct evm_rpc *r, const struct field *rows, uint64_t seen, uint64_t wanted);

struct evm_rpc {
    struct evm_block *b;
    struct json_walk *w; /* the answer being read */
    struct err *err;
    uint64_t want; /* number */
    bool have_block, have_logs;
    uint64_t logs_next;    /* eth_getLogs: index of the next */
    struct bytes tx_block; /* "blockHash" of the block's transactions, while it is read */
    size_t receipts_n;     /* of eth_getBlockReceipts and eth_getTransactionReceipt */
    char hash_text[66];    /* of the block, as "0x..." */
    uint32_t *path;        /* [TRACE_PATH_MAX] of the frame being read */
    uint32_t *line;        /* [TRACE_PATH_MAX + 1] the call at each depth down to the last */
    size_t path_n, line_n;
};

/* A complaint that names a field; sets r->w bad. Returns false. */
bool rpc_bad(struct evm_rpc *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool rpc_same_hash(const struct hash32 *want, struct bytes text); /* text: "0x..." */
bool hex_text(struct bytes text, uint8_t *ret, size_t ret_n);     /* DATA of ret_n bytes */

/* rpc.c: a result that the walk stands before, and where a complaint about it comes from. */
bool rpc_read_result(struct evm_rpc *r, enum evm_method method, struct json_walk *w,
                     struct err *err) MUST_USE;
bool rpc_in_answer(const struct evm_rpc *r, enum evm_method method, struct err *err);

/* rpc_trace.c; the walk stands before the result. */
bool rpc_read_debug_trace(struct evm_rpc *r);
bool rpc_read_trace_block(struct evm_rpc *r);

#endif
