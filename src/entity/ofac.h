/* Lists of the United States: the Treasury's Office of Foreign Assets Control (OFAC).
 *
 * Three formats of the same list. The legacy CSV is four files of one day, joined by the entity's
 * number: sdn.csv, and beside it alt.csv (aliases), add.csv (addresses) and sdn_comments.csv (what
 * went past 1,000 characters of remarks, cut anywhere, in the middle of an address, too: it is
 * joined before it is read). It has no header; null is "-0-"; a file ends with 0x1A. Dates of
 * birth, documents and crypto-addresses stand in the remarks, in clauses parted by "; ".
 * sdn.xml and consolidated.xml have elements for them, as has the "advanced" format, whose values
 * are numbers that its own tables explain.
 * Sources: OFAC, "SDN List Data Formats" (dat_spec.txt); the schemas sdn.xsd and
 * sdn_advanced.xsd.
 *
 * Errors:    ERR_INPUT naming file and line; ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_ENTITY_OFAC_H
#define CORDON_ENTITY_OFAC_H

#include "entity/list_make.h"

struct ofac_csv {
    struct bytes sdn, alt, add, comments; /* NULL p: not there */
};

bool ofac_csv_read(struct list_maker *m, const struct ofac_csv *files) MUST_USE;
bool ofac_xml_read(struct list_maker *m, struct bytes in) MUST_USE;
bool ofac_advanced_read(struct list_maker *m, struct bytes in) MUST_USE;

/* "ofac-sdn", or "ofac-consolidated" (those who are not blocked in full): the files do not say
 * which they are, but the programmes of the second are its own. */
const char *ofac_list_name(const struct list_maker *m);

/* Clauses of a remark of CSV as facts of the entry that is being made. */
void ofac_remarks(struct list_maker *m, const char *remarks);

#endif
