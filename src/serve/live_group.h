/* The group's log of a running node: folded once, read by many, and renewed when another process
 * (cordon case in a shell) has written to the home.
 *
 * Whoever changes it does so under the file's write lock and commits; then all who listen are told.
 * What fails leaves the log as it is in the file: the fold is made anew from there.
 *
 * Ownership: what a reader is given is borrowed until it returns.
 * Errors:    those of group/log.h; ERR_NOT_FOUND the home is of no group yet, or has no node key.
 * Threads:   safe, but for live_group_open and live_group_close. */
#ifndef CORDON_SERVE_LIVE_GROUP_H
#define CORDON_SERVE_LIVE_GROUP_H

#include "group/log.h"
#include "serve/log.h"

#define LIVE_GROUP_LISTENERS_MAX 32

struct live_group;

extern const struct group_random live_random; /* the system's */

/* A home without a group is one that may get one: live_group_renew looks for it. */
bool live_group_open(const char *home, struct log *log, struct live_group **ret,
                     struct err *err) MUST_USE;
struct live_group *live_group_close(struct live_group *g);

/* Runs f while nothing changes, next to other readers. l NULL: no log is open; fold NULL: of no
 * group yet. f must not change the log. */
void live_group_read(struct live_group *g,
                     void (*f)(void *ctx, struct group_log *l, const struct fold *fold), void *ctx);
/* Runs f as the only writer; what it did is committed if it succeeds. */
bool live_group_write(struct live_group *g,
                      bool (*f)(void *ctx, struct group_log *l, struct err *err), void *ctx,
                      struct err *err) MUST_USE;
/* Says something. by NULL: the node's key; author NULL: whose key signs; now_ms 0: now. */
bool live_group_say(struct live_group *g, const struct group_log_act *act, struct hash32 *ret_id,
                    struct err *err) MUST_USE;

/* Inside live_group_read: which member's node this is; NULL: no member's. The second is false where
 * the node's key cannot be read now, for want of memory or of a file, so that it is not known. */
const char *live_group_member(const struct live_group *g, const struct fold *fold);
bool live_group_member_known(const struct live_group *g, const struct fold *fold,
                             const char **ret) MUST_USE;

/* Rises with each event that was said or taken in, and whenever checkpoints decided. */
uint64_t live_group_version(struct live_group *g);
/* Rises with each event and each checkpoint. */
uint64_t live_group_changes(struct live_group *g);
uint64_t live_group_rows(struct live_group *g);
/* f is called after each change, in the thread that made it, until live_group_deafen. It may read
 * the log; it must not change it (but wake who does). ERR_LIMIT */
bool live_group_listen(struct live_group *g, void (*f)(void *ctx, uint64_t version), void *ctx,
                       struct err *err) MUST_USE;
void live_group_deafen(struct live_group *g, void (*f)(void *ctx, uint64_t version), void *ctx);

/* Takes in what other processes have written; opens a log that is new, or that had failed. To be
 * called now and then. */
bool live_group_renew(struct live_group *g, struct err *err) MUST_USE;
/* Erases what the charter's terms say (group/retention.h); once a minute at most does something.
 * *ret_n: so many bodies. */
bool live_group_expire(struct live_group *g, uint64_t *ret_n, struct err *err) MUST_USE;
/* There is a log, and it cannot be read. */
bool live_group_failed(struct live_group *g);

#endif
