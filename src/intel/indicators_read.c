#include "intel/indicators.h"

#include "base/mem.h"
#include "base/pack.h"
#include "base/text.h"

bool said_no_memory(struct arena *a, struct err *err)
{
    return arena_fail(a, err, "indicators");
}

enum tlp said_unknown_mark(struct said_all *all)
{
    all->told.marks_unknown++;
    return TLP_RED;
}

/* Longer texts than a tag has are cut, between two characters. */
static size_t cut(const char *s)
{
    size_t n = strlen(s);

    if (n <= TAG_TEXT_MAX)
        return n;
    n = TAG_TEXT_MAX;
    while (n && ((unsigned char)s[n] & 0xc0) == 0x80)
        n--;
    return n;
}

static bool field(struct said_all *all, size_t line, const char *s, const char **ret,
                  struct err *err)
{
    return !s || !*s || tag_build_plain(all->b, line, s, cut(s), ret, err);
}

/* A level from 0 to 100 -> the word of the scale that is nearest from below; a word stays. */
static const char *confidence_word(const char *s)
{
    enum tag_confidence best = TAG_CONFIDENCE_UNKNOWN;
    uint64_t level;

    if (!s || !*s || !u64_from_text(s, strlen(s), &level))
        return s;
    for (int c = 0; c < TAG_OVERRIDE; c++)
        if (tag_confidence_level((enum tag_confidence)c) <= level &&
            tag_confidence_level((enum tag_confidence)c) > tag_confidence_level(best))
            best = (enum tag_confidence)c;
    return tag_confidence_name(best);
}

static bool reads_alike(const char *address, const char *one, const char *other)
{
    struct address_key a, b;
    struct err ignored;

    return address_key_read(address, strlen(address), one, &a, &ignored) &&
           address_key_read(address, strlen(address), other, &b, &ignored) &&
           address_key_equal(&a, &b);
}

/* Long names of chains are for machines: the plain one says the same. */
static const char *chain_name(const struct said *s)
{
    char caip2[ADDRESS_CAIP2_MAX];
    struct address_key key;
    struct err ignored;
    enum address_space space;

    if (!s->chain || !*s->chain)
        return NULL;
    if (!strchr(s->chain, ':') ||
        !address_key_read(s->address, strlen(s->address), s->chain, &key, &ignored))
        return s->chain;
    space = (enum address_space)key.space;
    return strcmp(address_space_caip2(space, caip2), s->chain) ? s->chain
                                                               : address_space_name(space);
}

/* A ticker says more, where it does not lead elsewhere than the chain does. */
static const char *network_of(const struct said *s)
{
    const char *chain = chain_name(s);
    const char *asset = s->asset && *s->asset ? s->asset : NULL;

    if (!chain || !asset)
        return chain ? chain : asset;
    return reads_alike(s->address, chain, asset) ? asset : chain;
}

