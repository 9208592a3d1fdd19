#include "trace/evidence_pack.h"

#include "base/json_canonical.h"
#include "trace/patterns.h"
#include "trace/rates.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <string.h>

#define PACK_BYTES_MAX ((size_t)8 << 30)

/* ---- the statement ---- */

static const char *const not_proven[] = {
    "that the blocks belong to the best chain: compare their hashes with a node that you trust",
    "that what is held is still unspent, and that the list of ends is complete: that needs the "
    "whole "
    "chain",
    "that what came in beside the paths was clean of the same theft: a ledger can tell",
    "who controls an address: names of stops are their sources' word",
    "what the trace and its sensitivity say beyond the ends that the evidence proves: cordon "
    "verify on "
    "the trace, with a ledger, works them out again",
};

static const char *const declarations[] = {
    "I, [name], [position], made this examination between [day] and [day] with the tool named "
    "here. "
    "The methods are published, and their known error rates are stated above. I chose the policy "
    "before I saw its result. I state as fact only what I found myself; what others told me is "
    "marked with its source.",
    "I have set out what I know that speaks against these findings. I understand that my duty is "
    "to "
    "the court, and that I must say so if my opinion changes.",
};

static const char *const accounts_not_proven[] = {
    "that the chain has these transfers: compare the hashes of their transactions and blocks with "
    "a node that you trust",
    "that the accounts on the way had no other transfers: that needs the whole chain",
    "who controls an account: names of stops are their sources' word",
    "what the sensitivity says: cordon verify on a trace by each policy, with a ledger, works it "
    "out again",
};

static bool account_rule_is_used(const struct account_doc *d, const char *rule)
{
    return !strcmp(rule, "taint") || (!strcmp(rule, "stops") && d->stops_n > 0);
}

static bool rule_is_used(const struct trace_doc *d, const char *rule)
{
    if (!strcmp(rule, "taint"))
        return true;
    if (!strcmp(rule, "stops"))
        return d->stops_n > 0;
    for (size_t i = 0; i < d->patterns_n; i++)
        if (!strcmp(rule, d->patterns[i].coinjoin ? d->patterns[i].coinjoin
                                                  : pattern_kind_name(d->patterns[i].kind)))
            return true;
    return false;
}

static void rules_put(struct json_out *j, const struct evidence_pack *p)
{
    json_key(j, "rules");
    json_array(j);
    for (size_t i = 0; i < rule_rates_n; i++) {
        if (!(p->accounts ? account_rule_is_used(p->accounts[0], rule_rates[i].rule)
                          : rule_is_used(&p->docs[0], rule_rates[i].rule)))
            continue;
        json_object(j);
        json_put_string(j, "rule", rule_rates[i].rule);
        json_put_string(j, "known_error", rule_rates[i].words);
        json_put_string(j, "source", rule_rates[i].source);
        json_object_end(j);
    }
    json_array_end(j);
}

static void block_put(struct json_out *j, const char *key, const struct ledger_block *b)
{
    json_key(j, key);
    json_object(j);
    json_put_number_or_null(j, "height", b->height, HEIGHT_UNKNOWN);
    json_put_hex_reversed(j, "hash", b->hash.b, sizeof(b->hash.b));
    json_put_number(j, "time", b->time);
    json_object_end(j);
}

/* From where the bytes came: the ledger, and the block files that the proof is made of. */
static void acquisition_put(struct json_out *j, const struct evidence_pack *p)
{
    const struct trace_doc *d = &p->docs[0];
    struct ledger_block first = ledger_block(d->ledger, 0);
    struct ledger_block last = ledger_block(d->ledger, d->blocks_n - 1);
    size_t n;

    json_key(j, "acquisition");
    json_object(j);
    json_put_string(j, "chain", ledger_chain(d->ledger)->name);
    json_put_string(j, "caip2", ledger_chain(d->ledger)->caip2);
    json_put_number(j, "blocks", d->blocks_n);
    block_put(j, "first", &first);
    block_put(j, "last", &last);
    json_put_string(j, "checked",
                    "each block's proof of work, its transactions' ids and their Merkle root");
    (void)source_blocks(p->blocks, &n);
    json_put_number(j, "source_blocks", n);
    json_put_number(j, "source_bytes", source_bytes(p->blocks));
    json_put_string(j, "source_notes", source_notes(p->blocks));
    json_object_end(j);
}

