/* Union-find over script ids, by size and without compression on disk (cluster_columns.h). In
 * memory a cache of links shortens paths: what was looked at once is found at once. */
#include "entity/cluster_update.h"

#include "base/mem.h"
#include "base/pool.h"
#include "base/text.h"
#include "entity/cluster.h"
#include "entity/cluster_columns.h"
#include "ledger/check_files.h"
#include "ledger/files.h"
#include "ledger/tx_shape.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define RULES_ARENA_MAX ((size_t)4 << 30)
#define PROGRESS_BLOCKS 1024u

struct grown { /* records of a batch */
    uint8_t *p;
    size_t n, size;
};

struct update {
    const struct ledger *ledger;
    const struct coins *coins;
    const struct clusters_update_options *o;
    struct files f;
    struct pool *pool;
    struct arena *a;
    struct cluster_rules rules;
    struct ledger_shapes *shapes;
    uint64_t scripts_n; /* of the ledger: what the arrays below have room for */
    size_t room;        /* bytes of each of them */
    /* [scripts_n] each, 0 where nothing was looked at yet */
    uint32_t *near;  /* a script upwards of it, + 1; itself: it is a root */
    uint32_t *down;  /* the newest merge into it, + 2; 1: none */
    uint32_t *actor; /* of a root: which of the rules', + 1 */
    uint32_t *told;  /* of a root: the transaction by which it was refused last, + 1 */
    /* the batch: records, and the counts with them */
    struct grown blocks, merges, refused;
    struct counts now;
    struct hash32 tip;
    bool damaged, no_memory;
};

static bool put(struct update *u, struct grown *g, const uint8_t *record, size_t n)
{
    if (g->n + n > g->size) {
        size_t size = g->size ? 2 * g->size : (size_t)1 << 16;
        uint8_t *p = mem_grow(g->p, size);

        if (!p) {
            u->no_memory = true;
            return false;
        }
        g->p = p;
        g->size = size;
    }
    memcpy(g->p + g->n, record, n);
    g->n += n;
    return true;
}

static struct cluster_merge merge_at(const struct update *u, uint32_t merge)
{
    uint64_t old = u->f.head.now.n[CLUSTER_MERGES];

    return cluster_merge_load(merge < old
                                  ? u->f.c.at[CLUSTER_MERGE] + (uint64_t)merge * CLUSTER_MERGE_BYTES
                                  : u->merges.p + (merge - old) * CLUSTER_MERGE_BYTES);
}

/* One link from a script towards its root; a root is its own. */
static uint32_t next_up(struct update *u, uint32_t script)
{
    uint32_t link = 0, up = script;

    if (u->near[script])
        return u->near[script] - 1;
    if (script < u->f.head.now.n[CLUSTER_SCRIPTS])
        link = load_le32(u->f.c.at[CLUSTER_UP] + (uint64_t)script * 4);
    if (link && link <= u->now.n[CLUSTER_MERGES])
        up = merge_at(u, link - 1).root;
    if (up >= u->scripts_n) {
        u->damaged = true;
        up = script;
    }
    u->near[script] = up + 1;
    return up;
}

static uint32_t find(struct update *u, uint32_t script)
{
    for (unsigned depth = 0; depth < CLUSTER_DEPTH_MAX; depth++) {
        uint32_t up = next_up(u, script), further;

        if (up == script)
            return script;
        further = next_up(u, up);
        u->near[script] = further + 1;
        script = further;
    }
    u->damaged = true;
    return script;
}

/* The newest merge into a root, + 1; 0: none. */
static uint32_t newest_into(struct update *u, uint32_t root)
{
    uint32_t link = 0;

    if (u->down[root])
        return u->down[root] - 1;
    if (root < u->f.head.now.n[CLUSTER_SCRIPTS])
        link = load_le32(u->f.c.at[CLUSTER_DOWN] + (uint64_t)root * 4);
    if (link > u->now.n[CLUSTER_MERGES]) {
        u->damaged = true;
        link = 0;
    }
    u->down[root] = link + 1;
    return link;
}

static uint32_t size_of(struct update *u, uint32_t root)
{
    uint32_t link = newest_into(u, root);

    return link ? merge_at(u, link - 1).size : 1;
}

