/* Tags: reading packs, taking them into a store, compiling the set, and asking it.
 *
 *     bench_tags DIR FILE...
 *
 * The store and the set are made in DIR. Prints one JSON line a figure, of processor time. Look-ups
 * are in random order over all keys, and over keys that are not there; the best of five runs.
 */
#include "bench.h"

#include "entity/tag_set.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RUNS = 5 };

static const struct store_schema *const schemas[] = {&tag_schema};

static struct bytes file_of(const char *path)
{
    int fd = open(path, O_RDONLY);
    struct stat st;
    uint8_t *p = NULL;

    if (fd < 0 || fstat(fd, &st) || !(p = malloc((size_t)st.st_size + 1)) ||
        read(fd, p, (size_t)st.st_size) != st.st_size)
        fail(path);
    close(fd);
    return (struct bytes){p, (size_t)st.st_size};
}

static void import(struct store *s, const char *path, double *read_s, double *insert_s,
                   size_t *tags)
{
    struct arena *a = arena_new(NULL, TAG_ARENA_BYTES_MAX);
    char before[TAG_TEXT_MAX + 1];
    struct bytes in = file_of(path);
    enum tag_import how;
    struct tag_pack p;
    const char *name;
    struct err err;
    double start = cpu_of_thread();

    if (!tag_pack_name(a, path, &name, &err) || !tag_pack_read(a, in, name, NULL, &p, &err))
        fail(err.text);
    *read_s += cpu_of_thread() - start;
    start = cpu_of_thread();
    if (!tag_store_import(s, &p, &how, before, &err))
        fail(err.text);
    *insert_s += cpu_of_thread() - start;
    *tags += p.stated_n;
    arena_free(a);
    free((void *)in.p);
}

static struct address_key *keys_of(const struct tag_set *set)
{
    struct address_key *keys = calloc(tag_set_keys(set) + 1, sizeof(*keys));
    struct tag_found found;
    uint64_t at = 0, state = 1;
    size_t n = 0;

    if (!keys)
        fail("no memory");
    while (tag_set_next(set, SPACE_NONE, &at, &found))
        if (!address_key_from(found.space, found.key, strlen(found.key), &keys[n++]))
            fail("a key");
    for (size_t i = n; i > 1; i--) {
        size_t k;
        struct address_key key = keys[i - 1];

        state = state * 6364136223846793005u + 1442695040888963407u;
        k = (size_t)(state >> 33) % i;
        keys[i - 1] = keys[k];
        keys[k] = key;
    }
    return keys;
}

static void look_ups(const struct tag_set *set, const struct address_key *keys, const char *what)
{
    size_t n = tag_set_keys(set), hits = 0;
    double best = 1e9;

    for (int r = 0; r < RUNS; r++) {
        double start = cpu_of_thread(), took;
        struct tag_found found;

        hits = 0;
        for (size_t i = 0; i < n; i++)
            hits += tag_set_find(set, &keys[i], &found) && found.categories;
        took = cpu_of_thread() - start;
        best = took < best ? took : best;
    }
    printf("{\"bench\":\"tags_%s\",\"keys\":%zu,\"found\":%zu,\"ns\":%.0f}\n", what, n, hits,
           best / (double)n * 1e9);
}

static void many(const struct tag_set *set, const struct address_key *keys)
{
    size_t n = tag_set_keys(set), hits = 0;
    struct tag_found *found = calloc(n + 1, sizeof(*found));
    double best = 1e9;

    if (!found)
        fail("no memory");
    for (int r = 0; r < RUNS; r++) {
        double start = cpu_of_thread(), took;

        hits = 0;
        tag_set_find_many(set, keys, n, found);
        took = cpu_of_thread() - start;
        for (size_t i = 0; i < n; i++)
            hits += found[i].tags_n != 0;
        best = took < best ? took : best;
    }
    free(found);
    printf("{\"bench\":\"tags_find_many\",\"keys\":%zu,\"found\":%zu,\"ns\":%.0f}\n", n, hits,
           best / (double)n * 1e9);
}

int main(int argc, char **argv)
{
    char store[4096], path[4096];
    double read_s = 0, insert_s = 0, start;
    struct address_key *keys;
    struct tag_set *set;
    struct store *s;
    struct err err;
    size_t tags = 0;

    if (argc < 3)
        fail("DIR FILE... are wanted");
    snprintf(store, sizeof(store), "%s/records.sqlite", argv[1]);
    snprintf(path, sizeof(path), "%s/tags.set", argv[1]);
    if (!store_open(store, STORE_WRITE, schemas, 1, &s, &err) || !store_begin(s, &err))
        fail(err.text);
    for (int i = 2; i < argc; i++)
        import(s, argv[i], &read_s, &insert_s, &tags);
    start = cpu_of_thread();
    if (!store_commit(s, &err))
        fail(err.text);
    insert_s += cpu_of_thread() - start;
    printf("{\"bench\":\"tags_import\",\"tags\":%zu,\"read_s\":%.2f,\"insert_s\":%.2f}\n", tags,
           read_s, insert_s);
    start = cpu_of_thread();
    if (!tag_set_make(s, path, &err))
        fail(err.text);
    printf("{\"bench\":\"tags_set_make\",\"s\":%.2f}\n", cpu_of_thread() - start);
    start = cpu_of_thread();
    if (!tag_set_ready(s, path, &set, &err))
        fail(err.text);
    printf("{\"bench\":\"tags_set_open\",\"s\":%.3f}\n", cpu_of_thread() - start);
    keys = keys_of(set);
    look_ups(set, keys, "find");
    many(set, keys);
    for (size_t i = 0; i < tag_set_keys(set); i++)
        keys[i].text[keys[i].n - 1] ^= 1;
    look_ups(set, keys, "miss");
    free(keys);
    tag_set_close(set);
    store_close(s);
    return 0;
}
