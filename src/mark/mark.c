#include "mark/mark.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name, *id;
} tlps[TLPS] = {
    [TLP_NONE] = {"", NULL},
    [TLP_CLEAR] = {"clear", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"},
    [TLP_GREEN] = {"green", "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"},
    [TLP_AMBER] = {"amber", "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"},
    [TLP_AMBER_STRICT] = {"amber+strict",
                          "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"},
    [TLP_RED] = {"red", "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"},
};

static const struct {
    const char *id;
    enum tlp tlp;
} others[] = {
    /* STIX 2.1, section 7.2.1.4 */
    {"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", TLP_CLEAR},
    {"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", TLP_GREEN},
    {"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", TLP_AMBER},
    {"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", TLP_RED},
    /* OpenCTI, and the clients written for it */
    {"marking-definition--826578e1-40ad-459f-bc73-ede076f81f37", TLP_AMBER_STRICT},
};

/* From the least strict. */
static const char *const paps[] = {"PAP:CLEAR", "PAP:GREEN", "PAP:AMBER", "PAP:RED"};
#define PAPS (sizeof(paps) / sizeof(paps[0]))

const char *tlp_name(enum tlp t)
{
    return tlps[t].name;
}

const char *tlp_id(enum tlp t)
{
    return tlps[t].id;
}

bool tlp_read(const char *p, size_t n, enum tlp *ret)
{
    if (n > 4 && !strncasecmp(p, "tlp:", 4)) {
        p += 4;
        n -= 4;
    }
    if (n == 5 && !strncasecmp(p, "white", 5)) {
        *ret = TLP_CLEAR;
        return true;
    }
    for (int t = TLP_CLEAR; t <= TLP_RED; t++)
        if (strlen(tlps[t].name) == n && !strncasecmp(p, tlps[t].name, n)) {
            *ret = (enum tlp)t;
            return true;
        }
    return false;
}

bool tlp_of_id(const char *id, enum tlp *ret)
{
    for (int t = TLP_CLEAR; t <= TLP_RED; t++)
        if (!strcmp(id, tlps[t].id)) {
            *ret = (enum tlp)t;
            return true;
        }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (!strcmp(id, others[i].id)) {
            *ret = others[i].tlp;
            return true;
        }
    return false;
}

enum tlp tlp_narrower(enum tlp a, enum tlp b)
{
    a = mark_effective(a);
    b = mark_effective(b);
    return a > b ? a : b;
}

static size_t pap_of(const char *use)
{
    for (size_t i = 0; i < PAPS; i++)
        if (!strcasecmp(use, paps[i]))
            return i;
    return strcasecmp(use, "pap:white") ? PAPS : 0;
}

const char *mark_pap(const char *use)
{
    size_t i = pap_of(use);

    return i < PAPS ? paps[i] : NULL;
}

/* Does part stand in all, between its separators? */
static bool has_part(const char *all, const char *part)
{
    size_t n = strlen(part);

    for (const char *p = all; (p = strstr(p, part)); p++)
        if ((p == all || (p - all >= 2 && !strncmp(p - 2, "; ", 2))) &&
            (!p[n] || !strncmp(p + n, "; ", 2)))
            return true;
    return false;
}

bool mark_use_both(struct arena *a, const char *one, const char *other, const char **ret,
                   struct err *err)
{
    size_t i = pap_of(one), k = pap_of(other), n = strlen(one) + strlen(other) + 3;
    char *both;

    if (i < PAPS && k < PAPS)
        *ret = paps[i > k ? i : k];
    else if (!*one || has_part(other, one))
        *ret = other;
    else if (!*other || has_part(one, other))
        *ret = one;
    else if (n - 1 > MARK_USE_MAX)
        return err_fail(err, ERR_LIMIT, "a permitted use of more than %d bytes", MARK_USE_MAX);
    else if (!(both = arena_alloc(a, n)))
        return err_fail(err, ERR_NOMEM, "marking");
    else {
        snprintf(both, n, "%s; %s", one, other);
        *ret = both;
    }
    return true;
}