/* Joins two roots. */
static bool join(struct update *u, uint64_t reason, uint32_t a, uint32_t b)
{
    uint32_t a_size = size_of(u, a), b_size = size_of(u, b);
    bool b_stays = b_size > a_size || (b_size == a_size && b < a);
    struct cluster_merge m = {.reason = reason,
                              .child = b_stays ? a : b,
                              .root = b_stays ? b : a,
                              .size = a_size + b_size};
    uint8_t record[CLUSTER_MERGE_BYTES];

    m.before = newest_into(u, m.root);
    cluster_merge_store(record, &m);
    if (!put(u, &u->merges, record, sizeof(record)))
        return false;
    u->near[m.child] = m.root + 1;
    u->down[m.root] = (uint32_t)u->now.n[CLUSTER_MERGES] + 2;
    if (u->actor[m.child])
        u->actor[m.root] = u->actor[m.child];
    u->now.n[CLUSTER_MERGES]++;
    return true;
}

/* Would this join make one of what are two? Then it is put down, once a transaction and cluster. */
static bool refused(struct update *u, uint64_t reason, uint32_t tx, uint32_t a, uint32_t b)
{
    bool actors = u->actor[a] && u->actor[b] && u->actor[a] != u->actor[b];
    struct cluster_refused r = {.reason = reason,
                                .roots = {a, b},
                                .sizes = {size_of(u, a), size_of(u, b)},
                                .kind = actors ? REFUSED_ACTORS : REFUSED_LARGE};
    uint8_t record[CLUSTER_REFUSED_BYTES];

    if (!actors && (r.sizes[0] < u->rules.join_max || r.sizes[1] < u->rules.join_max))
        return false;
    if (u->told[b] == tx + 1)
        return true;
    u->told[b] = tx + 1;
    cluster_refused_store(record, &r);
    if (put(u, &u->refused, record, sizeof(record)))
        u->now.n[CLUSTER_REFUSED]++;
    return true;
}

/* The script of an input, if the ledger knows it. */
static uint32_t script_of(struct update *u, uint64_t input)
{
    uint32_t script = ledger_input_script(u->ledger, u->coins, input);

    if (script == SCRIPT_NONE || script < u->scripts_n)
        return script;
    u->damaged = true;
    return SCRIPT_NONE;
}

/* Most transactions join nothing; only those that would are asked for their shape. */
static bool joins_any(struct update *u, struct coins_range in, uint64_t *ret_first)
{
    uint32_t root = SCRIPT_NONE;

    for (uint64_t i = in.first; i < in.first + in.n; i++) {
        uint32_t script = script_of(u, i);

        if (script == SCRIPT_NONE)
            continue;
        if (root == SCRIPT_NONE) {
            root = find(u, script);
            *ret_first = i;
        } else if (find(u, script) != root) {
            return true;
        }
    }
    return false;
}

static bool take_tx(struct update *u, uint32_t tx)
{
    struct coins_range in = coins_inputs(u->coins, tx);
    uint64_t first = 0;

    if (in.n < 2 || !joins_any(u, in, &first))
        return true;
    if (shape_is_coinjoin(ledger_tx_shape(u->ledger, u->coins, tx, u->shapes).kind)) {
        u->now.n[CLUSTER_COINJOINS]++;
        return true;
    }
    for (uint64_t i = first + 1; i < in.first + in.n; i++) {
        uint32_t script = script_of(u, i), a, b;

        if (script == SCRIPT_NONE)
            continue;
        a = find(u, script_of(u, first));
        b = find(u, script);
        if (a != b && !refused(u, i, tx, a, b) && !join(u, i, a, b))
            return false;
    }
    return !u->no_memory;
}

/* Is it a root's? Set when the script comes to be known; a script is alone then. */
static void take_actor(struct update *u, uint32_t script, struct bytes bytes)
{
    const struct cluster_actor *at = cluster_actor_of(&u->rules, bytes);

    if (!at)
        return;
    for (size_t i = 0; i < u->rules.actors_n; i++) /* the first of that name stands for all */
        if (!strcmp(u->rules.actors[i].name, at->name)) {
            u->actor[find(u, script)] = (uint32_t)i + 1;
            return;
        }
}

/* The P2PK of a key and its P2PKH are one, whichever came first. */
static bool take_twin(struct update *u, uint32_t script, struct bytes bytes)
{
    uint32_t twins[LEDGER_TWINS_MAX], old = script;
    size_t n = ledger_find_address(u->ledger, bytes, twins);

    for (size_t i = 0; i < n; i++)
        old = twins[i] < old ? twins[i] : old;
    return old == script || find(u, old) == find(u, script) ||
           join(u, CLUSTER_TWIN | script, find(u, old), find(u, script));
}

