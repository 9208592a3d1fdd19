/* Files of tags -> a pack: what a file says, in one order, whatever its format.
 *
 *     TagPack    YAML of GraphSense: a header, which each tag inherits, and "tags"
 *     ActorPack  YAML of GraphSense: "actors"
 *     table      CSV with a header: known headers, known names of columns, or a map
 *     labels     JSON of explorers: {"0x...": {"name": "...", "labels": ["..."]}}
 *
 * Files may be packed with zstd. YAML is read by libyaml's events: aliases stand for scalars and
 * flat lists only, what they give in all is bounded, and nothing nests deeper than
 * TAG_DEPTH_MAX.
 *
 * A tag whose address cannot be read is left out, counted, and told as a problem; so is what lint
 * is asked for (unknown words, no source, no day, the same tag twice). None of these fails a
 * reading: a file that is not of its format does.
 *
 * Order:     tags by key, then by what is said; none twice.
 * Ownership: all in the arena.
 * Errors:    ERR_INPUT with the line; ERR_USAGE a map; ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_ENTITY_TAG_READ_H
#define CORDON_ENTITY_TAG_READ_H

#include "base/arena.h"
#include "base/hash.h"
#include "entity/tag.h"
#include "mark/mark.h"

#define TAG_FILE_BYTES_MAX ((size_t)1 << 30)  /* unpacked */
#define TAG_ARENA_BYTES_MAX ((size_t)4 << 30) /* what one file may use */
#define TAGS_MAX ((size_t)1 << 24)            /* of one file */
#define TAG_TEXT_MAX 4096                     /* bytes of one text */
#define TAG_DEPTH_MAX 16
#define TAG_ALIASES_MAX 256    /* anchors of one file */
#define TAG_PROBLEMS_MAX 10000 /* told one by one; all are counted */
#define TAG_PACK_NAME_MAX 128

enum tag_problem_kind {
    TAG_PROBLEM_ADDRESS,    /* left out: no address, a checksum that is wrong */
    TAG_PROBLEM_TWICE,      /* left out: the same was said of it before */
    TAG_PROBLEM_WORD,       /* category, concept or abuse in a word that is not known */
    TAG_PROBLEM_CONFIDENCE, /* not of the scale */
    TAG_PROBLEM_DAY,        /* lastmod is not a day */
    TAG_PROBLEM_NO_DAY,
    TAG_PROBLEM_NO_SOURCE,
    TAG_PROBLEM_NO_LABEL,
    TAG_PROBLEM_FIELD, /* of the header or of a tag: not known */
    TAG_PROBLEM_KINDS,
};

struct tag_problem {
    enum tag_problem_kind kind;
    size_t line; /* 0: not known */
    const char *text;
};

const char *tag_problem_name(enum tag_problem_kind kind); /* "address", "twice" */

struct tag_entry {
    const char *key; /* canonical text */
    uint32_t what;   /* of pack.whats */
    uint32_t line;
    uint8_t space, n; /* of key */
};

struct tag_actor {
    const char *id, *label, *uri;
    const char *jurisdictions; /* ISO 3166 codes, with a bar between */
    enum tag_category category;
};

struct tag_pack {
    const char *name, *title, *creator, *description;
    const char *version; /* lastmod of its header, as written; "" */
    const char *format;  /* "tagpack", "actorpack", "csv", "labels" */
    const char *map;     /* of a table; "" */
    bool private;
    struct mark mark;        /* under which it came; use NULL is "" */
    struct hash32 sha256;    /* of the file, unpacked */
    const struct tag *whats; /* what is said; .pack is name */
    size_t whats_n;
    const struct tag_entry *tags;
    size_t tags_n, stated_n;        /* stated_n: with those left out */
    const struct tag_actor *actors; /* by id */
    size_t actors_n;
    const struct tag_problem *problems; /* by line */
    size_t problems_n;
    size_t counts[TAG_PROBLEM_KINDS]; /* all of them */
};

/* name: the pack's; map: NULL or "" for none, else KEY=COLUMN, or KEY:VALUE for all rows, with
 * commas between; keys are address, network, label, category, abuse, actor, source, confidence,
 * lastmod. A column may serve several keys. */
bool tag_pack_read(struct arena *a, struct bytes in, const char *name, const char *map,
                   struct tag_pack *ret, struct err *err) MUST_USE;

/* A pack's name from a file's: "packs/hacks.yaml.zst" is "hacks". ERR_INPUT: nothing is left, or it
 * is too long. */
bool tag_pack_name(struct arena *a, const char *path, const char **ret, struct err *err) MUST_USE;

#endif
