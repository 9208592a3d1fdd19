/* A pass kept in a file: the exposure's own, with a note of where the ledger stood. */
#include "screen/screen_ledger_parts.h"

#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#define KEEP_FOLDER "exposure" /* of a home */

enum { NOTE_BYTES = 8 + 4 + 1 + 1 + 4 + 8 + 32 + 32 + 8 + 8 + 32 };

static struct exposure_note *note_of(const struct screen_ledger *x)
{
    return x->coins ? exposure_note(x->coins) : account_exposure_note(x->accounts);
}

static void note_write(const struct screen_ledger *x)
{
    struct exposure_note *note = note_of(x);
    uint8_t *p = note->bytes;

    store_le64(p, x->txs);
    store_le32(p + 8, x->blocks);
    p[12] = x->within;
    p[13] = x->as_of.any;
    store_le32(p + 14, x->as_of.height);
    store_le64(p + 18, x->as_of.time);
    memcpy(p + 26, x->as_of.block.b, 32);
    memcpy(p + 58, x->begun.b, 32);
    store_le64(p + 90, x->begun_first);
    store_le64(p + 98, x->owners_n);
    memcpy(p + 106, screen_tokens_hash(x, x->owners_n).b, 32);
    note->n = NOTE_BYTES;
}

static bool note_read(struct screen_ledger *x)
{
    const struct exposure_note *note = note_of(x);
    const uint8_t *p = note->bytes;
    struct hash32 tokens;

    if (note->n != NOTE_BYTES || p[12] > 1 || p[13] > 1)
        return false;
    x->txs = load_le64(p);
    x->blocks = load_le32(p + 8);
    x->within = p[12];
    x->as_of.any = p[13];
    x->as_of.height = load_le32(p + 14);
    x->as_of.time = load_le64(p + 18);
    memcpy(x->as_of.block.b, p + 26, 32);
    memcpy(x->begun.b, p + 58, 32);
    x->begun_first = load_le64(p + 90);
    tokens = screen_tokens_hash(x, load_le64(p + 98));
    if (memcmp(p + 106, tokens.b, 32) != 0)
        return false;
    return x->as_of.any == (x->blocks > 0);
}

bool screen_ledger_save(struct screen_ledger *x, const char *path, struct err *err)
{
    note_write(x);
    return x->coins ? exposure_save(x->coins, path, &x->as_of.labels, err)
                    : account_exposure_save(x->accounts, path, &x->as_of.labels, err);
}

/* As far as the note says, and no further than the ledger is. */
static bool stands(const struct screen_ledger *x, const struct trace_ledger *at)
{
    uint64_t txs = x->coins ? exposure_counts(x->coins).txs : x->txs;

    return txs == x->txs && txs <= screen_txs_of(at) && x->blocks <= screen_blocks_of(at) &&
           screen_ledger_fits(x, at) &&
           (x->coins ||
            account_exposure_counts(x->accounts).transfers == screen_transfers_first(at, x->txs));
}

bool screen_ledger_load(const struct screen_labels *labels, const struct trace_ledger *at,
                        const char *path, struct screen_ledger **ret, struct err *err)
{
    struct screen_ledger *x;

    if (!screen_ledger_make(labels, trace_ledger_chain(at), &x, err))
        return false;
    if (screen_labels_take(x, at, path, err)) {
        if (note_read(x) && stands(x, at)) {
            *ret = x;
            return true;
        }
        err_set(err, ERR_DIFFERS, "\"%s\": of a ledger whose blocks were others", path);
    }
    screen_ledger_free(x);
    return false;
}

static bool path_of(char ret[PATH_MAX], const char *home, const char *name, const char *ending,
                    struct err *err)
{
    int n = snprintf(ret, PATH_MAX, "%s/" KEEP_FOLDER "/%s%s", home, name, ending);

    return (n > 0 && n < PATH_MAX) || err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
}

bool screen_ledger_open(const struct screen_labels *labels, const struct trace_ledger *at,
                        const char *home, struct screen_ledger **ret, struct err *ret_why,
                        struct err *err)
{
    static const char *const endings[] = {"", ".before"};
    char path[PATH_MAX];

    *ret_why = (struct err){.class = ERR_NONE};
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        struct err why;

        if (!path_of(path, home, trace_ledger_chain(at)->name, endings[i], err))
            return false;
        if (screen_ledger_load(labels, at, path, ret, &why))
            return true;
        if (why.class == ERR_NOMEM || why.class == ERR_LIMIT) {
            *err = why;
            return false;
        }
        if (why.class != ERR_NOT_FOUND && why.class != ERR_DIFFERS)
            *ret_why = why;
    }
    return screen_ledger_new(labels, at, ret, err);
}

bool screen_ledger_keep(struct screen_ledger *x, const char *home, struct err *err)
{
    char path[PATH_MAX], before[PATH_MAX], fresh[PATH_MAX];

    if (!path_of(path, home, x->chain->name, "", err) ||
        !path_of(before, home, x->chain->name, ".before", err) ||
        !path_of(fresh, home, x->chain->name, ".new", err) || !screen_ledger_save(x, fresh, err))
        return false;
    if (rename(path, before) && errno != ENOENT)
        return err_system(err, "\"%s\"", path);
    return !rename(fresh, path) || err_system(err, "\"%s\"", path);
}

bool screen_keep_lock(const char *home, const struct chain *chain, int *ret, struct err *err)
{
    char path[PATH_MAX];
    int fd;

    if (!path_of(path, home, "", "", err) || !folder_make(path, 0700, err) ||
        !path_of(path, home, chain->name, ".lock", err))
        return false;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_system(err, "\"%s\"", path);
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        if (errno == EWOULDBLOCK)
            err_set(err, ERR_DIFFERS, "\"%s\": another process keeps it", path);
        else
            err_system(err, "\"%s\"", path);
        close(fd);
        return false;
    }
    *ret = fd;
    return true;
}
