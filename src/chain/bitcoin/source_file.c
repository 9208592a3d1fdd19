#include "chain/bitcoin/source_file.h"

#include "base/io.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#define COPY_BYTES ((size_t)1 << 18)

static const uint8_t zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd}; /* RFC 8878, 3.1.1 */

static uint64_t page_bytes(void)
{
    return (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint8_t *page_of(const struct source_file *f, uint64_t offset, uint64_t *n)
{
    uint64_t into = offset % page_bytes();

    *n += into;
    return (uint8_t *)f->map + (offset - into);
}

/* Brings a range in. A file that has become shorter has no page to give: EFAULT. A kernel before
 * 5.14 does not know how (EINVAL), and the signal has the last word there. */
static bool bring_in(const struct source_file *f, uint64_t offset, size_t n, struct err *err)
{
    uint64_t all = n;
    uint8_t *p = page_of(f, offset, &all);

    if (n && madvise(p, all, MADV_POPULATE_READ) && errno != EINVAL)
        return err_fail(err, ERR_INPUT, "cut short or unreadable while in use, at byte %llu",
                        (unsigned long long)offset);
    return true;
}

static void un_xor(uint8_t *p, size_t n, const uint8_t key[SOURCE_KEY_BYTES], uint64_t offset)
{
    uint8_t turned[SOURCE_KEY_BYTES];
    uint64_t word;
    size_t i = 0;

    for (size_t k = 0; k < SOURCE_KEY_BYTES; k++)
        turned[k] = key[(offset + k) % SOURCE_KEY_BYTES];
    word = load_le64(turned);
    for (; n - i >= 8; i += 8)
        store_le64(p + i, load_le64(p + i) ^ word);
    for (; i < n; i++)
        p[i] ^= turned[i % SOURCE_KEY_BYTES];
}

bool source_file_copy(const struct source_file *f, uint64_t offset, size_t n, uint8_t *ret,
                      struct err *err)
{
    if (!bring_in(f, offset, n, err))
        return false;
    if (n)
        memcpy(ret, f->map + offset, n);
    if (f->xored)
        un_xor(ret, n, f->key, offset);
    return true;
}

bool source_buffer_room(struct source_buffer *b, size_t n)
{
    uint8_t *p;

    if (n <= b->size)
        return true;
    p = mem_alloc(n + n / 4); /* not grown: what it held is not needed */
    if (!p)
        return false;
    mem_free(b->p);
    *b = (struct source_buffer){p, n + n / 4};
    return true;
}

void source_buffer_free(struct source_buffer *b)
{
    mem_free(b->p);
    *b = (struct source_buffer){0};
}

bool source_file_borrow(const struct source_file *f, uint64_t offset, size_t n,
                        struct source_buffer *buffer, struct bytes *ret, struct err *err)
{
    *ret = (struct bytes){NULL, 0};
    if (!n) /* an empty file has no map */
        return true;
    if (f->xored) {
        if (!source_buffer_room(buffer, n))
            return err_fail(err, ERR_NOMEM, "%zu bytes", n);
        if (!source_file_copy(f, offset, n, buffer->p, err))
            return false;
        *ret = (struct bytes){buffer->p, n};
        return true;
    }
    if (!bring_in(f, offset, n, err))
        return false;
    *ret = (struct bytes){f->map + offset, n};
    return true;
}

/* Core allocates space ahead as plain zeros; older versions of other writers XOR them, too. */
bool source_file_zero(const struct source_file *f, uint64_t offset, bool *ret, struct err *err)
{
    bool plain = true, decoded = true;
    uint8_t piece[4096];

    while (offset < f->size && (plain || decoded)) {
        size_t n = f->size - offset < sizeof(piece) ? (size_t)(f->size - offset) : sizeof(piece);

        if (!source_file_copy(f, offset, n, piece, err))
            return false;
        for (size_t i = 0; i < n; i++) {
            decoded &= !piece[i];
            plain &= !f->map[offset + i];
        }
        offset += n;
    }
    *ret = plain || decoded;
    return true;
}

void source_file_drop(const struct source_file *f, uint64_t offset, uint64_t n)
{
    if (n && f->map) {
        uint8_t *p = page_of(f, offset, &n);

        madvise(p, n, MADV_DONTNEED);
    }
}

static int temporary(struct err *err)
{
    const char *dir = getenv("TMPDIR");
    char path[4096];
    int fd;

    snprintf(path, sizeof(path), "%s/cordon-XXXXXX", dir && *dir ? dir : "/tmp");
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        err_system(err, "temporary file %s", path);
    else
        unlink(path);
    return fd;
}

static bool spool(int from, int to, uint8_t *copy, struct err *err)
{
    uint64_t all = 0;

    for (;;) {
        ssize_t n = read(from, copy, COPY_BYTES);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_system(err, "cannot read");
        if (!n)
            return true;
        all += (uint64_t)n;
        if (all > SOURCE_UNPACKED_MAX)
            return err_fail(err, ERR_LIMIT, "more than %llu bytes",
                            (unsigned long long)SOURCE_UNPACKED_MAX);
        if (!write_whole(to, copy, (size_t)n))
            return err_system(err, "temporary file");
    }
}

/* Unpacks frames until the input ends, which it must at the end of one. */
static bool unpack(const struct source_file *f, ZSTD_DCtx *z, int to, uint8_t *copy,
                   struct err *err)
{
    uint64_t at = 0, all = 0;
    size_t more = 0;

    while (at < f->size) {
        size_t n = f->size - at < COPY_BYTES ? (size_t)(f->size - at) : COPY_BYTES;
        ZSTD_inBuffer in = {f->map + at, n, 0};
        bool full = false;

        if (!bring_in(f, at, n, err))
            return false;
        while (in.pos < in.size || full) {
            ZSTD_outBuffer out = {copy, COPY_BYTES, 0};

            more = ZSTD_decompressStream(z, &out, &in);
            if (ZSTD_isError(more))
                return err_fail(err, ERR_INPUT, "zstd: %s near byte %llu", ZSTD_getErrorName(more),
                                (unsigned long long)(at + in.pos));
            all += out.pos;
            if (all > SOURCE_UNPACKED_MAX)
                return err_fail(err, ERR_LIMIT, "zstd: unpacks to more than %llu bytes",
                                (unsigned long long)SOURCE_UNPACKED_MAX);
            if (!write_whole(to, copy, out.pos))
                return err_system(err, "temporary file");
            full = out.pos == out.size;
        }
        at += n;
    }
    return more ? err_fail(err, ERR_INPUT, "zstd: ends early") : true;
}

static bool map(struct source_file *f, int fd, struct err *err)
{
    struct stat st;
    void *p;

    if (fstat(fd, &st))
        return err_system(err, "cannot be looked at");
    if (S_ISDIR(st.st_mode))
        return err_fail(err, ERR_INPUT, "is a folder");
    if (!S_ISREG(st.st_mode))
        return err_fail(err, ERR_INPUT, "is no regular file (a stream is given as -)");
    f->size = (uint64_t)st.st_size;
    if (!f->size)
        return true;
    p = mmap(NULL, f->size, PROT_READ, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return err_system(err, "cannot be mapped");
    f->map = p;
    return true;
}

void source_file_close(struct source_file *f)
{
    if (f->map)
        munmap((void *)f->map, f->size);
    *f = (struct source_file){0};
}

static bool map_stdin(struct source_file *f, struct err *err)
{
    uint8_t *copy = mem_alloc(COPY_BYTES);
    int fd = copy ? temporary(err) : -1;
    bool ok = fd >= 0 && spool(STDIN_FILENO, fd, copy, err) && map(f, fd, err);

    if (!copy)
        err_fail(err, ERR_NOMEM, "%zu bytes", COPY_BYTES);
    if (fd >= 0)
        close(fd);
    mem_free(copy);
    return ok;
}

static bool map_path(struct source_file *f, const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok;

    if (fd < 0 && errno == ENOENT)
        return err_fail(err, ERR_NOT_FOUND, "no such file");
    if (fd < 0)
        return err_system(err, "cannot be opened");
    ok = map(f, fd, err);
    close(fd);
    return ok;
}

/* Puts the unpacked file in the packed one's place. */
static bool replace_unpacked(struct source_file *f, struct err *err)
{
    struct source_file unpacked = {0};
    uint8_t *copy = mem_alloc(COPY_BYTES);
    ZSTD_DCtx *z = copy ? ZSTD_createDCtx() : NULL;
    int fd = -1;
    bool ok;

    if (!z)
        err_fail(err, ERR_NOMEM, "zstd");
    else
        fd = temporary(err);
    ok = fd >= 0 && unpack(f, z, fd, copy, err) && map(&unpacked, fd, err);
    if (fd >= 0)
        close(fd);
    ZSTD_freeDCtx(z);
    mem_free(copy);
    source_file_close(f);
    *f = unpacked;
    return ok;
}

static bool open_plain(struct source_file *f, const char *path, struct err *err)
{
    uint8_t first[sizeof(zstd_magic)];

    if (!(strcmp(path, "-") ? map_path(f, path, err) : map_stdin(f, err)))
        return false;
    if (f->size < sizeof(first))
        return true;
    if (!source_file_copy(f, 0, sizeof(first), first, err))
        return false;
    return memcmp(first, zstd_magic, sizeof(first)) ? true : replace_unpacked(f, err);
}

bool source_file_open(struct source_file *f, const char *path, const uint8_t *key, struct err *err)
{
    static const uint8_t none[SOURCE_KEY_BYTES];

    *f = (struct source_file){0};
    if (!open_plain(f, path, err)) {
        source_file_close(f);
        return false;
    }
    if (key) {
        memcpy(f->key, key, SOURCE_KEY_BYTES);
        f->xored = memcmp(key, none, SOURCE_KEY_BYTES) != 0;
    }
    return true;
}
