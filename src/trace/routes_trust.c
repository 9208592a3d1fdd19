/* Contracts whose word is taken, and pools known by their address.
 *
 * A factory makes a pool at keccak256(0xff factory salt hash-of-code) (EIP-1014), so whoever knows
 * the tokens can tell a pool of Uniswap's kind from a contract that only says what one would say.
 *
 * Sources: the projects' lists of deployments: Uniswap v2-core, v3-core and v4-core, SushiSwap,
 * Balancer, Curve, THORChain (thornode, bifrost, chain/evm/deployment), Maya, Circle CCTP, Across,
 * Hop, OP stack (superchain registry), Scroll, Arbitrum (sdk, networks), Polygon (static, mainnet
 * v1), Gnosis (tokenbridge), Wormhole (sdk, constants), deBridge, LayerZero v1, Stargate v1 and v2,
 * USDT0, Ronin, Nomad, Poly, Celer (cbridge-docs, contract addresses), Synapse (sanguine), Mayan
 * Swift, Allbridge Core, Connext, Hyperlane (hyperlane-registry), Relay. Most of the first are seen
 * at work in the data that the tests read. */
#include "trace/routes_parts.h"

#include "base/keccak.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>

#define ADDRESS_BYTES 20
#define WORD 32
#define ANY_CHAIN 0u

