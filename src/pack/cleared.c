#include "pack/cleared.h"

#include "group/clearance.h"

static bool is_of(const struct record_said *text, const struct pack *p)
{
    const char *sha256 = record_text(&text->record, "sha256");
    struct hash32 of;

    return hex_decode(sha256, strlen(sha256), of.b, sizeof(of.b)) && hash32_equal(&of, &p->content);
}

static bool heard_by_all(const struct fold_object *text, const struct pack *p)
{
    return !strcmp(text->audience, AUDIENCE_ALL) || !strcmp(text->audience, p->options.audience);
}

bool pack_cleared(struct group_log *l, struct arena *a, const struct pack *p,
                  const struct fold_object *text, uint64_t ms, struct err *err)
{
    struct clearance clearance;
    struct record_said said;
    bool here;

    if (!record_of(l, a, record_kind("text"), text, &said, &here, err))
        return false;
    if (!here || text->state != RECORD_STATED)
        return err_fail(err, ERR_INPUT, "\"%s\": withdrawn, or not here", text->object);
    if (!heard_by_all(text, p))
        return err_fail(err, ERR_DIFFERS, "\"%s\": told to \"%s\" alone, this is of \"%s\"",
                        text->object, text->audience, p->options.audience);
    if (!is_of(&said, p))
        return err_fail(err, ERR_DIFFERS, "\"%s\": of another pack than this (SHA-256 %.8s...)",
                        text->object, record_text(&said.record, "sha256"));
    if (!clearance_of(l, a, &said, ms, &clearance, err))
        return false;
    for (size_t i = 0; i < clearance.n; i++)
        if (clearance.rows[i].state == CLEARANCE_WAITS ||
            clearance.rows[i].state == CLEARANCE_OBJECTED)
            return err_fail(err, ERR_DIFFERS, "\"%s\": %s %s", text->object,
                            clearance.rows[i].member, clearance_name(clearance.rows[i].state));
    return clearance.cleared || err_fail(err, ERR_DIFFERS, "\"%s\": not cleared", text->object);
}

bool pack_cleared_by_any(struct group_log *l, struct arena *a, const struct pack *p, uint64_t ms,
                         bool *ret, struct err *err)
{
    struct err why = {.class = ERR_NONE};
    struct records all;

    *ret = false;
    if (!records_of(l, a, record_kind("text"), &all, err))
        return false;
    for (size_t i = 0; i < all.n && !*ret; i++) {
        *ret = is_of(&all.at[i], p) && pack_cleared(l, a, p, all.at[i].of, ms, &why);
        if (!*ret && is_of(&all.at[i], p) && why.class != ERR_DIFFERS) {
            *err = why;
            return false;
        }
    }
    return true;
}
