/* Potential matches, and what persons made of them.
 *
 * A match is of a subject (an address, or a name with what else is known of it) and an entry of a
 * list. It is potential until a person says that it is true, or a false positive, with a reason;
 * it is settled when a second person says the same, with another key. If the two differ, it is open
 * again, and both words stay on record. A settled false positive is quiet while neither the entry
 * nor the subject's data change: both are in its key, so that a change makes a match that nobody
 * has seen yet.
 *
 * A word is signed (group_sign, tag "cordon.match-word/1", a group of zeros: it is the home's own)
 * over canonical JSON, "n" being how many were said of the match before:
 *
 *     {"at":2000,"match":"KEY OF THE MATCH","n":0,"person":"ana","reason":"...",
 *      "verdict":"true match"}
 *
 * Words of a version before that stand unsigned, and are no first of two.
 *
 * Ownership: results live in the arena given.
 * Errors:    ERR_NOT_FOUND no such match; ERR_INPUT the same person or key twice, or a match that
 *            is settled; ERR_USAGE no person's name, no reason; ERR_CORRUPT a word that is not as
 *            it was signed, or a state that is not what was said; the store's.
 * Order:     by number.
 * Threads:   as the store's. A struct match_quiet is constant once loaded. */
#ifndef CORDON_SCREEN_MATCH_STORE_H
#define CORDON_SCREEN_MATCH_STORE_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/json.h"
#include "group/event.h"
#include "store/store.h"

#define MATCH_REASON_MAX 2000 /* bytes */

extern const struct store_schema match_schema;

struct match_of {
    const char *subject;        /* "evm 0x00...", "person Kim Jong Un": how it is shown */
    struct hash32 subject_data; /* of all that the question said of it */
    const char *list, *entry;   /* the list's name, the entry's id */
    struct hash32 entry_data;   /* of all that the list says of it */
};

enum match_state {
    MATCH_OPEN,
    MATCH_SAID_TRUE, /* by one person */
    MATCH_SAID_FALSE,
    MATCH_TRUE, /* settled */
    MATCH_FALSE,
};

enum match_verdict { MATCH_IS_TRUE, MATCH_IS_FALSE };

struct match_word { /* what a person said */
    enum match_verdict verdict;
    const char *person, *reason;
    uint64_t at; /* seconds since 1970 */
    bool is_signed;
    struct key32 key;
    struct signature signature;
};

struct match {
    uint64_t id;
    struct match_of of;
    enum match_state state;
    uint64_t found;                 /* seconds since 1970 */
    const struct match_word *words; /* [words_n] in order */
    size_t words_n;
};

struct hash32 match_key(const struct match_of *of);

/* The match's number; it is made, open, if it is not there. Within a transaction of the caller. */
bool match_found(struct store *s, const struct match_of *of, uint64_t now, uint64_t *ret_id,
                 struct err *err) MUST_USE;
/* Signs the word (its verdict, person, reason and time), in a transaction of its own. */
bool match_dispose(struct store *s, uint64_t id, const struct match_word *word,
                   const struct signer *by, enum match_state *ret, struct err *err) MUST_USE;
bool match_get(struct store *s, struct arena *a, uint64_t id, struct match *ret,
               struct err *err) MUST_USE;
#define MATCH_ALL 31u
#define MATCH_UNSETTLED (1u << MATCH_OPEN | 1u << MATCH_SAID_TRUE | 1u << MATCH_SAID_FALSE)
#define MATCH_LIST_MAX 1000 /* that are told at once */
/* Those in any of the states (a bit each), from a number on, at most max. */
bool match_list(struct store *s, struct arena *a, unsigned states, uint64_t from, size_t max,
                const struct match **ret, size_t *ret_n, struct err *err) MUST_USE;
const char *match_state_name(enum match_state state);
const char *match_verdict_name(enum match_verdict verdict);

/* cordon.matches/1 */
void matches_json(struct json_out *j, const struct match *all, size_t n);

/* The keys of all settled false positives, to be asked without a store. */
struct match_quiet {
    const struct hash32 *keys; /* [n] ascending */
    size_t n;
};

bool match_quiet_load(struct store *s, struct arena *a, struct match_quiet *ret,
                      struct err *err) MUST_USE;
bool match_is_quiet(const struct match_quiet *q, const struct hash32 *key);

#endif
