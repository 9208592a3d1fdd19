/* Who an address belongs with, in the words of a person, and as JSON: docs/schemas/entity.json.
 *
 * Ownership: what an entity points to is in the arena, or borrowed from the ledger's clusters.
 * Errors:    ERR_INPUT no address of this chain; ERR_NOT_FOUND an address to begin after is none of
 *            its members; those of entity/cluster.h.
 * Threads:   one ledger and its clusters may serve many. */
#ifndef CORDON_API_ENTITY_H
#define CORDON_API_ENTITY_H

#include "base/arena.h"
#include "base/text.h"
#include "entity/cluster_deposit.h"
#include "entity/cluster_why.h"

#define ENTITY_MEMBERS_SHOWN 100u /* unless another number is asked for */

struct entity_options {
    const char *why;   /* NULL, or the address of which is asked why it belongs with the other */
    const char *after; /* NULL, or the member after which the list begins */
    uint64_t members;  /* shown at most */
};

struct entity {
    const struct ledger *ledger;
    const struct clusters *clusters; /* NULL: clustering is off, and members are of one key */
    const char *address;
    uint32_t script;         /* SCRIPT_NONE: never seen, and nothing below is filled */
    bool newer;              /* seen after the last block that the clusters have */
    const uint32_t *members; /* [members_n] scripts, ascending; the first names the entity */
    size_t members_n, shown, shown_n; /* shown: the first of them */
    struct cluster_seen seen;
    const char **actors; /* [actors_n] names that the rules have for members */
    size_t actors_n;
    struct cluster_deposit deposit;
    const struct cluster_refusal *refused; /* [refused_n] of refused_all */
    size_t refused_n;
    uint64_t refused_all;
    const char *why_address; /* NULL: not asked */
    uint32_t why_script;     /* SCRIPT_NONE: never seen */
    bool together;           /* they are one entity, and why says by which steps */
    struct cluster_why why;
};

bool entity_find(struct arena *a, const struct ledger *l, const struct clusters *c,
                 const char *address, const struct entity_options *o, struct entity *ret,
                 struct err *err) MUST_USE;

/* A script as people read it: its address, multi(..), script:HEX. */
void entity_show_script(struct text *to, const struct ledger *l, uint32_t script);
const char *entity_refusal_name(enum cluster_refusal_kind kind); /* "large", "actors" */

void answer_entity(struct text *to, const struct entity *e);

#endif
