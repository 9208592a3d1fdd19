#include "sim/files.h"

#include "base/mem.h"
#include "sim/genesis.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX 0x8000000u /* MAX_BLOCKFILE_SIZE */
#define STEP_BYTES ((size_t)1 << 20)

struct series { /* blk or rev */
    const char *name;
    FILE *file;
    uint64_t at; /* bytes in the file */
};

struct files {
    char dir[PATH_MAX - 32];
    bool has_key;
    uint8_t key[8];
    struct series blk, rev;
    unsigned number;
    uint64_t bytes;
    uint8_t *scratch; /* where bytes are XORed */
};

static void path_of(const struct files *f, const char *name, unsigned number, char ret[PATH_MAX])
{
    snprintf(ret, PATH_MAX, "%s/%s%05u.dat", f->dir, name, number);
}

static bool series_open(struct files *f, struct series *s, struct err *err)
{
    char path[PATH_MAX];

    path_of(f, s->name, f->number, path);
    s->file = fopen(path, "wbx");
    if (!s->file)
        return err_system(err, "%s", path);
    setvbuf(s->file, NULL, _IONBF, 0);
    s->at = 0;
    return true;
}

static bool series_close(struct files *f, struct series *s, struct err *err)
{
    bool ok = !s->file || !fclose(s->file);

    s->file = NULL;
    return ok || err_system(err, "%s/%s%05u.dat", f->dir, s->name, f->number);
}

static bool series_put(struct files *f, struct series *s, struct bytes in, struct err *err)
{
    while (in.n) {
        size_t n = in.n < STEP_BYTES ? in.n : STEP_BYTES;
        const uint8_t *p = in.p;

        if (f->has_key) {
            for (size_t i = 0; i < n; i++)
                f->scratch[i] = p[i] ^ f->key[(s->at + i) & 7];
            p = f->scratch;
        }
        if (fwrite(p, 1, n, s->file) != n)
            return err_system(err, "%s/%s%05u.dat", f->dir, s->name, f->number);
        s->at += n;
        in.p += n;
        in.n -= n;
    }
    return true;
}

static bool write_key(const struct files *f, struct err *err)
{
    char path[PATH_MAX];
    FILE *file;
    bool ok;

    snprintf(path, sizeof(path), "%s/xor.dat", f->dir);
    file = fopen(path, "wbx");
    if (!file)
        return err_system(err, "%s", path);
    ok = fwrite(f->key, 1, 8, file) == 8;
    if (fclose(file) || !ok)
        return err_system(err, "%s", path);
    return true;
}

bool files_start(const char *dir, const uint8_t key[8], struct files **ret, struct err *err)
{
    struct files *f;
    struct err ignored;

    if (strlen(dir) >= sizeof(f->dir))
        return err_fail(err, ERR_USAGE, "path too long: \"%.60s...\"", dir);
    if (mkdir(dir, 0777)) /* what is in it later is ours alone */
        return err_system(err, "%s", dir);
    f = mem_zero(sizeof(*f));
    if (!f || !(f->scratch = mem_alloc(STEP_BYTES))) {
        mem_free(f);
        rmdir(dir);
        return err_fail(err, ERR_NOMEM, "%s", dir);
    }
    memcpy(f->dir, dir, strlen(dir) + 1);
    f->blk.name = "blk";
    f->rev.name = "rev";
    if (key) {
        f->has_key = true;
        memcpy(f->key, key, 8);
    }
    if (series_open(f, &f->blk, err) && series_open(f, &f->rev, err) &&
        (!key || write_key(f, err))) {
        *ret = f;
        return true;
    }
    return files_end(f, false, &ignored) && false;
}

static bool next_file(struct files *f, struct err *err)
{
    if (!series_close(f, &f->blk, err) || !series_close(f, &f->rev, err))
        return false;
    f->number++;
    return series_open(f, &f->blk, err) && series_open(f, &f->rev, err);
}

static bool record_head(struct files *f, struct series *s, size_t n, struct err *err)
{
    uint8_t head[8];

    store_le32(head, SIM_MAGIC);
    store_le32(head + 4, (uint32_t)n);
    return series_put(f, s, (struct bytes){head, 8}, err);
}

bool files_add(struct files *f, const struct build_block *b, const struct hash32 *prev,
               struct err *err)
{
    struct hash_parts checked = {{{prev->b, 32}, b->undo}};
    struct hash32 sum;
    size_t n = b->head.n + b->txs.n;

    if (f->blk.at + n + 8 >= FILE_BYTES_MAX && !next_file(f, err))
        return false;
    if (!record_head(f, &f->blk, n, err) || !series_put(f, &f->blk, b->head, err) ||
        !series_put(f, &f->blk, b->txs, err))
        return false;
    f->bytes += n + 8;
    if (!b->undo.n)
        return true;
    sha256d_parts(&checked, 1, &sum);
    return record_head(f, &f->rev, b->undo.n, err) && series_put(f, &f->rev, b->undo, err) &&
           series_put(f, &f->rev, (struct bytes){sum.b, 32}, err);
}

static void remove_all(const struct files *f)
{
    char path[PATH_MAX];

    for (unsigned i = 0; i <= f->number; i++) {
        path_of(f, f->blk.name, i, path);
        unlink(path);
        path_of(f, f->rev.name, i, path);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/xor.dat", f->dir);
    unlink(path);
    rmdir(f->dir);
}

bool files_end(struct files *f, bool keep, struct err *err)
{
    bool ok = series_close(f, &f->blk, err);

    ok = series_close(f, &f->rev, err) && ok;
    if (!keep || !ok)
        remove_all(f);
    mem_free(f->scratch);
    mem_free(f);
    return ok;
}

uint64_t files_bytes(const struct files *f)
{
    return f->bytes;
}
