/* A bundle of STIX 2.1, an object a line: who says it, the markings, and for each address its
 * cryptocurrency-wallet (id by section 2.9 of the standard, over the value alone) with the
 * indicators that are about it.
 *
 * The core has no wallet: the object is the one that the field has agreed on (dogesec's extension,
 * also OpenCTI's and SEAL's name and id). Which chain it is on stands in an extension of our own,
 * whose definition comes along. */
#include "base/json.h"
#include "base/sort.h"
#include "intel/wallet.h"

#include <stdio.h>

#define WALLET_EXTENSION "extension-definition--be78509e-6958-51b1-8b26-d17ee0eba2d7"
#define TLP_EXTENSION "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
#define FORM_DAY "2026-01-01T00:00:00.000Z" /* of what is the same in every bundle */
#define TLP_DAY "2022-10-01T00:00:00.000Z"
#define ID_MAX 80 /* a type, "--" and a UUID */

/* STIX 2.1, section 2.9: the namespace of cyber-observable objects. */
static const struct uuid observables = {{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01,
                                         0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}};

struct writer {
    struct text *to;
    const struct wallet_sheet *sheet;
    struct wallet_uses uses;
    char producer[ID_MAX], form[ID_MAX], extension[ID_MAX];
    char draft[ID_MAX];         /* the marking of sheet->draft, where there is one */
    char (*statements)[ID_MAX]; /* [uses.n]; "" where no use is told */
    bool first;
};

static void id_write(const char *type, struct uuid u, char ret[ID_MAX])
{
    char text[UUID_TEXT];

    snprintf(ret, ID_MAX, "%.40s--%s", type, uuid_text(&u, text));
}

static void named_id(const char *type, const char *name, char ret[ID_MAX])
{
    id_write(type, wallet_uuid(type, &name, 1), ret);
}

/* RFC 8785 of {"value": ...}: an address has no character that it would write otherwise than
 * json_string does. */
static bool observable_id(const char *value, char ret[ID_MAX])
{
    struct text t = text_new(8 * ADDRESS_KEY_MAX);
    struct json_out j = json_to(&t, false);
    bool ok;

    json_object(&j);
    json_put_string(&j, "value", value);
    json_object_end(&j);
    ok = !t.bad;
    if (ok)
        id_write("cryptocurrency-wallet", uuid5(&observables, t.p, t.n), ret);
    text_free(&t);
    return ok;
}

static struct json_out object_begin(struct writer *w, const char *type, const char *id)
{
    struct json_out j;

    if (!w->first)
        text_str(w->to, ",\n");
    w->first = false;
    j = json_to(w->to, false);
    json_object(&j);
    json_put_string(&j, "type", type);
    json_put_string(&j, "spec_version", "2.1");
    json_put_string(&j, "id", id);
    return j;
}

static void put_times(struct json_out *j, const char *day)
{
    json_put_string(j, "created", day);
    json_put_string(j, "modified", day);
}

static void identity(struct writer *w, const char *id, const char *name, const char *class)
{
    struct json_out j = object_begin(w, "identity", id);

    put_times(&j, FORM_DAY);
    json_put_string(&j, "name", name);
    json_put_string(&j, "identity_class", class);
    json_object_end(&j);
}

static void extension_definition(struct writer *w)
{
    struct json_out j = object_begin(w, "extension-definition", w->extension);

    json_put_string(&j, "created_by_ref", w->form);
    put_times(&j, FORM_DAY);
    json_put_string(&j, "name", "wallet-chain");
    json_put_string(&j, "description", "Which chain an address is on, as its value does not say.");
    json_put_string(
        &j, "schema",
        "chain: a string, the CAIP-2 name of the chain (\"bip122:...\", \"eip155:1\"), or "
        "a plain name where it has none; \"evm\" is every chain of eip155. network: a "
        "string, the chain or ticker in the words of the source.");
    json_put_string(&j, "version", "1.0.0");
    json_key(&j, "extension_types");
    json_array(&j);
    json_string(&j, "property-extension");
    json_array_end(&j);
    json_object_end(&j);
}

static void tlp_definition(struct writer *w, enum tlp t)
{
    struct json_out j = object_begin(w, "marking-definition", tlp_id(t));
    char name[24];
    size_t n;

    n = (size_t)snprintf(name, sizeof(name), "TLP:%s", tlp_name(t));
    for (size_t i = 4; i < n; i++)
        if (name[i] >= 'a' && name[i] <= 'z')
            name[i] = (char)(name[i] - 32);
    json_put_string(&j, "created", TLP_DAY);
    json_put_string(&j, "name", name);
    json_key(&j, "extensions");
    json_object(&j);
    json_key(&j, TLP_EXTENSION);
    json_object(&j);
    json_put_string(&j, "extension_type", "property-extension");
    json_put_string(&j, "tlp_2_0", tlp_name(t));
    json_object_end(&j);
    json_object_end(&j);
    json_object_end(&j);
}

