/* A path of N hops over an EVM chain, as raw blocks that prove it: account by account, a block
 * each, with OTHERS more payments beside it.
 *
 *     evm_hops N [OTHERS] > blocks.yaml
 *     cordon ingest ethereum --from blocks.yaml --ledger hops
 *     echo '{"id": "HOPS", "chain": "ethereum", "origins":
 *         [{"address": "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"}]}' >case.json
 *     time cordon evidence make case.json --ledger hops --from blocks.yaml --out pack.json
 *
 * The key of the account at hop i is i + 1 (the address above is that of the key 1). No work, no
 * validators: what evidence asks of a header is its hash, its roots, and its parent. */
#include "base/keccak.h"
#include "chain/evm/block.h"

#include <secp256k1_recovery.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAS 21000u
#define PRICE 10u /* wei a unit, all of it the base fee */
#define OTHERS_KEY 10000000u

struct list {
    struct rlp_out bytes;
    size_t *ends, n;
};

struct chain_made {
    secp256k1_context *secp;
    struct list txs, receipts;
    struct rlp_out out, body, received, scratch;
    struct hash32 parent;
};

static void key_of(uint32_t n, uint8_t ret[32])
{
    memset(ret, 0, 32);
    for (int i = 0; i < 4; i++)
        ret[31 - i] = (uint8_t)(n >> 8 * i);
}

static void address_of(const struct chain_made *c, uint32_t n, uint8_t ret[20])
{
    uint8_t key[32], point[65];
    size_t size = sizeof(point);
    secp256k1_pubkey public;
    struct hash32 hash;

    key_of(n, key);
    if (!secp256k1_ec_pubkey_create(c->secp, &public, key))
        abort();
    secp256k1_ec_pubkey_serialize(c->secp, point, &size, &public, SECP256K1_EC_UNCOMPRESSED);
    hash = keccak256(point + 1, 64);
    memcpy(ret, hash.b + 12, 20);
}

/* EIP-155: nonce, price, gas, to, value, data, and of what is signed chain 1, 0, 0. */
static void put_tx(struct chain_made *c, uint32_t from, uint64_t nonce, uint32_t to,
                   struct u256 value)
{
    uint8_t key[32], address[20], compact[64];
    secp256k1_ecdsa_recoverable_signature signature;
    struct rlp_out *o = rlp_out_clear(&c->scratch);
    struct hash32 hash;
    struct u256 r = u256_of(0), s = u256_of(0);
    int y = 0;

    address_of(c, to, address);
    for (int pass = 0; pass < 2; pass++) {
        size_t list = rlp_open(rlp_out_clear(o));

        rlp_put_u64(o, nonce);
        rlp_put_u64(o, PRICE);
        rlp_put_u64(o, GAS);
        rlp_put_string(o, address, 20);
        rlp_put_u256(o, value);
        rlp_put_string(o, NULL, 0);
        rlp_put_u64(o, pass ? 37 + (uint64_t)y : 1);
        rlp_put_u256(o, pass ? r : u256_of(0));
        rlp_put_u256(o, pass ? s : u256_of(0));
        rlp_close(o, list);
        if (pass)
            break;
        hash = keccak256(o->p, o->n);
        key_of(from, key);
        if (!secp256k1_ecdsa_sign_recoverable(c->secp, &signature, hash.b, key, NULL, NULL))
            abort();
        secp256k1_ecdsa_recoverable_signature_serialize_compact(c->secp, compact, &y, &signature);
        if (!u256_from_be(compact, 32, &r) || !u256_from_be(compact + 32, 32, &s))
            abort();
    }
    rlp_put_raw(&c->txs.bytes, o->p, o->n);
    c->txs.ends[c->txs.n++] = c->txs.bytes.n;
}

static void put_receipt(struct chain_made *c, size_t i)
{
    static const uint8_t bloom[EVM_BLOOM_BYTES];
    struct rlp_out *o = &c->receipts.bytes;
    size_t list = rlp_open(o), logs;

    rlp_put_u64(o, 1);
    rlp_put_u64(o, GAS * (i + 1));
    rlp_put_string(o, bloom, sizeof(bloom));
    logs = rlp_open(o);
    rlp_close(o, logs);
    rlp_close(o, list);
    c->receipts.ends[c->receipts.n++] = o->n;
}

static void hex_line(const char *name, const struct rlp_out *o)
{
    printf("%s: 0x", name);
    for (size_t i = 0; i < o->n; i++)
        printf("%02x", o->p[i]);
    putchar('\n');
}

static void put_block(struct chain_made *c, uint32_t number)
{
    static const uint8_t bloom[EVM_BLOOM_BYTES];
    struct evm_header h = {.parent = c->parent,
                           .number = number,
                           .time = 1700000000 + 12 * (uint64_t)number,
                           .gas_limit = 30000000,
                           .gas_used = GAS * c->txs.n,
                           .base_fee = u256_of(PRICE),
                           .bloom = {bloom, sizeof(bloom)},
                           .optional_n = EVM_HEADER_LONDON};
    size_t list, part;

    h.txs_root = evm_list_root(c->txs.bytes.p, c->txs.ends, c->txs.n, rlp_out_clear(&c->scratch));
    h.receipts_root = evm_list_root(c->receipts.bytes.p, c->receipts.ends, c->receipts.n,
                                    rlp_out_clear(&c->scratch));
    h.uncles_hash = keccak256("\xc0", 1);
    evm_header_write(rlp_out_clear(&c->out), &h);
    c->parent = keccak256(c->out.p, c->out.n);
    hex_line("header", &c->out);
    list = rlp_open(rlp_out_clear(&c->body));
    part = rlp_open(&c->body);
    rlp_put_raw(&c->body, c->txs.bytes.p, c->txs.bytes.n);
    rlp_close(&c->body, part);
    part = rlp_open(&c->body); /* no uncles */
    rlp_close(&c->body, part);
    rlp_close(&c->body, list);
    hex_line("body", &c->body);
    list = rlp_open(rlp_out_clear(&c->received));
    rlp_put_raw(&c->received, c->receipts.bytes.p, c->receipts.bytes.n);
    rlp_close(&c->received, list);
    hex_line("receipts", &c->received);
}

static void begin(struct chain_made *c, size_t n)
{
    rlp_out_clear(&c->txs.bytes);
    rlp_out_clear(&c->receipts.bytes);
    c->txs.n = c->receipts.n = 0;
    if (!c->txs.ends) {
        c->txs.ends = calloc(n, sizeof(size_t));
        c->receipts.ends = calloc(n, sizeof(size_t));
    }
    if (!c->txs.ends || !c->receipts.ends)
        abort();
}

int main(int argc, char **argv)
{
    uint32_t hops = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000,
             others = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    struct chain_made c = {.secp = secp256k1_context_create(SECP256K1_CONTEXT_NONE)};
    struct u256 value = u256_of(9000000000000000000u), fee = u256_of(GAS * PRICE);

    /* block 1 pays the account of key 1, block i + 1 is what it pays on */
    for (uint32_t i = 0; i <= hops; i++) {
        uint32_t at = others / 2;

        begin(&c, others + 1);
        for (uint32_t k = 0; k <= others; k++) {
            if (k == at)
                put_tx(&c, i ? i : OTHERS_KEY - 1, 0, i + 1, value);
            else
                put_tx(&c, OTHERS_KEY + k, i, OTHERS_KEY + k + 1, u256_of(1));
            put_receipt(&c, k);
        }
        put_block(&c, i + 1);
        if (!u256_sub(value, fee, &value))
            abort();
    }
    secp256k1_context_destroy(c.secp);
    return 0;
}
