#include "entity/list_store.h"

#include "base/mem.h"
#include "base/pack.h"
#include "entity/list_make.h"

#include <stdlib.h>

static const char *const steps[] = {
    "CREATE TABLE list_version ("
    " id INTEGER PRIMARY KEY, list TEXT NOT NULL, as_of TEXT NOT NULL, imported INTEGER NOT NULL,"
    " format TEXT NOT NULL, map TEXT NOT NULL, file TEXT NOT NULL, sha256 BLOB NOT NULL, bytes "
    "INTEGER NOT NULL,"
    " entries INTEGER NOT NULL, addresses INTEGER NOT NULL) STRICT;"
    "CREATE INDEX list_version_at ON list_version (list, as_of, id);"
    "CREATE TABLE list_file ("
    " version INTEGER NOT NULL REFERENCES list_version (id), place INTEGER NOT NULL,"
    " name TEXT NOT NULL, sha256 BLOB NOT NULL, packed BLOB NOT NULL,"
    " PRIMARY KEY (version, place)) STRICT",
};

const struct store_schema list_schema = {"list", steps, sizeof(steps) / sizeof(steps[0])};

struct file {
    const char *name;
    struct hash32 sha256;
    struct bytes plain, packed;
    void *unpacked; /* plain's, if it had to be */
};

/* Where somebody kept it is nobody else's business. */
static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void files_free(struct file *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        mem_free(files[i].unpacked);
        mem_free((void *)files[i].packed.p);
    }
}

static int file_order(const void *a, const void *b)
{
    const struct file *x = a, *y = b;

    return memcmp(x->sha256.b, y->sha256.b, sizeof(x->sha256.b));
}

/* As they are published, not as somebody packed them, and in an order of their own. */
static bool files_take(const struct list_import *import, struct file *files, struct err *err)
{
    if (import->files_n > LIST_FILES_MAX)
        return err_fail(err, ERR_USAGE, "%zu files are not one list", import->files_n);
    for (size_t i = 0; i < import->files_n; i++) {
        struct file *f = &files[i];

        f->name = import->files[i].name;
        f->plain = import->files[i].in;
        if (pack_is(f->plain)) {
            if (!pack_undo(import->files[i].in, LIST_FILE_BYTES_MAX, &f->plain, err))
                return err_in(err, "\"%s\"", f->name);
            f->unpacked = (void *)f->plain.p;
        }
        f->sha256 = sha256(f->plain.p, f->plain.n);
    }
    qsort(files, import->files_n, sizeof(*files), file_order);
    return true;
}

static struct hash32 files_hash(const struct file *files, size_t n)
{
    struct sha256_stream stream;

    if (n == 1)
        return files[0].sha256;
    sha256_start(&stream);
    for (size_t i = 0; i < n; i++)
        sha256_add(&stream, files[i].sha256.b, sizeof(files[i].sha256.b));
    return sha256_done(&stream);
}

#define VERSION_COLUMNS                                                                            \
    "SELECT id, list, as_of, imported, format, file, sha256, bytes, entries, addresses, map "      \
    "FROM list_version "

/* The row that a query of VERSION_COLUMNS has reached. */
static bool version_row(struct arena *a, struct store_query *q, struct list_version *ret,
                        struct err *err)
{
    struct bytes hash = store_blob(q, 6);
    const char *day = store_text(q, 2);

    *ret = (struct list_version){
        .id = store_u64(q, 0),
        .list = store_text_copy(q, 1, a),
        .imported = store_u64(q, 3),
        .format = store_text_copy(q, 4, a),
        .file = store_text_copy(q, 5, a),
        .bytes = store_u64(q, 7),
        .entries = store_u64(q, 8),
        .addresses = store_u64(q, 9),
        .map = store_text_copy(q, 10, a),
    };
    if (!ret->list || !ret->format || !ret->file || !ret->map)
        return err_fail(err, ERR_NOMEM, "versions of lists");
    if (hash.n != sizeof(ret->sha256.b) || !list_day_read(day, strlen(day), false, &ret->as_of))
        return err_fail(err, ERR_CORRUPT, "version %llu of the lists is damaged",
                        (unsigned long long)ret->id);
    memcpy(ret->sha256.b, hash.p, hash.n);
    return true;
}

