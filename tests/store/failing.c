#include "failing.h"

#include "../support.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

static int64_t left = -1; /* -1: no end */
static enum failing_how what;
static bool hit;

/* true: this one fails; of those that kill it does not come back. */
static bool fails(int fd, const void *p, size_t n, off_t at)
{
    if (left != 0) {
        left -= left > 0;
        return false;
    }
    hit = true;
    if (what == FAILING_FULL || what == FAILING_IO) {
        errno = what == FAILING_FULL ? ENOSPC : EIO;
        return true;
    }
    if (what == FAILING_TEARS && p && pwrite(fd, p, n / 2, at) < 0)
        _exit(9);
    raise(SIGKILL);
    return true;
}

static ssize_t counted_pwrite(int fd, const void *p, size_t n, off_t at)
{
    return fails(fd, p, n, at) ? -1 : pwrite(fd, p, n, at);
}

static int counted_ftruncate(int fd, off_t n)
{
    return fails(fd, NULL, 0, 0) ? -1 : ftruncate(fd, n);
}

void failing_writes(int64_t n, enum failing_how how)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

    CHECK_U(vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)counted_pwrite), SQLITE_OK);
    vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)counted_pwrite);
    CHECK_U(vfs->xSetSystemCall(vfs, "ftruncate", (sqlite3_syscall_ptr)counted_ftruncate),
            SQLITE_OK);
    left = n;
    what = how;
    hit = false;
}

bool failing_hit(void)
{
    return hit;
}
