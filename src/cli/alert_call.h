/* What cordon alert and cordon hold share: acts on an alert, and alerts told. */
#ifndef CORDON_CLI_ALERT_CALL_H
#define CORDON_CLI_ALERT_CALL_H

#include "cli/group_show.h"
#include "group/alert_show.h"

struct alert_act {
    const char *word, *type;
    bool by_node;  /* the node's key signs; else a person's, but with --as-node */
    bool own_body; /* what is said with it stays at home */
    bool lasts;    /* --for is wanted where the charter says no more */
};

/* With the log open for writing and the key that signs. */
typedef bool alert_say_how(struct call *c, struct group_log *l, const struct alert_act *what,
                           const struct signer *by, struct err *err);
bool alert_say(struct call *c, const struct alert_act *what, alert_say_how *how,
               struct err *err) MUST_USE;
/* Is there a ground for it in the charter? Of an act that has none, nobody would take notice. */
bool alert_granted(const struct fold *f, const struct hash32 *id, struct err *err) MUST_USE;
/* A step on an alert that is there: the facts come from options, or from the alert as it is. */
bool alert_act(struct call *c, struct group_log *l, const struct alert_act *what,
               const struct signer *by, struct err *err) MUST_USE;
/* In the call's arena, at now. which: NULL, or those of which it says true. */
bool alerts_tell(struct call *c, struct group_log *l, const char *schema,
                 bool (*which)(const struct alert_now *n), struct err *err) MUST_USE;
/* Where its deposit is in the home's ledger of that chain, if there is one. */
struct alert_place alert_place_of(struct call *c, const struct alert_body *of);
void alert_line(struct text *to, const struct alert_now *n, const struct alert_body *of);
/* --amount; *ret stays where it is not given. */
bool amount_of_call(struct call *c, const char *name, struct u256 *ret, struct err *err) MUST_USE;
/* A body that is said with an act. */
bool alert_body_of_call(struct call *c, const struct alert_body *b, const char *retention,
                        struct group_log_act *a, struct err *err) MUST_USE;

#define OPTION_AUDIENCE(what)                                                                      \
    {                                                                                              \
        "audience", "GROUP", what, false                                                           \
    }

#endif
