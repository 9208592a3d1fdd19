/* Text that grows to a stated limit, and the small conversions that everybody needs.
 *
 * A struct text stays bad once bad (no memory, or over its limit) and is asked once at the end,
 * like a cursor. It may have a sink: then it is written out whenever it is nearly full, and never
 * grows past TEXT_SINK_BYTES.
 *
 * Ownership: text_free ends it. text_string is borrowed until the next change.
 * Threads:   one owner. */
#ifndef CORDON_BASE_TEXT_H
#define CORDON_BASE_TEXT_H

#include "base/bytes.h"
#include "base/err.h"

#define TEXT_SINK_BYTES ((size_t)64 << 10)

typedef bool text_sink(void *to, const char *p, size_t n); /* false: cannot be written */

struct text {
    char *p;
    size_t n, size, max;
    text_sink *sink;
    void *to;
    bool bad, over; /* over: bad for the limit's sake */
};

struct text text_new(size_t bytes_max);
struct text text_to(text_sink *sink, void *to);
bool text_to_file(void *file, const char *p, size_t n); /* a sink; file is a FILE * */
/* A sink: to is another text, which gets all but line ends. What JSON is written with has them
 * between words alone, so that it stays the same document. */
bool text_one_line(void *to, const char *p, size_t n);
void text_put(struct text *t, const char *p, size_t n);
void text_str(struct text *t, const char *s);
static inline void text_char(struct text *t, char c)
{
    if (t->n + 1 < t->size && !t->bad) /* as most are; a byte is left for text_string */
        t->p[t->n++] = c;
    else
        text_put(t, &c, 1);
}
void text_printf(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void text_u64(struct text *t, uint64_t v);
void text_hex(struct text *t, const uint8_t *p, size_t n);
void text_hex_reversed(struct text *t, const uint8_t *p, size_t n); /* as txids are shown */
void text_html(struct text *t, const char *p, size_t n);            /* & < > " ' escaped */
/* NUL-terminated; NULL if bad */
const char *text_string(struct text *t);
bool text_end(struct text *t, struct err *err) MUST_USE; /* flushes; false if bad */
void text_free(struct text *t);

/* Conversions: exact or refused; nothing is skipped, no sign, no white space, no leading zeros but
 * "0". */
bool u64_from_text(const char *p, size_t n, uint64_t *ret);
/* n must be 2 * ret_n; either case */
bool hex_decode(const char *p, size_t n, uint8_t *ret, size_t ret_n);
bool utf8_valid(const char *p, size_t n);
/* Nothing in it that would move a terminal, break a line or be unfit for XML: C0 and C1 controls,
 * DEL, U+FFFE, U+FFFF. */
bool text_is_plain(const char *p, size_t n);
/* bytes: "64M", "1G", "4096", "2T" (powers of 1024) */
bool size_from_text(const char *s, uint64_t *ret);

#endif
