/* What the files of the fold share: fold.c keeps, fold_judge.c asks whether events stand,
 * fold_steps.c what they do, fold_stamps.c what checkpoints decide. */
#ifndef CORDON_GROUP_FOLD_PARTS_H
#define CORDON_GROUP_FOLD_PARTS_H

#include "group/fold.h"
#include "group/map.h"
#include "group/merkle.h"

struct list { /* of pointers, which grows */
    void **at;
    size_t n, room;
};

struct rec { /* an event here */
    struct hash32 id;
    struct fold_event pub;
    struct chain *chain;
    struct object *object;
    const struct machine_type *type; /* NULL: not known */
    const struct doc *doc;           /* of the charter that it names; NULL: not here yet */
    const struct charter_key *own;   /* its key there, if that is its author's */
    const struct charter_key *key;   /* the same, while that charter is adopted */
    unsigned roles;                  /* by that charter, and by the one that judges it */
    size_t mark;                     /* of the limit that was walked last, from 1 */
    size_t passed_closed, passed_revoked;
    bool counts;  /* when its chain was last judged */
    bool lost;    /* of a branch that the stream's newest countersigned checkpoint is not of */
    bool revokes; /* a key.revoke that is in effect */
    bool waits;   /* one by the first of two */
    bool signs;   /* a charter.sign that would do something, were it its author's only one */
    bool stepped; /* of an instrument: it did something, when alerts were told last */
    struct rec *onward; /* while a line is walked */
};

struct stamp_signer {
    const char *member;
    struct key32 key;
    uint64_t time;
};

struct stamp { /* a checkpoint of a stream */
    uint64_t size;
    struct hash32 root;
    struct rec *tip;         /* the event it ends with; NULL: not found yet */
    struct stamp_signer *by; /* [by_n] the others who signed it */
    size_t by_n;
    bool judged; /* against what stands of its stream, which has come that far */
    bool parts;  /* and it is of another history */
};

/* What stands of a stream, as a tree over it: so many events as the tree has. */
struct line {
    struct merkle_tree tree;
    struct merkle_tree *marks; /* [marks_n] the tree when it had LINE_MARK, 2 LINE_MARK, ... */
    size_t marks_n, marks_room;
};
#define LINE_MARK 1024

struct chain {         /* a stream of an author */
    struct hash32 key; /* of author and stream */
    const char *author;
    struct stream_id stream;
    struct list recs;     /* by sequence, then id */
    struct list stamps;   /* by size, then root */
    uint64_t stamp_open;  /* the least size of one that is not judged; 0: none */
    uint64_t stamp_pair;  /* of two with two roots; 0: none */
    uint64_t stamp_parts; /* of one that parts from what stands; 0: none */
    struct line *line;    /* NULL: not needed yet */
    struct chain *unsettled_next;
    bool unsettled, split;
    struct chain *unjudged_next;
    bool unjudged;
    size_t settled_n;       /* so many lead that stand, or do not count */
    const struct rec *head; /* the last that stands; NULL: none */
    uint64_t fork;          /* where two had one number, decided by a checkpoint or not; 0: none */
    bool limited;           /* one of its keys is */
    const struct rec *like; /* one whose charter was found: others are mostly like it */
};

enum object_kind { KIND_OTHER, KIND_CHARTER, KIND_KEY, KIND_ALERT };

struct object {
    struct hash32 key; /* of object and audience */
    enum object_kind kind;
    struct fold_object pub;
    struct list recs; /* in the total order */
    bool dirty;
    /* of an alert: what a person of its holder said first who had seen it; NULL: nothing. Looked
     * for once in each folding */
    const struct rec *seen;
    bool seen_known;
};

struct doc { /* a charter that was proposed */
    struct hash32 hash;
    struct charter c;
    bool adopted;
    const struct rec *by; /* the signature that adopted it */
    enum state state;     /* while charters are folded */
    size_t signed_n;
};

