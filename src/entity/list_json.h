/* Entries, versions and differences of lists as JSON, alike wherever they are given out.
 * docs/schemas: lists.json, lists-entry.json, lists-diff.json.
 *
 * Threads:   as the writer's. */
#ifndef CORDON_ENTITY_LIST_JSON_H
#define CORDON_ENTITY_LIST_JSON_H

#include "base/json.h"
#include "entity/list_diff.h"
#include "entity/list_store.h"

void list_entry_json(struct json_out *j, const struct list_entry *e);     /* an object */
void list_version_json(struct json_out *j, const struct list_version *v); /* an object */
void list_diff_json(struct json_out *j, const struct list_diff *d);       /* an array of changes */

#endif
