/* One table and one small reader of it. A log is found by its first topic in a hash table made
 * once; its row then names fields, "topic 2" or "third word of the data", and a key's pattern.
 *
 * Words of the data are those of the contract ABI specification ("Formal Specification of the
 * Encoding"): 32 bytes each, addresses and numbers right-aligned, a string's word its offset. */
#include "chain/evm/log.h"

#include "base/keccak.h"
#include "base/text.h"

#include <pthread.h>
#include <stdlib.h>

#define WORD 32
#define ADDRESS_PAD (WORD - EVM_KEY_BYTES)

/* Where something stands. */
enum field {
    NOBODY, /* nowhere */
    T1,
    T2,
    T3,
    ZERO,  /* the zero key */
    OWNER, /* the owner of the contract, which no topic tells */
    W0 = 16,
    W1,
    W2,
    W3,
    W4,
    W5,
    W6,
};

/* How a pool tells what came in and went out. */
enum swap_form {
    SWAP_NONE,
    SWAP_FOUR,   /* in 0, in 1, out 0, out 1; of both pairs one is 0 */
    SWAP_POOL,   /* two signed changes of the pool's balance */
    SWAP_CALLER, /* of the caller's */
    SWAP_PAIR,   /* in, out */
    SWAP_CURVE,  /* in, another word, out */
};

/* A contract, where an event of that name means something only there. */
struct place {
    uint64_t evm_id; /* 0: Tron */
    uint8_t key[EVM_KEY_BYTES], owner[EVM_KEY_BYTES];
    bool any; /* every contract of that chain */
};

/* A pattern writes text: %xF the field in hex, %uF in decimal, %aF as an address, %sF the string
 * that the word points to, %mF the hash of the relaying call that those bytes are, %pF that of the
 * call behind the packed head of a deposit, where F is t1 to t3 or w0 to w6; %c this chain's
 * EIP-155 id, %d its CCTP domain. */
struct row {
    const char *protocol, *signature, *topic; /* topic: keccak256 of the signature, in hex */
    unsigned topics_n;
    const struct place *places; /* NULL: any; else ends with a key of zeros */
    enum transfer_kind kind;    /* of the transfer said; 0: none */
    enum field from, to, amount;
    enum event_kind event; /* 0: none */
    const char *pattern;   /* NULL: no data */
    const char *also;      /* another event of this kind, by another key; if it can be written */
    enum swap_form swap;
    enum field swap_at;
};

/* Contracts of wrapped native coins that say Deposit and Withdrawal but no Transfer for them, as
 * WETH9 does. Arbitrum's WETH does say Transfer and needs no row. Chains of tests take any. */
static const struct place wrappers[] = {
    /* WETH, Ethereum: 0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2 */
    {1,
     {0xc0, 0x2a, 0xaa, 0x39, 0xb2, 0x23, 0xfe, 0x8d, 0x0a, 0x0e,
      0x5c, 0x4f, 0x27, 0xea, 0xd9, 0x08, 0x3c, 0x75, 0x6c, 0xc2},
     {0},
     false},
    /* the OP stack's predeploy: 0x4200000000000000000000000000000000000006 */
    {10, {0x42, [19] = 0x06}, {0}, false},
    {8453, {0x42, [19] = 0x06}, {0}, false},
    /* WBNB: 0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c */
    {56,
     {0xbb, 0x4c, 0xdb, 0x9c, 0xbd, 0x36, 0xb0, 0x1b, 0xd1, 0xcb,
      0xae, 0xbf, 0x2d, 0xe0, 0x8d, 0x91, 0x73, 0xbc, 0x09, 0x5c},
     {0},
     false},
    /* WMATIC, WPOL: 0x0d500b1d8e8ef31e21c99d1db9a6444d3adf1270 */
    {137,
     {0x0d, 0x50, 0x0b, 0x1d, 0x8e, 0x8e, 0xf3, 0x1e, 0x21, 0xc9,
      0x9d, 0x1d, 0xb9, 0xa6, 0x44, 0x4d, 0x3a, 0xdf, 0x12, 0x70},
     {0},
     false},
    /* WAVAX: 0xb31f66aa3c1e785363f0875a1b74e27b85fd66c7 */
    {43114,
     {0xb3, 0x1f, 0x66, 0xaa, 0x3c, 0x1e, 0x78, 0x53, 0x63, 0xf0,
      0x87, 0x5a, 0x1b, 0x74, 0xe2, 0x7b, 0x85, 0xfd, 0x66, 0xc7},
     {0},
     false},
    {1337, {0}, {0}, true},
    {31337, {0}, {0}, true},
    {0, {0}, {0}, false},
};

/* The first TetherToken, which tells supply and destruction without Transfer; its owner is the
 * multisignature wallet 0xc6cde7c39eb2f0f0095f41570af89efc2c1ea828. On Tron: the key of
 * TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t; who owns it there is not in the table, so that issue and
 * redemption say nothing there. */
static const struct place tethers[] = {
    {1,
     {0xda, 0xc1, 0x7f, 0x95, 0x8d, 0x2e, 0xe5, 0x23, 0xa2, 0x20,
      0x62, 0x06, 0x99, 0x45, 0x97, 0xc1, 0x3d, 0x83, 0x1e, 0xc7},
     {0xc6, 0xcd, 0xe7, 0xc3, 0x9e, 0xb2, 0xf0, 0xf0, 0x09, 0x5f,
      0x41, 0x57, 0x0a, 0xf8, 0x9e, 0xfc, 0x2c, 0x1e, 0xa8, 0x28},
     false},
    {0,
     {0xa6, 0x14, 0xf8, 0x03, 0xb6, 0xfd, 0x78, 0x09, 0x86, 0xa4,
      0x2c, 0x78, 0xec, 0x9c, 0x7f, 0x87, 0xe6, 0xde, 0xd1, 0x3c},
     {0},
     false},
    {0, {0}, {0}, false},
};