/* The first row of a query whose texts are bound in order; *ret_found: there is one. */
static bool version_find(struct store *s, struct arena *a, const char *sql, const char *list,
                         const char *day, struct list_version *ret, bool *ret_found,
                         struct err *err)
{
    struct store_query *q = NULL;
    bool good = store_prepare(s, sql, &q, err) && store_bind_text(q, 1, list, err) &&
                store_bind_text(q, 2, day, err) && store_step(q, ret_found, err) &&
                (!*ret_found || version_row(a, q, ret, err));

    store_finish(q);
    return good;
}

/* Days as text are in the order of days; behind all of them: */
#define DAY_LAST "9999-12-31"

static bool version_newest(struct store *s, struct arena *a, const char *list, const char *day,
                           struct list_version *ret, bool *ret_found, struct err *err)
{
    return version_find(
        s, a, VERSION_COLUMNS "WHERE list = ? AND as_of <= ? ORDER BY as_of DESC, id DESC LIMIT 1",
        list, day, ret, ret_found, err);
}

static bool too_few(uint64_t now, uint64_t before)
{
    return now * 100 < before * LIST_FEWER_PERCENT;
}

static bool fewer_check(const struct list *l, const struct list_version *before, struct err *err)
{
    bool entries = too_few(l->entries_n, before->entries);
    char day[LIST_DAY_TEXT];

    if (!entries && !too_few(l->cryptos_n, before->addresses))
        return true;
    return err_fail(
        err, ERR_INPUT,
        "%s has %zu %s, the version of %s %llu: not taken (%s%sif it is right: --fewer)", l->name,
        entries ? l->entries_n : l->cryptos_n, entries ? "entries" : "crypto-addresses",
        list_day_text(before->as_of, day),
        (unsigned long long)(entries ? before->entries : before->addresses),
        l->notes_n ? l->notes[0] : "", l->notes_n ? "; " : "");
}

static bool day_decide(const struct list_import *import, const struct list *l, struct list_day *ret,
                       struct err *err)
{
    char of_file[LIST_DAY_TEXT], given[LIST_DAY_TEXT];

    if (l->as_of.year && import->as_of.year && list_day_order(l->as_of, import->as_of) != 0)
        return err_fail(err, ERR_USAGE, "it is of %s by its own words, not of %s",
                        list_day_text(l->as_of, of_file), list_day_text(import->as_of, given));
    *ret = l->as_of.year ? l->as_of : import->as_of.year ? import->as_of : import->by_name;
    return ret->day || err_fail(err, ERR_USAGE, "as of which day is it? (--as-of)");
}

static bool version_insert(struct store *s, struct list_version *v, const char *day,
                           struct err *err)
{
    struct store_query *q = NULL;
    bool row, good = store_prepare(s,
                                   "INSERT INTO list_version (list, as_of, imported, format, file, "
                                   "sha256, bytes, entries, addresses, map) "
                                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                   &q, err) &&
                     store_bind_text(q, 1, v->list, err) && store_bind_text(q, 2, day, err) &&
                     store_bind_u64(q, 3, v->imported, err) &&
                     store_bind_text(q, 4, v->format, err) && store_bind_text(q, 5, v->file, err) &&
                     store_bind_blob(q, 6, (struct bytes){v->sha256.b, sizeof(v->sha256.b)}, err) &&
                     store_bind_u64(q, 7, v->bytes, err) && store_bind_u64(q, 8, v->entries, err) &&
                     store_bind_u64(q, 9, v->addresses, err) &&
                     store_bind_text(q, 10, v->map, err) && store_step(q, &row, err);

    store_finish(q);
    v->id = store_last_id(s);
    return good;
}

static bool file_insert(struct store *s, uint64_t version, size_t place, const struct file *f,
                        struct err *err)
{
    struct store_query *q = NULL;
    bool row, good = store_prepare(s,
                                   "INSERT INTO list_file (version, place, name, sha256, packed) "
                                   "VALUES (?, ?, ?, ?, ?)",
                                   &q, err) &&
                     store_bind_u64(q, 1, version, err) && store_bind_u64(q, 2, place, err) &&
                     store_bind_text(q, 3, file_name(f->name), err) &&
                     store_bind_blob(q, 4, (struct bytes){f->sha256.b, sizeof(f->sha256.b)}, err) &&
                     store_bind_blob(q, 5, f->packed, err) && store_step(q, &row, err);

    store_finish(q);
    return good;
}

