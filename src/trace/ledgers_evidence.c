#include "trace/ledgers_evidence.h"

#include "ledger/writer.h"
#include "trace/evidence_folder.h"

#include <stdio.h>
#include <string.h>

#define LEDGER_MEMORY ((uint64_t)256 << 20)
#define BYTES_MAX ((size_t)8 << 30)
#define PLACE_MAX (EVIDENCE_FOLDER_MAX + 32)

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "evidence");
}

/* ---- writing ---- */

static bool part_write(struct arena *a, struct text *to, const struct ledgers_doc *d, size_t i,
                       const struct ledgers_evidence_from *from,
                       struct account_evidence_roots *ret_roots, struct err *err)
{
    const struct trace_part *part = &d->parts[i];
    const struct account_evidence_of of = {
        .from = from->paths,
        .from_n = from->paths_n,
        .asserted = d->asserted,
        .asserted_n = d->conversions_n,
        .ledger = (uint32_t)i,
    };
    const char *chain = trace_ledger_chain(&d->ledgers[i])->name;

    if (part->accounts)
        return account_evidence_write(a, to, part->accounts, &of, ret_roots, err) ||
               err_in(err, "%s", chain);
    if (!from->coins)
        return err_fail(err, ERR_USAGE, "--from %s=PATH is missing: where its raw blocks are",
                        chain);
    return evidence_coins_write(a, to, part->coins, from->coins, d->asserted, d->conversions_n,
                                (uint32_t)i, err) ||
           err_in(err, "%s", chain);
}

bool ledgers_evidence_write(struct arena *a, struct text *to, const struct ledgers_doc *d,
                            const struct ledgers_evidence_from *from,
                            struct account_evidence_roots *ret_roots, struct err *err)
{
    struct json_out j = json_to(to, false);

    json_object(&j);
    json_put_string(&j, "schema", LEDGERS_EVIDENCE_SCHEMA);
    json_key(&j, "parts");
    json_array(&j);
    for (size_t i = 0; i < d->ledgers_n; i++) {
        struct text part = text_new(BYTES_MAX);
        bool ok = true;

        if (d->parts[i].coins || d->parts[i].accounts) {
            ok = part_write(a, &part, d, i, &from[i], &ret_roots[i], err) && text_end(&part, err);
            while (ok && part.n && part.p[part.n - 1] == '\n')
                part.n--;
            if (ok)
                json_raw(&j, part.p, part.n);
        }
        text_free(&part);
        if (!ok)
            return false;
    }
    json_array_end(&j);
    json_object_end(&j);
    return true;
}

/* ---- proving ---- */

static bool does_not(struct ledgers_evidence_answer *r, size_t part, const char *what)
{
    r->proven = false;
    if (part == SIZE_MAX)
        snprintf(r->text, sizeof(r->text), "%s", what);
    else
        snprintf(r->text, sizeof(r->text), "parts[%zu]: %.200s", part, what);
    return true;
}

static bool coins_make(struct arena *a, const struct json *part, const char *dir,
                       struct ledgers_evidence_part *ret, struct err *err)
{
    struct ledger_options options = {.memory = LEDGER_MEMORY, .threads = 1, .fleeting = true};
    const struct block_facts *blocks;
    struct ledger_writer *w;
    size_t n;
    bool ok;

    ret->of_coins = true;
    if (!evidence_coins_read(a, part, &ret->coins, &blocks, &n, err))
        return false;
    if (!ret->coins.proven)
        return true;
    if (!ledger_writer_open(dir, chain_by_name(ret->coins.chain), options, &w, err))
        return false;
    ok = ledger_append(w, blocks, n, err);
    ledger_writer_close(w);
    if (!ok && err->class == ERR_INPUT) {
        ret->coins.proven = false;
        memcpy(ret->coins.text, err->text, sizeof(ret->coins.text));
        ok = true;
    }
    return ok;
}

/* The part as a ledger of its own, in a folder below dir. */
static bool part_make(struct arena *a, const struct json *part, const char *dir, size_t i,
                      struct ledgers_evidence_answer *r, struct err *err)
{
    struct ledgers_evidence_part *p = &r->parts[i];
    char place[PLACE_MAX];

    snprintf(place, sizeof(place), "%s/%zu", dir, i);
    if (json_is_string(json_get(part, "schema"), EVIDENCE_COINS_SCHEMA))
        return coins_make(a, part, place, p, err) &&
               (p->coins.proven || does_not(r, i, p->coins.text));
    if (json_is_string(json_get(part, "schema"), ACCOUNT_EVIDENCE_SCHEMA))
        return account_evidence_ledger(a, part, place, &p->accounts, err) &&
               (p->accounts.proven || does_not(r, i, p->accounts.text));
    return err_fail(err, ERR_INPUT, "schema: no part of evidence that is known here");
}

static bool part_open(const char *dir, size_t i, const struct ledgers_evidence_part *p,
                      struct trace_ledger *ret, struct err *err)
{
    struct account_ledger *accounts;
    struct ledger *coins;
    char place[PLACE_MAX];

    snprintf(place, sizeof(place), "%s/%zu", dir, i);
    if (p->of_coins) {
        if (!ledger_open(place, &coins, err))
            return false;
        ret->coins = coins;
    } else {
        if (!account_ledger_open(place, &accounts, err))
            return false;
        ret->accounts = accounts;
    }
    return true;
}

static bool follow(struct arena *a, const char *dir, const struct json *trace,
                   struct ledgers_evidence_answer *r, struct err *err)
{
    struct trace_ledger ledgers[ROUTES_LEDGERS_MAX] = {{NULL, NULL}};
    struct text document = text_new(BYTES_MAX);
    struct json_out j = json_to(&document, false);
    struct verify_answer answer;
    bool ok;