/* Circle, "CCTP supported domains" */
static const struct {
    uint64_t evm_id, domain;
} cctp_domains[] = {{1, 0}, {43114, 1}, {10, 2}, {42161, 3}, {8453, 6}, {137, 7}};

#define AT(list) .places = (list)
#define MOVE(f, t, n) .kind = TRANSFER_LOG, .from = (f), .to = (t), .amount = (n)
#define ACT(act, account, n) .kind = (act), .from = (account), .amount = (n)
#define SAYS(what, how) .event = (what), .pattern = (how)
#define ALSO(how) .also = (how)
#define SWAP(form, first) .event = EVENT_SWAP, .swap = (form), .swap_at = (first)

static const struct row rows[] = {
    /* EIP-20 */
    {"erc20", "Transfer(address,address,uint256)",
     "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef", 3, MOVE(T1, T2, W0)},
    /* WETH9 (canonical WETH source): Deposit(address indexed dst, uint wad), Withdrawal(address
     * indexed src, uint wad); neither comes with a Transfer */
    {"weth9", "Deposit(address,uint256)",
     "e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c", 2, AT(wrappers),
     MOVE(ZERO, T1, W0), SAYS(EVENT_WRAP, NULL)},
    {"weth9", "Withdrawal(address,uint256)",
     "7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65", 2, AT(wrappers),
     MOVE(T1, ZERO, W0), SAYS(EVENT_UNWRAP, NULL)},
    /* TetherToken.sol as deployed on Ethereum (address in the data) and Tron (address indexed).
     * It moves no Transfer of what it destroys; later versions of it do, so that only these two
     * have a wipe. */
    {"tether", "AddedBlackList(address)",
     "42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc", 1,
     ACT(TRANSFER_FREEZE, W0, 0)},
    {"tether", "AddedBlackList(address)",
     "42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc", 2,
     ACT(TRANSFER_FREEZE, T1, 0)},
    {"tether", "RemovedBlackList(address)",
     "d7e9ec6e6ecd65492dce6bf513cd6867560d49544421d0783ddf06e76c24470c", 1,
     ACT(TRANSFER_UNFREEZE, W0, 0)},
    {"tether", "RemovedBlackList(address)",
     "d7e9ec6e6ecd65492dce6bf513cd6867560d49544421d0783ddf06e76c24470c", 2,
     ACT(TRANSFER_UNFREEZE, T1, 0)},
    {"tether", "DestroyedBlackFunds(address,uint256)",
     "61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6", 1, AT(tethers),
     ACT(TRANSFER_WIPE, W0, W1)},
    {"tether", "DestroyedBlackFunds(address,uint256)",
     "61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6", 2, AT(tethers),
     ACT(TRANSFER_WIPE, T1, W0)},
    {"tether", "Issue(uint256)", "cb8241adb0c3fdb35b70c24ce35c5eb0c17af7431c99f827d44a445ca624176a",
     1, AT(tethers), MOVE(NOBODY, OWNER, W0)},
    {"tether", "Redeem(uint256)",
     "702d5967f45f6513a38ffc42d6ba9bf230bd40e8f53b16363c7eb4fd2deb9a44", 1, AT(tethers),
     MOVE(OWNER, NOBODY, W0)},
    /* TetherTokenV2.sol, its later form, whose mint, burn and destruction are Transfers */
    {"tether", "BlockPlaced(address)",
     "406bbf2d8d145125adf1198d2cf8a67c66cc4bb0ab01c37dccd4f7c0aae1e7c7", 2,
     ACT(TRANSFER_FREEZE, T1, 0)},
    {"tether", "BlockReleased(address)",
     "665918c9e02eb2fd85acca3969cb054fc84c138e60ec4af22ab6ef2fd4c93c27", 2,
     ACT(TRANSFER_UNFREEZE, T1, 0)},
    /* FiatToken (USDC, EURC); Mint and Burn come with a Transfer */
    {"circle", "Blacklisted(address)",
     "ffa4e6181777692565cf28528fc88fd1516ea86b56da075235fa575af6a4b855", 2,
     ACT(TRANSFER_FREEZE, T1, 0)},
    {"circle", "UnBlacklisted(address)",
     "117e3210bb9aa7d9baff172026820255c6f6c30ba8999d1c2fd88e2848137c4e", 2,
     ACT(TRANSFER_UNFREEZE, T1, 0)},
    /* Paxos (USDP, BUSD, PYUSD): a wipe comes with a Transfer; the second pair is PYUSD's */
    {"paxos", "AddressFrozen(address)",
     "90811a8edd3b3c17eeaefffc17f639cc69145d41a359c9843994dc2538203690", 2,
     ACT(TRANSFER_FREEZE, T1, 0)},
    {"paxos", "AddressUnfrozen(address)",
     "c3776b472ebf54114339eec9e4dc924e7ce307a97f5c1ee72b6d474e6e5e8b7c", 2,
     ACT(TRANSFER_UNFREEZE, T1, 0)},
    {"paxos", "FreezeAddress(address)",
     "1aa660498c83ea285bc55e4cfc00afcaa7120798db87b74f3c0d7c6e001bc392", 2,
     ACT(TRANSFER_FREEZE, T1, 0)},
    {"paxos", "UnfreezeAddress(address)",
     "150465b020dfc06a59269da94ed66db9b65a516cf4fdd5f583b0f12752339bbe", 2,
     ACT(TRANSFER_UNFREEZE, T1, 0)},
    /* USD1: Freeze(address indexed caller, address indexed account) */
    {"usd1", "Freeze(address,address)",
     "51d18786e9cb144f87d46e7b796309ea84c7c687d91e09c97f051eacf59bc528", 3,
     ACT(TRANSFER_FREEZE, T2, 0)},
    {"usd1", "Unfreeze(address,address)",
     "4f3ab9ff0cc4f039268532098e01239544b0420171876e36889d01c62c784c79", 3,
     ACT(TRANSFER_UNFREEZE, T2, 0)},
    /* RLUSD */
    {"rlusd", "AccountPaused(address)",
     "ae7f60c1b8f645c3beffeb531169cbc446874bbf247698325318879ac850c346", 1,
     ACT(TRANSFER_FREEZE, W0, 0)},
    {"rlusd", "AccountPaused(address)",
     "ae7f60c1b8f645c3beffeb531169cbc446874bbf247698325318879ac850c346", 2,
     ACT(TRANSFER_FREEZE, T1, 0)},
    {"rlusd", "AccountUnpaused(address)",
     "0c18efbde61ac471ead6960a3f1097735c68ecdb685ae8e2a108c28385399a65", 1,
     ACT(TRANSFER_UNFREEZE, W0, 0)},
    {"rlusd", "AccountUnpaused(address)",
     "0c18efbde61ac471ead6960a3f1097735c68ecdb685ae8e2a108c28385399a65", 2,
     ACT(TRANSFER_UNFREEZE, T1, 0)},
    /* Uniswap V2 pair and its forks: amount0In, amount1In, amount0Out, amount1Out */
    {"uniswap2", "Swap(address,uint256,uint256,uint256,uint256,address)",
     "d78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822", 3, SWAP(SWAP_FOUR, W0)},
    /* Uniswap V3 pool: amount0, amount1, signed, as the pool's balance changes; then that of
     * PancakeSwap V3 */
    {"uniswap3", "Swap(address,address,int256,int256,uint160,uint128,int24)",
     "c42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67", 3, SWAP(SWAP_POOL, W0)},
    {"pancake3", "Swap(address,address,int256,int256,uint160,uint128,int24,uint128,uint128)",
     "19b47279256b2a23a1665c810c8d55a1758940ee09377d4f8d26497a3577dc83", 3, SWAP(SWAP_POOL, W0)},
    /* Uniswap V4 PoolManager: as the caller's balance changes */
    {"uniswap4", "Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)",
     "40e9cecb9f5f1f1c5b9c97dec2917b7ee92e57ba5563708daca94dd84ad7112f", 3, SWAP(SWAP_CALLER, W0)},
    /* Curve: buyer, sold_id, tokens_sold, bought_id, tokens_bought */
    {"curve", "TokenExchange(address,int128,uint256,int128,uint256)",
     "8b3e96f2b889fa771c53c981b40daf005f63f637f1869f707052d15a3dd97140", 2, SWAP(SWAP_CURVE, W1)},
    {"curve", "TokenExchangeUnderlying(address,int128,uint256,int128,uint256)",
     "d013ca23e77a65003c2c659c5442c00c805371b7fc1ebd4c206c41d1536bd90b", 2, SWAP(SWAP_CURVE, W1)},
    {"curve", "TokenExchange(address,uint256,uint256,uint256,uint256)",
     "b2e76ae99761dc136e598d4a629bb347eccb9532a5f8bbd72e18467c3c34cc98", 2, SWAP(SWAP_CURVE, W1)},
    {"curve", "TokenExchange(address,uint256,uint256,uint256,uint256,uint256,uint256)",
     "143f1f8e861fbdeddd5b46e844b7d3ac7b86a122f36e8c463859ee6811b1f29c", 2, SWAP(SWAP_CURVE, W1)},
    /* Saddle, as Hop's bridges use it: buyer indexed, tokensSold, tokensBought, ids */
    {"saddle", "TokenSwap(address,uint256,uint256,uint128,uint128)",
     "c6c1e0630dbe9130cc068028486c0d118ddcea348550819defd5cb8c257f8a38", 2, SWAP(SWAP_PAIR, W0)},
    /* Balancer V2 Vault and V3 Vault: amountIn, amountOut */
    {"balancer", "Swap(bytes32,address,address,uint256,uint256)",
     "2170c741c41531aec20e7c107c24eecfdd15e69c9bb0a8dd37b1840b9e0b207b", 4, SWAP(SWAP_PAIR, W0)},
    {"balancer", "Swap(address,address,address,uint256,uint256,uint256,uint256)",
     "0874b2d545cb271cdbda4e093020c452328b24af12382ed62c4d00f5c26709db", 4, SWAP(SWAP_PAIR, W0)},
    /* THORChain_Router.sol: Deposit(to indexed, asset indexed, amount, memo), TransferOut(vault
     * indexed, to indexed, asset, amount, memo) */
    {"thorchain", "Deposit(address,address,uint256,string)",
     "ef519b7eb82aaf6ac376a6df2d793843ebfd593de5f1a0601d3cc6ab49ebb395", 3,
     SAYS(EVENT_MEMO, "%sw1")},
    {"thorchain", "TransferOut(address,address,address,uint256,string)",
     "a9cd03aa3c1b4515114539cd53d22085129d495cb9e9f9af77864526240f1bf7", 3,
     SAYS(EVENT_MEMO, "%sw2")},
    /* the same, v4: vault indexed, target, amount, finalAsset, to, amountOutMin, memo */
    {"thorchain", "TransferOutAndCall(address,address,uint256,address,address,uint256,string)",
     "8e5841bcd195b858d53b38bcf91b38d47f3bc800469b6812d35451ab619c6f6c", 2,
     SAYS(EVENT_MEMO, "%sw5")},
    /* CCTP v1 TokenMessenger.sol and MessageTransmitter.sol. MessageReceived: caller indexed,
     * source domain, nonce indexed, ... */
    {"cctp", "DepositForBurn(uint64,address,uint256,address,bytes32,uint32,bytes32,bytes32)",
     "2fa9ca894982930190727e75500a97d8dc500233a5065e0f3126c48fbe0343c0", 4,
     SAYS(EVENT_BRIDGE_OUT, "cctp:%d:%ut1")},
    {"cctp", "MessageReceived(address,uint32,uint64,bytes32,bytes)",
     "58200b4c34ae05ee816d710053fff3fb75af4395915d3d2a771b24aa10e3cc5d", 3,
     SAYS(EVENT_BRIDGE_IN, "cctp:%uw0:%ut2")},
    /* Across SpokePool.sol: deposits of V2, V3 and after, and their fills */
    {"across",
     "FundsDeposited(uint256,uint256,uint256,int64,uint32,uint32,address,address,"
     "address,bytes)",
     "afc4df6845a4ab948b492800d3d8a25d538a102a2bc07cd01f1cfa097fddcff6", 4,
     SAYS(EVENT_BRIDGE_OUT, "across:%c:%uw3")},
    {"across",
     "V3FundsDeposited(address,address,uint256,uint256,uint256,uint32,uint32,uint32,"
     "uint32,address,address,address,bytes)",
     "a123dc29aebf7d0c3322c8eeb5b999e859f39937950ed31056532713d0de396f", 4,
     SAYS(EVENT_BRIDGE_OUT, "across:%c:%ut2")},
    {"across",
     "FundsDeposited(bytes32,bytes32,uint256,uint256,uint256,uint256,uint32,uint32,"
     "uint32,bytes32,bytes32,bytes32,bytes)",
     "32ed1a409ef04c7b0227189c3a103dc5ac10e775a15b785dcc510201f7c25ad3", 4,
     SAYS(EVENT_BRIDGE_OUT, "across:%c:%ut2")},
    {"across",
     "FilledV3Relay(address,address,uint256,uint256,uint256,uint256,uint32,uint32,"
     "uint32,address,address,address,address,bytes,(address,bytes,uint256,uint8))",
     "571749edf1d5c9599318cdbc4e28a6475d65e87fd3b2ddbe1e9a8d5e7a0f0ff7", 4,
     SAYS(EVENT_BRIDGE_IN, "across:%ut1:%ut2")},
    {"across",
     "FilledRelay(bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint32,"
     "uint32,bytes32,bytes32,bytes32,bytes32,bytes32,(bytes32,bytes32,uint256,uint8))",
     "44b559f101f8fbcc8a0ea43fa91a05a729a5ea6e14a7c75aa750374690137208", 4,
     SAYS(EVENT_BRIDGE_IN, "across:%ut1:%ut2")},
    /* Hop L2_Bridge.sol and L1_Bridge.sol. From L1 there is no id; recipient, amount and
     * deadline are on both sides. */
    {"hop", "TransferSent(bytes32,uint256,address,uint256,bytes32,uint256,uint256,uint256,uint256)",
     "e35dddd4ea75d7e9b3fe93af4f4e40e778c3da4074c9d93e7c6536f1e803c1eb", 4,
     SAYS(EVENT_BRIDGE_OUT, "hop:%xt1")},
    {"hop", "WithdrawalBonded(bytes32,uint256)",
     "0c3d250c7831051e78aa6a56679e590374c7c424415ffe4aa474491def2fe705", 2,
     SAYS(EVENT_BRIDGE_IN, "hop:%xt1")},
    {"hop", "Withdrew(bytes32,address,uint256,bytes32)",
     "9475cdbde5fc71fe2ccd413c82878ee54d061b9f74f9e2e1a03ff1178821502c", 3,
     SAYS(EVENT_BRIDGE_IN, "hop:%xt1")},
    {"hop", "TransferSentToL2(uint256,address,uint256,uint256,uint256,address,uint256)",
     "0a0607688c86ec1775abcdbab7b33a3a35a6c9cde677c9be880150c231cc6b0b", 4,
     SAYS(EVENT_BRIDGE_OUT, "hop-l1:%ut1:%at2:%uw0:%uw2")},
    {"hop", "TransferFromL1Completed(address,uint256,uint256,uint256,address,uint256)",
     "320958176930804eb66c2343c7343fc0367dc16249590c0f195783bee199d094", 3,
     SAYS(EVENT_BRIDGE_IN, "hop-l1:%c:%at1:%uw0:%uw2")},
    /* OP stack, CrossDomainMessenger.sol, OptimismPortal.sol, L2ToL1MessagePasser.sol; before
     * Bedrock CanonicalTransactionChain.sol. A message's hash is that of the call that relays it,
     * which what carries it holds. */
    {"op", "RelayedMessage(bytes32)",
     "4641df4a962071e12719d8c8c8e5ac7fc4d97b927346a3d7a335b1f7517e133c", 2,
     SAYS(EVENT_BRIDGE_IN, "op-message:%xt1")},
    {"op", "TransactionDeposited(address,address,uint256,bytes)",
     "b3813568d9991fc951961fcb4c784893574240a28925604d09fc577c55bb7c32", 4,
     SAYS(EVENT_BRIDGE_OUT, "op-message:%pw0")},
    {"op", "TransactionEnqueued(address,address,uint256,bytes,uint256,uint256)",
     "4b388aecf9fa6cc92253704e5975a6129a4f735bdbd99567df4ed0094ee4ceb5", 4,
     SAYS(EVENT_BRIDGE_OUT, "op-message:%mw1")},
    {"op", "MessagePassed(uint256,address,address,uint256,uint256,bytes,bytes32)",
     "02a52367d10742d8032712c1bb8e0144ff1ec5ffda1ed7d70bb05a2744955054", 4,
     SAYS(EVENT_BRIDGE_OUT, "op-withdrawal:%xw3"), ALSO("op-message:%mw2")},
    {"op", "WithdrawalFinalized(bytes32,bool)",
     "db5c7652857aa163daadd670e116628fb42e869d8ac4251ef8971d9e5727df1b", 2,
     SAYS(EVENT_BRIDGE_IN, "op-withdrawal:%xt1")},
    {"op", "SentMessage(address,address,bytes,uint256,uint256)",
     "cb0f7ffd78f9aee47a248fae8db181db6eee833039123e026dcbff529522e52a", 2},
    {"op", "SentMessageExtension1(address,uint256)",
     "8ebb2ec2465bdb2a06a66fc37a0963af8a2a6a1479d81d56fdb8cbb98096d546", 2},
    {"op", "ETHBridgeInitiated(address,address,uint256,bytes)",
     "2849b43074093a05396b6f2a937dee8565b15a48a7b3d4bffb732a5017380af5", 3},
    {"op", "ETHBridgeFinalized(address,address,uint256,bytes)",
     "31b2166ff604fc5672ea5df08a78081d2bc6d746cadce880747f3643d819e83d", 3},
    {"op", "ERC20BridgeInitiated(address,address,address,address,uint256,bytes)",
     "7ff126db8024424bbfd9826e8ab82ff59136289ea440b04b39a0df1b03b9cabf", 4},
    {"op", "ERC20BridgeFinalized(address,address,address,address,uint256,bytes)",
     "d59c65b35445225835c83f50b6ede06a7be047d22e357073e250d9af537518cd", 4},
    /* LayerZero v2, OFTCore.sol: guid indexed */
    {"oft", "OFTSent(bytes32,uint32,address,uint256,uint256)",
     "85496b760a4b7f8d66384b9df21b381f5d1b1e79f229a47aaf4c232edc2fe59a", 3,
     SAYS(EVENT_BRIDGE_OUT, "lz2-guid:%xt1")},
    {"oft", "OFTReceived(bytes32,uint32,address,uint256)",
     "efed6d3500546b29533b128a29e3a94d70788727f0507505ac12eaf2e578fd9c", 3,
     SAYS(EVENT_BRIDGE_IN, "lz2-guid:%xt1")},
    {"lz2", "PacketSent(bytes,bytes,address)",
     "1ab700d4ced0c005b164c0f789fd09fcbb0156d4c2041b8a3bfbcd961cd1567f", 1},
    {"lz2", "PacketDelivered((uint32,bytes32,uint64),address)",
     "3cd5e48f9730b129dc7550f0fcea9c767b7be37837cd10e55eb35f734f4bca04", 1},
    {"lz1", "Packet(bytes)", "e9bded5f24a4168e4f3bf44e00298c993b22376aad8c58c7dda9718a54cbea82", 1},
    /* Celer cBridge, Bridge.sol: Relay names the id of Send last */
    {"celer", "Send(bytes32,address,address,address,uint256,uint64,uint64,uint32)",
     "89d8051e597ab4178a863a5190407b98abfeff406aa8db90c59af76612e58f01", 1,
     SAYS(EVENT_BRIDGE_OUT, "celer:%xw0")},
    {"celer", "Relay(bytes32,address,address,address,uint256,uint64,bytes32)",
     "79fa08de5149d912dce8e5e8da7a7c17ccdf23dd5d3bfe196802e6eb86347c7c", 1,
     SAYS(EVENT_BRIDGE_IN, "celer:%xw6")},
    /* Nomad Home.sol and Replica.sol: messageHash indexed */
    {"nomad", "Dispatch(bytes32,uint256,uint64,bytes32,bytes)",
     "9d4c83d2e57d7d381feb264b44a5015e7f9ef26340f4fc46b558a6dc16dd811a", 4,
     SAYS(EVENT_BRIDGE_OUT, "nomad:%xt1")},
    {"nomad", "Process(bytes32,bool,bytes)",
     "d42de95a9b26f1be134c8ecce389dc4fcfa18753d01661b7b361233569e8fe48", 4,
     SAYS(EVENT_BRIDGE_IN, "nomad:%xt1")},
    /* Ronin MainchainGatewayStorage.sol and its counterpart on Ronin: what leaves names the
     * other side's token, and so has six arguments */
    {"ronin", "TokenDeposited(uint256,address,address,address,uint32,uint256)",
     "72848855a2461abf0dd243723dfcc9163eec2ea5215469d101c0d9c9ef58940d", 4,
     SAYS(EVENT_BRIDGE_OUT, "ronin-deposit:%ut1")},
    {"ronin", "TokenDeposited(uint256,address,address,uint256)",
     "5187d31a2b0e5829ff24ba2d281e6506286752e3d938cbaa86d0202f509ffeb0", 4,
     SAYS(EVENT_BRIDGE_IN, "ronin-deposit:%ut1")},
    {"ronin", "TokenWithdrew(uint256,address,address,address,uint32,uint256)",
     "d56c021eb1befc5273569485864a514b5d80a6192ce1181668ac7c553212558e", 4,
     SAYS(EVENT_BRIDGE_OUT, "ronin-withdrawal:%ut1")},
    {"ronin", "TokenWithdrew(uint256,address,address,uint256)",
     "86174ea401f083b9bb1bdebca3068f27fb023c7091365ed2a8a02b8d75cf0e52", 4,
     SAYS(EVENT_BRIDGE_IN, "ronin-withdrawal:%ut1")},
    /* Ronin MainchainGatewayV2.sol, RoninGatewayV2.sol: Transfer.Receipt, of which id is the
     * first word */
    {"ronin",
     "DepositRequested(bytes32,(uint256,uint8,(address,address,uint256),(address,"
     "address,uint256),(uint8,uint256,uint256)))",
     "d7b25068d9dc8d00765254cfb7f5070f98d263c8d68931d937c7362fa738048b", 1,
     SAYS(EVENT_BRIDGE_OUT, "ronin-deposit:%uw1")},
    {"ronin",
     "Withdrew(bytes32,(uint256,uint8,(address,address,uint256),(address,address,"
     "uint256),(uint8,uint256,uint256)))",
     "21e88e956aa3e086f6388e899965cef814688f99ad8bb29b08d396571016372d", 1,
     SAYS(EVENT_BRIDGE_IN, "ronin-withdrawal:%uw1")},
    {"ronin",
     "Deposited(bytes32,(uint256,uint8,(address,address,uint256),(address,address,"
     "uint256),(uint8,uint256,uint256)))",
     "8d20d8121a34dded9035ff5b43e901c142824f7a22126392992c353c37890524", 1,
     SAYS(EVENT_BRIDGE_IN, "ronin-deposit:%uw1")},
    {"ronin",
     "WithdrawalRequested(bytes32,(uint256,uint8,(address,address,uint256),(address,"
     "address,uint256),(uint8,uint256,uint256)))",
     "f313c253a5be72c29d0deb2c8768a9543744ac03d6b3cafd50cc976f1c2632fc", 1,
     SAYS(EVENT_BRIDGE_OUT, "ronin-withdrawal:%uw1")},
    /* Gnosis Chain's bridges (xDai, AMB): the nonce of the request is the key of what completes
     * it */
    {"xdai", "UserRequestForAffirmation(address,uint256,bytes32)",
     "f6968e689b3d8c24f22c10c2a3256bb5ca483a474e11bac08423baa049e38ae8", 1,
     SAYS(EVENT_BRIDGE_OUT, "xdai:%xw2")},
    {"xdai", "UserRequestForSignature(address,uint256,bytes32)",
     "bcb4ebd89690a7455d6ec096a6bfc4a8a891ac741ffe4e678ea2614853248658", 1,
     SAYS(EVENT_BRIDGE_OUT, "xdai:%xw2")},
    {"xdai", "AffirmationCompleted(address,uint256,bytes32)",
     "6fc115a803b8703117d9a3956c5a15401cb42401f91630f015eb6b043fa76253", 1,
     SAYS(EVENT_BRIDGE_IN, "xdai:%xw2")},
    {"xdai", "RelayedMessage(address,uint256,bytes32)",
     "4ab7d581336d92edbea22636a613e8e76c99ac7f91137c1523db38dbfb3bf329", 1,
     SAYS(EVENT_BRIDGE_IN, "xdai:%xw2")},
    {"lifi",
     "LiFiTransferStarted((bytes32,string,string,address,address,address,uint256,"
     "uint256,bool,bool))",
     "cba69f43792f9f399347222505213b55af8e0b0b54b893085c2e27ecbe1644f1", 1},
    /* Tornado.sol: Deposit(commitment indexed, leafIndex, timestamp), Withdrawal(to,
     * nullifierHash, relayer indexed, fee) */
    {"tornado", "Deposit(bytes32,uint32,uint256)",
     "a945e51eec50ab98c161376f0db4cf2aeba3ec92755fe2fcd388bdbbb80ff196", 2,
     SAYS(EVENT_MIX_IN, NULL)},
    {"tornado", "Withdrawal(address,bytes32,address,uint256)",
     "e9e508bad6d4c3227e881ca19068f099da81b5164dd6d62b2eaf1e8bc6c34931", 2,
     SAYS(EVENT_MIX_OUT, "%aw0")},
    /* Aave V2 and V3: Borrow(reserve indexed, user, onBehalfOf indexed, amount, ..., referral
     * indexed), Repay(reserve indexed, user indexed, repayer indexed, amount, ...) */
    {"aave", "Borrow(address,address,address,uint256,uint256,uint256,uint16)",
     "c6a898309e823ee50bac64e45ca8adba6690e99e7841c45d754e2a38e9019d9b", 4,
     SAYS(EVENT_BORROW, "%at2 %uw1")},
    {"aave", "Borrow(address,address,address,uint256,uint8,uint256,uint16)",
     "b3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0", 4,
     SAYS(EVENT_BORROW, "%at2 %uw1")},
    {"aave", "Repay(address,address,address,uint256)",
     "4cdde6e09bb755c9a5589ebaec640bbfedff1362d4b255ebf8339782b9942faa", 4,
     SAYS(EVENT_REPAY, "%at3 %uw0")},
    {"aave", "Repay(address,address,address,uint256,bool)",
     "a534c8dbe71f871f9f3530e97a74601fea17b426cae02e1c5aee42c96c784051", 4,
     SAYS(EVENT_REPAY, "%at3 %uw0")},
    /* Compound V2 CToken.sol: Borrow(borrower, borrowAmount, ...), RepayBorrow(payer, borrower,
     * repayAmount, ...) */
    {"compound", "Borrow(address,uint256,uint256,uint256)",
     "13ed6866d4e1ee6da46f845c46d7e54120883d75c5ea9a2dacc1c4ca8984ab80", 1,
     SAYS(EVENT_BORROW, "%aw0 %uw1")},
    {"compound", "RepayBorrow(address,address,uint256,uint256,uint256)",
     "1a2a22cb034d26d1854bdc6666a5b91fe25efbbb5dcad3b0355478d6f5c362a1", 1,
     SAYS(EVENT_REPAY, "%aw0 %uw2")},
};

