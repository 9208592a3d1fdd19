/* Known programs and mints, and their instructions: solana-program's SystemInstruction and
 * StakeInstruction (bincode: a le32 number, then fields), VoteInstruction, and TokenInstruction of
 * the token program and Token-2022 (a byte, then fields). */
#include "chain/solana/tx.h"

static const uint8_t
    token[SOLANA_KEY_BYTES] = {0x06, 0xdd, 0xf6, 0xe1, 0xd7, 0x65, 0xa1, 0x93, 0xd9, 0xcb, 0xe1,
                               0x46, 0xce, 0xeb, 0x79, 0xac, 0x1c, 0xb4, 0x85, 0xed, 0x5f, 0x5b,
                               0x37, 0x91, 0x3a, 0x8c, 0xf5, 0x85, 0x7e, 0xff, 0x00, 0xa9},
    token_2022[SOLANA_KEY_BYTES] = {0x06, 0xdd, 0xf6, 0xe1, 0xee, 0x75, 0x8f, 0xde,
                                    0x18, 0x42, 0x5d, 0xbc, 0xe4, 0x6c, 0xcd, 0xda,
                                    0xb6, 0x1a, 0xfc, 0x4d, 0x83, 0xb9, 0x0d, 0x27,
                                    0xfe, 0xbd, 0xf9, 0x28, 0xd8, 0xa1, 0x8b, 0xfc},
    stake[SOLANA_KEY_BYTES] = {0x06, 0xa1, 0xd8, 0x17, 0x91, 0x37, 0x54, 0x2a, 0x98, 0x34, 0x37,
                               0xbd, 0xfe, 0x2a, 0x7a, 0xb2, 0x55, 0x7f, 0x53, 0x5c, 0x8a, 0x78,
                               0x72, 0x2b, 0x68, 0xa4, 0x9d, 0xc0, 0x00, 0x00, 0x00, 0x00},
    vote[SOLANA_KEY_BYTES] = {0x07, 0x61, 0x48, 0x1d, 0x35, 0x74, 0x74, 0xbb, 0x7c, 0x4d, 0x76,
                              0x24, 0xeb, 0xd3, 0xbd, 0xb3, 0xd8, 0x35, 0x5e, 0x73, 0xd1, 0x10,
                              0x43, 0xfc, 0x0d, 0xa3, 0x53, 0x80, 0x00, 0x00, 0x00, 0x00},
    system_program[SOLANA_KEY_BYTES] = {0},
    native[SOLANA_KEY_BYTES] = {0x06, 0x9b, 0x88, 0x57, 0xfe, 0xab, 0x81, 0x84, 0xfb, 0x68, 0x7f,
                                0x63, 0x46, 0x18, 0xc0, 0x35, 0xda, 0xc4, 0x39, 0xdc, 0x1a, 0xeb,
                                0x3b, 0x55, 0x98, 0xa0, 0xf0, 0x00, 0x00, 0x00, 0x00, 0x01},
    native_2022[SOLANA_KEY_BYTES] = {0x83, 0x0d, 0xfc, 0x9f, 0xde, 0x5f, 0xe6, 0xb8,
                                     0xaa, 0x7c, 0x04, 0xa4, 0x76, 0xe9, 0x1e, 0x8a,
                                     0xc6, 0xbb, 0x26, 0x4a, 0xad, 0x90, 0xfa, 0x19,
                                     0xc9, 0xdf, 0x49, 0xd8, 0x5c, 0x3e, 0x5b, 0x50};

/* MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr */
static const uint8_t memo_program[SOLANA_KEY_BYTES] = {
    0x05, 0x4a, 0x53, 0x5a, 0x99, 0x29, 0x21, 0x06, 0x4d, 0x24, 0xe8, 0x71, 0x60, 0xda, 0x38, 0x7c,
    0x7c, 0x35, 0xb5, 0xdd, 0xbc, 0x92, 0xbb, 0x81, 0xe4, 0x1f, 0xa8, 0x40, 0x41, 0x05, 0x44, 0x8d};

static bool same(const uint8_t *a, const uint8_t *b)
{
    return !memcmp(a, b, SOLANA_KEY_BYTES);
}