static const struct {
    uint64_t evm_id; /* ANY_CHAIN: at the same address on each */
    const char *key, *name;
} known[] = {
    {1, "d37bbe5744d730a1d98d8dc97c42f0ca46ad7146", "THORChain router"},
    {1, "3624525075b88b24ecc29ce226b0cec1ffcb6976", "THORChain router"},
    {1, "c145990e84155416144c532e31f89b840ca8c2ce", "THORChain router"},
    {1, "42a5ed456650a09dc10ebc6361a7480fdd61f27b", "THORChain router"},
    {1, "00dc6100103bc402d490aee3f9a5560cbd91f1d4", "THORChain router"},
    {56, "b30ec53f98ff5947ede720d32ac2da7e52a5f56b", "THORChain router"},
    {56, "00dc6100103bc402d490aee3f9a5560cbd91f1d4", "THORChain router"},
    {8453, "68208d99746b805a1ae41421950a47b711e35681", "THORChain router"},
    {8453, "00dc6100103bc402d490aee3f9a5560cbd91f1d4", "THORChain router"},
    {43114, "8f66c4ae756bebc49ec8b81966dd8bba9f127549", "THORChain router"},
    {43114, "00dc6100103bc402d490aee3f9a5560cbd91f1d4", "THORChain router"},
    {1, "e3985e6b61b814f7cdb188766562ba71b446b46d", "Maya router"},
    {42161, "700e97ef07219440487840dc472e7120a7ff11f4", "Maya router"},
    {1, "bd3fa81b58ba92a82136038b25adec7066af3155", "CCTP TokenMessenger"},
    {1, "0a992d191deec32afe36203ad87d7d289a738f81", "CCTP MessageTransmitter"},
    {43114, "6b25532e1060ce10cc3b0a99e5683b91bfde6982", "CCTP TokenMessenger"},
    {43114, "8186359af5f57fbb40c6b14a588d2a59c0c29880", "CCTP MessageTransmitter"},
    {10, "2b4069517957735be00cee0fadae88a26365528f", "CCTP TokenMessenger"},
    {10, "4d41f22c5a0e5c74090899e5a8fb597a8842b3e8", "CCTP MessageTransmitter"},
    {42161, "19330d10d9cc8751218eaf51e8885d058642e08a", "CCTP TokenMessenger"},
    {42161, "c30362313fbba5cf9163f0bb16a0e01f01a896ca", "CCTP MessageTransmitter"},
    {8453, "1682ae6375c4e4a97e4b583bc394c861a46d8962", "CCTP TokenMessenger"},
    {8453, "ad09780d193884d503182ad4588450c416d6f9d4", "CCTP MessageTransmitter"},
    {137, "9daf8c91aefae50b9c0e69629d3f6ca40ca3b3fe", "CCTP TokenMessenger"},
    {137, "f3be9355363857f3e001be68856a2f96b4c39ba9", "CCTP MessageTransmitter"},
    {1, "5c7bcd6e7de5423a257d81b442095a1a6ced35c5", "Across SpokePool"},
    {10, "6f26bf09b1c792e3228e5467807a900a503c0281", "Across SpokePool"},
    {56, "4e8e101924ede233c13e2d8622dc8aed2872d505", "Across SpokePool"},
    {137, "9295ee1d8c5b022be115a2ad3c30c72e34e7f096", "Across SpokePool"},
    {8453, "09aea4b2242abc8bb4bb78d537a67a245a7bec64", "Across SpokePool"},
    {42161, "e35e9842fceaca96570b734083f4a58e8f7c5f2a", "Across SpokePool"},
    {534352, "3bad7ad0728f9917d1bf08af5782dcbd516cdd96", "Across SpokePool"},
    {1, "b8901acb165ed027e32754e0ffe830802919727f", "Hop bridge"},
    {1, "3666f603cc164936c1b87e207f36beba4ac5f18a", "Hop bridge"},
    {10, "83f6244bd87662118d96d9a6d44f09dfff14b30e", "Hop bridge"},
    {10, "46ae9bab8cea96610807a275ebd36f8e916b5c61", "Hop bridge"},
    {137, "ecf268be00308980b5b3fcd0975d47c4c8e1382a", "Hop bridge"},
    {8453, "46ae9bab8cea96610807a275ebd36f8e916b5c61", "Hop bridge"},
    {8453, "3666f603cc164936c1b87e207f36beba4ac5f18a", "Hop bridge"},
    {42161, "ea5abf2c909169823d939de377ef2bf897a6ce98", "Hop bridge"},
    {100, "d8926c12c0b2e5cd40cfda49ecaff40252af491b", "Hop bridge"},
    {100, "6f03052743cd99ce1b29265e377e320cd24eb632", "Hop bridge"},
    {100, "25d8039bb044dc227f741a9e381ca4ceae2e6ae8", "Hop bridge"},
    {1, "25ace71c97b33cc4729cf772ae268934f7ab5fa1", "OP Mainnet messenger"},
    {1, "beb5fc579115071764c7423a4f12edde41f106ed", "OP Mainnet portal"},
    {1, "5e4e65926ba27467555eb562121fac00d24e9dd2", "OP Mainnet transaction chain"},
    {1, "866e82a600a1414e583f7f13623f1ac5d58b0afa", "Base messenger"},
    {1, "49048044d57e1c92a77f79988d21fa8faf74e97e", "Base portal"},
    {10, "4200000000000000000000000000000000000007", "OP stack messenger"},
    {10, "4200000000000000000000000000000000000016", "OP stack message passer"},
    {8453, "4200000000000000000000000000000000000007", "OP stack messenger"},
    {8453, "4200000000000000000000000000000000000016", "OP stack message passer"},
    {1, "99c9fc46f92e8a1c0dec1b1747d010903e884be1", "OP Mainnet bridge"},
    {1, "3154cf16ccdb4c6d922629664174b904d80f2c35", "Base bridge"},
    {1, "6774bcbd5cecef1336b5300fb5186a12ddd8b367", "Scroll messenger"},
    {1, "0d7e906bd9cafa154b048cfa766cc1e54e39af9b", "Scroll message queue"},
    {1, "56971da63a3c0205184fef096e9ddfc7a8c2d18a", "Scroll message queue"},
    {1, "d8a791fe2be73eb6e6cf1eb0cb3f36adc9b3f8f9", "Scroll gateway"},
    {534352, "781e90f1c8fc4611c9b7497c3b47f99ef6969cbc", "Scroll messenger"},
    {534352, "5300000000000000000000000000000000000000", "Scroll message queue"},
    {1, "0b9857ae2d4a3dbe74ffe1d7df045bb7f96e4840", "Arbitrum outbox"},
    {42161, "0000000000000000000000000000000000000064", "ArbSys"},
    {1, "4dbd4fc535ac27206064b68ffcf827b0a60bab3f", "Arbitrum inbox"},
    {1, "8315177ab297ba92a06054ce80a67ed4dbd7ed3a", "Arbitrum bridge"},
    {1, "a3a7b6f88361f48403514059f1f16c8e78d60eec", "Arbitrum gateway"},
    {1, "cee284f754e854890e311e3280b767f80797180d", "Arbitrum gateway"},
    {1, "d3b5b60020504bc3489d6949d545893982ba3011", "Arbitrum gateway"},
    {1, "a10c7ce4b876998858b1a9e12b10092229539400", "Arbitrum escrow"},
    {1, "0f25c1dc2a9922304f2eac71dca9b07e310e8e5a", "Arbitrum gateway"},
    {42161, "000000000000000000000000000000000000006e", "Arbitrum deposits"},
    {1, "28e4f3a7f651294b9564800b2d01f35189a5bfbe", "Polygon state sender"},
    {1, "401f6c983ea34274ec46f84d70b31c151321188b", "Polygon deposit manager"},
    {137, "0000000000000000000000000000000000001001", "Polygon state receiver"},
    {1, "4aa42145aa6ebf72e164c9bbc74fbd3788045016", "xDai bridge"},
    {100, "7301cfa0e1756b71869e93d4e4dca5c7d0eb0aa6", "xDai bridge"},
    {1, "4c36d2919e407f0cc2ee3c993ccf8ac26d9ce64e", "Gnosis message bridge"},
    {100, "75df5af045d91108662d8080fd1fefad6aa0bb59", "Gnosis message bridge"},
    {1, "88ad09518695c6c3712ac10a214be5109a655671", "Omnibridge"},
    {1, "98f3c9e6e3face36baad05fe09d375ef1464288b", "Wormhole core"},
    {1, "3ee18b2214aff97000d974cf647e7c347e8fa585", "Wormhole token bridge"},
    {10, "ee91c335eab126df5fdb3797ea9d6ad93aec9722", "Wormhole core"},
    {10, "1d68124e65fafc907325e3edbf8c4d84499daa8b", "Wormhole token bridge"},
    {56, "98f3c9e6e3face36baad05fe09d375ef1464288b", "Wormhole core"},
    {56, "b6f6d86a8f9879a9c87f643768d9efc38c1da6e7", "Wormhole token bridge"},
    {137, "7a4b5a56256163f07b2c80a7ca55abe66c4ec4d7", "Wormhole core"},
    {137, "5a58505a96d1dbf8df91cb21b54419fc36e93fde", "Wormhole token bridge"},
    {42161, "a5f208e072434bc67592e4c49c1b991ba79bca46", "Wormhole core"},
    {42161, "0b2402144bb366a632d14b83f244d2e0e21bd39c", "Wormhole token bridge"},
    {43114, "54a8e5f9c4cba08f9943965859f6c34eaf03e26c", "Wormhole core"},
    {43114, "0e082f06ff657d94310cb8ce8b0d9a04541d8052", "Wormhole token bridge"},
    {8453, "bebdb6c8ddc678ffa9f8748f85c815c556dd8ac6", "Wormhole core"},
    {8453, "8d2de8d2f73f1f4cab472ac9a881c9b123c79627", "Wormhole token bridge"},
    {ANY_CHAIN, "ef4fb24ad0916217251f553c0596f8edc630eb66", "deBridge source"},
    {ANY_CHAIN, "e7351fd770a37282b91d153ee690b63579d6dd7f", "deBridge destination"},
    {1, "4d73adb72bc3dd368966edd0f0b2148401a178e2", "LayerZero v1"},
    {137, "4d73adb72bc3dd368966edd0f0b2148401a178e2", "LayerZero v1"},
    {42161, "4d73adb72bc3dd368966edd0f0b2148401a178e2", "LayerZero v1"},
    {8453, "38de71124f7a447a01d67945a51edce9ff491251", "LayerZero v1"},
    {1, "df0770df86a8034b3efef0a1bb3c889b8332ff56", "Stargate v1 pool"},
    {1, "38ea452219524bb87e18de1c24d3bb59510bd783", "Stargate v1 pool"},
    {1, "c026395860db2d07ee33e05fe50ed7bd583189c7", "Stargate v2 pool"},
    {1, "933597a323eb81cae705c5bc29985172fd5a3973", "Stargate v2 pool"},
    {1, "77b2043768d28e9c9ab44e1abfc95944bce57931", "Stargate v2 pool"},
    {10, "ce8cca271ebc0533920c83d39f417ed6a0abb7d0", "Stargate v2 pool"},
    {10, "19cfce47ed54a88614648dc3f19a5980097007dd", "Stargate v2 pool"},
    {10, "e8cdf27acd73a434d661c84887215f7598e7d0d3", "Stargate v2 pool"},
    {42161, "e8cdf27acd73a434d661c84887215f7598e7d0d3", "Stargate v2 pool"},
    {42161, "ce8cca271ebc0533920c83d39f417ed6a0abb7d0", "Stargate v2 pool"},
    {8453, "27a16dc786820b16e5c9028b75b99f6f604b5d26", "Stargate v2 pool"},
    {8453, "dc181bd607330aeebef6ea62e03e5e1fb4b6f7c7", "Stargate v2 pool"},
    {42161, "a45b5130f36cdca45667738e2a258ab09f4a5f7f", "Stargate v2 pool"},
    {137, "9aa02d4fae7f58b8e8f34c66e756cc734dac7fe4", "Stargate v2 pool"},
    {137, "d47b03ee6d86cf251ee7860fb2acf9f91b9fd4d7", "Stargate v2 pool"},
    {1, "6d6620efa72948c5f68a3c8646d58c00d3f4a980", "Stargate v2 bus"},
    {10, "f1fcb4cbd57b67d683972a59b6a7b1e2e8bf27e6", "Stargate v2 bus"},
    {137, "6ce9bf8cdab780416ad1fd87b318a077d2f50eac", "Stargate v2 bus"},
    {8453, "5634c4a5fed09819e3c46d86a965dd9447d86e47", "Stargate v2 bus"},
    {42161, "19cfce47ed54a88614648dc3f19a5980097007dd", "Stargate v2 bus"},
    {1, "6c96de32cea08842dcc4058c14d3aaad7fa41dee", "USDT0"},
    {10, "f03b4d9ac1d5d1e7c4cef54c2a313b9fe051a0ad", "USDT0"},
    {42161, "14e4a1b13bf7f943c8ff7c51fb60fa964a298d92", "USDT0"},
    {1, "1a2a1c938ce3ec39b6d47113c7955baa9dd454f2", "Ronin bridge"},
    {1, "64192819ac13ef72bf6b5ae239ac672b43a9af08", "Ronin bridge V2"},
    {1, "92d3404a7e6c91455bbd81475cd9fad96acff4c8", "Nomad Home"},
    {1, "049b51e531fd8f90da6d92ea83dc4125002f20ef", "Nomad Replica"},
    {1, "5427fefa711eff984124bfbb1ab6fbf5e3da1820", "Celer cBridge"},
    {1, "b37d31b2a74029b5951a2778f959282e2d518595", "Celer vault"},
    {1, "7510792a3b1969f9307f3845ce88e39578f2bae1", "Celer vault"},
    {1, "16365b45eb269b5b5dacb34b4a15399ec79b95eb", "Celer pegged bridge"},
    {1, "52e4f244f380f8fa51816c8a10a63105dd4de084", "Celer pegged bridge"},
    {137, "88dcdc47d2f83a99cf0000fdf667a468bb958a78", "Celer cBridge"},
    {137, "c1a2d967dfaa6a10f3461bc21864c23c1dd51eea", "Celer vault"},
    {137, "4c882ec256823ee773b25b414d36f92ef58a7c0c", "Celer vault"},
    {137, "4d58fdc7d0ee9b674f49a0ade11f26c3c9426f7a", "Celer pegged bridge"},
    {137, "b51541df05de07be38dcfc4a80c05389a54502bb", "Celer pegged bridge"},
    {43114, "ef3c714c9425a8f3697a9c969dc1af30ba82e5d4", "Celer cBridge"},
    {43114, "5427fefa711eff984124bfbb1ab6fbf5e3da1820", "Celer vault"},
    {43114, "b51541df05de07be38dcfc4a80c05389a54502bb", "Celer vault"},
    {43114, "88dcdc47d2f83a99cf0000fdf667a468bb958a78", "Celer pegged bridge"},
    {43114, "b774c6f82d1d5dbd36894762330809e512fed195", "Celer pegged bridge"},
    {56, "dd90e5e87a2081dcf0391920868ebc2ffb81a1af", "Celer cBridge"},
    {56, "78bc5ee9f11d133a08b331c2e18fe81be0ed02dc", "Celer vault"},
    {56, "11a0c9270d88c99e221360bca50c2f6fda44a980", "Celer vault"},
    {56, "d443fe6bf23a4c9b78312391a30ff881a097580e", "Celer pegged bridge"},
    {56, "26c76f7fef00e02a5dd4b5cc8a0f717eb61e1e4b", "Celer pegged bridge"},
    {42161, "1619de6b6b20ed217a58d00f37b9d47c7663feca", "Celer cBridge"},
    {42161, "fe31bfc4f7c9b69246a6dc0087d91a91cb040f76", "Celer vault"},
    {42161, "ea4b1b0aa3c110c55f650d28159ce4ad43a4a58b", "Celer vault"},
    {42161, "bdd2739ae69a054895be33a22b2d2ed71a1de778", "Celer pegged bridge"},
    {10, "9d39fc627a6d9d9f8c831c16995b209548cc3401", "Celer cBridge"},
    {10, "bcfef6bb4597e724d720735d32a9249e0640aa11", "Celer vault"},
    {10, "61f85ff2a2f4289be4bb9b72fc7010b3142b5f41", "Celer pegged bridge"},
    {100, "3795c36e7d12a8c252a20c5a7b455f7c57b60283", "Celer cBridge"},
    {100, "d4c058380d268d85bc7c758072f561e8f2db5975", "Celer pegged bridge"},
    {534352, "9b36f165bab9ebe611d491180418d8de4b8f3a1f", "Celer cBridge"},
    {8453, "7d43aabc515c356145049227cee54b608342c0ad", "Celer cBridge"},
    {1, "2796317b0ff8538f253012862c06787adfb8ceb6", "Synapse bridge"},
    {42161, "6f4e8eba4d337f874ab57478acc2cb5bacdc19c9", "Synapse bridge"},
    {56, "d123f70ae324d34a9e76b67a27bf77593ba8749f", "Synapse bridge"},
    {10, "af41a65f786339e7911f4acdad6bd49426f2dc6b", "Synapse bridge"},
    {8453, "f07d1c752fab503e47fef309bf14fbdd3e867089", "Synapse bridge"},
    {43114, "c05e61d0e7a63d27546389b7ad62fdff5a91aace", "Synapse bridge"},
    {137, "8f5bbb2bb8c2ee94639e55d5f41de9b4839c1280", "Synapse bridge"},
    {1, "5ba000bb06230e0582e111f08e1f2f2f200005ba", "Synapse adapter"},
    {42161, "5ba000bb06230e0582e111f08e1f2f2f200005ba", "Synapse adapter"},
    {56, "5ba000bb06230e0582e111f08e1f2f2f200005ba", "Synapse adapter"},
    {10, "5ba000bb06230e0582e111f08e1f2f2f200005ba", "Synapse adapter"},
    {8453, "5ba000bb06230e0582e111f08e1f2f2f200005ba", "Synapse adapter"},
    {43114, "5ba000bb06230e0582e111f08e1f2f2f200005ba", "Synapse adapter"},
    {137, "5ba000bb06230e0582e111f08e1f2f2f200005ba", "Synapse adapter"},
    {1, "5523d3c98809dddb82c686e152f5c58b1b0fb59e", "Synapse FastBridge"},
    {10, "5523d3c98809dddb82c686e152f5c58b1b0fb59e", "Synapse FastBridge"},
    {56, "5523d3c98809dddb82c686e152f5c58b1b0fb59e", "Synapse FastBridge"},
    {8453, "5523d3c98809dddb82c686e152f5c58b1b0fb59e", "Synapse FastBridge"},
    {42161, "5523d3c98809dddb82c686e152f5c58b1b0fb59e", "Synapse FastBridge"},
    {534352, "5523d3c98809dddb82c686e152f5c58b1b0fb59e", "Synapse FastBridge"},
    {1, "40ffe85a28dc9993541449464d7529a922142960", "Mayan Swift source"},
    {10, "40ffe85a28dc9993541449464d7529a922142960", "Mayan Swift source"},
    {56, "40ffe85a28dc9993541449464d7529a922142960", "Mayan Swift source"},
    {137, "40ffe85a28dc9993541449464d7529a922142960", "Mayan Swift source"},
    {8453, "40ffe85a28dc9993541449464d7529a922142960", "Mayan Swift source"},
    {42161, "40ffe85a28dc9993541449464d7529a922142960", "Mayan Swift source"},
    {43114, "40ffe85a28dc9993541449464d7529a922142960", "Mayan Swift source"},
    {1, "d78d199f8c402e7b5cc2abe278df0412400a3bae", "Mayan Swift destination"},
    {10, "d78d199f8c402e7b5cc2abe278df0412400a3bae", "Mayan Swift destination"},
    {56, "d78d199f8c402e7b5cc2abe278df0412400a3bae", "Mayan Swift destination"},
    {137, "d78d199f8c402e7b5cc2abe278df0412400a3bae", "Mayan Swift destination"},
    {8453, "d78d199f8c402e7b5cc2abe278df0412400a3bae", "Mayan Swift destination"},
    {42161, "d78d199f8c402e7b5cc2abe278df0412400a3bae", "Mayan Swift destination"},
    {43114, "d78d199f8c402e7b5cc2abe278df0412400a3bae", "Mayan Swift destination"},
    {1, "c38e4e6a15593f908255214653d3d947ca1c2338", "Mayan Swift"},
    {10, "c38e4e6a15593f908255214653d3d947ca1c2338", "Mayan Swift"},
    {56, "c38e4e6a15593f908255214653d3d947ca1c2338", "Mayan Swift"},
    {137, "c38e4e6a15593f908255214653d3d947ca1c2338", "Mayan Swift"},
    {8453, "c38e4e6a15593f908255214653d3d947ca1c2338", "Mayan Swift"},
    {42161, "c38e4e6a15593f908255214653d3d947ca1c2338", "Mayan Swift"},
    {43114, "c38e4e6a15593f908255214653d3d947ca1c2338", "Mayan Swift"},
    {1, "609c690e8f7d68a59885c9132e812eebdaaf0c9e", "Allbridge bridge"},
    {1, "a7062bba94c91d565ae33b893ab5dfaf1fc57c4d", "Allbridge pool"},
    {1, "7dbf07ad92ed4e26d5511b4f285508ebf174135d", "Allbridge pool"},
    {56, "3c4fa639c8d7e65c603145adad8bd12f2358312f", "Allbridge bridge"},
    {56, "f833afa46fcd100e62365a0fdb0734b7c4537811", "Allbridge pool"},
    {137, "7775d63836987f444e2f14aa0fa2602204d7d3e0", "Allbridge bridge"},
    {137, "4c42dfdbb8ad654b42f66e0bd4dbdc71b52eb0a6", "Allbridge pool"},
    {137, "58cc621c62b0aa9babfae5651202a932279437da", "Allbridge pool"},
    {137, "0394c4f17738a10096510832beab89a9dd090791", "Allbridge pool"},
    {42161, "9ce3447b58d58e8602b7306316a5ff011b92d189", "Allbridge bridge"},
    {42161, "690e66fc0f8be8964d40e55ede6aebdfcb8a21df", "Allbridge pool"},
    {42161, "47235cb71107cc66b12af6f8b8a9260ea38472c7", "Allbridge pool"},
    {43114, "9068e1c28941d0a680197cc03be8afe27ccaeea9", "Allbridge bridge"},
    {43114, "e827352a0552ffc835c181ab5bf1d7794038ec9f", "Allbridge pool"},
    {43114, "2d2f460d7a1e7a4fcc4ddab599451480728b5784", "Allbridge pool"},
    {8453, "001e3f136c2f804854581da55ad7660a2b35def7", "Allbridge bridge"},
    {8453, "da6bb1ec3baba68b26bea0508d6f81c9ec5e96d5", "Allbridge pool"},
    {10, "97e5bf5068ea6a9604ee25851e6c9780ff50d5ab", "Allbridge bridge"},
    {10, "3b96f88b2b9eb87964b852874d41b633e0f1f68f", "Allbridge pool"},
    {10, "b24a05d54fcacfe1fc00c59209470d4cafb0deea", "Allbridge pool"},
    {1, "8898b472c54c31894e3b9bb83cea802a5d0e63c6", "Connext"},
    {10, "8f7492de823025b4cfaab1d34c58963f2af5deda", "Connext"},
    {137, "11984dc4465481512eb5b777e44061c158cf2259", "Connext"},
    {42161, "ee9dec2712cce65174b561151701bf54b99c24c8", "Connext"},
    {56, "cd401c10afa37d641d2f594852da94c700e4f2ce", "Connext"},
    {100, "5bb83e95f63217cda6ae3d181ba580ef377d2109", "Connext"},
    {8453, "b8448c6f7f7887d36dca487370778e419e9ebe3f", "Connext"},
    {1, "c005dc82818d67af737725bd4bf75435d065d239", "Hyperlane mailbox"},
    {56, "2971b9aec44be4eb673df1b88cdb57b96eefe8a4", "Hyperlane mailbox"},
    {43114, "ff06afcaabaddd1fb08371f9cca15d73d51febd6", "Hyperlane mailbox"},
    {137, "5d934f4e2f797775e53561bb72aca21ba36b96bb", "Hyperlane mailbox"},
    {42161, "979ca5202784112f4738403dbec5d0f3b9daabb9", "Hyperlane mailbox"},
    {10, "d4c1905bb1d26bc93dac913e13cacc278cdcc80d", "Hyperlane mailbox"},
    {8453, "ea87ae93fa0019a82a727bfd3ebd1cfca8f64f1d", "Hyperlane mailbox"},
    {100, "ad09d78f4c6b9da2ae82b1d34107802d380bb74f", "Hyperlane mailbox"},
    {1, "4cd00e387622c35bddb9b4c962c136462338bc31", "Relay depository"},
    {10, "4cd00e387622c35bddb9b4c962c136462338bc31", "Relay depository"},
    {8453, "4cd00e387622c35bddb9b4c962c136462338bc31", "Relay depository"},
    {42161, "4cd00e387622c35bddb9b4c962c136462338bc31", "Relay depository"},
    {1, "14413419452aaf089762a0c5e95ed2a13bbc488c", "Poly manager"},
    {1, "250e76987d838a75310c34bf422ea9f1ac4cc906", "Poly lock proxy"},
    {ANY_CHAIN, "ba12222222228d8ba445958a75a0704d566bf2c8", "Balancer V2 vault"},
    {ANY_CHAIN, "ba1333333333a1ba1108e8412f11850a5c319ba9", "Balancer V3 vault"},
    {1, "000000000004444c5dc75cb358380d2e3de08a90", "Uniswap V4 pool manager"},
    {42161, "360e68faccca8ca495c1b759fd9eee466db9fb32", "Uniswap V4 pool manager"},
    {100, "5c32143c8b198f392d01f8446b754c181224ac26", "Hop's Saddle pool"},
    {8453, "022c5ce6f1add7423268d41e08df521d5527c2a0", "Hop's Saddle pool"},
    {1, "bebc44782c7db0a1a60cb6fe97d0b483032ff1c7", "Curve 3pool"},
    {1, "d51a44d3fae010294c616388b506acda1bfaae46", "Curve tricrypto2"},
    {1, "7d2768de32b0b80b7a3454c06bdac94a69ddc7a9", "Aave V2 lending pool"},
    {1, "87870bca3f3fd6335c3f4ce8392d69350b4fa4e2", "Aave V3 pool"},
};

