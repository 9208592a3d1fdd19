#include "group/machine.h"

#include "base/sort.h"

#include <pthread.h>

#define INVESTIGATOR ROLE_INVESTIGATOR
#define PEOPLE (ROLE_INVESTIGATOR | ROLE_COMPLIANCE_OFFICER)
#define NODE_OR_INVESTIGATOR (ROLE_NODE | ROLE_INVESTIGATOR)
#define NEW_REVISION (IF_OWN), STEP_REVISION
#define HEADS (ROLE_SUPERVISOR | ROLE_SECRETARY)
#define HANDLERS (ROLE_INVESTIGATOR | ROLE_SUPERVISOR)
#define NODE_OR_PEOPLE (ROLE_NODE | PEOPLE)
#define OFFICER ROLE_COMPLIANCE_OFFICER
/* An alert is its holder's. */
#define SOFT_HOLD                                                                                  \
    ROLE_NODE, IF_OWN | IF_AMOUNT | IF_LEAST | IF_EXPIRES | IF_SOFT_TIME, STEP_HOLD | STEP_SOFT,   \
        ALERT_SOFT_HELD
#define ORDER                                                                                      \
    OFFICER, IF_OWN | IF_AMOUNT | IF_EXPIRES | IF_HOLD_TIME | IF_GRANTED, STEP_HOLD, ALERT_ORDERED
#define ENFORCE ROLE_NODE, IF_OWN | IF_EXPIRES | IF_RUNNING | IF_NO_LONGER, STEP_HOLD
#define EXTEND OFFICER, IF_OWN | IF_EXPIRES | IF_HOLD_TIME | IF_RUNNING | IF_GRANTED, STEP_HOLD
#define LEGAL OFFICER, IF_OWN | IF_EXPIRES | IF_RUNNING | IF_GROUNDS, STEP_HOLD, ALERT_LEGAL
#define OPEN ROLE_NODE | OFFICER, IF_OWN, 0
#define RELAY ROLE_INVESTIGATOR | ROLE_SUPERVISOR, IF_OTHER, 0
#define DECLINE PEOPLE, IF_OWN, STEP_FREE, ALERT_DECLINED
#define TOO_LATE NODE_OR_PEOPLE, IF_OWN, STEP_FREE, ALERT_TOO_LATE
#define PAID_OUT NODE_OR_PEOPLE, IF_OWN | IF_OVER, STEP_FREE, ALERT_TOO_LATE
#define SEIZE OFFICER, IF_OWN | IF_PAPER, STEP_FREE, ALERT_SEIZED
#define RETURN OFFICER, IF_OWN | IF_HELD, STEP_FREE, ALERT_RETURNED
#define RELEASE OFFICER, IF_OWN, STEP_FREE, ALERT_RELEASED
#define NOTICE OFFICER, IF_OWN, 0
#define DEFER OFFICER, IF_OWN | IF_EXPIRES, 0
/* What no person of the holder has seen yet its teller may take back; then the holder alone. */
#define VOID NODE_OR_PEOPLE, IF_PARTY, STEP_FREE, ALERT_VOID
#define OWN_VOID NODE_OR_PEOPLE, IF_OWN, STEP_FREE, ALERT_VOID

/* A record (group/record.h) is its author's. */
#define REGISTER(kind, roles)                                                                      \
    {STATE_NONE, kind ".state", roles, 0, STEP_OWNER | STEP_REVISION, RECORD_STATED},              \
        {RECORD_STATED, kind ".revise", roles, NEW_REVISION, RECORD_STATED},                       \
    {                                                                                              \
        RECORD_STATED, kind ".withdraw", roles, IF_OWN, 0, RECORD_WITHDRAWN                        \
    }

