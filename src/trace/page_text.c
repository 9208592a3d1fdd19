#include "trace/page.h"

#include <time.h>

/* The code point at s, and how many bytes it takes: a byte that is not UTF-8 stands for U+FFFD
 * alone. */
static uint32_t code_point(const char *s, size_t n, size_t *ret_used)
{
    const uint8_t *p = (const uint8_t *)s;
    size_t used = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

    *ret_used = 1;
    if (used > n || !utf8_valid(s, used))
        return 0xfffd;
    *ret_used = used;
    switch (used) {
    case 1:
        return p[0];
    case 2:
        return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
    case 3:
        return (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    }
    return (p[0] & 7u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
}

/* Control characters, and those that turn the direction of what follows: they can make a name look
 * like another. */
static bool unseemly(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void page_words(struct text *to, const char *s, size_t chars_max)
{
    size_t n = strlen(s), used;

    for (size_t chars = 0; n; chars++, s += used, n -= used) {
        uint32_t c = code_point(s, n, &used);

        if (chars_max && chars == chars_max) {
            text_str(to, "…");
            return;
        }
        if (c == 0xfffd || unseemly(c))
            text_str(to, "\xef\xbf\xbd");
        else
            text_html(to, s, used);
    }
}

static size_t count_digits(uint64_t n, char digits[32]) /* with commas; returns where they start */
{
    size_t at = 32, k = 0;

    do {
        if (k && k % 3 == 0)
            digits[--at] = ',';
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
        k++;
    } while (n);
    return at;
}

void page_count(struct text *to, uint64_t n)
{
    char digits[32];
    size_t at = count_digits(n, digits);

    text_put(to, digits + at, sizeof(digits) - at);
}

void page_counted(struct text *to, uint64_t n, const char *one, const char *many)
{
    page_count(to, n);
    text_char(to, ' ');
    text_str(to, n == 1 ? one : many);
}

#define AMOUNT_CHARS_MAX 64

static size_t amount_write(uint64_t v, unsigned decimals, bool full, char ret[AMOUNT_CHARS_MAX])
{
    char digits[32], part[20];
    uint64_t unit = 1, rest;
    size_t at, n, end = decimals < 19 ? decimals : 19;

    for (size_t i = 0; i < end; i++)
        unit *= 10;
    at = count_digits(v / unit, digits);
    n = sizeof(digits) - at;
    memcpy(ret, digits + at, n);
    rest = v % unit;
    for (size_t i = end; i-- > 0; rest /= 10)
        part[i] = (char)('0' + rest % 10);
    while (!full && end && part[end - 1] == '0')
        end--;
    if (end) {
        ret[n++] = '.';
        memcpy(ret + n, part, end);
        n += end;
    }
    return n;
}

void page_amount(struct page *p, uint64_t v)
{
    char chars[AMOUNT_CHARS_MAX];

    text_put(p->to, chars, amount_write(v, p->names->decimals, false, chars));
}

void page_amount_unit(struct page *p, uint64_t v)
{
    page_amount(p, v);
    text_str(p->to, "\xc2\xa0");
    text_str(p->to, p->names->unit);
}

void page_amount_full(struct page *p, uint64_t v)
{
    char chars[AMOUNT_CHARS_MAX];

    text_put(p->to, chars, amount_write(v, p->names->decimals, true, chars));
}

size_t page_amount_chars(const struct page *p, uint64_t v)
{
    char chars[AMOUNT_CHARS_MAX];

    return amount_write(v, p->names->decimals, false, chars);
}

void page_share(struct text *to, uint64_t part, uint64_t whole)
{
    unsigned long long tenths;

    if (!whole)
        return;
    tenths = (unsigned long long)((unsigned __int128)part * 1000 / whole);
    if (part && !tenths)
        text_str(to, "&lt;0.1\xc2\xa0%");
    else if (tenths % 10)
        text_printf(to, "%llu.%llu\xc2\xa0%%", tenths / 10, tenths % 10);
    else
        text_printf(to, "%llu\xc2\xa0%%", tenths / 10);
}

static void moment(struct text *to, uint32_t seconds, const char *form)
{
    time_t t = seconds;
    struct tm tm;
    char chars[32];

    gmtime_r(&t, &tm);
    text_put(to, chars, strftime(chars, sizeof(chars), form, &tm));
}

void page_date(struct text *to, uint32_t seconds)
{
    moment(to, seconds, "%Y-%m-%d");
}

void page_moment(struct text *to, uint32_t seconds)
{
    moment(to, seconds, "%Y-%m-%d %H:%M UTC");
}

void page_height(struct text *to, uint32_t height)
{
    if (height == HEIGHT_UNKNOWN) {
        text_str(to, "block of unknown height");
        return;
    }
    text_str(to, "block ");
    page_count(to, height);
}

void page_tx(struct page *p, uint32_t tx)
{
    struct hash32 txid = p->names->txid(p->names->ctx, tx);

    text_hex_reversed(p->to, txid.b, sizeof(txid.b));
}

void page_tx_short(struct page *p, uint32_t tx)
{
    struct hash32 txid = p->names->txid(p->names->ctx, tx);

    text_hex_reversed(p->to, txid.b + 28, 4); /* the last bytes are shown first */
    text_str(p->to, "…");
}

void page_outpoint(struct page *p, uint64_t output, bool brief)
{
    uint32_t tx = coins_maker(&p->d->coins, output);

    if (brief)
        page_tx_short(p, tx);
    else
        page_tx(p, tx);
    text_char(p->to, ':');
    text_u64(p->to, output - coins_outputs(&p->d->coins, tx).first);
}

void page_script(struct page *p, uint32_t script, size_t chars_max)
{
    struct text shown = text_new((size_t)64 << 10);
    const char *s;

    if (script != SCRIPT_NONE)
        p->names->script_show(p->names->ctx, script, &shown);
    s = text_string(&shown);
    if (!s)
        p->to->bad =
            p->to->bad || !shown.over; /* no memory; what is too long has no address anyway */
    page_words(p->to, s && *s ? s : "no address", chars_max);
    text_free(&shown);
}

const char *page_fate_mark(enum fate fate) /* told apart without colour */
{
    switch (fate) {
    case FATE_EXIT:
        return "▲";
    case FATE_HELD:
        return "■";
    case FATE_CUT:
        return "✂";
    case FATE_UNRESOLVED:
        return "?";
    case FATE_FEES:
        return "·";
    case FATE_MOVED:
        break;
    }
    return "→";
}

const char *page_fate_class(enum fate fate)
{
    switch (fate) {
    case FATE_EXIT:
        return "ex";
    case FATE_HELD:
        return "he";
    case FATE_CUT:
        return "cu";
    case FATE_UNRESOLVED:
        return "un";
    case FATE_FEES:
        return "fe";
    case FATE_MOVED:
        break;
    }
    return "mv";
}

struct ledger_block page_block_of(struct page *p, uint32_t tx)
{
    return p->names->block(p->names->ctx, p->names->block_of(p->names->ctx, tx));
}
