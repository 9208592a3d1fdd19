/* cordon verify: is this trace what the local ledger says, and does this evidence, or this proof of
 * the group's log, prove what it claims? */
#include "cli/trace_ledgers.h"
#include "cli/verify_proof.h"

#include "base/json.h"
#include "trace/evidence_pack.h"
#include "trace/verify.h"

#define DOCUMENT_BYTES_MAX ((size_t)4 << 30)

/* What kind of document it is, and a trace of which chains, so that their ledgers are found without
 * being named. */
struct document {
    const char *schema, *chains[ROUTES_LEDGERS_MAX];
    size_t chains_n;
};

static bool document_kind(struct call *c, struct bytes in, struct document *ret, struct err *err)
{
    const struct json *document, *ledgers;

    ret->chains_n = 0;
    if (!json_read(c->arena, (const char *)in.p, in.n, &document, err) ||
        !json_text(json_get(document, "schema"), "schema", &ret->schema, err))
        return false;
    if (!strcmp(ret->schema, EVIDENCE_SCHEMA) || !strcmp(ret->schema, EVIDENCE_PACK_SCHEMA))
        return true;
    if (strcmp(ret->schema, LEDGERS_TRACE_SCHEMA)) {
        ret->chains_n = 1;
        return json_text(json_get(document, "chain"), "chain", &ret->chains[0], err);
    }
    ledgers = json_get(document, "ledgers");
    for (const struct json *l = ledgers ? ledgers->child : NULL; l; l = l->next) {
        if (ret->chains_n == ROUTES_LEDGERS_MAX)
            return err_fail(err, ERR_LIMIT, "more than %d ledgers", ROUTES_LEDGERS_MAX);
        if (!json_text(json_get(l, "chain"), "chain", &ret->chains[ret->chains_n++], err))
            return err_in(err, "ledgers");
    }
    return true;
}

