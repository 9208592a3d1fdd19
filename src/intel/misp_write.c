/* An event as MISP writes and takes them: a coin-address object a wallet (template: misp-objects,
 * coin-address, version 7), tags of the taxonomies tlp and PAP, and what neither has as machine
 * tags: cordon:category, cordon:confidence, cordon:chain, cordon:permitted-use. */
#include "base/json.h"
#include "base/time.h"
#include "intel/wallet.h"

#include <stdio.h>

#define TEMPLATE_UUID "d0e6997e-78da-4815-a6a1-cfc1c1cb8a46"
#define TEMPLATE_VERSION "7"

struct writer {
    struct text *to;
    const struct wallet_sheet *sheet;
    struct wallet_uses uses;
    char object[UUID_TEXT]; /* of the one that is written */
    char timestamp[24];
};

static void put_uuid(struct json_out *j, const char *kind, const char *name)
{
    char text[UUID_TEXT];
    struct uuid u = wallet_uuid(kind, &name, 1);

    json_put_string(j, "uuid", uuid_text(&u, text));
}

/* "0" this organisation, "1" this community, "2" communities that it is connected with, "3" all. */
static const char *distribution(enum tlp t)
{
    switch (t) {
    case TLP_CLEAR:
        return "3";
    case TLP_GREEN:
        return "2";
    case TLP_AMBER:
        return "1";
    case TLP_NONE:
    case TLP_AMBER_STRICT:
    case TLP_RED:
        break;
    }
    return "0";
}

static void put_tag(struct json_out *j, const char *name)
{
    json_object(j);
    json_put_string(j, "name", name);
    json_object_end(j);
}

static void put_machine_tag(struct json_out *j, const char *key, const char *value)
{
    struct text t = text_new(MARK_USE_MAX + 128);

    text_printf(&t, "cordon:%s=\"%s\"", key, value);
    if (text_string(&t))
        put_tag(j, t.p);
    else
        j->to->bad = true;
    text_free(&t);
}

static void put_use(struct json_out *j, const char *use)
{
    const char *pap = mark_pap(use);

    if (pap)
        put_tag(j, pap);
    else if (*use)
        put_machine_tag(j, "permitted-use", use);
}

/* One attribute of the object, left open for tags. */
static void attribute(struct writer *w, struct json_out *j, const char *relation, const char *type,
                      const char *value, bool to_ids)
{
    bool text = !strcmp(type, "text") || !strcmp(type, "datetime");
    char name[128];

    snprintf(name, sizeof(name), "%s %s", w->object, relation);
    json_object(j);
    put_uuid(j, "misp-attribute", name);
    json_put_string(j, "type", type);
    json_put_string(j, "category", text ? "Other" : "Financial fraud");
    json_put_string(j, "object_relation", relation);
    json_put_string(j, "value", value);
    json_put_bool(j, "to_ids", to_ids);
    json_put_string(j, "distribution", "5");
    json_put_string(j, "timestamp", w->timestamp);
    json_put_string(j, "comment", "");
}

static void put_address_tags(struct writer *w, struct json_out *j, const struct wallet *one)
{
    struct text words = text_new(256);
    char level[8];

    snprintf(level, sizeof(level), "%u", tag_confidence_level(one->confidence));
    json_key(j, "Tag");
    json_array(j);
    put_machine_tag(j, "chain", wallet_chain(one));
    wallet_words(one, &words);
    if (words.n)
        put_machine_tag(j, "category", text_string(&words));
    put_machine_tag(j, "confidence", level);
    if (*one->use)
        put_use(j, w->uses.both[wallet_use_of(&w->uses, one)]);
    json_array_end(j);
    text_free(&words);
}

static void put_address(struct writer *w, struct json_out *j, const struct wallet *one)
{
    const char *type = one->space == SPACE_BITCOIN  ? "btc"
                       : one->space == SPACE_MONERO ? "xmr"
                                                    : "text";
    const char *relation = one->space == SPACE_BITCOIN  ? "address"
                           : one->space == SPACE_MONERO ? "address-xmr"
                                                        : "address-crypto";

    attribute(w, j, relation, type, one->key, wallet_is_bad(one));
    put_address_tags(w, j, one);
    json_object_end(j);
}

