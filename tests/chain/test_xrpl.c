/* The XRP Ledger: every transaction and ledger of the data, whose balances must be what the moves
 * say, by a second reading of the metadata; tags and X-addresses; rules by hand; damage. */
#include "support.h"

#include "base/text.h"
#include "chain/account_name.h"
#include "chain/xrpl/address.h"
#include "chain/xrpl/answer.h"
#include "chain/xrpl/codec.h"
#include "chain/xrpl/source.h"
#include "chain/xrpl/tx.h"

#include <stdio.h>
#include <stdlib.h>

#define SUMS_MAX 1024
#define SHIFT 30 /* decimals of a unit of what accounts issue */

/* What a holder has more and less of an asset; of XRP the asset is "". */
struct sums {
    struct {
        char holder[XRPL_NAME_MAX], asset[XRPL_NAME_MAX];
        struct u256 more, less;
    } at[SUMS_MAX];
    size_t n;
};

static void sum_add(struct sums *s, const char *holder, const char *asset, struct u256 v, bool less)
{
    size_t i = 0;

    while (i < s->n && (strcmp(s->at[i].holder, holder) || strcmp(s->at[i].asset, asset)))
        i++;
    CHECK(i < SUMS_MAX);
    if (i == s->n) {
        memset(&s->at[s->n++], 0, sizeof(s->at[0]));
        snprintf(s->at[i].holder, XRPL_NAME_MAX, "%s", holder);
        snprintf(s->at[i].asset, XRPL_NAME_MAX, "%s", asset);
    }
    CHECK(
        u256_add(less ? s->at[i].less : s->at[i].more, v, less ? &s->at[i].less : &s->at[i].more));
}

/* ---- the second reading ---- */

static const char *text_of(const struct json *j)
{
    CHECK(j && (j->type == JSON_STRING || j->type == JSON_NUMBER));
    return j->text;
}

/* A decimal as whole units, by moving its point. */
static struct u256 units(const char *text, bool *ret_minus)
{
    char digits[400] = "";
    const char *e = strpbrk(text, "eE"), *point = strchr(text, '.');
    long shift = SHIFT + (e ? strtol(e + 1, NULL, 10) : 0);
    struct u256 v;
    size_t n = 0;

    *ret_minus = *text == '-';
    for (const char *p = text + *ret_minus; *p && p != e; p++)
        if (*p != '.')
            digits[n++] = *p;
    if (point)
        shift -= (e ? e : text + strlen(text)) - point - 1;
    for (; shift > 0; shift--)
        digits[n++] = '0';
    for (; shift < 0 && n; shift++)
        n--;
    while (n > 1 && digits[0] == '0')
        memmove(digits, digits + 1, --n);
    CHECK(!n || u256_from_text(digits, n, &v));
    return n ? v : u256_of(0);
}

static void sum_line(struct sums *s, const struct json *fields, const struct json *balance,
                     bool less)
{
    const char *low = text_of(json_get(json_get(fields, "LowLimit"), "issuer")),
               *high = text_of(json_get(json_get(fields, "HighLimit"), "issuer"));
    char code[XRPL_NAME_MAX], asset[2 * XRPL_NAME_MAX];
    bool minus;
    struct u256 v = units(text_of(json_get(balance, "value")), &minus);

    snprintf(code, sizeof(code), "%s", text_of(json_get(balance, "currency")));
    snprintf(asset, sizeof(asset), "%s.%s", code, minus ? low : high);
    sum_add(s, minus ? high : low, asset, v, less);
}

static struct u256 drops(const struct json *j)
{
    struct u256 v;

    CHECK(u256_from_text(text_of(j), strlen(text_of(j)), &v));
    return v;
}

static void sum_amount(struct sums *s, const char *holder, const struct json *amount, bool less)
{
    char asset[2 * XRPL_NAME_MAX];
    bool minus;

    if (amount->type != JSON_OBJECT) {
        sum_add(s, holder, "", drops(amount), less);
        return;
    }
    if (json_get(amount, "mpt_issuance_id")) {
        sum_add(s, holder, text_of(json_get(amount, "mpt_issuance_id")),
                units(text_of(json_get(amount, "value")), &minus), less);
        return;
    }
    snprintf(asset, sizeof(asset), "%s.%s", text_of(json_get(amount, "currency")),
             text_of(json_get(amount, "issuer")));
    sum_add(s, holder, asset, units(text_of(json_get(amount, "value")), &minus), less);
}

static const struct json *before(const struct json *node, const char *name)
{
    const struct json *j = json_get(json_get(node, "PreviousFields"), name);

    return j ? j : json_get(json_get(node, "FinalFields"), name);
}

/* Lines of the data whose metadata leaves out a balance that was 0, though it names other fields
 * that changed: all of the token was locked in an escrow, and came back. */
static const unsigned zero_lines[] = {44, 55};

static void sum_token(struct sums *s, const struct json *node, const struct json *fields,
                      unsigned line)
{
    const struct json *after = json_get(fields, "MPTAmount"),
                      *changed = json_get(node, "PreviousFields"),
                      *was = json_get(changed, "MPTAmount");
    const char *holder = text_of(json_get(fields, "Account")),
               *asset = text_of(json_get(fields, "MPTokenIssuanceID"));
    bool zero = !strcmp(node->key, "CreatedNode") || (changed && !changed->child), minus;

    for (size_t i = 0; i < sizeof(zero_lines) / sizeof(zero_lines[0]); i++)
        zero = zero || line == zero_lines[i];
    if (!zero && !was)
        return; /* the same as before */
    if (was)
        sum_add(s, holder, asset, units(text_of(was), &minus), true);
    if (after)
        sum_add(s, holder, asset, units(text_of(after), &minus), false);
}

/* What is confidential is held by an account of its own: rows of the data whose amount changes. */
static void sum_issuance(struct sums *s, const struct json *node, const struct json *fields)
{
    const struct json *after = json_get(fields, "ConfidentialOutstandingAmount"),
                      *was = json_get(json_get(node, "PreviousFields"),
                                      "ConfidentialOutstandingAmount");
    char asset[49] = "", hidden[XRPL_NAME_MAX];
    uint8_t account[XRPL_ACCOUNT_BYTES];
    unsigned long sequence;
    bool minus;

    if (!after || !was)
        return;
    sequence = strtoul(text_of(json_get(fields, "Sequence")), NULL, 10);
    CHECK(xrpl_account_read(text_of(json_get(fields, "Issuer")), account));
    snprintf(asset, sizeof(asset), "%08lX", sequence);
    for (size_t i = 0; i < sizeof(account); i++)
        snprintf(asset + 8 + 2 * i, 3, "%02X", account[i]);
    snprintf(hidden, sizeof(hidden), "confidential:%s", asset);
    sum_add(s, hidden, asset, units(text_of(was), &minus), true);
    sum_add(s, hidden, asset, units(text_of(after), &minus), false);
}

