#include "chain/evm/etl_table.h"

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"

#include <stdlib.h>

#define WINDOW ((size_t)8 << 20) /* of a mapped file that is made sure of at a time */

static const char *const column_names[ETL_COLUMNS] = {
    "number",
    "hash",
    "parent_hash",
    "miner",
    "difficulty",
    "sha3_uncles",
    "timestamp",
    "transaction_count",
    "base_fee_per_gas",
    "withdrawals",
    "excess_blob_gas",
    "block_number",
    "block_hash",
    "block_timestamp",
    "transaction_hash",
    "transaction_index",
    "nonce",
    "from_address",
    "to_address",
    "value",
    "gas",
    "gas_price",
    "input",
    "transaction_type",
    "receipt_status",
    "receipt_gas_used",
    "receipt_contract_address",
    "receipt_effective_gas_price",
    "receipt_l1_fee",
    "receipt_blob_gas_used",
    "receipt_blob_gas_price",
    "log_index",
    "address",
    "data",
    "topics",
    "token_address",
    "trace_type",
    "call_type",
    "reward_type",
    "trace_address",
    "error",
    "status",
    "gas_used",
    "cumulative_gas_used",
    "contract_address",
    "effective_gas_price",
    "l1_fee",
    "blob_gas_used",
    "blob_gas_price",
};

/* What a table must have to be one of its kind; the first that fits. ETL_COLUMNS ends. */
static const enum etl_column kinds[ETL_KINDS][8] = {
    [ETL_BLOCKS] = {ETL_NUMBER, ETL_HASH, ETL_PARENT_HASH, ETL_MINER, ETL_TIMESTAMP, ETL_COLUMNS},
    [ETL_TRANSACTIONS] = {ETL_HASH, ETL_BLOCK_NUMBER, ETL_TRANSACTION_INDEX, ETL_FROM_ADDRESS,
                          ETL_TO_ADDRESS, ETL_VALUE, ETL_GAS, ETL_COLUMNS},
    [ETL_RECEIPTS] = {ETL_TRANSACTION_HASH, ETL_BLOCK_NUMBER, ETL_GAS_USED, ETL_CUMULATIVE_GAS_USED,
                      ETL_COLUMNS},
    [ETL_LOGS] = {ETL_LOG_INDEX, ETL_TRANSACTION_HASH, ETL_BLOCK_NUMBER, ETL_ADDRESS, ETL_DATA,
                  ETL_TOPICS, ETL_COLUMNS},
    [ETL_TOKEN_TRANSFERS] = {ETL_TOKEN_ADDRESS, ETL_FROM_ADDRESS, ETL_TO_ADDRESS, ETL_VALUE,
                             ETL_TRANSACTION_HASH, ETL_LOG_INDEX, ETL_BLOCK_NUMBER, ETL_COLUMNS},
    [ETL_TRACES] = {ETL_BLOCK_NUMBER, ETL_TRACE_TYPE, ETL_TRACE_ADDRESS, ETL_FROM_ADDRESS,
                    ETL_TO_ADDRESS, ETL_VALUE, ETL_COLUMNS},
};

static unsigned column_of(const struct csv_field *f)
{
    for (unsigned i = 0; i < ETL_COLUMNS; i++)
        if (csv_is(f, column_names[i]))
            return i;
    return ETL_COLUMNS;
}

static bool kind_find(const uint16_t at[ETL_COLUMNS], enum etl_kind *ret)
{
    for (unsigned k = 0; k < ETL_KINDS; k++) {
        const enum etl_column *c = kinds[k];

        while (*c != ETL_COLUMNS && at[*c] != ETL_FIELDS_MAX)
            c++;
        *ret = (enum etl_kind)k;
        if (*c == ETL_COLUMNS)
            return true;
    }
    return false;
}

static void no_columns(struct etl_table *t)
{
    for (size_t i = 0; i < ETL_COLUMNS; i++)
        t->at[i] = ETL_FIELDS_MAX;
}

