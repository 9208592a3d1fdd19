/* cordon lists import: which files are one version of a list. */
#ifndef CORDON_CLI_LISTS_IMPORT_H
#define CORDON_CLI_LISTS_IMPORT_H

#include "cli/command.h"
#include "entity/list_store.h"

struct lists_version { /* what came of one version's files */
    struct list_version version;
    struct list list;
    bool is_new;
    bool has_before; /* before, and what became of it, are told */
    struct list_version before;
    size_t added, removed, changed;
    struct lists_version *next;
    const char *failed; /* why the file was not taken, and nothing else is said of it; or NULL */
};

/* All files of the call (from argument first on), in order. One that cannot be read or is refused
 * does not keep the others out; false, and what is said of the first such, if there is one. What
 * came in is told in either case. */
bool lists_import(struct call *c, struct store *s, size_t first, uint64_t now,
                  struct lists_version **ret, struct err *err) MUST_USE;

/* --as-of; year 0: not given. */
bool lists_as_of(struct call *c, struct list_day *ret, struct err *err) MUST_USE;

#endif
