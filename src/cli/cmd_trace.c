/* cordon trace: follow taint from origins or case files, and write what was reached.
 *
 * What is typed as outputs, transactions and addresses is one case without a name; each case file
 * is another. Options of the command line come before what a case file says. */
#include "cli/cli.h"
#include "cli/backward.h"
#include "cli/trace_ledgers.h"

#include "base/time.h"
#include "trace/evidence.h"
#include "trace/run.h"
#include "trace/token_list.h"

struct wanted {              /* what the command line asks for */
    struct case_file *cases; /* [n] */
    size_t n;
    struct case_origin *typed; /* [typed_n] */
    size_t typed_n;
};

/* "txid:vout", "txid" and addresses hold neither a dot nor a slash, which every path can be given
 * with. */
static bool is_case_file(const char *word)
{
    return strpbrk(word, "./") || !strcmp(word, "-");
}

static bool case_add(struct call *c, struct wanted *w, const char *path, struct err *err)
{
    struct bytes in;

    return file_read(c->arena, path, CASE_FILE_BYTES_MAX, &in, err) &&
           (case_read(c->arena, in, &w->cases[w->n++], err) || err_in(err, "\"%s\"", path));
}

static bool words_add(struct call *c, struct wanted *w, char *list, struct err *err)
{
    char *rest = list, *word;

    while ((word = strsep(&rest, ","))) {
        if (is_case_file(word) ? !case_add(c, w, word, err)
                               : !origin_from_text(c->arena, word, &w->typed[w->typed_n++], err))
            return false;
    }
    return true;
}

/* --account ADDRESS[@HEIGHT]: a taker, whatever its name looks like. */
static bool accounts_add(struct call *c, struct wanted *w, struct err *err)
{
    for (size_t i = 0; i < c->given_n; i++)
        if (c->given[i].option && !strcmp(c->given[i].option->name, "account") &&
            !origin_from_account(c->arena, c->given[i].value, &w->typed[w->typed_n++], err))
            return false;
    return true;
}

static size_t words_n(const struct call *c)
{
    size_t n = c->given_n;

    for (size_t i = 0; i < call_args_n(c); i++, n++)
        for (const char *at = call_arg(c, i); (at = strchr(at, ',')); at++)
            n++;
    return n;
}

/* The arguments as cases; what was typed is the first. */
static bool cases_wanted(struct call *c, struct wanted *ret, struct err *err)
{
    size_t words = words_n(c);
    struct wanted w = {ARENA_ARRAY(c->arena, struct case_file, words + 1), 1,
                       ARENA_ARRAY(c->arena, struct case_origin, words), 0};

    if (!w.cases || !w.typed)
        return err_fail(err, ERR_NOMEM, "%zu origins", words);
    for (size_t i = 0; i < call_args_n(c); i++) {
        const char *arg = call_arg(c, i);
        char *list = arena_string(c->arena, arg, strlen(arg));

        if (!list)
            return err_fail(err, ERR_NOMEM, "%zu origins", words);
        if (!words_add(c, &w, list, err))
            return false;
    }
    if (!accounts_add(c, &w, err))
        return false;
    w.cases[0].origins = w.typed;
    w.cases[0].origins_n = w.typed_n;
    if (!w.typed_n) {
        w.cases++;
        w.n--;
    }
    if (!w.n)
        return err_fail(err, ERR_USAGE,
                        "an origin, --account or a case file is missing (see cordon "
                        "help trace)");
    *ret = w;
    return true;
}

/* A height, or a time with a dash in it. */
static bool until_apply(const char *until, struct case_file *f, struct err *err)
{
    uint64_t height = 0;

    f->has_until_time = strchr(until, '-') != NULL;
    f->has_until = !f->has_until_time;
    if (f->has_until_time
            ? !time_from_text(until, strlen(until), &f->until_time)
            : !u64_from_text(until, strlen(until), &height) || height >= HEIGHT_UNKNOWN)
        return err_fail(err, ERR_USAGE,
                        "--until \"%s\": a height is wanted, or a time like 2022-03-23T13:29:09Z",
                        until);
    f->until = (uint32_t)height;
    return true;
}

