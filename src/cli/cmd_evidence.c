/* cordon evidence: the evidence pack of a case, its time stamps, its page. */
#include "cli/export_call.h"
#include "cli/cli.h"

#include "cordon.h"
#include "trace/evidence_pack.h"
#include "trace/ledgers_run.h"
#include "trace/run.h"

#define PACK_BYTES_MAX ((size_t)4 << 30)

static const enum trace_policy policies[] = {TRACE_FIFO, TRACE_LIFO, TRACE_HAIRCUT, TRACE_TIHO,
                                             TRACE_POISON};
#define POLICIES_N (sizeof(policies) / sizeof(policies[0]))

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
    static const enum trace_policy all[] = {TRACE_FIFO, TRACE_LIFO, TRACE_HAIRCUT,
                                            TRACE_TIHO, TRACE_LIBR, TRACE_POISON};
    const size_t n = sizeof(all) / sizeof(all[0]);
    const struct account_doc **docs = ARENA_ARRAY(c->arena, const struct account_doc *, n);
    const struct trace_ledger ledger = {.accounts = c->accounts};
    const struct trace_stop *stops;
    size_t stops_n, at = 1;

    p->against = given_all(c, "against", &p->against_n);
    if (!docs || !p->against)
        return err_fail(err, ERR_NOMEM, "an evidence pack");
    if (call_option(c, "from"))
        return err_fail(err, ERR_USAGE, "--from is of coins: accounts are proven by transfers");
    if (!stop_files_read(c, &stops, &stops_n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct case_file one = *f;
        struct ledgers_doc *d = ARENA_ARRAY(c->arena, struct ledgers_doc, 1);

        if (!d)
            return err_fail(err, ERR_NOMEM, "an evidence pack");
        one.policy = all[i];
        if (!ledgers_run(c->arena, &ledger, 1, NULL, &one, 1, stops, stops_n, d, err))
            return false;
        if (!d->parts[0].accounts || !d->parts[0].accounts->trace->moves_n)
            return err_fail(err, ERR_NOT_FOUND, "nothing of the case is in the ledger");
        docs[all[i] == f->policy ? 0 : at++] = d->parts[0].accounts;
    }
    p->accounts = docs;
    p->docs_n = n;
    return pack_out(c, p, err);
}

static bool make(struct call *c, const char *path, struct err *err)
{
    struct evidence_pack p = {.examiner = call_option(c, "examiner"),
                              .organisation = call_option(c, "organisation"),
                              .qualification = call_option(c, "qualification"),
                              .why = call_option(c, "why"),
                              .version = cordon_version()};
    struct case_file f;
    bool ok;

    if (!file_read(c->arena, path, CASE_FILE_BYTES_MAX, &p.case_text, err))
        return false;
    if (!case_read(c->arena, p.case_text, &f, err))
        return err_in(err, "\"%s\"", path);
    if (f.conversions_n)
        return err_fail(err, ERR_USAGE, "\"%s\": conversions cannot be proven from raw blocks",
                        path);
    if (!any_ledger_of_call(c, f.chain ? f.chain : DEFAULT_CHAIN, err))
        return false;
    ok = c->ledger ? make_from(c, &p, &f, err) : make_accounts(c, &p, &f, err);
    ledgers_close(c);
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

static bool page(struct call *c, const char *path, struct err *err)
{
    struct evidence_pack_answer a;
    struct out_file out;
    struct bytes in;

    if (!pack_read(c, path, &in, &a, err) || !out_open(c, call_option(c, "out"), &out, err))
        return false;
    evidence_pack_html(out.to, &a);
    return out_close(&out, true, err);
}

static bool request(struct call *c, const char *path, struct err *err)
{
    struct evidence_pack_answer a;
    struct bytes in, der;

    return pack_read(c, path, &in, &a, err) &&
           timestamp_request(c->arena, &a.statement, &der, err) &&
           written(c, (const char *)der.p, der.n, err);
}

static bool attach(struct call *c, const char *path, const char *token_path, struct err *err)
{
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

static bool cmd_evidence_run(struct call *c, struct err *err)
{
    const char *word = call_arg(c, 0), *path = call_arg(c, 1);
    size_t n = call_args_n(c);

    if (!strcmp(word, "make") && n == 2)
        return export_lets(c, path, err) && make(c, path, err);
    if (!strcmp(word, "page") && n == 2)
        return export_lets(c, path, err) && page(c, path, err);
    if (!strcmp(word, "request") && n == 2)
        return request(c, path, err);
    if (!strcmp(word, "attach") && n == 3)
        return attach(c, path, call_arg(c, 2), err);
    return err_fail(err, ERR_USAGE,
                    "make CASE.json, page PACK, request PACK or attach PACK TOKEN is wanted");
}

static const struct option options[] = {
    {"from", "PATH", "of make, coins: raw blocks, as cordon ingest reads them", true},
    {"stop", "FILE", "of make: a table of further stops", true},
    {"examiner", "NAME", "of make: who examined", false},
    {"organisation", "NAME", "for whom", false},
    {"qualification", "TEXT", "what the examiner has learned", false},
    {"why", "TEXT", "why this policy was chosen, before the result", false},
    {"against", "TEXT", "what speaks against the findings", true},
    {"out", "FILE", "where it goes (default: stdout)", false},
    OPTION_LEDGER,
    OPTION_CHAIN,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon evidence make case.json --from ~/.bitcoin/blocks --examiner 'A. Kim' --out pack.json",
     "make one"},
    {"cordon evidence page pack.json --out pack.html", "for people"},
    {"cordon evidence request pack.json --out pack.tsq", "for a time-stamping authority"},
    {NULL, NULL},
};

const struct command cmd_evidence = {
    .name = "evidence",
    .args = "make CASE.json | page PACK | request PACK | attach PACK TOKEN",
    .args_min = 2,
    .args_max = 3,
    .options = options,
    .needs = NEEDS_NOTHING,
    .run = cmd_evidence_run,
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
        "request writes a request of RFC 3161 over the statement; attach takes the "
        "authority's answer.\n"
        "docs/evidence-pack.md; JSON: docs/schemas/evidence-pack.json.",
    .examples = examples,
};
