/* The group's log in a home: events in HOME/group.sqlite, their bodies sealed, and the fold over
 * them in memory.
 *
 * A log that is opened for writing holds the file's write lock until it is committed or closed;
 * what was not committed never happened, wherever the process ends. Rows are numbered from 1 in the
 * order in which they came, each with a link
 *
 *     link = SHA-256(link of the row before (zeros before the first) | id of its event)
 *
 * so that a row that is removed or moved is found; who keeps the last link elsewhere finds those at
 * the end, too. A body rests as nonce | XChaCha20-Poly1305(salt | body), with the event's id as
 * associated data, under a key of its object and retention class; that key rests sealed under the
 * home's store key (group/keys.h). Erasing destroys the key; the stream goes on proving itself.
 *
 * Files for others (docs/protocol.md): a first line {"group","schema","since","to"}, a line an
 * event in the total order, and an end line with count and digest, signed by who wrote it.
 *
 * A log that is kept open (group_log_keep) reads what other processes commit by group_log_refresh,
 * and writes between group_log_begin and group_log_commit.
 *
 * Ownership: as said at each; what the fold gives is borrowed until the log changes.
 * Errors:    ERR_CORRUPT the file contradicts itself, ERR_DIFFERS a check found something,
 *            ERR_INPUT what is handed in, ERR_LIMIT, ERR_NOT_FOUND, those of the store. After a
 *            failure the log can only be closed.
 * Threads:   one owner; while nobody changes it, any number read its fold and its bodies. */
#ifndef CORDON_GROUP_LOG_H
#define CORDON_GROUP_LOG_H

#include "group/fold.h"
#include "group/keys.h"
#include "group/receipt.h"
#include "store/store.h"

#include <stdio.h>

#define LOG_FILE "group.sqlite"
#define LOG_FOLD_BYTES_MAX ((size_t)16 << 30)
#define LOG_WAITING_MAX 100000                  /* events that are no member's word, together */
#define GROUP_LOG_AHEAD_MS ((uint64_t)86400000) /* clocks further ahead are not followed */
#define LOG_APART_MAX 10000                     /* lines that are no events, kept with the reason */

struct group_log;

bool group_log_open(const char *home, enum store_mode mode, const struct group_random *random,
                    struct group_log **ret, struct err *err) MUST_USE;
/* To be read as it was: events of later clocks are left out, as if they had not come. */
bool group_log_open_until(const char *home, uint64_t until_ms, const struct group_random *random,
                          struct group_log **ret, struct err *err) MUST_USE;
bool group_log_commit(struct group_log *l, struct err *err) MUST_USE; /* the log stays, read-only */
struct group_log *group_log_close(struct group_log *l);

/* The file must be there. */
bool group_log_keep(const char *home, const struct group_random *random, struct group_log **ret,
                    struct err *err) MUST_USE;
/* Of a log that is kept open: rows of others since. */
bool group_log_refresh(struct group_log *l, struct err *err) MUST_USE;
/* The same with the file's write lock taken, until it is committed. */
bool group_log_begin(struct group_log *l, struct err *err) MUST_USE;
/* Instead of the commit, after a failure. False: something is folded that is not in the file, or
 * may be, and the log can only be closed. */
bool group_log_cancel(struct group_log *l, const struct err *why) MUST_USE;
/* How many rows it has; and the number of the checkpoint that came, or changed, last. */
uint64_t group_log_rows(const struct group_log *l);
uint64_t group_log_notes_last(const struct group_log *l);

/* NULL: this home is of no group yet */
const struct fold *group_log_fold(const struct group_log *l);
const struct hash32 *group_log_group(const struct group_log *l);
/* The home becomes one of this group's; it must be of none. */
bool group_log_join(struct group_log *l, const struct hash32 *group, struct err *err) MUST_USE;

/* ---- saying something ---- */

struct group_log_act {
    const char *author, *type, *object, *audience;
    const char *into; /* of case.merge */
    const struct event_facts *facts;
    const char *retention;      /* NULL: no body */
    struct bytes body;          /* canonical JSON */
    const struct hash32 *after; /* [after_n] in any order */
    size_t after_n;
    const struct hash32 *charter; /* NULL: the one in force */
    const struct signer *by;
    uint64_t now_ms;
};
/* Appends it to this home's stream for the audience. ERR_INPUT: it would do nothing, and why; but
 * what waits for a second person (fold_waits_for_second) is said. */
bool group_log_say(struct group_log *l, const struct group_log_act *act, struct hash32 *ret_id,
                   struct err *err) MUST_USE;

/* ---- bodies ---- */

enum body_state {
    BODY_NONE, /* the event has none */
    BODY_HERE,
    BODY_WITHHELD, /* it came without */
    BODY_ERASED,
};
bool group_log_body(struct group_log *l, struct arena *a, const struct fold_event *e,
                    enum body_state *ret, struct salt32 *ret_salt, struct bytes *ret_body,
                    struct err *err) MUST_USE;
