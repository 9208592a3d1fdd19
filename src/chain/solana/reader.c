/* JSON -> struct solana_tx. A node may give "meta" before "transaction", so what instructions say
 * is kept as it stands until the account list is known. */
#include "chain/solana/tx.h"

#include "base/mem.h"
#include "base/text.h"
#include "chain/bitcoin/base58.h"
#include "chain/memo.h"
#include "chain/solana/bridges.h"
#include "chain/solana/message.h"

#include <stdlib.h>

#define DATA_MAX 250u /* bytes of an instruction that moves something */
#define WORDS_MAX (SOLANA_INSTRUCTIONS_MAX * 16u)

/* An account of an instruction: its index, or where encoding jsonParsed has its address. */
struct word {
    struct bytes text; /* p NULL: n is the index */
};

enum info_field { /* of a parsed instruction, under whatever names they come */
                  INFO_ACCOUNT,
                  INFO_SOURCE,
                  INFO_DESTINATION,
                  INFO_MINT,
                  INFO_OWNER,
                  INFO_NEW_AUTHORITY,
                  INFO_AUTHORITY_TYPE,
                  INFO_FIELDS,
};

struct info {
    struct bytes type, at[INFO_FIELDS];
    uint64_t amount, fee;
};

struct raw {
    uint32_t outer, inner;
    uint32_t program_index;
    uint32_t height; /* how deep it was called; 0: not told */
    struct bytes program, data;
    size_t words_first, words_n;
    size_t info; /* from 1; 0: not parsed */
    bool text;   /* data is no base 58, but a parsed memo, as JSON has it */
};

struct list { /* that grows */
    void *at;
    size_t n, size;
};

struct met { /* an address that was read before, where it stands in the input */
    struct bytes text;
    const uint8_t *key;
};
#define MET_N 8192
#define MET_MIX 0x9e3779b97f4a7c15u

struct solana_reader {
    struct list outer, inner; /* of struct raw */
    struct list words, infos, instructions, accounts;
    struct list calls, said; /* of struct solana_call, solana_said */
    struct json_walk logs;   /* where they begin */
    bool has_logs;
    const struct raw *memo; /* the last that the transaction itself has; NULL: none */
    struct list loaded[2];  /* of struct bytes: writable, read-only */
    struct json_walk *w;
    struct arena *a;
    struct solana_tx *tx;
    bool check;  /* who signed */
    bool parsed; /* accounts came as objects: the list has what was loaded */
    bool still;  /* nobody has more or less lamports, but for the fee */
    struct bytes signature;
    /* balances until the accounts are known */
    struct list before, after;               /* of uint64_t */
    struct list tokens_before, tokens_after; /* of struct token_row */
    struct met met[MET_N];                   /* most transactions of a block name the same few */
};

struct token_row {
    uint64_t account, amount, decimals;
    bool has_decimals;
    struct bytes mint, owner, program;
};

static bool bad(struct solana_reader *r, const char *what)
{
    if (!r->w->bad)
        err_set(r->w->err, ERR_INPUT, "%s", what);
    r->w->bad = true;
    return false;
}

static bool no_memory(struct solana_reader *r)
{
    if (!r->w->bad)
        err_set(r->w->err, ERR_NOMEM, "a transaction");
    r->w->bad = true;
    return false;
}

/* Makes room, or the walk is bad. */
static bool grow(struct solana_reader *r, struct list *l, size_t each, size_t max)
{
    size_t size = l->size ? 2 * l->size : 64;
    void *p;

    if (l->n >= max) {
        if (!r->w->bad)
            err_set(r->w->err, ERR_LIMIT, "more than %zu of one kind", max);
        r->w->bad = true;
        return false;
    }
    if (l->n < l->size)
        return true;
    if (!(p = mem_grow(l->at, size * each)))
        return no_memory(r);
    l->at = p;
    l->size = size;
    return true;
}

/* Room for one more, zeroed; NULL: the walk is bad. */
static inline void *more(struct solana_reader *r, struct list *l, size_t each, size_t max)
{
    if ((l->n >= max || l->n == l->size) && !grow(r, l, each, max))
        return NULL;
    return memset((uint8_t *)l->at + l->n++ * each, 0, each);
}

static bool is(struct bytes text, const char *word)
{
    return text.n == strlen(word) && !memcmp(text.p, word, text.n);
}

/* A whole number, bare or as a string. */
static bool number(struct solana_reader *r, const char *what, uint64_t *ret)
{
    if (json_walk_whole(r->w, ret))
        return true;
    if (!r->w->bad)
        err_set(r->w->err, ERR_INPUT, "\"%s\": a whole number is wanted", what);
    r->w->bad = true;
    return false;
}

static bool is_null(struct solana_reader *r)
{
    if (json_walk_type(r->w) != JSON_NULL)
        return false;
    json_walk_skip(r->w);
    return true;
}

