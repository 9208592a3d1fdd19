/* What the readers of tag files share: a pack that grows.
 *
 * Fields are collected as they stand, absent ones NULL; header and tag are put together when all is
 * read, for a header may follow its tags. Texts are kept once.
 *
 * Threads:   one. */
#ifndef CORDON_ENTITY_TAG_BUILD_H
#define CORDON_ENTITY_TAG_BUILD_H

#include "entity/tag_read.h"

enum tag_field {
    TAG_FIELD_ADDRESS, /* of a table's columns; a tag's own is given beside its fields */
    TAG_FIELD_NETWORK,
    TAG_FIELD_LABEL,
    TAG_FIELD_CATEGORY, /* words with '|' between */
    TAG_FIELD_ABUSE,    /* likewise */
    TAG_FIELD_ACTOR,
    TAG_FIELD_SOURCE,
    TAG_FIELD_CONFIDENCE,
    TAG_FIELD_LASTMOD,
    TAG_FIELD_CLUSTER,
    TAG_FIELDS,
};

struct tag_fields {
    const char *at[TAG_FIELDS]; /* kept texts (tag_build_text); NULL: absent */
};

struct tag_build;

/* seed: of the tables, from the file's hash. free_words: categories are in words that mean much
 * else, too (an explorer's labels): those that are not known are no problem, and the name of a
 * service is an actor. */
bool tag_build_new(struct arena *a, const char *pack, uint64_t seed, bool free_words,
                   struct tag_build **ret, struct err *err) MUST_USE;
void tag_build_free(struct tag_build *b); /* what it does not leave to the arena; takes NULL */
/* White space at the ends is dropped. ERR_INPUT: not UTF-8, longer than TAG_TEXT_MAX. */
bool tag_build_text(struct tag_build *b, size_t line, const char *p, size_t n, const char **ret,
                    struct err *err) MUST_USE;
/* The same with everything that would move a terminal made a space. */
bool tag_build_plain(struct tag_build *b, size_t line, const char *p, size_t n, const char **ret,
                     struct err *err) MUST_USE;
/* Appends a word to a field of words. */
bool tag_build_word(struct tag_build *b, size_t line, const char *p, size_t n, const char **field,
                    struct err *err) MUST_USE;
bool tag_build_add(struct tag_build *b, size_t line, const char *address, size_t n,
                   const struct tag_fields *f, struct err *err) MUST_USE;
bool tag_build_actor(struct tag_build *b, const struct tag_actor *actor, struct err *err) MUST_USE;
/* times: how many tags have it */
bool tag_build_problem(struct tag_build *b, enum tag_problem_kind kind, size_t line, size_t times,
                       const char *text, struct err *err) MUST_USE;
/* header: what tags inherit; NULL: nothing. ret's tags, whats, actors and problems are filled. */
bool tag_build_end(struct tag_build *b, const struct tag_fields *header, struct tag_pack *ret,
                   struct err *err) MUST_USE;

/* The readers. ret has its name; each fills its format and the texts of the header. */
bool tag_read_yaml(struct arena *a, struct bytes in, struct tag_pack *ret,
                   struct err *err) MUST_USE;
bool tag_read_csv(struct arena *a, struct bytes in, const char *map, struct tag_pack *ret,
                  struct err *err) MUST_USE;
bool tag_read_labels(struct arena *a, struct bytes in, struct tag_pack *ret,
                     struct err *err) MUST_USE;

#endif
