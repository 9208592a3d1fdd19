/* Reading: everything is a look at mapped columns; nothing is copied, nothing is cached but the
 * index's tail. */
#include "ledger/ledger.h"

#include "base/mem.h"
#include "chain/bitcoin/pool.h"
#include "ledger/coins_columns.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* a writer may replace index files between our reading the head and opening them */
#define OPEN_TRIES 50

struct ledger {
    char *dir;
    int lock, prev; /* files kept open: lock, and out.prev */
    struct columns c;
    struct coins coins;
    uint64_t files_bytes;
    pthread_mutex_t tail_lock;
    /* the scripts that no run of the index covers, by key; made when first asked for */
    struct keyed *tail;
    size_t tail_n;
};

static uint64_t head_bytes(int dir)
{
    struct stat st;

    return fstatat(dir, "head", &st, 0) ? 0 : (uint64_t)st.st_size;
}

static bool open_once(int dir, struct ledger *l, struct err *err)
{
    struct head head;

    if (!head_read(dir, &coins_shape, &head, err) ||
        !columns_map(dir, &head, &head.applied, 0, &l->c, err))
        return false;
    l->coins = columns_coins(&l->c, &l->c.n);
    l->prev = openat(dir, coins_shape.columns[COLUMN_OUT_PREV].name, O_RDONLY | O_CLOEXEC);
    l->files_bytes = 0;
    for (unsigned i = 0; i < COLUMNS_N; i++)
        l->files_bytes += l->c.mapped[i];
    l->files_bytes += l->c.index_bytes + head_bytes(dir);
    return true;
}

static bool open_in(int dir, struct ledger *l, struct err *err)
{
    /* enough for a reader's hold, and all that a read-only copy gives */
    l->lock = openat(dir, "lock", O_RDONLY | O_CLOEXEC);
    if (l->lock < 0)
        return errno == ENOENT ? err_fail(err, ERR_NOT_FOUND, "there is no ledger")
                               : err_system(err, "lock");
    if (!lock_take(l->lock, LOCK_READERS, false, true, err))
        return false;
    for (unsigned i = 0; i < OPEN_TRIES; i++) {
        if (open_once(dir, l, err))
            return true;
        if (err->class != ERR_NOT_FOUND)
            return false;
        usleep(1000);
    }
    return false;
}

bool ledger_awaited(const char *path)
{
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int lock = dir < 0 ? -1 : openat(dir, "lock", O_RDONLY | O_CLOEXEC);
    bool awaited = lock >= 0 && lock_is_awaited(lock);

    if (lock >= 0)
        close(lock);
    if (dir >= 0)
        close(dir);
    return awaited;
}

bool ledger_open(const char *path, struct ledger **ret, struct err *err)
{
    struct ledger *l = mem_zero(sizeof(*l));
    int dir;
    bool ok = false;

    if (!l)
        return err_fail(err, ERR_NOMEM, "ledger");
    pthread_mutex_init(&l->tail_lock, NULL);
    l->lock = l->prev = -1;
    l->dir = mem_alloc(strlen(path) + 1);
    if (!l->dir) {
        ledger_close(l);
        return err_fail(err, ERR_NOMEM, "ledger");
    }
    memcpy(l->dir, path, strlen(path) + 1);
    dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        errno == ENOENT ? err_fail(err, ERR_NOT_FOUND, "there is no ledger")
                        : err_system(err, "folder");
    else
        ok = open_in(dir, l, err);
    if (dir >= 0)
        close(dir);
    if (!ok) {
        ledger_close(l);
        return err_in(err, "%s", path);
    }
    *ret = l;
    return true;
}

struct ledger *ledger_close(struct ledger *l)
{
    if (!l)
        return NULL;
    columns_unmap(&l->c);
    if (l->lock >= 0)
        close(l->lock); /* drops the reader's hold */
    if (l->prev >= 0)
        close(l->prev);
    pthread_mutex_destroy(&l->tail_lock);
    mem_free(l->tail);
    mem_free(l->dir);
    return mem_free(l);
}

