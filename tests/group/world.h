/* Small groups for the tests of the fold: members with known keys, a charter, and events made to
 * measure. */
#ifndef CORDON_TESTS_GROUP_WORLD_H
#define CORDON_TESTS_GROUP_WORLD_H

#include "group/fold.h"
#include "group/keys.h"
#include "support.h"

#define WORLD_MEMBERS 3
#define WORLD_EVENTS_MAX 128
#define WORLD_STAMPS_MAX 64

enum world_key { WORLD_NODE, WORLD_INV, WORLD_HEAD, WORLD_DESK, WORLD_KEYS };

struct world_event {
    struct event e;
    struct bytes charter; /* the body of charter.propose */
};

struct world {
    struct arena *arena;
    struct charter charter; /* version 1: us, kr, jp; governments all three */
    struct hash32 group;
    struct world_event events[WORLD_EVENTS_MAX];
    size_t n;
    struct checkpoint stamps[WORLD_STAMPS_MAX];
    size_t stamps_n;
};

extern const char *const world_members[WORLD_MEMBERS]; /* "us", "kr", "jp" */

void world_start(struct world *w);
void world_start_with(struct world *w, const char *quotas);
void world_start_bases(struct world *w, const char *bases); /* a basis matrix; NULL: none */
/* Acts for two; each person has all roles but the auditor's. */
void world_start_two(struct world *w, const char *two_persons);
/* How long bodies are kept, by class. */
void world_start_retention(struct world *w, const char *terms);
void world_end(struct world *w);
struct signer world_signer(unsigned member, enum world_key key);

struct world_say {
    unsigned member;
    enum world_key key;
    unsigned stream; /* of the member, by number */
    const char *object, *type, *audience, *into;
    uint64_t ms;
    const struct event_facts *facts;
    const struct hash32 *after[4];  /* up to the first NULL */
    const struct world_event *prev; /* before it in its stream; NULL: the first */
    const struct hash32 *charter;   /* NULL: version 1 */
    uint64_t seq;                   /* 0: the one after prev's */
};
/* Made, signed and put into events. */
struct world_event *world_say(struct world *w, struct world_say s);
/* Facts of an alert: of a deposit of 1000 satoshis at a holder 600 are tainted by that case; and of
 * an order upon those 600, for a theft. */
struct event_facts world_alert(const char *case_object, const char *holder);
struct event_facts world_order(const char *basis, uint64_t expires_ms);
/* A checkpoint of e's stream up to e, signed by the nodes of these members (bits) at a time. */
struct checkpoint *world_stamp(struct world *w, const struct world_event *e, unsigned members,
                               uint64_t time);
/* The charter proposed by us and signed by us and kr: 3 events. */
void world_found(struct world *w);
/* A second version of a draft, proposed by us at ms, signed by us behind that and by kr behind
 * that, which adopts it. */
const struct world_event *world_second(struct world *w, const char *draft, uint64_t ms,
                                       struct charter *ret);
const char *world_object(struct world *w, const struct hash32 *charter);

/* Random numbers of a struct group_random: ctx is a struct test_random, so that they are the same
 * each time. */
void world_fill(void *ctx, void *p, size_t n);

/* What a fold makes of its events, as text: the same if and only if it comes to the same. */
const char *world_outcome(struct arena *a, const struct fold *f);
/* The events in this order through a new fold; numbers from w->n on are checkpoints. NULL: all
 * events, then all checkpoints. */
struct fold *world_fold(const struct world *w, const size_t *order, size_t n);

#endif
