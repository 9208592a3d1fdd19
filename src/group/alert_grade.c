#include "group/alert_grade.h"

#include <string.h>

#define SHARE_WHOLE 1000000u

static uint64_t share_of(const struct alert_grounds *g)
{
    struct u256 share;

    return u256_mul_div(g->tainted, u256_of(SHARE_WHOLE), g->received, &share) ? share.w[0] : 0;
}

unsigned alert_doubts(const struct alert_grounds *g)
{
    uint64_t share = share_of(g);
    unsigned d = (g->verified ? 0 : DOUBT_UNVERIFIED) |
                 (g->policy == TRACE_POISON ? DOUBT_POISON : 0) |
                 (share < SHARE_WHOLE / 10  ? DOUBT_SHARE
                  : share < SHARE_WHOLE / 2 ? DOUBT_HALF
                                            : 0) |
                 (g->depth < ALERT_DEPTH_HIGH ? DOUBT_DEPTH : 0);

    if (!g->traced)
        return d | DOUBT_TRACED;
    return d | (g->cut ? DOUBT_CUT : 0) | (g->service ? DOUBT_SERVICE : 0) |
           (g->hops > ALERT_HOPS_HIGH ? DOUBT_HOPS : 0);
}

enum alert_grade alert_grade(unsigned doubts)
{
    return !doubts ? ALERT_HIGH : doubts & DOUBTS_LOW ? ALERT_LOW : ALERT_MEDIUM;
}

static const char *const names[] = {
    [ALERT_LOW] = "low", [ALERT_MEDIUM] = "medium", [ALERT_HIGH] = "high"};

const char *alert_grade_name(enum alert_grade g)
{
    return names[g];
}

bool alert_grade_by_name(const char *name, enum alert_grade *ret)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(names[i], name)) {
            *ret = (enum alert_grade)i;
            return true;
        }
    return false;
}

const char *alert_doubt_text(enum alert_doubt d)
{
    switch (d) {
    case DOUBT_UNVERIFIED:
        return "its case is not verified";
    case DOUBT_POISON:
        return "poison says only that it is tainted, not how much";
    case DOUBT_CUT:
        return "the trace of its case is cut short";
    case DOUBT_SERVICE:
        return "it came past a known service";
    case DOUBT_SHARE:
        return "less than a tenth of it is tainted";
    case DOUBT_HALF:
        return "less than half of it is tainted";
    case DOUBT_HOPS:
        return "more than 10 hops";
    case DOUBT_DEPTH:
        return "fewer than 6 blocks deep, or not known to be deeper";
    case DOUBT_TRACED:
        return "how it came here is not known to this home";
    }
    return NULL;
}
