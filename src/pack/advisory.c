#include "pack/advisory.h"

#include "intel/wallet.h"
#include "pack/parts.h"

/* ---- indicators ---- */

static const char *first_of(const struct record *r, const char *const *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (record_text(r, fields[i]))
            return record_text(r, fields[i]);
    return NULL;
}

static const char *title_of(const struct record *r)
{
    static const char *const names[] = {"title",      "victim", "claimant", "text",
                                        "instrument", "chain",  "asset"};

    return first_of(r, names, sizeof(names) / sizeof(names[0]));
}

static const char *day_of_fact(const struct record *r)
{
    static const char *const days[] = {"date", "published", "made"};

    return first_of(r, days, sizeof(days) / sizeof(days[0]));
}

/* On which chain: the first of the fact's that has such addresses; else the address decides. */
static bool key_of(const struct record *r, const char *address, struct address_key *key,
                   const char **network)
{
    const struct json *chains = json_get(r->of, "chains");
    struct err ignored;

    *network = "";
    for (const struct json *c = chains ? chains->child : NULL; c; c = c->next)
        if (address_key_read_known(address, strlen(address), c->text, key, &ignored)) {
            *network = c->text;
            return true;
        }
    return address_key_read_known(address, strlen(address), NULL, key, &ignored);
}

static enum tag_category abuse_of(const struct record *r)
{
    const char *kind = record_text(r, "kind");
    enum tag_category c = tag_category_by_name(kind ? kind : "theft");

    return c == TAG_CATEGORIES ? tag_category_by_name("theft") : c;
}

static bool wallet_add(struct arena *a, const struct record_said *fact, const char *address,
                       const struct advisory_options *o, struct wallet *ret, struct err *err)
{
    const struct record *r = &fact->record;
    const char *day = day_of_fact(r), *source = record_text(r, "source");
    struct address_key key;
    struct period p;

    *ret = (struct wallet){.label = title_of(r),
                           .source = source ? source : "",
                           .source_name = o->title,
                           .external_id = "",
                           .abuse = abuse_of(r),
                           .day = WALLET_NO_DAY,
                           .use = ""};
    if (!key_of(r, address, &key, &ret->network))
        return err_fail(err, ERR_INPUT,
                        "\"%s\": \"%.100s\" is an address of no chain that is known",
                        fact->of->object, address);
    ret->space = key.space;
    ret->key = arena_string(a, key.text, key.n);
    if (day && strlen(day) == 10 && period_read(day, &p))
        ret->day = p.from;
    return ret->key || err_fail(err, ERR_NOMEM, "an advisory");
}

static bool wallets_of(struct arena *a, const struct advisory_options *o, struct wallet **ret,
                       size_t *ret_n, struct err *err)
{
    size_t most = 0, n = 0;
    struct wallet *at;
    bool ok;

    for (size_t i = 0; i < o->facts_n; i++) {
        const struct json *list = json_get(o->facts[i].record.of, "addresses");

        most += list ? list->children_n : 0;
    }
    at = ARENA_ARRAY(a, struct wallet, most + 1);
    if (!at)
        return arena_fail(a, err, "an advisory");
    for (size_t i = 0; i < o->facts_n; i++) {
        const struct json *list = json_get(o->facts[i].record.of, "addresses");

        for (const struct json *item = list ? list->child : NULL; item; item = item->next)
            if (!wallet_add(a, &o->facts[i], item->text, o, &at[n++], err))
                return false;
    }
    wallets_sort(a, at, &n, &ok);
    if (!ok)
        return err_fail(err, ERR_NOMEM, "an advisory");
    *ret = at;
    *ret_n = n;
    return true;
}

/* ---- the page ---- */

/* What a fact is: of a claim its stance, so that a denial is seen to be one. */
static const char *kind_of(const struct record *r)
{
    const char *kind = record_text(r, "kind");

    if (kind)
        return kind;
    if (!strcmp(r->kind->name, "claim"))
        return record_text(r, "stance");
    return !strcmp(r->kind->name, "incident") ? "theft" : r->kind->name;
}

/* Of a claim who says it, and about what: "The Ministry (total, 2021)". */
static const char *told_of(struct making *m, const struct record *r)
{
    if (!strcmp(r->kind->name, "claim"))
        return made_text(m, "%s (%s, %s)", record_text(r, "claimant"), record_text(r, "subject"),
                         record_text(r, "period"));
    return title_of(r);
}

static void facts(struct making *m, const struct advisory_options *o)
{
    static const enum pack_word columns[] = {
        PACK_C_DATE,       PACK_C_KIND,  PACK_C_TITLE,  PACK_C_ACTOR, PACK_C_ATTRIBUTED,
        PACK_C_CONFIDENCE, PACK_C_NOTES, PACK_C_SOURCE, PACK_C_ID,    PACK_WORDS_N};
    struct pack_section *s = section_add(m, PACK_FACTS);
    struct pack_table *t = table_add(m, s, PACK_FACTS, NULL, columns);

    for (size_t i = 0; i < o->facts_n; i++) {
        const struct record *r = &o->facts[i].record;

        row_add(m, t);
        cell_add(m, t, day_of_fact(r));
        cell_value(m, t, kind_of(r));
        cell_add(m, t, told_of(m, r));
        cell_add(m, t, record_text(r, "actor"));
        cell_add(m, t, record_text(r, "attributed_by"));
        cell_value(m, t, record_text(r, "confidence"));
        cell_add(m, t, record_text(r, "notes"));
        cell_source(m, t,
                    record_text(r, "source") ? record_text(r, "source")
                                             : record_text(r, "reported_by"));
        cell_add(m, t, id_of(m, o->facts[i].of->object));
    }
}

