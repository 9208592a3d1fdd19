/* Objects of the XRP Ledger as its own bytes: a line of JSON in, a line of hex out, or "-" where
 * they cannot be written. The stand-in for a server makes its binary answers by it, and holds the
 * bytes to the ids of the data by a hash of its own. */
#include "chain/xrpl/codec.h"

#include <stdio.h>
#include <stdlib.h>

static void one(const char *line, size_t n)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 28);
    struct text t = text_new((size_t)1 << 24);
    const struct json *j;
    struct err err;

    if (a && json_read(a, line, n, &j, &err) && xrpl_encode(a, j, &t, &err))
        for (size_t i = 0; i < t.n; i++)
            printf("%02X", (unsigned char)t.p[i]);
    else
        putchar('-');
    putchar('\n');
    text_free(&t);
    arena_free(a);
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n;

    while ((n = getline(&line, &size, stdin)) > 0)
        one(line, (size_t)n);
    free(line);
    return 0;
}
