/* How good the grounds of an alert are, for a machine's hold and for who has to decide: worked out
 * when it is asked for, from the log and from the chain as it is here. docs/watch.md, "Grades".
 *
 * Low is an alert with any of the first grounds, medium one with any of the others, high one with
 * none.
 *
 * Threads: safe. */
#ifndef CORDON_GROUP_ALERT_GRADE_H
#define CORDON_GROUP_ALERT_GRADE_H

#include "base/u256.h"
#include "trace/trace.h"

#define ALERT_DEPTH_HIGH 6u /* blocks */
#define ALERT_HOPS_HIGH 10u
#define ALERT_DEPTH_FINAL UINT64_MAX /* a book without blocks */

enum alert_grade { ALERT_LOW, ALERT_MEDIUM, ALERT_HIGH };

enum alert_doubt {
    DOUBT_UNVERIFIED = 1, /* its case is not verified, or disputed */
    DOUBT_POISON = 2,
    DOUBT_CUT = 4,      /* the trace is not whole */
    DOUBT_SERVICE = 8,  /* it came past a known service */
    DOUBT_SHARE = 16,   /* less than a tenth is tainted */
    DOUBT_HALF = 32,    /* less than half; from here on: medium */
    DOUBT_HOPS = 64,    /* more than ALERT_HOPS_HIGH */
    DOUBT_DEPTH = 128,  /* fewer than ALERT_DEPTH_HIGH blocks, or not known how many */
    DOUBT_TRACED = 256, /* hops, cut and service are not known here */
};
#define DOUBT_LAST DOUBT_TRACED
#define DOUBTS_LOW (DOUBT_UNVERIFIED | DOUBT_POISON | DOUBT_CUT | DOUBT_SERVICE | DOUBT_SHARE)

struct alert_grounds {
    bool verified;
    enum trace_policy policy;
    struct u256 tainted, received;
    uint64_t depth; /* blocks on it and its own; 0: not known, or not there */
    bool traced;    /* the rest is known: */
    bool cut;
    uint64_t hops;
    const char *service; /* NULL: none */
};

unsigned alert_doubts(const struct alert_grounds *g); /* of enum alert_doubt */
enum alert_grade alert_grade(unsigned doubts);
const char *alert_grade_name(enum alert_grade g); /* "low", "medium", "high" */
bool alert_grade_by_name(const char *name, enum alert_grade *ret);
const char *alert_doubt_text(enum alert_doubt d);

#endif
