#include "group/checkpoint.h"

#include <sodium.h>
#include <stdio.h>

#define PREFIX "cordon/"
#define DASH "\xe2\x80\x94 " /* U+2014 and a space */
#define TEXT_MAX 512         /* of a note without its signatures */
#define KIND_AUTHOR 0x01
#define KIND_COSIGNER 0x04
#define TIME_MAX (EVENT_MS_MAX / 1000)
#define BASE64_ROOM 128

/* ---- names and texts ---- */

static void hex_out(char *to, const uint8_t *p, size_t n)
{
    sodium_bin2hex(to, 2 * n + 1, p, n);
}

static void origin_out(char to[TEXT_MAX], const struct hash32 *group, const struct checkpoint *c)
{
    char group_hex[65], stream_hex[33];

    hex_out(group_hex, group->b, sizeof(group->b));
    hex_out(stream_hex, c->stream.b, sizeof(c->stream.b));
    snprintf(to, TEXT_MAX, PREFIX "%s/%s/%s", group_hex, c->author, stream_hex);
}

/* What the signature's line calls its key. */
static void key_name(char to[TEXT_MAX], const struct hash32 *group, const struct checkpoint *c,
                     const struct checkpoint_signature *s)
{
    char group_hex[65];

    if (!s->time) {
        origin_out(to, group, c);
        return;
    }
    hex_out(group_hex, group->b, sizeof(group->b));
    snprintf(to, TEXT_MAX, PREFIX "%s/%s", group_hex, s->member);
}

/* tlog-cosignature: "The header line MUST be the fixed string cosignature/v1 [...] The timestamp
 * line MUST consist of the string time, a single space (0x20), and [...]" */
static size_t message_out(char to[TEXT_MAX], const struct hash32 *group, const struct checkpoint *c,
                          uint64_t time)
{
    char origin[TEXT_MAX], root[BASE64_ROOM];
    int n = 0;

    origin_out(origin, group, c);
    sodium_bin2base64(root, sizeof(root), c->root.b, sizeof(c->root.b),
                      sodium_base64_VARIANT_ORIGINAL);
    if (time)
        n = snprintf(to, TEXT_MAX, "cosignature/v1\ntime %llu\n", (unsigned long long)time);
    n += snprintf(to + n, TEXT_MAX - (size_t)n, "%s\n%llu\n%s\n", origin,
                  (unsigned long long)c->size, root);
    return (size_t)n;
}

/* signed-note: "key ID = SHA-256(key name || 0x0A || signature type || public key)[:4]" */
static void hint_make(const struct hash32 *group, const struct checkpoint *c,
                      struct checkpoint_signature *s, const struct key32 *key)
{
    const uint8_t kind[2] = {'\n', s->time ? KIND_COSIGNER : KIND_AUTHOR};
    struct sha256_stream stream;
    struct hash32 hash;
    char name[TEXT_MAX];

    key_name(name, group, c, s);
    sha256_start(&stream);
    sha256_add(&stream, name, strlen(name));
    sha256_add(&stream, kind, sizeof(kind));
    sha256_add(&stream, key->b, sizeof(key->b));
    hash = sha256_done(&stream);
    memcpy(s->hint, hash.b, sizeof(s->hint));
}

/* ---- signatures ---- */

static int signature_order(const struct checkpoint *c, const struct checkpoint_signature *a,
                           const struct checkpoint_signature *b)
{
    bool a_own = !strcmp(a->member, c->author), b_own = !strcmp(b->member, c->author);
    int order = a_own != b_own ? (a_own ? -1 : 1) : strcmp(a->member, b->member);

    return order ? order : memcmp(a->hint, b->hint, sizeof(a->hint));
}

/* Of two by one key the earlier stays, of two of one time the lesser: so it is the same whatever
 * came first. */
bool checkpoint_better(const struct checkpoint_signature *a, const struct checkpoint_signature *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    return memcmp(a->signature.b, b->signature.b, sizeof(a->signature.b)) < 0;
}