#define ROWS_N (sizeof(rows) / sizeof(rows[0]))
#define SLOTS 512 /* a power of two, above ROWS_N */
_Static_assert(ROWS_N < SLOTS / 2, "the table of topics is at most half full");

static struct {
    uint8_t topic[ROWS_N][WORD];
    uint16_t slot[SLOTS]; /* row + 1, by the first bytes of the topic; 0: free */
} table;

static size_t slot_of(const uint8_t *topic)
{
    return load_le32(topic) % SLOTS;
}

static void table_make(void)
{
    for (size_t i = 0; i < ROWS_N; i++) {
        size_t at;

        if (!hex_decode(rows[i].topic, (size_t)2 * WORD, table.topic[i], WORD))
            abort();
        for (at = slot_of(table.topic[i]); table.slot[at]; at = (at + 1) % SLOTS)
            ;
        table.slot[at] = (uint16_t)(i + 1);
    }
}

static void table_ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, table_make);
}

/* The row that a log fits by its topics; rows of one signature differ by their number. */
static const struct row *row_of(const struct evm_log *log)
{
    if (!log->topics_n || log->topics_n > EVM_TOPICS_MAX)
        return NULL;
    table_ready();
    for (size_t at = slot_of(log->topics[0]); table.slot[at]; at = (at + 1) % SLOTS) {
        size_t i = table.slot[at] - 1u;

        if (rows[i].topics_n == log->topics_n && !memcmp(table.topic[i], log->topics[0], WORD))
            return &rows[i];
    }
    return NULL;
}

