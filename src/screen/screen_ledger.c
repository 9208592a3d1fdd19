/* A ledger of either shape as screening asks it, and the pass over it: transactions, a slice at a
 * time under the lock, once the labels of what is new are there (screen_ledger_labels.c). */
#include "screen/screen_ledger_parts.h"

#include "base/mem.h"
#include "chain/bitcoin/pool.h"
#include "chain/bitcoin/script.h"
#include "entity/tag.h"

/* ---- ledgers of either shape ---- */

uint64_t screen_blocks_of(const struct trace_ledger *at)
{
    return at->coins ? ledger_counts(at->coins).blocks : account_ledger_counts(at->accounts).blocks;
}

struct screen_block screen_block_at(const struct trace_ledger *at, uint32_t block)
{
    if (at->coins) {
        struct ledger_block b = ledger_block(at->coins, block);

        return (struct screen_block){b.hash, b.height, b.time, b.tx_first, b.txs_n};
    }
    struct account_ledger_block b = account_ledger_block(at->accounts, block);

    return (struct screen_block){b.hash, b.height, b.time, b.tx_first, b.txs_n};
}

uint64_t screen_owners_of(const struct trace_ledger *at)
{
    return at->coins ? ledger_counts(at->coins).scripts
                     : account_ledger_accounts(at->accounts)->accounts_n;
}

uint64_t screen_moves_of(const struct trace_ledger *at)
{
    return at->coins ? ledger_coins(at->coins)->outputs_n
                     : account_ledger_accounts(at->accounts)->transfers_n;
}

uint64_t screen_txs_of(const struct trace_ledger *at)
{
    return at->coins ? ledger_coins(at->coins)->txs_n
                     : account_ledger_accounts(at->accounts)->txs_n;
}

/* The key of an owner; false: it has no address. */
bool screen_owner_key(const struct trace_ledger *at, uint64_t owner, struct address_key *ret)
{
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct bytes script;

    if (at->accounts)
        return address_key_of(account_ledger_chain(at->accounts),
                              account_ledger_key(at->accounts, owner), ret);
    return ledger_script(at->coins, (uint32_t)owner, buffer, &script) &&
           address_key_of(ledger_chain(at->coins), script, ret);
}

/* ---- owners by their keys ---- */

/* The owners behind an address: of coins the forms of one key. */
size_t screen_owners_find(const struct trace_ledger *at, const struct address_key *key,
                          uint64_t ret[LEDGER_TWINS_MAX])
{
    uint32_t scripts[LEDGER_TWINS_MAX];
    uint8_t on[ACCOUNT_KEY_MAX];
    size_t n;

    if (!address_key_on(key, trace_ledger_chain(at), on, &n))
        return 0;
    if (at->accounts) {
        ret[0] = account_ledger_find(at->accounts, (struct bytes){on, n});
        return ret[0] != ACCOUNTS_NONE;
    }
    n = ledger_find_address(at->coins, (struct bytes){on, n}, scripts);
    for (size_t i = 0; i < n; i++)
        ret[i] = scripts[i];
    return n;
}

void screen_owner_keys(const struct trace_ledger *at, uint64_t first, ledger_key_put *put,
                       void *ctx)
{
    if (at->coins)
        ledger_script_keys(at->coins, (uint32_t)first, put, ctx);
    else
        account_ledger_keys(at->accounts, first, put, ctx);
}

void screen_ledger_seek(struct screen_ledger *x, const struct trace_ledger *at)
{
    struct owner_table *t = x->table || x->owners_n != screen_owners_of(at)
                                ? NULL
                                : owner_table_new(load_le64(x->as_of.labels.b));

    if (!t)
        return;
    screen_owner_keys(at, 0, owner_table_put, t);
    if (!owner_table_settle(t))
        t = owner_table_free(t);
    pthread_rwlock_wrlock(&x->lock);
    x->table = t;
    pthread_rwlock_unlock(&x->lock);
}

/* The newest first, as the ledger gives them. */
static void twin_put(uint64_t *ret, size_t *n, uint64_t owner)
{
    size_t at = *n < LEDGER_TWINS_MAX ? (*n)++ : LEDGER_TWINS_MAX - 1;

    for (; at && ret[at - 1] < owner; at--)
        ret[at] = ret[at - 1];
    ret[at] = owner;
}

static uint64_t like_of(const struct screen_ledger *x, struct bytes sought)
{
    return x->coins ? ledger_script_key(sought) : account_ledger_sought(sought);
}

bool screen_owner_like(const struct screen_ledger *x, const struct address_key *key, uint64_t *ret)
{
    uint8_t on[ACCOUNT_KEY_MAX];
    struct bytes sought = {on, 0};

    if (!address_key_on(key, x->chain, on, &sought.n))
        return false;
    *ret = like_of(x, sought);
    return true;
}

