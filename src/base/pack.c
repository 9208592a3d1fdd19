#include "base/pack.h"

#include "base/mem.h"

#include <zstd.h>

#define LEVEL 9 /* a list of 20 MB in half a second, a tenth of its size */
#define ROOM_MIN ((size_t)64 << 10)

bool pack_is(struct bytes in)
{
    static const uint8_t magic[] = {0x28, 0xb5, 0x2f, 0xfd}; /* RFC 8878, 3.1.1 */

    return in.n >= sizeof(magic) && !memcmp(in.p, magic, sizeof(magic));
}

static bool unpack(ZSTD_DCtx *z, ZSTD_inBuffer *in, size_t bytes_max, ZSTD_outBuffer *out,
                   struct err *err)
{
    size_t more = 0;

    do {
        if (out->pos == out->size) {
            size_t size = out->size < bytes_max / 2 ? out->size * 2 : bytes_max + 1;
            void *p = out->size > bytes_max ? NULL : mem_grow(out->dst, size);

            if (!p)
                return out->size > bytes_max
                           ? err_fail(err, ERR_LIMIT, "zstd: unpacks to more than %zu bytes",
                                      bytes_max)
                           : err_fail(err, ERR_NOMEM, "%zu bytes", size);
            out->dst = p;
            out->size = size;
        }
        more = ZSTD_decompressStream(z, out, in);
        if (ZSTD_isError(more))
            return err_fail(err, ERR_INPUT, "zstd: %s near byte %zu", ZSTD_getErrorName(more),
                            in->pos);
    } while (in->pos < in->size || (more && out->pos == out->size));
    if (more)
        return err_fail(err, ERR_INPUT, "zstd: ends early");
    return out->pos <= bytes_max ||
           err_fail(err, ERR_LIMIT, "zstd: unpacks to more than %zu bytes", bytes_max);
}

bool pack_undo(struct bytes in, size_t bytes_max, struct bytes *ret, struct err *err)
{
    ZSTD_DCtx *z = ZSTD_createDCtx();
    ZSTD_inBuffer from = {in.p, in.n, 0};
    ZSTD_outBuffer to = {mem_alloc(ROOM_MIN), ROOM_MIN, 0};
    bool good = (z && to.dst) || err_fail(err, ERR_NOMEM, "zstd");

    good = good && unpack(z, &from, bytes_max, &to, err);
    ZSTD_freeDCtx(z);
    if (good)
        *ret = (struct bytes){to.dst, to.pos};
    else
        mem_free(to.dst);
    return good;
}

bool pack_make(struct bytes in, struct bytes *ret, struct err *err)
{
    size_t size = ZSTD_compressBound(in.n), n;
    void *p = mem_alloc(size);

    if (!p)
        return err_fail(err, ERR_NOMEM, "%zu bytes", size);
    n = ZSTD_compress(p, size, in.p, in.n, LEVEL);
    if (ZSTD_isError(n)) {
        mem_free(p);
        return err_fail(err, ERR_NOMEM, "zstd: %s", ZSTD_getErrorName(n));
    }
    *ret = (struct bytes){p, n};
    return true;
}
