/* Claims about a year, side by side: what each claimant said of it, and who denies it.
 *
 * Nothing is averaged and nothing is chosen. A later figure of the same claimant for the same
 * subject and the same period revises the earlier one, which stays. A claim of a wider period is
 * told apart from one of the year itself; a denial counts for each year that its period meets, one
 * of "any" for all.
 *
 * A claimant is told by its name up to " (" or ",": "Chainalysis (newest figures)" and "Chainalysis
 * (figures known in Feb 2024)" are one. What somebody else has added up is not the claimant's own
 * figure: "UN Panel of Experts (sum of its listed incidents)" is a name by itself.
 *
 * Ownership: in the arena; records are borrowed from what is handed in.
 * Errors:    ERR_NOMEM, ERR_LIMIT.
 * Threads:   safe. */
#ifndef CORDON_GROUP_CLAIMS_H
#define CORDON_GROUP_CLAIMS_H

#include "group/period.h"
#include "group/record_log.h"

enum claim_place {
    CLAIM_OF_YEAR, /* of that year and no other time */
    CLAIM_WIDER,   /* of a time that meets it */
    CLAIM_DENIAL,
    CLAIM_SAID_THEN, /* of no such time, and published in a period that was asked for */
};

struct claim_row {
    const struct record_said *said;
    enum claim_place place;
    const struct record_said *revised_by; /* the newest of its claimant; NULL: it is that */
};

/* [*ret_n] by place, subject, claimant and day of publication; with what was published in said_in,
 * whatever time it is of (a denial, too), where that is not NULL. */
bool claims_of_year(struct arena *a, const struct records *claims, unsigned year,
                    const struct period *said_in, struct claim_row **ret, size_t *ret_n,
                    struct err *err) MUST_USE;

/* When a claim was published, as days are compared: "2024-02" of "by 2024-02". */
const char *claim_published(const struct record_said *r);
int claimant_order(const char *a, const char *b); /* 0: the same claimant */

#endif
