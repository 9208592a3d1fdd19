/* Ledgers of the XRP Ledger on one core: from a server's answer to facts, all hashes checked, and
 * on into a ledger of ours.
 *
 *     bench_xrpl FOLDER FILE
 *
 * FILE has transactions with their metadata, a line each (zstd or plain). Ledgers of 200 are made
 * of them in turn, each transaction with a sequence of its own, in binary, as a node is asked, and
 * in JSON. Prints a JSON line a figure, of processor time, the best of five runs: milliseconds a
 * ledger. The ledger is made in FOLDER, which must not be there.
 * */
#include "bench.h"

#include "base/text.h"
#include "chain/bitcoin/source_file.h"
#include "chain/xrpl/answer.h"
#include "chain/xrpl/codec.h"
#include "chain/xrpl/hashes.h"
#include "ledger/account_writer.h"

enum { RUNS = 5, TXS = 200, LEDGERS = 40, REAL_MAX = 1024, FIRST = 7 };
#define BYTES_MAX ((size_t)1 << 28)
#define SEQUENCE 0x24 /* type 2, field 4: what comes before it is of four bytes, or the type */

static struct real {
    struct text tx, meta;
    size_t sequence; /* where it stands */
} reals[REAL_MAX];
static size_t reals_n;

static const struct json *object_of(const struct json *j, const char *one, const char *other)
{
    const struct json *m = json_get(j, one) ? json_get(j, one) : json_get(j, other);

    return m && m->type == JSON_OBJECT ? m : NULL;
}

/* False: it cannot be written, or has no sequence that could be another. */
static bool real_read(struct bytes line, struct real *ret)
{
    struct arena *a = arena_new(NULL, BYTES_MAX);
    const struct json *j, *tx, *meta;
    struct err err;
    size_t at = 3;

    *ret = (struct real){text_new(BYTES_MAX), text_new(BYTES_MAX), 0};
    must(json_read(a, (const char *)line.p, line.n, &j, &err), &err);
    tx = object_of(j, "tx", "tx_json") ? object_of(j, "tx", "tx_json") : j;
    meta = object_of(j, "meta", "metaData") ? object_of(j, "meta", "metaData")
                                            : object_of(tx, "meta", "metaData");
    if (meta && xrpl_encode(a, tx, &ret->tx, &err) && xrpl_encode(a, meta, &ret->meta, &err)) {
        while (at < ret->tx.n && (uint8_t)ret->tx.p[at] >> 4 == 2 &&
               (uint8_t)ret->tx.p[at] != SEQUENCE)
            at += 5;
        if (at + 5 < ret->tx.n && (uint8_t)ret->tx.p[at] == SEQUENCE)
            ret->sequence = at + 1;
    }
    arena_free(a);
    return ret->sequence != 0;
}

static void file_read(const char *path)
{
    struct source_buffer none = {0};
    struct source_file f;
    struct bytes in;
    struct err err;

    must(source_file_open(&f, path, NULL, &err), &err);
    must(source_file_borrow(&f, 0, f.size, &none, &in, &err), &err);
    while (in.n && reals_n < REAL_MAX) {
        const uint8_t *end = memchr(in.p, '\n', in.n);
        size_t n = end ? (size_t)(end - in.p) : in.n;

        reals_n += real_read((struct bytes){in.p, n}, &reals[reals_n]);
        in = (struct bytes){in.p + n + (end != NULL), in.n - n - (end != NULL)};
    }
    source_file_close(&f);
}

static uint8_t *put_be(uint8_t *p, uint64_t v, unsigned n)
{
    while (n)
        *p++ = (uint8_t)(v >> 8 * --n);
    return p;
}

static struct bytes bytes_of(const struct text *t)
{
    return (struct bytes){(const uint8_t *)t->p, t->n};
}

/* An object's bytes as JSON, without the brace that ends it. */
static void put_json(struct text *to, struct bytes in)
{
    struct arena *a = arena_new(NULL, BYTES_MAX);
    struct json_out o = json_to(to, false);
    const struct json *j;
    struct err err;

    must(xrpl_decode(a, in, &j, &err), &err);
    json_tree(&o, j);
    while (to->n && to->p[to->n - 1] != '}')
        to->n--;
    to->n--;
    arena_free(a);
}

static void put_hash(struct text *to, const char *name, const struct hash32 *hash)
{
    text_printf(to, "\"%s\":\"", name);
    text_hex(to, hash->b, sizeof(hash->b));
    text_str(to, "\"");
}

static void put_tx(struct text *to, const struct real *r, const struct hash32 *id, bool binary)
{
    if (binary) {
        text_str(to, "{\"tx_blob\":\"");
        text_hex(to, (const uint8_t *)r->tx.p, r->tx.n);
        text_str(to, "\",\"meta\":\"");
        text_hex(to, (const uint8_t *)r->meta.p, r->meta.n);
        text_str(to, "\"}");
        return;
    }
    put_json(to, bytes_of(&r->tx));
    text_char(to, ',');
    put_hash(to, "hash", id);
    text_str(to, ",\"metaData\":");
    put_json(to, bytes_of(&r->meta));
    text_str(to, "}}");
}