/* The tokens of all --tokens files, with the case's own. */
static bool tokens_add(struct call *c, struct case_file *f, struct err *err)
{
    for (size_t i = 0; i < c->given_n; i++) {
        const char *path = c->given[i].value;
        const struct trace_token *more;
        struct bytes in;
        size_t n;

        if (!c->given[i].option || strcmp(c->given[i].option->name, "tokens"))
            continue;
        if (!file_read(c->arena, path, TOKEN_LIST_BYTES_MAX, &in, err))
            return false;
        if (!token_list_read(c->arena, in, path, &more, &n, err))
            return err_in(err, "\"%s\"", path);
        if (!token_list_join(c->arena, f->tokens, f->tokens_n, more, n, &f->tokens, &f->tokens_n,
                             err))
            return false;
    }
    return true;
}

static bool options_apply(struct call *c, struct case_file *f, struct err *err)
{
    const char *policy = call_option(c, "policy"), *dust = call_option(c, "dust"),
               *until = call_option(c, "until");
    uint64_t n;

    if (policy) {
        f->has_policy = true;
        if (!trace_policy_from_name(policy, &f->policy))
            return err_fail(err, ERR_USAGE, "unknown policy \"%s\"", policy);
    }
    if (dust) {
        f->has_dust = true;
        if (!u256_from_text(dust, strlen(dust), &f->dust))
            return err_fail(err, ERR_USAGE, "--dust \"%s\": a whole number is wanted", dust);
    }
    if (call_option(c, "hops")) {
        f->has_hops = true;
        if (!call_number(c, "hops", TRACE_HOPS_NONE - 1, 0, &n, err))
            return false;
        f->hops_max = (uint32_t)n;
    }
    if (until && !until_apply(until, f, err))
        return false;
    return (!call_option(c, "look-alike") ||
            look_rule_from_text(call_option(c, "look-alike"), &f->look, err)) &&
           tokens_add(c, f, err);
}

static bool document_write(struct call *c, struct text *to, const struct trace_doc *d,
                           const char *format, struct err *err)
{
    if (!strcmp(format, "json"))
        trace_write_json(to, d);
    else if (!strcmp(format, "csv"))
        trace_write_csv(to, d);
    else if (!strcmp(format, "graphml"))
        trace_write_graphml(to, d);
    else if (!strcmp(format, "html"))
        return trace_write_html(c->arena, to, d, err);
    else
        trace_write_text(to, d);
    return true;
}

/* JSON: a document a line. */
bool document_line(struct text *to, void (*write)(struct text *to, const void *doc),
                   const void *doc, struct err *err)
{
    struct text line = text_to(text_one_line, to);
    bool ok;

    write(&line, doc);
    ok = text_end(&line, err);
    text_free(&line);
    text_char(to, '\n');
    return ok;
}

static void write_json(struct text *to, const void *doc)
{
    trace_write_json(to, doc);
}

/* Where cases of one ledger of coins meet. */
static bool meeting_write(struct call *c, struct text *to, struct trace_doc *docs, size_t n,
                          bool json, struct err *err)
{
    struct ledgers_doc *all = ARENA_ARRAY(c->arena, struct ledgers_doc, n);
    struct trace_part *parts = ARENA_ARRAY(c->arena, struct trace_part, n);
    const struct trace_ledger ledger = {.coins = c->ledger};

    if (!all || !parts)
        return err_fail(err, ERR_NOMEM, "%zu cases", n);
    for (size_t i = 0; i < n; i++) {
        parts[i].coins = &docs[i];
        all[i] = (struct ledgers_doc){.ledgers = &ledger,
                                      .parts = &parts[i],
                                      .ledgers_n = 1,
                                      .case_id = docs[i].case_id,
                                      .policy = docs[i].policy};
    }
    return confluence_write(c, to, all, n, json, err);
}

