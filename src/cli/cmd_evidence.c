/* cordon evidence: the evidence pack of a case, its time stamps, its page. */
#include "cli/export_call.h"
#include "cli/cli.h"
#include "cli/trace_ledgers.h"

#include "cordon.h"
#include "trace/evidence_pack.h"
#include "trace/ledgers_run.h"
#include "trace/run.h"

#define PACK_BYTES_MAX ((size_t)4 << 30)

static const enum trace_policy policies[] = {TRACE_FIFO, TRACE_LIFO, TRACE_HAIRCUT, TRACE_TIHO,
                                             TRACE_POISON};
#define POLICIES_N (sizeof(policies) / sizeof(policies[0]))
/* Over accounts alone. */
static const enum trace_policy of_accounts[] = {TRACE_FIFO, TRACE_LIFO, TRACE_HAIRCUT,
                                                TRACE_TIHO, TRACE_LIBR, TRACE_POISON};
#define OF_ACCOUNTS_N (sizeof(of_accounts) / sizeof(of_accounts[0]))

/* ---- making one ---- */

/* The chosen policy first, then all others. */
static bool documents(struct call *c, const struct case_file *f, struct trace_doc *ret,
                      struct err *err)
{
    struct trace_request requests[POLICIES_N];
    const struct trace_stop *stops;
    size_t n = 1, stops_n;

    if (!stop_files_read(c, &stops, &stops_n, err) ||
        !trace_request_from_case(c->arena, c->ledger, f, stops, stops_n, &requests[0], err))
        return false;
    for (size_t i = 0; i < POLICIES_N; i++)
        if (policies[i] != requests[0].policy) {
            requests[n] = requests[0];
            requests[n++].policy = policies[i];
        }
    return trace_run(c->arena, c->ledger, requests, n, ret, err);
}

static const char **given_all(struct call *c, const char *option, size_t *ret_n)
{
    const char **all = ARENA_ARRAY(c->arena, const char *, c->given_n + 1);
    size_t n = 0;

    for (size_t i = 0; all && i < c->given_n; i++)
        if (c->given[i].option && !strcmp(c->given[i].option->name, option))
            all[n++] = c->given[i].value;
    *ret_n = n;
    return all;
}

static bool pack_out(struct call *c, struct evidence_pack *p, struct err *err)
{
    struct out_file out;
    bool ok;

    if (!out_open(c, call_option(c, "out"), &out, err))
        return false;
    ok = evidence_pack_write(c->arena, out.to, p, err);
    return out_close(&out, ok, err) && ok;
}

static bool make_from(struct call *c, struct evidence_pack *p, const struct case_file *f,
                      struct err *err)
{
    struct trace_doc *docs = ARENA_ARRAY(c->arena, struct trace_doc, POLICIES_N);
    const char **paths;
    size_t paths_n;
    bool ok;

    paths = given_all(c, "from", &paths_n);
    p->against = given_all(c, "against", &p->against_n);
    if (!docs || !paths || !p->against)
        return err_fail(err, ERR_NOMEM, "an evidence pack");
    if (!paths_n)
        return err_fail(err, ERR_USAGE, "--from PATH is missing: where the raw blocks are");
    if (!documents(c, f, docs, err) ||
        !source_open(paths, paths_n, ledger_chain(c->ledger), &p->blocks, err))
        return false;
    p->docs = docs;
    p->docs_n = POLICIES_N;
    ok = pack_out(c, p, err);
    source_close(p->blocks);
    return ok;
}

/* Of a ledger of accounts: the chosen policy first, then all others. */
static bool make_accounts(struct call *c, struct evidence_pack *p, const struct case_file *f,
                          struct err *err)
{
    const size_t n = OF_ACCOUNTS_N;
    const struct account_doc **docs = ARENA_ARRAY(c->arena, const struct account_doc *, n);
    const struct trace_ledger ledger = {.accounts = c->accounts};
    const struct trace_stop *stops;
    size_t stops_n, at = 1;

