#include "base/folder.h"

#include "base/mem.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

bool folder_make(const char *path, unsigned mode, struct err *err)
{
    char *copy = mem_alloc(strlen(path) + 1);

    if (!copy)
        return err_fail(err, ERR_NOMEM, "path");
    memcpy(copy, path, strlen(path) + 1);
    for (char *at = copy + 1; *copy && *at; at++)
        if (*at == '/') {
            *at = 0;
            mkdir(copy, mode); /* what is wrong shows at the last one */
            *at = '/';
        }
    mem_free(copy);
    if (mkdir(path, mode) && errno != EEXIST)
        return err_system(err, "cannot make the folder");
    return true;
}
