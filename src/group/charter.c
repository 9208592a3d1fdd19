#include "group/charter.h"

#include <stdio.h>
#include <stdlib.h>

#define SCHEMA "cordon.charter/1"

static const struct {
    enum role role;
    const char *name;
} all_roles[] = {
    {ROLE_NODE, "node"},
    {ROLE_INVESTIGATOR, "investigator"},
    {ROLE_COMPLIANCE_OFFICER, "compliance-officer"},
    {ROLE_SUPERVISOR, "supervisor"},
    {ROLE_SECRETARY, "secretary"},
    {ROLE_AUDITOR, "auditor"},
};
#define ROLES_N (sizeof(all_roles) / sizeof(all_roles[0]))

static const char *const public_kinds[] = {"agency", "fiu", "cert", "supervisor", NULL};
static const char *const other_kinds[] = {"vasp",      "custodian", "issuer",   "bridge",
                                          "otc",       "bank",      "platform", "srb",
                                          "responder", "analytics", "observer", NULL};

void roles_put(struct text *to, unsigned roles)
{
    bool any = false;

    for (size_t i = 0; i < ROLES_N; i++)
        if (roles & all_roles[i].role) {
            text_printf(to, "%s%s", any ? ", " : "", all_roles[i].name);
            any = true;
        }
}

static bool is_among(const char *s, const char *const *list)
{
    while (*list && strcmp(*list, s))
        list++;
    return *list;
}

/* ---- reading ---- */

struct reader {
    struct arena *a;
    struct err *err;
    struct charter *c;
    struct charter_member *members;
    struct charter_key *keys;
    size_t keys_room;
};

static bool no_memory(const struct reader *r)
{
    return arena_fail(r->a, r->err, "a charter");
}

static bool items(const struct reader *r, const struct json *o, const char *name, size_t max,
                  const struct json **ret, struct err *err)
{
    (void)r;
    *ret = json_get(o, name);
    if (!*ret || (*ret)->type != JSON_ARRAY)
        return err_fail(err, ERR_INPUT, "%s: a list is wanted", name);
    return (*ret)->children_n <= max || err_fail(err, ERR_LIMIT, "%s: more than %zu", name, max);
}

/* A name that people read. */
static bool shown_name(const struct json *o, const char **ret, struct err *err)
{
    if (!json_text(json_get(o, "name"), "name", ret, err))
        return false;
    return (**ret && strlen(*ret) <= CHARTER_TEXT_MAX && text_is_plain(*ret, strlen(*ret))) ||
           err_fail(err, ERR_INPUT, "name: empty, too long, or with control characters");
}

static bool name_of(const struct json *j, const char *what, const char **ret, struct err *err)
{
    return json_text(j, what, ret, err) &&
           (group_name_valid(*ret) ||
            err_fail(err, ERR_INPUT, "%s: only a-z, 0-9 and -, at most %d", what, GROUP_NAME_MAX));
}

static bool key_of(const struct json *j, struct key32 *ret, struct err *err)
{
    const char *s;
    struct hash32 bytes;

    if (!json_text(j, "key", &s, err))
        return false;
    if (!hash_from_hex(s, &bytes))
        return err_fail(err, ERR_INPUT, "key: 64 digits in lower case are wanted");
    memcpy(ret->b, bytes.b, sizeof(ret->b));
    return true;
}

static bool key_add(struct reader *r, struct charter_key key)
{
    if (r->c->keys_n == r->keys_room) {
        size_t room = r->keys_room * 2 + 16;
        struct charter_key *more = ARENA_ARRAY(r->a, struct charter_key, room);

        if (!more)
            return no_memory(r);
        if (r->c->keys_n)
            memcpy(more, r->keys, r->c->keys_n * sizeof(*more));
        r->keys = more;
        r->keys_room = room;
    }
    r->keys[r->c->keys_n++] = key;
    return true;
}

