/* Reading evidence over accounts, and holding it to what the bytes of its blocks say. */
#include "trace/account_evidence_parts.h"

#include <stdio.h>
#include <string.h>

#define PROOF_BYTES_MAX ((size_t)1 << 30) /* of one block, as bytes */

/* ---- members ---- */

static bool hex_read(struct evidence_reading *r, const struct json *value, const char *name,
                     struct bytes *ret, size_t most)
{
    uint8_t *to;

    if (!value || value->type != JSON_STRING || value->text_n % 2 || value->text_n / 2 > most)
        return err_fail(r->err, ERR_INPUT, "%s: hex of at most %zu bytes is wanted", name, most);
    to = arena_alloc(r->a, value->text_n / 2 + 1);
    if (!to)
        return evidence_no_memory(r->a, r->err);
    if (!hex_decode(value->text, value->text_n, to, value->text_n / 2))
        return err_fail(r->err, ERR_INPUT, "%s: not hex", name);
    *ret = (struct bytes){to, value->text_n / 2};
    return true;
}

static bool hex_of(struct evidence_reading *r, const struct json *j, const char *name,
                   struct bytes *ret, size_t most)
{
    return hex_read(r, json_get(j, name), name, ret, most);
}

static bool hash_of(struct evidence_reading *r, const struct json *j, const char *name,
                    struct hash32 *ret)
{
    struct bytes b = {NULL, 0};

    if (!hex_of(r, j, name, &b, sizeof(ret->b)))
        return false;
    if (b.n != sizeof(ret->b))
        return err_fail(r->err, ERR_INPUT, "%s: not a hash", name);
    memcpy(ret->b, b.p, sizeof(ret->b));
    return true;
}

static bool amount_of(struct evidence_reading *r, const struct json *j, const char *name,
                      struct u256 *ret)
{
    const struct json *value = json_get(j, name);

    return (value && value->type == JSON_STRING &&
            u256_from_text(value->text, value->text_n, ret)) ||
           err_fail(r->err, ERR_INPUT, "%s: a whole number is wanted", name);
}

static bool number_of(struct evidence_reading *r, const struct json *j, const char *name,
                      uint64_t most, uint64_t *ret)
{
    if (!json_u64(json_get(j, name), name, ret, r->err))
        return false;
    return *ret <= most || err_fail(r->err, ERR_INPUT, "%s: too much", name);
}

static bool flag_of(struct evidence_reading *r, const struct json *j, const char *name, bool *ret)
{
    const struct json *value = json_get(j, name);

    if (!value || (value->type != JSON_TRUE && value->type != JSON_FALSE))
        return err_fail(r->err, ERR_INPUT, "%s: true or false is wanted", name);
    *ret = value->type == JSON_TRUE;
    return true;
}

static const struct json *list_of(struct evidence_reading *r, const struct json *j,
                                  const char *name)
{
    const struct json *list = json_get(j, name);

    if (list && list->type == JSON_ARRAY)
        return list;
    err_fail(r->err, ERR_INPUT, "%s: a list is wanted", name);
    return NULL;
}

static bool kind_of(struct evidence_reading *r, const struct json *j, enum transfer_kind *ret)
{
    static const char kinds[] = TRANSFER_KINDS;
    const struct json *value = json_get(j, "kind");

    if (!value || value->type != JSON_STRING || value->text_n != 1 ||
        !strchr(kinds, value->text[0]))
        return err_fail(r->err, ERR_INPUT, "kind: one of %s is wanted", kinds);
    *ret = (enum transfer_kind)value->text[0];
    return true;
}

static bool transfer_read(struct evidence_reading *r, const struct json *j,
                          struct fact_transfer *ret)
{
    uint64_t position;

    if (!kind_of(r, j, &ret->kind) || !number_of(r, j, "position", UINT32_MAX, &position) ||
        !hex_of(r, j, "path", &ret->path, (size_t)4 * TRACE_PATH_MAX) ||
        !hex_of(r, j, "from", &ret->from, ACCOUNT_KEY_MAX) ||
        !hex_of(r, j, "to", &ret->to, ACCOUNT_KEY_MAX) ||
        !hex_of(r, j, "asset", &ret->asset, ACCOUNT_KEY_MAX) ||
        !amount_of(r, j, "amount", &ret->amount) || !amount_of(r, j, "credit", &ret->credit))
        return false;
    ret->position = (uint32_t)position;
    return ret->path.n % 4 == 0 || err_fail(r->err, ERR_INPUT, "path: not of whole numbers");
}

