#include "serve/audit.h"

#include "base/io.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "serve/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define GROUP_BYTES_MAX ((size_t)16 << 20) /* of one commit, at least a line */
#define NUMBER_DIGITS 12
#define CONTINUES "audit continues"
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
    uint64_t file_first, bytes; /* of the file: the number of its first line, its size */
    _Atomic(uint64_t) rotate_at;
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

/* A first line may follow others: by what it says of the last of them it can be checked alone. */
static void chain_start(struct audit_chain *c, const char *p, size_t n)
{
    static const char mark[] = "\"entry\":{\"event\":\"" CONTINUES "\",";
    struct arena *a =
        memmem(p, n, mark, sizeof(mark) - 1) ? arena_new(NULL, (size_t)1 << 20) : NULL;
    const struct json *line, *entry, *hash;
    struct err ignored;

    if (a && json_read(a, p, n, &line, &ignored)) {
        entry = json_get(line, "entry");
        hash = json_get(entry, "hash");
        if (hash && hash->text_n == 64 && hex_decode(hash->text, 64, c->last.b, 32) &&
            json_u64(json_get(entry, "seq"), "seq", &c->lines, &ignored))
            c->before = c->lines;
        else
            *c = (struct audit_chain){.lines = 0};
    }
    arena_free(a);
}

bool audit_line_check(struct audit_chain *c, const char *p, size_t n, struct err *err)
{
    struct audit_chain fresh = *c;
    unsigned long long line;
    char start[40];
    size_t start_n;
    struct hash32 told, is;

    if (!c->lines)
        chain_start(&fresh, p, n);
    line = (unsigned long long)fresh.lines + 1;
    start_n = (size_t)snprintf(start, sizeof(start), "{\"seq\":%llu,\"time\":\"", line);

    if (n < start_n + TAIL_N || memcmp(p + n - TAIL_N, ",\"hash\":\"", 9) ||
        memcmp(p + n - 2, "\"}", 2) || !hex_decode(p + n - 66, 64, told.b, sizeof(told.b)))
        return err_fail(err, ERR_DIFFERS, "line %llu is no line of an audit log", line);
    if (memcmp(p, start, start_n))
        return err_fail(err, ERR_DIFFERS, "line %llu has not the number %llu", line, line);
    is = link_hash(&fresh.last, p, n - TAIL_N);
    if (!hash32_equal(&is, &told))
        return err_fail(err, ERR_DIFFERS,
                        "line %llu is not what was written there after the line before it", line);
    fresh.last = is;
    fresh.lines++;
    *c = fresh;
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
    *ret = (struct audit_chain){.lines = 0};
    return audit_check_next(path, ret, err);
}

bool audit_check_next(const char *path, struct audit_chain *c, struct err *err)
{
    FILE *f = fopen(path, "re");
    uint64_t whole, rest;
    bool ok;

    if (!f)
        return errno == ENOENT ? err_fail(err, ERR_NOT_FOUND, "\"%s\": no such file", path)
                               : err_system(err, "\"%s\"", path);
    ok = lines_check(f, c, &whole, &rest, err);
    if (ok && rest)
        ok = err_fail(err, ERR_DIFFERS, "line %llu has no end", (unsigned long long)c->lines + 1);
    fclose(f);
    return ok || err_in(err, "\"%s\"", path);
}

/* ---- files ---- */

