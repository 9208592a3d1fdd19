/* Everything is read at opening; then transactions are sorted by ledger, and given. */
#include "chain/xrpl/source.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/sort.h"
#include "chain/bitcoin/source_file.h"
#include "chain/xrpl/ledger.h"

#define TREE_BYTES_MAX ((size_t)2 << 30)
#define SNIFF_BYTES 4096

struct entry {
    struct xrpl_tx tx;
    const struct xrpl_ledger *ledger; /* NULL: it came alone */
    size_t order;
};

struct xrpl_files {
    struct arena *a;
    struct entry *entries; /* [n] */
    const void **order;    /* [n] of struct entry, by ledger */
    size_t n, size, at;
    struct fact_tx *txs; /* [txs_size] of the block at hand */
    size_t txs_size;
};

static bool no_memory(const struct xrpl_files *s, struct err *err)
{
    return arena_fail(s->a, err, "answers of a server");
}

static bool add(struct xrpl_files *s, const struct xrpl_tx *tx, const struct xrpl_ledger *ledger,
                struct err *err)
{
    struct entry *e;

    if (s->n == XRPL_TXS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu transactions", XRPL_TXS_MAX);
    if (s->n == s->size) {
        size_t size = s->size ? 2 * s->size : 64;

        e = mem_grow(s->entries, size * sizeof(*e));
        if (!e)
            return no_memory(s, err);
        s->entries = e;
        s->size = size;
    }
    s->entries[s->n] = (struct entry){.tx = *tx, .ledger = ledger, .order = s->n};
    s->n++;
    return true;
}

static bool one_read(struct xrpl_files *s, const struct json *j, struct err *err)
{
    struct xrpl_tx tx;

    if (!xrpl_tx_read(s->a, j, &tx, err))
        return false;
    if (!tx.has_ledger || !tx.has_time || tx.ledger >= HEIGHT_UNKNOWN)
        return err_fail(err, ERR_INPUT, "a transaction without its ledger_index or its date");
    return add(s, &tx, NULL, err);
}

static bool ledger_read(struct xrpl_files *s, const struct json *j, struct err *err)
{
    struct xrpl_ledger *l = ARENA_NEW(s->a, struct xrpl_ledger);

    if (!l)
        return no_memory(s, err);
    if (!xrpl_ledger_read(s->a, j, l, err))
        return false;
    for (size_t i = 0; i < l->txs_n; i++)
        if (!add(s, &l->txs[i], l, err))
            return false;
    return l->txs_n || err_fail(err, ERR_INPUT, "a ledger without transactions");
}

static bool is_validated(const struct json *j, struct err *err)
{
    const struct json *validated = json_get(j, "validated");

    return !validated || validated->type != JSON_FALSE ||
           err_fail(err, ERR_INPUT, "it is not validated: it may never come to be");
}

/* account_tx: the transactions of an account, with where they stand. */
static bool is_rows(const struct json *j)
{
    const struct json *account = json_get(j, "account"), *rows = json_get(j, "transactions");

    return account && account->type == JSON_STRING && rows && rows->type == JSON_ARRAY;
}

static bool rows_read(struct xrpl_files *s, const struct json *j, struct err *err)
{
    size_t n = 0;

    for (const struct json *row = json_get(j, "transactions")->child; row; row = row->next, n++)
        if (!is_validated(row, err) || !one_read(s, row, err))
            return err_in(err, "transaction %zu", n + 1);
    return true;
}

static bool answer_add(void *ctx, const struct json *j, struct err *err)
{
    struct xrpl_files *s = ctx;

    return is_rows(j)          ? rows_read(s, j, err)
           : xrpl_ledger_is(j) ? ledger_read(s, j, err)
                               : one_read(s, j, err);
}

struct answers { /* who is told them */
    xrpl_answer_fn *each;
    void *ctx;
};

static bool answer_read(const struct answers *to, struct bytes in, struct err *err)
{
    struct arena *a = arena_new(NULL, TREE_BYTES_MAX);
    const struct json *j, *result;
    bool ok;

    if (!a)
        return err_fail(err, ERR_NOMEM, "answers of a server");
    ok = json_read(a, (const char *)in.p, in.n, &j, err);
    if (ok) {
        result = json_get(j, "result");
        j = result ? result : j;
        ok = is_validated(j, err) && to->each(to->ctx, j, err);
    }
    arena_free(a);
    return ok;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct bytes trimmed(struct bytes b)
{
    for (; b.n && is_space(*b.p); b.n--)
        b.p++;
    while (b.n && is_space(b.p[b.n - 1]))
        b.n--;
    return b;
}

static struct bytes first_line(struct bytes in)
{
    const uint8_t *end = in.n ? memchr(in.p, '\n', in.n) : NULL;

    return (struct bytes){in.p, end ? (size_t)(end - in.p) : in.n};
}

/* A line each, unless the first is not a whole object. */
static bool text_read(const struct answers *to, const char *name, struct bytes in, struct err *err)
{
    struct bytes head = trimmed(first_line(trimmed(in)));
    unsigned line = 0;

    if (!head.n)
        return err_fail(err, ERR_INPUT, "%s: nothing in it", name);
    if (head.n < 2 || head.p[head.n - 1] != '}')
        return answer_read(to, trimmed(in), err) || err_in(err, "%s", name);
    while (in.n) {
        struct bytes whole = first_line(in), one = trimmed(whole);
        size_t step = whole.n < in.n ? whole.n + 1 : whole.n;

        line++;
        if (one.n && !answer_read(to, one, err))
            return err_in(err, "%s line %u", name, line);
        in = (struct bytes){in.p + step, in.n - step};
    }
    return true;
}

/* Of one ledger: those of the whole ledger first. */
static int by_ledger(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->tx.ledger != y->tx.ledger)
        return x->tx.ledger < y->tx.ledger ? -1 : 1;
    if (!x->ledger != !y->ledger)
        return x->ledger ? -1 : 1;
    if (x->tx.index != y->tx.index)
        return x->tx.index < y->tx.index ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static void files_free(void *self)
{
    struct xrpl_files *s = self;

    if (!s)
        return;
    mem_free(s->entries);
    mem_free(s->order);
    mem_free(s->txs);
    arena_free(s->a);
    mem_free(s);
}

static bool is_known(const struct xrpl_files *s, size_t n, const struct hash32 *hash)
{
    for (size_t i = 0; i < n; i++)
        if (hash32_equal(&s->txs[i].hash, hash))
            return true;
    return false;
}

static bool files_next(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct xrpl_files *s = self;
    const struct entry *first = s->at < s->n ? s->order[s->at] : NULL;
    size_t end = s->at, n = 0;

    *ret_end = !first;
    if (!first)
        return true;
    while (end < s->n && ((const struct entry *)s->order[end])->tx.ledger == first->tx.ledger)
        end++;
    for (; s->at < end; s->at++) {
        const struct entry *e = s->order[s->at];

        if (is_known(s, n, &e->tx.fact.hash))
            continue;
        if (n == XRPL_LEDGER_TXS_MAX)
            return err_fail(err, ERR_LIMIT, "ledger %llu: more than %u transactions",
                            (unsigned long long)first->tx.ledger, XRPL_LEDGER_TXS_MAX);
        s->txs[n++] = e->tx.fact;
    }
    *ret = (struct transfer_block){.height = (uint32_t)first->tx.ledger,
                                   .time = first->tx.time,
                                   .grade = GRADE_PROVEN,
                                   .internals = true,
                                   .txs = s->txs,
                                   .txs_n = n};
    if (first->ledger) {
        ret->hash = first->ledger->hash;
        ret->prev = first->ledger->parent;
    }
    return true;
}

static struct xrpl_files *files_new(struct err *err)
{
    struct xrpl_files *s = mem_zero(sizeof(*s));

    if (s)
        s->a = arena_new(NULL, XRPL_BYTES_MAX);
    if (s && s->a)
        return s;
    mem_free(s);
    err_set(err, ERR_NOMEM, "answers of a server");
    return NULL;
}

static bool files_done(struct xrpl_files *s, struct transfer_source *ret, struct err *err)
{
    const void **scratch = mem_array(s->n, sizeof(*scratch));

    s->order = mem_array(s->n, sizeof(*s->order));
    s->txs = mem_array(s->n, sizeof(*s->txs));
    if (!scratch || !s->order || !s->txs) {
        mem_free(scratch);
        return no_memory(s, err);
    }
    for (size_t i = 0; i < s->n; i++)
        s->order[i] = &s->entries[i];
    sort_pointers(s->order, s->n, scratch, by_ledger);
    mem_free(scratch);
    *ret = (struct transfer_source){.next = files_next, .free = files_free, .self = s};
    return true;
}

static bool path_read(const struct answers *to, const char *path, struct err *err)
{
    struct source_buffer none = {0};
    struct source_file f;
    struct bytes in;
    bool ok;

    if (!source_file_open(&f, path, NULL, err))
        return err_in(err, "%s", path);
    ok = source_file_borrow(&f, 0, f.size, &none, &in, err) ? text_read(to, path, in, err)
                                                            : err_in(err, "%s", path);
    source_file_close(&f);
    return ok;
}

bool xrpl_answers_each(const char *const *paths, size_t paths_n, xrpl_answer_fn *each, void *ctx,
                       struct err *err)
{
    const struct answers to = {each, ctx};

    for (size_t i = 0; i < paths_n; i++)
        if (!path_read(&to, paths[i], err))
            return false;
    return true;
}

bool xrpl_open(const char *const *paths, size_t paths_n, struct transfer_source *ret,
               struct err *err)
{
    struct xrpl_files *s = files_new(err);

    if (s && xrpl_answers_each(paths, paths_n, answer_add, s, err) && files_done(s, ret, err))
        return true;
    files_free(s);
    return false;
}

bool xrpl_from(const struct xrpl_text *texts, size_t n, struct transfer_source *ret,
               struct err *err)
{
    struct xrpl_files *s = files_new(err);
    const struct answers to = {answer_add, s};
    bool ok = s != NULL;

    for (size_t i = 0; ok && i < n; i++)
        ok = text_read(&to, texts[i].name, texts[i].in, err);
    if (ok && files_done(s, ret, err))
        return true;
    files_free(s);
    return false;
}

bool xrpl_is(struct bytes beginning)
{
    size_t n = beginning.n < SNIFF_BYTES ? beginning.n : SNIFF_BYTES;
    struct bytes in = trimmed((struct bytes){beginning.p, n});

    return in.n && in.p[0] == '{';
}
