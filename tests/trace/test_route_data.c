/* Routes on what has happened: withdrawals and deposits of the Ronin bridge, Nomad's, and what went
 * into Tornado's pool after the theft of March 2022. Figures are printed, and those that are known
 * held. */
#include "support.h"

#include "base/csv.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "chain/dialect.h"
#include "chain/evm/log.h"
#include "chain/evm/source.h"
#include "ledger/account_ingest.h"
#include "ledger/account_writer.h"
#include "trace/routes.h"
#include "trace/routes_candidates.h"

#include <stdio.h>
#include <stdlib.h>

#define COLUMNS_MAX 16
#define ARENA_MAX ((size_t)1 << 30)
#define KEY_BYTES 20

/* ---- tables ---- */

struct table {
    struct csv csv;
    struct csv_field header[COLUMNS_MAX], row[COLUMNS_MAX];
    size_t columns, n;
};

static void table_open(struct table *t, const char *path)
{
    struct err err;
    bool end;

    t->csv = csv_over(test_data(path), ',');
    CHECK_OK(csv_next(&t->csv, t->header, COLUMNS_MAX, &t->columns, &end, &err), err);
    CHECK(!end);
}

static bool table_next(struct table *t)
{
    struct err err;
    bool end;

    CHECK_OK(csv_next(&t->csv, t->row, COLUMNS_MAX, &t->n, &end, &err), err);
    return !end;
}

static struct csv_field cell(const struct table *t, const char *name)
{
    size_t i = csv_column(t->header, t->columns, name);

    CHECK(i < t->n);
    return t->row[i];
}

static uint64_t cell_number(const struct table *t, const char *name)
{
    struct csv_field f = cell(t, name);
    uint64_t ret = 0;

    CHECK(u64_from_text(f.p, f.n, &ret));
    return ret;
}

static struct u256 cell_amount(const struct table *t, const char *name)
{
    struct csv_field f = cell(t, name);
    struct u256 ret;

    CHECK(u256_from_text(f.p, f.n, &ret));
    return ret;
}

static void cell_hex(const struct table *t, const char *name, uint8_t *to, size_t n)
{
    struct csv_field f = cell(t, name);

    CHECK(f.n == 2 + 2 * n && hex_decode(f.p + 2, 2 * n, to, n));
}

/* ---- sides of a bridge, as a ledger would tell them ---- */

struct crossing {
    struct hash32 tx;
    uint8_t account[KEY_BYTES], token[KEY_BYTES];
    struct u256 amount;
    uint64_t time, id;
};

struct side {
    struct crossing *at;
    size_t n, size;
};

static struct crossing *side_add(struct side *s)
{
    if (s->n == s->size) {
        s->size = s->size ? 2 * s->size : 1024;
        s->at = realloc(s->at, s->size * sizeof(*s->at));
        CHECK(s->at);
    }
    return &s->at[s->n++];
}

struct columns {
    const char *tx, *account, *token, *time, *id;
};

static void read_crossing(const struct table *t, const struct columns *names, struct crossing *to)
{
    cell_hex(t, names->tx, to->tx.b, sizeof(to->tx.b));
    cell_hex(t, names->account, to->account, KEY_BYTES);
    cell_hex(t, names->token, to->token, KEY_BYTES);
    to->amount = cell_amount(t, "amount");
    to->time = cell_number(t, names->time);
    to->id = cell_number(t, names->id);
}

static void read_side(struct side *s, const char *path, const struct columns *names)
{
    struct table t;

    table_open(&t, path);
    while (table_next(&t))
        read_crossing(&t, names, side_add(s));
}

static int crossing_compare(const void *one, const void *other)
{
    const struct crossing *a = one, *b = other;
    int order = memcmp(a->tx.b, b->tx.b, sizeof(a->tx.b));

    return order ? order : (a->id > b->id) - (a->id < b->id);
}

/* By transaction, each crossing once: a table of pairs has a side of two pairs twice. */
static void side_settle(struct side *s)
{
    size_t n = 0;

    CHECK(s->n);
    qsort(s->at, s->n, sizeof(*s->at), crossing_compare);
    for (size_t i = 0; i < s->n; i++)
        if (!n || crossing_compare(&s->at[n - 1], &s->at[i]) != 0)
            s->at[n++] = s->at[i];
    s->n = n;
}

static const uint8_t bridge_key[KEY_BYTES] = {0xb1};

struct made {
    struct fact_transfer transfers[8];
    struct fact_event events[8];
    char keys[8][40];
};

/* The transaction of crossings [from, to): each a token's log, then the event that says its key. */
static void make_tx(const struct side *s, size_t from, size_t to, bool out, struct made *m,
                    struct fact_tx *tx)
{
    const struct bytes bridge = {bridge_key, KEY_BYTES};

    CHECK(to - from <= 8);
    *tx = (struct fact_tx){.hash = s->at[from].tx, .transfers = m->transfers, .events = m->events};
    for (size_t i = from; i < to; i++) {
        const struct crossing *c = &s->at[i];
        struct bytes account = {c->account, KEY_BYTES};
        uint32_t log = 2 * (uint32_t)(i - from);

        snprintf(m->keys[i - from], sizeof(m->keys[0]), "bridge:%llu", (unsigned long long)c->id);
        m->events[tx->events_n++] = (struct fact_event){
            .kind = out ? EVENT_BRIDGE_OUT : EVENT_BRIDGE_IN,
            .log = log + 1,
            .subject = bridge,
            .data = {(const uint8_t *)m->keys[i - from], strlen(m->keys[i - from])}};
        if (u256_zero(c->amount))
            continue;
        m->transfers[tx->transfers_n++] = (struct fact_transfer){.kind = TRANSFER_LOG,
                                                                 .position = log,
                                                                 .from = out ? account : bridge,
                                                                 .to = out ? bridge : account,
                                                                 .asset = {c->token, KEY_BYTES},
                                                                 .amount = c->amount,
                                                                 .credit = c->amount};
    }
}

