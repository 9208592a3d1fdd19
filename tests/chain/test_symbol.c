/* Symbols as people read them. The spoof tokens of the Bybit theft (February 2025) are as they call
 * themselves on Ethereum; the other rows are by UTS #39's list of confusables. */
#include "support.h"

#include "chain/symbol.h"

static const struct {
    const char *name, *symbol;
    const char *want; /* NULL: none */
} rows[] = {
    {"plain", "USDT", "USDT"},
    {"small letters", "usdt", "USDT"},
    {"a Cyrillic Te", "USD\u0422", "USDT"},
    {"Bybit, 0x6695", "E\u0422H", "ETH"},
    {"Bybit, 0x2a12", "\u0415\u0422\u041d...", "ETH"},
    {"Bybit, 0x0d99", "\u0415\u0422\u041d", "ETH"},
    {"Bybit, 0xee33", "stE\u0422H", "STETH"},
    {"Bybit, 0x1c75", "\u0455\u0442ET\u041d", "STETH"},
    {"Bybit, 0xf61e", "\u0415RC20", "ERCZO"},
    {"a digit for a letter", "U5DT", "USDT"},
    {"a dollar sign", "U$DT", "USDT"},
    {"another currency's sign", "USD\u20ae", "USDT"},
    {"a zero-width space", "US\u200bDT", "USDT"},
    {"written from right to left", "\u202eUSDT", "USDT"},
    {"a soft hyphen and a joiner", "U\u00adSD\u2060T", "USDT"},
    {"spaces and dots", " U.S.D.T ", "USDT"},
    {"wide letters", "\uff35\uff33\uff24\uff34", "USDT"},
    {"mathematical bold", "\U0001d414\U0001d412\U0001d403\U0001d413", "USDT"},
    {"a mark below", "U\u0323SDT", "USDT"},
    {"letters with marks", "\u00d9\u015a\u010e\u0164", "USDT"},
    {"Greek", "\u03a4\u0395\u03a4\u0397", "TETH"},
    {"I, l and 1 are one", "lI1", "III"},
    {"0 is O", "D0GE", "DOGE"},
    {"the longest", "ABCDEFGHIJKMNOPQRSTUVWXYABCDEFG", "ABCDEFGHIJKMNOPQRSTUVWXYABCDEFG"},
    {"one more", "ABCDEFGHIJKMNOPQRSTUVWXYABCDEFGH", NULL},
    {"nothing", "", NULL},
    {"nothing that shows", "\u200b .", NULL},
    {"letters of no Latin look", "\u30c6\u30b6\u30fc", NULL},
    {"not UTF-8", "US\xff", NULL},
    {"cut short", "US\xd0", NULL},
};

static void folded(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char got[SYMBOL_FOLD_MAX];
        bool ok = symbol_fold(rows[i].symbol, strlen(rows[i].symbol), got);

        test_row("%s", rows[i].name);
        CHECK_U(ok, rows[i].want != NULL);
        if (ok)
            CHECK_S(got, rows[i].want);
    }
}

/* Every ASCII letter and digit is itself or the one that it is taken for, alone or in its wide
 * form (U+FF01 to U+FF5E are ASCII from ! on). */
static void wide_is_plain(void **state)
{
    for (unsigned c = '0'; c <= 'z'; c++) {
        char plain[2] = {(char)c, 0}, one[SYMBOL_FOLD_MAX], other[SYMBOL_FOLD_MAX];
        unsigned u = c - '!' + 0xff01;
        char wide[4] = {(char)(0xe0 | u >> 12), (char)(0x80 | (u >> 6 & 0x3f)),
                        (char)(0x80 | (u & 0x3f)), 0};
        bool letter = (c <= '9') || (c >= 'A' && c <= 'Z') || c >= 'a';

        test_row("%s", plain);
        CHECK_U(symbol_fold(plain, 1, one), letter);
        if (!letter)
            continue;
        CHECK(symbol_fold(wide, 3, other));
        CHECK_S(other, one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folded),
        cmocka_unit_test(wide_is_plain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
