/* The cases of a group, as far as screening tells them: what each is, of which addresses it is an
 * origin, and on each ledger whom it has reached (trace/reach.h), and who has paid its origins
 * (trace/senders.h).
 *
 * One follows the cases (watch/coins.h and its like, in a node serve/live_watch.h), block by block,
 * and writes here; whoever is asked reads. Nothing is traced for this, and no pass over a ledger
 * (screen_ledger.h) knows of it: so a case that comes, is verified or is retracted changes answers
 * at once. What is told is what the case's own trace has, by its own policy, limits and stops,
 * alike at every member: tags and rules of this home change nothing of it.
 *
 * What a case has reached is told for a ledger as it is opened: only if what was followed is of the
 * same blocks. Where it has not come to the ledger's end, or a case cannot be told, asking says so.
 *
 * Units:     base units; shares of what owners received are the asker's to work out.
 * Ownership: all texts are copied, also into what is told.
 * Errors:    ERR_INPUT a case that cannot be read; ERR_NOMEM.
 * Order:     told by how much is counted on (verified ones first), then as cases were given, sums
 *            as in reach.h.
 * Threads:   one writes, while any number ask. */
#ifndef CORDON_SCREEN_SCREEN_CASES_H
#define CORDON_SCREEN_SCREEN_CASES_H

#include "chain/address_key.h"
#include "trace/ledgers_run.h"
#include "trace/reach.h"

#define SCREEN_CASE_ID 200 /* of texts, with their ends */
#define SCREEN_CASE_OBJECT 100
#define SCREEN_CASE_MEMBER 80
#define SCREEN_CASES_BLOCKS 128u

struct screen_cases;

struct screen_case_is {
    char id[SCREEN_CASE_ID];         /* whoever follows it calls it so: one for each */
    char object[SCREEN_CASE_OBJECT]; /* as it is told: "case:..." */
    char member[SCREEN_CASE_MEMBER]; /* who has reported it */
    const char *state;               /* "reported", "verified": a constant */
    bool counts;                     /* others vouch for it */
    const char *category, *policy;   /* constants, filled by screen_cases_give */
};

/* busy: whoever follows has not come to say what there is. NULL: no memory. */
struct screen_cases *screen_cases_new(bool busy);
struct screen_cases *screen_cases_free(struct screen_cases *c); /* takes NULL, returns NULL */

/* ---- by whoever follows them ---- */

/* What trace/case.h reads. The same id with another text: what it has reached is told no more.
 * *ret_new: it is to be followed from its beginning, for nothing of it is here. */
bool screen_cases_give(struct screen_cases *c, const struct screen_case_is *is, struct bytes text,
                       bool *ret_new, struct err *err) MUST_USE;
/* Those that are told, each given before; all others leave. What is said of them may be other. */
void screen_cases_keep(struct screen_cases *c, const struct screen_case_is *is, size_t n);
bool screen_cases_has(const struct screen_cases *c, const char *id);
/* As of watch/found.h; r NULL: it cannot be told. Of both false: there is no memory for it, and it
 * is not told before the whole of it is given again. */
bool screen_cases_whole(struct screen_cases *c, const struct chain *chain, const char *id,
                        struct reach *r);
bool screen_cases_more(struct screen_cases *c, const struct chain *chain, const char *id,
                       const struct reach_move *moves, size_t n);
void screen_cases_back(struct screen_cases *c, const struct chain *chain, uint64_t moves_n);
/* Some could not be given, for want of memory, say: until it is otherwise, asking says so. */
void screen_cases_short(struct screen_cases *c, bool is);
/* So many first blocks of the ledger have been come by. Who has paid is looked up here. */
void screen_cases_come(struct screen_cases *c, const struct trace_ledger *at, uint32_t blocks_n);
/* All that was given since is followed now. */
void screen_cases_settle(struct screen_cases *c);

/* ---- by whoever is asked; c NULL: there are none ---- */

struct screen_case_part {
    struct screen_case_is is;
    bool received; /* from the case; else sent to an origin of it */
    bool direct;
    uint64_t asset; /* of accounts */
    struct u256 amount;
    uint64_t best; /* the output or transfer that brought, or paid, most */
    uint32_t hops;
};

/* What owners (the forms of one key) have received and sent; what so many moves have brought and
 * paid. At most max; *ret_more: there is more. */
size_t screen_cases_owners(struct screen_cases *c, const struct trace_ledger *at,
                           const uint64_t *owners, size_t owners_n, struct screen_case_part *ret,
                           size_t max, bool *ret_more);
size_t screen_cases_moves(struct screen_cases *c, const struct trace_ledger *at,
                          const uint64_t *moves, size_t moves_n, struct screen_case_part *ret,
                          size_t max, bool *ret_more);
/* The way of the largest contribution to a part: transactions of coins, transfers of accounts, from
 * or to the case's origin; of what a move has paid the move itself, too. At most max, the last
 * ones; how many. */
size_t screen_cases_way(struct screen_cases *c, const struct trace_ledger *at,
                        const struct screen_case_part *part, bool of_move, uint64_t *ret,
                        size_t max);
/* Cases of which the address is an origin, from whatever time on and of whatever asset. */
size_t screen_cases_origins(struct screen_cases *c, const struct address_key *key,
                            struct screen_case_is *ret, size_t max);

enum screen_cases_lack {
    CASES_ALL,    /* nothing */
    CASES_BEHIND, /* they have not come to the ledger's last block */
    CASES_SOME,   /* one is not followed there, or not yet, or could not be given */
};
enum screen_cases_lack screen_cases_lack(struct screen_cases *c, const struct trace_ledger *at);

bool screen_cases_busy(struct screen_cases *c);
bool screen_cases_any(struct screen_cases *c); /* are some told? */
struct screen_cases_counts {
    size_t cases, counted; /* that are told; that others vouch for */
    uint64_t moves, bytes; /* of what they have reached; of memory, about */
    uint64_t changes;      /* rises with each change of what is told */
};
struct screen_cases_counts screen_cases_counts(struct screen_cases *c);

#endif
