/* Answers written: as JSON (docs/schemas/screen.json), on one line or as part of a larger document.
 *
 * Threads: safe. */
#ifndef CORDON_SCREEN_ANSWER_H
#define CORDON_SCREEN_ANSWER_H

#include "base/json.h"
#include "screen/screener.h"

/* ref: what the asker calls the question, or NULL. One object. */
void screen_answer_json(struct json_out *j, const struct screener *s,
                        const struct screen_question *q, const struct screen_answer *a,
                        const char *ref);
/* A question that could not be answered: UNKNOWN, with the error. */
void screen_error_json(struct json_out *j, const struct screen_question *q, const char *ref,
                       const char *error);
/* In words; returns ret. */
#define SCREEN_UNKNOWN_TEXT 128
const char *screen_unknown_say(const struct screen_unknown *u, char ret[SCREEN_UNKNOWN_TEXT]);
/* What answers stand on: screen.json, $defs/stands. One object. ledgers: those that are asked, as
 * far as their exposure has come; NULL: nothing is said of them. */
void screen_stands_json(struct json_out *j, const struct screener *s,
                        const struct screen_ledgers *ledgers);

#endif
