/* One key for any address that tags and lists name, whatever the chain and however it was written.
 *
 * A space is a set of addresses whose texts mean one thing: all EVM chains are one space, for a key
 * is its owner's on each of them, and so are Bitcoin's test networks. The canonical text: "0x" and
 * 40 hex digits in lower case (EVM), Base58Check ("T...") for Tron, Bech32 in lower case, Base58 as
 * it is, CashAddr in lower case without its prefix. The two forms of a Bitcoin Cash address are one
 * key, and so is a Simple Ledger address, which is the same key once more.
 *
 * Checksums are checked where the form has one: Base58Check, Bech32 and Bech32m, CashAddr, EIP-55
 * where the case is mixed, Monero's, the XRP Ledger's (an account and a tag is "r...:TAG", whether
 * it was written so or as an X-address). Solana's addresses have none: 32 bytes in base 58.
 * SPACE_OTHER is for chains that have no row: Bech32 of any chain is checked and lower-cased, "0x"
 * and hex digits lower-cased, the rest taken as it is.
 *
 * Threads:   safe. */
#ifndef CORDON_CHAIN_ADDRESS_KEY_H
#define CORDON_CHAIN_ADDRESS_KEY_H

#include "base/err.h"
#include "chain/chain.h"
#include "chain/transfers.h"

/* The numbers are on disk. */
enum address_space {
    SPACE_NONE, /* no key */
    SPACE_BITCOIN,
    SPACE_BITCOIN_TEST, /* testnet, signet, regtest */
    SPACE_BITCOIN_SIM,
    SPACE_BITCOIN_CASH,
    SPACE_BITCOIN_SV,
    SPACE_BITCOIN_GOLD,
    SPACE_LITECOIN,
    SPACE_LITECOIN_TEST,
    SPACE_DOGECOIN,
    SPACE_DASH,
    SPACE_ZCASH,
    SPACE_VERGE,
    SPACE_DIGIBYTE,
    SPACE_MONERO,
    SPACE_EVM,
    SPACE_TRON,
    SPACE_SOLANA,
    SPACE_XRP,
    SPACE_OTHER,
};
#define ADDRESS_SPACES (SPACE_OTHER + 1)

#define ADDRESS_CAIP2_MAX 42 /* namespace, colon, 32 characters, NUL */
#define ADDRESS_TICKER_MAX 8
#define ADDRESS_KEY_MAX 126 /* characters of a key's text, with its NUL */

struct address_key {
    uint8_t space; /* enum address_space */
    uint8_t n;     /* of text, without its NUL */
    char text[ADDRESS_KEY_MAX];
};

const char *address_space_name(enum address_space space); /* "bitcoin", "evm", ... */
/* By that name; SPACE_NONE: there is none such. */
enum address_space address_space_by_name(const char *name);
/* Of a space: the CAIP-2 name of its first chain (evm: Ethereum), and its coin's ticker ("BTC").
 * "" where there is none. */
const char *address_space_caip2(enum address_space space, char ret[ADDRESS_CAIP2_MAX]);
const char *address_space_ticker(enum address_space space, char ret[ADDRESS_TICKER_MAX]);

/* How the addresses of a space of coins are written; NULL: it is of accounts, or Monero's. */
const struct chain *address_space_coin(enum address_space space);

static inline bool address_key_equal(const struct address_key *a, const struct address_key *b)
{
    return a->space == b->space && a->n == b->n && !memcmp(a->text, b->text, a->n);
}

/* The account alone, of an address that is an account and a tag of the XRP Ledger; false: it is
 * none such. */
bool address_key_untagged(const struct address_key *key, struct address_key *ret);

/* By space, then by text. */
int address_key_compare(const struct address_key *a, const struct address_key *b);

/* An address may come as people and wallets write it: with blanks around, as a URI, with its chain
 * before it (chain/address_form.h); of EVM chains also without "0x" or filled to 32 bytes.
 *
 * hint says what the address is of:
 *
 *   NULL       nothing: the address alone decides
 *   a chain    its name ("ethereum", "polygon", "xrpl") or its CAIP-2 name: the address is of that
 *              chain, or wrong
 *   a ticker   ("XBT", "BTC", "TRX", "USDT", in either case) says what moves, not where: the chain
 *              that the ticker is native to is tried first, then the address decides by itself
 *   else       the name of something that has no row here: an address that is plainly of one chain
 *              is of that, the rest is in SPACE_OTHER
 *
 * Errors: ERR_INPUT with what is wrong, the text quoted: no address of that chain, a checksum that
 * is wrong, more than ADDRESS_KEY_MAX - 1 characters, a character that addresses do not have. */
bool address_key_read(const char *p, size_t n, const char *hint, struct address_key *ret,
                      struct err *err) MUST_USE;

/* The same, but a hint that names nothing that has a row is ERR_INPUT, with the names of chains. */
bool address_key_read_known(const char *p, size_t n, const char *hint, struct address_key *ret,
                            struct err *err) MUST_USE;
/* Is it a hint of the first three kinds? */
bool address_chain_known(const char *hint, struct err *err) MUST_USE;

/* Does the hint say what moves, and not where: a ticker? */
bool address_hint_is_ticker(const char *hint);

/* A canonical key out of a file of our own: is it one that reading could have made? Spaces and
 * lengths are checked, checksums are not. */
bool address_key_from(enum address_space space, const char *p, size_t n, struct address_key *ret);

/* SPACE_NONE: a chain that has none (books of banks). */
enum address_space address_space_of_chain(const struct chain *chain);
/* The key as a chain's ledger has it: a script (ledgers of coins), an account's key (ledgers of
 * accounts). False: no address of that chain. */
bool address_key_on(const struct address_key *key, const struct chain *chain,
                    uint8_t ret[ACCOUNT_KEY_MAX], size_t *ret_n);
/* And back. False: the script has no address, or the chain has no space (books of banks). */
bool address_key_of(const struct chain *chain, struct bytes in, struct address_key *ret);

#endif
