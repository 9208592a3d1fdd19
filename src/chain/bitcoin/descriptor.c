#include "chain/bitcoin/descriptor.h"

#include "base/hash.h"

#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <string.h>

#define CHECKSUM_N 8

static const struct {
    const char *open, *close;
    enum descriptor_kind kind;
} forms[] = {
    {"pkh(", ")", DESCRIPTOR_PKH},
    {"wpkh(", ")", DESCRIPTOR_WPKH},
    {"sh(wpkh(", "))", DESCRIPTOR_SH_WPKH},
    {"tr(", ")", DESCRIPTOR_TR},
};

bool descriptor_like(const char *p, size_t n)
{
    return memchr(p, '(', n) || xpub_like(p, n);
}

/* ---- the checksum: BIP 380 ---- */

static uint64_t polymod(uint64_t c, unsigned value)
{
    static const uint64_t generator[] = {0xf5dee51989, 0xa9fdca3312, 0x1bab10e32d, 0x3706b1677a,
                                         0x644d626ffd};
    uint64_t top = c >> 35;

    c = (c & 0x7ffffffff) << 5 ^ value;
    for (unsigned i = 0; i < 5; i++)
        c ^= top >> i & 1 ? generator[i] : 0;
    return c;
}

static bool checksum(const char *p, size_t n, char ret[CHECKSUM_N], struct err *err)
{
    static const char letters[] = "0123456789()[],'/*abcdefgh@:$%{}"
                                  "IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~"
                                  "ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ";
    uint64_t c = 1;
    unsigned groups = 0, groups_n = 0;

    for (size_t i = 0; i < n; i++) {
        const char *at = p[i] ? strchr(letters, p[i]) : NULL;
        unsigned place = (unsigned)(at - letters);

        if (!at)
            return err_fail(err, ERR_INPUT, "character %zu has no place in a descriptor", i + 1);
        c = polymod(c, place & 31);
        groups = groups * 3 + (place >> 5);
        if (++groups_n == 3) {
            c = polymod(c, groups);
            groups = groups_n = 0;
        }
    }
    if (groups_n)
        c = polymod(c, groups);
    for (unsigned i = 0; i < CHECKSUM_N; i++)
        c = polymod(c, 0);
    c ^= 1;
    for (unsigned i = 0; i < CHECKSUM_N; i++)
        ret[i] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"[c >> 5 * (CHECKSUM_N - 1 - i) & 31];
    return true;
}

static bool checksum_cut(const char *p, size_t *n, struct err *err)
{
    const char *mark = memchr(p, '#', *n);
    size_t body = mark ? (size_t)(mark - p) : *n;
    char right[CHECKSUM_N];

    if (!mark)
        return true;
    if (!checksum(p, body, right, err))
        return false;
    if (*n - body - 1 != CHECKSUM_N || memcmp(mark + 1, right, CHECKSUM_N) != 0)
        return err_fail(err, ERR_INPUT, "the descriptor's checksum is wrong");
    *n = body;
    return true;
}

/* ---- keys ---- */

struct words { /* what is left to read */
    const char *p;
    size_t n;
};

static bool next_is(struct words *w, const char *s)
{
    size_t n = strlen(s);

    if (w->n < n || memcmp(w->p, s, n) != 0)
        return false;
    w->p += n;
    w->n -= n;
    return true;
}

static bool number_read(struct words *w, uint32_t *ret, struct err *err)
{
    size_t n = 0;
    uint64_t v;

    while (n < w->n && w->p[n] >= '0' && w->p[n] <= '9')
        n++;
    if (!u64_from_text(w->p, n, &v) || v >= XPUB_HARDENED)
        return err_fail(err, ERR_INPUT, "a step of the path is no number below 2^31");
    if (n < w->n && strchr("'hH", w->p[n]))
        return err_fail(err, ERR_INPUT, "a hardened step: not from a public key");
    w->p += n;
    w->n -= n;
    *ret = (uint32_t)v;
    return true;
}

static bool step_all(struct descriptor *d, uint32_t index, struct err *err)
{
    for (unsigned b = 0; b < d->branches_n; b++)
        if (!xpub_child(&d->branches[b], index, &d->branches[b], err))
            return false;
    return true;
}

