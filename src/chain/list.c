/* All rows are read, and sorted three times: by what they say, which numbers equal ones; by hash,
 * which numbers the transfers of a transaction; by time, which is the order that is told. */
#include "chain/list.h"

#include "base/arena.h"
#include "base/csv.h"
#include "base/mem.h"
#include "base/sort.h"
#include "base/text.h"
#include "base/time.h"
#include "chain/account_name.h"
#include "chain/bitcoin/source_file.h"
#include "chain/dialect.h"

#include <stdio.h>
#include <strings.h>

#define KEY_MAX 32   /* of an account, on any chain that lists are read of */
#define TEXT_MAX 256 /* of a field, with its NUL */
#define FORM "cordon.list/1\n"

enum column { TIME, FROM, TO, AMOUNT, ASSET, CONTRACT, TX, COLUMNS };

static const char *const names[COLUMNS] = {"time",  "from",     "to", "amount",
                                           "asset", "contract", "tx"};

/* NULL-terminated; of amount there is one more, amount_eth */
static const char *const defaults[COLUMNS][8] = {
    {"time", "time_utc", "timestamp", "block_timestamp", "time_stamp", "datetime", "date"},
    {"from", "from_address", "sender"},
    {"to", "to_address", "recipient", "receiver", "beneficiary"},
    {"amount", "value"},
    {"asset", "token", "symbol", "token_symbol", "currency"},
    {"token_contract", "contract_address", "token_address", "contract"},
    {"tx", "tx_hash", "transaction_hash", "hash", "txid"},
};

struct row {
    uint64_t time;
    struct hash32 hash; /* zero until it is made */
    uint8_t from[KEY_MAX], to[KEY_MAX];
    uint8_t from_n, to_n;
    bool hashed; /* by the list */
    struct bytes asset;
    struct u256 amount;
    uint32_t order;    /* in the lists */
    uint32_t lead;     /* order of the first row of this hash and time */
    uint32_t position; /* among the rows of this hash */
};

struct asset_decimals {
    struct bytes asset;
    unsigned decimals;
};

struct map {
    const char *column[COLUMNS]; /* its name, or NULL */
    const char *value[COLUMNS];  /* for all rows, or NULL */
    bool has_decimals;
    unsigned decimals;
    struct asset_decimals assets[LIST_ASSETS_MAX];
    size_t assets_n;
};

struct list {
    struct arena *a;
    const struct chain *chain;
    struct map map;
    const struct row **rows; /* [rows_n] in the order told */
    size_t rows_n, at;
    struct fact_tx *txs; /* [of the largest block] */
    struct fact_transfer *transfers;
    struct list_counts counts;
    struct row **found; /* [rows_n] while reading */
    struct bytes asset_before;
};

/* The file being read. */
struct reader {
    struct list *list;
    const char *name;
    struct csv csv;
    size_t columns_n;
    size_t at[COLUMNS]; /* or CSV_NONE */
    char shown[COLUMNS][64];
    bool in_coins; /* amount_eth */
    bool untold;   /* some amount is of the native coin, its decimals told by nobody */
    bool pointed;  /* and some such amount has a point or an exponent */
    struct csv_field fields[LIST_COLUMNS_MAX];
};

static bool no_memory(const struct list *l, struct err *err)
{
    return arena_fail(l->a, err, "lists");
}

/* Of the native coin the empty key. */
static bool asset_read(const struct chain *chain, const char *text, uint8_t ret[ACCOUNT_KEY_MAX],
                       size_t *ret_n, struct err *err)
{
    size_t n = strlen(text);

    *ret_n = 0;
    if (!n || !strcasecmp(text, chain->symbol))
        return true;
    if (chain->dialect->names_asset(text))
        return account_read(chain, text, ret, ret_n, err);
    memcpy(ret, text, n < TEXT_MAX ? n : 0);
    *ret_n = n;
    return true;
}

/* An address, where it is as long as one of this chain is; else what the list calls it. */
static void asset_name(const struct chain *chain, struct bytes asset, char ret[ACCOUNT_NAME_MAX])
{
    if (!asset.n || chain->dialect->write(asset, ret))
        account_name(chain, asset, ret);
    else
        snprintf(ret, ACCOUNT_NAME_MAX, "%.*s", (int)asset.n, (const char *)asset.p);
}