static void sum_node(struct sums *s, const struct json *n, unsigned line)
{
    const struct json *node = n->child;
    bool made = !strcmp(node->key, "CreatedNode"), ended = !strcmp(node->key, "DeletedNode");
    const struct json *fields = json_get(node, made ? "NewFields" : "FinalFields");
    const char *type = text_of(json_get(node, "LedgerEntryType")),
               *index = text_of(json_get(node, "LedgerIndex"));

    if (!fields)
        return;
    if (!strcmp(type, "AccountRoot") && json_get(fields, "Balance")) {
        const char *account = text_of(json_get(fields, "Account"));

        if (!made)
            sum_add(s, account, "", drops(before(node, "Balance")), true);
        sum_add(s, account, "", drops(json_get(fields, "Balance")), false);
    } else if (!strcmp(type, "RippleState")) {
        if (!made)
            sum_line(s, fields, before(node, "Balance"), true);
        sum_line(s, fields, json_get(fields, "Balance"), false);
    } else if (!strcmp(type, "MPToken")) {
        sum_token(s, node, fields, line);
    } else if (!strcmp(type, "MPTokenIssuance")) {
        sum_issuance(s, node, fields);
    } else if (!strcmp(type, "Escrow") && (made || ended)) {
        sum_amount(s, index, json_get(fields, "Amount"), ended);
    } else if (!strcmp(type, "PayChannel")) {
        if (!made) {
            sum_add(s, index, "", drops(before(node, "Amount")), true);
            sum_add(s, index, "", drops(before(node, "Balance")), false);
        }
        if (!ended) {
            sum_add(s, index, "", drops(json_get(fields, "Amount")), false);
            if (json_get(fields, "Balance"))
                sum_add(s, index, "", drops(json_get(fields, "Balance")), true);
        }
    }
}

static void name_of(struct bytes key, char ret[XRPL_NAME_MAX])
{
    *ret = 0;
    CHECK(!key.n || xrpl_name(key, ret));
}

static void sum_moves(struct sums *s, const struct fact_tx *tx)
{
    for (size_t i = 0; i < tx->transfers_n; i++) {
        const struct fact_transfer *t = &tx->transfers[i];
        char from[XRPL_NAME_MAX], to[XRPL_NAME_MAX], asset[XRPL_NAME_MAX];

        name_of(t->from, from);
        name_of(t->to, to);
        name_of(t->asset, asset);
        if (*from)
            sum_add(s, from, asset, t->amount, true);
        if (*to)
            sum_add(s, to, asset, t->amount, false);
    }
}

/* What an account itself issued comes back to it: no balance says so. */
static bool is_own(const char *holder, const char *asset)
{
    const char *dot = strchr(asset, '.');
    uint8_t id[XRPL_TOKEN_ID_BYTES], account[XRPL_ACCOUNT_BYTES];

    if (hex_decode(asset, strlen(asset), id, sizeof(id)))
        return xrpl_account_read(holder, account) && !memcmp(id + 4, account, sizeof(account));
    return dot && !strcmp(dot + 1, holder);
}

static void check_tx(const struct json *outer, const struct fact_tx *fact, unsigned line)
{
    static const char *const metas[] = {"meta", "metaData"};
    static struct sums all;
    const struct json *meta = NULL, *tx = outer;

    for (const char *const *name = (const char *const[]){"tx", "tx_json", "transaction", NULL};
         *name; name++)
        if (json_get(outer, *name) && json_get(outer, *name)->type == JSON_OBJECT)
            tx = json_get(outer, *name);
    for (size_t i = 0; i < 2; i++) {
        meta = json_get(outer, metas[i]) ? json_get(outer, metas[i]) : meta;
        meta = json_get(tx, metas[i]) ? json_get(tx, metas[i]) : meta;
    }
    CHECK(meta);
    all.n = 0;
    sum_moves(&all, fact);
    for (size_t i = 0; i < all.n; i++) { /* what moves say, the other way round */
        struct u256 more = all.at[i].more;

        all.at[i].more = all.at[i].less;
        all.at[i].less = more;
    }
    for (const struct json *n = json_get(meta, "AffectedNodes")->child; n; n = n->next)
        sum_node(&all, n, line);
    for (size_t i = 0; i < all.n; i++)
        if (!u256_equal(all.at[i].more, all.at[i].less) &&
            !is_own(all.at[i].holder, all.at[i].asset))
            test_failed(__FILE__, __LINE__, "%s: %s is not explained", all.at[i].holder,
                        *all.at[i].asset ? all.at[i].asset : "XRP");
}

static struct bytes next_line(struct bytes *in)
{
    const uint8_t *end = memchr(in->p, '\n', in->n);
    struct bytes line = {in->p, end ? (size_t)(end - in->p) : in->n};
    size_t step = line.n + (end != NULL);

    *in = (struct bytes){in->p + step, in->n - step};
    return line;
}

static void all_transactions(void **state)
{
    struct bytes in = test_data("xrpl/tx/transactions.jsonl.zst");
    size_t n = 0, by_rule = 0, moves = 0;

    for (unsigned number = 1; in.n; number++) {
        struct bytes line = next_line(&in);
        struct arena *a = arena_new(NULL, (size_t)1 << 28);
        const struct json *tree;
        struct xrpl_tx tx;
        struct err err;

        test_row("line %u", number);
        CHECK_OK(json_read(a, (const char *)line.p, line.n, &tree, &err), err);
        CHECK_OK(xrpl_tx_read(a, tree, &tx, &err), err);
        check_tx(tree, &tx.fact, number);
        CHECK(tx.checked);
        for (size_t i = 0; i < tx.fact.transfers_n; i++)
            by_rule += tx.fact.transfers[i].kind == TRANSFER_PAIRED;
        moves += tx.fact.transfers_n;
        arena_free(a);
        n++;
    }
    CHECK_U(n, 198);
    printf("%zu moves, %zu of them paired by rule alone\n", moves, by_rule);
}

