/* Lists as tables: CSV with a header, of a layout that is known, or with a map of its columns.
 *
 * A map is a record of CSV, so that a column's name may hold a comma (in quotes):
 *
 *     id=Reference,name=Name of Individual or Entity,alias=Aliases,birth=Date of Birth,split:";"
 *
 * FIELD=COLUMN says which column is what; a field may have several columns, a column one field.
 * Those of name_part, place and address are joined in the map's order; of others each stands alone.
 * FIELD:VALUE gives one value for all rows.
 *
 *     id                    rows of one id are one entry; several columns are joined by "/",
 *                           the name standing for one that is empty, or for the id
 *     name, name_part       the name, or the parts of it in order
 *     name_type, quality    "Primary name", else an alias of that type; "low..." or "false": weak
 *     alias, weak_alias, former      other names
 *     script_name, language          the name in its own script, and the script or language
 *     kind                  Individual, person, P, Entity, enterprise, E, Ship, Vessel, Aircraft...
 *     birth, birth_year, place       of birth; the year where there is no date
 *     nationality, address
 *     passport, national_id, tax_id, registration, imo, mmsi, bank_id, lei, email, phone, website
 *     id_number, id_type, id_country one document of any type
 *     crypto, ticker        an address; what is none is kept as an account's number
 *     programme, reference, listed, remarks, url
 *     detail                anything else, under the column's name
 *     block                 a row in which this column alone is filled, with a number in it, begins
 *                           a block: it comes before the ids of the block's rows, and is name and
 *                           id of those without
 *     list, as_of           the list's name, and its day
 *
 *     separator             (value only) between columns; otherwise the commonest of , ; and tab
 *     split                 (value only) what parts the values of a field
 *     null                  (value only) what stands for nothing: "None"
 *
 * Known layouts: the EU's official CSV, and the Official Journal's annexes as tables; the UK
 * Sanctions List and OFSI's consolidated list; Japan's (Ministry of Finance); Israel's seized
 * wallets (NBCTF).
 *
 * Errors:    ERR_USAGE the map; ERR_INPUT, beginning "line 7: "; ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_ENTITY_LIST_TABLE_H
#define CORDON_ENTITY_LIST_TABLE_H

#include "entity/list_make.h"

#define LIST_COLUMNS_MAX 512
#define LIST_MAP_BYTES_MAX 8192

/* map NULL or "": the layout is found by the header. *ret_known false: it is none that is known,
 * and nothing else was done. */
bool list_table_read(struct list_maker *m, struct bytes in, const char *map,
                     bool *ret_known) MUST_USE;

#endif
