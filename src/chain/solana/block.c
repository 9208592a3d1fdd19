#include "chain/solana/block.h"

#include "base/mem.h"
#include "base/text.h"
#include "chain/bitcoin/base58.h"

#define WORDS_SHOWN 200

/* JSON-RPC errors of Agave, rpc-client-api/src/custom_error.rs */
#define BLOCK_CLEANED_UP (-32001)
#define BLOCK_NOT_AVAILABLE (-32004)
#define SLOT_SKIPPED (-32007)
#define LONG_TERM_SLOT_SKIPPED (-32009)
#define STATUS_NOT_YET_AVAILABLE (-32014)
#define UNSUPPORTED_VERSION (-32015)

/* What was noted in this block: a token account's owner, or (owner NULL) a token's decimals. */
struct noted {
    const uint8_t *key, *owner;
};
#define NOTED_N 8192u
#define NOTED_SHIFT 51
#define NOTED_LOOKS 16u
#define NOTED_MIX 0x9e3779b97f4a7c15u

struct note { /* of a transaction, beside its move */
    enum event_kind kind;
    const uint8_t *subject; /* EVENT_OWNER: the owner; EVENT_HIDDEN: who got it */
    uint8_t decimals;
};

struct part { /* of a transaction, until all are there */
    uint8_t signature[SOLANA_SIGNATURE_BYTES];
    struct hash32 hash;
    bool failed;
    size_t first, n; /* of moves */
    const uint8_t *nonce;
    size_t notes_first, notes_n;
    const struct solana_said *said; /* [said_n] */
    size_t said_n;
};

struct solana_block {
    struct arena *a;
    struct solana_reader *reader;
    struct solana_moves moves;
    struct note *notes; /* [notes_n] */
    size_t notes_n, notes_size;
    struct noted noted[NOTED_N];
    struct part *parts; /* [parts_n] */
    uint64_t *heads;    /* [parts_n] of signatures: to hold one against all, in little memory */
    size_t parts_n, parts_size;
    struct fact_tx *txs; /* [parts_n + 1] once facts are made */
    struct fact_event *events;
    size_t txs_size, events_size;
    uint64_t slot, time;
    struct hash32 hash, parent;
    bool inner_told, any, rewards;
    size_t rewards_first;
    size_t said_n; /* of all parts */
};

struct solana_block *solana_block_new(void)
{
    struct solana_block *b = mem_zero(sizeof(*b));

    if (b && !(b->reader = solana_reader_new()))
        b = mem_free(b);
    return b;
}

struct solana_block *solana_block_free(struct solana_block *b)
{
    if (!b)
        return NULL;
    solana_reader_free(b->reader);
    mem_free(b->moves.at);
    mem_free(b->moves.changes.at);
    mem_free(b->notes);
    mem_free(b->parts);
    mem_free(b->heads);
    mem_free(b->txs);
    mem_free(b->events);
    arena_free(b->a);
    return mem_free(b);
}

void solana_block_check(struct solana_block *b)
{
    solana_reader_check(b->reader);
}

bool solana_block_start(struct solana_block *b, struct err *err)
{
    arena_free(b->a);
    b->a = arena_new(NULL, SOLANA_BLOCK_MEMORY_MAX);
    solana_reader_start(b->reader);
    b->moves.n = b->parts_n = b->notes_n = b->said_n = 0;
    memset(b->noted, 0, sizeof(b->noted));
    b->any = b->rewards = false;
    b->inner_told = true;
    b->time = 0;
    b->hash = b->parent = (struct hash32){{0}};
    return b->a || err_fail(err, ERR_NOMEM, "a block");
}

static bool is(struct bytes text, const char *word)
{
    return text.n == strlen(word) && !memcmp(text.p, word, text.n);
}

/* ---- answers ---- */

static int64_t code_of(struct json_walk *w)
{
    struct bytes text = json_walk_scalar(w);
    bool minus = text.n && text.p[0] == '-';
    uint64_t v;

    if (w->bad || !u64_from_text((const char *)text.p + minus, text.n - minus, &v) || v > INT32_MAX)
        return 0;
    return minus ? -(int64_t)v : (int64_t)v;
}