static const uint8_t *key_of(struct solana_reader *r, struct bytes text, const char *what)
{
    struct met *met = &r->met[text.n < 16 ? 0 : load_le64(text.p + 4) * MET_MIX >> 51];
    uint8_t key[SOLANA_KEY_BYTES], *kept;

    if (met->key && bytes_equal(met->text, text))
        return met->key;

    if (!base58_fixed(text, key, sizeof(key))) {
        if (!r->w->bad)
            err_set(r->w->err, ERR_INPUT, "\"%s\": an address (32 bytes in base 58) is wanted",
                    what);
        r->w->bad = true;
        return NULL;
    }
    kept = arena_copy(r->a, key, sizeof(key));
    if (!kept)
        no_memory(r);
    *met = (struct met){text, kept};
    return kept;
}

/* ---- instructions ---- */

static void read_words(struct solana_reader *r, struct raw *raw)
{
    raw->words_first = r->words.n;
    json_walk_array(r->w);
    while (json_walk_item(r->w)) {
        struct word *word = more(r, &r->words, sizeof(*word), WORDS_MAX);
        uint64_t index;

        if (!word)
            return;
        if (json_walk_type(r->w) == JSON_STRING) {
            word->text = json_walk_string(r->w);
        } else {
            if (!number(r, "accounts", &index))
                return;
            word->text.n = index < SOLANA_ACCOUNTS_MAX ? (size_t)index : SOLANA_ACCOUNTS_MAX;
        }
    }
    raw->words_n = r->words.n - raw->words_first;
}

static const struct {
    const char *name;
    enum info_field field;
} info_names[] = {
    {"account", INFO_ACCOUNT},
    {"nonceAccount", INFO_ACCOUNT},
    {"source", INFO_SOURCE},
    {"stakeAccount", INFO_SOURCE},
    {"voteAccount", INFO_SOURCE},
    {"destination", INFO_DESTINATION},
    {"newAccount", INFO_DESTINATION},
    {"newSplitAccount", INFO_DESTINATION},
    {"feeRecipient", INFO_DESTINATION},
    {"mint", INFO_MINT},
    {"owner", INFO_OWNER},
    {"newAuthority", INFO_NEW_AUTHORITY},
    {"authorityType", INFO_AUTHORITY_TYPE},
};

/* {"amount": "5", "decimals": 6, ...}; row: who wants the decimals, or NULL */
static void ui_amount(struct solana_reader *r, uint64_t *ret, struct token_row *row)
{
    struct bytes key;

    json_walk_object(r->w);
    while (json_walk_key(r->w, &key)) {
        if (is(key, "amount"))
            number(r, "amount", ret);
        else if (row && is(key, "decimals") && json_walk_type(r->w) == JSON_NUMBER)
            row->has_decimals = number(r, "decimals", &row->decimals);
        else
            json_walk_skip(r->w);
    }
}

static void info_member(struct solana_reader *r, struct bytes key, struct info *info)
{
    enum json_type type = json_walk_type(r->w);

    if ((is(key, "lamports") || is(key, "amount")) &&
        (type == JSON_NUMBER || type == JSON_STRING)) {
        number(r, "amount", &info->amount);
        return;
    }
    if ((is(key, "tokenAmount") || is(key, "feeAmount")) && type == JSON_OBJECT) {
        ui_amount(r, is(key, "feeAmount") ? &info->fee : &info->amount, NULL);
        return;
    }
    if (type == JSON_STRING)
        for (size_t i = 0; i < sizeof(info_names) / sizeof(info_names[0]); i++)
            if (is(key, info_names[i].name)) {
                info->at[info_names[i].field] = json_walk_string(r->w);
                return;
            }
    json_walk_skip(r->w);
}

static void read_parsed(struct solana_reader *r, struct raw *raw)
{
    struct info *info;
    struct bytes key;

    if (json_walk_type(r->w) == JSON_STRING) { /* a memo is its text */
        raw->data = json_walk_value(r->w);
        raw->text = true;
        return;
    }
    if (json_walk_type(r->w) != JSON_OBJECT) {
        json_walk_skip(r->w);
        return;
    }
    info = more(r, &r->infos, sizeof(*info), SOLANA_INSTRUCTIONS_MAX);
    if (!info)
        return;
    raw->info = r->infos.n;
    json_walk_object(r->w);
    while (json_walk_key(r->w, &key)) {
        if (is(key, "type") && json_walk_type(r->w) == JSON_STRING) {
            info->type = json_walk_string(r->w);
        } else if (is(key, "info") && json_walk_type(r->w) == JSON_OBJECT) {
            struct bytes name;

            json_walk_object(r->w);
            while (json_walk_key(r->w, &name))
                info_member(r, name, info);
        } else {
            json_walk_skip(r->w);
        }
    }
}