/* The map. */

static bool decimals_read(const char *text, unsigned *ret, struct err *err)
{
    uint64_t v;

    if (!u64_from_text(text, strlen(text), &v) || v > U256_TEXT_MAX)
        return err_fail(err, ERR_USAGE, "map: decimals \"%.40s\": a number up to %d is wanted",
                        text, U256_TEXT_MAX);
    *ret = (unsigned)v;
    return true;
}

static bool decimals_of(struct list *l, const char *asset, const char *value, struct err *err)
{
    struct map *m = &l->map;
    struct asset_decimals *d = &m->assets[m->assets_n];
    uint8_t key[ACCOUNT_KEY_MAX];
    size_t n;

    if (m->assets_n == LIST_ASSETS_MAX)
        return err_fail(err, ERR_LIMIT, "map: decimals of more than %d assets", LIST_ASSETS_MAX);
    if (strlen(asset) >= TEXT_MAX || !asset_read(l->chain, asset, key, &n, err) ||
        !decimals_read(value, &d->decimals, err))
        return err_in(err, "map");
    d->asset = (struct bytes){arena_copy(l->a, key, n), n};
    if (n && !d->asset.p)
        return no_memory(l, err);
    m->assets_n++;
    return true;
}

/* KEY=COLUMN, KEY:VALUE, decimals=N, decimals/ASSET=N: cut apart in place */
static bool map_entry(struct list *l, char *entry, struct err *err)
{
    struct map *m = &l->map;
    char *cut = strpbrk(entry, "=:"), how = cut ? *cut : 0;

    if (!strncmp(entry, "decimals/", 9)) { /* a text may name the asset; the number has no '=' */
        cut = strrchr(entry, '=');
        if (!cut)
            return err_fail(err, ERR_USAGE, "map: \"%.100s\": decimals/ASSET=N is wanted", entry);
        *cut = 0;
        return decimals_of(l, entry + 9, cut + 1, err);
    }
    if (!cut)
        return err_fail(err, ERR_USAGE, "map: \"%.100s\" is neither KEY=COLUMN nor KEY:VALUE",
                        entry);
    *cut++ = 0;
    if (!strcmp(entry, "decimals")) {
        if (m->has_decimals)
            return err_fail(err, ERR_USAGE, "map: decimals: given twice");
        m->has_decimals = true;
        return decimals_read(cut, &m->decimals, err);
    }
    for (unsigned i = 0; i < COLUMNS; i++)
        if (!strcmp(entry, names[i])) {
            if (m->column[i] || m->value[i])
                return err_fail(err, ERR_USAGE, "map: %s: given twice", entry);
            *(how == '=' ? &m->column[i] : &m->value[i]) = cut;
            return true;
        }
    return err_fail(
        err, ERR_USAGE,
        "map: \"%.100s\" is not time, from, to, amount, asset, contract, tx or decimals", entry);
}

static bool map_read(struct list *l, const char *map, struct err *err)
{
    struct csv csv = csv_over((struct bytes){(const uint8_t *)map, strlen(map)}, ',');
    struct csv_field f[LIST_ASSETS_MAX + COLUMNS];
    size_t n;
    bool end;

    if (!csv_next(&csv, f, sizeof(f) / sizeof(f[0]), &n, &end, err)) {
        err->class = err->class == ERR_INPUT ? ERR_USAGE : err->class;
        return err_in(err, "map");
    }
    if (end)
        return true;
    if (csv.at != csv.end)
        return err_fail(err, ERR_USAGE, "map: more than one line");
    for (size_t i = 0; i < n; i++) {
        char *entry = arena_alloc(l->a, f[i].n + (size_t)1);

        if (!entry)
            return no_memory(l, err);
        csv_text(&f[i], entry);
        if (!map_entry(l, entry, err))
            return false;
    }
    return true;
}

/* The header. */

static size_t column_of(const struct reader *r, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (r->fields[i].n == strlen(name) && !strncasecmp(r->fields[i].p, name, r->fields[i].n))
            return i;
    return CSV_NONE;
}

static size_t column_default(struct reader *r, size_t n, enum column c)
{
    char coins[TEXT_MAX];

    for (size_t i = 0; defaults[c][i]; i++) {
        size_t at = column_of(r, n, defaults[c][i]);

        if (at != CSV_NONE)
            return at;
    }
    if (c != AMOUNT)
        return CSV_NONE;
    snprintf(coins, sizeof(coins), "amount_%s", r->list->chain->symbol);
    return column_of(r, n, coins);
}

