/* What logs say: rows of the table one by one, real receipts against the events found in them by
 * others, logs cut short. */
#include "support.h"

#include "base/json.h"
#include "base/keccak.h"
#include "base/text.h"
#include "chain/dialect.h"
#include "chain/evm/log.h"

#include <stdio.h>
#include <stdlib.h>

/* A log as text: address, topics and data in hex, spaces between topics. */
static struct evm_log log_of(const char *address, const char *topics, const char *data)
{
    struct bytes t = test_hex(topics);

    return (struct evm_log){.address = test_hex(address),
                            .topics = (const uint8_t(*)[32])t.p,
                            .topics_n = t.n / 32,
                            .data = test_hex(data),
                            .index = 7};
}

static const struct hash32 some_tx = {{[31] = 5}};

#define NOTHING_12 "000000000000000000000000"
#define ALICE "00112233445566778899aabbccddeeff00112233"
#define BOB "ffeeddccbbaa99887766554433221100ffeeddcc"
#define TOKEN "a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
#define WETH "c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
#define USDT "dac17f958d2ee523a2206206994597c13d831ec7"
#define TRANSFER "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef "
#define WORD_0 "0000000000000000000000000000000000000000000000000000000000000000"
#define WORD_5 "0000000000000000000000000000000000000000000000000000000000000005"
#define WORD_6 "0000000000000000000000000000000000000000000000000000000000000006"
#define WORD_64 "0000000000000000000000000000000000000000000000000000000000000040"
#define ZERO_KEY "0000000000000000000000000000000000000000"