const struct step steps[] = {
    /* the charter: an object a version */
    {STATE_NONE, "charter.propose", ROLE_SECRETARY, 0, STEP_OWNER | STEP_REVISION,
     CHARTER_PROPOSED},
    {CHARTER_PROPOSED, "charter.sign", ROLE_SUPERVISOR, IF_GOVERNMENT | IF_NO_MAJORITY, 0,
     CHARTER_PROPOSED},
    {CHARTER_PROPOSED, "charter.sign", ROLE_SUPERVISOR, IF_GOVERNMENT | IF_MAJORITY, 0,
     CHARTER_ADOPTED},
    {CHARTER_ADOPTED, "charter.sign", ROLE_SUPERVISOR, IF_GOVERNMENT, 0, CHARTER_ADOPTED},
    /* a key: by its own member, at once; the event follows the last good ones */
    {STATE_NONE, "key.revoke", HEADS, IF_OWN, 0, KEY_REVOKED},
    /* a case: drafted by a machine or a person, reported by a person */
    {STATE_NONE, "case.draft", NODE_OR_INVESTIGATOR, 0, STEP_OWNER | STEP_REVISION, CASE_DRAFT},
    {STATE_NONE, "case.report", INVESTIGATOR, 0, STEP_OWNER | STEP_REVISION, CASE_REPORTED},
    {CASE_DRAFT, "case.report", INVESTIGATOR, NEW_REVISION, CASE_REPORTED},
    {CASE_DRAFT, "case.retract", PEOPLE, IF_OWN, 0, CASE_RETRACTED},
    /* a second member looks at what was reported */
    {CASE_REPORTED, "case.verify", INVESTIGATOR, IF_OTHER | IF_CURRENT, 0, CASE_VERIFIED},
    {CASE_REPORTED, "case.dispute", PEOPLE, IF_OTHER, 0, CASE_DISPUTED},
    {CASE_DISPUTED, "case.verify", INVESTIGATOR, IF_OTHER | IF_CURRENT, 0, CASE_VERIFIED},
    {CASE_VERIFIED, "case.dispute", PEOPLE, IF_OTHER, 0, CASE_DISPUTED},
    {CASE_ACTIVE, "case.dispute", PEOPLE, IF_OTHER, 0, CASE_DISPUTED},
    {CASE_CONTAINED, "case.dispute", PEOPLE, IF_OTHER, 0, CASE_DISPUTED},
    /* what is amended is looked at again */
    {CASE_REPORTED, "case.revise", INVESTIGATOR, NEW_REVISION, CASE_REPORTED},
    {CASE_VERIFIED, "case.revise", INVESTIGATOR, NEW_REVISION, CASE_REPORTED},
    {CASE_DISPUTED, "case.revise", INVESTIGATOR, NEW_REVISION, CASE_REPORTED},
    {CASE_ACTIVE, "case.revise", INVESTIGATOR, NEW_REVISION, CASE_REPORTED},
    {CASE_CONTAINED, "case.revise", INVESTIGATOR, NEW_REVISION, CASE_REPORTED},
    /* money moves, stands still, is dealt with */
    {CASE_VERIFIED, "case.activate", NODE_OR_INVESTIGATOR, 0, 0, CASE_ACTIVE},
    {CASE_CONTAINED, "case.activate", NODE_OR_INVESTIGATOR, 0, 0, CASE_ACTIVE},
    {CASE_ACTIVE, "case.contain", INVESTIGATOR, IF_OWN, 0, CASE_CONTAINED},
    {CASE_VERIFIED, "case.close", ROLE_SUPERVISOR, IF_OWN, 0, CASE_CLOSED},
    {CASE_CONTAINED, "case.close", ROLE_SUPERVISOR, IF_OWN, 0, CASE_CLOSED},
    /* one theft was reported twice; it was none */
    {CASE_REPORTED, "case.merge", INVESTIGATOR, IF_OWN, 0, CASE_MERGED},
    {CASE_VERIFIED, "case.merge", INVESTIGATOR, IF_OWN, 0, CASE_MERGED},
    {CASE_DISPUTED, "case.merge", INVESTIGATOR, IF_OWN, 0, CASE_MERGED},
    {CASE_REPORTED, "case.retract", PEOPLE, IF_OWN, 0, CASE_RETRACTED},
    {CASE_VERIFIED, "case.retract", PEOPLE, IF_OWN, 0, CASE_RETRACTED},
    {CASE_DISPUTED, "case.retract", PEOPLE, IF_OWN, 0, CASE_RETRACTED},
    {CASE_ACTIVE, "case.retract", PEOPLE, IF_OWN, 0, CASE_RETRACTED},
    {CASE_CONTAINED, "case.retract", PEOPLE, IF_OWN, 0, CASE_RETRACTED},
    /* an alert: its holder's node found the deposit, or another member tells of it */
    {STATE_NONE, "alert.detect", ROLE_NODE, IF_HOLDER, STEP_HOLDER, ALERT_DETECTED},
    {STATE_NONE, "alert.send", NODE_OR_INVESTIGATOR, IF_TELLS, STEP_HOLDER, ALERT_SENT},
    /* which deposit it is, to an audience beside that of the alert, or to that */
    {STATE_NONE, "alert.open", ROLE_NODE | OFFICER, 0, STEP_OWNER, ALERT_OPENED},
    /* what was opened is told nevertheless: whoever opens first keeps nobody from it */
    {ALERT_OPENED, "alert.detect", ROLE_NODE, IF_HOLDER, STEP_HOLDER, ALERT_DETECTED},
    {ALERT_OPENED, "alert.send", NODE_OR_INVESTIGATOR, IF_TELLS, STEP_HOLDER, ALERT_SENT},
    {ALERT_DETECTED, "alert.open", OPEN, ALERT_DETECTED},
    {ALERT_SOFT_HELD, "alert.open", OPEN, ALERT_SOFT_HELD},
    {ALERT_ACKNOWLEDGED, "alert.open", OPEN, ALERT_ACKNOWLEDGED},
    {ALERT_ORDERED, "alert.open", OPEN, ALERT_ORDERED},
    {ALERT_HELD, "alert.open", OPEN, ALERT_HELD},
    {ALERT_HELD_PART, "alert.open", OPEN, ALERT_HELD_PART},
    {ALERT_LEGAL, "alert.open", OPEN, ALERT_LEGAL},
    /* an authority of the holder's country takes a foreign request on (group/basis.h) */
    {ALERT_DETECTED, "alert.relay", RELAY, ALERT_DETECTED},
    {ALERT_SENT, "alert.relay", RELAY, ALERT_SENT},
    {ALERT_SOFT_HELD, "alert.relay", RELAY, ALERT_SOFT_HELD},
    {ALERT_ACKNOWLEDGED, "alert.relay", RELAY, ALERT_ACKNOWLEDGED},
    {ALERT_REPAIR, "alert.relay", RELAY, ALERT_REPAIR},
    {ALERT_ORDERED, "alert.relay", RELAY, ALERT_ORDERED},
    {ALERT_HELD, "alert.relay", RELAY, ALERT_HELD},
    {ALERT_HELD_PART, "alert.relay", RELAY, ALERT_HELD_PART},
    {ALERT_LEGAL, "alert.relay", RELAY, ALERT_LEGAL},
    /* by machine, at once and for a short time */
    {ALERT_DETECTED, "alert.hold-soft", SOFT_HOLD},
    {ALERT_SENT, "alert.hold-soft", SOFT_HOLD},
    /* a person of the holder has seen it, or lacks something; a soft hold goes on */
    {ALERT_DETECTED, "alert.acknowledge", PEOPLE, IF_OWN, 0, ALERT_ACKNOWLEDGED},
    {ALERT_SENT, "alert.acknowledge", PEOPLE, IF_OWN, 0, ALERT_ACKNOWLEDGED},
    {ALERT_SOFT_HELD, "alert.acknowledge", PEOPLE, IF_OWN, 0, ALERT_ACKNOWLEDGED},
    {ALERT_REPAIR, "alert.acknowledge", PEOPLE, IF_OWN, 0, ALERT_ACKNOWLEDGED},
    {ALERT_ACKNOWLEDGED, "alert.repair", PEOPLE, IF_OWN, 0, ALERT_REPAIR},
    {ALERT_REPAIR, "alert.send", NODE_OR_INVESTIGATOR, IF_OTHER, 0, ALERT_ACKNOWLEDGED},
    /* a hold: a person orders it, the holder's own system does it */
    {ALERT_SOFT_HELD, "alert.order", ORDER},
    {ALERT_ACKNOWLEDGED, "alert.order", ORDER},
    {ALERT_ORDERED, "alert.enforce", ENFORCE, ALERT_HELD},
    {ALERT_HELD_PART, "alert.enforce", ENFORCE, ALERT_HELD},
    {ALERT_ORDERED, "alert.enforce-part", ENFORCE, ALERT_HELD_PART},
    {ALERT_ORDERED, "alert.extend", EXTEND, ALERT_ORDERED},
    {ALERT_HELD, "alert.extend", EXTEND, ALERT_HELD},
    {ALERT_HELD_PART, "alert.extend", EXTEND, ALERT_HELD_PART},
    {ALERT_HELD, "alert.legal", LEGAL},
    {ALERT_HELD_PART, "alert.legal", LEGAL},
    {ALERT_LEGAL, "alert.legal", LEGAL},
    /* the account's owner was told that it is held, or is to be told later, by a ground */
    {ALERT_ORDERED, "alert.notice", NOTICE, ALERT_ORDERED},
    {ALERT_HELD, "alert.notice", NOTICE, ALERT_HELD},
    {ALERT_HELD_PART, "alert.notice", NOTICE, ALERT_HELD_PART},
    {ALERT_LEGAL, "alert.notice", NOTICE, ALERT_LEGAL},
    {ALERT_RELEASED, "alert.notice", NOTICE, ALERT_RELEASED},
    {ALERT_SEIZED, "alert.notice", NOTICE, ALERT_SEIZED},
    {ALERT_RETURNED, "alert.notice", NOTICE, ALERT_RETURNED},
    {ALERT_ORDERED, "alert.defer", DEFER, ALERT_ORDERED},
    {ALERT_HELD, "alert.defer", DEFER, ALERT_HELD},
    {ALERT_HELD_PART, "alert.defer", DEFER, ALERT_HELD_PART},
    {ALERT_LEGAL, "alert.defer", DEFER, ALERT_LEGAL},
    /* none, or not any more */
    {ALERT_DETECTED, "alert.decline", DECLINE},
    {ALERT_SENT, "alert.decline", DECLINE},
    {ALERT_SOFT_HELD, "alert.decline", DECLINE},
    {ALERT_ACKNOWLEDGED, "alert.decline", DECLINE},
    {ALERT_REPAIR, "alert.decline", DECLINE},
    {ALERT_DETECTED, "alert.too-late", TOO_LATE},
    {ALERT_SENT, "alert.too-late", TOO_LATE},
    {ALERT_SOFT_HELD, "alert.too-late", TOO_LATE},
    {ALERT_ACKNOWLEDGED, "alert.too-late", TOO_LATE},
    {ALERT_REPAIR, "alert.too-late", TOO_LATE},
    {ALERT_ORDERED, "alert.too-late", TOO_LATE},
    /* the money was paid out when its hold was over */
    {ALERT_HELD, "alert.too-late", PAID_OUT},
    {ALERT_HELD_PART, "alert.too-late", PAID_OUT},
    {ALERT_LEGAL, "alert.too-late", PAID_OUT},
    /* where the money went on to: customer data, to one audience */
    {STATE_NONE, "alert.disclose", OFFICER, 0, STEP_OWNER, ALERT_OPENED},
    {ALERT_OPENED, "alert.disclose", OFFICER, IF_OWN, 0, ALERT_OPENED},
    {ALERT_TOO_LATE, "alert.disclose", OFFICER, IF_OWN, 0, ALERT_TOO_LATE},
    {ALERT_SOFT_HELD, "alert.release", RELEASE},
    {ALERT_ACKNOWLEDGED, "alert.release", RELEASE},
    {ALERT_ORDERED, "alert.release", RELEASE},
    {ALERT_HELD, "alert.release", RELEASE},
    {ALERT_HELD_PART, "alert.release", RELEASE},
    {ALERT_LEGAL, "alert.release", RELEASE},
    /* an authority takes it, by an instrument, whether or not the hold is over; what is held no
     * more is nobody's to give back */
    {ALERT_ORDERED, "alert.seize", SEIZE},
    {ALERT_HELD, "alert.seize", SEIZE},
    {ALERT_HELD_PART, "alert.seize", SEIZE},
    {ALERT_LEGAL, "alert.seize", OFFICER, IF_OWN, STEP_FREE, ALERT_SEIZED},
    {ALERT_HELD, "alert.return", RETURN},
    {ALERT_LEGAL, "alert.return", RETURN},
    /* what it stood on is gone */
    {ALERT_DETECTED, "alert.void", VOID},
    {ALERT_SENT, "alert.void", VOID},
    {ALERT_SOFT_HELD, "alert.void", VOID},
    {ALERT_ACKNOWLEDGED, "alert.void", OWN_VOID},
    {ALERT_REPAIR, "alert.void", OWN_VOID},
    {ALERT_ORDERED, "alert.void", OWN_VOID},
    {ALERT_HELD, "alert.void", OWN_VOID},
    {ALERT_HELD_PART, "alert.void", OWN_VOID},
    /* a deposit that had left the chain is there again; what one takes back another tells */
    {ALERT_VOID, "alert.detect", ROLE_NODE, IF_HOLDER | IF_AGAIN, STEP_HOLDER, ALERT_DETECTED},
    {ALERT_VOID, "alert.send", NODE_OR_INVESTIGATOR, IF_TELLS | IF_AGAIN, STEP_HOLDER, ALERT_SENT},
    /* registers: what is written down, put right, taken back */
    REGISTER("incident", PEOPLE | HEADS),
    REGISTER("claim", PEOPLE | HEADS),
    REGISTER("meeting", HEADS),
    REGISTER("action", HEADS),
    {RECORD_STATED, "action.done", HEADS, IF_OWN, 0, RECORD_DONE},
    REGISTER("commitment", HEADS),
    REGISTER("obligation", PEOPLE | HEADS),
    REGISTER("outreach", PEOPLE | HEADS),
    REGISTER("instrument", PEOPLE | HEADS),
    REGISTER("notice", PEOPLE | HEADS),
    /* a complaint is answered, and never taken back by whom it is about */
    {STATE_NONE, "complaint.state", PEOPLE | HEADS, 0, STEP_OWNER | STEP_REVISION, RECORD_STATED},
    {RECORD_STATED, "complaint.revise", PEOPLE | HEADS, NEW_REVISION, RECORD_STATED},
    REGISTER("finding", PEOPLE | HEADS),
    REGISTER("rate", PEOPLE | HEADS),
    /* how a case is handled, as an authority tells some: sealed to them */
    {STATE_NONE, "handling.set", HANDLERS, IF_AUTHORITY, STEP_OWNER | STEP_REVISION, HANDLING_SET},
    {HANDLING_SET, "handling.set", HANDLERS, IF_OWN | IF_AUTHORITY, STEP_REVISION, HANDLING_SET},
    /* something leaves a member's home: it may take two persons */
    {STATE_NONE, "export.approve", PEOPLE | HEADS, 0, STEP_OWNER, EXPORT_APPROVED},
    {EXPORT_APPROVED, "export.approve", PEOPLE | HEADS, IF_OWN, 0, EXPORT_APPROVED},
    /* a legal hold on what is kept: of each member the newest word counts */
    {STATE_NONE, "preserve.order", OFFICER | ROLE_SUPERVISOR, 0, STEP_OWNER, PRESERVED},
    {PRESERVED, "preserve.order", OFFICER | ROLE_SUPERVISOR, 0, 0, PRESERVED},
    {PRESERVED, "preserve.lift", OFFICER | ROLE_SUPERVISOR, 0, 0, PRESERVED},
    /* a text that is to be published: governments clear it, or object (group/clearance.h) */
    REGISTER("text", HEADS),
    {RECORD_STATED, "text.clear", ROLE_SUPERVISOR, 0, 0, RECORD_STATED},
    {RECORD_STATED, "text.object", ROLE_SUPERVISOR, 0, 0, RECORD_STATED},
};
const size_t steps_n = sizeof(steps) / sizeof(steps[0]);

