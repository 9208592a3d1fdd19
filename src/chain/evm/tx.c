/* Transactions: one list, or since EIP-2718 a byte of type and a list.
 *
 *     legacy            nonce price gas to value data                                    v r s
 *     1  EIP-2930       id nonce price gas to value data access                          y r s
 *     2  EIP-1559       id nonce tip max gas to value data access                        y r s
 *     3  EIP-4844       id nonce tip max gas to value data access blob-max blobs         y r s
 *     4  EIP-7702       id nonce tip max gas to value data access authorizations         y r s
 *     7e OP stack       source from to mint value gas system data                 (no signature)
 *
 * What is signed is the hash of all before the signature (and the type before it); a legacy
 * transaction bound to a chain (EIP-155) signs id, 0, 0 after it, and tells the id in v. */
#include "base/keccak.h"
#include "chain/memo.h"
#include "chain/evm/block.h"

#include <secp256k1_recovery.h>

struct reading {
    const struct chain *chain;
    struct rlp fields;
    const uint8_t *start; /* of the fields */
    struct rlp_out *scratch;
    struct evm_tx *tx;
    struct err *err;
};

static bool bad(struct reading *r, const char *what)
{
    return err_fail(r->err, ERR_INPUT, "%s", what);
}

static bool read_to(struct reading *r)
{
    struct bytes to = rlp_string(&r->fields);

    if (to.n && to.n != 20)
        return bad(r, "to: 20 bytes or none are wanted");
    r->tx->creates = !to.n;
    if (to.n)
        memcpy(r->tx->to, to.p, 20);
    return true;
}

/* EIP-2930: a list of [address, [keys]]. */
static bool read_access(struct reading *r)
{
    struct rlp list = rlp_list(&r->fields);

    while (rlp_more(&list)) {
        struct rlp entry = rlp_list(&list), keys;

        rlp_fixed(&entry, 20);
        keys = rlp_list(&entry);
        while (rlp_more(&keys))
            rlp_fixed(&keys, 32);
        if (!rlp_end(&entry) || keys.bad)
            return bad(r, "a bad access list");
    }
    return list.bad ? bad(r, "a bad access list") : true;
}

static bool read_blobs(struct reading *r)
{
    struct rlp list;

    rlp_u256(&r->fields); /* the most that is offered for a unit */
    list = rlp_list(&r->fields);
    while (rlp_more(&list)) {
        rlp_fixed(&list, 32);
        r->tx->blobs_n++;
    }
    if (list.bad || !r->tx->blobs_n)
        return bad(r, "a bad list of blobs");
    return r->tx->creates ? bad(r, "a creation with blobs") : true;
}

/* EIP-7702: a list of [chain id, address, nonce, y, r, s]. */
static bool read_authorizations(struct reading *r)
{
    struct rlp list = rlp_list(&r->fields);

    while (rlp_more(&list)) {
        struct rlp entry = rlp_list(&list);

        rlp_u256(&entry);
        rlp_fixed(&entry, 20);
        rlp_u64(&entry);
        for (int i = 0; i < 3; i++)
            rlp_u256(&entry);
        if (!rlp_end(&entry))
            return bad(r, "a bad authorization");
    }
    if (list.bad)
        return bad(r, "a bad list of authorizations");
    return r->tx->creates ? bad(r, "a creation with authorizations") : true;
}

static bool check_chain(struct reading *r, uint64_t id)
{
    if (id != r->chain->evm_id)
        return err_fail(r->err, ERR_INPUT, "of chain %llu, where %s is %llu",
                        (unsigned long long)id, r->chain->name,
                        (unsigned long long)r->chain->evm_id);
    return true;
}

bool evm_signer(const struct hash32 *signed_hash, const uint8_t compact[64], unsigned y,
                uint8_t ret[20])
{
    secp256k1_ecdsa_recoverable_signature signature;
    secp256k1_pubkey key;
    uint8_t point[65];
    size_t n = sizeof(point);
    struct hash32 hash;

    if (y > 1 ||
        !secp256k1_ecdsa_recoverable_signature_parse_compact(secp256k1_context_static, &signature,
                                                             compact, (int)y) ||
        !secp256k1_ecdsa_recover(secp256k1_context_static, &key, &signature, signed_hash->b))
        return false;
    secp256k1_ec_pubkey_serialize(secp256k1_context_static, point, &n, &key,
                                  SECP256K1_EC_UNCOMPRESSED);
    hash = keccak256(point + 1, 64);
    memcpy(ret, hash.b + 12, 20);
    return true;
}

static bool recover(struct reading *r, const struct hash32 *signed_hash, unsigned y, struct u256 rr,
                    struct u256 ss)
{
    uint8_t compact[64];

    u256_to_be(rr, compact);
    u256_to_be(ss, compact + 32);
    return evm_signer(signed_hash, compact, y, r->tx->from) || bad(r, "a signature of nobody");
}

