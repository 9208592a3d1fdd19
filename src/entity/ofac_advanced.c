/* sdn_advanced.xml: values are numbers, which the file's own tables explain.
 *
 *     reference values, locations, documents    kept by number
 *     DistinctParty                             an entry: names, features, its documents
 *     SanctionsEntry                            programmes and dates, joined to it by the profile
 *
 * Schema: sdn_advanced.xsd ("Advanced Sanctions Data Model", un.org/sanctions/1.0). */
#include "entity/ofac.h"

#include "base/mem.h"
#include "base/xml.h"

#include <stdio.h>
#include <stdlib.h>

#define VALUES_MAX ((size_t)1 << 22)
#define PARTS_MAX 16 /* of a name, of a place */

/* What a number of a table means. */
struct value {
    uint64_t number;
    unsigned table; /* its place in tables[] */
    size_t order;   /* several documents of one identity stay in order */
    const char *text;
    struct list_id document;
};

enum table {
    TABLE_ALIAS_TYPE,
    TABLE_COUNTRY,
    TABLE_DETAIL,
    TABLE_DOCUMENT_TYPE,
    TABLE_FEATURE_TYPE,
    TABLE_LEGAL_BASIS,
    TABLE_NAME_PART,
    TABLE_PARTY_KIND,
    TABLE_SCRIPT,
    TABLE_LOCATION,
    TABLE_DOCUMENT,
};

static const char *const tables[] = {
    "AliasType",  "Country",      "DetailReference", "IDRegDocType", "FeatureType",
    "LegalBasis", "NamePartType", "PartySubType",    "Script",
};
#define TABLES_N (sizeof(tables) / sizeof(tables[0]))

struct values { /* sorted when one is looked for */
    struct value *at;
    size_t n, size;
    bool sorted;
};

/* Locations and documents name values of the tables, and are many: apart, so that neither is sorted
 * again for each. */
struct reader {
    struct list_maker *m;
    struct values tables, others;
};

static struct values *values_of(struct reader *r, unsigned table)
{
    return table < TABLE_LOCATION ? &r->tables : &r->others;
}

