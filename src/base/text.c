#include "base/text.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>

#define TEXT_FIRST_BYTES ((size_t)1 << 10)

#ifdef __SSE2__
#include <emmintrin.h>
#endif

struct text text_new(size_t bytes_max)
{
    return (struct text){.max = bytes_max};
}

struct text text_to(text_sink *sink, void *to)
{
    return (struct text){.max = TEXT_SINK_BYTES, .sink = sink, .to = to};
}

bool text_to_file(void *file, const char *p, size_t n)
{
    return fwrite(p, 1, n, file) == n;
}

bool text_one_line(void *to, const char *p, size_t n)
{
    struct text *line = to;

    for (const char *end = p + n, *at; p < end; p = at + 1) {
        at = memchr(p, '\n', (size_t)(end - p));
        if (!at)
            at = end;
        text_put(line, p, (size_t)(at - p));
    }
    return !line->bad;
}

static bool flush(struct text *t)
{
    if (t->n && !t->sink(t->to, t->p, t->n))
        t->bad = true;
    t->n = 0;
    return !t->bad;
}

static bool room(struct text *t, size_t n)
{
    size_t size;
    char *p;

    if (t->bad)
        return false;
    if (n < t->size - t->n)
        return true;
    if (t->sink && t->n && !flush(t))
        return false;
    if (n >= t->max - t->n) {
        t->over = true;
        t->bad = true;
        return false;
    }
    size = t->size ? t->size : TEXT_FIRST_BYTES;
    while (size - t->n <= n)
        size *= 2;
    if (t->sink && size < TEXT_SINK_BYTES)
        size = TEXT_SINK_BYTES;
    if (size > t->max)
        size = t->max;
    if (size == t->size)
        return true;
    p = mem_grow(t->p, size);
    if (!p) {
        t->bad = true;
        return false;
    }
    t->p = p;
    t->size = size;
    return true;
}

void text_put(struct text *t, const char *p, size_t n)
{
    if (n < t->size - t->n && !t->bad) { /* most often; nothing is written where n is 0 */
        memcpy(t->p + t->n, p, n);
        t->n += n;
        return;
    }
    while (t->sink && n > TEXT_SINK_BYTES / 2) {
        text_put(t, p, TEXT_SINK_BYTES / 2);
        p += TEXT_SINK_BYTES / 2;
        n -= TEXT_SINK_BYTES / 2;
    }
    if (!room(t, n))
        return;
    if (n)
        memcpy(t->p + t->n, p, n);
    t->n += n;
}

void text_str(struct text *t, const char *s)
{
    text_put(t, s, strlen(s));
}

void text_printf(struct text *t, const char *fmt, ...)
{
    char small[512];
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(small, sizeof(small), fmt, args);
    va_end(args);
    if (n < 0) {
        t->bad = true;
        return;
    }
    if ((size_t)n < sizeof(small)) {
        text_put(t, small, (size_t)n);
        return;
    }
    if (!room(t, (size_t)n))
        return;
    va_start(args, fmt);
    vsnprintf(t->p + t->n, (size_t)n + 1, fmt, args);
    va_end(args);
    t->n += (size_t)n;
}

void text_u64(struct text *t, uint64_t v)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    text_put(t, digits + at, sizeof(digits) - at);
}

static const char hex_digits[] = "0123456789abcdef";

void text_hex(struct text *t, const uint8_t *p, size_t n)
{
    bool fits = !t->bad && t->size - t->n > 2 * n; /* as it most often does */
    char *to = fits ? t->p + t->n : NULL;

    for (size_t i = 0; i < n; i++) {
        const char both[2] = {hex_digits[p[i] >> 4], hex_digits[p[i] & 15]};

        if (fits)
            memcpy(to + 2 * i, both, 2);
        else
            text_put(t, both, 2);
    }
    if (fits)
        t->n += 2 * n;
}

void text_hex_reversed(struct text *t, const uint8_t *p, size_t n)
{
    for (size_t i = n; i-- > 0;)
        text_hex(t, p + i, 1);
}

void text_html(struct text *t, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        switch (p[i]) {
        case '&':
            text_str(t, "&amp;");
            break;
        case '<':
            text_str(t, "&lt;");
            break;
        case '>':
            text_str(t, "&gt;");
            break;
        case '"':
            text_str(t, "&quot;");
            break;
        case '\'':
            text_str(t, "&#39;");
            break;
        default:
            text_char(t, p[i]);
        }
}

const char *text_string(struct text *t)
{
    if (!room(t, 1))
        return NULL;
    t->p[t->n] = 0;
    return t->p;
}

bool text_end(struct text *t, struct err *err)
{
    if (t->sink && !t->bad)
        flush(t);
    if (!t->bad)
        return true;
    if (t->over)
        return err_fail(err, ERR_LIMIT, "text of more than %zu bytes", t->max);
    if (t->sink && t->p) /* its buffer is taken once, so what failed was the sink */
        return err_system(err, "cannot write");
    return err_fail(err, ERR_NOMEM, "text");
}

