/* Two versions of a list against each other: who came, who went, and what else is said of those
 * who stayed.
 *
 * Ownership: the result lives in the arena and points into both lists.
 * Errors:    ERR_NOMEM, ERR_LIMIT of the arena; list_changes: the store's and list_load's.
 * Order:     by id, as in the lists; of one entry removed facts before added ones, in the order of
 *            list_entry_lines.
 * Threads:   safe, on lists that nobody changes. */
#ifndef CORDON_ENTITY_LIST_DIFF_H
#define CORDON_ENTITY_LIST_DIFF_H

#include "base/arena.h"
#include "entity/list.h"
#include "entity/list_store.h"

enum list_change_kind { LIST_ADDED, LIST_REMOVED, LIST_CHANGED };

struct list_delta { /* a fact that came or went, as list_entry_lines tells it */
    bool added;
    const char *label, *text;
};

struct list_change {
    enum list_change_kind kind;
    const struct list_entry *from, *to; /* NULL: was not, or is not on it */
    const struct list_delta *deltas;    /* of LIST_CHANGED */
    size_t deltas_n;
};

struct list_diff {
    const struct list_change *changes;
    size_t changes_n;
    size_t added, removed, changed;
};

const char *list_change_name(enum list_change_kind kind); /* "added" */
bool list_diff(struct arena *a, const struct list *from, const struct list *to,
               struct list_diff *ret, struct err *err) MUST_USE;

/* The same of two versions in the store: what past questions have to be asked again about. Names
 * and addresses that came or went are the deltas labelled "name", "alias" and "crypto address"; of
 * entries that came or went, all of their own. */
bool list_changes(struct store *s, struct arena *a, const struct list_version *from,
                  const struct list_version *to, struct list_diff *ret, struct err *err) MUST_USE;

#endif
