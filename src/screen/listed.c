/* Addresses on lists, however they are written, and whatever else their keys spend. */
#include "screen/screener_parts.h"

#include "chain/address_form.h"

#include <string.h>

struct listed_address listed_find(const struct screener *s, const struct address_key *key)
{
    struct listed_address ret = {.hits_n = 0};

    ret.hits = list_addresses_find(&s->addresses, key, &ret.hits_n);
    ret.same = list_addresses_find(&s->same, key, &ret.same_n);
    return ret;
}

/* Listed texts are of ASCII, and few: whoever sends what is no address waits for one look at each.
 */
static const struct list_hit *looks_like(const struct screener *s, const char *text)
{
    char wanted[ADDRESS_LOOKS_MAX], has[ADDRESS_LOOKS_MAX];

    if (!address_looks(text, strlen(text), wanted))
        return NULL;
    for (size_t i = 0; i < s->addresses.n; i++) {
        const struct list_hit *hit = &s->addresses.at[i];

        if (address_looks(hit->crypto->text, strlen(hit->crypto->text), has) &&
            !strcmp(has, wanted))
            return hit;
    }
    return NULL;
}

bool listed_otherwise(const struct screener *s, const char *text, struct listed_address *ret,
                      struct address_key *ret_key)
{
    const struct list_hit *hit;
    struct address_key key;
    struct err ignored;

    if (address_key_read(text, strlen(text), NULL, &key, &ignored))
        *ret = listed_find(s, &key);
    if (!ret->hits_n && !ret->same_n) {
        hit = looks_like(s, text);
        if (!hit)
            return false;
        key = hit->key;
        *ret = listed_find(s, &key);
    }
    *ret_key = key;
    return true;
}
