/* Folders of ledgers, compared byte for byte. */
#ifndef CORDON_TESTS_LEDGER_FILES_H
#define CORDON_TESTS_LEDGER_FILES_H

#include "support.h"

#include "base/hash.h"

char *test_dir_sub(void); /* a path for a new folder below test_dir */
/* SHA-256 over names and contents of all files but lock */
struct hash32 fingerprint(const char *dir);
void check_same(const char *a, const char *b);
void check_same_as(const char *dir, const struct hash32 *want);

#endif
