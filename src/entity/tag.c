/* Categories and the words that stand for them.
 *
 * Words: the concepts of GraphSense's TagPacks and of the INTERPOL taxonomy that they use; the
 * label slugs of block explorers; the kinds of published label sets. Services that an explorer
 * labels by their name alone are listed as what they are. */
#include "entity/tag.h"

static const struct {
    const char *name;
    enum tag_group group;
    const char *meaning;
    const char *words;  /* with a space around each; the name itself needs none */
    const char *actors; /* names of single services */
} categories[TAG_CATEGORIES] = {
    [TAG_UNKNOWN] = {"unknown", TAG_GROUP_OTHER, "not told, or in a word that is not known", " ",
                     " "},
    [TAG_EXCHANGE] =
        {"exchange", TAG_GROUP_SERVICE, "takes deposits and trades them",
         " exchanges p2p-exchange p2p_exchange cex centralized-exchange hosted_exchange hot-wallet "
         "cold-wallet cold_wallet binance-deposit ",
         " abcc allbit ascendex bibox bigone bilaxy binance bitbank bitbns bitfinex bitflyer "
         "bitforex bitget bithumb bitmart bitmex bitpanda bitpoint bitrue bitso bitstamp "
         "bittrex bitvavo btcturk btse bw bybit cex-io cobinhood coincheck coinbase coinbit "
         "coindcx coinex coinhako coinlist coinmetro coinone coinsquare coinspot coinsuper coss-io "
         "crypto-com cryptocom deribit digifinex exmo ftx gate-io gateio gbx gemini gopax hitbtc "
         "hoo-com hotbit hashkey huobi htx idax indodax kraken korbit kryptono kucoin latoken "
         "lbank liquid luno mercado-bitcoin mexc mxc okcoin okex okx paribu phemex poloniex "
         "probit quadrigacx remitano resfinex swissborg tidex topbtc trade-io upbit uphold wazirx "
         "whitebit woo-network yobit yunbi zb-com zaif "},
    [TAG_OTC] = {"otc", TAG_GROUP_SERVICE, "trades with single customers, over the counter",
                 " otc_broker otc-broker broker ", " "},
    [TAG_GUARANTEE_MARKET] = {"guarantee_market", TAG_GROUP_SERVICE,
                              "escrow between strangers, often for laundering",
                              " guarantee escrow_market ", " huione huione-guarantee xinbi "},
    [TAG_INSTANT_SWAPPER] =
        {"instant_swapper", TAG_GROUP_SERVICE, "changes coins at once, without an account",
         " instant_exchange instant-exchange swap-service swapper swap_service ",
         " changenow changelly exch fixedfloat godex morphtoken shapeshift sideshift "
         "simpleswap stealthex "},
    [TAG_MIXER] = {"mixer", TAG_GROUP_SERVICE, "takes coins and gives back others",
                   " mixing_service mixing mixers tumbler ",
                   " blender blender-io chipmixer cyclone railgun sinbad tornado-cash tornado "
                   "typhoon-cash yomix "},
    [TAG_COINJOIN] = {"coinjoin", TAG_GROUP_OTHER, "a CoinJoin's coordinator, or its fees",
                      " coinjoins ", " wasabi samourai "},
    [TAG_BRIDGE] =
        {"bridge", TAG_GROUP_PROTOCOL, "takes value on one chain and gives it on another",
         " defi_bridge bridges cross-chain cross_chain bridged layer-2 ",
         " across-protocol celer-network connext hop-protocol multichain anyswap "
         "optics poly-network rainbow-bridge ren ronin-bridge stargate synapse thorchain "
         "wormhole "},
    [TAG_LENDER] = {"lender", TAG_GROUP_PROTOCOL, "lends, against collateral or not",
                    " defi_lending lending loans loan ",
                    " aave celsius-network compound cream-finance inverse-finance maker "
                    "rari-capital euler "},
    [TAG_ISSUER] = {"issuer", TAG_GROUP_SERVICE, "issues a token and can freeze it",
                    " stablecoin token_issuer stable-coin ", " centre circle tether paxos "},
    [TAG_GAMBLING] = {"gambling", TAG_GROUP_SERVICE, "bets and games for money",
                      " casino betting lottery ", " etheroll fomo3d "},
    [TAG_PAYMENT] = {"payment", TAG_GROUP_SERVICE, "takes payments for others",
                     " payment_processor payment-processor payments payment_platform fiat-gateway "
                     "merchant merchant_services ",
                     " bitpay coingate coinpayments moonpay wirex "},
    [TAG_FREELANCE] = {"freelance", TAG_GROUP_SERVICE, "pays wages and contractors",
                       " freelance_platform freelancing payroll gig ",
                       " bounties-network gitcoin-bounties upwork "},
    [TAG_MINER] = {"miner", TAG_GROUP_OTHER, "a pool, or who mines",
                   " mining mining_service mining-pool mining_pool miners pool validator staking "
                   "proposer-fee-recipient mev-builder ",
                   " f2pool miningpoolhub antpool slushpool sparkpool ethermine "},
    [TAG_CUSTODIAN] = {"custodian", TAG_GROUP_SERVICE, "holds the keys for others",
                       " wallet_service hosted_wallet hosted-wallet wallet custody wallet-app ",
                       " bitgo bitpie coinjar xapo "},
    [TAG_DEFI] =
        {"defi", TAG_GROUP_PROTOCOL, "contracts of finance",
         " defi_derivative derivatives yield-farming yield_farming vaults defi_index index "
         "insurance options-trading prediction synthetics ",
         " yearn-finance synthetix convex-finance nexus-mutual instadapp set-protocol "
         "mstable badger ribbon-finance pooltogether opyn "},
    [TAG_DEX] = {"dex", TAG_GROUP_PROTOCOL, "an exchange of contracts, without deposits",
                 " defi_dex defi_swap decentralized-exchange decentralised_exchange amm router ",
                 " 0x-protocol 1inch airswap balancer bancor cow-protocol curve-fi dydx idex "
                 "kyberswap kyber loopring pancakeswap paraswap quickswap sushiswap tokenlon "
                 "traderjoe uniswap zerox "},
    [TAG_MARKET] = {"market", TAG_GROUP_SERVICE, "a market of goods or collectibles",
                    " marketplace marketplaces shop collectible collectibles nft auction ",
                    " foundation looksrare opensea rarible superrare zora nifty-gateway "},
    [TAG_ATM] = {"atm", TAG_GROUP_SERVICE, "cash for coins, at a machine",
                 " crypto_atm bitcoin-atm kiosk ", " "},
    [TAG_FAUCET] = {"faucet", TAG_GROUP_OTHER, "gives coins away", " faucets airdrop ", " "},
    [TAG_TOKEN] = {"token", TAG_GROUP_OTHER, "a token's contract, or its sale",
                   " token-contract token_contract token-sale ico ico-wallets "
                   "airdrop-distributor ",
                   " "},
    [TAG_ORGANISATION] = {"organisation", TAG_GROUP_OTHER, "a firm, a fund, a charity, a state",
                          " organization donation donate charity fund dao company-funds dao-funds "
                          "government ",
                          " "},
    [TAG_PERSON] = {"person", TAG_GROUP_OTHER, "somebody's own wallet",
                    " user individual multisig-owner airdrop-hunter take-action gitcoin-grantee ",
                    " "},
    [TAG_SERVICE] = {"service", TAG_GROUP_OTHER, "some service", " services ", " "},
    [TAG_SCAM] = {"scam", TAG_GROUP_ABUSE, "fraud upon many",
                  " fraud investment_fraud investment-fraud social_engineering fake romance_scam "
                  "pig_butchering rug-pull rugpull spam-token high-risk giveaway_scam ",
                  " "},
    [TAG_PHISHING] = {"phishing", TAG_GROUP_ABUSE, "takes keys or signatures by deceit",
                      " phish-hack phish phish_hack drainer etherscan-phish-hack-list ", " "},
    [TAG_PONZI] = {"ponzi", TAG_GROUP_ABUSE, "pays earlier investors with later ones' money",
                   " ponzi_scheme pyramid_scheme pyramid ponzi-scheme ", " "},
    [TAG_EXTORTION] = {"extortion", TAG_GROUP_ABUSE, "extortion, blackmail",
                       " sextortion blackmail ", " "},
    [TAG_RANSOMWARE] = {"ransomware", TAG_GROUP_ABUSE, "ransom for data", " ransom ", " "},
    [TAG_MALWARE] = {"malware", TAG_GROUP_ABUSE, "malicious programs", " hacking botnet stealer ",
                     " "},
    [TAG_THEFT] = {"theft", TAG_GROUP_ABUSE, "a thief's addresses",
                   " service_hack hack heist exploit exploits stolen_funds stolen thief "
                   "upbit-hack bitpoint-hack cryptopia-hack lendf-me-hack bzx-exploit "
                   "etherscan-exploit-list etherscan-heist-list exploiter ",
                   " "},
    [TAG_SANCTIONED] = {"sanctioned", TAG_GROUP_ABUSE, "on a sanctions list",
                        " sanction sanctions ofac ofac-sanctions-lists ", " "},
    [TAG_TERRORISM] = {"terrorism", TAG_GROUP_ABUSE, "finances terrorism",
                       " terrorism_financing terrorist terrorist_financing ", " "},
    [TAG_EXTREMISM] = {"extremism", TAG_GROUP_ABUSE, "finances extremists", " hate ", " "},
    [TAG_DARKNET_MARKET] = {"darknet_market", TAG_GROUP_ABUSE, "a market of forbidden goods",
                            " dark_web darknet darkmarket darknet-market dark-web drugs weapons "
                            "fraud_shop carding counterfeit ",
                            " hydra hydra-market "},
    [TAG_CHILD_ABUSE] = {"child_abuse", TAG_GROUP_ABUSE, "sells images of child abuse",
                         " csam child_sexual_abuse child_sexual_exploitation ", " "},
    [TAG_LAUNDERING] = {"laundering", TAG_GROUP_ABUSE, "moves others' stolen money",
                        " money_laundering money-laundering money_mule mule ", " "},
    [TAG_FROZEN] = {"frozen", TAG_GROUP_ABUSE, "frozen by an issuer",
                    " black_list blacklist blocked frozen banned ", " "},
};

