/* What the readers of sanctions lists in XML share: texts of elements and attributes as facts, and
 * an entry's children by a table of their names.
 *
 * Ownership, errors: as list_make.h. Threads: one, the maker's. */
#ifndef CORDON_ENTITY_LIST_XML_H
#define CORDON_ENTITY_LIST_XML_H

#include "base/xml.h"
#include "entity/list_make.h"

struct list_xml_row {
    const char *name; /* of an element; NULL ends the table */
    void (*add)(struct list_maker *m, const struct xml_node *n);
};

/* The text of a child of that name, or the value of an attribute, as list_make_text has it. */
const char *list_xml_text(struct list_maker *m, const struct xml_node *parent, const char *name);
const char *list_xml_attribute(struct list_maker *m, const struct xml_node *n, const char *name);
typedef const char *list_xml_get(struct list_maker *m, const struct xml_node *n, const char *name);
/* What get finds by these names, at most LIST_XML_PARTS_MAX of them, joined by list_make_join. */
#define LIST_XML_PARTS_MAX 8
const char *list_xml_join(struct list_maker *m, const struct xml_node *n, list_xml_get *get,
                          const char *const *names, size_t names_n, const char *between);
/* Each child in its order, to the row of its name; those that no row names are passed over. */
void list_xml_children(struct list_maker *m, const struct xml_node *parent,
                       const struct list_xml_row *rows);

#endif
