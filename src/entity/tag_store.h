/* Packs of tags in the store: each stands as its file says it, under its name, until it is replaced
 * or withdrawn as a whole.
 *
 * Ownership: rows live in the arena given.
 * Errors:    as store/store.h; ERR_NOT_FOUND a pack that is not there; ERR_CORRUPT rows that cannot
 *            be.
 * Threads:   as a store. */
#ifndef CORDON_ENTITY_TAG_STORE_H
#define CORDON_ENTITY_TAG_STORE_H

#include "entity/tag_read.h"
#include "store/store.h"

#define TAG_PACKS_MAX 65536

extern const struct store_schema tag_schema;

enum tag_import {
    TAG_IMPORT_NEW,
    TAG_IMPORT_SAME,     /* the same file under the same name: nothing was changed */
    TAG_IMPORT_REPLACED, /* what was there under that name is gone */
};

/* Within a transaction of the caller's. ret_before: the version that was replaced. */
bool tag_store_import(struct store *s, const struct tag_pack *pack, enum tag_import *ret,
                      char ret_before[TAG_TEXT_MAX + 1], struct err *err) MUST_USE;
bool tag_store_withdraw(struct store *s, const char *name, struct err *err) MUST_USE;

struct tag_pack_row {
    uint64_t id;
    const char *name, *title, *creator, *description, *version, *format, *map;
    bool private;
    struct mark mark; /* TLP_NONE: it came without one */
    struct hash32 sha256;
    uint64_t stated, tags, whats, actors;
};
/* By name. */
bool tag_store_packs(struct store *s, struct arena *a, const struct tag_pack_row **ret,
                     size_t *ret_n, struct err *err) MUST_USE;

/* SHA-256 over the packs' names, files, maps and whether they are private, by name: the same packs,
 * the same stamp. */
struct hash32 tag_store_stamp(const struct tag_pack_row *packs, size_t n);

/* What a pack says, in the pack's order; each is called with what the file said. */
struct tag_store_reader {
    bool (*what)(void *to, const struct tag *t, struct err *err);
    bool (*tag)(void *to, uint32_t what, const struct address_key *key, struct err *err);
    bool (*actor)(void *to, const struct tag_actor *actor, struct err *err);
    void *to;
};
bool tag_store_read(struct store *s, const struct tag_pack_row *pack,
                    const struct tag_store_reader *reader, struct err *err) MUST_USE;

#endif
