/* Payment messages as facts: each form, messages joined over banks, and what is refused.
 *
 * The messages are written by hand after the standards' published structure: SWIFT User Handbook,
 * "FIN Standards: Category 1", MT 103 (format specifications, network validated rules); ISO 20022
 * message definitions pacs.008.001 and pacs.004.001. Expected legs are worked out by hand. */
#include "support.h"

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"
#include "chain/bank/bank.h"
#include "chain/bank/currency.h"
#include "chain/bank/message.h"
#include "chain/bank/mt103.h"
#include "chain/bank/pacs008.h"
#include "chain/bank/party.h"

#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#define UETR "97ed4827-7b6f-4491-a06f-b548d5a7512d"
/* that payment in the hands of these banks */
#define VIA_BOFAUS3N "BOFAUS3N/transit/" UETR
#define VIA_CHASUS33 "CHASUS33/transit/" UETR
#define VIA_CITIUS33 "CITIUS33/transit/" UETR
#define VIA_DEUTDEFF "DEUTDEFF/transit/" UETR
#define VIA_IRVTUS3N "IRVTUS3N/transit/" UETR
#define VIA_RCBCPHMM "RCBCPHMM/transit/" UETR

static void money(void **state)
{
    static const struct {
        const char *name, *code, *text, *want; /* NULL: refused */
        char point;
    } rows[] = {
        {"dollars", "USD", "1234.56", "1234.56 USD", '.'},
        {"one digit after the point", "USD", "1234.5", "1234.50 USD", '.'},
        {"whole", "USD", "20000000", "20000000.00 USD", '.'},
        {"cents alone", "USD", "0.07", "0.07 USD", '.'},
        {"yen have no digits", "JPY", "1000", "1000 JPY", '.'},
        {"yen with a digit", "JPY", "1000.0", NULL, '.'},
        {"dinars have three", "KWD", "1.234", "1.234 KWD", '.'},
        {"dollars with three", "USD", "1.234", NULL, '.'},
        {"unidades de fomento have four", "CLF", "1.2345", "1.2345 CLF", '.'},
        {"the largest", "JPY", "9223372036854775807", "9223372036854775807 JPY", '.'},
        {"one more", "JPY", "9223372036854775808", NULL, '.'},
        {"too large in cents", "USD", "99999999999999999999", NULL, '.'},
        {"nothing", "USD", "", NULL, '.'},
        {"a point alone", "USD", ".", NULL, '.'},
        {"no whole part", "USD", ".50", NULL, '.'},
        {"a point at the end", "USD", "5.", NULL, '.'},
        {"two points", "USD", "1.2.3", NULL, '.'},
        {"a comma for a point", "USD", "1,50", NULL, '.'},
        {"a sign", "USD", "-1.50", NULL, '.'},
        {"a zero in front", "USD", "01.50", NULL, '.'},
        {"a gold ounce", "XAU", "1", NULL, '.'},
        {"lower case", "usd", "1", NULL, '.'},
        {"SWIFT: whole", "USD", "1234,", "1234.00 USD", ','},
        {"SWIFT: cents", "EUR", "1958,47", "1958.47 EUR", ','},
        {"SWIFT: yen", "JPY", "1000,", "1000 JPY", ','},
        {"SWIFT: no comma", "USD", "1234", NULL, ','},
        {"SWIFT: too many digits", "JPY", "1000,5", NULL, ','},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[MONEY_TEXT_MAX];
        struct money m;
        struct err err;
        bool good;

        test_row("%s", rows[i].name);
        good = money_read(rows[i].code, strlen(rows[i].code), rows[i].text, strlen(rows[i].text),
                          rows[i].point, &m, &err);
        CHECK_U(good, rows[i].want != NULL);
        if (good)
            CHECK_S(money_text(m, text), rows[i].want);
        else
            CHECK_U(err.class, ERR_INPUT);
    }
}

/* The table in the order that its search wants. */
static void currencies(void **state)
{
    static const char *const some[] = {"AED", "BDT", "BIF", "CLF", "EUR", "KRW", "LKR",
                                       "PHP", "RUB", "UYW", "VND", "XPF", "ZWL"};
    static const uint8_t digits[] = {2, 2, 0, 4, 2, 0, 2, 2, 2, 4, 0, 0, 2};

    for (size_t i = 0; i < sizeof(digits); i++) {
        test_row("%s", some[i]);
        CHECK(currency_find(some[i], 3));
        CHECK_U(currency_find(some[i], 3)->digits, digits[i]);
    }
    CHECK(!currency_find("XXX", 3));
    CHECK(!currency_find("USDX", 4));
    CHECK(!currency_find("", 0));
}

/* Examples of the SWIFT IBAN registry, and each of them damaged. */
static void ibans(void **state)
{
    static const char *const good[] = {
        "GB29NWBK60161331926819", "DE89370400440532013000",          "BE68539007547034",
        "NO9386011117947",        "MT84MALT011000012345MTLCAST001S", "de89 3704 0044 0532 0130 00"};
    static const char *const bad[] = {"GB28NWBK60161331926819",
                                      "DE89370400440532013001",
                                      "BE6853900754703",
                                      "",
                                      "NO93",
                                      "GB29-NWBK-6016-1331-9268-19",
                                      "MT84MALT011000012345MTLCAST001SMALT0110"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        test_row("%s", good[i]);
        CHECK(iban_valid(bytes_of(good[i])));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        test_row("%s", bad[i]);
        CHECK(!iban_valid(bytes_of(bad[i])));
    }
}

static void keys(void **state)
{
    static const struct {
        const char *name, *agent, *account, *party, *want;
    } rows[] = {
        {"an IBAN alone", "DEUTDEFF", "DE89 3704 0044 0532 0130 00", "x", "DE89370400440532013000"},
        {"a number after its bank", "RCBCPHMM", "9013111141", "x", "RCBCPHMM/9013111141"},
        {"a name after its bank", "RCBCPHMM", "", " John   Smith\n", "RCBCPHMM/name:JOHN SMITH"},
        {"a name alone", "", "", "김정은 ltd", "name:김정은 LTD"},
        {"a number alone", "", "12-34", "", "12-34"},
        {"nobody", "RCBCPHMM", " ", "", ""},
    };
    struct arena *a = arena_new(NULL, 1 << 20);
    struct bytes key;
    char name[400];
    bool named;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row("%s", rows[i].name);
        key = bank_account_key(a, bytes_of(rows[i].agent), bytes_of(rows[i].account),
                               bytes_of(rows[i].party), &named);
        CHECK(bytes_equal(key, bytes_of(rows[i].want)));
    }
    test_row("a name too long is cut, and stays its own");
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = 0;
    key = bank_account_key(a, bytes_of(""), bytes_of(""), bytes_of(name), &named);
    CHECK_U(key.n, ACCOUNT_KEY_MAX);
    name[sizeof(name) - 2] = 'm';
    CHECK(
        !bytes_equal(key, bank_account_key(a, bytes_of(""), bytes_of(""), bytes_of(name), &named)));
    arena_free(a);
}

