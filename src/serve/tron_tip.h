/* Short questions to a full node of Tron: its newest block, and the hash of a height.
 *
 * Errors:  ERR_INPUT another chain, or an answer that is none; ERR_NOT_FOUND it does not have the
 *          block; ERR_SYSTEM network, or an error of the node; ERR_LIMIT, ERR_NOMEM. Threads: one
 *          caller. */
#ifndef CORDON_SERVE_TRON_TIP_H
#define CORDON_SERVE_TRON_TIP_H

#include "chain/tron/block.h"
#include "serve/rpc_client.h"

#define TRON_TIP_NEWEST UINT64_MAX
#define TRON_PATH_BLOCK "/wallet/getblockbynum"
#define TRON_PATH_INFOS "/wallet/gettransactioninfobyblocknum"
#define TRON_PATH_NEWEST "/wallet/getnowblock"

/* There must be room. */
bool tron_ask(struct rpc_client *c, const char *path, uint64_t height, unsigned *ret_ticket,
              struct err *err) MUST_USE;
bool tron_ask_head(struct rpc_client *c, uint64_t height, struct tron_head *ret,
                   struct err *err) MUST_USE;
/* Is it of that chain? */
bool tron_ask_chain(struct rpc_client *c, const struct chain *chain, struct err *err) MUST_USE;

#endif
