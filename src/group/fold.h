/* The fold: from events, in whatever order they come, to what they amount to.
 *
 * Four questions are asked of each event, and the answers depend on the set of events alone:
 *
 *     does it count?       its key is its author's under an adopted charter, and not revoked
 *     does it stand?       its stream is whole up to it, and nowhere forked
 *     what does it follow? all events that it names are here, with earlier clocks
 *     what does it do?     the table of machine.h, over its object's events in the total order
 *
 * An event that comes late is put in its place: its stream is judged from there on, and only
 * objects whose events stand differently are folded anew. What concerns the charter or a key
 * (rare) has all streams judged anew. Where a stream forks, checkpoints decide, which are handed in
 * beside the events, and in any order, too. docs/protocol.md has the rules one by one.
 *
 * Ownership: events are copied; what is returned is borrowed until the next fold_add.
 * Errors:    ERR_INPUT a charter that is not the one its event names; ERR_LIMIT, ERR_NOMEM: the
 *            fold is of no more use, and to be freed.
 * Threads:   one owner. */
#ifndef CORDON_GROUP_FOLD_H
#define CORDON_GROUP_FOLD_H

#include "group/checkpoint.h"
#include "group/machine.h"

enum standing {
    STANDING_GOOD,
    STANDING_WAITS,      /* for an event before it in its stream, or one that it follows */
    STANDING_NO_CHARTER, /* the charter that it names is not adopted */
    STANDING_NO_KEY,     /* its key is not its author's under that charter */
    STANDING_REVOKED,    /* its key was revoked or closed, and it is not among the last good ones */
    STANDING_FORKED,     /* at or behind two events with one number, or of the branch not taken */
    STANDING_MISFIT,     /* contradicts what it follows, or its audience does not fit */
    STANDING_BEHIND,     /* behind a misfit */
};
#define STANDINGS_N (STANDING_BEHIND + 1)

enum effect {
    EFFECT_NONE, /* it does not stand */
    EFFECT_STEP,
    EFFECT_NO_STEP,   /* its object's state knows no such step */
    EFFECT_ROLE,      /* its key has not the role */
    EFFECT_CONDITION, /* see unmet */
    EFFECT_CHARTER,   /* the charter's document is not here, or does not follow */
    EFFECT_UNKNOWN,   /* a type of a newer program */
};

struct fold_event {
    struct event e;
    uint64_t number; /* from 1, as they came */
    enum standing standing;
    enum effect effect;
    unsigned unmet; /* of enum condition */
    enum state to;  /* of EFFECT_STEP */
    bool turns;     /* of EFFECT_STEP: not only said: a state, owner, revision or hold changed */
    const char *person; /* who signed; NULL: a node, or not known */
};

struct fold_object {
    const char *object, *audience;
    enum state state;
    const char *owner; /* of an alert: the holder; NULL: nobody's yet */
    struct hash32 revision;
    const struct fold_event *first, *last; /* that did something; NULL: none did */
    const struct fold_event *told;         /* of an alert: what it is of; NULL: not an alert */
    /* of an alert: which says what is held now; where that hold began; its soft hold, ever */
    const struct fold_event *hold, *held, *soft; /* NULL: none */
};

struct fold;

/* seed: of tables in memory only */
struct fold *fold_new(const struct hash32 *group, size_t bytes_max, uint64_t seed);
struct fold *fold_free(struct fold *f);

/* An event whose signature was checked. charter: the body of charter.propose, else empty. *ret_new:
 * it was not here before. */
bool fold_add(struct fold *f, const struct event *e, struct bytes charter, bool *ret_new,
              struct err *err) MUST_USE;

/* ---- checkpoints: whoever asks wants the fold alone ---- */

/* A checkpoint whose signatures were checked, their keys filled in; copies of one join. */
bool fold_checkpoint(struct fold *f, const struct checkpoint *c, struct err *err) MUST_USE;
/* From now on, what takes long (a stream that forks, a key that is limited, most of what concerns
 * charters and keys) is judged once for all that is taken in until fold_settle, and not before;
 * what objects have come to is told then, too. So nobody makes others work for each event. */
void fold_batch(struct fold *f);
/* Ends that, and holds the checkpoints that came against what stands now. To be called before what
 * they say of each other is asked. */
bool fold_settle(struct fold *f, struct err *err) MUST_USE;

struct fold_stream {
    const char *author, *audience; /* audience: NULL: no event of it is here */
    struct stream_id stream;
    const struct fold_event *head; /* the last that stands; NULL: none */
    /* Its author has shown two histories: two events have this number; the checkpoint of this size
     * is not of what stands, or has a rival. 0: not so. */
    uint64_t forked, parted;
    bool any_checkpoint;
};
/* The i-th as they came; false past the last. */
bool fold_stream_at(const struct fold *f, size_t i, struct fold_stream *ret);
bool fold_stream(const struct fold *f, const char *author, const struct stream_id *stream,
                 struct fold_stream *ret);
