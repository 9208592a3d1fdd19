#include "base/io.h"
#include "base/text.h"
#include "ledger/format.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void counts_put(struct text *t, const struct ledger_shape *s, const char *before,
                       const struct counts *c)
{
    for (unsigned i = 0; i < s->counts_n; i++)
        text_printf(t, "%s%s %llu\n", before, s->counts[i].name, (unsigned long long)c->n[i]);
}

static void head_text(struct text *t, const struct head *h)
{
    struct hash32 sum;

    text_printf(t, "%s %d\nchain %s\n", h->shape->title, LEDGER_FORMAT, h->chain->name);
    counts_put(t, h->shape, "", &h->now);
    text_str(t, "tip ");
    text_hex_reversed(t, h->tip.b, 32);
    text_char(t, '\n');
    for (unsigned i = 0; i < h->shape->columns_n; i++)
        if (!h->shape->columns[i].in_place)
            text_printf(t, "sum.%s %016llx\n", h->shape->columns[i].name,
                        (unsigned long long)h->sum[i]);
    if (memcmp(&h->applied, &h->now, sizeof(h->now)))
        counts_put(t, h->shape, "applied.", &h->applied);
    if (memcmp(&h->undo, &h->now, sizeof(h->now)))
        counts_put(t, h->shape, "undo.", &h->undo);
    sum = sha256(t->p, t->n);
    text_str(t, "sha256 ");
    text_hex(t, sum.b, 32);
    text_char(t, '\n');
}

/* One line "name value"; moves *at past it. False when the name is another. */
static bool line(const char **at, const char *end, const char *name, const char **ret_value,
                 size_t *ret_n)
{
    size_t n = strlen(name);
    const char *eol = memchr(*at, '\n', (size_t)(end - *at));

    if (!eol || (size_t)(eol - *at) <= n || memcmp(*at, name, n) || (*at)[n] != ' ')
        return false;
    *ret_value = *at + n + 1;
    *ret_n = (size_t)(eol - *ret_value);
    *at = eol + 1;
    return true;
}

static bool counts_get(const char **at, const char *end, const struct ledger_shape *s,
                       const char *before, struct counts *ret)
{
    const char *v;
    size_t n;

    memset(ret, 0, sizeof(*ret));
    for (unsigned i = 0; i < s->counts_n; i++) {
        char name[64];

        snprintf(name, sizeof(name), "%s%s", before, s->counts[i].name);
        if (!line(at, end, name, &v, &n) || !u64_from_text(v, n, &ret->n[i]) ||
            ret->n[i] > s->counts[i].max)
            return false;
    }
    return true;
}

/* The chain, and whether its ledger has that shape. */
static bool head_chain(const char **at, const char *end, struct head *h, struct err *err)
{
    const char *v;
    char name[64];
    size_t n;

    h->chain = NULL;
    if (line(at, end, "chain", &v, &n) && n < sizeof(name)) {
        memcpy(name, v, n);
        name[n] = 0;
        h->chain = chain_by_name(name);
    }
    if (!h->chain)
        return err_fail(err, ERR_CORRUPT, "the head's fields are not those of format %d",
                        LEDGER_FORMAT);
    if (chain_has_accounts(h->chain) != h->shape->of_accounts)
        return err_fail(err, ERR_INPUT, "it is a ledger of %s, \"%s\"",
                        h->shape->of_accounts ? "coins" : "accounts", name);
    return true;
}

static bool head_fields(const char *at, const char *end, struct head *h)
{
    const char *v;
    const struct ledger_shape *s = h->shape;
    char name[64];
    size_t n;

    if (!counts_get(&at, end, s, "", &h->now) || !line(&at, end, "tip", &v, &n) ||
        !hex_decode(v, n, h->tip.b, 32))
        return false;
    for (unsigned i = 0; i < 16; i++) {
        uint8_t swap = h->tip.b[i];

        h->tip.b[i] = h->tip.b[31 - i];
        h->tip.b[31 - i] = swap;
    }
    memset(h->sum, 0, sizeof(h->sum));
    for (unsigned i = 0; i < s->columns_n; i++) {
        uint8_t sum[8];

        if (s->columns[i].in_place)
            continue;
        snprintf(name, sizeof(name), "sum.%s", s->columns[i].name);
        if (!line(&at, end, name, &v, &n) || !hex_decode(v, n, sum, 8))
            return false;
        h->sum[i] = load_be64(sum);
    }
    h->applied = h->undo = h->now;
    if (end - at > 8 && !memcmp(at, "applied.", 8) &&
        !counts_get(&at, end, s, "applied.", &h->applied))
        return false;
    if (end - at > 5 && !memcmp(at, "undo.", 5) && !counts_get(&at, end, s, "undo.", &h->undo))
        return false;
    for (unsigned i = 0; i < s->counts_n; i++)
        if (h->applied.n[i] > h->now.n[i] || h->undo.n[i] < h->now.n[i])
            return false;
    return at == end;
}

/* There is one way to write a head: digits in upper case, say, are not ours. */
static bool written_so(const char *p, size_t n, const struct head *head, bool *ret, struct err *err)
{
    struct text t = text_new(HEAD_BYTES_MAX);
    bool ok;

    head_text(&t, head);
    ok = text_end(&t, err);
    *ret = ok && t.n == n && !memcmp(t.p, p, n);
    text_free(&t);
    return ok;
}

