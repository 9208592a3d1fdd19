#include "base/sha512.h"

#include <nettle/sha2.h>

struct hash32 sha512_half(const struct bytes *parts, size_t n)
{
    struct sha512_ctx c;
    struct hash32 ret;

    sha512_init(&c);
    for (size_t i = 0; i < n; i++)
        if (parts[i].n)
            sha512_update(&c, parts[i].n, parts[i].p);
    sha512_digest(&c, sizeof(ret.b), ret.b);
    return ret;
}