const char *ledger_dir(const struct ledger *l)
{
    return l->dir;
}

const struct chain *ledger_chain(const struct ledger *l)
{
    return l->c.chain;
}

struct ledger_counts ledger_counts(const struct ledger *l)
{
    const uint64_t *n = l->c.n.n;

    return (struct ledger_counts){
        .blocks = n[COUNT_BLOCK],
        .transactions = n[COUNT_TX],
        .outputs = n[COUNT_OUT],
        .inputs = n[COUNT_IN] + n[COUNT_BLOCK], /* on the wire each coinbase has one */
        .scripts = n[COUNT_SCRIPT],
        .addresses = n[COUNT_ADDRESS],
        .outside = n[COUNT_EXT],
        .runs = n[COUNT_RUN],
        .bytes = l->files_bytes,
    };
}

const struct coins *ledger_coins(const struct ledger *l)
{
    return &l->coins;
}

struct coins ledger_coins_until(const struct ledger *l, uint32_t height, uint32_t *ret_blocks_n)
{
    /* heights ascend; unknown ones are the largest number */
    uint64_t low = 0, high = l->c.n.n[COUNT_BLOCK];

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (load_le32(columns_block(&l->c, middle) + BLOCK_AT_HEIGHT) <= height &&
            load_le32(columns_block(&l->c, middle) + BLOCK_AT_HEIGHT) != HEIGHT_UNKNOWN)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_blocks_n = (uint32_t)low;
    return ledger_coins_first(l, *ret_blocks_n);
}

struct coins ledger_coins_first(const struct ledger *l, uint32_t blocks_n)
{
    struct counts n = columns_before(&l->c, blocks_n);

    return columns_coins(&l->c, &n);
}

uint32_t ledger_scripts_first(const struct ledger *l, uint32_t blocks_n)
{
    return (uint32_t)columns_before(&l->c, blocks_n).n[COUNT_SCRIPT];
}

