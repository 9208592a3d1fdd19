#include "serve/watchman_query.h"

#include "screen/batch.h"
#include "serve/lookalike.h"

#define LIMIT_USUAL 10
#define LIMIT_MAX 100

/* What a parameter is for. */
enum use {
    USE_NOTHING, /* known to Watchman, not compared here */
    USE_NAME,
    USE_TYPE,
    USE_LIMIT,
    USE_MIN_MATCH,
    USE_SOURCE,
    USE_SOURCE_ID,
    USE_BIRTH,
    USE_ID,
    USE_FLAG,
    USE_CRYPTO,
    USE_GOVERNMENT_ID, /* COUNTRY:NUMBER */
    USE_NATIONALITY,
    USE_UNKNOWN,
};

static const struct {
    const char *name;
    enum use use;
} parameters[] = {
    {"name", USE_NAME},
    {"altNames", USE_NAME},
    {"type", USE_TYPE},
    {"limit", USE_LIMIT},
    {"minMatch", USE_MIN_MATCH},
    {"source", USE_SOURCE},
    {"sourceID", USE_SOURCE_ID},
    {"birthDate", USE_BIRTH},
    {"imoNumber", USE_ID},
    {"mmsi", USE_ID},
    {"callSign", USE_ID},
    {"serialNumber", USE_ID},
    {"flag", USE_FLAG},
    {"cryptoAddress", USE_CRYPTO},
    {"cryptoAddresses", USE_CRYPTO},
    {"gov_citizenship", USE_NATIONALITY},
    {"gov_nationality", USE_NATIONALITY},
    {"algorithm", USE_NOTHING},
    {"requestID", USE_NOTHING},
    {"debug", USE_NOTHING},
    {"debugSourceIDs", USE_NOTHING},
    {"gender", USE_NOTHING},
    {"deathDate", USE_NOTHING},
    {"titles", USE_NOTHING},
    {"created", USE_NOTHING},
    {"dissolved", USE_NOTHING},
    {"aircraftType", USE_NOTHING},
    {"icaoCode", USE_NOTHING},
    {"model", USE_NOTHING},
    {"built", USE_NOTHING},
    {"vesselType", USE_NOTHING},
    {"owner", USE_NOTHING},
    {"tonnage", USE_NOTHING},
    {"grossRegisteredTonnage", USE_NOTHING},
    {"email", USE_NOTHING},
    {"emailAddress", USE_NOTHING},
    {"emailAddresses", USE_NOTHING},
    {"phone", USE_NOTHING},
    {"phoneNumber", USE_NOTHING},
    {"phoneNumbers", USE_NOTHING},
    {"fax", USE_NOTHING},
    {"faxNumber", USE_NOTHING},
    {"faxNumbers", USE_NOTHING},
    {"website", USE_NOTHING},
    {"websites", USE_NOTHING},
    {"address", USE_NOTHING},
    {"addresses", USE_NOTHING},
};

static enum use use_of(const char *name)
{
    for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
        if (!strcmp(parameters[i].name, name))
            return parameters[i].use;
    return strncmp(name, "gov_", 4) ? USE_UNKNOWN : USE_GOVERNMENT_ID;
}

static bool type_read(const char *value, struct watchman_query *q, struct err *err)
{
    static const struct {
        const char *type;
        enum name_kind kind;
    } types[] = {
        {"person", NAME_PERSON},
        {"business", NAME_ORGANISATION},
        {"organization", NAME_ORGANISATION},
        {"aircraft", NAME_AIRCRAFT},
        {"vessel", NAME_VESSEL},
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (!strcmp(types[i].type, value)) {
            q->type = types[i].type;
            q->kind = types[i].kind;
            return true;
        }
    return err_fail(err, ERR_INPUT, "type: person, business, organization, aircraft or vessel");
}

/* CURRENCY:ADDRESS. Some addresses have a colon of their own ("bitcoincash:q..."): what stands
 * before it is then no ticker of a few letters. */
static bool crypto_read(struct arena *a, const char *value, struct watchman_query *q,
                        struct err *err)
{
    enum { TICKER_MAX = 8 };
    const char *colon = strchr(value, ':');
    struct watchman_address *to = &q->addresses[q->addresses_n++];

    *to = (struct watchman_address){.text = value};
    if (!colon || colon - value > TICKER_MAX)
        return true;
    to->text = colon + 1;
    to->currency = arena_string(a, value, (size_t)(colon - value));
    return to->currency || err_fail(err, ERR_NOMEM, "an address");
}

static const char *behind_colon(const char *value)
{
    const char *colon = strchr(value, ':');

    return colon ? colon + 1 : value;
}

static bool limit_read(const char *value, struct watchman_query *q, struct err *err)
{
    return (u64_from_text(value, strlen(value), &q->limit) && q->limit && q->limit <= LIMIT_MAX) ||
           err_fail(err, ERR_INPUT, "limit: a number from 1 to %d is wanted", LIMIT_MAX);
}

static bool parameter_read(struct arena *a, const struct http_field *f, struct watchman_query *q,
                           struct err *err)
{
    switch (use_of(f->name)) {
    case USE_NAME:
        q->names[q->names_n++] = f->value;
        return true;
    case USE_TYPE:
        return type_read(f->value, q, err);
    case USE_LIMIT:
        return limit_read(f->value, q, err);
    case USE_MIN_MATCH:
        return score_read(f->value, "minMatch", &q->threshold, err);
    case USE_SOURCE:
        q->source = f->value;
        return true;
    case USE_SOURCE_ID:
        q->source_id = f->value;
        return true;
    case USE_BIRTH:
        return screen_born_read(f->value, &q->facts, err);
    case USE_ID:
        q->ids[q->facts.ids_n++] = f->value;
        return true;
    case USE_GOVERNMENT_ID:
        q->ids[q->facts.ids_n++] = behind_colon(f->value);
        return true;
    case USE_FLAG:
    case USE_NATIONALITY:
        q->facts.nationality = behind_colon(f->value);
        return true;
    case USE_CRYPTO:
        return crypto_read(a, f->value, q, err);
    case USE_NOTHING:
        return true;
    case USE_UNKNOWN:
        break;
    }
    return err_fail(err, ERR_INPUT, "query: \"%.40s\" is not known here", f->name);
}

bool watchman_query_read(struct arena *a, const struct http_request *r, struct watchman_query *ret,
                         struct err *err)
{
    const char *format = http_query(r, "format");

    *ret = (struct watchman_query){.kind = NAME_UNKNOWN, .limit = LIMIT_USUAL};
    if (format && strcmp(format, "watchman") != 0)
        return err_fail(err, ERR_INPUT, "format: watchman");
    for (size_t i = 0; i < r->query_n; i++)
        if (*r->query[i].value && strcmp(r->query[i].name, "format") != 0 &&
            !parameter_read(a, &r->query[i], ret, err))
            return false;
    ret->facts.ids = ret->ids;
    ret->name = ret->names_n ? ret->names[0] : NULL;
    return ret->names_n || ret->addresses_n || ret->facts.ids_n ||
           err_fail(err, ERR_INPUT, "name, altNames, cryptoAddress or an identifier is wanted");
}