    p->against = given_all(c, "against", &p->against_n);
    if (!docs || !p->against)
        return err_fail(err, ERR_NOMEM, "an evidence pack");
    p->from = given_all(c, "from", &p->from_n);
    if (!p->from)
        return err_fail(err, ERR_NOMEM, "an evidence pack");
    if (!stop_files_read(c, &stops, &stops_n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct case_file one = *f;
        struct ledgers_doc *d = ARENA_ARRAY(c->arena, struct ledgers_doc, 1);

        if (!d)
            return err_fail(err, ERR_NOMEM, "an evidence pack");
        one.policy = of_accounts[i];
        one.has_policy = true;
        if (!ledgers_run(c->arena, &ledger, 1, NULL, &one, 1, stops, stops_n, d, err))
            return false;
        if (!d->parts[0].accounts || !d->parts[0].accounts->trace->moves_n)
            return err_fail(err, ERR_NOT_FOUND, "nothing of the case is in the ledger");
        docs[of_accounts[i] == f->policy ? 0 : at++] = d->parts[0].accounts;
        p->asserted = d->asserted;
        p->asserted_n = d->conversions_n;
    }
    p->accounts = docs;
    p->docs_n = n;
    return pack_out(c, p, err);
}

/* ---- of several ledgers ---- */

/* "CHAIN=PATH": the chain, of which ledger; a path may have the sign as well. */
static bool from_split(struct call *c, const struct ledger_set *s, const char *value,
                       size_t *ret_ledger, const char **ret_path, struct err *err)
{
    const char *sign = strchr(value, '=');
    const char *name = sign ? arena_string(c->arena, value, (size_t)(sign - value)) : NULL;

    for (size_t i = 0; name && i < s->n; i++)
        if (chain_by_name(name) == trace_ledger_chain(&s->at[i])) {
            *ret_ledger = i;
            *ret_path = sign + 1;
            return true;
        }
    if (s->n == 1) {
        *ret_ledger = 0;
        *ret_path = value;
        return true;
    }
    return err_fail(err, ERR_USAGE, "--from \"%s\": CHAIN=PATH is wanted, of one of the ledgers",
                    value);
}

/* s: those of all that something of the case came to; what is of others is not needed. */
static bool from_read(struct call *c, const struct ledger_set *all_ledgers,
                      const struct ledger_set *s, struct ledgers_evidence_from *ret,
                      struct err *err)
{
    size_t n;
    const char **all = given_all(c, "from", &n);

    if (!all)
        return err_fail(err, ERR_NOMEM, "an evidence pack");
    for (size_t i = 0; i < s->n; i++) {
        const char **paths = ARENA_ARRAY(c->arena, const char *, n + 1);

        if (!paths)
            return err_fail(err, ERR_NOMEM, "an evidence pack");
        for (size_t k = 0; k < n; k++) {
            const char *path;
            size_t of;

            if (!from_split(c, all_ledgers, all[k], &of, &path, err))
                return false;
            if (trace_ledger_chain(&all_ledgers->at[of]) == trace_ledger_chain(&s->at[i]))
                paths[ret[i].paths_n++] = path;
        }
        ret[i].paths = paths;
        if (s->at[i].coins && ret[i].paths_n &&
            !source_open(paths, ret[i].paths_n, trace_ledger_chain(&s->at[i]), &ret[i].coins, err))
            return false;
    }
    return true;
}

/* Only the ledgers that something of the case came to. */
static void ledgers_keep(struct ledger_set *all, const struct ledgers_doc *d,
                         struct ledger_set *ret)
{
    ret->n = 0;
    for (size_t i = 0; i < all->n; i++)
        if (d->parts[i].coins || d->parts[i].accounts)
            ret->at[ret->n++] = all->at[i];
}

static bool several_docs(struct call *c, const struct ledger_set *s, const struct case_file *f,
                         const struct trace_stop *stops, size_t stops_n,
                         const struct ledgers_doc **ret, size_t *ret_n, struct err *err)
{
    const enum trace_policy *all = of_accounts;
    size_t at = 1, n = OF_ACCOUNTS_N;

    for (size_t i = 0; i < s->n; i++)
        if (s->at[i].coins) {
            all = policies;
            n = POLICIES_N;
        }
    for (size_t i = 0; i < n; i++) {
        struct case_file one = *f;
        struct ledgers_doc *d = ARENA_ARRAY(c->arena, struct ledgers_doc, 1);

        if (!d)
            return err_fail(err, ERR_NOMEM, "an evidence pack");
        one.policy = all[i];
        one.has_policy = true;
        if (!ledgers_run(c->arena, s->at, s->n, NULL, &one, 1, stops, stops_n, d, err))
            return false;
        ret[all[i] == f->policy ? 0 : at++] = d;
    }
    *ret_n = n;
    return true;
}

static bool make_several(struct call *c, struct evidence_pack *p, const struct case_file *f,
                         struct ledger_set *all, struct err *err)
{
    const struct ledgers_doc **docs =
        ARENA_ARRAY(c->arena, const struct ledgers_doc *, OF_ACCOUNTS_N);
    struct ledgers_evidence_from *from =
        ARENA_ARRAY(c->arena, struct ledgers_evidence_from, ROUTES_LEDGERS_MAX);
    const struct trace_stop *stops;
    struct ledgers_doc first;
    struct ledger_set s;
    size_t stops_n;
    bool ok;

