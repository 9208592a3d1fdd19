/* The file rules.yaml of this folder, built in. */
#include "screen/rules.h"

#include "rules_default.h"

const char *rules_default(size_t *ret_n)
{
    *ret_n = sizeof(embedded_rules) - 1;
    return embedded_rules;
}