/* The node's error, if it gave one. */
static bool error_of(struct bytes answer, int64_t *ret_code, struct bytes *ret_words)
{
    struct json_walk *w = mem_zero(sizeof(*w));
    struct err ignored;
    struct bytes key;
    bool found = false;

    *ret_code = 0;
    *ret_words = (struct bytes){NULL, 0};
    if (w && json_walk_open(w, (const char *)answer.p, answer.n, &ignored)) {
        if (json_walk_type(w) == JSON_OBJECT) {
            json_walk_object(w);
            while (json_walk_key(w, &key)) {
                if (!is(key, "error") || json_walk_type(w) != JSON_OBJECT) {
                    json_walk_skip(w);
                    continue;
                }
                found = true;
                json_walk_object(w);
                while (json_walk_key(w, &key)) {
                    if (is(key, "code") && json_walk_type(w) == JSON_NUMBER)
                        *ret_code = code_of(w);
                    else if (is(key, "message") && json_walk_type(w) == JSON_STRING)
                        *ret_words = json_walk_string(w);
                    else
                        json_walk_skip(w);
                }
            }
        }
        found &= !w->bad;
        json_walk_close(w);
    }
    mem_free(w);
    return found;
}

static bool is_skip(int64_t code)
{
    return code == SLOT_SKIPPED || code == LONG_TERM_SLOT_SKIPPED;
}

/* The node has not got it: not yet, or not any more. */
static bool is_lack(int64_t code)
{
    return is_skip(code) || code == BLOCK_NOT_AVAILABLE || code == BLOCK_CLEANED_UP ||
           code == STATUS_NOT_YET_AVAILABLE;
}

bool solana_is_skipped(struct bytes answer)
{
    int64_t code;
    struct bytes words;

    return error_of(answer, &code, &words) && is_skip(code);
}

static bool error_tell(struct bytes answer, struct err *err)
{
    int64_t code;
    struct bytes words;
    char shown[WORDS_SHOWN + 1];
    size_t n = 0;

    if (!error_of(answer, &code, &words))
        return err_fail(err, ERR_NOT_FOUND, "the node does not have it");
    for (; n < words.n && n < WORDS_SHOWN; n++)
        shown[n] = words.p[n] >= ' ' && words.p[n] < 0x7f ? (char)words.p[n] : '?';
    shown[n] = 0;
    if (code == UNSUPPORTED_VERSION)
        return err_fail(err, ERR_INPUT,
                        "a transaction of a version that was not asked for (asked for should be, "
                        "and read here is, maxSupportedTransactionVersion 1): %s",
                        shown);
    return err_fail(err, is_lack(code) ? ERR_NOT_FOUND : ERR_SYSTEM, "%s",
                    n ? shown : "an error without words");
}

typedef bool result_fn(struct json_walk *w, void *ctx); /* false: the walk's err says why */

/* The result within an answer, or the answer itself where it stands alone. */
static bool answer_read(struct bytes answer, result_fn *fn, void *ctx, struct err *err)
{
    struct json_walk w, start;
    bool found = false, none = false, ok = true;
    struct bytes key;

    if (answer.n > SOLANA_BLOCK_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "an answer of %zu bytes", answer.n);
    if (!json_walk_open(&w, (const char *)answer.p, answer.n, err))
        return false;
    start = w;
    if (json_walk_type(&w) == JSON_OBJECT) {
        json_walk_object(&w);
        while (ok && json_walk_key(&w, &key)) {
            bool result = is(key, "result") && !found;

            found |= result;
            none |= is(key, "error") || (result && json_walk_type(&w) == JSON_NULL);
            if (result && !none)
                ok = fn(&w, ctx);
            else
                json_walk_skip(&w);
        }
    }
    if (ok && !w.bad && !found && !none) {
        w = start;
        ok = fn(&w, ctx);
    }
    ok = ok && json_walk_end(&w);
    json_walk_close(&w);
    return ok && none ? error_tell(answer, err) : ok;
}

/* ---- notes ---- */

static bool same_key(const uint8_t *a, const uint8_t *b)
{
    return a == b || (a && b && !memcmp(a, b, SOLANA_KEY_BYTES));
}

/* Where a key stands, or may: a few places are looked at, and then the first is taken again. */
static struct noted *noted_of(struct solana_block *b, const uint8_t *key)
{
    size_t at = load_le64(key) * NOTED_MIX >> NOTED_SHIFT;

    for (size_t i = 0; i < NOTED_LOOKS; i++) {
        struct noted *noted = &b->noted[(at + i) % NOTED_N];

        if (!noted->key || same_key(noted->key, key))
            return noted;
    }
    return &b->noted[at];
}

