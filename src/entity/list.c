#include "entity/list.h"

#include <stdio.h>
#include <string.h>

enum name_kind list_name_kind(enum list_kind kind)
{
    switch (kind) {
    case LIST_PERSON:
        return NAME_PERSON;
    case LIST_ORGANISATION:
        return NAME_ORGANISATION;
    case LIST_VESSEL:
        return NAME_VESSEL;
    case LIST_AIRCRAFT:
        return NAME_AIRCRAFT;
    case LIST_UNKNOWN:
        return NAME_UNKNOWN;
    }
    return NAME_UNKNOWN;
}

const char *list_kind_name(enum list_kind kind)
{
    switch (kind) {
    case LIST_UNKNOWN:
        return "unknown";
    case LIST_PERSON:
        return "person";
    case LIST_ORGANISATION:
        return "organisation";
    case LIST_VESSEL:
        return "vessel";
    case LIST_AIRCRAFT:
        return "aircraft";
    }
    return "";
}

const char *list_quality_name(enum list_quality quality)
{
    switch (quality) {
    case LIST_STRONG:
        return "strong";
    case LIST_WEAK:
        return "weak";
    }
    return "";
}

const char *list_id_kind_name(enum list_id_kind kind)
{
    switch (kind) {
    case LIST_ID_OTHER:
        return "other";
    case LIST_ID_PASSPORT:
        return "passport";
    case LIST_ID_NATIONAL:
        return "national-id";
    case LIST_ID_TAX:
        return "tax";
    case LIST_ID_REGISTRATION:
        return "registration";
    case LIST_ID_IMO:
        return "imo";
    case LIST_ID_MMSI:
        return "mmsi";
    case LIST_ID_CALL_SIGN:
        return "call-sign";
    case LIST_ID_BANK:
        return "bank";
    case LIST_ID_LEI:
        return "lei";
    case LIST_ID_EMAIL:
        return "email";
    case LIST_ID_PHONE:
        return "phone";
    case LIST_ID_WEBSITE:
        return "website";
    }
    return "";
}

static bool is_whole(const char *s)
{
    size_t n = strspn(s, "0123456789");

    return n && !s[n];
}

int list_id_order(const char *a, const char *b)
{
    bool whole_a = is_whole(a), whole_b = is_whole(b);
    const char *digits_a = a, *digits_b = b;
    size_t n, other;
    int order;

    if (!whole_a || !whole_b)
        return whole_a != whole_b ? (whole_a ? -1 : 1) : strcmp(a, b);
    digits_a += strspn(a, "0");
    digits_b += strspn(b, "0");
    n = strlen(digits_a);
    other = strlen(digits_b);
    if (n != other)
        return n < other ? -1 : 1;
    order = strcmp(digits_a, digits_b);
    return order ? order : strcmp(a, b); /* "007" and "7" are not one */
}

const struct list_entry *list_find(const struct list *l, const char *id)
{
    size_t low = 0, high = l->entries_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = list_id_order(l->entries[middle].id, id);

        if (!order)
            return &l->entries[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *list_day_text(struct list_day day, char ret[LIST_DAY_TEXT])
{
    if (!day.year)
        ret[0] = 0;
    else if (!day.month)
        snprintf(ret, LIST_DAY_TEXT, "%04u", day.year % 10000u);
    else if (!day.day)
        snprintf(ret, LIST_DAY_TEXT, "%04u-%02u", day.year % 10000u, day.month % 100u);
    else
        snprintf(ret, LIST_DAY_TEXT, "%04u-%02u-%02u", day.year % 10000u, day.month % 100u,
                 day.day % 100u);
    return ret;
}

int list_day_order(struct list_day a, struct list_day b)
{
    unsigned x = a.year * 10000u + a.month * 100u + a.day,
             y = b.year * 10000u + b.month * 100u + b.day;

    return x < y ? -1 : x > y;
}
