#include "chain/xrpl/definitions.h"

#include <string.h>

#define field xrpl_field /* as the table has them */
struct numbered {
    const char *name;
    uint32_t number;
};
#include "chain/xrpl/definitions.inc"
#undef field

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* XLS-74: what part of an account's rights may be given away, beside whole transaction types, which
 * are their number and one more. */
static const struct numbered permissions[] = {
    {"TrustlineAuthorize", 65537},
    {"TrustlineFreeze", 65538},
    {"TrustlineUnfreeze", 65539},
    {"AccountDomainSet", 65540},
    {"AccountEmailHashSet", 65541},
    {"AccountMessageKeySet", 65542},
    {"AccountTransferRateSet", 65543},
    {"AccountTickSizeSet", 65544},
    {"PaymentMint", 65545},
    {"PaymentBurn", 65546},
    {"MPTokenIssuanceLock", 65547},
    {"MPTokenIssuanceUnlock", 65548},
};

const struct xrpl_field *xrpl_field_named(const char *name)
{
    size_t low = 0, high = COUNT(fields);

    while (low < high) {
        size_t at = (low + high) / 2;
        int order = strcmp(fields[at].name, name);

        if (!order)
            return &fields[at];
        if (order < 0)
            low = at + 1;
        else
            high = at;
    }
    return NULL;
}

const struct xrpl_field *xrpl_field_of(unsigned type, unsigned nth)
{
    size_t low = 0, high = COUNT(by_code);

    while (low < high) {
        size_t at = (low + high) / 2;
        const struct xrpl_field *f = &fields[by_code[at]];

        if (f->type == type && f->nth == nth)
            return f;
        if (f->type < type || (f->type == type && f->nth < nth))
            low = at + 1;
        else
            high = at;
    }
    return NULL;
}

enum xrpl_names xrpl_names_of(const struct xrpl_field *f)
{
    static const struct {
        const char *name;
        enum xrpl_names names;
    } rows[] = {{"TransactionType", XRPL_TRANSACTIONS},
                {"LedgerEntryType", XRPL_ENTRIES},
                {"TransactionResult", XRPL_RESULTS},
                {"PermissionValue", XRPL_PERMISSIONS}};

    for (size_t i = 0; i < COUNT(rows); i++)
        if (!strcmp(f->name, rows[i].name))
            return rows[i].names;
    return XRPL_NAMES_NONE;
}

static const struct numbered *rows_of(enum xrpl_names which, size_t *ret_n)
{
    switch (which) {
    case XRPL_TRANSACTIONS:
        *ret_n = COUNT(transaction_types);
        return transaction_types;
    case XRPL_ENTRIES:
        *ret_n = COUNT(entry_types);
        return entry_types;
    case XRPL_RESULTS:
        *ret_n = COUNT(results);
        return results;
    case XRPL_PERMISSIONS:
        *ret_n = COUNT(permissions);
        return permissions;
    case XRPL_NAMES_NONE:
        break;
    }
    *ret_n = 0;
    return NULL;
}

static const char *name_at(enum xrpl_names which, uint32_t number)
{
    size_t n;
    const struct numbered *rows = rows_of(which, &n);

    for (size_t i = 0; i < n; i++)
        if (rows[i].number == number)
            return rows[i].name;
    return NULL;
}

const char *xrpl_names_at(enum xrpl_names which, uint32_t number)
{
    const char *name = name_at(which, number);

    return name || which != XRPL_PERMISSIONS || !number ? name
                                                        : name_at(XRPL_TRANSACTIONS, number - 1);
}

static bool number_of(enum xrpl_names which, const char *name, uint32_t *ret)
{
    size_t n;
    const struct numbered *rows = rows_of(which, &n);

    for (size_t i = 0; i < n; i++)
        if (!strcmp(rows[i].name, name)) {
            *ret = rows[i].number;
            return true;
        }
    return false;
}

bool xrpl_names_find(enum xrpl_names which, const char *name, uint32_t *ret)
{
    if (number_of(which, name, ret))
        return true;
    if (which != XRPL_PERMISSIONS || !number_of(XRPL_TRANSACTIONS, name, ret))
        return false;
    ++*ret;
    return true;
}

bool xrpl_is_decimal(const struct xrpl_field *f)
{
    static const char *const names[] = {"MaximumAmount", "OutstandingAmount", "MPTAmount",
                                        "LockedAmount", "ConfidentialOutstandingAmount"};

    for (size_t i = 0; i < COUNT(names); i++)
        if (!strcmp(f->name, names[i]))
            return true;
    return false;
}
