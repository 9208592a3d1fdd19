/* Times as people and programs write them, to seconds since 1970, UTC (ISO 8601, RFC 3339).
 *
 *     2022-03-23T13:16:57Z    also with a space for the T, with " UTC" for the Z, without a zone
 *                             (then UTC), with +hh:mm or -hh:mm, with a fraction (passed over)
 *     2022-03-23 13:16        the minute's first second
 *     2022-03-23              the day's
 *     1648041417              seconds; up to 11 digits, so that milliseconds are refused
 *
 * Years 1970 to 9999 of the Gregorian calendar; a leap second is refused. Threads: safe. */
#ifndef CORDON_BASE_TIME_H
#define CORDON_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool time_from_text(const char *p, size_t n, uint64_t *ret); /* false: none of these */

#endif