static struct account_ledger *make_ledger(const struct side *s, const char *chain, bool out)
{
    static const struct ledger_options options = {.memory = LEDGER_MEMORY_MIN, .threads = 1};
    struct fact_tx *txs = calloc(s->n + 1, sizeof(*txs));
    struct made *made = calloc(s->n + 1, sizeof(*made));
    struct transfer_block block = {.height = 1, .time = 1, .txs = txs};
    struct account_ledger_writer *w;
    struct account_ledger *l;
    char *dir = test_dir();
    struct err err;

    CHECK(txs && made);
    for (size_t from = 0, to; from < s->n; from = to) {
        for (to = from + 1; to < s->n && hash32_equal(&s->at[to].tx, &s->at[from].tx); to++)
            ;
        make_tx(s, from, to, out, &made[block.txs_n], &txs[block.txs_n]);
        block.txs_n++;
    }
    block.hash.b[0] = 1;
    CHECK_OK(account_ledger_writer_open(dir, chain_by_name(chain), options, &w, &err), err);
    CHECK_OK(account_ledger_append(w, &block, 1, &err), err);
    account_ledger_writer_close(w);
    free(txs);
    free(made);
    CHECK_OK(account_ledger_open(dir, &l, &err), err);
    return l;
}

struct pairs { /* what is known, by transaction of the side that it leaves */
    struct {
        struct hash32 from, to;
        uint64_t id;
    } * at;
    size_t n, size;
};

static void read_pairs(struct pairs *p, const char *path, const char *from, const char *to,
                       const char *id)
{
    struct table t;

    table_open(&t, path);
    while (table_next(&t)) {
        if (p->n == p->size) {
            p->size = p->size ? 2 * p->size : 1024;
            p->at = realloc(p->at, p->size * sizeof(*p->at));
            CHECK(p->at);
        }
        cell_hex(&t, from, p->at[p->n].from.b, 32);
        cell_hex(&t, to, p->at[p->n].to.b, 32);
        p->at[p->n++].id = cell_number(&t, id);
    }
}

static bool is_pair(const struct pairs *p, const struct hash32 *from, const struct hash32 *to)
{
    for (size_t i = 0; i < p->n; i++)
        if (hash32_equal(&p->at[i].from, from) && hash32_equal(&p->at[i].to, to))
            return true;
    return false;
}

struct counts {
    size_t links, right, alone, ambiguous, unclear;
};

/* Every transaction of the side that value leaves by is asked where it arrives. */
static struct counts ask_all(const struct side *out, const struct side *in,
                             const struct pairs *pairs)
{
    struct account_ledger *l[2] = {make_ledger(out, "evm:sim", true),
                                   make_ledger(in, "evm:dev", false)};
    struct route_ledger ledgers[2] = {route_ledger_of(l[0], account_ledger_accounts(l[0])),
                                      route_ledger_of(l[1], account_ledger_accounts(l[1]))};
    struct counts n = {0};
    struct routes *r;
    struct err err;

    CHECK_OK(routes_new(ledgers, 2, NULL, 0, NULL, 0, &r, &err), err);
    for (uint64_t tx = 0; tx < ledgers[0].accounts->txs_n; tx++) {
        struct arena *a = arena_new(NULL, ARENA_MAX);
        const struct route_candidate *candidates;
        const struct route_link *links;
        size_t links_n, candidates_n;

        CHECK(a);
        CHECK_OK(routes_of_tx(a, r, 0, tx, &links, &links_n, &candidates, &candidates_n, &err),
                 err);
        for (size_t i = 0; i < links_n; i++) {
            struct hash32 from = account_ledger_txid(l[0], tx);
            struct hash32 to =
                account_ledger_txid(l[1], accounts_tx_of(ledgers[1].accounts, links[i].to[0].id));

            CHECK(links[i].grade == MOVE_PROVEN && links[i].to_n == 1);
            CHECK(u256_equal(links[i].amount_in, links[i].amount_out));
            n.links++;
            n.right += is_pair(pairs, &from, &to);
        }
        for (size_t i = 0; i < candidates_n; i++) {
            n.alone += candidates[i].other == ACCOUNTS_NONE;
            n.ambiguous += strstr(candidates[i].ground, "more than once") != NULL;
            n.unclear += strstr(candidates[i].ground, "not clear") != NULL;
        }
        arena_free(a);
    }
    routes_free(r);
    account_ledger_close(l[0]);
    account_ledger_close(l[1]);
    return n;
}

static void pair_up(const char *what, struct side *out, struct side *in, struct pairs *pairs,
                    struct counts *ret)
{
    side_settle(out);
    side_settle(in);
    *ret = ask_all(out, in, pairs);
    printf("%s: %zu left, %zu came, %zu pairs known; paired by key %zu, right %zu (%.1f%% of the "
           "known), wrong %zu; key said twice %zu, other side missing %zu, not clear %zu\n",
           what, out->n, in->n, pairs->n, ret->links, ret->right,
           100.0 * (double)ret->right / (double)pairs->n, ret->links - ret->right, ret->ambiguous,
           ret->alone, ret->unclear);
    free(out->at);
    free(in->at);
    free(pairs->at);
}