static const struct {
    const char *name, *chain, *address, *topics, *data;
    /* what is said: "KIND FROM>TO AMOUNT" and "kind DATA", nobody as - */
    const char *want;
} said_rows[] = {
    {"a token's transfer", "ethereum", TOKEN, TRANSFER NOTHING_12 ALICE NOTHING_12 BOB, WORD_5,
     "l " ALICE ">" BOB " 5\n"},
    {"of nothing", "ethereum", TOKEN, TRANSFER NOTHING_12 ALICE NOTHING_12 BOB, WORD_0, ""},
    {"of an ERC-721", "ethereum", TOKEN, TRANSFER NOTHING_12 ALICE NOTHING_12 BOB WORD_5, "", ""},
    {"not indexed", "ethereum", TOKEN, TRANSFER, NOTHING_12 ALICE NOTHING_12 BOB WORD_5, ""},
    {"no account", "ethereum", TOKEN, TRANSFER "010000000000000000000000" ALICE NOTHING_12 BOB,
     WORD_5, ""},
    {"more data than it needs", "ethereum", TOKEN, TRANSFER NOTHING_12 ALICE NOTHING_12 BOB,
     WORD_5 WORD_6, "l " ALICE ">" BOB " 5\n"},
    {"wrapping", "ethereum", WETH,
     "e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c" NOTHING_12 ALICE, WORD_5,
     "l " ZERO_KEY ">" ALICE " 5\n3 \n"},
    {"unwrapping", "ethereum", WETH,
     "7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65" NOTHING_12 ALICE, WORD_5,
     "l " ALICE ">" ZERO_KEY " 5\n4 \n"},
    {"a deposit that is no wrapping", "ethereum", TOKEN,
     "e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c" NOTHING_12 ALICE, WORD_5,
     ""},
    {"another chain's wrapper", "bsc", WETH,
     "e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c" NOTHING_12 ALICE, WORD_5,
     ""},
    {"a chain of tests takes any", "evm:dev", TOKEN,
     "e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c" NOTHING_12 ALICE, WORD_5,
     "l " ZERO_KEY ">" ALICE " 5\n3 \n"},
    {"blacklisted, in the data", "ethereum", USDT,
     "42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc", NOTHING_12 ALICE,
     "z " ALICE ">- 0\n"},
    {"blacklisted on Tron, indexed", "tron", "a614f803b6fd780986a42c78ec9c7f77e6ded13c",
     "42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc" NOTHING_12 ALICE, "",
     "z " ALICE ">- 0\n"},
    {"taken off the list", "ethereum", USDT,
     "d7e9ec6e6ecd65492dce6bf513cd6867560d49544421d0783ddf06e76c24470c", NOTHING_12 ALICE,
     "u " ALICE ">- 0\n"},
    /* supply_events.csv of the data: 200,000 USDT of 0x532961b2... */
    {"destroyed", "ethereum", USDT,
     "61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6",
     NOTHING_12 "532961b23a28a9e5a8b1769bdb3e8906fc7c7a01"
                "0000000000000000000000000000000000000000000000000000002e90edd000",
     "x 532961b23a28a9e5a8b1769bdb3e8906fc7c7a01>- 200000000000\n"},
    {"issued to the owner", "ethereum", USDT,
     "cb8241adb0c3fdb35b70c24ce35c5eb0c17af7431c99f827d44a445ca624176a", WORD_5,
     "l ->c6cde7c39eb2f0f0095f41570af89efc2c1ea828 5\n"},
    {"issued to nobody known", "tron", "a614f803b6fd780986a42c78ec9c7f77e6ded13c",
     "cb8241adb0c3fdb35b70c24ce35c5eb0c17af7431c99f827d44a445ca624176a", WORD_5, ""},
    {"redeemed", "ethereum", USDT,
     "702d5967f45f6513a38ffc42d6ba9bf230bd40e8f53b16363c7eb4fd2deb9a44", WORD_5,
     "l c6cde7c39eb2f0f0095f41570af89efc2c1ea828>- 5\n"},
    {"frozen by Circle", "ethereum", TOKEN,
     "ffa4e6181777692565cf28528fc88fd1516ea86b56da075235fa575af6a4b855" NOTHING_12 ALICE, "",
     "z " ALICE ">- 0\n"},
    {"frozen by a caller", "ethereum", "3398385c205c060ef54744ee817c1487e28a6616",
     "51d18786e9cb144f87d46e7b796309ea84c7c687d91e09c97f051eacf59bc528" NOTHING_12 BOB NOTHING_12
         ALICE,
     "", "z " ALICE ">- 0\n"},
    {"a swap of a pair", "ethereum", BOB,
     "d78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822" NOTHING_12 ALICE NOTHING_12
         ALICE,
     WORD_0 WORD_5 WORD_6 WORD_0, "2 5 6\n"},
    {"a swap that brings both", "ethereum", BOB,
     "d78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822" NOTHING_12 ALICE NOTHING_12
         ALICE,
     WORD_5 WORD_5 WORD_6 WORD_0, "2 \n"},
    {"a swap of the same asset", "ethereum", BOB,
     "d78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822" NOTHING_12 ALICE NOTHING_12
         ALICE,
     WORD_5 WORD_0 WORD_6 WORD_0, "2 \n"},
    /* the first pool of V3 in the receipts: amount0 209,667,101, amount1 -209,805,707 */
    {"a swap with signs", "base", "06959273e9a65433de71f5a452d529544e07ddd0",
     "c42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67" NOTHING_12 ALICE NOTHING_12
         ALICE,
     "000000000000000000000000000000000000000000000000000000000c7f441d"
     "fffffffffffffffffffffffffffffffffffffffffffffffffffffffff37e9e75",
     "2 209667101 209805707\n"},
    {"a swap of V4: the caller's signs", "arbitrum", "360e68faccca8ca495c1b759fd9eee466db9fb32",
     "40e9cecb9f5f1f1c5b9c97dec2917b7ee92e57ba5563708daca94dd84ad7112f" WORD_5 NOTHING_12 ALICE,
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "000000000000000000000000000000000000000000000000000000001b59bea5",
     "2 1 458866341\n"},
    {"a router's memo", "ethereum", BOB,
     "ef519b7eb82aaf6ac376a6df2d793843ebfd593de5f1a0601d3cc6ab49ebb395" NOTHING_12 ALICE WORD_0,
     WORD_5 WORD_64 "0000000000000000000000000000000000000000000000000000000000000003"
                    "3d3a620000000000000000000000000000000000000000000000000000000000",
     "1 =:b\n"},
    {"a memo past the end", "ethereum", BOB,
     "ef519b7eb82aaf6ac376a6df2d793843ebfd593de5f1a0601d3cc6ab49ebb395" NOTHING_12 ALICE WORD_0,
     WORD_5 WORD_64 "00000000000000000000000000000000000000000000000000000000000000213d3a62", ""},
    {"a memo's offset past all", "ethereum", BOB,
     "ef519b7eb82aaf6ac376a6df2d793843ebfd593de5f1a0601d3cc6ab49ebb395" NOTHING_12 ALICE WORD_0,
     WORD_5 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", ""},
    {"burned for CCTP", "arbitrum", BOB,
     "2fa9ca894982930190727e75500a97d8dc500233a5065e0f3126c48fbe0343c0" WORD_5 WORD_0 WORD_0, "",
     "5 cctp:3:5\n"},
    {"burned where CCTP is not", "bsc", BOB,
     "2fa9ca894982930190727e75500a97d8dc500233a5065e0f3126c48fbe0343c0" WORD_5 WORD_0 WORD_0, "",
     ""},
    {"minted by CCTP", "ethereum", BOB,
     "58200b4c34ae05ee816d710053fff3fb75af4395915d3d2a771b24aa10e3cc5d" WORD_0 WORD_5, WORD_6,
     "6 cctp:6:5\n"},
    /* the call is the one that a receipt of Scroll relays, the hash the one it says */
    {"sent to Scroll", "ethereum", "0d7e906bd9cafa154b048cfa766cc1e54e39af9b",
     "69cfcb8e6d4192b8aba9902243912587f37e550d75c1fa801491fce26717f37e" NOTHING_12 ALICE NOTHING_12
         BOB,
     WORD_0 WORD_5 WORD_6 "0000000000000000000000000000000000000000000000000000000000000080"
                          "0000000000000000000000000000000000000000000000000000000000000184"
                          "8ef1332e0000000000000000000000007f2b8c31f88b6006c382775eea88297e"
                          "c1e3e9050000000000000000000000006ea73e05adc79974b931123675ea8f78"
                          "ffdacdf000000000000000000000000000000000000000000000000001a2dd6c"
                          "e304c00000000000000000000000000000000000000000000000000000000000"
                          "0003d41700000000000000000000000000000000000000000000000000000000"
                          "000000a000000000000000000000000000000000000000000000000000000000"
                          "000000a4232e8748000000000000000000000000fa8666ae51f5b136596248d9"
                          "411b03ac9040fff0000000000000000000000000fa8666ae51f5b136596248d9"
                          "411b03ac9040fff0000000000000000000000000000000000000000000000000"
                          "01a2dd6ce304c000000000000000000000000000000000000000000000000000"
                          "0000000000000080000000000000000000000000000000000000000000000000"
                          "0000000000000000000000000000000000000000000000000000000000000000"
                          "0000000000000000000000000000000000000000000000000000000000000000",
     "5 op-message:0xed97f8c9738adbc0400db0add62110069b4a335fd1483c1796247750f1a07299\n"},
    /* as a receipt of Polygon has it */
    {"a packet of LayerZero v1", "polygon", "4d73adb72bc3dd368966edd0f0b2148401a178e2",
     "e9bded5f24a4168e4f3bf44e00298c993b22376aad8c58c7dda9718a54cbea82",
     "0000000000000000000000000000000000000000000000000000000000000020"
     "0000000000000000000000000000000000000000000000000000000000000094"
     "000000000000100a006dba91ffd8a2b9f68231eca6af51623b3433a89b13006e"
     "93e63fc2146d596afe4583d03cfe496ffcad5a04000000000000000000000000"
     "a203452decd9410efa1db7affc9908d6c377c6d6000000000000000000000000"
     "0000000000000000000000000000000000000002000000000000000000000000"
     "000000000000000000000002bb9e181e78ed1664000000000000000000000000",
     "5 "
     "lz1:109:0xba91ffd8a2b9f68231eca6af51623b3433a89b13:"
     "0x93e63fc2146d596afe4583d03cfe496ffcad5a04:4106\n"},
    {"a message from Scroll", "scroll", "5300000000000000000000000000000000000000",
     "faa617c2d8ce12c62637dbce76efcc18dae60574aa95709bdcedce7e76071693", WORD_6 WORD_5,
     "5 op-message:0x" WORD_5 "\n"},
    {"a packet has come", "arbitrum", "4d73adb72bc3dd368966edd0f0b2148401a178e2",
     "2bd2d8a84b748439fd50d79a49502b4eb5faa25b864da6a9ab5c150704be9a4d" WORD_6 NOTHING_12 BOB,
     "0000000000000000000000000000000000000000000000000000000000000060" WORD_5 WORD_0
     "0000000000000000000000000000000000000000000000000000000000000014" ALICE NOTHING_12,
     "6 lz1:6:0x" ALICE ":0x" BOB ":5\n"},
    {"a packet that is cut", "polygon", BOB,
     "e9bded5f24a4168e4f3bf44e00298c993b22376aad8c58c7dda9718a54cbea82",
     "0000000000000000000000000000000000000000000000000000000000000020"
     "000000000000000000000000000000000000000000000000000000000000000a" WORD_0,
     ""},
    {"burned for CCTP v2", "ethereum", BOB,
     "0c8c1cbdc5190613ebd485511d4e2812cfa45eecb79d845893331fedad5130a5" NOTHING_12 TOKEN NOTHING_12
         ALICE WORD_0,
     WORD_5 NOTHING_12 BOB WORD_6 WORD_0 WORD_0 WORD_0,
     "5 ~cctp2:0:6:0x" NOTHING_12 BOB ":5:0x" ALICE "\n"},
    {"minted by CCTP v2", "base", BOB,
     "ff48c13eda96b1cceacc6b9edeedc9e9db9d6226afbc30146b720c19d3addb1c" WORD_5 WORD_6 WORD_0,
     WORD_0 WORD_0 "0000000000000000000000000000000000000000000000000000000000000060"
                   "00000000000000000000000000000000000000000000000000000000000000e4"
                   "00000001000000000000000000000000a0b86991c6218b36c1d19d4a2e9eb0ce"
                   "3606eb48000000000000000000000000ffeeddccbbaa99887766554433221100"
                   "ffeeddcc00000000000000000000000000000000000000000000000000000000"
                   "0000000500000000000000000000000000112233445566778899aabbccddeeff"
                   "0011223300000000000000000000000000000000000000000000000000000000"
                   "0000000000000000000000000000000000000000000000000000000000000000"
                   "0000000000000000000000000000000000000000000000000000000000000000"
                   "0000000000000000000000000000000000000000000000000000000000000000",
     "6 ~cctp2:0:6:0x" NOTHING_12 BOB ":5:0x" ALICE "\n"},
    /* who burned it has a key of 32 bytes, on Solana */
    {"minted by CCTP v2 for one on Solana", "base", BOB,
     "ff48c13eda96b1cceacc6b9edeedc9e9db9d6226afbc30146b720c19d3addb1c" WORD_5 WORD_6 WORD_0,
     WORD_5 WORD_0 "0000000000000000000000000000000000000000000000000000000000000060"
                   "00000000000000000000000000000000000000000000000000000000000000e4"
                   "00000001000000000000000000000000a0b86991c6218b36c1d19d4a2e9eb0ce"
                   "3606eb48000000000000000000000000ffeeddccbbaa99887766554433221100"
                   "ffeeddcc00000000000000000000000000000000000000000000000000000000"
                   "000000050102030405060708090a0b0c0d0e0f101112131415161718191a1b1c"
                   "1d1e1f2000000000000000000000000000000000000000000000000000000000"
                   "0000000000000000000000000000000000000000000000000000000000000000"
                   "0000000000000000000000000000000000000000000000000000000000000000"
                   "0000000000000000000000000000000000000000000000000000000000000000",
     "6 ~cctp2:5:6:0x" NOTHING_12 BOB
     ":5:0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\n"},
    {"minted by CCTP, from Solana", "ethereum", BOB,
     "58200b4c34ae05ee816d710053fff3fb75af4395915d3d2a771b24aa10e3cc5d" WORD_0 WORD_6, WORD_5,
     "6 cctp:5:6\n"},
    {"a ride of Stargate's bus", "arbitrum", BOB,
     "15955c5a4cc61b8fbb05301bce47fd31c0e6f935e1ab97fdac9b134c887bb074",
     WORD_6 WORD_5 WORD_0 "0000000000000000000000000000000000000000000000000000000000000080"
                          "000000000000000000000000000000000000000000000000000000000000002b"
                          "0001" NOTHING_12 ALICE "0000000000000064"
                          "00"
                          "000000000000000000000000000000000000000000",
     "5 stargate-ride:42161:6:5:0x" NOTHING_12 ALICE "\n"},
    {"a bus that goes", "arbitrum", BOB,
     "1623f9ea59bd6f214c9571a892da012fc23534aa5906bef4ae8c5d15ee7d2d6e",
     WORD_6 WORD_5 WORD_6 WORD_64, "6 stargate-bus:42161:6:5\n6 stargate-driven:6:0x" WORD_64 "\n"},
    {"published by Wormhole", "arbitrum", BOB,
     "6eb224fb001ed210e379b335e35efe88672a8ce935d981a6896b27ffdf52a3b2" NOTHING_12 ALICE, WORD_5,
     "5 wormhole:23:0x" NOTHING_12 ALICE ":5\n"},
    {"published where Wormhole is not", "gnosis", BOB,
     "6eb224fb001ed210e379b335e35efe88672a8ce935d981a6896b27ffdf52a3b2" NOTHING_12 ALICE, WORD_5,
     ""},
    {"redeemed from Wormhole", "ethereum", BOB,
     "caf280c8cfeba144da67230d9b009c8f868a75bac9a528fa0474be1ba317c169" WORD_6 WORD_64 WORD_5, "",
     "6 wormhole:6:0x" WORD_64 ":5\n"},
    {"an order of deBridge", "bsc", BOB,
     "fc8703fd57380f9dd234a89dce51333782d49c5902f307b02f03e014d18fe471", WORD_64 WORD_5,
     "5 dln:0x" WORD_5 "\n"},
    {"fulfilled", "ethereum", BOB,
     "d281ee92bab1446041582480d2c0a9dc91f855386bb27ea295faac1e992f7fe4", WORD_64 WORD_5,
     "6 dln:0x" WORD_5 "\n"},
    {"from Arbitrum", "arbitrum", "0000000000000000000000000000000000000064",
     "3e7aafa77dbf186b7fd488006beff893744caa3c4f6f299e8a709fa2087374fc" NOTHING_12 ALICE WORD_0
         WORD_5,
     "", "5 arb-out:42161:5\n"},
    {"out of its outbox", "ethereum", "0b9857ae2d4a3dbe74ffe1d7df045bb7f96e4840",
     "20af7f3bbfe38132b8900ae295cd9c8d1914be7052d061a511f3f728dab18964" NOTHING_12 ALICE NOTHING_12
         BOB WORD_0,
     WORD_5, "6 arb-out:42161:5\n"},
    {"out of another outbox", "ethereum", BOB,
     "20af7f3bbfe38132b8900ae295cd9c8d1914be7052d061a511f3f728dab18964" NOTHING_12 ALICE NOTHING_12
         BOB WORD_0,
     WORD_5, ""},
    {"into the inbox of Arbitrum", "ethereum", "4dbd4fc535ac27206064b68ffcf827b0a60bab3f",
     "ff64905f73a67fb594e0f940a8075a860db489ad991e032f48c81123eb52d60b" WORD_5, "",
     "5 arb-in:42161:5\n"},
    {"tokens into a gateway of Arbitrum", "ethereum", "cee284f754e854890e311e3280b767f80797180d",
     "b8910b9960c443aac3240b98585384e3a6f109fbf6969e264c3f183d69aba7e1" NOTHING_12 ALICE NOTHING_12
         BOB WORD_5,
     NOTHING_12 BOB WORD_0, "5 arb-token:42161:5\n"},
    {"tokens into another chain's gateway", "ethereum", BOB,
     "b8910b9960c443aac3240b98585384e3a6f109fbf6969e264c3f183d69aba7e1" NOTHING_12 ALICE NOTHING_12
         BOB WORD_5,
     NOTHING_12 BOB WORD_0, ""},
    {"into another's inbox", "ethereum", BOB,
     "ff64905f73a67fb594e0f940a8075a860db489ad991e032f48c81123eb52d60b" WORD_5, "", ""},
    {"synced to Polygon", "ethereum", BOB,
     "103fed9db65eac19c4d870f49ab7520fe03b99f1838e5996caf47e9e43308392" WORD_5 NOTHING_12 ALICE, "",
     "5 polygon-state:5\n"},
    {"committed on Polygon", "polygon", BOB,
     "5a22725590b0a51c923940223f7458512164b1113359a735e86e7f27f44791ee" WORD_5, WORD_0,
     "6 polygon-state:5\n"},
    {"asked of the bridge to Gnosis", "ethereum", BOB,
     "482515ce3d9494a37ce83f18b72b363449458435fafdd7a53ddea7460fe01b58" WORD_5, "",
     "5 amb:0x" WORD_5 "\n"},
    {"done there", "gnosis", BOB,
     "e194ef610f9150a2db4110b3db5116fd623175dca3528d7ae7046a1042f84fe7" NOTHING_12 ALICE NOTHING_12
         BOB WORD_5,
     "", "6 amb:0x" WORD_5 "\n"},
    {"to Chainflip, for an address that is text", "ethereum", BOB,
     "6757034e841d88190e95fa8a7570ce6cb721257474400c3282ec536eab810540" NOTHING_12 ALICE,
     "0000000000000000000000000000000000000000000000000000000000000003" WORD_64
     "0000000000000000000000000000000000000000000000000000000000000003"
     "6263310000000000000000000000000000000000000000000000000000000000",
     "5 ~chainflip:3:bc1\n"},
    {"to Chainflip, for an address in bytes", "ethereum", BOB,
     "834b524d9f8ccbd31b00b671c896697b96eb4398c0f56e9386a21f5df61e3ce3" NOTHING_12 ALICE,
     "0000000000000000000000000000000000000000000000000000000000000004" WORD_64
     "0000000000000000000000000000000000000000000000000000000000000014" BOB NOTHING_12,
     "5 ~chainflip:4:0x" BOB "\n"},
    {"a router's payment by way of a pool", "base", BOB,
     "de470d7c2e9c3282cad476e5ed6f05f74d68839c406573048f2dee22a8c452c7" NOTHING_12 ALICE,
     WORD_0 WORD_0 WORD_5 WORD_0 NOTHING_12 BOB WORD_0
     "00000000000000000000000000000000000000000000000000000000000000e0"
     "0000000000000000000000000000000000000000000000000000000000000003"
     "3d3a620000000000000000000000000000000000000000000000000000000000",
     "1 =:b\n"},
    /* Celer's pegged tokens: the ids of both sides are words of their own */
    {"locked in Celer's vault", "ethereum", BOB,
     "15d2eeefbe4963b5b2178f239ddcc730dda55f1c23c22efb79ded0eb854ac789",
     WORD_6 NOTHING_12 ALICE NOTHING_12 TOKEN WORD_5 WORD_5 NOTHING_12 BOB,
     "5 celer-peg:0x" WORD_6 "\n"},
    {"minted for it", "bsc", BOB,
     "5bc84ecccfced5bb04bfc7f3efcdbe7f5cd21949ef146811b4d1967fe41f777a",
     WORD_5 NOTHING_12 TOKEN NOTHING_12 BOB WORD_5 WORD_5 WORD_6 NOTHING_12 ALICE,
     "6 celer-peg:0x" WORD_6 "\n"},
    {"burned at Celer's second version", "bsc", BOB,
     "6298d7b58f235730b3b399dc5c282f15dae8b022e5fbbf89cee21fd83c8810a3",
     WORD_64 NOTHING_12 TOKEN NOTHING_12 ALICE WORD_5 WORD_5 NOTHING_12 BOB WORD_6,
     "5 celer-peg:0x" WORD_64 "\n"},
    {"given out of the vault for it", "ethereum", BOB,
     "296a629c5265cb4e5319803d016902eb70a9079b89655fe2b7737821ed88beeb",
     WORD_5 NOTHING_12 BOB NOTHING_12 TOKEN WORD_5 WORD_5 WORD_64 NOTHING_12 ALICE,
     "6 celer-peg:0x" WORD_64 "\n"},
    /* kappa: Keccak-256 of "0x" and the 64 digits of some_tx, worked out apart */
    {"deposited at Synapse", "ethereum", BOB,
     "da5273705dbef4bf1b902a131c2eac086b7e1476a8ab0cb4da08af1fe1bd8e3b" NOTHING_12 ALICE,
     WORD_5 NOTHING_12 TOKEN WORD_6,
     "5 synapse:0x9832f5da2729bf95911efda5ddb9f0de389194958efd55f4ecbb62d996909df3\n"},
    {"minted by Synapse", "bsc", BOB,
     "bf14b9fde87f6e1c29a7e0787ad1d0d64b4648d8ae63da21524d9fd0f283dd38" NOTHING_12 ALICE
     "9832f5da2729bf95911efda5ddb9f0de389194958efd55f4ecbb62d996909df3",
     NOTHING_12 TOKEN WORD_6 WORD_0,
     "6 synapse:0x9832f5da2729bf95911efda5ddb9f0de389194958efd55f4ecbb62d996909df3\n"},
    {"sent by Synapse's adapter", "base", BOB,
     "e24e6284bb4ec2f5820189573deff7603191eb850be5a872ac3b72d477cdc58d" WORD_5 NOTHING_12 ALICE
         NOTHING_12 TOKEN,
     WORD_5 WORD_64, "5 synapse:0x" WORD_64 "\n"},
    {"withdrawn from Synapse for it", "ethereum", BOB,
     "8b0afdc777af6946e53045a4a75212769075d30455a212ac51c9b16f9c5c9b26" NOTHING_12 ALICE WORD_64,
     NOTHING_12 TOKEN WORD_5 WORD_0, "6 synapse:0x" WORD_64 "\n"},
    {"asked of Synapse's relayers", "arbitrum", BOB,
     "120ea0364f36cdac7983bcfdd55270ca09d7f9b314a2ebc425a3b01ab1d6403a" WORD_6 NOTHING_12 ALICE, "",
     "5 synapse-rfq:0x" WORD_6 "\n"},
    {"relayed", "ethereum", BOB,
     "f8ae392d784b1ea5e8881bfa586d81abf07ef4f1e2fc75f7fe51c90f05199a5c" WORD_6 NOTHING_12 BOB
         NOTHING_12 ALICE,
     "", "6 synapse-rfq:0x" WORD_6 "\n"},
    {"an order of Mayan", "ethereum", BOB,
     "918554b6bd6e2895ce6553de5de0e1a69db5289aa0e4fe193a0dcd1f14347477", WORD_64,
     "5 mayan-swift:0x" WORD_64 "\n"},
    {"paid", "avalanche", BOB, "6ec9b1b5a9f54d929394f18dac4ba1b1cc79823f2266c2d09cab8a3b4700b40b",
     WORD_64 WORD_5 WORD_6, "6 mayan-swift:0x" WORD_64 "\n"},
    {"given back", "ethereum", BOB,
     "bff5487f6422ba4acbcde6bd5e0ccb83124c240b9deb6a72e7b5eb8c7b71d6fc", WORD_64 WORD_6,
     "6 mayan-swift:0x" WORD_64 "\n"},
    {"sent by Allbridge", "ethereum", BOB,
     "9cd6008e8d4ebd34fd9d022278fec7f95d133780ecc1a0dea459fae3e9675390",
     WORD_64 NOTHING_12 ALICE WORD_5 NOTHING_12 TOKEN WORD_6 WORD_0,
     "5 allbridge:0x" NOTHING_12 ALICE ":6\n"},
    {"received from Allbridge", "polygon", BOB,
     "e9d840d27ab4032a839c20760fb995af8e3ad1980b9428980ca1c7e072acd87a",
     WORD_64 NOTHING_12 ALICE WORD_6 WORD_0 WORD_5, "6 allbridge:0x" NOTHING_12 ALICE ":6\n"},
    {"called across by Connext", "optimism", BOB,
     "ed8e6ba697dd65259e5ce532ac08ff06d1a3607bcec58f8f0937fe36a5666c54" WORD_6 WORD_5 WORD_64, "",
     "5 connext:0x" WORD_6 "\n"},
    {"executed by Connext", "gnosis", BOB,
     "0b07a8b0b083f8976b3c832b720632f49cb8ba1e7a99e1b145f51a47d3391cb7" WORD_6 NOTHING_12 ALICE
         NOTHING_12 TOKEN,
     "", "6 connext:0x" WORD_6 "\n"},
    {"dispatched by Hyperlane", "ethereum", BOB,
     "788dbc1b7152732178210e7f4d9d010ef016f9eafbe66786bd7169f56e0c353a" WORD_5, "",
     "5 hyperlane:0x" WORD_5 "\n"},
    {"processed by Hyperlane", "base", BOB,
     "1cae38cdd3d3919489272725a5ae62a4f48b2989b0dae843d3c279fee18073a9" WORD_5, "",
     "6 hyperlane:0x" WORD_5 "\n"},
    {"left with Relay", "base", BOB,
     "8032066556caf3967d8fec4ad22a2d9e1e9576556b2903a0fcd5b1fd201e3477",
     NOTHING_12 ALICE WORD_5 WORD_6, "5 ~relay:0x" WORD_6 "\n"},
    {"a token left with Relay", "base", BOB,
     "49fed1d0b752ce30eee63c7a81133f3363b532fec5d4d7dd1ccfd005de4555e1",
     NOTHING_12 ALICE NOTHING_12 TOKEN WORD_5 WORD_6, "5 ~relay:0x" WORD_6 "\n"},
    {"swapped out at Multichain", "ethereum", BOB,
     "97116cf6cd4f6412bb47914d6db18da9e16ab2142f543b86e207c24fbd16b23a" NOTHING_12 TOKEN NOTHING_12
         ALICE NOTHING_12 BOB,
     WORD_6 WORD_0 WORD_0, "5 multichain:0x" WORD_5 "\n"},
    {"swapped in for that transaction", "bsc", BOB,
     "aac9ce45fe3adf5143598c4f18a369591a20a3384aedaf1b525d29127e1fcd55" WORD_5 NOTHING_12 TOKEN
         NOTHING_12 BOB,
     WORD_6 WORD_0 WORD_0, "6 multichain:0x" WORD_5 "\n"},
    {"swapped out at its V7", "ethereum", BOB,
     "0d969ae475ff6fcaf0dcfa760d4d8607244e8d95e9bf426f8d5d69f9a3e525af" WORD_6 NOTHING_12 TOKEN
         NOTHING_12 ALICE,
     "", "5 multichain:0x" WORD_6 "\n"},
    {"sent by Poly", "ethereum", BOB,
     "6ad3bf15c1988bc04bc153490cab16db8efb9a3990215bf1c64ea6e28be88483" NOTHING_12 ALICE,
     "00000000000000000000000000000000000000000000000000000000000000a0" NOTHING_12 BOB WORD_6 WORD_0
         WORD_0 "0000000000000000000000000000000000000000000000000000000000000020" WORD_5,
     "5 poly:2:5\n"},
    {"executed by Poly", "polygon", BOB,
     "8a4a2663ce60ce4955c595da2894de0415240f1ace024cfbff85f513b656bdae",
     "0000000000000000000000000000000000000000000000000000000000000002" WORD_0 WORD_0
     "0000000000000000000000000000000000000000000000000000000000000080"
     "0000000000000000000000000000000000000000000000000000000000000020" WORD_5,
     "6 poly:2:5\n"},
    /* exploit.csv: withdrawal 2000000 */
    {"paid by the Ronin bridge", "ethereum", "1a2a1c938ce3ec39b6d47113c7955baa9dd454f2",
     "86174ea401f083b9bb1bdebca3068f27fb023c7091365ed2a8a02b8d75cf0e52"
     "00000000000000000000000000000000000000000000000000000000001e8480" WORD_0 WORD_0,
     WORD_5, "6 ronin-withdrawal:2000000\n"},
    {"into a mixer", "ethereum", "a160cdab225685da1d56aa342ad8841c3b53f291",
     "a945e51eec50ab98c161376f0db4cf2aeba3ec92755fe2fcd388bdbbb80ff196" WORD_5, WORD_0 WORD_5,
     "7 \n"},
    {"out of it", "ethereum", "a160cdab225685da1d56aa342ad8841c3b53f291",
     "e9e508bad6d4c3227e881ca19068f099da81b5164dd6d62b2eaf1e8bc6c34931" NOTHING_12 BOB,
     NOTHING_12 ALICE WORD_5 WORD_0, "8 0x" ALICE "\n"},
    {"borrowed", "ethereum", BOB,
     "b3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0" NOTHING_12 TOKEN NOTHING_12
         ALICE WORD_0,
     NOTHING_12 BOB WORD_5, "9 0x" ALICE " 5\n"},
};

static void put_key(char *to, size_t room, struct bytes key)
{
    size_t n = strlen(to);

    if (!key.n)
        snprintf(to + n, room - n, "-");
    for (size_t i = 0; i < key.n; i++)
        snprintf(to + n + 2 * i, room - n - 2 * i, "%02x", key.p[i]);
}

static void said_show(const struct evm_said *said, char *to, size_t room)
{
    char amount[U256_TEXT_MAX];

    to[0] = '\0';
    for (size_t i = 0; i < said->transfers_n; i++) {
        snprintf(to + strlen(to), room - strlen(to), "%c ", said->transfers[i].kind);
        put_key(to, room, said->transfers[i].from);
        snprintf(to + strlen(to), room - strlen(to), ">");
        put_key(to, room, said->transfers[i].to);
        u256_to_text(said->transfers[i].amount, amount);
        snprintf(to + strlen(to), room - strlen(to), " %s\n", amount);
    }
    for (size_t i = 0; i < said->events_n; i++)
        snprintf(to + strlen(to), room - strlen(to), "%d %.*s\n", said->events[i].kind,
                 (int)said->events[i].data.n, (const char *)said->events[i].data.p);
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(said_rows) / sizeof(said_rows[0]); i++) {
        struct evm_log log = log_of(said_rows[i].address, said_rows[i].topics, said_rows[i].data);
        static struct evm_said said;
        char text[2048];

        test_row("%s", said_rows[i].name);
        evm_log_read(chain_by_name(said_rows[i].chain), &some_tx, &log, &said);
        said_show(&said, text, sizeof(text));
        CHECK_S(text, said_rows[i].want);
        for (size_t k = 0; k < said.events_n; k++) /* whose word it is: the emitter's, always */
            CHECK(bytes_equal(said.events[k].subject, log.address));
        for (size_t k = 0; k < said.transfers_n; k++) {
            CHECK_U(said.transfers[k].position, 7);
            CHECK(bytes_equal(said.transfers[k].asset, log.address));
        }
    }
}

