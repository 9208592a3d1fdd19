/* A member's own addresses: what it says that it holds for its customers, and for itself. They
 * never leave its node.
 *
 * They stand in text files HOME/own/NAME.txt, one a line:
 *
 *     ADDRESS[:*]|DESCRIPTOR|XPUB [ACCOUNT] [chain=NAME] [gap=N] [role=deposit|hot|cold]
 *
 * ACCOUNT is an opaque reference of the member's own. An address counts on every chain on which it
 * can be read, unless chain= names one; an account at a bank only with chain=. ADDRESS:* stands
 * for all parts of an account (on the XRP Ledger its tags: chain/dialect.h), each a customer of
 * its own, whose ACCOUNT is the line's with the number behind it. A descriptor
 * (chain/bitcoin/descriptor.h) that ends in "*" stands for all its keys: up to the last one that
 * the ledger has seen, and gap= keys more (BIP 44: "Address gap limit is currently set to 20").
 * What begins with "#" is a comment. Deposit contracts of EVM chains are addresses like others.
 *
 * Ownership: an own owns its text; a set borrows from it. Answers are borrowed from the own.
 * Errors:    ERR_INPUT with file and line; ERR_LIMIT; ERR_SYSTEM; ERR_NOMEM.
 * Threads:   a set: one that changes it, or any number that ask. */
#ifndef CORDON_WATCH_OWN_H
#define CORDON_WATCH_OWN_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"
#include "chain/chain.h"

#define OWN_FOLDER "own"
#define OWN_SUFFIX ".txt"
#define OWN_FILE_BYTES_MAX ((size_t)1 << 30)
#define OWN_FILES_MAX 1024u
#define OWN_LINES_MAX ((size_t)1 << 24)
#define OWN_ACCOUNT_MAX 128u
#define OWN_GAP 20u
#define OWN_GAP_MAX 1000u                   /* so many keys are looked for with each block */
#define OWN_DERIVED_MAX ((uint32_t)1 << 20) /* of one branch of a descriptor */

enum own_role { OWN_DEPOSIT, OWN_HOT, OWN_COLD };
const char *own_role_name(enum own_role role);

struct own;

struct own_file { /* for people */
    const char *name;
    size_t lines_n, descriptors_n;
};

/* HOME/own; without the folder there is nothing in it. */
bool own_open(const char *home, struct own **ret, struct err *err) MUST_USE;
/* One file's text, which is copied. */
bool own_read(const char *name, struct bytes in, struct own **ret, struct err *err) MUST_USE;
struct own *own_free(struct own *o); /* takes NULL, returns NULL */
size_t own_files(const struct own *o);
struct own_file own_file(const struct own *o, size_t i);
/* Of the names, sizes and times of the files: another one when they have changed. */
struct hash32 own_stamp(const char *home);

struct own_set; /* of one chain */

struct own_hit {
    char account[OWN_ACCOUNT_MAX + 12]; /* "": none was given */
    enum own_role role;
    bool derived;
    uint32_t index; /* derived: which key */
};

bool own_set_make(const struct own *o, const struct chain *chain, struct own_set **ret,
                  struct err *err) MUST_USE;
struct own_set *own_set_free(struct own_set *s); /* takes NULL, returns NULL */
size_t own_set_n(const struct own_set *s);
size_t own_set_wallets(const struct own_set *s); /* of these, hot and cold */
/* Derives on until the gap is behind the last key that is used; cheap where none has come. */
bool own_set_extend(struct own_set *s, bool (*used)(void *ctx, struct bytes script), void *ctx,
                    struct err *err) MUST_USE;
/* A script, or an account's key as its ledger has it. */
bool own_set_find(const struct own_set *s, struct bytes key, struct own_hit *ret);

#endif