/* All bodies of an object that may be erased ("keep" may not). */
bool group_log_erase(struct group_log *l, const char *object, uint64_t *ret_n,
                     struct err *err) MUST_USE;
struct group_log_key { /* that is not destroyed */
    const char *object, *class;
};
/* [*ret_n] of all classes but "keep", by object and class. */
bool group_log_keys(struct group_log *l, struct arena *a, struct group_log_key **ret, size_t *ret_n,
                    struct err *err) MUST_USE;
/* These of them, in that order, and their bodies: *ret_n of those. */
bool group_log_erase_keys(struct group_log *l, const struct group_log_key *keys, size_t n,
                          uint64_t *ret_n, struct err *err) MUST_USE;
/* After the commit: nothing of what was erased stays in the file's own log. *ret_done false: others
 * read it just now, and it is to be asked again. */
bool group_log_scrub(struct group_log *l, bool *ret_done, struct err *err) MUST_USE;

/* ---- between homes ---- */

struct group_log_export {
    uint64_t since; /* rows after this one */
    const char *to; /* a member: what it may see; NULL: everything */
    const struct signer *by;
};
bool group_log_export(struct group_log *l, const struct group_log_export *how, struct text *to,
                      struct err *err) MUST_USE;

struct group_log_counts {
    uint64_t taken, doubled, apart, over; /* over: left out, for the sender's share is used */
};
/* Takes in a whole file, or fails. group: whose log it must be, where the home is of none yet. */
bool group_log_import(struct group_log *l, FILE *in, const struct hash32 *group,
                      struct group_log_counts *ret, struct err *err) MUST_USE;

/* ---- between homes, a little at a time ---- */

#define GROUP_SENDER_WAITING_MAX 1000 /* events of one sender that do not stand */
#define GROUP_SENDER_APART_MAX 100    /* lines of one sender that are kept apart */

/* What a member that sends lines has used of its share. Zeros to begin with. */
struct group_sender {
    struct hash32 waiting[GROUP_SENDER_WAITING_MAX];
    size_t waiting_n;
    uint64_t apart;
    bool missed;      /* something of it was left out for want of room */
    uint64_t now_ms;  /* of the node's clock, by which authors' shares grow; 0: they have no end */
    uint64_t over_ms; /* when something was first left out that was beyond its author's share */
};

struct group_line {
    struct event_line line;
    struct bytes text;
    const char *reason; /* why it is no event; NULL: it is one, signed by its key, or the next */
    bool is_checkpoint; /* its signatures are checked when it is taken in */
};
/* Each line of a text; all in the arena. Safe in any thread. */
bool group_lines_read(struct arena *a, struct bytes text, const struct hash32 *group,
                      struct group_line **ret, size_t *ret_n, struct err *err) MUST_USE;
/* Takes them in one by one. What is no event is kept apart, and what waits for another does so,
 * within the sender's share; events and bodies are kept within their author's; the rest is left
 * out. */
bool group_log_take_lines(struct group_log *l, struct group_sender *from,
                          const struct group_line *lines, size_t n, struct group_log_counts *ret,
                          struct err *err) MUST_USE;

struct group_log_page {
    const char *to;   /* a member: what it may see. Without a charter, what all may. */
    uint64_t since;   /* rows after this one */
    uint64_t notes;   /* checkpoints after this one */
    size_t bytes_max; /* but one line at least */
    bool split;       /* only checkpoints of streams of which two histories were shown */
};
struct group_log_paged {
    uint64_t row, notes; /* the last that were looked at */
    uint64_t lines;
    bool more;
};
/* Lines, each with its newline, in the order in which they came here: events, and when there are no
 * more, checkpoints. */
bool group_log_page(struct group_log *l, const struct group_log_page *how, struct text *to,
                    struct group_log_paged *ret, struct err *err) MUST_USE;
/* The checkpoints alone. */
bool group_log_notes_page(struct group_log *l, const struct group_log_page *how, struct text *to,
                          struct group_log_paged *ret, struct err *err) MUST_USE;
/* The event with its body, as it travels; without a newline. */
bool group_log_line_put(struct group_log *l, const struct fold_event *e, struct text *line,
                        struct err *err) MUST_USE;
/* Of a row; zeros for row 0. ERR_NOT_FOUND */
bool group_log_link(struct group_log *l, uint64_t row, struct hash32 *ret,
                    struct err *err) MUST_USE;
/* May a member (its place in the charter in force; -1: no active one) see the event? */
bool group_log_shows(const struct charter *c, int64_t member, const struct fold_event *e);
int64_t group_log_member(const struct charter *c, const char *id); /* c NULL: -1 */