/* Whole answers of a server: rows of account_tx, the newest first, and a message of a stream. */
static void answers_of_data(void **state)
{
    static const struct {
        const char *file;
        uint32_t heights[2];
    } rows[] = {{"xrpl/rpc/account_tx.json", {61965405, 61965653}},
                {"xrpl/rpc/stream-transaction.json", {66093882, 0}}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xrpl_text text = {rows[i].file, test_data(rows[i].file)};
        struct arena *a = arena_new(NULL, (size_t)1 << 28);
        const struct json *tree, *row;
        struct transfer_source s;
        struct transfer_block b;
        struct err err;
        bool end;

        test_row("%s", rows[i].file);
        CHECK_OK(json_read(a, (const char *)text.in.p, text.in.n, &tree, &err), err);
        CHECK_OK(xrpl_from(&text, 1, &s, &err), err);
        for (size_t k = 0; k < 2 && rows[i].heights[k]; k++) {
            CHECK_OK(s.next(s.self, &b, &end, &err), err);
            CHECK(!end && b.txs_n == 1);
            CHECK_U(b.height, rows[i].heights[k]);
            row = json_get(json_get(tree, "result"), "transactions");
            row = !row ? tree : k ? row->child : row->child->next;
            check_tx(row, &b.txs[0], 0);
        }
        CHECK_OK(s.next(s.self, &b, &end, &err), err);
        CHECK(end);
        s.free(s.self);
        arena_free(a);
    }
}

static void rows_refused(void **state)
{
    static const char *const rows[][2] = {
        {"{\"account\":\"r\",\"transactions\":[{\"validated\":false}]}",
         "transaction 1: it is not validated"},
        {"{\"account\":\"r\",\"transactions\":[{\"tx\":{}}]}", "transaction 1: "},
        {"{\"account\":\"r\",\"transactions\":[7]}", "transaction 1: "},
        {"{\"account\":\"r\",\"validated\":false,\"transactions\":[]}", "it is not validated"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xrpl_text text = {"a", {(const uint8_t *)rows[i][0], strlen(rows[i][0])}};
        struct transfer_source s;
        struct err err;

        test_row("%s", rows[i][0]);
        CHECK(!xrpl_from(&text, 1, &s, &err));
        CHECK_U(err.class, ERR_INPUT);
        CHECK(strstr(err.text, rows[i][1]));
    }
}

static void whole_ledgers(void **state)
{
    static const struct {
        const char *file;
        uint32_t height;
        size_t txs;
        uint64_t time;
    } rows[] = {
        {"xrpl/ledgers/ledger-7501326-full.json.zst", 7501326, 17,
         1404201830},                                                      /* 2014-07-01 08:03:50 */
        {"xrpl/ledgers/ledger-38129-response.json", 38129, 1, 1357109000}, /* 2013-01-02 06:43:20 */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xrpl_text text = {rows[i].file, test_data(rows[i].file)};
        struct arena *a = arena_new(NULL, (size_t)1 << 28);
        struct transfer_source s;
        struct transfer_block b;
        const struct json *tree;
        struct err err;
        bool end;

        test_row("%s", rows[i].file);
        CHECK_OK(xrpl_from(&text, 1, &s, &err), err);
        CHECK_OK(s.next(s.self, &b, &end, &err), err);
        CHECK(!end);
        CHECK_U(b.height, rows[i].height);
        CHECK_U(b.txs_n, rows[i].txs);
        CHECK_U(b.time, rows[i].time);
        CHECK_OK(json_read(a, (const char *)text.in.p, text.in.n, &tree, &err), err);
        tree = json_get(tree, "ledger") ? json_get(tree, "ledger") : tree;
        for (const struct json *t = json_get(tree, "transactions")->child; t; t = t->next) {
            struct hash32 hash;
            size_t k = 0;

            CHECK(hex_decode(text_of(json_get(t, "hash")), 64, hash.b, 32));
            while (k < b.txs_n && !hash32_equal(&b.txs[k].hash, &hash))
                k++;
            CHECK(k < b.txs_n);
            check_tx(t, &b.txs[k], 0);
        }
        s.free(s.self);
        arena_free(a);
    }
}

/* ---- the binary form says what JSON says ---- */

static void put_blob(struct json_out *o, const char *name, const struct json *j)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 28);
    struct text t = text_new((size_t)1 << 24);
    struct err err;

    CHECK_OK(xrpl_encode(a, j, &t, &err), err);
    json_put_hex(o, name, (const uint8_t *)t.p, t.n);
    text_free(&t);
    arena_free(a);
}

static void check_equal(const struct fact_tx *got, const struct fact_tx *want)
{
    CHECK(hash32_equal(&got->hash, &want->hash));
    CHECK_U(got->failed, want->failed);
    CHECK_U(got->transfers_n, want->transfers_n);
    for (size_t i = 0; i < want->transfers_n; i++) {
        const struct fact_transfer *g = &got->transfers[i], *w = &want->transfers[i];

        CHECK(g->kind == w->kind && g->position == w->position && bytes_equal(g->from, w->from) &&
              bytes_equal(g->to, w->to) && bytes_equal(g->asset, w->asset) &&
              u256_equal(g->amount, w->amount) && u256_equal(g->credit, w->credit));
    }
}

static const struct json *member_of(const struct json *outer, const char *const *names)
{
    for (; *names; names++)
        if (json_get(outer, *names) && json_get(outer, *names)->type == JSON_OBJECT)
            return json_get(outer, *names);
    return NULL;
}

/* tx, account_tx and ledger have other names for the two blobs. */
static const char *const blob_names[][2] = {
    {"tx_blob", "meta"}, {"tx_blob", "meta_blob"}, {"tx", "meta"}};

