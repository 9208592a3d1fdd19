#include "serve/audit.h"

#include "base/mem.h"
#include "base/text.h"
#include "serve/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define GROUP_BYTES_MAX ((size_t)16 << 20) /* of one commit, at least a line */
#define TAIL_N (sizeof(",\"hash\":\"\"}") - 1 + 64)

struct audit {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    struct audit_entry *first, **last; /* put, not taken yet */
    struct audit_counts counts;
    struct audit_chain chain;
    char *path;
    int fd;
    bool ending;
};

/* ---- the chain ---- */

static struct hash32 link_hash(const struct hash32 *before, const char *p, size_t n)
{
    struct sha256_stream s;

    sha256_start(&s);
    sha256_add(&s, before->b, sizeof(before->b));
    sha256_add(&s, p, n);
    return sha256_done(&s);
}

static void line_put(struct text *to, struct audit_chain *c, const char *time, struct bytes json)
{
    size_t before = to->n;

    text_printf(to, "{\"seq\":%llu,\"time\":\"%s\",\"entry\":", (unsigned long long)c->lines + 1,
                time);
    text_put(to, (const char *)json.p, json.n);
    if (to->bad)
        return;
    c->last = link_hash(&c->last, to->p + before, to->n - before);
    c->lines++;
    text_str(to, ",\"hash\":\"");
    text_hex(to, c->last.b, sizeof(c->last.b));
    text_str(to, "\"}\n");
}

bool audit_line_check(struct audit_chain *c, const char *p, size_t n, struct err *err)
{
    unsigned long long line = (unsigned long long)c->lines + 1;
    char start[40];
    size_t start_n = (size_t)snprintf(start, sizeof(start), "{\"seq\":%llu,\"time\":\"", line);
    struct hash32 told, is;

    if (n < start_n + TAIL_N || memcmp(p + n - TAIL_N, ",\"hash\":\"", 9) ||
        memcmp(p + n - 2, "\"}", 2) || !hex_decode(p + n - 66, 64, told.b, sizeof(told.b)))
        return err_fail(err, ERR_DIFFERS, "line %llu is no line of an audit log", line);
    if (memcmp(p, start, start_n))
        return err_fail(err, ERR_DIFFERS, "line %llu has not the number %llu", line, line);
    is = link_hash(&c->last, p, n - TAIL_N);
    if (!hash32_equal(&is, &told))
        return err_fail(err, ERR_DIFFERS,
                        "line %llu is not what was written there after the line before it", line);
    c->last = is;
    c->lines++;
    return true;
}

/* Reads line after line; *ret_whole is where the last whole line ends. */
static bool lines_check(FILE *f, struct audit_chain *c, uint64_t *ret_whole, uint64_t *ret_rest,
                        struct err *err)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    bool ok = true;

    *ret_whole = *ret_rest = 0;
    while (ok && (n = getline(&line, &size, f)) > 0) {
        if ((size_t)n > AUDIT_LINE_BYTES_MAX) {
            ok = err_fail(err, ERR_DIFFERS, "line %llu is longer than %zu bytes",
                          (unsigned long long)c->lines + 1, AUDIT_LINE_BYTES_MAX);
        } else if (line[n - 1] != '\n') {
            *ret_rest = (uint64_t)n;
            break;
        } else {
            ok = audit_line_check(c, line, (size_t)n - 1, err);
            *ret_whole += (uint64_t)n;
        }
    }
    if (ok && ferror(f))
        ok = err_system(err, "cannot read");
    free(line); /* getline's */
    return ok;
}

bool audit_check(const char *path, struct audit_chain *ret, struct err *err)
{
    FILE *f = fopen(path, "re");
    uint64_t whole, rest;
    bool ok;

    *ret = (struct audit_chain){.lines = 0};
    if (!f)
        return errno == ENOENT ? err_fail(err, ERR_NOT_FOUND, "\"%s\": no such file", path)
                               : err_system(err, "\"%s\"", path);
    ok = lines_check(f, ret, &whole, &rest, err);
    if (ok && rest)
        ok = err_fail(err, ERR_DIFFERS, "line %llu has no end", (unsigned long long)ret->lines + 1);
    fclose(f);
    return ok || err_in(err, "\"%s\"", path);
}

/* ---- writing ---- */

static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t wrote = write(fd, p, n);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        p += wrote;
        n -= (size_t)wrote;
    }
    return true;
}

/* As many entries as one commit takes; those that follow are put back by the caller. */
static struct audit_entry *lines_make(struct audit *a, struct text *to, struct audit_entry *e)
{
    char now[CLOCK_TEXT_MAX];

    clock_text(now);
    for (; e && to->n + e->json.n < GROUP_BYTES_MAX - AUDIT_LINE_BYTES_MAX; e = e->next)
        line_put(to, &a->chain, now, e->json);
    return e;
}

static void entries_end(struct audit_entry *from, const struct audit_entry *to, bool durable)
{
    while (from != to) {
        struct audit_entry *next = from->next; /* done may end it */

        from->done(from, durable);
        from = next;
    }
}

