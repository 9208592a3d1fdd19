#include "ledger/plan.h"

#include "base/mem.h"
#include "chain/bitcoin/block.h"

#include <stdlib.h>

#define NONE UINT32_MAX

struct work { /* 256 bits, least word first */
    uint64_t w[4];
};

struct node {
    uint32_t parent, child, sibling; /* among the new blocks */
    struct work work;                /* from its root on */
};

struct branch { /* the best of those with one parent */
    uint32_t leaf, length;
    uint32_t root;
    uint32_t height; /* of its root */
    /* the ledger's block that it could stand instead of, or its end; NONE: an island */
    uint32_t leaves;
    struct work work, held; /* held: the ledger's work from there to the end of that run */
    bool linked;            /* its parent is in the ledger */
    bool out;
};

struct planning {
    struct source *source;
    const struct chain *chain;
    const struct ledger_writer *w;
    const struct source_block *blocks;
    size_t n;
    uint32_t *by_hash; /* [unique_n] new blocks, sorted by hash */
    size_t unique_n;
    struct node *nodes; /* [n] */
    struct branch *branches;
    size_t branches_n;
    struct plan *plan;
};

static struct work work_of(const uint8_t *header)
{
    struct block_header h = header_read(header);
    struct hash32 bytes = header_work(h.bits);
    struct work w;

    memcpy(w.w, bytes.b, 32);
    return w;
}