/* A log cut short says nothing, or no less than what its row reads. */
static void cut_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(said_rows) / sizeof(said_rows[0]); i++) {
        struct evm_log log = log_of(said_rows[i].address, said_rows[i].topics, said_rows[i].data);
        struct bytes whole = log.data;
        static struct evm_said said;

        test_row("%s", said_rows[i].name);
        for (size_t n = 0; n < whole.n; n++) {
            uint8_t *p = malloc(n ? n : 1);
            char text[2048];

            CHECK(p != NULL);
            memcpy(p, whole.p, n);
            log.data = (struct bytes){p, n};
            evm_log_read(chain_by_name(said_rows[i].chain), &some_tx, &log, &said);
            said_show(&said, text, sizeof(text));
            CHECK(!*text || !strncmp(text, said_rows[i].want, 1));
            free(p);
        }
        log.data = whole;
        log.topics_n = 0;
        evm_log_read(chain_by_name(said_rows[i].chain), &some_tx, &log, &said);
        CHECK_U(said.transfers_n + said.events_n, 0);
    }
}

/* A pair that happened: what was deposited at Synapse on Ethereum in that transaction came on BNB
 * Smart Chain with that kappa. */
static void a_kappa(void **state)
{
    struct bytes name =
        test_hex("1deca8979d670d04eec269502cc5435aeaabb0354f72615514ede521419f0282");
    struct evm_log log =
        log_of("2796317b0ff8538f253012862c06787adfb8ceb6",
               "da5273705dbef4bf1b902a131c2eac086b7e1476a8ab0cb4da08af1fe1bd8e3b" NOTHING_12 ALICE,
               WORD_5 NOTHING_12 TOKEN WORD_6);
    struct evm_said said;
    struct hash32 tx;
    char text[2048];

    (void)state;
    memcpy(tx.b, name.p, sizeof(tx.b));
    evm_log_read(chain_by_name("ethereum"), &tx, &log, &said);
    said_show(&said, text, sizeof(text));
    CHECK_S(text, "5 synapse:0x867be90cef9605d157d3f2cb76101c03e53bffb3af0386a69afe80ba32de8483\n");
}

