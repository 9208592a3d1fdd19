/* An event's tags hold for all that is in it, an attribute's for that attribute as well; they may
 * stand behind what they mark, so attributes are gathered first. */
#include "intel/indicators.h"

#include "base/text.h"

#include <stdio.h>
#include <strings.h>

struct marks {
    enum tlp tlp;
    const char *use;   /* "" */
    const char *words; /* what tags of others' taxonomies call it, a bar between; NULL: nothing */
    const char *actor; /* of a galaxy; NULL: none */
};

struct gathered {
    struct said said;
    struct marks marks;
    size_t number;
};

struct event {
    struct said_all *all;
    struct gathered *at;
    size_t n, size;
    struct marks marks;
    const char *info, *day, *source;
};

static bool gathered_add(struct event *e, const struct gathered *g, struct err *err)
{
    if (e->n == e->size) {
        size_t size = e->size ? 2 * e->size : 64;
        struct gathered *at = ARENA_ARRAY(e->all->a, struct gathered, size);

        if (!at)
            return said_no_memory(e->all->a, err);
        if (e->n)
            memcpy(at, e->at, e->n * sizeof(*at));
        e->at = at;
        e->size = size;
    }
    e->at[e->n++] = *g;
    return true;
}

/* cordon:use="..." */
static bool machine_tag(struct said_all *all, const char *name, const char *key, const char **ret,
                        struct err *err)
{
    size_t n = strlen(name), key_n = strlen(key);

    if (n < key_n + 3 || strncmp(name, key, key_n) != 0 || strncmp(name + key_n, "=\"", 2) != 0 ||
        name[n - 1] != '"')
        return true;
    *ret = arena_string(all->a, name + key_n + 2, n - key_n - 3);
    return *ret || said_no_memory(all->a, err);
}

/* Tags that say what a wallet is or did: taxonomies cryptocurrency-threat, circl, rsit, ecsirt and
 * malware_classification of misp-taxonomies, and clusters of misp-galaxy. One that ends with a
 * sign counts for all that begins so. */
static const char *taxonomy_word(const char *name)
{
    static const struct {
        const char *tag, *word;
    } rows[] = {
        {"cryptocurrency-threat:SIM Swapping", "theft"},
        {"cryptocurrency-threat:Sanction Evasion", "laundering"},
        {"cryptocurrency-threat:Next-Generation Crypto Mixers", "mixer"},
        {"cryptocurrency-threat:Shadow Money Service Businesses", "laundering"},
        {"cryptocurrency-threat:Email Extortion and Bomb Threats", "extortion"},
        {"cryptocurrency-threat:Crypto Robbing Ransomware", "ransomware"},
        {"cryptocurrency-threat:Rag Pull", "scam"},
        {"cryptocurrency-threat:Pig Butchering Scam", "scam"},
        {"cryptocurrency-threat:Datacenter-Scale Crypto Jacking:", "malware"},
        {"circl:incident-classification=\"phishing\"", "phishing"},
        {"circl:incident-classification=\"scam\"", "scam"},
        {"circl:incident-classification=\"malware\"", "malware"},
        {"circl:incident-classification=\"cryptojacking\"", "malware"},
        {"circl:incident-classification=\"locker\"", "ransomware"},
        {"rsit:fraud=\"phishing\"", "phishing"},
        {"ecsirt:fraud=\"phishing\"", "phishing"},
        {"ecsirt:malicious-code=\"ransomware\"", "ransomware"},
        {"malware_classification:malware-category=\"Ransomware\"", "ransomware"},
        {"ransomware:", "ransomware"},
        {"misp-galaxy:ransomware=", "ransomware"},
        {"misp-galaxy:malpedia=", "malware"},
        {"misp-galaxy:mitre-malware=", "malware"},
        {"misp-galaxy:banker=", "malware"},
        {"misp-galaxy:stealer=", "malware"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n = strlen(rows[i].tag);
        bool open = strchr("=:", rows[i].tag[n - 1]) != NULL;

        if (!strncasecmp(name, rows[i].tag, n) && (open || !name[n]))
            return rows[i].word;
    }
    return NULL;
}

/* one|other; either may be NULL */
static bool words_both(struct said_all *all, const char *one, const char *other, const char **ret,
                       struct err *err)
{
    size_t n = one && other ? strlen(one) + strlen(other) + 2 : 0;
    char *both = n ? arena_alloc(all->a, n) : NULL;

    *ret = one ? one : other;
    if (!n || !strcmp(one, other))
        return true;
    if (!both)
        return said_no_memory(all->a, err);
    snprintf(both, n, "%s|%s", one, other);
    *ret = both;
    return true;
}

static bool tag_take(struct said_all *all, const char *name, struct marks *m, struct said *s,
                     struct err *err)
{
    const char *use = mark_pap(name);
    enum tlp t;

    if (!strncasecmp(name, "tlp:", 4)) {
        if (!tlp_read(name, strlen(name), &t))
            t = said_unknown_mark(all);
        m->tlp = m->tlp == TLP_NONE ? t : tlp_narrower(m->tlp, t);
        return true;
    }
    if (!use && !strncasecmp(name, "pap:", 4)) {
        said_unknown_mark(all);
        use = "PAP:RED";
    }
    if (!machine_tag(all, name, "cordon:permitted-use", &use, err))
        return false;
    if (use && !mark_use_both(all->a, m->use, use, &m->use, err))
        return false;
    if (!words_both(all, m->words, taxonomy_word(name), &m->words, err) ||
        !machine_tag(all, name, "misp-galaxy:threat-actor", &m->actor, err))
        return false;
    return !s || (machine_tag(all, name, "cordon:category", &s->words, err) &&
                  machine_tag(all, name, "cordon:confidence", &s->confidence, err) &&
                  machine_tag(all, name, "cordon:chain", &s->chain, err));
}

/* s: of an attribute; NULL: of an event. */
static bool tags_take(struct said_all *all, const struct json *tags, struct marks *m,
                      struct said *s, struct err *err)
{
    for (const struct json *t = tags && tags->type == JSON_ARRAY ? tags->child : NULL; t;
         t = t->next) {
        const char *name = said_text(t, "name");

        if (name && !tag_take(all, name, m, s, err))
            return false;
    }
    return true;
}

/* The chain that a type is of; NULL: it names no wallet. */
static const char *wallet_type(const struct json *attribute, bool in_coin_address)
{
    static const char *const types[][2] = {{"btc", "bitcoin"}, {"xmr", "monero"}, {"dash", "dash"}};
    const char *type = said_text(attribute, "type"),
               *relation = said_text(attribute, "object_relation");

    for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++)
        if (!strcmp(type, types[i][0]))
            return types[i][1];
    return in_coin_address && relation && !strcmp(relation, "address-crypto") ? "" : NULL;
}

