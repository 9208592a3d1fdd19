/* Words that are not written where others may read them: that a suspicious-transaction report
 * exists must be told to nobody (FATF recommendation 21), so no text that is about somebody's money
 * may name one: a case, what is said with an act, a notice, a complaint, an instrument. It keeps
 * from slips; who wants to tell it finds other words.
 *
 * Threads: safe. */
#ifndef CORDON_BASE_UNSAID_H
#define CORDON_BASE_UNSAID_H

#include <stdbool.h>

/* Does the text name a suspicious-transaction report ("SAR", "STR", "suspicious ...", as they are
 * called in English, Korean, Japanese and Chinese; also spelled out, "S.T.R.", in letters that look
 * alike, or with what is not seen between)? Words, not parts of them: "star" is none. */
bool unsaid_in(const char *s);

#endif