static bool events_read(struct evidence_reading *r, const struct json *j, struct fact_tx *tx)
{
    const struct json *list = list_of(r, j, "events");
    struct fact_event *at;
    size_t i = 0;

    if (!list)
        return false;
    at = ARENA_ARRAY(r->a, struct fact_event, list->children_n + 1);
    if (!at)
        return evidence_no_memory(r->a, r->err);
    for (const struct json *e = list->child; e; e = e->next, i++) {
        uint64_t kind, log;

        if (!number_of(r, e, "kind", EVENT_HOLDER, &kind) || !kind ||
            !number_of(r, e, "log", UINT32_MAX, &log) ||
            !hex_of(r, e, "subject", &at[i].subject, ACCOUNT_KEY_MAX) ||
            !hex_of(r, e, "data", &at[i].data, EVENT_DATA_MAX))
            return kind ? err_in(r->err, "events[%zu]", i)
                        : err_fail(r->err, ERR_INPUT, "events[%zu]: kind: 0", i);
        at[i].kind = (enum event_kind)kind;
        at[i].log = (uint32_t)log;
    }
    tx->events = at;
    tx->events_n = i;
    return true;
}

static bool tx_read(struct evidence_reading *r, const struct json *j, struct fact_tx *ret)
{
    const struct json *list = list_of(r, j, "transfers");
    struct fact_transfer *at;
    size_t i = 0;

    if (!list || !hash_of(r, j, "hash", &ret->hash) || !flag_of(r, j, "failed", &ret->failed))
        return false;
    at = ARENA_ARRAY(r->a, struct fact_transfer, list->children_n + 1);
    if (!at)
        return evidence_no_memory(r->a, r->err);
    for (const struct json *t = list->child; t; t = t->next, i++)
        if (!transfer_read(r, t, &at[i]))
            return err_in(r->err, "transfers[%zu]", i);
    ret->transfers = at;
    ret->transfers_n = i;
    r->answer->transfers_n += i;
    return events_read(r, j, ret);
}

static bool block_read(struct evidence_reading *r, const struct json *j, struct transfer_block *ret)
{
    const struct json *list = list_of(r, j, "transactions"), *height = json_get(j, "height");
    uint64_t at_height = HEIGHT_UNKNOWN;
    struct fact_tx *at;
    size_t i = 0;

    if (!list || !hash_of(r, j, "hash", &ret->hash) || !hash_of(r, j, "prev", &ret->prev) ||
        !number_of(r, j, "time", (uint64_t)1 << 48, &ret->time) ||
        !flag_of(r, j, "internals", &ret->internals))
        return false;
    if ((!height || height->type != JSON_NULL) &&
        !number_of(r, j, "height", HEIGHT_UNKNOWN - 1, &at_height))
        return false;
    if (!json_is_string(json_get(j, "grade"), "proven") &&
        !json_is_string(json_get(j, "grade"), "stated"))
        return err_fail(r->err, ERR_INPUT, "grade: proven or stated is wanted");
    ret->grade = json_is_string(json_get(j, "grade"), "proven") ? GRADE_PROVEN : GRADE_STATED;
    ret->height = (uint32_t)at_height;
    at = ARENA_ARRAY(r->a, struct fact_tx, list->children_n + 1);
    if (!at)
        return evidence_no_memory(r->a, r->err);
    for (const struct json *t = list->child; t; t = t->next, i++)
        if (!tx_read(r, t, &at[i]))
            return err_in(r->err, "transactions[%zu]", i);
    ret->txs = at;
    ret->txs_n = i;
    r->answer->transactions_n += i;
    return true;
}

/* ---- blocks by their roots ---- */

bool evidence_fails(struct account_evidence_answer *r, const char *what)
{
    r->proven = false;
    snprintf(r->text, sizeof(r->text), "%s", what);
    return true;
}

static bool bytes_same(struct bytes one, struct bytes other)
{
    return one.n == other.n && (!one.n || !memcmp(one.p, other.p, one.n));
}

static bool transfer_same(const struct fact_transfer *one, const struct fact_transfer *other)
{
    return one->kind == other->kind && one->position == other->position &&
           bytes_same(one->from, other->from) && bytes_same(one->to, other->to) &&
           bytes_same(one->asset, other->asset) && u256_equal(one->amount, other->amount) &&
           u256_equal(one->credit, other->credit);
}

