#include "serve/follow_folder.h"

#include "chain/bank/bank.h"
#include "chain/transfer_source.h"
#include "ledger/account_guard.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NAMES_MAX 1000 /* files of one name that lie in done or bad */

static bool at_rest(int dir, const char *name)
{
    struct stat st;

    return *name != '.' && !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode) &&
           time(NULL) - st.st_mtime >= FOLLOW_REST_SECONDS;
}

/* The first by name. */
static bool next_file(const char *folder, struct follow_file *ret, struct err *err)
{
    DIR *d = opendir(folder);
    struct dirent *e;

    ret->any = false;
    if (!d)
        return err_system(err, "\"%s\"", folder);
    while ((e = readdir(d)))
        if (at_rest(dirfd(d), e->d_name) && (!ret->any || strcmp(e->d_name, ret->name) < 0)) {
            snprintf(ret->name, sizeof(ret->name), "%s", e->d_name);
            ret->any = true;
        }
    closedir(d);
    return true;
}

/* Is it the file's fault? */
static bool is_bad(const struct err *err)
{
    return err->class == ERR_INPUT || err->class == ERR_LIMIT || err->class == ERR_USAGE;
}

static bool take_all(struct follow_ledger *l, struct transfer_source *s, struct follow_took *ret,
                     struct err *err)
{
    struct transfer_block block;
    uint64_t known;
    bool end = false;

    for (;;) {
        if (!s->next(s->self, &block, &end, err))
            return false;
        if (end)
            return account_ledger_finish(l->accounts, err);
        known = account_ledger_took(l->accounts).known;
        if (!account_ledger_take(l->accounts, &block, err))
            return false;
        ret->payments += block.txs_n;
        if (account_ledger_took(l->accounts).known == known)
            ret->added += block.txs_n;
    }
}

/* Whole or not at all: what was taken before a failure is not committed. Frees the source. */
static bool ingest_source(struct transfer_source *s, struct follow_ledger *l,
                          struct follow_took *ret, struct follow_grown *ret_grown, struct err *err)
{
    struct account_ledger_took before, after;
    bool ok = follow_ledger_open(l, err) && account_guard(l->dir, s, err);

    if (ok) {
        before = account_ledger_took(l->accounts);
        ok = take_all(l, s, ret, err);
        after = account_ledger_took(l->accounts);
        ret_grown->added = ok ? after.added - before.added : 0;
        if (!ok)
            follow_ledger_close(l);
    }
    s->free(s->self);
    return ok;
}

static bool ingest_file(const char *path, struct follow_ledger *l, struct follow_grown *ret,
                        struct err *err)
{
    struct transfer_source_options o = {.map = NULL};
    struct follow_took took = {0};
    struct transfer_source s;

    return transfer_source_open(l->chain, &path, 1, &o, &s, err) &&
           ingest_source(&s, l, &took, ret, err);
}

/* Where the ledger lies is nobody's business who sends messages. */
static void without_dir(const struct follow_ledger *l, struct err *err)
{
    size_t n = strlen(l->dir);

    if (!strncmp(err->text, l->dir, n) && !strncmp(err->text + n, ": ", 2))
        memmove(err->text, err->text + n + 2, strlen(err->text + n + 2) + 1);
}

bool follow_messages_take(struct bytes messages, struct follow_ledger *l, struct follow_took *ret,
                          struct follow_grown *ret_grown, struct err *err)
{
    struct bank_file file = {"messages", messages};
    struct transfer_source s;

    *ret_grown = (struct follow_grown){.broken = false};
    *ret = (struct follow_took){0};
    if (bank_from(&file, 1, NULL, &s, err) && ingest_source(&s, l, ret, ret_grown, err))
        return true;
    without_dir(l, err);
    return false;
}

/* folder/NAME -> folder/to/NAME, or NAME.2 and so on. */
static bool move(const char *folder, const char *name, const char *to, char ret[PATH_MAX],
                 struct err *err)
{
    char from[PATH_MAX], dir[PATH_MAX];

    snprintf(from, sizeof(from), "%s/%s", folder, name);
    if (snprintf(dir, sizeof(dir), "%s/%s", folder, to) >= PATH_MAX)
        return err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", folder);
    if (mkdir(dir, 0700) && errno != EEXIST)
        return err_system(err, "\"%s\"", dir);
    for (unsigned i = 1; i <= NAMES_MAX; i++) {
        int n = i == 1 ? snprintf(ret, PATH_MAX, "%s/%s", dir, name)
                       : snprintf(ret, PATH_MAX, "%s/%s.%u", dir, name, i);

        if (n >= PATH_MAX)
            return err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", folder);
        if (!renameat2(AT_FDCWD, from, AT_FDCWD, ret, RENAME_NOREPLACE))
            return true;
        if (errno != EEXIST)
            return err_system(err, "\"%s\"", from);
    }
    return err_fail(err, ERR_SYSTEM, "\"%s\": %d of that name", ret, NAMES_MAX);
}

static bool reason_write(const char *moved, const struct err *why, struct err *err)
{
    char path[PATH_MAX + 16];
    FILE *f;
    bool ok;

    snprintf(path, sizeof(path), "%s.reason", moved);
    f = fopen(path, "wxe");
    if (!f)
        return err_system(err, "\"%s\"", path);
    ok = fprintf(f, "%s\n", why->text) > 0;
    ok = !fclose(f) && ok;
    return ok || err_system(err, "\"%s\"", path);
}

bool follow_folder_take(const char *folder, struct follow_ledger *l, struct follow_file *ret,
                        struct follow_grown *ret_grown, struct err *err)
{
    char path[PATH_MAX], moved[PATH_MAX];

    *ret_grown = (struct follow_grown){.broken = false};
    *ret = (struct follow_file){.any = false};
    if (!next_file(folder, ret, err))
        return false;
    if (!ret->any)
        return true;
    if (snprintf(path, sizeof(path), "%s/%s", folder, ret->name) >= PATH_MAX)
        return err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", folder);
    if (!ingest_file(path, l, ret_grown, &ret->reason)) {
        ret->bad = is_bad(&ret->reason);
        if (!ret->bad) {
            *err = ret->reason;
            return false;
        }
    }
    if (!move(folder, ret->name, ret->bad ? "bad" : "done", moved, err))
        return false;
    return !ret->bad || reason_write(moved, &ret->reason, err);
}