/* BIP 389: <0;1>, once. */
static bool choice_read(struct words *w, struct descriptor *d, struct err *err)
{
    uint32_t index[DESCRIPTOR_BRANCHES_MAX];
    unsigned n = 0;

    if (d->branches_n > 1)
        return err_fail(err, ERR_INPUT, "more than one choice in a path");
    do {
        if (n == DESCRIPTOR_BRANCHES_MAX)
            return err_fail(err, ERR_INPUT, "a choice of more than %u", DESCRIPTOR_BRANCHES_MAX);
        if (!number_read(w, &index[n++], err))
            return false;
    } while (next_is(w, ";"));
    if (!next_is(w, ">") || n < 2)
        return err_fail(err, ERR_INPUT, "a choice is written <0;1>");
    for (unsigned b = n; b-- > 0;)
        if (!xpub_child(&d->branches[0], index[b], &d->branches[b], err))
            return false;
    d->branches_n = n;
    return true;
}

static bool steps_read(struct words *w, struct descriptor *d, struct err *err)
{
    unsigned steps = 0;
    uint32_t index;

    while (next_is(w, "/")) {
        if (d->ranged || ++steps > DESCRIPTOR_STEPS_MAX)
            return err_fail(err, ERR_INPUT, "the path is too long, or goes on after \"*\"");
        if (next_is(w, "<")) {
            if (!choice_read(w, d, err))
                return false;
        } else if (next_is(w, "*")) {
            d->ranged = true;
        } else if (!number_read(w, &index, err) || !step_all(d, index, err)) {
            return false;
        }
    }
    return !w->n || err_fail(err, ERR_INPUT, "the descriptor does not end with its key");
}

static bool extended_read(struct words *w, struct descriptor *d, struct err *err)
{
    const char *end = memchr(w->p, '/', w->n);
    size_t n = end ? (size_t)(end - w->p) : w->n;

    if (!xpub_read(w->p, n, &d->branches[0], err))
        return false;
    d->branches_n = 1;
    w->p += n;
    w->n -= n;
    return steps_read(w, d, err);
}

static bool plain_read(const struct words *w, struct descriptor *d, struct err *err)
{
    secp256k1_pubkey point;

    d->key_n = w->n / 2;
    d->branches_n = 1;
    if ((d->key_n != 33 && (d->key_n != 65 || d->kind != DESCRIPTOR_PKH)) ||
        !hex_decode(w->p, w->n, d->key, d->key_n) ||
        !secp256k1_ec_pubkey_parse(secp256k1_context_static, &point, d->key, d->key_n))
        return err_fail(err, ERR_INPUT, "no public key, and no extended one");
    return true;
}

static bool origin_skip(struct words *w, struct err *err)
{
    const char *end = w->n && w->p[0] == '[' ? memchr(w->p, ']', w->n) : NULL;

    if (w->n && w->p[0] == '[' && !end)
        return err_fail(err, ERR_INPUT, "the key's origin does not end");
    if (end) {
        w->n -= (size_t)(end + 1 - w->p);
        w->p = end + 1;
    }
    return true;
}

static bool bare_read(const struct words *w, struct descriptor *d, struct err *err)
{
    static const enum descriptor_kind kinds[] = {[XPUB_PKH] = DESCRIPTOR_PKH,
                                                 [XPUB_SH_WPKH] = DESCRIPTOR_SH_WPKH,
                                                 [XPUB_WPKH] = DESCRIPTOR_WPKH};
    struct words choice = {"0;1>", 4};

    if (!xpub_read(w->p, w->n, &d->branches[0], err))
        return false;
    d->kind = kinds[d->branches[0].script];
    d->branches_n = 1;
    d->ranged = true;
    return choice_read(&choice, d, err);
}

bool descriptor_read(const char *p, size_t n, struct descriptor *ret, struct err *err)
{
    struct words w = {p, n};

    *ret = (struct descriptor){0};
    if (n > DESCRIPTOR_TEXT_MAX)
        return err_fail(err, ERR_INPUT, "a descriptor of more than %d characters",
                        DESCRIPTOR_TEXT_MAX);
    if (xpub_like(p, n))
        return bare_read(&w, ret, err);
    if (!checksum_cut(p, &w.n, err))
        return false;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t close = strlen(forms[i].close);

        if (!next_is(&w, forms[i].open))
            continue;
        if (w.n < close || memcmp(w.p + w.n - close, forms[i].close, close) != 0)
            return err_fail(err, ERR_INPUT, "the descriptor does not end");
        w.n -= close;
        ret->kind = forms[i].kind;
        if (!origin_skip(&w, err))
            return false;
        return xpub_like(w.p, w.n) ? extended_read(&w, ret, err) : plain_read(&w, ret, err);
    }
    return err_fail(err, ERR_INPUT, "pkh(), wpkh(), sh(wpkh()) or tr() of one key is wanted");
}