static void ronin_withdrawals(void **state)
{
    static const struct columns src = {"src_tx", "sender", "src_token", "src_time", "transfer_id"},
                                dst = {"dst_tx", "beneficiary", "dst_token", "dst_time",
                                       "transfer_id"};
    struct side out = {0}, in = {0};
    struct pairs pairs = {0};
    struct counts n;

    (void)state;
    read_side(&out, "evm/ronin2022/bridge_withdrawal_pairs.csv.zst", &src);
    read_side(&out, "evm/ronin2022/bridge_ronin_side_unmatched.csv.zst", &src);
    read_side(&in, "evm/ronin2022/bridge_withdrawal_pairs.csv.zst", &dst);
    read_side(&in, "evm/ronin2022/bridge_eth_side_unmatched.csv.zst", &dst);
    read_pairs(&pairs, "evm/ronin2022/bridge_withdrawal_pairs.csv.zst", "src_tx", "dst_tx",
               "transfer_id");
    pair_up("Ronin withdrawals", &out, &in, &pairs, &n);
    /* 17 ids were paid twice, in 37 pairs: which payment is the withdrawal's, no id tells */
    CHECK_U(n.links, 2679);
    CHECK_U(n.right, 2679);
    CHECK_U(n.ambiguous, 17);
}

static void ronin_deposits(void **state)
{
    static const struct columns src = {"src_tx", "sender", "src_token", "src_time", "transfer_id"},
                                dst = {"dst_tx", "beneficiary", "dst_token", "dst_time",
                                       "transfer_id"},
                                all = {"tx", "sender", "src_token", "time", "deposit_id"};
    struct side out = {0}, in = {0};
    struct pairs pairs = {0};
    struct counts n;

    (void)state;
    read_side(&out, "evm/ronin2022/bridge_deposit_pairs.csv", &src);
    read_side(&out, "evm/ronin2022/bridge_deposits_erc20.csv.zst", &all);
    read_side(&in, "evm/ronin2022/bridge_deposit_pairs.csv", &dst);
    read_pairs(&pairs, "evm/ronin2022/bridge_deposit_pairs.csv", "src_tx", "dst_tx", "transfer_id");
    pair_up("Ronin deposits", &out, &in, &pairs, &n);
    CHECK_U(n.links, 10);
    CHECK_U(n.right, 10);
}

static void nomad(void **state)
{
    static const struct columns src = {"orig_tx_hash", "sender", "origin_token", "orig_timestamp",
                                       "withdrawal_id"},
                                dst = {"dst_tx_hash", "beneficiary", "dst_token", "dst_timestamp",
                                       "withdrawal_id"};
    static const char path[] = "evm/bridges/nomad_pairs_to_may2022.csv.zst";
    struct side out = {0}, in = {0};
    struct pairs pairs = {0};
    struct counts n;

    (void)state;
    read_side(&out, path, &src);
    read_side(&in, path, &dst);
    read_pairs(&pairs, path, "orig_tx_hash", "dst_tx_hash", "withdrawal_id");
    pair_up("Nomad withdrawals", &out, &in, &pairs, &n);
    CHECK_U(n.links, 1700);
    CHECK_U(n.right, 1700);
}

/* ---- receipts of eight chains ---- */

#define CHAINS_MAX 16
#define TXS_MAX 64
#define LOGS_MAX 128

struct receipt {
    struct fact_transfer transfers[LOGS_MAX];
    struct fact_event events[LOGS_MAX];
    struct evm_said said[LOGS_MAX];
    uint64_t block;
};

struct receipt_chain {
    struct chain chain;
    struct fact_tx txs[TXS_MAX];
    struct receipt *receipts[TXS_MAX];
    size_t n;
};

static struct bytes hex_of(struct arena *a, const struct json *j)
{
    size_t n = (j->text_n - 2) / 2;
    uint8_t *p = arena_alloc(a, n ? n : 1);

    CHECK(p && hex_decode(j->text + 2, 2 * n, p, n));
    return (struct bytes){p, n};
}

static void log_add(struct arena *a, const struct chain *chain, const struct json *j, size_t n,
                    struct receipt *r, struct fact_tx *tx)
{
    const struct json *topics = json_get(j, "topics");
    struct evm_log log = {.address = hex_of(a, json_get(j, "address")),
                          .topics_n = topics->children_n,
                          .data = hex_of(a, json_get(j, "data")),
                          .index = (uint32_t)n};
    uint8_t(*to)[32] = arena_alloc(a, 32 * (log.topics_n + 1));
    struct evm_said *said = &r->said[n];
    size_t i = 0;

    CHECK(to != NULL && n < LOGS_MAX);
    for (const struct json *t = topics->child; t; t = t->next)
        CHECK(hex_decode(t->text + 2, 64, to[i++], 32));
    log.topics = (const uint8_t(*)[32])to;
    evm_log_read(chain, &tx->hash, &log, said);
    for (i = 0; i < said->transfers_n; i++)
        if (said->transfers[i].kind == TRANSFER_LOG)
            r->transfers[tx->transfers_n++] = said->transfers[i];
    for (i = 0; i < said->events_n; i++)
        r->events[tx->events_n++] = said->events[i];
}

static void receipt_add(struct arena *a, struct receipt_chain *c, const struct json *root)
{
    const struct json *asked = json_get(root, "transaction"), *value = json_get(asked, "value");
    const struct json *logs = json_get(json_get(root, "receipt"), "logs");
    struct receipt *r = arena_alloc(a, sizeof(*r));
    struct fact_tx *tx = &c->txs[c->n];
    struct bytes from = hex_of(a, json_get(asked, "from"));
    struct u256 amount;
    size_t n = 0;

    CHECK(r && c->n < TXS_MAX);
    c->receipts[c->n++] = r;
    *tx = (struct fact_tx){.transfers = r->transfers, .events = r->events};
    memcpy(tx->hash.b, hex_of(a, json_get(asked, "hash")).p, 32);
    CHECK(u256_from_hex(value->text, value->text_n, &amount));
    r->transfers[tx->transfers_n++] =
        (struct fact_transfer){.kind = TRANSFER_FEE, .from = from, .amount = u256_of(1)};
    if (!u256_zero(amount))
        r->transfers[tx->transfers_n++] =
            (struct fact_transfer){.kind = TRANSFER_VALUE,
                                   .from = from,
                                   .to = hex_of(a, json_get(asked, "to")),
                                   .amount = amount,
                                   .credit = amount};
    for (const struct json *l = logs->child; l; l = l->next)
        log_add(a, &c->chain, l, n++, r, tx);
}