static bool take_script(struct update *u, uint32_t script)
{
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct bytes bytes, payload;
    enum script_class class;

    if (!ledger_script(u->ledger, script, buffer, &bytes)) {
        u->damaged = true;
        return false;
    }
    class = script_classify(bytes, &payload);
    if (u->rules.actors_n)
        take_actor(u, script, bytes);
    return (class != SCRIPT_P2PK && class != SCRIPT_P2PKH) || take_twin(u, script, bytes);
}

static bool take_block(struct update *u, uint32_t block)
{
    struct ledger_block b = ledger_block(u->ledger, block);
    uint32_t scripts_n = ledger_scripts_first(u->ledger, block + 1);
    uint8_t record[CLUSTER_BLOCK_BYTES];

    memcpy(record, b.hash.b, 32);
    for (unsigned k = 0; k < CLUSTER_COUNTS_N; k++)
        store_le64(record + 32 + 8 * (size_t)k, u->now.n[k]);
    if (!put(u, &u->blocks, record, sizeof(record)))
        return false;
    if (!block)
        u->now.n[CLUSTER_RULE_BYTES] = u->rules.text.n;
    u->now.n[CLUSTER_BLOCKS]++;
    u->tip = b.hash;
    if (scripts_n < u->now.n[CLUSTER_SCRIPTS] || scripts_n > u->scripts_n) {
        u->damaged = true;
        return false;
    }
    while (u->now.n[CLUSTER_SCRIPTS] < scripts_n)
        if (!take_script(u, (uint32_t)u->now.n[CLUSTER_SCRIPTS]++))
            return false;
    for (uint32_t tx = b.tx_first; tx < b.tx_first + b.txs_n; tx++)
        if (!take_tx(u, tx))
            return false;
    return !u->damaged;
}

static void put_zeros(struct put *to, uint64_t n)
{
    static const uint8_t zeros[4096];

    for (; n > sizeof(zeros); n -= sizeof(zeros))
        put_bytes(to, zeros, sizeof(zeros));
    put_bytes(to, zeros, n);
}

static void put_column(void *ctx, struct put *to, unsigned which)
{
    const struct update *u = ctx;

    switch ((enum cluster_column)which) {
    case CLUSTER_BLOCK:
        put_bytes(to, u->blocks.p, u->blocks.n);
        break;
    case CLUSTER_MERGE:
        put_bytes(to, u->merges.p, u->merges.n);
        break;
    case CLUSTER_REFUSAL:
        put_bytes(to, u->refused.p, u->refused.n);
        break;
    case CLUSTER_RULES:
        if (!u->f.head.now.n[CLUSTER_BLOCKS])
            put_bytes(to, u->rules.text.p, u->rules.text.n);
        break;
    case CLUSTER_UP:
    case CLUSTER_DOWN:
        put_zeros(to, 4 * (u->now.n[CLUSTER_SCRIPTS] - u->f.head.now.n[CLUSTER_SCRIPTS]));
        break;
    case CLUSTER_COLUMNS_N:
        break;
    }
}

static void apply(void *ctx, const struct columns *c)
{
    struct update *u = ctx;

    cluster_shape.apply(c, &u->f.head.applied, &c->n);
}

static bool commit(struct update *u, struct err *err)
{
    struct addition a = {.put = put_column, .apply = apply, .ctx = u, .tip = u->tip};

    if (u->now.n[CLUSTER_BLOCKS] == u->f.head.now.n[CLUSTER_BLOCKS])
        return true;
    for (unsigned k = 0; k < CLUSTER_COUNTS_N; k++)
        a.n.n[k] = u->now.n[k] - u->f.head.now.n[k];
    if (!files_commit(&u->f, u->pool, &a, err) || !files_settled(&u->f, err))
        return false;
    u->blocks.n = u->merges.n = u->refused.n = 0;
    return true;
}

/* How many blocks of ours, from the first on, the ledger has at the same place. Within a run a
 * block names all before it, so that the last that is the same is found by halving. */
static uint32_t blocks_shared(const struct update *u)
{
    uint64_t n = u->f.head.now.n[CLUSTER_BLOCKS], all = ledger_counts(u->ledger).blocks;
    uint64_t low = 0;

    for (n = n < all ? n : all; low < n;) {
        struct ledger_run run = ledger_run(u->ledger, ledger_run_of(u->ledger, (uint32_t)low));
        uint64_t first = low, end = first + run.blocks_n < n ? first + run.blocks_n : n;
        uint64_t differs = end;

        while (low < differs) {
            uint64_t middle = low == first && differs == end ? end - 1 : low + (differs - low) / 2;
            struct ledger_block b = ledger_block(u->ledger, (uint32_t)middle);

            if (memcmp(columns_block_hash(&u->f.c, middle), b.hash.b, 32))
                differs = middle;
            else
                low = middle + 1;
        }
        if (low < end || !run.blocks_n)
            break;
    }
    while (low && columns_before(&u->f.c, low).n[CLUSTER_SCRIPTS] !=
                      ledger_scripts_first(u->ledger, (uint32_t)low))
        low--;
    return (uint32_t)low;
}