static bool documents_write(struct call *c, struct trace_doc *docs, size_t n, struct err *err)
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
                           : document_write(c, out.to, &docs[i], format, err);
    if (ok && n > 1)
        ok = meeting_write(c, out.to, docs, n, json, err);
    return out_close(&out, ok, err) && ok;
}

/* The outputs that --end names; NULL: none is named, and all ends are meant. */
static bool ends_chosen(struct call *c, const struct trace_doc *d, const uint64_t **ret,
                        size_t *ret_n, struct err *err)
{
    struct case_origin *ends = ARENA_ARRAY(c->arena, struct case_origin, c->given_n + 1);
    size_t n = 0;

    *ret = NULL;
    *ret_n = 0;
    if (!ends)
        return err_fail(err, ERR_NOMEM, "%zu ends", c->given_n);
    for (size_t i = 0; i < c->given_n; i++) {
        if (!c->given[i].option || strcmp(c->given[i].option->name, "end"))
            continue;
        if (!origin_from_text(c->arena, c->given[i].value, &ends[n++], err))
            return err_in(err, "--end");
        if (ends[n - 1].kind != ORIGIN_OUTPUT)
            return err_fail(err, ERR_USAGE, "--end \"%s\": TXID:VOUT is wanted", c->given[i].value);
    }
    return !n || origins_resolve(c->arena, d->ledger, &d->coins, ends, n, ret, ret_n, err) ||
           err_in(err, "--end");
}

/* --evidence FILE, from the raw blocks at --from PATH. Its ends are all that is held or at a stop,
 * or those chosen. */
static bool evidence_file(struct call *c, const struct trace_doc *d, struct source *blocks,
                          struct err *err)
{
    struct out_file out;
    const uint64_t *ends;
    size_t ends_n;
    bool ok;

    if (!ends_chosen(c, d, &ends, &ends_n, err))
        return false;
    if (!out_open(c, call_option(c, "evidence"), &out, err))
        return false;
    ok = evidence_write(c->arena, out.to, d, blocks, ends, ends_n, err);
    return out_close(&out, ok, err) && ok;
}

static bool evidence(struct call *c, const struct trace_doc *docs, size_t n, struct err *err)
{
    const char **paths = ARENA_ARRAY(c->arena, const char *, c->given_n);
    struct source *blocks;
    size_t paths_n = 0;
    bool ok;

    if (!paths)
        return err_fail(err, ERR_NOMEM, "%zu paths", c->given_n);
    for (size_t i = 0; i < c->given_n; i++)
        if (c->given[i].option && !strcmp(c->given[i].option->name, "from"))
            paths[paths_n++] = c->given[i].value;
    if (!paths_n)
        return err_fail(err, ERR_USAGE, "--evidence wants --from PATH, where the raw blocks are");
    if (n > 1)
        return err_fail(err, ERR_USAGE, "--evidence is of one case; %zu are given", n);
    if (!source_open(paths, paths_n, ledger_chain(c->ledger), &blocks, err))
        return false;
    ok = evidence_file(c, docs, blocks, err);
    source_close(blocks);
    return ok;
}

static bool follow(struct call *c, const struct wanted *w, struct err *err)
{
    struct trace_request *requests = ARENA_ARRAY(c->arena, struct trace_request, w->n);
    struct trace_doc *docs = ARENA_ARRAY(c->arena, struct trace_doc, w->n);
    const struct chain *chain = ledger_chain(c->ledger);
    const struct trace_stop *stops;
    size_t stops_n;

    if (!requests || !docs)
        return err_fail(err, ERR_NOMEM, "%zu cases", w->n);
    if (!stop_files_read(c, &stops, &stops_n, err) ||
        !stops_from_tags(c, &chain, 1, &stops, &stops_n, err))
        return false;
    for (size_t i = 0; i < w->n; i++)
        if (!trace_request_from_case(c->arena, c->ledger, &w->cases[i], stops, stops_n,
                                     &requests[i], err))
            return false;
    return trace_run(c->arena, c->ledger, requests, w->n, docs, err) &&
           (!call_option(c, "evidence") || evidence(c, docs, w->n, err)) &&
           documents_write(c, docs, w->n, err);
}

