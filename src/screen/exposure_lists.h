/* Many short sorted lists in one array: the sums of each address. A list lies in one piece, which
 * is exchanged for one twice as large when it is full; pieces that are left are used again.
 *
 *     list a: at 0, n 3 of 4     | a a a . | b b | c | ...
 *
 * An element is of whole words of 8 bytes, and begins with its key, a uint16_t; keys of a list
 * ascend, each once.
 *
 * Errors:  ERR_LIMIT more elements than there is room for. Threads: one owner. */
#ifndef CORDON_SCREEN_EXPOSURE_LISTS_H
#define CORDON_SCREEN_EXPOSURE_LISTS_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define EXPOSURE_LIST_SIZES 16 /* powers of two */

struct exposure_list { /* zero: empty */
    uint32_t at;
    uint16_t n, room;
};

struct exposure_lists {
    uint8_t *p;
    size_t element;
    uint32_t max, end;                  /* elements; what is used lies before end */
    uint32_t n;                         /* in lists */
    uint32_t left[EXPOSURE_LIST_SIZES]; /* of each size the first free piece, + 1 */
};

static inline void *exposure_list_at(const struct exposure_lists *l,
                                     const struct exposure_list *list)
{
    return l->p + (size_t)list->at * l->element;
}

/* Puts in those of the ascending keys that are not there: zeros but for the key. */
bool exposure_list_put(struct exposure_lists *l, struct exposure_list *list, const uint16_t *keys,
                       size_t n, struct err *err) MUST_USE;

/* Lists that stand in an array of structs, as they are saved: one after the other without gaps. */
struct exposure_lists_saved {
    const struct exposure_lists *l;
    const uint8_t *lists; /* the first struct's */
    size_t stride;
    uint64_t i; /* where it has come to; zeros at first */
    uint32_t at, running;
};

/* The next n bytes of elements, whole ones. */
void exposure_lists_fill(struct exposure_lists_saved *s, void *to, size_t n);
/* A list as it is saved, and as it was read: is that so? Called for each in order. */
void exposure_lists_tidy(struct exposure_lists_saved *s, struct exposure_list *list);
bool exposure_lists_tidied(struct exposure_lists_saved *s, const struct exposure_list *list);

#endif
