/* How a case is handled: what an authority asks the members of one audience to do about what of it
 * reaches them. docs/protocol.md, "Handling".
 *
 *     hold      as the charter and the member's policy say: where nothing is asked, too
 *     observe   tell that audience alone, and hold nothing by machine: a controlled delivery
 *     none      tell nobody, and hold nothing, by machine
 *
 * It is an object of its own, "handling:" and the case's digits, so that an audience is told of it
 * which is another than the case's: whoever is not of that audience is sent nothing.
 *
 * Whose word counts for a member: of those who have said something to an audience that it belongs
 * to, the member whose case it is, where that is one of them; else the first, in order. Of that
 * member the newest word counts, to whichever of those audiences. A case that was merged is handled
 * as itself, or, where nobody has said how, as the one that it goes on as.
 *
 * Ownership: borrowed from the fold.
 * Threads:   as the fold. */
#ifndef CORDON_GROUP_HANDLING_H
#define CORDON_GROUP_HANDLING_H

#include "group/fold.h"

enum handling_what { HANDLING_HOLD, HANDLING_OBSERVE, HANDLING_NONE };

struct handling {
    enum handling_what what;
    const struct fold_event *said; /* by whom, to which audience, when; NULL: nobody has */
};

/* As that member is told; NULL: as anybody here is. */
struct handling handling_of(const struct fold *f, const char *case_object, const char *member);
/* Has anybody said anything of any case? */
bool handling_any(const struct fold *f);
/* "handling:" and the case's digits */
void handling_object(const char *case_object, char ret[OBJECT_NAME_MAX]);
const char *handling_name(enum handling_what what);

#endif