static bool events_same(const struct fact_tx *one, const struct fact_tx *other)
{
    if (one->events_n != other->events_n)
        return false;
    for (size_t i = 0; i < one->events_n; i++)
        if (one->events[i].kind != other->events[i].kind ||
            one->events[i].log != other->events[i].log ||
            !bytes_same(one->events[i].subject, other->events[i].subject) ||
            !bytes_same(one->events[i].data, other->events[i].data))
            return false;
    return true;
}

static bool has_fee(const struct fact_tx *tx)
{
    for (size_t i = 0; i < tx->transfers_n; i++)
        if (tx->transfers[i].kind == TRANSFER_FEE)
            return true;
    return false;
}

/* Does the document say of a transaction what its own bytes prove, all of it and no more? What
 * they leave untold may be said beside it, and fees where they tell none. proofs NULL: nothing is
 * untold. */
static bool tx_same(const struct fact_tx *said, const struct fact_tx *proven,
                    const struct block_proofs *proofs, struct account_evidence_roots *roots)
{
    const char *untold = proofs ? proofs->untold : NULL;
    const bool fees = !untold || has_fee(proven);
    size_t at = 0;

    for (size_t i = 0; i < said->transfers_n; i++) {
        const struct fact_transfer *t = &said->transfers[i];

        if (untold && strchr(untold, t->kind))
            roots->internals_n++;
        else if (t->kind == TRANSFER_FEE && !fees)
            roots->fees_n++;
        else if (at == proven->transfers_n || !transfer_same(t, &proven->transfers[at++]))
            return false;
    }
    roots->transfers_n += at;
    roots->transactions_n++;
    return at == proven->transfers_n && said->failed == proven->failed &&
           hash32_equal(&said->hash, &proven->hash) &&
           ((proofs && proofs->no_events) || events_same(said, proven));
}

/* If it is there, it is not empty. */
static bool hex_optional(struct evidence_reading *r, const struct json *j, const char *name,
                         struct bytes *ret, size_t most)
{
    *ret = (struct bytes){NULL, 0};
    if (!json_get(j, name))
        return true;
    return hex_of(r, j, name, ret, most) &&
           (ret->n || err_fail(r->err, ERR_INPUT, "%s: nothing", name));
}

static bool proof_read(struct evidence_reading *r, const struct json *j, struct block_proof *ret)
{
    static const char *const known[] = {"header", "nodes", "withdrawals", "leaves", "signer", NULL};
    const struct json *nodes = list_of(r, j, "nodes");
    struct bytes *at;
    size_t i = 0;

    if (!nodes || !json_only(j, "proof", known, r->err) ||
        !hex_of(r, j, "header", &ret->header, PROOF_BYTES_MAX))
        return false;
    at = ARENA_ARRAY(r->a, struct bytes, nodes->children_n + 1);
    if (!at)
        return evidence_no_memory(r->a, r->err);
    for (const struct json *n = nodes->child; n; n = n->next, i++)
        if (!hex_read(r, n, "nodes", &at[i], PROOF_BYTES_MAX))
            return false;
    ret->nodes = at;
    ret->nodes_n = i;
    return hex_optional(r, j, "withdrawals", &ret->outside, PROOF_BYTES_MAX) &&
           hex_optional(r, j, "leaves", &ret->leaves, PROOF_BYTES_MAX) &&
           hex_optional(r, j, "signer", &ret->signer, ACCOUNT_KEY_MAX);
}

/* False: an error. What does not hold is in the answer. */
static bool tx_signed(struct evidence_reading *r, const struct json *j, const struct fact_tx *told)
{
    const struct tx_signatures *signatures =
        r->chain->dialect ? r->chain->dialect->signatures : NULL;
    struct bytes bytes;
    struct err why;
    size_t said;

    if (!signatures)
        return err_fail(r->err, ERR_INPUT, "signed: of %s there is none", r->chain->name);
    if (!hex_of(r, j, "signed", &bytes, SIGNED_BYTES_MAX))
        return false;
    if (signatures->check(bytes, told, &said, &why)) {
        r->answer->roots.signed_n++;
        r->answer->roots.said_n += said;
        return true;
    }
    if (why.class != ERR_INPUT)
        return err_fail(r->err, why.class, "%s", why.text);
    return evidence_fails(r->answer, why.text);
}

