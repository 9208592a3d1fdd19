/* Query by example, as OpenSanctions' matcher answers it: for each entity that is asked about, the
 * entries of lists that it may be, in the shape of FollowTheMoney. */
#include "serve/match_routes.h"

#include "serve/clock.h"
#include "serve/lookalike.h"
#include "serve/screen_routes.h"

#include <stdio.h>

#define MATCH_BYTES_MAX ((uint64_t)256 << 10)
#define RESULTS_USUAL 5
#define RESULTS_MAX 500

static bool part_open(struct node *n, void **ret, struct err *err)
{
    *ret = node_opened(n, &screen_part);
    return *ret || err_fail(err, ERR_SYSTEM, "no screening");
}

/* ---- the query string ---- */

struct options {
    uint64_t limit;
    uint32_t threshold;
    const char *dataset; /* of the path; NULL: all */
    const struct http_request *request;
};

/* What lists are called here, and there. */
static const struct {
    const char *list, *dataset;
} datasets[] = {
    {"ofac-sdn", "us_ofac_sdn"}, {"ofac-consolidated", "us_ofac_cons"},
    {"un", "un_sc_sanctions"},   {"eu", "eu_fsf"},
    {"uk", "gb_fcdo_sanctions"}, {"uk", "gb_hmt_sanctions"},
};

static bool is_list(const char *list, const char *name)
{
    if (!strcmp(list, name))
        return true;
    for (size_t i = 0; i < sizeof(datasets) / sizeof(datasets[0]); i++)
        if (!strcmp(datasets[i].list, list) && !strcmp(datasets[i].dataset, name))
            return true;
    return false;
}

static bool any_list(const struct screener *s, const char *name)
{
    struct screener_stands stands = screener_stands(s);

    for (size_t i = 0; i < stands.lists_n; i++)
        if (is_list(stands.lists[i].list, name))
            return true;
    return false;
}

static bool datasets_check(const struct screener *s, const struct http_request *r, struct err *err)
{
    const char *in_path = r->params[0];

    if (strcmp(in_path, "default") != 0 && strcmp(in_path, "sanctions") != 0 &&
        !any_list(s, in_path))
        return err_fail(err, ERR_NOT_FOUND, "no list \"%.64s\" has been imported", in_path);
    for (size_t i = 0; i < r->query_n; i++)
        if (!strcmp(r->query[i].name, "include_dataset") && !any_list(s, r->query[i].value))
            return err_fail(err, ERR_INPUT, "include_dataset: no list \"%.64s\" has been imported",
                            r->query[i].value);
    return true;
}

static bool options_read(const struct http_request *r, struct options *o, struct err *err)
{
    const char *limit = http_query(r, "limit"), *in_path = r->params[0];
    bool all = !strcmp(in_path, "default") || !strcmp(in_path, "sanctions");

    *o = (struct options){.limit = RESULTS_USUAL, .dataset = all ? NULL : in_path, .request = r};
    if (limit && (!u64_from_text(limit, strlen(limit), &o->limit) || o->limit > RESULTS_MAX))
        return err_fail(err, ERR_INPUT, "limit: a number up to %d is wanted", RESULTS_MAX);
    return score_read(http_query(r, "threshold"), "threshold", &o->threshold, err);
}

/* ---- which of the found ones are told ---- */

static const char *schema_of(enum list_kind kind)
{
    switch (kind) {
    case LIST_PERSON:
        return "Person";
    case LIST_ORGANISATION:
        return "Organization";
    case LIST_VESSEL:
        return "Vessel";
    case LIST_AIRCRAFT:
        return "Airplane";
    case LIST_UNKNOWN:
        break;
    }
    return "LegalEntity";
}

/* "ofac-sdn:12345" */
static bool is_entity(const struct screen_match *m, const char *id)
{
    size_t n = strlen(m->list->name);

    return !strncmp(id, m->list->name, n) && id[n] == ':' && !strcmp(id + n + 1, m->entry->id);
}

