/* Proving an evidence file: every hash anew, then the taint anew, from nothing but its bytes.
 *
 *     raw transaction -> txid -> Merkle branch -> header -> proof of work
 *            \-> values and spends -> small columns -> the engine -> taint of the ends
 *
 * Only followed transactions spend in the small columns; the others are there for the values of
 * their outputs, like coinbases. Nothing in the file is believed but what the answer lists as not
 * proven. */
#include "trace/evidence_parts.h"

#include "chain/bitcoin/pool.h"
#include "trace/verify.h"

static bool read_limits(struct coins_proof *p)
{
    const struct json *hops = json_get(p->statement, "hops_max");
    uint64_t hops_max = TRACE_HOPS_NONE;

    if (!json_u64(json_get(p->statement, "dust"), "dust", &p->what.dust, p->err))
        return false;
    if ((!hops || hops->type != JSON_NULL) && !json_u64(hops, "hops_max", &hops_max, p->err))
        return false;
    if (hops_max > TRACE_HOPS_NONE)
        return err_fail(p->err, ERR_INPUT, "hops_max: too much");
    p->what.hops_max = (uint32_t)hops_max;
    return true;
}

static bool read_rules(struct coins_proof *p)
{
    const struct json *case_id = json_get(p->statement, "case"),
                      *stops = coins_proof_list(p, p->statement, "stops");
    const char *chain, *policy;

    if (!stops || !case_stops_read(p->a, stops, &p->stops, &p->stops_n, p->err) ||
        !json_text(json_get(p->statement, "chain"), "chain", &chain, p->err) ||
        !json_text(json_get(p->statement, "policy"), "policy", &policy, p->err) || !read_limits(p))
        return false;
    if (case_id && case_id->type != JSON_NULL &&
        !json_text(case_id, "case", &p->answer->case_id, p->err))
        return false;
    if (!json_is_string(json_get(p->statement, "rules"), TRACE_RULES))
        return err_fail(p->err, ERR_INPUT, "rules: not \"%s\", which is known here", TRACE_RULES);
    p->chain = chain_by_name(chain);
    if (!p->chain)
        return err_fail(p->err, ERR_INPUT, "chain: \"%.100s\" is not known here", chain);
    if (!trace_policy_from_name(policy, &p->what.policy))
        return err_fail(p->err, ERR_INPUT, "policy: \"%.100s\" is not known here", policy);
    p->answer->chain = p->chain->name;
    p->answer->decimals = p->chain->decimals;
    p->answer->policy = p->what.policy;
    return true;
}

static int form_compare(const void *one, const void *other)
{
    const struct stop_form *a = one, *b = other;

    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    return memcmp(a->script, b->script, a->n);
}

static bool read_stops(struct coins_proof *p)
{
    struct stop_form *forms = ARENA_ARRAY(p->a, struct stop_form, p->stops_n);
    const void **at = ARENA_ARRAY(p->a, const void *, p->stops_n),
               **scratch = ARENA_ARRAY(p->a, const void *, p->stops_n);

    if (!forms || !at || !scratch)
        return coins_proof_no_memory(p);
    for (size_t i = 0; i < p->stops_n; i++) {
        if (!address_read(p->chain, p->stops[i].address, forms[i].script, &forms[i].n, p->err))
            return err_in(p->err, "stops[%zu].address", i);
        forms[i].stop = (int32_t)i;
        at[i] = &forms[i];
    }
    sort_pointers(at, p->stops_n, scratch, form_compare);
    p->forms = (const struct stop_form **)at;
    return true;
}

struct columns {
    uint8_t *tx_first, *value, *spent, *source, *ext;
};