static bool follow_back(struct call *c, struct wanted *w, struct err *err)
{
    if (w->n > 1)
        return err_fail(err, ERR_USAGE, "--backward is of one case; %zu are given", w->n);
    return backward(c, &w->cases[0], err);
}

/* The ledgers that the cases are followed in. Where --ledger names them, they are; else those of
 * the chains that the cases name. */
static bool ledgers_open(struct call *c, const struct wanted *w, struct ledger_set *ret,
                         struct err *err)
{
    const char *chains[ROUTES_LEDGERS_MAX], *chain = call_option(c, "chain");
    size_t n = 0;

    for (size_t i = 0; i < w->n; i++) {
        const char *more[ROUTES_LEDGERS_MAX];
        size_t more_n =
            case_chains(&w->cases[i], chain ? chain : DEFAULT_CHAIN, more, ROUTES_LEDGERS_MAX);

        for (size_t k = 0; k < more_n; k++) {
            bool known = false;

            for (size_t m = 0; m < n && !known; m++)
                known = !strcmp(chains[m], more[k]);
            if (!known && n < ROUTES_LEDGERS_MAX)
                chains[n++] = more[k];
        }
    }
    return ledger_set_open(c, chains, n, ret, err);
}

/* A ledger of coins alone is followed as ever; conversions, and all that has accounts, by routes.
 */
static bool all_of_coins(const struct ledger_set *s, const struct wanted *w)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->cases[i].conversions_n)
            return false;
    return s->n == 1 && s->at[0].coins;
}

static bool run_on(struct call *c, struct wanted *w, const struct ledger_set *s, struct err *err)
{
    static const char *const of_accounts[] = {"tokens", "look-alike"};
    bool ok;

    if (!all_of_coins(s, w))
        return trace_ledgers(c, s, w->cases, w->n, err);
    for (size_t i = 0; i < sizeof(of_accounts) / sizeof(of_accounts[0]); i++)
        if (call_option(c, of_accounts[i]))
            return err_fail(err, ERR_USAGE, "--%s is of ledgers of accounts", of_accounts[i]);
    c->ledger = (struct ledger *)s->at[0].coins; /* only read */
    ok = call_option(c, "backward") ? follow_back(c, w, err) : follow(c, w, err);
    c->ledger = NULL;
    return ok;
}

/* What an option says must count for something, or is not to be given. */
static bool options_fit(struct call *c, struct err *err)
{
    static const struct {
        const char *option, *without;
    } rows[] = {{"end", "evidence"}, {"from", "evidence"}, {"confidence", "stops-from-tags"}};
    const char *evidence = call_option(c, "evidence"), *out = call_option(c, "out");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (call_option(c, rows[i].option) && !call_option(c, rows[i].without))
            return err_fail(err, ERR_USAGE, "--%s says nothing without --%s", rows[i].option,
                            rows[i].without);
    if (evidence && !strcmp(evidence, out ? out : "-"))
        return err_fail(err, ERR_USAGE, "--evidence and the trace itself would be one file, \"%s\"",
                        evidence);
    return true;
}

static bool cmd_trace_run(struct call *c, struct err *err)
{
    struct wanted w = {0};
    struct ledger_set s = {.n = 0};
    bool ok;

    if (!options_fit(c, err) || !cases_wanted(c, &w, err))
        return false;
    for (size_t i = 0; i < w.n; i++)
        if (!options_apply(c, &w.cases[i], err))
            return false;
    if (call_option(c, "chain"))
        for (size_t i = 0; i < w.n; i++)
            if (!w.cases[i].chain)
                w.cases[i].chain = call_option(c, "chain");
    ok = ledgers_open(c, &w, &s, err) && run_on(c, &w, &s, err);
    ledger_set_close(&s);
    return ok;
}

