/* A temporary folder for the small ledgers of evidence, gone once what it proves is known. In
 * $TMPDIR, else /tmp.
 *
 * Errors:    ERR_SYSTEM.
 * Threads:   each its own. */
#ifndef CORDON_TRACE_EVIDENCE_FOLDER_H
#define CORDON_TRACE_EVIDENCE_FOLDER_H

#include "base/err.h"

#define EVIDENCE_FOLDER_MAX 4096

bool evidence_folder_make(char ret[EVIDENCE_FOLDER_MAX], struct err *err) MUST_USE;
void evidence_folder_remove(const char *dir); /* with all that is in it */

#endif