static void read_instruction(struct solana_reader *r, struct list *to)
{
    struct raw *raw = more(r, to, sizeof(*raw), SOLANA_INSTRUCTIONS_MAX);
    bool has_program = false;
    struct bytes key;
    uint64_t index;

    if (!raw)
        return;
    json_walk_object(r->w);
    while (json_walk_key(r->w, &key)) {
        if (is(key, "programIdIndex")) {
            if (!number(r, "programIdIndex", &index))
                return;
            raw->program_index = index < SOLANA_ACCOUNTS_MAX ? (uint32_t)index : UINT32_MAX;
            has_program = true;
        } else if (is(key, "programId")) {
            raw->program = json_walk_string(r->w);
            has_program = true;
        } else if (is(key, "accounts")) {
            read_words(r, raw);
        } else if (is(key, "data") && json_walk_type(r->w) == JSON_STRING) {
            raw->data = json_walk_string(r->w);
        } else if (is(key, "stackHeight") && json_walk_type(r->w) == JSON_NUMBER) {
            if (!number(r, "stackHeight", &index))
                return;
            raw->height = index < UINT32_MAX ? (uint32_t)index : 0;
        } else if (is(key, "parsed")) {
            read_parsed(r, raw);
        } else {
            json_walk_skip(r->w);
        }
    }
    if (!has_program)
        bad(r, "an instruction without a program");
}

static void read_outer(struct solana_reader *r)
{
    json_walk_array(r->w);
    while (json_walk_item(r->w))
        read_instruction(r, &r->outer);
}

static void read_inner_group(struct solana_reader *r)
{
    size_t first = r->inner.n;
    uint64_t index = 0;
    bool has_index = false;
    struct bytes key;

    json_walk_object(r->w);
    while (json_walk_key(r->w, &key)) {
        if (is(key, "index")) {
            has_index = number(r, "index", &index);
        } else if (is(key, "instructions")) {
            json_walk_array(r->w);
            while (json_walk_item(r->w))
                read_instruction(r, &r->inner);
        } else {
            json_walk_skip(r->w);
        }
    }
    if (r->w->bad)
        return;
    if (!has_index || index >= SOLANA_INSTRUCTIONS_MAX ||
        (first && ((struct raw *)r->inner.at)[first - 1].outer > index)) {
        bad(r, "\"innerInstructions\": \"index\" is missing, or out of order");
        return;
    }
    for (size_t i = first; i < r->inner.n; i++) {
        struct raw *raw = &((struct raw *)r->inner.at)[i];

        raw->outer = (uint32_t)index + 1;
        raw->inner = (uint32_t)(i - first) + 1;
    }
}

static void read_inner(struct solana_reader *r)
{
    if (is_null(r))
        return;
    r->tx->inner_told = true;
    json_walk_array(r->w);
    while (json_walk_item(r->w))
        read_inner_group(r);
}

/* ---- accounts and balances ---- */

static void add_account(struct solana_reader *r, struct bytes text)
{
    struct solana_account *account = more(r, &r->accounts, sizeof(*account), SOLANA_ACCOUNTS_MAX);

    if (account) {
        account->text = text;
        account->key = key_of(r, text, "accountKeys");
    }
}

static void read_accounts(struct solana_reader *r)
{
    json_walk_array(r->w);
    while (json_walk_item(r->w)) {
        struct bytes key, text = {NULL, 0};

        if (json_walk_type(r->w) == JSON_STRING) {
            add_account(r, json_walk_string(r->w));
            continue;
        }
        r->parsed = true;
        json_walk_object(r->w);
        while (json_walk_key(r->w, &key)) {
            if (is(key, "pubkey"))
                text = json_walk_string(r->w);
            else
                json_walk_skip(r->w);
        }
        if (!r->w->bad)
            add_account(r, text);
    }
}

static void read_loaded(struct solana_reader *r)
{
    struct bytes key;

    if (is_null(r))
        return;
    json_walk_object(r->w);
    while (json_walk_key(r->w, &key)) {
        struct list *to = is(key, "writable")   ? &r->loaded[0]
                          : is(key, "readonly") ? &r->loaded[1]
                                                : NULL;

        if (!to) {
            json_walk_skip(r->w);
            continue;
        }
        json_walk_array(r->w);
        while (json_walk_item(r->w)) {
            struct bytes *text = more(r, to, sizeof(*text), SOLANA_ACCOUNTS_MAX);

            if (!text)
                return;
            *text = json_walk_string(r->w);
        }
    }
}

static void read_balances(struct solana_reader *r, struct list *to, const char *what)
{
    json_walk_array(r->w);
    while (json_walk_item(r->w)) {
        uint64_t *at = more(r, to, sizeof(*at), SOLANA_ACCOUNTS_MAX);

        if (!at || !number(r, what, at))
            return;
    }
}

