#include "intel/wallet.h"

#include "base/sort.h"
#include "base/time.h"

#include <ctype.h>
#include <stdio.h>

/* Ids of what this program writes: random, chosen once. */
static const struct uuid space_of_ids = {{0x6f, 0x1b, 0x0c, 0x5e, 0x8a, 0x47, 0x4d, 0x1b, 0x9e,
                                          0x55, 0x2c, 0x80, 0xd3, 0x61, 0x7f, 0xa4}};

static int text_order(const char *a, const char *b)
{
    return strcmp(a, b);
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static int said_order(const struct wallet *a, const struct wallet *b)
{
    int order = text_order(a->label, b->label);

    order = order ? order : text_order(a->source_name, b->source_name);
    order = order ? order : text_order(a->source, b->source);
    order = order ? order : text_order(a->network, b->network);
    order = order ? order : text_order(a->external_id, b->external_id);
    order = order ? order : text_order(a->use, b->use);
    order = order ? order : ORDER(a->category, b->category);
    order = order ? order : ORDER(a->abuse, b->abuse);
    order = order ? order : ORDER(a->confidence, b->confidence);
    return order ? order : ORDER(a->day, b->day);
}

static int wallet_order(const void *one, const void *other)
{
    const struct wallet *a = one, *b = other;
    int order = ORDER(a->space, b->space);

    order = order ? order : text_order(a->key, b->key);
    return order ? order : said_order(a, b);
}

void wallets_sort(struct arena *a, struct wallet *w, size_t *n, bool *ret_ok)
{
    const void **order = arena_array(a, 2 * *n + 1, sizeof(*order));
    struct wallet *sorted = arena_array(a, *n + 1, sizeof(*sorted));
    size_t kept = 0;

    *ret_ok = order && sorted;
    if (!*ret_ok)
        return;
    for (size_t i = 0; i < *n; i++)
        order[i] = &w[i];
    sort_pointers(order, *n, order + *n, wallet_order);
    for (size_t i = 0; i < *n; i++)
        if (!kept || wallet_order(&sorted[kept - 1], order[i]) != 0)
            sorted[kept++] = *(const struct wallet *)order[i];
    memcpy(w, sorted, kept * sizeof(*w));
    *n = kept;
}

/* Tickers are in capitals; the names of chains have a small letter. */
static bool is_chain(const struct wallet *w)
{
    struct address_key key;
    struct err ignored;
    bool small = false;

    for (const char *p = w->network; *p; p++)
        small |= islower((unsigned char)*p) != 0;
    return small && address_key_read(w->key, strlen(w->key), w->network, &key, &ignored) &&
           key.space == w->space && !strcmp(key.text, w->key);
}

const char *wallet_chain(const struct wallet *w)
{
    return is_chain(w) ? w->network : address_space_name(w->space);
}

const char *wallet_asset(const struct wallet *w)
{
    return is_chain(w) ? "" : w->network;
}

const char *wallet_time(uint64_t day, char ret[WALLET_TIME_MAX])
{
    uint64_t at = day == WALLET_NO_DAY ? 0 : day, second = at % 86400;
    char date[TIME_DAY_MAX];

    snprintf(ret, WALLET_TIME_MAX, "%sT%02u:%02u:%02u.000Z", time_day(at, date),
             (unsigned)(second / 3600), (unsigned)(second / 60 % 60), (unsigned)(second % 60));
    return ret;
}

void wallet_words(const struct wallet *w, struct text *to)
{
    if (w->category)
        text_str(to, tag_category_name(w->category));
    if (w->category && w->abuse)
        text_char(to, '|');
    if (w->abuse)
        text_str(to, tag_category_name(w->abuse));
}

struct uuid wallet_uuid(const char *kind, const char *const *texts, size_t n)
{
    struct sha256_stream s;
    struct hash32 hash;

    sha256_start(&s);
    sha256_add(&s, kind, strlen(kind) + 1);
    for (size_t i = 0; i < n; i++)
        sha256_add(&s, texts[i], strlen(texts[i]) + 1);
    hash = sha256_done(&s);
    return uuid5(&space_of_ids, hash.b, sizeof(hash.b));
}

const char *wallet_caip2(const struct wallet *w, char ret[ADDRESS_CAIP2_MAX])
{
    const char *name = wallet_chain(w);
    const struct chain *chain = chain_by_name(name);
    bool vague = is_chain(w) || (w->space == SPACE_EVM && strcmp(w->network, "ETH") != 0);

    if (chain)
        snprintf(ret, ADDRESS_CAIP2_MAX, "%s", chain->caip2);
    else if (vague || !*address_space_caip2(w->space, ret))
        snprintf(ret, ADDRESS_CAIP2_MAX, "%.*s", ADDRESS_CAIP2_MAX - 1, name);
    return ret;
}

bool wallet_is_bad(const struct wallet *w)
{
    return w->abuse || w->category == TAG_MIXER;
}

static bool use_is_there(const struct wallet_uses *u, const char *use)
{
    for (size_t i = 0; i < u->n; i++)
        if (!strcmp(u->own[i], use))
            return true;
    return false;
}

bool wallet_uses_make(struct arena *a, const struct wallet_sheet *sheet, const struct wallet *w,
                      size_t n, struct wallet_uses *ret, struct err *err)
{
    struct wallet_uses u = {.own = ARENA_ARRAY(a, const char *, WALLET_USES_MAX),
                            .both = ARENA_ARRAY(a, const char *, WALLET_USES_MAX)};

    if (!u.own || !u.both)
        return err_fail(err, ERR_NOMEM, "permitted uses");
    for (size_t i = 0; i < n; i++) {
        if (use_is_there(&u, w[i].use))
            continue;
        if (u.n == WALLET_USES_MAX)
            return err_fail(err, ERR_LIMIT, "more than %d permitted uses", WALLET_USES_MAX);
        if (!mark_use_both(a, w[i].use, sheet->mark.use, &u.both[u.n], err))
            return false;
        u.own[u.n++] = w[i].use;
    }
    *ret = u;
    return true;
}

size_t wallet_use_of(const struct wallet_uses *u, const struct wallet *w)
{
    for (size_t i = 0; i < u->n; i++)
        if (!strcmp(u->own[i], w->use))
            return i;
    return 0;
}

struct uuid wallet_id(const char *kind, const struct wallet_sheet *sheet, const struct wallet *w,
                      const char *use)
{
    char time[WALLET_TIME_MAX];
    const char *texts[] = {sheet->producer,
                           tlp_name(sheet->mark.tlp),
                           use,
                           address_space_name(w->space),
                           w->key,
                           w->network,
                           w->label,
                           w->source_name,
                           w->source,
                           w->external_id,
                           tag_category_name(w->category),
                           tag_category_name(w->abuse),
                           tag_confidence_name(w->confidence),
                           wallet_time(w->day, time),
                           sheet->draft};
    size_t n = sizeof(texts) / sizeof(texts[0]);

    return wallet_uuid(kind, texts, sheet->draft ? n : n - 1);
}