static const struct {
    const char *name;
    unsigned level;
} confidences[TAG_CONFIDENCES] = {
    [TAG_CONFIDENCE_UNKNOWN] = {"unknown", 5},
    [TAG_HEURISTIC] = {"heuristic", 10},
    [TAG_WEB_CRAWL] = {"web_crawl", 20},
    [TAG_UNTRUSTED_TRANSACTION] = {"untrusted_transaction", 40},
    [TAG_FORENSIC] = {"forensic", 50},
    [TAG_SERVICE_DATA] = {"service_data", 50},
    [TAG_TRUSTED_PROVIDER] = {"trusted_provider", 50},
    [TAG_AUTHORITY_DATA] = {"authority_data", 60},
    [TAG_SERVICE_API] = {"service_api", 70},
    [TAG_MANUAL_TRANSACTION] = {"manual_transaction", 90},
    [TAG_OWNERSHIP] = {"ownership", 100},
    [TAG_OVERRIDE] = {"override", 100},
};

const char *tag_category_name(enum tag_category c)
{
    return c < TAG_CATEGORIES ? categories[c].name : categories[TAG_UNKNOWN].name;
}

enum tag_category tag_category_by_name(const char *name)
{
    enum tag_category c = TAG_UNKNOWN;

    while (c < TAG_CATEGORIES && strcmp(categories[c].name, name) != 0)
        c++;
    return c;
}

