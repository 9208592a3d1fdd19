/* The charter: who the members are, whose keys speak for them, and in what role.
 *
 *     {"schema":"cordon.charter/1","version":1,"previous":null,"name":"...",
 *      "members":[{"id","name","country","kind","government","state","keys":[HEX...],
 *                  "persons":[{"name","key","roles":[...]}], optionally "contact"}],
 *      "groups":[{"id","members":[ID...]}],
 *      "closed":[{"key":HEX,"last":[EVENT...]}],
 *      "quotas":{"live_cases":N, and optionally "accounts","events","events_day",
 *                "hold_hours","origins","reached","silence_hours","soft_amount":{ASSET:"N"},
 *                "soft_minutes","soft_share_ppm","soft_unverified"}}
 *
 * and optionally "bases" (group/basis.h), "two_persons":[TYPE...], the acts that count only when
 * two persons of the member have said them, and "retention":{CLASS:DAYS}, how long bodies are kept
 * (group/retention.h).
 *
 * docs/schemas/charter.json. A version's hash is SHA-256("cordon.charter/1" | canonical JSON); each
 * names the hash of the one before, and the first stands for the group for ever. A key that a
 * version no longer has (its member suspended, expelled, or it was changed for another) is among
 * "closed" of that version, with the last events of it that are good, one a stream. Whom a group of
 * the charter has may see what is said to that audience.
 *
 * A government is a member marked so: of a public kind (agency, fiu, cert, supervisor), active, one
 * a country. More than half of them adopt a version.
 *
 * Ownership: all in the arena.
 * Errors:    ERR_INPUT naming the member of the document; ERR_LIMIT; ERR_NOMEM.
 * Threads:   safe; a struct charter is only read. */
#ifndef CORDON_GROUP_CHARTER_H
#define CORDON_GROUP_CHARTER_H

#include "group/basis.h"

#define CHARTER_MEMBERS_MAX 1000
#define CHARTER_PERSONS_MAX 1000 /* of a member */
#define CHARTER_GROUPS_MAX 1000
#define CHARTER_CLOSED_MAX 10000
#define CHARTER_ASSETS_MAX 1000
#define CHARTER_SOFT_MINUTES_MAX 1440 /* a day */
#define CHARTER_HOLD_HOURS_MAX 8784   /* a year */
#define CHARTER_SILENCE_HOURS_MIN 24
#define CHARTER_SILENCE_HOURS_MAX 2160 /* 90 days */
#define CHARTER_EVENTS_MAX ((uint64_t)1000000000)
#define CHARTER_TERMS_MAX 16 /* classes */
#define CHARTER_DAYS_MAX 36600
#define CHARTER_TEXT_MAX 200 /* characters of a name that people read */

enum role {
    ROLE_NODE = 1, /* the member's machine */
    ROLE_INVESTIGATOR = 2,
    ROLE_COMPLIANCE_OFFICER = 4,
    ROLE_SUPERVISOR = 8,
    ROLE_SECRETARY = 16,
    ROLE_AUDITOR = 32,
};

struct charter_key {
    struct key32 key;
    uint32_t member;    /* in members */
    unsigned roles;     /* of enum role */
    const char *person; /* NULL: of a node */
};

struct charter_member {
    const char *id, *name, *country, *kind;
    const char *contact; /* where its people are found day and night; NULL: not said */
    bool government, suspended;
};

struct charter_group {
    const char *id;
    const uint32_t *members; /* [members_n] in members, ascending */
    size_t members_n;
};

struct charter_closed {
    struct key32 key;
    const struct hash32 *last; /* [last_n] */
    size_t last_n;
};

struct charter_least { /* of an asset */
    const char *asset;
    struct u256 amount;
};

struct charter_term { /* of a class of bodies */
    const char *class;
    uint64_t days;
};

/* What a member may ask of all others. What a charter leaves out is the default beside it. */
struct charter_quotas {
    uint64_t live_cases;      /* of a member */
    uint64_t origins;         /* of a case: 10000 */
    uint64_t reached;         /* outputs of a case, in ledger order: 10^7 */
    uint64_t soft_minutes;    /* a soft hold lasts, at most: 60 */
    uint64_t soft_share_ppm;  /* of a deposit that is tainted, at least: 10000 */
    uint64_t soft_unverified; /* soft holds on a case that nobody has verified: 0 */
    uint64_t hold_hours;      /* until an ordered hold expires or is extended again: 72 */
    uint64_t silence_hours;   /* from a text's newest revision until silence counts: 72 */
    uint64_t accounts;        /* restricted for a case, by one member: 100 */
    uint64_t events;          /* of a member, that others take in: 100000, */
    uint64_t events_day;      /* and so many more for each day of the group: 1000 */
    const struct charter_least *soft_amount; /* [soft_amount_n]; of others: 0 */
    size_t soft_amount_n;
};

struct charter {
    struct hash32 hash, previous; /* previous: of version above 1 */
    const char *name;
    uint64_t version;
    const struct charter_member *members;
    size_t members_n;
    const struct charter_key *keys; /* [keys_n] sorted by key */
    size_t keys_n;
    const struct charter_group *groups;
    size_t groups_n;
    const struct charter_closed *closed;
    size_t closed_n;
    struct charter_quotas quotas;
    struct basis_matrix bases;
    const char *const *two_persons; /* [two_persons_n] types of events that two persons say */
    size_t two_persons_n;
    const struct charter_term *terms; /* [terms_n] */
    size_t terms_n;
    size_t governments_n;
    struct bytes text; /* canonical, NUL-terminated */
};

bool charter_read(struct arena *a, struct bytes text, struct charter *ret,
                  struct err *err) MUST_USE;
/* Does next follow on before? Whatever key it leaves out it must close. */
bool charter_follows(const struct charter *next, const struct charter *before,
                     struct err *err) MUST_USE;
/* What people write becomes a version: any JSON, with version, previous and schema filled in.
 * before NULL: the first. */
bool charter_make(struct arena *a, struct bytes draft, const struct charter *before,
                  struct charter *ret, struct err *err) MUST_USE;

const struct charter_key *charter_key(const struct charter *c, const struct key32 *key); /* NULL */
/* -1: no such */
int64_t charter_member(const struct charter *c, const char *id);
/* The least amount that a machine may hold. */
struct u256 charter_least(const struct charter *c, const char *asset);
/* Is the member among those who may see what is said to this audience? */
bool charter_hears(const struct charter *c, uint32_t member, const char *audience);

/* Must two persons of a member say it? */
bool charter_wants_two(const struct charter *c, const char *type);

/* Days that bodies of a class are kept; 0: there is no term. */
uint64_t charter_term(const struct charter *c, const char *class);

/* All roles of a set, parted by ", ". */
void roles_put(struct text *to, unsigned roles);

#endif
