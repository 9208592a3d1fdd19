/* All tags of a store, compiled into one file that is mapped read-only: what screening asks.
 *
 *     head | packs | actors | whats | slots | keys | ids | texts
 *
 * slots is a table with open addressing, at most half full: from a key's hash to its record in
 * keys, which are in order (address_key_compare). A record says how many tags its key has, in which
 * categories, and where in ids they begin; an id is a row of whats. A look-up so touches a slot,
 * and if there is such a key, its record.
 *
 * The file is a function of the packs alone: the hash is keyed by the store's stamp
 * (tag_store_stamp), which also says whether a file is of the packs as they now stand. It is
 * written beside its name and renamed; who has it mapped keeps what they have. Whatever was killed
 * in between, tag_set_ready makes a file that is missing, stale or damaged anew.
 *
 * A tag of an actor that an ActorPack describes, without a category of its own, has the actor's.
 *
 * Ownership: what is found points into the mapping, until tag_set_close.
 * Errors:    ERR_NOT_FOUND no file, ERR_CORRUPT not whole, ERR_SYSTEM, ERR_NOMEM; ERR_LIMIT.
 * Threads:   an open set is read-only, and serves any number of threads. */
#ifndef CORDON_ENTITY_TAG_SET_H
#define CORDON_ENTITY_TAG_SET_H

#include "entity/tag_store.h"

#define TAG_SET_BYTES_MAX ((uint64_t)8 << 30)

struct tag_set;

/* Of what the store holds now. */
bool tag_set_make(struct store *s, const char *path, struct err *err) MUST_USE;
bool tag_set_open(const char *path, struct tag_set **ret, struct err *err) MUST_USE;
struct tag_set *tag_set_close(struct tag_set *set); /* takes NULL, returns NULL */
/* Opened if it is of the store's packs, else made anew first. */
bool tag_set_ready(struct store *s, const char *path, struct tag_set **ret,
                   struct err *err) MUST_USE;

const struct hash32 *tag_set_stamp(const struct tag_set *set);
size_t tag_set_keys(const struct tag_set *set);
size_t tag_set_tags(const struct tag_set *set);

/* A key with its tags. */
struct tag_found {
    const char *key; /* NUL-terminated */
    enum address_space space;
    uint64_t categories, categories_public; /* tag_category_bit of category and abuse; public: of
                                               packs that are not private */
    size_t tags_n;
    const uint32_t *ids;
};

bool tag_set_find(const struct tag_set *set, const struct address_key *key, struct tag_found *ret);
/* The same of many, several times as fast: into ret[n]; tags_n is 0 where there is no such key. */
void tag_set_find_many(const struct tag_set *set, const struct address_key *keys, size_t n,
                       struct tag_found *ret);
/* It will be asked for: its slot is sent for, and then, when that is there, its record. */
void tag_set_fetch(const struct tag_set *set, const struct address_key *key);
void tag_set_fetch_record(const struct tag_set *set, const struct address_key *key);
/* Keys in order, of one space (SPACE_NONE: of all). *at begins with 0; false: no more. */
bool tag_set_next(const struct tag_set *set, enum address_space space, uint64_t *at,
                  struct tag_found *ret);
/* The i-th tag of a key; by pack, then as the pack has them. */
void tag_set_tag(const struct tag_set *set, const struct tag_found *found, size_t i,
                 struct tag *ret);
/* Do tags of one key disagree: two categories, two accusations, or two actors? */
bool tag_set_conflict(const struct tag_set *set, const struct tag_found *found);

struct tag_set_pack {
    const char *name, *version;
    struct hash32 sha256;
    bool private;
};
size_t tag_set_packs(const struct tag_set *set);
struct tag_set_pack tag_set_pack(const struct tag_set *set, size_t i); /* by name */
bool tag_set_actor(const struct tag_set *set, const char *id, struct tag_actor *ret);

#endif
