#include "chain/bank/bank.h"

#include "base/text.h"
#include "chain/bank/book.h"
#include "chain/bank/mt103.h"
#include "chain/bank/pacs008.h"
#include "chain/bank/table.h"
#include "chain/bitcoin/source_file.h"

struct bank_source {
    struct arena *a;
    const struct transfer_block *blocks;
    size_t blocks_n, at;
};

static bool source_next(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct bank_source *s = self;

    *ret_end = s->at == s->blocks_n;
    if (!*ret_end)
        *ret = s->blocks[s->at++];
    return true;
}

static void source_free(void *self)
{
    struct bank_source *s = self;

    arena_free(s->a); /* s itself is in it */
}

/* White space and a byte order mark before the first byte that tells the form. */
static struct bytes form_start(struct bytes in)
{
    if (in.n >= 3 && !memcmp(in.p, "\xef\xbb\xbf", 3))
        in = (struct bytes){in.p + 3, in.n - 3};
    while (in.n && (*in.p <= ' ' || *in.p == '$'))
        in = (struct bytes){in.p + 1, in.n - 1};
    return in;
}

/* UTF-16 is XML's to read: "<" and a zero byte, or a byte order mark. */
static bool is_xml(struct bytes in)
{
    struct bytes start = form_start(in);

    return (start.n && *start.p == '<') ||
           (in.n > 1 && (!memcmp(in.p, "\xff\xfe", 2) || !memcmp(in.p, "\xfe\xff", 2)));
}

static bool file_read(struct bank_messages *m, const struct bank_file *f, const char *map,
                      struct err *err)
{
    struct bytes start = form_start(f->in);

    if (f->in.n > BANK_FILE_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "%s: more than %zu bytes", f->name, BANK_FILE_BYTES_MAX);
    if (is_xml(f->in))
        return pacs008_read(m, f->name, f->in, err);
    if (!utf8_valid((const char *)f->in.p, f->in.n))
        return err_fail(err, ERR_INPUT, "%s: not UTF-8", f->name);
    if (start.n && *start.p == '{')
        return mt103_read(m, f->name, start, err);
    return table_read(m, f->name, f->in, map, err);
}

static bool start(struct bank_messages *m, struct err *err)
{
    struct arena *a = arena_new(NULL, BANK_MEMORY_MAX);

    if (!a)
        return err_fail(err, ERR_NOMEM, "payments");
    bank_messages_init(m, a);
    return true;
}

static bool finish(struct bank_messages *m, struct transfer_source *ret, struct err *err)
{
    struct bank_source *s = ARENA_NEW(m->a, struct bank_source);

    if (!s)
        return bank_no_memory(m, err);
    s->a = m->a;
    if (!book_make(m, &s->blocks, &s->blocks_n, err))
        return false;
    *ret = (struct transfer_source){.next = source_next, .free = source_free, .self = s};
    return true;
}

bool bank_from(const struct bank_file *files, size_t files_n, const char *map,
               struct transfer_source *ret, struct err *err)
{
    struct bank_messages m;
    bool good = start(&m, err);

    if (!good)
        return false;
    for (size_t i = 0; good && i < files_n; i++)
        good = file_read(&m, &files[i], map, err);
    good = good && finish(&m, ret, err);
    if (!good)
        arena_free(m.a);
    return good;
}

/* A file, standard input, or either packed by zstd. */
static bool path_read(struct bank_messages *m, const char *path, const char *map, struct err *err)
{
    struct bank_file f = {!strcmp(path, "-") ? "standard input" : path, {NULL, 0}};
    struct source_buffer buffer = {0};
    struct source_file file;
    bool good;

    if (!source_file_open(&file, path, NULL, err))
        return err_in(err, "%s", f.name);
    if (file.size > BANK_FILE_BYTES_MAX)
        good = err_fail(err, ERR_LIMIT, "%s: more than %zu bytes", f.name, BANK_FILE_BYTES_MAX);
    else if (!source_file_borrow(&file, 0, (size_t)file.size, &buffer, &f.in, err))
        good = err_in(err, "%s", f.name);
    else
        good = file_read(m, &f, map, err);
    source_buffer_free(&buffer);
    source_file_close(&file);
    return good;
}

bool bank_open(const char *const *paths, size_t paths_n, const char *map, const struct chain *chain,
               struct transfer_source *ret, struct err *err)
{
    struct bank_messages m;
    bool good;

    if (chain->shape != CHAIN_BANK)
        return err_fail(err, ERR_USAGE, "%s is not a bank's book (bank:NAME)", chain->name);
    if (!start(&m, err))
        return false;
    good = true;
    for (size_t i = 0; good && i < paths_n; i++)
        good = path_read(&m, paths[i], map, err);
    good = good && finish(&m, ret, err);
    if (!good)
        arena_free(m.a);
    return good;
}
