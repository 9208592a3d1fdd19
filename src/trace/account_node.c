/* Nodes: what a case knows of a holding, and the six ways to spend from it. */
#include "trace/account_parts.h"

#include "base/mem.h"

#include <string.h>

#define TABLE_FIRST 1024u
#define CASE_SHIFT 40
#define IDLE_MAX 64u /* events passed one by one before a jump is tried */
#define MORE_FIRST 4u

/* ---- tables ---- */

static uint64_t mixed(uint64_t key) /* the end of splitmix64 */
{
    key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9;
    key = (key ^ key >> 27) * 0x94d049bb133111eb;
    return key ^ key >> 31;
}

static uint64_t key_of(uint32_t number, uint64_t id)
{
    return ((uint64_t)number << CASE_SHIFT | id) + 1; /* 0 is an empty slot */
}

static struct slot *table_slot(const struct table *t, uint64_t key)
{
    size_t i = mixed(key) & (t->size - 1);

    while (t->at[i].key && t->at[i].key != key)
        i = (i + 1) & (t->size - 1);
    return &t->at[i];
}

static bool table_room(struct table *t)
{
    struct table wide = {.n = t->n, .size = t->size ? 2 * t->size : TABLE_FIRST};

    if (t->n < t->size / 2)
        return true;
    if (wide.size > SIZE_MAX / 4 / sizeof(*wide.at) ||
        !(wide.at = mem_array(wide.size, sizeof(*wide.at))))
        return false;
    mem_dense(wide.at, wide.size * sizeof(*wide.at));
    for (size_t i = 0; i < t->size; i++)
        if (t->at[i].key)
            *table_slot(&wide, t->at[i].key) = t->at[i];
    mem_free(t->at);
    *t = wide;
    return true;
}

/* What lies behind it in its run of slots may move up into its place. */
static void table_remove(struct table *t, uint64_t key)
{
    size_t mask = t->size - 1, hole = (size_t)(table_slot(t, key) - t->at);

    if (!t->at[hole].key)
        return;
    for (size_t i = (hole + 1) & mask; t->at[i].key; i = (i + 1) & mask)
        if (((i - mixed(t->at[i].key)) & mask) >= ((i - hole) & mask)) {
            t->at[hole] = t->at[i];
            hole = i;
        }
    t->at[hole] = (struct slot){0, 0};
    t->n--;
}

/* ---- totals ---- */

bool total_of(struct engine *g, struct state *s, uint64_t asset, uint32_t *ret, struct err *err)
{
    struct slot *slot;

    if (!table_room(&g->assets))
        return no_memory(err);
    slot = table_slot(&g->assets, key_of(s->number, asset));
    if (!slot->key) {
        if (s->totals_n == UINT32_MAX ||
            !mem_room((void **)&s->totals, &s->totals_size, s->totals_n + 1, sizeof(*s->totals)))
            return no_memory(err);
        *slot = (struct slot){key_of(s->number, asset), (uint32_t)s->totals_n};
        s->totals[s->totals_n++] = (struct account_totals){.asset = asset};
        g->assets.n++;
    }
    *ret = slot->value;
    return true;
}

