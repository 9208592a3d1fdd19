/* What the files of the log share: log.c keeps rows, log_body.c seals bodies, log_file.c reads
 * and writes files for others, log_lines.c reads and writes what nodes send each other,
 * log_checkpoint.c keeps checkpoints, log_prune.c lets go of them, log_prove.c proves by them,
 * log_receipt.c keeps receipts,
 * log_share.c counts what each member's events take. */
#ifndef CORDON_GROUP_LOG_PARTS_H
#define CORDON_GROUP_LOG_PARTS_H

#include "group/log.h"

#include <limits.h>
#include <pthread.h>

/* What is run for each event is prepared once. */
enum log_statement { LOG_ROW_PUT, LOG_BODY_OF, LOG_BODY_PUT, LOG_KEY_OF, LOG_KEY_PUT };
#define LOG_STATEMENTS_N (LOG_KEY_PUT + 1)

struct log_author { /* what a member has used of what the charter grants it here */
    char name[GROUP_NAME_MAX + 1];
    uint64_t used;
};

struct group_log {
    struct store *store;
    struct store_query *statements[LOG_STATEMENTS_N]; /* NULL: not prepared yet */
    pthread_mutex_t reading; /* whoever reads the store while the log may have other readers */
    struct fold *fold;       /* NULL: of no group */
    struct hash32 group, link;
    uint64_t rows, committed;        /* committed: how many there were at group_log_begin */
    uint64_t notes, notes_committed; /* the last checkpoint's number */
    const struct group_random *random;
    uint8_t key[32]; /* the home's store key */
    char keys_folder[PATH_MAX];
    bool writing;
    struct log_author *authors;
    size_t authors_n, authors_room, authors_last;
    uint64_t founded_ms; /* by the clock of the first charter's proposal; 0: not known yet */
    uint64_t until_ms;   /* later events are not folded; UINT64_MAX: there is no such time */
    uint64_t now_ms;     /* while lines of others are taken in; 0: nobody's share is asked after */
};

/* log_share.c: an event counts once, and once more for each of these bytes of its body. */
#define LOG_SHARE_BYTES 16384

/* Is the event its author's word, by the charters that are adopted? */
bool log_share_owns(const struct fold *f, const struct event *e);
bool log_share_use(struct group_log *l, const char *author, uint64_t n, struct err *err) MUST_USE;
/* Has the author so much left at that time? ms 0: yes. */
bool log_share_left(struct group_log *l, const char *author, uint64_t n, uint64_t ms);
/* More lines that nobody answers for than are kept? */
bool log_share_bounded(const struct group_log *l, struct err *err) MUST_USE;
uint64_t log_share_unowned(const struct group_log *l);

enum group_log_taken { LOG_TAKEN, LOG_DOUBLE };

/* An event whose signature was checked becomes a row. */
bool group_log_take(struct group_log *l, const struct event_line *line, enum group_log_taken *ret,
                    struct err *err) MUST_USE;
bool group_log_put_apart(struct group_log *l, struct bytes line, const char *reason,
                         struct err *err) MUST_USE;

/* To be reset, not finished. *ret stays NULL on failure. */
bool log_query(struct group_log *l, enum log_statement which, struct store_query **ret,
               struct err *err) MUST_USE;
void log_query_end(struct store_query *q); /* takes NULL */

bool body_seal(struct group_log *l, const struct event_line *line, struct err *err) MUST_USE;
/* Of a row as it rests; *ret_state BODY_HERE or BODY_ERASED. */
bool body_open(struct group_log *l, struct arena *a, const struct event *e, struct bytes sealed,
               enum body_state *ret_state, struct salt32 *ret_salt, struct bytes *ret,
               struct err *err) MUST_USE;

/* log_checkpoint.c */

#define LOG_NOTES_BYTES_MAX ((size_t)4 << 30)

extern const struct store_schema log_checkpoint_schema;

struct log_checkpoints { /* by author, stream, size and root */
    struct checkpoint *at;
    size_t n;
};

/* {"checkpoint":NOTE} */
bool checkpoint_line_is(struct bytes line);
bool checkpoint_line_read(struct arena *a, struct bytes line, const struct hash32 *group,
                          struct checkpoint *ret, struct err *err) MUST_USE;
/* Finds the keys of its signatures, and lets go of those that are nobody's; *ret_all: none was.
 * here: a copy whose keys were found; NULL: none. */
bool checkpoint_keys(const struct fold *f, const struct hash32 *group, struct checkpoint *c,
                     const struct checkpoint *here, bool *ret_all, struct err *err) MUST_USE;
/* known: ERR_NOT_FOUND where no event of its stream is here. */
bool group_log_take_checkpoint(struct group_log *l, struct arena *a, struct bytes line, bool known,
                               enum group_log_taken *ret, struct err *err) MUST_USE;
/* May a member (its place in the charter in force; -1: no active one) see the events of a stream,
 * of which there is one here? all: whoever asks may see everything. */
bool checkpoint_shows(const struct fold *f, const char *author, const struct stream_id *stream,
                      int64_t member, bool all);
/* Those with numbers beyond l->notes. */
bool log_checkpoints_fold(struct group_log *l, struct err *err) MUST_USE;
/* Those that came or changed since the log had so many rows. */
bool log_checkpoints_read(struct group_log *l, struct arena *a, uint64_t since,
                          struct log_checkpoints *ret, struct err *err) MUST_USE;
/* How many from there on are of one stream. */
size_t checkpoints_of_stream(const struct log_checkpoints *all, size_t from);
/* Are the events that they are of all here? Counts them. */
bool checkpoints_check(struct fold *f, const struct log_checkpoints *all,
                       struct group_log_checked *ret, struct err *err) MUST_USE;
bool log_checkpoints_check(struct group_log *l, struct group_log_checked *ret,
                           struct err *err) MUST_USE;

/* log_receipt.c */

bool log_receipts_check(struct group_log *l, struct group_log_checked *ret,
                        struct err *err) MUST_USE;

#endif
