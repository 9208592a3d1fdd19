/* Answers of Solana's nodes: every transaction of the data, whose balances before and after must be
 * what the moves say, by a second reading of the same JSON as a tree; both encodings of one
 * transaction; rules by hand; random transactions, written in both encodings beside what they are
 * to move; damaged answers. */
#include "support.h"

#include "base/json.h"
#include "base/mem.h"
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
    bool hidden = key.n == SOLANA_HIDDEN_BYTES;

    CHECK(!key.n || key.n == 32 || hidden);
    if (hidden) {
        CHECK(key.p[32] == SOLANA_HIDDEN_MARK);
        key.n = 32;
    }
    if (key.n)
        base58_write(key, text);
    snprintf(ret, 64, "%s%.50s", hidden ? "?" : "", text);
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
    /* what a mint withholds is in no balance, and neither is what is confidential */
    for (size_t i = 0; i < got->n; i++)
        if (got->at[i].amount && strcmp(got->at[i].holder, got->at[i].asset) != 0 &&
            got->at[i].holder[0] != '?')
            test_failed(__FILE__, __LINE__, "%s of %s: %lld too much", got->at[i].holder,
                        *got->at[i].asset ? got->at[i].asset : "SOL", (long long)got->at[i].amount);
}

/* Does the first instruction advance a nonce account? */
static bool is_over_nonce(const struct json *tx)
{
    const struct json *message = json_get(json_get(tx, "transaction"), "message"),
                      *first = json_get(message, "instructions")->child,
                      *parsed = first ? json_get(first, "parsed") : NULL;
    uint8_t data[BASE58_BYTES_MAX];
    struct err err;
    size_t n;

    if (parsed && parsed->type == JSON_OBJECT)
        return !strcmp(text_of(json_get(first, "program")), "system") &&
               !strcmp(text_of(json_get(parsed, "type")), "advanceNonce");
    return first && json_get(first, "programIdIndex") &&
           !strcmp(address_at(tx, u64_of(json_get(first, "programIdIndex"))),
                   "11111111111111111111111111111111") &&
           base58_read(text_of(json_get(first, "data")), data, &n, &err) && n >= 4 &&
           load_le32(data) == 4;
}

static size_t nonces_n; /* transactions of the data that were signed over one */

