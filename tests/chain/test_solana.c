/* Answers of Solana's nodes: every transaction of the data, whose balances before and after must be
 * what the moves say, by a second reading of the same JSON as a tree; both encodings of one
 * transaction; rules by hand; random transactions, written in both encodings beside what they are
 * to move; damaged answers. */
#include "support.h"

#include "base/json.h"
#include "base/text.h"
#include "chain/bitcoin/base58.h"
#include "chain/solana/block.h"
#include "chain/solana/source.h"

#include <stdio.h>
#include <stdlib.h>

#define SUMS_MAX 4096
#define NATIVE_MINT "So11111111111111111111111111111111111111112"

static const char *const files[] = {
    "solana/tx/hack-jsonparsed.jsonl",
    "solana/tx/misc-json.jsonl",
    "solana/tx/nftspam-json.jsonl",
    "solana/tx/nftspam-jsonparsed.jsonl.zst",
    "solana/tx/phishing-json.jsonl",
    "solana/tx/phishing-jsonparsed.jsonl.zst",
    "solana/tx/rotki-json.jsonl",
    "solana/drift2026/update-admin-tx.json",
    "solana/blocks/client_block.json",
    "solana/blocks/parser_block_241043141_v2.json",
    "solana/blocks/parser_block_account_deletion.json",
    "solana/blocks/parser_block_with_versioned_tx.json",
    "solana/blocks/parser_transaction_err.json",
};

/* What holders have more (or less) of an asset; of SOL the asset is "". */
struct sums {
    struct {
        char holder[64], asset[64];
        __int128 amount;
    } at[SUMS_MAX];
    size_t n;
};

static void sum_add(struct sums *s, const char *holder, const char *asset, __int128 amount)
{
    size_t i = 0;

    while (i < s->n && (strcmp(s->at[i].holder, holder) || strcmp(s->at[i].asset, asset)))
        i++;
    CHECK(i < SUMS_MAX);
    if (i == s->n) {
        snprintf(s->at[i].holder, sizeof(s->at[i].holder), "%s", holder);
        snprintf(s->at[i].asset, sizeof(s->at[i].asset), "%s", asset);
        s->at[i].amount = 0;
        s->n++;
    }
    s->at[i].amount += amount;
}

/* ---- the second reading ---- */

static const struct json *item(const struct json *list, size_t i)
{
    const struct json *j = list ? list->child : NULL;

    while (i-- && j)
        j = j->next;
    CHECK(j);
    return j;
}

static const char *text_of(const struct json *j)
{
    CHECK(j && j->type == JSON_STRING);
    return j->text;
}

static unsigned long long u64_of(const struct json *j)
{
    CHECK(j && (j->type == JSON_NUMBER || j->type == JSON_STRING));
    return strtoull(j->text, NULL, 10);
}

/* The address of an account by its index: the list, then what lookup tables load. */
static const char *address_at(const struct json *tx, size_t i)
{
    const struct json *keys =
                          json_get(json_get(json_get(tx, "transaction"), "message"), "accountKeys"),
                      *loaded = json_get(json_get(tx, "meta"), "loadedAddresses"), *at;

    if (i < keys->children_n) {
        at = item(keys, i);
        return text_of(at->type == JSON_STRING ? at : json_get(at, "pubkey"));
    }
    i -= keys->children_n;
    at = json_get(loaded, "writable");
    return i < at->children_n ? text_of(item(at, i))
                              : text_of(item(json_get(loaded, "readonly"), i - at->children_n));
}

static const struct json *token_row(const struct json *rows, size_t account)
{
    for (const struct json *t = rows ? rows->child : NULL; t; t = t->next)
        if (u64_of(json_get(t, "accountIndex")) == account)
            return t;
    return NULL;
}