static bool holds(const struct csv_field *f, const char *word)
{
    for (size_t i = 0; i + strlen(word) <= f->n; i++)
        if (!strncasecmp(f->p + i, word, strlen(word)))
            return true;
    return false;
}

static bool no_column(const struct reader *r, size_t n, enum column c, struct err *err)
{
    for (size_t i = 0; c == AMOUNT && i < n; i++)
        if (holds(&r->fields[i], "usd"))
            return err_fail(err, ERR_INPUT,
                            "%s: line 1: no column for amount; \"%.*s\" is a worth, not an amount "
                            "of an asset (asset:USD,amount=%.*s,decimals=N reads it as one)",
                            r->name, (int)(r->fields[i].n < 64 ? r->fields[i].n : 64),
                            r->fields[i].p, (int)(r->fields[i].n < 64 ? r->fields[i].n : 64),
                            r->fields[i].p);
    return err_fail(err, ERR_INPUT, "%s: line 1: no column for %s (a map names it: %s=COLUMN)",
                    r->name, names[c], names[c]);
}

static bool column_find(struct reader *r, size_t n, enum column c, struct err *err)
{
    const struct map *m = &r->list->map;
    char coins[TEXT_MAX];

    r->at[c] = CSV_NONE;
    snprintf(r->shown[c], sizeof(r->shown[c]), "%s", names[c]);
    if (m->value[c])
        return true;
    if (m->column[c]) {
        r->at[c] = column_of(r, n, m->column[c]);
        if (r->at[c] == CSV_NONE)
            return err_fail(err, ERR_INPUT, "%s: line 1: no column \"%.100s\"", r->name,
                            m->column[c]);
    } else {
        r->at[c] = column_default(r, n, c);
    }
    if (r->at[c] == CSV_NONE)
        return c > AMOUNT || no_column(r, n, c, err);
    snprintf(r->shown[c], sizeof(r->shown[c]), "%.*s", (int)r->fields[r->at[c]].n,
             r->fields[r->at[c]].p);
    snprintf(coins, sizeof(coins), "amount_%s", r->list->chain->symbol);
    r->in_coins |= c == AMOUNT && !strcasecmp(r->shown[c], coins);
    return true;
}

static bool header_read(struct reader *r, struct err *err)
{
    size_t n;
    bool end;

    if (!csv_next(&r->csv, r->fields, LIST_COLUMNS_MAX, &n, &end, err))
        return err_in(err, "%s", r->name);
    if (end)
        return err_fail(err, ERR_INPUT, "%s: empty", r->name);
    for (size_t i = 0; i < n; i++)
        if (!utf8_valid(r->fields[i].p, r->fields[i].n) ||
            !text_is_plain(r->fields[i].p, r->fields[i].n))
            return err_fail(err, ERR_INPUT, "%s: line 1: a header of text is wanted", r->name);
    r->columns_n = n;
    for (unsigned c = 0; c < COLUMNS; c++)
        if (!column_find(r, n, (enum column)c, err))
            return false;
    return true;
}

/* A row. */

static bool bad_field(const struct reader *r, enum column c, const char *text, const char *why,
                      struct err *err)
{
    return err_fail(err, ERR_INPUT, "%s: line %zu: %s: \"%.100s\" %s", r->name, r->csv.line,
                    r->shown[c], text, why);
}

static bool field_text(const struct reader *r, enum column c, char ret[TEXT_MAX], struct err *err)
{
    const char *value = r->list->map.value[c] ? r->list->map.value[c] : "";
    struct csv_field given = {.p = value, .n = (uint32_t)strlen(value)};
    const struct csv_field *f = r->at[c] == CSV_NONE ? &given : &r->fields[r->at[c]];

    if (f->n >= TEXT_MAX)
        return err_fail(err, ERR_INPUT, "%s: line %zu: %s: more than %d bytes", r->name,
                        r->csv.line, r->shown[c], TEXT_MAX - 1);
    ret[csv_text(f, ret)] = 0;
    if (!utf8_valid(f->p, f->n) || !text_is_plain(f->p, f->n))
        return err_fail(err, ERR_INPUT, "%s: line %zu: %s: a control character in it, or not UTF-8",
                        r->name, r->csv.line, r->shown[c]);
    return true;
}

