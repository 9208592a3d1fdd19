/* Each file is a stream of blocks; files are opened one at a time but for a look at their first
 * block, which puts them in order. Of recorded answers the first line of the next block is met
 * before it is known that a block is whole, so its tokens wait (struct record) for the next
 * call. */
#include "chain/evm/source.h"

#include "base/keccak.h"
#include "base/mem.h"
#include "base/sort.h"
#include "chain/bitcoin/source_file.h"
#include "chain/evm/proof.h"
#include "chain/evm/rpc_fields.h"

#include <stdlib.h>

#define PIECE ((size_t)1 << 20)          /* that a line's end is looked for in */
#define ANSWERS_MEMORY ((size_t)4 << 30) /* of one block's answers as trees */

struct path {
    char *name;
    uint64_t first; /* number of its first block */
};

/* A recorded answer, whose walk stands before its result; or a request, which has none. */
struct record {
    struct json_walk w;
    enum evm_method method;
    bool known, open, at_result, ended, failed;
    uint64_t number; /* asked for */
    struct bytes line;
};

struct answer_line {
    enum evm_method method;
    struct bytes line;
};

/* For proofs: what is wanted, and what was read of the block at hand. */
struct proving {
    struct wanted_block *blocks; /* [n] by hash */
    size_t n;
    struct arena *a;
    struct evm_lists lists;
    struct answer_line *lines; /* [lines_n] */
    size_t lines_n, lines_max;
};

struct evm_files {
    const struct chain *chain;
    struct path *paths; /* [paths_n] in order of their first blocks */
    size_t paths_n, at; /* the file in use */
    struct source_file file;
    bool file_open, rlp;
    uint64_t offset, line; /* in the file: the next line; number of the one last read */
    struct evm_block *block;
    struct evm_rpc *rpc;
    struct record pending;
    struct { /* ">> " */
        enum evm_method method;
        bool known;
        uint64_t number;
    } asked;
    struct {
        uint8_t *p;
        size_t size;
    } hex[3]; /* header, body, receipts */
    bool any;
    uint32_t last;
    struct hash32 last_hash;
    struct proving *proving; /* NULL: facts are wanted */
};

static void record_close(struct record *rec)
{
    if (rec->open)
        json_walk_close(&rec->w);
    *rec = (struct record){.open = false};
}

static void file_close(struct evm_files *s)
{
    record_close(&s->pending);
    if (s->file_open)
        source_file_close(&s->file);
    s->file_open = false;
    s->asked.known = false;
}

static bool in_line(const struct evm_files *s, struct err *err)
{
    return err_in(err, "%s line %llu", s->paths[s->at].name, (unsigned long long)s->line);
}

/* The next line that is not empty, without its end; ret_end: there is none. */
static bool next_line(struct evm_files *s, struct bytes *ret, bool *ret_end, struct err *err)
{
    const struct source_file *f = &s->file;
    uint64_t start = s->offset, at = start;
    struct source_buffer none = {0};

    *ret_end = start >= f->size;
    if (*ret_end)
        return true;
    s->line++;
    for (;;) {
        size_t n = f->size - at < PIECE ? (size_t)(f->size - at) : PIECE;
        struct bytes piece;
        const uint8_t *end;

        if (!source_file_borrow(f, at, n, &none, &piece, err))
            return in_line(s, err);
        end = memchr(piece.p, '\n', piece.n);
        at += end ? (size_t)(end - piece.p) : piece.n;
        if (at - start > EVM_LINE_MAX) {
            err_fail(err, ERR_LIMIT, "longer than %zu bytes", EVM_LINE_MAX);
            return in_line(s, err);
        }
        if (end || at == f->size)
            break;
    }
    *ret = (struct bytes){f->map + start, (size_t)(at - start)};
    if (ret->n && ret->p[ret->n - 1] == '\r')
        ret->n--;
    s->offset = at + 1;
    return true;
}

static bool starts(struct bytes line, const char *with)
{
    return line.n >= strlen(with) && !memcmp(line.p, with, strlen(with));
}

static struct bytes from(struct bytes line, size_t n)
{
    return (struct bytes){line.p + n, line.n - n};
}

