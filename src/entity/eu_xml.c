#include "entity/eu.h"

#include "base/xml.h"

#include <stdio.h>

static const char *text_of(struct list_maker *m, const struct xml_node *n, const char *name)
{
    return list_make_string(m, xml_attribute(n, name));
}

static const char *joined(struct list_maker *m, const struct xml_node *n, const char *const *names,
                          size_t names_n, const char *between)
{
    const char *parts[8];

    for (size_t i = 0; i < names_n; i++)
        parts[i] = text_of(m, n, names[i]);
    return list_make_join(m, parts, names_n, between);
}

/* "UNKNOWN" is how the list says that it does not say. */
static const char *country_of(struct list_maker *m, const struct xml_node *n)
{
    const char *country = text_of(m, n, "countryDescription");

    return strcmp(country, "UNKNOWN") ? country : "";
}

static void name_add(struct list_maker *m, const struct xml_node *n)
{
    static const char *const parts[] = {"firstName", "middleName", "lastName"};
    struct list_name name = {
        .text = text_of(m, n, "wholeName"),
        .family = text_of(m, n, "lastName"),
        .given = joined(m, n, parts, 2, " "),
        .quality = strcmp(xml_attribute(n, "strong"), "false") ? LIST_STRONG : LIST_WEAK,
        .type = "",
        .language = text_of(m, n, "nameLanguage"),
    };

    if (!*name.text)
        name.text = joined(m, n, parts, 3, " ");
    if (name.quality == LIST_WEAK)
        list_make_alias(m, name);
    else
        list_make_name(m, name); /* the first is the name */
    list_make_detail(m, "Title", text_of(m, n, "title"));
    list_make_detail(m, "Function", text_of(m, n, "function"));
    list_make_detail(m, "Gender", text_of(m, n, "gender"));
}

static void birth_add(struct list_maker *m, const struct xml_node *n)
{
    static const char *const places[] = {"place", "city", "region"};
    const char *parts[] = {joined(m, n, places, 3, ", "), country_of(m, n)};
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
    const char *type = text_of(m, n, "identificationTypeDescription");
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
                        .number = text_of(m, n, "number"),
                        .country = country_of(m, n),
                        .note = list_make_string(m, xml_text(n, "remark")),
                    });
}

static void address_add(struct list_maker *m, const struct xml_node *n)
{
    static const char *const names[] = {"street", "poBox", "place", "zipCode", "city", "region"};
    const char *parts[] = {joined(m, n, names, 6, ", "), country_of(m, n)};

    list_make_address(m, list_make_join(m, parts, 2, ", "), parts[1]);
}

static const struct {
    const char *name;
    void (*add)(struct list_maker *m, const struct xml_node *n);
} rows[] = {
    {"nameAlias", name_add},    {"birthdate", birth_add}, {"citizenship", citizenship_add},
    {"identification", id_add}, {"address", address_add},
};

static bool entry_read(struct list_maker *m, const struct xml_node *n)
{
    struct list_entry *e = list_make_entry(m, text_of(m, n, "logicalId"));
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
    e->reference = text_of(m, regulation, "numberTitle");
    e->url = list_make_string(m, xml_text(regulation, "publicationUrl"));
    e->remarks = list_make_string(m, xml_text(n, "remark"));
    list_make_programme(m, text_of(m, regulation, "programme"));
    list_make_detail(m, "EU reference", text_of(m, n, "euReferenceNumber"));
    list_make_detail(m, "UN reference", text_of(m, n, "unitedNationId"));
    list_make_detail(m, "Designation", text_of(m, n, "designationDetails"));
    for (const struct xml_node *at = n->child; at; at = at->next)
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
            if (!strcmp(at->name, rows[i].name))
                rows[i].add(m, at);
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