static bool account_field(const struct reader *r, enum column c, uint8_t ret[KEY_MAX],
                          uint8_t *ret_n, struct err *err)
{
    char text[TEXT_MAX];
    uint8_t key[ACCOUNT_KEY_MAX];
    size_t n = 0;

    if (!field_text(r, c, text, err))
        return false;
    if (*text && !account_read(r->list->chain, text, key, &n, err))
        return err_in(err, "%s: line %zu: %s", r->name, r->csv.line, r->shown[c]);
    if (n > KEY_MAX || n > r->list->chain->dialect->address_max)
        return err_fail(err, ERR_INPUT, "%s: line %zu: %s: \"%.80s\" is no account", r->name,
                        r->csv.line, r->shown[c], text);
    memcpy(ret, key, n);
    *ret_n = (uint8_t)n;
    return true;
}

static bool asset_field(const struct reader *r, struct bytes *ret, struct err *err)
{
    struct list *l = r->list;
    char text[TEXT_MAX];
    uint8_t key[ACCOUNT_KEY_MAX];
    enum column c = CONTRACT;
    struct bytes asset = {key, 0};

    if (!field_text(r, c, text, err) || (!*text && !field_text(r, c = ASSET, text, err)))
        return false;
    if (!asset_read(l->chain, text, key, &asset.n, err))
        return err_in(err, "%s: line %zu: %s", r->name, r->csv.line, r->shown[c]);
    if (!bytes_equal(asset, l->asset_before)) {
        l->asset_before = (struct bytes){arena_copy(l->a, key, asset.n), asset.n};
        if (asset.n && !l->asset_before.p) {
            l->asset_before.n = 0;
            return no_memory(l, err);
        }
    }
    *ret = l->asset_before;
    return true;
}

/* As struct u256 is read, with an exponent, too: "1e-05" with 18 decimals is 10000000000000. NULL:
 * read; else what is wrong with it. */
static const char *amount_read(const char *text, unsigned decimals, struct u256 *ret)
{
    static const char no_amount[] = "is no amount";
    char digits[TEXT_MAX + U256_TEXT_MAX];
    size_t n = 0, whole, after = 0, e_n = strcspn(text, "eE");
    long shift = (long)decimals;

    whole = strspn(text, "0123456789");
    memcpy(digits, text, whole);
    n = whole;
    if (whole < e_n) {
        after = strspn(text + whole + 1, "0123456789");
        if (text[whole] != '.' || !after)
            return no_amount;
        memcpy(digits + n, text + whole + 1, after);
        n += after;
        shift -= (long)after;
    }
    if (!whole || (whole > 1 && *text == '0') || whole + (after ? after + 1 : 0) != e_n)
        return no_amount;
    if (text[e_n]) {
        const char *e = text + e_n + 1, *number = e + (*e == '-' || *e == '+');
        size_t e_digits = strspn(number, "0123456789");
        long v = 0;

        if (!e_digits || e_digits > 3 || number[e_digits])
            return no_amount;
        for (size_t i = 0; i < e_digits; i++)
            v = v * 10 + (number[i] - '0');
        shift += *e == '-' ? -v : v;
    }
    while (n && digits[n - 1] == '0') {
        n--;
        shift++;
    }
    for (whole = 0; whole < n && digits[whole] == '0'; whole++)
        ;
    if (whole == n) {
        *ret = u256_of(0);
        return NULL;
    }
    if (shift < 0)
        return "has more digits than decimals";
    if ((long)(n - whole) + shift >= U256_TEXT_MAX)
        return "is too much";
    memset(digits + n, '0', (size_t)shift);
    return u256_from_text(digits + whole, n - whole + (size_t)shift, ret) ? NULL : "is too much";
}

static bool decimals_find(const struct reader *r, struct bytes asset, unsigned *ret, bool *ret_told,
                          struct err *err)
{
    const struct list *l = r->list;
    char name[ACCOUNT_NAME_MAX];

