/* Pages -> transactions, sorted by hash to join what is told twice, then by block. */
#include "chain/tron/grid.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/sort.h"
#include "chain/bitcoin/source_file.h"
#include "chain/dialect.h"
#include "chain/tron/address.h"

#define KEY_BYTES TRON_ADDRESS_BYTES
#define WORD_DIGITS 64
#define TRC10_DIGITS 7 /* token numbers are from 1000001 on */
#define SNIFF_BYTES 4096

struct move {
    struct move *next;
    struct fact_transfer t;
    size_t file; /* the last page of TRC-20 transfers that lists it, from 1; 0: none */
};

struct entry {
    struct hash32 hash;
    uint64_t block, time, raw; /* raw: milliseconds, as its maker says */
    uint32_t order;            /* of pages and rows */
    size_t file;               /* of a row of TRC-20 transfers its page, from 1; else 0 */
    bool has_block, has_internals, failed;
    struct move *first, **last;
    struct fact_transfer *transfers;
    size_t transfers_n;
};

struct grid {
    struct arena *a;
    const void **entries; /* [n] of struct entry */
    size_t n, max, at;
    bool heights;
    struct fact_tx *txs; /* [of the largest block] */
};

/* Where a complaint is made. */
struct place {
    struct grid *g;
    const char *file;
    size_t number; /* of the file, from 1 */
    size_t row;
};

static bool bad(const struct place *p, const char *what, const char *why, struct err *err)
{
    return err_fail(err, ERR_INPUT, "%s: data[%zu]: %s: %s", p->file, p->row, what, why);
}

static bool no_memory(const struct grid *g, struct err *err)
{
    return arena_fail(g->a, err, "pages of Tron");
}

static bool u64_of(const struct place *p, const struct json *j, const char *what, uint64_t *ret,
                   struct err *err)
{
    return j && (j->type == JSON_NUMBER || j->type == JSON_STRING) &&
                   u64_from_text(j->text, j->text_n, ret)
               ? true
               : bad(p, what, "a whole number is wanted", err);
}

static bool amount_of(const struct place *p, const struct json *j, const char *what,
                      struct u256 *ret, struct err *err)
{
    return j && (j->type == JSON_NUMBER || j->type == JSON_STRING) &&
                   u256_from_text(j->text, j->text_n, ret)
               ? true
               : bad(p, what, "a whole number is wanted", err);
}

/* A copy of the key, in the arena. */
static bool address_of(const struct place *p, const struct json *j, const char *what,
                       struct bytes *ret, struct err *err)
{
    uint8_t key[KEY_BYTES];

    if (!j || j->type != JSON_STRING || strlen(j->text) != j->text_n)
        return bad(p, what, "an address is wanted", err);
    if (!tron_address_read(j->text, key, err))
        return err_in(err, "%s: data[%zu]: %s", p->file, p->row, what);
    *ret = (struct bytes){arena_copy(p->g->a, key, KEY_BYTES), KEY_BYTES};
    return ret->p || no_memory(p->g, err);
}

static bool hash_of(const struct place *p, const struct json *j, const char *what,
                    struct hash32 *ret, struct err *err)
{
    return j && j->type == JSON_STRING && hex_decode(j->text, j->text_n, ret->b, sizeof(ret->b))
               ? true
               : bad(p, what, "64 hex digits are wanted", err);
}

static bool add(const struct place *p, struct entry *e, struct fact_transfer t, struct err *err)
{
    struct move *m;

    if (u256_zero(t.amount))
        return true;
    m = ARENA_NEW(p->g->a, struct move);
    if (!m)
        return no_memory(p->g, err);
    m->t = t;
    m->file = e->file;
    if (t.kind != TRANSFER_FEE)
        m->t.credit = t.amount;
    *e->last = m;
    e->last = &m->next;
    return true;
}