static bool signature_add(struct arena *a, struct checkpoint *c,
                          const struct checkpoint_signature *s, struct err *err)
{
    struct checkpoint_signature *list;
    size_t at = 0;

    while (at < c->signatures_n && signature_order(c, &c->signatures[at], s) < 0)
        at++;
    if (at < c->signatures_n && !signature_order(c, &c->signatures[at], s)) {
        if (checkpoint_better(s, &c->signatures[at]))
            c->signatures[at] = *s;
        return true;
    }
    if (c->signatures_n == CHECKPOINT_SIGNATURES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d signatures", CHECKPOINT_SIGNATURES_MAX);
    list = c->signatures;
    if (!(c->signatures_n & (c->signatures_n - 1))) { /* full: sizes go by powers of two */
        size_t room = c->signatures_n ? 2 * c->signatures_n : 1;

        list = ARENA_ARRAY(a, struct checkpoint_signature, room);
        if (!list)
            return err_fail(err, ERR_NOMEM, "a checkpoint");
        if (c->signatures_n)
            memcpy(list, c->signatures, c->signatures_n * sizeof(*list));
    }
    memmove(list + at + 1, list + at, (c->signatures_n - at) * sizeof(*list));
    list[at] = *s;
    c->signatures = list;
    c->signatures_n++;
    return true;
}

bool checkpoint_sign(struct arena *a, const struct hash32 *group, struct checkpoint *c,
                     const char *member, const struct signer *by, uint64_t time, struct err *err)
{
    struct checkpoint_signature s = {.member = member, .key = by->key};
    char message[TEXT_MAX];
    size_t n;

    s.time = strcmp(member, c->author) ? time : 0;
    hint_make(group, c, &s, &by->key);
    n = message_out(message, group, c, s.time);
    crypto_sign_detached(s.signature.b, NULL, (const uint8_t *)message, n, by->secret);
    return signature_add(a, c, &s, err);
}

bool checkpoint_signed(const struct hash32 *group, const struct checkpoint *c,
                       const struct checkpoint_signature *s, const struct key32 *key)
{
    struct checkpoint_signature with = *s;
    char message[TEXT_MAX];
    size_t n;

    hint_make(group, c, &with, key);
    if (memcmp(with.hint, s->hint, sizeof(s->hint)) != 0)
        return false;
    n = message_out(message, group, c, s->time);
    return !crypto_sign_verify_detached(s->signature.b, (const uint8_t *)message, n, key->b);
}

bool checkpoint_signed_by(const struct hash32 *group, const struct checkpoint *c,
                          const struct charter *by, struct checkpoint_signature *s)
{
    for (size_t i = 0; i < by->keys_n; i++) {
        const struct charter_key *k = &by->keys[i];

        if (!k->person && !strcmp(by->members[k->member].id, s->member) &&
            checkpoint_signed(group, c, s, &k->key)) {
            s->key = k->key;
            return true;
        }
    }
    return false;
}

bool checkpoint_same(const struct checkpoint *a, const struct checkpoint *b)
{
    return a->size == b->size && !memcmp(a->stream.b, b->stream.b, sizeof(a->stream.b)) &&
           hash32_equal(&a->root, &b->root) && !strcmp(a->author, b->author);
}

bool checkpoint_join(struct arena *a, struct checkpoint *c, const struct checkpoint *other,
                     struct err *err)
{
    for (size_t i = 0; i < other->signatures_n; i++)
        if (!signature_add(a, c, &other->signatures[i], err))
            return false;
    return true;
}

/* ---- reading ---- */

struct lines {
    const char *p, *end;
};

/* The next line, without its newline. */
static bool line_next(struct lines *l, struct bytes *ret, struct err *err)
{
    const char *end = l->p < l->end ? memchr(l->p, '\n', (size_t)(l->end - l->p)) : NULL;

    if (!end)
        return err_fail(err, ERR_INPUT, "a checkpoint that is cut short");
    *ret = (struct bytes){(const uint8_t *)l->p, (size_t)(end - l->p)};
    l->p = end + 1;
    return true;
}

static bool base64_read(const char *p, size_t n, uint8_t *ret, size_t ret_n)
{
    size_t got;

    return !sodium_base642bin(ret, ret_n, p, n, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL) &&
           got == ret_n;
}

/* After "cordon/GROUP/": the rest of a name of this group; NULL: of something else. */
static const char *name_rest(struct arena *a, const struct hash32 *group, const char *p, size_t n)
{
    char prefix[sizeof(PREFIX) + 65];
    size_t prefix_n;

    memcpy(prefix, PREFIX, sizeof(PREFIX));
    hex_out(prefix + sizeof(PREFIX) - 1, group->b, sizeof(group->b));
    prefix_n = strlen(prefix);
    prefix[prefix_n++] = '/';
    return n > prefix_n && !memcmp(p, prefix, prefix_n) && !memchr(p, 0, n)
               ? arena_string(a, p + prefix_n, n - prefix_n)
               : NULL;
}

bool checkpoint_group(struct bytes note, struct hash32 *ret, struct err *err)
{
    const size_t prefix_n = sizeof(PREFIX) - 1, hex_n = 2 * sizeof(ret->b);

    return (note.n > prefix_n + hex_n && !memcmp(note.p, PREFIX, prefix_n) &&
            note.p[prefix_n + hex_n] == '/' &&
            hex_exact((const char *)note.p + prefix_n, hex_n, ret->b, sizeof(ret->b))) ||
           err_fail(err, ERR_INPUT, "origin: cordon/GROUP/AUTHOR/STREAM is wanted");
}

static bool origin_read(struct arena *a, const struct hash32 *group, struct bytes line,
                        struct checkpoint *c)
{
    char *rest = (char *)name_rest(a, group, (const char *)line.p, line.n);
    char *slash = rest ? strchr(rest, '/') : NULL;

    if (!slash)
        return false;
    *slash = 0;
    c->author = rest;
    return group_name_valid(rest) &&
           hex_exact(slash + 1, strlen(slash + 1), c->stream.b, sizeof(c->stream.b));
}

static bool text_read(struct arena *a, struct lines *l, const struct hash32 *group,
                      struct checkpoint *c, struct err *err)
{
    struct bytes origin, size, root, blank;

    if (!line_next(l, &origin, err) || !line_next(l, &size, err) || !line_next(l, &root, err) ||
        !line_next(l, &blank, err))
        return false;
    if (!origin_read(a, group, origin, c))
        return err_fail(err, ERR_INPUT, "origin: a stream of this group is wanted");
    if (!u64_from_text((const char *)size.p, size.n, &c->size) || !c->size ||
        c->size > JSON_INTEGER_MAX)
        return err_fail(err, ERR_INPUT, "size: a number from 1 is wanted");
    if (!base64_read((const char *)root.p, root.n, c->root.b, sizeof(c->root.b)))
        return err_fail(err, ERR_INPUT, "root: 32 bytes in base64 are wanted");
    return !blank.n || err_fail(err, ERR_INPUT, "a fourth line");
}

static uint64_t be64(const uint8_t *p)
{
    uint64_t v = 0;

    for (size_t i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return v;
}

/* The parts of a line; *ret_member NULL: of a name that is not ours. */
static bool signature_line(struct arena *a, const struct hash32 *group, struct bytes line,
                           const struct checkpoint *c, struct checkpoint_signature *ret)
{
    const char *p, *space;
    char origin[TEXT_MAX];
    uint8_t parts[4 + 8 + 64];
    size_t name_n, rest_n, time_n;

    if (line.n < sizeof(DASH) || memcmp(line.p, DASH, sizeof(DASH) - 1) != 0)
        return false;
    p = (const char *)line.p + sizeof(DASH) - 1;
    space = memchr(p, ' ', line.n - (sizeof(DASH) - 1));
    if (!space || space == p)
        return false;
    name_n = (size_t)(space - p);
    rest_n = line.n - (sizeof(DASH) - 1) - name_n - 1;
    origin_out(origin, group, c);
    *ret = (struct checkpoint_signature){.member = NULL};
    if (name_n == strlen(origin) && !memcmp(p, origin, name_n))
        ret->member = c->author;
    else
        ret->member = name_rest(a, group, p, name_n);
    if (!ret->member || !group_name_valid(ret->member)) {
        ret->member = NULL;
        return true;
    }
    time_n = ret->member == c->author ? 0 : 8;
    if (!base64_read(space + 1, rest_n, parts, 4 + time_n + 64))
        return false;
    memcpy(ret->hint, parts, 4);
    memcpy(ret->signature.b, parts + 4 + time_n, 64);
    ret->time = time_n ? be64(parts + 4) : 0;
    if (time_n && (!ret->time || ret->time > TIME_MAX))
        return false;
    if (time_n && !strcmp(ret->member, c->author)) /* nobody countersigns itself */
        ret->member = NULL;
    return true;
}

bool checkpoint_read(struct arena *a, struct bytes note, const struct hash32 *group,
                     struct checkpoint *ret, struct err *err)
{
    struct lines l = {(const char *)note.p, (const char *)note.p + note.n};
    struct checkpoint c = {.author = NULL};

    if (note.n > CHECKPOINT_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "a checkpoint of more than %zu bytes",
                        CHECKPOINT_BYTES_MAX);
    if (!text_read(a, &l, group, &c, err))
        return false;
    while (l.p < l.end) {
        struct checkpoint_signature s;
        struct bytes line;

        if (!line_next(&l, &line, err))
            return false;
        if (!signature_line(a, group, line, &c, &s))
            return err_fail(err, ERR_INPUT, "a line that is no signature");
        if (s.member && !signature_add(a, &c, &s, err))
            return false;
    }
    if (!c.signatures_n || c.signatures[0].time)
        return err_fail(err, ERR_INPUT, "its author has not signed it");
    *ret = c;
    return true;
}

/* ---- writing ---- */

static void signature_put(struct text *to, const struct hash32 *group, const struct checkpoint *c,
                          const struct checkpoint_signature *s)
{
    uint8_t parts[4 + 8 + 64];
    char name[TEXT_MAX], base64[BASE64_ROOM];
    size_t n = 4;

    memcpy(parts, s->hint, 4);
    for (unsigned i = 0; s->time && i < 8; i++)
        parts[n++] = (uint8_t)(s->time >> (56 - 8 * i));
    memcpy(parts + n, s->signature.b, 64);
    key_name(name, group, c, s);
    sodium_bin2base64(base64, sizeof(base64), parts, n + 64, sodium_base64_VARIANT_ORIGINAL);
    text_printf(to, DASH "%s %s\n", name, base64);
}

void checkpoint_put(struct text *to, const struct hash32 *group, const struct checkpoint *c)
{
    char message[TEXT_MAX];
    size_t n = message_out(message, group, c, 0);

    text_put(to, message, n);
    text_char(to, '\n');
    for (size_t i = 0; i < c->signatures_n; i++)
        signature_put(to, group, c, &c->signatures[i]);
}
