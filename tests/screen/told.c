#include "screen/told.h"

static void whole(void *ctx, const struct chain *chain, const char *id, struct reach *r)
{
    screen_cases_whole(ctx, chain, id, r);
}

static void more(void *ctx, const struct chain *chain, const char *id,
                 const struct reach_move *moves, size_t n)
{
    screen_cases_more(ctx, chain, id, moves, n);
}

static void back(void *ctx, const struct chain *chain, uint64_t moves_n)
{
    screen_cases_back(ctx, chain, moves_n);
}

struct watch_reach told_reach(struct screen_cases *told)
{
    return (struct watch_reach){whole, more, back, told, NULL};
}
