#include "entity/un.h"

#include "entity/list_xml.h"

#include <stdio.h>

/* Latin letters, or those of another script: by the first letter that is not ASCII's. */
static bool is_latin(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((uint8_t)p[i] >= 0xcd) /* U+0340 and above: no Latin letters but U+1E00 to U+1EFF */
            return (uint8_t)p[i] == 0xe1 && i + 1 < n && (uint8_t)p[i + 1] >= 0xb8 &&
                   (uint8_t)p[i + 1] <= 0xbb;
    return true;
}

/* "A; B; C": an alias each. */
static void aliases_parted(struct list_maker *m, struct list_name name, const char *p, size_t n)
{
    const char *end = p + n;

    for (const char *at = p, *stop; at < end; at = stop + 1) {
        stop = memchr(at, ';', (size_t)(end - at));
        stop = stop ? stop : end;
        name.text = list_make_text(m, at, (size_t)(stop - at));
        list_make_alias(m, name);
    }
}

/* An alias' QUALITY says how good it is of a person, and what it is of an entity. A name in
 * another script may stand behind it in brackets: "Haji Gulab Gul (...)" are two. */
static void alias_add(struct list_maker *m, const struct xml_node *n)
{
    const char *quality = xml_text(n, "QUALITY"), *note = list_xml_text(m, n, "NOTE"),
               *text = list_xml_text(m, n, "ALIAS_NAME"), *open = strchr(text, '('),
               *close = strrchr(text, ')');
    bool of_entity = !strcmp(quality, "a.k.a.") || !strcmp(quality, "f.k.a.");
    struct list_name name = {
        .family = "",
        .given = "",
        .quality = strcmp(quality, "Low") ? LIST_STRONG : LIST_WEAK,
        .type = *note       ? note
                : of_entity ? list_make_string(m, quality)
                            : "a.k.a.",
        .language = "",
    };

    if (open && close > open &&
        is_latin(text, (size_t)(open - text)) != is_latin(open, (size_t)(close - open))) {
        aliases_parted(m, name, text, (size_t)(open - text));
        aliases_parted(m, name, open + 1, (size_t)(close - open - 1));
    } else {
        aliases_parted(m, name, text, strlen(text));
    }
    list_make_birth(m, list_xml_text(m, n, "DATE_OF_BIRTH"));
}

static void birth_add(struct list_maker *m, const struct xml_node *n)
{
    const char *type = xml_text(n, "TYPE_OF_DATE"), *date = xml_text(n, "DATE"),
               *year = xml_text(n, "YEAR");
    char text[128];

    if (*xml_text(n, "FROM_YEAR") || *xml_text(n, "TO_YEAR"))
        snprintf(text, sizeof(text), "%.20s to %.20s", xml_text(n, "FROM_YEAR"),
                 xml_text(n, "TO_YEAR"));
    else
        snprintf(text, sizeof(text), "%s%.60s", strcmp(type, "APPROXIMATELY") ? "" : "circa ",
                 *date ? date : year);
    if (*date || *year || *xml_text(n, "FROM_YEAR"))
        list_make_birth(m, list_make_string(m, text));
}

static void place_add(struct list_maker *m, const struct xml_node *n)
{
    static const char *const names[] = {"STREET", "CITY", "STATE_PROVINCE", "COUNTRY"};

    list_make_place(m, list_xml_join(m, n, list_xml_text, names, 4, ", "));
}

static void address_add(struct list_maker *m, const struct xml_node *n)
{
    static const char *const names[] = {"STREET",   "CITY",    "STATE_PROVINCE",
                                        "ZIP_CODE", "COUNTRY", "NOTE"};

    list_make_address(m, list_xml_join(m, n, list_xml_text, names, 6, ", "),
                      list_xml_text(m, n, "COUNTRY"));
}