static bool role_from_name(const struct json *j, unsigned *ret, struct err *err)
{
    for (size_t i = 0; i < ROLES_N; i++)
        if (all_roles[i].role != ROLE_NODE && json_is_string(j, all_roles[i].name)) {
            *ret = all_roles[i].role;
            return true;
        }
    return err_fail(err, ERR_INPUT,
                    "roles: investigator, compliance-officer, supervisor, secretary or auditor");
}

static bool person_read(struct reader *r, const struct json *o, uint32_t member)
{
    static const char *const known[] = {"name", "key", "roles", NULL};
    struct charter_key key = {.member = member};
    const struct json *list;
    unsigned role;

    if (!json_only(o, "person", known, r->err) ||
        !name_of(json_get(o, "name"), "name", &key.person, r->err) ||
        !key_of(json_get(o, "key"), &key.key, r->err) ||
        !items(r, o, "roles", ROLES_N, &list, r->err))
        return false;
    for (const struct json *j = list->child; j; j = j->next) {
        if (!role_from_name(j, &role, r->err))
            return false;
        key.roles |= role;
    }
    return key_add(r, key);
}

static bool persons_read(struct reader *r, const struct json *o, uint32_t member)
{
    const struct json *list;
    size_t first = r->c->keys_n;

    if (!items(r, o, "persons", CHARTER_PERSONS_MAX, &list, r->err))
        return false;
    for (const struct json *j = list->child; j; j = j->next) {
        if (!person_read(r, j, member))
            return err_in(r->err, "persons");
        for (size_t i = first; i + 1 < r->c->keys_n; i++)
            if (!strcmp(r->keys[i].person, r->keys[r->c->keys_n - 1].person))
                return err_fail(r->err, ERR_INPUT, "persons: \"%s\" twice", r->keys[i].person);
    }
    return true;
}

static bool node_keys_read(struct reader *r, const struct json *o, uint32_t member)
{
    const struct json *list;

    if (!items(r, o, "keys", CHARTER_PERSONS_MAX, &list, r->err))
        return false;
    for (const struct json *j = list->child; j; j = j->next) {
        struct charter_key key = {.member = member, .roles = ROLE_NODE};

        if (!key_of(j, &key.key, r->err) || !key_add(r, key))
            return false;
    }
    return true;
}

