/* One function a kind, asked from the most telling to the least: Whirlpool, Wasabi 2, Wasabi 1,
 * tx0, JoinMarket.
 *
 * All of them look at the same summary of the transaction, made once: sorting the output values
 * shows which are repeated, sorting the scripts shows how many owners there can be. Linear but for
 * these two sorts, n log n with n at most SHAPE_COINS_MAX.
 *
 * Sources, in short (docs/patterns.md has them with what we changed and why): Dumplings of nopara73
 * and its fork of crocs-muni, Scanning/Scanner.cs and Constants.cs; GraphSense, graphsense-lib,
 * heuristics_service.py and its pull request 82; the settings of the programs that make these
 * transactions. */
#include "chain/bitcoin/shape.h"

#include "chain/facts.h"

#define BTC ((uint64_t)100000000)
#define VALUE_MAX (21000000 * BTC) /* so that no sum of SHAPE_COINS_MAX values overflows */

#define WASABI1_HEIGHT 530500      /* Dumplings, FirstWasabiBlock */
#define WASABI1_OPEN_HEIGHT 610000 /* Dumplings, FirstWasabiNoCoordAddressBlock */
#define WASABI1_HEIGHT_LAST                                                                        \
    846200 /* its one coordinator, zkSNACKs, ended on 1 June 2024; a day's margin */
#define WASABI2_HEIGHT 741213   /* Dumplings, FirstWasabi2Block */
#define WHIRLPOOL_HEIGHT 570000 /* Dumplings, FirstSamouraiBlock */
#define JOINMARKET_HEIGHT                                                                          \
    336861 /* crocs-muni, FirstJoinMarketBlock: before the first known one, May 2015 */

/* What is said about the outputs and inputs before any kind is asked for. */
struct summary {
    const struct tx_shape *tx;
    uint64_t mode;        /* the most frequent output value; the least of them on a tie */
    size_t mode_n;        /* how often */
    size_t repeated_n;    /* different values that occur at least twice */
    size_t repeated_all;  /* outputs that have one of these */
    size_t single_n;      /* values that occur once */
    size_t unknown_n;     /* inputs without a value or a script */
    size_t scripts_in;    /* different known input scripts */
    size_t script_in_top; /* inputs of the most used one */
    bool scripts_out_distinct;
};

const char *shape_kind_name(enum shape_kind kind)
{
    switch (kind) {
    case SHAPE_PLAIN:
        return "plain";
    case SHAPE_WASABI1:
        return "wasabi1";
    case SHAPE_WASABI2:
        return "wasabi2";
    case SHAPE_WHIRLPOOL:
        return "whirlpool";
    case SHAPE_WHIRLPOOL_TX0:
        return "whirlpool-tx0";
    case SHAPE_JOINMARKET:
        return "joinmarket";
    }
    return "plain";
}

bool shape_is_coinjoin(enum shape_kind kind)
{
    return kind != SHAPE_PLAIN && kind != SHAPE_WHIRLPOOL_TX0;
}

/* Dumplings, WasabiCoordScripts: the programs of bc1qs604c7jv6amk4cxqlnvuxv26hv3e48cds4m0ew and
 * bc1qa24tsgchvuxsaccp8vrnkfd85hrcpafg20kmjw. */
static const uint8_t coordinators[][20] = {
    {0x86, 0x9f, 0x5c, 0x7a, 0x4c, 0xd7, 0x77, 0x6a, 0xe0, 0xc0,
     0xfc, 0xd9, 0xc3, 0x31, 0x5a, 0xbb, 0x23, 0x9a, 0x9f, 0x0d},
    {0xea, 0xaa, 0xb8, 0x23, 0x17, 0x67, 0x0d, 0x0e, 0xe3, 0x01,
     0x3b, 0x07, 0x3b, 0x25, 0xa7, 0xa5, 0xc7, 0x80, 0xf5, 0x28},
};

