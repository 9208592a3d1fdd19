#include "ledger/ingest.h"

#include "base/mem.h"
#include "base/pool.h"
#include "chain/bitcoin/block.h"
#include "ledger/batch.h"
#include "ledger/plan.h"

#include <pthread.h>
#include <stdio.h>

#define CHUNK_BLOCKS 64u
#define CHUNK_BYTES ((uint64_t)32 << 20)

struct hand { /* what a worker keeps */
    struct block_scratch *scratch;
    struct source_buffer raw, undo;
};

struct ingesting {
    const struct ingest_options *o;
    const struct chain *chain;
    struct source *source;
    const struct source_block *blocks;
    struct ledger_writer *w;
    struct plan plan;
    struct hand *hands; /* one a worker, and one for undo data */
    unsigned hands_n;
    struct segment segments[CHUNK_BLOCKS];
    size_t chunk_first, chunk_n; /* items of the plan being prepared */
    size_t held_first;           /* first item of the batch */
    struct fact_spent *spent;
    size_t spent_n;
    uint64_t without_undo;
    pthread_mutex_t lock;
    size_t failed_item; /* the first that is damaged; SIZE_MAX: none */
    struct err failure;
};

static bool fail_block(const struct ingesting *g, size_t item, struct err *err)
{
    return source_complain(g->source, g->plan.items[item].block, err);
}

static bool facts_of(struct ingesting *g, struct hand *hand, size_t item, struct block_facts *ret,
                     struct err *err)
{
    return plan_facts(&g->plan, g->source, g->chain, g->plan.items[item].block, g->o->checks,
                      hand->scratch, &hand->raw, ret, err);
}

static void prepare(void *ctx, size_t i, unsigned worker)
{
    struct ingesting *g = ctx;
    size_t item = g->chunk_first + i;
    struct block_facts facts;
    struct err err;

    if (item > __atomic_load_n(&g->failed_item, __ATOMIC_RELAXED))
        return;
    if (facts_of(g, &g->hands[worker], item, &facts, &err) &&
        segment_fill(&g->segments[i], &facts, &err)) {
        g->segments[i].height = g->plan.items[item].height;
        g->segments[i].run_start = g->plan.items[item].run_start;
        g->segments[i].spent = NULL;
        return;
    }
    fail_block(g, item, &err);
    pthread_mutex_lock(&g->lock);
    if (item < g->failed_item) { /* the first in order is told, and ends what is taken */
        __atomic_store_n(&g->failed_item, item, __ATOMIC_RELAXED);
        g->failure = err;
    }
    pthread_mutex_unlock(&g->lock);
}

/* Undo data of a block of the batch, asked for by the join where an input's output is not in the
 * ledger. */
static bool spent_of(void *ctx, size_t block, const struct fact_spent **ret, struct err *err)
{
    struct ingesting *g = ctx;
    struct hand *hand = &g->hands[g->hands_n - 1];
    size_t item = g->held_first + block;
    struct block_facts facts;
    bool found = false;

    *ret = NULL;
    if (!facts_of(g, hand, item, &facts, err))
        return fail_block(g, item, err);
    if (facts.inputs_n > g->spent_n) {
        mem_free(g->spent);
        g->spent_n = facts.inputs_n;
        g->spent = mem_array(g->spent_n, sizeof(*g->spent));
        if (!g->spent) {
            g->spent_n = 0;
            return err_fail(err, ERR_NOMEM, "undo data");
        }
    }
    /* One copy of a block may have undo data beside it where another has none. */
    for (uint32_t at = g->plan.items[item].block; at != PLAN_NONE && !found; at = g->plan.copy[at])
        if (!source_undo(g->source, at, &facts, &hand->undo, g->spent, &found, err))
            return fail_block(g, item, err);
    g->without_undo += !found;
    *ret = found ? g->spent : NULL;
    return true;
}

static bool commit(struct ingesting *g, struct err *err)
{
    size_t n = ledger_writer_held(g->w);

    if (!ledger_writer_commit(g->w, spent_of, g, err))
        return false;
    g->held_first += n;
    return true;
}

/* The next blocks that are prepared together. */
static size_t chunk(const struct ingesting *g, uint64_t bytes_max)
{
    uint64_t bytes = 0;
    size_t n = 0;

    while (n < CHUNK_BLOCKS && g->chunk_first + n < g->plan.items_n) {
        bytes += g->blocks[g->plan.items[g->chunk_first + n].block].size;
        if (n && bytes > bytes_max)
            break;
        n++;
    }
    return n;
}

/* Puts prepared blocks into the batch, committing whenever it is full. */
static bool take(struct ingesting *g, struct err *err)
{
    for (size_t at = 0; at < g->chunk_n;) {
        size_t n = g->chunk_n - at;

        while (n > 1 && !ledger_writer_fits(g->w, g->segments + at, n))
            n--;
        if (!ledger_writer_fits(g->w, g->segments + at, n)) {
            if (!commit(g, err))
                return false;
            continue;
        }
        if (!ledger_writer_take(g->w, g->segments + at, n, err))
            return false;
        at += n;
    }
    return true;
}