static int value_order(const void *a, const void *b)
{
    const struct value *x = a, *y = b;

    if (x->table != y->table)
        return x->table < y->table ? -1 : 1;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static bool value_add(struct reader *r, struct value v)
{
    struct values *all = values_of(r, v.table);

    if (all->n == VALUES_MAX)
        return list_make_fail(r->m, ERR_LIMIT, "more than %zu values", all->n);
    if (!mem_room((void **)&all->at, &all->size, all->n + 1, sizeof(*all->at)))
        return list_make_fail(r->m, ERR_NOMEM, "a list");
    v.order = all->n;
    all->at[all->n++] = v;
    all->sorted = false;
    return !r->m->bad;
}

static bool number_of(const char *text, uint64_t *ret)
{
    return u64_from_text(text, strlen(text), ret);
}

/* The first value of that table and number; NULL: there is none. */
static const struct value *value_find(struct reader *r, enum table table, const char *number)
{
    struct values *all = values_of(r, table);
    struct value key = {.table = table};
    size_t low = 0, high = all->n;

    if (!number_of(number, &key.number) || !all->n)
        return NULL;
    if (!all->sorted)
        qsort(all->at, all->n, sizeof(*all->at), value_order);
    all->sorted = true;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (value_order(&all->at[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == all->n || all->at[low].table != key.table || all->at[low].number != key.number)
        return NULL;
    return &all->at[low];
}

static const char *meaning(struct reader *r, enum table table, const char *number)
{
    const struct value *v = value_find(r, table, number);

    return v ? v->text : "";
}

static const char *attribute_meaning(struct reader *r, enum table table, const struct xml_node *n,
                                     const char *attribute)
{
    return meaning(r, table, xml_attribute(n, attribute));
}

/* A row of one of the tables. A kind of party is told by the type above it, too: an entity's
 * sub-type is "Unknown". */
static bool table_add(struct reader *r, unsigned table, const struct xml_node *n)
{
    struct value v = {.table = table, .text = list_make_text(r->m, n->text, n->text_n)};

    if (!number_of(xml_attribute(n, "ID"), &v.number))
        return list_make_fail(r->m, ERR_INPUT, "a %s without a number", n->name);
    if (table == TABLE_PARTY_KIND && !strcmp(v.text, "Unknown"))
        v.text = !strcmp(xml_attribute(n, "PartyTypeID"), "1")   ? "Individual"
                 : !strcmp(xml_attribute(n, "PartyTypeID"), "2") ? "Entity"
                                                                 : "";
    return value_add(r, v);
}

/* A place as one line: its parts as they are written, and its country. */
static bool location_add(struct reader *r, const struct xml_node *n)
{
    struct value v = {.table = TABLE_LOCATION};
    const char *parts[PARTS_MAX + 1];
    size_t parts_n = 0;

    if (!number_of(xml_attribute(n, "ID"), &v.number))
        return list_make_fail(r->m, ERR_INPUT, "a location without a number");
    for (const struct xml_node *at = xml_child(n, "LocationPart"); at && parts_n < PARTS_MAX;
         at = xml_next(at->next, "LocationPart"))
        parts[parts_n++] =
            list_make_string(r->m, xml_text(xml_child(at, "LocationPartValue"), "Value"));
    v.document.country =
        attribute_meaning(r, TABLE_COUNTRY, xml_child(n, "LocationCountry"), "CountryID");
    parts[parts_n++] = v.document.country;
    v.text = list_make_join(r->m, parts, parts_n, ", ");
    return value_add(r, v);
}

static bool document_add(struct reader *r, const struct xml_node *n)
{
    struct value v = {.table = TABLE_DOCUMENT, .text = ""};
    const struct xml_node *comment = xml_child(n, "Comment");

    if (!number_of(xml_attribute(n, "IdentityID"), &v.number))
        return list_make_fail(r->m, ERR_INPUT, "a document of nobody");
    v.document = (struct list_id){
        .type = attribute_meaning(r, TABLE_DOCUMENT_TYPE, n, "IDRegDocTypeID"),
        .number = list_make_string(r->m, xml_text(n, "IDRegistrationNo")),
        .country = attribute_meaning(r, TABLE_COUNTRY, n, "IssuedBy-CountryID"),
        .note = comment ? list_make_text(r->m, comment->text, comment->text_n) : "",
    };
    return value_add(r, v);
}

/* ---- names ---- */

struct parts {
    const char *last, *others[PARTS_MAX];
    size_t others_n;
};

/* The type of a part: its group is explained in the identity that it belongs to. */
static const char *part_type(struct reader *r, const struct xml_node *identity, const char *group)
{
    const struct xml_node *groups = xml_child(identity, "NamePartGroups");

    for (const struct xml_node *master = xml_child(groups, "MasterNamePartGroup"); master;
         master = xml_next(master->next, "MasterNamePartGroup"))
        for (const struct xml_node *n = xml_child(master, "NamePartGroup"); n;
             n = xml_next(n->next, "NamePartGroup"))
            if (!strcmp(xml_attribute(n, "ID"), group))
                return attribute_meaning(r, TABLE_NAME_PART, n, "NamePartTypeID");
    return "";
}

static struct list_name documented_name(struct reader *r, const struct xml_node *identity,
                                        const struct xml_node *documented)
{
    struct list_name name = {.family = "", .given = "", .type = "", .language = ""};
    struct parts p = {.last = ""};
    const char *both[2];

    for (const struct xml_node *n = xml_child(documented, "DocumentedNamePart"); n;
         n = xml_next(n->next, "DocumentedNamePart")) {
        const struct xml_node *v = xml_child(n, "NamePartValue");
        const char *text = v ? list_make_text(r->m, v->text, v->text_n) : "";
        const char *script = attribute_meaning(r, TABLE_SCRIPT, v, "ScriptID");

        if (*script && strcmp(script, "Latin"))
            name.language = script;
        if (!*p.last &&
            !strcmp(part_type(r, identity, xml_attribute(v, "NamePartGroupID")), "Last Name"))
            p.last = text;
        else if (*text && p.others_n < PARTS_MAX)
            p.others[p.others_n++] = text;
    }
    both[0] = p.last;
    both[1] = list_make_join(r->m, p.others, p.others_n, " ");
    name.text = list_make_join(r->m, both, 2, ", ");
    if (*p.last && *both[1]) {
        name.family = p.last;
        name.given = both[1];
    }
    return name;
}

static void alias_add(struct reader *r, const struct xml_node *identity, const struct xml_node *n)
{
    bool primary = !strcmp(xml_attribute(n, "Primary"), "true");
    const char *type = attribute_meaning(r, TABLE_ALIAS_TYPE, n, "AliasTypeID");

    for (const struct xml_node *at = xml_child(n, "DocumentedName"); at;
         at = xml_next(at->next, "DocumentedName")) {
        struct list_name name = documented_name(r, identity, at);

        name.quality = strcmp(xml_attribute(n, "LowQuality"), "true") ? LIST_STRONG : LIST_WEAK;
        if (primary && !*name.language) {
            list_make_name(r->m, name);
            continue;
        }
        name.type = !strcmp(type, "A.K.A.")   ? "a.k.a."
                    : !strcmp(type, "F.K.A.") ? "f.k.a."
                    : !strcmp(type, "N.K.A.") ? "n.k.a."
                    : primary                 ? "original script"
                                              : type;
        list_make_alias(r->m, name);
    }
}

/* ---- features ---- */

static bool point_read(const struct xml_node *n, struct list_day *ret)
{
    const char *year = xml_text(n, "Year"), *month = xml_text(n, "Month"),
               *day = xml_text(n, "Day");
    char text[40];

    snprintf(text, sizeof(text), "%.4s%s%.2s%s%.2s", year, *month ? "-" : "", month,
             *day ? "-" : "", day);
    return list_day_read(text, strlen(text), false, ret);
}

/* A period is a day, or a month or year of which all days are in it, or from one to another. */
static const char *period_text(struct reader *r, const struct xml_node *period)
{
    const struct xml_node *start = xml_child(period, "Start"), *end = xml_child(period, "End");
    struct list_day from, to;
    const char *about = strcmp(xml_attribute(start, "Approximate"), "true") ? "" : "circa ";
    char text[64], first[LIST_DAY_TEXT], last[LIST_DAY_TEXT];

    if (!point_read(xml_child(start, "From"), &from))
        return "";
    if (!point_read(xml_child(end, "To"), &to))
        to = from;
    if (from.year == to.year && from.month == 1 && from.day == 1 && to.month == 12 && to.day == 31)
        from.month = from.day = to.month = to.day = 0;
    if (from.year == to.year && from.month == to.month && from.day == 1 && to.day >= 28)
        from.day = to.day = 0;
    if (list_day_order(from, to) == 0)
        snprintf(text, sizeof(text), "%s%s", about, list_day_text(from, first));
    else
        snprintf(text, sizeof(text), "%s%s to %s", about, list_day_text(from, first),
                 list_day_text(to, last));
    return list_make_string(r->m, text);
}

/* What a version of a feature says: its own text, or that of the value that it names. */
static const char *version_text(struct reader *r, const struct xml_node *version)
{
    const struct xml_node *detail = xml_child(version, "VersionDetail"),
                          *comment = xml_child(version, "Comment");

    if (detail && *detail->text)
        return list_make_text(r->m, detail->text, detail->text_n);
    if (detail && *xml_attribute(detail, "DetailReferenceID"))
        return attribute_meaning(r, TABLE_DETAIL, detail, "DetailReferenceID");
    return comment ? list_make_text(r->m, comment->text, comment->text_n) : "";
}

static void version_add(struct reader *r, const char *type, const struct xml_node *version)
{
    const struct value *place = value_find(
        r, TABLE_LOCATION, xml_attribute(xml_child(version, "VersionLocation"), "LocationID"));
    const char *text = version_text(r, version), *ticker = list_ticker_of(type);
    const char *where = place ? place->text : text;
    struct list_maker *m = r->m;

    if (ticker)
        list_make_crypto(m, ticker, text);
    else if (!strcmp(type, "Birthdate") || !strcmp(type, "Organization Established Date"))
        list_make_birth(m, period_text(r, xml_child(version, "DatePeriod")));
    else if (!strcmp(type, "Place of Birth"))
        list_make_place(m, where);
    else if (!strcmp(type, "Nationality Country") || !strcmp(type, "Citizenship Country") ||
             !strcmp(type, "Vessel Flag"))
        list_make_nationality(m, place ? place->document.country : text);
    else if (!strcmp(type, "Location"))
        list_make_address(m, where, place ? place->document.country : "");
    else if (list_id_kind_of(type) != LIST_ID_OTHER)
        list_make_id(m, (struct list_id){.type = type, .number = text, .country = "", .note = ""});
    else
        list_make_detail(m, type, where);
}

static bool party_add(struct reader *r, const struct xml_node *n)
{
    struct list_maker *m = r->m;
    const struct xml_node *profile = xml_child(n, "Profile");
    struct list_entry *e = list_make_entry(m, list_make_string(m, xml_attribute(n, "FixedRef")));
    const struct xml_node *comment = xml_child(n, "Comment");
    char url[80];

    e->kind = list_kind_of(attribute_meaning(r, TABLE_PARTY_KIND, profile, "PartySubTypeID"));
    e->remarks = comment ? list_make_text(m, comment->text, comment->text_n) : "";
    snprintf(url, sizeof(url), "https://sanctionssearch.ofac.treas.gov/Details.aspx?id=%.20s",
             xml_attribute(n, "FixedRef"));
    e->url = list_make_string(m, url);
    for (const struct xml_node *identity = xml_child(profile, "Identity"); identity;
         identity = xml_next(identity->next, "Identity")) {
        const struct value *v = value_find(r, TABLE_DOCUMENT, xml_attribute(identity, "ID"));

        for (const struct xml_node *at = xml_child(identity, "Alias"); at;
             at = xml_next(at->next, "Alias"))
            alias_add(r, identity, at);
        for (uint64_t number = v ? v->number : 0; v && v < r->others.at + r->others.n &&
                                                  v->table == TABLE_DOCUMENT && v->number == number;
             v++)
            list_make_id(m, v->document);
    }
    for (const struct xml_node *at = xml_child(profile, "Feature"); at;
         at = xml_next(at->next, "Feature")) {
        const char *type = attribute_meaning(r, TABLE_FEATURE_TYPE, at, "FeatureTypeID");

        for (const struct xml_node *version = xml_child(at, "FeatureVersion"); version;
             version = xml_next(version->next, "FeatureVersion"))
            version_add(r, type, version);
    }
    return !m->bad;
}

/* An entry of the same number as the party's, so that the maker joins the two. */
static bool sanction_add(struct reader *r, const struct xml_node *n)
{
    struct list_maker *m = r->m;
    struct list_entry *e = list_make_entry(m, list_make_string(m, xml_attribute(n, "ProfileID")));

    for (const struct xml_node *at = xml_child(n, "EntryEvent"); at;
         at = xml_next(at->next, "EntryEvent")) {
        struct list_day day;

        if (!*e->reference)
            e->reference = attribute_meaning(r, TABLE_LEGAL_BASIS, at, "LegalBasisID");
        if (point_read(xml_child(at, "Date"), &day) &&
            (!e->listed_on.year || list_day_order(day, e->listed_on) < 0))
            e->listed_on = day;
    }
    for (const struct xml_node *at = xml_child(n, "SanctionsMeasure"); at;
         at = xml_next(at->next, "SanctionsMeasure"))
        list_make_programme(m, list_make_string(m, xml_text(at, "Comment")));
    return !m->bad;
}

static bool record(void *to, const struct xml_node *n, struct err *err)
{
    struct reader *r = to;
    char day[40];

    for (unsigned i = 0; i < TABLES_N; i++)
        if (!strcmp(n->name, tables[i]))
            return table_add(r, i, n);
    if (!strcmp(n->name, "Location"))
        return location_add(r, n);
    if (!strcmp(n->name, "IDRegDocument"))
        return document_add(r, n);
    if (!strcmp(n->name, "DistinctParty"))
        return party_add(r, n);
    if (!strcmp(n->name, "SanctionsEntry"))
        return sanction_add(r, n);
    /* the date of issue: attributes of its own, or elements as the schema has it */
    if (*xml_attribute(n, "Year"))
        snprintf(day, sizeof(day), "%.4s-%.2s-%.2s", xml_attribute(n, "Year"),
                 xml_attribute(n, "Month"), xml_attribute(n, "Day"));
    else
        snprintf(day, sizeof(day), "%.4s-%.2s-%.2s", xml_text(n, "Year"), xml_text(n, "Month"),
                 xml_text(n, "Day"));
    return list_day_read(day, strlen(day), false, &r->m->list.as_of) ||
           err_fail(err, ERR_INPUT, "\"%s\" is no date of issue", day);
}

bool ofac_advanced_read(struct list_maker *m, struct bytes in)
{
    static const struct xml_wanted wanted[] = {
        {"DateOfIssue", false},     {"AliasType", false},      {"Country", false},
        {"DetailReference", false}, {"IDRegDocType", false},   {"FeatureType", false},
        {"LegalBasis", false},      {"NamePartType", false},   {"PartySubType", false},
        {"Script", false},          {"Location", false},       {"IDRegDocument", false},
        {"DistinctParty", false},   {"SanctionsEntry", false}, {NULL, false}};
    struct reader r = {.m = m};
    bool good = xml_records(in, wanted, record, &r, m->err);

    mem_free(r.tables.at);
    mem_free(r.others.at);
    if (!good) {
        m->bad = true;
        return false;
    }
    m->list.name = ofac_list_name(m);
    m->list.format = "ofac-advanced-xml";
    return !m->bad;
}