static void document_add(struct list_maker *m, const struct xml_node *n)
{
    static const char *const notes[] = {"TYPE_OF_DOCUMENT2", "DATE_OF_ISSUE", "CITY_OF_ISSUE",
                                        "NOTE"};
    const char *country = list_xml_text(m, n, "ISSUING_COUNTRY"),
               *type = list_xml_text(m, n, "TYPE_OF_DOCUMENT");
    struct list_id id = {.type = type,
                         .number = list_xml_text(m, n, "NUMBER"),
                         .country = *country ? country : list_xml_text(m, n, "COUNTRY_OF_ISSUE"),
                         .note = list_xml_join(m, n, list_xml_text, notes, 4, ", ")};

    if (strstr(type, "pasaporte") || strstr(type, "passeport"))
        id.kind = LIST_ID_PASSPORT;
    list_make_id(m, id);
}

static const struct list_xml_row rows[] = {
    {"INDIVIDUAL_ALIAS", alias_add},         {"ENTITY_ALIAS", alias_add},
    {"INDIVIDUAL_DATE_OF_BIRTH", birth_add}, {"INDIVIDUAL_PLACE_OF_BIRTH", place_add},
    {"INDIVIDUAL_ADDRESS", address_add},     {"ENTITY_ADDRESS", address_add},
    {"INDIVIDUAL_DOCUMENT", document_add},   {NULL, NULL},
};

static void values_add(struct list_maker *m, const struct xml_node *entry, const char *element,
                       const char *detail)
{
    for (const struct xml_node *n = xml_child(xml_child(entry, element), "VALUE"); n;
         n = xml_next(n->next, "VALUE")) {
        const char *text = list_make_string(m, n->text);

        if (detail)
            list_make_detail(m, detail, text);
        else
            list_make_nationality(m, text);
    }
}

static bool entry_read(struct list_maker *m, const struct xml_node *n, enum list_kind kind)
{
    static const char *const names[] = {"FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"};
    struct list_entry *e = list_make_entry(m, list_xml_text(m, n, "DATAID"));
    const char *listed = list_xml_text(m, n, "LISTED_ON"), *comments;
    struct list_name name = {.family = "", .given = "", .type = "", .language = ""};

    e->kind = kind;
    e->reference = list_xml_text(m, n, "REFERENCE_NUMBER");
    comments = list_xml_text(m, n, "COMMENTS1");
    e->remarks = comments;
    if (*listed && !list_day_read(listed, strlen(listed), false, &e->listed_on))
        return list_make_fail(m, ERR_INPUT, "entry %s: \"%.40s\" is no date", e->id, listed);
    name.text = list_xml_join(m, n, list_xml_text, names, 4, " ");
    if (!m->bad && !*name.text)
        return list_make_fail(m, ERR_INPUT, "entry %s has no name", e->id);
    list_make_name(m, name);
    name.text = list_xml_text(m, n, "NAME_ORIGINAL_SCRIPT");
    name.type = "original script";
    list_make_alias(m, name);
    list_make_programme(m, list_xml_text(m, n, "UN_LIST_TYPE"));
    values_add(m, n, "TITLE", "Title");
    values_add(m, n, "DESIGNATION", "Designation");
    values_add(m, n, "NATIONALITY", NULL);
    list_make_detail(m, "Gender", list_xml_text(m, n, "GENDER"));
    list_xml_children(m, n, rows);
    return !m->bad;
}

static bool record(void *to, const struct xml_node *n, struct err *err)
{
    struct list_maker *m = to;
    const char *date;

    if (!strcmp(n->name, "INDIVIDUAL"))
        return entry_read(m, n, LIST_PERSON);
    if (!strcmp(n->name, "ENTITY"))
        return entry_read(m, n, LIST_ORGANISATION);
    date = xml_attribute(n, "dateGenerated");
    return list_day_read(date, strlen(date), false, &m->list.as_of) ||
           err_fail(err, ERR_INPUT, "\"%.40s\" is no dateGenerated", date);
}

bool un_xml_read(struct list_maker *m, struct bytes in)
{
    static const struct xml_wanted wanted[] = {
        {"CONSOLIDATED_LIST", true}, {"INDIVIDUAL", false}, {"ENTITY", false}, {NULL, false}};

    if (!xml_records(in, wanted, record, m, m->err)) {
        m->bad = true;
        return false;
    }
    m->list.name = "un";
    m->list.format = "un-xml";
    return !m->bad;
}
