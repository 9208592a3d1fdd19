/* Watchman's search: the entries of lists that somebody may be, in the shape of its entities. */
#include "serve/watchman_routes.h"

#include "serve/clock.h"
#include "serve/lookalike.h"
#include "serve/screen_routes.h"
#include "serve/watchman_query.h"

#include <stdio.h>

static bool part_open(struct node *n, void **ret, struct err *err)
{
    *ret = node_opened(n, &screen_part);
    return *ret || err_fail(err, ERR_SYSTEM, "no screening");
}

/* OFAC's list has Watchman's own name, too. */
static const char *source_name(const char *list)
{
    return strcmp(list, "ofac-sdn") ? list : "us_ofac";
}

static bool is_wanted(const struct watchman_query *q, const struct screen_match *m)
{
    return (!q->source || !strcmp(q->source, m->list->name) ||
            !strcmp(q->source, source_name(m->list->name))) &&
           (!q->source_id || !strcmp(q->source_id, m->entry->id));
}

/* ---- an entry as an entity ---- */

static void texts(struct json_out *j, const char *key, const char *const *at, size_t n)
{
    json_key(j, key);
    json_array(j);
    for (size_t i = 0; i < n; i++)
        json_string(j, at[i]);
    json_array_end(j);
}

static void alias_texts(struct json_out *j, const struct list_entry *e)
{
    json_key(j, "altNames");
    json_array(j);
    for (size_t i = 0; i < e->aliases_n; i++)
        json_string(j, e->aliases[i].text);
    json_array_end(j);
}

/* RFC 3339; a year alone is its first day. */
static void day_put(struct json_out *j, const char *key, struct list_day d)
{
    char text[32];

    snprintf(text, sizeof(text), "%04u-%02u-%02uT00:00:00Z", d.year, d.month ? d.month : 1u,
             d.day ? d.day : 1u);
    json_put_string(j, key, d.year ? text : NULL);
}

static void birth_put(struct json_out *j, const char *key, const struct list_entry *e)
{
    day_put(j, key, e->births_n ? e->births[0].from : (struct list_day){.year = 0});
}

static const char *government_type(enum list_id_kind kind)
{
    switch (kind) {
    case LIST_ID_PASSPORT:
        return "passport";
    case LIST_ID_NATIONAL:
        return "national-id";
    case LIST_ID_TAX:
        return "tax-id";
    case LIST_ID_REGISTRATION:
        return "business-registration";
    case LIST_ID_OTHER:
        return "personal-id";
    case LIST_ID_IMO:
    case LIST_ID_MMSI:
    case LIST_ID_CALL_SIGN:
    case LIST_ID_BANK:
    case LIST_ID_LEI:
    case LIST_ID_EMAIL:
    case LIST_ID_PHONE:
    case LIST_ID_WEBSITE:
        break;
    }
    return NULL;
}

static void government_ids(struct json_out *j, const struct list_entry *e)
{
    json_key(j, "governmentIDs");
    json_array(j);
    for (size_t i = 0; i < e->ids_n; i++) {
        const char *type = government_type(e->ids[i].kind);

        if (!type)
            continue;
        json_object(j);
        json_put_string(j, "name", e->ids[i].type);
        json_put_string(j, "type", type);
        json_put_string(j, "country", e->ids[i].country);
        json_put_string(j, "identifier", e->ids[i].number);
        json_object_end(j);
    }
    json_array_end(j);
}

static const char *id_of(const struct list_entry *e, enum list_id_kind kind)
{
    for (size_t i = 0; i < e->ids_n; i++)
        if (e->ids[i].kind == kind)
            return e->ids[i].number;
    return "";
}

static const char *flag_of(const struct list_entry *e)
{
    return e->nationalities_n ? e->nationalities[0] : "";
}