static const struct option options[] = {
    {"ledger", "DIR", "a ledger's folder; several are crossed (default: of the case's chains)",
     true},
    OPTION_CHAIN,
    {"backward", NULL, "where the value of these outputs came from, instead of where it went",
     false},
    {"account", "ADDRESS[@HEIGHT]", "all that came to it, from that height on", true},
    {"policy", "fifo|lifo|haircut|tiho|libr|poison",
     "the rule of taint (default: the case's, else fifo); libr: of accounts", false},
    {"until", "WHEN", "as of this height, or a time like 2022-03-23T13:29:09Z (default: all)",
     false},
    {"stop", "FILE", "end paths at these addresses: CSV with address,name,category", true},
    {"tokens", "FILE", "symbols of tokens, to tell spoof tokens by: CSV or JSON", true},
    {"look-alike", "HEAD,TAIL",
     "digits that make a look-alike address (default: the case's, else 3,4)", false},
    {"stops-from-tags", "KIND",
     "and at addresses that public tags give to \"services\" or exchange,mixer", false},
    {"confidence", "N", "leave out tags of which their authors are less sure (0 to 100)", false},
    {"dust", "N", "do not follow taint below so many base units (default: 0)", false},
    {"hops", "N", "do not follow more than so many transactions (default: no limit)", false},
    {"format", "text|json|csv|graphml|html", "how the trace is written (default: text)", false},
    {"evidence", "FILE", "write a file that proves every hop without a ledger; wants --from",
     false},
    {"from", "PATH", "where the raw blocks for --evidence are", true},
    {"end", "TXID:VOUT", "prove only this end (default: all that is held or at a stop)", true},
    {"out", "FILE", "write to a file, which appears whole or not at all", false},
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon trace demo/case.json", "follow a case file, and say in words what was reached"},
    {"cordon trace TXID:0,TXID:3 --stop exchanges.csv --format html --out trace.html",
     "follow two outputs up to known exchanges, as a page for the browser"},
    {"cordon trace TXID:0 --backward --policy haircut",
     "which outputs paid for this one, and how much of it each"},
    {"cordon trace demo/case.json --evidence evidence.json --from ~/.bitcoin/blocks",
     "what a court can check: raw transactions, Merkle branches, headers"},
    {"cordon trace --account 0x098b716b8aaf21512996dc57eb0615e2383e2f96@14442835 --chain ethereum",
     "all that came to a wallet from a block on, and where it went"},
    {NULL, NULL},
};

const struct command cmd_trace = {
    .name = "trace",
    .args = "ORIGIN[,ORIGIN...]|CASE.json...",
    .args_min = 0,
    .args_max = CALL_WORDS_MAX,
    .options = options,
    .run = cmd_trace_run,
    .summary = "follow taint from outputs, transactions, addresses or case files",
    .about =
        "An origin is an output of coins (TXID:VOUT), a transfer of accounts (HASH:v its value, "
        "HASH:l3\n"
        "the token's event 3, HASH:i0_1 an internal one), a transaction (all its outputs or "
        "transfers) or an\n"
        "address (all that was ever paid to it); those typed together are one case. What has a dot "
        "or a slash\n"
        "in it is a case file (docs/schemas/case.json). Each case gives a document; behind those "
        "of "
        "several\n"
        "stands where the cases meet, and in JSON each is a line. Rules of taint: docs/taint.md. "
        "JSON, "
        "in\n"
        "docs/schemas: trace.json, of accounts trace-accounts.json, of several ledgers "
        "trace-ledgers.json,\n"
        "where cases meet confluence.json.\n"
        "\n"
        "Whatever was reached, the exit code is 0. A document names all that it was computed "
        "from, so that\n"
        "cordon verify can compute it again.",
    .examples = examples,
};