struct shape_coin shape_coin_of(uint64_t value, struct bytes script, uint64_t id)
{
    struct bytes payload = {NULL, 0};
    struct shape_coin coin = {
        .value = value, .script = id, .class = script_classify(script, &payload)};

    if (coin.class == SCRIPT_P2WPKH && payload.n == sizeof(coordinators[0]))
        for (size_t i = 0; i < sizeof(coordinators) / sizeof(coordinators[0]); i++)
            coin.coordinator |= !memcmp(payload.p, coordinators[i], sizeof(coordinators[0]));
    return coin;
}

struct shape_coin shape_coin_unknown(uint64_t value)
{
    return (struct shape_coin){.value = value, .script = SHAPE_UNKNOWN, .class = SCRIPT_OTHER};
}

static bool before(const struct tx_shape *tx, uint32_t height)
{
    return tx->height != HEIGHT_UNKNOWN && tx->height < height;
}

static bool after(const struct tx_shape *tx, uint32_t height)
{
    return tx->height != HEIGHT_UNKNOWN && tx->height > height;
}

static bool script_known(const struct shape_coin *coin)
{
    return coin->script != SHAPE_UNKNOWN;
}

/* Sorts, then looks at runs of equal keys. */
static size_t run_end(const struct keyed *at, size_t n, size_t start)
{
    size_t end = start + 1;

    while (end < n && at[end].key == at[start].key)
        end++;
    return end;
}

static void sum_up_values(struct shape_scratch *scratch, struct summary *s)
{
    size_t n = s->tx->outputs_n;

    for (size_t i = 0; i < n; i++)
        scratch->at[i] = (struct keyed){.key = s->tx->outputs[i].value, .index = (uint32_t)i};
    sort_keyed(scratch->at, n, scratch->spare);
    for (size_t i = 0, end; i < n; i = end) {
        end = run_end(scratch->at, n, i);
        s->single_n += end - i == 1;
        s->repeated_n += end - i > 1;
        s->repeated_all += end - i > 1 ? end - i : 0;
        if (end - i > s->mode_n) {
            s->mode_n = end - i;
            s->mode = scratch->at[i].key;
        }
    }
}

static size_t sort_scripts(struct shape_scratch *scratch, const struct shape_coin *coins, size_t n)
{
    size_t known = 0;

    for (size_t i = 0; i < n; i++)
        if (script_known(&coins[i]))
            scratch->at[known++] = (struct keyed){.key = coins[i].script, .index = (uint32_t)i};
    sort_keyed(scratch->at, known, scratch->spare);
    return known;
}

static void sum_up_scripts(struct shape_scratch *scratch, struct summary *s)
{
    const struct tx_shape *tx = s->tx;
    size_t n = sort_scripts(scratch, tx->outputs, tx->outputs_n);

    s->scripts_out_distinct = true;
    for (size_t i = 0, end; i < n; i = end) {
        end = run_end(scratch->at, n, i);
        s->scripts_out_distinct &= end - i == 1;
    }
    n = sort_scripts(scratch, tx->inputs, tx->inputs_n);
    for (size_t i = 0, end; i < n; i = end) {
        end = run_end(scratch->at, n, i);
        s->scripts_in++;
        s->script_in_top = end - i > s->script_in_top ? end - i : s->script_in_top;
    }
    for (size_t i = 0; i < tx->inputs_n; i++)
        s->unknown_n += tx->inputs[i].value == SHAPE_UNKNOWN || !script_known(&tx->inputs[i]);
}

/* Is every known script of these coins of a class that the set holds? Sets are bits, 1 << class. */
static bool classes_within(const struct shape_coin *coins, size_t n, unsigned set)
{
    for (size_t i = 0; i < n; i++)
        if (script_known(&coins[i]) && !(set >> coins[i].class & 1))
            return false;
    return true;
}

static bool descending(const struct shape_coin *coins, size_t n)
{
    uint64_t last = SHAPE_UNKNOWN;

    for (size_t i = 0; i < n; i++) {
        if (coins[i].value == SHAPE_UNKNOWN)
            continue;
        if (coins[i].value > last)
            return false;
        last = coins[i].value;
    }
    return true;
}