    json_tree(&j, trace);
    ok = text_end(&document, err);
    for (size_t i = 0; ok && i < r->parts_n; i++)
        ok = part_open(dir, i, &r->parts[i], &ledgers[i], err);
    ok = ok &&
         ledgers_verify_part(a, ledgers, r->parts_n,
                             (struct bytes){(const uint8_t *)document.p, document.n}, &answer, err);
    if (ok && answer.outcome != VERIFY_SAME)
        does_not(r, SIZE_MAX, answer.text);
    for (size_t i = 0; i < r->parts_n; i++) { /* ours, that others only read */
        ledger_close((struct ledger *)ledgers[i].coins);
        account_ledger_close((struct account_ledger *)ledgers[i].accounts);
    }
    text_free(&document);
    return ok;
}

static bool parts_prove(struct arena *a, const char *dir, const struct json *parts,
                        const struct json *trace, struct ledgers_evidence_answer *r,
                        struct err *err)
{
    struct hash32 of[ROUTES_LEDGERS_MAX];
    size_t i = 0;

    for (const struct json *part = parts->child; part && r->proven; part = part->next, i++) {
        if (!part_make(a, part, dir, i, r, err))
            return err_in(err, "parts[%zu]", i);
        of[i] =
            r->parts[i].of_coins ? r->parts[i].coins.fingerprint : r->parts[i].accounts.fingerprint;
    }
    r->fingerprint = sha256(of, i * sizeof(*of));
    return !r->proven || follow(a, dir, trace, r, err);
}

static void routes_count(const struct json *trace, struct ledgers_evidence_answer *r)
{
    const struct json *list = json_get(trace, "routes");

    for (const struct json *k = list ? list->child : NULL; k; k = k->next) {
        r->routes_n++;
        r->routes_proven_n += json_is_string(json_get(k, "grade"), "proven");
    }
}

bool ledgers_evidence_prove(struct arena *a, const struct json *evidence, const struct json *trace,
                            struct ledgers_evidence_answer *ret, struct err *err)
{
    static const char *const known[] = {"schema", "parts", NULL};
    const struct json *parts = json_get(evidence, "parts"), *id = json_get(trace, "case");
    struct ledgers_evidence_answer r = {.proven = true};
    char dir[EVIDENCE_FOLDER_MAX];
    bool ok;

    if (!json_only(evidence, "evidence", known, err) ||
        !json_text(json_get(trace, "policy"), "policy", &r.policy, err))
        return false;
    if (!parts || parts->type != JSON_ARRAY || !parts->children_n)
        return err_fail(err, ERR_INPUT, "parts: a list is wanted, with one in it");
    if (parts->children_n > ROUTES_LEDGERS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d parts", ROUTES_LEDGERS_MAX);
    r.case_id = id && id->type == JSON_STRING ? id->text : NULL;
    r.parts_n = parts->children_n;
    r.parts = ARENA_ARRAY(a, struct ledgers_evidence_part, r.parts_n);
    if (!r.parts)
        return no_memory(a, err);
    if (!evidence_folder_make(dir, err))
        return false;
    ok = parts_prove(a, dir, parts, trace, &r, err);
    evidence_folder_remove(dir);
    routes_count(trace, &r);
    if (ok)
        *ret = r;
    return ok;
}

/* ---- telling ---- */

void ledgers_evidence_write_answer(struct text *to, const struct ledgers_evidence_answer *e)
{
    if (!e->proven) {
        text_printf(to, "not proven: %s\n", e->text);
        return;
    }
    text_printf(to,
                "proven: from these parts of %zu ledger%s the trace by %s follows, each move, "
                "output, balance\nand total of it, and the %zu route%s that value went on by: %zu "
                "as contracts on both sides say,\n%zu as somebody states.\n",
                e->parts_n, e->parts_n == 1 ? "" : "s", e->policy, e->routes_n,
                e->routes_n == 1 ? "" : "s", e->routes_proven_n, e->routes_n - e->routes_proven_n);
    for (size_t i = 0; i < e->parts_n; i++) {
        const struct ledgers_evidence_part *p = &e->parts[i];

        if (p->of_coins) {
            text_printf(to,
                        "%s: %zu transaction%s in %zu block%s, each with its proof of work and its "
                        "place under the Merkle root",
                        p->coins.chain, p->coins.transactions_n,
                        p->coins.transactions_n == 1 ? "" : "s", p->coins.blocks_n,
                        p->coins.blocks_n == 1 ? "" : "s");
            if (p->coins.claimed_n)
                text_printf(to, "; not %zu value%s that undo data told", p->coins.claimed_n,
                            p->coins.claimed_n == 1 ? "" : "s");
        } else if (p->accounts.roots.blocks_n) {
            text_printf(to, "%s, proven ", p->accounts.chain);
            account_evidence_roots_text(to, &p->accounts);
        } else if (account_evidence_signs(&p->accounts)) {
            text_printf(to, "%s, proven ", p->accounts.chain);
            account_evidence_signed_text(to, &p->accounts);
        } else {
            text_printf(
                to,
                "%s: %zu transfer%s of %zu transaction%s, not proven by their blocks (ask a "
                "node for their hashes)",
                p->accounts.chain, p->accounts.transfers_n, p->accounts.transfers_n == 1 ? "" : "s",
                p->accounts.transactions_n, p->accounts.transactions_n == 1 ? "" : "s");
        }
        text_char(to, '\n');
    }
    text_str(to, "fingerprint: ");
    text_hex(to, e->fingerprint.b, sizeof(e->fingerprint.b));
    text_str(to, "\nnot proven by any such file: that the blocks belong to their chains (compare "
                 "their hashes with a\nnode's), that the accounts on the way had no others and "
                 "the outputs were not spent since, and what\nsomebody states.\n");
}
