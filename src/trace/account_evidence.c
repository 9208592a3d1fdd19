#include "trace/account_evidence.h"

#include "base/json_canonical.h"
#include "base/mem.h"
#include "ledger/account_writer.h"
#include "trace/ledgers_run.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEDGER_MEMORY ((uint64_t)256 << 20)
#define BYTES_MAX ((size_t)4 << 30)

/* ---- what a trace rests on ---- */

struct chosen {
    struct arena *a;
    const struct account_doc *d;
    uint64_t *at; /* [n] transfers; sorted, each once, in the end */
    size_t n, room;
    struct err *err;
};

static bool no_memory(struct arena *a, struct err *err)
{
    return err_fail(err, arena_limited(a) ? ERR_LIMIT : ERR_NOMEM, "evidence");
}

static int by_number(const void *pa, const void *pb)
{
    const uint64_t *a = pa, *b = pb;

    return (*a > *b) - (*a < *b);
}

static size_t unique(uint64_t *at, size_t n)
{
    size_t kept = 0;

    if (n)
        qsort(at, n, sizeof(*at), by_number);
    for (size_t i = 0; i < n; i++)
        if (!kept || at[kept - 1] != at[i])
            at[kept++] = at[i];
    return kept;
}

static bool choose(struct chosen *c, uint64_t transfer)
{
    if (c->n == c->room) {
        size_t room = c->room ? c->room * 2 : 4096;
        uint64_t *more = ARENA_ARRAY(c->a, uint64_t, room);

        if (!more)
            return no_memory(c->a, c->err);
        if (c->n)
            memcpy(more, c->at, c->n * sizeof(*more));
        c->at = more;
        c->room = room;
    }
    if (c->n == 2 * ACCOUNT_EVIDENCE_TRANSFERS_MAX)
        c->n = unique(c->at, c->n);
    if (c->n > ACCOUNT_EVIDENCE_TRANSFERS_MAX)
        return err_fail(c->err, ERR_LIMIT,
                        "evidence of more than %zu transfers: name the services that it came to as "
                        "stops",
                        ACCOUNT_EVIDENCE_TRANSFERS_MAX);
    c->at[c->n++] = transfer;
    return true;
}

/* All events of a holding, up to the snapshot. */
static bool choose_holding(struct chosen *c, uint64_t holding)
{
    const struct accounts *columns = &c->d->accounts;
    uint64_t event = accounts_holding(columns, holding).first;

    for (; event < columns->transfers_n; event = accounts_next(columns, holding, event))
        if (!choose(c, event))
            return false;
    return true;
}

static bool choose_tx(struct chosen *c, uint64_t transfer)
{
    struct accounts_range r =
        accounts_tx(&c->d->accounts, accounts_tx_of(&c->d->accounts, transfer));

    for (uint64_t i = 0; i < r.n; i++)
        if (!choose(c, r.first + i))
            return false;
    return true;
}

static bool choose_all(struct chosen *c)
{
    const struct account_trace *t = c->d->trace;
    uint64_t *holdings = ARENA_ARRAY(c->a, uint64_t, 2 * t->moves_n + t->balances_n + 1);
    size_t n = 0;

    if (!holdings)
        return no_memory(c->a, c->err);
    for (size_t i = 0; i < t->moves_n; i++) {
        struct transfer m = accounts_transfer(&c->d->accounts, t->moves[i].transfer);

        if (!choose_tx(c, t->moves[i].transfer))
            return false;
        if (!t->moves[i].origin && m.from != ACCOUNTS_NONE)
            holdings[n++] = m.from;
        if (t->moves[i].stop == STOP_NONE && m.to != ACCOUNTS_NONE)
            holdings[n++] = m.to;
    }
    for (size_t i = 0; i < t->balances_n; i++)
        if (t->balances[i].stop == STOP_NONE)
            holdings[n++] = t->balances[i].holding;
    n = unique(holdings, n);
    for (size_t i = 0; i < n; i++)
        if (!choose_holding(c, holdings[i]))
            return false;
    c->n = unique(c->at, c->n);
    if (c->n > ACCOUNT_EVIDENCE_TRANSFERS_MAX)
        return err_fail(c->err, ERR_LIMIT, "evidence of more than %zu transfers",
                        ACCOUNT_EVIDENCE_TRANSFERS_MAX);
    return c->at || err_fail(c->err, ERR_NOT_FOUND, "nothing was traced");
}