static bool all_signed(struct evidence_reading *r, const struct json *txs,
                       const struct transfer_block *told)
{
    size_t i = 0;

    for (const struct json *t = txs->child; t; t = t->next, i++)
        if (r->answer->proven && json_get(t, "signed") && !tx_signed(r, t, &told->txs[i]))
            return err_in(r->err, "transactions[%zu]", i);
    return true;
}

/* Where the block's transactions are that have a proof. */
static bool places_read(struct evidence_reading *r, const struct json *txs, uint32_t *at,
                        size_t *ret_n)
{
    size_t n = 0;

    for (const struct json *t = txs->child; t; t = t->next) {
        uint64_t index;

        if (!json_get(t, "index"))
            continue;
        if (!number_of(r, t, "index", UINT32_MAX - 1, &index))
            return false;
        at[n++] = (uint32_t)index;
    }
    *ret_n = n;
    return true;
}

static bool prover_of(struct evidence_reading *r)
{
    const struct dialect *dialect = r->chain->dialect;

    if (!dialect || !dialect->proofs)
        return err_fail(r->err, ERR_INPUT, "proof: %s has none", r->chain->name);
    if (!r->prover)
        r->prover = dialect->proofs->open(r->chain);
    return r->prover || err_fail(r->err, ERR_NOMEM, "a proof");
}

static bool tx_differs(struct evidence_reading *r, size_t i)
{
    snprintf(r->answer->text, sizeof(r->answer->text),
             "transaction %zu: its own bytes say other than what is told of it", i);
    r->answer->proven = false;
    return true;
}

/* What moves outside of transactions stands last, under the block's own hash. */
static bool is_outside(const struct transfer_block *said, size_t i)
{
    return i + 1 == said->txs_n && hash32_equal(&said->txs[i].hash, &said->hash);
}

static bool outside_proven(const struct json *proof, const struct transfer_block *said, size_t i)
{
    return json_get(proof, "withdrawals") && is_outside(said, i);
}

/* What a proof proves, against what is said. */
static bool block_compare(struct evidence_reading *r, const struct json *proof,
                          const struct json *txs, const struct transfer_block *said,
                          const struct transfer_block *proven)
{
    struct account_evidence_roots *roots = &r->answer->roots;
    const struct block_proofs *proofs = r->chain->dialect->proofs;
    size_t at = 0, i = 0;

    if (!hash32_equal(&said->hash, &proven->hash) || !hash32_equal(&said->prev, &proven->prev) ||
        said->height != proven->height || said->time != proven->time || said->grade != GRADE_PROVEN)
        return evidence_fails(r->answer, "its hash, the one before it, height or time is not its "
                                         "header's");
    if (!proofs->untold && said->internals != proven->internals)
        return evidence_fails(r->answer, "internals: there is nothing that only a trace tells");
    roots->blocks_n++;
    for (const struct json *t = txs->child; t; t = t->next, i++) {
        const bool outside = !json_get(t, "index") && outside_proven(proof, said, i);

        if ((json_get(t, "index") || outside) &&
            !tx_same(&said->txs[i], &proven->txs[at++], outside ? NULL : proofs, roots))
            return tx_differs(r, i);
    }
    return at == proven->txs_n ||
           evidence_fails(r->answer, "its proof has withdrawals, of which nothing is told");
}

static bool block_prove(struct evidence_reading *r, const struct json *proof,
                        const struct json *txs, const struct transfer_block *said)
{
    uint32_t *places = ARENA_ARRAY(r->a, uint32_t, txs->children_n + 1);
    struct transfer_block proven;
    struct block_proof p;
    size_t n;

    if (!places)
        return evidence_no_memory(r->a, r->err);
    if (!prover_of(r) || !proof_read(r, proof, &p) || !places_read(r, txs, places, &n))
        return false;
    if (r->chain->dialect->proofs->read(r->prover, &p, places, n, &proven, r->err)) {
        if (r->chain->dialect->proofs->signed_as_named)
            r->answer->roots.named_n += r->chain->dialect->proofs->signed_as_named(&p);
        return block_compare(r, proof, txs, said, &proven);
    }
    return r->err->class == ERR_INPUT && evidence_fails(r->answer, r->err->text);
}

