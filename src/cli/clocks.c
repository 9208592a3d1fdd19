#include "cli/clocks.h"

#include <unistd.h>

bool clocks_text_of_call(struct call *c, struct bytes *ret, struct err *err)
{
    const char *path;

    *ret = (struct bytes){NULL, 0};
    return home_path(c, CLOCKS_FILE, &path, err) &&
           (access(path, F_OK) || file_read(c->arena, path, CLOCKS_BYTES_MAX, ret, err));
}

bool clocks_of_call(struct call *c, const struct clocks **ret, struct err *err)
{
    struct bytes in;

    if (!clocks_text_of_call(c, &in, err))
        return false;
    if (!in.p)
        in.p = (const uint8_t *)clocks_default(&in.n);
    return clocks_read(c->arena, (const char *)in.p, in.n, ret, err) ||
           err_in(err, "\"%s\"", CLOCKS_FILE);
}