static bool country_read(const struct json *o, const char **ret, struct err *err)
{
    const char *s;

    if (!json_text(json_get(o, "country"), "country", &s, err))
        return false;
    *ret = s;
    return (strlen(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z') ||
           err_fail(err, ERR_INPUT, "country: two capital letters (ISO 3166-1) are wanted");
}

static bool standing_read(const struct json *o, struct charter_member *m, struct err *err)
{
    const struct json *government = json_get(o, "government"), *state = json_get(o, "state");

    if (!government || (government->type != JSON_TRUE && government->type != JSON_FALSE))
        return err_fail(err, ERR_INPUT, "government: true or false is wanted");
    m->government = government->type == JSON_TRUE;
    m->suspended = json_is_string(state, "suspended");
    if (!m->suspended && !json_is_string(state, "active"))
        return err_fail(err, ERR_INPUT, "state: active or suspended is wanted");
    if (!is_among(m->kind, public_kinds) && !is_among(m->kind, other_kinds))
        return err_fail(err, ERR_INPUT, "kind: \"%.40s\" is none", m->kind);
    return !m->government || (is_among(m->kind, public_kinds) && !m->suspended) ||
           err_fail(err, ERR_INPUT, "government: only an active agency, fiu, cert or supervisor");
}

/* Where its people are found day and night; a member need not say so. */
static bool contact_read(const struct json *o, const char **ret, struct err *err)
{
    const struct json *j = json_get(o, "contact");

    *ret = NULL;
    if (!j)
        return true;
    if (!json_text(j, "contact", ret, err))
        return false;
    return (**ret && strlen(*ret) <= CHARTER_TEXT_MAX && text_is_plain(*ret, strlen(*ret))) ||
           err_fail(err, ERR_INPUT, "contact: empty, too long, or with control characters");
}

static bool member_read(struct reader *r, const struct json *o, uint32_t at)
{
    static const char *const known[] = {"id",    "name", "country", "kind",    "government",
                                        "state", "keys", "persons", "contact", NULL};
    struct charter_member *m = &r->members[at];
    size_t keys_before = r->c->keys_n;

    if (!json_only(o, "member", known, r->err) ||
        !name_of(json_get(o, "id"), "id", &m->id, r->err) || !shown_name(o, &m->name, r->err) ||
        !country_read(o, &m->country, r->err) || !contact_read(o, &m->contact, r->err) ||
        !json_text(json_get(o, "kind"), "kind", &m->kind, r->err) || !standing_read(o, m, r->err) ||
        !node_keys_read(r, o, at) || !persons_read(r, o, at))
        return false;
    return !m->suspended || r->c->keys_n == keys_before ||
           err_fail(r->err, ERR_INPUT, "a suspended member has no keys");
}

/* Ids once, and one government a country. */
static bool member_is_new(const struct reader *r, uint32_t at)
{
    const struct charter_member *m = &r->members[at];

    for (uint32_t i = 0; i < at; i++) {
        const struct charter_member *other = &r->members[i];

        if (!strcmp(other->id, m->id))
            return err_fail(r->err, ERR_INPUT, "\"%s\" twice", m->id);
        if (other->government && m->government && !strcmp(other->country, m->country))
            return err_fail(r->err, ERR_INPUT, "a second government of %s", m->country);
    }
    return true;
}

static bool members_read(struct reader *r, const struct json *o)
{
    const struct json *list;

    if (!items(r, o, "members", CHARTER_MEMBERS_MAX, &list, r->err))
        return false;
    r->members = ARENA_ARRAY(r->a, struct charter_member, list->children_n);
    if (!r->members)
        return no_memory(r);
    r->c->members = r->members;
    for (const struct json *j = list->child; j; j = j->next) {
        uint32_t at = (uint32_t)r->c->members_n;

        if (!member_read(r, j, at) || !member_is_new(r, at))
            return err_in(r->err, "members[%u]", at);
        r->c->governments_n += r->members[at].government;
        r->c->members_n++;
    }
    return r->c->governments_n || err_fail(r->err, ERR_INPUT, "members: no government");
}

static int key_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct key32)); /* the first member */
}

static bool keys_sort(struct reader *r)
{
    if (!r->keys)
        return true;
    qsort(r->keys, r->c->keys_n, sizeof(*r->keys), key_order);
    r->c->keys = r->keys;
    for (size_t i = 1; i < r->c->keys_n; i++)
        if (!key_order(&r->keys[i - 1], &r->keys[i]))
            return err_fail(r->err, ERR_INPUT, "members: a key twice");
    return true;
}

static int number_order(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

    return (one > other) - (one < other);
}

static bool group_read(struct reader *r, const struct json *o, struct charter_group *ret)
{
    static const char *const known[] = {"id", "members", NULL};
    const struct json *list;
    uint32_t *members;

    if (!json_only(o, "group", known, r->err) ||
        !name_of(json_get(o, "id"), "id", &ret->id, r->err) ||
        !items(r, o, "members", CHARTER_MEMBERS_MAX, &list, r->err))
        return false;
    if (!strcmp(ret->id, AUDIENCE_ALL))
        return err_fail(r->err, ERR_INPUT, "id: \"" AUDIENCE_ALL "\" is everybody");
    members = ARENA_ARRAY(r->a, uint32_t, list->children_n);
    if (!members)
        return no_memory(r);
    for (const struct json *j = list->child; j; j = j->next) {
        const char *id;
        int64_t at;

        if (!json_text(j, "members", &id, r->err))
            return false;
        at = charter_member(r->c, id);
        if (at < 0)
            return err_fail(r->err, ERR_INPUT, "\"%.64s\" is no member", id);
        members[ret->members_n++] = (uint32_t)at;
    }
    if (ret->members_n)
        qsort(members, ret->members_n, sizeof(*members), number_order);
    ret->members = members;
    for (size_t i = 1; i < ret->members_n; i++)
        if (members[i - 1] == members[i])
            return err_fail(r->err, ERR_INPUT, "\"%s\" twice", r->members[members[i]].id);
    return true;
}