size_t screen_owners_seek(const struct screen_ledger *x, const struct trace_ledger *at,
                          const struct address_key *key, uint64_t ret[LEDGER_TWINS_MAX])
{
    uint8_t on[ACCOUNT_KEY_MAX];
    struct bytes sought = {on, 0};
    uint64_t like, owner;
    uint32_t place = 0;
    size_t n = 0;

    if (!x->table)
        return screen_owners_find(at, key, ret);
    if (!address_key_on(key, x->chain, on, &sought.n))
        return 0;
    like = like_of(x, sought);
    while (n < LEDGER_TWINS_MAX && owner_table_next(x->table, like, &place, &owner)) {
        if (x->coins)
            exposure_fetch(x->coins, (uint32_t)owner);
        if (at->coins ? ledger_script_is(at->coins, (uint32_t)owner, sought)
                      : bytes_equal(account_ledger_key(at->accounts, owner), sought))
            twin_put(ret, &n, owner);
    }
    return n;
}

/* ---- opening ---- */

bool screen_ledger_make(const struct screen_labels *labels, const struct chain *chain,
                        struct screen_ledger **ret, struct err *err)
{
    struct screen_ledger *x = mem_zero(sizeof(*x));
    pthread_rwlockattr_t writer;

    if (!x)
        return err_fail(err, ERR_NOMEM, "exposure");
    pthread_rwlockattr_init(&writer); /* questions never end, and would keep it waiting for ever */
    pthread_rwlockattr_setkind_np(&writer, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&x->lock, &writer);
    pthread_rwlockattr_destroy(&writer);
    x->chain = chain;
    x->labels = labels;
    x->as_of = (struct screen_as_of){.chain = chain,
                                     .height = HEIGHT_UNKNOWN,
                                     .labels = screen_labels_hash(labels, chain),
                                     .policy = screen_labels_policy(labels),
                                     .cut_ppm = screen_labels_cut_ppm(labels)};
    *ret = x;
    return true;
}

bool screen_ledger_new(const struct screen_labels *labels, const struct trace_ledger *at,
                       struct screen_ledger **ret, struct err *err)
{
    if (!screen_ledger_make(labels, trace_ledger_chain(at), ret, err))
        return false;
    if (screen_labels_take(*ret, at, NULL, err))
        return true;
    *ret = screen_ledger_free(*ret);
    return false;
}

struct screen_ledger *screen_ledger_free(struct screen_ledger *x)
{
    if (x) {
        exposure_free(x->coins);
        account_exposure_free(x->accounts);
        mem_free(x->sources);
        mem_free(x->tokens);
        owner_table_free(x->table);
        pthread_rwlock_destroy(&x->lock);
        mem_free(x);
    }
    return NULL;
}

void screen_ledger_labels(struct screen_ledger *x, const struct screen_labels *labels)
{
    pthread_rwlock_wrlock(&x->lock);
    x->labels = labels;
    pthread_rwlock_unlock(&x->lock);
}

/* ---- going on ---- */

static bool is_block(const struct trace_ledger *at, uint32_t block, const struct hash32 *hash,
                     uint64_t tx_first)
{
    struct screen_block b = screen_block_at(at, block);

    return block < screen_blocks_of(at) && hash32_equal(&b.hash, hash) && b.tx_first == tx_first;
}

bool screen_ledger_fits(const struct screen_ledger *x, const struct trace_ledger *at)
{
    if (x->blocks) {
        struct screen_block b = screen_block_at(at, x->blocks - 1);

        if (!is_block(at, x->blocks - 1, &x->as_of.block, b.tx_first) || b.time != x->as_of.time)
            return false;
    }
    return !x->within || is_block(at, x->blocks, &x->begun, x->begun_first);
}

/* Its first txs_n transactions. */
static struct coins coins_until(const struct coins *c, uint64_t txs_n)
{
    struct coins r = *c;

    if (txs_n < c->txs_n) {
        r.txs_n = txs_n;
        r.outputs_n = coins_outputs(c, (uint32_t)txs_n).first;
        r.inputs_n = coins_inputs(c, (uint32_t)txs_n).first;
    }
    return r;
}

uint64_t screen_transfers_first(const struct trace_ledger *at, uint64_t txs_n)
{
    const struct accounts *a = account_ledger_accounts(at->accounts);

    return txs_n < a->txs_n ? accounts_tx(a, txs_n).first : a->transfers_n;
}

static struct accounts accounts_until(const struct accounts *a, uint64_t txs_n)
{
    struct accounts r = *a;