static bool columns_room(struct coins_proof *p, struct columns *c)
{
    uint64_t pools = 0, value;

    for (size_t i = 0; i < p->txs_n; i++) {
        struct one_tx *t = &p->txs[i];

        t->first_output = p->coins.outputs_n;
        p->coins.outputs_n += t->tx.outputs_n;
        if (t->followed) {
            p->coins.inputs_n += t->tx.inputs_n;
            for (size_t k = 0; k < t->tx.inputs_n; k++)
                pools += pool_of_outpoint(t->tx.inputs[k].outpoint, &value) != POOL_NONE;
        }
    }
    c->tx_first = ARENA_ARRAY(p->a, uint8_t, p->txs_n * TX_FIRST_BYTES);
    c->value = ARENA_ARRAY(p->a, uint8_t, p->coins.outputs_n * 8);
    c->spent = ARENA_ARRAY(p->a, uint8_t, p->coins.outputs_n * 4);
    c->source = ARENA_ARRAY(p->a, uint8_t, p->coins.inputs_n * ID_BYTES);
    c->ext = ARENA_ARRAY(p->a, uint8_t, (p->claims_n + pools) * 8);
    p->scripts = ARENA_ARRAY(p->a, struct bytes, p->coins.outputs_n);
    if (!c->tx_first || !c->value || !c->spent || !c->source || !c->ext || !p->scripts)
        return coins_proof_no_memory(p);
    p->coins.tx_first = c->tx_first;
    p->coins.out_value = c->value;
    p->coins.out_spent = c->spent;
    p->coins.in_source = c->source;
    p->coins.ext_value = c->ext;
    p->coins.txs_n = p->txs_n;
    p->coins.ext_n = p->claims_n;
    return true;
}

static bool put_input(struct coins_proof *p, struct columns *c, size_t tx, uint64_t input,
                      const uint8_t *outpoint)
{
    uint64_t source = coins_proof_output(p, outpoint), value;
    size_t claim;

    if (source != COINS_NONE) {
        if (source >= p->txs[tx].first_output)
            return coins_proof_fails(p, "transactions[%zu]: stands before what it spends", tx);
        if (load_le32(c->spent + source * 4))
            return coins_proof_fails(p, "transactions[%zu]: spends what another one spends", tx);
        store_le32(c->spent + source * 4, (uint32_t)tx + 1);
        store_le40(c->source + input * ID_BYTES, source);
        return true;
    }
    if (pool_of_outpoint(outpoint, &value) != POOL_NONE) { /* its transaction says it itself */
        store_le64(c->ext + p->coins.ext_n * 8, value);
        store_le40(c->source + input * ID_BYTES, COINS_OUTSIDE | p->coins.ext_n++);
        return true;
    }
    claim = coins_proof_claim(p, outpoint);
    if (claim == p->claims_n)
        return coins_proof_fails(p, "transactions[%zu]: what it spends is not in the file", tx);
    store_le40(c->source + input * ID_BYTES, COINS_OUTSIDE | claim);
    return true;
}

static bool build_columns(struct coins_proof *p)
{
    struct columns c;
    uint64_t input = 0;

    if (!columns_room(p, &c))
        return false;
    for (size_t i = 0; i < p->claims_n; i++)
        store_le64(c.ext + i * 8, p->claims[i].value);
    for (size_t i = 0; i < p->txs_n; i++) {
        const struct one_tx *t = &p->txs[i];

        store_le40(c.tx_first + i * TX_FIRST_BYTES, t->first_output);
        store_le40(c.tx_first + i * TX_FIRST_BYTES + ID_BYTES, input);
        for (size_t k = 0; k < t->tx.outputs_n; k++) {
            store_le64(c.value + (t->first_output + k) * 8, t->tx.outputs[k].value);
            p->scripts[t->first_output + k] = t->tx.outputs[k].script;
        }
        for (size_t k = 0; t->followed && k < t->tx.inputs_n; k++)
            if (!put_input(p, &c, i, input++, t->tx.inputs[k].outpoint))
                return false;
    }
    return true;
}