static void account_block_put(struct json_out *j, const char *key,
                              const struct account_ledger_block *b)
{
    json_key(j, key);
    json_object(j);
    json_put_number_or_null(j, "height", b->height, HEIGHT_UNKNOWN);
    json_put_hex(j, "hash", b->hash.b, sizeof(b->hash.b));
    json_put_number(j, "time", b->time);
    json_object_end(j);
}

static void account_acquisition_put(struct json_out *j, const struct account_doc *d)
{
    struct account_ledger_block first = account_ledger_block(d->ledger, 0);
    struct account_ledger_block last = account_ledger_block(d->ledger, d->blocks_n - 1);
    const struct chain *chain = account_ledger_chain(d->ledger);

    json_key(j, "acquisition");
    json_object(j);
    json_put_string(j, "chain", chain->name);
    json_put_string(j, "caip2", chain->caip2);
    json_put_number(j, "blocks", d->blocks_n);
    account_block_put(j, "first", &first);
    account_block_put(j, "last", &last);
    json_put_string(j, "checked",
                    last.grade == GRADE_PROVEN
                        ? "what the source of each block allows (docs/accounts.md): of raw blocks "
                          "hash, roots and signatures; of a node's answers the header's hash and "
                          "that they fit together"
                        : "nothing: a list that somebody wrote down");
    json_put_bool(j, "internal_transfers_told", d->internals);
    json_put_number(j, "transfers", d->accounts.transfers_n);
    json_object_end(j);
}