/* As a server answers to `ledger`; the parent's hash becomes this one's. */
static void put_ledger(struct text *to, unsigned number, struct hash32 *parent, bool binary)
{
    static struct xrpl_leaf leaves[TXS];
    uint8_t raw[XRPL_HEADER_BYTES] = {0}, *p = put_be(put_be(raw, FIRST + number, 4), 1 << 20, 8);
    struct text txs = text_new(BYTES_MAX);
    struct hash32 root, hash;
    struct xrpl_header h;
    struct err err;

    for (unsigned i = 0; i < TXS; i++) {
        struct real *r = &reals[(number * TXS + i) % reals_n];

        put_be((uint8_t *)r->tx.p + r->sequence, number * TXS + i + 1, 4);
        leaves[i] = xrpl_leaf(bytes_of(&r->tx), bytes_of(&r->meta));
        text_str(&txs, i ? "," : "");
        put_tx(&txs, r, &leaves[i].id, binary);
    }
    must(xrpl_tree_root(leaves, TXS, &root, &err), &err);
    memcpy(p, parent->b, 32);
    memcpy(p + 32, root.b, 32);
    put_be(put_be(put_be(put_be(p + 96, number, 4), number + 1, 4), 10, 1), 0, 1);
    must(xrpl_header_read((struct bytes){raw, sizeof(raw)}, &h, &err), &err);
    hash = xrpl_header_hash(&h);
    text_str(to, "{\"result\":{\"ledger\":{\"closed\":true,\"transactions\":[");
    text_put(to, txs.p, txs.n);
    text_str(to, "],");
    if (binary) {
        text_str(to, "\"ledger_data\":\"");
        text_hex(to, raw, sizeof(raw));
        text_str(to, "\"},");
    } else {
        put_hash(to, "account_hash", &h.state);
        text_char(to, ',');
        put_hash(to, "parent_hash", parent);
        text_char(to, ',');
        put_hash(to, "transaction_hash", &root);
        text_char(to, ',');
        put_hash(to, "ledger_hash", &hash);
        text_printf(to,
                    ",\"close_flags\":0,\"close_time\":%u,\"close_time_resolution\":10,"
                    "\"ledger_index\":\"%u\",\"parent_close_time\":%u,\"total_coins\":\"%u\"},",
                    number + 1, FIRST + number, number, 1u << 20);
    }
    put_hash(to, "ledger_hash", &hash);
    text_printf(to, ",\"ledger_index\":%u,\"status\":\"success\",\"validated\":true}}",
                FIRST + number);
    *parent = hash;
    text_free(&txs);
}

static double to_facts(const struct text *ledgers, struct account_ledger_writer *w)
{
    double start = cpu();
    struct err err;

    for (unsigned i = 0; i < LEDGERS; i++) {
        struct arena *a = arena_new(NULL, XRPL_ANSWER_MEMORY);
        struct transfer_block b;

        must(a && xrpl_answer_block(a, bytes_of(&ledgers[i]), &b, &err), &err);
        if (b.txs_n != TXS)
            fail("transactions are missing");
        must(!w || account_ledger_take(w, &b, &err), &err);
        arena_free(a);
    }
    must(!w || account_ledger_finish(w, &err), &err);
    return cpu() - start;
}

static void figure(const char *name, double seconds)
{
    printf("{\"bench\":\"%s\",\"ms_ledger\":%.2f,\"tx_s\":%.0f}\n", name, seconds / LEDGERS * 1e3,
           (double)LEDGERS * TXS / seconds);
}

int main(int argc, char **argv)
{
    static struct text ledgers[2][LEDGERS]; /* in JSON, in binary */
    struct ledger_options o = {.memory = (uint64_t)1 << 30, .threads = 1};
    struct account_ledger_writer *w;
    struct err err;

    if (argc != 3)
        fail("a folder for the ledger and a file of transactions are wanted");
    file_read(argv[2]);
    if (!reals_n)
        fail("no transactions");
    for (int binary = 0; binary < 2; binary++) {
        struct hash32 parent = {{0}};
        size_t bytes = 0;
        double best = 1e9, took;

        for (unsigned i = 0; i < LEDGERS; i++) {
            ledgers[binary][i] = text_new(BYTES_MAX);
            put_ledger(&ledgers[binary][i], i, &parent, binary != 0);
            bytes += ledgers[binary][i].n;
        }
        printf("{\"bench\":\"ledger\",\"kb\":%.1f,\"transactions\":%zu}\n",
               (double)bytes / LEDGERS / 1e3, reals_n);
        for (int i = 0; i < RUNS; i++)
            if ((took = to_facts(ledgers[binary], NULL)) < best)
                best = took;
        figure(binary ? "binary to facts" : "json to facts", best);
    }
    must(account_ledger_writer_open(argv[1], chain_by_name("xrpl"), o, &w, &err), &err);
    figure("binary to ledger", to_facts(ledgers[1], w));
    account_ledger_writer_close(w);
    for (unsigned i = 0; i < 2 * LEDGERS; i++)
        text_free(&ledgers[i / LEDGERS][i % LEDGERS]);
    for (size_t i = 0; i < reals_n; i++) {
        text_free(&reals[i].tx);
        text_free(&reals[i].meta);
    }
    return 0;
}
