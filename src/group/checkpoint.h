/* Checkpoints: what a stream was when it had so many events, as a signed note
 * (c2sp.org/tlog-checkpoint, c2sp.org/signed-note).
 *
 *     cordon/GROUP/AUTHOR/STREAM                 the origin
 *     20                                         size: events 1 to 20
 *     xDuo...=                                   root over their ids (group/merkle.h), in base64
 *
 *     — cordon/GROUP/AUTHOR/STREAM ...           the author's node: Ed25519, type 0x01
 *     — cordon/GROUP/MEMBER ...                  another member's: cosignature/v1, type 0x04, with
 *                                                its time (c2sp.org/tlog-cosignature)
 *
 * Signature lines of other names are ignored, as the notes ask. Whose key a line is of, its four
 * bytes of a key hash only hint at: it is found among the keys that a charter gives that member.
 *
 * Ownership: texts and lists live in the arena that they were read or made with.
 * Errors:    ERR_INPUT bytes that are no checkpoint of this group, ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_GROUP_CHECKPOINT_H
#define CORDON_GROUP_CHECKPOINT_H

#include "group/charter.h"
#include "group/event.h"

#define CHECKPOINT_SIGNATURES_MAX 2048
#define CHECKPOINT_BYTES_MAX ((size_t)1 << 20)

struct checkpoint_signature {
    const char *member;
    uint8_t hint[4]; /* of the key */
    uint64_t time;   /* seconds since 1970; 0: the author's own signature, which has none */
    struct signature signature;
    struct key32 key; /* zeros until it is found */
};

struct checkpoint {
    const char *author;
    struct stream_id stream;
    uint64_t size; /* from 1 */
    struct hash32 root;
    /* [signatures_n] the author's first, then by member and hint, each once: the earliest */
    struct checkpoint_signature *signatures;
    size_t signatures_n;
};

bool checkpoint_read(struct arena *a, struct bytes note, const struct hash32 *group,
                     struct checkpoint *ret, struct err *err) MUST_USE;
void checkpoint_put(struct text *to, const struct hash32 *group, const struct checkpoint *c);
/* The group that a note names, for who does not know it yet. */
bool checkpoint_group(struct bytes note, struct hash32 *ret, struct err *err) MUST_USE;

/* Adds a signature: the author's own (member its author), or another member's of that time. */
bool checkpoint_sign(struct arena *a, const struct hash32 *group, struct checkpoint *c,
                     const char *member, const struct signer *by, uint64_t time,
                     struct err *err) MUST_USE;
bool checkpoint_signed(const struct hash32 *group, const struct checkpoint *c,
                       const struct checkpoint_signature *s, const struct key32 *key);
/* Is it by a node key of that member in this charter? Then its key is filled in. */
bool checkpoint_signed_by(const struct hash32 *group, const struct checkpoint *c,
                          const struct charter *by, struct checkpoint_signature *s);
/* What another copy of the same checkpoint is signed with, too. */
bool checkpoint_join(struct arena *a, struct checkpoint *c, const struct checkpoint *other,
                     struct err *err) MUST_USE;
/* Of two signatures by one key that which stays. */
bool checkpoint_better(const struct checkpoint_signature *a, const struct checkpoint_signature *b);
bool checkpoint_same(const struct checkpoint *a, const struct checkpoint *b); /* but signatures */

#endif