/* What is being read: a log, its row, where it was said. */
struct reading {
    const struct chain *chain;
    const struct evm_log *log;
    const struct place *place; /* the row's that fits; NULL: the row has none */
};

static const uint8_t zero_key[EVM_KEY_BYTES];

static bool place_find(const struct chain *chain, const struct row *row, const struct evm_log *log,
                       const struct place **ret)
{
    *ret = NULL;
    for (const struct place *p = row->places; p; p++) {
        if (!p->any && !memcmp(p->key, zero_key, EVM_KEY_BYTES))
            return false; /* the end of the list */
        if (p->evm_id == chain->evm_id &&
            (p->any || !memcmp(p->key, log->address.p, EVM_KEY_BYTES))) {
            *ret = p;
            return true;
        }
    }
    return true;
}

/* The 32 bytes of a field; NULL: the log ends before. */
static const uint8_t *word_of(const struct evm_log *log, enum field f)
{
    size_t i;

    if (f >= T1 && f <= T3)
        return f < log->topics_n ? log->topics[f] : NULL;
    if (f < W0)
        return NULL;
    i = (size_t)(f - W0);
    return log->data.n / WORD > i ? log->data.p + i * WORD : NULL;
}

static bool account_of(const struct reading *r, enum field f, struct bytes *ret)
{
    const uint8_t *word;

    *ret = (struct bytes){zero_key, f == ZERO ? EVM_KEY_BYTES : 0};
    if (f == ZERO || f == NOBODY)
        return true;
    if (f == OWNER) {
        if (!r->place || !memcmp(r->place->owner, zero_key, EVM_KEY_BYTES))
            return false;
        *ret = (struct bytes){r->place->owner, EVM_KEY_BYTES};
        return true;
    }
    word = word_of(r->log, f);
    if (!word || memcmp(word, zero_key, ADDRESS_PAD) != 0)
        return false;
    *ret = (struct bytes){word + ADDRESS_PAD, EVM_KEY_BYTES};
    return true;
}