/* An address as an argument of a call: 20 bytes, on Tron sometimes with its 41 in front. */
static bool argument_address(const char *word, uint8_t ret[KEY_BYTES])
{
    uint8_t b[32];

    if (!hex_decode(word, WORD_DIGITS, b, sizeof(b)) || (b[11] && b[11] != 0x41))
        return false;
    for (size_t i = 0; i < 11; i++)
        if (b[i])
            return false;
    memcpy(ret, b + 12, KEY_BYTES);
    return true;
}

static bool key_copy(const struct place *p, const uint8_t key[KEY_BYTES], struct bytes *ret,
                     struct err *err)
{
    *ret = (struct bytes){arena_copy(p->g->a, key, KEY_BYTES), KEY_BYTES};
    return ret->p || no_memory(p->g, err);
}

/* transfer(address,uint256) and transferFrom(address,address,uint256); any other call says nothing
 * that is known here. */
static bool add_call(const struct place *p, struct entry *e, const struct json *data,
                     struct fact_transfer t, struct err *err)
{
    bool from = data && data->text_n >= 8 && !memcmp(data->text, "23b872dd", 8);
    size_t words = from ? 3 : 2;
    uint8_t key[KEY_BYTES], value[32];
    const char *word;

    if (!data || data->type != JSON_STRING || data->text_n < 8 + words * WORD_DIGITS ||
        (!from && memcmp(data->text, "a9059cbb", 8) != 0))
        return true;
    word = data->text + 8;
    t.kind = TRANSFER_STATED;
    if (from) {
        if (!argument_address(word, key))
            return true;
        if (!key_copy(p, key, &t.from, err))
            return false;
        word += WORD_DIGITS;
    }
    if (!argument_address(word, key) ||
        !hex_decode(word + WORD_DIGITS, WORD_DIGITS, value, sizeof(value)))
        return true;
    if (!key_copy(p, key, &t.to, err))
        return false;
    u256_from_be(value, sizeof(value), &t.amount);
    return add(p, e, t, err);
}

/* A TRC-10 token by its number; some answers have the digits as hex. */
static bool trc10_of(const struct place *p, const struct json *j, struct bytes *ret,
                     struct err *err)
{
    uint8_t digits[TRC10_DIGITS];
    const char *text;

    if (!j || (j->type != JSON_STRING && j->type != JSON_NUMBER) || !j->text_n ||
        j->text_n > ACCOUNT_KEY_MAX || !text_is_plain(j->text, j->text_n))
        return bad(p, "asset_name", "a token is wanted", err);
    text = j->text;
    *ret = (struct bytes){(const uint8_t *)text, j->text_n};
    if (j->text_n == (size_t)2 * TRC10_DIGITS &&
        hex_decode(text, j->text_n, digits, TRC10_DIGITS) && digits[0] >= '1' && digits[0] <= '9')
        *ret = (struct bytes){digits, TRC10_DIGITS};
    ret->p = arena_copy(p->g->a, ret->p, ret->n);
    return ret->p || no_memory(p->g, err);
}

static bool add_trigger(const struct place *p, struct entry *e, const struct json *v,
                        struct fact_transfer t, struct err *err)
{
    const struct json *value = json_get(v, "call_value"), *tokens = json_get(v, "call_token_value");
    struct fact_transfer call = t;

    if (!address_of(p, json_get(v, "contract_address"), "contract_address", &t.to, err))
        return false;
    call.asset = t.to;
    if (value && (!amount_of(p, value, "call_value", &t.amount, err) || !add(p, e, t, err)))
        return false;
    if (tokens) {
        struct fact_transfer sent = t;

        sent.position = 1;
        if (!amount_of(p, tokens, "call_token_value", &sent.amount, err))
            return false;
        if (!u256_zero(sent.amount) &&
            (!trc10_of(p, json_get(v, "token_id"), &sent.asset, err) || !add(p, e, sent, err)))
            return false;
    }
    return add_call(p, e, json_get(v, "data"), call, err);
}

