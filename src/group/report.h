/* What a case report says: the case file, and what its trace depends on, pinned.
 *
 *     {"case":{...},"inputs":{"dust","hops_max","policy","routes_sha256","rules","stops_sha256",
 *                             "until","until_time"}}
 *
 * case is what cordon trace reads (trace/case.h, docs/schemas/case.json), with its policy always
 * named. inputs are worked out from it; whoever takes a report in works them out again, and a
 * report whose two halves disagree is refused. So every member follows the same money alike.
 * routes_sha256 is the one that depends on the program: which contracts it knows, whose word about
 * bridges and pools it takes (trace/routes.h). A report with another one is taken in, and that it
 * is another one is said wherever the case is told; one without it pins none.
 *
 * Ownership: all in the arena.
 * Errors:    ERR_INPUT naming the member; ERR_LIMIT; ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_GROUP_REPORT_H
#define CORDON_GROUP_REPORT_H

#include "base/json.h"
#include "trace/case.h"

struct report {
    struct bytes body; /* canonical JSON */
    struct bytes text; /* the case alone, canonical, NUL-terminated */
    struct case_file file;
    struct hash32 routes;
    bool has_routes;
};

enum report_routes { REPORT_ROUTES_SAME, REPORT_ROUTES_OTHER, REPORT_ROUTES_NONE };
/* The report's table of routes, beside this program's. */
enum report_routes report_routes(const struct report *r);
const char *report_routes_name(enum report_routes routes); /* "same", "other", "not-pinned" */

bool report_make(struct arena *a, struct bytes case_text, struct report *ret,
                 struct err *err) MUST_USE;
/* Of a case's text its first origins_max origins alone, in the order of the report, which is the
 * same everywhere; *ret_cut: how many are left out. */
bool report_origins_cut(struct arena *a, struct bytes case_text, uint64_t origins_max,
                        struct bytes *ret, uint64_t *ret_cut, struct err *err) MUST_USE;
bool report_read(struct arena *a, struct bytes body, struct report *ret, struct err *err) MUST_USE;

#endif
