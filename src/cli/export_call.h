/* Whether something may leave this home: two persons may have to approve it (group/approval.h).
 * What is asked for is the command with its arguments and options, but for where it is written, and
 * the bytes of the file that it is made from.
 *
 * Errors: ERR_INPUT which approval is missing; those of the log. */
#ifndef CORDON_CLI_EXPORT_CALL_H
#define CORDON_CLI_EXPORT_CALL_H

#include "cli/group_call.h"

/* of: the file; NULL: none. A home without a group asks nobody. */
bool export_lets(struct call *c, const char *of, struct err *err) MUST_USE;
/* The same within a log that is open. */
bool export_lets_in(struct call *c, struct group_log *l, struct err *err) MUST_USE;

#endif
