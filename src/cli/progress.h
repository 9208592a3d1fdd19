/* Progress of long work: drawn over and over on one line of a terminal, with rate and time left;
 * else nothing. */
#ifndef CORDON_CLI_PROGRESS_H
#define CORDON_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what;
    bool bytes, shown, drawn; /* bytes: what is counted; else things */
    double start, last;
};

struct progress progress_start(const char *what, bool bytes);
void progress_show(struct progress *p, uint64_t done, uint64_t all);
void progress_end(struct progress *p); /* wipes the line */

#endif
