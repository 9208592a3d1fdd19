/* The European Union's consolidated list of persons, groups and entities subject to financial
 * sanctions, official XML (Financial Sanctions Files 1.1). Its CSV is a layout of list_table.h.
 *
 * An element sanctionEntity for each entry; all values are attributes. logicalId is the id; the
 * regulation that lists it is the reference.
 *
 * Errors and threads as in list_make.h; errors begin with the line. */
#ifndef CORDON_ENTITY_EU_H
#define CORDON_ENTITY_EU_H

#include "entity/list_make.h"

bool eu_xml_read(struct list_maker *m, struct bytes in) MUST_USE;

#endif
