/* Markings: to whom a thing may be passed on (TLP), and what it may be used for.
 *
 * Both versions of the Traffic Light Protocol are read; WHITE is CLEAR. A marking that is not known
 * counts as RED, and none at all as AMBER+STRICT (mark_effective), so that what is not understood
 * goes no further. Permitted use is text; the four words of the Permissible Actions Protocol
 * ("PAP:GREEN") are told apart, and of two of them the stricter holds. Putting marks together never
 * widens either.
 *
 * Sources:   FIRST, "TLP 2.0"; STIX 2.1, section 7.2.1.4; OASIS common object repository, "TLP 2.0
 *            marking extension"; MISP taxonomies "tlp" and "PAP".
 * Threads:   safe. */
#ifndef CORDON_MARK_MARK_H
#define CORDON_MARK_MARK_H

#include "base/arena.h"
#include "base/err.h"

/* From the widest audience to the narrowest. The names are on disk. */
enum tlp {
    TLP_NONE, /* not marked */
    TLP_CLEAR,
    TLP_GREEN,
    TLP_AMBER,
    TLP_AMBER_STRICT,
    TLP_RED,
};
#define TLPS (TLP_RED + 1)

#define MARK_USE_MAX 2000 /* bytes of a permitted use */

struct mark {
    enum tlp tlp;
    const char *use; /* "" where nothing is told */
};

const char *tlp_name(enum tlp t); /* "amber+strict"; TLP_NONE: "" */
/* "TLP:AMBER+STRICT", "amber", "white", in either case. false: no such word. */
bool tlp_read(const char *p, size_t n, enum tlp *ret);
/* The id of a marking-definition of STIX: the five of TLP 2.0, the four that are built into STIX
 * 2.1, and the one that OpenCTI has for AMBER+STRICT. false: none of these. */
bool tlp_of_id(const char *id, enum tlp *ret);
const char *tlp_id(enum tlp t); /* of TLP 2.0; TLP_NONE: NULL */

static inline enum tlp mark_effective(enum tlp t)
{
    return t == TLP_NONE ? TLP_AMBER_STRICT : t;
}

/* The narrower of two; TLP_NONE counts as AMBER+STRICT. */
enum tlp tlp_narrower(enum tlp a, enum tlp b);
/* "pap:amber" -> "PAP:AMBER", white being clear; NULL: no word of that protocol. */
const char *mark_pap(const char *use);
/* Both hold: the stricter of two PAP words, the text that is told where one is "" or they are the
 * same, else both with "; " between. ERR_LIMIT longer than MARK_USE_MAX. */
bool mark_use_both(struct arena *a, const char *one, const char *other, const char **ret,
                   struct err *err) MUST_USE;

#endif