static void read_token_row(struct solana_reader *r, struct token_row *row)
{
    struct bytes key;
    bool amount = false, account = false;

    json_walk_object(r->w);
    while (json_walk_key(r->w, &key)) {
        if (is(key, "accountIndex")) {
            account = number(r, "accountIndex", &row->account);
        } else if (is(key, "mint")) {
            row->mint = json_walk_string(r->w);
        } else if (is(key, "owner") && json_walk_type(r->w) == JSON_STRING) {
            row->owner = json_walk_string(r->w);
        } else if (is(key, "programId") && json_walk_type(r->w) == JSON_STRING) {
            row->program = json_walk_string(r->w);
        } else if (is(key, "uiTokenAmount")) {
            ui_amount(r, &row->amount, row);
            amount = true;
        } else {
            json_walk_skip(r->w);
        }
    }
    if (!r->w->bad && (!amount || !account || !row->mint.n))
        bad(r, "a token balance without its account, mint or amount");
}

static void read_tokens(struct solana_reader *r, struct list *to)
{
    if (is_null(r))
        return;
    json_walk_array(r->w);
    while (json_walk_item(r->w)) {
        struct token_row *row = more(r, to, sizeof(*row), SOLANA_ACCOUNTS_MAX);

        if (!row)
            return;
        read_token_row(r, row);
    }
}

/* ---- the parts of a transaction ---- */

static void read_message(struct solana_reader *r)
{
    struct bytes key;

    json_walk_object(r->w);
    while (json_walk_key(r->w, &key)) {
        if (is(key, "accountKeys"))
            read_accounts(r);
        else if (is(key, "instructions"))
            read_outer(r);
        else
            json_walk_skip(r->w);
    }
}

static void read_signatures(struct solana_reader *r)
{
    json_walk_array(r->w);
    while (json_walk_item(r->w)) {
        struct bytes text = json_walk_string(r->w);

        if (!r->signature.n)
            r->signature = text;
    }
}

static void read_body(struct solana_reader *r)
{
    struct bytes key;
    bool message = false;

    if (json_walk_type(r->w) != JSON_OBJECT) {
        bad(r, "\"transaction\": the encoding json or jsonParsed is wanted");
        return;
    }
    json_walk_object(r->w);
    while (json_walk_key(r->w, &key)) {
        if (is(key, "message") && json_walk_type(r->w) == JSON_OBJECT) {
            message = true;
            read_message(r);
        } else if (is(key, "signatures")) {
            read_signatures(r);
        } else {
            json_walk_skip(r->w);
        }
    }
    if (!message)
        bad(r, "\"transaction\" has no message: transactionDetails \"full\" is wanted");
}

static void read_meta(struct solana_reader *r, bool *ret_fee)
{
    struct bytes key;

    if (json_walk_type(r->w) != JSON_OBJECT) {
        bad(r, "\"meta\" is missing: what a transaction did is not told");
        return;
    }
    json_walk_object(r->w);
    while (json_walk_key(r->w, &key)) {
        if (is(key, "err")) {
            r->tx->failed = !is_null(r);
            if (r->tx->failed)
                json_walk_skip(r->w);
        } else if (is(key, "fee")) {
            *ret_fee = number(r, "fee", &r->tx->fee);
        } else if (is(key, "preBalances")) {
            read_balances(r, &r->before, "preBalances");
        } else if (is(key, "postBalances")) {
            read_balances(r, &r->after, "postBalances");
        } else if (is(key, "preTokenBalances")) {
            read_tokens(r, &r->tokens_before);
        } else if (is(key, "postTokenBalances")) {
            read_tokens(r, &r->tokens_after);
        } else if (is(key, "innerInstructions")) {
            read_inner(r);
        } else if (is(key, "loadedAddresses")) {
            read_loaded(r);
        } else {
            if (is(key, "logMessages") && json_walk_type(r->w) == JSON_ARRAY && !r->has_logs) {
                r->logs = *r->w;
                r->has_logs = true;
            }
            json_walk_skip(r->w);
        }
    }
}

/* ---- all together ---- */

static bool join_accounts(struct solana_reader *r)
{
    struct solana_tx *tx = r->tx;
    const uint64_t *before, *after;

    for (size_t k = 0; k < 2 && !r->parsed; k++)
        for (size_t i = 0; i < r->loaded[k].n && !r->w->bad; i++)
            add_account(r, ((struct bytes *)r->loaded[k].at)[i]);
    if (r->w->bad)
        return false;
    tx->accounts = r->accounts.at;
    tx->accounts_n = r->accounts.n;
    if (!tx->accounts_n)
        return bad(r, "no accounts");
    if (r->before.n != tx->accounts_n || r->after.n != tx->accounts_n)
        return bad(r, "as many balances, before and after, as accounts are wanted");
    before = r->before.at;
    after = r->after.at;
    r->still = true;
    for (size_t i = 0; i < tx->accounts_n; i++) {
        tx->accounts[i].before = before[i];
        tx->accounts[i].after = after[i];
        r->still = r->still && (!i || before[i] == after[i]);
    }
    return true;
}

