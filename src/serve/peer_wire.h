/* What nodes of a group say to each other, byte for byte (docs/protocol.md, "Between nodes").
 *
 * An answer to a pull is lines: {"group","schema"}, a line an event or checkpoint, and an end
 * {"end":{"cursor","lines","more"}}. A receipt is group/receipt.h's.
 *
 * A cursor says to the node that made it how far a member has read; to all others it is noise, and
 * another one each time: a row's number would tell how much is said that the member may not see. It
 * holds the row, its link, the last checkpoint and the charter in force, sealed for that member by
 * XChaCha20-Poly1305.
 *
 * Errors:    ERR_INPUT, ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_SERVE_PEER_WIRE_H
#define CORDON_SERVE_PEER_WIRE_H

#include "group/receipt.h"

#define PEER_PAGE_BYTES ((size_t)1 << 20) /* of an answer; its last line may go beyond */
#define PEER_ANSWER_BYTES_MAX (PEER_PAGE_BYTES + EVENT_LINE_BYTES_MAX + 4096)
#define PEER_CURSOR_N RECEIPT_CURSOR_N /* hexadecimal digits */

struct peer_cursor {
    char hex[PEER_CURSOR_N + 1]; /* "": from the first row on */
};

struct peer_place {
    uint64_t row, notes;           /* notes: of checkpoints */
    uint8_t link[16], charter[16]; /* their first bytes; zeros: none */
};

struct peer_cursor peer_cursor_make(const uint8_t key[32], const struct peer_place *place,
                                    const char *member, const uint8_t nonce[24]);
/* false: it is not one of this key's for that member. */
bool peer_cursor_open(const uint8_t key[32], const char *hex, const char *member,
                      struct peer_place *ret);

void peer_head_put(struct text *to, const struct hash32 *group);
void peer_end_put(struct text *to, const struct peer_cursor *cursor, uint64_t lines, bool more);

struct peer_answer {
    struct hash32 group;
    struct bytes lines; /* borrowed from what was read */
    uint64_t lines_n;
    struct peer_cursor cursor;
    bool more;
};
bool peer_answer_read(struct arena *a, struct bytes text, struct peer_answer *ret,
                      struct err *err) MUST_USE;

#endif