static void person_json(struct json_out *j, const struct list_entry *e)
{
    json_object(j);
    json_put_string(j, "name", e->name.text);
    alias_texts(j, e);
    birth_put(j, "birthDate", e);
    json_put_string(j, "placeOfBirth", e->places_n ? e->places[0] : "");
    government_ids(j, e);
    json_object_end(j);
}

static void firm_json(struct json_out *j, const struct list_entry *e)
{
    json_object(j);
    json_put_string(j, "name", e->name.text);
    alias_texts(j, e);
    birth_put(j, "created", e);
    government_ids(j, e);
    json_object_end(j);
}

static void vessel_json(struct json_out *j, const struct list_entry *e)
{
    json_object(j);
    json_put_string(j, "name", e->name.text);
    alias_texts(j, e);
    json_put_string(j, "imoNumber", id_of(e, LIST_ID_IMO));
    json_put_string(j, "mmsi", id_of(e, LIST_ID_MMSI));
    json_put_string(j, "callSign", id_of(e, LIST_ID_CALL_SIGN));
    json_put_string(j, "flag", flag_of(e));
    birth_put(j, "built", e);
    json_object_end(j);
}

static void aircraft_json(struct json_out *j, const struct list_entry *e)
{
    json_object(j);
    json_put_string(j, "name", e->name.text);
    alias_texts(j, e);
    json_put_string(j, "flag", flag_of(e));
    birth_put(j, "built", e);
    json_object_end(j);
}

static const char *entity_type(const struct watchman_query *q, enum list_kind kind)
{
    switch (kind) {
    case LIST_PERSON:
        return "person";
    case LIST_ORGANISATION: /* lists do not tell the two apart: it is what was asked for */
        return q->type && !strcmp(q->type, "organization") ? "organization" : "business";
    case LIST_VESSEL:
        return "vessel";
    case LIST_AIRCRAFT:
        return "aircraft";
    case LIST_UNKNOWN:
        break;
    }
    return "unknown";
}

/* Of the five, the one that it is. */
static void details_json(struct json_out *j, const char *type, const struct list_entry *e)
{
    static const struct {
        const char *type;
        void (*put)(struct json_out *j, const struct list_entry *e);
    } rows[] = {
        {"person", person_json},     {"business", firm_json}, {"organization", firm_json},
        {"aircraft", aircraft_json}, {"vessel", vessel_json},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_key(j, rows[i].type);
        if (!strcmp(rows[i].type, type))
            rows[i].put(j, e);
        else
            json_null(j);
    }
}

static void ids_of_kind(struct json_out *j, const char *key, const struct list_entry *e,
                        enum list_id_kind kind)
{
    json_key(j, key);
    json_array(j);
    for (size_t i = 0; i < e->ids_n; i++)
        if (e->ids[i].kind == kind)
            json_string(j, e->ids[i].number);
    json_array_end(j);
}

static void places_json(struct json_out *j, const struct list_entry *e)
{
    json_key(j, "contact");
    json_object(j);
    ids_of_kind(j, "emailAddresses", e, LIST_ID_EMAIL);
    ids_of_kind(j, "phoneNumbers", e, LIST_ID_PHONE);
    texts(j, "faxNumbers", NULL, 0);
    ids_of_kind(j, "websites", e, LIST_ID_WEBSITE);
    json_object_end(j);
    json_key(j, "addresses");
    json_array(j);
    for (size_t i = 0; i < e->addresses_n; i++) {
        json_object(j);
        json_put_string(j, "line1", e->addresses[i].text);
        json_put_string(j, "country", e->addresses[i].country);
        json_object_end(j);
    }
    json_array_end(j);
    json_key(j, "cryptoAddresses");
    json_array(j);
    for (size_t i = 0; i < e->cryptos_n; i++) {
        json_object(j);
        json_put_string(j, "currency", e->cryptos[i].ticker);
        json_put_string(j, "address", e->cryptos[i].text);
        json_object_end(j);
    }
    json_array_end(j);
}

