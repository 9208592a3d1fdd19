#include "chain/address_form.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct span {
    const char *p;
    size_t n;
};

/* ---- around it ---- */

/* A code point, and how many bytes it has; 0 bytes: none that is whole. */
static size_t point(const char *p, size_t n, uint32_t *ret)
{
    const uint8_t *u = (const uint8_t *)p;
    size_t used = !n ? 0 : u[0] < 0x80 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;

    if (!used || n < used)
        return 0;
    *ret = used == 1 ? u[0] : u[0] & (0xffu >> (used + 1));
    for (size_t i = 1; i < used; i++)
        *ret = *ret << 6 | (u[i] & 0x3fu);
    return used;
}

/* How many bytes of p are a blank, or a sign that shows nothing; 0: none. Of Unicode: spaces (Zs,
 * Zl, Zp), and format characters (Cf) that come along when text is copied. */
static size_t nothing(const char *p, size_t n)
{
    static const struct {
        uint32_t from, to;
    } shows_nothing[] = {
        {'\t', '\r'},     {' ', ' '},       {0xa0, 0xa0},     {0xad, 0xad},     {0x1680, 0x1680},
        {0x2000, 0x200f}, {0x2028, 0x202f}, {0x205f, 0x206f}, {0x3000, 0x3000}, {0xfeff, 0xfeff},
    };
    uint32_t c;
    size_t used = point(p, n, &c);

    for (size_t i = 0; used && i < sizeof(shows_nothing) / sizeof(shows_nothing[0]); i++)
        if (c >= shows_nothing[i].from && c <= shows_nothing[i].to)
            return used;
    return 0;
}

static struct span trimmed(struct span s)
{
    size_t n;

    while ((n = nothing(s.p, s.n))) {
        s.p += n;
        s.n -= n;
    }
    for (bool more = true; more;) {
        more = false;
        for (n = 1; n <= 3 && n <= s.n && !more; n++)
            if (nothing(s.p + s.n - n, n) == n) {
                s.n -= n;
                more = true;
            }
    }
    return s;
}

/* ---- what it is made of ---- */

static bool starts(struct span s, const char *word)
{
    size_t n = strlen(word);

    return s.n >= n && !strncasecmp(s.p, word, n);
}

static struct span after(struct span s, size_t n)
{
    return (struct span){s.p + n, s.n - n};
}

/* All before the first of that sign, which is taken off s; the whole of s, if there is none. */
static struct span cut(struct span *s, char sign)
{
    const char *at = s->n ? memchr(s->p, sign, s->n) : NULL;
    size_t n = at ? (size_t)(at - s->p) : s->n;
    struct span head = {s->p, n};

    *s = at ? after(*s, n + 1) : (struct span){s->p + s->n, 0};
    return head;
}

static bool is_word(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
            return false;
    return s.n > 0 && s.n < ADDRESS_HINT_MAX / 2;
}

static bool is_evm(struct span s)
{
    if (s.n != 42 || !starts(s, "0x"))
        return false;
    for (size_t i = 2; i < s.n; i++)
        if (!isxdigit((unsigned char)s.p[i]))
            return false;
    return true;
}

static void chain_is(struct address_form *f, struct span word, struct span id)
{
    size_t n = 0;

    for (size_t i = 0; i < word.n; i++)
        f->chain[n++] = (char)tolower((unsigned char)word.p[i]);
    if (id.n)
        f->chain[n++] = ':';
    for (size_t i = 0; i < id.n && n < ADDRESS_HINT_MAX - 1; i++)
        f->chain[n++] = id.p[i];
    f->chain[n] = 0;
}

static void address_is(struct address_form *f, struct span s)
{
    f->p = s.p;
    f->n = s.n;
}

/* ---- URIs ---- */

/* The schemes of wallets, and the words of chains that are used as one. */
static const struct scheme {
    const char *word, *chain;
} schemes[] = {
    {"bitcoin", NULL},   {"btc", "bitcoin"},   {"bitcoincash", NULL}, {"bch", "bitcoincash"},
    {"bitcoinsv", NULL}, {"bsv", "bitcoinsv"}, {"litecoin", NULL},    {"ltc", "litecoin"},
    {"dogecoin", NULL},  {"doge", "dogecoin"}, {"dash", NULL},        {"zcash", NULL},
    {"zec", "zcash"},    {"monero", NULL},     {"xmr", "monero"},     {"ethereum", NULL},
    {"eth", "ethereum"}, {"tron", NULL},       {"trx", "tron"},       {"solana", NULL},
    {"sol", "solana"},   {"xrp", NULL},        {"xrpl", "xrp"},       {"ripple", "xrp"},
};

static const struct scheme *scheme_of(struct span word)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (strlen(schemes[i].word) == word.n && starts(word, schemes[i].word))
            return &schemes[i];
    return NULL;
}