const char *state_name(enum state s)
{
    switch (s) {
    case STATE_NONE:
        return "none";
    case CHARTER_PROPOSED:
        return "proposed";
    case CHARTER_ADOPTED:
        return "adopted";
    case KEY_REVOKED:
        return "revoked";
    case CASE_DRAFT:
        return "draft";
    case CASE_REPORTED:
        return "reported";
    case CASE_VERIFIED:
        return "verified";
    case CASE_DISPUTED:
        return "disputed";
    case CASE_ACTIVE:
        return "active";
    case CASE_CONTAINED:
        return "contained";
    case CASE_CLOSED:
        return "closed";
    case CASE_RETRACTED:
        return "retracted";
    case CASE_MERGED:
        return "merged";
    case ALERT_OPENED:
        return "opened";
    case ALERT_DETECTED:
        return "detected";
    case ALERT_SENT:
        return "sent";
    case ALERT_SOFT_HELD:
        return "soft-held";
    case ALERT_ACKNOWLEDGED:
        return "acknowledged";
    case ALERT_REPAIR:
        return "repair";
    case ALERT_ORDERED:
        return "ordered";
    case ALERT_HELD:
        return "held";
    case ALERT_HELD_PART:
        return "held-in-part";
    case ALERT_LEGAL:
        return "legal";
    case ALERT_DECLINED:
        return "declined";
    case ALERT_TOO_LATE:
        return "too-late";
    case ALERT_RELEASED:
        return "released";
    case ALERT_SEIZED:
        return "seized";
    case ALERT_RETURNED:
        return "returned";
    case ALERT_VOID:
        return "void";
    case RECORD_STATED:
        return "stated";
    case RECORD_DONE:
        return "done";
    case RECORD_WITHDRAWN:
        return "withdrawn";
    case HANDLING_SET:
        return "set";
    case EXPORT_APPROVED:
        return "approved";
    case PRESERVED:
        return "preserved";
    }
    return NULL;
}

