#include "group/approval.h"

#include <stdio.h>

void approval_object(const struct hash32 *group, const char *member, const char *const *asked,
                     size_t n, char ret[OBJECT_NAME_MAX])
{
    static const char tag[] = "cordon.export-of/1";
    struct sha256_stream s;
    struct hash32 hash;

    sha256_start(&s);
    sha256_add(&s, tag, sizeof(tag) - 1);
    sha256_add(&s, group->b, sizeof(group->b));
    sha256_add(&s, member, strlen(member) + 1);
    for (size_t i = 0; i < n; i++)
        sha256_add(&s, asked[i] ? asked[i] : "", asked[i] ? strlen(asked[i]) + 1 : 1);
    hash = sha256_done(&s);
    memcpy(ret, "export:", 8);
    for (size_t i = 0; i < sizeof(hash.b); i++)
        snprintf(ret + 7 + 2 * i, 3, "%02x", hash.b[i]);
}

static bool is_approved(const struct fold *f, const char *object, const char *audience,
                        const char *member, uint64_t ms)
{
    const struct fold_object *o = fold_object(f, object, audience);
    const struct fold_event *last = o ? o->last : NULL;

    return last && !strcmp(last->e.author, member) && last->e.ms <= ms + APPROVAL_MS &&
           ms < last->e.ms + APPROVAL_MS;
}

bool approval_stands(const struct fold *f, const char *object, const char *member, uint64_t ms)
{
    const struct charter *c = fold_charter(f);
    bool stands;

    if (!c || !charter_wants_two(c, "export.approve"))
        return true;
    stands = is_approved(f, object, AUDIENCE_ALL, member, ms);
    for (size_t i = 0; !stands && i < c->groups_n; i++)
        stands = is_approved(f, object, c->groups[i].id, member, ms);
    return stands;
}