static bool is_gone(const struct json *o)
{
    const struct json *d = json_get(o, "deleted");

    return d && (d->type == JSON_TRUE || json_is_string(d, "1") ||
                 (d->type == JSON_NUMBER && !strcmp(d->text, "1")));
}

static bool keep(struct said_all *all, struct said *s, struct err *err)
{
    return said_keep(all, &s->address, err) && said_keep(all, &s->chain, err) &&
           said_keep(all, &s->asset, err) && said_keep(all, &s->label, err) &&
           said_keep(all, &s->source, err) && said_keep(all, &s->day, err);
}

/* usual: what the object around it says. */
static bool attribute_take(struct event *e, const struct json *o, const struct said *usual,
                           bool in_coin_address, struct err *err)
{
    const char *chain = wallet_type(o, in_coin_address), *comment = said_text(o, "comment");
    struct gathered g = {.said = *usual, .marks.use = "", .number = e->n + 1};

    if (!chain || !said_text(o, "value")) {
        e->all->told.others += !in_coin_address;
        return true;
    }
    if (is_gone(o)) {
        e->all->told.revoked++;
        return true;
    }
    g.said.address = said_text(o, "value");
    g.said.label = comment && *comment ? comment : g.said.label;
    if (!g.said.day)
        g.said.day = said_text(o, "first_seen");
    /* people put addresses of other chains into the type btc: the symbol beside it decides */
    g.said.chain = g.said.asset ? NULL : chain;
    return tags_take(e->all, json_get(o, "Tag"), &g.marks, &g.said, err) &&
           keep(e->all, &g.said, err) && gathered_add(e, &g, err);
}

static const char *relation_value(const struct json *attributes, const char *relation)
{
    for (const struct json *a = attributes->child; a; a = a->next)
        if (json_is_string(json_get(a, "object_relation"), relation) && !is_gone(a))
            return said_text(a, "value");
    return NULL;
}

static bool object_take(struct event *e, const struct json *o, struct err *err)
{
    const struct json *attributes = json_get(o, "Attribute");
    bool coin = json_is_string(json_get(o, "name"), "coin-address");
    size_t before = e->n + e->all->told.revoked;
    struct said usual = {.label = said_text(o, "comment")};

    if (is_gone(o)) {
        e->all->told.revoked++;
        return true;
    }
    if (!attributes || attributes->type != JSON_ARRAY) {
        e->all->told.others++;
        return true;
    }
    if (coin) {
        usual.asset = relation_value(attributes, "symbol");
        usual.source = relation_value(attributes, "text");
        usual.day = relation_value(attributes, "first-seen");
    }
    for (const struct json *a = attributes->child; a; a = a->next)
        if (!attribute_take(e, a, &usual, coin, err))
            return false;
    e->all->told.others += coin && e->n + e->all->told.revoked == before;
    return true;
}

enum list { LIST_ATTRIBUTES, LIST_OBJECTS };

