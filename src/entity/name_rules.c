/* Spellings that follow by rule: Wade-Giles from Pinyin (conversion table of the Library of
 * Congress), those of Hong Kong from Jyutping. Also of the tool that makes tables at build time. */
#include "entity/name_romans.h"

#include <string.h>

static size_t append(char ret[ROMANS_SYLLABLE_MAX], size_t at, const char *p, size_t n)
{
    if (n > ROMANS_SYLLABLE_MAX - 1 - at)
        n = ROMANS_SYLLABLE_MAX - 1 - at;
    memcpy(ret + at, p, n);
    ret[at + n] = 0;
    return at + n;
}

/* The row with the longest beginning. */
static const struct romans_pair *initial_of(const struct romans_pair *rows, const char *p, size_t n)
{
    const struct romans_pair *best = NULL;

    for (const struct romans_pair *row = rows; row->from; row++) {
        size_t m = strlen(row->from);

        if (m <= n && !memcmp(p, row->from, m) && (!best || m > strlen(best->from)))
            best = row;
    }
    return best;
}

static const struct romans_pair *final_of(const struct romans_pair *rows, const char *p, size_t n)
{
    for (const struct romans_pair *row = rows; row->from; row++)
        if (strlen(row->from) == n && !memcmp(row->from, p, n))
            return row;
    return NULL;
}

size_t romans_wade_giles(const char *pinyin, size_t n, char ret[ROMANS_SYLLABLE_MAX])
{
    const struct romans_pair *initial, *final;
    size_t m, at = 0;

    for (const struct romans_wade *row = romans_wade_whole; row->pinyin; row++)
        if (strlen(row->pinyin) == n && !memcmp(row->pinyin, pinyin, n))
            return append(ret, 0, row->wade, strlen(row->wade));
    initial = initial_of(romans_wade_initials, pinyin, n);
    m = initial ? strlen(initial->from) : 0;
    if (initial)
        at = append(ret, 0, initial->to, strlen(initial->to));
    final = final_of(romans_wade_finals, pinyin + m, n - m);
    return final ? append(ret, at, final->to, strlen(final->to))
                 : append(ret, at, pinyin + m, n - m);
}

void romans_cantonese(const char *jyutping, size_t n, romans_each *each, void *to)
{
    const struct romans_pair *initial, *final;
    size_t m;

    initial = n ? initial_of(romans_cantonese_initials, jyutping, n - 1) : NULL;
    m = initial ? strlen(initial->from) : 0;
    final = final_of(romans_cantonese_finals, jyutping + m, n - m);
    if (!final)
        return;
    for (const char *i = initial ? initial->to : "-"; *i;) {
        size_t in = strcspn(i, " "), k = *i == '-' ? 0 : in;

        for (const char *f = final->to; *f;) {
            size_t fn = strcspn(f, " ");
            char whole[ROMANS_SYLLABLE_MAX];

            if (k + fn < sizeof(whole)) {
                memcpy(whole, i, k);
                memcpy(whole + k, f, fn);
                each(to, whole, k + fn);
            }
            f += fn + (f[fn] == ' ');
        }
        i += in + (i[in] == ' ');
    }
}
