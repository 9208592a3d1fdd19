#include "base/replace.h"

#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART ".part-"
#define LEFT_S 3600 /* a part that is older, of a process that is no more, was left by it */

/* "NAME.part-PID": whose it is; 0: it is none. */
static pid_t part_of(const char *entry, const char *name)
{
    size_t name_n = strlen(name), n;
    const char *digits;

    if (strncmp(entry, name, name_n) != 0 || strncmp(entry + name_n, PART, strlen(PART)) != 0)
        return 0;
    digits = entry + name_n + strlen(PART);
    n = strspn(digits, "0123456789");
    return n && n <= 9 && !digits[n] ? (pid_t)strtol(digits, NULL, 10) : 0;
}

/* Whoever was killed while it wrote has left a part, which nobody else would ever remove. */
static void left_remove(const struct replace *r)
{
    const char *slash = strrchr(r->path, '/'), *name = slash ? slash + 1 : r->path;
    char folder[sizeof(r->part)];
    struct dirent *entry;
    struct stat ours, st;
    DIR *d;

    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - r->path) + 1 : 1,
             slash ? r->path : ".");
    d = fstat(r->fd, &ours) ? NULL : opendir(folder);
    while (d && (entry = readdir(d)) != NULL) {
        pid_t of = part_of(entry->d_name, name);

        if (of > 0 && kill(of, 0) && errno == ESRCH &&
            !fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
            st.st_mtim.tv_sec + LEFT_S < ours.st_mtim.tv_sec)
            unlinkat(dirfd(d), entry->d_name, 0);
    }
    if (d)
        closedir(d);
}

bool replace_begin(struct replace *r, const char *path, struct err *err)
{
    int n = snprintf(r->part, sizeof(r->part), "%s" PART "%d", path, (int)getpid());

    if (n < 0 || (size_t)n >= sizeof(r->part))
        return err_fail(err, ERR_INPUT, "\"%.100s\": too long a name", path);
    r->path = path;
    r->fd = open(r->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (r->fd < 0)
        return err_system(err, "\"%s\"", r->part);
    left_remove(r);
    return true;
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