/* Programs of chains whose keys have 32 bytes: what they say is read in src/chain/solana/bridges.c.
 */
static const struct {
    const char *chain, *key, *name;
} programs[] = {
    {"solana", "a65fc943419a5ad590042fd67c9791fd015acf53a54cc823edb8ff81b9ed722e",
     "CCTP TokenMessengerMinter"},
    {"solana", "a65fc989db5f5d42759f3a546058efcdcdc0bf3c1898072d8eb45dd1d80508ce",
     "CCTP MessageTransmitter"},
    {"solana", "a65fc81d0fefa8860cb3b83f089b0224be8a6687b7ae49f594c0b9b4d7e93893",
     "CCTP V2 TokenMessengerMinter"},
    {"solana", "a65fc81ce19edcd2d2c340b02fa61be1d5badde1592833ddf92009d8cf685455",
     "CCTP V2 MessageTransmitter"},
    {"solana", "b7664086de37ee70821c10445b162f2c7ec8795bd0800c1462949e2328d1dd5a",
     "Across SpokePool"},
    {"solana", "0d0720fe448de59d8811e24d6df917dc8d0d98b392ddf4dd2b622a747a60fded",
     "deBridge source"},
    {"solana", "097270a4617fcfdc55d7fbbada94193630b31b4d4c77d2f9cac2c2edb3c1e0d0",
     "deBridge destination"},
    {"solana", "0e0a589a41a55fbd66c52a475f2d92a6d3dc9b4747114cb9af825a98b545d3ce", "Wormhole core"},
    {"solana", "0e0a589e6488147a94dcfa592b90fdd41152bb2ca77bf6016758a6f4df9d21b4",
     "Wormhole token bridge"},
};