    *ret_told = true;
    for (size_t i = 0; i < l->map.assets_n; i++)
        if (bytes_equal(l->map.assets[i].asset, asset)) {
            *ret = l->map.assets[i].decimals;
            return true;
        }
    if (l->map.has_decimals || !asset.n) {
        *ret = l->map.has_decimals ? l->map.decimals : l->chain->decimals;
        *ret_told = l->map.has_decimals;
        return true;
    }
    asset_name(l->chain, asset, name);
    return err_fail(err, ERR_INPUT,
                    "%s: line %zu: decimals of %s are not known (a map tells them: decimals=N, or "
                    "decimals/%s=N)",
                    r->name, r->csv.line, name, name);
}

static bool hash_field(const struct reader *r, struct row *row, struct err *err)
{
    static const struct hash32 zero;
    char text[TEXT_MAX];
    const char *hex = text;

    if (!field_text(r, TX, text, err))
        return false;
    if (!*text)
        return true;
    if (!strncasecmp(hex, "0x", 2))
        hex += 2;
    row->hashed = true;
    if (!hex_decode(hex, strlen(hex), row->hash.b, sizeof(row->hash.b)) ||
        hash32_equal(&row->hash, &zero))
        return bad_field(r, TX, text, "is not the hash of a transaction", err);
    return true;
}

static bool row_fill(struct reader *r, struct row *row, struct err *err)
{
    char text[TEXT_MAX];
    unsigned decimals;
    bool told;
    const char *wrong;

    if (!field_text(r, TIME, text, err))
        return false;
    if (!time_from_text(text, strlen(text), &row->time))
        return bad_field(r, TIME, text, "is no time (2022-03-23T13:16:57Z, or seconds)", err);
    if (!account_field(r, FROM, row->from, &row->from_n, err) ||
        !account_field(r, TO, row->to, &row->to_n, err) || !asset_field(r, &row->asset, err) ||
        !hash_field(r, row, err) || !field_text(r, AMOUNT, text, err))
        return false;
    if (!row->from_n && !row->to_n)
        return err_fail(err, ERR_INPUT, "%s: line %zu: neither from nor to", r->name, r->csv.line);
    if (!decimals_find(r, row->asset, &decimals, &told, err))
        return false;
    r->untold |= !told;
    r->pointed |= !told && strpbrk(text, ".eE");
    wrong = amount_read(text, decimals, &row->amount);
    return !wrong || bad_field(r, AMOUNT, text, wrong, err);
}

static bool row_read(struct reader *r, size_t n, struct err *err)
{
    struct list *l = r->list;
    struct row row = {.order = (uint32_t)l->rows_n}, *kept;

    if (n == 1 && !r->fields[0].n && r->columns_n > 1) /* an empty line */
        return true;
    if (n != r->columns_n)
        return err_fail(err, ERR_INPUT, "%s: line %zu: %zu field%s, %zu are wanted", r->name,
                        r->csv.line, n, n == 1 ? "" : "s", r->columns_n);
    if (!row_fill(r, &row, err))
        return false;
    l->counts.rows++;
    if (u256_zero(row.amount)) {
        l->counts.zero++;
        return true;
    }
    if (l->rows_n == LIST_ROWS_MAX)
        return err_fail(err, ERR_LIMIT, "%s: line %zu: more than %zu transfers", r->name,
                        r->csv.line, LIST_ROWS_MAX);
    kept = arena_copy(l->a, &row, sizeof(row));
    if (!kept)
        return no_memory(l, err);
    if (l->rows_n % 1024 == 0) {
        struct row **more = mem_grow(l->found, (l->rows_n + 1024) * sizeof(struct row *));

        if (!more)
            return err_fail(err, ERR_NOMEM, "list");
        l->found = more;
    }
    l->found[l->rows_n++] = kept;
    return true;
}

static bool file_read(struct list *l, const struct list_file *f, struct err *err)
{
    struct reader r = {
        .list = l, .name = strcmp(f->name, "-") ? f->name : "stdin", .csv = csv_over(f->in, ',')};
    size_t n;
    bool end;

    if (!header_read(&r, err))
        return false;
    for (;;) {
        if (!csv_next(&r.csv, r.fields, LIST_COLUMNS_MAX, &n, &end, err))
            return err_in(err, "%s", r.name);
        if (end)
            break;
        if (!row_read(&r, n, err))
            return false;
    }
    if (r.untold && !r.pointed && !r.in_coins)
        return err_fail(
            err, ERR_INPUT,
            "%s: %s: only whole numbers, which may be coins or base units (a map tells: "
            "decimals=%u, or decimals=0)",
            r.name, r.shown[AMOUNT], l->chain->decimals);
    return true;
}