static bool amount_of(const struct evm_log *log, enum field f, struct u256 *ret)
{
    const uint8_t *word = word_of(log, f);

    return word && u256_from_be(word, WORD, ret);
}

/* Dynamic bytes: the word is an offset in the data, where a length stands before them. */
static bool string_of(const struct evm_log *log, enum field f, struct bytes *ret)
{
    struct u256 offset, n;
    size_t at;

    if (!amount_of(log, f, &offset) || u256_less(u256_of(log->data.n), offset))
        return false;
    at = (size_t)offset.w[0];
    if (log->data.n - at < WORD || !u256_from_be(log->data.p + at, WORD, &n) ||
        u256_less(u256_of(log->data.n - at - WORD), n))
        return false;
    *ret = (struct bytes){log->data.p + at + WORD, (size_t)n.w[0]};
    return true;
}

/* Text in a buffer of the struct; too long is false at the end. */
struct writing {
    char *p;
    size_t n;
    bool bad;
};

static void put(struct writing *w, const char *p, size_t n)
{
    if (n > EVM_SAID_TEXT_MAX - w->n) {
        w->bad = true;
        return;
    }
    memcpy(w->p + w->n, p, n);
    w->n += n;
}

static void put_hex(struct writing *w, const uint8_t *p, size_t n)
{
    static const char digit[] = "0123456789abcdef";

    put(w, "0x", 2);
    for (size_t i = 0; i < n; i++)
        put(w, (const char[]){digit[p[i] >> 4], digit[p[i] & 15]}, 2);
}

