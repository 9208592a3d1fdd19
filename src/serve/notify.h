/* What a node tells by itself: its member's own core system of holds, and people of what waits for
 * them.
 *
 * What is told follows from what is, and not from what happened: the group's log is looked at when
 * it changes, and when a time comes at which something changes by itself (a hold ends, the next
 * level is called). What differs from what was told last (serve/outbox.h) is written to the node's
 * store in one transaction with that; then it is sent until it has arrived. A node that is killed
 * between event and message makes the message when it is started again; what was over before it
 * could be told is not told. While the outbox is full nothing new is put into it, and nothing is
 * lost either: the difference stays.
 *
 *     kind         told                                                        to
 *     hold.*       what is in force of a hold, numbered for each alert        core
 *     hold         the same, without the account                              people
 *     alert        an alert waits for a person                                people
 *     escalation   something has waited long enough for the next level        people
 *     case         a case is reported, verified, disputed, ended              people
 *     lead         an outsider has told something (serve/lead_routes.h)       people
 *
 * To the core it is tried for ever, to people for NOTIFY_GIVE_UP_MS. Pauses double from one second
 * to five minutes, or are as long as Retry-After says.
 *
 * Ownership: node and group are borrowed until notify_close.
 * Errors:    notify_open: those of the store, of group/rota.h and serve/courier.h. What fails later
 *            is told to the node's log and tried again.
 * Threads:   a thread of its own; the others any. */
#ifndef CORDON_SERVE_NOTIFY_H
#define CORDON_SERVE_NOTIFY_H

#include "group/wait.h"
#include "serve/live_group.h"
#include "serve/node.h"
#include "serve/outbox.h"

#define NOTIFY_GIVE_UP_MS ((uint64_t)86400000)
#define NOTIFY_PAUSE_MS ((uint64_t)1000) /* before the second try */
#define NOTIFY_PAUSE_MS_MAX ((uint64_t)300000)
#define NOTIFY_CORE "core" /* the channel's name */

struct notify;

bool notify_open(struct node *n, struct live_group *g, struct notify **ret,
                 struct err *err) MUST_USE;
struct notify *notify_close(struct notify *x);
/* Other channels, from the thread's next turn on; its texts stay until notify_close. On failure
 * those before stay. */
bool notify_reload(struct notify *x, const struct config *c, struct err *err) MUST_USE;
void notify_wake(struct notify *x);
void notify_metrics(struct notify *x, struct text *to);

/* Of a configuration: puts a message, and what of it goes to whom, into a writer's transaction. */
bool notify_put(struct store *s, const struct config *c, const struct outbox_message *m,
                const char *line, struct err *err) MUST_USE;
/* How long a hold that was ordered may wait for the core. */
uint64_t notify_core_ms(const struct config *c);

/* A notice, before it is written. Texts are borrowed. */
struct notice {
    const char *kind, *subject, *to_do;
    enum severity severity;
    const char *object, *case_object, *state; /* NULL: none */
    const char *waits_for, *since, *by;       /* NULL: nothing waits */
    uint64_t level, levels;
    const char *people; /* who is called, parted by ", "; NULL: nobody */
    bool restricted;    /* not told to all of the group: mails and most webhooks say less */
};
/* Fills what of a message is made of it, in the arena; id is set before. */
bool notice_write(struct arena *a, const struct notice *n, struct outbox_message *m,
                  struct err *err) MUST_USE;

#endif
