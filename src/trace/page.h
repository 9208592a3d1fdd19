/* One page of HTML about a trace: what its parts share. doc.h has what others call; here nothing
 * else looks.
 *
 * html.c puts the page together, page_picture.c draws a flow as SVG with its details, page_text.c
 * writes amounts, dates and words from outside, which are all hostile.
 *
 * Ownership: in the page's arena; document and names are borrowed.
 * Errors:    ERR_NOMEM, ERR_LIMIT (the arena's).
 * Threads:   a page belongs to one. */
#ifndef CORDON_TRACE_PAGE_H
#define CORDON_TRACE_PAGE_H

#include "chain/facts.h"
#include "trace/ends.h"

#define PAGE_NAME_MAX 60 /* characters of a name where room is short */

struct page {
    struct arena *a;
    struct text *to;
    const struct trace_doc *d;
    const struct page_names *names;
    struct ends ends;
    uint32_t details_left; /* rows that details may still take: the page stays small */
};

struct picture {
    struct flow f;
    struct flow_world w;
    const uint32_t *txs; /* the ledger's number of each transaction of w */
    const char *id;      /* a letter and digits: all that it names begins with it */
    const bool *opened;  /* [f.nodes_n] whether what a fold holds is drawn as well; NULL: none is */
    bool inside;       /* of a folded node: its lanes have no details, the last is what leaves it */
    uint32_t rows_max; /* of one list in its details */
};

/* html.c, and a test without a ledger. */
bool page_write(struct arena *a, struct text *to, const struct trace_doc *d,
                const struct page_names *names, struct err *err) MUST_USE;

/* page_picture.c */
bool page_picture(struct page *p, const struct picture *q, const char *label,
                  struct err *err) MUST_USE;
void page_node_name(struct page *p, const struct picture *q, const struct flow_node *n);

/* page_text.c */
void page_words(struct text *to, const char *s, size_t chars_max); /* 0: all of it */
void page_count(struct text *to, uint64_t n);
void page_counted(struct text *to, uint64_t n, const char *one, const char *many);
void page_amount(struct page *p, uint64_t v);      /* 1,203.5 */
void page_amount_unit(struct page *p, uint64_t v); /* 1,203.5 BTC */
void page_amount_full(struct page *p, uint64_t v); /* 1,203.50000000 */
size_t page_amount_chars(const struct page *p, uint64_t v);
void page_share(struct text *to, uint64_t part, uint64_t whole); /* 12.3 % */
void page_date(struct text *to, uint32_t seconds);               /* 2024-05-31 */
void page_moment(struct text *to, uint32_t seconds);             /* 2024-05-31 12:04 UTC */
void page_height(struct text *to, uint32_t height);              /* block 840,000 */
void page_tx_short(struct page *p, uint32_t tx);
void page_tx(struct page *p, uint32_t tx);
void page_outpoint(struct page *p, uint64_t output, bool brief);
void page_script(struct page *p, uint32_t script, size_t chars_max);
const char *page_fate_mark(enum fate fate);
const char *page_fate_class(enum fate fate);
struct ledger_block page_block_of(struct page *p, uint32_t tx);

#endif
