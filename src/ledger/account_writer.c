#include "ledger/account_writer.h"

#include "base/mem.h"
#include "ledger/account_batch.h"
#include "ledger/files.h"

struct tip { /* the newest block that was taken */
    bool has;
    struct hash32 hash; /* or digest */
    bool told;          /* it is a hash */
    uint32_t height;
    uint64_t time;
};

struct account_ledger_writer {
    char *dir;
    struct files f;
    struct pool *pool;
    /* one is filled while the other is committed; joined: what the committer has to do */
    struct account_batch *filling, *joining;
    bool committing;
    pthread_t committer;
    bool failed;
    struct err failure;
    struct tip tip;
    /* a branch that is not yet as high as the ledger: it stands on so many blocks, and ends beside
     * this one */
    bool slots; /* heights of the chain are slots */
    uint64_t ascends_from;
    bool in_branch;
    uint32_t branch_keep;
    struct tip beside;
    struct counts at_open, undone; /* undone: since then */
    uint64_t known, stale;
};

/* ---- open and close ---- */

static struct tip tip_of(const struct columns *c)
{
    struct tip t = {.height = HEIGHT_UNKNOWN};
    const uint8_t *p;

    if (!c->n.n[COUNT_BLOCK])
        return t;
    p = columns_block(c, c->n.n[COUNT_BLOCK] - 1);
    t.has = true;
    memcpy(t.hash.b, p, 32);
    t.told = !(p[ACCOUNT_BLOCK_AT_FLAGS] & ACCOUNT_BLOCK_DIGEST);
    t.height = load_le32(p + ACCOUNT_BLOCK_AT_HEIGHT);
    t.time = load_le64(p + ACCOUNT_BLOCK_AT_TIME);
    return t;
}

static bool start(struct account_ledger_writer *w, const struct chain *chain,
                  struct ledger_options o, struct err *err)
{
    uint64_t memory = o.memory ? o.memory : LEDGER_MEMORY_DEFAULT;

    if (memory < LEDGER_MEMORY_MIN)
        return err_fail(err, ERR_USAGE, "memory of less than %llu MiB",
                        (unsigned long long)(LEDGER_MEMORY_MIN >> 20));
    if (!chain_has_accounts(chain))
        return err_fail(err, ERR_USAGE, "\"%s\" is not a chain of accounts", chain->name);
    if (!files_open(&w->f, w->dir, &accounts_shape, chain, o.fleeting, err))
        return false;
    w->pool = pool_new(o.threads);
    /* Two batches take three quarters; what grows an index, and the source, share the rest. */
    w->filling = w->pool ? account_batch_new(memory / 8 * 3) : NULL;
    w->joining = w->filling ? account_batch_new(memory / 8 * 3) : NULL;
    if (!w->joining)
        return err_fail(err, ERR_NOMEM, "memory for a batch");
    w->slots = chain->slots;
    w->ascends_from = chain->ascends_from;
    w->tip = tip_of(&w->f.c);
    w->at_open = w->f.head.now;
    return true;
}

bool account_ledger_writer_open(const char *dir, const struct chain *chain,
                                struct ledger_options options, struct account_ledger_writer **ret,
                                struct err *err)
{
    struct account_ledger_writer *w = mem_zero(sizeof(*w));

    if (!w)
        return err_fail(err, ERR_NOMEM, "ledger");
    files_init(&w->f);
    w->dir = mem_alloc(strlen(dir) + 1);
    if (w->dir)
        memcpy(w->dir, dir, strlen(dir) + 1);
    else
        err_fail(err, ERR_NOMEM, "ledger");
    if (!w->dir || !start(w, chain, options, err)) {
        account_ledger_writer_close(w);
        return err_in(err, "%s", dir);
    }
    *ret = w;
    return true;
}

static void committed(struct account_ledger_writer *w)
{
    if (w->committing)
        pthread_join(w->committer, NULL);
    w->committing = false;
}

