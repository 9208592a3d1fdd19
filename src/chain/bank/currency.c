#include "chain/bank/currency.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ISO 4217:2015, table A.1 as amended; withdrawn: BYR EEK HRK LTL LVL MRO SKK STD VEF ZMK. */
/* by code */
static const struct currency currencies[] = {
    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"ANG", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2},
    {"AWG", 2}, {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BGN", 2}, {"BHD", 3}, {"BIF", 0},
    {"BMD", 2}, {"BND", 2}, {"BOB", 2}, {"BOV", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2},
    {"BYN", 2}, {"BYR", 0}, {"BZD", 2}, {"CAD", 2}, {"CDF", 2}, {"CHE", 2}, {"CHF", 2}, {"CHW", 2},
    {"CLF", 4}, {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"COU", 2}, {"CRC", 2}, {"CUC", 2}, {"CUP", 2},
    {"CVE", 2}, {"CZK", 2}, {"DJF", 0}, {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EEK", 2}, {"EGP", 2},
    {"ERN", 2}, {"ETB", 2}, {"EUR", 2}, {"FJD", 2}, {"FKP", 2}, {"GBP", 2}, {"GEL", 2}, {"GHS", 2},
    {"GIP", 2}, {"GMD", 2}, {"GNF", 0}, {"GTQ", 2}, {"GYD", 2}, {"HKD", 2}, {"HNL", 2}, {"HRK", 2},
    {"HTG", 2}, {"HUF", 2}, {"IDR", 2}, {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0},
    {"JMD", 2}, {"JOD", 3}, {"JPY", 0}, {"KES", 2}, {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2},
    {"KRW", 0}, {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2}, {"LBP", 2}, {"LKR", 2}, {"LRD", 2},
    {"LSL", 2}, {"LTL", 2}, {"LVL", 2}, {"LYD", 3}, {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2},
    {"MMK", 2}, {"MNT", 2}, {"MOP", 2}, {"MRO", 2}, {"MRU", 2}, {"MUR", 2}, {"MVR", 2}, {"MWK", 2},
    {"MXN", 2}, {"MXV", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2}, {"NGN", 2}, {"NIO", 2}, {"NOK", 2},
    {"NPR", 2}, {"NZD", 2}, {"OMR", 3}, {"PAB", 2}, {"PEN", 2}, {"PGK", 2}, {"PHP", 2}, {"PKR", 2},
    {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2}, {"RUB", 2}, {"RWF", 0}, {"SAR", 2},
    {"SBD", 2}, {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2}, {"SHP", 2}, {"SKK", 2}, {"SLE", 2},
    {"SLL", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STD", 2}, {"STN", 2}, {"SVC", 2}, {"SYP", 2},
    {"SZL", 2}, {"THB", 2}, {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2}, {"TTD", 2},
    {"TWD", 2}, {"TZS", 2}, {"UAH", 2}, {"UGX", 0}, {"USD", 2}, {"USN", 2}, {"UYI", 0}, {"UYU", 2},
    {"UYW", 4}, {"UZS", 2}, {"VED", 2}, {"VEF", 2}, {"VES", 2}, {"VND", 0}, {"VUV", 0}, {"WST", 2},
    {"XAF", 0}, {"XCD", 2}, {"XCG", 2}, {"XOF", 0}, {"XPF", 0}, {"YER", 2}, {"ZAR", 2}, {"ZMK", 2},
    {"ZMW", 2}, {"ZWG", 2}, {"ZWL", 2},
};

static int code_order(const void *code, const void *row)
{
    return memcmp(code, ((const struct currency *)row)->code, CURRENCY_CODE_BYTES);
}

const struct currency *currency_find(const char *code, size_t n)
{
    if (n != CURRENCY_CODE_BYTES)
        return NULL;
    return bsearch(code, currencies, sizeof(currencies) / sizeof(currencies[0]),
                   sizeof(currencies[0]), code_order);
}

/* Digits of [p, p + n) appended to *v; false: another character, or more than MONEY_MAX. */
static bool digits_add(const char *p, size_t n, uint64_t *v)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        if (*v > (MONEY_MAX - (uint64_t)(p[i] - '0')) / 10)
            return false;
        *v = *v * 10 + (uint64_t)(p[i] - '0');
    }
    return true;
}

bool money_read(const char *code, size_t code_n, const char *p, size_t n, char point,
                struct money *ret, struct err *err)
{
    const struct currency *c = currency_find(code, code_n);
    const char *mark = n ? memchr(p, point, n) : NULL;
    size_t whole_n = mark ? (size_t)(mark - p) : n, part_n = mark ? n - whole_n - 1 : 0;
    uint64_t v = 0;
    int shown = (int)(n < 40 ? n : 40);

    if (!c)
        return err_fail(err, ERR_INPUT, "\"%.*s\" is not a currency of ISO 4217",
                        (int)(code_n < 8 ? code_n : 8), code);
    /* ISO 15022 field format 15d: "a decimal comma must be present"; ISO 20022 numbers may do
     * without a point, but not end with one */
    if (!whole_n || (point == ',' ? !mark : mark && !part_n) || (whole_n > 1 && *p == '0'))
        return err_fail(err, ERR_INPUT, "\"%.*s\" is not an amount", shown, p);
    if (part_n > c->digits)
        return err_fail(err, ERR_INPUT,
                        "\"%.*s\" has more than the %u digits of %s after its point", shown, p,
                        c->digits, c->code);
    if (!digits_add(p, whole_n, &v) || (part_n && !digits_add(mark + 1, part_n, &v)) ||
        !digits_add("0000", c->digits - part_n, &v))
        return err_fail(err, ERR_INPUT, "\"%.*s\" is not an amount, or too large", shown, p);
    *ret = (struct money){c, v};
    return true;
}

const char *money_text(struct money m, char ret[MONEY_TEXT_MAX])
{
    char whole[24], part[24];
    uint64_t unit = 1;

    if (!m.currency)
        return memcpy(ret, "nothing", sizeof("nothing"));
    for (unsigned i = 0; i < m.currency->digits; i++)
        unit *= 10;
    /* the part with a 1 in front, which becomes the point, so that zeros stay */
    snprintf(whole, sizeof(whole), "%" PRIu64, m.minor / unit);
    snprintf(part, sizeof(part), "%" PRIu64, unit + m.minor % unit);
    *part = '.';
    snprintf(ret, MONEY_TEXT_MAX, "%.20s%.5s %.3s", whole, m.currency->digits ? part : "",
             m.currency->code);
    return ret;
}
