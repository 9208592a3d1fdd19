#include "chain/transfer_source.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/sort.h"
#include "base/text.h"
#include "chain/dialect.h"
#include "chain/list.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <zstd.h>

#define BEGINNING_BYTES ((size_t)4 << 20) /* a row of JSON may be long */
#define FILES_BYTES_MAX ((size_t)1 << 30) /* of names */
#define PACKED_BYTES ((size_t)1 << 16)

static bool is_table(struct bytes b);

/* What any chain may come as, if it is none of its own forms. */
static const struct dialect_form form_list = {"list", is_table, NULL};

/* A first line of text that has fields. */
static bool is_table(struct bytes b)
{
    const uint8_t *end = b.n ? memchr(b.p, '\n', b.n) : NULL;
    size_t n = end ? (size_t)(end - b.p) : b.n;

    return n && !memchr("{[<", b.p[0], 3) && memchr(b.p, ',', n) &&
           utf8_valid((const char *)b.p, n) && !memchr(b.p, 0, n);
}

/* NULL: none. */
static const struct dialect_form *form_find(const struct chain *chain, struct bytes beginning)
{
    const struct dialect_form *f = chain->dialect ? chain->dialect->forms : NULL;

    if (!f)
        return NULL;
    for (; f->name; f++)
        if (f->is(beginning))
            return f;
    return is_table(beginning) ? &form_list : NULL;
}

const char *transfer_source_form(const struct chain *chain, struct bytes beginning)
{
    const struct dialect_form *f = form_find(chain, beginning);

    return f ? f->name : NULL;
}

static bool unpack(FILE *f, uint8_t *packed, size_t packed_n, void *p, size_t *ret_n,
                   struct err *err)
{
    ZSTD_outBuffer out = {p, BEGINNING_BYTES, 0};
    ZSTD_DCtx *z = ZSTD_createDCtx();
    bool ok = z || err_fail(err, ERR_NOMEM, "zstd");

    while (ok && packed_n && out.pos < out.size) {
        ZSTD_inBuffer in = {packed, packed_n, 0};

        while (ok && in.pos < in.size && out.pos < out.size) {
            size_t rc = ZSTD_decompressStream(z, &out, &in);

            if (ZSTD_isError(rc))
                ok = err_fail(err, ERR_INPUT, "zstd: %s", ZSTD_getErrorName(rc));
        }
        packed_n = fread(packed, 1, PACKED_BYTES, f);
    }
    ZSTD_freeDCtx(z);
    *ret_n = out.pos;
    return ok;
}

/* The first bytes of a file, packed or not, into p[BEGINNING_BYTES]. */
static bool read_beginning(FILE *f, uint8_t *p, size_t *ret_n, struct err *err)
{
    static const uint8_t zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd}; /* RFC 8878, 3.1.1 */
    uint8_t *packed;
    size_t n = fread(p, 1, PACKED_BYTES, f);
    bool ok;

    if (n < sizeof(zstd_magic) || memcmp(p, zstd_magic, sizeof(zstd_magic)) != 0) {
        if (!memchr(p, '\n', n)) /* the first row is longer */
            n += fread(p + n, 1, BEGINNING_BYTES - n, f);
        *ret_n = n;
        return !ferror(f) || err_system(err, "cannot be read");
    }
    packed = mem_alloc(PACKED_BYTES);
    if (!packed)
        return err_fail(err, ERR_NOMEM, "zstd");
    memcpy(packed, p, n);
    ok = unpack(f, packed, n, p, ret_n, err);
    mem_free(packed);
    return ok;
}

static bool form_of(const struct chain *chain, const char *path, const struct dialect_form **ret,
                    struct err *err)
{
    uint8_t *p = mem_alloc(BEGINNING_BYTES);
    FILE *f = p ? fopen(path, "rbe") : NULL;
    size_t n = 0;
    bool ok;

    if (!p)
        ok = err_fail(err, ERR_NOMEM, "%zu bytes", BEGINNING_BYTES);
    else if (!f && errno == ENOENT)
        ok = err_fail(err, ERR_NOT_FOUND, "no such file");
    else if (!f)
        ok = err_system(err, "cannot be opened");
    else
        ok = read_beginning(f, p, &n, err);
    if (ok) {
        *ret = form_find(chain, (struct bytes){p, n});
        if (!*ret)
            ok = err_fail(err, ERR_INPUT,
                          "no form of transfers of %s that is known here (%sor a list in CSV)",
                          chain->name, chain->dialect->forms_text);
    }
    if (f)
        fclose(f);
    mem_free(p);
    return ok || err_in(err, "%s", path);
}

/* All of one form. */
static bool forms_find(const struct chain *chain, const char *const *paths, size_t n,
                       const struct dialect_form **ret, struct err *err)
{
    *ret = &form_list;
    for (size_t i = 0; i < n; i++) {
        const struct dialect_form *form = &form_list;

        if (strcmp(paths[i], "-") != 0 && !form_of(chain, paths[i], &form, err))
            return false;
        if (i && form != *ret)
            return err_fail(err, ERR_INPUT, "%s is of the form %s, and %s of %s: one at a time",
                            paths[0], (*ret)->name, paths[i], form->name);
        *ret = form;
    }
    return true;
}

static bool files_open(const struct chain *chain, const char *const *paths, size_t paths_n,
                       const struct transfer_source_options *options, struct transfer_source *ret,
                       struct err *err)
{
    const char *map = options ? options->map : NULL;
    const struct dialect_form *form = &form_list;

