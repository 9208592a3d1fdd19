/* Instructions -> moves between owners. A transaction is run again over its balances from before,
 * as far as known instructions tell; what they leave of the balances after is paired at the end. */
#include "base/mem.h"
#include "chain/solana/tx.h"

struct state {
    const uint8_t *owner,
        *mint; /* of a token account; NULL: it is none, or its owner is not told */
    __int128 lamports, tokens;
    uint32_t frozen_first, frozen_last; /* 1 + enum solana_op of its first and last; 0: none */
    uint32_t frozen_at;
    bool native;
    const uint8_t *withheld; /* the mint whose withheld fees came here */
};

struct run {
    const struct solana_tx *tx;
    struct arena *a;
    struct solana_moves *to;
    struct err *err;
    const struct solana_instruction *in; /* at work */
    uint32_t own;                        /* how many moves it has made */
    uint32_t paired;
    struct state at[SOLANA_ACCOUNTS_MAX];
};

static bool same(const uint8_t *a, const uint8_t *b)
{
    return a == b || (a && b && !memcmp(a, b, SOLANA_KEY_BYTES));
}

static bool no_memory(struct run *r)
{
    return err_fail(r->err, ERR_NOMEM, "a transaction's moves");
}

static struct bytes key_bytes(const uint8_t *key)
{
    return (struct bytes){key, key ? SOLANA_KEY_BYTES : 0};
}

struct fact_transfer *solana_move_add(struct solana_moves *m)
{
    if (m->n == m->size) {
        size_t size = m->size ? 2 * m->size : 256;
        struct fact_transfer *at = mem_grow(m->at, size * sizeof(*at));

        if (!at)
            return NULL;
        m->at = at;
        m->size = size;
    }
    m->at[m->n] = (struct fact_transfer){.position = 0};
    return &m->at[m->n++];
}

static struct fact_transfer *add(struct run *r)
{
    return solana_move_add(r->to);
}

static struct u256 amount_of(__int128 v)
{
    return (struct u256){{(uint64_t)v, (uint64_t)((unsigned __int128)v >> 64), 0, 0}};
}

/* from, to NULL: nobody; asset NULL: lamports. */
static bool put(struct run *r, enum transfer_kind kind, const uint8_t *from, const uint8_t *to,
                const uint8_t *asset, __int128 amount, struct fact_transfer **ret)
{
    struct fact_transfer *t;

    *ret = NULL;
    if (amount <= 0 || same(from, to))
        return true;
    if (!(t = add(r)))
        return no_memory(r);
    t->kind = kind;
    t->from = key_bytes(from);
    t->to = key_bytes(to);
    t->asset = key_bytes(asset);
    t->amount = amount_of(amount);
    if (kind != TRANSFER_FEE)
        t->credit = t->amount;
    *ret = t;
    return true;
}

/* What the instruction at work moves: its path is its number and that of the call within it, from
 * 1; a second move of one instruction has one number more. */
static bool move(struct run *r, const uint8_t *from, const uint8_t *to, const uint8_t *asset,
                 __int128 amount)
{
    uint8_t path[12], *kept;
    struct fact_transfer *t;
    size_t n = 4;

    if (!put(r, TRANSFER_INTERNAL, from, to, asset, amount, &t))
        return false;
    if (!t)
        return true;
    store_le32(path, r->in->outer);
    if (r->in->inner) {
        store_le32(path + n, r->in->inner);
        n += 4;
    }
    if (r->own) {
        store_le32(path + n, r->own - 1);
        n += 4;
    }
    kept = arena_copy(r->a, path, n);
    if (!kept)
        return no_memory(r);
    t->path = (struct bytes){kept, n};
    r->own++;
    return true;
}

static const uint8_t *holder(const struct run *r, uint32_t i)
{
    return r->at[i].owner ? r->at[i].owner : r->tx->accounts[i].key;
}

/* ---- beginning ---- */

/* The owner that an account gets where it is first opened at or after an instruction. */
static const uint8_t *owner_to_be(const struct run *r, uint32_t account, size_t from)
{
    for (size_t i = from; i < r->tx->instructions_n; i++) {
        const struct solana_instruction *in = &r->tx->instructions[i];

        if (in->op == SOLANA_OPEN && in->a == account)
            return in->key;
    }
    return NULL;
}

static void begin(struct run *r)
{
    for (uint32_t i = 0; i < r->tx->accounts_n; i++) {
        const struct solana_account *a = &r->tx->accounts[i];
        struct state *s = &r->at[i];

        *s = (struct state){.lamports = a->before};
        if (a->token_before.mint) {
            s->mint = a->token_before.mint;
            s->native = solana_is_native(s->mint);
            s->owner = a->token_before.owner;
            s->tokens = s->native ? 0 : a->token_before.amount;
        } else if (!a->before) { /* what it gets first is for who will own it */
            s->owner = owner_to_be(r, i, 0);
            if (!s->owner && a->token_after.mint)
                s->owner = a->token_after.owner;
        }
    }
    if (r->tx->accounts_n) /* the first pays it */
        r->at[0].lamports -= r->tx->fee;
}

