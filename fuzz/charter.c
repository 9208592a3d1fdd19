/* Charters. One that is taken names its keys and members consistently; made anew from its own text,
 * the first version is the same, but for what a draft is filled in with where it was left out. */
#include "group/charter.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Rows for which a draft says how long they may hold in all. */
static bool has_orders(const struct charter *c)
{
    for (size_t i = 0; i < c->bases.n; i++)
        if (!strcmp(c->bases.rows[i].act, "order") || !strcmp(c->bases.rows[i].act, "extend"))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct bytes in = {data, size};
    struct charter c, made, again;
    struct err err;

    if (a && charter_read(a, in, &c, &err)) {
        for (size_t i = 0; i < c.keys_n; i++) {
            assert(c.keys[i].member < c.members_n && c.keys[i].roles < 64);
            assert(charter_key(&c, &c.keys[i].key) == &c.keys[i]);
            assert(!c.members[c.keys[i].member].suspended);
        }
        for (size_t i = 0; i < c.members_n; i++) {
            assert(charter_member(&c, c.members[i].id) == (int64_t)i);
            assert(charter_hears(&c, (uint32_t)i, AUDIENCE_ALL));
        }
        for (size_t i = 0; i < c.bases.n; i++)
            assert((c.bases.rows[i].defer_hours >= c.bases.rows[i].notice_hours ||
                    c.bases.rows[i].notice_hours == BASIS_NO_NOTICE) &&
                   c.bases.rows[i].hours_total >= c.bases.rows[i].hours_max);
        assert(c.quotas.silence_hours >= CHARTER_SILENCE_HOURS_MIN);
        assert(c.governments_n && c.governments_n <= c.members_n);
        if (c.version == 1) {
            assert(charter_make(a, in, NULL, &made, &err));
            assert(charter_make(a, made.text, NULL, &again, &err));
            assert(hash32_equal(&again.hash, &made.hash));
            assert(has_orders(&c) || hash32_equal(&made.hash, &c.hash));
        }
    }
    arena_free(a);
    return 0;
}
