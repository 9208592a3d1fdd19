/* A watcher's words to screening: whom cases have reached goes on as it comes.
 *
 * Ownership: the cases are borrowed, for as long as the watcher tells them. Threads: one. */
#ifndef CORDON_TESTS_SCREEN_TOLD_H
#define CORDON_TESTS_SCREEN_TOLD_H

#include "screen/screen_cases.h"
#include "watch/found.h"

struct watch_reach told_reach(struct screen_cases *told);

#endif
