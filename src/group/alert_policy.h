/* What a member's machine does about a deposit that a case has reached: HOME/group.yaml.
 *
 *     soft_holds:
 *       mode: active            # off (as without the file): alerts alone
 *       grade_min: low          # of the alert (group/alert_grade.h)
 *       depth_min: 1            # blocks: its own, and those on it; what is not so deep waits
 *       share_ppm_min: 100000   # tainted, of the deposit
 *       hops_max: 30
 *       cut: false              # true: also of a case whose trace is cut short
 *       minutes: 60
 *       amount_min: {BTC: "10000"}
 *     early:                    # of movements that are in no block yet (serve/early.h)
 *       mode: active            # off (as without it): a withdrawal does not meet them
 *       minutes: 60             # from when one was seen
 *
 * The charter's limits stand above all of it: never under poison, never below its least share and
 * amount, never longer than its soft_minutes, and on a case that is not verified only what
 * soft_unverified and the rule of one soft hold a deposit leave.
 *
 * Units:     amounts in base units, shares in parts per million, times in milliseconds.
 * Ownership: a policy lives in the arena that it was read into.
 * Errors:    ERR_INPUT, beginning "line 7: "; ERR_LIMIT; ERR_NOMEM.
 * Threads:   safe; alert_policy allocates nothing. */
#ifndef CORDON_GROUP_ALERT_POLICY_H
#define CORDON_GROUP_ALERT_POLICY_H

#include "group/alert.h"
#include "group/alert_grade.h"
#include "trace/trace.h"

#define POLICY_FILE "group.yaml"

struct alert_policy {
    bool soft_holds, cut;
    enum alert_grade grade_min;
    uint64_t share_ppm_min, hops_max, minutes, depth_min;
    const struct charter_least *amount_min; /* [amount_min_n] */
    size_t amount_min_n;
    bool early; /* withdrawals meet early warnings, at this node alone */
    uint64_t early_minutes;
};

/* Without a file: alerts alone. */
struct alert_policy alert_policy_default(void);
bool alert_policy_read(struct arena *a, struct bytes yaml, struct alert_policy *ret,
                       struct err *err) MUST_USE;

struct alert_found { /* what the trace says of a deposit */
    const char *asset;
    enum trace_policy policy;
    struct u256 tainted, received;
    uint64_t hops;
    bool cut;            /* the case's trace is not whole */
    uint64_t depth;      /* blocks; ALERT_DEPTH_FINAL */
    const char *service; /* known, on the way; NULL: none */
};

enum alert_not { /* why there is no soft hold */
                 ALERT_NOT_NOTHING,
                 ALERT_NOT_MODE,
                 ALERT_NOT_CASE, /* it is not live, or over its member's quota */
                 ALERT_NOT_DISPUTED,
                 ALERT_NOT_POISON,
                 ALERT_NOT_SHARE,
                 ALERT_NOT_AMOUNT,
                 ALERT_NOT_HOPS,
                 ALERT_NOT_CUT,
                 ALERT_NOT_UNVERIFIED,
                 ALERT_NOT_SECOND,
                 ALERT_NOT_GRADE,
                 ALERT_NOT_DEPTH,    /* nothing else is in its way */
                 ALERT_NOT_HANDLING, /* its case is to be observed, or left alone */
};

struct alert_advice {
    bool tell; /* alert.detect */
    bool hold; /* and alert.hold-soft: */
    struct u256 amount;
    uint64_t expires;
    enum alert_not why;
};

struct alert_advice alert_policy(const struct alert_policy *p, const struct charter *c,
                                 const struct alert_case *of, const struct alert_found *found,
                                 uint64_t now_ms);
const char *alert_not_text(enum alert_not why); /* "" for nothing */

#endif
