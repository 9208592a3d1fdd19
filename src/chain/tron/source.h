/* Files of Tron's blocks, as a full node answers by HTTP: two lines a block, its
 * /wallet/getblockbynum and its /wallet/gettransactioninfobyblocknum (block.h). Any of them may be
 * zstd.
 *
 *     {"blockID":"...","block_header":{...},"transactions":[...]}
 *     [{"id":"...","blockNumber":...}]
 *
 * Ownership: facts are the source's until its next call; paths are borrowed until it is freed.
 * Order:     heights ascend, from file to file as they are named, too.
 * Errors:    ERR_INPUT with file and line: not two lines, out of order, or what block.h says;
 *            ERR_NOT_FOUND no such file; ERR_LIMIT; ERR_SYSTEM; ERR_NOMEM.
 * Threads:   one source a thread. */
#ifndef CORDON_CHAIN_TRON_SOURCE_H
#define CORDON_CHAIN_TRON_SOURCE_H

#include "chain/chain.h"
#include "chain/transfers.h"

bool tron_blocks_is(struct bytes beginning);
bool tron_blocks_open(const char *const *paths, size_t paths_n, const struct chain *chain,
                      struct transfer_source *ret, struct err *err) MUST_USE;

/* Each block's answer in turn, without its infos. */
typedef bool tron_answer_fn(void *ctx, struct bytes block, struct err *err);
bool tron_blocks_each(const char *const *paths, size_t paths_n, tron_answer_fn *each, void *ctx,
                      struct err *err) MUST_USE;

#endif
