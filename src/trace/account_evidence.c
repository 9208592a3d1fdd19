/* Following evidence over accounts: into a ledger of its own, and the trace again over that. */
#include "trace/account_evidence_parts.h"

#include "ledger/account_writer.h"
#include "trace/evidence_folder.h"
#include "trace/ledgers_run.h"

#include <stdio.h>

#define LEDGER_MEMORY ((uint64_t)256 << 20)

static bool ledger_make(const char *dir, const struct chain *chain,
                        const struct transfer_block *blocks, size_t n, struct err *err)
{
    struct ledger_options options = {.memory = LEDGER_MEMORY, .threads = 1, .fleeting = true};
    struct account_ledger_writer *w;
    bool ok;

    if (!account_ledger_writer_open(dir, chain, options, &w, err))
        return false;
    ok = account_ledger_append(w, blocks, n, err);
    account_ledger_writer_close(w);
    return ok;
}

/* ---- other policies ---- */

struct others { /* what each policy makes of what the file has */
    struct arena *a;
    struct trace_ledger ledger;
    struct bytes document;
    uint64_t *within; /* [within_n] holdings that the document's own policy came through, sorted */
    size_t within_n;
    struct account_evidence_answer *answer;
    struct err *err;
};

static uint64_t *holdings_sorted(struct others *o, const struct account_doc *d, size_t *ret_n)
{
    uint64_t *at = ARENA_ARRAY(o->a, uint64_t, 2 * d->trace->moves_n + d->trace->balances_n + 1);

    if (at)
        *ret_n = evidence_unique(at, evidence_holdings(d, at));
    else
        evidence_no_memory(o->a, o->err);
    return at;
}

/* All events of these holdings are in the file, so that nothing else can come of the whole ledger.
 */
static bool is_within(const struct others *o, const uint64_t *at, size_t n)
{
    for (size_t i = 0, k = 0; i < n; i++) {
        while (k < o->within_n && o->within[k] < at[i])
            k++;
        if (k == o->within_n || o->within[k] != at[i])
            return false;
    }
    return true;
}

static bool sums_text(struct others *o, const struct account_doc *d, const char **ret)
{
    struct text to = text_new(EVIDENCE_BYTES_MAX);
    struct json_out j = json_to(&to, false);
    bool ok;

    account_sums_put(&j, d);
    ok = text_end(&to, o->err);
    *ret = ok ? arena_string(o->a, to.p, to.n) : NULL;
    text_free(&to);
    return *ret || (ok && evidence_no_memory(o->a, o->err));
}

/* Of one policy; the document's own comes first, and is what the others are held to. What cannot be
 * followed here stays unknown: that is no failure. */
static bool follow_one(struct others *o, enum trace_policy policy)
{
    struct ledgers_doc d;
    uint64_t *at;
    size_t n;

    if (!ledgers_by_policy(o->a, &o->ledger, 1, o->document, policy, &d, o->err))
        return o->err->class != ERR_NOMEM && o->err->class != ERR_SYSTEM;
    if (!d.parts[0].accounts)
        return true;
    at = holdings_sorted(o, d.parts[0].accounts, &n);
    if (!at)
        return false;
    if (!o->within) {
        o->within = at;
        o->within_n = n;
    }
    if (!is_within(o, at, n))
        return true;
    o->answer->sums[policy].converted = d.links_n || d.parts[0].accounts->links_n;
    return sums_text(o, d.parts[0].accounts, &o->answer->sums[policy].row);
}

static bool follow_others(struct others *o, const char *own)
{
    enum trace_policy first;

    if (!trace_policy_from_name(own, &first) || !follow_one(o, first))
        return false;
    for (unsigned k = 0; k < ACCOUNT_POLICIES && o->within; k++)
        if (k != first && !follow_one(o, (enum trace_policy)k))
            return false;
    return true;
}

static bool followed(struct arena *a, const char *dir, const struct json *trace,
                     struct account_evidence_answer *ret, struct err *err)
{
    struct text document = text_new(EVIDENCE_BYTES_MAX);
    struct json_out j = json_to(&document, false);
    struct account_ledger *l = NULL;
    struct verify_answer answer;
    bool ok;

    json_tree(&j, trace);
    ok = text_end(&document, err) && account_ledger_open(dir, &l, err);
    if (ok) {
        struct trace_ledger of = {.accounts = l};

        struct others o = {.a = a,
                           .ledger = of,
                           .document = {(const uint8_t *)document.p, document.n},
                           .answer = ret,
                           .err = err};

        ok = ledgers_verify_part(a, &of, 1, o.document, &answer, err);
        if (ok && answer.outcome != VERIFY_SAME)
            evidence_fails(ret, answer.text);
        else if (ok)
            ok = follow_others(&o, ret->policy);
        account_ledger_close(l);
    }
    text_free(&document);
    return ok;
}

/* In a folder of its own, which is gone afterwards. */
static bool ledger_follow(struct arena *a, const struct chain *chain,
                          const struct transfer_block *blocks, size_t n, const struct json *trace,
                          struct account_evidence_answer *ret, struct err *err)
{
    char dir[EVIDENCE_FOLDER_MAX], place[EVIDENCE_FOLDER_MAX + 8];
    bool ok;

    if (!evidence_folder_make(dir, err))
        return false;
    snprintf(place, sizeof(place), "%s/ledger", dir);
    ok = ledger_make(place, chain, blocks, n, err);
    if (!ok && err->class == ERR_INPUT) {
        evidence_fails(ret, err->text);
        ok = true;
    } else if (ok) {
        ok = followed(a, place, trace, ret, err);
    }
    evidence_folder_remove(dir);
    return ok;
}

bool account_evidence_prove(struct arena *a, const struct json *evidence, const struct json *trace,
                            struct account_evidence_answer *ret, struct err *err)
{
    struct account_evidence_answer answer = {.proven = true};
    struct evidence_reading r = {.a = a, .answer = &answer, .err = err};
    const struct json *id = json_get(trace, "case");
    struct transfer_block *blocks;
    bool ok;

    if (!json_text(json_get(trace, "policy"), "policy", &answer.policy, err))
        return false;
    answer.case_id = id && id->type == JSON_STRING ? id->text : NULL;
    ok =
        evidence_read(&r, evidence, &blocks) &&
        (!answer.proven || ledger_follow(a, r.chain, blocks, answer.blocks_n, trace, &answer, err));
    evidence_read_end(&r);
    if (ok)
        *ret = answer;
    return ok;
}

bool account_evidence_ledger(struct arena *a, const struct json *evidence, const char *dir,
                             struct account_evidence_answer *ret, struct err *err)
{
    struct account_evidence_answer answer = {.proven = true};
    struct evidence_reading r = {.a = a, .answer = &answer, .err = err};
    struct transfer_block *blocks;
    bool ok = evidence_read(&r, evidence, &blocks);

    evidence_read_end(&r);
    if (ok && answer.proven && !ledger_make(dir, r.chain, blocks, answer.blocks_n, err))
        ok = err->class == ERR_INPUT && evidence_fails(&answer, err->text);
    if (ok)
        *ret = answer;
    return ok;
}