static bool join_tokens(struct solana_reader *r, const struct list *rows, bool after)
{
    for (size_t i = 0; i < rows->n; i++) {
        const struct token_row *row = &((const struct token_row *)rows->at)[i];
        struct solana_token t = {.amount = row->amount,
                                 .decimals = (uint8_t)row->decimals,
                                 .has_decimals = row->has_decimals && row->decimals <= UINT8_MAX};
        struct solana_account *to;

        if (row->account >= r->tx->accounts_n)
            return bad(r, "a token balance of an account that there is not");
        to = &r->tx->accounts[row->account];
        if ((after ? &to->token_after : &to->token_before)->mint)
            return bad(r, "two token balances of one account");
        if (!(t.mint = key_of(r, row->mint, "mint")) ||
            (row->owner.n && !(t.owner = key_of(r, row->owner, "owner"))))
            return false;
        if (row->program.n) {
            const uint8_t *program = key_of(r, row->program, "programId");

            if (!program)
                return false;
            t.withholds = solana_program(program) == SOLANA_TOKEN_2022;
        }
        *(after ? &to->token_after : &to->token_before) = t;
    }
    return true;
}

static uint32_t account_of(const struct solana_reader *r, const struct word *word)
{
    const struct solana_tx *tx = r->tx;

    if (!word->text.p)
        return word->text.n < tx->accounts_n ? (uint32_t)word->text.n : SOLANA_NO_ACCOUNT;
    for (size_t i = 0; i < tx->accounts_n; i++)
        if (bytes_equal(tx->accounts[i].text, word->text))
            return (uint32_t)i;
    return SOLANA_NO_ACCOUNT;
}

/* A key that an instruction names; NULL: it names none. */
static bool info_key(struct solana_reader *r, struct bytes text, const uint8_t **ret)
{
    *ret = NULL;
    return !text.n || (*ret = key_of(r, text, "info"));
}

static bool decode_parsed(struct solana_reader *r, const struct info *info,
                          enum solana_program program, struct solana_instruction *ret,
                          bool *ret_known)
{
    struct solana_parsed p = {.program = program,
                              .type = info->type,
                              .authority_type = info->at[INFO_AUTHORITY_TYPE],
                              .amount = info->amount,
                              .fee = info->fee};
    uint32_t *const to[] = {[INFO_ACCOUNT] = &p.account,
                            [INFO_SOURCE] = &p.source,
                            [INFO_DESTINATION] = &p.destination};

    for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++)
        *to[i] = info->at[i].n ? account_of(r, &(struct word){info->at[i]}) : SOLANA_NO_ACCOUNT;
    if (!info_key(r, info->at[INFO_MINT], &p.mint) ||
        !info_key(r, info->at[INFO_OWNER], &p.owner) ||
        !info_key(r, info->at[INFO_NEW_AUTHORITY], &p.new_authority))
        return false;
    *ret_known = solana_decode_parsed(&p, ret);
    return true;
}

static bool known_add(struct solana_reader *r, const struct solana_instruction *in)
{
    struct solana_instruction *to =
        more(r, &r->instructions, sizeof(*to), 2 * SOLANA_INSTRUCTIONS_MAX);

    if (!to)
        return false;
    *to = *in;
    if (in->op == SOLANA_NONCE && in->outer == 1 && !in->inner)
        r->tx->nonce = r->tx->accounts[in->a].key;
    return true;
}

static bool wire_add(struct solana_reader *r, const struct raw *raw, struct solana_wire *w)
{
    struct solana_instruction in = {.outer = raw->outer, .inner = raw->inner};

    if (w->data.n > SOLANA_KEY_BYTES && !(w->room = arena_alloc(r->a, SOLANA_KEY_BYTES)))
        return no_memory(r);
    return !solana_decode(w, r->tx->accounts, &in) || known_add(r, &in);
}

/* Its bytes, for those that are short enough. */
static bool data_of(const struct raw *raw, uint8_t data[BASE58_BYTES_MAX], struct bytes *ret)
{
    char text[BASE58_TEXT_MAX];
    struct err ignored;

    ret->p = data;
    if (raw->data.n > DATA_MAX * 138 / 100 + 1) /* log 256 / log 58 */
        return false;
    memcpy(text, raw->data.p ? (const char *)raw->data.p : "", raw->data.n);
    text[raw->data.n] = 0;
    return base58_read(text, data, &ret->n, &ignored);
}

/* Who says it with a program's call of itself: the call of that program before it; NULL: none. */
static const struct solana_call *caller_of(const struct solana_reader *r, size_t program)
{
    const struct solana_call *calls = r->calls.at;
    size_t n = r->calls.n - 1; /* without itself */

    while (n && calls[n - 1].program != program)
        n--;
    return n ? &calls[n - 1] : NULL;
}

