/* Is a text cleared for publication? Each government that hears of it says so, or objects, or says
 * nothing until the day that the text names has passed (a silence procedure), UTC, and until the
 * charter's silence_hours have passed since the text's newest revision: nobody is silent on what it
 * had no time to read. Of the charter in force and that which the revision names the longer time
 * counts: neither an old version nor a new one takes anybody's time. Nor does the revision's own
 * clock, which can be set back: the hours count from when more than half of the others had
 * countersigned it (docs/protocol.md, section 8), and until then nobody is silent. Only what names
 * the newest revision is said of it.
 *
 * Ownership: in the arena; names are borrowed from the fold.
 * Errors:    those of the log.
 * Threads:   as the log. */
#ifndef CORDON_GROUP_CLEARANCE_H
#define CORDON_GROUP_CLEARANCE_H

#include "group/record_log.h"

/* The day is in no year that is reckoned with, or the revision is not countersigned yet. */
#define CLEARANCE_NEVER_SILENT UINT64_MAX

enum clearance_state {
    CLEARANCE_WAITS,
    CLEARANCE_CLEARED,
    CLEARANCE_SILENT, /* the time has passed, and nothing was said */
    CLEARANCE_OBJECTED,
};

struct clearance_row {
    const char *member;
    enum clearance_state state;
};

struct clearance {
    const struct clearance_row *rows; /* [n] by member */
    size_t n;
    uint64_t silent_from_ms; /* from then on who has said nothing is silent */
    bool witnessed;          /* the revision is countersigned */
    bool cleared;            /* nobody waits or objects, and there is somebody */
};

bool clearance_of(struct group_log *l, struct arena *a, const struct record_said *text, uint64_t ms,
                  struct clearance *ret, struct err *err) MUST_USE;
const char *clearance_name(enum clearance_state s);

#endif