/* The value of a key of a query; n 0: it is not there. */
static struct span value_of(struct span query, const char *key)
{
    while (query.n) {
        struct span value = cut(&query, '&'), word = cut(&value, '=');

        if (word.n == strlen(key) && starts(word, key))
            return value;
    }
    return (struct span){"", 0};
}

/* ZIP 321 has "address" and "address.1", BIP 321 "bc", "tb" and so on, each an address more. */
static bool has_more(struct span query)
{
    while (query.n) {
        struct span value = cut(&query, '&'), word = cut(&value, '=');

        if (starts(word, "address") || (word.n == 2 && (starts(word, "bc") || starts(word, "tb"))))
            return true;
    }
    return false;
}

static bool several(struct err *err)
{
    return err_fail(err, ERR_INPUT,
                    "address: the URI names an address behind \"?\", too: each is asked about "
                    "alone");
}

/* ERC-681: "ethereum:" ["pay-"] address ["@" chain_id] ["/" function] ["?" parameters]. */
static bool evm_uri(struct span body, struct span query, struct address_form *f, struct err *err)
{
    static const char transfer[] = "transfer";
    struct span head = starts(body, "pay-") ? after(body, 4) : body, function = head, id;

    head = cut(&function, '/');
    id = head;
    head = cut(&id, '@');
    if (id.n && id.n < 20)
        chain_is(f, (struct span){"eip155", 6}, id);
    if (function.n == sizeof(transfer) - 1 && starts(function, transfer))
        head = value_of(query, "address"); /* whom the token goes to */
    else if (function.n)
        return err_fail(err, ERR_INPUT,
                        "address: the URI calls a function of a contract, and does not say who is "
                        "paid");
    address_is(f, head);
    return true;
}

static bool xrp_uri(struct span body, struct span query, struct address_form *f)
{
    struct span tag = value_of(query, "dt");

    address_is(f, body);
    if (!tag.n)
        tag = value_of(query, "tag");
    if (!tag.n || body.n + tag.n + 1 >= sizeof(f->built))
        return true;
    memcpy(f->built, body.p, body.n);
    f->built[body.n] = ':';
    memcpy(f->built + body.n + 1, tag.p, tag.n);
    address_is(f, (struct span){f->built, body.n + 1 + tag.n});
    return true;
}

static bool uri(const struct scheme *scheme, struct span rest, struct address_form *f,
                struct err *err)
{
    const char *chain = scheme->chain ? scheme->chain : scheme->word;
    struct span query = starts(rest, "//") ? after(rest, 2) : rest, body = cut(&query, '?');

    chain_is(f, (struct span){chain, strlen(chain)}, (struct span){"", 0});
    if (!strcmp(chain, "ethereum"))
        return evm_uri(body, query, f, err);
    if (!strcmp(chain, "xrp"))
        return xrp_uri(body, query, f);
    if (has_more(query))
        return several(err);
    if (!strcmp(scheme->word, "bitcoincash") && body.p == rest.p) /* of its checksum */
        body = (struct span){body.p - 12, body.n + 12};
    address_is(f, body);
    return true;
}

/* ---- names of chains before a colon ---- */

static bool is_namespace(struct span word)
{
    static const char *const all[] = {"eip155", "bip122", "tron", "solana", "xrpl"};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (word.n == strlen(all[i]) && starts(word, all[i]))
            return true;
    return false;
}

/* A page of an explorer. */
static bool page(struct span s, struct address_form *f)
{
    static const char *const before[] = {"/address/", "/addresses/", "/account/", "/accounts/",
                                         "/wallet/"};

    if (!starts(s, "https://") && !starts(s, "http://"))
        return false;
    for (size_t i = 0; i + 1 < s.n; i++)
        for (size_t k = 0; k < sizeof(before) / sizeof(before[0]); k++) {
            struct span at = after(s, i);
            size_t n = 0;

            if (!starts(at, before[k]))
                continue;
            at = after(at, strlen(before[k]));
            while (n < at.n && !strchr("/?#&", at.p[n]))
                n++;
            address_is(f, (struct span){at.p, n});
            return true;
        }
    return false;
}

bool address_form_read(const char *p, size_t n, struct address_form *ret, struct err *err)
{
    struct span s = trimmed((struct span){p, n}), rest, word, id;
    const struct scheme *scheme;

    *ret = (struct address_form){.p = s.p, .n = s.n};
    if (starts(s, "did:pkh:"))
        s = after(s, 8);
    else if (starts(s, "did:ethr:"))
        s = after(s, 9);
    if (!s.n || page(s, ret))
        return true;
    rest = s;
    word = cut(&rest, ':');
    if (!rest.n) { /* no colon: nothing but a query, perhaps */
        rest = s;
        word = cut(&rest, '?');
        if (rest.n && value_of(rest, "dt").n)
            return xrp_uri(word, rest, ret);
        if (is_evm(s))
            address_is(ret, s);
        return true;
    }
    id = rest;
    if (is_namespace(word)) {
        struct span address = id;

        id = cut(&address, ':');
        if (address.n) {
            chain_is(ret, word, id);
            address_is(ret, address);
            return true;
        }
    }
    scheme = scheme_of(word);
    if (scheme)
        return uri(scheme, rest, ret, err);
    if (is_word(word) && is_evm(rest)) { /* ERC-3770: the short name of an EVM chain */
        chain_is(ret, (struct span){"evm", 3}, (struct span){"", 0});
        address_is(ret, rest);
    }
    return true;
}