/* ---- instructions ---- */

static bool lamports(struct run *r, uint32_t a, uint32_t b, __int128 amount)
{
    r->at[a].lamports -= amount;
    r->at[b].lamports += amount;
    return move(r, holder(r, a), holder(r, b), NULL, amount);
}

static bool close_account(struct run *r, size_t number)
{
    uint32_t a = r->in->a;
    __int128 all = r->at[a].lamports;

    if (a != r->in->b && all > 0 && !lamports(r, a, r->in->b, all))
        return false;
    r->at[a].owner = owner_to_be(r, a, number + 1);
    r->at[a].native = false;
    r->at[a].mint = r->at[a].tokens ? r->at[a].mint : NULL;
    return true;
}

static bool open_account(struct run *r)
{
    struct state *s = &r->at[r->in->a];
    const uint8_t *was = holder(r, r->in->a);

    s->owner = r->in->key;
    s->mint = r->in->mint;
    s->native = solana_is_native(s->mint);
    return move(r, was, s->owner, NULL, s->lamports);
}

static bool set_owner(struct run *r)
{
    struct state *s = &r->at[r->in->a];
    const uint8_t *was = s->owner;

    if (!was) /* whose it was is not told */
        return true;
    s->owner = r->in->key;
    return (s->native || move(r, was, s->owner, s->mint, s->tokens)) &&
           move(r, was, s->owner, NULL, s->lamports);
}

static bool tokens(struct run *r)
{
    const struct solana_instruction *in = r->in;
    struct state *a = &r->at[in->a], *b = &r->at[in->b];
    const uint8_t *mint = a->mint ? a->mint : b->mint ? b->mint : in->mint;

    if (!mint) /* accounts that neither balances nor instructions tell of: nothing to explain */
        return true;
    if (solana_is_native(mint))
        return lamports(r, in->a, in->b, in->amount);
    a->tokens -= in->amount;
    b->tokens += in->amount;
    b->tokens -= in->fee;
    return move(r, holder(r, in->a), holder(r, in->b), mint, in->amount) &&
           move(r, holder(r, in->b), mint, mint, in->fee);
}

/* Into what is confidential of the mint, or out of it. Which mint it is balances say first: not
 * all parsed instructions do. */
static bool confidential(struct run *r, bool hides)
{
    const struct solana_instruction *in = r->in;
    struct state *s = &r->at[in->a];
    const uint8_t *mint = s->mint ? s->mint : in->mint, *own = holder(r, in->a);
    struct fact_transfer *t;
    uint8_t *hidden;

    if (!mint || !in->amount)
        return true;
    s->tokens += hides ? -(__int128)in->amount : (__int128)in->amount;
    hidden = arena_alloc(r->a, SOLANA_HIDDEN_BYTES);
    if (!hidden)
        return no_memory(r);
    memcpy(hidden, mint, SOLANA_KEY_BYTES);
    hidden[SOLANA_KEY_BYTES] = SOLANA_HIDDEN_MARK;
    if (!move(r, hides ? own : NULL, hides ? NULL : own, mint, in->amount))
        return false;
    t = &r->to->at[r->to->n - 1];
    *(hides ? &t->to : &t->from) = (struct bytes){hidden, SOLANA_HIDDEN_BYTES};
    return true;
}

static bool step(struct run *r, size_t number)
{
    const struct solana_instruction *in = &r->tx->instructions[number];

    /* several in one go on with its numbers */
    if (!number || in->outer != in[-1].outer || in->inner != in[-1].inner)
        r->own = 0;
    r->in = in;
    switch (in->op) {
    case SOLANA_LAMPORTS:
        return lamports(r, in->a, in->b, in->amount);
    case SOLANA_ALL:
        return in->a == in->b || r->at[in->a].lamports <= 0 ||
               lamports(r, in->a, in->b, r->at[in->a].lamports);
    case SOLANA_CLOSE:
        return close_account(r, number);
    case SOLANA_OPEN:
        return open_account(r);
    case SOLANA_TOKENS:
        return tokens(r);
    case SOLANA_MINT:
        r->at[in->b].tokens += in->amount;
        return move(r, NULL, holder(r, in->b), in->mint, in->amount);
    case SOLANA_BURN:
        r->at[in->a].tokens -= in->amount;
        return move(r, holder(r, in->a), NULL, in->mint, in->amount);
    case SOLANA_SET_OWNER:
        return set_owner(r);
    case SOLANA_FREEZE:
    case SOLANA_THAW:
        r->at[in->a].frozen_last = 1 + (uint32_t)in->op;
        if (!r->at[in->a].frozen_first)
            r->at[in->a].frozen_first = r->at[in->a].frozen_last;
        r->at[in->a].frozen_at = (uint32_t)number;
        return true;
    case SOLANA_WITHHELD:
        r->at[in->b].withheld = in->mint;
        return true;
    case SOLANA_HIDE:
        return confidential(r, true);
    case SOLANA_SHOW:
        return confidential(r, false);
    case SOLANA_NONCE:
    case SOLANA_HIDDEN:
        return true;
    }
    return true;
}