/* STIX 2.1, section 7.2.1.3: a statement marking. */
static void statement_put(struct writer *w, const char *id, const char *words)
{
    struct json_out j = object_begin(w, "marking-definition", id);

    json_put_string(&j, "created_by_ref", w->producer);
    json_put_string(&j, "created", FORM_DAY);
    json_put_string(&j, "definition_type", "statement");
    json_key(&j, "definition");
    json_object(&j);
    json_put_string(&j, "statement", words);
    json_object_end(&j);
    json_object_end(&j);
}

static bool use_statement(struct writer *w, size_t i)
{
    const char *texts[] = {w->sheet->producer, w->uses.both[i]};
    struct text t = text_new(MARK_USE_MAX + 64);
    bool before = false, ok;

    if (!*w->uses.both[i])
        return true;
    text_printf(&t, "Permitted use: %s", w->uses.both[i]);
    ok = text_string(&t) != NULL;
    id_write("marking-definition", wallet_uuid("statement", texts, 2), w->statements[i]);
    for (size_t k = 0; k < i && !before; k++)
        before = !strcmp(w->statements[k], w->statements[i]); /* it is there already */
    if (ok && !before)
        statement_put(w, w->statements[i], t.p);
    text_free(&t);
    return ok;
}

static void draft_statement(struct writer *w)
{
    const char *texts[] = {w->sheet->producer, w->sheet->draft};

    id_write("marking-definition", wallet_uuid("draft", texts, 2), w->draft);
    statement_put(w, w->draft, w->sheet->draft);
}

/* ---- wallets ---- */

/* The markings of n wallets of one value. */
static void put_marks(struct writer *w, struct json_out *j, const struct wallet *const *at,
                      size_t n)
{
    json_key(j, "object_marking_refs");
    json_array(j);
    json_string(j, tlp_id(w->sheet->mark.tlp));
    if (w->sheet->draft)
        json_string(j, w->draft);
    for (size_t i = 0; i < n; i++) {
        const char *id = w->statements[wallet_use_of(&w->uses, at[i])];
        bool before = !*id;

        for (size_t k = 0; k < i && !before; k++)
            before = !strcmp(w->statements[wallet_use_of(&w->uses, at[k])], id);
        if (!before)
            json_string(j, id);
    }
    json_array_end(j);
}

static void put_chain(struct writer *w, struct json_out *j, const char *chain, const char *network)
{
    json_key(j, w->extension);
    json_object(j);
    json_put_string(j, "extension_type", "property-extension");
    json_put_string(j, "chain", chain);
    if (*network)
        json_put_string(j, "network", network);
    json_object_end(j);
}

/* Its chain, where all that is said of it is of one. */
static bool observable(struct writer *w, const struct wallet *const *at, size_t n)
{
    char id[ID_MAX], chain[ADDRESS_CAIP2_MAX], other[ADDRESS_CAIP2_MAX];
    bool one = true;
    struct json_out j;

    if (!observable_id(at[0]->key, id))
        return false;
    wallet_caip2(at[0], chain);
    for (size_t i = 1; i < n; i++)
        one = one && !strcmp(chain, wallet_caip2(at[i], other));
    j = object_begin(w, "cryptocurrency-wallet", id);
    json_put_string(&j, "value", at[0]->key);
    put_marks(w, &j, at, n);
    json_key(&j, "extensions");
    json_object(&j);
    json_key(&j, WALLET_EXTENSION);
    json_object(&j);
    json_put_string(&j, "extension_type", "new-sco");
    json_object_end(&j);
    if (one)
        put_chain(w, &j, chain, "");
    json_object_end(&j);
    json_object_end(&j);
    return true;
}

static bool is_url(const char *s)
{
    if (strncmp(s, "http://", 7) != 0 && strncmp(s, "https://", 8) != 0)
        return false;
    for (; *s; s++)
        if (*s <= 32 || *s >= 127 || strchr("<>\"{}|\\^`", *s))
            return false;
    return true;
}

static void put_reference(struct json_out *j, const struct wallet *w)
{
    json_key(j, "external_references");
    json_array(j);
    json_object(j);
    json_put_string(j, "source_name", *w->source_name ? w->source_name : "unknown");
    if (is_url(w->source))
        json_put_string(j, "url", w->source);
    else
        json_put_string(j, "description", *w->source ? w->source : "no source is told");
    if (*w->external_id)
        json_put_string(j, "external_id", w->external_id);
    json_object_end(j);
    json_array_end(j);
}

/* Of indicator-type-ov. */
static const char *type_of(const struct wallet *w)
{
    if (w->abuse)
        return "malicious-activity";
    return w->category == TAG_MIXER || w->category == TAG_COINJOIN ? "anonymization" : "unknown";
}

static void put_labels(struct json_out *j, const struct wallet *w)
{
    if (!w->category && !w->abuse)
        return;
    json_key(j, "labels");
    json_array(j);
    if (w->category)
        json_string(j, tag_category_name(w->category));
    if (w->abuse)
        json_string(j, tag_category_name(w->abuse));
    json_array_end(j);
}

