/* How often each of many may do something: the generic cell rate algorithm (ITU-T I.371) over a
 * table of fixed size. Who comes while all of its places are taken by others shares one of theirs.
 *
 * Units:     nanoseconds of a clock that never goes back.
 * Threads:   one owner at a time. */
#ifndef CORDON_SERVE_PACE_H
#define CORDON_SERVE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_PLACES 4096 /* a power of two */

struct pace {
    uint8_t secret[16]; /* of the table */
    uint64_t who[PACE_PLACES], until[PACE_PLACES];
    uint64_t all; /* of all together */
};

void pace_start(struct pace *p);
/* An address, as text: of IPv6 its /64. May it, now? One that may is counted. *ret_wait_ns: no
 * sooner than in this time. */
bool pace_may(struct pace *p, const char *address, uint64_t per_minute, uint64_t per_minute_all,
              uint64_t now_ns, uint64_t *ret_wait_ns);

#endif
