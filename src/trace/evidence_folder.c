#include "trace/evidence_folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

bool evidence_folder_make(char ret[EVIDENCE_FOLDER_MAX], struct err *err)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(ret, EVIDENCE_FOLDER_MAX, "%s/cordon-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    return mkdtemp(ret) || err_system(err, "temporary folder %s", ret);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void evidence_folder_remove(const char *dir)
{
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
