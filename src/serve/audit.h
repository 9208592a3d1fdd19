/* The audit log: a line for each decision, in a file that only grows, each line bound to the one
 * before it.
 *
 *     {"seq":7,"time":"2026-11-26T03:14:15.926535Z","entry":{...},"hash":"9f86..."}
 *
 * hash is SHA-256 (hexadecimal) of the hash of the line before it (32 bytes; zeros before the
 * first) and of the line's own bytes up to ,"hash":. A line that was altered, removed or put
 * elsewhere is therefore evident, but for lines removed at the end: who keeps the last hash
 * elsewhere sees those, too (audit_check tells it).
 *
 * A log that has grown to the size asked for (audit_rotate_at) goes on in a new file: the old one
 * is renamed to its path with "." and the number of its first line in 12 digits, so that their
 * names are in order. The first line of the new file says what it follows, and is bound to it as
 * any other; its entry is
 *
 *     {"event":"audit continues","file":"audit.jsonl.000000000001","seq":7,"hash":"9f86..."}
 *
 * Lines are written in group commits: whatever has come while the disk was busy goes with one write
 * and one fdatasync, and a line waits AUDIT_WAIT_US at most for company. done is called when its
 * line is durable, or cannot be; after a failure of the disk nothing more is taken until the log is
 * opened anew.
 *
 * What a crash left of a last line was never acknowledged: opening cuts it off, and says so.
 *
 * Ownership: an entry and its text are borrowed until done is called.
 * Errors:    audit_check: ERR_DIFFERS a line that is not as it was written (the text names it).
 * Threads:   audit_put any number; done is called in the log's own. One process a file. */
#ifndef CORDON_SERVE_AUDIT_H
#define CORDON_SERVE_AUDIT_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"

#define AUDIT_LINE_BYTES_MAX ((size_t)256 << 10)
#define AUDIT_WAIT_US 500
#define AUDIT_FILES_MAX 10000

struct audit;

struct audit_entry {
    struct audit_entry *next; /* the log's */
    struct bytes json;        /* an object on one line */
    void *ctx;                /* the caller's */
    void (*done)(struct audit_entry *e, bool durable);
};

struct audit_counts {
    uint64_t lines, commits; /* since it was opened */
    uint64_t commit_us;      /* spent in them */
    uint64_t commit_us_max;
    uint64_t waiting; /* entries that are not durable yet */
    bool broken;
};

/* *ret_cut: bytes of an unfinished line that were cut off. */
bool audit_open(const char *path, struct audit **ret, uint64_t *ret_cut, struct err *err) MUST_USE;
struct audit *audit_close(struct audit *a); /* what was put is written first */
/* 0: never, as it is until it is asked for. Any thread. */
void audit_rotate_at(struct audit *a, uint64_t bytes);
void audit_put(struct audit *a, struct audit_entry *e);
struct audit_counts audit_counts(struct audit *a);

/* ---- checking ---- */

struct audit_chain { /* starts as zeros */
    uint64_t lines;  /* the number of the last one */
    uint64_t before; /* those that were not seen: the first file checked followed another */
    struct hash32 last;
};

/* The next line, without its newline. Only the very first may say that it follows others. */
bool audit_line_check(struct audit_chain *c, const char *p, size_t n, struct err *err) MUST_USE;
/* A file by itself; and one more of a chain. */
bool audit_check(const char *path, struct audit_chain *ret, struct err *err) MUST_USE;
bool audit_check_next(const char *path, struct audit_chain *c, struct err *err) MUST_USE;
/* The files of a log that exist, in order, the one that is written to last. */
bool audit_files(struct arena *a, const char *path, const char *const **ret, size_t *ret_n,
                 struct err *err) MUST_USE;

#endif