static const struct {
    uint64_t evm_id;
    const char *name, *factory, *code; /* code: keccak256 of the code that makes a pool */
    uint32_t fees[5];                  /* 0 ends; none: the salt has no fee and is packed */
} factories[] = {
    /* Uniswap V2, SushiSwap */
    {1,
     "Uniswap V2 pair",
     "5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f",
     "96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f",
     {0}},
    {1,
     "SushiSwap pair",
     "c0aee478e3658e2610c5f7a4a2e1777ce9e4f2ac",
     "e18a34eb0e04b04f7a0ac29a6e80748dca96319b42c54d679cb821dca90c6303",
     {0}},
#define V3_CODE "e34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54"
#define V3_FEES                                                                                    \
    {                                                                                              \
        100, 500, 3000, 10000, 0                                                                   \
    }
    /* Uniswap V3; fees are those that governance has allowed */
    {1, "Uniswap V3 pool", "1f98431c8ad98523631ae4a59f267346ea31f984", V3_CODE, V3_FEES},
    {10, "Uniswap V3 pool", "1f98431c8ad98523631ae4a59f267346ea31f984", V3_CODE, V3_FEES},
    {137, "Uniswap V3 pool", "1f98431c8ad98523631ae4a59f267346ea31f984", V3_CODE, V3_FEES},
    {42161, "Uniswap V3 pool", "1f98431c8ad98523631ae4a59f267346ea31f984", V3_CODE, V3_FEES},
    {8453, "Uniswap V3 pool", "33128a8fc17869897dce68ed026d694621f6fdfd", V3_CODE, V3_FEES},
    {56, "Uniswap V3 pool", "db1d10011ad0ff90774d0c6bb92e5c5c8b4461f7", V3_CODE, V3_FEES},
};

