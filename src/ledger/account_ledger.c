/* Reading: everything is a look at mapped columns; nothing is copied, nothing is cached but the
 * tails of two indexes, sorted once somebody has asked often. */
#include "ledger/account_ledger.h"

#include "base/mem.h"
#include "ledger/account_columns.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* a writer may replace index files between our reading the head and opening them */
#define OPEN_TRIES 50
#define TAIL_ASKED 24u /* times that a tail is looked through as it lies */

/* The ids that no run of an index covers, by key. */
struct tail {
    unsigned asked;
    struct keyed *at; /* [n]; NULL: not yet */
    size_t n;
};

struct account_ledger {
    char *dir;
    int lock;
    int holding, transfer, prev, far; /* files kept open, for what lies past the snapshot */
    struct columns c;
    struct accounts accounts;
    uint64_t files_bytes;
    struct tail tails[INDEXES_MAX];
    pthread_mutex_t tails_lock;
};

/* ---- opening ---- */

static bool open_once(int dir, struct account_ledger *l, struct err *err)
{
    struct head head;
    struct stat st;

    if (!head_read(dir, &accounts_shape, &head, err) ||
        !columns_map(dir, &head, &head.applied, 0, &l->c, err))
        return false;
    l->accounts = columns_accounts(&l->c, &l->c.n);
    l->holding = openat(dir, "holding", O_RDONLY | O_CLOEXEC);
    l->transfer = openat(dir, "transfer", O_RDONLY | O_CLOEXEC);
    l->prev = openat(dir, "transfer.prev", O_RDONLY | O_CLOEXEC);
    l->far = openat(dir, "transfer.far", O_RDONLY | O_CLOEXEC);
    l->files_bytes = fstatat(dir, "head", &st, 0) ? 0 : (uint64_t)st.st_size;
    for (unsigned i = 0; i < ACCOUNT_COLUMNS_N; i++)
        l->files_bytes += l->c.mapped[i];
    l->files_bytes += l->c.index_bytes;
    return true;
}

static bool open_in(int dir, struct account_ledger *l, struct err *err)
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

static bool open_at(const char *path, struct account_ledger *l, struct err *err)
{
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok;

    if (dir < 0)
        return errno == ENOENT ? err_fail(err, ERR_NOT_FOUND, "there is no ledger")
                               : err_system(err, "folder");
    ok = open_in(dir, l, err);
    close(dir);
    return ok;
}

bool account_ledger_open(const char *path, struct account_ledger **ret, struct err *err)
{
    struct account_ledger *l = mem_zero(sizeof(*l));

    if (!l)
        return err_fail(err, ERR_NOMEM, "ledger");
    pthread_mutex_init(&l->tails_lock, NULL);
    l->lock = l->holding = l->transfer = l->prev = l->far = -1;
    l->dir = mem_alloc(strlen(path) + 1);
    if (l->dir)
        memcpy(l->dir, path, strlen(path) + 1);
    else
        err_fail(err, ERR_NOMEM, "ledger");
    if (!l->dir || !open_at(path, l, err)) {
        account_ledger_close(l);
        return err_in(err, "%s", path);
    }
    *ret = l;
    return true;
}

struct account_ledger *account_ledger_close(struct account_ledger *l)
{
    if (!l)
        return NULL;
    columns_unmap(&l->c);
    for (unsigned i = 0; i < 5; i++) {
        int fd = (int[]){l->lock, l->holding, l->transfer, l->prev, l->far}[i];

        if (fd >= 0)
            close(fd); /* lock: drops the reader's hold */
    }
    for (unsigned i = 0; i < INDEXES_MAX; i++)
        mem_free(l->tails[i].at);
    pthread_mutex_destroy(&l->tails_lock);
    mem_free(l->dir);
    return mem_free(l);
}

const char *account_ledger_dir(const struct account_ledger *l)
{
    return l->dir;
}

const struct chain *account_ledger_chain(const struct account_ledger *l)
{
    return l->c.chain;
}

struct account_ledger_counts account_ledger_counts(const struct account_ledger *l)
{
    const uint64_t *n = l->c.n.n;

    return (struct account_ledger_counts){
        .blocks = n[COUNT_BLOCK],
        .transactions = n[COUNT_TX],
        .transfers = n[COUNT_TRANSFER],
        .accounts = n[COUNT_ACCOUNT],
        .holdings = n[COUNT_HOLDING],
        .events = n[COUNT_EVENT],
        .runs = n[COUNT_RUN],
        .bytes = l->files_bytes,
    };
}

const struct accounts *account_ledger_accounts(const struct account_ledger *l)
{
    return &l->accounts;
}

