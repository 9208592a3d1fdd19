/* What every file of an exposure must stand: cut short, bits that flip, and bytes that somebody has
 * chosen and summed up anew. */
#ifndef CORDON_TESTS_SCREEN_SAVED_H
#define CORDON_TESTS_SCREEN_SAVED_H

#include "support.h"

/* load opens the file, uses what it gets in every way, and frees it; false: it was refused. */
typedef bool saved_load(void *ctx, const char *path, struct err *err);
typedef bool saved_save(void *ctx, const char *path, struct err *err);

void saved_damaged(const char *path, saved_load *load, void *ctx, struct test_random *r);
/* Writing fails at each byte in turn, and the old file stays. */
void saved_half(const char *path, saved_save *save, void *ctx);

#endif
