/* Fields of the XRP Ledger's binary form, and names that it writes as numbers.
 *
 * Source:    xrpl.org, "Serialization Format"; the tables: definitions.inc.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_XRPL_DEFINITIONS_H
#define CORDON_CHAIN_XRPL_DEFINITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum xrpl_type { /* values are of the wire */
                 XRPL_UINT16 = 1,
                 XRPL_UINT32 = 2,
                 XRPL_UINT64 = 3,
                 XRPL_HASH128 = 4,
                 XRPL_HASH256 = 5,
                 XRPL_AMOUNT = 6,
                 XRPL_BLOB = 7,
                 XRPL_ACCOUNT = 8,
                 XRPL_NUMBER = 9,
                 XRPL_INT32 = 10,
                 XRPL_OBJECT = 14,
                 XRPL_ARRAY = 15,
                 XRPL_UINT8 = 16,
                 XRPL_HASH160 = 17,
                 XRPL_PATHS = 18,
                 XRPL_VECTOR256 = 19,
                 XRPL_HASH192 = 21,
                 XRPL_ISSUE = 24,
                 XRPL_BRIDGE = 25,
                 XRPL_CURRENCY = 26,
};

struct xrpl_field {
    const char *name;
    uint8_t type, nth;
};

/* NULL: none that is known here. */
const struct xrpl_field *xrpl_field_named(const char *name);
const struct xrpl_field *xrpl_field_of(unsigned type, unsigned nth);

/* Numbers that stand for names. NULL, or false: none that is known here. */
enum xrpl_names {
    XRPL_NAMES_NONE,
    XRPL_TRANSACTIONS,
    XRPL_ENTRIES,
    XRPL_RESULTS,
    XRPL_PERMISSIONS
};
enum xrpl_names xrpl_names_of(const struct xrpl_field *f); /* which a field's value is of */
const char *xrpl_names_at(enum xrpl_names which, uint32_t number);
bool xrpl_names_find(enum xrpl_names which, const char *name, uint32_t *ret);
/* A 64-bit number that JSON has in decimal; others it has in hex. */
bool xrpl_is_decimal(const struct xrpl_field *f);

#endif
