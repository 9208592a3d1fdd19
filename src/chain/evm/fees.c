/* The rows, and where each comes from:
 *
 * Ethereum   EIP-1559: "the base fee per gas is burned"; the rest to the block's coinbase.
 *            EIP-4844: the blob fee is burned.
 * OP stack   Optimism and Base. specs.optimism.io, Predeploys: SequencerFeeVault 4200..11 (is the
 *            block's coinbase), BaseFeeVault 4200..19, L1FeeVault 4200..1a, OperatorFeeVault
 *            4200..1b. LegacyERC20ETH dead..0000: ether as a token before Bedrock. Before Bedrock
 *            (block 105235063 of OP Mainnet) there were no vaults but 4200..11: l2geth,
 *            core/state_transition.go, adds the L1 fee to the L2 fee and pays both to the coinbase,
 *            which is rollup/dump's OvmFeeWallet whatever the header says. Receipts of 2021 and
 *            2022 bear out that the L1 fee comes on top of gasUsed * gasPrice.
 * Arbitrum   docs.arbitrum.io, "Gas and fees": ArbOS shares each fee among the network's fee
 *            account, the infrastructure's and the pool of L1 pricers by its own state, and pays no
 *            tip; a receipt does not tell the shares.
 * BSC        bnb-chain/bsc, core/state_transition.go: gas and blob fees to consensus.SystemAddress;
 *            params/config.go: blobs keep Cancun's fraction. consensus/parlia: its balance goes
 *            to the coinbase before the system transactions.
 * Polygon    maticnetwork/bor, params/config.go, BorMainnetChainConfig: London at 23850000,
 *            burntContract {23850000: 70bc.., 50523000: 7a8e..}; the tip goes to the signer,
 *            whom the header's beneficiary does not name.
 *            MRC20 at 1010 logs moves of the native coin.
 * Avalanche  ava-labs/coreth, core/state_transition.go: gasUsed * gasPrice, base fee within, to the
 *            coinbase, which is 0100..00, from which nothing is ever paid ("blackhole").
 * Made-up chains of tests follow Ethereum. */
#include "chain/evm/fees.h"

#define ROW(id) .evm_id = (id), .header_checked = true, .gas_adds_up = true

static const struct evm_vault op_base_vaults[] = {
    {0, {0x42, [19] = 0x19}},
};
static const uint8_t op_l1_vault[20] = {0x42, [19] = 0x1a};
static const uint8_t op_operator_vault[20] = {0x42, [19] = 0x1b};
static const uint8_t op_fee_wallet[20] = {0x42, [19] = 0x11};
static const uint8_t op_ether[20] = {0xde, 0xad, 0xde, 0xad, 0xde, 0xad, 0xde, 0xad, 0xde, 0xad,
                                     0xde, 0xad, 0xde, 0xad, 0xde, 0xad, 0xde, 0xad, 0x00, 0x00};
static const struct evm_vault polygon_base_vaults[] = {
    {23850000, {0x70, 0xbc, 0xa5, 0x7f, 0x45, 0x79, 0xf5, 0x86, 0x70, 0xab,
                0x2d, 0x18, 0xef, 0x16, 0xe0, 0x2c, 0x17, 0x55, 0x3c, 0x38}},
    {50523000, {0x7a, 0x8e, 0xd2, 0x7f, 0x4c, 0x30, 0x51, 0x23, 0x26, 0x87,
                0x86, 0x52, 0xd2, 0x0f, 0xc8, 0x57, 0x27, 0x40, 0x18, 0x54}},
};
static const uint8_t polygon_native[20] = {[18] = 0x10, [19] = 0x10};

static const struct evm_rules rows[] = {
    {ROW(1), .base_fee = EVM_BASE_FEE_BURNED, .rewards = true},
    {ROW(10), .base_fee = EVM_BASE_FEE_VAULT, .base_vaults = op_base_vaults, .base_vaults_n = 1,
     .l1_vault = op_l1_vault, .operator_vault = op_operator_vault, .native_token = op_ether,
     .vaults_from = 105235063, .vault_before = op_fee_wallet},
    {ROW(8453), .base_fee = EVM_BASE_FEE_VAULT, .base_vaults = op_base_vaults, .base_vaults_n = 1,
     .l1_vault = op_l1_vault, .operator_vault = op_operator_vault},
    {ROW(56), .blob_fraction = 3338477, .base_fee = EVM_BASE_FEE_PROPOSER,
     .blob_fee_proposer = true},
    /* nodes of Polygon answer the signer as miner, and list transactions without gas that the
     * header does not know */
    {.evm_id = 137,
     .base_fee = EVM_BASE_FEE_VAULT,
     .base_vaults = polygon_base_vaults,
     .base_vaults_n = 2,
     .native_token = polygon_native,
     .proposer_hidden = true},
    {ROW(42161), .base_fee = EVM_FEE_UNTOLD},
    /* the header of Avalanche's C-Chain has members of its own */
    {.evm_id = 43114, .gas_adds_up = true, .base_fee = EVM_BASE_FEE_PROPOSER},
};

static const struct evm_rules as_ethereum = {ROW(0), .base_fee = EVM_BASE_FEE_BURNED};

const struct evm_rules *evm_rules(const struct chain *chain)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].evm_id == chain->evm_id)
            return &rows[i];
    return &as_ethereum;
}