struct account_ledger_writer *account_ledger_writer_close(struct account_ledger_writer *w)
{
    if (!w)
        return NULL;
    committed(w);
    files_close(&w->f);
    account_batch_free(w->filling);
    account_batch_free(w->joining);
    pool_free(w->pool);
    mem_free(w->dir);
    return mem_free(w);
}

/* ---- commit ---- */

static bool commit_now(struct account_ledger_writer *w, struct account_batch *b, struct err *err)
{
    struct addition a;

    if (!account_batch_join(b, &w->f.c, err))
        return false;
    a = account_batch_addition(b);
    return files_commit(&w->f, w->pool, &a, err) && files_settled(&w->f, err);
}

static void *commit_in_background(void *arg)
{
    struct account_ledger_writer *w = arg;

    w->failed = !commit_now(w, w->joining, &w->failure);
    return NULL;
}

/* Waits for the commit that is under way. */
static bool settled(struct account_ledger_writer *w, struct err *err)
{
    committed(w);
    if (w->failed)
        *err = w->failure;
    return !w->failed;
}

static bool commit(struct account_ledger_writer *w, struct err *err)
{
    struct account_batch *b = w->filling;

    if (!settled(w, err))
        return false;
    if (!account_batch_blocks(b))
        return true;
    w->filling = w->joining;
    w->joining = b;
    account_batch_clear(w->filling);
    w->committing = !pthread_create(&w->committer, NULL, commit_in_background, w);
    return w->committing || err_fail(err, ERR_SYSTEM, "no thread for a commit");
}

/* All that was taken is in the ledger. */
static bool flush(struct account_ledger_writer *w, struct err *err)
{
    if (!settled(w, err))
        return false;
    if (account_batch_blocks(w->filling)) {
        w->failed = !commit_now(w, w->filling, err);
        if (w->failed)
            w->failure = *err;
        account_batch_clear(w->filling);
    }
    return !w->failed;
}

/* ---- where a block stands ---- */

static bool told(const struct hash32 *hash)
{
    static const struct hash32 zeros;

    return !hash32_equal(hash, &zeros);
}

static void add_bytes(struct sha256_stream *s, struct bytes b)
{
    uint8_t n[4];

    store_le32(n, (uint32_t)b.n);
    sha256_add(s, n, 4);
    if (b.n)
        sha256_add(s, b.p, b.n);
}

static void add_transfer(struct sha256_stream *s, const struct fact_transfer *t)
{
    uint8_t fixed[5 + 2 * U256_BYTES] = {(uint8_t)t->kind};

    store_le32(fixed + 1, t->position);
    u256_store_le(fixed + 5, t->amount);
    u256_store_le(fixed + 5 + U256_BYTES, t->kind == TRANSFER_FEE ? t->credit : t->amount);
    sha256_add(s, fixed, sizeof(fixed));
    add_bytes(s, t->path);
    add_bytes(s, t->from);
    add_bytes(s, t->to);
    add_bytes(s, t->asset);
}

struct hash32 account_block_digest(const struct transfer_block *b)
{
    struct sha256_stream s;
    uint8_t fixed[14];

    sha256_start(&s);
    store_le64(fixed, b->time);
    store_le32(fixed + 8, b->height);
    fixed[12] = b->grade == GRADE_STATED;
    fixed[13] = b->internals;
    sha256_add(&s, fixed, sizeof(fixed));
    for (size_t i = 0; i < b->txs_n; i++) {
        const struct fact_tx *tx = &b->txs[i];
        uint8_t n[9] = {tx->failed};

        store_le32(n + 1, (uint32_t)tx->transfers_n);
        store_le32(n + 5, (uint32_t)tx->events_n);
        sha256_add(&s, tx->hash.b, 32);
        sha256_add(&s, n, sizeof(n));
        for (size_t k = 0; k < tx->transfers_n; k++)
            add_transfer(&s, &tx->transfers[k]);
        for (size_t k = 0; k < tx->events_n; k++) {
            uint8_t kind_log[5] = {(uint8_t)tx->events[k].kind};

            store_le32(kind_log + 1, tx->events[k].log);
            sha256_add(&s, kind_log, sizeof(kind_log));
            add_bytes(&s, tx->events[k].subject);
            add_bytes(&s, tx->events[k].data);
        }
    }
    return sha256_done(&s);
}

