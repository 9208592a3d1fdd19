/* cordon verify: is this trace what the local ledger says? */
#include "cli/cli.h"

#include "base/json.h"
#include "trace/verify.h"

#define DOCUMENT_BYTES_MAX ((size_t)4 << 30)

/* The chain that a document speaks of, so that its ledger is found without being named. */
static bool chain_of_document(struct call *c, struct bytes in, const char **ret, struct err *err)
{
    const struct json *document;

    if (!json_read(c->arena, (const char *)in.p, in.n, &document, err))
        return false;
    return json_text(json_get(document, "chain"), "chain", ret, err);
}

static bool verify_trace(struct call *c, struct bytes in, struct verify_answer *ret, struct err *err)
{
    const struct trace_stop *stops;
    struct ledger *l;
    const char *chain;
    size_t stops_n;
    bool ok;

    if (!chain_of_document(c, in, &chain, err) || !stop_files_read(c, &stops, &stops_n, err) ||
        !ledger_of_call(c, chain, &l, err))
        return false;
    ok = trace_verify(c->arena, l, in, stops, stops_n, ret, err);
    ledger_close(l);
    return ok;
}

static bool cmd_verify_run(struct call *c, struct err *err)
{
    const char *path = call_arg(c, 0);
    struct verify_answer answer;
    struct bytes in;

    if (!file_read(c->arena, path, DOCUMENT_BYTES_MAX, &in, err))
        return false;
    if (!verify_trace(c, in, &answer, err))
        return err->class == ERR_USAGE ? false : err_in(err, "\"%s\"", path);
    text_printf(c->out, "%s\n", answer.text);
    /* the answer is said; what is left is the exit code */
    return answer.outcome == VERIFY_SAME || err_fail(err, ERR_DIFFERS, "%s", "");
}

static const struct option options[] = {
    OPTION_LEDGER,
    {"stop", "FILE", "the stop list that the trace was made with; its hash is then checked, too", true},
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon verify trace.json", "same, inputs differ: ..., or result differs: ..."},
    {NULL, NULL},
};

const struct command cmd_verify = {
    .name = "verify",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .run = cmd_verify_run,
    .summary = "compute a trace again and compare",
    .about = "A trace names all that it was computed from. Where any of that cannot be met by the local ledger,\n"
             "the answer is \"inputs differ\"; else the trace is computed anew, and the answer is \"same\" or\n"
             "\"result differs\" with the first difference. Exit code: 0 same, 1 differs.",
    .examples = examples,
};
