#include "base/uuid.h"

#include "base/hash_kernel.h"

#include <string.h>

/* The first 16 bytes of SHA-1 over namespace and name, with version and variant set. */
struct uuid uuid5(const struct uuid *namespace, const void *name, size_t n)
{
    uint8_t digest[20];
    struct uuid u;

    sha1_two(namespace->b, sizeof(namespace->b), name, n, digest);
    memcpy(u.b, digest, sizeof(u.b));
    u.b[6] = (uint8_t)((u.b[6] & 0x0f) | 0x50);
    u.b[8] = (uint8_t)((u.b[8] & 0x3f) | 0x80);
    return u;
}

const char *uuid_text(const struct uuid *u, char ret[UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;

    for (size_t i = 0; i < sizeof(u->b); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            ret[at++] = '-';
        ret[at++] = digits[u->b[i] >> 4];
        ret[at++] = digits[u->b[i] & 15];
    }
    ret[at] = 0;
    return ret;
}