/* What is not proven, by why. */
static void without_count(const struct json *proof, const struct json *txs,
                          const struct transfer_block *said, struct account_evidence_roots *roots)
{
    size_t i = 0;

    for (const struct json *t = txs->child; t; t = t->next, i++) {
        const struct fact_tx *tx = &said->txs[i];

        if (json_get(t, "index") || outside_proven(proof, said, i))
            continue;
        for (size_t k = 0; k < tx->transfers_n; k++)
            if (transfer_issues(tx->transfers[k].kind))
                roots->outside_n++;
            else if (tx->transfers[k].kind == TRANSFER_INTERNAL)
                roots->internals_n++;
            else
                roots->without_n++;
    }
}

/* False: an error, or no such proof. What does not hold is in the answer. */
static bool roots_check(struct evidence_reading *r, const struct json *block,
                        const struct transfer_block *said)
{
    const struct json *proof = json_get(block, "proof"), *txs = json_get(block, "transactions");
    struct arena *whole = r->a;
    bool ok = true;

    without_count(proof, txs, said, &r->answer->roots);
    if (!all_signed(r, txs, said))
        return false;
    for (const struct json *t = txs->child; t && !proof; t = t->next)
        if (json_get(t, "index"))
            return err_fail(r->err, ERR_INPUT, "index: without a proof");
    if (!proof)
        return true;
    r->a = arena_new(whole, PROOF_BYTES_MAX);
    ok = r->a ? block_prove(r, proof, txs, said) : err_fail(r->err, ERR_NOMEM, "a proof");
    arena_free(r->a);
    r->a = whole;
    return ok;
}

bool evidence_blocks(struct evidence_reading *r, const struct json *blocks,
                     struct transfer_block *at)
{
    size_t i = 0;

    for (const struct json *b = blocks->child; b; b = b->next, i++) {
        if (!block_read(r, b, &at[i]) || (r->answer->proven && !roots_check(r, b, &at[i])))
            return err_in(r->err, "blocks[%zu]", i);
        if (!r->answer->proven && r->answer->text[0] && !r->said_where) {
            char what[ERR_TEXT_MAX];

            memcpy(what, r->answer->text, sizeof(what));
            snprintf(r->answer->text, sizeof(r->answer->text), "evidence: blocks[%zu]: %.200s", i,
                     what);
            r->said_where = true;
        }
    }
    r->answer->blocks_n = i;
    return true;
}

/* ---- all of it ---- */

static bool fingerprint_check(struct evidence_reading *r, const struct json *evidence,
                              const struct json *blocks)
{
    struct hash32 stated;

    if (!hash_of(r, evidence, "fingerprint", &stated) ||
        !evidence_fingerprint(r->a, blocks, &r->answer->fingerprint, r->err))
        return false;
    return hash32_equal(&stated, &r->answer->fingerprint) ||
           evidence_fails(r->answer, "evidence: its blocks have another fingerprint");
}

bool evidence_read(struct evidence_reading *r, const struct json *evidence,
                   struct transfer_block **ret)
{
    static const char *const known[] = {"schema", "chain", "blocks", "fingerprint", NULL};
    struct account_evidence_answer *answer = r->answer;
    const struct json *blocks;

    if (!json_only(evidence, "evidence", known, r->err) ||
        !json_text(json_get(evidence, "chain"), "chain", &answer->chain, r->err))
        return false;
    r->chain = chain_by_name(answer->chain);
    if (!r->chain || !chain_has_accounts(r->chain))
        return err_fail(r->err, ERR_INPUT, "chain: \"%.60s\" has no accounts", answer->chain);
    blocks = list_of(r, evidence, "blocks");
    if (!blocks || !fingerprint_check(r, evidence, blocks))
        return false;
    r->said_where = !answer->proven;
    *ret = ARENA_ARRAY(r->a, struct transfer_block, blocks->children_n + 1);
    if (!*ret)
        return evidence_no_memory(r->a, r->err);
    if (!evidence_blocks(r, blocks, *ret))
        return false;
    return answer->transfers_n <= ACCOUNT_EVIDENCE_TRANSFERS_MAX ||
           err_fail(r->err, ERR_LIMIT, "more than %zu transfers", ACCOUNT_EVIDENCE_TRANSFERS_MAX);
}

void evidence_read_end(struct evidence_reading *r)
{
    if (r->prover)
        r->chain->dialect->proofs->close(r->prover);
}
