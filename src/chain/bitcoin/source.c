/* Paths in, a list of blocks out: folders are listed, files mapped, headers walked.
 *
 * Only headers are read while opening, so a record is believed when its magic, its length and its
 * header's target and hash fit together, without the work of scrypt or Equihash; the block itself
 * is checked by whoever reads it. One is checked here: the last before a file's unwritten tail,
 * which a crash may have left half zero.
 *
 * Undo data is looked for when first asked of a file: rev00003.dat for blk00003.dat. A record there
 * does not say whose it is. Its checksum covers the parent's hash, so it is found by trial, among
 * those with the block's number of transactions, outwards from where the last one was found: Core
 * writes both files in nearly the same order, and the first trial mostly is the last. */
#include "chain/bitcoin/source.h"

#include "base/arena.h"
#include "base/cursor.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/bitcoin/block.h"
#include "chain/bitcoin/source_file.h"
#include "chain/bitcoin/undo.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define RECORD_BYTES 8    /* magic and length, before each record */
#define CHECKSUM_BYTES 32 /* behind each undo record */
#define BLOCK_BYTES_MIN (HEADER_BYTES + 1)
#define FILES_MAX 60000                     /* each is a mapping; Linux allows 65,530 */
#define NAMES_BYTES_MAX ((size_t)256 << 20) /* of all paths together */
#define FALSE_STARTS_MAX 1000               /* magics in a damaged tail that start no record */
#define NOTES_BYTES_MAX 4096
#define UNDO_RECORDS_MAX ((size_t)1 << 24) /* in one file */

struct undo_record {
    uint64_t offset; /* of the undo data; its checksum follows it */
    uint32_t size;
    uint32_t txs_n; /* without the coinbase */
};

struct undo_file {
    atomic_bool looked; /* under the source's lock until true */
    struct source_file file;
    struct undo_record *records;
    size_t records_n;
    atomic_size_t next; /* where to look first */
};

struct input_file {
    const char *name;
    char *undo_name; /* NULL where there is none by rule */
    struct source_file file;
    uint32_t magic; /* of its records; 0 for a raw block */
    struct undo_file undo;
};

struct source {
    const struct chain *chain;
    struct arena *names;
    struct input_file *files;
    size_t files_n, files_max;
    struct source_block *blocks;
    size_t blocks_n, blocks_max;
    struct source_buffer head; /* for headers that are not short */
    const struct bytes *given; /* [blocks_n], or NULL: they are in files */
    uint64_t bytes;
    pthread_mutex_t lock;
    size_t cut_n, damaged_n;
    const char *cut_name, *damaged_name; /* the first of each */
    char notes[NOTES_BYTES_MAX];
};

static bool names_failed(const struct source *s, struct err *err)
{
    return arena_fail(s->names, err, "paths");
}

/* Which chain may this be a record or a header of? NULL in the source means any of the table. */

static bool magic_known(const struct source *s, uint32_t magic)
{
    size_t n;
    const struct chain *const *all = chain_all(&n);

    if (s->chain)
        return magic == s->chain->magic;
    for (size_t i = 0; i < n; i++)
        if (all[i]->magic == magic)
            return true;
    return false;
}

/* The head of a block of one chain. likely: a record's magic has told the rest. */
static bool head_of(const struct chain *chain, struct bytes raw, bool likely,
                    struct source_block *b)
{
    struct block_head head;
    struct err why;

    if (!block_head_read(chain, raw, &head, &why) ||
        !(likely ? block_head_likely(chain, &head) : block_head_proven(chain, raw, &head)))
        return false;
    memcpy(b->header, head.header, HEADER_BYTES);
    b->hash = head.hash;
    return true;
}

/* magic 0: a block that stands alone. */
static bool head_found(const struct source *s, uint32_t magic, struct bytes raw,
                       struct source_block *b)
{
    size_t n;
    const struct chain *const *all = chain_all(&n);

    if (s->chain)
        return head_of(s->chain, raw, magic, b);
    for (size_t i = 0; i < n; i++)
        if ((!magic || magic == all[i]->magic) && head_of(all[i], raw, magic, b))
            return true;
    return false;
}