static bool groups_read(struct reader *r, const struct json *o)
{
    const struct json *list;
    struct charter_group *groups;

    if (!items(r, o, "groups", CHARTER_GROUPS_MAX, &list, r->err))
        return false;
    groups = ARENA_ARRAY(r->a, struct charter_group, list->children_n);
    if (!groups)
        return no_memory(r);
    r->c->groups = groups;
    for (const struct json *j = list->child; j; j = j->next) {
        if (!group_read(r, j, &groups[r->c->groups_n]))
            return err_in(r->err, "groups[%zu]", r->c->groups_n);
        for (size_t i = 0; i < r->c->groups_n; i++)
            if (!strcmp(groups[i].id, groups[r->c->groups_n].id))
                return err_fail(r->err, ERR_INPUT, "groups: \"%s\" twice", groups[i].id);
        r->c->groups_n++;
    }
    return true;
}

static bool closed_one(struct reader *r, const struct json *o, struct charter_closed *ret)
{
    static const char *const known[] = {"key", "last", NULL};
    const struct json *list;
    struct hash32 *last;

    if (!json_only(o, "closed", known, r->err) || !key_of(json_get(o, "key"), &ret->key, r->err) ||
        !items(r, o, "last", CHARTER_CLOSED_MAX, &list, r->err))
        return false;
    last = ARENA_ARRAY(r->a, struct hash32, list->children_n);
    if (!last)
        return no_memory(r);
    for (const struct json *j = list->child; j; j = j->next) {
        const char *s;

        if (!json_text(j, "last", &s, r->err))
            return false;
        if (!hash_from_hex(s, &last[ret->last_n++]))
            return err_fail(r->err, ERR_INPUT, "last: 64 digits in lower case are wanted");
    }
    ret->last = last;
    return !charter_key(r->c, &ret->key) ||
           err_fail(r->err, ERR_INPUT, "a closed key is still a member's");
}

static bool closed_read(struct reader *r, const struct json *o)
{
    const struct json *list;
    struct charter_closed *closed;

    if (!items(r, o, "closed", CHARTER_CLOSED_MAX, &list, r->err))
        return false;
    closed = ARENA_ARRAY(r->a, struct charter_closed, list->children_n);
    if (!closed)
        return no_memory(r);
    r->c->closed = closed;
    for (const struct json *j = list->child; j; j = j->next) {
        if (!closed_one(r, j, &closed[r->c->closed_n]))
            return err_in(r->err, "closed[%zu]", r->c->closed_n);
        for (size_t i = 0; i < r->c->closed_n; i++)
            if (!memcmp(&closed[i].key, &closed[r->c->closed_n].key, sizeof(struct key32)))
                return err_fail(r->err, ERR_INPUT, "closed: a key twice");
        r->c->closed_n++;
    }
    return true;
}

static bool version_read(struct reader *r, const struct json *o)
{
    const struct json *previous = json_get(o, "previous");
    const char *s;

    if (!json_is_string(json_get(o, "schema"), SCHEMA))
        return err_fail(r->err, ERR_INPUT, "schema: \"" SCHEMA "\" is wanted");
    if (json_get(o, "version") && json_get(o, "version")->type != JSON_NUMBER)
        return err_fail(r->err, ERR_INPUT, "version: a number is wanted");
    if (!json_u64(json_get(o, "version"), "version", &r->c->version, r->err))
        return false;
    if (!r->c->version)
        return err_fail(r->err, ERR_INPUT, "version: counts from 1");
    if (r->c->version == 1)
        return (previous && previous->type == JSON_NULL) ||
               err_fail(r->err, ERR_INPUT, "previous: null is wanted in the first version");
    return json_text(previous, "previous", &s, r->err) &&
           (hash_from_hex(s, &r->c->previous) ||
            err_fail(r->err, ERR_INPUT, "previous: 64 digits in lower case are wanted"));
}

