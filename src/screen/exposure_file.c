#include "screen/exposure_file.h"

#include "base/replace.h"
#include "ledger/format.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "cordexpo"
#define VERSION 4
#define READ_BYTES ((size_t)1 << 20)
#define SUM_BYTES sizeof(uint64_t)

_Static_assert(sizeof(struct exposure_file_head) % 8 == 0, "sections are aligned");

struct summed { /* bytes so far, and their checksum */
    uint64_t at, sum;
};

static uint64_t head_sum(const struct exposure_file_head *h)
{
    return column_sum(0, (const uint8_t *)h, offsetof(struct exposure_file_head, sum));
}

static uint64_t padded(uint64_t n)
{
    return (n + 7) & ~(uint64_t)7;
}

/* ---- writing ---- */

static bool put(struct replace *r, struct summed *s, const void *p, size_t n, struct err *err)
{
    static const char zeros[8];

    s->sum += column_sum(s->at, p, n);
    s->at += padded(n);
    return replace_put(r, p, n, err) && replace_put(r, zeros, -n & 7, err);
}

static bool section_put(struct replace *r, struct summed *s, const struct exposure_section *section,
                        struct err *err)
{
    _Alignas(16) uint8_t part[EXPOSURE_FILL_BYTES];
    uint64_t n;

    if (!section->fill)
        return put(r, s, section->p, section->n, err);
    for (uint64_t at = 0; at < section->n; at += n) {
        n = section->n - at < sizeof(part) ? section->n - at : sizeof(part);
        section->fill(section->ctx, part, n);
        if (!put(r, s, part, n, err))
            return false;
    }
    return true;
}

static bool all_put(struct replace *r, const struct exposure_file_head *head,
                    const struct exposure_section *sections, size_t n, struct err *err)
{
    struct summed s = {0, 0};

    if (!put(r, &s, head, sizeof(*head), err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!section_put(r, &s, &sections[i], err))
            return false;
    return replace_put(r, &s.sum, SUM_BYTES, err);
}

static uint64_t bytes_of(const struct exposure_section *sections, size_t n)
{
    uint64_t bytes = sizeof(struct exposure_file_head) + SUM_BYTES;

    for (size_t i = 0; i < n; i++)
        bytes += padded(sections[i].n);
    return bytes;
}

bool exposure_file_save(const char *path, struct exposure_file_head *head,
                        const struct exposure_asked *asked, const struct hash32 *of,
                        const struct exposure_section *sections, size_t n, struct err *err)
{
    struct replace r;

    if (head->note.n > EXPOSURE_NOTE_MAX)
        return err_fail(err, ERR_USAGE, "exposure: a note of more than %u bytes",
                        EXPOSURE_NOTE_MAX);
    memset(head->note.bytes + head->note.n, 0, EXPOSURE_NOTE_MAX - head->note.n);
    memcpy(head->magic, MAGIC, sizeof(head->magic));
    head->version = VERSION;
    head->bytes = bytes_of(sections, n);
    head->of = *of;
    head->policy = asked->policy;
    head->labels_n = asked->labels_n;
    head->cut_ppm = asked->cut_ppm;
    head->zero = 0;
    head->sum = head_sum(head);
    return replace_begin(&r, path, err) &&
           replace_end(&r, all_put(&r, head, sections, n, err), err);
}

/* ---- reading ---- */

bool exposure_file_damaged(const struct exposure_file *f, struct err *err)
{
    return err_fail(err, ERR_CORRUPT, "\"%s\": no exposure, or damaged", f->path);
}

static bool take(struct exposure_file *f, void *p, size_t n, struct err *err)
{
    uint8_t *at = p;

    while (n) {
        ssize_t got = read(f->fd, at, n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_system(err, "\"%s\"", f->path);
        if (!got)
            return exposure_file_damaged(f, err);
        at += got;
        n -= (size_t)got;
    }
    return true;
}

static bool head_take(struct exposure_file *f, struct err *err)
{
    struct exposure_file_head *h = &f->head;
    struct stat st;

    if (fstat(f->fd, &st))
        return err_system(err, "\"%s\"", f->path);
    if (st.st_size < (off_t)sizeof(*h))
        return exposure_file_damaged(f, err);
    if (!take(f, h, sizeof(*h), err))
        return false;
    if (memcmp(h->magic, MAGIC, sizeof(h->magic)) != 0 || h->sum != head_sum(h) ||
        h->bytes != (uint64_t)st.st_size || h->note.n > EXPOSURE_NOTE_MAX)
        return exposure_file_damaged(f, err);
    return true;
}

bool exposure_file_open(struct exposure_file *f, const char *path, enum exposure_shape shape,
                        const struct exposure_asked *asked, const struct hash32 *of,
                        struct err *err)
{
    const struct exposure_file_head *h = &f->head;
    bool ok;

    f->path = path;
    f->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0)
        return errno == ENOENT ? err_fail(err, ERR_NOT_FOUND, "\"%s\": no such file", path)
                               : err_system(err, "\"%s\"", path);
    ok = head_take(f, err);
    if (ok && (h->version != VERSION || h->shape != shape || h->policy != asked->policy ||
               h->labels_n != asked->labels_n || h->cut_ppm != asked->cut_ppm ||
               !hash32_equal(&h->of, of)))
        ok = err_fail(err, ERR_DIFFERS, "\"%s\": of other labels, rules or ledger", path);
    if (!ok)
        exposure_file_close(f);
    return ok;
}

static bool section_take(struct exposure_file *f, struct summed *s,
                         const struct exposure_section *section, struct err *err)
{
    uint8_t zeros[8] = {0};
    uint64_t n;

    for (uint64_t at = 0; at < section->n; at += n) {
        uint8_t *p = (uint8_t *)section->p + at;

        n = section->n - at < READ_BYTES ? section->n - at : READ_BYTES;
        if (!take(f, p, n, err))
            return false;
        s->sum += column_sum(s->at, p, n);
        s->at += padded(n);
    }
    return take(f, zeros, -section->n & 7, err) &&
           (!load_le64(zeros) || exposure_file_damaged(f, err));
}

bool exposure_file_load(struct exposure_file *f, const struct exposure_section *sections, size_t n,
                        struct err *err)
{
    struct summed s = {sizeof(f->head), column_sum(0, (const uint8_t *)&f->head, sizeof(f->head))};
    uint64_t sum;

    if (bytes_of(sections, n) != f->head.bytes)
        return exposure_file_damaged(f, err);
    for (size_t i = 0; i < n; i++)
        if (!section_take(f, &s, &sections[i], err))
            return false;
    return take(f, &sum, SUM_BYTES, err) && (sum == s.sum || exposure_file_damaged(f, err));
}

void exposure_file_close(struct exposure_file *f)
{
    close(f->fd);
}