/* Within the transaction: is it there, is it too small, else in with it. */
static bool version_add(struct store *s, struct arena *a, const struct list_import *import,
                        const struct list *l, struct file *files, struct list_version *v,
                        bool *ret_new, struct err *err)
{
    struct list_version before;
    char day[LIST_DAY_TEXT];
    bool found;

    list_day_text(v->as_of, day);
    if (!version_newest(s, a, v->list, day, &before, &found, err))
        return false;
    *ret_new = !found || list_day_order(before.as_of, v->as_of) != 0 ||
               !hash32_equal(&before.sha256, &v->sha256);
    if (!*ret_new) {
        *v = before;
        return true;
    }
    if (found && !import->fewer && !fewer_check(l, &before, err))
        return false;
    if (!version_insert(s, v, day, err))
        return false;
    for (size_t i = 0; i < import->files_n; i++)
        if (!file_insert(s, v->id, i, &files[i], err))
            return false;
    return true;
}

static bool import_read(struct store *s, struct arena *a, const struct list_import *import,
                        struct file *files, struct list_version *ret, struct list *ret_list,
                        bool *ret_new, struct err *err)
{
    struct list_input inputs[LIST_FILES_MAX];
    struct list_version v = {.imported = import->now,
                             .file = file_name(import->files[0].name),
                             .map = import->map ? import->map : ""};

    for (size_t i = 0; i < import->files_n; i++)
        inputs[i] = (struct list_input){files[i].name, files[i].plain};
    if (!list_read(a, inputs, import->files_n, import->called, import->map, ret_list, err))
        return false;
    if (!day_decide(import, ret_list, &v.as_of, err))
        return err_in(err, "\"%s\"", import->files[0].name);
    v.list = ret_list->name;
    v.format = ret_list->format;
    v.entries = ret_list->entries_n;
    v.addresses = ret_list->cryptos_n;
    v.sha256 = files_hash(files, import->files_n);
    for (size_t i = 0; i < import->files_n; i++) {
        v.bytes += files[i].plain.n;
        if (!pack_make(files[i].plain, &files[i].packed, err))
            return false;
    }
    if (!store_begin(s, err))
        return false;
    if (!version_add(s, a, import, ret_list, files, &v, ret_new, err) || !store_commit(s, err)) {
        store_rollback(s);
        return err_in(err, "\"%s\"", import->files[0].name);
    }
    *ret = v;
    return true;
}

bool list_import(struct store *s, struct arena *a, const struct list_import *import,
                 struct list_version *ret, struct list *ret_list, bool *ret_new, struct err *err)
{
    struct file files[LIST_FILES_MAX] = {0};
    struct list read;
    bool good = files_take(import, files, err) &&
                import_read(s, a, import, files, ret, ret_list ? ret_list : &read, ret_new, err);

    files_free(files, import->files_n < LIST_FILES_MAX ? import->files_n : LIST_FILES_MAX);
    return good;
}

/* All rows of a query of versions, in its order. */
static bool versions_all(struct arena *a, struct store_query *q, const struct list_version **ret,
                         size_t *ret_n, struct err *err)
{
    struct list_version *all = NULL, *grown;
    size_t n = 0, size = 0;
    bool row = false;

    while (store_step(q, &row, err)) {
        if (!row) {
            *ret = all;
            *ret_n = n;
            return true;
        }
        if (n == size) {
            size = size ? size * 2 : 16;
            grown = ARENA_ARRAY(a, struct list_version, size);
            if (!grown)
                return err_fail(err, ERR_NOMEM, "versions of lists");
            if (n)
                memcpy(grown, all, n * sizeof(*all));
            all = grown;
        }
        if (!version_row(a, q, &all[n++], err))
            return false;
    }
    return false;
}

bool list_versions(struct store *s, struct arena *a, const struct list_version **ret, size_t *ret_n,
                   struct err *err)
{
    struct store_query *q = NULL;
    bool good = store_prepare(s, VERSION_COLUMNS "ORDER BY list, as_of, id", &q, err) &&
                versions_all(a, q, ret, ret_n, err);

    store_finish(q);
    return good;
}

bool list_current(struct store *s, struct arena *a, struct list_day as_of,
                  const struct list_version **ret, size_t *ret_n, struct err *err)
{
    struct store_query *q = NULL;
    char day[LIST_DAY_TEXT];
    bool good =
        store_prepare(s,
                      VERSION_COLUMNS
                      "AS v WHERE id = (SELECT id FROM list_version WHERE list = v.list AND "
                      "as_of <= ? ORDER BY as_of DESC, id DESC LIMIT 1) ORDER BY list",
                      &q, err) &&
        store_bind_text(q, 1, as_of.year ? list_day_text(as_of, day) : DAY_LAST, err) &&
        versions_all(a, q, ret, ret_n, err);

    store_finish(q);
    return good;
}