static void check_nonce(const struct json *tx, const struct fact_tx *fact)
{
    bool told = false;

    for (size_t i = 0; i < fact->events_n; i++)
        told |= fact->events[i].kind == EVENT_NONCE;
    CHECK_U(told, is_over_nonce(tx));
    nonces_n += told;
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
    check_nonce(tx, fact);
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

    nonces_n = 0;
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
    CHECK_U(nonces_n, 3); /* as the data's TRANSACTIONS.tsv has it */
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

        if (m->kind == TRANSFER_NOTE)
            continue;
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

/* ---- by hand, and at random ---- */

/* Accounts: wallets W V U, token accounts A B C of the mint M and N of wrapped SOL, and programs.
 * */
static const char *const keys[] = {
    "Winnie1111111111111111111111111111111111111",
    "Vera111111111111111111111111111111111111111",
    "Unko111111111111111111111111111111111111111",
    "TokenA1111111111111111111111111111111111111",
    "TokenB1111111111111111111111111111111111111",
    "TokenC1111111111111111111111111111111111111",
    "TokenN1111111111111111111111111111111111111",
    "Mint111111111111111111111111111111111111111",
    NATIVE_MINT,
    "11111111111111111111111111111111",
    "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
    "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
    "Stake11111111111111111111111111111111111111",
    "Vote111111111111111111111111111111111111111",
    "Xprogram11111111111111111111111111111111111",
};
enum { W, V, U, A, B, C, N, M, NATIVE, SYSTEM, TOKEN, TOKEN22, STAKE, VOTE, OTHER, KEYS };
static const char letters[] = "WVUABCNM";

static size_t account(char letter)
{
    const char *at = strchr(letters, letter);

    CHECK(letter && at);
    return (size_t)(at - letters);
}

/* An instruction in words: what, then accounts by letter and numbers.
 *
 *     t W V 7   system transfer       n U       a nonce is advanced     x      unknown
 *     s U W 7   stake withdraw        g U V     stake V is merged into U
 *     y U W 7   vote withdraw
 *     k A B 7   token transfer        K A B 7   the same, checked       f A B 7 2   with a fee
 *     m A 7     mint                  b A 7     burn                    c A W  close
 *     o A W     opened for W          a A V     is V's from now on      z A, u A   freeze, thaw
 *     w A       what the mint withheld goes to A        v N U 5   wrapped SOL, unwrapped in part
 *     q A B 7 2 two in one: 7 go to B, which burns 2 of them
 *     h A 7     becomes confidential  r A 7     is so no more           p A B  some of it is paid
 * A mark > before it: called by the last one without. */
struct words {
    bool inner;
    char what;
    size_t a, b;
    unsigned long long amount, fee;
};

static bool words_read(const char **at, struct words *ret)
{
    char a = 0, b = 0;
    int n = 0;

    *ret = (struct words){.inner = false};
    while (**at == ' ' || **at == ';')
        (*at)++;
    if (!**at)
        return false;
    ret->inner = **at == '>';
    *at += ret->inner;
    ret->what = **at;
    (*at)++;
    if (strchr("tsykKfcoagpqv", ret->what)) {
        CHECK(sscanf(*at, " %c %c%n", &a, &b, &n) == 2);
        ret->b = account(b);
    } else if (ret->what != 'x') {
        CHECK(sscanf(*at, " %c%n", &a, &n) == 1);
    }
    ret->a = a ? account(a) : 0;
    *at += n;
    n = 0;
    if (strchr("tsykKfmbhrqv", ret->what))
        CHECK(sscanf(*at, " %llu%n", &ret->amount, &n) == 1);
    *at += n;
    n = 0;
    if (ret->what == 'f' || ret->what == 'q')
        CHECK(sscanf(*at, " %llu%n", &ret->fee, &n) == 1);
    *at += n;
    return true;
}

static size_t mint_of(size_t account)
{
    return account == N ? NATIVE : M;
}

/* As the wire has it: spl-token, solana-program's own encodings. */
static const char *number_text(size_t n)
{
    static char text[24];

    snprintf(text, sizeof(text), "%zu", n);
    return text;
}

/* parsed: as a node gives what it cannot parse. */
static void put_wire(struct text *t, const struct words *w, bool parsed)
{
    uint8_t data[192] = {0}, key[32] = {0};
    size_t n = 0, program = TOKEN, accounts[6] = {w->a, w->b, w->b, 0, 0, 0}, accounts_n = 4;
    char text[BASE58_TEXT_MAX];

    switch (w->what) {
    case 't':
    case 's':
    case 'y':
        program = w->what == 't' ? SYSTEM : w->what == 's' ? STAKE : VOTE;
        data[0] = w->what == 't' ? 2 : w->what == 's' ? 4 : 3;
        store_le64(data + 4, w->amount);
        n = 12;
        break;
    case 'n':
        program = SYSTEM;
        data[0] = 4;
        n = 4;
        break;
    case 'g':
        program = STAKE;
        data[0] = 7;
        n = 4;
        break;
    case 'k':
        data[0] = 3;
        store_le64(data + 1, w->amount);
        n = 9;
        break;
    case 'K':
        data[0] = 12;
        store_le64(data + 1, w->amount);
        accounts[1] = mint_of(w->a);
        n = 10;
        break;
    case 'f':
        program = TOKEN22;
        data[0] = 26;
        data[1] = 1;
        store_le64(data + 2, w->amount);
        store_le64(data + 11, w->fee);
        accounts[1] = M;
        n = 19;
        break;
    case 'w':
        program = TOKEN22;
        data[0] = 26;
        data[1] = 2;
        accounts[0] = M;
        accounts[1] = w->a;
        n = 2;
        break;
    case 'v': /* the amount is there */
        data[0] = 45;
        data[1] = 1;
        store_le64(data + 2, w->amount);
        n = 10;
        break;
    case 'q': /* accounts, bytes of data, data */
        data[0] = 255;
        data[1] = data[12] = 3;
        data[2] = data[13] = 9;
        data[3] = 3;
        store_le64(data + 4, w->amount);
        data[14] = 8;
        store_le64(data + 15, w->fee);
        n = 23;
        accounts[2] = 0;
        accounts[3] = w->b;
        accounts[4] = M;
        accounts_n = 6;
        break;
    case 'h': /* amount, decimals; then a balance that its owner can read, and where proofs are */
    case 'r':
        program = TOKEN22;
        data[0] = 27;
        data[1] = w->what == 'h' ? 5 : 6;
        store_le64(data + 2, w->amount);
        accounts[1] = M;
        n = w->what == 'h' ? 11 : 49;
        break;
    case 'p': /* what the owner and an auditor can read, and where proofs are */
        program = TOKEN22;
        data[0] = 27;
        data[1] = 7;
        accounts[1] = M;
        n = 169;
        break;
    case 'm':
    case 'b':
        data[0] = w->what == 'm' ? 7 : 8;
        store_le64(data + 1, w->amount);
        accounts[0] = w->what == 'm' ? M : w->a;
        accounts[1] = w->what == 'm' ? w->a : M;
        n = 9;
        break;
    case 'c':
        data[0] = 9;
        n = 1;
        break;
    case 'o':
    case 'a':
        CHECK(
            base58_fixed((struct bytes){(const uint8_t *)keys[w->b], strlen(keys[w->b])}, key, 32));
        data[0] = w->what == 'o' ? 18 : 6;
        data[1] = 2;
        data[2] = 1;
        memcpy(data + (w->what == 'o' ? 1 : 3), key, 32);
        accounts[1] = mint_of(w->a);
        n = w->what == 'o' ? 33 : 35;
        break;
    case 'z':
    case 'u':
        data[0] = w->what == 'z' ? 10 : 11;
        accounts[1] = M;
        n = 1;
        break;
    default:
        program = OTHER;
        data[0] = 3; /* is not looked at */
        store_le64(data + 1, 1000);
        n = 9;
        break;
    }
    base58_write((struct bytes){data, n}, text);
    text_printf(t,
                parsed ? "{\"programId\":\"%s\",\"accounts\":["
                       : "{\"programIdIndex\":%s,\"accounts\":[",
                parsed ? keys[program] : number_text(program));
    for (size_t i = 0; i < accounts_n; i++)
        text_printf(t, parsed ? "%s\"%s\"" : "%s%s", i ? "," : "",
                    parsed ? keys[accounts[i]] : number_text(accounts[i]));
    text_printf(t, "],\"data\":\"%s\"}", text);
}

static void put_field(struct text *t, const char *name, const char *value)
{
    text_printf(t, ",\"%s\":\"%s\"", name, value);
}

/* As a node parses it (transaction-status of Agave). */
static void put_parsed(struct text *t, const struct words *w)
{
    static const struct {
        char what;
        size_t program;
        const char *type, *a, *b;
    } rows[] = {
        {'t', SYSTEM, "transfer", "source", "destination"},
        {'s', STAKE, "withdraw", "stakeAccount", "destination"},
        {'y', VOTE, "withdraw", "voteAccount", "destination"},
        {'g', STAKE, "merge", "destination", "source"},
        {'n', SYSTEM, "advanceNonce", "nonceAccount", NULL},
        {'k', TOKEN, "transfer", "source", "destination"},
        {'K', TOKEN, "transferChecked", "source", "destination"},
        {'f', TOKEN22, "transferCheckedWithFee", "source", "destination"},
        {'w', TOKEN22, "withdrawWithheldTokensFromMint", "feeRecipient", NULL},
        {'h', TOKEN22, "depositConfidentialTransfer", "source", NULL},
        {'r', TOKEN22, "withdrawConfidentialTransfer", "account", NULL},
        {'p', TOKEN22, "confidentialTransfer", "source", "destination"},
        {'v', TOKEN, "unwrapLamports", "source", "destination"},
        {'m', TOKEN, "mintTo", "account", NULL},
        {'b', TOKEN, "burn", "account", NULL},
        {'c', TOKEN, "closeAccount", "account", "destination"},
        {'o', TOKEN, "initializeAccount3", "account", "owner"},
        {'a', TOKEN, "setAuthority", "account", "newAuthority"},
        {'z', TOKEN, "freezeAccount", "account", NULL},
        {'u', TOKEN, "thawAccount", "account", NULL},
    };
    size_t i = 0;

    while (i < sizeof(rows) / sizeof(rows[0]) && rows[i].what != w->what)
        i++;
    if (w->what == 'q') {
        put_wire(t, w, true);
        return;
    }
    if (i == sizeof(rows) / sizeof(rows[0])) {
        text_printf(t, "{\"programId\":\"%s\",\"accounts\":[\"%s\"],\"data\":\"3Bxs4\"}",
                    keys[OTHER], keys[W]);
        return;
    }
    text_printf(t,
                "{\"programId\":\"%s\",\"program\":\"p\",\"parsed\":{\"type\":\"%s\",\"info\":{"
                "\"authorityType\":\"accountOwner\"",
                keys[rows[i].program], rows[i].type);
    put_field(t, rows[i].a, keys[w->a]);
    if (rows[i].b)
        put_field(t, rows[i].b, keys[w->b]);
    if (w->what == 'h') { /* as older nodes tell it: each is called what is before it */
        put_field(t, "destination", keys[M]);
        put_field(t, "mint", keys[W]);
    }
    if (strchr("Kfwmbozurp", w->what))
        put_field(t, "mint", keys[w->what == 'o' || w->what == 'K' ? mint_of(w->a) : M]);
    if (strchr("tsy", w->what))
        text_printf(t, ",\"lamports\":%llu", w->amount);
    if (strchr("kmbhrv", w->what))
        text_printf(t, ",\"amount\":\"%llu\"", w->amount);
    if (strchr("Kf", w->what))
        text_printf(t, ",\"tokenAmount\":{\"decimals\":0,\"amount\":\"%llu\"}", w->amount);
    if (w->what == 'f')
        text_printf(t, ",\"feeAmount\":{\"amount\":\"%llu\",\"decimals\":0}", w->fee);
    text_str(t, "}}}");
}

static void put_instructions(struct text *t, const char *script, bool inner, bool parsed)
{
    unsigned outer = 0, group = 0;
    bool first = true;
    struct words w;

    for (const char *at = script; words_read(&at, &w);) {
        outer += !w.inner;
        if (w.inner != inner)
            continue;
        if (inner && group != outer) {
            text_printf(t, "%s{\"index\":%u,\"instructions\":[", group ? "]}," : "", outer - 1);
            group = outer;
            first = true;
        }
        text_str(t, first ? "" : ",");
        first = false;
        if (parsed)
            put_parsed(t, &w);
        else
            put_wire(t, &w, false);
    }
    if (inner && group)
        text_str(t, "]}");
}

/* "A W 5; N V 0 2022": accounts with owner and amount; the last word: by Token-2022. */
static void put_tokens(struct text *t, const char *name, const char *rows)
{
    bool withholds = strstr(rows, "2022") != NULL, first = true;
    char of, owner;
    unsigned long long amount;
    int n = 0;

    text_printf(t, ",\"%s\":[", name);
    for (const char *p = rows; sscanf(p, " %c %c %llu;%n", &of, &owner, &amount, &n) == 3 && n;
         p += n, n = 0) {
        text_printf(t,
                    "%s{\"accountIndex\":%zu,\"mint\":\"%s\",\"owner\":\"%s\",\"programId\":\"%s\","
                    "\"uiTokenAmount\":{\"amount\":\"%llu\",\"decimals\":0}}",
                    first ? "" : ",", account(of), keys[mint_of(account(of))], keys[account(owner)],
                    keys[withholds ? TOKEN22 : TOKEN], amount);
        first = false;
    }
    text_char(t, ']');
}

static void put_list(struct text *t, bool parsed)
{
    for (size_t i = 0; i < KEYS; i++)
        text_printf(t, parsed ? "%s{\"pubkey\":\"%s\",\"signer\":false}" : "%s\"%s\"", i ? "," : "",
                    keys[i]);
}

struct answer {
    const char *script, *before, *after; /* lamports of W V U A B C N M; the others have 1 */
    const char *tokens_before, *tokens_after;
    bool failed;
};

/* meta_first: a node may write members in any order. */
static char *answer_text(const struct answer *a, bool parsed, bool meta_first)
{
    struct text body = text_new(1 << 20), meta = text_new(1 << 20), t = text_new(1 << 21);
    char *kept;

    text_str(&body,
             "\"transaction\":{\"signatures\":[\"Signature11111111111111111111111111111111111"
             "1111111111111111111111111111111111111111111\"],\"message\":{\"accountKeys\":[");
    put_list(&body, parsed);
    text_str(&body, "],\"instructions\":[");
    put_instructions(&body, a->script, false, parsed);
    text_str(&body, "]}}");
    text_printf(&meta, "\"meta\":{\"err\":%s,\"fee\":5,\"innerInstructions\":[",
                a->failed ? "{\"InstructionError\":[0,{\"Custom\":1}]}" : "null");
    put_instructions(&meta, a->script, true, parsed);
    text_printf(&meta, "],\"preBalances\":[%s,1,1,1,1,1,1,1],\"postBalances\":[%s,1,1,1,1,1,1,1]",
                a->before, a->after);
    put_tokens(&meta, "preTokenBalances", a->tokens_before);
    put_tokens(&meta, "postTokenBalances", a->tokens_after);
    text_char(&meta, '}');
    text_printf(&t,
                "{\"jsonrpc\":\"2.0\",\"result\":{\"slot\":7,\"blockTime\":100,%s,%s},\"id\":1}\n",
                text_string(meta_first ? &meta : &body), text_string(meta_first ? &body : &meta));
    kept = strdup(text_string(&t));
    text_free(&body);
    text_free(&meta);
    text_free(&t);
    return kept;
}

/* Addresses by their letters. */
static char *short_text(char *moves)
{
    for (size_t i = 0; i < sizeof(letters) - 1; i++)
        for (char *at; (at = strstr(moves, keys[i]));) {
            *at = letters[i];
            memmove(at + 1, at + strlen(keys[i]), strlen(at + strlen(keys[i])) + 1);
        }
    return moves;
}

static void same_moves(const struct answer *a, const char *want)
{
    for (unsigned form = 0; form < 4; form++) {
        char *text = answer_text(a, form & 1, form & 2);
        struct told told = tell((struct bytes){(const uint8_t *)text, strlen(text)});

        CHECK_S(short_text(told.moves), want);
        check_answer("by hand", (struct bytes){(const uint8_t *)text, strlen(text)});
        free(told.moves);
        free(text);
    }
}

static const struct {
    const char *name;
    struct answer a;
    const char *want;
} hand_rows[] = {
    {"SOL from wallet to wallet, from outside and from within",
     {"t W V 7; x; >t V U 2", "100,0,0,0,0,0,0,0", "88,5,2,0,0,0,0,0", "", "", false},
     "f W> 5 \ni1 W>V 7 \ni2_1 V>U 2 \n"},
    {"a failed one pays its fee",
     {"t W V 7", "100,0,0,0,0,0,0,0", "95,0,0,0,0,0,0,0", "", "", true},
     "f W> 5 \n"},
    {"tokens go from owner to owner, checked or not",
     {"k A B 7; K B A 2", "9,0,0,3,3,0,0,1", "4,0,0,3,3,0,0,1", "A W 10; B V 0;", "A W 5; B V 5;",
      false},
     "f W> 5 \ni1 W>V 7 M\ni2 V>W 2 M\n"},
    {"within one owner nothing moves",
     {"k A B 7; t W A 3", "9,0,0,3,3,0,0,1", "1,0,0,6,3,0,0,1", "A W 10; B W 0;", "A W 3; B W 7;",
      false},
     "f W> 5 \n"},
    {"wrapped SOL is SOL: wrapped, paid, unwrapped",
     {"t W N 50; k N N 0; c N U", "100,0,0,0,0,0,2,1", "45,0,52,0,0,0,0,1", "N W 1;", "", false},
     "f W> 5 \ni3 W>U 52 \n"},
    {"opened for another, paid into, and closed by him",
     {"t W A 3; o A V; k B A 4; k A B 4; c A V", "9,0,0,0,3,0,0,1", "1,3,0,0,3,0,0,1", "B U 4;",
      "B U 4;", false},
     "f W> 5 \ni1 W>V 3 \ni3 U>V 4 M\ni4 V>U 4 M\n"},
    {"opened, closed and opened again for another",
     {"t W A 3; o A V; c A V; t W A 3; o A U", "20,0,0,0,0,0,0,1", "9,3,0,3,0,0,0,1", "", "A U 0;",
      false},
     "f W> 5 \ni1 W>V 3 \ni4 W>U 3 \n"},
    {"several in one instruction, from outside and from within",
     {"q A B 7 2; x; >q B A 1 1", "9,0,0,3,3,0,0,1", "4,0,0,3,3,0,0,1", "A W 10; B V 0;",
      "A W 3; B V 4;", false},
     "f W> 5 \ni1 W>V 7 M\ni1_0 V> 2 M\ni2_1 V>W 1 M\ni2_1_0 W> 1 M\n"},
    {"wrapped SOL is unwrapped in part",
     {"v N U 5; t W V 1", "9,0,0,0,0,0,20,1", "3,1,5,0,0,0,15,1", "N W 17;", "N W 12;", false},
     "f W> 5 \ni1 W>U 5 \ni2 W>V 1 \n"},
    {"taken back by a permanent delegate, who is whoever signs: from its owner to whom he names",
     {"k B A 5", "9,0,0,3,3,0,0,1", "4,0,0,3,3,0,0,1", "A W 0; B V 5; 2022", "A W 5; B V 0; 2022",
      false},
     "f W> 5 \ni1 V>W 5 M\n"},
    {"the owner is changed: all in it moves, no transfer needed",
     {"x; >a A V", "9,0,0,3,0,0,0,1", "4,0,0,3,0,0,0,1", "A W 10;", "A V 10;", false},
     "f W> 5 \ni1_1 W>V 10 M\ni1_1_0 W>V 3 \n"},
    {"the owner is changed by what is not told",
     {"x", "9,0,0,3,0,0,0,1", "4,0,0,3,0,0,0,1", "A W 10;", "A V 10;", false},
     "f W> 5 \nb W>V 3 \nb W>V 10 M\n"},
    {"minted and burned",
     {"m A 10; b A 4", "9,0,0,3,0,0,0,1", "4,0,0,3,0,0,0,1", "A W 1;", "A W 7;", false},
     "f W> 5 \ni1 >W 10 M\ni2 W> 4 M\n"},
    {"a fee is withheld for the mint",
     {"f A B 10 1", "9,0,0,3,3,0,0,1", "4,0,0,3,3,0,0,1", "A W 10; B V 0; 2022",
      "A W 0; B V 9; 2022", false},
     "f W> 5 \ni1 W>V 10 M\ni1_0 V>M 1 M\n"},
    {"the same, where only balances say it",
     {"k A B 10", "9,0,0,3,3,0,0,1", "4,0,0,3,3,0,0,1", "A W 10; B V 0; 2022", "A W 0; B V 9; 2022",
      false},
     "f W> 5 \ni1 W>V 10 M\nb V>M 1 M\n"},
    {"and drawn",
     {"w A", "9,0,0,3,3,0,0,1", "4,0,0,3,3,0,0,1", "A W 10; 2022", "A W 12; 2022", false},
     "f W> 5 \nb M>W 2 M\n"},
    {"stake is withdrawn, and merged",
     {"s U V 4; g U V", "9,0,10,0,0,0,0,1", "4,0,10,0,0,0,0,1", "", "", false},
     "f W> 5 \ni1 U>V 4 \ni2 V>U 4 \n"},
    {"a vote account is drawn from",
     {"y U V 4", "9,0,10,0,0,0,0,1", "4,4,6,0,0,0,0,1", "", "", false},
     "f W> 5 \ni1 U>V 4 \n"},
    {"and paid back at once: as if nothing had been drawn, which balances make up for",
     {"y U V 4; t V U 4", "9,0,10,0,0,0,0,1", "4,0,10,0,0,0,0,1", "", "", false},
     "f W> 5 \ni2 V>U 4 \nb U>V 4 \n"},
    {"one payer that no instruction names, and two payees",
     {"x", "109,0,0,0,0,0,0,1", "4,40,60,0,0,0,0,1", "", "", false},
     "f W> 5 \nb W>V 40 \nb W>U 60 \n"},
    {"several on both sides: equal amounts first, then in order",
     {"x", "65,0,50,0,0,0,40,1", "10,40,0,30,0,0,0,71", "", "", false},
     "f W> 5 \nc N>V 40 \nc W>A 30 \nc W>M 20 \nc U>M 50 \n"},
    {"becomes confidential, is paid, and is in sight again: how much was paid nobody sees",
     {"h A 6; p A B; r B 2", "9,0,0,3,3,0,0,1", "4,0,0,3,3,0,0,1", "A W 10; B V 0; 2022",
      "A W 4; B V 2; 2022", false},
     "f W> 5 \ni1 W>?M 6 M\ni3 ?M>V 2 M\n"},
    {"gone from Token-2022 without a word: it lies at the mint, as what is withheld does",
     {"x", "9,0,0,3,3,0,0,1", "4,0,0,3,3,0,0,1", "A W 10; 2022", "A W 4; 2022", false},
     "f W> 5 \nb W>M 6 M\n"},
    {"tokens that come from nowhere, and go",
     {"x", "9,0,0,3,3,0,0,1", "4,0,0,3,3,0,0,1", "A W 10;", "A W 4;", false},
     "f W> 5 \nb W> 6 M\n"},
    {"frozen; thawed and frozen again is as it was",
     {"z A; u B; z B", "9,0,0,3,3,0,0,1", "4,0,0,3,3,0,0,1", "A W 1; B V 1;", "A W 1; B V 1;",
      false},
     "f W> 5 \nz W> 0 M\n"},
};

static void by_hand(void **state)
{
    for (size_t i = 0; i < sizeof(hand_rows) / sizeof(hand_rows[0]); i++) {
        test_row("%s", hand_rows[i].name);
        same_moves(&hand_rows[i].a, hand_rows[i].want);
    }
}

/* Over a nonce only if that is the first, and called from outside. */
static void nonces(void **state)
{
    static const struct {
        const char *script;
        bool nonce;
    } rows[] = {{"n U; t W V 1", true}, {"t W V 1; n U", false}, {"x; >n U; t W V 1", false}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct answer a = {rows[i].script, "9,0,0,0,0,0,0,0", "3,1,0,0,0,0,0,0", "", "", false};
        char *text = answer_text(&a, i & 1, false), name[64];
        struct solana_text in = {"a", {(const uint8_t *)text, strlen(text)}};
        struct transfer_source s;
        struct transfer_block b;
        struct err err;
        bool end;

        test_row("%s", rows[i].script);
        CHECK_OK(solana_from(&in, 1, &s, &err), err);
        CHECK_OK(s.next(s.self, &b, &end, &err), err);
        CHECK_U(b.txs[0].events_n, rows[i].nonce ? 2 : 1);
        if (rows[i].nonce) {
            CHECK_U(b.txs[0].events[1].kind, EVENT_NONCE);
            name_of(b.txs[0].events[1].subject, name);
            CHECK_S(name, keys[U]);
        }
        s.free(s.self);
        free(text);
    }
}

/* ---- notes ---- */

static char *notes_text(const struct fact_tx *tx)
{
    struct text t = text_new(1 << 20);
    char *kept;

    for (size_t i = 0; i < tx->transfers_n; i++) {
        const struct fact_transfer *m = &tx->transfers[i];
        const struct fact_event *e = NULL;
        char from[64], asset[64], subject[64];

        if (m->kind != TRANSFER_NOTE)
            continue;
        for (size_t k = 0; k < tx->events_n; k++)
            if (tx->events[k].log == m->position && tx->events[k].log)
                e = &tx->events[k];
        CHECK(e && !m->to.n && u256_zero(m->amount));
        name_of(m->from, from);
        name_of(m->asset, asset);
        name_of(e->subject, subject);
        if (e->kind == EVENT_OWNER)
            text_printf(&t, "%s of %s %s\n", from, subject, asset);
        else if (e->kind == EVENT_HIDDEN)
            text_printf(&t, "%s gave %s some %s\n", from, subject, asset);
        else
            text_printf(&t, "%s decimals %u\n", from, (unsigned)e->data.p[0]);
    }
    kept = strdup(text_string(&t) ? text_string(&t) : "");
    text_free(&t);
    return kept;
}

static void notes_are(const char *text, const char *want)
{
    struct solana_text in = {"a", {(const uint8_t *)text, strlen(text)}};
    struct transfer_source s;
    struct transfer_block b;
    struct err err;
    char *got;
    bool end;

    CHECK_OK(solana_from(&in, 1, &s, &err), err);
    CHECK_OK(s.next(s.self, &b, &end, &err), err);
    got = notes_text(&b.txs[0]);
    CHECK_S(short_text(got), want);
    free(got);
    s.free(s.self);
}

/* Whose a token account is in the end; of an account that nobody tells of, nothing. */
static void notes(void **state)
{
    static const struct {
        const char *name;
        struct answer a;
        const char *want;
    } rows[] = {
        {"as the balances say",
         {"k A B 7", "9,0,0,3,3,0,0,1", "4,0,0,3,3,0,0,1", "A W 10; B V 0;", "A W 3; B V 7;",
          false},
         "A of W M\nM decimals 0\nB of V M\n"},
        {"the owner is changed: the new one",
         {"a A V", "9,0,0,3,0,0,0,1", "4,0,0,3,0,0,0,1", "A W 10;", "A V 10;", false},
         "A of V M\nM decimals 0\n"},
        {"closed within: who had it last",
         {"c A U", "9,0,0,3,0,0,0,1", "4,0,3,0,0,0,0,1", "A W 0;", "", false},
         "A of W M\nM decimals 0\n"},
        {"opened and closed within, in no balance",
         {"t W A 3; o A V; c A V", "20,0,0,0,0,0,0,1", "12,3,0,0,0,0,0,1", "", "", false},
         "A of V M\n"},
        {"of wrapped SOL, which is SOL",
         {"t W V 1", "9,0,0,0,0,0,2,1", "3,1,0,0,0,0,2,1", "N W 1;", "N W 1;", false},
         "N of W \n"},
        {"what is confidential is paid, twice: each time it is said",
         {"p A B; x; >p A B", "9,0,0,3,3,0,0,1", "4,0,0,3,3,0,0,1", "A W 0; B V 0; 2022",
          "A W 0; B V 0; 2022", false},
         "A of W M\nM decimals 0\nB of V M\nW gave V some M\nW gave V some M\n"},
        {"what failed says nothing",
         {"k A B 7", "9,0,0,3,3,0,0,1", "4,0,0,3,3,0,0,1", "A W 10; B V 0;", "A W 10; B V 0;",
          true},
         ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (unsigned form = 0; form < 2; form++) {
            char *text = answer_text(&rows[i].a, form, false);

            test_row("%s", rows[i].name);
            notes_are(text, rows[i].want);
            free(text);
        }
}

/* An owner that a balance tells of an account, the one after before the one before. */
static const char *owner_in(const struct json *meta, double account, const char **ret_mint)
{
    static const char *const lists[] = {"postTokenBalances", "preTokenBalances"};

    for (size_t k = 0; k < 2; k++) {
        const struct json *list = json_get(meta, lists[k]);

        for (const struct json *row = list && list->type == JSON_ARRAY ? list->child : NULL; row;
             row = row->next) {
            const struct json *owner = json_get(row, "owner");

            if (strtod(json_get(row, "accountIndex")->text, NULL) != account)
                continue;
            *ret_mint = json_get(row, "mint")->text;
            return owner && owner->type == JSON_STRING ? owner->text : NULL;
        }
    }
    return NULL;
}

static const struct json *nth(const struct json *list, unsigned *n)
{
    const struct json *at = list ? list->child : NULL;

    for (; at && *n; at = at->next)
        --*n;
    return at;
}

static const char *address_in(const struct json *tree, unsigned account)
{
    const struct json *loaded = json_get(json_get(tree, "meta"), "loadedAddresses");
    const struct json *message = json_get(json_get(tree, "transaction"), "message");
    const struct json *at = nth(json_get(message, "accountKeys"), &account);

    at = at ? at : nth(json_get(loaded, "writable"), &account);
    at = at ? at : nth(json_get(loaded, "readonly"), &account);
    CHECK(at);
    return at->type == JSON_STRING ? at->text : json_get(at, "pubkey")->text;
}

static size_t notes_against(const char *name, struct bytes line)
{
    struct solana_text in = {name, line};
    struct arena *a = arena_new(NULL, (size_t)1 << 30);
    const struct json *tree, *meta;
    struct transfer_source s;
    struct transfer_block b;
    struct err err;
    size_t found = 0;
    char *got;
    bool end;

    test_row("%s", name);
    CHECK_OK(json_read(a, (const char *)line.p, line.n, &tree, &err), err);
    tree = json_get(tree, "result") ? json_get(tree, "result") : tree;
    meta = json_get(tree, "meta");
    CHECK_OK(solana_from(&in, 1, &s, &err), err);
    CHECK_OK(s.next(s.self, &b, &end, &err), err);
    got = notes_text(&b.txs[0]);
    for (unsigned i = 0; !b.txs[0].failed && i < 256; i++) {
        const char *mint, *owner = owner_in(meta, i, &mint);
        char want[200];

        if (!owner || !strcmp(owner, address_in(tree, i))) /* some own themselves */
            continue;
        snprintf(want, sizeof(want), "%s of %s %s\n", address_in(tree, i), owner,
                 strcmp(mint, "So11111111111111111111111111111111111111112") ? mint : "");
        CHECK(strstr(got, want));
        found++;
    }
    free(got);
    s.free(s.self);
    arena_free(a);
    return found;
}

/* All token accounts of the data, against a tree of the same answer. */
static void notes_of_data(void **state)
{
    static const char *const lines[] = {"solana/tx/hack-jsonparsed.jsonl",
                                        "solana/tx/misc-json.jsonl", "solana/tx/nftspam-json.jsonl",
                                        "solana/tx/phishing-json.jsonl",
                                        "solana/tx/rotki-json.jsonl"};
    size_t found = 0;

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        for (struct bytes in = test_data(lines[i]); in.n;)
            found += notes_against(lines[i], next_line(&in));
    CHECK_U(found, 158); /* as a script of another language counts them, too */
}

/* ---- at random: what happens is made up step by step, with what it must tell ---- */

struct made {
    long long lamports[8], tokens[8];
    int owner[8]; /* of token accounts; -1: there is none */
    struct text script, want;
    unsigned outer, inner;
    struct test_random r;
};

static int holder_of(const struct made *m, size_t i)
{
    return i >= A && i <= N && m->owner[i] >= 0 ? m->owner[i] : (int)i;
}

static void want_move(struct made *m, int from, int to, long long amount, bool token,
                      const char *more)
{
    if (from == to || amount <= 0)
        return;
    text_printf(&m->want, "i%u", m->outer);
    if (m->inner)
        text_printf(&m->want, "_%u", m->inner);
    text_printf(&m->want, "%s ", more);
    if (from >= 0)
        text_char(&m->want, letters[from]);
    text_char(&m->want, '>');
    if (to >= 0)
        text_char(&m->want, letters[to]);
    text_printf(&m->want, " %lld %s\n", amount, token ? "M" : "");
}

/* The next instruction's number; sometimes it is called by one that nobody knows. */
static void number(struct made *m)
{
    bool inner = m->inner ? test_below(&m->r, 2) : !test_below(&m->r, 4);

    if (!inner) {
        m->outer++;
        m->inner = 0;
        return;
    }
    if (!m->inner) {
        text_str(&m->script, "x;");
        m->outer++;
    }
    m->inner++;
    text_char(&m->script, '>');
}

static size_t some(struct made *m, size_t first, size_t n)
{
    return first + test_below(&m->r, n);
}

static long long part(struct made *m, long long all)
{
    return all > 0 ? (long long)test_below(&m->r, (uint64_t)all + 1) : 0;
}

static void make_step(struct made *m)
{
    size_t a = some(m, A, 4), b = some(m, A, 4), w = some(m, W, 3), v = some(m, W, 3);
    long long x;

    switch (test_below(&m->r, 8)) {
    case 0: /* to a wallet, or into a token account that is there */
        x = part(m, m->lamports[w] / 2);
        b = test_below(&m->r, 2) || m->owner[b] < 0 ? v : b;
        number(m);
        text_printf(&m->script, "t %c %c %lld;", letters[w], letters[b], x);
        want_move(m, (int)w, holder_of(m, b), x, false, "");
        m->lamports[w] -= x;
        m->lamports[b] += x;
        return;
    case 1: /* tokens; of wrapped SOL there is one account */
        if (m->owner[a] < 0 || m->owner[b] < 0 || a == N || b == N)
            return;
        x = part(m, m->tokens[a]);
        number(m);
        text_printf(&m->script, "%c %c %c %lld;", test_below(&m->r, 2) ? 'k' : 'K', letters[a],
                    letters[b], x);
        want_move(m, m->owner[a], m->owner[b], x, true, "");
        m->tokens[a] -= x;
        m->tokens[b] += x;
        return;
    case 2:
    case 3:
        if (m->owner[a] < 0 || a == N)
            return;
        x = part(m, m->tokens[a]);
        number(m);
        if (x && test_below(&m->r, 2)) {
            text_printf(&m->script, "b %c %lld;", letters[a], x);
            want_move(m, m->owner[a], -1, x, true, "");
            m->tokens[a] -= x;
        } else {
            text_printf(&m->script, "m %c %lld;", letters[a], x + 1);
            want_move(m, -1, m->owner[a], x + 1, true, "");
            m->tokens[a] += x + 1;
        }
        return;
    case 4: /* opened, its rent paid by somebody */
        if (m->owner[a] >= 0 || m->lamports[a] || m->lamports[w] < 10)
            return;
        number(m);
        text_printf(&m->script, "t %c %c 10;", letters[w], letters[a]);
        want_move(m, (int)w, (int)v, 10, false, "");
        m->lamports[w] -= 10;
        m->lamports[a] += 10;
        number(m);
        text_printf(&m->script, "o %c %c;", letters[a], letters[v]);
        m->owner[a] = (int)v;
        return;
    case 5: /* closed: empty, or of wrapped SOL */
        if (m->owner[a] < 0 || m->tokens[a])
            return;
        number(m);
        text_printf(&m->script, "c %c %c;", letters[a], letters[w]);
        want_move(m, m->owner[a], (int)w, m->lamports[a], false, "");
        m->lamports[w] += m->lamports[a];
        m->lamports[a] = 0;
        m->owner[a] = -1;
        return;
    case 6:
        if (m->owner[a] < 0)
            return;
        number(m);
        text_printf(&m->script, "a %c %c;", letters[a], letters[w]);
        want_move(m, m->owner[a], (int)w, m->tokens[a], true, "");
        want_move(m, m->owner[a], (int)w, m->lamports[a], false,
                  m->tokens[a] && m->owner[a] != (int)w ? "_0" : "");
        m->owner[a] = (int)w;
        return;
    default: /* a fee of Token-2022 */
        if (m->owner[a] < 0 || m->owner[b] < 0 || a == N || b == N || a == b || m->tokens[a] < 4)
            return;
        x = m->tokens[a] - part(m, m->tokens[a] / 2);
        number(m);
        text_printf(&m->script, "f %c %c %lld %lld;", letters[a], letters[b], x, x / 3);
        want_move(m, m->owner[a], m->owner[b], x, true, "");
        want_move(m, m->owner[b], M, x / 3, true, m->owner[a] != m->owner[b] ? "_0" : "");
        m->tokens[a] -= x;
        m->tokens[b] += x - x / 3;
        return;
    }
}

/* ---- what no instruction says: the rule of docs/solana.md once more, in small numbers ---- */

struct sides { /* one asset: who has more or less, in the order of the account list */
    int who[8];
    long long more[8];
    size_t n;
};

static void pay(struct made *m, struct sides *s, size_t from, size_t to, char kind, bool token)
{
    long long x = -s->more[from] < s->more[to] ? -s->more[from] : s->more[to];

    s->more[from] += x;
    s->more[to] -= x;
    text_printf(&m->want, "%c %c>%c %lld %s\n", kind, letters[s->who[from]], letters[s->who[to]], x,
                token ? "M" : "");
}

static void pair_naively(struct made *m, const long long unsaid[8], bool token)
{
    struct sides s = {.n = 0};
    size_t payers = 0, payees = 0;
    char kind;

    for (size_t i = 0; i < 8; i++) {
        size_t k = 0;

        if (!unsaid[i])
            continue;
        while (k < s.n && s.who[k] != holder_of(m, i))
            k++;
        s.who[k] = holder_of(m, i);
        s.more[k] = (k < s.n ? s.more[k] : 0) + unsaid[i];
        s.n += k == s.n;
    }
    for (size_t i = 0; i < s.n; i++) {
        payers += s.more[i] < 0;
        payees += s.more[i] > 0;
    }
    kind = payers < 2 || payees < 2 ? 'b' : 'c';
    for (int equal = 1; equal >= 0; equal--)
        for (size_t i = 0; i < s.n; i++)
            for (size_t k = 0; k < s.n; k++)
                if (s.more[i] < 0 && s.more[k] > 0 && (!equal || -s.more[i] == s.more[k]))
                    pay(m, &s, i, k, kind, token);
    for (size_t i = 0; i < s.n; i++)
        if (s.more[i] < 0)
            text_printf(&m->want, "b %c> %lld M\n", letters[s.who[i]], -s.more[i]);
        else if (s.more[i] > 0)
            text_printf(&m->want, "b >%c %lld M\n", letters[s.who[i]], s.more[i]);
}

/* Lamports go from one to another, tokens come and go, and nobody says so. */
static void make_unsaid(struct made *m, size_t *ret_guessed)
{
    long long lamports[8] = {0}, tokens[8] = {0};
    size_t before = m->want.n;

    for (uint64_t n = test_below(&m->r, 16); n; n--) {
        size_t a = some(m, 0, 8), b = some(m, 0, 8);
        long long x = part(m, m->lamports[a] < 20 ? m->lamports[a] : 20);

        if ((a >= A && a <= N && m->owner[a] < 0) || (b >= A && b <= N && m->owner[b] < 0))
            continue;
        m->lamports[a] -= x;
        m->lamports[b] += x;
        lamports[a] -= x;
        lamports[b] += x;
    }
    for (size_t i = A; i < N; i++) {
        long long x = test_below(&m->r, 2) ? 0 : part(m, 12) - part(m, m->tokens[i]);

        if (m->owner[i] < 0 || m->tokens[i] + x < 0)
            continue;
        m->tokens[i] += x;
        tokens[i] += x;
    }
    pair_naively(m, lamports, false);
    pair_naively(m, tokens, true);
    *ret_guessed += strstr(m->want.n > before ? text_string(&m->want) + before : "", "c ") != NULL;
}

static void balances_text(const struct made *m, char lamports[256], char tokens[256])
{
    size_t n = 0;

    *tokens = 0;
    for (size_t i = 0, k = 0; i < 8; i++) {
        n += (size_t)snprintf(lamports + n, 256 - n, "%s%lld", i ? "," : "", m->lamports[i]);
        if (i >= A && i <= N && m->owner[i] >= 0)
            k += (size_t)snprintf(tokens + k, 256 - k, "%c %c %lld;", letters[i],
                                  letters[m->owner[i]], m->tokens[i]);
    }
}

static void at_random(void **state)
{
    struct test_random r = {test_seed()};
    size_t guessed = 0;

    for (unsigned round = 0; round < 4000; round++) {
        struct made m = {.script = text_new(1 << 16), .want = text_new(1 << 16), .r = r};
        char before[256], after[256], tokens_before[256], tokens_after[256];
        struct answer a = {.before = before, .after = after};
        unsigned steps = (unsigned)test_below(&m.r, 12);

        for (size_t i = 0; i < 8; i++) {
            m.owner[i] = i >= A && i <= N && test_below(&m.r, 2) ? (int)some(&m, W, 3) : -1;
            m.lamports[i] = i < A             ? (long long)test_below(&m.r, 1000) + 5
                            : m.owner[i] >= 0 ? 10
                                              : 0;
            m.tokens[i] = i != N && m.owner[i] >= 0 ? (long long)test_below(&m.r, 50) : 0;
        }
        balances_text(&m, before, tokens_before);
        m.lamports[W] -= 5;
        text_str(&m.want, "f W> 5 \n");
        for (unsigned i = 0; i < steps; i++)
            make_step(&m);
        if (round % 2)
            make_unsaid(&m, &guessed);
        balances_text(&m, after, tokens_after);
        a.script = m.script.n ? text_string(&m.script) : "";
        a.tokens_before = tokens_before;
        a.tokens_after = tokens_after;
        test_row("round %u: %s", round, a.script);
        same_moves(&a, text_string(&m.want));
        r = m.r;
        text_free(&m.script);
        text_free(&m.want);
    }
    printf("%zu transactions with moves by the rule alone\n", guessed);
    CHECK(guessed > 100); /* the rule alone has been asked, too */
}

/* ---- files, damage ---- */

static const char block_text[] =
    "{\"jsonrpc\":\"2.0\",\"result\":{\"blockTime\":%u,\"blockhash\":\"%s\",\"previousBlockhash\":"
    "\"%s\",\"parentSlot\":%u,\"transactions\":[],\"rewards\":[{\"pubkey\":\"%s\",\"lamports\":"
    "-3,\"rewardType\":\"Rent\"},{\"pubkey\":\"%s\",\"lamports\":9,\"rewardType\":\"Fee\"},"
    "{\"rewardType\":\"Staking\",\"pubkey\":\"%s\",\"lamports\":4},{\"rewardType\":\"Voting\","
    "\"pubkey\":\"%s\",\"lamports\":1},{\"pubkey\":\"%s\",\"lamports\":2,\"rewardType\":\"Rent\"},"
    "{\"pubkey\":\"%s\",\"lamports\":0,\"rewardType\":\"Fee\"},{\"pubkey\":\"%s\",\"lamports\":5,"
    "\"rewardType\":null},{\"pubkey\":\"%s\",\"lamports\":6,\"rewardType\":\"Other\"}]}}\n";

static void put_block(struct text *t, uint32_t time, const char *hash, const char *parent,
                      uint32_t parent_slot)
{
    const char *v = keys[V], *w = keys[W];

    text_printf(t, block_text, time, hash, parent, parent_slot, v, w, v, w, w, v, w, v);
}

/* A block's slot is told by the next: 9 was skipped. Order in the file does not matter. */
static void slots(void **state)
{
    static const char *const hashes[] = {"Bock1111111111111111111111111111111111111111",
                                         "Bock1111111111111111111111111111111111111112",
                                         "Bock1111111111111111111111111111111111111113"};
    struct text t = text_new(1 << 16);
    struct solana_text in = {"blocks", {NULL, 0}};
    static const uint32_t want[] = {10, 11};
    struct transfer_source s;
    struct transfer_block b;
    struct err err;
    bool end;

    put_block(&t, 102, hashes[2], hashes[1], 10);
    put_block(&t, 101, hashes[1], hashes[0], 8);
    put_block(&t, 102, hashes[2], hashes[1], 10); /* again */
    in.in = (struct bytes){(const uint8_t *)text_string(&t), t.n};
    CHECK_OK(solana_from(&in, 1, &s, &err), err);
    for (size_t i = 0; i < 2; i++) {
        char *moves;

        CHECK_OK(s.next(s.self, &b, &end, &err), err);
        CHECK(!end);
        CHECK_U(b.height, want[i]);
        CHECK_U(b.time, 101 + i);
        CHECK_U(b.txs_n, 1);
        CHECK(hash32_equal(&b.txs[0].hash, &b.hash));
        moves = short_text(moves_text(&b.txs[0]));
        CHECK_S(moves, "r >W 9 \nk >V 4 \no >W 1 \ne >W 2 \nr >W 5 \nr >V 6 \nb V> 3 \n");
        free(moves);
    }
    CHECK_OK(s.next(s.self, &b, &end, &err), err);
    CHECK(end);
    s.free(s.self);
    text_free(&t);
}

#define BLOCK_HEAD                                                                                 \
    "{\"result\":{\"parentSlot\":6,\"blockhash\":"                                                 \
    "\"Bock1111111111111111111111111111111111111111\","                                            \
    "\"previousBlockhash\":\"Bock1111111111111111111111111111111111111112\","

static const struct {
    const char *name, *text, *want;
} refused_rows[] = {
    {"nothing", "", "nothing in it"},
    {"an error of the node", "{\"error\":{\"code\":-32005,\"message\":\"Node is behind\"}}",
     "Node is behind"},
    {"no such transaction", "{\"jsonrpc\":\"2.0\",\"result\":null}", "does not have it"},
    {"something else", "{\"result\":{\"value\":1}}", "neither a block"},
    {"a block without its parent's slot",
     "{\"result\":{\"blockhash\":\"Bock1111111111111111111111111111111111111111\","
     "\"previousBlockhash\":\"Bock1111111111111111111111111111111111111111\"}}",
     "neither a block"},
    {"no JSON", "{\"result\":}", ""},
    {"asked for signatures alone",
     BLOCK_HEAD
     "\"signatures\":[\"Signature11111111111111111111111111111111111111111111111111111111"
     "11111111111111111111111\"]}}",
     "in full"},
    {"asked for nothing of transactions", BLOCK_HEAD "\"blockTime\":1}}", "in full"},
    {"asked for accounts",
     BLOCK_HEAD
     "\"transactions\":[{\"meta\":{\"err\":null,\"fee\":5,\"preBalances\":[9],"
     "\"postBalances\":[4],\"preTokenBalances\":[],\"postTokenBalances\":[]},"
     "\"transaction\":{\"accountKeys\":[{\"pubkey\":"
     "\"Vera111111111111111111111111111111111111111\",\"signer\":true,\"source\":"
     "\"transaction\",\"writable\":true}],\"signatures\":[\"Signature111111111111111111111"
     "11111111111111111111111111111111111111111111111111111\"]},\"version\":0}]}}",
     "transactionDetails \"full\" is wanted"},
};

/* Errors of JSON-RPC as Agave has them, rpc-client-api/src/custom_error.rs, in its words. */
static const struct {
    const char *text;
    enum err_class class;
    bool skipped;
    const char *want;
} node_errors[] = {
    {"{\"code\":-32001,\"message\":\"Block 5 cleaned up, does not exist on node. First available "
     "block: 1000\"}",
     ERR_NOT_FOUND, false, "First available block: 1000"},
    {"{\"code\":-32004,\"message\":\"Block not available for slot 5\"}", ERR_NOT_FOUND, false,
     "not available for slot 5"},
    {"{\"code\":-32005,\"message\":\"Node is behind by 42 slots\"}", ERR_SYSTEM, false,
     "behind by 42"},
    {"{\"code\":-32007,\"message\":\"Slot 5 was skipped, or missing due to ledger jump to recent "
     "snapshot\"}",
     ERR_NOT_FOUND, true, "was skipped"},
    {"{\"code\":-32009,\"message\":\"Slot 5 was skipped, or missing in long-term storage\"}",
     ERR_NOT_FOUND, true, "long-term storage"},
    {"{\"code\":-32011,\"message\":\"Transaction history is not available from this node\"}",
     ERR_SYSTEM, false, "history is not available"},
    {"{\"code\":-32014,\"message\":\"Block status not yet available for slot 5\"}", ERR_NOT_FOUND,
     false, "not yet available"},
    {"{\"code\":-32015,\"message\":\"Transaction version (2) is not supported by the requesting "
     "client\"}",
     ERR_INPUT, false, "maxSupportedTransactionVersion 1): Transaction version (2)"},
    {"{\"code\":-32019}", ERR_SYSTEM, false, "an error without words"},
};

static void errors_of_nodes(void **state)
{
    struct solana_block *b = solana_block_new();
    struct err err;

    for (size_t i = 0; i < sizeof(node_errors) / sizeof(node_errors[0]); i++) {
        char answer[512];
        int n = snprintf(answer, sizeof(answer), "{\"jsonrpc\":\"2.0\",\"error\":%s,\"id\":1}",
                         node_errors[i].text);
        struct bytes in = {(const uint8_t *)answer, (size_t)n};

        test_row("%s", node_errors[i].text);
        CHECK_OK(solana_block_start(b, &err), err);
        CHECK(!solana_block_answer(b, 5, in, &err));
        CHECK_U(err.class, node_errors[i].class);
        CHECK_U(solana_is_skipped(in), node_errors[i].skipped);
        if (!strstr(err.text, node_errors[i].want) || strncmp(err.text, "slot 5: ", 8) != 0)
            test_failed(__FILE__, __LINE__, "\"%s\"", err.text);
    }
    solana_block_free(b);
}

static bool all_read(struct bytes in, struct err *err)
{
    struct solana_text text = {"a", in};
    struct transfer_source s;
    struct transfer_block b;
    bool end = false, ok;

    if (!solana_from(&text, 1, &s, err))
        return false;
    do
        ok = s.next(s.self, &b, &end, err);
    while (ok && !end);
    s.free(s.self);
    return ok;
}

static void refusals(void **state)
{
    struct answer a = {"t W V 7", "100,0,0,0,0,0,0,0", "88,7,0,0,0,0,0,0", "", "", false};
    static const struct {
        const char *from, *to, *want;
    } edits[] = {
        {"88,7", "88,8", "balances before"},
        {"\"fee\":5", "\"fee\":6", "balances before"},
        {"\"fee\":5,", "", "is missing"},
        {"100,0,0,0", "100,0,0", "as many balances"},
        {"\"err\":null", "\"err\":{}", "moved more than its fee"},
        {"Vera1", "Vera0", "an address"},
        {"\"programIdIndex\":9", "\"programIdIndex\":99", "past the accounts"},
        {"Signature1", "Sig", "64 bytes"},
        {"\"preTokenBalances\":[",
         "\"preTokenBalances\":[{\"accountIndex\":99,\"mint\":"
         "\"Vera111111111111111111111111111111111111111\","
         "\"uiTokenAmount\":{\"amount\":\"1\"}}",
         "an account that there is not"},
        {"\"innerInstructions\":[",
         "\"innerInstructions\":[{\"index\":1,\"instructions\":[{"
         "\"programIdIndex\":9,\"accounts\":[],\"data\":\"3\"}]}",
         "an instruction that there is not"},
        {"{\"signatures", "[\"AAAA\",\"base64\"],\"x\":{\"signatures", "json or jsonParsed"},
    };
    char *good = answer_text(&a, false, false);
    struct err err;

    for (size_t i = 0; i < sizeof(refused_rows) / sizeof(refused_rows[0]); i++) {
        const char *text = refused_rows[i].text;

        test_row("%s", refused_rows[i].name);
        CHECK(!all_read((struct bytes){(const uint8_t *)text, strlen(text)}, &err));
        CHECK(strstr(err.text, refused_rows[i].want));
    }
    CHECK(all_read((struct bytes){(const uint8_t *)good, strlen(good)}, &err));
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        struct text t = text_new(1 << 16);
        const char *at = strstr(good, edits[i].from);

        test_row("%s", edits[i].to);
        CHECK(at);
        text_put(&t, good, (size_t)(at - good));
        text_str(&t, edits[i].to);
        text_str(&t, at + strlen(edits[i].from));
        CHECK(!all_read((struct bytes){(const uint8_t *)text_string(&t), t.n}, &err));
        if (!strstr(err.text, edits[i].want))
            test_failed(__FILE__, __LINE__, "\"%s\" without \"%s\"", err.text, edits[i].want);
        text_free(&t);
    }
    free(good);
}

#define NUMBERED_MAX 512u

/* One of many that a slot may have, told by themselves: each with a signature of its own. text is
 * lent until the facts were used. */
static bool add_numbered(struct solana_block *b, uint32_t number, char text[NUMBERED_MAX],
                         struct err *err)
{
    uint8_t raw[SOLANA_SIGNATURE_BYTES] = {1};
    char signature[BASE58_TEXT_MAX];
    int n;

    store_le32(raw + 4, number);
    base58_write((struct bytes){raw, sizeof(raw)}, signature);
    n = snprintf(text, NUMBERED_MAX,
                 "{\"slot\":7,\"transaction\":{\"signatures\":[\"%s\"],\"message\":{"
                 "\"accountKeys\":[\"Vera111111111111111111111111111111111111111\"],"
                 "\"instructions\":[]}},\"meta\":{\"err\":null,\"fee\":5,\"preBalances\":[9],"
                 "\"postBalances\":[4]}}",
                 signature);
    return solana_block_add(b, (struct bytes){(const uint8_t *)text, (size_t)n}, err);
}

/* 65,536 in a slot, and no more; one of them again says nothing new. */
static void most_of_a_slot(void **state)
{
    struct solana_block *b = solana_block_new();
    char(*texts)[NUMBERED_MAX] = mem_array(65538, sizeof(*texts));
    struct transfer_block facts;
    struct err err;

    CHECK(texts);
    CHECK_OK(solana_block_start(b, &err), err);
    for (uint32_t i = 0; i < 65536; i++)
        CHECK_OK(add_numbered(b, i, texts[i], &err), err);
    CHECK(!add_numbered(b, 65536, texts[65536], &err));
    CHECK(err.class == ERR_LIMIT);
    CHECK_S(err.text, "slot 7: more than 65536 transactions");
    CHECK_OK(add_numbered(b, 65535, texts[65537], &err), err);
    CHECK_OK(solana_block_facts(b, &facts, &err), err);
    CHECK_U(facts.txs_n, 65536);
    for (size_t i = 0; i < facts.txs_n; i++) {
        CHECK(facts.txs[i].transfers_n == 1 &&
              u256_equal(facts.txs[i].transfers[0].amount, u256_of(5)));
        CHECK_U(load_le32(facts.txs[i].events[0].data.p + 4), i);
    }
    solana_block_free(b);
    mem_free(texts);
}

/* Answers of a batch are those answers by lines; one that is none says where. */
static void batches(void **state)
{
    struct answer a = {"t W V 7", "100,0,0,0,0,0,0,0", "88,7,0,0,0,0,0,0", "", "", false};
    char *one = answer_text(&a, false, false);
    static const struct {
        const char *head, *tail, *want; /* around the answer; want NULL: it is read */
    } rows[] = {
        {"[", "]", NULL},
        {" [\n", "\n]\n", NULL},
        {"[", "", ""},
        {"[", ",]", ""},
        {"[", "] 1", ""},
        {"[", ",\n{\"error\":{\"code\":-32011,\"message\":\"no history\"}}]", "line 2: no history"},
        {"[", ",\n\n3]", "line 3: "},
        {"[", ",[]]", "neither a block"},
    };
    struct err err;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text t = text_new(1 << 16);
        bool ok;

        test_row("%s...%s", rows[i].head, rows[i].tail);
        text_str(&t, rows[i].head);
        text_put(&t, one, strcspn(one, "\n"));
        text_str(&t, rows[i].tail);
        ok = all_read((struct bytes){(const uint8_t *)text_string(&t), t.n}, &err);
        CHECK_U(ok, !rows[i].want);
        if (!ok && (!strstr(err.text, rows[i].want) || strncmp(err.text, "a", 1) != 0))
            test_failed(__FILE__, __LINE__, "\"%s\"", err.text);
        text_free(&t);
    }
    CHECK(!all_read((struct bytes){(const uint8_t *)"[]", 2}, &err));
    CHECK_S(err.text, "a: nothing in it");
    free(one);
}

static bool reads(struct bytes in, void *ctx)
{
    struct err err;

    return all_read(in, &err);
}

static const struct answer whole = {"t W A 3; o A V; x; >f A B 0 0; >a B W; n U",
                                    "9,0,0,0,3,0,0,1",
                                    "1,0,0,3,3,0,0,1",
                                    "B U 4;",
                                    "A V 0; B W 4;",
                                    false};

static void truncations(void **state)
{
    for (unsigned form = 0; form < 2; form++) {
        char *text = answer_text(&whole, form, false);

        test_truncations((struct bytes){(const uint8_t *)text, strlen(text) - 1}, reads, NULL);
        free(text);
    }
}

static bool reads_again(void *ctx)
{
    const char *text = ctx;
    struct err err;
    bool ok = all_read((struct bytes){(const uint8_t *)text, strlen(text)}, &err);

    CHECK(ok || err.class == ERR_NOMEM || err.class == ERR_LIMIT);
    return ok;
}

static void failed_allocations(void **state)
{
    for (unsigned form = 0; form < 2; form++) {
        char *text = answer_text(&whole, form, false);

        test_failed_allocations(reads_again, text);
        free(text);
    }
}

/* The reader of a known length against the one of any. */
static void base58_lengths(void **state)
{
    struct test_random r = {test_seed()};

    for (unsigned i = 0; i < 20000; i++) {
        uint8_t raw[72], back[BASE58_BYTES_MAX], fixed[64];
        size_t n = test_below(&r, sizeof(raw)),
               zeros = test_below(&r, 4) ? 0 : test_below(&r, n + 1);
        char text[BASE58_TEXT_MAX];
        size_t back_n;
        struct err err;

        for (size_t k = 0; k < n; k++)
            raw[k] = k < zeros ? 0 : (uint8_t)test_random(&r);
        base58_write((struct bytes){raw, n}, text);
        CHECK_OK(base58_read(text, back, &back_n, &err), err);
        CHECK(bytes_equal((struct bytes){raw, n}, (struct bytes){back, back_n}));
        for (size_t size = 32; size <= 64; size += 32) {
            CHECK_U(base58_fixed((struct bytes){(const uint8_t *)text, strlen(text)}, fixed, size),
                    n == size);
            if (n == size)
                CHECK(!memcmp(fixed, raw, size));
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(balances),       cmocka_unit_test(encodings),
        cmocka_unit_test(by_hand),        cmocka_unit_test(nonces),
        cmocka_unit_test(notes),          cmocka_unit_test(notes_of_data),
        cmocka_unit_test(at_random),      cmocka_unit_test(slots),
        cmocka_unit_test(batches),        cmocka_unit_test(errors_of_nodes),
        cmocka_unit_test(refusals),       cmocka_unit_test(most_of_a_slot),
        cmocka_unit_test(truncations),    cmocka_unit_test(failed_allocations),
        cmocka_unit_test(base58_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
