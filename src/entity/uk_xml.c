#include "entity/uk.h"

#include "entity/list_xml.h"

#include <stdio.h>
#include <strings.h>

#define NAMES_N 6

/* Parts 1 to 5 are given names, in order, 6 is the family's, or all of a firm's. */
static struct list_name name_of(struct list_maker *m, const struct xml_node *n, const char *stem)
{
    const char *parts[NAMES_N];
    struct list_name name = {.type = "", .language = ""};

    for (size_t i = 0; i < NAMES_N; i++) {
        char element[16];

        snprintf(element, sizeof(element), "%s%zu", i == NAMES_N - 1 ? "Name" : stem, i + 1);
        parts[i] = list_xml_text(m, n, element);
    }
    name.text = list_make_join(m, parts, NAMES_N, " ");
    name.given = list_make_join(m, parts, NAMES_N - 1, " ");
    name.family = *name.given ? parts[NAMES_N - 1] : "";
    return name;
}

/* The primary name, in whatever case; a variation of it is another name. */
static void name_add(struct list_maker *m, struct list_name name, const char *type,
                     const char *strength)
{
    name.quality = strncasecmp(strength, "low", 3) ? LIST_STRONG : LIST_WEAK;
    if (!*type || !strcasecmp(type, "primary name")) {
        list_make_name(m, name);
        return;
    }
    name.type = list_make_string(m, type);
    list_make_alias(m, name);
}

static void script_add(struct list_maker *m, const char *text, const char *language)
{
    list_make_alias(m, (struct list_name){.text = text,
                                          .family = "",
                                          .given = "",
                                          .type = "original script",
                                          .language = language});
}

/* Every text of the elements list/item below n. */
static void each_text(struct list_maker *m, const struct xml_node *n, const char *list,
                      const char *item, void (*add)(struct list_maker *m, const char *text))
{
    for (const struct xml_node *at = xml_child(xml_child(n, list), item); at;
         at = xml_next(at->next, item))
        add(m, list_make_string(m, at->text));
}

static void each_id(struct list_maker *m, const struct xml_node *n, const char *list,
                    const char *item, const char *number, enum list_id_kind kind, const char *type)
{
    char note[80] = "";

    if (number)
        snprintf(note, sizeof(note), "%.40sAdditionalInformation", item);
    for (const struct xml_node *at = xml_child(xml_child(n, list), item); at;
         at = xml_next(at->next, item))
        list_make_id(m, (struct list_id){kind, type,
                                         number ? list_xml_text(m, at, number)
                                                : list_make_string(m, at->text),
                                         "", list_xml_text(m, at, note)});
}

static void each_detail(struct list_maker *m, const struct xml_node *n, const char *list,
                        const char *item, const char *name)
{
    for (const struct xml_node *at = xml_child(xml_child(n, list), item); at;
         at = xml_next(at->next, item))
        list_make_detail(m, name, list_make_string(m, at->text));
}

static void addresses_add(struct list_maker *m, const struct xml_node *entry)
{
    static const char *const names[] = {"AddressLine1",      "AddressLine2",  "AddressLine3",
                                        "AddressLine4",      "AddressLine5",  "AddressLine6",
                                        "AddressPostalCode", "AddressCountry"};
    const char *parts[8];

    for (const struct xml_node *n = xml_child(xml_child(entry, "Addresses"), "Address"); n;
         n = xml_next(n->next, "Address")) {
        for (size_t i = 0; i < 8; i++)
            parts[i] = list_xml_text(m, n, names[i]);
        list_make_address(m, list_make_join(m, parts, 8, ", "), parts[7]);
    }
}

