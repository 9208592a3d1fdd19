/* "DOB 25 Mar 1977; POB Wuhan, China; Digital Currency Address - XBT 12Qt...; a.k.a. 'YAN'." */
#include "entity/ofac.h"

#include <strings.h>

/* Types of documents and the like, as OFAC writes them before the number; the longest that fits
 * counts. */
static const char *const id_types[] = {
    "Afghan Money Service Provider License Number",
    "Aircraft Construction Number (also called L/N or S/N or F/N)",
    "Aircraft Manufacturer's Serial Number (MSN)",
    "Aircraft Mode S Transponder Code",
    "Aircraft Serial Identification",
    "Aircraft Tail Number",
    "BIK (RU)",
    "Birth Certificate Number",
    "Bosnian Personal ID No.",
    "British National Overseas Passport",
    "Business Number",
    "Business Registration Document #",
    "Business Registration Number",
    "C.I.F.",
    "C.R. No.",
    "C.U.I.",
    "C.U.I.P.",
    "C.U.I.T.",
    "C.U.R.P.",
    "Cartilla de Servicio Militar Nacional",
    "Cedula No.",
    "Cedula de Ciudadania",
    "Cedula de Extranjeria",
    "Cedula de Residencia",
    "Central Registration System Number",
    "Certificate of Incorporation Number",
    "Chamber of Commerce Number",
    "Chinese Commercial Code",
    "Citizen's Card Number",
    "Commercial Registry Number",
    "Company Number",
    "Credencial electoral",
    "Cuit No.",
    "D-U-N-S Number",
    "D.N.I.",
    "Diplomatic Passport",
    "Driver's License No.",
    "Dubai Chamber of Commerce Membership No.",
    "Economic Register Number (CBLS)",
    "Electoral Registry No.",
    "Email Address",
    "Enterprise Number",
    "File Number",
    "Fiscal Code",
    "Folio Mercantil No.",
    "Global Intermediary Identification Number",
    "Government Gazette Number",
    "I.F.E.",
    "Identification Number",
    "Identification Number IMO",
    "Interpol: Red Notice. File No.",
    "Iranian Business License No.",
    "Iraqi Trade License",
    "ISIN",
    "Istanbul Chamber of Comm. No.",
    "Italian Fiscal Code",
    "Kenyan ID No.",
    "LE Number",
    "Legal Entity Number",
    "License",
    "MMSI",
    "MSB Registration Number",
    "Matricula Mercantil No",
    "Military Registration Number",
    "Moroccan Personal ID No.",
    "N.I.E.",
    "N.I.F.",
    "NIT #",
    "National Foreign ID Number",
    "National ID No.",
    "Numero Unico de Identificacao (NUIT)",
    "Passport",
    "Passport Number",
    "Personal ID Card",
    "Phone Number",
    "Pilot License Number",
    "Public Registration Number",
    "Public Security and Immigration No.",
    "R.F.C.",
    "RFC",
    "RIF #",
    "RSIN",
    "RTN",
    "RUC #",
    "Refugee ID Card",
    "Registered Charity No.",
    "Registration Certificate Number (Dubai)",
    "Registration ID",
    "Registration Number",
    "Residency Number",
    "Romanian C.R.",
    "Romanian Permanent Resident",
    "Romanian Tax Registration",
    "Russian State Individual Business Registration Number Pattern (OGRNIP)",
    "SSN",
    "SWIFT/BIC",
    "Seafarer's Identification Document",
    "Serial No.",
    "Stateless Person ID Card",
    "Stateless Person Passport",
    "Tarjeta Profesional",
    "Tax ID No.",
    "Tax Office/Identification Number",
    "Tazkira National ID Card",
    "Telephone",
    "Trade License No.",
    "Travel Document Number",
    "Turkish Identification Number",
    "UAE Identification",
    "UK Company Number",
    "US FEIN",
    "Unified Social Credit Code (USCC)",
    "United Social Credit Code Certificate (USCCC)",
    "V.A.T. Number",
    "VIN",
    "Vessel Registration Identification",
    "Vessel Registration Number",
    "Vessel Year of Build",
    "Visa Number",
    "Website",
};

/* What is no identifier, by how its clause begins; the rest is the value. */
static const char *const detail_types[] = {
    "Additional Sanctions Information -",
    "Aircraft Manufacture Date",
    "Aircraft Model",
    "Aircraft Operator",
    "CAATSA Section 235 Information:",
    "Effective Date (CMIC)",
    "Equity Ticker",
    "Executive Order 13662 Directive Determination -",
    "Executive Order 14024 Directive Information -",
    "Former Vessel Flag",
    "Gender",
    "Issuer Name",
    "Linked To:",
    "Listing Date (CMIC)",
    "Nationality of Registration",
    "Organization Type:",
    "Other Vessel Call Sign",
    "Other Vessel Flag",
    "Other Vessel Type",
    "Secondary sanctions risk:",
    "Target Type",
    "Transactions Prohibited For Persons Owned or Controlled By U.S. Financial Institutions:",
};