static void sum_balances(struct sums *s, const struct json *tx, bool after)
{
    const struct json *meta = json_get(tx, "meta"),
                      *all = json_get(meta, after ? "postBalances" : "preBalances"),
                      *tokens = json_get(meta, after ? "postTokenBalances" : "preTokenBalances");
    size_t i = 0;

    for (const struct json *b = all->child; b; b = b->next, i++) {
        const char *holder = address_at(tx, i);

        const struct json *t = token_row(tokens, i);

        if (t) {
            const char *mint = text_of(json_get(t, "mint"));
            __int128 amount = u64_of(json_get(json_get(t, "uiTokenAmount"), "amount"));

            if (json_get(t, "owner")) /* nodes did not tell it until 2021 */
                holder = text_of(json_get(t, "owner"));
            if (strcmp(mint, NATIVE_MINT) != 0)
                sum_add(s, holder, mint, after ? amount : -amount);
        } else if (after && u64_of(b) && (t = token_row(json_get(meta, "preTokenBalances"), i))) {
            holder = text_of(json_get(t, "owner")); /* nor what has no tokens left */
        }
        sum_add(s, holder, "", after ? (__int128)u64_of(b) : -(__int128)u64_of(b));
    }
}

static void name_of(struct bytes key, char ret[64])
{
    char text[BASE58_TEXT_MAX] = "";

    CHECK(!key.n || key.n == 32);
    if (key.n)
        base58_write(key, text);
    snprintf(ret, 64, "%s", text);
}

static void sum_moves(struct sums *s, const struct fact_tx *tx)
{
    for (size_t i = 0; i < tx->transfers_n; i++) {
        const struct fact_transfer *t = &tx->transfers[i];
        char from[64], to[64], asset[64];
        __int128 amount = (__int128)t->amount.w[0];

        CHECK(!t->amount.w[1] && !t->amount.w[2] && !t->amount.w[3]);
        name_of(t->from, from);
        name_of(t->to, to);
        name_of(t->asset, asset);
        if (t->from.n)
            sum_add(s, from, asset, -amount);
        if (t->to.n)
            sum_add(s, to, asset, t->kind == TRANSFER_FEE ? 0 : amount);
    }
}

static void same_sums(const struct sums *want, struct sums *got)
{
    for (size_t i = 0; i < want->n; i++)
        sum_add(got, want->at[i].holder, want->at[i].asset, -want->at[i].amount);
    for (size_t i = 0; i < got->n; i++) /* what a mint withholds is in no balance */
        if (got->at[i].amount && strcmp(got->at[i].holder, got->at[i].asset) != 0)
            test_failed(__FILE__, __LINE__, "%s of %s: %lld too much", got->at[i].holder,
                        *got->at[i].asset ? got->at[i].asset : "SOL", (long long)got->at[i].amount);
}

static void check_tx(const struct json *tx, const struct fact_tx *fact)
{
    static struct sums want, got;
    const struct json *failed = json_get(json_get(tx, "meta"), "err");

    want.n = got.n = 0;
    sum_balances(&want, tx, false);
    sum_balances(&want, tx, true);
    sum_moves(&got, fact);
    same_sums(&want, &got);
    CHECK_U(fact->failed, failed && failed->type != JSON_NULL);
    if (fact->failed)
        CHECK(fact->transfers_n == 1 && fact->transfers[0].kind == TRANSFER_FEE);
}

/* A line, or a whole file: its transactions against their tree. Returns how many. */
static size_t check_answer(const char *name, struct bytes in)
{
    struct solana_text text = {name, in};
    struct arena *a = arena_new(NULL, (size_t)1 << 30);
    struct transfer_source s;
    const struct json *tree, *tx;
    struct transfer_block b;
    struct err err;
    bool end;
    size_t n = 0;

    CHECK_OK(json_read(a, (const char *)in.p, in.n, &tree, &err), err);
    if (json_get(tree, "result"))
        tree = json_get(tree, "result");
    CHECK_OK(solana_from(&text, 1, &s, &err), err);
    CHECK_OK(s.next(s.self, &b, &end, &err), err);
    CHECK(!end && b.grade == GRADE_PROVEN);
    tx = json_get(tree, "transactions") ? json_get(tree, "transactions")->child : tree;
    for (; n < b.txs_n && tx; n++, tx = json_get(tree, "transactions") ? tx->next : NULL) {
        test_row("%s, transaction %zu", name, n);
        check_tx(tx, &b.txs[n]);
    }
    CHECK(!tx);
    CHECK_U(b.txs_n - n, json_get(tree, "rewards") != NULL);
    s.free(s.self);
    arena_free(a);
    return n;
}