static void indicators(struct making *m, const struct wallet *w, size_t n,
                       const struct hash32 *bundle)
{
    static const enum pack_word columns[] = {PACK_C_CHAIN, PACK_C_ADDRESS, PACK_C_KIND, PACK_C_NAME,
                                             PACK_WORDS_N};
    struct pack_section *s = section_add(m, PACK_INDICATORS);
    struct pack_table *t = table_add(m, s, PACK_INDICATORS, NULL, columns);
    struct text hex = text_new(4 * sizeof(bundle->b));

    if (n) {
        text_hex(&hex, bundle->b, sizeof(bundle->b));
        figure_add(m, s, PACK_STIX_SHA256, PACK_SAID, made_of(m, &hex));
    }
    for (size_t i = 0; i < n; i++) {
        row_add(m, t);
        cell_add(m, t, wallet_chain(&w[i]));
        cell_add(m, t, w[i].key);
        cell_value(m, t, tag_category_name(w[i].abuse));
        cell_add(m, t, w[i].label);
    }
}

static bool facts_check(const struct advisory_options *o, struct err *err)
{
    if (!o->facts_n || o->facts_n > ADVISORY_FACTS_MAX)
        return err_fail(err, ERR_USAGE, "from 1 to %d facts are wanted", ADVISORY_FACTS_MAX);
    if (!*o->title || strlen(o->title) > ADVISORY_TITLE_MAX ||
        !text_is_plain(o->title, strlen(o->title)) || !utf8_valid(o->title, strlen(o->title)))
        return err_fail(err, ERR_USAGE, "a title of 1 to %d bytes is wanted", ADVISORY_TITLE_MAX);
    for (size_t i = 0; i < o->facts_n; i++) {
        const struct record_said *f = &o->facts[i];
        enum tlp tlp = mark_effective(record_tlp(&f->record));

        if (f->of->state == RECORD_WITHDRAWN)
            return err_fail(err, ERR_USAGE, "\"%s\": withdrawn", f->of->object);
        if (tlp != TLP_CLEAR)
            return err_fail(err, ERR_USAGE,
                            "\"%s\": TLP:%s; an advisory has what is marked CLEAR alone",
                            f->of->object, tlp_name(tlp));
    }
    return true;
}

/* Who has a word in it: whom all facts were told to; of several audiences everybody. */
static const char *audience_of(const struct advisory_options *o)
{
    for (size_t i = 1; i < o->facts_n; i++)
        if (strcmp(o->facts[i].of->audience, o->facts[0].of->audience) != 0)
            return AUDIENCE_ALL;
    return o->facts_n ? o->facts[0].of->audience : AUDIENCE_ALL;
}

static bool bundles_make(struct arena *a, const struct advisory_options *o,
                         const struct wallet *wallets, size_t n, struct advisory_bundles *ret,
                         struct err *err)
{
    struct wallet_sheet sheet = {o->producer, {.tlp = TLP_CLEAR, .use = ""}};

    /* what is hashed is whole: nobody can tell a bundle that was cut off by its hash */
    if (!wallets_stix(&ret->cleared, a, &sheet, wallets, n, err) || !text_end(&ret->cleared, err))
        return false;
    sheet.draft = pack_word(PACK_DRAFT, PACK_EN);
    return wallets_stix(&ret->draft, a, &sheet, wallets, n, err) && text_end(&ret->draft, err);
}

bool advisory_make(struct group_log *l, struct arena *a, const struct advisory_options *o,
                   struct pack *ret, struct advisory_bundles *stix, struct err *err)
{
    struct pack p = {.title = o->title,
                     .options = {.reader = PACK_READER_PUBLIC,
                                 .audience = audience_of(o),
                                 .version = o->version}};
    struct making m = {.fold = group_log_fold(l), .log = l, .a = a, .pack = &p, .err = err};
    struct hash32 bundle = {{0}};
    struct wallet *wallets;
    size_t n;

    if (!facts_check(o, err) || !wallets_of(a, o, &wallets, &n, err) ||
        (n && !bundles_make(a, o, wallets, n, stix, err)))
        return false;
    if (n)
        bundle = sha256(stix->cleared.p, stix->cleared.n);
    m.sources_max = o->facts_n + 1;
    m.sources = ARENA_ARRAY(a, const char *, m.sources_max);
    if (!m.sources)
        return err_fail(err, ERR_NOMEM, "an advisory");
    m.sections_end = &p.sections;
    p.group_name = o->producer;
    p.quarter = "";
    facts(&m, o);
    indicators(&m, wallets, n, &bundle);
    map_free(&m.source_numbers);
    p.sources = m.sources;
    if (m.failed || !pack_content(&p, err))
        return false;
    p.draft = true;
    *ret = p;
    return true;
}