static void work_add(struct work *to, const struct work *more)
{
    unsigned __int128 carry = 0;

    for (unsigned i = 0; i < 4; i++) {
        carry += (unsigned __int128)to->w[i] + more->w[i];
        to->w[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static int work_compare(const struct work *a, const struct work *b)
{
    for (unsigned i = 4; i-- > 0;)
        if (a->w[i] != b->w[i])
            return a->w[i] < b->w[i] ? -1 : 1;
    return 0;
}

static struct hash32 parent_hash(const struct source_block *b)
{
    struct hash32 h;

    memcpy(h.b, b->header + 4, 32);
    return h;
}

static int by_hash(const void *x, const void *y, void *ctx)
{
    const struct source_block *blocks = ctx;
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    int order = memcmp(blocks[a].hash.b, blocks[b].hash.b, 32);

    return order ? order : a < b ? -1 : 1;
}

static uint32_t find(const struct planning *p, const struct hash32 *hash)
{
    size_t low = 0, high = p->unique_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(p->blocks[p->by_hash[middle]].hash.b, hash->b, 32);

        if (!order)
            return p->by_hash[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NONE;
}

/* New blocks, each once, and who is whose parent. */
static void link_blocks(struct planning *p)
{
    size_t n = 0;

    for (uint32_t i = 0; i < p->n; i++)
        if (ledger_writer_find_block(p->w, &p->blocks[i].hash) == BLOCK_NONE)
            p->by_hash[n++] = i;
        else
            p->plan->known++;
    qsort_r(p->by_hash, n, sizeof(*p->by_hash), by_hash, (void *)(uintptr_t)p->blocks);
    for (size_t i = 0; i < p->n; i++) {
        p->nodes[i] = (struct node){NONE, NONE, NONE, {{0}}};
        p->plan->copy[i] = PLAN_NONE;
    }
    for (size_t i = 0, before = 0; i < n; i++) {
        uint32_t at = p->by_hash[i];

        if (i && hash32_equal(&p->blocks[at].hash, &p->blocks[before].hash))
            p->plan->copy[before] = at;
        else
            p->by_hash[p->unique_n++] = at;
        before = at;
    }
    for (size_t i = 0; i < p->unique_n; i++) {
        uint32_t at = p->by_hash[i];
        struct hash32 prev = parent_hash(&p->blocks[at]);
        uint32_t parent = find(p, &prev);

        if (parent == NONE || parent == at)
            continue;
        p->nodes[at].parent = parent;
        p->nodes[at].sibling = p->nodes[parent].child;
        p->nodes[parent].child = at;
    }
}

/* The leaf with the most work below a root, by a walk without recursion. */
static struct branch best_below(struct planning *p, uint32_t root)
{
    struct branch best = {.leaf = NONE, .root = root};
    uint32_t at = root, length = 1;

    p->nodes[root].work = work_of(p->blocks[root].header);
    while (at != NONE) {
        struct node *node = &p->nodes[at];
        int order = best.leaf == NONE ? 1 : work_compare(&node->work, &best.work);

        if (order > 0 || (!order && at < best.leaf))
            best = (struct branch){.leaf = at, .length = length, .root = root, .work = node->work};
        if (node->child != NONE) {
            at = node->child;
            length++;
        } else {
            while (at != root && p->nodes[at].sibling == NONE) {
                at = p->nodes[at].parent;
                length--;
            }
            at = at == root ? NONE : p->nodes[at].sibling;
        }
        if (at != NONE) {
            p->nodes[at].work = p->nodes[p->nodes[at].parent].work;
            struct work own = work_of(p->blocks[at].header);
            work_add(&p->nodes[at].work, &own);
        }
    }
    return best;
}

static int branch_by_parent(const void *x, const void *y, void *ctx)
{
    const struct source_block *blocks = ctx;
    const struct branch *a = x, *b = y;
    int order = memcmp(blocks[a->root].header + 4, blocks[b->root].header + 4, 32);

    if (!order)
        order = -work_compare(&a->work, &b->work);
    return order ? order : a->leaf < b->leaf ? -1 : 1;
}

/* One branch a parent. */
static bool find_branches(struct planning *p, struct err *err)
{
    size_t roots = 0, kept = 0;

    for (size_t i = 0; i < p->unique_n; i++)
        roots += p->nodes[p->by_hash[i]].parent == NONE;
    p->branches = mem_array(roots, sizeof(*p->branches));
    if (!p->branches)
        return err_fail(err, ERR_NOMEM, "%zu branches", roots);
    for (size_t i = 0; i < p->unique_n; i++)
        if (p->nodes[p->by_hash[i]].parent == NONE)
            p->branches[p->branches_n++] = best_below(p, p->by_hash[i]);
    qsort_r(p->branches, p->branches_n, sizeof(*p->branches), branch_by_parent,
            (void *)(uintptr_t)p->blocks);
    for (size_t i = 0; i < p->branches_n; i++)
        if (!kept || memcmp(p->blocks[p->branches[i].root].header + 4,
                            p->blocks[p->branches[kept - 1].root].header + 4, 32))
            p->branches[kept++] = p->branches[i];
    p->branches_n = kept;
    return true;
}

/* ---- where branches meet the ledger ---- */

static uint32_t run_of(const struct ledger_writer *w, uint32_t block)
{
    uint32_t low = 0, high = ledger_writer_runs(w);

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (ledger_writer_run_first(w, middle) <= block)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool fail_gap(const struct planning *p, uint32_t block, const char *why, struct err *err)
{
    struct text t = text_new(256);
    bool ok;

    text_hex_reversed(&t, p->blocks[block].hash.b, 32);
    ok = err_fail(err, ERR_INPUT, "%s: block %s %s: ingest anew",
                  source_file_name(p->source, p->blocks[block].file),
                  text_string(&t) ? text_string(&t) : "", why);
    text_free(&t);
    return ok;
}

/* Finds where a branch leaves the ledger. */
static bool attach(struct planning *p, struct branch *b, struct err *err)
{
    struct hash32 prev = parent_hash(&p->blocks[b->root]);
    uint32_t parent = ledger_writer_find_block(p->w, &prev);

    b->leaves = NONE;
    b->linked = parent != BLOCK_NONE;
    if (b->linked) {
        struct ledger_block before = ledger_writer_block(p->w, parent);

        b->height = before.height == HEIGHT_UNKNOWN ? HEIGHT_UNKNOWN : before.height + 1;
        b->leaves = parent + 1;
        if (b->leaves != ledger_writer_blocks(p->w) &&
            ledger_writer_run_first(p->w, run_of(p->w, parent) + 1) == b->leaves)
            return fail_gap(p, b->root, "would fill a gap", err);
        return true;
    }
    for (uint32_t run = 0; run < ledger_writer_runs(p->w); run++) {
        uint32_t first = ledger_writer_run_first(p->w, run);
        struct ledger_block start = ledger_writer_block(p->w, first);
        struct hash32 its;

        memcpy(its.b, start.header + 4, 32);
        if (hash32_equal(&its, &prev))
            b->leaves = first;
        if (find(p, &its) != NONE)
            return fail_gap(p, find(p, &its), "would fill a gap", err);
    }
    return true;
}

static int by_leaves(const void *x, const void *y)
{
    const struct branch *a = x, *b = y;

    if ((a->leaves == NONE) != (b->leaves == NONE))
        return a->leaves == NONE ? 1 : -1;
    if (a->leaves != b->leaves)
        return a->leaves > b->leaves ? -1 : 1;
    return a->leaf < b->leaf ? -1 : 1;
}

/* What the ledger has against each branch. They are sorted by where they leave it, newest first, so
 * that one walk back over each run serves all. */
static void weigh(struct planning *p)
{
    struct work held = {{0}};
    uint32_t run = NONE, at = 0;

    qsort(p->branches, p->branches_n, sizeof(*p->branches), by_leaves);
    for (size_t i = 0; i < p->branches_n && p->branches[i].leaves != NONE; i++) {
        struct branch *b = &p->branches[i];

        if (run_of(p->w, b->leaves) != run) {
            run = run_of(p->w, b->leaves);
            at = ledger_writer_run_first(p->w, run + 1);
            held = (struct work){{0}};
        }
        while (at > b->leaves) {
            struct ledger_block block = ledger_writer_block(p->w, --at);
            struct work one = work_of(block.header);

            work_add(&held, &one);
        }
        b->held = held;
    }
}

/* Would the ledger with one branch have more work than with the other? */
static bool better(const struct branch *a, const struct branch *b)
{
    struct work with_a = a->work, with_b = b->work;
    int order;

    work_add(&with_a, &b->held);
    work_add(&with_b, &a->held);
    order = work_compare(&with_a, &with_b);
    return order > 0 || (!order && a->leaf < b->leaf);
}

/* Of all branches that leave the ledger one at most stands: the best, if it is better than what the
 * ledger has. */
static bool choose(struct planning *p, struct err *err)
{
    uint32_t blocks = ledger_writer_blocks(p->w);
    struct branch *best = NULL;

    weigh(p);
    for (size_t i = 0; i < p->branches_n && p->branches[i].leaves != NONE; i++) {
        struct branch *b = &p->branches[i];

        b->out = work_compare(&b->work, &b->held) <= 0;
        if (b->out)
            continue;
        if (run_of(p->w, b->leaves) + 1 != ledger_writer_runs(p->w))
            return fail_gap(p, b->root,
                            "belongs to a better branch of an earlier part of the ledger", err);
        b->out = best && !better(b, best);
        if (b->out)
            continue;
        if (best)
            best->out = true;
        best = b;
    }
    if (!best)
        return true;
    if (blocks - best->leaves > LEDGER_UNDO_MAX)
        return fail_gap(p, best->root, "starts a better branch deeper than can be undone", err);
    p->plan->keep = best->leaves;
    return true;
}

/* ---- islands: heights and order ---- */

static bool read_height(struct planning *p, uint32_t block, uint32_t *ret, struct err *err)
{
    struct source_buffer buffer = {0};
    struct block_scratch *scratch = block_scratch_new();
    struct block_facts facts;
    bool ok = scratch || err_fail(err, ERR_NOMEM, "block");

    ok = ok && plan_facts(p->plan, p->source, p->chain, block, 0, scratch, &buffer, &facts, err);
    if (ok)
        *ret = facts.height;
    else
        source_complain(p->source, block, err);
    block_scratch_free(scratch);
    source_buffer_free(&buffer);
    return ok;
}

/* The first and the last block that may prove a height (BIP 34: version 2 and later) must agree. */
static bool find_height(struct planning *p, struct branch *b, struct err *err)
{
    uint32_t proven[2] = {HEIGHT_UNKNOWN, HEIGHT_UNKNOWN}, at = b->leaf;
    uint32_t first = NONE, last = NONE, first_depth = 0, last_depth = 0, depth = b->length;

    b->height = HEIGHT_UNKNOWN;
    if (hash32_equal(&p->blocks[b->root].hash, &p->chain->genesis)) {
        b->height = 0;
        return true;
    }
    for (; at != NONE; at = p->nodes[at].parent) {
        depth--;
        if (header_read(p->blocks[at].header).version < 2)
            continue;
        if (last == NONE) {
            last = at;
            last_depth = depth;
        }
        first = at;
        first_depth = depth;
    }
    if (first == NONE)
        return true;
    if (!read_height(p, first, &proven[0], err) || !read_height(p, last, &proven[1], err))
        return false;
    if (proven[0] != HEIGHT_UNKNOWN && proven[1] != HEIGHT_UNKNOWN && proven[0] > first_depth &&
        proven[0] - first_depth == proven[1] - last_depth)
        b->height = proven[0] - first_depth;
    return true;
}

static int by_place(const void *x, const void *y, void *ctx)
{
    const struct planning *p = ctx;
    const struct branch *a = x, *b = y;
    const struct source_block *s = &p->blocks[a->root], *t = &p->blocks[b->root];
    int order;

    if (a->height != b->height)
        return a->height < b->height ? -1 : 1;
    if (a->height != HEIGHT_UNKNOWN)
        return -work_compare(&a->work, &b->work);
    order = strcmp(source_file_name(p->source, s->file), source_file_name(p->source, t->file));
    return order ? order : s->offset < t->offset ? -1 : s->offset > t->offset;
}

static bool overlap(const struct branch *a, const struct branch *b)
{
    return a->height != HEIGHT_UNKNOWN && b->height != HEIGHT_UNKNOWN &&
           a->height < (uint64_t)b->height + b->length &&
           b->height < (uint64_t)a->height + a->length;
}

/* Branches stand in order now; each is held against the last that stays. One that goes on from the
 * ledger has the ledger's work behind it. */
static void drop_overlapping(struct planning *p)
{
    struct branch *kept = NULL;

    for (size_t i = 0; i < p->branches_n; i++) {
        struct branch *b = &p->branches[i];

        if (b->out)
            continue;
        if (kept && overlap(kept, b) &&
            (kept->linked || work_compare(&b->work, &kept->work) <= 0)) {
            b->out = true;
            continue;
        }
        if (kept && overlap(kept, b))
            kept->out = true;
        kept = b;
    }
}

/* An island must come after all that the ledger has. */
static bool after_ledger(const struct planning *p, struct branch *b, struct err *err)
{
    struct ledger_block tip;
    uint32_t at;

    if (!p->plan->keep || b->height == HEIGHT_UNKNOWN)
        return true;
    tip = ledger_writer_block(p->w, p->plan->keep - 1);
    if (tip.height != HEIGHT_UNKNOWN && b->height > tip.height)
        return true;
    /* beside a block of the ledger: of a branch that lost */
    for (at = 0; at < p->plan->keep; at++) {
        struct ledger_block block = ledger_writer_block(p->w, at);

        if (block.height >= b->height && block.height != HEIGHT_UNKNOWN) {
            if (block.height < (uint64_t)b->height + b->length) {
                b->out = true;
                return true;
            }
            break;
        }
    }
    return fail_gap(p, b->root, "would fill a gap", err);
}

static bool list(struct planning *p, struct err *err)
{
    struct plan *plan = p->plan;
    size_t n = 0;

    for (size_t i = 0; i < p->branches_n; i++)
        n += p->branches[i].out ? 0 : p->branches[i].length;
    plan->items = mem_array(n, sizeof(*plan->items));
    if (!plan->items)
        return err_fail(err, ERR_NOMEM, "%zu blocks", n);
    for (size_t i = 0; i < p->branches_n; i++) {
        const struct branch *b = &p->branches[i];
        uint32_t at = b->leaf, depth = b->length;

        if (b->out)
            continue;
        for (; depth; at = p->nodes[at].parent) {
            depth--;
            plan->items[plan->items_n + depth] = (struct plan_item){
                .block = at,
                .height = b->height == HEIGHT_UNKNOWN ? HEIGHT_UNKNOWN : b->height + depth,
            };
            plan->bytes += p->blocks[at].size;
        }
        plan->items_n += b->length;
    }
    plan->stale = p->unique_n - plan->items_n;
    for (size_t i = 0; i < plan->items_n; i++) {
        struct hash32 prev = parent_hash(&p->blocks[plan->items[i].block]), before = {{0}};

        if (i)
            before = p->blocks[plan->items[i - 1].block].hash;
        else if (plan->keep)
            before = ledger_writer_block(p->w, plan->keep - 1).hash;
        plan->items[i].run_start = (!i && !plan->keep) || !hash32_equal(&prev, &before);
    }
    return true;
}

static bool make(struct planning *p, struct err *err)
{
    bool next = false; /* the first branch goes on from the ledger */

    link_blocks(p);
    if (!find_branches(p, err))
        return false;
    for (size_t i = 0; i < p->branches_n; i++)
        if (!attach(p, &p->branches[i], err))
            return false;
    if (!choose(p, err))
        return false;
    for (size_t i = 0; i < p->branches_n; i++) {
        struct branch *b = &p->branches[i];

        if (!b->linked && !b->out && !find_height(p, b, err))
            return false;
        if (b->linked && !b->out) { /* first of all, whatever its height */
            struct branch first = *b;

            *b = p->branches[0];
            p->branches[0] = first;
            next = true;
        }
    }
    qsort_r(p->branches + next, p->branches_n - next, sizeof(*p->branches), by_place, p);
    drop_overlapping(p);
    for (size_t i = next; i < p->branches_n; i++)
        if (!p->branches[i].out && !after_ledger(p, &p->branches[i], err))
            return false;
    return list(p, err);
}

bool plan_make(struct source *s, const struct chain *chain, const struct ledger_writer *w,
               struct plan *ret, struct err *err)
{
    struct planning p = {.source = s, .chain = chain, .w = w, .plan = ret};
    bool ok;

    memset(ret, 0, sizeof(*ret));
    ret->keep = ledger_writer_blocks(w);
    p.blocks = source_blocks(s, &p.n);
    p.by_hash = mem_array(p.n, sizeof(*p.by_hash));
    p.nodes = mem_array(p.n, sizeof(*p.nodes));
    ret->copy = mem_array(p.n, sizeof(*ret->copy));
    ok = (p.by_hash && p.nodes && ret->copy) || err_fail(err, ERR_NOMEM, "%zu blocks", p.n);
    ok = ok && make(&p, err);
    mem_free(p.by_hash);
    mem_free(p.nodes);
    mem_free(p.branches);
    if (!ok)
        plan_free(ret);
    return ok;
}

void plan_free(struct plan *p)
{
    p->items = mem_free(p->items);
    p->copy = mem_free(p->copy);
    p->items_n = 0;
}

bool plan_facts(const struct plan *p, struct source *s, const struct chain *chain, uint32_t block,
                unsigned checks, struct block_scratch *scratch, struct source_buffer *buffer,
                struct block_facts *ret, struct err *err)
{
    struct err again, *to = err;
    struct bytes raw;

    for (; block != PLAN_NONE; block = p->copy[block], to = &again)
        if (source_read(s, block, buffer, &raw, to) &&
            block_read(scratch, chain, raw, checks, ret, to))
            return true;
    return false;
}