struct want { /* an event that is named and not here */
    struct hash32 id;
    struct list recs;
};

/* What alerts' steps go by beside their own events: a case, by its name, whoever is told of it; an
 * event that may be of an instrument, by its id. */
struct mind {
    struct hash32 key;
    struct list alerts; /* struct object * */
};

struct limit { /* of a key: what it signed beyond these does not count */
    struct key32 key;
    const struct hash32 *last;
    size_t last_n;
    bool closing; /* by a charter; else by key.revoke */
    /* By the first of two: what the key signed behind that in order does not count, but for
     * key.revoke; NULL: it is none. */
    const struct rec *stop;
};

struct fold {
    struct arena *arena;
    struct hash32 group;
    uint8_t pair_seed[16];
    struct map ids, chains, objects, docs, wants, minds;
    struct chain *recent[8]; /* by a stream's first bits: whoever wrote last writes again */
    struct list recs, chain_list, object_list, doc_list, want_list, mind_list;
    struct list charter_recs, key_recs; /* in the total order */
    struct list adopted;                /* struct doc *, by version */
    struct hash32 law;                  /* of those and by what, when all was judged last */
    struct list dirty;                  /* struct object * */
    struct limit *limits;
    size_t limits_n, limits_room;
    size_t standing_n[STANDINGS_N];
    struct chain *unsettled; /* may have checkpoints to judge */
    size_t split_n;          /* streams of which two histories were shown */
    uint64_t decided_n, stepped_n;
    /* until fold_settle: */
    struct chain *unjudged; /* to be judged as a whole */
    bool batch, all_unjudged;
    unsigned all_left; /* so often all is judged at once nevertheless: few charters are in force */
    bool rivals;       /* somebody has signed two charters of one number */
    bool again;        /* an event about a charter or a key stands differently: judge all */
};

bool list_add(struct list *l, void *thing, struct err *err);
/* Before the at-th. */
bool list_put(struct list *l, void *thing, size_t at, struct err *err);
struct chain *chain_of(struct fold *f, const char *author, const struct stream_id *stream,
                       struct err *err);
struct chain *chain_find(const struct fold *f, const char *author, const struct stream_id *stream);
bool dirty_fold(struct fold *f, struct err *err) MUST_USE;
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
/* The same, or in a batch later. */
bool judge_whole(struct fold *f, struct chain *c, size_t from, struct err *err) MUST_USE;
bool judge_everything(struct fold *f, struct err *err) MUST_USE;
/* What was put off. */
bool judge_late(struct fold *f, struct err *err) MUST_USE;
bool limits_name(const struct fold *f, const struct hash32 *id);
bool key_revoked(const struct fold *f, const struct key32 *key);
bool key_stopped(const struct fold *f, const struct key32 *key); /* by one, where two are asked */

/* fold_stamps.c */
/* Marks as lost what is not of the branch that a countersigned checkpoint is of; false: none is. */
bool branches_part(const struct fold *f, struct chain *c);
/* When more than half of the countersigners of that charter had seen it, in seconds since 1970;
 * 0: they have not. */
uint64_t witnessed_at(const struct fold *f, const struct charter *under, const struct rec *r);
/* After its head moved: there may be checkpoints to judge now. */
void chain_moved(struct fold *f, struct chain *c);
/* One that stood does so no more. */
void line_forget(struct chain *c);
/* Have two histories of it been shown, by events or checkpoints? */
void chain_count(struct fold *f, struct chain *c);

/* fold_steps.c */
void steps_of_charters(struct fold *f);
void steps_of_object(const struct fold *f, struct object *o);
/* Does a row of the table fit? Else the event's effect says why not. */
const struct step *step_of(struct rec *r, enum state from, unsigned two, unsigned met);
/* Of an event whose key is known: the roles that it has by what it names and by what judges it. */
unsigned roles_judged(const struct fold *f, const struct rec *r);

#endif