static void binary_form(void **state)
{
    static const char *const txs[] = {"tx", "tx_json", "transaction", NULL}, *const metas[] = {
                                                                                 "meta", "metaData",
                                                                                 NULL};
    struct bytes in = test_data("xrpl/tx/transactions.jsonl.zst");
    size_t n = 0;

    for (unsigned number = 1; in.n; number++) {
        struct bytes line = next_line(&in);
        struct arena *a = arena_new(NULL, (size_t)1 << 28);
        const struct json *tree, *tx, *meta;
        struct xrpl_tx want, got;
        struct err err;

        test_row("line %u", number);
        CHECK_OK(json_read(a, (const char *)line.p, line.n, &tree, &err), err);
        CHECK_OK(xrpl_tx_read(a, tree, &want, &err), err);
        tx = member_of(tree, txs) ? member_of(tree, txs) : tree;
        meta = member_of(tree, metas) ? member_of(tree, metas) : member_of(tx, metas);
        if (number == 31 || number == 51 || number == 59) { /* with words of a tool's own */
            arena_free(a);
            continue;
        }
        for (size_t i = 0; i < 3; i++) {
            struct text t = text_new((size_t)1 << 24);
            struct json_out o = json_to(&t, false);

            json_object(&o);
            put_blob(&o, blob_names[i][0], tx);
            put_blob(&o, blob_names[i][1], meta);
            json_object_end(&o);
            CHECK_OK(json_read(a, text_string(&t), t.n, &tree, &err), err);
            CHECK_OK(xrpl_tx_read(a, tree, &got, &err), err);
            CHECK(got.checked);
            check_equal(&got.fact, &want.fact);
            text_free(&t);
        }
        n++;
        arena_free(a);
    }
    CHECK_U(n, 195);
}

/* ---- what was changed is refused: in a whole ledger, and alone ---- */

#define PAYMENT_FILE "xrpl/ledgers/ledger-38129-response.json"

static const struct {
    const char *was, *is, *why; /* once in the file; NULL: all is well */
} change_rows[] = {
    {"\"Sequence\": 62", "\"Sequence\": 62", NULL},
    {"\"Amount\": \"10000000000\"", "\"Amount\": \"10000000001\"", "it has been changed"},
    {"\"Destination\": \"rLQBHVhFnaC5gLEkgr6HgBJJ3bgeZHg9cj\"",
     "\"Destination\": \"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh\"", "it has been changed"},
    {"\"hash\": \"3B1A", "\"hash\": \"3B1B", "it has been changed"},
    {"\"Balance\": \"981481999380\"", "\"Balance\": \"981481999381\"",
     "its transactions are not those of its header"},
    {"\"TransactionResult\": \"tesSUCCESS\"", "\"TransactionResult\": \"tecEXPIRED\"",
     "its transactions are not those of its header"},
    {"\"transaction_hash\": \"DB83", "\"transaction_hash\": \"DB84",
     "its header is not the one of its hash"},
    {"\"parent_hash\": \"3401", "\"parent_hash\": \"3402", "its header is not the one of its hash"},
    {"\"total_coins\": \"99999999999996310\"", "\"total_coins\": \"99999999999996311\"",
     "its header is not the one of its hash"},
    {"\"ledger_index\": 38129", "\"ledger_index\": 38130", "its header is not the one of its hash"},
};

static void changed(void **state)
{
    struct bytes in = test_data(PAYMENT_FILE);

    for (size_t i = 0; i < sizeof(change_rows) / sizeof(change_rows[0]); i++) {
        char *file = malloc(in.n + 1), *at;
        size_t n = strlen(change_rows[i].was), count = 0;
        struct xrpl_text text = {"a", {(const uint8_t *)file, in.n}};
        struct transfer_source s;
        struct err err;
        bool ok;

        test_row("%s", change_rows[i].is);
        CHECK(file && n == strlen(change_rows[i].is));
        memcpy(file, in.p, in.n);
        file[in.n] = 0;
        for (at = strstr(file, change_rows[i].was); at; at = strstr(at + n, change_rows[i].was)) {
            memcpy(at, change_rows[i].is, n);
            count++;
        }
        CHECK(count);
        ok = xrpl_from(&text, 1, &s, &err);
        CHECK_U(ok, !change_rows[i].why);
        if (ok)
            s.free(s.self);
        else
            CHECK(strstr(err.text, change_rows[i].why));
        free(file);
    }
}

/* ---- names: XLS-5's own examples; currencies ---- */

static const struct {
    const char *text, *want; /* NULL: refused */
} names[] = {
    {"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"},
    {"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh:0", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh:0"},
    {"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh:4294967295",
     "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh:4294967295"},
    {"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh:4294967296", NULL},
    {"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi", NULL},
    {"XVLhHMPHU98es4dbozjVtdWzVrDjtV5fdx1mHp98tDMoQXb", "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf"},
    {"XVLhHMPHU98es4dbozjVtdWzVrDjtV8AqEL4xcZj5whKbmc", "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf:0"},
    {"XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8yuPT7y4xaEHi",
     "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf:4294967295"},
    {"XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8yuPT7y4xaEHj", NULL},
    {"USD.rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "USD.rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"},
    {"0000000000000000000000005553440000000000.rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
     "USD.rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"},
    {"03DD35D1879DBE4FE3290B911A14875DE6534DFD.rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
     "03DD35D1879DBE4FE3290B911A14875DE6534DFD.rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"},
    {"XRP.rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", NULL},
    {"a:b.rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", NULL},
    {"006419063CEBEB49FC20032206CE0F203138BFC59F1AC578",
     "006419063CEBEB49FC20032206CE0F203138BFC59F1AC578"},
    {"006419063CEBEB49FC20032206CE0F203138BFC59F1AC57", NULL},
    {"confidential:006419063CEBEB49FC20032206CE0F203138BFC59F1AC578",
     "confidential:006419063CEBEB49FC20032206CE0F203138BFC59F1AC578"},
    {"confidential:006419063CEBEB49FC20032206CE0F203138BFC59F1AC57", NULL},
    {"", NULL},
    {"r", NULL},
};

static void names_both_ways(void **state)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        uint8_t key[XRPL_KEY_MAX];
        char name[XRPL_NAME_MAX];
        struct err err;
        size_t n;

        test_row("%s", names[i].text);
        CHECK_U(xrpl_read(names[i].text, key, &n, &err), names[i].want != NULL);
        if (!names[i].want)
            continue;
        CHECK(xrpl_name((struct bytes){key, n}, name));
        CHECK_S(name, names[i].want);
    }
}

