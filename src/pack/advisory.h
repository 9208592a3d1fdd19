/* An advisory: what firms are to know, out of facts of the registers that somebody chose, with the
 * wallets in them as indicators beside it. TLP:CLEAR, so each fact is marked so.
 *
 * It is a pack of its own kind (pack.h): written by the same writers, cleared by the same procedure
 * (its content is a hash of its JSON, in which the SHA-256 of the indicators stands).
 *
 * Ownership: all in the arena; texts are borrowed from the log's fold.
 * Errors:    ERR_USAGE a fact that is not marked CLEAR, or withdrawn; those of the log.
 * Threads:   as the log; a made one is only read. */
#ifndef CORDON_PACK_ADVISORY_H
#define CORDON_PACK_ADVISORY_H

#include "group/record_log.h"
#include "pack/pack.h"

#define ADVISORY_SCHEMA "cordon.advisory/1"
#define ADVISORY_FACTS_MAX 1000
#define ADVISORY_TITLE_MAX 200 /* bytes */

struct advisory_options {
    const char *title, *producer, *version;
    const struct record_said *facts; /* [facts_n] in the order in which they are told */
    size_t facts_n;
};

/* The bundle as it is once the text is cleared, whose hash stands on the page; and as it goes to
 * those who have to clear it, marked as a draft. Nothing where no fact has a wallet. */
struct advisory_bundles {
    struct text cleared, draft;
};

bool advisory_make(struct group_log *l, struct arena *a, const struct advisory_options *o,
                   struct pack *ret, struct advisory_bundles *stix, struct err *err) MUST_USE;

#endif
