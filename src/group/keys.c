#include "group/keys.h"

#include "base/folder.h"
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCHEMA "cordon.key/1"
#define KDF "argon2id13"
#define MEMORY_MAX ((uint64_t)1 << 30)
#define PASSES_MAX 16
#define ARENA_BYTES ((size_t)256 << 10)
#define SEALED_N (32 + crypto_secretbox_MACBYTES)

struct sealing {
    uint8_t salt[crypto_pwhash_SALTBYTES], nonce[crypto_secretbox_NONCEBYTES], sealed[SEALED_N];
    uint64_t memory, passes;
};

static bool file_path(const char *folder, const char *kind, const char *person, char ret[PATH_MAX],
                      struct err *err)
{
    int n = person ? snprintf(ret, PATH_MAX, "%s/person-%s.json", folder, person)
                   : snprintf(ret, PATH_MAX, "%s/%s.json", folder, kind);

    return (n > 0 && n < PATH_MAX) || err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", folder);
}

/* ---- files ---- */

/* The file appears whole, and takes no other's place. */
static bool file_put(const char *folder, const char *path, const struct text *what, struct err *err)
{
    char part[PATH_MAX];
    int fd;
    bool ok;

    if (snprintf(part, sizeof(part), "%s.part", path) >= (int)sizeof(part))
        return err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", path);
    if (!folder_make(folder, 0700, err))
        return err_in(err, "\"%s\"", folder);
    fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_system(err, "\"%s\"", part);
    ok = (!fchmod(fd, 0600) && write_whole(fd, what->p, what->n) && !fsync(fd)) ||
         err_system(err, "\"%s\"", part);
    close(fd);
    if (ok && link(part, path))
        ok = errno == EEXIST ? err_fail(err, ERR_USAGE, "\"%s\" is there already", path)
                             : err_system(err, "\"%s\"", path);
    unlink(part);
    return ok;
}

bool key_file_read(const char *path, uint8_t buffer[KEY_FILE_BYTES_MAX], struct bytes *ret,
                   struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    ssize_t got;

    if (fd < 0)
        return errno == ENOENT ? err_fail(err, ERR_NOT_FOUND, "\"%s\" is not there", path)
                               : err_system(err, "\"%s\"", path);
    got = fstat(fd, &st) ? -1 : read(fd, buffer, KEY_FILE_BYTES_MAX);
    close(fd);
    if (got < 0)
        return err_system(err, "\"%s\"", path);
    if (st.st_mode & 077)
        return err_fail(err, ERR_SYSTEM, "\"%s\": others may read it (chmod 600)", path);
    if (got == KEY_FILE_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "\"%s\": too large for a key", path);
    *ret = (struct bytes){buffer, (size_t)got};
    return true;
}

/* ---- what is in them ---- */

static bool hex_of(const struct json *o, const char *name, uint8_t *ret, size_t n, struct err *err)
{
    const char *s;

    return json_text(json_get(o, name), name, &s, err) &&
           (hex_decode(s, strlen(s), ret, n) ||
            err_fail(err, ERR_INPUT, "%s: %zu digits are wanted", name, 2 * n));
}

static bool sealing_read(const struct json *o, struct sealing *ret, struct err *err)
{
    const struct json *kdf = json_get(o, "kdf");

    if (!kdf || !json_is_string(json_get(kdf, "name"), KDF))
        return err_fail(err, ERR_INPUT, "kdf: " KDF " is wanted");
    if (!json_u64(json_get(kdf, "memory"), "kdf.memory", &ret->memory, err) ||
        !json_u64(json_get(kdf, "passes"), "kdf.passes", &ret->passes, err) ||
        !hex_of(kdf, "salt", ret->salt, sizeof(ret->salt), err) ||
        !hex_of(o, "nonce", ret->nonce, sizeof(ret->nonce), err) ||
        !hex_of(o, "sealed", ret->sealed, sizeof(ret->sealed), err))
        return false;
    if (ret->memory > MEMORY_MAX || ret->memory < crypto_pwhash_MEMLIMIT_MIN || !ret->passes ||
        ret->passes > PASSES_MAX)
        return err_fail(err, ERR_LIMIT, "kdf: too much, or too little");
    return true;
}

static bool sealing_key(const struct sealing *s, struct bytes passphrase,
                        uint8_t ret[crypto_secretbox_KEYBYTES], struct err *err)
{
    return !crypto_pwhash(ret, crypto_secretbox_KEYBYTES, (const char *)passphrase.p, passphrase.n,
                          s->salt, s->passes, (size_t)s->memory, crypto_pwhash_ALG_ARGON2ID13) ||
           err_fail(err, ERR_NOMEM, "%llu bytes for a passphrase", (unsigned long long)s->memory);
}

