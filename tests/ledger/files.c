#include "files.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* test_dir is one folder a program; tests here want several, so they are numbered below it. */
char *test_dir_sub(void)
{
    static char names[300][PATH_MAX], *top;
    static size_t n;

    if (!top)
        top = test_dir();
    CHECK(n < 300);
    snprintf(names[n], PATH_MAX, "%s/%zu", top, n);
    return names[n++];
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

struct hash32 fingerprint(const char *dir)
{
    struct sha256_stream s;
    DIR *d = opendir(dir);
    char *names[512];
    size_t n = 0;

    CHECK(d);
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.' && strcmp(e->d_name, "lock") && n < 512)
            names[n++] = strdup(e->d_name);
    closedir(d);
    qsort(names, n, sizeof(names[0]), by_name);
    sha256_start(&s);
    for (size_t i = 0; i < n; i++) {
        char path[PATH_MAX];
        FILE *f;
        uint8_t buffer[65536];

        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        sha256_add(&s, names[i], strlen(names[i]) + 1);
        f = fopen(path, "rb");
        CHECK(f);
        for (size_t got; (got = fread(buffer, 1, sizeof(buffer), f));)
            sha256_add(&s, buffer, got);
        fclose(f);
        free(names[i]);
    }
    return sha256_done(&s);
}

void check_same(const char *a, const char *b)
{
    struct hash32 x = fingerprint(a), y = fingerprint(b);

    if (!hash32_equal(&x, &y)) {
        char line[3 * PATH_MAX];

        snprintf(line, sizeof(line), "diff -rq -x lock %s %s >&2", a, b);
        if (system(line) < 0)
            print_message("diff could not run\n");
    }
    CHECK(hash32_equal(&x, &y));
}

void check_same_as(const char *dir, const struct hash32 *want)
{
    struct hash32 got = fingerprint(dir);

    CHECK(hash32_equal(&got, want));
}