static void put_number(struct writing *w, struct u256 v)
{
    char text[U256_TEXT_MAX];

    put(w, text, u256_to_text(v, text));
}

static void put_domain(struct writing *w, uint64_t evm_id)
{
    for (size_t i = 0; i < sizeof(cctp_domains) / sizeof(cctp_domains[0]); i++)
        if (cctp_domains[i].evm_id == evm_id) {
            put_number(w, u256_of(cctp_domains[i].domain));
            return;
        }
    w->bad = true;
}

/* OptimismPortal.sol: abi.encodePacked(mint, value, gas limit, is creation, data) */
#define DEPOSIT_HEAD_BYTES (32 + 32 + 8 + 1)

/* relayMessage(uint256,address,address,uint256,uint256,bytes), and that of before Bedrock,
 * relayMessage(address,address,bytes,uint256): Hashing.sol hashes the whole call. */
static bool is_relaying(struct bytes call)
{
    static const uint8_t selectors[][4] = {{0xd7, 0x64, 0xad, 0x0b}, {0xcb, 0xd4, 0xec, 0xe9}};

    return call.n >= 4 && (!memcmp(call.p, selectors[0], 4) || !memcmp(call.p, selectors[1], 4));
}

static void put_message(const struct reading *r, struct writing *w, char how, enum field f)
{
    size_t head = how == 'p' ? DEPOSIT_HEAD_BYTES : 0;
    struct bytes call;
    struct hash32 hash;

    if (!string_of(r->log, f, &call) || call.n < head ||
        !is_relaying((struct bytes){call.p + head, call.n - head})) {
        w->bad = true;
        return;
    }
    hash = keccak256(call.p + head, call.n - head);
    put_hex(w, hash.b, sizeof(hash.b));
}

