#include "trace/token_list.h"

#include "base/csv.h"
#include "base/json.h"
#include "base/sort.h"
#include "trace/stops.h"

#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#define NAME_BYTES_MAX 24 /* of a column, without its _ */

struct reader {
    struct arena *a;
    const char *source;
    struct trace_token *at; /* [n] of [room] */
    size_t n, room;
};

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "tokens");
}

/* --- what a column or a member is --- */

enum column { COLUMN_OTHER, COLUMN_CONTRACT, COLUMN_SYMBOL, COLUMN_CHAIN };

/* Of two columns that say the same, the one that stands first here counts. */
static const struct {
    const char *name;
    enum column what;
} names[] = {
    {"contractaddress", COLUMN_CONTRACT},
    {"tokenaddress", COLUMN_CONTRACT},
    {"tokencontract", COLUMN_CONTRACT},
    {"contract", COLUMN_CONTRACT},
    {"address", COLUMN_CONTRACT},
    {"tokenid", COLUMN_CONTRACT},
    {"tokensymbol", COLUMN_SYMBOL},
    {"symbol", COLUMN_SYMBOL},
    {"tokenabbr", COLUMN_SYMBOL},
    {"asset", COLUMN_SYMBOL},
    {"chain", COLUMN_CHAIN},
};
#define NAMES_N (sizeof(names) / sizeof(names[0]))

/* The place in names of what a header or a key says; NAMES_N: none. */
static size_t name_of(const char *s, size_t n)
{
    char plain[NAME_BYTES_MAX];
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        if (s[i] == '_' || s[i] == ' ')
            continue;
        if (k + 1 == sizeof(plain))
            return NAMES_N;
        plain[k++] = (char)tolower((unsigned char)s[i]);
    }
    plain[k] = 0;
    for (size_t i = 0; i < NAMES_N; i++)
        if (!strcmp(plain, names[i].name))
            return i;
    return NAMES_N;
}

/* --- rows --- */

/* A symbol as a document can hold it. */
static const char *shown_symbol(struct arena *a, const char *s, size_t n)
{
    static const char replaced[] = "\xef\xbf\xbd";
    size_t at = 0, k = 0;
    char *ret;

    if (n > TOKEN_SYMBOL_BYTES_MAX)
        n = TOKEN_SYMBOL_BYTES_MAX;
    ret = arena_alloc(a, 3 * n + 1);
    if (!ret)
        return NULL;
    while (at < n) {
        size_t of = 1;

        while (of <= 4 && at + of <= n && !(utf8_valid(s + at, of) && text_is_plain(s + at, of)))
            of++;
        if (of > 4 || at + of > n) { /* no character begins here */
            memcpy(ret + k, replaced, sizeof(replaced) - 1);
            k += sizeof(replaced) - 1;
            at++;
        } else {
            memcpy(ret + k, s + at, of);
            k += of;
            at += of;
        }
    }
    ret[k] = 0;
    return ret;
}

static bool row_add(struct reader *r, struct bytes of[COLUMN_CHAIN + 1], const char *where,
                    struct err *err)
{
    struct trace_token t = {.source = r->source};

    if (!of[COLUMN_CONTRACT].n || !of[COLUMN_SYMBOL].n)
        return true;
    if (r->n == CASE_TOKENS_MAX)
        return err_fail(err, ERR_LIMIT, "%s: more than %zu tokens", where, CASE_TOKENS_MAX);
    if (of[COLUMN_CONTRACT].n > ACCOUNT_KEY_MAX ||
        !utf8_valid((const char *)of[COLUMN_CONTRACT].p, of[COLUMN_CONTRACT].n) ||
        !text_is_plain((const char *)of[COLUMN_CONTRACT].p, of[COLUMN_CONTRACT].n))
        return err_fail(err, ERR_INPUT, "%s: the contract is not an address", where);
    if (r->n == r->room) {
        size_t room = r->room ? 2 * r->room : 256;
        struct trace_token *more = ARENA_ARRAY(r->a, struct trace_token, room);

        if (!more)
            return no_memory(r->a, err);
        if (r->n)
            memcpy(more, r->at, r->n * sizeof(*more));
        r->at = more;
        r->room = room;
    }
    t.address = arena_string(r->a, (const char *)of[COLUMN_CONTRACT].p, of[COLUMN_CONTRACT].n);
    t.symbol = shown_symbol(r->a, (const char *)of[COLUMN_SYMBOL].p, of[COLUMN_SYMBOL].n);
    if (of[COLUMN_CHAIN].n)
        t.chain = arena_string(r->a, (const char *)of[COLUMN_CHAIN].p, of[COLUMN_CHAIN].n);
    if (!t.address || !t.symbol || (of[COLUMN_CHAIN].n && !t.chain))
        return no_memory(r->a, err);
    if (t.chain && !chain_by_name(t.chain))
        return err_fail(err, ERR_INPUT, "%s: chain: \"%.60s\" is not known here", where, t.chain);
    r->at[r->n++] = t;
    return true;
}

