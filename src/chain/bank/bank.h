/* A bank's payment book from payment messages, as a source of transfers (transfers.h).
 *
 * Files of any of the forms, told apart by how they begin: "<" is ISO 20022 (pacs008.h), "{" is FIN
 * (mt103.h), else CSV (table.h); "-" is standard input, and any of them may be zstd. Messages of
 * all files together are joined to payments and given in order of time (book.h). docs/banks.md
 * tells what becomes of a message.
 *
 *     asset     ISO 4217 code; amounts in its minor unit
 *     account   party.h
 *     hash      SHA-256 of "cordon.bank/1", LF, the payment's name, LF (book.h)
 *
 * All is read and joined at opening: memory is a few times what the files hold.
 * Ownership: the source keeps copies; paths need not outlive the call.
 * Errors:    ERR_USAGE the map, or not a bank; ERR_NOT_FOUND, ERR_SYSTEM a file; ERR_INPUT naming
 *            file and place; ERR_LIMIT, ERR_NOMEM.
 * Threads:   one caller. */
#ifndef CORDON_CHAIN_BANK_BANK_H
#define CORDON_CHAIN_BANK_BANK_H

#include "chain/chain.h"
#include "chain/transfers.h"

#define BANK_MEMORY_MAX ((size_t)16 << 30)

/* paths: files, in the order that counts where times are equal. map: of columns (table.h), or
 * NULL. */
bool bank_open(const char *const *paths, size_t paths_n, const char *map, const struct chain *chain,
               struct transfer_source *ret, struct err *err) MUST_USE;

/* The same from memory, for tests and fuzzing; what else bank_open reads of a file. */
struct bank_file {
    const char *name;
    struct bytes in;
};
bool bank_from(const struct bank_file *files, size_t files_n, const char *map,
               struct transfer_source *ret, struct err *err) MUST_USE;

#endif
