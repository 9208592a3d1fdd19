/* The screener that a node answers from, opened anew when lists, tags, rules or settled matches
 * have changed.
 *
 * A reader takes a view: one screener, which holds until it is let go, whatever is opened
 * meanwhile; the last to let go of it closes it. Taking one waits for nobody: a thread of its own
 * looks every LIVE_SCREENER_MS whether anything has changed, opens another screener beside the one
 * in use, and swaps. What cannot be opened is told to the log, and tried again; the old one stays.
 *
 * Ownership: the log is borrowed.
 * Errors:    live_screener_open: those of store_open and screener_open.
 * Threads:   any number take views; open and close one. */
#ifndef CORDON_SERVE_LIVE_SCREENER_H
#define CORDON_SERVE_LIVE_SCREENER_H

#include "screen/screener.h"
#include "serve/log.h"

#define LIVE_SCREENER_MS 250

struct live_screener;
struct live_screener_view;

struct live_screener_counts {
    uint64_t loads, failed; /* openings since the start, the first one counted */
    bool stale;             /* the newest could not be opened: the one before it is in use */
};

/* home: the folder with RECORDS_FILE (made if it is not there), TAG_SET_FILE, RULES_FILE. */
bool live_screener_open(const char *home, struct log *log, struct live_screener **ret,
                        struct err *err) MUST_USE;
struct live_screener *live_screener_close(struct live_screener *l); /* no view may be out */
/* Look now, and open anew even if nothing seems to have changed. Returns at once. */
void live_screener_renew(struct live_screener *l);

struct live_screener_view *live_screener_take(struct live_screener *l);
void live_screener_drop(struct live_screener *l, struct live_screener_view *v);
const struct screener *live_screener_at(const struct live_screener_view *v);
struct live_screener_counts live_screener_counts(struct live_screener *l);
/* Another connection to the records, for the caller to write to, and to close. */
bool live_screener_records(const struct live_screener *l, struct store **ret,
                           struct err *err) MUST_USE;

#endif
