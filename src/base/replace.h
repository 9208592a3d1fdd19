/* A file that is replaced whole: written beside its name, and renamed when it is on the disk.
 * Whoever is killed at any byte leaves the old one; who has the old one open keeps it. The part
 * that was left beside it goes with the next that is written there, once it is an hour old.
 *
 * Errors:  ERR_SYSTEM with the cause; ERR_INPUT too long a name. Texts of begin and end name it.
 * Threads: each belongs to its caller; one writer a path in a process. */
#ifndef CORDON_BASE_REPLACE_H
#define CORDON_BASE_REPLACE_H

#include "base/err.h"

#include <limits.h>
#include <stddef.h>

struct replace {
    const char *path; /* borrowed */
    char part[PATH_MAX];
    int fd;
};

bool replace_begin(struct replace *r, const char *path, struct err *err) MUST_USE;
bool replace_put(struct replace *r, const void *p, size_t n, struct err *err) MUST_USE;
/* After begin, whatever happened since: ok says whether what was put is to stand; err is then that
 * of the failure. Returns whether the file is replaced. */
bool replace_end(struct replace *r, bool ok, struct err *err) MUST_USE;

#endif
