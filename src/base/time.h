/* Times as people and programs write them, to seconds since 1970, UTC (ISO 8601, RFC 3339, SWIFT).
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

#define TIME_DAY_MAX 12

/* false: none of these */
bool time_from_text(const char *p, size_t n, uint64_t *ret);
/* The same but for a number of seconds, where "20160204" would be somebody's date. */
bool time_from_iso(const char *p, size_t n, uint64_t *ret);
/* The first second of a day; false: there is no such day */
bool time_from_date(unsigned year, unsigned month, unsigned day, uint64_t *ret);
/* A day as SWIFT has it (format 6!n, YYMMDD): "If YY is greater than 79, the date refers to the
 * 20th century. If the year is 79 or less, the date refers to the 21st century." */
bool time_from_yymmdd(const char *p, size_t n, uint64_t *ret);
/* "2016-02-04": the day of a time before the year 10000 */
const char *time_day(uint64_t time, char ret[TIME_DAY_MAX]);

#endif
