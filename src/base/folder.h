/* Folders.
 *
 * Errors:  ERR_SYSTEM with the cause; ERR_NOMEM. Threads: safe. */
#ifndef CORDON_BASE_FOLDER_H
#define CORDON_BASE_FOLDER_H

#include "base/err.h"

/* The folder, and those above it that are not there, with these permissions (less the umask's). */
bool folder_make(const char *path, unsigned mode, struct err *err) MUST_USE;

#endif
