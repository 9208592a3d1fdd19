/* The basis matrix: by which grounds a holder may act upon a request, and for how long.
 *
 *     "bases":[{"act":"order","requester":{"country":"KR","kind":"agency"},
 *               "holder":{"country":"US","kind":"*"},"bases":["court-order"],"hours_max":8784,
 *               "notice_hours":72,"from":"2026-01-01","to":null,"example":false},...]
 *
 * and optionally "defer_hours":2160,"defer_by":["court-order"]: for how long from the act, and by
 * which grounds, the notice may be put off; without the first for ever, without the second by any;
 * and, of orders, extensions and papers, "hours_total":168: for how long in all, from the first act
 * of that kind and by a basis of the row upon that alert; null, or without it, without an end.
 *
 * A member of the charter's document; "*" is any. The requester is the member whose case it is, the
 * holder whoever has the money. An act on which no row fits is without effect, and told with the
 * row that is missing. Rows that are marked as examples grant nothing. A charter without the member
 * has no matrix, and leaves the grounds to each holder.
 *
 * A request from another country is the holder's own law's only when an authority of the holder's
 * country has taken it on (alert.relay): before that none of the bases of law (le-request,
 * court-order, regulator-directive) serves.
 *
 * Ownership: rows live in the arena; what is asked is borrowed.
 * Errors:    ERR_INPUT naming the member of the document, or the row that is missing; ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_GROUP_BASIS_H
#define CORDON_GROUP_BASIS_H

#include "group/event.h"

#define BASES_MAX 10000 /* rows */

struct basis_party {
    const char *country, *kind; /* "*": any */
};

struct basis_row {
    const char *act;
    struct basis_party requester, holder;
    uint64_t bases; /* bits over hold_bases */
    uint64_t hours_max;
    uint64_t hours_total;       /* of all such acts upon an alert; BASIS_NO_BOUND: without an end */
    uint64_t notice_hours;      /* BASIS_NO_NOTICE: none is owed */
    uint64_t defer_hours;       /* from the act; BASIS_NO_BOUND: for ever */
    unsigned defer_by;          /* bits over deferral_bases, and one behind for any other ground */
    uint64_t from_ms, until_ms; /* until 0: no end */
    bool example;
};
#define BASIS_NO_NOTICE UINT64_MAX
#define BASIS_NO_BOUND UINT64_MAX
#define BASIS_GROUNDS_MAX 5 /* the bits of defer_by */

struct basis_matrix {
    const struct basis_row *rows; /* [n] */
    size_t n;
    bool there; /* false: the charter has none */
};

#define BASIS_WORDS_MAX 16 /* of hold_bases: no more */
/* The place of a basis among hold_bases; of none, the one behind the last. */
size_t basis_place(const char *basis);

/* list NULL: there is none. */
bool basis_read(struct arena *a, const struct json *list, struct basis_matrix *ret,
                struct err *err) MUST_USE;

struct basis_act {
    const char *act; /* "order", "extend", "legal", "disclose" */
    struct basis_party requester, holder;
    const char *basis;
    uint64_t ms, hours; /* when, and for how long, rounded up */
    bool relayed;
    /* [of hold_bases] by which there was such an act upon the alert before: the clock of the first;
     * 0: none was. NULL: by none. */
    const uint64_t *first_ms;
    uint64_t until_ms; /* where there was */
};
/* The row that grants it, in *ret (NULL: there is no matrix); else why none does. */
bool basis_grants(const struct basis_matrix *m, const struct basis_act *act,
                  const struct basis_row **ret, struct err *err) MUST_USE;
/* By which grounds its notice may be put off, parted by ", "; none: "nothing". */
void basis_grounds_put(struct text *to, const struct basis_row *row);
/* Is it one of law, which another country's authority cannot give? */
bool basis_is_law(const char *basis);

#endif