static int token_order(const void *pa, const void *pb)
{
    const struct trace_token *x = pa, *y = pb;
    int order = strcasecmp(x->address, y->address);

    if (!order)
        order = strcmp(x->address, y->address);
    if (!order)
        order = strcmp(x->symbol, y->symbol);
    return order ? order : strcmp(x->chain ? x->chain : "", y->chain ? y->chain : "");
}

bool token_list_join(struct arena *a, const struct trace_token *one, size_t one_n,
                     const struct trace_token *other, size_t other_n,
                     const struct trace_token **ret, size_t *ret_n, struct err *err)
{
    size_t n = one_n + other_n, kept = 0;
    struct trace_token *all = ARENA_ARRAY(a, struct trace_token, n);
    const void **at = ARENA_ARRAY(a, const void *, n), **scratch = ARENA_ARRAY(a, const void *, n);

    if (!all || !at || !scratch)
        return no_memory(a, err);
    for (size_t i = 0; i < n; i++)
        at[i] = i < one_n ? &one[i] : &other[i - one_n];
    sort_pointers(at, n, scratch, token_order);
    for (size_t i = 0; i < n; i++)
        if (!kept || token_order(&all[kept - 1], at[i]))
            all[kept++] = *(const struct trace_token *)at[i];
    *ret = all;
    *ret_n = kept;
    return true;
}

/* --- CSV --- */

static bool csv_rows(struct reader *r, struct bytes in, struct err *err)
{
    struct csv csv = csv_over(in, ',');
    struct csv_field *fields = ARENA_ARRAY(r->a, struct csv_field, TOKEN_LIST_COLUMNS_MAX);
    size_t column[COLUMN_CHAIN + 1], best[COLUMN_CHAIN + 1], n = 0;
    char where[32];
    bool end;

    if (!fields)
        return no_memory(r->a, err);
    if (!csv_next(&csv, fields, TOKEN_LIST_COLUMNS_MAX, &n, &end, err))
        return false;
    for (size_t k = 0; k <= COLUMN_CHAIN; k++)
        column[k] = best[k] = CSV_NONE;
    for (size_t i = 0; i < n && !end; i++) {
        size_t name = name_of(fields[i].p, fields[i].n);

        if (name < NAMES_N && name < best[names[name].what]) {
            best[names[name].what] = name;
            column[names[name].what] = i;
        }
    }
    if (column[COLUMN_CONTRACT] == CSV_NONE || column[COLUMN_SYMBOL] == CSV_NONE)
        return err_fail(err, ERR_INPUT,
                        "line 1: a header is wanted that names the contract (address, "
                        "contractAddress) and the symbol (symbol, tokenSymbol)");
    for (;;) {
        struct bytes of[COLUMN_CHAIN + 1] = {{NULL, 0}};

        if (!csv_next(&csv, fields, TOKEN_LIST_COLUMNS_MAX, &n, &end, err))
            return false;
        if (end)
            return true;
        snprintf(where, sizeof(where), "line %zu", csv.line);
        for (size_t k = COLUMN_CONTRACT; k <= COLUMN_CHAIN; k++) {
            const struct csv_field *f = column[k] < n ? &fields[column[k]] : NULL;

            if (f && f->doubled) {
                char *text = arena_alloc(r->a, f->n);

                if (!text)
                    return no_memory(r->a, err);
                of[k] = (struct bytes){(const uint8_t *)text, csv_text(f, text)};
            } else if (f) {
                of[k] = (struct bytes){(const uint8_t *)f->p, f->n};
            }
        }
        if (!row_add(r, of, where, err))
            return false;
    }
}

/* --- JSON --- */

