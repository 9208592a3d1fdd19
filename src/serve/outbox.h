/* What a node has to tell, and to whom, in its store: written before anything is sent, taken away
 * when it has arrived, so that no end of the process loses any of it. Sent at least once, each
 * message under one id; those of one line of a channel one after the other, in the order in which
 * they were put.
 *
 *     outbox_message   what is told; stays for readers after it was sent
 *     outbox_send      a message that a channel has not had yet
 *     outbox_told      what was told last of a thing, so that it is told once
 *
 * Units:     times in milliseconds since 1970.
 * Ownership: what is read lives in the arena.
 * Errors:    those of the store; ERR_LIMIT where OUTBOX_MAX sends wait.
 * Threads:   as the store. Writing wants a transaction of the caller's. */
#ifndef CORDON_SERVE_OUTBOX_H
#define CORDON_SERVE_OUTBOX_H

#include "base/arena.h"
#include "base/hash.h"
#include "store/store.h"

#define OUTBOX_MAX 100000          /* sends that wait, of all channels */
#define OUTBOX_MESSAGES_MAX 100000 /* that are kept, beside those that wait */
#define OUTBOX_ID_MAX 100          /* bytes of a message's id */
#define OUTBOX_NEVER ((uint64_t)1 << 62)

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_CRITICAL };

struct outbox_message {
    uint64_t number;
    const char *id;   /* of letters, digits, - and _ */
    const char *kind; /* "hold", "alert", "escalation", ... */
    enum severity severity;
    uint64_t ms;
    bool core;                  /* for the member's own system alone */
    const char *body;           /* JSON, all of it */
    const char *open;           /* JSON without what some may not see; NULL: body */
    const char *to;             /* who is on duty, addresses of mail parted by ","; NULL: nobody */
    const char *subject, *text; /* of a mail; NULL: it makes none */
};

extern const struct store_schema outbox_schema;

const char *severity_name(enum severity s);
/* -1: none */
int severity_from_name(const char *name);

/* *ret_new false: it was put before, and nothing is done. */
bool outbox_put(struct store *s, const struct outbox_message *m, uint64_t *ret_number,
                bool *ret_new, struct err *err) MUST_USE;
bool outbox_send(struct store *s, uint64_t number, const char *channel, const char *line,
                 struct err *err) MUST_USE;

struct outbox_due {
    uint64_t send; /* its number */
    const char *line;
    uint64_t tries;
    struct outbox_message message;
};
/* Up to max that are due, the longest due first. */
bool outbox_due(struct store *s, struct arena *a, const char *channel, uint64_t now_ms,
                struct outbox_due *ret, size_t max, size_t *ret_n, struct err *err) MUST_USE;
bool outbox_find(struct store *s, struct arena *a, uint64_t send, struct outbox_due *ret,
                 bool *ret_there, struct err *err) MUST_USE;
/* It has arrived, or is given up: the next of its line may go. */
bool outbox_done(struct store *s, uint64_t send, struct err *err) MUST_USE;
bool outbox_again(struct store *s, uint64_t send, uint64_t due_ms, const char *why,
                  struct err *err) MUST_USE;

struct outbox_waiting { /* of a channel */
    uint64_t n, oldest_ms;
    const char *why; /* of the last that failed and waits; NULL: none */
};
bool outbox_waiting(struct store *s, struct arena *a, const char *channel,
                    struct outbox_waiting *ret, struct err *err) MUST_USE;
/* How many sends wait. */
bool outbox_n(struct store *s, uint64_t *ret, struct err *err) MUST_USE;

/* Messages with greater numbers, in order, but for those of the core. */
bool outbox_after(struct store *s, struct arena *a, uint64_t number, struct outbox_message *ret,
                  size_t max, size_t *ret_n, struct err *err) MUST_USE;
/* The last one's number; 0: there is none. */
bool outbox_last(struct store *s, uint64_t *ret, struct err *err) MUST_USE;
/* Those that nobody waits for go, but for the newest. */
bool outbox_purge(struct store *s, struct err *err) MUST_USE;

/* ---- what was told ---- */

struct outbox_told {
    struct hash32 thing;
    uint64_t sequence; /* how often something of it was told */
    uint64_t ms;       /* when, last */
    const char *state; /* what */
};
bool outbox_told_put(struct store *s, const struct outbox_told *t, struct err *err) MUST_USE;
bool outbox_told_each(struct store *s, bool (*f)(void *ctx, const struct outbox_told *t), void *ctx,
                      struct err *err) MUST_USE;

#endif
