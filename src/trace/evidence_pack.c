#include "trace/evidence_pack.h"

#include "base/json_canonical.h"
#include "chain/dialect.h"
#include "trace/patterns.h"
#include "trace/rates.h"

#include <openssl/evp.h>

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
    "what the trace says beyond the ends that the evidence proves, and the sums by those policies "
    "that go where the evidence does not (cordon verify tells which): cordon verify on a trace by "
    "each, with a ledger, works them out again",
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

static const char accounts_unrooted[] =
    "that the chain has these transfers: compare the hashes of their transactions and blocks with "
    "a node that you trust";
static const char accounts_rooted[] = "that the blocks belong to the chain: compare their hashes "
                                      "with a node that you trust";

static const char *const accounts_not_proven[] = {
    "that the accounts on the way had no other transfers: that needs the whole chain",
    "who controls an account: names of stops are their sources' word",
    ("the sums by those policies that go where the evidence does not (cordon verify tells which): "
     "cordon verify on a trace by each, with a ledger, works them out again"),
};

static const char several_stated[] =
    "what somebody states: that value went on as an investigator asserts, and whose a router's "
    "vault is; such routes have the grade stated";

static bool links_use(const struct route_link *links, size_t n, const char *rule)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(rule, route_rule_name(links[i].rule)))
            return true;
    return false;
}

