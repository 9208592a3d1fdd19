/* Whole files packed by zstd (RFC 8878), in memory.
 *
 * Ownership: what is unpacked or packed is a block of mem.h, the caller's to free.
 * Errors:    ERR_INPUT damaged or cut, ERR_LIMIT larger than bytes_max, ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_BASE_PACK_H
#define CORDON_BASE_PACK_H

#include "base/bytes.h"
#include "base/err.h"

bool pack_is(struct bytes in); /* does it begin as a zstd frame does? */
/* All frames, one behind another. ret->p is NULL only on failure. */
bool pack_undo(struct bytes in, size_t bytes_max, struct bytes *ret, struct err *err) MUST_USE;
bool pack_make(struct bytes in, struct bytes *ret, struct err *err) MUST_USE;

#endif
