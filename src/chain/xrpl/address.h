/* Accounts and assets of the XRP Ledger, as keys and as text.
 *
 *     20 bytes  an account              rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe
 *     24        account, tag (be32)     rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe:12345; also read: its
 *                                       X-address (XLS-5)
 *     32        a ledger entry that holds value: an escrow, a channel; its index, as hex
 *     40        currency, issuer        USD.rPT1..., or the code's 40 hex digits for USD
 *     44        a multi-purpose token   its issuance's 48 hex digits; the key is as the ledger
 *                                       writes an "Issue": issuer, account one, number (le32)
 *     45        what is confidential   confidential: and the token's name; the key is the token's
 *               of such a token        and a mark
 *
 * An exchange has one account for all its customers, and a customer is account and tag.
 *
 * Errors:    ERR_INPUT with the text quoted.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_XRPL_ADDRESS_H
#define CORDON_CHAIN_XRPL_ADDRESS_H

#include "base/bytes.h"
#include "base/err.h"

#define XRPL_ACCOUNT_BYTES 20
#define XRPL_TAGGED_BYTES 24
#define XRPL_ENTRY_BYTES 32
#define XRPL_ASSET_BYTES 40
#define XRPL_TOKEN_BYTES 44
#define XRPL_HIDDEN_BYTES 45
#define XRPL_HIDDEN_MARK 'c'
#define XRPL_KEY_MAX 45
#define XRPL_TOKEN_ID_BYTES 24 /* of an issuance, as it is shown: number (be32), issuer */
#define XRPL_NAME_MAX 128

/* Does the key stand for what is confidential of a token? */
bool xrpl_hides(struct bytes key);
/* False: a key of no such length. */
bool xrpl_name(struct bytes key, char ret[XRPL_NAME_MAX]);
bool xrpl_read(const char *text, uint8_t ret[XRPL_KEY_MAX], size_t *ret_n,
               struct err *err) MUST_USE;
bool xrpl_account_read(const char *text, uint8_t ret[XRPL_ACCOUNT_BYTES]); /* no tag */
void xrpl_tagged_key(const uint8_t account[XRPL_ACCOUNT_BYTES], uint32_t tag,
                     uint8_t ret[XRPL_TAGGED_BYTES]);
uint32_t xrpl_tag(const uint8_t key[XRPL_TAGGED_BYTES]);
void xrpl_token_key(const uint8_t id[XRPL_TOKEN_ID_BYTES], uint8_t ret[XRPL_TOKEN_BYTES]);
/* What is wrong with a text that is meant as an account or an X-address, and is none; NULL: it is
 * nothing of the kind. */
const char *xrpl_wrong(const char *text);
/* Three characters, or 40 hex digits. */
bool xrpl_currency_read(const char *text, size_t n, uint8_t ret[20]);
void xrpl_currency_name(const uint8_t code[20], char ret[XRPL_NAME_MAX]);

#endif
