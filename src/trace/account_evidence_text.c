/* What people are told of evidence over accounts, and the sums of a trace. */
#include "trace/account_evidence_parts.h"

void account_assets_put(struct json_out *j, const struct account_doc *d, bool converted)
{
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
        if (converted) {
            json_put_u256(j, "converted_in", t->converted_in);
            json_put_u256(j, "converted_out", t->converted_out);
        }
        json_put_u256(j, "held", t->held);
        json_put_u256(j, "exits", t->exits);
        json_put_u256(j, "fees", t->fees);
        json_put_u256(j, "cut", t->cut);
        json_put_u256(j, "dust", t->dust);
        json_put_u256(j, "unresolved", t->unresolved);
        json_object_end(j);
    }
    json_array_end(j);
}

void account_sums_put(struct json_out *j, const struct account_doc *d)
{
    json_object(j);
    json_put_string(j, "policy", trace_policy_name(d->policy));
    json_put_number(j, "reached", d->trace->moves_n);
    json_put_bool(j, "exact", d->exact);
    account_assets_put(j, d, false);
    json_object_end(j);
}

void account_evidence_roots_text(struct text *to, const struct account_evidence_answer *e)
{
    const struct block_proofs *proofs = chain_by_name(e->chain)->dialect->proofs;
    const struct account_evidence_roots *r = &e->roots;

    text_printf(to,
                "by their blocks' %s: %zu of %zu transactions, %zu of %zu transfers, %zu of %zu "
                "blocks",
                proofs->by, r->transactions_n, e->transactions_n, r->transfers_n, e->transfers_n,
                r->blocks_n, e->blocks_n);
    if (proofs->signed_as_named && r->blocks_n)
        text_printf(to, ", %zu of them signed by the key that they name", r->named_n);
    if (r->internals_n)
        text_printf(to, "; not %zu %s%s, which only %s tells", r->internals_n, proofs->untold_one,
                    r->internals_n == 1 ? "" : "s", proofs->untold_by);
    if (r->outside_n)
        text_printf(to, "; not %zu withdrawal%s or reward%s", r->outside_n,
                    r->outside_n == 1 ? "" : "s", r->outside_n == 1 ? "" : "s");
    if (r->fees_n)
        text_printf(to, "; not %zu fee%s", r->fees_n, r->fees_n == 1 ? "" : "s");
    if (r->without_n)
        text_printf(to, "; not %zu transfer%s of transactions without a proof", r->without_n,
                    r->without_n == 1 ? "" : "s");
    if (proofs->unproven)
        text_printf(to, "; not %s", proofs->unproven);
}

bool account_evidence_signs(const struct account_evidence_answer *e)
{
    const struct chain *chain = chain_by_name(e->chain);

    return chain && chain->dialect && chain->dialect->signatures && e->transactions_n;
}

void account_evidence_signed_text(struct text *to, const struct account_evidence_answer *e)
{
    size_t without = e->transactions_n - e->roots.signed_n;

    text_printf(to,
                "by signatures: of %zu of %zu transactions, that who pays for it signed it, and "
                "whoever else had to",
                e->roots.signed_n, e->transactions_n);
    if (without)
        text_printf(to, " (of %zu nobody has the bytes that were signed)", without);
    text_printf(to,
                "; of %zu of %zu transfers, that parties and amount stand in what was signed; not "
                "what a transaction did",
                e->roots.said_n, e->transfers_n);
}

void account_evidence_write_answer(struct text *to, const struct account_evidence_answer *e)
{
    if (!e->proven) {
        text_printf(to, "not proven: %s\n", e->text);
        return;
    }
    text_printf(to,
                "proven: from these %zu transfer%s in %zu transaction%s of %zu block%s on %s,\n"
                "the trace by %s follows, each move, balance and total of it.\n",
                e->transfers_n, e->transfers_n == 1 ? "" : "s", e->transactions_n,
                e->transactions_n == 1 ? "" : "s", e->blocks_n, e->blocks_n == 1 ? "" : "s",
                e->chain, e->policy);
    if (e->roots.blocks_n) {
        text_str(to, "proven ");
        account_evidence_roots_text(to, e);
        text_char(to, '\n');
    }
    if (account_evidence_signs(e)) {
        text_str(to, "proven ");
        account_evidence_signed_text(to, e);
        text_char(to, '\n');
    }
    text_str(to, "fingerprint: ");
    text_hex(to, e->fingerprint.b, sizeof(e->fingerprint.b));
    text_printf(to,
                "\nnot proven by any such file: that the chain has these %s (compare the "
                "hashes of\ntheir transactions and blocks with a node's), and that the accounts "
                "on the way had no others.\n",
                e->roots.without_n || !e->roots.blocks_n ? "transfers" : "blocks");
}