bool head_parse(const char *p, size_t n, const struct ledger_shape *shape, struct head *ret,
                struct err *err)
{
    static const char sum_name[] = "sha256 ";
    const size_t sum_line = sizeof(sum_name) - 1 + 64 + 1;
    const char *at = p, *v;
    struct hash32 sum, want;
    uint64_t format = 0;
    size_t v_n;
    bool same;

    if (!line(&at, p + n, shape->title, &v, &v_n) || !u64_from_text(v, v_n, &format))
        return err_fail(err, ERR_CORRUPT, "not the head of a ledger");
    if (format != LEDGER_FORMAT)
        return err_fail(err, ERR_CORRUPT,
                        "format %llu of the ledger is not known, only %d: ingest anew",
                        (unsigned long long)format, LEDGER_FORMAT);
    if (n < sum_line || memcmp(p + n - sum_line, sum_name, sizeof(sum_name) - 1) ||
        p[n - 1] != '\n' || !hex_decode(p + n - 65, 64, want.b, 32))
        return err_fail(err, ERR_CORRUPT, "the head is cut short");
    sum = sha256(p, n - sum_line);
    if (!hash32_equal(&sum, &want))
        return err_fail(err, ERR_CORRUPT, "the head does not agree with its checksum");
    ret->shape = shape;
    if (!head_chain(&at, p + n - sum_line, ret, err))
        return false;
    same = head_fields(at, p + n - sum_line, ret);
    if (same && !written_so(p, n, ret, &same, err))
        return false;
    return same || err_fail(err, ERR_CORRUPT, "the head's fields are not those of format %d",
                            LEDGER_FORMAT);
}

bool head_read(int dir, const struct ledger_shape *shape, struct head *ret, struct err *err)
{
    char text[HEAD_BYTES_MAX];
    int fd = openat(dir, "head", O_RDONLY | O_CLOEXEC);
    size_t n = 0;
    ssize_t got = 1;

    if (fd < 0 && errno == ENOENT)
        return err_fail(err, ERR_NOT_FOUND, "there is no ledger");
    if (fd < 0)
        return err_system(err, "head");
    while (n < sizeof(text) && (got = read(fd, text + n, sizeof(text) - n)) > 0)
        n += (size_t)got;
    close(fd);
    if (got < 0)
        return err_system(err, "head");
    return head_parse(text, n, shape, ret, err) || err_in(err, "head");
}

bool head_write(int dir, const struct head *head, enum head_rest rest, struct err *err)
{
    struct text t = text_new(HEAD_BYTES_MAX);
    int fd;
    bool ok;

    head_text(&t, head);
    if (!text_end(&t, err)) {
        text_free(&t);
        return false;
    }
    fd = openat(dir, "head.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ok = fd >= 0 && write_whole(fd, t.p, t.n) && (rest == HEAD_FLEETING || !fdatasync(fd));
    text_free(&t);
    if (!ok)
        err_system(err, "head.new");
    if (fd >= 0)
        close(fd);
    if (ok && (renameat(dir, "head.new", dir, "head") || (rest == HEAD_DURABLE && fsync(dir)))) {
        err_system(err, "head");
        ok = false;
    }
    return ok;
}

uint64_t column_mix(uint64_t number, uint64_t word)
{
    uint64_t x = (word ^ (number * 0x9e3779b97f4a7c15 + 0x632be59bd9b4e019)) * 0xbf58476d1ce4e5b9;

    return (x ^ x >> 32) * 0x94d049bb133111eb;
}

uint64_t column_sum(uint64_t from, const uint8_t *p, size_t n)
{
    uint64_t number = from / 8, sum = 0, last = 0;
    size_t words = n / 8;

    for (size_t i = 0; i < words; i++)
        sum += column_mix(number + i, load_le64(p + 8 * i));
    if (n % 8) {
        memcpy(&last, p + 8 * words, n % 8);
        sum += column_mix(number + words, last);
    }
    return sum;
}

bool lock_take(int fd, enum lock_byte byte, bool exclusive, bool wait, struct err *err)
{
    struct flock range = {
        .l_type = exclusive ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    while (fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &range)) {
        if (errno == EINTR)
            continue;
        if (errno == EAGAIN || errno == EACCES)
            return err_fail(err, ERR_SYSTEM, "another program is writing this ledger");
        return err_system(err, "lock");
    }
    return true;
}

bool lock_readers_out(int fd, struct err *err)
{
    return lock_take(fd, LOCK_AWAITED, true, true, err) &&
           lock_take(fd, LOCK_READERS, true, true, err);
}

void lock_readers_in(int fd)
{
    lock_drop(fd, LOCK_READERS);
    lock_drop(fd, LOCK_AWAITED);
}

bool lock_is_awaited(int fd)
{
    struct flock range = {
        .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = LOCK_AWAITED, .l_len = 1};

    return !fcntl(fd, F_OFD_GETLK, &range) && range.l_type != F_UNLCK;
}

void lock_drop(int fd, enum lock_byte byte)
{
    struct flock range = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

    fcntl(fd, F_OFD_SETLK, &range);
}
