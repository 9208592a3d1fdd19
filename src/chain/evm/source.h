/* Files of EVM blocks, as a source of facts.
 *
 * Two forms, told apart by how they start; any of them may be zstd.
 *
 * RLP: three lines a block, hex with "0x" in front; receipts with or without their blooms:
 *
 *     header: 0xf90222...
 *     body: 0xf91d6e...
 *     receipts: 0xf914e1...
 *
 * Recorded answers of a node: a JSON object a line, with the method, what was asked, and the
 * answer. A block comes first, what else is about it (rpc.h) before the next. Methods that rpc.h
 * does not know are passed over.
 *
 *     {"method":"eth_getBlockByNumber","params":["0x10",true],"result":{...}}
 *     {"method":"eth_getBlockReceipts","params":["0x10"],"result":[...]}
 *
 * Or the same in pairs of lines, as ethereum/execution-apis keeps them: ">> " the request, "<< "
 * the answer, "// " whatever.
 *
 * Ownership: facts are the source's until its next call.
 * Order: files by their first block, blocks as they stand, heights ascending. A gap begins another
 * run; a block right after another must name it as its parent.
 *
 * Errors: ERR_INPUT with file and line: not of these forms, out of order, not linked, or what
 * block.h and rpc.h find; ERR_NOT_FOUND no such file; ERR_LIMIT more than EVM_FILES_MAX files, or a
 * line longer than EVM_LINE_MAX; ERR_SYSTEM; ERR_NOMEM.
 * Threads: one source a thread. */
#ifndef CORDON_CHAIN_EVM_SOURCE_H
#define CORDON_CHAIN_EVM_SOURCE_H

#include "chain/block_proof.h"
#include "chain/chain.h"
#include "chain/transfers.h"

#define EVM_FILES_MAX 16384
#define EVM_LINE_MAX ((size_t)1 << 30)

/* Does a file start like one of the two forms? For who has to guess what a file is: text, its first
 * bytes, unpacked. */
bool evm_blocks_like(struct bytes start);
bool evm_blocks_open(const struct chain *chain, const char *const *paths, size_t paths_n,
                     struct transfer_source *ret, struct err *err) MUST_USE;
/* What the files prove of blocks that they have (block_proof.h). Of answers header, transactions
 * and receipts are written again as they were hashed. */
bool evm_blocks_prove(const struct chain *chain, const char *const *paths, size_t paths_n,
                      struct wanted_block *blocks, size_t n, struct arena *a,
                      struct err *err) MUST_USE;

#endif