static bool is_hex(struct bytes key, const char *hex)
{
    uint8_t want[WORD];

    return (key.n == ADDRESS_BYTES || key.n == WORD) && strlen(hex) == 2 * key.n &&
           hex_decode(hex, 2 * key.n, want, key.n) && !memcmp(key.p, want, key.n);
}

const char *routes_trusted(const struct chain *chain, struct bytes contract)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if ((known[i].evm_id == chain->evm_id || known[i].evm_id == ANY_CHAIN) && chain->evm_id &&
            is_hex(contract, known[i].key))
            return known[i].name;
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        if (!strcmp(programs[i].chain, chain->name) && is_hex(contract, programs[i].key))
            return programs[i].name;
    return NULL;
}

/* EIP-1014 */
static bool made_by(size_t factory, const struct hash32 *salt, struct bytes pool)
{
    uint8_t message[1 + ADDRESS_BYTES + 2 * WORD] = {0xff};
    struct hash32 hash;

    if (!hex_decode(factories[factory].factory, (size_t)2 * ADDRESS_BYTES, message + 1,
                    ADDRESS_BYTES) ||
        !hex_decode(factories[factory].code, (size_t)2 * WORD, message + 1 + ADDRESS_BYTES + WORD,
                    WORD))
        return false;
    memcpy(message + 1 + ADDRESS_BYTES, salt->b, WORD);
    hash = keccak256(message, sizeof(message));
    return !memcmp(hash.b + WORD - ADDRESS_BYTES, pool.p, ADDRESS_BYTES);
}