/* No two rows for one topic and number of topics. */
static void rows_differ(void **state)
{
    (void)state;
    for (size_t i = 0; i < evm_log_rows(); i++)
        for (size_t k = 0; k < i; k++) {
            struct evm_log_row a = evm_log_row(i), b = evm_log_row(k);

            test_row("%s and %s", a.signature, b.signature);
            CHECK(a.topics_n != b.topics_n || memcmp(a.topic, b.topic, 32) != 0);
        }
}

static void topics_are_hashes(void **state)
{
    (void)state;
    for (size_t i = 0; i < evm_log_rows(); i++) {
        struct evm_log_row row = evm_log_row(i);
        struct hash32 hash = keccak256(row.signature, strlen(row.signature));

        test_row("%s", row.signature);
        CHECK(!memcmp(hash.b, row.topic, 32));
    }
}

/* The events that others found in the receipts: events.tsv. */
struct found {
    const char *tx, *log_index, *event, *contract, *key;
    bool seen, key_equal;
};

/* What a receipt is: it says a key, it only names what bridged, or none of the rows knows it. */
enum what { NOTHING_KNOWN, NAMED, KEYED };

struct protocol { /* how many receipts say something of it, and keys */
    const char *name;
    size_t receipts, keys, last;
};

struct receipts {
    char *text; /* of the file */
    struct found found[128];
    struct protocol protocols[32];
    size_t protocols_n, n, whats[3];
    size_t found_n, keys_n, seen_n, equal_n, more_n;
    struct text more; /* keys said where the file has none, with their direction */
};

