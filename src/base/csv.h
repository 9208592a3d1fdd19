/* Tables as text: RFC 4180, read straight through, nothing copied, and written cell by cell.
 *
 * Fields are parted by commas (or another separator), records by CRLF or, as most files have it,
 * LF; the last record may lack its line end. A field in quotes may hold separators, line ends and
 * quotes, each quote written twice; a quote anywhere else is an error, as is text after a closing
 * quote. An empty line is a record of one empty field. What the bytes of a field mean (UTF-8,
 * numbers) is the caller's to check. A byte order mark of UTF-8 at the start is passed over.
 *
 * Marks (separators, line ends, quotes) are found 64 bytes at a time, so that long fields cost as
 * little as memory does. No byte past the input is read.
 * Ownership: fields point into the input.
 * Errors:    ERR_INPUT, beginning "line 7: "; ERR_LIMIT for a record of more than
 *            CSV_RECORD_BYTES_MAX bytes. After one, the reader can only be dropped.
 * Threads:   a reader belongs to one. */
#ifndef CORDON_BASE_CSV_H
#define CORDON_BASE_CSV_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/text.h"

#define CSV_RECORD_BYTES_MAX ((size_t)64 << 20)
#define CSV_NONE SIZE_MAX

struct csv_field {
    const char *p; /* without the outer quotes */
    uint32_t n;
    bool quoted;
    bool doubled; /* holds quotes, each twice: csv_text undoes that */
};

struct csv {
    const uint8_t *at, *end; /* at: the next record */
    const uint8_t *block;    /* 64 bytes whose marks, but for those passed, are set in marks */
    uint64_t marks;
    size_t line;     /* of the record last read, from 1; a caller may set another to count from */
    size_t lines_in; /* line ends within that record */
    char separator;
};

struct csv csv_over(struct bytes in, char separator);
/* Comma, semicolon or tab: the commonest in these bytes, a comma if there is none. */
char csv_separator(struct bytes in);
/* The same of the first line. */
char csv_separator_header(struct bytes in);
/* *ret_n fields of the next record into fields[max]; more than max is an error. *ret_end: there is
 * none, and nothing else is set. */
bool csv_next(struct csv *c, struct csv_field *fields, size_t max, size_t *ret_n, bool *ret_end,
              struct err *err) MUST_USE;
/* The field as it was meant, in ret[f->n]; returns its length. */
size_t csv_text(const struct csv_field *f, char *ret);
bool csv_is(const struct csv_field *f, const char *s); /* s without quotes in it */
/* The column of that name in a header, or CSV_NONE. */
size_t csv_column(const struct csv_field *header, size_t n, const char *name);

/* A cell for whoever opens the table as a spreadsheet: quoted where a reader by commas, semicolons
 * or tabs needs it. What a spreadsheet takes for a formula (OWASP, "CSV Injection": it begins with
 * = + - @, in full width, too, or with white space that is passed over), behind apostrophes or not,
 * gets one apostrophe before it. s NULL: nothing. */
void csv_put(struct text *to, const char *s);
void csv_cell(struct text *to, const char *s, char after); /* after: a comma, or the line's end */
/* The cell as it was meant: past the apostrophe that csv_put has set, if it has. */
const char *csv_meant(const char *s);

#endif