static bool add_contract(const struct place *p, struct entry *e, const struct json *contract,
                         struct bytes owner, struct err *err)
{
    const struct json *type = json_get(contract, "type"),
                      *v = json_get(json_get(contract, "parameter"), "value");
    struct fact_transfer t = {.kind = TRANSFER_VALUE, .from = owner};

    if (json_is_string(type, "TriggerSmartContract"))
        return add_trigger(p, e, v, t, err);
    if (!json_is_string(type, "TransferContract") && !json_is_string(type, "TransferAssetContract"))
        return true;
    if (json_is_string(type, "TransferAssetContract") &&
        !trc10_of(p, json_get(v, "asset_name"), &t.asset, err))
        return false;
    return address_of(p, json_get(v, "to_address"), "to_address", &t.to, err) &&
           amount_of(p, json_get(v, "amount"), "amount", &t.amount, err) && add(p, e, t, err);
}

/* {"from_address", "to_address", "data": {"call_value": {"_": 5}, "rejected": false}} */
static bool add_internal(const struct place *p, struct entry *e, const struct json *j,
                         struct err *err)
{
    const struct json *data = json_get(j, "data"), *value = json_get(data, "call_value"),
                      *rejected = json_get(data, "rejected");
    struct fact_transfer t = {.kind = TRANSFER_STATED};

    if ((rejected && rejected->type == JSON_TRUE) || !value || value->type != JSON_OBJECT ||
        !value->child)
        return true;
    if (!address_of(p, json_get(j, "from_address"), "internal_transactions.from_address", &t.from,
                    err) ||
        !address_of(p, json_get(j, "to_address"), "internal_transactions.to_address", &t.to, err))
        return false;
    for (const struct json *c = value->child; c; c = c->next) {
        struct json token = {.type = JSON_STRING, .text = c->key, .text_n = c->key_n};

        t.asset = (struct bytes){NULL, 0};
        if ((strcmp(c->key, "_") != 0 && !trc10_of(p, &token, &t.asset, err)) ||
            !amount_of(p, c, "internal_transactions.call_value", &t.amount, err) ||
            !add(p, e, t, err))
            return false;
    }
    return true;
}

static bool add_fee(const struct place *p, struct entry *e, const struct json *j,
                    const struct json *ret, struct bytes owner, struct err *err)
{
    const struct json *all = json_get(ret, "fee"), *net = json_get(j, "net_fee"),
                      *energy = json_get(j, "energy_fee");
    struct fact_transfer t = {.kind = TRANSFER_FEE, .from = owner};
    struct u256 more = u256_of(0);

    if (all) {
        if (!amount_of(p, all, "ret.fee", &t.amount, err))
            return false;
    } else if ((net && !amount_of(p, net, "net_fee", &t.amount, err)) ||
               (energy && !amount_of(p, energy, "energy_fee", &more, err)) ||
               !u256_add(t.amount, more, &t.amount)) {
        return bad(p, "net_fee, energy_fee", "are no fees", err);
    }
    return add(p, e, t, err);
}

static bool milliseconds(const struct place *p, const struct json *j, struct entry *e,
                         struct err *err)
{
    if (!u64_of(p, json_get(j, "block_timestamp"), "block_timestamp", &e->time, err))
        return false;
    e->time /= 1000;
    return true;
}

