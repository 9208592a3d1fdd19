#include "cli/trace_ledgers.h"

#include "trace/confluence.h"

static bool one_add(struct ledger_set *s, const char *place, struct err *err)
{
    struct trace_ledger l = {NULL, NULL};
    struct ledger *coins;
    struct account_ledger *accounts;

    if (s->n == ROUTES_LEDGERS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d ledgers", ROUTES_LEDGERS_MAX);
    if (account_ledger_open(place, &accounts, err)) {
        l.accounts = accounts;
    } else {
        if (err->class != ERR_INPUT || !ledger_open(place, &coins, err)) /* it is of coins */
            return false;
        l.coins = coins;
    }
    s->at[s->n++] = l;
    return true;
}

static bool chain_add(struct call *c, struct ledger_set *s, const char *name, struct err *err)
{
    const struct chain *chain;
    const char *place;

    return chain_from_name(name, &chain, err) && ledger_place(c, chain->name, &place, err) &&
           one_add(s, place, err);
}

bool ledger_set_open(struct call *c, const char *const *chains, size_t chains_n,
                     struct ledger_set *ret, struct err *err)
{
    const char *wanted = call_option(c, "chain");

    ret->n = 0;
    for (size_t i = 0; i < c->given_n; i++)
        if (c->given[i].option && !strcmp(c->given[i].option->name, "ledger") &&
            !one_add(ret, c->given[i].value, err))
            return false;
    if (ret->n == 1 && wanted && strcmp(trace_ledger_chain(&ret->at[0])->name, wanted))
        return err_fail(err, ERR_USAGE, "\"%s\" is a ledger of %s, not of %s",
                        call_option(c, "ledger"), trace_ledger_chain(&ret->at[0])->name, wanted);
    if (ret->n)
        return true;
    for (size_t i = 0; i < chains_n; i++)
        if (!chain_add(c, ret, chains[i], err))
            return false;
    return true;
}

void ledger_set_close(struct ledger_set *s)
{
    for (size_t i = 0; i < s->n; i++) { /* ours, that others only read */
        ledger_close((struct ledger *)s->at[i].coins);
        account_ledger_close((struct account_ledger *)s->at[i].accounts);
    }
    s->n = 0;
}

static void add_chain(const char *name, const char **ret, size_t *n, size_t max)
{
    for (size_t i = 0; i < *n; i++)
        if (!name || !strcmp(ret[i], name))
            return;
    if (name && *n < max)
        ret[(*n)++] = name;
}

size_t case_chains(const struct case_file *f, const char *other, const char **ret, size_t max)
{
    const char *own = f->chain ? f->chain : other;
    size_t n = 0;

    for (size_t i = 0; i < f->origins_n; i++)
        add_chain(f->origins[i].chain ? f->origins[i].chain : own, ret, &n, max);
    for (size_t i = 0; i < f->conversions_n; i++) {
        const struct case_conversion *c = &f->conversions[i];

        for (size_t k = 0; k < c->from_n; k++)
            add_chain(c->from[k].chain ? c->from[k].chain : own, ret, &n, max);
        for (size_t k = 0; k < c->to_n; k++)
            add_chain(c->to[k].chain ? c->to[k].chain : own, ret, &n, max);
    }
    for (size_t i = 0; i < f->trusts_n; i++) /* where a bridge leads */
        add_chain(f->trusts[i].chain, ret, &n, max);
    for (size_t i = 0; i < f->stops_n; i++) /* a stop's chain may be where value goes */
        if (f->chain && f->stops[i].chain)
            add_chain(f->stops[i].chain, ret, &n, max);
    return n;
}

static void write_json(struct text *to, const void *doc)
{
    struct err ignored; /* this format cannot fail but by the text, which says so */

    if (!ledgers_write(NULL, to, doc, "json", &ignored))
        to->bad = true;
}

struct meeting { /* of the cases, for one line of JSON */
    const struct ledgers_doc *docs;
    struct confluences found;
};

static void write_meeting(struct text *to, const void *meeting)
{
    const struct meeting *m = meeting;

    confluence_write_json(to, m->docs, &m->found);
}

bool confluence_write(struct call *c, struct text *to, const struct ledgers_doc *docs, size_t n,
                      bool json, struct err *err)
{
    struct meeting m = {.docs = docs};

    if (!confluence_find(c->arena, docs, n, &m.found, err))
        return false;
    if (json)
        return document_line(to, write_meeting, &m, err);
    confluence_write_text(to, docs, &m.found);
    return true;
}

static bool documents_write(struct call *c, const struct ledgers_doc *docs, size_t n,
                            struct err *err)
{
    const char *format = call_option(c, "format");
    struct out_file out;
    bool ok = true, json;

    if (!format)
        format = "text";
    json = !strcmp(format, "json");
    if (n > 1 && !json && strcmp(format, "text"))
        return err_fail(err, ERR_USAGE, "--format %s holds one case; %zu are given", format, n);
    if (!out_open(c, call_option(c, "out"), &out, err))
        return false;
    for (size_t i = 0; i < n && ok; i++)
        ok = n > 1 && json ? document_line(out.to, write_json, &docs[i], err)
                           : ledgers_write(c->arena, out.to, &docs[i], format, err);
    if (ok && n > 1)
        ok = confluence_write(c, out.to, docs, n, json, err);
    return out_close(&out, ok, err) && ok;
}

bool trace_ledgers(struct call *c, const struct ledger_set *s, const struct case_file *cases,
                   size_t n, struct err *err)
{
    static const char *const of_coins[] = {"backward", "evidence"};
    struct ledgers_doc *docs = ARENA_ARRAY(c->arena, struct ledgers_doc, n);
    const struct chain *chains[ROUTES_LEDGERS_MAX];
    const struct trace_stop *stops;
    size_t stops_n;

    if (!docs)
        return err_fail(err, ERR_NOMEM, "%zu cases", n);
    for (size_t i = 0; i < sizeof(of_coins) / sizeof(of_coins[0]); i++)
        if (call_option(c, of_coins[i]))
            return err_fail(err, ERR_USAGE, "--%s is of one ledger of coins", of_coins[i]);
    for (size_t i = 0; i < s->n; i++)
        chains[i] = trace_ledger_chain(&s->at[i]);
    if (!stop_files_read(c, &stops, &stops_n, err) ||
        !stops_from_tags(c, chains, s->n, &stops, &stops_n, err))
        return false;
    return ledgers_run(c->arena, s->at, s->n, NULL, cases, n, stops, stops_n, docs, err) &&
           documents_write(c, docs, n, err);
}
