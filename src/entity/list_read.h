/* Files of one version of a list -> struct list, the format told by what is in them.
 *
 *     sdn.csv alt.csv add.csv sdn_comments.csv   OFAC's legacy CSV, together one list
 *     <sdnList>                                  OFAC's sdn.xml or consolidated.xml
 *     <Sanctions>                                OFAC's advanced XML
 *     <CONSOLIDATED_LIST>                        UN
 *     <export>                                   EU
 *     <Designations>                             UK Sanctions List
 *     <ArrayOfFinancialSanctionsTarget>          UK, OFSI's consolidated list
 *     <data-set>                                 Canada
 *     CSV with a header                          EU, UK, Japan, Israel; others by a map
 *                                                (list_table.h)
 *
 * Any file may be packed by zstd. A list whose name its content does not tell is called as the
 * caller says. The four files of OFAC's CSV are told apart by the number of their columns.
 *
 * Ownership: the list lives in the arena, nothing is borrowed from the input.
 * Errors:    ERR_INPUT naming the file and the place: not whole, damaged, or of no format known;
 *            ERR_USAGE files that do not belong together; ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_ENTITY_LIST_READ_H
#define CORDON_ENTITY_LIST_READ_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "entity/list.h"

#define LIST_FILES_MAX 4
#define LIST_FILE_BYTES_MAX ((size_t)512 << 20) /* unpacked */
#define LIST_MEMORY_MAX ((size_t)2 << 30)
#define LIST_NAME_MAX 40

struct list_input {
    const char *name; /* of the file, for messages */
    struct bytes in;
};

/* called: the list's name, or NULL: as its content tells. map: of columns, or NULL or "". */
bool list_read(struct arena *a, const struct list_input *files, size_t files_n, const char *called,
               const char *map, struct list *ret, struct err *err) MUST_USE;

/* Lower case letters, digits and "-", at most LIST_NAME_MAX. */
bool list_name_valid(const char *name);

#endif