/* A note moves nothing, and stands last in its transaction. */
static bool note_put(struct solana_block *b, const struct part *part, const uint8_t *key,
                     const uint8_t *asset, struct note note, struct err *err)
{
    struct fact_transfer *t;

    if (b->notes_n == b->notes_size) {
        size_t size = b->notes_size ? 2 * b->notes_size : 256;
        struct note *more = mem_grow(b->notes, size * sizeof(*more));

        if (!more)
            return err_fail(err, ERR_NOMEM, "a block");
        b->notes = more;
        b->notes_size = size;
    }
    if (!(t = solana_move_add(&b->moves)))
        return err_fail(err, ERR_NOMEM, "a block");
    b->notes[b->notes_n++] = note;
    t->kind = TRANSFER_NOTE;
    t->position = (uint32_t)(b->notes_n - part->notes_first);
    t->from = (struct bytes){key, SOLANA_KEY_BYTES};
    t->asset = (struct bytes){asset, asset ? SOLANA_KEY_BYTES : 0};
    return true;
}

/* Unless the block has it by now. */
static bool note_add(struct solana_block *b, const struct part *part, const uint8_t *key,
                     const uint8_t *asset, struct note note, struct err *err)
{
    struct noted *noted = noted_of(b, key);

    if (noted->key && same_key(noted->key, key) && same_key(noted->owner, note.subject))
        return true;
    *noted = (struct noted){key, note.subject};
    return note_put(b, part, key, asset, note, err);
}

/* The owner of a token account, as balances tell it. */
static const uint8_t *owner_told(const struct solana_account *a)
{
    return a->token_after.owner    ? a->token_after.owner
           : a->token_before.owner ? a->token_before.owner
                                   : a->key;
}

/* Of what is confidential something goes on: from whom, to whom, of which token. */
static bool hidden_add(struct solana_block *b, const struct solana_tx *tx, const struct part *part,
                       struct err *err)
{
    for (size_t i = 0; i < tx->instructions_n; i++) {
        const struct solana_instruction *in = &tx->instructions[i];

        if (in->op == SOLANA_HIDDEN && in->mint &&
            !note_put(b, part, owner_told(&tx->accounts[in->a]), in->mint,
                      (struct note){EVENT_HIDDEN, owner_told(&tx->accounts[in->b]), 0}, err))
            return false;
    }
    return true;
}

/* Whose each token account is in the end, and how many decimals its token has: once a block. */
static bool notes_add(struct solana_block *b, const struct solana_tx *tx, const struct part *part,
                      struct err *err)
{
    struct {
        const uint8_t *mint, *owner;
    } opened[SOLANA_ACCOUNTS_MAX]; /* within the transaction */

    memset(opened, 0, tx->accounts_n * sizeof(opened[0]));
    for (size_t i = 0; i < tx->instructions_n; i++) {
        const struct solana_instruction *in = &tx->instructions[i];

        if (in->op == SOLANA_OPEN)
            opened[in->a].mint = in->mint;
        if (in->op == SOLANA_OPEN || in->op == SOLANA_SET_OWNER)
            opened[in->a].owner = in->key;
    }
    for (size_t i = 0; i < tx->accounts_n; i++) {
        const struct solana_account *a = &tx->accounts[i];
        const struct solana_token *t = a->token_after.mint ? &a->token_after : &a->token_before;
        const uint8_t *mint = t->mint ? t->mint : opened[i].mint;
        const uint8_t *owner = t == &a->token_after ? t->owner : opened[i].owner;

        if (!owner)
            owner = t->owner;
        if (!mint)
            continue;
        if (owner && !same_key(owner, a->key) &&
            !note_add(b, part, a->key, solana_is_native(mint) ? NULL : mint,
                      (struct note){EVENT_OWNER, owner, 0}, err))
            return false;
        if (t->mint && t->has_decimals && !solana_is_native(mint) &&
            !note_add(b, part, mint, mint, (struct note){EVENT_DECIMALS, NULL, t->decimals}, err))
            return false;
    }
    return hidden_add(b, tx, part, err);
}

/* ---- transactions ---- */