static const uint8_t *base_vault(const struct evm_rules *rules, uint64_t height)
{
    const uint8_t *found = NULL;

    for (size_t i = 0; i < rules->base_vaults_n; i++)
        if (rules->base_vaults[i].from_height <= height)
            found = rules->base_vaults[i].key;
    return found;
}

struct sums { /* of one fee */
    struct u256 gas, base, blobs;
};

static bool sum_up(const struct evm_fee *fee, struct sums *ret, struct err *err)
{
    struct u256 all;

    if (!u256_mul(fee->gas_price, u256_of(fee->gas_used), &ret->gas) ||
        !u256_mul(fee->base_fee, u256_of(fee->gas_used), &ret->base) ||
        !u256_mul(fee->blob_price, u256_of(fee->blob_gas_used), &ret->blobs) ||
        !u256_add(ret->gas, ret->blobs, &all) || !u256_add(all, fee->l1_fee, &all) ||
        !u256_add(all, fee->operator_fee, &all))
        return err_fail(err, ERR_INPUT, "a fee past 2^256");
    return true;
}

struct parts {
    struct evm_fee_part *at;
    size_t n;
};

static void part_add(struct parts *p, unsigned position, struct u256 amount, struct u256 credit,
                     const uint8_t *to)
{
    if (!u256_zero(amount))
        p->at[p->n++] = (struct evm_fee_part){amount, credit, to, position};
}

/* The proposer's part: amount and what he gets of it. */
static void proposer_part(const struct evm_rules *rules, const struct sums *s, struct u256 tip,
                          struct u256 *ret_amount, struct u256 *ret_credit)
{
    bool vault = rules->base_fee == EVM_BASE_FEE_VAULT;

    *ret_credit = rules->base_fee == EVM_BASE_FEE_PROPOSER ? s->gas : tip;
    u256_add(vault ? tip : s->gas, s->blobs, ret_amount); /* fits, as sum_up has seen */
    if (rules->blob_fee_proposer)
        u256_add(*ret_credit, s->blobs, ret_credit);
}

bool evm_fee_parts(const struct evm_rules *rules, const struct evm_fee *fee,
                   struct evm_fee_part ret[EVM_FEE_PARTS_MAX], size_t *ret_n, struct err *err)
{
    struct parts p = {ret, 0};
    const uint8_t *vault = base_vault(rules, fee->height);
    struct evm_rules here = *rules;
    bool early = fee->height < rules->vaults_from;
    const uint8_t *proposer = early ? rules->vault_before : fee->proposer;
    struct u256 tip, amount, credit, none = u256_of(0);
    struct sums s;

    if (!sum_up(fee, &s, err))
        return false;
    if (!fee->has_base_fee)
        s.base = none;
    if (here.base_fee == EVM_BASE_FEE_VAULT && !vault)
        here.base_fee = EVM_BASE_FEE_BURNED;
    if (here.base_fee == EVM_FEE_UNTOLD) {
        u256_add(s.gas, s.blobs, &amount);
        part_add(&p, 0, amount, none, NULL);
    } else if (!u256_sub(s.gas, s.base, &tip)) {
        return err_fail(err, ERR_INPUT, "less paid for gas than the base fee");
    } else {
        proposer_part(&here, &s, tip, &amount, &credit);
        if (early) {
            u256_add(amount, fee->l1_fee, &amount); /* fits, too */
            u256_add(credit, fee->l1_fee, &credit);
        }
        part_add(&p, 0, amount, proposer ? credit : none, proposer);
        if (here.base_fee == EVM_BASE_FEE_VAULT)
            part_add(&p, 1, s.base, s.base, vault);
    }
    if (here.l1_vault && !early)
        part_add(&p, 2, fee->l1_fee, fee->l1_fee, here.l1_vault);
    if (here.operator_vault)
        part_add(&p, 3, fee->operator_fee, fee->operator_fee, here.operator_vault);
    *ret_n = p.n;
    return true;
}

/* EIP-4844, BLOB_BASE_FEE_UPDATE_FRACTION; EIP-7691 for Prague; EIP-7892's schedule of mainnet as
 * in go-ethereum, params/config.go. */
static uint64_t blob_fraction(const struct evm_rules *rules, bool prague, uint64_t time)
{
    static const struct {
        uint64_t from_time, fraction;
    } schedule[] = {{1765290071, 8346193}, {1767747671, 11684671}}; /* BPO1, BPO2 */
    uint64_t fraction = prague ? 5007716 : 3338477;

    if (rules->blob_fraction)
        return rules->blob_fraction;
    for (size_t i = 0; rules->rewards && i < sizeof(schedule) / sizeof(schedule[0]); i++)
        if (time >= schedule[i].from_time)
            fraction = schedule[i].fraction;
    return fraction;
}

/* EIP-4844, fake_exponential(1, excess, fraction): the terms of e^(excess / fraction), each rounded
 * down. Terms fall once i is past excess / fraction, and before that the sum leaves the range. */
bool evm_blob_price(const struct evm_rules *rules, bool prague, uint64_t time, uint64_t excess,
                    struct u256 *ret)
{
    uint64_t fraction = blob_fraction(rules, prague, time);
    struct u256 sum = u256_of(0), term = u256_of(fraction);

    for (uint64_t i = 1; !u256_zero(term); i++)
        if (!u256_add(sum, term, &sum) ||
            !u256_mul_div(term, u256_of(excess), u256_of(fraction * i), &term))
            return false;
    return u256_mul_div(sum, u256_of(1), u256_of(fraction), ret);
}