static void put_field(const struct reading *r, struct writing *w, char how, enum field f)
{
    const uint8_t *word = word_of(r->log, f);
    struct bytes account;
    struct u256 number;

    if (how == 'm' || how == 'p')
        put_message(r, w, how, f);
    else if (how == 'x' && word)
        put_hex(w, word, WORD);
    else if (how == 'a' && account_of(r, f, &account))
        put_hex(w, account.p, account.n);
    else if (how == 'u' && amount_of(r->log, f, &number))
        put_number(w, number);
    else
        w->bad = true;
}

static enum field field_named(const char *at)
{
    return (enum field)((at[0] == 't' ? 0 : W0) + (at[1] - '0'));
}

/* What a pattern writes. One that is a string alone borrows it from the log.
 *
 * text is written to through the struct. NOLINTNEXTLINE(readability-non-const-parameter) */
static bool pattern_write(const struct reading *r, const char *pattern, char *text,
                          struct bytes *ret)
{
    struct writing w = {.p = text};

    if (pattern[0] == '%' && pattern[1] == 's')
        return string_of(r->log, field_named(pattern + 2), ret) && ret->n <= EVENT_DATA_MAX;
    for (const char *p = pattern; *p; p++) {
        if (*p != '%') {
            put(&w, p, 1);
        } else if (p[1] == 'c') {
            put_number(&w, u256_of(r->chain->evm_id));
            p++;
        } else if (p[1] == 'd') {
            put_domain(&w, r->chain->evm_id);
            p++;
        } else {
            put_field(r, &w, p[1], field_named(p + 2));
            p += 3;
        }
    }
    *ret = (struct bytes){(const uint8_t *)text, w.n};
    return !w.bad;
}