    p->against = given_all(c, "against", &p->against_n);
    if (!docs || !from || !p->against)
        return err_fail(err, ERR_NOMEM, "an evidence pack");
    if (!stop_files_read(c, &stops, &stops_n, err) ||
        !ledgers_run(c->arena, all->at, all->n, NULL, f, 1, stops, stops_n, &first, err))
        return false;
    ledgers_keep(all, &first, &s);
    if (!s.n)
        return err_fail(err, ERR_NOT_FOUND, "nothing of the case is in the ledgers");
    if (s.n < all->n && f->conversions_n)
        return err_fail(err, ERR_USAGE,
                        "nothing of the case came to one of the ledgers: leave it out, and the "
                        "conversions that lead there");
    ok = several_docs(c, &s, f, stops, stops_n, docs, &p->docs_n, err) &&
         from_read(c, all, &s, from, err);
    if (ok) {
        p->several = docs;
        p->several_from = from;
        ok = pack_out(c, p, err);
    }
    for (size_t i = 0; i < s.n; i++)
        source_close(from[i].coins);
    return ok;
}

/* One ledger is followed as it is alone, but for conversions over coins. */
static bool make_of(struct call *c, struct evidence_pack *p, const struct case_file *f,
                    struct ledger_set *s, struct err *err)
{
    bool ok;