enum tag_group tag_category_group(enum tag_category c)
{
    return c < TAG_CATEGORIES ? categories[c].group : TAG_GROUP_OTHER;
}

const char *tag_category_meaning(enum tag_category c)
{
    return c < TAG_CATEGORIES ? categories[c].meaning : "";
}

const char *tag_confidence_name(enum tag_confidence c)
{
    return confidences[c < TAG_CONFIDENCES ? c : TAG_CONFIDENCE_UNKNOWN].name;
}

enum tag_confidence tag_confidence_by_name(const char *name)
{
    enum tag_confidence c = TAG_CONFIDENCE_UNKNOWN;

    while (c < TAG_CONFIDENCES && strcmp(confidences[c].name, name) != 0)
        c++;
    return c;
}

unsigned tag_confidence_level(enum tag_confidence c)
{
    return confidences[c < TAG_CONFIDENCES ? c : TAG_CONFIDENCE_UNKNOWN].level;
}

/* Sources write one word with capitals, hyphens, underscores or spaces. */
static char folded(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c + 32);
    return c == '_' || c == ' ' ? '-' : c;
}

static bool is_word(const char *word, const char *p, size_t n, char end)
{
    for (size_t i = 0; i < n; i++)
        if (word[i] == end || folded(word[i]) != folded(p[i]))
            return false;
    return n && word[n] == end;
}

static bool among(const char *words, const char *p, size_t n)
{
    for (const char *at = words + 1; *at; at += strcspn(at, " ") + 1)
        if (is_word(at, p, n, ' '))
            return true;
    return false;
}

enum tag_category tag_category_of_word(const char *p, size_t n)
{
    for (enum tag_category c = TAG_UNKNOWN; c < TAG_CATEGORIES; c++)
        if (is_word(categories[c].name, p, n, 0) || among(categories[c].words, p, n) ||
            among(categories[c].actors, p, n))
            return c;
    return TAG_CATEGORIES;
}

bool tag_word_is_actor(const char *p, size_t n)
{
    for (enum tag_category c = TAG_UNKNOWN; c < TAG_CATEGORIES; c++)
        if (among(categories[c].actors, p, n))
            return true;
    return false;
}
