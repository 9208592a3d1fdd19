/* What the files of the live watch share: live_watch.c has the thread and its turn;
 * live_watch_home.c looks at the home's files, live_watch_cases.c gathers the cases,
 * live_watch_ledgers.c takes them over each ledger, live_watch_found.c says what was found,
 * live_watch_told.c tells screening whom they have reached. */
#ifndef CORDON_SERVE_LIVE_WATCH_PARTS_H
#define CORDON_SERVE_LIVE_WATCH_PARTS_H

#include "group/handling.h"
#include "serve/live_watch.h"
#include "watch/crossing.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#define WANTED_ID_MAX (3 * OBJECT_NAME_MAX)
#define HOME_PREFIX "home:" /* of the id of a case of the home */

struct wanted { /* a case */
    char id[WANTED_ID_MAX];
    char member[GROUP_NAME_MAX + 1]; /* whose it is, of a case of the group */
    struct hash32 revision;          /* zeros in the home */
    enum state state;
    uint64_t cut; /* origins over the quota, which are left out */
    enum handling_what what;
};

struct named {
    struct wanted *at; /* by id, once all are here */
    size_t n, size;
    bool bad, lost; /* some could not be given now, or not even named */
};

struct place { /* a ledger */
    const struct chain *chain;
    struct watch_coins *watch; /* one of the two, or none */
    struct watch_accounts *accounts;
    struct own_set *own;
    uint64_t again_ms, blocks_all;
    uint32_t self_n; /* blocks that self-watch has looked at, from the first turn's on */
    struct hash32 self_last;
    bool self_begun;
};

struct live_watch {
    pthread_mutex_t lock; /* of told, totals, heard and ending */
    pthread_cond_t wake;
    struct live_watch_one told[LIVE_LEDGERS_MAX];
    size_t told_n;
    struct live_watch_totals totals;
    bool ending, running, heard;
    pthread_t thread;
    struct live_ledgers *ledgers;
    struct live_group *group;
    struct log *log;
    struct self_watch *self; /* NULL: none */
    struct undone *undone;   /* NULL: of no group */
    struct early *early;
    _Atomic(uint64_t) early_ms;
    void (*on_early)(void *ctx);
    void *early_ctx;
    const char *member; /* while cases are gathered, of whom some are handled; else NULL */
    char home[PATH_MAX], cases[PATH_MAX];
    /* the rest is the thread's, once it runs */
    struct place places[LIVE_LEDGERS_MAX];
    size_t places_n;
    struct screen_cases *told_cases; /* NULL: nobody asks */
    struct own *own;
    struct hash32 own_seen, cases_seen;
    uint64_t cases_due_us;   /* they are not looked at before */
    uint64_t cases_again_ms; /* some could not be given, and are then; 0: none */
    uint64_t home_again_ms;  /* the home's files are not looked at before; 0: with each look */
    uint64_t home_later_ms;  /* what one of them needs, while they are looked at */
    bool fresh;              /* cases are to be given to all places again */
    unsigned turns;
    struct tag_set *tags; /* NULL: there are none */
    struct hash32 tags_seen;
    struct hash32 charter;
    struct hash32 policy_seen; /* of group.yaml */
    uint64_t reached;          /* the charter's quota; 0: none */
    uint64_t version;          /* of the group's log */
    struct named named;
    struct watch_alert *queue;
    size_t queue_n, queue_size;
    struct watch_alert *shallow; /* told, and held once they are deeper */
    size_t shallow_n, shallow_size;
    struct watch_crossing *crossing; /* NULL: there is no ledger, or it has failed */
    uint64_t crossing_again_ms;
    uint64_t found_turn, lost_turn, say_again_ms;
    uint64_t again_ms; /* there was no memory for what was found: all is looked at again; 0: none */
    uint32_t tip;      /* of the ledger in hand */
    struct live_ledgers_one one;
    live_watch_paid_fn *paid;
    void *paid_ctx;
    struct watch_reach reach;
};

/* live_watch.c: all but its thread, and one turn of that. */
bool live_watch_new(const char *home, struct live_ledgers *ledgers, struct live_group *group,
                    const struct live_watch_options *options, struct log *log,
                    struct live_watch **ret, struct err *err) MUST_USE;
void live_watch_look(struct live_watch *x);

/* live_watch_home.c */
void live_watch_home(struct live_watch *x);
void live_watch_own(struct live_watch *x, struct place *p);
/* What all cases have reached is to be looked at once more; or in a while, for there was no memory
 * to take all of it. */
void live_watch_again(struct live_watch *x);
void live_watch_no_memory(struct live_watch *x);
/* Might it go well in a while, with nothing changed? For want of memory, or of a file's. */
static inline bool live_watch_passes(const struct err *err)
{
    return err->class == ERR_NOMEM || err->class == ERR_SYSTEM;
}
/* The service that the home's tags know there; NULL: none. Of watch_coins_services. */
const char *live_watch_service(void *ctx, const struct chain *chain, struct bytes script);

/* live_watch_cases.c */
void live_watch_charter(struct live_watch *x);
void live_watch_cases(struct live_watch *x, bool folders); /* folders: the home's, too */
void live_watch_drop(struct live_watch *x, const char *id);
bool live_watch_is_cut(const struct live_watch *x, const char *id); /* origins over the quota */

/* live_watch_ledgers.c */
struct place *live_watch_place(struct live_watch *x, const struct chain *chain); /* NULL: full */
void live_watch_places(struct live_watch *x, struct live_ledgers_view *v); /* new and failed ones */
bool live_watch_ledgers(struct live_watch *x, const struct live_ledgers_view *v); /* new blocks? */
struct watch_counts live_watch_place_counts(const struct place *p);
/* With those of cases that go from ledger to ledger. */
struct watch_counts live_watch_counts(const struct live_watch *x, const struct place *p);

/* live_watch_found.c */
void live_watch_found(void *ctx, const struct watch_found *found);
void live_watch_shallow(struct live_watch *x, const struct live_ledgers_view *v);
struct watch_said live_watch_say(struct live_watch *x);

/* live_watch_told.c: of nobody, where nobody asks */
const struct watch_reach *live_watch_reach(struct live_watch *x);
bool live_watch_tell(struct live_watch *x, const char *id, const char *member, enum state state,
                     struct bytes text, struct err *err) MUST_USE;
void live_watch_keep(struct live_watch *x);
void live_watch_come(struct live_watch *x, const struct live_ledgers_view *v);

#endif
