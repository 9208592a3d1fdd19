#include "cli/lists_import.h"

#include "base/time.h"
#include "cli/cli.h"
#include "entity/list_diff.h"
#include "entity/list_make.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>

/* Files that are one list with others of their folder, which follow the first of each. */
static const char *const families[][LIST_FILES_MAX] = {
    {"sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv"},
    {"cons_prim.csv", "cons_alt.csv", "cons_add.csv", "cons_comments.csv"},
};
#define FAMILIES_N (sizeof(families) / sizeof(families[0]))

static const char *file_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Is this file called so, in either case, packed or not? */
static bool called(const char *path, const char *name)
{
    const char *file = file_of(path);
    size_t n = strlen(name);

    return !strncasecmp(file, name, n) && (!file[n] || !strcasecmp(file + n, ".zst"));
}

/* Is it a file that another one of the call takes along? */
static bool taken_along(const struct call *c, size_t first, const char *path)
{
    for (size_t f = 0; f < FAMILIES_N; f++)
        for (size_t k = 1; k < LIST_FILES_MAX; k++) {
            if (!called(path, families[f][k]))
                continue;
            for (size_t i = first; i < call_args_n(c); i++)
                if (called(call_arg(c, i), families[f][0]))
                    return true;
        }
    return false;
}

/* The file of that name beside path; of several, the first in the order of bytes. NULL: none. */
static const char *beside(struct call *c, const char *path, const char *name)
{
    size_t folder = (size_t)(file_of(path) - path);
    char dir[PATH_MAX], found[NAME_MAX + 1] = "";
    struct text full;
    const char *ret = NULL;
    DIR *d;

    if (folder >= sizeof(dir))
        return NULL;
    memcpy(dir, path, folder);
    memcpy(dir + folder, folder ? "" : ".", folder ? 1 : 2);
    d = opendir(dir);
    if (!d)
        return NULL;
    for (const struct dirent *e; (e = readdir(d));)
        if (called(e->d_name, name) && (!*found || strcmp(e->d_name, found) < 0))
            memcpy(found, e->d_name, strlen(e->d_name) + 1);
    closedir(d);
    if (!*found)
        return NULL;
    full = text_new(PATH_MAX);
    text_put(&full, path, folder);
    text_str(&full, found);
    if (text_string(&full))
        ret = arena_string(c->arena, full.p, full.n);
    text_free(&full);
    return ret;
}

/* The file of that name that the call gives, wherever it lies. */
static const char *elsewhere(const struct call *c, size_t first, const char *name)
{
    for (size_t i = first; i < call_args_n(c); i++)
        if (called(call_arg(c, i), name))
            return call_arg(c, i);
    return NULL;
}

static bool input_read(struct call *c, const char *path, struct list_input *inputs, size_t *n,
                       struct err *err)
{
    struct list_input *in = &inputs[(*n)++];

    in->name = path;
    return file_read(c->arena, path, LIST_FILE_BYTES_MAX, &in->in, err);
}

bool lists_as_of(struct call *c, struct list_day *ret, struct err *err)
{
    const char *given = call_option(c, "as-of");

    *ret = (struct list_day){0, 0, 0};
    if (!given || (list_day_read(given, strlen(given), false, ret) && ret->day))
        return true;
    return err_fail(err, ERR_USAGE, "--as-of \"%s\": a day is wanted, as 2024-03-28", given);
}

/* What the list was before this version, and how they differ. */
static bool compare(struct call *c, struct store *s, struct lists_version *v, struct err *err)
{
    const struct list_version *all;
    struct list_diff diff;
    struct list before;
    size_t n;

    if (!list_versions(s, c->arena, &all, &n, err))
        return false;
    for (size_t i = 0; i + 1 < n; i++)
        if (all[i + 1].id == v->version.id && !strcmp(all[i].list, v->version.list)) {
            v->has_before = true;
            v->before = all[i];
        }
    if (!v->has_before)
        return true;
    if (!list_load(s, c->arena, &v->before, &before, err) ||
        !list_diff(c->arena, &before, &v->list, &diff, err))
        return false;
    v->added = diff.added;
    v->removed = diff.removed;
    v->changed = diff.changed;
    return true;
}

/* The day in the file's name or its folder's, wherever the command was given. */
static bool day_of_path(const char *path, struct list_day *ret)
{
    char *full = realpath(path, NULL);
    bool found = list_day_of_path(full ? full : path, ret);

    free(full);
    return found;
}

static bool one(struct call *c, struct store *s, const char *path, uint64_t now,
                struct lists_version *ret, struct err *err)
{
    struct list_input inputs[LIST_FILES_MAX];
    struct list_import import = {
        .files = inputs,
        .called = call_option(c, "list"),
        .map = call_option(c, "columns"),
        .now = now,
        .fewer = call_option(c, "fewer") != NULL,
    };
    char today[TIME_DAY_MAX];
    size_t n = 0;

    if (!input_read(c, path, inputs, &n, err))
        return false;
    for (size_t f = 0; f < FAMILIES_N; f++) {
        if (!called(path, families[f][0]))
            continue;
        for (size_t k = 1; k < LIST_FILES_MAX; k++) {
            const char *neighbour = beside(c, path, families[f][k]);

            if (!neighbour)
                neighbour = elsewhere(c, 1, families[f][k]);
            if (neighbour && !input_read(c, neighbour, inputs, &n, err))
                return false;
        }
    }
    import.files_n = n;
    time_day(now, today);
    if (!lists_as_of(c, &import.as_of, err))
        return false;
    if (!day_of_path(path, &import.by_name))
        list_day_read(today, strlen(today), false, &import.by_name);
    return list_import(s, c->arena, &import, &ret->version, &ret->list, &ret->is_new, err) &&
           (!ret->is_new || compare(c, s, ret, err));
}

bool lists_import(struct call *c, struct store *s, size_t first, uint64_t now,
                  struct lists_version **ret, struct err *err)
{
    struct lists_version **end = ret;
    struct list_day as_of;
    bool good = true;
    struct err of_one;

    *ret = NULL;
    if (!lists_as_of(c, &as_of, err)) /* said once, and not of each file */
        return false;
    for (size_t i = first; i < call_args_n(c); i++) {
        if (taken_along(c, first, call_arg(c, i)))
            continue;
        *end = ARENA_NEW(c->arena, struct lists_version);
        if (!*end)
            return err_fail(err, ERR_NOMEM, "lists");
        if (!one(c, s, call_arg(c, i), now, *end, &of_one)) {
            (*end)->failed = arena_string(c->arena, of_one.text, strlen(of_one.text));
            if (good)
                *err = of_one;
            good = false;
            if (!(*end)->failed || of_one.class == ERR_NOMEM)
                return false;
        }
        end = &(*end)->next;
    }
    return good;
}
