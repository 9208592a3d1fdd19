/* The part of STIX patterns that names wallets outright, and no more of the grammar: observations
 * of comparisons with =, IN and OR between, of which at least one is of a wallet's value.
 *
 *     [cryptocurrency-wallet:value = 'x' OR cryptocurrency-wallet:value = 'y'] OR [...]
 *
 * A pattern that asks for more (AND, FOLLOWEDBY, qualifiers, NOT) is no list of wallets: it is told
 * as unread. STIX 2.1, section 9. */
#include "intel/indicators.h"

#include <ctype.h>

struct pattern {
    struct arena *a;
    const char *at;
    const char **values;
    size_t n;
    bool nomem; /* it is not known what it says */
};

static void blanks(struct pattern *p)
{
    while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')
        p->at++;
}

static bool takes(struct pattern *p, const char *word)
{
    size_t n = strlen(word);

    blanks(p);
    if (strncmp(p->at, word, n) != 0 ||
        (isalpha((unsigned char)*word) && (isalnum((unsigned char)p->at[n]) || p->at[n] == '_')))
        return false;
    p->at += n;
    return true;
}

/* 'a\'b': \' and \\ are what may be escaped. */
static bool string_take(struct pattern *p, const char **ret)
{
    size_t n = 0;
    const char *end;
    char *s;

    blanks(p);
    if (*p->at != '\'')
        return false;
    for (end = p->at + 1; *end && *end != '\''; end++)
        if (*end == '\\' && end[1])
            end++;
    if (*end != '\'')
        return false;
    s = arena_alloc(p->a, (size_t)(end - p->at));
    p->nomem = !s;
    if (!s)
        return false;
    for (const char *c = p->at + 1; c < end; c++) {
        if (*c == '\\')
            c++;
        s[n++] = *c;
    }
    p->at = end + 1;
    *ret = s;
    return true;
}

static bool path_take(struct pattern *p, bool *ret_wallet)
{
    static const char *const wallets[] = {
        "cryptocurrency-wallet:value", "cryptocurrency-wallet:address",
        "x-opencti-cryptocurrency-wallet:value", "x-cryptocurrency-wallet:value"};
    size_t n;

    blanks(p);
    n = strcspn(p->at, " \t\r\n=!<>[]()'");
    if (!n || !memchr(p->at, ':', n))
        return false;
    *ret_wallet = false;
    for (size_t i = 0; i < sizeof(wallets) / sizeof(wallets[0]); i++)
        *ret_wallet |= strlen(wallets[i]) == n && !strncmp(wallets[i], p->at, n);
    p->at += n;
    if (*p->at == '[') /* an index or key of another object's path */
        return false;
    return true;
}

static bool value_take(struct pattern *p, bool wallet)
{
    const char *value;

    if (!string_take(p, &value))
        return false;
    if (!wallet)
        return true;
    if (p->n == PATTERN_VALUES_MAX)
        return false;
    p->values[p->n++] = value;
    return true;
}

static bool comparison_take(struct pattern *p)
{
    bool wallet;

    if (!path_take(p, &wallet))
        return false;
    if (takes(p, "="))
        return value_take(p, wallet);
    if (!takes(p, "IN") || !takes(p, "("))
        return false;
    do {
        if (!value_take(p, wallet))
            return false;
    } while (takes(p, ","));
    return takes(p, ")");
}

static bool observation_take(struct pattern *p)
{
    if (!takes(p, "["))
        return false;
    do {
        if (!comparison_take(p))
            return false;
    } while (takes(p, "OR"));
    return takes(p, "]");
}

static bool pattern_take(struct pattern *p)
{
    do {
        if (!observation_take(p))
            return false;
    } while (takes(p, "OR"));
    blanks(p);
    return !*p->at;
}

enum pattern_reading stix_pattern_wallets(struct arena *a, const char *pattern,
                                          const char *ret[PATTERN_VALUES_MAX], size_t *ret_n)
{
    struct pattern p = {.a = a, .at = pattern, .values = ret};

    *ret_n = 0;
    if (!strstr(pattern, "cryptocurrency-wallet"))
        return PATTERN_OTHER;
    if (!pattern_take(&p))
        return p.nomem ? PATTERN_NOMEM : PATTERN_UNREAD;
    *ret_n = p.n;
    return p.n ? PATTERN_WALLETS : PATTERN_OTHER;
}
