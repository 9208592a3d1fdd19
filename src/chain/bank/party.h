/* Who takes part in a payment: keys of accounts, and the identifiers that they are made from.
 *
 * A key is text, and the same for the same account whatever message names it:
 *
 *     GB82WEST12345698765432       an IBAN (ISO 13616), upper case, without spaces
 *     RCBCPHMM/9013111141          another account number, after its bank
 *     RCBCPHMM/name:JOHN SMITH     no number is named: the party's name, after its bank
 *     name:JOHN SMITH              nor is a bank
 *     CITIUS33/transit/PAYMENT     one payment's value in the hands of a bank that passes it on
 *     CITIUS33/charges             what a bank keeps of payments that pass through it
 *
 * A bank is its BIC (ISO 9362), upper case, eight characters where the branch is XXX; without a BIC
 * "clearing:USABA021000018" (clearing system and member), else "name:ACME BANK". Names are upper
 * case in ASCII, white space being one space; a key too long is cut and ends in a hash of all.
 *
 * Ownership: keys live in the arena.
 * Errors:    ERR_INPUT; a NULL p of what is returned is no memory.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_BANK_PARTY_H
#define CORDON_CHAIN_BANK_PARTY_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

#define BIC_MAX 11
#define IBAN_MAX 34 /* ISO 13616-1:2020, 6.2 */
#define UETR_BYTES 36
#define PARTY_TEXT_MAX 2048 /* of a name or number, before it becomes a key */

static inline struct bytes bytes_of(const char *s)
{
    return (struct bytes){(const uint8_t *)s, strlen(s)};
}

/* Without the white space (and controls) at both ends. */
struct bytes party_trim(struct bytes text);

/* [A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?, either case; XXX at the end is left out. */
bool bic_read(struct arena *a, struct bytes text, struct bytes *ret, struct err *err) MUST_USE;
/* Country, check digits that hold (ISO 7064, MOD 97-10), 11 to 30 characters more; spaces between
 * are passed over. */
bool iban_valid(struct bytes text);
/* A UUID of version 4 (RFC 4122), lower case in ret. */
bool uetr_read(struct bytes text, char ret[UETR_BYTES + 1], struct err *err) MUST_USE;

/* What a message tells of a bank. */
struct bank_agent {
    struct bytes bic; /* as bic_read gives it */
    struct bytes clearing, name;
};

static inline bool bank_agent_given(const struct bank_agent *agent)
{
    return agent->bic.n || agent->clearing.n || agent->name.n;
}

struct bytes bank_agent_key(struct arena *a, const struct bank_agent *agent); /* empty: no agent */
struct bytes bank_transit_key(struct arena *a, struct bytes agent, struct bytes payment);
struct bytes bank_charges_key(struct arena *a, struct bytes agent);
/* account and name may be empty, as may agent (a key of bank_agent_key); *ret_named: made of the
 * name. All three empty: the key is empty. */
struct bytes bank_account_key(struct arena *a, struct bytes agent, struct bytes account,
                              struct bytes name, bool *ret_named);

/* When a payment was: a day, or a moment (base/time.h, time_from_iso), with the complaint made. */
bool bank_time(struct bytes text, uint64_t *ret, struct err *err) MUST_USE;

#endif