static void person_add(struct list_maker *m, const struct xml_node *entry)
{
    const struct xml_node *n = xml_child(xml_child(entry, "IndividualDetails"), "Individual");

    each_text(m, n, "DOBs", "DOB", list_make_birth);
    each_text(m, n, "Nationalities", "Nationality", list_make_nationality);
    each_detail(m, n, "Genders", "Gender", "Gender");
    each_detail(m, n, "Positions", "Position", "Position");
    each_id(m, n, "PassportDetails", "Passport", "PassportNumber", LIST_ID_PASSPORT, "Passport");
    each_id(m, n, "NationalIdentifierDetails", "NationalIdentifier", "NationalIdentifierNumber",
            LIST_ID_NATIONAL, "National identifier");
    for (const struct xml_node *at = xml_child(xml_child(n, "BirthDetails"), "Location"); at;
         at = xml_next(at->next, "Location")) {
        const char *parts[] = {list_xml_text(m, at, "TownOfBirth"),
                               list_xml_text(m, at, "CountryOfBirth")};

        list_make_place(m, list_make_join(m, parts, 2, ", "));
    }
}

static void others_add(struct list_maker *m, const struct xml_node *entry)
{
    const struct xml_node *firm = xml_child(xml_child(entry, "EntityDetails"), "Entity"),
                          *ship = xml_child(xml_child(entry, "ShipDetails"), "Ship");

    each_id(m, firm, "BusinessRegistrationNumbers", "BusinessRegistrationNumber", NULL,
            LIST_ID_REGISTRATION, "Business registration number");
    each_detail(m, firm, "TypeOfEntities", "TypeOfEntity", "Type of entity");
    each_detail(m, firm, "ParentCompanies", "ParentCompany", "Parent company");
    each_detail(m, firm, "Subsidiaries", "Subsidiary", "Subsidiary");
    each_id(m, ship, "IMONumbers", "IMONumber", NULL, LIST_ID_IMO, "IMO number");
    each_text(m, ship, "CurrentBelievedFlagOfShips", "CurrentBelievedFlagOfShip",
              list_make_nationality);
    each_detail(m, ship, "PreviousFlags", "PreviousFlag", "Former vessel flag");
    each_detail(m, ship, "TypeOfShipDetails", "TypeOfShip", "Vessel type");
    each_detail(m, ship, "TonnageOfShipDetails", "TonnageOfShip", "Tonnage");
    each_detail(m, ship, "CurrentOwnerOperators", "CurrentOwnerOperator", "Vessel owner");
    each_text(m, ship, "YearsBuilt", "YearBuilt", list_make_birth);
}

static bool day_read(struct list_maker *m, const struct xml_node *n, const char *element,
                     struct list_entry *e)
{
    const char *day = xml_text(n, element);

    return !*day || list_day_read(day, strlen(day), false, &e->listed_on) ||
           list_make_fail(m, ERR_INPUT, "entry %s: \"%.40s\" is no date", e->id, day);
}

static bool designation_read(struct list_maker *m, const struct xml_node *n)
{
    struct list_entry *e = list_make_entry(m, list_xml_text(m, n, "UniqueID"));
    const char *remarks[] = {list_xml_text(m, n, "OtherInformation"),
                             list_xml_text(m, n, "UKStatementofReasons")};

    e->kind = list_kind_of(xml_text(n, "IndividualEntityShip"));
    e->reference = list_xml_text(m, n, "UNReferenceNumber");
    e->remarks = list_make_join(m, remarks, 2, " ");
    if (!day_read(m, n, "DateDesignated", e))
        return false;
    for (const struct xml_node *at = xml_child(xml_child(n, "Names"), "Name"); at;
         at = xml_next(at->next, "Name"))
        name_add(m, name_of(m, at, "Name"), xml_text(at, "NameType"),
                 xml_text(at, "AliasStrength"));
    for (const struct xml_node *at = xml_child(xml_child(n, "NonLatinNames"), "NonLatinName"); at;
         at = xml_next(at->next, "NonLatinName"))
        script_add(m, list_xml_text(m, at, "NameNonLatinScript"),
                   list_xml_text(m, at, "NonLatinScriptLanguage"));
    list_make_programme(m, list_xml_text(m, n, "RegimeName"));
    list_make_detail(m, "OFSI group", list_xml_text(m, n, "OFSIGroupID"));
    list_make_detail(m, "Sanctions imposed", list_xml_text(m, n, "SanctionsImposed"));
    each_detail(m, n, "Titles", "Title", "Title");
    addresses_add(m, n);
    each_id(m, n, "PhoneNumbers", "PhoneNumber", NULL, LIST_ID_PHONE, "Phone number");
    each_id(m, n, "EmailAddresses", "EmailAddress", NULL, LIST_ID_EMAIL, "Email address");
    each_id(m, n, "Websites", "Website", NULL, LIST_ID_WEBSITE, "Website");
    person_add(m, n);
    others_add(m, n);
    return !m->bad;
}

