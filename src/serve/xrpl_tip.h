/* Short questions to a server of the XRP Ledger: its newest validated ledger, and the hash of one.
 *
 * What is validated is final: no ledger of the chain is undone. What is not is never asked for.
 *
 * Errors:  ERR_INPUT another network, or an answer that is none; ERR_NOT_FOUND the server does not
 *          have the ledger; ERR_SYSTEM network, or an error of the server; ERR_LIMIT, ERR_NOMEM.
 * Threads: one caller. */
#ifndef CORDON_SERVE_XRPL_TIP_H
#define CORDON_SERVE_XRPL_TIP_H

#include "chain/chain.h"
#include "chain/xrpl/answer.h"
#include "serve/rpc_client.h"

#define XRPL_TIP_NEWEST UINT64_MAX

/* There must be room. whole: with its transactions, in binary. */
bool xrpl_ask_ledger(struct rpc_client *c, uint64_t index, bool whole, unsigned *ret_ticket,
                     struct err *err) MUST_USE;
bool xrpl_ask_head(struct rpc_client *c, uint64_t index, uint64_t *ret_index,
                   struct hash32 *ret_hash, struct err *err) MUST_USE;
/* Is it of that network? */
bool xrpl_ask_server(struct rpc_client *c, const struct chain *chain, struct xrpl_server *ret,
                     struct err *err) MUST_USE;

#endif
