/* The header: fifteen fields of the Yellow Paper, 4.4, and those that forks have put behind them
 * (EIP-1559, 4895, 4844, 4788, 7685). Fields behind those are read over: the hash is that of all
 * bytes. */
#include "base/keccak.h"
#include "chain/evm/block.h"

static void read_hash(struct rlp *r, struct hash32 *ret)
{
    const uint8_t *p = rlp_fixed(r, 32);

    if (p)
        memcpy(ret->b, p, 32);
}

static void read_key(struct rlp *r, uint8_t *ret, size_t n)
{
    const uint8_t *p = rlp_fixed(r, n);

    if (p)
        memcpy(ret, p, n);
}

static void read_optional(struct rlp *f, struct evm_header *h)
{
    for (; rlp_more(f) && h->optional_n < EVM_HEADER_PRAGUE; h->optional_n++)
        switch (h->optional_n) {
        case 0:
            h->base_fee = rlp_u256(f);
            break;
        case 1:
            read_hash(f, &h->withdrawals_root);
            break;
        case 2:
            h->blob_gas_used = rlp_u64(f);
            break;
        case 3:
            h->excess_blob_gas = rlp_u64(f);
            break;
        case 4:
            read_hash(f, &h->beacon_root);
            break;
        case 5:
            read_hash(f, &h->requests_hash);
            break;
        }
    while (rlp_more(f))
        rlp_item(f);
}

bool evm_header_read(struct bytes rlp, struct evm_header *ret, struct err *err)
{
    struct rlp whole = rlp_over(rlp), f = rlp_list(&whole);
    struct evm_header *h = ret;

    *h = (struct evm_header){.hash = keccak256(rlp.p, rlp.n)};
    read_hash(&f, &h->parent);
    read_hash(&f, &h->uncles_hash);
    read_key(&f, h->beneficiary, sizeof(h->beneficiary));
    read_hash(&f, &h->state_root);
    read_hash(&f, &h->txs_root);
    read_hash(&f, &h->receipts_root);
    h->bloom = (struct bytes){rlp_fixed(&f, EVM_BLOOM_BYTES), EVM_BLOOM_BYTES};
    h->difficulty = rlp_u256(&f);
    h->number = rlp_u64(&f);
    h->gas_limit = rlp_u64(&f);
    h->gas_used = rlp_u64(&f);
    h->time = rlp_u64(&f);
    h->extra = rlp_string(&f);
    read_hash(&f, &h->mix);
    read_key(&f, h->nonce, sizeof(h->nonce));
    read_optional(&f, h);
    if (f.bad || !rlp_end(&whole))
        return err_fail(err, ERR_INPUT, "header: a field is missing, or not of its size");
    if (h->number >= HEIGHT_UNKNOWN)
        return err_fail(err, ERR_INPUT, "header: number past 2^32");
    return true;
}

void evm_header_write(struct rlp_out *o, const struct evm_header *h)
{
    size_t list = rlp_open(o);

    rlp_put_string(o, h->parent.b, 32);
    rlp_put_string(o, h->uncles_hash.b, 32);
    rlp_put_string(o, h->beneficiary, sizeof(h->beneficiary));
    rlp_put_string(o, h->state_root.b, 32);
    rlp_put_string(o, h->txs_root.b, 32);
    rlp_put_string(o, h->receipts_root.b, 32);
    rlp_put_string(o, h->bloom.p, h->bloom.n);
    rlp_put_u256(o, h->difficulty);
    rlp_put_u64(o, h->number);
    rlp_put_u64(o, h->gas_limit);
    rlp_put_u64(o, h->gas_used);
    rlp_put_u64(o, h->time);
    rlp_put_string(o, h->extra.p, h->extra.n);
    rlp_put_string(o, h->mix.b, 32);
    rlp_put_string(o, h->nonce, sizeof(h->nonce));
    if (h->optional_n > 0)
        rlp_put_u256(o, h->base_fee);
    if (h->optional_n > 1)
        rlp_put_string(o, h->withdrawals_root.b, 32);
    if (h->optional_n > 2)
        rlp_put_u64(o, h->blob_gas_used);
    if (h->optional_n > 3)
        rlp_put_u64(o, h->excess_blob_gas);
    if (h->optional_n > 4)
        rlp_put_string(o, h->beacon_root.b, 32);
    if (h->optional_n > 5)
        rlp_put_string(o, h->requests_hash.b, 32);
    rlp_close(o, list);
}
