/* RLP, the serialisation of Ethereum's blocks (Yellow Paper, appendix B): a strict reader and a
 * writer.
 *
 * Reader: a struct rlp stands in the items of one list, reads straight through, stays bad once bad
 * and is asked once at the end, like a cursor; a list in it is another struct rlp. Only the one
 * canonical form of each item is taken: the shortest length, a byte below 0x80 as itself, numbers
 * without leading zeros. Nothing is recursive.
 * Writer: rlp_open starts a list, rlp_close puts its length in front. Bad for want of memory alone.
 *
 * Ownership: what is read points into the input. rlp_out_free ends a writer.
 * Threads:   one owner. */
#ifndef CORDON_CHAIN_EVM_RLP_H
#define CORDON_CHAIN_EVM_RLP_H

#include "base/u256.h"

struct rlp {
    const uint8_t *at, *end;
    bool bad;
};

struct rlp rlp_over(struct bytes items);         /* items one after another, as a list holds them */
static inline bool rlp_more(const struct rlp *r) /* is there another item? */
{
    return !r->bad && r->at < r->end;
}
bool rlp_next_is_list(const struct rlp *r); /* false: a string, or none */
/* Each takes the next item, which must be of its kind; else the reader is bad and the answer empty.
 */
struct rlp rlp_list(struct rlp *r); /* bad, too, where r is */
struct bytes rlp_string(struct rlp *r);
const uint8_t *rlp_fixed(struct rlp *r, size_t n); /* a string of n bytes; NULL: bad */
uint64_t rlp_u64(struct rlp *r);
struct u256 rlp_u256(struct rlp *r);
struct bytes rlp_item(struct rlp *r); /* of any kind, with its length in front */
/* Bad unless all has been read. Returns whether it is good. */
bool rlp_end(struct rlp *r);

struct rlp_out {
    uint8_t *p;
    size_t n, size;
    bool bad;
};

struct rlp_out *rlp_out_clear(struct rlp_out *o); /* keeps its memory; returns o */
void rlp_out_free(struct rlp_out *o);
size_t rlp_open(const struct rlp_out *o);
void rlp_close(struct rlp_out *o, size_t opened);
void rlp_put_string(struct rlp_out *o, const void *p, size_t n);
void rlp_put_u64(struct rlp_out *o, uint64_t v);
void rlp_put_u256(struct rlp_out *o, struct u256 v);
void rlp_put_raw(struct rlp_out *o, const void *p, size_t n); /* bytes as they are */

#endif