static struct receipt_chain *chain_for(struct receipt_chain *chains, size_t *n, uint64_t id)
{
    for (size_t i = 0; i < *n; i++)
        if (chains[i].chain.evm_id == id)
            return &chains[i];
    CHECK(*n < CHAINS_MAX);
    chains[*n].chain = (struct chain){
        .shape = CHAIN_ACCOUNTS, .dialect = &dialect_evm, .evm_id = id, .decimals = 18};
    chains[*n].chain.name = "of the receipts";
    return &chains[(*n)++];
}

static size_t read_receipts(struct arena *a, struct receipt_chain *chains)
{
    struct bytes in = test_data("bridges2/receipts/receipts.jsonl.zst");
    size_t n = 0;

    for (size_t at = 0, end; at < in.n; at = end + 1) {
        const struct json *root;
        uint64_t id;
        struct err err;

        for (end = at; end < in.n && in.p[end] != '\n'; end++)
            ;
        CHECK_OK(json_read(a, (const char *)in.p + at, end - at, &root, &err), err);
        CHECK_OK(json_u64(json_get(root, "chain_id"), "chain_id", &id, &err), err);
        receipt_add(a, chain_for(chains, &n, id), root);
    }
    return n;
}

static struct account_ledger *ledger_of_receipts(const struct receipt_chain *c)
{
    static const struct ledger_options options = {.memory = LEDGER_MEMORY_MIN, .threads = 1};
    struct transfer_block block = {.height = 1, .time = 1, .txs = c->txs, .txs_n = c->n};
    struct account_ledger_writer *w;
    struct account_ledger *l;
    char *dir = test_dir();
    struct err err;

    block.hash.b[0] = 1;
    CHECK_OK(account_ledger_writer_open(dir, chain_by_name("ethereum"), options, &w, &err), err);
    CHECK_OK(account_ledger_append(w, &block, 1, &err), err);
    account_ledger_writer_close(w);
    CHECK_OK(account_ledger_open(dir, &l, &err), err);
    return l;
}

/* The pairs whose two sides are there: README.md of the data names those of Across and Hop; the two
 * messages of the OP stack were found by their hashes. Amounts read off the receipts. */
static const struct {
    uint64_t from, to;
    const char *key;
    uint64_t in, out;
} linked[] = {
    {1, 10, "op-message:0xe30ab42bcf5783747df4954cab703a763e5135edada1493d83b3cb4cdf6fbdca",
     10000000, 10000000},
    {1, 10, "op-message:0xe9a085054cf14bc9f7efb511aafb017fb0c8bbb354c13d782093ab4ccb363a3a",
     45000000, 45000000},
    {8453, 100, "hop:0x515a483a21beb5543dc74f6dbcb2bcfbb190cc01e10f2209fd195c47b24a0275", 399833325,
     399351685},
    {534352, 42161, "across:534352:1295289", 365729555, 365669864},
};

static void receipts(void **state)
{
    static struct receipt_chain chains[CHAINS_MAX];
    struct account_ledger *l[CHAINS_MAX];
    struct route_ledger ledgers[CHAINS_MAX];
    struct arena *a = arena_new(NULL, ARENA_MAX);
    size_t n, found = 0, alone = 0;
    struct routes *r;
    struct err err;

    (void)state;
    CHECK(a);
    n = read_receipts(a, chains);
    for (size_t i = 0; i < n; i++) {
        l[i] = ledger_of_receipts(&chains[i]);
        ledgers[i] = route_ledger_of(l[i], account_ledger_accounts(l[i]));
        ledgers[i].chain = &chains[i].chain;
    }
    CHECK_OK(routes_new(ledgers, n, NULL, 0, NULL, 0, &r, &err), err);
    for (uint32_t i = 0; i < n; i++)
        for (uint64_t tx = 0; tx < ledgers[i].accounts->txs_n; tx++) {
            const struct route_candidate *candidates;
            const struct route_link *links;
            size_t links_n, candidates_n;

            CHECK_OK(routes_of_tx(a, r, i, tx, &links, &links_n, &candidates, &candidates_n, &err),
                     err);
            for (size_t k = 0; k < links_n; k++, found++) {
                uint64_t to = chains[links[k].to[0].ledger].chain.evm_id;
                size_t w = 0;

                while (w < 4 && strcmp(linked[w].key, links[k].source) != 0)
                    w++;
                test_row("%s %llu %llu", links[k].source,
                         (unsigned long long)links[k].amount_in.w[0],
                         (unsigned long long)links[k].amount_out.w[0]);
                CHECK(w < 4 && links[k].grade == MOVE_PROVEN);
                CHECK_U(chains[i].chain.evm_id, linked[w].from);
                CHECK_U(to, linked[w].to);
                CHECK(u256_equal(links[k].amount_in, u256_of(linked[w].in)));
                CHECK(u256_equal(links[k].amount_out, u256_of(linked[w].out)));
            }
            for (size_t k = 0; k < candidates_n; k++)
                alone += candidates[k].other == ACCOUNTS_NONE;
        }
    printf("receipts: %zu chains, %zu links, %zu exits whose other side is not there\n", n, found,
           alone);
    CHECK_U(found, 4);
    routes_free(r);
    for (size_t i = 0; i < n; i++)
        account_ledger_close(l[i]);
    arena_free(a);
}

/* What the real events of bridges say, said by contracts that nobody knows: on the side that value
 * leaves, that it comes on, or both. */