/* Which rules hold: those asked for, which must be those that are there; else those. */
static bool rules_settle(struct update *u, struct err *err)
{
    struct bytes there = {u->f.c.at[CLUSTER_RULES], u->f.head.now.n[CLUSTER_RULE_BYTES]};

    if (u->o->rules && there.n && !bytes_equal(there, u->o->rules->text))
        return err_fail(err, ERR_USAGE, "they were made by other rules: make them anew");
    if (u->o->rules)
        u->rules = *u->o->rules;
    else if (there.n)
        return cluster_rules_read(u->a, there, &u->rules, err);
    else
        return cluster_rules_make(u->a, CLUSTER_JOIN_MAX, NULL, 0, &u->rules, err);
    return true;
}

/* Whose the clusters are that have an actor already. */
static void actors_settle(struct update *u)
{
    for (size_t i = 0; i < u->rules.actors_n; i++) {
        uint32_t twins[LEDGER_TWINS_MAX];
        size_t n = ledger_find_address(u->ledger, u->rules.actors[i].script, twins);

        for (size_t k = 0; k < n; k++)
            if (twins[k] < u->now.n[CLUSTER_SCRIPTS])
                take_actor(u, twins[k], u->rules.actors[i].script);
    }
}

static bool start(struct update *u, const char *path, struct clusters_updated *ret, struct err *err)
{
    uint32_t shared;

    u->a = arena_new(NULL, RULES_ARENA_MAX);
    u->shapes = mem_alloc(sizeof(*u->shapes));
    u->pool = pool_new(1);
    if (!u->a || !u->shapes || !u->pool)
        return err_fail(err, ERR_NOMEM, CLUSTER_FOLDER);
    if (!files_open(&u->f, path, &cluster_shape, ledger_chain(u->ledger), false, err) ||
        !rules_settle(u, err))
        return false;
    shared = blocks_shared(u);
    ret->blocks_undone = u->f.head.now.n[CLUSTER_BLOCKS] - shared;
    if (!files_undo(&u->f, shared, err))
        return false;
    u->now = u->f.head.now;
    u->near = mem_reserve(u->room);
    u->down = mem_reserve(u->room);
    u->actor = mem_reserve(u->room);
    u->told = mem_reserve(u->room);
    if (!u->near || !u->down || !u->actor || !u->told)
        return err_fail(err, ERR_NOMEM, "%llu scripts", (unsigned long long)u->scripts_n);
    actors_settle(u);
    return true;
}

static bool go_on(struct update *u, struct clusters_updated *ret, struct err *err)
{
    uint64_t blocks = ledger_counts(u->ledger).blocks;
    uint32_t merges_max = u->o->batch_merges ? u->o->batch_merges : CLUSTER_BATCH_MERGES;
    struct counts before = u->now;

    for (uint64_t b = before.n[CLUSTER_BLOCKS]; b < blocks && !ret->stopped; b++) {
        if (!take_block(u, (uint32_t)b))
            return err_fail(err, u->no_memory ? ERR_NOMEM : ERR_CORRUPT,
                            u->no_memory ? "block %llu" : "block %llu: damaged columns",
                            (unsigned long long)b);
        ret->stopped = u->o->stop && *u->o->stop;
        if ((u->merges.n / CLUSTER_MERGE_BYTES >= merges_max ||
             u->blocks.n / CLUSTER_BLOCK_BYTES >= CLUSTER_BATCH_BLOCKS) &&
            !commit(u, err))
            return false;
        if (u->o->progress && !(b % PROGRESS_BLOCKS))
            u->o->progress(u->o->ctx, b + 1, blocks);
    }
    if (!commit(u, err))
        return false;
    ret->blocks = u->now.n[CLUSTER_BLOCKS];
    ret->blocks_added = u->now.n[CLUSTER_BLOCKS] - before.n[CLUSTER_BLOCKS];
    ret->merges = u->now.n[CLUSTER_MERGES] - before.n[CLUSTER_MERGES];
    ret->refused = u->now.n[CLUSTER_REFUSED] - before.n[CLUSTER_REFUSED];
    ret->coinjoins = u->now.n[CLUSTER_COINJOINS] - before.n[CLUSTER_COINJOINS];
    return true;
}

