/* What tests of sanctions lists share: small files, and lists read from data of the real world. */
#ifndef CORDON_TESTS_ENTITY_LISTS_H
#define CORDON_TESTS_ENTITY_LISTS_H

#include "base/arena.h"
#include "entity/list_read.h"
#include "support.h"

struct list lists_read(struct arena *a, const struct list_input *files, size_t n,
                       const char *called);
struct list lists_data(struct arena *a, const char *path); /* below CORDON_DATA/sanctions */
struct list lists_ofac(struct arena *a, const char *day);  /* with its neighbours */
struct list_input lists_text(const char *name, const char *text);
/* The fact of that label and text of an entry, by list_entry_lines. */
bool lists_says(const struct list_entry *e, const char *label, const char *text);

#endif
