/* Exports that two persons of a member have to approve, where the charter's two_persons has
 * "export.approve": packs, pages of evidence, indicators. docs/protocol.md, "Exports".
 *
 *     export = "export:" | hex of SHA-256("cordon.export-of/1" | group | member | what is asked)
 *
 * the last as texts, each with a zero byte behind it. An approval stands for a day.
 *
 * Ownership: borrowed for the call.
 * Threads:   as the fold. */
#ifndef CORDON_GROUP_APPROVAL_H
#define CORDON_GROUP_APPROVAL_H

#include "group/fold.h"

#define APPROVAL_MS ((uint64_t)86400000)

void approval_object(const struct hash32 *group, const char *member, const char *const *asked,
                     size_t n, char ret[OBJECT_NAME_MAX]);
/* True also where the charter in force does not ask for it. */
bool approval_stands(const struct fold *f, const char *object, const char *member, uint64_t ms);

#endif
