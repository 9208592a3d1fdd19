/* Whole writes: one that a signal cuts short goes on, and one that takes less is followed by the
 * rest.
 *
 * Errors:  false, and errno says why.
 * Threads: any. */
#ifndef CORDON_BASE_IO_H
#define CORDON_BASE_IO_H

#include <stdbool.h>
#include <stddef.h>

bool write_whole(int fd, const void *p, size_t n);

#endif
