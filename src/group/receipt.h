/* A receipt: what a member's node says, with its key, to have of what another node told it.
 *
 *     {"receipt":{"cursor":"...","events":["...",...],"key":"...","ms":0},"signature":"..."}
 *
 * The cursor means something to the node that made it alone. The events mean it to whoever has the
 * log: each of them is committed there, and with it all that is before it in its stream. They are
 * always so many (zeros stand first where there are fewer), so that the size of a receipt says
 * nothing.
 *
 * Units:     milliseconds since 1970, of the clock of the node that signs.
 * Ownership: nothing is borrowed.
 * Errors:    ERR_INPUT, ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe.
 * Source:    docs/protocol.md, "Between nodes". */
#ifndef CORDON_GROUP_RECEIPT_H
#define CORDON_GROUP_RECEIPT_H

#include "group/event.h"

#define RECEIPT_BYTES_MAX 2048
#define RECEIPT_CURSOR_N 176 /* hexadecimal digits */
#define RECEIPT_EVENTS_N 16

struct receipt {
    char cursor[RECEIPT_CURSOR_N + 1];
    struct hash32 events[RECEIPT_EVENTS_N]; /* ascending, each once but for zeros */
    struct key32 key;                       /* that signed it */
    uint64_t ms;
};

/* Its key is made that of the signer, its events are sorted. */
bool receipt_put(struct text *to, const struct signer *by, const struct hash32 *group,
                 struct receipt *r, struct err *err) MUST_USE;
/* ERR_INPUT, too: its key has not signed it. */
bool receipt_read(struct arena *a, struct bytes text, const struct hash32 *group,
                  struct receipt *ret, struct err *err) MUST_USE;

#endif
