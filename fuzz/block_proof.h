/* A proof of transactions in their block: how long the header is, how many transactions at which
 * places, if their number is 128 or more what moves outside of them, leaves and signer, and
 * nodes, each with its length. What is taken says just as much as was asked. */
#ifndef CORDON_FUZZ_BLOCK_PROOF_H
#define CORDON_FUZZ_BLOCK_PROOF_H

#include "base/cursor.h"
#include "chain/block_proof.h"

#include <assert.h>
#include <stdlib.h>

#define NODES_MAX 64
#define PLACES_MAX 16

static void proof_fuzz(const struct block_proofs *proofs, const char *chain, const uint8_t *data,
                       size_t size)
{
    struct block_prover *p = proofs->open(chain_by_name(chain));
    struct cursor c = cursor_over(data, size);
    struct block_proof proof = {.nodes_n = 0};
    struct bytes nodes[NODES_MAX];
    uint32_t places[PLACES_MAX];
    struct transfer_block block;
    struct err err;
    size_t n, number;

    if (!p)
        abort();
    proof.header = cursor_take(&c, cursor_le16(&c));
    number = cursor_u8(&c);
    n = number % 128 % (PLACES_MAX + 1);
    for (size_t i = 0; i < n; i++)
        places[i] = cursor_le16(&c);
    if (number >= 128) {
        proof.outside = cursor_take(&c, cursor_le16(&c));
        proof.leaves = cursor_take(&c, cursor_le16(&c));
        proof.signer = cursor_take(&c, cursor_u8(&c));
    }
    while (proof.nodes_n < NODES_MAX && cursor_left(&c) && !c.bad)
        nodes[proof.nodes_n++] = cursor_take(&c, cursor_le16(&c));
    proof.nodes = nodes;
    if (!c.bad && proofs->read(p, &proof, places, n, &block, &err)) {
        assert(block.txs_n == n + (proof.outside.n > 0));
        for (size_t i = 0; i < block.txs_n; i++)
            for (size_t k = 0; k < block.txs[i].transfers_n; k++)
                assert(block.txs[i].transfers[k].kind != TRANSFER_INTERNAL);
    }
    proofs->close(p);
}

#endif