static bool ascending(const struct shape_coin *coins, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (coins[i].value < coins[i - 1].value)
            return false;
    return true;
}

/* Whirlpool: a pool's amount in as many outputs as there are inputs; one input each; some inputs
 * come from an earlier mix and have the pool's amount, the others come from a tx0 and bring the
 * miners' fee along. Dumplings asks for P2WPKH on both sides. A mix may pay one of its members out
 * to another wallet, so outputs of other witness classes are taken as well (docs/patterns.md: 110
 * such mixes are ancestors of mixes). */
#define WHIRLPOOL_COINS_MIN 5
#define WHIRLPOOL_COINS_MAX 10
#define WHIRLPOOL_EXTRA_MAX 110000 /* Dumplings: 0.0011 BTC above the pool's amount */

static const struct {
    uint64_t amount, fee;
} pools[] = {
    /* Dumplings, SamouraiPools; fees: GraphSense, WHIRLPOOL_POOLS */
    {BTC / 1000, 5000},
    {BTC / 100, 50000},
    {BTC / 20, 175000},
    {BTC / 2, 1750000},
};
#define POOLS_N (sizeof(pools) / sizeof(pools[0]))

static bool is_pool(uint64_t value)
{
    for (size_t i = 0; i < POOLS_N; i++)
        if (pools[i].amount == value)
            return true;
    return false;
}

static bool is_whirlpool(const struct summary *s)
{
    const struct tx_shape *tx = s->tx;
    size_t n = tx->inputs_n, remixed = 0, entered = 0, unknown = 0;

    if (before(tx, WHIRLPOOL_HEIGHT) || n < WHIRLPOOL_COINS_MIN || n > WHIRLPOOL_COINS_MAX ||
        tx->outputs_n != n || s->mode_n != n || !is_pool(s->mode) || !s->scripts_out_distinct ||
        s->script_in_top > 1 || !classes_within(tx->inputs, n, 1u << SCRIPT_P2WPKH) ||
        !classes_within(tx->outputs, n,
                        1u << SCRIPT_P2WPKH | 1u << SCRIPT_P2WSH | 1u << SCRIPT_P2TR))
        return false;
    for (size_t i = 0; i < n; i++) {
        uint64_t value = tx->inputs[i].value;

        if (value == SHAPE_UNKNOWN)
            unknown++;
        else if (value < s->mode || value - s->mode > WHIRLPOOL_EXTRA_MAX)
            return false;
        else if (value == s->mode)
            remixed++;
        else
            entered++;
    }
    return (remixed || unknown) && (entered || unknown) && remixed + entered + unknown >= 2;
}

/* Wasabi 2 (WabiSabi): amounts are cut into standard denominations, and both sides are sorted from
 * the largest. */
#define WASABI2_INPUTS_MIN                                                                         \
    20 /* crocs-muni and GraphSense: coordinators after May 2024 start at 20; before: 50 */
#define WASABI2_VALUE_MIN 5000
#define WASABI2_DENOMINATION_MAX ((uint64_t)134375000000)

static bool is_power(uint64_t value, uint64_t base)
{
    while (value % base == 0)
        value /= base;
    return value == 1;
}

/* Dumplings, CreateWasabi2Denominations: 2^i, 3^i, 2*3^i, 10^i, 2*10^i, 5*10^i within the bounds.
 */
static bool is_wasabi2_denomination(uint64_t value)
{
    if (value < WASABI2_VALUE_MIN || value > WASABI2_DENOMINATION_MAX)
        return false;
    return is_power(value, 2) || is_power(value, 3) || is_power(value, 10) ||
           (value % 2 == 0 && (is_power(value / 2, 3) || is_power(value / 2, 10))) ||
           (value % 5 == 0 && is_power(value / 5, 10));
}

