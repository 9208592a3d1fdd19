#include "chain/bank/party.h"

#include "base/hash.h"
#include "base/time.h"
#include "chain/transfers.h"

#define CUT_HEX 16 /* digits of the hash after a key that was cut */

static bool is_upper(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static uint8_t upper(uint8_t c)
{
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
}

static bool is_blank(uint8_t c)
{
    return c <= ' ' || c == 0x7f;
}

struct bytes party_trim(struct bytes text)
{
    while (text.n && is_blank(*text.p)) {
        text.p++;
        text.n--;
    }
    while (text.n && is_blank(text.p[text.n - 1]))
        text.n--;
    return text;
}

bool bic_read(struct arena *a, struct bytes text, struct bytes *ret, struct err *err)
{
    char bic[BIC_MAX + 1];
    bool good = text.n == 8 || text.n == BIC_MAX;

    /* ISO 9362:2014: business party prefix 4!c, country code 2!a, suffix 2!c, branch 3!c */
    for (size_t i = 0; good && i < text.n; i++) {
        bic[i] = (char)upper(text.p[i]);
        good = is_upper((uint8_t)bic[i]) || (is_digit((uint8_t)bic[i]) && i != 4 && i != 5);
    }
    if (!good)
        return err_fail(err, ERR_INPUT, "\"%.*s\" is not a BIC", (int)(text.n < 40 ? text.n : 40),
                        (const char *)text.p);
    ret->n = text.n == BIC_MAX && !memcmp(bic + 8, "XXX", 3) ? 8 : text.n;
    ret->p = arena_copy(a, bic, ret->n);
    return ret->p ? true : err_fail(err, ERR_NOMEM, "a bank");
}

/* The characters of an IBAN, upper case and without spaces; 0: it cannot be one. */
static size_t iban_packed(struct bytes text, char ret[IBAN_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = upper(text.p[i]);

        if (c == ' ')
            continue;
        if (n == IBAN_MAX || (!is_upper(c) && !is_digit(c)))
            return 0;
        ret[n++] = (char)c;
    }
    return n;
}

bool iban_valid(struct bytes text)
{
    char iban[IBAN_MAX];
    size_t n = iban_packed(text, iban);
    unsigned rest = 0;

    if (n < 15 || !is_upper((uint8_t)iban[0]) || !is_upper((uint8_t)iban[1]) ||
        !is_digit((uint8_t)iban[2]) || !is_digit((uint8_t)iban[3]))
        return false;
    /* ISO 13616: "move the four initial characters to the right", letters count 10 to 35, and the
     * rest of 97 is 1 */
    for (size_t i = 0; i < n; i++) {
        uint8_t c = (uint8_t)iban[(i + 4) % n];

        rest = is_digit(c) ? rest * 10 + c - '0' : rest * 100 + c - 'A' + 10u;
        rest %= 97;
    }
    return rest == 1;
}

bool uetr_read(struct bytes text, char ret[UETR_BYTES + 1], struct err *err)
{
    static const char form[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx"; /* RFC 4122, 4.4 */
    bool good = text.n == UETR_BYTES;

    for (size_t i = 0; good && i < UETR_BYTES; i++) {
        uint8_t c = text.p[i];

        c = c >= 'A' && c <= 'F' ? (uint8_t)(c - 'A' + 'a') : c;
        good = form[i] == 'x'   ? is_digit(c) || (c >= 'a' && c <= 'f')
               : form[i] == 'y' ? c == '8' || c == '9' || c == 'a' || c == 'b'
                                : c == (uint8_t)form[i];
        ret[i] = (char)c;
    }
    ret[UETR_BYTES] = 0;
    return good ? true
                : err_fail(err, ERR_INPUT, "\"%.*s\" is not a UETR (a UUID of version 4)",
                           (int)(text.n < 40 ? text.n : 40), (const char *)text.p);
}

/* head + tail as one key; the tail's white space is made one space each if squeeze. */
static struct bytes join(struct arena *a, struct bytes head, const char *mark, struct bytes tail,
                         bool squeeze)
{
    size_t mark_n = strlen(mark), max = head.n + mark_n + tail.n, n;
    uint8_t *p = arena_alloc(a, max + 1);

    if (!p)
        return (struct bytes){NULL, 0};
    if (head.n)
        memcpy(p, head.p, head.n);
    memcpy(p + head.n, mark, mark_n);
    n = head.n + mark_n;
    for (size_t i = 0; i < tail.n; i++) {
        uint8_t c = tail.p[i];

        if (squeeze && is_blank(c)) {
            if (p[n - 1] != ' ')
                p[n++] = ' ';
        } else {
            p[n++] = squeeze ? upper(c) : c;
        }
    }
    if (n > ACCOUNT_KEY_MAX) { /* cut before a character's first byte, then the hash of all */
        struct hash32 all = sha256(p, n);

        n = ACCOUNT_KEY_MAX - CUT_HEX - 1;
        while (n && (p[n] & 0xc0) == 0x80)
            n--;
        p[n++] = '~';
        for (size_t i = 0; i < CUT_HEX / 2; i++) {
            p[n++] = (uint8_t) "0123456789abcdef"[all.b[i] >> 4];
            p[n++] = (uint8_t) "0123456789abcdef"[all.b[i] & 15];
        }
    }
    return (struct bytes){p, n};
}

struct bytes bank_agent_key(struct arena *a, const struct bank_agent *agent)
{
    static const struct bytes none = {NULL, 0};

    if (agent->bic.n)
        return agent->bic;
    if (agent->clearing.n)
        return join(a, none, "clearing:", party_trim(agent->clearing), true);
    if (agent->name.n)
        return join(a, none, "name:", party_trim(agent->name), true);
    return none;
}

struct bytes bank_transit_key(struct arena *a, struct bytes agent, struct bytes payment)
{
    return join(a, agent, "/transit/", payment, false);
}

struct bytes bank_charges_key(struct arena *a, struct bytes agent)
{
    return join(a, agent, "/charges", (struct bytes){NULL, 0}, false);
}

struct bytes bank_account_key(struct arena *a, struct bytes agent, struct bytes account,
                              struct bytes name, bool *ret_named)
{
    static const struct bytes none = {NULL, 0};

    account = party_trim(account);
    name = party_trim(name);
    *ret_named = !account.n && name.n;
    if (iban_valid(account)) {
        char iban[IBAN_MAX];
        size_t n = iban_packed(account, iban);

        return (struct bytes){arena_copy(a, iban, n), n};
    }
    if (account.n)
        return join(a, agent, agent.n ? "/" : "", account, true);
    if (name.n)
        return join(a, agent, agent.n ? "/name:" : "name:", name, true);
    return none;
}

bool bank_time(struct bytes text, uint64_t *ret, struct err *err)
{
    return time_from_iso((const char *)text.p, text.n, ret) ||
           err_fail(err, ERR_INPUT, "\"%.*s\" is not a date (as 2016-02-04 or 2016-02-04T09:30:00)",
                    (int)(text.n < 40 ? text.n : 40), text.n ? (const char *)text.p : "");
}