/* The name of the factory that made a pool of two tokens; NULL: none that is known. */
static const char *maker_of(const struct chain *chain, struct bytes pool, struct bytes one,
                            struct bytes other)
{
    uint8_t packed[2 * ADDRESS_BYTES], words[3 * WORD] = {0};
    struct hash32 salt;

    if (pool.n != ADDRESS_BYTES || one.n != ADDRESS_BYTES || other.n != ADDRESS_BYTES)
        return NULL;
    if (memcmp(one.p, other.p, ADDRESS_BYTES) > 0) { /* token0 is the lower */
        struct bytes swap = one;

        one = other;
        other = swap;
    }
    memcpy(packed, one.p, ADDRESS_BYTES);
    memcpy(packed + ADDRESS_BYTES, other.p, ADDRESS_BYTES);
    memcpy(words + WORD - ADDRESS_BYTES, one.p, ADDRESS_BYTES);
    memcpy(words + 2 * WORD - ADDRESS_BYTES, other.p, ADDRESS_BYTES);
    for (size_t i = 0; i < sizeof(factories) / sizeof(factories[0]); i++) {
        if (factories[i].evm_id != chain->evm_id)
            continue;
        if (!factories[i].fees[0]) {
            salt = keccak256(packed, sizeof(packed));
            if (made_by(i, &salt, pool))
                return factories[i].name;
        }
        for (const uint32_t *fee = factories[i].fees; *fee; fee++) {
            u256_to_be(u256_of(*fee), words + (size_t)2 * WORD);
            salt = keccak256(words, sizeof(words));
            if (made_by(i, &salt, pool))
                return factories[i].name;
        }
    }
    return NULL;
}

