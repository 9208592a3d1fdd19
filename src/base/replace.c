#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define WRITE_BYTES_MAX ((size_t)1 << 30)

bool replace_begin(struct replace *r, const char *path, struct err *err)
{
    int n = snprintf(r->part, sizeof(r->part), "%s.part-%d", path, (int)getpid());

    if (n < 0 || (size_t)n >= sizeof(r->part))
        return err_fail(err, ERR_INPUT, "\"%.100s\": too long a name", path);
    r->path = path;
    r->fd = open(r->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return r->fd >= 0 || err_system(err, "\"%s\"", r->part);
}

bool replace_put(struct replace *r, const void *p, size_t n, struct err *err)
{
    const char *at = p;

    while (n) {
        ssize_t wrote = write(r->fd, at, n < WRITE_BYTES_MAX ? n : WRITE_BYTES_MAX);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return err_system(err, "cannot write");
        at += wrote;
        n -= (size_t)wrote;
    }
    return true;
}

bool replace_end(struct replace *r, bool ok, struct err *err)
{
    if (ok && fdatasync(r->fd))
        ok = err_system(err, "cannot write");
    if (close(r->fd) && ok)
        ok = err_system(err, "cannot write");
    if (ok && rename(r->part, r->path))
        ok = err_system(err, "cannot rename");
    if (!ok)
        unlink(r->part);
    return ok || err_in(err, "\"%s\"", r->path);
}