static bool next_said(struct evm_files *s, struct bytes *ret, bool *ret_end, struct err *err)
{
    do {
        if (!next_line(s, ret, ret_end, err))
            return false;
    } while (!*ret_end && (!ret->n || starts(*ret, "//")));
    return true;
}

/* RLP */

static const char *const parts[] = {"header:", "body:", "receipts:"};

static bool read_hex(struct evm_files *s, size_t part, struct bytes line, struct bytes *ret,
                     struct err *err)
{
    struct bytes hex = from(line, strlen(parts[part]));
    size_t n;

    while (hex.n && (*hex.p == ' ' || *hex.p == '"'))
        hex = from(hex, 1);
    while (hex.n && (hex.p[hex.n - 1] == ' ' || hex.p[hex.n - 1] == '"'))
        hex.n--;
    n = hex.n > 2 ? hex.n / 2 - 1 : 0;
    if (n > s->hex[part].size) {
        uint8_t *p = mem_alloc(n + n / 4);

        if (!p)
            return err_fail(err, ERR_NOMEM, "a block");
        mem_free(s->hex[part].p);
        s->hex[part].p = p;
        s->hex[part].size = n + n / 4;
    }
    *ret = (struct bytes){s->hex[part].p, n};
    return n && hex_text(hex, s->hex[part].p, n)
               ? true
               : err_fail(err, ERR_INPUT, "%s 0x and whole bytes of hex are wanted", parts[part]);
}

/* ret NULL: it is passed over. */
static bool rlp_part(struct evm_files *s, size_t part, struct bytes *ret, bool *ret_end,
                     struct err *err)
{
    struct bytes line;

    if (!next_said(s, &line, ret_end, err))
        return false;
    if (*ret_end && !part)
        return true;
    if (!*ret_end && starts(line, parts[part]) && (!ret || read_hex(s, part, line, ret, err)))
        return true;
    if (*ret_end || !starts(line, parts[part]))
        err_fail(err, ERR_INPUT, "a line that starts with %s is wanted", parts[part]);
    return in_line(s, err);
}

static bool next_rlp(struct evm_files *s, struct transfer_block *ret, bool *ret_end,
                     struct err *err)
{
    struct bytes p[3];

    if (!rlp_part(s, 0, &p[0], ret_end, err))
        return false;
    if (*ret_end)
        return true;
    if (!rlp_part(s, 1, &p[1], ret_end, err) || !rlp_part(s, 2, &p[2], ret_end, err))
        return false;
    if (!evm_block_read(s->block, p[0], p[1], p[2], err) || !evm_block_facts(s->block, ret, err))
        return in_line(s, err);
    return true;
}

/* Recorded answers */

static bool is_name(struct bytes name, const char *s)
{
    return name.n == strlen(s) && !memcmp(name.p, s, name.n);
}

static uint64_t number_of(struct bytes text)
{
    struct u256 v;

    if (!u256_from_hex((const char *)text.p, text.n, &v) || v.w[1] || v.w[2] || v.w[3])
        return EVM_NUMBER_ANY; /* "latest", and a hash */
    return v.w[0];
}

static void read_params(struct record *rec)
{
    struct json_walk *w = &rec->w;
    bool first = true;

    if (!json_walk_array(w))
        return;
    while (json_walk_item(w)) {
        if (first && json_walk_type(w) == JSON_STRING)
            rec->number = number_of(json_walk_string(w));
        else
            json_walk_skip(w);
        first = false;
    }
}

/* Goes through a record, up to its result if its method is known by then, else to its end. */
static void record_walk(struct record *rec)
{
    struct json_walk *w = &rec->w, result;
    struct bytes name;
    bool found = false;

    while (json_walk_key(w, &name)) {
        if (is_name(name, "method")) {
            rec->known = evm_method_by_name(json_walk_string(w), &rec->method);
        } else if (is_name(name, "params") && json_walk_type(w) == JSON_ARRAY) {
            read_params(rec);
        } else if (is_name(name, "error") && json_walk_type(w) != JSON_NULL) {
            rec->failed = true;
            json_walk_skip(w);
        } else if (is_name(name, "result") && !found) {
            found = true;
            if (rec->known) {
                rec->at_result = true;
                return;
            }
            result = *w;
            json_walk_skip(w);
        } else {
            json_walk_skip(w);
        }
    }
    rec->ended = json_walk_end(w);
    if (rec->ended && found) {
        *w = result;
        rec->at_result = true;
    }
}

