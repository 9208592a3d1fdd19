/* Versions of sanctions lists in the store: the files as they were published, so that a question
 * can be asked as of any day, and again when cordon reads them better.
 *
 * A version is a list (by name), a day as of which it stands, and its files, packed, with their
 * SHA-256. Of two versions of one day the one imported later counts. A new version comes in beside
 * the old, in one transaction, and only when all of it was read: whatever happens meanwhile, the
 * old one stays.
 *
 * Ownership: results live in the arena given.
 * Errors:    ERR_INPUT a file that is damaged, cut or of no known format, or a version that has
 *            much fewer entries or addresses than the one before (LIST_FEWER_PERCENT); ERR_USAGE a
 *            day that contradicts the file's; ERR_NOT_FOUND no such list, or none as of that day;
 *            ERR_CORRUPT what is stored is not what was stored; the store's.
 * Order:     versions by list, day, id.
 * Threads:   as the store's. */
#ifndef CORDON_ENTITY_LIST_STORE_H
#define CORDON_ENTITY_LIST_STORE_H

#include "base/hash.h"
#include "entity/list_read.h"
#include "store/store.h"

#define LIST_FEWER_PERCENT 80 /* of the version before must be there */

extern const struct store_schema list_schema;

struct list_version {
    uint64_t id;
    const char *list;
    struct list_day as_of;
    uint64_t imported; /* seconds since 1970, as the caller said */
    const char *format, *file;
    const char *map;      /* of its columns, "" if there was none */
    struct hash32 sha256; /* of its file; of several: of their hashes, in order */
    uint64_t bytes, entries, addresses;
};

struct list_import {
    const struct list_input *files;
    size_t files_n;
    const char *called;      /* the list's name, or NULL */
    const char *map;         /* of columns (list_read.h), or NULL */
    struct list_day as_of;   /* year 0: as the file says, else by_name */
    struct list_day by_name; /* where neither says: of the file's name, or of today */
    uint64_t now;            /* seconds since 1970 */
    bool fewer;              /* take it however few are on it */
};

/* *ret_list: what was read (NULL: not wanted). *ret_new false: the very same was there already. */
bool list_import(struct store *s, struct arena *a, const struct list_import *import,
                 struct list_version *ret, struct list *ret_list, bool *ret_new,
                 struct err *err) MUST_USE;

bool list_versions(struct store *s, struct arena *a, const struct list_version **ret, size_t *ret_n,
                   struct err *err) MUST_USE;
/* The newest of each list that stands as of that day; year 0: the newest. */
bool list_current(struct store *s, struct arena *a, struct list_day as_of,
                  const struct list_version **ret, size_t *ret_n, struct err *err) MUST_USE;
bool list_version_at(struct store *s, struct arena *a, const char *list, struct list_day as_of,
                     struct list_version *ret, struct err *err) MUST_USE;
bool list_load(struct store *s, struct arena *a, const struct list_version *version,
               struct list *ret, struct err *err) MUST_USE;

/* The day that stands in a path, as 2024-03-28 or 20240328: in the file's name, else in its
 * folder's. */
bool list_day_of_path(const char *path, struct list_day *ret);

#endif
