#include "trace/graphml.h"

#include <string.h>

void graphml_keys(struct text *to, const struct graphml_key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text_printf(to, "<key id=\"%s\" for=\"%s\" attr.name=\"%s\" attr.type=\"%s\"/>\n",
                    keys[i].id, keys[i].of, keys[i].id, keys[i].type);
}

void graphml_data(struct text *to, const char *key, const char *s)
{
    text_printf(to, "<data key=\"%s\">", key);
    text_html(to, s, strlen(s));
    text_str(to, "</data>");
}

void graphml_number(struct text *to, const char *key, uint64_t v)
{
    text_printf(to, "<data key=\"%s\">%llu</data>", key, (unsigned long long)v);
}

void graphml_amount(struct text *to, const char *key, struct u256 amount)
{
    char digits[U256_TEXT_MAX];

    u256_to_text(amount, digits);
    graphml_data(to, key, digits);
}