/* ---- writing ---- */

static void key_put(struct json_out *j, const char *name, const struct account_ledger *l,
                    uint64_t account)
{
    struct bytes key = account_ledger_key(l, account);

    json_put_hex(j, name, key.p, key.n);
}

static void transfer_put(struct json_out *j, const struct account_doc *d, uint64_t id)
{
    struct transfer t = accounts_transfer(&d->accounts, id);
    struct bytes path = account_ledger_path(d->ledger, id);
    uint64_t asset = transfer_asset(&d->accounts, &t);
    const char kind[2] = {(char)t.kind, '\0'};
    uint64_t nobody = ACCOUNT_NOBODY;

    json_object(j);
    json_put_string(j, "kind", kind);
    json_put_number(j, "position", t.kind == TRANSFER_INTERNAL ? 0 : t.position);
    json_put_hex(j, "path", path.p, path.n);
    key_put(j, "from", d->ledger,
            t.from == ACCOUNTS_NONE ? nobody : accounts_holding(&d->accounts, t.from).account);
    key_put(j, "to", d->ledger,
            t.to == ACCOUNTS_NONE ? nobody : accounts_holding(&d->accounts, t.to).account);
    key_put(j, "asset", d->ledger, asset);
    json_put_u256(j, "amount", t.amount);
    json_put_u256(j, "credit", t.credit);
    json_object_end(j);
}

static void events_put(struct json_out *j, const struct account_doc *d, uint64_t tx)
{
    struct accounts_range r = account_ledger_events(d->ledger, tx);

    json_key(j, "events");
    json_array(j);
    for (uint64_t i = 0; i < r.n; i++) {
        struct account_ledger_event e = account_ledger_event(d->ledger, r.first + i);

        json_object(j);
        json_put_number(j, "kind", e.kind);
        json_put_number(j, "log", e.log);
        key_put(j, "subject", d->ledger, e.subject);
        json_put_hex(j, "data", e.data.p, e.data.n);
        json_object_end(j);
    }
    json_array_end(j);
}

static void block_put(struct json_out *j, const struct account_ledger_block *b)
{
    json_put_number_or_null(j, "height", b->height, HEIGHT_UNKNOWN);
    json_put_hex(j, "hash", b->hash.b, sizeof(b->hash.b));
    json_put_hex(j, "prev", b->prev.b, sizeof(b->prev.b));
    json_put_number(j, "time", b->time);
    json_put_string(j, "grade", b->grade == GRADE_PROVEN ? "proven" : "stated");
    json_put_bool(j, "internals", b->internals);
}

/* Whatever stands behind the last transaction of a block is written with it. */
static void blocks_put(struct json_out *j, const struct chosen *c)
{
    const struct account_doc *d = c->d;
    uint32_t last = d->blocks_n - 1, block = BLOCK_NONE;
    uint64_t tx = ACCOUNTS_NONE;

    json_array(j);
    for (size_t i = 0; i <= c->n; i++) {
        uint64_t next = i < c->n && c->at ? accounts_tx_of(&d->accounts, c->at[i]) : ACCOUNTS_NONE;
        uint32_t in = i < c->n ? account_ledger_tx_block(d->ledger, next) : last;

        if (tx != ACCOUNTS_NONE && next != tx) {
            json_array_end(j);
            events_put(j, d, tx);
            json_object_end(j);
            tx = ACCOUNTS_NONE;
        }
        if (in != block) { /* the last one stands there in any case: it is "until" */
            struct account_ledger_block b = account_ledger_block(d->ledger, in);

            if (block != BLOCK_NONE) {
                json_array_end(j);
                json_object_end(j);
            }
            block = in;
            json_object(j);
            block_put(j, &b);
            json_key(j, "transactions");
            json_array(j);
        }
        if (i == c->n || !c->at)
            break;
        if (tx == ACCOUNTS_NONE) {
            struct hash32 hash = account_ledger_txid(d->ledger, next);

            tx = next;
            json_object(j);
            json_put_hex(j, "hash", hash.b, sizeof(hash.b));
            json_put_bool(j, "failed", account_ledger_tx_failed(d->ledger, tx));
            json_key(j, "transfers");
            json_array(j);
        }
        transfer_put(j, d, c->at[i]);
    }
    json_array_end(j);
    json_object_end(j);
    json_array_end(j);
}