/* The order. */

static int compare_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_bytes(struct bytes a, struct bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;

    return order ? order : compare_u64(a.n, b.n);
}

static int by_meaning(const void *one, const void *other)
{
    const struct row *a = one, *b = other;
    int order = memcmp(a->hash.b, b->hash.b, sizeof(a->hash.b));

    if (!order)
        order = compare_u64(a->time, b->time);
    if (!order)
        order =
            compare_bytes((struct bytes){a->from, a->from_n}, (struct bytes){b->from, b->from_n});
    if (!order)
        order = compare_bytes((struct bytes){a->to, a->to_n}, (struct bytes){b->to, b->to_n});
    if (!order)
        order = compare_bytes(a->asset, b->asset);
    return order ? order : u256_compare(a->amount, b->amount);
}

static int by_hash(const void *one, const void *other)
{
    const struct row *a = one, *b = other;
    int order = memcmp(a->hash.b, b->hash.b, sizeof(a->hash.b));

    return order ? order : compare_u64(a->time, b->time);
}

static int by_time(const void *one, const void *other)
{
    const struct row *a = one, *b = other;
    int order = compare_u64(a->time, b->time);

    if (!order)
        order = compare_u64(a->lead, b->lead);
    return order ? order : compare_u64(a->order, b->order);
}

static struct hash32 hash_of(const struct list *l, const struct row *row, uint64_t number)
{
    char text[4 * ACCOUNT_NAME_MAX], from[ACCOUNT_NAME_MAX], to[ACCOUNT_NAME_MAX],
        asset[ACCOUNT_NAME_MAX], amount[U256_TEXT_MAX];
    int n;

    account_name(l->chain, (struct bytes){row->from, row->from_n}, from);
    account_name(l->chain, (struct bytes){row->to, row->to_n}, to);
    asset_name(l->chain, row->asset, asset);
    u256_to_text(row->amount, amount);
    n = snprintf(text, sizeof(text), FORM "%llu,%s,%s,%s,%s,%llu", (unsigned long long)row->time,
                 from, to, asset, amount, (unsigned long long)number);
    return sha256(text, (size_t)n);
}

/* A row without a hash gets one; equal rows follow each other, in the order of the lists. */
static void hashes_make(struct list *l, struct row **rows)
{
    uint64_t number = 0;
    struct row before = {0};

    for (size_t i = 0; i < l->rows_n; i++) {
        struct row *row = rows[i];

        number = i && !by_meaning(&before, row) ? number + 1 : 0;
        before = *row;
        l->counts.equal += row->hashed && number;
        if (!row->hashed)
            row->hash = hash_of(l, row, number);
    }
}

static void positions_make(struct row **rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct row *before = i ? rows[i - 1] : NULL;
        bool same = before && hash32_equal(&before->hash, &rows[i]->hash);

        rows[i]->position = same ? before->position + 1 : 0;
        rows[i]->lead = same && before->time == rows[i]->time ? before->lead : rows[i]->order;
    }
}

static size_t block_rows(const struct list *l, size_t at)
{
    size_t n = 1;

    while (at + n < l->rows_n && l->rows[at + n]->time == l->rows[at]->time)
        n++;
    return n;
}

static bool order_make(struct list *l, struct err *err)
{
    const void **rows = ARENA_ARRAY(l->a, const void *, l->rows_n),
               **scratch = ARENA_ARRAY(l->a, const void *, l->rows_n);
    size_t largest = 0;

    if (!rows || !scratch)
        return no_memory(l, err);
    for (size_t i = 0; i < l->rows_n; i++)
        rows[i] = l->found[i];
    sort_pointers(rows, l->rows_n, scratch, by_meaning);
    hashes_make(l, (struct row **)rows);
    for (size_t i = 0; i < l->rows_n; i++)
        rows[i] = l->found[i];
    sort_pointers(rows, l->rows_n, scratch, by_hash);
    positions_make((struct row **)rows, l->rows_n);
    sort_pointers(rows, l->rows_n, scratch, by_time);
    l->rows = (const struct row **)rows;
    for (size_t i = 0; i < l->rows_n;) {
        size_t n = block_rows(l, i);

        largest = n > largest ? n : largest;
        i += n;
    }
    l->txs = ARENA_ARRAY(l->a, struct fact_tx, largest);
    l->transfers = ARENA_ARRAY(l->a, struct fact_transfer, largest);
    return (l->txs && l->transfers) || no_memory(l, err);
}

