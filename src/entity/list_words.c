/* What lists' own words mean: kinds of entries, kinds of identifiers, tickers; and an entry as
 * lines. */
#include "entity/list_make.h"

#include <stdio.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Does word stand in text, in whatever case, with no letter at either end of it? */
static bool has_word(const char *text, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = text; *at; at++) {
        size_t k = 0;

        while (k < n && lower(at[k]) == word[k])
            k++;
        if (k == n && (at == text || lower(at[-1]) < 'a' || lower(at[-1]) > 'z') &&
            (lower(at[n]) < 'a' || lower(at[n]) > 'z'))
            return true;
    }
    return false;
}

/* The first row whose word stands in the type tells the kind. */
static const struct {
    const char *word;
    enum list_id_kind kind;
} id_rows[] = {
    {"passport", LIST_ID_PASSPORT},
    {"pasaporte", LIST_ID_PASSPORT},
    {"passeport", LIST_ID_PASSPORT},
    {"imo", LIST_ID_IMO},
    {"mmsi", LIST_ID_MMSI},
    {"call sign", LIST_ID_CALL_SIGN},
    {"swift/bic", LIST_ID_BANK},
    {"swift", LIST_ID_BANK},
    {"bic", LIST_ID_BANK},
    {"bik", LIST_ID_BANK},
    {"legal entity number", LIST_ID_LEI},
    {"lei", LIST_ID_LEI},
    {"email", LIST_ID_EMAIL},
    {"e-mail", LIST_ID_EMAIL},
    {"phone", LIST_ID_PHONE},
    {"telephone", LIST_ID_PHONE},
    {"website", LIST_ID_WEBSITE},
    {"tax", LIST_ID_TAX},
    {"v.a.t.", LIST_ID_TAX},
    {"vat", LIST_ID_TAX},
    {"nit", LIST_ID_TAX},
    {"ruc", LIST_ID_TAX},
    {"rif", LIST_ID_TAX},
    {"rtn", LIST_ID_TAX},
    {"r.f.c.", LIST_ID_TAX},
    {"rfc", LIST_ID_TAX},
    {"cuit", LIST_ID_TAX},
    {"fiscal code", LIST_ID_TAX},
    {"cedula", LIST_ID_NATIONAL},
    {"c.u.r.p.", LIST_ID_NATIONAL},
    {"curp", LIST_ID_NATIONAL},
    {"c.u.i.", LIST_ID_NATIONAL},
    {"cui", LIST_ID_NATIONAL},
    {"d.n.i.", LIST_ID_NATIONAL},
    {"dni", LIST_ID_NATIONAL},
    {"i.f.e.", LIST_ID_NATIONAL},
    {"ssn", LIST_ID_NATIONAL},
    {"national id", LIST_ID_NATIONAL},
    {"national identification", LIST_ID_NATIONAL},
    {"national insurance", LIST_ID_NATIONAL},
    {"national identifier", LIST_ID_NATIONAL},
    {"citizen's card", LIST_ID_NATIONAL},
    {"identity card", LIST_ID_NATIONAL},
    {"id card", LIST_ID_NATIONAL},
    {"personal id", LIST_ID_NATIONAL},
    {"identification number", LIST_ID_NATIONAL},
    {"birth certificate", LIST_ID_NATIONAL},
    {"residency", LIST_ID_NATIONAL},
    {"resident card", LIST_ID_NATIONAL},
    {"driver's license", LIST_ID_OTHER},
    {"registration", LIST_ID_REGISTRATION},
    {"registry", LIST_ID_REGISTRATION},
    {"register", LIST_ID_REGISTRATION},
    {"company number", LIST_ID_REGISTRATION},
    {"enterprise number", LIST_ID_REGISTRATION},
    {"trade license", LIST_ID_REGISTRATION},
    {"license", LIST_ID_REGISTRATION},
    {"unified social credit", LIST_ID_REGISTRATION},
    {"chamber of commerce", LIST_ID_REGISTRATION},
    {"chamber of comm", LIST_ID_REGISTRATION},
    {"commercial", LIST_ID_REGISTRATION},
    {"c.r. no", LIST_ID_REGISTRATION},
    {"folio mercantil", LIST_ID_REGISTRATION},
    {"matricula mercantil", LIST_ID_REGISTRATION},
    {"d-u-n-s number", LIST_ID_REGISTRATION},
    {"serial number", LIST_ID_REGISTRATION},
    {"construction number", LIST_ID_REGISTRATION},
    {"tail number", LIST_ID_REGISTRATION},
};

