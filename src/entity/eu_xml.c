#include "entity/eu.h"

#include "entity/list_xml.h"

#include <stdio.h>

/* "UNKNOWN" is how the list says that it does not say. */
static const char *country_of(struct list_maker *m, const struct xml_node *n)
{
    const char *country = list_xml_attribute(m, n, "countryDescription");

    return strcmp(country, "UNKNOWN") ? country : "";
}

static void name_add(struct list_maker *m, const struct xml_node *n)
{
    static const char *const parts[] = {"firstName", "middleName", "lastName"};
    struct list_name name = {
        .text = list_xml_attribute(m, n, "wholeName"),
        .family = list_xml_attribute(m, n, "lastName"),
        .given = list_xml_join(m, n, list_xml_attribute, parts, 2, " "),
        .quality = strcmp(xml_attribute(n, "strong"), "false") ? LIST_STRONG : LIST_WEAK,
        .type = "",
        .language = list_xml_attribute(m, n, "nameLanguage"),
    };

    if (!*name.text)
        name.text = list_xml_join(m, n, list_xml_attribute, parts, 3, " ");
    if (name.quality == LIST_WEAK)
        list_make_alias(m, name);
    else
        list_make_name(m, name); /* the first is the name */
    list_make_detail(m, "Title", list_xml_attribute(m, n, "title"));
    list_make_detail(m, "Function", list_xml_attribute(m, n, "function"));
    list_make_detail(m, "Gender", list_xml_attribute(m, n, "gender"));
}

static void birth_add(struct list_maker *m, const struct xml_node *n)
{
    static const char *const places[] = {"place", "city", "region"};
    const char *parts[] = {list_xml_join(m, n, list_xml_attribute, places, 3, ", "),
                           country_of(m, n)};
    const char *day = xml_attribute(n, "birthdate"), *year = xml_attribute(n, "year"),
               *from = xml_attribute(n, "yearRangeFrom"), *to = xml_attribute(n, "yearRangeTo");
    const char *about = strcmp(xml_attribute(n, "circa"), "true") ? "" : "circa ";
    char text[128] = "";

    if (*day)
        snprintf(text, sizeof(text), "%s%.40s", about, day);
    else if (*from && *to)
        snprintf(text, sizeof(text), "%s%.20s to %.20s", about, from, to);
    else if (*year)
        snprintf(text, sizeof(text), "%s%.20s", about, year);
    list_make_birth(m, list_make_string(m, text));
    list_make_place(m, list_make_join(m, parts, 2, ", "));
}

static void citizenship_add(struct list_maker *m, const struct xml_node *n)
{
    list_make_nationality(m, country_of(m, n));
}

static void id_add(struct list_maker *m, const struct xml_node *n)
{
    const char *type = list_xml_attribute(m, n, "identificationTypeDescription");
    const char *code = xml_attribute(n, "identificationTypeCode");

    list_make_id(m, (struct list_id){
                        .kind = !strcmp(code, "passport")     ? LIST_ID_PASSPORT
                                : !strcmp(code, "id")         ? LIST_ID_NATIONAL
                                : !strcmp(code, "ssn")        ? LIST_ID_NATIONAL
                                : !strcmp(code, "fiscalcode") ? LIST_ID_TAX
                                : !strcmp(code, "regnumber")  ? LIST_ID_REGISTRATION
                                : !strcmp(code, "swiftbic")   ? LIST_ID_BANK
                                : !strcmp(code, "imo")        ? LIST_ID_IMO
                                                              : LIST_ID_OTHER,
                        .type = *type ? type : list_make_string(m, code),
                        .number = list_xml_attribute(m, n, "number"),
                        .country = country_of(m, n),
                        .note = list_make_string(m, xml_text(n, "remark")),
                    });
}

static void address_add(struct list_maker *m, const struct xml_node *n)
{
    static const char *const names[] = {"street", "poBox", "place", "zipCode", "city", "region"};
    const char *parts[] = {list_xml_join(m, n, list_xml_attribute, names, 6, ", "),
                           country_of(m, n)};

    list_make_address(m, list_make_join(m, parts, 2, ", "), parts[1]);
}

static const struct list_xml_row rows[] = {
    {"nameAlias", name_add},    {"birthdate", birth_add}, {"citizenship", citizenship_add},
    {"identification", id_add}, {"address", address_add}, {NULL, NULL},
};

static bool entry_read(struct list_maker *m, const struct xml_node *n)
{
    struct list_entry *e = list_make_entry(m, list_xml_attribute(m, n, "logicalId"));
    const struct xml_node *regulation = xml_child(n, "regulation"),
                          *subject = xml_child(n, "subjectType");
    const char *day = xml_attribute(n, "designationDate");

    if (!*day)
        day = xml_attribute(regulation, "publicationDate");
    if (*day && !list_day_read(day, strlen(day), false, &e->listed_on))
        return list_make_fail(m, ERR_INPUT, "entry %s: \"%.40s\" is no date", e->id, day);
    e->kind = list_kind_of(xml_attribute(subject, "code"));
    if (e->kind == LIST_UNKNOWN)
        e->kind = list_kind_of(xml_attribute(subject, "classificationCode"));
    e->reference = list_xml_attribute(m, regulation, "numberTitle");
    e->url = list_make_string(m, xml_text(regulation, "publicationUrl"));
    e->remarks = list_make_string(m, xml_text(n, "remark"));
    list_make_programme(m, list_xml_attribute(m, regulation, "programme"));
    list_make_detail(m, "EU reference", list_xml_attribute(m, n, "euReferenceNumber"));
    list_make_detail(m, "UN reference", list_xml_attribute(m, n, "unitedNationId"));
    list_make_detail(m, "Designation", list_xml_attribute(m, n, "designationDetails"));
    list_xml_children(m, n, rows);
    return !m->bad;
}

static bool record(void *to, const struct xml_node *n, struct err *err)
{
    struct list_maker *m = to;
    const char *day;

    if (!strcmp(n->name, "sanctionEntity"))
        return entry_read(m, n);
    day = xml_attribute(n, "generationDate");
    return list_day_read(day, strlen(day), false, &m->list.as_of) ||
           err_fail(err, ERR_INPUT, "\"%.40s\" is no generationDate", day);
}

bool eu_xml_read(struct list_maker *m, struct bytes in)
{
    static const struct xml_wanted wanted[] = {
        {"export", true}, {"sanctionEntity", false}, {NULL, false}};

    if (!xml_records(in, wanted, record, m, m->err)) {
        m->bad = true;
        return false;
    }
    m->list.name = "eu";
    m->list.format = "eu-xml";
    return !m->bad;
}
