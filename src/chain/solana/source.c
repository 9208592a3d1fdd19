/* Answers are found and looked at when the source is opened, and read whole when their block is
 * asked for; meanwhile files stay mapped. */
#include "chain/solana/source.h"

#include "base/arena.h"
#include "base/json_walk.h"
#include "base/mem.h"
#include "base/sort.h"
#include "chain/bitcoin/source_file.h"
#include "chain/solana/block.h"
#include "chain/solana/message.h"

#include <stdlib.h>

#define NAMES_BYTES_MAX ((size_t)4 << 30)
#define SNIFF_BYTES 65536

struct answer {
    struct bytes in;
    struct solana_sight sight;
    const char *file;
    uint32_t line;
    size_t order;
};

struct solana_files {
    struct arena *a;
    struct source_file *files; /* [files_n] mapped */
    size_t files_n;
    struct answer *answers; /* [n] by slot */
    size_t n, size, at;
    const void **order; /* scratch, and then [n] of struct answer */
    struct solana_block *block;
    uint64_t time; /* of the last block */
};

static bool no_memory(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "answers of a node");
}

static bool in_answer(const struct answer *a, struct err *err)
{
    return err_in(err, "%s line %u", a->file, a->line);
}

static bool add(struct solana_files *s, const char *file, uint32_t line, struct bytes in,
                struct err *err)
{
    struct answer *a;

