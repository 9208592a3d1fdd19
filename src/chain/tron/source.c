#include "chain/tron/source.h"

#include "base/mem.h"
#include "chain/bitcoin/source_file.h"
#include "chain/tron/block.h"

#include <string.h>

#define SNIFF_BYTES 4096

struct pairs { /* of the lines of some files */
    const char *const *paths;
    size_t paths_n, at; /* at: the next file */
    struct source_file file;
    bool open;
    struct bytes left; /* of the file at hand */
    size_t line;       /* the one last read */
};

static bool in_line(const struct pairs *p, struct err *err)
{
    return err_in(err, "%s line %zu", p->paths[p->at - 1], p->line);
}

static void file_close(struct pairs *p)
{
    if (p->open)
        source_file_close(&p->file);
    p->open = false;
}

static bool file_open(struct pairs *p, struct err *err)
{
    const char *path = p->paths[p->at];
    struct source_buffer none = {0};

    if (!source_file_open(&p->file, path, NULL, err))
        return err_in(err, "%s", path);
    p->open = true;
    p->at++;
    p->line = 0;
    return source_file_borrow(&p->file, 0, p->file.size, &none, &p->left, err) ||
           err_in(err, "%s", path);
}

/* The next line that is not empty; n 0: there is none. */
static struct bytes line_next(struct pairs *p)
{
    while (p->left.n) {
        const uint8_t *end = memchr(p->left.p, '\n', p->left.n);
        struct bytes line = {p->left.p, end ? (size_t)(end - p->left.p) : p->left.n};
        size_t step = line.n + (end != NULL);

        p->left = (struct bytes){p->left.p + step, p->left.n - step};
        p->line++;
        while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' '))
            line.n--;
        if (line.n)
            return line;
    }
    return (struct bytes){NULL, 0};
}

static bool pair_next(struct pairs *p, struct bytes *ret_block, struct bytes *ret_infos,
                      bool *ret_end, struct err *err)
{
    *ret_end = false;
    for (;;) {
        if (p->open) {
            *ret_block = line_next(p);
            if (ret_block->n)
                break;
            file_close(p);
        }
        *ret_end = p->at == p->paths_n;
        if (*ret_end)
            return true;
        if (!file_open(p, err))
            return false;
    }
    *ret_infos = line_next(p);
    if (ret_infos->n)
        return true;
    err_set(err, ERR_INPUT, "a block without the infos of its transactions in the next line");
    return in_line(p, err);
}

/* ---- facts ---- */

struct tron_blocks {
    const struct chain *chain;
    struct pairs pairs;
    struct arena *a; /* of the block at hand */
    bool any;
    uint32_t last;
};

static void blocks_free(void *self)
{
    struct tron_blocks *s = self;

    if (!s)
        return;
    file_close(&s->pairs);
    arena_free(s->a);
    mem_free(s);
}

static bool blocks_next(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct tron_blocks *s = self;
    struct bytes block, infos;
    struct tron_head head;

    if (!pair_next(&s->pairs, &block, &infos, ret_end, err))
        return false;
    if (*ret_end)
        return true;
    s->a = arena_free(s->a);
    s->a = arena_new(NULL, TRON_BLOCK_MEMORY);
    if (!s->a)
        return err_fail(err, ERR_NOMEM, "a block of Tron");
    if (!tron_block_read(s->a, s->chain, block, infos, &head, ret, err))
        return in_line(&s->pairs, err);
    if (s->any && head.height <= s->last) {
        err_fail(err, ERR_INPUT, "block %u after block %u: blocks ascend, each once", head.height,
                 s->last);
        return in_line(&s->pairs, err);
    }
    s->any = true;
    s->last = head.height;
    return true;
}

bool tron_blocks_open(const char *const *paths, size_t paths_n, const struct chain *chain,
                      struct transfer_source *ret, struct err *err)
{
    struct tron_blocks *s = mem_zero(sizeof(*s));

    if (!s)
        return err_fail(err, ERR_NOMEM, "blocks of Tron");
    s->chain = chain;
    s->pairs = (struct pairs){.paths = paths, .paths_n = paths_n};
    *ret = (struct transfer_source){.next = blocks_next, .free = blocks_free, .self = s};
    return true;
}

bool tron_blocks_each(const char *const *paths, size_t paths_n, tron_answer_fn *each, void *ctx,
                      struct err *err)
{
    struct pairs p = {.paths = paths, .paths_n = paths_n};
    struct bytes block, infos;
    bool end, ok;

    for (;;) {
        ok = pair_next(&p, &block, &infos, &end, err);
        if (!ok || end)
            break;
        ok = each(ctx, block, err) || in_line(&p, err);
        if (!ok)
            break;
    }
    file_close(&p);
    return ok;
}

bool tron_blocks_is(struct bytes beginning)
{
    static const char member[] = "\"block_header\"";
    size_t n = beginning.n < SNIFF_BYTES ? beginning.n : SNIFF_BYTES, i = 0;

    while (i < n && (beginning.p[i] == ' ' || beginning.p[i] == '\n' || beginning.p[i] == '\r'))
        i++;
    return i < n && beginning.p[i] == '{' &&
           memmem(beginning.p, n, member, sizeof(member) - 1) != NULL;
}
