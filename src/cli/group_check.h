/* What a check of the group's log has found, for those who print it. */
#ifndef CORDON_CLI_GROUP_CHECK_H
#define CORDON_CLI_GROUP_CHECK_H

#include "cli/group_call.h"

bool group_check_home(struct call *c, struct group_log_checked *ret, struct hash32 *ret_group,
                      struct err *err) MUST_USE;
void group_check_text(struct text *to, const struct group_log_checked *k);
void group_check_json(struct text *to, const struct group_log_checked *k,
                      const struct hash32 *group);

#endif
