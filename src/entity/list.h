/* A sanctions list in a version: who is on it, and what it says about them, whatever its format.
 *
 *     files of one version            list_read.h       -> struct list
 *     versions in the store           list_store.h
 *     two versions against each other list_diff.h
 *
 * Text is UTF-8 as the list writes it, but for white space: runs of it and of control characters
 * are one space, none at the ends. A text that is not told is "", never NULL. Names keep the list's
 * order of words ("KIM, Jong Un" of OFAC). docs/lists.md says which field of which format becomes
 * what.
 *
 * Ownership: all in the arena that the list was read into.
 * Order:     entries by id (whole numbers first, by value; then by bytes), no id twice. What one
 *            entry holds is in the list's order, nothing twice.
 * Threads:   constant once read. */
#ifndef CORDON_ENTITY_LIST_H
#define CORDON_ENTITY_LIST_H

#include "entity/name.h"

enum list_kind { LIST_UNKNOWN, LIST_PERSON, LIST_ORGANISATION, LIST_VESSEL, LIST_AIRCRAFT };

/* Strong: enough to be screened against (OFAC strong, UN "Good", UK good quality). Weak: too common
 * or too short to be (OFAC "weak aliases", UN "Low", UK low quality, EU strong="false"). */
enum list_quality { LIST_STRONG, LIST_WEAK };

struct list_name {
    const char *text;
    const char *family, *given; /* the parts, where the list parts them */
    enum list_quality quality;
    const char *type;     /* as the list calls it: "a.k.a.", "f.k.a."; "" of the primary name */
    const char *language; /* script or language, as the list calls it */
};

/* A day of the Gregorian calendar, or its month or year: day, then month is 0 where it is not told.
 * year 0: no day at all. */
struct list_day {
    uint16_t year;
    uint8_t month, day;
};

/* to equals from where it is no range. text: as the list writes it, read or not. */
struct list_date {
    struct list_day from, to;
    bool circa;
    const char *text;
};

enum list_id_kind {
    LIST_ID_OTHER,
    LIST_ID_PASSPORT,
    LIST_ID_NATIONAL, /* identity cards, personal numbers */
    LIST_ID_TAX,
    LIST_ID_REGISTRATION, /* of a firm, a trade licence, an aircraft, a ship's flag state */
    LIST_ID_IMO,          /* ship, or its company: seven digits */
    LIST_ID_MMSI,
    LIST_ID_CALL_SIGN,
    LIST_ID_BANK, /* SWIFT/BIC, BIK */
    LIST_ID_LEI,
    LIST_ID_EMAIL,
    LIST_ID_PHONE,
    LIST_ID_WEBSITE,
};

struct list_id {
    enum list_id_kind kind;
    const char *type; /* as the list calls it */
    const char *number, *country;
    const char *note; /* issued, expires, remarks */
};

/* What the list calls the currency is no chain: an address decides its chain by itself. */
struct list_crypto {
    const char *ticker; /* "XBT"; "" if not told */
    const char *text;   /* the address, letter by letter */
};

struct list_address {
    const char *text; /* one line, with the country */
    const char *country;
};

struct list_detail { /* what else the list says: "Gender", "Male" */
    const char *name, *value;
};

struct list_entry {
    const char *id; /* as the list gives it */
    enum list_kind kind;
    struct list_name name; /* the primary one */
    const struct list_name *aliases;
    size_t aliases_n;
    const struct list_date *births; /* of firms: founded; of ships: built */
    size_t births_n;
    const char *const *places; /* of birth */
    size_t places_n;
    const char *const *nationalities; /* and citizenships; of ships: flags */
    size_t nationalities_n;
    const struct list_id *ids;
    size_t ids_n;
    const struct list_crypto *cryptos;
    size_t cryptos_n;
    const struct list_address *addresses;
    size_t addresses_n;
    const char *const *programmes;
    size_t programmes_n;
    const struct list_detail *details;
    size_t details_n;
    const char *reference; /* legal basis, or the UN's permanent reference number */
    struct list_day listed_on;
    const char *remarks, *url;
};

struct list {
    const char *name;      /* "ofac-sdn" */
    const char *format;    /* "ofac-csv" */
    struct list_day as_of; /* the list's own date; year 0: it states none */
    const struct list_entry *entries;
    size_t entries_n, cryptos_n; /* cryptos_n: different ones */
    const char *const *notes;    /* what a person should know of this reading */
    size_t notes_n;
};

const char *list_kind_name(enum list_kind kind);    /* "person" */
enum name_kind list_name_kind(enum list_kind kind); /* as names of such are compared */
const char *list_quality_name(enum list_quality quality);
const char *list_id_kind_name(enum list_id_kind kind); /* "passport" */
/* The order of entries. */
int list_id_order(const char *a, const char *b);
const struct list_entry *list_find(const struct list *l, const char *id); /* NULL: not on it */

#define LIST_DAY_TEXT 11
/* "2024-03-28", "2024-03", "2024", or "" */
const char *list_day_text(struct list_day day, char ret[LIST_DAY_TEXT]);
int list_day_order(struct list_day a, struct list_day b);
/* Its first second since 1970, of a month or year its first day's; before 1970: 0. */
uint64_t list_day_seconds(struct list_day day);

/* Days and dates as lists write them: 2024-03-28, 28 Mar 2024, 03/28/2024 (month_first) or
 * 28/03/2024, 28.3.2024, 28-Mar-2024, 2024.3.28, 1962, Mar 1962, dd/mm/1962, circa ..., A to B,
 * between A and B. false: none of these. */
bool list_day_read(const char *p, size_t n, bool month_first, struct list_day *ret);
struct list_date
list_date_read(const char *text); /* text as it is, from.year 0 if it is not read */

/* Every fact of an entry as a line of text, in one order: for people, and to find what changed.
 * label is "alias", "date of birth", ...; the text lives until the callback returns. */
typedef void list_line(void *to, const char *label, const char *text);
void list_entry_lines(const struct list_entry *e, list_line *each, void *to);

#endif
