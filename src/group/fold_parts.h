/* What the files of the fold share: fold.c keeps, fold_judge.c asks whether events stand,
 * fold_steps.c what they do. */
#ifndef CORDON_GROUP_FOLD_PARTS_H
#define CORDON_GROUP_FOLD_PARTS_H

#include "group/fold.h"
#include "group/map.h"

struct list { /* of pointers, which grows */
    void **at;
    size_t n, room;
};

struct rec { /* an event here */
    struct hash32 id;
    struct fold_event pub;
    struct chain *chain;
    struct object *object;
    const struct doc *doc;         /* of the charter that it names; NULL: not here yet */
    const struct charter_key *own; /* its key there, if that is its author's */
    const struct charter_key *key; /* the same, while that charter is adopted */
    size_t mark;                   /* of the limit that was walked last, from 1 */
    size_t passed_closed, passed_revoked;
    bool counts;  /* when its chain was last judged */
    bool revokes; /* a key.revoke that is in effect */
};

struct chain {         /* a stream of an author */
    struct hash32 key; /* of author and stream */
    const char *author;
    struct list recs;       /* by sequence, then id */
    size_t settled_n;       /* so many lead that stand, or do not count */
    const struct rec *head; /* the last that stands; NULL: none */
    uint64_t fork;          /* the least number that two have which count; 0: none */
    bool limited;           /* one of its keys is */
    const struct rec *like; /* one whose charter was found: others are mostly like it */
};

struct object {
    struct hash32 key; /* of object and audience */
    struct fold_object pub;
    struct list recs; /* in the total order */
    bool dirty;
};

struct doc { /* a charter that was proposed */
    struct hash32 hash;
    struct charter c;
    bool adopted;
    enum state state; /* while charters are folded */
    size_t signed_n;
};

struct want { /* an event that is named and not here */
    struct hash32 id;
    struct list recs;
};

struct limit { /* of a key: what it signed beyond these does not count */
    struct key32 key;
    const struct hash32 *last;
    size_t last_n;
    bool closing; /* by a charter; else by key.revoke */
};

struct fold {
    struct arena *arena;
    struct hash32 group;
    uint8_t pair_seed[16];
    struct map ids, chains, objects, docs, wants;
    struct list recs, chain_list, object_list, doc_list, want_list;
    struct list charter_recs, key_recs; /* in the total order */
    struct list adopted;                /* struct doc *, by version */
    struct list dirty;                  /* struct object * */
    struct limit *limits;
    size_t limits_n, limits_room;
    size_t standing_n[STANDINGS_N];
    bool again; /* an event about a charter or a key stands differently: judge all */
};

bool list_add(struct list *l, void *thing, struct err *err);
bool rec_is_special(const struct rec *r); /* about a charter or a key */
bool object_dirty(struct fold *f, struct object *o, struct err *err) MUST_USE;
struct rec *rec_find(const struct fold *f, const struct hash32 *id);

/* fold_judge.c */
bool judge_chain(struct fold *f, struct chain *c, size_t from, struct err *err) MUST_USE;
/* The same after its at-th event was added. */
bool judge_added(struct fold *f, struct chain *c, size_t at, struct err *err) MUST_USE;
/* The same after what an event of it waited for has come. */
bool judge_waiting(struct fold *f, struct chain *c, struct err *err) MUST_USE;
bool judge_all(struct fold *f, struct err *err) MUST_USE;
bool limits_name(const struct fold *f, const struct hash32 *id);

/* fold_steps.c */
void steps_of_charters(struct fold *f);
void steps_of_object(struct object *o);
/* Does a row of the table fit? Else the event's effect says why not. */
const struct step *step_of(struct rec *r, enum state from, unsigned met);

#endif
