/* Replays a corpus through a fuzz target without libFuzzer, so that every build and every sanitizer
 * sees it.
 *
 * Each file of the folders given is one input, in a heap block of exactly its size. An input that
 * crashes ends the program, and its name is the last line; else the closing line counts them as
 * cmocka does. */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return alphasort(a, b);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data;
    long n;

    printf("%s\n", path);
    fflush(stdout);
    if (!f || fseek(f, 0, SEEK_END) || (n = ftell(f)) < 0) {
        perror(path);
        return 0;
    }
    rewind(f);
    data = malloc((size_t)n);
    if (n && (!data || fread(data, 1, (size_t)n, f) != (size_t)n)) {
        perror(path);
        abort();
    }
    fclose(f);
    LLVMFuzzerTestOneInput(data, (size_t)n);
    free(data);
    return 1;
}

static int replay_folder(const char *folder)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, visible, by_name), done = 0;

    if (n < 0)
        perror(folder);
    for (int i = 0; i < n; i++) {
        char path[PATH_MAX];

        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        done += replay_file(path);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return done == n ? done : -1;
}

int main(int argc, char **argv)
{
    int done = 0;

    for (int i = 1; i < argc; i++) {
        int more = replay_folder(argv[i]);

        if (more < 0)
            return 1;
        done += more;
    }
    if (!done) {
        fprintf(stderr, "no input\n");
        return 1;
    }
    printf("[  PASSED  ] %d test(s).\n", done);
    return 0;
}
