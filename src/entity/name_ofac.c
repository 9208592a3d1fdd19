/* As the official Sanctions List Search of OFAC scores, for those whose examiners compare.
 *
 * OFAC tells no more than that a score is the better of two, one of the whole name and one of its
 * words (FAQ 249). What it does was found from scores that it gave, and is shown by comparing with
 * them (docs/names.md): Jaro-Winkler with the bonus for a common beginning of up to four letters
 * given to all, not only above 0.7; the whole name only if both begin with one letter; of the
 * words of the query those of more than two letters, each with its best, below a half none, in the
 * mean. */
#include "entity/name_parts.h"

#include <string.h>
#include <unicode/uchar.h>

enum { ONE = 1000000, HALF = ONE / 2, PREFIX = 4, PREFIX_SHARE = 10, SHORT = 2 };

void ofac_read(const char *name, struct ofac_name *ret)
{
    size_t n = strlen(name), at = 0;
    bool within = false;

    ret->letters_n = 0;
    ret->words_n = 0;
    while (at < n && ret->letters_n + 1 < OFAC_LETTERS_MAX) {
        size_t from = at;
        UChar32 c;

        U8_NEXT_UNSAFE((const uint8_t *)name, at, c);
        if (c == '\'' || c == 0x2019)
            continue;
        if (c < 0x80 ? !((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9')
                     : !u_isalnum(c)) {
            within = false;
            continue;
        }
        if (!within) {
            if (ret->words_n == NAME_WORDS_MAX)
                return;
            if (ret->words_n)
                ret->letters[ret->letters_n++] = ' ';
            ret->words[ret->words_n++] =
                (struct ofac_word){.letter = ret->letters_n, .at = (uint16_t)from};
            within = true;
        }
        ret->letters[ret->letters_n++] =
            (uint32_t)(c < 0x80 ? (c >= 'a' ? c - 32 : c) : u_toupper(c));
        ret->words[ret->words_n - 1].letters_n++;
        ret->words[ret->words_n - 1].n = (uint16_t)(at - ret->words[ret->words_n - 1].at);
    }
}

/* Millionths. M. A. Jaro (1989), W. E. Winkler (1990). */
static unsigned jaro_winkler(const uint32_t *a, unsigned n, const uint32_t *b, unsigned m)
{
    uint8_t has_a[OFAC_LETTERS_MAX] = {0}, has_b[OFAC_LETTERS_MAX] = {0};
    unsigned window = (n > m ? n : m) / 2, apart = 0, same = 0, k = 0;
    uint64_t common = 0, jaro;

    if (!n || !m)
        return 0;
    window = window ? window - 1 : 0;
    for (unsigned i = 0; i < n; i++) {
        unsigned from = i > window ? i - window : 0, to = i + window + 1 < m ? i + window + 1 : m;

        for (unsigned j = from; j < to; j++)
            if (!has_b[j] && a[i] == b[j]) {
                has_a[i] = has_b[j] = 1;
                common++;
                break;
            }
    }
    if (!common || common > OFAC_LETTERS_MAX)
        return 0;
    for (unsigned i = 0; i < n; i++) {
        if (!has_a[i])
            continue;
        while (!has_b[k])
            k++;
        apart += a[i] != b[k++];
    }
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): neither is empty, see above */
    jaro = (ONE * common / n + ONE * common / m + ONE * (2 * common - apart) / (2 * common)) / 3;
    while (same < PREFIX && same < n && same < m && a[same] == b[same])
        same++;
    return (unsigned)(jaro + same * (ONE - jaro) / PREFIX_SHARE);
}

void ofac_match(const struct ofac_name *q, const struct ofac_name *l, struct name_score *ret)
{
    uint64_t sum = 0;
    unsigned counted = 0, whole = 0;
    bool all_short = true;

    *ret = (struct name_score){0};
    if (!q->letters_n || !l->letters_n)
        return;
    for (unsigned i = 0; i < q->words_n; i++)
        all_short &= q->words[i].letters_n <= SHORT;
    for (unsigned i = 0; i < q->words_n; i++) {
        const struct ofac_word *w = &q->words[i], *best_word = NULL;
        unsigned best = 0;

        if (w->letters_n <= SHORT && !all_short)
            continue;
        counted++;
        for (unsigned j = 0; j < l->words_n; j++) {
            const struct ofac_word *o = &l->words[j];
            unsigned alike = jaro_winkler(q->letters + w->letter, w->letters_n,
                                          l->letters + o->letter, o->letters_n);

            if (alike > best) {
                best = alike;
                best_word = o;
            }
        }
        if (best < HALF)
            continue;
        sum += best;
        if (ret->parts_n < NAME_PARTS_MAX)
            ret->parts[ret->parts_n++] = (struct name_part){.query_at = w->at,
                                                            .query_n = w->n,
                                                            .listed_at = best_word->at,
                                                            .listed_n = best_word->n,
                                                            .how = NAME_ALIKE,
                                                            .per_mille = (uint16_t)(best / 1000)};
    }
    if (q->letters[0] == l->letters[0])
        whole = jaro_winkler(q->letters, q->letters_n, l->letters, l->letters_n);
    if (counted && sum / counted > whole)
        whole = (unsigned)(sum / counted);
    ret->per_mille = (whole + 500) / 1000;
}