/* asked: method and number are those of the request before. */
static bool record_open(struct evm_files *s, struct bytes line, bool asked, struct record *ret,
                        struct err *err)
{
    *ret = (struct record){.line = line, .number = EVM_NUMBER_ANY};
    if (asked) {
        ret->known = s->asked.known;
        ret->method = s->asked.method;
        ret->number = s->asked.number;
    }
    if (!json_walk_open(&ret->w, (const char *)line.p, line.n, err))
        return in_line(s, err);
    ret->open = true;
    if (json_walk_object(&ret->w))
        record_walk(ret);
    if (!ret->w.bad)
        return true;
    record_close(ret);
    return in_line(s, err);
}

static bool is_block(const struct record *rec)
{
    return rec->known && (rec->method == EVM_BLOCK_BY_NUMBER || rec->method == EVM_BLOCK_BY_HASH);
}

/* The next recorded answer of a known method into s->pending; ret_end: the file has no more. */
static bool next_record(struct evm_files *s, bool *ret_end, struct err *err)
{
    while (!s->pending.open) {
        struct record *rec = &s->pending;
        struct bytes line;
        bool asked;

        if (!next_said(s, &line, ret_end, err))
            return false;
        if (*ret_end)
            return true;
        asked = starts(line, "<< ");
        if (!asked && !starts(line, ">> ") && line.p[0] != '{') {
            err_fail(err, ERR_INPUT, "neither a JSON object nor \">> \" or \"<< \" and one");
            return in_line(s, err);
        }
        if (!record_open(s, line.p[0] == '{' ? line : from(line, 3), asked, rec, err))
            return false;
        if (starts(line, ">> ")) {
            s->asked.known = rec->known;
            s->asked.method = rec->method;
            s->asked.number = rec->number;
            record_close(rec);
        } else if (!rec->known) {
            record_close(rec);
        }
    }
    *ret_end = false;
    return true;
}

/* What stands behind the result. */
static bool record_rest(struct record *rec)
{
    struct bytes name;

    while (!rec->ended && json_walk_key(&rec->w, &name)) {
        if (is_name(name, "error") && json_walk_type(&rec->w) != JSON_NULL)
            return json_walk_bad(&rec->w, "\"error\" beside a \"result\"");
        json_walk_skip(&rec->w);
    }
    return rec->ended ? true : json_walk_end(&rec->w);
}

static bool line_keep(struct proving *p, const struct record *rec, struct err *err)
{
    if (p->lines_n == p->lines_max) {
        size_t more = p->lines_max * 2 + 64;
        struct answer_line *at = mem_grow(p->lines, more * sizeof(*at));

        if (!at)
            return err_fail(err, ERR_NOMEM, "a block");
        p->lines = at;
        p->lines_max = more;
    }
    p->lines[p->lines_n++] = (struct answer_line){rec->method, rec->line};
    return true;
}

static bool record_read(struct evm_files *s, struct err *err)
{
    struct record *rec = &s->pending;
    bool ok;

    if (s->proving && !line_keep(s->proving, rec, err))
        return false;
    rec->w.err = err;
    if (rec->failed || !rec->at_result) /* says what the node said, or that it said nothing */
        ok = evm_rpc_answer(s->rpc, rec->method, rec->line, err);
    else if (!rpc_read_result(s->rpc, rec->method, &rec->w, err) || !record_rest(rec))
        ok = rpc_in_answer(s->rpc, rec->method, err);
    else
        ok = true;
    record_close(rec);
    return ok ? true : in_line(s, err);
}

static bool next_recorded(struct evm_files *s, struct transfer_block *ret, bool *ret_end,
                          struct err *err)
{
    bool have = false;

    while (next_record(s, ret_end, err)) {
        if (*ret_end || (is_block(&s->pending) && have)) {
            if (!have)
                return true; /* the end */
            *ret_end = false;
            return evm_rpc_facts(s->rpc, ret, err) ? true : in_line(s, err);
        }
        if (is_block(&s->pending)) {
            if (!evm_rpc_start(s->rpc, s->pending.number, err))
                return false;
            if (s->proving)
                s->proving->lines_n = 0;
            have = true;
        }
        if (!record_read(s, err))
            return false;
    }
    return false;
}