static bool is_wasabi2(const struct summary *s)
{
    const struct tx_shape *tx = s->tx;
    size_t standard = 0;

    if (before(tx, WASABI2_HEIGHT) || tx->inputs_n < WASABI2_INPUTS_MIN ||
        !s->scripts_out_distinct || !descending(tx->outputs, tx->outputs_n) ||
        !descending(tx->inputs, tx->inputs_n) ||
        !classes_within(tx->inputs, tx->inputs_n, 1u << SCRIPT_P2WPKH | 1u << SCRIPT_P2TR))
        return false;
    /* GraphSense: no script owns more than a tenth of the inputs; at least three values are
     * repeated, on half of the outputs but not on all. A consolidation into round amounts fails
     * here. */
    if (s->script_in_top * 10 > tx->inputs_n || s->repeated_n < 3 ||
        2 * s->repeated_all + 1 < tx->outputs_n || s->repeated_all == tx->outputs_n)
        return false;
    for (size_t i = 0; i < tx->outputs_n; i++) {
        if (tx->outputs[i].value < WASABI2_VALUE_MIN)
            return false;
        standard += is_wasabi2_denomination(tx->outputs[i].value);
    }
    return standard * 10 > tx->outputs_n * 8;
}

/* How many could have paid the amount from their own inputs: each that has it in one coin, and as
 * often as the smaller coins make it up together. An upper bound, so fewer than the equal outputs
 * is a proof against. */
static size_t payers_max(const struct tx_shape *tx, uint64_t amount)
{
    uint64_t small =
        0; /* cannot overflow: SHAPE_COINS_MAX values, each below amount, which is below 2^51 */
    size_t payers = 0;

    for (size_t i = 0; i < tx->inputs_n; i++)
        if (tx->inputs[i].value >= amount) /* an unknown value too: it may be that large */
            payers++;
        else
            small += tx->inputs[i].value;
    return payers + (size_t)(small / amount);
}

/* Wasabi 1 (ZeroLink): about a tenth of a bitcoin each, all P2WPKH, a coordinator's fee and change
 * besides. */
#define WASABI1_AMOUNT (BTC / 10)
#define WASABI1_AMOUNT_OFF (BTC / 50) /* Dumplings, WasabiBaseDenominationPrecision */
#define WASABI1_EQUAL_MIN 10
#define WASABI1_INPUTS_EACH_MAX 7 /* GraphSense, WASABI_10_A_MAX */

static bool pays_coordinator(const struct tx_shape *tx)
{
    for (size_t i = 0; i < tx->outputs_n; i++)
        if (tx->outputs[i].coordinator)
            return true;
    return false;
}

static bool is_wasabi1(const struct summary *s)
{
    const struct tx_shape *tx = s->tx;

    if (before(tx, WASABI1_HEIGHT) || after(tx, WASABI1_HEIGHT_LAST) || !s->scripts_out_distinct ||
        s->mode_n < 3 || !s->mode || tx->inputs_n < s->mode_n ||
        s->scripts_in + s->unknown_n < s->mode_n || payers_max(tx, s->mode) < s->mode_n ||
        !classes_within(tx->inputs, tx->inputs_n, 1u << SCRIPT_P2WPKH))
        return false;
    /* Dumplings: until block 610,000 the fee went to one of two fixed scripts, whatever the
     * denomination. */
    if (!after(tx, WASABI1_OPEN_HEIGHT - 1) && pays_coordinator(tx))
        return true;
    return s->mode_n >= WASABI1_EQUAL_MIN && s->mode >= WASABI1_AMOUNT - WASABI1_AMOUNT_OFF &&
           s->mode <= WASABI1_AMOUNT + WASABI1_AMOUNT_OFF && s->single_n >= 2 &&
           tx->inputs_n <= WASABI1_INPUTS_EACH_MAX * s->mode_n &&
           classes_within(tx->outputs, tx->outputs_n, 1u << SCRIPT_P2WPKH);
}