bool said_add(struct said_all *all, const struct said *s, size_t line, struct err *err)
{
    struct tag_fields f = {0};
    const char *use = s->use ? s->use : "";

    all->mark.tlp =
        all->told.wallets ? tlp_narrower(all->mark.tlp, s->tlp) : mark_effective(s->tlp);
    all->told.wallets++;
    if (!utf8_valid(use, strlen(use)) || !text_is_plain(use, strlen(use)))
        return err_fail(err, ERR_INPUT, "line %zu: a permitted use that is no plain text", line);
    return mark_use_both(all->a, all->mark.use, use, &all->mark.use, err) &&
           field(all, line, network_of(s), &f.at[TAG_FIELD_NETWORK], err) &&
           field(all, line, s->label, &f.at[TAG_FIELD_LABEL], err) &&
           field(all, line, s->words, &f.at[TAG_FIELD_CATEGORY], err) &&
           field(all, line, s->source, &f.at[TAG_FIELD_SOURCE], err) &&
           field(all, line, confidence_word(s->confidence), &f.at[TAG_FIELD_CONFIDENCE], err) &&
           field(all, line, s->day, &f.at[TAG_FIELD_LASTMOD], err) &&
           tag_build_add(all->b, line, s->address, strlen(s->address), &f, err);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool said_object(struct arena *a, struct json_walk *w, const struct json **ret, struct err *err)
{
    struct bytes value = json_walk_value(w);
    size_t before = (size_t)((const char *)value.p - w->p);

    *ret = NULL;
    if (w->bad)
        return false;
    if (value.n > INDICATORS_OBJECT_MAX)
        return true;
    return json_read(a, (const char *)value.p, value.n, ret, err) ||
           err_in(err, "in what begins at byte %zu", before);
}

const char *said_text(const struct json *object, const char *name)
{
    const struct json *j = json_get(object, name);

    return j && j->type == JSON_STRING && !memchr(j->text, 0, j->text_n) ? j->text : NULL;
}

bool said_keep(struct said_all *all, const char **s, struct err *err)
{
    if (!*s)
        return true;
    *s = arena_string(all->a, *s, strlen(*s));
    return *s || said_no_memory(all->a, err);
}

enum kind { KIND_NONE, KIND_STIX, KIND_MISP };

static bool key_is(struct bytes key, const char *name)
{
    return key.n == strlen(name) && !memcmp(key.p, name, key.n);
}

/* By the first of its members that tells: objects of STIX have a type, events of MISP none. */
static enum kind kind_of(struct json_walk *w)
{
    struct bytes key;

    if (json_walk_type(w) == JSON_ARRAY)
        return KIND_MISP;
    json_walk_object(w);
    while (json_walk_key(w, &key)) {
        if (key_is(key, "type") || key_is(key, "objects"))
            return KIND_STIX;
        if (key_is(key, "Event") || key_is(key, "response") || key_is(key, "Attribute") ||
            key_is(key, "Object"))
            return KIND_MISP;
        json_walk_skip(w);
    }
    return KIND_NONE;
}

static bool json_said(struct said_all *all, struct bytes in, const char **ret_format,
                      struct err *err)
{
    struct json_walk w, look;
    bool ok = false;

    if (!json_walk_open(&w, (const char *)in.p, in.n, err))
        return false;
    look = w;
    switch (kind_of(&look)) {
    case KIND_NONE:
        if (!look.bad)
            err_set(err, ERR_INPUT, "neither a bundle of STIX nor an event of MISP");
        break;
    case KIND_STIX:
        *ret_format = "stix";
        ok = indicators_read_stix(all, &w, err) && json_walk_end(&w);
        break;
    case KIND_MISP:
        *ret_format = "misp";
        ok = indicators_read_misp(all, &w, err) && json_walk_end(&w);
        break;
    }
    json_walk_close(&w);
    return ok;
}

static bool format_read(struct said_all *all, struct bytes in, const char **ret_format,
                        struct err *err)
{
    const char *p = (const char *)in.p;
    size_t at = in.n >= 3 && !memcmp(p, "\xef\xbb\xbf", 3) ? 3 : 0;

    while (at < in.n && is_space(p[at]))
        at++;
    if (at == in.n)
        return err_fail(err, ERR_INPUT, "there is nothing in it");
    in.p += at;
    in.n -= at;
    if (*in.p == '{' || *in.p == '[')
        return json_said(all, in, ret_format, err);
    *ret_format = "indicators";
    return indicators_read_csv(all, in, err);
}

static bool plain_read(struct arena *a, struct bytes in, struct tag_pack *p,
                       struct indicators_told *ret_told, struct err *err)
{
    struct said_all all = {.a = a, .mark = {TLP_NONE, ""}};
    bool ok;

    p->sha256 = sha256(in.p, in.n);
    if (!tag_build_new(a, p->name, load_le64(p->sha256.b), true, &all.b, err))
        return false;
    ok = format_read(&all, in, &p->format, err) && tag_build_end(all.b, NULL, p, err);
    tag_build_free(all.b);
    p->mark = all.mark;
    p->private = mark_effective(all.mark.tlp) != TLP_CLEAR;
    *ret_told = all.told;
    return ok;
}

bool indicators_read(struct arena *a, struct bytes in, const char *name, struct tag_pack *ret,
                     struct indicators_told *ret_told, struct err *err)
{
    struct tag_pack p = {.title = "", .creator = "", .description = "", .version = "", .map = ""};
    struct indicators_told told = {0};
    struct bytes unpacked = {0};
    bool ok;

    if (pack_is(in)) {
        if (!pack_undo(in, INDICATORS_BYTES_MAX, &unpacked, err))
            return false;
        in = unpacked;
    }
    p.name = arena_string(a, name, strlen(name));
    ok = in.n > INDICATORS_BYTES_MAX
             ? err_fail(err, ERR_LIMIT, "more than %zu bytes", INDICATORS_BYTES_MAX)
         : p.name ? plain_read(a, in, &p, &told, err)
                  : err_fail(err, ERR_NOMEM, "indicators");
    mem_free((void *)unpacked.p);
    if (!ok)
        return false;
    *ret = p;
    *ret_told = told;
    return true;
}