static bool put_pattern(struct json_out *j, const struct wallet *w)
{
    struct text t = text_new(4 * ADDRESS_KEY_MAX);
    bool ok;

    text_str(&t, "[cryptocurrency-wallet:value = '");
    for (const char *p = w->key; *p; p++) {
        if (*p == '\'' || *p == '\\')
            text_char(&t, '\\');
        text_char(&t, *p);
    }
    text_str(&t, "']");
    ok = text_string(&t) != NULL;
    if (ok)
        json_put_string(j, "pattern", t.p);
    text_free(&t);
    return ok;
}

static bool indicator(struct writer *w, const struct wallet *one)
{
    const char *use = w->uses.both[wallet_use_of(&w->uses, one)];
    char id[ID_MAX], day[WALLET_TIME_MAX], chain[ADDRESS_CAIP2_MAX];
    struct json_out j;
    bool ok;

    id_write("indicator", wallet_id("indicator", w->sheet, one, use), id);
    j = object_begin(w, "indicator", id);
    json_put_string(&j, "created_by_ref", w->producer);
    put_times(&j, wallet_time(one->day, day));
    if (*one->label)
        json_put_string(&j, "name", one->label);
    json_key(&j, "indicator_types");
    json_array(&j);
    json_string(&j, type_of(one));
    json_array_end(&j);
    ok = put_pattern(&j, one);
    json_put_string(&j, "pattern_type", "stix");
    json_put_string(&j, "valid_from", day);
    put_labels(&j, one);
    json_put_number(&j, "confidence", tag_confidence_level(one->confidence));
    put_reference(&j, one);
    put_marks(w, &j, &one, 1);
    json_key(&j, "extensions");
    json_object(&j);
    put_chain(w, &j, wallet_caip2(one, chain), one->network);
    json_object_end(&j);
    json_object_end(&j);
    return ok;
}

static int by_value(const void *a, const void *b)
{
    return strcmp(((const struct wallet *)a)->key, ((const struct wallet *)b)->key);
}

static bool objects(struct writer *w, const struct wallet *const *order, size_t n)
{
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && !strcmp(order[end]->key, order[i]->key); end++)
            ;
        if (!observable(w, &order[i], end - i))
            return false;
        for (size_t k = i; k < end; k++)
            if (!indicator(w, order[k]))
                return false;
    }
    return true;
}

/* Over the ids of all that is in it. */
static void bundle_id(const struct writer *w, const struct wallet *at, size_t n, char ret[ID_MAX])
{
    struct sha256_stream s;
    struct hash32 hash;
    char hex[2 * sizeof(hash.b) + 1];
    const char *name = hex;

    sha256_start(&s);
    sha256_add(&s, w->producer, strlen(w->producer));
    sha256_add(&s, tlp_name(w->sheet->mark.tlp), strlen(tlp_name(w->sheet->mark.tlp)));
    for (size_t i = 0; i < n; i++) {
        struct uuid u =
            wallet_id("indicator", w->sheet, &at[i], w->uses.both[wallet_use_of(&w->uses, &at[i])]);

        sha256_add(&s, u.b, sizeof(u.b));
    }
    hash = sha256_done(&s);
    for (size_t i = 0; i < sizeof(hash.b); i++)
        snprintf(hex + 2 * i, 3, "%02x", hash.b[i]);
    named_id("bundle", name, ret);
}

static bool head(struct writer *w, const struct wallet *at, size_t n)
{
    char id[ID_MAX];

    named_id("identity", w->sheet->producer, w->producer);
    named_id("identity", "cordon", w->form);
    named_id("extension-definition", "wallet-chain", w->extension);
    bundle_id(w, at, n, id);
    text_printf(w->to, "{\"type\":\"bundle\",\"id\":\"%s\",\"objects\":[\n", id);
    identity(w, w->form, "cordon", "system");
    if (strcmp(w->form, w->producer) != 0)
        identity(w, w->producer, w->sheet->producer, "organization");
    extension_definition(w);
    tlp_definition(w, w->sheet->mark.tlp);
    if (w->sheet->draft)
        draft_statement(w);
    for (size_t i = 0; i < w->uses.n; i++)
        if (!use_statement(w, i))
            return false;
    return true;
}

bool wallets_stix(struct text *to, struct arena *a, const struct wallet_sheet *sheet,
                  const struct wallet *w, size_t n, struct err *err)
{
    struct writer out = {.to = to, .sheet = sheet, .first = true};
    const void **order = arena_array(a, 2 * n + 1, sizeof(*order));

    if (!wallet_uses_make(a, sheet, w, n, &out.uses, err))
        return false;
    out.statements = arena_array(a, out.uses.n + 1, ID_MAX);
    if (!order || !out.statements)
        return err_fail(err, ERR_NOMEM, "%zu wallets", n);
    for (size_t i = 0; i < n; i++)
        order[i] = &w[i];
    sort_pointers(order, n, order + n, by_value);
    if (!head(&out, w, n) || !objects(&out, (const struct wallet *const *)order, n))
        return err_fail(err, ERR_NOMEM, "%zu wallets", n);
    text_str(to, "\n]}\n");
    return true;
}
