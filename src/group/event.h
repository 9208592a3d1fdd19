/* Events: what members say to each other, each signed by its author and bound to what came before.
 *
 * docs/protocol.md is the whole of it; here in short. An event is canonical JSON (RFC 8785) of a
 * fixed set of members. Its message is
 *
 *     "cordon.event/1" | hash of the group's first charter (32 bytes) | the event's bytes
 *
 * The event's id is SHA-256 of the message, and its signature Ed25519 (RFC 8032) over it. Events of
 * one author for one audience form a stream: numbered from 1, each naming the id of the one before.
 * What is said in detail is the body, kept apart: the event holds
 *
 *     SHA-256("cordon.body/1" | salt (32 bytes) | body as canonical JSON)
 *
 * so that a body can be withheld or erased while the stream still proves itself. In files and on
 * the wire an event travels as a line: {"body","event","salt","signature"}, or without body and
 * salt.
 *
 * Ownership: an event's texts live in the arena that it was read or made with.
 * Errors:    ERR_INPUT bytes that are no event (the text names the member), ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_GROUP_EVENT_H
#define CORDON_GROUP_EVENT_H

#include "base/hash.h"
#include "base/json_canonical.h"
#include "group/facts.h"

#define EVENT_BYTES_MAX ((size_t)16 << 10)
#define EVENT_BODY_BYTES_MAX ((size_t)4 << 20)
#define EVENT_LINE_BYTES_MAX (EVENT_BYTES_MAX + EVENT_BODY_BYTES_MAX + 1024)
#define EVENT_AFTER_MAX 64
#define EVENT_MS_MAX ((uint64_t)253402300799999) /* the last of the year 9999 */
#define GROUP_NAME_MAX 64 /* of members and audiences: a-z, 0-9 and -, not first */
#define OBJECT_NAME_MAX 96
#define AUDIENCE_ALL "all"
#define RETENTION_OWN "own" /* a body that stays in its author's home */

struct key32 { /* an Ed25519 public key */
    uint8_t b[32];
};
struct signature {
    uint8_t b[64];
};
struct stream_id { /* 128 random bits */
    uint8_t b[16];
};
struct salt32 {
    uint8_t b[32];
};
struct signer {
    struct key32 key;
    uint8_t secret[64]; /* as libsodium has it: seed and public key */
};

struct event {
    struct hash32 id;
    const char *author;              /* a member */
    const char *audience;            /* AUDIENCE_ALL or a group of the charter */
    const char *object;              /* "case:" and 32 digits, "charter:" or "key:" and 64 */
    const char *type;                /* "case.report": the object's kind, and what is done */
    const char *into;                /* of case.merge: the case that stays; else NULL */
    const struct event_facts *facts; /* NULL: its type has none */
    const char *retention; /* the class of the body: "keep", "case", "own"; "none": no body */
    struct hash32 charter; /* of the version that the author acts under */
    struct hash32 prev;    /* of seq above 1 */
    struct hash32 body;    /* the commitment; zeros with "none" */
    struct key32 key;      /* that signs */
    struct stream_id stream;
    uint64_t seq;               /* from 1 */
    uint64_t ms, n;             /* hybrid logical clock: milliseconds since 1970, and a counter */
    const struct hash32 *after; /* [after_n] ascending: what it follows, of any stream */
    size_t after_n;
    struct bytes text; /* canonical JSON, NUL-terminated */
    struct signature signature;
};

/* From its own bytes, canonical or refused. The signature is the caller's to set. */
bool event_read(struct arena *a, struct bytes text, const struct hash32 *group, struct event *ret,
                struct err *err) MUST_USE;
/* Fills text and id from the other members. */
bool event_make(struct arena *a, const struct hash32 *group, struct event *e,
                struct err *err) MUST_USE;
bool event_has_body(const struct event *e);
/* Goes with the event to other homes: all but RETENTION_OWN. */
bool event_body_travels(const struct event *e);

/* The message of an event as of everything that is signed: tag, group, bytes. */
bool group_sign(const struct signer *by, const char *tag, const struct hash32 *group,
                struct bytes what, struct signature *ret, struct err *err) MUST_USE;
/* false: the signature is not of that key. err is set only where memory is wanting. */
bool group_signed(const struct key32 *key, const char *tag, const struct hash32 *group,
                  struct bytes what, const struct signature *signature, bool *ret,
                  struct err *err) MUST_USE;
#define EVENT_TAG "cordon.event/1"

struct hash32 body_commitment(const struct salt32 *salt, struct bytes body);

struct event_line {
    struct event event;
    bool has_body;
    struct salt32 salt;
    struct bytes body; /* canonical JSON */
};
/* A line without its newline: canonical, its body fitting the commitment; the signature is not
 * checked yet. */
bool event_line_read(struct arena *a, struct bytes line, const struct hash32 *group,
                     struct event_line *ret, struct err *err) MUST_USE;
void event_line_put(struct text *to, const struct event_line *l); /* without a newline */

/* The total order: clock, author, sequence, id. */
int event_order(const struct event *a, const struct event *b);
bool event_clock_after(const struct event *a, const struct event *b); /* a's is later than b's */

/* Spelling, exact. */
bool group_name_valid(const char *s);
bool object_valid(const char *s); /* a kind, a colon, 32 or 64 digits */
/* n is 2 * ret_n digits in lower case: one way to write a thing */
bool hex_exact(const char *s, size_t n, uint8_t *ret, size_t ret_n);
bool hash_from_hex(const char *s, struct hash32 *ret); /* 64 digits, lower case */
/* A member of an object: 2 * ret_n digits, lower case. */
bool hex_member(const struct json *o, const char *name, uint8_t *ret, size_t ret_n,
                struct err *err) MUST_USE;
/* the object's kind, up to the colon, is this */
bool object_is(const char *object, const char *kind);

#endif