static void take_members(const struct json *object, struct bytes of[COLUMN_CHAIN + 1],
                         size_t best[COLUMN_CHAIN + 1])
{
    for (const struct json *m = object->child; m; m = m->next) {
        size_t name = name_of(m->key, m->key_n);

        if (m->type != JSON_STRING || name == NAMES_N || name >= best[names[name].what])
            continue;
        best[names[name].what] = name;
        of[names[name].what] = (struct bytes){(const uint8_t *)m->text, m->text_n};
    }
}

/* A token, or a transfer of one. */
static bool object_row(struct reader *r, const struct json *j, const char *where, struct err *err)
{
    struct bytes of[COLUMN_CHAIN + 1] = {{NULL, 0}};
    size_t best[COLUMN_CHAIN + 1] = {NAMES_N, NAMES_N, NAMES_N, NAMES_N};
    const struct json *info = json_get(j, "token_info");

    if (j->type != JSON_OBJECT)
        return err_fail(err, ERR_INPUT, "%s: an object is wanted", where);
    if (!info)
        info = json_get(j, "tokenInfo");
    take_members(info && info->type == JSON_OBJECT ? info : j, of, best);
    return row_add(r, of, where, err);
}

static bool json_rows(struct reader *r, const struct json *j, struct err *err)
{
    static const char *const members[] = {"result", "data", "tokens", "token_transfers"};
    const struct json *list = j->type == JSON_ARRAY ? j : NULL;
    char where[32];
    size_t i = 0;

    for (size_t k = 0; k < sizeof(members) / sizeof(members[0]) && !list; k++) {
        const struct json *m = json_get(j, members[k]);

        if (m && m->type == JSON_ARRAY)
            list = m;
    }
    if (!list)
        return object_row(r, j, "the object", err);
    for (const struct json *row = list->child; row; row = row->next, i++) {
        snprintf(where, sizeof(where), "row %zu", i);
        if (!object_row(r, row, where, err))
            return false;
    }
    return true;
}

static bool is_blank(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
            return false;
    return true;
}

/* An object a line, as ethereum-etl writes them. */
static bool line_rows(struct reader *r, struct bytes in, struct err *err)
{
    const char *at = (const char *)in.p, *end = at + in.n;
    char where[32];

    for (size_t line = 1; at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((stop ? stop : end) - at);
        const struct json *j;

        snprintf(where, sizeof(where), "line %zu", line);
        if (!is_blank(at, n)) {
            if (!json_read(r->a, at, n, &j, err))
                return err_in(err, "%s", where);
            if (!object_row(r, j, where, err))
                return false;
        }
        at += n + (stop != NULL);
    }
    return true;
}

/* One object a line, and more than one of them. */
static bool is_lines(struct bytes in)
{
    const uint8_t *stop = memchr(in.p, '\n', in.n);

    while (stop && stop + 1 < in.p + in.n && (stop[1] == '\n' || stop[1] == '\r'))
        stop++;
    return in.p[0] == '{' && stop && stop + 1 < in.p + in.n && stop[1] == '{';
}

bool token_list_read(struct arena *a, struct bytes in, const char *source,
                     const struct trace_token **ret, size_t *ret_n, struct err *err)
{
    struct reader r = {.a = a, .source = arena_string(a, source, strlen(source))};
    const struct json *j;
    bool ok;

    if (in.n > TOKEN_LIST_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "a list of tokens of more than %zu bytes",
                        TOKEN_LIST_BYTES_MAX);
    if (!r.source)
        return no_memory(a, err);
    if (in.n && (in.p[0] == '{' || in.p[0] == '['))
        ok = is_lines(in)
                 ? line_rows(&r, in, err)
                 : json_read(a, (const char *)in.p, in.n, &j, err) && json_rows(&r, j, err);
    else
        ok = csv_rows(&r, in, err);
    return ok && token_list_join(a, r.at, r.n, NULL, 0, ret, ret_n, err);
}

struct hash32 token_list_hash(const struct trace_token *tokens, size_t n)
{
    struct sha256_stream s;

    sha256_start(&s);
    for (size_t i = 0; i < n; i++) {
        stops_csv_hash(&s, tokens[i].address, ',');
        stops_csv_hash(&s, tokens[i].symbol, tokens[i].chain ? ',' : '\n');
        if (tokens[i].chain)
            stops_csv_hash(&s, tokens[i].chain, '\n');
    }
    return sha256_done(&s);
}
