/* Answers of a server of the XRP Ledger (rippled, Clio) by JSON-RPC.
 *
 * Ownership: what is given back is in the arena.
 * Errors:    ERR_INPUT no such answer; ERR_NOT_FOUND it does not have the ledger, or not validated;
 *            ERR_SYSTEM an error in the server's words; ERR_LIMIT; ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_XRPL_ANSWER_H
#define CORDON_CHAIN_XRPL_ANSWER_H

#include "chain/xrpl/ledger.h"

#define XRPL_ANSWER_MEMORY ((size_t)1 << 30)
#define XRPL_CLIENT_MAX 64

/* "result" of an answer that is no error. */
bool xrpl_answer_read(struct arena *a, struct bytes in, const struct json **ret,
                      struct err *err) MUST_USE;

/* To `ledger`: validated, and its header is that of its hash. */
bool xrpl_answer_head(struct bytes in, uint64_t *ret_index, struct hash32 *ret_hash,
                      struct err *err) MUST_USE;
/* The same with transactions, all checked against the header. */
bool xrpl_answer_block(struct arena *a, struct bytes in, struct transfer_block *ret,
                       struct err *err) MUST_USE;

/* To `server_info`. */
struct xrpl_server {
    uint64_t network;             /* 0: the main network */
    char client[XRPL_CLIENT_MAX]; /* printable; "" if it does not say */
};
bool xrpl_answer_server(struct bytes in, struct xrpl_server *ret, struct err *err) MUST_USE;

#endif
