/* Where blocks come from: Core's blocks/ directory, single block files, streams; plain, XORed or
 * zstd.
 *
 * Opening walks the headers only and lists every whole block record found, of every branch, in the
 * order of paths, files and offsets. A directory is read as Core writes one: blk*.dat (magic,
 * length, block; records out of order; a zero tail; a record cut by a crash); rev*.dat beside it
 * (Zcash's undo files are of another form and are passed over); xor.dat (8 bytes, phase = file
 * offset mod 8; the preallocated zero tail may be plain). A folder that holds such a one named
 * blocks may be given instead. Other files hold one raw block, or records like blk*.dat; "-" is
 * stdin (spooled to an unlinked temporary file, below TMPDIR or /tmp, as is what was packed). Any
 * of them may be zstd (by magic 28b52ffd).
 *
 * What is cut or damaged at a file's tail is passed over and counted (source_notes); damage before
 * whole records, and a file that holds neither, is ERR_INPUT with file and byte. A file that
 * becomes shorter while it is in use is an error of the next read.
 *
 * Threads:   after opening, source_read and source_undo are safe from many threads, one buffer
 *            each. */
#ifndef CORDON_CHAIN_BITCOIN_SOURCE_H
#define CORDON_CHAIN_BITCOIN_SOURCE_H

#include "base/err.h"
#include "chain/chain.h"
#include "chain/facts.h"

struct source;

struct source_block {
    struct hash32 hash;
    uint8_t header[HEADER_BYTES]; /* as in facts */
    uint32_t file;                /* see source_file_name */
    uint32_t size;                /* bytes of the block */
    uint64_t offset;              /* of the block's first byte in its file, unpacked */
};

/* A worker's own; start from {0} and end with source_buffer_free. A block and its undo data want
 * one each: the facts of a block may point into its buffer. */
struct source_buffer {
    uint8_t *p;
    size_t size;
};

/* chain NULL: found by the genesis block if it is among the blocks, else ERR_USAGE asks for it by
 * name. */
bool source_open(const char *const *paths, size_t paths_n, const struct chain *chain,
                 struct source **ret, struct err *err) MUST_USE;
/* Raw blocks that the caller has, borrowed until source_close; name is for messages. They have no
 * undo data. ERR_INPUT one is no block of the chain. */
bool source_of_blocks(const char *name, const struct chain *chain, const struct bytes *blocks,
                      size_t blocks_n, struct source **ret, struct err *err) MUST_USE;
struct source *source_close(struct source *s);
const struct chain *source_chain(const struct source *s); /* as given, or as found */
const struct source_block *source_blocks(const struct source *s, size_t *ret_n);
/* As typed and found, for messages and order. */
const char *source_file_name(const struct source *s, uint32_t file);
/* Puts in front of a complaint which block it is about; returns false. */
bool source_complain(const struct source *s, size_t block, struct err *err);
uint64_t source_bytes(const struct source *s); /* of all blocks together, for progress */
/* "", or e.g. "1 record cut short at the end of blk00003.dat" */
const char *source_notes(const struct source *s);

/* The raw block: mapped where it can be, else in buffer; borrowed until the buffer's next use. */
bool source_read(struct source *s, size_t block, struct source_buffer *buffer, struct bytes *ret,
                 struct err *err) MUST_USE;
void source_done(struct source *s, size_t first, size_t n); /* pages of these blocks may go */

/* Undo data of a block whose facts are known: ret[inputs_n] filled, scripts in buffer. *ret_found
 * false: there is none. Records are matched by checksum, SHA256d(hash of the parent | undo), as
 * Core writes it. */
bool source_undo(struct source *s, size_t block, const struct block_facts *facts,
                 struct source_buffer *buffer, struct fact_spent *ret, bool *ret_found,
                 struct err *err) MUST_USE;
void source_buffer_free(struct source_buffer *b);

/* One undo record (CBlockUndo), for tests and fuzzing: fills ret[inputs_n], scripts in the arena.
 */
struct arena;
bool undo_read(struct arena *a, const struct chain *chain, struct bytes raw,
               const uint32_t *tx_inputs_n, size_t txs_n, struct fact_spent *ret,
               struct err *err) MUST_USE;

#endif