    if (!chain_has_accounts(chain))
        return err_fail(err, ERR_USAGE, "%s has no accounts", chain->name);
    if (!paths_n)
        return err_fail(err, ERR_USAGE, "no files of transfers");
    if (chain->dialect->open)
        return chain->dialect->open(paths, paths_n, map, chain, ret, err);
    if (!(map && *map) && !forms_find(chain, paths, paths_n, &form, err))
        return false;
    if (form->open)
        return form->open(paths, paths_n, chain, ret, err);
    return list_open(paths, paths_n, map, chain, ret, err);
}

/* ---- folders ---- */

struct files { /* of all paths, and the reader that borrows their names */
    struct transfer_source inner;
    struct arena *a;
    const char **at; /* [n] */
    size_t n, size;
};

static bool files_room(struct files *f, struct err *err)
{
    size_t size = f->size ? 2 * f->size : 64;
    const char **more;

    if (f->n == TRANSFER_FILES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d files", TRANSFER_FILES_MAX);
    if (f->n < f->size)
        return true;
    more = ARENA_ARRAY(f->a, const char *, size);
    if (!more)
        return err_fail(err, ERR_NOMEM, "%zu files", f->n);
    if (f->n)
        memcpy(more, f->at, f->n * sizeof(const char *));
    f->at = more;
    f->size = size;
    return true;
}

static bool file_add(struct files *f, const char *folder, const char *name, struct err *err)
{
    size_t n = strlen(folder) + 1 + strlen(name);
    char *path;
    struct stat st;

    if (!files_room(f, err))
        return false;
    path = arena_alloc(f->a, n + 1);
    if (!path)
        return err_fail(err, ERR_NOMEM, "%zu files", f->n);
    snprintf(path, n + 1, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
    if (!stat(path, &st) && S_ISREG(st.st_mode))
        f->at[f->n++] = path;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool folder_add(struct files *f, const char *path, struct err *err)
{
    DIR *d = opendir(path);
    size_t first = f->n;
    const void **scratch;
    struct dirent *e;
    bool ok = true;

    if (!d)
        return err_system(err, "%s: cannot be listed", path);
    while (ok && (e = readdir(d)))
        ok = e->d_name[0] == '.' || file_add(f, path, e->d_name, err);
    closedir(d);
    if (!ok)
        return err_in(err, "%s", path);
    if (f->n == first)
        return err_fail(err, ERR_INPUT, "%s: no file in it", path);
    scratch = ARENA_ARRAY(f->a, const void *, f->n);
    if (!scratch)
        return err_fail(err, ERR_NOMEM, "%zu files", f->n);
    sort_pointers((const void **)f->at + first, f->n - first, scratch, by_name);
    return true;
}

static bool path_add(struct files *f, const char *path, struct err *err)
{
    struct stat st;

    if (strcmp(path, "-") != 0 && !stat(path, &st) && S_ISDIR(st.st_mode))
        return folder_add(f, path, err);
    if (!files_room(f, err))
        return false;
    f->at[f->n++] = path;
    return true;
}

static bool files_next(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct files *f = self;

    return f->inner.next(f->inner.self, ret, ret_end, err);
}

static void files_check(void *self)
{
    struct files *f = self;

    if (f->inner.check)
        f->inner.check(f->inner.self);
}

static void files_free(void *self)
{
    struct files *f = self;

    if (f->inner.free)
        f->inner.free(f->inner.self);
    arena_free(f->a);
    mem_free(f);
}

static bool files_of(const char *const *paths, size_t paths_n, struct files **ret, struct err *err)
{
    struct files *f = mem_zero(sizeof(*f));
    bool ok = true;

    if (!f || !(f->a = arena_new(NULL, FILES_BYTES_MAX))) {
        mem_free(f);
        return err_fail(err, ERR_NOMEM, "%zu files", paths_n);
    }
    for (size_t i = 0; ok && i < paths_n; i++)
        ok = path_add(f, paths[i], err);
    if (!ok)
        files_free(f);
    else
        *ret = f;
    return ok;
}

bool transfer_source_prove(const struct chain *chain, const char *const *paths, size_t paths_n,
                           struct wanted_block *blocks, size_t n, struct arena *a, struct err *err)
{
    const struct dialect *d = chain->dialect;
    const struct dialect_form *form;
    struct files *f;
    bool ok;

    if (!d || (!d->proofs && !d->signatures))
        return err_fail(err, ERR_INPUT, "transactions of %s are not proven from its blocks",
                        chain->name);
    if (!files_of(paths, paths_n, &f, err))
        return false;
    ok = forms_find(chain, f->at, f->n, &form, err);
    if (ok && strcmp(form->name, d->proofs ? d->proofs->form : d->signatures->form) != 0)
        ok = err_fail(err, ERR_INPUT, "%s is of the form %s: %s", f->n ? f->at[0] : "-", form->name,
                      d->proofs ? "no raw blocks" : "no answers of a node");
    if (ok && d->proofs)
        ok = d->proofs->make(chain, f->at, f->n, blocks, n, a, err);
    else if (ok)
        ok = d->signatures->make(f->at, f->n, blocks, n, a, err);
    files_free(f);
    return ok;
}

bool transfer_source_open(const struct chain *chain, const char *const *paths, size_t paths_n,
                          const struct transfer_source_options *options,
                          struct transfer_source *ret, struct err *err)
{
    struct files *f;

    if (!files_of(paths, paths_n, &f, err))
        return false;
    if (!files_open(chain, f->at, f->n, options, &f->inner, err)) {
        f->inner.free = NULL;
        files_free(f);
        return false;
    }
    *ret = (struct transfer_source){.next = files_next,
                                    .free = files_free,
                                    .check = files_check,
                                    .self = f,
                                    .bytes_all = f->inner.bytes_all,
                                    .bytes_done = f->inner.bytes_done};
    return true;
}