struct placing {
    const struct transfer_block *block;
    struct hash32 hash; /* or digest */
    bool told;
    bool slots; /* of the chain */
    bool run_start;
};

enum place { PLACE_WRONG, PLACE_NEXT, PLACE_KNOWN, PLACE_BESIDE };

static bool links_to(const struct placing *p, const struct tip *tip)
{
    return p->told && tip->told && hash32_equal(&p->block->prev, &tip->hash);
}

static bool goes_back(const struct tip *tip, const struct transfer_block *b, struct err *err)
{
    if (b->time < tip->time)
        err_set(err, ERR_INPUT, "its time is before that of the block before");
    return b->time < tip->time;
}

/* Where slots are empty, a branch may begin above ours. */
static bool may_branch(const struct placing *p)
{
    return p->slots && p->run_start && told(&p->block->prev);
}

/* Does the block follow the newest one, as far as they alone tell? PLACE_BESIDE: it does not. */
static enum place after(const struct tip *tip, struct placing *p, struct err *err)
{
    const struct transfer_block *b = p->block;
    bool heights = b->height != HEIGHT_UNKNOWN && tip->height != HEIGHT_UNKNOWN;

    p->run_start = false;
    if (!tip->has) {
        p->run_start = true;
        return PLACE_NEXT;
    }
    if (links_to(p, tip) && heights &&
        (p->slots ? b->height <= tip->height : b->height != tip->height + 1)) {
        err_fail(err, ERR_INPUT, "its height is not the one after its parent's");
        return PLACE_WRONG;
    }
    if (heights ? b->height <= tip->height : !links_to(p, tip) && b->time <= tip->time)
        return PLACE_BESIDE;
    if (b->height != HEIGHT_UNKNOWN && tip->height == HEIGHT_UNKNOWN && !links_to(p, tip)) {
        err_fail(err, ERR_INPUT, "it would fill a gap: ingest anew");
        return PLACE_WRONG;
    }
    if (heights && !p->slots && b->height == tip->height + 1 && p->told && tip->told &&
        told(&b->prev) && !links_to(p, tip)) {
        err_fail(err, ERR_INPUT, "its parent is not the block before");
        return PLACE_WRONG;
    }
    p->run_start = p->slots && p->told && told(&b->prev) ? !links_to(p, tip)
                   : heights                             ? b->height != tip->height + 1
                                                         : tip->height != b->height;
    if (!may_branch(p) && goes_back(tip, b, err))
        return PLACE_WRONG;
    return PLACE_NEXT;
}

/* The block at a height, in a ledger whose heights ascend; BLOCK_NONE. */
static uint32_t block_at(const struct columns *c, uint32_t height)
{
    uint64_t low = 0, high = c->n.n[COUNT_BLOCK];

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (load_le32(columns_block(c, middle) + ACCOUNT_BLOCK_AT_HEIGHT) < height)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->n.n[COUNT_BLOCK] &&
                   load_le32(columns_block(c, low) + ACCOUNT_BLOCK_AT_HEIGHT) == height
               ? (uint32_t)low
               : BLOCK_NONE;
}

