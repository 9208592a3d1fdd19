/* Proofs of the log, for whoever has none of it: that an event is in its author's stream
 * (c2sp.org/tlog-proof), and that a stream has only grown since a checkpoint that somebody has kept
 * (RFC 6962, section 2.1.2; in the form in which c2sp.org/tlog-witness hands it to a witness).
 *
 *     c2sp.org/tlog-proof@v1          old 3            the size of the checkpoint that was kept
 *     index 1                         HASH             base64; up to 63, from the leaves up
 *     HASH
 *                                     CHECKPOINT       the larger one
 *     CHECKPOINT
 *
 * What is proved is that of a checkpoint alone; whose word that is, its signatures say.
 *
 * Ownership: texts and lists live in the arena that they were read with.
 * Errors:    ERR_INPUT bytes that are no proof, ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_GROUP_PROOF_H
#define CORDON_GROUP_PROOF_H

#include "group/checkpoint.h"
#include "group/merkle.h"

#define PROOF_BYTES_MAX (CHECKPOINT_BYTES_MAX + 4096)

struct proof {
    bool growth;         /* else of an event */
    uint64_t at;         /* the event's index, from 0; or the size that was kept */
    struct hash32 group; /* that its checkpoint names */
    struct merkle_proof path;
    struct checkpoint note;
};

bool proof_is(struct bytes text); /* does it begin like one? */
bool proof_read(struct arena *a, struct bytes text, struct proof *ret, struct err *err) MUST_USE;
void proof_put(struct text *to, const struct proof *p);
/* The checkpoint that somebody has kept: a signed note, or a proof, whose checkpoint it is. */
bool proof_kept_read(struct arena *a, struct bytes text, struct hash32 *ret_group,
                     struct checkpoint *ret, struct err *err) MUST_USE;

bool proof_of_event(const struct proof *p, const struct hash32 *id);
/* before: of the same group. */
bool proof_of_growth(const struct proof *p, const struct checkpoint *before);

#endif