static bool header_read(struct etl_table *t, bool *ret_is, struct err *err)
{
    size_t n;
    bool end;

    if (!csv_next(&t->csv, t->fields, ETL_FIELDS_MAX, &n, &end, err))
        return err_in(err, "%s", t->name);
    *ret_is = false;
    if (end)
        return true;
    no_columns(t);
    for (size_t i = 0; i < n; i++) {
        unsigned c = column_of(&t->fields[i]);

        if (c < ETL_COLUMNS && t->at[c] != ETL_FIELDS_MAX)
            return err_fail(err, ERR_INPUT, "%s: line 1: %s: twice in the header", t->name,
                            column_names[c]);
        if (c < ETL_COLUMNS)
            t->at[c] = (uint16_t)i;
    }
    t->columns_n = n;
    *ret_is = kind_find(t->at, &t->kind);
    return true;
}

/* JSON: a flat object. Values that are lists or objects are found by their brackets. */
struct scan {
    const char *p, *end;
};

static void skip_space(struct scan *s)
{
    while (s->p != s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r'))
        s->p++;
}

static bool take(struct scan *s, char c)
{
    skip_space(s);
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

/* The opening quote is passed. doubled: has escapes, which no column of ours needs. */
static bool string_scan(struct scan *s, struct csv_field *ret)
{
    *ret = (struct csv_field){.p = s->p, .quoted = true};
    for (;;) {
        const char *quote = memchr(s->p, '"', (size_t)(s->end - s->p)), *back;

        if (!quote)
            return false;
        back = memchr(s->p, '\\', (size_t)(quote - s->p));
        if (!back) {
            ret->n = (uint32_t)(quote - ret->p);
            s->p = quote + 1;
            return true;
        }
        ret->doubled = true;
        if (s->end - back < 2)
            return false;
        s->p = back + 2;
    }
}

static bool nest_scan(struct scan *s, struct csv_field *ret)
{
    const char *from = s->p;
    struct csv_field in;
    size_t depth = 0;

    do {
        char c;

        if (s->p == s->end)
            return false;
        c = *s->p++;
        if (c == '"' && !string_scan(s, &in))
            return false;
        depth += c == '[' || c == '{';
        depth -= c == ']' || c == '}';
    } while (depth);
    *ret = (struct csv_field){.p = from, .n = (uint32_t)(s->p - from)};
    return true;
}

static bool value_scan(struct scan *s, struct csv_field *ret)
{
    skip_space(s);
    if (s->p == s->end)
        return false;
    if (*s->p == '"') {
        s->p++;
        return string_scan(s, ret);
    }
    if (*s->p == '[' || *s->p == '{')
        return nest_scan(s, ret);
    *ret = (struct csv_field){.p = s->p};
    while (s->p != s->end && *s->p != ',' && *s->p != '}' && *s->p != ' ' && *s->p != '\r' &&
           *s->p != '\t')
        s->p++;
    ret->n = (uint32_t)(s->p - ret->p);
    if (ret->n == 4 && !memcmp(ret->p, "null", 4))
        ret->n = 0;
    else if (!ret->n)
        return false;
    return true;
}

static unsigned member_column(struct etl_table *t, size_t i, const struct csv_field *key)
{
    unsigned c = i < ETL_FIELDS_MAX ? t->order[i] : ETL_COLUMNS;

    if (c >= ETL_COLUMNS || !csv_is(key, column_names[c]))
        c = column_of(key);
    if (i < ETL_FIELDS_MAX)
        t->order[i] = (uint16_t)c;
    return c;
}

static bool object_scan(struct etl_table *t, struct scan s, struct err *err)
{
    struct csv_field key, value;

    no_columns(t);
    if (!take(&s, '{'))
        return err_fail(err, ERR_INPUT, "%s: line %zu: not a JSON object", t->name, t->line);
    for (size_t i = 0; i || !take(&s, '}'); i++) {
        unsigned c;

        if (i && take(&s, '}'))
            break;
        if ((i && !take(&s, ',')) || !take(&s, '"') || !string_scan(&s, &key) || !take(&s, ':') ||
            !value_scan(&s, &value))
            return err_fail(err, ERR_INPUT, "%s: line %zu: damaged JSON", t->name, t->line);
        c = member_column(t, i, &key);
        if (c == ETL_COLUMNS)
            continue;
        if (t->at[c] != ETL_FIELDS_MAX)
            return err_fail(err, ERR_INPUT, "%s: line %zu: %s: given twice", t->name, t->line,
                            column_names[c]);
        if (value.doubled)
            value.p = "\\"; /* is no number, hash or address */
        value.n = value.doubled ? 1 : value.n;
        t->at[c] = (uint16_t)c;
        t->fields[c] = value;
    }
    skip_space(&s);
    return s.p == s.end ||
           err_fail(err, ERR_INPUT, "%s: line %zu: more after the object", t->name, t->line);
}

static bool line_next(struct etl_table *t, struct scan *ret, bool *ret_end, struct err *err)
{
    const uint8_t *at = t->csv.at, *end;

    *ret_end = at == t->csv.end;
    if (*ret_end)
        return true;
    t->line++;
    end = memchr(at, '\n', (size_t)(t->csv.end - at));
    if (!end)
        end = t->csv.end;
    if ((size_t)(end - at) > ETL_LINE_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "%s: line %zu: more than %zu bytes", t->name, t->line,
                        ETL_LINE_BYTES_MAX);
    *ret = (struct scan){(const char *)at, (const char *)end};
    t->csv.at = end == t->csv.end ? end : end + 1;
    return true;
}

static bool object_next(struct etl_table *t, bool *ret_end, struct err *err)
{
    struct scan s, rest;

    do {
        if (!line_next(t, &s, ret_end, err))
            return false;
        if (*ret_end)
            return true;
        rest = s;
        skip_space(&rest);
    } while (rest.p == rest.end); /* an empty line */
    return object_scan(t, s, err);
}

/* Pages ahead are brought in, those behind may go. */
static bool bring(struct etl_table *t, struct err *err)
{
    uint64_t at = (uint64_t)(t->csv.at - t->start), n;
    struct source_buffer none = {0};
    struct bytes got;

    if (t->runs || t->brought >= t->file.size || at + WINDOW / 2 <= t->brought)
        return true;
    n = t->file.size - t->brought < WINDOW ? t->file.size - t->brought : WINDOW;
    if (!source_file_borrow(&t->file, t->brought, n, &none, &got, err))
        return err_in(err, "%s", t->name);
    if (at > WINDOW)
        source_file_drop(&t->file, 0, at - WINDOW);
    t->brought += n;
    return true;
}

static void seek(struct etl_table *t, uint64_t offset, uint64_t line)
{
    const uint8_t *at = t->start + offset;

    t->csv = csv_over((struct bytes){at, (size_t)(t->csv.end - at)}, ',');
    t->csv.line = t->line = line;
    t->brought = offset;
}

static bool row_next(struct etl_table *t, bool *ret_end, struct err *err)
{
    size_t n;

    if (!bring(t, err))
        return false;
    if (t->json)
        return object_next(t, ret_end, err);
    if (!csv_next(&t->csv, t->fields, ETL_FIELDS_MAX, &n, ret_end, err))
        return err_in(err, "%s", t->name);
    t->line = t->csv.line;
    if (*ret_end || n == t->columns_n)
        return true;
    return err_fail(err, ERR_INPUT, "%s: line %zu: %zu field%s, %zu are wanted", t->name, t->line,
                    n, n == 1 ? "" : "s", t->columns_n);
}

bool etl_table_next(struct etl_table *t, bool *ret_end, struct err *err)
{
    if (t->runs && !t->run_left) {
        const struct etl_run *run = &t->runs[t->run_at];
        struct source_buffer none = {0};
        struct bytes got;

        *ret_end = t->run_at == t->runs_n;
        if (*ret_end)
            return true;
        if (t->file.map && !source_file_borrow(&t->file, run->offset, run->bytes, &none, &got, err))
            return err_in(err, "%s", t->name);
        seek(t, run->offset, run->line);
        t->run_left = run->rows;
        t->run_at++;
    }
    t->run_left -= t->runs != NULL;
    return row_next(t, ret_end, err);
}

bool etl_row_number(const struct etl_table *t, uint32_t *ret, struct err *err)
{
    return etl_u32(t, t->kind == ETL_BLOCKS ? ETL_NUMBER : ETL_BLOCK_NUMBER, ret, err);
}

static int by_number(const void *one, const void *other)
{
    const struct etl_run *a = one, *b = other;

    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static bool run_add(struct etl_table *t, struct etl_vector *runs, struct etl_run run,
                    struct err *err)
{
    struct etl_run *at;

    if (runs->n == runs->max) {
        size_t max = runs->max ? 2 * runs->max : 64;

        if (runs->n == ETL_RUNS_MAX)
            return err_fail(err, ERR_LIMIT, "%s: more than %zu runs of blocks out of order",
                            t->name, ETL_RUNS_MAX);
        at = mem_grow(runs->at, max * sizeof(run));
        if (!at)
            return err_fail(err, ERR_NOMEM, "%s: runs of blocks", t->name);
        runs->at = at;
        runs->max = max;
    }
    at = runs->at;
    at[runs->n++] = run;
    return true;
}

/* One pass over the numbers. runs: NULL, or where they go; without, it ends at what is out of
 * order. */
static bool pass(struct etl_table *t, struct etl_vector *runs, bool *ret_ordered, struct err *err)
{
    struct etl_run run = {.rows = 0};
    bool end;

    *ret_ordered = true;
    for (;;) {
        uint64_t offset = (uint64_t)(t->csv.at - t->start),
                 line = t->json ? t->line : t->csv.line + t->csv.lines_in;
        uint32_t number = 0;

        if (!row_next(t, &end, err) || (!end && !etl_row_number(t, &number, err)))
            return false;
        if (!end && run.rows && number == run.number) {
            run.rows++;
            continue;
        }
        run.bytes = offset - run.offset;
        if (runs && run.rows && !run_add(t, runs, run, err))
            return false;
        if (end)
            return true;
        if (t->first == UINT64_MAX)
            t->first = number;
        *ret_ordered &= !run.rows || number >= run.number;
        if (!*ret_ordered && !runs)
            return true;
        run = (struct etl_run){.offset = offset, .line = line, .number = number, .rows = 1};
    }
}

/* From the first row, where t stands, and back. */
static bool order_find(struct etl_table *t, struct err *err)
{
    uint64_t from = (uint64_t)(t->csv.at - t->start),
             line = t->json ? t->line : t->csv.line + t->csv.lines_in;
    struct etl_vector runs = {0};
    bool ordered, ok;

    t->first = UINT64_MAX;
    if (!pass(t, NULL, &ordered, err))
        return false;
    seek(t, from, line);
    if (ordered)
        return true;
    ok = pass(t, &runs, &ordered, err);
    t->runs = runs.at;
    t->runs_n = runs.n;
    if (!ok)
        return false;
    if (!t->runs)
        return true;
    qsort(t->runs, t->runs_n, sizeof(*t->runs), by_number);
    t->first = t->runs[0].number;
    return true;
}

static bool is_object(struct bytes in)
{
    size_t i = 0;

    while (i < in.n && (in.p[i] == ' ' || in.p[i] == '\n' || in.p[i] == '\r' || in.p[i] == '\t'))
        i++;
    return i < in.n && in.p[i] == '{';
}

/* Reads the header, or the first row of JSON, which is then read again as a row. */
static bool begin(struct etl_table *t, struct bytes in, bool *ret_is, struct err *err)
{
    struct csv start = csv_over(in, ',');
    bool end;

    t->csv = start;
    t->start = in.p ? in.p : start.at;
    t->fields[ETL_FIELDS_MAX] = (struct csv_field){.p = ""};
    for (size_t i = 0; i < ETL_FIELDS_MAX; i++)
        t->order[i] = ETL_COLUMNS;
    no_columns(t);
    t->json = is_object(in);
    if (!bring(t, err))
        return false;
    if (!t->json)
        return header_read(t, ret_is, err);
    *ret_is = false;
    if (!object_next(t, &end, err))
        return false;
    if (!end)
        *ret_is = kind_find(t->at, &t->kind);
    t->csv = start;
    t->line = 0;
    return true;
}

bool etl_table_from(struct etl_table *t, const char *name, struct bytes in, struct err *err)
{
    struct source_file file = t->file;
    bool is;

    *t = (struct etl_table){.name = name, .file = file};
    if (!begin(t, in, &is, err))
        return false;
    if (!is)
        return err_fail(err, ERR_INPUT,
                        "%s: is no table of ethereum-etl (blocks, transactions, receipts, logs, "
                        "token_transfers, traces)",
                        name);
    return order_find(t, err);
}

bool etl_table_is(struct bytes beginning)
{
    struct etl_table t = {.name = ""};
    struct err err;
    bool is;

    return begin(&t, beginning, &is, &err) && is;
}

bool etl_table_open(struct etl_table *t, const char *path, struct err *err)
{
    *t = (struct etl_table){.name = path};
    if (!source_file_open(&t->file, path, NULL, err))
        return err_in(err, "%s", path);
    if (etl_table_from(t, path, (struct bytes){t->file.map, t->file.size}, err))
        return true;
    etl_table_close(t);
    return false;
}

void etl_table_close(struct etl_table *t)
{
    source_file_close(&t->file);
    t->runs = mem_free(t->runs);
}

/* Fields. */

bool etl_bad(const struct etl_table *t, enum etl_column c, const char *why, struct err *err)
{
    const struct csv_field *f = etl_field(t, c);
    size_t n = f->n < 80 ? f->n : 80;

    if (!etl_has_column(t, c))
        return err_fail(err, ERR_INPUT, "%s: line %zu: %s: not here", t->name, t->line,
                        column_names[c]);
    if (!utf8_valid(f->p, n) || !text_is_plain(f->p, n))
        return err_fail(err, ERR_INPUT, "%s: line %zu: %s: %s", t->name, t->line, column_names[c],
                        why);
    return err_fail(err, ERR_INPUT, "%s: line %zu: %s: \"%.*s\" %s", t->name, t->line,
                    column_names[c], (int)n, f->p, why);
}

bool etl_u64(const struct etl_table *t, enum etl_column c, uint64_t *ret, struct err *err)
{
    const struct csv_field *f = etl_field(t, c);

    return u64_from_text(f->p, f->n, ret) || etl_bad(t, c, "is no whole number", err);
}

bool etl_u32(const struct etl_table *t, enum etl_column c, uint32_t *ret, struct err *err)
{
    uint64_t v;

    if (!etl_u64(t, c, &v, err))
        return false;
    if (v >= UINT32_MAX)
        return etl_bad(t, c, "is too much", err);
    *ret = (uint32_t)v;
    return true;
}

bool etl_u256(const struct etl_table *t, enum etl_column c, struct u256 *ret, struct err *err)
{
    const struct csv_field *f = etl_field(t, c);

    return u256_from_text(f->p, f->n, ret) || etl_bad(t, c, "is no whole number below 2^256", err);
}

static bool hex_field(const struct csv_field *f, uint8_t *ret, size_t n)
{
    return f->n == 2 + 2 * n && f->p[0] == '0' && (f->p[1] | 0x20) == 'x' &&
           hex_decode(f->p + 2, 2 * n, ret, n);
}

bool etl_hash(const struct etl_table *t, enum etl_column c, struct hash32 *ret, struct err *err)
{
    return hex_field(etl_field(t, c), ret->b, sizeof(ret->b)) || etl_bad(t, c, "is no hash", err);
}

bool etl_address(const struct etl_table *t, enum etl_column c, uint8_t ret[20], struct err *err)
{
    return hex_field(etl_field(t, c), ret, 20) || etl_bad(t, c, "is no address", err);
}

bool etl_time(const struct etl_table *t, enum etl_column c, uint64_t *ret, struct err *err)
{
    const struct csv_field *f = etl_field(t, c);

    return time_from_text(f->p, f->n, ret) || etl_bad(t, c, "is no time", err);
}
