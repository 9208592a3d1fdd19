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
    ALERT_OPENED, /* to one audience alone: what an alert of another is of */
    ALERT_DETECTED,
    ALERT_SENT,
    ALERT_SOFT_HELD,
    ALERT_ACKNOWLEDGED,
    ALERT_REPAIR,
    ALERT_ORDERED,
    ALERT_HELD,
    ALERT_HELD_PART,
    ALERT_LEGAL,
    ALERT_DECLINED,
    ALERT_TOO_LATE,
    ALERT_RELEASED,
    ALERT_SEIZED,
    ALERT_RETURNED,
    ALERT_VOID,
    RECORD_STATED,
    RECORD_DONE,
    RECORD_WITHDRAWN,
    HANDLING_SET,    /* how a case is handled, to one audience (group/handling.h) */
    EXPORT_APPROVED, /* by one person, or by two (group/approval.h) */
    PRESERVED,       /* a legal hold, or one that was lifted (group/retention.h) */
};
#define STATES_N (PRESERVED + 1) /* at most 64: sets of them are bits */

/* Conditions, each on top of the others. */
enum condition {
    IF_OWN = 1,        /* the author is the member whose object it is */
    IF_OTHER = 2,      /* the author is another member than that */
    IF_CURRENT = 4,    /* it follows (after) the object's newest revision */
    IF_GOVERNMENT = 8, /* the author is a government that has not signed a version of that number */
    IF_MAJORITY = 16,  /* with it more than half of the governments have signed */
    IF_NO_MAJORITY = 32,
    /* of alerts, by their facts */
    IF_HOLDER = 64,       /* the holder is the author */
    IF_TELLS = 128,       /* the holder is another member, which belongs to the audience */
    IF_PARTY = 256,       /* the author is the holder, or has told what no person of
                           * that has seen */
    IF_AMOUNT = 512,      /* no more than the alert's */
    IF_LEAST = 1024,      /* not under poison; the charter's least share and amount */
    IF_EXPIRES = 2048,    /* later than the event's own clock */
    IF_SOFT_TIME = 4096,  /* within the charter's soft_minutes */
    IF_HOLD_TIME = 8192,  /* within the charter's hold_hours */
    IF_RUNNING = 16384,   /* the hold that was is not over, and it takes no more than that */
    IF_NO_LONGER = 32768, /* expires no later than that */
    IF_AGAIN = 65536,     /* of the same case, deposit and holder, and void as reorganised, or taken
                           * back by another that had told it */
    /* of types that the charter wants two persons for: another of the member has said it before */
    IF_SECOND = 131072,
    IF_AUTHORITY = 262144, /* the author is a government */
    /* of a person's acts upon a hold (group/grounds.h): */
    IF_GRANTED = 524288, /* a row of the charter's basis matrix grants it, or there is none */
    IF_PAPER = 1048576,  /* it names an instrument that stands there */
    /* of the hold, by the event's own clock */
    IF_HELD = 2097152, /* there is one, and it is not over */
    IF_OVER = 4194304, /* there is none, or it is over */
};
#define CONDITION_LAST IF_OVER
#define IF_GROUNDS (IF_GRANTED | IF_PAPER)
/* What else it does. */
enum step_mark {
    STEP_OWNER = 1,    /* the author's object from now on */
    STEP_REVISION = 2, /* this event is the newest revision */
    STEP_HOLDER = 4,   /* the holder's object from now on, and what the alert is of */
    STEP_HOLD = 8,     /* its amount and expiry are the hold's */
    STEP_SOFT = 16,    /* and a machine said so */
    STEP_FREE = 32,    /* there is no hold any more */
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
struct machine_type {
    const char *name;
    const struct step *const *rows; /* [rows_n] as they stand in the table */
    size_t rows_n;
};
const struct machine_type *machine_type(const char *name); /* NULL: no row knows it */
/* May it take a step by an instrument that it names? */
bool machine_by_paper(const char *name);

#endif