struct hash32 routes_trusts_hash(void)
{
    struct sha256_stream s;
    uint8_t number[8];

    sha256_start(&s);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        store_le64(number, known[i].evm_id);
        sha256_add(&s, number, sizeof(number));
        sha256_add(&s, known[i].key, strlen(known[i].key) + 1);
        sha256_add(&s, known[i].name, strlen(known[i].name) + 1);
    }
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        sha256_add(&s, programs[i].chain, strlen(programs[i].chain) + 1);
        sha256_add(&s, programs[i].key, strlen(programs[i].key) + 1);
        sha256_add(&s, programs[i].name, strlen(programs[i].name) + 1);
    }
    for (size_t i = 0; i < sizeof(factories) / sizeof(factories[0]); i++) {
        store_le64(number, factories[i].evm_id);
        sha256_add(&s, number, sizeof(number));
        sha256_add(&s, factories[i].factory, strlen(factories[i].factory) + 1);
        sha256_add(&s, factories[i].code, strlen(factories[i].code) + 1);
        for (const uint32_t *fee = factories[i].fees; *fee; fee++) {
            store_le64(number, *fee);
            sha256_add(&s, number, sizeof(number));
        }
    }
    return sha256_done(&s);
}

/* ---- what is asked, and kept ---- */

static enum move_grade keep(struct routes *r, struct route_used u)
{
    for (size_t i = 0; i < r->used_n; i++)
        if (r->used[i].ledger == u.ledger && bytes_equal(r->used[i].key, u.key))
            return u.grade;
    if (r->used_n == r->used_size) {
        size_t size = r->used_size ? 2 * r->used_size : 16;
        struct route_used *more = mem_grow(r->used, size * sizeof(*more));

        if (!more) {
            r->used_lost = true;
            return u.grade;
        }
        r->used = more;
        r->used_size = size;
    }
    r->used[r->used_n++] = u;
    return u.grade;
}