/* Tx0, before the mix: coins of a pool's amount and a little more, all alike, the pool's fee, at
 * most two coins of change, and one OP_RETURN with the sealed fee, in the order of BIP 69.
 * GraphSense's limits; every account of the wallets that make them is P2WPKH (BIP 84). */
#define TX0_EXTRA_MIN 100
#define TX0_COINS_MAX 70
#define TX0_CHANGE_MAX 2

static bool is_tx0_fee(uint64_t value, uint64_t fee)
{
    return 2 * value >= fee && value <= 3 * fee; /* value is below 2^51 */
}

/* The longest run of values that a pool takes in, in the sorted output values. */
static size_t pool_coins(const struct keyed *sorted, size_t n, uint64_t pool, uint64_t *ret_value)
{
    size_t most = 0;

    for (size_t i = 0, end; i < n; i = end) {
        end = run_end(sorted, n, i);
        if (sorted[i].key < pool + TX0_EXTRA_MIN || sorted[i].key > pool + WHIRLPOOL_EXTRA_MAX ||
            end - i <= most)
            continue;
        most = end - i;
        *ret_value = sorted[i].key;
    }
    return most;
}

static bool tx0_of_pool(const struct summary *s, const struct keyed *sorted, size_t pool,
                        size_t *ret_coins)
{
    const struct tx_shape *tx = s->tx;
    uint64_t value = 0;
    size_t coins = pool_coins(sorted, tx->outputs_n, pools[pool].amount, &value), fees = 0;

    if (!coins || coins > TX0_COINS_MAX || tx->outputs_n - coins > 1 + 1 + TX0_CHANGE_MAX)
        return false;
    for (size_t i = 0; i < tx->outputs_n; i++)
        fees += tx->outputs[i].class == SCRIPT_P2WPKH && tx->outputs[i].value != value &&
                is_tx0_fee(tx->outputs[i].value, pools[pool].fee);
    if (!fees)
        return false;
    *ret_coins = coins;
    return true;
}

static bool is_tx0(const struct summary *s, const struct keyed *sorted, struct shape_finding *ret)
{
    const struct tx_shape *tx = s->tx;
    size_t returns = 0;

    for (size_t i = 0; i < tx->outputs_n; i++)
        returns += tx->outputs[i].class == SCRIPT_RETURN;
    if (before(tx, WHIRLPOOL_HEIGHT) || returns != 1 || !s->scripts_out_distinct ||
        !ascending(tx->outputs, tx->outputs_n) ||
        !classes_within(tx->outputs, tx->outputs_n, 1u << SCRIPT_P2WPKH | 1u << SCRIPT_RETURN))
        return false;
    for (size_t pool = 0; pool < POOLS_N; pool++)
        if (tx0_of_pool(s, sorted, pool, &ret->equal_n)) {
            ret->denomination = pools[pool].amount;
            return true;
        }
    return false;
}

/* JoinMarket: a taker and its makers each get the same amount, and each maker has change; the taker
 * has none where it empties a wallet. So c equal outputs among 2c or 2c - 1. Wallets are of one
 * script class, save for the taker's destination, which may be anybody's address. Two equal outputs
 * prove nothing: that is also the shape of a Stonewall (one wallet alone, or two) and of many
 * payments, so c is at least 3. */
#define JOINMARKET_EQUAL_MIN 3
#define JOINMARKET_VALUE_MIN 27300 /* joinmarket-clientserver, DUST_THRESHOLD */
#define JOINMARKET_FEE_PERCENT 1   /* of the amount, to each maker: ten times what is usual */