/* Its default is there before. */
static bool quota_read(const struct reader *r, const struct json *quotas, const char *name,
                       uint64_t max, uint64_t *ret)
{
    const struct json *j = json_get(quotas, name);

    if (!j)
        return true;
    if (j->type != JSON_NUMBER)
        return err_fail(r->err, ERR_INPUT, "%s: a number is wanted", name);
    return json_u64(j, name, ret, r->err) &&
           (*ret <= max ||
            err_fail(r->err, ERR_INPUT, "%s: at most %llu", name, (unsigned long long)max));
}

static bool least_read(const struct reader *r, const struct json *j, struct charter_least *ret)
{
    const char *s;

    ret->asset = arena_string(r->a, j->key, j->key_n);
    if (!ret->asset)
        return no_memory(r);
    return json_text(j, ret->asset, &s, r->err) &&
           ((fact_asset_valid(ret->asset) && u256_from_text(s, strlen(s), &ret->amount)) ||
            err_fail(r->err, ERR_INPUT, "assets and decimal strings are wanted"));
}

static bool soft_amount_read(struct reader *r, const struct json *o)
{
    struct charter_quotas *q = &r->c->quotas;
    struct charter_least *list;

    if (!o)
        return true;
    if (o->type != JSON_OBJECT || o->children_n > CHARTER_ASSETS_MAX)
        return err_fail(r->err, ERR_INPUT, "soft_amount: an object of at most %d is wanted",
                        CHARTER_ASSETS_MAX);
    list = ARENA_ARRAY(r->a, struct charter_least, o->children_n);
    if (!list)
        return no_memory(r);
    q->soft_amount = list;
    for (const struct json *j = o->child; j; j = j->next)
        if (!least_read(r, j, &list[q->soft_amount_n++]))
            return err_in(r->err, "soft_amount");
    return true;
}

static bool quotas_read(struct reader *r, const struct json *o)
{
    static const char *const known[] = {
        "accounts",    "events",       "events_day",     "hold_hours",
        "live_cases",  "origins",      "reached",        "silence_hours",
        "soft_amount", "soft_minutes", "soft_share_ppm", "soft_unverified",
        NULL};
    struct charter_quotas *q = &r->c->quotas;
    const struct json *quotas = json_get(o, "quotas");

    *q = (struct charter_quotas){.origins = 10000,
                                 .reached = 10000000,
                                 .soft_minutes = 60,
                                 .soft_share_ppm = 10000,
                                 .hold_hours = 72,
                                 .silence_hours = 72,
                                 .accounts = 100,
                                 .events = 100000,
                                 .events_day = 1000};
    if (!json_only(quotas, "quotas", known, r->err))
        return false;
    if (!json_get(quotas, "live_cases"))
        return err_fail(r->err, ERR_INPUT, "quotas.live_cases: missing");
    return (quota_read(r, quotas, "live_cases", JSON_INTEGER_MAX, &q->live_cases) &&
            quota_read(r, quotas, "origins", JSON_INTEGER_MAX, &q->origins) &&
            quota_read(r, quotas, "reached", JSON_INTEGER_MAX, &q->reached) &&
            quota_read(r, quotas, "soft_minutes", CHARTER_SOFT_MINUTES_MAX, &q->soft_minutes) &&
            quota_read(r, quotas, "soft_share_ppm", 1000000, &q->soft_share_ppm) &&
            quota_read(r, quotas, "soft_unverified", JSON_INTEGER_MAX, &q->soft_unverified) &&
            quota_read(r, quotas, "hold_hours", CHARTER_HOLD_HOURS_MAX, &q->hold_hours) &&
            quota_read(r, quotas, "silence_hours", CHARTER_SILENCE_HOURS_MAX, &q->silence_hours) &&
            (q->silence_hours >= CHARTER_SILENCE_HOURS_MIN ||
             err_fail(r->err, ERR_INPUT, "silence_hours: at least %d",
                      CHARTER_SILENCE_HOURS_MIN)) &&
            quota_read(r, quotas, "accounts", JSON_INTEGER_MAX, &q->accounts) &&
            quota_read(r, quotas, "events", CHARTER_EVENTS_MAX, &q->events) &&
            quota_read(r, quotas, "events_day", CHARTER_EVENTS_MAX, &q->events_day) &&
            soft_amount_read(r, json_get(quotas, "soft_amount"))) ||
           err_in(r->err, "quotas");
}

