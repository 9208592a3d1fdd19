/* How often each rule errs, as far as that was measured: evidence packs and the quarter's pack
 * state it. docs/patterns.md, "How well"; docs/taint.md.
 *
 * Threads:   constant. */
#ifndef CORDON_TRACE_RATES_H
#define CORDON_TRACE_RATES_H

#include <stddef.h>

enum rate_kind {
    RATE_MEASURED,   /* against a list that is right */
    RATE_CONVENTION, /* exact by its definition */
    RATE_SOURCES,    /* as good as who named them */
    RATE_UNKNOWN,    /* there is no list that is right */
    RATE_SHAPE,      /* a description, that cannot err */
};

struct rule_rate {
    const char *rule;
    enum rate_kind kind;
    const char *sample, *recall, *precision; /* of RATE_MEASURED: precision is at least that */
    const char *words, *source;
};

extern const struct rule_rate rule_rates[];
extern const size_t rule_rates_n;

#endif
