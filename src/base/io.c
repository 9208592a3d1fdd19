#include "base/io.h"

#include <errno.h>
#include <unistd.h>

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