static void values(void **state)
{
    static const struct {
        const char *text, *want; /* without the 30 digits; NULL: refused */
        bool minus;
    } rows[] = {
        {"1", "1000000000000000000000000000000", false},
        {"-0.5", "500000000000000000000000000000", true},
        {"1e-30", "1", false},
        {"1e-31", "0", false},
        {"12.5e-2", "125000000000000000000000000000", false},
        {"0", "0", false},
        {"9999999999999999e30",
         "9999999999999999000000000000000000000000000000000000000000000000000000"
         "000000",
         false},
        {"1e80", NULL, false},
        {"", NULL, false},
        {"-", NULL, false},
        {"1.2.3", NULL, false},
        {"1e", NULL, false},
        {"0x1", NULL, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[U256_TEXT_MAX];
        struct u256 v;
        bool minus;

        test_row("%s", rows[i].text);
        CHECK_U(xrpl_value(rows[i].text, strlen(rows[i].text), &minus, &v), rows[i].want != NULL);
        if (!rows[i].want)
            continue;
        u256_to_text(v, text);
        CHECK_S(text, rows[i].want);
        CHECK_U(minus, rows[i].minus);
    }
}

/* ---- by hand: A pays, B gets, I issues ---- */

#define A "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
#define B "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf"
#define I "rrrrrrrrrrrrrrrrrrrrBZbvji"
#define H "\"hash\":\"00000000000000000000000000000000000000000000000000000000000000AB\""
#define ROOT(who, was, is)                                                                         \
    "{\"ModifiedNode\":{\"LedgerEntryType\":\"AccountRoot\",\"LedgerIndex\":\"00\","               \
    "\"FinalFields\":{"                                                                            \
    "\"Account\":\"" who "\",\"Balance\":\"" is "\"},\"PreviousFields\":{\"Balance\":\"" was       \
    "\"}}}"
#define LINE(low, was, is)                                                                         \
    "{\"ModifiedNode\":{\"LedgerEntryType\":\"RippleState\",\"LedgerIndex\":\"00\","               \
    "\"FinalFields\":{"                                                                            \
    "\"Balance\":{\"currency\":\"USD\",\"issuer\":\"" I "\",\"value\":\"" is "\"},\"LowLimit\":{"  \
    "\"currency\":\"USD\",\"issuer\":\"" low                                                       \
    "\",\"value\":\"0\"},\"HighLimit\":{\"currency\":\"USD\","                                     \
    "\"issuer\":\"" I                                                                              \
    "\",\"value\":\"0\"}},\"PreviousFields\":{\"Balance\":{\"currency\":\"USD\","                  \
    "\"issuer\":\"" I "\",\"value\":\"" was "\"}}}}"
#define TX(members, result, nodes, more)                                                           \
    "{\"tx\":{\"TransactionType\":\"Payment\",\"Account\":\"" A "\",\"Fee\":\"10\"," members H     \
    ",\"date\":100,\"ledger_index\":7},\"meta\":{\"TransactionIndex\":1,\"TransactionResult\":"    \
    "\"" result "\"," more "\"AffectedNodes\":[" nodes "]}}"

/* A pool's shares (XLS-30), issued by the pool's account. */
#define SHARES(who, pool, was, is)                                                                 \
    "{\"ModifiedNode\":{\"LedgerEntryType\":\"RippleState\",\"LedgerIndex\":\"00\","               \
    "\"FinalFields\":{\"Balance\":{\"currency\":\"03930D02208264E2E40EC1B0C09E4DB96EE197B1\","     \
    "\"issuer\":\"" I "\",\"value\":\"" is                                                         \
    "\"},\"LowLimit\":{\"currency\":\"USD\",\"issuer\":\"" who                                     \
    "\",\"value\":\"0\"},\"HighLimit\":{\"currency\":\"USD\",\"issuer\":\"" pool                   \
    "\",\"value\":\"0\"}},\"PreviousFields\":{\"Balance\":{\"currency\":"                          \
    "\"03930D02208264E2E40EC1B0C09E4DB96EE197B1\",\"issuer\":\"" I "\",\"value\":\"" was "\"}}}}"
#define T "000000070000000000000000000000000000000000000001" /* of I */
#define TOKEN(who, is, was)                                                                        \
    "{\"ModifiedNode\":{\"LedgerEntryType\":\"MPToken\",\"LedgerIndex\":\"00\",\"FinalFields\":{"  \
    "\"Account\":\"" who "\"," is "\"MPTokenIssuanceID\":\"" T "\"},\"PreviousFields\":{" was      \
    "}}}"
#define ISSUANCE(is, was)                                                                          \
    "{\"ModifiedNode\":{\"LedgerEntryType\":\"MPTokenIssuance\",\"LedgerIndex\":\"00\","           \
    "\"FinalFields\":{\"Issuer\":\"" I "\",\"Sequence\":7,\"OutstandingAmount\":\"" is             \
    "\"},\"PreviousFields\":{\"OutstandingAmount\":\"" was "\"}}}"

#define DIGITS_16 "30313233343536373839414243444546" /* 0 to F, as text in hex */
#define DIGITS_64 DIGITS_16 DIGITS_16 DIGITS_16 DIGITS_16

/* I puts XRP in for the fees of A (XLS-68): held under the entry's index. */
#define S "0000000000000000000000000000000000000000000000000000000000000068"
#define SPONSORSHIP(kind, fields, is, was)                                                         \
    "{\"" kind "\":{\"LedgerEntryType\":\"Sponsorship\",\"LedgerIndex\":\"" S "\",\"" fields       \
    "\":{" is "\"Owner\":\"" I "\",\"Sponsee\":\"" A "\"}" was "}}"
#define FEES_BEFORE(was) ",\"PreviousFields\":{" was "}"
#define SPONSORED(flags) "\"Sponsor\":\"" I "\",\"SponsorFlags\":" flags ","

static const struct {
    const char *name, *text, *want;
} hand_rows[] = {
    {"a fee that a sponsor pays itself", TX(SPONSORED("3"), "tesSUCCESS", ROOT(I, "100", "90"), ""),
     "f I> 10 XRP\n"},
    {"a sponsor of the reserve alone", TX(SPONSORED("2"), "tesSUCCESS", ROOT(A, "100", "90"), ""),
     "f A> 10 XRP\n"},
    {"a fee out of what a sponsor put in, though it signed, of one that failed",
     TX(SPONSORED("1") "\"SponsorSignature\":{},", "tecPATH_DRY",
        SPONSORSHIP("ModifiedNode", "FinalFields", "\"FeeAmount\":\"5\",",
                    FEES_BEFORE("\"FeeAmount\":\"15\"")),
        ""),
     "f E> 10 XRP\n"},
    {"the last of it",
     TX(SPONSORED("1") "\"Destination\":\"" B "\",", "tesSUCCESS",
        ROOT(A, "100", "70") "," ROOT(B, "1", "31") "," SPONSORSHIP(
            "ModifiedNode", "FinalFields", "", FEES_BEFORE("\"FeeAmount\":\"10\"")),
        "\"delivered_amount\":\"30\","),
     "f E> 10 XRP\nv A>B 30 XRP\n"},
    {"put in, and the sponsor pays for that as there was nothing yet",
     TX(SPONSORED("1"), "tesSUCCESS",
        ROOT(I, "100", "60") "," SPONSORSHIP("CreatedNode", "NewFields", "\"FeeAmount\":\"30\",",
                                             ""),
        ""),
     "f I> 10 XRP\nb I>E 30 XRP\n"},
    {"put in where there was none: of which metadata say nothing",
     TX("", "tesSUCCESS",
        ROOT(A, "100", "90") "," ROOT(I, "100", "70") "," SPONSORSHIP(
            "ModifiedNode", "FinalFields", "\"FeeAmount\":\"30\",", FEES_BEFORE("")),
        ""),
     "f A> 10 XRP\nb I>E 30 XRP\n"},
    {"as much as before",
     TX("", "tesSUCCESS",
        ROOT(A, "100", "90") "," SPONSORSHIP("ModifiedNode", "FinalFields", "\"FeeAmount\":\"30\",",
                                             ""),
        ""),
     "f A> 10 XRP\n"},
    {"given back",
     TX("", "tesSUCCESS",
        ROOT(A, "100", "90") "," ROOT(I, "70", "100") "," SPONSORSHIP("DeletedNode", "FinalFields",
                                                                      "\"FeeAmount\":\"30\",", ""),
        ""),
     "f A> 10 XRP\nb E>I 30 XRP\n"},
    /* "=:b:x", then "OUT:" and 64 digits; what else people write is not read */
    {"asked of a router",
     TX("\"Destination\":\"" B "\",\"Amount\":\"30\",\"Memos\":[{\"Memo\":{\"MemoData\":"
        "\"68656C6C6F\"}},{\"Memo\":{\"MemoType\":\"00\",\"MemoData\":\"3D3A623A78\"}}],",
        "tesSUCCESS", ROOT(A, "100", "60") "," ROOT(B, "1", "31"), "\"delivered_amount\":\"30\","),
     "f A> 10 XRP\nv A>B 30 XRP\ne B =:b:x\n"},
    {"paid by a vault",
     TX("\"Destination\":\"" B "\",\"Amount\":\"30\",\"Memos\":[{\"Memo\":{\"MemoData\":"
        "\"4F55543A" DIGITS_64 "\"}}],",
        "tesSUCCESS", ROOT(A, "100", "60") "," ROOT(B, "1", "31"), "\"delivered_amount\":\"30\","),
     "f A> 10 XRP\nv A>B 30 XRP\n"
     "e A OUT:0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\n"},
    {"a memo that is cut, and one of a payment that failed",
     TX("\"Destination\":\"" B "\",\"Amount\":\"30\",\"Memos\":[{\"Memo\":{\"MemoData\":"
        "\"3D3A623A7\"}},{\"Memo\":{}},{},7],",
        "tecPATH_DRY", ROOT(A, "100", "90"), ""),
     "f A> 10 XRP\n"},
    {"a payment with a tag",
     TX("\"Destination\":\"" B "\",\"DestinationTag\":5,\"Amount\":\"30\",", "tesSUCCESS",
        ROOT(A, "100", "60") "," ROOT(B, "1", "31"), "\"delivered_amount\":\"30\","),
     "f A> 10 XRP\nv A>B:5 30 XRP\nb B:5>B 30 XRP\n"},
    {"a partial payment: what was delivered, not what was asked for",
     TX("\"Flags\":131072,\"Destination\":\"" B "\",\"Amount\":\"1000000\",", "tesSUCCESS",
        ROOT(A, "100", "89") "," ROOT(B, "1", "2"), "\"delivered_amount\":\"1\","),
     "f A> 10 XRP\nv A>B 1 XRP\n"},
    {"one that failed",
     TX("\"Destination\":\"" B "\",\"Amount\":\"30\",", "tecPATH_DRY", ROOT(A, "100", "90"), ""),
     "f A> 10 XRP\n"},
    {"less than the fee was there",
     TX("\"Destination\":\"" B "\",\"Amount\":\"30\",", "tecINSUFF_FEE", ROOT(A, "4", "0"), ""),
     "f A> 4 XRP\n"},
    {"more than the fee was gone",
     TX("", "tecINSUFF_FEE", ROOT(B, "3", "1") "," ROOT(A, "20", "0"), ""), "f A> 10 XRP\n"},
    {"an issued currency, of which the issuer keeps a fee",
     TX("\"Destination\":\"" B "\",", "tesSUCCESS",
        ROOT(A, "100", "90") "," LINE(A, "20", "8") "," LINE(B, "0", "10"),
        "\"delivered_amount\":{\"currency\":\"USD\",\"issuer\":\"" I "\",\"value\":\"10\"},"),
     "f A> 10 XRP\nv A>B 10 USD\nb A>I 2 USD\n"},
    {"redeemed at the issuer's",
     TX("\"Destination\":\"" I "\",", "tesSUCCESS", ROOT(A, "100", "90") "," LINE(A, "20", "8"),
        ""),
     "f A> 10 XRP\nb A>I 12 USD\n"},
    {"a fee of another account's, for whom the payer signs",
     TX("\"Delegate\":\"" B "\",", "tesSUCCESS", ROOT(B, "100", "90"), ""), "f B> 10 XRP\n"},
    {"a check of a customer's tag, cashed",
     TX("", "tesSUCCESS",
        ROOT(A, "100", "120") "," ROOT(
            B, "40", "10") ",{\"DeletedNode\":{\"LedgerEntryType\":"
                           "\"Check\",\"LedgerIndex\":\"00\",\"FinalFields\":{\"Account\":"
                           "\"" B "\",\"Destination\":\"" A "\",\"DestinationTag\":7}}}",
        ""),
     "f A> 10 XRP\nb B>A:7 30 XRP\nb A:7>A 30 XRP\n"},
    {"an escrow for a customer's tag, finished by another",
     TX("", "tesSUCCESS",
        ROOT(A, "100", "90") "," ROOT(
            B, "1", "51") ",{\"DeletedNode\":{\"LedgerEntryType\":"
                          "\"Escrow\",\"LedgerIndex\":"
                          "\"00000000000000000000000000000000000000000000000000000000000000EE\","
                          "\"FinalFields\":{\"Account\":\"" A "\",\"Destination\":\"" B
                          "\",\"DestinationTag\":9,\"Amount\":\"50\"}}}",
        ""),
     "f A> 10 XRP\nb E>B:9 50 XRP\nb B:9>B 50 XRP\n"},
    {"an escrow cancelled: the tag gets nothing",
     TX("", "tesSUCCESS",
        ROOT(A, "100",
             "140") ",{\"DeletedNode\":{\"LedgerEntryType\":\"Escrow\",\"LedgerIndex\":"
                    "\"00000000000000000000000000000000000000000000000000000000000000EE\","
                    "\"FinalFields\":{\"Account\":\"" A "\",\"Destination\":\"" B
                    "\",\"DestinationTag\":9,\"Amount\":\"50\"}}}",
        ""),
     "f A> 10 XRP\nb E>A 50 XRP\n"},
    {"a channel's claim for a tag, which closes it",
     TX("", "tesSUCCESS",
        ROOT(A, "100", "110") "," ROOT(
            B, "1", "31") ",{\"DeletedNode\":{\"LedgerEntryType\":"
                          "\"PayChannel\",\"LedgerIndex\":"
                          "\"00000000000000000000000000000000000000000000000000000000000000EE\","
                          "\"FinalFields\":{\"Account\":\"" A "\",\"Destination\":\"" B
                          "\",\"DestinationTag\":4,\"Amount\":\"60\",\"Balance\":\"40\"},"
                          "\"PreviousFields\":{\"Balance\":\"10\"}}}",
        ""),
     "f A> 10 XRP\nb E>A 20 XRP\nb E>B:4 30 XRP\nb B:4>B 30 XRP\n"},
    {"a deposit into a pool of both its assets, for shares",
     TX("", "tesSUCCESS",
        ROOT(A, "100", "80") "," ROOT(B, "50", "60") "," LINE(A, "20", "15") "," LINE(
            B, "30", "35") "," SHARES(A, B, "0", "7"),
        ""),
     "f A> 10 XRP\nb A>B 10 XRP\nb A>B 5 USD\nb >A 7 039\n"},
    {"a withdrawal from it",
     TX("", "tesSUCCESS",
        ROOT(A, "100", "98") "," ROOT(B, "50", "42") "," LINE(A, "20", "24") "," LINE(
            B, "30", "26") "," SHARES(A, B, "7", "1"),
        ""),
     "f A> 10 XRP\nb B>A 8 XRP\nb B>A 4 USD\nb A>B 6 039\n"},
    {"clawed back by the issuer",
     TX("", "tesSUCCESS", ROOT(A, "100", "90") "," LINE(B, "20", "5"), ""),
     "f A> 10 XRP\nb B>I 15 USD\n"},
    {"a token's payment, of which the issuance gets smaller by a fee",
     TX("\"Destination\":\"" B "\",", "tesSUCCESS",
        ROOT(A, "100",
             "90") "," TOKEN(A, "\"MPTAmount\":\"88\",",
                             "\"MPTAmount\":\"100\"") "," TOKEN(B, "\"MPTAmount\":\"10\",",
                                                                "") "," ISSUANCE("98", "100"),
        "\"delivered_amount\":{\"mpt_issuance_id\":\"" T "\",\"value\":\"10\"},"),
     "f A> 10 XRP\nv A>B 10 MPT\nb A>I 2 MPT\n"},
    {"a token's balance that is not named, and was the same",
     TX("", "tesSUCCESS", ROOT(A, "100", "90") "," TOKEN(A, "\"MPTAmount\":\"88\",", "\"Flags\":1"),
        ""),
     "f A> 10 XRP\n"},
    {"a token's balance that is not named, and was 0: it came out of an escrow",
     TX("", "tesSUCCESS",
        ROOT(A, "100", "90") "," TOKEN(
            A, "\"MPTAmount\":\"88\",",
            "\"LockedAmount\":\"88\"") ","
                                       "{\"DeletedNode\":{\"LedgerEntryType\":\"Escrow\","
                                       "\"LedgerIndex\":"
                                       "\"000000000000000000000000000000000000000000000000000000000"
                                       "00000EE\",\"FinalFields\":{"
                                       "\"Account\":\"" A "\",\"Destination\":\"" B
                                       "\",\"Amount\":{\"mpt_issuance_id\":\"" T
                                       "\",\"value\":\"88\"}}}}",
        ""),
     "f A> 10 XRP\nb E>A 88 MPT\n"},
    {"locked in an escrow",
     TX("", "tesSUCCESS",
        ROOT(A, "100", "40") ",{\"CreatedNode\":{\"LedgerEntryType\":\"Escrow\",\"LedgerIndex\":"
                             "\"00000000000000000000000000000000000000000000000000000000000000EE\","
                             "\"NewFields\":{"
                             "\"Account\":\"" A "\",\"Destination\":\"" B "\",\"Amount\":\"50\"}}}",
        ""),
     "f A> 10 XRP\nb A>E 50 XRP\n"},
};

static void short_name(struct bytes key, char ret[XRPL_NAME_MAX])
{
    static const char *const rows[][2] = {{A, "A"}, {B, "B"}, {I, "I"}};

    name_of(key, ret);
    if (key.n == XRPL_ENTRY_BYTES)
        snprintf(ret, XRPL_NAME_MAX, "E");
    for (size_t i = 0; i < 3; i++)
        if (!strncmp(ret, rows[i][0], strlen(rows[i][0]))) {
            char rest[XRPL_NAME_MAX];

            snprintf(rest, sizeof(rest), "%s", ret + strlen(rows[i][0]));
            snprintf(ret, XRPL_NAME_MAX, "%s%.60s", rows[i][1], rest);
        }
}

static void by_hand(void **state)
{
    for (size_t i = 0; i < sizeof(hand_rows) / sizeof(hand_rows[0]); i++) {
        struct xrpl_text text = {"a",
                                 {(const uint8_t *)hand_rows[i].text, strlen(hand_rows[i].text)}};
        struct text t = text_new(1 << 16);
        struct transfer_source s;
        struct transfer_block b;
        struct err err;
        bool end;

        test_row("%s", hand_rows[i].name);
        CHECK_OK(xrpl_from(&text, 1, &s, &err), err);
        CHECK_OK(s.next(s.self, &b, &end, &err), err);
        CHECK(!end && b.height == 7 && b.time == 946684900 && b.txs_n == 1);
        for (size_t k = 0; k < b.txs[0].transfers_n; k++) {
            const struct fact_transfer *m = &b.txs[0].transfers[k];
            char from[XRPL_NAME_MAX], to[XRPL_NAME_MAX], amount[U256_TEXT_MAX];
            char asset[XRPL_NAME_MAX];

            name_of(m->asset, asset);
            asset[3] = 0;
            short_name(m->from, from);
            short_name(m->to, to);
            u256_to_text(m->amount, amount);
            if (m->asset.n && strlen(amount) > 30)
                amount[strlen(amount) - 30] = 0;
            text_printf(&t, "%c %s>%s %s %s\n", (char)m->kind, from, to, amount,
                        m->asset.n == XRPL_TOKEN_BYTES ? "MPT"
                        : m->asset.n                   ? asset
                                                       : "XRP");
        }
        for (size_t k = 0; k < b.txs[0].events_n; k++) {
            const struct fact_event *e = &b.txs[0].events[k];
            char subject[XRPL_NAME_MAX];

            short_name(e->subject, subject);
            text_printf(&t, "e %s %.*s\n", subject, (int)e->data.n, (const char *)e->data.p);
        }
        CHECK_S(text_string(&t), hand_rows[i].want);
        s.free(s.self);
        text_free(&t);
    }
}

static bool reads(struct bytes in, void *ctx)
{
    struct xrpl_text text = {"a", in};
    struct transfer_source s;
    struct transfer_block b;
    struct err err;
    bool end = false, ok;

    if (!xrpl_from(&text, 1, &s, &err))
        return false;
    do
        ok = s.next(s.self, &b, &end, &err);
    while (ok && !end);
    s.free(s.self);
    return ok;
}

static const char rows_text[] = "{\"account\":\"" A "\",\"transactions\":[" TX(
    "\"Destination\":\"" B "\",\"Amount\":\"30\",", "tesSUCCESS",
    ROOT(A, "100", "60") "," ROOT(B, "1", "31"), "\"delivered_amount\":\"30\",") "]}";

static void truncations(void **state)
{
    test_truncations((struct bytes){(const uint8_t *)rows_text, strlen(rows_text)}, reads, NULL);
    for (size_t i = 0; i < sizeof(hand_rows) / sizeof(hand_rows[0]); i++)
        test_truncations(
            (struct bytes){(const uint8_t *)hand_rows[i].text, strlen(hand_rows[i].text)}, reads,
            NULL);
}

/* A whole ledger of the main network, in JSON and in bytes: as a file, and as a server's answer. */
static const char *const ledger_files[] = {"ledger", "ledgerbinary"};

static struct bytes ledger_file(size_t i)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/fuzz/corpus/xrpl/%s", CORDON_SOURCE, ledger_files[i]);
    return test_read(path);
}