    if (s->n > 1 || (s->at[0].coins && f->conversions_n))
        return make_several(c, p, f, s, err);
    c->ledger = (struct ledger *)s->at[0].coins; /* ours, that others only read */
    c->accounts = (struct account_ledger *)s->at[0].accounts;
    ok = c->ledger ? make_from(c, p, f, err) : make_accounts(c, p, f, err);
    c->ledger = NULL;
    c->accounts = NULL;
    return ok;
}

static bool make(struct call *c, struct err *err)
{
    const char *path = call_arg(c, 1), *chains[ROUTES_LEDGERS_MAX];
    const char *chain = call_option(c, "chain");
    struct evidence_pack p = {.examiner = call_option(c, "examiner"),
                              .organisation = call_option(c, "organisation"),
                              .qualification = call_option(c, "qualification"),
                              .why = call_option(c, "why"),
                              .version = cordon_version()};
    struct ledger_set ledgers = {.n = 0};
    struct case_file f;
    size_t n;
    bool ok;

    p.sources = given_all(c, "source", &p.sources_n);
    if (!p.sources)
        return err_fail(err, ERR_NOMEM, "an evidence pack");
    if (!export_lets(c, path, err) ||
        !file_read(c->arena, path, CASE_FILE_BYTES_MAX, &p.case_text, err))
        return false;
    if (!case_read(c->arena, p.case_text, &f, err))
        return err_in(err, "\"%s\"", path);
    n = case_chains(&f, chain ? chain : DEFAULT_CHAIN, chains, ROUTES_LEDGERS_MAX);
    ok = ledger_set_open(c, chains, n, &ledgers, err) && make_of(c, &p, &f, &ledgers, err);
    ledger_set_close(&ledgers);
    return ok;
}

/* ---- with one that is there ---- */

static bool pack_read(struct call *c, const char *path, struct bytes *ret_in,
                      struct evidence_pack_answer *ret, struct err *err)
{
    if (!file_read(c->arena, path, PACK_BYTES_MAX, ret_in, err))
        return false;
    if (!evidence_pack_check(c->arena, *ret_in, ret, err))
        return err_in(err, "\"%s\"", path);
    return ret->holds || err_fail(err, ERR_DIFFERS, "\"%s\": %s", path, ret->text);
}

static bool written(struct call *c, const char *p, size_t n, struct err *err)
{
    struct out_file out;

    if (!out_open(c, call_option(c, "out"), &out, err))
        return false;
    text_put(out.to, p, n);
    return out_close(&out, true, err);
}

static bool page(struct call *c, struct err *err)
{
    const char *path = call_arg(c, 1);
    struct evidence_pack_answer a;
    struct out_file out;
    struct bytes in;

    if (!export_lets(c, path, err) || !pack_read(c, path, &in, &a, err) ||
        !out_open(c, call_option(c, "out"), &out, err))
        return false;
    evidence_pack_html(out.to, &a);
    return out_close(&out, true, err);
}

static bool request(struct call *c, struct err *err)
{
    const char *path = call_arg(c, 1);
    struct evidence_pack_answer a;
    struct bytes in, der;

    return pack_read(c, path, &in, &a, err) &&
           timestamp_request(c->arena, &a.statement, &der, err) &&
           written(c, (const char *)der.p, der.n, err);
}

static bool attach(struct call *c, struct err *err)
{
    const char *path = call_arg(c, 1), *token_path = call_arg(c, 2);
    struct text to = text_new(PACK_BYTES_MAX);
    struct bytes in, token;
    bool ok =
        file_read(c->arena, path, PACK_BYTES_MAX, &in, err) &&
        file_read(c->arena, token_path, TIMESTAMP_BYTES_MAX, &token, err) &&
        (evidence_pack_attach(c->arena, &to, in, token, err) || err_in(err, "\"%s\"", path)) &&
        text_end(&to, err) && written(c, to.p, to.n, err);

    text_free(&to);
    return ok;
}

static const struct word words[] = {
    {"make", "CASE.json",
     "from stop examiner organisation qualification why against source ledger chain", make,
     "the pack of a case"},
    {"page", "PACK", NULL, page, "for people, in one file"},
    {"request", "PACK", NULL, request, "a request of RFC 3161 over the statement"},
    {"attach", "PACK TOKEN", NULL, attach, "the authority's answer to it"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"from", "PATH", "raw blocks, as cordon ingest reads them; of several ledgers CHAIN=PATH",
     true},
    {"stop", "FILE", "a table of further stops", true},
    {"examiner", "NAME", "who examined", false},
    {"organisation", "NAME", "for whom", false},
    {"qualification", "TEXT", "what the examiner has learned", false},
    {"why", "TEXT", "why this policy was chosen, before the result", false},
    {"against", "TEXT", "what speaks against the findings", true},
    {"source", "TEXT", "how a source was acquired: from whom, when, its hash", true},
    {"out", "FILE", "where it goes (default: stdout)", false},
    {"ledger", "DIR", "a ledger's folder; several are crossed (default: of the case's chains)",
     true},
    OPTION_CHAIN,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon evidence make case.json --from ~/.bitcoin/blocks --examiner 'A. Kim' --out pack.json",
     "make one"},
    {"cordon evidence make case.json --from ethereum=blocks --from bitcoin=~/.bitcoin/blocks",
     "of a case that crosses"},
    {"cordon evidence page pack.json --out pack.html", "for people"},
    {"cordon evidence request pack.json --out pack.tsq", "for a time-stamping authority"},
    {NULL, NULL},
};

const struct command cmd_evidence = {
    .name = "evidence",
    .words = words,
    .options = options,
    .summary = "the evidence pack of a case: made, time-stamped, as a page",
    .about =
        "One document with the case, who examined it with what and from what, the trace by the "
        "policy\n"
        "that was chosen and the sums of all others, how often each rule errs, what speaks "
        "against it,\n"
        "what is not proven, and the proof itself from raw blocks. cordon verify checks it "
        "without a\n"
        "ledger.\n"
        "\n"
        "A case that goes on from ledger to ledger is one pack: each with --ledger, or those of "
        "its chains.\n"
        "Coins need their raw blocks; of EVM chains, Tron and the XRP Ledger each transaction is "
        "proven\n"
        "by its block's roots where they are given, of Solana that it was signed (a node's answers "
        "in\n"
        "encoding json). With several ledgers --from says whose: CHAIN=PATH.\n"
        "\n"
        "docs/evidence-pack.md; JSON: docs/schemas/evidence-pack.json.",
    .examples = examples,
};