/* A block beside ours that we do not have: does it begin a branch? */
static bool forks(struct account_ledger_writer *w, const struct placing *p, struct err *err)
{
    const struct columns *c = &w->f.c;
    const struct transfer_block *b = p->block;
    uint32_t blocks = (uint32_t)c->n.n[COUNT_BLOCK];
    uint32_t parent = p->told && told(&b->prev) ? columns_find_block(c, &b->prev) : BLOCK_NONE;
    uint32_t parent_height;

    if (parent == BLOCK_NONE && b->height != HEIGHT_UNKNOWN && block_at(c, b->height) != BLOCK_NONE)
        return told(&b->prev)
                   ? err_fail(err, ERR_INPUT, "its parent is not the block before")
                   : err_fail(err, ERR_INPUT, "another block stands at its height: ingest anew");
    if (parent == BLOCK_NONE || columns_run_of(c, parent) != columns_run_of(c, blocks - 1))
        return err_fail(err, ERR_INPUT, "it would fill a gap: ingest anew");
    parent_height = load_le32(columns_block(c, parent) + ACCOUNT_BLOCK_AT_HEIGHT);
    if (p->slots ? parent_height >= b->height : parent_height + 1 != b->height)
        return err_fail(err, ERR_INPUT, "its height is not the one after its parent's");
    if (load_le64(columns_block(c, parent) + ACCOUNT_BLOCK_AT_TIME) > b->time)
        return err_fail(err, ERR_INPUT, "its time is before that of the block before");
    if (blocks - (parent + 1) > LEDGER_UNDO_MAX)
        return err_fail(err, ERR_INPUT,
                        "its branch leaves ours %u blocks back, and only %u can be undone: ingest "
                        "anew",
                        blocks - (parent + 1), LEDGER_UNDO_MAX);
    w->in_branch = true;
    w->branch_keep = parent + 1;
    w->beside = w->tip;
    return true;
}

static void leave_branch(struct account_ledger_writer *w)
{
    if (!w->in_branch)
        return;
    w->stale += account_batch_blocks(w->filling);
    account_batch_clear(w->filling);
    w->tip = w->beside;
    w->in_branch = false;
}

static enum place place(struct account_ledger_writer *w, struct placing *p, struct err *err)
{
    enum place at = after(&w->tip, p, err);

    if (w->in_branch && (at == PLACE_BESIDE || p->run_start)) { /* it belongs beside ours */
        leave_branch(w);
        at = after(&w->tip, p, err);
    }
    if (at == PLACE_NEXT && w->tip.has && may_branch(p)) {
        if (!flush(w, err))
            return PLACE_WRONG;
        if (columns_find_block(&w->f.c, &p->block->prev) != BLOCK_NONE)
            at = PLACE_BESIDE;
        else if (goes_back(&w->tip, p->block, err))
            return PLACE_WRONG;
    }
    if (at != PLACE_BESIDE)
        return at;
    if (!flush(w, err))
        return PLACE_WRONG;
    if (columns_find_block(&w->f.c, &p->hash) != BLOCK_NONE)
        return PLACE_KNOWN;
    if (p->block->height == HEIGHT_UNKNOWN && p->block->time == w->tip.time) {
        p->run_start = w->tip.height != HEIGHT_UNKNOWN;
        return PLACE_NEXT;
    }
    return forks(w, p, err) ? PLACE_BESIDE : PLACE_WRONG;
}

/* ---- taking ---- */

static bool undo_to(struct account_ledger_writer *w, uint32_t blocks_n, struct err *err)
{
    struct counts before = w->f.head.now;

    if (!files_undo(&w->f, blocks_n, err))
        return false;
    for (unsigned k = 0; k < ACCOUNT_COUNTS_N; k++)
        w->undone.n[k] += before.n[k] - w->f.head.now.n[k];
    return true;
}

/* A branch as high as ours takes its place. */
static bool replace(struct account_ledger_writer *w, struct err *err)
{
    w->in_branch = false;
    return settled(w, err) && undo_to(w, w->branch_keep, err) && flush(w, err);
}

static bool take(struct account_ledger_writer *w, struct placing *p, struct err *err)
{
    const struct transfer_block *b = p->block;

    if (!w->in_branch && !account_batch_fits(w->filling, b) && !commit(w, err))
        return false;
    if (!account_batch_take(w->filling, b, &p->hash, p->run_start, err))
        return false;
    w->tip = (struct tip){true, p->hash, p->told, b->height, b->time};
    if (w->in_branch && b->height < w->beside.height)
        return true;
    return !w->in_branch || replace(w, err);
}