static char *field_cut(char **at)
{
    char *start = *at, *end = start + strcspn(start, "\t\n");

    *at = *end ? end + 1 : end;
    *end = '\0';
    return start;
}

static void events_read(struct receipts *r)
{
    struct bytes in = test_data("bridges2/receipts/events.tsv");
    char *at;

    r->text = strndup((const char *)in.p, in.n);
    CHECK(r->text != NULL);
    at = r->text + strcspn(r->text, "\n") + 1;
    while (*at) {
        struct found *f = &r->found[r->found_n++];

        CHECK(r->found_n < 128);
        field_cut(&at); /* chain_id */
        f->tx = field_cut(&at);
        field_cut(&at); /* block */
        f->log_index = field_cut(&at);
        field_cut(&at); /* protocol */
        f->event = field_cut(&at);
        f->contract = field_cut(&at);
        f->key = field_cut(&at);
        r->keys_n += *f->key != '\0';
    }
}

static struct bytes hex_of(struct arena *a, const struct json *j)
{
    size_t n = (j->text_n - 2) / 2;
    uint8_t *p = arena_alloc(a, n ? n : 1);

    CHECK(p && hex_decode(j->text + 2, 2 * n, p, n));
    return (struct bytes){p, n};
}

static struct evm_log log_from(struct arena *a, const struct json *j)
{
    const struct json *topics = json_get(j, "topics");
    struct evm_log log = {.address = hex_of(a, json_get(j, "address")),
                          .topics_n = topics->children_n,
                          .data = hex_of(a, json_get(j, "data")),
                          .index = (uint32_t)strtoul(json_get(j, "logIndex")->text, NULL, 16)};
    uint8_t(*to)[32] = arena_alloc(a, 32 * (log.topics_n + 1));
    size_t i = 0;