/* Is it the log's name, a dot, and a number? */
static bool is_older(const char *name, const char *log)
{
    size_t n = strlen(log);

    return !strncmp(name, log, n) && name[n] == '.' && strlen(name) == n + 1 + NUMBER_DIGITS &&
           strspn(name + n + 1, "0123456789") == NUMBER_DIGITS;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *file_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static bool older_files(struct arena *a, const char *path, const char **to, size_t *n,
                        struct err *err)
{
    size_t folder_n = (size_t)(file_part(path) - path);
    const char *folder = folder_n ? arena_string(a, path, folder_n) : ".";
    DIR *d = folder ? opendir(folder) : NULL;
    const struct dirent *e;
    bool ok = true;

    if (!d)
        return !folder || errno != ENOENT ? err_system(err, "\"%s\"", path) : true;
    while (ok && (e = readdir(d))) {
        char name[PATH_MAX];

        if (!is_older(e->d_name, file_part(path)))
            continue;
        snprintf(name, sizeof(name), "%.*s%s", (int)folder_n, path, e->d_name);
        ok =
            *n < AUDIT_FILES_MAX || err_fail(err, ERR_LIMIT, "more than %d files", AUDIT_FILES_MAX);
        if (ok && !(to[(*n)++] = arena_string(a, name, strlen(name))))
            ok = err_fail(err, ERR_NOMEM, "files");
    }
    closedir(d);
    return ok;
}

bool audit_files(struct arena *a, const char *path, const char *const **ret, size_t *ret_n,
                 struct err *err)
{
    const char **files = ARENA_ARRAY(a, const char *, AUDIT_FILES_MAX + 1);
    size_t n = 0;

    if (!files)
        return err_fail(err, ERR_NOMEM, "files");
    if (!older_files(a, path, files, &n, err))
        return false;
    qsort(files, n, sizeof(files[0]), by_text);
    if (!access(path, F_OK) || !n)
        files[n++] = path;
    *ret = files;
    *ret_n = n;
    return true;
}

/* ---- writing ---- */

/* As many entries as one commit takes; those that follow are put back by the caller. */
static struct audit_entry *lines_make(struct audit *a, struct text *to, struct audit_entry *e)
{
    char now[CLOCK_TEXT_MAX];

    clock_text(now);
    for (; e && to->n + e->json.n < GROUP_BYTES_MAX - AUDIT_LINE_BYTES_MAX; e = e->next)
        line_put(to, &a->chain, now, e->json);
    return e;
}

/* ---- a new file ---- */

static bool older_name(const char *path, uint64_t first, char ret[PATH_MAX])
{
    return snprintf(ret, PATH_MAX, "%s.%0*llu", path, NUMBER_DIGITS, (unsigned long long)first) <
           PATH_MAX;
}

static bool folder_sync(const char *path)
{
    char folder[PATH_MAX];
    int n = (int)(file_part(path) - path), fd;
    bool ok;

    if (snprintf(folder, sizeof(folder), "%.*s", n ? n : 1, n ? path : ".") >= PATH_MAX)
        return false;
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ok = fd >= 0 && !fsync(fd);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* What a file begins with that follows another. */
static void continues_put(struct audit *a, struct text *to, const char *older)
{
    struct text t = text_new(PATH_MAX * 8);
    struct json_out j = json_to(&t, false);
    char now[CLOCK_TEXT_MAX];

    json_object(&j);
    json_put_string(&j, "event", CONTINUES);
    json_put_string(&j, "file", file_part(older));
    json_put_number(&j, "seq", a->chain.lines);
    json_put_hex(&j, "hash", a->chain.last.b, sizeof(a->chain.last.b));
    json_object_end(&j);
    clock_text(now);
    if (t.bad)
        to->bad = true;
    else
        line_put(to, &a->chain, now, (struct bytes){(const uint8_t *)t.p, t.n});
    text_free(&t);
}

/* Opens the file, for this process alone. */
static int file_open(const char *path, struct err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (fd < 0) {
        err_set_system(err, "cannot open");
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        err_set(err, ERR_SYSTEM, "another process writes it");
        close(fd);
        return -1;
    }
    return fd;
}

/* The file is named by its first line, and another is begun, whose first line goes before those
 * that are to be written. */
static bool rotate(struct audit *a, struct text *to)
{
    char older[PATH_MAX];
    struct err ignored;
    int fd;

    if (!older_name(a->path, a->file_first, older) || rename(a->path, older))
        return false;
    fd = file_open(a->path, &ignored);
    if (fd < 0 || !folder_sync(a->path)) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    close(a->fd);
    a->fd = fd;
    a->file_first = a->chain.lines + 1;
    a->bytes = 0;
    continues_put(a, to, older);
    return true;
}

static bool is_full(struct audit *a)
{
    uint64_t at = atomic_load(&a->rotate_at);

    return at && a->bytes >= at && !a->counts.broken;
}

void audit_rotate_at(struct audit *a, uint64_t bytes)
{
    atomic_store(&a->rotate_at, bytes);
}

static bool lines_write(struct audit *a, const struct text *lines)
{
    if (a->counts.broken || lines->bad || !write_whole(a->fd, lines->p, lines->n) ||
        fdatasync(a->fd))
        return false;
    a->bytes += lines->n;
    return true;
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
        ok = !is_full(a) || rotate(a, lines);
        rest = lines_make(a, lines, first);
        ok = ok && lines_write(a, lines);
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

/* The chain so far is checked, back to the beginning of the file: a log that was tampered with is
 * not gone on with. */
static bool resume(struct audit *a, uint64_t *ret_cut, struct err *err)
{
    int copy = dup(a->fd);
    FILE *f = copy < 0 ? NULL : fdopen(copy, "r");
    uint64_t rest;
    bool ok;

    if (!f) {
        if (copy >= 0)
            close(copy);
        return err_system(err, "cannot read");
    }
    ok = lines_check(f, &a->chain, &a->bytes, &rest, err);
    fclose(f);
    *ret_cut = ok ? rest : 0;
    if (ok && rest && ftruncate(a->fd, (off_t)a->bytes))
        return err_system(err, "cannot cut off an unfinished line");
    return ok;
}

/* The newest of the older files; NULL: there is none. */
static bool newest(struct arena *arena, const char *path, const char **ret, struct err *err)
{
    const char **files = ARENA_ARRAY(arena, const char *, AUDIT_FILES_MAX);
    size_t n = 0;

    *ret = NULL;
    if (!files)
        return err_fail(err, ERR_NOMEM, "files");
    if (!older_files(arena, path, files, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!*ret || strcmp(files[i], *ret) > 0)
            *ret = files[i];
    return true;
}

/* A file that follows another must follow that one as it is; an empty one begins with that. */
static bool follow(struct audit *a, const char *older, struct err *err)
{
    struct audit_chain chain = {.lines = 0};
    struct text line = text_new(AUDIT_LINE_BYTES_MAX);
    bool ok;

    if (!audit_check(older, &chain, err))
        return false;
    if (a->bytes)
        return a->chain.before == chain.lines ||
               err_fail(err, ERR_DIFFERS, "it does not follow \"%s\"", file_part(older));
    a->chain = chain;
    a->file_first = chain.lines + 1;
    continues_put(a, &line, older);
    ok = lines_write(a, &line);
    text_free(&line);
    return ok || err_fail(err, ERR_SYSTEM, "cannot write");
}

static bool audit_file(struct audit *a, uint64_t *ret_cut, struct err *err)
{
    struct arena *arena = arena_new(NULL, (size_t)64 << 20);
    const char *older = NULL;
    bool ok = arena || err_fail(err, ERR_NOMEM, "files");

    ok = ok && newest(arena, a->path, &older, err);
    if (ok) {
        a->fd = file_open(a->path, err);
        ok = a->fd >= 0 && resume(a, ret_cut, err);
    }
    a->file_first = a->chain.before + 1;
    ok = ok && (!older || follow(a, older, err));
    arena_free(arena);
    return ok;
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