/* ---- what is left ---- */

static bool differ(struct run *r, const uint8_t *who, const uint8_t *asset, __int128 amount,
                   bool withholds, const uint8_t *withheld)
{
    struct balance_change *d;

    if (!amount)
        return true;
    d = balance_change(&r->to->changes, key_bytes(who), key_bytes(asset),
                       amount_of(amount < 0 ? -amount : amount), amount < 0, r->err);
    if (!d)
        return false;
    if (withholds)
        d->gone_to = d->asset;
    if (same(withheld, asset))
        d->come_from = d->asset;
    return true;
}

static bool lamports_left(struct run *r)
{
    for (uint32_t i = 0; i < r->tx->accounts_n; i++) {
        const struct solana_account *a = &r->tx->accounts[i];
        const struct state *s = &r->at[i];
        const uint8_t *own = holder(r, i), *after = a->token_after.owner;
        bool stays = !after || same(after, own);

        if (stays ? !differ(r, own, NULL, (__int128)a->after - s->lamports, false, NULL)
                  : !differ(r, own, NULL, -s->lamports, false, NULL) ||
                        !differ(r, after, NULL, a->after, false, NULL))
            return false;
    }
    return true;
}

static bool tokens_left(struct run *r)
{
    for (uint32_t i = 0; i < r->tx->accounts_n; i++) {
        const struct solana_token *t = &r->tx->accounts[i].token_after;
        const struct state *s = &r->at[i];
        const uint8_t *own = holder(r, i);
        bool withholds = t->withholds || r->tx->accounts[i].token_before.withholds;
        bool one = same(t->mint, s->mint) && (!t->owner || same(t->owner, own));
        __int128 after = t->mint && !solana_is_native(t->mint) ? (__int128)t->amount : 0;

        if (s->mint && !s->native &&
            !differ(r, own, s->mint, (one ? after : 0) - s->tokens, withholds, s->withheld))
            return false;
        if (!one && after &&
            !differ(r, t->owner ? t->owner : r->tx->accounts[i].key, t->mint, after, withholds,
                    s->withheld))
            return false;
    }
    return true;
}

static bool paired(void *ctx, const struct balance_pair *p, struct err *err)
{
    struct run *r = ctx;
    struct fact_transfer *t = bytes_equal(p->from, p->to) ? NULL : add(r);

    if (bytes_equal(p->from, p->to))
        return true;
    if (!t)
        return no_memory(r);
    *t = (struct fact_transfer){.kind = p->sure ? TRANSFER_BALANCE : TRANSFER_PAIRED,
                                .position = r->paired++,
                                .from = p->from,
                                .to = p->to,
                                .asset = p->asset,
                                .amount = p->amount,
                                .credit = p->amount};
    (void)err;
    return true;
}

/* Only where the account is not left as it was: a programmable NFT is thawed, moved and frozen. */
static bool freezes(struct run *r)
{
    for (size_t n = 0; n < r->tx->instructions_n; n++) {
        const struct solana_instruction *in = &r->tx->instructions[n];
        const struct state *s = in->a == SOLANA_NO_ACCOUNT ? NULL : &r->at[in->a];
        struct fact_transfer *t;

        if ((in->op != SOLANA_FREEZE && in->op != SOLANA_THAW) || !s || s->frozen_at != n ||
            s->frozen_first != s->frozen_last || !s->mint)
            continue;
        if (!(t = add(r)))
            return no_memory(r);
        t->kind = in->op == SOLANA_FREEZE ? TRANSFER_FREEZE : TRANSFER_UNFREEZE;
        t->position = (uint32_t)n;
        t->from = key_bytes(holder(r, in->a));
        t->asset = key_bytes(s->native ? NULL : s->mint);
    }
    return true;
}

static bool run(struct run *r)
{
    struct fact_transfer *t;

    if (!put(r, TRANSFER_FEE, r->tx->accounts[0].key, NULL, NULL, r->tx->fee, &t))
        return false;
    if (r->tx->failed)
        return true;
    begin(r);
    for (size_t i = 0; i < r->tx->instructions_n; i++)
        if (!step(r, i))
            return false;
    if (!freezes(r))
        return false;
    r->to->changes.n = 0;
    return lamports_left(r) && tokens_left(r) && balance_pairs(&r->to->changes, paired, r, r->err);
}

bool solana_moves(const struct solana_tx *tx, struct arena *a, struct solana_moves *to,
                  struct err *err)
{
    struct run r; /* accounts beyond those of the transaction are not looked at */

    r.tx = tx;
    r.a = a;
    r.to = to;
    r.err = err;
    r.in = NULL;
    r.own = r.paired = 0;
    return run(&r);
}