static bool fingerprint_of(struct arena *a, const struct json *blocks, struct hash32 *ret,
                           struct err *err)
{
    struct text t = text_new(BYTES_MAX);
    bool ok = json_canonical_put(a, blocks, &t, err) && text_end(&t, err);

    if (ok)
        *ret = sha256(t.p, t.n);
    text_free(&t);
    return ok;
}

bool account_evidence_write(struct arena *a, struct text *to, const struct account_doc *d,
                            struct err *err)
{
    struct chosen c = {.a = a, .d = d, .err = err};
    struct text blocks = text_new(BYTES_MAX);
    struct json_out in = json_to(&blocks, false), j = json_to(to, false);
    const struct json *read;
    struct hash32 fingerprint;
    bool ok = choose_all(&c);

    if (ok) {
        blocks_put(&in, &c);
        ok = text_end(&blocks, err) && json_read(a, blocks.p, blocks.n, &read, err) &&
             fingerprint_of(a, read, &fingerprint, err);
    }
    if (ok) {
        json_object(&j);
        json_put_string(&j, "schema", ACCOUNT_EVIDENCE_SCHEMA);
        json_put_string(&j, "chain", account_ledger_chain(d->ledger)->name);
        json_key(&j, "blocks");
        json_raw(&j, blocks.p, blocks.n);
        json_put_hex(&j, "fingerprint", fingerprint.b, sizeof(fingerprint.b));
        json_object_end(&j);
    }
    text_free(&blocks);
    return ok;
}

/* ---- reading ---- */

struct reading {
    struct arena *a;
    struct account_evidence_answer *answer;
    struct err *err;
};

static bool hex_of(struct reading *r, const struct json *j, const char *name, struct bytes *ret,
                   size_t most)
{
    const struct json *value = json_get(j, name);
    uint8_t *to;

    if (!value || value->type != JSON_STRING || value->text_n % 2 || value->text_n / 2 > most)
        return err_fail(r->err, ERR_INPUT, "%s: hex of at most %zu bytes is wanted", name, most);
    to = arena_alloc(r->a, value->text_n / 2 + 1);
    if (!to)
        return no_memory(r->a, r->err);
    if (!hex_decode(value->text, value->text_n, to, value->text_n / 2))
        return err_fail(r->err, ERR_INPUT, "%s: not hex", name);
    *ret = (struct bytes){to, value->text_n / 2};
    return true;
}

static bool hash_of(struct reading *r, const struct json *j, const char *name, struct hash32 *ret)
{
    struct bytes b = {NULL, 0};

    if (!hex_of(r, j, name, &b, sizeof(ret->b)))
        return false;
    if (b.n != sizeof(ret->b))
        return err_fail(r->err, ERR_INPUT, "%s: not a hash", name);
    memcpy(ret->b, b.p, sizeof(ret->b));
    return true;
}

static bool amount_of(struct reading *r, const struct json *j, const char *name, struct u256 *ret)
{
    const struct json *value = json_get(j, name);

    return (value && value->type == JSON_STRING &&
            u256_from_text(value->text, value->text_n, ret)) ||
           err_fail(r->err, ERR_INPUT, "%s: a whole number is wanted", name);
}

static bool number_of(struct reading *r, const struct json *j, const char *name, uint64_t most,
                      uint64_t *ret)
{
    if (!json_u64(json_get(j, name), name, ret, r->err))
        return false;
    return *ret <= most || err_fail(r->err, ERR_INPUT, "%s: too much", name);
}

