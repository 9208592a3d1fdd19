/* A list of symbols as handed in. What is read is in order and each once, can be shown, and stays
 * the same when it is joined with itself; every symbol folds to letters and digits,
 * or not at all. */
#include "chain/symbol.h"
#include "trace/token_list.h"

#include <assert.h>
#include <ctype.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    const struct trace_token *t, *twice;
    size_t n, twice_n;
    struct err err;

    if (a && token_list_read(a, (struct bytes){data, size}, "fuzz", &t, &n, &err)) {
        struct hash32 hash = token_list_hash(t, n), again;

        for (size_t i = 0; i < n; i++) {
            char folded[SYMBOL_FOLD_MAX];

            assert(*t[i].address && text_is_plain(t[i].address, strlen(t[i].address)));
            assert(*t[i].symbol && utf8_valid(t[i].symbol, strlen(t[i].symbol)));
            assert(text_is_plain(t[i].symbol, strlen(t[i].symbol)));
            if (symbol_fold(t[i].symbol, strlen(t[i].symbol), folded))
                for (const char *c = folded; *c; c++)
                    assert(isupper((unsigned char)*c) || isdigit((unsigned char)*c));
        }
        if (token_list_join(a, t, n, t, n, &twice, &twice_n, &err)) {
            again = token_list_hash(twice, twice_n);
            assert(twice_n == n && hash32_equal(&hash, &again));
        }
    }
    arena_free(a);
    return 0;
}
