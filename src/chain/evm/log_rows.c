/* One table: a row an event, found by its first topic in a hash table made once. */
#include "chain/evm/log_rows.h"

#include "base/text.h"

#include <pthread.h>
#include <stdlib.h>

/* Contracts of wrapped native coins that say Deposit and Withdrawal but no Transfer for them, as
 * WETH9 does. Arbitrum's WETH does say Transfer and needs no row. Chains of tests take any. */
static const struct log_place wrappers[] = {
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
static const struct log_place tethers[] = {
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

/* Arbitrum One's outbox: others of its kind say the same of chains of their own. */
static const struct log_place arbitrum_outbox[] = {
    /* 0x0b9857ae2d4a3dbe74ffe1d7df045bb7f96e4840 */
    {1,
     {0x0b, 0x98, 0x57, 0xae, 0x2d, 0x4a, 0x3d, 0xbe, 0x74, 0xff,
      0xe1, 0xd7, 0xdf, 0x04, 0x5b, 0xb7, 0xf9, 0x6e, 0x48, 0x40},
     {0},
     false},
    {0, {0}, {0}, false},
};

/* Its inbox, of whose messages its deposits are. */
static const struct log_place arbitrum_inbox[] = {
    /* 0x4dbd4fc535ac27206064b68ffcf827b0a60bab3f */
    {1,
     {0x4d, 0xbd, 0x4f, 0xc5, 0x35, 0xac, 0x27, 0x20, 0x60, 0x64,
      0xb6, 0x8f, 0xfc, 0xf8, 0x27, 0xb0, 0xa6, 0x0b, 0xab, 0x3f},
     {0},
     false},
    {0, {0}, {0}, false},
};

/* Its gateways for tokens: the usual one, that of tokens of their own there, DAI's and wstETH's.
 * Those of other chains say the same of inboxes of their own. */
static const struct log_place arbitrum_gateways[] = {
    /* 0xa3a7b6f88361f48403514059f1f16c8e78d60eec */
    {1,
     {0xa3, 0xa7, 0xb6, 0xf8, 0x83, 0x61, 0xf4, 0x84, 0x03, 0x51,
      0x40, 0x59, 0xf1, 0xf1, 0x6c, 0x8e, 0x78, 0xd6, 0x0e, 0xec},
     {0},
     false},
    /* 0xcee284f754e854890e311e3280b767f80797180d */
    {1,
     {0xce, 0xe2, 0x84, 0xf7, 0x54, 0xe8, 0x54, 0x89, 0x0e, 0x31,
      0x1e, 0x32, 0x80, 0xb7, 0x67, 0xf8, 0x07, 0x97, 0x18, 0x0d},
     {0},
     false},
    /* 0xd3b5b60020504bc3489d6949d545893982ba3011 */
    {1,
     {0xd3, 0xb5, 0xb6, 0x00, 0x20, 0x50, 0x4b, 0xc3, 0x48, 0x9d,
      0x69, 0x49, 0xd5, 0x45, 0x89, 0x39, 0x82, 0xba, 0x30, 0x11},
     {0},
     false},
    /* 0x0f25c1dc2a9922304f2eac71dca9b07e310e8e5a */
    {1,
     {0x0f, 0x25, 0xc1, 0xdc, 0x2a, 0x99, 0x22, 0x30, 0x4f, 0x2e,
      0xac, 0x71, 0xdc, 0xa9, 0xb0, 0x7e, 0x31, 0x0e, 0x8e, 0x5a},
     {0},
     false},
    {0, {0}, {0}, false},
};

#define AT(list) .places = (list)
#define MOVE(f, t, n) .kind = TRANSFER_LOG, .from = (f), .to = (t), .amount = (n)
#define ACT(act, account, n) .kind = (act), .from = (account), .amount = (n)
#define SAYS(what, how) .event = (what), .pattern = (how)
#define ALSO(how) .also = (how)
#define SWAP(form, first) .event = EVENT_SWAP, .swap = (form), .swap_at = (first)

static const struct log_row rows[] = {
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
    /* THORChain_RouterV6.sol: vault indexed, target, fromAsset, fromAmount, toAsset, recipient,
     * amountOutMin, memo, ... */
    {"thorchain",
     "TransferOutAndCallV2(address,address,address,uint256,address,address,uint256,string,bytes,"
     "string)",
     "de470d7c2e9c3282cad476e5ed6f05f74d68839c406573048f2dee22a8c452c7", 2,
     SAYS(EVENT_MEMO, "%sw6")},
    /* Chainflip Vault.sol: dstChain, dstAddress, ...; what is paid out says nothing. Since 2024
     * with cfParameters, before without */
    {"chainflip", "SwapNative(uint32,bytes,uint32,uint256,address,bytes)",
     "6757034e841d88190e95fa8a7570ce6cb721257474400c3282ec536eab810540", 2,
     SAYS(EVENT_BRIDGE_OUT, "~chainflip:%uw0:%zw1")},
    {"chainflip", "SwapToken(uint32,bytes,uint32,address,uint256,address,bytes)",
     "834b524d9f8ccbd31b00b671c896697b96eb4398c0f56e9386a21f5df61e3ce3", 2,
     SAYS(EVENT_BRIDGE_OUT, "~chainflip:%uw0:%zw1")},
    {"chainflip", "XCallNative(uint32,bytes,uint32,uint256,address,bytes,uint256,bytes)",
     "47705cc9a85c5f679e1f4e8e7fbd459b8267bc61fa3111ced6fe84f71d7d889e", 2,
     SAYS(EVENT_BRIDGE_OUT, "~chainflip:%uw0:%zw1")},
    {"chainflip", "XCallToken(uint32,bytes,uint32,address,uint256,address,bytes,uint256,bytes)",
     "030b52f4ea12be896482bc46f95fb31f1ac9457bc1a2a206981fbd18a69cc6e3", 2,
     SAYS(EVENT_BRIDGE_OUT, "~chainflip:%uw0:%zw1")},
    {"chainflip", "SwapNative(uint32,bytes,uint32,uint256,address)",
     "67d3c6af14d717c43615d41bbbad664365b5b546b58201d2a74661e3714c05fc", 2,
     SAYS(EVENT_BRIDGE_OUT, "~chainflip:%uw0:%zw1")},
    {"chainflip", "SwapToken(uint32,bytes,uint32,address,uint256,address)",
     "eaeb01ba86085c934b230dfddfa29ffd73bef2f4dcf60326f0f732dc85d40203", 2,
     SAYS(EVENT_BRIDGE_OUT, "~chainflip:%uw0:%zw1")},
    /* CCTP v1 TokenMessenger.sol and MessageTransmitter.sol. MessageReceived: caller indexed,
     * source domain, nonce indexed, ... */
    {"cctp", "DepositForBurn(uint64,address,uint256,address,bytes32,uint32,bytes32,bytes32)",
     "2fa9ca894982930190727e75500a97d8dc500233a5065e0f3126c48fbe0343c0", 4,
     SAYS(EVENT_BRIDGE_OUT, "cctp:%d:%ut1")},
    {"cctp", "MessageReceived(address,uint32,uint64,bytes32,bytes)",
     "58200b4c34ae05ee816d710053fff3fb75af4395915d3d2a771b24aa10e3cc5d", 3,
     SAYS(EVENT_BRIDGE_IN, "cctp:%uw0:%ut2")},
    /* CCTP v2 TokenMessengerV2.sol: burnToken indexed, amount, depositor indexed, mintRecipient,
     * domain, ...; MessageTransmitterV2.sol: sourceDomain, sender, messageBody. The nonce is given
     * off the chain, so the two sides only agree in what BurnMessageV2.sol has in its body:
     * version 4 bytes, burnToken, mintRecipient, amount, messageSender, ... 32 each. */
    {"cctp2",
     "DepositForBurn(address,uint256,address,bytes32,uint32,bytes32,bytes32,uint256,uint32,"
     "bytes)",
     "0c8c1cbdc5190613ebd485511d4e2812cfa45eecb79d845893331fedad5130a5", 4,
     SAYS(EVENT_BRIDGE_OUT, "~cctp2:%d:%uw2:%xw1:%uw0:%at2")},
    {"cctp2", "MessageReceived(address,uint32,bytes32,bytes32,uint32,bytes)",
     "ff48c13eda96b1cceacc6b9edeedc9e9db9d6226afbc30146b720c19d3addb1c", 4,
     SAYS(EVENT_BRIDGE_IN, "~cctp2:%uw0:%d:%xw2+36;:%uw2+68;:%kw2+100;")},
    /* Wormhole Implementation.sol (sender indexed, sequence, ...) and Bridge.sol: an emitter's
     * sequence numbers are its own */
    {"wormhole", "LogMessagePublished(address,uint64,uint32,bytes,uint8)",
     "6eb224fb001ed210e379b335e35efe88672a8ce935d981a6896b27ffdf52a3b2", 2,
     SAYS(EVENT_BRIDGE_OUT, "wormhole:%w:%xt1:%uw0")},
    {"wormhole", "TransferRedeemed(uint16,bytes32,uint64)",
     "caf280c8cfeba144da67230d9b009c8f868a75bac9a528fa0474be1ba317c169", 4,
     SAYS(EVENT_BRIDGE_IN, "wormhole:%ut1:%xt2:%ut3")},
    /* deBridge DlnSource.sol, DlnDestination.sol: order, orderId, ... */
    {"dln",
     "CreatedOrder((uint64,bytes,uint256,bytes,uint256,uint256,bytes,uint256,bytes,bytes,bytes,"
     "bytes,bytes,bytes),bytes32,bytes,uint256,uint256,uint32,bytes)",
     "fc8703fd57380f9dd234a89dce51333782d49c5902f307b02f03e014d18fe471", 1,
     SAYS(EVENT_BRIDGE_OUT, "dln:%xw1")},
    {"dln",
     "FulfilledOrder((uint64,bytes,uint256,bytes,uint256,uint256,bytes,uint256,bytes,bytes,bytes,"
     "bytes,bytes,bytes),bytes32,address,address)",
     "d281ee92bab1446041582480d2c0a9dc91f855386bb27ea295faac1e992f7fe4", 1,
     SAYS(EVENT_BRIDGE_IN, "dln:%xw1")},
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
    /* Scroll, L1MessageQueue.sol (..., value, queueIndex, gasLimit, data) and L2MessageQueue.sol
     * (index, messageHash); its messengers say RelayedMessage, as those of the OP stack do */
    {"scroll", "QueueTransaction(address,address,uint256,uint64,uint256,bytes)",
     "69cfcb8e6d4192b8aba9902243912587f37e550d75c1fa801491fce26717f37e", 3,
     SAYS(EVENT_BRIDGE_OUT, "op-message:%mw3")},
    {"scroll", "AppendMessage(uint256,bytes32)",
     "faa617c2d8ce12c62637dbce76efcc18dae60574aa95709bdcedce7e76071693", 1,
     SAYS(EVENT_BRIDGE_OUT, "op-message:%xw1")},
    /* Arbitrum, ArbSys.sol (position indexed) and Outbox.sol (transactionIndex): what goes to the
     * chain below. The other way, Inbox.sol (messageNum indexed) and L1ArbitrumGateway.sol
     * (sequenceNumber indexed): what is deposited comes by transactions that name the number, or
     * the one before that does (facts.c). */
    {"arbitrum", "L2ToL1Tx(address,address,uint256,uint256,uint256,uint256,uint256,uint256,bytes)",
     "3e7aafa77dbf186b7fd488006beff893744caa3c4f6f299e8a709fa2087374fc", 4,
     SAYS(EVENT_BRIDGE_OUT, "arb-out:%c:%ut3")},
    {"arbitrum", "OutBoxTransactionExecuted(address,address,uint256,uint256)",
     "20af7f3bbfe38132b8900ae295cd9c8d1914be7052d061a511f3f728dab18964", 4, AT(arbitrum_outbox),
     SAYS(EVENT_BRIDGE_IN, "arb-out:42161:%uw0")},
    {"arbitrum", "InboxMessageDelivered(uint256,bytes)",
     "ff64905f73a67fb594e0f940a8075a860db489ad991e032f48c81123eb52d60b", 2, AT(arbitrum_inbox),
     SAYS(EVENT_BRIDGE_OUT, "arb-in:42161:%ut1")},
    {"arbitrum", "DepositInitiated(address,address,address,uint256,uint256)",
     "b8910b9960c443aac3240b98585384e3a6f109fbf6969e264c3f183d69aba7e1", 4, AT(arbitrum_gateways),
     SAYS(EVENT_BRIDGE_OUT, "arb-token:42161:%ut3")},
    /* Polygon PoS, StateSender.sol and the StateReceiver of bor: what comes from Ethereum. What
     * goes there is proven by its receipt and says no number. */
    {"polygon", "StateSynced(uint256,address,bytes)",
     "103fed9db65eac19c4d870f49ab7520fe03b99f1838e5996caf47e9e43308392", 3,
     SAYS(EVENT_BRIDGE_OUT, "polygon-state:%ut1")},
    {"polygon", "StateCommitted(uint256,bool)",
     "5a22725590b0a51c923940223f7458512164b1113359a735e86e7f27f44791ee", 2,
     SAYS(EVENT_BRIDGE_IN, "polygon-state:%ut1")},
    /* LayerZero v2, OFTCore.sol: guid indexed */
    {"oft", "OFTSent(bytes32,uint32,address,uint256,uint256)",
     "85496b760a4b7f8d66384b9df21b381f5d1b1e79f229a47aaf4c232edc2fe59a", 3,
     SAYS(EVENT_BRIDGE_OUT, "lz2-guid:%xt1")},
    {"oft", "OFTReceived(bytes32,uint32,address,uint256)",
     "efed6d3500546b29533b128a29e3a94d70788727f0507505ac12eaf2e578fd9c", 3,
     SAYS(EVENT_BRIDGE_IN, "lz2-guid:%xt1")},
    /* Stargate v2, Bus.sol: a ride has a number, from which on who drives takes so many, in one
     * message; what comes of it says OFTReceived, once a passenger. Passenger (BusCodec.sol): asset
     * 2 bytes, receiver 32, amount 8, whether native coin is wanted 1 */
    {"stargate", "BusRode(uint32,uint72,uint80,bytes)",
     "15955c5a4cc61b8fbb05301bce47fd31c0e6f935e1ab97fdac9b134c887bb074", 1,
     SAYS(EVENT_BRIDGE_OUT, "stargate-ride:%c:%uw0:%uw1:%xw3+2;")},
    {"stargate", "BusDriven(uint32,uint72,uint8,bytes32)",
     "1623f9ea59bd6f214c9571a892da012fc23534aa5906bef4ae8c5d15ee7d2d6e", 1,
     SAYS(EVENT_BRIDGE_IN, "stargate-bus:%c:%uw0:%uw1"), ALSO("stargate-driven:%uw2:%xw3")},
    {"lz2", "PacketSent(bytes,bytes,address)",
     "1ab700d4ced0c005b164c0f789fd09fcbb0156d4c2041b8a3bfbcd961cd1567f", 1},
    {"lz2", "PacketDelivered((uint32,bytes32,uint64),address)",
     "3cd5e48f9730b129dc7550f0fcea9c767b7be37837cd10e55eb35f734f4bca04", 1},
    /* LayerZero v1, UltraLightNodeV2.sol: nonce 8 bytes, source chain 2, sender 20, chain 2,
     * receiver 20, payload; a pair of sender and receiver counts for itself */
    {"lz1", "Packet(bytes)", "e9bded5f24a4168e4f3bf44e00298c993b22376aad8c58c7dda9718a54cbea82", 1,
     SAYS(EVENT_BRIDGE_OUT, "lz1:%uw0+8/2;:%aw0+10/20;:%aw0+32/20;:%uw0+0/8;")},
    {"lz1", "PacketReceived(uint16,bytes,address,uint64,bytes32)",
     "2bd2d8a84b748439fd50d79a49502b4eb5faa25b864da6a9ab5c150704be9a4d", 3,
     SAYS(EVENT_BRIDGE_IN, "lz1:%ut1:%aw0+0/20;:%at2:%uw1")},
    /* Celer cBridge, Bridge.sol: Relay names the id of Send last */
    {"celer", "Send(bytes32,address,address,address,uint256,uint64,uint64,uint32)",
     "89d8051e597ab4178a863a5190407b98abfeff406aa8db90c59af76612e58f01", 1,
     SAYS(EVENT_BRIDGE_OUT, "celer:%xw0")},
    {"celer", "Relay(bytes32,address,address,address,uint256,uint64,bytes32)",
     "79fa08de5149d912dce8e5e8da7a7c17ccdf23dd5d3bfe196802e6eb86347c7c", 1,
     SAYS(EVENT_BRIDGE_IN, "celer:%xw6")},
    /* Celer's pegged tokens: OriginalTokenVault.sol and PeggedTokenBridge.sol, each in two
     * versions. What comes names the id of what left, refId, and so does what comes back. */
    {"celer", "Deposited(bytes32,address,address,uint256,uint64,address)",
     "15d2eeefbe4963b5b2178f239ddcc730dda55f1c23c22efb79ded0eb854ac789", 1,
     SAYS(EVENT_BRIDGE_OUT, "celer-peg:%xw0")},
    {"celer", "Deposited(bytes32,address,address,uint256,uint64,address,uint64)",
     "28d226819e371600e26624ebc4a9a3947117ee2760209f816c789d3a99bf481b", 1,
     SAYS(EVENT_BRIDGE_OUT, "celer-peg:%xw0")},
    {"celer", "Burn(bytes32,address,address,uint256,address)",
     "75f1bf55bb1de41b63a775dc7d4500f01114ee62b688a6b11d34f4692c1f3d43", 1,
     SAYS(EVENT_BRIDGE_OUT, "celer-peg:%xw0")},
    {"celer", "Burn(bytes32,address,address,uint256,uint64,address,uint64)",
     "6298d7b58f235730b3b399dc5c282f15dae8b022e5fbbf89cee21fd83c8810a3", 1,
     SAYS(EVENT_BRIDGE_OUT, "celer-peg:%xw0")},
    {"celer", "Mint(bytes32,address,address,uint256,uint64,bytes32,address)",
     "5bc84ecccfced5bb04bfc7f3efcdbe7f5cd21949ef146811b4d1967fe41f777a", 1,
     SAYS(EVENT_BRIDGE_IN, "celer-peg:%xw5")},
    {"celer", "Withdrawn(bytes32,address,address,uint256,uint64,bytes32,address)",
     "296a629c5265cb4e5319803d016902eb70a9079b89655fe2b7737821ed88beeb", 1,
     SAYS(EVENT_BRIDGE_IN, "celer-peg:%xw5")},
    /* Synapse, SynapseBridge.sol: kappa (indexed) of what comes is the hash of the hash, as text,
     * of the transaction in which it left; and SynapseBridgeAdapter.sol, whose messages' ids are
     * the kappa of what they bring */
    {"synapse", "TokenDeposit(address,uint256,address,uint256)",
     "da5273705dbef4bf1b902a131c2eac086b7e1476a8ab0cb4da08af1fe1bd8e3b", 2,
     SAYS(EVENT_BRIDGE_OUT, "synapse:%g")},
    {"synapse", "TokenDepositAndSwap(address,uint256,address,uint256,uint8,uint8,uint256,uint256)",
     "79c15604b92ef54d3f61f0c40caab8857927ca3d5092367163b4562c1699eb5f", 2,
     SAYS(EVENT_BRIDGE_OUT, "synapse:%g")},
    {"synapse", "TokenRedeem(address,uint256,address,uint256)",
     "dc5bad4651c5fbe9977a696aadc65996c468cde1448dd468ec0d83bf61c4b57c", 2,
     SAYS(EVENT_BRIDGE_OUT, "synapse:%g")},
    {"synapse", "TokenRedeemAndSwap(address,uint256,address,uint256,uint8,uint8,uint256,uint256)",
     "91f25e9be0134ec851830e0e76dc71e06f9dade75a9b84e9524071dbbc319425", 2,
     SAYS(EVENT_BRIDGE_OUT, "synapse:%g")},
    {"synapse", "TokenRedeemAndRemove(address,uint256,address,uint256,uint8,uint256,uint256)",
     "9a7024cde1920aa50cdde09ca396229e8c4d530d5cfdc6233590def70a94408c", 2,
     SAYS(EVENT_BRIDGE_OUT, "synapse:%g")},
    {"synapse", "TokenRedeemV2(bytes32,uint256,address,uint256)",
     "8e57e8c5fea426159af69d47eda6c5052c7605c9f70967cf749d4aa55b70b499", 2,
     SAYS(EVENT_BRIDGE_OUT, "synapse:%g")},
    {"synapse", "TokenSent(uint32,address,address,uint256,bytes32)",
     "e24e6284bb4ec2f5820189573deff7603191eb850be5a872ac3b72d477cdc58d", 4,
     SAYS(EVENT_BRIDGE_OUT, "synapse:%xw1")},
    {"synapse", "TokenWithdraw(address,address,uint256,uint256,bytes32)",
     "8b0afdc777af6946e53045a4a75212769075d30455a212ac51c9b16f9c5c9b26", 3,
     SAYS(EVENT_BRIDGE_IN, "synapse:%xt2")},
    {"synapse",
     "TokenWithdrawAndRemove(address,address,uint256,uint256,uint8,uint256,uint256,bool,bytes32)",
     "c1a608d0f8122d014d03cc915a91d98cef4ebaf31ea3552320430cba05211b6d", 3,
     SAYS(EVENT_BRIDGE_IN, "synapse:%xt2")},
    {"synapse", "TokenMint(address,address,uint256,uint256,bytes32)",
     "bf14b9fde87f6e1c29a7e0787ad1d0d64b4648d8ae63da21524d9fd0f283dd38", 3,
     SAYS(EVENT_BRIDGE_IN, "synapse:%xt2")},
    {"synapse",
     "TokenMintAndSwap(address,address,uint256,uint256,uint8,uint8,uint256,uint256,bool,bytes32)",
     "4f56ec39e98539920503fd54ee56ae0cbebe9eb15aa778f18de67701eeae7c65", 3,
     SAYS(EVENT_BRIDGE_IN, "synapse:%xt2")},
    /* the same project's FastBridgeV2.sol: transactionId indexed */
    {"synapse",
     "BridgeRequested(bytes32,address,bytes,uint32,address,address,uint256,uint256,bool)",
     "120ea0364f36cdac7983bcfdd55270ca09d7f9b314a2ebc425a3b01ab1d6403a", 3,
     SAYS(EVENT_BRIDGE_OUT, "synapse-rfq:%xt1")},
    {"synapse",
     "BridgeRelayed(bytes32,address,address,uint32,address,address,uint256,uint256,uint256)",
     "f8ae392d784b1ea5e8881bfa586d81abf07ef4f1e2fc75f7fe51c90f05199a5c", 4,
     SAYS(EVENT_BRIDGE_IN, "synapse-rfq:%xt1")},
    /* Mayan SwiftSource.sol, SwiftDest.sol and, before, MayanSwift.sol: an order's hash; what was
     * not delivered comes back to who sent it */
    {"mayan", "OrderCreated(bytes32)",
     "918554b6bd6e2895ce6553de5de0e1a69db5289aa0e4fe193a0dcd1f14347477", 1,
     SAYS(EVENT_BRIDGE_OUT, "mayan-swift:%xw0")},
    {"mayan", "OrderFulfilled(bytes32,uint64,uint256)",
     "6ec9b1b5a9f54d929394f18dac4ba1b1cc79823f2266c2d09cab8a3b4700b40b", 1,
     SAYS(EVENT_BRIDGE_IN, "mayan-swift:%xw0")},
    {"mayan", "OrderRefunded(bytes32,uint256)",
     "bff5487f6422ba4acbcde6bd5e0ccb83124c240b9deb6a72e7b5eb8c7b71d6fc", 1,
     SAYS(EVENT_BRIDGE_IN, "mayan-swift:%xw0")},
    /* Allbridge Core, Bridge.sol: amount, recipient, destinationChainId, receiveToken, nonce,
     * messenger; amount, recipient, nonce, messenger, message. Who sends draws the nonce, of 256
     * bits. */
    {"allbridge", "TokensSent(uint256,bytes32,uint256,bytes32,uint256,uint8)",
     "9cd6008e8d4ebd34fd9d022278fec7f95d133780ecc1a0dea459fae3e9675390", 1,
     SAYS(EVENT_BRIDGE_OUT, "allbridge:%xw1:%uw4")},
    {"allbridge", "TokensReceived(uint256,bytes32,uint256,uint8,bytes32)",
     "e9d840d27ab4032a839c20760fb995af8e3ad1980b9428980ca1c7e072acd87a", 1,
     SAYS(EVENT_BRIDGE_IN, "allbridge:%xw1:%uw2")},
    /* Connext, BridgeFacet.sol: transferId indexed */
    {"connext",
     "XCalled(bytes32,uint256,bytes32,(uint32,uint32,uint32,address,address,bool,bytes,uint256,"
     "address,uint256,uint256,uint256,bytes32),address,uint256,address,bytes)",
     "ed8e6ba697dd65259e5ce532ac08ff06d1a3607bcec58f8f0937fe36a5666c54", 4,
     SAYS(EVENT_BRIDGE_OUT, "connext:%xt1")},
    {"connext",
     "Executed(bytes32,address,address,((uint32,uint32,uint32,address,address,bool,bytes,uint256,"
     "address,uint256,uint256,uint256,bytes32),address[],bytes[],address,bytes),address,uint256,"
     "address)",
     "0b07a8b0b083f8976b3c832b720632f49cb8ba1e7a99e1b145f51a47d3391cb7", 4,
     SAYS(EVENT_BRIDGE_IN, "connext:%xt1")},
    /* Hyperlane, Mailbox.sol: messageId indexed; it carries whatever it is given */
    {"hyperlane", "DispatchId(bytes32)",
     "788dbc1b7152732178210e7f4d9d010ef016f9eafbe66786bd7169f56e0c353a", 2,
     SAYS(EVENT_BRIDGE_OUT, "hyperlane:%xt1")},
    {"hyperlane", "ProcessId(bytes32)",
     "1cae38cdd3d3919489272725a5ae62a4f48b2989b0dae843d3c279fee18073a9", 2,
     SAYS(EVENT_BRIDGE_IN, "hyperlane:%xt1")},
    /* Relay, RelayDepository.sol: from, amount, id; from, token, amount, id. A solver pays from
     * its own, and no event says for which id. */
    {"relay", "RelayNativeDeposit(address,uint256,bytes32)",
     "8032066556caf3967d8fec4ad22a2d9e1e9576556b2903a0fcd5b1fd201e3477", 1,
     SAYS(EVENT_BRIDGE_OUT, "~relay:%xw2")},
    {"relay", "RelayErc20Deposit(address,address,uint256,bytes32)",
     "49fed1d0b752ce30eee63c7a81133f3363b532fec5d4d7dd1ccfd005de4555e1", 1,
     SAYS(EVENT_BRIDGE_OUT, "~relay:%xw3")},
    /* Multichain, AnyswapV6Router.sol: what comes names the transaction in which it left; and
     * MultichainV7Router.sol: both name a swap */
    {"multichain", "LogAnySwapOut(address,address,address,uint256,uint256,uint256)",
     "97116cf6cd4f6412bb47914d6db18da9e16ab2142f543b86e207c24fbd16b23a", 4,
     SAYS(EVENT_BRIDGE_OUT, "multichain:%h")},
    {"multichain", "LogAnySwapOut(address,address,string,uint256,uint256,uint256)",
     "409e0ad946b19f77602d6cf11d59e1796ddaa4828159a0b4fb7fa2ff6b161b79", 3,
     SAYS(EVENT_BRIDGE_OUT, "multichain:%h")},
    {"multichain", "LogAnySwapIn(bytes32,address,address,uint256,uint256,uint256)",
     "aac9ce45fe3adf5143598c4f18a369591a20a3384aedaf1b525d29127e1fcd55", 4,
     SAYS(EVENT_BRIDGE_IN, "multichain:%xt1")},
    {"multichain", "LogAnySwapOut(bytes32,address,address,string,uint256,uint256)",
     "0d969ae475ff6fcaf0dcfa760d4d8607244e8d95e9bf426f8d5d69f9a3e525af", 4,
     SAYS(EVENT_BRIDGE_OUT, "multichain:%xt1")},
    {"multichain", "LogAnySwapIn(string,bytes32,address,address,uint256,uint256)",
     "164f647883b52834be7a5219336e455a23a358be27519d0442fc0ee5e1b1ce2e", 4,
     SAYS(EVENT_BRIDGE_IN, "multichain:%xt1")},
    /* Poly, EthCrossChainManager.sol: txId; fromChainID, toContract, crossChainTxHash, and the
     * txId again */
    {"poly", "CrossChainEvent(address,bytes,address,uint64,bytes,bytes)",
     "6ad3bf15c1988bc04bc153490cab16db8efb9a3990215bf1c64ea6e28be88483", 2,
     SAYS(EVENT_BRIDGE_OUT, "poly:%y:%uw0+0;")},
    {"poly", "VerifyHeaderAndExecuteTxEvent(uint64,bytes,bytes,bytes)",
     "8a4a2663ce60ce4955c595da2894de0415240f1ace024cfbff85f513b656bdae", 1,
     SAYS(EVENT_BRIDGE_IN, "poly:%uw0:%uw3+0;")},
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
    {"amb", "UserRequestForAffirmation(bytes32,bytes)",
     "482515ce3d9494a37ce83f18b72b363449458435fafdd7a53ddea7460fe01b58", 2,
     SAYS(EVENT_BRIDGE_OUT, "amb:%xt1")},
    {"amb", "UserRequestForSignature(bytes32,bytes)",
     "520d2afde79cbd5db58755ac9480f81bc658e5c517fcae7365a3d832590b0183", 2,
     SAYS(EVENT_BRIDGE_OUT, "amb:%xt1")},
    {"amb", "AffirmationCompleted(address,address,bytes32,bool)",
     "e194ef610f9150a2db4110b3db5116fd623175dca3528d7ae7046a1042f84fe7", 4,
     SAYS(EVENT_BRIDGE_IN, "amb:%xt3")},
    {"amb", "RelayedMessage(address,address,bytes32,bool)",
     "27333edb8bdcd40a0ae944fb121b5e2d62ea782683946654a0f5e607a908d578", 4,
     SAYS(EVENT_BRIDGE_IN, "amb:%xt3")},
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
    uint8_t topic[ROWS_N][EVM_WORD];
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

        if (!hex_decode(rows[i].topic, (size_t)2 * EVM_WORD, table.topic[i], EVM_WORD))
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

const struct log_row *log_row_of(const struct evm_log *log)
{
    if (!log->topics_n || log->topics_n > EVM_TOPICS_MAX)
        return NULL;
    table_ready();
    for (size_t at = slot_of(log->topics[0]); table.slot[at]; at = (at + 1) % SLOTS) {
        size_t i = table.slot[at] - 1u;

        if (rows[i].topics_n == log->topics_n && !memcmp(table.topic[i], log->topics[0], EVM_WORD))
            return &rows[i];
    }
    return NULL;
}

const char *evm_log_name(const struct evm_log *log, const char **ret_signature)
{
    const struct log_row *row = log_row_of(log);

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
    memcpy(ret.topic, table.topic[i], EVM_WORD);
    return ret;
}