enum solana_program solana_program(const uint8_t key[SOLANA_KEY_BYTES])
{
    static const struct {
        const uint8_t *key;
        enum solana_program program;
    } rows[] = {
        {system_program, SOLANA_SYSTEM}, {token, SOLANA_TOKEN}, {token_2022, SOLANA_TOKEN_2022},
        {stake, SOLANA_STAKE},           {vote, SOLANA_VOTE},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (same(key, rows[i].key))
            return rows[i].program;
    return SOLANA_OTHER;
}

bool solana_is_memo(const uint8_t program[SOLANA_KEY_BYTES])
{
    return same(program, memo_program);
}

bool solana_is_native(const uint8_t mint[SOLANA_KEY_BYTES])
{
    return same(mint, native) || same(mint, native_2022);
}

/* ---- as the wire has them ---- */

struct decoding {
    const struct solana_wire *w;
    const struct solana_account *accounts;
    struct solana_instruction *ret;
};

static uint32_t account(const struct solana_wire *w, size_t i)
{
    return i < w->accounts_n ? w->accounts[i] : SOLANA_NO_ACCOUNT;
}

static const uint8_t *key_at(const struct decoding *d, size_t i)
{
    uint32_t at = account(d->w, i);

    return at == SOLANA_NO_ACCOUNT ? NULL : d->accounts[at].key;
}

static bool amount_at(const struct decoding *d, size_t offset)
{
    if (offset > d->w->data.n || d->w->data.n - offset < 8)
        return false;
    d->ret->amount = load_le64(d->w->data.p + offset);
    return true;
}

static bool key_in_data(const struct decoding *d, size_t offset)
{
    if (d->w->data.n < offset + SOLANA_KEY_BYTES || !d->w->room)
        return false;
    d->ret->key = memcpy(d->w->room, d->w->data.p + offset, SOLANA_KEY_BYTES);
    return true;
}

static bool pair(const struct decoding *d, enum solana_op op, size_t a, size_t b)
{
    d->ret->op = op;
    d->ret->a = account(d->w, a);
    d->ret->b = account(d->w, b);
    return d->ret->a != SOLANA_NO_ACCOUNT && d->ret->b != SOLANA_NO_ACCOUNT;
}

static bool one(const struct decoding *d, enum solana_op op, size_t a)
{
    d->ret->op = op;
    d->ret->a = account(d->w, a);
    return d->ret->a != SOLANA_NO_ACCOUNT;
}

enum {
    SYSTEM_CREATE = 0,
    SYSTEM_TRANSFER = 2,
    SYSTEM_CREATE_SEED = 3,
    SYSTEM_NONCE_ADVANCE = 4,
    SYSTEM_NONCE_WITHDRAW = 5,
    SYSTEM_TRANSFER_SEED = 11,
};

/* CreateAccountWithSeed: base (32), seed (le64 length, bytes), lamports. */
static bool create_seed(const struct decoding *d)
{
    struct bytes data = d->w->data;
    uint64_t seed;

    if (data.n < 4 + SOLANA_KEY_BYTES + 8)
        return false;
    seed = load_le64(data.p + 4 + SOLANA_KEY_BYTES);
    return seed <= data.n && amount_at(d, 4 + SOLANA_KEY_BYTES + 8 + (size_t)seed) &&
           pair(d, SOLANA_LAMPORTS, 0, 1);
}

static bool of_system(const struct decoding *d, uint32_t number)
{
    switch (number) {
    case SYSTEM_CREATE:
    case SYSTEM_TRANSFER:
    case SYSTEM_NONCE_WITHDRAW:
        d->ret->sent = number == SYSTEM_TRANSFER;
        return amount_at(d, 4) && pair(d, SOLANA_LAMPORTS, 0, 1);
    case SYSTEM_CREATE_SEED:
        return create_seed(d);
    case SYSTEM_TRANSFER_SEED:
        return amount_at(d, 4) && pair(d, SOLANA_LAMPORTS, 0, 2);
    case SYSTEM_NONCE_ADVANCE:
        return one(d, SOLANA_NONCE, 0);
    default:
        return false;
    }
}

enum { STAKE_SPLIT = 3, STAKE_WITHDRAW = 4, STAKE_MERGE = 7, STAKE_MOVE = 16, STAKE_LAMPORTS = 17 };
enum { VOTE_WITHDRAW = 3 };

static bool of_stake(const struct decoding *d, uint32_t number)
{
    switch (number) {
    case STAKE_SPLIT:
    case STAKE_WITHDRAW:
    case STAKE_MOVE:
    case STAKE_LAMPORTS:
        return amount_at(d, 4) && pair(d, SOLANA_LAMPORTS, 0, 1);
    case STAKE_MERGE:
        return pair(d, SOLANA_ALL, 1, 0);
    default:
        return false;
    }
}

enum {
    TOKEN_OPEN = 1,
    TOKEN_TRANSFER = 3,
    TOKEN_SET_AUTHORITY = 6,
    TOKEN_MINT = 7,
    TOKEN_BURN = 8,
    TOKEN_CLOSE = 9,
    TOKEN_FREEZE = 10,
    TOKEN_THAW = 11,
    TOKEN_TRANSFER_CHECKED = 12,
    TOKEN_MINT_CHECKED = 14,
    TOKEN_BURN_CHECKED = 15,
    TOKEN_OPEN_2 = 16,
    TOKEN_OPEN_3 = 18,
    TOKEN_FEES = 26,         /* of Token-2022: transfer fees, another byte says what */
    TOKEN_CONFIDENTIAL = 27, /* likewise */
    TOKEN_UNWRAP = 45,
    TOKEN_BATCH = 255,
};
enum { FEES_TRANSFER = 1, FEES_FROM_MINT = 2, FEES_FROM_ACCOUNTS = 3 };
enum {
    CONFIDENTIAL_DEPOSIT = 5,
    CONFIDENTIAL_WITHDRAW = 6,
    CONFIDENTIAL_TRANSFER = 7,
    CONFIDENTIAL_TRANSFER_FEE = 13,
};
#define AUTHORITY_OWNER 2 /* AuthorityType::AccountOwner */

static bool of_fees(const struct decoding *d)
{
    struct bytes data = d->w->data;

    if (d->w->program != SOLANA_TOKEN_2022 || data.n < 2)
        return false;
    if (data.p[1] == FEES_FROM_MINT || data.p[1] == FEES_FROM_ACCOUNTS) {
        d->ret->op = SOLANA_WITHHELD;
        d->ret->mint = key_at(d, 0);
        d->ret->b = account(d->w, 1);
        return d->ret->mint && d->ret->b != SOLANA_NO_ACCOUNT;
    }
    if (data.p[1] != FEES_TRANSFER || data.n < 19)
        return false;
    d->ret->mint = key_at(d, 1);
    d->ret->fee = load_le64(data.p + 11); /* amount, decimals, fee */
    return amount_at(d, 2) && pair(d, SOLANA_TOKENS, 0, 2);
}

static bool of_confidential(const struct decoding *d)
{
    struct bytes data = d->w->data;

    if (d->w->program != SOLANA_TOKEN_2022 || data.n < 2)
        return false;
    d->ret->mint = key_at(d, 1);
    switch (data.p[1]) {
    case CONFIDENTIAL_DEPOSIT:
        return amount_at(d, 2) && one(d, SOLANA_HIDE, 0);
    case CONFIDENTIAL_WITHDRAW:
        return amount_at(d, 2) && one(d, SOLANA_SHOW, 0);
    case CONFIDENTIAL_TRANSFER:
    case CONFIDENTIAL_TRANSFER_FEE:
        return pair(d, SOLANA_HIDDEN, 0, 2);
    default:
        return false;
    }
}

static bool set_authority(const struct decoding *d)
{
    struct bytes data = d->w->data;

    return data.n >= 3 && data.p[1] == AUTHORITY_OWNER && data.p[2] == 1 && key_in_data(d, 3) &&
           one(d, SOLANA_SET_OWNER, 0);
}

static bool opened(const struct decoding *d)
{
    d->ret->mint = key_at(d, 1);
    return d->ret->mint && d->ret->key && one(d, SOLANA_OPEN, 0);
}

static bool of_token(const struct decoding *d)
{
    switch (d->w->data.p[0]) {
    case TOKEN_OPEN:
        d->ret->key = key_at(d, 2);
        return opened(d);
    case TOKEN_OPEN_2:
    case TOKEN_OPEN_3:
        return key_in_data(d, 1) && opened(d);
    case TOKEN_TRANSFER:
        return amount_at(d, 1) && pair(d, SOLANA_TOKENS, 0, 1);
    case TOKEN_TRANSFER_CHECKED:
        d->ret->mint = key_at(d, 1);
        return amount_at(d, 1) && pair(d, SOLANA_TOKENS, 0, 2);
    case TOKEN_SET_AUTHORITY:
        return set_authority(d);
    case TOKEN_MINT:
    case TOKEN_MINT_CHECKED:
        d->ret->op = SOLANA_MINT;
        d->ret->mint = key_at(d, 0);
        d->ret->b = account(d->w, 1);
        return amount_at(d, 1) && d->ret->mint && d->ret->b != SOLANA_NO_ACCOUNT;
    case TOKEN_BURN:
    case TOKEN_BURN_CHECKED:
        d->ret->mint = key_at(d, 1);
        return amount_at(d, 1) && d->ret->mint && one(d, SOLANA_BURN, 0);
    case TOKEN_CLOSE:
        return pair(d, SOLANA_CLOSE, 0, 1);
    case TOKEN_FREEZE:
        return one(d, SOLANA_FREEZE, 0);
    case TOKEN_THAW:
        return one(d, SOLANA_THAW, 0);
    case TOKEN_FEES:
        return of_fees(d);
    case TOKEN_CONFIDENTIAL:
        return of_confidential(d);
    case TOKEN_UNWRAP: /* some of it, or (no amount) all but the rent, which balances tell */
        return d->w->data.n >= 2 && d->w->data.p[1] == 1 && amount_at(d, 2) &&
               pair(d, SOLANA_LAMPORTS, 0, 1);
    default:
        return false;
    }
}

/* Each: how many accounts, how many bytes of data, the data. */
bool solana_batch_next(const struct solana_wire *batch, size_t *at, size_t *account,
                       struct solana_wire *ret)
{
    struct bytes data = batch->data;
    size_t first = *at ? *at : 1, accounts_n, n;