static void entity_json(struct json_out *j, const struct watchman_query *q,
                        const struct lookalike *l)
{
    const struct list_entry *e = l->match->entry;
    const char *type = entity_type(q, e->kind);

    json_object(j);
    json_put_string(j, "name", e->name.text);
    json_put_string(j, "entityType", type);
    json_put_string(j, "sourceList", source_name(l->match->list->name));
    json_put_string(j, "sourceID", e->id);
    details_json(j, type, e);
    places_json(j, e);
    json_key(j, "affiliations");
    json_null(j);
    json_key(j, "sanctionsInfo");
    json_object(j);
    texts(j, "programs", e->programmes, e->programmes_n);
    json_put_bool(j, "secondary", false);
    json_put_string(j, "description", e->remarks);
    json_object_end(j);
    json_key(j, "historicalInfo");
    json_null(j);
    json_key(j, "sourceData");
    json_null(j);
    json_key(j, "match");
    score_json(j, l->reason->score);
    json_object_end(j);
}

/* ---- the answer ---- */

static void query_json(struct json_out *j, const struct watchman_query *q)
{
    json_object(j);
    json_put_string(j, "name", q->name ? q->name : "");
    json_put_string(j, "entityType", q->type ? q->type : "");
    json_put_string(j, "sourceList", q->source ? q->source : "");
    json_put_string(j, "sourceID", q->source_id ? q->source_id : "");
    json_key(j, "cryptoAddresses");
    json_array(j);
    for (size_t i = 0; i < q->addresses_n; i++) {
        json_object(j);
        json_put_string(j, "currency", q->addresses[i].currency ? q->addresses[i].currency : "");
        json_put_string(j, "address", q->addresses[i].text);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static bool ask(struct lookalikes *l, const struct watchman_query *q, struct err *err)
{
    struct screen_question name = {.subject = SCREEN_OF_NAME,
                                   .address = "",
                                   .name = "",
                                   .kind = q->kind,
                                   .facts = q->facts,
                                   .threshold = q->threshold,
                                   .now = clock_seconds()};

    if (!lookalikes_ask_names(l, name, q->names, q->names_n, err))
        return false;
    for (size_t i = 0; i < q->addresses_n; i++)
        if (!lookalikes_ask_address(l, q->addresses[i].text, q->addresses[i].currency, name.now,
                                    err))
            return false;
    lookalikes_sort(l);
    return true;
}

static bool answer(struct lookalikes *l, const struct watchman_query *q, struct json_out *j,
                   struct err *err)
{
    uint64_t told = 0;

    if (!ask(l, q, err))
        return false;
    json_object(j);
    json_key(j, "query");
    query_json(j, q);
    json_key(j, "entities");
    json_array(j);
    for (size_t i = 0; i < l->found_n && told < q->limit; i++)
        if (is_wanted(q, l->found[i].match)) {
            entity_json(j, q, &l->found[i]);
            told++;
        }
    json_array_end(j);
    json_object_end(j);
    return lookalikes_done(l, err);
}

static bool search(struct http_job *job, struct err *err)
{
    struct json_out j = json_to(&job->response.body, false);
    struct screening *p = job->part;
    struct live_screener_view *v;
    struct lookalikes l = {.questions = 0};
    struct watchman_query q;
    bool ok;

    if (!watchman_query_read(job->arena, &job->request, &q, err))
        return false;
    v = screening_take(p);
    ok =
        lookalikes_begin(&l, job, p, live_screener_at(v), "search", err) && answer(&l, &q, &j, err);
    lookalikes_end(&l);
    screening_drop(p, v);
    return ok;
}

static const struct http_route routes[] = {
    {"GET", "/v2/search", HTTP_SCREEN, HTTP_WORKER | HTTP_REPEATS, 0, search},
};

const struct node_part watchman_part = {
    .name = "watchman",
    .routes = routes,
    .routes_n = sizeof(routes) / sizeof(routes[0]),
    .open = part_open,
};