bool total_add(const struct state *s, struct u256 *to, struct u256 amount, struct err *err)
{
    if (u256_add(*to, amount, to))
        return true;
    if (s->ask->policy != TRACE_POISON)
        return err_fail(err, ERR_CORRUPT, "tainted amounts add up past 256 bits");
    *to = (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    return true;
}

/* ---- runs of units ---- */

static bool list_add(struct units_list *l, struct u256 start, struct u256 end)
{
    if (!u256_less(start, end))
        return true;
    if (l->n && u256_equal(l->at[l->n - 1].end, start)) {
        l->at[l->n - 1].end = end;
        return true;
    }
    if (!mem_room((void **)&l->at, &l->size, l->n + 1, sizeof(*l->at)))
        return false;
    l->at[l->n++] = (struct units){start, end};
    return true;
}

static struct units *runs_of(struct node *n)
{
    return n->more ? n->more + n->runs_first : &n->one;
}

static bool runs_room(struct node *n)
{
    struct units *more;
    uint32_t size = n->more_size ? n->more_size : MORE_FIRST;

    if (!n->more && !n->runs_n)
        return true;
    if (n->more && n->runs_first + n->runs_n < n->more_size)
        return true;
    if (n->more && n->runs_first >= n->more_size / 2) { /* what is gone in front makes room */
        memmove(n->more, n->more + n->runs_first, n->runs_n * sizeof(*n->more));
        n->runs_first = 0;
        return true;
    }
    if (n->more_size > UINT32_MAX / 4)
        return false;
    size = n->more ? 2 * size : size;
    more = mem_grow(n->more, size * sizeof(*more));
    if (!more)
        return false;
    if (!n->more)
        more[0] = n->one;
    n->more = more;
    n->more_size = size;
    return true;
}

/* start not below the last end, which the caller has seen to */
static bool runs_add(struct state *s, struct node *n, struct u256 start, struct u256 end,
                     struct err *err)
{
    struct units *last = n->runs_n ? runs_of(n) + n->runs_n - 1 : NULL;

    if (last && u256_equal(last->end, start)) {
        last->end = end;
        return true;
    }
    if (s->runs_live == ACCOUNT_RUNS_MAX || s->runs_moved == ACCOUNT_RUNS_MOVED_MAX)
        return err_fail(err, ERR_LIMIT, "taint is in too many pieces");
    if (!runs_room(n))
        return no_memory(err);
    runs_of(n)[n->runs_n++] = (struct units){start, end};
    s->runs_live++;
    s->runs_moved++;
    return true;
}

static void run_first_gone(struct state *s, struct node *n)
{
    n->runs_n--;
    n->runs_first += n->more != NULL;
    s->runs_live--;
}

static bool damaged(const struct node *n, struct err *err)
{
    return err_fail(err, ERR_CORRUPT, "holding %llu: its sums contradict its events",
                    (unsigned long long)n->holding);
}

/* From the front: units that came in from `left` on. */
static bool take_front(struct state *s, struct node *n, struct u256 left, struct u256 taken,
                       struct u256 shift, struct carry *c, struct err *err)
{
    struct u256 end = plus(left, taken);

    while (n->runs_n) {
        struct units *run = runs_of(n);
        struct u256 until = u256_min(run->end, end);

        if (u256_less(run->start, left))
            return damaged(n, err);
        if (!u256_less(run->start, end))
            break;
        c->taint = plus(c->taint, minus(until, run->start));
        if (!list_add(&c->runs, plus(minus(run->start, left), shift),
                      plus(minus(until, left), shift)))
            return no_memory(err);
        run->start = until;
        if (u256_less(until, run->end))
            break;
        run_first_gone(s, n);
    }
    return true;
}

/* From the back: units from `bottom` up to the top, in the order in which they lie. */
static bool take_back(struct state *s, struct node *n, struct u256 bottom, struct u256 top,
                      struct carry *c, struct err *err)
{
    struct units *runs = runs_of(n);
    uint32_t first = n->runs_n;

    if (n->runs_n && u256_less(top, runs[n->runs_n - 1].end))
        return damaged(n, err);
    while (first && u256_less(bottom, runs[first - 1].end))
        first--;
    for (uint32_t i = first; i < n->runs_n; i++) {
        struct u256 start = u256_less(runs[i].start, bottom) ? bottom : runs[i].start;

        c->taint = plus(c->taint, minus(runs[i].end, start));
        if (!list_add(&c->runs, minus(start, bottom), minus(runs[i].end, bottom)))
            return no_memory(err);
    }
    if (first < n->runs_n && u256_less(runs[first].start, bottom))
        runs[first++].end = bottom;
    s->runs_live -= n->runs_n - first;
    n->runs_n = first;
    return true;
}

/* ---- what a transfer carries ---- */

void carry_clear(struct carry *c)
{
    c->runs.n = 0;
    c->taint = u256_of(0);
    c->hop = UINT32_MAX;
    c->grade = 0;
    c->beyond = false;
}

bool carry_mark(struct engine *g, const struct state *s, struct carry *c, struct u256 n,
                struct u256 *ret_new, struct err *err)
{
    struct units_list marked;
    struct u256 had = u256_of(0);

    if (!keeps_units(s)) { /* what is known to be tainted counts as lying in front */
        *ret_new = u256_less(c->taint, n) ? minus(n, c->taint) : u256_of(0);
        c->taint = plus(c->taint, *ret_new);
        return true;
    }
    g->scratch.n = 0;
    if (!list_add(&g->scratch, u256_of(0), n))
        return no_memory(err);
    for (size_t i = 0; i < c->runs.n; i++) {
        struct units run = c->runs.at[i];

        if (u256_less(run.start, n)) {
            struct u256 end = u256_min(run.end, n);

            had = plus(had, minus(end, run.start));
            run.start = end;
        }
        if (!list_add(&g->scratch, run.start, run.end))
            return no_memory(err);
    }
    marked = g->scratch;
    g->scratch = c->runs;
    c->runs = marked;
    *ret_new = minus(n, had);
    c->taint = plus(c->taint, *ret_new);
    return true;
}

/* ---- nodes ---- */

struct node *node_find(const struct engine *g, const struct state *s, uint64_t holding)
{
    const struct slot *slot;

    if (!g->nodes.size)
        return NULL;
    slot = table_slot(&g->nodes, key_of(s->number, holding));
    return slot->key ? node_at(g, slot->value) : NULL;
}

uint32_t node_number(const struct engine *g, const struct state *s, const struct node *n)
{
    return table_slot(&g->nodes, key_of(s->number, n->holding))->value;
}

void node_fetch(const struct engine *g, uint64_t holding)
{
    if (g->nodes.size)
        __builtin_prefetch(&g->nodes.at[mixed(key_of(0, holding)) & (g->nodes.size - 1)]);
}

static bool node_new(struct engine *g, struct state *s, uint64_t holding, struct node **ret,
                     struct err *err)
{
    struct holding h = accounts_holding(g->accounts, holding);
    uint32_t total, number = (uint32_t)g->nodes_n;
    struct node *n;

    if (h.account >= g->accounts->accounts_n || h.asset >= g->accounts->accounts_n)
        return err_fail(err, ERR_CORRUPT, "holding %llu is of nobody", (unsigned long long)holding);
    if (g->nodes_n == ACCOUNT_NODES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu holdings are reached", ACCOUNT_NODES_MAX);
    if (!total_of(g, s, h.asset, &total, err))
        return false;
    if (!table_room(&g->nodes))
        return no_memory(err);
    if (g->nodes_n % NODES_CHUNK == 0) {
        if (!mem_room((void **)&g->chunks, &g->chunks_size, g->nodes_n / NODES_CHUNK + 1,
                      sizeof(struct node *)) ||
            !(g->chunks[g->nodes_n / NODES_CHUNK] = mem_array(NODES_CHUNK, sizeof(struct node))))
            return no_memory(err);
    }
    g->nodes_n++;
    n = node_at(g, number);
    *n = (struct node){.holding = holding,
                       .account = h.account,
                       .at.event = ACCOUNTS_NONE,
                       .state = s->number,
                       .total = total};
    *table_slot(&g->nodes, key_of(s->number, holding)) =
        (struct slot){key_of(s->number, holding), number};
    g->nodes.n++;
    *ret = n;
    return true;
}

bool node_enter(struct engine *g, struct state *s, uint64_t holding, uint64_t event,
                struct node **ret, struct err *err)
{
    struct node *n = node_find(g, s, holding);
    struct accounts_point *known = n && n->at.event <= event ? &n->at : NULL;

    if (!n && !node_new(g, s, holding, &n, err))
        return false;
    if (g->before && !g->before(g->before_ctx, n, node_number(g, s, n), err))
        return false;
    *ret = n;
    if (n->tainted)
        return true;
    if (!known || known->event != event) {
        if (!accounts_sums_before(g->accounts, holding, event, known, &n->at.sums, err))
            return false;
        n->at.event = event;
    }
    n->frozen = false;
    return !n->at.sums.freezes || accounts_frozen(g->accounts, holding, &n->at, &n->frozen, err);
}

void node_clean(struct state *s, struct node *n)
{
    s->runs_live -= n->runs_n;
    n->more = mem_free(n->more);
    n->runs_first = n->runs_n = n->more_size = 0;
    n->taint = u256_of(0);
    n->tainted = false;
}

bool node_end(struct state *s, struct node *n, int32_t stop, struct err *err)
{
    struct u256 taint = s->ask->policy == TRACE_POISON ? n->at.sums.balance : n->taint;

    if (!mem_room((void **)&s->ended, &s->ended_size, s->ended_n + 1, sizeof(*s->ended)))
        return no_memory(err);
    s->ended[s->ended_n++] = (struct account_balance){n->holding, taint, n->hop, stop};
    node_clean(s, n);
    return total_add(s, &s->totals[n->total].exits, taint, err);
}

static bool node_wait(struct engine *g, const struct state *s, struct node *n, struct err *err)
{
    const struct slot *slot = table_slot(&g->nodes, key_of(s->number, n->holding));

    if (n->at.event == ACCOUNTS_NONE || n->at.event < s->within_end)
        return true;
    return event_queue_push(g->queue, n->at.event, slot->value) || no_memory(err);
}

bool node_advance(struct engine *g, struct state *s, struct node *n, bool idle, struct err *err)
{
    uint64_t event = n->at.event;

    n->at.event = accounts_next(g->accounts, n->holding, event);
    n->ordinal_known = n->tainted;
    n->ordinal++;
    if (!n->tainted)
        return true;
    n->idle = idle ? n->idle + 1 : 0;
    if (n->idle > IDLE_MAX && n->at.event != ACCOUNTS_NONE) {
        struct u256 position =
            s->ask->policy == TRACE_FIFO ? runs_of(n)->start : holding_left(&n->at.sums);

        if (!accounts_leaves(g->accounts, n->holding, &n->at, position, &n->at, err))
            return false;
        n->ordinal_known = false;
        n->idle = 0;
    }
    return node_wait(g, s, n, err);
}

bool node_take(struct engine *g, struct state *s, struct node *n, struct u256 x, struct carry *c,
               struct err *err)
{
    struct u256 balance = n->at.sums.balance, taken = u256_min(x, balance);
    struct u256 rest = minus(balance, taken);

    (void)g;
    c->hop = n->hop + (n->hop != UINT32_MAX);
    c->grade = n->grade;
    c->beyond = u256_less(balance, x);
    switch (s->ask->policy) {
    case TRACE_FIFO:
        if (!take_front(s, n, holding_left(&n->at.sums), taken, minus(x, taken), c, err))
            return false;
        break;
    case TRACE_LIFO:
        if (!take_back(s, n, rest, balance, c, err))
            return false;
        break;
    case TRACE_HAIRCUT:
        if (u256_less(balance, n->taint))
            return damaged(n, err);
        if (u256_zero(rest))
            c->taint = n->taint;
        else
            u256_mul_div(n->taint, taken, balance, &c->taint);
        break;
    case TRACE_TIHO:
        c->taint = u256_min(n->taint, taken);
        break;
    case TRACE_LIBR:
        if (u256_less(rest, n->taint))
            c->taint = minus(n->taint, rest);
        break;
    case TRACE_POISON:
        c->taint = x;
        break;
    }
    if (s->ask->policy == TRACE_POISON) {
        if (u256_zero(rest))
            node_clean(s, n);
        return true;
    }
    if (u256_less(n->taint, c->taint) || u256_less(rest, minus(n->taint, c->taint)))
        return damaged(n, err);
    n->taint = minus(n->taint, c->taint);
    if (u256_zero(n->taint))
        node_clean(s, n);
    return true;
}

bool node_put(struct engine *g, struct state *s, struct node *n, uint64_t event,
              const struct carry *c, struct err *err)
{
    struct holding_sums sums = n->at.sums;
    bool anew = !n->tainted;

    if (anew) {
        n->hop = c->hop;
        n->grade = c->grade;
        n->spends = n->idle = 0;
        n->ordinal_known = false;
        n->tainted = true;
    }
    if (c->hop < n->hop)
        n->hop = c->hop;
    if (c->grade > n->grade)
        n->grade = c->grade;
    if (keeps_units(s)) {
        struct u256 base;

        if (n->at.event != event &&
            !accounts_sums_before(g->accounts, n->holding, event, NULL, &sums, err))
            return false;
        base = s->ask->policy == TRACE_FIFO ? sums.in : sums.balance;
        if (n->runs_n && u256_less(base, runs_of(n)[n->runs_n - 1].end))
            return damaged(n, err);
        for (size_t i = 0; i < c->runs.n; i++)
            if (!runs_add(s, n, plus(base, c->runs.at[i].start), plus(base, c->runs.at[i].end),
                          err))
                return false;
    }
    if (s->ask->policy != TRACE_POISON)
        n->taint = plus(n->taint, c->taint);
    return true;
}

bool node_units(struct state *s, struct node *n, struct err *err)
{
    const struct units *runs = runs_of(n);

    if (!mem_room((void **)&s->units, &s->units_size, s->units_n + n->runs_n, sizeof(*s->units)))
        return no_memory(err);
    for (uint32_t i = 0; i < n->runs_n; i++)
        s->units[s->units_n++] = (struct account_units){n->holding, runs[i].start, runs[i].end};
    return true;
}

bool node_copy(const struct node *n, struct node *ret)
{
    *ret = *n;
    ret->more = NULL;
    ret->runs_first = ret->more_size = 0;
    if (!n->more || !n->runs_n)
        return true;
    ret->more_size = n->runs_n < MORE_FIRST ? MORE_FIRST : n->runs_n;
    ret->more = mem_array(ret->more_size, sizeof(*ret->more));
    if (!ret->more)
        return false;
    memcpy(ret->more, n->more + n->runs_first, n->runs_n * sizeof(*ret->more));
    return true;
}

void nodes_back(struct engine *g, const struct state *s, size_t nodes_n)
{
    while (g->nodes_n > nodes_n) {
        struct node *n = node_at(g, (uint32_t)--g->nodes_n);

        table_remove(&g->nodes, key_of(s->number, n->holding));
        mem_free(n->more);
        *n = (struct node){0};
        if (g->nodes_n % NODES_CHUNK == 0) /* as node_new makes it */
            mem_free(g->chunks[g->nodes_n / NODES_CHUNK]);
    }
}

void totals_back(struct engine *g, struct state *s, size_t totals_n)
{
    while (s->totals_n > totals_n)
        table_remove(&g->assets, key_of(s->number, s->totals[--s->totals_n].asset));
}

void nodes_free(struct engine *g)
{
    for (size_t i = 0; i < g->nodes_n; i += NODES_CHUNK) {
        struct node *chunk = g->chunks[i / NODES_CHUNK];

        for (size_t k = 0; k < NODES_CHUNK && i + k < g->nodes_n; k++)
            mem_free(chunk[k].more);
        mem_free(chunk);
    }
    mem_free(g->chunks);
    mem_free(g->nodes.at);
    mem_free(g->assets.at);
    mem_free(g->carry.runs.at);
    mem_free(g->scratch.at);
}
