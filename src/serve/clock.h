/* The clocks of the node. The library reads none (base/time.h): who serves passes the time in. */
#ifndef CORDON_SERVE_CLOCK_H
#define CORDON_SERVE_CLOCK_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#define CLOCK_TEXT_MAX 32

uint64_t clock_seconds(void);   /* since 1970 */
uint64_t clock_ms(void);        /* the same in milliseconds */
uint64_t clock_steady_us(void); /* never goes back; from any start */
uint64_t clock_steady_ms(void);
/* When whoever began then, and ends now, may begin again so as to work a tenth of the time; both by
 * clock_steady_us. */
uint64_t clock_tenth_us(uint64_t began_us);
/* A condition that is waited for until a time of the steady clock, and such a time. */
void clock_cond_init(pthread_cond_t *ret);
void clock_steady_in_ms(struct timespec *ret, uint64_t ms);
/* "2026-11-26T03:14:15.926535Z" (RFC 3339), now */
void clock_text(char ret[CLOCK_TEXT_MAX]);

#endif
