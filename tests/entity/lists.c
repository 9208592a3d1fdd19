#include "lists.h"

#include <stdio.h>
#include <string.h>

struct list lists_read(struct arena *a, const struct list_input *files, size_t n,
                       const char *called)
{
    struct list list;
    struct err err;

    CHECK_OK(list_read(a, files, n, called, NULL, &list, &err), err);
    return list;
}

static struct list_input data_file(const char *path)
{
    char full[256];

    snprintf(full, sizeof(full), "sanctions/%s", path);
    return (struct list_input){path, test_data(full)};
}

struct list lists_data(struct arena *a, const char *path)
{
    struct list_input file = data_file(path);

    return lists_read(a, &file, 1, NULL);
}

struct list lists_ofac(struct arena *a, const char *day)
{
    char sdn[64];
    struct list_input files[4];
    size_t n = 0;

    snprintf(sdn, sizeof(sdn), "ofac/%s/sdn.csv.zst", day);
    files[n++] = data_file(sdn);
    files[n++] = data_file("ofac/2023-12-29/sdn_comments.csv");
    if (!strcmp(day, "2023-12-29")) {
        files[n++] = data_file("ofac/2023-12-29/alt.csv.zst");
        files[n++] = data_file("ofac/2023-12-29/add.csv.zst");
    }
    return lists_read(a, files, n, NULL);
}

struct list_input lists_text(const char *name, const char *text)
{
    return (struct list_input){name, {(const uint8_t *)text, strlen(text)}};
}

struct wanted {
    const char *label, *text;
    bool found;
};

static void line(void *to, const char *label, const char *text)
{
    struct wanted *w = to;

    w->found = w->found || (!strcmp(label, w->label) && !strcmp(text, w->text));
}

bool lists_says(const struct list_entry *e, const char *label, const char *text)
{
    struct wanted w = {label, text, false};

    list_entry_lines(e, line, &w);
    return w.found;
}