struct accounts account_ledger_until(const struct account_ledger *l, uint32_t blocks_n)
{
    struct counts n = columns_before(&l->c, blocks_n);

    for (unsigned k = 0; k < ACCOUNT_COUNTS_N; k++) /* a damaged record */
        if (n.n[k] > l->c.n.n[k])
            n.n[k] = l->c.n.n[k];
    return columns_accounts(&l->c, &n);
}

/* ---- blocks ---- */

static uint64_t tx_count(const struct account_ledger *l, uint64_t block)
{
    uint64_t all = l->c.n.n[COUNT_TX],
             n = block < l->c.n.n[COUNT_BLOCK] ? columns_block_count(&l->c, block, COUNT_TX) : all;

    return n < all ? n : all;
}

struct account_ledger_block account_ledger_block(const struct account_ledger *l, uint32_t block)
{
    struct account_ledger_block b = {.height = HEIGHT_UNKNOWN};
    const uint8_t *p;
    uint64_t end;
    uint8_t flags;

    if (block >= l->c.n.n[COUNT_BLOCK])
        return b;
    p = columns_block(&l->c, block);
    flags = p[ACCOUNT_BLOCK_AT_FLAGS];
    if (!(flags & ACCOUNT_BLOCK_DIGEST))
        memcpy(b.hash.b, p, 32);
    memcpy(b.prev.b, p + ACCOUNT_BLOCK_AT_PREV, 32);
    b.height = load_le32(p + ACCOUNT_BLOCK_AT_HEIGHT);
    b.time = load_le64(p + ACCOUNT_BLOCK_AT_TIME);
    b.grade = flags & ACCOUNT_BLOCK_STATED ? GRADE_STATED : GRADE_PROVEN;
    b.internals = flags & ACCOUNT_BLOCK_INTERNALS;
    b.tx_first = tx_count(l, block);
    end = tx_count(l, (uint64_t)block + 1);
    b.txs_n = end > b.tx_first ? end - b.tx_first : 0;
    return b;
}

uint32_t account_ledger_find_block(const struct account_ledger *l, const struct hash32 *hash)
{
    return columns_find_block(&l->c, hash);
}