static bool tx_read(const struct place *p, const struct json *j, struct entry *e, struct err *err)
{
    const struct json *raw = json_get(j, "raw_data"), *contracts = json_get(raw, "contract"),
                      *rets = json_get(j, "ret"), *ret = rets ? rets->child : NULL,
                      *result = json_get(ret, "contractRet"), *code = json_get(ret, "code"),
                      *internals = json_get(j, "internal_transactions"),
                      *made = json_get(raw, "timestamp"), *contract;
    struct bytes owner;

    if (!hash_of(p, json_get(j, "txID"), "txID", &e->hash, err) ||
        !u64_of(p, json_get(j, "blockNumber"), "blockNumber", &e->block, err) ||
        !milliseconds(p, j, e, err) ||
        (made && !u64_of(p, made, "raw_data.timestamp", &e->raw, err)))
        return false;
    if (e->block >= HEIGHT_UNKNOWN)
        return bad(p, "blockNumber", "is too much", err);
    e->has_block = true;
    if (!contracts || contracts->type != JSON_ARRAY || contracts->children_n != 1)
        return bad(p, "raw_data.contract", "a list of one is wanted", err);
    contract = contracts->child;
    if (!address_of(p,
                    json_get(json_get(json_get(contract, "parameter"), "value"), "owner_address"),
                    "owner_address", &owner, err) ||
        !add_fee(p, e, j, ret, owner, err))
        return false;
    /* "SUCESS" is how Tron's protocol spells it */
    e->failed = (result && !json_is_string(result, "SUCCESS")) ||
                (code && !json_is_string(code, "SUCESS") && !json_is_string(code, "SUCCESS"));
    e->has_internals = internals && internals->type == JSON_ARRAY;
    if (e->failed)
        return true;
    if (!add_contract(p, e, contract, owner, err))
        return false;
    for (const struct json *i = e->has_internals && internals ? internals->child : NULL; i;
         i = i->next)
        if (!add_internal(p, e, i, err))
            return false;
    return true;
}

static bool trc20_read(const struct place *p, const struct json *j, struct entry *e,
                       struct err *err)
{
    const struct json *type = json_get(j, "type");
    struct fact_transfer t = {.kind = TRANSFER_STATED};

    e->file = p->number;
    if (!hash_of(p, json_get(j, "transaction_id"), "transaction_id", &e->hash, err) ||
        !milliseconds(p, j, e, err))
        return false;
    if (type && !json_is_string(type, "Transfer")) /* an approval */
        return true;
    return address_of(p, json_get(j, "from"), "from", &t.from, err) &&
           address_of(p, json_get(j, "to"), "to", &t.to, err) &&
           address_of(p, json_get(json_get(j, "token_info"), "address"), "token_info.address",
                      &t.asset, err) &&
           amount_of(p, json_get(j, "value"), "value", &t.amount, err) && add(p, e, t, err);
}

