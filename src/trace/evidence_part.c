/* Evidence of coins that is a part of a case over several ledgers: its transactions as blocks, of
 * which a small ledger is made. */
#include "trace/evidence_parts.h"

struct room { /* of all blocks together */
    struct hash32 *txids;
    uint32_t *inputs_n, *outputs_n;
    const uint8_t **inputs;
    struct fact_output *outputs;
    struct fact_spent *spent;
};

static bool room_make(struct coins_proof *p, struct room *r)
{
    size_t inputs_n = 0, outputs_n = 0;

    for (size_t i = 0; i < p->txs_n; i++) {
        inputs_n += p->txs[i].tx.inputs_n;
        outputs_n += p->txs[i].tx.outputs_n;
    }
    r->txids = ARENA_ARRAY(p->a, struct hash32, p->txs_n);
    r->inputs_n = ARENA_ARRAY(p->a, uint32_t, p->txs_n);
    r->outputs_n = ARENA_ARRAY(p->a, uint32_t, p->txs_n);
    r->inputs = ARENA_ARRAY(p->a, const uint8_t *, inputs_n);
    r->outputs = ARENA_ARRAY(p->a, struct fact_output, outputs_n);
    r->spent = ARENA_ARRAY(p->a, struct fact_spent, inputs_n);
    return (r->txids && r->inputs_n && r->outputs_n && r->inputs && r->outputs && r->spent) ||
           coins_proof_no_memory(p);
}

/* Behind what stands in the block already. Values of what is not in the file are those claimed. */
static void tx_facts(const struct coins_proof *p, const struct room *r, const struct tx *tx,
                     struct block_facts *b)
{
    const size_t txs = (size_t)(b->txids - r->txids) + b->txs_n,
                 in = (size_t)(b->inputs - r->inputs) + b->inputs_n,
                 out = (size_t)(b->outputs - r->outputs) + b->outputs_n;
    const size_t inputs_n = tx->coinbase ? 0 : tx->inputs_n;

    r->txids[txs] = tx->txid;
    r->inputs_n[txs] = (uint32_t)inputs_n;
    r->outputs_n[txs] = (uint32_t)tx->outputs_n;
    for (size_t i = 0; i < inputs_n; i++) {
        size_t claim = coins_proof_claim(p, tx->inputs[i].outpoint);

        r->inputs[in + i] = tx->inputs[i].outpoint;
        r->spent[in + i] =
            (struct fact_spent){.value = claim < p->claims_n ? p->claims[claim].value : UINT64_MAX};
    }
    if (tx->outputs_n)
        memcpy(r->outputs + out, tx->outputs, tx->outputs_n * sizeof(*tx->outputs));
    b->txs_n++;
    b->inputs_n += inputs_n;
    b->outputs_n += tx->outputs_n;
    b->size += (uint32_t)tx->bytes;
}

/* Transactions stand by block and place, a coinbase first; each block has one at least. */
static bool facts_make(struct coins_proof *p)
{
    struct room r;
    size_t at = 0, in = 0, out = 0;

    if (!room_make(p, &r))
        return false;
    for (size_t i = 0; i < p->blocks->children_n; i++) {
        struct block_facts *b = &p->facts[i];

        b->txids = r.txids + at;
        b->tx_inputs_n = r.inputs_n + at;
        b->tx_outputs_n = r.outputs_n + at;
        b->inputs = r.inputs + in;
        b->outputs = r.outputs + out;
        b->spent = p->claims_n ? r.spent + in : NULL;
        for (; at < p->txs_n && p->txs[at].block == i; at++) {
            if (b->txs_n && p->txs[at].position <= p->txs[at - 1].position)
                return coins_proof_fails(p, "transactions[%zu]: not in the order of its block", at);
            if (p->txs[at].tx.coinbase && p->txs[at].position)
                return coins_proof_fails(p, "transactions[%zu]: a coinbase that is not the first",
                                         at);
            tx_facts(p, &r, &p->txs[at].tx, b);
        }
        if (!b->txs_n)
            return coins_proof_fails(p, "blocks[%zu]: no transaction of it is there", i);
        in += b->inputs_n;
        out += b->outputs_n;
    }
    return at == p->txs_n ||
           coins_proof_fails(p, "transactions[%zu]: not in the order of the blocks", at);
}

static bool read_part(struct coins_proof *p, const struct json *j)
{
    static const char *const known[] = {"schema",       "chain",    "claimed",     "blocks",
                                        "transactions", "manifest", "fingerprint", NULL};
    const char *chain;

    if (!json_only(j, "evidence", known, p->err) ||
        !json_text(json_get(j, "chain"), "chain", &chain, p->err))
        return false;
    p->chain = chain_by_name(chain);
    if (!p->chain || chain_has_accounts(p->chain))
        return err_fail(p->err, ERR_INPUT, "chain: \"%.100s\" is not known here", chain);
    p->answer->chain = p->chain->name;
    p->answer->decimals = p->chain->decimals;
    p->fingerprint = json_get(j, "fingerprint");
    p->statement = coins_proof_list(p, j, "claimed");
    p->blocks = p->statement ? coins_proof_list(p, j, "blocks") : NULL;
    p->transactions = p->blocks ? coins_proof_list(p, j, "transactions") : NULL;
    p->manifest = p->transactions ? coins_proof_list(p, j, "manifest") : NULL;
    if (!p->manifest)
        return false;
    if (!coins_proof_room(p))
        return false;
    p->facts = ARENA_ARRAY(p->a, struct block_facts, p->blocks->children_n);
    return p->facts || coins_proof_no_memory(p);
}

bool evidence_coins_read(struct arena *a, const struct json *part, struct evidence_answer *ret,
                         const struct block_facts **ret_blocks, size_t *ret_n, struct err *err)
{
    struct coins_proof p = {.a = a, .err = err, .answer = ret};

    memset(ret, 0, sizeof(*ret));
    err->class = ERR_NONE;
    ret->proven = read_part(&p, part) && coins_proof_statement(&p) &&
                  coins_proof_claims(&p, p.statement) && coins_proof_blocks(&p) &&
                  coins_proof_txs(&p) && coins_proof_manifest(&p) && coins_proof_index(&p) &&
                  facts_make(&p);
    *ret_blocks = p.facts;
    *ret_n = ret->blocks_n;
    return ret->proven || err->class == ERR_DIFFERS;
}
