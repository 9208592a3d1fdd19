/* sdn.xml and consolidated.xml: an element sdnEntry for each entry. */
#include "entity/ofac.h"

#include "entity/list_xml.h"

#include <stdio.h>

/* "LAST, First", as the same list has it in CSV. */
static struct list_name name_of(struct list_maker *m, const struct xml_node *node,
                                enum list_kind kind)
{
    const char *parts[] = {list_xml_text(m, node, "lastName"), list_xml_text(m, node, "firstName")};
    struct list_name name = {.text = list_make_join(m, parts, 2, ", "),
                             .family = "",
                             .given = "",
                             .type = "",
                             .language = ""};

    if (kind == LIST_PERSON && *parts[1]) {
        name.family = parts[0];
        name.given = parts[1];
    }
    return name;
}

static void aliases_add(struct list_maker *m, const struct xml_node *entry, enum list_kind kind)
{
    const struct xml_node *all = xml_child(entry, "akaList");

    for (const struct xml_node *n = xml_child(all, "aka"); n; n = xml_next(n->next, "aka")) {
        struct list_name name = name_of(m, n, kind);

        name.type = list_xml_text(m, n, "type");
        name.quality = strcmp(xml_text(n, "category"), "weak") ? LIST_STRONG : LIST_WEAK;
        list_make_alias(m, name);
    }
}

static void id_add(struct list_maker *m, const struct xml_node *n)
{
    const char *type = list_xml_text(m, n, "idType"), *number = list_xml_text(m, n, "idNumber");
    const char *ticker = list_ticker_of(type), *issued = xml_text(n, "issueDate"),
               *expires = xml_text(n, "expirationDate");
    char note[160];

    if (ticker) {
        list_make_crypto(m, ticker, number);
        return;
    }
    if (!strcmp(type, "Organization Established Date")) {
        list_make_birth(m, number);
        return;
    }
    /* a colon or dash at the end is OFAC's mark of what is no document */
    if (!strcmp(type, "Gender") || !strcmp(type, "Target Type") ||
        (*type && strchr(":-", type[strlen(type) - 1]))) {
        list_make_detail(m, type, number);
        return;
    }
    snprintf(note, sizeof(note), "%s%.60s%s%.60s", *issued ? "issued " : "", issued,
             *expires ? " expires " : "", expires);
    list_make_id(m, (struct list_id){.type = type,
                                     .number = number,
                                     .country = list_xml_text(m, n, "idCountry"),
                                     .note = list_make_string(m, note)});
}

static void address_add(struct list_maker *m, const struct xml_node *n)
{
    static const char *const names[] = {"address1",        "address2",   "address3", "city",
                                        "stateOrProvince", "postalCode", "country"};
    const char *parts[7];

    for (size_t i = 0; i < 7; i++)
        parts[i] = list_xml_text(m, n, names[i]);
    list_make_address(m, list_make_join(m, parts, 7, ", "), parts[6]);
}

/* Each item of a list in entry: its element, or the text of one in it. */
static void each_text(struct list_maker *m, const struct xml_node *entry, const char *list,
                      const char *item, const char *inner,
                      void (*add)(struct list_maker *m, const char *text))
{
    const struct xml_node *all = xml_child(entry, list);

    for (const struct xml_node *n = xml_child(all, item); n; n = xml_next(n->next, item))
        add(m, list_make_string(m, inner ? xml_text(n, inner) : n->text));
}

static void each_node(struct list_maker *m, const struct xml_node *entry, const char *list,
                      const char *item, void (*add)(struct list_maker *m, const struct xml_node *n))
{
    const struct xml_node *all = xml_child(entry, list);

    for (const struct xml_node *n = xml_child(all, item); n; n = xml_next(n->next, item))
        add(m, n);
}

static void vessel_add(struct list_maker *m, const struct xml_node *entry)
{
    const struct xml_node *n = xml_child(entry, "vesselInfo");
    static const struct {
        const char *element, *detail;
    } rows[] = {
        {"vesselType", "Vessel Type"},
        {"tonnage", "Tonnage"},
        {"grossRegisteredTonnage", "Gross Registered Tonnage"},
        {"vesselOwner", "Vessel Owner"},
    };

    list_make_id(m, (struct list_id){LIST_ID_CALL_SIGN, "Vessel Call Sign",
                                     list_xml_text(m, n, "callSign"), "", ""});
    list_make_nationality(m, list_xml_text(m, n, "vesselFlag"));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        list_make_detail(m, rows[i].detail, list_xml_text(m, n, rows[i].element));
}

static bool entry_read(struct list_maker *m, const struct xml_node *n)
{
    struct list_entry *e = list_make_entry(m, list_xml_text(m, n, "uid"));
    char url[80];

    e->kind = list_kind_of(xml_text(n, "sdnType"));
    e->remarks = list_xml_text(m, n, "remarks");
    snprintf(url, sizeof(url), "https://sanctionssearch.ofac.treas.gov/Details.aspx?id=%.20s",
             xml_text(n, "uid"));
    e->url = list_make_string(m, url);
    list_make_name(m, name_of(m, n, e->kind));
    if (!m->bad && !*e->name.text)
        return list_make_fail(m, ERR_INPUT, "entry %s has no name", e->id);
    list_make_detail(m, "Title", list_xml_text(m, n, "title"));
    each_text(m, n, "programList", "program", NULL, list_make_programme);
    each_node(m, n, "idList", "id", id_add);
    aliases_add(m, n, e->kind);
    each_node(m, n, "addressList", "address", address_add);
    each_text(m, n, "nationalityList", "nationality", "country", list_make_nationality);
    each_text(m, n, "citizenshipList", "citizenship", "country", list_make_nationality);
    each_text(m, n, "dateOfBirthList", "dateOfBirthItem", "dateOfBirth", list_make_birth);
    each_text(m, n, "placeOfBirthList", "placeOfBirthItem", "placeOfBirth", list_make_place);
    vessel_add(m, n);
    return !m->bad;
}

struct reader {
    struct list_maker *m;
    size_t entries, stated; /* stated: what Record_Count says */
};

static bool record(void *to, const struct xml_node *n, struct err *err)
{
    struct reader *r = to;
    const char *date, *count;
    uint64_t stated;

    if (!strcmp(n->name, "sdnEntry")) {
        r->entries++;
        return entry_read(r->m, n);
    }
    date = xml_text(n, "Publish_Date");
    count = xml_text(n, "Record_Count");
    if (!list_day_read(date, strlen(date), true, &r->m->list.as_of))
        return err_fail(err, ERR_INPUT, "\"%.40s\" is no Publish_Date", date);
    if (*count) {
        if (!u64_from_text(count, strlen(count), &stated))
            return err_fail(err, ERR_INPUT, "\"%.40s\" is no Record_Count", count);
        r->stated = (size_t)stated;
    }
    return true;
}

bool ofac_xml_read(struct list_maker *m, struct bytes in)
{
    static const struct xml_wanted wanted[] = {
        {"publshInformation", false}, {"sdnEntry", false}, {NULL, false}};
    struct reader r = {.m = m};

    if (!xml_records(in, wanted, record, &r, m->err)) {
        m->bad = true;
        return false;
    }
    if (r.stated && r.stated != r.entries)
        return list_make_fail(m, ERR_INPUT, "%zu entries, but Record_Count says %zu", r.entries,
                              r.stated);
    m->list.name = ofac_list_name(m);
    m->list.format = "ofac-xml";
    return !m->bad;
}