enum list_id_kind list_id_kind_of(const char *type)
{
    for (size_t i = 0; i < sizeof(id_rows) / sizeof(id_rows[0]); i++)
        if (has_word(type, id_rows[i].word))
            return id_rows[i].kind;
    return LIST_ID_OTHER;
}

enum list_kind list_kind_of(const char *word)
{
    static const struct {
        const char *word;
        enum list_kind kind;
    } rows[] = {
        {"individual", LIST_PERSON},
        {"person", LIST_PERSON},
        {"p", LIST_PERSON},
        {"個人", LIST_PERSON},
        {"entity", LIST_ORGANISATION},
        {"enterprise", LIST_ORGANISATION},
        {"e", LIST_ORGANISATION},
        {"organisation", LIST_ORGANISATION},
        {"organization", LIST_ORGANISATION},
        {"legalentity", LIST_ORGANISATION},
        {"company", LIST_ORGANISATION},
        {"団体", LIST_ORGANISATION},
        {"vessel", LIST_VESSEL},
        {"ship", LIST_VESSEL},
        {"aircraft", LIST_AIRCRAFT},
        {"airplane", LIST_AIRCRAFT},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strlen(rows[i].word) == strlen(word) && has_word(word, rows[i].word))
            return rows[i].kind;
    return LIST_UNKNOWN;
}

const char *list_ticker_of(const char *type)
{
    static const char mark[] = "Digital Currency Address";
    size_t n = sizeof(mark) - 1;

    if (strncmp(type, mark, n) != 0)
        return NULL;
    type += n;
    while (*type == ' ' || *type == '-')
        type++;
    return type;
}

#define LINE_MAX_BYTES 8192

struct lines {
    list_line *each;
    void *to;
    char text[LINE_MAX_BYTES]; /* a longer line is cut */
};

static void line(struct lines *l, const char *label, const char *text)
{
    if (*text)
        l->each(l->to, label, text);
}

/* "text (a, b)": what is told of a, b, c. */
static void line_with(struct lines *l, const char *label, const char *text, const char *const *with,
                      size_t n)
{
    size_t at = (size_t)snprintf(l->text, sizeof(l->text), "%s", text);
    const char *between = " (";

    for (size_t i = 0; i < n && at < sizeof(l->text); i++)
        if (*with[i]) {
            at += (size_t)snprintf(l->text + at, sizeof(l->text) - at, "%s%s", between, with[i]);
            between = ", ";
        }
    if (at < sizeof(l->text) && *between == ',')
        snprintf(l->text + at, sizeof(l->text) - at, ")");
    line(l, label, l->text);
}

static void name_line(struct lines *l, const char *label, const struct list_name *name)
{
    const char *with[] = {name->type, name->quality == LIST_WEAK ? "weak" : "", name->language};

    line_with(l, label, name->text, with, 3);
}

void list_entry_lines(const struct list_entry *e, list_line *each, void *to)
{
    struct lines l = {.each = each, .to = to};
    char day[LIST_DAY_TEXT];

    line(&l, "kind", e->kind == LIST_UNKNOWN ? "" : list_kind_name(e->kind));
    name_line(&l, "name", &e->name);
    for (size_t i = 0; i < e->aliases_n; i++)
        name_line(&l, "alias", &e->aliases[i]);
    for (size_t i = 0; i < e->births_n; i++)
        line(&l, e->kind <= LIST_PERSON ? "date of birth" : "date of origin", e->births[i].text);
    for (size_t i = 0; i < e->places_n; i++)
        line(&l, e->kind <= LIST_PERSON ? "place of birth" : "place of origin", e->places[i]);
    for (size_t i = 0; i < e->nationalities_n; i++)
        line(&l, "nationality", e->nationalities[i]);
    for (size_t i = 0; i < e->ids_n; i++) {
        const char *with[] = {e->ids[i].type, e->ids[i].country, e->ids[i].note};

        line_with(&l, list_id_kind_name(e->ids[i].kind), e->ids[i].number, with, 3);
    }
    for (size_t i = 0; i < e->cryptos_n; i++)
        line_with(&l, "crypto address", e->cryptos[i].text, &e->cryptos[i].ticker, 1);
    for (size_t i = 0; i < e->addresses_n; i++)
        line(&l, "address", e->addresses[i].text);
    for (size_t i = 0; i < e->programmes_n; i++)
        line(&l, "programme", e->programmes[i]);
    line(&l, "reference", e->reference);
    line(&l, "listed on", list_day_text(e->listed_on, day));
    for (size_t i = 0; i < e->details_n; i++) {
        snprintf(l.text, sizeof(l.text), "%s: %s", e->details[i].name, e->details[i].value);
        line(&l, "detail", l.text);
    }
    line(&l, "remarks", e->remarks);
    line(&l, "url", e->url);
}