/* The answer in a word, and in the words that people get. */
static struct json_out answer_begin(struct call *c, const char *of, const char *word,
                                    const char *text)
{
    struct json_out j = json_to(c->out, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.verify/1");
    json_put_string(&j, "of", of);
    json_put_string(&j, "answer", word);
    json_put_string(&j, "text", text);
    return j;
}

static void answer_end(struct call *c, struct json_out *j)
{
    json_object_end(j);
    text_char(c->out, '\n');
}

static void trace_json(struct call *c, const char *schema, const struct verify_answer *a)
{
    static const char *const words[] = {
        [VERIFY_SAME] = "same",
        [VERIFY_INPUTS_DIFFER] = "inputs differ",
        [VERIFY_RESULT_DIFFERS] = "result differs",
    };
    struct json_out j = answer_begin(c, schema, words[a->outcome], a->text);

    json_put_bool(&j, "stops_checked", a->stops_checked);
    answer_end(c, &j);
}

static void evidence_json(struct call *c, const struct evidence_answer *e)
{
    struct json_out j = answer_begin(c, EVIDENCE_SCHEMA, e->proven ? "proven" : "not proven",
                                     e->proven ? "" : e->text);

    if (e->proven) {
        json_put_string(&j, "case", e->case_id);
        json_put_string(&j, "chain", e->chain);
        json_put_string(&j, "policy", trace_policy_name(e->policy));
        json_put_decimal(&j, "taint", e->taint);
        json_put_number(&j, "origins", e->origins_n);
        json_put_number(&j, "ends", e->ends_n);
        json_put_number(&j, "followed", e->followed_n);
        json_put_number(&j, "transactions", e->transactions_n);
        json_put_number(&j, "blocks", e->blocks_n);
        json_put_number(&j, "claimed", e->claimed_n);
        json_put_hex(&j, "fingerprint", e->fingerprint.b, sizeof(e->fingerprint.b));
        json_put_number(&j, "decimals", e->decimals);
    }
    answer_end(c, &j);
}

/* Of coins, accounts, or several ledgers: by its schema. */
static bool verify_trace(struct call *c, struct bytes in, const char *schema,
                         const struct ledger_set *ledgers, bool *ret_same, struct err *err)
{
    const struct trace_stop *stops;
    struct verify_answer answer;
    size_t stops_n;

    if (!stop_files_read(c, &stops, &stops_n, err))
        return false;
    if (strcmp(schema, ACCOUNT_TRACE_SCHEMA) && strcmp(schema, LEDGERS_TRACE_SCHEMA)) {
        if (ledgers->n != 1 || !ledgers->at[0].coins)
            return err_fail(err, ERR_USAGE, "one ledger of coins is wanted");
        if (!trace_verify(c->arena, ledgers->at[0].coins, in, stops, stops_n, &answer, err))
            return false;
        schema = TRACE_SCHEMA;
    } else if (!ledgers_verify(c->arena, ledgers->at, ledgers->n, in, stops, stops_n, &answer,
                               err)) {
        return false;
    }
    if (call_json(c))
        trace_json(c, schema, &answer);
    else
        text_printf(c->out, "%s\n", answer.text);
    *ret_same = answer.outcome == VERIFY_SAME;
    return true;
}

static bool verify_evidence(struct call *c, struct bytes in, bool *ret_same, struct err *err)
{
    struct evidence_answer answer;

    if (!evidence_prove(c->arena, in, &answer, err))
        return false;
    if (call_json(c))
        evidence_json(c, &answer);
    else
        evidence_write_answer(c->out, &answer);
    *ret_same = answer.proven;
    return true;
}

static void coins_part_json(struct json_out *j, const struct evidence_answer *e)
{
    json_object(j);
    json_put_string(j, "chain", e->chain);
    json_put_number(j, "transactions", e->transactions_n);
    json_put_number(j, "blocks", e->blocks_n);
    json_put_number(j, "by_roots", e->transactions_n);
    json_put_number(j, "claimed", e->claimed_n);
    json_object_end(j);
}

static void accounts_part_json(struct json_out *j, const struct account_evidence_answer *e)
{
    json_object(j);
    json_put_string(j, "chain", e->chain);
    json_put_number(j, "transactions", e->transactions_n);
    json_put_number(j, "blocks", e->blocks_n);
    json_put_number(j, "by_roots", e->roots.transactions_n);
    json_put_number(j, "transfers", e->transfers_n);
    json_put_number(j, "transfers_by_roots", e->roots.transfers_n);
    if (account_evidence_signs(e)) {
        json_put_number(j, "signed", e->roots.signed_n);
        json_put_number(j, "signed_transfers", e->roots.said_n);
    }
    json_put_number(j, "internals", e->roots.internals_n);
    json_object_end(j);
}

/* How much of each ledger is proven, and how much of that by its blocks' own roots. */
static void parts_json(struct json_out *j, const struct evidence_pack_answer *a)
{
    json_key(j, "parts");
    json_array(j);
    for (size_t i = 0; a->of_several && i < a->several.parts_n; i++) {
        const struct ledgers_evidence_part *p = &a->several.parts[i];

        if (p->of_coins)
            coins_part_json(j, &p->coins);
        else
            accounts_part_json(j, &p->accounts);
    }
    if (a->of_accounts)
        accounts_part_json(j, &a->accounts);
    else if (!a->of_several)
        coins_part_json(j, &a->evidence);
    json_array_end(j);
}

/* By which policies the stated sums follow from the evidence. */
static void sums_json(struct json_out *j, const struct evidence_pack_answer *a)
{
    const struct json *rows = json_get(json_get(a->document, "statement"), "sensitivity");
    size_t i = 0;

    json_key(j, "sums");
    json_array(j);
    for (const struct json *row = rows->child; row; row = row->next, i++) {
        const struct json *policy = json_get(row, "policy");

        json_object(j);
        json_put_string(j, "policy", policy && policy->type == JSON_STRING ? policy->text : NULL);
        json_put_bool(j, "proven", a->sums_proven[i]);
        json_object_end(j);
    }
    json_array_end(j);
}

static void pack_json(struct call *c, const struct evidence_pack_answer *a)
{
    struct json_out j = answer_begin(c, EVIDENCE_PACK_SCHEMA, a->holds ? "proven" : "not proven",
                                     a->holds ? "" : a->text);

    json_put_hex(&j, "statement", a->statement.b, sizeof(a->statement.b));
    if (a->holds)
        parts_json(&j, a);
    if (a->holds)
        sums_json(&j, a);
    json_key(&j, "timestamps");
    json_array(&j);
    for (size_t i = 0; i < a->timestamps_n; i++) {
        json_object(&j);
        json_put_string(&j, "time", a->timestamps[i].time);
        json_put_string(&j, "by", a->timestamps[i].by);
        json_put_string(&j, "serial", a->timestamps[i].serial);
        json_object_end(&j);
    }
    json_array_end(&j);
    answer_end(c, &j);
}

static bool verify_pack(struct call *c, struct bytes in, bool *ret_same, struct err *err)
{
    struct evidence_pack_answer answer;

    if (!evidence_pack_check(c->arena, in, &answer, err))
        return false;
    if (call_json(c))
        pack_json(c, &answer);
    else
        evidence_pack_write_answer(c->out, &answer);
    *ret_same = answer.holds;
    return true;
}

static bool verify_document(struct call *c, struct bytes in, bool *ret_same, struct err *err)
{
    struct ledger_set ledgers = {.n = 0};
    struct document d;
    bool ok;

    if (!document_kind(c, in, &d, err))
        return false;
    if (!strcmp(d.schema, EVIDENCE_SCHEMA))
        return verify_evidence(c, in, ret_same, err);
    if (!strcmp(d.schema, EVIDENCE_PACK_SCHEMA))
        return verify_pack(c, in, ret_same, err);
    if (!ledger_set_open(c, d.chains, d.chains_n, &ledgers, err))
        return false;
    ok = verify_trace(c, in, d.schema, &ledgers, ret_same, err);
    ledger_set_close(&ledgers);
    return ok;
}

static bool cmd_verify_run(struct call *c, struct err *err)
{
    const char *path = call_arg(c, 0);
    struct bytes in;
    bool same;

    if (!file_read(c->arena, path, DOCUMENT_BYTES_MAX, &in, err))
        return false;
    if (!(proof_is(in) ? verify_proof(c, in, &same, err) : verify_document(c, in, &same, err)))
        return err_in(err, "\"%s\"", path);
    /* the answer is said; what is left is the exit code */
    return same || err_fail(err, ERR_DIFFERS, "%s", "");
}

static const struct option options[] = {
    {"ledger", "DIR", "a ledger's folder, each of a trace of several (default: in $CORDON_HOME)",
     true},
    {"stop", "FILE", "the stop list that the trace was made with; its hash is then checked, too",
     true},
    {"event", "ID", "of a proof of the log: the event that is proven", false},
    {"from", "FILE", "of a proof of the log: the checkpoint that was kept, or a proof with it",
     false},
    {"charter", "FILE", "of a proof of the log: whose keys sign (cordon charter show)", false},
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon verify trace.json", "same, inputs differ: ..., or result differs: ..."},
    {"cordon verify evidence.json", "what the file proves, and what no such file can"},
    {"cordon verify grown.proof --from kept.note --charter charter.json",
     "a stream of the group's log has only grown, by whose word"},
    {NULL, NULL},
};

const struct command cmd_verify = {
    .name = "verify",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .run = cmd_verify_run,
    .summary = "compute a trace again and compare, or prove an evidence file or a log's proof",
    .about =
        "A trace names all that it was computed from. Where any of that cannot be met by the local "
        "ledger,\n"
        "the answer is \"inputs differ\"; else the trace is computed anew, and the answer is "
        "\"same\" or\n"
        "\"result differs\" with the first difference. Exit code: 0 same, 1 differs.\n"
        "\n"
        "An evidence file needs no ledger: every hash in it is computed anew, down to the proof of "
        "work, and\n"
        "the taint is followed through its raw transactions. Exit code: 0 proven, 1 not proven.\n"
        "\n"
        "A proof of the group's log (cordon log prove) needs no log: an event (--event) is in its "
        "author's\n"
        "stream, or a stream has only grown since a checkpoint (--from). With --charter the "
        "author's\n"
        "signatures have to be by a key of it, and who else has signed is told. Exit code: 0 "
        "proven, 1 not.\n"
        "\n"
        "JSON: docs/schemas/verify.json.",
    .examples = examples,
};