static void account_totals_put(struct json_out *j, const struct account_doc *d)
{
    json_object(j);
    json_put_string(j, "policy", trace_policy_name(d->policy));
    json_put_number(j, "reached", d->trace->moves_n);
    json_put_bool(j, "exact", d->exact);
    json_key(j, "assets");
    json_array(j);
    for (size_t i = 0; i < d->trace->totals_n; i++) {
        const struct account_totals *t = &d->trace->totals[i];
        struct asset_facts facts = asset_facts_of(d->ledger, t->asset);
        char name[ACCOUNT_NAME_MAX];

        asset_text(d->ledger, t->asset, name);
        json_object(j);
        json_put_string(j, "asset", name);
        json_put_number_or_null(j, "decimals", facts.has_decimals ? facts.decimals : UINT64_MAX,
                                UINT64_MAX);
        json_put_u256(j, "origin", t->origin);
        json_put_u256(j, "held", t->held);
        json_put_u256(j, "exits", t->exits);
        json_put_u256(j, "fees", t->fees);
        json_put_u256(j, "cut", t->cut);
        json_put_u256(j, "dust", t->dust);
        json_put_u256(j, "unresolved", t->unresolved);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static void totals_put(struct json_out *j, const struct trace_doc *d)
{
    const struct trace_totals *t = &d->trace->totals;

    json_object(j);
    json_put_string(j, "policy", trace_policy_name(d->policy));
    json_put_number(j, "reached", d->trace->reached_n);
    json_put_bool(j, "exact", d->trace->exact);
    json_put_decimal(j, "origin", t->origin);
    json_put_decimal(j, "held", t->held);
    json_put_decimal(j, "exits", t->exits);
    json_put_decimal(j, "fees", t->fees);
    json_put_decimal(j, "cut", t->cut);
    json_put_decimal(j, "dust", t->dust);
    json_put_decimal(j, "unresolved", t->unresolved);
    json_object_end(j);
}

static void list_put(struct json_out *j, const char *key, const char *const *items, size_t n)
{
    json_key(j, key);
    json_array(j);
    for (size_t i = 0; i < n; i++)
        json_string(j, items[i]);
    json_array_end(j);
}

static void persons_put(struct json_out *j, const struct evidence_pack *p)
{
    json_key(j, "examiner");
    json_object(j);
    json_put_string(j, "name", p->examiner);
    json_put_string(j, "organisation", p->organisation);
    json_put_string(j, "qualification", p->qualification);
    json_object_end(j);
    json_key(j, "policy_chosen");
    json_object(j);
    json_put_string(j, "policy",
                    trace_policy_name(p->accounts ? p->accounts[0]->policy : p->docs[0].policy));
    json_put_string(j, "why", p->why);
    json_object_end(j);
    json_key(j, "tool");
    json_object(j);
    json_put_string(j, "name", "cordon");
    json_put_string(j, "version", p->version);
    json_put_string(j, "rules", TRACE_RULES);
    json_object_end(j);
}

static void statement_put(struct json_out *j, const struct evidence_pack *p,
                          const struct text *trace)
{
    json_object(j);
    json_key(j, "case");
    json_raw(j, (const char *)p->case_text.p, p->case_text.n);
    persons_put(j, p);
    if (p->accounts)
        account_acquisition_put(j, p->accounts[0]);
    else
        acquisition_put(j, p);
    rules_put(j, p);
    json_key(j, "trace");
    json_raw(j, trace->p, trace->n);
    json_key(j, "sensitivity");
    json_array(j);
    for (size_t i = 0; i < p->docs_n; i++)
        if (p->accounts)
            account_totals_put(j, p->accounts[i]);
        else
            totals_put(j, &p->docs[i]);
    json_array_end(j);
    list_put(j, "against", p->against, p->against_n);
    if (p->accounts)
        list_put(j, "not_proven", accounts_not_proven,
                 sizeof(accounts_not_proven) / sizeof(accounts_not_proven[0]));
    else
        list_put(j, "not_proven", not_proven, sizeof(not_proven) / sizeof(not_proven[0]));
    list_put(j, "declarations", declarations, sizeof(declarations) / sizeof(declarations[0]));
    json_object_end(j);
}

/* In canonical form, as it is hashed. */
static bool canonical(struct arena *a, const struct text *from, struct text *to, struct err *err)
{
    const struct json *o;

    return json_read(a, from->p, from->n, &o, err) && json_canonical_put(a, o, to, err) &&
           text_end(to, err);
}

static bool statement_make(struct arena *a, const struct evidence_pack *p, struct text *to,
                           struct err *err)
{
    struct text trace = text_new(PACK_BYTES_MAX), all = text_new(PACK_BYTES_MAX);
    struct json_out j = json_to(&all, false);
    bool ok;

    if (p->accounts)
        account_write_json(&trace, p->accounts[0]);
    else
        trace_write_json(&trace, &p->docs[0]);
    ok = text_end(&trace, err);
    if (ok) {
        statement_put(&j, p, &trace);
        ok = text_end(&all, err) && canonical(a, &all, to, err);
    }
    text_free(&trace);
    text_free(&all);
    return ok;
}

/* ---- the document ---- */

static void document_put(struct text *to, const struct text *statement, const struct text *evidence,
                         const char *const *tokens, size_t tokens_n)
{
    struct json_out j = json_to(to, true);
    struct hash32 hash = sha256(statement->p, statement->n);

    json_object(&j);
    json_put_string(&j, "schema", EVIDENCE_PACK_SCHEMA);
    json_key(&j, "statement");
    json_raw(&j, statement->p, statement->n);
    json_put_hex(&j, "statement_sha256", hash.b, sizeof(hash.b));
    json_key(&j, "evidence");
    json_raw(&j, evidence->p, evidence->n);
    list_put(&j, "timestamps", tokens, tokens_n);
    json_object_end(&j);
    text_char(to, '\n');
}

static bool words_check(const struct evidence_pack *p, struct err *err)
{
    const char *const said[] = {p->examiner, p->organisation, p->qualification, p->why};

    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]) + p->against_n; i++) {
        const char *s = i < sizeof(said) / sizeof(said[0])
                            ? said[i]
                            : p->against[i - sizeof(said) / sizeof(said[0])];

        if (s && (strlen(s) > EVIDENCE_PACK_TEXT_MAX || !text_is_plain(s, strlen(s)) ||
                  !utf8_valid(s, strlen(s))))
            return err_fail(err, ERR_USAGE,
                            "what is written: longer than %d bytes, or with control characters",
                            EVIDENCE_PACK_TEXT_MAX);
    }
    return true;
}