uint32_t ledger_script_block(const struct ledger *l, uint32_t script)
{
    uint64_t low = 0, high = l->c.n.n[COUNT_BLOCK];

    if (script >= l->c.n.n[COUNT_SCRIPT] || !high)
        return BLOCK_NONE;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;

        if (columns_block_count(&l->c, middle, COUNT_SCRIPT) <= script)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

struct ledger_block ledger_block(const struct ledger *l, uint32_t block)
{
    return columns_ledger_block(&l->c, block);
}

uint32_t ledger_find_block(const struct ledger *l, const struct hash32 *hash)
{
    return columns_find_block(&l->c, hash);
}

uint32_t ledger_find_height(const struct ledger *l, uint32_t height)
{
    uint32_t n;

    if (height == HEIGHT_UNKNOWN)
        return BLOCK_NONE;
    ledger_coins_until(l, height, &n);
    return n && ledger_block(l, n - 1).height == height ? n - 1 : BLOCK_NONE;
}

struct ledger_run ledger_run(const struct ledger *l, uint32_t run)
{
    return columns_run(&l->c, run);
}

uint32_t ledger_run_of(const struct ledger *l, uint32_t block)
{
    return columns_run_of(&l->c, block);
}

struct hash32 ledger_txid(const struct ledger *l, uint32_t tx)
{
    struct hash32 h = {{0}};

    if (tx < l->c.n.n[COUNT_TX])
        memcpy(h.b, l->c.at[COLUMN_TX_ID] + (uint64_t)tx * 32, 32);
    return h;
}

void ledger_txid_fetch(const struct ledger *l, uint32_t tx)
{
    if (tx < l->c.n.n[COUNT_TX])
        __builtin_prefetch(l->c.at[COLUMN_TX_ID] + (uint64_t)tx * 32);
}

uint32_t ledger_find_tx(const struct ledger *l, const struct hash32 *txid)
{
    const uint8_t *ids = l->c.at[COLUMN_TX_ID];
    struct index_walk walk = {0};
    uint64_t id;

    for (uint64_t i = l->c.n.n[COUNT_TX]; i-- > l->c.index[INDEX_TX].covered;)
        if (load_le64(ids + i * 32) == load_le64(txid->b) && !memcmp(ids + i * 32, txid->b, 32))
            return (uint32_t)i;
    while (index_next(&l->c.index[INDEX_TX], key_of_hash(txid->b), &walk, &id))
        if (id < l->c.n.n[COUNT_TX] && !memcmp(ids + id * 32, txid->b, 32))
            return (uint32_t)id;
    return COINS_TX_NONE;
}

uint32_t ledger_tx_block(const struct ledger *l, uint32_t tx)
{
    return columns_tx_block(&l->c, tx);
}

uint32_t ledger_script_of(const struct ledger *l, uint64_t output)
{
    if (output >= l->c.n.n[COUNT_OUT])
        return SCRIPT_NONE;
    return load_le32(l->c.at[COLUMN_OUT_SCRIPT] + output * 4);
}

bool ledger_script(const struct ledger *l, uint32_t script, uint8_t buffer[SCRIPT_FORM_MAX],
                   struct bytes *ret)
{
    size_t used;

    return script_unpack(columns_packed(&l->c, script), buffer, ret, &used);
}

void ledger_script_fetch(const struct ledger *l, uint32_t script)
{
    if (script < l->c.n.n[COUNT_SCRIPT])
        __builtin_prefetch(l->c.at[COLUMN_SCRIPT_START] + (uint64_t)script * ID_BYTES);
}

void ledger_script_fetch_bytes(const struct ledger *l, uint32_t script)
{
    __builtin_prefetch(columns_packed(&l->c, script).p);
}

/* The tail is fewer than INDEX_GRID scripts; hashing them takes about a millisecond, once. */
static const struct keyed *script_tail(struct ledger *l)
{
    uint64_t first = l->c.index[INDEX_SCRIPT].covered, n = l->c.n.n[COUNT_SCRIPT] - first;

    pthread_mutex_lock(&l->tail_lock);
    if (!l->tail && n && (l->tail = mem_array(n, sizeof(*l->tail)))) {
        for (uint64_t i = 0; i < n; i++) {
            uint8_t buffer[SCRIPT_FORM_MAX];
            struct bytes script;

            if (ledger_script(l, (uint32_t)(first + i), buffer, &script))
                l->tail[l->tail_n++] =
                    (struct keyed){key_of_script(script), (uint32_t)(first + i), 0};
        }
        qsort(l->tail, l->tail_n, sizeof(*l->tail), keyed_order);
    }
    pthread_mutex_unlock(&l->tail_lock);
    return l->tail;
}

/* Every script whose address form is that of the one asked for, oldest last; stops after max. */
static size_t same_form(const struct ledger *l, struct bytes script, bool exact, uint32_t *ret,
                        size_t max)
{
    uint8_t want_form[SCRIPT_FORM_MAX];
    struct bytes want = exact ? script : script_address_form(script, want_form);
    uint64_t key = key_of_script(script);
    const struct keyed *tail = script_tail((struct ledger *)(uintptr_t)l);
    struct index_walk walk = {0};
    size_t n = 0, low = tail ? keyed_lower_bound(tail, l->tail_n, key) : 0;
    uint64_t id, next = tail ? l->c.n.n[COUNT_SCRIPT] : l->c.index[INDEX_SCRIPT].covered;

    while (n < max) {
        uint8_t buffer[SCRIPT_FORM_MAX], form[SCRIPT_FORM_MAX];
        struct bytes got;

        if (tail && low < l->tail_n && tail[low].key == key)
            id = tail[low++].index;
        else if (next < l->c.n.n[COUNT_SCRIPT]) /* no memory: each of the tail is looked at */
            id = next++;
        else if (!index_next(&l->c.index[INDEX_SCRIPT], key, &walk, &id))
            break;
        if (ledger_script(l, (uint32_t)id, buffer, &got) &&
            bytes_equal(exact ? got : script_address_form(got, form), want))
            ret[n++] = (uint32_t)id;
    }
    return n;
}

uint64_t ledger_script_key(struct bytes script)
{
    return key_of_script(script);
}

void ledger_script_keys(const struct ledger *l, uint32_t first, ledger_key_put *put, void *ctx)
{
    columns_keys(&l->c, INDEX_SCRIPT, first, put, ctx);
}

bool ledger_script_is(const struct ledger *l, uint32_t script, struct bytes want)
{
    uint8_t buffer[SCRIPT_FORM_MAX], form[SCRIPT_FORM_MAX];
    struct bytes got;

    return ledger_script(l, script, buffer, &got) &&
           bytes_equal(script_address_form(got, form), want);
}

uint32_t ledger_find_script(const struct ledger *l, struct bytes script)
{
    uint32_t id;

    return same_form(l, script, true, &id, 1) ? id : SCRIPT_NONE;
}

size_t ledger_find_address(const struct ledger *l, struct bytes script,
                           uint32_t ret[LEDGER_TWINS_MAX])
{
    return same_form(l, script, false, ret, LEDGER_TWINS_MAX);
}

/* The newest output may be later than this snapshot; its link back was written before it became the
 * newest, but lies past what is mapped here, so it is read from the file. */
uint64_t ledger_script_last(const struct ledger *l, uint32_t script)
{
    uint64_t at, size = l->c.n.n[COUNT_OUT];

    if (script >= l->c.n.n[COUNT_SCRIPT])
        return COINS_NONE;
    at = load_le64(l->c.at[COLUMN_SCRIPT_LAST] + (uint64_t)script * 8) - 1;
    while (at != COINS_NONE && at >= size) {
        uint8_t link[ID_BYTES];
        uint64_t prev;

        if (pread(l->prev, link, sizeof(link), (off_t)(at * ID_BYTES)) != sizeof(link))
            return COINS_NONE;
        prev = load_le40(link);
        if (prev > at)
            return COINS_NONE;
        at = prev - 1;
    }
    return at;
}

uint64_t ledger_script_prev(const struct ledger *l, uint64_t output)
{
    uint64_t prev;

    if (output >= l->c.n.n[COUNT_OUT])
        return COINS_NONE;
    prev = load_le40(l->c.at[COLUMN_OUT_PREV] + output * ID_BYTES);
    /* only ever back: a damaged link ends the walk */
    return prev && prev <= output ? prev - 1 : COINS_NONE;
}

const char *ledger_input_pool(const struct ledger *l, uint64_t input)
{
    const struct chain *chain = ledger_chain(l);
    uint32_t script, pool = POOL_NONE;
    const uint8_t *outpoint = ledger_outside(l, input, &script);
    uint64_t value;

    if (outpoint)
        pool = pool_of_outpoint(outpoint, &value);
    return pool < pools_count(chain) ? pool_address(chain, pool) : NULL;
}

const uint8_t *ledger_outside(const struct ledger *l, uint64_t input, uint32_t *ret_script)
{
    uint64_t id;

    *ret_script = SCRIPT_NONE;
    if (input >= l->c.n.n[COUNT_IN])
        return NULL;
    id = load_le40(l->c.at[COLUMN_IN_SOURCE] + input * ID_BYTES);
    if (!(id & COINS_OUTSIDE) || (id &= ~COINS_OUTSIDE) >= l->c.n.n[COUNT_EXT])
        return NULL;
    *ret_script = load_le32(l->c.at[COLUMN_EXT_SCRIPT] + id * 4) - 1;
    return l->c.at[COLUMN_EXT_OUTPOINT] + id * OUTPOINT_BYTES;
}
