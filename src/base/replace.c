#include "base/replace.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

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
    return write_whole(r->fd, p, n) || err_system(err, "cannot write");
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
