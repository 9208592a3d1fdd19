#include "entity/list_xml.h"

#include <string.h>

const char *list_xml_text(struct list_maker *m, const struct xml_node *parent, const char *name)
{
    return list_make_string(m, xml_text(parent, name));
}

const char *list_xml_attribute(struct list_maker *m, const struct xml_node *n, const char *name)
{
    return list_make_string(m, xml_attribute(n, name));
}

const char *list_xml_join(struct list_maker *m, const struct xml_node *n, list_xml_get *get,
                          const char *const *names, size_t names_n, const char *between)
{
    const char *parts[LIST_XML_PARTS_MAX];

    for (size_t i = 0; i < names_n; i++)
        parts[i] = get(m, n, names[i]);
    return list_make_join(m, parts, names_n, between);
}

void list_xml_children(struct list_maker *m, const struct xml_node *parent,
                       const struct list_xml_row *rows)
{
    for (const struct xml_node *n = parent->child; n; n = n->next)
        for (const struct list_xml_row *row = rows; row->name; row++)
            if (!strcmp(n->name, row->name))
                row->add(m, n);
}