static void end(struct update *u)
{
    files_close(&u->f);
    pool_free(u->pool);
    mem_free(u->shapes);
    arena_free(u->a);
    mem_unreserve(u->near, u->room);
    mem_unreserve(u->down, u->room);
    mem_unreserve(u->actor, u->room);
    mem_unreserve(u->told, u->room);
    mem_free(u->blocks.p);
    mem_free(u->merges.p);
    mem_free(u->refused.p);
}

static bool path_of(const char *ledger_dir, char ret[PATH_MAX], struct err *err)
{
    int n = snprintf(ret, PATH_MAX, "%s/%s", ledger_dir, CLUSTER_FOLDER);

    return (n > 0 && n < PATH_MAX) ||
           err_fail(err, ERR_SYSTEM, "%.60s...: too long a name", ledger_dir);
}

bool clusters_update(const struct ledger *l, const struct clusters_update_options *o,
                     struct clusters_updated *ret, struct err *err)
{
    static const struct clusters_update_options plain;
    struct update u = {.ledger = l,
                       .coins = ledger_coins(l),
                       .o = o ? o : &plain,
                       .scripts_n = ledger_counts(l).scripts};
    struct clusters_updated r = {0};
    char path[PATH_MAX];
    bool ok;

    files_init(&u.f);
    u.room = (u.scripts_n + 1) * sizeof(uint32_t);
    if (!path_of(ledger_dir(l), path, err))
        return false;
    ok = (start(&u, path, &r, err) && go_on(&u, &r, err)) || err_in(err, "%s", path);
    end(&u);
    if (ok)
        *ret = r;
    return ok;
}

bool clusters_there(const char *ledger_dir)
{
    return clusters_stamp(ledger_dir) != 0;
}

bool clusters_remove(const char *ledger_dir, struct err *err)
{
    static const char *const others[] = {"head.new", "lock"};
    char path[PATH_MAX];
    int dir;

    if (!path_of(ledger_dir, path, err))
        return false;
    dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return errno == ENOENT ? err_fail(err, ERR_NOT_FOUND, "%s: there are none", path)
                               : err_system(err, "%s", path);
    unlinkat(dir, "head", 0); /* first: without it nothing of this exists */
    for (unsigned i = 0; i < CLUSTER_COLUMNS_N; i++)
        unlinkat(dir, cluster_shape.columns[i].name, 0);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        unlinkat(dir, others[i], 0);
    close(dir);
    return !rmdir(path) || err_system(err, "%s", path);
}

/* up and down are what merge says, no more and no less, and each merge adds up. */
static bool check_contents(const struct columns *c, struct err *err)
{
    uint64_t scripts = c->n.n[CLUSTER_SCRIPTS], merges = c->n.n[CLUSTER_MERGES];
    uint64_t ups = 0, downs = 0;

    for (uint64_t i = 0; i < merges; i++) {
        struct cluster_merge m = cluster_merge_load(c->at[CLUSTER_MERGE] + i * CLUSTER_MERGE_BYTES);

        if (m.child >= scripts || m.root >= scripts || m.child == m.root || m.before > i ||
            load_le32(c->at[CLUSTER_UP] + 4 * (uint64_t)m.child) != i + 1)
            return check_bad(c, err, CLUSTER_MERGE, "merge", i);
    }
    for (uint64_t s = 0; s < scripts; s++) {
        uint32_t up = load_le32(c->at[CLUSTER_UP] + 4 * s),
                 down = load_le32(c->at[CLUSTER_DOWN] + 4 * s);

        ups += up != 0;
        if (up > merges)
            return check_bad(c, err, CLUSTER_UP, "script", s);
        if (down > merges || (down && cluster_merge_load(c->at[CLUSTER_MERGE] +
                                                         (uint64_t)(down - 1) * CLUSTER_MERGE_BYTES)
                                              .root != s))
            return check_bad(c, err, CLUSTER_DOWN, "script", s);
        for (; down; down = cluster_merge_load(c->at[CLUSTER_MERGE] +
                                               (uint64_t)(down - 1) * CLUSTER_MERGE_BYTES)
                                .before)
            downs++;
    }
    return (ups == merges && downs == merges) ||
           check_bad(c, err, ups == merges ? CLUSTER_DOWN : CLUSTER_UP, "merge", merges);
}

bool clusters_check(const char *ledger_dir, struct err *err)
{
    char path[PATH_MAX];

    return path_of(ledger_dir, path, err) && check_files(path, &cluster_shape, check_contents, err);
}