static const char *const for_two[] = {
    "alert.disclose", "alert.extend", "alert.legal",         "alert.order",  "alert.release",
    "alert.return",   "alert.seize",  "case.close",          "case.retract", "case.verify",
    "export.approve", "handling.set", "instrument.withdraw", "key.revoke",   NULL};

static bool two_persons_read(struct reader *r, const struct json *o)
{
    const struct json *list = json_get(o, "two_persons");
    const char **types;

    if (!list)
        return true;
    if (list->type != JSON_ARRAY || list->children_n > sizeof(for_two) / sizeof(for_two[0]) - 1)
        return err_fail(r->err, ERR_INPUT, "two_persons: a list of types is wanted");
    types = ARENA_ARRAY(r->a, const char *, list->children_n + 1);
    if (!types)
        return no_memory(r);
    r->c->two_persons = types;
    for (const struct json *j = list->child; j; j = j->next) {
        const char *s;

        if (!json_text(j, "two_persons", &s, r->err))
            return false;
        if (!is_among(s, for_two))
            return err_fail(r->err, ERR_INPUT, "two_persons: \"%.40s\" is no act for two", s);
        if (charter_wants_two(r->c, s))
            return err_fail(r->err, ERR_INPUT, "two_persons: \"%s\" twice", s);
        types[r->c->two_persons_n++] = s;
    }
    return true;
}

static bool term_read(struct reader *r, const struct json *j, struct charter_term *ret)
{
    ret->class = arena_string(r->a, j->key, j->key_n);
    if (!ret->class)
        return no_memory(r);
    if (!group_name_valid(ret->class) || !strcmp(ret->class, "keep") || !strcmp(ret->class, "none"))
        return err_fail(r->err, ERR_INPUT, "\"%.40s\": no class that has a term", ret->class);
    if (j->type != JSON_NUMBER)
        return err_fail(r->err, ERR_INPUT, "%s: days are wanted", ret->class);
    return json_u64(j, ret->class, &ret->days, r->err) &&
           ((ret->days && ret->days <= CHARTER_DAYS_MAX) ||
            err_fail(r->err, ERR_INPUT, "%s: 1 to %d days are wanted", ret->class,
                     CHARTER_DAYS_MAX));
}

static bool terms_read(struct reader *r, const struct json *o)
{
    const struct json *terms = json_get(o, "retention");
    struct charter_term *list;

    if (!terms)
        return true;
    if (terms->type != JSON_OBJECT || terms->children_n > CHARTER_TERMS_MAX)
        return err_fail(r->err, ERR_INPUT, "retention: an object of at most %d is wanted",
                        CHARTER_TERMS_MAX);
    list = ARENA_ARRAY(r->a, struct charter_term, terms->children_n + 1);
    if (!list)
        return no_memory(r);
    r->c->terms = list;
    for (const struct json *j = terms->child; j; j = j->next)
        if (!term_read(r, j, &list[r->c->terms_n++]))
            return err_in(r->err, "retention");
    return true;
}