bool list_version_at(struct store *s, struct arena *a, const char *list, struct list_day as_of,
                     struct list_version *ret, struct err *err)
{
    char day[LIST_DAY_TEXT];
    bool found;

    if (!version_newest(s, a, list, as_of.year ? list_day_text(as_of, day) : DAY_LAST, ret, &found,
                        err))
        return false;
    if (found)
        return true;
    if (!version_newest(s, a, list, DAY_LAST, ret, &found, err))
        return false;
    return found
               ? err_fail(err, ERR_NOT_FOUND, "no version of \"%s\" stands as of %s", list,
                          list_day_text(as_of, day))
               : err_fail(err, ERR_NOT_FOUND, "no list is called \"%s\" (see cordon lists)", list);
}

static bool files_load(struct store_query *q, struct file *files, size_t *ret_n, struct err *err)
{
    bool row = false;

    while (store_step(q, &row, err)) {
        struct file *f = &files[*ret_n];
        struct bytes hash = store_blob(q, 1);
        struct hash32 is;

        if (!row)
            return true;
        if (*ret_n == LIST_FILES_MAX)
            return err_fail(err, ERR_CORRUPT, "more than %d files", LIST_FILES_MAX);
        f->name = "stored file"; /* the row's own name ends with the row */
        if (!pack_undo(store_blob(q, 2), LIST_FILE_BYTES_MAX, &f->plain, err))
            return false;
        f->unpacked = (void *)f->plain.p;
        (*ret_n)++;
        is = sha256(f->plain.p, f->plain.n);
        if (hash.n != sizeof(is.b) || memcmp(hash.p, is.b, hash.n) != 0)
            return err_fail(err, ERR_CORRUPT, "\"%.80s\" is not what was stored", store_text(q, 0));
    }
    return false;
}

bool list_load(struct store *s, struct arena *a, const struct list_version *version,
               struct list *ret, struct err *err)
{
    struct list_input inputs[LIST_FILES_MAX];
    struct file files[LIST_FILES_MAX] = {0};
    struct store_query *q = NULL;
    char day[LIST_DAY_TEXT];
    size_t n = 0;
    bool good = store_prepare(s,
                              "SELECT name, sha256, packed FROM list_file WHERE version = ? "
                              "ORDER BY place",
                              &q, err) &&
                store_bind_u64(q, 1, version->id, err) && files_load(q, files, &n, err);

    store_finish(q);
    for (size_t i = 0; i < n; i++)
        inputs[i] = (struct list_input){files[i].name, files[i].plain};
    good = good && list_read(a, inputs, n, version->list, version->map, ret, err);
    files_free(files, n);
    if (!good)
        return err_in(err, "%s of %s", version->list, list_day_text(version->as_of, day));
    ret->as_of = version->as_of;
    return true;
}

/* A day in a name: eight digits, or ten characters with "-" between. */
static bool day_in(const char *p, size_t n, struct list_day *ret)
{
    for (size_t i = 0; i + 8 <= n; i++) {
        struct list_day found;
        char day[11];

        if (i && p[i - 1] >= '0' && p[i - 1] <= '9')
            continue;
        if (i + 10 <= n && p[i + 4] == '-' && list_day_read(p + i, 10, false, &found) &&
            found.day) {
            *ret = found;
            return true;
        }
        if (strspn(p + i, "0123456789") != 8)
            continue;
        memcpy(day, p + i, 4);
        day[4] = '-';
        memcpy(day + 5, p + i + 4, 2);
        day[7] = '-';
        memcpy(day + 8, p + i + 6, 2);
        if (list_day_read(day, 10, false, &found)) {
            *ret = found;
            return true;
        }
    }
    return false;
}

bool list_day_of_path(const char *path, struct list_day *ret)
{
    const char *end = path + strlen(path), *name = end, *folder;

    while (name > path && name[-1] != '/')
        name--;
    folder = name > path ? name - 1 : name;
    while (folder > path && folder[-1] != '/')
        folder--;
    return day_in(name, (size_t)(end - name), ret) ||
           (name > path && day_in(folder, (size_t)(name - 1 - folder), ret));
}
