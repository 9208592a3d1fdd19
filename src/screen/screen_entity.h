/* Who else is of an entity: which labelled addresses belong with one (docs/entities.md), found once
 * for a ledger and its clusters as they are at that time.
 *
 *     entity -> label -> the first SCREEN_ENTITY_TOLD addresses of it that have the label, and how
 *                        many there are
 *
 * Ownership: the ledger is borrowed until screen_entities_free.
 * Errors:    those of clusters_open, ERR_NOT_FOUND among them: clustering is off.
 * Threads:   constant once made. */
#ifndef CORDON_SCREEN_SCREEN_ENTITY_H
#define CORDON_SCREEN_SCREEN_ENTITY_H

#include "entity/cluster.h"
#include "screen/screen_ledger.h"

#define SCREEN_ENTITY_TOLD 2 /* addresses of an entity and a label that are told */

struct screen_entities;

bool screen_entities_make(const struct ledger *l, struct screen_ledger *x,
                          struct screen_entities **ret, struct err *err) MUST_USE;
struct screen_entities *screen_entities_free(struct screen_entities *e); /* NULL is fine */

struct screen_entity_row { /* an address of the entity that has the label */
    uint32_t root, script;
    uint32_t all; /* that there are in the entity, of the label */
    uint16_t label;
};
/* Rows of the entity of a script, by label; *ret_n of them from what is returned on. */
const struct screen_entity_row *screen_entity_of(const struct screen_entities *e, uint32_t script,
                                                 size_t *ret_n);
uint32_t
screen_entities_blocks(const struct screen_entities *e); /* of the ledger's, from the first */
/* Says up to which block they go; e may be NULL. */
void screen_entities_stand(const struct screen_entities *e, struct screen_as_of *as_of);
const struct clusters *screen_entities_clusters(const struct screen_entities *e);

#endif
