#include "group/quota.h"

bool case_is_live(const struct fold_object *o)
{
    return object_is(o->object, "case") && o->first && o->state >= CASE_REPORTED &&
           o->state <= CASE_CONTAINED;
}

/* Whoever may see this one sees that one, too: so it is cut alike at all who do. */
static bool counts_beside(const struct fold_object *other, const struct fold_object *o)
{
    return !strcmp(other->audience, AUDIENCE_ALL) || !strcmp(other->audience, o->audience);
}

/* A member that tells of many does not make it long: the count ends at the quota. */
bool case_over_quota(const struct fold *f, const struct fold_object *o)
{
    const struct charter *charter = fold_charter(f);
    const struct fold_object *other;
    uint64_t before = 0;

    if (!charter || !case_is_live(o))
        return false;
    for (size_t i = 0; before < charter->quotas.live_cases && (other = fold_object_at(f, i)); i++)
        before += case_is_live(other) && !strcmp(other->owner, o->owner) &&
                  counts_beside(other, o) && event_order(&other->first->e, &o->first->e) < 0;
    return before >= charter->quotas.live_cases;
}
