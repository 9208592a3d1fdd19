#include "cli/demo_truth.h"

#include <strings.h>

static const char *word(const struct json *object, const char *name) /* NULL: none */
{
    const struct json *j = json_get(object, name);

    return j && j->type == JSON_STRING ? j->text : NULL;
}

static bool same(const char *a, const char *b) /* NULL is like nothing but NULL */
{
    return a && b ? !strcmp(a, b) : a == b;
}

static const char *amount(const struct json *object, const char *name)
{
    const char *s = word(object, name);

    return s ? s : "nothing";
}

static const struct json *first_of(const struct json *object, const char *name)
{
    const struct json *list = json_get(object, name);

    return list ? list->child : NULL;
}

uint64_t demo_units(const struct json *amount)
{
    uint64_t n = 0;
    struct err ignored;

    return amount && json_u64(amount, "", &n, &ignored) ? n : 0;
}

static uint64_t member(const struct json *object, const char *name)
{
    return demo_units(json_get(object, name));
}

void demo_coins(struct text *to, uint64_t units)
{
    text_printf(to, "%llu.%08llu", (unsigned long long)(units / 100000000),
                (unsigned long long)(units % 100000000));
}

static bool is_held(const struct json *reached)
{
    return !word(reached, "spent_by") && !first_of(reached, "stop");
}

static void put_outputs(struct text *to, uint64_t n)
{
    if (n == 1)
        text_str(to, "one output");
    else
        text_printf(to, "%llu outputs", (unsigned long long)n);
}

/* Each service once, where its first output stands. */
static unsigned tell_stops(struct text *to, const struct json *reached)
{
    unsigned n = 0;

    for (const struct json *r = reached; r; r = r->next) {
        const char *name = word(json_get(r, "stop"), "name");
        bool before = false;
        uint64_t sum = 0;

        for (const struct json *k = reached; k != r && name; k = k->next)
            before |= same(word(json_get(k, "stop"), "name"), name);
        if (!name || before)
            continue;
        for (const struct json *k = r; k; k = k->next)
            if (same(word(json_get(k, "stop"), "name"), name))
                sum += member(k, "taint");
        text_str(to, n++ ? ", " : "");
        demo_coins(to, sum);
        text_printf(to, " to %s (%s)", name, amount(json_get(r, "stop"), "category"));
    }
    return n;
}

void demo_tell(struct text *to, const struct json *trace)
{
    const struct json *reached = first_of(trace, "reached");
    uint64_t hops = 0, n = 0, held = 0;

    for (const struct json *r = reached; r; r = r->next, n++) {
        uint64_t hop = member(r, "hop");

        hops = hop > hops ? hop : hops;
        held += is_held(r);
    }
    text_printf(to, "The trace went through %llu hops to ", (unsigned long long)hops);
    put_outputs(to, n);
    text_str(to, ". ");
    if (!tell_stops(to, reached))
        text_str(to, "Nothing came to a known service");
    text_str(to, "; ");
    demo_coins(to, member(json_get(trace, "totals"), "held"));
    text_str(to, " still lies in ");
    put_outputs(to, held);
    text_str(to, "; ");
    demo_coins(to, member(json_get(trace, "totals"), "fees"));
    text_str(to, " was paid to miners.");
}

/* One end of the truth; what is wrong with it, or nothing. */
static unsigned differ_end(struct text *to, const struct json *reached, const struct json *end)
{
    const char *output = word(end, "output"), *service = word(end, "service"),
               *into = word(end, "into");
    const struct json *got = reached;

    if (!output)
        return 0;
    while (got && !same(word(got, "output"), output))
        got = got->next;
    if (!got)
        text_printf(to, "%s was not reached\n", output);
    else if (!same(word(got, "taint"), word(end, "value")))
        text_printf(to, "%s: %s instead of %s\n", output, amount(got, "taint"),
                    amount(end, "value"));
    else if (service && !same(word(json_get(got, "stop"), "name"), service))
        text_printf(to, "%s did not stop at %s\n", output, service);
    else if (into && !same(word(got, "spent_by"), into))
        text_printf(to, "%s did not go into %s\n", output, into);
    else if (same(word(end, "kind"), "held") && !is_held(got))
        text_printf(to, "%s is not held\n", output);
    else
        return 0;
    return 1;
}

static unsigned differ_total(struct text *to, const struct json *trace, const char *total,
                             uint64_t want)
{
    uint64_t got = member(json_get(trace, "totals"), total);

    if (got == want)
        return 0;
    text_printf(to, "%s: %llu instead of %llu\n", total, (unsigned long long)got,
                (unsigned long long)want);
    return 1;
}

unsigned demo_differ(struct text *to, const struct json *trace, const struct json *theft)
{
    uint64_t held = 0, exits = 0, fees = 0;
    unsigned n = 0;

    for (const struct json *end = first_of(theft, "ends"); end; end = end->next) {
        n += differ_end(to, first_of(trace, "reached"), end);
        held += same(word(end, "kind"), "held") ? member(end, "value") : 0;
        fees += same(word(end, "kind"), "fee") ? member(end, "value") : 0;
        exits += word(end, "service") ? member(end, "value") : 0;
    }
    if (!first_of(theft, "agree"))
        return n;
    n += differ_total(to, trace, "held", held) + differ_total(to, trace, "exits", exits);
    return n + (same(word(trace, "policy"), "poison") ? 0 : differ_total(to, trace, "fees", fees));
}

static unsigned differ_amount(struct text *to, const char *what, const struct json *totals,
                              const char *name, const struct json *end)
{
    if (same(word(totals, name), word(end, "value")))
        return 0;
    text_printf(to, "%s: %s instead of %s\n", what, amount(totals, name), amount(end, "value"));
    return 1;
}

static bool same_name(const char *a,
                      const char *b) /* addresses of accounts are written either way */
{
    return a && b && !strcasecmp(a, b);
}

static unsigned differ_balance(struct text *to, const struct json *part, const struct json *end)
{
    const char *account = amount(end, "account"), *service = word(end, "service");
    const struct json *got = first_of(part, "balances");

    while (got && !(same_name(word(got, "account"), account) &&
                    same_name(word(got, "asset"), word(end, "asset"))))
        got = got->next;
    if (!got)
        text_printf(to, "%s was not reached\n", account);
    else if (!same(word(got, "taint"), word(end, "value")))
        text_printf(to, "%s: %s instead of %s\n", account, amount(got, "taint"),
                    amount(end, "value"));
    else if (!same(word(json_get(got, "stop"), "name"), service))
        text_printf(to, "%s did not stop at %s\n", account, service ? service : "nowhere");
    else
        return 0;
    return 1;
}

unsigned demo_differ_swap(struct text *to, const struct json *part, const struct json *swap)
{
    const struct json *eth = first_of(part, "totals");
    unsigned n = 0;

    while (eth && !same(word(eth, "asset"), "ETH"))
        eth = eth->next;
    for (const struct json *end = first_of(swap, "ends"); end; end = end->next) {
        if (same(word(end, "kind"), "fee"))
            n += differ_amount(to, "fees", eth, "fees", end);
        else if (same(word(end, "kind"), "swap"))
            n += differ_amount(to, "swapped", eth, "converted_out", end);
        else
            n += differ_balance(to, part, end);
    }
    return n;
}