static bool account_rule_is_used(const struct account_doc *d, const char *rule)
{
    return !strcmp(rule, "taint") || (!strcmp(rule, "stops") && d->stops_n > 0) ||
           (!strcmp(rule, "paired") && d->paired > 0) || links_use(d->links, d->links_n, rule);
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

static bool several_rule_is_used(const struct ledgers_doc *d, const char *rule)
{
    for (size_t i = 0; i < d->ledgers_n; i++)
        if ((d->parts[i].coins && rule_is_used(d->parts[i].coins, rule)) ||
            (d->parts[i].accounts && account_rule_is_used(d->parts[i].accounts, rule)))
            return true;
    return links_use(d->links, d->links_n, rule);
}

static bool pack_rule_is_used(const struct evidence_pack *p, const char *rule)
{
    return p->several    ? several_rule_is_used(p->several[0], rule)
           : p->accounts ? account_rule_is_used(p->accounts[0], rule)
                         : rule_is_used(&p->docs[0], rule);
}

static void rules_put(struct json_out *j, const struct evidence_pack *p)
{
    json_key(j, "rules");
    json_array(j);
    for (size_t i = 0; i < rule_rates_n; i++) {
        if (!pack_rule_is_used(p, rule_rates[i].rule))
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
static void acquisition_put(struct json_out *j, const struct trace_doc *d, struct source *blocks)
{
    struct ledger_block first = ledger_block(d->ledger, 0);
    struct ledger_block last = ledger_block(d->ledger, d->blocks_n - 1);
    size_t n;

    json_object(j);
    json_put_string(j, "chain", ledger_chain(d->ledger)->name);
    json_put_string(j, "caip2", ledger_chain(d->ledger)->caip2);
    json_put_number(j, "blocks", d->blocks_n);
    block_put(j, "first", &first);
    block_put(j, "last", &last);
    json_put_string(j, "checked",
                    "each block's proof of work, its transactions' ids and their Merkle root");
    (void)source_blocks(blocks, &n);
    json_put_number(j, "source_blocks", n);
    json_put_number(j, "source_bytes", source_bytes(blocks));
    json_put_string(j, "source_notes", source_notes(blocks));
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

/* How much of the transfers is proven by the blocks that they are in, and of what not. */
static void roots_put(struct json_out *j, const struct account_evidence_roots *r)
{
    json_key(j, "by_roots");
    json_object(j);
    json_put_number(j, "blocks", r->blocks_n);
    json_put_number(j, "transactions", r->transactions_n);
    json_put_number(j, "transfers", r->transfers_n);
    json_put_number(j, "not_internals", r->internals_n);
    json_put_number(j, "not_outside", r->outside_n);
    json_put_number(j, "not_fees", r->fees_n);
    json_put_number(j, "not_others", r->without_n);
    if (r->signed_n) {
        json_put_number(j, "signed", r->signed_n);
        json_put_number(j, "signed_transfers", r->said_n);
    }
    json_object_end(j);
}

static void account_acquisition_put(struct json_out *j, const struct account_doc *d,
                                    const struct account_evidence_roots *roots)
{
    struct account_ledger_block first = account_ledger_block(d->ledger, 0);
    struct account_ledger_block last = account_ledger_block(d->ledger, d->blocks_n - 1);
    const struct chain *chain = account_ledger_chain(d->ledger);

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
    roots_put(j, roots);
    json_object_end(j);
}

/* Of coins what goes on by a route has ended at a stop of that name: converted_out. */
static uint64_t coins_converted_out(const struct trace_doc *d)
{
    uint64_t n = 0;

    for (size_t i = 0; i < d->trace->reached_n; i++) {
        const struct trace_reached *r = &d->trace->reached[i];

        if (r->stop >= 0 && (size_t)r->stop == d->stops_n)
            n += r->taint;
    }
    return n;
}

static void coins_assets_put(struct json_out *j, const struct trace_doc *d)
{
    const struct trace_totals *t = &d->trace->totals;
    const struct chain *chain = ledger_chain(d->ledger);
    uint64_t out = coins_converted_out(d);

    json_key(j, "assets");
    json_array(j);
    json_object(j);
    json_put_string(j, "asset", chain->symbol);
    json_put_number(j, "decimals", chain->decimals);
    json_put_decimal(j, "origin", t->origin);
    json_put_decimal(j, "converted_in", t->converted_in);
    json_put_decimal(j, "converted_out", out);
    json_put_decimal(j, "held", t->held);
    json_put_decimal(j, "exits", t->exits - out);
    json_put_decimal(j, "fees", t->fees);
    json_put_decimal(j, "cut", t->cut);
    json_put_decimal(j, "dust", t->dust);
    json_put_decimal(j, "unresolved", t->unresolved);
    json_object_end(j);
    json_array_end(j);
}

static void several_totals_put(struct json_out *j, const struct ledgers_doc *d)
{
    json_object(j);
    json_put_string(j, "policy", trace_policy_name(d->policy));
    json_put_bool(j, "exact", d->exact);
    json_put_number(j, "routes", d->links_n);
    json_key(j, "parts");
    json_array(j);
    for (size_t i = 0; i < d->ledgers_n; i++) {
        const struct trace_part *part = &d->parts[i];

        if (!part->coins && !part->accounts)
            continue;
        json_object(j);
        json_put_string(j, "chain", trace_ledger_chain(&d->ledgers[i])->name);
        json_put_number(j, "reached",
                        part->coins ? part->coins->trace->reached_n
                                    : part->accounts->trace->moves_n);
        if (part->coins)
            coins_assets_put(j, part->coins);
        else
            account_assets_put(j, part->accounts, true);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static void several_acquisition_put(struct json_out *j, const struct evidence_pack *p,
                                    const struct account_evidence_roots *roots)
{
    const struct ledgers_doc *d = p->several[0];

    json_array(j);
    for (size_t i = 0; i < d->ledgers_n; i++)
        if (d->parts[i].coins)
            acquisition_put(j, d->parts[i].coins, p->several_from[i].coins);
        else
            account_acquisition_put(j, d->parts[i].accounts, &roots[i]);
    json_array_end(j);
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
                    trace_policy_name(p->several    ? p->several[0]->policy
                                      : p->accounts ? p->accounts[0]->policy
                                                    : p->docs[0].policy));
    json_put_string(j, "why", p->why);
    json_object_end(j);
    json_key(j, "tool");
    json_object(j);
    json_put_string(j, "name", "cordon");
    json_put_string(j, "version", p->version);
    json_put_string(j, "rules", TRACE_RULES);
    json_object_end(j);
}

static const struct block_proofs *proofs_of(const struct account_doc *d)
{
    return account_ledger_chain(d->ledger)->dialect->proofs;
}

static void accounts_not_proven_put(struct json_out *j, const struct account_doc *d,
                                    const struct account_evidence_roots *r)
{
    const struct block_proofs *proofs = r->blocks_n ? proofs_of(d) : NULL;
    const char *all[8];
    size_t n = 0;

    if (proofs)
        all[n++] = accounts_rooted;
    if (!proofs || r->without_n)
        all[n++] = accounts_unrooted;
    if (proofs && proofs->untold_all)
        all[n++] = proofs->untold_all;
    if (proofs && proofs->unproven)
        all[n++] = proofs->unproven;
    if (r->signed_n)
        all[n++] = account_ledger_chain(d->ledger)->dialect->signatures->unproven;
    for (size_t i = 0; i < sizeof(accounts_not_proven) / sizeof(accounts_not_proven[0]); i++)
        all[n++] = accounts_not_proven[i];
    list_put(j, "not_proven", all, n);
}

static void say_once(const char **said, size_t *n, const char *sentence)
{
    for (size_t i = 0; i < *n; i++)
        if (said[i] == sentence)
            return;
    said[(*n)++] = sentence;
}

/* Of all parts, each sentence once. */
static void several_not_proven_put(struct json_out *j, const struct evidence_pack *p,
                                   const struct account_evidence_roots *roots)
{
    const struct ledgers_doc *d = p->several[0];
    struct account_evidence_roots all = {0};
    const char *said[16];
    bool coins = false, accounts = false;
    size_t n = 0;

    for (size_t i = 0; i < d->ledgers_n; i++) {
        const struct block_proofs *proofs =
            roots[i].blocks_n ? proofs_of(d->parts[i].accounts) : NULL;

        if (proofs && proofs->untold_all)
            say_once(said, &n, proofs->untold_all);
        if (proofs && proofs->unproven)
            say_once(said, &n, proofs->unproven);
        coins |= d->parts[i].coins != NULL;
        accounts |= d->parts[i].accounts != NULL;
        if (d->parts[i].accounts && roots[i].signed_n)
            say_once(
                said, &n,
                account_ledger_chain(d->parts[i].accounts->ledger)->dialect->signatures->unproven);
        all.without_n += d->parts[i].accounts ? roots[i].without_n + !roots[i].blocks_n : 0;
    }
    said[n++] = accounts_rooted;
    if (all.without_n)
        said[n++] = accounts_unrooted;
    if (coins)
        said[n++] = not_proven[1];
    if (accounts)
        said[n++] = accounts_not_proven[0];
    said[n++] = several_stated;
    said[n++] = not_proven[3];
    said[n++] = accounts_not_proven[2];
    list_put(j, "not_proven", said, n);
}

static void statement_put(struct json_out *j, const struct evidence_pack *p,
                          const struct account_evidence_roots *roots, const struct text *trace)
{
    json_object(j);
    json_key(j, "case");
    json_raw(j, (const char *)p->case_text.p, p->case_text.n);
    persons_put(j, p);
    json_key(j, "acquisition");
    if (p->several)
        several_acquisition_put(j, p, roots);
    else if (p->accounts)
        account_acquisition_put(j, p->accounts[0], roots);
    else
        acquisition_put(j, &p->docs[0], p->blocks);
    rules_put(j, p);
    json_key(j, "trace");
    json_raw(j, trace->p, trace->n);
    json_key(j, "sensitivity");
    json_array(j);
    for (size_t i = 0; i < p->docs_n; i++)
        if (p->several)
            several_totals_put(j, p->several[i]);
        else if (p->accounts)
            account_sums_put(j, p->accounts[i]);
        else
            totals_put(j, &p->docs[i]);
    json_array_end(j);
    list_put(j, "against", p->against, p->against_n);
    list_put(j, "sources", p->sources, p->sources_n);
    if (p->several)
        several_not_proven_put(j, p, roots);
    else if (p->accounts)
        accounts_not_proven_put(j, p->accounts[0], roots);
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

static bool statement_make(struct arena *a, const struct evidence_pack *p,
                           const struct account_evidence_roots *roots, struct text *to,
                           struct err *err)
{
    struct text trace = text_new(PACK_BYTES_MAX), all = text_new(PACK_BYTES_MAX);
    struct json_out j = json_to(&all, false);
    bool ok;

    if (p->several)
        ledgers_write_json(&trace, p->several[0]);
    else if (p->accounts)
        account_write_json(&trace, p->accounts[0]);
    else
        trace_write_json(&trace, &p->docs[0]);
    ok = text_end(&trace, err);
    if (ok) {
        statement_put(&j, p, roots, &trace);
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
    const size_t n = sizeof(said) / sizeof(said[0]);

    for (size_t i = 0; i < n + p->against_n + p->sources_n; i++) {
        const char *s = i < n                  ? said[i]
                        : i < n + p->against_n ? p->against[i - n]
                                               : p->sources[i - n - p->against_n];

        if (s && (strlen(s) > EVIDENCE_PACK_TEXT_MAX || !text_is_plain(s, strlen(s)) ||
                  !utf8_valid(s, strlen(s))))
            return err_fail(err, ERR_USAGE,
                            "what is written: longer than %d bytes, or with control characters",
                            EVIDENCE_PACK_TEXT_MAX);
    }
    return true;
}

static bool evidence_make(struct arena *a, const struct evidence_pack *p, struct text *to,
                          struct account_evidence_roots *ret_roots, struct err *err)
{
    const struct account_evidence_of of = {
        .from = p->from,
        .from_n = p->from_n,
        .asserted = p->asserted,
        .asserted_n = p->asserted_n,
    };

    if (p->several)
        return ledgers_evidence_write(a, to, p->several[0], p->several_from, ret_roots, err);
    if (p->accounts)
        return account_evidence_write(a, to, p->accounts[0], &of, ret_roots, err);
    return evidence_write(a, to, &p->docs[0], p->blocks, NULL, 0, err);
}

bool evidence_pack_write(struct arena *a, struct text *to, const struct evidence_pack *p,
                         struct err *err)
{
    struct text statement = text_new(PACK_BYTES_MAX), evidence = text_new(PACK_BYTES_MAX);
    struct account_evidence_roots roots[ROUTES_LEDGERS_MAX] = {{0}};
    bool ok = words_check(p, err) && evidence_make(a, p, &evidence, roots, err) &&
              text_end(&evidence, err) && statement_make(a, p, roots, &statement, err);

    if (ok) {
        while (evidence.n && evidence.p[evidence.n - 1] == '\n')
            evidence.n--;
        document_put(to, &statement, &evidence, NULL, 0);
    }
    text_free(&statement);
    text_free(&evidence);
    return ok;
}

/* ---- a token more ---- */

static bool base64_of(struct arena *a, struct bytes in, const char **ret, struct err *err)
{
    char *to = arena_alloc(a, (in.n + 2) / 3 * 4 + 1);

    if (!to)
        return arena_fail(a, err, "a time stamp");
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
