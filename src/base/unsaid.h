/* Words that are not written where others may read them: that a suspicious-transaction report
 * exists must be told to nobody (FATF recommendation 21), so no text of a hold, notice or complaint
 * may name one.
 *
 * Threads: safe. */
#ifndef CORDON_BASE_UNSAID_H
#define CORDON_BASE_UNSAID_H

#include <stdbool.h>

/* Does the text name a suspicious-transaction report ("SAR", "STR", "suspicious ...", as they are
 * called in English, Korean, Japanese and Chinese)? Words, not parts of them: "star" is none. */
bool unsaid_in(const char *s);

#endif