    if (txs_n < a->txs_n) {
        r.txs_n = txs_n;
        r.transfers_n = accounts_tx(a, txs_n).first;
    }
    return r;
}

static bool from_pool(const void *ledger, uint64_t input, uint32_t *ret)
{
    const struct ledger *l = ledger;
    const char *name = ledger_input_pool(l, input);
    uint32_t scripts[LEDGER_TWINS_MAX];
    uint8_t script[SCRIPT_FORM_MAX];
    struct err ignored;
    size_t n;

    *ret = EXPOSURE_NONE;
    if (name && address_read(ledger_chain(l), name, script, &n, &ignored) &&
        ledger_find_address(l, (struct bytes){script, n}, scripts))
        *ret = scripts[0];
    return name != NULL;
}

static bool slice_add(struct screen_ledger *x, const struct trace_ledger *at, uint64_t txs_n,
                      struct err *err)
{
    if (at->accounts) {
        struct accounts a = accounts_until(account_ledger_accounts(at->accounts), txs_n);

        return account_exposure_add(x->accounts, &a, err);
    }
    struct exposure_view v = {coins_until(ledger_coins(at->coins), txs_n), exposure_script_of,
                              at->coins, NULL, TAG_MIXER};

    if (pools_count(x->chain))
        v.from_pool = from_pool;
    return exposure_add(x->coins, &v, err);
}

/* The blocks that are whole by now. */
static void blocks_count(struct screen_ledger *x, const struct trace_ledger *at)
{
    uint64_t all = screen_blocks_of(at);

    for (; x->blocks < all; x->blocks++) {
        struct screen_block b = screen_block_at(at, x->blocks);

        x->within = b.tx_first < x->txs && b.tx_first + b.txs_n > x->txs;
        x->begun = b.hash;
        x->begun_first = b.tx_first;
        if (b.tx_first + b.txs_n > x->txs)
            return;
        x->as_of.any = true;
        x->as_of.height = b.height;
        x->as_of.time = b.time;
        x->as_of.block = b.hash;
    }
    x->within = false;
}

bool screen_ledger_add(struct screen_ledger *x, const struct trace_ledger *at, uint64_t txs_max,
                       bool *ret_more, struct err *err)
{
    uint64_t all = screen_txs_of(at), end = all - x->txs > txs_max ? x->txs + txs_max : all;

    if (!screen_ledger_fits(x, at))
        return err_fail(err, ERR_CORRUPT, "exposure: not the ledger of before");
    if ((screen_owners_of(at) > x->owners_n || screen_moves_of(at) > x->moves_n) &&
        !screen_labels_take(x, at, NULL, err))
        return false;
    while (x->txs < end) {
        uint64_t next = end - x->txs > SCREEN_SLICE ? x->txs + SCREEN_SLICE : end;
        bool ok;

        pthread_rwlock_wrlock(&x->lock);
        ok = slice_add(x, at, next, err);
        if (ok) {
            x->txs = next;
            blocks_count(x, at);
        }
        pthread_rwlock_unlock(&x->lock);
        if (!ok)
            return false;
    }
    if (x->txs == all && x->blocks < screen_blocks_of(at)) { /* blocks without transactions */
        pthread_rwlock_wrlock(&x->lock);
        blocks_count(x, at);
        pthread_rwlock_unlock(&x->lock);
    }
    *ret_more = x->txs < all;
    return true;
}

bool screen_ledger_stale(struct screen_ledger *x)
{
    bool stale;

    pthread_rwlock_rdlock(&x->lock);
    stale = x->stale;
    pthread_rwlock_unlock(&x->lock);
    return stale;
}

struct screen_as_of screen_ledger_as_of(struct screen_ledger *x)
{
    struct screen_as_of r;

    pthread_rwlock_rdlock(&x->lock);
    r = x->as_of;
    pthread_rwlock_unlock(&x->lock);
    return r;
}

struct screen_ledger_counts screen_ledger_counts(struct screen_ledger *x)
{
    struct screen_ledger_counts r;

    pthread_rwlock_rdlock(&x->lock);
    r = (struct screen_ledger_counts){
        .txs = x->txs,
        .blocks = x->blocks,
        .sources = x->sources_n,
        .bytes = (x->coins ? exposure_counts(x->coins).bytes
                           : account_exposure_counts(x->accounts).bytes) +
                 (x->table ? owner_table_bytes(x->table) : 0),
    };
    pthread_rwlock_unlock(&x->lock);
    return r;
}

size_t screen_source_at(const struct screen_ledger *x, uint64_t owner)
{
    size_t low = 0, high = x->sources_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (x->sources[middle].owner < owner)
            low = middle + 1;
        else
            high = middle;
    }
    return low < x->sources_n && x->sources[low].owner == owner ? low : x->sources_n;
}
