/* Found deposits -> alerts of this member, said by its node, and soft holds by its policy.
 *
 * One whose account was paid out before is too late, and not held: alert.too-late, with what paid
 * it out in a body that stays at home, for a person to disclose.
 *
 * A deposit that was told stays told: its alert's name follows from case, chain, output and member,
 * with a salt that only this node can work out (group/alert.h). What a charter or the case's state
 * does not allow is not said. Soft holds are said after the alerts, each by itself, so that one
 * that is refused leaves the alerts.
 *
 * Ownership: borrowed for the call.
 * Errors:    ERR_NOT_FOUND the home is of no group, or its node no member; those of live_group.h.
 * Threads:   any number. */
#ifndef CORDON_SERVE_WATCH_ALERTS_H
#define CORDON_SERVE_WATCH_ALERTS_H

#include "base/u256.h"
#include "group/alert_policy.h"
#include "group/facts.h"
#include "serve/live_group.h"
#include "trace/trace.h"

#define WATCH_ALERT_OUTPUT_MAX 160
#define WATCH_ALERT_PAID_MAX 4

struct watch_alert {
    char case_object[OBJECT_NAME_MAX], audience[OBJECT_NAME_MAX];
    const char *chain;                   /* CAIP-2 */
    char asset[FACT_ASSET_MAX + 1];      /* as in a case file */
    char output[WATCH_ALERT_OUTPUT_MAX]; /* "txid:vout", or what names a transfer */
    char address[WATCH_ALERT_OUTPUT_MAX], account[WATCH_ALERT_OUTPUT_MAX]; /* "": not known */
    uint32_t hops, height;
    char block[65];                       /* as the chain shows its hash */
    bool cut;                             /* the case's trace is not whole */
    uint64_t depth;                       /* blocks on it and its own, ALERT_DEPTH_FINAL */
    char service[WATCH_ALERT_OUTPUT_MAX]; /* known, on the way; "": none */
    /* The account was paid out since, all of it: by these, as far as there is room. */
    bool paid_out;
    char paid[WATCH_ALERT_PAID_MAX][WATCH_ALERT_OUTPUT_MAX]; /* "": none */
    struct u256 received, tainted;
    enum trace_policy policy;
};

/* Where the home has a group.yaml, that stands in its place (group/alert_policy.h). */
struct watch_said {
    size_t alerts, holds, late,
        known; /* known: said before, or the case is not followed any more */
};

/* waits[i]: that one is held softly once it is deeper. */

/* HOME/group.yaml as it is; without it alert_policy_default. */
bool watch_alerts_policy(struct arena *a, const char *home, struct alert_policy *ret,
                         struct err *err) MUST_USE;
bool watch_alerts_say(struct live_group *g, const char *home, const struct watch_alert *at,
                      size_t n, bool *waits, struct watch_said *ret, struct err *err) MUST_USE;

#endif