static bool designation(void *to, const struct xml_node *n, struct err *err)
{
    struct list_maker *m = to;

    if (!strcmp(n->name, "Designation"))
        return designation_read(m, n);
    return list_day_read(n->text, n->text_n, false, &m->list.as_of) ||
           err_fail(err, ERR_INPUT, "\"%.40s\" is no DateGenerated", n->text);
}

/* ConList.xml: a name and what is known with it. */
static bool target(void *to, const struct xml_node *n, struct err *err)
{
    static const char *const address[] = {"Address1", "Address2", "Address3", "Address4",
                                          "Address5", "Address6", "PostCode", "Country"};
    struct list_maker *m = to;
    struct list_entry *e = list_make_entry(m, list_xml_text(m, n, "GroupID"));
    const char *birth[] = {list_xml_text(m, n, "Individual_TownOfBirth"),
                           list_xml_text(m, n, "Individual_CountryOfBirth")};
    const char *parts[8], *type = xml_text(n, "AliasType");

    e->kind = list_kind_of(xml_text(n, "GroupTypeDescription"));
    e->reference = list_xml_text(m, n, "UKSanctionsListRef");
    e->remarks = list_xml_text(m, n, "OtherInformation");
    if (!day_read(m, n, "DateListed", e))
        return false;
    name_add(m, name_of(m, n, "name"), *type ? type : xml_text(n, "AliasTypeName"),
             xml_text(n, "AliasQuality"));
    script_add(m, list_xml_text(m, n, "NameNonLatinScript"),
               list_xml_text(m, n, "NonLatinScriptLanguage"));
    list_make_programme(m, list_xml_text(m, n, "RegimeName"));
    list_make_birth(m, list_xml_text(m, n, "Individual_DateOfBirth"));
    list_make_place(m, list_make_join(m, birth, 2, ", "));
    list_make_nationality(m, list_xml_text(m, n, "Individual_Nationality"));
    list_make_id(m, (struct list_id){LIST_ID_PASSPORT, "Passport",
                                     list_xml_text(m, n, "Individual_PassportNumber"), "",
                                     list_xml_text(m, n, "Individual_PassportDetails")});
    list_make_id(m, (struct list_id){LIST_ID_NATIONAL, "National identifier",
                                     list_xml_text(m, n, "Individual_NINumber"), "",
                                     list_xml_text(m, n, "Individual_NIDetails")});
    list_make_id(m, (struct list_id){LIST_ID_REGISTRATION, "Business registration number",
                                     list_xml_text(m, n, "Entity_BusinessRegNumber"), "", ""});
    list_make_id(m, (struct list_id){LIST_ID_IMO, "IMO number",
                                     list_xml_text(m, n, "Ship_IMONumber"), "", ""});
    list_make_nationality(m, list_xml_text(m, n, "Ship_Flag"));
    list_make_detail(m, "Vessel type", list_xml_text(m, n, "Ship_Type"));
    list_make_detail(m, "Title", list_xml_text(m, n, "Title"));
    list_make_detail(m, "Position", list_xml_text(m, n, "Individual_Position"));
    for (size_t i = 0; i < 8; i++)
        parts[i] = list_xml_text(m, n, address[i]);
    list_make_address(m, list_make_join(m, parts, 8, ", "), parts[7]);
    return !m->bad;
}

static bool records_read(struct list_maker *m, struct bytes in, const struct xml_wanted *wanted,
                         xml_record *each, const char *name, const char *format)
{
    if (!xml_records(in, wanted, each, m, m->err)) {
        m->bad = true;
        return false;
    }
    m->list.name = name;
    m->list.format = format;
    return !m->bad;
}