static bool row_read(const struct place *p, const struct json *j, struct err *err)
{
    struct grid *g = p->g;
    struct entry *e = ARENA_NEW(g->a, struct entry);

    if (!e)
        return no_memory(g, err);
    if (g->n == TRON_TXS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu transactions", TRON_TXS_MAX);
    if (g->n == g->max) {
        size_t max = g->max ? 2 * g->max : 256;
        const void **more = mem_grow(g->entries, max * sizeof(*more));

        if (!more)
            return err_fail(err, ERR_NOMEM, "pages of Tron");
        g->entries = more;
        g->max = max;
    }
    e->last = &e->first;
    e->order = (uint32_t)g->n;
    g->entries[g->n++] = e;
    if (json_get(j, "txID"))
        return tx_read(p, j, e, err);
    if (json_get(j, "transaction_id"))
        return trc20_read(p, j, e, err);
    return bad(p, "txID", "neither that nor transaction_id", err);
}

static bool page_read(struct grid *g, const struct tron_file *f, size_t number, struct err *err)
{
    struct arena *job = arena_new(g->a, TRON_BYTES_MAX);
    struct place p = {g, f->name, number, 0};
    const struct json *j, *data;
    bool ok = true;

    if (!job)
        return no_memory(g, err);
    if (!json_read(job, (const char *)f->in.p, f->in.n, &j, err)) {
        arena_free(job);
        return err_in(err, "%s", f->name);
    }
    data = j->type == JSON_OBJECT ? json_get(j, "data") : j;
    if (!data || data->type != JSON_ARRAY)
        ok = err_fail(err, ERR_INPUT, "%s: data: a list is wanted", f->name);
    for (const struct json *row = ok ? data->child : NULL; row && ok; row = row->next, p.row++)
        ok = row_read(&p, row, err);
    arena_free(job);
    return ok;
}

/* Joining. */

static int by_hash(const void *one, const void *other)
{
    const struct entry *a = one, *b = other;
    int order = memcmp(a->hash.b, b->hash.b, sizeof(a->hash.b));

    if (!order)
        order = (a->file != 0) - (b->file != 0); /* whole transactions first */
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

static int by_block(const void *one, const void *other)
{
    const struct entry *a = one, *b = other;

    if (a->has_block && b->has_block && a->block != b->block)
        return a->block < b->block ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->raw != b->raw)
        return a->raw < b->raw ? -1 : 1;
    return memcmp(a->hash.b, b->hash.b, sizeof(a->hash.b));
}

static bool same_transfer(const struct fact_transfer *a, const struct fact_transfer *b)
{
    return a->kind == b->kind && bytes_equal(a->from, b->from) && bytes_equal(a->to, b->to) &&
           bytes_equal(a->asset, b->asset) && u256_equal(a->amount, b->amount);
}

/* What a page of TRC-20 transfers lists of a transaction is told already where one of its moves is
 * alike that this page has not listed before: so pages may overlap, and rows of one page that are
 * alike are as many transfers. */
static void list_join(struct entry *into, const struct entry *e)
{
    struct move *m = e->first;

    if (!m || into->failed)
        return;
    for (struct move *own = into->first; own; own = own->next)
        if (own->file != m->file && same_transfer(&own->t, &m->t)) {
            own->file = m->file;
            return;
        }
    *into->last = m;
    into->last = &m->next;
}

static bool transfers_make(struct grid *g, struct entry *e, struct err *err)
{
    uint32_t position = 0;
    size_t n = 0;

    for (const struct move *m = e->first; m; m = m->next)
        n++;
    e->transfers = ARENA_ARRAY(g->a, struct fact_transfer, n);
    if (!e->transfers)
        return no_memory(g, err);
    for (const struct move *m = e->first; m; m = m->next) {
        struct fact_transfer *t = &e->transfers[e->transfers_n++];

        *t = m->t;
        if (t->kind == TRANSFER_STATED)
            t->position = position++;
    }
    return true;
}

static bool join(struct grid *g, struct err *err)
{
    const void **scratch = ARENA_ARRAY(g->a, const void *, g->n);
    size_t n = 0, in_block = 0, largest = 0;

    if (!scratch)
        return no_memory(g, err);
    sort_pointers(g->entries, g->n, scratch, by_hash);
    for (size_t i = 0; i < g->n; i++) {
        struct entry *e = (struct entry *)g->entries[i],
                     *before = (struct entry *)g->entries[n ? n - 1 : 0];

        if (!n || !hash32_equal(&before->hash, &e->hash))
            g->entries[n++] = e;
        else if (e->file)
            list_join(before, e);
    }
    g->n = n;
    g->heights = true;
    for (size_t i = 0; i < n; i++)
        g->heights &= ((const struct entry *)g->entries[i])->has_block;
    for (size_t i = 0; i < n; i++) {
        struct entry *e = (struct entry *)g->entries[i];

        e->has_block &= g->heights;
        if (!transfers_make(g, e, err))
            return false;
    }
    sort_pointers(g->entries, n, scratch, by_block);
    for (size_t i = 0; i < n; i++) {
        const struct entry *e = g->entries[i], *before = i ? g->entries[i - 1] : e;

        if (g->heights && i && e->block != before->block && e->time < before->time)
            return err_fail(err, ERR_INPUT, "block %llu is earlier than block %llu",
                            (unsigned long long)e->block, (unsigned long long)before->block);
        if (g->heights && e->block == before->block && e->time != before->time)
            return err_fail(err, ERR_INPUT, "block %llu has two times",
                            (unsigned long long)e->block);
        in_block = e->block == before->block && e->time == before->time ? in_block + 1 : 1;
        largest = in_block > largest ? in_block : largest;
    }
    g->txs = ARENA_ARRAY(g->a, struct fact_tx, g->heights ? largest : n);
    return g->txs || no_memory(g, err);
}

static bool grid_next(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct grid *g = self;
    const struct entry *first;
    size_t n = 0;
    bool internals = true;

    *ret_end = g->at == g->n;
    if (*ret_end)
        return true;
    first = g->entries[g->at];
    for (; g->at < g->n; g->at++) {
        const struct entry *e = g->entries[g->at];

        if (g->heights ? e->block != first->block : e->time != first->time)
            break;
        internals &= e->has_internals;
        g->txs[n++] = (struct fact_tx){.hash = e->hash,
                                       .failed = e->failed,
                                       .transfers = e->transfers,
                                       .transfers_n = e->transfers_n};
    }
    *ret = (struct transfer_block){.height = g->heights ? (uint32_t)first->block : HEIGHT_UNKNOWN,
                                   .time = first->time,
                                   .grade = g->heights ? GRADE_PROVEN : GRADE_STATED,
                                   .internals = internals,
                                   .txs = g->txs,
                                   .txs_n = n};
    return true;
}

static void grid_free(void *self)
{
    struct grid *g = self;

    if (!g)
        return;
    mem_free(g->entries);
    arena_free(g->a);
    mem_free(g);
}

static struct grid *grid_new(const struct chain *chain, struct err *err)
{
    struct grid *g;

    if (chain->dialect != &dialect_tron) {
        err_set(err, ERR_USAGE, "pages of TronGrid are not of %s", chain->name);
        return NULL;
    }
    g = mem_zero(sizeof(*g));
    if (g)
        g->a = arena_new(NULL, TRON_BYTES_MAX);
    if (!g || !g->a) {
        mem_free(g);
        err_set(err, ERR_NOMEM, "pages of Tron");
        return NULL;
    }
    return g;
}

static bool grid_done(struct grid *g, struct transfer_source *ret, struct err *err)
{
    if (!join(g, err)) {
        grid_free(g);
        return false;
    }
    *ret = (struct transfer_source){.next = grid_next, .free = grid_free, .self = g};
    return true;
}

bool tron_from(const struct tron_file *files, size_t files_n, const struct chain *chain,
               struct transfer_source *ret, struct err *err)
{
    struct grid *g = grid_new(chain, err);

    if (!g)
        return false;
    for (size_t i = 0; i < files_n; i++)
        if (!page_read(g, &files[i], i + 1, err)) {
            grid_free(g);
            return false;
        }
    return grid_done(g, ret, err);
}

static bool path_read(struct grid *g, const char *path, size_t number, struct err *err)
{
    struct source_buffer none = {0};
    struct source_file f;
    struct tron_file file = {.name = path};
    bool ok;

    if (!source_file_open(&f, path, NULL, err))
        return err_in(err, "%s", path);
    if (!source_file_borrow(&f, 0, f.size, &none, &file.in, err))
        ok = err_in(err, "%s", path);
    else
        ok = page_read(g, &file, number, err);
    source_file_close(&f);
    return ok;
}

bool tron_open(const char *const *paths, size_t paths_n, const struct chain *chain,
               struct transfer_source *ret, struct err *err)
{
    struct grid *g = grid_new(chain, err);

    if (!g)
        return false;
    for (size_t i = 0; i < paths_n; i++)
        if (!path_read(g, paths[i], i + 1, err)) {
            grid_free(g);
            return false;
        }
    return grid_done(g, ret, err);
}

bool tron_is(struct bytes beginning)
{
    size_t n = beginning.n < SNIFF_BYTES ? beginning.n : SNIFF_BYTES, i = 0;

    while (i < n && (beginning.p[i] == ' ' || beginning.p[i] == '\n' || beginning.p[i] == '\r' ||
                     beginning.p[i] == '\t'))
        i++;
    return i < n && (beginning.p[i] == '{' || beginning.p[i] == '[');
}
