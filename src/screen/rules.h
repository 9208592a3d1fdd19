/* Rules: a small file that says what is done about what is known. The first that matches decides.
 *
 *     rules:
 *       - id: stolen-direct
 *         why: paid straight from a reported theft
 *         mode: active                    # or shadow: its answer is only written down
 *         when:
 *           evidence: exposed             # all that is given must hold, of one and the same reason
 *           category: [theft, ransomware]
 *           exposure: direct
 *           share_min: 10 %
 *         then: {inbound: REVIEW, outbound: HOLD}
 *     outage: {inbound: REVIEW, outbound: HOLD}   # something could not be asked
 *     old_data: {after: 30m, inbound: REVIEW, outbound: HOLD}
 *     no_ledger: {inbound: UNKNOWN, outbound: UNKNOWN}
 *     otherwise: {inbound: CREDIT, outbound: ALLOW}
 *     exposure: {policy: haircut, cut: 1000 ppm}  # how value is carried; may be left out
 *
 * docs/rules.md has every key. Where no rule decides, in this order: outage, old_data, no_ledger,
 * otherwise. Under all of it lies a floor that cannot be written away: an address or document that
 * stands on a list is a BLOCK, and a name like a listed one is REVIEW or HOLD until a person has
 * looked at it; so is a withdrawal that meets a hold in force. A rule about what is listed may turn
 * a BLOCK into these, for a list that does not bind here; nothing turns it into CREDIT or ALLOW.
 *
 * Ownership: the rules live in the arena that they were read into; a verdict points into rules and
 *            facts.
 * Errors:    ERR_INPUT, beginning "line 7: "; ERR_LIMIT more than RULES_MAX; ERR_NOMEM.
 * Threads:   rules are constant once read. rules_decide allocates nothing. */
#ifndef CORDON_SCREEN_RULES_H
#define CORDON_SCREEN_RULES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "screen/reason.h"
#include "trace/trace.h"

#define RULES_MAX 256
#define RULE_WORDS_MAX 64 /* of one condition */

struct rules;

/* What decided. */
enum verdict_by {
    BY_RULE,
    BY_FLOOR,
    BY_OUTAGE,
    BY_OLD_DATA,
    BY_NO_LEDGER,
    BY_OTHERWISE,
};

struct verdict_shadow { /* a shadow rule that matched before anything decided */
    const char *rule;
    enum screen_decision decision;
    size_t reason; /* which of the facts' reasons; SIZE_MAX: none was asked for */
};

#define VERDICT_SHADOWS_MAX 16

struct verdict {
    enum screen_decision decision;
    enum verdict_by by;
    const char *rule, *why; /* BY_RULE; why may be NULL */
    size_t reason;          /* the reason that matched, or SIZE_MAX */
    struct verdict_shadow shadow[VERDICT_SHADOWS_MAX];
    size_t shadow_n;  /* kept */
    bool shadow_more; /* and there were more */
};

bool rules_read(struct arena *a, const char *p, size_t n, const struct rules **ret,
                struct err *err) MUST_USE;
const char *rules_default(size_t *ret_n); /* the text of the file that ships: all in shadow */
#define RULES_CUT_PPM 1000
struct rules_exposure { /* what is computed of exposure, and asked */
    enum trace_policy policy;
    uint32_t cut_ppm; /* smaller shares of an output or a balance are not carried on */
};
struct rules_exposure rules_exposure(const struct rules *r);
struct hash32 rules_hash(const struct rules *r); /* SHA-256 of the file */
struct rule_about {
    const char *id, *why; /* why may be NULL */
    bool shadow;
};
size_t rules_n(const struct rules *r);
struct rule_about rules_about(const struct rules *r, size_t i);
struct verdict rules_decide(const struct rules *r, const struct screen_facts *facts);
/* Does a rule ask, of what is exposed, who says what the other end is: source, tag, confidence? */
bool rules_ask_who(const struct rules *r);
const char *verdict_by_name(enum verdict_by by);

#endif
