/* One file of blocks or undo records, mapped: plain, XORed or unpacked. What source.c builds on,
 * and nobody else sees.
 *
 * A zstd file and stdin are written out to an unlinked temporary file first. Every access names its
 * range beforehand and has the pages brought in, so that a file cut short under the mapping is an
 * error and not a signal, but for the moment between.
 *
 * Errors:    ERR_NOT_FOUND, ERR_SYSTEM, ERR_NOMEM; ERR_INPUT a folder, damaged zstd, or a file that
 *            has become shorter; ERR_LIMIT more than SOURCE_UNPACKED_MAX.
 * Threads:   an open file is only read, by any number, a buffer each. */
#ifndef CORDON_CHAIN_BITCOIN_SOURCE_FILE_H
#define CORDON_CHAIN_BITCOIN_SOURCE_FILE_H

#include "base/err.h"
#include "chain/bitcoin/source.h"

#define SOURCE_KEY_BYTES 8
#define SOURCE_UNPACKED_MAX ((uint64_t)128 << 30) /* what one zstd file or stdin may become */

struct source_file {
    const uint8_t *map; /* NULL: not open, or empty */
    uint64_t size;
    uint8_t key[SOURCE_KEY_BYTES]; /* XORed over the file, from its first byte; zero for none */
    bool xored;
};

/* path "-" is stdin. key NULL: not XORed. ERR_NOT_FOUND if there is no such file. */
bool source_file_open(struct source_file *f, const char *path, const uint8_t *key,
                      struct err *err) MUST_USE;
void source_file_close(struct source_file *f);

/* n bytes at offset, which the caller knows to lie inside: copied, or borrowed where they need no
 * change (else in buffer, which grows to room or more and keeps nothing). */
bool source_file_copy(const struct source_file *f, uint64_t offset, size_t n, uint8_t *ret,
                      struct err *err) MUST_USE;
bool source_file_borrow(const struct source_file *f, uint64_t offset, size_t n,
                        struct source_buffer *buffer, struct bytes *ret, struct err *err) MUST_USE;
bool source_buffer_room(struct source_buffer *b, size_t n);
/* All zero from offset on, as they lie or un-XORed? */
bool source_file_zero(const struct source_file *f, uint64_t offset, bool *ret,
                      struct err *err) MUST_USE;
void source_file_drop(const struct source_file *f, uint64_t offset, uint64_t n);

#endif
