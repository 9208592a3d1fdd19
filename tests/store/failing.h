/* Writes that end their process, or fail, counted as SQLite makes them (pwrite, ftruncate): so a
 * test can see what stands after each of them.
 *
 * Threads:   one. Whoever wants to be killed does so in a child. */
#ifndef CORDON_TESTS_STORE_FAILING_H
#define CORDON_TESTS_STORE_FAILING_H

#include <stdbool.h>
#include <stdint.h>

enum failing_how {
    FAILING_KILLS, /* before the write */
    FAILING_TEARS, /* after half of it */
    FAILING_FULL,  /* no space, it and all after it */
    FAILING_IO,    /* an error of the disk, it and all after it */
};

/* The n-th from now on; 0: the next; -1: none. */
void failing_writes(int64_t n, enum failing_how how);
bool failing_hit(void); /* has one failed since? */

#endif
