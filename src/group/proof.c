#include "group/proof.h"

#include "base/cursor.h"

#include <sodium.h>

#define HEAD_EVENT "c2sp.org/tlog-proof@v1\nindex "
#define HEAD_GROWTH "old "
#define HASH_TEXT_ROOM 64
#define HASHES_MAX 63 /* tlog-witness: "MUST NOT send more than 63 consistency proof lines" */

static bool starts(struct bytes text, const char *with)
{
    size_t n = strlen(with);

    return text.n >= n && !memcmp(text.p, with, n);
}

bool proof_is(struct bytes text)
{
    return starts(text, HEAD_EVENT) || starts(text, HEAD_GROWTH);
}

/* The next line, without its newline. */
static bool line_next(struct bytes *text, struct bytes *ret, struct err *err)
{
    const uint8_t *end = text->n ? memchr(text->p, '\n', text->n) : NULL;

    if (!end)
        return err_fail(err, ERR_INPUT, "a proof that is cut short");
    *ret = (struct bytes){text->p, (size_t)(end - text->p)};
    text->n -= ret->n + 1;
    text->p = end + 1;
    return true;
}

static bool hash_read(struct bytes line, struct hash32 *ret)
{
    size_t n;

    return !sodium_base642bin(ret->b, sizeof(ret->b), (const char *)line.p, line.n, NULL, &n, NULL,
                              sodium_base64_VARIANT_ORIGINAL) &&
           n == sizeof(ret->b);
}

static bool path_read(struct bytes *text, struct merkle_proof *ret, struct err *err)
{
    struct bytes line;

    for (ret->n = 0; line_next(text, &line, err); ret->n++) {
        if (!line.n)
            return true;
        if (ret->n == HASHES_MAX)
            return err_fail(err, ERR_INPUT, "more than %d hashes", HASHES_MAX);
        if (!hash_read(line, &ret->at[ret->n]))
            return err_fail(err, ERR_INPUT, "hash %zu: 32 bytes in base64 are wanted", ret->n + 1);
    }
    return false;
}

bool proof_read(struct arena *a, struct bytes text, struct proof *ret, struct err *err)
{
    struct proof p = {.growth = starts(text, HEAD_GROWTH)};
    size_t head = strlen(p.growth ? HEAD_GROWTH : HEAD_EVENT);
    struct bytes number;

    if (!proof_is(text))
        return err_fail(err, ERR_INPUT, "no proof of a log");
    if (text.n > PROOF_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "a proof of more than %zu bytes", PROOF_BYTES_MAX);
    text.p += head;
    text.n -= head;
    if (!line_next(&text, &number, err))
        return false;
    if (!u64_from_text((const char *)number.p, number.n, &p.at) || p.at > JSON_INTEGER_MAX)
        return err_fail(err, ERR_INPUT, "%s: a number is wanted", p.growth ? "old" : "index");
    if (!path_read(&text, &p.path, err) || !checkpoint_group(text, &p.group, err) ||
        !checkpoint_read(a, text, &p.group, &p.note, err))
        return false;
    *ret = p;
    return true;
}

void proof_put(struct text *to, const struct proof *p)
{
    text_printf(to, "%s%llu\n", p->growth ? HEAD_GROWTH : HEAD_EVENT, (unsigned long long)p->at);
    for (size_t i = 0; i < p->path.n; i++) {
        char base64[HASH_TEXT_ROOM];

        sodium_bin2base64(base64, sizeof(base64), p->path.at[i].b, sizeof(p->path.at[i].b),
                          sodium_base64_VARIANT_ORIGINAL);
        text_printf(to, "%s\n", base64);
    }
    text_char(to, '\n');
    checkpoint_put(to, &p->group, &p->note);
}

bool proof_kept_read(struct arena *a, struct bytes text, struct hash32 *ret_group,
                     struct checkpoint *ret, struct err *err)
{
    struct proof p;

    if (!proof_is(text))
        return checkpoint_group(text, ret_group, err) &&
               checkpoint_read(a, text, ret_group, ret, err);
    if (!proof_read(a, text, &p, err))
        return false;
    *ret_group = p.group;
    *ret = p.note;
    return true;
}

bool proof_of_event(const struct proof *p, const struct hash32 *id)
{
    struct hash32 leaf = merkle_leaf((struct bytes){id->b, sizeof(id->b)});

    return !p->growth && merkle_includes(&p->note.root, p->note.size, p->at, &leaf, &p->path);
}

bool proof_of_growth(const struct proof *p, const struct checkpoint *before)
{
    return p->growth && p->at == before->size && !strcmp(p->note.author, before->author) &&
           !memcmp(p->note.stream.b, before->stream.b, sizeof(before->stream.b)) &&
           merkle_consistent(&p->note.root, p->note.size, &before->root, before->size, &p->path);
}