void text_free(struct text *t)
{
    mem_free(t->p);
    *t = (struct text){.max = t->max, .sink = t->sink, .to = t->to};
}

bool u64_from_text(const char *p, size_t n, uint64_t *ret)
{
    uint64_t v = 0;

    if (!n || n > 20 || (n > 1 && p[0] == '0'))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9' || __builtin_mul_overflow(v, (uint64_t)10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(p[i] - '0'), &v))
            return false;
    }
    *ret = v;
    return true;
}

static int nibble(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

#ifdef __SSE2__
/* 16 digits to 8 bytes; false: not all are digits. */
static inline bool hex_decode_8(const char *p, uint8_t *ret)
{
    const __m128i c = _mm_loadu_si128((const __m128i *)(const void *)p),
                  small = _mm_or_si128(c, _mm_set1_epi8(0x20)),
                  digit = _mm_and_si128(_mm_cmpgt_epi8(c, _mm_set1_epi8('0' - 1)),
                                        _mm_cmplt_epi8(c, _mm_set1_epi8('9' + 1))),
                  letter = _mm_and_si128(_mm_cmpgt_epi8(small, _mm_set1_epi8('a' - 1)),
                                         _mm_cmplt_epi8(small, _mm_set1_epi8('f' + 1)));
    __m128i v = _mm_or_si128(_mm_and_si128(digit, _mm_sub_epi8(c, _mm_set1_epi8('0'))),
                             _mm_and_si128(letter, _mm_sub_epi8(small, _mm_set1_epi8('a' - 10))));

    if (_mm_movemask_epi8(_mm_or_si128(digit, letter)) != 0xffff)
        return false;
    v = _mm_and_si128(_mm_or_si128(_mm_slli_epi16(v, 4), _mm_srli_epi16(v, 8)),
                      _mm_set1_epi16(0xff));
    _mm_storel_epi64((__m128i *)(void *)ret, _mm_packus_epi16(v, v));
    return true;
}
#endif

bool hex_decode(const char *p, size_t n, uint8_t *ret, size_t ret_n)
{
    size_t i = 0;

    if (n != 2 * ret_n)
        return false;
#ifdef __SSE2__
    for (; ret_n - i >= 8; i += 8)
        if (!hex_decode_8(p + 2 * i, ret + i))
            return false;
    if (i && i < ret_n) /* the last eight again */
        return hex_decode_8(p + 2 * (ret_n - 8), ret + ret_n - 8);
#endif
    for (; i < ret_n; i++) {
        int high = nibble(p[2 * i]), low = nibble(p[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        ret[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* RFC 3629: shortest forms only, no surrogates, nothing above U+10FFFF. */
bool utf8_valid(const char *s, size_t n)
{
    const uint8_t *p = (const uint8_t *)s;

    for (size_t i = 0; i < n;) {
        uint64_t eight;
        size_t more;

        if (n - i >= 8) { /* most of most texts is ASCII */
            memcpy(&eight, p + i, 8);
            if (!(eight & 0x8080808080808080)) {
                i += 8;
                continue;
            }
        }
        more = p[i] < 0x80 ? 0 : p[i] >= 0xc2 && p[i] < 0xe0 ? 1 : (p[i] & 0xf0) == 0xe0 ? 2 : 3;
        if (p[i] >= 0x80 && (p[i] < 0xc2 || p[i] > 0xf4))
            return false;
        if (more >= n - i)
            return false;
        for (size_t k = 1; k <= more; k++)
            if ((p[i + k] & 0xc0) != 0x80)
                return false;
        if ((p[i] == 0xe0 && p[i + 1] < 0xa0) || (p[i] == 0xed && p[i + 1] > 0x9f) ||
            (p[i] == 0xf0 && p[i + 1] < 0x90) || (p[i] == 0xf4 && p[i + 1] > 0x8f))
            return false;
        i += more + 1;
    }
    return true;
}

bool size_from_text(const char *s, uint64_t *ret)
{
    static const char units[] = "KMGT";
    size_t n = strlen(s);
    const char *unit = n ? strchr(units, s[n - 1]) : NULL;
    uint64_t v;

    if (!n || !u64_from_text(s, unit ? n - 1 : n, &v))
        return false;
    if (unit && __builtin_mul_overflow(v, (uint64_t)1 << (10 * (unit - units + 1)), &v))
        return false;
    *ret = v;
    return true;
}

bool text_is_plain(const char *p, size_t n)
{
    const unsigned char *s = (const unsigned char *)p;

    for (size_t i = 0; i < n; i++)
        if (s[i] < 0x20 || s[i] == 0x7f || (s[i] == 0xc2 && i + 1 < n && s[i + 1] < 0xa0) ||
            (s[i] == 0xef && i + 2 < n && s[i + 1] == 0xbf && s[i + 2] >= 0xbe))
            return false;
    return true;
}