    if (s->n == SOLANA_ANSWERS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu answers", SOLANA_ANSWERS_MAX);
    if (s->n == s->size) {
        size_t size = s->size ? 2 * s->size : 64;
        struct answer *more = mem_grow(s->answers, size * sizeof(*more));

        if (!more)
            return no_memory(err);
        s->answers = more;
        s->size = size;
    }
    a = &s->answers[s->n];
    *a = (struct answer){.in = in, .file = file, .line = line, .order = s->n};
    if (!solana_sight(in, &a->sight, err))
        return in_answer(a, err);
    s->n++;
    return true;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without white space around. */
static struct bytes trimmed(const uint8_t *p, size_t n)
{
    while (n && is_space(*p)) {
        p++;
        n--;
    }
    while (n && is_space(p[n - 1]))
        n--;
    return (struct bytes){p, n};
}

static struct bytes first_line(struct bytes in)
{
    const uint8_t *end = in.n ? memchr(in.p, '\n', in.n) : NULL;

    return (struct bytes){in.p, end ? (size_t)(end - in.p) : in.n};
}

/* A batch that was asked for together. */
static bool batch_add(struct solana_files *s, const char *name, struct bytes in, struct err *err)
{
    const uint8_t *at = in.p;
    uint32_t line = 1;
    struct json_walk w;
    bool ok = true;

    if (!json_walk_open(&w, (const char *)in.p, in.n, err))
        return err_in(err, "%s", name);
    json_walk_array(&w);
    while (ok && json_walk_item(&w)) {
        struct bytes one = json_walk_value(&w);

        for (; !w.bad && at < one.p; at++)
            line += *at == '\n';
        ok = !w.bad && add(s, name, line, one, err);
    }
    if (w.bad || (ok && !json_walk_end(&w)))
        ok = err_in(err, "%s", name);
    json_walk_close(&w);
    return ok;
}

/* A line each, unless the first line is not a whole object: then one answer over many lines. */
static bool text_add(struct solana_files *s, const char *name, struct bytes in, struct err *err)
{
    struct bytes head = first_line(trimmed(in.p, in.n));
    size_t before = s->n;
    uint32_t line = 0;

    head = trimmed(head.p, head.n);
    if (!head.n)
        return err_fail(err, ERR_INPUT, "%s: nothing in it", name);
    if (head.p[0] == '[')
        return batch_add(s, name, trimmed(in.p, in.n), err) &&
               (s->n > before || err_fail(err, ERR_INPUT, "%s: nothing in it", name));
    if (head.p[head.n - 1] != '}' || head.n < 2) {
        struct bytes all = trimmed(in.p, in.n);

        return add(s, name, 1, all, err);
    }
    while (in.n) {
        struct bytes whole = first_line(in), one = trimmed(whole.p, whole.n);
        size_t step = whole.n < in.n ? whole.n + 1 : whole.n;

        line++;
        if (one.n && !add(s, name, line, one, err))
            return false;
        in = (struct bytes){in.p + step, in.n - step};
    }
    return s->n > before || err_fail(err, ERR_INPUT, "%s: nothing in it", name);
}

static int by_slot(const void *a, const void *b)
{
    const struct answer *x = a, *y = b;

    if (x->sight.slot != y->sight.slot)
        return x->sight.slot < y->sight.slot ? -1 : 1;
    if (x->sight.is_block != y->sight.is_block)
        return x->sight.is_block ? -1 : 1;
    if (x->sight.index != y->sight.index)
        return x->sight.index < y->sight.index ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static void sort(struct solana_files *s, const void **scratch)
{
    sort_pointers(s->order, s->n, scratch, by_slot);
}

/* A block's slot is what the block after it says. */
static void find_slots(struct solana_files *s)
{
    struct answer *before = NULL;

    for (size_t i = 0; i < s->n; i++) {
        struct answer *a = (struct answer *)(uintptr_t)s->order[i];

        if (!a->sight.is_block)
            continue;
        if (before && hash32_equal(&before->sight.hash, &a->sight.parent))
            before->sight.slot = a->sight.parent_slot;
        before = a;
    }
}

static void files_free(void *self)
{
    struct solana_files *s = self;

    if (!s)
        return;
    for (size_t i = 0; i < s->files_n; i++)
        source_file_close(&s->files[i]);
    mem_free(s->files);
    mem_free(s->answers);
    mem_free(s->order);
    solana_block_free(s->block);
    arena_free(s->a);
    mem_free(s);
}

static void files_check(void *self)
{
    struct solana_files *s = self;

    solana_block_check(s->block);
}

static const struct answer *peek(const struct solana_files *s)
{
    return s->at < s->n ? s->order[s->at] : NULL;
}

/* The same block again, and its transactions alone, say nothing new. */
static bool pass_block(struct solana_files *s, const struct answer *block, struct err *err)
{
    for (const struct answer *a; (a = peek(s)) && a->sight.slot == block->sight.slot; s->at++)
        if (a->sight.is_block && !hash32_equal(&a->sight.hash, &block->sight.hash)) {
            err_set(err, ERR_INPUT, "another block of slot %llu than that of %s line %u",
                    (unsigned long long)a->sight.slot, block->file, block->line);
            return in_answer(a, err);
        }
    return true;
}

static bool next_block(struct solana_files *s, const struct answer *first, struct err *err)
{
    if (!solana_block_start(s->block, err))
        return false;
    if (first->sight.is_block) {
        s->at++;
        return (solana_block_answer(s->block, first->sight.slot, first->in, err) ||
                in_answer(first, err)) &&
               pass_block(s, first, err);
    }
    for (const struct answer *a; (a = peek(s)) && a->sight.slot == first->sight.slot; s->at++)
        if (!solana_block_add(s->block, a->in, err))
            return in_answer(a, err);
    return true;
}

static bool files_next(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct solana_files *s = self;
    const struct answer *first = peek(s);

    *ret_end = !first;
    if (!first)
        return true;
    if (!next_block(s, first, err) || !solana_block_facts(s->block, ret, err))
        return false;
    if (!ret->time) /* the node did not know it */
        ret->time = s->time;
    s->time = ret->time;
    return true;
}

static struct solana_files *files_new(size_t paths_n, struct err *err)
{
    struct solana_files *s = mem_zero(sizeof(*s));

    if (s) {
        s->a = arena_new(NULL, NAMES_BYTES_MAX);
        s->block = solana_block_new();
        s->files = mem_array(paths_n, sizeof(*s->files));
    }
    if (!s || !s->a || !s->block || !s->files) {
        files_free(s);
        no_memory(err);
        return NULL;
    }
    return s;
}

static bool files_done(struct solana_files *s, struct transfer_source *ret, struct err *err)
{
    const void **scratch = mem_array(s->n, sizeof(*scratch));

    s->order = mem_array(s->n, sizeof(*s->order));
    if (!scratch || !s->order) {
        mem_free(scratch);
        return no_memory(err);
    }
    for (size_t i = 0; i < s->n; i++)
        s->order[i] = &s->answers[i];
    sort(s, scratch);
    find_slots(s);
    sort(s, scratch);
    mem_free(scratch);
    *ret = (struct transfer_source){
        .next = files_next, .free = files_free, .check = files_check, .self = s};
    return true;
}

static bool path_add(struct solana_files *s, const char *path, struct err *err)
{
    struct source_buffer none = {0};
    struct source_file *f = &s->files[s->files_n];
    const char *name = arena_string(s->a, path, strlen(path));
    struct bytes in;

    if (!name)
        return no_memory(err);
    if (!source_file_open(f, path, NULL, err))
        return err_in(err, "%s", path);
    s->files_n++;
    if (!source_file_borrow(f, 0, f->size, &none, &in, err))
        return err_in(err, "%s", path);
    return text_add(s, name, in, err);
}

bool solana_open(const char *const *paths, size_t paths_n, struct transfer_source *ret,
                 struct err *err)
{
    struct solana_files *s;
    bool ok = true;

    if (paths_n > SOLANA_FILES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %u files", SOLANA_FILES_MAX);
    s = files_new(paths_n, err);
    if (!s)
        return false;
    for (size_t i = 0; ok && i < paths_n; i++)
        ok = path_add(s, paths[i], err);
    if (ok && files_done(s, ret, err))
        return true;
    files_free(s);
    return false;
}

bool solana_from(const struct solana_text *texts, size_t n, struct transfer_source *ret,
                 struct err *err)
{
    struct solana_files *s = files_new(1, err);
    bool ok = s != NULL;

    for (size_t i = 0; ok && i < n; i++)
        ok = text_add(s, texts[i].name, texts[i].in, err);
    if (ok && files_done(s, ret, err))
        return true;
    files_free(s);
    return false;
}

bool solana_is(struct bytes beginning)
{
    struct bytes in = trimmed(beginning.p, beginning.n < SNIFF_BYTES ? beginning.n : SNIFF_BYTES);

    return in.n && (in.p[0] == '{' || in.p[0] == '[');
}

/* ---- who signed ---- */

struct signing {           /* evidence is looked for in all answers */
    struct wanted_tx **at; /* [n] by hash */
    size_t n;
    struct arena *a;
};

static int wanted_by_hash(const void *one, const void *other)
{
    const struct wanted_tx *const *x = one, *const *y = other;

    return memcmp((*x)->hash.b, (*y)->hash.b, sizeof((*x)->hash.b));
}

static struct wanted_tx *wanted_find(const struct signing *s, const struct solana_message *m)
{
    struct wanted_tx key = {.hash = sha256(m->signatures, SOLANA_SIGNATURE_BYTES)}, *at = &key;
    struct wanted_tx **found =
        s->n ? bsearch(&at, s->at, s->n, sizeof(struct wanted_tx *), wanted_by_hash) : NULL;

    return found ? *found : NULL;
}

/* One whose bytes are not there, as in encoding jsonParsed, stays without them. */
static bool tx_keep(struct json_walk *w, void *ctx)
{
    struct signing *s = ctx;
    struct solana_packet packet;
    struct solana_message m;
    struct json_walk at = *w;
    struct wanted_tx *want;
    struct err why;

    json_walk_skip(w);
    at.err = &why;
    if (w->bad || !solana_packet_write(&at, &packet))
        return !w->bad;
    if (!solana_packet_read((struct bytes){packet.at, packet.n}, &m, &why) ||
        !(want = wanted_find(s, &m)) || want->signed_bytes.n)
        return true;
    if (!solana_message_verify(&m, w->err)) {
        if (w->err->class == ERR_INPUT)
            w->err->class = ERR_DIFFERS;
        return false;
    }
    want->signed_bytes = (struct bytes){arena_copy(s->a, packet.at, packet.n), packet.n};
    return want->signed_bytes.p || err_fail(w->err, ERR_NOMEM, "evidence");
}

static bool wanted_list(struct signing *s, struct wanted_block *blocks, size_t n, struct err *err)
{
    size_t all = 0;

    for (size_t i = 0; i < n; i++)
        all += blocks[i].txs_n;
    s->at = ARENA_ARRAY(s->a, struct wanted_tx *, all + 1);
    if (!s->at)
        return err_fail(err, ERR_NOMEM, "evidence");
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < blocks[i].txs_n; k++)
            s->at[s->n++] = &blocks[i].txs[k];
    if (s->n)
        qsort(s->at, s->n, sizeof(struct wanted_tx *), wanted_by_hash);
    return true;
}

bool solana_packets_find(const char *const *paths, size_t paths_n, struct wanted_block *blocks,
                         size_t n, struct arena *a, struct err *err)
{
    struct signing signing = {.a = a};
    struct solana_files *s = files_new(paths_n, err);
    bool ok = s && wanted_list(&signing, blocks, n, err);

    for (size_t i = 0; ok && i < paths_n; i++)
        ok = path_add(s, paths[i], err);
    for (size_t i = 0; ok && i < s->n; i++)
        ok = solana_each_tx(s->answers[i].in, tx_keep, &signing, err) ||
             in_answer(&s->answers[i], err);
    files_free(s);
    return ok;
}