static int32_t stop_of(void *ctx, uint64_t output)
{
    const struct coins_proof *p = ctx;
    struct stop_form wanted;
    struct bytes form = script_address_form(p->scripts[output], wanted.script);
    size_t low = 0, high = p->stops_n;

    if (form.n > SCRIPT_FORM_MAX)
        return -1;
    if (form.p != wanted.script && form.n)
        memcpy(wanted.script, form.p, form.n);
    wanted.n = form.n;
    while (low < high) { /* the first of equals: sorting kept the canonical order */
        size_t middle = low + (high - low) / 2;

        if (form_compare(p->forms[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->stops_n && !form_compare(p->forms[low], &wanted) ? p->forms[low]->stop : -1;
}

/* An output that the statement names: it must be there, with that value. */
static bool stated_output(struct coins_proof *p, const struct json *j, const char *what, size_t i,
                          uint64_t *ret)
{
    uint8_t outpoint[OUTPOINT_BYTES];
    uint64_t value;

    if (!coins_proof_outpoint(p, json_get(j, "output"), "output", outpoint) ||
        !json_u64(json_get(j, "value"), "value", &value, p->err))
        return err_in(p->err, "%s[%zu]", what, i);
    *ret = coins_proof_output(p, outpoint);
    if (*ret == COINS_NONE)
        return coins_proof_fails(p, "%s[%zu]: the output is not in the file", what, i);
    if (coins_value(&p->coins, *ret) != value)
        return coins_proof_fails(p, "%s[%zu]: the output has another value", what, i);
    return true;
}

static bool read_origins(struct coins_proof *p)
{
    const struct json *list = coins_proof_list(p, p->statement, "origins");
    struct keyed *at, *scratch;
    uint64_t *origins;
    size_t i = 0;

    if (!list)
        return false;
    at = ARENA_ARRAY(p->a, struct keyed, list->children_n);
    scratch = ARENA_ARRAY(p->a, struct keyed, list->children_n);
    origins = ARENA_ARRAY(p->a, uint64_t, list->children_n);
    if (!at || !scratch || !origins)
        return coins_proof_no_memory(p);
    for (const struct json *j = list->child; j; j = j->next, i++)
        if (!stated_output(p, j, "origins", i, &at[i].key))
            return false;
    if (i)
        sort_keyed(at, i, scratch);
    for (size_t k = 0; k < i; k++) {
        if (k && at[k].key == at[k - 1].key)
            return coins_proof_fails(p, "origins: one is given twice");
        origins[k] = at[k].key;
    }
    p->what.origins = origins;
    p->what.origins_n = p->answer->origins_n = i;
    return true;
}

static bool same_stop(const struct coins_proof *p, const struct json *stated, int32_t stop)
{
    if (stop < 0)
        return stated && stated->type == JSON_NULL;
    return json_is_string(json_get(stated, "name"), p->stops[stop].name) &&
           json_is_string(json_get(stated, "category"), p->stops[stop].category) &&
           json_is_string(json_get(stated, "source"), p->stops[stop].source);
}

static bool same_address(const struct coins_proof *p, const struct json *stated, uint64_t output)
{
    char address[ADDRESS_BYTES_MAX];

    if (!address_of_script(p->chain, p->scripts[output], address))
        return stated && stated->type == JSON_NULL;
    return json_is_string(stated, address);
}

static bool check_end(struct coins_proof *p, const struct trace *t, const struct json *j, size_t i)
{
    const struct trace_reached *r;
    uint64_t output, taint, hop;
    size_t at;

    if (!stated_output(p, j, "ends", i, &output))
        return false;
    if (!json_u64(json_get(j, "taint"), "taint", &taint, p->err) ||
        !json_u64(json_get(j, "hop"), "hop", &hop, p->err))
        return err_in(p->err, "ends[%zu]", i);
    at = trace_reached_find(t, output);
    r = &t->reached[at];
    if (at == t->reached_n)
        return coins_proof_fails(p, "ends[%zu]: not reached from the origins", i);
    if (r->taint != taint)
        return coins_proof_fails(p, "ends[%zu]: taint %llu stated, %llu found", i,
                                 (unsigned long long)taint, (unsigned long long)r->taint);
    if (r->hop != hop)
        return coins_proof_fails(p, "ends[%zu]: hop %llu stated, %u found", i,
                                 (unsigned long long)hop, r->hop);
    if (!same_address(p, json_get(j, "address"), output))
        return coins_proof_fails(p, "ends[%zu]: its script has another address", i);
    if (!same_stop(p, json_get(j, "stop"), r->stop))
        return coins_proof_fails(p, "ends[%zu]: the stop stated is not the one found", i);
    p->answer->ends_n++;
    if (__builtin_add_overflow(p->answer->taint, taint, &p->answer->taint))
        return coins_proof_fails(p, "ends: more than can exist");
    return true;
}

static bool same_spender(const struct coins_proof *p, const struct json *stated, uint64_t output)
{
    uint32_t spender = coins_spender(&p->coins, output);
    struct hash32 txid;

    if (spender == COINS_TX_NONE) /* whoever spends what has ended need not be in the file */
        return true;
    return stated && stated->type == JSON_STRING &&
           coins_proof_hash_text(stated->text, true, &txid) &&
           hash32_equal(&txid, &p->txs[spender].tx.txid);
}

/* An output that the document says was reached: as it is by the file, if it is there. */
static bool check_reached_one(struct coins_proof *p, const struct trace *t, const struct json *j,
                              size_t i, bool *seen, uint64_t *ends)
{
    const struct json *stop = json_get(j, "stop"), *spent = json_get(j, "spent_by");
    uint8_t outpoint[OUTPOINT_BYTES];
    const struct trace_reached *r;
    uint64_t output, value, taint, hop;
    size_t at;
    bool end;

    if (!coins_proof_outpoint(p, json_get(j, "output"), "output", outpoint) ||
        !json_u64(json_get(j, "value"), "value", &value, p->err) ||
        !json_u64(json_get(j, "taint"), "taint", &taint, p->err) ||
        !json_u64(json_get(j, "hop"), "hop", &hop, p->err))
        return err_in(p->err, "reached[%zu]", i);
    end = taint && ((stop && stop->type != JSON_NULL) || !spent || spent->type == JSON_NULL);
    output = coins_proof_output(p, outpoint);
    at = output == COINS_NONE ? t->reached_n : trace_reached_find(t, output);
    if (at == t->reached_n)
        return !end ||
               coins_proof_fails(p, "trace: reached[%zu]: not reached by what the file has", i);
    r = &t->reached[at];
    if (seen[at])
        return coins_proof_fails(p, "trace: reached[%zu]: given twice", i);
    seen[at] = true;
    p->unspent[output] = !spent || spent->type == JSON_NULL;
    if (end && __builtin_add_overflow(*ends, taint, ends))
        return coins_proof_fails(p, "trace: more than can exist");
    return (value == coins_value(&p->coins, output) && taint == r->taint && hop == r->hop &&
            same_address(p, json_get(j, "address"), output) && same_stop(p, stop, r->stop) &&
            same_spender(p, spent, output)) ||
           coins_proof_fails(p, "trace: reached[%zu]: by what the file has it is another", i);
}

/* What was asked is asked of both. */
static bool check_inputs(struct coins_proof *p)
{
    static const char *const none[] = {NULL};
    const struct json *inputs = json_get(p->trace, "inputs"), *hops = json_get(inputs, "hops_max");
    char text[ERR_TEXT_MAX];
    uint64_t dust, hops_max = TRACE_HOPS_NONE, decimals;

    if (!json_u64(json_get(inputs, "dust"), "inputs.dust", &dust, p->err) ||
        !json_u64(json_get(p->trace, "decimals"), "decimals", &decimals, p->err) ||
        ((!hops || hops->type != JSON_NULL) &&
         !json_u64(hops, "inputs.hops_max", &hops_max, p->err)))
        return false;
    if (!json_is_string(json_get(inputs, "rules"), TRACE_RULES) || dust != p->what.dust ||
        hops_max != p->what.hops_max || decimals != p->chain->decimals ||
        json_first_difference(json_get(inputs, "stops"), json_get(p->statement, "stops"), none,
                              text, sizeof(text)))
        return coins_proof_fails(p, "trace: its inputs are not those of the evidence");
    return true;
}

static bool check_document(struct coins_proof *p, const struct trace *t)
{
    const struct json *reached = coins_proof_list(p, p->trace, "reached"),
                      *origins = reached ? coins_proof_list(p, p->trace, "origins") : NULL;
    bool *seen = ARENA_ARRAY(p->a, bool, t->reached_n + 1);
    uint8_t outpoint[OUTPOINT_BYTES];
    uint64_t output, ends = 0;
    size_t i = 0;

    p->unspent = ARENA_ARRAY(p->a, bool, p->coins.outputs_n + 1);
    if (!seen || !p->unspent)
        return coins_proof_no_memory(p);
    if (!origins || !check_inputs(p))
        return false;
    for (const struct json *j = reached->child; j; j = j->next, i++)
        if (!check_reached_one(p, t, j, i, seen, &ends))
            return false;
    for (i = 0; i < t->reached_n; i++)
        if (!seen[i])
            return coins_proof_fails(p, "trace: the file reaches outputs that it has not");
    if (ends != p->answer->taint)
        return coins_proof_fails(p, "trace: its ends are not those of the file");
    i = 0;
    for (const struct json *j = origins->child; j; j = j->next, i++) {
        if (!coins_proof_outpoint(p, json_get(j, "output"), "output", outpoint))
            return err_in(p->err, "origins[%zu]", i);
        if (coins_proof_output(p, outpoint) != COINS_NONE &&
            !stated_output(p, j, "trace: origins", i, &output))
            return false;
    }
    return true;
}

/* ---- other policies ---- */

/* Whatever spends what was reached is in the file: where nothing does, the document has to say that
 * it is unspent, for who spent it need not be there. */
static bool stays_within(const struct coins_proof *p, const struct trace *t)
{
    for (size_t i = 0; i < t->reached_n; i++) {
        const struct trace_reached *r = &t->reached[i];

        if (r->stop < 0 && r->spent_by == COINS_TX_NONE && !p->unspent[r->output])
            return false;
    }
    return true;
}

/* What each policy makes of the same transactions. Where it needs others, or more room than there
 * is, its sums stay unknown: that is no failure. A limit of hops cuts where the file ends, so that
 * nothing is known of them. */
static bool follow_others(struct coins_proof *p)
{
    struct trace_case what = p->what;

    if (what.hops_max != TRACE_HOPS_NONE)
        return true;
    for (unsigned k = 0; k < EVIDENCE_POLICIES; k++) {
        struct evidence_sums *to = &p->answer->sums[k];
        struct err err;
        struct trace t;

        what.policy = (enum trace_policy)k;
        if (!trace_forward(p->a, &p->coins, &what, 1, &t, &err)) {
            if (err.class == ERR_NOMEM)
                return coins_proof_no_memory(p);
            continue;
        }
        *to = (struct evidence_sums){stays_within(p, &t), t.exact, t.reached_n, t.totals};
    }
    return true;
}

static bool check_taint(struct coins_proof *p)
{
    const struct json *ends = coins_proof_list(p, p->statement, "ends");
    struct trace t;
    size_t i = 0;

    if (!ends)
        return false;
    if (!ends->children_n)
        return err_fail(p->err, ERR_INPUT, "ends: none");
    p->what.stop_of = p->stops_n ? stop_of : NULL;
    p->what.stop_ctx = p;
    if (!trace_forward(p->a, &p->coins, &p->what, 1, &t, p->err))
        return p->err->class == ERR_CORRUPT
                   ? coins_proof_fails(p, "transactions: %.400s", p->err->text)
                   : false;
    for (const struct json *j = ends->child; j; j = j->next, i++)
        if (!check_end(p, &t, j, i))
            return false;
    return !p->trace || (check_document(p, &t) && follow_others(p));
}

static bool read_file(struct coins_proof *p, struct bytes in)
{
    static const char *const known[] = {"schema",   "statement",   "blocks", "transactions",
                                        "manifest", "fingerprint", NULL};
    const struct json *j;

    if (!json_read(p->a, (const char *)in.p, in.n, &j, p->err))
        return false;
    if (!json_is_string(json_get(j, "schema"), EVIDENCE_SCHEMA))
        return err_fail(p->err, ERR_INPUT, "schema: \"%s\" is wanted", EVIDENCE_SCHEMA);
    p->statement = json_get(j, "statement");
    p->fingerprint = json_get(j, "fingerprint");
    p->blocks = coins_proof_list(p, j, "blocks");
    p->transactions = p->blocks ? coins_proof_list(p, j, "transactions") : NULL;
    p->manifest = p->transactions ? coins_proof_list(p, j, "manifest") : NULL;
    if (!p->manifest || !json_only(j, "evidence", known, p->err))
        return false;
    if (!p->statement || p->statement->type != JSON_OBJECT)
        return err_fail(p->err, ERR_INPUT, "statement: an object is wanted");
    return coins_proof_room(p);
}

bool evidence_prove(struct arena *a, struct bytes file, struct evidence_answer *ret,
                    struct err *err)
{
    return evidence_prove_trace(a, file, NULL, ret, err);
}

bool evidence_prove_trace(struct arena *a, struct bytes file, const struct json *trace,
                          struct evidence_answer *ret, struct err *err)
{
    struct coins_proof p = {.a = a, .err = err, .answer = ret, .trace = trace};
    bool ok;

    memset(ret, 0, sizeof(*ret));
    err->class = ERR_NONE;
    ok = read_file(&p, file) && read_rules(&p) && coins_proof_statement(&p) && read_stops(&p) &&
         coins_proof_claims(&p, coins_proof_list(&p, p.statement, "claimed")) &&
         coins_proof_blocks(&p) && coins_proof_txs(&p) && coins_proof_manifest(&p) &&
         coins_proof_index(&p) && build_columns(&p) && read_origins(&p) && check_taint(&p);
    ret->proven = ok;
    return ok || err->class == ERR_DIFFERS;
}

void evidence_write_answer(struct text *to, const struct evidence_answer *e)
{
    if (!e->proven) {
        text_printf(to, "not proven: %s\n", e->text);
        return;
    }
    text_str(to, "proven: ");
    text_amount(to, e->taint, e->decimals, 0);
    text_printf(to,
                " in %zu output%s came from %zu origin%s on %s by %s,\nthrough %zu transaction%s; "
                "with what those spend, %zu transactions in %zu block%s,\neach with its proof of "
                "work.\nfingerprint: ",
                e->ends_n, e->ends_n == 1 ? "" : "s", e->origins_n, e->origins_n == 1 ? "" : "s",
                e->chain, trace_policy_name(e->policy), e->followed_n,
                e->followed_n == 1 ? "" : "s", e->transactions_n, e->blocks_n,
                e->blocks_n == 1 ? "" : "s");
    text_hex(to, e->fingerprint.b, 32);
    text_str(to, "\nnot proven by any such file: that the blocks belong to the best chain (compare "
                 "their hashes with a node's),\ntheir heights, that what is held is still unspent, "
                 "and that what came in beside the path was clean.\n");
    if (e->claimed_n)
        text_printf(to,
                    "not proven here: %zu value%s that undo data told; the transactions are not "
                    "in the file.\n",
                    e->claimed_n, e->claimed_n == 1 ? "" : "s");
}