/* all up to here is signed, with more behind it */
static bool read_signature(struct reading *r, bool legacy)
{
    const uint8_t *end = r->fields.at;
    uint64_t v = rlp_u64(&r->fields), id = 0;
    struct u256 rr = rlp_u256(&r->fields), ss = rlp_u256(&r->fields);
    struct rlp_out *o = rlp_out_clear(r->scratch);
    struct hash32 hash;
    size_t list;

    if (!rlp_end(&r->fields))
        return bad(r, "fields end early, or too late");
    if (!legacy)
        rlp_put_raw(o, &r->tx->type, 1);
    list = rlp_open(o);
    rlp_put_raw(o, r->start, (size_t)(end - r->start));
    if (legacy && v >= 35) { /* EIP-155: v = 2 id + 35 + y */
        id = (v - 35) / 2;
        rlp_put_u64(o, id);
        rlp_put_u64(o, 0);
        rlp_put_u64(o, 0);
        if (!check_chain(r, id))
            return false;
    }
    rlp_close(o, list);
    if (o->bad)
        return err_fail(r->err, ERR_NOMEM, "a transaction");
    hash = keccak256(o->p, o->n);
    if (legacy)
        v = v >= 35 ? (v - 35) % 2 : v - 27; /* below 27: refused, as it is above 1 */
    return recover(r, &hash, v > 1 ? 2 : (unsigned)v, rr, ss);
}

/* A memo points into the wire. */
static void read_input(struct reading *r)
{
    struct bytes input = rlp_string(&r->fields);
    struct memo memo;

    r->tx->input_n = input.n;
    if (memo_is_sent(input, &memo))
        r->tx->memo = input;
}

static bool read_legacy(struct reading *r)
{
    struct evm_tx *t = r->tx;

    t->nonce = rlp_u64(&r->fields);
    t->price = rlp_u256(&r->fields);
    t->gas_limit = rlp_u64(&r->fields);
    if (!read_to(r))
        return false;
    t->value = rlp_u256(&r->fields);
    read_input(r);
    return read_signature(r, true);
}

static bool read_typed(struct reading *r)
{
    struct evm_tx *t = r->tx;

    if (!check_chain(r, rlp_u64(&r->fields)))
        return false;
    t->nonce = rlp_u64(&r->fields);
    if (t->type == 1) {
        t->price = rlp_u256(&r->fields);
    } else {
        t->tip_max = rlp_u256(&r->fields);
        t->price_max = rlp_u256(&r->fields);
    }
    t->gas_limit = rlp_u64(&r->fields);
    if (!read_to(r))
        return false;
    t->value = rlp_u256(&r->fields);
    read_input(r);
    if (!read_access(r) || (t->type == 3 && !read_blobs(r)) ||
        (t->type == 4 && !read_authorizations(r)))
        return false;
    return read_signature(r, false);
}

/* specs.optimism.io, "Deposits": "the deposited transaction type". */
static bool read_deposit(struct reading *r)
{
    struct evm_tx *t = r->tx;
    const uint8_t *from;

    rlp_fixed(&r->fields, 32);
    from = rlp_fixed(&r->fields, 20);
    if (!from)
        return bad(r, "from: 20 bytes are wanted");
    memcpy(t->from, from, 20);
    if (!read_to(r))
        return false;
    t->mint = rlp_u256(&r->fields);
    t->value = rlp_u256(&r->fields);
    t->gas_limit = rlp_u64(&r->fields);
    rlp_u64(&r->fields);
    read_input(r);
    t->free = true;
    return rlp_end(&r->fields) ? true : bad(r, "fields end early, or too late");
}

bool evm_tx_read(const struct chain *chain, struct bytes wire, struct rlp_out *scratch,
                 struct evm_tx *ret, struct err *err)
{
    struct reading r = {.chain = chain, .scratch = scratch, .tx = ret, .err = err};
    struct rlp whole = rlp_over(wire);

    *ret = (struct evm_tx){.hash = keccak256(wire.p, wire.n)};
    if (!wire.n)
        return bad(&r, "an empty transaction");
    if (!rlp_next_is_list(&whole)) { /* EIP-2718: the type is a byte up to 7f */
        ret->type = *whole.at++;
        if ((ret->type < 1 || ret->type > 4) && ret->type != EVM_DEPOSIT)
            return err_fail(err, ERR_INPUT, "type 0x%02x is not known", ret->type);
    }
    r.fields = rlp_list(&whole);
    r.start = r.fields.at;
    if (!rlp_end(&whole))
        return bad(&r, "not one list");
    if (ret->type == EVM_DEPOSIT)
        return read_deposit(&r);
    return ret->type ? read_typed(&r) : read_legacy(&r);
}

/* EIP-1559: "effective_gas_price = min(max_priority_fee_per_gas, max_fee_per_gas - base_fee) +
 * base_fee". */
void evm_tx_price(struct evm_tx *tx, const struct evm_header *h)
{
    struct u256 sum;

    tx->gas_price = tx->price;
    if (tx->free)
        tx->gas_price = u256_of(0);
    else if (tx->type >= 2)
        tx->gas_price =
            u256_add(h->base_fee, tx->tip_max, &sum) ? u256_min(sum, tx->price_max) : tx->price_max;
}

/* Yellow Paper, 7: the last 20 bytes of the hash of the RLP of sender and nonce. Only CREATE2 has
 * another rule, and no transaction does that. */
void evm_create_address(const uint8_t from[20], uint64_t nonce, struct rlp_out *scratch,
                        uint8_t ret[20])
{
    size_t list = rlp_open(rlp_out_clear(scratch));
    struct hash32 hash;

    rlp_put_string(scratch, from, 20);
    rlp_put_u64(scratch, nonce);
    rlp_close(scratch, list);
    hash = keccak256(scratch->p, scratch->n);
    memcpy(ret, hash.b + 12, 20);
}
