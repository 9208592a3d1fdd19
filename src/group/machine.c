#include "group/machine.h"

#define INVESTIGATOR ROLE_INVESTIGATOR
#define PEOPLE (ROLE_INVESTIGATOR | ROLE_COMPLIANCE_OFFICER)
#define NODE_OR_INVESTIGATOR (ROLE_NODE | ROLE_INVESTIGATOR)
#define NEW_REVISION (IF_OWN), STEP_REVISION
#define HEADS (ROLE_SUPERVISOR | ROLE_SECRETARY)

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
    }
    return NULL;
}

bool machine_knows(const char *type)
{
    for (size_t i = 0; i < steps_n; i++)
        if (!strcmp(steps[i].type, type))
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
    unsigned reached = 0;

    text_str(to, "stateDiagram-v2\n");
    for (size_t i = 0; i < steps_n; i++) {
        const struct step *s = &steps[i];

        if (!of_kind(s, kind))
            continue;
        text_printf(to, "    %s --> %s: %s\n", s->from == STATE_NONE ? "[*]" : state_name(s->from),
                    state_name(s->to), s->type + strlen(kind) + 1);
        reached |= 1U << s->to;
    }
    for (unsigned s = 0; s < STATES_N; s++)
        if (reached & 1U << s && ends(kind, (enum state)s))
            text_printf(to, "    %s --> [*]\n", state_name((enum state)s));
}

static void conditions_put(struct text *to, const struct step *s)
{
    bool any = false;

    for (unsigned bit = IF_OWN; bit <= IF_NO_MAJORITY; bit <<= 1)
        if (s->conditions & bit) {
            text_printf(to, "%s%s", any ? "; " : "", condition_text((enum condition)bit));
            any = true;
        }
    if (s->marks & STEP_OWNER) {
        text_printf(to, "%smakes it the author's", any ? "; " : "");
        any = true;
    }
    if (s->marks & STEP_REVISION)
        text_printf(to, "%sis the newest revision", any ? "; " : "");
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