static struct hash32 charter_hash(struct bytes text)
{
    struct sha256_stream s;

    sha256_start(&s);
    sha256_add(&s, SCHEMA, sizeof(SCHEMA) - 1);
    sha256_add(&s, text.p, text.n);
    return sha256_done(&s);
}

bool charter_read(struct arena *a, struct bytes text, struct charter *ret, struct err *err)
{
    static const char *const known[] = {"schema",  "version",     "previous",  "name",
                                        "members", "groups",      "closed",    "quotas",
                                        "bases",   "two_persons", "retention", NULL};
    struct charter c = {.version = 0};
    struct reader r = {.a = a, .err = err, .c = &c};
    const struct json *o;

    if (text.n > EVENT_BODY_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "a charter of more than %zu bytes", EVENT_BODY_BYTES_MAX);
    if (!json_canonical_read(a, (const char *)text.p, text.n, &o, err) ||
        !json_only(o, "charter", known, err) || !version_read(&r, o) ||
        !shown_name(o, &c.name, err) || !members_read(&r, o) || !keys_sort(&r) ||
        !groups_read(&r, o) || !closed_read(&r, o) || !quotas_read(&r, o) ||
        !basis_read(a, json_get(o, "bases"), &c.bases, err) || !two_persons_read(&r, o) ||
        !terms_read(&r, o))
        return false;
    c.text = (struct bytes){(const uint8_t *)arena_string(a, (const char *)text.p, text.n), text.n};
    if (!c.text.p)
        return no_memory(&r);
    c.hash = charter_hash(c.text);
    *ret = c;
    return true;
}

/* ---- following ---- */

static bool is_closed(const struct charter *c, const struct key32 *key)
{
    for (size_t i = 0; i < c->closed_n; i++)
        if (!memcmp(&c->closed[i].key, key, sizeof(*key)))
            return true;
    return false;
}

bool charter_follows(const struct charter *next, const struct charter *before, struct err *err)
{
    if (next->version != before->version + 1 || !hash32_equal(&next->previous, &before->hash))
        return err_fail(err, ERR_INPUT, "version %llu does not follow on version %llu",
                        (unsigned long long)next->version, (unsigned long long)before->version);
    for (size_t i = 0; i < before->keys_n; i++) {
        const struct charter_key *old = &before->keys[i], *now = charter_key(next, &old->key);
        const char *member = before->members[old->member].id;

        if (now && strcmp(next->members[now->member].id, member))
            return err_fail(err, ERR_INPUT, "a key of \"%s\" becomes another member's", member);
        if (!now && !is_closed(next, &old->key))
            return err_fail(err, ERR_INPUT,
                            "closed: a key of \"%s\" is left out, without its last events", member);
    }
    return true;
}

/* ---- making ---- */

/* A row of the basis matrix; where a draft leaves out for how long orders, or extensions, may hold
 * in all, that is as long as one of them may: so nothing goes on without an end by being said again
 * and again, unless the charter says that it may. A court says itself for how long. */
static void row_put(struct json_out *j, const struct json *row)
{
    const struct json *act = json_get(row, "act"), *max = json_get(row, "hours_max");

    json_object(j);
    for (const struct json *child = row->child; child; child = child->next) {
        json_key_n(j, child->key, child->key_n);
        json_tree(j, child);
    }
    if (max && !json_get(row, "hours_total") &&
        (json_is_string(act, "order") || json_is_string(act, "extend"))) {
        json_key(j, "hours_total");
        json_tree(j, max);
    }
    json_object_end(j);
}

static void bases_put(struct json_out *j, const struct json *list)
{
    json_array(j);
    for (const struct json *row = list->child; row; row = row->next)
        if (row->type == JSON_OBJECT)
            row_put(j, row);
        else
            json_tree(j, row);
    json_array_end(j);
}