/* Nearly all chains of a magic have short headers, which are copied; whoever has others needs as
 * much of the block as there is. */
static bool all_short(const struct source *s, uint32_t magic)
{
    size_t n;
    const struct chain *const *all = chain_all(&n);

    if (s->chain)
        return block_heads_short(s->chain);
    for (size_t i = 0; i < n; i++)
        if ((!magic || magic == all[i]->magic) && !block_heads_short(all[i]))
            return false;
    return true;
}

static bool add_block(struct source *s, const struct source_block *b, struct err *err)
{
    const struct chain *first_of = chain_by_genesis(&b->hash);

    if (s->chain && first_of && first_of != s->chain)
        return err_fail(err, ERR_INPUT, "holds the first block of %s, not of %s", first_of->name,
                        s->chain->name);
    if (!mem_room((void **)&s->blocks, &s->blocks_max, s->blocks_n + 1, sizeof(*b)))
        return err_fail(err, ERR_NOMEM, "%zu blocks", s->blocks_n);
    s->blocks[s->blocks_n++] = *b;
    s->bytes += b->size;
    return true;
}

/* Is there a whole record at offset? Fills in b. */
static bool record_at(struct source *s, const struct input_file *in, uint64_t offset,
                      struct source_block *b, bool *ret_is, struct err *err)
{
    uint8_t head[RECORD_BYTES + HEADER_BYTES];
    struct bytes raw = {head + RECORD_BYTES, HEADER_BYTES};
    uint32_t size;

    *ret_is = false;
    if (in->file.size - offset < sizeof(head))
        return true;
    if (!source_file_copy(&in->file, offset, sizeof(head), head, err))
        return false;
    size = load_le32(head + 4);
    if (load_le32(head) != in->magic || size < BLOCK_BYTES_MIN || size > BLOCK_BYTES_MAX ||
        size > in->file.size - offset - RECORD_BYTES)
        return true;
    b->file = (uint32_t)(in - s->files);
    b->size = size;
    b->offset = offset + RECORD_BYTES;
    if (!all_short(s, in->magic) &&
        !source_file_borrow(&in->file, b->offset, size, &s->head, &raw, err))
        return false;
    *ret_is = head_found(s, in->magic, raw, b);
    return true;
}

/* Looks for a whole record after offset, where there is none. */
static bool record_after(struct source *s, const struct input_file *in, uint64_t offset,
                         bool *ret_found, struct err *err)
{
    uint8_t piece[4096];
    unsigned false_starts = 0;
    struct source_block b;

    *ret_found = false;
    while (in->file.size - offset >= RECORD_BYTES + BLOCK_BYTES_MIN) {
        uint64_t left = in->file.size - offset;
        size_t n = left < sizeof(piece) ? (size_t)left : sizeof(piece);

        if (!source_file_copy(&in->file, offset, n, piece, err))
            return false;
        for (size_t i = 0; i + 4 <= n; i++) {
            if (load_le32(piece + i) != in->magic)
                continue;
            if (!record_at(s, in, offset + i, &b, ret_found, err))
                return false;
            /* So many that it cannot be chance: something is here that is not a tail. */
            if (*ret_found || ++false_starts > FALSE_STARTS_MAX) {
                *ret_found = true;
                return true;
            }
        }
        offset += n - 3;
    }
    return true;
}

static void note(size_t *n, const char **first, const char *name)
{
    if (!(*n)++)
        *first = name;
}

/* What follows the last record: zeros, a record that was not finished, or damage. */
static bool scan_tail(struct source *s, const struct input_file *in, uint64_t offset,
                      struct err *err)
{
    uint8_t magic[4];
    bool zero, found, cut = true; /* cut: begun as a record, or too short to tell */

