/* blk and rev files as Bitcoin Core leaves them (node/blockstorage.cpp): records of magic, length
 * and block, a new file before one would reach 0x8000000 bytes; undo data in the file of the same
 * number with SHA256d(hash of the parent | undo) behind it; with a key every byte is XORed with
 * key[offset mod 8], and xor.dat holds the key (since version 28).
 *
 * Ownership: files_end closes; when told that something failed it also removes what it made. */
#ifndef CORDON_SIM_FILES_H
#define CORDON_SIM_FILES_H

#include "sim/build.h"

struct files;

/* dir must not be there yet; key NULL: plain. */
bool files_start(const char *dir, const uint8_t key[8], struct files **ret,
                 struct err *err) MUST_USE;
/* undo.n 0: none, as for the genesis block. */
bool files_add(struct files *f, const struct build_block *b, const struct hash32 *prev,
               struct err *err) MUST_USE;
bool files_end(struct files *f, bool keep, struct err *err);
uint64_t files_bytes(const struct files *f); /* of all blk records */

#endif