bool uk_xml_read(struct list_maker *m, struct bytes in)
{
    static const struct xml_wanted wanted[] = {
        {"DateGenerated", false}, {"Designation", false}, {NULL, false}};

    return records_read(m, in, wanted, designation, "uk", "uk-xml");
}

bool uk_targets_read(struct list_maker *m, struct bytes in)
{
    static const struct xml_wanted wanted[] = {{"FinancialSanctionsTarget", false}, {NULL, false}};

    return records_read(m, in, wanted, target, "uk-ofsi", "uk-ofsi-xml");
}

/* "Belarus / Bélarus": the English half; a name of a firm stays whole. */
static const char *english(struct list_maker *m, const char *text)
{
    const char *slash = strstr(text, " / ");

    return list_make_text(m, text, slash ? (size_t)(slash - text) : strlen(text));
}

/* "Foo Co., Ltd." is one name. */
static bool is_legal_form(const char *p, size_t n)
{
    static const char *const forms[] = {"ltd", "llc",  "inc", "corp", "co",  "sa", "s.a",
                                        "jsc", "gmbh", "llp", "plc",  "fze", "lp", "limited"};

    while (n && (*p == ' ' || *p == '.')) {
        p++;
        n--;
    }
    while (n && (p[n - 1] == ' ' || p[n - 1] == '.'))
        n--;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (strlen(forms[i]) == n && !strncasecmp(forms[i], p, n))
            return true;
    return false;
}

/* Where the alias at p ends: at a comma or semicolon that no legal form follows. */
static const char *alias_end(const char *p)
{
    const char *end = p + strcspn(p, ",;");

    while (*end && is_legal_form(end + 1, strcspn(end + 1, ",;")))
        end += 1 + strcspn(end + 1, ",;");
    return end;
}

static bool ca_record(void *to, const struct xml_node *n, struct err *err)
{
    struct list_maker *m = to;
    const char *regulation = english(m, xml_text(n, "Country"));
    const char *id[] = {regulation, list_xml_text(m, n, "Schedule"), list_xml_text(m, n, "Item")};
    const char *parts[] = {list_xml_text(m, n, "GivenName"), list_xml_text(m, n, "LastName")};
    const char *firm = list_xml_text(m, n, "EntityOrShip"),
               *imo = list_xml_text(m, n, "ShipIMONumber"), *aliases = xml_text(n, "Aliases");
    struct list_entry *e = list_make_entry(m, list_make_join(m, id, 3, "/"));
    struct list_name name = {.text = *firm ? firm : list_make_join(m, parts, 2, " "),
                             .family = *firm ? "" : parts[1],
                             .given = *firm ? "" : parts[0],
                             .type = "",
                             .language = ""};

    e->kind = *imo ? LIST_VESSEL : *firm ? LIST_ORGANISATION : LIST_PERSON;
    e->reference = list_make_join(m, id, 3, "/");
    if (!day_read(m, n, "DateOfListing", e))
        return false;
    if (!m->bad && !*name.text)
        return list_make_fail(m, ERR_INPUT, "entry %s has no name", e->id);
    list_make_name(m, name);
    list_make_programme(m, regulation);
    list_make_birth(m, list_xml_text(m, n, "DateOfBirthOrShipBuildDate"));
    list_make_id(m, (struct list_id){LIST_ID_IMO, "IMO number", imo, "", ""});
    list_make_detail(m, *imo ? "Vessel type" : "Title", list_xml_text(m, n, "TitleOrShip"));
    for (const char *at = aliases, *stop; *at; at = *stop ? stop + 1 : stop) {
        stop = alias_end(at);
        list_make_alias(m, (struct list_name){.text = list_make_text(m, at, (size_t)(stop - at)),
                                              .family = "",
                                              .given = "",
                                              .type = "a.k.a.",
                                              .language = ""});
    }
    return !m->bad;
}

bool ca_xml_read(struct list_maker *m, struct bytes in)
{
    static const struct xml_wanted wanted[] = {{"record", false}, {NULL, false}};

    return records_read(m, in, wanted, ca_record, "ca", "ca-xml");
}