static bool answers(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 26);
    struct transfer_block b;
    struct hash32 hash;
    uint64_t index;
    struct err err;
    bool ok = a && xrpl_answer_block(a, in, &b, &err) && xrpl_answer_head(in, &index, &hash, &err);

    if (ok)
        CHECK(index == 38129 && b.height == 38129 && b.txs_n == 1 && hash32_equal(&hash, &b.hash));
    arena_free(a);
    return ok;
}

static bool reads_ledger(void *ctx)
{
    return reads(*(struct bytes *)ctx, NULL);
}

static bool answers_ledger(void *ctx)
{
    return answers(*(struct bytes *)ctx, NULL);
}

static void whole_ledger_damage(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        struct bytes in = ledger_file(i);

        test_row("%s", ledger_files[i]);
        in.n -= in.p[in.n - 1] == '\n';
        test_truncations(in, reads, NULL);
        test_failed_allocations(reads_ledger, &in);
        if (i) {
            test_truncations(in, answers, NULL);
            test_failed_allocations(answers_ledger, &in);
        }
    }
}

/* Of the bytes no bit can be another: all but what stands beside them is hashed. */
static void whole_ledger_flips(void **state)
{
    struct bytes in = ledger_file(1);
    uint8_t *b = malloc(in.n);
    size_t taken = 0, flips = 0;

    CHECK(b);
    memcpy(b, in.p, in.n);
    for (size_t i = 0; i < in.n; i++) {
        bool hex = (b[i] >= '0' && b[i] <= '9') || (b[i] >= 'A' && b[i] <= 'F');

        if (!hex || i < 5 || b[i - 1] == '"' || strchr(",:{}[", b[i - 1]))
            continue;
        b[i] = b[i] == '1' ? '2' : '1';
        flips++;
        taken += answers((struct bytes){b, in.n}, NULL);
        b[i] = in.p[i];
    }
    CHECK(flips > 900);
    /* "ledger_index" beside the header is not asked */
    CHECK(taken <= strlen("38129"));
    free(b);
}

static bool reads_again(void *ctx)
{
    const char *text = ctx;

    return reads((struct bytes){(const uint8_t *)text, strlen(text)}, NULL);
}

static void failed_allocations(void **state)
{
    for (size_t i = 0; i < sizeof(hand_rows) / sizeof(hand_rows[0]); i++)
        test_failed_allocations(reads_again, (void *)(uintptr_t)hand_rows[i].text);
    test_failed_allocations(reads_again, (void *)(uintptr_t)rows_text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_transactions),
        cmocka_unit_test(answers_of_data),
        cmocka_unit_test(rows_refused),
        cmocka_unit_test(whole_ledgers),
        cmocka_unit_test(binary_form),
        cmocka_unit_test(changed),
        cmocka_unit_test(names_both_ways),
        cmocka_unit_test(values),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(truncations),
        cmocka_unit_test(failed_allocations),
        cmocka_unit_test(whole_ledger_damage),
        cmocka_unit_test(whole_ledger_flips),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