bool evidence_pack_write(struct arena *a, struct text *to, const struct evidence_pack *p,
                         struct err *err)
{
    struct text statement = text_new(PACK_BYTES_MAX), evidence = text_new(PACK_BYTES_MAX);
    bool ok = words_check(p, err) && statement_make(a, p, &statement, err) &&
              (p->accounts ? account_evidence_write(a, &evidence, p->accounts[0], err)
                           : evidence_write(a, &evidence, &p->docs[0], p->blocks, NULL, 0, err)) &&
              text_end(&evidence, err);

    if (ok) {
        while (evidence.n && evidence.p[evidence.n - 1] == '\n')
            evidence.n--;
        document_put(to, &statement, &evidence, NULL, 0);
    }
    text_free(&statement);
    text_free(&evidence);
    return ok;
}

/* ---- checking ---- */

static bool does_not(struct evidence_pack_answer *r, const char *what)
{
    r->holds = false;
    snprintf(r->text, sizeof(r->text), "%s", what);
    return true; /* it is an answer */
}

static bool statement_check(struct arena *a, struct evidence_pack_answer *r, struct err *err)
{
    const struct json *statement = json_get(r->document, "statement");
    struct text to = text_new(PACK_BYTES_MAX);
    struct hash32 stated;
    const char *hex;
    bool ok;

    if (!statement)
        return err_fail(err, ERR_INPUT, "statement: missing");
    if (!json_text(json_get(r->document, "statement_sha256"), "statement_sha256", &hex, err))
        return false;
    ok = json_canonical_put(a, statement, &to, err) && text_end(&to, err);
    if (ok) {
        r->statement = sha256(to.p, to.n);
        if (!hex_decode(hex, strlen(hex), stated.b, sizeof(stated.b)) ||
            !hash32_equal(&stated, &r->statement))
            does_not(r, "statement: it has another SHA-256 than statement_sha256");
    }
    text_free(&to);
    return ok;
}

/* The trace itself is what the evidence of accounts proves. */
static bool accounts_check(struct arena *a, struct evidence_pack_answer *r, struct err *err)
{
    const struct json *trace = json_get(json_get(r->document, "statement"), "trace");

    r->of_accounts = true;
    if (!json_is_string(json_get(trace, "schema"), ACCOUNT_TRACE_SCHEMA))
        return does_not(r, "statement: its trace is of another kind than the evidence");
    if (!account_evidence_prove(a, json_get(r->document, "evidence"), trace, &r->accounts, err))
        return err_in(err, "evidence");
    return r->accounts.proven || does_not(r, r->accounts.text);
}

static bool evidence_check(struct arena *a, struct evidence_pack_answer *r, struct err *err)
{
    const struct json *evidence = json_get(r->document, "evidence");
    struct text to = text_new(PACK_BYTES_MAX);
    struct json_out j = json_to(&to, false);
    bool ok;

    if (!evidence)
        return err_fail(err, ERR_INPUT, "evidence: missing");
    if (json_is_string(json_get(evidence, "schema"), ACCOUNT_EVIDENCE_SCHEMA)) {
        text_free(&to);
        return accounts_check(a, r, err);
    }
    json_tree(&j, evidence);
    ok = text_end(&to, err) &&
         (evidence_prove(a, (struct bytes){(const uint8_t *)to.p, to.n}, &r->evidence, err) ||
          err_in(err, "evidence"));
    if (ok && !r->evidence.proven)
        does_not(r, r->evidence.text);
    text_free(&to);
    return ok;
}