/* A signed word without its sign. */
static struct u256 magnitude(const uint8_t *word, bool *ret_negative)
{
    struct u256 v;

    u256_from_be(word, WORD, &v);
    *ret_negative = word[0] >> 7;
    if (*ret_negative)
        u256_sub(u256_of(0), v, &v); /* modulo 2^256, as two's complement has it */
    return v;
}

static bool swap_signed(const struct evm_log *log, const struct row *row, struct u256 *in,
                        struct u256 *out)
{
    const uint8_t *first = word_of(log, row->swap_at), *second = word_of(log, row->swap_at + 1);
    bool first_negative, second_negative, first_in;
    struct u256 a, b;

    if (!second)
        return false;
    a = magnitude(first, &first_negative);
    b = magnitude(second, &second_negative);
    if (first_negative == second_negative || u256_zero(a) || u256_zero(b))
        return false; /* nothing was given for something */
    first_in = first_negative == (row->swap == SWAP_CALLER);
    *in = first_in ? a : b;
    *out = first_in ? b : a;
    return true;
}

static bool swap_four(const struct evm_log *log, enum field at, struct u256 *in, struct u256 *out)
{
    struct u256 v[4];

    for (unsigned i = 0; i < 4; i++)
        if (!amount_of(log, at + i, &v[i]))
            return false;
    if (!u256_zero(v[0]) == !u256_zero(v[1]) || !u256_zero(v[2]) == !u256_zero(v[3]) ||
        !u256_zero(v[0]) == !u256_zero(v[2]))
        return false; /* more than one asset came or went */
    *in = u256_zero(v[0]) ? v[1] : v[0];
    *out = u256_zero(v[2]) ? v[3] : v[2];
    return true;
}

static bool swap_amounts(const struct evm_log *log, const struct row *row, struct u256 *in,
                         struct u256 *out)
{
    switch (row->swap) {
    case SWAP_NONE:
        return false;
    case SWAP_FOUR:
        return swap_four(log, row->swap_at, in, out);
    case SWAP_POOL:
    case SWAP_CALLER:
        return swap_signed(log, row, in, out);
    case SWAP_PAIR:
        return amount_of(log, row->swap_at, in) && amount_of(log, row->swap_at + 1, out);
    case SWAP_CURVE:
        return amount_of(log, row->swap_at, in) && amount_of(log, row->swap_at + 2, out);
    }
    return false;
}

/* "<in> <out>"; of a swap of another form than one asset for one: no data. */
static struct bytes swap_write(const struct evm_log *log, const struct row *row, char *text)
{
    struct writing w = {.p = text};
    struct u256 in, out;

    if (!swap_amounts(log, row, &in, &out))
        return (struct bytes){NULL, 0};
    put_number(&w, in);
    put(&w, " ", 1);
    put_number(&w, out);
    return (struct bytes){(const uint8_t *)text, w.n};
}

static bool said_event(const struct reading *r, const struct row *row, const char *pattern,
                       struct evm_said *ret)
{
    char *text = ret->text[ret->events_n];
    struct fact_event *e = &ret->events[ret->events_n];

    *e = (struct fact_event){
        .kind = row->event, .log = r->log->index, .subject = r->log->address, .data = {NULL, 0}};
    if (pattern && !pattern_write(r, pattern, text, &e->data))
        return false;
    if (row->swap)
        e->data = swap_write(r->log, row, text);
    ret->events_n++;
    return true;
}

/* An amount of 0 moves nothing, but for an act without amount. */
static bool said_transfer(const struct reading *r, const struct row *row, struct evm_said *ret)
{
    struct fact_transfer t = {
        .kind = row->kind, .position = r->log->index, .asset = r->log->address};

    if (!account_of(r, row->from, &t.from) || !account_of(r, row->to, &t.to) ||
        (row->amount && !amount_of(r->log, row->amount, &t.amount)))
        return false;
    t.credit = t.amount;
    if (row->amount && u256_zero(t.amount))
        return true;
    ret->transfers[ret->transfers_n++] = t;
    return true;
}

void evm_log_read(const struct chain *chain, const struct evm_log *log, struct evm_said *ret)
{
    const struct row *row = log->address.n == EVM_KEY_BYTES ? row_of(log) : NULL;
    struct reading r = {.chain = chain, .log = log};

    ret->transfers_n = ret->events_n = 0;
    if (!row || !place_find(chain, row, log, &r.place))
        return;
    if ((row->kind && !said_transfer(&r, row, ret)) ||
        (row->event && !said_event(&r, row, row->pattern, ret)))
        ret->transfers_n = ret->events_n = 0;
    else if (row->also)
        said_event(&r, row, row->also, ret);
}

const char *evm_log_name(const struct evm_log *log, const char **ret_signature)
{
    const struct row *row = row_of(log);

    *ret_signature = row ? row->signature : NULL;
    return row ? row->protocol : NULL;
}

size_t evm_log_rows(void)
{
    return ROWS_N;
}

struct evm_log_row evm_log_row(size_t i)
{
    struct evm_log_row ret = {
        .protocol = rows[i].protocol, .signature = rows[i].signature, .topics_n = rows[i].topics_n};

    table_ready();
    memcpy(ret.topic, table.topic[i], WORD);
    return ret;
}