static struct bytes next_line(struct bytes *in)
{
    const uint8_t *end = memchr(in->p, '\n', in->n);
    struct bytes line = {in->p, end ? (size_t)(end - in->p) : in->n};
    size_t step = line.n + (end != NULL);

    *in = (struct bytes){in->p + step, in->n - step};
    return line;
}

static bool is_lines(const char *name)
{
    return strstr(name, ".jsonl") != NULL;
}

/* 231 transactions by lines, of which one is the theft's own file, and those of five blocks. */
static void balances(void **state)
{
    size_t n = 0, blocks = 0;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct bytes in = test_data(files[i]);

        if (!is_lines(files[i])) {
            blocks += check_answer(files[i], in);
            continue;
        }
        for (unsigned line = 1; in.n; line++) {
            char name[200];

            snprintf(name, sizeof(name), "%s line %u", files[i], line);
            n += check_answer(name, next_line(&in));
        }
    }
    CHECK_U(n, 230);
    CHECK_U(blocks, 1 + 10 + 1 + 1 + 1 + 3);
}

/* ---- both encodings ---- */

struct told { /* one transaction's moves, kept */
    char signature[BASE58_TEXT_MAX];
    char *moves;
};

static char *moves_text(const struct fact_tx *tx)
{
    struct text t = text_new((size_t)1 << 24);
    char *kept;

    for (size_t i = 0; i < tx->transfers_n; i++) {
        const struct fact_transfer *m = &tx->transfers[i];
        char from[64], to[64], asset[64], amount[U256_TEXT_MAX];

        name_of(m->from, from);
        name_of(m->to, to);
        name_of(m->asset, asset);
        u256_to_text(m->amount, amount);
        text_printf(&t, "%c", (char)m->kind);
        for (size_t k = 0; k < m->path.n; k += 4)
            text_printf(&t, "%s%u", k ? "_" : "", load_le32(m->path.p + k));
        text_printf(&t, " %s>%s %s %s\n", from, to, amount, asset);
    }
    kept = strdup(text_string(&t) ? text_string(&t) : "");
    text_free(&t);
    return kept;
}

static struct told tell(struct bytes line)
{
    struct solana_text text = {"line", line};
    struct transfer_source s;
    struct transfer_block b;
    struct told told;
    struct err err;
    bool end;

    CHECK_OK(solana_from(&text, 1, &s, &err), err);
    CHECK_OK(s.next(s.self, &b, &end, &err), err);
    CHECK(!end && b.txs_n == 1 && b.txs[0].events_n && b.txs[0].events[0].kind == EVENT_NAME);
    base58_write(b.txs[0].events[0].data, told.signature);
    told.moves = moves_text(&b.txs[0]);
    s.free(s.self);
    return told;
}

static int by_signature(const void *a, const void *b)
{
    return strcmp(((const struct told *)a)->signature, ((const struct told *)b)->signature);
}

/* 24 transactions are in two files: in both encodings, or in one twice. */
static void encodings(void **state)
{
    static struct told all[256];
    size_t n = 0, twice = 0;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        for (struct bytes in = is_lines(files[i]) ? test_data(files[i]) : (struct bytes){NULL, 0};
             in.n;) {
            CHECK(n < sizeof(all) / sizeof(all[0]));
            all[n++] = tell(next_line(&in));
        }
    qsort(all, n, sizeof(all[0]), by_signature);
    for (size_t i = 1; i < n; i++)
        if (!strcmp(all[i].signature, all[i - 1].signature)) {
            test_row("%s", all[i].signature);
            CHECK_S(all[i].moves, all[i - 1].moves);
            twice++;
        }
    CHECK_U(twice, 24);
    for (size_t i = 0; i < n; i++)
        free(all[i].moves);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(balances),
        cmocka_unit_test(encodings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
