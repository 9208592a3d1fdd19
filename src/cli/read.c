/* Whole small files: cases, stop lists, evidence. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define READ_STEP ((size_t)64 << 10)

static bool read_all(struct arena *a, int fd, size_t bytes_max, struct bytes *ret, struct err *err)
{
    struct text all = text_new(bytes_max + 1);
    static char step[READ_STEP];
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
        ret->p = all.bad ? NULL : arena_copy(a, all.p, all.n);
        ok = ret->p || err_fail(err, ERR_NOMEM, "%zu bytes", all.n);
    }
    text_free(&all);
    return ok;
}

bool file_read(struct arena *a, const char *path, size_t bytes_max, struct bytes *ret,
               struct err *err)
{
    bool is_stdin = !strcmp(path, "-"), ok;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_system(err, "\"%s\"", path);
    ok = read_all(a, fd, bytes_max, ret, err);
    if (!is_stdin)
        close(fd);
    return ok || err_in(err, "\"%s\"", path);
}

/* The rows of one --stop file behind those so far. */
static bool stops_add(struct call *c, const char *path, const struct trace_stop **stops, size_t *n,
                      struct err *err)
{
    const struct trace_stop *more;
    struct trace_stop *all;
    struct bytes in;
    size_t more_n;

    if (!file_read(c->arena, path, CASE_FILE_BYTES_MAX, &in, err))
        return false;
    if (!stops_read(c->arena, in, path, &more, &more_n, err))
        return err_in(err, "\"%s\"", path);
    all = ARENA_ARRAY(c->arena, struct trace_stop, *n + more_n);
    if (!all)
        return err_fail(err, ERR_NOMEM, "%zu stops", *n + more_n);
    if (*n)
        memcpy(all, *stops, *n * sizeof(*all));
    if (more_n)
        memcpy(all + *n, more, more_n * sizeof(*all));
    *stops = all;
    *n += more_n;
    return true;
}

bool stop_files_read(struct call *c, const struct trace_stop **ret, size_t *ret_n, struct err *err)
{
    *ret = NULL;
    *ret_n = 0;
    for (size_t i = 0; i < c->given_n; i++)
        if (c->given[i].option && !strcmp(c->given[i].option->name, "stop") &&
            !stops_add(c, c->given[i].value, ret, ret_n, err))
            return false;
    return true;
}