static void say_from_elsewhere(struct receipt_chain *chains, size_t n, bool out, bool in)
{
    static const uint8_t stranger[KEY_BYTES] = {0x5a, 0x5a, [19] = 1};

    for (size_t i = 0; i < n; i++)
        for (size_t tx = 0; tx < chains[i].n; tx++)
            for (size_t k = 0; k < chains[i].txs[tx].events_n; k++) {
                struct fact_event *e = &chains[i].receipts[tx]->events[k];

                if ((out && e->kind == EVENT_BRIDGE_OUT) || (in && e->kind == EVENT_BRIDGE_IN))
                    e->subject = (struct bytes){stranger, KEY_BYTES};
            }
}

static void said_from_elsewhere(void **state)
{
    (void)state;
    for (unsigned sides = 1; sides < 4; sides++) {
        static struct receipt_chain chains[CHAINS_MAX];
        struct account_ledger *l[CHAINS_MAX];
        struct route_ledger ledgers[CHAINS_MAX];
        struct arena *a = arena_new(NULL, ARENA_MAX);
        size_t n, unknown = 0, events = 0;
        struct routes *r;
        struct err err;

        CHECK(a);
        memset(chains, 0, sizeof(chains));
        n = read_receipts(a, chains);
        say_from_elsewhere(chains, n, sides & 1, sides & 2);
        for (size_t i = 0; i < n; i++) {
            l[i] = ledger_of_receipts(&chains[i]);
            ledgers[i] = route_ledger_of(l[i], account_ledger_accounts(l[i]));
            ledgers[i].chain = &chains[i].chain;
        }
        CHECK_OK(routes_new(ledgers, n, NULL, 0, NULL, 0, &r, &err), err);
        for (uint32_t i = 0; i < n; i++)
            for (uint64_t tx = 0; tx < ledgers[i].accounts->txs_n; tx++) {
                const struct route_candidate *candidates;
                const struct route_link *links;
                size_t links_n, candidates_n;

                CHECK_OK(
                    routes_of_tx(a, r, i, tx, &links, &links_n, &candidates, &candidates_n, &err),
                    err);
                CHECK_U(links_n, 0);
                events += candidates_n;
                for (size_t k = 0; k < candidates_n; k++)
                    unknown += strstr(candidates[k].ground, "not known") != NULL;
            }
        printf("receipts, said from elsewhere (%u): no link; %zu candidates, %zu of them with both "
               "sides\n",
               sides, events, unknown);
        CHECK(unknown >= 4);
        routes_free(r);
        for (size_t i = 0; i < n; i++)
            account_ledger_close(l[i]);
        arena_free(a);
    }
}

/* ---- conversions in real blocks ---- */

static bool is_native(const struct route_ledger *l, uint64_t transfer)
{
    struct transfer t = accounts_transfer(l->accounts, transfer);

    return accounts_holding(l->accounts, t.to).asset == ACCOUNT_NOBODY;
}

static void blocks(void **state)
{
    static const char *const names[] = {"14764013", "15537394", "17034869",
                                        "17034870", "19426586", "19426587"};
    static const struct account_ingest_options options = {
        .ledger = {.memory = LEDGER_MEMORY_MIN, .threads = 1}};
    const struct chain *ethereum = chain_by_name("ethereum");
    const char *paths[6];
    struct transfer_source source;
    struct account_ingest_result result;
    struct account_ledger *l;
    struct route_ledger ledger;
    struct routes *r;
    size_t swaps = 0, wraps = 0, native = 0, proven = 0, candidates = 0, legs = 0;
    char *dir = test_dir();
    struct err err;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        char name[64];

        snprintf(name, sizeof(name), "evm/blocks/mainnet-%s.yaml.zst", names[i]);
        paths[i] = test_data_path(name);
    }
    CHECK_OK(evm_blocks_open(ethereum, paths, 6, &source, &err), err);
    CHECK_OK(account_ingest(dir, ethereum, &source, &options, &result, &err), err);
    source.free(source.self);
    CHECK_OK(account_ledger_open(dir, &l, &err), err);
    ledger = route_ledger_of(l, account_ledger_accounts(l));
    CHECK_OK(routes_new(&ledger, 1, NULL, 0, NULL, 0, &r, &err), err);
    for (uint64_t tx = 0; tx < ledger.accounts->txs_n; tx++) {
        struct accounts_range events = account_ledger_events(l, tx);
        const struct account_conversion *c;
        size_t n;

        for (uint64_t i = 0; i < events.n; i++) {
            enum event_kind kind = account_ledger_event(l, events.first + i).kind;

            swaps += kind == EVENT_SWAP;
            wraps += kind == EVENT_WRAP || kind == EVENT_UNWRAP;
        }
        CHECK_OK(routes_conversions(r, 0, tx, &c, &n, &err), err);
        for (size_t i = 0; i < n; i++) {
            bool first = !i || c[i - 1].group != c[i].group;

            legs++;
            native += c[i].grade == MOVE_PROVEN && is_native(&ledger, c[i].transfer);
            proven += first && c[i].grade == MOVE_PROVEN;
            candidates += first && c[i].grade == MOVE_CANDIDATE;
        }
    }
    printf(
        "six blocks of Ethereum: %llu transactions, %zu swaps and %zu wraps said; %zu conversions "
        "proven, of native coin %zu; %zu candidates\n",
        (unsigned long long)ledger.accounts->txs_n, swaps, wraps, proven, native, candidates);
    CHECK(proven > 0 && legs >= 2 * (proven + candidates));
    routes_free(r);
    account_ledger_close(l);
}

/* ---- without a key ---- */

static uint64_t number_of(const uint8_t key[KEY_BYTES])
{
    return load_le64(key) ^ load_le64(key + 8) ^ load_le32(key + 16);
}