/* The source. */

static bool list_next(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct list *l = self;
    size_t n, txs_n = 0;

    *ret_end = l->at == l->rows_n;
    if (*ret_end)
        return true;
    n = block_rows(l, l->at);
    for (size_t i = 0; i < n; i++) {
        const struct row *row = l->rows[l->at + i];
        struct fact_tx *tx = &l->txs[txs_n];

        l->transfers[i] = (struct fact_transfer){.kind = TRANSFER_STATED,
                                                 .position = row->position,
                                                 .from = {row->from, row->from_n},
                                                 .to = {row->to, row->to_n},
                                                 .asset = row->asset,
                                                 .amount = row->amount,
                                                 .credit = row->amount};
        if (i && hash32_equal(&tx[-1].hash, &row->hash)) {
            tx[-1].transfers_n++;
            continue;
        }
        *tx = (struct fact_tx){.hash = row->hash, .transfers = &l->transfers[i], .transfers_n = 1};
        txs_n++;
    }
    *ret = (struct transfer_block){.height = HEIGHT_UNKNOWN,
                                   .time = l->rows[l->at]->time,
                                   .grade = GRADE_STATED,
                                   .txs = l->txs,
                                   .txs_n = txs_n};
    l->at += n;
    return true;
}

static void list_free(void *self)
{
    struct list *l = self;

    if (!l)
        return;
    mem_free(l->found);
    arena_free(l->a);
    mem_free(l);
}

struct list_counts list_counts(const struct transfer_source *s)
{
    return ((const struct list *)s->self)->counts;
}

static struct list *list_new(const char *map, const struct chain *chain, struct err *err)
{
    struct list *l;

    if (!chain->dialect || !chain->dialect->names_asset) {
        err_fail(err, ERR_USAGE, "a list of transfers is not of %s", chain->name);
        return NULL;
    }
    l = mem_zero(sizeof(*l));
    if (l)
        l->a = arena_new(NULL, LIST_BYTES_MAX);
    if (!l || !l->a) {
        mem_free(l);
        err_fail(err, ERR_NOMEM, "list");
        return NULL;
    }
    l->chain = chain;
    if (map && *map && !map_read(l, map, err)) {
        list_free(l);
        return NULL;
    }
    return l;
}

static bool list_done(struct list *l, struct transfer_source *ret, struct err *err)
{
    if (!order_make(l, err)) {
        list_free(l);
        return false;
    }
    l->found = mem_free(l->found);
    *ret = (struct transfer_source){.next = list_next, .free = list_free, .self = l};
    return true;
}

bool list_from(const struct list_file *files, size_t files_n, const char *map,
               const struct chain *chain, struct transfer_source *ret, struct err *err)
{
    struct list *l = list_new(map, chain, err);

    if (!l)
        return false;
    for (size_t i = 0; i < files_n; i++)
        if (!file_read(l, &files[i], err)) {
            list_free(l);
            return false;
        }
    return list_done(l, ret, err);
}

static bool path_read(struct list *l, const char *path, struct err *err)
{
    struct source_file f;
    struct source_buffer buffer = {0};
    struct list_file file = {.name = path};
    bool ok;

    if (!source_file_open(&f, path, NULL, err))
        return err_in(err, "%s", path);
    if (!source_file_borrow(&f, 0, f.size, &buffer, &file.in, err))
        ok = err_in(err, "%s", path);
    else
        ok = file_read(l, &file, err);
    source_file_close(&f);
    return ok;
}

bool list_open(const char *const *paths, size_t paths_n, const char *map, const struct chain *chain,
               struct transfer_source *ret, struct err *err)
{
    struct list *l = list_new(map, chain, err);

    if (!l)
        return false;
    for (size_t i = 0; i < paths_n; i++)
        if (!path_read(l, paths[i], err)) {
            list_free(l);
            return false;
        }
    return list_done(l, ret, err);
}
