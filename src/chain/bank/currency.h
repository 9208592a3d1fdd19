/* Currencies by ISO 4217, and amounts of money as payment messages write them.
 *
 * An amount is a whole number of the currency's minor unit (ISO 4217, table A.1, "Minor unit": JPY
 * has 0 digits, USD 2, KWD 3, CLF 4). More digits after the point than the currency has are
 * refused, as is a currency that the table does not know: a wrong factor of 100 would go unseen.
 * Codes that have been withdrawn are read, for old books. Metals and test codes are not.
 * Threads: safe; the table is constant. */
#ifndef CORDON_CHAIN_BANK_CURRENCY_H
#define CORDON_CHAIN_BANK_CURRENCY_H

#include "base/bytes.h"
#include "base/err.h"

#define CURRENCY_CODE_BYTES 3
#define MONEY_MAX ((uint64_t)INT64_MAX) /* minor units */

struct currency {
    char code[CURRENCY_CODE_BYTES + 1]; /* upper case */
    uint8_t digits;                     /* after the point */
};

struct money {
    const struct currency *currency; /* NULL: there is none */
    uint64_t minor;                  /* at most MONEY_MAX */
};

const struct currency *currency_find(const char *code, size_t n); /* NULL: unknown */

/* "1234.56" (ISO 20022), or with point ',' "1234,56" and "1234," (SWIFT: the comma is always
 * there). No sign, no white space, no group marks; zeros in front, and after the point zeros beyond
 * the currency's digits are refused, too. */
bool money_read(const char *code, size_t code_n, const char *p, size_t n, char point,
                struct money *ret, struct err *err) MUST_USE;

static inline bool money_equal(struct money a, struct money b)
{
    return a.currency == b.currency && a.minor == b.minor;
}

#define MONEY_TEXT_MAX 32
const char *money_text(struct money m, char ret[MONEY_TEXT_MAX]); /* "1234.56 USD" */

#endif
