/* The crypto-addresses of lists by their keys: is this address on a list, on which, and whose is
 * it?
 *
 * An address whose key cannot be made (a wrong checksum, a form unknown) is found by its text
 * alone, in SPACE_OTHER; strange counts them.
 *
 * Ownership: all in the arena, pointing into the lists.
 * Errors:    ERR_NOMEM, ERR_LIMIT of the arena.
 * Order:     by key, then in the order of lists and entries.
 * Threads:   constant once made. */
#ifndef CORDON_ENTITY_LIST_ADDRESS_H
#define CORDON_ENTITY_LIST_ADDRESS_H

#include "base/arena.h"
#include "chain/address_key.h"
#include "entity/list.h"

struct list_hit {
    struct address_key key;
    const struct list *list;
    const struct list_entry *entry;
    const struct list_crypto *crypto; /* as the list writes it */
};

#define LIST_SEEN_BITS 20

struct list_addresses {
    const struct list_hit *at;
    size_t n, strange;
    const uint64_t *seen; /* bits by a hash of the keys, of which most others have none; or NULL */
};

bool list_addresses_make(struct arena *a, const struct list *lists, size_t lists_n,
                         struct list_addresses *ret, struct err *err) MUST_USE;
/* The addresses of l as other chains and other forms write them (chain/address_same.h): key is
 * such an one, crypto what the list has. What is in l already is left out. */
bool list_addresses_same(struct arena *a, const struct list_addresses *l,
                         struct list_addresses *ret, struct err *err) MUST_USE;
/* All hits of a key: *ret_n of them from what is returned on; NULL: none. */
const struct list_hit *list_addresses_find(const struct list_addresses *l,
                                           const struct address_key *key, size_t *ret_n);

#endif