static bool run(struct ingesting *g, struct ingest_result *ret, struct err *err)
{
    struct ingest_progress progress = {.bytes_all = g->plan.bytes, .blocks_all = g->plan.items_n};
    uint64_t memory = g->o->ledger.memory ? g->o->ledger.memory : LEDGER_MEMORY_DEFAULT;
    uint64_t bytes_max = memory / 16 < CHUNK_BYTES ? memory / 16 : CHUNK_BYTES;
    size_t prepared_n;
    bool ok = true;

    while (ok && g->chunk_first < g->plan.items_n && !(g->o->stop && *g->o->stop)) {
        g->chunk_n = chunk(g, bytes_max);
        pool_run(ledger_writer_pool(g->w), g->chunk_n, prepare, g);
        prepared_n = g->chunk_n;
        if (g->failed_item != SIZE_MAX) { /* what comes before a damaged block is good */
            g->chunk_n = g->failed_item - g->chunk_first;
            *err = g->failure;
        }
        ok = take(g, g->failed_item == SIZE_MAX ? err : &g->failure) && g->failed_item == SIZE_MAX;
        for (size_t i = 0; i < prepared_n; i++) {
            uint32_t block = g->plan.items[g->chunk_first + i].block;

            source_done(g->source, block, 1);
            progress.bytes_done += g->blocks[block].size;
        }
        g->chunk_first += prepared_n;
        progress.blocks_done = g->chunk_first;
        if (ok && g->o->progress)
            g->o->progress(g->o->ctx, &progress);
    }
    ret->stopped = ok && g->chunk_first < g->plan.items_n;
    if (!commit(g, ok ? err : &g->failure) || !ledger_writer_finish(g->w, ok ? err : &g->failure))
        ok = false;
    ret->added = g->held_first;
    ret->without_undo = g->without_undo;
    return ok;
}

/* Blocks that take the place of others are read before anything is undone for them: a damaged one
 * must not cost the ledger what it has. */
static bool undo(struct ingesting *g, struct err *err)
{
    uint32_t undone = ledger_writer_blocks(g->w) - g->plan.keep;
    struct block_facts facts;

    for (size_t i = 0; undone && i < g->plan.items_n && i <= LEDGER_UNDO_MAX; i++) {
        if (!facts_of(g, &g->hands[0], i, &facts, err))
            return fail_block(g, i, err);
        source_done(g->source, g->plan.items[i].block, 1);
    }
    return ledger_undo(g->w, g->plan.keep, err);
}

static bool start(struct ingesting *g, struct ingest_result *ret, struct err *err)
{
    uint32_t before;
    size_t n;

    if (!plan_make(g->source, g->chain, g->w, &g->plan, err))
        return false;
    g->blocks = source_blocks(g->source, &n);
    g->hands_n = pool_workers(ledger_writer_pool(g->w)) + 1;
    g->hands = mem_array(g->hands_n, sizeof(*g->hands));
    for (unsigned i = 0; g->hands && i < g->hands_n; i++)
        if (!(g->hands[i].scratch = block_scratch_new()))
            return err_fail(err, ERR_NOMEM, "workers");
    if (!g->hands)
        return err_fail(err, ERR_NOMEM, "workers");
    ret->known = g->plan.known;
    ret->stale = g->plan.stale;
    before = ledger_writer_blocks(g->w);
    if (!undo(g, err))
        return false;
    ret->undone = before - g->plan.keep;
    return true;
}

static void end(struct ingesting *g)
{
    for (unsigned i = 0; g->hands && i < g->hands_n; i++) {
        block_scratch_free(g->hands[i].scratch);
        source_buffer_free(&g->hands[i].raw);
        source_buffer_free(&g->hands[i].undo);
    }
    for (size_t i = 0; i < CHUNK_BLOCKS; i++)
        segment_free(&g->segments[i]);
    mem_free(g->hands);
    mem_free(g->spent);
    plan_free(&g->plan);
    pthread_mutex_destroy(&g->lock);
    mem_free(g);
}

bool ingest_into(struct ledger_writer *w, const struct chain *chain, struct source *source,
                 const struct ingest_options *o, struct ingest_result *ret, struct err *err)
{
    struct ingesting *g = mem_zero(sizeof(*g));
    bool ok;

    memset(ret, 0, sizeof(*ret));
    if (!g)
        return err_fail(err, ERR_NOMEM, "ingest");
    pthread_mutex_init(&g->lock, NULL);
    g->o = o;
    g->w = w;
    g->chain = chain;
    g->source = source;
    g->failed_item = SIZE_MAX;
    snprintf(ret->notes, sizeof(ret->notes), "%s", source_notes(source));
    ok = start(g, ret, err) && run(g, ret, err);
    end(g);
    return ok;
}

bool ingest(const char *dir, const struct ingest_options *o, struct ingest_result *ret,
            struct err *err)
{
    struct source *source = NULL;
    struct ledger_writer *w = NULL;
    const struct chain *chain;
    bool ok;

    memset(ret, 0, sizeof(*ret));
    if (!source_open(o->paths, o->paths_n, o->chain, &source, err))
        return false;
    chain = o->chain ? o->chain : source_chain(source);
    ok = ledger_writer_open(dir, chain, o->ledger, &w, err) &&
         ingest_into(w, chain, source, o, ret, err);
    ledger_writer_close(w);
    source_close(source);
    return ok;
}