static bool is_wanted(const struct options *o, const struct screen_match *m)
{
    const struct http_request *r = o->request;
    bool asked = false, included = false; /* by name */

    if (o->dataset && !is_list(m->list->name, o->dataset))
        return false;
    for (size_t i = 0; i < r->query_n; i++) {
        const char *name = r->query[i].name, *value = r->query[i].value;

        if ((!strcmp(name, "exclude_dataset") && is_list(m->list->name, value)) ||
            (!strcmp(name, "exclude_schema") && !strcmp(schema_of(m->entry->kind), value)) ||
            (!strcmp(name, "exclude_entity_ids") && is_entity(m, value)))
            return false;
        if (!strcmp(name, "include_dataset")) {
            asked = true;
            included = included || is_list(m->list->name, value);
        }
    }
    return included || !asked;
}

/* ---- an entry as an entity ---- */

/* A property with its values, which is left away where there are none. */
struct property {
    struct json_out *j;
    const char *key;
    bool open;
};

static void property_add(struct property *p, const char *text)
{
    if (!text || !*text)
        return;
    if (!p->open) {
        json_key(p->j, p->key);
        json_array(p->j);
        p->open = true;
    }
    json_string(p->j, text);
}

static void property_end(struct property *p)
{
    if (p->open)
        json_array_end(p->j);
}

static void texts_json(struct json_out *j, const char *key, const char *const *texts, size_t n)
{
    struct property p = {.j = j, .key = key};

    for (size_t i = 0; i < n; i++)
        property_add(&p, texts[i]);
    property_end(&p);
}

static void aliases_json(struct json_out *j, const struct list_entry *e, enum list_quality quality)
{
    struct property p = {.j = j, .key = quality == LIST_STRONG ? "alias" : "weakAlias"};

    for (size_t i = 0; i < e->aliases_n; i++)
        if (e->aliases[i].quality == quality)
            property_add(&p, e->aliases[i].text);
    property_end(&p);
}

static void births_json(struct json_out *j, const struct list_entry *e)
{
    struct property p = {.j = j, .key = e->kind == LIST_PERSON ? "birthDate" : "incorporationDate"};
    char day[LIST_DAY_TEXT];

    for (size_t i = 0; i < e->births_n; i++)
        property_add(&p, list_day_text(e->births[i].from, day));
    property_end(&p);
}

static const char *id_property(enum list_id_kind kind)
{
    switch (kind) {
    case LIST_ID_PASSPORT:
        return "passportNumber";
    case LIST_ID_TAX:
        return "taxNumber";
    case LIST_ID_REGISTRATION:
        return "registrationNumber";
    case LIST_ID_IMO:
        return "imoNumber";
    case LIST_ID_MMSI:
        return "mmsi";
    case LIST_ID_CALL_SIGN:
        return "callSign";
    case LIST_ID_BANK:
        return "swiftBic";
    case LIST_ID_LEI:
        return "leiCode";
    case LIST_ID_EMAIL:
        return "email";
    case LIST_ID_PHONE:
        return "phone";
    case LIST_ID_WEBSITE:
        return "website";
    case LIST_ID_NATIONAL:
    case LIST_ID_OTHER:
        break;
    }
    return "idNumber";
}

#define ID_KINDS (LIST_ID_WEBSITE + 1)

static void ids_json(struct json_out *j, const struct list_entry *e)
{
    for (int kind = 0; kind < ID_KINDS; kind++) {
        struct property p = {.j = j, .key = id_property((enum list_id_kind)kind)};

        if (kind == LIST_ID_NATIONAL) /* with those of no kind */
            continue;
        for (size_t i = 0; i < e->ids_n; i++)
            if (e->ids[i].kind == (enum list_id_kind)kind ||
                (kind == LIST_ID_OTHER && e->ids[i].kind == LIST_ID_NATIONAL))
                property_add(&p, e->ids[i].number);
        property_end(&p);
    }
}