static bool in_block(const struct transfer_block *b, struct err *err)
{
    return b->height != HEIGHT_UNKNOWN
               ? err_in(err, "block %u", b->height)
               : err_in(err, "block of time %llu", (unsigned long long)b->time);
}

/* The time of a block's parent, else of the newest block. */
static bool parent_time(struct account_ledger_writer *w, const struct transfer_block *b,
                        uint64_t *ret, struct err *err)
{
    uint32_t parent = BLOCK_NONE;

    *ret = w->tip.time;
    if (!told(&b->prev) || (w->tip.told && hash32_equal(&b->prev, &w->tip.hash)))
        return true;
    if (!w->in_branch && !flush(w, err))
        return false;
    parent = columns_find_block(&w->f.c, &b->prev);
    if (parent != BLOCK_NONE)
        *ret = load_le64(columns_block(&w->f.c, parent) + ACCOUNT_BLOCK_AT_TIME);
    return true;
}

/* Nodes of chains with slots do not know every block's time (0), and of old ones know times that go
 * back, as the chain's clock did: then it is the parent's, which is the chain's own rule since. */
static bool date(struct account_ledger_writer *w, struct transfer_block *b, struct err *err)
{
    uint64_t least;

    if (!w->slots || (b->time && b->time >= w->ascends_from) || !w->tip.has)
        return true;
    if (!parent_time(w, b, &least, err))
        return false;
    if (!b->time || (b->time < least && least < w->ascends_from))
        b->time = least;
    return true;
}

bool account_ledger_take(struct account_ledger_writer *w, const struct transfer_block *block,
                         struct err *err)
{
    struct transfer_block dated = *block;
    struct placing p = {
        .block = &dated, .hash = block->hash, .told = told(&block->hash), .slots = w->slots};
    bool ok = false;

    if (!date(w, &dated, err))
        return err_in(err, "%s", w->dir);
    if (!p.told) /* a time that was told is part of it, so that the same block is known again */
        p.hash = account_block_digest(block->time ? block : &dated);
    block = &dated;
    switch (place(w, &p, err)) {
    case PLACE_KNOWN:
        w->known++;
        return true;
    case PLACE_NEXT:
    case PLACE_BESIDE:
        ok = take(w, &p, err);
        break;
    case PLACE_WRONG:
        break;
    }
    return ok || in_block(block, err) || err_in(err, "%s", w->dir);
}

bool account_ledger_finish(struct account_ledger_writer *w, struct err *err)
{
    leave_branch(w);
    return flush(w, err) || err_in(err, "%s", w->dir);
}

bool account_ledger_append(struct account_ledger_writer *w, const struct transfer_block *blocks,
                           size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!account_ledger_take(w, &blocks[i], err))
            return false;
    return account_ledger_finish(w, err);
}

bool account_ledger_undo(struct account_ledger_writer *w, uint32_t blocks_n, struct err *err)
{
    if (!account_ledger_finish(w, err))
        return false;
    if (!undo_to(w, blocks_n, err))
        return err_in(err, "%s", w->dir);
    w->tip = tip_of(&w->f.c);
    return true;
}

struct account_ledger_took account_ledger_took(const struct account_ledger_writer *w)
{
    const uint64_t *now = w->f.head.now.n, *was = w->at_open.n, *undone = w->undone.n;

    return (struct account_ledger_took){
        .added = now[COUNT_BLOCK] + undone[COUNT_BLOCK] - was[COUNT_BLOCK],
        .transfers = now[COUNT_TRANSFER] + undone[COUNT_TRANSFER] - was[COUNT_TRANSFER],
        .undone = undone[COUNT_BLOCK],
        .known = w->known,
        .stale = w->stale,
    };
}