/* How often checkpoints had events judged anew. */
uint64_t fold_decided_n(const struct fold *f);
/* How many events the steps of their objects were worked out of so far, each time anew. */
uint64_t fold_stepped_n(const struct fold *f);
/* Of how many streams were two histories shown? */
size_t fold_split_n(const struct fold *f);
/* The largest checkpoint of the i-th stream whose events stand here, without signatures, and
 * whether this key has countersigned it; false: there is none. by NULL: nobody's. */
bool fold_stream_checkpoint(const struct fold *f, size_t i, const struct key32 *by,
                            struct checkpoint *ret, bool *ret_signed);
/* The size of the largest that is countersigned, too; 0: none is. */
uint64_t fold_stream_countersigned(const struct fold *f, size_t i);
/* Does that member's word count there, by the charter in force? */
bool fold_countersigns(const struct fold *f, const struct fold_stream *s, const char *member);
/* The root over the events of its stream up to this one; false: one is not here. */
bool fold_root(const struct fold *f, const struct fold_event *e, struct hash32 *ret);
/* The event that a checkpoint ends with, found by its root; NULL: they are not all here. */
const struct fold_event *fold_checkpoint_tip(const struct fold *f, const struct checkpoint *c);
/* Have more than half of those who may, by the charter in force? Not known without its events. */
bool fold_countersigned(const struct fold *f, const struct checkpoint *c);
/* Of one stream: can neither be the beginning of the other? False also where that is not known. */
bool fold_parted(const struct fold *f, const struct checkpoint *a, const struct checkpoint *b);

/* ---- asking ---- */

const struct fold_event *fold_find(const struct fold *f, const struct hash32 *id);
size_t fold_events_n(const struct fold *f);
/* The i-th as they came; NULL past the last. */
const struct fold_event *fold_event_at(const struct fold *f, size_t i);
/* [*ret_n] in the arena, in the total order; NULL: no memory */
const struct fold_event **fold_ordered(const struct fold *f, struct arena *a, size_t *ret_n);
/* The i-th object as they came; NULL past the last. */
const struct fold_object *fold_object_at(const struct fold *f, size_t i);
const struct fold_object *fold_object(const struct fold *f, const char *object,
                                      const char *audience);
/* The version in force; NULL: none is adopted yet. */
const struct charter *fold_charter(const struct fold *f);
const struct charter *fold_charter_at(const struct fold *f, uint64_t version); /* adopted ones */
const struct charter *fold_document(const struct fold *f, const struct hash32 *hash); /* any */
/* When more than half of those who may, by the charter that it names, had countersigned a
 * checkpoint that it stands below, milliseconds since 1970: by their clocks, not its author's. 0:
 * not yet. */
uint64_t fold_witnessed_ms(const struct fold *f, const struct fold_event *e);
/* By which version it is judged whether an act asks for two, and has a row in the matrix: that
 * which it names, or the newest that was adopted before it in order, whichever is newer. An old
 * version is no way round a newer one. NULL: that which it names is not here. */
const struct charter *fold_charter_of(const struct fold *f, const struct event *e);
/* The i-th event of an object in the total order; NULL past the last. */
const struct fold_event *fold_event_of(const struct fold_object *o, size_t i);
/* The number and id of the last good event of a stream; 0: none. */
uint64_t fold_head(const struct fold *f, const char *author, const struct stream_id *stream,
                   struct hash32 *ret_id);
/* May its author go on with it: does nothing in it wait, misfit or fork? */
bool fold_goes_on(const struct fold *f, const char *author, const struct stream_id *stream);
/* The latest clock, up to ms_max, of those that stand last in their streams for all and for that
 * audience: what is said to others must not show in it. */
void fold_clock(const struct fold *f, const char *audience, uint64_t ms_max, uint64_t *ret_ms,
                uint64_t *ret_n);
size_t fold_standing_n(const struct fold *f, enum standing s);

/* "revoked"; "stopped", by the first of two; NULL: neither. */
const char *fold_key_limit(const struct fold *f, const struct key32 *key);

/* Does it stand, and lacks but a second person? */
bool fold_waits_for_second(const struct fold_event *e);
/* Do they say the same, so that two persons' word is one act? */
bool fold_says_same(const struct fold *f, const struct fold_event *a, const struct fold_event *b);
/* Does a step part two who say the same, of a member? What another member says, and nothing changes
 * by, does not: else anybody could keep two from acting, and undo what two have done. */
bool fold_parts_two(const struct fold_event *step, const char *member);
/* Would an act with that key, of that person, be the second on an object? o NULL: nothing is said
 * of it. */
bool fold_is_second(const struct fold *f, const struct fold_object *o,
                    const struct fold_event *act);

const char *standing_name(enum standing s);
/* Why an event did nothing, in words; "" if it did. */
void effect_put(struct text *to, const struct fold *f, const struct fold_event *e);

#endif