    CHECK(to != NULL);
    for (const struct json *t = topics->child; t; t = t->next)
        CHECK(hex_decode(t->text + 2, 64, to[i++], 32));
    log.topics = (const uint8_t(*)[32])to;
    return log;
}

/* Tokens, wrappers and pools are no bridges. */
static bool is_bridge(const char *protocol)
{
    static const char *const others[] = {"erc20",    "weth9",    "uniswap2", "uniswap3", "uniswap4",
                                         "pancake3", "balancer", "curve",    "saddle"};

    for (size_t i = 0; protocol && i < sizeof(others) / sizeof(others[0]); i++)
        if (!strcmp(protocol, others[i]))
            return false;
    return protocol != NULL;
}

static enum what count_log(struct receipts *r, const struct evm_log *log,
                           const struct evm_said *said)
{
    const char *signature, *name = evm_log_name(log, &signature);
    size_t i = 0;

    if (!is_bridge(name))
        return NOTHING_KNOWN;
    while (i < r->protocols_n && strcmp(r->protocols[i].name, name) != 0)
        i++;
    CHECK(i < 32);
    if (i == r->protocols_n)
        r->protocols[r->protocols_n++] = (struct protocol){.name = name, .last = SIZE_MAX};
    r->protocols[i].receipts += r->protocols[i].last != r->n;
    r->protocols[i].last = r->n;
    r->protocols[i].keys += said->events_n;
    return said->events_n ? KEYED : NAMED;
}