static bool said_add(struct solana_reader *r, struct solana_said said)
{
    struct solana_said *to = more(r, &r->said, sizeof(*to), SOLANA_INSTRUCTIONS_MAX);

    if (!to)
        return false;
    *to = said;
    to->number = (uint32_t)r->said.n;
    return true;
}

/* The number of the last call that an instruction made, with those that it led to: those deeper
 * than itself, or where that is not told all up to the next of the same program. */
static uint32_t last_within(const struct solana_reader *r, const struct raw *raw)
{
    const struct raw *inner = r->inner.at;
    uint32_t last = raw->inner;

    for (size_t i = 0; i < r->inner.n; i++) {
        if (inner[i].outer != raw->outer || inner[i].inner <= raw->inner)
            continue;
        if (raw->inner &&
            (raw->height && inner[i].height ? inner[i].height <= raw->height
                                            : inner[i].program_index == raw->program_index &&
                                                  bytes_equal(inner[i].program, raw->program)))
            break;
        last = inner[i].inner;
    }
    return last;
}

/* An instruction of a bridge's program, from 1 of those that are known. */
static bool join_call(struct solana_reader *r, const struct raw *raw, size_t program)
{
    const struct word *words = (const struct word *)r->words.at + raw->words_first;
    struct solana_call *call = more(r, &r->calls, sizeof(*call), 2 * SOLANA_INSTRUCTIONS_MAX);
    const struct solana_call *by;
    uint8_t data[BASE58_LONG_MAX];
    struct solana_said said;
    struct bytes bytes = {data, 0};
    bool nomem = false;

    if (!call)
        return false;
    call->program = program;
    call->outer = raw->outer;
    call->inner = raw->inner;
    for (size_t i = 0; i < raw->words_n && i < SOLANA_CALL_ACCOUNTS; i++) {
        uint32_t account = account_of(r, &words[i]);

        call->accounts[i] = account < r->tx->accounts_n ? r->tx->accounts[account].key : NULL;
    }
    if (!base58_long(raw->data, data, sizeof(data), &bytes.n))
        return true;
    call->first = bytes.n ? data[0] : 0;
    by = raw->inner ? caller_of(r, program) : NULL;
    if (solana_call_says(r->a, call, &said, &nomem))
        said.inner = last_within(r, raw);
    else if (by && solana_called(r->a, by, bytes, &said, &nomem))
        said.inner = raw->inner;
    else
        return !nomem || no_memory(r);
    said.outer = raw->outer;
    return said_add(r, said);
}

/* The text of a memo; empty: it is too long for one that is read. */
static bool memo_text(struct solana_reader *r, const struct raw *raw, struct bytes *ret)
{
    uint8_t data[BASE58_BYTES_MAX];
    const struct json *j;
    struct err err;

    *ret = (struct bytes){NULL, 0};
    if (raw->data.n > (size_t)6 * DATA_MAX) /* an escape has six letters */
        return true;
    if (!raw->text && !data_of(raw, data, ret)) {
        *ret = (struct bytes){NULL, 0};
        return true;
    }
    if (raw->text) {
        if (!json_read(r->a, (const char *)raw->data.p, raw->data.n, &j, &err))
            return err.class != ERR_NOMEM || no_memory(r);
        *ret = (struct bytes){(const uint8_t *)j->text, j->text_n};
        return true;
    }
    ret->p = arena_copy(r->a, data, ret->n);
    return ret->p || no_memory(r);
}

/* Of the transfers of SOL that a transaction itself asks for, the only one; NULL: none, or more. */
static const struct solana_instruction *sent_once(const struct solana_reader *r)
{
    const struct solana_instruction *at = r->instructions.at, *ret = NULL;

    for (size_t i = 0; i < r->instructions.n; i++)
        if (at[i].sent && !at[i].inner) {
            if (ret)
                return NULL;
            ret = &at[i];
        }
    return ret;
}

/* As thornode reads it (bifrost, solana, getTxInItem): the last memo, beside one transfer. Whom it
 * is for, or of, is the vault. */
static bool join_memo(struct solana_reader *r)
{
    const struct solana_instruction *sent = r->memo ? sent_once(r) : NULL;
    struct bytes text;
    struct memo memo;

    if (!sent || r->tx->failed)
        return true;
    if (!memo_text(r, r->memo, &text))
        return false;
    return text.n > DATA_MAX || !memo_is_sent(text, &memo) ||
           said_add(r, (struct solana_said){
                           .kind = EVENT_MEMO,
                           .program = r->tx->accounts[memo_asks(memo.kind) ? sent->b : sent->a].key,
                           .key = text,
                           .outer = r->memo->outer});
}