/* Both */

bool evm_blocks_like(struct bytes start)
{
    while (start.n && (*start.p == ' ' || *start.p == '\n' || *start.p == '\r'))
        start = from(start, 1);
    return starts(start, parts[0]) || starts(start, ">> ") || starts(start, "//") ||
           (starts(start, "{") && memmem(start.p, start.n, "\"method\"", 8));
}

static bool file_open(struct evm_files *s, size_t i, struct err *err)
{
    struct bytes line;
    bool end;

    if (!source_file_open(&s->file, s->paths[i].name, NULL, err))
        return err_in(err, "%s", s->paths[i].name);
    s->file_open = true;
    s->at = i;
    s->offset = s->line = 0;
    if (!next_said(s, &line, &end, err))
        return false;
    s->rlp = !end && starts(line, parts[0]);
    s->offset = s->line = 0;
    return evm_rpc_start(s->rpc, EVM_NUMBER_ANY, err);
}

static bool next_of_file(struct evm_files *s, struct transfer_block *ret, bool *ret_end,
                         struct err *err)
{
    return s->rlp ? next_rlp(s, ret, ret_end, err) : next_recorded(s, ret, ret_end, err);
}

/* Above the block before, and its child if it is the next. */
static bool check_order(struct evm_files *s, const struct transfer_block *f, struct err *err)
{
    bool ok = true;

    if (s->any && f->height <= s->last)
        ok = err_fail(err, ERR_INPUT, "block %u after block %u: blocks ascend, each once",
                      f->height, s->last);
    else if (s->any && f->height == s->last + 1 && !hash32_equal(&f->prev, &s->last_hash))
        ok = err_fail(err, ERR_INPUT, "block %u: its parent is another than the block %u before it",
                      f->height, s->last);
    s->any = true;
    s->last = f->height;
    s->last_hash = f->hash;
    return ok ? true : in_line(s, err);
}

static bool next(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct evm_files *s = self;

    while (s->file_open) {
        if (!next_of_file(s, ret, ret_end, err))
            return false;
        if (!*ret_end)
            return check_order(s, ret, err);
        file_close(s);
        if (s->at + 1 < s->paths_n && !file_open(s, s->at + 1, err))
            return false;
    }
    *ret_end = true;
    return true;
}

static void end(void *self)
{
    struct evm_files *s = self;

    if (!s)
        return;
    file_close(s);
    for (size_t i = 0; s->paths && i < s->paths_n; i++)
        mem_free(s->paths[i].name);
    mem_free(s->paths);
    for (size_t i = 0; i < sizeof(s->hex) / sizeof(s->hex[0]); i++)
        mem_free(s->hex[i].p);
    evm_block_free(s->block);
    evm_rpc_free(s->rpc);
    mem_free(s);
}

static int by_first(const void *one, const void *other)
{
    const struct path *a = one, *b = other;

    return a->first < b->first ? -1 : a->first > b->first;
}

/* What its first block is: so files may be named in any order. */
static bool look(struct evm_files *s, struct err *err)
{
    for (size_t i = 0; i < s->paths_n; i++) {
        struct transfer_block f;
        bool none;

        if (!file_open(s, i, err) || !next_of_file(s, &f, &none, err))
            return false;
        if (none)
            return err_fail(err, ERR_INPUT, "%s: no block in it", s->paths[i].name);
        s->paths[i].first = f.height;
        file_close(s);
    }
    return true;
}

static bool sort_paths(struct evm_files *s, struct err *err)
{
    const void **at = mem_array(s->paths_n * 2, sizeof(*at));
    struct path *sorted = at ? mem_array(s->paths_n, sizeof(*sorted)) : NULL;

    if (!sorted) {
        mem_free(at);
        return err_fail(err, ERR_NOMEM, "%zu files", s->paths_n);
    }
    for (size_t i = 0; i < s->paths_n; i++)
        at[i] = &s->paths[i];
    sort_pointers(at, s->paths_n, at + s->paths_n, by_first);
    for (size_t i = 0; i < s->paths_n; i++)
        sorted[i] = *(const struct path *)at[i];
    mem_free(s->paths);
    s->paths = sorted;
    mem_free(at);
    return true;
}

