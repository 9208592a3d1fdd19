/* Leads: what outsiders tell, in the node's store.
 *
 *     {"chain":"bitcoin","target":"bc1q...","action":"trace","tx":"...","note":"..."}
 *
 * A lead is answered by program: new; duplicate, if the same target on that chain was told for the
 * same action before and is not settled as not reached; not-reached, when no case that was told to
 * all of the group reaches the target (serve/lead_judge.h); reviewed, when a person has disposed of
 * it. What was said to some of the group alone has no part in any answer.
 *
 * A review is signed (group_sign, tag "cordon.lead-review/1", a group of zeros: it is the home's
 * own), and one that is not as it was signed is told to nobody. The signed message, in canonical
 * JSON:
 *
 *     {"action","at","chain","disposition","lead","note","person","remark","target","tx"}
 *
 * Reviews of versions before that stand unsigned.
 *
 * Units:     times in milliseconds since 1970.
 * Ownership: what is read lives in the arena.
 * Errors:    ERR_INPUT a lead that is none; ERR_NOT_FOUND; ERR_DIFFERS a second review; ERR_LIMIT
 *            no room; ERR_CORRUPT a review that is not as it was signed; those of the store.
 * Threads:   as the store. */
#ifndef CORDON_SERVE_LEAD_STORE_H
#define CORDON_SERVE_LEAD_STORE_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/json.h"
#include "chain/chain.h"
#include "group/event.h"
#include "store/store.h"

#define LEADS_MAX 100000 /* that are kept */
#define LEAD_ID_N 32     /* digits */
#define LEAD_BODY_BYTES_MAX ((size_t)8 << 10)
#define LEAD_TX_MAX 200
#define LEAD_NOTE_MAX 2000

struct lead { /* NULL: none */
    uint64_t number;
    const char *id, *chain; /* chain: CAIP-2 */
    const char *target, *action, *tx, *note;
    struct hash32 same; /* of those that are about the same */
    const char *key;    /* the API key's name that told it */
    uint64_t ms;
    const char *status, *duplicate_of;
    bool judged;
    const char *reached; /* the case that does */
    const char *disposition, *by, *remark;
    uint64_t reviewed_ms;
    bool is_signed; /* by, with: */
    struct key32 by_key;
    struct signature signature;
};

extern const struct store_schema lead_schema;
extern const char *const lead_actions[], *const lead_dispositions[], *const lead_statuses[];

/* A body: chain, target, action, tx, note and same are set. */
bool lead_read(struct arena *a, struct bytes body, struct lead *ret, struct err *err) MUST_USE;
/* Of one chain: is it the same address, however it was written? */
bool lead_same_target(const struct lead *a, const struct lead *b);
/* Members of an open object: what its teller may know; all: what members may. */
void lead_json(struct json_out *j, const struct lead *l, bool all);
/* cordon.leads/1; after: where the page began. */
void leads_json(struct json_out *j, const struct lead *l, size_t n, uint64_t after);

/* id, ms and key are set; status and duplicate_of are found. ERR_LIMIT */
bool lead_put(struct store *s, struct arena *a, struct lead *l, struct err *err) MUST_USE;
/* Those two check the signature of a review. */
bool lead_find(struct store *s, struct arena *a, const char *id, struct lead *ret,
               struct err *err) MUST_USE;
/* With greater numbers, in order; status NULL: any. */
bool lead_list(struct store *s, struct arena *a, uint64_t after, const char *status,
               struct lead *ret, size_t max, size_t *ret_n, struct err *err) MUST_USE;
/* Those that have not been judged, and reviews that are in no audit line yet. */
bool lead_unjudged(struct store *s, struct arena *a, struct lead *ret, size_t max, size_t *ret_n,
                   struct err *err) MUST_USE;
bool lead_unaudited(struct store *s, struct arena *a, struct lead *ret, size_t max, size_t *ret_n,
                    struct err *err) MUST_USE;
bool lead_audited(struct store *s, uint64_t number, struct err *err) MUST_USE;
/* reached NULL: by no case, if known; else it stays new. */
bool lead_judged(struct store *s, uint64_t number, bool known, const char *reached,
                 struct err *err) MUST_USE;
struct lead_review { /* remark NULL: none */
    const char *disposition, *person, *remark;
    uint64_t ms;
};
bool lead_review(struct store *s, const char *id, const struct lead_review *r,
                 const struct signer *by, struct err *err) MUST_USE;
/* Those that were told before. */
bool lead_purge(struct store *s, uint64_t before_ms, struct err *err) MUST_USE;

#endif