bool address_is_domain(const char *p, size_t n)
{
    static const char *const ends[] = {
        ".eth",  ".sol", ".bnb", ".crypto",  ".nft", ".wallet", ".dao", ".888",  ".zil", ".arb",
        ".lens", ".trx", ".btc", ".bitcoin", ".stx", ".apt",    ".sui", ".avax", ".ton"};

    if (!memchr(p, '.', n)) /* as with most */
        return false;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        size_t end = strlen(ends[i]);

        if (n > end && !strncasecmp(p + n - end, ends[i], end) && !memchr(p, ' ', n))
            return true;
    }
    return false;
}

/* ---- what looks like one ---- */

/* Unicode's confusables.txt (UTS 39): letters of Greek and Cyrillic, and of full width, for which
 * people take those of ASCII. */
static char looks_of(uint32_t c)
{
    static const struct {
        uint16_t c;
        char as;
    } table[] = {
        {0x391, 'a'}, {0x392, 'b'}, {0x395, 'e'}, {0x396, 'z'}, {0x397, 'h'}, {0x399, 'i'},
        {0x39a, 'k'}, {0x39c, 'm'}, {0x39d, 'n'}, {0x39f, 'o'}, {0x3a1, 'p'}, {0x3a4, 't'},
        {0x3a5, 'y'}, {0x3a7, 'x'}, {0x3b1, 'a'}, {0x3b9, 'i'}, {0x3bd, 'v'}, {0x3bf, 'o'},
        {0x3c1, 'p'}, {0x3c3, 'o'}, {0x3c5, 'u'}, {0x405, 's'}, {0x406, 'i'}, {0x408, 'j'},
        {0x410, 'a'}, {0x412, 'b'}, {0x415, 'e'}, {0x417, '3'}, {0x41a, 'k'}, {0x41c, 'm'},
        {0x41d, 'h'}, {0x41e, 'o'}, {0x420, 'p'}, {0x421, 'c'}, {0x422, 't'}, {0x423, 'y'},
        {0x425, 'x'}, {0x42c, 'b'}, {0x430, 'a'}, {0x431, '6'}, {0x433, 'r'}, {0x435, 'e'},
        {0x43a, 'k'}, {0x43c, 'm'}, {0x43d, 'h'}, {0x43e, 'o'}, {0x440, 'p'}, {0x441, 'c'},
        {0x442, 't'}, {0x443, 'y'}, {0x445, 'x'}, {0x455, 's'}, {0x456, 'i'}, {0x458, 'j'},
        {0x475, 'v'}, {0x4ae, 'y'}, {0x4af, 'y'}, {0x4bb, 'h'}, {0x4c0, 'i'}, {0x4cf, 'i'},
        {0x501, 'd'}, {0x51b, 'q'}, {0x51d, 'w'},
    };

    if (c >= 0xff01 && c <= 0xff5e)
        c -= 0xfee0;
    for (size_t i = 0; c >= 0x80 && i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].c == c)
            c = (uint8_t)table[i].as;
    if (c >= 0x80)
        return 0;
    c = (uint32_t)tolower((int)c);
    return c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : (char)c;
}

bool address_looks(const char *p, size_t n, char ret[ADDRESS_LOOKS_MAX])
{
    enum { LOOKS_MIN = 20 };
    struct address_form form;
    struct err ignored;
    size_t at = 0;

    if (!address_form_read(p, n, &form, &ignored))
        return false;
    while (form.n) {
        uint32_t c;
        size_t used = point(form.p, form.n, &c), blank = nothing(form.p, form.n);
        char as = used ? looks_of(c) : 0;

        if (!used || (!as && !blank) || at + 1 == ADDRESS_LOOKS_MAX)
            return false;
        if (!blank && isalnum((unsigned char)as))
            ret[at++] = as;
        form.p += used;
        form.n -= used;
    }
    ret[at] = 0;
    return at >= LOOKS_MIN;
}

bool address_is_meant(const char *p, size_t n)
{
    struct span s = trimmed((struct span){p, n});
    char looks[ADDRESS_LOOKS_MAX];
    size_t digits = 0;

    for (size_t i = 0; i < s.n; i++)
        if (nothing(s.p + i, s.n - i))
            return false;
    if (address_is_domain(s.p, s.n))
        return true;
    if (!address_looks(s.p, s.n, looks))
        return false;
    for (const char *d = looks; *d; d++)
        digits += *d >= '2' && *d <= '9';
    return digits >= 3;
}