static bool flag_of(struct reading *r, const struct json *j, const char *name, bool *ret)
{
    const struct json *value = json_get(j, name);

    if (!value || (value->type != JSON_TRUE && value->type != JSON_FALSE))
        return err_fail(r->err, ERR_INPUT, "%s: true or false is wanted", name);
    *ret = value->type == JSON_TRUE;
    return true;
}

static const struct json *list_of(struct reading *r, const struct json *j, const char *name)
{
    const struct json *list = json_get(j, name);

    if (list && list->type == JSON_ARRAY)
        return list;
    err_fail(r->err, ERR_INPUT, "%s: a list is wanted", name);
    return NULL;
}

static bool kind_of(struct reading *r, const struct json *j, enum transfer_kind *ret)
{
    static const char kinds[] = "fvilzuxwrspbc";
    const struct json *value = json_get(j, "kind");

    if (!value || value->type != JSON_STRING || value->text_n != 1 ||
        !strchr(kinds, value->text[0]))
        return err_fail(r->err, ERR_INPUT, "kind: one of %s is wanted", kinds);
    *ret = (enum transfer_kind)value->text[0];
    return true;
}

static bool transfer_read(struct reading *r, const struct json *j, struct fact_transfer *ret)
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

static bool events_read(struct reading *r, const struct json *j, struct fact_tx *tx)
{
    const struct json *list = list_of(r, j, "events");
    struct fact_event *at;
    size_t i = 0;

    if (!list)
        return false;
    at = ARENA_ARRAY(r->a, struct fact_event, list->children_n + 1);
    if (!at)
        return no_memory(r->a, r->err);
    for (const struct json *e = list->child; e; e = e->next, i++) {
        uint64_t kind, log;

        if (!number_of(r, e, "kind", EVENT_NONCE, &kind) || !kind ||
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

static bool tx_read(struct reading *r, const struct json *j, struct fact_tx *ret)
{
    const struct json *list = list_of(r, j, "transfers");
    struct fact_transfer *at;
    size_t i = 0;

    if (!list || !hash_of(r, j, "hash", &ret->hash) || !flag_of(r, j, "failed", &ret->failed))
        return false;
    at = ARENA_ARRAY(r->a, struct fact_transfer, list->children_n + 1);
    if (!at)
        return no_memory(r->a, r->err);
    for (const struct json *t = list->child; t; t = t->next, i++)
        if (!transfer_read(r, t, &at[i]))
            return err_in(r->err, "transfers[%zu]", i);
    ret->transfers = at;
    ret->transfers_n = i;
    r->answer->transfers_n += i;
    return events_read(r, j, ret);
}

static bool block_read(struct reading *r, const struct json *j, struct transfer_block *ret)
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
        return no_memory(r->a, r->err);
    for (const struct json *t = list->child; t; t = t->next, i++)
        if (!tx_read(r, t, &at[i]))
            return err_in(r->err, "transactions[%zu]", i);
    ret->txs = at;
    ret->txs_n = i;
    r->answer->transactions_n += i;
    return true;
}

/* ---- proving ---- */

static bool does_not(struct account_evidence_answer *r, const char *what)
{
    r->proven = false;
    snprintf(r->text, sizeof(r->text), "%s", what);
    return true;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static bool ledger_make(const char *dir, const struct chain *chain,
                        const struct transfer_block *blocks, size_t n, struct err *err)
{
    struct ledger_options options = {.memory = LEDGER_MEMORY, .threads = 1};
    struct account_ledger_writer *w;
    bool ok;

    if (!account_ledger_writer_open(dir, chain, options, &w, err))
        return false;
    ok = account_ledger_append(w, blocks, n, err);
    account_ledger_writer_close(w);
    return ok;
}

static bool followed(struct arena *a, const char *dir, const struct json *trace,
                     struct account_evidence_answer *ret, struct err *err)
{
    struct text document = text_new(BYTES_MAX);
    struct json_out j = json_to(&document, false);
    struct account_ledger *l = NULL;
    struct verify_answer answer;
    bool ok;

    json_tree(&j, trace);
    ok = text_end(&document, err) && account_ledger_open(dir, &l, err);
    if (ok) {
        struct trace_ledger of = {.accounts = l};

        ok = ledgers_verify_part(a, &of, (struct bytes){(const uint8_t *)document.p, document.n},
                                 &answer, err);
        if (ok && answer.outcome != VERIFY_SAME)
            does_not(ret, answer.text);
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
    const char *tmp = getenv("TMPDIR");
    char dir[4096], place[4096 + 8];
    bool ok;

    snprintf(dir, sizeof(dir), "%s/cordon-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        return err_system(err, "temporary folder %s", dir);
    snprintf(place, sizeof(place), "%s/ledger", dir);
    ok = ledger_make(place, chain, blocks, n, err);
    if (!ok && err->class == ERR_INPUT) {
        does_not(ret, err->text);
        ok = true;
    } else if (ok) {
        ok = followed(a, place, trace, ret, err);
    }
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return ok;
}

static bool fingerprint_check(struct reading *r, const struct json *evidence,
                              const struct json *blocks)
{
    struct hash32 stated;

    if (!hash_of(r, evidence, "fingerprint", &stated) ||
        !fingerprint_of(r->a, blocks, &r->answer->fingerprint, r->err))
        return false;
    return hash32_equal(&stated, &r->answer->fingerprint) ||
           does_not(r->answer, "evidence: its blocks have another fingerprint");
}

bool account_evidence_prove(struct arena *a, const struct json *evidence, const struct json *trace,
                            struct account_evidence_answer *ret, struct err *err)
{
    static const char *const known[] = {"schema", "chain", "blocks", "fingerprint", NULL};
    struct account_evidence_answer answer = {.proven = true};
    struct reading r = {a, &answer, err};
    const struct json *blocks, *id = json_get(trace, "case");
    struct transfer_block *at;
    const struct chain *chain;
    size_t i = 0;

    if (!json_only(evidence, "evidence", known, err) ||
        !json_text(json_get(evidence, "chain"), "chain", &answer.chain, err) ||
        !json_text(json_get(trace, "policy"), "policy", &answer.policy, err))
        return false;
    chain = chain_by_name(answer.chain);
    if (!chain || !chain_has_accounts(chain))
        return err_fail(err, ERR_INPUT, "chain: \"%.60s\" has no accounts", answer.chain);
    answer.case_id = id && id->type == JSON_STRING ? id->text : NULL;
    blocks = list_of(&r, evidence, "blocks");
    if (!blocks || !fingerprint_check(&r, evidence, blocks))
        return false;
    at = ARENA_ARRAY(a, struct transfer_block, blocks->children_n + 1);
    if (!at)
        return no_memory(a, err);
    for (const struct json *b = blocks->child; b; b = b->next, i++)
        if (!block_read(&r, b, &at[i]))
            return err_in(err, "blocks[%zu]", i);
    answer.blocks_n = i;
    if (answer.transfers_n > ACCOUNT_EVIDENCE_TRANSFERS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu transfers", ACCOUNT_EVIDENCE_TRANSFERS_MAX);
    if (answer.proven && !ledger_follow(a, chain, at, i, trace, &answer, err))
        return false;
    *ret = answer;
    return true;
}

void account_evidence_write_answer(struct text *to, const struct account_evidence_answer *e)
{
    if (!e->proven) {
        text_printf(to, "not proven: %s\n", e->text);
        return;
    }
    text_printf(to,
                "proven: from these %zu transfers in %zu transactions of %zu blocks on %s,\n"
                "the trace by %s follows, each move, balance and total of it.\n",
                e->transfers_n, e->transactions_n, e->blocks_n, e->chain, e->policy);
    text_str(to, "fingerprint: ");
    text_hex(to, e->fingerprint.b, sizeof(e->fingerprint.b));
    text_str(to, "\nnot proven by any such file: that the chain has these transfers (compare the "
                 "hashes of\ntheir transactions and blocks with a node's), and that the accounts "
                 "on the way had no others.\n");
}