    if ((batch->program != SOLANA_TOKEN && batch->program != SOLANA_TOKEN_2022) ||
        data.n < first + 2 || data.p[0] != TOKEN_BATCH)
        return false;
    accounts_n = data.p[first];
    n = data.p[first + 1];
    first += 2;
    if (data.n - first < n || batch->accounts_n - *account < accounts_n)
        return false;
    *ret = (struct solana_wire){
        batch->program, {data.p + first, n}, batch->accounts + *account, accounts_n, NULL};
    *at = first + n;
    *account += accounts_n;
    return true;
}

bool solana_decode(const struct solana_wire *w, const struct solana_account *accounts,
                   struct solana_instruction *ret)
{
    struct decoding d = {w, accounts, ret};
    uint32_t number = w->data.n >= 4 ? load_le32(w->data.p) : UINT32_MAX;

    ret->a = ret->b = SOLANA_NO_ACCOUNT;
    switch (w->program) {
    case SOLANA_SYSTEM:
        return of_system(&d, number);
    case SOLANA_STAKE:
        return of_stake(&d, number);
    case SOLANA_VOTE:
        return number == VOTE_WITHDRAW && amount_at(&d, 4) && pair(&d, SOLANA_LAMPORTS, 0, 1);
    case SOLANA_TOKEN:
    case SOLANA_TOKEN_2022:
        return w->data.n && of_token(&d);
    case SOLANA_OTHER:
        break;
    }
    return false;
}

/* ---- as a node has parsed them ---- */

static const struct named {
    enum solana_program program; /* SOLANA_TOKEN: of Token-2022, too */
    const char *type;
    enum solana_op op;
} named[] = {
    {SOLANA_SYSTEM, "createAccount", SOLANA_LAMPORTS},
    {SOLANA_SYSTEM, "transfer", SOLANA_LAMPORTS},
    {SOLANA_SYSTEM, "createAccountWithSeed", SOLANA_LAMPORTS},
    {SOLANA_SYSTEM, "transferWithSeed", SOLANA_LAMPORTS},
    {SOLANA_SYSTEM, "withdrawFromNonce", SOLANA_LAMPORTS},
    {SOLANA_SYSTEM, "advanceNonce", SOLANA_NONCE},
    {SOLANA_STAKE, "split", SOLANA_LAMPORTS},
    {SOLANA_STAKE, "withdraw", SOLANA_LAMPORTS},
    {SOLANA_STAKE, "moveStake", SOLANA_LAMPORTS},
    {SOLANA_STAKE, "moveLamports", SOLANA_LAMPORTS},
    {SOLANA_STAKE, "merge", SOLANA_ALL},
    {SOLANA_VOTE, "withdraw", SOLANA_LAMPORTS},
    {SOLANA_TOKEN, "unwrapLamports", SOLANA_LAMPORTS},
    {SOLANA_TOKEN, "transfer", SOLANA_TOKENS},
    {SOLANA_TOKEN, "transferChecked", SOLANA_TOKENS},
    {SOLANA_TOKEN, "transferCheckedWithFee", SOLANA_TOKENS},
    {SOLANA_TOKEN, "mintTo", SOLANA_MINT},
    {SOLANA_TOKEN, "mintToChecked", SOLANA_MINT},
    {SOLANA_TOKEN, "burn", SOLANA_BURN},
    {SOLANA_TOKEN, "burnChecked", SOLANA_BURN},
    {SOLANA_TOKEN, "closeAccount", SOLANA_CLOSE},
    {SOLANA_TOKEN, "freezeAccount", SOLANA_FREEZE},
    {SOLANA_TOKEN, "thawAccount", SOLANA_THAW},
    {SOLANA_TOKEN, "initializeAccount", SOLANA_OPEN},
    {SOLANA_TOKEN, "initializeAccount2", SOLANA_OPEN},
    {SOLANA_TOKEN, "initializeAccount3", SOLANA_OPEN},
    {SOLANA_TOKEN, "setAuthority", SOLANA_SET_OWNER},
    {SOLANA_TOKEN, "withdrawWithheldTokensFromMint", SOLANA_WITHHELD},
    {SOLANA_TOKEN, "withdrawWithheldTokensFromAccounts", SOLANA_WITHHELD},
    {SOLANA_TOKEN, "depositConfidentialTransfer", SOLANA_HIDE},
    {SOLANA_TOKEN, "withdrawConfidentialTransfer", SOLANA_SHOW},
    {SOLANA_TOKEN, "confidentialTransfer", SOLANA_HIDDEN},
    {SOLANA_TOKEN, "confidentialTransferWithFee", SOLANA_HIDDEN},
};

static bool is_word(struct bytes text, const char *word)
{
    return text.n == strlen(word) && !memcmp(text.p, word, text.n);
}

bool solana_decode_parsed(const struct solana_parsed *p, struct solana_instruction *ret)
{
    enum solana_program program = p->program == SOLANA_TOKEN_2022 ? SOLANA_TOKEN : p->program;
    uint32_t from = p->source != SOLANA_NO_ACCOUNT ? p->source : p->account;
    const struct named *n = NULL;

    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]) && !n; i++)
        if (named[i].program == program && is_word(p->type, named[i].type))
            n = &named[i];
    if (!n)
        return false;
    *ret = (struct solana_instruction){.op = n->op,
                                       .outer = ret->outer,
                                       .inner = ret->inner,
                                       .a = from,
                                       .b = p->destination,
                                       .mint = p->mint,
                                       .amount = p->amount,
                                       .fee = p->fee,
                                       .sent = program == SOLANA_SYSTEM &&
                                               is_word(p->type, "transfer")};
    switch (n->op) {
    case SOLANA_LAMPORTS:
    case SOLANA_ALL:
    case SOLANA_CLOSE:
    case SOLANA_TOKENS:
    case SOLANA_HIDDEN:
        return ret->a != SOLANA_NO_ACCOUNT && ret->b != SOLANA_NO_ACCOUNT;
    case SOLANA_HIDE: /* older nodes call the mint the destination, and the owner the mint */
    case SOLANA_SHOW:
        ret->b = SOLANA_NO_ACCOUNT;
        ret->mint = NULL;
        return ret->a != SOLANA_NO_ACCOUNT;
    case SOLANA_MINT:
        ret->b = p->account;
        return ret->b != SOLANA_NO_ACCOUNT && ret->mint;
    case SOLANA_WITHHELD:
        return ret->b != SOLANA_NO_ACCOUNT && ret->mint;
    case SOLANA_OPEN:
        ret->key = p->owner;
        return ret->a != SOLANA_NO_ACCOUNT && ret->mint && ret->key;
    case SOLANA_SET_OWNER:
        ret->key = p->new_authority;
        return ret->a != SOLANA_NO_ACCOUNT && ret->key &&
               is_word(p->authority_type, "accountOwner");
    case SOLANA_BURN:
        return ret->a != SOLANA_NO_ACCOUNT && ret->mint;
    case SOLANA_NONCE:
    case SOLANA_FREEZE:
    case SOLANA_THAW:
        return ret->a != SOLANA_NO_ACCOUNT;
    }
    return false;
}