static enum what one_log(struct receipts *r, const struct chain *chain, const char *tx,
                         const struct evm_log *log, const char *contract)
{
    static struct evm_said said;
    const char *signature = NULL;
    struct found *f = NULL;

    evm_log_name(log, &signature);
    evm_log_read(chain, &some_tx, log, &said);
    for (size_t i = 0; i < r->found_n; i++)
        if (!strcmp(r->found[i].tx, tx) && strtoul(r->found[i].log_index, NULL, 10) == log->index)
            f = &r->found[i];
    if (f) {
        test_row("%s log %u: %s", tx, log->index, f->event);
        CHECK_S(contract, f->contract);
        CHECK(signature && !strncmp(signature, f->event, strlen(f->event)));
        r->seen_n += !f->seen;
        f->seen = true;
    }
    if (f && *f->key) {
        CHECK_U(said.events_n, 1);
        f->key_equal = strlen(f->key) == said.events[0].data.n &&
                       !memcmp(f->key, said.events[0].data.p, said.events[0].data.n);
        CHECK(f->key_equal);
        r->equal_n++;
    }
    for (size_t i = 0; i < said.events_n; i++)
        if ((said.events[i].kind == EVENT_BRIDGE_OUT || said.events[i].kind == EVENT_BRIDGE_IN) &&
            !(f && *f->key)) {
            text_printf(&r->more, "%.*s\n", (int)said.events[i].data.n,
                        (const char *)said.events[i].data.p);
            r->more_n++;
        }
    return count_log(r, log, &said);
}

