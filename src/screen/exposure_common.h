/* What exposure is asked and answered in, whatever the shape of the ledger (exposure.h for coins,
 * account_exposure.h for accounts): sources, origins, and the parts of an answer; and how both find
 * the labels of an owner.
 *
 * A stated cut keeps a label from going on where there is too little of it (docs/exposure.md).
 *
 * An owner is a script, or an account; an origin's id is an output, or a transfer. Owners with the
 * same labels share a set. Reading sorts what it is given, so the order in which sources and
 * origins stand does not matter.
 *
 * Units:     amounts in base units, shares in parts per million.
 * Ownership: labels own what they need; sets are borrowed from them.
 * Errors:    ERR_USAGE a source or origin of no label or owner, a policy that keeps no shares, a
 *            cut of more than all; ERR_LIMIT more than EXPOSURE_LABELS_MAX labels or too many
 *            sets; ERR_NOMEM.
 * Threads:   safe once read. */
#ifndef CORDON_SCREEN_EXPOSURE_COMMON_H
#define CORDON_SCREEN_EXPOSURE_COMMON_H

#include "base/err.h"
#include "base/hash.h"
#include "base/u256.h"
#include "trace/trace.h"

#define EXPOSURE_LABELS_MAX 4096u
#define EXPOSURE_HOPS_MAX UINT16_MAX /* hops past it are told as it */
#define EXPOSURE_PPM 1000000u        /* all */

struct exposure_source {
    uint64_t owner;
    uint16_t label;
    bool stops; /* a service: what came to it does not go on */
};

/* What is of a case by itself, whoever owns it: what was stolen. */
struct exposure_origin {
    uint64_t id;
    uint16_t label;
};

struct exposure_part {
    uint16_t label;
    bool direct;
    struct u256 amount;
    uint32_t share_ppm;
    uint32_t hops; /* of the largest */
    uint32_t best; /* where its way begins: see the header of the shape */
};

struct exposure_set { /* of the labels of an owner */
    const uint16_t *labels;
    uint32_t n;
    bool stops;
};

struct exposure_labels {
    uint64_t owners_max;
    uint32_t labels_of_n; /* how many labels there are */
    uint16_t *set_of;     /* [owners_max] set + 1 */
    struct exposure_set *sets;
    size_t sets_n, sets_room;
    uint16_t *labels; /* those of all sets */
    size_t labels_n, labels_room;
    struct exposure_origin *origins; /* by id, then label; each once */
    size_t origins_n;
};

struct exposure_asked {
    enum trace_policy policy;
    uint32_t labels_n;
    uint32_t cut_ppm; /* of less a label does not go on; 0: of anything */
    const struct exposure_source *sources;
    size_t sources_n;
    const struct exposure_origin *origins;
    size_t origins_n;
};

/* What a caller keeps with an exposure that is saved: where its ledger stood, say. */
#define EXPOSURE_NOTE_MAX 256u
struct exposure_note {
    uint32_t n, zero;
    uint8_t bytes[EXPOSURE_NOTE_MAX];
};

/* l is zero before; after an error, too, exposure_labels_free it. */
bool exposure_labels_read(struct exposure_labels *l, const struct exposure_asked *asked,
                          uint64_t owners_max, struct err *err) MUST_USE;
void exposure_labels_free(struct exposure_labels *l);
/* More of them while a pass goes on: of owners, and with ids, that it has not come to yet. Of an
 * owner all sources come at once. */
bool exposure_labels_more(struct exposure_labels *l, const struct exposure_asked *more,
                          struct err *err) MUST_USE;

/* owner < owners_max; NULL: it has none. */
static inline const struct exposure_set *exposure_set_of(const struct exposure_labels *l,
                                                         uint64_t owner)
{
    return l->set_of[owner] ? &l->sets[l->set_of[owner] - 1] : NULL;
}

static inline bool exposure_set_has(const struct exposure_set *s, uint16_t label) /* takes NULL */
{
    for (uint32_t i = 0; s && i < s->n; i++)
        if (s->labels[i] == label)
            return true;
    return false;
}

/* The first origin of that id or a later one; origins_n: there is none. */
size_t exposure_origin_at(const struct exposure_labels *l, uint64_t id);
bool exposure_origin_is(const struct exposure_labels *l, uint64_t id, uint16_t label);

/* Puts a part, a share of all, into the sorted list of the max largest. */
void exposure_part_put(struct exposure_part *ret, size_t *n, size_t max, struct exposure_part part,
                       struct u256 all);

#endif