const char *condition_text(enum condition c)
{
    switch (c) {
    case IF_OWN:
        return "own member";
    case IF_OTHER:
        return "another member";
    case IF_CURRENT:
        return "after the newest revision";
    case IF_GOVERNMENT:
        return "a government, its first of that number";
    case IF_MAJORITY:
        return "now more than half";
    case IF_NO_MAJORITY:
        return "not yet more than half";
    case IF_HOLDER:
        return "the holder is the author";
    case IF_TELLS:
        return "the holder is another member, of the audience";
    case IF_PARTY:
        return "the holder, or who has told it before a person of that has seen it";
    case IF_AMOUNT:
        return "no more than the alert's amount";
    case IF_LEAST:
        return "not by poison; the charter's least share and amount";
    case IF_EXPIRES:
        return "expires after its own clock";
    case IF_SOFT_TIME:
        return "within soft_minutes";
    case IF_HOLD_TIME:
        return "within hold_hours";
    case IF_RUNNING:
        return "the hold is not over, and was of no less";
    case IF_NO_LONGER:
        return "no longer than it was";
    case IF_AGAIN:
        return "void as reorganised or by another that told it, and of the same case, deposit and "
               "holder";
    case IF_SECOND:
        return "a second person of the member says the same";
    case IF_AUTHORITY:
        return "a government";
    case IF_GRANTED:
        return "a row of the basis matrix grants it";
    case IF_PAPER:
        return "it names an instrument that stands";
    case IF_HELD:
        return "the hold is not over";
    case IF_OVER:
        return "the hold is over";
    }
    return NULL;
}