#define ROWS_N(rows) (sizeof(rows) / sizeof((rows)[0]))

/* The longest of the rows that text begins with, and a space or the end after it; NULL: none. */
static const char *row_of(const char *const *rows, size_t n, const char *text)
{
    const char *found = NULL;
    size_t longest = 0;

    for (size_t i = 0; i < n; i++) {
        size_t k;

        if (*rows[i] != *text)
            continue;
        k = strlen(rows[i]);
        if (k > longest && !strncmp(text, rows[i], k) && (text[k] == ' ' || !text[k])) {
            found = rows[i];
            longest = k;
        }
    }
    return found;
}

static const char *after(const char *text, const char *row)
{
    text += strlen(row);
    return *text == ' ' ? text + 1 : text;
}

static const char *copy(struct list_maker *m, const char *p, const char *end)
{
    return list_make_text(m, p, (size_t)(end - p));
}

/* "T14553558 (Iran) issued 28 Oct 2008 expires 29 Oct 2013" */
static void id_add(struct list_maker *m, const char *type, const char *text)
{
    struct list_id id = {.type = type, .number = "", .country = "", .note = ""};
    const char *end = text + strlen(text), *issued = strstr(text, " issued "),
               *expires = strstr(text, " expires "), *note = issued ? issued : expires, *open;

    if (note) {
        id.note = copy(m, note, end);
        end = note;
    }
    open = memchr(text, '(', (size_t)(end - text));
    for (const char *more; open && (more = memchr(open + 1, '(', (size_t)(end - open - 1)));)
        open = more;
    if (open && open > text && open[-1] == ' ' && end[-1] == ')') {
        id.country = copy(m, open + 1, end - 1);
        end = open - 1;
    }
    id.number = copy(m, text, end);
    list_make_id(m, id);
}

/* a.k.a. 'X': OFAC writes weak aliases alone into remarks, in quotes. */
static bool alias_add(struct list_maker *m, const char *text)
{
    const char *type = !strncmp(text, "a.k.a. '", 8)   ? "a.k.a."
                       : !strncmp(text, "f.k.a. '", 8) ? "f.k.a."
                       : !strncmp(text, "n.k.a. '", 8) ? "n.k.a."
                                                       : NULL;
    size_t n = strlen(text);

    if (!type || n < 10 || text[n - 1] != '\'')
        return false;
    list_make_alias(m, (struct list_name){.text = copy(m, text + 8, text + n - 1),
                                          .family = "",
                                          .given = "",
                                          .quality = LIST_WEAK,
                                          .type = type,
                                          .language = ""});
    return true;
}

static void clause_add(struct list_maker *m, const char *text)
{
    const char *row, *ticker;

    if (!strncmp(text, "alt. ", 5))
        text += 5;
    ticker = list_ticker_of(text);
    if (ticker) {
        const char *address = strchr(ticker, ' ');

        if (address)
            list_make_crypto(m, copy(m, ticker, address), address + 1);
    } else if (!strncmp(text, "DOB ", 4)) {
        list_make_birth(m, text + 4);
    } else if (!strncmp(text, "Organization Established Date ", 30)) {
        list_make_birth(m, text + 30);
    } else if (!strncmp(text, "POB ", 4)) {
        list_make_place(m, text + 4);
    } else if (!strncmp(text, "nationality ", 12)) {
        list_make_nationality(m, text + 12);
    } else if (!strncmp(text, "citizen ", 8)) {
        list_make_nationality(m, text + 8);
    } else if (alias_add(m, text)) {
        return;
    } else if ((row = row_of(detail_types, ROWS_N(detail_types), text))) {
        list_make_detail(m, row, after(text, row));
    } else if ((row = row_of(id_types, ROWS_N(id_types), text))) {
        id_add(m, row, after(text, row));
    }
}

const char *ofac_list_name(const struct list_maker *m)
{
    static const char *const own[] = {"NS-PLC", "CMIC-EO13959"};
    const struct list_facts *f = &m->facts[LIST_SORT_PROGRAMME];
    size_t found = 0;

    for (size_t i = 0; i < f->n; i++)
        for (size_t k = 0; k < ROWS_N(own); k++)
            found += !strcmp(((const char *const *)f->p)[i], own[k]);
    /* a few of the SDN list have them, too */
    return found * 10 > m->facts[LIST_SORT_ENTRY].n ? "ofac-consolidated" : "ofac-sdn";
}

void ofac_remarks(struct list_maker *m, const char *remarks)
{
    const char *end = remarks + strlen(remarks);

    if (end > remarks && end[-1] == '.')
        end--;
    for (const char *at = remarks, *next; at < end && !m->bad; at = next) {
        const char *stop = strstr(at, "; ");

        if (!stop || stop > end)
            stop = end;
        next = stop == end ? end : stop + 2;
        clause_add(m, copy(m, at, stop));
    }
}