    if (!source_file_zero(&in->file, offset, &zero, err))
        return false;
    if (zero)
        return true;
    if (!record_after(s, in, offset + 1, &found, err))
        return false;
    if (found)
        return err_fail(err, ERR_INPUT, "damaged at byte %llu", (unsigned long long)offset);
    if (in->file.size - offset >= sizeof(magic)) {
        if (!source_file_copy(&in->file, offset, sizeof(magic), magic, err))
            return false;
        cut = load_le32(magic) == in->magic;
    }
    if (cut)
        note(&s->cut_n, &s->cut_name, in->name);
    else
        note(&s->damaged_n, &s->damaged_name, in->name);
    return true;
}

static bool scan_records(struct source *s, struct input_file *in, struct err *err)
{
    uint64_t offset = 0;
    struct source_block b;
    bool is;

    for (;;) {
        if (!record_at(s, in, offset, &b, &is, err))
            return false;
        if (!is)
            break;
        if (!add_block(s, &b, err))
            return err_in(err, "byte %llu", (unsigned long long)offset);
        offset = b.offset + b.size;
    }
    return scan_tail(s, in, offset, err);
}

static bool scan_block(struct source *s, struct input_file *in, struct err *err)
{
    struct source_block b = {.file = (uint32_t)(in - s->files), .size = (uint32_t)in->file.size};
    bool is = in->file.size >= BLOCK_BYTES_MIN && in->file.size <= BLOCK_BYTES_MAX;
    struct bytes raw;

    if (is) {
        if (!source_file_borrow(&in->file, 0, (size_t)in->file.size, &s->head, &raw, err))
            return false;
        is = head_found(s, 0, raw, &b);
    }
    if (!is)
        return err_fail(err, ERR_INPUT, "neither a block nor records of blocks%s%s",
                        s->chain ? " of " : "", s->chain ? s->chain->name : "");
    return add_block(s, &b, err);
}

/* Core makes its next file before it has a block to put there. */
static bool scan_file(struct source *s, struct input_file *in, bool cores, struct err *err)
{
    uint8_t magic[4];
    bool zero;

    if (in->file.size >= sizeof(magic)) {
        if (!source_file_copy(&in->file, 0, sizeof(magic), magic, err))
            return false;
        if (magic_known(s, load_le32(magic))) {
            in->magic = load_le32(magic);
            return scan_records(s, in, err);
        }
    }
    if (cores) {
        if (!source_file_zero(&in->file, 0, &zero, err))
            return false;
        return zero ? true
                    : err_fail(err, ERR_INPUT, "starts with no record%s%s", s->chain ? " of " : "",
                               s->chain ? s->chain->name : "");
    }
    return scan_block(s, in, err);
}

/* Names. Core's own: blk00000.dat, rev00000.dat; each may have been packed, so may end .zst. */