static int seen_compare(const void *one, const void *other)
{
    const struct route_seen *a = one, *b = other;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return (a->gas_price > b->gas_price) - (a->gas_price < b->gas_price);
}

/* How often amount and time alone would have been right: gas_price carries the row's number. */
static void nomad_by_amount(void **state)
{
    static const struct match_rule rules[] = {{86400, 0, true}, {86400, 0, false}};
    static const size_t one[] = {1419, 1200}, right[] = {1416, 1193};
    struct route_seen *outs = calloc(2000, sizeof(*outs)), *ins = calloc(2000, sizeof(*ins));
    struct match *found = calloc(2000, sizeof(*found));
    struct table t;
    struct err err;
    size_t n = 0;

    (void)state;
    CHECK(outs && ins && found);
    table_open(&t, "evm/bridges/nomad_pairs_to_may2022.csv.zst");
    while (table_next(&t)) {
        uint8_t account[KEY_BYTES], token[KEY_BYTES];

        CHECK(n < 2000);
        cell_hex(&t, "beneficiary", account, KEY_BYTES);
        cell_hex(&t, "dst_token", token, KEY_BYTES);
        outs[n] = ins[n] = (struct route_seen){.account = number_of(account),
                                               .amount = cell_amount(&t, "amount"),
                                               .gas_price = n,
                                               .asset = number_of(token)};
        outs[n].at = cell_number(&t, "orig_timestamp");
        ins[n++].at = cell_number(&t, "dst_timestamp");
    }
    qsort(outs, n, sizeof(*outs), seen_compare);
    qsort(ins, n, sizeof(*ins), seen_compare);
    for (size_t k = 0; k < 2; k++) {
        size_t alone = 0, good = 0;

        CHECK_OK(match_by_amount(outs, n, ins, n, rules[k], found, &err), err);
        for (size_t i = 0; i < n; i++) {
            alone += found[i].n == 1;
            good += found[i].n == 1 && ins[found[i].in].gas_price == outs[i].gas_price;
        }
        printf("Nomad by amount within a day%s: %zu of %zu have one candidate, right %zu\n",
               rules[k].same_account ? " to the account named" : "", alone, n, good);
        CHECK_U(alone, one[k]);
        CHECK_U(good, right[k]);
    }
    free(outs);
    free(ins);
    free(found);
}

/* ---- pairs of which the receiving side is a hash ---- */

/* A deposit, and the payment that is known to be its own, as numbers of their hashes. */
struct known_pair {
    struct hash32 from, to;
};

static int pair_by_from(const void *one, const void *other)
{
    const struct known_pair *a = one, *b = other;

    return memcmp(a->from.b, b->from.b, sizeof(a->from.b));
}

static int pair_by_to(const void *one, const void *other)
{
    const struct known_pair *a = one, *b = other;

    return memcmp(a->to.b, b->to.b, sizeof(a->to.b));
}

static size_t repeats(struct known_pair *pairs, size_t n, int (*order)(const void *, const void *))
{
    size_t ret = 0;

    qsort(pairs, n, sizeof(*pairs), order);
    for (size_t i = 1; i < n; i++)
        ret += order(&pairs[i - 1], &pairs[i]) == 0;
    return ret;
}

#define PAIRS_MAX 20000

/* The file's pairs, and its deposits where it tells them. */
static void read_known(const char *path, struct known_pair *pairs, size_t *pairs_n,
                       struct route_seen *deposits, size_t *deposits_n)
{
    struct table t;

    *pairs_n = *deposits_n = 0;
    table_open(&t, path);
    while (table_next(&t)) {
        struct known_pair *p = &pairs[(*pairs_n)++];
        uint8_t account[KEY_BYTES], token[KEY_BYTES];

        CHECK(*pairs_n < PAIRS_MAX);
        cell_hex(&t, "src_tx", p->from.b, sizeof(p->from.b));
        cell_hex(&t, "dst_tx", p->to.b, sizeof(p->to.b));
        if (!cell(&t, "src_time").n)
            continue;
        cell_hex(&t, "receiver", account, KEY_BYTES);
        cell_hex(&t, "src_asset", token, KEY_BYTES);
        deposits[(*deposits_n)++] =
            (struct route_seen){.at = cell_number(&t, "src_time"),
                                .account = number_of(account),
                                .amount = cell_amount(&t, "amount_base_units"),
                                .asset = number_of(token)};
    }
}

/* How many deposits no other one could be taken for, had each been paid at once and whole. */
static size_t unmistakable(const struct route_seen *deposits, size_t n, struct match_rule rule)
{
    struct match *found = calloc(n + 1, sizeof(*found));
    size_t ret = 0;
    struct err err;

    CHECK(found);
    CHECK_OK(match_by_amount(deposits, n, deposits, n, rule, found, &err), err);
    for (size_t i = 0; i < n; i++)
        ret += found[i].n == 1;
    free(found);
    return ret;
}

/* The files have no time and no amount of payments, so that nothing can be matched. What can be
 * measured: whether a key would pair them (each hash once), and the most that amount and time could
 * do: deposits with a twin in the window cannot be told apart by them, whatever comes. */