static void properties_json(struct json_out *j, const struct list_entry *e)
{
    static const char *const topics[] = {"sanction"};
    struct property addresses = {.j = j, .key = "address"}, wallets = {.j = j, .key = "publicKey"};

    json_object(j);
    texts_json(j, "name", &e->name.text, 1);
    aliases_json(j, e, LIST_STRONG);
    aliases_json(j, e, LIST_WEAK);
    births_json(j, e);
    texts_json(j, "birthPlace", e->places, e->places_n);
    texts_json(j, e->kind == LIST_PERSON ? "nationality" : "country", e->nationalities,
               e->nationalities_n);
    ids_json(j, e);
    for (size_t i = 0; i < e->addresses_n; i++)
        property_add(&addresses, e->addresses[i].text);
    property_end(&addresses);
    for (size_t i = 0; i < e->cryptos_n; i++)
        property_add(&wallets, e->cryptos[i].text);
    property_end(&wallets);
    texts_json(j, "program", e->programmes, e->programmes_n);
    texts_json(j, "topics", topics, 1);
    texts_json(j, "sourceUrl", &e->url, 1);
    json_object_end(j);
}

/* ---- why ---- */

static const struct {
    const char *name, *says;
} features[] = {
    {"name", "how alike the names are, from 0 to 1 (docs/names.md)"},
    {"exact", "the wallet's address, or the number of a document, stands on the list"},
    {"birth_date_same", "the same date of birth"},
    {"birth_year_same", "the same year of birth"},
    {"birth_date_near", "a date of birth that is close"},
    {"birth_day_other", "the same year of birth, another day; lowers the score"},
    {"birth_date_other", "another date of birth; lowers the score"},
    {"nationality_same", "the same nationality"},
    {"nationality_other", "another nationality; lowers the score"},
    {"document_same", "the same number of a document"},
};

static const char *feature_of(enum name_fact fact)
{
    switch (fact) {
    case NAME_FACT_BIRTH_SAME:
        return "birth_date_same";
    case NAME_FACT_BIRTH_YEAR_SAME:
        return "birth_year_same";
    case NAME_FACT_BIRTH_NEAR:
        return "birth_date_near";
    case NAME_FACT_BIRTH_OTHER_DAY:
        return "birth_day_other";
    case NAME_FACT_BIRTH_OTHER:
        return "birth_date_other";
    case NAME_FACT_NATIONALITY_SAME:
        return "nationality_same";
    case NAME_FACT_NATIONALITY_OTHER:
        return "nationality_other";
    case NAME_FACT_ID_SAME:
        return "document_same";
    }
    return "";
}

static void features_json(struct json_out *j, const struct lookalike *l)
{
    json_object(j);
    json_key(j, l->reason->exact ? "exact" : "name");
    score_json(j, l->reason->exact ? 1000 : l->match->score.per_mille);
    for (size_t i = 0; i < l->match->adjusted.facts_n; i++) {
        json_key(j, feature_of(l->match->adjusted.facts[i]));
        score_json(j, 1000);
    }
    json_object_end(j);
}

static void matcher_json(struct json_out *j)
{
    json_object(j);
    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        json_key(j, features[i].name);
        json_object(j);
        json_put_string(j, "description", features[i].says);
        json_key(j, "coefficient");
        score_json(j, 1000);
        json_put_string(j, "url", NULL);
        json_object_end(j);
    }
    json_object_end(j);
}

/* ---- the answer ---- */

static void result_json(struct json_out *j, const struct lookalike *l)
{
    const struct list_entry *e = l->match->entry;
    struct text id = text_new(HTTP_CHUNK_BYTES_MAX);

    text_printf(&id, "%s:%s", l->match->list->name, e->id);
    json_object(j);
    json_key(j, "id");
    json_string_n(j, id.p ? id.p : "", id.n);
    text_free(&id);
    json_put_string(j, "caption", e->name.text);
    json_put_string(j, "schema", schema_of(e->kind));
    json_key(j, "properties");
    properties_json(j, e);
    json_key(j, "datasets");
    json_array(j);
    json_string(j, l->match->list->name);
    json_array_end(j);
    json_key(j, "referents");
    json_array(j);
    json_array_end(j);
    json_put_bool(j, "target", true);
    json_put_string(j, "first_seen", NULL);
    json_put_string(j, "last_seen", NULL);
    json_put_string(j, "last_change", NULL);
    json_key(j, "score");
    score_json(j, l->reason->score);
    json_key(j, "features");
    features_json(j, l);
    json_put_bool(j, "match", !l->reason->quiet);
    json_object_end(j);
}