static void commit(struct audit *a, struct text *lines, struct audit_entry *first)
{
    while (first) {
        uint64_t start = clock_steady_us(), us, n = 0;
        struct audit_entry *rest;
        bool ok;

        lines->n = 0;
        rest = lines_make(a, lines, first);
        ok = !a->counts.broken && !lines->bad && write_all(a->fd, lines->p, lines->n) &&
             !fdatasync(a->fd);
        us = clock_steady_us() - start;
        for (const struct audit_entry *e = first; e != rest; e = e->next)
            n++;
        pthread_mutex_lock(&a->lock);
        a->counts.broken = !ok;
        a->counts.commits++;
        a->counts.lines += n;
        a->counts.commit_us += us;
        a->counts.waiting -= n;
        if (us > a->counts.commit_us_max)
            a->counts.commit_us_max = us;
        pthread_mutex_unlock(&a->lock);
        entries_end(first, rest, ok);
        first = rest;
    }
}

static void *writer(void *audit)
{
    struct audit *a = audit;
    struct text lines = text_new(GROUP_BYTES_MAX);
    bool ending = false;

    while (!ending) {
        struct timespec company = {0, AUDIT_WAIT_US * 1000L};
        struct audit_entry *first;

        pthread_mutex_lock(&a->lock);
        while (!a->first && !a->ending)
            pthread_cond_wait(&a->wake, &a->lock);
        pthread_mutex_unlock(&a->lock);
        nanosleep(&company, NULL);
        pthread_mutex_lock(&a->lock);
        first = a->first;
        a->first = NULL;
        a->last = &a->first;
        ending = a->ending && !first;
        pthread_mutex_unlock(&a->lock);
        commit(a, &lines, first);
    }
    text_free(&lines);
    return NULL;
}

void audit_put(struct audit *a, struct audit_entry *e)
{
    bool refused = e->json.n > AUDIT_LINE_BYTES_MAX / 2 || memchr(e->json.p, '\n', e->json.n);

    e->next = NULL;
    pthread_mutex_lock(&a->lock);
    refused = refused || a->counts.broken;
    if (!refused) {
        if (!a->first)
            pthread_cond_signal(&a->wake);
        *a->last = e;
        a->last = &e->next;
        a->counts.waiting++;
    }
    pthread_mutex_unlock(&a->lock);
    if (refused)
        e->done(e, false);
}

struct audit_counts audit_counts(struct audit *a)
{
    struct audit_counts counts;

    pthread_mutex_lock(&a->lock);
    counts = a->counts;
    pthread_mutex_unlock(&a->lock);
    return counts;
}

/* ---- opening ---- */

/* The chain so far is checked whole: a log that was tampered with is not gone on with. */
static bool resume(struct audit *a, uint64_t *ret_cut, struct err *err)
{
    int copy = dup(a->fd);
    FILE *f = copy < 0 ? NULL : fdopen(copy, "r");
    uint64_t whole, rest;
    bool ok;

    if (!f) {
        if (copy >= 0)
            close(copy);
        return err_system(err, "cannot read");
    }
    ok = lines_check(f, &a->chain, &whole, &rest, err);
    fclose(f);
    *ret_cut = ok ? rest : 0;
    if (ok && rest && ftruncate(a->fd, (off_t)whole))
        return err_system(err, "cannot cut off an unfinished line");
    return ok;
}

static bool audit_file(struct audit *a, uint64_t *ret_cut, struct err *err)
{
    a->fd = open(a->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (a->fd < 0)
        return err_system(err, "cannot open");
    if (flock(a->fd, LOCK_EX | LOCK_NB))
        return err_fail(err, ERR_SYSTEM, "another process writes it");
    return resume(a, ret_cut, err);
}

bool audit_open(const char *path, struct audit **ret, uint64_t *ret_cut, struct err *err)
{
    struct audit *a = mem_zero(sizeof(*a));
    size_t path_n = strlen(path) + 1;

    if (!a)
        return err_fail(err, ERR_NOMEM, "an audit log");
    a->fd = -1;
    a->last = &a->first;
    a->path = mem_alloc(path_n);
    if (!a->path) {
        mem_free(a);
        return err_fail(err, ERR_NOMEM, "an audit log");
    }
    memcpy(a->path, path, path_n);
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->wake, NULL);
    if (!audit_file(a, ret_cut, err)) {
        err_prefix(err, "\"%s\"", path);
    } else {
        errno = pthread_create(&a->thread, NULL, writer, a);
        if (!errno) {
            *ret = a;
            return true;
        }
        err_set_system(err, "an audit log's thread");
    }
    if (a->fd >= 0)
        close(a->fd);
    mem_free(a->path);
    mem_free(a);
    return false;
}

struct audit *audit_close(struct audit *a)
{
    if (!a)
        return NULL;
    pthread_mutex_lock(&a->lock);
    a->ending = true;
    pthread_cond_signal(&a->wake);
    pthread_mutex_unlock(&a->lock);
    pthread_join(a->thread, NULL);
    close(a->fd);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->wake);
    mem_free(a->path);
    return mem_free(a);
}
