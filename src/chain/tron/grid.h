/* Tron from TronGrid's answers (API v1): pages of an account's transactions, and of its TRC-20
 * transfers. A file is one answer, or its list "data" alone.
 *
 *     /v1/accounts/A/transactions
 *         TransferContract (native), TransferAssetContract (TRC-10, asset: the token's number as
 *         text), TriggerSmartContract (what is sent along, transfer and transferFrom of a token,
 *         internal transactions); fees. Others only pay their fee.
 *     /v1/accounts/A/transactions/trc20
 *         transfers; those that a transaction here tells already are told once
 *
 * Kinds: f the fee (paid by the owner; nobody gets it: Tron burns it), v what the contract names,
 * v1 TRC-10 sent along to a contract. A token's transfer is taken from what was called, or listed,
 * which tells no log index: it is of kind s, numbered within its transaction; so are internal
 * transactions, whose place in the trace is not told. A transaction whose contractRet is not
 * SUCCESS moves only its fee. Pages may overlap: a transaction is told once.
 *
 * A block is what these pages have of it, in order of raw_data.timestamp, then of hash, as no index
 * is told. If some transfer's block is not known (TRC-20 pages do not tell it), no block has a
 * height: a block is then all of one time, and its grade is GRADE_STATED.
 *
 * Ownership: the source keeps copies.
 * Errors:    ERR_INPUT naming file, place and member; ERR_USAGE not Tron; ERR_LIMIT, ERR_NOMEM; of
 *            files ERR_NOT_FOUND, ERR_SYSTEM. All is read at opening.
 * Threads:   one caller. */
#ifndef CORDON_CHAIN_TRON_GRID_H
#define CORDON_CHAIN_TRON_GRID_H

#include "chain/chain.h"
#include "chain/transfers.h"

#define TRON_BYTES_MAX ((size_t)8 << 30) /* of memory */
#define TRON_TXS_MAX ((size_t)1 << 22)

bool tron_open(const char *const *paths, size_t paths_n, const struct chain *chain,
               struct transfer_source *ret, struct err *err) MUST_USE;

struct tron_file {
    const char *name;
    struct bytes in;
};
bool tron_from(const struct tron_file *files, size_t files_n, const struct chain *chain,
               struct transfer_source *ret, struct err *err) MUST_USE;

/* Does it begin as such an answer does? */
bool tron_is(struct bytes beginning);

#endif
