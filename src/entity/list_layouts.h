/* The tables that are known by their headers: which column is which field (list_table.h).
 *
 * Threads:   constant. */
#ifndef CORDON_ENTITY_LIST_LAYOUTS_H
#define CORDON_ENTITY_LIST_LAYOUTS_H

#include <stddef.h>

struct list_column {
    const char *field, *column; /* field NULL ends the list */
};

struct list_layout {
    const char *format, *list; /* format NULL ends the list */
    const struct list_column *columns;
    const char *split, *null; /* or NULL */
};

extern const struct list_layout list_layouts[];

#endif