static bool amount_of(const struct json *totals, const char *name, uint64_t *ret)
{
    const struct json *value = json_get(totals, name);

    return value && value->type == JSON_STRING && u64_from_text(value->text, value->text_n, ret);
}

/* Is what is stated of what is proven? */
static bool they_agree(struct evidence_pack_answer *r)
{
    const struct json *statement = json_get(r->document, "statement");
    const struct json *trace = json_get(statement, "trace");
    const struct json *totals = json_get(trace, "totals");
    const struct json *id = json_get(trace, "case");
    const char *case_id = id && id->type == JSON_STRING ? id->text : NULL;
    uint64_t held, exits;

    if (!json_is_string(json_get(trace, "chain"), r->evidence.chain) ||
        !json_is_string(json_get(trace, "policy"), trace_policy_name(r->evidence.policy)) ||
        (case_id ? !r->evidence.case_id || strcmp(case_id, r->evidence.case_id) != 0
                 : r->evidence.case_id != NULL))
        return does_not(r, "statement: its trace is of another case, chain or policy than the "
                           "evidence");
    if (!amount_of(totals, "held", &held) || !amount_of(totals, "exits", &exits) ||
        held + exits != r->evidence.taint)
        return does_not(r, "statement: its trace holds or lost another sum than the evidence "
                           "proves");
    return true;
}

static bool token_bytes(struct arena *a, const char *base64, struct bytes *ret, struct err *err)
{
    size_t n = strlen(base64), pad = n >= 2 ? (base64[n - 1] == '=') + (base64[n - 2] == '=') : 0;
    uint8_t *to;
    int got;

    if (!n || n % 4 || n > TIMESTAMP_BYTES_MAX * 2)
        return err_fail(err, ERR_INPUT, "no base64");
    to = arena_alloc(a, n / 4 * 3 + 1);
    if (!to)
        return err_fail(err, arena_limited(a) ? ERR_LIMIT : ERR_NOMEM, "a time stamp");
    got = EVP_DecodeBlock(to, (const unsigned char *)base64, (int)n);
    if (got < 0 || (size_t)got < pad)
        return err_fail(err, ERR_INPUT, "no base64");
    *ret = (struct bytes){to, (size_t)got - pad};
    return true;
}

static bool timestamps_check(struct arena *a, struct evidence_pack_answer *r, struct err *err)
{
    const struct json *list = json_get(r->document, "timestamps");
    struct timestamp *to = ARENA_ARRAY(a, struct timestamp, EVIDENCE_PACK_TOKENS_MAX);

    if (!to)
        return err_fail(err, ERR_NOMEM, "time stamps");
    if (!list || list->type != JSON_ARRAY || list->children_n > EVIDENCE_PACK_TOKENS_MAX)
        return err_fail(err, ERR_INPUT, "timestamps: a list of at most %d is wanted",
                        EVIDENCE_PACK_TOKENS_MAX);
    for (const struct json *item = list->child; item; item = item->next) {
        const char *base64;
        struct bytes token;

        if (!json_text(item, "timestamps", &base64, err) || !token_bytes(a, base64, &token, err) ||
            !timestamp_read(a, token, &to[r->timestamps_n], err))
            return err_in(err, "timestamps[%zu]", r->timestamps_n);
        if (!hash32_equal(&to[r->timestamps_n++].imprint, &r->statement))
            return does_not(r, "timestamps: one is of another statement");
    }
    r->timestamps = to;
    return true;
}

