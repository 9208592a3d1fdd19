/* An address as people and wallets write it, taken out of what is around it:
 *
 *   white space, and signs that show nothing (U+200B, a byte order mark, ...), before and behind
 *   URIs       bitcoin:1A1z...?amount=1 (BIP 21), ethereum:pay-0x...@1 and
 *              .../transfer?address=0x... (ERC-681), xrp:r...?dt=7, and those of other chains: the
 *              chain's name or ticker, a colon, the address
 *   CAIP-10    eip155:1:0x..., bip122:000000000019d6689c085ae165831e93:1A1z...; did:pkh: before it
 *   ERC-3770   arb1:0x...
 *   pages      https://etherscan.io/address/0x..., https://tronscan.org/#/address/T...
 *
 * What is no address is not made one: a text in which none of these is found is left as it is.
 *
 * Errors:    ERR_INPUT where a URI names several addresses, or does not say which one is paid.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_ADDRESS_FORM_H
#define CORDON_CHAIN_ADDRESS_FORM_H

#include "base/bytes.h"
#include "base/err.h"

#define ADDRESS_FORM_MAX 4096 /* bytes of a URI with a label and a message */
#define ADDRESS_HINT_MAX 64

struct address_form {
    const char *p; /* the address, within the text or in built */
    size_t n;
    char chain[ADDRESS_HINT_MAX]; /* that the form names; "": none */
    char built[128];              /* an address and its tag */
};

/* The whole of it, for what is no address: capitals, signs between letters, and letters of other
 * scripts that look like those of ASCII count for nothing, and neither does what 0, O, 1, I and l
 * are taken for. False: too short, too long, or of other letters. */
#define ADDRESS_LOOKS_MAX 128
bool address_looks(const char *p, size_t n, char ret[ADDRESS_LOOKS_MAX]);
/* Is one word meant as an address, be it one or not: long, with digits, or a domain? */
bool address_is_meant(const char *p, size_t n);

bool address_form_read(const char *p, size_t n, struct address_form *ret, struct err *err) MUST_USE;

/* In a word without blanks: is it a name of a service of names (vitalik.eth), which stands for
 * another address from day to day? */
bool address_is_domain(const char *p, size_t n);

#endif
