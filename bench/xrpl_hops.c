/* A path of N hops over the XRP Ledger, as a server's answers that prove it: account by account, a
 * ledger each, with OTHERS more payments in it.
 *
 *     xrpl_hops N [OTHERS] > ledgers.json
 *     cordon ingest xrpl --from ledgers.json --ledger hops
 *     echo '{"id": "HOPS", "chain": "xrpl", "origins":
 *         [{"address": "rrrrrrrrrrrrrrrrrrrrBZbvji"}]}' >case.json
 *     time cordon evidence make case.json --ledger hops --from ledgers.json --out pack.json
 *
 * The account at hop i is the number i (the address above is that of the number 1). No signatures,
 * no validators: what evidence asks of a ledger is its hash, its tree, and its parent. */
#include "base/text.h"
#include "chain/xrpl/address.h"
#include "chain/xrpl/codec.h"
#include "chain/xrpl/hashes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE 90000000000u /* drops */
#define FEE 10u
#define OTHERS_FIRST 10000000u
#define FIRST 80000000u
#define TEXT_MAX 4096

static void account(uint32_t n, char ret[XRPL_NAME_MAX])
{
    uint8_t key[XRPL_ACCOUNT_BYTES] = {0};

    for (int i = 0; i < 4; i++)
        key[19 - i] = (uint8_t)(n >> 8 * i);
    if (!xrpl_name((struct bytes){key, sizeof(key)}, ret))
        abort();
}

static struct bytes encoded(struct arena *a, const char *json)
{
    struct text t = text_new(TEXT_MAX);
    const struct json *j;
    struct bytes ret;
    struct err err;

    if (!json_read(a, json, strlen(json), &j, &err) || !xrpl_encode(a, j, &t, &err)) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    ret = (struct bytes){arena_copy(a, t.p, t.n), t.n};
    text_free(&t);
    return ret;
}

static void hex(const char *name, struct bytes b, const char *end)
{
    printf("\"%s\":\"", name);
    for (size_t i = 0; i < b.n; i++)
        printf("%02X", b.p[i]);
    printf("\"%s", end);
}

#define ROOT                                                                                       \
    "{\"ModifiedNode\":{\"LedgerEntryType\":\"AccountRoot\",\"LedgerIndex\":\"%064" PRIX32         \
    "\",\"FinalFields\":{\"Account\":\"%s\",\"Balance\":\"%" PRIu64                                \
    "\"},\"PreviousFields\":{\"Balance\":\"%" PRIu64 "\"}}}"

/* What is left after a payment is its fee's reserve: so each has paid on all that came. */
static struct xrpl_leaf pay(struct arena *a, uint32_t place, uint32_t from, uint32_t to,
                            uint64_t drops, uint32_t sequence)
{
    char text[TEXT_MAX], payer[XRPL_NAME_MAX], payee[XRPL_NAME_MAX];
    struct bytes tx, meta;

    account(from, payer);
    account(to, payee);
    snprintf(text, sizeof(text),
             "{\"TransactionType\":\"Payment\",\"Flags\":0,\"Sequence\":%" PRIu32
             ",\"Amount\":\"%" PRIu64 "\",\"Fee\":\"%u\",\"SigningPubKey\":\"\",\"Account\":\"%s\","
             "\"Destination\":\"%s\"}",
             sequence, drops, FEE, payer, payee);
    tx = encoded(a, text);
    snprintf(text, sizeof(text),
             "{\"TransactionIndex\":%" PRIu32 ",\"AffectedNodes\":[" ROOT "," ROOT
             "],\"TransactionResult\":\"tesSUCCESS\"}",
             place, from, payer, (uint64_t)0, drops + FEE, to, payee, drops, (uint64_t)0);
    meta = encoded(a, text);
    printf("%s{", place ? "," : "");
    hex("tx_blob", tx, ",");
    hex("meta", meta, "}");
    return xrpl_leaf(tx, meta);
}

int main(int argc, char **argv)
{
    uint32_t hops = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000,
             others = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    struct xrpl_leaf *leaves = calloc(others + 1, sizeof(*leaves));
    struct xrpl_header h = {.coins = 99999999999999999u, .resolution = 10};
    uint64_t value = VALUE;
    struct err err;

    if (!leaves)
        abort();
    /* the first ledger pays the account 1, ledger i + 1 is what it pays on */
    for (uint32_t i = 0; i <= hops; i++, value -= FEE) {
        struct arena *a = arena_new(NULL, (size_t)1 << 30);
        uint8_t header[XRPL_HEADER_BYTES];
        struct hash32 hash;

        if (!a)
            abort();
        printf("{\"result\":{\"validated\":true,\"ledger\":{\"transactions\":[");
        for (uint32_t k = 0; k <= others; k++)
            leaves[k] = k == others / 2
                            ? pay(a, k, i ? i : OTHERS_FIRST - 1, i + 1, value, 1)
                            : pay(a, k, OTHERS_FIRST + k, OTHERS_FIRST + k + 1, 1, i + 1);
        h.index = FIRST + i;
        h.parent_close = h.close;
        h.close = 700000000 + 4 * i;
        if (!xrpl_tree_root(leaves, others + 1, &h.txs, &err))
            abort();
        xrpl_header_write(&h, header);
        hash = xrpl_header_hash(&h);
        printf("],");
        hex("ledger_data", (struct bytes){header, sizeof(header)}, "},");
        hex("ledger_hash", (struct bytes){hash.b, sizeof(hash.b)}, "}}\n");
        h.parent = hash;
        arena_free(a);
    }
    free(leaves);
    return 0;
}
