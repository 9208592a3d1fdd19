/* What may follow what: one table from which the fold acts and the documentation is drawn.
 *
 * A row says: an object of this kind in this state, an event of this type by a key with one of
 * these roles, under these conditions, brings it to that state. An event that no row fits is kept
 * and changes nothing.
 *
 * Threads: safe, all constant. */
#ifndef CORDON_GROUP_MACHINE_H
#define CORDON_GROUP_MACHINE_H

#include "base/text.h"
#include "group/charter.h"

enum state {
    STATE_NONE, /* nothing is said of the object yet */
    CHARTER_PROPOSED,
    CHARTER_ADOPTED,
    KEY_REVOKED,
    CASE_DRAFT,
    CASE_REPORTED,
    CASE_VERIFIED,
    CASE_DISPUTED,
    CASE_ACTIVE,
    CASE_CONTAINED,
    CASE_CLOSED,
    CASE_RETRACTED,
    CASE_MERGED,
};
#define STATES_N (CASE_MERGED + 1)

/* Conditions, each on top of the others. */
enum condition {
    IF_OWN = 1,        /* the author is the member whose object it is */
    IF_OTHER = 2,      /* the author is another member than that */
    IF_CURRENT = 4,    /* it follows (after) the object's newest revision */
    IF_GOVERNMENT = 8, /* the author is a government that has not signed a version of that number */
    IF_MAJORITY = 16,  /* with it more than half of the governments have signed */
    IF_NO_MAJORITY = 32,
};
/* What else it does. */
enum step_mark {
    STEP_OWNER = 1,    /* the author's object from now on */
    STEP_REVISION = 2, /* this event is the newest revision */
};

struct step {
    enum state from;
    const char *type;
    unsigned roles, conditions, marks;
    enum state to;
};

extern const struct step steps[];
extern const size_t steps_n;

const char *state_name(enum state s);
const char *condition_text(enum condition c);
/* Of a kind ("case"): its diagram (Mermaid, stateDiagram-v2) and its rows (a table of Markdown). */
void machine_diagram(struct text *to, const char *kind);
void machine_table(struct text *to, const char *kind);
/* Does any row know this type? */
bool machine_knows(const char *type);

#endif
