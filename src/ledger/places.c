#include "ledger/places.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_ledger(const char *dir)
{
    char path[PATH_MAX];

    return (size_t)snprintf(path, sizeof(path), "%s/head", dir) < sizeof(path) &&
           !access(path, R_OK);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

bool ledger_places(struct arena *a, const char *home, const char *const **ret, size_t *ret_n,
                   struct err *err)
{
    struct dirent **names = NULL;
    int found = scandir(home, &names, NULL, by_name);
    bool ok = found >= 0 || errno == ENOENT || err_system(err, "\"%s\"", home);
    const char **at = ok ? ARENA_ARRAY(a, const char *, found > 0 ? (size_t)found : 1) : NULL;
    size_t n = 0;

    if (ok && !at)
        ok = err_fail(err, ERR_NOMEM, "ledgers");
    for (int i = 0; i < found; i++) {
        char path[PATH_MAX];
        int length = snprintf(path, sizeof(path), "%s/%s", home, names[i]->d_name);

        if (ok && names[i]->d_name[0] != '.' && (size_t)length < sizeof(path) && is_ledger(path)) {
            at[n] = arena_string(a, path, (size_t)length);
            ok = at[n++] || err_fail(err, ERR_NOMEM, "ledgers");
        }
        free(names[i]); /* scandir's */
    }
    free(names);
    *ret = at;
    *ret_n = n;
    return ok;
}
