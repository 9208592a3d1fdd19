/* The transactions of a trace, in order, each with its tainted inputs and outputs; then one
 * question after another.
 *
 * Reached outputs ascend, and so do the transactions once sorted, so both are walked side by side.
 * Peel chains are found from the end: a chain is as long as the longest that goes on from one of
 * its two outputs, plus one. Edges only go forward, so one pass down the list is enough, and no
 * step is looked at twice. */
#include "trace/patterns.h"

#include "base/sort.h"
#include "ledger/tx_shape.h"

#include <string.h>

#define STEP_NONE UINT32_MAX

struct step {
    uint32_t tx;
    uint32_t inputs_n;         /* tainted */
    size_t reached, reached_n; /* its tainted outputs in the trace */
    uint32_t chain_n;   /* transactions of the peel chain from here on; 0: not of that shape */
    uint32_t next;      /* step that the chain goes on with, or STEP_NONE */
    uint32_t next_vout; /* by which of its two outputs */
    bool continued;     /* an earlier step goes on with this one */
};

struct search {
    struct arena *a;
    const struct ledger *ledger;
    const struct coins *coins;
    const struct trace *trace;
    struct step *steps; /* ascending by tx */
    size_t steps_n;
    uint32_t *into; /* [reached_n] the step that spends it, or STEP_NONE */
    struct ledger_shapes *shapes;
    struct pattern *found;
    size_t found_n, found_size;
};

const char *pattern_kind_name(enum pattern_kind kind)
{
    switch (kind) {
    case PATTERN_PEEL_CHAIN:
        return "peel-chain";
    case PATTERN_COINJOIN:
        return "coinjoin";
    case PATTERN_FAN_OUT:
        return "fan-out";
    case PATTERN_FAN_IN:
        return "fan-in";
    }
    return "";
}

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "patterns");
}

static bool followed(const struct search *s, size_t reached)
{
    const struct trace_reached *r = &s->trace->reached[reached];

    return r->stop < 0 && r->spent_by != COINS_TX_NONE && r->spent_by < s->coins->txs_n;
}

/* Reached outputs by the transaction that spends them -> one step a transaction. */
static bool steps_gather(struct search *s, struct err *err)
{
    size_t reached_n = s->trace->reached_n, n = 0;
    struct keyed *by_tx = ARENA_ARRAY(s->a, struct keyed, reached_n);
    struct keyed *spare = ARENA_ARRAY(s->a, struct keyed, reached_n);

    s->steps = ARENA_ARRAY(s->a, struct step, reached_n);
    s->into = ARENA_ARRAY(s->a, uint32_t, reached_n);
    if (!by_tx || !spare || !s->steps || !s->into)
        return no_memory(s->a, err);
    for (size_t i = 0; i < reached_n; i++) {
        s->into[i] = STEP_NONE;
        if (followed(s, i))
            by_tx[n++] = (struct keyed){.key = s->trace->reached[i].spent_by, .index = (uint32_t)i};
    }
    sort_keyed(by_tx, n, spare);
    for (size_t i = 0; i < n; i++) {
        uint32_t tx = (uint32_t)by_tx[i].key;

        if (!s->steps_n || s->steps[s->steps_n - 1].tx != tx)
            s->steps[s->steps_n++] = (struct step){.tx = tx, .next = STEP_NONE};
        s->steps[s->steps_n - 1].inputs_n++;
        s->into[by_tx[i].index] = (uint32_t)(s->steps_n - 1);
    }
    return true;
}

/* Both lists ascend: what lies before a step's outputs are origins, made outside the trace. */
static void steps_outputs(struct search *s)
{
    const struct trace *t = s->trace;
    size_t at = 0;

    for (size_t i = 0; i < s->steps_n; i++) {
        struct step *step = &s->steps[i];
        struct coins_range outputs = coins_outputs(s->coins, step->tx);

        while (at < t->reached_n && t->reached[at].output < outputs.first)
            at++;
        step->reached = at;
        while (at < t->reached_n && t->reached[at].output - outputs.first < outputs.n)
            at++;
        step->reached_n = at - step->reached;
    }
}

static struct pattern *pattern_new(struct search *s, enum pattern_kind kind, size_t txs_n,
                                   struct err *err)
{
    struct pattern *p;

    if (s->found_n == s->found_size) {
        size_t size = s->found_size ? 2 * s->found_size : 16;
        struct pattern *more = ARENA_ARRAY(s->a, struct pattern, size);

        if (!more) {
            no_memory(s->a, err);
            return NULL;
        }
        if (s->found_n)
            memcpy(more, s->found, s->found_n * sizeof(*more));
        s->found = more;
        s->found_size = size;
    }
    p = &s->found[s->found_n];
    *p = (struct pattern){.kind = kind, .txs = ARENA_ARRAY(s->a, uint32_t, txs_n), .txs_n = txs_n};
    if (!p->txs) {
        no_memory(s->a, err);
        return NULL;
    }
    s->found_n++;
    return p;
}

static struct pattern *pattern_of_tx(struct search *s, enum pattern_kind kind, uint32_t tx,
                                     struct err *err)
{
    struct pattern *p = pattern_new(s, kind, 1, err);

    if (p)
        *(uint32_t *)p->txs = tx;
    return p;
}