/* What a source gives, as lines: the day of each block, each leg, each change of currency. */
static char *shown(struct transfer_source *s)
{
    struct text t = text_new(1 << 20);
    struct transfer_block b;
    struct err err;
    char *ret;
    bool end;

    for (;;) {
        char day[TIME_DAY_MAX];

        CHECK_OK(s->next(s->self, &b, &end, &err), err);
        if (end)
            break;
        CHECK_U(b.height, HEIGHT_UNKNOWN);
        CHECK_U(b.grade, GRADE_STATED);
        text_printf(&t, "%s\n", time_day(b.time, day));
        for (size_t i = 0; i < b.txs_n; i++) {
            const struct fact_tx *tx = &b.txs[i];

            for (size_t k = 0; k < tx->transfers_n; k++) {
                const struct fact_transfer *f = &tx->transfers[k];
                char amount[U256_TEXT_MAX];

                CHECK_U(f->kind, TRANSFER_PAYMENT);
                CHECK_U(f->position, k);
                u256_to_text(f->amount, amount);
                text_printf(&t, "%s%.*s > %.*s %s %.*s\n", k ? "  " : "- ", (int)f->from.n,
                            (const char *)f->from.p, (int)f->to.n, (const char *)f->to.p, amount,
                            (int)f->asset.n, (const char *)f->asset.p);
            }
            for (size_t k = 0; k < tx->events_n; k++)
                text_printf(&t, "  swap %.*s %.*s\n", (int)tx->events[k].subject.n,
                            (const char *)tx->events[k].subject.p, (int)tx->events[k].data.n,
                            (const char *)tx->events[k].data.p);
        }
    }
    s->free(s->self);
    CHECK(text_string(&t));
    ret = strdup(text_string(&t));
    text_free(&t);
    return ret;
}

#define FILES_MAX 4

/* Files, NULL-ended, and what they say together. */
static void check_files(const char *const *texts, const char *map, const char *want)
{
    static const char *const names[FILES_MAX] = {"one", "two", "three", "four"};
    struct bank_file files[FILES_MAX];
    struct transfer_source s;
    struct err err;
    size_t n = 0;
    char *got;

    for (; n < FILES_MAX && texts[n]; n++)
        files[n] = (struct bank_file){names[n], bytes_of(texts[n])};
    CHECK_OK(bank_from(files, n, map, &s, &err), err);
    got = shown(&s);
    CHECK_S(got, want);
    free(got);
}

static void check_refused(const char *const *texts, const char *map, enum err_class class,
                          const char *words)
{
    static const char *const names[FILES_MAX] = {"one", "two", "three", "four"};
    struct bank_file files[FILES_MAX];
    struct transfer_source s;
    struct err err;
    size_t n = 0;

    for (; n < FILES_MAX && texts[n]; n++)
        files[n] = (struct bank_file){names[n], bytes_of(texts[n])};
    if (bank_from(files, n, map, &s, &err)) {
        s.free(s.self);
        test_failed(__FILE__, __LINE__, "it was taken");
    }
    CHECK_U(err.class, class);
    if (!strstr(err.text, words))
        test_failed(__FILE__, __LINE__, "\"%s\" has no \"%s\"", err.text, words);
}

/* Deutsche sends 995.00 of the 1000.00 ordered to Citi, which sends 985.00 on to RCBC. */
#define HEAD_ONE                                                                                   \
    "{1:F01DEUTDEFFAXXX0000000000}{2:I103CITIUS33XXXXN}{3:{108:MUR1}{121:" UETR "}}{4:\r\n"
#define BODY_ONE                                                                                   \
    ":20:REF-ONE\r\n"                                                                              \
    ":23B:CRED\r\n"                                                                                \
    ":32A:160204USD995,\r\n"                                                                       \
    ":33B:USD1000,\r\n"                                                                            \
    ":50K:/DE89370400440532013000\r\n"                                                             \
    "ACME GMBH\r\n"                                                                                \
    "FRANKFURT\r\n"                                                                                \
    ":57A:RCBCPHMM\r\n"                                                                            \
    ":59:/9013111141\r\n"                                                                          \
    "JOHN SMITH\r\n"                                                                               \
    ":70:/INV/1\r\n"                                                                               \
    ":71A:SHA\r\n"                                                                                 \
    ":71F:USD5,\r\n"
#define ONE HEAD_ONE BODY_ONE "-}"
/* the same message as Citi received it: output, its own address in block 1 */
#define ONE_RECEIVED                                                                               \
    "{1:F01CITIUS33AXXX0000000000}{2:O1031200160204DEUTDEFFAXXX00000000001602041201N}{3:{121:"     \
    "97ED4827-7B6F-4491-A06F-B548D5A7512D}}{4:\n" BODY_ONE "-}{5:{CHK:0123456789AB}}"
#define TWO                                                                                        \
    "{1:F01CITIUS33AXXX0000000000}{2:I103RCBCPHMMXXXXN}{3:{121:" UETR "}}{4:\r\n"                  \
    ":20:REF-TWO\r\n"                                                                              \
    ":23B:CRED\r\n"                                                                                \
    ":32A:160205USD985,\r\n"                                                                       \
    ":33B:USD1000,\r\n"                                                                            \
    ":50K:/DE89370400440532013000\r\n"                                                             \
    "ACME GMBH\r\n"                                                                                \
    ":52A:DEUTDEFF\r\n"                                                                            \
    ":59:/9013111141\r\n"                                                                          \
    "JOHN SMITH\r\n"                                                                               \
    ":71A:SHA\r\n"                                                                                 \
    ":71F:USD5,\r\n"                                                                               \
    ":71F:USD10,\r\n"                                                                              \
    "-}"
#define JOINED                                                                                     \
    "2016-02-05\n"                                                                                 \
    "- DE89370400440532013000 > DEUTDEFF/charges 500 USD\n"                                        \
    "  DE89370400440532013000 > " VIA_CITIUS33 " 99500 USD\n"                                      \
    "  " VIA_CITIUS33 " > CITIUS33/charges 1000 USD\n"                                             \
    "  " VIA_CITIUS33 " > RCBCPHMM/9013111141 98500 USD\n"

static void mt103_one(void **state)
{
    static const char want[] = "2016-02-04\n"
                               "- DE89370400440532013000 > DEUTDEFF/charges 500 USD\n"
                               "  DE89370400440532013000 > " VIA_CITIUS33 " 99500 USD\n"
                               "  " VIA_CITIUS33 " > RCBCPHMM/9013111141 99500 USD\n";

    check_files((const char *const[]){ONE, NULL}, NULL, want);
    test_row("as its receiver has it");
    check_files((const char *const[]){ONE_RECEIVED, NULL}, NULL, want);
    test_row("both count once");
    check_files((const char *const[]){ONE, ONE_RECEIVED, NULL}, NULL, want);
    test_row("both in one file");
    check_files((const char *const[]){ONE "\r\n$" ONE_RECEIVED "\n\n", NULL}, NULL, want);
}

static void mt103_joined(void **state)
{
    check_files((const char *const[]){ONE, TWO, NULL}, NULL, JOINED);
    test_row("in the other order");
    check_files((const char *const[]){TWO, ONE, NULL}, NULL, JOINED);
    test_row("the second alone: what came before it is in its charges");
    check_files((const char *const[]){TWO, NULL}, NULL, JOINED);
    test_row("of the same payment, in messages and in a table");
    check_files((const char *const[]){ONE, TWO,
                                      "uetr,time,from,to,to_bank,amount,currency\n" UETR
                                      ",2016-02-05,DE89370400440532013000,,CITIUS33,995,USD\n",
                                      NULL},
                NULL, JOINED);
}

