/* A set's file, as its maker and its reader see it. Whole numbers are little-endian; sections begin
 * at multiples of 8; a text is an offset among texts, each ending with a NUL.
 *
 * Threads:   constant, once made. */
#ifndef CORDON_ENTITY_TAG_SET_FILE_H
#define CORDON_ENTITY_TAG_SET_FILE_H

#include "base/mix.h"
#include "entity/tag_set.h"

#define SET_MAGIC "cordtags"
#define SET_VERSION 1
#define SET_PACKS_BYTES_MAX ((size_t)256 << 20) /* of memory, for the rows of packs */

struct set_head {
    char magic[8];
    uint32_t version, slots_log2;
    struct hash32 sum; /* SHA-256 of all that follows */
    uint64_t bytes;    /* of the file */
    struct hash32 stamp;
    uint64_t seed;
    uint64_t packs_n, actors_n, whats_n, keys_n, tags_n;
    uint64_t packs_at, actors_at, whats_at, slots_at, keys_at, ids_at, texts_at;
    uint64_t space_at[ADDRESS_SPACES + 1]; /* where a space's records begin, from keys_at */
};
#define SET_SUMMED_FROM offsetof(struct set_head, bytes)
_Static_assert(sizeof(struct set_head) % 8 == 0, "sections are aligned");

struct set_pack {
    uint32_t name, version;
    struct hash32 sha256;
    uint64_t private;
};

struct set_actor { /* by id, each once: of the first pack by name */
    uint32_t id, label, uri, jurisdictions;
    uint64_t category;
};

struct set_what {
    uint32_t label, actor, source, network, pack;
    uint8_t category, abuse, confidence, flags;
    uint64_t lastmod;
};
enum { SET_CLUSTER_DEFINER = 1, SET_PRIVATE = 2 };

struct set_key {
    uint64_t categories, categories_public;
    uint32_t tags_at, tags_n; /* in ids */
    uint8_t space, n;
    char text[]; /* and a NUL */
};

/* A slot: 0, or the upper half of the hash and 1 + the record's offset / 8. */
static inline uint64_t set_hash(uint64_t seed, unsigned space, const char *text, size_t n)
{
    return mix_bytes(seed + space, text, n);
}

static inline uint64_t set_key_bytes(size_t n)
{
    return (offsetof(struct set_key, text) + n + 1 + 7) / 8 * 8;
}

#endif
