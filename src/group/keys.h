/* Keys of a home: HOME/keys, one file each, mode 0600.
 *
 *     node.json           {"key","kind":"node","schema":"cordon.key/1","seed"}
 *     person-NAME.json    {"kdf":{"memory","name":"argon2id13","passes","salt"},"key",
 *                          "kind":"person","nonce","schema":"cordon.key/1","sealed"}
 *     store.json          {"kind":"store","schema":"cordon.key/1","seed"}
 *
 * A node signs by itself, so its seed lies open but for the file's mode. A person's seed (Ed25519,
 * RFC 8032) is sealed with XSalsa20-Poly1305 under a key that Argon2id (RFC 9106) makes of a
 * passphrase. The store's key seals the keys of bodies (group/log.h).
 *
 * Errors:    ERR_SYSTEM files, a file that others may read; ERR_NOT_FOUND; ERR_INPUT a file that is
 *            no key; ERR_USAGE a wrong passphrase, a name that is taken; ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_GROUP_KEYS_H
#define CORDON_GROUP_KEYS_H

#include "group/event.h"

#define KEYS_FOLDER "keys"
#define KEY_FILE_BYTES_MAX 4096
#define PASSPHRASE_MIN 8
#define PASSPHRASE_MAX 1024

/* The library reads no random source: it is passed in. */
struct group_random {
    void (*fill)(void *ctx, void *p, size_t n);
    void *ctx;
};

/* person NULL: the node's. folder is HOME/keys, made if it is not there. */
bool key_new(const char *folder, const char *person, struct bytes passphrase,
             const struct group_random *random, struct key32 *ret, struct err *err) MUST_USE;
bool key_open(const char *folder, const char *person, struct bytes passphrase, struct signer *ret,
              struct err *err) MUST_USE;
void signer_end(struct signer *s); /* nothing secret stays in it */
/* from 32 bytes */
struct signer signer_from_seed(const uint8_t seed[32]);

struct key_entry {
    const char *person; /* NULL: the node */
    struct key32 key;
};
/* In order of names, the node's first; in the arena. A folder that is not there has none. */
bool keys_list(struct arena *a, const char *folder, struct key_entry **ret, size_t *ret_n,
               struct err *err) MUST_USE;

/* The bytes of a file that holds a secret: refused where others than its owner may read it. */
bool key_file_read(const char *path, uint8_t buffer[KEY_FILE_BYTES_MAX], struct bytes *ret,
                   struct err *err) MUST_USE;

/* The key that seals; made if there is none and random is given. */
bool store_key(const char *folder, const struct group_random *random, uint8_t ret[32],
               struct err *err) MUST_USE;

#endif
