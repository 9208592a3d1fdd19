/* The run: block after block, each opened by what must be done and filled with what people do. */
#include "sim/sim.h"

#include "base/mem.h"
#include "sim/files.h"
#include "sim/genesis.h"
#include "sim/people.h"
#include "sim/truth.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#define BLOCK_SECONDS 600
#define BLOCK_BYTES_MOST 1700000u /* of a big chain's blocks */
#define WEIGHT_RESERVED 60000     /* for header, coinbase and one transaction more */
#define POOLS_N 5
#define SUBSIDY (50 * BTC)
#define HALVING 210000
#define MISSES_MAX                                                                                 \
    200 /* attempts in a row that came to nothing: the block is as full as it gets  \
                        */

static const char *const pool_tags[POOLS_N] = {"/Basalt Pool/", "/Copper Union/", "/Eightfold/",
                                               "/Northern Light/", "/tidewater/"};

struct run {
    const struct sim_options *o;
    struct world *w;
    struct mixes mixes;
    struct thefts *thefts;
    struct files *files;
    struct hash32 prev;
    uint32_t height, time;
    uint32_t pool[POOLS_N];      /* their wallets */
    struct coin young[MATURITY]; /* coinbases that may not be spent yet, by height */
    uint64_t block_bytes;        /* what a block of this run should come to */
    uint64_t bytes;              /* what all came to */
};

static struct world_size size_of(const struct sim_options *o, uint64_t *ret_block_bytes)
{
    struct world_size s;
    uint64_t bytes = o->blocks ? o->blocks * 10000 : o->bytes;

    *ret_block_bytes = 10000;
    if (!o->blocks) {
        *ret_block_bytes = o->bytes / 300;
        if (*ret_block_bytes > BLOCK_BYTES_MOST)
            *ret_block_bytes = BLOCK_BYTES_MOST;
        if (*ret_block_bytes < 10000)
            *ret_block_bytes = 10000;
    }
    s.people = (uint32_t)(bytes / 5000 < 250000 ? bytes / 5000 + 100 : 250000);
    s.deposits = bytes / 50000 < 500 ? (uint32_t)(bytes / 50000 + 24) : 500;
    s.wave = *ret_block_bytes / 20000 < 128 ? *ret_block_bytes / 20000 + 4 : 128;
    return s;
}

static bool write_genesis(struct run *r, struct err *err)
{
    struct bytes raw = sim_genesis();
    struct build_block b = {.head = {raw.p, 81}, .txs = {raw.p + 81, raw.n - 81}};

    r->prev = sha256d(raw.p, 80);
    r->time = SIM_GENESIS_TIME;
    return files_add(r->files, &b, &r->prev, err);
}

static bool block_full(const struct run *r, uint64_t target)
{
    return build_bytes(r->w->build) >= target ||
           build_weight(r->w->build) >= BUILD_WEIGHT_MAX - WEIGHT_RESERVED ||
           build_txs(r->w->build) > r->w->log_live / 2 + 4;
}

static uint64_t block_target(struct run *r)
{
    uint64_t target = r->block_bytes / 2 + dice_below(&r->w->dice, r->block_bytes + 1), left;

    if (r->o->blocks)
        return target;
    left = r->o->bytes - files_bytes(r->files);
    return left < target ? left : target;
}

static uint32_t shares_of(const struct run *r)
{
    uint64_t txs = r->block_bytes / 450, shares = r->block_bytes / 1000;

    if (r->w->log_live > txs * 4)
        shares /= 10;
    return (uint32_t)(shares < 10 ? 10 : shares > 1800 ? 1800 : shares);
}

/* Fills the block with what happens; its coinbase comes when it is finished. */
static void fill_block(struct run *r)
{
    uint64_t target = block_target(r);
    struct coin *old = &r->young[r->height % MATURITY];
    unsigned misses = 0;

    if (old->value) {
        miner_pays(r->w, *old, old->owner, shares_of(r));
        world_settle(r->w);
    }
    day_open(r->w, r->block_bytes > 100000 ? 30 : 5);
    mixes_open(r->w, &r->mixes);
    thefts_open(r->thefts);
    while (!block_full(r, target) && misses < MISSES_MAX)
        misses = day_step(r->w) ? 0 : misses + 1;
    world_settle(r->w);
}

static bool add_block(struct run *r, struct err *err)
{
    struct world *w = r->w;
    unsigned pool = (unsigned)dice_below(&w->dice, POOLS_N);
    struct build_plan plan = {.prev = r->prev, .height = r->height, .tag = pool_tags[pool]};
    struct build_block b;

    w->height = r->height;
    w->fee_rate = dice_range(&w->dice, 1, 9);
    build_start(w->build);
    fill_block(r);
    r->time += BLOCK_SECONDS / 2 + (uint32_t)dice_below(&w->dice, BLOCK_SECONDS);
    plan.time = r->time;
    plan.subsidy = r->height / HALVING < 64 ? SUBSIDY >> (r->height / HALVING) : 0;
    plan.lock = wallet_lock(w, r->pool[pool]);
    if (w->out_of_memory)
        return err_fail(err, ERR_NOMEM, "block %u of the simulated chain", r->height);
    if (!build_finish(w->build, &plan, &w->dice, &b, err) ||
        !files_add(r->files, &b, &r->prev, err))
        return false;
    r->young[r->height % MATURITY] = (struct coin){.txid = b.coinbase,
                                                   .value = b.reward,
                                                   .lock = plan.lock,
                                                   .height = r->height << 1 | 1,
                                                   .owner = r->pool[pool]};
    r->prev = b.hash;
    return true;
}