static bool list_take(struct event *e, struct json_walk *w, enum list list, struct err *err)
{
    static const struct said nothing = {0};
    bool ok = true;

    json_walk_array(w);
    while (ok && json_walk_item(w)) {
        struct arena *scratch = arena_new(NULL, 64 * INDICATORS_OBJECT_MAX);
        const struct json *o = NULL;

        ok = scratch ? said_object(scratch, w, &o, err) : err_fail(err, ERR_NOMEM, "an object");
        if (ok && o)
            ok = list == LIST_OBJECTS ? object_take(e, o, err)
                                      : attribute_take(e, o, &nothing, false, err);
        else
            e->all->told.others += ok;
        arena_free(scratch);
    }
    return ok && !w->bad;
}

static bool key_is(struct bytes key, const char *name)
{
    return key.n == strlen(name) && !memcmp(key.p, name, key.n);
}

static bool member_take(struct event *e, struct json_walk *w, struct bytes key, struct err *err)
{
    const struct json *value;
    struct arena *a = e->all->a;

    if (json_walk_type(w) == JSON_ARRAY && key_is(key, "Attribute"))
        return list_take(e, w, LIST_ATTRIBUTES, err);
    if (json_walk_type(w) == JSON_ARRAY && key_is(key, "Object"))
        return list_take(e, w, LIST_OBJECTS, err);
    if (!key_is(key, "Tag") && !key_is(key, "info") && !key_is(key, "date") &&
        !key_is(key, "Orgc")) {
        json_walk_skip(w);
        return !w->bad;
    }
    if (!said_object(a, w, &value, err))
        return false;
    if (key_is(key, "Tag"))
        return value
                   ? tags_take(e->all, value, &e->marks, NULL, err)
                   : err_fail(err, ERR_LIMIT, "tags of more than %zu bytes", INDICATORS_OBJECT_MAX);
    if (value && value->type == JSON_STRING && !memchr(value->text, 0, value->text_n))
        *(key_is(key, "info") ? &e->info : &e->day) = value->text;
    if (value && key_is(key, "Orgc"))
        e->source = said_text(value, "name");
    return true;
}

/* "label (actor)" */
static bool actor_say(struct said_all *all, const char *actor, const char **label, struct err *err)
{
    size_t n;
    char *both;

    if (!actor || !*label || strstr(*label, actor))
        return true;
    n = strlen(*label) + strlen(actor) + sizeof(" ()");
    both = arena_alloc(all->a, n);
    if (!both)
        return said_no_memory(all->a, err);
    snprintf(both, n, "%s (%s)", *label, actor);
    *label = both;
    return true;
}

static bool event_say(struct event *e, struct err *err)
{
    for (size_t i = 0; i < e->n; i++) {
        struct gathered *g = &e->at[i];
        struct said *s = &g->said;

        s->tlp = g->marks.tlp == TLP_NONE   ? e->marks.tlp
                 : e->marks.tlp == TLP_NONE ? g->marks.tlp
                                            : tlp_narrower(g->marks.tlp, e->marks.tlp);
        s->label = s->label && *s->label ? s->label : e->info;
        s->source = s->source ? s->source : e->source;
        s->day = s->day ? s->day : e->day;
        if ((!s->words && !words_both(e->all, g->marks.words, e->marks.words, &s->words, err)) ||
            !actor_say(e->all, g->marks.actor ? g->marks.actor : e->marks.actor, &s->label, err) ||
            !mark_use_both(e->all->a, g->marks.use, e->marks.use, &s->use, err) ||
            !said_add(e->all, s, g->number, err))
            return false;
    }
    return true;
}

/* {"Event": {...}}, or what is within. */
static bool event_take(struct said_all *all, struct json_walk *w, struct err *err)
{
    struct event e = {.all = all, .marks.use = ""};
    struct bytes key;

    json_walk_object(w);
    while (json_walk_key(w, &key)) {
        if (key_is(key, "Event") && json_walk_type(w) == JSON_OBJECT) {
            json_walk_object(w);
            while (json_walk_key(w, &key))
                if (!member_take(&e, w, key, err))
                    return false;
        } else if (!member_take(&e, w, key, err)) {
            return false;
        }
    }
    return !w->bad && event_say(&e, err);
}

static bool events_take(struct said_all *all, struct json_walk *w, struct err *err)
{
    json_walk_array(w);
    while (json_walk_item(w))
        if (!event_take(all, w, err))
            return false;
    return !w->bad;
}

/* One event, a list of them, or {"response": [...]}, as the server of MISP answers. */
bool indicators_read_misp(struct said_all *all, struct json_walk *w, struct err *err)
{
    struct json_walk start = *w;
    struct bytes key;
    bool response = false;

    if (json_walk_type(w) == JSON_ARRAY)
        return events_take(all, w, err);
    json_walk_object(w);
    while (json_walk_key(w, &key)) {
        if (!key_is(key, "response")) {
            json_walk_skip(w);
            continue;
        }
        response = true;
        if (json_walk_type(w) == JSON_ARRAY ? !events_take(all, w, err) : !event_take(all, w, err))
            return false;
    }
    if (w->bad || response)
        return !w->bad;
    *w = start;
    return event_take(all, w, err);
}