/* An input is at most what its owner takes out, and a taker's may also carry every fee. */
static bool inputs_within(const struct summary *s)
{
    const struct tx_shape *tx = s->tx;
    uint64_t change = 0, largest = 0, in = 0, out = 0, fee;

    for (size_t i = 0; i < tx->outputs_n; i++) {
        out += tx->outputs[i].value;
        if (tx->outputs[i].value != s->mode && tx->outputs[i].value > change)
            change = tx->outputs[i].value;
    }
    for (size_t i = 0; i < tx->inputs_n; i++) {
        if (tx->inputs[i].value == SHAPE_UNKNOWN)
            return true; /* then the fee is unknown as well */
        in += tx->inputs[i].value;
        if (tx->inputs[i].value > largest)
            largest = tx->inputs[i].value;
    }
    fee = in > out ? in - out : 0;
    return largest <= s->mode + change + fee + s->mode / 100 * JOINMARKET_FEE_PERCENT * s->mode_n;
}

static bool joinmarket_classes(const struct tx_shape *tx)
{
    enum script_class class = SCRIPT_OTHER;
    size_t foreign = 0;

    for (size_t i = 0; i < tx->inputs_n && class == SCRIPT_OTHER; i++)
        if (script_known(&tx->inputs[i]))
            class = tx->inputs[i].class;
    if (class != SCRIPT_P2PKH && class != SCRIPT_P2SH && class != SCRIPT_P2WPKH)
        return false;
    for (size_t i = 0; i < tx->outputs_n; i++)
        foreign += tx->outputs[i].class != class;
    return foreign <= 1 && classes_within(tx->inputs, tx->inputs_n, 1u << class);
}

static bool is_joinmarket(const struct summary *s)
{
    const struct tx_shape *tx = s->tx;

    return !before(tx, JOINMARKET_HEIGHT) && s->mode_n >= JOINMARKET_EQUAL_MIN &&
           s->repeated_n == 1 && s->mode >= JOINMARKET_VALUE_MIN &&
           (tx->outputs_n == 2 * s->mode_n || tx->outputs_n == 2 * s->mode_n - 1) &&
           s->scripts_out_distinct && s->scripts_in >= s->mode_n && joinmarket_classes(tx) &&
           payers_max(tx, s->mode) >= s->mode_n && inputs_within(s);
}

/* Most transactions end at this question. */
static bool may_be_anything(const struct tx_shape *tx)
{
    return tx->inputs_n && tx->inputs_n <= SHAPE_COINS_MAX && tx->outputs_n >= SHAPE_OUTPUTS_MIN &&
           tx->outputs_n <= SHAPE_COINS_MAX;
}

static bool values_sane(const struct tx_shape *tx)
{
    for (size_t i = 0; i < tx->outputs_n; i++)
        if (tx->outputs[i].value > VALUE_MAX)
            return false;
    for (size_t i = 0; i < tx->inputs_n; i++)
        if (tx->inputs[i].value > VALUE_MAX && tx->inputs[i].value != SHAPE_UNKNOWN)
            return false;
    return true;
}

struct shape_finding shape_find(struct shape_scratch *scratch, const struct tx_shape *tx)
{
    struct summary s = {.tx = tx};
    struct shape_finding found = {.kind = SHAPE_PLAIN};

    if (!may_be_anything(tx) || !values_sane(tx))
        return found;
    sum_up_scripts(scratch, &s);
    sum_up_values(scratch, &s); /* last: a tx0 looks at the sorted values again */
    found.inputs_known = !s.unknown_n;
    if (is_whirlpool(&s))
        found.kind = SHAPE_WHIRLPOOL;
    else if (is_wasabi2(&s))
        found.kind = SHAPE_WASABI2;
    else if (is_wasabi1(&s))
        found.kind = SHAPE_WASABI1;
    else if (is_tx0(&s, scratch->at, &found))
        found.kind = SHAPE_WHIRLPOOL_TX0;
    else if (is_joinmarket(&s))
        found.kind = SHAPE_JOINMARKET;
    if (shape_is_coinjoin(found.kind)) {
        found.denomination = s.mode;
        found.equal_n = s.mode_n;
        found.participants_n = found.kind == SHAPE_WASABI2 ? 0 : s.mode_n;
    } else if (found.kind == SHAPE_WHIRLPOOL_TX0) {
        found.participants_n = 1;
    }
    return found;
}
