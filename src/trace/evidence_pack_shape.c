/* Is a statement whole? Each part that it has to have is there, and nothing beside: who makes all
 * hashes anew may write other words, but leaves out no part, no rule and no other policy's sums. */
#include "trace/evidence_pack.h"
#include "trace/trace.h"

#define POLICIES_N (TRACE_LIBR + 1)

/* These members and no other; one with "?" before it may be missing. */
static bool has_only(const struct json *o, const char *const *names)
{
    size_t n = 0;

    if (!o || o->type != JSON_OBJECT)
        return false;
    for (; *names; names++) {
        bool may_miss = **names == '?';

        if (json_get(o, *names + may_miss))
            n++;
        else if (!may_miss)
            return false;
    }
    return n == o->children_n;
}

static bool all_have(const struct json *list, const char *const *names)
{
    if (!list || list->type != JSON_ARRAY)
        return false;
    for (const struct json *item = list->child; item; item = item->next)
        if (!has_only(item, names))
            return false;
    return true;
}

static bool are_words(const struct json *list)
{
    if (!list || list->type != JSON_ARRAY)
        return false;
    for (const struct json *item = list->child; item; item = item->next)
        if (item->type != JSON_STRING || !item->text_n)
            return false;
    return true;
}

static bool has_some_words(const struct json *list)
{
    return are_words(list) && list->child;
}

/* ---- its parts ---- */

static bool block_is_whole(const struct json *o)
{
    static const char *const names[] = {"height", "hash", "time", NULL};

    return has_only(o, names);
}

static bool acquired_is_whole(const struct json *o)
{
    static const char *const of_coins[] = {
        "chain",   "caip2",         "blocks",       "first",        "last",
        "checked", "source_blocks", "source_bytes", "source_notes", NULL};
    static const char *const of_accounts[] = {
        "chain",     "caip2",    "blocks", "first", "last", "checked", "internal_transfers_told",
        "transfers", "by_roots", NULL};
    static const char *const by_roots[] = {
        "blocks",   "transactions", "transfers", "not_internals",     "not_outside",
        "not_fees", "not_others",   "?signed",   "?signed_transfers", NULL};

    return block_is_whole(json_get(o, "first")) && block_is_whole(json_get(o, "last")) &&
           (json_get(o, "by_roots") ? has_only(json_get(o, "by_roots"), by_roots) : true) &&
           (has_only(o, of_coins) || has_only(o, of_accounts));
}

static bool acquisition_is_whole(const struct json *o)
{
    if (!o || o->type != JSON_ARRAY)
        return acquired_is_whole(o);
    for (const struct json *item = o->child; item; item = item->next)
        if (!acquired_is_whole(item))
            return false;
    return o->child;
}

/* ---- each policy's sums, the chosen one's first ---- */

static bool row_is_whole(const struct json *row)
{
    static const char *const of_coins[] = {"policy",     "reached", "exact", "origin",
                                           "held",       "exits",   "fees",  "cut",
                                           "unresolved", "dust",    NULL};
    static const char *const of_accounts[] = {"policy", "reached", "exact", "assets", NULL};
    static const char *const of_several[] = {"policy", "exact", "routes", "parts", NULL};
    static const char *const part[] = {"chain", "reached", "assets", NULL};

    return has_only(row, of_coins) || has_only(row, of_accounts) ||
           (has_only(row, of_several) && all_have(json_get(row, "parts"), part));
}

static bool policy_of(const struct json *row, enum trace_policy *ret)
{
    const struct json *name = json_get(row, "policy");

    return name && name->type == JSON_STRING && trace_policy_from_name(name->text, ret);
}

/* The last policy is one of accounts alone. */
static bool each_policy_once(const struct json *rows, bool coins)
{
    bool seen[POLICIES_N] = {false};
    size_t n = 0;
    enum trace_policy p;

    for (const struct json *row = rows->child; row; row = row->next, n++) {
        if (!row_is_whole(row) || !policy_of(row, &p) || seen[p])
            return false;
        seen[p] = true;
    }
    return n == (coins ? POLICIES_N - 1 : POLICIES_N) && !(coins && seen[TRACE_LIBR]);
}

/* Over several ledgers: does one of them have coins? */
static bool has_coins(const struct json *trace)
{
    const struct json *parts = json_get(trace, "parts");

    if (!parts)
        return json_is_string(json_get(trace, "schema"), TRACE_SCHEMA);
    for (const struct json *p = parts->child; p; p = p->next)
        if (json_is_string(json_get(p, "schema"), TRACE_SCHEMA))
            return true;
    return false;
}

/* ---- the rules by which it was found ---- */

static bool has_rule(const struct json *rules, const char *name)
{
    for (const struct json *r = rules->child; r; r = r->next)
        if (json_is_string(json_get(r, "rule"), name))
            return true;
    return false;
}

/* Each shape that is told is one of a rule whose errors are told. */
static bool shapes_have_rules(const struct json *rules, const struct json *trace)
{
    const struct json *list = json_get(trace, "patterns");

    for (const struct json *p = list ? list->child : NULL; p; p = p->next) {
        const struct json *name =
            json_get(p, "coinjoin") ? json_get(p, "coinjoin") : json_get(p, "kind");

        if (!name || name->type != JSON_STRING || !has_rule(rules, name->text))
            return false;
    }
    return true;
}

static bool rules_are_whole(const struct json *rules, const struct json *trace)
{
    static const char *const names[] = {"rule", "known_error", "source", NULL};
    const struct json *stops = json_get(json_get(trace, "inputs"), "stops");

    return all_have(rules, names) && has_rule(rules, "taint") &&
           (!stops || !stops->child || has_rule(rules, "stops")) && shapes_have_rules(rules, trace);
}

const char *evidence_pack_lacks(const struct json *s)
{
    static const char *const parts[] = {
        "case",        "examiner", "policy_chosen", "tool",       "acquisition",  "rules", "trace",
        "sensitivity", "against",  "sources",       "not_proven", "declarations", NULL};
    static const char *const examiner[] = {"name", "organisation", "qualification", NULL},
                             *const chosen[] = {"policy", "why", NULL},
                             *const tool[] = {"name", "version", "rules", NULL},
                             *const of_coins[] = {"case",     "data_as_of", "gaps",
                                                  "patterns", "unresolved", NULL};
    const struct json *trace = json_get(s, "trace"), *rows = json_get(s, "sensitivity");

    if (!has_only(s, parts))
        return "statement: a part of it is missing, or there is one more";
    if (!has_only(json_get(s, "examiner"), examiner) ||
        !has_only(json_get(s, "policy_chosen"), chosen) || !has_only(json_get(s, "tool"), tool))
        return "statement: who examined, by which policy or tool is not told whole";
    if (!acquisition_is_whole(json_get(s, "acquisition")))
        return "statement: how it was acquired is not told whole";
    for (const char *const *name = of_coins; *name; name++)
        if (json_is_string(json_get(trace, "schema"), TRACE_SCHEMA) && !json_get(trace, *name))
            return "statement: its trace is not told whole";
    if (!rules_are_whole(json_get(s, "rules"), trace))
        return "statement: a rule that was used is not among its rules";
    if (!rows || rows->type != JSON_ARRAY || !each_policy_once(rows, has_coins(trace)))
        return "statement: the sums are not those by each policy once";
    if (!are_words(json_get(s, "against")) || !are_words(json_get(s, "sources")) ||
        !has_some_words(json_get(s, "not_proven")) || !has_some_words(json_get(s, "declarations")))
        return "statement: what is not proven, what speaks against it, its sources or its "
               "declarations are no lists of words";
    return NULL;
}
