/* Reading: links at or past the snapshot's count of merges do not exist, so that what a writer adds
 * meanwhile does not show. */
#include "entity/cluster.h"

#include "base/mem.h"
#include "base/text.h"
#include "entity/cluster_columns.h"
#include "ledger/tx_shape.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define RULES_ARENA_MAX ((size_t)4 << 30)

struct clusters {
    const struct ledger *ledger;
    struct columns c;
    struct coins coins;
    struct cluster_rules rules;
    struct arena *a;  /* the rules' */
    int lock, merges; /* files kept open: lock, and merge */
};

static bool folder_open(const struct ledger *l, int *ret, struct err *err)
{
    struct text path = text_new(PATH_MAX);

    text_printf(&path, "%s/%s", ledger_dir(l), CLUSTER_FOLDER);
    *ret = text_string(&path) ? open(path.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    text_free(&path);
    if (*ret >= 0)
        return true;
    return errno == ENOENT ? err_fail(err, ERR_NOT_FOUND, "there are none")
                           : err_system(err, "folder");
}

/* The blocks of the snapshot stand where the ledger has them. A run's last block names all before
 * it in the run, by their links. */
static bool same_blocks(const struct clusters *c, struct err *err)
{
    uint64_t n = c->c.n.n[CLUSTER_BLOCKS];
    struct ledger_run run;
    bool same = n <= ledger_counts(c->ledger).blocks;

    for (uint64_t at = 0; same && at < n; at += run.blocks_n) {
        uint64_t last;

        run = ledger_run(c->ledger, ledger_run_of(c->ledger, (uint32_t)at));
        same = run.blocks_n && run.block_first == at;
        last = at + run.blocks_n < n ? at + run.blocks_n - 1 : n - 1;
        if (same) {
            struct ledger_block b = ledger_block(c->ledger, (uint32_t)last);

            same = !memcmp(columns_block_hash(&c->c, last), b.hash.b, 32);
        }
    }
    return (same && c->c.n.n[CLUSTER_SCRIPTS] == ledger_scripts_first(c->ledger, (uint32_t)n)) ||
           err_fail(err, ERR_INPUT,
                    "they are of other blocks than the ledger: bring them up to date");
}

static bool open_in(int dir, struct clusters *c, struct err *err)
{
    struct head head;

    c->lock = openat(dir, "lock", O_RDONLY | O_CLOEXEC);
    if (c->lock < 0)
        return errno == ENOENT ? err_fail(err, ERR_NOT_FOUND, "there are none")
                               : err_system(err, "lock");
    if (!lock_take(c->lock, LOCK_READERS, false, true, err) ||
        !head_read(dir, &cluster_shape, &head, err))
        return false;
    if (head.chain != ledger_chain(c->ledger))
        return err_fail(err, ERR_CORRUPT, "they are of another chain");
    if (!columns_map(dir, &head, &head.applied, 0, &c->c, err))
        return false;
    c->merges = openat(dir, cluster_shape.columns[CLUSTER_MERGE].name, O_RDONLY | O_CLOEXEC);
    if (!same_blocks(c, err))
        return false;
    if (!c->c.n.n[CLUSTER_BLOCKS] && ledger_counts(c->ledger).blocks)
        return err_fail(err, ERR_NOT_FOUND, "they are being made, and have no block yet");
    c->coins = ledger_coins_first(c->ledger, (uint32_t)c->c.n.n[CLUSTER_BLOCKS]);
    if (!c->c.n.n[CLUSTER_RULE_BYTES])
        return true;
    return cluster_rules_read(
        c->a, (struct bytes){c->c.at[CLUSTER_RULES], c->c.n.n[CLUSTER_RULE_BYTES]}, &c->rules, err);
}

bool clusters_open(const struct ledger *l, struct clusters **ret, struct err *err)
{
    struct clusters *c = mem_zero(sizeof(*c));
    int dir = -1;
    bool ok;

    if (!c)
        return err_fail(err, ERR_NOMEM, CLUSTER_FOLDER);
    c->ledger = l;
    c->lock = c->merges = -1;
    c->rules.join_max = CLUSTER_JOIN_MAX;
    c->a = arena_new(NULL, RULES_ARENA_MAX);
    ok = (c->a || err_fail(err, ERR_NOMEM, "rules")) && folder_open(l, &dir, err) &&
         open_in(dir, c, err);
    if (dir >= 0)
        close(dir);
    if (!ok) {
        clusters_close(c);
        return err_in(err, "%s/%s", ledger_dir(l), CLUSTER_FOLDER);
    }
    *ret = c;
    return true;
}

struct clusters *clusters_close(struct clusters *c)
{
    if (!c)
        return NULL;
    columns_unmap(&c->c);
    if (c->lock >= 0)
        close(c->lock);
    if (c->merges >= 0)
        close(c->merges);
    arena_free(c->a);
    return mem_free(c);
}

/* Of the head, which is written last, and as another file each time. */
uint64_t clusters_stamp(const char *ledger_dir)
{
    char path[PATH_MAX];
    struct stat st;
    int n = snprintf(path, sizeof(path), "%s/%s/head", ledger_dir, CLUSTER_FOLDER);

    if (n < 0 || (size_t)n >= sizeof(path) || stat(path, &st))
        return 0;
    return ((uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec) ^
           (uint64_t)st.st_ino << 40;
}

struct clusters_counts clusters_counts(const struct clusters *c)
{
    const uint64_t *n = c->c.n.n;
    struct clusters_counts r = {.blocks = (uint32_t)n[CLUSTER_BLOCKS],
                                .scripts = (uint32_t)n[CLUSTER_SCRIPTS],
                                .merges = (uint32_t)n[CLUSTER_MERGES],
                                .refused = (uint32_t)n[CLUSTER_REFUSED],
                                .coinjoins = (uint32_t)n[CLUSTER_COINJOINS]};

    for (unsigned i = 0; i < CLUSTER_COLUMNS_N; i++)
        r.bytes += c->c.mapped[i];
    return r;
}

const struct cluster_rules *clusters_rules(const struct clusters *c)
{
    return &c->rules;
}

const struct ledger *clusters_ledger(const struct clusters *c)
{
    return c->ledger;
}

const struct coins *clusters_coins(const struct clusters *c)
{
    return &c->coins;
}

static struct cluster_merge merge_at(const struct clusters *c, uint32_t merge) /* merge < merges */
{
    return cluster_merge_load(c->c.at[CLUSTER_MERGE] + (uint64_t)merge * CLUSTER_MERGE_BYTES);
}

uint32_t clusters_up(const struct clusters *c, uint32_t script)
{
    uint32_t link;

    if (script >= c->c.n.n[CLUSTER_SCRIPTS])
        return CLUSTER_NONE;
    link = load_le32(c->c.at[CLUSTER_UP] + (uint64_t)script * 4);
    return link && link <= c->c.n.n[CLUSTER_MERGES] ? link - 1 : CLUSTER_NONE;
}

uint32_t clusters_root(const struct clusters *c, uint32_t script)
{
    for (unsigned depth = 0; depth < CLUSTER_DEPTH_MAX; depth++) {
        uint32_t merge = clusters_up(c, script);

        if (merge == CLUSTER_NONE)
            return script < c->c.n.n[CLUSTER_SCRIPTS] ? script : CLUSTER_NONE;
        script = merge_at(c, merge).root;
    }
    return CLUSTER_NONE;
}

/* The newest merge into a script that the snapshot has, + 1. A later one may stand in the column:
 * it is followed back through the file, past what is mapped here. */
static uint32_t newest_into(const struct clusters *c, uint32_t script)
{
    uint32_t link = load_le32(c->c.at[CLUSTER_DOWN] + (uint64_t)script * 4);

    while (link > c->c.n.n[CLUSTER_MERGES]) {
        uint8_t record[CLUSTER_MERGE_BYTES];
        struct cluster_merge m;

        if (pread(c->merges, record, sizeof(record), (off_t)(link - 1) * CLUSTER_MERGE_BYTES) !=
            sizeof(record))
            return 0;
        m = cluster_merge_load(record);
        if (m.before >= link)
            return 0;
        link = m.before;
    }
    return link;
}

uint32_t clusters_size(const struct clusters *c, uint32_t root)
{
    uint32_t link = root < c->c.n.n[CLUSTER_SCRIPTS] ? newest_into(c, root) : 0;

    return link ? merge_at(c, link - 1).size : 1;
}

static int script_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static bool damaged(const struct clusters *c, uint32_t root, struct err *err)
{
    return err_fail(err, ERR_CORRUPT, "%s/%s: the entity of script %u is damaged",
                    ledger_dir(c->ledger), CLUSTER_FOLDER, root);
}

/* Children of what is in the list go to its end, until the list has ended. */
bool clusters_members(const struct clusters *c, struct arena *a, uint32_t root,
                      const uint32_t **ret, size_t *ret_n, struct err *err)
{
    uint32_t size = clusters_size(c, root), *at;
    size_t n = 0;

    if (root >= c->c.n.n[CLUSTER_SCRIPTS] || size > c->c.n.n[CLUSTER_SCRIPTS])
        return damaged(c, root, err);
    at = ARENA_ARRAY(a, uint32_t, size);
    if (!at)
        return arena_fail(a, err, "%u members", size);
    at[n++] = root;
    for (size_t i = 0; i < n; i++)
        for (uint32_t link = newest_into(c, at[i]); link;) {
            struct cluster_merge m = merge_at(c, link - 1);

            if (n == size || m.before >= link || m.root != at[i] ||
                m.child >= c->c.n.n[CLUSTER_SCRIPTS])
                return damaged(c, root, err);
            at[n++] = m.child;
            link = m.before;
        }
    if (n != size)
        return damaged(c, root, err);
    qsort(at, n, sizeof(*at), script_order);
    *ret = at;
    *ret_n = n;
    return true;
}

static bool same_key(const struct ledger *l, uint64_t reason, struct cluster_reason *ret)
{
    uint8_t buffer[SCRIPT_FORM_MAX];
    uint32_t twins[LEDGER_TWINS_MAX], script = (uint32_t)reason, old = script;
    struct bytes bytes;
    size_t n;

    if (!ledger_script(l, script, buffer, &bytes))
        return false;
    n = ledger_find_address(l, bytes, twins);
    for (size_t i = 0; i < n; i++)
        old = twins[i] < old ? twins[i] : old;
    *ret = (struct cluster_reason){.link = LINK_SAME_KEY,
                                   .scripts = {old, script},
                                   .tx = COINS_TX_NONE,
                                   .inputs = {COINS_NONE, COINS_NONE}};
    return old != script;
}

bool cluster_reason(const struct ledger *l, const struct coins *coins, uint64_t reason,
                    struct cluster_reason *ret)
{
    struct coins_range in;
    uint64_t first;

    if (reason & CLUSTER_TWIN)
        return same_key(l, reason & ~CLUSTER_TWIN, ret);
    if (reason >= coins->inputs_n || !coins->txs_n)
        return false;
    *ret = (struct cluster_reason){.link = LINK_SPENT_TOGETHER, .tx = coins_taker(coins, reason)};
    in = coins_inputs(coins, ret->tx);
    for (first = in.first; first < reason; first++)
        if (ledger_input_script(l, coins, first) != SCRIPT_NONE)
            break;
    ret->inputs[0] = first;
    ret->inputs[1] = reason;
    ret->scripts[0] = ledger_input_script(l, coins, first);
    ret->scripts[1] = ledger_input_script(l, coins, reason);
    return first < reason && ret->scripts[1] != SCRIPT_NONE;
}

bool clusters_merge(const struct clusters *c, uint32_t merge, struct cluster_reason *ret,
                    uint32_t *ret_root)
{
    struct cluster_merge m;

    if (merge >= c->c.n.n[CLUSTER_MERGES])
        return false;
    m = merge_at(c, merge);
    *ret_root = m.root;
    return cluster_reason(c->ledger, &c->coins, m.reason, ret);
}

bool clusters_refusals(const struct clusters *c, struct arena *a, uint32_t root,
                       const struct cluster_refusal **ret, size_t *ret_n, uint64_t *ret_all,
                       struct err *err)
{
    uint64_t refused = c->c.n.n[CLUSTER_REFUSED];
    struct cluster_refusal *to = ARENA_ARRAY(
        a, struct cluster_refusal, refused < CLUSTER_REFUSALS_MAX ? refused : CLUSTER_REFUSALS_MAX);
    size_t n = 0;

    if (!to)
        return arena_fail(a, err, "refused merges");
    *ret_all = 0;
    for (uint64_t i = 0; i < refused; i++) {
        struct cluster_refused r =
            cluster_refused_load(c->c.at[CLUSTER_REFUSAL] + i * CLUSTER_REFUSED_BYTES);
        struct cluster_refusal f = {
            .kind = r.kind == REFUSED_ACTORS ? REFUSED_ACTORS : REFUSED_LARGE,
            .sizes = {r.sizes[0], r.sizes[1]},
            .others = {clusters_root(c, r.roots[0]), clusters_root(c, r.roots[1])}};

        if (f.others[0] != root && f.others[1] != root)
            continue;
        if (!cluster_reason(c->ledger, &c->coins, r.reason, &f.reason))
            return damaged(c, root, err);
        if (n < CLUSTER_REFUSALS_MAX)
            to[n++] = f;
        ++*ret_all;
    }
    *ret = to;
    *ret_n = n;
    return true;
}

struct cluster_seen clusters_seen(const struct clusters *c, const uint32_t *members, size_t n)
{
    struct cluster_seen s = {.block_first = BLOCK_NONE, .block_last = BLOCK_NONE, .complete = true};
    uint32_t last = 0;

    if (!n)
        return s;
    s.block_first = s.block_last = ledger_script_block(c->ledger, members[0]);
    for (size_t i = 0; i < n; i++) {
        uint32_t block = ledger_script_block(c->ledger, members[i]);

        if (block != BLOCK_NONE && block > s.block_last)
            s.block_last = block;
    }
    for (size_t i = 0; i < n && s.complete; i++)
        for (uint64_t out = ledger_script_last(c->ledger, members[i]); out != COINS_NONE;
             out = ledger_script_prev(c->ledger, out)) {
            uint32_t spender;

            if (out >= c->coins.outputs_n)
                continue;
            if (s.outputs_n == CLUSTER_OUTPUTS_MAX) {
                s.complete = false;
                break;
            }
            s.outputs_n++;
            spender = coins_spender(&c->coins, out);
            if (spender == COINS_TX_NONE)
                spender = coins_maker(&c->coins, out);
            last = spender > last ? spender : last;
        }
    if (s.outputs_n) {
        uint32_t block = ledger_tx_block(c->ledger, last);

        if (block != BLOCK_NONE && block > s.block_last)
            s.block_last = block;
    }
    return s;
}
