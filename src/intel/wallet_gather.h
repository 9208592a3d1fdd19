/* What there is to pass on: wallets out of tags and lists, as far as their markings allow.
 *
 * A public pack, and a sanctions list, is TLP:CLEAR unless it came under a marking. A private pack
 * is passed on only if it is named outright (own), and without a marking is AMBER+STRICT. Nothing
 * goes out under a wider marking than its own, and with it goes its permitted use.
 *
 * Ownership: wallets point into the set, the packs and the lists; the array is the arena's.
 * Errors:    ERR_NOT_FOUND a pack that is not there; ERR_LIMIT more than WALLETS_MAX; ERR_NOMEM.
 * Order:     wallets_sort.
 * Threads:   safe. */
#ifndef CORDON_INTEL_WALLET_GATHER_H
#define CORDON_INTEL_WALLET_GATHER_H

#include "entity/list.h"
#include "entity/tag_set.h"
#include "intel/wallet.h"

struct wallet_wanted {
    enum tlp tlp;             /* under which it goes out */
    uint64_t categories;      /* tag_category_bit; 0: all */
    enum address_space space; /* SPACE_NONE: all */
    const char *const *packs; /* [packs_n] 0: all */
    size_t packs_n;
    const char *const *own; /* [own_n] private ones that are meant */
    size_t own_n;
};

struct wallets_gathered {
    struct wallet *at;
    size_t n;
    size_t private, marked; /* tags that stay: of private packs, of a narrower marking */
};

/* set NULL: no tags. rows: of the same packs, by name. */
bool wallets_gather(struct arena *a, const struct wallet_wanted *wanted, const struct tag_set *set,
                    const struct tag_pack_row *rows, size_t rows_n, const struct list *lists,
                    size_t lists_n, struct wallets_gathered *ret, struct err *err) MUST_USE;

#endif
