/* Whole small files: cases, stop lists, evidence. */
#include "cli/cli.h"

#include "base/io.h"

#include <unistd.h>

bool file_read(struct arena *a, const char *path, size_t bytes_max, struct bytes *ret,
               struct err *err)
{
    if (strcmp(path, "-") != 0)
        return file_load(a, path, bytes_max, ret, err);
    return fd_load(a, STDIN_FILENO, bytes_max, ret, err) || err_in(err, "\"-\"");
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
