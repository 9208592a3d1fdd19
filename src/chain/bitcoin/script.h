/* scriptPubKeys and addresses of Bitcoin-like chains.
 *
 * Classes are the standard forms, matched exactly (Bitcoin Core, script/solver.cpp); everything
 * else is SCRIPT_OTHER. One is wider: Core wants pushes alone after OP_RETURN, here whatever
 * follows it is SCRIPT_RETURN, since none of it can ever be spent. Addresses: Base58Check; Bech32
 * (BIP 173) for witness version 0, Bech32m (BIP 350) for 1 to 16. Pay-to-public-key is shown as the
 * P2PKH address of its key. The script of a shielded pool (chain/bitcoin/pool.h) has the pool's
 * name for an address. Bare multisig has no address; it is shown as its keys, in the notation
 * of output descriptors (BIP 383): multi(1,02..,03..).
 *
 * Threads:   safe. */
#ifndef CORDON_CHAIN_BITCOIN_SCRIPT_H
#define CORDON_CHAIN_BITCOIN_SCRIPT_H

#include "base/err.h"
#include "base/text.h"
#include "chain/chain.h"

/* Also the first byte of a packed script, on disk: the numbers stay as they are. */
enum script_class {
    SCRIPT_OTHER, /* payload: the whole script */
    SCRIPT_P2PK,  /* payload: the key, 33 or 65 bytes */
    SCRIPT_P2PKH,
    SCRIPT_P2SH,
    SCRIPT_P2WPKH,
    SCRIPT_P2WSH,
    SCRIPT_P2TR,
    SCRIPT_WITNESS,  /* version 2 to 16, or 1 with another length (BIP 141); payload: the program */
    SCRIPT_MULTISIG, /* bare, up to 20 keys; payload: the whole script */
    SCRIPT_RETURN,   /* payload: all after OP_RETURN */
};

#define ADDRESS_BYTES_MAX 128 /* with its NUL: the longest Bech32 string is 90 */
#define SCRIPT_FORM_MAX 67

enum script_class script_classify(struct bytes script, struct bytes *ret_payload);
const char *script_class_name(enum script_class class); /* "p2pkh", ... in lower case */
bool script_has_address(enum script_class class);       /* P2PK to WITNESS */

/* A script's address form: for P2PK the P2PKH script of its key (built in form), else the script
 * itself. */
struct bytes script_address_form(struct bytes script, uint8_t form[SCRIPT_FORM_MAX]);

/* The address, with its NUL. False: the class has none, and ret is not to be read. */
bool address_of_script(const struct chain *chain, struct bytes script, char ret[ADDRESS_BYTES_MAX]);
/* The address, multi(..), return:HEX, or script:HEX. */
void script_show(struct text *to, const struct chain *chain, struct bytes script);

/* An address as typed -> the script it stands for. ERR_INPUT says what is wrong with it (checksum,
 * another chain's prefix, length). */
bool address_read(const struct chain *chain, const char *s, uint8_t ret_script[SCRIPT_FORM_MAX],
                  size_t *ret_n, struct err *err) MUST_USE;

/* Shorter, reversible form for the ledger: a class byte and the payload where that tells all (so a
 * P2PKH is 21 bytes), else class, compact length, script. A script has one packing, and unpacking
 * refuses any other. ret has room for script.n + 10 bytes; returns the length. */
size_t script_pack(struct bytes script, uint8_t *ret);
/* Reads one packed script at the start of in; the script is built in out (room: SCRIPT_FORM_MAX) or
 * borrowed from in. *ret_used is how long it was packed. False: damaged. */
bool script_unpack(struct bytes in, uint8_t out[SCRIPT_FORM_MAX], struct bytes *ret_script,
                   size_t *ret_used) MUST_USE;

#endif