static void one_receipt(struct receipts *r, const char *line, size_t n)
{
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    const struct json *root, *logs;
    struct chain chain = {.shape = CHAIN_ACCOUNTS, .dialect = &dialect_evm};
    enum what what = NOTHING_KNOWN, of_log;
    struct err err;

    CHECK(a != NULL);
    CHECK_OK(json_read(a, line, n, &root, &err), err);
    CHECK_OK(json_u64(json_get(root, "chain_id"), "chain_id", &chain.evm_id, &err), err);
    logs = json_get(json_get(root, "receipt"), "logs");
    for (const struct json *l = logs->child; l; l = l->next) {
        struct evm_log log = log_from(a, l);

        of_log = one_log(r, &chain, json_get(l, "transactionHash")->text, &log,
                         json_get(l, "address")->text);
        what = of_log > what ? of_log : what;
    }
    r->whats[what]++;
    r->n++;
    arena_free(a);
}

static void receipts(void **state)
{
    static struct receipts r;
    struct bytes in = test_data("bridges2/receipts/receipts.jsonl.zst");

    (void)state;
    r.more = text_new((size_t)1 << 16);
    events_read(&r);
    for (size_t at = 0, end; at < in.n; at = end + 1) {
        for (end = at; end < in.n && in.p[end] != '\n'; end++)
            ;
        one_receipt(&r, (const char *)in.p + at, end - at);
    }
    printf("receipts: %zu; events known of %zu: %zu; keys equal of %zu: %zu; keys beyond: %zu\n",
           r.n, r.found_n, r.seen_n, r.keys_n, r.equal_n, r.more_n);
    printf("receipts that say a key: %zu, that only name a bridge: %zu, that say nothing: %zu\n",
           r.whats[KEYED], r.whats[NAMED], r.whats[NOTHING_KNOWN]);
    for (size_t i = 0; i < r.protocols_n; i++)
        printf("  %s: %zu receipts, %zu keys\n", r.protocols[i].name, r.protocols[i].receipts,
               r.protocols[i].keys);
    CHECK_U(r.n, 46);
    CHECK_U(r.whats[KEYED], 44);
    CHECK_U(r.whats[NAMED], 2);
    CHECK_U(r.found_n, 62);
    CHECK_U(r.seen_n, 62);
    CHECK_U(r.equal_n, r.keys_n);
    /* Two messages to Optimism whose key is found at their start, too, where the file has none. */
    CHECK(strstr(text_string(&r.more), "op-message:0xe30ab42bcf5783747df4954cab703a763e5135edada1"
                                       "493d83b3cb4cdf6fbdca\n"));
    CHECK(strstr(text_string(&r.more), "op-message:0xe9a085054cf14bc9f7efb511aafb017fb0c8bbb354c1"
                                       "3d782093ab4ccb363a3a\n"));
    text_free(&r.more);
    free(r.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(cut_short),
        cmocka_unit_test(a_kappa),
        cmocka_unit_test(rows_differ),
        cmocka_unit_test(topics_are_hashes),
        cmocka_unit_test(receipts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
