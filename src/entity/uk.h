/* Lists of the United Kingdom, and Canada's, official XML. The UK's CSV are layouts of
 * list_table.h.
 *
 * The UK Sanctions List (FCDO) has an element Designation for each entry, with UniqueID; the older
 * consolidated list of financial targets (OFSI, ConList.xml) an element FinancialSanctionsTarget
 * for each name, those of one GroupID being one entry. Canada's consolidated autonomous sanctions
 * list (SEMA) has an element record for each entry; regulation, schedule and item are its id.
 *
 * Errors and threads as in list_make.h; errors begin with the line. */
#ifndef CORDON_ENTITY_UK_H
#define CORDON_ENTITY_UK_H

#include "entity/list_make.h"

bool uk_xml_read(struct list_maker *m, struct bytes in) MUST_USE;
bool uk_targets_read(struct list_maker *m, struct bytes in) MUST_USE;
bool ca_xml_read(struct list_maker *m, struct bytes in) MUST_USE;

#endif