/* Does the chain rather go on by this output than by the best so far? The longer one; then the
 * larger output; the outputs come in order, so the lower index keeps a tie. */
static bool goes_on_better(const struct search *s, const struct step *step, uint32_t next,
                           uint64_t value, uint64_t best)
{
    uint32_t n = s->steps[next].chain_n,
             best_n = step->next == STEP_NONE ? 0 : s->steps[step->next].chain_n;

    return n > best_n || (n && n == best_n && value > best);
}

/* One input, two outputs (BlockSci, looksLikePeelingChain); steps after this one are done already.
 */
static void chain_from(struct search *s, struct step *step)
{
    struct coins_range outputs = coins_outputs(s->coins, step->tx);
    uint64_t best = 0;

    if (!step->reached_n || outputs.n != 2 || coins_inputs(s->coins, step->tx).n != 1)
        return;
    step->chain_n = 1;
    for (size_t i = step->reached; i < step->reached + step->reached_n; i++) {
        uint64_t output = s->trace->reached[i].output, value;

        /* Damaged columns may point back, or have two outputs spent by one input. */
        if (s->into[i] == STEP_NONE || &s->steps[s->into[i]] <= step ||
            s->steps[s->into[i]].continued)
            continue;
        value = coins_value(s->coins, output);
        if (!goes_on_better(s, step, s->into[i], value, best))
            continue;
        best = value;
        step->next = s->into[i];
        step->next_vout = (uint32_t)(output - outputs.first);
        step->chain_n = s->steps[step->next].chain_n + 1;
    }
    if (step->next != STEP_NONE)
        s->steps[step->next].continued = true;
}

/* What is peeled off: not what goes on. At the chain's end nothing does, and the smaller output is
 * named, the later of two equal ones. */
static uint64_t peeled_at(const struct search *s, const struct step *step)
{
    uint64_t first = coins_outputs(s->coins, step->tx).first;

    if (step->next != STEP_NONE)
        return first + !step->next_vout;
    return first + (coins_value(s->coins, first) >= coins_value(s->coins, first + 1));
}

static bool chain_record(struct search *s, const struct step *step, struct err *err)
{
    struct pattern *p = pattern_new(s, PATTERN_PEEL_CHAIN, step->chain_n, err);
    uint64_t *peeled = p ? ARENA_ARRAY(s->a, uint64_t, step->chain_n) : NULL;
    uint32_t *txs;

    if (!peeled)
        return p ? no_memory(s->a, err) : false;
    txs = (uint32_t *)p->txs;
    p->peeled = peeled;
    for (size_t i = 0; i < p->txs_n; i++) {
        txs[i] = step->tx;
        peeled[i] = peeled_at(s, step);
        if (step->next != STEP_NONE)
            step = &s->steps[step->next];
    }
    return true;
}

static void chains_find(struct search *s)
{
    for (size_t i = s->steps_n; i--;)
        chain_from(s, &s->steps[i]);
}

static bool coinjoin_record(struct search *s, const struct step *step, enum shape_kind kind,
                            struct err *err)
{
    struct pattern *p = pattern_of_tx(s, PATTERN_COINJOIN, step->tx, err);

    if (!p)
        return false;
    p->coinjoin = shape_kind_name(kind);
    p->inputs_n = coins_inputs(s->coins, step->tx).n;
    p->outputs_n = coins_outputs(s->coins, step->tx).n;
    return true;
}

static bool fan_record(struct search *s, const struct step *step, enum pattern_kind kind,
                       struct err *err)
{
    struct pattern *p = pattern_of_tx(s, kind, step->tx, err);

    if (!p)
        return false;
    p->inputs_n = step->inputs_n;
    p->outputs_n = step->reached_n;
    return true;
}

/* A CoinJoin is many-to-many by its nature; it is not called a fan as well. */
static bool step_patterns(struct search *s, const struct step *step, struct err *err)
{
    enum shape_kind kind =
        s->ledger ? ledger_tx_shape(s->ledger, s->coins, step->tx, s->shapes).kind : SHAPE_PLAIN;

    if (step->chain_n >= PEEL_CHAIN_MIN && !step->continued && !chain_record(s, step, err))
        return false;
    if (shape_is_coinjoin(kind))
        return coinjoin_record(s, step, kind, err);
    if (step->reached_n >= FAN_OUT_MIN && !fan_record(s, step, PATTERN_FAN_OUT, err))
        return false;
    return step->inputs_n < FAN_IN_MIN || fan_record(s, step, PATTERN_FAN_IN, err);
}

bool patterns_find(struct arena *a, const struct ledger *l, const struct coins *coins,
                   const struct trace *t, const struct pattern **ret, size_t *ret_n,
                   struct err *err)
{
    struct search s = {.a = a, .ledger = l, .coins = coins, .trace = t};

    s.shapes = ARENA_NEW(a, struct ledger_shapes);
    if (!s.shapes)
        return no_memory(a, err);
    if (!steps_gather(&s, err))
        return false;
    steps_outputs(&s);
    chains_find(&s);
    for (size_t i = 0; i < s.steps_n; i++)
        if (s.steps[i].reached_n && !step_patterns(&s, &s.steps[i], err))
            return false;
    *ret = s.found;
    *ret_n = s.found_n;
    return true;
}