/* The text with one part of it replaced, which is there. */
static char *replaced(const char *text, const char *part, const char *by)
{
    const char *at = strstr(text, part);
    size_t n = strlen(text) + strlen(by) + 1;
    char *ret = malloc(n);

    CHECK(at);
    CHECK(ret);
    snprintf(ret, n, "%.*s%s%s", (int)(at - text), text, by, at + strlen(part));
    return ret;
}

static void mt103_options(void **state)
{
    static const struct {
        const char *name, *part, *by, *from, *to;
    } rows[] = {
        {"50A: a BIC as a name", ":50K:/DE89370400440532013000\r\nACME GMBH\r\nFRANKFURT\r\n",
         ":50A:ACMEDEFF\r\n", "DEUTDEFF/name:ACMEDEFF", NULL},
        {"50F: account and name in two lines",
         ":50K:/DE89370400440532013000\r\nACME GMBH\r\nFRANKFURT\r\n",
         ":50F:/12345678\r\n1/ACME\r\n1/GMBH\r\n2/MAIN STREET\r\n3/DE/FRANKFURT\r\n",
         "DEUTDEFF/12345678", NULL},
        {"50F: another identifier", ":50K:/DE89370400440532013000\r\nACME GMBH\r\nFRANKFURT\r\n",
         ":50F:CUST/DE/DEUTDEFF/123\r\n1/ACME\r\n1/GMBH\r\n", "DEUTDEFF/name:ACME GMBH", NULL},
        {"50K: a name alone", ":50K:/DE89370400440532013000\r\n",
         ":50K:", "DEUTDEFF/name:ACME GMBH", NULL},
        {"59F", ":59:/9013111141\r\nJOHN SMITH\r\n", ":59F:/9013111141\r\n1/JOHN SMITH\r\n", NULL,
         "RCBCPHMM/9013111141"},
        {"59A", ":59:/9013111141\r\nJOHN SMITH\r\n", ":59A:/9013111141\r\nRCBCPHMM\r\n", NULL,
         "RCBCPHMM/9013111141"},
        {"57D: a name", ":57A:RCBCPHMM\r\n", ":57D:/C/123\r\nRizal Bank\r\nMANILA\r\n", NULL,
         "name:RIZAL BANK/9013111141"},
        {"57A: a clearing code before the BIC", ":57A:RCBCPHMM\r\n",
         ":57A://FW021000018\r\nRCBCPHMM\r\n", NULL, "RCBCPHMM/9013111141"},
        {"57C: a clearing code alone", ":57A:RCBCPHMM\r\n", ":57C://FW021000018\r\n", NULL,
         "clearing:FW021000018/9013111141"},
        {"branch", ":57A:RCBCPHMM\r\n", ":57A:RCBCPHMMJUP\r\n", NULL, "RCBCPHMMJUP/9013111141"},
        {"fields that are not read", ":70:/INV/1\r\n",
         ":13C:/SNDTIME/1200+0100\r\n:13C:/RNCTIME/1200+0100\r\n:70:a\r\n:77B:b\r\n", NULL, NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = replaced(ONE, rows[i].part, rows[i].by), want[1024];
        const char *from = rows[i].from ? rows[i].from : "DE89370400440532013000";

        test_row("%s", rows[i].name);
        snprintf(want, sizeof(want),
                 "2016-02-04\n- %s > DEUTDEFF/charges 500 USD\n"
                 "  %s > " VIA_CITIUS33 " 99500 USD\n"
                 "  " VIA_CITIUS33 " > %s 99500 USD\n",
                 from, from, rows[i].to ? rows[i].to : "RCBCPHMM/9013111141");
        check_files((const char *const[]){text, NULL}, NULL, want);
        free(text);
    }
}

/* Correspondents named in one message: those of sender and receiver, and an intermediary. */
static void mt103_correspondents(void **state)
{
    char *one = replaced(ONE, ":57A:", ":53A:CHASUS33\r\n:54A:IRVTUS3N\r\n:56A:BOFAUS3N\r\n:57A:");

    check_files((const char *const[]){one, NULL}, NULL,
                "2016-02-04\n"
                "- DE89370400440532013000 > DEUTDEFF/charges 500 USD\n"
                "  DE89370400440532013000 > " VIA_CHASUS33 " 99500 USD\n"
                "  " VIA_CHASUS33 " > " VIA_IRVTUS3N " 99500 USD\n"
                "  " VIA_IRVTUS3N " > " VIA_CITIUS33 " 99500 USD\n"
                "  " VIA_CITIUS33 " > " VIA_BOFAUS3N " 99500 USD\n"
                "  " VIA_BOFAUS3N " > RCBCPHMM/9013111141 99500 USD\n");
    test_row("another message knows of the intermediary");
    check_files((const char *const[]){ONE, one, NULL}, NULL,
                "2016-02-04\n"
                "- DE89370400440532013000 > DEUTDEFF/charges 500 USD\n"
                "  DE89370400440532013000 > " VIA_CHASUS33 " 99500 USD\n"
                "  " VIA_CHASUS33 " > " VIA_IRVTUS3N " 99500 USD\n"
                "  " VIA_IRVTUS3N " > " VIA_CITIUS33 " 99500 USD\n"
                "  " VIA_CITIUS33 " > " VIA_BOFAUS3N " 99500 USD\n"
                "  " VIA_BOFAUS3N " > RCBCPHMM/9013111141 99500 USD\n");
    free(one);
}

/* Without a UETR a payment is the sender's reference and day: two hops are two payments. */
static void mt103_reference(void **state)
{
    char *one = replaced(ONE, "{121:" UETR "}", "");

    check_files(
        (const char *const[]){one, one, NULL}, NULL,
        "2016-02-04\n"
        "- DE89370400440532013000 > DEUTDEFF/charges 500 USD\n"
        "  DE89370400440532013000 > CITIUS33/transit/DEUTDEFF/REF-ONE/2016-02-04 99500 USD\n"
        "  CITIUS33/transit/DEUTDEFF/REF-ONE/2016-02-04 > RCBCPHMM/9013111141 99500 USD\n");
    free(one);
}

/* Ordered in euro, sent in dollars: the debtor's bank changes it. */
static void mt103_exchanged(void **state)
{
    char *one = replaced(ONE, ":33B:USD1000,", ":33B:EUR900,\r\n:36:1,11");
    char *plain = replaced(one, ":71F:USD5,\r\n", "");

    check_files((const char *const[]){plain, NULL}, NULL,
                "2016-02-04\n"
                "- DE89370400440532013000 > " VIA_DEUTDEFF " 90000 EUR\n"
                "  " VIA_DEUTDEFF " > " VIA_CITIUS33 " 99500 USD\n"
                "  " VIA_CITIUS33 " > RCBCPHMM/9013111141 99500 USD\n"
                "  swap " VIA_DEUTDEFF " 90000 99500\n");
    free(plain);
    free(one);
}

static void mt103_return(void **state)
{
    char *back = replaced(TWO, "{1:F01CITIUS33AXXX0000000000}{2:I103RCBCPHMMXXXXN}",
                          "{1:F01RCBCPHMMAXXX0000000000}{2:I103CITIUS33XXXXN}");
    char *cut = replaced(back, ":52A:DEUTDEFF\r\n", ":57A:DEUTDEFF\r\n");
    char *day = replaced(cut, "160205USD985,", "160217USD985,");
    char *plain = replaced(day, ":71F:USD5,\r\n:71F:USD10,\r\n", ":72:/RETN/99\r\n/AC04/\r\n");

    check_files((const char *const[]){ONE, TWO, plain, NULL}, NULL,
                "2016-02-05\n"
                "- DE89370400440532013000 > DEUTDEFF/charges 500 USD\n"
                "  DE89370400440532013000 > " VIA_CITIUS33 " 99500 USD\n"
                "  " VIA_CITIUS33 " > CITIUS33/charges 1000 USD\n"
                "  " VIA_CITIUS33 " > " VIA_RCBCPHMM " 98500 USD\n"
                "2016-02-17\n"
                "- " VIA_RCBCPHMM " > " VIA_CITIUS33 " 98500 USD\n"
                "  " VIA_CITIUS33 " > DE89370400440532013000 98500 USD\n");
    free(plain);
    free(day);
    free(cut);
    free(back);
}

static void mt103_refused(void **state)
{
    static const struct {
        const char *name, *part, *by, *words;
    } rows[] = {
        {"another type", "I103", "I202", "message type 202"},
        {"no sender's address", "DEUTDEFFAXXX", "DEUT", "not a BIC"},
        {"no reference", ":20:REF-ONE\r\n", "", "field 20 is missing"},
        {"no beneficiary", ":59:/9013111141\r\nJOHN SMITH\r\n", "", "field 59a is missing"},
        {"no charges code", ":71A:SHA\r\n", "", "field 71A is missing"},
        {"a field twice", ":23B:CRED\r\n", ":23B:CRED\r\n:23B:CRED\r\n",
         "field 23B is there twice"},
        {"an empty field", ":20:REF-ONE", ":20:", "field 20 is empty"},
        {"an option that is none", ":50K:", ":50B:", "field 50B"},
        {"no such day", "160204USD995,", "160230USD995,", "160230"},
        {"a date that is none", "160204USD995,", "16-2-4USD995,", "field 32A"},
        {"no comma", "USD995,", "USD995", "field 32A"},
        {"a point", "USD995,", "USD995.00", "field 32A"},
        {"too many digits", "USD995,", "USD995,001", "more than the 2 digits of USD"},
        {"no such currency", "USD995,", "USX995,", "USX"},
        {"charges that do not fit", ":71F:USD5,", ":71F:USD6,", "1000.00 USD instructed"},
        {"a bad UETR", UETR, "97ed4827-7b6f-1491-a06f-b548d5a7512d", "UETR"},
        {"a bad BIC", ":57A:RCBCPHMM", ":57A:RCBC", "not a BIC"},
        {"sent to itself", "I103CITIUS33", "I103DEUTDEFF", "sends it"},
        {"text before the first field", ":20:REF-ONE", "20:REF-ONE", "begins with no field"},
        {"a block that does not end", "}}{4:", "}{4:", "block 3 does not end"},
        {"no block 2", "{2:I103CITIUS33XXXXN}", "", "block 2 is missing"},
        {"words between", "{2:I", "xx{2:I", "is wanted"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = replaced(ONE, rows[i].part, rows[i].by);

        test_row("%s", rows[i].name);
        check_refused((const char *const[]){text, NULL}, NULL, ERR_INPUT, rows[i].words);
        check_refused((const char *const[]){text, NULL}, NULL, ERR_INPUT, "one: message 1: ");
        free(text);
    }
}

static void contradictions(void **state)
{
    static const struct {
        const char *name, *part, *by, *words;
    } rows[] = {
        {"another amount of one stretch", "160204USD995,", "160204USD994,",
         "one: message 1 and two: message 1 contradict each other: 995.00 USD, 994.00 USD"},
        {"another debtor", "DE89370400440532013000", "DE75512108001245126199", "another debtor"},
        {"another creditor", "/9013111141", "/9013111142", "another creditor"},
    };
    char *more;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = replaced(ONE, rows[i].part, rows[i].by);

        test_row("%s", rows[i].name);
        check_refused((const char *const[]){ONE, text, NULL}, NULL, ERR_INPUT, rows[i].words);
        free(text);
    }
    test_row("more goes on than came");
    more = replaced(TWO, "160205USD985,", "160205USD996,");
    check_refused((const char *const[]){ONE, more, NULL}, NULL, ERR_INPUT,
                  "one: message 1 and two: message 1 contradict each other: 995.00 USD, 996.00");
    free(more);
    test_row("banks in another order");
    {
        char *x = replaced(ONE, ":57A:", ":54A:IRVTUS3N\r\n:56A:BOFAUS3N\r\n:57A:");
        char *y = replaced(ONE, ":57A:", ":54A:BOFAUS3N\r\n:56A:IRVTUS3N\r\n:57A:");

        check_refused((const char *const[]){x, y, NULL}, NULL, ERR_INPUT, "another order");
        free(y);
        free(x);
    }
    test_row("a table says otherwise");
    check_refused((const char *const[]){ONE,
                                        "uetr,time,from,to_bank,amount,currency\n" UETR
                                        ",2016-02-05,DE89370400440532013000,CITIUS33,994,USD\n",
                                        NULL},
                  NULL, ERR_INPUT, "two: line 2");
}

#define URN "urn:iso:std:iso:20022:tech:xsd:"
#define AGENT(element, bic)                                                                        \
    "<" element "><FinInstnId><BICFI>" bic "</BICFI></FinInstnId></" element ">"
#define PACS_HEAD                                                                                  \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                 \
    "<Document xmlns=\"" URN "pacs.008.001.08\">\n"                                                \
    "<FIToFICstmrCdtTrf><GrpHdr><MsgId>M1</MsgId><CreDtTm>2016-02-04T10:00:00Z</CreDtTm>"          \
    "<NbOfTxs>1</NbOfTxs>"                                                                         \
    "<TtlIntrBkSttlmAmt Ccy=\"USD\">995.00</TtlIntrBkSttlmAmt>"                                    \
    "<SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf></GrpHdr>\n"
#define PACS_TX                                                                                    \
    "<CdtTrfTxInf><PmtId><InstrId>I1</InstrId><EndToEndId>E1</EndToEndId><TxId>T1</TxId>"          \
    "<UETR>" UETR "</UETR></PmtId>"                                                                \
    "<IntrBkSttlmAmt Ccy=\"USD\">995.00</IntrBkSttlmAmt>"                                          \
    "<IntrBkSttlmDt>2016-02-04</IntrBkSttlmDt><InstdAmt Ccy=\"USD\">1000</InstdAmt>"               \
    "<ChrgBr>SHAR</ChrgBr><ChrgsInf><Amt Ccy=\"USD\">5.00</Amt>" AGENT(                            \
        "Agt", "DEUTDEFFXXX") "</ChrgsInf>" AGENT("InstgAgt", "DEUTDEFFXXX")                       \
        AGENT("InstdAgt",                                                                          \
              "CITIUS33") "<Dbtr><Nm>ACME GmbH</Nm></Dbtr>"                                        \
                          "<DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></"               \
                          "DbtrAcct>" AGENT("DbtrAgt", "DEUTDEFF") AGENT(                          \
                              "CdtrAgt",                                                           \
                              "RCBCPHMM") "<Cdtr><Nm>John Smith</Nm></Cdtr>"                       \
                                          "<CdtrAcct><Id><Othr><Id>9013111141</Id></Othr></Id></"  \
                                          "CdtrAcct>"                                              \
                                          "<RmtInf><Ustrd>anything</Ustrd></RmtInf></CdtTrfTxInf>"
#define PACS_END "</FIToFICstmrCdtTrf></Document>"
#define PACS PACS_HEAD PACS_TX PACS_END
#define PACS_WANT                                                                                  \
    "2016-02-04\n"                                                                                 \
    "- DE89370400440532013000 > DEUTDEFF/charges 500 USD\n"                                        \
    "  DE89370400440532013000 > " VIA_CITIUS33 " 99500 USD\n"                                      \
    "  " VIA_CITIUS33 " > RCBCPHMM/9013111141 99500 USD\n"

static void pacs_versions(void **state)
{
    for (unsigned version = 0; version <= 20; version++) {
        char urn[32], *text;

        snprintf(urn, sizeof(urn), "pacs.008.001.%02u", version);
        test_row("%s", urn);
        text = replaced(PACS, "pacs.008.001.08", urn);
        if (version >= 2 && version <= 13)
            check_files((const char *const[]){text, NULL}, NULL, PACS_WANT);
        else
            check_refused((const char *const[]){text, NULL}, NULL, ERR_INPUT, urn);
        free(text);
    }
}

/* The same payment by SWIFT's and by ISO's messages. */
static void pacs_with_mt103(void **state)
{
    check_files((const char *const[]){PACS, ONE, NULL}, NULL, PACS_WANT);
    check_files((const char *const[]){PACS, TWO, NULL}, NULL, JOINED);
    check_files((const char *const[]){TWO, PACS, NULL}, NULL, JOINED);
}

static void pacs_forms(void **state)
{
    static const struct {
        const char *name, *part, *by;
    } rows[] = {
        {"as it is", "<MsgId>", "<MsgId>"},
        {"in an envelope, with a header before it", "<Document",
         "<Envelope xmlns=\"urn:x\"><AppHdr xmlns=\"" URN "head.001.001.02\"><Fr>x</Fr></AppHdr>"
         "<Document"},
        {"date and agents in the header", "<SttlmInf>",
         "<IntrBkSttlmDt>2016-02-04</IntrBkSttlmDt><SttlmInf>"},
        {"an escape and white space in a name", "ACME GmbH", " ACME &amp;\n GmbH "},
        {"the older name of a bank's code", "<BICFI>CITIUS33</BICFI>", "<BIC>CITIUS33</BIC>"},
        {"supplementary data", "<RmtInf>",
         "<SplmtryData><Envlp><CdtTrfTxInf/><IBAN>x</IBAN></Envlp></SplmtryData><RmtInf>"},
        {"charges of nothing", "<ChrgsInf>",
         "<ChrgsInf><Amt Ccy=\"USD\">0</Amt>" AGENT("Agt", "CITIUS33") "</ChrgsInf><ChrgsInf>"},
        {"no previous agent is a bank of its own", "<InstgAgt>",
         AGENT("PrvsInstgAgt1", "DEUTDEFF") "<InstgAgt>"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = replaced(PACS, rows[i].part, rows[i].by);
        char *whole = strstr(text, "<Envelope")
                          ? replaced(text, "</Document>", "</Document></Envelope>")
                          : replaced(text, "<MsgId>", "<MsgId>");

        test_row("%s", rows[i].name);
        check_files((const char *const[]){whole, NULL}, NULL, PACS_WANT);
        free(whole);
        free(text);
    }
    test_row("UTF-16");
    {
        char wide[2 * sizeof(PACS) + 8];
        struct bank_file f = {"wide", {(const uint8_t *)wide, 0}};
        struct transfer_source s;
        struct err err;
        char *plain = replaced(PACS, "UTF-8", "UTF-16"), *got;

        memcpy(wide, "\xff\xfe", 2);
        for (size_t i = 0; i < strlen(plain); i++) {
            wide[2 + 2 * i] = plain[i];
            wide[3 + 2 * i] = 0;
        }
        f.in.n = 2 + 2 * strlen(plain);
        CHECK_OK(bank_from(&f, 1, NULL, &s, &err), err);
        got = shown(&s);
        CHECK_S(got, PACS_WANT);
        free(got);
        free(plain);
    }
}

/* Two transactions in one message, one of them without a UETR; a clearing member, and names. */
static void pacs_several(void **state)
{
    static const char two[] =
        "<CdtTrfTxInf><PmtId><EndToEndId>NOTPROVIDED</EndToEndId><TxId>T2</TxId></"
        "PmtId><IntrBkSttlmAmt "
        "Ccy=\"JPY\">1000</IntrBkSttlmAmt><IntrBkSttlmDt>2016-02-03</"
        "IntrBkSttlmDt><ChrgBr>DEBT</ChrgBr><ChrgsInf><Amt Ccy=\"JPY\">7</Amt>" AGENT(
            "Agt", "BOTKJPJT") "</"
                               "ChrgsInf><IntrmyAgt1><FinInstnId><ClrSysMmbId><ClrSysId><"
                               "Cd>USABA</Cd></ClrSysId><MmbId>021000018</MmbId></"
                               "ClrSysMmbId></FinInstnId></IntrmyAgt1><Dbtr><Nm>Tanaka</"
                               "Nm></Dbtr>" AGENT("DbtrAgt",
                                                  "BOTKJPJT") "<CdtrAgt><FinInstnId><Nm>"
                                                              "Some "
                                                              "Bank</Nm></FinInstnId></"
                                                              "CdtrAgt><Cdtr><Nm>Suzuki</"
                                                              "Nm></Cdtr></CdtTrfTxInf>";
    char *head = replaced(PACS_HEAD PACS_TX, "<NbOfTxs>1", "<NbOfTxs>2");
    char *plain = replaced(head, "<TtlIntrBkSttlmAmt Ccy=\"USD\">995.00</TtlIntrBkSttlmAmt>", "");
    size_t n = strlen(plain) + sizeof(two) + sizeof(PACS_END);
    char *text = malloc(n);

    CHECK(text);
    snprintf(text, n, "%s%s%s", plain, two, PACS_END);
    check_files((const char *const[]){text, NULL}, NULL,
                "2016-02-03\n"
                "- BOTKJPJT/name:TANAKA > clearing:USABA021000018/transit/BOTKJPJT/T2/2016-02-03 "
                "1000 JPY\n"
                "  clearing:USABA021000018/transit/BOTKJPJT/T2/2016-02-03 > name:SOME "
                "BANK/name:SUZUKI 1000 JPY\n" PACS_WANT);
    free(text);
    free(plain);
    free(head);
}

#define PACS_BACK                                                                                  \
    "<Document xmlns=\"" URN "pacs.004.001.09\"><PmtRtr><GrpHdr><MsgId>R1</MsgId>"                 \
    "<CreDtTm>2016-02-17T10:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs>"                                  \
    "<SttlmInf><SttlmMtd>INDA</SttlmMtd></SttlmInf></GrpHdr>"                                      \
    "<TxInf><RtrId>R1</RtrId><OrgnlUETR>" UETR "</OrgnlUETR>"                                      \
    "<RtrdIntrBkSttlmAmt Ccy=\"USD\">990</RtrdIntrBkSttlmAmt>"                                     \
    "<IntrBkSttlmDt>2016-02-17</IntrBkSttlmDt>"                                                    \
    "<ChrgsInf><Amt Ccy=\"USD\">5</Amt>" AGENT("Agt", "RCBCPHMM") "</ChrgsInf>" AGENT("InstgAgt",  \
                                                                                      "RCBCPHMM")  \
        AGENT("InstdAgt", "CITIUS33") "<OrgnlTxRef><IntrBkSttlmAmt "                               \
                                      "Ccy=\"USD\">995</IntrBkSttlmAmt></OrgnlTxRef>"              \
                                      "</TxInf></PmtRtr></Document>"

static const char part_want[] = "2016-02-04\n"
                                "- DE89370400440532013000 > DEUTDEFF/charges 500 USD\n"
                                "  DE89370400440532013000 > " VIA_CITIUS33 " 99500 USD\n"
                                "  " VIA_CITIUS33 " > " VIA_RCBCPHMM " 99500 USD\n"
                                "  " VIA_RCBCPHMM " > RCBCPHMM/9013111141 59000 USD\n"
                                "2016-02-17\n"
                                "- " VIA_RCBCPHMM " > RCBCPHMM/charges 500 USD\n"
                                "  " VIA_RCBCPHMM " > " VIA_CITIUS33 " 40000 USD\n"
                                "  " VIA_CITIUS33 " > DE89370400440532013000 40000 USD\n";
static const char citi_want[] = "2016-02-04\n"
                                "- DE89370400440532013000 > DEUTDEFF/charges 500 USD\n"
                                "  DE89370400440532013000 > " VIA_CITIUS33 " 99500 USD\n"
                                "2016-02-17\n"
                                "- " VIA_CITIUS33 " > CITIUS33/charges 500 USD\n"
                                "  " VIA_CITIUS33 " > DE89370400440532013000 99000 USD\n";
static const char back_want[] = "2016-02-17\n"
                                "- " VIA_RCBCPHMM " > RCBCPHMM/charges 500 USD\n"
                                "  " VIA_RCBCPHMM " > " VIA_CITIUS33 " 99000 USD\n";

/* RCBC returns what it was to credit, less charges; Citi does so instead. */
static void pacs_return(void **state)
{
    static const char want[] = "2016-02-04\n"
                               "- DE89370400440532013000 > DEUTDEFF/charges 500 USD\n"
                               "  DE89370400440532013000 > " VIA_CITIUS33 " 99500 USD\n"
                               "  " VIA_CITIUS33 " > " VIA_RCBCPHMM " 99500 USD\n"
                               "2016-02-17\n"
                               "- " VIA_RCBCPHMM " > RCBCPHMM/charges 500 USD\n"
                               "  " VIA_RCBCPHMM " > " VIA_CITIUS33 " 99000 USD\n"
                               "  " VIA_CITIUS33 " > DE89370400440532013000 99000 USD\n";
    char *part = replaced(PACS_BACK, "\"USD\">990<", "\"USD\">400<");
    char *from = replaced(PACS_BACK, AGENT("InstgAgt", "RCBCPHMM"), AGENT("InstgAgt", "CITIUS33"));
    char *to = replaced(from, AGENT("InstdAgt", "CITIUS33"), AGENT("InstdAgt", "DEUTDEFF"));
    char *citi = replaced(to, AGENT("Agt", "RCBCPHMM"), AGENT("Agt", "CITIUS33"));
    char *much = replaced(PACS_BACK, "\"USD\">990<", "\"USD\">991<");
    char *other = replaced(from, "CITIUS33", "CHASUS33");

    check_files((const char *const[]){PACS, PACS_BACK, NULL}, NULL, want);
    test_row("in the other order");
    check_files((const char *const[]){PACS_BACK, PACS, NULL}, NULL, want);
    test_row("a part of it");
    check_files((const char *const[]){PACS, part, NULL}, NULL, part_want);
    test_row("the correspondent stopped it");
    check_files((const char *const[]){PACS, citi, NULL}, NULL, citi_want);
    test_row("the payment itself is not there");
    check_files((const char *const[]){PACS_BACK, NULL}, NULL, back_want);
    test_row("more than was paid");
    check_refused((const char *const[]){PACS, much, NULL}, NULL, ERR_INPUT, "996.00 USD");
    test_row("by a bank that did not have it");
    check_refused((const char *const[]){PACS, other, NULL}, NULL, ERR_INPUT, "did not have it");
    free(other);
    free(much);
    free(citi);
    free(to);
    free(from);
    free(part);
}

static void pacs_refused(void **state)
{
    static const struct {
        const char *name, *part, *by, *words;
        enum err_class class;
    } rows[] = {
        {"a document type", "<Document", "<!DOCTYPE Document [<!ENTITY a \"b\">]><Document",
         "document type declaration", ERR_INPUT},
        {"an outer document type", "<Document",
         "<!DOCTYPE Document SYSTEM \"file:///etc/x\"><Document", "document type declaration",
         ERR_INPUT},
        {"an entity of nobody", "ACME GmbH", "&acme;", "undefined entity", ERR_INPUT},
        {"not well-formed", "</DbtrAcct>", "</DbtrAct>", "mismatched tag", ERR_INPUT},
        {"another message", "pacs.008.001.08", "pacs.009.001.08", "pacs.009.001.08", ERR_INPUT},
        {"another element", "FIToFICstmrCdtTrf>", "FICdtTrf>", "not of this message", ERR_INPUT},
        {"one transaction fewer than told", "<NbOfTxs>1", "<NbOfTxs>2", "tells of 2", ERR_INPUT},
        {"another total", ">995.00</TtlIntr", ">996.00</TtlIntr", "996.00 USD in all", ERR_INPUT},
        {"no currency", "<IntrBkSttlmAmt Ccy=\"USD\">", "<IntrBkSttlmAmt>", "not a currency",
         ERR_INPUT},
        {"digits", ">995.00</IntrBk", ">995.001</IntrBk", "more than the 2 digits", ERR_INPUT},
        {"no amount", "<IntrBkSttlmAmt Ccy=\"USD\">995.00</IntrBkSttlmAmt>", "",
         "no settled amount", ERR_INPUT},
        {"no date", "<IntrBkSttlmDt>2016-02-04</IntrBkSttlmDt>", "", "no value date", ERR_INPUT},
        {"a bad IBAN", "DE89370400440532013000", "DE88370400440532013000", "not an IBAN",
         ERR_INPUT},
        {"a bad UETR", UETR, "x", "not a UETR", ERR_INPUT},
        {"a bad BIC", ">CITIUS33<", ">CITI<", "not a BIC", ERR_INPUT},
        {"nobody is paid",
         "<Cdtr><Nm>John Smith</Nm></Cdtr><CdtrAcct><Id><Othr><Id>9013111141</Id></Othr>",
         "<CdtrAcct><Id><Othr><Id></Id></Othr>", "of creditor", ERR_INPUT},
        {"nothing identifies it",
         "<InstrId>I1</InstrId><EndToEndId>E1</EndToEndId><TxId>T1</TxId><UETR>" UETR "</UETR>",
         "<EndToEndId>NOTPROVIDED</EndToEndId>", "nothing identifies it", ERR_INPUT},
    };
    struct text deep = text_new(1 << 16);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *text = replaced(PACS, rows[i].part, rows[i].by);
        char *whole = strcmp(rows[i].name, "another element")
                          ? replaced(text, "<MsgId>", "<MsgId>")
                          : replaced(text, "/FIToFICstmrCdtTrf>", "/FICdtTrf>");

        test_row("%s", rows[i].name);
        check_refused((const char *const[]){whole, NULL}, NULL, rows[i].class, rows[i].words);
        free(whole);
        free(text);
    }
    test_row("too deep");
    for (int i = 0; i < PACS_DEPTH_MAX + 1; i++)
        text_str(&deep, "<a>");
    check_refused((const char *const[]){text_string(&deep), NULL}, NULL, ERR_LIMIT, "deeper");
    text_free(&deep);
    test_row("no payment in it");
    check_refused((const char *const[]){"<a/>", NULL}, NULL, ERR_INPUT, "no payment message");
}

#define ROWS_HEAD                                                                                  \
    "time,from_bank,from,from_name,to_bank,to,to_name,amount,currency,payment,leg,kind\n"

static void tables(void **state)
{
    static const struct {
        const char *name, *map, *text, *want;
    } rows[] = {
        {"legs through a correspondent, charges, in order of their numbers", NULL,
         ROWS_HEAD "2016-02-05,CITIUS33,,,RCBCPHMM,123,,985,USD,A,3,\n"
                   "2016-02-04,DEUTDEFF,12,,CITIUS33,,,995,USD,A,1,payment\n"
                   "2016-02-04,CITIUS33,,,,,,10,USD,A,2,charges\n",
         "2016-02-05\n"
         "- DEUTDEFF/12 > CITIUS33/transit/A 99500 USD\n"
         "  CITIUS33/transit/A > CITIUS33/charges 1000 USD\n"
         "  CITIUS33/transit/A > RCBCPHMM/123 98500 USD\n"},
        {"one that is stopped, and comes back", NULL,
         ROWS_HEAD "2016-02-04,DEUTDEFF,12,,CITIUS33,,,995,USD,A,,\n"
                   "2016-02-17,CITIUS33,,,DEUTDEFF,12,,995,USD,A,,return\n",
         "2016-02-04\n"
         "- DEUTDEFF/12 > CITIUS33/transit/A 99500 USD\n"
         "2016-02-17\n"
         "- CITIUS33/transit/A > DEUTDEFF/12 99500 USD\n"},
        {"a leg that is seen twice counts once", NULL,
         ROWS_HEAD "2016-02-04,,12,,,34,,995,USD,A,,\n"
                   "2016-02-04,,12,,,34,,995,USD,A,,\n",
         "2016-02-04\n- 12 > 34 99500 USD\n"},
        {"but not where legs have numbers, or are payments of their own", NULL,
         ROWS_HEAD "2016-02-04,,12,,,34,,995,USD,A,1,\n"
                   "2016-02-04,,12,,,34,,995,USD,A,2,\n"
                   "2016-02-04,,12,,,34,,995,USD,,,\n"
                   "2016-02-04,,12,,,34,,995,USD,,,\n",
         "2016-02-04\n- 12 > 34 99500 USD\n  12 > 34 99500 USD\n- 12 > 34 99500 USD\n"
         "- 12 > 34 99500 USD\n"},
        {"times of one day in order, then as in the file", NULL,
         ROWS_HEAD "2016-02-04T10:00:00,,1,,,2,,1,USD,,,\n"
                   "2016-02-04T09:00:00,,2,,,3,,1,USD,,,\n"
                   "2016-02-04T09:00:00,,1,,,3,,2,USD,,,\n",
         "2016-02-04\n- 2 > 3 100 USD\n- 1 > 3 200 USD\n2016-02-04\n- 1 > 2 100 USD\n"},
        {"a map", "time=Value date,from=Debtor,\"to=Creditor, account\",amount=Sum,currency:EUR",
         "Debtor,\"Creditor, account\",Sum,Value date,Other\n"
         "1,2,12.5,2020-01-01,x\n\n",
         "2020-01-01\n- 1 > 2 1250 EUR\n"},
        {"decimal commas and semicolons", "\"decimal:,\",separator:;",
         "time;from;to_name;amount;currency\n2020-01-01;1;\"a;\"\"b\"\"\";12,5;KWD\n",
         "2020-01-01\n- 1 > name:A;\"B\" 12500 KWD\n"},
        {"references of a bank and day are one payment", NULL,
         "time,from_bank,from,to,amount,currency,reference\n"
         "2020-01-01,DEUTDEFF,1,2,1,EUR,R\n2020-01-01,DEUTDEFF,1,3,1,EUR,R\n"
         "2020-01-02,DEUTDEFF,1,4,1,EUR,R\n",
         "2020-01-01\n- DEUTDEFF/1 > 2 100 EUR\n  DEUTDEFF/1 > 3 100 EUR\n"
         "2020-01-02\n- DEUTDEFF/1 > 4 100 EUR\n"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row("%s", rows[i].name);
        check_files((const char *const[]){rows[i].text, NULL}, rows[i].map, rows[i].want);
    }
}

static void tables_refused(void **state)
{
    static const struct {
        const char *name, *map, *text, *words;
        enum err_class class;
    } rows[] = {
        {"empty", NULL, "", "empty", ERR_INPUT},
        {"no amount", NULL, "time,from,to,currency\n", "no column \"amount\"", ERR_INPUT},
        {"a column that is not there", "time=Day", "time,from,to,amount,currency\n", "\"Day\"",
         ERR_INPUT},
        {"a map with an unknown field", "tim=Day", "x\n", "tim=Day", ERR_USAGE},
        {"a map with a field twice", "time=a,time=b", "x\n", "twice", ERR_USAGE},
        {"a map with an empty name", "time=", "x\n", "time=", ERR_USAGE},
        {"a separator of two", "separator:ab", "x\n", "one character", ERR_USAGE},
        {"a bad map", "time=\"a", "x\n", "map of columns", ERR_USAGE},
        {"a row cut short", NULL, "time,from,to,amount,currency\n2020-01-01,1,2,3\n", "line 2",
         ERR_INPUT},
        {"nobody pays", NULL, "time,from,to,amount,currency\n2020-01-01,,2,3,EUR\n", "who pays",
         ERR_INPUT},
        {"nobody is paid", NULL, "time,from,to,amount,currency\n2020-01-01,1,,3,EUR\n", "is paid",
         ERR_INPUT},
        {"a bad amount", NULL, "time,from,to,amount,currency\n2020-01-01,1,2,\"3,00\",EUR\n",
         "one: line 2: \"3,00\"", ERR_INPUT},
        {"a bad kind", NULL, "time,from,to,amount,currency,kind\n2020-01-01,1,2,3,EUR,x\n",
         "kind \"x\"", ERR_INPUT},
        {"a bad leg", NULL, "time,from,to,amount,currency,leg\n2020-01-01,1,2,3,EUR,x\n",
         "leg \"x\"", ERR_INPUT},
        {"rows that contradict each other", NULL,
         ROWS_HEAD "2016-02-04,,12,,,34,,995,USD,A,,\n2016-02-04,,12,,,34,,994,USD,A,,\n",
         "one: line 2 and one: line 3", ERR_INPUT},
        {"not UTF-8", NULL, "time,from,to,amount,currency\n2020-01-01,\xff,2,3,EUR\n", "UTF-8",
         ERR_INPUT},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row("%s", rows[i].name);
        check_refused((const char *const[]){rows[i].text, NULL}, rows[i].map, rows[i].class,
                      rows[i].words);
    }
}

/* SHA-256 by sha256sum of the lines as book.h has them. */
static void hashes(void **state)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        {"a UETR", ONE, "41f760803d94028231ed1b95d5b93405274b643b0d6f0477a82cf16a0d5b60ff"},
        {"a name", ROWS_HEAD "2016-02-04,,12,,,34,,995,USD,A,,\n",
         "24f0b91dcd5b9dfaeb209e06e93753a608428b83de593841bd6ab4c2cdea4ed7"},
        {"its return", ROWS_HEAD "2016-02-04,,12,,,34,,995,USD,A,,return\n",
         "9eb61a3fe3707cab3591303d378c41f50c7f29bb8b102f3007e1ff567f3f72d0"},
        {"a reference",
         "time,from_bank,from,to,amount,currency,reference\n"
         "2020-01-01,DEUTDEFF,1,2,1,EUR,R\n",
         "1cc203afacaea1396fd48286e7ed704cd142dad18bd59cd35d41ba6aadbd66b7"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bank_file f = {"one", bytes_of(rows[i].text)};
        struct text hex = text_new(128);
        struct transfer_source s;
        struct transfer_block b;
        struct err err;
        bool end;

        test_row("%s", rows[i].name);
        CHECK_OK(bank_from(&f, 1, NULL, &s, &err), err);
        CHECK_OK(s.next(s.self, &b, &end, &err), err);
        text_hex(&hex, b.txs[0].hash.b, 32);
        CHECK_S(text_string(&hex), rows[i].want);
        text_free(&hex);
        s.free(s.self);
    }
}

static bool read_whole(struct bytes in, void *ctx)
{
    struct bank_file f = {"cut", in};
    struct transfer_source s;
    struct err err;

    if (!bank_from(&f, 1, NULL, &s, &err))
        return false;
    s.free(s.self);
    return true;
}

static void truncated(void **state)
{
    test_truncations(bytes_of(ONE), read_whole, NULL);
    test_truncations(bytes_of(PACS), read_whole, NULL);
    test_truncations(bytes_of(PACS_BACK), read_whole, NULL);
}

static bool read_all(void *ctx)
{
    struct bank_file files[] = {
        {"one", bytes_of(ONE)},
        {"two", bytes_of(PACS)},
        {"three", bytes_of(PACS_BACK)},
        {"four", bytes_of(ROWS_HEAD "2016-02-04,,12,\"a\"\"b\",CITIUS33,,,995,USD,A,,\n2016-02-04,,"
                                    "12,,,34,,995,USD,,,\n")}};
    struct transfer_source s;
    struct err err;

    if (!bank_from(files, 4, NULL, &s, &err)) {
        CHECK_U(err.class, ERR_NOMEM);
        return false;
    }
    s.free(s.self);
    return true;
}

static void no_memory(void **state)
{
    test_failed_allocations(read_all, NULL);
}

static void files(void **state)
{
    char *dir = test_dir(), path[512], other[512], packed[2 * sizeof(PACS)];
    const char *paths[2] = {path, other};
    const struct chain *chain = chain_by_name("bank:test");
    struct transfer_source s;
    struct err err;
    size_t n;
    char *got;

    snprintf(path, sizeof(path), "%s/one.fin", dir);
    snprintf(other, sizeof(other), "%s/two.xml", dir);
    test_write(path, TWO, strlen(TWO));
    CHECK(!bank_open(paths, 2, NULL, chain, &s, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    n = ZSTD_compress(packed, sizeof(packed), PACS, strlen(PACS), 1);
    CHECK(!ZSTD_isError(n));
    test_write(other, packed, n);
    CHECK_OK(bank_open(paths, 2, NULL, chain, &s, &err), err);
    got = shown(&s);
    CHECK_S(got, JOINED);
    free(got);
    CHECK(!bank_open(paths, 2, NULL, chain_by_name("bitcoin"), &s, &err));
    CHECK_U(err.class, ERR_USAGE);
}

/* The worked example of 2016: nobody but the bank robbed, and cash, pays what never came; and what
 * came back to it is what its page says: 20,000,000 stopped, 68,000 and 14,980,000 recovered. */
#define EXAMPLE_PARTIES_MAX 64

struct party_sum {
    char key[ACCOUNT_KEY_MAX + 1];
    uint64_t in, out;
};

static struct party_sum *party_of(struct party_sum *parties, struct bytes key)
{
    size_t i = 0;

    while (parties[i].key[0] && !bytes_equal(bytes_of(parties[i].key), key))
        i++;
    CHECK(i < EXAMPLE_PARTIES_MAX - 1);
    memcpy(parties[i].key, key.p, key.n);
    return &parties[i];
}

static void example(void **state)
{
    const char *path = CORDON_SOURCE "/examples/bangladesh-2016/payments.csv";
    struct bytes bank = bytes_of("FRNYUS33/name:BANGLADESH BANK"), cash = bytes_of("name:CASH");
    struct party_sum *parties = calloc(EXAMPLE_PARTIES_MAX, sizeof(*parties)), *robbed;
    struct transfer_source s;
    struct transfer_block b;
    struct err err;
    bool end = false;

    CHECK(parties);
    CHECK_OK(bank_open(&path, 1, NULL, chain_by_name("bank:bangladesh-2016"), &s, &err), err);
    for (;;) {
        CHECK_OK(s.next(s.self, &b, &end, &err), err);
        if (end)
            break;
        for (size_t i = 0; i < b.txs_n; i++)
            for (size_t k = 0; k < b.txs[i].transfers_n; k++) {
                const struct fact_transfer *t = &b.txs[i].transfers[k];
                struct party_sum *from = party_of(parties, t->from);

                test_row("%s", from->key);
                from->out += t->amount.w[0];
                CHECK(from->out <= from->in || bytes_equal(t->from, bank) ||
                      bytes_equal(t->from, cash));
                party_of(parties, t->to)->in += t->amount.w[0];
            }
    }
    robbed = party_of(parties, bank);
    CHECK_U(robbed->out, 10099900000);
    CHECK_U(robbed->in, 2000000000ull + 6800000 + 1498000000);
    s.free(s.self);
    free(parties);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money),           cmocka_unit_test(currencies),
        cmocka_unit_test(ibans),           cmocka_unit_test(keys),
        cmocka_unit_test(mt103_one),       cmocka_unit_test(mt103_joined),
        cmocka_unit_test(mt103_options),   cmocka_unit_test(mt103_correspondents),
        cmocka_unit_test(mt103_reference), cmocka_unit_test(mt103_exchanged),
        cmocka_unit_test(mt103_return),    cmocka_unit_test(mt103_refused),
        cmocka_unit_test(contradictions),  cmocka_unit_test(pacs_versions),
        cmocka_unit_test(pacs_with_mt103), cmocka_unit_test(pacs_forms),
        cmocka_unit_test(pacs_several),    cmocka_unit_test(pacs_return),
        cmocka_unit_test(pacs_refused),    cmocka_unit_test(tables),
        cmocka_unit_test(tables_refused),  cmocka_unit_test(hashes),
        cmocka_unit_test(truncated),       cmocka_unit_test(no_memory),
        cmocka_unit_test(files),           cmocka_unit_test(example),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
