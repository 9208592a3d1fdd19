/* Whole writes and whole small files: what a signal cuts short goes on, and where less was taken or
 * given the rest follows.
 *
 * Ownership: what is read lies in the caller's arena.
 * Threads:   any. */
#ifndef CORDON_BASE_IO_H
#define CORDON_BASE_IO_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

bool write_whole(int fd, const void *p, size_t n); /* false: errno says why */

/* All that fd gives, to its end. ERR_LIMIT: more than bytes_max. */
bool fd_load(struct arena *a, int fd, size_t bytes_max, struct bytes *ret,
             struct err *err) MUST_USE;
/* A file, which errors name. ret->p is never NULL, even if it is empty. */
bool file_load(struct arena *a, const char *path, size_t bytes_max, struct bytes *ret,
               struct err *err) MUST_USE;
/* The same of one that need not be there: then ret->p is NULL. */
bool file_load_if(struct arena *a, const char *path, size_t bytes_max, struct bytes *ret,
                  struct err *err) MUST_USE;

#endif