static bool more_to_do(const struct run *r)
{
    return r->o->blocks ? r->height + 1 < r->o->blocks : files_bytes(r->files) < r->o->bytes;
}

static bool all_blocks(struct run *r, struct err *err)
{
    if (!write_genesis(r, err))
        return false;
    while (more_to_do(r)) {
        r->height++;
        if (!add_block(r, err))
            return false;
        if (r->o->progress)
            r->o->progress(r->o->ctx, r->o->blocks ? r->height + 1 : files_bytes(r->files),
                           r->o->blocks ? r->o->blocks : r->o->bytes);
    }
    return true;
}

static bool options_valid(const struct sim_options *o, struct err *err)
{
    if (!o->blocks == !o->bytes)
        return err_fail(err, ERR_USAGE, "either blocks or bytes are wanted");
    if (o->blocks > SIM_BLOCKS_MAX)
        return err_fail(err, ERR_USAGE, "at most %u blocks", SIM_BLOCKS_MAX);
    if (o->bytes && (o->bytes < SIM_BYTES_MIN || o->bytes > SIM_BYTES_MAX))
        return err_fail(err, ERR_USAGE, "from 64K to 1T bytes");
    if (strlen(o->dir) > PATH_MAX - 64)
        return err_fail(err, ERR_USAGE, "path too long: \"%.60s...\"", o->dir);
    return true;
}

static bool open_files(struct run *r, struct err *err)
{
    char path[PATH_MAX];
    uint8_t key[8];

    if (mkdir(r->o->dir, 0777) && errno != EEXIST)
        return err_system(err, "%s", r->o->dir);
    snprintf(path, sizeof(path), "%s/blocks", r->o->dir);
    dice_fill(&r->w->dice, key, 8); /* thrown in any case, so that --xor changes nothing else */
    return files_start(path, r->o->xor ? key : NULL, &r->files, err);
}

/* Pools, services, mixes and thefts move in. */
static bool settle_world(struct run *r, struct world_size size, struct err *err)
{
    for (int i = 0; i < POOLS_N; i++)
        r->pool[i] = wallet_new(r->w, LOCK_P2WPKH, false);
    if (!services_new(r->w, size))
        return err_fail(err, ERR_NOMEM, "the simulated world");
    mixes_new(r->w, service_by_name(r->w, "Juniper Coordinator"), r->block_bytes > 100000 ? 2 : 12,
              &r->mixes);
    if (r->w->out_of_memory)
        return err_fail(err, ERR_NOMEM, "the simulated world");
    return thefts_new(r->w, &r->mixes, r->o->accounts ? &r->o->seed : NULL, r->o->payroll,
                      &r->thefts, err);
}

static bool write_all(struct run *r, struct err *err)
{
    struct err ignored;
    bool ok;

    if (!open_files(r, err))
        return false;
    ok = all_blocks(r, err);
    if (ok) {
        thefts_close(r->thefts);
        ok = truth_write(r->thefts, r->o->dir, r->o->seed, r->height + 1, err);
    }
    r->bytes = files_bytes(r->files);
    ok = files_end(r->files, ok, ok ? err : &ignored) && ok;
    if (!ok)
        truth_remove(r->o->dir, r->thefts->n);
    return ok;
}

static void tell_shape(const struct run *r, struct sim_shape *ret)
{
    struct build_counts counts = build_counts(r->w->build);

    *ret = (struct sim_shape){.blocks = r->height + 1,
                              .bytes = r->bytes,
                              .transactions = counts.txs + 1, /* and that of the genesis block */
                              .inputs = counts.inputs,
                              .outputs = counts.outputs + 1,
                              .scripts = r->w->locks_n + r->w->memos_n};
    for (size_t i = 0; i < r->thefts->n; i++)
        ret->thefts += r->thefts->all[i]->height != 0;
}

bool sim_run(const struct sim_options *o, struct sim_shape *ret, struct err *err)
{
    struct run r = {.o = o};
    struct world_size size;
    bool ok;

    if (!options_valid(o, err))
        return false;
    size = size_of(o, &r.block_bytes);
    if (!world_new(o->seed, size, &r.w, err))
        return false;
    ok = settle_world(&r, size, err) && write_all(&r, err);
    if (ok)
        tell_shape(&r, ret);
    thefts_free(r.thefts);
    world_free(r.w);
    return ok;
}
