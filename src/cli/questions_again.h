/* Past questions asked again: cordon screen --again, and behind lists import and tags import. */
#ifndef CORDON_CLI_QUESTIONS_AGAIN_H
#define CORDON_CLI_QUESTIONS_AGAIN_H

#include "cli/cli.h"
#include "screen/again.h"

bool screen_again(struct call *c, struct err *err) MUST_USE;

/* What became of those whose answers do not stand on what there is now. */
struct asked_again {
    bool any; /* false: no question was ever kept, or --no-again; nothing was done */
    struct again_counts counts;
    uint64_t after; /* the changes are those behind it */
};
bool questions_again(struct call *c, struct asked_again *ret, struct err *err) MUST_USE;
void asked_again_text(struct text *to, const struct asked_again *again);    /* a line, or none */
void asked_again_json(struct json_out *j, const struct asked_again *again); /* a member */

/* How many are kept. */
bool kept_totals(struct call *c, struct question_totals *ret, struct err *err) MUST_USE;
void again_counts_text(struct text *to, const struct again_counts *n);
void again_counts_json(struct json_out *j, const struct again_counts *n); /* members */

/* One change, for people. */
void change_text(struct text *to, const struct question_change *c);
/* A time of an option, as 2024-03-28; 0: not given. */
bool time_of_call(const struct call *c, const char *option, uint64_t *ret,
                  struct err *err) MUST_USE;

#endif
