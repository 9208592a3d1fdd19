/* One door for all files of an account chain: what a path holds is told by how it begins.
 *
 *     EVM     tables of ethereum-etl (evm/etl.h), blocks as RLP or recorded answers (evm/source.h),
 *             else CSV: a list of transfers (list.h)
 *     Tron    blocks as a full node answers (tron/source.h), answers of TronGrid (tron/grid.h),
 *             else CSV: a list
 *     Solana  answers of a node (solana/source.h), else CSV: a list
 *     XRPL    answers of a server (xrpl/source.h), else CSV: a list
 *     a bank  bank/bank.h, which tells its own forms apart
 *
 * A folder stands for the files in it, in the order of their names (bytes): hidden ones and folders
 * inside are passed over.
 *
 * Paths of one source are all of one form. With a map of columns they are lists. "-", stdin, cannot
 * be looked at beforehand: it is a list, or a bank's file.
 *
 * Errors:    those of the reader chosen; ERR_INPUT a folder without a file; ERR_LIMIT more than
 *            TRANSFER_FILES_MAX files; ERR_INPUT none fits, or two forms together, the file
 *            named; ERR_USAGE a chain without accounts, or no path.
 * Ownership: paths are borrowed until the source is freed.
 * Threads:   one caller. */
#ifndef CORDON_CHAIN_TRANSFER_SOURCE_H
#define CORDON_CHAIN_TRANSFER_SOURCE_H

#include "chain/chain.h"
#include "chain/transfers.h"

#define TRANSFER_FILES_MAX 65536

struct transfer_source_options {
    const char *map; /* of columns, for lists and banks' tables; NULL: none */
};

bool transfer_source_open(const struct chain *chain, const char *const *paths, size_t paths_n,
                          const struct transfer_source_options *options,
                          struct transfer_source *ret, struct err *err) MUST_USE;

/* What raw blocks in these paths prove of blocks (block_proof.h), sorted by hash. ERR_INPUT: the
 * chain's are not proven, or the files hold no raw blocks. */
struct wanted_block;
struct arena;
bool transfer_source_prove(const struct chain *chain, const char *const *paths, size_t paths_n,
                           struct wanted_block *blocks, size_t n, struct arena *a,
                           struct err *err) MUST_USE;

/* The form of a file by its beginning, unpacked: "ethereum-etl", "blocks", "TronGrid",
 * "answers", "list";
 * NULL: none that is known for this chain. */
const char *transfer_source_form(const struct chain *chain, struct bytes beginning);

#endif