/* The simulated chain and a developer's own node, where there are no others' contracts. */
static bool is_of_tests(const struct chain *chain)
{
    return chain->evm_id == 1337 || chain->evm_id == 31337;
}

/* Who an account is whose word is taken; name NULL: nobody. */
static struct route_used known_as(const struct routes *r, uint32_t ledger, struct bytes contract)
{
    const struct chain *chain = r->ledgers[ledger].chain;
    struct route_used u = {ledger, MOVE_PROVEN, contract, routes_trusted(chain, contract)};

    if (!u.name && is_of_tests(chain))
        u.name = "any contract of a chain of tests";
    for (size_t i = 0; i < r->trusts_n && !u.name; i++)
        if (r->trusts[i].chain == chain && bytes_equal(r->trusts[i].key, contract)) {
            u.name = r->trusts[i].name;
            u.grade = MOVE_STATED;
        }
    return u;
}

enum move_grade routes_word_of(struct routes *r, uint32_t ledger, struct bytes contract)
{
    struct route_used u = known_as(r, ledger, contract);

    return u.name ? keep(r, u) : MOVE_CANDIDATE;
}

bool routes_knows(const struct routes *r, uint32_t ledger, uint64_t account)
{
    const struct route_ledger *l = &r->ledgers[ledger];

    return known_as(r, ledger, l->key(l->ctx, account)).name != NULL;
}

enum move_grade routes_word_of_pool(struct routes *r, uint32_t ledger, struct bytes pool,
                                    struct bytes one, struct bytes other)
{
    const char *maker = maker_of(r->ledgers[ledger].chain, pool, one, other);

    return maker ? keep(r, (struct route_used){ledger, MOVE_PROVEN, pool, maker})
                 : routes_word_of(r, ledger, pool);
}

static int used_order(const void *pa, const void *pb)
{
    const struct route_used *x = pa, *y = pb;
    size_t n = x->key.n < y->key.n ? x->key.n : y->key.n;
    int order;

    if (x->ledger != y->ledger)
        return x->ledger < y->ledger ? -1 : 1;
    order = n ? memcmp(x->key.p, y->key.p, n) : 0;
    return order ? order : (x->key.n > y->key.n) - (x->key.n < y->key.n);
}

bool routes_used(struct routes *r, const struct route_used **ret, size_t *ret_n, struct err *err)
{
    if (r->used_lost)
        return routes_nomem(err);
    if (r->used_n)
        qsort(r->used, r->used_n, sizeof(*r->used), used_order);
    *ret = r->used;
    *ret_n = r->used_n;
    return true;
}