/* The draft's members but for those that are filled in. */
static void draft_put(struct text *to, const struct json *o, const struct charter *before)
{
    struct json_out j = json_to(to, false);
    bool closed = json_get(o, "closed"), groups = json_get(o, "groups");

    json_object(&j);
    json_put_string(&j, "schema", SCHEMA);
    json_put_number(&j, "version", before ? before->version + 1 : 1);
    json_key(&j, "previous");
    if (before)
        json_hex(&j, before->hash.b, sizeof(before->hash.b));
    else
        json_null(&j);
    for (const struct json *child = o->child; child; child = child->next) {
        if (!strcmp(child->key, "schema") || !strcmp(child->key, "version") ||
            !strcmp(child->key, "previous"))
            continue;
        json_key_n(&j, child->key, child->key_n);
        if (!strcmp(child->key, "bases") && child->type == JSON_ARRAY)
            bases_put(&j, child);
        else
            json_tree(&j, child);
    }
    if (!closed) {
        json_key(&j, "closed");
        json_raw(&j, "[]", 2);
    }
    if (!groups) {
        json_key(&j, "groups");
        json_raw(&j, "[]", 2);
    }
    json_object_end(&j);
}

static bool canonical(struct arena *a, struct text *from, struct text *to, struct err *err)
{
    const struct json *o;

    return text_end(from, err) && json_read(a, from->p, from->n, &o, err) &&
           json_canonical_put(a, o, to, err);
}

bool charter_make(struct arena *a, struct bytes draft, const struct charter *before,
                  struct charter *ret, struct err *err)
{
    struct text filled = text_new(EVENT_BODY_BYTES_MAX), to = text_new(EVENT_BODY_BYTES_MAX);
    const struct json *o;
    bool ok = json_read(a, (const char *)draft.p, draft.n, &o, err) &&
              (o->type == JSON_OBJECT || err_fail(err, ERR_INPUT, "an object is wanted"));

    if (ok) {
        draft_put(&filled, o, before);
        ok = canonical(a, &filled, &to, err) &&
             charter_read(a, (struct bytes){(const uint8_t *)to.p, to.n}, ret, err) &&
             (!before || charter_follows(ret, before, err));
    }
    text_free(&filled);
    text_free(&to);
    return ok;
}

/* ---- asking ---- */

const struct charter_key *charter_key(const struct charter *c, const struct key32 *key)
{
    return c->keys ? bsearch(key, c->keys, c->keys_n, sizeof(*c->keys), key_order) : NULL;
}

int64_t charter_member(const struct charter *c, const char *id)
{
    for (size_t i = 0; i < c->members_n; i++)
        if (!strcmp(c->members[i].id, id))
            return (int64_t)i;
    return -1;
}

uint64_t charter_term(const struct charter *c, const char *class)
{
    for (size_t i = 0; i < c->terms_n; i++)
        if (!strcmp(c->terms[i].class, class))
            return c->terms[i].days;
    return 0;
}

bool charter_wants_two(const struct charter *c, const char *type)
{
    for (size_t i = 0; i < c->two_persons_n; i++)
        if (!strcmp(c->two_persons[i], type))
            return true;
    return false;
}

struct u256 charter_least(const struct charter *c, const char *asset)
{
    for (size_t i = 0; i < c->quotas.soft_amount_n; i++)
        if (!strcmp(c->quotas.soft_amount[i].asset, asset))
            return c->quotas.soft_amount[i].amount;
    return u256_of(0);
}

bool charter_hears(const struct charter *c, uint32_t member, const char *audience)
{
    if (!strcmp(audience, AUDIENCE_ALL))
        return true;
    for (size_t i = 0; i < c->groups_n; i++)
        if (!strcmp(c->groups[i].id, audience))
            return c->groups[i].members_n &&
                   bsearch(&member, c->groups[i].members, c->groups[i].members_n, sizeof(member),
                           number_order);
    return false;
}
