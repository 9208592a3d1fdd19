#include "base/io.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define STEP_BYTES 16384

#define WRITE_BYTES_MAX ((size_t)1 << 30) /* more the kernel may refuse (write(2), "NOTES") */

bool write_whole(int fd, const void *p, size_t n)
{
    const char *at = p;

    while (n) {
        ssize_t wrote = write(fd, at, n < WRITE_BYTES_MAX ? n : WRITE_BYTES_MAX);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        if (!wrote) {
            errno = EIO;
            return false;
        }
        at += wrote;
        n -= (size_t)wrote;
    }
    return true;
}

bool fd_load(struct arena *a, int fd, size_t bytes_max, struct bytes *ret, struct err *err)
{
    struct text all = text_new(bytes_max + 1);
    char step[STEP_BYTES];
    ssize_t got;
    bool ok = true;

    while (!all.bad && (got = read(fd, step, sizeof(step))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            ok = err_system(err, "cannot read");
            break;
        }
        text_put(&all, step, (size_t)got);
    }
    if (ok && all.over)
        ok = err_fail(err, ERR_LIMIT, "more than %zu bytes", bytes_max);
    if (ok) {
        ret->n = all.n;
        ret->p = all.bad ? NULL : arena_copy(a, all.n ? all.p : "", all.n);
        ok = ret->p || err_fail(err, ERR_NOMEM, "%zu bytes", all.n);
    }
    text_free(&all);
    return ok;
}

bool file_load_if(struct arena *a, const char *path, size_t bytes_max, struct bytes *ret,
                  struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok;

    *ret = (struct bytes){NULL, 0};
    if (fd < 0)
        return errno == ENOENT || err_system(err, "\"%s\"", path);
    ok = fd_load(a, fd, bytes_max, ret, err);
    close(fd);
    return ok || err_in(err, "\"%s\"", path);
}

bool file_load(struct arena *a, const char *path, size_t bytes_max, struct bytes *ret,
               struct err *err)
{
    if (!file_load_if(a, path, bytes_max, ret, err))
        return false;
    errno = ENOENT;
    return ret->p || err_system(err, "\"%s\"", path);
}