uint32_t account_ledger_blocks_to_height(const struct account_ledger *l, uint32_t height)
{
    uint64_t low = 0, high = l->c.n.n[COUNT_BLOCK];

    while (low < high) { /* heights ascend; unknown ones are the largest number */
        uint64_t middle = low + (high - low) / 2;
        uint32_t at = load_le32(columns_block(&l->c, middle) + ACCOUNT_BLOCK_AT_HEIGHT);

        if (at <= height && at != HEIGHT_UNKNOWN)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}

uint32_t account_ledger_find_height(const struct account_ledger *l, uint32_t height)
{
    uint32_t n = height == HEIGHT_UNKNOWN ? 0 : account_ledger_blocks_to_height(l, height);

    return n && account_ledger_block(l, n - 1).height == height ? n - 1 : BLOCK_NONE;
}

uint32_t account_ledger_blocks_to_time(const struct account_ledger *l, uint64_t time)
{
    uint64_t low = 0, high = l->c.n.n[COUNT_BLOCK];

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (load_le64(columns_block(&l->c, middle) + ACCOUNT_BLOCK_AT_TIME) <= time)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}

struct ledger_run account_ledger_run(const struct account_ledger *l, uint32_t run)
{
    return columns_run(&l->c, run);
}

uint32_t account_ledger_run_of(const struct account_ledger *l, uint32_t block)
{
    return columns_run_of(&l->c, block);
}

/* ---- transactions ---- */

uint32_t account_ledger_tx_block(const struct account_ledger *l, uint64_t tx)
{
    return columns_tx_block(&l->c, tx);
}

struct hash32 account_ledger_txid(const struct account_ledger *l, uint64_t tx)
{
    struct hash32 h = {{0}};

    if (tx < l->c.n.n[COUNT_TX])
        memcpy(h.b, l->c.at[COLUMN_TX_HASH] + tx * 32, 32);
    return h;
}

bool account_ledger_tx_failed(const struct account_ledger *l, uint64_t tx)
{
    return tx < l->c.n.n[COUNT_TX] &&
           l->c.at[COLUMN_TX][tx * TX_RECORD_BYTES + ACCOUNTS_ID_BYTES] & TX_FAILED;
}

uint64_t account_ledger_find_tx(const struct account_ledger *l, const struct hash32 *hash)
{
    const uint8_t *hashes = l->c.at[COLUMN_TX_HASH];
    const struct index *x = &l->c.index[INDEX_TX];
    struct index_walk walk = {0};
    uint64_t id;

    for (id = l->c.n.n[COUNT_TX]; id-- > x->covered;)
        if (load_le64(hashes + id * 32) == load_le64(hash->b) &&
            !memcmp(hashes + id * 32, hash->b, 32))
            return id;
    while (index_next(x, columns_key_of_hash(&l->c, INDEX_TX, hash->b), &walk, &id))
        if (id < l->c.n.n[COUNT_TX] && !memcmp(hashes + id * 32, hash->b, 32))
            return id;
    return ACCOUNTS_NONE;
}

/* ---- accounts and holdings ---- */

struct bytes account_ledger_key(const struct account_ledger *l, uint64_t account)
{
    return columns_account_key(&l->c, account);
}

/* Looking a key up: what is asked for, and whether an id is it. */
struct wanted {
    const struct columns *c;
    struct bytes key;
    uint64_t account, asset;
};
typedef bool is_wanted(const struct wanted *w, uint64_t id);

static bool is_account(const struct wanted *w, uint64_t id)
{
    return bytes_equal(columns_account_key(w->c, id), w->key);
}

static bool is_holding(const struct wanted *w, uint64_t id)
{
    return columns_holding_is(w->c, id, w->account, w->asset);
}

/* The sorted tail, if it pays to have one: NULL asks to look through it as it lies. */
static const struct tail *sorted_tail(struct account_ledger *l, unsigned which)
{
    struct tail *t = &l->tails[which];
    uint64_t first = l->c.index[which].covered, n = l->c.n.n[l->c.shape->indexes[which].by] - first;
    bool sorted;

    pthread_mutex_lock(&l->tails_lock);
    if (!t->at && ++t->asked > TAIL_ASKED && (t->at = mem_array(n, sizeof(*t->at)))) {
        for (t->n = 0; t->n < n; t->n++)
            t->at[t->n] =
                (struct keyed){l->c.shape->key_of(&l->c, which, first + t->n), (uint32_t)t->n, 0};
        qsort(t->at, n, sizeof(*t->at), keyed_order);
    }
    sorted = t->at != NULL;
    pthread_mutex_unlock(&l->tails_lock);
    return sorted ? t : NULL;
}

static uint64_t find(const struct account_ledger *l, unsigned which, uint64_t key,
                     const struct wanted *w, is_wanted *is)
{
    const struct index *x = &l->c.index[which];
    uint64_t n = l->c.n.n[l->c.shape->indexes[which].by], id;
    const struct tail *tail = sorted_tail((struct account_ledger *)(uintptr_t)l, which);
    struct index_walk walk = {0};

    if (tail) {
        for (size_t i = keyed_lower_bound(tail->at, tail->n, key);
             i < tail->n && tail->at[i].key == key; i++)
            if (is(w, x->covered + tail->at[i].index))
                return x->covered + tail->at[i].index;
    } else {
        for (id = x->covered; id < n; id++)
            if (is(w, id))
                return id;
    }
    while (index_next(x, key, &walk, &id))
        if (id < n && is(w, id))
            return id;
    return ACCOUNTS_NONE;
}

uint64_t account_ledger_find(const struct account_ledger *l, struct bytes key)
{
    struct wanted w = {.c = &l->c, .key = key};

    if (key.n > ACCOUNT_KEY_MAX)
        return ACCOUNTS_NONE;
    return find(l, INDEX_ACCOUNT, key_of_account(key), &w, is_account);
}

uint64_t account_ledger_sought(struct bytes key)
{
    return key_of_account(key);
}

void account_ledger_keys(const struct account_ledger *l, uint64_t first, ledger_key_put *put,
                         void *ctx)
{
    columns_keys(&l->c, INDEX_ACCOUNT, first, put, ctx);
}

/* What changes in place may be later than this snapshot. What it was before was written first, but
 * lies past what is mapped here, so it is read from the files. */
uint64_t account_ledger_holding_last(const struct account_ledger *l, uint64_t account)
{
    uint64_t at;

    if (account >= l->c.n.n[COUNT_ACCOUNT])
        return ACCOUNTS_NONE;
    at = load_le40(l->c.at[COLUMN_ACCOUNT_LAST] + account * ACCOUNTS_ID_BYTES);
    while (at != ACCOUNTS_NONE && at >= l->c.n.n[COUNT_HOLDING]) {
        uint8_t record[HOLDING_BYTES];
        uint64_t before;

        if (pread(l->holding, record, sizeof(record), (off_t)(at * HOLDING_BYTES)) !=
            sizeof(record))
            return ACCOUNTS_NONE;
        before = load_le40(record + 2 * ACCOUNTS_ID_BYTES);
        if (before != ACCOUNTS_NONE && before >= at)
            return ACCOUNTS_NONE;
        at = before;
    }
    return at;
}

uint64_t account_ledger_find_holding(const struct account_ledger *l, uint64_t account,
                                     uint64_t asset)
{
    struct wanted w = {.c = &l->c, .account = account, .asset = asset};

    return find(l, INDEX_HOLDING, key_of_holding(account, asset), &w, is_holding);
}

/* The event of a holding before one that lies past the snapshot. */
static uint64_t prev_in_files(const struct account_ledger *l, uint64_t holding, uint64_t event)
{
    uint8_t from[ACCOUNTS_ID_BYTES], links[LINKS_BYTES], far[FAR_BYTES];
    uint32_t link;

    if (pread(l->transfer, from, sizeof(from), (off_t)(event * TRANSFER_BYTES)) != sizeof(from) ||
        pread(l->prev, links, sizeof(links), (off_t)(event * LINKS_BYTES)) != sizeof(links))
        return ACCOUNTS_NONE;
    link = load_le32(links + (load_le40(from) == holding ? 0 : LINK_BYTES));
    if (link < LINK_FAR)
        return accounts_earlier(NULL, 0, event, link);
    if (pread(l->far, far, sizeof(far), (off_t)(link - LINK_FAR) * FAR_BYTES) != sizeof(far))
        return ACCOUNTS_NONE;
    return accounts_earlier(far, 1, event, LINK_FAR);
}

uint64_t account_ledger_last(const struct account_ledger *l, uint64_t holding)
{
    uint64_t at;

    if (holding >= l->c.n.n[COUNT_HOLDING])
        return ACCOUNTS_NONE;
    at = load_le40(l->c.at[COLUMN_HOLDING_LAST] + holding * ACCOUNTS_ID_BYTES);
    while (at != ACCOUNTS_NONE && at >= l->c.n.n[COUNT_TRANSFER])
        at = prev_in_files(l, holding, at);
    return at;
}

/* ---- paths and events ---- */

/* A span of a column of bytes, whose starts are counted by another. */
static struct bytes span(const struct account_ledger *l, const uint8_t *start, size_t stride,
                         uint64_t id, unsigned count, unsigned data, unsigned bytes)
{
    uint64_t all = l->c.n.n[bytes], from, to;

    if (id >= l->c.n.n[count])
        return (struct bytes){l->c.at[data], 0};
    from = load_le40(start + id * stride);
    to = id + 1 < l->c.n.n[count] ? load_le40(start + (id + 1) * stride) : all;
    if (from > to || to > all)
        return (struct bytes){l->c.at[data], 0};
    return (struct bytes){l->c.at[data] + from, to - from};
}

struct bytes account_ledger_path(const struct account_ledger *l, uint64_t transfer)
{
    struct bytes none = {l->c.at[COLUMN_PATH_DATA], 0}, path;
    const uint8_t *block;
    struct transfer t;

    if (transfer >= l->c.n.n[COUNT_TRANSFER])
        return none;
    t = accounts_transfer(&l->accounts, transfer);
    if (t.kind != TRANSFER_INTERNAL)
        return none;
    block =
        columns_block(&l->c, account_ledger_tx_block(l, accounts_tx_of(&l->accounts, transfer)));
    path = span(l, l->c.at[COLUMN_PATH_START], ACCOUNTS_ID_BYTES,
                load_le64(block + ACCOUNT_BLOCK_AT_COUNTS + (size_t)8 * COUNT_PATH) + t.position,
                COUNT_PATH, COLUMN_PATH_DATA, COUNT_PATH_BYTE);
    return path.n % 4 || path.n > (size_t)4 * TRACE_PATH_MAX ? none : path;
}

static const uint8_t *event_at(const struct account_ledger *l, uint64_t event)
{
    return l->c.at[COLUMN_EVENT] + event * EVENT_RECORD_BYTES;
}

/* The first event whose transaction is not below tx. */
static uint64_t events_from(const struct account_ledger *l, uint64_t tx)
{
    uint64_t low = 0, high = l->c.n.n[COUNT_EVENT];

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (load_le40(event_at(l, middle)) < tx)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct accounts_range account_ledger_events(const struct account_ledger *l, uint64_t tx)
{
    uint64_t first = events_from(l, tx), end = events_from(l, tx + 1);

    return (struct accounts_range){first, end > first ? end - first : 0};
}

struct account_ledger_event account_ledger_event(const struct account_ledger *l, uint64_t event)
{
    struct account_ledger_event e = {.tx = ACCOUNTS_NONE, .subject = ACCOUNTS_NONE};
    const uint8_t *p;

    if (event >= l->c.n.n[COUNT_EVENT])
        return e;
    p = event_at(l, event);
    e.tx = load_le40(p);
    e.kind = (enum event_kind)p[5];
    e.log = load_le32(p + 6);
    e.subject = load_le40(p + 10);
    e.data = span(l, l->c.at[COLUMN_EVENT] + 15, EVENT_RECORD_BYTES, event, COUNT_EVENT,
                  COLUMN_EVENT_DATA, COUNT_EVENT_BYTE);
    return e;
}

/* ---- notes ---- */

#define NOTE_HOLDINGS_MAX 16u /* a token account has one, or a few where it was opened again */
#define NOTE_EVENTS_MAX 256u  /* a token's note is the first that is seen of it, or nearly so */

/* The event that a note stands for. */
bool account_ledger_note(const struct account_ledger *l, uint64_t transfer, enum event_kind kind,
                         struct account_ledger_event *ret)
{
    const struct accounts *a = account_ledger_accounts(l);
    struct transfer t = accounts_transfer(a, transfer);
    struct accounts_range events;

    if (t.kind != TRANSFER_NOTE)
        return false;
    events = account_ledger_events(l, accounts_tx_of(a, transfer));
    for (uint64_t i = 0; i < events.n; i++) {
        *ret = account_ledger_event(l, events.first + i);
        if (ret->kind == kind && ret->log == t.position)
            return true;
    }
    return false;
}

/* Nothing but notes has from's side of such a holding: the newest event is one. */
bool account_ledger_owner(const struct account_ledger *l, const struct accounts *until,
                          uint64_t account, uint64_t *ret_owner, uint64_t *ret_asset)
{
    const struct accounts *a = account_ledger_accounts(l);
    uint64_t h =
        account == ACCOUNT_NOBODY ? ACCOUNTS_NONE : account_ledger_holding_last(l, account);
    uint64_t newest = ACCOUNTS_NONE;

    for (unsigned i = 0; i < NOTE_HOLDINGS_MAX && h < a->holdings_n; i++) {
        struct holding holding = accounts_holding(a, h);
        uint64_t at = account_ledger_last(l, h);
        struct account_ledger_event e;

        while (at < a->transfers_n && at >= until->transfers_n)
            at = accounts_prev(a, h, at);
        if (at < a->transfers_n && (newest == ACCOUNTS_NONE || at > newest) &&
            accounts_transfer(a, at).from == h && account_ledger_note(l, at, EVENT_OWNER, &e)) {
            newest = at;
            *ret_owner = e.subject;
            *ret_asset = holding.asset;
        }
        h = holding.before < h ? holding.before : ACCOUNTS_NONE;
    }
    return newest != ACCOUNTS_NONE;
}

bool account_ledger_sole_owner(const struct account_ledger *l, uint64_t account,
                               uint64_t *ret_owner)
{
    const struct accounts *a = account_ledger_accounts(l);
    uint64_t h =
        account == ACCOUNT_NOBODY ? ACCOUNTS_NONE : account_ledger_holding_last(l, account);
    struct account_ledger_event e;
    uint64_t asset;

    if (!account_ledger_owner(l, a, account, ret_owner, &asset))
        return false;
    for (unsigned i = 0; i < NOTE_HOLDINGS_MAX && h < a->holdings_n; i++) {
        struct holding holding = accounts_holding(a, h);

        for (uint64_t at = holding.first; at < a->transfers_n; at = accounts_next(a, h, at))
            if (accounts_transfer(a, at).from == h && account_ledger_note(l, at, EVENT_OWNER, &e) &&
                e.subject != *ret_owner)
                return false;
        h = holding.before < h ? holding.before : ACCOUNTS_NONE;
    }
    return h >= a->holdings_n; /* else there are more than are looked at */
}

bool account_ledger_decimals(const struct account_ledger *l, uint64_t asset, unsigned *ret)
{
    const struct accounts *a = account_ledger_accounts(l);
    struct account_ledger_event e;
    uint64_t h =
        asset == ACCOUNT_NOBODY ? ACCOUNTS_NONE : account_ledger_find_holding(l, asset, asset);
    uint64_t at;

    if (h >= a->holdings_n)
        return false;
    at = accounts_holding(a, h).first;
    for (unsigned i = 0; i < NOTE_EVENTS_MAX && at < a->transfers_n; i++) {
        if (account_ledger_note(l, at, EVENT_DECIMALS, &e) && e.data.n == 1) {
            *ret = e.data.p[0];
            return true;
        }
        at = accounts_next(a, h, at);
    }
    return false;
}