static bool part_add(struct solana_block *b, const struct solana_tx *tx, struct err *err)
{
    struct part *part;
    size_t first = b->moves.n;

    if (b->parts_n == SOLANA_TXS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu transactions", SOLANA_TXS_MAX);
    if (b->parts_n == b->parts_size) {
        size_t size = b->parts_size ? 2 * b->parts_size : 256;
        uint64_t *heads = mem_grow(b->heads, size * sizeof(*heads));

        if (heads)
            b->heads = heads;
        part = heads ? mem_grow(b->parts, size * sizeof(*part)) : NULL;
        if (!part)
            return err_fail(err, ERR_NOMEM, "a block");
        b->parts = part;
        b->parts_size = size;
    }
    if (!solana_moves(tx, b->a, &b->moves, err))
        return false;
    b->heads[b->parts_n] = load_le64(tx->signature);
    part = &b->parts[b->parts_n++];
    *part = (struct part){.failed = tx->failed, .first = first, .notes_first = b->notes_n};
    if (!tx->failed && !notes_add(b, tx, part, err))
        return false;
    part->notes_n = b->notes_n - part->notes_first;
    part->n = b->moves.n - first;
    part->nonce = tx->nonce;
    part->said = arena_copy(b->a, tx->said, tx->said_n * sizeof(*tx->said));
    part->said_n = tx->said_n;
    b->said_n += tx->said_n;
    if (!part->said)
        return err_fail(err, ERR_NOMEM, "a block");
    memcpy(part->signature, tx->signature, sizeof(part->signature));
    part->hash = sha256(tx->signature, sizeof(tx->signature));
    b->inner_told &= tx->inner_told || tx->failed;
    return true;
}

static bool read_txs(struct solana_block *b, struct json_walk *w)
{
    struct solana_tx tx;

    json_walk_array(w);
    while (json_walk_item(w))
        if (!solana_tx_read(b->reader, w, b->a, &tx) || !part_add(b, &tx, w->err)) {
            err_prefix(w->err, "transaction %zu", b->parts_n);
            w->bad = true;
            return false;
        }
    return !w->bad;
}

/* ---- rewards ---- */

static bool minus_number(struct json_walk *w, bool *ret_minus, uint64_t *ret)
{
    struct bytes text = json_walk_scalar(w);

    *ret_minus = text.n && text.p[0] == '-';
    return !w->bad && (u64_from_text((const char *)text.p + *ret_minus, text.n - *ret_minus, ret) ||
                       json_walk_bad(w, "\"lamports\": a whole number is wanted"));
}

static enum transfer_kind reward_kind(struct bytes type)
{
    return is(type, "Staking")  ? TRANSFER_STAKING
           : is(type, "Voting") ? TRANSFER_VOTING
           : is(type, "Rent")   ? TRANSFER_RENT
                                : TRANSFER_REWARD;
}

/* kind: of what is given; what is charged is told by the balance. */
static bool reward_put(struct solana_block *b, const uint8_t *key, bool minus, uint64_t lamports,
                       enum transfer_kind kind, struct err *err)
{
    struct solana_moves *m = &b->moves;
    struct bytes who = {key, SOLANA_KEY_BYTES};
    struct fact_transfer *t;

    if (!lamports)
        return true;
    if (m->n == m->size) {
        size_t size = m->size ? 2 * m->size : 256;

        t = mem_grow(m->at, size * sizeof(*t));
        if (!t)
            return err_fail(err, ERR_NOMEM, "rewards");
        m->at = t;
        m->size = size;
    }
    t = &m->at[m->n];
    *t = (struct fact_transfer){.kind = minus ? TRANSFER_BALANCE : kind,
                                .position = (uint32_t)(m->n - b->rewards_first),
                                .from = minus ? who : (struct bytes){NULL, 0},
                                .to = minus ? (struct bytes){NULL, 0} : who,
                                .amount = u256_of(lamports),
                                .credit = u256_of(lamports)};
    m->n++;
    return true;
}

static bool read_reward(struct solana_block *b, struct json_walk *w, bool charges)
{
    uint8_t key[SOLANA_KEY_BYTES], *kept;
    struct bytes name, text = {NULL, 0}, type = text;
    uint64_t lamports = 0;
    bool minus = false;

    json_walk_object(w);
    while (json_walk_key(w, &name)) {
        if (is(name, "pubkey"))
            text = json_walk_string(w);
        else if (is(name, "lamports"))
            minus_number(w, &minus, &lamports);
        else if (is(name, "rewardType") && json_walk_type(w) == JSON_STRING)
            type = json_walk_string(w);
        else
            json_walk_skip(w);
    }
    if (w->bad)
        return false;
    if (!base58_fixed(text, key, sizeof(key)))
        return json_walk_bad(w, "\"rewards\": an address is wanted");
    if (minus != charges)
        return true;
    kept = arena_copy(b->a, key, sizeof(key));
    if (kept && reward_put(b, kept, minus, lamports, reward_kind(type), w->err))
        return true;
    if (!kept)
        err_set(w->err, ERR_NOMEM, "rewards");
    w->bad = true;
    return false;
}

/* Rewards first, then what is charged: kinds stand in their order. */
static bool read_rewards(struct solana_block *b, const struct json_walk *at)
{
    for (int charges = 0; charges < 2; charges++) {
        struct json_walk w = *at;

        json_walk_array(&w);
        while (json_walk_item(&w))
            if (!read_reward(b, &w, charges == 1))
                return false;
        if (w.bad)
            return false;
    }
    return true;
}

/* ---- blocks ---- */

static bool hash_of(struct json_walk *w, struct hash32 *ret)
{
    struct bytes text = json_walk_string(w);

    return !w->bad && (base58_fixed(text, ret->b, sizeof(ret->b)) ||
                       json_walk_bad(w, "a block's hash is 32 bytes in base 58"));
}

static bool number_of(struct json_walk *w, uint64_t *ret)
{
    struct bytes text = json_walk_scalar(w);

    return !w->bad && (u64_from_text((const char *)text.p, text.n, ret) ||
                       json_walk_bad(w, "a whole number is wanted"));
}

static bool read_block(struct solana_block *b, struct json_walk *w)
{
    struct json_walk rewards;
    bool txs = false, hash = false, parent = false;
    struct bytes key;

    if (json_walk_type(w) != JSON_OBJECT)
        return json_walk_bad(w, "a block is wanted");
    json_walk_object(w);
    while (json_walk_key(w, &key)) {
        if (is(key, "blockhash")) {
            hash = hash_of(w, &b->hash);
        } else if (is(key, "previousBlockhash")) {
            parent = hash_of(w, &b->parent);
        } else if (is(key, "blockTime") && json_walk_type(w) == JSON_NUMBER) {
            number_of(w, &b->time);
        } else if (is(key, "transactions") && !txs) {
            txs = true;
            if (!read_txs(b, w))
                return false;
        } else if (is(key, "rewards") && json_walk_type(w) == JSON_ARRAY) {
            b->rewards = true;
            rewards = *w;
            json_walk_skip(w);
        } else {
            json_walk_skip(w);
        }
    }
    if (w->bad)
        return false;
    if (!txs || !hash || !parent)
        return json_walk_bad(w, "a block without its hash, its parent's, or its transactions in "
                                "full");
    b->rewards_first = b->moves.n;
    return !b->rewards || read_rewards(b, &rewards);
}

static bool in_slot(uint64_t slot, struct err *err)
{
    return err_in(err, "slot %llu", (unsigned long long)slot);
}

static bool block_result(struct json_walk *w, void *ctx)
{
    return read_block(ctx, w);
}

bool solana_block_answer(struct solana_block *b, uint64_t slot, struct bytes answer,
                         struct err *err)
{
    b->slot = slot;
    b->any = true;
    if (slot >= HEIGHT_UNKNOWN)
        err_set(err, ERR_INPUT, "past 2^32 - 2");
    else if (answer_read(answer, block_result, b, err))
        return true;
    return in_slot(slot, err);
}

static bool is_there(const struct solana_block *b, const uint8_t signature[SOLANA_SIGNATURE_BYTES])
{
    const uint64_t head = load_le64(signature);

    for (size_t i = 0; i < b->parts_n; i++)
        if (b->heads[i] == head &&
            !memcmp(b->parts[i].signature, signature, SOLANA_SIGNATURE_BYTES))
            return true;
    return false;
}

static bool tx_result(struct json_walk *w, void *ctx)
{
    struct solana_block *b = ctx;
    struct solana_tx tx;

    if (!solana_tx_read(b->reader, w, b->a, &tx))
        return false;
    if (!tx.has_slot || tx.slot >= HEIGHT_UNKNOWN)
        return err_fail(w->err, ERR_INPUT, "a transaction without its slot");
    if (b->any && tx.slot != b->slot)
        return err_fail(w->err, ERR_INPUT, "a transaction of slot %llu, not %llu",
                        (unsigned long long)tx.slot, (unsigned long long)b->slot);
    b->any = true;
    b->slot = tx.slot;
    if (tx.has_time)
        b->time = tx.time;
    if (is_there(b, tx.signature))
        return true;
    if (b->parts_n == SOLANA_ALONE_MAX)
        err_set(w->err, ERR_LIMIT, "more than %zu transactions", SOLANA_ALONE_MAX);
    else if (part_add(b, &tx, w->err))
        return true;
    return in_slot(b->slot, w->err);
}

bool solana_block_add(struct solana_block *b, struct bytes answer, struct err *err)
{
    return answer_read(answer, tx_result, b, err);
}

static bool room(struct solana_block *b, struct err *err)
{
    size_t n = b->parts_n + 1;

    size_t events = 2 * n + b->notes_n + 2 * b->said_n;

    if (n > b->txs_size) {
        mem_free(b->txs);
        b->txs = mem_array(n, sizeof(*b->txs));
        b->txs_size = b->txs ? n : 0;
    }
    if (events > b->events_size) {
        mem_free(b->events);
        b->events = mem_array(events, sizeof(*b->events));
        b->events_size = b->events ? events : 0;
    }
    return (b->txs && b->events) || err_fail(err, ERR_NOMEM, "%zu transactions", n);
}

static struct fact_event note_event(const struct solana_block *b, const struct part *p, size_t i)
{
    const struct note *note = &b->notes[p->notes_first + i];
    struct fact_event e = {.kind = note->kind, .log = (uint32_t)i + 1};

    if (note->subject)
        e.subject = (struct bytes){note->subject, SOLANA_KEY_BYTES};
    else
        e.data = (struct bytes){&note->decimals, 1};
    return e;
}

/* Had it moved before that was said? */
static bool is_before(const struct fact_transfer *t, const struct solana_said *said)
{
    uint32_t outer = load_le32(t->path.p), inner = t->path.n > 4 ? load_le32(t->path.p + 4) : 0;

    return outer < said->outer || (outer == said->outer && inner <= said->inner);
}

/* What bridges said, behind the notes, each with its place among the transfers of instructions
 * (dialect.h, counts_moves); returns the end. */
static struct fact_event *said_events(const struct solana_block *b, const struct part *p,
                                      struct fact_event *e)
{
    const struct fact_transfer *t = p->n ? b->moves.at + p->first : NULL,
                               *end = p->n ? t + p->n : t; /* there may be none at all */
    uint32_t log = (uint32_t)p->notes_n;

    while (t < end && t->kind == TRANSFER_FEE)
        t++;
    for (size_t i = 0; i < p->said_n; i++) {
        const struct solana_said *said = &p->said[i];

        for (; t < end && t->kind == TRANSFER_INTERNAL && is_before(t, said); t++)
            log++;
        log++;

        *e++ = (struct fact_event){.kind = said->kind,
                                   .log = log,
                                   .subject = {said->program, SOLANA_KEY_BYTES},
                                   .data = said->key};
        if (said->holder)
            *e++ = (struct fact_event){
                .kind = EVENT_HOLDER, .log = log, .subject = {said->holder, SOLANA_KEY_BYTES}};
    }
    return e;
}

bool solana_block_facts(struct solana_block *b, struct transfer_block *ret, struct err *err)
{
    struct fact_event *e = b->events;
    size_t n = 0;

    if (!room(b, err))
        return in_slot(b->slot, err);
    e = b->events;
    for (; n < b->parts_n; n++) {
        const struct part *p = &b->parts[n];

        b->txs[n] = (struct fact_tx){.hash = p->hash,
                                     .failed = p->failed,
                                     .transfers = p->n ? b->moves.at + p->first : NULL,
                                     .transfers_n = p->n,
                                     .events = e};
        *e++ =
            (struct fact_event){.kind = EVENT_NAME, .data = {p->signature, SOLANA_SIGNATURE_BYTES}};
        if (p->nonce)
            *e++ =
                (struct fact_event){.kind = EVENT_NONCE, .subject = {p->nonce, SOLANA_KEY_BYTES}};
        for (size_t i = 0; i < p->notes_n; i++)
            *e++ = note_event(b, p, i);
        e = said_events(b, p, e);
        b->txs[n].events_n = (size_t)(e - b->txs[n].events);
    }
    if (b->rewards && b->moves.n > b->rewards_first)
        b->txs[n++] = (struct fact_tx){.hash = b->hash,
                                       .transfers = b->moves.at + b->rewards_first,
                                       .transfers_n = b->moves.n - b->rewards_first};
    *ret = (struct transfer_block){.hash = b->hash,
                                   .prev = b->parent,
                                   .height = (uint32_t)b->slot,
                                   .time = b->time,
                                   .grade = GRADE_PROVEN,
                                   .internals = b->inner_told,
                                   .txs = b->txs,
                                   .txs_n = n};
    return true;
}

/* ---- what it is ---- */

static bool sight_result(struct json_walk *w, void *ctx)
{
    struct solana_sight *s = ctx;
    bool slot = false, hash = false, parent = false, meta = false;
    struct bytes key;

    if (json_walk_type(w) != JSON_OBJECT)
        return json_walk_bad(w, "neither a block nor a transaction");
    json_walk_object(w);
    while (json_walk_key(w, &key)) {
        if (is(key, "slot")) {
            slot = number_of(w, &s->slot);
        } else if (is(key, "transactionIndex") && json_walk_type(w) == JSON_NUMBER) {
            number_of(w, &s->index);
        } else if (is(key, "parentSlot")) {
            s->has_parent = number_of(w, &s->parent_slot);
        } else if (is(key, "blockhash")) {
            hash = hash_of(w, &s->hash);
        } else if (is(key, "previousBlockhash")) {
            parent = hash_of(w, &s->parent);
        } else {
            meta |= is(key, "meta");
            json_walk_skip(w);
        }
    }
    s->is_block = hash && parent;
    if (w->bad)
        return false;
    if (s->is_block ? !s->has_parent || s->parent_slot >= HEIGHT_UNKNOWN
                    : !meta || !slot || s->slot >= HEIGHT_UNKNOWN)
        return json_walk_bad(w,
                             "neither a block with its \"parentSlot\" nor a transaction with its "
                             "\"slot\"");
    if (s->is_block)
        s->slot = s->parent_slot + 1;
    return true;
}

bool solana_sight(struct bytes answer, struct solana_sight *ret, struct err *err)
{
    *ret = (struct solana_sight){.index = UINT64_MAX};
    return answer_read(answer, sight_result, ret, err);
}

struct each {
    solana_tx_fn *fn;
    void *ctx;
};

/* Of a block's, or the one that the answer is. */
static bool each_result(struct json_walk *w, void *ctx)
{
    const struct each *each = ctx;
    struct json_walk start = *w;
    struct bytes key;

    json_walk_object(w);
    while (json_walk_key(w, &key)) {
        if (is(key, "transaction")) {
            *w = start;
            return each->fn(w, each->ctx);
        }
        if (!is(key, "transactions")) {
            json_walk_skip(w);
            continue;
        }
        json_walk_array(w);
        while (json_walk_item(w))
            if (!each->fn(w, each->ctx))
                return false;
    }
    return !w->bad;
}

bool solana_each_tx(struct bytes answer, solana_tx_fn *fn, void *ctx, struct err *err)
{
    struct each each = {fn, ctx};

    return answer_read(answer, each_result, &each, err);
}

static bool number_result(struct json_walk *w, void *ctx)
{
    return number_of(w, ctx);
}

bool solana_number(struct bytes answer, uint64_t *ret, struct err *err)
{
    return answer_read(answer, number_result, ret, err);
}

static bool hash_result(struct json_walk *w, void *ctx)
{
    return hash_of(w, ctx);
}

bool solana_hash(struct bytes answer, struct hash32 *ret, struct err *err)
{
    return answer_read(answer, hash_result, ret, err);
}

struct last {
    bool none;
    uint64_t number;
};

static bool last_result(struct json_walk *w, void *ctx)
{
    struct last *last = ctx;

    json_walk_array(w);
    while (json_walk_item(w))
        last->none = !number_of(w, &last->number);
    return !w->bad;
}

bool solana_last_number(struct bytes answer, bool *ret_none, uint64_t *ret, struct err *err)
{
    struct last last = {.none = true};

    if (!answer_read(answer, last_result, &last, err))
        return false;
    *ret_none = last.none;
    *ret = last.number;
    return true;
}