/* As it was understood: each property an array. */
static void query_json(struct json_out *j, const struct match_query *q)
{
    json_object(j);
    json_put_string(j, "id", q->id);
    json_put_string(j, "schema", q->schema);
    json_key(j, "properties");
    json_object(j);
    for (const struct json *p = q->properties->child; p; p = p->next) {
        json_key(j, p->key);
        if (p->type == JSON_ARRAY) {
            json_tree(j, p);
        } else {
            json_array(j);
            json_string_n(j, p->text, p->text_n);
            json_array_end(j);
        }
    }
    json_object_end(j);
    json_object_end(j);
}

static void results_json(struct json_out *j, const struct lookalikes *l, const struct options *o,
                         const struct match_query *q)
{
    uint64_t wanted = 0;

    json_object(j);
    json_put_number(j, "status", 200);
    json_key(j, "results");
    json_array(j);
    for (size_t i = 0; i < l->found_n; i++)
        if (is_wanted(o, l->found[i].match) && wanted++ < o->limit)
            result_json(j, &l->found[i]);
    json_array_end(j);
    json_key(j, "total");
    json_object(j);
    json_put_number(j, "value", wanted);
    json_put_string(j, "relation", "eq");
    json_object_end(j);
    json_key(j, "query");
    query_json(j, q);
    json_object_end(j);
}

static bool ask(struct lookalikes *l, const struct match_query *q, uint32_t threshold,
                struct err *err)
{
    struct screen_question name = {.subject = SCREEN_OF_NAME,
                                   .address = "",
                                   .name = "",
                                   .kind = q->kind,
                                   .facts = q->facts,
                                   .threshold = threshold,
                                   .now = clock_seconds()};

    lookalikes_next(l);
    if (!lookalikes_ask_names(l, name, q->names, q->names_n, err))
        return false;
    for (size_t i = 0; i < q->wallets_n; i++)
        if (!lookalikes_ask_address(l, q->wallets[i], q->currency, name.now, err))
            return false;
    lookalikes_sort(l);
    return true;
}

static bool answers(struct lookalikes *l, const struct options *o, const struct match_query *q,
                    size_t n, struct json_out *j, struct err *err)
{
    json_object(j);
    json_key(j, "responses");
    json_object(j);
    for (size_t i = 0; i < n; i++) {
        if (!ask(l, &q[i], o->threshold, err))
            return err_in(err, "query \"%.40s\"", q[i].key);
        json_key(j, q[i].key);
        results_json(j, l, o, &q[i]);
    }
    json_object_end(j);
    json_key(j, "matcher");
    matcher_json(j);
    json_put_number(j, "limit", o->limit);
    json_object_end(j);
    return lookalikes_done(l, err);
}

static bool match(struct http_job *job, struct err *err)
{
    static const char *const known[] = {
        "limit",           "threshold",          "cutoff",          "algorithm",
        "include_dataset", "exclude_schema",     "exclude_dataset", "topics",
        "changed_since",   "exclude_entity_ids", "fuzzy",           NULL};
    const struct http_body *b = &job->request.body;
    struct json_out j = json_to(&job->response.body, false);
    struct screening *p = job->part;
    struct live_screener_view *v;
    struct match_query *queries;
    struct lookalikes l = {.questions = 0};
    struct options o;
    size_t n;
    bool ok;

    if (!http_query_only(&job->request, known, err) || !options_read(&job->request, &o, err) ||
        !match_queries_read(job->arena, (const char *)b->p, (size_t)b->n, &queries, &n, err))
        return false;
    v = screening_take(p);
    ok = datasets_check(live_screener_at(v), &job->request, err) &&
         lookalikes_begin(&l, job, p, live_screener_at(v), "match", err) &&
         answers(&l, &o, queries, n, &j, err);
    lookalikes_end(&l);
    screening_drop(p, v);
    return ok;
}

static const struct http_route routes[] = {
    {"POST", "/match/{dataset}", HTTP_SCREEN, HTTP_WORKER | HTTP_KEEPS | HTTP_REPEATS,
     MATCH_BYTES_MAX, match},
};

const struct node_part match_part = {
    .name = "match",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .open = part_open,
};