static bool begin(struct evm_files *s, const char *const *paths, size_t paths_n, struct err *err)
{
    s->block = evm_block_new(s->chain);
    s->rpc = evm_rpc_new(s->chain);
    s->paths = mem_array(paths_n, sizeof(*s->paths));
    if (!s->block || !s->rpc || !s->paths)
        return err_fail(err, ERR_NOMEM, "%zu files", paths_n);
    for (; s->paths_n < paths_n; s->paths_n++) {
        size_t n = strlen(paths[s->paths_n]) + 1;
        char *name = mem_alloc(n);

        if (!name)
            return err_fail(err, ERR_NOMEM, "%zu files", paths_n);
        memcpy(name, paths[s->paths_n], n);
        s->paths[s->paths_n].name = name;
    }
    if (paths_n > 1 && (!look(s, err) || !sort_paths(s, err)))
        return false;
    return file_open(s, 0, err);
}

bool evm_blocks_open(const struct chain *chain, const char *const *paths, size_t paths_n,
                     struct transfer_source *ret, struct err *err)
{
    struct evm_files *s;

    if (!paths_n)
        return err_fail(err, ERR_USAGE, "no file is named");
    if (paths_n > EVM_FILES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d files", EVM_FILES_MAX);
    s = mem_zero(sizeof(*s));
    if (!s)
        return err_fail(err, ERR_NOMEM, "%zu files", paths_n);
    s->chain = chain;
    if (!begin(s, paths, paths_n, err)) {
        end(s);
        return false;
    }
    *ret = (struct transfer_source){.next = next, .free = end, .self = s};
    return true;
}

/* ---- proofs ---- */

static int wanted_by_hash(const void *hash, const void *block)
{
    return memcmp(hash, ((const struct wanted_block *)block)->hash.b, sizeof(struct hash32));
}

static struct wanted_block *wanted_find(const struct proving *p, const struct hash32 *hash)
{
    return p->n ? bsearch(hash->b, p->blocks, p->n, sizeof(*p->blocks), wanted_by_hash) : NULL;
}

static bool prove_rlp(struct evm_files *s, bool *ret_end, struct err *err)
{
    struct proving *p = s->proving;
    struct wanted_block *want;
    struct hash32 hash;
    struct bytes part[3];

    if (!rlp_part(s, 0, &part[0], ret_end, err))
        return false;
    if (*ret_end)
        return true;
    hash = keccak256(part[0].p, part[0].n);
    want = wanted_find(p, &hash);
    if (!rlp_part(s, 1, want ? &part[1] : NULL, ret_end, err) ||
        !rlp_part(s, 2, want ? &part[2] : NULL, ret_end, err))
        return false;
    if (!want)
        return true;
    return (evm_lists_read(&p->lists, part[0], part[1], part[2], err) &&
            evm_lists_prove(s->chain, &p->lists, want, p->a, err)) ||
           in_line(s, err);
}

/* Receipts alone may come one an answer, in any order: by the index that they say. */
static bool receipt_place(const struct json *receipt, const struct json **at, size_t n)
{
    const struct json *index = json_get(receipt, "transactionIndex");
    struct u256 v;

    if (!index || index->type != JSON_STRING || !u256_from_hex(index->text, index->text_n, &v) ||
        !u256_less(v, u256_of(n)))
        return false;
    at[v.w[0]] = receipt;
    return true;
}

static bool receipts_write(struct proving *p, const struct json **at, size_t n, struct err *err)
{
    for (size_t i = 0; i < n && at[i]; i++)
        if (!evm_rpc_receipt(at[i], &p->lists.receipts, err) ||
            !evm_lists_receipt_end(&p->lists, err))
            return err_in(err, "receipt %zu", i);
    return true;
}

static bool txs_write(struct proving *p, const struct json *block, struct err *err)
{
    const struct json *list = json_get(block, "transactions");
    struct rlp_out wire = {0};
    bool ok = true;

    for (const struct json *tx = list ? list->child : NULL; ok && tx; tx = tx->next) {
        ok = evm_rpc_wire(tx, &wire, err) || err_in(err, "transaction %zu", p->lists.txs_n);
        if (ok) {
            rlp_put_raw(&p->lists.txs, wire.p, wire.n);
            ok = evm_lists_tx_end(&p->lists, err);
        }
    }
    rlp_out_free(&wire);
    return ok;
}

/* Of the answers about a block that was just read, its lists as they were hashed. */
static bool lists_write(struct evm_files *s, struct arena *trees, struct err *err)
{
    struct proving *p = s->proving;
    const size_t n = evm_rpc_block(s->rpc)->txs_n;
    const struct json **receipts = ARENA_ARRAY(trees, const struct json *, n + 1);

    if (!receipts)
        return err_fail(err, ERR_NOMEM, "a block");
    for (size_t i = 0; i < p->lines_n; i++) {
        const struct answer_line *l = &p->lines[i];
        const struct json *answer, *result;

        if (l->method != EVM_BLOCK_BY_NUMBER && l->method != EVM_BLOCK_BY_HASH &&
            l->method != EVM_BLOCK_RECEIPTS && l->method != EVM_RECEIPT)
            continue;
        if (!json_read(trees, (const char *)l->line.p, l->line.n, &answer, err))
            return false;
        result = json_get(answer, "result");
        if (l->method == EVM_RECEIPT)
            receipt_place(result, receipts, n);
        else if (l->method == EVM_BLOCK_RECEIPTS)
            for (const struct json *r = result ? result->child : NULL; r; r = r->next)
                receipt_place(r, receipts, n);
        else if (!txs_write(p, result, err))
            return false;
    }
    return receipts_write(p, receipts, n, err);
}

static bool answers_prove(struct evm_files *s, struct wanted_block *want, struct err *err)
{
    struct proving *p = s->proving;
    struct arena *trees = arena_new(NULL, ANSWERS_MEMORY);
    struct rlp_out header = {0}, withdrawals = {0};
    bool ok;

    if (!trees)
        return err_fail(err, ERR_NOMEM, "a block");
    evm_header_write(&header, &evm_rpc_block(s->rpc)->header);
    evm_withdrawals_write(&withdrawals, evm_rpc_block(s->rpc));
    evm_lists_clear(&p->lists)->header = (struct bytes){header.p, header.n};
    if (evm_rpc_block(s->rpc)->withdrawals_n)
        p->lists.withdrawals = (struct bytes){withdrawals.p, withdrawals.n};
    ok = (!header.bad && !withdrawals.bad) || err_fail(err, ERR_NOMEM, "a block");
    if (ok && !lists_write(s, trees, err)) {
        ok = err->class == ERR_INPUT; /* what cannot be written again is not proven */
        if (ok)
            memcpy(want->why, err->text, sizeof(want->why));
    } else if (ok) {
        ok = evm_lists_prove(s->chain, &p->lists, want, p->a, err);
    }
    rlp_out_free(&header);
    rlp_out_free(&withdrawals);
    arena_free(trees);
    return ok;
}

static bool prove_answers(struct evm_files *s, bool *ret_end, struct err *err)
{
    struct transfer_block f;
    struct wanted_block *want;

    if (!next_recorded(s, &f, ret_end, err))
        return false;
    if (*ret_end)
        return true;
    want = wanted_find(s->proving, &f.hash);
    return !want || answers_prove(s, want, err) || in_line(s, err);
}

static bool prove_files(struct evm_files *s, struct err *err)
{
    while (s->file_open) {
        bool none = false;

        while (!none)
            if (!(s->rlp ? prove_rlp(s, &none, err) : prove_answers(s, &none, err)))
                return false;
        file_close(s);
        if (s->at + 1 < s->paths_n && !file_open(s, s->at + 1, err))
            return false;
    }
    return true;
}

bool evm_blocks_prove(const struct chain *chain, const char *const *paths, size_t paths_n,
                      struct wanted_block *blocks, size_t n, struct arena *a, struct err *err)
{
    struct proving p = {.blocks = blocks, .n = n, .a = a};
    struct transfer_source source;
    struct evm_files *s;
    bool ok;

    if (!evm_blocks_open(chain, paths, paths_n, &source, err))
        return false;
    s = source.self;
    s->proving = &p;
    ok = prove_files(s, err);
    source.free(s);
    evm_lists_free(&p.lists);
    mem_free(p.lines);
    return ok;
}
