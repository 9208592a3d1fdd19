/* What screening is told of the group's cases: which there are, whom each has reached, how far. */
#include "base/mem.h"
#include "serve/live_watch_parts.h"

#include <stdio.h>
#include <string.h>

/* "OBJECT AUDIENCE" */
static struct screen_case_is case_is(const char *id, const char *member, enum state state)
{
    struct screen_case_is is = {.state = state_name(state), .counts = case_is_verified(state)};

    snprintf(is.id, sizeof(is.id), "%s", id);
    snprintf(is.object, sizeof(is.object), "%.*s", (int)strcspn(id, " "), id);
    snprintf(is.member, sizeof(is.member), "%s", member);
    return is;
}

/* What is to be observed may go its way: it is no exposure at this member. */
static bool is_told(const struct wanted *w)
{
    return *w->member && w->what == HANDLING_HOLD;
}

/* Those that are named now, and how they stand; what was told of others is told no more. */
void live_watch_keep(struct live_watch *x)
{
    struct screen_case_is *is;
    size_t n = 0;

    if (!x->told_cases)
        return;
    is = mem_array(x->named.n + 1, sizeof(*is));
    for (size_t i = 0; is && i < x->named.n; i++)
        if (is_told(&x->named.at[i]))
            is[n++] = case_is(x->named.at[i].id, x->named.at[i].member, x->named.at[i].state);
    if (is)
        screen_cases_keep(x->told_cases, is, n);
    x->fresh |= !is;
    mem_free(is);
}

/* Of one that was not told before nothing is known that was followed before. false: it is to be
 * told again; what cannot be read is told to nobody, ever. */
bool live_watch_tell(struct live_watch *x, const char *id, const char *member, enum state state,
                     struct bytes text, struct err *err)
{
    struct screen_case_is is = case_is(id, member, state);
    bool fresh = false, ok;

    if (!x->told_cases)
        return true;
    ok = screen_cases_give(x->told_cases, &is, text, &fresh, err);
    if (!ok && !x->cases_again_ms)
        log_event(x->log, LOG_ERROR, "watch", NULL, "case %s is not told: %s", id, err->text);
    if (fresh)
        live_watch_drop(x, id);
    return ok || !live_watch_passes(err);
}

static void on_whole(void *ctx, const struct chain *chain, const char *id, struct reach *r)
{
    struct live_watch *x = ctx;

    if (!screen_cases_whole(x->told_cases, chain, id, r))
        live_watch_no_memory(x);
}

static void on_more(void *ctx, const struct chain *chain, const char *id,
                    const struct reach_move *moves, size_t n)
{
    struct live_watch *x = ctx;

    if (!screen_cases_more(x->told_cases, chain, id, moves, n))
        live_watch_no_memory(x);
}

static void on_back(void *ctx, const struct chain *chain, uint64_t moves_n)
{
    screen_cases_back(((struct live_watch *)ctx)->told_cases, chain, moves_n);
}

/* Not those of the home alone, nor what is to be observed. */
static bool is_wanted(void *ctx, const char *id)
{
    return screen_cases_has(((struct live_watch *)ctx)->told_cases, id);
}

const struct watch_reach *live_watch_reach(struct live_watch *x)
{
    x->reach = (struct watch_reach){on_whole, on_more, on_back, x, is_wanted};
    return x->told_cases ? &x->reach : NULL;
}

/* How far what screening tells has come: once those that cross have been traced, too. */
void live_watch_come(struct live_watch *x, const struct live_ledgers_view *v)
{
    if (!x->told_cases || (live_ledgers_n(v) && !x->crossing)) /* it has failed: behind */
        return;
    for (size_t i = 0; i < live_ledgers_n(v); i++) {
        struct live_ledgers_one one = live_ledgers_at(v, i);
        const struct trace_ledger at = {one.coins, one.accounts};
        const struct place *p = live_watch_place(x, one.chain);

        if (p && (p->watch || p->accounts))
            screen_cases_come(x->told_cases, &at, (uint32_t)live_watch_place_counts(p).blocks);
    }
}