/* ---- scripts ---- */

/* BIP 341: "q = P + int(hashTapTweak(bytes(P)))G", of a key alone (BIP 386). */
static bool taproot(const uint8_t key[33], uint8_t ret[32])
{
    static const char tag[] = "TapTweak";
    struct hash32 of_tag = sha256(tag, sizeof(tag) - 1), tweak;
    secp256k1_xonly_pubkey internal, output;
    secp256k1_pubkey point;
    struct sha256_stream s;

    sha256_start(&s);
    sha256_add(&s, of_tag.b, sizeof(of_tag.b));
    sha256_add(&s, of_tag.b, sizeof(of_tag.b));
    sha256_add(&s, key + 1, 32);
    tweak = sha256_done(&s);
    return secp256k1_ec_pubkey_parse(secp256k1_context_static, &point, key, 33) &&
           secp256k1_xonly_pubkey_from_pubkey(secp256k1_context_static, &internal, NULL, &point) &&
           secp256k1_xonly_pubkey_tweak_add(secp256k1_context_static, &point, &internal, tweak.b) &&
           secp256k1_xonly_pubkey_from_pubkey(secp256k1_context_static, &output, NULL, &point) &&
           secp256k1_xonly_pubkey_serialize(secp256k1_context_static, ret, &output);
}

static size_t put_script(uint8_t *ret, struct bytes before, struct bytes middle, struct bytes after)
{
    memcpy(ret, before.p, before.n);
    memcpy(ret + before.n, middle.p, middle.n);
    if (after.n)
        memcpy(ret + before.n + middle.n, after.p, after.n);
    return before.n + middle.n + after.n;
}

static bool script_of(enum descriptor_kind kind, const uint8_t *key, size_t key_n,
                      uint8_t ret[SCRIPT_FORM_MAX], size_t *ret_n)
{
    static const uint8_t p2pkh[] = {0x76, 0xa9, 20}, p2pkh_end[] = {0x88, 0xac};
    static const uint8_t p2sh[] = {0xa9, 20}, p2sh_end[] = {0x87}, v0[] = {0, 20},
                         v1[] = {0x51, 32};
    struct hash20 hash = hash160(key, key_n);
    struct bytes of_key = {hash.b, sizeof(hash.b)}, none = {NULL, 0};
    uint8_t program[SCRIPT_FORM_MAX];

    switch (kind) {
    case DESCRIPTOR_PKH:
        *ret_n = put_script(ret, (struct bytes){p2pkh, sizeof(p2pkh)}, of_key,
                            (struct bytes){p2pkh_end, sizeof(p2pkh_end)});
        return true;
    case DESCRIPTOR_SH_WPKH:
        hash = hash160(program, put_script(program, (struct bytes){v0, sizeof(v0)}, of_key, none));
        *ret_n = put_script(ret, (struct bytes){p2sh, sizeof(p2sh)}, of_key,
                            (struct bytes){p2sh_end, sizeof(p2sh_end)});
        return true;
    case DESCRIPTOR_WPKH:
        *ret_n = put_script(ret, (struct bytes){v0, sizeof(v0)}, of_key, none);
        return true;
    case DESCRIPTOR_TR:
        if (!taproot(key, program))
            return false;
        *ret_n = put_script(ret, (struct bytes){v1, sizeof(v1)}, (struct bytes){program, 32}, none);
        return true;
    }
    return false;
}

bool descriptor_script(const struct descriptor *d, unsigned branch, uint32_t index,
                       uint8_t ret[SCRIPT_FORM_MAX], size_t *ret_n, struct err *err)
{
    struct xpub child;
    const uint8_t *key = d->key;
    size_t key_n = d->key_n;

    if (branch >= d->branches_n || (!d->ranged && index))
        return err_fail(err, ERR_INPUT, "the descriptor has no such key");
    if (!key_n) {
        child = d->branches[branch];
        if (d->ranged && !xpub_child(&d->branches[branch], index, &child, err))
            return false;
        key = child.key;
        key_n = sizeof(child.key);
    }
    return script_of(d->kind, key, key_n, ret, ret_n) ||
           err_fail(err, ERR_INPUT, "no key %u of the descriptor", index);
}