bool evidence_pack_check(struct arena *a, struct bytes document, struct evidence_pack_answer *ret,
                         struct err *err)
{
    static const char *const known[] = {"schema",   "statement",  "statement_sha256",
                                        "evidence", "timestamps", NULL};
    struct evidence_pack_answer r = {.holds = true};

    if (!json_read(a, (const char *)document.p, document.n, &r.document, err) ||
        !json_only(r.document, "pack", known, err))
        return false;
    if (!json_is_string(json_get(r.document, "schema"), EVIDENCE_PACK_SCHEMA))
        return err_fail(err, ERR_INPUT, "schema: no " EVIDENCE_PACK_SCHEMA);
    if (!statement_check(a, &r, err) || (r.holds && !evidence_check(a, &r, err)) ||
        (r.holds && !r.of_accounts && !they_agree(&r)) ||
        (r.holds && !timestamps_check(a, &r, err)))
        return false;
    *ret = r;
    return true;
}

void evidence_pack_write_answer(struct text *to, const struct evidence_pack_answer *a)
{
    if (!a->holds) {
        text_printf(to, "does not hold: %s\n", a->text);
        return;
    }
    if (a->of_accounts)
        account_evidence_write_answer(to, &a->accounts);
    else
        evidence_write_answer(to, &a->evidence);
    text_str(to, "statement: ");
    text_hex(to, a->statement.b, sizeof(a->statement.b));
    text_char(to, '\n');
    for (size_t i = 0; i < a->timestamps_n; i++)
        text_printf(to, "time stamp: %s by %s (whose certificate is not checked here)\n",
                    a->timestamps[i].time, a->timestamps[i].by);
    if (!a->timestamps_n)
        text_str(to, "no time stamp: nothing proves when it was made\n");
}

/* ---- a token more ---- */

static bool base64_of(struct arena *a, struct bytes in, const char **ret, struct err *err)
{
    char *to = arena_alloc(a, (in.n + 2) / 3 * 4 + 1);

    if (!to)
        return err_fail(err, arena_limited(a) ? ERR_LIMIT : ERR_NOMEM, "a time stamp");
    EVP_EncodeBlock((unsigned char *)to, in.p, (int)in.n);
    *ret = to;
    return true;
}

static bool member_text(struct arena *a, const struct json *document, const char *name,
                        bool as_hashed, struct text *to, struct err *err)
{
    struct json_out j = json_to(to, false);

    if (as_hashed)
        return json_canonical_put(a, json_get(document, name), to, err) && text_end(to, err);
    json_tree(&j, json_get(document, name));
    return text_end(to, err);
}

bool evidence_pack_attach(struct arena *a, struct text *to, struct bytes document,
                          struct bytes token, struct err *err)
{
    struct text statement = text_new(PACK_BYTES_MAX), evidence = text_new(PACK_BYTES_MAX);
    const char *tokens[EVIDENCE_PACK_TOKENS_MAX + 1];
    struct evidence_pack_answer r;
    struct timestamp stamp;
    size_t n = 0;
    bool ok;

    if (!evidence_pack_check(a, document, &r, err) || !timestamp_read(a, token, &stamp, err))
        return false;
    if (!r.holds)
        return err_fail(err, ERR_DIFFERS, "%s", r.text);
    if (!hash32_equal(&stamp.imprint, &r.statement))
        return err_fail(err, ERR_DIFFERS, "the time stamp is of another statement");
    if (r.timestamps_n == EVIDENCE_PACK_TOKENS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d time stamps", EVIDENCE_PACK_TOKENS_MAX);
    for (const struct json *item = json_get(r.document, "timestamps")->child; item;
         item = item->next)
        tokens[n++] = item->text;
    ok = base64_of(a, token, &tokens[n++], err) &&
         member_text(a, r.document, "statement", true, &statement, err) &&
         member_text(a, r.document, "evidence", false, &evidence, err);
    if (ok)
        document_put(to, &statement, &evidence, tokens, n);
    text_free(&statement);
    text_free(&evidence);
    return ok;
}
