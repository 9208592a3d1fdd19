/* EVM chains from the tables that ethereum-etl exports: CSV or JSON lines, plain or packed.
 *
 * Tables are known by their columns, which may stand in any order; others are passed over. Those of
 * one kind may be cut into files by blocks; all are read side by side, block by block, in whatever
 * order ethereum-etl's workers wrote the blocks. Rows of a block are joined by transaction hash
 * (and index, where it is told).
 *
 *     blocks           hash, parent, time, proposer, base fee, withdrawals (JSON)
 *     transactions     value; with receipt_ columns also status and fee
 *     receipts         the same, where transactions do not have them
 *     logs             token transfers, issuers' acts, events for routes
 *     token_transfers  where there are no logs
 *     traces           internal transfers, rewards; status where no receipt tells it
 *
 * Any of them alone will do, and what is missing is missing:
 * - no blocks: hash and parent are zeros, the hash unless rows have block_hash; a fee is told to
 *   nobody; blocks without rows are not there. On chains whose fee has parts (fees.h) there is
 *   none.
 * - no receipts: transactions are taken to have succeeded, unless traces say otherwise; no fees, as
 *   gas * gas_price is only what was offered.
 * - no status in the receipt (before Byzantium): what did not use all its gas, or logged something,
 *   has succeeded; what did has failed, but for a plain payment (21000 gas, no input).
 * - no logs: the index in the block does not tell the index in the transaction, as not all logs are
 *   transfers. Such a transfer is of kind s (stated) at the index in the block, "HASH:s<n>", not l;
 *   it may be of an ERC-721 token, its amount then being a number of the token. With logs,
 *   token_transfers are not read. Logs must be all that there are in a block: numbered from 0 in
 *   the block, or in each transaction.
 * - no traces: internals is false. Traces of a block must be of all its transactions, in order.
 * - no transactions: they are made of the other rows, and have what these tell.
 *
 * Rewards (before the merge) are the traces'; else, on Ethereum, the proposer's of a block without
 * uncles is told.
 *
 * Ownership: the source keeps no pointer to paths.
 * Errors:    ERR_INPUT naming file, line and column: a field that is not what its column says, a
 *            row that is there twice, tables that contradict each other; ERR_NOT_FOUND,
 *            ERR_SYSTEM a file; ERR_USAGE not an EVM chain; ERR_LIMIT, ERR_NOMEM.
 * Threads:   one caller. */
#ifndef CORDON_CHAIN_EVM_ETL_H
#define CORDON_CHAIN_EVM_ETL_H

#include "chain/chain.h"
#include "chain/transfers.h"

#define ETL_FILES_MAX 4096
#define ETL_BLOCK_ROWS_MAX ((size_t)1 << 22) /* of one kind */
#define ETL_BLOCK_BYTES_MAX ((size_t)2 << 30)

bool etl_open(const char *const *paths, size_t paths_n, const struct chain *chain,
              struct transfer_source *ret, struct err *err) MUST_USE;

struct etl_file {
    const char *name;
    struct bytes in; /* borrowed until the source is freed */
};
bool etl_from(const struct etl_file *files, size_t files_n, const struct chain *chain,
              struct transfer_source *ret, struct err *err) MUST_USE;

/* Is this the beginning of such a table? */
bool etl_is(struct bytes beginning);

#endif
