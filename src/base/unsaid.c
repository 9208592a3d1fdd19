#include "base/unsaid.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

bool unsaid_in(const char *s)
{
    static const char *const words[] = {"sar", "sars", "str",        "strs",
                                        "smr", "smrs", "suspicious", "suspicion"};
    static const char *const parts[] = {"\uc758\uc2ec\uac70\ub798",
                                        "\u7591\u308f\u3057\u3044\u53d6\u5f15",
                                        "\u53ef\u7591\u4ea4\u6613"};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strstr(s, parts[i]))
            return true;
    while (*s) {
        size_t n = 0;

        while (isalpha((unsigned char)s[n]))
            n++;
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (strlen(words[i]) == n && !strncasecmp(s, words[i], n))
                return true;
        s += n ? n : 1;
    }
    return false;
}