static void put_attributes(struct writer *w, struct json_out *j, const struct wallet *one)
{
    char ticker[ADDRESS_TICKER_MAX], time[WALLET_TIME_MAX];
    const char *symbol = wallet_asset(one);
    const char *source = *one->source ? one->source : one->source_name;

    if (!*one->network || !strcmp(symbol, "XBT")) /* which is ISO 4217's way of writing BTC */
        symbol = address_space_ticker(one->space, ticker);
    json_key(j, "Attribute");
    json_array(j);
    put_address(w, j, one);
    if (*symbol) {
        attribute(w, j, "symbol", "text", symbol, false);
        json_object_end(j);
    }
    if (*source) {
        attribute(w, j, "text", "text", source, false);
        json_object_end(j);
    }
    if (one->day != WALLET_NO_DAY) {
        attribute(w, j, "first-seen", "datetime", wallet_time(one->day, time), false);
        json_object_end(j);
    }
    json_array_end(j);
}

static void object(struct writer *w, struct json_out *j, const struct wallet *one)
{
    struct uuid u =
        wallet_id("misp-object", w->sheet, one, w->uses.both[wallet_use_of(&w->uses, one)]);

    uuid_text(&u, w->object);
    json_object(j);
    json_put_string(j, "name", "coin-address");
    json_put_string(j, "meta-category", "financial");
    json_put_string(j, "description", "An address used in a cryptocurrency");
    json_put_string(j, "template_uuid", TEMPLATE_UUID);
    json_put_string(j, "template_version", TEMPLATE_VERSION);
    json_put_string(j, "uuid", w->object);
    json_put_string(j, "distribution", "5");
    json_put_string(j, "timestamp", w->timestamp);
    json_put_string(j, "comment", one->label);
    put_attributes(w, j, one);
    json_object_end(j);
}

/* Over all that is in it. */
static void put_event_uuid(const struct writer *w, struct json_out *j, const struct wallet *at,
                           size_t n)
{
    struct sha256_stream s;
    struct hash32 hash;
    char hex[2 * sizeof(hash.b) + 1];

    sha256_start(&s);
    for (size_t i = 0; i < n; i++) {
        struct uuid u = wallet_id("misp-object", w->sheet, &at[i],
                                  w->uses.both[wallet_use_of(&w->uses, &at[i])]);

        sha256_add(&s, u.b, sizeof(u.b));
    }
    hash = sha256_done(&s);
    for (size_t i = 0; i < sizeof(hash.b); i++)
        snprintf(hex + 2 * i, 3, "%02x", hash.b[i]);
    put_uuid(j, "misp-event", hex);
}

static void put_head(struct writer *w, struct json_out *j, const struct wallet *at, size_t n)
{
    uint64_t newest = 0;
    char day[TIME_DAY_MAX], tag[24];

    for (size_t i = 0; i < n; i++)
        if (at[i].day != WALLET_NO_DAY && at[i].day > newest)
            newest = at[i].day;
    snprintf(w->timestamp, sizeof(w->timestamp), "%llu", (unsigned long long)newest);
    put_event_uuid(w, j, at, n);
    json_put_string(j, "info", "Wallet indicators");
    json_put_string(j, "date", time_day(newest, day));
    json_put_string(j, "threat_level_id", "4");
    json_put_string(j, "analysis", "2");
    json_put_string(j, "distribution", distribution(w->sheet->mark.tlp));
    json_put_bool(j, "published", false);
    json_put_string(j, "timestamp", w->timestamp);
    json_key(j, "Orgc");
    json_object(j);
    json_put_string(j, "name", w->sheet->producer);
    put_uuid(j, "identity", w->sheet->producer);
    json_object_end(j);
    json_key(j, "Tag");
    json_array(j);
    snprintf(tag, sizeof(tag), "tlp:%s", tlp_name(w->sheet->mark.tlp));
    put_tag(j, tag);
    put_use(j, w->sheet->mark.use);
    json_array_end(j);
}

bool wallets_misp(struct text *to, struct arena *a, const struct wallet_sheet *sheet,
                  const struct wallet *w, size_t n, struct err *err)
{
    struct writer out = {.to = to, .sheet = sheet};
    struct json_out j = json_to(to, false);

    if (!wallet_uses_make(a, sheet, w, n, &out.uses, err))
        return false;
    json_object(&j);
    json_key(&j, "Event");
    json_object(&j);
    put_head(&out, &j, w, n);
    json_key(&j, "Attribute");
    json_array(&j);
    json_array_end(&j);
    json_key(&j, "Object");
    json_array(&j);
    for (size_t i = 0; i < n; i++) {
        text_char(to, '\n');
        object(&out, &j, &w[i]);
    }
    json_array_end(&j);
    json_object_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
    return true;
}