static void pairs_without_payments(void **state)
{
    static const struct {
        const char *path;
        size_t pairs, deposits;
    } files[] = {
        {"bridges2/pairs/ethereum-bnb-celer.csv.zst", 7296, 7296},
        {"bridges2/pairs/ethereum-polygon-celer.csv", 598, 598},
        {"bridges2/pairs/ethereum-polygon-poly.csv", 545, 545},
        {"bridges2/pairs/ethereum-bnb-multi.csv.zst", 8349, 0},
    };
    static const struct match_rule rules[] = {{3600, 0, true},      {86400, 0, true},
                                              {86400, 10000, true}, {3600, 0, false},
                                              {86400, 0, false},    {86400, 10000, false}};
    struct known_pair *pairs = calloc(PAIRS_MAX, sizeof(*pairs));
    struct route_seen *deposits = calloc(PAIRS_MAX, sizeof(*deposits));

    (void)state;
    CHECK(pairs && deposits);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        size_t n, deposits_n;

        read_known(files[i].path, pairs, &n, deposits, &deposits_n);
        CHECK_U(n, files[i].pairs);
        CHECK_U(deposits_n, files[i].deposits);
        CHECK_U(repeats(pairs, n, pair_by_from), 0);
        CHECK_U(repeats(pairs, n, pair_by_to), 0);
        printf("%s: %zu pairs, each deposit and payment once; deposits told %zu\n", files[i].path,
               n, deposits_n);
        qsort(deposits, deposits_n, sizeof(*deposits), seen_compare);
        for (size_t k = 0; deposits_n && k < sizeof(rules) / sizeof(rules[0]); k++) {
            size_t alone = unmistakable(deposits, deposits_n, rules[k]);

            printf("  within %llu s and %u of a million%s: %zu (%.1f%%) have no twin\n",
                   (unsigned long long)rules[k].within, rules[k].fee_parts,
                   rules[k].same_account ? ", to the account named" : "", alone,
                   100.0 * (double)alone / (double)deposits_n);
            CHECK(alone <= deposits_n);
            /* to know the account, to look a shorter time, to allow no fee: never worse */
            if (k % 3)
                CHECK(alone <= unmistakable(deposits, deposits_n, rules[k - 1]));
            if (k >= 3)
                CHECK(alone <= unmistakable(deposits, deposits_n, rules[k - 3]));
        }
    }
    free(pairs);
    free(deposits);
}

/* ---- the pool ---- */

static const char *const listed[] = {
    "0x098b716b8aaf21512996dc57eb0615e2383e2f96", "0xa0e1c89ef1a489c9c7de96311ed5ce5d32c20e4b",
    "0x3cffd56b47b7b41c56258d9c7731abadc360e073", "0x53b6936513e738f44fb50d2b9476730c0ab3bfc1",
    "0x35fb6f6db4fb05e6a4ce86f2c93691425626d4b1", "0xf7b31119c2682c88d88d455dbb9d5932c65cf1be",
    "0x3e37627deaa754090fbfbb8bd226c1ce66d255e9", "0x08723392ed15743cc38513c4925f5e6be5c17243"};

static bool is_listed(struct csv_field f)
{
    for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++)
        if (csv_is(&f, listed[i]))
            return true;
    return false;
}

static struct route_seen *read_pool(const char *path, const char *at, size_t *ret_n)
{
    struct route_seen *seen = calloc(40000, sizeof(*seen));
    struct table t;
    size_t n = 0;

    CHECK(seen);
    table_open(&t, path);
    while (table_next(&t)) {
        CHECK(n < 40000);
        seen[n].account = ROUTES_UNKNOWN;
        if (csv_column(t.header, t.columns, "to") != CSV_NONE) {
            uint8_t key[KEY_BYTES];

            cell_hex(&t, "to", key, KEY_BYTES);
            seen[n].account = number_of(key);
        }
        seen[n++].at = cell_number(&t, at);
    }
    *ret_n = n;
    return seen;
}

/* data/evm/README.md: "in all but 3 windows (two where the next transfer follows within minutes,
 * one on 24 Apr 2022 with 33 against 38)" */
static void tornado_windows(void **state)
{
    static struct route_seen spends[512];
    static struct pool_window windows[512];
    static const struct {
        uint64_t from, length, deposits, could;
    } unfit[] = {
        {1648521338, 137, 0, 12},    /* 2022-03-29 02:35:38 */
        {1649472414, 349, 1, 31},    /* 2022-04-09 02:46:54 */
        {1650804641, 86400, 33, 38}, /* 2022-04-24 12:50:41 */
    };
    struct u256 ether_1000, hundred;
    struct route_seen *deposits;
    struct table t;
    size_t n = 0, deposits_n, fit = 0, bad = 0;
    struct err err;

    (void)state;
    CHECK(u256_from_decimal("1000", 4, 18, &ether_1000));
    CHECK(u256_from_decimal("100", 3, 18, &hundred));
    table_open(&t, "evm/ronin2022/transfers.csv");
    while (table_next(&t)) {
        struct csv_field amount = cell(&t, "amount_eth"), time = cell(&t, "time_utc");

        CHECK(n < 512);
        if (!u256_from_decimal(amount.p, amount.n, 18, &spends[n].amount))
            spends[n].amount = u256_of(0); /* dust, written with an exponent */
        CHECK(time_from_text(time.p, time.n, &spends[n].at));
        if (is_listed(cell(&t, "from")) && !is_listed(cell(&t, "to")) &&
            u256_less(ether_1000, spends[n].amount))
            n++;
    }
    CHECK_U(n, 51);
    deposits = read_pool("evm/tornado/eth_100_deposits.csv.zst", "timestamp", &deposits_n);
    CHECK_U(deposits_n, 27544);
    CHECK_OK(pool_windows(spends, n, deposits, deposits_n, hundred, 86400, windows, &err), err);
    for (size_t i = 0; i < n; i++) {
        if (windows[i].fits) {
            fit++;
            continue;
        }
        CHECK(bad < 3);
        CHECK_U(windows[i].from, unfit[bad].from);
        CHECK_U(windows[i].to - windows[i].from, unfit[bad].length);
        CHECK_U(windows[i].deposits, unfit[bad].deposits);
        CHECK_U(windows[i].could, unfit[bad].could);
        printf("does not fit: %llu deposits in %llu s, %llu could be paid for\n",
               (unsigned long long)windows[i].deposits, (unsigned long long)unfit[bad].length,
               (unsigned long long)windows[i].could);
        bad++;
    }
    printf("windows: %zu of %zu fit\n", fit, n);
    CHECK_U(fit, 48);
    CHECK_U(bad, 3);
    free(deposits);
}

