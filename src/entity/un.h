/* The United Nations Security Council's consolidated list, official XML.
 *
 * An element INDIVIDUAL or ENTITY for each entry; DATAID is the id, REFERENCE_NUMBER the permanent
 * reference (KPi.001). The name in its own script is an alias.
 * Source: the schema sc-sanctions.xsd that the list names.
 *
 * Errors and threads as in list_make.h; errors begin with the line. */
#ifndef CORDON_ENTITY_UN_H
#define CORDON_ENTITY_UN_H

#include "entity/list_make.h"

bool un_xml_read(struct list_maker *m, struct bytes in) MUST_USE;

#endif
