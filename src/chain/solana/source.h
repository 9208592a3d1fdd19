/* Files of Solana, as a source of facts: answers of a node, JSON-RPC, one after another, a line
 * each or spread over lines, or a batch in one array (block.h says which). Any of them may be zstd.
 *
 * Answers to getBlock are blocks; they do not say their own slot, which is known by the block after
 * it, else is the first after its parent's. Answers to getTransaction of one slot are a block
 * together, in the order of their index where it is told, else as they come; a transaction that is
 * there twice is told once, and so is one that a block here has.
 *
 * Ownership: facts are the source's until its next call.
 * Order:     by slot.
 * Errors:    ERR_INPUT with file and line; ERR_NOT_FOUND no such file; ERR_LIMIT more than
 *            SOLANA_ANSWERS_MAX answers; ERR_SYSTEM; ERR_NOMEM. All is looked through at opening.
 * Threads:   one caller. */
#ifndef CORDON_CHAIN_SOLANA_SOURCE_H
#define CORDON_CHAIN_SOLANA_SOURCE_H

#include "chain/chain.h"
#include "chain/transfers.h"

#define SOLANA_FILES_MAX 65536u
#define SOLANA_ANSWERS_MAX ((size_t)1 << 24)

bool solana_open(const char *const *paths, size_t paths_n, struct transfer_source *ret,
                 struct err *err) MUST_USE;
/* The same of texts in memory, borrowed until the end. */
struct solana_text {
    const char *name;
    struct bytes in;
};
bool solana_from(const struct solana_text *texts, size_t n, struct transfer_source *ret,
                 struct err *err) MUST_USE;

/* Of the transactions in blocks[n] what was signed (message.h), where these files have it: in
 * signed_bytes, in the arena. ERR_DIFFERS: it is there, and not signed. */
struct wanted_block;
struct arena;
bool solana_packets_find(const char *const *paths, size_t paths_n, struct wanted_block *blocks,
                         size_t n, struct arena *a, struct err *err) MUST_USE;

/* Does it begin as such an answer does? */
bool solana_is(struct bytes beginning);

#endif