/* ---- checkpoints (group/checkpoint.h) ---- */

#define LOG_CHECKPOINTS_MAX 100000 /* of one author */

struct group_log_cosign {
    const char *member;
    const struct signer *by; /* its node's key */
    uint64_t now;            /* seconds since 1970 */
    bool spaced;             /* of a long stream only when it has grown by 1/8192 of itself */
};

/* Signs what this member's streams are now, where that is new. */
bool group_log_checkpoint(struct group_log *l, const struct group_log_cosign *how, uint64_t *ret_n,
                          struct err *err) MUST_USE;

struct group_log_cosigned {
    uint64_t cosigned;
    uint64_t ahead;  /* streams whose events are not all here, or do not stand */
    uint64_t parted; /* streams that are left alone: their author has signed two histories */
};
/* Countersigns the newest checkpoint of each stream of others where this member's word counts. */
bool group_log_cosign(struct group_log *l, const struct group_log_cosign *how,
                      struct group_log_cosigned *ret, struct err *err) MUST_USE;
#define GROUP_LOG_WHOLE_DAYS 2 /* of which all checkpoints stay */

/* Lets go of those that prove nothing which others do not (log_prune.c has the rule). */
bool group_log_prune(struct group_log *l, uint64_t now, uint64_t *ret_n, struct err *err) MUST_USE;
/* That an event is in its author's stream, as c2sp.org/tlog-proof: by the smallest checkpoint that
 * is countersigned and has it; where none is, by the smallest. ERR_NOT_FOUND */
bool group_log_prove(struct group_log *l, const struct hash32 *id, struct text *to,
                     bool *ret_countersigned, struct err *err) MUST_USE;
/* That a stream has only grown since a checkpoint, up to another (NULL: the largest), as
 * group/proof.h has it. ERR_NOT_FOUND; ERR_INPUT its author has not signed it; ERR_DIFFERS it has
 * not grown from that: its author has shown two histories. */
bool group_log_prove_growth(struct group_log *l, const struct checkpoint *from,
                            const struct checkpoint *until, struct text *to,
                            struct err *err) MUST_USE;
/* All that are here, as signed notes with an empty line between them; of a stream the largest, and
 * ERR_NOT_FOUND if there is none. */
bool group_log_notes(struct group_log *l, const struct stream_id *stream, struct text *to,
                     struct err *err) MUST_USE;

/* ---- receipts (group/receipt.h) ---- */

/* One that this member has signed is kept if it says more of a stream than those before it; of
 * events that do not stand here, or that the member may not see, it says nothing. */
bool group_log_take_receipt(struct group_log *l, const char *member, struct bytes text,
                            const struct receipt *r, bool *ret_kept, struct err *err) MUST_USE;
/* Would it be kept, as far as the fold knows? False: all of it is zeros or not known. */
bool group_log_receipt_says(const struct group_log *l, const char *member, const struct receipt *r);

struct receipt_head { /* a member has a stream up to here, since then by its own clock */
    const char *member, *author;
    struct stream_id stream;
    uint64_t seq, ms;
};
struct receipts {
    struct receipt_head *at; /* [n] by member, author, stream, seq */
    size_t n;
};
/* What receipts say of events that stand; in the arena. */
bool group_log_receipts(struct group_log *l, struct arena *a, struct receipts *ret,
                        struct err *err) MUST_USE;
/* Since when that member has said to have it; false: it has not. */
bool receipts_find(const struct receipts *of, const char *member, const struct event *e,
                   uint64_t *ret_ms);
/* As they were signed, a line each, as they came. */
bool group_log_receipts_put(struct group_log *l, struct text *to, struct err *err) MUST_USE;

/* ---- checking ---- */

struct group_log_checked {
    uint64_t events, bodies, withheld, erased, streams;
    uint64_t checkpoints, countersigned, receipts;
    uint64_t parted; /* checkpoints that show another history than the rest: whose, of the last */
    char parted_author[GROUP_NAME_MAX + 1];
    struct stream_id parted_stream;
    struct hash32 link; /* of the last row; of a file: its digest */
    const char *by;     /* of a file: the member that signed its end, in the arena */
};
/* Every signature, link, body, checkpoint and receipt. */
bool group_log_check(struct group_log *l, struct group_log_checked *ret, struct err *err) MUST_USE;
/* The same of a file that group_log_export wrote whole (since 0), without a home. */
bool group_log_file_check(struct arena *a, FILE *in, uint64_t seed, struct group_log_checked *ret,
                          struct hash32 *ret_group, struct err *err) MUST_USE;

/* What lies apart: called with each line's reason. */
bool group_log_apart(struct group_log *l, void (*told)(void *ctx, const char *reason), void *ctx,
                     struct err *err) MUST_USE;

#endif