struct signer signer_from_seed(const uint8_t seed[32])
{
    struct signer s;

    crypto_sign_seed_keypair(s.key.b, s.secret, seed);
    return s;
}

void signer_end(struct signer *s)
{
    sodium_memzero(s, sizeof(*s));
}

static bool seed_of(const struct json *o, bool person, struct bytes passphrase, uint8_t seed[32],
                    struct err *err)
{
    uint8_t key[crypto_secretbox_KEYBYTES];
    struct sealing s;
    bool ok;

    if (!person)
        return hex_of(o, "seed", seed, 32, err);
    if (!sealing_read(o, &s, err) || !sealing_key(&s, passphrase, key, err))
        return false;
    ok = !crypto_secretbox_open_easy(seed, s.sealed, sizeof(s.sealed), s.nonce, key);
    sodium_memzero(key, sizeof(key));
    return ok || err_fail(err, ERR_USAGE, "the passphrase does not fit");
}

/* A key file as JSON, in an arena that the caller frees. */
static bool file_json(const char *path, const char *kind, struct arena **ret_arena,
                      const struct json **ret, struct err *err)
{
    uint8_t buffer[KEY_FILE_BYTES_MAX];
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct bytes in;
    bool ok = a || err_fail(err, ERR_NOMEM, "a key");

    ok = ok && key_file_read(path, buffer, &in, err);
    if (ok && !json_read(a, (const char *)in.p, in.n, ret, err))
        ok = err_in(err, "\"%s\"", path);
    sodium_memzero(buffer, sizeof(buffer));
    if (ok && (!json_is_string(json_get(*ret, "schema"), SCHEMA) ||
               !json_is_string(json_get(*ret, "kind"), kind)))
        ok = err_fail(err, ERR_INPUT, "\"%s\": no key of that kind", path);
    if (!ok)
        a = arena_free(a);
    *ret_arena = a;
    return ok;
}

bool key_open(const char *folder, const char *person, struct bytes passphrase, struct signer *ret,
              struct err *err)
{
    char path[PATH_MAX];
    struct arena *a;
    const struct json *o;
    uint8_t seed[32];
    struct key32 told;
    bool ok;

    if (!file_path(folder, "node", person, path, err) ||
        !file_json(path, person ? "person" : "node", &a, &o, err))
        return false;
    ok = seed_of(o, person, passphrase, seed, err) && hex_of(o, "key", told.b, sizeof(told.b), err);
    arena_free(a);
    if (ok) {
        *ret = signer_from_seed(seed);
        if (memcmp(ret->key.b, told.b, sizeof(told.b)))
            ok = err_fail(err, ERR_INPUT, "not the key that it says");
    }
    sodium_memzero(seed, sizeof(seed));
    return ok || err_in(err, "\"%s\"", path);
}

/* ---- making them ---- */

static bool sealed_put(struct json_out *j, const uint8_t seed[32], struct bytes passphrase,
                       const struct group_random *random, struct err *err)
{
    struct sealing s = {.memory = crypto_pwhash_MEMLIMIT_INTERACTIVE,
                        .passes = crypto_pwhash_OPSLIMIT_INTERACTIVE};
    uint8_t key[crypto_secretbox_KEYBYTES];

    random->fill(random->ctx, s.salt, sizeof(s.salt));
    random->fill(random->ctx, s.nonce, sizeof(s.nonce));
    if (!sealing_key(&s, passphrase, key, err))
        return false;
    crypto_secretbox_easy(s.sealed, seed, 32, s.nonce, key);
    sodium_memzero(key, sizeof(key));
    json_key(j, "kdf");
    json_object(j);
    json_put_number(j, "memory", s.memory);
    json_put_string(j, "name", KDF);
    json_put_number(j, "passes", s.passes);
    json_put_hex(j, "salt", s.salt, sizeof(s.salt));
    json_object_end(j);
    json_put_hex(j, "nonce", s.nonce, sizeof(s.nonce));
    json_put_hex(j, "sealed", s.sealed, sizeof(s.sealed));
    return true;
}

static bool key_write(const char *folder, const char *path, const char *kind,
                      const struct key32 *key, const uint8_t seed[32], struct bytes passphrase,
                      const struct group_random *random, struct err *err)
{
    struct text to = text_new(KEY_FILE_BYTES_MAX);
    struct json_out j = json_to(&to, false);
    bool ok = true;

    json_object(&j);
    json_put_string(&j, "schema", SCHEMA);
    json_put_string(&j, "kind", kind);
    if (key)
        json_put_hex(&j, "key", key->b, sizeof(key->b));
    if (!strcmp(kind, "person"))
        ok = sealed_put(&j, seed, passphrase, random, err);
    else
        json_put_hex(&j, "seed", seed, 32);
    json_object_end(&j);
    text_char(&to, '\n');
    ok = ok && text_end(&to, err) && file_put(folder, path, &to, err);
    if (to.p)
        sodium_memzero(to.p, to.n);
    text_free(&to);
    return ok;
}

