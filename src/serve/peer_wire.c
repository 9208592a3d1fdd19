#include "serve/peer_wire.h"

#include "base/json.h"

#include <sodium.h>
#include <string.h>

#define HEAD_SCHEMA "cordon.pull/1"
#define NONCE_N crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_N crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PLACE_N 48
#define SEALED_N (NONCE_N + PLACE_N + TAG_N)

_Static_assert(2 * SEALED_N == PEER_CURSOR_N, "a cursor");

/* ---- cursors ---- */

struct peer_cursor peer_cursor_make(const uint8_t key[32], const struct peer_place *place,
                                    const char *member, const uint8_t nonce[24])
{
    uint8_t plain[PLACE_N], sealed[SEALED_N];
    struct peer_cursor ret;

    store_le64(plain, place->row);
    store_le64(plain + 8, place->notes);
    memcpy(plain + 16, place->link, sizeof(place->link));
    memcpy(plain + 32, place->charter, sizeof(place->charter));
    memcpy(sealed, nonce, NONCE_N);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_N, NULL, plain, sizeof(plain),
                                               (const uint8_t *)member, strlen(member), NULL, nonce,
                                               key);
    sodium_bin2hex(ret.hex, sizeof(ret.hex), sealed, sizeof(sealed));
    return ret;
}

bool peer_cursor_open(const uint8_t key[32], const char *hex, const char *member,
                      struct peer_place *ret)
{
    uint8_t plain[PLACE_N], sealed[SEALED_N];

    if (strlen(hex) != PEER_CURSOR_N || !hex_decode(hex, PEER_CURSOR_N, sealed, sizeof(sealed)) ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(
            plain, NULL, NULL, sealed + NONCE_N, sizeof(sealed) - NONCE_N, (const uint8_t *)member,
            strlen(member), sealed, key) != 0)
        return false;
    ret->row = load_le64(plain);
    ret->notes = load_le64(plain + 8);
    memcpy(ret->link, plain + 16, sizeof(ret->link));
    memcpy(ret->charter, plain + 32, sizeof(ret->charter));
    return true;
}

static bool cursor_member(const struct json *o, struct peer_cursor *ret, struct err *err)
{
    const char *hex = NULL;
    uint8_t bytes[SEALED_N];

    if (!json_text(json_get(o, "cursor"), "cursor", &hex, err))
        return false;
    if (strlen(hex) != PEER_CURSOR_N || !hex_decode(hex, PEER_CURSOR_N, bytes, sizeof(bytes)))
        return err_fail(err, ERR_INPUT, "cursor: %d digits are wanted", PEER_CURSOR_N);
    memcpy(ret->hex, hex, PEER_CURSOR_N + 1);
    return true;
}

/* ---- an answer to a pull ---- */

void peer_head_put(struct text *to, const struct hash32 *group)
{
    struct json_out j = json_to(to, false);

    json_object(&j);
    json_put_hex(&j, "group", group->b, sizeof(group->b));
    json_put_string(&j, "schema", HEAD_SCHEMA);
    json_object_end(&j);
    text_char(to, '\n');
}

void peer_end_put(struct text *to, const struct peer_cursor *cursor, uint64_t lines, bool more)
{
    struct json_out j = json_to(to, false);

    json_object(&j);
    json_key(&j, "end");
    json_object(&j);
    json_put_string(&j, "cursor", cursor->hex);
    json_put_number(&j, "lines", lines);
    json_put_bool(&j, "more", more);
    json_object_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
}

static bool head_read(struct arena *a, struct bytes line, struct hash32 *ret, struct err *err)
{
    static const char *const known[] = {"group", "schema", NULL};
    const struct json *o;

    return json_canonical_read(a, (const char *)line.p, line.n, &o, err) &&
           json_only(o, "head", known, err) &&
           (json_is_string(json_get(o, "schema"), HEAD_SCHEMA) ||
            err_fail(err, ERR_INPUT, "schema: \"" HEAD_SCHEMA "\" is wanted")) &&
           hex_member(o, "group", ret->b, sizeof(ret->b), err);
}

static bool end_read(struct arena *a, struct bytes line, struct peer_answer *ret, struct err *err)
{
    static const char *const known[] = {"end", NULL};
    static const char *const inner[] = {"cursor", "lines", "more", NULL};
    const struct json *o, *end, *more;

    if (!json_canonical_read(a, (const char *)line.p, line.n, &o, err) ||
        !json_only(o, "end", known, err))
        return false;
    end = json_get(o, "end");
    if (!end)
        return err_fail(err, ERR_INPUT, "end: missing");
    more = json_get(end, "more");
    if (!json_only(end, "end", inner, err) || !cursor_member(end, &ret->cursor, err) ||
        !json_u64(json_get(end, "lines"), "lines", &ret->lines_n, err))
        return false;
    ret->more = more && more->type == JSON_TRUE;
    return ret->more || (more && more->type == JSON_FALSE) ||
           err_fail(err, ERR_INPUT, "more: true or false is wanted");
}

/* The last line, without its newline. */
static struct bytes line_last(struct bytes text)
{
    size_t start = text.n - 1;

    while (start && text.p[start - 1] != '\n')
        start--;
    return (struct bytes){text.p + start, text.n - 1 - start};
}

bool peer_answer_read(struct arena *a, struct bytes text, struct peer_answer *ret, struct err *err)
{
    const uint8_t *first = text.n ? memchr(text.p, '\n', text.n) : NULL;
    struct bytes head, last;
    uint64_t n = 0;

    if (!first || text.p[text.n - 1] != '\n')
        return err_fail(err, ERR_INPUT, "an answer that is cut short");
    head = (struct bytes){text.p, (size_t)(first - text.p)};
    last = line_last(text);
    if (last.p == text.p)
        return err_fail(err, ERR_INPUT, "an answer without an end");
    ret->lines = (struct bytes){first + 1, (size_t)(last.p - first - 1)};
    for (size_t i = 0; i < ret->lines.n; i++)
        n += ret->lines.p[i] == '\n';
    if (!head_read(a, head, &ret->group, err) || !end_read(a, last, ret, err))
        return false;
    return n == ret->lines_n || err_fail(err, ERR_INPUT, "lines: not as many as its end says");
}
