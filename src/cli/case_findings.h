/* cordon case findings: what a trace says of a case, told to the group (group/finding.h). */
#ifndef CORDON_CLI_CASE_FINDINGS_H
#define CORDON_CLI_CASE_FINDINGS_H

#include "cli/group_call.h"

/* call: findings CASE TRACE.json [--tlp TLP] [--note TEXT] */
bool case_findings(struct call *c, struct err *err) MUST_USE;

#endif
