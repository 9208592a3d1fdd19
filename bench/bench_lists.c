/* How fast a sanctions list is there: bytes -> entries -> addresses by key.
 *
 *     bench_lists FILE...
 *
 * The files are those of one list (sdn.csv with its neighbours, or one XML or CSV), packed or not.
 * Prints a JSON line: entries, addresses, and seconds of the processor for reading and for the
 * index of addresses, the least of ROUNDS. */
#include "bench.h"

#include "entity/list_address.h"
#include "entity/list_read.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 5

static bool file_take(const char *path, struct list_input *ret)
{
    FILE *f = fopen(path, "rb");
    long n = f && !fseek(f, 0, SEEK_END) ? ftell(f) : -1;
    uint8_t *p = n >= 0 ? malloc((size_t)n + 1) : NULL;
    bool ok = p && !fseek(f, 0, SEEK_SET) && fread(p, 1, (size_t)n, f) == (size_t)n;

    if (f)
        fclose(f);
    if (!ok) {
        perror(path);
        free(p);
        return false;
    }
    *ret = (struct list_input){path, {p, (size_t)n}};
    return true;
}

static bool measure(const struct list_input *files, size_t n)
{
    double read_least = 1e9, index_least = 1e9;
    struct list_addresses addresses = {0};
    struct list l = {0};
    struct err err;

    for (unsigned i = 0; i < ROUNDS; i++) {
        struct arena *a = arena_new(NULL, LIST_MEMORY_MAX);
        double start = cpu(), read, done;
        bool good = a && list_read(a, files, n, NULL, NULL, &l, &err);

        read = cpu();
        good = good && list_addresses_make(a, &l, 1, &addresses, &err);
        done = cpu();
        if (!good)
            fprintf(stderr, "%s\n", a ? err.text : "no memory");
        else {
            read_least = read - start < read_least ? read - start : read_least;
            index_least = done - read < index_least ? done - read : index_least;
        }
        if (i + 1 == ROUNDS && good)
            printf("{\"bench\":\"lists\",\"list\":\"%s\",\"entries\":%zu,\"addresses\":%zu,"
                   "\"memory\":%zu,\"read_s\":%.4f,\"index_s\":%.4f}\n",
                   l.name, l.entries_n, addresses.n, arena_used(a), read_least, index_least);
        arena_free(a);
        if (!good)
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct list_input files[LIST_FILES_MAX];
    size_t n = 0;
    bool good = argc > 1 && argc - 1 <= LIST_FILES_MAX;

    while (good && n < (size_t)argc - 1) {
        good = file_take(argv[n + 1], &files[n]);
        n += good;
    }
    good = good && measure(files, n);
    while (n)
        free((void *)files[--n].in.p);
    return !good;
}
