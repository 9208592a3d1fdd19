/* UUIDs that follow from what they name: RFC 9562, section 5.5, version 5. The same namespace and
 * name give the same UUID to everybody.
 *
 * Threads:   safe. */
#ifndef CORDON_BASE_UUID_H
#define CORDON_BASE_UUID_H

#include <stdint.h>
#include <stddef.h>

#define UUID_TEXT 37 /* 36 characters and a NUL */

struct uuid {
    uint8_t b[16]; /* in the order in which they are written */
};

struct uuid uuid5(const struct uuid *namespace, const void *name, size_t n);
const char *uuid_text(const struct uuid *u, char ret[UUID_TEXT]); /* in lower case */

#endif
