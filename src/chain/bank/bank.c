#include "chain/bank/bank.h"

#include "base/mem.h"
#include "base/text.h"
#include "chain/bank/book.h"
#include "chain/bank/mt103.h"
#include "chain/bank/pacs008.h"
#include "chain/bank/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES ((size_t)1 << 16)

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

/* All bytes of an open file, which may be a pipe. */
static bool bytes_read(int fd, uint8_t **p, size_t *n, struct err *err)
{
    size_t size = 0;

    for (;;) {
        ssize_t got;

        if (size - *n < READ_BYTES) {
            uint8_t *more = mem_grow(*p, size * 2 + READ_BYTES);

            if (!more)
                return err_fail(err, ERR_NOMEM, "%zu bytes", size * 2 + READ_BYTES);
            *p = more;
            size = size * 2 + READ_BYTES;
        }
        got = read(fd, *p + *n, size - *n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_system(err, "cannot read");
        if (!got)
            return true;
        *n += (size_t)got;
        if (*n > BANK_FILE_BYTES_MAX)
            return err_fail(err, ERR_LIMIT, "more than %zu bytes", BANK_FILE_BYTES_MAX);
    }
}

static bool path_read(struct bank_messages *m, const char *path, const char *map, struct err *err)
{
    bool is_stdin = !strcmp(path, "-"), good;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    uint8_t *p = NULL;
    size_t n = 0;

    if (fd < 0 && errno == ENOENT)
        return err_fail(err, ERR_NOT_FOUND, "%s: no such file", path);
    if (fd < 0)
        return err_system(err, "%s", path);
    good = bytes_read(fd, &p, &n, err);
    if (!good)
        err_prefix(err, "%s", path);
    if (!is_stdin)
        close(fd);
    if (good) {
        struct bank_file f = {is_stdin ? "standard input" : path, {p, n}};

        good = file_read(m, &f, map, err);
    }
    mem_free(p);
    return good;
}

bool bank_open(const char *const *paths, size_t paths_n, const char *map, const struct chain *chain,
               struct transfer_source *ret, struct err *err)
{
    struct bank_messages m;
    bool good;

    if (chain->family != CHAIN_BANK)
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