/* ---- rows by their type ---- */

#define TYPES_MAX 128
#define ROWS_MAX 512

static struct machine_type types[TYPES_MAX];
static const struct step *rows_by_type[ROWS_MAX];
static size_t types_n;
static pthread_once_t types_once = PTHREAD_ONCE_INIT;

static int row_order(const void *a, const void *b)
{
    const struct step *one = a, *other = b;
    int order = strcmp(one->type, other->type);

    return order ? order : (one > other) - (one < other);
}

static void types_make(void)
{
    static const void *scratch[ROWS_MAX];
    size_t n = steps_n < ROWS_MAX ? steps_n : ROWS_MAX;

    for (size_t i = 0; i < n; i++)
        rows_by_type[i] = &steps[i];
    sort_pointers((const void **)rows_by_type, n, scratch, row_order);
    for (size_t i = 0; i < n; i++) {
        if (!i || strcmp(rows_by_type[i]->type, rows_by_type[i - 1]->type) != 0)
            types[types_n++] =
                (struct machine_type){.name = rows_by_type[i]->type, .rows = &rows_by_type[i]};
        types[types_n - 1].rows_n++;
    }
}

const struct machine_type *machine_type(const char *name)
{
    size_t low = 0, high;

    pthread_once(&types_once, types_make);
    for (high = types_n; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(types[middle].name, name);

        if (!order)
            return &types[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool machine_by_paper(const char *name)
{
    const struct machine_type *type = machine_type(name);

    for (size_t i = 0; type && i < type->rows_n; i++)
        if (type->rows[i]->conditions & IF_PAPER)
            return true;
    return false;
}

static bool of_kind(const struct step *s, const char *kind)
{
    size_t n = strlen(kind);

    return !strncmp(s->type, kind, n) && s->type[n] == '.';
}

static bool ends(const char *kind, enum state s)
{
    for (size_t i = 0; i < steps_n; i++)
        if (of_kind(&steps[i], kind) && steps[i].from == s)
            return false;
    return true;
}

void machine_diagram(struct text *to, const char *kind)
{
    uint64_t reached = 0;

    text_str(to, "stateDiagram-v2\n");
    for (size_t i = 0; i < steps_n; i++) {
        const struct step *s = &steps[i];

        if (!of_kind(s, kind))
            continue;
        text_printf(to, "    %s --> %s: %s\n", s->from == STATE_NONE ? "[*]" : state_name(s->from),
                    state_name(s->to), s->type + strlen(kind) + 1);
        reached |= UINT64_C(1) << s->to;
    }
    for (unsigned s = 0; s < STATES_N; s++)
        if (reached & UINT64_C(1) << s && ends(kind, (enum state)s))
            text_printf(to, "    %s --> [*]\n", state_name((enum state)s));
}

static const char *mark_text(enum step_mark mark)
{
    switch (mark) {
    case STEP_OWNER:
        return "makes it the author's";
    case STEP_REVISION:
        return "is the newest revision";
    case STEP_HOLDER:
        return "makes it the holder's";
    case STEP_HOLD:
        return "says what is held";
    case STEP_SOFT:
        return "softly";
    case STEP_FREE:
        return "ends the hold";
    }
    return NULL;
}

static void conditions_put(struct text *to, const struct step *s)
{
    bool any = false;

    for (unsigned bit = IF_OWN; bit <= CONDITION_LAST; bit <<= 1)
        if (s->conditions & bit) {
            text_printf(to, "%s%s", any ? "; " : "", condition_text((enum condition)bit));
            any = true;
        }
    for (unsigned bit = STEP_OWNER; bit <= STEP_FREE; bit <<= 1)
        if (s->marks & bit) {
            text_printf(to, "%s%s", any ? "; " : "", mark_text((enum step_mark)bit));
            any = true;
        }
}

void machine_table(struct text *to, const char *kind)
{
    text_str(to, "| state | event | by | conditions and effects | next |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < steps_n; i++) {
        const struct step *s = &steps[i];

        if (!of_kind(s, kind))
            continue;
        text_printf(to, "| %s | `%s` | ", state_name(s->from), s->type);
        roles_put(to, s->roles);
        text_str(to, " | ");
        conditions_put(to, s);
        text_printf(to, " | %s |\n", state_name(s->to));
    }
}
