/* Instruments: the paper that a hold goes on by when its hours are over (group/record.h).
 *
 * An alert.legal names in `after` what was said last of the instrument that it goes by, told to the
 * alert's audience or to all, so that each home sees that there is one: by none the act is without
 * effect (group/grounds.h), and a hold by one that was withdrawn since is in force no more. What
 * the paper says is in the record's body; whoever makes the act holds it against the alert
 * (instrument_binds).
 *
 *     days     of UTC; it binds from the first moment of `served` to the last of `expires`
 *     reach    countries and members that it binds: the holder's id or country is among them
 *     kind     gives certain bases: no court-order by a preservation request
 *
 * Errors:    ERR_INPUT why it does not bind.
 * Threads:   as the fold. */
#ifndef CORDON_GROUP_INSTRUMENT_H
#define CORDON_GROUP_INSTRUMENT_H

#include "group/fold.h"
#include "group/record.h"

struct instrument_act { /* what is to be held by it */
    const struct charter_member *holder;
    const char *alert;
    const char *case_object, *case_now; /* the alert's, and what it was merged into */
    const char *basis;
    uint64_t ms;
};

/* Of an alert that was told; holder NULL: it is no member's in the charter in force. */
struct instrument_act instrument_act_of(const struct fold *f, const struct fold_object *alert,
                                        const char *basis, uint64_t ms);
/* *ret_until: no hold by it goes on beyond, milliseconds since 1970. */
bool instrument_binds(const struct record *r, const struct instrument_act *act, uint64_t *ret_until,
                      struct err *err) MUST_USE;
/* The instrument that an alert.legal goes by; NULL: it follows none that stands. */
const struct fold_object *instrument_of(const struct fold *f, const struct fold_event *legal);

/* The instrument that the i-th event of those that it follows did something to; NULL: none. */
const struct fold_object *instrument_named(const struct fold *f, const struct fold_event *legal,
                                           size_t i);
/* When the last of those that it names was withdrawn, milliseconds since 1970; UINT64_MAX: one
 * stands. */
uint64_t instrument_end(const struct fold *f, const struct fold_event *legal);

#endif