/* What a day of deposits is worth as leads: the candidates of a week, and among how many they
 * stand. */
static void tornado_candidates(void **state)
{
    size_t deposits_n, withdrawals_n, ours[100], ours_n = 0, n, numbers = 0;
    struct route_seen *deposits =
        read_pool("evm/tornado/eth_100_deposits.csv.zst", "block", &deposits_n);
    struct route_seen *withdrawals =
        read_pool("evm/tornado/eth_100_withdrawals.csv.zst", "block", &withdrawals_n);
    struct arena *a = arena_new(NULL, ARENA_MAX);
    const struct pool_candidate *c;
    struct err err;

    (void)state;
    CHECK(a);
    CHECK_U(withdrawals_n, 25608);
    for (size_t i = 0; i < deposits_n && ours_n < 84; i++) /* from 4 May 2022, 07:32 */
        if (deposits[i].at >= 14708000)
            ours[ours_n++] = i;
    CHECK_OK(pool_candidates(a, deposits, deposits_n, ours, ours_n, withdrawals, withdrawals_n,
                             46500, &c, &n, &err),
             err);
    CHECK(n > 0);
    for (size_t i = 0; i < n; i++) {
        size_t before = 0;

        for (size_t k = 0; k < deposits_n; k++) /* counted once more, plainly */
            before += deposits[k].at < withdrawals[c[i].withdrawal].at;
        CHECK_U(c[i].anonymity, before - c[i].withdrawal);
        CHECK(c[i].grounds & POOL_TIME);
        numbers += (c[i].grounds & POOL_NUMBER) != 0;
    }
    printf(
        "%zu deposits: %zu candidate withdrawals within 46,500 blocks, each one of %llu to %llu; "
        "%zu to an account that takes out as many\n",
        ours_n, n, (unsigned long long)c[0].anonymity, (unsigned long long)c[n - 1].anonymity,
        numbers);
    arena_free(a);
    free(deposits);
    free(withdrawals);
}

/* ---- by hand ---- */

static void grounds(void **state)
{
    /* the case's: 0, 1, 2 at 10 to 12, by account 7, the first at a price of its own */
    static const struct route_seen deposits[] = {{.at = 5, .account = 1, .gas_price = 40},
                                                 {.at = 10, .account = 7, .gas_price = 41},
                                                 {.at = 11, .account = 7, .gas_price = 42},
                                                 {.at = 12, .account = 7, .gas_price = 42},
                                                 {.at = 20, .account = 2, .gas_price = 43}};
    static const struct route_seen withdrawals[] = {
        {.at = 6, .account = 7},                   /* before: no candidate */
        {.at = 13, .account = 9},                  /* three of one account */
        {.at = 14, .account = 9, .gas_price = 42}, /* a price of two deposits */
        {.at = 15, .account = 9, .gas_price = 41}, /* of the case's alone */
        {.at = 16, .account = 7},                  /* who deposited */
        {.at = 40, .account = 9},                  /* too late */
    };
    static const size_t ours[] = {1, 2, 3};
    static const struct pool_candidate want[] = {{1, POOL_TIME | POOL_NUMBER, 3},
                                                 {2, POOL_TIME | POOL_NUMBER, 2},
                                                 {3, POOL_TIME | POOL_NUMBER | POOL_GAS, 1},
                                                 {4, POOL_TIME | POOL_ACCOUNT, 0}};
    struct arena *a = arena_new(NULL, ARENA_MAX);
    const struct pool_candidate *c;
    struct err err;
    size_t n;

    (void)state;
    CHECK(a);
    CHECK_OK(pool_candidates(a, deposits, 5, ours, 3, withdrawals, 6, 20, &c, &n, &err), err);
    CHECK_U(n, 4);
    for (size_t i = 0; i < 4; i++) {
        CHECK_U(c[i].withdrawal, want[i].withdrawal);
        CHECK_U(c[i].grounds, want[i].grounds);
        CHECK_U(c[i].anonymity, want[i].anonymity);
    }
    CHECK_OK(pool_candidates(a, deposits, 5, ours, 0, withdrawals, 6, 20, &c, &n, &err), err);
    CHECK_U(n, 0);
    CHECK(!pool_candidates(a, withdrawals, 6, (const size_t[]){3, 1}, 2, deposits, 5, 20, &c, &n,
                           &err));
    CHECK_U(err.class, ERR_USAGE);
    arena_free(a);
}

static bool grounds_fail(void *ctx)
{
    static const struct route_seen deposits[] = {{.at = 1, .account = 7}},
                                   withdrawals[] = {{.at = 2, .account = 7}};
    static const size_t ours[] = {0};
    struct arena *a = arena_new(NULL, ARENA_MAX);
    const struct pool_candidate *c;
    struct err err;
    size_t n;
    bool ok = a && pool_candidates(a, deposits, 1, ours, 1, withdrawals, 1, 9, &c, &n, &err);

    (void)ctx;
    arena_free(a);
    return ok;
}

static void allocations_fail(void **state)
{
    (void)state;
    test_failed_allocations(grounds_fail, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ronin_withdrawals),
        cmocka_unit_test(ronin_deposits),
        cmocka_unit_test(nomad),
        cmocka_unit_test(nomad_by_amount),
        cmocka_unit_test(pairs_without_payments),
        cmocka_unit_test(tornado_windows),
        cmocka_unit_test(tornado_candidates),
        cmocka_unit_test(receipts),
        cmocka_unit_test(said_from_elsewhere),
        cmocka_unit_test(blocks),
        cmocka_unit_test(grounds),
        cmocka_unit_test(allocations_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