static const char *name_in(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool ends(const char *name, size_t n, const char *with)
{
    size_t with_n = strlen(with);

    return n >= with_n && !memcmp(name + n - with_n, with, with_n);
}

static bool numbered(const char *name, const char *with)
{
    size_t n = strlen(name), digits = 0;

    if (ends(name, n, ".zst"))
        n -= 4;
    if (!ends(name, n, ".dat") || strncmp(name, with, 3) != 0)
        return false;
    while (digits < n - 7 && name[3 + digits] >= '0' && name[3 + digits] <= '9')
        digits++;
    return digits && digits == n - 7;
}

static char *beside(struct source *s, const char *path, const char *name)
{
    size_t dir_n = (size_t)(name_in(path) - path), n = strlen(name);
    char *all = arena_alloc(s->names, dir_n + n + 1);

    if (all) {
        memcpy(all, path, dir_n);
        memcpy(all + dir_n, name, n);
    }
    return all;
}

/* The key beside a file of Core's; zero where there is none (Core before 28). */
static bool key_beside(struct source *s, const char *path, uint8_t key[SOURCE_KEY_BYTES],
                       struct err *err)
{
    const char *name = beside(s, path, "xor.dat");
    struct source_file f;
    bool ok;

    memset(key, 0, SOURCE_KEY_BYTES);
    if (!name)
        return names_failed(s, err);
    if (!source_file_open(&f, name, NULL, err))
        return err->class == ERR_NOT_FOUND ? true : err_in(err, "%s", name);
    ok = f.size == SOURCE_KEY_BYTES ? source_file_copy(&f, 0, SOURCE_KEY_BYTES, key, err)
                                    : err_fail(err, ERR_INPUT, "is not of 8 bytes");
    source_file_close(&f);
    return ok ? true : err_in(err, "%s", name);
}

static bool add_file(struct source *s, const char *path, struct err *err)
{
    bool cores = numbered(name_in(path), "blk");
    uint8_t key[SOURCE_KEY_BYTES];
    struct input_file *in;
    char *undo;

    if (s->files_n == FILES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d files of blocks", FILES_MAX);
    if (!mem_room((void **)&s->files, &s->files_max, s->files_n + 1, sizeof(*s->files)))
        return err_fail(err, ERR_NOMEM, "%zu files", s->files_n);
    if (cores && !key_beside(s, path, key, err))
        return false;
    in = &s->files[s->files_n];
    memset(in, 0, sizeof(*in));
    if (!source_file_open(&in->file, path, cores ? key : NULL, err))
        return err_in(err, "%s", path);
    s->files_n++;
    in->name = arena_string(s->names, path, strlen(path));
    if (!in->name)
        return names_failed(s, err);
    if (cores) {
        undo = beside(s, path, name_in(path));
        if (!undo)
            return names_failed(s, err);
        memcpy(undo + (name_in(path) - path), "rev", 3);
        in->undo_name = undo;
    }
    return scan_file(s, in, cores, err) ? true : err_in(err, "%s", path);
}

static bool companion(const char *name)
{
    return name[0] == '.' || numbered(name, "rev") || !strcmp(name, "xor.dat") ||
           !strcmp(name, "index") || !strcmp(name, "lock") || !strcmp(name, "LOCK");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct listing {
    char **names;
    size_t n, max;
    bool blk;    /* has files of Core's */
    bool blocks; /* has a folder of that name */
};

static bool list(struct source *s, const char *path, struct listing *l, struct err *err)
{
    DIR *d = opendir(path);
    struct dirent *e;
    bool ok = true;

    if (!d)
        return err_system(err, "%s: cannot be listed", path);
    while (ok && (e = readdir(d))) {
        char *name;

        l->blk |= numbered(e->d_name, "blk");
        l->blocks |= !strcmp(e->d_name, "blocks");
        if (companion(e->d_name))
            continue;
        name = arena_string(s->names, e->d_name, strlen(e->d_name));
        if (!name)
            ok = names_failed(s, err);
        else if (!mem_room((void **)&l->names, &l->max, l->n + 1, sizeof(*l->names)))
            ok = err_fail(err, ERR_NOMEM, "%zu files", l->n);
        else
            l->names[l->n++] = name;
    }
    closedir(d);
    if (ok && l->n)
        qsort(l->names, l->n, sizeof(*l->names), by_name);
    return ok;
}

static bool add_folder(struct source *s, const char *path, bool inner, struct err *err);

static bool add_listed(struct source *s, const char *path, const struct listing *l, bool inner,
                       struct err *err)
{
    size_t path_n = strlen(path);
    char *inside = arena_alloc(s->names, path_n + 2);

    if (!inside)
        return names_failed(s, err);
    memcpy(inside, path, path_n);
    if (path_n && path[path_n - 1] != '/')
        inside[path_n] = '/';
    if (l->blocks && !l->blk && !inner) { /* a data folder */
        inside = beside(s, inside, "blocks");
        return inside ? add_folder(s, inside, true, err) : names_failed(s, err);
    }
    for (size_t i = 0; i < l->n; i++) {
        const char *name = beside(s, inside, l->names[i]);

        if (!name)
            return names_failed(s, err);
        if (!add_file(s, name, err))
            return false;
    }
    return true;
}

static bool add_folder(struct source *s, const char *path, bool inner, struct err *err)
{
    struct listing l = {0};
    bool ok = list(s, path, &l, err) && add_listed(s, path, &l, inner, err);

    mem_free(l.names);
    return ok;
}

static bool add_path(struct source *s, const char *path, struct err *err)
{
    struct stat st;

    if (strcmp(path, "-") != 0 && !stat(path, &st) && S_ISDIR(st.st_mode))
        return add_folder(s, path, false, err);
    return add_file(s, path, err);
}

/* Without a name the chain is that of the genesis block among the blocks; all must be of it. */
static bool find_chain(struct source *s, struct err *err)
{
    for (size_t i = 0; i < s->blocks_n; i++) {
        const struct chain *first_of = chain_by_genesis(&s->blocks[i].hash);

        if (first_of && s->chain && first_of != s->chain)
            return err_fail(err, ERR_INPUT, "blocks of two chains: %s and %s", s->chain->name,
                            first_of->name);
        if (first_of)
            s->chain = first_of;
    }
    if (!s->chain)
        return err_fail(err, ERR_USAGE, "which chain? its first block is not here to tell");
    for (size_t i = 0; i < s->files_n; i++)
        if (s->files[i].magic && s->files[i].magic != s->chain->magic)
            return err_fail(err, ERR_INPUT, "%s: holds no records of %s", s->files[i].name,
                            s->chain->name);
    for (size_t i = 0; i < s->blocks_n; i++) {
        struct source_block *b = &s->blocks[i];
        struct bytes raw;

        if (!source_file_borrow(&s->files[b->file].file, b->offset,
                                block_heads_short(s->chain) ? HEADER_BYTES : b->size, &s->head,
                                &raw, err))
            return err_in(err, "%s", s->files[b->file].name);
        if (!head_of(s->chain, raw, s->files[b->file].magic, b))
            return err_fail(err, ERR_INPUT, "%s: no block of %s at byte %llu",
                            s->files[b->file].name, s->chain->name, (unsigned long long)b->offset);
    }
    return true;
}

/* A crash may leave the last record's pages unwritten. Only a block that ends in zeros, or before
 * an unwritten tail, can be such a one. */
static bool half_written(const struct source *s, const struct source_block *b,
                         struct block_scratch *scratch, struct source_buffer *buffer, bool *ret,
                         struct err *err)
{
    static const uint8_t zero[32];
    const struct source_file *f = &s->files[b->file].file;
    bool at_end = b->offset + b->size == f->size;
    struct block_facts facts;
    struct bytes raw;
    struct err why;

    *ret = false;
    if (!source_file_borrow(f, b->offset, b->size, buffer, &raw, err))
        return err_in(err, "%s", s->files[b->file].name);
    if (at_end && memcmp(raw.p + raw.n - sizeof(zero), zero, sizeof(zero)) != 0)
        return true;
    *ret = !block_read(scratch, s->chain, raw, 0, &facts, &why);
    return *ret && why.class == ERR_NOMEM ? err_fail(err, ERR_NOMEM, "%s", why.text) : true;
}

static bool check_last(struct source *s, struct block_scratch *scratch,
                       struct source_buffer *buffer, struct err *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->blocks_n; i++) {
        struct source_block *b = &s->blocks[i];
        bool last = i + 1 == s->blocks_n || b[1].file != b->file, half = false;

        if (last && s->files[b->file].magic && !half_written(s, b, scratch, buffer, &half, err))
            return false;
        if (half) {
            s->bytes -= b->size;
            note(&s->cut_n, &s->cut_name, s->files[b->file].name);
        } else {
            s->blocks[kept++] = *b;
        }
    }
    s->blocks_n = kept;
    return true;
}

/* Records that a crash cut in the middle, once the chain is known by whose rules they are read. */
static bool drop_half_written(struct source *s, struct err *err)
{
    struct block_scratch *scratch = block_scratch_new();
    struct source_buffer buffer = {0};
    bool ok = scratch ? check_last(s, scratch, &buffer, err) : err_fail(err, ERR_NOMEM, "block");

    block_scratch_free(scratch);
    source_buffer_free(&buffer);
    return ok;
}

static void write_notes(struct source *s)
{
    size_t n = 0;

    if (s->cut_n)
        n = (size_t)snprintf(s->notes, sizeof(s->notes),
                             "%zu record%s cut short at the end of %.*s%s", s->cut_n,
                             s->cut_n > 1 ? "s" : "", NOTES_BYTES_MAX / 4, s->cut_name,
                             s->cut_n > 1 ? " and others" : "");
    if (s->damaged_n)
        snprintf(s->notes + n, sizeof(s->notes) - n,
                 "%sbytes that are no record at the end of %.*s%s", n ? "; " : "",
                 NOTES_BYTES_MAX / 4, s->damaged_name, s->damaged_n > 1 ? " and others" : "");
}

static bool open_all(struct source *s, const char *const *paths, size_t paths_n, struct err *err)
{
    for (size_t i = 0; i < paths_n; i++)
        if (!add_path(s, paths[i], err))
            return false;
    if (s->blocks_n && ((!s->chain && !find_chain(s, err)) || !drop_half_written(s, err)))
        return false;
    if (!s->blocks_n)
        return err_fail(err, ERR_INPUT, "%s: no blocks", paths_n ? paths[0] : "nothing");
    write_notes(s);
    return true;
}

bool source_open(const char *const *paths, size_t paths_n, const struct chain *chain,
                 struct source **ret, struct err *err)
{
    struct source *s = mem_zero(sizeof(*s));

    if (!s)
        return err_fail(err, ERR_NOMEM, "source");
    pthread_mutex_init(&s->lock, NULL);
    s->chain = chain;
    s->names = arena_new(NULL, NAMES_BYTES_MAX);
    if (!s->names || !open_all(s, paths, paths_n, err)) {
        if (!s->names)
            err_fail(err, ERR_NOMEM, "source");
        source_close(s);
        return false;
    }
    *ret = s;
    return true;
}

static bool add_given(struct source *s, const struct bytes *raw, struct err *err)
{
    struct source_block b = {.size = (uint32_t)raw->n};

    if (raw->n < BLOCK_BYTES_MIN || raw->n > BLOCK_BYTES_MAX)
        return err_fail(err, ERR_INPUT, "a block of %zu bytes", raw->n);
    if (!head_of(s->chain, *raw, true, &b))
        return err_fail(err, ERR_INPUT, "a header without the work of %s", s->chain->name);
    return add_block(s, &b, err);
}

bool source_of_blocks(const char *name, const struct chain *chain, const struct bytes *blocks,
                      size_t blocks_n, struct source **ret, struct err *err)
{
    struct source *s = mem_zero(sizeof(*s));
    bool ok;

    if (!s)
        return err_fail(err, ERR_NOMEM, "source");
    pthread_mutex_init(&s->lock, NULL);
    s->chain = chain;
    s->given = blocks;
    s->names = arena_new(NULL, NAMES_BYTES_MAX);
    ok = s->names && mem_room((void **)&s->files, &s->files_max, 1, sizeof(*s->files));
    if (ok) {
        s->files[0] = (struct input_file){.name = arena_string(s->names, name, strlen(name))};
        s->files_n = 1;
        ok = s->files[0].name != NULL;
    }
    if (!ok)
        err_set(err, ERR_NOMEM, "source");
    for (size_t i = 0; ok && i < blocks_n; i++)
        ok = add_given(s, &blocks[i], err) || err_in(err, "%s", name);
    if (!ok) {
        source_close(s);
        return false;
    }
    *ret = s;
    return true;
}

struct source *source_close(struct source *s)
{
    if (!s)
        return NULL;
    for (size_t i = 0; i < s->files_n; i++) {
        source_file_close(&s->files[i].file);
        source_file_close(&s->files[i].undo.file);
        mem_free(s->files[i].undo.records);
    }
    mem_free(s->files);
    mem_free(s->blocks);
    source_buffer_free(&s->head);
    arena_free(s->names);
    pthread_mutex_destroy(&s->lock);
    return mem_free(s);
}

const struct chain *source_chain(const struct source *s)
{
    return s->chain;
}

const struct source_block *source_blocks(const struct source *s, size_t *ret_n)
{
    *ret_n = s->blocks_n;
    return s->blocks;
}

const char *source_file_name(const struct source *s, uint32_t file)
{
    return s->files[file].name;
}

bool source_complain(const struct source *s, size_t block, struct err *err)
{
    const struct source_block *b = &s->blocks[block];
    char hash[65];
    struct text t = text_new(sizeof(hash));

    if (!s->given)
        return err_in(err, "%s: block at byte %llu", s->files[b->file].name,
                      (unsigned long long)b->offset);
    text_hex_reversed(&t, b->hash.b, 32);
    snprintf(hash, sizeof(hash), "%s", text_string(&t) ? text_string(&t) : "");
    text_free(&t);
    return err_in(err, "%s: block %s", s->files[b->file].name, hash);
}

uint64_t source_bytes(const struct source *s)
{
    return s->bytes;
}

const char *source_notes(const struct source *s)
{
    return s->notes;
}

bool source_read(struct source *s, size_t block, struct source_buffer *buffer, struct bytes *ret,
                 struct err *err)
{
    const struct source_block *b = &s->blocks[block];
    const struct input_file *in = &s->files[b->file];

    if (s->given) {
        *ret = s->given[block];
        return true;
    }
    if (!source_file_borrow(&in->file, b->offset, b->size, buffer, ret, err))
        return err_in(err, "%s", in->name);
    return true;
}

void source_done(struct source *s, size_t first, size_t n)
{
    for (size_t i = first; !s->given && i < first + n; i++)
        source_file_drop(&s->files[s->blocks[i].file].file, s->blocks[i].offset, s->blocks[i].size);
}

/* Undo files. */

static bool add_record(struct undo_file *u, size_t *max, uint64_t offset, uint32_t size,
                       struct err *err)
{
    uint8_t head[9] = {0};
    size_t n = size < sizeof(head) ? size : sizeof(head);
    struct cursor c = cursor_over(head, n);
    uint64_t txs_n;

    if (!source_file_copy(&u->file, offset, n, head, err))
        return false;
    txs_n = cursor_compact(&c);
    if (c.bad || txs_n > size) /* nobody's: no block will match it */
        return true;
    if (u->records_n == UNDO_RECORDS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu records", UNDO_RECORDS_MAX);
    if (!mem_room((void **)&u->records, max, u->records_n + 1, sizeof(*u->records)))
        return err_fail(err, ERR_NOMEM, "%zu undo records", u->records_n);
    u->records[u->records_n++] = (struct undo_record){offset, size, (uint32_t)txs_n};
    return true;
}

/* Lists the records up to the first that is none: what comes after cannot be found, and a block
 * whose undo data is lost has inputs of unknown value, which a trace tells. */
static bool list_undo(struct undo_file *u, uint32_t magic, struct err *err)
{
    uint64_t offset = 0;
    size_t max = 0;

    while (u->file.size - offset >= RECORD_BYTES + CHECKSUM_BYTES) {
        uint8_t head[RECORD_BYTES];
        uint32_t size;

        if (!source_file_copy(&u->file, offset, sizeof(head), head, err))
            return false;
        size = load_le32(head + 4);
        offset += RECORD_BYTES;
        if (load_le32(head) != magic || !size || size > BLOCK_BYTES_MAX ||
            u->file.size - offset < (uint64_t)size + CHECKSUM_BYTES)
            return true;
        if (!add_record(u, &max, offset, size, err))
            return false;
        offset += (uint64_t)size + CHECKSUM_BYTES;
    }
    return true;
}

static bool open_undo(struct input_file *in, struct err *err)
{
    struct undo_file *u = &in->undo;

    if (!source_file_open(&u->file, in->undo_name, in->file.key, err)) {
        size_t n = strlen(in->undo_name);

        if (err->class != ERR_NOT_FOUND)
            return false;
        if (!ends(in->undo_name, n, ".zst"))
            return true;
        /* The one file was packed, the other not. */
        in->undo_name[n - 4] = 0;
        if (!source_file_open(&u->file, in->undo_name, in->file.key, err))
            return err->class == ERR_NOT_FOUND;
    }
    return list_undo(u, in->magic, err);
}

/* Opens the undo file beside a file once, whoever asks first. */
static bool undo_beside(struct source *s, struct input_file *in, struct err *err)
{
    struct undo_file *u = &in->undo;
    bool ok = true;

    if (atomic_load_explicit(&u->looked, memory_order_acquire))
        return true;
    pthread_mutex_lock(&s->lock);
    if (!atomic_load(&u->looked)) {
        ok = open_undo(in, err);
        if (ok) {
            atomic_store_explicit(&u->looked, true, memory_order_release);
        } else {
            err_in(err, "%s", in->undo_name);
            source_file_close(&u->file);
            u->records = mem_free(u->records);
            u->records_n = 0;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return ok;
}

/* Core: "calculate & write checksum": SHA256d of the parent's hash and the undo data. Where it
 * matches, the record is in ret, and behind it in buffer is room for the block's scripts. */
static bool undo_matches(const struct undo_file *u, const struct undo_record *r,
                         const struct block_facts *facts, struct source_buffer *buffer,
                         struct bytes *ret, bool *ret_matches, struct err *err)
{
    size_t all = (size_t)r->size + CHECKSUM_BYTES;
    struct hash_parts parts = {.part = {{facts->prev.b, 32}}};
    struct hash32 sum;

    *ret_matches = false;
    if (r->txs_n != facts->txs_n - 1)
        return true;
    if (!source_buffer_room(buffer, all + facts->inputs_n * UNDO_SCRIPT_MAX))
        return err_fail(err, ERR_NOMEM, "undo data of %u bytes", r->size);
    if (!source_file_borrow(&u->file, r->offset, all, buffer, ret, err))
        return false;
    ret->n = r->size;
    parts.part[1] = *ret;
    sha256d_parts(&parts, 1, &sum);
    *ret_matches = !memcmp(sum.b, ret->p + r->size, CHECKSUM_BYTES);
    return true;
}

static bool find_undo(struct undo_file *u, const struct block_facts *facts,
                      struct source_buffer *buffer, struct bytes *ret, bool *ret_found,
                      struct err *err)
{
    size_t near = atomic_load_explicit(&u->next, memory_order_relaxed);

    *ret_found = false;
    for (size_t far = 0; far <= u->records_n; far++)
        for (int side = 0; side < 2; side++) {
            size_t at = side ? near - far - 1 : near + far; /* below zero wraps: past the end */

            if (at >= u->records_n)
                continue;
            if (!undo_matches(u, &u->records[at], facts, buffer, ret, ret_found, err))
                return false;
            if (*ret_found) {
                atomic_store_explicit(&u->next, at + 1, memory_order_relaxed);
                return true;
            }
        }
    return true;
}

static bool within_money(const struct source *s, const struct fact_spent *spent, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (spent[i].value > s->chain->money_max)
            return false;
    return true;
}

bool source_undo(struct source *s, size_t block, const struct block_facts *facts,
                 struct source_buffer *buffer, struct fact_spent *ret, bool *ret_found,
                 struct err *err)
{
    struct input_file *in = &s->files[s->blocks[block].file];
    struct bytes raw;
    uint8_t *room;

    *ret_found = !facts->inputs_n; /* then there is nothing to tell */
    /* Zcash's are of another form: the ledger knows values from its own outputs alone. */
    if (*ret_found || !in->undo_name || s->chain->wire == WIRE_ZCASH)
        return true;
    if (!undo_beside(s, in, err))
        return false;
    if (!find_undo(&in->undo, facts, buffer, &raw, ret_found, err))
        return err_in(err, "%s", in->undo_name);
    if (!*ret_found)
        return true;
    room = buffer->p + raw.n + CHECKSUM_BYTES;
    if (!undo_decode(s->chain, raw, facts->tx_inputs_n, facts->txs_n, room, ret, err))
        return err_in(err, "%s", in->undo_name);
    if (!within_money(s, ret, facts->inputs_n))
        return err_fail(err, ERR_INPUT, "%s: an output worth more than can exist", in->undo_name);
    return true;
}