static int as_said(const void *one, const void *other)
{
    const struct solana_said *a = one, *b = other;

    if (a->outer != b->outer)
        return a->outer < b->outer ? -1 : 1;
    if (a->inner != b->inner)
        return a->inner < b->inner ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

/* What bridges say in the log, where there is one and one of them ran. */
static bool join_logs(struct solana_reader *r)
{
    struct solana_log log = {.a = r->a, .calls = r->calls.at, .calls_n = r->calls.n};
    struct json_walk here;
    struct solana_said said;

    if (r->tx->failed)
        r->said.n = 0;
    if (r->calls.n && r->has_logs && !r->tx->failed) {
        here = *r->w;
        *r->w = r->logs;
        json_walk_array(r->w);
        while (json_walk_item(r->w))
            if (solana_log_line(&log, json_walk_string(r->w), &said) && !said_add(r, said))
                return false;
        if (r->w->bad)
            return false;
        *r->w = here;
    }
    if (r->said.n > 1)
        qsort(r->said.at, r->said.n, sizeof(struct solana_said), as_said);
    r->tx->said = r->said.at;
    r->tx->said_n = r->said.n;
    return !log.nomem || no_memory(r);
}

/* What the wire has: one instruction, or several in one. */
static bool join_wire(struct solana_reader *r, const struct raw *raw, enum solana_program program)
{
    uint32_t accounts[SOLANA_ACCOUNTS_MAX];
    uint8_t data[BASE58_BYTES_MAX];
    struct solana_wire wire = {.program = program, .accounts = accounts}, one;
    const struct word *words = r->words.at;
    size_t at = 0, account = 0;

    if (!data_of(raw, data, &wire.data))
        return true;
    for (; wire.accounts_n < raw->words_n && wire.accounts_n < SOLANA_ACCOUNTS_MAX;
         wire.accounts_n++)
        accounts[wire.accounts_n] = account_of(r, &words[raw->words_first + wire.accounts_n]);
    if (!wire_add(r, raw, &wire))
        return false;
    while (solana_batch_next(&wire, &at, &account, &one))
        if (!wire_add(r, raw, &one))
            return false;
    return true;
}

static bool join_instruction(struct solana_reader *r, const struct raw *raw,
                             const enum solana_program *programs)
{
    struct solana_instruction in = {.outer = raw->outer, .inner = raw->inner};
    enum solana_program program = SOLANA_OTHER;
    const uint8_t *key = NULL;
    bool known = false;
    size_t bridge;

    if (raw->program.n) {
        key = key_of(r, raw->program, "programId");
        if (!key)
            return false;
        program = solana_program(key);
    } else if (raw->program_index < r->tx->accounts_n) {
        program = programs[raw->program_index];
        key = r->tx->accounts[raw->program_index].key;
    } else {
        return bad(r, "\"programIdIndex\" is past the accounts");
    }
    bridge = program == SOLANA_OTHER ? solana_bridge(key) : 0;
    if (program == SOLANA_OTHER && !raw->inner && solana_is_memo(key))
        r->memo = raw;
    if (bridge)
        return join_call(r, raw, bridge);
    /* votes are long, most of what there is, and move nothing */
    if (program == SOLANA_OTHER || (program == SOLANA_VOTE && r->still))
        return true;
    if (!raw->info)
        return join_wire(r, raw, program);
    return decode_parsed(r, &((struct info *)r->infos.at)[raw->info - 1], program, &in, &known) &&
           (!known || known_add(r, &in));
}

/* Outer instructions, each followed by those that it called. */
static bool join_instructions(struct solana_reader *r)
{
    enum solana_program programs[SOLANA_ACCOUNTS_MAX];
    struct raw *outer = r->outer.at, *inner = r->inner.at;
    size_t k = 0;

    for (size_t i = 0; i < r->tx->accounts_n; i++)
        programs[i] = solana_program(r->tx->accounts[i].key);
    for (size_t i = 0; i < r->outer.n; i++) {
        outer[i].outer = (uint32_t)i + 1;
        if (!join_instruction(r, &outer[i], programs))
            return false;
        for (; k < r->inner.n && inner[k].outer == i + 1; k++)
            if (!join_instruction(r, &inner[k], programs))
                return false;
    }
    if (k < r->inner.n)
        return bad(r, "an inner instruction of an instruction that there is not");
    r->tx->instructions = r->instructions.at;
    r->tx->instructions_n = r->instructions.n;
    return !r->w->bad;
}

/* The runtime moves lamports and makes none: what a transaction has less afterwards is its fee. */
static bool check_balances(struct solana_reader *r)
{
    const struct solana_tx *tx = r->tx;
    unsigned __int128 before = 0, after = tx->fee;

    for (size_t i = 0; i < tx->accounts_n; i++) {
        before += tx->accounts[i].before;
        after += tx->accounts[i].after;
    }
    if (before != after)
        return bad(r, "balances before are not those after and the fee");
    for (size_t i = 0; tx->failed && i < tx->accounts_n; i++)
        if (tx->accounts[i].before != tx->accounts[i].after + (i ? 0 : tx->fee))
            return bad(r, "it failed, but moved more than its fee");
    return true;
}

/* Votes alone, and nobody has more or less but for the fee. */
static bool is_vote(const struct solana_reader *r)
{
    const struct raw *outer = r->outer.at;
    bool is = r->outer.n && !r->inner.n && r->still && !r->tokens_before.n && !r->tokens_after.n;

    for (size_t i = 0; is && i < r->outer.n; i++)
        is = outer[i].program_index < r->tx->accounts_n && !outer[i].program.n &&
             solana_program(r->tx->accounts[outer[i].program_index].key) == SOLANA_VOTE;
    return is;
}

/* at: where the transaction begins. What is signed must be what was read. */
static bool check_signatures(struct solana_reader *r, struct json_walk at)
{
    struct solana_packet packet;
    struct solana_message m;

    if (!solana_packet_write(&at, &packet) ||
        !solana_packet_read((struct bytes){packet.at, packet.n}, &m, r->w->err) ||
        !solana_message_verify(&m, r->w->err)) {
        r->w->bad = true;
        return false;
    }
    return (m.writable_n == r->loaded[0].n && m.readonly_n == r->loaded[1].n) ||
           bad(r, "\"loadedAddresses\" are not as many as its lookup tables give it");
}

static void empty(struct solana_reader *r)
{
    struct list *lists[] = {&r->outer,    &r->inner,     &r->words,         &r->infos,
                            &r->accounts, &r->loaded[0], &r->loaded[1],     &r->instructions,
                            &r->before,   &r->after,     &r->tokens_before, &r->tokens_after,
                            &r->calls,    &r->said};

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        lists[i]->n = 0;
    r->parsed = r->has_logs = false;
    r->memo = NULL;
    r->signature = (struct bytes){NULL, 0};
}

static void read_members(struct solana_reader *r, bool *ret_body, bool *ret_meta)
{
    struct solana_tx *tx = r->tx;
    struct bytes key;

    json_walk_object(r->w);
    while (json_walk_key(r->w, &key)) {
        if (is(key, "transaction") && !*ret_body) {
            *ret_body = true;
            read_body(r);
        } else if (is(key, "meta") && !*ret_meta) {
            bool fee = false;

            read_meta(r, &fee);
            *ret_meta = fee;
        } else if (is(key, "slot")) {
            tx->has_slot = number(r, "slot", &tx->slot);
        } else if (is(key, "blockTime") && json_walk_type(r->w) == JSON_NUMBER) {
            tx->has_time = number(r, "blockTime", &tx->time);
        } else if (is(key, "transactionIndex") && json_walk_type(r->w) == JSON_NUMBER) {
            tx->has_index = number(r, "transactionIndex", &tx->index);
        } else {
            json_walk_skip(r->w);
        }
    }
}

bool solana_tx_read(struct solana_reader *r, struct json_walk *w, struct arena *a,
                    struct solana_tx *ret)
{
    bool body = false, meta = false;
    struct json_walk start;

    *ret = (struct solana_tx){.failed = false};
    if (r->check)
        start = *w;
    r->w = w;
    r->a = a;
    r->tx = ret;
    empty(r);
    if (json_walk_type(w) != JSON_OBJECT)
        return bad(r, "an object with \"transaction\" and \"meta\" is wanted");
    read_members(r, &body, &meta);
    if (w->bad)
        return false;
    if (!body || !meta)
        return bad(r, "\"transaction\", or \"meta\" with a fee, is missing");
    if (!base58_fixed(r->signature, ret->signature, sizeof(ret->signature)))
        return bad(r, "\"signatures\": 64 bytes in base 58 are wanted");
    return join_accounts(r) && join_tokens(r, &r->tokens_before, false) &&
           join_tokens(r, &r->tokens_after, true) && join_instructions(r) && join_memo(r) &&
           join_logs(r) && check_balances(r) &&
           (!r->check || is_vote(r) || check_signatures(r, start));
}

void solana_reader_check(struct solana_reader *r)
{
    r->check = true;
}

void solana_reader_start(struct solana_reader *r)
{
    memset(r->met, 0, sizeof(r->met));
}

struct solana_reader *solana_reader_new(void)
{
    return mem_zero(sizeof(struct solana_reader));
}

struct solana_reader *solana_reader_free(struct solana_reader *r)
{
    if (!r)
        return NULL;
    struct list *lists[] = {&r->outer,    &r->inner,     &r->words,         &r->infos,
                            &r->accounts, &r->loaded[0], &r->loaded[1],     &r->instructions,
                            &r->before,   &r->after,     &r->tokens_before, &r->tokens_after,
                            &r->calls,    &r->said};

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        mem_free(lists[i]->at);
    return mem_free(r);
}