bool key_new(const char *folder, const char *person, struct bytes passphrase,
             const struct group_random *random, struct key32 *ret, struct err *err)
{
    char path[PATH_MAX];
    uint8_t seed[32];
    struct signer s;
    bool ok;

    if (person && !group_name_valid(person))
        return err_fail(err, ERR_USAGE, "\"%s\": only a-z, 0-9 and -, at most %d", person,
                        GROUP_NAME_MAX);
    if (person && (passphrase.n < PASSPHRASE_MIN || passphrase.n > PASSPHRASE_MAX))
        return err_fail(err, ERR_USAGE, "a passphrase of %d to %d bytes is wanted", PASSPHRASE_MIN,
                        PASSPHRASE_MAX);
    if (!file_path(folder, "node", person, path, err))
        return false;
    random->fill(random->ctx, seed, sizeof(seed));
    s = signer_from_seed(seed);
    ok = key_write(folder, path, person ? "person" : "node", &s.key, seed, passphrase, random, err);
    *ret = s.key;
    signer_end(&s);
    sodium_memzero(seed, sizeof(seed));
    return ok;
}

bool store_key(const char *folder, const struct group_random *random, uint8_t ret[32],
               struct err *err)
{
    char path[PATH_MAX];
    struct arena *a;
    const struct json *o;
    bool ok;

    if (!file_path(folder, "store", NULL, path, err))
        return false;
    if (random && access(path, F_OK) && errno == ENOENT) {
        random->fill(random->ctx, ret, 32);
        return key_write(folder, path, "store", NULL, ret, (struct bytes){NULL, 0}, random, err);
    }
    if (!file_json(path, "store", &a, &o, err))
        return false;
    ok = hex_of(o, "seed", ret, 32, err) || err_in(err, "\"%s\"", path);
    arena_free(a);
    return ok;
}

/* ---- which there are ---- */

static int entry_order(const void *a, const void *b)
{
    const struct key_entry *one = a, *other = b;

    if (!one->person || !other->person)
        return (one->person != NULL) - (other->person != NULL);
    return strcmp(one->person, other->person);
}

/* "person-alice.json" is alice's; false: no key of somebody's. */
static bool entry_name(struct arena *a, const char *file, const char **ret)
{
    size_t n = strlen(file);

    *ret = NULL;
    if (!strcmp(file, "node.json"))
        return true;
    if (n <= 12 || strncmp(file, "person-", 7) || strcmp(file + n - 5, ".json"))
        return false;
    *ret = arena_string(a, file + 7, n - 12);
    return *ret && group_name_valid(*ret);
}

struct entries {
    struct key_entry *at;
    size_t n, room;
};

static bool entry_room(struct arena *a, struct entries *list, struct err *err)
{
    size_t room = list->room * 2 + 8;
    struct key_entry *more;

    if (list->n < list->room)
        return true;
    more = ARENA_ARRAY(a, struct key_entry, room);
    if (!more)
        return err_fail(err, ERR_NOMEM, "keys");
    if (list->n)
        memcpy(more, list->at, list->n * sizeof(struct key_entry));
    list->at = more;
    list->room = room;
    return true;
}

static bool entry_add(struct arena *a, const char *folder, const char *person, struct entries *list,
                      struct err *err)
{
    struct key_entry e = {.person = person};
    char path[PATH_MAX];
    struct arena *file;
    const struct json *o;
    bool ok;

    if (!entry_room(a, list, err) || !file_path(folder, "node", person, path, err) ||
        !file_json(path, person ? "person" : "node", &file, &o, err))
        return false;
    ok = hex_of(o, "key", e.key.b, sizeof(e.key.b), err) || err_in(err, "\"%s\"", path);
    arena_free(file);
    list->at[list->n++] = e;
    return ok;
}

bool keys_list(struct arena *a, const char *folder, struct key_entry **ret, size_t *ret_n,
               struct err *err)
{
    DIR *d = opendir(folder);
    struct entries list = {.n = 0};
    const struct dirent *file;
    bool ok = true;

    *ret_n = 0;
    *ret = NULL;
    if (!d)
        return errno == ENOENT || err_system(err, "\"%s\"", folder);
    while (ok && (file = readdir(d))) {
        const char *person;

        if (entry_name(a, file->d_name, &person))
            ok = entry_add(a, folder, person, &list, err);
    }
    closedir(d);
    if (list.at)
        qsort(list.at, list.n, sizeof(struct key_entry), entry_order);
    *ret = list.at;
    *ret_n = list.n;
    return ok;
}
